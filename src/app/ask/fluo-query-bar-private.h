/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ask/fluo-filter-completion.h"
#include "app/ask/fluo-filter-editor.h"
#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-text.h"

G_BEGIN_DECLS

struct _FluoQueryBar
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  GtkWidget *box;
  GtkWidget *row;     /* closed */
  GtkWidget *editor;  /* FluoFilterEditor: open */
  GtkWidget *field;
  GtkWidget *icon;
  GtkWidget *text;    /* GtkText */
  GtkLabel *count;
  GtkWidget *clear;
  GtkWidget *run;
  GtkWidget *progress;
  GtkWidget *star;           /* GtkMenuButton of the closed bar */
  GtkWidget *saved_button;   /* those of the editor */
  GtkWidget *history_button;
  FluoFilterCompletionList *completion;

  char *query;        /* what was run */
  char *words;        /* of it */
  gboolean expanded;
  gboolean dirty;     /* the draft is not what was run */
  gboolean pending;   /* and waits for being run */
  gboolean setting;   /* the text is not the user's typing */
  gboolean applying;  /* the explorer's filter is being set by us */
  char *recorded;     /* of the history: to be told its number of traces */
  FluoQueryKind recorded_kind;
  guint words_id;
  guint pulse_id;
  AdwToast *said; /* weak */
  int width;
};

/* fluo-query-bar-view.c */
void fluo_query_bar_build         (FluoQueryBar *self);
void fluo_query_bar_color_field   (FluoQueryBar *self);
void fluo_query_bar_show_count    (FluoQueryBar *self, guint matching, guint total,
                                   gboolean narrowed);
void fluo_query_bar_show_progress (FluoQueryBar *self);
void fluo_query_bar_fold          (FluoQueryBar *self);

/* fluo-query-bar-saved.c: saved filters, groups and files */
void fluo_query_bar_install_saved (GtkWidgetClass *klass);
void fluo_query_bar_save_as       (FluoQueryBar *self);

/* fluo-query-bar-field.c */
void fluo_query_bar_follow_field  (FluoQueryBar *self);

/* fluo-query-bar.c */
/* @text is a filter, words, or nothing; FALSE when it is a filter that can't be run. */
gboolean fluo_query_bar_apply     (FluoQueryBar *self, const char *text);
void  fluo_query_bar_update_dirty (FluoQueryBar *self);
void  fluo_query_bar_open_trace   (FluoQueryBar *self, const FluoTraceId *id);
/* TRUE when @text is an address of AWS's console: the window goes there. */
gboolean fluo_query_bar_open_address (FluoQueryBar *self, const char *text);
char *fluo_query_bar_dup_draft    (FluoQueryBar *self);
void  fluo_query_bar_toast        (FluoQueryBar *self, AdwToast *toast);
/* With a message that is made safe to show. */
void  fluo_query_bar_say          (FluoQueryBar *self, const char *text);

G_END_DECLS
