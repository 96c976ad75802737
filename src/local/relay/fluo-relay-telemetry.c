/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include "core/fluo-time-span.h"
#include "local/relay/fluo-relay-private.h"

/* As the X-Ray daemon: one record a minute from the first segment on, 30 are kept while they can't
 * be sent, 10 go into one request. */
#define N_KEPT_MAX 30
#define N_CALL_MAX 10

/* Ceilings of the members, in characters. */
#define INSTANCE_CHARS_MAX 20
#define HOST_CHARS_MAX 255
#define ARN_CHARS_MAX 500

typedef struct
{
  gint64  time_ns;
  guint64 received;
  guint64 sent;
  guint64 spilled;
  guint64 rejected;
  guint64 failures[FLUO_N_RELAY_FAILURES];
} Record;

struct _FluoRelayTelemetry
{
  Record   last;    /* totals at the time of the last record */
  GQueue   records; /* Record, oldest first */
  guint    n_sent;  /* of them, in the request under way */
};

static const char *const failure_names[FLUO_N_RELAY_FAILURES] = {
  [FLUO_RELAY_FAILURE_TIMEOUT] = "TimeoutCount",
  [FLUO_RELAY_FAILURE_REFUSED] = "ConnectionRefusedCount",
  [FLUO_RELAY_FAILURE_4XX] = "HTTPCode4XXCount",
  [FLUO_RELAY_FAILURE_5XX] = "HTTPCode5XXCount",
  [FLUO_RELAY_FAILURE_UNKNOWN_HOST] = "UnknownHostCount",
  [FLUO_RELAY_FAILURE_OTHER] = "OtherCount",
};

FluoRelayTelemetry *
fluo_relay_telemetry_new (void)
{
  FluoRelayTelemetry *self = g_new0 (FluoRelayTelemetry, 1);

  g_queue_init (&self->records);
  return self;
}

void
fluo_relay_telemetry_free (FluoRelayTelemetry *self)
{
  g_queue_clear_full (&self->records, g_free);
  g_free (self);
}

static void
write_count (FluoJsonWriter *writer, const char *key, guint64 n)
{
  fluo_json_writer_key (writer, key);
  /* The model's Integer. */
  fluo_json_writer_int (writer, (gint64) MIN (n, G_MAXINT32));
}

static void
write_failures (FluoJsonWriter *writer, const guint64 *failures)
{
  fluo_json_writer_key (writer, "BackendConnectionErrors");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_RELAY_FAILURES; i++)
    write_count (writer, failure_names[i], failures[i]);
  fluo_json_writer_end (writer, '}');
}

static void
write_record (FluoJsonWriter *writer, const Record *record)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Timestamp");
  fluo_json_writer_seconds (writer, record->time_ns);
  write_count (writer, "SegmentsReceivedCount", record->received);
  write_count (writer, "SegmentsSentCount", record->sent);
  write_count (writer, "SegmentsSpilloverCount", record->spilled);
  write_count (writer, "SegmentsRejectedCount", record->rejected);
  write_failures (writer, record->failures);
  fluo_json_writer_end (writer, '}');
}

static void
write_limited (FluoJsonWriter *writer, const char *key, const char *value, glong chars_max)
{
  g_autofree char *cut = NULL;

  if (!value || *value == '\0' || !g_utf8_validate (value, -1, NULL))
    return;
  cut = g_utf8_substring (value, 0, MIN (g_utf8_strlen (value, -1), chars_max));
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, cut);
}

static GBytes *
write_request (FluoRelay *relay)
{
  FluoRelayTelemetry *self = relay->own.telemetry;
  GString *body = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TelemetryRecords");
  fluo_json_writer_begin (&writer, '[');
  self->n_sent = 0;
  for (GList *each = self->records.head; each && self->n_sent < N_CALL_MAX; each = each->next)
    {
      write_record (&writer, each->data);
      self->n_sent++;
    }
  fluo_json_writer_end (&writer, ']');
  /* The names of this computer are told only where the user sets them for it. */
  write_limited (&writer, "EC2InstanceId", g_getenv ("AWS_INSTANCE_ID"), INSTANCE_CHARS_MAX);
  write_limited (&writer, "Hostname", g_getenv ("AWS_HOSTNAME"), HOST_CHARS_MAX);
  write_limited (&writer, "ResourceARN", relay->resource_arn, ARN_CHARS_MAX);
  fluo_json_writer_end (&writer, '}');
  return g_string_free_to_bytes (body);
}

static void send_records (FluoRelay *relay);

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoRelay *relay = user_data;
  FluoRelayTelemetry *self = relay->own.telemetry;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoHttpResponse) response =
    fluo_xray_client_exchange_finish (FLUO_XRAY_CLIENT (source), result, &error);
  gboolean success = response && response->status >= 200 && response->status < 300;
  /* What AWS calls wrong will be wrong the next time too. */
  gboolean hopeless = response && response->status == 400;

  relay->own.n_others--;
  for (guint i = 0; (success || hopeless) && i < self->n_sent; i++)
    g_free (g_queue_pop_head (&self->records));
  self->n_sent = 0;
  if (!success)
    {
      if (!fluo_relay_is_about_keys (error))
        fluo_relay_count_failure (relay, response, error);
      g_debug ("telemetry was not taken: %s", error ? error->message : "an error status");
    }
  else if (self->records.length > 0)
    send_records (relay);
  fluo_relay_pump (relay);
}

static void
send_records (FluoRelay *relay)
{
  FluoRelayTelemetry *self = relay->own.telemetry;
  g_autoptr (GBytes) body = NULL;

  if (self->n_sent > 0 || self->records.length == 0)
    return;
  body = write_request (relay);
  relay->own.n_others++;
  fluo_xray_client_exchange_async (relay->own.client, "/TelemetryRecords", body,
                                   &relay->times.limits, relay->own.cancellable, answered_cb,
                                   relay);
}

/* Totals since the start. */
static void
read_totals (FluoRelay *relay, Record *totals)
{
  FluoRelayCounts counts;

  fluo_relay_buffer_read (relay->buffer, &counts);
  totals->time_ns = relay->times.now_ns (relay->times.data);
  totals->received = counts.accepted;
  totals->sent = counts.sent;
  totals->spilled = counts.dropped[FLUO_RELAY_DROP_BUFFER_FULL];
  totals->rejected = counts.unprocessed + counts.dropped[FLUO_RELAY_DROP_REFUSED];
  g_mutex_lock (&relay->shared.lock);
  memcpy (totals->failures, relay->shared.failures, sizeof totals->failures);
  g_mutex_unlock (&relay->shared.lock);
}

void
fluo_relay_telemetry_tick (FluoRelay *relay)
{
  FluoRelayTelemetry *self = relay->own.telemetry;
  Record *record = g_new0 (Record, 1);
  Record totals;

  read_totals (relay, &totals);
  if (totals.received == 0)
    {
      g_free (record);
      return;
    }
  *record = totals;
  record->received -= self->last.received;
  record->sent -= self->last.sent;
  record->spilled -= self->last.spilled;
  record->rejected -= self->last.rejected;
  for (guint i = 0; i < FLUO_N_RELAY_FAILURES; i++)
    record->failures[i] -= self->last.failures[i];
  self->last = totals;
  /* Those in the request under way stay at the head: its answer counts on them. */
  if (self->records.length >= N_KEPT_MAX && self->n_sent == 0)
    g_free (g_queue_pop_head (&self->records));
  else if (self->records.length >= N_KEPT_MAX)
    g_free (g_queue_pop_nth (&self->records, self->n_sent));
  g_queue_push_tail (&self->records, record);
  send_records (relay);
}
