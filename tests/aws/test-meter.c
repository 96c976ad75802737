/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-meter.h"
#include "fluo-test-util.h"

#define MINUTE_USEC (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define DOLLAR FLUO_NANOUSD

static const char table_text[] = "[prices]\nDate=2026-11-28\n[partition aws]\nScanned=0.50\n"
                                 "Retrieved=2\n[region sa-east-1]\nScanned=1\nRetrieved=4\n";

static gint64
clock_cb (gpointer data)
{
  return *(gint64 *) data;
}

typedef struct
{
  FluoPriceTable *prices;
  FluoMeter *meter;
  gint64 now;
  guint n_changed;
} Fixture;

static void
changed_cb (Fixture *self)
{
  self->n_changed++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->prices = fluo_price_table_new (table_text, sizeof table_text - 1, &error);
  g_assert_no_error (error);
  self->now = G_GINT64_CONSTANT (1795097820) * G_USEC_PER_SEC;
  self->meter = fluo_meter_new (self->prices, "eu-central-1");
  fluo_meter_set_clock (self->meter, clock_cb, &self->now);
  g_signal_connect_swapped (self->meter, "changed", G_CALLBACK (changed_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_finalize_object (self->meter);
  fluo_price_table_free (self->prices);
}

static void
test_prices (Fixture *self, gconstpointer data)
{
  static const char *const without[] = { "cn-north-1", "us-gov-west-1", "eusc-de-east-1", NULL };

  g_assert_cmpstr (fluo_price_table_get_date (self->prices), ==, "2026-11-28");
  /* 0.50 dollars a million are 500 billionths each. */
  g_assert_cmpint (fluo_price_table_get_scanned (self->prices, "eu-central-1"), ==, 500);
  g_assert_cmpint (fluo_price_table_get_retrieved (self->prices, "eu-moon-1"), ==, 2000);
  g_assert_cmpint (fluo_price_table_get_scanned (self->prices, "sa-east-1"), ==, 1000);
  for (guint i = 0; without[i]; i++)
    g_assert_cmpint (fluo_price_table_get_scanned (self->prices, without[i]), ==,
                     FLUO_PRICE_UNKNOWN);
  g_assert_null (fluo_price_table_new ("[prices]\n", 9, NULL));
  g_assert_null (fluo_price_table_new ("no", 2, NULL));
}

/* The table that is shipped. */
static void
test_shipped (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("FLUO_SOURCE_DIR"), "data/prices.ini", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoPriceTable) prices = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, &error));
  prices = fluo_price_table_new (text, length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fluo_price_table_get_scanned (prices, "eu-central-1"), ==, 500);
  g_assert_cmpint (fluo_price_table_get_scanned (prices, "cn-north-1"), ==, FLUO_PRICE_UNKNOWN);
}

static void
test_hour (Fixture *self, gconstpointer data)
{
  FluoMeterReading hour, all;

  fluo_meter_add (self->meter, 12930, 0);
  self->now += 30 * MINUTE_USEC;
  fluo_meter_add (self->meter, 0, 5);
  fluo_meter_add_throttled (self->meter);
  hour = fluo_meter_get_hour (self->meter);
  g_assert_cmpuint (hour.n_calls, ==, 3);
  g_assert_cmpuint (hour.n_throttled, ==, 1);
  g_assert_cmpuint (hour.n_scanned, ==, 12930);
  g_assert_cmpint (hour.nanousd, ==, 12930 * 500 + 5 * 2000);
  /* An hour after the first only the second counts, and after two none. */
  self->now += 30 * MINUTE_USEC;
  g_assert_cmpint (fluo_meter_get_hour (self->meter).nanousd, ==, 5 * 2000);
  self->now += 60 * MINUTE_USEC;
  g_assert_cmpint (fluo_meter_get_hour (self->meter).nanousd, ==, 0);
  all = fluo_meter_get_all (self->meter);
  g_assert_cmpint (all.nanousd, ==, 12930 * 500 + 5 * 2000);
}

/* Questions at the same time are each as dear as the dearest before. */
static void
test_at_once (Fixture *self, gconstpointer data)
{
  guint n = 0;

  fluo_meter_set_budget (self->meter, DOLLAR / 100);
  fluo_meter_add (self->meter, 4000, 0); /* 0.002 dollars each */
  while (fluo_meter_hold (self->meter))
    g_assert_cmpuint (++n, <, 100);
  g_assert_cmpuint (n, ==, 4);
  g_assert_true (fluo_meter_may_ask (self->meter));
  for (guint i = 0; i < n; i++)
    {
      fluo_meter_add (self->meter, 4000, 0);
      fluo_meter_release (self->meter);
    }
  g_assert_cmpint (fluo_meter_get_hour (self->meter).nanousd, ==, DOLLAR / 100);
  g_assert_false (fluo_meter_hold (self->meter));
  fluo_meter_allow_more (self->meter);
  for (guint i = 0; i < 5; i++)
    g_assert_true (fluo_meter_hold (self->meter));
}

/* It asks before the budget is passed, not after. */
static void
test_budget (Fixture *self, gconstpointer data)
{
  guint n = 0;

  fluo_meter_set_budget (self->meter, DOLLAR / 100);
  while (fluo_meter_may_ask (self->meter))
    {
      fluo_meter_add (self->meter, 6000, 0); /* 0.003 dollars each */
      g_assert_cmpuint (++n, <, 100);
    }
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (fluo_meter_get_hour (self->meter).nanousd, <=, DOLLAR / 100);
  g_assert_cmpuint (self->n_changed, ==, 1);
  fluo_meter_allow_more (self->meter);
  g_assert_cmpuint (self->n_changed, ==, 2);
  g_assert_true (fluo_meter_may_ask (self->meter));
  fluo_meter_add (self->meter, 6000, 0);
  fluo_meter_add (self->meter, 6000, 0);
  fluo_meter_add (self->meter, 6000, 0);
  g_assert_false (fluo_meter_may_ask (self->meter));
  /* The hour moves on. */
  self->now += 61 * MINUTE_USEC;
  g_assert_true (fluo_meter_may_ask (self->meter));
}

static void
test_no_price (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoMeter) china = fluo_meter_new (self->prices, "cn-north-1");

  fluo_meter_set_budget (china, 1);
  fluo_meter_add (china, 1000000000, 0);
  g_assert_true (fluo_meter_may_ask (china));
  g_assert_cmpint (fluo_meter_get_hour (china).nanousd, ==, FLUO_PRICE_UNKNOWN);
}

static void
test_live (Fixture *self, gconstpointer data)
{
  /* Without a budget as usual; with one, what is left is shared out over the hour. */
  g_assert_cmpuint (fluo_meter_get_live_interval (self->meter, 15, DOLLAR), ==, 15);
  fluo_meter_set_budget (self->meter, DOLLAR);
  g_assert_cmpuint (fluo_meter_get_live_interval (self->meter, 15, DOLLAR / 1000), ==, 15);
  g_assert_cmpuint (fluo_meter_get_live_interval (self->meter, 15, DOLLAR / 100), ==, 36);
  g_assert_cmpuint (fluo_meter_get_live_interval (self->meter, 15, DOLLAR / 2), ==, 300);
  fluo_meter_add_throttled (self->meter);
  g_assert_cmpuint (fluo_meter_get_live_interval (self->meter, 15, 0), ==, 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/meter/prices", Fixture, NULL, set_up, test_prices, tear_down);
  g_test_add_func ("/meter/shipped", test_shipped);
  g_test_add ("/meter/hour", Fixture, NULL, set_up, test_hour, tear_down);
  g_test_add ("/meter/budget", Fixture, NULL, set_up, test_budget, tear_down);
  g_test_add ("/meter/at-once", Fixture, NULL, set_up, test_at_once, tear_down);
  g_test_add ("/meter/no-price", Fixture, NULL, set_up, test_no_price, tear_down);
  g_test_add ("/meter/live", Fixture, NULL, set_up, test_live, tear_down);
  return g_test_run ();
}
