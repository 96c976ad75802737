/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The user's own filters: named, starred, for one connection or for all. They are kept in
 * queries.json in the data directory, one file for all windows and programs; every change reads
 * the file anew under a lock, so that nobody's change is lost. A damaged file is moved aside and
 * told of. Main thread.
 *
 * The file, and what is exported (version 1):
 *   {"Format": "fluoroscope-queries", "Version": 1, "Queries": [
 *     {"Id": "…", "Name": "Slow payments", "Filter": "service(…) { … }", "Starred": true,
 *      "Connection": "Local"}]}
 * Connection is left out for everywhere. Unknown members are ignored. */

typedef struct
{
  grefcount ref_count;
  char     *id;         /* stays with it through renaming, export and import */
  char     *name;
  char     *text;       /* may have parameters: $order_id */
  char     *connection; /* "" = everywhere */
  gboolean  starred;
} FluoSavedQuery;

#define FLUO_SAVED_QUERIES_MAX 1000
#define FLUO_SAVED_NAME_CHARS_MAX 120

/* @id NULL: a new one. */
FluoSavedQuery *fluo_saved_query_new   (const char *id, const char *name, const char *text,
                                        const char *connection, gboolean starred);
FluoSavedQuery *fluo_saved_query_ref   (FluoSavedQuery *self);
void            fluo_saved_query_unref (FluoSavedQuery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSavedQuery, fluo_saved_query_unref)

#define FLUO_TYPE_SAVED_QUERIES (fluo_saved_queries_get_type ())
G_DECLARE_FINAL_TYPE (FluoSavedQueries, fluo_saved_queries, FLUO, SAVED_QUERIES, GObject)

/* Signal "changed" (): other entries, or something else to tell. */
FluoSavedQueries *fluo_saved_queries_new         (const char *path);
FluoSavedQueries *fluo_saved_queries_get_default (void); /* borrowed */
/* FluoSavedQuery in the order they were saved in; borrowed, valid until "changed". */
GPtrArray        *fluo_saved_queries_get_all     (FluoSavedQueries *self);
FluoSavedQuery   *fluo_saved_queries_find        (FluoSavedQueries *self, const char *id);
/* Of this connection or everywhere, all @words in name or text, starred first. Transfer full. */
GPtrArray        *fluo_saved_queries_search      (FluoSavedQueries *self, const char *connection,
                                                  const char *words);
/* What is wrong with the file or became of it, in words, or NULL. */
const char       *fluo_saved_queries_get_notice  (FluoSavedQueries *self);

/* Puts it in the place of the one with its id, or at the end. */
gboolean fluo_saved_queries_put    (FluoSavedQueries *self, FluoSavedQuery *query, GError **error);
/* @ret_index (may be NULL) is where it was, for putting it back. Not there: TRUE as well. */
gboolean fluo_saved_queries_remove (FluoSavedQueries *self, const char *id, guint *ret_index,
                                    GError **error);
gboolean fluo_saved_queries_insert (FluoSavedQueries *self, FluoSavedQuery *query, guint index,
                                    GError **error);

/* All of them as a file's text. */
GBytes  *fluo_saved_queries_export (FluoSavedQueries *self);
/* Adds what is not known yet; one with a known id takes the other's place, one that is there under
 * another id is left out, and one whose name another has gets a number. All or nothing.
 * @ret_added and @ret_replaced count. */
gboolean fluo_saved_queries_import (FluoSavedQueries *self, GBytes *bytes, guint *ret_added,
                                    guint *ret_replaced, GError **error);

G_END_DECLS
