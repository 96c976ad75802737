/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-waterfall-view-private.h"

/* Finding in the trace. */

void
fluo_waterfall_view_search (FluoWaterfallView *self)
{
  g_clear_pointer (&self->found, g_array_unref);
  if (self->rows != NULL && self->find != NULL)
    self->found = fluo_waterfall_find (fluo_waterfall_rows_get_trace (self->rows), self->lines,
                                       self->find);
  else
    self->found = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallFound));
  self->view.found = self->found;
}

static guint32
get_span (FluoWaterfallView *self, guint index)
{
  return index < self->found->len
           ? g_array_index (self->found, FluoWaterfallFound, index).span
           : FLUO_SPAN_NONE;
}

static void
go_to_found (FluoWaterfallView *self, guint index)
{
  guint32 span = get_span (self, index);

  self->view.find_current = span;
  fluo_waterfall_view_select (self, span);
  g_signal_emit_by_name (self, "found-changed");
}

void
fluo_waterfall_view_set_find (FluoWaterfallView *self, const char *text)
{
  guint at;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (text != NULL && *text == '\0')
    text = NULL;
  if (g_strcmp0 (text, self->find) == 0)
    return;

  g_free (self->find);
  self->find = g_strdup (text);
  self->view.find = self->find;
  self->view.find_current = FLUO_SPAN_NONE;
  fluo_waterfall_view_search (self);
  if (self->found->len > 0)
    {
      at = self->view.selected == FLUO_SPAN_NONE
             ? 0
             : fluo_waterfall_found_from (self->found, self->view.selected);
      go_to_found (self, at < self->found->len ? at : 0);
      return;
    }
  fluo_waterfall_view_changed (self);
  g_signal_emit_by_name (self, "found-changed");
}

void
fluo_waterfall_view_find_step (FluoWaterfallView *self, int step)
{
  guint32 from;
  guint at, n;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  n = self->found->len;
  if (n == 0)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }

  from = self->view.selected != FLUO_SPAN_NONE ? self->view.selected : 0;
  at = fluo_waterfall_found_from (self->found, from);
  if (step > 0)
    at += self->view.selected != FLUO_SPAN_NONE && get_span (self, at) == from;
  else
    at = at + n - 1;
  go_to_found (self, at % n);
}

void
fluo_waterfall_view_get_found (FluoWaterfallView *self, guint *ret_position, guint *ret_n)
{
  guint at;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  at = fluo_waterfall_found_from (self->found, self->view.selected);
  *ret_position =
    self->view.selected != FLUO_SPAN_NONE && get_span (self, at) == self->view.selected ? at + 1
                                                                                         : 0;
  *ret_n = self->found->len;
}

GArray *
fluo_waterfall_view_get_matches (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), NULL);

  return self->found;
}

void
fluo_waterfall_view_set_lines (FluoWaterfallView *self, FluoTraceLines *lines)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (lines == self->lines)
    return;

  if (lines != NULL)
    fluo_trace_lines_ref (lines);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  self->lines = lines;
  if (self->rows != NULL)
    fluo_waterfall_rows_set_lines (self->rows, lines);
  fluo_waterfall_view_search (self);
  fluo_waterfall_view_changed (self);
  g_signal_emit_by_name (self, "found-changed");
}
