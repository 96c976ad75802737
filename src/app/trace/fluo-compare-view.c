/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-compare-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/widgets/fluo-theme.h"

#define WHEEL_ROWS 2

struct _FluoCompareView
{
  GtkWidget parent_instance;

  FluoCompareTable    *table;
  FluoCompareLayout   *layout;
  FluoPainter         *painter;
  FluoCompareViewport  view;
  FluoCompareOrder     order;
  GtkAdjustment       *vadjustment;  /* px */
  GtkWidget           *scrollbar;
};

G_DEFINE_FINAL_TYPE (FluoCompareView, fluo_compare_view, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  SELECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Everything is laid out, drawn and hit in px of the design, and is as large as the text. */
static double
get_scale (FluoCompareView *self)
{
  return fluo_theme_get_text_scale (GTK_WIDGET (self));
}

static guint32
hit (FluoCompareView *self, double x, double y, gboolean *ret_disclosure)
{
  const double scale = get_scale (self);

  return fluo_compare_hit (self->layout, x / scale, y / scale, ret_disclosure);
}

static void
lay_out (FluoCompareView *self)
{
  const double scale = get_scale (self);

  self->view.width = gtk_widget_get_width (GTK_WIDGET (self)) / scale;
  self->view.height = gtk_widget_get_height (GTK_WIDGET (self)) / scale;
  self->view.focus = gtk_widget_has_visible_focus (GTK_WIDGET (self));
  self->view.backdrop =
    (gtk_widget_get_state_flags (GTK_WIDGET (self)) & GTK_STATE_FLAG_BACKDROP) != 0;
  fluo_compare_layout_update (self->layout, self->table, &self->view);
  self->view.scroll = self->layout->view.scroll;
}

static void
changed (FluoCompareView *self)
{
  gboolean needed;
  double page;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->table == NULL || gtk_widget_get_height (GTK_WIDGET (self)) <= 0)
    return;

  lay_out (self);
  page = MAX (1, self->view.height - FLUO_COMPARE_HEAD_PX);
  gtk_adjustment_configure (self->vadjustment, self->view.scroll, 0,
                            MAX (page, fluo_compare_layout_scroll_max (self->layout) + page),
                            FLUO_COMPARE_ROW_PX, page, page);
  needed = fluo_compare_layout_scroll_max (self->layout) > 0;
  /* One that comes back must get its place before it is drawn. */
  if (needed && !gtk_widget_get_child_visible (self->scrollbar))
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_set_child_visible (self->scrollbar, needed);
}

static void
scrolled_cb (GtkAdjustment *adjustment, FluoCompareView *self)
{
  double value = gtk_adjustment_get_value (adjustment);

  if (fabs (value - self->view.scroll) < 1e-6)
    return;
  self->view.scroll = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Selection -------------------------------------------------------------------------------- */

static guint
place_of (FluoCompareView *self, guint32 row)
{
  for (guint i = 0; i < fluo_compare_table_get_n (self->table); i++)
    if (fluo_compare_table_get_row (self->table, i) == row)
      return i;

  return G_MAXUINT;
}

void
fluo_compare_view_select (FluoCompareView *self, guint32 row)
{
  g_autofree char *description = NULL;
  double top, page;
  guint place;
  gboolean other;

  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  other = self->view.selected != row;
  self->view.selected = row;
  if (self->table == NULL)
    return;

  place = place_of (self, row);
  page = gtk_widget_get_height (GTK_WIDGET (self)) / get_scale (self) - FLUO_COMPARE_HEAD_PX;
  if (place != G_MAXUINT && page > 0)
    {
      top = place * (double) FLUO_COMPARE_ROW_PX;
      if (top < self->view.scroll)
        self->view.scroll = top;
      else if (top + FLUO_COMPARE_ROW_PX > self->view.scroll + page)
        self->view.scroll = top + FLUO_COMPARE_ROW_PX - page;
    }
  description = row == FLUO_SPAN_NONE ? g_strdup (_("Comparison"))
                                      : fluo_compare_table_dup_description (self->table, row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, description,
                                  -1);
  changed (self);
  if (other)
    g_signal_emit (self, signals[SELECTED], 0, row);
}

void
fluo_compare_view_reveal (FluoCompareView *self, guint32 row)
{
  GArray *rows;

  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  if (self->table == NULL)
    return;
  rows = fluo_compare_table_get_comparison (self->table)->rows;
  for (guint32 i = row; i < rows->len; i = g_array_index (rows, FluoCompareRow, i).parent)
    if (i != row)
      fluo_compare_table_set_collapsed (self->table, i, FALSE);
  /* What is alike in both may be hidden, and its caller not. */
  while (row < rows->len && place_of (self, row) == G_MAXUINT)
    row = g_array_index (rows, FluoCompareRow, row).parent;
  fluo_compare_view_select (self, row);
}

void
fluo_compare_view_set_hover (FluoCompareView *self, guint32 row)
{
  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  if (self->view.hover == row)
    return;
  self->view.hover = row;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
move_by (FluoCompareView *self, int by)
{
  gint64 n = fluo_compare_table_get_n (self->table), to = 0;
  guint place = place_of (self, self->view.selected);

  if (n == 0)
    return;
  if (place != G_MAXUINT)
    to = (gint64) place + by;
  fluo_compare_view_select (
    self, fluo_compare_table_get_row (self->table, (guint) CLAMP (to, 0, n - 1)));
}

static void
set_collapsed (FluoCompareView *self, guint32 row, gboolean collapsed)
{
  fluo_compare_table_set_collapsed (self->table, row, collapsed);
  if (place_of (self, self->view.selected) == G_MAXUINT)
    self->view.selected = row;
  changed (self);
}

/* Left closes, then goes to the caller; right opens, then goes down. */
static void
close_or_up (FluoCompareView *self)
{
  GArray *rows = fluo_compare_table_get_comparison (self->table)->rows;
  guint32 row = self->view.selected;
  const FluoCompareRow *selected;

  if (row >= rows->len)
    return;
  selected = &g_array_index (rows, FluoCompareRow, row);
  if (selected->end > row + 1 && !fluo_compare_table_is_collapsed (self->table, row))
    set_collapsed (self, row, TRUE);
  else if (selected->parent != FLUO_SPAN_NONE)
    fluo_compare_view_select (self, selected->parent);
}

static void
open_or_down (FluoCompareView *self)
{
  if (fluo_compare_table_is_collapsed (self->table, self->view.selected))
    set_collapsed (self, self->view.selected, FALSE);
  else
    move_by (self, 1);
}

/* --- Input ------------------------------------------------------------------------------------ */

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
        FluoCompareView *self)
{
  int page = MAX (1, (int) ((self->view.height - FLUO_COMPARE_HEAD_PX) / FLUO_COMPARE_ROW_PX) - 1);

  if (self->table == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_Up:
      move_by (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
      move_by (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up:
      move_by (self, -page);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down:
      move_by (self, page);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
      move_by (self, -G_MAXINT / 2);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      move_by (self, G_MAXINT / 2);
      return GDK_EVENT_STOP;
    case GDK_KEY_Left:
      close_or_up (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
      open_or_down (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (self->view.selected != FLUO_SPAN_NONE)
        g_signal_emit (self, signals[ACTIVATED], 0, self->view.selected);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoCompareView *self)
{
  gboolean disclosure = FALSE;
  guint32 row;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->table == NULL)
    return;

  lay_out (self);
  row = hit (self, x, y, &disclosure);
  if (disclosure)
    set_collapsed (self, row, !fluo_compare_table_is_collapsed (self->table, row));
  else if (row != FLUO_SPAN_NONE && n_press == 2)
    g_signal_emit (self, signals[ACTIVATED], 0, row);
  else
    fluo_compare_view_select (self, row);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, FluoCompareView *self)
{
  guint32 row = self->table != NULL ? hit (self, x, y, NULL) : FLUO_SPAN_NONE;

  fluo_compare_view_set_hover (self, row);
}

static void
leave_cb (GtkEventControllerMotion *controller, FluoCompareView *self)
{
  fluo_compare_view_set_hover (self, FLUO_SPAN_NONE);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, FluoCompareView *self)
{
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  const double by = wheel ? dy * WHEEL_ROWS * FLUO_COMPARE_ROW_PX : dy / get_scale (self);

  gtk_adjustment_set_value (self->vadjustment, gtk_adjustment_get_value (self->vadjustment) + by);

  return GDK_EVENT_STOP;
}

/* What is cut off in a column, in full. */
static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  gpointer user_data)
{
  FluoCompareView *self = FLUO_COMPARE_VIEW (widget);
  g_autofree char *text = NULL;
  guint32 row;

  if (self->table == NULL)
    return FALSE;
  row = keyboard ? self->view.selected : hit (self, x, y, NULL);
  if (row == FLUO_SPAN_NONE || (!keyboard && x >= self->layout->tree_width * get_scale (self)))
    return FALSE;
  text = fluo_compare_table_dup_call (self->table, row);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* --- Widget ----------------------------------------------------------------------------------- */

static void
fluo_compare_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline,
                           int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 340 : 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 900 : 400;
}

static void
fluo_compare_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoCompareView *self = FLUO_COMPARE_VIEW (widget);
  GtkAllocation bar;
  int natural, head;

  changed (self);
  gtk_widget_measure (self->scrollbar, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  head = (int) (FLUO_COMPARE_HEAD_PX * get_scale (self));
  bar = (GtkAllocation) { width - natural, head, natural, MAX (0, height - head) };
  gtk_widget_size_allocate (self->scrollbar, &bar, -1);
}

static void
fluo_compare_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FluoCompareView *self = FLUO_COMPARE_VIEW (widget);
  const FluoPalette *palette = fluo_theme_get_palette ();
  GdkRGBA ground = { palette->view.red, palette->view.green, palette->view.blue, 1 };
  graphene_rect_t bounds;
  cairo_t *cr;

  graphene_rect_init (&bounds, 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  gtk_snapshot_append_color (snapshot, &ground, &bounds);
  if (self->table == NULL)
    return;

  lay_out (self);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  cairo_scale (cr, get_scale (self), get_scale (self));
  fluo_theme_begin (self->painter, cr, widget);
  fluo_compare_draw (self->painter, self->layout);
  cairo_destroy (cr);
  gtk_widget_snapshot_child (widget, self->scrollbar, snapshot);
}

static void
fluo_compare_view_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (fluo_compare_view_parent_class)->state_flags_changed (widget, previous);
}

static void
fluo_compare_view_dispose (GObject *object)
{
  FluoCompareView *self = FLUO_COMPARE_VIEW (object);

  g_clear_pointer (&self->scrollbar, gtk_widget_unparent);
  g_clear_object (&self->vadjustment);

  G_OBJECT_CLASS (fluo_compare_view_parent_class)->dispose (object);
}

static void
fluo_compare_view_finalize (GObject *object)
{
  FluoCompareView *self = FLUO_COMPARE_VIEW (object);

  fluo_compare_layout_free (self->layout);
  fluo_compare_table_free (self->table);
  fluo_painter_free (self->painter);

  G_OBJECT_CLASS (fluo_compare_view_parent_class)->finalize (object);
}

static void
fluo_compare_view_class_init (FluoCompareViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_compare_view_dispose;
  object_class->finalize = fluo_compare_view_finalize;
  widget_class->measure = fluo_compare_view_measure;
  widget_class->size_allocate = fluo_compare_view_size_allocate;
  widget_class->snapshot = fluo_compare_view_snapshot;
  widget_class->state_flags_changed = fluo_compare_view_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "compareview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE_GRID);

  signals[ACTIVATED] =
    g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
fluo_compare_view_init (FluoCompareView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *click = gtk_gesture_click_new ();

  self->layout = fluo_compare_layout_new ();
  self->painter = fluo_painter_new ();
  self->view.selected = self->view.hover = FLUO_SPAN_NONE;
  self->vadjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 1, 1, 1, 1));
  g_signal_connect_object (self->vadjustment, "value-changed", G_CALLBACK (scrolled_cb), self, 0);
  self->scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, self->vadjustment);
  gtk_widget_add_css_class (self->scrollbar, "overlay-indicator");
  gtk_widget_set_parent (self->scrollbar, widget);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  fluo_theme_follow (widget);
}

GtkWidget *
fluo_compare_view_new (void)
{
  return g_object_new (FLUO_TYPE_COMPARE_VIEW, NULL);
}

/* Where most of the difference is; the entry when that is nowhere: the keys have a place. */
static void
select_first (FluoCompareView *self)
{
  guint32 row = fluo_compare_table_get_comparison (self->table)->main_row;

  fluo_compare_view_select (
    self, row != FLUO_SPAN_NONE ? row : fluo_compare_table_get_row (self->table, 0));
}

/* The row in @now of what was @row in @before: of the same call, in whichever trace. */
static guint32
find_again (FluoTraceComparison *before, guint32 row, FluoTraceComparison *now)
{
  const FluoCompareRow *old = row < before->rows->len
                                ? &g_array_index (before->rows, FluoCompareRow, row) : NULL;

  for (guint i = 0; old != NULL && i < 4; i++)
    {
      const gboolean was_a = i < 2, is_a = i % 2 == 0;
      const guint32 span = was_a ? old->a : old->b;
      FluoTrace *trace = was_a ? before->a : before->b, *other = is_a ? now->a : now->b;
      guint32 found;

      if (span == FLUO_SPAN_NONE
          || !fluo_trace_id_equal (fluo_trace_get_id (trace), fluo_trace_get_id (other)))
        continue;
      found = fluo_trace_find (other, fluo_trace_get_spans (trace, NULL)[span].id);
      if (found != FLUO_SPAN_NONE)
        return fluo_trace_comparison_find_row (now, is_a, found);
    }
  return FLUO_SPAN_NONE;
}

/* Of a trace that was read again, and of two that changed places, what was selected and closed
 * stays so. */
static void
take_over (FluoCompareView *self, FluoCompareTable *before)
{
  FluoTraceComparison *old = fluo_compare_table_get_comparison (before);
  FluoTraceComparison *now = fluo_compare_table_get_comparison (self->table);

  for (guint32 i = 0; i < old->rows->len; i++)
    if (fluo_compare_table_is_collapsed (before, i))
      fluo_compare_table_set_collapsed (self->table, find_again (old, i, now), TRUE);
  self->view.selected = find_again (old, self->view.selected, now);
  if (self->view.selected == FLUO_SPAN_NONE)
    select_first (self);
  else
    fluo_compare_view_select (self, self->view.selected);
}

void
fluo_compare_view_take_table (FluoCompareView *self, FluoCompareTable *table)
{
  FluoCompareTable *before;

  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  before = g_steal_pointer (&self->table);
  self->table = table;
  self->view.hover = FLUO_SPAN_NONE;
  fluo_compare_table_set_order (table, self->order);
  if (before != NULL)
    take_over (self, before);
  else
    select_first (self);
  fluo_compare_table_free (before);
}

FluoCompareTable *
fluo_compare_view_get_table (FluoCompareView *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_VIEW (self), NULL);

  return self->table;
}

void
fluo_compare_view_set_each_call (FluoCompareView *self, gboolean each_call)
{
  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  self->view.each_call = each_call;
  changed (self);
}

void
fluo_compare_view_set_threshold (FluoCompareView *self, gint64 threshold_ns)
{
  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  if (self->table == NULL)
    return;
  fluo_compare_table_set_threshold (self->table, threshold_ns);
  if (self->view.selected != FLUO_SPAN_NONE)
    fluo_compare_view_reveal (self, self->view.selected);
  changed (self);
}

void
fluo_compare_view_set_order (FluoCompareView *self, FluoCompareOrder order)
{
  g_return_if_fail (FLUO_IS_COMPARE_VIEW (self));

  self->order = order;
  if (self->table == NULL)
    return;
  fluo_compare_table_set_order (self->table, order);
  fluo_compare_view_select (self, self->view.selected);
}

guint32
fluo_compare_view_get_selected (FluoCompareView *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_VIEW (self), FLUO_SPAN_NONE);

  return self->view.selected;
}
