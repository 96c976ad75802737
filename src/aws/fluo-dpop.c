/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-dpop.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "aws/fluo-credentials.h"
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

/* A big number as exactly 32 bytes; libraries drop zeros at its beginning, or add one. FALSE when
 * it is longer. */
static gboolean
to_bytes (const gnutls_datum_t *number, guint8 bytes[NUMBER_BYTES])
{
  const guint8 *data = number->data;
  gsize length = number->size;

  while (length > NUMBER_BYTES && *data == 0)
    {
      data++;
      length--;
    }
  if (length > NUMBER_BYTES)
    return FALSE;
  memset (bytes, 0, NUMBER_BYTES - length);
  memcpy (bytes + NUMBER_BYTES - length, data, length);
  return TRUE;
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
append_header (GString *out, gnutls_x509_privkey_t key)
{
  g_autoptr (GString) json = g_string_new (NULL);
  gnutls_datum_t x = { NULL, 0 }, y = { NULL, 0 };
  gnutls_ecc_curve_t curve;
  guint8 x_bytes[NUMBER_BYTES], y_bytes[NUMBER_BYTES];
  FluoJsonWriter writer;
  gboolean ok;

  if (gnutls_x509_privkey_export_ecc_raw (key, &curve, &x, &y, NULL) != GNUTLS_E_SUCCESS)
    return FALSE;
  ok = curve == GNUTLS_ECC_CURVE_SECP256R1 && to_bytes (&x, x_bytes) && to_bytes (&y, y_bytes);
  gnutls_free (x.data);
  gnutls_free (y.data);
  if (!ok)
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
  append_coordinate (&writer, "x", x_bytes);
  append_coordinate (&writer, "y", y_bytes);
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

/* What is in @out so far, signed. */
static gboolean
append_signature (GString *out, gnutls_x509_privkey_t key)
{
  gnutls_privkey_t signer = NULL;
  gnutls_datum_t data = { (unsigned char *) out->str, (unsigned) out->len };
  gnutls_datum_t signature = { NULL, 0 }, r = { NULL, 0 }, s = { NULL, 0 };
  guint8 bytes[2 * NUMBER_BYTES];
  gboolean ok = gnutls_privkey_init (&signer) == GNUTLS_E_SUCCESS
                && gnutls_privkey_import_x509 (signer, key, 0) == GNUTLS_E_SUCCESS
                && gnutls_privkey_sign_data2 (signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &data,
                                              &signature)
                     == GNUTLS_E_SUCCESS
                && gnutls_decode_rs_value (&signature, &r, &s) == GNUTLS_E_SUCCESS
                && to_bytes (&r, bytes) && to_bytes (&s, bytes + NUMBER_BYTES);

  gnutls_free (signature.data);
  gnutls_free (r.data);
  gnutls_free (s.data);
  if (signer)
    gnutls_privkey_deinit (signer);
  if (!ok)
    return FALSE;
  g_string_append_c (out, '.');
  append_base64 (out, bytes, sizeof bytes);
  return TRUE;
}

char *
fluo_dpop_write (const char *pem, const char *url, gint64 now_s, const char *id, GError **error)
{
  gnutls_datum_t text = { (unsigned char *) pem, (unsigned) strlen (pem) };
  gnutls_x509_privkey_t key = NULL;
  GString *out = g_string_new (NULL);
  gboolean ok = gnutls_x509_privkey_init (&key) == GNUTLS_E_SUCCESS
                && gnutls_x509_privkey_import (key, &text, GNUTLS_X509_FMT_PEM) == GNUTLS_E_SUCCESS
                && append_header (out, key);

  if (ok)
    {
      append_claims (out, url, now_s, id);
      ok = append_signature (out, key);
    }
  if (key)
    gnutls_x509_privkey_deinit (key);
  if (ok)
    return g_string_free (out, FALSE);
  g_string_free (out, TRUE);
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                       "the session's key is damaged; run \"aws login\" again");
  return NULL;
}
