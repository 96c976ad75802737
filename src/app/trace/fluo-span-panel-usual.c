/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "draw/fluo-chart.h"

/* One call beside all calls of its kind in the range: those from the same caller to the same
 * service, as the service graph counted them. */

/* Fewer calls say nothing about what is usual. */
#define CALLS_MIN 10
#define LABEL_FONT(weight) FLUO_FIGURES (11, (weight))
#define LABEL_BAND 14 /* above the bars */
#define LABEL_DISTANCE 7
#define NEAR_USUAL 1.2

typedef struct
{
  FluoPainter  *painter;
  FluoHistogram histogram;
  gint64        length_ns;
  gint64        usual_ns;
} Usual;

static void
usual_free (gpointer data)
{
  Usual *usual = data;

  fluo_painter_free (usual->painter);
  fluo_histogram_clear (&usual->histogram);
  g_free (usual);
}

static guint
find_node (const FluoServiceGraph *graph, FluoTrace *trace, guint32 span)
{
  g_autofree char *name = NULL, *type = NULL;

  fluo_service_graph_identify (trace, span, &name, &type);

  return name != NULL ? fluo_service_graph_find (graph, name, type) : G_MAXUINT;
}

/* The caller's view of the calls; for an entry, which nobody called, the service's own. */
static const FluoCallStats *
find_stats (const FluoServiceGraph *graph, const FluoPanelSpan *what)
{
  guint32 caller = fluo_waterfall_rows_get_parent (what->rows, what->index);
  guint to = find_node (graph, what->trace, what->index), from;

  if (to == G_MAXUINT)
    return NULL;
  while (caller < what->n_spans && !fluo_waterfall_rows_is_service (what->rows, caller))
    caller = fluo_waterfall_rows_get_parent (what->rows, caller);
  if (caller >= what->n_spans)
    return &((FluoGraphNode *) g_ptr_array_index (graph->nodes, to))->stats;

  from = find_node (graph, what->trace, caller);
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == from && edge->to == to && !edge->linked)
        return &edge->stats;
    }

  return NULL;
}

/* A mark on the axis, and what it is. */
typedef struct
{
  char   *text;
  double  x, width;
  gboolean after; /* the text stands right of the mark */
} Label;

static double
label_begin (const Label *self)
{
  return self->after ? self->x + LABEL_DISTANCE : self->x - LABEL_DISTANCE - self->width;
}

/* Neither over the other's text or mark, nor over an edge. */
static gboolean
labels_fit (const Label *a, const Label *b, double room)
{
  const double begin[] = { label_begin (a), label_begin (b) };
  const double end[] = { begin[0] + a->width, begin[1] + b->width };

  return begin[0] >= 0 && end[0] <= room && begin[1] >= 0 && end[1] <= room
         && (end[0] < begin[1] || end[1] < begin[0]) && !(begin[0] < b->x && b->x < end[0])
         && !(begin[1] < a->x && a->x < end[1]);
}

/* FALSE: there is no place for both. */
static gboolean
place_labels (Label *call, Label *middle, double room)
{
  const gboolean first = call->x < room / 2;

  for (guint i = 0; i < 4; i++)
    {
      call->after = first == (i < 2);
      middle->after = i % 2 == 0;
      if (labels_fit (call, middle, room))
        return TRUE;
    }
  call->after = first;
  return FALSE;
}

static void
draw_label (Usual *usual, const FluoPalette *palette, const Label *label, int weight,
            FluoColor color)
{
  fluo_painter_text (usual->painter, label_begin (label), 0, label->text,
                     LABEL_FONT (weight), color,
                     FLUO_ALIGN_START, 0, &palette->sidebar);
}

static void
draw_usual (cairo_t *cr, const FluoPalette *palette, double x, double base_y)
{
  static const double dashes[] = { 2, 2 };

  cairo_save (cr);
  fluo_color_set (cr, palette->fg);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, x, 4 - LABEL_BAND);
  cairo_line_to (cr, x, base_y);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_call (cairo_t *cr, const FluoPalette *palette, double x, double base_y)
{
  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, x, 8 - LABEL_BAND);
  cairo_line_to (cr, x, base_y);
  cairo_stroke (cr);
  cairo_move_to (cr, x - 5, 3 - LABEL_BAND);
  cairo_line_to (cr, x + 5, 3 - LABEL_BAND);
  cairo_line_to (cr, x, 10 - LABEL_BAND);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  Usual *usual = user_data;
  FluoHistogramChart chart = { 0 };
  const FluoPalette *palette = fluo_theme_get_palette ();
  g_autofree char *length = fluo_format_duration (usual->length_ns);
  g_autofree char *middle_length = fluo_format_duration (usual->usual_ns);
  g_autofree char *call_text = g_strdup_printf (_("this call %s"), length);
  g_autofree char *middle_text = g_strdup_printf ("p50 %s", middle_length);
  const double scale = fluo_theme_get_text_scale (GTK_WIDGET (area));
  Label call = { call_text }, middle = { middle_text };
  gboolean both;

  /* Where the text is larger, all of it is. */
  width = (int) (width / scale);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, 0, LABEL_BAND);
  fluo_histogram_chart_layout (&chart, &usual->histogram, NULL, width,
                               height / scale - LABEL_BAND);
  if (chart.max_ns <= 0)
    return;
  fluo_theme_begin (usual->painter, cr, GTK_WIDGET (area));
  /* Of the quantiles only the middle one says what is usual; the others would be in the way. */
  chart.quantiles[0] = chart.quantiles[1] = chart.quantiles[2] = 0;
  fluo_histogram_chart_draw (usual->painter, &chart, palette->sidebar);

  middle.x = (double) usual->usual_ns / (double) chart.max_ns * width;
  /* This call: at the right edge when it is beyond the axis. */
  call.x = CLAMP ((double) usual->length_ns / (double) chart.max_ns, 0, 1) * (width - 4) + 2;
  call.width = fluo_painter_measure (usual->painter, call.text, LABEL_FONT (700));
  middle.width = fluo_painter_measure (usual->painter, middle.text, LABEL_FONT (400));
  both = place_labels (&call, &middle, width);
  draw_usual (cr, palette, middle.x, chart.base_y);
  draw_call (cr, palette, call.x, chart.base_y);
  /* What is usual stands above the chart, too. */
  if (both)
    draw_label (usual, palette, &middle, 400, palette->fg2);
  draw_label (usual, palette, &call, 700, palette->accent_text);
}

/* "4.3 times the usual 493 ms", "slower than 97% of them", or that it is as usual. */
static char *
dup_verdict (const Usual *usual)
{
  g_autofree char *typical = fluo_format_duration (usual->usual_ns);
  double factor = usual->usual_ns > 0 ? (double) usual->length_ns / (double) usual->usual_ns : 1;

  if (factor > NEAR_USUAL)
    {
      g_autofree char *times = fluo_format_times (factor);

      return g_strdup_printf (_("%s the usual %s"), times, typical);
    }
  if (factor < 1 / NEAR_USUAL)
    return g_strdup_printf (_("faster than the usual %s"), typical);

  return g_strdup_printf (_("about the usual %s"), typical);
}

/* Rounded down, so that what is slower than nearly all is not said to be slower than all. */
static char *
dup_share_of (gint64 part, gint64 whole)
{
  double percent = 100.0 * (double) part / (double) whole;

  return fluo_format_share (percent >= 10 ? floor (percent) / 100 : percent / 100);
}

/* "Slowest of 28 calls", "Slower than 97% of 2,242 calls". Lengths of one bucket count as equal. */
static char *
dup_rank (const FluoHistogram *histogram, gint64 length_ns)
{
  guint16 bucket = fluo_histogram_bucket_of (length_ns);
  gint64 below = 0, above = 0;
  g_autofree char *count = fluo_format_count ((guint64) histogram->count), *share = NULL;

  for (guint i = 0; i < histogram->entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (histogram->entries, FluoHistogramEntry, i);

      if (entry->bucket < bucket)
        below += entry->count;
      else if (entry->bucket > bucket)
        above += entry->count;
    }

  if (above == 0 && below >= histogram->count - 1)
    return g_strdup_printf (_("Slowest of %s calls"), count);
  if (below == 0 && above >= histogram->count - 1)
    return g_strdup_printf (_("Fastest of %s calls"), count);
  if (2 * (histogram->count - below - above) > histogram->count)
    return g_strdup_printf (_("As long as most of %s calls"), count);
  share = dup_share_of (MAX (below, above), histogram->count);

  return g_strdup_printf (below >= above ? _("Slower than %s of %s calls")
                                         : _("Faster than %s of %s calls"),
                          share, count);
}

GtkWidget *
fluo_span_panel_make_usual (const FluoServiceGraph *graph, const FluoPanelSpan *what)
{
  const FluoCallStats *stats;
  GtkWidget *box, *line, *heading, *verdict, *area;
  g_autofree char *count = NULL, *title = NULL, *text = NULL, *summary = NULL;
  Usual *usual;

  if (graph == NULL || !fluo_waterfall_rows_is_service (what->rows, what->index) ||
      (what->span->flags & (FLUO_SPAN_IN_PROGRESS | FLUO_SPAN_LINKED)))
    return NULL;
  stats = find_stats (graph, what);
  if (stats == NULL || stats->histogram.count < CALLS_MIN)
    return NULL;

  usual = g_new0 (Usual, 1);
  usual->painter = fluo_painter_new ();
  fluo_histogram_init (&usual->histogram);
  fluo_histogram_merge (&usual->histogram, &stats->histogram, 1);
  /* The caller waited as long as the call took for it. */
  usual->length_ns = what->span->end_ns - what->span->start_ns;
  if ((what->span->flags & FLUO_SPAN_CALLEE) && what->span->parent < what->n_spans)
    usual->length_ns =
      what->spans[what->span->parent].end_ns - what->spans[what->span->parent].start_ns;
  usual->usual_ns = fluo_histogram_quantile (&usual->histogram, 0.5);

  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  count = fluo_format_count ((guint64) usual->histogram.count);
  title = g_strdup_printf (_("Compared with %s calls"), count);
  heading = gtk_label_new (title);
  gtk_widget_add_css_class (heading, "caption-heading");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_set_hexpand (heading, TRUE);
  text = dup_verdict (usual);
  verdict = gtk_label_new (text);
  gtk_label_set_ellipsize (GTK_LABEL (verdict), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (verdict, "caption");
  gtk_widget_add_css_class (verdict, "numeric");
  gtk_box_append (GTK_BOX (line), heading);
  gtk_box_append (GTK_BOX (line), verdict);
  area = gtk_drawing_area_new ();
  gtk_widget_add_css_class (area, "usual-chart"); /* which has its height, in the text's size */
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, usual, usual_free);
  fluo_theme_follow (area);
  summary = dup_rank (&usual->histogram, usual->length_ns);
  gtk_widget_set_tooltip_text (area, summary);
  gtk_accessible_update_property (GTK_ACCESSIBLE (area), GTK_ACCESSIBLE_PROPERTY_LABEL, summary,
                                  -1);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), area);
  verdict = gtk_label_new (summary);
  gtk_label_set_xalign (GTK_LABEL (verdict), 0);
  gtk_label_set_ellipsize (GTK_LABEL (verdict), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (verdict, "caption");
  gtk_widget_add_css_class (verdict, "dim-label");
  gtk_widget_add_css_class (verdict, "numeric");
  gtk_box_append (GTK_BOX (box), verdict);

  return box;
}
