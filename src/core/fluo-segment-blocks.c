/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-segment-reader-private.h"

/* What is in an entity's blocks: http, sql, aws, service, cause, annotations, metadata, links. */

#define ANNOTATION_KEY_MAX 500
#define ANNOTATION_VALUE_MAX 1000
#define ANNOTATIONS_MAX 50
#define LINKS_MAX 100 /* per trace; more are kept in the raw text only */

static const FluoKeyRow http_rows[] = {
  FLUO_KEY ("request", KEY_REQUEST), FLUO_KEY ("response", KEY_RESPONSE)
};
static const FluoKeyRow request_rows[] = {
  FLUO_KEY ("method", KEY_METHOD), FLUO_KEY ("url", KEY_URL)
};
static const FluoKeyRow response_rows[] = {
  FLUO_KEY ("status", KEY_STATUS)
};
static const FluoKeyRow sql_rows[] = {
  FLUO_KEY ("sanitized_query", KEY_QUERY), FLUO_KEY ("database_type", KEY_DATABASE_TYPE)
};
static const FluoKeyRow service_rows[] = {
  FLUO_KEY ("version", KEY_VERSION)
};
static const FluoKeyRow cause_rows[] = {
  FLUO_KEY ("exceptions", KEY_EXCEPTIONS), FLUO_KEY ("id", KEY_ID)
};
static const FluoKeyRow link_rows[] = {
  FLUO_KEY ("trace_id", KEY_TRACE_ID), FLUO_KEY ("id", KEY_ID)
};
static const FluoKeyRow aws_rows[] = {
  FLUO_KEY ("operation", KEY_OPERATION), FLUO_KEY ("table_name", KEY_TABLE),
  FLUO_KEY ("queue_url", KEY_QUEUE), FLUO_KEY ("bucket_name", KEY_BUCKET),
  FLUO_KEY ("topic_arn", KEY_TOPIC), FLUO_KEY ("function_name", KEY_FUNCTION)
};

static const FluoKeyTable http_keys = FLUO_KEY_TABLE (http_rows, FLUO_KEYS_HTTP);
static const FluoKeyTable request_keys = FLUO_KEY_TABLE (request_rows, FLUO_KEYS_REQUEST);
static const FluoKeyTable response_keys = FLUO_KEY_TABLE (response_rows, FLUO_KEYS_RESPONSE);
static const FluoKeyTable sql_keys = FLUO_KEY_TABLE (sql_rows, FLUO_KEYS_SQL);
static const FluoKeyTable service_keys = FLUO_KEY_TABLE (service_rows, FLUO_KEYS_SERVICE);
static const FluoKeyTable cause_keys = FLUO_KEY_TABLE (cause_rows, FLUO_KEYS_CAUSE);
static const FluoKeyTable link_keys = FLUO_KEY_TABLE (link_rows, FLUO_KEYS_LINK);
static const FluoKeyTable aws_keys = FLUO_KEY_TABLE (aws_rows, FLUO_KEYS_AWS);

/* Reads an object's keys one by one; FALSE at its end or when the text breaks. */
static gboolean
next_member (FluoSegmentReader *self, const FluoKeyTable *table, guint8 *place, guint *key,
             FluoJsonToken *value)
{
  if (fluo_segment_next_key (self, table, place, key) != FLUO_JSON_KEY)
    return FALSE;
  *value = fluo_json_scanner_next (&self->json);
  return *value != FLUO_JSON_INVALID;
}

static void
read_status (FluoSegmentReader *self, FluoJsonToken token)
{
  gint64 status;

  /* Digit strings occur in the wild. */
  if (token == FLUO_JSON_STRING && !self->json.escaped && self->json.end - self->json.start == 3)
    status = g_ascii_strtoll (self->json.text + self->json.start, NULL, 10);
  else if (token != FLUO_JSON_NUMBER || !fluo_json_scanner_int64 (&self->json, &status))
    status = 0;
  self->record->http_status = status >= 100 && status <= 999 ? (gint32) status : 0;
}

static void
read_request (FluoSegmentReader *self)
{
  FluoJsonToken token;
  guint8 place = 0;
  guint key;

  while (next_member (self, &request_keys, &place, &key, &token))
    {
      if (key == KEY_METHOD)
        self->record->http_method = fluo_segment_slice (&self->json, token);
      else if (key == KEY_URL)
        self->record->http_url = fluo_segment_slice (&self->json, token);
      if (!fluo_json_scanner_skip (&self->json, token))
        return;
    }
}

static void
read_http (FluoSegmentReader *self)
{
  FluoSlice none = { 0, 0, FALSE };
  FluoJsonToken token;
  guint8 place = 0;
  guint key;

  self->record->flags |= FLUO_SPAN_HTTP;
  self->record->http_method = self->record->http_url = none;
  self->record->http_status = 0;
  while (next_member (self, &http_keys, &place, &key, &token))
    if (key == KEY_REQUEST && token == FLUO_JSON_OBJECT_BEGIN)
      read_request (self);
    else if (key == KEY_RESPONSE && token == FLUO_JSON_OBJECT_BEGIN)
      {
        guint8 inner = 0;

        while (next_member (self, &response_keys, &inner, &key, &token))
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
read_strings (FluoSegmentReader *self, const FluoKeyTable *keys)
{
  FluoJsonToken token;
  guint8 place = 0;
  guint key;

  while (next_member (self, keys, &place, &key, &token))
    {
      FluoSegmentRecord *r = self->record;
      FluoSlice text = fluo_segment_slice (&self->json, token);

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
read_cause (FluoSegmentReader *self)
{
  FluoJsonToken token;
  guint8 place = 0;
  guint key;

  while (next_member (self, &cause_keys, &place, &key, &token))
    {
      gboolean list = key == KEY_EXCEPTIONS && token == FLUO_JSON_ARRAY_BEGIN;
      gsize before = self->json.offset;

      if (!fluo_json_scanner_skip (&self->json, token))
        return;
      if ((key == KEY_ID && token == FLUO_JSON_STRING) ||
          (list && memchr (self->json.text + before, '{', self->json.offset - before)))
        self->record->flags |= FLUO_SPAN_HAS_CAUSE;
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
read_annotations (FluoSegmentReader *self)
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
        self->record->flags |= FLUO_SPAN_HAS_ANNOTATIONS;
      if (!fluo_json_scanner_skip (json, token))
        return;
    }
}

static void
read_links (FluoSegmentReader *self)
{
  FluoJsonScanner *json = &self->json;
  FluoJsonToken token;
  guint key;

  while ((token = fluo_json_scanner_next (json)) != FLUO_JSON_ARRAY_END &&
         token != FLUO_JSON_INVALID)
    {
      FluoSegmentLink link = { self->current };
      gboolean has_trace = FALSE;
      guint8 place = 0;

      if (token != FLUO_JSON_OBJECT_BEGIN)
        {
          if (!fluo_json_scanner_skip (json, token))
            return;
          continue;
        }
      while (next_member (self, &link_keys, &place, &key, &token))
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

/* Blocks are read to their closing bracket. */
void
fluo_segment_read_block (FluoSegmentReader *self, guint key, FluoJsonToken token)
{
  gsize before = self->json.offset;

  if (key == KEY_LINKS && token == FLUO_JSON_ARRAY_BEGIN)
    {
      read_links (self);
      return;
    }
  if (key == KEY_CAUSE && token == FLUO_JSON_STRING)
    self->record->flags |= FLUO_SPAN_HAS_CAUSE;
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
      self->record->flags |= FLUO_SPAN_SQL;
      read_strings (self, &sql_keys);
      break;
    case KEY_AWS:
      read_strings (self, &aws_keys);
      break;
    case KEY_SERVICE:
      read_strings (self, &service_keys);
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
        self->record->flags |= FLUO_SPAN_HAS_METADATA;
      break;
    }
}
