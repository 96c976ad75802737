/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-compare.h"
#include "draw/fluo-export-private.h"

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
/* What an export tells: text as the options want it, laid out once. */
typedef struct
{
  FluoCompareTable        *table;    /* borrowed */
  const FluoExportOptions *options;
  FluoSentence            *sentence;
  char                    *title;
  GPtrArray               *facts;    /* of char *: key, A, B of one after the other; NULL = none */
  GArray                  *pages;    /* what is on each */
  FluoCompareLayout       *layout;
  guint                    n_rows;   /* that are told, the others are left out */
  guint                    removed;  /* places redacted so far */
} FluoCompareDocument;

FluoCompareDocument *fluo_compare_document_new  (FluoCompareTable *table,
                                                 const FluoExportOptions *options);
void                 fluo_compare_document_free (FluoCompareDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCompareDocument, fluo_compare_document_free)
/* Text of a trace as the options want it. */
char   *fluo_compare_document_text        (const char *text, gpointer document);
/* "2.31 s · 502 · 14:31:48.214 CET (13:31:48.214 UTC)". */
char   *fluo_compare_document_dup_side    (FluoCompareDocument *self, gboolean is_a);
/* "usual, p50 of 2,085", NULL when B was chosen. */
char   *fluo_compare_document_dup_usual   (FluoCompareDocument *self);
/* "4 rows hidden: same result, and 5 ms or less apart", NULL when none are. */
char   *fluo_compare_document_dup_hidden  (FluoCompareDocument *self);
/* fluo-compare-markdown.c */
GBytes *fluo_compare_document_to_markdown (FluoCompareDocument *self) G_GNUC_WARN_UNUSED_RESULT;

/* "2.13 s", "running", "not called". */
char       *fluo_compare_dup_length       (FluoTrace *trace, guint32 span);
/* "+1.66 s", "–" while one of both is running. */
char       *fluo_compare_dup_difference   (const FluoCompareRow *row);
double      fluo_compare_indent           (const FluoCompareLayout *layout, guint depth);
double      fluo_compare_axis_x           (const FluoCompareLayout *layout, gint64 offset_ns);

G_END_DECLS
