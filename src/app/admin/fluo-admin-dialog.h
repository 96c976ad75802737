/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-change.h"
#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* One change of the settings: a form (or none), what it will do, and the button that does it. It
 * stays open with what was typed when that fails. */
#define FLUO_TYPE_ADMIN_DIALOG (fluo_admin_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminDialog, fluo_admin_dialog, FLUO, ADMIN_DIALOG, AdwWindow)

typedef struct
{
  GPtrArray *changes; /* FluoXrayChange in order; empty: nothing is different */
  GPtrArray *undo;    /* NULL: the inverses of the changes */
  char      *problem; /* why there can be none, a sentence; then nothing can be done */
} FluoAdminPlan;

/* From the form as it is now. Fills @ret_plan, whose changes are empty and the rest NULL. */
typedef void (*FluoAdminPlanFunc) (gpointer data, FluoAdminPlan *ret_plan);

/* @verb is the button's text, "Make group"; @text (may be NULL) what is to be known before. */
FluoAdminDialog *fluo_admin_dialog_new (FluoAdminWindow *admin, const char *title,
                                        const char *verb, gboolean destructive, const char *text);
void fluo_admin_dialog_set_form   (FluoAdminDialog *self, GtkWidget *form);
/* Takes over @data. */
void fluo_admin_dialog_set_plan   (FluoAdminDialog *self, FluoAdminPlanFunc plan, gpointer data,
                                   GDestroyNotify data_free);
/* The form has changed. */
void fluo_admin_dialog_update     (FluoAdminDialog *self);
/* Follows and is applied from an entry of the form. */
void fluo_admin_dialog_follow     (FluoAdminDialog *self, GtkEditable *entry);
/* For something without a form: takes over @changes. */
void fluo_admin_dialog_confirm    (FluoAdminWindow *admin, const char *title, const char *verb,
                                   gboolean destructive, const char *text, GPtrArray *changes);

G_END_DECLS
