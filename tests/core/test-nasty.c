/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "core/fluo-trace.h"
#include "fluo-test-util.h"

/* tests/data/nasty/documents.json, whose README says what it holds; tests/service/nasty.py reads it
 * likewise. */

#define OWN_TRACE "\"trace_id\":\"1-5f84c7a5-%024x\""

/* Bits in the order of FluoSegmentWarning. */
static const char *const warning_names[] = { "DUPLICATE_KEY", "TIME",   "ZERO_ID", "LONG_NAME",
                                             "ANNOTATION",    "FUTURE", "NAME" };

static void
append_text (GString *out, const char *text, guint number, guint turn)
{
  g_autoptr (GString) piece = g_string_new (text);
  g_autofree char *own = g_strdup_printf ("%024x", number);
  g_autofree char *trace = g_strdup_printf (OWN_TRACE, number);
  g_autofree char *head =
    g_strdup_printf ("\"name\":\"a\",\"id\":\"00000000000000aa\"," OWN_TRACE, number);
  g_autofree char *index = g_strdup_printf ("%u", turn);

  g_string_replace (piece, "%N%", own, 0);
  g_string_replace (piece, "%TRACE%", trace, 0);
  g_string_replace (piece, "%HEAD%", head, 0);
  g_string_replace (piece, "%TIMES%", "\"start_time\":1600000000.5,\"end_time\":1600000001", 0);
  g_string_replace (piece, "%I%", index, 0);
  g_string_append_len (out, piece->str, (gssize) piece->len);
}

static void
append_hex (GString *out, const char *hex)
{
  for (; hex[0] && hex[1]; hex += 2)
    g_string_append_c (out,
                       (char) (g_ascii_xdigit_value (hex[0]) * 16 + g_ascii_xdigit_value (hex[1])));
}

/* Appends one part; a part that fills up is left for later and its place returned in @ret_fill. */
static void
append_part (GString *out, const FluoJsonTape *tape, guint32 part, guint number, gsize *ret_fill)
{
  g_autofree char *plain = fluo_json_tape_dup (tape, part);
  g_autofree char *hex = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, part, "hex"));
  g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, part, "text"));
  gint64 times = fluo_json_tape_int (tape, fluo_json_tape_get (tape, part, "times"), 0);

  if (plain)
    append_text (out, plain, number, 0);
  else if (hex)
    append_hex (out, hex);
  else if (times > 0)
    for (guint i = 0; i < times; i++)
      append_text (out, text, number, i);
  else
    *ret_fill = out->len;
}

static GString *
make_document (const FluoJsonTape *tape, guint32 document, guint number)
{
  GString *out = g_string_new (NULL);
  gsize fill = 0, missing;
  guint32 filler = FLUO_JSON_NONE;

  if (fluo_json_tape_type (tape, document) == FLUO_JSON_STRING)
    {
      append_part (out, tape, document, number, &fill);
      return out;
    }
  for (guint32 part = fluo_json_tape_first (tape, document); part != FLUO_JSON_NONE;
       part = fluo_json_tape_next (tape, document, part))
    {
      append_part (out, tape, part, number, &fill);
      if (fluo_json_tape_get (tape, part, "total") != FLUO_JSON_NONE)
        filler = part;
    }
  if (filler != FLUO_JSON_NONE)
    {
      g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, filler, "text"));
      g_autofree char *run = NULL;

      missing =
        (gsize) fluo_json_tape_int (tape, fluo_json_tape_get (tape, filler, "total"), 0) - out->len;
      run = g_strnfill (missing, *text);
      g_string_insert (out, (gssize) fill, run);
    }
  return out;
}

static guint
expected_warnings (const FluoJsonTape *tape, guint32 list)
{
  guint bits = 0;

  if (list == FLUO_JSON_NONE)
    return 0;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *name = fluo_json_tape_dup (tape, node);
      guint bit = 0;

      while (bit < G_N_ELEMENTS (warning_names) && g_strcmp0 (warning_names[bit], name) != 0)
        bit++;
      g_assert_cmpuint (bit, <, G_N_ELEMENTS (warning_names));
      bits |= 1u << bit;
    }
  return bits;
}

static void
check_kept (const FluoSegmentHead *head, const GString *text)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) document = g_bytes_new (text->str, text->len);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_cmpint (head->end_ns, >=, head->start_ns);
  g_assert_cmpint (head->start_ns, >=, FLUO_TIME_MIN_NS);
  g_assert_cmpint (head->end_ns, <=, FLUO_TIME_MAX_NS);
  fluo_trace_builder_add (builder, document, &error);
  g_assert_no_error (error);
  trace = fluo_trace_builder_end (builder, 0);
  fluo_trace_get_spans (trace, &n);
  g_assert_cmpuint (n, >, 0);
}

static void
check_case (const FluoJsonTape *tape, guint32 row, guint number)
{
  g_autoptr (GString) text =
    make_document (tape, fluo_json_tape_get (tape, row, "document"), number);
  g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "name"));
  g_autofree char *code = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "error"));
  g_autofree char *id = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "id"));
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;
  FluoSegmentHead head = { 0 };

  g_test_message ("%u: %s", number, name);
  fluo_segment_head_parse (text->str, text->len, &head, &found, &error);
  if (code == NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (head.warnings & ~(guint) FLUO_SEGMENT_WARNING_FUTURE, ==,
                        expected_warnings (tape, fluo_json_tape_get (tape, row, "warnings")));
      check_kept (&head, text);
      return;
    }
  g_assert_nonnull (error);
  g_assert_cmpstr (fluo_segment_error_get_code ((FluoSegmentError) error->code), ==, code);
  g_assert_true (error->domain == FLUO_SEGMENT_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpstr (found, ==, id);
}

static void
test_documents (void)
{
  g_autofree char *path = fluo_test_data ("nasty/documents.json");
  gsize length = 0;
  char *text = fluo_test_read (path, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);
  guint number = 0;

  g_assert_no_error (error);
  for (guint32 row = fluo_json_tape_first (tape, 0); row != FLUO_JSON_NONE;
       row = fluo_json_tape_next (tape, 0, row))
    check_case (tape, row, ++number);
  g_assert_cmpuint (number, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nasty/documents", test_documents);
  return g_test_run ();
}
