/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace-compare.h"

G_BEGIN_DECLS

/* What fluo-trace-compare*.c share. */

/* Where they are equal, the key is one of the same. */
void fluo_trace_comparison_add_fact      (FluoTraceComparison *self, FluoField field,
                                          const char *key, const char *a, const char *b);
/* fluo-trace-compare-tries.c */
void fluo_trace_comparison_compare_tries (FluoTraceComparison *self);

G_END_DECLS
