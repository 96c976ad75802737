/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "draw/fluo-map.h"


#define CAUSE_CHARS_MAX 200

static const FluoFont dense = { FLUO_FONT_SANS, 13, 400, TRUE };
static const FluoFont dense_bold = { FLUO_FONT_SANS, 13, 700, TRUE };
static const FluoFont caption = { FLUO_FONT_SANS, 12, 400, TRUE };
static const FluoFont caption_bold = { FLUO_FONT_SANS, 12, 700, TRUE };

static FluoColor
service_color (FluoInspector     *self,
               const FluoPalette *palette,
               const char        *name,
               const char        *type)
{
  if (!self->colors || g_strcmp0 (type, "client") == 0)
    return palette->fg3;
  return palette
    ->service[fluo_service_colors_lookup (self->colors, name, type) % FLUO_N_SERVICE_COLORS];
}

void
fluo_inspector_draw_disc (FluoPainter *painter,
                          double       width,
                          double       height,
                          gpointer     user_data)
{
  FluoInspector *self = user_data;
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette;
  FluoColor color;

  if (!self->data)
    return;
  palette = fluo_painter_get_palette (painter);
  /* A call is no service. */
  color = self->is_edge ? palette->fg3
                        : service_color (self, palette, self->data->name, self->data->type);
  fluo_color_set_alpha (cr, color, .16);
  cairo_arc (cr, width / 2, height / 2, MIN (width, height) / 2, 0, 2 * G_PI);
  cairo_fill (cr);
  fluo_painter_icon (
    painter,
    self->is_edge ? "route"
                  : fluo_kind_get_icon (fluo_kind_from_type (self->data->type, self->data->name)),
    width / 2 - 10, height / 2 - 10, 20, color);
}

const FluoStatus fluo_inspector_statuses[N_SHOWN_STATUSES] = {
  FLUO_STATUS_OK, FLUO_STATUS_ERROR, FLUO_STATUS_THROTTLE, FLUO_STATUS_FAULT
};

/* Icon, share and count of each status, with what is left of the width between them. */
void
fluo_inspector_layout_statuses (FluoInspector       *self,
                                FluoPainter         *painter,
                                FluoInspectorStatus *ret_statuses)
{
  const FluoInspectorData *data = self->data;
  double used = 0;
  double x = 0;

  for (guint i = 0; i < N_SHOWN_STATUSES; i++)
    {
      const gint64 n = data->counts[fluo_inspector_statuses[i]];
      g_autofree char *share =
        fluo_format_share_parts (data->total > 0 ? (double) n / data->total : 0);
      g_autofree char *count = fluo_format_count ((guint64) n);

      g_strlcpy (ret_statuses[i].share, share, sizeof ret_statuses[i].share);
      g_strlcpy (ret_statuses[i].count, count, sizeof ret_statuses[i].count);
      ret_statuses[i].width = 17 + fluo_painter_measure (painter, share, caption_bold) + 4 +
                              fluo_painter_measure (painter, count, caption);
      used += ret_statuses[i].width;
    }
  for (guint i = 0; i < N_SHOWN_STATUSES; i++)
    {
      ret_statuses[i].x = x;
      x += ret_statuses[i].width + MAX (4, (CONTENT_WIDTH_PX - used) / (N_SHOWN_STATUSES - 1));
    }
}

void
fluo_inspector_draw_summary (FluoPainter *painter,
                             double       width,
                             double       height,
                             gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoInspectorData *data = self->data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoShareBar bar = { .n_parts = N_SHOWN_STATUSES };
  FluoInspectorStatus statuses[N_SHOWN_STATUSES];

  if (!data)
    return;
  {
    g_autofree char *total = fluo_format_count ((guint64) MAX (data->total, 0));
    g_autofree char *rate = fluo_format_rate (data->rate);
    const double at =
      fluo_painter_text (painter, 0, 16, total, (FluoFont){ FLUO_FONT_SANS, 17.3, 700, TRUE },
                         palette->fg, FLUO_ALIGN_START, 0, NULL);

    fluo_painter_text (painter, at + 6, 16,
                       g_dngettext (NULL, "request", "requests", (gulong) data->total), dense,
                       palette->fg2, FLUO_ALIGN_START, 0, NULL);
    fluo_painter_text (painter, width, 16, rate, dense_bold, palette->fg, FLUO_ALIGN_END, 0, NULL);
  }
  for (guint i = 0; i < bar.n_parts; i++)
    bar.parts[i] = (FluoSharePart){ .value = data->counts[fluo_inspector_statuses[i]],
                                    .status = fluo_inspector_statuses[i] };
  fluo_share_bar_layout (&bar, width);
  fluo_share_bar_draw (painter, &bar, 0, 25);
  fluo_inspector_layout_statuses (self, painter, statuses);
  for (guint i = 0; i < N_SHOWN_STATUSES; i++)
    {
      const double x = statuses[i].x;
      /* What there is none of stands back. */
      const gboolean none = data->counts[fluo_inspector_statuses[i]] == 0;
      const double share = 17 + fluo_painter_text (painter, x + 17, 54, statuses[i].share,
                                                   caption_bold,
                                                   none ? palette->fg3 : palette->fg,
                                                   FLUO_ALIGN_START, 0, NULL);

      fluo_painter_status (painter, fluo_inspector_statuses[i], x, 43, 13, palette->sidebar);
      fluo_painter_text (painter, x + share + 4, 54, statuses[i].count, caption,
                         none ? palette->fg3 : palette->fg2, FLUO_ALIGN_START, 0, NULL);
    }
}

void
fluo_inspector_layout_times (FluoInspector      *self,
                             FluoHistogramChart *chart)
{
  fluo_histogram_chart_layout (chart, fluo_inspector_get_times (self),
                               self->other_side ? NULL : &self->data->faults, CONTENT_WIDTH_PX,
                               HISTOGRAM_HEIGHT_PX);
  chart->brush_begin_ns = self->brush_begin_ns;
  chart->brush_end_ns = MIN (self->brush_end_ns, chart->max_ns);
}

void
fluo_inspector_draw_times (FluoPainter *painter,
                           double       width,
                           double       height,
                           gpointer     user_data)
{
  FluoInspector *self = user_data;
  FluoHistogramChart chart;

  if (!self->data)
    return;
  fluo_inspector_layout_times (self, &chart);
  fluo_histogram_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->sidebar);
}

void
fluo_inspector_layout_series (FluoInspector *self,
                              FluoTimeChart *chart)
{
  fluo_time_chart_layout (chart, &self->data->series, self->data->span,
                          self->alarm_name ? &fluo_time_chart_panel_alarm : &fluo_time_chart_panel,
                          CONTENT_WIDTH_PX,
                          SERIES_HEIGHT_PX + (self->alarm_name ? FLUO_TIME_CHART_ALARM_PX : 0));
  chart->brush = self->series_brush;
  chart->mark_ns = self->alarm_since_ns;
  chart->mark_name = self->alarm_name;
}

void
fluo_inspector_draw_series (FluoPainter *painter,
                            double       width,
                            double       height,
                            gpointer     user_data)
{
  FluoInspector *self = user_data;
  FluoTimeChart chart;

  if (!self->data || !self->data->series.buckets)
    return;
  fluo_inspector_layout_series (self, &chart);
  fluo_time_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->sidebar);
}

void
fluo_inspector_draw_parts (FluoPainter *painter,
                           double       width,
                           double       height,
                           gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const GArray *parts = self->data ? self->data->parts : NULL;
  FluoShareBar bar = { 0 };
  double y = 24;

  for (guint i = 0; parts && i < parts->len; i++)
    {
      const FluoInspectorPart *part = &g_array_index (parts, FluoInspectorPart, i);
      const FluoColor color = part->waiting ? palette->bar_rest
                              : part->name
                                ? service_color (self, palette, part->name, part->type)
                                : service_color (self, palette, self->data->name, self->data->type);
      g_autofree char *share = fluo_format_share_parts (part->share);
      const double right = fluo_painter_text (painter, width, y, share, dense_bold, palette->fg,
                                              FLUO_ALIGN_END, 0, NULL);

      bar.parts[bar.n_parts++] =
        (FluoSharePart){ .value = part->share, .use_color = TRUE, .color = color };
      fluo_painter_rounded (painter, 0, y - 9, 10, 10, 3);
      fluo_color_set (fluo_painter_get_cr (painter), color);
      cairo_fill (fluo_painter_get_cr (painter));
      fluo_painter_text (painter, 16, y,
                         part->waiting ? _("network and queue")
                         : part->name  ? fluo_kind_get_display_name (part->type, part->name)
                                       : _("own code"),
                         dense, palette->fg, FLUO_ALIGN_START, width - right - 26, NULL);
      y += PARTS_ROW_PX;
    }
  fluo_share_bar_layout (&bar, width);
  fluo_share_bar_draw (painter, &bar, 0, 0);
}

/* The exception, or what else is known. */
char *
fluo_inspector_cause_dup_title (const FluoInspectorCause *cause)
{
  if (cause->name)
    return fluo_format_untrusted (cause->name, CAUSE_CHARS_MAX);
  return cause->http_status > 0 ? g_strdup_printf ("HTTP %d", cause->http_status)
                                : g_strdup (fluo_status_to_label (cause->status));
}

char *
fluo_inspector_cause_dup_note (const FluoInspectorCause *cause)
{
  if (cause->from)
    {
      g_autofree char *from =
        fluo_format_untrusted (fluo_kind_get_display_name (NULL, cause->from), CAUSE_CHARS_MAX);

      return g_strdup_printf (_("from %s"), from);
    }
  if (cause->name || cause->http_status > 0)
    return g_strdup (fluo_status_to_label (cause->status));
  /* Translators: behind "Fault"; the service said so and nothing more. */
  return g_strdup (cause->untold ? _("no cause given") : "");
}

void
fluo_inspector_draw_causes (FluoPainter *painter,
                            double       width,
                            double       height,
                            gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const GArray *causes = self->data ? self->data->causes : NULL;

  for (guint i = 0; causes && i < causes->len; i++)
    {
      const FluoInspectorCause *cause = &g_array_index (causes, FluoInspectorCause, i);
      const double y = 15 + CAUSE_ROW_PX * i;
      g_autofree char *count = fluo_format_count (cause->count);
      g_autofree char *title = fluo_inspector_cause_dup_title (cause);
      g_autofree char *note = fluo_inspector_cause_dup_note (cause);
      const double right = fluo_painter_text (painter, width, y, count, dense_bold, palette->fg,
                                              FLUO_ALIGN_END, 0, NULL);
      double x = 19;

      fluo_painter_status (painter, cause->status, 0, y - 11, 13, palette->sidebar);
      x += fluo_painter_text (painter, x, y, title, (FluoFont){ FLUO_FONT_SANS, 13, 600, FALSE },
                              palette->fg, FLUO_ALIGN_START, width - right - 30, NULL);
      if (*note && width - right - x > 40)
        fluo_painter_text (painter, x + 6, y, note, dense, palette->fg2, FLUO_ALIGN_START,
                           width - right - x - 14, NULL);
    }
}

void
fluo_inspector_draw_urls (FluoPainter *painter,
                          double       width,
                          double       height,
                          gpointer     user_data)
{
  static const double columns[] = { 118, 62, 0 }; /* right ends, from the right */
  FluoInspector *self = user_data;
  const FluoFont small = { FLUO_FONT_SANS, 11, 400, FALSE };
  const FluoFont number = { FLUO_FONT_SANS, 12.5, 400, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoFont mono = { FLUO_FONT_MONO, 12, 400, FALSE };
  const GArray *urls = self->data ? self->data->urls : NULL;
  const gboolean group = urls && self->data->n_members > 0;
  g_autofree char *title = urls && self->data->n_members > urls->len
                             ? g_strdup_printf (_("%u of %u services"), urls->len,
                                                self->data->n_members)
                             : g_strdup (group ? _("Services") : _("Top URLs"));

  fluo_painter_text (painter, width - 174, 11, _("requests"), small, palette->fg3, FLUO_ALIGN_END,
                     0, NULL);
  fluo_painter_text (painter, width - columns[0], 11, "p50", small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width - columns[1], 11, "p99", small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width, 11, _("faults"), small, palette->fg3, FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, 0, 11, title, caption_bold, palette->fg, FLUO_ALIGN_START,
                     width - 230, NULL);
  for (guint i = 0; urls && i < urls->len; i++)
    {
      const FluoInspectorUrl *url = &g_array_index (urls, FluoInspectorUrl, i);
      const double y = 32 + URL_ROW_PX * i;
      g_autofree char *count = fluo_format_count (url->count);
      g_autofree char *p50 = fluo_format_duration (url->p50_ns);
      g_autofree char *p99 = fluo_format_duration (url->p99_ns);
      g_autofree char *faults =
        fluo_format_share (url->count > 0 ? url->n_faults / (double) url->count : 0);
      const double right = 174 + fluo_painter_measure (painter, count, number);

      fluo_painter_text (painter, 0, y, url->request, group ? dense : mono, palette->fg,
                         FLUO_ALIGN_START, width - right - 6, NULL);
      fluo_painter_text (painter, width - 174, y, count, number, palette->fg, FLUO_ALIGN_END, 0,
                         NULL);
      fluo_painter_text (painter, width - columns[0], y, p50, number, palette->fg, FLUO_ALIGN_END,
                         0, NULL);
      fluo_painter_text (painter, width - columns[1], y, p99, number, palette->fg, FLUO_ALIGN_END,
                         0, NULL);
      fluo_painter_text (painter, width, y, faults,
                         (FluoFont){ FLUO_FONT_SANS, 12.5, url->n_faults ? 700 : 400, TRUE },
                         url->n_faults ? palette->status[FLUO_STATUS_FAULT].text : palette->fg3,
                         FLUO_ALIGN_END, 0, NULL);
    }
}

void
fluo_inspector_draw_instances (FluoPainter *painter,
                               double       width,
                               double       height,
                               gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoFont small = { FLUO_FONT_SANS, 11, 400, FALSE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const GArray *instances = self->data ? self->data->instances : NULL;

  fluo_painter_text (painter, 0, 11, _("Instances"), caption_bold, palette->fg, FLUO_ALIGN_START, 0,
                     NULL);
  fluo_painter_text (painter, width - 62, 11, _("traces"), small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width, 11, _("faults"), small, palette->fg3, FLUO_ALIGN_END, 0, NULL);
  for (guint i = 0; instances && i < instances->len; i++)
    {
      const FluoInspectorUrl *instance = &g_array_index (instances, FluoInspectorUrl, i);
      const double y = 32 + URL_ROW_PX * i;
      g_autofree char *count = fluo_format_count (instance->count);
      g_autofree char *faults = fluo_format_share (instance->n_faults / (double) instance->count);

      fluo_painter_text (painter, 0, y, instance->request,
                         (FluoFont){ FLUO_FONT_MONO, 12, 400, FALSE }, palette->fg,
                         FLUO_ALIGN_START, width - 120, NULL);
      fluo_painter_text (painter, width - 62, y, count, dense, palette->fg, FLUO_ALIGN_END, 0,
                         NULL);
      fluo_painter_text (painter, width, y, faults, instance->n_faults ? dense_bold : dense,
                         instance->n_faults ? palette->status[FLUO_STATUS_FAULT].text
                                            : palette->fg3,
                         FLUO_ALIGN_END, 0, NULL);
    }
}

/* --- What changed ----------------------------------------------------------- */

typedef struct
{
  const char *name;
  char       *before, *after, *change;
  int         worse; /* 1, 0, -1 */
} ChangeRow;

static void
fill_times (ChangeRow  *row,
            const char *name,
            gint64      before_ns,
            gint64      after_ns,
            int         worse)
{
  row->name = name;
  row->before = before_ns > 0 ? fluo_format_duration (before_ns) : g_strdup ("–");
  row->after = after_ns > 0 ? fluo_format_duration (after_ns) : g_strdup ("–");
  row->change = before_ns > 0 && after_ns > 0 ? fluo_format_difference (after_ns - before_ns)
                                              : g_strdup ("–");
  /* It is slower as a whole: not each of the two need be. */
  row->worse = (after_ns - before_ns) * worse > 0 ? worse : 0;
}

static void
fill_shares (ChangeRow  *row,
             const char *name,
             double      before,
             double      after,
             int         worse)
{
  row->name = name;
  row->before = fluo_format_share (before);
  row->after = fluo_format_share (after);
  row->change = fluo_map_format_points (after - before);
  row->worse = worse;
}

static void
fill_change_rows (const FluoGraphChange *change,
                  ChangeRow             *rows)
{
  const FluoGraphFigures *before = &change->before;
  const FluoGraphFigures *after = &change->after;
  g_autofree char *rate = fluo_format_rate (fabs (after->rate - before->rate));

  rows[0] = (ChangeRow){ _("Rate"), fluo_format_rate (before->rate), fluo_format_rate (after->rate),
                         g_strconcat (after->rate > before->rate ? "+" : "−", rate, NULL), 0 };
  fill_times (&rows[1], "p50", before->p50_ns, after->p50_ns, change->pace);
  fill_times (&rows[2], "p99", before->p99_ns, after->p99_ns, change->pace);
  fill_shares (&rows[3], _("Faults"), before->faults, after->faults, change->faults);
  fill_shares (&rows[4], _("Errors"), before->errors, after->errors, change->errors);
}

void
fluo_inspector_draw_change (FluoPainter *painter,
                            double       width,
                            double       height,
                            gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoFont small = { FLUO_FONT_SANS, 11, 400, FALSE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  ChangeRow rows[N_CHANGE_ROWS] = { 0 };

  if (!self->data || !self->data->compared)
    return;
  fill_change_rows (&self->data->change, rows);
  for (guint i = 0; self->data->comparing && i < N_CHANGE_ROWS; i++)
    {
      g_free (rows[i].before);
      g_free (rows[i].after);
      g_free (rows[i].change);
      rows[i].before = g_strdup ("–");
      rows[i].after = g_strdup ("–");
      rows[i].change = g_strdup ("–");
    }
  fluo_painter_text (painter, width - 172, 11, self->data->usual ? _("usual") : _("before"),
                     small, palette->fg3, FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, width - 92, 11, _("now"), small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width, 11, _("change"), small, palette->fg3, FLUO_ALIGN_END, 0, NULL);
  for (guint i = 0; i < N_CHANGE_ROWS; i++)
    {
      const double y = 30 + CHANGE_ROW_PX * i;

      fluo_painter_text (painter, 0, y, rows[i].name, dense, palette->fg2, FLUO_ALIGN_START, 0,
                         NULL);
      fluo_painter_text (painter, width - 172, y, rows[i].before, dense, palette->fg2,
                         FLUO_ALIGN_END, 0, NULL);
      fluo_painter_text (painter, width - 92, y, rows[i].after, dense, palette->fg, FLUO_ALIGN_END,
                         0, NULL);
      /* A sign stands before every number; what is more than chance is bold. */
      fluo_painter_text (painter, width, y, rows[i].change, rows[i].worse ? dense_bold : dense,
                         rows[i].worse > 0   ? palette->status[FLUO_STATUS_FAULT].text
                         : rows[i].worse < 0 ? palette->status[FLUO_STATUS_OK].text
                                             : palette->fg,
                         FLUO_ALIGN_END, 0, NULL);
      g_free (rows[i].before);
      g_free (rows[i].after);
      g_free (rows[i].change);
    }
}
