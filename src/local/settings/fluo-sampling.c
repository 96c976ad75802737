/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-sampling.h"

#include <math.h>
#include <string.h>

#include "core/fluo-time-span.h"

/* A client that has been silent for this long has no share of the reservoir any more: a program
 * that was ended shall not hold back the next one. */
#define CLIENT_ACTIVE_S (3 * FLUO_SAMPLING_INTERVAL_S)

/* Clients remembered over all rules; anybody may invent them. The one silent for longest goes. */
#define N_CLIENTS_MAX 1024

/* Half an hour of windows for each rule there can be. */
#define WINDOWS_KEPT_S (30 * 60)
#define N_WINDOWS_MAX ((FLUO_N_RULES_MAX + 1) * WINDOWS_KEPT_S / FLUO_SAMPLING_INTERVAL_S)

/* The statistics are written this often; a crash loses the last ones. */
#define SAVE_S 60

/* A boost begins at twice the rule's rate and grows while the anomalies last. */
#define N_BOOSTS_MAX (4 * FLUO_N_RULES_MAX) /* rules that are gone leave theirs behind */
#define BOOST_BEGIN 2.0
#define BOOST_GROWTH 1.3
#define BOOST_STEP_S 30
#define BOOST_LENGTH_S 60
#define BOOST_TTL_S 20

typedef struct
{
  char  *rule;
  char  *client;
  gint64 last_s;   /* its last report */
  gint64 window_s; /* the ten seconds its demand was counted in */
  gint64 demand;   /* requests in them */
  gint32 quota;    /* what it holds now */
} Client;

typedef struct
{
  gint64  seen_s;  /* the first report with anomalies; 0 = none */
  gint64  begin_s; /* of the boost; 0 = none */
  gint64  end_s;   /* when it ended; the cool-down counts from here */
  gint64  last_s;  /* the last report with anomalies */
} Boost;

struct _FluoSampling
{
  FluoSettings *settings;

  GMutex      lock; /* for everything below */
  GPtrArray  *clients; /* Client, by rule and client */
  GHashTable *boosts;  /* rule → Boost */
  GArray     *windows; /* FluoSamplingWindow, by time and rule */
  gint64      saved_s;
};

static void
client_free (gpointer data)
{
  Client *client = data;

  g_free (client->rule);
  g_free (client->client);
  g_free (client);
}

static gint64
now_of (FluoSampling *self)
{
  return fluo_settings_now_ns (self->settings) / FLUO_NSEC_PER_SEC;
}

static gint64
window_of (gint64 time_s)
{
  return time_s - time_s % FLUO_SAMPLING_INTERVAL_S;
}

/* --- Statistics --------------------------------------------------------- */

/* [locked] What is older than anybody is told. */
static void
forget_windows (FluoSampling *self, gint64 now_s)
{
  guint n = 0;

  while (n < self->windows->len &&
         (g_array_index (self->windows, FluoSamplingWindow, n).begin_s < now_s - WINDOWS_KEPT_S ||
          self->windows->len - n > N_WINDOWS_MAX))
    n++;
  g_array_remove_range (self->windows, 0, n);
}

/* [locked] */
static void
count (FluoSampling *self, const FluoSamplingReport *report, gint64 now_s)
{
  FluoSamplingWindow fresh = { .begin_s = window_of (now_s) };
  guint at = self->windows->len;
  FluoSamplingWindow *window;

  while (at > 0)
    {
      window = &g_array_index (self->windows, FluoSamplingWindow, at - 1);
      if (window->begin_s < fresh.begin_s ||
          (window->begin_s == fresh.begin_s && strcmp (window->rule, report->rule) <= 0))
        break;
      at--;
    }
  window = at > 0 ? &g_array_index (self->windows, FluoSamplingWindow, at - 1) : NULL;
  if (!window || window->begin_s != fresh.begin_s || strcmp (window->rule, report->rule) != 0)
    {
      g_strlcpy (fresh.rule, report->rule, sizeof fresh.rule);
      g_array_insert_val (self->windows, at, fresh);
      window = &g_array_index (self->windows, FluoSamplingWindow, at);
    }
  /* Each is an int32 at most, so the sums don't overflow in the life of a window. */
  window->requests += report->requests;
  window->sampled += report->sampled;
  window->borrowed += report->borrowed;
}

/* [locked] */
static void
save (FluoSampling *self, gint64 now_s)
{
  g_autoptr (GError) error = NULL;

  forget_windows (self, now_s);
  self->saved_s = now_s;
  if (!fluo_settings_save_windows (self->settings, self->windows, &error) && error)
    g_message ("%s", error->message);
}

GArray *
fluo_sampling_get_windows (FluoSampling *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GArray *windows = g_array_new (FALSE, FALSE, sizeof (FluoSamplingWindow));
  gint64 open_s = window_of (now_of (self));

  forget_windows (self, now_of (self));
  for (guint i = 0; i < self->windows->len; i++)
    {
      FluoSamplingWindow *window = &g_array_index (self->windows, FluoSamplingWindow, i);

      if (window->begin_s < open_s)
        g_array_append_vals (windows, window, 1);
    }
  return windows;
}

/* --- Quotas ------------------------------------------------------------- */

static int
compare_clients (const Client *client, const char *rule, const char *id)
{
  int order = strcmp (client->rule, rule);

  return order != 0 ? order : strcmp (client->client, id);
}

/* [locked] The first client that is not before (@rule, @id). */
static guint
find_place (FluoSampling *self, const char *rule, const char *id)
{
  guint low = 0, high = self->clients->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_clients (self->clients->pdata[middle], rule, id) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* [locked] Those whose quota has run out anyway. */
static void
forget_clients (FluoSampling *self, gint64 now_s)
{
  guint oldest = 0;

  for (guint i = self->clients->len; i > 0; i--)
    {
      Client *client = self->clients->pdata[i - 1];

      if (client->last_s > now_s)
        client->last_s = now_s; /* the clock was set back */
      if (now_s - client->last_s > FLUO_QUOTA_TTL_S)
        g_ptr_array_remove_index (self->clients, i - 1);
    }
  if (self->clients->len < N_CLIENTS_MAX)
    return;
  for (guint i = 1; i < self->clients->len; i++)
    if (((Client *) self->clients->pdata[i])->last_s <
        ((Client *) self->clients->pdata[oldest])->last_s)
      oldest = i;
  g_ptr_array_remove_index (self->clients, oldest);
}

static gboolean
is_active (const Client *client, gint64 now_s)
{
  return now_s - client->last_s <= CLIENT_ACTIVE_S;
}

static gint64
weight_of (const Client *client)
{
  return MAX (client->demand, 1);
}

/* [locked] The part of @reservoir that is due to clients[mine], of the active clients in [first,
 * end). Each gets what is due to its demand, rounded such that the parts add up to the reservoir:
 * client i gets floor (R·(w₀+…+wᵢ)/W) − floor (R·(w₀+…+wᵢ₋₁)/W). */
static gint32
share_of (FluoSampling *self, guint first, guint end, guint mine, gint32 reservoir, gint64 now_s)
{
  double total = 0, before = 0;

  for (guint i = first; i < end; i++)
    if (is_active (self->clients->pdata[i], now_s))
      total += (double) weight_of (self->clients->pdata[i]);
  for (guint i = first; i < mine; i++)
    if (is_active (self->clients->pdata[i], now_s))
      before += (double) weight_of (self->clients->pdata[i]);
  return (gint32) (floor (reservoir *
                          ((before + (double) weight_of (self->clients->pdata[mine])) / total)) -
                   floor (reservoir * (before / total)));
}

/* [locked] What others hold is theirs until they report again, so the sum is never more than the
 * reservoir. */
static gint32
take_quota (FluoSampling *self, guint mine, gint32 reservoir, gint64 now_s)
{
  const char *rule = ((Client *) self->clients->pdata[mine])->rule;
  guint first = mine, end = mine + 1;
  gint64 held = 0;
  gint32 share;

  while (first > 0 && strcmp (((Client *) self->clients->pdata[first - 1])->rule, rule) == 0)
    first--;
  while (end < self->clients->len &&
         strcmp (((Client *) self->clients->pdata[end])->rule, rule) == 0)
    end++;
  for (guint i = first; i < end; i++)
    if (i != mine && is_active (self->clients->pdata[i], now_s))
      held += ((Client *) self->clients->pdata[i])->quota;
  share = share_of (self, first, end, mine, reservoir, now_s);
  return (gint32) CLAMP (reservoir - held, 0, share);
}

/* --- Boosts ------------------------------------------------------------- */

/* [locked] Ends the boost when its time is over. */
static void
age_boost (Boost *boost, gint64 now_s)
{
  gint64 end_s =
    MIN (boost->begin_s + BOOST_LENGTH_S, boost->last_s + CLIENT_ACTIVE_S);

  if (boost->begin_s == 0 || now_s < end_s)
    return;
  boost->begin_s = 0;
  boost->seen_s = 0;
  boost->end_s = end_s;
}

/* [locked] */
static double
boost_rate (const FluoSamplingRule *rule, const Boost *boost, gint64 now_s)
{
  double rate = MAX (BOOST_BEGIN * rule->rate, rule->boost_max / 10);

  for (gint64 s = boost->begin_s + BOOST_STEP_S; s <= now_s; s += BOOST_STEP_S)
    rate *= BOOST_GROWTH;
  rate = MIN (floor (rate * 100 + 0.5) / 100, rule->boost_max);
  /* A ceiling below the rule's own rate leaves nothing to boost. */
  return rate > rule->rate ? rate : 0;
}

void
fluo_sampling_report_boost (FluoSampling *self, const FluoSamplingRule *rule, gint64 anomalies,
                            gint64 sampled_anomalies)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 now_s = now_of (self);
  Boost *boost = g_hash_table_lookup (self->boosts, rule->name);

  if (!rule->has_boost || anomalies == 0 || sampled_anomalies >= anomalies)
    return;
  if (!boost)
    {
      if (g_hash_table_size (self->boosts) >= N_BOOSTS_MAX)
        g_hash_table_remove_all (self->boosts);
      boost = g_new0 (Boost, 1);
      g_hash_table_insert (self->boosts, g_strdup (rule->name), boost);
    }
  age_boost (boost, now_s);
  if (boost->end_s > 0 && now_s < boost->end_s + (gint64) rule->cooldown_min * 60)
    return;
  /* One report may be chance. */
  if (boost->begin_s == 0 && boost->seen_s > 0 && now_s - boost->last_s <= CLIENT_ACTIVE_S)
    boost->begin_s = now_s;
  else if (boost->begin_s == 0)
    boost->seen_s = now_s;
  boost->last_s = now_s;
}

/* [locked] */
static double
get_boost (FluoSampling *self, const FluoSamplingRule *rule, gint64 now_s, gint64 *ret_ttl_s)
{
  Boost *boost = g_hash_table_lookup (self->boosts, rule->name);

  if (!boost || !rule->has_boost)
    return 0;
  age_boost (boost, now_s);
  *ret_ttl_s = now_s + BOOST_TTL_S;
  return boost->begin_s > 0 ? boost_rate (rule, boost, now_s) : 0;
}

double
fluo_sampling_get_boost (FluoSampling *self, const FluoSamplingRule *rule, gint64 *ret_ttl_s)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return get_boost (self, rule, now_of (self), ret_ttl_s);
}

/* --- Reports ------------------------------------------------------------ */

void
fluo_sampling_report (FluoSampling *self, const FluoSamplingRule *rule,
                      const FluoSamplingReport *report, FluoSamplingTarget *ret_target)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 now_s = now_of (self);
  Client *client;
  guint place;

  *ret_target = (FluoSamplingTarget) { 0 };
  count (self, report, now_s);
  forget_clients (self, now_s);
  place = find_place (self, rule->name, report->client);
  client = place < self->clients->len ? self->clients->pdata[place] : NULL;
  ret_target->first = !client || compare_clients (client, rule->name, report->client) != 0;
  if (ret_target->first)
    {
      client = g_new0 (Client, 1);
      client->rule = g_strdup (rule->name);
      client->client = g_strdup (report->client);
      g_ptr_array_insert (self->clients, (int) place, client);
    }
  /* Several reports within one window are one demand. */
  if (client->window_s == window_of (now_s))
    client->demand += report->requests;
  else
    client->demand = report->requests;
  client->window_s = window_of (now_s);
  client->last_s = now_s;
  if (!ret_target->first)
    {
      client->quota = take_quota (self, place, rule->reservoir, now_s);
      ret_target->quota = client->quota;
      ret_target->quota_ttl_s = now_s + FLUO_QUOTA_TTL_S;
    }
  ret_target->boost_rate = get_boost (self, rule, now_s, &ret_target->boost_ttl_s);
  if (now_s - self->saved_s >= SAVE_S || now_s < self->saved_s)
    save (self, now_s);
}

/* --- Public ------------------------------------------------------------- */

FluoSampling *
fluo_sampling_new (FluoSettings *settings)
{
  FluoSampling *self = g_new0 (FluoSampling, 1);

  g_mutex_init (&self->lock);
  self->settings = settings;
  self->clients = g_ptr_array_new_with_free_func (client_free);
  self->boosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->windows = fluo_settings_load_windows (settings);
  self->saved_s = now_of (self);
  return self;
}

void
fluo_sampling_free (FluoSampling *self)
{
  if (self->windows->len > 0)
    save (self, now_of (self));
  g_ptr_array_unref (self->clients);
  g_hash_table_unref (self->boosts);
  g_array_unref (self->windows);
  g_mutex_clear (&self->lock);
  g_free (self);
}
