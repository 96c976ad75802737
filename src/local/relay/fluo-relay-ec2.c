/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-http.h"
#include "local/relay/fluo-relay-private.h"

/* EC2's instance metadata, version 2 alone: a token first, then the question. Only the region is
 * asked for. */

#define DEFAULT_BASE "http://169.254.169.254"
#define TOKEN_PATH "/latest/api/token"
#define REGION_PATH "/latest/meta-data/placement/region"
#define TOKEN_SECONDS "60"
#define TOKEN_CHARS_MAX 1024

/* On EC2 the answer takes a millisecond; elsewhere nobody is there. */
static const FluoHttpLimits limits = { 1000, 1000, 4096 };

static void
store_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* The body as text without blanks at its ends, NULL when there is no good answer. */
static char *
ask (SoupSession *session, const char *method, const char *base, const char *path,
     const char *header, const char *value)
{
  g_autofree char *url = g_strconcat (base, path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FluoHttpResponse) response = NULL;
  gsize length;
  const char *body;

  if (!message)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (soup_message_get_request_headers (message), header, value);
  fluo_http_exchange_async (session, message, &limits, NULL, store_cb, &result);
  while (!result)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  response = fluo_http_exchange_finish (result, NULL);
  if (!response || response->status != 200)
    return NULL;
  body = g_bytes_get_data (response->body, &length);
  return length > 0 ? g_strstrip (g_strndup (body, length)) : NULL;
}

static gboolean
is_token (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return length > 0 && length <= TOKEN_CHARS_MAX;
}

char *
fluo_relay_ec2_region (void)
{
  const char *base = g_getenv ("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const char *disabled = g_getenv ("AWS_EC2_METADATA_DISABLED");
  g_autofree char *url = NULL, *token = NULL, *region = NULL;
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (SoupSession) session = NULL;

  if (disabled && g_ascii_strcasecmp (disabled, "true") == 0)
    return NULL;
  url = fluo_endpoint_normalize (base && *base != '\0' ? base : DEFAULT_BASE, NULL);
  if (!url)
    return NULL;
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  session = soup_session_new_with_options ("timeout", 0, "proxy-resolver", NULL, NULL);
  token = ask (session, "PUT", url, TOKEN_PATH, "x-aws-ec2-metadata-token-ttl-seconds",
               TOKEN_SECONDS);
  if (token && is_token (token))
    region = ask (session, "GET", url, REGION_PATH, "x-aws-ec2-metadata-token", token);
  /* What libsoup still has to do for a request that ran out of time. */
  soup_session_abort (session);
  g_clear_object (&session);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return region && fluo_endpoint_region_is_valid (region) ? g_steal_pointer (&region) : NULL;
}
