/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-plain-trace.h"

#include <math.h>
#include <string.h>

PlainNode *
fluo_plain_trace_get_node (FluoPlainTrace *self, const char *name, const char *type)
{
  PlainNode *node;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      node = g_ptr_array_index (self->nodes, i);
      if (g_strcmp0 (node->name, name) == 0 && g_strcmp0 (node->type, type) == 0)
        return node;
    }
  node = g_new0 (PlainNode, 1);
  node->name = name;
  node->type = type;
  node->aliases = g_ptr_array_new ();
  g_ptr_array_add (self->nodes, node);
  return node;
}

static const char *
field (const FluoSpanDetail *detail, const char *key)
{
  for (guint i = 0; i < detail->aws->len; i++)
    if (strcmp (g_array_index (detail->aws, FluoDetailField, i).key, key) == 0)
      return g_array_index (detail->aws, FluoDetailField, i).value;
  return NULL;
}

static double
seconds_of (const FluoSpan *span)
{
  return span->status == FLUO_STATUS_RUNNING ? NAN : (double)(span->end_ns - span->start_ns) / 1e9;
}

static guint32
owner_of (const FluoSpan *spans, guint32 i)
{
  while (i != FLUO_SPAN_NONE && !(spans[i].flags & FLUO_SPAN_SEGMENT))
    i = spans[i].parent;
  return i;
}

static PlainEntity *
entity_of (FluoPlainTrace *self, guint32 span)
{
  for (guint i = 0; i < self->entities->len; i++)
    if (((PlainEntity *)g_ptr_array_index (self->entities, i))->span == span)
      return g_ptr_array_index (self->entities, i);
  return NULL;
}

/* What a call would be named had nobody answered it. */
static const char *
call_name (const FluoSpan *span, const FluoSpanDetail *detail)
{
  if (!(span->flags & (FLUO_SPAN_SQL | FLUO_SPAN_REMOTE | FLUO_SPAN_AWS)))
    return NULL;
  if (!(span->flags & (FLUO_SPAN_SQL | FLUO_SPAN_REMOTE)) && field (detail, "operation"))
    {
      if (strcmp (detail->name, "DynamoDB") == 0 && field (detail, "table_name"))
        return field (detail, "table_name");
      if (strcmp (detail->name, "SQS") == 0 && field (detail, "queue_url"))
        return field (detail, "queue_url");
    }
  return detail->name;
}

static void
add_entity (FluoPlainTrace *self, const FluoSpan *spans, const FluoTraceService *services,
            guint32 i)
{
  const FluoTraceService *service = &services[spans[i].service];
  PlainEntity *entity = g_new0 (PlainEntity, 1);
  const char *account;

  entity->span = i;
  entity->detail = g_ptr_array_index (self->details, i);
  entity->node = fluo_plain_trace_get_node (self, service->name, service->type);
  entity->status = spans[i].status;
  entity->seconds = seconds_of (&spans[i]);
  entity->http_status = (int)spans[i].http_status;
  entity->inferred = (spans[i].flags & FLUO_SPAN_INFERRED) != 0;
  entity->annotations = g_ptr_array_new ();
  account = field (entity->detail, "account_id");
  if (account && !entity->node->account)
    entity->node->account = g_strdup (account);
  g_ptr_array_add (self->entities, entity);
}

static PlainEdge *
add_edge (FluoPlainTrace *self, PlainEntity *from, PlainEntity *to, const FluoSpan *call,
          const FluoSpanDetail *detail)
{
  PlainEdge *edge = g_new0 (PlainEdge, 1);

  edge->from = from;
  edge->to = to;
  edge->status = call->status;
  edge->seconds = seconds_of (call);
  edge->http_status = call->http_status;
  edge->url = detail->http_url;
  edge->method = detail->http_method;
  g_ptr_array_add (self->edges, edge);
  return edge;
}

/* The only links of these traces lead to the first segment, in which no queue is named. */
static gboolean
is_fed (FluoPlainTrace *self, const FluoSpan *spans, guint32 i)
{
  guint n = 0;
  const FluoTraceLink *links = fluo_trace_get_links (self->trace, &n);
  guint32 producer = fluo_trace_find (self->trace, 100);

  for (guint k = 0; k < n; k++)
    if (links[k].span == i && producer != FLUO_SPAN_NONE && producer != i
        && spans[i].status != FLUO_STATUS_RUNNING && spans[producer].status != FLUO_STATUS_RUNNING)
      return TRUE;
  return FALSE;
}

static void
add_call (FluoPlainTrace *self, const FluoSpan *spans, PlainEntity *entity, GHashTable *answered)
{
  const FluoSpan *span = &spans[entity->span], *call;
  const FluoSpanDetail *detail;
  guint32 caller = span->parent != FLUO_SPAN_NONE ? owner_of (spans, span->parent) : FLUO_SPAN_NONE;
  g_autofree char *key = g_strdup_printf ("%u %u", span->parent, span->service);
  const char *alias;

  if (!(span->flags & FLUO_SPAN_SEGMENT))
    {
      if (caller != FLUO_SPAN_NONE)
        add_edge (self, entity_of (self, caller), entity, span, entity->detail);
      return;
    }
  if (span->parent == FLUO_SPAN_NONE)
    {
      if (span->parent_id != 0 || is_fed (self, spans, entity->span))
        return;
      entity->entry = TRUE;
      fluo_plain_trace_get_node (self, entity->node->name, "client");
      add_edge (self, NULL, entity, span, entity->detail);
      return;
    }
  call = &spans[span->parent];
  detail = g_ptr_array_index (self->details, span->parent);
  if (caller == FLUO_SPAN_NONE)
    return;
  if (call->flags & FLUO_SPAN_SEGMENT)
    {
      add_edge (self, entity_of (self, caller), entity, span, entity->detail);
      return;
    }
  if (!g_hash_table_add (answered, g_steal_pointer (&key)))
    return;
  add_edge (self, entity_of (self, caller), entity, call, detail);
  alias = call_name (call, detail);
  if (alias && strcmp (alias, entity->node->name) != 0)
    g_ptr_array_add (entity->node->aliases, (gpointer)alias);
}

static void
add_links (FluoPlainTrace *self, const FluoSpan *spans)
{
  guint32 producer = fluo_trace_find (self->trace, 100);

  for (guint i = 0; i < self->entities->len; i++)
    {
      PlainEntity *entity = g_ptr_array_index (self->entities, i), *source = NULL;
      PlainEdge *edge;

      if (!is_fed (self, spans, entity->span))
        continue;
      for (guint k = 0; k < self->entities->len && !source; k++)
        if (((PlainEntity *)g_ptr_array_index (self->entities, k))->node
            == entity_of (self, producer)->node)
          source = g_ptr_array_index (self->entities, k);
      edge = g_new0 (PlainEdge, 1);
      edge->from = source;
      edge->to = entity;
      edge->seconds = (double)MAX (0, spans[entity->span].start_ns - spans[producer].end_ns) / 1e9;
      g_ptr_array_add (self->edges, edge);
    }
}

static FluoJsonTape *
tape_of (const char *json)
{
  const char *text = json ? json : "[]";
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return fluo_json_tape_new (bytes, NULL);
}

FluoPlainTrace *
fluo_plain_trace_new (FluoTrace *trace)
{
  FluoPlainTrace *self = g_new0 (FluoPlainTrace, 1);
  guint n = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  const FluoTraceService *services = fluo_trace_get_services (trace, NULL);
  g_autoptr (GHashTable) answered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->trace = fluo_trace_ref (trace);
  self->summary = fluo_trace_summary_from_trace (trace);
  self->causes[0] = tape_of (self->summary->fault_causes);
  self->causes[1] = tape_of (self->summary->error_causes);
  self->causes[2] = tape_of (self->summary->response_causes);
  self->nodes = g_ptr_array_new ();
  self->entities = g_ptr_array_new ();
  self->edges = g_ptr_array_new ();
  self->details = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_span_detail_free);
  self->partial = fluo_trace_is_partial (trace);
  self->duration = (double)fluo_time_span_length (fluo_trace_get_extent (trace)) / 1e9;
  for (guint32 i = 0; i < n; i++)
    {
      g_ptr_array_add (self->details, fluo_span_detail_new (trace, i));
      fluo_plain_trace_get_node (self, services[spans[i].service].name,
                                 services[spans[i].service].type);
      if (spans[i].flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED))
        add_entity (self, spans, services, i);
    }
  for (guint i = 0; i < self->entities->len; i++)
    add_call (self, spans, g_ptr_array_index (self->entities, i), answered);
  add_links (self, spans);
  for (guint32 i = 0; i < n; i++)
    {
      const FluoSpanDetail *detail = g_ptr_array_index (self->details, i);
      guint32 owner = owner_of (spans, i);

      for (guint k = 0; owner != FLUO_SPAN_NONE && k < detail->annotations->len; k++)
        g_ptr_array_add (entity_of (self, owner)->annotations,
                         &g_array_index (detail->annotations, FluoAnnotation, k));
    }
  if (fluo_trace_get_root (trace) != FLUO_SPAN_NONE)
    self->root = entity_of (self, fluo_trace_get_root (trace));
  return self;
}

void
fluo_plain_trace_free (FluoPlainTrace *self)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      PlainNode *node = g_ptr_array_index (self->nodes, i);

      g_ptr_array_unref (node->aliases);
      g_free (node->account);
      g_free (node);
    }
  for (guint i = 0; i < self->entities->len; i++)
    {
      g_ptr_array_unref (((PlainEntity *)g_ptr_array_index (self->entities, i))->annotations);
      g_free (g_ptr_array_index (self->entities, i));
    }
  for (guint i = 0; i < self->edges->len; i++)
    g_free (g_ptr_array_index (self->edges, i));
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->entities);
  g_ptr_array_unref (self->edges);
  g_ptr_array_unref (self->details);
  for (guint i = 0; i < 3; i++)
    fluo_json_tape_free (self->causes[i]);
  fluo_trace_summary_unref (self->summary);
  fluo_trace_unref (self->trace);
  g_free (self);
}
