/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

#include "filter/fluo-filter.h"
#include "fluo-summary-set.h"

/* What the filter lets through. All traffic is read whether there is a filter or not (map, strip,
 * graph, what is usual), so taking a filter off shows its list at once. */

static void
set_matches (FluoExplorer *self, GPtrArray *matches, guint n_new)
{
  g_ptr_array_unref (self->matches);
  self->matches = matches;
  self->progress.n_matching = matches->len;
  fluo_explorer_emit_matches (self, n_new);
}

/* What has come, and for what was not read yet what was there before. */
static void
publish (FluoExplorer *self)
{
  g_autoptr (GPtrArray) none = fluo_summary_set_new ();

  set_matches (self,
               fluo_summary_set_merge (self->base ? self->base : none, self->fresh,
                                       fluo_explorer_get_span (self), NULL),
               0);
}

static void
set_gaps (FluoExplorer *self, FluoTimeSpan span)
{
  g_array_set_size (self->progress.gaps, 0);
  if (fluo_time_span_length (span) > 0)
    g_array_append_val (self->progress.gaps, span);
  self->progress.scanned_ns =
    fluo_time_span_length (self->progress.span) - fluo_time_span_length (span);
}

static void
end_ask (FluoExplorer *self, GError *error)
{
  g_clear_error (&self->ask_error);
  self->ask_error = error;
  self->progress.error = error;
  self->progress.running = FALSE;
}

/* --- Answers ----------------------------------------------------------------------------- */

static gboolean
is_late (const FluoQuestion *question, FluoExplorer *self)
{
  return fluo_question_is_late (question, self) || question->asking != self->asking;
}

static void
page_cb (GPtrArray *page, guint64 processed, gpointer user_data)
{
  FluoQuestion *question = user_data;
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);
  GPtrArray *merged;

  if (is_late (question, self))
    return;
  merged = fluo_summary_set_merge (self->fresh, page, question->span, NULL);
  g_ptr_array_unref (self->fresh);
  self->fresh = merged;
  self->progress.n_all = processed;
  self->progress.stale = FALSE;
  publish (self);
  fluo_explorer_emit_progress (self);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) read = fluo_xray_client_get_trace_summaries_finish (
    FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);

  if (is_late (question, self))
    return;
  if (error && g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE))
    {
      fluo_explorer_fail (self, g_steal_pointer (&error));
      return;
    }
  if (read)
    {
      set_gaps (self, (FluoTimeSpan) { 0, 0 });
      g_clear_pointer (&self->base, g_ptr_array_unref);
    }
  self->progress.stale = FALSE;
  publish (self);
  end_ask (self, g_steal_pointer (&error));
  fluo_explorer_emit_progress (self);
}

/* --- Asking ------------------------------------------------------------------------------ */

void
fluo_explorer_drop_ask (FluoExplorer *self)
{
  self->asking++;
  if (self->ask_cancellable)
    g_cancellable_cancel (self->ask_cancellable);
  g_clear_object (&self->ask_cancellable);
  self->ask_cancellable = g_cancellable_new ();
  self->progress.running = FALSE;
}

void
fluo_explorer_ask (FluoExplorer *self)
{
  FluoQuestion *question;

  fluo_explorer_drop_ask (self);
  if (!fluo_explorer_has_filter (self))
    return;
  question = fluo_question_new (self);
  g_clear_error (&self->ask_error);
  if (!self->base && !self->progress.stale)
    self->base = g_ptr_array_ref (self->matches);
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  self->fresh = fluo_summary_set_new ();
  self->progress.span = question->span;
  self->progress.running = TRUE;
  self->progress.stopped = FALSE;
  self->progress.error = NULL;
  self->progress.n_all = 0;
  set_gaps (self, question->span);
  fluo_xray_client_get_trace_summaries_async (
    self->client, question->span, FLUO_TIME_RANGE_TRACE_ID, self->filter, page_cb, question,
    self->ask_cancellable, asked_cb, question);
  fluo_explorer_emit_progress (self);
}

void
fluo_explorer_follow_summaries (FluoExplorer *self, guint n_new)
{
  if (fluo_explorer_has_filter (self))
    return;
  g_ptr_array_unref (self->matches);
  self->matches = g_ptr_array_ref (self->summaries);
  fluo_explorer_emit_matches (self, n_new);
  fluo_explorer_emit_progress (self);
}

void
fluo_explorer_update_matches (FluoExplorer *self)
{
  FluoTimeSpan span = fluo_explorer_get_span (self);
  GPtrArray *merged;
  guint n_new;

  if (!self->changed || !self->changed_matches)
    return;
  if (self->fresh)
    {
      merged = fluo_summary_set_update (self->fresh, self->changed, self->changed_matches, span,
                                        NULL);
      g_ptr_array_unref (self->fresh);
      self->fresh = merged;
    }
  merged = fluo_summary_set_update (self->matches, self->changed, self->changed_matches, span,
                                    &n_new);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
  set_matches (self, merged, n_new);
}

void
fluo_explorer_forget_matches (FluoExplorer *self)
{
  g_clear_pointer (&self->base, g_ptr_array_unref);
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  self->progress.n_all = 0;
  self->progress.stale = FALSE;
  end_ask (self, NULL);
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
  self->ask_cancellable = g_cancellable_new ();
}

void
fluo_explorer_clear_ask (FluoExplorer *self)
{
  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->base, g_ptr_array_unref);
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
  g_clear_pointer (&self->progress.gaps, g_array_unref);
  g_clear_object (&self->ask_cancellable);
  g_clear_error (&self->ask_error);
  g_clear_pointer (&self->filter, g_free);
}

/* --- Public ------------------------------------------------------------------------------ */

gboolean
fluo_explorer_set_filter (FluoExplorer *self, const char *expression, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (FluoFilter) filter = NULL;
  gboolean had;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  text = g_strstrip (g_strdup (expression ? expression : ""));
  filter = fluo_filter_new (text, -1, NULL, error);
  if (!filter)
    return FALSE;
  if (g_str_equal (text, self->filter))
    return TRUE;
  had = fluo_explorer_has_filter (self);
  g_free (self->filter);
  self->filter = g_steal_pointer (&text);
  fluo_explorer_drop_ask (self);
  g_clear_pointer (&self->base, g_ptr_array_unref);
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  end_ask (self, NULL);
  fluo_explorer_emit_filter (self);
  self->progress.stale = had || self->matches->len > 0;
  if (!fluo_explorer_has_filter (self))
    {
      self->progress.stale = FALSE;
      fluo_explorer_follow_summaries (self, 0);
    }
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

const FluoAskProgress *
fluo_explorer_get_progress (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  if (!fluo_explorer_has_filter (self))
    {
      self->progress.running = self->reading_all;
      self->progress.span = fluo_explorer_get_span (self);
      self->progress.n_matching = self->progress.n_all = self->summaries->len;
      set_gaps (self, self->reading_all ? self->progress.span : (FluoTimeSpan) { 0, 0 });
    }
  return &self->progress;
}

void
fluo_explorer_stop (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (!self->progress.running || !fluo_explorer_has_filter (self))
    return;
  fluo_explorer_drop_ask (self);
  self->progress.stopped = TRUE;
  fluo_explorer_emit_progress (self);
}

void
fluo_explorer_resume (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (self->progress.running || !fluo_explorer_has_filter (self) || !self->client
      || self->state != FLUO_EXPLORER_CONNECTED)
    return;
  fluo_explorer_ask (self);
}
