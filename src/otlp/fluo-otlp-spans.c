/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include "otlp/fluo-otlp-spans.h"

#include <string.h>

#include "core/fluo-json.h"
#include "otlp/fluo-otlp-map.h"

/* Written anew as a request of OTLP's JSON, which the decoder knows: one form, one reader. */

static void
write_raw (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node)
{
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, node, &length);

  fluo_json_writer_raw (writer, raw, length);
}

/* A number's digits are kept: what has neither point nor exponent is an integer. */
static void
write_number (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node)
{
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, node, &length);
  g_autofree char *digits = g_strndup (raw, length);

  if (strpbrk (digits, ".eE"))
    {
      fluo_json_writer_key (writer, "doubleValue");
      fluo_json_writer_raw (writer, raw, length);
    }
  else
    {
      fluo_json_writer_key (writer, "intValue");
      fluo_json_writer_string (writer, digits);
    }
}

static void
write_value (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node)
{
  const FluoJsonToken type = fluo_json_tape_type (tape, node);

  fluo_json_writer_begin (writer, '{');
  if (type == FLUO_JSON_NUMBER)
    write_number (writer, tape, node);
  else if (type == FLUO_JSON_TRUE || type == FLUO_JSON_FALSE)
    {
      fluo_json_writer_key (writer, "boolValue");
      fluo_json_writer_boolean (writer, type == FLUO_JSON_TRUE);
    }
  else if (type == FLUO_JSON_STRING)
    {
      fluo_json_writer_key (writer, "stringValue");
      write_raw (writer, tape, node);
    }
  else if (type != FLUO_JSON_NULL)
    {
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, node, &length);

      /* A list or an object, as the text it is. */
      fluo_json_writer_key (writer, "stringValue");
      fluo_json_writer_strn (writer, raw, length);
    }
  fluo_json_writer_end (writer, '}');
}

/* @node: an object's "attributes", a list of OTLP's or a plain object. */
static void
write_attributes (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node)
{
  const FluoJsonToken type = fluo_json_tape_type (tape, node);

  if (type == FLUO_JSON_ARRAY_BEGIN)
    {
      fluo_json_writer_key (writer, "attributes");
      write_raw (writer, tape, node);
    }
  if (type != FLUO_JSON_OBJECT_BEGIN)
    return;
  fluo_json_writer_key (writer, "attributes");
  fluo_json_writer_begin (writer, '[');
  for (guint32 value = fluo_json_tape_first (tape, node); value != FLUO_JSON_NONE;
       value = fluo_json_tape_next (tape, node, value))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, value);

      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "key");
      fluo_json_writer_string (writer, key);
      fluo_json_writer_key (writer, "value");
      write_value (writer, tape, value);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

/* "SERVER" is "SPAN_KIND_SERVER"; numbers and whole names stay. */
static void
write_enum (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node, const char *key,
            const char *prefix)
{
  g_autofree char *name = fluo_json_tape_dup (tape, node);

  if (node == FLUO_JSON_NONE)
    return;
  fluo_json_writer_key (writer, key);
  if (name && !g_str_has_prefix (name, prefix))
    {
      g_autofree char *whole = g_strconcat (prefix, name, NULL);

      fluo_json_writer_string (writer, whole);
    }
  else
    write_raw (writer, tape, node);
}

/* Members of an object with attributes as they are, but for those that need another form. */
static void
write_object (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 object)
{
  fluo_json_writer_begin (writer, '{');
  for (guint32 value = fluo_json_tape_first (tape, object); value != FLUO_JSON_NONE;
       value = fluo_json_tape_next (tape, object, value))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, value);

      if (strcmp (key, "attributes") == 0)
        write_attributes (writer, tape, value);
      else
        {
          fluo_json_writer_key (writer, key);
          write_raw (writer, tape, value);
        }
    }
  fluo_json_writer_end (writer, '}');
}

static void
write_objects (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 list, const char *key)
{
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '[');
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
      write_object (writer, tape, node);
  fluo_json_writer_end (writer, ']');
}

static void
write_status (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 status)
{
  const guint32 message = fluo_json_tape_get (tape, status, "message");

  fluo_json_writer_key (writer, "status");
  fluo_json_writer_begin (writer, '{');
  write_enum (writer, tape, fluo_json_tape_get (tape, status, "code"), "code", "STATUS_CODE_");
  if (message != FLUO_JSON_NONE)
    {
      fluo_json_writer_key (writer, "message");
      write_raw (writer, tape, message);
    }
  fluo_json_writer_end (writer, '}');
}

static void
write_span (FluoJsonWriter *writer, const FluoJsonTape *tape)
{
  static const char *const copied[] = { "traceId", "spanId", "parentSpanId", "traceState", "flags",
                                        "name", "startTimeUnixNano", "endTimeUnixNano" };
  const guint32 status = fluo_json_tape_get (tape, 0, "status");

  fluo_json_writer_begin (writer, '{');
  for (gsize i = 0; i < G_N_ELEMENTS (copied); i++)
    {
      const guint32 node = fluo_json_tape_get (tape, 0, copied[i]);

      if (node == FLUO_JSON_NONE || fluo_json_tape_type (tape, node) == FLUO_JSON_NULL)
        continue;
      fluo_json_writer_key (writer, copied[i]);
      write_raw (writer, tape, node);
    }
  write_enum (writer, tape, fluo_json_tape_get (tape, 0, "kind"), "kind", "SPAN_KIND_");
  if (fluo_json_tape_type (tape, status) == FLUO_JSON_OBJECT_BEGIN)
    write_status (writer, tape, status);
  write_attributes (writer, tape, fluo_json_tape_get (tape, 0, "attributes"));
  write_objects (writer, tape, fluo_json_tape_get (tape, 0, "events"), "events");
  write_objects (writer, tape, fluo_json_tape_get (tape, 0, "links"), "links");
  fluo_json_writer_end (writer, '}');
}

static GBytes *
make_request (const FluoJsonTape *tape)
{
  const guint32 resource = fluo_json_tape_get (tape, 0, "resource");
  const guint32 scope = fluo_json_tape_get (tape, 0, "scope");
  GString *text = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, text);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "resourceSpans");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_begin (&writer, '{');
  if (fluo_json_tape_type (tape, resource) == FLUO_JSON_OBJECT_BEGIN)
    {
      fluo_json_writer_key (&writer, "resource");
      write_object (&writer, tape, resource);
    }
  fluo_json_writer_key (&writer, "scopeSpans");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_begin (&writer, '{');
  if (fluo_json_tape_type (tape, scope) == FLUO_JSON_OBJECT_BEGIN)
    {
      fluo_json_writer_key (&writer, "scope");
      write_object (&writer, tape, scope);
    }
  fluo_json_writer_key (&writer, "spans");
  fluo_json_writer_begin (&writer, '[');
  write_span (&writer, tape);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  return g_string_free_to_bytes (text);
}

/* --- Spans to documents ---------------------------------------------------------------------- */

typedef struct
{
  FluoOtlpMapper *mapper;
  GPtrArray      *documents;
  guint           n_refused;
} Mapping;

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (((Mapping *) data)->mapper, resource);
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (((Mapping *) data)->mapper, scope);
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  fluo_otlp_mapper_map (((Mapping *) data)->mapper, span);
}

static void
visit_refused (gpointer data, const char *reason)
{
  ((Mapping *) data)->n_refused++;
}

static void
emit (gpointer data, const GString *document)
{
  g_ptr_array_add (((Mapping *) data)->documents, g_bytes_new (document->str, document->len));
}

GPtrArray *
fluo_otlp_spans_to_documents (GPtrArray *spans, guint *ret_n_refused)
{
  static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };
  g_autoptr (FluoOtlpMapper) mapper = NULL;
  Mapping mapping = {
    .documents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref)
  };

  mapping.mapper = mapper = fluo_otlp_mapper_new (TRUE, emit, &mapping);
  for (guint i = 0; i < spans->len; i++)
    {
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (g_ptr_array_index (spans, i), NULL);
      g_autoptr (GBytes) request = NULL;

      if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
        {
          mapping.n_refused++;
          continue;
        }
      request = make_request (tape);
      if (!fluo_otlp_decode_json (request, &visitor, &mapping, NULL))
        mapping.n_refused++;
    }
  if (ret_n_refused)
    *ret_n_refused = mapping.n_refused;
  return mapping.documents;
}
