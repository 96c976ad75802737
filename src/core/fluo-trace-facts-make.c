/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "fluo-trace-facts-private.h"
#include "fluo-trace-private.h"

/* From an assembled trace to its facts. Nodes and edges are those of the trace's service graph:
 * calls that a service answered lead to that service, the caller's name for it stays as an alias.
 * What the graph does not count yet is here too, under FLUO_FACTS_UNPUBLISHED: a trace that has
 * just begun can be found as well. */

/* A trace that X-Ray would take has a few thousand calls; what goes beyond can't be searched. */
#define ENTITIES_MAX 20000
/* X-Ray's own limit for a service map. */
#define NODES_MAX 10000
/* X-Ray indexes 50 annotations of a trace; a local store can afford more, but not without end. */
#define ANNOTATIONS_MAX 1000
#define PEOPLE_MAX 1000
#define ALIASES_MAX 1000
#define LINKS_MAX 1000
#define QUEUE_TYPE "AWS::SQS::Queue"

typedef struct
{
  FluoFactsAnnotation annotation;
  guint32 entity;   /* FLUO_FACTS_NONE sorts last */
  guint32 order;
} OwnedAnnotation;

typedef struct
{
  guint32 node;
  guint32 name;
} OwnedAlias;

typedef struct
{
  FluoFactsWriter *writer;
  FluoTrace       *trace;
  FluoIdMap        nodes;     /* by name and type */
  guint32         *service_nodes; /* of a service of the trace, or FLUO_FACTS_NONE */
  guint32         *owners;    /* the segment that a span belongs to, or FLUO_SPAN_NONE */
  guint32         *entities;  /* of a span, or FLUO_FACTS_NONE */
  guint32         *served;    /* service + 1 that a call was last counted for */
  guint8          *fed;       /* a segment that a queue or a producer started */
  FluoFactsSpan    span;      /* reused */
  GArray          *node_list; /* FluoFactsNode */
  GArray          *entity_list; /* FluoFactsEntity */
  GArray          *annotations; /* OwnedAnnotation */
  GArray          *aliases;   /* OwnedAlias */
} Making;

#define NODE(self, i) (&g_array_index ((self)->node_list, FluoFactsNode, (i)))
#define ENTITY(self, i) (&g_array_index ((self)->entity_list, FluoFactsEntity, (i)))

static guint32
status_flags (FluoStatus status)
{
  static const guint32 flags[FLUO_N_STATUSES] = {
    [FLUO_STATUS_RUNNING] = FLUO_FACTS_IN_PROGRESS,
    [FLUO_STATUS_ERROR] = FLUO_FACTS_ERROR,
    [FLUO_STATUS_THROTTLE] = FLUO_FACTS_THROTTLE,
    [FLUO_STATUS_FAULT] = FLUO_FACTS_FAULT,
  };

  return flags[status];
}

static gint64
response (const FluoSpan *span)
{
  return span->status == FLUO_STATUS_RUNNING ? -1 : span->end_ns - span->start_ns;
}

static gboolean
is_running (const FluoSpan *span)
{
  return (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;
}

/* --- Nodes ----------------------------------------------------------------- */

/* The node of that name and type; FLUO_FACTS_NONE when there are too many. */
static guint32
take_node (Making *self, const char *name, const char *type, guint32 flags)
{
  FluoFactsNode node = { 0 };
  guint64 key;
  guint32 i;

  node.name = fluo_facts_writer_string (self->writer, name, -1);
  node.type = fluo_facts_writer_string (self->writer, type, -1);
  node.flags = flags | FLUO_FACTS_UNPUBLISHED;
  key = (guint64) node.name << 32 | node.type;
  i = fluo_id_map_get (&self->nodes, key);
  if (i != FLUO_MAP_NONE || self->node_list->len >= NODES_MAX)
    return i;
  i = self->node_list->len;
  g_array_append_val (self->node_list, node);
  fluo_id_map_set (&self->nodes, key, i);
  return i;
}

static guint32
service_node (Making *self, guint32 service)
{
  const FluoTraceService *row = &g_array_index (self->trace->services, FluoTraceService, service);

  if (self->service_nodes[service] == FLUO_FACTS_NONE)
    self->service_nodes[service] =
        take_node (self, row->name, row->type, row->inferred ? FLUO_FACTS_INFERRED : 0);
  return self->service_nodes[service];
}

static void
publish (Making *self, guint32 node)
{
  NODE (self, node)->flags &= ~(guint32) FLUO_FACTS_UNPUBLISHED;
}

/* --- Edges ----------------------------------------------------------------- */

static void
add_edge (Making *self, FluoFactsEdge *edge, guint32 from, guint32 to)
{
  if (!(edge->flags & FLUO_FACTS_UNPUBLISHED))
    {
      publish (self, from);
      publish (self, to);
    }
  if (fluo_facts_writer_count (self->writer, FLUO_FACTS_EDGES) < ENTITIES_MAX)
    fluo_facts_writer_append (self->writer, FLUO_FACTS_EDGES, edge);
}

static void
fill_edge (FluoFactsEdge *edge, const FluoSpan *call)
{
  edge->response_ns = response (call);
  edge->http_status = call->http_status;
  edge->flags |= status_flags (call->status);
  if (is_running (call))
    edge->flags |= FLUO_FACTS_UNPUBLISHED;
}

static void
add_entry (Making *self, guint32 i)
{
  guint32 entity = self->entities[i], node = ENTITY (self, entity)->node, client;
  const FluoTraceService *service =
      &g_array_index (self->trace->services, FluoTraceService, self->trace->spans[i].service);
  FluoFactsEdge edge = { .source = FLUO_FACTS_NONE, .destination = entity };

  NODE (self, node)->flags |= FLUO_FACTS_ROOT;
  ENTITY (self, entity)->flags |= FLUO_FACTS_ROOT;
  client = take_node (self, service->name, "client", FLUO_FACTS_CLIENT);
  if (client == FLUO_FACTS_NONE)
    return;
  fill_edge (&edge, &self->trace->spans[i]);
  edge.url = ENTITY (self, entity)->url;
  edge.method = ENTITY (self, entity)->method;
  add_edge (self, &edge, client, node);
}

static void
add_alias (Making *self, guint32 node, guint32 name)
{
  OwnedAlias alias = { node, name };

  if (name == 0 || name == NODE (self, node)->name || self->aliases->len >= ALIASES_MAX)
    return;
  for (guint i = 0; i < self->aliases->len; i++)
    if (memcmp (&g_array_index (self->aliases, OwnedAlias, i), &alias, sizeof alias) == 0)
      return;
  g_array_append_val (self->aliases, alias);
}

/* The edge from the service that owns the calling span. The caller's view of the call counts; where
 * one segment is directly under another, as Lambda's two are, there is no other than the
 * callee's. */
static void
add_call (Making *self, guint32 i)
{
  const FluoSpan *spans = self->trace->spans;
  guint32 parent = spans[i].parent, caller = self->owners[parent];
  const FluoSpan *call = &spans[parent];
  gboolean direct = (call->flags & FLUO_SPAN_SEGMENT) != 0;
  FluoFactsEdge edge = { .destination = self->entities[i] };

  if (caller == FLUO_SPAN_NONE || (call->flags & FLUO_SPAN_LINKED) ||
      self->entities[caller] == FLUO_FACTS_NONE)
    return;
  /* A call that was answered twice by the same service, by a retry, is still one call. */
  if (!direct && self->served[parent] == spans[i].service + 1)
    return;
  self->served[parent] = spans[i].service + 1;
  edge.source = self->entities[caller];
  fill_edge (&edge, direct ? &spans[i] : call);
  if (is_running (&spans[caller]) || is_running (call) || is_running (&spans[i]))
    edge.flags |= FLUO_FACTS_UNPUBLISHED;
  if (direct)
    {
      edge.url = ENTITY (self, edge.destination)->url;
      edge.method = ENTITY (self, edge.destination)->method;
    }
  else if (call->flags & (FLUO_SPAN_HTTP | FLUO_SPAN_REMOTE | FLUO_SPAN_AWS | FLUO_SPAN_SQL))
    {
      FluoFactsSpan read = { 0 };

      fluo_facts_read_span (self->writer, self->trace, parent, TRUE, &read);
      edge.url = read.url;
      edge.method = read.method;
      add_alias (self, ENTITY (self, edge.destination)->node, read.alias);
      g_free (read.queue);
    }
  add_edge (self, &edge, ENTITY (self, edge.source)->node, ENTITY (self, edge.destination)->node);
}

/* A call that nobody answered: its subsegment is both the call and what is known of the callee. */
static void
add_unanswered (Making *self, guint32 i)
{
  const FluoSpan *span = &self->trace->spans[i];
  guint32 caller = self->owners[i], entity = self->entities[i];
  FluoFactsEdge edge = { .destination = entity };

  if (caller == FLUO_SPAN_NONE || self->entities[caller] == FLUO_FACTS_NONE)
    return;
  edge.source = self->entities[caller];
  fill_edge (&edge, span);
  if (is_running (&self->trace->spans[caller]))
    edge.flags |= FLUO_FACTS_UNPUBLISHED;
  edge.url = ENTITY (self, entity)->url;
  edge.method = ENTITY (self, entity)->method;
  add_edge (self, &edge, ENTITY (self, edge.source)->node, ENTITY (self, entity)->node);
}

/* --- Spans ----------------------------------------------------------------- */

static gboolean
has_string (FluoFactsWriter *writer, FluoFactsTable table, guint32 string)
{
  const GArray *rows = writer->rows[table];

  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, guint32, i) == string)
      return TRUE;
  return FALSE;
}

static void
add_unique (FluoFactsWriter *writer, FluoFactsTable table, guint32 string)
{
  if (string != 0 && writer->rows[table]->len < PEOPLE_MAX && !has_string (writer, table, string))
    fluo_facts_writer_append (writer, table, &string);
}

static void
keep_annotations (Making *self, guint32 i)
{
  guint32 owner = self->owners[i];

  for (guint k = 0; k < self->span.annotations->len; k++)
    {
      OwnedAnnotation row = { g_array_index (self->span.annotations, FluoFactsAnnotation, k),
                              owner != FLUO_SPAN_NONE ? self->entities[owner] : FLUO_FACTS_NONE,
                              self->annotations->len };

      if (self->annotations->len < ANNOTATIONS_MAX)
        g_array_append_val (self->annotations, row);
    }
}

/* What is worth reading in the span's own text. */
static gboolean
is_telling (const FluoSpan *span)
{
  return (span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_HAS_ANNOTATIONS)) ||
         ((span->flags & FLUO_SPAN_INFERRED) && (span->flags & (FLUO_SPAN_HTTP | FLUO_SPAN_AWS)));
}

static void
add_entity (Making *self, guint32 i)
{
  const FluoSpan *span = &self->trace->spans[i];
  gboolean segment = (span->flags & FLUO_SPAN_SEGMENT) != 0;
  guint32 owner = self->owners[i];
  FluoFactsEntity entity = { 0 };

  entity.node = service_node (self, span->service);
  if (entity.node == FLUO_FACTS_NONE || self->entity_list->len >= ENTITIES_MAX)
    return;
  entity.end_ns = span->end_ns;
  entity.response_ns = response (span);
  entity.http_status = span->http_status;
  entity.flags = status_flags (span->status);
  if (span->flags & FLUO_SPAN_INFERRED)
    entity.flags |= FLUO_FACTS_INFERRED;
  if (span->flags & FLUO_SPAN_REMOTE)
    entity.flags |= FLUO_FACTS_REMOTE;
  if (is_running (span) ||
      (!segment && (owner == FLUO_SPAN_NONE || is_running (&self->trace->spans[owner]))))
    entity.flags |= FLUO_FACTS_UNPUBLISHED;
  else
    publish (self, entity.node);
  entity.url = self->span.url;
  entity.method = self->span.method;
  entity.user_agent = self->span.user_agent;
  entity.client_ip = self->span.client_ip;
  entity.version = self->span.version;
  if (NODE (self, entity.node)->account == 0)
    NODE (self, entity.node)->account = self->span.account;
  self->entities[i] = self->entity_list->len;
  g_array_append_val (self->entity_list, entity);
}

static void
add_span (Making *self, guint32 i)
{
  const FluoSpan *span = &self->trace->spans[i];
  gboolean segment = (span->flags & FLUO_SPAN_SEGMENT) != 0;
  GArray *annotations = self->span.annotations;

  memset (&self->span, 0, sizeof self->span);
  self->span.annotations = annotations;
  g_array_set_size (annotations, 0);
  service_node (self, span->service);
  if (is_telling (span))
    fluo_facts_read_span (self->writer, self->trace, i, FALSE, &self->span);
  if (segment || (span->flags & FLUO_SPAN_INFERRED))
    add_entity (self, i);
  if (annotations->len > 0)
    keep_annotations (self, i);
  g_free (self->span.queue);
  if (segment)
    {
      add_unique (self->writer, FLUO_FACTS_USERS, self->span.user);
      add_unique (self->writer, FLUO_FACTS_ARNS, self->span.arn);
      add_unique (self->writer, FLUO_FACTS_INSTANCES, self->span.instance);
      add_unique (self->writer, FLUO_FACTS_ZONES, self->span.zone);
    }
  if (self->entities[i] == FLUO_FACTS_NONE)
    return;
  if (!segment)
    add_unanswered (self, i);
  else if (span->parent != FLUO_SPAN_NONE)
    add_call (self, i);
  else if (span->parent_id == 0 && !self->fed[i])
    add_entry (self, i);
}

/* --- Links ----------------------------------------------------------------- */

static int
compare_links (gconstpointer a, gconstpointer b)
{
  const FluoTraceLink *x = a, *y = b;

  if (x->span != y->span)
    return x->span < y->span ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* An occurrence of the node for an edge to begin at; a queue that nothing in the trace called gets
 * one made up. */
static guint32
source_entity (Making *self, guint32 node)
{
  FluoFactsEntity entity = { .response_ns = -1, .node = node,
                             .flags = FLUO_FACTS_INFERRED | FLUO_FACTS_LINK };

  for (guint32 i = 0; i < self->entity_list->len; i++)
    if (ENTITY (self, i)->node == node)
      return i;
  entity.end_ns = self->trace->extent.begin_ns;
  g_array_append_val (self->entity_list, entity);
  return self->entity_list->len - 1;
}

static void
add_link (Making *self, guint32 node, guint32 consumer, const FluoSpan *producer)
{
  FluoFactsEdge edge = { .flags = FLUO_FACTS_LINK, .response_ns = -1 };

  if (node == FLUO_FACTS_NONE || self->entities[consumer] == FLUO_FACTS_NONE)
    return;
  edge.source = source_entity (self, node);
  edge.destination = self->entities[consumer];
  if (producer)
    edge.response_ns = MAX (0, self->trace->spans[consumer].start_ns - producer->end_ns);
  add_edge (self, &edge, node, ENTITY (self, edge.destination)->node);
}

/* Which segments a link feeds, with what feeds them. A consumer with links gets one edge: from its
 * queue, or else from the first producer that is in this trace. */
static FluoTraceLink *
sort_links (Making *self, guint *ret_n)
{
  guint n = self->trace->links->len;
  FluoTraceLink *sorted = g_memdup2 (self->trace->links->data, n * sizeof *sorted);

  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_links);
  *ret_n = n;
  return sorted;
}

static const FluoSpan *
find_producer (Making *self, const FluoTraceLink *link)
{
  guint32 found = fluo_trace_find (self->trace, link->id);

  if (found >= self->trace->n_spans || found == link->span ||
      is_running (&self->trace->spans[found]))
    return NULL;
  return &self->trace->spans[found];
}

/* Before the spans, since what is fed has no client; @add after them, when the entities are
 * there. */
static void
read_links (Making *self, gboolean add)
{
  guint n, fed = 0;
  g_autofree FluoTraceLink *links = sort_links (self, &n);

  if (add)
    memset (self->fed, 0, self->trace->n_spans);
  for (guint i = 0; i < n && fed < LINKS_MAX; i++)
    {
      guint32 consumer = links[i].span;
      const FluoSpan *producer = find_producer (self, &links[i]);
      FluoFactsSpan read = { 0 };

      if (self->fed[consumer] || is_running (&self->trace->spans[consumer]))
        continue;
      fluo_facts_read_span (self->writer, self->trace, consumer, FALSE, &read);
      self->fed[consumer] = read.queue || producer;
      fed += self->fed[consumer];
      if (add && read.queue)
        add_link (self, take_node (self, read.queue, QUEUE_TYPE, FLUO_FACTS_INFERRED), consumer,
                  producer);
      else if (add && producer)
        add_link (self, service_node (self, producer->service), consumer, producer);
      g_free (read.queue);
    }
}

/* --- The end --------------------------------------------------------------- */

static int
compare_annotations (gconstpointer a, gconstpointer b)
{
  const OwnedAnnotation *x = a, *y = b;

  if (x->entity != y->entity)
    return x->entity < y->entity ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

/* Annotations in runs of their entities, every key with a value once in each. */
static void
end_annotations (Making *self)
{
  guint32 begin = 0;

  g_array_sort (self->annotations, compare_annotations);
  for (guint i = 0; i < self->annotations->len; i++)
    {
      const OwnedAnnotation *row = &g_array_index (self->annotations, OwnedAnnotation, i);
      const FluoFactsAnnotation *written;
      guint32 count = fluo_facts_writer_count (self->writer, FLUO_FACTS_ANNOTATIONS);
      gboolean known = FALSE;

      if (i == 0 || row->entity != row[-1].entity)
        begin = count;
      written = (gconstpointer) self->writer->rows[FLUO_FACTS_ANNOTATIONS]->data;
      for (guint32 k = begin; k < count && !known; k++)
        known = written[k].key == row->annotation.key && written[k].type == row->annotation.type &&
                written[k].value == row->annotation.value;
      if (known)
        continue;
      fluo_facts_writer_append (self->writer, FLUO_FACTS_ANNOTATIONS, &row->annotation);
      if (row->entity != FLUO_FACTS_NONE)
        ENTITY (self, row->entity)->n_annotations++;
    }
}

static void
end_lists (Making *self)
{
  guint32 n_aliases = 0, n_annotations = 0;

  end_annotations (self);
  for (guint32 i = 0; i < self->entity_list->len; i++)
    {
      ENTITY (self, i)->first_annotation = n_annotations;
      n_annotations += ENTITY (self, i)->n_annotations;
    }
  for (guint32 i = 0; i < self->node_list->len; i++)
    {
      NODE (self, i)->first_alias = n_aliases;
      for (guint k = 0; k < self->aliases->len; k++)
        {
          const OwnedAlias *alias = &g_array_index (self->aliases, OwnedAlias, k);

          if (alias->node != i)
            continue;
          fluo_facts_writer_append (self->writer, FLUO_FACTS_ALIASES, &alias->name);
          n_aliases++;
        }
      NODE (self, i)->n_aliases = n_aliases - NODE (self, i)->first_alias;
    }
  g_array_append_vals (self->writer->rows[FLUO_FACTS_NODES], self->node_list->data,
                       self->node_list->len);
  g_array_append_vals (self->writer->rows[FLUO_FACTS_ENTITIES], self->entity_list->data,
                       self->entity_list->len);
}

/* Whoever asks which traces link to another finds this one by them. */
static void
add_linked_ids (Making *self)
{
  const GArray *links = self->trace->links;
  GArray *rows = self->writer->rows[FLUO_FACTS_LINKS];
  guint begin = rows->len;

  for (guint i = 0; i < links->len && rows->len - begin < FLUO_FACTS_LINKS_MAX; i++)
    {
      const FluoTraceLink *link = &g_array_index (links, FluoTraceLink, i);
      gboolean known = fluo_trace_id_equal (&link->trace_id, &self->trace->id)
                       || (self->trace->spans[link->span].flags & FLUO_SPAN_LINKED) != 0;

      for (guint k = begin; k < rows->len && !known; k++)
        known = fluo_trace_id_equal (&g_array_index (rows, FluoTraceId, k), &link->trace_id);
      if (!known)
        g_array_append_val (rows, link->trace_id);
    }
}

static void
fill_head (Making *self, FluoFactsHead *head)
{
  const FluoTrace *trace = self->trace;
  FluoTimeSpan extent = { G_MAXINT64, G_MININT64 };

  head->id = trace->id;
  for (guint32 i = 0; i < trace->n_spans; i++)
    if (!(trace->spans[i].flags & FLUO_SPAN_LINKED))
      {
        extent.begin_ns = MIN (extent.begin_ns, trace->spans[i].start_ns);
        extent.end_ns = MAX (extent.end_ns, trace->spans[i].end_ns);
      }
  /* A trace of linked spans alone has no times of its own. */
  head->start_ns = extent.end_ns >= extent.begin_ns ? extent.begin_ns : 0;
  head->end_ns = extent.end_ns >= extent.begin_ns ? extent.end_ns : -1;
  head->response_ns = trace->root != FLUO_SPAN_NONE ? response (&trace->spans[trace->root]) : -1;
  head->root = trace->root != FLUO_SPAN_NONE ? self->entities[trace->root] : FLUO_FACTS_NONE;
  head->flags = status_flags (fluo_trace_get_status (self->trace)) |
                (trace->partial ? FLUO_FACTS_PARTIAL : 0);
}

static void
making_init (Making *self, FluoTrace *trace, FluoFactsWriter *writer)
{
  guint n = trace->n_spans;

  self->writer = writer;
  self->trace = trace;
  fluo_id_map_init (&self->nodes);
  self->service_nodes = g_new (guint32, trace->services->len + 1);
  memset (self->service_nodes, 0xff, (trace->services->len + 1) * sizeof (guint32));
  self->owners = g_new (guint32, n + 1);
  self->entities = g_new (guint32, n + 1);
  memset (self->entities, 0xff, (n + 1) * sizeof (guint32));
  self->served = g_new0 (guint32, n + 1);
  self->fed = g_new0 (guint8, n + 1);
  self->span.annotations = g_array_sized_new (FALSE, FALSE, sizeof (FluoFactsAnnotation), 8);
  self->node_list = g_array_sized_new (FALSE, FALSE, sizeof (FluoFactsNode), 8);
  self->entity_list = g_array_sized_new (FALSE, FALSE, sizeof (FluoFactsEntity), 8);
  self->annotations = g_array_sized_new (FALSE, FALSE, sizeof (OwnedAnnotation), 32);
  self->aliases = g_array_new (FALSE, FALSE, sizeof (OwnedAlias));
  /* Parents come before children. */
  for (guint32 i = 0; i < n; i++)
    self->owners[i] = trace->spans[i].flags & FLUO_SPAN_SEGMENT ? i
                      : trace->spans[i].parent != FLUO_SPAN_NONE
                        ? self->owners[trace->spans[i].parent] : FLUO_SPAN_NONE;
}

static void
making_clear (Making *self)
{
  fluo_id_map_clear (&self->nodes);
  g_free (self->service_nodes);
  g_free (self->owners);
  g_free (self->entities);
  g_free (self->served);
  g_free (self->fed);
  g_array_unref (self->span.annotations);
  g_array_unref (self->node_list);
  g_array_unref (self->entity_list);
  g_array_unref (self->annotations);
  g_array_unref (self->aliases);
}

FluoFactsBlock *
fluo_facts_block_from_trace (FluoTrace *trace)
{
  FluoFactsWriter writer;
  FluoFactsHead *head;
  Making self = { 0 };

  fluo_facts_writer_init (&writer);
  head = fluo_facts_writer_begin (&writer);
  making_init (&self, trace, &writer);
  if (trace->links->len > 0)
    read_links (&self, FALSE);
  for (guint32 i = 0; i < trace->n_spans; i++)
    if (!(trace->spans[i].flags & FLUO_SPAN_LINKED))
      add_span (&self, i);
  if (trace->links->len > 0)
    read_links (&self, TRUE);
  fill_head (&self, head);
  end_lists (&self);
  fluo_facts_add_causes (&writer, trace);
  add_linked_ids (&self);
  making_clear (&self);
  return fluo_facts_writer_end (&writer);
}
