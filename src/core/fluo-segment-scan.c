/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-segment-private.h"

#include <string.h>

#include "fluo-time-span.h"

/* A document is read once, token by token, into flat records. What is wrong with a field is only
 * noted here: the whole text must turn out to be JSON before any other complaint counts. */

#define ANNOTATION_KEY_MAX 500
#define ANNOTATION_VALUE_MAX 1000
#define ANNOTATIONS_MAX 50
#define LINKS_MAX 100 /* per trace; more are kept in the raw text only */
/* A segment and its calls; more make the list grow. */
#define N_RECORDS_USUAL 8
/* Every subsegment costs two levels of brackets. */
#define NESTING_MAX (FLUO_JSON_DEPTH_MAX / 2 + 1)

typedef struct
{
  const char *name;
  guint8      length;
  guint8      key;
} KeyRow;

#define ROW(text, key) { text, sizeof text - 1, key }

enum
{
  KEY_NONE, KEY_ID, KEY_NAME, KEY_TRACE_ID, KEY_PARENT_ID, KEY_START, KEY_END, KEY_IN_PROGRESS,
  KEY_TYPE, KEY_NAMESPACE, KEY_ORIGIN, KEY_FAULT, KEY_ERROR, KEY_THROTTLE, KEY_HTTP, KEY_SQL,
  KEY_AWS, KEY_SERVICE, KEY_CAUSE, KEY_ANNOTATIONS, KEY_METADATA, KEY_SUBSEGMENTS, KEY_LINKS,
  KEY_INFERRED, KEY_REQUEST, KEY_RESPONSE, KEY_METHOD, KEY_URL, KEY_STATUS, KEY_QUERY,
  KEY_DATABASE_TYPE, KEY_VERSION, KEY_OPERATION, KEY_TABLE, KEY_QUEUE, KEY_BUCKET, KEY_TOPIC,
  KEY_FUNCTION, KEY_EXCEPTIONS
};

static const KeyRow entity_keys[] = {
  ROW ("id", KEY_ID), ROW ("name", KEY_NAME), ROW ("start_time", KEY_START),
  ROW ("end_time", KEY_END), ROW ("trace_id", KEY_TRACE_ID), ROW ("parent_id", KEY_PARENT_ID),
  ROW ("in_progress", KEY_IN_PROGRESS), ROW ("type", KEY_TYPE), ROW ("namespace", KEY_NAMESPACE),
  ROW ("origin", KEY_ORIGIN), ROW ("fault", KEY_FAULT), ROW ("error", KEY_ERROR),
  ROW ("throttle", KEY_THROTTLE), ROW ("http", KEY_HTTP), ROW ("sql", KEY_SQL),
  ROW ("aws", KEY_AWS), ROW ("service", KEY_SERVICE), ROW ("cause", KEY_CAUSE),
  ROW ("annotations", KEY_ANNOTATIONS), ROW ("metadata", KEY_METADATA),
  ROW ("subsegments", KEY_SUBSEGMENTS), ROW ("links", KEY_LINKS), ROW ("inferred", KEY_INFERRED),
  { NULL, 0, KEY_NONE }
};
static const KeyRow http_keys[] = {
  ROW ("request", KEY_REQUEST), ROW ("response", KEY_RESPONSE), { NULL, 0, KEY_NONE }
};
static const KeyRow request_keys[] = {
  ROW ("method", KEY_METHOD), ROW ("url", KEY_URL), { NULL, 0, KEY_NONE }
};
static const KeyRow response_keys[] = { ROW ("status", KEY_STATUS), { NULL, 0, KEY_NONE } };
static const KeyRow sql_keys[] = {
  ROW ("sanitized_query", KEY_QUERY), ROW ("database_type", KEY_DATABASE_TYPE),
  { NULL, 0, KEY_NONE }
};
static const KeyRow service_keys[] = { ROW ("version", KEY_VERSION), { NULL, 0, KEY_NONE } };
static const KeyRow cause_keys[] = {
  ROW ("exceptions", KEY_EXCEPTIONS), ROW ("id", KEY_ID), { NULL, 0, KEY_NONE }
};
static const KeyRow link_keys[] = {
  ROW ("trace_id", KEY_TRACE_ID), ROW ("id", KEY_ID), { NULL, 0, KEY_NONE }
};
static const KeyRow aws_keys[] = {
  ROW ("operation", KEY_OPERATION), ROW ("table_name", KEY_TABLE), ROW ("queue_url", KEY_QUEUE),
  ROW ("bucket_name", KEY_BUCKET), ROW ("topic_arn", KEY_TOPIC),
  ROW ("function_name", KEY_FUNCTION), { NULL, 0, KEY_NONE }
};

typedef struct
{
  FluoSegmentScan  *scan;
  FluoJsonScanner   json;
  guint             current;             /* record index */
  guint             depth;               /* of open entities */
  guint32           open[NESTING_MAX];
  gboolean          in_array; /* between the elements of the innermost entity's subsegments */
} Reader;

/* Valid until the next record is appended. */
static FluoSegmentRecord *
record (Reader *self)
{
  return &g_array_index (self->scan->records, FluoSegmentRecord, self->current);
}

static guint
match (const FluoJsonScanner *json, const KeyRow *rows)
{
  const char *key = json->text + json->start;
  gsize length = json->end - json->start;

  for (; rows->name; rows++)
    if (G_UNLIKELY (json->escaped) ? fluo_json_scanner_equal (json, rows->name)
                      : rows->length == length && rows->name[0] == key[0] &&
                          memcmp (rows->name, key, length) == 0)
      return rows->key;
  return KEY_NONE;
}

static FluoSlice
slice (const FluoJsonScanner *json, FluoJsonToken token)
{
  FluoSlice none = { 0, 0, FALSE };
  FluoSlice found = { (guint32) json->start, (guint32) json->end, json->escaped };

  return token == FLUO_JSON_STRING ? found : none;
}

/* Reads an object's keys one by one; FALSE at its end or when the text breaks. */
static gboolean
next_member (FluoJsonScanner *json, const KeyRow *rows, guint *key, FluoJsonToken *value)
{
  if (fluo_json_scanner_next (json) != FLUO_JSON_KEY)
    return FALSE;
  *key = match (json, rows);
  *value = fluo_json_scanner_next (json);
  return *value != FLUO_JSON_INVALID;
}

static gboolean
text_is (const FluoJsonScanner *json, const char *word)
{
  gsize length = json->end - json->start;

  return !json->escaped && length == strlen (word) &&
         (memcmp (json->text + json->start, word, length) == 0 ||
          g_ascii_strncasecmp (json->text + json->start, word, length) == 0);
}

/* --- Blocks ---------------------------------------------------------------- */

static void
read_status (Reader *self, FluoJsonToken token)
{
  gint64 status;

  /* Digit strings occur in the wild. */
  if (token == FLUO_JSON_STRING && !self->json.escaped && self->json.end - self->json.start == 3)
    status = g_ascii_strtoll (self->json.text + self->json.start, NULL, 10);
  else if (token != FLUO_JSON_NUMBER || !fluo_json_scanner_int64 (&self->json, &status))
    status = 0;
  record (self)->http_status = status >= 100 && status <= 999 ? (gint32) status : 0;
}

static void
read_request (Reader *self)
{
  FluoJsonToken token;
  guint key;

  while (next_member (&self->json, request_keys, &key, &token))
    {
      if (key == KEY_METHOD)
        record (self)->http_method = slice (&self->json, token);
      else if (key == KEY_URL)
        record (self)->http_url = slice (&self->json, token);
      if (!fluo_json_scanner_skip (&self->json, token))
        return;
    }
}

static void
read_http (Reader *self)
{
  FluoSlice none = { 0, 0, FALSE };
  FluoJsonToken token;
  guint key;

  record (self)->flags |= FLUO_SPAN_HTTP;
  record (self)->http_method = record (self)->http_url = none;
  record (self)->http_status = 0;
  while (next_member (&self->json, http_keys, &key, &token))
    if (key == KEY_REQUEST && token == FLUO_JSON_OBJECT_BEGIN)
      read_request (self);
    else if (key == KEY_RESPONSE && token == FLUO_JSON_OBJECT_BEGIN)
      {
        while (next_member (&self->json, response_keys, &key, &token))
          {
            if (key == KEY_STATUS)
              read_status (self, token);
            if (!fluo_json_scanner_skip (&self->json, token))
              return;
          }
      }
    else if (!fluo_json_scanner_skip (&self->json, token))
      return;
}

/* Blocks whose strings go straight to a field. */
static void
read_strings (Reader *self, const KeyRow *rows)
{
  FluoJsonToken token;
  guint key;

  while (next_member (&self->json, rows, &key, &token))
    {
      FluoSegmentRecord *r = record (self);
      FluoSlice text = slice (&self->json, token);

      switch (key)
        {
        case KEY_QUERY: r->sql_query = text; break;
        case KEY_DATABASE_TYPE: r->sql_type = text; break;
        case KEY_VERSION: r->version = text; break;
        case KEY_OPERATION: r->operation = text; break;
        case KEY_TABLE: r->table_name = text; break;
        case KEY_QUEUE: r->queue_url = text; break;
        case KEY_BUCKET: r->bucket_name = text; break;
        case KEY_TOPIC: r->topic_arn = text; break;
        case KEY_FUNCTION: r->function_name = text; break;
        default: break;
        }
      if (!fluo_json_scanner_skip (&self->json, token))
        return;
    }
}

static void
read_cause (Reader *self)
{
  FluoJsonToken token;
  guint key;

  while (next_member (&self->json, cause_keys, &key, &token))
    {
      gboolean list = key == KEY_EXCEPTIONS && token == FLUO_JSON_ARRAY_BEGIN;
      gsize before = self->json.offset;

      if (!fluo_json_scanner_skip (&self->json, token))
        return;
      if ((key == KEY_ID && token == FLUO_JSON_STRING) ||
          (list && memchr (self->json.text + before, '{', self->json.offset - before)))
        record (self)->flags |= FLUO_SPAN_HAS_CAUSE;
    }
}

gboolean
fluo_annotation_key_is_valid (const char *key, gsize length)
{
  if (length == 0 || length > ANNOTATION_KEY_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (key[i]) && key[i] != '_' && key[i] != '.')
      return FALSE;
  return TRUE;
}

static void
read_annotations (Reader *self)
{
  FluoJsonScanner *json = &self->json;
  guint n = 0;

  while (fluo_json_scanner_next (json) == FLUO_JSON_KEY)
    {
      gboolean valid =
          fluo_annotation_key_is_valid (json->text + json->start, json->end - json->start);
      FluoJsonToken token = fluo_json_scanner_next (json);

      if (token == FLUO_JSON_INVALID)
        return;
      if (token == FLUO_JSON_OBJECT_BEGIN || token == FLUO_JSON_ARRAY_BEGIN ||
          token == FLUO_JSON_NULL)
        valid = FALSE;
      if (token == FLUO_JSON_STRING && json->end - json->start > ANNOTATION_VALUE_MAX &&
          g_utf8_strlen (json->text + json->start, (gssize) (json->end - json->start)) >
              ANNOTATION_VALUE_MAX)
        valid = FALSE;
      n += valid;
      if (!valid || n > ANNOTATIONS_MAX)
        self->scan->warnings |= FLUO_SEGMENT_WARNING_ANNOTATION;
      if (valid)
        record (self)->flags |= FLUO_SPAN_HAS_ANNOTATIONS;
      if (!fluo_json_scanner_skip (json, token))
        return;
    }
}

static void
read_links (Reader *self)
{
  FluoJsonScanner *json = &self->json;
  FluoJsonToken token;
  guint key;

  while ((token = fluo_json_scanner_next (json)) != FLUO_JSON_ARRAY_END &&
         token != FLUO_JSON_INVALID)
    {
      FluoSegmentLink link = { self->current };
      gboolean has_trace = FALSE;

      if (token != FLUO_JSON_OBJECT_BEGIN)
        {
          if (!fluo_json_scanner_skip (json, token))
            return;
          continue;
        }
      while (next_member (json, link_keys, &key, &token))
        {
          const char *text = json->text + json->start;
          gssize length = (gssize) (json->end - json->start);

          if (key == KEY_TRACE_ID && token == FLUO_JSON_STRING)
            has_trace = fluo_trace_id_parse (text, length, &link.trace_id);
          else if (key == KEY_ID && token == FLUO_JSON_STRING)
            fluo_span_id_parse (text, length, &link.id);
          if (!fluo_json_scanner_skip (json, token))
            return;
        }
      if (has_trace && self->scan->links->len < LINKS_MAX)
        g_array_append_val (self->scan->links, link);
    }
}

/* --- Entities -------------------------------------------------------------- */

static void
read_time (Reader *self, FluoJsonToken token, gint64 *time_ns, guint8 *field)
{
  FluoSegmentRecord *r = record (self);
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
read_id (Reader *self, FluoJsonToken token, guint64 *id, guint8 *field)
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
read_flag (Reader *self, FluoJsonToken token, guint32 flag)
{
  record (self)->flags &= ~flag;
  if (token == FLUO_JSON_TRUE)
    record (self)->flags |= flag;
  else if (token != FLUO_JSON_FALSE && token != FLUO_JSON_NULL)
    record (self)->wrong = TRUE;
}

static void
read_namespace (Reader *self, FluoJsonToken token)
{
  FluoSegmentRecord *r = record (self);

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
forget (Reader *self, guint key)
{
  FluoSegmentScan *scan = self->scan;
  FluoSegmentRecord *r = record (self);
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

/* Blocks are read to their closing bracket. */
static void
read_block (Reader *self, guint key, FluoJsonToken token)
{
  gsize before = self->json.offset;

  if (key == KEY_LINKS && token == FLUO_JSON_ARRAY_BEGIN)
    {
      read_links (self);
      return;
    }
  if (key == KEY_CAUSE && token == FLUO_JSON_STRING)
    record (self)->flags |= FLUO_SPAN_HAS_CAUSE;
  if (token != FLUO_JSON_OBJECT_BEGIN)
    {
      fluo_json_scanner_skip (&self->json, token);
      return;
    }
  switch (key)
    {
    case KEY_HTTP:
      read_http (self);
      break;
    case KEY_SQL:
      record (self)->flags |= FLUO_SPAN_SQL;
      read_strings (self, sql_keys);
      break;
    case KEY_AWS:
      read_strings (self, aws_keys);
      break;
    case KEY_SERVICE:
      read_strings (self, service_keys);
      break;
    case KEY_CAUSE:
      read_cause (self);
      break;
    case KEY_ANNOTATIONS:
      read_annotations (self);
      break;
    default:
      if (fluo_json_scanner_skip (&self->json, token) && key == KEY_METADATA &&
          memchr (self->json.text + before, ':', self->json.offset - before))
        record (self)->flags |= FLUO_SPAN_HAS_METADATA;
      break;
    }
}

/* Fields with a value of their own. Returns FALSE for the other keys. */
static gboolean
read_field (Reader *self, guint key, FluoJsonToken token)
{
  FluoSegmentRecord *r = record (self);
  const char *text = self->json.text + self->json.start;
  gssize length = (gssize) (self->json.end - self->json.start);

  switch (key)
    {
    case KEY_ID:
      r->id_text = slice (&self->json, token);
      read_id (self, token, &r->id, &r->has_id);
      return TRUE;
    case KEY_PARENT_ID:
      read_id (self, token, &r->parent_id, &r->has_parent_id);
      return TRUE;
    case KEY_NAME:
      r->name = slice (&self->json, token);
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
      r->origin = slice (&self->json, token);
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
begin_entity (Reader *self, guint32 parent)
{
  FluoSegmentRecord fresh = { 0 };

  fresh.parent = parent;
  fresh.offset = (guint32) self->json.start;
  g_array_append_val (self->scan->records, fresh);
  self->current = self->scan->records->len - 1;
  self->open[self->depth++] = self->current;
  self->in_array = FALSE;
}

static void
end_entity (Reader *self)
{
  FluoSegmentRecord *r = record (self);

  r->length = (guint32) self->json.end - r->offset;
  self->depth--;
  self->in_array = TRUE;
  if (self->depth > 0)
    self->current = self->open[self->depth - 1];
}

/* One key of the open entity, or its end. FALSE when the text breaks. */
static gboolean
read_member (Reader *self)
{
  FluoJsonToken token = fluo_json_scanner_next (&self->json);
  guint key;

  if (token == FLUO_JSON_OBJECT_END)
    {
      end_entity (self);
      return TRUE;
    }
  if (token != FLUO_JSON_KEY)
    return FALSE;
  key = match (&self->json, entity_keys);
  token = fluo_json_scanner_next (&self->json);
  if (token == FLUO_JSON_INVALID)
    return FALSE;
  if (key != KEY_NONE && (record (self)->seen & 1u << key))
    forget (self, key);
  record (self)->seen |= 1u << key;
  if (key == KEY_SUBSEGMENTS && token == FLUO_JSON_ARRAY_BEGIN)
    {
      self->in_array = TRUE;
      return TRUE;
    }
  if (key == KEY_SUBSEGMENTS && token != FLUO_JSON_NULL)
    record (self)->wrong = TRUE;
  if (read_field (self, key, token))
    return fluo_json_scanner_skip (&self->json, token);
  read_block (self, key, token);
  return TRUE;
}

/* One element of the open entity's subsegments, or the array's end. FALSE when the text breaks. */
static gboolean
read_element (Reader *self)
{
  FluoJsonToken token = fluo_json_scanner_next (&self->json);

  if (token == FLUO_JSON_OBJECT_BEGIN)
    begin_entity (self, self->current);
  else if (token == FLUO_JSON_ARRAY_END)
    self->in_array = FALSE;
  else
    {
      record (self)->wrong = TRUE;
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
  Reader reader = { self };
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
