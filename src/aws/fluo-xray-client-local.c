/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-client-private.h"

#include <glib/gi18n-lib.h>

/* What only fluoroscoped offers. */

static void
refusal_free (gpointer data)
{
  FluoRefusal *refusal = data;

  g_free (refusal->reason);
  g_free (refusal->meaning);
  g_free (refusal);
}

static void
listener_free (gpointer data)
{
  FluoListenerStatus *listener = data;

  g_free (listener->protocol);
  g_free (listener->address);
  g_free (listener->state);
  g_free (listener->detail);
  g_free (listener);
}

static void
relay_free (FluoRelayStatus *relay)
{
  g_free (relay->endpoint);
  g_free (relay->region);
  g_ptr_array_unref (relay->lost);
  g_free (relay->last_error);
  g_free (relay);
}

void
fluo_collector_status_free (FluoCollectorStatus *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->version);
  g_free (self->data_dir);
  g_ptr_array_unref (self->refused);
  g_ptr_array_unref (self->listeners);
  g_clear_pointer (&self->relay, relay_free);
  g_free (self->last_error);
  g_free (self);
}

static gboolean
is_word (const FluoJsonTape *tape, guint32 object, const char *key, const char *word)
{
  g_autofree char *text = fluo_json_tape_dup_member (tape, object, key);

  return g_strcmp0 (text, word) == 0;
}

static void
read_refused (GPtrArray *out, const FluoJsonTape *tape, guint32 map)
{
  if (fluo_json_tape_type (tape, map) != FLUO_JSON_OBJECT_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, map); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, map, node))
    if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
      {
        FluoRefusal *refusal = g_new0 (FluoRefusal, 1);

        refusal->reason = fluo_json_tape_dup_key (tape, node);
        refusal->meaning = fluo_json_tape_dup_word (tape, node, "Meaning");
        refusal->count = fluo_json_tape_counter (tape, node, "Count");
        g_ptr_array_add (out, refusal);
      }
}

static void
read_listeners (GPtrArray *out, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "Listeners");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
      {
        FluoListenerStatus *listener = g_new0 (FluoListenerStatus, 1);

        listener->protocol = fluo_json_tape_dup_word (tape, node, "Protocol");
        listener->address = fluo_json_tape_dup_word (tape, node, "Address");
        listener->state = fluo_json_tape_dup_word (tape, node, "State");
        listener->detail = fluo_json_tape_dup_member (tape, node, "Detail");
        listener->received = fluo_json_tape_counter (tape, node, "Received");
        fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, "LastReceived"),
                                &listener->last_ns);
        listener->sampling_requests = fluo_json_tape_counter (tape, node, "SamplingRequests");
        g_ptr_array_add (out, listener);
      }
}

/* AWS's codes come with nothing but a count. */
static void
read_codes (GPtrArray *out, const FluoJsonTape *tape, guint32 map)
{
  if (fluo_json_tape_type (tape, map) != FLUO_JSON_OBJECT_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, map); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, map, node))
    {
      FluoRefusal *refusal = g_new0 (FluoRefusal, 1);

      refusal->reason = fluo_json_tape_dup_key (tape, node);
      refusal->count = (guint64) MAX (fluo_json_tape_int (tape, node, 0), 0);
      g_ptr_array_add (out, refusal);
    }
}

static FluoRelayStatus *
read_relay (const FluoJsonTape *tape, guint32 object)
{
  FluoRelayStatus *relay;

  if (fluo_json_tape_type (tape, object) != FLUO_JSON_OBJECT_BEGIN)
    return NULL;
  relay = g_new0 (FluoRelayStatus, 1);
  relay->endpoint = fluo_json_tape_dup_word (tape, object, "Endpoint");
  relay->region = fluo_json_tape_dup_word (tape, object, "Region");
  relay->accepted = fluo_json_tape_counter (tape, object, "Accepted");
  relay->sent = fluo_json_tape_counter (tape, object, "Sent");
  relay->waiting = fluo_json_tape_counter (tape, object, "Waiting");
  relay->waiting_bytes = fluo_json_tape_counter (tape, object, "WaitingBytes");
  relay->buffer_bytes = fluo_json_tape_counter (tape, object, "BufferBytes");
  relay->lost = g_ptr_array_new_with_free_func (refusal_free);
  read_refused (relay->lost, tape, fluo_json_tape_get (tape, object, "Dropped"));
  read_codes (relay->lost, tape, fluo_json_tape_get (tape, object, "Unprocessed"));
  relay->last_error = fluo_json_tape_dup_member (tape, object, "LastError");
  return relay;
}

static void
status_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source),
                                                                result, &error);
  FluoCollectorStatus *status;

  if (!tape)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Some other program may answer any path with an empty object. */
  if (fluo_json_tape_type (tape, fluo_json_tape_get (tape, 0, "Version")) != FLUO_JSON_STRING)
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                               _("%s is not fluoroscoped"),
                               fluo_xray_client_get_endpoint (FLUO_XRAY_CLIENT (source)));
      return;
    }
  status = g_new0 (FluoCollectorStatus, 1);
  status->version = fluo_json_tape_dup_member (tape, 0, "Version");
  status->pid = fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "Pid"), 0);
  status->data_dir = fluo_json_tape_dup_word (tape, 0, "DataDir");
  status->read_only = is_word (tape, 0, "Role", "read");
  status->sealed = fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, 0, "Sealed"), FALSE);
  status->store_bytes = fluo_json_tape_counter (tape, 0, "StoreBytes");
  status->traces = fluo_json_tape_counter (tape, 0, "Traces");
  status->assembling = fluo_json_tape_counter (tape, 0, "Assembling");
  status->revision = fluo_json_tape_counter (tape, 0, "Revision");
  status->received = fluo_json_tape_counter (tape, 0, "Received");
  status->stored = fluo_json_tape_counter (tape, 0, "Stored");
  status->refused = g_ptr_array_new_with_free_func (refusal_free);
  read_refused (status->refused, tape, fluo_json_tape_get (tape, 0, "Refused"));
  status->listeners = g_ptr_array_new_with_free_func (listener_free);
  read_listeners (status->listeners, tape);
  status->relay = read_relay (tape, fluo_json_tape_get (tape, 0, "Relay"));
  status->last_error = fluo_json_tape_dup_member (tape, 0, "LastError");
  g_task_return_pointer (task, status, (GDestroyNotify) fluo_collector_status_free);
}

void
fluo_xray_client_get_status_async (FluoXrayClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_status_async);
  fluo_xray_client_call_async (self, FLUO_XRAY_STATUS_PATH, NULL, cancellable, status_cb, task);
}

FluoCollectorStatus *
fluo_xray_client_get_status_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_status_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source),
                                                                result, &error);
  guint64 *revision;
  guint32 node;

  if (!tape)
    {
      g_task_return_error (task, error);
      return;
    }
  node = fluo_json_tape_get (tape, 0, "Revision");
  if (fluo_json_tape_int (tape, node, -1) < 0)
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                               _("the answer has no revision"));
      return;
    }
  revision = g_new (guint64, 1);
  *revision = fluo_json_tape_counter (tape, 0, "Revision");
  g_task_return_pointer (task, revision, g_free);
}

void
fluo_xray_client_wait_async (FluoXrayClient *self, guint64 after, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = g_strdup_printf (FLUO_XRAY_CHANGES_PATH "?after=%" G_GUINT64_FORMAT,
                                           after);
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_wait_async);
  fluo_xray_client_call_async (self, path, NULL, cancellable, waited_cb, task);
}

gboolean
fluo_xray_client_wait_finish (FluoXrayClient *self, GAsyncResult *result, guint64 *ret_revision,
                              GError **error)
{
  g_autofree guint64 *revision = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_wait_async), FALSE);

  revision = g_task_propagate_pointer (G_TASK (result), error);
  if (revision && ret_revision)
    *ret_revision = *revision;
  return revision != NULL;
}
