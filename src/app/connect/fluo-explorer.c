/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-color-file.h"
#include "fluo-summary-set.h"

/* A median of fewer says nothing about what is usual. */
#define USUAL_MIN_TRACES 20

enum
{
  SIGNAL_GRAPH_CHANGED,
  SIGNAL_SUMMARIES_CHANGED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_FILTER_CHANGED,
  SIGNAL_MATCHES_CHANGED,
  SIGNAL_PROGRESS_CHANGED,
  SIGNAL_VOCABULARY_CHANGED,
  SIGNAL_COLORS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoExplorer, fluo_explorer, G_TYPE_OBJECT)

void
fluo_explorer_emit_graph (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_GRAPH_CHANGED], 0);
}

void
fluo_explorer_emit_state (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

void
fluo_explorer_emit_filter (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_FILTER_CHANGED], 0);
}

void
fluo_explorer_emit_matches (FluoExplorer *self, guint n_new)
{
  g_signal_emit (self, signals[SIGNAL_MATCHES_CHANGED], 0, n_new);
}

void
fluo_explorer_emit_progress (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_PROGRESS_CHANGED], 0);
}

void
fluo_explorer_emit_vocabulary (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_VOCABULARY_CHANGED], 0);
}

void
fluo_explorer_take_summaries (FluoExplorer *self, GPtrArray *summaries, guint n_new)
{
  g_ptr_array_unref (self->summaries);
  self->summaries = summaries;
  g_hash_table_remove_all (self->usual);
  g_signal_emit (self, signals[SIGNAL_SUMMARIES_CHANGED], 0, n_new);
  fluo_explorer_follow_summaries (self, n_new);
}

static void
fluo_explorer_dispose (GObject *object)
{
  FluoExplorer *self = FLUO_EXPLORER (object);

  fluo_explorer_drop_connection (self);
  fluo_explorer_forget_words (self);
  g_clear_object (&self->client);
  g_clear_object (&self->kept);
  G_OBJECT_CLASS (fluo_explorer_parent_class)->dispose (object);
}

static void
colors_changed_cb (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_COLORS_CHANGED], 0);
}

/* Takes over @colors. */
static void
take_colors (FluoExplorer *self, FluoServiceColors *colors)
{
  fluo_service_colors_hold (&self->colors, colors, G_CALLBACK (colors_changed_cb), self);
  g_object_unref (colors);
}

static void
fluo_explorer_finalize (GObject *object)
{
  FluoExplorer *self = FLUO_EXPLORER (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection_cancellable);
  g_clear_pointer (&self->status, fluo_collector_status_free);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_object (&self->colors);
  g_clear_pointer (&self->usual, g_hash_table_unref);
  g_clear_error (&self->error);
  g_free (self->name);
  g_free (self->detail);
  fluo_explorer_clear_ask (self);
  G_OBJECT_CLASS (fluo_explorer_parent_class)->finalize (object);
}

static void
fluo_explorer_class_init (FluoExplorerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = fluo_explorer_dispose;
  object_class->finalize = fluo_explorer_finalize;
  signals[SIGNAL_GRAPH_CHANGED] =
    g_signal_new ("graph-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SUMMARIES_CHANGED] = g_signal_new ("summaries-changed", type, G_SIGNAL_RUN_LAST, 0,
                                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_STATE_CHANGED] =
    g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FILTER_CHANGED] =
    g_signal_new ("filter-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MATCHES_CHANGED] = g_signal_new ("matches-changed", type, G_SIGNAL_RUN_LAST, 0,
                                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_PROGRESS_CHANGED] =
    g_signal_new ("progress-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_VOCABULARY_CHANGED] = g_signal_new (
    "vocabulary-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_COLORS_CHANGED] =
    g_signal_new ("colors-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_explorer_init (FluoExplorer *self)
{
  self->relative_ns = 15 * FLUO_NSEC_PER_MIN;
  self->anchor_ns = fluo_time_now_ns ();
  self->live = TRUE;
  self->summaries = fluo_summary_set_new ();
  take_colors (self, fluo_service_colors_new ());
  self->kept = fluo_kept_new ();
  self->usual = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->name = g_strdup ("");
  self->detail = g_strdup ("");
  self->cancellable = g_cancellable_new ();
  self->connection_cancellable = g_cancellable_new ();
  fluo_explorer_init_ask (self);
}

FluoExplorer *
fluo_explorer_new (void)
{
  return g_object_new (FLUO_TYPE_EXPLORER, NULL);
}

void
fluo_explorer_set_client (FluoExplorer *self, FluoXrayClient *client, const char *name,
                          const char *detail, gboolean local)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (client));

  fluo_explorer_drop_connection (self);
  g_set_object (&self->client, client);
  fluo_kept_set_client (self->kept, NULL);
  g_free (self->name);
  self->name = g_strdup (name);
  g_free (self->detail);
  self->detail = g_strdup (detail);
  self->local = local;
  g_clear_pointer (&self->status, fluo_collector_status_free);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  take_colors (self, fluo_color_file_open (name));
  g_clear_error (&self->error);
  self->revision = 0;
  self->retry_delay_s = 0;
  fluo_explorer_set_state (self, FLUO_EXPLORER_CONNECTING);
  fluo_explorer_forget_matches (self);
  fluo_explorer_forget_words (self);
  fluo_explorer_take_summaries (self, fluo_summary_set_new (), 0);
  fluo_explorer_emit_graph (self);
  fluo_explorer_connect (self);
}

FluoKept *
fluo_explorer_get_kept (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->kept;
}

FluoXrayClient *
fluo_explorer_get_client (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->client;
}

const char *
fluo_explorer_get_name (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->name;
}

void
fluo_explorer_set_name (FluoExplorer *self, const char *name)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (g_str_equal (self->name, name))
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  fluo_color_file_rename (self->colors, name);
  fluo_explorer_emit_state (self);
}

const char *
fluo_explorer_get_detail (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->detail;
}

gboolean
fluo_explorer_is_local (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->local;
}

FluoExplorerState
fluo_explorer_get_state (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FLUO_EXPLORER_FAILED);
  return self->state;
}

guint
fluo_explorer_get_retry_seconds (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  return self->retry_seconds;
}

guint
fluo_explorer_get_slowed_seconds (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  return self->poll_s;
}

gboolean
fluo_explorer_is_loading (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->reading_all || self->state == FLUO_EXPLORER_CONNECTING;
}

const GError *
fluo_explorer_get_error (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->error;
}

const FluoCollectorStatus *
fluo_explorer_get_status (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->status;
}

FluoTimeSpan
fluo_explorer_get_span (FluoExplorer *self)
{
  FluoTimeSpan none = { 0, 0 };
  gint64 end_ns;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), none);
  if (self->relative_ns == 0)
    return self->fixed;
  end_ns = self->live ? fluo_time_now_ns () : self->anchor_ns;
  return (FluoTimeSpan) { end_ns - self->relative_ns, end_ns };
}

gint64
fluo_explorer_get_relative_ns (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  return self->relative_ns;
}

void
fluo_explorer_set_relative (FluoExplorer *self, gint64 length_ns)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (length_ns > 0);
  if (self->relative_ns == length_ns)
    return;
  self->relative_ns = length_ns;
  fluo_explorer_forget_words (self);
  fluo_explorer_reload (self);
}

void
fluo_explorer_set_span (FluoExplorer *self, FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (span.begin_ns < span.end_ns);
  if (self->relative_ns == 0 && fluo_time_span_equal (self->fixed, span))
    return;
  self->relative_ns = 0;
  self->fixed = span;
  fluo_explorer_forget_words (self);
  fluo_explorer_reload (self);
}

gboolean
fluo_explorer_get_live (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->live;
}

void
fluo_explorer_set_live (FluoExplorer *self, gboolean live)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  live = !!live;
  if (self->live == live)
    return;
  self->live = live;
  self->anchor_ns = fluo_time_now_ns ();
  self->paused_traces = self->status ? self->status->traces : 0;
  if (live && self->client)
    fluo_explorer_reload (self);
  else
    fluo_explorer_emit_state (self);
}

void
fluo_explorer_reload (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (!self->client || self->connect_wanted)
    {
      fluo_explorer_emit_state (self);
      return;
    }
  if (self->state == FLUO_EXPLORER_RETRYING || self->state == FLUO_EXPLORER_FAILED)
    {
      fluo_explorer_retry (self);
      return;
    }
  /* The answer to the first question is still on its way and reads the range as it is then. */
  if (self->state == FLUO_EXPLORER_CONNECTING && self->local)
    {
      fluo_explorer_emit_state (self);
      return;
    }
  g_clear_handle_id (&self->update_id, g_source_remove);
  fluo_explorer_drop_questions (self);
  self->paused_traces = self->status ? self->status->traces : 0;
  fluo_explorer_read_range (self, TRUE);
  fluo_explorer_emit_state (self);
}

void
fluo_explorer_retry (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (!self->client)
    return;
  if (self->state == FLUO_EXPLORER_FAILED)
    fluo_explorer_set_state (self, FLUO_EXPLORER_CONNECTING);
  fluo_explorer_connect (self);
}

FluoServiceGraph *
fluo_explorer_get_graph (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->graph;
}

GPtrArray *
fluo_explorer_get_summaries (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->summaries;
}

FluoServiceColors *
fluo_explorer_get_colors (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->colors;
}

gint64
fluo_explorer_get_usual_ns (FluoExplorer *self, const char *title)
{
  gint64 *known;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  g_return_val_if_fail (title != NULL, 0);
  known = g_hash_table_lookup (self->usual, title);
  if (!known)
    {
      known = g_new (gint64, 1);
      *known = fluo_summary_set_median (self->summaries, title, USUAL_MIN_TRACES);
      g_hash_table_insert (self->usual, g_strdup (title), known);
    }
  return *known;
}

gboolean
fluo_explorer_is_empty (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->local && self->summaries->len == 0 && self->status && self->status->traces == 0;
}

guint64
fluo_explorer_get_waiting (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  if (self->live || !self->status || self->status->traces < self->paused_traces)
    return 0;
  return self->status->traces - self->paused_traces;
}
