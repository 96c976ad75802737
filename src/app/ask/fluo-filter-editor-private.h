/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

#include "app/ask/fluo-filter-editor.h"
#include "filter/fluo-filter-edit.h"
#include "fluo-filter-completion.h"

G_BEGIN_DECLS

/* Lines beyond get neither count nor sentence. */
#define FLUO_EDITOR_LINES_MAX 64
/* So many mistakes are explained at once. */
#define FLUO_EDITOR_STRIPS_MAX 5

struct _FluoFilterEditor
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  GtkWidget *box;
  GtkLabel *explanation;
  GtkLabel *total;
  GtkWidget *overlay;
  GtkWidget *scroller;
  GtkWidget *view; /* GtkSourceView */
  GtkSourceBuffer *buffer;
  GtkTextTag *wavy;
  GtkTextTag *hint;
  GPtrArray *rows;   /* GtkWidget, by line: what stands behind it */
  GPtrArray *strips; /* GtkWidget; data "line" and "diagnostic" */
  GPtrArray *gaps;   /* GtkTextTag: room under the lines that have a strip */
  GtkWidget *foot;
  GtkWidget *save;
  GtkLabel *state_label;
  GtkWidget *run;
  GtkLabel *spoken; /* for those who can't see: what changed */
  struct _FluoFilterCompletionList *completion;

  char *text; /* of the buffer */
  FluoFilterDocument *document;
  FluoDraftState state;
  gboolean running;
  gboolean shown;
  gboolean narrow;
  gboolean tiny;
  gboolean setting; /* not the user's typing */

  guint measure_id; /* sentences have to be measured anew */
  int measured_px;  /* for this width they were */
  guint count_id;
  guint n_counted;
  guint64 n_total;   /* traces that were counted in */
  guint cursor_line; /* when the lines were updated last */
  gint64 counts[FLUO_EDITOR_LINES_MAX]; /* by condition; -1 = not known */
  GCancellable *count_cancellable;
};

/* fluo-filter-editor-lines.c: what stands behind and under the lines */
void fluo_filter_editor_make_lines   (FluoFilterEditor *self);
void fluo_filter_editor_update_lines (FluoFilterEditor *self);
/* The counts only. */
void fluo_filter_editor_update_rows  (FluoFilterEditor *self);

/* fluo-filter-editor-count.c */
void fluo_filter_editor_count_soon   (FluoFilterEditor *self);
void fluo_filter_editor_stop_counting (FluoFilterEditor *self);
/* It has a parameter: what it leaves is known when it runs. */
gboolean fluo_filter_editor_asks     (FluoFilterEditor *self,
                                      const FluoFilterCondition *condition);

/* fluo-filter-editor.c */
guint fluo_filter_editor_get_cursor  (FluoFilterEditor *self); /* in bytes */
guint fluo_filter_editor_get_line    (FluoFilterEditor *self, guint byte);
/* How many traces there were before any condition; not @exact: in what was fetched. */
void  fluo_filter_editor_set_total   (FluoFilterEditor *self, guint64 total, gboolean exact);
void  fluo_filter_editor_take        (FluoFilterEditor *self, guint diagnostic);
void  fluo_filter_editor_place_cursor (FluoFilterEditor *self, guint byte);

/* fluo-filter-editor-host.c */
extern const FluoCompletionHost fluo_filter_editor_host;
/* As one step of undo; the cursor stands behind it. */
void  fluo_filter_editor_replace (FluoFilterEditor *self, FluoFilterRange range,
                                  const char *text);

/* fluo-filter-editor-say.c */
GtkWidget *fluo_filter_editor_make_head (FluoFilterEditor *self);
GtkWidget *fluo_filter_editor_make_foot (FluoFilterEditor *self);
/* A sentence as a label's text and attributes; what begins at @aside is dimmed. */
void  fluo_filter_editor_set_sentence (GtkLabel *label, const FluoSentence *sentence, guint aside);
FluoDraftState fluo_filter_editor_find_state (FluoFilterEditor *self);
void  fluo_filter_editor_update_explanation (FluoFilterEditor *self);
void  fluo_filter_editor_update_foot (FluoFilterEditor *self);
/* Tells those who can't see it what stands under the lines. */
void  fluo_filter_editor_speak        (FluoFilterEditor *self);

G_END_DECLS
