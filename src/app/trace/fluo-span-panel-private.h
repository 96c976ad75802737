/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-span-panel.h"
#include "core/fluo-span-detail.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

#define FLUO_PANEL_VALUE_MAX 4000 /* characters of one value that are laid out; copying gives all */
#define FLUO_PANEL_LINE_MAX 1000 /* likewise of a line of raw text: Pango slows down with length */
#define FLUO_PANEL_TEXT_MAX 400000 /* characters of a raw document: 64 KB grow when indented */
#define FLUO_PANEL_ITEMS_MAX 200 /* annotations, fields or exceptions shown */

typedef struct
{
  FluoWaterfallRows    *rows;
  FluoTrace            *trace;
  const FluoSpan       *spans;
  guint                 n_spans;
  guint32               index;
  const FluoSpan       *span;
  const FluoSpanDetail *detail;
  const FluoServiceGraph *graph; /* of the range, or NULL */
} FluoPanelSpan;

/* Pages of the panel, newly made for a span; NULL where there is nothing to show. */
GtkWidget *fluo_span_panel_make_overview    (FluoSpanPanel *self, const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_usual (const FluoServiceGraph *graph, const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_annotations (const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_metadata    (const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_exceptions  (const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_sql         (const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_raw         (const char *pretty);

/* For links: emits "jump". */
void       fluo_span_panel_jump             (FluoSpanPanel *self, guint32 span);

G_END_DECLS
