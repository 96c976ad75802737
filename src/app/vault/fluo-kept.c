/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-vault"

#include "fluo-config.h"

#include "fluo-kept.h"

#include <glib/gi18n.h>

#include "aws/fluo-xray-pins.h"

struct _FluoKept
{
  GObject parent_instance;

  FluoXrayClient *client; /* a collector that is asked itself, or NULL */
  FluoVault *vault;       /* or NULL */
  FluoXrayClient *aws;    /* whose traces go into the vault */
  FluoXrayClient *shown;  /* whose list this is, or NULL before it was asked */
  GHashTable *ids;        /* FluoTraceId */
  gboolean known;         /* the list was read: whoever has one can keep */
  guint generation;       /* answers of older sources are dropped */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoKept, fluo_kept, G_TYPE_OBJECT)

/* Who holds what is kept, or NULL: nobody, or a vault that is not open. */
static FluoXrayClient *
get_holder (FluoKept *self)
{
  if (self->client)
    return self->client;
  return self->vault ? fluo_vault_get_client (self->vault) : NULL;
}

static void
take_ids (FluoKept *self, GArray *ids)
{
  g_hash_table_remove_all (self->ids);
  for (guint i = 0; ids && i < ids->len; i++)
    g_hash_table_add (self->ids,
                      g_memdup2 (&g_array_index (ids, FluoTraceId, i), sizeof (FluoTraceId)));
  self->known = ids != NULL;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* --- Reading ----------------------------------------------------------------------------- */

typedef struct
{
  GWeakRef kept;
  guint generation;
} Reading;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  g_autoptr (FluoKept) self = g_weak_ref_get (&reading->kept);
  const gboolean late = !self || reading->generation != self->generation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids =
      fluo_xray_client_pins_finish (FLUO_XRAY_CLIENT (source), result, &error);

  g_weak_ref_clear (&reading->kept);
  g_free (reading);
  if (late)
    return;
  if (ids)
    take_ids (self, ids);
  else
    g_debug ("what is kept is not known: %s", error->message);
}

void
fluo_kept_refresh (FluoKept *self)
{
  FluoXrayClient *holder;
  Reading *reading;

  g_return_if_fail (FLUO_IS_KEPT (self));
  holder = get_holder (self);
  self->generation++;
  if (g_set_object (&self->shown, holder))
    take_ids (self, NULL);
  if (!holder)
    return;
  reading = g_new0 (Reading, 1);
  g_weak_ref_init (&reading->kept, self);
  reading->generation = self->generation;
  fluo_xray_client_get_pins_async (holder, NULL, read_cb, reading);
}

/* It was opened, moved to another port, or cleared. */
static void
vault_changed_cb (FluoKept *self)
{
  if (get_holder (self) != self->shown)
    fluo_kept_refresh (self);
}

/* --- Changing ---------------------------------------------------------------------------- */

typedef struct
{
  GArray *ids; /* FluoTraceId */
  gboolean keep;
  guint n_read; /* of them, that are in the vault for certain */
  FluoXrayClient *holder, *aws;
} Change;

static void look_for_next (GTask *task);

static void
change_free (gpointer data)
{
  Change *change = data;

  g_array_unref (change->ids);
  g_clear_object (&change->holder);
  g_clear_object (&change->aws);
  g_free (change);
}

/* Takes the reference on @task. */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
pinned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoKept *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GArray) ids =
      fluo_xray_client_pins_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!ids)
    {
      g_task_return_error (task, error);
      return;
    }
  if (FLUO_XRAY_CLIENT (source) == get_holder (self))
    {
      self->generation++; /* what is being read now is older */
      g_set_object (&self->shown, FLUO_XRAY_CLIENT (source));
      take_ids (self, ids);
    }
  g_task_return_boolean (task, TRUE);
}

static void
pin (GTask *task)
{
  const Change *change = g_task_get_task_data (task);

  fluo_xray_client_pin_async (change->holder, (const FluoTraceId *) (gpointer) change->ids->data,
                              change->ids->len, change->keep, g_task_get_cancellable (task),
                              pinned_cb, task);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Change *change = g_task_get_task_data (task);
  FluoXrayClient *client = FLUO_XRAY_CLIENT (source);
  GError *error = NULL;
  g_autoptr (FluoTrace) trace = fluo_xray_client_get_trace_finish (client, result, &error);

  if (trace)
    {
      change->n_read++;
      look_for_next (task);
    }
  else if (client == change->holder
           && g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      fluo_xray_client_get_trace_async (change->aws,
                                        &g_array_index (change->ids, FluoTraceId, change->n_read),
                                        g_task_get_cancellable (task), found_cb, task);
    }
  else
    fail (task, error);
}

/* A pin alone holds nothing: what is to be kept in the vault has to be there. */
static void
look_for_next (GTask *task)
{
  Change *change = g_task_get_task_data (task);

  if (!change->keep || !change->aws || change->n_read == change->ids->len)
    pin (task);
  else
    fluo_xray_client_get_trace_async (change->holder,
                                      &g_array_index (change->ids, FluoTraceId, change->n_read),
                                      g_task_get_cancellable (task), found_cb, task);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;
  FluoXrayClient *holder = fluo_vault_open_finish (FLUO_VAULT (source), result, &error);

  if (!holder)
    {
      fail (task, error);
      return;
    }
  change->holder = g_object_ref (holder);
  look_for_next (task);
}

void
fluo_kept_change_async (FluoKept *self, GArray *ids, gboolean keep, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  Change *change;
  GTask *task;

  g_return_if_fail (FLUO_IS_KEPT (self));
  g_return_if_fail (ids != NULL && ids->len > 0 && ids->len <= FLUO_XRAY_PINS_MAX);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_kept_change_async);
  change = g_new0 (Change, 1);
  change->ids = g_array_ref (ids);
  change->keep = keep;
  g_task_set_task_data (task, change, change_free);
  if (self->client)
    {
      change->holder = g_object_ref (self->client);
      pin (task);
    }
  else if (self->vault)
    {
      change->aws = g_object_ref (self->aws);
      fluo_vault_open_async (self->vault, TRUE, cancellable, opened_cb, task);
    }
  else
    fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                     _("nothing is kept of this connection")));
}

gboolean
fluo_kept_change_finish (FluoKept *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_kept_dispose (GObject *object)
{
  FluoKept *self = FLUO_KEPT (object);

  self->generation++;
  g_clear_object (&self->client);
  g_clear_object (&self->vault);
  g_clear_object (&self->aws);
  g_clear_object (&self->shown);
  G_OBJECT_CLASS (fluo_kept_parent_class)->dispose (object);
}

static void
fluo_kept_finalize (GObject *object)
{
  g_hash_table_unref (FLUO_KEPT (object)->ids);
  G_OBJECT_CLASS (fluo_kept_parent_class)->finalize (object);
}

static void
fluo_kept_class_init (FluoKeptClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_kept_dispose;
  object_class->finalize = fluo_kept_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_kept_init (FluoKept *self)
{
  self->ids = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
}

FluoKept *
fluo_kept_new (void)
{
  return g_object_new (FLUO_TYPE_KEPT, NULL);
}

void
fluo_kept_set_client (FluoKept *self, FluoXrayClient *client)
{
  g_return_if_fail (FLUO_IS_KEPT (self));
  g_set_object (&self->client, client);
  fluo_kept_refresh (self);
}

void
fluo_kept_set_vault (FluoKept *self, FluoVault *vault, FluoXrayClient *client)
{
  g_return_if_fail (FLUO_IS_KEPT (self));
  g_return_if_fail ((vault == NULL) == (client == NULL));
  if (self->vault)
    g_signal_handlers_disconnect_by_data (self->vault, self);
  g_set_object (&self->vault, vault);
  g_set_object (&self->aws, client);
  if (vault)
    g_signal_connect_object (vault, "changed", G_CALLBACK (vault_changed_cb), self,
                             G_CONNECT_SWAPPED);
  fluo_kept_refresh (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
fluo_kept_can (FluoKept *self)
{
  g_return_val_if_fail (FLUO_IS_KEPT (self), FALSE);
  return self->client ? self->known : self->vault != NULL;
}

gboolean
fluo_kept_has (FluoKept *self, const FluoTraceId *id)
{
  g_return_val_if_fail (FLUO_IS_KEPT (self), FALSE);
  return g_hash_table_contains (self->ids, id);
}

guint
fluo_kept_get_n (FluoKept *self)
{
  g_return_val_if_fail (FLUO_IS_KEPT (self), 0);
  return g_hash_table_size (self->ids);
}
