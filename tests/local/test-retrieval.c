/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>

#include "core/fluo-json.h"
#include "local/api/fluo-retrieval.h"
#include "local/store/fluo-ingest.h"
#include "fluo-test-util.h"

#define START 1790000000

typedef struct
{
  char           *dir;
  FluoStore      *store;
  FluoIngest     *ingest;
  FluoRetrievals *retrievals;
  gint64          now_ns;
  gint64          step_ns; /* that the clock moves on when it is looked at */
  guint           looks;   /* at the clock, until the one that cancels @victim */
  const char     *victim;
} Fixture;

static gint64
clock_of (gpointer data)
{
  Fixture *self = data;

  self->now_ns += self->step_ns;
  if (self->looks > 0 && --self->looks == 0)
    g_assert_true (fluo_retrievals_cancel (self->retrievals, self->victim));
  return self->now_ns;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->dir = fluo_test_dir_new ();
  self->store = fluo_store_open (self->dir, &error);
  g_assert_no_error (error);
  self->ingest = fluo_ingest_new (self->store);
  self->now_ns = START * FLUO_NSEC_PER_SEC;
  self->retrievals = fluo_retrievals_new (self->store, FALSE, clock_of, self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fluo_retrievals_free (self->retrievals);
  fluo_ingest_free (self->ingest);
  fluo_store_free (self->store);
  fluo_test_dir_free (self->dir);
}

static FluoTraceId
id_of (guint trace)
{
  g_autofree char *text = g_strdup_printf ("1-%08x-%024x", START + trace, trace);
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (text, -1, &id));
  return id;
}

/* A segment of one second; @more is put into it. */
static void
put (Fixture *self, guint trace, const char *name, const char *more)
{
  FluoTraceId id = id_of (trace);
  g_autofree char *trace_id = fluo_trace_id_to_string (&id);
  g_autofree char *json =
    g_strdup_printf ("{\"trace_id\":\"%s\",\"id\":\"%016x\",\"name\":\"%s\",\"start_time\":%u,"
                     "\"end_time\":%u%s}",
                     trace_id, trace, name, START + trace, START + trace + 1, more);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  FluoIngestDocument document = { body };
  FluoIngestDocument *list = &document;
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_segment_head_parse (json, strlen (json), &document.head, NULL, &error));
  g_assert_true (fluo_ingest_apply (self->ingest, &list, 1, self->now_ns, &error));
  g_assert_true (
    fluo_ingest_settle (self->ingest, FLUO_SETTLE_ALL, 0, self->now_ns, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&document.packed, g_bytes_unref);
}

/* Traces [first, end), any time unless told. */
static char *
start (Fixture *self, guint first, guint end)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  FluoTimeSpan span = { 0, G_MAXINT64 };

  for (guint i = first; i < end; i++)
    {
      FluoTraceId id = id_of (i);

      g_array_append_val (ids, id);
    }
  return fluo_retrievals_start (self->retrievals, ids, span);
}

static FluoRetrievalStatus
status_of (Fixture *self, const char *token)
{
  g_auto (FluoRetrieval) retrieval = { 0 };

  g_assert_true (fluo_retrievals_get (self->retrievals, token, &retrieval));
  return retrieval.status;
}

/* --- Tests ---------------------------------------------------------------- */

static void
test_complete (Fixture *self, gconstpointer data)
{
  g_auto (FluoRetrieval) waiting = { 0 }, found = { 0 };
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autofree char *token = NULL;
  FluoRetrievalLink *link;
  FluoTraceId id = id_of (2), other = id_of (900);

  put (self, 1, "web", "");
  put (self, 2, "mailer", ",\"links\":[{\"trace_id\":\"1-6ab13f04-000000000000000000000384\","
                          "\"id\":\"0000000000000384\"}]");
  token = start (self, 1, 5);
  g_assert_true (fluo_retrievals_get (self->retrievals, token, &waiting));
  g_assert_cmpint (waiting.status, ==, FLUO_RETRIEVAL_SCHEDULED);
  g_assert_null (waiting.ids);
  g_assert_true (fluo_retrievals_run (self->retrievals));
  g_assert_false (fluo_retrievals_run (self->retrievals));
  g_assert_true (fluo_retrievals_get (self->retrievals, token, &found));
  g_assert_cmpint (found.status, ==, FLUO_RETRIEVAL_COMPLETE);
  /* Two of four are there, in the order asked for. */
  g_assert_cmpuint (found.ids->len, ==, 2);
  g_assert_true (fluo_trace_id_equal (&g_array_index (found.ids, FluoTraceId, 1), &id));
  graph = fluo_service_graph_from_bytes (found.graph, NULL);
  g_assert_cmpuint (fluo_service_graph_find (graph, "web", NULL), !=, G_MAXUINT);
  /* The mailer's segment names a trace that nobody has. */
  g_assert_cmpuint (found.links->len, ==, 1);
  link = &g_array_index (found.links, FluoRetrievalLink, 0);
  g_assert_cmpuint (link->node, ==, fluo_service_graph_find (graph, "mailer", NULL));
  g_assert_true (fluo_trace_id_equal (&link->source, &id));
  g_assert_true (fluo_trace_id_equal (&link->destination, &other));
}

/* Only what is under way in the time, ends included. */
static void
test_span (Fixture *self, gconstpointer data)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  FluoTimeSpan span = { (START + 2) * FLUO_NSEC_PER_SEC, (START + 4) * FLUO_NSEC_PER_SEC };
  g_auto (FluoRetrieval) found = { 0 };
  g_autofree char *token = NULL;

  for (guint i = 0; i < 8; i++)
    {
      FluoTraceId id = id_of (i);

      put (self, i, "web", "");
      g_array_append_val (ids, id);
    }
  token = fluo_retrievals_start (self->retrievals, ids, span);
  fluo_retrievals_run (self->retrievals);
  g_assert_true (fluo_retrievals_get (self->retrievals, token, &found));
  /* 1 ends at 2, 4 begins at 4. */
  g_assert_cmpuint (found.ids->len, ==, 4);
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autofree char *token = NULL, *done = NULL;
  g_auto (FluoRetrieval) found = { 0 };

  put (self, 1, "web", "");
  done = start (self, 1, 2);
  fluo_retrievals_run (self->retrievals);
  token = start (self, 1, 2);
  g_assert_true (fluo_retrievals_cancel (self->retrievals, token));
  g_assert_cmpint (status_of (self, token), ==, FLUO_RETRIEVAL_CANCELLED);
  fluo_retrievals_run (self->retrievals);
  g_assert_true (fluo_retrievals_get (self->retrievals, token, &found));
  g_assert_cmpint (found.status, ==, FLUO_RETRIEVAL_CANCELLED);
  g_assert_null (found.ids);
  /* Again, and what is complete: nothing happens. */
  g_assert_true (fluo_retrievals_cancel (self->retrievals, token));
  g_assert_true (fluo_retrievals_cancel (self->retrievals, done));
  g_assert_cmpint (status_of (self, done), ==, FLUO_RETRIEVAL_COMPLETE);
  g_assert_false (fluo_retrievals_cancel (self->retrievals, "nonsense"));
}

/* While the job looks for its last trace. */
static void
test_cancel_late (Fixture *self, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_auto (FluoRetrieval) found = { 0 };

  put (self, 1, "web", "");
  token = start (self, 1, 2);
  self->victim = token;
  self->looks = 2;
  fluo_retrievals_run (self->retrievals);
  g_assert_cmpuint (self->looks, ==, 0);
  g_assert_true (fluo_retrievals_get (self->retrievals, token, &found));
  g_assert_cmpint (found.status, ==, FLUO_RETRIEVAL_CANCELLED);
  g_assert_null (found.ids);
}

static void
test_expiry (Fixture *self, gconstpointer data)
{
  g_autofree char *token = start (self, 1, 2);
  g_auto (FluoRetrieval) found = { 0 };

  self->now_ns += FLUO_RETRIEVAL_LIFE_NS - 1;
  g_assert_cmpint (status_of (self, token), ==, FLUO_RETRIEVAL_SCHEDULED);
  self->now_ns += 1;
  g_assert_false (fluo_retrievals_get (self->retrievals, token, &found));
  g_assert_false (fluo_retrievals_cancel (self->retrievals, token));
  /* The job is still in the queue, and does no harm. */
  g_assert_true (fluo_retrievals_run (self->retrievals));
}

static void
test_timeout (Fixture *self, gconstpointer data)
{
  g_autofree char *token = start (self, 1, 11);

  self->step_ns = FLUO_RETRIEVAL_JOB_NS / 5;
  fluo_retrievals_run (self->retrievals);
  self->step_ns = 0;
  g_assert_cmpint (status_of (self, token), ==, FLUO_RETRIEVAL_TIMEOUT);
}

/* What is over makes way; what is under way doesn't. */
static void
test_bounded (Fixture *self, gconstpointer data)
{
  char *tokens[FLUO_N_RETRIEVALS_MAX];
  g_autofree char *refused = NULL, *more = NULL;
  g_auto (FluoRetrieval) found = { 0 };

  for (guint i = 0; i < FLUO_N_RETRIEVALS_MAX; i++)
    {
      tokens[i] = start (self, i, i + 1);
      g_assert_nonnull (tokens[i]);
    }
  refused = start (self, 1, 2);
  g_assert_null (refused);
  g_assert_true (fluo_retrievals_cancel (self->retrievals, tokens[3]));
  more = start (self, 1, 2);
  g_assert_nonnull (more);
  g_assert_false (fluo_retrievals_get (self->retrievals, tokens[3], &found));
  g_assert_cmpint (status_of (self, tokens[0]), ==, FLUO_RETRIEVAL_SCHEDULED);
  for (guint i = 0; i < FLUO_N_RETRIEVALS_MAX; i++)
    g_free (tokens[i]);
}

/* In a thread of its own, of which the main loop hears nothing: it has to be asked. */
static gboolean
is_complete (FluoRetrievals *retrievals, const char *token)
{
  g_auto (FluoRetrieval) found = { 0 };

  return fluo_retrievals_get (retrievals, token, &found) &&
         found.status == FLUO_RETRIEVAL_COMPLETE && found.ids->len == 1;
}

static void
test_background (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoRetrievals) retrievals = fluo_retrievals_new (self->store, TRUE, NULL, NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  FluoTimeSpan span = { 0, G_MAXINT64 };
  FluoTraceId id = id_of (1);
  gint64 patience = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  g_autofree char *token = NULL;

  put (self, 1, "web", "");
  g_array_append_val (ids, id);
  token = fluo_retrievals_start (retrievals, ids, span);
  while (!is_complete (retrievals, token) && g_get_monotonic_time () < patience)
    g_usleep (1000);
  g_assert_true (is_complete (retrievals, token));
}

/* A document that is too long stays JSON, keeps what is short, and says what is missing. */
static void
check_document (const char *large, const char *note_member, const char *expected)
{
  g_autofree char *filler = g_strnfill (FLUO_RETRIEVED_CHARS_MAX, 'x');
  g_autofree char *text = g_strdup_printf (
    "{\"id\":\"0000000000000001\",\"name\":\"w\\u0065b\",\"%s\":[\"%s\"],\"error\":true}", large,
    filler);
  g_autoptr (GBytes) document = g_bytes_new (text, strlen (text)), shorter = NULL;

  shorter = fluo_retrieved_document (document, note_member);
  g_assert_cmpmem (g_bytes_get_data (shorter, NULL), g_bytes_get_size (shorter), expected,
                   strlen (expected));
  g_assert_true (fluo_json_validate (expected, strlen (expected), NULL));
}

static void
test_document (void)
{
  g_autofree char *filler = g_strnfill (FLUO_RETRIEVED_CHARS_MAX - 8, 'x');
  g_autofree char *text = g_strdup_printf ("{\"a\":\"%s\"}", filler);
  g_autoptr (GBytes) fits = g_bytes_new (text, strlen (text)), same = NULL;
  g_autoptr (GBytes) wide = NULL, same_wide = NULL;
  g_autoptr (GString) letters = g_string_new ("{\"a\":\"");

  g_assert_cmpuint (strlen (text), ==, FLUO_RETRIEVED_CHARS_MAX);
  same = fluo_retrieved_document (fits, "metadata");
  g_assert_true (same == fits);
  /* Characters count, not bytes. */
  for (guint i = 0; i < FLUO_RETRIEVED_CHARS_MAX - 8; i++)
    g_string_append (letters, "ü");
  g_string_append (letters, "\"}");
  wide = g_bytes_new (letters->str, letters->len);
  same_wide = fluo_retrieved_document (wide, "metadata");
  g_assert_true (same_wide == wide);
  check_document ("subsegments", "metadata",
                  "{\"id\":\"0000000000000001\",\"name\":\"w\\u0065b\",\"error\":true,"
                  "\"metadata\":{\"fluoroscope\":{\"left_out\":\"subsegments\"}}}");
  check_document ("attributes", "attributes",
                  "{\"id\":\"0000000000000001\",\"name\":\"w\\u0065b\",\"error\":true,"
                  "\"attributes\":[{\"key\":\"fluoroscope.left_out\",\"value\":{\"stringValue\":"
                  "\"attributes\"}}]}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/retrieval/complete", Fixture, NULL, set_up, test_complete, tear_down);
  g_test_add ("/retrieval/span", Fixture, NULL, set_up, test_span, tear_down);
  g_test_add ("/retrieval/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/retrieval/cancel-late", Fixture, NULL, set_up, test_cancel_late, tear_down);
  g_test_add ("/retrieval/expiry", Fixture, NULL, set_up, test_expiry, tear_down);
  g_test_add ("/retrieval/timeout", Fixture, NULL, set_up, test_timeout, tear_down);
  g_test_add ("/retrieval/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/retrieval/background", Fixture, NULL, set_up, test_background, tear_down);
  g_test_add_func ("/retrieval/document", test_document);
  return g_test_run ();
}
