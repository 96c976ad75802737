/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace-compare.h"

G_BEGIN_DECLS

/* What fluo-trace-compare*.c share. */

static inline const FluoCompareRow *
fluo_trace_comparison_peek (FluoTraceComparison *self, guint32 row)
{
  return &g_array_index (self->rows, FluoCompareRow, row);
}

/* The call of @row in A, in B where A has none. */
const FluoSpan *fluo_trace_comparison_peek_span (FluoTraceComparison *self, guint32 row);
/* A star for each part of a path with a digit in it: what changes from request to request. */
void fluo_compare_append_loosely         (GString *out, const char *text);
/* fluo-trace-compare-facts.c. Where they are equal, the key is one of the same. */
void fluo_trace_comparison_add_fact      (FluoTraceComparison *self, FluoField field,
                                          const char *key, const char *a, const char *b);
void fluo_trace_comparison_compare_facts (FluoTraceComparison *self);
void fluo_compare_fact_clear             (gpointer fact);
/* fluo-trace-compare-documents.c */
void fluo_trace_comparison_compare_errors   (FluoTraceComparison *self);
void fluo_trace_comparison_compare_metadata (FluoTraceComparison *self);
/* fluo-trace-compare-words.c */
void fluo_trace_comparison_find_main     (FluoTraceComparison *self);
/* fluo-trace-compare-tries.c */
void fluo_trace_comparison_compare_tries (FluoTraceComparison *self);

G_END_DECLS
