/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/trace/fluo-trace-page-private.h"
#include "core/fluo-format.h"

#define PLACEHOLDER_MS 300
#define LIVE_MS 1000

/* --- Again, while it grows -------------------------------------------------------------------- */

static gboolean
live_cb (gpointer user_data)
{
  FluoTracePage *self = user_data;

  if (self->reader.stale && !self->reader.reading && gtk_widget_get_mapped (GTK_WIDGET (self)))
    fluo_trace_page_read (self);

  return G_SOURCE_CONTINUE;
}

/* Only what somebody looks at is asked for again. */
static gboolean
grow_cb (gpointer user_data)
{
  FluoTracePage *self = user_data;

  if (self->reader.reading || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return G_SOURCE_CONTINUE;
  self->reader.growth_source = 0;
  fluo_trace_page_read (self);

  return G_SOURCE_REMOVE;
}

/* AWS tells of no changes, and shows parts of a trace before others. The vault gets no more. */
static void
read_again_later (FluoTracePage *self, FluoTrace *trace)
{
  const guint pause_s =
    self->reader.from_vault || fluo_explorer_get_status (self->explorer) != NULL
      ? 0
      : fluo_trace_growth_tell (&self->reader.growth, trace, fluo_time_now_ns ());

  g_clear_handle_id (&self->reader.growth_source, g_source_remove);
  if (pause_s > 0)
    self->reader.growth_source = g_timeout_add (pause_s * self->reader.second_ms, grow_cb, self);
}

void
fluo_trace_page_set_pace (FluoTracePage *self, guint second_ms)
{
  self->reader.second_ms = second_ms;
}

/* A collector's: once a second while something is still running, something has come, and the
 * explorer is live. */
void
fluo_trace_page_update_live (FluoTracePage *self)
{
  gboolean live = self->trace != NULL && !self->from_file && self->explorer != NULL &&
                  fluo_explorer_get_status (self->explorer) != NULL &&
                  fluo_explorer_get_live (self->explorer) &&
                  fluo_trace_get_n_running (self->trace) > 0;

  if (live && self->reader.live_source == 0)
    self->reader.live_source = g_timeout_add (LIVE_MS, live_cb, self);
  else if (!live)
    g_clear_handle_id (&self->reader.live_source, g_source_remove);
}

static void
show_failure (FluoTracePage *self, const GError *error)
{
  gboolean gone = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_autofree char *text = NULL, *reason = NULL, *id = NULL;

  g_clear_handle_id (&self->reader.placeholder_source, g_source_remove);
  reason = fluo_error_dup_words (error);
  if (self->trace != NULL)
    {
      text = gone ? g_strdup (_("This trace is no longer kept. What was read before stays here."))
                  : g_strdup_printf (
                      _("The trace could not be read again: %s. What was read before stays here."),
                      reason);
      gtk_label_set_text (self->error, text);
      gtk_revealer_set_reveal_child (self->error_revealer, TRUE);
      return;
    }

  gtk_label_set_text (self->failed_title, gone ? _("This trace is not here")
                                               : _("The trace could not be read"));
  text = gone ? g_strdup (_("It was never sampled or sent, something refused it, or it is no "
                             "longer kept."))
              : g_steal_pointer (&reason);
  gtk_label_set_text (self->failed_text, text);
  id = fluo_trace_id_to_string (&self->id);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->failed_why), "s", id);
  gtk_widget_set_visible (self->failed_why, gone);
  fluo_statement_button_set_error (self->failed_statement, error);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

typedef struct
{
  GWeakRef page;
  guint    generation;
} Reading;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  g_autoptr (FluoTracePage) self = g_weak_ref_get (&reading->page);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTrace) trace =
    fluo_xray_client_get_trace_finish (FLUO_XRAY_CLIENT (source), result, &error);
  const gboolean from_vault = trace && fluo_xray_client_trace_is_from_vault (result);
  guint generation = reading->generation;

  g_weak_ref_clear (&reading->page);
  g_free (reading);
  if (self == NULL || generation != self->reader.generation)
    return;

  self->reader.reading = FALSE;
  self->reader.from_vault = from_vault;
  if (trace != NULL)
    {
      fluo_trace_page_show_trace (self, trace);
      read_again_later (self, trace);
    }
  else if (self->trace != NULL && g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    g_debug ("what may still come of the trace is not worth more than the budget");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_failure (self, error);
}

static gboolean
placeholder_cb (gpointer user_data)
{
  FluoTracePage *self = user_data;

  self->reader.placeholder_source = 0;
  gtk_stack_set_visible_child_name (self->stack, "loading");

  return G_SOURCE_REMOVE;
}

void
fluo_trace_page_read (FluoTracePage *self)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;
  Reading *reading;

  if (self->from_file)
    return;

  g_cancellable_cancel (self->reader.cancellable);
  g_clear_object (&self->reader.cancellable);
  self->reader.generation++;
  if (client == NULL)
    {
      g_autoptr (GError) error =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("not connected"));

      show_failure (self, error);
      return;
    }

  self->reader.cancellable = g_cancellable_new ();
  self->reader.reading = TRUE;
  self->reader.stale = FALSE;
  if (self->trace == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      if (self->reader.placeholder_source == 0)
        self->reader.placeholder_source = g_timeout_add (PLACEHOLDER_MS, placeholder_cb, self);
    }
  reading = g_new0 (Reading, 1);
  reading->generation = self->reader.generation;
  g_weak_ref_init (&reading->page, self);
  fluo_xray_client_get_trace_async (client, &self->id, self->reader.cancellable, read_cb, reading);
}

static void
store_changed_cb (FluoTracePage *self)
{
  self->reader.stale = TRUE;
}

static void
explorer_state_cb (FluoTracePage *self)
{
  fluo_trace_page_update_live (self);
  /* A page that could not read because nobody answered tries as soon as somebody does. */
  if (self->trace == NULL && !self->reader.reading && !self->from_file &&
      fluo_explorer_get_client (self->explorer) != NULL &&
      fluo_explorer_get_state (self->explorer) == FLUO_EXPLORER_CONNECTED &&
      g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "failed") == 0 &&
      self->reader.stale)
    fluo_trace_page_read (self);
  else if (fluo_explorer_get_state (self->explorer) != FLUO_EXPLORER_CONNECTED)
    self->reader.stale = TRUE;
}

/* Flame graph and panel take theirs from the waterfall's rows. */
static void
colors_changed_cb (FluoTracePage *self)
{
  fluo_waterfall_view_update_colors (self->waterfall);
  gtk_widget_queue_draw (GTK_WIDGET (self->flame));
  fluo_span_panel_update_colors (self->panel);
}

void
fluo_trace_page_follow_explorer (FluoTracePage *self)
{
  g_signal_connect_object (fluo_explorer_get_kept (self->explorer), "changed",
                           G_CALLBACK (fluo_trace_page_update_kept), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "summaries-changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "graph-changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "state-changed", G_CALLBACK (explorer_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "colors-changed", G_CALLBACK (colors_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
