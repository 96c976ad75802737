/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

/* The card on what is pointed at. */

#define CARD_WIDTH_PX 264.0
#define CARD_LINE_PX 18.0

void
fluo_map_area_hide_card (FluoMapArea *self)
{
  g_clear_handle_id (&self->card_id, g_source_remove);
  if (self->card_shown)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->card_shown = FALSE;
}

static void
add_row (GPtrArray  *rows,
         const char *label,
         char       *value)
{
  g_ptr_array_add (rows, g_strdup (label));
  g_ptr_array_add (rows, value);
}

/* Pairs of label and value. Not @timed: of one trace, in which there is no rate. */
static GPtrArray *
card_rows (const FluoCallStats *stats,
           double               rate,
           gboolean             timed)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_free);
  const gint64 total = fluo_call_stats_total (stats);
  const struct
  {
    gint64      count;
    const char *label;
  } troubles[] = {
    { stats->fault, _("Faults") },
    { stats->throttle, _("Throttled") },
    { stats->error, _("Errors") },
  };

  if (total > 0)
    add_row (rows, _("Requests"), fluo_format_count ((guint64) total));
  if (timed)
    add_row (rows, _("Rate"), fluo_format_rate (rate));
  if (stats->histogram.count > 0)
    {
      g_autofree char *p50 = fluo_format_duration (fluo_histogram_quantile (&stats->histogram, .5));
      g_autofree char *p90 = fluo_format_duration (fluo_histogram_quantile (&stats->histogram, .9));
      g_autofree char *p99 =
        fluo_format_duration (fluo_histogram_quantile (&stats->histogram, .99));

      add_row (rows, "p50 · p90 · p99", g_strdup_printf ("%s · %s · %s", p50, p90, p99));
    }
  for (guint i = 0; i < G_N_ELEMENTS (troubles) && total > 0; i++)
    if (troubles[i].count > 0)
      {
        g_autofree char *share = fluo_format_share (troubles[i].count / (double) total);
        g_autofree char *count = fluo_format_count ((guint64) troubles[i].count);

        add_row (rows, troubles[i].label, g_strdup_printf ("%s · %s", share, count));
      }
  return rows;
}

/* @change may be NULL: nothing is compared. */
static void
add_change (GPtrArray             *rows,
            const FluoGraphChange *change)
{
  if (!change)
    return;
  add_row (rows, _("Change"), fluo_map_dup_change_numbers (change));
  if (change->presence == FLUO_GRAPH_STAYED && change->faults != 0)
    add_row (rows, _("Faults"),
             fluo_map_format_points (change->after.faults - change->before.faults));
}

/* What is usual for the node, the hours that this comes from, and how it differs now. */
static void
add_usual (GPtrArray                 *rows,
           const FluoGraphDifference *usual,
           guint                      node)
{
  const FluoGraphChange *change = usual ? &usual->nodes[node] : NULL;
  g_autofree char *brief = NULL;
  g_autofree char *faults = NULL;
  g_autofree char *p50 = NULL;
  g_autofree char *p99 = NULL;

  if (!change || change->before.total == 0)
    return;
  p50 = fluo_format_duration (change->before.p50_ns);
  p99 = fluo_format_duration (change->before.p99_ns);
  faults = fluo_format_share (change->before.faults);
  brief = fluo_map_dup_change_brief (change);
  add_row (rows, _("Usual p50 · p99"), g_strdup_printf ("%s · %s", p50, p99));
  add_row (rows, _("Usual faults"), g_steal_pointer (&faults));
  add_row (rows, _("Usual in"), fluo_format_range (usual->before, NULL));
  if (*brief)
    add_row (rows, _("Now"), g_steal_pointer (&brief));
}

static void
draw_card_at (FluoMapArea *self,
              FluoPainter *painter,
              const char  *title,
              const char  *subtitle,
              GPtrArray   *rows,
              double       x,
              double       y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoFont bold = { FLUO_FONT_SANS, 13, 700, FALSE };
  const FluoFont plain = { FLUO_FONT_SANS, 12, 400, TRUE };
  const double height = 44 + CARD_LINE_PX * (rows->len / 2);
  double bottom = self->view.height;
  cairo_t *cr = fluo_painter_get_cr (painter);

  x = CLAMP (x, 4, MAX (4, self->view.width - CARD_WIDTH_PX - 4));
  /* Legend, buttons and minimap lie over the map. */
  if (x + CARD_WIDTH_PX > self->view.width - self->view.corner_right || x < self->view.corner_left)
    bottom = self->view.height - self->view.corner_height;
  y = CLAMP (y, 4, MAX (4, bottom - height - 4));
  for (guint i = 0; i < 3; i++)
    {
      /* A soft shadow of three steps. */
      cairo_new_path (cr);
      fluo_painter_rounded (painter, x - i, y + 2 - i, CARD_WIDTH_PX + 2 * i, height + 2 * i,
                            10 + i);
      cairo_set_source_rgba (cr, 0, 0, .02, palette->dark ? .16 : .05);
      cairo_fill (cr);
    }
  cairo_new_path (cr);
  fluo_painter_rounded (painter, x + .5, y + .5, CARD_WIDTH_PX - 1, height - 1, 10);
  fluo_color_set (cr, palette->popover);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->line);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  fluo_painter_text (painter, x + 12, y + 20, title, bold, palette->fg, FLUO_ALIGN_START,
                     CARD_WIDTH_PX - 24, NULL);
  fluo_painter_text (painter, x + 12, y + 35, subtitle, FLUO_SANS (11, 400), palette->fg3,
                     FLUO_ALIGN_START, CARD_WIDTH_PX - 24, NULL);
  for (guint i = 0; i + 1 < rows->len; i += 2)
    {
      const double line = y + 53 + CARD_LINE_PX * (i / 2);

      const double label =
        fluo_painter_text (painter, x + 12, line, g_ptr_array_index (rows, i), plain, palette->fg2,
                           FLUO_ALIGN_START, 0, NULL);

      fluo_painter_text (painter, x + CARD_WIDTH_PX - 12, line, g_ptr_array_index (rows, i + 1),
                         plain, palette->fg, FLUO_ALIGN_END, CARD_WIDTH_PX - 36 - label, NULL);
    }
}

void
fluo_map_area_draw_card (FluoMapArea *self,
                         FluoPainter *painter)
{
  const FluoServiceGraph *graph = self->graph;
  g_autoptr (GPtrArray) rows = NULL;

  if (self->view.hover_node != FLUO_MAP_NONE)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, self->view.hover_node);
      const FluoMapNode *box = &self->map->nodes[self->view.hover_node];
      const char *name = fluo_kind_get_display_name (node->type, node->name);
      g_autofree char *kind = fluo_kind_dup_label (node->type, node->name);
      g_autofree char *label = g_strcmp0 (name, node->name)
                                 ? g_strdup_printf ("%s · %s", kind, node->name)
                                 : g_strdup (kind);
      const double beside = box->x + box->radius + 16;
      char *alarms = fluo_map_area_dup_alarm_names (self, self->view.hover_node);

      rows =
        card_rows (&node->stats, fluo_map_node_rate (graph, self->view.hover_node, self->span),
                   fluo_time_span_length (self->span) > 0);
      add_change (rows, self->difference ? &self->difference->nodes[self->view.hover_node] : NULL);
      if (!self->difference)
        add_usual (rows, self->usual, self->view.hover_node);
      if (alarms)
        add_row (rows, _("Alarm"), alarms);
      /* Beside the ring, never over it. */
      draw_card_at (self, painter, name, label, rows,
                    beside + CARD_WIDTH_PX < self->view.width
                      ? beside
                      : box->x - box->radius - 16 - CARD_WIDTH_PX,
                    self->pointer_y + 14);
    }
  else if (self->view.hover_edge != FLUO_MAP_NONE)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, self->view.hover_edge);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);
      const FluoGraphNode *to = g_ptr_array_index (graph->nodes, edge->to);
      g_autofree char *title =
        g_strdup_printf ("%s → %s", fluo_kind_get_display_name (from->type, from->name),
                         fluo_kind_get_display_name (to->type, to->name));
      const gint64 length = fluo_time_span_length (self->span);
      const double minutes = MAX (length, FLUO_NSEC_PER_SEC) / (60.0 * FLUO_NSEC_PER_SEC);

      rows = card_rows (&edge->stats, fluo_call_stats_total (&edge->stats) / minutes, length > 0);
      add_change (rows, self->difference ? &self->difference->edges[self->view.hover_edge] : NULL);
      draw_card_at (self, painter, title, edge->linked ? _("linked traces") : _("calls"), rows,
                    self->pointer_x + 16, self->pointer_y + 24);
    }
}
