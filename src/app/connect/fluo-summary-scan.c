/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-summary-scan.h"

#include "fluo-scan-plan.h"
#include "fluo-summary-set.h"

/* Two of the client's connections stay free, for the graph and the long poll. */
#define PARALLEL 4
/* Who shows the list may take a fifth of the time for it. */
#define SHOW_INTERVAL_MIN_MS 80
#define SHOW_SHARE 5
/* So many parts that fail one after the other end it. */
#define FAILURES_MAX 4

struct _FluoSummaryScan
{
  GObject         parent_instance;
  FluoXrayClient *client;
  char           *filter;
  guint           n_max;
  guint           n_step;
  FluoScanPlan   *plan;
  GPtrArray      *items;
  GPtrArray      *waiting; /* came and is not in the items yet */
  guint64         n_processed;
  GError         *error;
  guint           n_failures; /* in a row */
  gboolean        full;
  guint           run;        /* answers of older ones are late */
  GCancellable   *cancellable;
  guint           show_id;
  gint64          shown_usec; /* when it was shown last */
  gint64          cost_usec;  /* what showing took then */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSummaryScan, fluo_summary_scan, G_TYPE_OBJECT)

/* One part on its way. Does not keep the scan alive. */
typedef struct
{
  GWeakRef     scan;
  guint        run;
  FluoTimeSpan part;
  gint64       begun_usec;
  guint        n_found;
  guint64      n_processed;
} Part;

static void ask_parts (FluoSummaryScan *self);

static void
part_free (Part *part)
{
  g_weak_ref_clear (&part->scan);
  g_free (part);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Part, part_free)

/* --- Showing ----------------------------------------------------------------------------- */

/* What live reads put in may be newer than the range. */
static void
absorb (FluoSummaryScan *self)
{
  const FluoTimeSpan always = { G_MININT64, G_MAXINT64 };
  GPtrArray *merged;

  if (self->waiting->len == 0)
    return;
  merged = fluo_summary_set_merge (self->items, self->waiting, always, NULL);
  g_ptr_array_unref (self->items);
  self->items = merged;
  g_ptr_array_set_size (self->waiting, 0);
}

static void
show (FluoSummaryScan *self)
{
  gint64 begun_usec = g_get_monotonic_time ();

  g_clear_handle_id (&self->show_id, g_source_remove);
  absorb (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  self->shown_usec = g_get_monotonic_time ();
  self->cost_usec = self->shown_usec - begun_usec;
}

static gboolean
show_cb (gpointer data)
{
  g_autoptr (FluoSummaryScan) self = g_object_ref (data);

  self->show_id = 0;
  show (self);
  return G_SOURCE_REMOVE;
}

static void
show_soon (FluoSummaryScan *self)
{
  gint64 interval_ms = MAX (SHOW_INTERVAL_MIN_MS, SHOW_SHARE * self->cost_usec / 1000);
  gint64 since_ms = (g_get_monotonic_time () - self->shown_usec) / 1000;

  if (self->show_id == 0)
    self->show_id =
      g_timeout_add ((guint) (interval_ms - CLAMP (since_ms, 0, interval_ms)), show_cb, self);
}

/* --- Answers ----------------------------------------------------------------------------- */

static void
end (FluoSummaryScan *self)
{
  self->run++;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  fluo_scan_plan_stop (self->plan);
}

static FluoSummaryScan *
dup_scan (Part *part)
{
  FluoSummaryScan *self = g_weak_ref_get (&part->scan);

  if (self && self->run != part->run)
    g_clear_object (&self);
  return self;
}

static void
page_cb (GPtrArray *page, guint64 processed, gpointer user_data)
{
  Part *part = user_data;
  g_autoptr (FluoSummaryScan) self = dup_scan (part);

  if (!self)
    return;
  for (guint i = 0; i < page->len; i++)
    g_ptr_array_add (self->waiting, fluo_trace_summary_ref (page->pdata[i]));
  part->n_found += page->len;
  self->n_processed += processed - part->n_processed;
  part->n_processed = processed;
  show_soon (self);
}

/* Of all parts the same would come. */
static gboolean
is_final (const GError *error)
{
  if (error->domain != FLUO_XRAY_ERROR)
    return TRUE;
  switch ((FluoXrayError) error->code)
    {
    case FLUO_XRAY_ERROR_INVALID_REQUEST:
    case FLUO_XRAY_ERROR_ACCESS:
    case FLUO_XRAY_ERROR_EXPIRED:
    case FLUO_XRAY_ERROR_NOT_FOUND:
    case FLUO_XRAY_ERROR_UNREACHABLE:
    case FLUO_XRAY_ERROR_BUDGET:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
take_failure (FluoSummaryScan *self, Part *part, GError *error)
{
  FluoScanFailure how = FLUO_SCAN_LOST;

  self->n_processed -= part->n_processed;
  if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_THROTTLED))
    how = FLUO_SCAN_BUSY;
  else if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL) && part->n_found > 0)
    how = FLUO_SCAN_TOO_MUCH;
  fluo_scan_plan_failed (self->plan, part->part, how);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  self->n_failures += how == FLUO_SCAN_LOST;
  if (is_final (error) || self->n_failures >= FAILURES_MAX)
    end (self);
  else
    ask_parts (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Part) part = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) read = fluo_xray_client_get_trace_summaries_finish (
    FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoSummaryScan) self = dup_scan (part);

  if (!self)
    return;
  if (!read)
    take_failure (self, part, error);
  else
    {
      self->n_failures = 0;
      fluo_scan_plan_done (self->plan, part->part, part->n_found,
                           g_get_monotonic_time () - part->begun_usec);
      if (self->items->len + self->waiting->len >= self->n_max &&
          !fluo_scan_plan_is_complete (self->plan))
        {
          self->full = TRUE;
          end (self);
        }
      else
        ask_parts (self);
    }
  if (!fluo_summary_scan_is_running (self))
    show (self);
  else
    show_soon (self);
}

/* --- Asking ------------------------------------------------------------------------------ */

static void
ask_parts (FluoSummaryScan *self)
{
  FluoTimeSpan span;

  while (fluo_scan_plan_next (self->plan, &span))
    {
      Part *part = g_new0 (Part, 1);

      g_weak_ref_init (&part->scan, self);
      part->run = self->run;
      part->part = span;
      part->begun_usec = g_get_monotonic_time ();
      fluo_xray_client_get_trace_summaries_async (self->client, span, FLUO_TIME_RANGE_TRACE_ID,
                                                  self->filter, page_cb, part, self->cancellable,
                                                  read_cb, part);
    }
}

static void
fluo_summary_scan_dispose (GObject *object)
{
  FluoSummaryScan *self = FLUO_SUMMARY_SCAN (object);

  g_clear_handle_id (&self->show_id, g_source_remove);
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (fluo_summary_scan_parent_class)->dispose (object);
}

static void
fluo_summary_scan_finalize (GObject *object)
{
  FluoSummaryScan *self = FLUO_SUMMARY_SCAN (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, fluo_scan_plan_free);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->filter);
  G_OBJECT_CLASS (fluo_summary_scan_parent_class)->finalize (object);
}

static void
fluo_summary_scan_class_init (FluoSummaryScanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_summary_scan_dispose;
  object_class->finalize = fluo_summary_scan_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_summary_scan_init (FluoSummaryScan *self)
{
  self->items = fluo_summary_set_new ();
  self->waiting = fluo_summary_set_new ();
  self->cancellable = g_cancellable_new ();
}

/* --- Public ------------------------------------------------------------------------------ */

FluoSummaryScan *
fluo_summary_scan_new (FluoXrayClient *client, const char *filter, FluoTimeSpan span, guint n_max)
{
  FluoSummaryScan *self = g_object_new (FLUO_TYPE_SUMMARY_SCAN, NULL);

  self->client = g_object_ref (client);
  self->filter = g_strdup (filter);
  self->n_max = self->n_step = n_max;
  self->plan = fluo_scan_plan_new (span, PARALLEL);
  return self;
}

void
fluo_summary_scan_resume (FluoSummaryScan *self)
{
  g_return_if_fail (FLUO_IS_SUMMARY_SCAN (self));
  if (fluo_summary_scan_is_running (self))
    return;
  if (self->full)
    self->n_max = self->items->len + self->n_step;
  self->full = FALSE;
  self->n_failures = 0;
  g_clear_error (&self->error);
  fluo_scan_plan_retry (self->plan);
  ask_parts (self);
  /* A range without a moment in it is read already. */
  if (!fluo_summary_scan_is_running (self))
    show_soon (self);
}

void
fluo_summary_scan_stop (FluoSummaryScan *self)
{
  g_return_if_fail (FLUO_IS_SUMMARY_SCAN (self));
  g_clear_handle_id (&self->show_id, g_source_remove);
  absorb (self);
  end (self);
}

GPtrArray *
fluo_summary_scan_get_items (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), NULL);
  return self->items;
}

void
fluo_summary_scan_set_items (FluoSummaryScan *self, GPtrArray *items)
{
  g_return_if_fail (FLUO_IS_SUMMARY_SCAN (self));
  g_ptr_array_ref (items);
  g_ptr_array_unref (self->items);
  self->items = items;
}

guint64
fluo_summary_scan_get_n_processed (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), 0);
  return self->n_processed;
}

gboolean
fluo_summary_scan_is_running (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), FALSE);
  return fluo_scan_plan_get_n_reading (self->plan) > 0;
}

gboolean
fluo_summary_scan_is_complete (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), FALSE);
  return fluo_scan_plan_is_complete (self->plan);
}

gint64
fluo_summary_scan_get_read_ns (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), 0);
  return fluo_scan_plan_get_read_ns (self->plan);
}

GArray *
fluo_summary_scan_dup_gaps (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), NULL);
  return fluo_scan_plan_dup_gaps (self->plan);
}

const GError *
fluo_summary_scan_get_error (FluoSummaryScan *self)
{
  g_return_val_if_fail (FLUO_IS_SUMMARY_SCAN (self), NULL);
  return self->error;
}
