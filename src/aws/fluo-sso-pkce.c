/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include <string.h>
#include <sys/random.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-sso-private.h"

/* What keeps a sign-in with a browser one's own: secrets that only this process knows, and where
 * the browser may be sent. */

/* Base64 with the letters that a URL takes as they are. */
static char *
encode (const guint8 *bytes, gsize length)
{
  char *text = g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

char *
fluo_sso_dup_random (gsize n_bytes)
{
  guint8 bytes[64];
  char *text;

  g_assert (n_bytes <= sizeof bytes);
  if (getrandom (bytes, n_bytes, 0) != (gssize) n_bytes)
    return NULL;
  text = encode (bytes, n_bytes);
  explicit_bzero (bytes, sizeof bytes);
  return text;
}

char *
fluo_sso_dup_challenge (const char *verifier)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (sum, (const guchar *) verifier, -1);
  g_checksum_get_digest (sum, digest, &length);
  return encode (digest, length);
}

gboolean
fluo_sso_url_is_safe (const char *url)
{
  /* Where one signs in to an organisation, besides AWS's usual hosts. */
  static const char *const suffixes[] = { ".awsapps.com", ".awsapps.cn", ".app.aws",
                                          ".portal.amazonaws.com", ".aws.amazon.com",
                                          ".amazonaws.cn" };
  g_autoptr (GUri) uri = url ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  g_autofree char *plain = NULL;

  if (!host || strcmp (g_uri_get_scheme (uri), "https") != 0 || g_uri_get_userinfo (uri)
      || g_uri_get_port (uri) > 0 || !g_str_is_ascii (url))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (host, suffixes[i]))
      return TRUE;
  plain = g_strconcat ("https://", host, NULL);
  return fluo_endpoint_is_aws (plain);
}
