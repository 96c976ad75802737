/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* Names wider than a column are cut in the middle: their ends tell services apart. */
#define NAME_CHARS_MAX 160
#define LABEL_WIDTH_PX 172.0
#define ARC_SHARE_MIN 0.018
#define BADGE_FAULT_RATE 0.01
#define BELL_PX 18.0
#define DOT_RADIUS_MIN_PX 5.0
#define DOT_RADIUS_MAX_PX 50.0

static char *
ellipsize_middle (FluoPainter *painter,
                  const char  *text,
                  FluoFont     font,
                  double       max_width)
{
  g_autofree char *safe = fluo_format_untrusted (text ? text : "", NAME_CHARS_MAX);
  const glong length = g_utf8_strlen (safe, -1);
  glong low = 2;
  glong high = length - 1;
  char *best;

  if (length <= 3 || fluo_painter_measure (painter, safe, font) <= max_width)
    return g_steal_pointer (&safe);
  best = g_strdup ("…");
  while (low <= high)
    {
      const glong keep = (low + high) / 2;
      const char *head_end = g_utf8_offset_to_pointer (safe, (keep + 1) / 2);
      const char *tail = g_utf8_offset_to_pointer (safe, length - keep / 2);
      char *candidate = g_strdup_printf ("%.*s…%s", (int) (head_end - safe), safe, tail);

      if (fluo_painter_measure (painter, candidate, font) <= max_width)
        {
          g_free (best);
          best = candidate;
          low = keep + 1;
        }
      else
        {
          g_free (candidate);
          high = keep - 1;
        }
    }
  return best;
}

/* Shares of fault, throttle and error along the ring, none so small that it can't be seen. */
static void
fill_arcs (FluoMapNode         *box,
           const FluoCallStats *stats)
{
  const gint64 counts[3] = { stats->fault, stats->throttle, stats->error };
  const double total = fluo_call_stats_total (stats);
  double sum = 0;

  for (guint i = 0; i < 3; i++)
    {
      if (counts[i] > 0 && total > 0)
        box->arcs[i] = MAX (ARC_SHARE_MIN, counts[i] / total);
      sum += box->arcs[i];
    }
  for (guint i = 0; sum > 1 && i < 3; i++)
    box->arcs[i] /= sum;
}

void
fluo_map_layout_name (FluoMap                *self,
                      FluoPainter            *painter,
                      const FluoServiceGraph *graph,
                      FluoMapNode            *box,
                      double                  max_width)
{
  const FluoGraphNode *node = g_ptr_array_index (graph->nodes, box->node);
  const double scale = self->text_scale;
  const FluoFont font = fluo_map_font (self, 13, 700, FALSE);
  double width;

  g_free (box->name);
  box->name = ellipsize_middle (painter, fluo_kind_get_display_name (node->type, node->name), font,
                                max_width);
  if (node->n_folded > 0)
    {
      g_autofree char *alone = g_steal_pointer (&box->name);

      box->name = g_strdup_printf ("%s ×%u", alone, node->n_folded);
    }
  width = fluo_painter_measure (painter, box->name, font);
  box->label = (FluoMapBox) { box->x - width / 2, box->y + box->radius + 5 * scale, width,
                              18 * scale };
}

/* Type and numbers, under the name. */
static void
fill_numbers (FluoMap                *self,
              FluoPainter            *painter,
              const FluoServiceGraph *graph,
              FluoMapNode            *box)
{
  const FluoGraphNode *node = g_ptr_array_index (graph->nodes, box->node);
  const FluoHistogram *times = &node->stats.histogram;
  const double calls = fluo_map_node_rate (graph, box->node, self->view.span);
  g_autofree char *rate = fluo_map_dup_traffic (graph, self->view.span, calls);
  g_autofree char *p50 = NULL;
  g_autofree char *p99 = NULL;
  /* All of a type bear its name already. */
  g_autofree char *type =
    node->n_folded > 0 && g_strcmp0 (node->type, node->name) == 0
      ? g_strdup_printf (g_dngettext (NULL, "%u service", "%u services", node->n_folded),
                         node->n_folded)
      : fluo_kind_dup_label (node->type, node->name);

  box->type = ellipsize_middle (painter, type, fluo_map_font (self, 11, 400, FALSE),
                                LABEL_WIDTH_PX * self->view.zoom);
  if (box->change)
    {
      box->numbers = fluo_map_dup_change_numbers (box->change);
      return;
    }
  if (times->count == 0)
    {
      box->numbers = g_strdup (rate);
      return;
    }
  p50 = fluo_format_duration (fluo_histogram_quantile (times, .5));
  p99 = fluo_format_duration (fluo_histogram_quantile (times, .99));
  /* Of one call both are its length. */
  box->numbers = times->count > 1 || !fluo_map_is_one_trace (graph, self->view.span)
                   ? g_strdup_printf ("%s · %s · %s", p50, p99, rate)
                   : g_strdup_printf ("%s · %s", p50, rate);
}

static void
fill_texts (FluoMap                *self,
            FluoPainter            *painter,
            const FluoServiceGraph *graph,
            FluoMapNode            *box)
{
  double width;

  fluo_map_layout_name (self, painter, graph, box, LABEL_WIDTH_PX * self->view.zoom);
  if (self->detail != FLUO_MAP_DETAIL_FULL)
    return;
  width = box->label.width;
  fill_numbers (self, painter, graph, box);
  width = MAX (width,
               fluo_painter_measure (painter, box->type, fluo_map_font (self, 11, 400, FALSE)));
  width = MAX (
    width, fluo_painter_measure (painter, box->numbers, fluo_map_font (self, 11.5, 400, TRUE)));
  box->label = (FluoMapBox) { box->x - width / 2, box->label.y, width, 49 * self->text_scale };
}

static void
fill_badge (FluoMap             *self,
            FluoPainter         *painter,
            const FluoCallStats *stats,
            FluoMapNode         *box)
{
  const double scale = self->text_scale;
  const double rate = fluo_call_stats_fault_rate (stats);

  if (rate < BADGE_FAULT_RATE || self->detail == FLUO_MAP_DETAIL_DOTS)
    return;
  box->badge_text = fluo_format_share (rate);
  box->badge = (FluoMapBox){ box->x + 14 * self->view.zoom, box->y - box->radius - 10 * scale,
                             fluo_painter_measure (painter, box->badge_text,
                                                   fluo_map_font (self, 11.5, 700, TRUE)) +
                               25 * scale,
                             18 * scale };
}

void
fluo_map_layout_node (FluoMap                *self,
                      FluoPainter            *painter,
                      const FluoServiceGraph *graph,
                      const FluoMapTopology  *topology,
                      const FluoGraphLayout  *layout,
                      FluoServiceColors      *colors,
                      guint                   index)
{
  const FluoGraphNode *node = g_ptr_array_index (graph->nodes, index);
  const guint rank = topology->ranks[index];
  const double zoom = self->view.zoom;
  FluoMapNode *box = &self->nodes[index];
  double halo;

  box->node = index;
  box->change = self->view.difference ? &self->view.difference->nodes[index] : NULL;
  box->usual = self->view.usual ? &self->view.usual->nodes[index] : NULL;
  box->client = g_strcmp0 (node->type, "client") == 0;
  box->icon = fluo_kind_get_icon (fluo_kind_from_type (node->type, node->name));
  box->color =
    box->client || !colors ? 0 : fluo_service_colors_lookup (colors, node->name, node->type);
  if (rank < layout->n_nodes && isfinite (layout->places[rank].x) &&
      isfinite (layout->places[rank].y))
    {
      box->x = self->view.pan_x + layout->places[rank].x * zoom;
      box->y = self->view.pan_y + layout->places[rank].y * zoom;
    }
  /* Dots keep a size that can be seen, as long as they don't touch one another. */
  box->radius =
    MAX (FLUO_MAP_RADIUS_PX * zoom, MIN (DOT_RADIUS_MIN_PX, DOT_RADIUS_MAX_PX * zoom));
  fill_arcs (box, &node->stats);
  box->bounds = (FluoMapBox) { box->x - LABEL_WIDTH_PX * self->text_scale / 2,
                               box->y - box->radius - 10 * self->text_scale,
                               LABEL_WIDTH_PX * self->text_scale,
                               2 * box->radius + 60 * self->text_scale };
  if (fluo_map_in_reach (self, &box->bounds))
    {
      if (self->detail != FLUO_MAP_DETAIL_DOTS)
        fill_texts (self, painter, graph, box);
      fill_badge (self, painter, &node->stats, box);
      if (box->change)
        fluo_map_layout_node_change (self, painter, box);
      else if (box->usual && box->usual->pace > 0)
        fluo_map_layout_node_sign (self, painter, box, box->usual);
    }
  /* Halo, focus ring and line widths. */
  halo = box->radius + 14;
  box->bounds = (FluoMapBox) { box->x - halo, box->y - halo, 2 * halo, 2 * halo };
  box->bounds = fluo_map_box_union (box->bounds, box->label);
  box->bounds = fluo_map_box_union (box->bounds, box->badge);
  box->bounds = fluo_map_box_union (box->bounds, box->sign);
  /* A selected node's label moves down, and text has an outline. */
  box->bounds.x -= 3;
  box->bounds.width += 6;
  box->bounds.height += 9;
}

/* On the ring, at its lower right: the badge and what is slower stand above, the label below. */
void
fluo_map_layout_bell (FluoMap     *self,
                      FluoMapNode *box)
{
  const double size = BELL_PX * self->text_scale;
  const double away = box->radius * M_SQRT1_2 + 2 * self->view.zoom;

  box->bell = (FluoMapBox){ box->x + away - size / 2, box->y + away - size / 2, size, size };
  box->bounds = fluo_map_box_union (box->bounds, box->bell);
  self->n_alarmed++;
}
