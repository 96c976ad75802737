/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* The map in words and numbers: rates, sentences for screen readers, what changed. */

/* Less than a twentieth more or less is the same to the eye. */
#define SAME_RATIO 1.05

/* --- Rates ------------------------------------------------------------------ */

gboolean
fluo_map_is_one_trace (const FluoServiceGraph *graph,
                       FluoTimeSpan            span)
{
  return fluo_time_span_length (span) <= 0 && fluo_time_span_length (graph->span) <= 0;
}

double
fluo_map_span_minutes (const FluoServiceGraph *graph,
                       FluoTimeSpan            span)
{
  gint64 length = fluo_time_span_length (span);

  if (length <= 0)
    length = fluo_time_span_length (graph->span);
  /* A graph of a moment would otherwise claim millions a minute. */
  return MAX (length, FLUO_NSEC_PER_SEC) / (60.0 * FLUO_NSEC_PER_SEC);
}

double
fluo_map_node_rate (const FluoServiceGraph *graph,
                    guint                   node,
                    FluoTimeSpan            span)
{
  gint64 total;

  g_return_val_if_fail (graph != NULL && node < graph->nodes->len, 0);

  total =
    fluo_call_stats_total (&((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->stats);
  if (total > 0)
    return total / fluo_map_span_minutes (graph, span);
  /* Clients send no segments of their own. */
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == node && edge->to != node)
        total += fluo_call_stats_total (&edge->stats);
    }
  return total / fluo_map_span_minutes (graph, span);
}

double
fluo_map_edge_rate (const FluoServiceGraph *graph,
                    guint                   edge,
                    FluoTimeSpan            span)
{
  g_return_val_if_fail (graph != NULL && edge < graph->edges->len, 0);

  return fluo_call_stats_total (
           &((FluoGraphEdge *) g_ptr_array_index (graph->edges, edge))->stats) /
         fluo_map_span_minutes (graph, span);
}

char *
fluo_map_dup_traffic (const FluoServiceGraph *graph,
                      FluoTimeSpan            span,
                      double                  rate)
{
  guint calls;

  g_return_val_if_fail (graph != NULL, NULL);

  if (!fluo_map_is_one_trace (graph, span))
    return fluo_format_rate (rate);
  calls = (guint) CLAMP (lround (rate * fluo_map_span_minutes (graph, span)), 0, G_MAXINT);
  return g_strdup_printf (g_dngettext (NULL, "%u call", "%u calls", calls), calls);
}

/* --- In words ------------------------------------------------------------- */

/* "472 milliseconds", "2.15 seconds": units are spoken in full. */
static char *
spoken_duration (gint64 duration_ns)
{
  g_autofree char *text = fluo_format_duration (duration_ns);
  static const struct
  {
    const char *unit;
    const char *spoken;
  } units[] = {
    { "\302\240µs", N_("microseconds") },
    { "\302\240ms", N_("milliseconds") },
    { "\302\240s", N_("seconds") },
  };

  if (strstr (text, "min"))
    return g_steal_pointer (&text);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_has_suffix (text, units[i].unit))
      return g_strdup_printf ("%.*s %s", (int) (strlen (text) - strlen (units[i].unit)), text,
                              _(units[i].spoken));
  return g_steal_pointer (&text);
}

static void
append_stats (GString                *text,
              const FluoServiceGraph *graph,
              FluoTimeSpan            span,
              const FluoCallStats    *stats,
              double                  rate)
{
  static const struct
  {
    gsize       offset;
    const char *format;
  } troubles[] = {
    { G_STRUCT_OFFSET (FluoCallStats, fault), N_("%s percent faults") },
    { G_STRUCT_OFFSET (FluoCallStats, throttle), N_("%s percent throttled") },
    { G_STRUCT_OFFSET (FluoCallStats, error), N_("%s percent errors") },
  };
  const gint64 total = fluo_call_stats_total (stats);
  g_autofree char *number = fluo_format_number (rate, rate < 10 ? "%.1f" : "%.0f");
  g_autofree char *calls = fluo_map_dup_traffic (graph, span, rate);

  g_string_append (text, ", ");
  if (fluo_map_is_one_trace (graph, span))
    g_string_append (text, calls);
  else
    g_string_append_printf (text, _("%s requests a minute"), number);
  if (total <= 0)
    return;
  if (stats->histogram.count > 0)
    {
      g_autofree char *p50 = spoken_duration (fluo_histogram_quantile (&stats->histogram, .5));
      g_autofree char *p99 = spoken_duration (fluo_histogram_quantile (&stats->histogram, .99));

      g_string_append_printf (text, ", p50 %s, p99 %s", p50, p99);
    }
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      const gint64 count = G_STRUCT_MEMBER (gint64, stats, troubles[i].offset);
      g_autofree char *share = NULL;
      char *percent;

      if (count <= 0)
        continue;
      share = fluo_format_share (count / (double) total);
      if ((percent = strchr (share, '%')))
        *percent = '\0';
      g_string_append (text, ", ");
      g_string_append_printf (text, _(troubles[i].format), share);
    }
}

char *
fluo_map_dup_node_sentence (const FluoServiceGraph *graph,
                            guint                   node,
                            FluoTimeSpan            span)
{
  const FluoGraphNode *self;
  g_autofree char *name = NULL;
  g_autofree char *label = NULL;
  GString *text;

  g_return_val_if_fail (graph != NULL && node < graph->nodes->len, NULL);

  self = g_ptr_array_index (graph->nodes, node);
  name = fluo_format_untrusted (fluo_kind_get_display_name (self->type, self->name), 200);
  label = fluo_kind_dup_label (self->type, self->name);
  text = g_string_new (name);
  g_string_append_printf (text, ", %s", label);
  append_stats (text, graph, span, &self->stats, fluo_map_node_rate (graph, node, span));
  return g_string_free (text, FALSE);
}

char *
fluo_map_dup_edge_sentence (const FluoServiceGraph *graph,
                            guint                   edge,
                            FluoTimeSpan            span)
{
  const FluoGraphEdge *self;
  const FluoGraphNode *caller, *callee;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  GString *text;

  g_return_val_if_fail (graph != NULL && edge < graph->edges->len, NULL);

  self = g_ptr_array_index (graph->edges, edge);
  caller = g_ptr_array_index (graph->nodes, self->from);
  callee = g_ptr_array_index (graph->nodes, self->to);
  from = fluo_format_untrusted (fluo_kind_get_display_name (caller->type, caller->name), 200);
  to = fluo_format_untrusted (fluo_kind_get_display_name (callee->type, callee->name), 200);
  text = g_string_new (NULL);
  g_string_append_printf (text, self->linked ? _("%s to %s, linked") : _("%s to %s"), from, to);
  append_stats (text, graph, span, &self->stats, fluo_map_edge_rate (graph, edge, span));
  return g_string_free (text, FALSE);
}

/* --- What changed --------------------------------------------------------- */

char *
fluo_map_format_points (double difference)
{
  const double points = fabs (difference) * 100;
  g_autofree char *number = NULL;

  if (points < .05)
    return g_strdup ("0");
  number = fluo_format_number (points, points < 10 ? "%.1f" : "%.0f");
  /* Translators: a sign and percentage points, "+2.4 pts". */
  return g_strdup_printf (_("%s%s\302\240pts"), difference > 0 ? "+" : "−", number);
}

static gboolean
is_same (double before,
         double after)
{
  return after < before * SAME_RATIO && before < after * SAME_RATIO;
}

static char *
signed_time (gint64 before_ns,
             gint64 after_ns)
{
  return fluo_format_difference (is_same (before_ns, after_ns) ? 0 : after_ns - before_ns);
}

static char *
signed_rate (double before,
             double after)
{
  g_autofree char *rate = fluo_format_rate (fabs (after - before));

  if (is_same (before, after))
    return g_strdup (_("same rate"));
  return g_strconcat (after > before ? "+" : "−", rate, NULL);
}

char *
fluo_map_dup_change_numbers (const FluoGraphChange *change)
{
  g_autofree char *rate = NULL;
  g_autofree char *p50 = NULL;
  g_autofree char *p99 = NULL;
  gboolean same_times;

  g_return_val_if_fail (change != NULL, NULL);

  if (change->presence == FLUO_GRAPH_GONE)
    {
      rate = fluo_format_rate (change->before.rate);
      return g_strdup_printf (_("was %s"), rate);
    }
  if (change->presence == FLUO_GRAPH_APPEARED)
    {
      rate = fluo_format_rate (change->after.rate);
      if (change->after.p50_ns <= 0)
        return g_steal_pointer (&rate);
      p50 = fluo_format_duration (change->after.p50_ns);
      p99 = fluo_format_duration (change->after.p99_ns);
      return g_strdup_printf ("%s · %s · %s", p50, p99, rate);
    }
  rate = signed_rate (change->before.rate, change->after.rate);
  if (change->before.p50_ns <= 0 || change->after.p50_ns <= 0)
    return g_steal_pointer (&rate);
  same_times = is_same (change->before.p50_ns, change->after.p50_ns) &&
               is_same (change->before.p99_ns, change->after.p99_ns);
  if (same_times && !fluo_graph_change_is_change (change) &&
      is_same (change->before.rate, change->after.rate))
    return g_strdup (_("no change"));
  if (same_times)
    return g_strdup_printf ("%s · %s", _("same times"), rate);
  p50 = signed_time (change->before.p50_ns, change->after.p50_ns);
  p99 = signed_time (change->before.p99_ns, change->after.p99_ns);
  return g_strdup_printf ("%s · %s · %s", p50, p99, rate);
}

/* By how much the time that made it slower or faster moved: "+38%". */
static char *
dup_pace (const FluoGraphChange *change)
{
  const FluoGraphFigures *before = &change->before;
  const FluoGraphFigures *after = &change->after;
  double ratio = after->p50_ns / (double) MAX (before->p50_ns, 1);
  g_autofree char *more = NULL;

  if ((change->pace > 0 ? ratio : 1 / ratio) < FLUO_GRAPH_P50_RATIO)
    ratio = after->p99_ns / (double) MAX (before->p99_ns, 1);
  if (ratio >= 3)
    {
      g_autofree char *times = fluo_format_number (ratio, ratio < 10 ? "%.1f" : "%.0f");

      return g_strconcat (times, "×", NULL);
    }
  more = fluo_format_percent (fabs (ratio - 1) * 100, "%.0f");
  return g_strconcat (ratio >= 1 ? "+" : "−", more, NULL);
}

char *
fluo_map_dup_change_sign (const FluoGraphChange *change)
{
  g_return_val_if_fail (change != NULL, NULL);

  if (change->presence == FLUO_GRAPH_APPEARED)
    return g_strdup (_("new"));
  if (change->presence == FLUO_GRAPH_GONE)
    return g_strdup (_("gone"));
  return change->pace != 0 ? dup_pace (change) : NULL;
}

char *
fluo_map_dup_change_brief (const FluoGraphChange *change)
{
  g_autofree char *sign = fluo_map_dup_change_sign (change);
  g_autofree char *points = NULL;
  g_autofree char *faults = NULL;

  g_return_val_if_fail (change != NULL, NULL);

  if (change->pace != 0)
    {
      g_autofree char *ratio = g_steal_pointer (&sign);

      /* Translators: by how much, "slower +38%". */
      sign = g_strdup_printf (change->pace > 0 ? _("slower %s") : _("faster %s"), ratio);
    }
  if (change->faults == 0)
    return sign ? g_steal_pointer (&sign) : g_strdup ("");
  points = fluo_map_format_points (change->after.faults - change->before.faults);
  faults = g_strdup_printf (_("%s faults"), points);
  return sign ? g_strdup_printf ("%s · %s", sign, faults) : g_steal_pointer (&faults);
}

char *
fluo_map_dup_change_sentence (const FluoGraphChange *change)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (change != NULL, NULL);

  if (change->presence == FLUO_GRAPH_APPEARED)
    g_ptr_array_add (parts, g_strdup (_("new")));
  else if (change->presence == FLUO_GRAPH_GONE)
    g_ptr_array_add (parts, g_strdup (_("gone")));
  if (change->pace != 0)
    {
      g_autofree char *before = fluo_format_duration (change->before.p50_ns);
      g_autofree char *after = fluo_format_duration (change->after.p50_ns);
      g_autofree char *before_99 = fluo_format_duration (change->before.p99_ns);
      g_autofree char *after_99 = fluo_format_duration (change->after.p99_ns);

      g_ptr_array_add (
        parts, g_strdup_printf (change->pace > 0 ? _("slower: p50 %s, was %s; p99 %s, was %s")
                                                 : _("faster: p50 %s, was %s; p99 %s, was %s"),
                                after, before, after_99, before_99));
    }
  if (change->faults != 0)
    {
      g_autofree char *before = fluo_format_share (change->before.faults);
      g_autofree char *after = fluo_format_share (change->after.faults);

      g_ptr_array_add (parts, g_strdup_printf (change->faults > 0
                                                 ? _("more faults: %s, were %s")
                                                 : _("fewer faults: %s, were %s"),
                                               after, before));
    }
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **) parts->pdata);
}
