/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <gio/gio.h>

#include "core/fluo-json.h"
#include "local/otlp/fluo-otlp-intake.h"
#include "otlp/fluo-otlp-model.h"
#include "fluo-otlp.pb-c.h"
#include "fluo-test-util.h"

/* Bodies, good and bad, and what is made of them. */

typedef struct
{
  GString    *seen;    /* one row a span: name, kind, and the attributes as JSON */
  guint       n_spans;
  guint       n_refused;
  const char *reason;
} Log;

static void
write_attributes (FluoJsonWriter *writer, GArray *attributes)
{
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < attributes->len; i++)
    {
      FluoOtlpAttribute *attribute = &g_array_index (attributes, FluoOtlpAttribute, i);

      fluo_json_writer_key (writer, attribute->key);
      fluo_otlp_value_write (&attribute->value, writer);
    }
  fluo_json_writer_end (writer, '}');
}

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  Log *log = data;
  FluoJsonWriter writer;

  log->n_spans++;
  g_string_append_printf (log->seen, "%s %d %u %u ", span->name, span->kind, span->events->len,
                          span->links->len);
  fluo_json_writer_init (&writer, log->seen);
  write_attributes (&writer, span->attributes);
  g_string_append_c (log->seen, '\n');
}

static void
visit_refused (gpointer data, const char *reason)
{
  Log *log = data;

  log->n_refused++;
  log->reason = reason;
}

static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };

static void
log_clear (Log *log)
{
  g_string_free (log->seen, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Log, log_clear)

static gboolean
decode (Log *log, GBytes *body, gboolean json, GError **error)
{
  return json ? fluo_otlp_decode_json (body, &visitor, log, error)
              : fluo_otlp_decode_protobuf (body, &visitor, log, error);
}

static GBytes *
wrap (guint8 tag, GBytes *inner)
{
  GByteArray *out = g_byte_array_new ();
  gsize length = g_bytes_get_size (inner), n = length;
  guint8 byte = tag;

  g_byte_array_append (out, &byte, 1);
  do
    {
      byte = (guint8) ((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
      g_byte_array_append (out, &byte, 1);
      n >>= 7;
    }
  while (n > 0);
  g_byte_array_append (out, g_bytes_get_data (inner, NULL), (guint) length);
  g_bytes_unref (inner);
  return g_byte_array_free_to_bytes (out);
}

/* A span with one attribute, put into a request; @value is an encoded AnyValue. */
static GBytes *
request_with (GBytes *value)
{
  static const guint8 ids[] = "\x0a\x10" "0123456789abcdef" "\x12\x08" "01234567";
  static const guint8 key[] = "\x0a\x01k";
  g_autoptr (GBytes) wrapped = wrap (0x12, value);
  GByteArray *pair = g_byte_array_new (), *span = g_byte_array_new ();
  GBytes *attribute;

  g_byte_array_append (pair, key, 3);
  g_byte_array_append (pair, g_bytes_get_data (wrapped, NULL), (guint) g_bytes_get_size (wrapped));
  attribute = wrap (0x4a, g_byte_array_free_to_bytes (pair));
  g_byte_array_append (span, ids, sizeof ids - 1);
  g_byte_array_append (span, g_bytes_get_data (attribute, NULL),
                       (guint) g_bytes_get_size (attribute));
  g_bytes_unref (attribute);
  return wrap (0x0a, wrap (0x12, wrap (0x12, g_byte_array_free_to_bytes (span))));
}

/* A list in a list in a list …, around the number 7. */
static GBytes *
nested_value (guint depth)
{
  GBytes *value = g_bytes_new_static ("\x18\x07", 2);

  for (guint i = 0; i < depth; i++)
    value = wrap (0x2a, wrap (0x0a, value));
  return value;
}

static void
test_nesting (void)
{
  for (guint depth = 0; depth <= FLUO_OTLP_VALUE_DEPTH_MAX; depth += FLUO_OTLP_VALUE_DEPTH_MAX / 2)
    {
      g_auto (Log) log = { g_string_new (NULL) };
      g_autoptr (GBytes) body = request_with (nested_value (depth));
      g_autoptr (GString) expected = g_string_new (" 0 0 0 {\"k\":");
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < depth; i++)
        g_string_append_c (expected, '[');
      g_string_append_c (expected, '7');
      for (guint i = 0; i < depth; i++)
        g_string_append_c (expected, ']');
      g_string_append (expected, "}\n");
      g_assert_true (decode (&log, body, FALSE, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (log.seen->str, ==, expected->str);
    }
}

/* Deeper than allowed, up to what would end a recursive decoder. */
static void
test_nesting_bomb (void)
{
  static const guint depths[] = { FLUO_OTLP_VALUE_DEPTH_MAX + 1, 100, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_auto (Log) log = { g_string_new (NULL) };
      g_autoptr (GBytes) body = request_with (nested_value (depths[i]));
      g_autoptr (GError) error = NULL;

      g_assert_true (decode (&log, body, FALSE, &error));
      g_assert_cmpuint (log.n_spans, ==, 0);
      g_assert_cmpuint (log.n_refused, ==, 1);
      g_assert_nonnull (strstr (log.reason, "nested"));
    }
}

/* Two bytes of message each, a hundred bytes of memory: the ceiling holds. */
static void
test_memory_bomb (void)
{
  gsize length = FLUO_OTLP_BODY_MAX;
  guint8 *data = g_malloc (length);
  g_autoptr (GBytes) body = NULL;
  g_auto (Log) log = { g_string_new (NULL) };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < length; i += 2)
    {
      data[i] = 0x0a;
      data[i + 1] = 0;
    }
  body = g_bytes_new_take (data, length);
  g_assert_false (decode (&log, body, FALSE, &error));
  g_assert_error (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED);
}

static void
test_bad_protobuf (void)
{
  static const struct { const char *bytes; gsize length; } rows[] = {
    { "\x0a", 1 }, { "\x0a\x05" "ab", 4 }, { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11 },
    { "{\"resourceSpans\":[]}", 20 }, { "\x0a\x02\x12\x05", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Log) log = { g_string_new (NULL) };
      g_autoptr (GBytes) body = g_bytes_new_static (rows[i].bytes, rows[i].length);
      g_autoptr (GError) error = NULL;

      g_assert_false (decode (&log, body, FALSE, &error));
      g_assert_error (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED);
    }
}

static void
json_row (const char *json, guint n_spans, guint n_refused, gboolean whole)
{
  g_auto (Log) log = { g_string_new (NULL) };
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;

  g_test_message ("%.200s", json);
  g_assert_cmpint (decode (&log, body, TRUE, &error), ==, whole);
  g_assert_cmpuint (log.n_spans, ==, n_spans);
  g_assert_cmpuint (log.n_refused, ==, n_refused);
}

#define SPAN(members) "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" members "}]}]}]}"
#define TRACE "\"traceId\":\"5b8efff798038103d269b633813fc60c\""
#define ID "\"spanId\":\"eee19b7ec3c1b174\""

static void
test_json_ids (void)
{
  json_row (SPAN (TRACE "," ID), 1, 0, TRUE);
  json_row (SPAN (TRACE "," ID ",\"parentSpanId\":\"\""), 1, 0, TRUE);
  json_row (SPAN (TRACE "," ID ",\"parentSpanId\":\"abc\""), 0, 1, TRUE);
  json_row (SPAN (ID), 0, 1, TRUE);
  json_row (SPAN (TRACE), 0, 1, TRUE);
  /* Base64, as other protobuf JSON has it, and X-Ray's form. */
  json_row (SPAN ("\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\"," ID), 0, 1, TRUE);
  json_row (SPAN ("\"traceId\":\"1-5b8efff7-98038103d269b633813fc60c\"," ID), 0, 1, TRUE);
  json_row ("{}", 0, 0, TRUE);
  json_row ("{\"resourceSpans\":null,\"other\":[1]}", 0, 0, TRUE);
  json_row ("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[7]}]}]}", 0, 1, TRUE);
  json_row ("{\"resourceSpans\":7}", 0, 0, FALSE);
  json_row ("[]", 0, 0, FALSE);
  json_row ("", 0, 0, FALSE);
  json_row ("{\"resourceSpans\":[", 0, 0, FALSE);
}

static void
test_json_values (void)
{
  static const char json[] = SPAN (
    "\"trace_id\":\"5B8EFFF798038103D269B633813FC60C\",\"span_id\":\"eee19b7ec3c1b174\",\"name\":"
    "\"n\","
    "\"kind\":\"SPAN_KIND_CLIENT\",\"attributes\":[{\"key\":\"a\",\"value\":{\"intValue\":\"-"
    "9007199254740993\"}},"
    "{\"key\":\"b\",\"value\":{\"intValue\":3}},{\"key\":\"c\",\"value\":{\"doubleValue\":0.5}},"
    "{\"key\":\"d\",\"value\":{\"doubleValue\":\"NaN\"}},{\"key\":\"e\",\"value\":{\"boolValue\":"
    "true}},"
    "{\"key\":\"f\",\"value\":{\"bytesValue\":\"AAE=\"}},{\"key\":\"g\",\"value\":{\"kvlistValue\":"
    "{\"values\":["
    "{\"key\":\"x\",\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"s\"},{}]}}},{\"key\":"
    "\"y\"}]}}},"
    "{\"key\":\"h\",\"value\":{\"arrayValue\":{}}},{\"key\":\"i\"},{\"key\":\"j\",\"value\":{"
    "\"stringValue\":\"\"}}]");
  g_auto (Log) log = { g_string_new (NULL) };
  g_autoptr (GBytes) body = g_bytes_new_static (json, sizeof json - 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (decode (&log, body, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (
    log.seen->str, ==,
    "n 3 0 0 {\"a\":-9007199254740993,\"b\":3,\"c\":0.5,\"d\":null,\"e\":true,\"f\":\"AAE=\","
    "\"g\":{\"x\":[\"s\",null],\"y\":null},\"h\":[],\"i\":null,\"j\":\"\"}\n");
}

static void
test_json_nesting (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < FLUO_OTLP_VALUE_DEPTH_MAX + 1; i++)
    g_string_append (deep, "{\"arrayValue\":{\"values\":[");
  g_string_append (deep, "{\"intValue\":7}");
  for (guint i = 0; i < FLUO_OTLP_VALUE_DEPTH_MAX + 1; i++)
    g_string_append (deep, "]}}");
  {
    g_autofree char *json = g_strdup_printf (
      SPAN (TRACE "," ID ",\"attributes\":[{\"key\":\"k\",\"value\":%s}]"), deep->str);

    json_row (json, 0, 1, TRUE);
  }
}

/* Requests of real exporters say the same in each of their forms. */
static void
test_real_requests (void)
{
  g_autofree char *path = fluo_test_data ("otlp/requests.jsonl");
  g_autofree char *text = fluo_test_read (path, NULL);
  g_auto (GStrv) rows = g_strsplit (text, "\n", -1);
  g_autofree char *node = NULL;
  guint n = 0;

  for (char **row = rows; *row && **row; row++, n++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (*row, strlen (*row));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
      g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "name"));
      g_autofree char *base64 =
        fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "body_base64"));
      gsize length;
      guint8 *data = g_base64_decode (base64, &length);
      g_autoptr (GBytes) sent = g_bytes_new_take (data, length);
      g_autoptr (GBytes) body = NULL;
      g_auto (Log) log = { g_string_new (NULL) };
      g_autoptr (GError) error = NULL;

      body = strstr (name, "gzip") ? fluo_otlp_gunzip (sent, FLUO_OTLP_BODY_MAX, &error)
                                   : g_bytes_ref (sent);
      g_assert_no_error (error);
      g_assert_true (decode (&log, body, strstr (name, "json") != NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (log.n_refused, ==, 0);
      g_assert_cmpuint (log.n_spans, ==, g_str_has_prefix (name, "node") ? 3 : 5);
      if (!g_str_has_prefix (name, "node"))
        continue;
      if (node)
        g_assert_cmpstr (log.seen->str, ==, node);
      g_free (node);
      node = g_strdup (log.seen->str);
    }
  g_assert_cmpuint (n, ==, 6);
}

/* --- gzip --------------------------------------------------------------- */

static GBytes *
gzip (gsize n_bytes)
{
  g_autoptr (GConverter) compressor =
    G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, compressor);
  g_autofree char *zeros = g_malloc0 (n_bytes + 1);

  g_assert_true (g_output_stream_write_all (stream, zeros, n_bytes, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static void
gzip_row (GBytes *taken, gssize expected, int code)
{
  g_autoptr (GBytes) body = taken;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = fluo_otlp_gunzip (body, FLUO_OTLP_BODY_MAX, &error);

  if (expected < 0)
    g_assert_error (error, FLUO_OTLP_ERROR, code);
  else
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (plain), ==, expected);
    }
}

static void
test_gzip (void)
{
  g_autoptr (GBytes) good = gzip (1000);
  gsize length = g_bytes_get_size (good);
  GByteArray *trailing = g_byte_array_new (), *twice = g_byte_array_new ();

  g_byte_array_append (trailing, g_bytes_get_data (good, NULL), (guint) length);
  g_byte_array_append (trailing, (const guint8 *) "x", 1);
  g_byte_array_append (twice, g_bytes_get_data (good, NULL), (guint) length);
  g_byte_array_append (twice, g_bytes_get_data (good, NULL), (guint) length);
  gzip_row (gzip (0), 0, 0);
  gzip_row (gzip (1000), 1000, 0);
  gzip_row (gzip (1024 * 1024), 1024 * 1024, 0);
  gzip_row (gzip (4 * 1024 * 1024), -1, FLUO_OTLP_ERROR_TOO_LARGE);
  gzip_row (gzip (100 * 1024 * 1024), -1, FLUO_OTLP_ERROR_TOO_LARGE);
  gzip_row (g_byte_array_free_to_bytes (trailing), -1, FLUO_OTLP_ERROR_MALFORMED);
  gzip_row (g_byte_array_free_to_bytes (twice), -1, FLUO_OTLP_ERROR_MALFORMED);
  gzip_row (g_bytes_new_from_bytes (good, 0, length - 4), -1, FLUO_OTLP_ERROR_MALFORMED);
  gzip_row (g_bytes_new_static ("plain", 5), -1, FLUO_OTLP_ERROR_MALFORMED);
  gzip_row (g_bytes_new_static ("", 0), -1, FLUO_OTLP_ERROR_MALFORMED);
}

/* --- Answers ------------------------------------------------------------ */

static void
answer_row (FluoOtlpResult result, const char *json)
{
  g_autoptr (GBytes) text = fluo_otlp_result_to_body (&result, FLUO_OTLP_JSON_FORMAT);
  g_autoptr (GBytes) binary = fluo_otlp_result_to_body (&result, FLUO_OTLP_PROTOBUF);
  gsize length;
  const guint8 *data = g_bytes_get_data (binary, &length);

  g_assert_cmpmem (g_bytes_get_data (text, NULL), g_bytes_get_size (text), json, strlen (json));
  if (result.code)
    {
      Fluo__Otlp__ErrorStatus *status = fluo__otlp__error_status__unpack (NULL, length, data);

      g_assert_cmpint (status->code, ==, result.code);
      g_assert_cmpstr (status->message, ==, result.message);
      fluo__otlp__error_status__free_unpacked (status, NULL);
    }
  else
    {
      Fluo__Otlp__ExportTraceServiceResponse *response =
        fluo__otlp__export_trace_service_response__unpack (NULL, length, data);

      g_assert_cmpint (response->partial_success != NULL, ==, result.n_rejected > 0);
      if (response->partial_success)
        g_assert_cmpint (response->partial_success->rejected_spans, ==, result.n_rejected);
      fluo__otlp__export_trace_service_response__free_unpacked (response, NULL);
    }
}

static void
test_answers (void)
{
  answer_row ((FluoOtlpResult) { FLUO_OTLP_CODE_OK, 0, NULL }, "{}");
  answer_row ((FluoOtlpResult) { FLUO_OTLP_CODE_OK, 2, (char *) "why" },
              "{\"partialSuccess\":{\"rejectedSpans\":\"2\",\"errorMessage\":\"why\"}}");
  answer_row ((FluoOtlpResult) { FLUO_OTLP_CODE_INVALID_ARGUMENT, 0, (char *) "why" },
              "{\"code\":3,\"message\":\"why\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/otlp/decode/nesting", test_nesting);
  g_test_add_func ("/otlp/decode/nesting-bomb", test_nesting_bomb);
  g_test_add_func ("/otlp/decode/memory-bomb", test_memory_bomb);
  g_test_add_func ("/otlp/decode/bad-protobuf", test_bad_protobuf);
  g_test_add_func ("/otlp/decode/json-ids", test_json_ids);
  g_test_add_func ("/otlp/decode/json-values", test_json_values);
  g_test_add_func ("/otlp/decode/json-nesting", test_json_nesting);
  g_test_add_func ("/otlp/decode/real-requests", test_real_requests);
  g_test_add_func ("/otlp/gzip", test_gzip);
  g_test_add_func ("/otlp/answers", test_answers);
  return g_test_run ();
}
