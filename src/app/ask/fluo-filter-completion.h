/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"
#include "filter/fluo-filter-complete.h"

G_BEGIN_DECLS

/* The list of what may be written at the cursor. A popover of our own and not GtkSourceView's:
 * it serves the one-line field as well, and has the counts, the field's values and a foot that
 * GtkSourceCompletion has no place for. The keyboard stays with the text. Main thread.
 *
 * It opens by itself after two letters, or for Ctrl+Space; Up and Down choose, Tab inserts, Enter
 * does once something was chosen, Esc closes. */

typedef struct _FluoFilterCompletionList FluoFilterCompletionList;

/* The text it is for. Offsets are bytes. */
typedef struct
{
  /* As it is to be parsed: the same places as in what is shown. */
  char *(*dup_text) (gpointer data, guint *ret_cursor);
  /* Of that byte, in the parent's coordinates. */
  void (*get_place) (gpointer data, guint byte, GdkRectangle *ret_place);
  void (*insert) (gpointer data, FluoFilterRange range, const char *text, guint cursor);
} FluoCompletionHost;

/* @parent needs a layout manager. It and @host must outlive the list. */
FluoFilterCompletionList *fluo_filter_completion_list_new (GtkWidget *parent,
                                                           FluoExplorer *explorer,
                                                           const FluoCompletionHost *host,
                                                           gpointer data);
void     fluo_filter_completion_list_free  (FluoFilterCompletionList *self);
/* The user changed the text. */
void     fluo_filter_completion_list_typed (FluoFilterCompletionList *self);
/* The user moved the cursor. */
void     fluo_filter_completion_list_moved (FluoFilterCompletionList *self);
/* Before the text sees it. TRUE when it was meant for the list. */
gboolean fluo_filter_completion_list_key   (FluoFilterCompletionList *self, guint keyval,
                                            GdkModifierType held);
void     fluo_filter_completion_list_close (FluoFilterCompletionList *self);

G_END_DECLS
