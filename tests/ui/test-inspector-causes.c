/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/map/fluo-inspector-data.h"
#include "core/fluo-trace-facts.h"
#include "filter/fluo-filter.h"
#include "graph/fluo-service-graph.h"

/* Why calls of a service failed, where no exception tells: of real traces, with the graph and the
 * summaries that X-Ray would make of them. */

typedef struct
{
  FluoServiceGraph *graph;
  GPtrArray        *summaries;
  GPtrArray        *traces;
} Fixture;

static void
fixture_init (Fixture *self)
{
  self->graph = fluo_service_graph_new ();
  self->summaries = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  self->traces = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_unref);
}

static void
fixture_clear (Fixture *self)
{
  fluo_service_graph_unref (self->graph);
  g_ptr_array_unref (self->summaries);
  g_ptr_array_unref (self->traces);
}

/* @documents: members of the segments behind their ids and times, to NULL. */
static void
add_trace (Fixture           *self,
           const char *const *documents)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GError) error = NULL;
  FluoTrace *trace;

  for (guint i = 0; documents[i]; i++)
    {
      g_autofree char *text =
        g_strdup_printf ("{\"trace_id\":\"1-6a0db0a4-%024x\",\"id\":\"%016x\","
                         "\"start_time\":1779282084.%u,\"end_time\":1779282085.%u,%s}",
                         self->traces->len + 1, 0xa000 + i, i, 9 - i, documents[i]);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  trace = fluo_trace_builder_end (builder, 1779282090 * FLUO_NSEC_PER_SEC);
  fluo_service_graph_add_trace (self->graph, trace, 1);
  g_ptr_array_add (self->summaries, fluo_trace_summary_from_trace (trace));
  g_ptr_array_add (self->traces, trace);
}

#define CALL(id, name, flags) \
  "{\"id\":\"" id "\",\"name\":\"" name "\",\"namespace\":\"remote\"," flags \
  "\"start_time\":1779282084.2,\"end_time\":1779282084.8}"

/* shop → api → worker: all say fault, nobody says why; the shop answers 503. */
static const char *const flags_alone[] = {
  "\"name\":\"shop\",\"fault\":true,\"http\":{\"response\":{\"status\":503}},"
  "\"subsegments\":[" CALL ("000000000000b001", "api", "\"fault\":true,") "]",
  "\"name\":\"api\",\"parent_id\":\"000000000000b001\",\"fault\":true,"
  "\"subsegments\":[" CALL ("000000000000b002", "worker", "\"fault\":true,") "]",
  "\"name\":\"worker\",\"parent_id\":\"000000000000b002\",\"fault\":true",
  NULL,
};

/* The worker alone fails, and the others get over it. */
static const char *const got_over[] = {
  "\"name\":\"shop\",\"http\":{\"response\":{\"status\":200}},"
  "\"subsegments\":[" CALL ("000000000000b001", "api", "") "]",
  "\"name\":\"api\",\"parent_id\":\"000000000000b001\","
  "\"subsegments\":[" CALL ("000000000000b002", "worker", "") "]",
  "\"name\":\"worker\",\"parent_id\":\"000000000000b002\",\"fault\":true",
  NULL,
};

/* The worker throws. */
static const char *const thrown[] = {
  "\"name\":\"shop\",\"fault\":true,\"http\":{\"response\":{\"status\":500}},"
  "\"subsegments\":[" CALL ("000000000000b001", "api", "\"fault\":true,") "]",
  "\"name\":\"api\",\"parent_id\":\"000000000000b001\",\"fault\":true,"
  "\"subsegments\":[" CALL ("000000000000b002", "worker", "\"fault\":true,") "]",
  "\"name\":\"worker\",\"parent_id\":\"000000000000b002\",\"fault\":true,"
  "\"cause\":{\"exceptions\":[{\"id\":\"000000000000c001\",\"type\":\"OutOfPaper\"}]}",
  NULL,
};

static const char *const fine[] = {
  "\"name\":\"shop\",\"http\":{\"response\":{\"status\":200}},"
  "\"subsegments\":[" CALL ("000000000000b001", "api", "") "]",
  "\"name\":\"api\",\"parent_id\":\"000000000000b001\","
  "\"subsegments\":[" CALL ("000000000000b002", "worker", "") "]",
  "\"name\":\"worker\",\"parent_id\":\"000000000000b002\"",
  NULL,
};

static FluoInspectorData *
inspect (Fixture    *self,
         const char *name,
         gboolean    complete)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (self->graph->nodes, i);

      if (g_strcmp0 (node->name, name) == 0 && g_strcmp0 (node->type, "client") != 0)
        return fluo_inspector_data_new (self->graph, i, self->summaries, complete,
                                        self->graph->span);
    }
  g_assert_not_reached ();
}

static guint
count_found (Fixture    *self,
             const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, &error);
  guint found = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < self->traces->len; i++)
    {
      g_autoptr (FluoFactsBlock) block =
        fluo_facts_block_from_trace (g_ptr_array_index (self->traces, i));
      FluoTraceFacts facts;

      fluo_facts_block_get (block, 0, &facts);
      found += fluo_filter_matches (filter, &facts);
    }
  return found;
}

/* "HTTP 503 ×2, Fault from api ×1"; and its filter finds as many traces as it says. */
static void
assert_cause (Fixture           *self,
              FluoInspectorData *data,
              guint              cause,
              int                http_status,
              const char        *name,
              const char        *from,
              guint              count)
{
  const FluoInspectorCause *item;
  g_autofree char *text = NULL;

  g_assert_cmpuint (cause, <, data->causes->len);
  item = &g_array_index (data->causes, FluoInspectorCause, cause);
  g_assert_cmpint (item->http_status, ==, http_status);
  g_assert_cmpstr (item->name, ==, name);
  g_assert_cmpstr (item->from, ==, from);
  g_assert_cmpuint (item->count, ==, count);
  g_assert_cmpint (item->untold, ==, name == NULL && http_status == 0);
  text = fluo_inspector_data_dup_cause_filter (data, cause);
  g_assert_cmpuint (count_found (self, text), ==, count);
}

static void
test_flags_alone (void)
{
  Fixture fixture;
  g_autoptr (FluoInspectorData) shop = NULL;
  g_autoptr (FluoInspectorData) api = NULL;
  g_autoptr (FluoInspectorData) worker = NULL;

  fixture_init (&fixture);
  for (guint i = 0; i < 10; i++)
    add_trace (&fixture, fine);
  for (guint i = 0; i < 3; i++)
    add_trace (&fixture, flags_alone);
  for (guint i = 0; i < 2; i++)
    add_trace (&fixture, got_over);
  shop = inspect (&fixture, "shop", TRUE);
  g_assert_cmpuint (shop->causes->len, ==, 1);
  assert_cause (&fixture, shop, 0, 503, NULL, NULL, 3);
  api = inspect (&fixture, "api", TRUE);
  g_assert_cmpuint (api->causes->len, ==, 1);
  assert_cause (&fixture, api, 0, 0, NULL, "worker", 3);
  worker = inspect (&fixture, "worker", TRUE);
  g_assert_cmpuint (worker->causes->len, ==, 1);
  assert_cause (&fixture, worker, 0, 0, NULL, NULL, 5);
  fixture_clear (&fixture);
}

/* An exception that began two calls below is told all the way up, and what it explains is not said
 * to be without a cause. */
static void
test_mixed (void)
{
  Fixture fixture;
  g_autoptr (FluoInspectorData) shop = NULL;
  g_autoptr (FluoInspectorData) api = NULL;
  g_autoptr (FluoInspectorData) worker = NULL;

  fixture_init (&fixture);
  for (guint i = 0; i < 10; i++)
    add_trace (&fixture, fine);
  for (guint i = 0; i < 3; i++)
    add_trace (&fixture, flags_alone);
  for (guint i = 0; i < 4; i++)
    add_trace (&fixture, thrown);
  shop = inspect (&fixture, "shop", TRUE);
  g_assert_cmpuint (shop->causes->len, ==, 2);
  assert_cause (&fixture, shop, 0, 0, "OutOfPaper", "worker", 4);
  assert_cause (&fixture, shop, 1, 503, NULL, NULL, 3);
  api = inspect (&fixture, "api", TRUE);
  g_assert_cmpuint (api->causes->len, ==, 2);
  assert_cause (&fixture, api, 0, 0, "OutOfPaper", "worker", 4);
  assert_cause (&fixture, api, 1, 0, NULL, "worker", 3);
  worker = inspect (&fixture, "worker", TRUE);
  g_assert_cmpuint (worker->causes->len, ==, 2);
  assert_cause (&fixture, worker, 0, 0, "OutOfPaper", NULL, 4);
  assert_cause (&fixture, worker, 1, 0, NULL, NULL, 3);
  fixture_clear (&fixture);
}

/* A call has the causes of its own failures: those that began behind it. */
static void
test_call (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  for (guint i = 0; i < 10; i++)
    add_trace (&fixture, fine);
  for (guint i = 0; i < 3; i++)
    add_trace (&fixture, flags_alone);
  for (guint i = 0; i < 4; i++)
    add_trace (&fixture, thrown);
  for (guint i = 0; i < fixture.graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (fixture.graph->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (fixture.graph->nodes, edge->from);
      g_autoptr (FluoInspectorData) call = fluo_inspector_data_new_edge (
        fixture.graph, i, fixture.summaries, TRUE, fixture.graph->span);

      g_assert_cmpuint (call->n_named, ==, 17);
      g_assert_cmpuint (call->causes->len, ==, 2);
      assert_cause (&fixture, call, 0, 0, "OutOfPaper", "worker", 4);
      /* What the clients see is what the shop answers. */
      assert_cause (&fixture, call, 1, g_strcmp0 (from->type, "client") == 0 ? 503 : 0, NULL,
                    NULL, 3);
    }
  fixture_clear (&fixture);
}

/* The entry calls the worker three times in each trace; what is told counts traces, and what nobody
 * tells is said all the same. */
static void
test_several_calls (void)
{
  static const char *const thrice[] = {
    "\"name\":\"shop\",\"fault\":true,\"subsegments\":["
      CALL ("000000000000b001", "worker", "\"fault\":true,") ","
      CALL ("000000000000b002", "worker", "\"fault\":true,") ","
      CALL ("000000000000b003", "worker", "\"throttle\":true,") "]",
    "\"name\":\"worker\",\"parent_id\":\"000000000000b001\",\"fault\":true,"
      "\"cause\":{\"exceptions\":[{\"id\":\"000000000000c001\",\"type\":\"OutOfPaper\"}]}",
    "\"name\":\"worker\",\"parent_id\":\"000000000000b002\",\"fault\":true,"
      "\"cause\":{\"exceptions\":[{\"id\":\"000000000000c001\",\"type\":\"OutOfPaper\"}]}",
    "\"name\":\"worker\",\"parent_id\":\"000000000000b003\",\"throttle\":true",
    NULL,
  };
  Fixture fixture;
  g_autoptr (FluoInspectorData) worker = NULL;

  fixture_init (&fixture);
  for (guint i = 0; i < 4; i++)
    add_trace (&fixture, thrice);
  worker = inspect (&fixture, "worker", TRUE);
  g_assert_cmpint (worker->total, ==, 12);
  g_assert_cmpuint (worker->causes->len, ==, 2);
  assert_cause (&fixture, worker, 0, 0, "OutOfPaper", NULL, 4);
  assert_cause (&fixture, worker, 1, 0, NULL, NULL, 4);
  g_assert_cmpint (g_array_index (worker->causes, FluoInspectorCause, 1).status, ==,
                   FLUO_STATUS_THROTTLE);
  fixture_clear (&fixture);
}

/* While traces are still being read, nothing is said to be without a cause. */
static void
test_reading (void)
{
  Fixture fixture;
  g_autoptr (FluoInspectorData) early = NULL;
  g_autoptr (FluoInspectorData) late = NULL;

  fixture_init (&fixture);
  for (guint i = 0; i < 4; i++)
    add_trace (&fixture, thrown);
  /* The graph knows all four, and of one no summary has come yet. */
  g_ptr_array_remove_index (fixture.summaries, 3);
  early = inspect (&fixture, "worker", FALSE);
  g_assert_cmpuint (early->causes->len, ==, 1);
  late = inspect (&fixture, "worker", TRUE);
  g_assert_cmpuint (late->causes->len, ==, 1);
  g_assert_cmpuint (g_array_index (late->causes, FluoInspectorCause, 0).count, ==, 3);
  g_ptr_array_set_size (fixture.summaries, 0);
  g_clear_pointer (&early, fluo_inspector_data_free);
  early = inspect (&fixture, "worker", FALSE);
  g_assert_cmpuint (early->causes->len, ==, 0);
  fixture_clear (&fixture);
}

/* Requests that differ in an id alone are one, and its filter finds them and no others. */
static void
test_ids (void)
{
  static const char *const urls[] = {
    "http://shop/orders/71592",
    "http://shop/orders/71593?full=1",
    "http://shop/orders/71594",
    "http://shop/carts/0b2f9d1e-7a61-4c5b-9a0e-1d2c3b4a5f60/lines",
    "http://shop/carts/77f1a2b3/lines",
    "http://shop/v2/search",
    "http://shop",
  };
  static const struct
  {
    const char *request;
    guint       count;
  } expected[] = {
    { "GET /orders/{id}", 3 }, { "GET /carts/{id}/lines", 2 }, { "GET /", 1 },
    { "GET /v2/search", 1 },
  };
  Fixture fixture;
  g_autoptr (FluoInspectorData) shop = NULL;

  fixture_init (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *text =
        g_strdup_printf ("\"name\":\"shop\",\"http\":{\"request\":{\"method\":\"GET\","
                         "\"url\":\"%s\"},\"response\":{\"status\":200}}",
                         urls[i]);

      add_trace (&fixture, (const char *const[]){ text, NULL });
    }
  /* A job that nobody asked for over HTTP has no address. */
  add_trace (&fixture, (const char *const[]){ "\"name\":\"shop\"", NULL });
  shop = inspect (&fixture, "shop", TRUE);
  g_assert_cmpuint (shop->urls->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const FluoInspectorUrl *url = &g_array_index (shop->urls, FluoInspectorUrl, i);

      g_assert_cmpstr (url->request, ==, expected[i].request);
      g_assert_cmpuint (url->count, ==, expected[i].count);
      g_assert_cmpuint (count_found (&fixture, url->filter), ==, expected[i].count);
    }
  fixture_clear (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspector-causes/flags-alone", test_flags_alone);
  g_test_add_func ("/inspector-causes/mixed", test_mixed);
  g_test_add_func ("/inspector-causes/several-calls", test_several_calls);
  g_test_add_func ("/inspector-causes/call", test_call);
  g_test_add_func ("/inspector-causes/ids", test_ids);
  g_test_add_func ("/inspector-causes/reading", test_reading);
  return g_test_run ();
}
