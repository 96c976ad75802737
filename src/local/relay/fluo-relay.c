/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config.h"
#include "aws/fluo-endpoint.h"
#include "core/fluo-time-span.h"
#include "local/relay/fluo-relay-private.h"

/* As the X-Ray daemon. */
#define LINGER_MS 1000
#define TELEMETRY_MS (60 * 1000)

/* The daemon gives a request two seconds; a slow uplink deserves more, and nobody waits. */
#define REQUEST_IDLE_MS 10000
#define REQUEST_TOTAL_MS 30000
#define ANSWER_MAX (4 * 1024 * 1024)

/* Containers get ten seconds between SIGTERM and SIGKILL; the rest of the end needs some too. */
#define FAREWELL_MS 4000

#define PAUSE_BASE_MS 50
#define PAUSE_BASE_THROTTLED_MS 1000
#define PAUSE_MAX_MS 20000

G_DEFINE_QUARK (fluo-relay-error-quark, fluo_relay_error)

guint
fluo_relay_pause_for (guint n_failures, gboolean throttled, double random)
{
  guint base = throttled ? PAUSE_BASE_THROTTLED_MS : PAUSE_BASE_MS;
  guint limit = base << MIN (MAX (n_failures, 1) - 1, 16);

  return (guint) (random * MIN (limit, PAUSE_MAX_MS));
}

static guint
random_pause (guint n_failures, gboolean throttled, gpointer data)
{
  return fluo_relay_pause_for (n_failures, throttled, g_random_double ());
}

static gint64
wall_clock (gpointer data)
{
  return fluo_time_now_ns ();
}

static const FluoRelayTimes default_times = {
  .linger_ms = LINGER_MS,
  .telemetry_ms = TELEMETRY_MS,
  .farewell_ms = FAREWELL_MS,
  .limits = { REQUEST_IDLE_MS, REQUEST_TOTAL_MS, ANSWER_MAX },
  .now_ns = wall_clock,
  .pause_ms = random_pause,
};

/* --- Where to ----------------------------------------------------------- */

static const char *
get_env (const char *name)
{
  const char *value = g_getenv (name);

  return value && *value != '\0' ? value : NULL;
}

/* The profile's region, whether or not it has keys. */
static char *
dup_profile_region (void)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  const char *profile = get_env ("AWS_PROFILE");

  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_autofree char *path = fluo_aws_config_dup_path (file);

      if (!fluo_aws_config_load (config, file, path, NULL))
        return NULL;
    }
  if (!profile && !(profile = get_env ("AWS_DEFAULT_PROFILE")))
    profile = "default";
  return g_strdup (fluo_aws_config_get_profile (config, profile, "region"));
}

static char *
find_region (const FluoRelayOptions *options)
{
  const char *named = options->region;
  char *region;

  if (!named && !(named = get_env ("AWS_REGION")))
    named = get_env ("AWS_DEFAULT_REGION");
  region = named ? g_strdup (named) : dup_profile_region ();
  if (!region && options->endpoint)
    {
      g_autofree char *url = fluo_endpoint_normalize (options->endpoint, NULL);

      region = url ? fluo_endpoint_dup_region (url) : NULL;
    }
  if (!region && !options->local_mode)
    region = fluo_relay_ec2_region ();
  return region;
}

/* Programs are sometimes told where the collector is by the same variable that tells the relay
 * where AWS is. */
static gboolean
is_one_of_ours (const char *endpoint, GPtrArray *listeners)
{
  g_autoptr (GUri) uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);
  int port = uri ? g_uri_get_port (uri) : -1;

  if (!uri || !fluo_endpoint_is_loopback (endpoint))
    return FALSE;
  if (port <= 0)
    port = strcmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
  for (guint i = 0; listeners && i < listeners->len; i++)
    {
      FluoListener *listener = listeners->pdata[i];

      if (listener->protocol == FLUO_LISTENER_HTTP &&
          g_inet_socket_address_get_port (listener->address) == port)
        return TRUE;
    }
  return FALSE;
}

static gboolean
find_endpoint (FluoRelay *self, const FluoRelayOptions *options, GPtrArray *listeners,
               GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->region = find_region (options);
  if (!self->region)
    {
      g_set_error_literal (error, FLUO_RELAY_ERROR, FLUO_RELAY_ERROR_REGION,
                           _("--relay needs to know the AWS region: add --region eu-west-1, set "
                             "AWS_REGION, or run “aws configure set region eu-west-1”"));
      return FALSE;
    }
  if (!fluo_endpoint_region_is_valid (self->region))
    {
      g_set_error (error, FLUO_RELAY_ERROR, FLUO_RELAY_ERROR_REGION,
                   _("“%s” is not an AWS region; expected a name such as eu-west-1"),
                   self->region);
      return FALSE;
    }
  self->endpoint = options->endpoint
                     ? fluo_endpoint_normalize (options->endpoint, &local_error)
                     : fluo_endpoint_resolve (NULL, self->region, &local_error);
  if (!self->endpoint)
    g_set_error (error, FLUO_RELAY_ERROR, FLUO_RELAY_ERROR_ENDPOINT, _("--relay: %s"),
                 local_error->message);
  else if (is_one_of_ours (self->endpoint, listeners))
    {
      g_set_error (error, FLUO_RELAY_ERROR, FLUO_RELAY_ERROR_ENDPOINT,
                   _("--relay to %s would send everything to the collector itself; name another "
                     "address with --relay-endpoint, or unset AWS_ENDPOINT_URL and "
                     "AWS_ENDPOINT_URL_XRAY"),
                   self->endpoint);
      return FALSE;
    }
  return self->endpoint != NULL;
}

static gboolean
take_role (FluoRelay *self, const FluoRelayOptions *options, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!options->role_arn)
    return TRUE;
  if (!fluo_aws_role_arn_check (options->role_arn, &local_error))
    {
      g_set_error (error, FLUO_RELAY_ERROR, FLUO_RELAY_ERROR_ROLE, _("--role-arn: %s"),
                   local_error->message);
      return FALSE;
    }
  self->role_arn = g_strdup (options->role_arn);
  return TRUE;
}

/* --- The thread --------------------------------------------------------- */

GSource *
fluo_relay_timeout (FluoRelay *self, guint ms, GSourceFunc func)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

void
fluo_relay_clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* [relay] */
static gboolean
woken_cb (gpointer data)
{
  FluoRelay *self = data;

  g_atomic_int_set (&self->woken, 0);
  fluo_relay_proxy_calls (self);
  fluo_relay_pump (self);
  return G_SOURCE_REMOVE;
}

void
fluo_relay_wake (FluoRelay *self)
{
  g_autoptr (GSource) source = NULL;

  if (!g_atomic_int_compare_and_exchange (&self->woken, 0, 1))
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, woken_cb, self, NULL);
  g_source_attach (source, self->context);
}

/* [relay] */
static gboolean
tick_cb (gpointer data)
{
  fluo_relay_telemetry_tick (data);
  return G_SOURCE_CONTINUE;
}

/* [relay] The time for the end is over: what is under way comes back cancelled. */
static gboolean
farewell_over_cb (gpointer data)
{
  FluoRelay *self = data;

  self->own.gave_up = TRUE;
  g_cancellable_cancel (self->own.cancellable);
  fluo_relay_pump (self);
  return G_SOURCE_REMOVE;
}

/* [relay] */
static gboolean
drain_cb (gpointer data)
{
  FluoRelay *self = data;
  g_autoptr (GSource) deadline =
    fluo_relay_timeout (self, self->times.farewell_ms, farewell_over_cb);

  self->own.draining = TRUE;
  fluo_relay_clear_source (&self->own.pause);
  fluo_relay_clear_source (&self->own.linger);
  self->own.n_failures = 0;
  fluo_relay_proxy_calls (self);
  fluo_relay_pump (self);
  return G_SOURCE_REMOVE;
}

/* [relay] */
static void
clear_own (FluoRelay *self)
{
  GPtrArray *part;

  while ((part = g_queue_pop_head (&self->own.parts)))
    {
      for (guint i = 0; i < part->len; i++)
        ((FluoRelayDocument *) part->pdata[i])->fate = FLUO_RELAY_FATE_AGAIN;
      fluo_relay_buffer_settle (self->buffer, part);
    }
  fluo_relay_clear_source (&self->own.pause);
  fluo_relay_clear_source (&self->own.linger);
  fluo_relay_clear_source (&self->own.ticker);
  g_clear_pointer (&self->own.telemetry, fluo_relay_telemetry_free);
  fluo_credential_provider_stop (self->own.provider);
  g_clear_object (&self->own.client);
  g_clear_object (&self->own.cancellable);
  /* What the HTTP library still has to do for requests that were cancelled. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_clear_object (&self->own.provider);
  g_main_loop_unref (self->own.loop);
}

static gpointer
relay_thread (gpointer data)
{
  FluoRelay *self = data;

  g_main_context_push_thread_default (self->context);
  fluo_relay_make_client (self);
  fluo_relay_look_for_keys (self);
  self->own.ticker = fluo_relay_timeout (self, self->times.telemetry_ms, tick_cb);
  g_main_loop_run (self->own.loop);
  clear_own (self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* --- Public ------------------------------------------------------------- */

FluoRelay *
fluo_relay_new_with_times (const FluoRelayOptions *options, GPtrArray *listeners,
                           const FluoRelayTimes *times, GError **error)
{
  g_autoptr (FluoRelay) self = g_new0 (FluoRelay, 1);

  g_mutex_init (&self->shared.lock);
  g_queue_init (&self->shared.calls);
  g_queue_init (&self->own.parts);
  self->times = *times;
  if (!find_endpoint (self, options, listeners, error) || !take_role (self, options, error))
    return NULL;
  if (fluo_endpoint_is_exposed (self->endpoint))
    g_warning (_("relay: %s is not encrypted: everybody on the way can read what is sent"),
               self->endpoint);
  self->resource_arn = g_strdup (options->resource_arn);
  self->proxy = g_strdup (options->proxy);
  self->n_senders = options->n_senders ? options->n_senders : FLUO_RELAY_N_SENDERS;
  self->local_sampling = options->local_sampling;
  self->buffer =
    fluo_relay_buffer_new (options->buffer_bytes ? options->buffer_bytes : FLUO_RELAY_BUFFER_BYTES);
  self->context = g_main_context_new ();
  self->own.loop = g_main_loop_new (self->context, FALSE);
  self->own.cancellable = g_cancellable_new ();
  self->own.telemetry = fluo_relay_telemetry_new ();
  self->thread = g_thread_new ("relay", relay_thread, self);
  return g_steal_pointer (&self);
}

FluoRelay *
fluo_relay_new (const FluoRelayOptions *options, GPtrArray *listeners, GError **error)
{
  return fluo_relay_new_with_times (options, listeners, &default_times, error);
}

/* After the thread has ended. */
static void
say_farewell (FluoRelay *self)
{
  FluoRelayCounts counts;
  FluoApiCall *call;
  gulong n_ended;

  /* Nobody adds to them any more. */
  while ((call = g_queue_pop_head (&self->shared.calls)))
    fluo_relay_refuse_call (call, _("the collector is ending"));
  fluo_relay_buffer_end (self->buffer);
  fluo_relay_buffer_read (self->buffer, &counts);
  n_ended = (gulong) counts.dropped[FLUO_RELAY_DROP_ENDED];
  if (n_ended > 0)
    g_warning (ngettext ("relay: %lu document was not passed on: %s",
                         "relay: %lu documents were not passed on: %s", n_ended),
               n_ended, self->shared.last_error ? self->shared.last_error
                                                : _("there was no time left for them"));
  if (counts.accepted > 0)
    g_message (_("relay: %lu of %lu documents sent to %s"), (gulong) counts.sent,
               (gulong) counts.accepted, self->endpoint);
}

void
fluo_relay_stop (FluoRelay *self)
{
  g_autoptr (GSource) source = NULL;

  if (!self->thread)
    return;
  g_mutex_lock (&self->shared.lock);
  self->shared.stopped = TRUE;
  g_mutex_unlock (&self->shared.lock);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, drain_cb, self, NULL);
  g_source_attach (source, self->context);
  g_thread_join (g_steal_pointer (&self->thread));
  say_farewell (self);
}

void
fluo_relay_free (FluoRelay *self)
{
  fluo_relay_stop (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->buffer, fluo_relay_buffer_free);
  g_free (self->endpoint);
  g_free (self->region);
  g_free (self->resource_arn);
  g_free (self->proxy);
  g_free (self->role_arn);
  g_free (self->shared.credentials);
  g_free (self->shared.last_error);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

void
fluo_relay_add (FluoRelay *self, FluoIngestDocument **documents, guint n)
{
  guint n_added = 0;

  for (guint i = 0; i < n; i++)
    if (documents[i]->result == FLUO_INGEST_STORED)
      {
        gsize length;
        const char *text = g_bytes_get_data (documents[i]->body, &length);

        fluo_relay_buffer_add (self->buffer, documents[i]->head.id, text, length);
        n_added++;
      }
  if (n_added > 0)
    fluo_relay_wake (self);
}

void
fluo_relay_write (FluoRelay *self, FluoJsonWriter *writer)
{
  static const char *const names[FLUO_N_RELAY_FAILURES] = {
    "Timeout", "ConnectionRefused", "HTTPCode4XX", "HTTPCode5XX", "UnknownHost", "Other",
  };

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Endpoint");
  fluo_json_writer_string (writer, self->endpoint);
  fluo_json_writer_key (writer, "Region");
  fluo_json_writer_string (writer, self->region);
  fluo_json_writer_key (writer, "Sampling");
  fluo_json_writer_string (writer, self->local_sampling ? "local" : "aws");
  fluo_relay_buffer_write (self->buffer, writer);
  g_mutex_lock (&self->shared.lock);
  fluo_json_writer_key (writer, "Credentials");
  fluo_json_writer_string (writer, self->shared.credentials);
  fluo_json_writer_key (writer, "LastSent");
  if (self->shared.last_sent_ns > 0)
    fluo_json_writer_seconds (writer, self->shared.last_sent_ns);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "Failures");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_RELAY_FAILURES; i++)
    if (self->shared.failures[i] > 0)
      {
        fluo_json_writer_key (writer, names[i]);
        fluo_json_writer_int (writer, (gint64) self->shared.failures[i]);
      }
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_key (writer, "LastError");
  fluo_json_writer_string (writer, self->shared.last_error);
  g_mutex_unlock (&self->shared.lock);
  fluo_json_writer_end (writer, '}');
}
