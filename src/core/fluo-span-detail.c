/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-span-detail.h"

#include <string.h>

#include "fluo-json.h"

/* A list in a document is at most as long as 64 KB allow; what X-Ray folded together may be
 * longer. */
#define LIST_MAX 10000
/* A document of X-Ray's is no longer; in a longer one the calls nested in a span are not read with
 * it. */
#define WHOLE_MAX (64 * 1024)
/* Depth of names like "ecs.container.name"; deeper values are shown as JSON. */
#define FIELD_DEPTH_MAX 4

static void
clear_frame (gpointer data)
{
  FluoStackFrame *self = data;

  g_free (self->path);
  g_free (self->label);
}

static void
clear_exception (gpointer data)
{
  FluoException *self = data;

  g_free (self->id);
  g_free (self->type);
  g_free (self->message);
  g_free (self->cause);
  g_array_unref (self->stack);
}

static void
clear_pair (gpointer data)
{
  FluoDetailField *self = data;

  g_free (self->key);
  g_free (self->value);
}

static void
clear_annotation (gpointer data)
{
  FluoAnnotation *self = data;

  g_free (self->key);
  g_free (self->value);
}

static void
clear_event (gpointer data)
{
  g_free (((FluoSpanEvent *) data)->name);
}

static GArray *
array_new (gsize size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, FALSE, (guint) size);

  g_array_set_clear_func (array, clear);
  return array;
}

static gboolean
is_container (FluoJsonToken token)
{
  return token == FLUO_JSON_OBJECT_BEGIN || token == FLUO_JSON_ARRAY_BEGIN;
}

/* Strings unescaped, anything else as it was sent. */
static char *
dup_plain (const FluoJsonTape *tape, guint32 node)
{
  const char *raw;
  gsize length;

  if (fluo_json_tape_type (tape, node) == FLUO_JSON_STRING)
    return fluo_json_tape_dup (tape, node);
  raw = fluo_json_tape_raw (tape, node, &length);
  return g_strndup (raw, length);
}

/* A list of names as one reads it, "orders, stock"; other containers as their JSON. */
static char *
dup_value (const FluoJsonTape *tape, guint32 node)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (fluo_json_tape_type (tape, node) != FLUO_JSON_ARRAY_BEGIN)
    return dup_plain (tape, node);
  for (guint32 item = fluo_json_tape_first (tape, node); item != FLUO_JSON_NONE;
       item = fluo_json_tape_next (tape, node, item))
    {
      g_autofree char *value = NULL;

      if (is_container (fluo_json_tape_type (tape, item)))
        return dup_plain (tape, node);
      value = dup_plain (tape, item);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", value);
    }
  return text->len > 0 ? g_strdup (text->str) : dup_plain (tape, node);
}

/* The key's newest value replaces an earlier one: duplicate keys are legal JSON, and the last wins
 * everywhere. */
static void
add_field (GArray *fields, char *key, char *value)
{
  FluoDetailField field = { key, value };

  for (guint i = 0; i < fields->len && fields->len <= 256; i++)
    if (strcmp (g_array_index (fields, FluoDetailField, i).key, key) == 0)
      {
        clear_pair (&g_array_index (fields, FluoDetailField, i));
        g_array_index (fields, FluoDetailField, i) = field;
        return;
      }
  g_array_append_val (fields, field);
}

typedef struct
{
  guint32 container;
  guint32 next;
  char   *prefix;
} FieldFrame;

/* A block's values with nested names joined by dots, in document order. */
static void
read_fields (const FluoJsonTape *tape, guint32 block, GArray *fields)
{
  FieldFrame stack[FIELD_DEPTH_MAX];
  guint depth = 0;

  if (fluo_json_tape_type (tape, block) != FLUO_JSON_OBJECT_BEGIN)
    return;
  stack[depth++] = (FieldFrame) { block, fluo_json_tape_first (tape, block), g_strdup ("") };
  while (depth > 0)
    {
      FieldFrame *top = &stack[depth - 1];
      guint32 node = top->next;
      FluoJsonToken token;
      g_autofree char *key = NULL;
      char *name;

      if (node == FLUO_JSON_NONE || fields->len >= LIST_MAX)
        {
          g_free (top->prefix);
          depth--;
          continue;
        }
      top->next = fluo_json_tape_next (tape, top->container, node);
      token = fluo_json_tape_type (tape, node);
      if (token == FLUO_JSON_NULL)
        continue;
      key = fluo_json_tape_dup_key (tape, node);
      name = g_strconcat (top->prefix, key, NULL);
      if (token == FLUO_JSON_OBJECT_BEGIN && depth < FIELD_DEPTH_MAX)
        {
          stack[depth++] = (FieldFrame){ node, fluo_json_tape_first (tape, node),
                                         g_strconcat (name, ".", NULL) };
          g_free (name);
        }
      else
        add_field (fields, name, dup_value (tape, node));
    }
}

static void
read_annotations (const FluoJsonTape *tape, guint32 block, GArray *annotations)
{
  if (fluo_json_tape_type (tape, block) != FLUO_JSON_OBJECT_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, block);
       node != FLUO_JSON_NONE && annotations->len < LIST_MAX;
       node = fluo_json_tape_next (tape, block, node))
    {
      FluoJsonToken token = fluo_json_tape_type (tape, node);
      FluoAnnotation annotation = { 0 };

      if (token == FLUO_JSON_NULL || is_container (token))
        continue;
      annotation.key = fluo_json_tape_dup_key (tape, node);
      annotation.value = dup_value (tape, node);
      annotation.type = token == FLUO_JSON_STRING ? FLUO_VALUE_STRING
                        : token == FLUO_JSON_NUMBER ? FLUO_VALUE_NUMBER : FLUO_VALUE_BOOLEAN;
      for (guint i = 0; i < annotations->len && annotations->len <= 256; i++)
        if (strcmp (g_array_index (annotations, FluoAnnotation, i).key, annotation.key) == 0)
          {
            g_array_remove_index (annotations, i);
            break;
          }
      g_array_append_val (annotations, annotation);
    }
}

static void
read_stack (const FluoJsonTape *tape, guint32 list, GArray *stack)
{
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE && stack->len < LIST_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoStackFrame frame;

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      frame.path = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "path"));
      frame.label = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "label"));
      frame.line = fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "line"), 0);
      g_array_append_val (stack, frame);
    }
}

static void
read_exceptions (const FluoJsonTape *tape, guint32 list, GArray *exceptions)
{
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE && exceptions->len < LIST_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoException exception = { 0 };

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      exception.id = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "id"));
      exception.type = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "type"));
      exception.message = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "message"));
      exception.cause = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "cause"));
      exception.remote =
          fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, node, "remote"), FALSE);
      /* Counts below zero occur; they mean nothing. */
      exception.truncated =
          MAX (0, fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "truncated"), 0));
      exception.skipped =
          MAX (0, fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "skipped"), 0));
      exception.stack = array_new (sizeof (FluoStackFrame), clear_frame);
      read_stack (tape, fluo_json_tape_get (tape, node, "stack"), exception.stack);
      g_array_append_val (exceptions, exception);
    }
}

static gint64
read_number (const FluoJsonTape *tape, guint32 node, gint64 fallback)
{
  g_autofree char *text = fluo_json_tape_dup (tape, node);
  gint64 value;

  if (!text)
    return fluo_json_tape_int (tape, node, fallback);
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL) ? value
                                                                                   : fallback;
}

static void
read_http (FluoSpanDetail *self, const FluoJsonTape *tape, guint32 http)
{
  guint32 request = fluo_json_tape_get (tape, http, "request");
  guint32 response = fluo_json_tape_get (tape, http, "response");

  self->http_method = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, request, "method"));
  self->http_url = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, request, "url"));
  self->http_user_agent =
      fluo_json_tape_dup (tape, fluo_json_tape_get (tape, request, "user_agent"));
  self->http_client_ip = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, request, "client_ip"));
  self->http_forwarded = fluo_json_tape_boolean (
    tape, fluo_json_tape_get (tape, request, "x_forwarded_for"), FALSE);
  self->http_status = MAX (0, read_number (tape, fluo_json_tape_get (tape, response, "status"), 0));
  self->http_content_length =
      MAX (-1, read_number (tape, fluo_json_tape_get (tape, response, "content_length"), -1));
}

static int
compare_events (gconstpointer a, gconstpointer b)
{
  const FluoSpanEvent *x = a, *y = b;

  return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* The collector keeps events under metadata.otel: {"time": seconds, "name": …}. */
static void
read_events (const FluoJsonTape *tape, guint32 list, GArray *events)
{
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE && events->len < LIST_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoSpanEvent event = { 0 };

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN ||
          !fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, "time"), &event.time_ns))
        continue;
      event.name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "name"));
      if (event.name == NULL)
        event.name = g_strdup ("");
      g_array_append_val (events, event);
    }
  g_array_sort (events, compare_events);
}

static void
read_metadata (FluoSpanDetail *self, GBytes *bytes, const FluoJsonTape *tape, guint32 node)
{
  const char *raw;
  gsize length;

  if (fluo_json_tape_type (tape, node) == FLUO_JSON_NULL)
    return;
  if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
    {
      guint32 otel = fluo_json_tape_get (tape, node, "otel");

      if (fluo_json_tape_type (tape, otel) == FLUO_JSON_OBJECT_BEGIN)
        read_events (tape, fluo_json_tape_get (tape, otel, "events"), self->events);
    }
  raw = fluo_json_tape_raw (tape, node, &length);
  self->metadata = g_bytes_new_from_bytes (
    bytes, (gsize) (raw - (const char *) g_bytes_get_data (bytes, NULL)), length);
}

/* --- The span's own text ------------------------------------------------------------------ */

typedef struct
{
  guint32 begin, end;
} Slice;

static int
compare_slices (gconstpointer a, gconstpointer b)
{
  const Slice *x = a, *y = b;

  return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* Where the calls stand that are nested in the span, in the order of its text. */
static GArray *
find_nested (const FluoSpan *spans, guint32 span)
{
  const FluoSpan *self = &spans[span];
  GArray *slices = g_array_new (FALSE, FALSE, sizeof (Slice));
  gboolean sorted = TRUE;

  for (guint32 i = self->first_child; i != FLUO_SPAN_NONE; i = spans[i].next_sibling)
    {
      const Slice slice = { spans[i].offset, spans[i].offset + spans[i].length };

      if (spans[i].document != self->document || slice.begin <= self->offset ||
          slice.end >= self->offset + self->length)
        continue;
      sorted = sorted && (slices->len == 0 ||
                          g_array_index (slices, Slice, slices->len - 1).begin < slice.begin);
      g_array_append_val (slices, slice);
    }
  if (!sorted)
    g_array_sort (slices, compare_slices);

  return slices;
}

/* Nothing but one comma between them: no value of the own, and no call that hangs elsewhere. */
static gboolean
follow_each_other (const GArray *slices, const char *text, guint32 offset)
{
  for (guint i = 1; i < slices->len; i++)
    {
      const Slice *before = &g_array_index (slices, Slice, i - 1);
      const Slice *after = &g_array_index (slices, Slice, i);
      guint n_commas = 0;

      if (after->begin < before->end)
        return FALSE;
      for (guint32 k = before->end; k < after->begin; k++)
        if (text[k - offset] == ',')
          n_commas++;
        else if (!g_ascii_isspace (text[k - offset]))
          return FALSE;
      if (n_commas != 1)
        return FALSE;
    }

  return slices->len > 0;
}

static GBytes *
dup_own (FluoTrace *trace, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL), *self = &spans[span];
  g_autoptr (GArray) slices = NULL;
  const char *text;
  GString *own;
  gsize length;

  if (self->length <= WHOLE_MAX)
    return fluo_trace_dup_raw (trace, span);
  slices = find_nested (spans, span);
  text = fluo_trace_get_raw (trace, span, &length);
  if (!follow_each_other (slices, text, self->offset))
    return fluo_trace_dup_raw (trace, span);
  own = g_string_new_len (text, g_array_index (slices, Slice, 0).begin - self->offset);
  text += g_array_index (slices, Slice, slices->len - 1).end - self->offset;
  length -= g_array_index (slices, Slice, slices->len - 1).end - self->offset;
  g_string_append_len (own, text, (gssize) length);

  return g_string_free_to_bytes (own);
}

FluoSpanDetail *
fluo_span_detail_new (FluoTrace *trace, guint32 span)
{
  FluoSpanDetail *self = g_new0 (FluoSpanDetail, 1);
  guint n = 0;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 cause;

  self->http_content_length = -1;
  self->annotations = array_new (sizeof (FluoAnnotation), clear_annotation);
  self->exceptions = array_new (sizeof (FluoException), clear_exception);
  self->sql = array_new (sizeof (FluoDetailField), clear_pair);
  self->aws = array_new (sizeof (FluoDetailField), clear_pair);
  self->service = array_new (sizeof (FluoDetailField), clear_pair);
  self->events = array_new (sizeof (FluoSpanEvent), clear_event);
  fluo_trace_get_spans (trace, &n);
  g_return_val_if_fail (span < n, self);
  bytes = dup_own (trace, span);
  tape = fluo_json_tape_new (bytes, NULL);
  g_return_val_if_fail (tape != NULL, self);

  self->name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "name"));
  self->origin = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "origin"));
  self->user = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "user"));
  self->resource_arn = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "resource_arn"));
  read_http (self, tape, fluo_json_tape_get (tape, 0, "http"));
  read_annotations (tape, fluo_json_tape_get (tape, 0, "annotations"), self->annotations);
  read_fields (tape, fluo_json_tape_get (tape, 0, "sql"), self->sql);
  read_fields (tape, fluo_json_tape_get (tape, 0, "aws"), self->aws);
  read_fields (tape, fluo_json_tape_get (tape, 0, "service"), self->service);
  read_metadata (self, bytes, tape, fluo_json_tape_get (tape, 0, "metadata"));
  cause = fluo_json_tape_get (tape, 0, "cause");
  self->cause_id = fluo_json_tape_dup (tape, cause);
  if (!self->cause_id)
    self->cause_id = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, cause, "id"));
  read_exceptions (tape, fluo_json_tape_get (tape, cause, "exceptions"), self->exceptions);
  return self;
}

void
fluo_span_detail_free (FluoSpanDetail *self)
{
  if (!self)
    return;
  g_free (self->name);
  g_free (self->origin);
  g_free (self->user);
  g_free (self->resource_arn);
  g_free (self->http_method);
  g_free (self->http_url);
  g_free (self->http_user_agent);
  g_free (self->http_client_ip);
  g_free (self->cause_id);
  g_clear_pointer (&self->metadata, g_bytes_unref);
  g_array_unref (self->annotations);
  g_array_unref (self->exceptions);
  g_array_unref (self->sql);
  g_array_unref (self->aws);
  g_array_unref (self->service);
  g_array_unref (self->events);
  g_free (self);
}
