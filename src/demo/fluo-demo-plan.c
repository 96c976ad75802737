/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo/fluo-demo-plan.h"

#include <string.h>

#define MS 1000

/* The bank's client gives up this long after the connection stands. */
#define BANK_TIMEOUT_US (2004 * MS)
/* An answer slower than this in all is one that never came. */
#define BANK_PATIENCE_US (2100 * MS)
/* A caller whose first attempt found payments busy tries again after this. */
#define PAYMENTS_RETRY_US (130 * MS)

static const char *const route_requests[FLUO_DEMO_N_ROUTES] = {
  "GET /search", "GET /cart", "POST /checkout", "GET /orders/{id}", "POST /orders/{id}/cancel",
};

guint
fluo_demo_plan_add (FluoDemoPlan *self, guint parent, FluoDemoPart part, const char *what,
                    gint64 start_us, gint64 end_us)
{
  FluoDemoSpan *span;

  g_return_val_if_fail (self->n_spans < FLUO_DEMO_SPANS_MAX, 0);

  span = &self->spans[self->n_spans];
  memset (span, 0, sizeof *span);
  span->part = part;
  span->parent = parent;
  span->what = what;
  span->start_us = start_us;
  span->end_us = end_us;
  span->cause = FLUO_DEMO_NONE;
  /* Ids are drawn even for parts that need none, so that a plan with one more span keeps the
   * others' ids apart. */
  span->id = fluo_demo_random_next (&self->random) | 1;
  return self->n_spans++;
}

guint
fluo_demo_plan_call (FluoDemoPlan *self, guint parent, FluoDemoService service, const char *what,
                     gint64 start_us, gint64 end_us, gint64 net_us)
{
  guint call = fluo_demo_plan_add (self, parent, FLUO_DEMO_CALL, what, start_us, end_us);
  guint segment = fluo_demo_plan_add (self, call, FLUO_DEMO_SEGMENT, what, start_us + net_us,
                                      end_us - net_us);

  self->spans[call].service = service;
  self->spans[call].http_status = 200;
  self->spans[segment].service = service;
  self->spans[segment].http_status = 200;
  return segment;
}

void
fluo_demo_plan_fail (FluoDemoPlan *self, guint span, FluoStatus status, int http_status,
                     FluoDemoException exception)
{
  self->spans[span].status = status;
  self->spans[span].http_status = http_status;
  self->spans[span].exception = exception;
}

void
fluo_demo_plan_fail_call (FluoDemoPlan *self, guint segment, FluoStatus status, int http_status,
                          guint cause)
{
  guint call = self->spans[segment].parent;

  fluo_demo_plan_fail (self, segment, status, http_status, FLUO_DEMO_NO_EXCEPTION);
  if (cause != segment)
    self->spans[segment].cause = cause;
  if (call != FLUO_DEMO_NONE)
    fluo_demo_plan_fail (self, call, status, http_status, FLUO_DEMO_NO_EXCEPTION);
}

static gint64
lognormal (FluoDemoPlan *self, gint64 median_us, guint32 sigma_thousandths)
{
  return fluo_demo_random_lognormal (&self->random, median_us, sigma_thousandths);
}

static gboolean
chance (FluoDemoPlan *self, guint32 per_100000)
{
  return fluo_demo_random_chance (&self->random, per_100000);
}

/* One way over the network inside the cluster. */
static gint64
net (FluoDemoPlan *self)
{
  return lognormal (self, 300, 300);
}

static guint
last_segment (const FluoDemoPlan *self, FluoDemoService service)
{
  guint i = self->n_spans - 1;

  while (i > 0 && !(self->spans[i].part == FLUO_DEMO_SEGMENT && self->spans[i].service == service))
    i--;
  return i;
}

/* The segment's end is only known when all that happens in it is planned. */
static void
close_call (FluoDemoPlan *self, guint segment, gint64 end_us)
{
  guint call = self->spans[segment].parent;
  gint64 net_us;

  self->spans[segment].end_us = end_us;
  if (call == FLUO_DEMO_NONE)
    return;
  net_us = self->spans[segment].start_us - self->spans[call].start_us;
  self->spans[call].end_us = end_us + net_us;
}

/* [inventory] Reads or reserves @n_items rows of the stock table; a throttled one is tried again.
 * Returns when it ends. */
static gint64
plan_inventory (FluoDemoPlan *self, guint parent, const char *what, const char *operation,
                guint n_items, gint64 now_us, gboolean may_throttle)
{
  guint segment =
    fluo_demo_plan_call (self, parent, FLUO_DEMO_INVENTORY, what, now_us, now_us, net (self));
  gint64 own_us = lognormal (self, 10 * MS, 350);
  gint64 t = self->spans[segment].start_us + own_us / 2;

  for (guint i = 0; i < n_items; i++)
    {
      gint64 took_us = lognormal (self, 6800, 400);
      gboolean throttled = self->record.slow && may_throttle && chance (self, 2200);
      guint row = fluo_demo_plan_add (self, segment, FLUO_DEMO_STOCK, operation, t, t + took_us);

      self->spans[row].http_status = 200;
      t += took_us;
      if (throttled)
        {
          fluo_demo_plan_fail (self, row, FLUO_STATUS_THROTTLE, 400, FLUO_DEMO_THROUGHPUT_EXCEEDED);
          t += 44 * MS;
          took_us = lognormal (self, 7500, 400);
          row = fluo_demo_plan_add (self, segment, FLUO_DEMO_STOCK, operation, t, t + took_us);
          self->spans[row].http_status = 200;
          t += took_us;
        }
    }
  close_call (self, segment, t + own_us / 2);
  return self->spans[self->spans[segment].parent].end_us;
}

/* How the bank answers, and after how long. */
typedef struct
{
  gint64            took_us;
  gint64            connect_us;
  FluoStatus        status;
  int               http_status;
  FluoDemoException exception;
} BankAnswer;

static BankAnswer
ask_bank (FluoDemoPlan *self)
{
  BankAnswer answer = { .http_status = 200 };
  gboolean v2 = g_strcmp0 (self->bank_api, "v2") == 0;
  gboolean unavailable = chance (self, 660);
  gboolean declined = chance (self, 2100);
  gboolean slow = chance (self, 86000);
  gint64 v1_us = lognormal (self, 457 * MS, 330);
  gint64 v2_us = lognormal (self, 512 * MS, 360);
  gint64 v2_slow_us = lognormal (self, 1500 * MS, 420);

  answer.took_us = !v2 ? v1_us : self->record.slow && slow ? v2_slow_us : v2_us;
  answer.connect_us = lognormal (self, chance (self, 4000) ? 118 * MS : 4 * MS, 120);
  if (answer.took_us >= BANK_PATIENCE_US && self->record.slow)
    {
      answer.connect_us = lognormal (self, 112 * MS, 120);
      answer.took_us = BANK_TIMEOUT_US + answer.connect_us;
      answer.status = FLUO_STATUS_FAULT;
      answer.http_status = 0;
      answer.exception = FLUO_DEMO_TIMEOUT_ERROR;
    }
  else if (unavailable && self->record.slow)
    {
      answer.took_us = lognormal (self, 110 * MS, 300);
      answer.status = FLUO_STATUS_FAULT;
      answer.http_status = 503;
    }
  else if (declined)
    {
      answer.status = FLUO_STATUS_ERROR;
      answer.http_status = 402;
      answer.exception = FLUO_DEMO_CARD_DECLINED;
    }
  answer.took_us = MIN (answer.took_us, BANK_TIMEOUT_US + 200 * MS);
  answer.connect_us = MIN (answer.connect_us, answer.took_us / 2);
  return answer;
}

static guint
plan_bank (FluoDemoPlan *self, guint segment, gboolean refund, gint64 now_us,
           const BankAnswer *answer)
{
  gboolean v2 = g_strcmp0 (self->bank_api, "v2") == 0;
  const char *what = refund ? (v2 ? "POST /v2/refund" : "POST /v1/refund")
                            : (v2 ? "POST /v2/charge" : "POST /v1/charge");
  gint64 end_us = now_us + answer->took_us;
  guint bank = fluo_demo_plan_add (self, segment, FLUO_DEMO_BANK, what, now_us, end_us);
  guint wait;

  fluo_demo_plan_add (self, bank, FLUO_DEMO_WORK, "connect", now_us, now_us + answer->connect_us);
  wait = fluo_demo_plan_add (self, bank, FLUO_DEMO_WORK, "wait for answer",
                             now_us + answer->connect_us, end_us);
  fluo_demo_plan_fail (self, bank, answer->status, answer->http_status, answer->exception);
  if (answer->exception == FLUO_DEMO_TIMEOUT_ERROR)
    self->spans[wait].status = FLUO_STATUS_FAULT;
  return bank;
}

/* [payments] Charges, refunds or only reads the stored cards. Returns when it ends. */
static gint64
plan_payments (FluoDemoPlan *self, guint parent, const char *what, gboolean bank_asked,
               gint64 now_us)
{
  BankAnswer answer = { .http_status = 200 };
  gint64 own_us = lognormal (self, 31 * MS, 350);
  gint64 cold_us = chance (self, 600) ? lognormal (self, 340 * MS, 200) : 0;
  gint64 net_us = net (self);
  gint64 t;
  guint segment;

  if (bank_asked)
    answer = ask_bank (self);
  if (self->record.throttled)
    {
      segment = fluo_demo_plan_call (self, parent, FLUO_DEMO_PAYMENTS, what, now_us,
                                     now_us + 6 * MS, net_us);
      fluo_demo_plan_fail_call (self, segment, FLUO_STATUS_THROTTLE, 429, segment);
      self->spans[self->spans[segment].parent].exception = FLUO_DEMO_TOO_MANY_REQUESTS;
      now_us += PAYMENTS_RETRY_US;
    }

  segment = fluo_demo_plan_call (self, parent, FLUO_DEMO_PAYMENTS, what, now_us, now_us, net_us);
  t = self->spans[segment].start_us;
  self->pay_begin_us = t;
  if (cold_us > 0)
    {
      fluo_demo_plan_add (self, segment, FLUO_DEMO_WORK, "Initialization", t, t + cold_us);
      t += cold_us;
    }
  fluo_demo_plan_add (self, segment, FLUO_DEMO_WORK, "load card token", t + own_us / 12,
                      t + own_us / 3);
  t += own_us / 3;
  if (bank_asked)
    {
      guint bank;

      fluo_demo_plan_add (self, segment, FLUO_DEMO_WORK, "sign request", t + own_us / 32,
                          t + own_us / 4);
      t += own_us * 7 / 24;
      bank = plan_bank (self, segment, strstr (what, "refund") != NULL, t, &answer);
      t += answer.took_us;
      if (answer.status != FLUO_STATUS_OK)
        fluo_demo_plan_fail_call (self, segment, answer.status,
                                  answer.status == FLUO_STATUS_FAULT ? 504 : 402, bank);
    }
  fluo_demo_plan_add (self, segment, FLUO_DEMO_WORK, "write log", t + own_us / 32, t + own_us / 4);
  t += own_us * 7 / 24;
  close_call (self, segment, t);
  self->pay_end_us = t;
  return self->spans[self->spans[segment].parent].end_us;
}

/* [orders] One statement on the orders database. */
static gint64
plan_orders (FluoDemoPlan *self, guint parent, const char *what, const char *statement,
             gint64 now_us)
{
  guint segment =
    fluo_demo_plan_call (self, parent, FLUO_DEMO_ORDERS, what, now_us, now_us, net (self));
  gint64 own_us = lognormal (self, 9 * MS, 300);
  gint64 query_us = lognormal (self, 12500, 500);
  gint64 t = self->spans[segment].start_us + own_us / 3;

  fluo_demo_plan_add (self, segment, FLUO_DEMO_DATABASE, statement, t, t + query_us);
  close_call (self, segment, t + query_us + own_us * 2 / 3);
  return self->spans[self->spans[segment].parent].end_us;
}

/* Queues the message; the mailer takes it about 0.4 s later, in a trace of its own. */
static gint64
plan_email (FluoDemoPlan *self, guint parent, gint64 now_us)
{
  gint64 send_us = lognormal (self, 7800, 300);
  gint64 queued_us = lognormal (self, 400 * MS, 300);
  gint64 mail_us = lognormal (self, 94 * MS, 400);
  gboolean throttled = self->record.slow && chance (self, 440);
  guint queue =
    fluo_demo_plan_add (self, parent, FLUO_DEMO_EMAILS, "SendMessage", now_us, now_us + send_us);
  gint64 t = now_us + send_us + queued_us;
  guint mailer =
    fluo_demo_plan_add (self, FLUO_DEMO_NONE, FLUO_DEMO_SEGMENT, "mailer", t, t + mail_us);
  guint ses;

  self->spans[queue].http_status = 200;
  self->spans[mailer].service = FLUO_DEMO_MAILER;
  fluo_demo_plan_add (self, mailer, FLUO_DEMO_WORK, "render letter", t + mail_us / 50,
                      t + mail_us / 5);
  ses = fluo_demo_plan_add (self, mailer, FLUO_DEMO_SES, "SendEmail", t + mail_us / 4,
                            t + mail_us * 97 / 100);
  self->spans[ses].http_status = 200;
  if (throttled)
    fluo_demo_plan_fail (self, ses, FLUO_STATUS_THROTTLE, 429, FLUO_DEMO_TOO_MANY_REQUESTS);
  return now_us + send_us;
}

/* [search] */
static gint64
plan_search (FluoDemoPlan *self, guint root, gint64 now_us)
{
  guint segment = fluo_demo_plan_call (self, root, FLUO_DEMO_FINDER, "GET /search", now_us, now_us,
                                       net (self));
  gint64 own_us = lognormal (self, 9 * MS, 350);
  gint64 query_us = lognormal (self, 21 * MS, 550);
  guint fate = fluo_demo_random_below (&self->random, 100000);
  gint64 t = self->spans[segment].start_us;

  fluo_demo_plan_add (self, segment, FLUO_DEMO_WORK, "parse query", t + own_us / 20,
                      t + own_us / 3);
  t += own_us / 2;
  if (fate < 420)
    {
      fluo_demo_plan_fail_call (self, segment, FLUO_STATUS_ERROR, 400, segment);
      self->spans[segment].exception = FLUO_DEMO_BAD_QUERY;
      fluo_demo_plan_fail_call (self, root, FLUO_STATUS_ERROR, 400, segment);
    }
  else
    {
      guint index =
        fluo_demo_plan_add (self, segment, FLUO_DEMO_CATALOG, "Search", t, t + query_us);

      t += query_us;
      self->spans[index].http_status = 200;
      if (fate < 540 && self->record.slow)
        {
          fluo_demo_plan_fail (self, index, FLUO_STATUS_FAULT, 503, FLUO_DEMO_UNAVAILABLE);
          fluo_demo_plan_fail_call (self, segment, FLUO_STATUS_FAULT, 503, index);
          fluo_demo_plan_fail_call (self, root, FLUO_STATUS_FAULT, 503, index);
        }
    }
  close_call (self, segment, t + own_us / 2);
  return self->spans[self->spans[segment].parent].end_us;
}

/* The part of the shop that needs payments. Returns when it is over. */
static gint64
plan_paying (FluoDemoPlan *self, guint root, guint shop, gint64 now_us)
{
  FluoDemoRoute route = self->record.route;
  const char *what = route == FLUO_DEMO_CHECKOUT ? "POST /charge"
                     : route == FLUO_DEMO_CANCEL ? "POST /refund"
                                                 : "GET /cards/{id}";
  guint segment;

  now_us = plan_payments (self, shop, what, route != FLUO_DEMO_CART, now_us);
  segment = last_segment (self, FLUO_DEMO_PAYMENTS);
  if (self->spans[segment].status != FLUO_STATUS_OK)
    {
      FluoStatus status = self->spans[segment].status;
      int code = status == FLUO_STATUS_FAULT ? 502 : 402;
      guint cause = self->spans[segment].cause;

      fluo_demo_plan_fail_call (self, shop, status, code, cause);
      fluo_demo_plan_fail_call (self, root, status, code, cause);
    }
  return now_us;
}

/* Nothing of that name: @segment raised it, the shop and the gateway pass it on. */
static void
not_found (FluoDemoPlan *self, guint root, guint shop, guint segment)
{
  fluo_demo_plan_fail_call (self, segment, FLUO_STATUS_ERROR, 404, segment);
  self->spans[segment].exception = FLUO_DEMO_NOT_FOUND;
  fluo_demo_plan_fail_call (self, shop, FLUO_STATUS_ERROR, 404, segment);
  fluo_demo_plan_fail_call (self, root, FLUO_STATUS_ERROR, 404, segment);
}

/* [checkout] */
static gint64
plan_shop (FluoDemoPlan *self, guint root, gint64 now_us)
{
  FluoDemoRoute route = self->record.route;
  guint shop = fluo_demo_plan_call (self, root, FLUO_DEMO_SHOP, route_requests[route], now_us,
                                    now_us, net (self));
  gint64 own_us = lognormal (self, 14 * MS, 350);
  gboolean card_shown = chance (self, 24500);
  gboolean missing = chance (self, route == FLUO_DEMO_CART ? 1300 : 2100);
  gint64 begin_us = self->spans[shop].start_us;
  gint64 t = begin_us + own_us / 10;

  if (route == FLUO_DEMO_CART || route == FLUO_DEMO_CHECKOUT)
    {
      gint64 rules_us = lognormal (self, 38 * MS, 500);

      fluo_demo_plan_add (self, shop, FLUO_DEMO_WORK,
                          route == FLUO_DEMO_CART ? "load basket" : "check basket", t,
                          t + own_us / 3);
      t += own_us / 3;
      if (route == FLUO_DEMO_CHECKOUT)
        fluo_demo_plan_add (self, shop, FLUO_DEMO_WORK, "price rules", t, t + rules_us);
      t = plan_inventory (self, shop, route == FLUO_DEMO_CART ? "GET /stock" : "POST /reserve",
                          route == FLUO_DEMO_CART ? "Query" : "UpdateItem",
                          route == FLUO_DEMO_CART ? 1 : 2, t + own_us / 20, TRUE);
    }
  if (route == FLUO_DEMO_CART && missing)
    not_found (self, root, shop, last_segment (self, FLUO_DEMO_INVENTORY));
  else if (route == FLUO_DEMO_CHECKOUT || route == FLUO_DEMO_CANCEL
           || (route == FLUO_DEMO_CART && card_shown))
    t = plan_paying (self, root, shop, t + own_us / 10);

  if (route == FLUO_DEMO_CHECKOUT || route == FLUO_DEMO_CANCEL || route == FLUO_DEMO_ORDER)
    {
      gboolean reading = route == FLUO_DEMO_ORDER;

      t = plan_orders (self, shop, reading ? "GET /orders/{id}" : "PUT /orders/{id}",
                       reading ? "SELECT" : "UPDATE", t + own_us / 20);
      if (reading && missing)
        not_found (self, root, shop, last_segment (self, FLUO_DEMO_ORDERS));
    }
  if (route == FLUO_DEMO_CHECKOUT && self->spans[shop].status == FLUO_STATUS_FAULT)
    t = plan_inventory (self, shop, "POST /release", "UpdateItem", 1, t + own_us / 20, FALSE);
  if (route == FLUO_DEMO_CHECKOUT || route == FLUO_DEMO_CANCEL)
    t = plan_email (self, shop, t + own_us / 20);

  t += own_us / 4;
  /* Pricing runs beside the calls; the answer waits for it. */
  for (guint i = shop; i < self->n_spans; i++)
    if (self->spans[i].parent == shop)
      t = MAX (t, self->spans[i].end_us + own_us / 20);
  close_call (self, shop, t);
  return self->spans[self->spans[shop].parent].end_us;
}

static void
draw_customer (FluoDemoPlan *self)
{
  FluoDemoRandom *random = &self->random;
  guint tier = fluo_demo_random_below (random, 100);
  guint region = fluo_demo_random_below (random, 100);
  gboolean new_version, v2;

  self->tier = tier < 31 ? "gold" : tier < 65 ? "silver" : "basic";
  self->region = region < 52 ? "eu" : region < 85 ? "us" : "apac";
  self->customer = 10000 + fluo_demo_random_below (random, 9000);
  self->n_items = 1 + fluo_demo_random_below (random, 5);
  new_version = fluo_demo_random_chance (random, tier < 31 ? 76000 : 44500);
  v2 = fluo_demo_random_chance (random, !new_version ? 800 : tier < 31 ? 95000 : 5500);
  self->version = new_version ? "1.42.0" : "1.41.3";
  if (self->record.route == FLUO_DEMO_CHECKOUT || self->record.route == FLUO_DEMO_CANCEL)
    self->bank_api = v2 ? "v2" : "v1";
}

/* The time comes first, as X-Ray's own SDKs do it. */
static void
draw_trace_id (FluoDemoPlan *self, FluoTraceId *id, gint64 time_ns)
{
  guint64 seconds = (guint64) (time_ns / G_GINT64_CONSTANT (1000000000));
  guint64 words[2];

  words[0] = fluo_demo_random_next (&self->random);
  words[1] = fluo_demo_random_next (&self->random);
  for (guint i = 0; i < 4; i++)
    id->bytes[i] = (guint8) (seconds >> (24 - 8 * i));
  for (guint i = 4; i < 16; i++)
    id->bytes[i] = (guint8) (words[i / 8] >> (56 - 8 * (i % 8)));
}

void
fluo_demo_plan_init (FluoDemoPlan *self, const FluoDemoRecord *record, gint64 start_ns)
{
  gint64 gateway_us, end_us;
  guint root;

  memset (self, 0, offsetof (FluoDemoPlan, spans));
  self->record = *record;
  self->start_ns = start_ns;
  fluo_demo_random_init (&self->random, record->seed);
  draw_trace_id (self, &self->trace_id, start_ns);
  draw_trace_id (self, &self->mail_id, start_ns);
  draw_customer (self);
  if (record->hero)
    {
      fluo_demo_plan_hero (self);
      return;
    }

  root = fluo_demo_plan_add (self, FLUO_DEMO_NONE, FLUO_DEMO_SEGMENT, route_requests[record->route],
                             0, 0);
  self->spans[root].service = FLUO_DEMO_PROD;
  self->spans[root].http_status = 200;
  gateway_us = lognormal (self, 6200, 300);
  if (record->route == FLUO_DEMO_SEARCH)
    end_us = plan_search (self, root, gateway_us * 3 / 5);
  else
    end_us = plan_shop (self, root, gateway_us * 3 / 5);
  self->spans[root].end_us = end_us + gateway_us * 2 / 5;
}
