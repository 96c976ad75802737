/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/ask/fluo-saved-queries.h"

G_BEGIN_DECLS

/* Name, filter, star and where it is offered of a filter to be saved. Signal "saved"
 * (FluoSavedQuery: with the same id). */

#define FLUO_TYPE_SAVED_DIALOG (fluo_saved_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoSavedDialog, fluo_saved_dialog, FLUO, SAVED_DIALOG, AdwWindow)

/* @known: it is one that was saved before. @connection: the one being looked at. */
GtkWidget *fluo_saved_dialog_new (GtkWindow *parent, const FluoSavedQuery *query, gboolean known,
                                  const char *connection);

G_END_DECLS
