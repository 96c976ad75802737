/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-editor-private.h"

#include <string.h>

#include "fluo-query-parameters.h"

/* Counting waits for a pause in typing. */
#define COUNT_DELAY_MS 200

typedef struct
{
  FluoFilterEditor *editor;
  guint conditions[FLUO_EDITOR_LINES_MAX]; /* which ones were asked for */
  guint n;
  guint n_all;
} Counting;

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Counting *counting = user_data;
  g_autoptr (FluoFilterEditor) self = counting->editor;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilterCounts) counts = fluo_explorer_count_finish (FLUO_EXPLORER (source), result,
                                                                    &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->box)
    return;
  g_clear_object (&self->count_cancellable);
  if (!counts)
    {
      g_debug ("conditions can't be counted: %s", error->message);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (self->counts); i++)
    self->counts[i] = -1;
  for (guint i = 0; i < MIN (counting->n, counts->conditions->len); i++)
    self->counts[counting->conditions[i]]
      = g_array_index (counts->conditions, FluoConditionCount, i).after;
  self->n_counted = counting->n_all;
  fluo_filter_editor_set_total (self, counts->n_traces, counts->exact && counts->complete);
  fluo_filter_editor_update_rows (self);
}

gboolean
fluo_filter_editor_asks (FluoFilterEditor *self, const FluoFilterCondition *condition)
{
  guint end = condition->range.end;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) parameters = NULL;

  /* What stands for a number ends before the name of the parameter does. */
  while (g_ascii_isalnum (self->text[end]) || self->text[end] == '_')
    end++;
  text = g_strndup (self->text + condition->range.start, end - condition->range.start);
  parameters = strchr (text, '$') ? fluo_query_parameters_find (text) : NULL;
  return parameters && parameters->len > 0;
}

static gboolean
count_cb (gpointer data)
{
  FluoFilterEditor *self = data;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) conditions = NULL;
  Counting *counting;
  guint n = MIN (fluo_filter_document_get_n_conditions (self->document), FLUO_EDITOR_LINES_MAX);

  self->count_id = 0;
  if (self->count_cancellable)
    g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
  counting = g_new0 (Counting, 1);
  for (guint i = 0; i < n; i++)
    {
      const FluoFilterCondition *condition = fluo_filter_document_get_condition (self->document, i);
      g_autofree char *text = g_strndup (self->text + condition->range.start,
                                         condition->range.end - condition->range.start);

      /* Nobody knows yet what a parameter will be. */
      if (!condition->valid || fluo_filter_editor_asks (self, condition))
        continue;
      counting->conditions[counting->n++] = i;
      g_strv_builder_add (builder, text);
    }
  counting->n_all = n;
  conditions = g_strv_builder_end (builder);
  if (counting->n == 0 || !fluo_explorer_get_client (self->explorer))
    {
      g_free (counting);
      return G_SOURCE_REMOVE;
    }
  counting->editor = g_object_ref (self);
  self->count_cancellable = g_cancellable_new ();
  fluo_explorer_count_async (self->explorer, (const char *const *) conditions, NULL,
                             self->count_cancellable, counted_cb, counting);
  return G_SOURCE_REMOVE;
}

void
fluo_filter_editor_count_soon (FluoFilterEditor *self)
{
  g_clear_handle_id (&self->count_id, g_source_remove);
  if (self->shown)
    self->count_id = g_timeout_add (COUNT_DELAY_MS, count_cb, self);
}

void
fluo_filter_editor_stop_counting (FluoFilterEditor *self)
{
  g_clear_handle_id (&self->count_id, g_source_remove);
  if (self->count_cancellable)
    g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
}
