/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-editor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-query-parameters.h"

#define BAR_PX 150
#define ROW_PX 262
#define ROW_NARROW_PX 96

/* --- Behind the lines: what is left ------------------------------------------------------ */

typedef enum
{
  ROW_NONE,
  ROW_COUNT,
  ROW_WAITING, /* the count is on its way */
  ROW_ASKED,   /* has a parameter */
  ROW_TYPING,
  ROW_WRONG
} RowState;

static GtkWidget *
make_row (void)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  /* Its number says the same. */
  GtkWidget *bar = g_object_new (GTK_TYPE_LEVEL_BAR, "accessible-role",
                                 GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  GtkWidget *icon = fluo_theme_status_image (FLUO_STATUS_FAULT);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (row, "filter-row");
  gtk_widget_add_css_class (row, "numeric");
  gtk_widget_set_halign (row, GTK_ALIGN_FILL);
  gtk_widget_set_can_target (row, FALSE);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_set_size_request (bar, BAR_PX, -1);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_widget_set_halign (bar, GTK_ALIGN_END);
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 13);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_box_append (GTK_BOX (row), bar);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), label);
  return row;
}

/* Read out alone, a number says nothing. */
static void
name_row (GtkWidget *row, GtkWidget *label, const char *number)
{
  guint line = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "line")) + 1;
  g_autofree char *name = number ? g_strdup_printf (_("Line %u: %s traces left"), line, number)
                                 : g_strdup_printf (_("Line %u: %s"), line,
                                                    gtk_label_get_text (GTK_LABEL (label)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
set_row (FluoFilterEditor *self, GtkWidget *row, RowState state, gint64 count, guint64 total)
{
  static const char *const classes[] = { "none", "count", "waiting", "asked", "typing", "wrong" };
  GtkWidget *bar = gtk_widget_get_first_child (row);
  GtkWidget *icon = gtk_widget_get_next_sibling (bar);
  GtkWidget *label = gtk_widget_get_next_sibling (icon);
  gboolean counted = state == ROW_COUNT;
  g_autofree char *number = counted ? fluo_format_count (MAX (count, 0)) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (i == state)
      gtk_widget_add_css_class (row, classes[i]);
    else
      gtk_widget_remove_css_class (row, classes[i]);
  gtk_widget_set_visible (row, state != ROW_NONE);
  gtk_widget_set_visible (bar, (counted || state == ROW_WAITING) && !self->narrow);
  gtk_widget_set_visible (icon, state == ROW_WRONG);
  gtk_widget_set_hexpand (icon, state == ROW_WRONG || self->narrow);
  gtk_widget_set_halign (icon, GTK_ALIGN_END);
  gtk_widget_set_hexpand (label, !(counted || state == ROW_WAITING) || self->narrow);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar),
                           counted && total > 0 ? MIN (1.0, MAX (0.0, count / (double) total)) : 0);
  gtk_box_set_spacing (GTK_BOX (row), state == ROW_WRONG ? 5 : 10);
  if (state == ROW_WRONG)
    gtk_widget_set_hexpand (label, FALSE);
  gtk_label_set_width_chars (GTK_LABEL (label), counted || state == ROW_WAITING ? 7 : -1);
  gtk_label_set_text (GTK_LABEL (label), counted                ? number
                                         : state == ROW_WAITING ? "…"
                                         : state == ROW_ASKED   ? _("asked for")
                                         : state == ROW_TYPING  ? _("still typing")
                                         : self->tiny           ? ""
                                                                : _("not counted"));
  name_row (row, label, number);
}

static GtkWidget *
ensure_row (FluoFilterEditor *self, guint line)
{
  while (self->rows->len <= line)
    {
      GtkWidget *row = make_row ();

      g_object_set_data (G_OBJECT (row), "line", GUINT_TO_POINTER (self->rows->len));
      gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), row);
      gtk_overlay_set_clip_overlay (GTK_OVERLAY (self->overlay), row, TRUE);
      g_ptr_array_add (self->rows, row);
    }
  return g_ptr_array_index (self->rows, line);
}

/* The condition whose end is on that line, the last of them. */
static guint
find_ending (FluoFilterEditor *self, guint line)
{
  guint n = fluo_filter_document_get_n_conditions (self->document);
  guint found = G_MAXUINT;

  for (guint i = 0; i < n; i++)
    if (fluo_filter_document_get_condition (self->document, i)->last_line == line)
      found = i;
  return found;
}

void
fluo_filter_editor_update_rows (FluoFilterEditor *self)
{
  guint n_lines = gtk_text_buffer_get_line_count (GTK_TEXT_BUFFER (self->buffer));
  guint cursor = fluo_filter_editor_get_cursor (self);
  guint typing = fluo_filter_document_is_typing (self->document, cursor)
                     ? fluo_filter_document_find_condition (self->document, cursor)
                     : G_MAXUINT - 1;
  gboolean speaks = self->state != FLUO_DRAFT_WORDS && self->state != FLUO_DRAFT_BLANK;

  for (guint line = 0; line < MAX (MIN (n_lines, FLUO_EDITOR_LINES_MAX), self->rows->len); line++)
    {
      guint index = line < n_lines && speaks ? find_ending (self, line) : G_MAXUINT;
      const FluoFilterCondition *condition = NULL;
      RowState state = ROW_NONE;

      if (index == G_MAXUINT && line >= self->rows->len)
        continue;
      if (index != G_MAXUINT)
        condition = fluo_filter_document_get_condition (self->document, index);
      if (index != G_MAXUINT && index == typing)
        state = ROW_TYPING;
      else if (condition && !condition->valid)
        state = ROW_WRONG;
      else if (condition && fluo_filter_editor_asks (self, condition))
        state = ROW_ASKED;
      else if (condition)
        state = index < self->n_counted && self->counts[index] >= 0 ? ROW_COUNT : ROW_WAITING;
      set_row (self, ensure_row (self, line), state,
               state == ROW_COUNT ? self->counts[index] : 0, self->n_total);
    }
}

/* --- Under the lines: what is wrong ------------------------------------------------------ */

static void
fix_clicked_cb (GtkButton *button, FluoFilterEditor *self)
{
  fluo_filter_editor_take (
      self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "diagnostic")));
}

static GtkWidget *
make_fix_button (FluoFilterEditor *self, guint index, const FluoFilterDiagnostic *diagnostic)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *keys = gtk_label_new (_("Alt Enter"));
  const char *action = diagnostic->action ? diagnostic->action : _("Fix it");
  GtkWidget *label = gtk_label_new (action);

  gtk_widget_add_css_class (keys, "key-cap");
  gtk_widget_set_visible (keys, !self->narrow);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (content), label);
  gtk_box_append (GTK_BOX (content), keys);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "small-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _("Alt+Enter"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, action,
                                  GTK_ACCESSIBLE_PROPERTY_KEY_SHORTCUTS, "Alt+Return", -1);
  g_object_set_data (G_OBJECT (button), "diagnostic", GUINT_TO_POINTER (index));
  g_signal_connect_object (button, "clicked", G_CALLBACK (fix_clicked_cb), self, 0);
  return button;
}

static GtkWidget *
make_strip (FluoFilterEditor *self, guint index, const FluoFilterDiagnostic *diagnostic)
{
  GtkWidget *strip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (NULL);
  g_autoptr (FluoSentence) sentence = fluo_filter_diagnostic_to_sentence (diagnostic);

  gtk_widget_add_css_class (strip, "filter-strip");
  gtk_widget_add_css_class (strip, diagnostic->hint ? "hint" : "wrong");
  fluo_filter_editor_set_sentence (GTK_LABEL (label), sentence, G_MAXUINT);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (strip), label);
  if (diagnostic->fix)
    gtk_box_append (GTK_BOX (strip), make_fix_button (self, index, diagnostic));
  return strip;
}

static void
remove_strips (FluoFilterEditor *self)
{
  GtkTextTagTable *table = gtk_text_buffer_get_tag_table (GTK_TEXT_BUFFER (self->buffer));

  for (guint i = 0; i < self->strips->len; i++)
    gtk_overlay_remove_overlay (GTK_OVERLAY (self->overlay),
                                g_ptr_array_index (self->strips, i));
  g_ptr_array_set_size (self->strips, 0);
  for (guint i = 0; i < self->gaps->len; i++)
    gtk_text_tag_table_remove (table, g_ptr_array_index (self->gaps, i));
  g_ptr_array_set_size (self->gaps, 0);
}

static int
measure_strip (FluoFilterEditor *self, GtkWidget *strip)
{
  int width = gtk_widget_get_width (self->overlay);
  int height;

  gtk_widget_measure (strip, GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &height, NULL,
                      NULL);
  return height;
}

/* Makes room under the line. */
static void
add_gap (FluoFilterEditor *self, guint line, int height)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  GtkTextTag *tag = gtk_text_buffer_create_tag (
      buffer, NULL, "pixels-below-lines",
      height + gtk_text_view_get_pixels_below_lines (GTK_TEXT_VIEW (self->view)), NULL);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_iter_at_line (buffer, &start, line);
  end = start;
  gtk_text_iter_forward_line (&end);
  gtk_text_buffer_apply_tag (buffer, tag, &start, &end);
  g_ptr_array_add (self->gaps, tag);
}

static void
underline (FluoFilterEditor *self, const FluoFilterDiagnostic *diagnostic)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  FluoFilterRange range = diagnostic->range;
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_iter_at_offset (buffer, &start,
                                      g_utf8_pointer_to_offset (self->text,
                                                                self->text + range.start));
  gtk_text_buffer_get_iter_at_offset (buffer, &end,
                                      g_utf8_pointer_to_offset (self->text,
                                                                self->text + range.end));
  /* What is missing has no letters of its own; the one before shows where. */
  if (gtk_text_iter_equal (&start, &end) && !gtk_text_iter_starts_line (&start))
    gtk_text_iter_backward_char (&start);
  gtk_text_buffer_apply_tag (buffer, diagnostic->hint ? self->hint : self->wavy, &start, &end);
}

static void
update_strips (FluoFilterEditor *self)
{
  GtkTextIter start;
  GtkTextIter end;
  guint n = fluo_filter_document_get_n_diagnostics (self->document);
  guint cursor = fluo_filter_editor_get_cursor (self);
  guint cursor_line = fluo_filter_editor_get_line (self, cursor);
  guint last = G_MAXUINT;

  remove_strips (self);
  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  gtk_text_buffer_remove_tag (GTK_TEXT_BUFFER (self->buffer), self->wavy, &start, &end);
  gtk_text_buffer_remove_tag (GTK_TEXT_BUFFER (self->buffer), self->hint, &start, &end);
  if (self->state == FLUO_DRAFT_WORDS || self->state == FLUO_DRAFT_BLANK)
    return;
  for (guint i = 0; i < n; i++)
    {
      const FluoFilterDiagnostic *diagnostic = fluo_filter_document_get_diagnostic (self->document,
                                                                                    i);
      guint line = fluo_filter_editor_get_line (self, diagnostic->range.start);
      GtkWidget *strip;

      /* Nobody is told off for a word that is not written out. */
      if (line == cursor_line && fluo_filter_document_is_typing (self->document, cursor))
        continue;
      underline (self, diagnostic);
      if (line == last || self->strips->len >= FLUO_EDITOR_STRIPS_MAX)
        continue;
      last = line;
      strip = make_strip (self, i, diagnostic);
      g_object_set_data (G_OBJECT (strip), "line", GUINT_TO_POINTER (line));
      g_object_set_data (G_OBJECT (strip), "diagnostic", GUINT_TO_POINTER (i));
      gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), strip);
      gtk_overlay_set_clip_overlay (GTK_OVERLAY (self->overlay), strip, TRUE);
      g_ptr_array_add (self->strips, strip);
      add_gap (self, line, measure_strip (self, strip));
    }
}

void
fluo_filter_editor_update_lines (FluoFilterEditor *self)
{
  update_strips (self);
  fluo_filter_editor_update_rows (self);
}

/* --- Places ------------------------------------------------------------------------------ */

/* Where that line is in the overlay. */
static void
get_line_place (FluoFilterEditor *self, guint line, int *ret_y, int *ret_height)
{
  GtkTextView *view = GTK_TEXT_VIEW (self->view);
  GtkTextIter iter;
  int y;
  int height;
  int x;

  gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (self->buffer), &iter, line);
  gtk_text_view_get_line_yrange (view, &iter, &y, &height);
  gtk_text_view_buffer_to_window_coords (view, GTK_TEXT_WINDOW_WIDGET, 0, y, &x, ret_y);
  *ret_height = height;
}

/* Another width, other heights: never from inside an allocation. */
static gboolean
measure_cb (gpointer data)
{
  FluoFilterEditor *self = data;

  self->measure_id = 0;
  update_strips (self);
  return G_SOURCE_REMOVE;
}

static gboolean
place_cb (GtkOverlay *overlay, GtkWidget *child, GdkRectangle *place, FluoFilterEditor *self)
{
  guint line = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (child), "line"));
  int width = gtk_widget_get_width (GTK_WIDGET (overlay));
  gboolean strip = gtk_widget_has_css_class (child, "filter-strip");
  int y;
  int height;
  int natural;

  if (strip && width != self->measured_px)
    {
      self->measured_px = width;
      if (self->measure_id == 0)
        self->measure_id = g_idle_add (measure_cb, self);
    }
  get_line_place (self, line, &y, &height);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, strip ? width : -1, NULL, &natural, NULL,
                      NULL);
  if (strip)
    *place = (GdkRectangle) { 0, y + height - natural, width, natural };
  else
    {
      int px = self->narrow ? ROW_NARROW_PX : ROW_PX;
      GtkTextIter iter;
      GdkRectangle first;

      gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (self->buffer), &iter, line);
      gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self->view), &iter, &first);
      *place = (GdkRectangle) { width - px, y, px,
                                MAX (natural, first.height
                                                  + gtk_text_view_get_pixels_above_lines (
                                                      GTK_TEXT_VIEW (self->view))
                                                  + gtk_text_view_get_pixels_below_lines (
                                                      GTK_TEXT_VIEW (self->view))) };
    }
  return TRUE;
}

static void
moved_cb (FluoFilterEditor *self)
{
  gtk_widget_queue_allocate (self->overlay);
}

void
fluo_filter_editor_make_lines (FluoFilterEditor *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (
      GTK_SCROLLED_WINDOW (self->scroller));

  self->rows = g_ptr_array_new ();
  self->strips = g_ptr_array_new ();
  self->gaps = g_ptr_array_new ();
  self->overlay = gtk_overlay_new ();
  gtk_widget_set_overflow (self->overlay, GTK_OVERFLOW_HIDDEN);
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->scroller);
  g_signal_connect_object (self->overlay, "get-child-position", G_CALLBACK (place_cb), self, 0);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (moved_cb), self,
                           G_CONNECT_SWAPPED);
}
