/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <math.h>
#include <string.h>

#include "otlp/fluo-otlp-model.h"

/* OTLP's JSON is protobuf's JSON with ids in hexadecimal. Names are taken in lower camel case and
 * as the message definition has them, 64-bit numbers as numbers and as strings, enumerations as
 * numbers and by name. */

typedef struct
{
  const FluoOtlpVisitor *visitor;
  gpointer               data;
  FluoJsonTape          *tape;
  GPtrArray             *strings; /* of the current span */
  GString               *json;
  FluoOtlpSpan          *span;
} Decoder;

/* An array or a map that is being written, with the place reached in it. */
typedef struct
{
  guint32  list;
  guint32  at;   /* the next element; FLUO_JSON_NONE = the end */
  gboolean map;
} Level;

static guint32
get (Decoder *self, guint32 object, const char *camel, const char *snake)
{
  guint32 node;

  if (fluo_json_tape_type (self->tape, object) != FLUO_JSON_OBJECT_BEGIN)
    return FLUO_JSON_NONE;
  node = fluo_json_tape_get (self->tape, object, camel);
  return node == FLUO_JSON_NONE && snake ? fluo_json_tape_get (self->tape, object, snake) : node;
}

/* The first element of a list; what is no list has none. */
static guint32
first (Decoder *self, guint32 list)
{
  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return FLUO_JSON_NONE;
  return fluo_json_tape_first (self->tape, list);
}

#define FOREACH(self, list, i) \
  for (guint32 i = first (self, list); i != FLUO_JSON_NONE; \
       i = fluo_json_tape_next ((self)->tape, list, i))

/* Never NULL; lives as long as the span. */
static const char *
text (Decoder *self, guint32 node)
{
  char *copy = fluo_json_tape_dup (self->tape, node);

  if (!copy)
    return "";
  g_ptr_array_add (self->strings, copy);
  return copy;
}

static gint64
int_of (Decoder *self, guint32 node)
{
  g_autofree char *copy = NULL;
  gint64 value = 0;

  if (fluo_json_tape_type (self->tape, node) != FLUO_JSON_STRING)
    return fluo_json_tape_int (self->tape, node, 0);
  copy = fluo_json_tape_dup (self->tape, node);
  if (!g_ascii_string_to_signed (copy, 10, G_MININT64, G_MAXINT64, &value, NULL))
    return 0;
  return value;
}

static guint64
time_of (Decoder *self, guint32 node)
{
  return (guint64) MAX (int_of (self, node), 0);
}

/* A number of an enumeration, or its name among @names. */
static int
enum_of (Decoder *self, guint32 node, const char *const *names, guint n)
{
  g_autofree char *copy = fluo_json_tape_dup (self->tape, node);

  for (guint i = 0; copy && i < n; i++)
    if (strcmp (copy, names[i]) == 0)
      return (int) i;
  return (int) CLAMP (int_of (self, node), G_MININT, G_MAXINT);
}

/* --- Values ------------------------------------------------------------- */

static double
double_of (Decoder *self, guint32 node)
{
  g_autofree char *copy = fluo_json_tape_dup (self->tape, node);

  return copy ? g_ascii_strtod (copy, NULL) : fluo_json_tape_double (self->tape, node, NAN);
}

/* The list of a value that is an array or a map, or FLUO_JSON_NONE. */
static guint32
container_of (Decoder *self, guint32 value, gboolean *ret_map)
{
  guint32 array = get (self, value, "arrayValue", "array_value");
  guint32 map = get (self, value, "kvlistValue", "kvlist_value");

  *ret_map = fluo_json_tape_type (self->tape, map) == FLUO_JSON_OBJECT_BEGIN;
  return *ret_map ? map
                  : fluo_json_tape_type (self->tape, array) == FLUO_JSON_OBJECT_BEGIN
                    ? array
                    : FLUO_JSON_NONE;
}

static gboolean
has (Decoder *self, guint32 value, const char *camel, const char *snake, guint32 *ret)
{
  *ret = get (self, value, camel, snake);
  return fluo_json_tape_type (self->tape, *ret) != FLUO_JSON_NULL;
}

static void
read_scalar (Decoder *self, guint32 value, FluoOtlpValue *ret)
{
  guint32 node;

  *ret = (FluoOtlpValue) { FLUO_OTLP_NONE };
  if (has (self, value, "stringValue", "string_value", &node))
    {
      ret->type = FLUO_OTLP_STRING;
      ret->text = text (self, node);
      ret->length = strlen (ret->text);
    }
  else if (has (self, value, "boolValue", "bool_value", &node))
    {
      ret->type = FLUO_OTLP_BOOL;
      ret->boolean = fluo_json_tape_boolean (self->tape, node, FALSE);
    }
  else if (has (self, value, "intValue", "int_value", &node))
    {
      ret->type = FLUO_OTLP_INT;
      ret->integer = int_of (self, node);
    }
  else if (has (self, value, "doubleValue", "double_value", &node))
    {
      ret->type = FLUO_OTLP_DOUBLE;
      ret->number = double_of (self, node);
    }
  else if (has (self, value, "bytesValue", "bytes_value", &node))
    {
      /* Base64 already, which is also how bytes are shown. */
      ret->type = FLUO_OTLP_STRING;
      ret->text = text (self, node);
      ret->length = strlen (ret->text);
    }
}

static Level
open_level (Decoder *self, guint32 container, gboolean map)
{
  guint32 list = get (self, container, "values", NULL);

  return (Level) { list, first (self, list), map };
}

/* FALSE when it is deeper than allowed. */
static gboolean
write_container (Decoder *self, guint32 container, gboolean map, FluoJsonWriter *writer)
{
  Level levels[FLUO_OTLP_VALUE_DEPTH_MAX];
  guint depth = 0;

  levels[depth++] = open_level (self, container, map);
  fluo_json_writer_begin (writer, map ? '{' : '[');
  while (depth > 0)
    {
      Level *level = &levels[depth - 1];
      FluoOtlpValue scalar;
      guint32 value;

      if (level->at == FLUO_JSON_NONE)
        {
          fluo_json_writer_end (writer, level->map ? '}' : ']');
          depth--;
          continue;
        }
      value = level->at;
      level->at = fluo_json_tape_next (self->tape, level->list, level->at);
      if (level->map)
        {
          fluo_json_writer_key (writer, text (self, get (self, value, "key", NULL)));
          value = get (self, value, "value", NULL);
        }
      container = container_of (self, value, &map);
      if (container != FLUO_JSON_NONE)
        {
          if (depth == FLUO_OTLP_VALUE_DEPTH_MAX)
            return FALSE;
          levels[depth++] = open_level (self, container, map);
          fluo_json_writer_begin (writer, map ? '{' : '[');
          continue;
        }
      read_scalar (self, value, &scalar);
      fluo_otlp_value_write (&scalar, writer);
    }
  return TRUE;
}

static gboolean
read_value (Decoder *self, guint32 value, FluoOtlpValue *ret)
{
  gboolean map;
  guint32 container = container_of (self, value, &map);
  FluoJsonWriter writer;
  char *copy;

  if (container == FLUO_JSON_NONE)
    {
      read_scalar (self, value, ret);
      return TRUE;
    }
  g_string_truncate (self->json, 0);
  fluo_json_writer_init (&writer, self->json);
  if (!write_container (self, container, map, &writer))
    return FALSE;
  copy = g_strndup (self->json->str, self->json->len);
  g_ptr_array_add (self->strings, copy);
  *ret = (FluoOtlpValue) { FLUO_OTLP_JSON, copy, self->json->len };
  return TRUE;
}

static gboolean
read_attributes (Decoder *self, guint32 list, GArray *ret)
{
  g_array_set_size (ret, 0);
  FOREACH (self, list, i)
    {
      FluoOtlpAttribute attribute = { .key = text (self, get (self, i, "key", NULL)) };

      if (!read_value (self, get (self, i, "value", NULL), &attribute.value))
        return FALSE;
      g_array_append_val (ret, attribute);
    }
  return TRUE;
}

/* --- Spans -------------------------------------------------------------- */

static gboolean
read_trace_id (Decoder *self, guint32 node, FluoTraceId *ret)
{
  g_autofree char *copy = fluo_json_tape_dup (self->tape, node);

  return copy && strlen (copy) == FLUO_TRACE_ID_W3C_LEN && fluo_trace_id_parse (copy, -1, ret);
}

static gboolean
read_id (Decoder *self, guint32 node, guint64 *ret)
{
  g_autofree char *copy = fluo_json_tape_dup (self->tape, node);

  return copy && fluo_span_id_parse (copy, -1, ret);
}

static gboolean
read_events_and_links (Decoder *self, guint32 in)
{
  FOREACH (self, get (self, in, "events", NULL), i)
    {
      FluoOtlpEvent *event = fluo_otlp_span_add_event (self->span);

      event->time_ns = (gint64) time_of (self, get (self, i, "timeUnixNano", "time_unix_nano"));
      event->name = text (self, get (self, i, "name", NULL));
      if (!read_attributes (self, get (self, i, "attributes", NULL), event->attributes))
        return FALSE;
    }
  FOREACH (self, get (self, in, "links", NULL), i)
    {
      FluoTraceId trace_id;
      FluoOtlpLink *link;
      guint64 id;

      if (!read_trace_id (self, get (self, i, "traceId", "trace_id"), &trace_id) ||
          !read_id (self, get (self, i, "spanId", "span_id"), &id))
        continue;
      link = fluo_otlp_span_add_link (self->span);
      link->trace_id = trace_id;
      link->span_id = id;
      if (!read_attributes (self, get (self, i, "attributes", NULL), link->attributes))
        return FALSE;
    }
  return TRUE;
}

static guint32
dropped (Decoder *self, guint32 in, const char *camel, const char *snake)
{
  return (guint32) CLAMP (int_of (self, get (self, in, camel, snake)), 0, G_MAXINT32);
}

/* NULL, or why the span can't be taken. */
static const char *
read_span (Decoder *self, guint32 in)
{
  static const char *const kinds[] = {
    "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
  };
  static const char *const statuses[] = { "STATUS_CODE_UNSET", "STATUS_CODE_OK",
                                          "STATUS_CODE_ERROR" };
  FluoOtlpSpan *span = self->span;
  guint32 status = get (self, in, "status", NULL), parent;

  if (fluo_json_tape_type (self->tape, in) != FLUO_JSON_OBJECT_BEGIN)
    return "a span is not an object";
  if (!read_trace_id (self, get (self, in, "traceId", "trace_id"), &span->trace_id))
    return "a traceId is not 32 hexadecimal digits";
  if (!read_id (self, get (self, in, "spanId", "span_id"), &span->id))
    return "a spanId is not 16 hexadecimal digits";
  parent = get (self, in, "parentSpanId", "parent_span_id");
  if (text (self, parent)[0] && !read_id (self, parent, &span->parent_id))
    return "a parentSpanId is not 16 hexadecimal digits";
  span->name = text (self, get (self, in, "name", NULL));
  span->kind = enum_of (self, get (self, in, "kind", NULL), kinds, G_N_ELEMENTS (kinds));
  span->flags = (guint32) CLAMP (int_of (self, get (self, in, "flags", NULL)), 0, G_MAXUINT32);
  span->start_ns = time_of (self, get (self, in, "startTimeUnixNano", "start_time_unix_nano"));
  span->end_ns = time_of (self, get (self, in, "endTimeUnixNano", "end_time_unix_nano"));
  span->n_dropped = dropped (self, in, "droppedAttributesCount", "dropped_attributes_count") +
                    dropped (self, in, "droppedEventsCount", "dropped_events_count") +
                    dropped (self, in, "droppedLinksCount", "dropped_links_count");
  span->status =
    enum_of (self, get (self, status, "code", NULL), statuses, G_N_ELEMENTS (statuses));
  span->status_message = text (self, get (self, status, "message", NULL));
  if (!read_attributes (self, get (self, in, "attributes", NULL), span->attributes) ||
      !read_events_and_links (self, in))
    return "an attribute is nested too deep";
  return NULL;
}

static void
visit_spans (Decoder *self, guint32 scope_spans)
{
  guint32 scope = get (self, scope_spans, "scope", NULL);
  FluoOtlpScope seen = { text (self, get (self, scope, "name", NULL)),
                         text (self, get (self, scope, "version", NULL)) };
  g_autoptr (GPtrArray) kept = self->strings;

  self->strings = g_ptr_array_new_with_free_func (g_free);
  self->visitor->scope (self->data, &seen);
  FOREACH (self, get (self, scope_spans, "spans", NULL), i)
    {
      const char *reason;

      fluo_otlp_span_reset (self->span);
      g_ptr_array_set_size (self->strings, 0);
      reason = read_span (self, i);
      if (reason)
        self->visitor->refused (self->data, reason);
      else
        self->visitor->span (self->data, self->span);
    }
  g_ptr_array_unref (self->strings);
  self->strings = g_steal_pointer (&kept);
}

static gboolean
visit_resource (Decoder *self, guint32 resource_spans, GError **error)
{
  FluoOtlpResource resource = { g_array_new (FALSE, TRUE, sizeof (FluoOtlpAttribute)) };
  g_autoptr (GArray) attributes = resource.attributes;
  guint32 in = get (self, resource_spans, "resource", NULL);

  if (!read_attributes (self, get (self, in, "attributes", NULL), attributes))
    {
      g_set_error_literal (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED,
                           "a resource attribute is nested too deep");
      return FALSE;
    }
  self->visitor->resource (self->data, &resource);
  FOREACH (self, get (self, resource_spans, "scopeSpans", "scope_spans"), i)
    visit_spans (self, i);
  return TRUE;
}

gboolean
fluo_otlp_decode_json (GBytes *body, const FluoOtlpVisitor *visitor, gpointer data, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (body, &local_error);
  g_autoptr (FluoOtlpSpan) span = NULL;
  Decoder self = { visitor, data, tape };
  gboolean whole = TRUE;
  guint32 list;

  if (!tape)
    {
      g_set_error (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED, "the body is not JSON: %s",
                   local_error->message);
      return FALSE;
    }
  list = get (&self, 0, "resourceSpans", "resource_spans");
  if (fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN ||
      (list != FLUO_JSON_NONE && fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN &&
       fluo_json_tape_type (tape, list) != FLUO_JSON_NULL))
    {
      g_set_error_literal (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED,
                           "the body is not an ExportTraceServiceRequest");
      return FALSE;
    }
  self.strings = g_ptr_array_new_with_free_func (g_free);
  self.json = g_string_new (NULL);
  self.span = span = fluo_otlp_span_new ();
  for (guint32 i = first (&self, list); whole && i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      g_ptr_array_set_size (self.strings, 0);
      whole = visit_resource (&self, i, error);
    }
  g_ptr_array_unref (self.strings);
  g_string_free (self.json, TRUE);
  return whole;
}
