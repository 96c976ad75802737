/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-compare.h"

G_BEGIN_DECLS

#define FLUO_COMPARE_PAD_PX 10
#define FLUO_COMPARE_NAME_CHARS_MAX 200

struct _FluoCompareTable
{
  FluoTraceComparison *comparison;
  gint64               threshold_ns;
  guint8              *shown;      /* by row: not hidden by the threshold */
  guint8              *collapsed;
  guint32             *sorted;     /* rows as they are ordered; NULL: as called */
  GArray              *places;     /* guint32 rows */
  guint               *colors_a, *colors_b; /* by service */
  guint                n_hidden;
};

static inline const FluoCompareRow *
fluo_compare_peek (FluoCompareTable *self, guint32 row)
{
  return &g_array_index (self->comparison->rows, FluoCompareRow, row);
}

/* What a call asked for: "POST /charge". */
const char *fluo_compare_table_get_detail (FluoCompareTable *self, guint32 row);
/* "2.13 s", "running", "not called". */
char       *fluo_compare_dup_length       (FluoTrace *trace, guint32 span);
/* "+1.66 s", "–" while one of both is running. */
char       *fluo_compare_dup_difference   (const FluoCompareRow *row);
double      fluo_compare_indent           (const FluoCompareLayout *layout, guint depth);
double      fluo_compare_axis_x           (const FluoCompareLayout *layout, gint64 offset_ns);

G_END_DECLS
