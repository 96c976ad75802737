/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-summary-set.h"

#include <string.h>

#include "core/fluo-histogram.h"

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const FluoTraceSummary *one = *(FluoTraceSummary *const *) a;
  const FluoTraceSummary *two = *(FluoTraceSummary *const *) b;

  if (one->start_ns != two->start_ns)
    return one->start_ns > two->start_ns ? -1 : 1;
  return memcmp (one->id.bytes, two->id.bytes, sizeof one->id.bytes);
}

GPtrArray *
fluo_summary_set_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
}

/* The newest version of every id in @read, sorted. Borrowed pointers. */
static GPtrArray *
sorted_unique (GPtrArray *read, FluoTimeSpan span, GHashTable *by_id)
{
  GPtrArray *fresh = g_ptr_array_sized_new (read->len);

  for (guint i = 0; i < read->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (read, i);

      g_hash_table_replace (by_id, &summary->id, summary);
    }
  for (guint i = 0; i < read->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (read, i);

      if (g_hash_table_lookup (by_id, &summary->id) == summary
          && fluo_time_span_contains (span, summary->start_ns))
        g_ptr_array_add (fresh, summary);
    }
  g_ptr_array_sort (fresh, compare_newest_first);
  return fresh;
}

GPtrArray *
fluo_summary_set_merge (GPtrArray *old, GPtrArray *read, FluoTimeSpan span, guint *ret_n_new)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new (fluo_trace_id_hash, fluo_trace_id_equal);
  g_autoptr (GPtrArray) fresh = sorted_unique (read, span, by_id);
  GPtrArray *merged = fluo_summary_set_new ();
  guint n_replaced = 0;
  guint at = 0;

  for (guint i = 0; i < old->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (old, i);
      FluoTraceSummary *newer = g_hash_table_lookup (by_id, &summary->id);

      if (newer && fluo_time_span_contains (span, newer->start_ns))
        n_replaced++;
      if (newer || !fluo_time_span_contains (span, summary->start_ns))
        continue;
      while (at < fresh->len && compare_newest_first (&fresh->pdata[at], &summary) < 0)
        g_ptr_array_add (merged, fluo_trace_summary_ref (fresh->pdata[at++]));
      g_ptr_array_add (merged, fluo_trace_summary_ref (summary));
    }
  while (at < fresh->len)
    g_ptr_array_add (merged, fluo_trace_summary_ref (fresh->pdata[at++]));
  if (ret_n_new)
    *ret_n_new = fresh->len - n_replaced;
  return merged;
}

static GHashTable *
index_ids (GPtrArray *summaries)
{
  GHashTable *ids = g_hash_table_new (fluo_trace_id_hash, fluo_trace_id_equal);

  for (guint i = 0; i < summaries->len; i++)
    g_hash_table_add (ids, &((FluoTraceSummary *) g_ptr_array_index (summaries, i))->id);
  return ids;
}

GPtrArray *
fluo_summary_set_update (GPtrArray *old, GPtrArray *changed, GPtrArray *matching,
                         FluoTimeSpan span, guint *ret_n_new)
{
  g_autoptr (GHashTable) in_changed = index_ids (changed);
  g_autoptr (GHashTable) in_matching = index_ids (matching);
  g_autoptr (GPtrArray) kept = fluo_summary_set_new ();

  for (guint i = 0; i < old->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (old, i);

      if (!g_hash_table_contains (in_changed, &summary->id)
          || g_hash_table_contains (in_matching, &summary->id))
        g_ptr_array_add (kept, fluo_trace_summary_ref (summary));
    }
  return fluo_summary_set_merge (kept, matching, span, ret_n_new);
}

static int
compare_int64 (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 two = *(const gint64 *) b;

  return (one > two) - (one < two);
}

gint64
fluo_summary_set_median (GPtrArray *set, const char *title, guint n_min)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < set->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (set, i);
      g_autofree char *request = fluo_trace_summary_dup_request (summary);

      if (g_str_equal (request, title))
        {
          gint64 time_ns = fluo_trace_summary_get_time_ns (summary);

          g_array_append_val (times, time_ns);
        }
    }
  if (times->len < n_min || times->len == 0)
    return 0;
  g_array_sort (times, compare_int64);
  return fluo_percentile ((const gint64 *) (void *) times->data, times->len, 0.5);
}

FluoTraceSummary *
fluo_summary_set_find_usual (GPtrArray *set, const char *title, const FluoTraceId *but,
                             guint *ret_n)
{
  gint64 median = fluo_summary_set_median (set, title, 1);
  FluoTraceSummary *usual = NULL;
  gint64 least = 0;

  *ret_n = 0;
  for (guint i = 0; i < set->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (set, i);
      g_autofree char *request = fluo_trace_summary_dup_request (summary);
      gint64 away = ABS (fluo_trace_summary_get_time_ns (summary) - median);

      if (!g_str_equal (request, title))
        continue;
      (*ret_n)++;
      if (summary->status != FLUO_STATUS_OK || fluo_trace_id_equal (&summary->id, but)
          || (usual && away >= least))
        continue;
      usual = summary;
      least = away;
    }
  return usual;
}
