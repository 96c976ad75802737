/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo/fluo-demo.h"

#include "demo/fluo-demo-document.h"
#include "demo/fluo-demo-plan.h"

#define USEC_PER_SEC G_GINT64_CONSTANT (1000000)

#define DEFAULT_TRACES 12930
/* More would take gigabytes of records and hours of sending. */
#define TRACES_MAX 20000000
/* The share of the range after which the bank is slow, in thousandths. */
#define SLOW_FROM_THOUSANDTHS 400
/* Where the trace of the pictures starts: after 888.214 s of 900 s. */
#define HERO_AT 888214
#define HERO_AT_OF 900000
#define HERO_ORDER_ID 84193
#define SLOTS_MIN 3

/* How many of 12,930 requests take each route. */
static const guint route_shares[FLUO_DEMO_N_ROUTES] = { 7326, 2610, 2190, 720, 84 };
/* How busy each thirtieth of the range is, percent: it rises, falls and flutters a little. */
static const guint8 busy_percent[] = {
  80, 84, 89, 92, 90, 86, 88, 94, 96, 93, 87, 83, 85, 90, 92,
  87, 80, 77, 79, 84, 85, 80, 76, 78, 83, 86, 82, 80, 84, 88,
};

struct _FluoDemo
{
  gatomicrefcount ref_count; /* a running send holds one */
  FluoDemoOptions options;
  GArray         *records; /* FluoDemoRecord by start */
  guint           hero;
  guint           slots;
};

static gint
compare_records (gconstpointer a, gconstpointer b)
{
  const FluoDemoRecord *x = a;
  const FluoDemoRecord *y = b;

  if (x->offset_us != y->offset_us)
    return x->offset_us < y->offset_us ? -1 : 1;
  if (x->seed != y->seed)
    return x->seed < y->seed ? -1 : 1;
  return (gint) x->hero - (gint) y->hero;
}

static gint64
draw_arrival (FluoDemoRandom *random, gint64 length_us)
{
  for (;;)
    {
      gint64 offset_us = (gint64) (fluo_demo_random_next (random) % (guint64) length_us);
      guint slot = (guint) (offset_us / (length_us / (gint64) G_N_ELEMENTS (busy_percent)));

      if (fluo_demo_random_below (random, 100) <
          busy_percent[MIN (slot, G_N_ELEMENTS (busy_percent) - 1)])
        return offset_us;
    }
}

static void
draw_route (FluoDemo *self, FluoDemoRandom *random, FluoDemoRoute route, guint n, gint64 length_us)
{
  for (guint i = 0; i < n; i++)
    {
      FluoDemoRecord record = { .route = route };

      record.offset_us = draw_arrival (random, length_us);
      record.seed = fluo_demo_random_next (random);
      g_array_append_val (self->records, record);
    }
}

/* Shares the traces out so that the counts of all routes add up exactly. */
static void
draw_records (FluoDemo *self, FluoDemoRandom *random, gint64 length_us)
{
  guint64 done = 0, taken = 0;

  for (guint route = 0; route < FLUO_DEMO_N_ROUTES; route++)
    {
      guint64 until;

      done += route_shares[route];
      until = (done * self->options.n_traces + DEFAULT_TRACES / 2) / DEFAULT_TRACES;
      draw_route (self, random, route, (guint) (until - taken), length_us);
      taken = until;
    }
}

/* The POST /checkout nearest to its place becomes the trace of the pictures; in a demo too small to
 * have one, any other. */
static void
choose_hero (FluoDemo *self, gint64 length_us)
{
  gint64 wanted_us =
    length_us / HERO_AT_OF * HERO_AT + length_us % HERO_AT_OF * HERO_AT / HERO_AT_OF;
  gint64 best_us = G_MAXINT64;
  /* There is at least one record. */
  FluoDemoRecord *best = &g_array_index (self->records, FluoDemoRecord, 0);

  for (guint i = 0; i < self->records->len; i++)
    {
      FluoDemoRecord *record = &g_array_index (self->records, FluoDemoRecord, i);
      gint64 distance_us = ABS (record->offset_us - wanted_us);

      if (record->route == FLUO_DEMO_CHECKOUT && distance_us < best_us)
        {
          best = record;
          best_us = distance_us;
        }
    }
  best->offset_us = wanted_us;
  best->route = FLUO_DEMO_CHECKOUT;
  best->hero = TRUE;
}

static void
init_plan (FluoDemo *self, const FluoDemoRecord *record, guint i, FluoDemoPlan *plan)
{
  gint64 number = (gint64) i - self->hero;

  fluo_demo_plan_init (plan, record,
                       self->options.span.begin_ns + record->offset_us * FLUO_NSEC_PER_USEC);
  plan->slots = self->slots;
  /* Five digits always, rising with time as far as they reach. */
  plan->order_id = ((HERO_ORDER_ID - 10000 + number) % 90000 + 90000) % 90000 + 10000;
}

/* payments may run only so many calls at once: mean load plus about four times its spread, which is
 * 7 by default. */
static guint
count_slots (const FluoDemo *self, gint64 length_us)
{
  guint64 mean_thousandths =
    (guint64) self->options.n_traces * 115 * USEC_PER_SEC / (guint64) length_us;
  guint64 spread = 0;

  while ((spread + 1) * (spread + 1) <= mean_thousandths * 1000)
    spread++;
  return (guint) MAX (SLOTS_MIN, (mean_thousandths + spread * 42 / 10) / 1000);
}

/* Goes through the range once to see which calls of payments found all slots busy. */
static void
mark_throttled (FluoDemo *self)
{
  g_autofree gint64 *busy_until_us = g_new0 (gint64, self->slots);

  for (guint i = 0; i < self->records->len; i++)
    {
      FluoDemoRecord *record = &g_array_index (self->records, FluoDemoRecord, i);
      gint64 begin_us, end_us;
      guint first = 0;
      FluoDemoPlan plan;

      if (record->route == FLUO_DEMO_SEARCH || record->route == FLUO_DEMO_ORDER)
        continue;
      init_plan (self, record, i, &plan);
      if (plan.pay_begin_us == plan.pay_end_us)
        continue;
      begin_us = record->offset_us + plan.pay_begin_us;
      end_us = record->offset_us + plan.pay_end_us;
      for (guint slot = 1; slot < self->slots; slot++)
        if (busy_until_us[slot] < busy_until_us[first])
          first = slot;
      record->throttled = busy_until_us[first] > begin_us && !record->hero;
      busy_until_us[first] = MAX (end_us, busy_until_us[first]);
    }
}

FluoDemo *
fluo_demo_new (const FluoDemoOptions *options)
{
  FluoDemo *self;
  FluoDemoRandom random;
  gint64 length_us;

  g_return_val_if_fail (options != NULL, NULL);

  self = g_new0 (FluoDemo, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->options = *options;
  self->options.n_traces = CLAMP (options->n_traces, 1, TRACES_MAX);
  self->options.span.begin_ns -= options->span.begin_ns % FLUO_NSEC_PER_USEC;
  length_us = MAX (fluo_time_span_length (options->span) / FLUO_NSEC_PER_USEC, USEC_PER_SEC);
  self->records = g_array_sized_new (FALSE, FALSE, sizeof (FluoDemoRecord), self->options.n_traces);
  self->slots = count_slots (self, length_us);

  fluo_demo_random_init (&random, options->seed);
  draw_records (self, &random, length_us);
  choose_hero (self, length_us);
  g_array_sort (self->records, compare_records);
  for (guint i = 0; i < self->records->len; i++)
    {
      FluoDemoRecord *record = &g_array_index (self->records, FluoDemoRecord, i);

      record->slow = record->offset_us >= length_us / 1000 * SLOW_FROM_THOUSANDTHS;
      if (record->hero)
        self->hero = i;
    }
  mark_throttled (self);
  return self;
}

FluoDemo *
fluo_demo_ref (FluoDemo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_demo_free (FluoDemo *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->records);
  g_free (self);
}

guint
fluo_demo_get_n_traces (FluoDemo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->records->len;
}

guint
fluo_demo_get_hero (FluoDemo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->hero;
}

gint64
fluo_demo_get_start (FluoDemo *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->records->len, 0);

  return self->options.span.begin_ns
         + g_array_index (self->records, FluoDemoRecord, i).offset_us * FLUO_NSEC_PER_USEC;
}

GPtrArray *
fluo_demo_dup_trace (FluoDemo *self, guint i)
{
  FluoDemoPlan plan;

  g_return_val_if_fail (self != NULL && i < self->records->len, NULL);

  init_plan (self, &g_array_index (self->records, FluoDemoRecord, i), i, &plan);
  return fluo_demo_plan_dup_documents (&plan);
}
