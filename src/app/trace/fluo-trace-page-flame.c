/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-trace-page-private.h"

/* The flame graph of the page's trace: made when somebody looks at it, in a worker. */

static void
show_selection (FluoTracePage *self)
{
  fluo_flame_view_select (self->flame, fluo_waterfall_view_get_selected (self->waterfall));
  fluo_trace_page_update_flame_found (self);
}

/* [worker] */
static void
make_flame (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, fluo_flame_new (task_data), (GDestroyNotify) fluo_flame_free);
}

static void
flame_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (source);
  FluoFlame *flame = g_task_propagate_pointer (G_TASK (result), NULL);

  if (GPOINTER_TO_UINT (user_data) != self->flame_generation)
    {
      fluo_flame_free (flame);
      return;
    }
  fluo_flame_view_take (self->flame, flame, fluo_waterfall_view_get_rows (self->waterfall));
  show_selection (self);
  fluo_trace_page_update_tools (self);
}

void
fluo_trace_page_show_flame (FluoTracePage *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->trace == NULL || self->flame_of == self->trace)
    return;

  self->flame_of = self->trace;
  task = g_task_new (self, NULL, flame_made_cb, GUINT_TO_POINTER (++self->flame_generation));
  g_task_set_source_tag (task, fluo_trace_page_show_flame);
  g_task_set_task_data (task, fluo_trace_ref (self->trace), (GDestroyNotify) fluo_trace_unref);
  g_task_run_in_thread (task, make_flame);
}

/* Of another reading: what is shown stays until the new one is there. */
void
fluo_trace_page_drop_flame (FluoTracePage *self)
{
  self->flame_generation++;
  self->flame_of = NULL;
  if (fluo_trace_page_get_view (self) != FLUO_TRACE_VIEW_FLAME)
    fluo_flame_view_take (self->flame, NULL, NULL);
}

void
fluo_trace_page_update_flame_found (FluoTracePage *self)
{
  GArray *found = fluo_waterfall_view_get_matches (self->waterfall);

  if (fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_FLAME)
    fluo_flame_view_set_found (self->flame, found, gtk_text_get_text_length (self->find) > 0);
  fluo_trace_page_update_tools (self);
}
