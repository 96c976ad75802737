/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws/fluo-connection.h"
#include "aws/fluo-sso.h"

G_BEGIN_DECLS

/* All connections, and one of them as a form: a window beside the one it was opened from.
 *
 * Signals: "chosen" (FluoConnection, FluoCredentials): that one is to be opened, with a key pair
 * that was typed in just now, or NULL. */
#define FLUO_TYPE_CONNECTIONS_WINDOW (fluo_connections_window_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionsWindow, fluo_connections_window, FLUO, CONNECTIONS_WINDOW,
                      AdwWindow)

/* Other tabs and windows are asked for through actions of @owner. */
GtkWidget *fluo_connections_window_new  (GtkWidget *owner);
/* Shows the form of that connection. */
void       fluo_connections_window_edit (FluoConnectionsWindow *self,
                                         const FluoConnection *connection);
/* For a profile of single sign-on that names no account and no role: as soon as the profiles are
 * read. */
void       fluo_connections_window_choose_for (FluoConnectionsWindow *self, const char *profile);
/* Signs in to @session, or asks where to when it is NULL, and lets an account and a role be chosen:
 * for @connection, or for a new one when that is NULL. */
void       fluo_connections_window_sign_on (FluoConnectionsWindow *self,
                                            const FluoSsoSession *session,
                                            const FluoConnection *connection);

G_END_DECLS
