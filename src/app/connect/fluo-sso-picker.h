/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws/fluo-connection.h"
#include "aws/fluo-sso.h"

G_BEGIN_DECLS

/* From nothing but a start URL to a connection: where to sign in, the browser, an account, a role;
 * one thing a page. Signals: "chosen" (): fluo_sso_picker_dup_connection() has all but a name of
 * the user's; "title" (): get_title() says something else. */
#define FLUO_TYPE_SSO_PICKER (fluo_sso_picker_get_type ())
G_DECLARE_FINAL_TYPE (FluoSsoPicker, fluo_sso_picker, FLUO, SSO_PICKER, GtkWidget)

GtkWidget      *fluo_sso_picker_new   (void);
/* Signs in to @session, or asks where to when it is NULL. @connection (nullable): its account and
 * role are chosen anew, and all else of it stays. */
void            fluo_sso_picker_begin (FluoSsoPicker *self, const FluoSsoSession *session,
                                       const FluoConnection *connection);
/* One page back; FALSE when this is the first. */
gboolean        fluo_sso_picker_back  (FluoSsoPicker *self);
/* Ends what is under way. */
void            fluo_sso_picker_leave (FluoSsoPicker *self);
const char     *fluo_sso_picker_get_title (FluoSsoPicker *self);
FluoConnection *fluo_sso_picker_dup_connection (FluoSsoPicker *self) G_GNUC_WARN_UNUSED_RESULT;

/* What somebody types for a start URL, whole: "corp" is "https://corp.awsapps.com/start". */
char           *fluo_sso_picker_dup_start_url (const char *text);

G_END_DECLS
