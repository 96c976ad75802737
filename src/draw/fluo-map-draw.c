/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-map-private.h"

static guint
is_chosen (const FluoMap *self,
           guint          node)
{
  return node == self->view.selected_node || node == self->view.focus_node;
}

void
fluo_map_draw (FluoPainter      *painter,
               const FluoMap    *self,
               const FluoMapBox *clip)
{
  cairo_t *cr;
  FluoMapBox all;

  g_return_if_fail (painter != NULL && self != NULL);

  cr = fluo_painter_get_cr (painter);
  all = (FluoMapBox) { 0, 0, self->view.width, self->view.height };
  clip = clip ? clip : &all;
  cairo_save (cr);
  cairo_rectangle (cr, clip->x, clip->y, clip->width, clip->height);
  cairo_clip (cr);
  fluo_color_set (cr, fluo_painter_get_palette (painter)->view);
  cairo_paint (cr);
  for (guint i = 0; i < self->n_edges; i++)
    if (fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      fluo_map_draw_edge (painter, self, &self->edges[i], clip);
  for (guint i = 0; i < self->n_edges; i++)
    if (self->detail != FLUO_MAP_DETAIL_DOTS &&
        fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      fluo_map_draw_edge_marks (painter, self, &self->edges[i]);
  /* The name of a chosen one lies over others where it has no room of its own. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->n_nodes; i++)
      if (pass == is_chosen (self, i) && fluo_map_box_overlaps (&self->nodes[i].bounds, clip))
        fluo_map_draw_node (painter, self, &self->nodes[i]);
  for (guint i = 0; i < self->n_edges; i++)
    if (fluo_map_edge_has_numbers (self, &self->edges[i]) &&
        fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      fluo_map_draw_edge_numbers (painter, self, &self->edges[i]);
  cairo_restore (cr);
}

/* Lines first, then the nodes that belong to them; their labels cover what they look like below. */
void
fluo_map_draw_overlay (FluoPainter   *painter,
                       const FluoMap *self,
                       gboolean       selection)
{
  const FluoMapBox clip = { 0, 0, self->view.width, self->view.height };

  g_return_if_fail (painter != NULL && self != NULL);

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoMapEdge *edge = &self->edges[i];
      const gboolean hover = edge->edge == self->view.hover_edge ||
                             edge->from == self->view.hover_node ||
                             edge->to == self->view.hover_node;

      if ((hover || (selection && fluo_map_edge_selected (self, edge))) &&
          fluo_map_box_overlaps (&edge->bounds, &clip))
        {
          fluo_map_draw_edge (painter, self, edge, &clip);
          if (self->detail != FLUO_MAP_DETAIL_DOTS)
            fluo_map_draw_edge_marks (painter, self, edge);
        }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      FluoMapNode node = self->nodes[i];

      node.crossed = TRUE;
      if ((i == self->view.hover_node ||
           (selection &&
            (node.picked || i == self->view.selected_node || i == self->view.focus_node))) &&
          fluo_map_box_overlaps (&node.bounds, &clip))
        fluo_map_draw_node (painter, self, &node);
    }
  for (guint i = 0; i < self->n_edges; i++)
    if (fluo_map_edge_has_numbers (self, &self->edges[i]) &&
        (selection || self->edges[i].edge == self->view.hover_edge) &&
        fluo_map_box_overlaps (&self->edges[i].bounds, &clip))
      fluo_map_draw_edge_numbers (painter, self, &self->edges[i]);
}

void
fluo_map_draw_band (FluoPainter      *painter,
                    const FluoMapBox *box)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  g_return_if_fail (box != NULL);

  cairo_new_path (cr);
  cairo_rectangle (cr, floor (box->x) + .5, floor (box->y) + .5, floor (box->width),
                   floor (box->height));
  fluo_color_set (cr, palette->accent_soft);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}
