/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-compare-page.h"
#include "app/trace/fluo-compare-view.h"
#include "app/trace/fluo-logs-panel.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-trace-compare.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* Differences up to this are hidden while the button is down. */
#define FLUO_COMPARE_THRESHOLD_NS (5 * FLUO_NSEC_PER_MSEC)

/* One of the two traces. */
typedef struct
{
  FluoTraceId id;
  gboolean    has_id;
  gboolean    reading;
  FluoTrace  *trace;
  GtkWidget  *card;
  GtkImage   *status;
  GtkLabel   *first, *second, *chip;
} FluoCompareSide;

struct _FluoComparePage
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  GCancellable *cancellable;
  char      *key;
  char      *title;
  FluoCompareSide sides[2];          /* A, B */
  guint      n_usual;           /* traces that B is the usual one of; 0 = B was chosen */
  guint      generation;
  gboolean   comparing;

  GtkWidget *box;
  GtkStack  *stack;             /* "loading", "failed", "content" */
  GtkLabel  *failure;
  GtkWidget *retry, *choose;    /* ways out of it */
  GtkLabel  *sentence;
  FluoCompareView *view;
  GtkWidget *each_call, *threshold;
  GtkLabel  *order_label;
  GSimpleActionGroup *actions;
  GtkLabel  *hidden;
  GtkWidget *show_all;
  GtkLabel  *same;
  GtkGrid   *facts;
  GtkExpander *facts_expander;
  FluoWidthBox *width_box;
  GtkWidget *content;           /* all but the lines */
  gboolean   folding;           /* we open or close the facts, and not the user */
  gboolean   facts_kept;        /* as the user left them */
  GtkWidget *cards;
  GtkWidget *copy;
  GtkWidget *fold_words[4];     /* that go where there is no room for them */
  FluoPainter *painter;

  struct
  {
    guint    source;            /* ticks while one of both grows */
    gboolean stale;             /* something has come since they were read */
  } live;

  struct
  {
    GtkWidget     *split;     /* the comparison, and the panel once it was asked for */
    GtkWidget     *toggle;
    GtkWidget     *sides[2];
    FluoLogsPanel *panel;     /* or NULL */
    gboolean       jumping;   /* a line selects its row */
  } logs;
};

/* fluo-compare-page-read.c */
void fluo_compare_page_read        (FluoComparePage *self, guint index);
void fluo_compare_page_take_trace  (FluoComparePage *self, guint index, FluoTrace *trace);
void fluo_compare_page_read_missing (FluoComparePage *self); /* what failed, once more */
/* Follows the explorer, and reads again what has not ended while the page is looked at. */
void fluo_compare_page_follow      (FluoComparePage *self);
void fluo_compare_page_update_live (FluoComparePage *self);
/* Lines up both traces in a worker, once both are there. */
void fluo_compare_page_compare     (FluoComparePage *self);

/* fluo-compare-page-logs.c */
void fluo_compare_page_toggle_logs (FluoComparePage *self);
void fluo_compare_page_update_logs (FluoComparePage *self); /* other traces */

void fluo_compare_page_select_logs (FluoComparePage *self); /* another row */

/* fluo-compare-page-fold.c */
void fluo_compare_page_fold        (FluoComparePage *self); /* another size */

/* fluo-compare-page-facts.c */
GtkWidget *fluo_compare_page_make_facts (FluoComparePage *self);
void fluo_compare_page_update_facts (FluoComparePage *self, FluoTraceComparison *comparison);

/* fluo-compare-page-show.c */
GtkWidget *fluo_compare_page_make_failure (FluoComparePage *self);
/* @to_choose: another trace has to be chosen; else it may go better the next time. What was shown
 * before stays. */
void fluo_compare_page_fail        (FluoComparePage *self, const char *text, gboolean to_choose);
void fluo_compare_page_show        (FluoComparePage *self, FluoTraceComparison *comparison);
void fluo_compare_page_update_foot (FluoComparePage *self);

G_END_DECLS
