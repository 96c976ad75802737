/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/fluo-json.h"

#define OK (-1)

typedef struct
{
  const char *text;
  gssize      length; /* -1 = strlen */
  int         error;  /* OK or a FluoJsonError */
} Case;

/* What json-glib takes for JSON and is not, what it crashes on, and what must stay valid. */
static const Case cases[] = {
  { "{}", -1, OK },
  { "[]", -1, OK },
  { "0", -1, OK },
  { "-0", -1, OK },
  { "1E+2", -1, OK },
  { "1e-400", -1, OK },
  { " \n\t\r{\"a\" : [1, 2.5e3, \"x\", true, false, null, {}]} ", -1, OK },
  { "\"\\u0000\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"", -1, OK },
  { "\"a\xef\xbf\xbf\"", -1, OK },
  { "9223372036854775808", -1, OK },
  { "\"\x7f\"", -1, OK },
  { "", -1, FLUO_JSON_ERROR_EMPTY },
  { " \n", -1, FLUO_JSON_ERROR_EMPTY },
  { "{", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "[1,", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "\"a", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "tru", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "{\"a\"", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "-", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "{}{}", -1, FLUO_JSON_ERROR_TRAILING },
  { "{} x", -1, FLUO_JSON_ERROR_TRAILING },
  { "1 2", -1, FLUO_JSON_ERROR_TRAILING },
  { "{a:1}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "{'a':1}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "[1,]", -1, FLUO_JSON_ERROR_SYNTAX },
  { "{\"a\":1,}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "[1 2]", -1, FLUO_JSON_ERROR_SYNTAX },
  { "{\"a\" 1}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "[}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "NaN", -1, FLUO_JSON_ERROR_SYNTAX },
  { "Infinity", -1, FLUO_JSON_ERROR_SYNTAX },
  { "nul1", -1, FLUO_JSON_ERROR_SYNTAX },
  { "\"a\nb\"", -1, FLUO_JSON_ERROR_SYNTAX },
  { "\xef\xbb\xbf{}", -1, FLUO_JSON_ERROR_SYNTAX },
  { "// c\n1", -1, FLUO_JSON_ERROR_SYNTAX },
  { "{}\0", 3, FLUO_JSON_ERROR_TRAILING },
  { "\"a\0b\"", 5, FLUO_JSON_ERROR_SYNTAX },
  { ".5", -1, FLUO_JSON_ERROR_SYNTAX },
  { "+1", -1, FLUO_JSON_ERROR_SYNTAX },
  { "0x10", -1, FLUO_JSON_ERROR_NUMBER },
  { "012", -1, FLUO_JSON_ERROR_NUMBER },
  { "5. ", -1, FLUO_JSON_ERROR_NUMBER },
  { "1e400", -1, FLUO_JSON_ERROR_NUMBER },
  { "-1e400", -1, FLUO_JSON_ERROR_NUMBER },
  { "1e", -1, FLUO_JSON_ERROR_TRUNCATED },
  { "1e99999999999999999999", -1, FLUO_JSON_ERROR_NUMBER },
  { "1.e1", -1, FLUO_JSON_ERROR_NUMBER },
  { "\"\\x\"", -1, FLUO_JSON_ERROR_ESCAPE },
  { "\"\\ud800\"", -1, FLUO_JSON_ERROR_ESCAPE },
  { "\"\\udc00\"", -1, FLUO_JSON_ERROR_ESCAPE },
  { "\"\\ud800\\u0041\"", -1, FLUO_JSON_ERROR_ESCAPE },
  { "\"\\u12g4\"", -1, FLUO_JSON_ERROR_ESCAPE },
  { "\"\xc0\x80\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xed\xa0\x80\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xff\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xe0\x80\x80\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xf0\x80\x80\x80\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xf4\x90\x80\x80\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "\"\xe2\x82\"", -1, FLUO_JSON_ERROR_UTF8 },
  { "{\"\xc3\":1}", -1, FLUO_JSON_ERROR_UTF8 },
};

static void
test_accepts_exactly_json (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize length = cases[i].length < 0 ? strlen (cases[i].text) : (gsize) cases[i].length;
      gboolean valid = fluo_json_validate (cases[i].text, length, &error);

      g_test_message ("case %u", i);
      if (cases[i].error == OK)
        g_assert_no_error (error);
      else
        g_assert_error (error, FLUO_JSON_ERROR, cases[i].error);
      g_assert_cmpint (valid, ==, cases[i].error == OK);
    }
}

static char *
repeat (const char *begin, guint n, const char *middle, const char *end)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, begin);
  g_string_append (text, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (text, end);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *just = repeat ("[", FLUO_JSON_DEPTH_MAX, "1", "]");
  g_autofree char *over = repeat ("[", FLUO_JSON_DEPTH_MAX + 1, "1", "]");
  g_autofree char *bomb = repeat ("[", 100000, "", "");
  g_autofree char *objects = repeat ("{\"a\":", 100000, "1", "}");
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_json_validate (just, strlen (just), &error));
  g_assert_no_error (error);
  g_assert_false (fluo_json_validate (over, strlen (over), &error));
  g_assert_error (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_DEPTH);
  g_clear_error (&error);
  g_assert_false (fluo_json_validate (bomb, strlen (bomb), &error));
  g_assert_error (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_DEPTH);
  g_clear_error (&error);
  g_assert_false (fluo_json_validate (objects, strlen (objects), &error));
  g_assert_error (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_DEPTH);
}

static void
test_error_position (void)
{
  g_autoptr (GError) error = NULL;
  const char *text = "{\n  \"a\": 1,\n  \"b\": tru\n}";

  g_assert_false (fluo_json_validate (text, strlen (text), &error));
  g_assert_nonnull (strstr (error->message, "line 3, column 11"));
}

static FluoJsonScanner
first_value (const char *text)
{
  FluoJsonScanner scanner;

  fluo_json_scanner_init (&scanner, text, strlen (text));
  g_assert_cmpint (fluo_json_scanner_next (&scanner), !=, FLUO_JSON_INVALID);
  return scanner;
}

static void
test_strings (void)
{
  FluoJsonScanner plain = first_value ("\"gr\xc3\xbc\xc3\x9f\""),
                  escaped = first_value ("\"a\\u0000b\\ud83d\\ude00\\n\"");
  FluoJsonScanner word = first_value ("\"\\u0061bc\"");
  g_autofree char *one = fluo_json_scanner_dup (&plain), *two = fluo_json_scanner_dup (&escaped);
  const char *const words[] = { "ab", "abcd", "abc", NULL };
  guint index = 0;

  g_assert_cmpstr (one, ==, "gr\xc3\xbc\xc3\x9f");
  g_assert_cmpstr (two, ==, "a\xef\xbf\xbd" "b\xf0\x9f\x98\x80\n");
  g_assert_true (fluo_json_scanner_equal (&word, "abc"));
  g_assert_false (fluo_json_scanner_equal (&word, "ab"));
  g_assert_true (fluo_json_scanner_is_one_of (&word, words, &index));
  g_assert_cmpuint (index, ==, 2);
}

/* Strings are read eight bytes at a time: each byte at each place, before and after plain ones. */
static void
test_string_bytes (void)
{
  for (guint length = 1; length < 20; length++)
    for (guint at = 0; at < length; at++)
      for (guint byte = 0; byte < 256; byte++)
        {
          g_autofree char *body = g_strnfill (length, 'x'), *text = NULL;
          gboolean valid = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
          FluoJsonScanner scanner;

          body[at] = (char) byte;
          text = g_malloc (length + 2);
          text[0] = text[length + 1] = '"';
          memcpy (text + 1, body, length);
          fluo_json_scanner_init (&scanner, text, length + 2);
          if (byte == '"')
            {
              g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_STRING);
              g_assert_cmpuint (scanner.end, ==, at + 1);
            }
          else if (byte == '\\')
            g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_INVALID);
          else
            {
              g_assert_cmpint (fluo_json_scanner_next (&scanner), ==,
                               valid ? FLUO_JSON_STRING : FLUO_JSON_INVALID);
              g_assert_cmpuint (valid ? scanner.end : scanner.error_offset, ==,
                                valid ? length + 1 : at + 1);
            }
        }
}

/* The same for what is copied eight bytes at a time. */
static void
test_unescape_places (void)
{
  for (guint before = 0; before < 20; before++)
    for (guint after = 0; after < 20; after++)
      {
        g_autofree char *head = g_strnfill (before, 'a'), *tail = g_strnfill (after, 'b');
        g_autofree char *json =
          g_strconcat ("\"", head, "\\n", tail, "\\\"\\u00e9", head, "\"", NULL);
        g_autofree char *plain = g_strconcat (head, "\n", tail, "\"\303\251", head, NULL);
        FluoJsonScanner scanner = first_value (json);
        g_autofree char *copy = fluo_json_scanner_dup (&scanner);

        g_assert_cmpstr (copy, ==, plain);
      }
}

static void
test_seconds (void)
{
  const struct { const char *text; gint64 ns;
  } rows[] = {
    { "1478293361.271", G_GINT64_CONSTANT (1478293361271000000) },
    { "1.478293361271E9", G_GINT64_CONSTANT (1478293361271000000) },
    { "1.7908440005000002E9", G_GINT64_CONSTANT (1790844000500000200) },
    { "1478293361", G_GINT64_CONSTANT (1478293361000000000) },
    { "0", 0 },
    { "-0.0", 0 },
    { "0.0000000004", 0 },
    { "0.0000000005", 1 },
    { "-1.5", -1500000000 },
    { "1e-9", 1 },
    { "0.000001e6", 1000000000 },
    { "9223372036.854775807", G_MAXINT64 },
    { "12e-1", 1200000000 },
    { "100e-2", 1000000000 },
  };
  const char *const outside[] = { "1e308", "9223372036.854775808", "-9223372037",
                                  "253402300800e10" };
  gint64 ns = 7;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FluoJsonScanner scanner = first_value (rows[i].text);

      g_assert_true (fluo_json_scanner_seconds (&scanner, &ns));
      g_assert_cmpint (ns, ==, rows[i].ns);
    }
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      FluoJsonScanner scanner = first_value (outside[i]);

      g_assert_false (fluo_json_scanner_seconds (&scanner, &ns));
    }
}

static void
test_numbers (void)
{
  g_autofree char *digits = repeat ("1", 400, "", "");
  g_autofree char *fraction = repeat ("3", 200, "0.", "3");
  FluoJsonScanner big = first_value ("9223372036854775808"), whole = first_value ("1.50e2"),
                  part = first_value ("1.5");
  FluoJsonScanner longer =
    first_value ("0.3333333333333333333333333333333333333333333333333333333333333333333333333333");
  g_autoptr (GError) error = NULL;
  gint64 value = 7;

  g_assert_false (fluo_json_scanner_int64 (&big, &value));
  g_assert_cmpfloat (fluo_json_scanner_double (&big), ==, 9223372036854775808.0);
  g_assert_true (fluo_json_scanner_int64 (&whole, &value));
  g_assert_cmpint (value, ==, 150);
  g_assert_false (fluo_json_scanner_int64 (&part, &value));
  g_assert_cmpfloat (fabs (fluo_json_scanner_double (&longer) - 1.0 / 3), <, 1e-16);
  /* 400 digits are JSON's grammar, but no double. */
  g_assert_false (fluo_json_validate (digits, 400, &error));
  g_assert_error (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_NUMBER);
}

static void
test_skip (void)
{
  const char *text = "{\"a\":[{\"x\":[1,{}]},2],\"b\":3}";
  FluoJsonScanner scanner;
  gint64 value = 0;

  fluo_json_scanner_init (&scanner, text, strlen (text));
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_OBJECT_BEGIN);
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_KEY);
  g_assert_true (fluo_json_scanner_skip (&scanner, fluo_json_scanner_next (&scanner)));
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_KEY);
  g_assert_true (fluo_json_scanner_equal (&scanner, "b"));
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_NUMBER);
  g_assert_true (fluo_json_scanner_int64 (&scanner, &value));
  g_assert_cmpint (value, ==, 3);
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_OBJECT_END);
  g_assert_cmpint (fluo_json_scanner_next (&scanner), ==, FLUO_JSON_END);
}

static void
test_tape (void)
{
  const char *text = "{\"a\":1,\"list\":[10,{\"b\":\"x\\n\"},[],true],\"a\":2.5,\"n\":null}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GBytes) broken = g_bytes_new_static ("{]", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);
  g_autofree char *string = NULL, *key = NULL, *raw_text = NULL;
  guint32 list, node;
  const char *raw;
  gsize length;

  g_assert_no_error (error);
  list = fluo_json_tape_get (tape, 0, "list");
  g_assert_cmpuint (fluo_json_tape_count (tape, list), ==, 4);
  g_assert_cmpuint (fluo_json_tape_count (tape, 0), ==, 4);
  /* The last of two equal keys wins. */
  g_assert_cmpfloat (fluo_json_tape_double (tape, fluo_json_tape_get (tape, 0, "a"), 0), ==, 2.5);
  node = fluo_json_tape_first (tape, list);
  g_assert_cmpint (fluo_json_tape_int (tape, node, 0), ==, 10);
  node = fluo_json_tape_next (tape, list, node);
  string = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "b"));
  g_assert_cmpstr (string, ==, "x\n");
  raw = fluo_json_tape_raw (tape, node, &length);
  raw_text = g_strndup (raw, length);
  g_assert_cmpstr (raw_text, ==, "{\"b\":\"x\\n\"}");
  node = fluo_json_tape_next (tape, list, fluo_json_tape_next (tape, list, node));
  g_assert_true (fluo_json_tape_boolean (tape, node, FALSE));
  g_assert_cmpuint (fluo_json_tape_next (tape, list, node), ==, FLUO_JSON_NONE);
  key = fluo_json_tape_dup_key (tape, list);
  g_assert_cmpstr (key, ==, "list");
  g_assert_cmpuint (fluo_json_tape_get (tape, 0, "absent"), ==, FLUO_JSON_NONE);
  g_assert_cmpint (fluo_json_tape_type (tape, FLUO_JSON_NONE), ==, FLUO_JSON_NULL);
  g_assert_cmpuint (fluo_json_tape_get (tape, FLUO_JSON_NONE, "a"), ==, FLUO_JSON_NONE);
  g_assert_null (fluo_json_tape_new (broken, &error));
  g_assert_error (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_SYNTAX);
}

static void
test_writer (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;
  const double third = 1.0 / 3;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "a\"b");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_int (&writer, -5);
  fluo_json_writer_double (&writer, 0.1);
  fluo_json_writer_double (&writer, INFINITY);
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "t");
  fluo_json_writer_seconds (&writer, G_GINT64_CONSTANT (1478293361271000000));
  fluo_json_writer_key (&writer, "u");
  fluo_json_writer_string (&writer, "x\x01\xff\n\xc3\xbc");
  fluo_json_writer_key (&writer, "n");
  fluo_json_writer_string (&writer, NULL);
  fluo_json_writer_key (&writer, "r");
  fluo_json_writer_raw (&writer, "{\"k\":1}", 7);
  fluo_json_writer_end (&writer, '}');
  g_assert_cmpstr (
    out->str, ==,
    "{\"a\\\"b\":[-5,0.1,null,[]],\"t\":1478293361.271,\"u\":\"x\\u0001\xef\xbf\xbd\\n\xc3\xbc\","
    "\"n\":null,\"r\":{\"k\":1}}");
  g_string_truncate (out, 0);
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_double (&writer, third);
  g_assert_cmpfloat (g_ascii_strtod (out->str, NULL), ==, third);
}

static void
test_writer_seconds (void)
{
  const struct { gint64 ns; const char *text;
  } rows[] = {
    { 0, "0" }, { 1, "0.000000001" }, { -1, "-0.000000001" }, { 1000, "0.000001" },
    { 100000000, "0.1" }, { 1000000000, "1" }, { 1020000000, "1.02" }, { -1500000000, "-1.5" },
    { 10 * G_GINT64_CONSTANT (1000000000), "10" },
    { G_MAXINT64, "9223372036.854775807" }, { G_MININT64, "-9223372036.854775808" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      FluoJsonWriter writer;

      fluo_json_writer_init (&writer, out);
      fluo_json_writer_seconds (&writer, rows[i].ns);
      g_assert_cmpstr (out->str, ==, rows[i].text);
    }
}

static void
test_pretty (void)
{
  const char *text = "{\"b\":[1,{}, []],\"a\":\"\\u0041\"}";
  g_autofree char *pretty = fluo_json_pretty (text, strlen (text)), *start = NULL;

  g_assert_cmpstr (pretty, ==,
                   "{\n  \"b\": [\n    1,\n    {},\n    []\n  ],\n  \"a\": \"\\u0041\"\n}");
  g_assert_null (fluo_json_pretty ("{", 1));
  start = fluo_json_pretty_start (text, strlen (text), 12);
  g_assert_cmpuint (strlen (start), >=, 12);
  g_assert_cmpuint (strlen (start), <, strlen (pretty));
  g_assert_true (g_str_has_prefix (pretty, start));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/accepts-exactly-json", test_accepts_exactly_json);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/error-position", test_error_position);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/string-bytes", test_string_bytes);
  g_test_add_func ("/json/unescape-places", test_unescape_places);
  g_test_add_func ("/json/seconds", test_seconds);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/skip", test_skip);
  g_test_add_func ("/json/tape", test_tape);
  g_test_add_func ("/json/writer", test_writer);
  g_test_add_func ("/json/writer-seconds", test_writer_seconds);
  g_test_add_func ("/json/pretty", test_pretty);
  return g_test_run ();
}
