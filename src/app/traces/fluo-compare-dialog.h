/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "core/fluo-cohort.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* Two sets of traces held against each other: their response times in one chart, and every value
 * of every field by how much more common it is in the one; and, on a second page, groups by any
 * field. Shows the traces it was opened with. Signal "term-clicked" (FluoTerm *). */
#define FLUO_TYPE_COMPARE_DIALOG (fluo_compare_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoCompareDialog, fluo_compare_dialog, FLUO, COMPARE_DIALOG, AdwWindow)

typedef enum
{
  FLUO_COMPARE_DIFFERENCES,
  FLUO_COMPARE_GROUPS_PAGE
} FluoComparePage;

FluoCompareDialog *fluo_compare_dialog_new (GtkWindow *parent, GPtrArray *summaries, GArray *points,
                                            const FluoBrush *brush, FluoComparePage page);
void        fluo_compare_dialog_set_filter (FluoCompareDialog *self, const char *filter,
                                              FluoTimeSpan span);
gboolean    fluo_compare_dialog_is_busy    (FluoCompareDialog *self);
/* By its place in the lists of A and B. */
void        fluo_compare_dialog_set_sets   (FluoCompareDialog *self, guint a, guint b);
GListModel *fluo_compare_dialog_get_sets   (FluoCompareDialog *self); /* names of sets */
FluoCohort *fluo_compare_dialog_get_cohort (FluoCompareDialog *self); /* borrowed, NULL at first */
/* As the search leaves them. */
GListModel *fluo_compare_dialog_get_rows   (FluoCompareDialog *self);

G_END_DECLS
