/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-server.h"

#include <unistd.h>

#include "local/relay/fluo-relay.h"
#include "local/store/fluo-sealed-vfs.h"

/* What programs have told of the last half hour: nothing is sent of what isn't sampled, so these
 * are the only signs of it. */
static void
write_sampling (const FluoApiContext *context, FluoJsonWriter *writer)
{
  g_autoptr (GArray) windows = fluo_sampling_get_windows (context->sampling);
  gint64 requests = 0, sampled = 0;

  for (guint i = 0; i < windows->len; i++)
    {
      requests += g_array_index (windows, FluoSamplingWindow, i).requests;
      sampled += g_array_index (windows, FluoSamplingWindow, i).sampled;
    }
  fluo_json_writer_key (writer, "Sampling");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Requests");
  fluo_json_writer_int (writer, requests);
  fluo_json_writer_key (writer, "Sampled");
  fluo_json_writer_int (writer, sampled);
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_get_status (FluoApiCall *call)
{
  const FluoApiContext *context = call->context;
  g_autofree char *last_error = fluo_store_dup_last_error (context->store);
  FluoJsonWriter writer;

  /* That settings were lost stays said until the next start. */
  if (!last_error)
    last_error = fluo_settings_dup_notice (context->settings);
  for (guint i = 0; i < context->intakes->len; i++)
    fluo_intake_udp_poll_drops (context->intakes->pdata[i]);

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Version");
  fluo_json_writer_string (&writer, FLUO_VERSION);
  fluo_json_writer_key (&writer, "Pid");
  fluo_json_writer_int (&writer, getpid ());
  fluo_json_writer_key (&writer, "StartTime");
  fluo_json_writer_seconds (&writer, context->start_ns);
  fluo_json_writer_key (&writer, "DataDir");
  fluo_json_writer_string (&writer, fluo_store_get_directory (context->store));
  fluo_json_writer_key (&writer, "Auth");
  fluo_json_writer_string (
    &writer, fluo_access_control_is_open (fluo_api_server_get_access (call->server)) ? "none"
                                                                                     : "sigv4");
  fluo_json_writer_key (&writer, "Role");
  fluo_json_writer_string (&writer, fluo_role_get_name (call->role));
  fluo_json_writer_key (&writer, "Sealed");
  fluo_json_writer_boolean (&writer, fluo_sealed_vfs_is_active ());
  fluo_json_writer_key (&writer, "StoreBytes");
  fluo_json_writer_int (&writer, (gint64) fluo_store_get_bytes (context->store));
  fluo_json_writer_key (&writer, "Traces");
  fluo_json_writer_int (&writer, (gint64) fluo_store_get_n_traces (context->store));
  fluo_json_writer_key (&writer, "Revision");
  fluo_json_writer_int (&writer, (gint64) fluo_store_get_revision (context->store));
  fluo_counters_write (context->counters, &writer);
  /* After the counters: so it holds all that they call stored. */
  fluo_json_writer_key (&writer, "Assembling");
  fluo_json_writer_int (&writer, fluo_writer_count_waiting (context->writer));
  write_sampling (context, &writer);
  fluo_json_writer_key (&writer, "Listeners");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < context->listeners->len; i++)
    fluo_listener_write (context->listeners->pdata[i], &writer);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "Relay");
  if (context->relay)
    fluo_relay_write (context->relay, &writer);
  else
    fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "LastError");
  fluo_json_writer_string (&writer, last_error);
  fluo_json_writer_end (&writer, '}');
}
