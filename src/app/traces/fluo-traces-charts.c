/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-charts-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/widgets/fluo-canvas.h"
#include "core/fluo-format.h"
#include "fluo-brush-words.h"

/* Design: 208 with the head of 26. */
#define HEAD_PX 26
#define HEIGHT_PX 182
#define SMALL_HEIGHT_PX 128

enum
{
  SIGNAL_BRUSH_CHANGED,
  SIGNAL_POINT_PICKED,
  SIGNAL_ADD_TO_FILTER,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTracesCharts, fluo_traces_charts, GTK_TYPE_WIDGET)

/* --- Words ------------------------------------------------------------------------------- */

/* A sentence for those who don't see the picture. */
static void
describe (FluoTracesCharts *self)
{
  gint64 quantiles[3];
  guint statuses[FLUO_N_STATUSES];
  guint total = self->points->len;
  guint n = fluo_traces_charts_count (self, statuses);
  g_autofree char *count = fluo_format_count (total);
  g_autofree char *faults = NULL;
  g_autofree char *p50 = NULL, *p90 = NULL, *p99 = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  fluo_scatter_get_quantiles (self->scatter, quantiles);
  p50 = fluo_format_duration (quantiles[0]);
  p90 = fluo_format_duration (quantiles[1]);
  p99 = fluo_format_duration (quantiles[2]);
  g_string_append_printf (text, ngettext ("%s trace.", "%s traces.", total), count);
  if (total > 0)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (
          text, _("Half took under %s, one in ten over %s, one in a hundred over %s."), p50, p90,
          p99);
    }
  if (!fluo_brush_is_empty (&self->state.brush))
    {
      g_autofree char *words = fluo_brush_dup_words (&self->state.brush);
      g_autofree char *inside = fluo_format_count (n);

      faults = fluo_format_count (statuses[FLUO_STATUS_FAULT]);
      g_string_append_c (text, ' ');
      g_string_append_printf (text, _("Selected: %s, %s of them, %s with a fault."), words, inside,
                              faults);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->canvas),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

static void
update_head (FluoTracesCharts *self)
{
  gboolean brushed = !fluo_brush_is_empty (&self->state.brush);
  guint statuses[FLUO_N_STATUSES];

  gtk_widget_set_visible (self->brush_box, brushed);
  /* There is room for one of them. */
  gtk_widget_set_visible (self->title, !brushed || !self->narrow);
  if (brushed)
    {
      g_autofree char *words = fluo_brush_dup_words (&self->state.brush);
      g_autofree char *inside = fluo_format_count (fluo_traces_charts_count (self, statuses));
      g_autofree char *all = fluo_format_count (self->points->len);
      g_autofree char *text = g_strdup_printf (
          ngettext ("%s: %s of %s trace", "%s: %s of %s traces", self->points->len), words, inside,
          all);

      gtk_label_set_text (self->brush_label, text);
    }
}

/* --- Picture ----------------------------------------------------------------------------- */

void
fluo_traces_charts_layout (FluoTracesCharts *self)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->canvas));
  FluoScatterView view = { .width = gtk_widget_get_width (self->canvas) / scale,
                           .height = gtk_widget_get_height (self->canvas) / scale,
                           .scale = gtk_widget_get_scale_factor (self->canvas) * scale,
                           .span = self->span,
                           .axis = self->axis,
                           .low_ns = self->low_ns,
                           .high_ns = self->high_ns };

  fluo_scatter_layout (self->scatter, &view);
}

static void
draw_cb (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoTracesCharts *self = user_data;

  fluo_traces_charts_layout (self);
  self->state.focused = gtk_widget_has_visible_focus (self->canvas);
  fluo_scatter_draw (painter, self->scatter, &self->state,
                     fluo_painter_get_palette (painter)->view);
}

/* --- Brush ------------------------------------------------------------------------------- */

void
fluo_traces_charts_take_brush (FluoTracesCharts *self, const FluoBrush *brush, gboolean done)
{
  if (!done && fluo_brush_equal (&self->state.brush, brush))
    return;
  self->state.brush = *brush;
  update_head (self);
  if (done)
    describe (self);
  gtk_widget_queue_draw (self->canvas);
  g_signal_emit (self, signals[SIGNAL_BRUSH_CHANGED], 0, done);
}

void
fluo_traces_charts_zoom (FluoTracesCharts *self, gint64 low_ns, gint64 high_ns)
{
  self->low_ns = low_ns;
  self->high_ns = high_ns;
  gtk_widget_queue_draw (self->canvas);
}

static void
clear_clicked_cb (FluoTracesCharts *self)
{
  FluoBrush none = FLUO_BRUSH_NONE;

  fluo_traces_charts_take_brush (self, &none, TRUE);
  gtk_widget_grab_focus (self->canvas);
}

static void
add_clicked_cb (FluoTracesCharts *self)
{
  g_signal_emit (self, signals[SIGNAL_ADD_TO_FILTER], 0);
}

/* --- Parts ------------------------------------------------------------------------------- */

static GtkWidget *
make_small_button (const char *icon, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "head-button");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  return button;
}

static GtkWidget *
make_brush_box (FluoTracesCharts *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *add = make_small_button ("fluoroscope-filter-symbolic", _("Add to filter"));
  GtkWidget *clear = make_small_button ("fluoroscope-close-symbolic", _("Clear the selection"));

  self->brush_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->brush_label, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->brush_label), "brush-words");
  gtk_widget_add_css_class (GTK_WIDGET (self->brush_label), "numeric");
  g_signal_connect_object (add, "clicked", G_CALLBACK (add_clicked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (clear, "clicked", G_CALLBACK (clear_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->brush_label));
  gtk_box_append (GTK_BOX (box), add);
  gtk_box_append (GTK_BOX (box), clear);
  gtk_widget_set_visible (box, FALSE);
  return box;
}

static GMenuModel *
make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) axis = g_menu_new ();
  g_autoptr (GMenu) more = g_menu_new ();

  g_menu_append (axis, _("Axis That Fits"), "charts.axis::auto");
  g_menu_append (axis, _("Linear Axis"), "charts.axis::linear");
  g_menu_append (axis, _("Logarithmic Axis"), "charts.axis::log");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (axis));
  g_menu_append (more, _("Add to Filter"), "traces.add-to-filter");
  g_menu_append (more, _("Compare Two Sets…"), "traces.compare-sets");
  g_menu_append (more, _("Group by a Field…"), "traces.group-by");
  g_menu_append (more, _("Show as Table…"), "traces.show-as-table");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  return G_MENU_MODEL (menu);
}

static GtkWidget *
make_title_row (FluoTracesCharts *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *title = gtk_label_new (_("Response time of each trace"));

  self->title = title;
  gtk_widget_add_css_class (title, "caption-heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (title, TRUE);
  self->brush_box = make_brush_box (self);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row), self->brush_box);
  return row;
}

static GtkWidget *
make_count_row (FluoTracesCharts *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  g_autoptr (GMenuModel) menu = make_menu ();

  self->count_title = GTK_LABEL (gtk_label_new (_("Number of traces")));
  gtk_label_set_xalign (self->count_title, 0);
  gtk_label_set_ellipsize (self->count_title, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->count_title), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->count_title), "caption-heading");
  self->menu = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu), "fluoroscope-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu), menu);
  gtk_widget_set_halign (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->menu))),
                         GTK_ALIGN_END);
  gtk_widget_add_css_class (self->menu, "head-button");
  gtk_widget_set_valign (self->menu, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->menu, _("Charts"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Charts"), -1);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->count_title));
  gtk_box_append (GTK_BOX (row), self->menu);
  return row;
}

static void
axis_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  static const char *const names[] = { "auto", "linear", "log" };
  FluoTracesCharts *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (g_variant_get_string (value, NULL), names[i]))
      self->axis = i;
  g_simple_action_set_state (action, value);
  gtk_widget_queue_draw (self->canvas);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_traces_charts_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  FluoTracesCharts *self = FLUO_TRACES_CHARTS (widget);

  gtk_widget_measure (self->canvas, orientation, -1, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum += HEAD_PX;
      *natural += HEAD_PX;
    }
}

static void
place (GtkWidget *child, double left, double right, int y, int height)
{
  int minimum;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_size_allocate (
      child, &(GtkAllocation) { (int) left, y, MAX ((int) (right - left), minimum), height }, -1);
}

/* Each title stands above its chart. */
static void
fluo_traces_charts_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoTracesCharts *self = FLUO_TRACES_CHARTS (widget);
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->canvas));
  double left, right, bars_left, bars_right;
  int menu;

  fluo_scatter_measure (width / scale, &left, &right, &bars_left, &bars_right);
  left *= scale;
  right *= scale;
  bars_left *= scale;
  bars_right *= scale;
  gtk_widget_set_child_visible (GTK_WIDGET (self->count_title), bars_right > bars_left);
  gtk_widget_measure (self->menu, GTK_ORIENTATION_HORIZONTAL, -1, &menu, NULL, NULL, NULL);
  if (bars_right <= bars_left)
    {
      bars_left = bars_right - menu;
      right = bars_left - 4;
    }
  place (self->title_row, left, right, 0, HEAD_PX);
  place (self->count_row, bars_left, bars_right + 6, 0, HEAD_PX);
  place (self->canvas, 0, width, HEAD_PX, height - HEAD_PX);
}

static void
fluo_traces_charts_dispose (GObject *object)
{
  FluoTracesCharts *self = FLUO_TRACES_CHARTS (object);

  g_clear_pointer (&self->title_row, gtk_widget_unparent);
  g_clear_pointer (&self->count_row, gtk_widget_unparent);
  g_clear_pointer (&self->canvas, gtk_widget_unparent);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (fluo_traces_charts_parent_class)->dispose (object);
}

static void
fluo_traces_charts_finalize (GObject *object)
{
  FluoTracesCharts *self = FLUO_TRACES_CHARTS (object);

  g_ptr_array_unref (self->summaries);
  g_array_unref (self->points);
  fluo_scatter_free (self->scatter);
  G_OBJECT_CLASS (fluo_traces_charts_parent_class)->finalize (object);
}

static gboolean
fluo_traces_charts_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FLUO_TRACES_CHARTS (widget)->canvas);
}

static void
fluo_traces_charts_class_init (FluoTracesChartsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_traces_charts_dispose;
  object_class->finalize = fluo_traces_charts_finalize;
  widget_class->grab_focus = fluo_traces_charts_grab_focus;
  widget_class->measure = fluo_traces_charts_measure;
  widget_class->size_allocate = fluo_traces_charts_size_allocate;
  signals[SIGNAL_BRUSH_CHANGED] =
    g_signal_new ("brush-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[SIGNAL_POINT_PICKED] =
    g_signal_new ("point-picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_ADD_TO_FILTER] =
    g_signal_new ("add-to-filter", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
}

static void
fluo_traces_charts_init (FluoTracesCharts *self)
{
  g_autoptr (GSimpleAction) axis = g_simple_action_new_stateful (
      "axis", G_VARIANT_TYPE_STRING, g_variant_new_string ("auto"));

  self->summaries = g_ptr_array_new ();
  self->points = g_array_new (FALSE, FALSE, sizeof (FluoScatterPoint));
  self->scatter = fluo_scatter_new ();
  self->state.hover = self->state.selected = G_MAXUINT;
  self->canvas = fluo_canvas_new (draw_cb, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (self->canvas), 0, HEIGHT_PX);
  g_object_set (self->canvas, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_widget_set_hexpand (self->canvas, TRUE);
  gtk_widget_set_focusable (self->canvas, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Response time of each trace"), -1);
  self->title_row = make_title_row (self);
  self->count_row = make_count_row (self);
  gtk_widget_set_parent (self->title_row, GTK_WIDGET (self));
  gtk_widget_set_parent (self->count_row, GTK_WIDGET (self));
  gtk_widget_set_parent (self->canvas, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "traces-charts");
  self->actions = g_simple_action_group_new ();
  g_signal_connect_object (axis, "change-state", G_CALLBACK (axis_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (axis));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "charts", G_ACTION_GROUP (self->actions));
  fluo_traces_charts_add_input (self);
}

GtkWidget *
fluo_traces_charts_new (void)
{
  return g_object_new (FLUO_TYPE_TRACES_CHARTS, NULL);
}

static void
find_selected (FluoTracesCharts *self)
{
  self->state.selected = G_MAXUINT;
  for (guint i = 0; self->has_selected && i < self->summaries->len; i++)
    if (fluo_trace_id_equal (&((FluoTraceSummary *) g_ptr_array_index (self->summaries, i))->id,
                             &self->selected_id))
      {
        self->state.selected = i;
        return;
      }
}

void
fluo_traces_charts_set_data (FluoTracesCharts *self, GPtrArray *summaries, FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_TRACES_CHARTS (self) && summaries != NULL);

  self->span = span;
  if (self->summaries != summaries)
    {
      g_ptr_array_unref (self->summaries);
      self->summaries = g_ptr_array_ref (summaries);
      g_array_unref (self->points);
      self->points = g_array_sized_new (FALSE, FALSE, sizeof (FluoScatterPoint), summaries->len);
      for (guint i = 0; i < summaries->len; i++)
        {
          const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
          /* As everywhere on the page: a trace is faulty when its answer was. */
          const FluoScatterPoint point = { summary->start_ns,
                                           fluo_trace_summary_get_time_ns (summary),
                                           summary->status };

          g_array_append_val (self->points, point);
        }
      fluo_scatter_set_points (self->scatter, self->points);
      self->state.hover = G_MAXUINT;
      find_selected (self);
    }
  update_head (self);
  describe (self);
  gtk_widget_queue_draw (self->canvas);
}

GArray *
fluo_traces_charts_get_points (FluoTracesCharts *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), NULL);
  return self->points;
}

FluoBrush
fluo_traces_charts_get_brush (FluoTracesCharts *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), FLUO_BRUSH_NONE);
  return self->state.brush;
}

void
fluo_traces_charts_set_brush (FluoTracesCharts *self, const FluoBrush *brush)
{
  g_return_if_fail (FLUO_IS_TRACES_CHARTS (self) && brush != NULL);
  fluo_traces_charts_take_brush (self, brush, TRUE);
}

guint
fluo_traces_charts_count (FluoTracesCharts *self, guint ret_statuses[FLUO_N_STATUSES])
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), 0);
  return fluo_scatter_count (self->scatter, &self->state.brush, ret_statuses);
}

void
fluo_traces_charts_set_selected (FluoTracesCharts *self, const FluoTraceId *id)
{
  g_return_if_fail (FLUO_IS_TRACES_CHARTS (self));
  self->has_selected = id != NULL;
  if (id)
    self->selected_id = *id;
  find_selected (self);
  gtk_widget_queue_draw (self->canvas);
}

void
fluo_traces_charts_set_insight (FluoTracesCharts *self, gint64 begin_ns)
{
  g_return_if_fail (FLUO_IS_TRACES_CHARTS (self));
  self->state.insight_ns = begin_ns;
  gtk_widget_queue_draw (self->canvas);
}

void
fluo_traces_charts_set_small (FluoTracesCharts *self, gboolean small, gboolean narrow)
{
  g_return_if_fail (FLUO_IS_TRACES_CHARTS (self));
  self->narrow = narrow;
  update_head (self);
  fluo_canvas_set_size (FLUO_CANVAS (self->canvas), 0, small ? SMALL_HEIGHT_PX : HEIGHT_PX);
}

gboolean
fluo_traces_charts_unzoom (FluoTracesCharts *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), FALSE);
  if (self->high_ns <= self->low_ns)
    return FALSE;
  fluo_traces_charts_zoom (self, 0, 0);
  return TRUE;
}

FluoScatter *
fluo_traces_charts_get_scatter (FluoTracesCharts *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), NULL);
  fluo_traces_charts_layout (self);
  return self->scatter;
}

GtkWidget *
fluo_traces_charts_get_canvas (FluoTracesCharts *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_CHARTS (self), NULL);
  return self->canvas;
}
