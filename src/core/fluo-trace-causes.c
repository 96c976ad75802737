/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-span-detail.h"
#include "fluo-trace-facts-private.h"
#include "fluo-trace-private.h"

/* X-Ray's lists of root causes. They are computed once, when a trace becomes facts; the JSON is
 * made from those. */

/* Entities of one path; deeper ones tell nothing that the last shown does not. */
#define PATH_MAX_ENTITIES 200
#define CAUSES_MAX 50

static gboolean
is_flagged (const FluoSpan *span, FluoCauseKind kind)
{
  if (kind == FLUO_CAUSE_FAULT)
    return (span->flags & FLUO_SPAN_FAULT_FLAG) || span->status == FLUO_STATUS_FAULT;
  return (span->flags & (FLUO_SPAN_ERROR_FLAG | FLUO_SPAN_THROTTLE_FLAG)) ||
         span->status == FLUO_STATUS_ERROR || span->status == FLUO_STATUS_THROTTLE;
}

/* --- Paths ----------------------------------------------------------------- */

static guint32
add_exceptions (FluoFactsWriter *writer, FluoTrace *self, guint32 span)
{
  g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (self, span);
  guint32 n = MIN (detail->exceptions->len, CAUSES_MAX);

  for (guint i = 0; i < n; i++)
    {
      const FluoException *exception = &g_array_index (detail->exceptions, FluoException, i);
      FluoFactsException row;

      row.name = fluo_facts_writer_string (writer, exception->type, -1);
      row.message = fluo_facts_writer_string (writer, exception->message, -1);
      fluo_facts_writer_append (writer, FLUO_FACTS_EXCEPTIONS, &row);
    }
  return n;
}

static void
add_entity (FluoFactsWriter *writer, FluoTrace *self, guint32 span, FluoCauseKind kind,
            guint32 flags)
{
  gint64 total = fluo_trace_get_response_ns (self);
  const FluoSpan *row = &self->spans[span];
  FluoFactsCauseEntity entity = { .flags = flags & FLUO_FACTS_REMOTE };

  entity.name = fluo_facts_writer_string (writer, fluo_trace_get_string (self, row->name), -1);
  entity.first_exception = fluo_facts_writer_count (writer, FLUO_FACTS_EXCEPTIONS);
  if (kind == FLUO_CAUSE_RESPONSE_TIME)
    entity.coverage = total > 0 ? (double) (row->end_ns - row->start_ns) / (double) total : 1;
  else if (!(flags & FLUO_FACTS_INFERRED) && (row->flags & FLUO_SPAN_HAS_CAUSE))
    entity.n_exceptions = add_exceptions (writer, self, span);
  fluo_facts_writer_append (writer, FLUO_FACTS_CAUSE_ENTITIES, &entity);
}

static FluoFactsCauseService *
add_service (FluoFactsWriter *writer, FluoTrace *self, guint32 service, guint32 flags)
{
  const FluoTraceService *found = &g_array_index (self->services, FluoTraceService, service);
  FluoFactsCauseService row = { .flags = flags };
  GArray *rows = writer->rows[FLUO_FACTS_CAUSE_SERVICES];

  row.name = fluo_facts_writer_string (writer, found->name, -1);
  row.type = fluo_facts_writer_string (writer, found->type, -1);
  row.first_entity = fluo_facts_writer_count (writer, FLUO_FACTS_CAUSE_ENTITIES);
  g_array_append_val (rows, row);
  return &g_array_index (rows, FluoFactsCauseService, rows->len - 1);
}

/* A path from a segment down: one service at a time, which begins with the service's own segment;
 * the last call to a service that sent nothing adds that. */
static void
add_path (FluoFactsWriter *writer, FluoTrace *self, const GArray *path, FluoCauseKind kind)
{
  FluoFactsCause cause = { .kind = kind };
  FluoFactsCauseService *service = NULL;
  guint32 last = g_array_index (path, guint32, path->len - 1);

  cause.client_impacting = g_array_index (path, guint32, 0) == self->root;
  cause.first_service = fluo_facts_writer_count (writer, FLUO_FACTS_CAUSE_SERVICES);
  for (guint i = 0; i < path->len; i++)
    {
      guint32 span = g_array_index (path, guint32, i);
      gboolean segment = (self->spans[span].flags & FLUO_SPAN_SEGMENT) != 0;
      gboolean remote = !segment && (self->spans[span].flags &
                                     (FLUO_SPAN_REMOTE | FLUO_SPAN_AWS | FLUO_SPAN_SQL));

      if (segment || i == 0)
        service = add_service (writer, self, self->spans[span].service, 0);
      add_entity (writer, self, span, kind, remote ? FLUO_FACTS_REMOTE : 0);
      service->n_entities++;
    }
  if ((self->spans[last].flags & FLUO_SPAN_INFERRED) &&
      !(self->spans[last].flags & FLUO_SPAN_SEGMENT))
    {
      service = add_service (writer, self, self->spans[last].service, FLUO_FACTS_INFERRED);
      add_entity (writer, self, last, kind, FLUO_FACTS_INFERRED);
      service->n_entities++;
    }
  cause.n_services =
    fluo_facts_writer_count (writer, FLUO_FACTS_CAUSE_SERVICES) - cause.first_service;
  fluo_facts_writer_append (writer, FLUO_FACTS_CAUSES, &cause);
}

/* The flagged child to follow: one on the critical path, then the one that ended last. */
static guint32
flagged_child (FluoTrace *self, guint32 span, FluoCauseKind kind)
{
  guint32 best = FLUO_SPAN_NONE;

  for (guint32 c = self->spans[span].first_child; c != FLUO_SPAN_NONE;
       c = self->spans[c].next_sibling)
    {
      gboolean critical = (self->spans[c].flags & FLUO_SPAN_CRITICAL) != 0, best_critical;

      if (!is_flagged (&self->spans[c], kind))
        continue;
      best_critical = best != FLUO_SPAN_NONE && (self->spans[best].flags & FLUO_SPAN_CRITICAL);
      if (best == FLUO_SPAN_NONE || (critical && !best_critical) ||
          (critical == best_critical && self->spans[c].end_ns > self->spans[best].end_ns))
        best = c;
    }
  return best;
}

/* A path ends at an exception or at a failing service that sent nothing; a flag alone is no
 * cause. */
static gboolean
is_leaf (const FluoSpan *span)
{
  return (span->flags & FLUO_SPAN_HAS_CAUSE) || (span->flags & FLUO_SPAN_INFERRED);
}

static void
add_failures (FluoFactsWriter *writer, FluoTrace *self, FluoCauseKind kind)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n = 0;

  for (guint32 i = 0; i < self->n_spans && n < CAUSES_MAX;)
    {
      const FluoSpan *span = &self->spans[i];
      guint valid = 0;

      if (!(span->flags & FLUO_SPAN_SEGMENT) || (span->flags & FLUO_SPAN_LINKED) ||
          !is_flagged (span, kind))
        {
          i++;
          continue;
        }
      g_array_set_size (path, 0);
      for (guint32 c = i; c != FLUO_SPAN_NONE && path->len < PATH_MAX_ENTITIES;
           c = flagged_child (self, c, kind))
        {
          g_array_append_val (path, c);
          if (is_leaf (&self->spans[c]))
            valid = path->len;
          if (self->spans[c].flags & FLUO_SPAN_INFERRED)
            break;
        }
      g_array_set_size (path, valid);
      if (valid > 0)
        {
          add_path (writer, self, path, kind);
          n++;
        }
      /* Whatever is flagged below has a flagged service above it. */
      i = span->end_index;
    }
}

/* Down from the entry to the longest child, while that takes more than half of the entry's time and
 * not more than all of it. */
static void
add_slowness (FluoFactsWriter *writer, FluoTrace *self)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  gint64 total = fluo_trace_get_response_ns (self);
  guint32 span = self->root;

  while (span != FLUO_SPAN_NONE && self->spans[span].status != FLUO_STATUS_RUNNING &&
         path->len < PATH_MAX_ENTITIES)
    {
      guint32 longest = FLUO_SPAN_NONE;
      gint64 length = 0;

      g_array_append_val (path, span);
      if (self->spans[span].flags & FLUO_SPAN_INFERRED)
        break;
      for (guint32 c = self->spans[span].first_child; c != FLUO_SPAN_NONE;
           c = self->spans[c].next_sibling)
        if (self->spans[c].end_ns - self->spans[c].start_ns > length)
          {
            longest = c;
            length = self->spans[c].end_ns - self->spans[c].start_ns;
          }
      span = length > total / 2 && length <= total ? longest : FLUO_SPAN_NONE;
    }
  if (path->len > 1)
    add_path (writer, self, path, FLUO_CAUSE_RESPONSE_TIME);
}

void
fluo_facts_add_causes (FluoFactsWriter *writer, FluoTrace *trace)
{
  add_failures (writer, trace, FLUO_CAUSE_FAULT);
  add_failures (writer, trace, FLUO_CAUSE_ERROR);
  add_slowness (writer, trace);
}

/* --- JSON ------------------------------------------------------------------ */

static void
write_exceptions (const FluoTraceFacts *facts, const FluoFactsCauseEntity *entity,
                  FluoJsonWriter *writer)
{
  fluo_json_writer_key (writer, "Exceptions");
  fluo_json_writer_begin (writer, '[');
  for (guint32 i = 0; i < entity->n_exceptions; i++)
    {
      const FluoFactsException *row = &facts->exceptions[entity->first_exception + i];

      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Message");
      fluo_json_writer_string (writer, fluo_facts_string (facts, row->message));
      fluo_json_writer_key (writer, "Name");
      fluo_json_writer_string (writer, fluo_facts_string (facts, row->name));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_entity (const FluoTraceFacts *facts, const FluoFactsCauseEntity *entity, FluoCauseKind kind,
              FluoJsonWriter *writer)
{
  const char *name = fluo_facts_string (facts, entity->name);

  fluo_json_writer_begin (writer, '{');
  if (kind == FLUO_CAUSE_RESPONSE_TIME)
    {
      fluo_json_writer_key (writer, "Coverage");
      fluo_json_writer_double (writer, entity->coverage);
    }
  else
    write_exceptions (facts, entity, writer);
  fluo_json_writer_key (writer, "Name");
  fluo_json_writer_string (writer, name ? name : "");
  fluo_json_writer_key (writer, "Remote");
  fluo_json_writer_boolean (writer, (entity->flags & FLUO_FACTS_REMOTE) != 0);
  fluo_json_writer_end (writer, '}');
}

static void
write_service (const FluoTraceFacts *facts, const FluoFactsCauseService *service,
               FluoCauseKind kind, FluoJsonWriter *writer)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "AccountId");
  fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "Inferred");
  fluo_json_writer_boolean (writer, (service->flags & FLUO_FACTS_INFERRED) != 0);
  fluo_json_writer_key (writer, "Name");
  fluo_json_writer_string (writer, fluo_facts_string (facts, service->name));
  fluo_json_writer_key (writer, "Names");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, fluo_facts_string (facts, service->name));
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_key (writer, "Type");
  fluo_json_writer_string (writer, fluo_facts_string (facts, service->type));
  fluo_json_writer_key (writer, "EntityPath");
  fluo_json_writer_begin (writer, '[');
  for (guint32 i = 0; i < service->n_entities; i++)
    write_entity (facts, &facts->cause_entities[service->first_entity + i], kind, writer);
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

guint
fluo_facts_write_causes (const FluoTraceFacts *facts, FluoCauseKind kind, FluoJsonWriter *writer)
{
  guint n = 0;

  fluo_json_writer_begin (writer, '[');
  for (guint32 i = 0; i < facts->n_causes; i++)
    {
      const FluoFactsCause *cause = &facts->causes[i];

      if (cause->kind != (guint32) kind)
        continue;
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "ClientImpacting");
      fluo_json_writer_boolean (writer, cause->client_impacting != 0);
      fluo_json_writer_key (writer, "Services");
      fluo_json_writer_begin (writer, '[');
      for (guint32 k = 0; k < cause->n_services; k++)
        write_service (facts, &facts->cause_services[cause->first_service + k], kind, writer);
      fluo_json_writer_end (writer, ']');
      fluo_json_writer_end (writer, '}');
      n++;
    }
  fluo_json_writer_end (writer, ']');
  return n;
}
