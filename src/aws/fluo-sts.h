/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-request.h"
#include "aws/fluo-aws-role.h"

G_BEGIN_DECLS

/* AWS's Security Token Service, which speaks the query protocol: a form goes out, XML comes back.
 * Errors are FLUO_XRAY_ERROR as for X-Ray itself, because codes and advice are the same. */

typedef struct
{
  SoupSession *session;
  const char  *endpoint; /* normalized */
  const char  *region;   /* of the signature */
  FluoAwsSeams seams;    /* NULLs stand for the computer's clock and random pauses */
} FluoSts;

/* All of @sts, @role and @source is copied or referenced. @code is what the role's device shows, or
 * NULL. The callback comes in the caller's context. */
void fluo_sts_assume_role_async (const FluoSts *sts, const FluoAwsRole *role, const char *code,
                                 FluoCredentials *source, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* The same with a token of somebody whom the role trusts, and without a signature. */
void fluo_sts_assume_role_with_web_identity_async (const FluoSts *sts, const FluoAwsRole *role,
                                                   const char *token, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
/* Of both. */
FluoCredentials *fluo_sts_assume_role_finish (GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whose keys they are; needs no permission. The identity is "arn:aws:sts::111122223333:…". */
void  fluo_sts_get_caller_async (const FluoSts *sts, FluoCredentials *keys,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
char *fluo_sts_get_caller_finish (GAsyncResult *result, char **ret_account,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The form of the request. @now_s goes into a session name where the role has none. */
char *fluo_sts_write_assume_role (const FluoAwsRole *role, const char *code,
                                  gint64 now_s) G_GNUC_WARN_UNUSED_RESULT;
/* Keys out of an answer, or NULL with FLUO_XRAY_ERROR_PROTOCOL. @now_s: keys that have expired by
 * then are refused. */
FluoCredentials *fluo_sts_read_assume_role (GBytes *xml, const char *source, gint64 now_s,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *fluo_sts_read_caller (GBytes *xml, char **ret_account,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The code and the words of an ErrorResponse; FALSE when it is none. */
gboolean fluo_sts_read_error (GBytes *xml, char **ret_code, char **ret_message);

G_END_DECLS
