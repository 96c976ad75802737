/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-dpop.h"

#include <gcrypt.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-gcrypt.h"
#include "core/fluo-json.h"

#define NUMBER_BYTES 32 /* of a coordinate, and of each half of a signature */

/* Base64 as a URL takes it, appended. */
static void
append_base64 (GString *out, const void *bytes, gsize length)
{
  g_autofree char *text = g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  g_string_append (out, text);
}

static const guint8 *
find_bytes (const guint8 *in, gsize length, const guint8 *what, gsize n)
{
  for (gsize i = 0; i + n <= length; i++)
    if (memcmp (in + i, what, n) == 0)
      return in + i;
  return NULL;
}

/* A number of any length as exactly so many bytes. */
static gboolean
read_number (const guint8 *from, gsize length, guint8 bytes[NUMBER_BYTES])
{
  while (length > NUMBER_BYTES && *from == 0)
    {
      from++;
      length--;
    }
  if (length > NUMBER_BYTES)
    return FALSE;
  memset (bytes, 0, NUMBER_BYTES);
  memcpy (bytes + NUMBER_BYTES - length, from, length);
  return TRUE;
}

/* The private number out of a PEM file. A key on this curve is written in two ways (SEC 1 and
 * PKCS #8), both of which hold the curve's name and the same few bytes before the number; nothing
 * else of them is needed. */
static gboolean
read_pem (const char *pem, guint8 secret[NUMBER_BYTES])
{
  static const guint8 curve[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
  static const guint8 before[] = { 0x02, 0x01, 0x01, 0x04 }; /* the length comes next */
  const char *begin = strstr (pem, "PRIVATE KEY-----"), *end;
  g_autofree char *body = NULL;
  gboolean found = FALSE;
  guint8 *der;
  gsize length;

  if (!begin || !(end = strstr (begin, "-----END ")))
    return FALSE;
  begin += strlen ("PRIVATE KEY-----");
  body = g_strndup (begin, (gsize) (end - begin));
  der = g_base64_decode (body, &length);
  explicit_bzero (body, strlen (body));
  if (find_bytes (der, length, curve, sizeof curve))
    {
      const guint8 *at = find_bytes (der, length, before, sizeof before);
      const gsize n = at && at + sizeof before < der + length ? at[sizeof before] : 0;

      /* Some write a number whose first bit is set with a zero before it, and leave out zeros. */
      if (n > 0 && (gsize) (at - der) + sizeof before + 1 + n <= length)
        found = read_number (at + sizeof before + 1, n, secret);
    }
  explicit_bzero (der, length);
  g_free (der);
  return found;
}

/* A big number as exactly @length bytes; zeros at its beginning are not in it. */
static gboolean
to_bytes (gcry_mpi_t number, guint8 *bytes, gsize length)
{
  gsize n = 0;

  memset (bytes, 0, length);
  if (!number || gcry_mpi_print (GCRYMPI_FMT_USG, NULL, 0, &n, number) != 0 || n > length)
    return FALSE;
  return gcry_mpi_print (GCRYMPI_FMT_USG, bytes + length - n, n, NULL, number) == 0;
}

/* The point that belongs to @secret: a byte 4, x and y. */
static gboolean
read_point (gcry_sexp_t key, guint8 point[1 + 2 * NUMBER_BYTES])
{
  gcry_ctx_t context = NULL;
  gcry_mpi_t q = NULL;
  gboolean ok = gcry_mpi_ec_new (&context, key, NULL) == 0;

  if (ok)
    q = gcry_mpi_ec_get_mpi ("q", context, 1);
  ok = q && to_bytes (q, point, 1 + 2 * NUMBER_BYTES) && point[0] == 4;
  gcry_mpi_release (q);
  gcry_ctx_release (context);
  return ok;
}

static void
append_coordinate (FluoJsonWriter *writer, const char *name, const guint8 bytes[NUMBER_BYTES])
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_base64 (text, bytes, NUMBER_BYTES);
  fluo_json_writer_key (writer, name);
  fluo_json_writer_string (writer, text->str);
}

/* The header names the public half of the key. */
static gboolean
append_header (GString *out, gcry_sexp_t key)
{
  g_autoptr (GString) json = g_string_new (NULL);
  guint8 point[1 + 2 * NUMBER_BYTES];
  FluoJsonWriter writer;

  if (!read_point (key, point))
    return FALSE;
  fluo_json_writer_init (&writer, json);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "typ");
  fluo_json_writer_string (&writer, "dpop+jwt");
  fluo_json_writer_key (&writer, "alg");
  fluo_json_writer_string (&writer, "ES256");
  fluo_json_writer_key (&writer, "jwk");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "kty");
  fluo_json_writer_string (&writer, "EC");
  append_coordinate (&writer, "x", point + 1);
  append_coordinate (&writer, "y", point + 1 + NUMBER_BYTES);
  fluo_json_writer_key (&writer, "crv");
  fluo_json_writer_string (&writer, "P-256");
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, '}');
  append_base64 (out, json->str, json->len);
  return TRUE;
}

static void
append_claims (GString *out, const char *url, gint64 now_s, const char *id)
{
  g_autoptr (GString) json = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, json);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "jti");
  fluo_json_writer_string (&writer, id);
  fluo_json_writer_key (&writer, "htm");
  fluo_json_writer_string (&writer, "POST");
  fluo_json_writer_key (&writer, "htu");
  fluo_json_writer_string (&writer, url);
  fluo_json_writer_key (&writer, "iat");
  fluo_json_writer_int (&writer, now_s);
  fluo_json_writer_end (&writer, '}');
  g_string_append_c (out, '.');
  append_base64 (out, json->str, json->len);
}

static gcry_mpi_t
find_number (gcry_sexp_t list, const char *name)
{
  gcry_sexp_t item = gcry_sexp_find_token (list, name, 0);
  gcry_mpi_t number = item ? gcry_sexp_nth_mpi (item, 1, GCRYMPI_FMT_USG) : NULL;

  gcry_sexp_release (item);
  return number;
}

/* What is in @out so far, signed. */
static gboolean
append_signature (GString *out, gcry_sexp_t key)
{
  guint8 digest[32], bytes[2 * NUMBER_BYTES];
  gcry_sexp_t data = NULL, signature = NULL;
  gcry_mpi_t r = NULL, s = NULL;
  gboolean ok;

  gcry_md_hash_buffer (GCRY_MD_SHA256, digest, out->str, out->len);
  ok = gcry_sexp_build (&data, NULL, "(data (flags rfc6979) (hash sha256 %b))",
                        (int) sizeof digest, digest)
         == 0
       && gcry_pk_sign (&signature, data, key) == 0;
  if (ok)
    {
      r = find_number (signature, "r");
      s = find_number (signature, "s");
    }
  ok = ok && to_bytes (r, bytes, NUMBER_BYTES)
       && to_bytes (s, bytes + NUMBER_BYTES, NUMBER_BYTES);
  gcry_mpi_release (r);
  gcry_mpi_release (s);
  gcry_sexp_release (data);
  gcry_sexp_release (signature);
  if (!ok)
    return FALSE;
  g_string_append_c (out, '.');
  append_base64 (out, bytes, sizeof bytes);
  return TRUE;
}

static gcry_sexp_t
make_key (const char *pem)
{
  guint8 secret[NUMBER_BYTES];
  gcry_sexp_t key = NULL;

  if (!read_pem (pem, secret))
    return NULL;
  if (gcry_sexp_build (&key, NULL, "(private-key (ecc (curve \"NIST P-256\") (d %b)))",
                       (int) sizeof secret, secret)
      != 0)
    key = NULL;
  explicit_bzero (secret, sizeof secret);
  return key;
}

char *
fluo_dpop_write (const char *pem, const char *url, gint64 now_s, const char *id, GError **error)
{
  GString *out = g_string_new (NULL);
  gcry_sexp_t key;
  gboolean ok;

  fluo_gcrypt_prepare ();
  key = make_key (pem);
  ok = key && append_header (out, key);
  if (ok)
    {
      append_claims (out, url, now_s, id);
      ok = append_signature (out, key);
    }
  gcry_sexp_release (key);
  if (ok)
    return g_string_free (out, FALSE);
  g_string_free (out, TRUE);
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                       _("the session's key is damaged; run \"aws login\" again"));
  return NULL;
}
