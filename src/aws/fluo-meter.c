/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-meter.h"

/* What a read of a range asks at once. */
#define HELD_USUAL 8
#define MINUTES 60
#define MINUTE_USEC (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define HOUR_S 3600
#define TELL_INTERVAL_MS 1000
#define LIVE_INTERVAL_MAX_S 300
#define GIGABYTE 1073741824.0

/* What was counted in one minute of the clock. */
typedef struct
{
  gint64 minute; /* since 1970 */
  FluoMeterReading reading;
} Bucket;

struct _FluoMeter
{
  GObject parent_instance;

  gint64 scanned_nanousd; /* a trace, or FLUO_PRICE_UNKNOWN */
  gint64 retrieved_nanousd;
  gint64 logs_nanousd;   /* a gigabyte */
  gint64 metric_nanousd;
  FluoMeterReading all;
  Bucket buckets[MINUTES];
  gint64 budget;
  gint64 extra;        /* allowed on top of it */
  gint64 extra_minute; /* when that was */
  gint64 largest;      /* what one question of this hour cost at most */
  gint64 largest_minute;
  gint64     n_held; /* questions under way */
  gboolean may_ask;    /* as it was told last */
  guint tell_id;
  gint64 (*clock) (gpointer);
  gpointer clock_data;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoMeter, fluo_meter, G_TYPE_OBJECT)

static gint64
wall_clock (gpointer data)
{
  return g_get_real_time ();
}

static gint64
minute_now (FluoMeter *self)
{
  return self->clock (self->clock_data) / MINUTE_USEC;
}

static gboolean
tell_cb (gpointer data)
{
  FluoMeter *self = data;

  self->tell_id = 0;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* At once when somebody must be asked or needs not wait any longer. */
static void
tell (FluoMeter *self)
{
  gboolean may_ask = fluo_meter_may_ask (self);

  if (may_ask != self->may_ask)
    {
      self->may_ask = may_ask;
      g_clear_handle_id (&self->tell_id, g_source_remove);
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }
  else if (self->tell_id == 0)
    self->tell_id = g_timeout_add (TELL_INTERVAL_MS, tell_cb, self);
}

static Bucket *
bucket_now (FluoMeter *self)
{
  gint64 minute = minute_now (self);
  Bucket *bucket = &self->buckets[minute % MINUTES];

  if (bucket->minute != minute)
    *bucket = (Bucket) { .minute = minute };
  return bucket;
}

static void
sum (FluoMeterReading *into, const FluoMeterReading *other)
{
  into->n_calls += other->n_calls;
  into->n_throttled += other->n_throttled;
  into->n_scanned += other->n_scanned;
  into->n_retrieved += other->n_retrieved;
  into->log_bytes += other->log_bytes;
  into->n_metrics += other->n_metrics;
}

gint64
fluo_meter_price_logs (FluoMeter *self, guint64 n_bytes)
{
  g_return_val_if_fail (FLUO_IS_METER (self), FLUO_PRICE_UNKNOWN);
  if (self->logs_nanousd < 0)
    return FLUO_PRICE_UNKNOWN;
  return (gint64) ((double) n_bytes / GIGABYTE * (double) self->logs_nanousd + .5);
}

static gint64
price_of (FluoMeter *self, const FluoMeterReading *reading)
{
  if (!fluo_meter_has_price (self))
    return FLUO_PRICE_UNKNOWN;
  return (gint64) reading->n_scanned * self->scanned_nanousd
         + (gint64) reading->n_retrieved * self->retrieved_nanousd
         + MAX (fluo_meter_price_logs (self, reading->log_bytes), 0)
         + (gint64) reading->n_metrics * MAX (self->metric_nanousd, 0);
}

static void
count (FluoMeter *self, const FluoMeterReading *more)
{
  Bucket *bucket = bucket_now (self);
  gint64 cost = price_of (self, more);

  sum (&self->all, more);
  sum (&bucket->reading, more);
  /* A query of logs says nothing about the next question for traces. */
  if (more->log_bytes == 0 && more->n_metrics == 0
      && (cost >= self->largest || bucket->minute - self->largest_minute >= MINUTES))
    {
      self->largest = MAX (cost, 0);
      self->largest_minute = bucket->minute;
    }
  tell (self);
}

static void
fluo_meter_dispose (GObject *object)
{
  FluoMeter *self = FLUO_METER (object);

  g_clear_handle_id (&self->tell_id, g_source_remove);
  G_OBJECT_CLASS (fluo_meter_parent_class)->dispose (object);
}

static void
fluo_meter_class_init (FluoMeterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_meter_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_meter_init (FluoMeter *self)
{
  self->scanned_nanousd = self->retrieved_nanousd = FLUO_PRICE_UNKNOWN;
  self->logs_nanousd = self->metric_nanousd = FLUO_PRICE_UNKNOWN;
  self->may_ask = TRUE;
  self->clock = wall_clock;
}

FluoMeter *
fluo_meter_new (const FluoPriceTable *prices, const char *region)
{
  FluoMeter *self = g_object_new (FLUO_TYPE_METER, NULL);

  if (prices && region)
    {
      self->scanned_nanousd = fluo_price_table_get_scanned (prices, region);
      self->retrieved_nanousd = fluo_price_table_get_retrieved (prices, region);
      self->logs_nanousd = fluo_price_table_get_logs (prices, region);
      self->metric_nanousd = fluo_price_table_get_metric (prices, region);
    }
  return self;
}

FluoMeter *
fluo_meter_get_shared (const char *connection, const FluoPriceTable *prices, const char *region)
{
  static GHashTable *meters = NULL;
  g_autofree char *key = g_strdup_printf ("%s %s", connection, region ? region : "");
  FluoMeter *self;

  if (!meters)
    meters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self = g_hash_table_lookup (meters, key);
  if (!self)
    {
      self = fluo_meter_new (prices, region);
      g_hash_table_insert (meters, g_steal_pointer (&key), self);
    }
  return self;
}

void
fluo_meter_add (FluoMeter *self, guint64 n_scanned, guint64 n_retrieved)
{
  FluoMeterReading more = { .n_calls = 1, .n_scanned = n_scanned, .n_retrieved = n_retrieved };

  g_return_if_fail (FLUO_IS_METER (self));
  count (self, &more);
}

void
fluo_meter_add_logs (FluoMeter *self, guint64 n_bytes)
{
  FluoMeterReading more = { .log_bytes = n_bytes };

  g_return_if_fail (FLUO_IS_METER (self));
  if (n_bytes > 0)
    count (self, &more);
}

void
fluo_meter_add_metrics (FluoMeter *self, guint64 n_metrics)
{
  FluoMeterReading more = { .n_metrics = n_metrics };

  g_return_if_fail (FLUO_IS_METER (self));
  if (n_metrics > 0)
    count (self, &more);
}

void
fluo_meter_add_throttled (FluoMeter *self)
{
  FluoMeterReading more = { .n_calls = 1, .n_throttled = 1 };

  g_return_if_fail (FLUO_IS_METER (self));
  count (self, &more);
}

static FluoMeterReading
read_minutes (FluoMeter *self, gint64 n)
{
  FluoMeterReading reading = { 0 };
  gint64 minute = minute_now (self);

  for (guint i = 0; i < MINUTES; i++)
    if (self->buckets[i].minute > minute - n && self->buckets[i].minute <= minute)
      sum (&reading, &self->buckets[i].reading);
  reading.nanousd = price_of (self, &reading);
  return reading;
}

FluoMeterReading
fluo_meter_get_hour (FluoMeter *self)
{
  g_return_val_if_fail (FLUO_IS_METER (self), (FluoMeterReading) { 0 });
  return read_minutes (self, MINUTES);
}

FluoMeterReading
fluo_meter_get_all (FluoMeter *self)
{
  FluoMeterReading reading;

  g_return_val_if_fail (FLUO_IS_METER (self), (FluoMeterReading) { 0 });
  reading = self->all;
  reading.nanousd = price_of (self, &reading);
  return reading;
}

gboolean
fluo_meter_has_price (FluoMeter *self)
{
  g_return_val_if_fail (FLUO_IS_METER (self), FALSE);
  return self->scanned_nanousd >= 0 && self->retrieved_nanousd >= 0;
}

void
fluo_meter_set_budget (FluoMeter *self, gint64 nanousd)
{
  g_return_if_fail (FLUO_IS_METER (self));
  if (self->budget == nanousd)
    return;
  self->budget = MAX (nanousd, 0);
  self->extra = 0;
  tell (self);
}

gint64
fluo_meter_get_budget (FluoMeter *self)
{
  g_return_val_if_fail (FLUO_IS_METER (self), 0);
  return self->budget;
}

/* What is left of this hour's budget. */
static gint64
get_left (FluoMeter *self)
{
  gint64 extra = minute_now (self) - self->extra_minute < MINUTES ? self->extra : 0;

  return self->budget + extra - fluo_meter_get_hour (self).nanousd;
}

gboolean
fluo_meter_may_ask (FluoMeter *self)
{
  g_return_val_if_fail (FLUO_IS_METER (self), TRUE);
  if (self->budget == 0 || !fluo_meter_has_price (self))
    return TRUE;
  return get_left (self) >= MAX (self->largest, 1);
}

gboolean
fluo_meter_hold (FluoMeter *self)
{
  g_return_val_if_fail (FLUO_IS_METER (self), TRUE);
  if (self->budget > 0 && fluo_meter_has_price (self)
      && get_left (self) < (self->n_held + 1) * MAX (self->largest, 1))
    return FALSE;
  self->n_held++;
  return TRUE;
}

void
fluo_meter_release (FluoMeter *self)
{
  g_return_if_fail (FLUO_IS_METER (self));
  g_return_if_fail (self->n_held > 0);
  self->n_held--;
}

void
fluo_meter_allow_more (FluoMeter *self)
{
  g_return_if_fail (FLUO_IS_METER (self));
  if (minute_now (self) - self->extra_minute >= MINUTES)
    self->extra = 0;
  /* A budget smaller than what one read asks at once would not help anybody. */
  self->extra += self->budget >= 2 * self->largest ? self->budget : HELD_USUAL * self->largest;
  self->extra_minute = minute_now (self);
  tell (self);
}

guint
fluo_meter_get_live_interval (FluoMeter *self, guint usual_s, gint64 nanousd)
{
  guint interval_s = usual_s;

  g_return_val_if_fail (FLUO_IS_METER (self), usual_s);
  if (read_minutes (self, 2).n_throttled > 0)
    interval_s *= 2;
  if (self->budget > 0 && nanousd > 0)
    {
      gint64 n_reads = MAX (get_left (self), 0) / nanousd;

      interval_s = MAX (interval_s, n_reads > 0 ? (guint) (HOUR_S / n_reads) : LIVE_INTERVAL_MAX_S);
    }
  return MIN (interval_s, MAX (usual_s, LIVE_INTERVAL_MAX_S));
}

void
fluo_meter_set_clock (FluoMeter *self, gint64 (*clock) (gpointer), gpointer data)
{
  g_return_if_fail (FLUO_IS_METER (self));
  self->clock = clock;
  self->clock_data = data;
}
