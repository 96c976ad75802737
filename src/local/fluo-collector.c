/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-collector.h"

#include <glib/gi18n-lib.h>

#include "local/api/fluo-access.h"
#include "local/api/fluo-api-server.h"
#include "local/intake/fluo-intake-udp.h"
#include "local/otlp/fluo-otlp-grpc.h"
#include "local/otlp/fluo-otlp-server.h"
#include "local/store/fluo-sealed-vfs.h"

/* How long answers that are written already may take to leave. */
#define FAREWELL_USEC (2 * G_USEC_PER_SEC)

struct _FluoCollector
{
  FluoStore     *store;
  FluoAccessControl *access;
  FluoSettings  *settings;
  FluoSampling  *sampling;
  FluoRetrievals *retrievals;
  FluoCounters  *counters;
  FluoWriter    *writer;
  FluoRelay     *relay;     /* or NULL */
  GPtrArray     *listeners; /* FluoListener */
  GPtrArray     *intakes;   /* FluoIntakeUdp */
  FluoApiServer *server;
  FluoOtlpServer *otlp;
  FluoOtlpGrpc  *otlp_grpc;
  FluoApiContext context;
};

static const char *const default_addresses[] = { "127.0.0.1:2000", "[::1]:2000", NULL };
static const char *const default_otlp_addresses[] = { "127.0.0.1:4318", "[::1]:4318", NULL };
static const char *const default_otlp_grpc_addresses[] = { "127.0.0.1:4317", "[::1]:4317", NULL };

static gboolean
is_ipv6 (FluoListener *listener)
{
  return g_socket_address_get_family (G_SOCKET_ADDRESS (listener->address)) == G_SOCKET_FAMILY_IPV6;
}

static gboolean
is_otlp (FluoListenerProtocol protocol)
{
  return protocol == FLUO_LISTENER_OTLP || protocol == FLUO_LISTENER_OTLP_GRPC;
}

static const char *const *
get_default_addresses (FluoListenerProtocol protocol)
{
  if (protocol == FLUO_LISTENER_OTLP_GRPC)
    return default_otlp_grpc_addresses;
  return protocol == FLUO_LISTENER_OTLP ? default_otlp_addresses : default_addresses;
}

/* OTLP's ports often belong to an OpenTelemetry Collector. X-Ray's own format comes in without it,
 * so that is told, in the status too, and nothing more. */
static gboolean
can_go_without (FluoListenerProtocol protocol, const GError *error)
{
  return is_otlp (protocol) &&
         g_error_matches (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_TAKEN);
}

/* A computer without IPv6 is no reason not to start; anything the user named is. */
static gboolean
bind_all (FluoCollector *self, FluoListenerProtocol protocol, const char *const *addresses,
          GError **error)
{
  gboolean by_default = addresses == NULL;

  if (by_default)
    addresses = get_default_addresses (protocol);
  for (const char *const *address = addresses; *address; address++)
    {
      g_autoptr (FluoListener) listener = fluo_listener_new (protocol, *address, error);
      g_autoptr (GError) local_error = NULL;

      if (!listener)
        return FALSE;
      if (fluo_listener_bind (listener, &local_error))
        {
          if (!listener->loopback)
            g_warning (_("%s listens on %s: everybody who reaches this address can send traces"),
                       fluo_listener_get_protocol (listener), listener->text);
          g_ptr_array_add (self->listeners, g_steal_pointer (&listener));
        }
      else if (by_default && is_ipv6 (listener) &&
               g_error_matches (local_error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_UNAVAILABLE))
        g_message (_("no IPv6 here: %s"), local_error->message);
      else if (by_default && can_go_without (protocol, local_error))
        {
          g_message (protocol == FLUO_LISTENER_OTLP
                       ? _("going on without OTLP there: %s; --otlp names another address")
                       : _("going on without OTLP there: %s; --otlp-grpc names another address"),
                     local_error->message);
          g_ptr_array_add (self->listeners, g_steal_pointer (&listener));
        }
      else
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return TRUE;
}

/* [writer] */
static void
committed (gpointer data)
{
  FluoCollector *self = data;

  fluo_api_server_changed (self->server);
}

/* [writer] */
static FluoGroups *
take_groups (gpointer data)
{
  return fluo_settings_ref_groups (data);
}

/* [writer] */
static void
stored (FluoIngestDocument **documents, guint n, gpointer data)
{
  fluo_relay_add (data, documents, n);
}

FluoCollector *
fluo_collector_new (const FluoCollectorOptions *options, GError **error)
{
  g_autoptr (FluoCollector) self = g_new0 (FluoCollector, 1);
  g_autofree char *directory =
    options->data_dir ? g_strdup (options->data_dir) : fluo_store_dup_default_directory ();

  self->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_listener_free);
  self->intakes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_intake_udp_free);
  if (!bind_all (self, FLUO_LISTENER_HTTP, options->http, error) ||
      !bind_all (self, FLUO_LISTENER_UDP, options->udp, error) ||
      !bind_all (self, FLUO_LISTENER_OTLP, options->otlp, error) ||
      !bind_all (self, FLUO_LISTENER_OTLP_GRPC, options->otlp_grpc, error))
    return NULL;
  if (options->relay && !(self->relay = fluo_relay_new (options->relay, self->listeners, error)))
    return NULL;
  if (!fluo_sealed_vfs_check (directory, error))
    return NULL;
  self->store = fluo_store_open (directory, error);
  if (!self->store)
    return NULL;
  self->access =
    fluo_access_control_new (fluo_store_get_directory (self->store), options->open, error);
  if (!self->access)
    return NULL;
  if (options->open)
    g_warning (_("--auth=none: everybody who reaches the collector can read its traces and change "
                 "its settings, every program of this computer included"));
  self->settings =
    fluo_settings_open (fluo_store_get_directory (self->store), NULL, NULL, error);
  if (!self->settings)
    return NULL;
  self->sampling = fluo_sampling_new (self->settings);
  self->retrievals = fluo_retrievals_new (self->store, TRUE, NULL, NULL);
  self->counters = fluo_counters_new ();
  self->writer = fluo_writer_new (self->store, self->counters, &options->limits);
  fluo_writer_set_groups_func (self->writer, take_groups, self->settings);
  self->context = (FluoApiContext) {
    .store = self->store, .writer = self->writer, .counters = self->counters,
    .listeners = self->listeners, .intakes = self->intakes, .settings = self->settings,
    .sampling = self->sampling, .retrievals = self->retrievals, .relay = self->relay,
    .start_ns = fluo_time_now_ns (),
  };
  self->server = fluo_api_server_new (&self->context, self->access, error);
  if (!self->server)
    return NULL;
  self->otlp = fluo_otlp_server_new (&self->context, options->index_all_attributes);
  self->otlp_grpc = fluo_otlp_grpc_new (&self->context, options->index_all_attributes);
  fluo_writer_set_commit_func (self->writer, committed, self);
  if (self->relay)
    fluo_writer_set_stored_func (self->writer, stored, self->relay);
  for (guint i = 0; i < self->listeners->len; i++)
    {
      FluoListener *listener = self->listeners->pdata[i];

      if (listener->protocol == FLUO_LISTENER_UDP)
        g_ptr_array_add (self->intakes,
                         fluo_intake_udp_new (listener, self->writer, self->counters));
    }
  return g_steal_pointer (&self);
}

void
fluo_collector_free (FluoCollector *self)
{
  gint64 deadline_usec = g_get_monotonic_time () + FAREWELL_USEC;

  if (self->server)
    fluo_api_server_stop (self->server);
  if (self->otlp)
    fluo_otlp_server_stop (self->otlp);
  if (self->otlp_grpc)
    fluo_otlp_grpc_stop (self->otlp_grpc);
  /* Each thread hands over what its socket still holds. */
  g_ptr_array_set_size (self->intakes, 0);
  while (((self->server && fluo_api_server_is_busy (self->server)) ||
          (self->otlp && fluo_otlp_server_is_busy (self->otlp)) ||
          (self->otlp_grpc && fluo_otlp_grpc_is_busy (self->otlp_grpc))) &&
         g_get_monotonic_time () < deadline_usec)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (2000);
  if (self->otlp)
    fluo_otlp_server_join (self->otlp);
  if (self->otlp_grpc)
    fluo_otlp_grpc_join (self->otlp_grpc);
  g_clear_pointer (&self->writer, fluo_writer_free);
  /* It has all documents now; the calls that it answers need the server. */
  if (self->relay)
    fluo_relay_stop (self->relay);
  g_clear_pointer (&self->otlp, fluo_otlp_server_free);
  g_clear_pointer (&self->otlp_grpc, fluo_otlp_grpc_free);
  g_clear_pointer (&self->server, fluo_api_server_free);
  g_clear_pointer (&self->relay, fluo_relay_free);
  g_ptr_array_unref (self->intakes);
  g_ptr_array_unref (self->listeners);
  g_clear_pointer (&self->access, fluo_access_control_free);
  g_clear_pointer (&self->counters, fluo_counters_free);
  g_clear_pointer (&self->retrievals, fluo_retrievals_free);
  g_clear_pointer (&self->sampling, fluo_sampling_free);
  g_clear_pointer (&self->settings, fluo_settings_free);
  g_clear_pointer (&self->store, fluo_store_free);
  g_free (self);
}

static void
write_addresses (FluoCollector *self, FluoJsonWriter *writer, const char *key,
                 FluoListenerProtocol protocol)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->listeners->len; i++)
    {
      FluoListener *listener = self->listeners->pdata[i];

      if (listener->protocol == protocol && listener->socket)
        fluo_json_writer_string (writer, listener->text);
    }
  fluo_json_writer_end (writer, ']');
}

char *
fluo_collector_dup_ready (FluoCollector *self)
{
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  write_addresses (self, &writer, "http", FLUO_LISTENER_HTTP);
  write_addresses (self, &writer, "udp", FLUO_LISTENER_UDP);
  write_addresses (self, &writer, "otlp", FLUO_LISTENER_OTLP);
  write_addresses (self, &writer, "otlp_grpc", FLUO_LISTENER_OTLP_GRPC);
  fluo_json_writer_key (&writer, "credentials");
  fluo_json_writer_string (&writer, fluo_access_control_get_path (self->access));
  fluo_json_writer_end (&writer, '}');
  return g_string_free (out, FALSE);
}

GPtrArray *
fluo_collector_get_listeners (FluoCollector *self)
{
  return self->listeners;
}
