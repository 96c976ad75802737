/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-sigv4.h"

G_BEGIN_DECLS

/* The other side of Signature Version 4: whether a request that was received is signed by somebody
 * who has a secret that is known here. It goes through the same four stages as the signer, in the
 * order in which AWS's front ends complain. Pure functions; any thread. */

typedef enum
{
  FLUO_SIGV4_ERROR_MISSING,      /* there is no signature */
  FLUO_SIGV4_ERROR_INCOMPLETE,   /* a part of it is missing or can't be read */
  FLUO_SIGV4_ERROR_MALFORMED,    /* an escape of the query is none */
  FLUO_SIGV4_ERROR_INVALID,      /* wrong time, scope, header or signature */
  FLUO_SIGV4_ERROR_UNRECOGNIZED, /* nobody here has this access key */
} FluoSigv4Error;

#define FLUO_SIGV4_ERROR (fluo_sigv4_error_quark ())
GQuark      fluo_sigv4_error_quark    (void);
/* As the services name it: "MissingAuthenticationTokenException". */
const char *fluo_sigv4_error_get_name (FluoSigv4Error error);

/* How far the signer's clock may be from the verifier's. */
#define FLUO_SIGV4_SKEW_MAX_S (15 * 60)
/* Of a presigned URL. */
#define FLUO_SIGV4_EXPIRES_MAX_S (7 * 24 * 60 * 60)

/* The secret of an access key, or NULL. Borrowed; as long as the verification runs. */
typedef const char *(*FluoSigv4Lookup) (const char *access_key, gpointer user_data);

/* @request holds all headers as they were received, and the query with its parameters of a
 * presigned URL, if it is one. Any region is accepted, @service only. FALSE with a FLUO_SIGV4_ERROR
 * whose text repeats nothing of the request but well-formed times. */
gboolean fluo_sigv4_verify (const FluoSigv4Request *request, const char *service, gint64 now_s,
                            FluoSigv4Lookup lookup, gpointer user_data, GError **error);
/* The query is one of a presigned URL. */
gboolean fluo_sigv4_is_presigned (const char *query);

G_END_DECLS
