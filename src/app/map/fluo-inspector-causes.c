/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include <string.h>

#include "fluo-inspector-causes.h"

/* Why calls of a node failed. Traces tell of exceptions, and of called services that failed without
 * sending anything; X-Ray knows no cause of what failed with a flag alone. Of that, three things
 * are known: the HTTP status, where the node is the trace's entry; which calls of it failed, as the
 * graph counts them; and how many are left that nothing is known of. */

/* Different causes that are counted. */
#define CAUSES_COUNTED_MAX 2000

/* A service that the node calls, and how many traces tell why that failed. */
typedef struct
{
  guint edge;
  guint told[FLUO_N_STATUSES];
} Callee;

struct _FluoInspectorCauses
{
  const FluoServiceGraph *graph;
  const char             *name;
  guint                   edge;    /* whose failures alone are counted; or G_MAXUINT */
  GHashTable             *callees; /* Callee by name, which is the graph's */
  GArray                 *causes;  /* FluoInspectorCause */
  guint                   told[FLUO_N_STATUSES]; /* traces that tell of a cause */
};

static void
clear_cause (gpointer data)
{
  g_free (((FluoInspectorCause *) data)->name);
  g_free (((FluoInspectorCause *) data)->from);
  g_free (((FluoInspectorCause *) data)->calls);
}

GArray *
fluo_inspector_causes_array_new (void)
{
  GArray *causes = g_array_new (FALSE, TRUE, sizeof (FluoInspectorCause));

  g_array_set_clear_func (causes, clear_cause);
  return causes;
}

FluoInspectorCauses *
fluo_inspector_causes_new (const FluoServiceGraph *graph,
                           guint                   node,
                           guint                   only)
{
  FluoInspectorCauses *self = g_new0 (FluoInspectorCauses, 1);

  self->graph = graph;
  self->edge = only;
  self->name = ((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->name;
  if (!self->name)
    self->name = "";
  self->callees = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->causes = fluo_inspector_causes_array_new ();
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *to = g_ptr_array_index (graph->nodes, edge->to);
      Callee *callee;

      if (edge->from != node || edge->to == node || edge->linked || !to->name ||
          (only != G_MAXUINT && i != only))
        continue;
      callee = g_new0 (Callee, 1);
      callee->edge = i;
      g_hash_table_replace (self->callees, to->name, callee);
    }
  return self;
}

void
fluo_inspector_causes_free (FluoInspectorCauses *self)
{
  g_array_unref (self->causes);
  g_hash_table_unref (self->callees);
  g_free (self);
}

/* --- What traces tell ------------------------------------------------------- */

/* Another time the same; takes nothing of @cause. */
static void
count (FluoInspectorCauses      *self,
       const FluoInspectorCause *cause)
{
  FluoInspectorCause item = *cause;

  for (guint i = 0; i < self->causes->len; i++)
    {
      FluoInspectorCause *known = &g_array_index (self->causes, FluoInspectorCause, i);

      if (known->status == cause->status && known->http_status == cause->http_status &&
          known->untold == cause->untold && g_strcmp0 (known->name, cause->name) == 0 &&
          g_strcmp0 (known->from, cause->from) == 0)
        {
          known->count += cause->count;
          return;
        }
    }
  if (self->causes->len >= CAUSES_COUNTED_MAX)
    return;
  item.name = g_strdup (cause->name);
  item.from = g_strdup (cause->from);
  item.calls = g_strdup (cause->calls);
  g_array_append_val (self->causes, item);
}

/* Whether a failure went through the node: then the service that comes next on its way, or NULL at
 * its end. A failure that begins at a called service is the node's trouble, too, even where the
 * node itself was content. */
static gboolean
leads_through (FluoInspectorCauses    *self,
               const FluoSummaryCause *cause,
               Callee                **ret_next)
{
  const gsize name_length = strlen (self->name);
  g_autofree char *first = NULL;
  const char *next = NULL;
  gsize next_length = 0;
  gboolean found = FALSE;

  *ret_next = NULL;
  for (const char *step = cause->path; step && *step;)
    {
      const char *begin = step + (*step == FLUO_CAUSE_PATH_MARK);
      const char *end = strchr (begin, FLUO_CAUSE_PATH_MARK);
      const gsize length = end ? (gsize) (end - begin) : strlen (begin);

      /* A function is on it twice: the service and what it runs. */
      if (length == name_length && strncmp (begin, self->name, length) == 0)
        {
          found = TRUE;
          next = NULL;
        }
      else if (!next && (found || step == cause->path))
        {
          next = begin;
          next_length = length;
        }
      step = end;
    }
  first = next ? g_strndup (next, next_length) : g_strdup (found ? NULL : cause->service);
  *ret_next = first ? g_hash_table_lookup (self->callees, first) : NULL;
  return found || *ret_next || g_strcmp0 (cause->service, self->name) == 0;
}

/* What the entry answered stands for the cause that no part of the trace tells. */
static gboolean
is_status_of (int        http_status,
              FluoStatus status)
{
  return status != FLUO_STATUS_OK &&
         fluo_status_classify (FALSE, FALSE, FALSE, http_status) == status;
}

FluoStatus
fluo_inspector_causes_add (FluoInspectorCauses    *self,
                           const FluoTraceSummary *summary)
{
  FluoStatus worst = FLUO_STATUS_OK;
  gboolean told[FLUO_N_STATUSES] = { FALSE };

  for (guint i = 0; summary->causes && i < summary->causes->len; i++)
    {
      const FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, i);
      const gboolean own = g_strcmp0 (cause->service, self->name) == 0;
      Callee *callee;

      if (!leads_through (self, cause, &callee) || (self->edge != G_MAXUINT && !callee))
        continue;
      count (self, &(FluoInspectorCause){ .name = cause->exception,
                                          .from = own ? NULL : cause->service,
                                          .status = cause->status,
                                          .count = 1 });
      if (callee)
        callee->told[cause->status]++;
      told[cause->status] = TRUE;
      worst = MAX (worst, cause->status);
    }
  if (self->edge == G_MAXUINT && g_strcmp0 (summary->entry_name, self->name) == 0 &&
      !told[summary->status] &&
      is_status_of (summary->http_status, summary->status))
    {
      count (self, &(FluoInspectorCause){ .status = summary->status,
                                          .http_status = summary->http_status,
                                          .count = 1 });
      told[summary->status] = TRUE;
    }
  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    self->told[i] += told[i];
  return worst;
}

/* --- What the graph knows --------------------------------------------------- */

static gint64
count_of (const FluoCallStats *stats,
          FluoStatus           status)
{
  return status == FLUO_STATUS_FAULT      ? stats->fault
         : status == FLUO_STATUS_THROTTLE ? stats->throttle
         : status == FLUO_STATUS_ERROR    ? stats->error
                                          : 0;
}

/* Calls that failed and whose cause no trace tells. Where some do, a trace of several calls tells
 * of them once, and the newest may not be read yet: neither is taken to be without a cause. */
static gint64
count_untold (const FluoInspectorCauses *self,
              const FluoInspectorData   *data,
              FluoStatus                 status)
{
  const gint64 more_calls = MAX (data->total - (gint64) data->n_named, 0);

  if (self->told[status] == 0)
    return data->counts[status];
  return MAX (data->counts[status] - (gint64) self->told[status] - more_calls, 0);
}

/* First the calls that failed below, then what nothing is known of. */
static void
add_untold (FluoInspectorCauses     *self,
            const FluoInspectorData *data,
            FluoStatus               status)
{
  gint64 left = count_untold (self, data, status);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->callees);
  /* Of a call it is the callee that would know. */
  while (self->edge == G_MAXUINT && left > 0 && g_hash_table_iter_next (&iter, &name, &value))
    {
      const Callee *callee = value;
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, callee->edge);
      const gint64 failed =
        MIN (count_of (&edge->stats, status) - (gint64) callee->told[status], left);
      g_autofree char *calls = NULL;

      if (failed <= 0)
        continue;
      calls = fluo_inspector_dup_edge_filter (self->graph, callee->edge);
      count (self, &(FluoInspectorCause){ .from = name,
                                          .calls = calls,
                                          .status = status,
                                          .untold = TRUE,
                                          .count = (guint) failed });
      left -= failed;
    }
  if (left > 0)
    count (self, &(FluoInspectorCause){ .status = status, .untold = TRUE, .count = (guint) left });
}

static int
compare_causes (gconstpointer a,
                gconstpointer b)
{
  const FluoInspectorCause *one = a;
  const FluoInspectorCause *other = b;

  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  if (one->status != other->status)
    return (int) other->status - (int) one->status;
  return g_strcmp0 (one->from, other->from);
}

void
fluo_inspector_causes_fill (FluoInspectorCauses *self,
                            FluoInspectorData   *data,
                            gboolean             complete)
{
  /* What no trace names, as clients and groups, has no trace to tell. */
  if (complete && data->n_named > 0)
    for (FluoStatus status = FLUO_STATUS_ERROR; status < FLUO_N_STATUSES; status++)
      add_untold (self, data, status);
  g_array_sort (self->causes, compare_causes);
  if (self->causes->len > FLUO_INSPECTOR_CAUSES_MAX)
    g_array_set_size (self->causes, FLUO_INSPECTOR_CAUSES_MAX);
  g_array_unref (data->causes);
  data->causes = g_array_ref (self->causes);
}
