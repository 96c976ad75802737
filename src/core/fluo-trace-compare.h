/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-cohort.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* Two traces side by side: their calls lined up by the path of calls that leads to them. */

/* A row of both. A call and its answer are one row, that of the answer. */
typedef struct
{
  guint32 a, b;     /* spans, FLUO_SPAN_NONE = not called there; never both */
  guint32 parent;   /* row, FLUO_SPAN_NONE at the top */
  guint32 end;      /* one past the last row under this one: rows are in preorder */
  guint16 depth;
  gboolean running; /* in A or in B: no difference is known yet */
  gint64  difference_ns; /* A minus B; what was not called took no time; 0 while one is running */
} FluoCompareRow;

/* Something else that differs. Texts are of the traces (untrusted) where they are not translated
 * words; NULL = none. */
typedef struct
{
  char         *key;
  char         *a, *b;
  FluoField     field; /* a filter can ask for A's value of it; FLUO_N_FIELDS: none can */
  char         *name;  /* of an annotation; of a version the service; else NULL */
  FluoValueType type;  /* of an annotation */
  gboolean      is_list; /* names several things, where others have one value */
} FluoCompareFact;

typedef struct
{
  FluoTrace *a, *b;       /* referenced */
  GArray    *rows;        /* FluoCompareRow */
  GArray    *facts;       /* FluoCompareFact */
  GPtrArray *same;        /* char *: keys that both have with the same value */
  guint32    main_row;    /* where most of the difference is, or FLUO_SPAN_NONE */
  gboolean   main_inside; /* in that call's own time, and not in what it called */
  gboolean   same_service; /* both enter by the same */
  gboolean   same_kind;   /* and ask it for the same thing */
  gint64     difference_ns;
  guint32   *rows_of[2];  /* private: of the spans of A and of B */
  gatomicrefcount references; /* private */
} FluoTraceComparison;

/* Any thread; immutable once made. Siblings are matched by service, name and what they ask for,
 * first exactly, then with parts of paths that hold digits taken as equal; of several alike the
 * first meets the first. */
FluoTraceComparison *fluo_trace_comparison_new  (FluoTrace *a, FluoTrace *b);
FluoTraceComparison *fluo_trace_comparison_ref   (FluoTraceComparison *self);
void                 fluo_trace_comparison_unref (FluoTraceComparison *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoTraceComparison, fluo_trace_comparison_unref)
/* "A took 1.71 s longer. 97% of the difference is bank.example.com: 2.13 s instead of 465 ms"; of
 * one that has not ended and of two that are not of a kind, no more than that. */
FluoSentence *fluo_trace_comparison_dup_sentence (FluoTraceComparison *self);
/* "tier gold · bank_api v2 · payments 1.42.0": what tells A, or B, from the other. */
char         *fluo_trace_comparison_dup_marks    (FluoTraceComparison *self, gboolean of_a);
/* "region, user": what both have alike; "" for nothing. */
char         *fluo_trace_comparison_dup_same     (FluoTraceComparison *self);
/* Service for what stands for one, else the call's own name. Lives as long as the comparison. */
const char   *fluo_trace_comparison_get_name     (FluoTraceComparison *self, guint32 row);
/* The row of a call of A, or of B; that of its caller where it has none. FLUO_SPAN_NONE for
 * none. */
guint32       fluo_trace_comparison_find_row     (FluoTraceComparison *self, gboolean in_a,
                                                  guint32 span);
/* TRUE when a filter can ask for what A has there; *ret_term borrows from the fact. */
gboolean      fluo_compare_fact_get_term         (const FluoCompareFact *self, FluoTerm *ret_term);

G_END_DECLS
