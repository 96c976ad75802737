/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-cohort.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* What can be compared with what: the selection, the rest, halves of the time, values of fields.
 * Immutable once made; atomic reference counts; any thread. */
typedef enum
{
  FLUO_SET_SELECTION,
  FLUO_SET_REST,    /* as B: whatever A is not */
  FLUO_SET_SLOWEST, /* the slowest tenth */
  FLUO_SET_FAULTS,
  FLUO_SET_BEFORE,  /* halves of the time */
  FLUO_SET_AFTER,
  FLUO_SET_TERM
} FluoCompareSetKind;

typedef struct
{
  FluoCompareSetKind kind;
  char  *words;
  FluoTerm term;    /* FLUO_SET_TERM */
  char  *key, *value;
  gint64 middle_ns; /* of the time */
  FluoBrush brush;
} FluoCompareSet;

/* FluoCompareSet, the selection first when there is one. [worker] Takes a while. @ret_all: all the
 * traces as one set, for their fields. */
GPtrArray *fluo_compare_sets_new  (GPtrArray *summaries, GArray *points, const FluoBrush *brush,
                                   FluoCohort **ret_all);
/* Marks what is in @a and, of the others, what is in @b. */
void       fluo_compare_sets_fill (const FluoCompareSet *a, const FluoCompareSet *b,
                                   GPtrArray *summaries, GArray *points, guint8 *sides);

G_END_DECLS
