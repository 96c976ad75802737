/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row of the lists of filters: a title with what stands beside it, and the coloured filter below.
 * Text is made safe. */

/* @start (may be NULL) stands before the title. The title may be NULL: then the filter is all. */
GtkWidget *fluo_query_row_new        (GtkWidget *start, const char *title, const char *filter);
/* At the title's end; shown while the row is pointed at or has the focus when @quiet. */
void       fluo_query_row_add        (GtkWidget *row, GtkWidget *child, gboolean quiet);
void       fluo_query_row_set_detail (GtkWidget *row, const char *text);
/* The frame of such a list: search above, @list below it. @ret_search takes the GtkSearchEntry. */
GtkWidget *fluo_query_row_make_frame (const char *placeholder, GtkWidget *list,
                                      GtkWidget **ret_search);
/* As wide as the window lets it be; before it is shown. */
void       fluo_query_row_fit_frame  (GtkWidget *frame);

G_END_DECLS
