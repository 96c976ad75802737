/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "app/map/fluo-metrics-lane.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/connect/fluo-connection-words.h"
#include "app/widgets/fluo-canvas.h"
#include "aws/fluo-aws-service.h"
#include "aws/fluo-cloudwatch.h"
#include "core/fluo-format.h"
#include "draw/fluo-metric-chart.h"

#define PAUSE_MS 300 /* somebody who walks over the map asks for nothing */
#define NAME_CHARS_MAX 60

struct _FluoMetricsLane
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;  /* or NULL */
  char         *type, *resource;
  FluoTimeSpan  span;
  GPtrArray    *metrics;   /* FluoMetric, or NULL */
  GPtrArray    *charts;    /* FluoMetricChart, of each metric */
  GPtrArray    *series;    /* FluoMetricSeries, or NULL */
  FluoTimeSpan  read_span; /* that they are of */
  guint         period_s;
  gint64        mark_ns;   /* under the pointer; 0 = none */
  gboolean      open;
  gboolean      reading;
  GError       *error;
  GCancellable *cancellable;
  guint         generation;
  guint         source;

  GtkWidget *box;
  GtkWidget *toggle;
  GtkLabel  *note;
  GtkWidget *canvas;
  GtkLabel  *words;
  GtkWidget *buttons, *statement;
};

G_DEFINE_FINAL_TYPE (FluoMetricsLane, fluo_metrics_lane, GTK_TYPE_WIDGET)

static void read_metrics (FluoMetricsLane *self);

/* --- Values ----------------------------------------------------------------------------------- */

/* The value under the pointer, else the largest. */
static char *
dup_shown_value (FluoMetricsLane *self, guint index)
{
  const FluoMetric *metric = g_ptr_array_index (self->metrics, index);
  const FluoMetricChart *chart = g_ptr_array_index (self->charts, index);
  const FluoMetricSeries *series = g_ptr_array_index (self->series, index);
  const FluoMetricStep *step =
    self->mark_ns != 0 ? fluo_metric_chart_find (chart, self->mark_ns) : NULL;
  g_autofree char *most = NULL;

  if (series->forbidden)
    return g_strdup (_("not allowed"));
  if (self->mark_ns != 0)
    return step != NULL ? fluo_metric_dup_value (metric->unit, step->value) : g_strdup ("–");
  if (chart->steps == NULL || chart->steps->len == 0)
    return g_strdup (_("no values"));
  most = fluo_metric_dup_value (metric->unit, chart->most);
  return g_strdup_printf (_("up to %s"), most);
}

static void
draw (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoMetricsLane *self = user_data;

  for (guint i = 0; self->series != NULL && i < self->charts->len; i++)
    {
      FluoMetricChart *chart = g_ptr_array_index (self->charts, i);
      const FluoMetricSeries *series = g_ptr_array_index (self->series, i);
      const FluoMetric *metric = g_ptr_array_index (self->metrics, i);
      g_autofree char *name = fluo_metric_dup_name (metric->metric, metric->stat);
      g_autofree char *value = NULL;

      G_STATIC_ASSERT (sizeof (FluoMetricStep) == sizeof (FluoMetricPoint));
      fluo_metric_chart_layout (chart, series->points,
                                (gint64) self->period_s * FLUO_NSEC_PER_SEC, self->read_span,
                                width);
      value = dup_shown_value (self, i);
      fluo_metric_chart_draw (painter, chart, i * FLUO_METRIC_CHART_HEIGHT_PX, name, value,
                              self->mark_ns);
    }
}

/* --- Words ------------------------------------------------------------------------------------ */

static gboolean
is_connected (FluoMetricsLane *self)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;

  return client != NULL && fluo_xray_client_has_service (client, FLUO_AWS_CLOUDWATCH);
}

static char *
dup_period (guint seconds)
{
  if (seconds < 3600)
    return g_strdup_printf (_("per %d min"), (int) (seconds / 60));
  return g_strdup_printf (_("per %d h"), (int) (seconds / 3600));
}

static char *
dup_words (FluoMetricsLane *self)
{
  g_autofree char *reason = NULL;

  if (!is_connected (self))
    return g_strdup (_("Metrics are CloudWatch’s: there for connections to AWS."));
  if (!self->open)
    return NULL;
  if (g_error_matches (self->error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    return g_strdup (_("Metrics could pass this hour’s budget, so they were not asked for."));
  if (self->error != NULL)
    {
      reason = fluo_error_dup_words (self->error);
      return g_strdup_printf (_("The metrics could not be read: %s."), reason);
    }
  return NULL;
}

/* For those who do not see the charts. */
static void
update_description (FluoMetricsLane *self)
{
  g_autoptr (GString) text = g_string_new (_("Metrics of CloudWatch"));

  for (guint i = 0; self->series != NULL && i < self->metrics->len; i++)
    {
      const FluoMetric *metric = g_ptr_array_index (self->metrics, i);
      g_autofree char *name = fluo_metric_dup_name (metric->metric, metric->stat);
      g_autofree char *value = dup_shown_value (self, i);

      g_string_append_printf (text, "; %s: %s", name, value);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text->str, -1);
}

static void
update (FluoMetricsLane *self)
{
  const guint n = self->metrics != NULL ? self->metrics->len : 0;
  const gboolean connected = is_connected (self);
  g_autofree char *words = dup_words (self), *period = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
  gtk_widget_set_visible (self->toggle, connected);
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle)) != self->open)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->toggle), self->open);
  period = self->series != NULL ? dup_period (self->period_s) : NULL;
  gtk_label_set_text (self->note, !self->open || !connected ? ""
                                  : self->reading           ? _("asking CloudWatch")
                                  : period != NULL          ? period
                                                            : "");
  gtk_widget_set_visible (self->canvas, self->open && connected && self->series != NULL);
  fluo_canvas_set_size (FLUO_CANVAS (self->canvas), 0, (int) n * FLUO_METRIC_CHART_HEIGHT_PX);
  gtk_label_set_text (self->words, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->words), words != NULL);
  gtk_widget_set_visible (self->buttons, self->open && connected && self->error != NULL);
  fluo_statement_button_set_error (self->statement, self->error);
  update_description (self);
  gtk_widget_queue_draw (self->canvas);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void
stop (FluoMetricsLane *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  self->generation++;
  self->reading = FALSE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

typedef struct
{
  GWeakRef lane;
  guint    generation;
} Question;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (FluoMetricsLane) self = g_weak_ref_get (&question->lane);
  const guint generation = question->generation;
  GError *error = NULL;
  GPtrArray *series =
    fluo_xray_client_get_metrics_finish (FLUO_XRAY_CLIENT (source), result, &error);

  g_weak_ref_clear (&question->lane);
  g_free (question);
  if (self == NULL || self->box == NULL || generation != self->generation)
    {
      g_clear_pointer (&series, g_ptr_array_unref);
      g_clear_error (&error);
      return;
    }
  self->reading = FALSE;
  g_clear_error (&self->error);
  self->error = error;
  if (series != NULL)
    {
      g_clear_pointer (&self->series, g_ptr_array_unref);
      self->series = series;
    }
  update (self);
}

static void
read_metrics (FluoMetricsLane *self)
{
  Question *question;

  stop (self);
  if (!self->open || self->metrics == NULL || self->metrics->len == 0 || !is_connected (self))
    {
      update (self);
      return;
    }
  self->read_span = self->span;
  self->period_s = fluo_metrics_period_s (self->span, g_get_real_time () * 1000);
  self->reading = TRUE;
  self->cancellable = g_cancellable_new ();
  question = g_new0 (Question, 1);
  g_weak_ref_init (&question->lane, self);
  question->generation = self->generation;
  fluo_xray_client_get_metrics_async (fluo_explorer_get_client (self->explorer), self->metrics,
                                      self->read_span, self->period_s, self->cancellable,
                                      answered_cb, question);
  update (self);
}

static gboolean
pause_cb (gpointer user_data)
{
  FluoMetricsLane *self = user_data;

  self->source = 0;
  read_metrics (self);
  return G_SOURCE_REMOVE;
}

void
fluo_metrics_lane_set_explorer (FluoMetricsLane *self, FluoExplorer *explorer)
{
  g_return_if_fail (FLUO_IS_METRICS_LANE (self));

  g_set_object (&self->explorer, explorer);
  update (self);
}

void
fluo_metrics_lane_set_node (FluoMetricsLane *self, const char *type, const char *resource,
                            FluoTimeSpan span)
{
  gboolean same;

  g_return_if_fail (FLUO_IS_METRICS_LANE (self));

  same = g_strcmp0 (type, self->type) == 0 && g_strcmp0 (resource, self->resource) == 0;
  self->span = span;
  if (!same)
    {
      stop (self);
      g_free (self->type);
      g_free (self->resource);
      self->type = g_strdup (type);
      self->resource = g_strdup (resource);
      g_clear_pointer (&self->series, g_ptr_array_unref);
      g_clear_pointer (&self->metrics, g_ptr_array_unref);
      g_clear_error (&self->error);
      g_ptr_array_set_size (self->charts, 0);
      self->metrics =
        type != NULL && resource != NULL ? fluo_metrics_for_node (type, resource) : NULL;
      for (guint i = 0; self->metrics != NULL && i < self->metrics->len; i++)
        g_ptr_array_add (self->charts, fluo_metric_chart_new ());
    }
  /* A range that moves with the clock is asked for again when another value can be there; a refusal
   * is not tried again by itself. */
  if (self->open && self->source == 0 && !self->reading && self->error == NULL
      && (!same || self->series == NULL
          || ABS (span.end_ns - self->read_span.end_ns)
               >= (gint64) self->period_s * FLUO_NSEC_PER_SEC))
    self->source = g_timeout_add (PAUSE_MS, pause_cb, self);
  update (self);
}

static void
set_open (FluoMetricsLane *self, gboolean open)
{
  g_return_if_fail (FLUO_IS_METRICS_LANE (self));

  if (self->open == open)
    return;
  self->open = open;
  if (open && self->series == NULL)
    read_metrics (self);
  else
    update (self);
}

/* --- Building --------------------------------------------------------------------------------- */

static void
toggled_cb (GtkToggleButton *button, FluoMetricsLane *self)
{
  set_open (self, gtk_toggle_button_get_active (button));
}

static void
retry_cb (GtkButton *button, FluoMetricsLane *self)
{
  if (g_error_matches (self->error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.allow-more", NULL);
  read_metrics (self);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, FluoMetricsLane *self)
{
  if (self->charts->len > 0 && self->series != NULL)
    self->mark_ns = fluo_metric_chart_hit (g_ptr_array_index (self->charts, 0),
                                           x / fluo_canvas_get_scale (FLUO_CANVAS (self->canvas)));
  gtk_widget_queue_draw (self->canvas);
}

static void
leave_cb (GtkEventControllerMotion *motion, FluoMetricsLane *self)
{
  self->mark_ns = 0;
  gtk_widget_queue_draw (self->canvas);
}

static void
fluo_metrics_lane_dispose (GObject *object)
{
  FluoMetricsLane *self = FLUO_METRICS_LANE (object);

  stop (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_metrics_lane_parent_class)->dispose (object);
}

static void
fluo_metrics_lane_finalize (GObject *object)
{
  FluoMetricsLane *self = FLUO_METRICS_LANE (object);

  g_free (self->type);
  g_free (self->resource);
  g_clear_pointer (&self->metrics, g_ptr_array_unref);
  g_clear_pointer (&self->series, g_ptr_array_unref);
  g_ptr_array_unref (self->charts);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (fluo_metrics_lane_parent_class)->finalize (object);
}

static void
fluo_metrics_lane_class_init (FluoMetricsLaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_metrics_lane_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_metrics_lane_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "metricslane");
}

static GtkWidget *
make_head (FluoMetricsLane *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_("Metrics of CloudWatch"));

  gtk_widget_add_css_class (title, "caption-heading");
  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_ellipsize (self->note, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->note), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "dim-label");
  self->toggle = gtk_toggle_button_new_with_label (_("Show"));
  gtk_widget_add_css_class (self->toggle, "flat");
  gtk_widget_add_css_class (gtk_button_get_child (GTK_BUTTON (self->toggle)), "caption-heading");
  gtk_widget_set_valign (self->toggle, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->toggle,
                               _("Read the metrics of what is selected: AWS charges for it"));
  g_signal_connect (self->toggle, "toggled", G_CALLBACK (toggled_cb), self);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->note));
  gtk_box_append (GTK_BOX (head), self->toggle);
  return head;
}

static void
fluo_metrics_lane_init (FluoMetricsLane *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkWidget *retry = gtk_button_new_with_label (_("Read Again"));

  self->charts = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_metric_chart_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->canvas = fluo_canvas_new (draw, self, -1, 0);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (self->canvas, motion);
  self->words = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->words, TRUE);
  gtk_label_set_wrap_mode (self->words, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->words, 0);
  gtk_label_set_max_width_chars (self->words, 40);
  gtk_widget_add_css_class (GTK_WIDGET (self->words), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->words), "dim-label");
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->statement = fluo_statement_button_new ();
  g_signal_connect (retry, "clicked", G_CALLBACK (retry_cb), self);
  gtk_box_append (GTK_BOX (self->buttons), retry);
  gtk_box_append (GTK_BOX (self->buttons), self->statement);
  gtk_box_append (GTK_BOX (self->box), make_head (self));
  gtk_box_append (GTK_BOX (self->box), self->canvas);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->words));
  gtk_box_append (GTK_BOX (self->box), self->buttons);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  update (self);
}

GtkWidget *
fluo_metrics_lane_new (void)
{
  return g_object_new (FLUO_TYPE_METRICS_LANE, NULL);
}
