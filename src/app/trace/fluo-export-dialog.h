/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "draw/fluo-compare.h"

G_BEGIN_DECLS

/* Asks how a trace, or a comparison of two, should look on paper, shows it, and writes the file.
 * Main thread; drawing happens in a worker. */
#define FLUO_TYPE_EXPORT_DIALOG (fluo_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoExportDialog, fluo_export_dialog, FLUO, EXPORT_DIALOG, AdwWindow)

/* @options gives what the view knows: the visible time, what is usual, the range, the colours.
 * Modal over @parent's window; afterwards @parent's action win.toast says what was written. */
GtkWidget *fluo_export_dialog_new (GtkWidget *parent, FluoTrace *trace,
                                   const FluoExportOptions *options);
/* The same for a comparison as it stands; @table is copied. */
GtkWidget *fluo_export_dialog_new_for_comparison (GtkWidget *parent, FluoCompareTable *table,
                                                  const FluoExportOptions *options);
/* Writes to @file with the choices made; what the Save button does after a file was chosen. */
void       fluo_export_dialog_save (FluoExportDialog *self, GFile *file);
FluoExportOptions fluo_export_dialog_get_options (
  FluoExportDialog *self); /* strings are borrowed */

G_END_DECLS
