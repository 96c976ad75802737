/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* AWS Signature Version 4 as four pure functions: canonical request, string to sign, signing key,
 * signature. A signer calls them over what it will send, a verifier over what it received; nothing
 * here reads a clock or the environment. Any thread. Source: "Signature Version 4 signing process",
 * AWS General Reference. */

#define FLUO_SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define FLUO_SIGV4_TIMESTAMP_LEN 16 /* 20150830T123600Z */
#define FLUO_SIGV4_DATE_LEN 8       /* the timestamp's first characters */
#define FLUO_SIGV4_KEY_LEN 32
#define FLUO_SIGV4_HEX_LEN 64

typedef struct
{
  const char *name;
  const char *value;
} FluoSigv4Header;

/* What is covered by the signature. All pointers are borrowed. */
typedef struct
{
  const char            *method;
  const char            *path;      /* as on the wire, without the query; "" means "/" */
  const char *query; /* as on the wire, without the question mark; NULL or "" = none */
  const FluoSigv4Header
    *headers; /* exactly those to sign, in the order received, names in any case */
  gsize                  n_headers;
  const void            *body;      /* may be NULL when the length is 0 */
  gsize                  body_length;
} FluoSigv4Request;

/* Where and when a signature is valid. */
typedef struct
{
  const char *timestamp; /* FLUO_SIGV4_TIMESTAMP_LEN characters; its date is the scope's date */
  const char *region;
  const char *service;
} FluoSigv4Scope;

/* Percent-encoding over bytes: letters, digits and "-._~" stay, everything else is % and two
 * upper-case hex digits.
 * @keep_slash also leaves "/" alone. Appends to @out. */
void fluo_sigv4_escape (GString *out, const char *bytes, gsize length, gboolean keep_slash);
/* Writes @unix_s in UTC; @timestamp has room for FLUO_SIGV4_TIMESTAMP_LEN + 1. FALSE outside the
 * years 1970 to 9999. */
gboolean fluo_sigv4_format_timestamp  (gint64 unix_s, char *timestamp);

/* The four stages. Strings are newly allocated. @ret_signed_headers gets
 * "content-type;host;x-amz-date". */
char *fluo_sigv4_canonical_request (const FluoSigv4Request *request,
                                    char **ret_signed_headers) G_GNUC_WARN_UNUSED_RESULT;
char *fluo_sigv4_string_to_sign (const char *canonical_request,
                                 const FluoSigv4Scope *scope) G_GNUC_WARN_UNUSED_RESULT;
/* @key has room for FLUO_SIGV4_KEY_LEN bytes; the caller wipes it. */
void fluo_sigv4_signing_key (const char *secret, const FluoSigv4Scope *scope, guint8 *key);
/* @signature has room for FLUO_SIGV4_HEX_LEN + 1. */
void fluo_sigv4_signature (const guint8 *key, const char *string_to_sign, char *signature);

/* The value of the Authorization header. */
char *fluo_sigv4_authorization (const char *access_key, const FluoSigv4Scope *scope,
                                const char *signed_headers,
                                const char *signature) G_GNUC_WARN_UNUSED_RESULT;
/* All stages in a row over the request's signable headers. The date and token headers must be among
 * them already. */
char *fluo_sigv4_sign (const FluoSigv4Request *request, const FluoSigv4Scope *scope,
                       const FluoCredentials *credentials) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
