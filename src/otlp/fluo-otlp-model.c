/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include "otlp/fluo-otlp-model.h"

G_DEFINE_QUARK (fluo-otlp-error-quark, fluo_otlp_error)

static void
event_clear (gpointer data)
{
  g_array_unref (((FluoOtlpEvent *) data)->attributes);
}

static void
link_clear (gpointer data)
{
  g_array_unref (((FluoOtlpLink *) data)->attributes);
}

FluoOtlpSpan *
fluo_otlp_span_new (void)
{
  FluoOtlpSpan *self = g_new0 (FluoOtlpSpan, 1);

  self->attributes = g_array_new (FALSE, TRUE, sizeof (FluoOtlpAttribute));
  self->events = g_array_new (FALSE, TRUE, sizeof (FluoOtlpEvent));
  self->links = g_array_new (FALSE, TRUE, sizeof (FluoOtlpLink));
  g_array_set_clear_func (self->events, event_clear);
  g_array_set_clear_func (self->links, link_clear);
  return self;
}

void
fluo_otlp_span_free (FluoOtlpSpan *self)
{
  g_array_unref (self->attributes);
  g_array_unref (self->events);
  g_array_unref (self->links);
  g_free (self);
}

void
fluo_otlp_span_reset (FluoOtlpSpan *self)
{
  FluoOtlpSpan empty = { .attributes = self->attributes, .events = self->events,
                         .links = self->links };

  g_array_set_size (self->attributes, 0);
  g_array_set_size (self->events, 0);
  g_array_set_size (self->links, 0);
  *self = empty;
}

FluoOtlpEvent *
fluo_otlp_span_add_event (FluoOtlpSpan *self)
{
  FluoOtlpEvent event = { .attributes = g_array_new (FALSE, TRUE, sizeof (FluoOtlpAttribute)) };

  g_array_append_val (self->events, event);
  return &g_array_index (self->events, FluoOtlpEvent, self->events->len - 1);
}

FluoOtlpLink *
fluo_otlp_span_add_link (FluoOtlpSpan *self)
{
  FluoOtlpLink link = { .attributes = g_array_new (FALSE, TRUE, sizeof (FluoOtlpAttribute)) };

  g_array_append_val (self->links, link);
  return &g_array_index (self->links, FluoOtlpLink, self->links->len - 1);
}

void
fluo_otlp_value_write (const FluoOtlpValue *value, FluoJsonWriter *writer)
{
  g_autofree char *base64 = NULL;

  switch (value->type)
    {
    case FLUO_OTLP_STRING:
      fluo_json_writer_strn (writer, value->text, value->length);
      break;
    case FLUO_OTLP_BOOL:
      fluo_json_writer_boolean (writer, value->boolean);
      break;
    case FLUO_OTLP_INT:
      fluo_json_writer_int (writer, value->integer);
      break;
    case FLUO_OTLP_DOUBLE:
      fluo_json_writer_double (writer, value->number);
      break;
    case FLUO_OTLP_BYTES:
      base64 = g_base64_encode ((const guchar *) value->text, value->length);
      fluo_json_writer_string (writer, base64);
      break;
    case FLUO_OTLP_JSON:
      fluo_json_writer_raw (writer, value->text, value->length);
      break;
    case FLUO_OTLP_NONE:
    default:
      fluo_json_writer_null (writer);
      break;
    }
}

char **
fluo_otlp_value_dup_strings (const FluoOtlpValue *value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;

  if (value->type == FLUO_OTLP_STRING)
    {
      g_autofree char *text = g_strndup (value->text, value->length);

      g_strv_builder_add (builder, text);
      return g_strv_builder_end (builder);
    }
  if (value->type != FLUO_OTLP_JSON)
    return NULL;
  bytes = g_bytes_new (value->text, value->length);
  tape = fluo_json_tape_new (bytes, NULL);
  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_ARRAY_BEGIN)
    return NULL;
  for (guint32 i = fluo_json_tape_first (tape, 0); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, 0, i))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, i);

      if (text)
        g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}
