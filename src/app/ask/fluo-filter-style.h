/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

/* How filters are coloured: our language for GtkSourceView, and a style scheme for light, dark and
 * high contrast, each with FluoPalette's colours. Main thread. */

/* Gives @buffer the language and the scheme, which follows the style from then on. */
void           fluo_filter_style_follow         (GtkSourceBuffer *buffer);
/* The same scheme over another of GtkSourceView's languages: "json", "sql". */
void           fluo_filter_style_follow_as      (GtkSourceBuffer *buffer, const char *language);
/* The same colours and weights for a label or a one-line field. Transfer full. */
PangoAttrList *fluo_filter_style_dup_attributes (const char *text);
/* In lists: so much of a longer text is coloured. */
#define FLUO_FILTER_STYLE_BYTES_MAX 4096

G_END_DECLS
