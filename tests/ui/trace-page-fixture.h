/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-trace-page-private.h"

G_BEGIN_DECLS

/* A trace's page in a window of its own, and what a user does there. */

GtkWidget  *trace_page_show          (GtkWidget *page); /* the window */
/* For fluo_test_wait_until(): rows can be seen. @data is the page. */
gboolean    trace_page_is_laid_out   (gpointer data);
const char *trace_page_selected_name (FluoTracePage *page);
/* A key for the waterfall, or another widget; TRUE when it was taken. */
gboolean    trace_page_press         (FluoTracePage *page, guint keyval, GdkModifierType state);
gboolean    trace_page_press_on      (GtkWidget *widget, guint keyval, GdkModifierType state);

G_END_DECLS
