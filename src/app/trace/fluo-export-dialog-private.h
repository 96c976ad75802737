/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-export-dialog.h"

G_BEGIN_DECLS

/* The preview is drawn at twice this width for sharp screens. */
#define FLUO_EXPORT_PREVIEW_WIDTH 400

struct _FluoExportDialog
{
  AdwWindow parent_instance;

  GtkWidget *parent;        /* weak */
  FluoTrace *trace;         /* NULL: a comparison is exported */
  FluoCompareTable *table;  /* or NULL */
  FluoExportOptions base;
  GtkDropDown *format;
  GtkDropDown *picture;
  GtkDropDown *extent;
  GtkDropDown *waits;
  GtkDropDown *lines;
  GtkWidget *picture_row, *extent_row, *waits_row, *lines_row;
  GtkDropDown *scale;
  GtkWidget *scale_row;
  GtkEditable *title;
  GtkEditable *event;
  GtkSwitch *cards, *tokens, *emails, *queries;
  GtkPicture *preview;
  GtkLabel *pages;
  GtkRevealer *error_revealer;
  GtkLabel *error;
  GtkWidget *form;
  GtkWidget *save;
  GtkWidget *stop;              /* in its place while it is saved */
  GtkRevealer *progress_revealer;
  GtkProgressBar *progress;
  GtkFileChooserNative *chooser;
  GCancellable *cancellable;
  GTask *saving;                /* NULL: nothing is saved */
  guint progress_source;
  guint preview_source;
  guint generation;
};

/* fluo-export-dialog-save.c: drawing in a worker, for the preview and for the file. */
void fluo_export_dialog_preview (FluoExportDialog *self); /* soon, with the options of then */
void fluo_export_dialog_stop    (FluoExportDialog *self); /* saving */

G_END_DECLS
