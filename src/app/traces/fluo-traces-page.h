/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-pages.h"
#include "app/traces/fluo-traces-charts.h"
#include "core/fluo-cohort.h"

G_BEGIN_DECLS

/* What the window wants to know beyond fluo-pages.h. Signal "counts-changed" (): search, node or
 * the list changed. */

guint        fluo_traces_page_get_n_matching (FluoTracesPage *self);
/* Those of them that the brush holds; all without one. */
guint        fluo_traces_page_count_selected (FluoTracesPage *self);
/* Puts the condition into the explorer's filter, or takes it out when it is one of those joined by
 * AND. */
void         fluo_traces_page_toggle_condition (FluoTracesPage *self, const char *condition);
/* The same for a value of a field; a time narrows the range. */
void         fluo_traces_page_toggle_term (FluoTracesPage *self, const FluoTerm *term);
FluoTracesCharts *fluo_traces_page_get_charts (FluoTracesPage *self);
/* The X-Ray id of the selected trace, or NULL. */
char        *fluo_traces_page_dup_selected   (FluoTracesPage *self);
/* Selects the trace and shows its preview, when it is in the list. */
gboolean     fluo_traces_page_select         (FluoTracesPage *self, const FluoTraceId *id);
/* Writes the rows that are shown: JSON when the name ends so, else CSV. Says how it went. */
void         fluo_traces_page_export_to      (FluoTracesPage *self, GFile *file);
GListModel  *fluo_traces_page_get_model      (FluoTracesPage *self);

G_END_DECLS
