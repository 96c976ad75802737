/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "local/relay/fluo-relay-private.h"

/* The two calls of SDKs about sampling, passed through to the account that the traces go to, so
 * that its rules count. When AWS can't be asked, that is the answer, as it is with the X-Ray
 * daemon: the SDKs then go on with what they know. Rules of this computer instead could make a
 * program record everything. */

/* Calls that wait for AWS at a time; an SDK asks once in ten seconds. */
#define N_CALLS_MAX 64
#define RETRY_AFTER_S 10

typedef struct
{
  FluoRelay   *relay;
  FluoApiCall *call;
} Proxied;

/* Names come from outside and go into a header as static text, so only those known pass. */
static const char *
static_type (const char *type)
{
  static const char *const types[] = {
    "InvalidRequestException",     "ThrottledException",        "ThrottlingException",
    "AccessDeniedException",       "UnrecognizedClientException", "InvalidSignatureException",
    "ExpiredTokenException",       "MissingAuthenticationTokenException",
    "ValidationException",         "SerializationException",
  };

  for (gsize i = 0; type && i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (type, types[i]) && strchr (":,", type[strlen (types[i])]))
      return types[i];
  return "ServiceUnavailable";
}

void
fluo_relay_refuse_call (FluoApiCall *call, const char *message)
{
  fluo_api_call_fail (call, 503, "ServiceUnavailable", message);
  call->retry_after = RETRY_AFTER_S;
  fluo_api_call_answer (call);
}

static void
pass_answer (FluoApiCall *call, const FluoHttpResponse *response)
{
  gsize length;
  const char *body = g_bytes_get_data (response->body, &length);

  if (!fluo_http_response_is_json (response) ||
      (response->status >= 300 && response->status < 400))
    {
      fluo_relay_refuse_call (call, _("what answered is not AWS X-Ray"));
      return;
    }
  if (length > 0)
    g_string_append_len (call->out, body, (gssize) length);
  call->status = response->status;
  if (response->status < 200 || response->status >= 300)
    call->error_type = static_type (response->error_type);
  fluo_api_call_answer (call);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Proxied *proxied = user_data;
  FluoRelay *self = proxied->relay;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoHttpResponse) response =
    fluo_xray_client_exchange_finish (FLUO_XRAY_CLIENT (source), result, &error);

  self->own.n_others--;
  g_mutex_lock (&self->shared.lock);
  self->shared.n_calls--;
  g_mutex_unlock (&self->shared.lock);
  if (response && response->status < 400)
    pass_answer (proxied->call, response);
  else
    {
      if (!fluo_relay_is_about_keys (error))
        fluo_relay_count_failure (self, response, error);
      if (response && (response->status == 401 || response->status == 403))
        fluo_relay_renew_keys (self);
      if (response)
        pass_answer (proxied->call, response);
      else
        fluo_relay_refuse_call (proxied->call, error->message);
    }
  fluo_relay_pump (self);
}

static void
forward (FluoRelay *self, FluoApiCall *call)
{
  Proxied *proxied = g_new0 (Proxied, 1);

  proxied->relay = self;
  proxied->call = call;
  self->own.n_others++;
  fluo_xray_client_exchange_async (
    self->own.client, strcmp (call->operation, "GetSamplingRules") == 0 ? "/GetSamplingRules"
                                                                        : "/SamplingTargets",
    call->body, &self->times.limits, self->own.cancellable, answered_cb, proxied);
}

void
fluo_relay_proxy_calls (FluoRelay *self)
{
  FluoApiCall *call;

  do
    {
      g_mutex_lock (&self->shared.lock);
      call = g_queue_pop_head (&self->shared.calls);
      g_mutex_unlock (&self->shared.lock);
      if (call)
        forward (self, call);
    }
  while (call);
}

/* Any thread. TRUE when the call goes to AWS and is answered from there; it is not the caller's any
 * more then. FALSE when sampling stays here. */
static gboolean
take_call (FluoRelay *self, FluoApiCall *call)
{
  gboolean room, stopped;

  if (self->local_sampling)
    return FALSE;
  g_mutex_lock (&self->shared.lock);
  stopped = self->shared.stopped;
  room = !stopped && self->shared.n_calls < N_CALLS_MAX;
  if (room)
    {
      self->shared.n_calls++;
      g_queue_push_tail (&self->shared.calls, call);
    }
  g_mutex_unlock (&self->shared.lock);
  if (room)
    fluo_relay_wake (self);
  else
    fluo_relay_refuse_call (call, stopped ? _("the collector is ending")
                                          : _("too many questions for AWS X-Ray at once"));
  return TRUE;
}

/* --- The operations ----------------------------------------------------- */

static void
relay_or (FluoApiCall *call, FluoApiFunc func)
{
  FluoRelay *relay = call->context->relay;

  if (relay && take_call (relay, call))
    return;
  func (call);
  fluo_api_call_answer (call);
}

void
fluo_api_relay_sampling_rules (FluoApiCall *call)
{
  relay_or (call, fluo_api_get_sampling_rules);
}

void
fluo_api_relay_sampling_targets (FluoApiCall *call)
{
  relay_or (call, fluo_api_get_sampling_targets);
}
