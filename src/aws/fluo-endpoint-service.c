/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-endpoint.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config.h"

/* Where each service of AWS is: names of hosts by rule, and what the environment and the shared
 * files put in their place. */

typedef struct
{
  const char *prefix;     /* of the region's name; "" = the rest */
  const char *suffix;
  const char *dual_suffix;
  const char *signin; /* suffix of the sign-in service's plain hosts, after the region */
} Partition;

/* AWS partitions in the order to try: a longer prefix before a shorter one. As of July 2026. */
static const Partition partitions[] = {
  { "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "signin.amazonaws.cn" },
  { "us-gov-", "amazonaws.com", "api.aws", "signin.amazonaws-us-gov.com" },
  { "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "signin.c2shome.ic.gov" },
  { "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "signin.sc2shome.sgov.gov" },
  { "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "signin.csphome.adc-e.uk" },
  { "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "signin.csphome.hci.ic.gov" },
  { "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "signin.amazonaws-eusc.eu" },
  { "", "amazonaws.com", "api.aws", "signin.aws.amazon.com" },
};

/* A service as the environment, the shared files, host names and signatures call it. */
typedef struct
{
  const char *variable;
  const char *key;
  const char *prefix;
  const char *signing; /* NULL: requests are not signed */
} Service;

static const Service services[FLUO_AWS_N_SERVICES] = {
  [FLUO_AWS_XRAY] = { "AWS_ENDPOINT_URL_XRAY", "xray", "xray", "xray" },
  [FLUO_AWS_CLOUDWATCH] = { "AWS_ENDPOINT_URL_CLOUDWATCH", "cloudwatch", "monitoring",
                            "monitoring" },
  [FLUO_AWS_LOGS] = { "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "cloudwatch_logs", "logs", "logs" },
  [FLUO_AWS_STS] = { "AWS_ENDPOINT_URL_STS", "sts", "sts", "sts" },
  [FLUO_AWS_SSO] = { "AWS_ENDPOINT_URL_SSO", "sso", "portal.sso", NULL },
  [FLUO_AWS_SSO_OIDC] = { "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc", "oidc", NULL },
  [FLUO_AWS_SIGNIN] = { "AWS_ENDPOINT_URL_SIGNIN", "signin", "signin", NULL },
};

const char *
fluo_aws_service_get_signing_name (FluoAwsService service)
{
  g_return_val_if_fail (service < FLUO_AWS_N_SERVICES, NULL);

  return services[service].signing;
}

static gboolean
check_region (const char *region, GError **error)
{
  if (!region || *region == '\0')
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("no AWS region is set; choose one, or set AWS_REGION or \"region\" in "
                           "the profile"));
  else if (!fluo_endpoint_region_is_valid (region))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("the AWS region is malformed; expected a name such as \"eu-west-1\""));
  else
    return TRUE;
  return FALSE;
}

/* The plain hosts of GovCloud are FIPS ones already, but for X-Ray's; CloudWatch's are with both
 * stacks too. */
static gboolean
has_fips_name (FluoAwsService service, const char *region, gboolean dual_stack)
{
  if (!g_str_has_prefix (region, "us-gov-") || service == FLUO_AWS_XRAY)
    return TRUE;
  return dual_stack && service != FLUO_AWS_CLOUDWATCH;
}

/* Names the region before the service. */
static char *
compose_signin (const Partition *partition, const char *region, gboolean fips, gboolean dual_stack)
{
  if (dual_stack)
    return g_strdup_printf ("https://signin%s.%s.%s", fips ? "-fips" : "", region,
                            partition->dual_suffix);
  if (!fips)
    return g_strdup_printf ("https://%s.%s", region, partition->signin);
  if (strcmp (region, "us-gov-west-1") == 0)
    return g_strdup ("https://signin-fips.amazonaws-us-gov.com");
  if (g_str_has_prefix (region, "us-gov-"))
    return g_strdup_printf ("https://%s.signin-fips.amazonaws-us-gov.com", region);
  return g_strdup_printf ("https://signin-fips.%s.%s", region, partition->suffix);
}

char *
fluo_endpoint_for_service (FluoAwsService service, const char *region, gboolean fips,
                           gboolean dual_stack, GError **error)
{
  const Partition *partition = partitions;

  g_return_val_if_fail (service < FLUO_AWS_N_SERVICES, NULL);

  if (!check_region (region, error))
    return NULL;
  while (!g_str_has_prefix (region, partition->prefix))
    partition++;
  if (service == FLUO_AWS_SIGNIN)
    return compose_signin (partition, region, fips, dual_stack);
  if (fips)
    fips = has_fips_name (service, region, dual_stack);
  return g_strdup_printf ("https://%s%s.%s.%s", services[service].prefix, fips ? "-fips" : "",
                          region, dual_stack ? partition->dual_suffix : partition->suffix);
}

char *
fluo_endpoint_for_region (const char *region, gboolean fips, gboolean dual_stack, GError **error)
{
  return fluo_endpoint_for_service (FLUO_AWS_XRAY, region, fips, dual_stack, error);
}

static char *
dup_host (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  return uri ? g_strdup (g_uri_get_host (uri)) : NULL;
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

char *
fluo_endpoint_beside (const char *url, const char *service, GError **error)
{
  g_autofree char *region = fluo_endpoint_dup_region (url), *host = NULL;
  gboolean dual_stack = FALSE;
  guint which = 0;

  if (!region)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("\"%s\" is no host of X-Ray, and so says nothing of where %s is"), url,
                   service);
      return NULL;
    }
  while (which < FLUO_AWS_N_SERVICES && strcmp (services[which].prefix, service) != 0)
    which++;
  g_return_val_if_fail (which < FLUO_AWS_N_SERVICES, NULL);
  host = dup_host (url);
  for (gsize i = 0; i < G_N_ELEMENTS (partitions); i++)
    dual_stack |= g_str_has_suffix (host, partitions[i].dual_suffix);
  return fluo_endpoint_for_service (which, region, g_str_has_prefix (host, "xray-fips."),
                                    dual_stack, error);
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

/* NULL without @error when no endpoint is configured. */
static char *
find_configured (const FluoAwsConfig *config, const char *profile, const Service *service,
                 GError **error)
{
  const char *url, *section;

  if (get_switch (config, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                  "ignore_configured_endpoint_urls"))
    return NULL;
  if ((url = get_env (service->variable)) || (url = get_env ("AWS_ENDPOINT_URL")))
    return fluo_endpoint_normalize (url, error);

  section = fluo_aws_config_get_profile (config, profile, "services");
  if (section)
    {
      if (!fluo_aws_config_has_section (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SERVICES,
                                        section))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("profile \"%s\" names the section [services %s], which the config file "
                         "doesn't have"),
                       profile, section);
          return NULL;
        }
      url = fluo_aws_config_get (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SERVICES, section,
                                 service->key, "endpoint_url");
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
set_up (Setup *self, const char *profile, const Service *service, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  char *url;

  self->config = fluo_aws_config_new ();
  for (guint file = 0; file < FLUO_AWS_N_FILES && g_strcmp0 (profile, "") != 0; file++)
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
  url = find_configured (self->config, profile, service, &local_error);
  if (url && (self->fips || self->dual_stack))
    {
      g_clear_pointer (&url, g_free);
      local_error = g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("a custom endpoint can't be combined with use_fips_endpoint or use_dualstack_endpoint"));
    }
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

/* STS has a host of the whole world besides those of regions. */
static char *
resolve_sts (const Setup *setup, const char *region, char **ret_region, GError **error)
{
  if (is_global_sts (setup, region))
    {
      *ret_region = g_strdup (STS_GLOBAL_REGION);
      return g_strdup (STS_GLOBAL);
    }
  return fluo_endpoint_for_service (FLUO_AWS_STS, region, setup->fips, setup->dual_stack, error);
}

/* --- Resolving ---------------------------------------------------------- */

char *
fluo_endpoint_resolve_service (FluoAwsService service, const char *profile, const char *region,
                               char **ret_region, GError **error)
{
  g_auto (Setup) setup = { 0 };
  g_autoptr (GError) local_error = NULL;
  g_autofree char *signing = NULL;
  char *url;

  g_return_val_if_fail (service < FLUO_AWS_N_SERVICES, NULL);

  url = set_up (&setup, profile, &services[service], &local_error);
  if (service == FLUO_AWS_STS && (!region || strcmp (region, "aws-global") == 0)
      && (url || setup.fips || setup.dual_stack))
    region = STS_GLOBAL_REGION;
  if (url && region && !check_region (region, &local_error))
    g_clear_pointer (&url, g_free);
  else if (!url && !local_error)
    url = service == FLUO_AWS_STS ? resolve_sts (&setup, region, &signing, &local_error)
                                  : fluo_endpoint_for_service (service, region, setup.fips,
                                                               setup.dual_stack, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (ret_region)
    *ret_region = signing ? g_steal_pointer (&signing) : g_strdup (region);
  return url;
}

char *
fluo_endpoint_resolve (const char *profile, const char *region, GError **error)
{
  return fluo_endpoint_resolve_service (FLUO_AWS_XRAY, profile, region, NULL, error);
}

char *
fluo_endpoint_resolve_sts (const char *profile, const char *region, char **ret_region,
                           GError **error)
{
  return fluo_endpoint_resolve_service (FLUO_AWS_STS, profile, region, ret_region, error);
}
