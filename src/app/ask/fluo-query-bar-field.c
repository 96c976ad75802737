/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-bar-private.h"

#include <string.h>

#include "fluo-query-parameters.h"
#include "fluo-query-text.h"

/* Typing in the one-line field: words that are looked for meanwhile, keys, proposals. */

/* Typing is searched for after a short pause. */
#define WORDS_DELAY_MS 120

/* Half of a keyword is no word to look for yet. */
static gboolean
is_beginning (const char *text)
{
  gsize length = strlen (text);
  g_autoptr (FluoFilterCompletion) completion = fluo_filter_complete (text, -1, length, NULL, 0);

  for (guint i = 0; i < completion->proposals->len; i++)
    {
      const FluoFilterProposal *proposal = g_ptr_array_index (completion->proposals, i);

      /* Conditions and values are proposed for any words. */
      if ((proposal->kind == FLUO_PROPOSAL_KEYWORD || proposal->kind == FLUO_PROPOSAL_FORM)
          && proposal->range.start == 0
          && g_ascii_strncasecmp (proposal->insert, text, length) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
words_cb (gpointer data)
{
  FluoQueryBar *self = data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->text));
  FluoTraceId id;

  self->words_id = 0;
  if (fluo_query_bar_open_address (self, text))
    return G_SOURCE_REMOVE;
  switch (fluo_query_text_get_kind (text, &id))
    {
    case FLUO_QUERY_TRACE:
      fluo_query_bar_open_trace (self, &id);
      break;
    case FLUO_QUERY_WORDS:
      if (!*fluo_explorer_get_filter (self->explorer) && !is_beginning (text))
        fluo_query_bar_apply (self, text);
      break;
    case FLUO_QUERY_EMPTY:
      if (!*fluo_explorer_get_filter (self->explorer))
        fluo_query_bar_apply (self, "");
      break;
    case FLUO_QUERY_EXPRESSION:
    default:
      /* What was found on the way to it is not what is meant. */
      if (*self->words)
        fluo_query_bar_apply (self, "");
      break;
    }
  return G_SOURCE_REMOVE;
}

static void
text_changed_cb (FluoQueryBar *self)
{
  fluo_query_bar_color_field (self);
  fluo_query_bar_update_dirty (self);
  if (self->setting)
    return;
  g_clear_handle_id (&self->words_id, g_source_remove);
  self->words_id = g_timeout_add (WORDS_DELAY_MS, words_cb, self);
  fluo_filter_completion_list_typed (self->completion);
}

static void
position_changed_cb (FluoQueryBar *self)
{
  if (!self->setting)
    fluo_filter_completion_list_moved (self->completion);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FluoQueryBar *self)
{
  GdkModifierType held = state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK);
  gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter;

  if (fluo_filter_completion_list_key (self->completion, keyval, held))
    return GDK_EVENT_STOP;
  if (enter && held == 0)
    gtk_widget_activate_action (GTK_WIDGET (self), "query.run", NULL);
  else if (enter && (held == GDK_CONTROL_MASK || held == GDK_SHIFT_MASK))
    fluo_query_bar_set_expanded (self, TRUE);
  else if (keyval == GDK_KEY_Escape && held == 0)
    {
      /* Words go, as in any search; a filter is work, and stays until it is cleared. */
      if (fluo_query_text_get_kind (gtk_editable_get_text (GTK_EDITABLE (self->text)), NULL)
          == FLUO_QUERY_WORDS)
        fluo_query_bar_set_query (self, "");
      else
        gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-page", NULL);
    }
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
focus_left_cb (FluoQueryBar *self)
{
  fluo_filter_completion_list_close (self->completion);
}

static char *
completion_dup_text (gpointer data, guint *ret_cursor)
{
  FluoQueryBar *self = data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->text));
  int position = gtk_editable_get_position (GTK_EDITABLE (self->text));

  *ret_cursor = g_utf8_offset_to_pointer (text, position) - text;
  return fluo_query_parameters_blank (text);
}

static void
completion_get_place (gpointer data, guint byte, GdkRectangle *ret_place)
{
  FluoQueryBar *self = data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->text));
  graphene_rect_t cursor;
  double x = 0;
  double y = 0;

  gtk_text_compute_cursor_extents (GTK_TEXT (self->text),
                                   g_utf8_pointer_to_offset (text, text + byte), &cursor, NULL);
  gtk_widget_translate_coordinates (self->text, GTK_WIDGET (self), cursor.origin.x,
                                    cursor.origin.y, &x, &y);
  *ret_place = (GdkRectangle) { x, y, 1, cursor.size.height + 6 };
}

static void
completion_insert (gpointer data, FluoFilterRange range, const char *text, guint cursor)
{
  FluoQueryBar *self = data;
  GtkEditable *editable = GTK_EDITABLE (self->text);
  const char *before = gtk_editable_get_text (editable);
  int start = g_utf8_pointer_to_offset (before, before + range.start);
  int end = g_utf8_pointer_to_offset (before, before + range.end);
  int position = start;

  gtk_editable_delete_text (editable, start, end);
  gtk_editable_insert_text (editable, text, -1, &position);
  gtk_editable_set_position (editable,
                             start + g_utf8_pointer_to_offset (text, text + MIN (cursor,
                                                                                 strlen (text))));
}

static const FluoCompletionHost completion_host = {
  .dup_text = completion_dup_text,
  .get_place = completion_get_place,
  .insert = completion_insert,
};

void
fluo_query_bar_follow_field (FluoQueryBar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->completion = fluo_filter_completion_list_new (GTK_WIDGET (self), self->explorer,
                                                      &completion_host, self);
  g_signal_connect_object (self->text, "changed", G_CALLBACK (text_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->text, "notify::cursor-position", G_CALLBACK (position_changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, 0);
  gtk_widget_add_controller (self->text, keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (focus_left_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->text, focus);
}
