/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-editor-private.h"

#include "fluo-query-parameters.h"

/* The text that completion is for: what is read of it, where it is, what is put into it. */

static char *
completion_dup_text (gpointer data, guint *ret_cursor)
{
  FluoFilterEditor *self = data;

  *ret_cursor = fluo_filter_editor_get_cursor (self);
  return fluo_query_parameters_blank (self->text);
}

static void
completion_get_place (gpointer data, guint byte, GdkRectangle *ret_place)
{
  FluoFilterEditor *self = data;
  GtkTextView *view = GTK_TEXT_VIEW (self->view);
  GtkTextIter iter;
  double x;
  double y;

  gtk_text_buffer_get_iter_at_offset (GTK_TEXT_BUFFER (self->buffer), &iter,
                                      g_utf8_pointer_to_offset (self->text, self->text + byte));
  gtk_text_view_get_iter_location (view, &iter, ret_place);
  ret_place->width = 1;
  gtk_text_view_buffer_to_window_coords (view, GTK_TEXT_WINDOW_WIDGET, ret_place->x, ret_place->y,
                                         &ret_place->x, &ret_place->y);
  if (gtk_widget_translate_coordinates (self->view, GTK_WIDGET (self), ret_place->x, ret_place->y,
                                        &x, &y))
    {
      ret_place->x = x;
      ret_place->y = y;
    }
}

void
fluo_filter_editor_replace (FluoFilterEditor *self, FluoFilterRange range, const char *text)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_iter_at_offset (
      buffer, &start, g_utf8_pointer_to_offset (self->text, self->text + range.start));
  gtk_text_buffer_get_iter_at_offset (
      buffer, &end, g_utf8_pointer_to_offset (self->text, self->text + range.end));
  gtk_text_buffer_begin_user_action (buffer);
  self->setting = TRUE;
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  self->setting = FALSE;
  gtk_text_buffer_end_user_action (buffer);
  gtk_text_buffer_place_cursor (buffer, &start);
}

static void
completion_insert (gpointer data, FluoFilterRange range, const char *text, guint cursor)
{
  fluo_filter_editor_replace (data, range, text);
  fluo_filter_editor_place_cursor (data, range.start + cursor);
}

const FluoCompletionHost fluo_filter_editor_host = {
  .dup_text = completion_dup_text,
  .get_place = completion_get_place,
  .insert = completion_insert,
};
