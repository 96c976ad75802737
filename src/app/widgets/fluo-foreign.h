/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Text that came from elsewhere (a trace, a file, a server, a colleague) into a widget: made safe
 * by fluo_format_untrusted(), and never more of it than anybody reads there. NULL: none. */

/* Tooltips are read at a glance (security: 2 KB). */
#define FLUO_FOREIGN_TOOLTIP_CHARS_MAX 500

/* A toast passes by, and its title is markup. */
#define FLUO_FOREIGN_TOAST_CHARS_MAX 300

void      fluo_foreign_set_label   (GtkLabel *label, const char *text, gsize max_chars);
void      fluo_foreign_set_tooltip (GtkWidget *widget, const char *text);
AdwToast *fluo_foreign_new_toast   (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
