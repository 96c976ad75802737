/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libsoup/soup.h>
#include <string.h>

#include "local/relay/fluo-relay-private.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define TEXT_BYTES 1000
#define DOCUMENT_BYTES (TEXT_BYTES + FLUO_RELAY_DOCUMENT_OVERHEAD)

/* --- The buffer --------------------------------------------------------- */

static guint64
add (FluoRelayBuffer *buffer, guint64 id)
{
  char text[TEXT_BYTES];

  memset (text, 'a', sizeof text);
  fluo_relay_buffer_add (buffer, id, text, sizeof text);
  return id;
}

static void
settle_all (FluoRelayBuffer *buffer, GPtrArray *documents, FluoRelayFate fate)
{
  for (guint i = 0; i < documents->len; i++)
    ((FluoRelayDocument *) documents->pdata[i])->fate = fate;
  fluo_relay_buffer_settle (buffer, documents);
}

static guint64
first_id (GPtrArray *documents)
{
  return ((FluoRelayDocument *) documents->pdata[0])->id;
}

/* accepted = sent + unprocessed + drops + waiting */
static void
check (FluoRelayBuffer *buffer, FluoRelayCounts *counts)
{
  guint64 sum;

  fluo_relay_buffer_read (buffer, counts);
  sum = counts->sent + counts->unprocessed + counts->waiting;
  for (guint i = 0; i < FLUO_N_RELAY_DROPS; i++)
    sum += counts->dropped[i];
  g_assert_cmpuint (sum, ==, counts->accepted);
  g_assert_cmpuint (counts->waiting_bytes, ==, counts->waiting * DOCUMENT_BYTES);
  g_assert_cmpuint (counts->waiting_bytes, <=, fluo_relay_buffer_get_size (buffer));
}

static void
test_buffer_order (void)
{
  g_autoptr (FluoRelayBuffer) buffer = fluo_relay_buffer_new (100 * DOCUMENT_BYTES);
  FluoRelayCounts counts;
  GPtrArray *taken, *others;
  gsize bytes;

  g_assert_null (fluo_relay_buffer_take (buffer, 50, G_MAXSIZE));
  for (guint i = 1; i <= 10; i++)
    add (buffer, i);
  g_assert_cmpuint (fluo_relay_buffer_get_queued (buffer, &bytes), ==, 10);
  g_assert_cmpuint (bytes, ==, 10 * TEXT_BYTES);
  taken = fluo_relay_buffer_take (buffer, 3, G_MAXSIZE);
  g_assert_cmpuint (taken->len, ==, 3);
  g_assert_cmpuint (first_id (taken), ==, 1);
  /* Two and a half by size are two; one that is larger than all that is allowed goes alone. */
  others = fluo_relay_buffer_take (buffer, 50, 2 * TEXT_BYTES + TEXT_BYTES / 2);
  g_assert_cmpuint (others->len, ==, 2);
  g_assert_cmpuint (first_id (others), ==, 4);
  settle_all (buffer, others, FLUO_RELAY_FATE_SENT);
  settle_all (buffer, taken, FLUO_RELAY_FATE_AGAIN);
  taken = fluo_relay_buffer_take (buffer, 50, 1);
  g_assert_cmpuint (taken->len, ==, 1);
  g_assert_cmpuint (first_id (taken), ==, 1);
  settle_all (buffer, taken, FLUO_RELAY_FATE_REFUSED);
  check (buffer, &counts);
  g_assert_cmpuint (counts.sent, ==, 2);
  g_assert_cmpuint (counts.dropped[FLUO_RELAY_DROP_REFUSED], ==, 1);
  g_assert_cmpuint (fluo_relay_buffer_end (buffer), ==, 7);
  check (buffer, &counts);
  g_assert_cmpuint (counts.waiting, ==, 0);
}

static void
test_buffer_overflow (void)
{
  g_autoptr (FluoRelayBuffer) buffer = fluo_relay_buffer_new (10 * DOCUMENT_BYTES + 5);
  FluoRelayCounts counts;
  GPtrArray *taken, *rest;

  for (guint i = 1; i <= 10; i++)
    add (buffer, i);
  taken = fluo_relay_buffer_take (buffer, 4, G_MAXSIZE);
  /* Those being sent take room but are not dropped: of 5 to 10, the oldest two go. */
  add (buffer, 11);
  add (buffer, 12);
  check (buffer, &counts);
  g_assert_cmpuint (counts.dropped[FLUO_RELAY_DROP_BUFFER_FULL], ==, 2);
  rest = fluo_relay_buffer_take (buffer, 50, G_MAXSIZE);
  g_assert_cmpuint (rest->len, ==, 6);
  g_assert_cmpuint (first_id (rest), ==, 7);
  /* With all of them under way, the new one itself has no room. */
  add (buffer, 13);
  check (buffer, &counts);
  g_assert_cmpuint (counts.dropped[FLUO_RELAY_DROP_BUFFER_FULL], ==, 3);
  settle_all (buffer, rest, FLUO_RELAY_FATE_AGAIN);
  settle_all (buffer, taken, FLUO_RELAY_FATE_AGAIN);
  check (buffer, &counts);
  g_assert_cmpuint (counts.waiting, ==, 10);
  taken = fluo_relay_buffer_take (buffer, 50, G_MAXSIZE);
  g_assert_cmpuint (first_id (taken), ==, 1);
  settle_all (buffer, taken, FLUO_RELAY_FATE_SENT);
  check (buffer, &counts);
  g_assert_cmpuint (counts.sent, ==, 10);
}

/* Any number of different codes takes bounded memory, and no count is lost. */
static void
test_buffer_codes (void)
{
  g_autoptr (FluoRelayBuffer) buffer = fluo_relay_buffer_new (1000 * DOCUMENT_BYTES);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  FluoRelayCounts counts;
  FluoJsonWriter writer;
  GPtrArray *taken;
  guint32 codes;
  guint n_codes = 0;
  gint64 sum = 0;

  for (guint i = 0; i < 200; i++)
    add (buffer, i);
  taken = fluo_relay_buffer_take (buffer, 200, G_MAXSIZE);
  for (guint i = 0; i < taken->len; i++)
    {
      FluoRelayDocument *document = taken->pdata[i];

      g_snprintf (document->code, sizeof document->code, "Code%u", i);
      document->fate = FLUO_RELAY_FATE_UNPROCESSED;
    }
  fluo_relay_buffer_settle (buffer, taken);
  check (buffer, &counts);
  g_assert_cmpuint (counts.unprocessed, ==, 200);

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_relay_buffer_write (buffer, &writer);
  fluo_json_writer_end (&writer, '}');
  bytes = g_bytes_new (out->str, out->len);
  tape = fluo_json_tape_new (bytes, NULL);
  g_assert_nonnull (tape);
  codes = fluo_json_tape_get (tape, 0, "Unprocessed");
  for (guint32 node = fluo_json_tape_first (tape, codes); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, codes, node), n_codes++)
    sum += fluo_json_tape_int (tape, node, 0);
  g_assert_cmpint (sum, ==, 200);
  g_assert_cmpuint (n_codes, <=, 33);
}

static gpointer
add_thread (gpointer data)
{
  for (guint i = 0; i < 20000; i++)
    add (data, i);
  return NULL;
}

static void
test_buffer_threads (void)
{
  g_autoptr (FluoRelayBuffer) buffer = fluo_relay_buffer_new (300 * DOCUMENT_BYTES);
  GThread *thread = g_thread_new ("add", add_thread, buffer);
  FluoRelayCounts counts = { 0 };

  while (counts.accepted < 20000 || counts.waiting > 0)
    {
      GPtrArray *taken = fluo_relay_buffer_take (buffer, 50, G_MAXSIZE);

      if (taken)
        settle_all (buffer, taken, FLUO_RELAY_FATE_SENT);
      check (buffer, &counts);
    }
  g_thread_join (thread);
  g_assert_cmpuint (counts.sent + counts.dropped[FLUO_RELAY_DROP_BUFFER_FULL], ==, 20000);
}

/* --- Pauses ------------------------------------------------------------- */

static void
test_pauses (void)
{
  const double almost = 0.9999999;

  g_assert_cmpuint (fluo_relay_pause_for (1, FALSE, 0.0), ==, 0);
  g_assert_cmpuint (fluo_relay_pause_for (1, FALSE, almost), ==, 49);
  g_assert_cmpuint (fluo_relay_pause_for (2, FALSE, almost), ==, 99);
  g_assert_cmpuint (fluo_relay_pause_for (1, TRUE, almost), ==, 999);
  g_assert_cmpuint (fluo_relay_pause_for (3, TRUE, 0.5), ==, 2000);
  g_assert_cmpuint (fluo_relay_pause_for (12, FALSE, almost), ==, 19999);
  g_assert_cmpuint (fluo_relay_pause_for (G_MAXUINT, TRUE, almost), ==, 19999);
}

/* --- The whole, against a service in this process ----------------------- */

typedef struct
{
  SoupServer *server;
  FluoRelay  *relay;
  guint       n_segments;   /* calls */
  guint       n_documents;
  guint       n_records;    /* of telemetry */
  guint       n_calls_of_telemetry;
  gint64      received, sent, rejected, failed;
  guint       fail_first;   /* so many calls get 503 */
  gint64      now_ns;
  GArray     *pauses;       /* n_failures of each, by the relay's thread */
  guint       n_ticks;      /* atomic */
  guint       waker;
} Fixture;

static gint64
test_now (gpointer data)
{
  return ((Fixture *) data)->now_ns;
}

/* [relay] No test waits. */
static guint
test_pause (guint n_failures, gboolean throttled, gpointer data)
{
  g_array_append_val (((Fixture *) data)->pauses, n_failures);
  return 0;
}

static gint64
get_int (FluoJsonTape *tape, guint32 object, const char *key)
{
  return fluo_json_tape_int (tape, fluo_json_tape_get (tape, object, key), -1);
}

static void
read_telemetry (Fixture *fixture, FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "TelemetryRecords");

  fixture->n_calls_of_telemetry++;
  g_assert_cmpuint (fluo_json_tape_count (tape, list), <=, 10);
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 failures = fluo_json_tape_get (tape, node, "BackendConnectionErrors");

      fixture->n_records++;
      g_assert_cmpint (get_int (tape, node, "Timestamp"), ==, fixture->now_ns / FLUO_NSEC_PER_SEC);
      fixture->received += get_int (tape, node, "SegmentsReceivedCount");
      fixture->sent += get_int (tape, node, "SegmentsSentCount");
      fixture->rejected += get_int (tape, node, "SegmentsRejectedCount");
      fixture->failed += get_int (tape, failures, "HTTPCode5XXCount");
      g_assert_cmpint (get_int (tape, failures, "TimeoutCount"), ==, 0);
    }
}

static void
service_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GBytes) body =
    soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (body, NULL);
  const char *answer = "{\"UnprocessedTraceSegments\":[]}";

  g_assert_nonnull (tape);
  if (strcmp (path, "/TelemetryRecords") == 0)
    read_telemetry (fixture, tape);
  else if (fixture->n_segments++ < fixture->fail_first)
    {
      soup_server_message_set_status (message, 503, NULL);
      return;
    }
  else
    {
      guint n = fluo_json_tape_count (tape, fluo_json_tape_get (tape, 0, "TraceSegmentDocuments"));

      fixture->n_documents += n;
      answer = "{\"UnprocessedTraceSegments\":[{\"Id\":\"0000000000000007\","
               "\"ErrorCode\":\"InvalidSegment\",\"Message\":null},{\"Id\":\"00000000000000ff\","
               "\"ErrorCode\":\"InvalidSegment\"},null,7]}";
    }
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, answer,
                                    strlen (answer));
}

/* What the relay's thread does wakes nobody here. */
static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  FluoRelayTimes times = {
    .linger_ms = 1,
    .telemetry_ms = 3600 * 1000,
    .farewell_ms = PATIENCE_MS,
    .limits = { PATIENCE_MS, PATIENCE_MS, 1 << 20 },
    .now_ns = test_now,
    .pause_ms = test_pause,
    .data = fixture,
  };
  FluoRelayOptions options = { .region = "eu-west-1", .local_mode = TRUE };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  fixture->waker = g_timeout_add (2, wake_cb, NULL);
  fixture->now_ns = G_GINT64_CONSTANT (1790000000) * FLUO_NSEC_PER_SEC;
  fixture->pauses = g_array_new (FALSE, FALSE, sizeof (guint));
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, NULL, service_cb, fixture, NULL);
  g_assert_true (
    soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error));
  uris = soup_server_get_uris (fixture->server);
  url = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  options.endpoint = url;
  fixture->relay = fluo_relay_new_with_times (&options, NULL, &times, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_source_remove (fixture->waker);
  g_array_unref (fixture->pauses);
  g_object_unref (fixture->server);
}

static void
hand_over (Fixture *fixture, guint n)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  for (guint i = 1; i <= n; i++)
    {
      FluoIngestDocument stored = { .body = body, .result = FLUO_INGEST_STORED, .head.id = i };
      FluoIngestDocument refused = { .body = body, .result = FLUO_REFUSED_DUPLICATE };
      FluoIngestDocument *both[] = { &stored, &refused };

      fluo_relay_add (fixture->relay, both, 2);
    }
}

static gboolean
nothing_waits (gpointer data)
{
  FluoRelayCounts counts;

  fluo_relay_buffer_read (((Fixture *) data)->relay->buffer, &counts);
  return counts.waiting == 0;
}

static gpointer
free_thread (gpointer data)
{
  Fixture *fixture = data;

  fluo_relay_free (fixture->relay);
  g_atomic_pointer_set (&fixture->relay, NULL);
  return NULL;
}

static gboolean
is_freed (gpointer data)
{
  return g_atomic_pointer_get (&((Fixture *) data)->relay) == NULL;
}

/* The service runs in this thread, so the end has to be in another. */
static void
end (Fixture *fixture)
{
  GThread *thread = g_thread_new ("end", free_thread, fixture);

  g_assert_true (fluo_test_wait_until (is_freed, fixture, PATIENCE_MS));
  g_thread_join (thread);
}

/* Only what was stored is sent; codes are counted; telemetry tells it all at the end. */
static void
test_sends (Fixture *fixture, gconstpointer data)
{
  FluoRelayCounts counts;

  hand_over (fixture, 120);
  g_assert_true (fluo_test_wait_until (nothing_waits, fixture, PATIENCE_MS));
  fluo_relay_buffer_read (fixture->relay->buffer, &counts);
  g_assert_cmpuint (counts.accepted, ==, 120);
  g_assert_cmpuint (counts.unprocessed, ==, 1);
  g_assert_cmpuint (counts.sent, ==, 119);
  end (fixture);
  g_assert_cmpuint (fixture->n_documents, ==, 120);
  g_assert_cmpuint (fixture->n_records, ==, 1);
  g_assert_cmpint (fixture->received, ==, 120);
  g_assert_cmpint (fixture->sent, ==, 119);
  g_assert_cmpint (fixture->rejected, ==, 1);
  g_assert_cmpint (fixture->failed, ==, 0);
}

/* Failures in a row make longer pauses, and a success ends the row. */
static void
test_fails (Fixture *fixture, gconstpointer data)
{
  fixture->fail_first = 4;
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "relay: *");
  hand_over (fixture, 1);
  g_assert_true (fluo_test_wait_until (nothing_waits, fixture, PATIENCE_MS));
  end (fixture);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (fixture->pauses->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint (g_array_index (fixture->pauses, guint, i), ==, i + 1);
  g_assert_cmpint (fixture->failed, ==, 4);
}

/* [relay] */
static gboolean
tick_cb (gpointer data)
{
  Fixture *fixture = data;

  fluo_relay_telemetry_tick (fixture->relay);
  g_atomic_int_inc (&fixture->n_ticks);
  return G_SOURCE_REMOVE;
}

static gboolean
has_ticked (gpointer data)
{
  return g_atomic_int_get (&((Fixture *) data)->n_ticks) > 0;
}

/* Nothing is told before a first document; then a record a tick, at most 30 kept, ten in a call. */
static void
test_telemetry (Fixture *fixture, gconstpointer data)
{
  FluoRelay *relay = fixture->relay;

  g_main_context_invoke (relay->context, tick_cb, fixture);
  g_assert_true (fluo_test_wait_until (has_ticked, fixture, PATIENCE_MS));
  hand_over (fixture, 5);
  g_assert_true (fluo_test_wait_until (nothing_waits, fixture, PATIENCE_MS));
  g_assert_cmpuint (fixture->n_calls_of_telemetry, ==, 0);
  for (guint i = 0; i < 45; i++)
    g_main_context_invoke (relay->context, tick_cb, fixture);
  end (fixture);
  g_assert_cmpuint (fixture->n_records, >=, 30);
  g_assert_cmpuint (fixture->n_records, <=, 46);
  g_assert_cmpuint (fixture->n_calls_of_telemetry, >=, 4);
  g_assert_cmpint (fixture->received, ==, 5);
}

int
main (int argc, char **argv)
{
  g_setenv ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "secret", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/buffer/order", test_buffer_order);
  g_test_add_func ("/relay/buffer/overflow", test_buffer_overflow);
  g_test_add_func ("/relay/buffer/codes", test_buffer_codes);
  g_test_add_func ("/relay/buffer/threads", test_buffer_threads);
  g_test_add_func ("/relay/pauses", test_pauses);
  g_test_add ("/relay/sends", Fixture, NULL, set_up, test_sends, tear_down);
  g_test_add ("/relay/fails", Fixture, NULL, set_up, test_fails, tear_down);
  g_test_add ("/relay/telemetry", Fixture, NULL, set_up, test_telemetry, tear_down);
  return g_test_run ();
}
