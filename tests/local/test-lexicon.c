/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-trace.h"
#include "local/store/fluo-lexicon.h"
#include "fluo-test-util.h"

static FluoFactsBlock *
make_block (guint trace, const char *members)
{
  g_autofree char *json = g_strdup_printf (
    "{\"trace_id\":\"1-6b000000-%024x\",\"id\":\"%016x\",\"name\":\"web\",\"start_time\":1,"
    "\"end_time\":2,%s}",
    trace + 1, trace + 1, members);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr (FluoTrace) built = NULL;
  FluoTraceBuilder *builder;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (strstr (json, "1-6b"), FLUO_TRACE_ID_XRAY_LEN, &id));
  builder = fluo_trace_builder_new (&id);
  g_assert_true (fluo_trace_builder_add (builder, body, NULL));
  built = fluo_trace_builder_end (builder, 0);
  return fluo_facts_block_from_trace (built);
}

static void
add (FluoLexicon *lexicon, guint trace, const char *members)
{
  g_autoptr (FluoFactsBlock) block = make_block (trace, members);
  guint first = 0;

  fluo_lexicon_add (lexicon, block, &first, 1);
}

static FluoJsonTape *
write_out (FluoLexicon *lexicon, guint keys_max, guint values_max)
{
  g_autoptr (FluoGroups) groups =
    fluo_groups_new (g_ptr_array_new (), fluo_group_new (0, 1, "Default", "arn", "", NULL));
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  FluoJsonWriter writer;
  FluoJsonTape *tape;

  fluo_json_writer_init (&writer, out);
  fluo_lexicon_write (lexicon, groups, keys_max, values_max, &writer);
  bytes = g_bytes_new (out->str, out->len);
  tape = fluo_json_tape_new (bytes, &error);
  g_assert_no_error (error);
  return tape;
}

/* Of a value in a list; 0 when it is not there. */
static gint64
count_of (const FluoJsonTape *tape, guint32 list, const char *value)
{
  for (guint32 row = fluo_json_tape_first (tape, list); row != FLUO_JSON_NONE;
       row = fluo_json_tape_next (tape, list, row))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "Value"));

      if (g_strcmp0 (text, value) == 0)
        return fluo_json_tape_int (tape, fluo_json_tape_get (tape, row, "Count"), -1);
    }
  return 0;
}

static guint
length_of (const FluoJsonTape *tape, guint32 list)
{
  guint n = 0;

  for (guint32 row = fluo_json_tape_first (tape, list); row != FLUO_JSON_NONE;
       row = fluo_json_tape_next (tape, list, row))
    n++;
  return n;
}

/* What is frequent is found among values of which each occurs once, and its list says that it is
 * not whole. */
static void
test_many_values (void)
{
  g_autoptr (FluoLexicon) lexicon = fluo_lexicon_new (NULL, 1000);
  g_autoptr (FluoJsonTape) tape = NULL;
  guint32 first, values;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *members = g_strdup_printf (
        "\"annotations\":{\"order\":\"%s%u\",\"tier\":\"gold\"},\"user\":\"u%u\"",
        i % 4 ? "o" : i < 10000 ? "often" : "late", i % 4 ? i : 0, i % 3);

      add (lexicon, i, members);
    }
  g_assert_cmpuint (fluo_lexicon_get_n_traces (lexicon), ==, 20000);
  tape = write_out (lexicon, 10, 3);
  first = fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "Annotations"));
  values = fluo_json_tape_get (tape, first, "Values");
  g_assert_cmpint (count_of (tape, values, "often0"), ==, 2500);
  /* Room was made for what became frequent when there had been too many already. */
  g_assert_cmpint (count_of (tape, values, "late0"), >, 2000);
  g_assert_cmpuint (length_of (tape, values), ==, 3);
  g_assert_true (
    fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, first, "MoreValues"), FALSE));
  /* Short lists are whole. */
  values = fluo_json_tape_get (tape, 0, "Users");
  g_assert_cmpint (count_of (tape, values, "u0"), ==, 6667);
  g_assert_cmpint (count_of (tape, values, "u1"), ==, 6667);
  g_assert_cmpuint (length_of (tape, fluo_json_tape_get (tape, 0, "More")), ==, 0);
}

/* Thousands of keys with a few values each are no way around the ceiling. */
static void
test_many_keys (void)
{
  g_autoptr (FluoLexicon) lexicon = fluo_lexicon_new (NULL, 1000);
  g_autoptr (FluoJsonTape) tape = NULL;

  for (guint i = 0; i < FLUO_LEXICON_KEYS_MAX + 100; i++)
    {
      g_autofree char *members = g_strdup_printf ("\"annotations\":{\"key%u\":%u}", i, i);

      add (lexicon, i, members);
    }
  tape = write_out (lexicon, 5, 3);
  g_assert_cmpuint (length_of (tape, fluo_json_tape_get (tape, 0, "Annotations")), ==, 5);
  g_assert_cmpuint (length_of (tape, fluo_json_tape_get (tape, 0, "More")), >=, 1);
}

/* A trace counts once, however often it says something. */
static void
test_once_a_trace (void)
{
  g_autoptr (FluoLexicon) lexicon = fluo_lexicon_new (NULL, 1000);
  g_autoptr (FluoJsonTape) tape = NULL;
  guint32 first;

  for (guint i = 0; i < 2; i++)
    add (lexicon, i,
         "\"annotations\":{\"k\":\"v\"},\"subsegments\":["
         "{\"id\":\"53995c3f42cd8ad1\",\"name\":\"a\","
         "\"start_time\":1,\"end_time\":2,\"annotations\":{\"k\":\"v\"}},"
         "{\"id\":\"53995c3f42cd8ad2\",\"name\":\"b\","
         "\"start_time\":1,\"end_time\":2,\"annotations\":{\"k\":7}}]");
  tape = write_out (lexicon, 5, 3);
  first = fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "Annotations"));
  g_assert_cmpint (fluo_json_tape_int (tape, fluo_json_tape_get (tape, first, "Count"), 0), ==, 2);
  g_assert_cmpint (count_of (tape, fluo_json_tape_get (tape, first, "Values"), "v"), ==, 2);
  g_assert_cmpint (count_of (tape, fluo_json_tape_get (tape, first, "Values"), "7"), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lexicon/many-values", test_many_values);
  g_test_add_func ("/lexicon/many-keys", test_many_keys);
  g_test_add_func ("/lexicon/once-a-trace", test_once_a_trace);
  return g_test_run ();
}
