/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-cohort.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* Traces grouped by the values of any field, as a table. Signal "term-clicked" (FluoTerm *). */
#define FLUO_TYPE_COMPARE_GROUPS (fluo_compare_groups_get_type ())
G_DECLARE_FINAL_TYPE (FluoCompareGroups, fluo_compare_groups, FLUO, COMPARE_GROUPS, GtkWidget)

GtkWidget *fluo_compare_groups_new (GPtrArray *summaries, GArray *points);
/* What to group by, from a cohort of the same summaries. Response time and time come first. */
void       fluo_compare_groups_set_fields (FluoCompareGroups *self, FluoCohort *cohort);
GListModel *fluo_compare_groups_get_model (FluoCompareGroups *self);
void       fluo_compare_groups_select_field (FluoCompareGroups *self, FluoField field,
                                             const char *key);

G_END_DECLS
