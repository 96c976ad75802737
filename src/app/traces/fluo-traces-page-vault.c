/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

/* What AWS has dropped may still be in the vault: whether it has traces of the time that is shown
 * is asked when the service has none. */

/* One is enough. */
static void
found_cb (GPtrArray *summaries, guint64 processed, gpointer user_data)
{
  GCancellable *cancellable = user_data;
  FluoTracesPage *self = g_object_get_data (G_OBJECT (cancellable), "page");

  if (summaries->len == 0 || g_cancellable_is_cancelled (cancellable))
    return;
  gtk_widget_set_visible (self->empty_vault, TRUE);
  g_cancellable_cancel (cancellable);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoTracesPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = fluo_xray_client_get_trace_summaries_finish (
      FLUO_XRAY_CLIENT (source), result, &error);

  /* Found, or asked anew. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error)
    g_debug ("what the vault has is not known: %s", error->message);
  if (self->vault.client == FLUO_XRAY_CLIENT (source))
    gtk_widget_set_visible (self->empty_vault, found && found->len > 0);
}

void
fluo_traces_page_ask_vault (FluoTracesPage *self, gboolean wanted)
{
  FluoXrayClient *client = wanted ? fluo_explorer_get_client (self->explorer) : NULL;
  FluoXrayClient *vault = client ? fluo_xray_client_get_vault (client) : NULL;
  const FluoTimeSpan span = vault ? fluo_explorer_get_progress (self->explorer)->span
                                  : (FluoTimeSpan) { 0, 0 };

  if (self->vault.client == vault && fluo_time_span_equal (self->vault.span, span))
    return;
  if (self->vault.cancellable)
    g_cancellable_cancel (self->vault.cancellable);
  g_clear_object (&self->vault.cancellable);
  /* Until the answer for the next moment is there, the last one is as good. */
  if (g_set_object (&self->vault.client, vault) && self->box)
    gtk_widget_set_visible (self->empty_vault, FALSE);
  self->vault.span = span;
  if (!vault || fluo_time_span_length (span) <= 0)
    return;
  self->vault.cancellable = g_cancellable_new ();
  g_object_set_data (G_OBJECT (self->vault.cancellable), "page", self);
  fluo_xray_client_get_trace_summaries_async (vault, span, FLUO_TIME_RANGE_TRACE_ID, NULL,
                                              found_cb, self->vault.cancellable,
                                              self->vault.cancellable, asked_cb,
                                              g_object_ref (self));
}
