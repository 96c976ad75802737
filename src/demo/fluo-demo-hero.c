/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo/fluo-demo-plan.h"

#include <string.h>

#define MS 1000

/* The trace that pictures and documentation show: told to the millisecond instead of drawn. */

static const guint8 hero_tail[12] = {
  0x94, 0x6d, 0x07, 0x1d, 0x87, 0xf4, 0x12, 0x68, 0x3d, 0x60, 0x1d, 0xea
};

static guint
add_ms (FluoDemoPlan *self, guint parent, FluoDemoPart part, const char *what, int start_ms,
        int end_ms, int http_status)
{
  guint span = fluo_demo_plan_add (self, parent, part, what, start_ms * MS, end_ms * MS);

  self->spans[span].http_status = http_status;
  return span;
}

static guint
call_ms (FluoDemoPlan *self, guint parent, FluoDemoService service, const char *what, int start_ms,
         int end_ms)
{
  return fluo_demo_plan_call (self, parent, service, what, start_ms * MS, end_ms * MS, 0);
}

static guint
hero_payments (FluoDemoPlan *self, guint shop)
{
  guint payments = call_ms (self, shop, FLUO_DEMO_PAYMENTS, "POST /charge", 67, 2229);
  guint bank, wait;

  add_ms (self, payments, FLUO_DEMO_WORK, "load card token", 70, 78, 0);
  add_ms (self, payments, FLUO_DEMO_WORK, "sign request", 79, 85, 0);
  bank = add_ms (self, payments, FLUO_DEMO_BANK, "POST /v2/charge", 86, 2211, 0);
  add_ms (self, bank, FLUO_DEMO_WORK, "connect", 86, 207, 0);
  wait = add_ms (self, bank, FLUO_DEMO_WORK, "wait for answer", 207, 2211, 0);
  add_ms (self, payments, FLUO_DEMO_WORK, "write log", 2212, 2226, 0);
  fluo_demo_plan_fail (self, wait, FLUO_STATUS_FAULT, 0, FLUO_DEMO_NO_EXCEPTION);
  fluo_demo_plan_fail (self, bank, FLUO_STATUS_FAULT, 0, FLUO_DEMO_TIMEOUT_ERROR);
  fluo_demo_plan_fail_call (self, payments, FLUO_STATUS_FAULT, 504, bank);
  self->pay_begin_us = 67 * MS;
  self->pay_end_us = 2229 * MS;
  return bank;
}

void
fluo_demo_plan_hero (FluoDemoPlan *self)
{
  guint root, shop, inventory, orders, first_try, mailer, bank;

  memcpy (self->trace_id.bytes + 4, hero_tail, sizeof hero_tail);
  self->tier = "gold";
  self->region = "eu";
  self->version = "1.42.0";
  self->bank_api = "v2";
  self->n_items = 3;

  root = add_ms (self, FLUO_DEMO_NONE, FLUO_DEMO_SEGMENT, "POST /checkout", 0, 2310, 200);
  self->spans[root].service = FLUO_DEMO_PROD;
  shop = call_ms (self, root, FLUO_DEMO_SHOP, "POST /checkout", 5, 2305);
  add_ms (self, shop, FLUO_DEMO_WORK, "check basket", 7, 19, 0);
  add_ms (self, shop, FLUO_DEMO_WORK, "price rules", 20, 138, 0);

  inventory = call_ms (self, shop, FLUO_DEMO_INVENTORY, "POST /reserve", 21, 64);
  first_try = add_ms (self, inventory, FLUO_DEMO_STOCK, "UpdateItem", 27, 33, 400);
  fluo_demo_plan_fail (self, first_try, FLUO_STATUS_THROTTLE, 400, FLUO_DEMO_THROUGHPUT_EXCEEDED);
  add_ms (self, inventory, FLUO_DEMO_STOCK, "UpdateItem", 52, 60, 200);

  bank = hero_payments (self, shop);

  orders = call_ms (self, shop, FLUO_DEMO_ORDERS, "PUT /orders/{id}", 2232, 2271);
  add_ms (self, orders, FLUO_DEMO_DATABASE, "UPDATE", 2239, 2262, 0);
  inventory = call_ms (self, shop, FLUO_DEMO_INVENTORY, "POST /release", 2272, 2289);
  add_ms (self, inventory, FLUO_DEMO_STOCK, "UpdateItem", 2277, 2285, 200);
  add_ms (self, shop, FLUO_DEMO_EMAILS, "SendMessage", 2290, 2302, 200);
  fluo_demo_plan_fail_call (self, shop, FLUO_STATUS_FAULT, 502, bank);
  fluo_demo_plan_fail_call (self, root, FLUO_STATUS_FAULT, 502, bank);

  /* The letter about the failed order is still being sent. */
  mailer = fluo_demo_plan_add (self, FLUO_DEMO_NONE, FLUO_DEMO_SEGMENT, "mailer", 2418 * MS,
                               FLUO_DEMO_RUNNING);
  self->spans[mailer].service = FLUO_DEMO_MAILER;
  fluo_demo_plan_add (self, mailer, FLUO_DEMO_SES, "SendEmail", 2530 * MS, FLUO_DEMO_RUNNING);
}
