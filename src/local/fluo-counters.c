/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "local/fluo-counters.h"

#include <glib/gi18n-lib.h>

struct _FluoCounters
{
  GMutex             lock;
  FluoCountersValues values;
};

/* From FLUO_REFUSED_DUPLICATE on; the words before are X-Ray's own codes. */
static const char *const own_words[] = {
  "Duplicate", "TraceTooLarge",  "HeaderError", "ForeignSource", "KernelDrop",
  "QueueFull", "RequestRefused", "StoreFull",   "StoreError",
};
G_STATIC_ASSERT (G_N_ELEMENTS (own_words) == FLUO_N_REFUSALS - FLUO_N_SEGMENT_ERRORS);

static const char *const meanings[FLUO_N_REFUSALS] = {
  [FLUO_SEGMENT_ERROR_PARSE] = N_("not a JSON object"),
  [FLUO_SEGMENT_ERROR_MISSING_ID] = N_("no id"),
  [FLUO_SEGMENT_ERROR_INVALID_ID] = N_("an id that is not 16 hexadecimal digits"),
  [FLUO_SEGMENT_ERROR_MISSING_NAME] = N_("no name"),
  [FLUO_SEGMENT_ERROR_INVALID_NAME] = N_("a name that X-Ray does not take"),
  [FLUO_SEGMENT_ERROR_MISSING_TRACE_ID] = N_("no trace_id"),
  [FLUO_SEGMENT_ERROR_INVALID_TRACE_ID] = N_("a trace_id in neither X-Ray's nor W3C's form"),
  [FLUO_SEGMENT_ERROR_MISSING_START_TIME] = N_("no start_time"),
  [FLUO_SEGMENT_ERROR_MISSING_END_TIME] = N_("neither end_time nor in_progress"),
  [FLUO_SEGMENT_ERROR_IN_PROGRESS_SEGMENT_HAS_END_TIME] =
    N_("a segment in progress with an end_time"),
  [FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME] =
    N_("a subsegment in progress with an end_time"),
  [FLUO_SEGMENT_ERROR_MISSING_PARENT_ID] = N_("an independent subsegment without parent_id"),
  [FLUO_SEGMENT_ERROR_INVALID_PARENT_ID] = N_("a parent_id that is not 16 hexadecimal digits"),
  [FLUO_SEGMENT_ERROR_UNKNOWN_TYPE] = N_("a type other than “subsegment”"),
  [FLUO_SEGMENT_ERROR_INVALID] = N_("not a segment document, or over 64 KB"),
  [FLUO_REFUSED_DUPLICATE] = N_("a completed document of the same id was there before"),
  [FLUO_REFUSED_TRACE_TOO_LARGE] = N_("its trace has reached the size limit"),
  [FLUO_REFUSED_HEADER] = N_("a datagram without X-Ray's header line"),
  [FLUO_REFUSED_FOREIGN_SOURCE] = N_("a datagram from another computer"),
  [FLUO_REFUSED_KERNEL_DROP] = N_("dropped by the kernel: the socket's buffer was full"),
  [FLUO_REFUSED_QUEUE_FULL] = N_("more at once than could be written"),
  [FLUO_REFUSED_REQUEST] = N_("part of a request that was refused as a whole"),
  [FLUO_REFUSED_STORE_FULL] = N_("no space left to store it"),
  [FLUO_REFUSED_STORE_ERROR] = N_("the store could not be written"),
};

const char *
fluo_refused_reason_get_word (guint reason)
{
  g_return_val_if_fail (reason < FLUO_N_REFUSALS, NULL);

  return reason < FLUO_N_SEGMENT_ERRORS ? fluo_segment_error_get_code (reason)
                                        : own_words[reason - FLUO_N_SEGMENT_ERRORS];
}

const char *
fluo_refused_reason_get_meaning (guint reason)
{
  g_return_val_if_fail (reason < FLUO_N_REFUSALS, NULL);

  return _(meanings[reason]);
}

FluoCounters *
fluo_counters_new (void)
{
  FluoCounters *self = g_new0 (FluoCounters, 1);

  g_mutex_init (&self->lock);
  return self;
}

void
fluo_counters_free (FluoCounters *self)
{
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fluo_counters_stored (FluoCounters *self, guint64 n)
{
  g_mutex_lock (&self->lock);
  self->values.received += n;
  self->values.stored += n;
  g_mutex_unlock (&self->lock);
}

void
fluo_counters_refuse (FluoCounters *self, guint reason, guint64 n)
{
  g_return_if_fail (reason < FLUO_N_REFUSALS);

  g_mutex_lock (&self->lock);
  self->values.received += n;
  self->values.refused[reason] += n;
  g_mutex_unlock (&self->lock);
}

void
fluo_counters_read (FluoCounters *self, FluoCountersValues *values)
{
  g_mutex_lock (&self->lock);
  *values = self->values;
  g_mutex_unlock (&self->lock);
}

void
fluo_counters_write (FluoCounters *self, FluoJsonWriter *writer)
{
  FluoCountersValues values;

  fluo_counters_read (self, &values);
  fluo_json_writer_key (writer, "Received");
  fluo_json_writer_int (writer, (gint64) values.received);
  fluo_json_writer_key (writer, "Stored");
  fluo_json_writer_int (writer, (gint64) values.stored);
  fluo_json_writer_key (writer, "Refused");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_REFUSALS; i++)
    if (values.refused[i] > 0)
      {
        fluo_json_writer_key (writer, fluo_refused_reason_get_word (i));
        fluo_json_writer_begin (writer, '{');
        fluo_json_writer_key (writer, "Count");
        fluo_json_writer_int (writer, (gint64) values.refused[i]);
        fluo_json_writer_key (writer, "Meaning");
        fluo_json_writer_string (writer, fluo_refused_reason_get_meaning (i));
        fluo_json_writer_end (writer, '}');
      }
  fluo_json_writer_end (writer, '}');
}
