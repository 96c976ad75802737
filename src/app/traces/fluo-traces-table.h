/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/traces/fluo-trace-cell.h"
#include "app/traces/fluo-trace-list.h"

G_BEGIN_DECLS

/* Columns that are left out in a narrow window, in this order. */
typedef enum
{
  FLUO_TRACES_WIDE,      /* all */
  FLUO_TRACES_MEDIUM,    /* without annotations */
  FLUO_TRACES_NARROW,    /* and without entry and services */
  FLUO_TRACES_TINY       /* and without trace id */
} FluoTracesWidth;

/* The GtkColumnView of the Traces page over @selection, with drawn cells; the sorter of its headers
 * is read by fluo_traces_table_get_sort(). */
GtkWidget *fluo_traces_table_new       (GtkSelectionModel *selection, FluoTraceScale *scale);
void       fluo_traces_table_set_width (GtkWidget *table, FluoTracesWidth width);
/* The column whose header was clicked last, and which way; FALSE when none is sorted. */
gboolean fluo_traces_table_get_sort (GtkWidget *table, FluoTraceSort *ret_sort,
                                     gboolean *ret_descending);
/* A point at that height is on the header. */
gboolean    fluo_traces_table_is_header (GtkWidget *table, double y);
/* One stateful action a column, by its name in the settings. Borrowed. */
GActionGroup *fluo_traces_table_get_actions (GtkWidget *table);
/* Which columns are shown; what is chosen is remembered. Borrowed, lives as long as the table. */
GMenuModel *fluo_traces_table_make_menu (GtkWidget *table);
/* The row under a point of the table; GTK_INVALID_LIST_POSITION for none. */
guint      fluo_traces_table_pick      (GtkWidget *table, double x, double y);

G_END_DECLS
