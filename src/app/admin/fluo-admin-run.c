/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-run.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

#define NAME_CHARS_MAX 60

typedef struct
{
  GPtrArray *changes;
  guint      n_done;
} Run;

static void
run_free (gpointer data)
{
  Run *self = data;

  g_ptr_array_unref (self->changes);
  g_free (self);
}

static void next (GTask *task);

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (fluo_xray_client_change_finish (FLUO_XRAY_CLIENT (source), result, &error))
    {
      self->n_done++;
      next (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Takes the reference. */
static void
next (GTask *task)
{
  Run *self = g_task_get_task_data (task);

  if (self->n_done < self->changes->len)
    {
      fluo_xray_client_change_async (g_task_get_source_object (task),
                                     g_ptr_array_index (self->changes, self->n_done),
                                     g_task_get_cancellable (task), changed_cb, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
fluo_admin_run_async (FluoXrayClient *client, GPtrArray *changes, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (client, cancellable, callback, user_data);
  Run *self = g_new0 (Run, 1);

  self->changes = g_ptr_array_ref (changes);
  g_task_set_source_tag (task, fluo_admin_run_async);
  g_task_set_task_data (task, self, run_free);
  next (task);
}

gboolean
fluo_admin_run_finish (FluoXrayClient *client, GAsyncResult *result, guint *ret_n_done,
                       GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_admin_run_async), FALSE);

  *ret_n_done = ((Run *) g_task_get_task_data (G_TASK (result)))->n_done;
  return g_task_propagate_boolean (G_TASK (result), error);
}

GPtrArray *
fluo_admin_dup_undo (GPtrArray *changes, guint n)
{
  GPtrArray *undo = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);

  for (guint i = n; i > 0; i--)
    {
      FluoXrayChange *change = g_ptr_array_index (changes, i - 1);

      if (change->inverse)
        g_ptr_array_add (undo, fluo_xray_change_ref (change->inverse));
    }
  return undo;
}

char *
fluo_admin_dup_done_words (GPtrArray *changes)
{
  const FluoXrayChange *first = g_ptr_array_index (changes, 0);
  const struct
  {
    const char *operation;
    const char *words;
  } all[] = {
    { "CreateGroup", _("Group “%s” was made") },
    { "UpdateGroup", _("Group “%s” was changed") },
    { "DeleteGroup", _("Group “%s” was removed") },
    { "CreateSamplingRule", _("Sampling rule “%s” was made") },
    { "UpdateSamplingRule", _("Sampling rule “%s” was changed") },
    { "DeleteSamplingRule", _("Sampling rule “%s” was removed") },
    { "UpdateIndexingRule", _("Indexing rule “%s” was changed") },
    { "TagResource", _("Tags of “%s” were changed") },
    { "UntagResource", _("Tags of “%s” were changed") },
  };
  g_autofree char *name = fluo_format_untrusted (first->name, NAME_CHARS_MAX);

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_str_equal (first->operation, all[i].operation))
      return g_strdup_printf (all[i].words, name);
  /* Translators: a setting, “Encryption”. */
  return g_strdup_printf (_("%s was changed"), name);
}
