/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-filter-completion.h"

G_BEGIN_DECLS

/* fluo-filter-completion.c and -view.c alone. */

struct _FluoFilterCompletionList
{
  GtkWidget *parent;
  FluoExplorer *explorer;
  const FluoCompletionHost *host;
  gpointer data;

  GtkWidget *popover;
  GtkWidget *scroller;
  GtkListBox *list;
  GtkLabel *foot;
  GtkWidget *help;
  GtkLabel *title;
  GtkLabel *text;
  GtkWidget *values; /* a grid */
  GtkLabel *values_title;
  GtkLabel *spoken;

  FluoFilterCompletion *completion;
  gboolean chosen; /* by hand: then Enter inserts */
  gboolean inserting;
  gboolean waiting; /* something was typed; more may be known of it soon */
};

/* fluo-filter-completion-view.c: how it looks */
GtkWidget *fluo_filter_completion_make_row    (const FluoFilterProposal *proposal);
GtkWidget *fluo_filter_completion_make_list   (FluoFilterCompletionList *self);
GtkWidget *fluo_filter_completion_make_help   (FluoFilterCompletionList *self);
void       fluo_filter_completion_update_help (FluoFilterCompletionList *self,
                                               const FluoFilterProposal *proposal);

G_END_DECLS
