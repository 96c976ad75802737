/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where services of AWS are. Whatever comes out was checked before any name is resolved, so that a
 * hostile region such as "x.example.com/" can't send signed requests elsewhere. Errors are
 * G_IO_ERROR_INVALID_ARGUMENT. Any thread. */

typedef enum
{
  FLUO_AWS_XRAY,
  FLUO_AWS_CLOUDWATCH, /* "monitoring" in hosts and signatures */
  FLUO_AWS_LOGS,
  FLUO_AWS_STS,
  FLUO_AWS_SSO,      /* the portal of IAM Identity Center */
  FLUO_AWS_SSO_OIDC, /* where one signs in to it */
  FLUO_AWS_SIGNIN,   /* of "aws login" */
  FLUO_AWS_N_SERVICES
} FluoAwsService;

/* The service in the scope of a signature; NULL where requests are not signed. */
const char *fluo_aws_service_get_signing_name (FluoAwsService service);
/* AWS's own endpoint, newly allocated: "https://logs.eu-west-1.amazonaws.com"; @fips and
 * @dual_stack choose the variants. */
char *fluo_endpoint_for_service (FluoAwsService service, const char *region, gboolean fips,
                                 gboolean dual_stack, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the environment and the shared files say for @profile (NULL: AWS_PROFILE, else "default";
 * "": the environment alone, and no file is read): AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL,
 * the profile's services section, its endpoint_url; else AWS's own of @region in the variant asked
 * for by use_fips_endpoint and use_dualstack_endpoint. @region NULL: an error without a configured
 * endpoint, but STS has a global host, which sts_regional_endpoints may ask for too. @ret_region
 * (nullable) gets the region of the signatures. Reads files. */
char *fluo_endpoint_resolve_service (FluoAwsService service, const char *profile,
                                     const char *region, char **ret_region,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One DNS label of lower-case letters, digits and hyphens. */
gboolean  fluo_endpoint_region_is_valid (const char *region);
/* "https://xray.eu-west-1.amazonaws.com"; @fips and @dual_stack choose the variants. */
char     *fluo_endpoint_for_region      (const char *region, gboolean fips, gboolean dual_stack,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Checks a URL given by the user: http or https, a host, no user name, query or fragment. Returns
 * it with a lower-case host and without a slash at its end. */
char     *fluo_endpoint_normalize       (const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* This computer: localhost, 127.0.0.0/8, ::1. @url is normalized. */
gboolean  fluo_endpoint_is_loopback     (const char *url);
/* Where a machine talks to its own host: 169.254.0.0/16, fd00:ec2::/32. */
gboolean  fluo_endpoint_is_link_local   (const char *url);
/* A host of AWS, which answers nobody without credentials. @url is normalized. */
gboolean  fluo_endpoint_is_aws          (const char *url);
/* Plain http over a network: what is sent, a session token included, can be read on the way. Worth
 * a warning where the user chooses it. @url is normalized. */
gboolean  fluo_endpoint_is_exposed      (const char *url);
/* The region in the name of an AWS host, newly allocated, or NULL. @url is normalized. */
char     *fluo_endpoint_dup_region      (const char *url);
/* The host of another service ("logs") beside X-Ray's own @url, of the same region and variant. */
char     *fluo_endpoint_beside          (const char *url, const char *service,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* fluo_endpoint_resolve_service() of X-Ray. */
char *fluo_endpoint_resolve (const char *profile, const char *region,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* … and of STS. */
char *fluo_endpoint_resolve_sts (const char *profile, const char *region, char **ret_region,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
