/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <string.h>

#include <glib/gstdio.h>

#include "local/otlp/fluo-otlp-intake.h"
#include "otlp/fluo-otlp-map.h"
#include "fluo-otlp.pb-c.h"

/* Requests as an exporter sends them when it is busy: 512 spans in traces of eight, a server's span
 * with a call to an AWS service, a query, a call to another server and four steps of its own. */
#define N_SPANS 512
#define N_TRACE 8
#define N_REQUESTS 40

typedef struct
{
  GPtrArray      *bodies; /* GBytes */
  guint64         serial;
  char           *dir;
  FluoStore      *store;
  FluoCounters   *counters;
  FluoWriter     *writer;
  FluoOtlpIntake  intake;
  GThreadPool    *pool;
  GMutex          lock;
  GCond           wake;
  guint           n_waiting;
} Bench;

/* --- Requests ----------------------------------------------------------- */

static Fluo__Otlp__KeyValue *
make_pair (const char *key, const char *text, gint64 number)
{
  Fluo__Otlp__KeyValue *pair = g_new0 (Fluo__Otlp__KeyValue, 1);

  fluo__otlp__key_value__init (pair);
  pair->key = g_strdup (key);
  pair->value = g_new0 (Fluo__Otlp__AnyValue, 1);
  fluo__otlp__any_value__init (pair->value);
  if (text)
    {
      pair->value->value_case = FLUO__OTLP__ANY_VALUE__VALUE_STRING_VALUE;
      pair->value->string_value.len = strlen (text);
      pair->value->string_value.data = (guint8 *) g_strdup (text);
    }
  else
    {
      pair->value->value_case = FLUO__OTLP__ANY_VALUE__VALUE_INT_VALUE;
      pair->value->int_value = number;
    }
  return pair;
}

typedef struct
{
  const char *key, *text;
  gint64      number;
} Pair;

static const Pair server_pairs[] = {
  { "http.request.method", "POST" },
  { "url.scheme", "https" },
  { "server.address", "shop.example.com" },
  { "url.path", "/checkout" },
  { "user_agent.original", "Mozilla/5.0" },
  { "client.address", "192.0.2.7" },
  { "http.response.status_code", NULL, 200 },
  { "enduser.id", "u-17" },
  { "tier", "gold" },
  { "items", NULL, 3 },
};
static const Pair aws_pairs[] = {
  { "rpc.system", "aws-api" },
  { "rpc.service", "DynamoDB" },
  { "rpc.method", "PutItem" },
  { "aws.region", "eu-central-1" },
  { "aws.table_name", "orders" },
  { "aws.request_id", "8KJ1BQ6VJ2TQ" },
  { "http.response.status_code", NULL, 200 },
};
static const Pair sql_pairs[] = {
  { "db.system", "postgresql" },
  { "db.name", "shop" },
  { "db.user", "app" },
  { "server.address", "db.example.com" },
  { "db.statement", "SELECT id, price FROM carts WHERE id = $1" },
};
static const Pair http_pairs[] = {
  { "http.request.method", "GET" }, { "url.full", "https://bank.example.com/rates?currency=eur" },
  { "server.address", "bank.example.com" }, { "http.response.status_code", NULL, 200 },
};
static const Pair step_pairs[] = { { "step", NULL, 1 },
                                   { "note", "a text that a program puts here" } };
static const Pair resource_pairs[] = {
  { "service.name", "shop" },
  { "service.version", "1.42.0" },
  { "telemetry.sdk.name", "opentelemetry" },
  { "telemetry.sdk.language", "python" },
  { "telemetry.sdk.version", "1.30" },
  { "deployment.environment.name", "dev" },
};

static Fluo__Otlp__KeyValue **
make_pairs (const Pair *pairs, gsize n)
{
  Fluo__Otlp__KeyValue **made = g_new (Fluo__Otlp__KeyValue *, n);

  for (gsize i = 0; i < n; i++)
    made[i] = make_pair (pairs[i].key, pairs[i].text, pairs[i].number);
  return made;
}

static ProtobufCBinaryData
make_id (guint64 a, guint64 b, gsize length)
{
  guint64 words[2] = { GUINT64_TO_BE (a), GUINT64_TO_BE (b) };

  return (ProtobufCBinaryData) { length, g_memdup2 ((guint8 *) words + 16 - length, length) };
}

static ProtobufCBinaryData
make_span (guint64 serial)
{
  static const struct
  {
    const Pair *pairs;
    gsize n;
    int kind;
    const char *name;
  } shapes[N_TRACE] = {
    { server_pairs, G_N_ELEMENTS (server_pairs), 2, "POST /checkout" },
    { aws_pairs, G_N_ELEMENTS (aws_pairs), 3, "DynamoDB.PutItem" },
    { sql_pairs, G_N_ELEMENTS (sql_pairs), 3, "SELECT" },
    { http_pairs, G_N_ELEMENTS (http_pairs), 3, "GET" },
    { step_pairs, G_N_ELEMENTS (step_pairs), 1, "validate" },
    { step_pairs, G_N_ELEMENTS (step_pairs), 1, "price" },
    { step_pairs, G_N_ELEMENTS (step_pairs), 1, "reserve" },
    { step_pairs, G_N_ELEMENTS (step_pairs), 1, "render" },
  };
  Fluo__Otlp__Span span = FLUO__OTLP__SPAN__INIT;
  guint i = serial % N_TRACE;
  guint64 root = serial - i + 1;
  ProtobufCBinaryData out;

  span.trace_id = make_id (G_GUINT64_CONSTANT (0x6b00000000000000) + root, root * 7919, 16);
  span.span_id = make_id (0, serial + 1, 8);
  if (i > 0)
    span.parent_span_id = make_id (0, root, 8);
  span.name = (char *) shapes[i].name;
  span.kind = shapes[i].kind;
  span.start_time_unix_nano = G_GUINT64_CONSTANT (1790000000000000000) + serial * 1000003;
  span.end_time_unix_nano = span.start_time_unix_nano + (i ? 1000000 : 20000000);
  span.flags = 0x101;
  span.n_attributes = shapes[i].n;
  span.attributes = make_pairs (shapes[i].pairs, shapes[i].n);
  out.len = fluo__otlp__span__get_packed_size (&span);
  out.data = g_malloc (out.len);
  fluo__otlp__span__pack (&span, out.data);
  return out;
}

/* What it is made of is not given back: it is made once. */
static GBytes *
make_request (guint64 *serial)
{
  Fluo__Otlp__ExportTraceServiceRequest request = FLUO__OTLP__EXPORT_TRACE_SERVICE_REQUEST__INIT;
  Fluo__Otlp__ResourceSpans resource_spans = FLUO__OTLP__RESOURCE_SPANS__INIT;
  Fluo__Otlp__ResourceSpans *list = &resource_spans;
  Fluo__Otlp__Resource resource = FLUO__OTLP__RESOURCE__INIT;
  Fluo__Otlp__ScopeSpans scope_spans = FLUO__OTLP__SCOPE_SPANS__INIT;
  Fluo__Otlp__ScopeSpans *scopes = &scope_spans;
  ProtobufCBinaryData spans[N_SPANS];
  gsize length;
  guint8 *data;

  for (guint i = 0; i < N_SPANS; i++)
    spans[i] = make_span ((*serial)++);
  scope_spans.n_spans = N_SPANS;
  scope_spans.spans = spans;
  resource.n_attributes = G_N_ELEMENTS (resource_pairs);
  resource.attributes = make_pairs (resource_pairs, resource.n_attributes);
  resource_spans.resource = &resource;
  resource_spans.n_scope_spans = 1;
  resource_spans.scope_spans = &scopes;
  request.n_resource_spans = 1;
  request.resource_spans = &list;
  length = fluo__otlp__export_trace_service_request__get_packed_size (&request);
  data = g_malloc (length);
  fluo__otlp__export_trace_service_request__pack (&request, data);
  return g_bytes_new_take (data, length);
}

static void
make_requests (Bench *self)
{
  g_ptr_array_set_size (self->bodies, 0);
  for (guint i = 0; i < N_REQUESTS; i++)
    g_ptr_array_add (self->bodies, make_request (&self->serial));
}

/* --- Figures ------------------------------------------------------------ */

static double
thousands_a_second (double since)
{
  return N_REQUESTS * N_SPANS / 1000.0 / (fluo_bench_now () - since);
}

static void
ignore_resource (gpointer data, FluoOtlpResource *resource)
{
}

static void
ignore_scope (gpointer data, const FluoOtlpScope *scope)
{
}

static void
ignore_span (gpointer data, FluoOtlpSpan *span)
{
}

static void
ignore_refused (gpointer data, const char *reason)
{
  g_assert_not_reached ();
}

static double
decode (gpointer data)
{
  static const FluoOtlpVisitor visitor = { ignore_resource, ignore_scope, ignore_span,
                                           ignore_refused };
  Bench *self = data;
  double since = fluo_bench_now ();

  for (guint i = 0; i < self->bodies->len; i++)
    g_assert_true (fluo_otlp_decode_protobuf (self->bodies->pdata[i], &visitor, NULL, NULL));
  return thousands_a_second (since);
}

static void
map_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (data, resource);
}

static void
map_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (data, scope);
}

static void
map_span (gpointer data, FluoOtlpSpan *span)
{
  fluo_otlp_mapper_map (data, span);
}

static void
ignore_document (gpointer data, const GString *document)
{
}

static double
map (gpointer data)
{
  static const FluoOtlpVisitor visitor = { map_resource, map_scope, map_span, ignore_refused };
  Bench *self = data;
  g_autoptr (FluoOtlpMapper) mapper = fluo_otlp_mapper_new (FALSE, ignore_document, NULL);
  double since = fluo_bench_now ();

  for (guint i = 0; i < self->bodies->len; i++)
    g_assert_true (fluo_otlp_decode_protobuf (self->bodies->pdata[i], &visitor, mapper, NULL));
  return thousands_a_second (since);
}

static void
taken (gpointer data, const FluoOtlpResult *result)
{
  Bench *self = data;

  g_assert_cmpint (result->code, ==, FLUO_OTLP_CODE_OK);
  g_mutex_lock (&self->lock);
  self->n_waiting--;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static void
take (gpointer body, gpointer user_data)
{
  Bench *self = user_data;

  fluo_otlp_intake_take (&self->intake, g_bytes_ref (body), FALSE, FLUO_OTLP_PROTOBUF, 0, taken,
                         self);
}

/* As the server does it: two workers, the writer, and four exporters of which each waits for the
 * answer to its request. New spans for each run: the store would know the old ones. */
static double
commit (gpointer data)
{
  Bench *self = data;
  double since;

  make_requests (self);
  since = fluo_bench_now ();
  for (guint i = 0; i < self->bodies->len; i++)
    {
      g_mutex_lock (&self->lock);
      while (self->n_waiting >= 4)
        g_cond_wait (&self->wake, &self->lock);
      self->n_waiting++;
      g_mutex_unlock (&self->lock);
      g_thread_pool_push (self->pool, self->bodies->pdata[i], NULL);
    }
  g_mutex_lock (&self->lock);
  while (self->n_waiting > 0)
    g_cond_wait (&self->wake, &self->lock);
  g_mutex_unlock (&self->lock);
  return thousands_a_second (since);
}

static void
remove_directory (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_remove (file);
    }
  g_rmdir (path);
}

void
fluo_bench_otlp (FluoBench *bench)
{
  FluoWriterLimits limits = { G_MAXINT64, G_MAXUINT64 };
  Bench self = { g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref) };
  g_autoptr (GError) error = NULL;
  double base;

  g_mutex_init (&self.lock);
  g_cond_init (&self.wake);
  self.dir = g_dir_make_tmp ("fluo-bench-XXXXXX", NULL);
  self.store = fluo_store_open (self.dir, &error);
  g_assert_no_error (error);
  self.counters = fluo_counters_new ();
  self.writer = fluo_writer_new (self.store, self.counters, &limits);
  self.intake = (FluoOtlpIntake) { self.writer, self.counters, FALSE };
  self.pool = g_thread_pool_new (take, &self, 2, FALSE, NULL);
  make_requests (&self);

  base = fluo_bench_run (bench, "otlp/decode", "1000/s", decode, &self);
  fluo_bench_run_vs (bench, "otlp/decode-map", "1000/s", map, &self, base, "decoding alone");
  base = fluo_bench_run_vs (bench, "otlp/commit", "1000/s", commit, &self, base, "decoding alone");
  fluo_bench_figure (bench, "otlp/commit-target", "1000/s", &base, 1, 50, "a target of 50,000/s");

  g_thread_pool_free (self.pool, FALSE, TRUE);
  fluo_writer_free (self.writer);
  fluo_counters_free (self.counters);
  fluo_store_free (self.store);
  remove_directory (self.dir);
  g_free (self.dir);
  g_ptr_array_unref (self.bodies);
}
