/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-aws-service.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

/* How the services differ. */
typedef struct
{
  const char *host;          /* first label of the host */
  const char *target_prefix; /* NULL: X-Ray's own kind */
  const char *content_type;
} Service;

static const Service services[FLUO_AWS_N_SERVICES] = {
  [FLUO_AWS_XRAY] = { "xray", NULL, "application/json" },
  [FLUO_AWS_CLOUDWATCH] = { "monitoring", "GraniteServiceVersion20100801.",
                            "application/x-amz-json-1.0" },
  [FLUO_AWS_LOGS] = { "logs", "Logs_20140328.", "application/x-amz-json-1.1" },
};

gboolean
fluo_xray_client_has_service (FluoXrayClient *self, FluoAwsService service)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), FALSE);

  return service == FLUO_AWS_XRAY || self->is_aws || self->service_endpoints[service];
}

void
fluo_xray_client_set_service_endpoint (FluoXrayClient *self, FluoAwsService service,
                                       const char *url)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (service != FLUO_AWS_XRAY);

  g_free (self->service_endpoints[service]);
  self->service_endpoints[service] = g_strdup (url);
}

char *
fluo_aws_service_dup_endpoint (FluoXrayClient *self, FluoAwsService service, GError **error)
{
  const char *set = self->service_endpoints[service];
  g_autoptr (GError) local_error = NULL;
  char *url = NULL;

  if (service == FLUO_AWS_XRAY)
    return g_strdup (self->endpoint);
  if (set)
    url = fluo_endpoint_normalize (set, &local_error);
  else if (self->is_aws)
    url = fluo_endpoint_beside (self->endpoint, services[service].host, &local_error);
  else
    local_error = g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                                       _("this connection has X-Ray alone; logs and metrics are "
                                         "there on AWS"));
  if (local_error && local_error->domain != FLUO_XRAY_ERROR)
    g_set_error_literal (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST,
                         local_error->message);
  else if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return url;
}

SoupMessage *
fluo_aws_service_message_new (const char *endpoint, FluoAwsService service, const char *action,
                              GBytes *body)
{
  g_autofree char *url = g_strconcat (endpoint, "/", NULL), *target = NULL;
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);

  if (!message)
    return NULL;
  target = g_strconcat (services[service].target_prefix, action, NULL);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (!g_str_has_prefix (action, "Start"))
    soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  soup_message_headers_append (soup_message_get_request_headers (message), "X-Amz-Target", target);
  soup_message_set_request_body_from_bytes (message, services[service].content_type, body);
  return message;
}
