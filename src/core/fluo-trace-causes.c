/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-causes-private.h"

#include "fluo-span-detail.h"
#include "fluo-trace-private.h"

/* Entities of one path; deeper ones tell nothing that the last shown does not. */
#define PATH_MAX_ENTITIES 200
#define CAUSES_MAX 50

typedef enum
{
  CAUSE_FAULT,
  CAUSE_ERROR, /* throttles count here */
  CAUSE_RESPONSE
} CauseKind;

static gboolean
is_flagged (const FluoSpan *span, CauseKind kind)
{
  if (kind == CAUSE_FAULT)
    return (span->flags & FLUO_SPAN_FAULT_FLAG) || span->status == FLUO_STATUS_FAULT;
  return (span->flags & (FLUO_SPAN_ERROR_FLAG | FLUO_SPAN_THROTTLE_FLAG)) ||
         span->status == FLUO_STATUS_ERROR || span->status == FLUO_STATUS_THROTTLE;
}

static void
write_service (FluoTrace *self, FluoJsonWriter *writer, guint32 service, gboolean inferred)
{
  const FluoTraceService *row = &g_array_index (self->services, FluoTraceService, service);

  fluo_json_writer_key (writer, "AccountId");
  fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "Inferred");
  fluo_json_writer_boolean (writer, inferred);
  fluo_json_writer_key (writer, "Name");
  fluo_json_writer_string (writer, row->name);
  fluo_json_writer_key (writer, "Names");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, row->name);
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_key (writer, "Type");
  fluo_json_writer_string (writer, row->type);
}

static void
write_exceptions (FluoTrace *self, FluoJsonWriter *writer, guint32 span, gboolean empty)
{
  g_autoptr (FluoSpanDetail) detail = NULL;

  fluo_json_writer_key (writer, "Exceptions");
  fluo_json_writer_begin (writer, '[');
  if (!empty && (self->spans[span].flags & FLUO_SPAN_HAS_CAUSE))
    {
      detail = fluo_span_detail_new (self, span);
      for (guint i = 0; i < MIN (detail->exceptions->len, CAUSES_MAX); i++)
        {
          const FluoException *exception = &g_array_index (detail->exceptions, FluoException, i);

          fluo_json_writer_begin (writer, '{');
          fluo_json_writer_key (writer, "Message");
          fluo_json_writer_string (writer, exception->message);
          fluo_json_writer_key (writer, "Name");
          fluo_json_writer_string (writer, exception->type);
          fluo_json_writer_end (writer, '}');
        }
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_entity (FluoTrace *self, FluoJsonWriter *writer, guint32 span, CauseKind kind,
              gboolean remote, gboolean inferred)
{
  gint64 total = fluo_trace_get_response_ns (self);

  fluo_json_writer_begin (writer, '{');
  if (kind == CAUSE_RESPONSE)
    {
      fluo_json_writer_key (writer, "Coverage");
      fluo_json_writer_double (
          writer, total > 0 ? (double) (self->spans[span].end_ns - self->spans[span].start_ns) /
                                  (double) total
                            : 1);
    }
  else
    write_exceptions (self, writer, span, inferred);
  fluo_json_writer_key (writer, "Name");
  fluo_json_writer_string (writer, fluo_trace_get_string (self, self->spans[span].name));
  fluo_json_writer_key (writer, "Remote");
  fluo_json_writer_boolean (writer, remote);
  fluo_json_writer_end (writer, '}');
}

static void
begin_group (FluoTrace *self, FluoJsonWriter *writer, guint32 service, gboolean inferred)
{
  fluo_json_writer_begin (writer, '{');
  write_service (self, writer, service, inferred);
  fluo_json_writer_key (writer, "EntityPath");
  fluo_json_writer_begin (writer, '[');
}

static void
end_group (FluoJsonWriter *writer)
{
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

/* A path from a segment down: one group a service, which begins with the service's own segment; the
 * last call to a service that sent nothing adds a group for that. */
static void
write_path (FluoTrace *self, FluoJsonWriter *writer, const GArray *path, CauseKind kind)
{
  guint32 last = FLUO_SPAN_NONE;

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "ClientImpacting");
  fluo_json_writer_boolean (writer, g_array_index (path, guint32, 0) == self->root);
  fluo_json_writer_key (writer, "Services");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < path->len; i++)
    {
      guint32 span = g_array_index (path, guint32, i);
      gboolean segment = (self->spans[span].flags & FLUO_SPAN_SEGMENT) != 0;

      if (segment || i == 0)
        {
          if (i > 0)
            end_group (writer);
          begin_group (self, writer, self->spans[span].service, FALSE);
        }
      write_entity (self, writer, span, kind,
                    !segment && (self->spans[span].flags &
                                 (FLUO_SPAN_REMOTE | FLUO_SPAN_AWS | FLUO_SPAN_SQL)),
                    FALSE);
      last = span;
    }
  end_group (writer);
  if ((self->spans[last].flags & FLUO_SPAN_INFERRED) &&
      !(self->spans[last].flags & FLUO_SPAN_SEGMENT))
    {
      begin_group (self, writer, self->spans[last].service, TRUE);
      write_entity (self, writer, last, kind, FALSE, TRUE);
      end_group (writer);
    }
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

/* The flagged child to follow: one on the critical path, then the one that ended last. */
static guint32
flagged_child (FluoTrace *self, guint32 span, CauseKind kind)
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

guint
fluo_trace_write_failure_causes (FluoTrace *self, gboolean faults, FluoJsonWriter *writer)
{
  CauseKind kind = faults ? CAUSE_FAULT : CAUSE_ERROR;
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n = 0;

  fluo_json_writer_begin (writer, '[');
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
          write_path (self, writer, path, kind);
          n++;
        }
      /* Whatever is flagged below has a flagged service above it. */
      i = span->end_index;
    }
  fluo_json_writer_end (writer, ']');
  return n;
}

guint
fluo_trace_write_response_causes (FluoTrace *self, FluoJsonWriter *writer)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  gint64 total = fluo_trace_get_response_ns (self);
  guint32 span = self->root;
  gboolean found;

  /* Down from the entry to the longest child, while that takes more than half of the entry's time
   * and not more than all of it. */
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
  found = path->len > 1;
  fluo_json_writer_begin (writer, '[');
  if (found)
    write_path (self, writer, path, CAUSE_RESPONSE);
  fluo_json_writer_end (writer, ']');
  return found;
}
