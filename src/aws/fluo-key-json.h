/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credentials.h"
#include "core/fluo-json.h"

G_BEGIN_DECLS

/* Keys as the AWS tools write them in JSON, which differs in spelling alone: "AccessKeyId" or
 * "accessKeyId", "SessionToken", "sessionToken" or "Token", "Expiration" or "expiresAt" as text or
 * in milliseconds. Pure functions. */

/* Where keys come from, for what JSON doesn't say. */
typedef struct
{
  const char *source;  /* in words */
  const char *account; /* or NULL; JSON's own beats it */
  const char *arn;     /* or NULL */
} FluoKeyOrigin;

/* NULL with FLUO_CREDENTIALS_ERROR_SOURCE, "SOURCE gave …". Keys that have expired by @now_s are
 * refused. */
FluoCredentials *fluo_key_json_read (const FluoJsonTape *tape, guint32 object,
                                     const FluoKeyOrigin *origin, gint64 now_s,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of a whole text. */
FluoCredentials *fluo_key_json_read_text (GBytes *text, const FluoKeyOrigin *origin, gint64 now_s,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Unix seconds of "2027-01-15T08:00:00Z", the same with "UTC" at its end, or a number of seconds or
 * milliseconds. FALSE for anything else and for times outside 1970 to 9999. */
gboolean fluo_key_json_read_time (const FluoJsonTape *tape, guint32 node, gint64 *ret_s);
/* Wipes, frees and forgets. */
void fluo_key_text_clear (char **text);

G_END_DECLS
