/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/connect/fluo-summary-set.h"
#include "app/trace/fluo-compare-page-private.h"

/* Both traces are read, or one and the usual of its kind, and lined up; what has not ended is read
 * again as it grows. */

#define LIVE_MS 1000

typedef struct
{
  FluoTrace *a, *b;
  guint      generation;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  fluo_trace_unref (job->a);
  fluo_trace_unref (job->b);
  g_free (job);
}

/* [worker] */
static void
compare_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;

  g_task_return_pointer (task, fluo_trace_comparison_new (job->a, job->b),
                         (GDestroyNotify) fluo_trace_comparison_unref);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoComparePage *self = FLUO_COMPARE_PAGE (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  FluoTraceComparison *comparison = g_task_propagate_pointer (G_TASK (result), NULL);

  if (comparison != NULL && job->generation == self->generation && self->box != NULL)
    fluo_compare_page_show (self, comparison);
  else
    fluo_trace_comparison_unref (comparison);
}

void
fluo_compare_page_compare (FluoComparePage *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (self->sides[0].trace == NULL || self->sides[1].trace == NULL)
    return;

  job = g_new0 (Job, 1);
  job->a = fluo_trace_ref (self->sides[0].trace);
  job->b = fluo_trace_ref (self->sides[1].trace);
  job->generation = ++self->generation;
  task = g_task_new (self, self->cancellable, compared_cb, NULL);
  g_task_set_source_tag (task, fluo_compare_page_compare);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, compare_thread);
}

static void choose_usual (FluoComparePage *self);

void
fluo_compare_page_take_trace (FluoComparePage *self, guint index, FluoTrace *trace)
{
  self->sides[index].reading = FALSE;
  g_clear_pointer (&self->sides[index].trace, fluo_trace_unref);
  self->sides[index].trace = fluo_trace_ref (trace);
  if (index == 0 && !self->sides[1].has_id)
    choose_usual (self);
  fluo_compare_page_compare (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, guint index, gpointer user_data)
{
  g_autoptr (FluoComparePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTrace) trace =
    fluo_xray_client_get_trace_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (self->box == NULL)
    return;
  self->sides[index].reading = FALSE;
  /* They may have changed places meanwhile. */
  if (trace != NULL && !fluo_trace_id_equal (fluo_trace_get_id (trace), &self->sides[index].id))
    index = 1 - index;
  if (trace != NULL)
    fluo_compare_page_take_trace (self, index, trace);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *reason = fluo_error_dup_words (error);
      g_autofree char *text = g_strdup_printf (_("Trace %s could not be read: %s"),
                                               index == 0 ? "A" : "B", reason);

      fluo_compare_page_fail (self, text, FALSE);
    }
}

static void
read_a_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  read_cb (source, result, 0, user_data);
}

static void
read_b_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  read_cb (source, result, 1, user_data);
}

void
fluo_compare_page_read (FluoComparePage *self, guint index)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;

  if (client == NULL)
    {
      fluo_compare_page_fail (self, _("not connected"), FALSE);
      return;
    }
  self->sides[index].reading = TRUE;
  fluo_xray_client_get_trace_async (client, &self->sides[index].id, self->cancellable,
                                    index == 0 ? read_a_cb : read_b_cb, g_object_ref (self));
}

static void
choose_usual (FluoComparePage *self)
{
  GPtrArray *summaries =
    self->explorer != NULL ? fluo_explorer_get_summaries (self->explorer) : NULL;
  /* The title of a trace is cut, what its summary says it asked for is not. */
  g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (self->sides[0].trace);
  g_autofree char *request = fluo_trace_summary_dup_request (summary);
  FluoTraceSummary *usual = NULL;

  if (summaries != NULL)
    usual = fluo_summary_set_find_usual (summaries, request, &self->sides[0].id, &self->n_usual);
  if (usual == NULL)
    {
      fluo_compare_page_fail (
        self,
        _("There is no other trace of this kind in the range to compare with. Select one in the "
          "list together with this one and press M, or choose a longer range."),
        TRUE);
      return;
    }
  self->sides[1].id = usual->id;
  self->sides[1].has_id = TRUE;
  fluo_compare_page_read (self, 1);
}

void
fluo_compare_page_read_missing (FluoComparePage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "loading");
  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++)
    if (self->sides[i].trace == NULL && self->sides[i].has_id && !self->sides[i].reading)
      fluo_compare_page_read (self, i);
}

/* --- Again, while one of both grows ----------------------------------------------------------- */

static gboolean
is_running (const FluoCompareSide *side)
{
  return side->trace != NULL && fluo_trace_get_n_running (side->trace) > 0;
}

/* Only what somebody looks at is asked for again. */
static gboolean
live_cb (gpointer user_data)
{
  FluoComparePage *self = user_data;

  if (!self->live.stale || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return G_SOURCE_CONTINUE;
  self->live.stale = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++)
    if (is_running (&self->sides[i]) && !self->sides[i].reading)
      fluo_compare_page_read (self, i);

  return G_SOURCE_CONTINUE;
}

/* A collector tells of what has come, and as long as the explorer is live it is shown. */
void
fluo_compare_page_update_live (FluoComparePage *self)
{
  const gboolean live =
    self->explorer != NULL && fluo_explorer_get_status (self->explorer) != NULL
    && fluo_explorer_get_live (self->explorer)
    && (is_running (&self->sides[0]) || is_running (&self->sides[1]));

  if (live && self->live.source == 0)
    self->live.source = g_timeout_add (LIVE_MS, live_cb, self);
  else if (!live)
    g_clear_handle_id (&self->live.source, g_source_remove);
}

static void
store_changed_cb (FluoComparePage *self)
{
  self->live.stale = TRUE;
}

void
fluo_compare_page_follow (FluoComparePage *self)
{
  if (self->explorer == NULL)
    return;
  g_signal_connect_object (self->explorer, "summaries-changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "graph-changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "state-changed",
                           G_CALLBACK (fluo_compare_page_update_live), self, G_CONNECT_SWAPPED);
}
