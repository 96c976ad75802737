/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "app/fluo-settings.h"
#include "app/trace/fluo-waterfall-view-private.h"
#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"

#define WIDTH_MIN 300
#define HEIGHT_MIN 150
#define TREE_NARROW 150
/* Under these heights rows are dense, and lanes and the key of the marks make room for them. */
#define HEIGHT_COMPACT 320
#define HEIGHT_LEGEND 250
/* Rows above and below a row that was jumped to. */
#define CONTEXT_ROWS 2

G_DEFINE_FINAL_TYPE (FluoWaterfallView, fluo_waterfall_view, GTK_TYPE_WIDGET)

enum
{
  SELECTION_CHANGED,
  VIEW_CHANGED,
  FOUND_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- Layout ----------------------------------------------------------------------------------- */

static void
update_families (FluoWaterfallView *self)
{
  const PangoFontDescription *font =
    pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self)));
  const char *family = font != NULL ? pango_font_description_get_family (font) : NULL;

  if (family == NULL || g_strcmp0 (family, self->family) == 0)
    return;

  g_free (self->family);
  self->family = g_strdup (family);
  fluo_painter_set_families (self->painter, family, NULL);
}

static void
fit_style (FluoWaterfallView *self, double height)
{
  double scale = fluo_theme_get_text_scale (GTK_WIDGET (self));

  self->style = fluo_waterfall_style_scaled (height > 0 && height < HEIGHT_COMPACT * scale
                                               ? &fluo_waterfall_style_compact
                                               : &fluo_waterfall_style_screen,
                                             scale);
  self->view.lanes = self->lanes;
  if (height > 0 && height < HEIGHT_LEGEND * scale)
    {
      self->style.legend_height = 0;
      self->view.lanes = NULL;
    }
}

static void
update_scroll_bar (FluoWaterfallView *self)
{
  self->canvas.row_px = self->view.style->row_height;
  self->canvas.center_x = self->layout->time_x + self->layout->time_width / 2;
  fluo_time_canvas_set_rows (&self->canvas, self->layout->view.scroll,
                             fluo_waterfall_rows_get_n (self->rows),
                             fluo_waterfall_layout_rows_shown (self->layout));
}

void
fluo_waterfall_view_ensure_layout (FluoWaterfallView *self)
{
  if (self->laid_out || self->rows == NULL)
    return;

  update_families (self);
  self->view.width = gtk_widget_get_width (GTK_WIDGET (self));
  self->view.height = gtk_widget_get_height (GTK_WIDGET (self));
  fit_style (self, self->view.height);
  /* In a narrow window the tree gives way before the bars do. */
  self->view.tree_width =
    MIN (self->tree_width * self->style.scale, MAX (TREE_NARROW, floor (self->view.width * 0.55)));
  self->view.find = self->find;
  self->view.focus = gtk_widget_has_visible_focus (GTK_WIDGET (self));
  fluo_waterfall_layout_update (self->layout, self->rows, &self->view, self->painter);
  self->view.scroll = self->layout->view.scroll;
  self->laid_out = TRUE;
}

void
fluo_waterfall_view_changed (FluoWaterfallView *self)
{
  self->laid_out = FALSE;
  fluo_time_canvas_changed (&self->canvas);
  if (self->rows != NULL && gtk_widget_get_width (GTK_WIDGET (self)) > 0)
    {
      fluo_waterfall_view_ensure_layout (self);
      update_scroll_bar (self);
    }
}

void
fluo_waterfall_view_emit_changed (FluoWaterfallView *self)
{
  fluo_waterfall_view_changed (self);
  g_signal_emit (self, signals[VIEW_CHANGED], 0);
}

static void
style_changed_cb (FluoWaterfallView *self)
{
  fluo_waterfall_view_changed (self);
}

/* --- Scrolling -------------------------------------------------------------------------------- */

static void
scroll_to_row (FluoWaterfallView *self, guint32 row)
{
  double shown, context;

  fluo_waterfall_view_ensure_layout (self);
  shown = fluo_waterfall_layout_rows_shown (self->layout);
  if (row == FLUO_SPAN_NONE || shown <= 0)
    return;

  context = shown > 4 * CONTEXT_ROWS ? CONTEXT_ROWS : 0;
  if ((double) row < self->view.scroll + (row > 0 ? MIN (1, context) : 0))
    self->view.scroll = MAX (0, (double) row - context);
  else if ((double) row + 1 > self->view.scroll + shown)
    self->view.scroll = (double) row + 1 + context - shown;
}

static gboolean
sees_selection (FluoWaterfallView *self)
{
  guint32 row = fluo_waterfall_rows_find (self->rows, self->view.selected);

  return row != FLUO_SPAN_NONE && self->layout->rows == self->rows &&
         (double) row + 1 > self->layout->view.scroll &&
         (double) row < self->layout->view.scroll + fluo_waterfall_layout_rows_shown (self->layout);
}

/* --- Widget ----------------------------------------------------------------------------------- */

static void
fluo_waterfall_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                             int *minimum, int *natural, int *minimum_baseline,
                             int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH_MIN : HEIGHT_MIN;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 2 * WIDTH_MIN : 3 * HEIGHT_MIN;
}

static void
fluo_waterfall_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  const FluoWaterfallStyle *style = self->view.style;
  gboolean keep = FALSE;

  /* What was looked at stays in view when the room gets less. */
  if (self->rows != NULL)
    keep = self->view.height <= 0 || (self->view.height != height && sees_selection (self));
  fit_style (self, height);
  /* The adjustment first: it makes the scroll bar ask for its place again. */
  self->laid_out = FALSE;
  g_clear_pointer (&self->canvas.content, gsk_render_node_unref);
  if (self->rows != NULL)
    {
      fluo_waterfall_view_ensure_layout (self);
      if (keep)
        {
          scroll_to_row (self, fluo_waterfall_rows_find (self->rows, self->view.selected));
          self->laid_out = FALSE;
          fluo_waterfall_view_ensure_layout (self);
        }
      update_scroll_bar (self);
    }

  fluo_time_canvas_allocate (&self->canvas, width, height,
                             (int) (self->rows != NULL ? self->layout->body_y : 0),
                             (int) style->legend_height);
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
fluo_waterfall_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  const FluoPalette *palette = fluo_theme_get_palette ();
  graphene_rect_t bounds;
  GdkRGBA background = fluo_color_to_rgba (palette->view);
  cairo_t *cr;

  graphene_rect_init (&bounds, 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  gtk_snapshot_append_color (snapshot, &background, &bounds);
  if (self->rows == NULL || bounds.size.width < 1 || bounds.size.height < 1)
    return;

  fluo_waterfall_view_ensure_layout (self);
  self->layout->view.hover = self->view.hover;
  self->layout->view.focus = gtk_widget_has_visible_focus (widget);
  self->layout->view.backdrop =
    (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_BACKDROP) != 0;
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  fluo_painter_begin (self->painter, cr, palette);
  fluo_waterfall_draw_highlight (self->painter, self->layout);
  cairo_destroy (cr);

  cr = fluo_time_canvas_begin (&self->canvas, &bounds, palette);
  if (cr != NULL)
    {
      fluo_painter_begin (self->painter, cr, palette);
      fluo_waterfall_draw (self->painter, self->layout);
      cairo_destroy (cr);
    }
  gtk_snapshot_append_node (snapshot, self->canvas.content);
  fluo_waterfall_view_snapshot_measure (self, snapshot, palette);
  gtk_widget_snapshot_child (widget, self->canvas.scrollbar, snapshot);
  fluo_waterfall_view_snapshot_card (self, snapshot, palette);
}

static void
fluo_waterfall_view_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (fluo_waterfall_view_parent_class)->state_flags_changed (widget, previous);
}

static void
fluo_waterfall_view_dispose (GObject *object)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  fluo_time_canvas_dispose (&self->canvas);

  G_OBJECT_CLASS (fluo_waterfall_view_parent_class)->dispose (object);
}

static void
fluo_waterfall_view_finalize (GObject *object)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (object);

  fluo_waterfall_rows_free (self->rows);
  fluo_waterfall_layout_free (self->layout);
  fluo_painter_free (self->painter);
  g_clear_object (&self->colors);
  g_clear_pointer (&self->found, g_array_unref);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  g_free (self->family);
  g_free (self->find);

  G_OBJECT_CLASS (fluo_waterfall_view_parent_class)->finalize (object);
}

static void
fluo_waterfall_view_class_init (FluoWaterfallViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[N_SIGNALS] = { "selection-changed", "view-changed",
                                                "found-changed" };

  object_class->dispose = fluo_waterfall_view_dispose;
  object_class->finalize = fluo_waterfall_view_finalize;
  widget_class->measure = fluo_waterfall_view_measure;
  widget_class->size_allocate = fluo_waterfall_view_size_allocate;
  widget_class->snapshot = fluo_waterfall_view_snapshot;
  widget_class->state_flags_changed = fluo_waterfall_view_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "waterfall");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE_GRID);
  fluo_waterfall_view_install_menu (widget_class);

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_waterfall_view_init (FluoWaterfallView *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  self->layout = fluo_waterfall_layout_new ();
  self->painter = fluo_painter_new ();
  self->found = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallFound));
  fit_style (self, 0);
  self->view.style = &self->style;
  self->tree_width = self->view.tree_width =
    (double) fluo_settings_get_int64 ("tree-width", FLUO_WATERFALL_TREE_DEFAULT);
  self->view.critical = TRUE;
  self->view.selected = self->view.hover = self->view.find_current = FLUO_SPAN_NONE;
  fluo_waterfall_view_add_controllers (self);
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
fluo_waterfall_view_new (void)
{
  return g_object_new (FLUO_TYPE_WATERFALL_VIEW, NULL);
}

/* --- Trace ------------------------------------------------------------------------------------ */

/* The same span in a newer reading. */
static guint32
carry_over (FluoWaterfallRows *older, FluoTrace *trace, guint32 span)
{
  const FluoSpan *spans;
  guint n;

  spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (older), &n);

  return span < n ? fluo_trace_find (trace, spans[span].id) : FLUO_SPAN_NONE;
}

void
fluo_waterfall_view_take_rows (FluoWaterfallView *self, FluoWaterfallRows *rows,
                               FluoServiceColors *colors)
{
  FluoTrace *trace = rows != NULL ? fluo_waterfall_rows_get_trace (rows) : NULL;
  FluoWaterfallRows *older = self->rows;
  gboolean same, whole = TRUE;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  same = older != NULL && trace != NULL &&
         fluo_trace_id_equal (fluo_trace_get_id (trace),
                              fluo_trace_get_id (fluo_waterfall_rows_get_trace (older)));
  self->rows = rows;
  self->canvas.ready = rows != NULL;
  g_set_object (&self->colors, colors);
  self->layout->minis_of.trace = self->layout->quiet_of = NULL;
  fluo_time_canvas_hide_card (&self->canvas);
  if (self->rows != NULL && colors != NULL)
    fluo_waterfall_rows_set_colors (self->rows, colors);

  if (!same)
    g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  if (self->rows != NULL)
    fluo_waterfall_rows_set_lines (self->rows, self->lines);
  if (same)
    {
      whole = fluo_time_span_equal (self->view.visible, fluo_waterfall_rows_get_extent (older));
      fluo_waterfall_rows_copy_state (self->rows, older);
      self->view.selected = carry_over (older, trace, self->view.selected);
      self->view.find_current = carry_over (older, trace, self->view.find_current);
    }
  else
    {
      self->view.selected = self->view.find_current = FLUO_SPAN_NONE;
      self->view.scroll = 0;
    }
  self->view.hover = FLUO_SPAN_NONE;
  if (self->rows != NULL && whole)
    self->view.visible = fluo_waterfall_rows_get_extent (self->rows);

  self->laid_out = FALSE;
  fluo_waterfall_view_search (self);
  fluo_waterfall_rows_free (older);
  fluo_waterfall_view_emit_changed (self);
  g_signal_emit (self, signals[FOUND_CHANGED], 0);
}

void
fluo_waterfall_view_update_colors (FluoWaterfallView *self)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->rows != NULL && self->colors != NULL)
    fluo_waterfall_rows_set_colors (self->rows, self->colors);
  fluo_waterfall_view_emit_changed (self);
}

FluoWaterfallRows *
fluo_waterfall_view_get_rows (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), NULL);

  return self->rows;
}

const FluoWaterfallLayout *
fluo_waterfall_view_get_layout (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), NULL);

  fluo_waterfall_view_ensure_layout (self);

  return self->layout;
}

/* --- Selection -------------------------------------------------------------------------------- */

guint32
fluo_waterfall_view_get_selected (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), FLUO_SPAN_NONE);

  return self->view.selected;
}

static void
update_description (FluoWaterfallView *self)
{
  g_autofree char *description = NULL;

  if (self->rows == NULL || self->view.selected == FLUO_SPAN_NONE)
    description = g_strdup (_("Waterfall"));
  else
    description = fluo_waterfall_dup_description (self->rows, self->view.selected);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, description,
                                  -1);
}

void
fluo_waterfall_view_select (FluoWaterfallView *self, guint32 span)
{
  guint32 row;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->rows == NULL)
    return;

  if (span != FLUO_SPAN_NONE)
    {
      fluo_waterfall_rows_reveal (self->rows, span);
      row = fluo_waterfall_rows_find (self->rows, span);
      span = fluo_waterfall_rows_get_span (self->rows, row);
      self->laid_out = FALSE;
      scroll_to_row (self, row);
    }
  if (span != self->view.selected)
    {
      self->view.selected = span;
      fluo_waterfall_view_changed (self);
      update_description (self);
      g_signal_emit (self, signals[SELECTION_CHANGED], 0);
    }
  else
    fluo_waterfall_view_changed (self);
}

void
fluo_waterfall_view_select_fault (FluoWaterfallView *self, gboolean forward)
{
  guint32 span;

  if (self->rows == NULL)
    return;

  span =
    fluo_waterfall_rows_next_status (self->rows, self->view.selected, forward, FLUO_STATUS_FAULT);
  if (span == FLUO_SPAN_NONE)
    span =
      fluo_waterfall_rows_next_status (self->rows, self->view.selected, forward, FLUO_STATUS_ERROR);
  if (span != FLUO_SPAN_NONE)
    fluo_waterfall_view_select (self, span);
  else
    gtk_widget_error_bell (GTK_WIDGET (self));
}

void
fluo_waterfall_view_select_parent (FluoWaterfallView *self)
{
  guint32 parent;

  if (self->rows == NULL)
    return;

  parent = fluo_waterfall_rows_get_parent (self->rows, self->view.selected);
  if (parent == FLUO_SPAN_NONE)
    parent = fluo_waterfall_rows_get_sender (self->rows, self->view.selected);
  if (parent != FLUO_SPAN_NONE)
    fluo_waterfall_view_select (self, parent);
}

void
fluo_waterfall_view_set_collapsed (FluoWaterfallView *self, guint32 span, gboolean collapsed,
                                   gboolean branch)
{
  if (branch)
    fluo_waterfall_rows_set_branch_collapsed (self->rows, span, collapsed);
  else
    fluo_waterfall_rows_set_collapsed (self->rows, span, collapsed);

  /* A selection that was closed away moves to the row that stands for it. */
  if (self->view.selected != FLUO_SPAN_NONE &&
      fluo_waterfall_rows_find (self->rows, self->view.selected) == FLUO_SPAN_NONE)
    fluo_waterfall_view_select (self, span);
  fluo_waterfall_view_changed (self);
}

static void
keep_selection (FluoWaterfallView *self)
{
  guint32 row;

  if (self->view.selected != FLUO_SPAN_NONE &&
      fluo_waterfall_rows_find (self->rows, self->view.selected) == FLUO_SPAN_NONE)
    {
      row = fluo_waterfall_rows_find_nearest (self->rows, self->view.selected);
      fluo_waterfall_view_select (self, fluo_waterfall_rows_get_span (self->rows, row));
    }
  fluo_waterfall_view_changed (self);
}

void
fluo_waterfall_view_toggle_grouping (FluoWaterfallView *self)
{
  fluo_waterfall_rows_set_grouping (self->rows, !fluo_waterfall_rows_get_grouping (self->rows));
  keep_selection (self);
}

void
fluo_waterfall_view_show_levels (FluoWaterfallView *self, guint levels)
{
  fluo_waterfall_rows_show_levels (self->rows, levels);
  keep_selection (self);
}

void
fluo_waterfall_view_set_hover (FluoWaterfallView *self, guint32 span)
{
  if (span == self->view.hover)
    return;

  self->view.hover = span;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
