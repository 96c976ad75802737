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
#define FILTER_CHARS_MAX 200
#define HEIGHT_MIN_PX 240
/* Above the map: from when it is. */
#define HEAD_PX 56
/* Under it: what its marks mean, with a line for what is slower than usual. */
#define FOOT_PX (FLUO_MAP_LEGEND_HEIGHT_PX + 24 + 22)

typedef struct
{
  const FluoMapExport *map;
  const char          *title, *note; /* the second may be NULL */
} Drawing;

static void
draw_cb (FluoPainter *painter,
         guint        page,
         double       width,
         double       height,
         gpointer     user_data)
{
  const Drawing *drawing = user_data;
  const FluoMapExport *shown = drawing->map;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  g_autoptr (FluoMap) map = NULL;
  FluoMapView view;

  fluo_map_view_init (&view, width, height - HEAD_PX - FOOT_PX, shown->span);
  view.difference = shown->difference;
  view.usual = shown->usual;
  view.matching = shown->matching;
  fluo_map_view_fit (&view, shown->layout);
  map = fluo_map_layout (painter, shown->graph, shown->topology, shown->layout, shown->colors,
                         &view);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_painter_text (painter, 16, 28, drawing->title, FLUO_FIGURES (15, 700),
                     palette->fg, FLUO_ALIGN_START, width - 32, NULL);
  if (drawing->note)
    fluo_painter_text (painter, 16, 47, drawing->note,
                       FLUO_FIGURES (12, 400), palette->fg2, FLUO_ALIGN_START,
                       width - 32, NULL);
  cairo_save (cr);
  cairo_translate (cr, 0, HEAD_PX);
  fluo_map_draw (painter, map, NULL);
  cairo_restore (cr);
  fluo_map_draw_legend (painter, map, 12, height - fluo_map_legend_height (map) - 12);
  fluo_painter_text (painter, width - 16, height - 18, "Fluoroscope " FLUO_VERSION,
                     FLUO_FIGURES (9.5, 400), palette->fg2, FLUO_ALIGN_END,
                     MAX (40, width - fluo_map_legend_width (map) - 48), NULL);
}

/* "29 November 2026, 14:38 to 14:53 CET (13:38 to 13:53 UTC)": who reads it later, and elsewhere,
 * knows when it was. */
static char *
dup_when (FluoTimeSpan span)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (span.begin_ns / FLUO_NSEC_PER_SEC);
  g_autofree char *here = fluo_format_range (span, NULL);
  g_autofree char *there = fluo_format_range (span, utc);
  g_autofree char *day = local != NULL ? g_date_time_format (local, _("%-d %B %Y")) : NULL;

  if (local == NULL || fluo_time_span_length (span) <= 0)
    return g_steal_pointer (&here);
  if (g_date_time_get_utc_offset (local) == 0)
    return g_strdup_printf ("%s, %s UTC", day, there);
  return g_strdup_printf ("%s, %s %s (%s UTC)", day, here,
                          g_date_time_get_timezone_abbreviation (local), there);
}

char *
fluo_map_export_dup_title (const FluoGraphDifference *difference,
                           FluoTimeSpan               span)
{
  g_autofree char *when = dup_when (span);
  g_autofree char *before = difference ? dup_when (difference->before) : NULL;

  /* Translators: two ranges of time, the later one first. */
  return before ? g_strdup_printf (_("Service map, %s compared with %s"), when, before)
                : g_strdup_printf (_("Service map, %s"), when);
}

static char *
dup_note (const FluoMapExport *self)
{
  g_autofree char *when = NULL, *filter = NULL;

  if (self->difference)
    {
      when = dup_when (self->difference->before);
      return g_strdup_printf (_("compared with %s"), when);
    }
  if (!self->filter || !*self->filter)
    return NULL;
  filter = fluo_format_untrusted (self->filter, FILTER_CHARS_MAX);
  return g_strdup_printf (_("Filter: %s"), filter);
}

gboolean
fluo_map_export (const FluoMapExport *self,
                 const char          *path,
                 double               scale,
                 GError             **error)
{
  g_autofree char *title = NULL, *first = NULL, *note = NULL;
  FluoExportPicture picture = { .n_pages = 1, .scale = scale, .fit_a4 = TRUE };
  FluoExportFormat format;
  Drawing drawing;

  g_return_val_if_fail (self && self->graph && self->topology && self->layout && path, FALSE);

  if (!fluo_export_format_from_path (path, &format))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _("“%s” ends in no known format; use .png, .svg, .pdf or .md"), path);
      return FALSE;
    }
  note = dup_note (self);
  if (format == FLUO_EXPORT_MARKDOWN)
    {
      g_autoptr (GBytes) bytes = fluo_map_to_markdown (self, note);

      return fluo_export_write (path, bytes, error);
    }
  title = fluo_map_export_dup_title (self->difference, self->span);
  first = fluo_map_export_dup_title (NULL, self->span);
  drawing = (Drawing){ self, first, note };
  picture.title = title;
  picture.width = MAX (self->layout->width + 2 * MARGIN_PX, WIDTH_MIN_PX);
  picture.height =
    MAX (self->layout->height + 2 * MARGIN_PX, HEIGHT_MIN_PX) + HEAD_PX + FOOT_PX;
  return fluo_export_surface (format, &picture, draw_cb, &drawing, path, error);
}
