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

G_END_DECLS
