/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-pane.h"

G_BEGIN_DECLS

/* Shared by the files of the section of sampling rules alone. */

/* Columns after the name; the widths are those of the heads too. */
typedef enum
{
  FLUO_SAMPLING_RESERVOIR,
  FLUO_SAMPLING_RATE,
  FLUO_SAMPLING_REQUESTS,
  FLUO_SAMPLING_SAMPLED,
  FLUO_SAMPLING_BORROWED,
  FLUO_SAMPLING_TREND,
  FLUO_SAMPLING_N_COLUMNS
} FluoSamplingColumn;

#define FLUO_TYPE_ADMIN_SAMPLING (fluo_admin_sampling_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminSampling, fluo_admin_sampling, FLUO, ADMIN_SAMPLING, FluoAdminPane)

struct _FluoAdminSampling
{
  FluoAdminPane parent_instance;

  GtkWidget *width_box;
  GtkWidget *head;
  GtkWidget *list;
  GtkWidget *none; /* what stands there without any rule */
  GtkWidget *simulator;
  GPtrArray *rules;  /* FluoSamplingRule, or NULL */
  GPtrArray *counts; /* FluoSamplingCount, or NULL */
  char *moved;       /* name of the rule that takes the keyboard back once it is read, or NULL */
  guint poll_id;
};

/* What a row holds. */
typedef struct
{
  FluoAdminSampling *pane; /* borrowed: an ancestor */
  FluoSamplingRule *rule;
  guint index;
  GtkWidget *cells[FLUO_SAMPLING_N_COLUMNS];
  GtkWidget *more; /* the second line's amounts, in place of columns that are left out */
} FluoSamplingRow;

/* fluo-admin-sampling-order.c */
/* That of the list's row that @widget is in. */
FluoSamplingRow *fluo_sampling_row_of (GtkWidget *widget);
gboolean fluo_sampling_row_is_movable (const FluoSamplingRow *row);
/* @row, a widget, is drawn to its place by @handle. */
void     fluo_sampling_row_add_drag   (GtkWidget *handle, GtkWidget *row);
/* Alt with Up or Down moves the row that has the keyboard. */
gboolean fluo_admin_sampling_key_cb   (FluoAdminSampling *self, guint keyval, guint keycode,
                                       GdkModifierType held);

G_END_DECLS
