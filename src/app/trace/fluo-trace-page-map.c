/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-trace-page-private.h"

/* The services of the page's trace and their calls, as a map: made when somebody looks at it, in a
 * worker. What is selected there is selected in all views. */

/* [worker] */
static void
make_graph (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  FluoServiceGraph *folded;

  fluo_service_graph_add_trace (graph, task_data, 1);
  folded = fluo_service_graph_fold (graph);
  /* There are calls, but no rates. */
  folded->span = (FluoTimeSpan){ 0, 0 };
  g_task_return_pointer (task, folded, (GDestroyNotify) fluo_service_graph_unref);
}

static void
graph_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (source);
  g_autoptr (FluoServiceGraph) graph = g_task_propagate_pointer (G_TASK (result), NULL);

  if (GPOINTER_TO_UINT (user_data) != self->map_generation)
    return;
  fluo_map_area_set_graph (self->map, graph, (FluoTimeSpan){ 0, 0 },
                           self->explorer != NULL ? fluo_explorer_get_colors (self->explorer)
                                                  : NULL);
  fluo_trace_page_update_map (self);
}

void
fluo_trace_page_show_map (FluoTracePage *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->trace == NULL || self->map_of == self->trace)
    return;

  self->map_of = self->trace;
  task = g_task_new (self, NULL, graph_made_cb, GUINT_TO_POINTER (++self->map_generation));
  g_task_set_source_tag (task, fluo_trace_page_show_map);
  g_task_set_task_data (task, fluo_trace_ref (self->trace), (GDestroyNotify) fluo_trace_unref);
  g_task_run_in_thread (task, make_graph);
}

/* Of another reading: what is shown stays until the new one is there. */
void
fluo_trace_page_drop_map (FluoTracePage *self)
{
  self->map_generation++;
  self->map_of = NULL;
}

/* --- Selection -------------------------------------------------------------------------------- */

/* The node that a call belongs to. */
static gboolean
is_of (FluoTracePage *self, guint32 span, const char *name, const char *type)
{
  g_autofree char *span_name = NULL, *span_type = NULL;

  fluo_service_graph_identify (self->trace, span, &span_name, &span_type);
  /* The map folds Lambda's two entries into one node. */
  return g_strcmp0 (span_name, name) == 0 &&
         (g_strcmp0 (span_type, type) == 0 ||
          (type != NULL && g_str_has_prefix (type, "AWS::Lambda")));
}

/* A service stands for its worst call, and of those the slowest. */
static guint32
find_call (FluoTracePage *self, const char *name, const char *type)
{
  guint32 found = FLUO_SPAN_NONE;
  guint n, n_services;
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, &n);
  g_autofree guint8 *seen = NULL, *of = NULL;

  fluo_trace_get_services (self->trace, &n_services);
  seen = g_new0 (guint8, n_services + 1);
  of = g_new0 (guint8, n_services + 1);
  for (guint32 i = 0; i < n; i++)
    {
      const FluoSpan *span = &spans[i], *best = found == FLUO_SPAN_NONE ? NULL : &spans[found];

      /* Which node it is depends on the service alone. */
      if (!seen[span->service])
        of[span->service] = is_of (self, i, name, type);
      seen[span->service] = TRUE;
      if (of[span->service] &&
          (best == NULL || span->status > best->status ||
           (span->status == best->status &&
            span->end_ns - span->start_ns > best->end_ns - best->start_ns)))
        found = i;
    }
  return found;
}

static void
selected_cb (FluoTracePage *self)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->map);
  guint node = fluo_map_area_get_node (self->map);
  const guint edge = fluo_map_area_get_edge (self->map);
  const guint32 now = fluo_waterfall_view_get_selected (self->waterfall);
  const FluoGraphNode *item;
  guint32 span;

  if (graph == NULL || self->trace == NULL || self->map_of != self->trace)
    return;
  if (edge != FLUO_MAP_NONE)
    node = ((FluoGraphEdge *) g_ptr_array_index (graph->edges, edge))->to;
  if (node == FLUO_MAP_NONE)
    return;
  item = g_ptr_array_index (graph->nodes, node);
  if (now != FLUO_SPAN_NONE && is_of (self, now, item->name, item->type))
    return;
  span = find_call (self, item->name, item->type);
  if (span != FLUO_SPAN_NONE)
    fluo_waterfall_view_select (self->waterfall, span);
}

void
fluo_trace_page_update_map (FluoTracePage *self)
{
  const guint32 now = fluo_waterfall_view_get_selected (self->waterfall);
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->map);
  const guint node = fluo_map_area_get_node (self->map);
  g_autofree char *name = NULL, *type = NULL;

  if (fluo_trace_page_get_view (self) != FLUO_TRACE_VIEW_MAP || self->trace == NULL ||
      now == FLUO_SPAN_NONE || fluo_map_area_get_edge (self->map) != FLUO_MAP_NONE)
    return;
  fluo_service_graph_identify (self->trace, now, &name, &type);
  if (graph != NULL && node < graph->nodes->len &&
      g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->name, name) == 0)
    return;
  fluo_map_area_select_node (self->map, name, type);
}

static void
inspect_cb (FluoTracePage *self)
{
  gtk_widget_child_focus (GTK_WIDGET (self->panel), GTK_DIR_TAB_FORWARD);
}

GtkWidget *
fluo_trace_page_make_map (FluoTracePage *self)
{
  self->map = FLUO_MAP_AREA (fluo_map_area_new ());
  g_signal_connect_object (self->map, "selection-changed", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->map, "view-changed", G_CALLBACK (fluo_trace_page_update_tools),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->map, "inspect", G_CALLBACK (inspect_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self->map);
}
