/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/traces/fluo-trace-cell.h"
#include "app/traces/fluo-trace-list.h"
#include "app/traces/fluo-traces-charts.h"
#include "app/traces/fluo-traces-compare.h"
#include "app/traces/fluo-traces-page.h"
#include "core/fluo-status.h"

G_BEGIN_DECLS

struct _FluoTracesPage
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  FluoTraceScale *scale;
  FluoTraceList *list;
  GtkMultiSelection *selection;
  GPtrArray *chosen; /* FluoTraceSummary the user selected, though the list may not have them yet */

  char *connection; /* whose traces are listed, by name */
  char *text;
  FluoTraceSort sort;
  gboolean descending;
  /* Ids that may be shown; NULL = all. While set, later arrivals wait behind the pill. */
  GHashTable *shown_only;
  GPtrArray *shown_keep; /* keeps the ids of the set alive */
  guint n_waiting;
  GPtrArray *matching; /* what the search finds, in the table's order, brushed or not */
  gboolean refreshing;
  guint loading_id;
  struct
  {
    FluoTimeSpan span; /* that a card narrowed the range to; else empty */
    FluoTimeSpan before;
    gint64 relative_ns; /* before, or 0 */
  } cut;
  guint narrow_id; /* the table follows a brush that is being dragged after a moment */

  GtkWidget *box;
  GtkWidget *main;
  GtkWidget *charts;
  GtkWidget *compare;
  GtkFileChooserNative *chooser;
  GtkWidget *dialog; /* FluoCompareDialog that is open; weak */
  GtkWidget *states;   /* "table", "empty", "why", "loading" */
  GtkWidget *why;      /* FluoWhyNothingView */
  GtkWidget *scroller;
  GtkWidget *table;
  GtkWidget *pill;
  GtkLabel *empty_title;
  GtkLabel *empty_text;
  GtkWidget *empty_clear;
  GtkWidget *empty_longer, *empty_resume, *empty_vault;
  struct
  {
    FluoXrayClient *client; /* that was asked for traces of @span, or NULL */
    FluoTimeSpan span;
    GCancellable *cancellable;
  } vault;
  GtkLabel *loading_label;
  GtkLabel *foot_count;
  GtkLabel *foot_statuses[FLUO_N_STATUSES];
  GtkWidget *foot_boxes[FLUO_N_STATUSES];
  GtkLabel *foot_range;
  GtkWidget *foot_resume;
  GtkWidget *foot_export;
  GtkWidget *revealer;
  GtkWidget *preview;
  GtkWidget *popover;
  GtkWidget *columns; /* menu of the table's head */
  gboolean keyboard;  /* was in the table when that made room for something else */
  gboolean awaits_rows; /* is to be in the table, which had none */
};

/* fluo-traces-page-selection.c */
/* FluoTraceSummary of the selected rows, as many as may be copied. Transfer full. */
GPtrArray *fluo_traces_page_dup_selection (FluoTracesPage *self);
void       fluo_traces_page_copy_rows_cb (GtkWidget *widget, const char *name,
                                          GVariant *parameter);

/* traces.keep, traces.let-go, traces.toggle-kept: the selected rows, for good or no longer. */
void       fluo_traces_page_keep_rows_cb (GtkWidget *widget, const char *name,
                                          GVariant *parameter);
/* Which of them can be done. */
void       fluo_traces_page_update_kept  (FluoTracesPage *self);

/* fluo-traces-page-brush.c: charts, cards and what they do to the filter */
void fluo_traces_page_make_charts   (FluoTracesPage *self);
void fluo_traces_page_update_charts (FluoTracesPage *self);
/* traces.compare-sets, traces.compare-fields, traces.show-as-table */
void fluo_traces_page_compare_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void fluo_traces_page_add_to_filter_cb (GtkWidget *widget, const char *name, GVariant *parameter);

/* fluo-traces-page.c */
/* What the table shows of what matches. */
void fluo_traces_page_refresh_table (FluoTracesPage *self);
/* Everything, from what the explorer has. */
void fluo_traces_page_refresh       (FluoTracesPage *self);
/* What waits behind the pill need not any more. */
void fluo_traces_page_stop_holding  (FluoTracesPage *self);
/* NULL: shut. */
void fluo_traces_page_show_preview  (FluoTracesPage *self, FluoTraceSummary *summary);
void fluo_traces_page_update_width  (FluoTracesPage *self);

/* fluo-traces-page-input.c: what the user does to the table and the preview */
void fluo_traces_page_add_gestures  (FluoTracesPage *self);
void fluo_traces_page_activated_cb  (GtkColumnView *table, guint position, FluoTracesPage *self);
void fluo_traces_page_show_new      (FluoTracesPage *self);
void fluo_traces_page_close_preview (FluoTracesPage *self);
gboolean fluo_traces_page_close_preview_cb (GtkWidget *widget, GVariant *arguments,
                                            gpointer user_data);
void fluo_traces_page_open_selected_cb (GtkWidget *widget, const char *name,
                                        GVariant *parameter);

/* fluo-traces-page-export.c */
void       fluo_traces_page_export_cb    (GtkWidget *widget, const char *name, GVariant *parameter);

void       fluo_traces_page_compare_rows_cb (GtkWidget *widget, const char *name,
                                             GVariant *parameter);

/* fluo-traces-page-states.c: what stands where the table would, and the line below it */
GtkWidget *fluo_traces_page_make_empty   (FluoTracesPage *self);
GtkWidget *fluo_traces_page_make_loading (FluoTracesPage *self);
GtkWidget *fluo_traces_page_make_foot    (FluoTracesPage *self);
void       fluo_traces_page_update_state (FluoTracesPage *self);

/* fluo-traces-page-vault.c */
/* Whether empty_vault shows: only while @wanted, and when the vault has traces of the time. */
void       fluo_traces_page_ask_vault    (FluoTracesPage *self, gboolean wanted);

G_END_DECLS
