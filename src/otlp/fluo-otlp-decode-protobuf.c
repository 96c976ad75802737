/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-model.h"
#include "fluo-otlp.pb-c.h"

/* What the envelope (the request without its spans' insides) and one span may take in memory. A
 * hundred bytes of struct can come from two bytes of message, so the message's own size is no
 * bound. */
#define ENVELOPE_MEMORY_MAX (96 * 1024 * 1024)
#define SPAN_MEMORY_MAX (32 * 1024 * 1024)

/* A segment document holds 64 KB; a span of this size never becomes one. */
#define SPAN_BYTES_MAX (1024 * 1024)

#define BLOCK_BYTES (64 * 1024)

/* --- Memory ------------------------------------------------------------- */

/* Memory that is given back all at once. Answers NULL beyond the ceiling, which protobuf-c takes as
 * the end of its work. */
typedef struct
{
  GPtrArray *blocks;
  guint8    *block;  /* the current one; blocks[0] is kept for the next use */
  gsize      used;
  gsize      size;
  gsize      total;
  gsize      total_max;
} Arena;

static void *
arena_alloc (void *data, size_t size)
{
  Arena *self = data;
  void *memory;

  if (size > self->total_max)
    return NULL;
  size = (size + 15) & ~(gsize) 15;
  if (self->total + size > self->total_max)
    return NULL;
  self->total += size;
  if (self->used + size > self->size)
    {
      self->size = MAX (BLOCK_BYTES, size);
      self->block = g_malloc (self->size);
      self->used = 0;
      g_ptr_array_add (self->blocks, self->block);
    }
  memory = self->block + self->used;
  self->used += size;
  return memory;
}

static void
arena_free (void *data, void *memory)
{
}

static void
arena_init (Arena *self, gsize total_max)
{
  *self = (Arena) { .blocks = g_ptr_array_new_with_free_func (g_free), .total_max = total_max };
}

static void
arena_reset (Arena *self)
{
  if (self->blocks->len > 1 || self->size > BLOCK_BYTES)
    {
      g_ptr_array_set_size (self->blocks, 0);
      self->block = NULL;
      self->size = 0;
    }
  self->used = 0;
  self->total = 0;
}

static void
arena_clear (Arena *self)
{
  g_ptr_array_unref (self->blocks);
}

/* --- Values ------------------------------------------------------------- */

typedef struct
{
  const FluoOtlpVisitor *visitor;
  gpointer               data;
  Arena                  envelope;
  Arena                  arena;     /* of the current span */
  ProtobufCAllocator     allocator; /* over it */
  GString               *json;
  FluoOtlpSpan          *span;
} Decoder;

/* An array or a map that is being written, with the place reached in it. */
typedef struct
{
  Fluo__Otlp__ArrayValue   *array;
  Fluo__Otlp__KeyValueList *map;
  gsize                     i;
} Level;

/* FALSE when it isn't such a message. */
static gboolean
open_level (Decoder *self, const Fluo__Otlp__AnyValue *value, Level *level)
{
  *level = (Level) { 0 };
  if (value->value_case == FLUO__OTLP__ANY_VALUE__VALUE_ARRAY_VALUE)
    level->array = fluo__otlp__array_value__unpack (&self->allocator, value->array_value.len,
                                                    value->array_value.data);
  else
    level->map = fluo__otlp__key_value_list__unpack (&self->allocator, value->kvlist_value.len,
                                                     value->kvlist_value.data);
  return level->array || level->map;
}

static gboolean
is_container (const Fluo__Otlp__AnyValue *value)
{
  return value && (value->value_case == FLUO__OTLP__ANY_VALUE__VALUE_ARRAY_VALUE ||
                   value->value_case == FLUO__OTLP__ANY_VALUE__VALUE_KVLIST_VALUE);
}

static void
read_scalar (const Fluo__Otlp__AnyValue *value, FluoOtlpValue *ret)
{
  *ret = (FluoOtlpValue) { FLUO_OTLP_NONE };
  switch (value ? value->value_case : FLUO__OTLP__ANY_VALUE__VALUE__NOT_SET)
    {
    case FLUO__OTLP__ANY_VALUE__VALUE_STRING_VALUE:
      ret->type = FLUO_OTLP_STRING;
      ret->text = value->string_value.len ? (const char *) value->string_value.data : "";
      ret->length = value->string_value.len;
      break;
    case FLUO__OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
      ret->type = FLUO_OTLP_BOOL;
      ret->boolean = value->bool_value != 0;
      break;
    case FLUO__OTLP__ANY_VALUE__VALUE_INT_VALUE:
      ret->type = FLUO_OTLP_INT;
      ret->integer = value->int_value;
      break;
    case FLUO__OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
      ret->type = FLUO_OTLP_DOUBLE;
      ret->number = value->double_value;
      break;
    case FLUO__OTLP__ANY_VALUE__VALUE_BYTES_VALUE:
      ret->type = FLUO_OTLP_BYTES;
      ret->text = value->bytes_value.len ? (const char *) value->bytes_value.data : "";
      ret->length = value->bytes_value.len;
      break;
    default:
      break;
    }
}

/* Writes an array or a map, as deep as allowed. FALSE when it is deeper, or broken. */
static gboolean
write_container (Decoder *self, const Fluo__Otlp__AnyValue *value, FluoJsonWriter *writer)
{
  Level levels[FLUO_OTLP_VALUE_DEPTH_MAX];
  guint depth = 0;

  if (!open_level (self, value, &levels[depth++]))
    return FALSE;
  fluo_json_writer_begin (writer, levels[0].array ? '[' : '{');
  while (depth > 0)
    {
      Level *level = &levels[depth - 1];
      const Fluo__Otlp__AnyValue *next;
      FluoOtlpValue scalar;

      if (level->i == (level->array ? level->array->n_values : level->map->n_values))
        {
          fluo_json_writer_end (writer, level->array ? ']' : '}');
          depth--;
          continue;
        }
      if (level->map)
        fluo_json_writer_key (writer, level->map->values[level->i]->key);
      next = level->array ? level->array->values[level->i] : level->map->values[level->i]->value;
      level->i++;
      if (is_container (next))
        {
          if (depth == FLUO_OTLP_VALUE_DEPTH_MAX || !open_level (self, next, &levels[depth]))
            return FALSE;
          fluo_json_writer_begin (writer, levels[depth++].array ? '[' : '{');
          continue;
        }
      read_scalar (next, &scalar);
      fluo_otlp_value_write (&scalar, writer);
    }
  return TRUE;
}

static gboolean
read_value (Decoder *self, const Fluo__Otlp__AnyValue *value, FluoOtlpValue *ret)
{
  FluoJsonWriter writer;
  char *copy;

  if (!is_container (value))
    {
      read_scalar (value, ret);
      return TRUE;
    }
  g_string_truncate (self->json, 0);
  fluo_json_writer_init (&writer, self->json);
  if (!write_container (self, value, &writer))
    return FALSE;
  copy = arena_alloc (&self->arena, self->json->len + 1);
  if (!copy)
    return FALSE;
  memcpy (copy, self->json->str, self->json->len + 1);
  *ret = (FluoOtlpValue) { FLUO_OTLP_JSON, copy, self->json->len };
  return TRUE;
}

static gboolean
read_attributes (Decoder *self, Fluo__Otlp__KeyValue **pairs, gsize n, GArray *ret)
{
  g_array_set_size (ret, 0);
  for (gsize i = 0; i < n; i++)
    {
      FluoOtlpAttribute attribute = { .key = pairs[i]->key };

      if (!read_value (self, pairs[i]->value, &attribute.value))
        return FALSE;
      g_array_append_val (ret, attribute);
    }
  return TRUE;
}

/* --- Spans -------------------------------------------------------------- */

static gboolean
read_id (const ProtobufCBinaryData *bytes, guint64 *ret)
{
  guint64 value;

  if (bytes->len != sizeof value)
    return FALSE;
  memcpy (&value, bytes->data, sizeof value);
  *ret = GUINT64_FROM_BE (value);
  return TRUE;
}

static gboolean
read_trace_id (const ProtobufCBinaryData *bytes, FluoTraceId *ret)
{
  if (bytes->len != sizeof ret->bytes)
    return FALSE;
  memcpy (ret->bytes, bytes->data, sizeof ret->bytes);
  return TRUE;
}

/* A link whose ids make no sense is left out: what it points at can't be found anyway. */
static gboolean
read_events_and_links (Decoder *self, const Fluo__Otlp__Span *in)
{
  for (gsize i = 0; i < in->n_events; i++)
    {
      FluoOtlpEvent *event = fluo_otlp_span_add_event (self->span);

      event->time_ns = (gint64) MIN (in->events[i]->time_unix_nano, G_MAXINT64);
      event->name = in->events[i]->name;
      if (!read_attributes (self, in->events[i]->attributes, in->events[i]->n_attributes,
                            event->attributes))
        return FALSE;
    }
  for (gsize i = 0; i < in->n_links; i++)
    {
      FluoTraceId trace_id;
      FluoOtlpLink *link;
      guint64 id;

      if (!read_trace_id (&in->links[i]->trace_id, &trace_id) ||
          !read_id (&in->links[i]->span_id, &id))
        continue;
      link = fluo_otlp_span_add_link (self->span);
      link->trace_id = trace_id;
      link->span_id = id;
      if (!read_attributes (self, in->links[i]->attributes, in->links[i]->n_attributes,
                            link->attributes))
        return FALSE;
    }
  return TRUE;
}

/* NULL, or why the span can't be taken. */
static const char *
read_span (Decoder *self, const ProtobufCBinaryData *bytes)
{
  FluoOtlpSpan *span = self->span;
  Fluo__Otlp__Span *in;

  if (bytes->len > SPAN_BYTES_MAX)
    return "a span is larger than 1 MiB";
  in = fluo__otlp__span__unpack (&self->allocator, bytes->len, bytes->data);
  if (!in)
    return "a span is not a Span message";
  if (!read_trace_id (&in->trace_id, &span->trace_id))
    return "a trace id is not 16 bytes long";
  if (!read_id (&in->span_id, &span->id))
    return "a span id is not 8 bytes long";
  if (in->parent_span_id.len > 0 && !read_id (&in->parent_span_id, &span->parent_id))
    return "a parent span id is not 8 bytes long";
  span->name = in->name;
  span->kind = in->kind;
  span->flags = in->flags;
  span->start_ns = in->start_time_unix_nano;
  span->end_ns = in->end_time_unix_nano;
  span->n_dropped =
    in->dropped_attributes_count + in->dropped_events_count + in->dropped_links_count;
  if (in->status)
    {
      span->status = in->status->code;
      span->status_message = in->status->message;
    }
  if (!read_attributes (self, in->attributes, in->n_attributes, span->attributes) ||
      !read_events_and_links (self, in))
    return "an attribute is nested too deep, or broken";
  return NULL;
}

static void
visit_spans (Decoder *self, const Fluo__Otlp__ScopeSpans *scope_spans)
{
  FluoOtlpScope scope = { "", "" };

  if (scope_spans->scope)
    scope = (FluoOtlpScope) { scope_spans->scope->name, scope_spans->scope->version };
  self->visitor->scope (self->data, &scope);
  for (gsize i = 0; i < scope_spans->n_spans; i++)
    {
      const char *reason;

      fluo_otlp_span_reset (self->span);
      arena_reset (&self->arena);
      reason = read_span (self, &scope_spans->spans[i]);
      if (reason)
        self->visitor->refused (self->data, reason);
      else
        self->visitor->span (self->data, self->span);
    }
}

static gboolean
visit_resource (Decoder *self, const Fluo__Otlp__ResourceSpans *resource_spans, GError **error)
{
  FluoOtlpResource resource = { g_array_new (FALSE, TRUE, sizeof (FluoOtlpAttribute)) };
  g_autoptr (GArray) attributes = resource.attributes;
  Decoder inner = *self;
  gboolean readable = TRUE;

  /* The resource outlives the spans' memory. */
  inner.allocator = (ProtobufCAllocator) { arena_alloc, arena_free, &self->envelope };
  if (resource_spans->resource)
    {
      inner.arena = self->envelope;
      inner.allocator.allocator_data = &inner.arena;
      readable = read_attributes (&inner, resource_spans->resource->attributes,
                                  resource_spans->resource->n_attributes, attributes);
      self->envelope = inner.arena;
    }
  if (!readable)
    {
      g_set_error_literal (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED,
                           "a resource attribute is nested too deep, or broken");
      return FALSE;
    }
  self->visitor->resource (self->data, &resource);
  for (gsize i = 0; i < resource_spans->n_scope_spans; i++)
    visit_spans (self, resource_spans->scope_spans[i]);
  return TRUE;
}

gboolean
fluo_otlp_decode_protobuf (GBytes *body, const FluoOtlpVisitor *visitor, gpointer data,
                           GError **error)
{
  Decoder self = { visitor, data };
  ProtobufCAllocator allocator = { arena_alloc, arena_free, &self.envelope };
  Fluo__Otlp__ExportTraceServiceRequest *request;
  gboolean whole = FALSE;

  arena_init (&self.envelope, ENVELOPE_MEMORY_MAX);
  arena_init (&self.arena, SPAN_MEMORY_MAX);
  self.allocator = (ProtobufCAllocator) { arena_alloc, arena_free, &self.arena };
  self.json = g_string_new (NULL);
  self.span = fluo_otlp_span_new ();
  request = fluo__otlp__export_trace_service_request__unpack (
    &allocator, g_bytes_get_size (body), g_bytes_get_data (body, NULL));
  if (request)
    {
      whole = TRUE;
      for (gsize i = 0; whole && i < request->n_resource_spans; i++)
        whole = visit_resource (&self, request->resource_spans[i], error);
    }
  else
    g_set_error_literal (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_MALFORMED,
                         "the body is not an ExportTraceServiceRequest");
  fluo_otlp_span_free (self.span);
  g_string_free (self.json, TRUE);
  arena_clear (&self.arena);
  arena_clear (&self.envelope);
  return whole;
}
