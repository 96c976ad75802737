/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks for the values of a filter's parameters. What was given before for a name is proposed
 * again. Signal "filled" (string: the filter with its values). */

#define FLUO_TYPE_PARAMETER_DIALOG (fluo_parameter_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoParameterDialog, fluo_parameter_dialog, FLUO, PARAMETER_DIALOG,
                      AdwWindow)

/* @parameters: FluoParameter, at least one. */
GtkWidget *fluo_parameter_dialog_new (GtkWindow *parent, const char *text, GPtrArray *parameters);

G_END_DECLS
