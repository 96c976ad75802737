/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

#include "aws/fluo-credentials.h"
#include "filter/fluo-filter.h"
#include "fluo-summary-set.h"

/* The explorer's two lists: all traffic, and what the filter lets through. Both are read in parts.
 * All traffic is read whether there is a filter or not (map, strip, what is usual), so taking a
 * filter off shows its list at once. */

/* With a filter, of AWS no more than this is read of all traffic: it is paid for. */
#define SAMPLE_MAX 5000

/* --- One list ---------------------------------------------------------------------------- */

/* What was read, and for what was not read yet what was there before. */
static GPtrArray *
compose (FluoExplorer *self, const FluoExplorerList *list)
{
  g_autoptr (GArray) gaps = fluo_summary_scan_dup_gaps (list->scan);
  g_autoptr (GPtrArray) old = fluo_summary_set_new ();

  for (guint i = 0; list->base && gaps->len > 0 && i < list->base->len; i++)
    {
      FluoTraceSummary *summary = list->base->pdata[i];

      for (guint g = 0; g < gaps->len; g++)
        if (fluo_time_span_contains (g_array_index (gaps, FluoTimeSpan, g), summary->start_ns))
          {
            g_ptr_array_add (old, fluo_trace_summary_ref (summary));
            break;
          }
    }
  return fluo_summary_set_merge (old, fluo_summary_scan_get_items (list->scan),
                                 fluo_explorer_get_span (self), NULL);
}

static void
drop_list (FluoExplorer *self, FluoExplorerList *list)
{
  if (!list->scan)
    return;
  g_signal_handlers_disconnect_by_data (list->scan, self);
  fluo_summary_scan_stop (list->scan);
  g_clear_object (&list->scan);
}

/* @items is what is shown now. */
static void
start_list (FluoExplorer *self, FluoExplorerList *list, const char *filter, GPtrArray *items,
            guint n_max, GCallback changed_cb)
{
  drop_list (self, list);
  g_clear_pointer (&list->base, g_ptr_array_unref);
  list->base = items ? g_ptr_array_ref (items) : NULL;
  list->span = fluo_explorer_get_span (self);
  list->scan = fluo_summary_scan_new (self->client, filter, list->span, n_max);
  g_signal_connect (list->scan, "changed", changed_cb, self);
  fluo_summary_scan_resume (list->scan);
}

/* TRUE when nobody answers; then everything is over for now. */
static gboolean
is_gone (FluoExplorer *self, FluoExplorerList *list)
{
  const GError *error = fluo_summary_scan_get_error (list->scan);

  if (!g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE))
    return FALSE;
  fluo_explorer_fail (self, g_error_copy (error));
  return TRUE;
}

/* --- All traffic ------------------------------------------------------------------------- */

static void
all_changed_cb (FluoSummaryScan *scan, FluoExplorer *self)
{
  const GError *error = fluo_summary_scan_get_error (scan);

  if (is_gone (self, &self->all))
    return;
  fluo_explorer_take_summaries (self, compose (self, &self->all), 0);
  if (self->all.scan != scan || fluo_summary_scan_is_running (scan) || !self->reading_all)
    return;
  self->reading_all = FALSE;
  if (error)
    fluo_explorer_fail (self, g_error_copy (error));
  else
    {
      g_clear_error (&self->error);
      fluo_explorer_emit_state (self);
    }
  if (!fluo_explorer_has_filter (self))
    fluo_explorer_emit_progress (self);
}

void
fluo_explorer_read_all (FluoExplorer *self)
{
  guint n_max = fluo_explorer_has_filter (self) && !self->has_feed ? SAMPLE_MAX
                                                                   : FLUO_SUMMARY_SCAN_MAX;

  self->reading_all = TRUE;
  start_list (self, &self->all, NULL, self->summaries, n_max, G_CALLBACK (all_changed_cb));
}

/* --- Matches ----------------------------------------------------------------------------- */

static void
set_matches (FluoExplorer *self, GPtrArray *matches, guint n_new)
{
  g_ptr_array_unref (self->matches);
  self->matches = matches;
  fluo_explorer_emit_matches (self, n_new);
}

/* Asking again does not help before the user has done something: the window says what. */
static gboolean
needs_user (const GError *error)
{
  return g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN)
         || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_EXPIRED)
         || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET);
}

static void
matching_changed_cb (FluoSummaryScan *scan, FluoExplorer *self)
{
  const GError *error = fluo_summary_scan_get_error (scan);

  if (is_gone (self, &self->matching))
    return;
  self->stale = FALSE;
  set_matches (self, compose (self, &self->matching), 0);
  if (self->matching.scan == scan && !fluo_summary_scan_is_running (scan) && needs_user (error))
    fluo_explorer_fail (self, g_error_copy (error));
  if (self->matching.scan == scan)
    fluo_explorer_emit_progress (self);
}

void
fluo_explorer_ask (FluoExplorer *self)
{
  drop_list (self, &self->matching);
  if (!fluo_explorer_has_filter (self))
    return;
  start_list (self, &self->matching, self->filter, self->stale ? NULL : self->matches,
              FLUO_SUMMARY_SCAN_MAX, G_CALLBACK (matching_changed_cb));
  fluo_explorer_emit_progress (self);
}

void
fluo_explorer_follow_summaries (FluoExplorer *self, guint n_new)
{
  if (fluo_explorer_has_filter (self))
    return;
  set_matches (self, g_ptr_array_ref (self->summaries), n_new);
  fluo_explorer_emit_progress (self);
}

/* --- Live -------------------------------------------------------------------------------- */

void
fluo_explorer_update_summaries (FluoExplorer *self, GPtrArray *changed)
{
  FluoTimeSpan span = fluo_explorer_get_span (self);
  GPtrArray *merged;
  guint n_new;

  if (fluo_explorer_has_filter (self))
    self->changed = g_ptr_array_ref (changed);
  if (self->all.scan)
    {
      g_autoptr (GPtrArray) items = fluo_summary_set_merge (
        fluo_summary_scan_get_items (self->all.scan), changed, span, NULL);

      fluo_summary_scan_set_items (self->all.scan, items);
    }
  merged = fluo_summary_set_merge (self->summaries, changed, span, &n_new);
  fluo_explorer_take_summaries (self, merged, n_new);
}

void
fluo_explorer_update_matches (FluoExplorer *self)
{
  FluoTimeSpan span = fluo_explorer_get_span (self);
  GPtrArray *merged;
  guint n_new;

  if (!self->changed || !self->changed_matches)
    return;
  if (self->matching.scan)
    {
      g_autoptr (GPtrArray) items =
        fluo_summary_set_update (fluo_summary_scan_get_items (self->matching.scan), self->changed,
                                 self->changed_matches, span, NULL);

      fluo_summary_scan_set_items (self->matching.scan, items);
    }
  merged = self->stale ? g_ptr_array_ref (self->matches)
                       : fluo_summary_set_update (self->matches, self->changed,
                                                  self->changed_matches, span, &n_new);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
  if (self->stale)
    g_ptr_array_unref (merged);
  else
    set_matches (self, merged, n_new);
}

/* --- Life -------------------------------------------------------------------------------- */

void
fluo_explorer_drop_lists (FluoExplorer *self)
{
  self->asking++;
  self->reading_all = FALSE;
  drop_list (self, &self->all);
  drop_list (self, &self->matching);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
}

void
fluo_explorer_forget_matches (FluoExplorer *self)
{
  fluo_explorer_drop_lists (self);
  g_clear_pointer (&self->all.base, g_ptr_array_unref);
  g_clear_pointer (&self->matching.base, g_ptr_array_unref);
  self->stale = FALSE;
  set_matches (self, fluo_summary_set_new (), 0);
}

gboolean
fluo_explorer_has_filter (FluoExplorer *self)
{
  return *self->filter != '\0';
}

void
fluo_explorer_init_ask (FluoExplorer *self)
{
  self->filter = g_strdup ("");
  self->matches = g_ptr_array_ref (self->summaries);
  self->progress.gaps = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
}

void
fluo_explorer_clear_ask (FluoExplorer *self)
{
  fluo_explorer_drop_lists (self);
  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->all.base, g_ptr_array_unref);
  g_clear_pointer (&self->matching.base, g_ptr_array_unref);
  g_clear_pointer (&self->progress.gaps, g_array_unref);
  g_clear_pointer (&self->filter, g_free);
}

/* --- Public ------------------------------------------------------------------------------ */

gboolean
fluo_explorer_set_filter (FluoExplorer *self, const char *expression, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (FluoFilter) filter = NULL;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  text = g_strstrip (g_strdup (expression ? expression : ""));
  filter = fluo_filter_new (text, -1, NULL, error);
  if (!filter)
    return FALSE;
  if (g_str_equal (text, self->filter))
    return TRUE;
  g_free (self->filter);
  self->filter = g_steal_pointer (&text);
  self->asking++;
  drop_list (self, &self->matching);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
  self->stale = fluo_explorer_has_filter (self);
  fluo_explorer_emit_filter (self);
  if (!fluo_explorer_has_filter (self))
    fluo_explorer_follow_summaries (self, 0);
  else if (self->client && self->state == FLUO_EXPLORER_CONNECTED)
    fluo_explorer_ask (self);
  return TRUE;
}

const char *
fluo_explorer_get_filter (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->filter;
}

GPtrArray *
fluo_explorer_get_matches (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->matches;
}

static FluoExplorerList *
get_list (FluoExplorer *self)
{
  return fluo_explorer_has_filter (self) ? &self->matching : &self->all;
}

const FluoAskProgress *
fluo_explorer_get_progress (FluoExplorer *self)
{
  FluoAskProgress *progress;
  FluoExplorerList *list;
  gboolean known;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  progress = &self->progress;
  list = get_list (self);
  g_clear_pointer (&progress->gaps, g_array_unref);
  progress->stale = self->stale;
  progress->n_matching = self->matches->len;
  if (!list->scan)
    {
      progress->gaps = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
      progress->span = fluo_explorer_get_span (self);
      g_array_append_val (progress->gaps, progress->span);
      progress->running = progress->stopped = FALSE;
      progress->n_all = 0;
      progress->scanned_ns = 0;
      progress->error = NULL;
      return progress;
    }
  progress->gaps = fluo_summary_scan_dup_gaps (list->scan);
  progress->span = list->span;
  progress->running = fluo_summary_scan_is_running (list->scan);
  progress->stopped = !progress->running && progress->gaps->len > 0;
  progress->scanned_ns = fluo_summary_scan_get_read_ns (list->scan);
  progress->error = fluo_summary_scan_get_error (list->scan);
  /* What came since is known of all traffic alone. */
  known = self->all.scan && fluo_summary_scan_is_complete (self->all.scan);
  progress->n_all = known && progress->gaps->len == 0
                      ? self->summaries->len
                      : MAX (fluo_summary_scan_get_n_processed (list->scan), self->matches->len);
  return progress;
}

void
fluo_explorer_stop (FluoExplorer *self)
{
  FluoExplorerList *list;

  g_return_if_fail (FLUO_IS_EXPLORER (self));
  list = get_list (self);
  if (!list->scan || !fluo_summary_scan_is_running (list->scan))
    return;
  fluo_summary_scan_stop (list->scan);
  if (list == &self->all)
    {
      self->reading_all = FALSE;
      fluo_explorer_take_summaries (self, compose (self, list), 0);
      fluo_explorer_emit_state (self);
    }
  else
    {
      self->stale = FALSE;
      set_matches (self, compose (self, list), 0);
      fluo_explorer_emit_progress (self);
    }
}

void
fluo_explorer_resume (FluoExplorer *self)
{
  FluoExplorerList *list;

  g_return_if_fail (FLUO_IS_EXPLORER (self));
  list = get_list (self);
  if (!self->client || self->state != FLUO_EXPLORER_CONNECTED)
    return;
  if (!list->scan)
    {
      fluo_explorer_reload (self);
      return;
    }
  if (fluo_summary_scan_is_running (list->scan) || fluo_summary_scan_is_complete (list->scan))
    return;
  self->reading_all = self->reading_all || list == &self->all;
  fluo_summary_scan_resume (list->scan);
  fluo_explorer_emit_state (self);
  fluo_explorer_emit_progress (self);
}
