/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-meter.h"

#include "aws/fluo-region.h"

#define PER_MILLION 1000000
#define PRICE_MAX_USD 1000 /* more is a mistake in the table */

struct _FluoPriceTable
{
  GKeyFile *file;
  char *date;
};

FluoPriceTable *
fluo_price_table_new (const char *text, gsize length, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *date = NULL;
  FluoPriceTable *self;

  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, error))
    return NULL;
  date = g_key_file_get_string (file, "prices", "Date", error);
  if (!date)
    return NULL;
  self = g_new0 (FluoPriceTable, 1);
  self->file = g_steal_pointer (&file);
  self->date = g_steal_pointer (&date);
  return self;
}

void
fluo_price_table_free (FluoPriceTable *self)
{
  g_key_file_unref (self->file);
  g_free (self->date);
  g_free (self);
}

const char *
fluo_price_table_get_date (const FluoPriceTable *self)
{
  return self->date;
}

/* @per: how many things the table's price is for. */
static gint64
find (const FluoPriceTable *self, const char *region, const char *key, gint64 per)
{
  g_autofree char *own = g_strconcat ("region ", region, NULL);
  g_autofree char *partition =
    g_strconcat ("partition ", fluo_region_get_partition (region), NULL);
  const char *groups[] = { own, partition };

  for (guint i = 0; region && i < G_N_ELEMENTS (groups); i++)
    {
      g_autoptr (GError) error = NULL;
      double usd = g_key_file_get_double (self->file, groups[i], key, &error);

      if (!error && usd >= 0 && usd <= PRICE_MAX_USD)
        return (gint64) (usd * (double) (FLUO_NANOUSD / per) + .5);
    }
  return FLUO_PRICE_UNKNOWN;
}

gint64
fluo_price_table_get_scanned (const FluoPriceTable *self, const char *region)
{
  return find (self, region, "Scanned", PER_MILLION);
}

gint64
fluo_price_table_get_retrieved (const FluoPriceTable *self, const char *region)
{
  return find (self, region, "Retrieved", PER_MILLION);
}

gint64
fluo_price_table_get_logs (const FluoPriceTable *self, const char *region)
{
  return find (self, region, "LogsGigabyte", 1);
}

gint64
fluo_price_table_get_metric (const FluoPriceTable *self, const char *region)
{
  return find (self, region, "Metrics", PER_MILLION);
}
