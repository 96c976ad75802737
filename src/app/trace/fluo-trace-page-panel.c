/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/fluo-settings.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-theme.h"

/* The details, or the log lines, beside the views of a trace: where they stand, how large they are,
 * and what the views and they tell each other. */

#define PANEL_WIDTH 420
#define PANEL_HEIGHT 280
#define PANEL_HEIGHT_NARROW 230
/* Under this width the panel goes below, whatever was chosen. */
/* Beside a panel the bars and their tools need up to 640 px. */
#define SIDE_WIDTH 1060

/* --- Place ------------------------------------------------------------------------------------ */

static gboolean
is_below (FluoTracePage *self)
{
  return self->panel_at_bottom ||
         (self->width > 0 &&
          self->width < SIDE_WIDTH * fluo_theme_get_text_scale (GTK_WIDGET (self)));
}

int
fluo_trace_page_get_bars_width (FluoTracePage *self)
{
  return is_below (self) ? self->width
                         : self->width - fluo_side_pane_get_side (self->split, self->width);
}

void
fluo_trace_page_place_panel (FluoTracePage *self)
{
  gboolean below = is_below (self);
  int usual = below              ? (self->panel_at_bottom ? PANEL_HEIGHT : PANEL_HEIGHT_NARROW)
              : self->logs_shown ? FLUO_LOGS_PANEL_WIDTH
                                 : PANEL_WIDTH;

  gtk_widget_set_visible (GTK_WIDGET (self->side), self->panel_shown || self->logs_shown);
  gtk_widget_remove_css_class (GTK_WIDGET (self->side), below ? "at-right" : "at-bottom");
  gtk_widget_add_css_class (GTK_WIDGET (self->side), below ? "at-bottom" : "at-right");
  fluo_side_pane_set_below (self->split, below);
  fluo_side_pane_set_size (
    self->split, usual,
    (int) fluo_settings_get_int64 (below ? "details-height" : "details-width", 0));
  fluo_span_panel_set_at_bottom (self->panel, below);
  fluo_trace_page_update_tools (self);
}

void
fluo_trace_page_keep_panel (FluoTracePage *self)
{
  fluo_settings_set_boolean ("details-shown", self->panel_shown);
  fluo_settings_set_boolean ("details-at-bottom", self->panel_at_bottom);
  fluo_trace_page_place_panel (self);
}

static void
resized_cb (FluoSidePane *split, int size_px, FluoTracePage *self)
{
  fluo_settings_set_int64 (fluo_side_pane_get_below (split) ? "details-height" : "details-width",
                           size_px);
  fluo_trace_page_update_tools (self);
}

void
fluo_trace_page_width_cb (FluoWidthBox *box, GParamSpec *pspec, FluoTracePage *self)
{
  self->width = fluo_width_box_get_width (box);
  fluo_trace_page_place_panel (self);
}

void
fluo_trace_page_toggle_panel (FluoTracePage *self)
{
  g_return_if_fail (FLUO_IS_TRACE_PAGE (self));

  /* What is asked for is the details, whatever stands in their place. */
  self->panel_shown = self->logs_shown || !self->panel_shown;
  fluo_trace_page_set_logs (self, FALSE);
  fluo_trace_page_keep_panel (self);
}

GtkWidget *
fluo_trace_page_make_split (FluoTracePage *self, GtkWidget *column)
{
  self->side = GTK_STACK (gtk_stack_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->side), "trace-side");
  gtk_stack_add_named (self->side, GTK_WIDGET (self->panel), "details");
  self->split = FLUO_SIDE_PANE (fluo_side_pane_new (column, GTK_WIDGET (self->side)));
  gtk_widget_set_vexpand (GTK_WIDGET (self->split), TRUE);
  g_signal_connect_object (self->split, "resized", G_CALLBACK (resized_cb), self, 0);

  return GTK_WIDGET (self->split);
}

/* --- Selection -------------------------------------------------------------------------------- */

static void
selection_changed_cb (FluoTracePage *self)
{
  fluo_span_panel_set_graph (
    self->panel, self->explorer != NULL ? fluo_explorer_get_graph (self->explorer) : NULL);
  fluo_span_panel_set_span (self->panel, fluo_waterfall_view_get_rows (self->waterfall),
                            fluo_waterfall_view_get_selected (self->waterfall));
  fluo_flame_view_select (self->flame, fluo_waterfall_view_get_selected (self->waterfall));
  fluo_trace_page_update_map (self);
  fluo_trace_page_update_logs (self);
  fluo_trace_page_update_tools (self);
}

static void
view_changed_cb (FluoTracePage *self)
{
  fluo_trace_page_update_tools (self);
  fluo_trace_page_update_logs (self);
}

/* A frame stands for its slowest call. */
static void
frame_selected_cb (FluoFlameView *flame, guint span, FluoTracePage *self)
{
  fluo_waterfall_view_select (self->waterfall, span);
}

/* A kind of calls stands for its slowest. */
static void
kind_selected_cb (FluoStatsView *stats, guint span, FluoTracePage *self)
{
  fluo_waterfall_view_select (self->waterfall, span);
}

/* All calls of a kind: in the waterfall, found by its words. */
static void
kind_activated_cb (FluoStatsView *stats, guint span, const char *words, FluoTracePage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "trace.view", "s", "waterfall");
  if (*words != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->find), words);
  fluo_waterfall_view_select (self->waterfall, span);
  gtk_widget_grab_focus (GTK_WIDGET (self->waterfall));
}

static void
jump_cb (FluoSpanPanel *panel, guint span, FluoTracePage *self)
{
  fluo_waterfall_view_select (self->waterfall, span);
  gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
}

static void
panel_close_cb (FluoTracePage *self)
{
  self->panel_shown = FALSE;
  fluo_trace_page_keep_panel (self);
  gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
}

static void
panel_move_cb (FluoTracePage *self)
{
  self->panel_at_bottom = !self->panel_at_bottom;
  fluo_trace_page_keep_panel (self);
}

void
fluo_trace_page_join_views (FluoTracePage *self)
{
  g_signal_connect_object (self->waterfall, "selection-changed", G_CALLBACK (selection_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->waterfall, "view-changed", G_CALLBACK (view_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->waterfall, "found-changed",
                           G_CALLBACK (fluo_trace_page_update_flame_found), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->flame, "selection-changed", G_CALLBACK (frame_selected_cb), self,
                           0);
  g_signal_connect_object (self->flame, "view-changed", G_CALLBACK (fluo_trace_page_update_tools),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->stats, "activated", G_CALLBACK (kind_activated_cb), self, 0);
  g_signal_connect_object (self->stats, "selected", G_CALLBACK (kind_selected_cb), self, 0);
  g_signal_connect_object (self->panel, "jump", G_CALLBACK (jump_cb), self, 0);
  g_signal_connect_object (self->panel, "close", G_CALLBACK (panel_close_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->panel, "move", G_CALLBACK (panel_move_cb), self,
                           G_CONNECT_SWAPPED);
}
