/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"
#include "draw/fluo-export.h"
#include "draw/fluo-map-private.h"

/* The service map as a file. */

#define MARGIN_PX 24
#define WIDTH_MIN_PX 720
#define HEIGHT_MIN_PX 240
/* Under the map: what its marks mean, and from when it is. */
#define FOOT_PX (FLUO_MAP_LEGEND_HEIGHT_PX + 24)

typedef struct
{
  const FluoServiceGraph *graph;
  const FluoMapTopology  *topology;
  const FluoGraphLayout  *layout;
  FluoServiceColors      *colors;
  FluoGraphDifference    *difference;
  FluoTimeSpan            span;
  const char             *title;
} Drawing;

static void
draw_cb (FluoPainter *painter,
         guint        page,
         double       width,
         double       height,
         gpointer     user_data)
{
  const Drawing *drawing = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  g_autoptr (FluoMap) map = NULL;
  FluoMapView view;

  fluo_map_view_init (&view, width, height - FOOT_PX, drawing->span);
  view.difference = drawing->difference;
  fluo_map_view_fit (&view, drawing->layout);
  map = fluo_map_layout (painter, drawing->graph, drawing->topology, drawing->layout,
                         drawing->colors, &view);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_map_draw (painter, map, NULL);
  fluo_map_draw_legend (painter, map, 12, height - FLUO_MAP_LEGEND_HEIGHT_PX - 12);
  fluo_painter_text (painter, width - 16, height - 18, drawing->title, FLUO_FIGURES (12, 400),
                     palette->fg2, FLUO_ALIGN_END,
                     MAX (40, width - fluo_map_legend_width (map) - 48), NULL);
}

gboolean
fluo_map_export (const FluoServiceGraph *graph,
                 const FluoMapTopology  *topology,
                 const FluoGraphLayout  *layout,
                 FluoServiceColors      *colors,
                 FluoGraphDifference    *difference,
                 FluoTimeSpan            span,
                 const char             *path,
                 double                  scale,
                 GError                **error)
{
  g_autofree char *range = NULL;
  g_autofree char *title = NULL;
  FluoExportPicture picture = { .n_pages = 1, .scale = scale, .fit_a4 = TRUE };
  Drawing drawing = { graph, topology, layout, colors, difference, span, NULL };
  FluoExportFormat format;

  g_return_val_if_fail (graph && topology && layout && path, FALSE);

  if (!fluo_export_format_from_path (path, &format) || format == FLUO_EXPORT_MARKDOWN)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _("“%s” ends in no known format; use .png, .svg or .pdf"), path);
      return FALSE;
    }
  range = fluo_format_range (span, NULL);
  if (difference)
    {
      g_autofree char *before = fluo_format_range (difference->before, NULL);

      /* Translators: two ranges of time, the later one first. */
      title = g_strdup_printf (_("Service map, %s compared with %s"), range, before);
    }
  else
    title = g_strdup_printf (_("Service map, %s"), range);
  picture.title = title;
  drawing.title = title;
  picture.width = MAX (layout->width + 2 * MARGIN_PX, WIDTH_MIN_PX);
  picture.height = MAX (layout->height + 2 * MARGIN_PX, HEIGHT_MIN_PX) + FOOT_PX;
  return fluo_export_surface (format, &picture, draw_cb, &drawing, path, error);
}
