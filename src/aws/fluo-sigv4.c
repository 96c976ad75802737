/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-sigv4.h"

#include <string.h>

#define SHA256_BLOCK_LEN 64
#define SCOPE_TERMINATOR "aws4_request"

/* Removed or rewritten between the signer and the service, so a signature over them breaks. */
static const char *const unsignable[] = { "authorization",
                                          "connection",
                                          "expect",
                                          "keep-alive",
                                          "proxy-authenticate",
                                          "proxy-authorization",
                                          "te",
                                          "trailer",
                                          "transfer-encoding",
                                          "upgrade",
                                          "user-agent",
                                          "x-amzn-trace-id" };

typedef struct
{
  char *name;
  char *value;
} Pair;

static void
pair_clear (gpointer data)
{
  Pair *pair = data;

  g_free (pair->name);
  g_free (pair->value);
}

/* By name, then by value, as two keys: sorting "name=value" as one string puts "Param-3" before
 * "Param". */
static int
pair_compare (gconstpointer a, gconstpointer b)
{
  const Pair *left = a, *right = b;
  int order = strcmp (left->name, right->name);

  return order != 0 ? order : strcmp (left->value, right->value);
}

static GArray *
pair_array_new (void)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Pair));

  g_array_set_clear_func (array, pair_clear);
  return array;
}

static void
to_hex (const guint8 *bytes, gsize length, char *hex)
{
  for (gsize i = 0; i < length; i++)
    {
      hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
      hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
  hex[2 * length] = '\0';
}

static void
append_sha256 (GString *out, const void *bytes, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, length > 0 ? bytes : (const void *) "", (gssize) length);
  g_string_append (out, g_checksum_get_string (checksum));
}

/* HMAC (RFC 2104) written out, because GHmac leaves the key's blocks in freed heap memory. The
 * blocks here live on the stack and are wiped; the hash state only ever holds the message and the
 * padding at its end. */
static void
hmac_sha256 (const guint8 *key, gsize key_length, const char *message, gsize message_length,
             guint8 *digest)
{
  guint8 block[SHA256_BLOCK_LEN] = { 0 };
  gsize digest_length = FLUO_SIGV4_KEY_LEN;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (key_length > sizeof block)
    {
      gsize length = sizeof block;

      g_checksum_update (checksum, key, (gssize) key_length);
      g_checksum_get_digest (checksum, block, &length);
      g_checksum_reset (checksum);
    }
  else
    memcpy (block, key, key_length);

  for (gsize i = 0; i < sizeof block; i++)
    block[i] ^= 0x36;
  g_checksum_update (checksum, block, sizeof block);
  g_checksum_update (checksum, (const guchar *) message, (gssize) message_length);
  g_checksum_get_digest (checksum, digest, &digest_length);

  g_checksum_reset (checksum);
  for (gsize i = 0; i < sizeof block; i++)
    block[i] ^= 0x36 ^ 0x5c;
  g_checksum_update (checksum, block, sizeof block);
  g_checksum_update (checksum, digest, (gssize) digest_length);
  g_checksum_get_digest (checksum, digest, &digest_length);
  explicit_bzero (block, sizeof block);
}

static gboolean
is_unreserved (guchar c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* Resolves "." and "..", collapses runs of slashes, never climbs above the root. Then every byte
 * but the unreserved ones is encoded: an escape of the wire path is data here, so "%20" becomes
 * "%2520". */
static void
append_path (GString *out, const char *path)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_auto (GStrv) pieces = g_strsplit (path, "/", -1);

  for (guint i = 0; pieces[i]; i++)
    if (strcmp (pieces[i], "..") == 0)
      g_ptr_array_set_size (parts, parts->len > 0 ? (int) parts->len - 1 : 0);
    else if (*pieces[i] != '\0' && strcmp (pieces[i], ".") != 0)
      g_ptr_array_add (parts, pieces[i]);

  for (guint i = 0; i < parts->len; i++)
    {
      const char *part = g_ptr_array_index (parts, i);

      g_string_append_c (out, '/');
      fluo_sigv4_escape (out, part, strlen (part), FALSE);
    }
  if (parts->len == 0 || g_str_has_suffix (path, "/"))
    g_string_append_c (out, '/');
}

/* Decodes what is escaped and encodes anew, so that any spelling of one query gives one canonical
 * text. A "+" is a plus sign and a "%" that begins no escape is a percent sign. */
static char *
recode (const char *text, gsize length)
{
  g_autoptr (GString) plain = g_string_sized_new (length);
  GString *out = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    if (text[i] == '%' && i + 2 < length && g_ascii_isxdigit (text[i + 1])
        && g_ascii_isxdigit (text[i + 2]))
      {
        g_string_append_c (plain, (char) (g_ascii_xdigit_value (text[i + 1]) << 4
                                          | g_ascii_xdigit_value (text[i + 2])));
        i += 2;
      }
    else
      g_string_append_c (plain, text[i]);

  fluo_sigv4_escape (out, plain->str, plain->len, FALSE);
  return g_string_free (out, FALSE);
}

static void
append_query (GString *out, const char *query)
{
  g_auto (GStrv) pieces = g_strsplit (query ? query : "", "&", -1);
  g_autoptr (GArray) pairs = pair_array_new ();

  for (guint i = 0; pieces[i]; i++)
    {
      const char *piece = pieces[i], *equals = strchr (piece, '=');
      gsize name_length = equals ? (gsize) (equals - piece) : strlen (piece);
      Pair pair;

      if (*piece == '\0')
        continue;
      pair.name = recode (piece, name_length);
      pair.value = equals ? recode (equals + 1, strlen (equals + 1)) : g_strdup ("");
      g_array_append_val (pairs, pair);
    }
  g_array_sort (pairs, pair_compare);

  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = &g_array_index (pairs, Pair, i);

      g_string_append_printf (out, "%s%s=%s", i > 0 ? "&" : "", pair->name, pair->value);
    }
}

/* Ends trimmed, each inner run of white space one space; folded lines are such a run. */
static void
append_header_value (GString *out, const char *value)
{
  gboolean pending = FALSE, first = TRUE;

  for (const char *p = value; *p; p++)
    if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
      pending = !first;
    else
      {
        if (pending)
          g_string_append_c (out, ' ');
        g_string_append_c (out, *p);
        pending = first = FALSE;
      }
}

static int
name_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Pair *) a)->name, ((const Pair *) b)->name);
}

/* One element per name, the values of a repeated name joined by commas in the order received. */
static GArray *
canonical_headers (const FluoSigv4Request *request)
{
  GArray *pairs = pair_array_new ();

  for (gsize i = 0; i < request->n_headers; i++)
    {
      Pair pair = { g_ascii_strdown (request->headers[i].name, -1), NULL };
      g_autoptr (GString) value = g_string_new (NULL);
      Pair *same = NULL;

      for (guint j = 0; j < pairs->len && !same; j++)
        if (strcmp (g_array_index (pairs, Pair, j).name, pair.name) == 0)
          same = &g_array_index (pairs, Pair, j);

      if (same)
        {
          g_string_append (value, same->value);
          g_string_append_c (value, ',');
        }
      append_header_value (value, request->headers[i].value);

      if (same)
        {
          g_free (same->value);
          same->value = g_string_free (g_steal_pointer (&value), FALSE);
          g_free (pair.name);
        }
      else
        {
          pair.value = g_string_free (g_steal_pointer (&value), FALSE);
          g_array_append_val (pairs, pair);
        }
    }
  g_array_sort (pairs, name_compare);
  return pairs;
}

void
fluo_sigv4_escape (GString *out, const char *bytes, gsize length, gboolean keep_slash)
{
  g_return_if_fail (out != NULL);
  g_return_if_fail (bytes != NULL || length == 0);

  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar) bytes[i];

      if (is_unreserved (c) || (keep_slash && c == '/'))
        g_string_append_c (out, (char) c);
      else
        {
          g_string_append_c (out, '%');
          g_string_append_c (out, "0123456789ABCDEF"[c >> 4]);
          g_string_append_c (out, "0123456789ABCDEF"[c & 15]);
        }
    }
}

gboolean
fluo_sigv4_format_timestamp (gint64 unix_s, char *timestamp)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (timestamp != NULL, FALSE);

  if (unix_s < 0 || !(time = g_date_time_new_from_unix_utc (unix_s)))
    return FALSE;
  text = g_date_time_format (time, "%Y%m%dT%H%M%SZ");
  if (strlen (text) != FLUO_SIGV4_TIMESTAMP_LEN)
    return FALSE;
  memcpy (timestamp, text, FLUO_SIGV4_TIMESTAMP_LEN + 1);
  return TRUE;
}

/* FALSE for hop-by-hop headers and those that clients and proxies rewrite on the way. */
static gboolean
is_signable (const char *header_name)
{
  g_return_val_if_fail (header_name != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (unsignable); i++)
    if (g_ascii_strcasecmp (header_name, unsignable[i]) == 0)
      return FALSE;
  return TRUE;
}

char *
fluo_sigv4_canonical_request (const FluoSigv4Request *request, char **ret_signed_headers)
{
  g_autoptr (GArray) headers = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  GString *out;

  g_return_val_if_fail (request != NULL && request->method != NULL && request->path != NULL, NULL);

  out = g_string_new (request->method);
  g_string_append_c (out, '\n');
  append_path (out, request->path);
  g_string_append_c (out, '\n');
  append_query (out, request->query);
  g_string_append_c (out, '\n');

  headers = canonical_headers (request);
  for (guint i = 0; i < headers->len; i++)
    {
      const Pair *pair = &g_array_index (headers, Pair, i);

      g_string_append_printf (out, "%s:%s\n", pair->name, pair->value);
      if (i > 0)
        g_string_append_c (names, ';');
      g_string_append (names, pair->name);
    }
  g_string_append_printf (out, "\n%s\n", names->str);
  append_sha256 (out, request->body, request->body_length);

  if (ret_signed_headers)
    *ret_signed_headers = g_string_free (g_steal_pointer (&names), FALSE);
  return g_string_free (out, FALSE);
}

/* "20150830/us-east-1/service/aws4_request" */
static char *
dup_scope (const FluoSigv4Scope *scope)
{
  g_return_val_if_fail (scope != NULL, NULL);

  return g_strdup_printf ("%.*s/%s/%s/" SCOPE_TERMINATOR, FLUO_SIGV4_DATE_LEN, scope->timestamp,
                          scope->region, scope->service);
}

char *
fluo_sigv4_string_to_sign (const char *canonical_request, const FluoSigv4Scope *scope)
{
  g_autofree char *text = NULL;
  GString *out;

  g_return_val_if_fail (canonical_request != NULL && scope != NULL, NULL);

  text = dup_scope (scope);
  out = g_string_new (NULL);
  g_string_append_printf (out, FLUO_SIGV4_ALGORITHM "\n%s\n%s\n", scope->timestamp, text);
  append_sha256 (out, canonical_request, strlen (canonical_request));
  return g_string_free (out, FALSE);
}

void
fluo_sigv4_signing_key (const char *secret, const FluoSigv4Scope *scope, guint8 *key)
{
  gsize length;
  guint8 *start;

  g_return_if_fail (secret != NULL && scope != NULL && key != NULL);
  g_return_if_fail (strlen (scope->timestamp) >= FLUO_SIGV4_DATE_LEN);

  length = strlen (secret) + 4;
  start = g_malloc (length);
  memcpy (start, "AWS4", 4);
  memcpy (start + 4, secret, length - 4);
  hmac_sha256 (start, length, scope->timestamp, FLUO_SIGV4_DATE_LEN, key);
  explicit_bzero (start, length);
  g_free (start);

  hmac_sha256 (key, FLUO_SIGV4_KEY_LEN, scope->region, strlen (scope->region), key);
  hmac_sha256 (key, FLUO_SIGV4_KEY_LEN, scope->service, strlen (scope->service), key);
  hmac_sha256 (key, FLUO_SIGV4_KEY_LEN, SCOPE_TERMINATOR, strlen (SCOPE_TERMINATOR), key);
}

void
fluo_sigv4_signature (const guint8 *key, const char *string_to_sign, char *signature)
{
  guint8 digest[FLUO_SIGV4_KEY_LEN];

  g_return_if_fail (key != NULL && string_to_sign != NULL && signature != NULL);

  hmac_sha256 (key, FLUO_SIGV4_KEY_LEN, string_to_sign, strlen (string_to_sign), digest);
  to_hex (digest, sizeof digest, signature);
}

char *
fluo_sigv4_authorization (const char *access_key, const FluoSigv4Scope *scope,
                          const char *signed_headers, const char *signature)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (access_key != NULL && signed_headers != NULL && signature != NULL, NULL);

  text = dup_scope (scope);
  return g_strdup_printf (FLUO_SIGV4_ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                          access_key, text, signed_headers, signature);
}

char *
fluo_sigv4_sign (const FluoSigv4Request *request, const FluoSigv4Scope *scope,
                 const FluoCredentials *credentials)
{
  g_autofree FluoSigv4Header *headers = NULL;
  g_autofree char *canonical = NULL, *signed_headers = NULL, *string_to_sign = NULL;
  FluoSigv4Request covered;
  guint8 key[FLUO_SIGV4_KEY_LEN];
  char signature[FLUO_SIGV4_HEX_LEN + 1];

  g_return_val_if_fail (request != NULL && scope != NULL && credentials != NULL, NULL);

  covered = *request;
  headers = g_new (FluoSigv4Header, request->n_headers);
  covered.headers = headers;
  covered.n_headers = 0;
  for (gsize i = 0; i < request->n_headers; i++)
    if (is_signable (request->headers[i].name))
      headers[covered.n_headers++] = request->headers[i];

  canonical = fluo_sigv4_canonical_request (&covered, &signed_headers);
  string_to_sign = fluo_sigv4_string_to_sign (canonical, scope);
  fluo_sigv4_signing_key (fluo_credentials_get_secret (credentials), scope, key);
  fluo_sigv4_signature (key, string_to_sign, signature);
  explicit_bzero (key, sizeof key);
  return fluo_sigv4_authorization (fluo_credentials_get_access_key (credentials), scope,
                                   signed_headers, signature);
}
