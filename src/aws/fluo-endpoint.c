/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-endpoint.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define REGION_LEN_MAX 63 /* a DNS label */
#define URL_LEN_MAX 2048
#define URL_FLAGS \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_SCHEME_NORMALIZE)

gboolean
fluo_endpoint_region_is_valid (const char *region)
{
  gsize length;

  if (!region || (length = strlen (region)) == 0 || length > REGION_LEN_MAX || region[0] == '-'
      || region[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (region[i]) && !g_ascii_isdigit (region[i]) && region[i] != '-')
      return FALSE;
  return TRUE;
}

/* Names and numbers only: anything else in a host is a mistake or an attempt to mislead. */
static gboolean
host_is_valid (const char *host)
{
  gboolean is_ipv6 = strchr (host, ':') != NULL;

  if (is_ipv6)
    {
      g_autoptr (GInetAddress) address = strchr (host, '%') ? NULL
                                                            : g_inet_address_new_from_string (host);

      return address != NULL;
    }
  if (*host == '\0' || *host == '.' || *host == '-' || strstr (host, ".."))
    return FALSE;
  for (const char *p = host; *p; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '.' && *p != '_')
      return FALSE;
  return TRUE;
}

static gboolean
path_is_valid (const char *path)
{
  for (const char *p = path; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("-._~/", *p))
      return FALSE;
  return !strstr (path, "/../") && !g_str_has_suffix (path, "/..") && !strstr (path, "//");
}

/* The URL parser would quietly turn an international name into another spelling, and decode escapes
 * in a host. */
static gboolean
is_plain (const char *url)
{
  for (const char *p = url; *p; p++)
    if (*p <= ' ' || *p > '~' || *p == '%' || *p == '\\')
      return FALSE;
  return TRUE;
}

static char *
refuse_url (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("the endpoint %s; expected a URL such as \"http://127.0.0.1:2000\""), what);
  return NULL;
}

char *
fluo_endpoint_normalize (const char *url, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  g_autofree char *host = NULL, *path = NULL;
  GString *out;
  int port;

  g_return_val_if_fail (url != NULL, NULL);

  if (strlen (url) > URL_LEN_MAX || !is_plain (url)
      || !(uri = g_uri_parse (url, URL_FLAGS, NULL))
      || !g_uri_get_host (uri))
    return refuse_url (error, _("is no URL"));
  if (strcmp (g_uri_get_scheme (uri), "http") != 0 && strcmp (g_uri_get_scheme (uri), "https") != 0)
    return refuse_url (error, _("is neither http nor https"));
  if (g_uri_get_userinfo (uri))
    return refuse_url (error, _("holds a user name or a password"));
  if (g_uri_get_query (uri) || g_uri_get_fragment (uri))
    return refuse_url (error, _("has a query or a fragment"));
  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  if (!host_is_valid (host))
    return refuse_url (error, _("has no proper host"));
  path = g_strdup (g_uri_get_path (uri));
  if (!path_is_valid (path))
    return refuse_url (error, _("has an unusual path"));
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';

  out = g_string_new (NULL);
  g_string_append_printf (out, strchr (host, ':') ? "%s://[%s]" : "%s://%s", g_uri_get_scheme (uri),
                          host);
  port = g_uri_get_port (uri);
  if (port == 0)
    {
      g_string_free (out, TRUE);
      return refuse_url (error, _("has port 0"));
    }
  if (port > 0 && port != (g_str_equal (g_uri_get_scheme (uri), "http") ? 80 : 443))
    g_string_append_printf (out, ":%d", port);
  g_string_append (out, path);
  return g_string_free (out, FALSE);
}

static char *
dup_host (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  return uri ? g_strdup (g_uri_get_host (uri)) : NULL;
}

gboolean
fluo_endpoint_is_loopback (const char *url)
{
  g_autofree char *host = dup_host (url);
  g_autoptr (GInetAddress) address = NULL;

  if (!host)
    return FALSE;
  if (strcmp (host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (host);
  return address && g_inet_address_get_is_loopback (address);
}

gboolean
fluo_endpoint_is_link_local (const char *url)
{
  g_autofree char *host = dup_host (url);
  g_autoptr (GInetAddress) address = host ? g_inet_address_new_from_string (host) : NULL;

  return address
         && (g_str_has_prefix (host, "fd00:ec2:")
             || (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4
                 && g_inet_address_get_is_link_local (address)));
}

gboolean
fluo_endpoint_is_exposed (const char *url)
{
  return g_str_has_prefix (url, "http:") && !fluo_endpoint_is_loopback (url);
}

char *
fluo_endpoint_dup_region (const char *url)
{
  g_autofree char *host = NULL;
  g_auto (GStrv) labels = NULL;

  if (!fluo_endpoint_is_aws (url))
    return NULL;
  host = dup_host (url);
  labels = g_strsplit (host, ".", 3);
  if (g_strv_length (labels) < 3 || !g_str_has_prefix (labels[0], "xray")
      || !fluo_endpoint_region_is_valid (labels[1]))
    return NULL;
  return g_strdup (labels[1]);
}
