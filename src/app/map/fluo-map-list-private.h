/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/map/fluo-map-list.h"
#include "app/map/fluo-map-rows.h"

G_BEGIN_DECLS

/* Shared by fluo-map-list.c (table, cells, selection) and fluo-map-list-facts.c (what a row
 * says). */

typedef enum
{
  COLUMN_NAME,
  COLUMN_KIND,
  COLUMN_RATE,
  COLUMN_P50,
  COLUMN_P99,
  COLUMN_ERRORS,
  COLUMN_FAULTS,
  COLUMN_CALLERS,
  COLUMN_CALLS,
  COLUMN_CHANGE,
  N_COLUMNS
} FluoMapListColumn;

struct _FluoMapList
{
  GtkWidget parent_instance;

  FluoMapRows        *rows;
  GtkSingleSelection *selection;
  GtkColumnView      *table;
  GtkWidget          *scroll;
  GHashTable         *bound;   /* GtkListItem that are on screen -> its column + 1 */
  FluoTimeSpan        span;
  FluoGraphDifference *change; /* or NULL */
  GPtrArray           *alarms; /* of each node the names of those that ring, or NULL; or NULL */
  int                 width;
  gboolean            following; /* the selection is set by the map */
};

typedef struct
{
  FluoMapRowKind         kind;
  guint                  index;
  const FluoGraphNode   *node;  /* the service, or the other end of the call */
  const FluoGraphEdge   *edge;  /* of a call */
  const FluoCallStats   *stats;
  double                 rate;
  const FluoGraphChange *change; /* or NULL */
  const char            *alarms; /* that ring for the service, or NULL */
} FluoMapListFacts;

void        fluo_map_list_read_facts   (FluoMapList *self, FluoMapRow *row,
                                        FluoMapListFacts *facts);
/* NULL for no row. */
FluoMapRow *fluo_map_list_dup_row      (GtkTreeListRow *row);
char       *fluo_map_list_dup_text     (FluoMapList *self, const FluoMapListFacts *facts,
                                        FluoMapListColumn column);
/* In a fixed order: what, numbers, what changed, how it is tied in. */
char       *fluo_map_list_dup_sentence (FluoMapList *self, const FluoMapListFacts *facts);
/* What a column of numbers is sorted by. */
double      fluo_map_list_get_value    (FluoMapList *self, const FluoMapListFacts *facts,
                                        FluoMapListColumn column);

G_END_DECLS
