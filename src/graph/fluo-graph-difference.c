/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-config.h"

#include <math.h>

#include "fluo-graph-difference.h"
#include "fluo-service-graph-private.h"

/* Fewer calls on either side say nothing about how long they take or how often they fail. */
#define CALLS_MIN 20
/* Or a 99th percentile by a half; and by something that can be felt. */
#define P99_RATIO 1.5
#define PACE_MIN_NS (1 * FLUO_NSEC_PER_MSEC)
/* The 99th percentile of fewer calls is one or two of them. */
#define P99_CALLS_MIN 200
/* A percentage point, and so much that chance would do it once in a hundred times. */
#define SHARE_MIN 0.01
#define Z_MIN 2.58

/* --- The same nodes and edges ---------------------------------------------- */

FluoServiceGraph *
fluo_service_graph_copy_empty (const FluoServiceGraph *self)
{
  g_autoptr (FluoGraphRules) none = fluo_graph_rules_new ();
  FluoServiceGraph *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = fluo_service_graph_reduce (self, none, NULL);
  for (guint i = 0; i < copy->nodes->len; i++)
    {
      fluo_call_stats_clear (&fluo_graph_node_at (copy, i)->stats);
      fluo_call_stats_init (&fluo_graph_node_at (copy, i)->stats);
    }
  for (guint i = 0; i < copy->edges->len; i++)
    {
      fluo_call_stats_clear (&fluo_graph_edge_at (copy, i)->stats);
      fluo_call_stats_init (&fluo_graph_edge_at (copy, i)->stats);
    }
  return copy;
}

void
fluo_service_graph_align (const FluoServiceGraph *before,
                          const FluoServiceGraph *after,
                          FluoServiceGraph      **ret_before,
                          FluoServiceGraph      **ret_after)
{
  g_autoptr (FluoServiceGraph) base = NULL;
  g_autoptr (FluoServiceGraph) old = NULL;

  g_return_if_fail (before != NULL && after != NULL && ret_before && ret_after);

  base = fluo_service_graph_copy_empty (after);
  old = fluo_service_graph_copy_empty (before);
  fluo_service_graph_merge (base, old);
  *ret_before = fluo_service_graph_copy_empty (base);
  *ret_after = fluo_service_graph_copy_empty (base);
  fluo_service_graph_merge (*ret_before, before);
  fluo_service_graph_merge (*ret_after, after);
  (*ret_before)->span = before->span;
  (*ret_after)->span = after->span;
}

/* --- Changes ---------------------------------------------------------------- */

static double
minutes_of (const FluoServiceGraph *graph,
            FluoTimeSpan            span)
{
  gint64 length = fluo_time_span_length (span);

  if (length <= 0)
    length = fluo_time_span_length (graph->span);
  return MAX (length, FLUO_NSEC_PER_SEC) / (60.0 * FLUO_NSEC_PER_SEC);
}

static void
fill_figures (FluoGraphFigures    *self,
              const FluoCallStats *stats,
              double               minutes)
{
  self->total = fluo_call_stats_total (stats);
  self->rate = self->total / minutes;
  self->faults = fluo_call_stats_fault_rate (stats);
  self->errors = fluo_call_stats_error_rate (stats);
  if (stats->histogram.count > 0)
    {
      self->p50_ns = fluo_histogram_quantile (&stats->histogram, .5);
      self->p99_ns = fluo_histogram_quantile (&stats->histogram, .99);
    }
}

static int
compare_times (gint64 before_ns,
               gint64 after_ns,
               double ratio)
{
  if (before_ns <= 0 || after_ns <= 0 || ABS (after_ns - before_ns) < PACE_MIN_NS)
    return 0;
  if (after_ns >= before_ns * ratio)
    return 1;
  return before_ns >= after_ns * ratio ? -1 : 0;
}

/* The median decides; where it stays, the slowest calls do. */
static int
compare_pace (const FluoGraphFigures *before,
              const FluoGraphFigures *after)
{
  int pace;

  if (before->total < CALLS_MIN || after->total < CALLS_MIN)
    return 0;
  pace = compare_times (before->p50_ns, after->p50_ns, FLUO_GRAPH_P50_RATIO);
  if (pace == 0 && before->total >= P99_CALLS_MIN && after->total >= P99_CALLS_MIN)
    pace = compare_times (before->p99_ns, after->p99_ns, P99_RATIO);
  return pace;
}

/* Whether two shares differ by more than chance (two proportions, pooled). */
static int
compare_shares (double before,
                double n_before,
                double after,
                double n_after)
{
  const double pooled = (before * n_before + after * n_after) / MAX (n_before + n_after, 1);
  double error;

  if (n_before < CALLS_MIN || n_after < CALLS_MIN || fabs (after - before) < SHARE_MIN)
    return 0;
  error = sqrt (pooled * (1 - pooled) * (1 / n_before + 1 / n_after));
  if (error > 0 && fabs (after - before) / error < Z_MIN)
    return 0;
  return after > before ? 1 : -1;
}

static void
fill_change (FluoGraphChange     *self,
             const FluoCallStats *before,
             double               before_minutes,
             const FluoCallStats *after,
             double               after_minutes)
{
  fill_figures (&self->before, before, before_minutes);
  fill_figures (&self->after, after, after_minutes);
  self->pace = compare_pace (&self->before, &self->after);
  self->faults = compare_shares (self->before.faults, self->before.total, self->after.faults,
                                 self->after.total);
  self->errors = compare_shares (self->before.errors, self->before.total, self->after.errors,
                                 self->after.total);
}

static FluoGraphPresence
presence (gboolean before,
          gboolean after)
{
  if (before == after)
    return FLUO_GRAPH_STAYED;
  return after ? FLUO_GRAPH_APPEARED : FLUO_GRAPH_GONE;
}

/* Clients and resources without statistics of their own are there when somebody calls. */
static void
fill_edges (FluoGraphDifference    *self,
            const FluoServiceGraph *before,
            const FluoServiceGraph *after,
            double                  before_minutes,
            double                  after_minutes,
            guint8                 *was,
            guint8                 *is)
{
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoGraphEdge *old = fluo_graph_edge_at (before, i);
      const FluoGraphEdge *new = fluo_graph_edge_at (after, i);
      FluoGraphChange *change = &self->edges[i];

      fill_change (change, &old->stats, before_minutes, &new->stats, after_minutes);
      change->presence = presence (change->before.total > 0, change->after.total > 0);
      was[old->from] |= change->before.total > 0;
      was[old->to] |= change->before.total > 0;
      /* Clients count nothing of their own. */
      if (fluo_graph_node_is_client (fluo_graph_node_at (after, new->from)))
        {
          self->nodes[new->from].before.rate += change->before.rate;
          self->nodes[new->from].after.rate += change->after.rate;
        }
      is[new->from] |= change->after.total > 0;
      is[new->to] |= change->after.total > 0;
    }
}

static void
count_change (FluoGraphDifference   *self,
              const FluoGraphChange *change)
{
  self->n_appeared += change->presence == FLUO_GRAPH_APPEARED;
  self->n_gone += change->presence == FLUO_GRAPH_GONE;
  self->n_slower += change->pace > 0;
  self->n_faster += change->pace < 0;
  self->n_more_faults += change->faults > 0;
  self->n_fewer_faults += change->faults < 0;
}

/* The call of a new service is new as well: only what no service says is worth a count. */
static void
count_edge (FluoGraphDifference   *self,
            const FluoGraphEdge   *edge,
            const FluoGraphChange *change)
{
  const FluoGraphChange *from = &self->nodes[edge->from];
  const FluoGraphChange *to = &self->nodes[edge->to];
  FluoGraphChange own = *change;

  if (own.presence == from->presence || own.presence == to->presence)
    own.presence = FLUO_GRAPH_STAYED;
  if (own.pace == from->pace || own.pace == to->pace)
    own.pace = 0;
  if (own.faults == from->faults || own.faults == to->faults)
    own.faults = 0;
  count_change (self, &own);
}

FluoGraphDifference *
fluo_graph_difference_new (const FluoServiceGraph *before,
                           const FluoServiceGraph *after,
                           FluoTimeSpan            before_span,
                           FluoTimeSpan            after_span)
{
  FluoGraphDifference *self;
  g_autofree guint8 *was = NULL;
  g_autofree guint8 *is = NULL;
  double before_minutes, after_minutes;

  g_return_val_if_fail (before != NULL && after != NULL, NULL);
  g_return_val_if_fail (before->nodes->len == after->nodes->len, NULL);
  g_return_val_if_fail (before->edges->len == after->edges->len, NULL);

  self = g_new0 (FluoGraphDifference, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->before = fluo_time_span_length (before_span) > 0 ? before_span : before->span;
  self->after = fluo_time_span_length (after_span) > 0 ? after_span : after->span;
  self->n_nodes = after->nodes->len;
  self->nodes = g_new0 (FluoGraphChange, self->n_nodes);
  self->n_edges = after->edges->len;
  self->edges = g_new0 (FluoGraphChange, self->n_edges);
  was = g_new0 (guint8, self->n_nodes + 1);
  is = g_new0 (guint8, self->n_nodes + 1);
  before_minutes = minutes_of (before, before_span);
  after_minutes = minutes_of (after, after_span);
  fill_edges (self, before, after, before_minutes, after_minutes, was, is);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      FluoGraphChange *change = &self->nodes[i];

      if (!fluo_graph_node_is_client (fluo_graph_node_at (after, i)))
        fill_change (change, &fluo_graph_node_at (before, i)->stats, before_minutes,
                     &fluo_graph_node_at (after, i)->stats, after_minutes);
      change->presence =
        presence (was[i] || change->before.total > 0, is[i] || change->after.total > 0);
      if (!fluo_graph_node_is_client (fluo_graph_node_at (after, i)))
        count_change (self, change);
    }
  for (guint i = 0; i < self->n_edges; i++)
    count_edge (self, fluo_graph_edge_at (after, i), &self->edges[i]);
  return self;
}

FluoGraphDifference *
fluo_graph_difference_new_usual (const FluoServiceGraph *usual,
                                 const FluoServiceGraph *graph,
                                 FluoTimeSpan            usual_span,
                                 FluoTimeSpan            span)
{
  const double usual_minutes = minutes_of (usual, usual_span);
  const double minutes = minutes_of (graph, span);
  FluoGraphDifference *self;

  g_return_val_if_fail (usual != NULL && graph != NULL, NULL);

  self = g_new0 (FluoGraphDifference, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->before = fluo_time_span_length (usual_span) > 0 ? usual_span : usual->span;
  self->after = fluo_time_span_length (span) > 0 ? span : graph->span;
  self->n_nodes = graph->nodes->len;
  self->nodes = g_new0 (FluoGraphChange, self->n_nodes);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (graph, i);
      guint before;

      if (fluo_graph_node_is_client (node) || node->n_folded > 0)
        continue;
      /* Only looked up, so nothing is written. */
      before = fluo_service_graph_take_node ((FluoServiceGraph *) usual, node->name, node->type,
                                             node->account, FALSE);
      if (before == G_MAXUINT)
        {
          fill_figures (&self->nodes[i].after, &node->stats, minutes);
          continue;
        }
      fill_change (&self->nodes[i], &fluo_graph_node_at (usual, before)->stats, usual_minutes,
                   &node->stats, minutes);
      count_change (self, &self->nodes[i]);
    }
  return self;
}

FluoGraphDifference *
fluo_graph_difference_ref (FluoGraphDifference *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_graph_difference_unref (FluoGraphDifference *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->nodes);
  g_free (self->edges);
  g_free (self);
}

gboolean
fluo_graph_change_is_change (const FluoGraphChange *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->presence != FLUO_GRAPH_STAYED || self->pace != 0 || self->faults != 0 ||
         self->errors != 0;
}
