/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-cohort.h"

G_BEGIN_DECLS

/* Differences of two sets as rows of a list: field, value, both shares. */

/* A row of a cohort; keeps the cohort. */
#define FLUO_TYPE_DIFFERENCE (fluo_difference_get_type ())
G_DECLARE_FINAL_TYPE (FluoDifference, fluo_difference, FLUO, DIFFERENCE, GObject)

FluoDifference      *fluo_difference_new     (FluoCohort *cohort, const FluoCohortRow *row);
const FluoCohortRow *fluo_difference_get_row (FluoDifference *self);
/* Its field or value has that text, which is folded. */
gboolean             fluo_difference_matches (const FluoCohortRow *row, const char *folded);

/* What is asked for now: rows of it are marked. */
typedef struct
{
  char        *filter;
  FluoTimeSpan span; /* the range */
} FluoInForce;

/* @in_force must outlive the factory. */
GtkListItemFactory  *fluo_compare_rows_new_factory (const FluoInForce *in_force);

G_END_DECLS
