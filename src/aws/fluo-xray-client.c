/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-xray-client.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-xray-client-private.h"

#define IDLE_MS 20000  /* connecting, or silence while an answer comes */
#define TOTAL_MS 60000 /* one attempt */
#define BODY_MAX (64 * 1024 * 1024) /* decompressed; a page of summaries is a few MiB at most */
#define CONNECTIONS_MAX 8
#define IDLE_CONNECTION_S 60
#define DOCUMENTS_PER_CALL 50 /* of PutTraceSegments */
#define POLL_MS 500

#define DEFAULT_REGION "us-east-1" /* signs for endpoints that don't care */

G_DEFINE_FINAL_TYPE (FluoXrayClient, fluo_xray_client, G_TYPE_OBJECT)

static gint64
wall_clock (gpointer user_data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static guint
random_pause (guint attempt, gboolean throttled, gpointer user_data)
{
  return fluo_aws_wait_pick (attempt, throttled);
}

static void
fluo_xray_client_finalize (GObject *object)
{
  FluoXrayClient *self = FLUO_XRAY_CLIENT (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->endpoint, g_free);
  g_clear_pointer (&self->region, g_free);
  g_clear_pointer (&self->credentials, fluo_credentials_unref);
  g_clear_pointer (&self->local_keys, fluo_credentials_unref);
  g_clear_object (&self->provider);
  g_clear_object (&self->meter);
  for (guint i = 0; i < FLUO_AWS_N_SERVICES; i++)
    g_free (self->service_endpoints[i]);
  if (self->keep_data_free)
    self->keep_data_free (self->keep_data);
  g_clear_object (&self->vault);
  g_clear_error (&self->setup_error);

  G_OBJECT_CLASS (fluo_xray_client_parent_class)->finalize (object);
}

static void
fluo_xray_client_class_init (FluoXrayClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_xray_client_finalize;
}

static void
fluo_xray_client_init (FluoXrayClient *self)
{
  /* Time limits are the exchange's own, because the long poll needs another one than the rest. */
  self->session = soup_session_new_with_options ("user-agent", "Fluoroscope/" FLUO_VERSION,
                                                 "timeout", 0, "idle-timeout", IDLE_CONNECTION_S,
                                                 "max-conns-per-host", CONNECTIONS_MAX, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  self->limits = (FluoHttpLimits) { IDLE_MS, TOTAL_MS, BODY_MAX };
  self->poll_ms = POLL_MS;
  self->retry_tokens = FLUO_XRAY_RETRY_TOKENS_MAX;
  self->clock = wall_clock;
  self->pause = random_pause;
}

FluoXrayClient *
fluo_xray_client_new (const char *endpoint, const char *region, FluoCredentials *credentials)
{
  FluoXrayClient *self = g_object_new (FLUO_TYPE_XRAY_CLIENT, NULL);
  g_autoptr (GError) error = NULL;

  if (endpoint)
    self->endpoint = fluo_endpoint_normalize (endpoint, &error);
  else
    self->endpoint = fluo_endpoint_for_region (region, FALSE, FALSE, &error);
  if (self->endpoint && region && *region != '\0' && !fluo_endpoint_region_is_valid (region))
    error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _("the AWS region is malformed; expected a name such as "
                             "\"eu-west-1\""));
  if (error)
    {
      self->setup_error = g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST,
                                               error->message);
      g_free (self->endpoint);
      self->endpoint = g_strdup ("");
      return self;
    }
  self->is_loopback = fluo_endpoint_is_loopback (self->endpoint);
  self->is_aws = fluo_endpoint_is_aws (self->endpoint);
  self->region = region && *region != '\0' ? g_strdup (region)
                                           : fluo_endpoint_dup_region (self->endpoint);
  if (!self->region)
    self->region = g_strdup (DEFAULT_REGION);
  if (credentials)
    self->credentials = fluo_credentials_ref (credentials);
  /* A desktop's or shell's proxy has no way to this computer. */
  if (self->is_loopback)
    soup_session_set_proxy_resolver (self->session, NULL);
  return self;
}

void
fluo_xray_client_set_provider (FluoXrayClient *self, FluoCredentialProvider *provider)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  g_set_object (&self->provider, provider);
}

void
fluo_xray_client_set_meter (FluoXrayClient *self, FluoMeter *meter)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  g_set_object (&self->meter, meter);
}

FluoMeter *
fluo_xray_client_get_meter (FluoXrayClient *self)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), NULL);

  return self->meter;
}

const char *
fluo_xray_client_get_endpoint (FluoXrayClient *self)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), NULL);

  return self->endpoint;
}

const char *
fluo_xray_client_get_keys_path (FluoXrayClient *self)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), NULL);

  return self->local_keys ? fluo_credentials_get_source (self->local_keys) : NULL;
}

void
fluo_xray_client_set_keep_func (FluoXrayClient *self, FluoXrayKeepFunc keep, gpointer user_data,
                                GDestroyNotify user_data_free)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  if (self->keep_data_free)
    self->keep_data_free (self->keep_data);
  self->keep = keep;
  self->keep_data = user_data;
  self->keep_data_free = user_data_free;
}

void
fluo_xray_client_set_vault (FluoXrayClient *self, FluoXrayClient *vault)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (vault != self);

  g_set_object (&self->vault, vault);
}

FluoXrayClient *
fluo_xray_client_get_vault (FluoXrayClient *self)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), NULL);
  return self->vault;
}

void
fluo_xray_client_set_seams (FluoXrayClient *self, FluoXrayClock clock, FluoXrayPause pause,
                            gpointer user_data)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  self->clock = clock ? clock : wall_clock;
  self->pause = pause ? pause : random_pause;
  self->seam_data = user_data;
}

void
fluo_xray_client_set_limits (FluoXrayClient *self, const FluoHttpLimits *limits)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  self->limits = *limits;
}

/* --- PutTraceSegments ------------------------------------------------------------------------ */

typedef struct
{
  GPtrArray *documents; /* char * */
  guint      next;
  GPtrArray *refused;   /* FluoUnprocessed */
} Put;

static void send_batch (GTask *task);

static void
put_free (gpointer data)
{
  Put *put = data;

  g_ptr_array_unref (put->documents);
  g_clear_pointer (&put->refused, g_ptr_array_unref);
  g_free (put);
}

static void
unprocessed_free (FluoUnprocessed *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->id);
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}

static void
collect_refused (Put *put, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "UnprocessedTraceSegments");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoUnprocessed *item;

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      item = g_new0 (FluoUnprocessed, 1);
      item->id = fluo_json_tape_dup_member (tape, node, "Id");
      item->code = fluo_json_tape_dup_member (tape, node, "ErrorCode");
      item->message = fluo_json_tape_dup_member (tape, node, "Message");
      g_ptr_array_add (put->refused, item);
    }
}

static void
batch_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Put *put = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source),
                                                                result, &error);

  if (!tape)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  collect_refused (put, tape);
  send_batch (task);
}

/* Takes the reference on @task. */
static void
send_batch (GTask *task)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Put *put = g_task_get_task_data (task);
  g_autoptr (GString) body = g_string_new (NULL);
  guint end = MIN (put->next + DOCUMENTS_PER_CALL, put->documents->len);
  FluoJsonWriter writer;

  if (put->next == end)
    {
      g_task_return_pointer (task, g_steal_pointer (&put->refused),
                             (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
      return;
    }
  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceSegmentDocuments");
  fluo_json_writer_begin (&writer, '[');
  for (; put->next < end; put->next++)
    fluo_json_writer_string (&writer, g_ptr_array_index (put->documents, put->next));
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_async (self, "/TraceSegments", body->str, g_task_get_cancellable (task),
                               batch_sent_cb, task);
}

void
fluo_xray_client_put_trace_segments_async (FluoXrayClient *self, GPtrArray *documents,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  GTask *task;
  Put *put;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (documents != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_put_trace_segments_async);
  put = g_new0 (Put, 1);
  put->documents = g_ptr_array_ref (documents);
  put->refused = g_ptr_array_new_with_free_func ((GDestroyNotify) unprocessed_free);
  g_task_set_task_data (task, put, put_free);
  send_batch (task);
}

GPtrArray *
fluo_xray_client_put_trace_segments_finish (FluoXrayClient *self, GAsyncResult *result,
                                            GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result,
                                                  fluo_xray_client_put_trace_segments_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
