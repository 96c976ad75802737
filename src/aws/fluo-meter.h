/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What reading costs. AWS charges for traces that a question looks through ("scanned",
 * TracesProcessedCount), for traces that are fetched whole ("retrieved"), for the bytes of logs
 * that a query looks through, and for metrics. Money is counted in billionths of a US dollar. */

#define FLUO_NANOUSD G_GINT64_CONSTANT (1000000000)
#define FLUO_PRICE_UNKNOWN (-1)

/* --- Prices -------------------------------------------------------------------------------- */

/* data/prices.ini. Immutable. */
typedef struct _FluoPriceTable FluoPriceTable;

FluoPriceTable *fluo_price_table_new  (const char *text, gsize length,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void            fluo_price_table_free (FluoPriceTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoPriceTable, fluo_price_table_free)
const char     *fluo_price_table_get_date (const FluoPriceTable *self); /* "2026-11-28" */
/* Of one trace, in nanodollars; FLUO_PRICE_UNKNOWN where the table has none. */
gint64 fluo_price_table_get_scanned   (const FluoPriceTable *self, const char *region);
gint64 fluo_price_table_get_retrieved (const FluoPriceTable *self, const char *region);
/* Of 1,073,741,824 bytes of logs; of one metric of one request. */
gint64 fluo_price_table_get_logs      (const FluoPriceTable *self, const char *region);
gint64 fluo_price_table_get_metric    (const FluoPriceTable *self, const char *region);

/* --- The meter ----------------------------------------------------------------------------- */

/* Counts what one connection asks, over the last hour and since it was made. Main thread. Signal
 * "changed" (): seldom enough to show it, at most once a second; at once when the budget is
 * reached or allowed again. */
#define FLUO_TYPE_METER (fluo_meter_get_type ())
G_DECLARE_FINAL_TYPE (FluoMeter, fluo_meter, FLUO, METER, GObject)

typedef struct
{
  guint64 n_calls;
  guint64 n_throttled; /* of them */
  guint64 n_scanned;
  guint64 n_retrieved;
  guint64 log_bytes;   /* that queries looked through */
  guint64 n_metrics;   /* asked for; a page of alarms counts as one */
  gint64  nanousd;     /* FLUO_PRICE_UNKNOWN without a price; what alone has none is left out */
} FluoMeterReading;

/* @prices NULL: nothing has a price. */
FluoMeter *fluo_meter_new (const FluoPriceTable *prices, const char *region);
/* The one of a connection, shared by all windows that look at it; made when it is first asked
 * for. */
FluoMeter *fluo_meter_get_shared (const char *connection, const FluoPriceTable *prices,
                                  const char *region);

void             fluo_meter_add      (FluoMeter *self, guint64 n_scanned, guint64 n_retrieved);
/* No calls of their own: those were counted. */
void             fluo_meter_add_logs      (FluoMeter *self, guint64 n_bytes);
void             fluo_meter_add_metrics   (FluoMeter *self, guint64 n_metrics);
void             fluo_meter_add_throttled (FluoMeter *self);
/* What so many bytes of logs cost, or FLUO_PRICE_UNKNOWN. */
gint64           fluo_meter_price_logs    (FluoMeter *self, guint64 n_bytes);
FluoMeterReading fluo_meter_get_hour (FluoMeter *self);
FluoMeterReading fluo_meter_get_all  (FluoMeter *self);
gboolean         fluo_meter_has_price (FluoMeter *self);

/* An hour; 0 = no limit. Without a known price nothing limits. */
void     fluo_meter_set_budget (FluoMeter *self, gint64 nanousd);
gint64   fluo_meter_get_budget (FluoMeter *self);
/* FALSE when one more question like those before would pass the budget: nothing is asked then until
 * the hour has moved on, or somebody allows it. */
gboolean fluo_meter_may_ask    (FluoMeter *self);
/* The same of a question that is about to be asked, those that are under way counted as dear as the
 * dearest before; TRUE: it counts too, until fluo_meter_release(). */
gboolean fluo_meter_hold       (FluoMeter *self);
void     fluo_meter_release    (FluoMeter *self);
/* As much again, until the hour after has passed. */
void     fluo_meter_allow_more (FluoMeter *self);
/* Seconds until a live view should read again that would do so every @usual_s, when one read costs
 * @nanousd: longer when the budget, or the service, wants less. */
guint    fluo_meter_get_live_interval (FluoMeter *self, guint usual_s, gint64 nanousd);

/* For tests: microseconds. */
void fluo_meter_set_clock (FluoMeter *self, gint64 (*clock) (gpointer), gpointer data);

G_END_DECLS
