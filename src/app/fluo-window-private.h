/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-window.h"

G_BEGIN_DECLS

/* Shared by the window's files: the object, its tabs, and what it remembers. */

struct _FluoWindow
{
  AdwApplicationWindow parent_instance;

  FluoCollector *collector; /* or NULL */
  AdwTabView *tabs;         /* a FluoView each */
  AdwTabBar *bar;
  AdwTabPage *menu_page;    /* whose menu is open, or NULL; borrowed */
  FluoView *front;          /* as it was shown last; borrowed */
};

/* fluo-window.c */
/* Without a view, for one that comes from another window. */
FluoWindow *fluo_window_new_empty   (FluoWindow *beside);

/* fluo-window-tabs.c */
void fluo_window_install_tab_actions (GtkWidgetClass *widget_class);
GtkWidget *fluo_window_make_tabs     (FluoWindow *self);

/* fluo-window-session.c */
void fluo_window_load_size           (FluoWindow *self);
void fluo_window_save_state          (FluoWindow *self);

G_END_DECLS
