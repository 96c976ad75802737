/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-credential-plan.h"

G_BEGIN_DECLS

/* AWS's Security Token Service, which speaks the query protocol: a form goes out, XML comes back.
 * Errors are FLUO_XRAY_ERROR as for X-Ray itself, because codes and advice are the same. */

/* Seams for tests: unix seconds, and the pause before attempt @attempt in milliseconds. */
typedef struct
{
  gint64 (*clock) (gpointer data);
  guint  (*pause) (guint attempt, gboolean throttled, gpointer data);
  gpointer data;
} FluoStsSeams;

typedef struct
{
  SoupSession *session;
  const char  *endpoint; /* normalized */
  const char  *region;   /* of the signature */
  FluoStsSeams seams;    /* NULLs stand for the computer's clock and random pauses */
} FluoSts;

/* Up to three attempts; a clock that is wrong gets one more with the service's time. All of @sts,
 * @role and @source is copied or referenced. The callback comes in the caller's context. */
void fluo_sts_assume_role_async (const FluoSts *sts, const FluoAwsRole *role,
                                 FluoCredentials *source, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_sts_assume_role_finish (GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The form of the request. @now_s goes into a session name where the role has none. */
char *fluo_sts_write_assume_role (const FluoAwsRole *role, gint64 now_s) G_GNUC_WARN_UNUSED_RESULT;
/* Keys out of an answer, or NULL with FLUO_XRAY_ERROR_PROTOCOL. @now_s: keys that have expired by
 * then are refused. */
FluoCredentials *fluo_sts_read_assume_role (GBytes *xml, const char *source, gint64 now_s,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The code and the words of an ErrorResponse; FALSE when it is none. */
gboolean fluo_sts_read_error (GBytes *xml, char **ret_code, char **ret_message);

G_END_DECLS
