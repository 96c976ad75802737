/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What IAM has to allow, in its own words. Pure functions. */

/* "xray:BatchGetTraces" for an operation's path "/Traces"; NULL when it makes no proper name. */
char *fluo_permission_dup_action (const char *path) G_GNUC_WARN_UNUSED_RESULT;
/* What a service's refusal names: "… is not authorized to perform: xray:BatchGetTraces on …". NULL
 * when it names nothing that is an action's name. @message is not to be trusted. */
char *fluo_permission_dup_refused (const char *message) G_GNUC_WARN_UNUSED_RESULT;
/* The action that was not allowed, or NULL: for any error, and always NULL for those of other
 * domains than FLUO_XRAY_ERROR. Borrowed. */
const char *fluo_permission_of_error (const GError *error);
/* The ARN of the role that could not be taken on, when that is what was not allowed; else NULL. */
const char *fluo_permission_get_role (const GError *error);
/* A statement to ask the account's administrator for, for one operation of X-Ray ("UpdateGroup")
 * with what else it needs: JSON, newly allocated. @arn NULL, or an operation that knows no
 * resources: of everything. */
char *fluo_permission_dup_statement_for (const char *operation, const char *arn);
/* The same of one error; NULL when it is no refusal that names an action. */
char *fluo_permission_dup_statement_of (const GError *error);
/* A whole policy document for reading, as little as everything here needs. */
char *fluo_permission_dup_policy (gboolean metrics, gboolean logs);

G_END_DECLS
