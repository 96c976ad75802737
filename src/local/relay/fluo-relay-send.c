/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "core/fluo-time-span.h"
#include "local/relay/fluo-relay-private.h"

/* PutTraceSegments takes 50 documents. The bytes keep a request of the largest documents, escaped
 * as JSON text, well below what the service takes. */
#define BATCH_N_MAX 50
#define BATCH_BYTES_MAX (1024 * 1024)

/* One request on its way. */
typedef struct
{
  FluoRelay *relay;
  GPtrArray *documents; /* FluoRelayDocument */
} Flight;

static GBytes *
write_request (GPtrArray *documents)
{
  GString *body = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceSegmentDocuments");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < documents->len; i++)
    {
      const FluoRelayDocument *document = documents->pdata[i];

      fluo_json_writer_strn (&writer, document->text, document->length);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  return g_string_free_to_bytes (body);
}

static void
set_fate (GPtrArray *documents, FluoRelayFate fate)
{
  for (guint i = 0; i < documents->len; i++)
    ((FluoRelayDocument *) documents->pdata[i])->fate = fate;
}

/* --- Answers ------------------------------------------------------------ */

/* Codes that blame the moment, not the document. */
static gboolean
is_passing (const char *code)
{
  static const char *const codes[] = { "ThrottledException",  "ThrottlingException", "Throttling",
                                       "InternalFailure",     "InternalServerError",
                                       "ServiceUnavailable",  NULL };

  return g_strv_contains (codes, code);
}

/* The document of this id that has no code yet; without an id, which should not happen with
 * documents that were read here, any: the sums stay true. */
static FluoRelayDocument *
find_document (GPtrArray *documents, const char *id_text)
{
  guint64 id = 0;
  gboolean known = id_text && g_ascii_string_to_unsigned (id_text, 16, 0, G_MAXUINT64, &id, NULL);

  for (guint i = 0; i < documents->len; i++)
    {
      FluoRelayDocument *document = documents->pdata[i];

      if (document->fate == FLUO_RELAY_FATE_SENT && (!known || document->id == id))
        return document;
    }
  return NULL;
}

static void
read_unprocessed (GPtrArray *documents, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "UnprocessedTraceSegments");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *id = NULL, *code = NULL;
      FluoRelayDocument *document;

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      id = fluo_json_tape_dup_member (tape, node, "Id");
      code = fluo_json_tape_dup_member (tape, node, "ErrorCode");
      document = find_document (documents, id);
      if (!document)
        continue;
      if (code && is_passing (code))
        {
          document->fate = FLUO_RELAY_FATE_AGAIN;
          continue;
        }
      document->fate = FLUO_RELAY_FATE_UNPROCESSED;
      g_strlcpy (document->code, code && *code != '\0' ? code : "Unknown", sizeof document->code);
      g_strcanon (document->code,
                  G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-", '?');
    }
}

static gboolean pause_over_cb (gpointer data);

/* After a failure nothing is sent for a while, and then one request only, until one succeeds. */
static void
fail (FluoRelay *self, const char *message, gboolean throttled)
{
  fluo_relay_set_error (self, message);
  if (self->own.draining)
    {
      self->own.gave_up = TRUE;
      return;
    }
  /* Requests that were under way together fail together: that is one failure. */
  if (self->own.pause)
    return;
  self->own.n_failures++;
  self->own.pause = fluo_relay_timeout (
    self, self->times.pause_ms (self->own.n_failures, throttled, self->times.data), pause_over_cb);
}

/* An answer as it should be. */
static gboolean
take_answer (Flight *flight, const FluoHttpResponse *response)
{
  FluoRelay *self = flight->relay;
  g_autoptr (FluoJsonTape) tape = NULL;
  guint n_again = 0;

  if (fluo_http_response_is_json (response))
    tape = fluo_json_tape_new (response->body, NULL);
  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    return FALSE;
  set_fate (flight->documents, FLUO_RELAY_FATE_SENT);
  read_unprocessed (flight->documents, tape);
  for (guint i = 0; i < flight->documents->len; i++)
    n_again += ((FluoRelayDocument *) flight->documents->pdata[i])->fate == FLUO_RELAY_FATE_AGAIN;
  if (n_again > 0)
    {
      fail (self, _("AWS X-Ray could not process all documents just now"), TRUE);
      return TRUE;
    }
  self->own.n_failures = 0;
  fluo_relay_set_error (self, NULL);
  g_mutex_lock (&self->shared.lock);
  self->shared.last_sent_ns = self->times.now_ns (self->times.data);
  g_mutex_unlock (&self->shared.lock);
  return TRUE;
}

/* One bad document must not take 49 others with it: each half is tried alone. */
static void
split (Flight *flight)
{
  FluoRelay *self = flight->relay;
  guint half = flight->documents->len / 2;
  GPtrArray *second = g_ptr_array_new ();

  for (guint i = half; i < flight->documents->len; i++)
    g_ptr_array_add (second, flight->documents->pdata[i]);
  g_ptr_array_set_size (flight->documents, (int) half);
  g_queue_push_tail (&self->own.parts, g_steal_pointer (&flight->documents));
  g_queue_push_tail (&self->own.parts, second);
}

static void
take_failure (Flight *flight, const FluoHttpResponse *response, FluoXrayFailure *failure)
{
  FluoRelay *self = flight->relay;
  gboolean is_ours = failure->error->domain == FLUO_XRAY_ERROR;
  int code = failure->error->code;

  if (response && fluo_xray_client_take_their_clock (self->own.client, failure, response))
    return;
  if (is_ours && (code == FLUO_XRAY_ERROR_EXPIRED || code == FLUO_XRAY_ERROR_ACCESS) &&
      fluo_relay_renew_keys (self))
    return;
  if (response && !failure->is_transient &&
      (response->status == 413 || (is_ours && code == FLUO_XRAY_ERROR_INVALID_REQUEST)))
    {
      fluo_relay_set_error (self, failure->error->message);
      if (flight->documents->len > 1)
        split (flight);
      else
        set_fate (flight->documents, FLUO_RELAY_FATE_REFUSED);
      return;
    }
  fail (self, failure->error->message, failure->is_throttle);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flight *flight = user_data;
  FluoRelay *self = flight->relay;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoHttpResponse) response =
    fluo_xray_client_exchange_finish (FLUO_XRAY_CLIENT (source), result, &error);
  gboolean success = response && response->status >= 200 && response->status < 300;

  set_fate (flight->documents, FLUO_RELAY_FATE_AGAIN);
  self->own.n_flights--;
  if (response)
    fluo_relay_set_source (self, fluo_xray_client_get_keys_source (self->own.client));
  if (fluo_relay_is_about_keys (error))
    fail (self, error->message, FALSE);
  else if (!success || !take_answer (flight, response))
    {
      FluoXrayFailure failure = { 0 };

      if (success)
        failure.error = fluo_xray_error_not_json (response, "not JSON");
      else if (response)
        fluo_xray_failure_from_response (&failure, response);
      else
        fluo_xray_failure_from_transport (&failure, error, self->endpoint);
      fluo_relay_count_failure (self, success ? NULL : response, error);
      take_failure (flight, success ? NULL : response, &failure);
      fluo_xray_failure_clear (&failure);
    }
  if (flight->documents)
    fluo_relay_buffer_settle (self->buffer, flight->documents);
  g_free (flight);
  fluo_relay_pump (self);
}

/* --- Requests ----------------------------------------------------------- */

static gboolean
pause_over_cb (gpointer data)
{
  FluoRelay *self = data;

  fluo_relay_clear_source (&self->own.pause);
  self->own.flush = TRUE;
  fluo_relay_pump (self);
  return G_SOURCE_REMOVE;
}

static gboolean
lingered_cb (gpointer data)
{
  FluoRelay *self = data;

  fluo_relay_clear_source (&self->own.linger);
  self->own.flush = TRUE;
  fluo_relay_pump (self);
  return G_SOURCE_REMOVE;
}

/* What is due, or NULL. */
static GPtrArray *
next_batch (FluoRelay *self)
{
  GPtrArray *documents = g_queue_pop_head (&self->own.parts);
  gsize bytes;
  guint n;

  if (documents)
    return documents;
  n = fluo_relay_buffer_get_queued (self->buffer, &bytes);
  if (n >= BATCH_N_MAX || bytes >= BATCH_BYTES_MAX || self->own.flush || self->own.draining)
    return fluo_relay_buffer_take (self->buffer, BATCH_N_MAX, BATCH_BYTES_MAX);
  return NULL;
}

static void
send_batch (FluoRelay *self, GPtrArray *documents)
{
  Flight *flight = g_new0 (Flight, 1);
  g_autoptr (GBytes) body = write_request (documents);

  flight->relay = self;
  flight->documents = documents;
  self->own.n_flights++;
  fluo_xray_client_exchange_async (self->own.client, "/TraceSegments", body, &self->times.limits,
                                   self->own.cancellable, answered_cb, flight);
}

static void
send_due (FluoRelay *self)
{
  while (!self->own.pause && !self->own.gave_up &&
         self->own.n_flights < (self->own.n_failures > 0 ? 1 : self->n_senders))
    {
      GPtrArray *documents = next_batch (self);

      if (!documents)
        {
          self->own.flush = FALSE;
          break;
        }
      send_batch (self, documents);
    }
}

/* All that could be done is done. */
static void
end_when_done (FluoRelay *self)
{
  gsize bytes;

  if (self->own.n_flights > 0 || (!self->own.gave_up &&
                                  (fluo_relay_buffer_get_queued (self->buffer, &bytes) > 0 ||
                                   self->own.parts.length > 0)))
    return;
  if (!self->own.gave_up && !self->own.farewell_sent)
    {
      self->own.farewell_sent = TRUE;
      fluo_relay_telemetry_tick (self);
    }
  if (self->own.n_others == 0)
    g_main_loop_quit (self->own.loop);
}

void
fluo_relay_pump (FluoRelay *self)
{
  gsize bytes;

  send_due (self);
  if (self->own.draining)
    end_when_done (self);
  else if (!self->own.pause && !self->own.linger && self->own.n_flights < self->n_senders &&
           fluo_relay_buffer_get_queued (self->buffer, &bytes) > 0)
    self->own.linger = fluo_relay_timeout (self, self->times.linger_ms, lingered_cb);
}
