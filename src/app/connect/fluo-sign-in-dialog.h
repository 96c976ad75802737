/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "fluo-session.h"

G_BEGIN_DECLS

/* Signs in over @parent: asks what the provider wants to know, or says where to go with a browser,
 * and closes by itself. @done is called once in the end with NULL, with G_IO_ERROR_CANCELLED when
 * the user gave up, or with what failed. Nothing is shown while nobody has to do anything. */
typedef void (*FluoSignInDone) (const GError *error, gpointer user_data);

void fluo_sign_in_run (FluoCredentialProvider *provider, GtkWindow *parent, FluoSignInDone done,
                       gpointer user_data, GDestroyNotify destroy);

/* The dialog alone, for what else asks than a provider: it is shown with each question and hidden
 * when that is settled. Whoever made it destroys it in the end. */
#define FLUO_TYPE_SIGN_IN_DIALOG (fluo_sign_in_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FluoSignInDialog, fluo_sign_in_dialog, FLUO, SIGN_IN_DIALOG, AdwWindow)

FluoSignInDialog *fluo_sign_in_dialog_new (GtkWindow *parent) G_GNUC_WARN_UNUSED_RESULT;
/* Is a FluoSignInFunc; @dialog is the dialog. */
void              fluo_sign_in_dialog_ask (FluoSignIn *sign_in, gpointer dialog);
/* Of the call that asks: cancelled when the user closes the dialog. */
GCancellable     *fluo_sign_in_dialog_get_cancellable (FluoSignInDialog *self);

G_END_DECLS
