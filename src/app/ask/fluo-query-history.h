/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What was asked before: newest first, each text once, 200 at most. Kept in query-history.json in
 * the state directory and shared by all windows and programs, as fluo-saved-queries.h; a damaged
 * file is moved aside. Main thread.
 *
 * The file (version 1): {"Format": "fluoroscope-query-history", "Version": 1, "Queries": [
 *   {"Filter": "…", "Connection": "Local", "Time": 1795479642, "Matching": 1284}]} */

#define FLUO_QUERY_HISTORY_MAX 200

typedef struct
{
  char   *text;
  char   *connection;
  gint64  time_ns;  /* when it was run last */
  gint64  matching; /* how many traces it found then; -1 = not known */
} FluoQueryVisit;

#define FLUO_TYPE_QUERY_HISTORY (fluo_query_history_get_type ())
G_DECLARE_FINAL_TYPE (FluoQueryHistory, fluo_query_history, FLUO, QUERY_HISTORY, GObject)

/* Signal "changed" (). */
FluoQueryHistory *fluo_query_history_new         (const char *path);
FluoQueryHistory *fluo_query_history_get_default (void); /* borrowed */
/* FluoQueryVisit, borrowed, valid until "changed". */
GPtrArray        *fluo_query_history_get_all     (FluoQueryHistory *self);
/* Puts @text first, and says nothing when that can't be written: a note is logged. */
void              fluo_query_history_add         (FluoQueryHistory *self, const char *text,
                                                  const char *connection, gint64 time_ns,
                                                  gint64 matching);
void              fluo_query_history_clear       (FluoQueryHistory *self);

G_END_DECLS
