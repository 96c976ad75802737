/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* Two traces compared, as a tab. Properties "title" and "comparing" (both are here) notify. */
#define FLUO_TYPE_COMPARE_PAGE (fluo_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoComparePage, fluo_compare_page, FLUO, COMPARE_PAGE, GtkWidget)

/* @b NULL: the usual one of A's kind, that is the successful trace of the range whose response time
 * is nearest to the median. @trace_a (nullable) saves reading A, or comes from a file. */
GtkWidget  *fluo_compare_page_new       (FluoExplorer *explorer, const FluoTraceId *a,
                                         FluoTrace *trace_a, const FluoTraceId *b);
/* "compare ID ID": names the tab. */
const char *fluo_compare_page_get_key   (FluoComparePage *self);
const char *fluo_compare_page_get_title (FluoComparePage *self);
gboolean    fluo_compare_page_is_comparing (FluoComparePage *self);
/* Asks for a file and its format, once both are there. */
void        fluo_compare_page_export    (FluoComparePage *self);
/* The log lines beside the calls. */
void        fluo_compare_page_toggle_panel (FluoComparePage *self);

G_END_DECLS
