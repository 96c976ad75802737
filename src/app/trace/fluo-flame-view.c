/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "app/trace/fluo-call-card.h"
#include "app/trace/fluo-flame-view-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

#define WIDTH_MIN 300
#define HEIGHT_MIN 150

G_DEFINE_FINAL_TYPE (FluoFlameView, fluo_flame_view, GTK_TYPE_WIDGET)

enum
{
  SELECTION_CHANGED,
  VIEW_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- Layout ------------------------------------------------------------------------------- */

void
fluo_flame_view_ensure_layout (FluoFlameView *self)
{
  if (self->laid_out || self->flame == NULL)
    return;

  self->view.width = gtk_widget_get_width (GTK_WIDGET (self));
  self->view.height = gtk_widget_get_height (GTK_WIDGET (self));
  self->view.scale = fluo_theme_get_text_scale (GTK_WIDGET (self));
  fluo_flame_layout_update (self->layout, self->flame, self->rows, &self->view);
  self->view.scroll = self->layout->view.scroll;
  self->view.begin = self->layout->view.begin;
  self->view.length = self->layout->view.length;
  self->laid_out = TRUE;
}

void
fluo_flame_view_changed (FluoFlameView *self)
{
  self->laid_out = FALSE;
  fluo_time_canvas_changed (&self->canvas);
  if (self->flame == NULL || gtk_widget_get_width (GTK_WIDGET (self)) <= 0)
    return;

  fluo_flame_view_ensure_layout (self);
  self->canvas.row_px = self->layout->row_px;
  self->canvas.center_x = self->view.width / 2;
  fluo_time_canvas_set_rows (&self->canvas, self->view.scroll,
                             fluo_flame_get_n_levels (self->flame),
                             self->layout->body_height / self->layout->row_px);
}

/* --- Selection ---------------------------------------------------------------------------- */

static void
update_description (FluoFlameView *self)
{
  g_autofree char *description =
    self->flame == NULL || self->view.selected == FLUO_FLAME_NONE
      ? g_strdup (_("Flame graph"))
      : fluo_flame_dup_description (self->flame, self->rows, self->view.selected);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  description, -1);
}

/* What is outside the view comes into it: up or down by scrolling, sideways by going back. */
static void
bring_into_view (FluoFlameView *self, guint32 index)
{
  const FluoFlameFrame *frame = &fluo_flame_get_frames (self->flame, NULL)[index];
  double shown;

  if (gtk_widget_get_height (GTK_WIDGET (self)) <= 0)
    return;

  fluo_flame_view_ensure_layout (self);
  shown = self->layout->body_height / self->layout->row_px;
  if (frame->depth < self->view.scroll)
    self->view.scroll = frame->depth;
  else if (frame->depth + 1 > self->view.scroll + shown)
    self->view.scroll = frame->depth + 1 - shown;
  if (frame->begin + frame->work <= self->view.begin ||
      frame->begin >= self->view.begin + self->view.length)
    {
      double work = fluo_flame_get_work (self->flame);

      self->view.length = MAX (self->view.length, frame->work);
      self->view.begin = CLAMP (frame->begin + frame->work / 2 - self->view.length / 2, 0,
                                work - self->view.length);
      self->view.zoomed = FLUO_FLAME_NONE;
    }
}

void
fluo_flame_view_select_frame (FluoFlameView *self, guint32 frame)
{
  const FluoFlameFrame *frames;
  guint n;

  if (self->flame == NULL)
    return;

  frames = fluo_flame_get_frames (self->flame, &n);
  if (frame >= n)
    return;

  bring_into_view (self, frame);
  self->view.selected = frame;
  fluo_flame_view_changed (self);
  update_description (self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0, frames[frame].span);
}

void
fluo_flame_view_select (FluoFlameView *self, guint32 span)
{
  guint32 frame;

  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  frame = self->flame != NULL ? fluo_flame_find (self->flame, span) : FLUO_FLAME_NONE;
  if (frame == self->view.selected)
    return;

  self->view.selected = frame;
  if (frame != FLUO_FLAME_NONE)
    bring_into_view (self, frame);
  fluo_flame_view_changed (self);
  update_description (self);
}

guint32
fluo_flame_view_get_selected (FluoFlameView *self)
{
  g_return_val_if_fail (FLUO_IS_FLAME_VIEW (self), FLUO_FLAME_NONE);

  return self->view.selected;
}

/* --- Trace -------------------------------------------------------------------------------- */

/* The same frame in a newer reading: that of the same call. */
static guint32
carry_over (FluoFlame *older, FluoFlame *newer, guint32 frame)
{
  const FluoFlameFrame *frames;
  guint n;

  frames = fluo_flame_get_frames (older, &n);
  if (frame >= n)
    return FLUO_FLAME_NONE;

  return fluo_flame_find (
    newer, fluo_trace_find (fluo_flame_get_trace (newer),
                            fluo_trace_get_spans (fluo_flame_get_trace (older),
                                                  NULL)[frames[frame].span].id));
}

void
fluo_flame_view_take (FluoFlameView *self, FluoFlame *flame, FluoWaterfallRows *rows)
{
  FluoFlame *older = self->flame;
  guint32 selected = FLUO_FLAME_NONE, zoomed = FLUO_FLAME_NONE;

  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  if (older != NULL && flame != NULL &&
      fluo_trace_id_equal (fluo_trace_get_id (fluo_flame_get_trace (older)),
                           fluo_trace_get_id (fluo_flame_get_trace (flame))))
    {
      selected = carry_over (older, flame, self->view.selected);
      zoomed = carry_over (older, flame, self->view.zoomed);
    }
  fluo_flame_view_stop_moving (self);
  fluo_time_canvas_hide_card (&self->canvas);
  self->flame = flame;
  self->canvas.ready = flame != NULL;
  g_clear_pointer (&self->rows, fluo_waterfall_rows_free);
  self->rows = rows != NULL ? fluo_waterfall_rows_ref (rows) : NULL;
  self->laid_out = FALSE;
  self->view.selected = selected;
  self->view.hover = FLUO_FLAME_NONE;
  self->view.zoomed = zoomed;
  self->view.begin = self->view.length = 0;
  self->view.searching = FALSE;
  g_array_set_size (self->history, 0);
  if (zoomed != FLUO_FLAME_NONE)
    {
      self->view.begin = fluo_flame_get_frames (flame, NULL)[zoomed].begin;
      self->view.length = fluo_flame_get_frames (flame, NULL)[zoomed].work;
    }
  else
    self->view.scroll = 0;
  fluo_flame_free (older);
  fluo_flame_view_changed (self);
  update_description (self);
}

FluoFlame *
fluo_flame_view_get_flame (FluoFlameView *self)
{
  g_return_val_if_fail (FLUO_IS_FLAME_VIEW (self), NULL);

  return self->flame;
}

const FluoFlameLayout *
fluo_flame_view_get_layout (FluoFlameView *self)
{
  g_return_val_if_fail (FLUO_IS_FLAME_VIEW (self), NULL);

  fluo_flame_view_ensure_layout (self);

  return self->layout;
}

void
fluo_flame_view_set_color (FluoFlameView *self, FluoWaterfallColor color)
{
  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  self->view.color = color;
  fluo_flame_view_changed (self);
}

void
fluo_flame_view_set_found (FluoFlameView *self, GArray *spans, gboolean searching)
{
  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  if (self->flame == NULL)
    return;

  fluo_flame_set_found (self->flame, spans);
  self->view.searching = searching;
  fluo_flame_view_changed (self);
}

/* --- Widget ------------------------------------------------------------------------------- */

static void
fluo_flame_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH_MIN : HEIGHT_MIN;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 2 * WIDTH_MIN : 3 * HEIGHT_MIN;
}

static void
fluo_flame_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (widget);

  /* The adjustment first: it makes the scroll bar ask for its place again. */
  fluo_flame_view_changed (self);
  fluo_time_canvas_allocate (&self->canvas, width, height,
                             (int) (FLUO_FLAME_HEAD_PX *
                                    fluo_theme_get_text_scale (widget)),
                             0);
}

static void
snapshot_card (FluoFlameView *self, GtkSnapshot *snapshot, const FluoPalette *palette)
{
  double x = self->canvas.pointer_x, y = self->canvas.pointer_y;
  const FluoFlameBox *box = self->canvas.card_shown ? fluo_flame_hit (self->layout, x, y) : NULL;
  FluoTrace *trace = fluo_flame_get_trace (self->flame);
  const FluoFlameFrame *frame;
  const FluoSpan *span;
  g_autofree char *own = NULL, *share = NULL, *count = NULL;
  FluoCallCard card = { 0 };
  GString *facts;

  if (box == NULL)
    return;

  frame = &fluo_flame_get_frames (self->flame, NULL)[box->frame];
  span = &fluo_trace_get_spans (trace, NULL)[frame->span];
  card.color =
    fluo_waterfall_get_color (palette, fluo_waterfall_rows_get_color (self->rows, span->service));
  own = fluo_format_duration (frame->own_ns);
  share = fluo_format_share (frame->work / fluo_flame_get_work (self->flame));
  count = fluo_format_count (box->n > 1 ? box->n : frame->count);
  if (box->n > 1)
    {
      /* Too narrow to tell apart: they are seen when one zooms in. */
      card.name = _("Several calls");
      card.first = g_strdup_printf (ngettext ("%s name", "%s names", box->n), count);
      card.second = g_strdup (_("Zoom in to tell them apart"));
    }
  else
    {
      card.name = fluo_waterfall_rows_get_name (self->rows, frame->span);
      card.detail = fluo_trace_get_string (trace, span->detail);
      if (fluo_waterfall_rows_is_service (self->rows, frame->span))
        card.icon = fluo_kind_get_icon (fluo_trace_get_services (trace, NULL)[span->service].kind);
      facts = g_string_new (NULL);
      card.first = fluo_format_duration (frame->total_ns);
      g_string_append_printf (facts, _(" · own work %s"), own);
      g_string_append (facts, " · ");
      g_string_append_printf (facts, ngettext ("%s call", "%s calls", frame->count), count);
      card.facts = g_string_free (facts, FALSE);
      if (frame->failed > 0)
        card.second = g_strdup_printf (_("%s of all work, %u failed"), share, frame->failed);
      else
        card.second = g_strdup_printf (_("%s of all work"), share);
    }
  fluo_call_card_snapshot (&card, snapshot, self->painter, palette, x + 16, box->y,
                           box->y + self->layout->row_px, self->view.width, self->view.height);
  fluo_call_card_clear (&card);
}

static void
fluo_flame_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (widget);
  const FluoPalette *palette = fluo_theme_get_palette ();
  GdkRGBA background = { palette->view.red, palette->view.green, palette->view.blue, 1 };
  graphene_rect_t bounds;
  cairo_t *cr;

  graphene_rect_init (&bounds, 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  gtk_snapshot_append_color (snapshot, &background, &bounds);
  if (self->flame == NULL || bounds.size.width < 1 || bounds.size.height < 1)
    return;

  fluo_flame_view_ensure_layout (self);
  self->layout->view.selected = self->view.selected;
  self->layout->view.hover = self->view.hover;
  self->layout->view.focus = gtk_widget_has_visible_focus (widget);
  self->layout->view.backdrop =
    (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_BACKDROP) != 0;
  cr = fluo_time_canvas_begin (&self->canvas, &bounds, palette);
  if (cr != NULL)
    {
      fluo_theme_begin (self->painter, cr, widget);
      fluo_flame_draw (self->painter, self->layout);
      cairo_destroy (cr);
    }
  gtk_snapshot_append_node (snapshot, self->canvas.content);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  fluo_painter_begin (self->painter, cr, palette);
  fluo_flame_draw_highlight (self->painter, self->layout);
  cairo_destroy (cr);
  gtk_widget_snapshot_child (widget, self->canvas.scrollbar, snapshot);
  snapshot_card (self, snapshot, palette);
}

static void
fluo_flame_view_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (fluo_flame_view_parent_class)->state_flags_changed (widget, previous);
}

static void
fluo_flame_view_dispose (GObject *object)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (object);

  fluo_flame_view_stop_moving (self);
  fluo_time_canvas_dispose (&self->canvas);

  G_OBJECT_CLASS (fluo_flame_view_parent_class)->dispose (object);
}

static void
fluo_flame_view_finalize (GObject *object)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (object);

  fluo_flame_free (self->flame);
  fluo_waterfall_rows_free (self->rows);
  fluo_flame_layout_free (self->layout);
  fluo_painter_free (self->painter);
  g_array_unref (self->history);

  G_OBJECT_CLASS (fluo_flame_view_parent_class)->finalize (object);
}

static void
fluo_flame_view_class_init (FluoFlameViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_flame_view_dispose;
  object_class->finalize = fluo_flame_view_finalize;
  widget_class->measure = fluo_flame_view_measure;
  widget_class->size_allocate = fluo_flame_view_size_allocate;
  widget_class->snapshot = fluo_flame_view_snapshot;
  widget_class->state_flags_changed = fluo_flame_view_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "flamegraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE_GRID);

  signals[SELECTION_CHANGED] =
    g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[VIEW_CHANGED] = g_signal_new ("view-changed", G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_flame_view_init (FluoFlameView *self)
{
  self->layout = fluo_flame_layout_new ();
  self->painter = fluo_painter_new ();
  self->history = g_array_new (FALSE, FALSE, sizeof (FluoFlamePart));
  self->view.selected = self->view.hover = self->view.zoomed = FLUO_FLAME_NONE;
  fluo_flame_view_add_controllers (self);
  fluo_theme_follow (GTK_WIDGET (self));
  update_description (self);
}

GtkWidget *
fluo_flame_view_new (void)
{
  return g_object_new (FLUO_TYPE_FLAME_VIEW, NULL);
}
