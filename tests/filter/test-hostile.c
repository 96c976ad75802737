/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filter/fluo-filter-ast.h"
#include "fluo-random-trace.h"

/* Expressions that somebody sends to do harm, or by accident: each is refused at a place that can
 * be named, or means something that is written down here. */

static char *
repeat (const char *text, guint n)
{
  GString *out = g_string_sized_new (strlen (text) * n);

  while (n-- > 0)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

static void
assert_refused (const char *text, FluoFilterError code, guint expected)
{
  g_autoptr (GError) error = NULL;
  guint offset = G_MAXUINT;

  g_assert_null (fluo_filter_new (text, -1, &offset, &error));
  g_assert_error (error, FLUO_FILTER_ERROR, (int) code);
  g_assert_cmpuint (offset, ==, expected);
}

static FluoTrace *
make_trace (const char *annotations)
{
  g_autofree char *text = g_strdup_printf (
    "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\",\"name\":"
    "\"a\",\"start_time\":1600000000,\"end_time\":1600000001,\"user\":\"u\",\"annotations\":{%s},"
    "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"b\",\"namespace\":\"remote\","
    "\"start_time\":1600000000,\"end_time\":1600000001}]}", annotations);
  const char *const documents[] = { text, NULL };

  return fluo_test_trace (documents);
}

/* What it says of the trace, which it says of it as printed as well. */
static gboolean
matches (const char *text, FluoTrace *trace)
{
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, &error), again = NULL;
  g_autofree char *printed = NULL;
  FluoTraceFacts facts;

  g_assert_no_error (error);
  printed = fluo_filter_print (filter);
  again = fluo_filter_new (printed, -1, NULL, &error);
  g_assert_no_error (error);
  fluo_facts_block_get (block, 0, &facts);
  g_assert_cmpint (fluo_filter_matches (filter, &facts), ==, fluo_filter_matches (again, &facts));
  return fluo_filter_matches (filter, &facts);
}

/* Too deep and too long: the place is where it becomes so. */
static void
test_size (void)
{
  g_autofree char *brackets = repeat ("(", 60000), *nots = repeat ("NOT ", 5000);
  g_autofree char *bangs = repeat ("!", 5000), *many = repeat ("(", 100000);
  g_autofree char *million = repeat ("a", 1000 * 1000), *ands = repeat ("AND ", 10000);
  g_autofree char *oks = repeat ("ok AND ", 9000), *joined = g_strconcat (oks, "ok", NULL);
  g_autofree char *causes = repeat ("rootcause.fault.service { ", 50);
  g_autoptr (FluoTrace) trace = make_trace ("");

  assert_refused (brackets, FLUO_FILTER_ERROR_LIMIT, FLUO_FILTER_DEPTH_MAX);
  assert_refused (nots, FLUO_FILTER_ERROR_LIMIT, 4 * FLUO_FILTER_DEPTH_MAX);
  assert_refused (bangs, FLUO_FILTER_ERROR_LIMIT, FLUO_FILTER_DEPTH_MAX);
  assert_refused (many, FLUO_FILTER_ERROR_LIMIT, FLUO_FILTER_LENGTH_MAX);
  assert_refused (million, FLUO_FILTER_ERROR_LIMIT, FLUO_FILTER_LENGTH_MAX);
  assert_refused (ands, FLUO_FILTER_ERROR_SYNTAX, 0);
  assert_refused (causes, FLUO_FILTER_ERROR_KEYWORD, 26);
  g_assert_true (matches (joined, trace));
}

/* Keys, and words of the language as keys. */
static void
test_keys (void)
{
  g_autoptr (FluoTrace) trace =
    make_trace ("\"and\":1,\"fault\":true,\"service\":\"x\",\"k\":\"\",\"a.b\":2");

  g_assert_true (matches ("annotation.and = 1 AND annotation[and] = 1", trace));
  g_assert_true (matches ("annotation.fault", trace));
  g_assert_false (matches ("annotation.fault AND fault", trace));
  g_assert_true (matches ("annotation[service] = \"x\"", trace));
  g_assert_true (matches ("annotation[ a.b ] = 2", trace));
  g_assert_true (matches ("annotation.k = \"\"", trace));
  /* The first bracket ends the key. */
  assert_refused ("annotation[a]b] = 1", FLUO_FILTER_ERROR_KEYWORD, 13);
  assert_refused ("annotation[] = 1", FLUO_FILTER_ERROR_SYNTAX, 11);
  assert_refused ("annotation[a\nb", FLUO_FILTER_ERROR_SYNTAX, 11);
}

/* Nothing is a wildcard, nothing is SQL. */
static void
test_text (void)
{
  static const char *const texts[] = {
    "*", "%", "_", "'", "\\\"; DROP TABLE traces; --", "\\\\", "${x}", "%s%n", "..", "a|b", "[a-z]",
  };
  g_autoptr (FluoTrace) plain = make_trace ("\"k\":\"plain text\"");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *annotation = g_strdup_printf ("\"k\":\"before %s behind\"", texts[i]);
      g_autofree char *part = g_strdup_printf ("annotation.k CONTAINS \"%s\"", texts[i]);
      g_autofree char *name = g_strdup_printf ("service(\"%s\")", texts[i]);
      g_autoptr (FluoTrace) trace = make_trace (annotation);

      g_test_message ("%s", texts[i]);
      g_assert_true (matches (part, trace));
      g_assert_false (matches (part, plain));
      g_assert_false (matches (name, plain));
    }
  g_assert_true (matches ("service() { name BEGINSWITH \"\" }", plain));
  g_assert_true (matches ("annotation.k ENDSWITH \"\"", plain));
}

/* 64 stars in front of what is not there, in 4,000 bytes of stars and in a thousand annotations:
 * whatever looks for text goes over it once. A matcher that tried each star again would not end. */
static void
test_stars (void)
{
  g_autofree char *stars = repeat ("*", 64), *long_text = repeat ("*", 4000);
  g_autofree char *text = g_strdup_printf ("annotation.k CONTAINS \"%sa\"", stars);
  g_autofree char *annotation = g_strdup_printf ("\"k\":\"%s\"", long_text);
  g_autofree char *found = g_strdup_printf ("annotation.k CONTAINS \"%s\"", stars);
  g_autoptr (FluoTrace) trace = make_trace (annotation);

  for (guint i = 0; i < 100; i++)
    g_assert_false (matches (text, trace));
  g_assert_true (matches (found, trace));
}

/* Odd, but defined. */
static void
test_defined (void)
{
  static const struct { const char *text; gboolean expected; } rows[] = {
    { "", TRUE },
    { " \t\r\n ", TRUE },
    { "user = \"u\" AND user = \"v\"", FALSE },
    { "ok AND !ok", FALSE },
    { "ok OR !ok", TRUE },
    { "edge(\"a\", \"a\")", FALSE },
    { "edge(\"a\", \"b\")", TRUE },
    { "edge(,)", TRUE },
    { "responsetime >= 1e308", FALSE },
    { "responsetime > -1", TRUE },
    { "responsetime = 1.0000000000000000000000000000001", TRUE },
    { "rootcause.json = #[]", TRUE }, /* some cause: b takes all the time */
    { "!!!!ok", TRUE },
  };
  static const struct { const char *text; FluoFilterError code; guint offset; } refused[] = {
    { "// a comment", FLUO_FILTER_ERROR_SYNTAX, 0 },
    { "ok -- a comment", FLUO_FILTER_ERROR_SYNTAX, 3 },
    { "ok # a comment", FLUO_FILTER_ERROR_SYNTAX, 3 },
    { "/* */ ok", FLUO_FILTER_ERROR_SYNTAX, 0 },
    { "rootcause.fault.entity { rootcause.fault.entity }", FLUO_FILTER_ERROR_KEYWORD, 25 },
    { "responsetime > 5ms", FLUO_FILTER_ERROR_TYPE, 15 },
    { "responsetime > 1e400", FLUO_FILTER_ERROR_SYNTAX, 15 },
    { "responsetime > -1e400", FLUO_FILTER_ERROR_SYNTAX, 15 },
    { "responsetime >=< 1", FLUO_FILTER_ERROR_SYNTAX, 15 },
    { "user = \342\200\234u\342\200\235", FLUO_FILTER_ERROR_SYNTAX, 7 },
    { "ok\302\240AND ok", FLUO_FILTER_ERROR_SYNTAX, 2 },
    { "user = \"a\\\"b", FLUO_FILTER_ERROR_SYNTAX, 7 },
    { "U\304\260D = 1", FLUO_FILTER_ERROR_KEYWORD, 0 },
  };
  g_autoptr (FluoTrace) trace = make_trace ("");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (matches (rows[i].text, trace), ==, rows[i].expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_test_message ("%s", refused[i].text);
      assert_refused (refused[i].text, refused[i].code, refused[i].offset);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/hostile/size", test_size);
  g_test_add_func ("/filter/hostile/keys", test_keys);
  g_test_add_func ("/filter/hostile/text", test_text);
  g_test_add_func ("/filter/hostile/stars", test_stars);
  g_test_add_func ("/filter/hostile/defined", test_defined);
  return g_test_run ();
}
