/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "fluo-test-util.h"

#define OK (-1)
#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define HEAD "\"name\":\"a\",\"id\":\"00000000000000aa\"," TRACE
#define TIMES "\"start_time\":1600000000.5,\"end_time\":1600000001"
#define DUPLICATE FLUO_SEGMENT_WARNING_DUPLICATE_KEY
#define TIME FLUO_SEGMENT_WARNING_TIME
#define ANNOTATION FLUO_SEGMENT_WARNING_ANNOTATION
#define NAME FLUO_SEGMENT_WARNING_NAME

typedef struct
{
  const char *text;
  int         code;     /* OK or a FluoSegmentError */
  guint       warnings; /* exactly these, FUTURE apart */
  const char *id;       /* reported with the refusal; NULL = none */
} Case;

static const Case cases[] = {
  /* What a sender may leave out, and what it may not. */
  { "{" HEAD "," TIMES "}", OK },
  { "{\"in_progress\":true,\"start_time\":1.6E9," HEAD "}", OK },
  { "{" HEAD "," TIMES ",\"unknown\":[{\"x\":[]}],\"user\":null,\"origin\":null,\"http\":null,"
    "\"subsegments\":null,\"fault\":null}",
    OK },
  { "{\"name\":\"a\"," TRACE "," TIMES "}", FLUO_SEGMENT_ERROR_MISSING_ID },
  { "{\"name\":\"a\",\"id\":null," TRACE "," TIMES "}", FLUO_SEGMENT_ERROR_MISSING_ID },
  { "{\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", FLUO_SEGMENT_ERROR_MISSING_NAME, 0,
    "00000000000000aa" },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\"," TIMES "}", FLUO_SEGMENT_ERROR_MISSING_TRACE_ID,
    0, "00000000000000aa" },
  { "{" HEAD ",\"end_time\":1600000000}", FLUO_SEGMENT_ERROR_MISSING_START_TIME, 0,
    "00000000000000aa" },
  { "{" HEAD ",\"start_time\":1600000000}", FLUO_SEGMENT_ERROR_MISSING_END_TIME, 0,
    "00000000000000aa" },
  { "{" HEAD ",\"start_time\":1600000000,\"in_progress\":false}",
    FLUO_SEGMENT_ERROR_MISSING_END_TIME, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"in_progress\":true}",
    FLUO_SEGMENT_ERROR_IN_PROGRESS_SEGMENT_HAS_END_TIME, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES
    ",\"in_progress\":true,\"type\":\"subsegment\",\"parent_id\":\"00000000000000bb\"}",
    FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"type\":\"subsegment\",\"parent_id\":\"00000000000000bb\"}", OK },
  { "{" HEAD "," TIMES ",\"type\":\"subsegment\"}", FLUO_SEGMENT_ERROR_MISSING_PARENT_ID, 0,
    "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"parent_id\":\"xyz\"}", FLUO_SEGMENT_ERROR_INVALID_PARENT_ID, 0,
    "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"type\":\"segment\"}", FLUO_SEGMENT_ERROR_UNKNOWN_TYPE, 0,
    "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"subsegments\":{}}", FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"subsegments\":[1]}", FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"fault\":\"yes\"}", FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"in_progress\":1}", FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  /* Nested subsegments: name and start are needed, id and end are not. */
  { "{" HEAD "," TIMES
    ",\"subsegments\":[{\"name\":\"b\",\"start_time\":1600000000.6,\"end_time\":1600000000.7}]}",
    OK },
  { "{" HEAD "," TIMES
    ",\"subsegments\":[{\"id\":\"00000000000000ab\",\"name\":\"b\",\"start_time\":1600000000.6}]}",
    OK },
  { "{" HEAD "," TIMES ",\"subsegments\":[{\"name\":\"b\"}]}", FLUO_SEGMENT_ERROR_INVALID, 0,
    "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"subsegments\":[{\"start_time\":1600000000.6}]}",
    FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES ",\"subsegments\":[{\"id\":\"z\",\"name\":\"b\",\"start_time\":1}]}",
    FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa" },
  /* 4: the same key twice. */
  { "{" HEAD "," TIMES ",\"name\":\"b\"}", OK, DUPLICATE },
  { "{" HEAD "," TIMES ",\"na\\u006de\":\"b\"}", OK, DUPLICATE },
  { "{" HEAD "," TIMES ",\"name\":\"\"}", FLUO_SEGMENT_ERROR_INVALID_NAME, 0, "00000000000000aa" },
  { "{" HEAD "," TIMES
    ",\"subsegments\":[{\"name\":\"x\",\"start_time\":1600000000}],\"subsegments\":[]}",
    OK, DUPLICATE },
  /* 5: trace ids. */
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":\"1-5F84C7A5-"
    "0123456789ABCDEF01234567\"," TIMES "}",
    OK },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":"
    "\"5f84c7a50123456789abcdef01234567\"," TIMES "}",
    OK },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":\"1-ffffffff-"
    "0123456789abcdef01234567\"," TIMES "}",
    OK },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":\"1-5f84c7a5-"
    "0123456789abcdef0123456\"," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_TRACE_ID, 0, "00000000000000aa" },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":\"1-5f84c7a5-"
    "0123456789abcdef012345678\"," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_TRACE_ID, 0, "00000000000000aa" },
  { "{\"name\":\"a\",\"id\":\"00000000000000aa\",\"trace_id\":5," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_TRACE_ID, 0, "00000000000000aa" },
  /* 6: ids. */
  { "{\"name\":\"a\",\"id\":\"0000000000000000\"," TRACE "," TIMES "}", OK,
    FLUO_SEGMENT_WARNING_ZERO_ID },
  { "{\"name\":\"a\",\"id\":\"00000000000000a\"," TRACE "," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_ID, 0, "00000000000000a" },
  { "{\"name\":\"a\",\"id\":\"00000000000000ag\"," TRACE "," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_ID, 0, "00000000000000ag" },
  { "{\"name\":\"a\",\"id\":123," TRACE "," TIMES "}", FLUO_SEGMENT_ERROR_INVALID_ID },
  /* 7: an id that is its own parent is a document like others; the trace cuts the circle. */
  { "{" HEAD "," TIMES ",\"parent_id\":\"00000000000000aa\"}", OK },
  /* 9: times. */
  { "{" HEAD ",\"start_time\":1600000001,\"end_time\":1600000000}", OK, TIME },
  { "{" HEAD ",\"start_time\":0,\"end_time\":0}", OK, TIME },
  { "{" HEAD ",\"start_time\":-5,\"end_time\":1600000000}", OK, TIME },
  { "{" HEAD ",\"start_time\":1600000000,\"end_time\":1e308}", OK, TIME },
  { "{" HEAD ",\"start_time\":1600000000,\"end_time\":1e400}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD ",\"start_time\":\"123\",\"end_time\":1600000000}", FLUO_SEGMENT_ERROR_INVALID, 0,
    "00000000000000aa" },
  { "{" HEAD ",\"start_time\":1600000000,\"end_time\":\"1600000001\"}", FLUO_SEGMENT_ERROR_INVALID,
    0, "00000000000000aa" },
  { "{" HEAD ",\"start_time\":1600000000500,\"end_time\":1600000001000}", OK, TIME },
  { "{" HEAD ",\"start_time\":253402300799,\"end_time\":253402300799}", OK, TIME },
  { "{" HEAD ",\"start_time\":86400,\"end_time\":1600000000}", OK, TIME },
  /* 11: numbers as annotation values. */
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":9223372036854775808,\"l\":-0,\"m\":1E+2}}", OK },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":0x10}}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":012}}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":.5}}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":5.}}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":NaN}}", FLUO_SEGMENT_ERROR_PARSE },
  /* 12: text. */
  { "{\"name\":\"a\\u0000b\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", OK, NAME },
  { "{\"name\":\"\\ud800\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}",
    FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"user\":\"\\ud83d\\ude00\"}", OK },
  { "{" HEAD "," TIMES ",\"user\":\"\xef\xbf\xbf\"}", OK },
  { "{" HEAD "," TIMES ",\"user\":\"\xc0\x80\"}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"user\":\"\xed\xa0\x80\"}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES ",\"user\":\"\xff\"}", FLUO_SEGMENT_ERROR_PARSE },
  { "\xef\xbb\xbf{" HEAD "," TIMES "}", FLUO_SEGMENT_ERROR_PARSE },
  /* 13: annotations that X-Ray would not index are kept as data and flagged. */
  { "{" HEAD "," TIMES ",\"annotations\":{\"a_b.C1\":\"x\",\"t\":true}}", OK },
  { "{" HEAD "," TIMES ",\"annotations\":{\"a b\":1}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":{\"\xf0\x9f\x98\x80\":1}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":{\"\":1}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":{}}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":[1,2]}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":{\"k\":null}}", OK, ANNOTATION },
  { "{" HEAD "," TIMES ",\"annotations\":[]}", OK },
  /* 14: keys that mean something elsewhere. */
  { "{" HEAD "," TIMES
    ",\"metadata\":{\"__proto__\":{\"constructor\":1}},\"annotations\":{\"__proto__\":1}}",
    OK },
  /* 15: names. */
  { "{\"name\":\"\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}",
    FLUO_SEGMENT_ERROR_INVALID_NAME, 0, "00000000000000aa" },
  { "{\"name\":7,\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", FLUO_SEGMENT_ERROR_INVALID_NAME,
    0, "00000000000000aa" },
  { "{\"name\":\"   \",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", OK },
  { "{\"name\":\"service/\\\"<>|\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", OK, NAME },
  { "{\"name\":\"a\\n\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}", OK, NAME },
  { "{\"name\":\"\xd0\x9f\xd0\xb5\xd1\x82 "
    "petshop/prod_1.2:%&#=+-@\",\"id\":\"00000000000000aa\"," TRACE "," TIMES "}",
    OK },
  /* 16: causes of every shape. */
  { "{" HEAD "," TIMES ",\"cause\":\"00000000000000cc\"}", OK },
  { "{" HEAD "," TIMES ",\"cause\":{\"exceptions\":[{\"id\":\"00000000000000cc\",\"cause\":"
    "\"00000000000000cc\",\"truncated\":-1}]}}",
    OK },
  { "{" HEAD "," TIMES ",\"cause\":7}", OK },
  /* 17, 18, 19: values are data here. */
  { "{" HEAD "," TIMES ",\"http\":{\"request\":{\"url\":\"javascript:alert(1)\"},\"response\":{"
    "\"status\":\"200\",\"content_length\":\"x\"}}}",
    OK },
  { "{" HEAD "," TIMES ",\"http\":[],\"aws\":3,\"sql\":\"x\",\"service\":false}", OK },
  { "{" HEAD "," TIMES ",\"aws\":{\"account_id\":\"1234567890123\"},\"origin\":\"AWS::Unknown\","
    "\"namespace\":\"REMOTE\"}",
    OK },
  /* 20: what is not a document at all. */
  { "\"\"", FLUO_SEGMENT_ERROR_PARSE },
  { " ", FLUO_SEGMENT_ERROR_PARSE },
  { "", FLUO_SEGMENT_ERROR_PARSE },
  { "null", FLUO_SEGMENT_ERROR_PARSE },
  { "[]", FLUO_SEGMENT_ERROR_PARSE },
  { "[{" HEAD "," TIMES "}]", FLUO_SEGMENT_ERROR_PARSE },
  { "1", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES "}{" HEAD "," TIMES "}", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES "} garbage", FLUO_SEGMENT_ERROR_PARSE },
  { "{" HEAD "," TIMES, FLUO_SEGMENT_ERROR_PARSE },
  { "{}", FLUO_SEGMENT_ERROR_MISSING_ID },
};

static void
check (const char *text, gsize length, int code, guint warnings, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  FluoSegmentHead head = { 0 };
  gboolean valid = fluo_segment_head_parse (text, length, &head, &found, &error);

  if (code == OK)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (head.warnings & ~(guint) FLUO_SEGMENT_WARNING_FUTURE, ==, warnings);
      g_assert_cmpint (head.end_ns, >=, head.start_ns);
      g_assert_cmpint (head.start_ns, >=, FLUO_TIME_MIN_NS);
      g_assert_cmpint (head.end_ns, <=, FLUO_TIME_MAX_NS);
    }
  else
    {
      g_assert_error (error, FLUO_SEGMENT_ERROR, code);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  g_assert_cmpint (valid, ==, code == OK);
  g_assert_cmpstr (found, ==, id);
}

static void
test_rules (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      check (cases[i].text, strlen (cases[i].text), cases[i].code, cases[i].warnings, cases[i].id);
    }
}

static void
test_head (void)
{
  const char *text = "{\"parent_id\":\"00000000000000bb\"," HEAD "," TIMES "}";
  FluoSegmentHead head = { 0 };

  g_assert_true (fluo_segment_head_parse (text, strlen (text), &head, NULL, NULL));
  g_assert_cmphex (head.id, ==, 0xaa);
  g_assert_cmphex (head.parent_id, ==, 0xbb);
  g_assert_cmpint (head.start_ns, ==, G_GINT64_CONSTANT (1600000000500000000));
  g_assert_cmpint (head.end_ns, ==, G_GINT64_CONSTANT (1600000001000000000));
  g_assert_false (head.in_progress);
  g_assert_false (head.subsegment);
}

static void
test_future (void)
{
  const char *text = "{" HEAD ",\"start_time\":8000000000,\"end_time\":8000000001}";
  FluoSegmentHead head = { 0 };

  g_assert_true (fluo_segment_head_parse (text, strlen (text), &head, NULL, NULL));
  g_assert_cmpuint (head.warnings, ==, FLUO_SEGMENT_WARNING_FUTURE);
}

/* 1, 2, 3, 14, 15, 16, 18, 20: sizes. */
static void
append_nested (GString *text, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append (
      text, ",\"subsegments\":[{\"name\":\"b\",\"start_time\":1600000000,\"end_time\":1600000000");
  for (guint i = 0; i < n; i++)
    g_string_append (text, "}]");
}

static void
check_nested (guint n, int code)
{
  g_autoptr (GString) text = g_string_new ("{" HEAD "," TIMES);

  append_nested (text, n);
  g_string_append_c (text, '}');
  check (text->str, text->len, code, 0, NULL);
}

static void
check_filled (const char *before, char byte, gsize n, const char *after, int code, guint warnings)
{
  g_autoptr (GString) text = g_string_new (before);

  g_string_set_size (text, text->len + n);
  memset (text->str + strlen (before), byte, n);
  g_string_append (text, after);
  check (text->str, text->len, code, warnings,
         code == OK || code == FLUO_SEGMENT_ERROR_PARSE ? NULL : "00000000000000aa");
}

static void
test_sizes (void)
{
  const char *open = "{" HEAD "," TIMES ",\"user\":\"";
  g_autoptr (GString) siblings = g_string_new ("{" HEAD "," TIMES ",\"subsegments\":[");
  g_autoptr (GString) annotations = g_string_new ("{" HEAD "," TIMES ",\"annotations\":{");
  g_autoptr (GString) metadata = g_string_new ("{" HEAD "," TIMES ",\"metadata\":{\"n\":{");
  gsize rest = FLUO_DOCUMENT_SIZE_MAX - strlen (open) - 2;

  check_filled ("", '[', 100000, "", FLUO_SEGMENT_ERROR_PARSE, 0);
  check_nested (31, OK);
  check_nested (32, FLUO_SEGMENT_ERROR_PARSE);
  check_nested (500, FLUO_SEGMENT_ERROR_PARSE);
  check_filled (open, 'x', rest, "\"}", OK, 0);
  check_filled (open, 'x', rest + 1, "\"}", FLUO_SEGMENT_ERROR_INVALID, 0);
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (siblings,
                            "%s{\"name\":\"b\",\"start_time\":1600000000,\"end_time\":1600000000}",
                            i ? "," : "");
  g_string_append (siblings, "]}");
  check (siblings->str, siblings->len, FLUO_SEGMENT_ERROR_INVALID, 0, "00000000000000aa");
  for (guint i = 0; i < 51; i++)
    g_string_append_printf (annotations, "%s\"k%u\":1", i ? "," : "", i);
  g_string_append (annotations, "}}");
  check (annotations->str, annotations->len, OK, ANNOTATION, NULL);
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (metadata, "%s\"%u\":1", i ? "," : "", i % 1000);
  g_string_append (metadata, "}}}");
  check (metadata->str, metadata->len,
         metadata->len > FLUO_DOCUMENT_SIZE_MAX ? FLUO_SEGMENT_ERROR_INVALID : OK, 0,
         metadata->len > FLUO_DOCUMENT_SIZE_MAX ? "00000000000000aa" : NULL);
  check_filled ("{\"id\":\"00000000000000aa\"," TRACE "," TIMES ",\"name\":\"", 'n', 200, "\"}", OK,
                0);
  check_filled ("{\"id\":\"00000000000000aa\"," TRACE "," TIMES ",\"name\":\"", 'n', 201, "\"}", OK,
                FLUO_SEGMENT_WARNING_LONG_NAME);
  check_filled ("{" HEAD "," TIMES ",\"annotations\":{\"", 'k', 501, "\":1}}", OK, ANNOTATION);
  check_filled ("{" HEAD "," TIMES ",\"annotations\":{\"k\":\"", 'v', 1001, "\"}}", OK, ANNOTATION);
  check_filled ("{" HEAD "," TIMES ",\"http\":{\"request\":{\"url\":\"http://h/", 'u', 8000,
                "\"}}}", OK, 0);
  check_filled ("{" HEAD "," TIMES ",\"sql\":{\"sanitized_query\":\"", '-', 60000, "\"}}", OK, 0);
}

static void
test_code_names (void)
{
  g_assert_cmpstr (fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_PARSE), ==, "ParseError");
  g_assert_cmpstr (
    fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME), ==,
    "InProgressSubsegmentHasEndTime");
  g_assert_cmpstr (fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_INVALID), ==, "InvalidSegment");
}

static void
check_file (const char *name, guint expected)
{
  g_autofree char *relative = g_build_filename ("segments", name, NULL),
                  *path = fluo_test_data (relative);
  gsize length = 0;
  g_autofree char *text = fluo_test_read (path, &length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = 0;

  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (lines[i], strlen (lines[i]));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
      g_autofree char *document =
        fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "document"));

      g_assert_nonnull (document);
      check (document, strlen (document), OK, 0, NULL);
      n++;
    }
  g_assert_cmpuint (n, ==, expected);
}

static void
test_real_sdks (void)
{
  check_file ("sdk-node.jsonl", 48);
  check_file ("sdk-python.jsonl", 140);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segment/rules", test_rules);
  g_test_add_func ("/segment/head", test_head);
  g_test_add_func ("/segment/future", test_future);
  g_test_add_func ("/segment/sizes", test_sizes);
  g_test_add_func ("/segment/code-names", test_code_names);
  g_test_add_func ("/segment/real-sdks", test_real_sdks);
  return g_test_run ();
}
