/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "fluo-explorer.h"

G_BEGIN_DECLS

/* "Why is my trace missing?": asks the collector what became of a trace, or what is wrong at all,
 * and shows its reasons. On a connection that keeps no account of losses it says so. */
#define FLUO_TYPE_MISSING_DIALOG (fluo_missing_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoMissingDialog, fluo_missing_dialog, FLUO, MISSING_DIALOG, AdwWindow)

/* @trace may be NULL or "": then the question is what is wrong at all. It is asked at once. What is
 * found is opened through the actions of @owner. */
GtkWidget *fluo_missing_dialog_new (GtkWidget *owner, FluoExplorer *explorer, const char *trace);

G_END_DECLS
