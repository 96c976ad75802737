/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-rollup.h"

G_BEGIN_DECLS

/* Shared by the writing and the reading of rollups. */

#define FLUO_MINUTES_PER_HOUR 60

typedef struct
{
  gint64 block; /* 0 = the sum of all blocks: graph_minutes */
  gint64 key;
} FluoRollupId;

/* The graph of the current row; NULL with @error when it is damaged. */
FluoServiceGraph *fluo_rollup_get_graph  (sqlite3_stmt *statement, int column, GError **error);
/* 1 = read, 0 = there is none, -1 = @error. @ret_graph is NULL when the stored one is damaged. */
int               fluo_rollup_find_graph (FluoConnection *connection, FluoSql sql,
                                          const FluoRollupId *id, FluoServiceGraph **ret_graph,
                                          GError **error);
/* Sums the minute from the sealed blocks, all but @without. NULL with @error. */
FluoServiceGraph *fluo_rollup_sum_blocks (FluoConnection *connection, gint64 key,
                                          GPtrArray *sealed, gint64 without, GError **error);

G_END_DECLS
