/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-editor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-filter-completion.h"
#include "fluo-filter-style.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"

/* The text scrolls beyond; and so much of it is shown however low the window is. */
#define TEXT_HEIGHT_PX 280
#define TEXT_HEIGHT_MIN_PX 160

enum
{
  SIGNAL_CHANGED,
  SIGNAL_RUN,
  SIGNAL_LEAVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoFilterEditor, fluo_filter_editor, GTK_TYPE_WIDGET)

/* --- Text and places --------------------------------------------------------------------- */

guint
fluo_filter_editor_get_cursor (FluoFilterEditor *self)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, gtk_text_buffer_get_insert (buffer));
  return g_utf8_offset_to_pointer (self->text, MIN (gtk_text_iter_get_offset (&iter),
                                                    g_utf8_strlen (self->text, -1)))
         - self->text;
}

guint
fluo_filter_editor_get_line (FluoFilterEditor *self, guint byte)
{
  guint line = 0;

  for (guint i = 0; i < byte && self->text[i]; i++)
    line += self->text[i] == '\n';
  return line;
}

void
fluo_filter_editor_place_cursor (FluoFilterEditor *self, guint byte)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextIter iter;

  byte = MIN (byte, strlen (self->text));
  gtk_text_buffer_get_iter_at_offset (buffer, &iter,
                                      g_utf8_pointer_to_offset (self->text, self->text + byte));
  gtk_text_buffer_place_cursor (buffer, &iter);
  gtk_text_view_scroll_mark_onscreen (GTK_TEXT_VIEW (self->view),
                                      gtk_text_buffer_get_insert (buffer));
}

/* Lower parts of the window give way to what is being written. */
static void
update_height (FluoFilterEditor *self)
{
  int width = gtk_widget_get_width (self->view);
  int height;

  gtk_widget_measure (self->view, GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &height,
                      NULL, NULL);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller),
                                              MIN (height, TEXT_HEIGHT_MIN_PX));
}

static void
update (FluoFilterEditor *self)
{
  self->cursor_line = fluo_filter_editor_get_line (self, fluo_filter_editor_get_cursor (self));
  self->state = fluo_filter_editor_find_state (self);
  fluo_filter_editor_update_explanation (self);
  fluo_filter_editor_update_lines (self);
  fluo_filter_editor_update_foot (self);
  update_height (self);
  fluo_filter_editor_speak (self);
}

static void
read_text (FluoFilterEditor *self)
{
  g_autofree char *blank = NULL;
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  g_free (self->text);
  self->text = gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE);
  blank = fluo_query_parameters_blank (self->text);
  g_clear_pointer (&self->document, fluo_filter_document_free);
  self->document = fluo_filter_document_new (blank, -1,
                                             fluo_explorer_get_vocabulary (self->explorer, NULL,
                                                                           NULL));
}

static void
text_changed_cb (FluoFilterEditor *self)
{
  read_text (self);
  self->n_counted = 0;
  update (self);
  fluo_filter_editor_count_soon (self);
  if (!self->setting)
    fluo_filter_completion_list_typed (self->completion);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
cursor_moved_cb (FluoFilterEditor *self)
{
  guint line = fluo_filter_editor_get_line (self, fluo_filter_editor_get_cursor (self));

  if (self->setting)
    return;
  /* Another line is being typed now: what is wrong in the one before is said. */
  if (line != self->cursor_line)
    update (self);
  fluo_filter_completion_list_moved (self->completion);
}

/* --- What the user does ------------------------------------------------------------------ */

static void
replace_all (FluoFilterEditor *self, const char *text)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
}

void
fluo_filter_editor_take (FluoFilterEditor *self, guint diagnostic)
{
  const FluoFilterDiagnostic *what = fluo_filter_document_get_diagnostic (self->document,
                                                                          diagnostic);
  g_autofree char *fix = g_strdup (what->fix);

  if (!fix)
    return;
  /* In the text as it was typed, which has the parameters still. */
  fluo_filter_editor_replace (self, what->fix_range, fix);
  gtk_widget_grab_focus (self->view);
}

gboolean
fluo_filter_editor_take_fix (FluoFilterEditor *self)
{
  guint line;
  guint found = G_MAXUINT;

  g_return_val_if_fail (FLUO_IS_FILTER_EDITOR (self), FALSE);
  line = fluo_filter_editor_get_line (self, fluo_filter_editor_get_cursor (self));
  for (guint i = 0; i < fluo_filter_document_get_n_diagnostics (self->document); i++)
    {
      const FluoFilterDiagnostic *diagnostic = fluo_filter_document_get_diagnostic (self->document,
                                                                                    i);
      gboolean here = fluo_filter_editor_get_line (self, diagnostic->range.start) == line;

      if (diagnostic->fix && (here || found == G_MAXUINT))
        {
          found = i;
          if (here)
            break;
        }
    }
  if (found == G_MAXUINT)
    return FALSE;
  fluo_filter_editor_take (self, found);
  return TRUE;
}

static gboolean
is_enter (guint keyval)
{
  return keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FluoFilterEditor *self)
{
  GdkModifierType held = state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK);

  if (is_enter (keyval) && held == GDK_CONTROL_MASK)
    g_signal_emit (self, signals[SIGNAL_RUN], 0);
  else if (is_enter (keyval) && held == GDK_ALT_MASK)
    fluo_filter_editor_take_fix (self);
  else if (fluo_filter_completion_list_key (self->completion, keyval, held))
    return GDK_EVENT_STOP;
  else if (keyval == GDK_KEY_Escape && held == 0)
    g_signal_emit (self, signals[SIGNAL_LEAVE], 0);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
focus_left_cb (FluoFilterEditor *self)
{
  fluo_filter_completion_list_close (self->completion);
}

/* --- Layout ------------------------------------------------------------------------------ */

/* Numbers stand in a column of 30 px, and the text begins 14 px behind it. */
static void
widen_gutter (GtkSourceView *view)
{
  GtkSourceGutter *gutter = gtk_source_view_get_gutter (view, GTK_TEXT_WINDOW_LEFT);
  GtkWidget *numbers = gtk_widget_get_first_child (GTK_WIDGET (gutter));

  if (numbers)
    gtk_widget_set_size_request (numbers, 30, -1);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 14);
}

static void
make_text (FluoFilterEditor *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkSourceView *view;

  self->buffer = gtk_source_buffer_new (NULL);
  gtk_source_buffer_set_highlight_matching_brackets (self->buffer, TRUE);
  fluo_filter_style_follow (self->buffer);
  self->view = gtk_source_view_new_with_buffer (self->buffer);
  view = GTK_SOURCE_VIEW (self->view);
  gtk_source_view_set_show_line_numbers (view, TRUE);
  gtk_source_view_set_highlight_current_line (view, TRUE);
  widen_gutter (view);
  gtk_source_view_set_auto_indent (view, FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_pixels_above_lines (GTK_TEXT_VIEW (view), 4);
  gtk_text_view_set_pixels_below_lines (GTK_TEXT_VIEW (view), 5);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 5);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 6);
  gtk_text_view_set_input_hints (GTK_TEXT_VIEW (view), GTK_INPUT_HINT_NO_SPELLCHECK
                                                           | GTK_INPUT_HINT_NO_EMOJI);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Filter"), GTK_ACCESSIBLE_PROPERTY_MULTI_LINE, TRUE, -1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  self->explanation, NULL, -1);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, 0);
  gtk_widget_add_controller (self->view, keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (focus_left_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->view, focus);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (text_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->buffer, "notify::cursor-position", G_CALLBACK (cursor_moved_cb),
                           self, G_CONNECT_SWAPPED);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->view);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller),
                                              TEXT_HEIGHT_PX);
}

static void
make_tags (FluoFilterEditor *self)
{
  self->wavy = gtk_text_buffer_create_tag (GTK_TEXT_BUFFER (self->buffer), NULL, "underline",
                                           PANGO_UNDERLINE_ERROR, NULL);
  self->hint = gtk_text_buffer_create_tag (GTK_TEXT_BUFFER (self->buffer), NULL, "underline",
                                           PANGO_UNDERLINE_ERROR, NULL);
}

static void
style_changed_cb (FluoFilterEditor *self)
{
  const FluoPalette *palette = fluo_theme_get_palette ();
  FluoColor fault = palette->status[FLUO_STATUS_FAULT].mark;
  FluoColor error = palette->status[FLUO_STATUS_ERROR].mark;

  g_object_set (self->wavy, "underline-rgba",
                &(GdkRGBA) { fault.red, fault.green, fault.blue, 1 }, NULL);
  g_object_set (self->hint, "underline-rgba",
                &(GdkRGBA) { error.red, error.green, error.blue, 1 }, NULL);
  if (self->document)
    fluo_filter_editor_update_explanation (self);
}

void
fluo_filter_editor_set_total (FluoFilterEditor *self, guint64 total, gboolean exact)
{
  g_autofree char *count = fluo_format_count (total);
  g_autofree char *text = g_strdup_printf (
      exact ? _("traces left, of %s") : _("traces left, of %s that were read"), count);

  self->n_total = total;
  gtk_label_set_text (self->total, text);
}

static void
summaries_changed_cb (FluoFilterEditor *self)
{
  guint total = fluo_explorer_get_summaries (self->explorer)->len;

  fluo_filter_editor_set_total (self, total, TRUE);
  if (self->shown)
    fluo_filter_editor_count_soon (self);
}

/* What occurs is known now, or anew: the same text may be wrong, or no more. */
static void
vocabulary_changed_cb (FluoFilterEditor *self)
{
  if (!self->shown)
    return;
  read_text (self);
  update (self);
}

static void
fluo_filter_editor_dispose (GObject *object)
{
  FluoFilterEditor *self = FLUO_FILTER_EDITOR (object);

  fluo_filter_editor_stop_counting (self);
  g_clear_handle_id (&self->measure_id, g_source_remove);
  g_clear_pointer (&self->completion, fluo_filter_completion_list_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->buffer);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_filter_editor_parent_class)->dispose (object);
}

static void
fluo_filter_editor_finalize (GObject *object)
{
  FluoFilterEditor *self = FLUO_FILTER_EDITOR (object);

  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->strips, g_ptr_array_unref);
  g_clear_pointer (&self->gaps, g_ptr_array_unref);
  g_clear_pointer (&self->document, fluo_filter_document_free);
  g_free (self->text);
  G_OBJECT_CLASS (fluo_filter_editor_parent_class)->finalize (object);
}

static void
fluo_filter_editor_class_init (FluoFilterEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = fluo_filter_editor_dispose;
  object_class->finalize = fluo_filter_editor_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "filtereditor");
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_RUN] = g_signal_new ("run", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 0);
  signals[SIGNAL_LEAVE] = g_signal_new ("leave", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
}

static void
fluo_filter_editor_init (FluoFilterEditor *self)
{
  self->text = g_strdup ("");
}

GtkWidget *
fluo_filter_editor_new (FluoExplorer *explorer)
{
  FluoFilterEditor *self = g_object_new (FLUO_TYPE_FILTER_EDITOR, NULL);
  AdwStyleManager *style = adw_style_manager_get_default ();

  self->explorer = g_object_ref (explorer);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->box, "filter-box");
  gtk_widget_set_overflow (self->box, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (self->box), fluo_filter_editor_make_head (self));
  make_text (self);
  make_tags (self);
  fluo_filter_editor_make_lines (self);
  gtk_box_append (GTK_BOX (self->box), self->overlay);
  gtk_box_append (GTK_BOX (self->box), fluo_filter_editor_make_foot (self));
  self->spoken = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                          GTK_ACCESSIBLE_ROLE_STATUS, "visible", FALSE, NULL));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->spoken));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->completion = fluo_filter_completion_list_new (GTK_WIDGET (self), explorer,
                                                      &fluo_filter_editor_host, self);
  read_text (self);
  style_changed_cb (self);
  update (self);
  summaries_changed_cb (self);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "summaries-changed", G_CALLBACK (summaries_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "vocabulary-changed", G_CALLBACK (vocabulary_changed_cb),
                           self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
fluo_filter_editor_add_button (FluoFilterEditor *self, GtkWidget *button)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->foot), button);
}

char *
fluo_filter_editor_dup_text (FluoFilterEditor *self)
{
  g_return_val_if_fail (FLUO_IS_FILTER_EDITOR (self), NULL);
  return g_strdup (self->text);
}

void
fluo_filter_editor_set_text (FluoFilterEditor *self, const char *text, gboolean fresh)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  if (g_str_equal (self->text, text))
    return;
  self->setting = TRUE;
  if (fresh)
    gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), text, -1);
  else
    replace_all (self, text);
  self->setting = FALSE;
  fluo_filter_completion_list_close (self->completion);
  update (self);
}

void
fluo_filter_editor_focus (FluoFilterEditor *self)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  fluo_filter_editor_place_cursor (self, strlen (self->text));
  gtk_widget_grab_focus (self->view);
}

FluoDraftState
fluo_filter_editor_get_state (FluoFilterEditor *self)
{
  g_return_val_if_fail (FLUO_IS_FILTER_EDITOR (self), FLUO_DRAFT_BLANK);
  return self->state;
}

void
fluo_filter_editor_set_running (FluoFilterEditor *self, gboolean running)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  if (self->running == running)
    return;
  self->running = running;
  fluo_filter_editor_show_running (self->run, running);
  fluo_filter_editor_update_foot (self);
}

void
fluo_filter_editor_set_narrow (FluoFilterEditor *self, gboolean narrow, gboolean tiny)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  if (self->narrow == narrow && self->tiny == tiny)
    return;
  self->narrow = narrow;
  self->tiny = tiny;
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->view), narrow ? 100 : 270);
  gtk_widget_set_visible (GTK_WIDGET (self->total), !narrow);
  gtk_widget_set_visible (self->save, !tiny);
  fluo_filter_completion_list_close (self->completion);
  update (self);
  gtk_text_view_scroll_mark_onscreen (
      GTK_TEXT_VIEW (self->view), gtk_text_buffer_get_insert (GTK_TEXT_BUFFER (self->buffer)));
}

void
fluo_filter_editor_set_shown (FluoFilterEditor *self, gboolean shown)
{
  g_return_if_fail (FLUO_IS_FILTER_EDITOR (self));
  self->shown = shown;
  if (shown)
    {
      vocabulary_changed_cb (self);
      fluo_filter_editor_count_soon (self);
    }
  else
    {
      fluo_filter_editor_stop_counting (self);
      fluo_filter_completion_list_close (self->completion);
    }
}
