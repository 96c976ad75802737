/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-session.h"

#include <glib/gi18n.h>

#include "aws/fluo-caller.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-region.h"

#define PRICES_PATH "/io/github/fluoroscope/Fluoroscope/prices.ini"
#define NANO_PER_MICRO 1000
#define BYTES_PER_MB 1000000

struct _FluoSession
{
  GObject parent_instance;

  guint number;

  FluoExplorer *explorer;
  FluoConnection *connection; /* NULL unless AWS */
  FluoOpenConnection *open;
  FluoMeter *meter;
  FluoVault *vault; /* NULL: nothing is kept */
  gboolean in_vault;
  GCancellable *cancellable; /* of what is being opened */
  GCancellable *asking;      /* of whose keys it has; NULL: nobody was asked yet */
  char *arn;                 /* that STS told, or NULL */
  char *account;
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_OPENED,
  SIGNAL_FAILED,
  SIGNAL_VAULT_NOTICE,
  SIGNAL_RAISE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSession, fluo_session, G_TYPE_OBJECT)

GPtrArray *
fluo_session_get_all (void)
{
  static GPtrArray *all = NULL;

  if (!all)
    all = g_ptr_array_new ();
  return all;
}

const FluoPriceTable *
fluo_session_get_prices (void)
{
  static FluoPriceTable *prices = NULL;
  static gboolean looked = FALSE;

  if (!looked)
    {
      g_autoptr (GBytes)
          bytes = g_resources_lookup_data (PRICES_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

      looked = TRUE;
      if (bytes)
        prices = fluo_price_table_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                       NULL);
    }
  return prices;
}

char *
fluo_session_format_money (gint64 nanousd)
{
  if (nanousd == FLUO_PRICE_UNKNOWN)
    return g_strdup (_("price unknown"));
  if (nanousd == 0)
    return g_strdup (_("no charge"));
  if (nanousd < FLUO_NANOUSD / 10000)
    return g_strdup (_("less than $0.0001"));
  /* Translators: an amount of US dollars. */
  return g_strdup_printf (nanousd < FLUO_NANOUSD / 10 ? _("about $%.4f") : _("about $%.2f"),
                          (double) nanousd / (double) FLUO_NANOUSD);
}

static void
tell (FluoSession *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
tell_notice (FluoSession *self, const char *words)
{
  g_signal_emit (self, signals[SIGNAL_VAULT_NOTICE], 0, words);
}

/* Nothing more of the connection is kept. */
static void
drop_vault (FluoSession *self)
{
  if (self->vault)
    {
      g_signal_handlers_disconnect_by_data (self->vault, self);
      fluo_kept_set_vault (fluo_explorer_get_kept (self->explorer), NULL, NULL);
      fluo_vault_detach (self->vault, self->open->client);
    }
  g_clear_object (&self->vault);
  self->in_vault = FALSE;
}

/* As much is kept as the connection says. */
static void
take_vault (FluoSession *self)
{
  if (self->connection->vault_mb == 0)
    return;
  self->vault = fluo_vault_get (self->connection->id,
                                (guint64) self->connection->vault_mb * BYTES_PER_MB);
  fluo_vault_attach (self->vault, self->open->client);
  fluo_kept_set_vault (fluo_explorer_get_kept (self->explorer), self->vault, self->open->client);
  g_signal_connect_object (self->vault, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->vault, "notice", G_CALLBACK (tell_notice), self,
                           G_CONNECT_SWAPPED);
}

static void
let_go (FluoSession *self)
{
  drop_vault (self);
  if (self->asking)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_pointer (&self->arn, g_free);
  g_clear_pointer (&self->account, g_free);
  if (self->open && self->open->provider)
    g_signal_handlers_disconnect_by_data (self->open->provider, self);
  if (self->meter)
    g_signal_handlers_disconnect_by_data (self->meter, self);
  g_clear_pointer (&self->open, fluo_open_connection_free);
  g_clear_pointer (&self->connection, fluo_connection_free);
  g_clear_object (&self->meter);
}

static void
give_up (FluoSession *self)
{
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* A profile may name an endpoint of its own: the name of that host stands where the region
 * would. */
static char *
dup_place (const FluoOpenConnection *open)
{
  g_autoptr (GUri) uri = NULL;

  if (!fluo_endpoint_is_aws (open->endpoint))
    uri = g_uri_parse (open->endpoint, G_URI_FLAGS_NONE, NULL);
  return g_strdup (uri ? g_uri_get_host (uri) : open->region);
}

typedef struct
{
  FluoSession *self;
  FluoConnection *connection;
  GCancellable *cancellable;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->self);
  fluo_connection_free (opening->connection);
  g_object_unref (opening->cancellable);
  g_free (opening);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  FluoSession *self = opening->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoOpenConnection) open = fluo_connection_open_finish (result, &error);
  g_autofree char *place = NULL;

  if (g_cancellable_is_cancelled (opening->cancellable))
    return;
  g_clear_object (&self->cancellable);
  if (!open)
    {
      g_signal_emit (self, signals[SIGNAL_FAILED], 0, opening->connection->id, error);
      return;
    }
  let_go (self);
  self->open = g_steal_pointer (&open);
  self->connection = g_steal_pointer (&opening->connection);
  opening->connection = fluo_connection_copy (self->connection);
  self->meter = g_object_ref (fluo_meter_get_shared (
      self->connection->id, fluo_session_get_prices (), self->open->region));
  fluo_meter_set_budget (self->meter, self->connection->budget_microusd * NANO_PER_MICRO);
  fluo_xray_client_set_meter (self->open->client, self->meter);
  g_signal_connect_object (self->meter, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  if (self->open->provider)
    g_signal_connect_object (self->open->provider, "changed", G_CALLBACK (tell), self,
                             G_CONNECT_SWAPPED);
  take_vault (self);
  place = dup_place (self->open);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
  fluo_explorer_set_client (self->explorer, self->open->client, self->connection->name, place,
                            FALSE);
  tell (self);
}

static void
fluo_session_dispose (GObject *object)
{
  FluoSession *self = FLUO_SESSION (object);

  g_ptr_array_remove (fluo_session_get_all (), self);
  give_up (self);
  let_go (self);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_session_parent_class)->dispose (object);
}

static void
fluo_session_class_init (FluoSessionClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_session_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_OPENED] = g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  signals[SIGNAL_VAULT_NOTICE] = g_signal_new ("vault-notice", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_RAISE] = g_signal_new ("raise", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
}

static void
fluo_session_init (FluoSession *self)
{
  static guint n_made = 0;

  self->number = ++n_made;
  g_ptr_array_add (fluo_session_get_all (), self);
}

FluoSession *
fluo_session_new (FluoExplorer *explorer)
{
  FluoSession *self = g_object_new (FLUO_TYPE_SESSION, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  return self;
}

FluoExplorer *
fluo_session_get_explorer (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->explorer;
}

guint
fluo_session_get_number (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), 0);
  return self->number;
}

FluoSession *
fluo_session_find (guint number)
{
  GPtrArray *all = fluo_session_get_all ();

  for (guint i = 0; i < all->len; i++)
    if (FLUO_SESSION (all->pdata[i])->number == number)
      return all->pdata[i];
  return NULL;
}

void
fluo_session_raise (FluoSession *self)
{
  g_return_if_fail (FLUO_IS_SESSION (self));
  g_signal_emit (self, signals[SIGNAL_RAISE], 0);
}

void
fluo_session_open (FluoSession *self, const FluoConnection *connection, FluoCredentials *keys)
{
  Opening *opening;

  g_return_if_fail (FLUO_IS_SESSION (self));
  give_up (self);
  self->cancellable = g_cancellable_new ();
  opening = g_new0 (Opening, 1);
  opening->self = g_object_ref (self);
  opening->connection = fluo_connection_copy (connection);
  opening->cancellable = g_object_ref (self->cancellable);
  fluo_connection_open_async (connection, keys, self->cancellable, opened_cb, opening);
}

void
fluo_session_leave (FluoSession *self)
{
  g_return_if_fail (FLUO_IS_SESSION (self));
  give_up (self);
  if (!self->connection)
    return;
  let_go (self);
  tell (self);
}

void
fluo_session_update_connection (FluoSession *self, const FluoConnection *connection)
{
  gboolean resize;

  g_return_if_fail (FLUO_IS_SESSION (self));
  g_return_if_fail (self->connection != NULL);
  resize = self->connection->vault_mb != connection->vault_mb;
  if (resize && self->in_vault)
    fluo_session_show_vault (self, NULL);
  if (resize)
    drop_vault (self);
  fluo_connection_free (self->connection);
  self->connection = fluo_connection_copy (connection);
  if (resize)
    take_vault (self);
  fluo_meter_set_budget (self->meter, connection->budget_microusd * NANO_PER_MICRO);
  tell (self);
}

const FluoConnection *
fluo_session_get_connection (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->connection;
}

FluoCredentialProvider *
fluo_session_get_provider (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->open ? self->open->provider : NULL;
}

FluoMeter *
fluo_session_get_meter (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->meter;
}

FluoVault *
fluo_session_get_vault (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->vault;
}

gboolean
fluo_session_is_in_vault (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), FALSE);
  return self->in_vault;
}

void
fluo_session_show_vault (FluoSession *self, FluoXrayClient *client)
{
  g_autofree char *place = NULL;

  g_return_if_fail (FLUO_IS_SESSION (self));
  g_return_if_fail (self->open != NULL);
  place = client ? g_strdup (_("from the vault")) : dup_place (self->open);
  self->in_vault = client != NULL;
  fluo_explorer_set_client (self->explorer, client ? client : self->open->client,
                            self->connection->name, place, client != NULL);
  tell (self);
}

const char *
fluo_session_get_region (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->open ? self->open->region : NULL;
}

const char *
fluo_session_get_endpoint (FluoSession *self)
{
  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  return self->open ? self->open->endpoint : NULL;
}

FluoCredentialFacts *
fluo_session_dup_facts (FluoSession *self)
{
  FluoCredentialFacts *facts;

  g_return_val_if_fail (FLUO_IS_SESSION (self), NULL);
  if (!self->open)
    return NULL;
  if (self->open->provider)
    facts = fluo_credential_provider_dup_facts (self->open->provider);
  else
    {
      facts = fluo_credential_facts_new ();
      fluo_credential_facts_add (facts, FLUO_CREDENTIAL_STEP_STORED, self->connection->name, NULL);
      facts->access_key = g_strdup (self->connection->access_key);
    }
  fluo_credential_facts_complete (facts, self->arn, self->account);
  return facts;
}

static void
told_caller_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoSession) self = user_data;
  g_autofree char *account = NULL;
  g_autofree char *arn = fluo_caller_ask_finish (result, &account, NULL);

  if (!arn || g_task_get_cancellable (G_TASK (result)) != self->asking)
    return;
  self->arn = g_steal_pointer (&arn);
  self->account = g_steal_pointer (&account);
  tell (self);
}

void
fluo_session_ask_caller (FluoSession *self)
{
  g_autoptr (FluoCredentialFacts) facts = NULL;

  g_return_if_fail (FLUO_IS_SESSION (self));
  facts = fluo_session_dup_facts (self);
  if (!facts || facts->account || self->asking || !fluo_caller_can_ask (self->open)
      || fluo_explorer_get_state (self->explorer) != FLUO_EXPLORER_CONNECTED)
    return;
  self->asking = g_cancellable_new ();
  fluo_caller_ask_async (self->open, self->asking, told_caller_cb, g_object_ref (self));
}

gboolean
fluo_session_needs_sign_in (FluoSession *self)
{
  const GError *error;

  g_return_val_if_fail (FLUO_IS_SESSION (self), FALSE);
  if (!self->open || !self->open->provider)
    return FALSE;
  error = fluo_explorer_get_error (self->explorer);
  return g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN)
         || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_EXPIRED);
}
