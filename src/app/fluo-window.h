/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-collector.h"
#include "app/connect/fluo-explorer.h"
#include "app/connect/fluo-session.h"

G_BEGIN_DECLS

/* A window looks at one connection: Map and Traces (the place called Explore), and a tab for every
 * opened trace. */
#define FLUO_TYPE_WINDOW (fluo_window_get_type ())
G_DECLARE_FINAL_TYPE (FluoWindow, fluo_window, FLUO, WINDOW, AdwApplicationWindow)

/* @collector may be NULL: then "Local" can't be chosen. Nothing is connected yet. */
GtkWidget    *fluo_window_new              (GtkApplication *application, FluoCollector *collector);
FluoExplorer *fluo_window_get_explorer     (FluoWindow *self);

void          fluo_window_connect_local    (FluoWindow *self);
void          fluo_window_connect_endpoint (FluoWindow *self, const char *url);
void fluo_window_connect_profile (FluoWindow *self, const char *profile,
                                  const char *region /* NULL: the profile's */);
/* @keys (nullable): its key pair, typed in just now. A copy is taken. */
void fluo_window_connect_connection (FluoWindow *self, const FluoConnection *connection,
                                     FluoCredentials *keys);
/* Comes to the view that an address of AWS's console shows, connecting first where that is needed.
 * FALSE when @text is none; anything that is wrong with one is said in the window. */
gboolean      fluo_window_open_console_link (FluoWindow *self, const char *text);
/* Another window of the application that looks at this connection, or NULL. */
FluoWindow   *fluo_window_find_with         (FluoWindow *self, const char *connection);
FluoSession  *fluo_window_get_session       (FluoWindow *self);
/* Connects to what the last window looked at, "Local" at first; opens its tabs when @tabs. */
void          fluo_window_restore          (FluoWindow *self, gboolean tabs);

/* What several windows show, to be kept and opened again: an array with one state each, in the
 * order of @windows; what is no FluoWindow in it is passed over. */
GVariant     *fluo_window_dup_session      (GList *windows);
void          fluo_window_restore_state    (FluoWindow *self, GVariant *state);

/* "map" or "traces". */
void          fluo_window_show_page        (FluoWindow *self, const char *page);
void fluo_window_open_trace (FluoWindow *self, const FluoTraceId *id, gboolean background);
/* Opens a tab for every trace of a file; errors are shown. */
void          fluo_window_open_file        (FluoWindow *self, GFile *file);
void          fluo_window_toast            (FluoWindow *self, const char *text);
/* Stays until it is closed, and is as long as it must be. The toast is the window's. */
AdwToast     *fluo_window_toast_long       (FluoWindow *self, const char *text);
/* What is in front: "start", "map", "traces" or a trace's id. */
const char   *fluo_window_get_place        (FluoWindow *self);
guint         fluo_window_get_n_tabs       (FluoWindow *self);

G_END_DECLS
