/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-window.h"

G_BEGIN_DECLS

/* "Connect to AWS": a profile of the shared files, or a key pair typed in, and a region. */
#define FLUO_TYPE_AWS_DIALOG (fluo_aws_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoAwsDialog, fluo_aws_dialog, FLUO, AWS_DIALOG, AdwWindow)

GtkWidget *fluo_aws_dialog_new (FluoWindow *window);

G_END_DECLS
