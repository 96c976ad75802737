/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* The filter with room to write it: what it says in words above, numbered lines with what is left
 * behind each, one sentence and one fix under what is wrong, and a foot. It is a part of
 * FluoQueryBar, whose actions (query.…) its buttons activate. Main thread.
 *
 * Signals: "changed" () when the text did; "run" () for Ctrl+Enter; "leave" () for Esc. */

#define FLUO_TYPE_FILTER_EDITOR (fluo_filter_editor_get_type ())
G_DECLARE_FINAL_TYPE (FluoFilterEditor, fluo_filter_editor, FLUO, FILTER_EDITOR, GtkWidget)

typedef enum
{
  FLUO_DRAFT_BLANK,
  FLUO_DRAFT_WORDS,  /* no expression: words to look for, or a trace's id */
  FLUO_DRAFT_VALID,
  FLUO_DRAFT_TYPING, /* wrong only because it is not complete where the cursor is */
  FLUO_DRAFT_WRONG
} FluoDraftState;

GtkWidget     *fluo_filter_editor_new          (FluoExplorer *explorer);
/* Where the buttons for history and saved filters are to stand. */
void           fluo_filter_editor_add_button   (FluoFilterEditor *self, GtkWidget *button);
char          *fluo_filter_editor_dup_text     (FluoFilterEditor *self);
/* Not to be undone when @fresh, else one step. */
void           fluo_filter_editor_set_text     (FluoFilterEditor *self, const char *text,
                                                gboolean fresh);
/* With the cursor at the end. */
void           fluo_filter_editor_focus        (FluoFilterEditor *self);
FluoDraftState fluo_filter_editor_get_state    (FluoFilterEditor *self);
/* Takes the fix at the cursor, or else the first. FALSE when there is none. */
gboolean       fluo_filter_editor_take_fix     (FluoFilterEditor *self);
/* The foot says so and its button stops. */
void           fluo_filter_editor_set_running  (FluoFilterEditor *self, gboolean running);
void           fluo_filter_editor_set_narrow   (FluoFilterEditor *self, gboolean narrow,
                                                gboolean tiny);
/* Nothing is counted while it is not shown. */
void           fluo_filter_editor_set_shown    (FluoFilterEditor *self, gboolean shown);

/* A button with an icon and "Run", which stops what runs. */
void fluo_filter_editor_show_running (GtkWidget *run, gboolean running);

G_END_DECLS
