/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-sigv4-message.h"

#include <string.h>

/* What libsoup will send as Host. */
static char *
dup_host_header (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_https = strcmp (g_uri_get_scheme (uri), "https") == 0;
  int port = g_uri_get_port (uri);
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, strchr (host, ':') ? "[%s]" : "%s", host);
  if (port > 0 && port != (is_https ? 443 : 80))
    g_string_append_printf (out, ":%d", port);
  return g_string_free (out, FALSE);
}

gboolean
fluo_sigv4_sign_message (SoupMessage *message, GBytes *body, const char *service,
                         const char *region, const FluoCredentials *credentials, gint64 unix_s)
{
  GUri *uri = soup_message_get_uri (message);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  const char *token = fluo_credentials_get_token (credentials);
  const char *content_type = soup_message_headers_get_one (headers, "Content-Type");
  g_autofree char *host = dup_host_header (uri), *authorization = NULL;
  char timestamp[FLUO_SIGV4_TIMESTAMP_LEN + 1];
  const char *target = soup_message_headers_get_one (headers, "X-Amz-Target");
  FluoSigv4Header covered[5] = { { "host", host }, { "x-amz-date", timestamp } };
  FluoSigv4Request request = {
    .method = soup_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
    .headers = covered,
    .n_headers = 2,
  };
  FluoSigv4Scope scope = { timestamp, region, service };

  if (!fluo_sigv4_format_timestamp (unix_s, timestamp))
    return FALSE;
  if (strcmp (request.method, SOUP_METHOD_POST) == 0)
    request.body = g_bytes_get_data (body, &request.body_length);
  if (content_type)
    covered[request.n_headers++] = (FluoSigv4Header) { "content-type", content_type };
  if (target)
    covered[request.n_headers++] = (FluoSigv4Header) { "x-amz-target", target };
  if (token)
    covered[request.n_headers++] = (FluoSigv4Header) { "x-amz-security-token", token };

  authorization = fluo_sigv4_sign (&request, &scope, credentials);
  soup_message_headers_replace (headers, "X-Amz-Date", timestamp);
  soup_message_headers_remove (headers, "X-Amz-Security-Token");
  if (token)
    soup_message_headers_append (headers, "X-Amz-Security-Token", token);
  soup_message_headers_replace (headers, "Authorization", authorization);
  return TRUE;
}
