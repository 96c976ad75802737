/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

/* Exceptions of one span; a program that records more has recorded the same one again and again. */
#define N_EXCEPTIONS_MAX 16

static void
write_flag (FluoOtlpMapper *self, const char *key)
{
  fluo_json_writer_key (&self->writer, key);
  fluo_json_writer_boolean (&self->writer, TRUE);
}

/* A segment that was a span in between says itself which flags it had. */
static gboolean
write_own_flags (FluoOtlpMapper *self)
{
  static const char *const flags[] = { "error", "throttle", "fault" };
  FluoOtlpAttribute *attribute = self->index.slots[FLUO_OTLP_AWS_XRAY_FLAGS];
  g_auto (GStrv) own = attribute ? fluo_otlp_value_dup_strings (&attribute->value) : NULL;

  if (!own)
    return FALSE;
  attribute->used = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (g_strv_contains ((const char *const *) own, flags[i]))
      write_flag (self, flags[i]);
  return TRUE;
}

void
fluo_otlp_write_flags (FluoOtlpMapper *self)
{
  int code = self->http_status;

  if (write_own_flags (self))
    return;
  if (code >= 400 && code <= 499)
    {
      write_flag (self, "error");
      if (code == 429)
        write_flag (self, "throttle");
    }
  else if ((code >= 500 && code <= 599) || self->span->status == FLUO_OTLP_STATUS_ERROR)
    write_flag (self, "fault");
}

static char *
dup_value (FluoOtlpIndex *index, FluoOtlpName name)
{
  const FluoOtlpValue *value = fluo_otlp_index_peek (index, name, FLUO_OTLP_STRING);

  return value ? g_strndup (value->text, value->length) : g_strdup ("");
}

typedef struct
{
  FluoOtlpMapper *mapper;
  gboolean        opened;
  guint           n;
} Cause;

static void
write_id (FluoOtlpMapper *self, const char *key, guint n)
{
  char id[FLUO_SPAN_ID_LEN + 1];

  fluo_span_id_format (fluo_otlp_derive_id (&self->span->trace_id, self->span->id, 16 + n), id);
  fluo_json_writer_key (&self->writer, key);
  fluo_json_writer_strn (&self->writer, id, FLUO_SPAN_ID_LEN);
}

/* @frames may be NULL; @has_cause: the next one written is its cause. */
static void
write_exception (Cause *cause, const char *type, const char *message,
                 const FluoOtlpException *frames, gboolean has_cause)
{
  FluoOtlpMapper *self = cause->mapper;
  FluoJsonWriter *writer = &self->writer;

  if (!cause->opened)
    {
      fluo_json_writer_key (writer, "cause");
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "exceptions");
      fluo_json_writer_begin (writer, '[');
      cause->opened = TRUE;
    }
  fluo_json_writer_begin (writer, '{');
  write_id (self, "id", cause->n);
  if (type[0])
    {
      fluo_json_writer_key (writer, "type");
      fluo_json_writer_string (writer, type);
    }
  fluo_json_writer_key (writer, "message");
  fluo_json_writer_string (writer, message);
  if (self->span->kind == FLUO_OTLP_KIND_CLIENT || self->span->kind == FLUO_OTLP_KIND_PRODUCER)
    write_flag (self, "remote");
  cause->n++;
  if (has_cause)
    write_id (self, "cause", cause->n);
  if (frames && frames->n_truncated > 0)
    {
      fluo_json_writer_key (writer, "truncated");
      fluo_json_writer_int (writer, frames->n_truncated);
    }
  if (frames && frames->n_frames > 0)
    {
      fluo_json_writer_key (writer, "stack");
      fluo_json_writer_begin (writer, '[');
      fluo_json_writer_raw (writer, frames->frames->str, frames->frames->len);
      fluo_json_writer_end (writer, ']');
    }
  fluo_json_writer_end (writer, '}');
}

static void
write_exception_event (Cause *cause, FluoOtlpEvent *event)
{
  FluoOtlpIndex index;
  g_autofree char *language =
    dup_value (&cause->mapper->resource, FLUO_OTLP_TELEMETRY_LANGUAGE);
  g_autofree char *type = NULL;
  g_autofree char *message = NULL;
  g_autofree char *stack = NULL;
  g_autoptr (GArray) list = NULL;

  fluo_otlp_index_fill (&index, event->attributes);
  type = dup_value (&index, FLUO_OTLP_EXCEPTION_TYPE);
  message = dup_value (&index, FLUO_OTLP_EXCEPTION_MESSAGE);
  stack = dup_value (&index, FLUO_OTLP_EXCEPTION_STACKTRACE);
  list = fluo_otlp_parse_stack (language, type, message, stack);
  for (guint i = 0; i < list->len; i++)
    {
      FluoOtlpException *exception = &g_array_index (list, FluoOtlpException, i);

      write_exception (cause, exception->type, exception->message, exception, i + 1 < list->len);
    }
}

/* An AWS SDK's note of an attempt that failed: code, time and text, as its event has them. */
static void
write_failure_event (Cause *cause, FluoOtlpEvent *event)
{
  g_autoptr (GString) message = g_string_new (NULL);
  FluoOtlpIndex index;
  const FluoOtlpValue *code;
  g_autofree char *text = NULL;

  fluo_otlp_index_fill (&index, event->attributes);
  code = fluo_otlp_index_int (&index, FLUO_OTLP_ANY (FLUO_OTLP_HTTP_RESPONSE_STATUS_CODE,
                                                     FLUO_OTLP_HTTP_STATUS_CODE));
  text = dup_value (&index, FLUO_OTLP_AWS_HTTP_ERROR_MESSAGE);
  if (code)
    g_string_append_printf (message, "%" G_GINT64_FORMAT "@", code->integer);
  g_string_append_printf (message, "%" G_GINT64_FORMAT ".%06d@%s", event->time_ns / 1000000000,
                          (int) (event->time_ns / 1000 % 1000000), text);
  write_exception (cause, "aws.http.error.event", message->str, NULL, FALSE);
}

/* What can be said of a failure that left no exception. */
static void
write_status_message (Cause *cause)
{
  FluoOtlpMapper *self = cause->mapper;
  const char *message = self->span->status_message;
  g_autofree char *text = NULL;

  if (self->span->status != FLUO_OTLP_STATUS_ERROR)
    return;
  if (!message || !message[0])
    {
      text = dup_value (&self->index, FLUO_OTLP_HTTP_STATUS_TEXT);
      message = text;
    }
  if (message[0])
    write_exception (cause, "", message, NULL, FALSE);
}

void
fluo_otlp_write_cause (FluoOtlpMapper *self)
{
  Cause cause = { self };

  for (guint i = 0; i < self->span->events->len && cause.n < N_EXCEPTIONS_MAX; i++)
    {
      FluoOtlpEvent *event = &g_array_index (self->span->events, FluoOtlpEvent, i);

      if (strcmp (event->name, "exception") == 0)
        write_exception_event (&cause, event);
      else if (strcmp (event->name, "HTTP request failure") == 0)
        write_failure_event (&cause, event);
    }
  if (!cause.opened)
    write_status_message (&cause);
  if (!cause.opened)
    return;
  fluo_json_writer_end (&self->writer, ']');
  fluo_json_writer_end (&self->writer, '}');
}
