/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-endpoint.h"

#include <string.h>

#include "aws/fluo-aws-config.h"

#define REGION_LEN_MAX 63 /* a DNS label */
#define URL_LEN_MAX 2048
#define URL_FLAGS \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_SCHEME_NORMALIZE)

typedef struct
{
  const char *prefix;     /* of the region's name; "" = the rest */
  const char *suffix;
  const char *dual_suffix;
} Partition;

/* AWS partitions in the order to try: a longer prefix before a shorter one. As of July 2026. */
static const Partition partitions[] = {
  { "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
  { "us-gov-", "amazonaws.com", "api.aws" },
  { "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
  { "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
  { "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
  { "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
  { "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
  { "", "amazonaws.com", "api.aws" },
};

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

/* "https://xray.eu-west-1.amazonaws.com" for the prefix "xray". */
static char *
compose (const char *prefix, const char *region, gboolean fips, gboolean dual_stack, GError **error)
{
  const Partition *partition = partitions;

  if (!region || *region == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "no AWS region is set; choose one, or set AWS_REGION or \"region\" in "
                           "the profile");
      return NULL;
    }
  if (!fluo_endpoint_region_is_valid (region))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "the AWS region is malformed; expected a name such as \"eu-west-1\"");
      return NULL;
    }
  while (!g_str_has_prefix (region, partition->prefix))
    partition++;
  return g_strdup_printf ("https://%s%s.%s.%s", prefix, fips ? "-fips" : "", region,
                          dual_stack ? partition->dual_suffix : partition->suffix);
}

char *
fluo_endpoint_for_region (const char *region, gboolean fips, gboolean dual_stack, GError **error)
{
  return compose ("xray", region, fips, dual_stack, error);
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
               "the endpoint %s; expected a URL such as \"http://127.0.0.1:2000\"", what);
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
    return refuse_url (error, "is no URL");
  if (strcmp (g_uri_get_scheme (uri), "http") != 0 && strcmp (g_uri_get_scheme (uri), "https") != 0)
    return refuse_url (error, "is neither http nor https");
  if (g_uri_get_userinfo (uri))
    return refuse_url (error, "holds a user name or a password");
  if (g_uri_get_query (uri) || g_uri_get_fragment (uri))
    return refuse_url (error, "has a query or a fragment");
  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  if (!host_is_valid (host))
    return refuse_url (error, "has no proper host");
  path = g_strdup (g_uri_get_path (uri));
  if (!path_is_valid (path))
    return refuse_url (error, "has an unusual path");
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';

  out = g_string_new (NULL);
  g_string_append_printf (out, strchr (host, ':') ? "%s://[%s]" : "%s://%s", g_uri_get_scheme (uri),
                          host);
  port = g_uri_get_port (uri);
  if (port == 0)
    {
      g_string_free (out, TRUE);
      return refuse_url (error, "has port 0");
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
fluo_endpoint_is_aws (const char *url)
{
  g_autofree char *host = dup_host (url);

  for (gsize i = 0; host && i < G_N_ELEMENTS (partitions); i++)
    {
      const char *suffixes[] = { partitions[i].suffix, partitions[i].dual_suffix };

      for (gsize j = 0; j < G_N_ELEMENTS (suffixes); j++)
        {
          gsize length = strlen (host), suffix_length = strlen (suffixes[j]);

          if (length > suffix_length && host[length - suffix_length - 1] == '.'
              && g_str_has_suffix (host, suffixes[j]))
            return TRUE;
        }
    }
  return FALSE;
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

char *
fluo_endpoint_beside (const char *url, const char *service, GError **error)
{
  g_autofree char *region = fluo_endpoint_dup_region (url), *host = NULL;
  gboolean fips, dual_stack = FALSE;

  if (!region)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no host of X-Ray, and so says nothing of where %s is", url, service);
      return NULL;
    }
  host = dup_host (url);
  fips = g_str_has_prefix (host, "xray-fips.");
  for (gsize i = 0; i < G_N_ELEMENTS (partitions); i++)
    dual_stack |= g_str_has_suffix (host, partitions[i].dual_suffix);
  /* The plain hosts of GovCloud are FIPS ones already; only X-Ray has another. */
  if (fips && !dual_stack && g_str_has_prefix (region, "us-gov-"))
    fips = FALSE;
  if (fips && dual_stack && g_str_has_prefix (region, "us-gov-")
      && strcmp (service, "monitoring") == 0)
    fips = FALSE;
  return compose (service, region, fips, dual_stack, error);
}

static const char *
get_env (const char *name)
{
  const char *value = g_getenv (name);

  return value && *value != '\0' ? value : NULL;
}

/* The environment's word, else the profile's. Only "true" in any case is true. */
static gboolean
get_switch (const FluoAwsConfig *config, const char *profile, const char *variable, const char *key)
{
  const char *value = get_env (variable);

  if (!value)
    value = fluo_aws_config_get_profile (config, profile, key);
  return value && g_ascii_strcasecmp (value, "true") == 0;
}

/* A service as the environment, the shared files and host names call it. */
typedef struct
{
  const char *variable;
  const char *key;
} ServiceNames;

static const ServiceNames xray_names = { "AWS_ENDPOINT_URL_XRAY", "xray" };
static const ServiceNames sts_names = { "AWS_ENDPOINT_URL_STS", "sts" };

/* NULL without @error when no endpoint is configured. */
static char *
find_configured (const FluoAwsConfig *config, const char *profile, const ServiceNames *names,
                 GError **error)
{
  const char *url, *services;

  if (get_switch (config, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                  "ignore_configured_endpoint_urls"))
    return NULL;
  if ((url = get_env (names->variable)) || (url = get_env ("AWS_ENDPOINT_URL")))
    return fluo_endpoint_normalize (url, error);

  services = fluo_aws_config_get_profile (config, profile, "services");
  if (services)
    {
      if (!fluo_aws_config_has_section (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SERVICES,
                                        services))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "profile \"%s\" names the section [services %s], which the config file "
                       "doesn't have",
                       profile, services);
          return NULL;
        }
      url = fluo_aws_config_get (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SERVICES, services,
                                 names->key, "endpoint_url");
      if (url)
        return fluo_endpoint_normalize (url, error);
    }
  url = fluo_aws_config_get_profile (config, profile, "endpoint_url");
  return url ? fluo_endpoint_normalize (url, error) : NULL;
}

/* Everything that decides where a service is. */
typedef struct
{
  FluoAwsConfig *config;
  const char    *profile;
  gboolean       fips, dual_stack;
} Setup;

static void
setup_clear (Setup *self)
{
  g_clear_pointer (&self->config, fluo_aws_config_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, setup_clear)

/* What is configured: NULL without @error when nothing is, and AWS's own is meant. */
static char *
set_up (Setup *self, const char *profile, const ServiceNames *names, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  char *url;

  self->config = fluo_aws_config_new ();
  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_autofree char *path = fluo_aws_config_dup_path (file);

      if (!fluo_aws_config_load (self->config, file, path, error))
        return NULL;
    }
  if (!profile && !(profile = get_env ("AWS_PROFILE"))
      && !(profile = get_env ("AWS_DEFAULT_PROFILE")))
    profile = "default";
  self->profile = profile;
  self->fips =
    get_switch (self->config, profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
  self->dual_stack =
    get_switch (self->config, profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  url = find_configured (self->config, profile, names, &local_error);
  if (url && (self->fips || self->dual_stack))
    {
      g_clear_pointer (&url, g_free);
      local_error = g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a custom endpoint can't be combined with use_fips_endpoint or use_dualstack_endpoint");
    }
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return url;
}

char *
fluo_endpoint_resolve (const char *profile, const char *region, GError **error)
{
  g_auto (Setup) setup = { 0 };
  g_autoptr (GError) local_error = NULL;
  char *url = set_up (&setup, profile, &xray_names, &local_error);

  if (!url && !local_error)
    url = compose ("xray", region, setup.fips, setup.dual_stack, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return url;
}

/* --- STS ---------------------------------------------------------------- */

#define STS_GLOBAL "https://sts.amazonaws.com"
#define STS_GLOBAL_REGION "us-east-1" /* of its signatures */

/* With sts_regional_endpoints = legacy these use the global host. */
static const char *const classic_regions[] = {
  "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global",  "ca-central-1",
  "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",   "sa-east-1",
  "us-east-1",      "us-east-2",  "us-west-1",      "us-west-2",      NULL
};

static gboolean
is_global_sts (const Setup *setup, const char *region)
{
  const char *mode = get_env ("AWS_STS_REGIONAL_ENDPOINTS");

  if (setup->fips || setup->dual_stack)
    return FALSE;
  if (!region || strcmp (region, "aws-global") == 0)
    return TRUE;
  if (!mode)
    mode = fluo_aws_config_get_profile (setup->config, setup->profile, "sts_regional_endpoints");
  return mode && g_ascii_strcasecmp (mode, "legacy") == 0
         && g_strv_contains (classic_regions, region);
}

char *
fluo_endpoint_resolve_sts (const char *profile, const char *region, char **ret_region,
                           GError **error)
{
  g_auto (Setup) setup = { 0 };
  g_autoptr (GError) local_error = NULL;
  char *url = set_up (&setup, profile, &sts_names, &local_error);
  gboolean global = setup.config && is_global_sts (&setup, region);

  if (!region || strcmp (region, "aws-global") == 0)
    region = STS_GLOBAL_REGION;
  if (!url && !local_error)
    url = global ? g_strdup (STS_GLOBAL)
                 /* The plain hosts of GovCloud are FIPS ones already. */
                 : compose ("sts", region,
                            setup.fips
                              && (setup.dual_stack || !g_str_has_prefix (region, "us-gov-")),
                            setup.dual_stack, &local_error);
  if (url && !fluo_endpoint_region_is_valid (region))
    {
      g_clear_pointer (&url, g_free);
      compose ("sts", region, FALSE, FALSE, &local_error);
    }
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    *ret_region = g_strdup (global && strcmp (url, STS_GLOBAL) == 0 ? STS_GLOBAL_REGION : region);
  return url;
}
