/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-sentence.h"

G_BEGIN_DECLS

/* What the pages and dialogs of the administration are made of. Text of a server is made safe here
 * and nowhere else. */

/* Wraps; @css_class may be NULL. */
GtkWidget *fluo_admin_make_label    (const char *text, const char *css_class);
/* One line, cut at its end, whole in the tooltip. */
GtkWidget *fluo_admin_make_line     (const char *text, const char *css_class);
void       fluo_admin_set_label     (GtkLabel *label, const char *text);
void       fluo_admin_set_sentence  (GtkLabel *label, const FluoSentence *sentence);
/* A filter expression in its colours, on one line. */
GtkWidget *fluo_admin_make_filter   (const char *expression);
GtkWidget *fluo_admin_make_chip     (const char *text, const char *tooltip);
GtkWidget *fluo_admin_make_button   (const char *icon, const char *tooltip); /* flat, icon only */
GtkWidget *fluo_admin_make_heading  (const char *text);
/* Text to be copied, with a button for that. */
GtkWidget *fluo_admin_make_code     (const char *text);
/* What could not be done and why. @statement (may be NULL) is the IAM statement that would permit
 * it. */
GtkWidget *fluo_admin_make_error    (const char *title, const GError *error, const char *statement);
/* One sentence in a tinted box: "fault", "error", "ok" or "" (plain). */
GtkWidget *fluo_admin_make_note     (const char *text, const char *kind);
/* Nothing there yet: a sentence, and what one can do about it. */
GtkWidget *fluo_admin_make_empty    (const char *icon, const char *title, const char *text);
void       fluo_admin_clear_box     (GtkWidget *box);
GtkEditable *fluo_admin_make_entry_row (GtkWidget *group, const char *title, const char *text,
                                        const char *tooltip);

G_END_DECLS
