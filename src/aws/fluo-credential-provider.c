/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-credential-provider.h"

#include <glib/gi18n-lib.h>

/* As botocore; see the header for lives that are too short for them. */
#define RENEW_S (15 * 60)
#define MUST_RENEW_S (10 * 60)
#define SHORT_LIFE_S (30 * 60)
#define RETRY_S 30      /* between renewals that fail while the old keys are good */
#define REFUSABLE_S 60  /* younger temporary keys are not thrown away when a service refuses them */

typedef struct
{
  FluoCredentials *current;  /* or NULL */
  gint64           fetched_s;
  gint64           retry_s;  /* no renewal before, after one that failed */
  GCancellable    *flight;   /* the fetch under way, or NULL */
  GQueue           waiters;  /* Waiter */
  GError          *error;    /* of the last fetch, or NULL */
  FluoSignInFunc   ask;      /* while somebody signs in, else NULL */
  gpointer         ask_data;
  gboolean         anew;     /* whoever signs in has good keys and wants others */
  gint64         (*clock) (gpointer);
  gpointer         clock_data;
} FluoCredentialProviderPrivate;

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FluoCredentialProvider, fluo_credential_provider,
                                     G_TYPE_OBJECT)

#define PRIVATE(self) \
  ((FluoCredentialProviderPrivate *) fluo_credential_provider_get_instance_private (self))

/* One who waits for the fetch; @cancel is attached while it does. */
typedef struct
{
  FluoCredentialProvider *provider; /* borrowed: the task holds it */
  GTask                  *task;
  GSource                *cancel;
  gboolean                anew; /* the keys there are do not help */
} Waiter;

static gint64
wall_clock (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gint64
now_s (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  return priv->clock (priv->clock_data);
}

/* --- How old ------------------------------------------------------------ */

typedef enum
{
  AGE_FRESH,
  AGE_RENEW,      /* can be used while others are fetched */
  AGE_MUST_RENEW, /* to be used only when no others can be had */
  AGE_EXPIRED,    /* or there are none */
} Age;

static Age
get_age (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);
  gint64 expires_s, life_s, left_s;
  gboolean is_short;

  if (!priv->current)
    return AGE_EXPIRED;
  expires_s = fluo_credentials_get_expires (priv->current);
  if (expires_s == 0)
    return AGE_FRESH;
  life_s = expires_s - priv->fetched_s;
  left_s = expires_s - now_s (self);
  is_short = life_s <= SHORT_LIFE_S;
  if (left_s <= 0)
    return AGE_EXPIRED;
  if (left_s < (is_short ? life_s / 4 : MUST_RENEW_S))
    return AGE_MUST_RENEW;
  return left_s < (is_short ? life_s / 2 : RENEW_S) ? AGE_RENEW : AGE_FRESH;
}

/* --- Fetching ----------------------------------------------------------- */

static void
waiter_free (Waiter *waiter)
{
  if (waiter->cancel)
    {
      g_source_destroy (waiter->cancel);
      g_source_unref (waiter->cancel);
    }
  g_object_unref (waiter->task);
  g_free (waiter);
}

static void
return_keys (GTask *task, FluoCredentials *keys)
{
  g_task_return_pointer (task, fluo_credentials_ref (keys),
                         (GDestroyNotify) fluo_credentials_unref);
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoCredentialProvider *self = FLUO_CREDENTIAL_PROVIDER (source);
  FluoCredentialProviderPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  FluoCredentials *found =
    FLUO_CREDENTIAL_PROVIDER_GET_CLASS (self)->fetch_finish (self, result, &error);
  GQueue waiters = priv->waiters;
  Waiter *waiter;

  g_clear_object (&priv->flight);
  g_queue_init (&priv->waiters);
  g_clear_error (&priv->error);
  if (!found)
    priv->error = g_error_copy (error);
  if (found)
    {
      g_clear_pointer (&priv->current, fluo_credentials_unref);
      priv->current = found;
      priv->fetched_s = now_s (self);
      priv->retry_s = 0;
    }
  else if (get_age (self) != AGE_EXPIRED)
    {
      g_debug ("the keys can't be renewed yet: %s", error->message);
      priv->retry_s = now_s (self) + RETRY_S;
    }
  else
    g_clear_pointer (&priv->current, fluo_credentials_unref);
  while ((waiter = g_queue_pop_head (&waiters)))
    {
      if (priv->current && (found || !waiter->anew))
        return_keys (waiter->task, priv->current);
      else
        g_task_return_error (waiter->task, g_error_copy (error));
      waiter_free (waiter);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
fetch (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  if (priv->flight)
    return;
  priv->flight = g_cancellable_new ();
  FLUO_CREDENTIAL_PROVIDER_GET_CLASS (self)->fetch_async (self, priv->flight, fetched_cb, NULL);
}

/* Its task returns at once; the fetch goes on. */
static gboolean
waiter_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;

  g_queue_remove (&PRIVATE (waiter->provider)->waiters, waiter);
  g_task_return_new_error (waiter->task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _("the request was cancelled"));
  waiter_free (waiter);
  return G_SOURCE_REMOVE;
}

static void
wait (FluoCredentialProvider *self, GTask *task, gboolean anew)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->provider = self;
  waiter->task = task;
  waiter->anew = anew;
  if (cancellable)
    {
      waiter->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancel, G_SOURCE_FUNC (waiter_cancelled_cb), waiter, NULL);
      g_source_attach (waiter->cancel, g_task_get_context (task));
    }
  g_queue_push_tail (&PRIVATE (self)->waiters, waiter);
  fetch (self);
}

/* --- Class -------------------------------------------------------------- */

static void
fluo_credential_provider_finalize (GObject *object)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (FLUO_CREDENTIAL_PROVIDER (object));

  /* Fetches and waiters hold references, so there are none. */
  g_assert (!priv->flight && g_queue_is_empty (&priv->waiters));
  g_clear_pointer (&priv->current, fluo_credentials_unref);
  g_clear_error (&priv->error);
  G_OBJECT_CLASS (fluo_credential_provider_parent_class)->finalize (object);
}

static void
fluo_credential_provider_class_init (FluoCredentialProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_credential_provider_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_credential_provider_init (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  g_queue_init (&priv->waiters);
  priv->clock = wall_clock;
}

/* --- Public ------------------------------------------------------------- */

FluoCredentials *
fluo_credential_provider_peek (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);
  gboolean may_try;

  g_return_val_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self), NULL);

  may_try = now_s (self) >= priv->retry_s;
  switch (get_age (self))
    {
    case AGE_FRESH:
      return priv->current;
    case AGE_RENEW:
      if (may_try)
        fetch (self);
      return priv->current;
    case AGE_MUST_RENEW:
      return may_try ? NULL : priv->current;
    case AGE_EXPIRED:
    default:
      return NULL;
    }
}

void
fluo_credential_provider_get_async (FluoCredentialProvider *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  FluoCredentials *keys;

  g_return_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_credential_provider_get_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  keys = fluo_credential_provider_peek (self);
  if (keys)
    return_keys (task, keys);
  else
    wait (self, g_steal_pointer (&task), FALSE);
}

FluoCredentials *
fluo_credential_provider_get_finish (FluoCredentialProvider *self, GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
store_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

FluoCredentials *
fluo_credential_provider_get_sync (FluoCredentialProvider *self, GError **error)
{
  FluoCredentials *keys;
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self), NULL);

  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  fluo_credential_provider_get_async (self, NULL, store_cb, &result);
  while (!result)
    g_main_context_iteration (context, TRUE);
  keys = fluo_credential_provider_get_finish (self, result, error);
  g_clear_object (&result);
  fluo_credential_provider_stop (self);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return keys;
}

/* --- Signing in --------------------------------------------------------- */

/* The call that signs in is a waiter like others, but it lets the fetch ask. A fetch that is under
 * way was begun without asking; what it fails with decides whether another is needed. */
typedef struct
{
  FluoSignInFunc ask;
  gpointer       ask_data;
  gulong         cancelled_id;
  gboolean       asked; /* the fetch that is waited for may ask */
  gboolean       anew;  /* the keys were good when it began */
} SignIn;

static void sign_in (GTask *task);

static void
sign_in_end (FluoCredentialProvider *self, GTask *task, SignIn *call)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  if (call->asked && priv->ask == call->ask && priv->ask_data == call->ask_data)
    {
      priv->ask = NULL;
      priv->ask_data = NULL;
      priv->anew = FALSE;
    }
  /* Blocks until a handler in another thread has ended; cancelling is of the main thread. */
  g_cancellable_disconnect (g_task_get_cancellable (task), call->cancelled_id);
  call->cancelled_id = 0;
}

static void
sign_in_waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoCredentialProvider *self = FLUO_CREDENTIAL_PROVIDER (source);
  SignIn *call = g_task_get_task_data (task);
  GError *error = NULL;
  FluoCredentials *keys = fluo_credential_provider_get_finish (self, result, &error);

  if (!keys && !call->asked && !g_cancellable_is_cancelled (g_task_get_cancellable (task))
      && (g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN)
          || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      g_error_free (error);
      sign_in (g_steal_pointer (&task));
      return;
    }
  sign_in_end (self, task, call);
  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

/* Takes the reference on @task. */
static void
sign_in (GTask *task)
{
  FluoCredentialProvider *self = g_task_get_source_object (task);
  FluoCredentialProviderPrivate *priv = PRIVATE (self);
  SignIn *call = g_task_get_task_data (task);

  if (get_age (self) == AGE_FRESH && !call->anew)
    {
      sign_in_end (self, task, call);
      return_keys (task, priv->current);
      g_object_unref (task);
      return;
    }
  /* Of one that was given up only the end is waited for. */
  call->asked = !priv->flight || (priv->ask && !g_cancellable_is_cancelled (priv->flight));
  if (!priv->flight)
    {
      priv->ask = call->ask;
      priv->ask_data = call->ask_data;
      priv->anew = call->anew;
    }
  wait (self, g_task_new (self, g_task_get_cancellable (task), sign_in_waited_cb, task),
        call->anew);
}

/* Nobody is left to answer. */
static void
sign_in_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  FluoCredentialProvider *self = user_data;

  if (PRIVATE (self)->ask)
    fluo_credential_provider_stop (self);
}

void
fluo_credential_provider_sign_in_async (FluoCredentialProvider *self, FluoSignInFunc ask,
                                        gpointer ask_data, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  SignIn *call;

  g_return_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self) && ask != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_credential_provider_sign_in_async);
  call = g_new0 (SignIn, 1);
  call->ask = ask;
  call->ask_data = ask_data;
  call->anew = get_age (self) == AGE_FRESH;
  g_task_set_task_data (task, call, g_free);
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (cancellable)
    call->cancelled_id =
      g_cancellable_connect (cancellable, G_CALLBACK (sign_in_cancelled_cb), self, NULL);
  sign_in (task);
}

FluoCredentials *
fluo_credential_provider_sign_in_finish (FluoCredentialProvider *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

FluoSignInFunc
fluo_credential_provider_get_ask (FluoCredentialProvider *self, gpointer *ret_data)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  g_return_val_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self), NULL);

  *ret_data = priv->ask_data;
  return priv->ask;
}

gboolean
fluo_credential_provider_is_asked_anew (FluoCredentialProvider *self)
{
  g_return_val_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self), FALSE);

  return PRIVATE (self)->anew;
}

FluoCredentialFacts *
fluo_credential_provider_dup_facts (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);
  FluoCredentialFacts *facts;

  g_return_val_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self), NULL);

  facts = fluo_credential_facts_new ();
  if (priv->current)
    {
      facts->account = g_strdup (fluo_credentials_get_account (priv->current));
      facts->arn = g_strdup (fluo_credentials_get_arn (priv->current));
      facts->access_key = g_strdup (fluo_credentials_get_access_key (priv->current));
      facts->expires_s = fluo_credentials_get_expires (priv->current);
    }
  if (priv->error)
    {
      facts->problem = g_strdup (priv->error->message);
      facts->needs_sign_in =
        g_error_matches (priv->error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN);
    }
  if (FLUO_CREDENTIAL_PROVIDER_GET_CLASS (self)->add_facts)
    FLUO_CREDENTIAL_PROVIDER_GET_CLASS (self)->add_facts (self, facts);
  return facts;
}

void
fluo_credential_provider_refuse (FluoCredentialProvider *self, const FluoCredentials *refused)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  g_return_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self));

  if (priv->current != refused
      || (fluo_credentials_get_expires (refused) > 0
          && now_s (self) < priv->fetched_s + REFUSABLE_S))
    return;
  g_clear_pointer (&priv->current, fluo_credentials_unref);
}

void
fluo_credential_provider_stop (FluoCredentialProvider *self)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  g_return_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self));

  if (priv->flight)
    g_cancellable_cancel (priv->flight);
}

void
fluo_credential_provider_set_clock (FluoCredentialProvider *self, gint64 (*clock) (gpointer),
                                    gpointer data)
{
  FluoCredentialProviderPrivate *priv = PRIVATE (self);

  g_return_if_fail (FLUO_IS_CREDENTIAL_PROVIDER (self));

  priv->clock = clock;
  priv->clock_data = data;
}
