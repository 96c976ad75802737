/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-collector.h"
#include "app/connect/fluo-explorer.h"
#include "app/connect/fluo-session.h"

G_BEGIN_DECLS

/* One connection that is looked at, with everything that belongs to it: header bar, range, query,
 * history, Map and Traces (the place called Explore), and a tab for every opened trace. A window
 * shows several, one at a time; a view does not know which window it is in and may be moved to
 * another one. Its actions are called "win.…", as they are the window's while it is in front. Main
 * thread.
 *
 * Signals: "changed" (): anything that its tab says about it; "raise" (): it wants to be in front;
 * "close" (): it wants to be closed; "apart" (FluoView, gboolean window): the other view, made by
 * this one, is to be shown in a tab beside it, or in a window of its own. */
#define FLUO_TYPE_VIEW (fluo_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoView, fluo_view, FLUO, VIEW, AdwBin)

/* What is wrong with its connection, the worst first. */
typedef enum
{
  FLUO_VIEW_TROUBLE_NONE,
  FLUO_VIEW_TROUBLE_RETRYING,
  FLUO_VIEW_TROUBLE_FAILED,
  FLUO_VIEW_TROUBLE_SIGNED_OUT
} FluoViewTrouble;

/* @collector may be NULL: then "Local" can't be chosen. Nothing is connected yet. */
GtkWidget    *fluo_view_new              (FluoCollector *collector);
FluoExplorer *fluo_view_get_explorer     (FluoView *self);
FluoSession  *fluo_view_get_session      (FluoView *self);

/* --- What its tab and its window say ------------------------------------------------------ */

/* "PROD · shop", safe to lay out; "Local" of this computer. */
char         *fluo_view_dup_title        (FluoView *self);
FluoAccent    fluo_view_get_accent       (FluoView *self);
FluoViewTrouble fluo_view_get_trouble    (FluoView *self);
/* Whether the header bar has the window's buttons. */
void          fluo_view_show_title_buttons (FluoView *self, gboolean show);

/* --- Connecting --------------------------------------------------------------------------- */

void          fluo_view_connect_local    (FluoView *self);
void          fluo_view_connect_endpoint (FluoView *self, const char *url);
void fluo_view_connect_profile (FluoView *self, const char *profile,
                                const char *region /* NULL: the profile's */);
/* @keys (nullable): its key pair, typed in just now. A copy is taken. */
void fluo_view_connect_connection (FluoView *self, const FluoConnection *connection,
                                   FluoCredentials *keys);
/* Comes to the view that an address of AWS's console shows, connecting first where that is needed.
 * FALSE when @text is none; anything that is wrong with one is said in the view. */
gboolean      fluo_view_open_console_link (FluoView *self, const char *text);

/* --- What is shown ------------------------------------------------------------------------ */

/* "map", "traces" or "insights". */
void          fluo_view_show_page        (FluoView *self, const char *page);
void fluo_view_open_trace (FluoView *self, const FluoTraceId *id, gboolean background);
/* Opens a tab for every trace of a file; errors are shown. */
void          fluo_view_open_file        (FluoView *self, GFile *file);
/* Passes by. The toast is the view's. */
AdwToast     *fluo_view_toast            (FluoView *self, const char *text);
/* What is in front: "start", "map", "traces" or a trace's id. */
const char   *fluo_view_get_place        (FluoView *self);
guint         fluo_view_get_n_tabs       (FluoView *self); /* of traces */

/* --- Remembered between runs -------------------------------------------------------------- */

/* Connects to what the last view looked at, "Local" at first; opens its traces when @traces. */
void          fluo_view_restore          (FluoView *self, gboolean traces);
/* For the next start with one view. */
void          fluo_view_save             (FluoView *self);
/* What it shows, of type FLUO_VIEW_STATE_TYPE: kind, name and region of its connection; page, trace
 * in front, open traces; length of the moving range in s (0: fixed), the fixed range, live,
 * query. Floating. */
#define FLUO_VIEW_STATE_TYPE "(sssssasxxxbs)"
GVariant     *fluo_view_make_state       (FluoView *self);
void          fluo_view_restore_state    (FluoView *self, GVariant *state);

G_END_DECLS
