/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A dialog that asks for one line of text, says below it what is wrong with it, and can be answered
 * when nothing is. */

/* Whether @text is an answer; else @ret_problem says why, newly allocated, or stays NULL. */
typedef gboolean (*FluoEntryCheck) (const char *text, char **ret_problem);

typedef struct
{
  const char *title;
  const char *body;
  const char *placeholder;
  gsize length_max; /* of the text, 0: any */
  gboolean monospace;
  FluoEntryCheck check;
  /* What is done with the answer: an action of the widget that asked, whose target it is. */
  const char *action;
} FluoEntryQuestion;

/* @question and its strings are static. What is on the clipboard is the answer already, when it is
 * one and @from_clipboard says so (nullable). */
void fluo_entry_dialog_present (GtkWidget *owner, const FluoEntryQuestion *question,
                                gboolean (*from_clipboard) (const char *text));

G_END_DECLS
