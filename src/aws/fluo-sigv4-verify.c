/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-sigv4-verify.h"

#include <stdio.h>
#include <string.h>

#include "aws/fluo-endpoint.h"

#define N_SCOPE_PARTS 5
#define SCOPE_TERMINATOR "aws4_request"
#define CONTENT_HASH "x-amz-content-sha256"

/* What the request says about its signature; NULL where it says nothing. */
typedef struct
{
  gboolean presigned;
  char    *credential;
  char    *signed_headers;
  char    *signature;
  char    *date;
  char    *token;
  char    *expires;
  char    *query; /* that the signature covers */
  char   **scope; /* access key, date, region, service, terminator */
  char   **names; /* of the signed headers */
} Claim;

G_DEFINE_QUARK (fluo-sigv4-error-quark, fluo_sigv4_error)

const char *
fluo_sigv4_error_get_name (FluoSigv4Error error)
{
  switch (error)
    {
    case FLUO_SIGV4_ERROR_MISSING:
      return "MissingAuthenticationTokenException";
    case FLUO_SIGV4_ERROR_INCOMPLETE:
      return "IncompleteSignatureException";
    case FLUO_SIGV4_ERROR_MALFORMED:
      return "MalformedQueryStringException";
    case FLUO_SIGV4_ERROR_UNRECOGNIZED:
      return "UnrecognizedClientException";
    case FLUO_SIGV4_ERROR_INVALID:
    default:
      return "InvalidSignatureException";
    }
}

static void
claim_clear (Claim *self)
{
  g_free (self->credential);
  g_free (self->signed_headers);
  g_free (self->signature);
  g_free (self->date);
  g_free (self->token);
  g_free (self->expires);
  g_free (self->query);
  g_strfreev (self->scope);
  g_strfreev (self->names);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Claim, claim_clear)

static gboolean
fail (GError **error, FluoSigv4Error code, const char *message)
{
  g_set_error_literal (error, FLUO_SIGV4_ERROR, (int) code, message);
  return FALSE;
}

/* The only value of a header, or NULL; @ret_n tells how many there are. */
static const char *
find_header (const FluoSigv4Request *request, const char *name, guint *ret_n)
{
  const char *value = NULL;
  guint n = 0;

  for (gsize i = 0; i < request->n_headers; i++)
    if (g_ascii_strcasecmp (request->headers[i].name, name) == 0)
      {
        value = request->headers[i].value;
        n++;
      }
  if (ret_n)
    *ret_n = n;
  return value;
}

static void
set (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

/* --- The Authorization header --------------------------------------------- */

/* "Credential=…, SignedHeaders=…, Signature=…" in any order; of a repeated one the last counts. */
static gboolean
read_parameters (Claim *self, const char *text, GError **error)
{
  g_auto (GStrv) pieces = g_strsplit (text, ",", -1);

  for (guint i = 0; pieces[i]; i++)
    {
      char *piece = g_strstrip (pieces[i]);
      char *equals = strchr (piece, '=');

      if (*piece == '\0')
        continue;
      if (!equals)
        return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE,
                     "not a valid key=value pair (missing equal-sign) in Authorization header");
      *equals = '\0';
      if (strcmp (piece, "Credential") == 0)
        set (&self->credential, g_strdup (equals + 1));
      else if (strcmp (piece, "SignedHeaders") == 0)
        set (&self->signed_headers, g_strdup (equals + 1));
      else if (strcmp (piece, "Signature") == 0)
        set (&self->signature, g_strdup (equals + 1));
    }
  return TRUE;
}

static gboolean
read_header (Claim *self, const FluoSigv4Request *request, const char *value, GError **error)
{
  gsize length = strcspn (value, " \t");
  const char *date = find_header (request, "x-amz-date", NULL);
  g_autoptr (GString) missing = g_string_new (NULL);

  if (length != strlen (FLUO_SIGV4_ALGORITHM) || strncmp (value, FLUO_SIGV4_ALGORITHM, length) != 0)
    return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE,
                 "Unsupported AWS 'algorithm'; expected AWS4-HMAC-SHA256.");
  if (!read_parameters (self, value + length, error))
    return FALSE;
  self->date = g_strdup (date ? date : find_header (request, "date", NULL));
  self->token = g_strdup (find_header (request, "x-amz-security-token", NULL));
  self->query = g_strdup (request->query);
  if (!self->credential)
    g_string_append (missing, "Authorization header requires 'Credential' parameter. ");
  if (!self->signature)
    g_string_append (missing, "Authorization header requires 'Signature' parameter. ");
  if (!self->signed_headers)
    g_string_append (missing, "Authorization header requires 'SignedHeaders' parameter. ");
  if (!self->date)
    g_string_append (missing,
                     "Authorization header requires existence of either a 'X-Amz-Date' or a "
                     "'Date' header. ");
  if (missing->len == 0)
    return TRUE;
  return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE, g_strchomp (missing->str));
}

/* --- The presigned URL ---------------------------------------------------- */

static gboolean
check_escapes (const char *query, GError **error)
{
  for (const char *p = strchr (query, '%'); p; p = strchr (p + 1, '%'))
    {
      if (p[1] == '\0' || p[2] == '\0')
        return fail (error, FLUO_SIGV4_ERROR_MALFORMED, "Incomplete trailing escape % sequence");
      if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
        return fail (error, FLUO_SIGV4_ERROR_MALFORMED,
                     "Illegal hex character in escape % pattern");
    }
  return TRUE;
}

/* The value of the first parameter of this name, or NULL. Newly allocated. A zero byte is no
 * text. */
static char *
dup_parameter (const char *query, const char *name)
{
  g_auto (GStrv) pieces = g_strsplit (query ? query : "", "&", -1);

  for (guint i = 0; pieces[i]; i++)
    {
      const char *equals = strchr (pieces[i], '=');
      gsize length = equals ? (gsize) (equals - pieces[i]) : strlen (pieces[i]);
      g_autofree char *found = g_uri_unescape_segment (pieces[i], pieces[i] + length, NULL);

      if (g_strcmp0 (found, name) == 0)
        return equals ? g_uri_unescape_string (equals + 1, NULL) : g_strdup ("");
    }
  return NULL;
}

gboolean
fluo_sigv4_is_presigned (const char *query)
{
  g_autofree char *algorithm = dup_parameter (query, "X-Amz-Algorithm");

  return algorithm != NULL;
}

/* The signature covers all parameters but itself. */
static char *
dup_covered_query (const char *query)
{
  g_auto (GStrv) pieces = g_strsplit (query, "&", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; pieces[i]; i++)
    if (!g_str_has_prefix (pieces[i], "X-Amz-Signature="))
      g_string_append_printf (out, "%s%s", out->len > 0 ? "&" : "", pieces[i]);
  return g_string_free (out, FALSE);
}

static gboolean
read_query (Claim *self, const FluoSigv4Request *request, GError **error)
{
  g_autofree char *algorithm = dup_parameter (request->query, "X-Amz-Algorithm");

  if (g_strcmp0 (algorithm, FLUO_SIGV4_ALGORITHM) != 0)
    return fail (error, FLUO_SIGV4_ERROR_MISSING,
                 "Missing Authentication Token: X-Amz-Algorithm must be AWS4-HMAC-SHA256");
  self->presigned = TRUE;
  self->credential = dup_parameter (request->query, "X-Amz-Credential");
  self->signed_headers = dup_parameter (request->query, "X-Amz-SignedHeaders");
  self->signature = dup_parameter (request->query, "X-Amz-Signature");
  self->date = dup_parameter (request->query, "X-Amz-Date");
  self->expires = dup_parameter (request->query, "X-Amz-Expires");
  self->token = dup_parameter (request->query, "X-Amz-Security-Token");
  self->query = dup_covered_query (request->query);
  if (!self->credential || !self->signed_headers || !self->signature || !self->date ||
      !self->expires)
    return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE,
                 "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', "
                 "'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date' and 'X-Amz-Expires'.");
  return TRUE;
}

static gboolean
read_claim (Claim *self, const FluoSigv4Request *request, GError **error)
{
  guint n_headers;
  const char *authorization = find_header (request, "authorization", &n_headers);
  gboolean presigned;

  if (request->query && !check_escapes (request->query, error))
    return FALSE;
  presigned = fluo_sigv4_is_presigned (request->query);
  if (n_headers + presigned > 1)
    return fail (error, FLUO_SIGV4_ERROR_INVALID,
                 "exactly one signature is expected: an Authorization header or X-Amz-Algorithm");
  if (presigned)
    return read_query (self, request, error);
  if (!authorization || *authorization == '\0')
    return fail (error, FLUO_SIGV4_ERROR_MISSING, "Missing Authentication Token");
  return read_header (self, request, authorization, error);
}

/* --- Checks --------------------------------------------------------------- */

/* Lower case, sorted, none twice, each exactly once in the request, and among them all that change
 * what the request means. */
static gboolean
check_headers (Claim *self, const FluoSigv4Request *request, GError **error)
{
  guint n;

  self->names = g_strsplit (self->signed_headers, ";", -1);
  if (!g_strv_contains ((const char *const *) self->names, "host"))
    return fail (error, FLUO_SIGV4_ERROR_INVALID,
                 "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  for (guint i = 0; self->names[i]; i++)
    {
      for (const char *p = self->names[i]; *p; p++)
        if (g_ascii_isupper (*p))
          return fail (error, FLUO_SIGV4_ERROR_INVALID, "SignedHeaders must be in lower case.");
      if (i > 0 && strcmp (self->names[i - 1], self->names[i]) >= 0)
        return fail (error, FLUO_SIGV4_ERROR_INVALID, "SignedHeaders must be sorted, none twice.");
      find_header (request, self->names[i], &n);
      if (n != 1)
        return fail (error, FLUO_SIGV4_ERROR_INVALID,
                     "each of the SignedHeaders must be in the request exactly once.");
    }
  for (gsize i = 0; i < request->n_headers; i++)
    {
      g_autofree char *name = g_ascii_strdown (request->headers[i].name, -1);

      if (g_str_has_prefix (name, "x-amz-")
          && !g_strv_contains ((const char *const *) self->names, name))
        return fail (error, FLUO_SIGV4_ERROR_INVALID,
                     "each header that begins with 'X-Amz-' must be a 'SignedHeader'.");
    }
  return TRUE;
}

/* Strictly the basic format. -1 when it is another. */
static gint64
parse_timestamp (const char *text)
{
  static const char pattern[] = "ddddddddTddddddZ";
  g_autoptr (GDateTime) time = NULL;
  int year, month, day, hour, minute, second;

  if (strlen (text) != FLUO_SIGV4_TIMESTAMP_LEN)
    return -1;
  for (guint i = 0; i < FLUO_SIGV4_TIMESTAMP_LEN; i++)
    if (pattern[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != pattern[i])
      return -1;
  if (sscanf (text, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second) != 6)
    return -1;
  time = year >= 1970 ? g_date_time_new_utc (year, month, day, hour, minute, second) : NULL;
  return time ? g_date_time_to_unix (time) : -1;
}

static gboolean
fail_time (GError **error, const char *date, const char *what, gint64 limit_s, const char *relation)
{
  char limit[FLUO_SIGV4_TIMESTAMP_LEN + 1] = "";

  fluo_sigv4_format_timestamp (limit_s, limit);
  g_set_error (error, FLUO_SIGV4_ERROR, FLUO_SIGV4_ERROR_INVALID,
               "%s: %s is now %s than %s (15 min.)", what, date, relation, limit);
  return FALSE;
}

static gboolean
check_time (const Claim *self, gint64 now_s, GError **error)
{
  gint64 date_s = parse_timestamp (self->date), last_s;
  guint64 expires_s = 0;

  if (date_s < 0)
    return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE, "Date must be in ISO-8601 'basic format'.");
  last_s = date_s + FLUO_SIGV4_SKEW_MAX_S;
  if (self->presigned)
    {
      if (!g_ascii_string_to_unsigned (self->expires, 10, 1, FLUO_SIGV4_EXPIRES_MAX_S, &expires_s,
                                       NULL))
        return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE,
                     "X-Amz-Expires must be a whole number from 1 to 604800.");
      last_s = date_s + (gint64) expires_s;
    }
  if (now_s > last_s && self->presigned)
    return fail (error, FLUO_SIGV4_ERROR_INVALID, "Request has expired");
  if (now_s > last_s)
    return fail_time (error, self->date, "Signature expired", now_s - FLUO_SIGV4_SKEW_MAX_S,
                      "earlier");
  if (date_s > now_s + FLUO_SIGV4_SKEW_MAX_S)
    return fail_time (error, self->date, "Signature not yet current", now_s + FLUO_SIGV4_SKEW_MAX_S,
                      "later");
  return TRUE;
}

static gboolean
check_scope (Claim *self, const char *service, GError **error)
{
  self->scope = g_strsplit (self->credential, "/", -1);
  if (g_strv_length (self->scope) != N_SCOPE_PARTS || self->scope[0][0] == '\0')
    return fail (error, FLUO_SIGV4_ERROR_INCOMPLETE,
                 "Credential must have exactly 5 slash-delimited elements, e.g. "
                 "keyid/date/region/service/term.");
  if (strlen (self->scope[1]) != FLUO_SIGV4_DATE_LEN
      || strncmp (self->scope[1], self->date, FLUO_SIGV4_DATE_LEN) != 0)
    return fail (error, FLUO_SIGV4_ERROR_INVALID,
                 "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.");
  if (!fluo_endpoint_region_is_valid (self->scope[2]))
    return fail (error, FLUO_SIGV4_ERROR_INVALID, "Credential should be scoped to a valid region.");
  if (strcmp (self->scope[3], service) != 0)
    {
      g_set_error (error, FLUO_SIGV4_ERROR, FLUO_SIGV4_ERROR_INVALID,
                   "Credential should be scoped to correct service: '%s'.", service);
      return FALSE;
    }
  if (strcmp (self->scope[4], SCOPE_TERMINATOR) != 0)
    return fail (error, FLUO_SIGV4_ERROR_INVALID,
                 "Credential should be scoped with a valid terminator: 'aws4_request'.");
  return TRUE;
}

/* --- The signature -------------------------------------------------------- */

/* Takes the same time wherever the first difference is. */
static gboolean
equal_in_constant_time (const char *a, const char *b, gsize length)
{
  guint difference = 0;

  for (gsize i = 0; i < length; i++)
    difference |= (guint) ((guchar) a[i] ^ (guchar) b[i]);
  return difference == 0;
}

static void
compute (const Claim *self, const FluoSigv4Request *request, const char *secret, char *signature)
{
  g_autofree FluoSigv4Header *headers = g_new (FluoSigv4Header, g_strv_length (self->names));
  FluoSigv4Scope scope = { self->date, self->scope[2], self->scope[3] };
  g_autofree char *canonical = NULL, *string_to_sign = NULL;
  FluoSigv4Request covered = *request;
  guint8 key[FLUO_SIGV4_KEY_LEN];

  covered.query = self->query;
  covered.headers = headers;
  covered.n_headers = 0;
  for (guint i = 0; self->names[i]; i++)
    headers[covered.n_headers++] =
      (FluoSigv4Header) { self->names[i], find_header (request, self->names[i], NULL) };
  canonical = fluo_sigv4_canonical_request (&covered, NULL);
  string_to_sign = fluo_sigv4_string_to_sign (canonical, &scope);
  fluo_sigv4_signing_key (secret, &scope, key);
  fluo_sigv4_signature (key, string_to_sign, signature);
  explicit_bzero (key, sizeof key);
}

/* A digest of the body that the client states must be that of the body that came; a statement that
 * the body is not covered is none. */
static gboolean
check_stated_hash (const FluoSigv4Request *request, GError **error)
{
  const char *stated = find_header (request, CONTENT_HASH, NULL);
  g_autofree char *actual = NULL;

  if (!stated)
    return TRUE;
  actual = g_compute_checksum_for_data (
    G_CHECKSUM_SHA256, request->body_length > 0 ? request->body : "", request->body_length);
  if (strcmp (stated, actual) == 0)
    return TRUE;
  return fail (error, FLUO_SIGV4_ERROR_INVALID,
               "the 'X-Amz-Content-Sha256' header is not the digest of the body.");
}

gboolean
fluo_sigv4_verify (const FluoSigv4Request *request, const char *service, gint64 now_s,
                   FluoSigv4Lookup lookup, gpointer user_data, GError **error)
{
  g_auto (Claim) claim = { 0 };
  const char *secret;
  char expected[FLUO_SIGV4_HEX_LEN + 1];

  g_return_val_if_fail (request != NULL && service != NULL && lookup != NULL, FALSE);

  if (!read_claim (&claim, request, error) || !check_headers (&claim, request, error)
      || !check_time (&claim, now_s, error) || !check_scope (&claim, service, error))
    return FALSE;
  secret = lookup (claim.scope[0], user_data);
  if (claim.token || !secret)
    return fail (error, FLUO_SIGV4_ERROR_UNRECOGNIZED,
                 "The security token included in the request is invalid");
  if (!check_stated_hash (request, error))
    return FALSE;
  compute (&claim, request, secret, expected);
  if (strlen (claim.signature) != FLUO_SIGV4_HEX_LEN
      || !equal_in_constant_time (claim.signature, expected, FLUO_SIGV4_HEX_LEN))
    return fail (
      error, FLUO_SIGV4_ERROR_INVALID,
      "The request signature we calculated does not match the signature you provided. Check "
      "your AWS Secret Access Key and signing method. Consult the service documentation for "
      "details.");
  return TRUE;
}
