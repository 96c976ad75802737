/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Text that came from elsewhere (a trace, a file, a server, a colleague) into a widget: made safe
 * by fluo_format_untrusted(), and never more of it than anybody reads there. NULL: none. */

/* Tooltips are read at a glance (security: 2 KB). */
#define FLUO_FOREIGN_TOOLTIP_CHARS_MAX 500

void fluo_foreign_set_label   (GtkLabel *label, const char *text, gsize max_chars);
void fluo_foreign_set_tooltip (GtkWidget *widget, const char *text);

G_END_DECLS
