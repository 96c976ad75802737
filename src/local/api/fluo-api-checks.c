/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-checks.h"

#include <string.h>

#include "aws/fluo-sigv4-verify.h"

#define N_HEADERS_MAX 100

typedef struct
{
  guint       n_headers;
  guint       n_hosts;
  guint       n_lengths;
  guint       n_encodings;
  guint       n_types;
  const char *host;
  const char *length;
  const char *encoding;
  const char *content_type;
  const char *content_encoding;
  const char *expect;
  const char *fetch_site;
  gboolean    origin;
} Headers;

static void
collect_header (const char *name, const char *value, gpointer data)
{
  Headers *headers = data;

  headers->n_headers++;
  if (g_ascii_strcasecmp (name, "Host") == 0)
    {
      headers->n_hosts++;
      headers->host = value;
    }
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    {
      headers->n_lengths++;
      headers->length = value;
    }
  else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    {
      headers->n_encodings++;
      headers->encoding = value;
    }
  else if (g_ascii_strcasecmp (name, "Content-Type") == 0)
    {
      headers->n_types++;
      headers->content_type = value;
    }
  else if (g_ascii_strcasecmp (name, "Content-Encoding") == 0)
    headers->content_encoding = value;
  else if (g_ascii_strcasecmp (name, "Expect") == 0)
    headers->expect = value;
  else if (g_ascii_strcasecmp (name, "Sec-Fetch-Site") == 0)
    headers->fetch_site = value;
  else if (g_ascii_strcasecmp (name, "Origin") == 0)
    headers->origin = TRUE;
}

/* Only names that a web page can't make its own: a page that rebinds its name to this computer
 * still sends that name. */
static gboolean
host_is_allowed (const char *host, FluoListener *listener, GInetAddress *local)
{
  guint port = g_inet_socket_address_get_port (listener->address);
  g_autofree char *suffix = port == 80 ? g_strdup ("") : g_strdup_printf (":%u", port);
  g_autofree char *full = g_strdup_printf (":%u", port);
  g_autofree char *name = g_ascii_strdown (host, -1);
  g_autofree char *literal = local ? g_inet_address_to_string (local) : g_strdup ("127.0.0.1");
  g_autofree char *bracketed = g_strdup_printf ("[%s]", literal);
  const char *names[] = { "127.0.0.1", "localhost", "[::1]",
                          strchr (literal, ':') ? bracketed : literal, "host.docker.internal" };
  guint n = listener->loopback ? 4 : 5;

  if (g_str_has_suffix (name, full))
    name[strlen (name) - strlen (full)] = '\0';
  else if (suffix[0])
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_digits (const char *text)
{
  return text[0] && strspn (text, "0123456789") == strlen (text) && strlen (text) < 16;
}

/* JSON, in UTF-8 if it says. Requiring it makes a browser ask first, and it is never answered. */
static gboolean
is_json_type (const char *text)
{
  g_autoptr (GHashTable) parameters = NULL;
  g_autofree char *type = NULL;
  const char *semicolon = strchr (text, ';');
  const char *charset;

  type = g_ascii_strdown (text, semicolon ? semicolon - text : -1);
  if (strcmp (g_strstrip (type), "application/json") != 0)
    return FALSE;
  if (!semicolon)
    return TRUE;
  parameters = soup_header_parse_semi_param_list (semicolon + 1);
  charset = g_hash_table_lookup (parameters, "charset");
  return !charset || g_ascii_strcasecmp (charset, "utf-8") == 0;
}

static FluoApiRefusal
check_framing (const Headers *headers, gsize body_max)
{
  static const char bad[] = "400 Bad Request";

  if (headers->n_headers > N_HEADERS_MAX)
    return (FluoApiRefusal) { 431, NULL, NULL, "431 Request Header Fields Too Large" };
  if (headers->n_lengths > 1 || headers->n_encodings > 1 ||
      (headers->n_lengths > 0 && headers->n_encodings > 0))
    return (FluoApiRefusal) { 400, NULL, NULL, bad };
  if (headers->length && !is_digits (headers->length))
    return (FluoApiRefusal) { 400, NULL, NULL, bad };
  if (headers->length && g_ascii_strtoull (headers->length, NULL, 10) > body_max)
    return (FluoApiRefusal) { 413, NULL, NULL, "413 Content Too Large" };
  if (headers->encoding && g_ascii_strcasecmp (headers->encoding, "chunked") != 0)
    return (FluoApiRefusal) { 400, NULL, NULL, bad };
  if (headers->expect && g_ascii_strcasecmp (headers->expect, "100-continue") != 0)
    return (FluoApiRefusal) { 417, NULL, NULL, "417 Expectation Failed" };
  return (FluoApiRefusal) { 0 };
}

/* Who asks: no web page, and under no foreign name. */
static FluoApiRefusal
check_caller (const Headers *headers, GUri *uri, FluoListener *listener, GInetAddress *local)
{
  g_autofree char *authority = NULL;
  const char *uri_host = g_uri_get_host (uri);

  if (headers->n_hosts != 1)
    return (FluoApiRefusal) { 400, "BadRequest", "exactly one Host header is needed" };
  if (uri_host && uri_host[0])
    authority = g_strdup_printf (strchr (uri_host, ':') ? "[%s]:%d" : "%s:%d", uri_host,
                                 g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 80);
  if (!listener || !host_is_allowed (headers->host, listener, local) ||
      (authority && !host_is_allowed (authority, listener, local)))
    return (
      FluoApiRefusal){ 403, "AccessDeniedException",
                       "this Host is not served; use 127.0.0.1, [::1] or localhost with the port" };
  if (headers->origin ||
      (headers->fetch_site && g_ascii_strcasecmp (headers->fetch_site, "none") != 0))
    return (FluoApiRefusal){ 403, "AccessDeniedException",
                             "requests from web pages are not served" };
  return (FluoApiRefusal) { 0 };
}

/* A body without a type is taken where nothing can be stored with it: some SDKs ask for sampling
 * like that. */
static FluoApiRefusal
check_type (const Headers *headers, const FluoRoute *route)
{
  gboolean empty = (!headers->length || strcmp (headers->length, "0") == 0) && !headers->encoding;

  if (headers->content_encoding && g_ascii_strcasecmp (headers->content_encoding, "identity") != 0)
    return (FluoApiRefusal) { 415, "UnsupportedMediaType", "the body must not be compressed" };
  if (headers->n_types == 0 && (empty || route->sampling))
    return (FluoApiRefusal) { 0 };
  if (headers->n_types != 1 || !is_json_type (headers->content_type))
    return (FluoApiRefusal) { 415, "UnsupportedMediaType", "the body must be application/json" };
  return (FluoApiRefusal) { 0 };
}

FluoApiRefusal
fluo_api_check_caller (GUri *uri, SoupMessageHeaders *headers, FluoListener *listener,
                       GInetAddress *local, gsize body_max)
{
  Headers seen = { 0 };
  FluoApiRefusal refusal;

  soup_message_headers_foreach (headers, collect_header, &seen);
  refusal = check_framing (&seen, body_max);
  return refusal.status ? refusal : check_caller (&seen, uri, listener, local);
}

FluoApiRefusal
fluo_api_check (const char *method, GUri *uri, SoupMessageHeaders *headers, FluoListener *listener,
                GInetAddress *local, const FluoRoute **ret_route)
{
  Headers seen = { 0 };
  const FluoRoute *route;
  FluoApiRefusal refusal;

  soup_message_headers_foreach (headers, collect_header, &seen);
  refusal = check_framing (&seen, FLUO_API_BODY_MAX);
  if (refusal.status)
    return refusal;
  refusal = check_caller (&seen, uri, listener, local);
  if (refusal.status)
    return refusal;
  if (strcmp (method, "OPTIONS") == 0)
    return (FluoApiRefusal){ 403, "AccessDeniedException",
                             "requests from web pages are not served" };
  route = fluo_route_find (g_uri_get_path (uri));
  if (!route)
    return (FluoApiRefusal) { 404, "UnknownOperationException", "there is no such operation" };
  if (g_uri_get_fragment (uri))
    return (FluoApiRefusal) { 404, "UnknownOperationException", "operations take no fragment" };
  if (!route->get && g_uri_get_query (uri) && !fluo_sigv4_is_presigned (g_uri_get_query (uri)))
    return (FluoApiRefusal) { 404, "UnknownOperationException", "operations take no query" };
  if (strcmp (method, route->get ? "GET" : "POST") != 0)
    return (FluoApiRefusal) { 405, "MethodNotAllowed", route->get ? "use GET" : "use POST" };
  if (route->get && (seen.encoding || (seen.length && strcmp (seen.length, "0") != 0)))
    return (FluoApiRefusal) { 400, "InvalidRequestException", "GET takes no body" };
  if (!route->get)
    refusal = check_type (&seen, route);
  *ret_route = route;
  return refusal;
}
