/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-trace-page-private.h"
#include "core/fluo-trace-skew.h"

/* A trace that still runs grows once a second, whether or not something more has come of it. Only
 * its bars, its ruler and its sentence do: what stands in the panel may be read or copied. */

/* What said nothing for so long was given up, most likely. */
#define SILENT_NS (10 * FLUO_NSEC_PER_MIN)
/* More calls are not copied every second. */
#define SPANS_MAX 2000

gboolean
fluo_trace_page_is_running (FluoTrace *read, gint64 now_ns)
{
  const FluoTimeSpan extent = fluo_trace_get_extent (read);
  const guint32 root = fluo_trace_get_root (read);
  const FluoSpan *spans;
  guint n;

  spans = fluo_trace_get_spans (read, &n);

  return root < n && (spans[root].flags & FLUO_SPAN_IN_PROGRESS) && n <= SPANS_MAX &&
         now_ns > extent.begin_ns && now_ns - extent.end_ns < SILENT_NS;
}

static gboolean
second_cb (gpointer user_data)
{
  FluoTracePage *self = user_data;
  const gint64 now_ns = fluo_time_now_ns ();
  g_autoptr (FluoTrace) grown = NULL;

  if (!fluo_trace_page_is_running (self->clock.read, now_ns))
    {
      self->reader.second_source = 0;
      return G_SOURCE_REMOVE;
    }
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->waterfall)))
    return G_SOURCE_CONTINUE;

  grown = fluo_trace_extend (self->clock.read, now_ns);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  self->trace = fluo_trace_ref (grown);
  fluo_waterfall_view_take_rows (self->waterfall, fluo_waterfall_rows_new (grown),
                                 self->explorer != NULL ? fluo_explorer_get_colors (self->explorer)
                                                        : NULL);
  fluo_trace_page_update_sentence (self);
  fluo_trace_page_update_title (self);
  fluo_trace_page_update_tools (self);

  return G_SOURCE_CONTINUE;
}

void
fluo_trace_page_follow_clock (FluoTracePage *self)
{
  /* A host whose clock is wrong has its own idea of now. */
  gboolean running = self->clock.read != NULL && self->clock.skews->len == 0 &&
                     !self->from_file &&
                     fluo_trace_page_is_running (self->clock.read, fluo_time_now_ns ());

  if (running && self->reader.second_source == 0)
    self->reader.second_source = g_timeout_add (self->reader.second_ms, second_cb, self);
  else if (!running)
    g_clear_handle_id (&self->reader.second_source, g_source_remove);
}
