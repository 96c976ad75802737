/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-segment-reader-private.h"

#include <string.h>

#include "fluo-time-span.h"

/* A document is read once, token by token, into flat records. What is wrong with a field is only
 * noted here: the whole text must turn out to be JSON before any other complaint counts. */

/* A segment and its calls; more make the list grow. */
#define N_RECORDS_USUAL 8

static const FluoKeyRow entity_rows[] = {
  FLUO_KEY ("id", KEY_ID), FLUO_KEY ("name", KEY_NAME), FLUO_KEY ("start_time", KEY_START),
  FLUO_KEY ("end_time", KEY_END), FLUO_KEY ("trace_id", KEY_TRACE_ID),
  FLUO_KEY ("parent_id", KEY_PARENT_ID), FLUO_KEY ("in_progress", KEY_IN_PROGRESS),
  FLUO_KEY ("type", KEY_TYPE), FLUO_KEY ("namespace", KEY_NAMESPACE),
  FLUO_KEY ("origin", KEY_ORIGIN), FLUO_KEY ("fault", KEY_FAULT), FLUO_KEY ("error", KEY_ERROR),
  FLUO_KEY ("throttle", KEY_THROTTLE), FLUO_KEY ("http", KEY_HTTP), FLUO_KEY ("sql", KEY_SQL),
  FLUO_KEY ("aws", KEY_AWS), FLUO_KEY ("service", KEY_SERVICE), FLUO_KEY ("cause", KEY_CAUSE),
  FLUO_KEY ("annotations", KEY_ANNOTATIONS), FLUO_KEY ("metadata", KEY_METADATA),
  FLUO_KEY ("subsegments", KEY_SUBSEGMENTS), FLUO_KEY ("links", KEY_LINKS),
  FLUO_KEY ("inferred", KEY_INFERRED)
};
static const FluoKeyTable entity_keys = FLUO_KEY_TABLE (entity_rows, FLUO_KEYS_ENTITY);

static gboolean
text_is (const FluoJsonScanner *json, const char *word)
{
  gsize length = json->end - json->start;

  return !json->escaped && length == strlen (word) &&
         (memcmp (json->text + json->start, word, length) == 0 ||
          g_ascii_strncasecmp (json->text + json->start, word, length) == 0);
}

/* --- Entities -------------------------------------------------------------- */

static void
read_time (FluoSegmentReader *self, FluoJsonToken token, gint64 *time_ns, guint8 *field)
{
  FluoSegmentRecord *r = self->record;
  gint64 value;

  *field = token == FLUO_JSON_NULL ? FLUO_FIELD_ABSENT : FLUO_FIELD_WRONG;
  if (token != FLUO_JSON_NUMBER)
    return;
  *field = FLUO_FIELD_VALID;
  if (!fluo_json_scanner_seconds (&self->json, &value))
    value = self->json.text[self->json.start] == '-' ? G_MININT64 : G_MAXINT64;
  if (value < FLUO_TIME_PLAUSIBLE_NS || value > FLUO_TIME_MAX_NS)
    r->suspect = TRUE;
  *time_ns = CLAMP (value, FLUO_TIME_MIN_NS, FLUO_TIME_MAX_NS);
}

static void
read_id (FluoSegmentReader *self, FluoJsonToken token, guint64 *id, guint8 *field)
{
  if (token == FLUO_JSON_NULL)
    *field = FLUO_FIELD_ABSENT;
  else if (token == FLUO_JSON_STRING &&
           fluo_span_id_parse (self->json.text + self->json.start,
                               (gssize) (self->json.end - self->json.start), id))
    *field = FLUO_FIELD_VALID;
  else
    *field = FLUO_FIELD_WRONG;
}

static void
read_flag (FluoSegmentReader *self, FluoJsonToken token, guint32 flag)
{
  self->record->flags &= ~flag;
  if (token == FLUO_JSON_TRUE)
    self->record->flags |= flag;
  else if (token != FLUO_JSON_FALSE && token != FLUO_JSON_NULL)
    self->record->wrong = TRUE;
}

static void
read_namespace (FluoSegmentReader *self, FluoJsonToken token)
{
  FluoSegmentRecord *r = self->record;

  r->flags &= ~(guint32) (FLUO_SPAN_REMOTE | FLUO_SPAN_AWS);
  if (token != FLUO_JSON_STRING)
    return;
  if (text_is (&self->json, "remote"))
    r->flags |= FLUO_SPAN_REMOTE;
  else if (text_is (&self->json, "aws"))
    r->flags |= FLUO_SPAN_AWS;
}

/* The same key again: what the first one said is forgotten, so that the last wins. */
static void
forget (FluoSegmentReader *self, guint key)
{
  FluoSegmentScan *scan = self->scan;
  FluoSegmentRecord *r = self->record;
  FluoSlice none = { 0, 0, FALSE };

  scan->warnings |= FLUO_SEGMENT_WARNING_DUPLICATE_KEY;
  switch (key)
    {
    case KEY_HTTP:
      r->flags &= ~(guint32) FLUO_SPAN_HTTP;
      r->http_method = r->http_url = none;
      r->http_status = 0;
      break;
    case KEY_SQL:
      r->flags &= ~(guint32) FLUO_SPAN_SQL;
      r->sql_query = r->sql_type = none;
      break;
    case KEY_AWS:
      r->operation = r->table_name = r->queue_url = r->bucket_name = r->topic_arn =
          r->function_name = none;
      break;
    case KEY_SERVICE:
      r->version = none;
      break;
    case KEY_CAUSE:
      r->flags &= ~(guint32) FLUO_SPAN_HAS_CAUSE;
      break;
    case KEY_ANNOTATIONS:
      r->flags &= ~(guint32) FLUO_SPAN_HAS_ANNOTATIONS;
      break;
    case KEY_METADATA:
      r->flags &= ~(guint32) FLUO_SPAN_HAS_METADATA;
      break;
    case KEY_LINKS:
    case KEY_SUBSEGMENTS:
      /* Everything after the open entity is its own, since records are in preorder. */
      if (key == KEY_SUBSEGMENTS)
        g_array_set_size (scan->records, self->current + 1);
      while (scan->links->len > 0)
        {
          guint32 owner = g_array_index (scan->links, FluoSegmentLink, scan->links->len - 1).record;

          if (key == KEY_LINKS ? owner != self->current : owner <= self->current)
            break;
          g_array_set_size (scan->links, scan->links->len - 1);
        }
      break;
    default:
      break;
    }
}

/* Fields with a value of their own. Returns FALSE for the other keys. */
static gboolean
read_field (FluoSegmentReader *self, guint key, FluoJsonToken token)
{
  FluoSegmentRecord *r = self->record;
  const char *text = self->json.text + self->json.start;
  gssize length = (gssize) (self->json.end - self->json.start);

  switch (key)
    {
    case KEY_ID:
      r->id_text = fluo_segment_slice (&self->json, token);
      read_id (self, token, &r->id, &r->has_id);
      return TRUE;
    case KEY_PARENT_ID:
      read_id (self, token, &r->parent_id, &r->has_parent_id);
      return TRUE;
    case KEY_NAME:
      r->name = fluo_segment_slice (&self->json, token);
      r->has_name = token == FLUO_JSON_NULL ? FLUO_FIELD_ABSENT
                    : token == FLUO_JSON_STRING && length > 0 ? FLUO_FIELD_VALID : FLUO_FIELD_WRONG;
      return TRUE;
    case KEY_TRACE_ID:
      if (self->current == 0)
        r->has_trace_id =
            token == FLUO_JSON_NULL ? FLUO_FIELD_ABSENT
            : token == FLUO_JSON_STRING && fluo_trace_id_parse (text, length, &self->scan->trace_id)
                ? FLUO_FIELD_VALID
                : FLUO_FIELD_WRONG;
      return TRUE;
    case KEY_START:
      read_time (self, token, &r->start_ns, &r->has_start);
      return TRUE;
    case KEY_END:
      read_time (self, token, &r->end_ns, &r->has_end);
      return TRUE;
    case KEY_IN_PROGRESS:
      r->in_progress = token == FLUO_JSON_TRUE;
      r->wrong |= token != FLUO_JSON_TRUE && token != FLUO_JSON_FALSE && token != FLUO_JSON_NULL;
      return TRUE;
    case KEY_TYPE:
      r->has_type = token == FLUO_JSON_NULL ? FLUO_FIELD_ABSENT
                  : token == FLUO_JSON_STRING && fluo_json_scanner_equal (&self->json, "subsegment")
                      ? FLUO_FIELD_VALID
                      : FLUO_FIELD_WRONG;
      return TRUE;
    case KEY_NAMESPACE:
      read_namespace (self, token);
      return TRUE;
    case KEY_ORIGIN:
      r->origin = fluo_segment_slice (&self->json, token);
      return TRUE;
    case KEY_FAULT:
      read_flag (self, token, FLUO_SPAN_FAULT_FLAG);
      return TRUE;
    case KEY_ERROR:
      read_flag (self, token, FLUO_SPAN_ERROR_FLAG);
      return TRUE;
    case KEY_THROTTLE:
      read_flag (self, token, FLUO_SPAN_THROTTLE_FLAG);
      return TRUE;
    case KEY_INFERRED:
      r->inferred = token == FLUO_JSON_TRUE;
      return TRUE;
    default:
      return FALSE;
    }
}

static void
begin_entity (FluoSegmentReader *self, guint32 parent)
{
  FluoSegmentRecord *r;

  g_array_set_size (self->scan->records, self->scan->records->len + 1);
  fluo_segment_set_current (self, self->scan->records->len - 1);
  r = self->record;
  memset (r, 0, sizeof *r);
  r->parent = parent;
  r->offset = (guint32) self->json.start;
  self->open[self->depth++] = self->current;
  self->in_array = FALSE;
}

static void
end_entity (FluoSegmentReader *self)
{
  FluoSegmentRecord *r = self->record;

  r->length = (guint32) self->json.end - r->offset;
  self->depth--;
  self->in_array = TRUE;
  if (self->depth > 0)
    fluo_segment_set_current (self, self->open[self->depth - 1]);
}

/* One key of the open entity, or its end. FALSE when the text breaks. */
static gboolean
read_member (FluoSegmentReader *self)
{
  FluoSegmentRecord *r = self->record;
  FluoJsonToken token;
  guint key;

  token = fluo_segment_next_key (self, &entity_keys, &r->place, &key);
  if (token == FLUO_JSON_OBJECT_END)
    {
      end_entity (self);
      return TRUE;
    }
  if (token != FLUO_JSON_KEY)
    return FALSE;
  token = fluo_json_scanner_next (&self->json);
  if (token == FLUO_JSON_INVALID)
    return FALSE;
  if (key != KEY_NONE && (r->seen & 1u << key))
    forget (self, key);
  r->seen |= 1u << key;
  if (key == KEY_SUBSEGMENTS && token == FLUO_JSON_ARRAY_BEGIN)
    {
      self->in_array = TRUE;
      return TRUE;
    }
  if (key == KEY_SUBSEGMENTS && token != FLUO_JSON_NULL)
    r->wrong = TRUE;
  if (read_field (self, key, token))
    return fluo_json_scanner_skip (&self->json, token);
  fluo_segment_read_block (self, key, token);
  return TRUE;
}

/* One element of the open entity's subsegments, or the array's end. FALSE when the text breaks. */
static gboolean
read_element (FluoSegmentReader *self)
{
  FluoJsonToken token = fluo_json_scanner_next (&self->json);

  if (token == FLUO_JSON_OBJECT_BEGIN)
    begin_entity (self, self->current);
  else if (token == FLUO_JSON_ARRAY_END)
    self->in_array = FALSE;
  else
    {
      self->record->wrong = TRUE;
      return fluo_json_scanner_skip (&self->json, token);
    }
  return TRUE;
}

void
fluo_segment_scan_init (FluoSegmentScan *self)
{
  memset (self, 0, sizeof *self);
  self->records = g_array_sized_new (FALSE, FALSE, sizeof (FluoSegmentRecord), N_RECORDS_USUAL);
  self->links = g_array_new (FALSE, FALSE, sizeof (FluoSegmentLink));
}

void
fluo_segment_scan_clear (FluoSegmentScan *self)
{
  g_clear_pointer (&self->records, g_array_unref);
  g_clear_pointer (&self->links, g_array_unref);
}

gboolean
fluo_segment_scan_read (FluoSegmentScan *self, const char *text, gsize length, gsize *ret_length,
                        GError **error)
{
  FluoSegmentReader reader = { self };
  FluoJsonToken token;

  g_array_set_size (self->records, 0);
  g_array_set_size (self->links, 0);
  self->text = text;
  self->warnings = 0;
  memset (&self->trace_id, 0, sizeof self->trace_id);
  fluo_json_scanner_init (&reader.json, text, length);
  token = fluo_json_scanner_next (&reader.json);
  if (token == FLUO_JSON_OBJECT_BEGIN)
    {
      begin_entity (&reader, FLUO_RECORD_NONE);
      while (reader.depth > 0 && (reader.in_array ? read_element (&reader) : read_member (&reader)))
        ;
    }
  else
    fluo_json_scanner_skip (&reader.json, token);
  if (ret_length && token == FLUO_JSON_OBJECT_BEGIN && reader.depth == 0)
    {
      *ret_length = reader.json.offset;
      return TRUE;
    }
  if (fluo_json_scanner_next (&reader.json) != FLUO_JSON_END)
    {
      g_autoptr (GError) syntax = NULL;

      fluo_json_scanner_set_error (&reader.json, &syntax);
      g_set_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_PARSE,
                   "the document is not JSON: %s", syntax->message);
      return FALSE;
    }
  if (token != FLUO_JSON_OBJECT_BEGIN)
    {
      g_set_error_literal (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_PARSE,
                           "the document is not a JSON object; send one segment as one object");
      return FALSE;
    }
  return TRUE;
}
