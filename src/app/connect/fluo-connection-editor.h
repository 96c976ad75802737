/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws/fluo-connection.h"
#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* One connection as a form, with a test of what it may do. Signals: "save" (): the user wants it
 * kept; "connect" (): kept and opened; "remove" (); "cancel" (); "choose" (): another account and
 * role of single sign-on. */
#define FLUO_TYPE_CONNECTION_EDITOR (fluo_connection_editor_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionEditor, fluo_connection_editor, FLUO, CONNECTION_EDITOR,
                      GtkWidget)

GtkWidget *fluo_connection_editor_new (void);
/* @fresh: it is not in the list yet. */
void       fluo_connection_editor_edit (FluoConnectionEditor *self,
                                        const FluoConnection *connection, gboolean fresh);
/* As the form says it now, newly allocated. */
FluoConnection  *fluo_connection_editor_dup_connection (FluoConnectionEditor *self);
/* The key pair that was typed in, or NULL: none, or not the whole of it. */
FluoCredentials *fluo_connection_editor_dup_keys (FluoConnectionEditor *self);
/* What it can't be kept for. */
void       fluo_connection_editor_show_problem (FluoConnectionEditor *self, const char *text);
/* Runs the test, as the button does. */
void       fluo_connection_editor_test (FluoConnectionEditor *self);
/* Ends a test and forgets what was typed. */
void       fluo_connection_editor_leave (FluoConnectionEditor *self);

G_END_DECLS
