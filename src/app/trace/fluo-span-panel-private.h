/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-span-panel.h"
#include "core/fluo-span-detail.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

#define FLUO_PANEL_VALUE_MAX 1000 /* characters of one value that are laid out; copying gives all */
#define FLUO_PANEL_TITLE_MAX 200 /* likewise of an exception's type */
#define FLUO_PANEL_LINE_MAX 1000 /* likewise of a line of raw text: Pango slows down with length */
#define FLUO_PANEL_TEXT_MAX 400000 /* characters of a raw document: 64 KB grow when indented */
#define FLUO_PANEL_ITEMS_MAX 200 /* annotations, fields, or exceptions with their frames shown */

typedef enum
{
  FLUO_PANEL_OVERVIEW,
  FLUO_PANEL_ANNOTATIONS,
  FLUO_PANEL_METADATA,
  FLUO_PANEL_EXCEPTION,
  FLUO_PANEL_SQL,
  FLUO_PANEL_LOGS,
  FLUO_PANEL_RAW,
  FLUO_N_PANEL_TABS
} FluoPanelTab;

/* A call and its answer are one row, and both sides have told of it. */
typedef enum
{
  FLUO_PANEL_ANSWER,
  FLUO_PANEL_CALLER,
  FLUO_N_PANEL_SIDES
} FluoPanelSide;

struct _FluoSpanPanel
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *stripe;       /* GtkDrawingArea */
  GtkWidget *kind;         /* GtkDrawingArea */
  GtkLabel  *name;
  GtkLabel  *detail;
  GtkWidget *badge;
  GtkWidget *badge_icon;
  GtkLabel  *badge_label;
  GtkWidget *move;
  GtkWidget *buttons[FLUO_N_PANEL_TABS];
  GtkWidget *holders[FLUO_N_PANEL_TABS]; /* AdwBin: empty until the tab is looked at */
  GtkStack  *stack;
  GtkWidget *foot, *like;
  GtkWidget *tools;        /* the foot's buttons, in the head where there is little height */
  FluoPanelTab wanted;       /* what the user chose last; shown again as soon as a span has it */
  gboolean   switching;

  FluoServiceGraph *graph; /* of the range, or NULL */
  FluoTraceLines *lines;   /* of the trace, or NULL */
  FluoWaterfallRows *rows; /* a reference */
  FluoSpanDetail *details; /* of the span */
  guint32    span;         /* the row's */
  guint32    shown;        /* whose document is shown: the row's, or the call's that it answers */
  GtkWidget *sides, *side[FLUO_N_PANEL_SIDES], *side_icon[FLUO_N_PANEL_SIDES];
  GtkLabel  *side_name[FLUO_N_PANEL_SIDES];
  guint      color;
  const char *icon;        /* kind of the service or NULL */
  FluoPainter *painter;
};

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

/* fluo-span-panel-head.c: the name above the tabs and the buttons below them. */
GtkWidget *fluo_span_panel_make_head        (FluoSpanPanel *self);
GtkWidget *fluo_span_panel_make_foot        (FluoSpanPanel *self);
void       fluo_span_panel_update_head      (FluoSpanPanel *self, const FluoPanelSpan *what);
/* The two sides' names, shown for a call with an answer. */
GtkWidget *fluo_span_panel_make_sides       (FluoSpanPanel *self);
void       fluo_span_panel_update_sides     (FluoSpanPanel *self, const FluoPanelSpan *what);
/* The service that a span's caller is a part of; FLUO_SPAN_NONE when nobody called it. */
guint32    fluo_span_panel_find_caller      (const FluoPanelSpan *what);
/* Shows another of the row's documents. */
void       fluo_span_panel_show             (FluoSpanPanel *self, guint32 span);

/* Pages of the panel, newly made for a span that has something for them. */
GtkWidget *fluo_span_panel_make_overview    (FluoSpanPanel *self, const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_usual (const FluoServiceGraph *graph, const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_annotations (const FluoPanelSpan *what);

/* A link to another call that is a button: its text comes from the trace and never is markup. */
GtkWidget *fluo_panel_new_link              (FluoSpanPanel *self, const char *text, guint32 span);

/* fluo-span-panel-exceptions.c */
GtkWidget *fluo_span_panel_make_exceptions  (FluoSpanPanel *self, const FluoPanelSpan *what);
/* At most @frames_max of its stack. */
GtkWidget *fluo_panel_new_exception_card    (const FluoException *exception, FluoStatus status,
                                             guint frames_max);

/* fluo-span-panel-typed.c: adds its sections to a page, if there are any. */
void       fluo_span_panel_add_http         (GtkWidget *page, const FluoPanelSpan *what);
void       fluo_span_panel_add_aws          (GtkWidget *page, const FluoPanelSpan *what);
GtkWidget *fluo_span_panel_make_sql         (const FluoPanelSpan *what);

/* fluo-span-panel-logs.c */
GtkWidget *fluo_span_panel_make_logs        (const FluoPanelSpan *what, FluoTraceLines *lines);

/* fluo-span-panel-raw.c: JSON with a search; text in one of GtkSourceView's languages. */
GtkWidget *fluo_span_panel_make_raw         (GBytes *json);
GtkWidget *fluo_span_panel_new_source       (const char *text, const char *language);

/* fluo-span-panel-pairs.c */
GtkWidget *fluo_panel_new_page              (void);
GtkWidget *fluo_panel_new_heading           (const char *text);
/* Says where the items are that are not shown; nothing when all are. */
void       fluo_panel_add_rest (GtkWidget *page, guint n, guint n_shown);
GtkWidget *fluo_panel_new_pairs             (void);
GtkWidget *fluo_panel_new_value             (const char *text);
GtkWidget *fluo_panel_new_copy              (const char *text, const char *tip);
/* Indents it when it is copied. */
GtkWidget *fluo_panel_new_copy_json         (GBytes *json, const char *tip);
void       fluo_panel_add_widget            (GtkWidget *grid, const char *key, GtkWidget *value);
/* Nothing is added for a value that is NULL or "". */
void       fluo_panel_add_pair              (GtkWidget *grid, const char *key, const char *value);
void       fluo_panel_add_mono              (GtkWidget *grid, const char *key, const char *value);
/* "2.125 s · 92.0% of the trace": the first part strong or plain, the rest in the second colour. */
void       fluo_panel_add_two               (GtkWidget *grid, const char *key, const char *first,
                                             const char *rest, gboolean strong);

/* For links: emits "jump". */
void       fluo_span_panel_jump             (FluoSpanPanel *self, guint32 span);

G_END_DECLS
