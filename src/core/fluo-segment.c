/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-segment-private.h"

#include <string.h>

#include "fluo-time-span.h"

#define NAME_MAX_CHARS 200
/* X-Ray takes documents up to this far ahead of its clock. */
#define FUTURE_NS (5 * FLUO_NSEC_PER_MIN)

G_DEFINE_QUARK (fluo-segment-error-quark, fluo_segment_error)

const char *
fluo_segment_error_get_code (FluoSegmentError code)
{
  static const char *const codes[FLUO_N_SEGMENT_ERRORS] = {
    "ParseError", "MissingId", "InvalidId", "MissingName", "InvalidName", "MissingTraceId",
    "InvalidTraceId", "MissingStartTime", "MissingEndTime", "InProgressSegmentHasEndTime",
    "InProgressSubsegmentHasEndTime", "MissingParentId", "InvalidParentId", "UnknownType",
    "InvalidSegment"
  };

  return code < FLUO_N_SEGMENT_ERRORS ? codes[code] : "InvalidSegment";
}

static gboolean
refuse (GError **error, FluoSegmentError code, const char *message)
{
  g_set_error_literal (error, FLUO_SEGMENT_ERROR, (gint) code, message);
  return FALSE;
}

static gboolean
check_identity (const FluoSegmentRecord *r, FluoSegmentScanFlags flags, GError **error)
{
  if (r->has_id == FLUO_FIELD_ABSENT)
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_ID,
                   "\"id\" is missing; it must be 16 hex digits");
  if (r->has_id == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID_ID,
                   "\"id\" must be a string of 16 hex digits");
  if (r->has_name == FLUO_FIELD_ABSENT)
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_NAME, "\"name\" is missing");
  if (r->has_name == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID_NAME,
                   "\"name\" must be a string that is not empty");
  if (r->has_trace_id == FLUO_FIELD_ABSENT && !(flags & FLUO_SEGMENT_SCAN_ASSEMBLED))
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_TRACE_ID, "\"trace_id\" is missing");
  if (r->has_trace_id == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
                   "\"trace_id\" must be \"1-\", 8 hex digits, \"-\", 24 hex digits, "
                   "or 32 hex digits");
  return TRUE;
}

static gboolean
check_life (const FluoSegmentRecord *r, GError **error)
{
  if (r->has_start == FLUO_FIELD_ABSENT)
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_START_TIME,
                   "\"start_time\" is missing; it must be a number of seconds since 1970");
  if (r->has_end == FLUO_FIELD_ABSENT && !r->in_progress)
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_END_TIME,
                   "\"end_time\" is missing; send it, or \"in_progress\": true");
  if (r->has_end != FLUO_FIELD_ABSENT && r->in_progress)
    return refuse (error, r->has_type == FLUO_FIELD_VALID
                            ? FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME
                            : FLUO_SEGMENT_ERROR_IN_PROGRESS_SEGMENT_HAS_END_TIME,
                   "\"end_time\" and \"in_progress\": true exclude each other");
  if (r->has_parent_id == FLUO_FIELD_ABSENT && r->has_type == FLUO_FIELD_VALID)
    return refuse (error, FLUO_SEGMENT_ERROR_MISSING_PARENT_ID,
                   "\"parent_id\" is missing; a subsegment sent on its own must name its parent");
  if (r->has_parent_id == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID_PARENT_ID,
                   "\"parent_id\" must be a string of 16 hex digits");
  if (r->has_type == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_UNKNOWN_TYPE,
                   "\"type\" must be \"subsegment\", or be left out for a segment");
  return TRUE;
}

/* What is wrong inside a nested subsegment, and a field that has a wrong type anywhere, is
 * InvalidSegment. */
static gboolean
check_rest (const FluoSegmentRecord *r, GError **error)
{
  if (r->has_start == FLUO_FIELD_WRONG || r->has_end == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID,
                   "\"start_time\" and \"end_time\" must be numbers, not text or anything else");
  if (r->wrong)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID,
                   "\"in_progress\", \"error\", \"throttle\" and \"fault\" must be true or false, "
                   "\"subsegments\" a list of objects");
  if (r->parent == FLUO_RECORD_NONE)
    return TRUE;
  if (r->has_id == FLUO_FIELD_WRONG)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID,
                   "a subsegment's \"id\" must be a string of 16 hex digits");
  if (r->has_name != FLUO_FIELD_VALID)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID,
                   "a subsegment's \"name\" is missing or empty");
  if (r->has_start == FLUO_FIELD_ABSENT)
    return refuse (error, FLUO_SEGMENT_ERROR_INVALID, "a subsegment's \"start_time\" is missing");
  return TRUE;
}

/* Letters, numbers, spaces and "_.:/%&#=+-@" in any script. */
static gboolean
character_is_usual (gunichar c)
{
  /* A bit for every ASCII character, 32 a word. */
  static const guint32 usual[4] = { 0x00000000, 0x27ffe869, 0x87ffffff, 0x07fffffe };

  return c < 0x80 ? usual[c / 32] >> c % 32 & 1
                  : g_unichar_isalnum (c) || g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR;
}

static gboolean
name_is_usual (const char *text, gsize length)
{
  for (const char *p = text, *end = text + length; p < end;)
    if ((guint8) *p < 0x80)
      {
        if (!character_is_usual ((guint8) *p++))
          return FALSE;
      }
    else
      {
        if (!character_is_usual (g_utf8_get_char (p)))
          return FALSE;
        p = g_utf8_next_char (p);
      }
  return TRUE;
}

/* Makes the record's interval one that can be drawn. */
static void
settle (FluoSegmentRecord *r)
{
  if (r->suspect || (r->has_end == FLUO_FIELD_VALID && r->end_ns < r->start_ns))
    r->flags |= FLUO_SPAN_TIME_SUSPECT;
  /* A nested subsegment without an end is still running, whatever else it says. */
  r->in_progress = r->has_end != FLUO_FIELD_VALID;
  if (r->in_progress)
    r->flags |= FLUO_SPAN_IN_PROGRESS;
  if (r->in_progress || r->end_ns < r->start_ns)
    r->end_ns = r->start_ns;
}

/* What is odd about a record that was settled. */
static guint
find_warnings (const FluoSegmentScan *self, const FluoSegmentRecord *r)
{
  const char *name = self->text + r->name.start;
  gsize length = r->name.end - r->name.start;
  guint warnings = 0;

  if (r->flags & FLUO_SPAN_TIME_SUSPECT)
    warnings |= FLUO_SEGMENT_WARNING_TIME;
  if (r->has_id == FLUO_FIELD_VALID && r->id == 0)
    warnings |= FLUO_SEGMENT_WARNING_ZERO_ID;
  if (length > NAME_MAX_CHARS && g_utf8_strlen (name, (gssize) length) > NAME_MAX_CHARS)
    warnings |= FLUO_SEGMENT_WARNING_LONG_NAME;
  if (r->name.escaped || !name_is_usual (name, length))
    warnings |= FLUO_SEGMENT_WARNING_NAME;
  return warnings;
}

static gboolean
judge (FluoSegmentScan *self, FluoSegmentScanFlags flags, GError **error)
{
  FluoSegmentRecord *records = &g_array_index (self->records, FluoSegmentRecord, 0);

  if (!check_identity (records, flags, error) || !check_life (records, error))
    return FALSE;
  for (guint i = 0; i < self->records->len; i++)
    if (!check_rest (&records[i], error))
      return FALSE;
  for (guint i = 0; i < self->records->len; i++)
    {
      settle (&records[i]);
      if (!(flags & FLUO_SEGMENT_SCAN_ASSEMBLED))
        self->warnings |= find_warnings (self, &records[i]);
    }
  if (records->has_type != FLUO_FIELD_VALID)
    records->flags |= FLUO_SPAN_SEGMENT;
  return TRUE;
}

gboolean
fluo_segment_scan (FluoSegmentScan *self, const char *text, gsize length,
                   FluoSegmentScanFlags flags, GError **error)
{
  return fluo_segment_scan_read (self, text, length, NULL, error) && judge (self, flags, error);
}

gboolean
fluo_segment_scan_prefix (FluoSegmentScan *self, const char *text, gsize length, gsize *ret_length,
                          GError **error)
{
  gsize used;

  if (!fluo_segment_scan_read (self, text, length, &used, error) ||
      !judge (self, FLUO_SEGMENT_SCAN_ASSEMBLED, error))
    return FALSE;
  *ret_length = used;
  return TRUE;
}

gboolean
fluo_segment_head_parse (const char *text, gsize length, FluoSegmentHead *head, char **ret_id,
                         GError **error)
{
  FluoSegmentScan scan;
  const FluoSegmentRecord *r;
  gboolean valid;

  if (ret_id)
    *ret_id = NULL;
  fluo_segment_scan_init (&scan);
  /* Even a document that is too long is read, so that its sender learns the id of what was refused.
   * The rest of the program bounds what can get here. */
  valid = fluo_segment_scan (&scan, text, length, FLUO_SEGMENT_SCAN_STRICT, error);
  if (valid && length > FLUO_DOCUMENT_SIZE_MAX)
    {
      g_set_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID,
                   "the document has %" G_GSIZE_FORMAT " bytes, at most %d are allowed; "
                   "send subsegments on their own or less metadata",
                   length, FLUO_DOCUMENT_SIZE_MAX);
      valid = FALSE;
    }
  r = scan.records->len > 0 ? &g_array_index (scan.records, FluoSegmentRecord, 0) : NULL;
  if (!valid)
    {
      if (ret_id && r && r->id_text.end > r->id_text.start && (!error || !*error ||
          !g_error_matches (*error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_PARSE)))
        *ret_id = g_strndup (text + r->id_text.start, r->id_text.end - r->id_text.start);
    }
  else
    {
      head->trace_id = scan.trace_id;
      head->id = r->id;
      head->parent_id = r->parent_id;
      head->start_ns = r->start_ns;
      head->end_ns = r->end_ns;
      head->in_progress = r->in_progress;
      head->subsegment = r->has_type == FLUO_FIELD_VALID;
      head->warnings = scan.warnings;
      if (r->start_ns > fluo_time_now_ns () + FUTURE_NS)
        head->warnings |= FLUO_SEGMENT_WARNING_FUTURE;
    }
  fluo_segment_scan_clear (&scan);
  return valid;
}
