/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/fluo-canvas.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

#define PADDING_PX 14
#define CONTENT_WIDTH_PX (FLUO_INSPECTOR_WIDTH_PX - 2 * PADDING_PX)
#define SUMMARY_HEIGHT_PX 58
#define HISTOGRAM_HEIGHT_PX 100
#define SERIES_HEIGHT_PX 86
#define PARTS_ROW_PX 20
#define CAUSE_ROW_PX 21
#define URL_ROW_PX 23
#define NAME_CHARS_MAX 200

struct _FluoInspector
{
  GtkWidget parent_instance;

  FluoInspectorData *data;     /* or NULL */
  FluoServiceColors *colors;   /* borrowed, nullable for an edge */
  gboolean           is_edge;
  char              *target_name, *target_type;
  gint64             brush_begin_ns, brush_end_ns; /* of response times; end <= begin: none */

  GtkWidget *box;
  GtkWidget *disc;
  GtkLabel  *title;
  GtkLabel  *subtitle;
  GtkWidget *close;
  GtkWidget *summary;
  GtkWidget *times_section, *times;
  GtkLabel  *times_note;
  GtkWidget *series_section, *series;
  GtkLabel  *series_note;
  GtkWidget *parts_section, *parts;
  GtkWidget *causes_section, *causes;
  GtkWidget *urls_section, *urls;
  GtkWidget *traces_button;
};

enum
{
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoInspector, fluo_inspector, GTK_TYPE_WIDGET)

static const FluoFont dense = { FLUO_FONT_SANS, 13, 400, TRUE };
static const FluoFont dense_bold = { FLUO_FONT_SANS, 13, 700, TRUE };
static const FluoFont caption = { FLUO_FONT_SANS, 12, 400, TRUE };
static const FluoFont caption_bold = { FLUO_FONT_SANS, 12, 700, TRUE };

/* --- Drawn parts ---------------------------------------------------------- */

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

static void
draw_disc (FluoPainter *painter,
           double       width,
           double       height,
           gpointer     user_data)
{
  FluoInspector *self = user_data;
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoColor color;

  if (!self->data)
    return;
  color =
    service_color (self, fluo_painter_get_palette (painter), self->data->name, self->data->type);
  fluo_color_set_alpha (cr, color, .16);
  cairo_arc (cr, width / 2, height / 2, MIN (width, height) / 2, 0, 2 * G_PI);
  cairo_fill (cr);
  fluo_painter_icon (
    painter,
    self->is_edge ? "route"
                  : fluo_kind_get_icon (fluo_kind_from_type (self->data->type, self->data->name)),
    width / 2 - 10, height / 2 - 10, 20, color);
}

/* The order in which shares stand: what went well first. */
static const FluoStatus status_order[] = { FLUO_STATUS_OK, FLUO_STATUS_ERROR, FLUO_STATUS_THROTTLE,
                                           FLUO_STATUS_FAULT };

static void
draw_summary (FluoPainter *painter,
              double       width,
              double       height,
              gpointer     user_data)
{
  FluoInspector *self = user_data;
  const FluoInspectorData *data = self->data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoShareBar bar = { .n_parts = G_N_ELEMENTS (status_order) };
  char *shares[G_N_ELEMENTS (status_order)];
  char *counts[G_N_ELEMENTS (status_order)];
  double used = 0;
  double x = 0;

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
    bar.parts[i] =
      (FluoSharePart){ .value = data->counts[status_order[i]], .status = status_order[i] };
  fluo_share_bar_layout (&bar, width);
  fluo_share_bar_draw (painter, &bar, 0, 25);
  for (guint i = 0; i < bar.n_parts; i++)
    {
      shares[i] = fluo_format_share_parts (data->total > 0 ? bar.parts[i].value / data->total : 0);
      counts[i] = fluo_format_count ((guint64) bar.parts[i].value);
      used += 17 + fluo_painter_measure (painter, shares[i], caption_bold) + 4 +
              fluo_painter_measure (painter, counts[i], caption);
    }
  for (guint i = 0; i < bar.n_parts; i++)
    {
      fluo_painter_status (painter, status_order[i], x, 43, 13, palette->sidebar);
      x += 17 + fluo_painter_text (painter, x + 17, 54, shares[i], caption_bold, palette->fg,
                                   FLUO_ALIGN_START, 0, NULL);
      x += 4 + fluo_painter_text (painter, x + 4, 54, counts[i], caption, palette->fg2,
                                  FLUO_ALIGN_START, 0, NULL);
      x += MAX (4, (width - used) / (bar.n_parts - 1));
      g_free (shares[i]);
      g_free (counts[i]);
    }
}

static void
layout_times (FluoInspector      *self,
              FluoHistogramChart *chart)
{
  fluo_histogram_chart_layout (chart, &self->data->histogram, &self->data->faults, CONTENT_WIDTH_PX,
                               HISTOGRAM_HEIGHT_PX);
  chart->brush_begin_ns = self->brush_begin_ns;
  chart->brush_end_ns = MIN (self->brush_end_ns, chart->max_ns);
}

static void
draw_times (FluoPainter *painter,
            double       width,
            double       height,
            gpointer     user_data)
{
  FluoInspector *self = user_data;
  FluoHistogramChart chart;

  if (!self->data)
    return;
  layout_times (self, &chart);
  fluo_histogram_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->sidebar);
}

static void
draw_series (FluoPainter *painter,
             double       width,
             double       height,
             gpointer     user_data)
{
  FluoInspector *self = user_data;
  FluoTimeChart chart;

  if (!self->data || !self->data->series.buckets)
    return;
  fluo_time_chart_layout (&chart, &self->data->series, self->data->span, &fluo_time_chart_panel,
                          width, height);
  fluo_time_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->sidebar);
}

static void
draw_parts (FluoPainter *painter,
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
      const FluoColor color = part->name
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
                         part->name ? fluo_kind_get_display_name (part->type, part->name)
                                    : _("own code"),
                         dense, palette->fg, FLUO_ALIGN_START, width - right - 26, NULL);
      y += PARTS_ROW_PX;
    }
  fluo_share_bar_layout (&bar, width);
  fluo_share_bar_draw (painter, &bar, 0, 0);
}

static void
draw_causes (FluoPainter *painter,
             double       width,
             double       height,
             gpointer     user_data)
{
  static const char *const words[FLUO_N_STATUSES] = {
    [FLUO_STATUS_OK] = N_("OK"),
    [FLUO_STATUS_RUNNING] = N_("Running"),
    [FLUO_STATUS_ERROR] = N_("Error"),
    [FLUO_STATUS_THROTTLE] = N_("Throttled"),
    [FLUO_STATUS_FAULT] = N_("Fault"),
  };
  FluoInspector *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const GArray *causes = self->data ? self->data->causes : NULL;

  for (guint i = 0; causes && i < causes->len; i++)
    {
      const FluoInspectorCause *cause = &g_array_index (causes, FluoInspectorCause, i);
      const double y = 15 + CAUSE_ROW_PX * i;
      g_autofree char *count = fluo_format_count (cause->count);
      g_autofree char *from =
        cause->from
          ? g_strdup_printf (_("from %s"), fluo_kind_get_display_name (NULL, cause->from))
          : NULL;
      const double right = fluo_painter_text (painter, width, y, count, dense_bold, palette->fg,
                                              FLUO_ALIGN_END, 0, NULL);
      double x = 19;

      fluo_painter_status (painter, cause->status, 0, y - 11, 13, palette->sidebar);
      x += fluo_painter_text (painter, x, y, cause->name ? cause->name : _(words[cause->status]),
                              (FluoFont){ FLUO_FONT_SANS, 13, 600, FALSE }, palette->fg,
                              FLUO_ALIGN_START, width - right - 30, NULL);
      if ((cause->from || cause->name) && width - right - x > 40)
        fluo_painter_text (painter, x + 6, y, from ? from : _(words[cause->status]), dense,
                           palette->fg2, FLUO_ALIGN_START, width - right - x - 14, NULL);
    }
}

static void
draw_urls (FluoPainter *painter,
           double       width,
           double       height,
           gpointer     user_data)
{
  static const double columns[] = { 110, 54, 0 }; /* right ends, from the right */
  FluoInspector *self = user_data;
  const FluoFont small = { FLUO_FONT_SANS, 11, 400, FALSE };
  const FluoFont number = { FLUO_FONT_SANS, 12.5, 400, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const GArray *urls = self->data ? self->data->urls : NULL;

  fluo_painter_text (painter, width - 168, 11, _("requests"), small, palette->fg3, FLUO_ALIGN_END,
                     0, NULL);
  fluo_painter_text (painter, width - columns[0], 11, "p50", small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width - columns[1], 11, "p99", small, palette->fg3, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, width, 11, _("faults"), small, palette->fg3, FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, 0, 11, _("Top URLs"), caption_bold, palette->fg, FLUO_ALIGN_START, 0,
                     NULL);
  for (guint i = 0; urls && i < urls->len; i++)
    {
      const FluoInspectorUrl *url = &g_array_index (urls, FluoInspectorUrl, i);
      const double y = 32 + URL_ROW_PX * i;
      g_autofree char *count = fluo_format_count (url->count);
      g_autofree char *p50 = fluo_format_duration (url->p50_ns);
      g_autofree char *p99 = fluo_format_duration (url->p99_ns);
      g_autofree char *faults =
        fluo_format_share (url->count > 0 ? url->n_faults / (double) url->count : 0);
      const double right = 168 + fluo_painter_measure (painter, count, number);

      fluo_painter_text (painter, 0, y, url->request, (FluoFont){ FLUO_FONT_MONO, 12, 400, FALSE },
                         palette->fg, FLUO_ALIGN_START, width - right - 6, NULL);
      fluo_painter_text (painter, width - 168, y, count, number, palette->fg, FLUO_ALIGN_END, 0,
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

/* --- Brush over response times -------------------------------------------- */

static gint64
count_between (const FluoHistogram *histogram,
               gint64               begin_ns,
               gint64               end_ns)
{
  gint64 count = 0;

  for (guint i = 0; histogram->entries && i < histogram->entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (histogram->entries, FluoHistogramEntry, i);
      const gint64 middle = fluo_histogram_bucket_ns (entry->bucket);

      count += middle >= begin_ns && middle < end_ns ? entry->count : 0;
    }
  return count;
}

static void
update_times_note (FluoInspector *self)
{
  g_autofree char *text = NULL;
  g_autofree char *count = NULL;
  g_autofree char *share = NULL;
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;
  gint64 n;

  if (!self->data || self->brush_end_ns <= self->brush_begin_ns)
    {
      gtk_label_set_text (self->times_note, "");
      return;
    }
  n = count_between (&self->data->histogram, self->brush_begin_ns, self->brush_end_ns);
  count = fluo_format_count ((guint64) n);
  share = fluo_format_share (self->data->total > 0 ? n / (double) self->data->total : 0);
  begin = fluo_format_duration (self->brush_begin_ns);
  end = fluo_format_duration (self->brush_end_ns);
  text = self->brush_end_ns == G_MAXINT64
           ? g_strdup_printf (_("%s and up: %s (%s)"), begin, count, share)
           : g_strdup_printf (_("%s to %s: %s (%s)"), begin, end, count, share);
  gtk_label_set_text (self->times_note, text);
}

static void
brush_cb (GtkGestureDrag *gesture,
          double          dx,
          double          dy,
          FluoInspector  *self)
{
  FluoHistogramChart chart;
  double x, y;

  if (!self->data || fabs (dx) < 4 || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  layout_times (self, &chart);
  self->brush_begin_ns = fluo_histogram_chart_hit (&chart, MIN (x, x + dx));
  self->brush_end_ns = fluo_histogram_chart_hit (&chart, MAX (x, x + dx));
  /* At the right end: everything from there, also what lies behind the axis. */
  if (self->brush_end_ns >= chart.max_ns)
    self->brush_end_ns = G_MAXINT64;
  update_times_note (self);
  gtk_widget_queue_draw (self->times);
}

static void
brush_begin_cb (GtkGestureDrag *gesture,
                double          x,
                double          y,
                FluoInspector  *self)
{
  self->brush_begin_ns = 0;
  self->brush_end_ns = 0;
  update_times_note (self);
  gtk_widget_queue_draw (self->times);
}

/* --- Making --------------------------------------------------------------- */

static GtkWidget *
make_label (const char *text,
            const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

/* Heading with a note at its end, and what is drawn below. @title may be NULL. */
static GtkWidget *
make_section (FluoInspector  *self,
              const char     *title,
              FluoCanvasDraw  draw,
              int             height,
              GtkWidget     **ret_canvas,
              GtkLabel      **ret_note)
{
  GtkWidget *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_set_margin_start (section, PADDING_PX);
  gtk_widget_set_margin_end (section, PADDING_PX);
  gtk_widget_set_margin_top (section, 18);
  if (title)
    {
      GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
      GtkWidget *note = make_label ("", "caption");

      gtk_box_append (GTK_BOX (head), make_label (title, "caption-heading"));
      gtk_widget_add_css_class (note, "dim-label");
      gtk_widget_add_css_class (note, "numeric");
      gtk_widget_set_hexpand (note, TRUE);
      gtk_label_set_ellipsize (GTK_LABEL (note), PANGO_ELLIPSIZE_END);
      gtk_box_append (GTK_BOX (head), note);
      gtk_box_append (GTK_BOX (section), head);
      if (ret_note)
        *ret_note = GTK_LABEL (note);
    }
  *ret_canvas = fluo_canvas_new (draw, self, CONTENT_WIDTH_PX, height);
  gtk_widget_set_halign (*ret_canvas, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (section), *ret_canvas);
  return section;
}

static void
close_cb (GtkButton     *button,
          FluoInspector *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}

static void
traces_cb (GtkButton     *button,
           FluoInspector *self)
{
  if (self->target_name)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-node-traces", "(ss)",
                                self->target_name, self->target_type ? self->target_type : "");
}

static GtkWidget *
make_head (FluoInspector *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_margin_start (head, PADDING_PX);
  gtk_widget_set_margin_end (head, 8);
  gtk_widget_set_margin_top (head, 12);
  self->disc = fluo_canvas_new (draw_disc, self, 36, 36);
  gtk_widget_set_valign (self->disc, GTK_ALIGN_CENTER);
  self->title = GTK_LABEL (make_label ("", "title-4"));
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  self->subtitle = GTK_LABEL (make_label ("", "caption"));
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "dim-label");
  gtk_label_set_ellipsize (self->subtitle, PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (names), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (names), GTK_WIDGET (self->subtitle));
  gtk_widget_set_hexpand (names, TRUE);
  self->close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");
  gtk_widget_add_css_class (self->close, "flat");
  gtk_widget_set_valign (self->close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->close, _("Close"));
  g_signal_connect (self->close, "clicked", G_CALLBACK (close_cb), self);
  gtk_box_append (GTK_BOX (head), self->disc);
  gtk_box_append (GTK_BOX (head), names);
  gtk_box_append (GTK_BOX (head), self->close);
  return head;
}

static GtkWidget *
make_body (FluoInspector *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *summary =
    make_section (self, NULL, draw_summary, SUMMARY_HEIGHT_PX, &self->summary, NULL);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_margin_top (summary, 8);
  self->times_section = make_section (self, _("Response time"), draw_times, HISTOGRAM_HEIGHT_PX,
                                      &self->times, &self->times_note);
  gtk_label_set_xalign (self->times_note, 1);
  self->series_section = make_section (self, _("Requests and faults"), draw_series,
                                       SERIES_HEIGHT_PX, &self->series, &self->series_note);
  self->parts_section =
    make_section (self, _("Where the time goes"), draw_parts, 0, &self->parts, NULL);
  self->causes_section = make_section (self, _("Causes"), draw_causes, 0, &self->causes, NULL);
  self->urls_section = make_section (self, NULL, draw_urls, 0, &self->urls, NULL);
  gtk_box_append (GTK_BOX (body), summary);
  gtk_box_append (GTK_BOX (body), self->times_section);
  gtk_box_append (GTK_BOX (body), self->series_section);
  gtk_box_append (GTK_BOX (body), self->parts_section);
  gtk_box_append (GTK_BOX (body), self->causes_section);
  gtk_box_append (GTK_BOX (body), self->urls_section);
  gtk_widget_set_margin_bottom (body, 12);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (brush_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (brush_cb), self);
  gtk_widget_add_controller (self->times, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_set_cursor_from_name (self->times, "crosshair");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), body);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

/* --- Object --------------------------------------------------------------- */

static void
fluo_inspector_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  const FluoPalette *palette = fluo_canvas_lookup_palette ();
  const FluoColor *side = &palette->sidebar;
  const FluoColor *line = &palette->line;
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);

  gtk_snapshot_append_color (snapshot,
                             &(GdkRGBA){ side->red, side->green, side->blue, side->alpha },
                             &GRAPHENE_RECT_INIT (0, 0, width, height));
  gtk_snapshot_append_color (snapshot,
                             &(GdkRGBA){ line->red, line->green, line->blue, line->alpha },
                             &GRAPHENE_RECT_INIT (0, 0, 1, height));
  GTK_WIDGET_CLASS (fluo_inspector_parent_class)->snapshot (widget, snapshot);
}

static void
fluo_inspector_dispose (GObject *object)
{
  FluoInspector *self = FLUO_INSPECTOR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_inspector_parent_class)->dispose (object);
}

static void
fluo_inspector_finalize (GObject *object)
{
  FluoInspector *self = FLUO_INSPECTOR (object);

  fluo_inspector_data_free (self->data);
  g_free (self->target_name);
  g_free (self->target_type);
  G_OBJECT_CLASS (fluo_inspector_parent_class)->finalize (object);
}

static void
fluo_inspector_class_init (FluoInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_inspector_dispose;
  object_class->finalize = fluo_inspector_finalize;
  widget_class->snapshot = fluo_inspector_snapshot;
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", FLUO_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "inspector");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fluo_inspector_init (FluoInspector *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), make_head (self));
  gtk_box_append (GTK_BOX (self->box), make_body (self));
  self->traces_button = gtk_button_new_with_label (_("View Traces"));
  gtk_widget_add_css_class (self->traces_button, "suggested-action");
  gtk_widget_add_css_class (self->traces_button, "pill-small");
  gtk_widget_set_hexpand (self->traces_button, TRUE);
  g_signal_connect (self->traces_button, "clicked", G_CALLBACK (traces_cb), self);
  gtk_box_append (GTK_BOX (foot), self->traces_button);
  gtk_widget_set_margin_start (foot, PADDING_PX);
  gtk_widget_set_margin_end (foot, PADDING_PX);
  gtk_widget_set_margin_top (foot, 12);
  gtk_widget_set_margin_bottom (foot, 12);
  gtk_box_append (GTK_BOX (self->box), foot);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), FLUO_INSPECTOR_WIDTH_PX, -1);
}

GtkWidget *
fluo_inspector_new (void)
{
  return g_object_new (FLUO_TYPE_INSPECTOR, NULL);
}

static char *
series_step (gint64 step_ns)
{
  const gint64 seconds = step_ns / FLUO_NSEC_PER_SEC;

  if (seconds < 60)
    return g_strdup_printf (_("per %d s"), (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf (_("per %d min"), (int) (seconds / 60));
  return g_strdup_printf (_("per %d h"), (int) (seconds / 3600));
}

static void
set_data (FluoInspector     *self,
          FluoInspectorData *data)
{
  g_autofree char *title = fluo_format_untrusted (data->title, NAME_CHARS_MAX);
  g_autofree char *name = fluo_format_untrusted (data->name ? data->name : "", NAME_CHARS_MAX);
  g_autofree char *total = fluo_format_count ((guint64) MAX (data->total, 0));
  g_autofree char *rate = fluo_format_rate (data->rate);
  g_autofree char *faults = fluo_format_share (
    data->total > 0 ? data->counts[FLUO_STATUS_FAULT] / (double) data->total : 0);
  g_autofree char *summary = g_strdup_printf (_("%s requests, %s, %s faults"), total, rate, faults);
  g_autofree char *step = data->series.buckets ? series_step (data->series.step_ns) : g_strdup ("");
  const gboolean other = !self->data || g_strcmp0 (self->data->name, data->name) ||
                         g_strcmp0 (self->data->type, data->type);

  fluo_inspector_data_free (self->data);
  self->data = data;
  if (other)
    self->brush_begin_ns = self->brush_end_ns = 0;
  gtk_label_set_text (self->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->summary), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  summary, -1);
  gtk_widget_set_visible (self->times_section, data->histogram.count > 0);
  gtk_widget_set_visible (self->series_section, data->n_named > 0);
  gtk_label_set_text (self->series_note, step);
  gtk_widget_set_visible (self->parts_section, data->parts->len > 0);
  gtk_widget_set_size_request (self->parts, CONTENT_WIDTH_PX,
                               12 + PARTS_ROW_PX * (int) data->parts->len);
  gtk_widget_set_visible (self->causes_section, data->causes->len > 0);
  gtk_widget_set_size_request (self->causes, CONTENT_WIDTH_PX,
                               CAUSE_ROW_PX * (int) data->causes->len);
  gtk_widget_set_visible (self->urls_section, data->urls->len > 0);
  gtk_widget_set_size_request (self->urls, CONTENT_WIDTH_PX,
                               16 + URL_ROW_PX * (int) data->urls->len);
  update_times_note (self);
  gtk_widget_queue_draw (self->disc);
  gtk_widget_queue_draw (self->summary);
  gtk_widget_queue_draw (self->times);
  gtk_widget_queue_draw (self->series);
  gtk_widget_queue_draw (self->parts);
  gtk_widget_queue_draw (self->causes);
  gtk_widget_queue_draw (self->urls);
}

static void
set_target (FluoInspector *self,
            const char    *name,
            const char    *type)
{
  g_free (self->target_name);
  g_free (self->target_type);
  self->target_name = g_strdup (name);
  self->target_type = g_strdup (type);
}

void
fluo_inspector_set_data (FluoInspector     *self,
                         FluoInspectorData *data,
                         FluoServiceColors *colors)
{
  g_autofree char *label = NULL;

  g_return_if_fail (FLUO_IS_INSPECTOR (self));
  g_return_if_fail (data != NULL);

  self->colors = colors;
  self->is_edge = FALSE;
  set_target (self, data->name, data->type);
  label = fluo_kind_dup_label (data->type, data->name);
  gtk_label_set_text (self->subtitle, label);
  set_data (self, data);
  /* Clients send no segments, so there is nothing to narrow to. */
  gtk_widget_set_visible (self->traces_button, g_strcmp0 (data->type, "client") != 0);
}

void
fluo_inspector_set_edge_data (FluoInspector     *self,
                              FluoInspectorData *data,
                              const char        *callee,
                              const char        *callee_type)
{
  g_return_if_fail (FLUO_IS_INSPECTOR (self));
  g_return_if_fail (data != NULL);

  self->colors = NULL;
  self->is_edge = TRUE;
  set_target (self, callee, callee_type);
  gtk_label_set_text (self->subtitle, _("Calls, as the caller saw them"));
  set_data (self, data);
  gtk_widget_set_visible (self->traces_button, TRUE);
}

void
fluo_inspector_focus (FluoInspector *self)
{
  g_return_if_fail (FLUO_IS_INSPECTOR (self));

  gtk_widget_grab_focus (gtk_widget_get_visible (self->traces_button) ? self->traces_button
                                                                      : self->close);
}
