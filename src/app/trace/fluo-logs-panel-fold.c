/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-logs-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "app/widgets/fluo-width-box.h"

/* What gives way where the panel is low, below the calls or in a small window: the search goes
 * beside the title and the strip goes, then all but the lines and what is told of them. */

#define HEIGHT_MIN 110
#define LOW_HEIGHT 330
#define LOWEST_HEIGHT 180
#define LOWEST_HEIGHT_TOLD 240 /* with something told above the lines */
#define TITLE_WIDTH 480 /* under it the search needs the title's place */
#define NOTICE_SHARE_OF_LOW 0.5

static void
put (FluoLogsPanel *self, GtkWidget *child, int column, int row, int n_columns)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (self->top);

  g_object_set (gtk_layout_manager_get_layout_child (layout, child), "column", column, "row", row,
                "column-span", n_columns, NULL);
}

void
fluo_logs_panel_fold (FluoLogsPanel *self)
{
  const gboolean told = gtk_widget_get_visible (self->notice);
  const double scale = fluo_theme_get_text_scale (GTK_WIDGET (self));
  const int height = fluo_width_box_get_height (FLUO_WIDTH_BOX (self->box));
  const int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->box));
  const gboolean low = height > 0 && height < LOW_HEIGHT * scale;
  const gboolean lowest =
    height > 0 && height < (told ? LOWEST_HEIGHT_TOLD : LOWEST_HEIGHT) * scale;

  put (self, self->buttons, low ? 2 : 1, 0, 1);
  put (self, self->search_row, low ? 1 : 0, low ? 0 : 1, low ? 1 : 2);
  gtk_widget_set_hexpand (GTK_WIDGET (self->head), !low);
  if (low)
    gtk_widget_add_css_class (GTK_WIDGET (self), "low");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "low");
  gtk_widget_set_visible (GTK_WIDGET (self->title), !low || width >= TITLE_WIDTH * scale);
  gtk_widget_set_visible (self->strip_area, !low);
  gtk_widget_set_visible (self->status, !lowest);
  gtk_widget_set_visible (self->foot, !lowest);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->notice),
                                              low ? (int) (height * NOTICE_SHARE_OF_LOW) : -1);
}

GtkWidget *
fluo_logs_panel_make_top (FluoLogsPanel *self, GtkWidget *title, GtkWidget *search,
                          GtkWidget *buttons)
{
  self->top = gtk_grid_new ();
  self->search_row = search;
  self->buttons = buttons;
  gtk_widget_set_hexpand (search, TRUE);
  gtk_grid_attach (GTK_GRID (self->top), title, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (self->top), search, 0, 1, 2, 1);
  gtk_grid_attach (GTK_GRID (self->top), buttons, 1, 0, 1, 1);
  return self->top;
}

void
fluo_logs_panel_follow_size (FluoLogsPanel *self)
{
  g_signal_connect_object (self->box, "notify::width", G_CALLBACK (fluo_logs_panel_fold), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->box, "notify::height", G_CALLBACK (fluo_logs_panel_fold), self,
                           G_CONNECT_SWAPPED);
  /* It folds to fit, whatever is in it. */
  fluo_width_box_set_min_height (FLUO_WIDTH_BOX (self->box), HEIGHT_MIN);
  fluo_logs_panel_fold (self);
}
