/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

/* What is usual for each service: the hours just before the range that is shown. One read of the
 * graph, which any server answers; as the range moves on live, it is read again now and then. */

/* As much as X-Ray gives in one answer. */
#define USUAL_NS (6 * 60 * FLUO_NSEC_PER_MIN)
/* By how much the shown range may move before it is read again. */
#define MOVED_MIN_NS (10 * FLUO_NSEC_PER_MIN)

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (FluoMapPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoServiceGraph) graph =
    fluo_xray_client_get_service_graph_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoServiceGraph) folded = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->usual.cancellable);
  /* Hours without traces say nothing of how many there are in a minute. */
  if (graph)
    self->usual.span.begin_ns = MAX (self->usual.span.begin_ns, graph->span.begin_ns);
  /* It only adds to the map, and is asked for again as time goes on. */
  if (error)
    g_debug ("what is usual could not be read: %s", error->message);
  else if (graph->nodes->len > 0)
    folded = fluo_service_graph_fold (graph);
  fluo_map_area_set_usual (self->area, folded, self->usual.span);
}

void
fluo_map_page_follow_usual (FluoMapPage *self)
{
  const FluoTimeSpan shown = fluo_explorer_get_span (self->explorer);
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  const FluoTimeSpan span = { shown.begin_ns - USUAL_NS, shown.begin_ns };
  const gint64 moved = ABS (span.end_ns - self->usual.span.end_ns);

  if (!client || !fluo_explorer_get_graph (self->explorer))
    return;
  if (client == self->usual.client && moved < MOVED_MIN_NS)
    return;
  if (client != self->usual.client)
    fluo_map_area_set_usual (self->area, NULL, span);
  g_cancellable_cancel (self->usual.cancellable);
  g_clear_object (&self->usual.cancellable);
  self->usual.cancellable = g_cancellable_new ();
  self->usual.client = client;
  self->usual.span = span;
  fluo_xray_client_get_service_graph_async (client, span, self->usual.cancellable, read_cb,
                                            g_object_ref (self));
}
