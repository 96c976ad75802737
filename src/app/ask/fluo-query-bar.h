/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* The one field for filters, words and trace ids, the buttons beside it, and the editor it opens
 * into. What was run is the query; what is being written is the draft. A filter that runs is the
 * explorer's; words are the pages' to look for (fluo-query-text.h says which is which).
 *
 * Words are looked for while they are typed, as long as no filter is on and they are not the
 * beginning of one. Anything else waits for Enter or Run. Main thread.
 *
 * Actions: query.run, .stop, .expand, .collapse, .clear, .save-as, .fix, .use (s: a filter to run,
 * parameters are asked for), .put (s: to be edited), .edit-saved (s: id), .remove-saved (s),
 * .star-saved (s), .group-from-saved (s), .save-group (ss: name and filter), .import, .export,
 * .clear-history.
 * Signals: "ran" () after another query was run, "draft-changed" (), "toast" (AdwToast). */

#define FLUO_TYPE_QUERY_BAR (fluo_query_bar_get_type ())
G_DECLARE_FINAL_TYPE (FluoQueryBar, fluo_query_bar, FLUO, QUERY_BAR, GtkWidget)

GtkWidget  *fluo_query_bar_new         (FluoExplorer *explorer);
/* What was run: "" is everything. */
const char *fluo_query_bar_get_query   (FluoQueryBar *self);
/* The words of it; "" when it is a filter. */
const char *fluo_query_bar_get_words   (FluoQueryBar *self);
/* Runs it at once, whatever is being written. */
void        fluo_query_bar_set_query   (FluoQueryBar *self, const char *query);
/* The draft says something else than what is shown. */
gboolean    fluo_query_bar_is_dirty    (FluoQueryBar *self);
/* The draft, without running it. */
void        fluo_query_bar_set_draft   (FluoQueryBar *self, const char *text);
gboolean    fluo_query_bar_get_expanded (FluoQueryBar *self);
void        fluo_query_bar_set_expanded (FluoQueryBar *self, gboolean expanded);
/* All of it is selected, so that typing replaces it. */
void        fluo_query_bar_focus       (FluoQueryBar *self);
/* "1,284 of 12,930 traces". */
void        fluo_query_bar_set_count   (FluoQueryBar *self, guint matching, guint total,
                                        gboolean narrowed);
void        fluo_query_bar_set_width   (FluoQueryBar *self, int width_px);

G_END_DECLS
