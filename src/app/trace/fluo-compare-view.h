/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-compare.h"

G_BEGIN_DECLS

/* The rows of a comparison. Signals: "activated" (guint row) by double click or Enter, "selected"
 * (guint row, FLUO_SPAN_NONE for none) when another one is. Main thread. */
#define FLUO_TYPE_COMPARE_VIEW (fluo_compare_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoCompareView, fluo_compare_view, FLUO, COMPARE_VIEW, GtkWidget)

GtkWidget        *fluo_compare_view_new           (void);
void              fluo_compare_view_take_table    (FluoCompareView *self, FluoCompareTable *table);
FluoCompareTable *fluo_compare_view_get_table     (FluoCompareView *self); /* borrowed or NULL */
void              fluo_compare_view_set_each_call (FluoCompareView *self, gboolean each_call);
void              fluo_compare_view_set_threshold (FluoCompareView *self, gint64 threshold_ns);
void              fluo_compare_view_set_order     (FluoCompareView *self, FluoCompareOrder order);
guint32           fluo_compare_view_get_selected  (FluoCompareView *self);
void              fluo_compare_view_select        (FluoCompareView *self, guint32 row);
/* Selects the row, or what is seen of those that lead to it. */
void              fluo_compare_view_reveal        (FluoCompareView *self, guint32 row);
void              fluo_compare_view_set_hover     (FluoCompareView *self, guint32 row);

G_END_DECLS
