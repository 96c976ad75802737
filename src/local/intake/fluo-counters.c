/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "local/intake/fluo-counters.h"

#include <glib/gi18n-lib.h>

#include "core/fluo-time-span.h"

struct _FluoCounters
{
  GMutex             lock;
  FluoCountersValues values;
  FluoLosses        *losses;
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

/* What to do, for whoever wrote the program that sends. */
#define ADVICE_ID                                                                                  \
  N_("Make ids with the X-Ray SDK or OpenTelemetry, or as 16 hexadecimal digits chosen at random")
#define ADVICE_STORE                                                                               \
  N_("See the last error of the status; nothing is kept until it is mended")
static const char *const advices[FLUO_N_REFUSALS] = {
  [FLUO_SEGMENT_ERROR_PARSE] =
    N_("Send one whole JSON object in UTF-8; a datagram of over 64 KB arrives cut off"),
  [FLUO_SEGMENT_ERROR_MISSING_ID] = ADVICE_ID,
  [FLUO_SEGMENT_ERROR_INVALID_ID] = ADVICE_ID,
  [FLUO_SEGMENT_ERROR_MISSING_NAME] = N_("Give every segment the name of its service"),
  [FLUO_SEGMENT_ERROR_INVALID_NAME] =
    N_("Use letters, digits, spaces and _ . : / % & # = + \\ - @, at most 200 characters"),
  [FLUO_SEGMENT_ERROR_MISSING_TRACE_ID] = N_("Give segments the trace_id of the request"),
  [FLUO_SEGMENT_ERROR_INVALID_TRACE_ID] =
    N_("Write it as 1-, 8 hexadecimal digits, -, 24 hexadecimal digits, or as 32 digits"),
  [FLUO_SEGMENT_ERROR_MISSING_START_TIME] =
    N_("Give start_time in seconds since 1970, with a decimal point, as a number"),
  [FLUO_SEGMENT_ERROR_MISSING_END_TIME] =
    N_("Give end_time, or in_progress true while the work goes on"),
  [FLUO_SEGMENT_ERROR_IN_PROGRESS_SEGMENT_HAS_END_TIME] =
    N_("Leave out in_progress once there is an end_time"),
  [FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME] =
    N_("Leave out in_progress once there is an end_time"),
  [FLUO_SEGMENT_ERROR_MISSING_PARENT_ID] =
    N_("Give a subsegment that is sent by itself the id of its parent"),
  [FLUO_SEGMENT_ERROR_INVALID_PARENT_ID] = ADVICE_ID,
  [FLUO_SEGMENT_ERROR_UNKNOWN_TYPE] = N_("Leave out type for segments"),
  [FLUO_SEGMENT_ERROR_INVALID] =
    N_("Send large subsegments by themselves, and less metadata; X-Ray takes 64 KB a document"),
  [FLUO_REFUSED_DUPLICATE] = N_("Nothing is lost: the first one is kept. A new segment needs a new "
                                "id"),
  [FLUO_REFUSED_TRACE_TOO_LARGE] =
    N_("Begin a new trace for each request; one that never ends grows for ever"),
  [FLUO_REFUSED_HEADER] =
    N_("Put {\"format\":\"json\",\"version\":1} and a line feed before the document; something "
       "other than X-Ray may be sending to this port"),
  [FLUO_REFUSED_FOREIGN_SOURCE] =
    N_("Start the collector with --udp and an address that other computers reach"),
  [FLUO_REFUSED_KERNEL_DROP] =
    N_("Raise net.core.rmem_max, send less at once, or send over HTTP, which waits"),
  [FLUO_REFUSED_QUEUE_FULL] = N_("Sample less, or send over HTTP and try again when told to"),
  [FLUO_REFUSED_REQUEST] = N_("The answer to the request says what was wrong; mend that and send "
                              "it again"),
  [FLUO_REFUSED_STORE_FULL] = N_("Make room on the disk, or keep less with --retention or "
                                 "--max-size"),
  [FLUO_REFUSED_STORE_ERROR] = ADVICE_STORE,
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

const char *
fluo_refused_reason_get_advice (guint reason)
{
  g_return_val_if_fail (reason < FLUO_N_REFUSALS, NULL);

  return _(advices[reason]);
}

FluoCounters *
fluo_counters_new (void)
{
  FluoCounters *self = g_new0 (FluoCounters, 1);

  g_mutex_init (&self->lock);
  self->losses = fluo_losses_new (FLUO_N_REFUSALS);
  return self;
}

void
fluo_counters_free (FluoCounters *self)
{
  fluo_losses_free (self->losses);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fluo_counters_stored (FluoCounters *self, guint64 n)
{
  g_mutex_lock (&self->lock);
  self->values.received += n;
  self->values.stored += n;
  if (n > 0)
    self->values.last_ns = fluo_time_now_ns ();
  g_mutex_unlock (&self->lock);
}

void
fluo_counters_refuse (FluoCounters *self, guint reason, guint64 n)
{
  g_return_if_fail (reason < FLUO_N_REFUSALS);

  g_mutex_lock (&self->lock);
  self->values.received += n;
  self->values.refused[reason] += n;
  if (n > 0)
    self->values.last_ns = fluo_time_now_ns ();
  g_mutex_unlock (&self->lock);
}

void
fluo_counters_refuse_one (FluoCounters *self, guint reason, const FluoLoss *loss)
{
  /* The example first: whoever sees the count may ask for it. */
  fluo_losses_add (self->losses, reason, loss);
  fluo_counters_refuse (self, reason, 1);
}

FluoLosses *
fluo_counters_get_losses (FluoCounters *self)
{
  return self->losses;
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
        fluo_json_writer_key (writer, "Advice");
        fluo_json_writer_string (writer, fluo_refused_reason_get_advice (i));
        fluo_json_writer_key (writer, "Examples");
        fluo_losses_write (self->losses, i, NULL, writer);
        fluo_json_writer_end (writer, '}');
      }
  fluo_json_writer_end (writer, '}');
}
