/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/view/fluo-view.h"

G_BEGIN_DECLS

/* A window has a tab for every connection that is looked at (FluoView), and shows one. What of them
 * is not in front rests: it asks nothing by itself. The actions of the view in front are the
 * window's. */
#define FLUO_TYPE_WINDOW (fluo_window_get_type ())
G_DECLARE_FINAL_TYPE (FluoWindow, fluo_window, FLUO, WINDOW, AdwApplicationWindow)

/* With one view, that is connected to nothing yet. @collector may be NULL: then "Local" can't be
 * chosen. */
GtkWidget    *fluo_window_new              (GtkApplication *application, FluoCollector *collector);

/* --- Tabs ---------------------------------------------------------------------------------- */

FluoView     *fluo_window_get_view         (FluoWindow *self); /* the one in front */
guint         fluo_window_get_n_views      (FluoWindow *self);
FluoView     *fluo_window_get_nth_view     (FluoWindow *self, guint index);
/* In a tab after the one in front; takes over a floating reference. */
void          fluo_window_add_view         (FluoWindow *self, FluoView *view, gboolean front);
void          fluo_window_show_view        (FluoWindow *self, FluoView *view);
/* Another view in front, from where a connection is chosen. */
FluoView     *fluo_window_new_tab          (FluoWindow *self);
void          fluo_window_move_to_new_window (FluoWindow *self, FluoView *view);

/* --- Remembered between runs --------------------------------------------------------------- */

/* Connects to what the last window looked at, "Local" at first; opens its traces when @traces. */
void          fluo_window_restore          (FluoWindow *self, gboolean traces);
/* What several windows show, to be kept and opened again: an array with one state each, in the
 * order of @windows; what is no FluoWindow in it is passed over. */
GVariant     *fluo_window_dup_session      (GList *windows);
/* What is behind is connected when it comes to the front. */
void          fluo_window_restore_state    (FluoWindow *self, GVariant *state);

/* --- Of the view in front ------------------------------------------------------------------ */

FluoExplorer *fluo_window_get_explorer     (FluoWindow *self);
FluoSession  *fluo_window_get_session      (FluoWindow *self);
void          fluo_window_connect_endpoint (FluoWindow *self, const char *url);
void fluo_window_connect_profile (FluoWindow *self, const char *profile, const char *region);
void fluo_window_connect_connection (FluoWindow *self, const FluoConnection *connection,
                                     FluoCredentials *keys);
gboolean      fluo_window_open_console_link (FluoWindow *self, const char *text);
void          fluo_window_show_page        (FluoWindow *self, const char *page);
void fluo_window_open_trace (FluoWindow *self, const FluoTraceId *id, gboolean background);
void          fluo_window_open_file        (FluoWindow *self, GFile *file);
const char   *fluo_window_get_place        (FluoWindow *self);
guint         fluo_window_get_n_tabs       (FluoWindow *self);

G_END_DECLS
