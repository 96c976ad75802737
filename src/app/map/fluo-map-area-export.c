/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>

/* What is on screen as a file, written by a worker. */

/* Of PNG: sharp on paper. */
#define EXPORT_SCALE 2

typedef struct
{
  FluoServiceGraph    *graph;
  FluoMapTopology     *topology;
  FluoGraphLayout     *layout;
  FluoServiceColors   *colors; /* a copy */
  FluoGraphDifference *difference;
  FluoGraphDifference *usual;
  guint8              *matching; /* or NULL */
  FluoTimeSpan         span;
  char                *filter;
  char                *path;
} Export;

static void
export_free (gpointer data)
{
  Export *job = data;

  fluo_service_graph_unref (job->graph);
  fluo_map_topology_free (job->topology);
  fluo_graph_layout_free (job->layout);
  g_object_unref (job->colors);
  g_clear_pointer (&job->difference, fluo_graph_difference_unref);
  g_clear_pointer (&job->usual, fluo_graph_difference_unref);
  g_free (job->matching);
  g_free (job->filter);
  g_free (job->path);
  g_free (job);
}

/* [worker] */
static void
export_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  Export *job = data;
  const FluoMapExport map = { job->graph,      job->topology, job->layout,   job->colors,
                              job->difference, job->usual,    job->matching, job->span,
                              job->filter };
  GError *error = NULL;

  if (fluo_map_export (&map, job->path, EXPORT_SCALE, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fluo_map_area_export_async (FluoMapArea        *self,
                            const char         *path,
                            const char         *filter,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  Export *job;

  g_return_if_fail (FLUO_IS_MAP_AREA (self) && path != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_map_area_export_async);
  if (!self->graph || !self->layout)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("there is no map yet"));
      return;
    }
  job = g_new0 (Export, 1);
  job->graph = fluo_service_graph_ref (self->graph);
  job->topology = fluo_map_topology_ref (self->topology);
  job->layout = fluo_graph_layout_ref (self->layout);
  job->colors = fluo_service_colors_copy (self->colors);
  job->difference = self->difference ? fluo_graph_difference_ref (self->difference) : NULL;
  job->usual = self->usual ? fluo_graph_difference_ref (self->usual) : NULL;
  job->matching = self->shown ? g_memdup2 (self->shown, self->graph->nodes->len) : NULL;
  job->filter = g_strdup (filter);
  job->span = self->span;
  job->path = g_strdup (path);
  g_task_set_task_data (task, job, export_free);
  g_task_run_in_thread (task, export_thread);
}

gboolean
fluo_map_area_export_finish (FluoMapArea  *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
