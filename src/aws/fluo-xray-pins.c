/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-pins.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

static void
pins_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (self, result, &error);
  const guint32 list = tape ? fluo_json_tape_get (tape, 0, "TraceIds") : FLUO_JSON_NONE;
  GArray *ids;

  if (!tape)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Some other program may answer any path with an empty object. */
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                               _("%s is not fluoroscoped"), fluo_xray_client_get_endpoint (self));
      return;
    }
  ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, node);
      FluoTraceId id;

      if (text && fluo_trace_id_parse (text, -1, &id))
        g_array_append_val (ids, id);
    }
  g_task_return_pointer (task, ids, (GDestroyNotify) g_array_unref);
}

static void
ask (FluoXrayClient *self, const char *path, const char *body, GTask *task)
{
  if (!self->is_aws)
    {
      fluo_xray_client_call_async (self, path, body, g_task_get_cancellable (task), pins_cb, task);
      return;
    }
  g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                           _("AWS does not offer “%s”"), path);
  g_object_unref (task);
}

void
fluo_xray_client_get_pins_async (FluoXrayClient *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_pins_async);
  ask (self, FLUO_XRAY_PINNED_PATH, NULL, task);
}

void
fluo_xray_client_pin_async (FluoXrayClient *self, const FluoTraceId *ids, guint n, gboolean pinned,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autofree char *params = NULL, *body = NULL;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (n > 0 && n <= FLUO_XRAY_PINS_MAX);

  params = fluo_xray_trace_ids_params (ids, n);
  body = g_strdup_printf ("%s,\"Pinned\":%s}", params, pinned ? "true" : "false");
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_pin_async);
  ask (self, FLUO_XRAY_PINS_PATH, body, task);
}

GArray *
fluo_xray_client_pins_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
