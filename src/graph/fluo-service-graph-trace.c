/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"

#include "core/fluo-span-detail.h"

#include <string.h>

#define QUEUE_TYPE "AWS::SQS::Queue"

typedef struct
{
  FluoServiceGraph       *graph;
  FluoTrace              *trace;
  int                     sign;
  const FluoSpan         *spans;
  guint                   n_spans;
  const FluoTraceService *services;
  gint64                  start_ns;
  guint *nodes; /* node of a service of the trace; G_MAXUINT = not looked up yet */
  guint32                *owners; /* the segment that a span belongs to, or FLUO_SPAN_NONE */
  guint32                *served; /* service + 1 that a call was last counted for */
  guint8                 *fed;    /* a segment that a queue or a producer started */
} Adding;

/* X-Ray's names for what an unanswered call to an AWS service stands for; all need a known
 * operation. */
static const struct
{
  const char *name;
  const char *parameter;
  const char *type;
} resources[] = {
  { "DynamoDB", "table_name", "AWS::DynamoDB::Table" },
  { "SQS", "queue_url", QUEUE_TYPE },
  { "S3", "bucket_name", "AWS::S3::Bucket" },
  { "SNS", "topic_arn", "AWS::SNS" },
  { "Lambda", "function_name", "AWS::Lambda" },
};

static const char *
find_field (const FluoSpanDetail *detail,
            const char           *key)
{
  for (guint i = 0; i < detail->aws->len; i++)
    {
      const FluoDetailField *field = &g_array_index (detail->aws, FluoDetailField, i);

      if (strcmp (field->key, key) == 0 && field->value != NULL && *field->value != '\0')
        return field->value;
    }
  return NULL;
}

/* What the node of a call would be, had nobody answered it: the alias of the edge to who did. */
static gboolean
identify_call (FluoTrace *trace,
               guint32    span,
               char     **ret_name,
               char     **ret_type)
{
  const FluoSpan *s = &fluo_trace_get_spans (trace, NULL)[span];
  const char *name = fluo_trace_get_string (trace, s->name);
  g_autoptr(FluoSpanDetail) detail = NULL;

  if (s->flags & (FLUO_SPAN_SQL | FLUO_SPAN_REMOTE))
    {
      *ret_name = g_strdup (name);
      *ret_type = g_strdup (s->flags & FLUO_SPAN_SQL ? "Database::SQL" : "remote");
      return TRUE;
    }
  if (!(s->flags & FLUO_SPAN_AWS))
    return FALSE;
  detail = fluo_span_detail_new (trace, span);
  for (guint i = 0; i < G_N_ELEMENTS (resources) && find_field (detail, "operation") != NULL; i++)
    if (strcmp (resources[i].name, name) == 0 &&
        find_field (detail, resources[i].parameter) != NULL)
      {
        *ret_name = g_strdup (find_field (detail, resources[i].parameter));
        *ret_type = g_strdup (resources[i].type);
        return TRUE;
      }
  *ret_name = g_strdup (name);
  *ret_type = g_strconcat ("AWS::", name, NULL);
  return TRUE;
}

/* --- Counting ------------------------------------------------------------- */

static guint
adding_get_node (Adding *self,
                 guint32 service)
{
  if (self->nodes[service] == G_MAXUINT)
    self->nodes[service] =
      fluo_service_graph_take_node (self->graph, self->services[service].name,
                                    self->services[service].type, NULL, self->sign > 0);
  return self->nodes[service];
}

static void
adding_count (Adding         *self,
              FluoCallStats  *stats,
              const FluoSpan *span)
{
  fluo_call_stats_count (stats, span->status, self->sign);
  fluo_histogram_add (&stats->histogram, span->end_ns - span->start_ns, self->sign);
}

static void
adding_touch (Adding *self,
              guint   node)
{
  if (self->sign > 0)
    fluo_service_graph_add_times (self->graph, fluo_graph_node_at (self->graph, node),
                                  self->start_ns, self->start_ns);
}

static FluoGraphEdge *
adding_get_edge (Adding  *self,
                 guint    from,
                 guint    to,
                 gboolean linked)
{
  if (from == G_MAXUINT || to == G_MAXUINT)
    return NULL;
  adding_touch (self, from);
  adding_touch (self, to);
  return fluo_service_graph_take_edge (self->graph, from, to, linked, self->sign > 0);
}

static gboolean
is_running (const FluoSpan *span)
{
  return (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;
}

/* The segment that made a call, when it counts: one that still runs is not published yet. */
static guint32
adding_get_caller (const Adding *self,
                   guint32       span)
{
  guint32 owner = self->owners[span];

  return owner != FLUO_SPAN_NONE && !is_running (&self->spans[owner]) ? owner : FLUO_SPAN_NONE;
}

/* --- Links ---------------------------------------------------------------- */

/* "arn:aws:sqs:REGION:ACCOUNT:NAME" as the URL by which SDKs name the same queue. */
static char *
queue_url_from_arn (const char *arn)
{
  g_auto(GStrv) parts = NULL;

  if (arn == NULL || !g_str_has_prefix (arn, "arn:"))
    return NULL;
  parts = g_strsplit (arn, ":", 6);
  if (g_strv_length (parts) != 6 || strcmp (parts[2], "sqs") != 0)
    return NULL;
  return g_strdup_printf ("https://sqs.%s.amazonaws.com/%s/%s", parts[3], parts[4], parts[5]);
}

static gboolean
is_queue_key (const char *key)
{
  return strcmp (key, "queue_url") == 0 || strcmp (key, "aws.queue_url") == 0 ||
         strcmp (key, "aws_queue_url") == 0;
}

/* The queue that a consumer says it was fed from. */
static char *
dup_queue (FluoTrace *trace,
           guint32    span)
{
  g_autoptr(FluoSpanDetail) detail = fluo_span_detail_new (trace, span);
  const char *url = find_field (detail, "queue_url");

  if (url != NULL)
    return g_strdup (url);
  for (guint i = 0; i < detail->annotations->len; i++)
    {
      const FluoAnnotation *annotation = &g_array_index (detail->annotations, FluoAnnotation, i);

      if (annotation->type == FLUO_VALUE_STRING && is_queue_key (annotation->key) &&
          *annotation->value != '\0')
        return g_strdup (annotation->value);
    }
  return queue_url_from_arn (detail->resource_arn);
}

static void
adding_link (Adding        *self,
             guint          from,
             guint32        consumer,
             const FluoSpan *producer)
{
  const FluoSpan *span = &self->spans[consumer];
  FluoGraphEdge *edge = adding_get_edge (self, from, adding_get_node (self, span->service), TRUE);

  self->fed[consumer] = TRUE;
  if (edge == NULL)
    return;
  fluo_call_stats_count (&edge->stats, FLUO_STATUS_OK, self->sign);
  if (producer != NULL)
    fluo_histogram_add (&edge->stats.histogram, MAX (0, span->start_ns - producer->end_ns),
                        self->sign);
}

static int
compare_links (gconstpointer a,
               gconstpointer b)
{
  const FluoTraceLink *x = a, *y = b;

  if (x->span != y->span)
    return x->span < y->span ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* A consumer with links gets one edge: from its queue, or else from the first producer that is in
 * this trace. */
static void
adding_add_links (Adding *self)
{
  guint n = 0;
  const FluoTraceLink *links = fluo_trace_get_links (self->trace, &n);
  g_autofree FluoTraceLink *sorted = g_memdup2 (links, n * sizeof *links);

  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_links);
  for (guint i = 0; i < n; i++)
    {
      guint32 consumer = sorted[i].span, found;
      g_autofree char *queue = NULL;
      const FluoSpan *producer = NULL;

      if (consumer >= self->n_spans || self->fed[consumer] || is_running (&self->spans[consumer]))
        continue;
      found = fluo_trace_find (self->trace, sorted[i].id);
      if (found < self->n_spans && found != consumer && !is_running (&self->spans[found]))
        producer = &self->spans[found];
      queue = dup_queue (self->trace, consumer);
      if (queue != NULL)
        adding_link (
          self, fluo_service_graph_take_node (self->graph, queue, QUEUE_TYPE, NULL, self->sign > 0),
          consumer, producer);
      else if (producer != NULL)
        adding_link (self, adding_get_node (self, producer->service), consumer, producer);
    }
}

/* --- Spans ---------------------------------------------------------------- */

static void
adding_add_entry (Adding *self,
                  guint32 i,
                  guint   node)
{
  guint client =
    fluo_service_graph_take_node (self->graph, self->services[self->spans[i].service].name,
                                  FLUO_GRAPH_CLIENT_TYPE, NULL, self->sign > 0);
  FluoGraphEdge *edge = adding_get_edge (self, client, node, FALSE);

  if (edge == NULL)
    return;
  fluo_graph_node_at (self->graph, node)->root |= self->sign > 0;
  adding_count (self, &edge->stats, &self->spans[i]);
}

/* The edge from the service that owns the calling span. The caller's view of the call counts; where
 * one segment is directly under another, as Lambda's two are, there is no other than the
 * callee's. */
static void
adding_add_call (Adding *self,
                 guint32 i,
                 guint   node)
{
  guint32 parent = self->spans[i].parent, caller = adding_get_caller (self, parent);
  const FluoSpan *call = &self->spans[parent];
  const FluoTraceService *service = &self->services[self->spans[i].service];
  g_autofree char *name = NULL, *type = NULL;
  FluoGraphEdge *edge;

  if (caller == FLUO_SPAN_NONE || is_running (call) || (call->flags & FLUO_SPAN_LINKED))
    return;
  /* A call that was answered twice by the same service, by a retry, is still one call. */
  if (!(call->flags & FLUO_SPAN_SEGMENT) && self->served[parent] == self->spans[i].service + 1)
    return;
  self->served[parent] = self->spans[i].service + 1;
  edge = adding_get_edge (self, adding_get_node (self, self->spans[caller].service), node, FALSE);
  if (edge == NULL)
    return;
  adding_count (self, &edge->stats, call->flags & FLUO_SPAN_SEGMENT ? &self->spans[i] : call);
  if (self->sign > 0 && !(call->flags & FLUO_SPAN_SEGMENT) &&
      identify_call (self->trace, parent, &name, &type) &&
      (g_strcmp0 (name, service->name) != 0 || g_strcmp0 (type, service->type) != 0))
    fluo_graph_edge_add_alias (edge, name, type);
}

static void
adding_add_segment (Adding *self,
                    guint32 i)
{
  const FluoSpan *span = &self->spans[i];
  guint node;

  if (is_running (span))
    return;
  node = adding_get_node (self, span->service);
  if (node == G_MAXUINT)
    return;
  adding_touch (self, node);
  if (self->sign > 0 && !(span->flags & FLUO_SPAN_INFERRED))
    fluo_graph_node_at (self->graph, node)->inferred = FALSE;
  adding_count (self, &fluo_graph_node_at (self->graph, node)->stats, span);
  if (span->parent != FLUO_SPAN_NONE)
    adding_add_call (self, i, node);
  else if (span->parent_id == 0 && !self->fed[i])
    adding_add_entry (self, i, node);
}

static void
adding_add_inferred (Adding *self,
                     guint32 i)
{
  const FluoSpan *span = &self->spans[i];
  guint32 caller = adding_get_caller (self, i);
  FluoGraphEdge *edge;
  guint node;

  if (is_running (span) || caller == FLUO_SPAN_NONE)
    return;
  node = adding_get_node (self, span->service);
  if (node == G_MAXUINT)
    return;
  adding_count (self, &fluo_graph_node_at (self->graph, node)->stats, span);
  edge = adding_get_edge (self, adding_get_node (self, self->spans[caller].service), node, FALSE);
  if (edge != NULL)
    adding_count (self, &edge->stats, span);
}

/**
 * fluo_service_graph_add_trace:
 *
 * Spans of linked traces count in their own trace; here they only give the edges that lead to them.
 */
void
fluo_service_graph_add_trace (FluoServiceGraph *self,
                              FluoTrace        *trace,
                              int               sign)
{
  Adding adding = { .graph = self, .trace = trace, .sign = sign < 0 ? -1 : 1 };
  guint n_services = 0;
  guint32 root;

  g_return_if_fail (self != NULL && trace != NULL);

  adding.spans = fluo_trace_get_spans (trace, &adding.n_spans);
  adding.services = fluo_trace_get_services (trace, &n_services);
  root = fluo_trace_get_root (trace);
  adding.start_ns =
    root != FLUO_SPAN_NONE ? adding.spans[root].start_ns : fluo_trace_get_extent (trace).begin_ns;
  adding.nodes = g_new (guint, n_services + 1);
  memset (adding.nodes, 0xff, (n_services + 1) * sizeof (guint));
  adding.owners = g_new (guint32, adding.n_spans + 1);
  adding.served = g_new0 (guint32, adding.n_spans + 1);
  adding.fed = g_new0 (guint8, adding.n_spans + 1);

  /* Parents come before children. */
  for (guint32 i = 0; i < adding.n_spans; i++)
    adding.owners[i] = adding.spans[i].flags & FLUO_SPAN_SEGMENT ? i
                       : adding.spans[i].parent != FLUO_SPAN_NONE
                         ? adding.owners[adding.spans[i].parent]
                         : FLUO_SPAN_NONE;
  adding_add_links (&adding);
  for (guint32 i = 0; i < adding.n_spans; i++)
    {
      if (adding.spans[i].flags & FLUO_SPAN_LINKED)
        continue;
      if (adding.spans[i].flags & FLUO_SPAN_SEGMENT)
        adding_add_segment (&adding, i);
      else if (adding.spans[i].flags & FLUO_SPAN_INFERRED)
        adding_add_inferred (&adding, i);
    }

  g_free (adding.nodes);
  g_free (adding.owners);
  g_free (adding.served);
  g_free (adding.fed);
}

void
fluo_service_graph_identify (FluoTrace *trace,
                             guint32    span,
                             char     **ret_name,
                             char     **ret_type)
{
  guint n_spans = 0, n_services = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);
  const FluoTraceService *services = fluo_trace_get_services (trace, &n_services);

  g_return_if_fail (span < n_spans && spans[span].service < n_services);

  if (ret_name != NULL)
    *ret_name = g_strdup (services[spans[span].service].name);
  if (ret_type != NULL)
    *ret_type = g_strdup (services[spans[span].service].type);
}
