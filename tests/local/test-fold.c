/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/store/fluo-fold.h"
#include "fluo-test-util.h"

static FluoStoredTrace *
trace_of (const char *const *texts, guint n)
{
  FluoTraceId id = { { 1 } };
  FluoStoredTrace *stored = fluo_stored_trace_new (&id);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) body = g_bytes_new (texts[i], strlen (texts[i]));

      fluo_stored_trace_append (stored, i + 1, i + 1,
                                strstr (texts[i], "\"subsegment\"") ? FLUO_STORED_SUBSEGMENT : 0,
                                body);
    }
  return stored;
}

static void
check (const char *const *texts, guint n, const char *const *expected, guint n_expected)
{
  g_autoptr (FluoStoredTrace) stored = trace_of (texts, n);
  g_autoptr (GArray) folded = fluo_fold_documents (stored);

  g_assert_cmpuint (folded->len, ==, n_expected);
  for (guint i = 0; i < n_expected; i++)
    {
      gsize length;
      const char *text =
        g_bytes_get_data (g_array_index (folded, FluoFoldedDocument, i).body, &length);
      g_autofree char *copy = g_strndup (text, length);

      g_assert_cmpstr (copy, ==, expected[i]);
    }
}

#define ROOT "{\"id\":\"00000000000000aa\",\"trace_id\":\"t\",\"name\":\"root\"}"
#define SUB(id, parent) \
  "{ \"trace_id\":\"t\", \"id\":\"" id "\",\"type\":\"subsegment\",\"parent_id\":\"" parent "\"}"

static void
test_simple (void)
{
  const char *const texts[] = { SUB ("00000000000000bb", "00000000000000aa"), ROOT,
                                SUB ("00000000000000cc", "00000000000000bb") };
  const char *const expected[] = {
    "{\"id\":\"00000000000000aa\",\"trace_id\":\"t\",\"name\":\"root\",\"subsegments\":["
    "{\"id\":\"00000000000000bb\",\"subsegments\":[{\"id\":\"00000000000000cc\"}]}]}"
  };

  check (texts, 3, expected, 1);
}

static void
test_into_list (void)
{
  const char *const texts[] = {
    "{\"id\":\"00000000000000aa\",\"subsegments\": [ "
    "{\"id\":\"00000000000000ab\",\"subsegments\":[]} ] }\n",
    SUB ("00000000000000bb", "00000000000000aa"),
    SUB ("00000000000000bc", "00000000000000ab"),
    SUB ("00000000000000bd", "00000000000000ab"),
  };
  const char *const expected[] = {
    "{\"id\":\"00000000000000aa\",\"subsegments\": [ {\"id\":\"00000000000000ab\",\"subsegments\":["
    "{\"id\":\"00000000000000bc\"},{\"id\":\"00000000000000bd\"}]} ,{\"id\":\"00000000000000bb\"}] "
    "}\n"
  };

  check (texts, 4, expected, 1);
}

/* Orphans, a ring and a segment with a parent stay as they are. */
static void
test_kept (void)
{
  const char *const texts[] = {
    ROOT,
    SUB ("00000000000000bb", "0000000000000fff"),
    SUB ("0000000000000001", "0000000000000002"),
    SUB ("0000000000000002", "0000000000000001"),
    SUB ("0000000000000003", "0000000000000003"),
    "{\"id\":\"00000000000000dd\",\"parent_id\":\"00000000000000aa\"}",
  };

  check (texts, 6, texts, 6);
}

/* Deeper than a reader allows is not made, and the rest of the chain begins a document of
 * its own. */
static void
test_deep (void)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autoptr (GArray) folded = NULL;

  g_ptr_array_add (texts, g_strdup (ROOT));
  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (
      texts, g_strdup_printf (SUB ("%016x", "%016x"), 0x1000 + i, i ? 0x1000 + i - 1 : 0xaa));
  stored = trace_of ((const char *const *) texts->pdata, texts->len);
  folded = fluo_fold_documents (stored);
  g_assert_cmpuint (folded->len, >, 1);
  g_assert_cmpuint (folded->len, <, 10);
  for (guint i = 0; i < folded->len; i++)
    {
      g_autoptr (GError) error = NULL;
      gsize length;
      const char *text =
        g_bytes_get_data (g_array_index (folded, FluoFoldedDocument, i).body, &length);

      fluo_json_validate (text, length, &error);
      g_assert_no_error (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/fold/simple", test_simple);
  g_test_add_func ("/local/fold/into-list", test_into_list);
  g_test_add_func ("/local/fold/kept", test_kept);
  g_test_add_func ("/local/fold/deep", test_deep);
  return g_test_run ();
}
