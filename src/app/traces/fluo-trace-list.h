/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/fluo-trace-summary.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* A row of the table: made on demand when the list asks for it, dropped when it scrolls away. */
#define FLUO_TYPE_TRACE_ROW (fluo_trace_row_get_type ())
G_DECLARE_FINAL_TYPE (FluoTraceRow, fluo_trace_row, FLUO, TRACE_ROW, GObject)
FluoTraceSummary *fluo_trace_row_get_summary (FluoTraceRow *self); /* borrowed */

typedef enum
{
  FLUO_TRACE_SORT_TIME,
  FLUO_TRACE_SORT_STATUS,
  FLUO_TRACE_SORT_DURATION,
  FLUO_TRACE_SORT_REQUEST,
  FLUO_TRACE_SORT_ENTRY,
  FLUO_N_TRACE_SORTS
} FluoTraceSort;

/* What is wanted of all summaries. Plain pointers, borrowed. */
typedef struct
{
  const char *text; /* words that must all occur in request, service, annotation, user, exception or
                       id; "" = any */
  GHashTable   *only;       /* FluoTraceId set, NULL = any: rows that arrived later wait */
  FluoTraceSort sort;
  gboolean      descending;
} FluoTraceQuery;

/* A new array of the matching summaries, in order; ties by time, newest first. */
GPtrArray *fluo_trace_query_run     (const FluoTraceQuery *query, GPtrArray *summaries);
/* Those of @summaries that the brush holds and that are in @only (FluoTraceId set; NULL: any), in
 * their order. The same array when that is all of them. */
GPtrArray *fluo_trace_list_narrow   (GPtrArray *summaries, const FluoBrush *brush,
                                     GHashTable *only);

/* A GListModel of FluoTraceRow over an array of summaries. Main thread. */
#define FLUO_TYPE_TRACE_LIST (fluo_trace_list_get_type ())
G_DECLARE_FINAL_TYPE (FluoTraceList, fluo_trace_list, FLUO, TRACE_LIST, GObject)
FluoTraceList    *fluo_trace_list_new         (void);
/* Announces only the stretch between what is the same at the beginning and at the end. Takes a
 * reference. */
void              fluo_trace_list_set_items   (FluoTraceList *self, GPtrArray *summaries);
/* The same for a view that shows the list's beginning: many new rows there come in steps, one each
 * time the main loop is idle. Until then the model has fewer rows than there are items. */
void              fluo_trace_list_set_items_slowly (FluoTraceList *self, GPtrArray *summaries);
/* The rest of the steps now. */
void              fluo_trace_list_hurry       (FluoTraceList *self);
GPtrArray        *fluo_trace_list_get_items   (FluoTraceList *self); /* borrowed */
FluoTraceSummary *fluo_trace_list_get_summary (FluoTraceList *self,
                                               guint position);          /* borrowed or NULL */
guint fluo_trace_list_find (FluoTraceList *self, const FluoTraceId *id); /* G_MAXUINT */
/* Summaries as text for the clipboard: a line each, tab-separated, as spreadsheets take it. */
char *fluo_trace_list_dup_text (GPtrArray *rows);
/* With a head line; safe for spreadsheets. Any thread. */
char *fluo_trace_list_dup_csv  (GPtrArray *rows);
/* As an answer of GetTraceSummaries. Any thread. */
char *fluo_trace_list_dup_json (GPtrArray *rows);

G_END_DECLS
