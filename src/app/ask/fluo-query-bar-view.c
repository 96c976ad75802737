/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-bar-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "fluo-filter-style.h"
#include "fluo-query-history-popover.h"
#include "fluo-query-text.h"
#include "fluo-saved-popover.h"

/* Under these the bar folds (design: narrower windows). */
#define FOLD_PX 860
#define FOLD_RUN_PX 720
#define FOLD_COUNT_PX 600
#define TINY_PX 480
#define PULSE_MS 120

/* --- Parts ------------------------------------------------------------------------------- */

static GtkWidget *
make_icon_button (const char *icon, const char *action, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

/* A button with a list under it. */
static GtkWidget *
make_menu_button (const char *icon, const char *text, const char *tooltip, GtkWidget *popover)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, text ? 6 : 4);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("fluoroscope-down-symbolic");

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  if (text)
    gtk_box_append (GTK_BOX (box), gtk_label_new (text));
  gtk_image_set_pixel_size (GTK_IMAGE (arrow), 11);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_menu_button_set_child (GTK_MENU_BUTTON (button), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
make_field (FluoQueryBar *self)
{
  GtkWidget *field = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *expand = make_icon_button ("fluoroscope-down-symbolic", "query.expand",
                                        _("Open the editor (Ctrl+Enter)"));
  GtkWidget *entry;

  gtk_widget_add_css_class (field, "query-field");
  self->field = field;
  self->icon = gtk_image_new_from_icon_name ("fluoroscope-filter-symbolic");
  /* An entry, though it looks like none: a text alone is hidden from screen readers. */
  entry = gtk_entry_new ();
  self->text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (entry)));
  gtk_text_set_placeholder_text (GTK_TEXT (self->text), _("Filter, or words to look for"));
  gtk_text_set_input_hints (GTK_TEXT (self->text),
                            GTK_INPUT_HINT_NO_SPELLCHECK | GTK_INPUT_HINT_NO_EMOJI);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Filter or search"), -1);
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->count, PANGO_ELLIPSIZE_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "query-count");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  self->clear = make_icon_button ("fluoroscope-close-symbolic", "query.clear",
                                  _("Clear the filter"));
  gtk_widget_set_visible (self->clear, FALSE);
  gtk_box_append (GTK_BOX (field), self->icon);
  gtk_box_append (GTK_BOX (field), entry);
  gtk_box_append (GTK_BOX (field), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (field), self->clear);
  gtk_box_append (GTK_BOX (field), expand);
  return field;
}

static GtkWidget *
make_run (void)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-play-symbolic");

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 12);
  gtk_box_append (GTK_BOX (content), icon);
  gtk_box_append (GTK_BOX (content), gtk_label_new (_("Run")));
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "query-run");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "query.run");
  gtk_widget_set_tooltip_text (button, _("Run the filter (Enter)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Run"), -1);
  return button;
}

void
fluo_query_bar_build (FluoQueryBar *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (self->row, "query-bar");
  self->star = make_menu_button ("fluoroscope-star-symbolic", NULL, _("Saved filters"),
                                 fluo_saved_popover_new (self->explorer));
  gtk_widget_add_css_class (self->star, "query-star");
  /* A list centred below it would hang over the window's edge. */
  gtk_widget_set_halign (
      GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->star))), GTK_ALIGN_START);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), make_field (self));
  gtk_widget_set_hexpand (overlay, TRUE);
  /* The thin line at the field's lower edge while something is read. */
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_valign (self->progress, GTK_ALIGN_END);
  gtk_widget_add_css_class (self->progress, "osd");
  gtk_widget_set_visible (self->progress, FALSE);
  gtk_widget_set_can_target (self->progress, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->progress);
  self->run = make_run ();
  gtk_box_append (GTK_BOX (self->row), self->star);
  gtk_box_append (GTK_BOX (self->row), overlay);
  gtk_box_append (GTK_BOX (self->row), self->run);
  gtk_box_append (GTK_BOX (self->box), self->row);

  self->editor = fluo_filter_editor_new (self->explorer);
  self->history_button = make_menu_button ("fluoroscope-history-symbolic", _("History"),
                                           _("Filters that were run"),
                                           fluo_query_history_popover_new (self->explorer));
  self->saved_button = make_menu_button ("fluoroscope-star-symbolic", _("Saved"),
                                         _("Saved filters"),
                                         fluo_saved_popover_new (self->explorer));
  fluo_filter_editor_add_button (FLUO_FILTER_EDITOR (self->editor), self->history_button);
  fluo_filter_editor_add_button (FLUO_FILTER_EDITOR (self->editor), self->saved_button);
  gtk_widget_set_visible (self->editor, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->editor);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

/* --- Following the state ----------------------------------------------------------------- */

void
fluo_query_bar_color_field (FluoQueryBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->text));
  gboolean filter = fluo_query_text_get_kind (text, NULL) == FLUO_QUERY_EXPRESSION;
  g_autoptr (PangoAttrList) attributes = filter ? fluo_filter_style_dup_attributes (text) : NULL;

  gtk_text_set_attributes (GTK_TEXT (self->text), attributes);
  if (filter)
    gtk_widget_add_css_class (self->text, "monospace");
  else
    gtk_widget_remove_css_class (self->text, "monospace");
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), *text && !filter
                                                            ? "fluoroscope-find-symbolic"
                                                            : "fluoroscope-filter-symbolic");
}

/* "scanning 14:24 to 14:32, 61 so far" */
static char *
dup_scanning (FluoQueryBar *self)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  FluoTimeSpan span = progress->span;
  g_autofree char *range = NULL;
  g_autofree char *found = fluo_format_count (progress->stale ? 0 : progress->n_matching);

  if (progress->gaps->len > 0)
    {
      FluoTimeSpan gap = g_array_index (progress->gaps, FluoTimeSpan, 0);

      if (gap.end_ns < span.end_ns)
        span.begin_ns = gap.end_ns;
    }
  range = fluo_format_range (span, NULL);
  return g_strdup_printf (_("scanning %s, %s so far"), range, found);
}

void
fluo_query_bar_show_count (FluoQueryBar *self, guint matching, guint total, gboolean narrowed)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  g_autofree char *shown = fluo_format_count (matching);
  g_autofree char *all = fluo_format_count (total);
  g_autofree char *text = NULL;

  if (progress->running && progress->scanned_ns < fluo_time_span_length (progress->span))
    {
      g_autofree char *scanning = dup_scanning (self);

      gtk_label_set_text (self->count, scanning);
      return;
    }
  if (narrowed)
    text = g_strdup_printf (ngettext ("<b>%s</b> of %s trace", "<b>%s</b> of %s traces", total),
                            shown, all);
  else
    text = g_strdup_printf (ngettext ("<b>%s</b> trace", "<b>%s</b> traces", total), all);
  /* Markup made of numbers and translated words alone. */
  gtk_label_set_markup (self->count, text);
}

static gboolean
pulse_cb (gpointer data)
{
  FluoQueryBar *self = data;

  gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->progress));
  return G_SOURCE_CONTINUE;
}

static void
set_run (FluoQueryBar *self, gboolean running)
{
  fluo_filter_editor_show_running (self->run, running);
  gtk_widget_set_tooltip_text (self->run, running ? _("Stop reading")
                                                  : _("Run the filter (Enter)"));
  fluo_filter_editor_set_running (FLUO_FILTER_EDITOR (self->editor), running);
}

void
fluo_query_bar_show_progress (FluoQueryBar *self)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  gboolean asking = progress->running;
  gboolean reading = asking
                     || (fluo_explorer_is_loading (self->explorer)
                         && fluo_explorer_get_summaries (self->explorer)->len > 0);
  gint64 length = fluo_time_span_length (progress->span);
  gboolean known = asking && progress->scanned_ns > 0 && length > 0;

  gtk_widget_set_visible (self->progress, reading);
  if (known)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                   CLAMP (progress->scanned_ns / (double) length, 0, 1));
  if (reading && !known && self->pulse_id == 0)
    self->pulse_id = g_timeout_add (PULSE_MS, pulse_cb, self);
  else if (!reading || known)
    g_clear_handle_id (&self->pulse_id, g_source_remove);
  set_run (self, asking && *fluo_explorer_get_filter (self->explorer));
}

static void
set_label_visible (GtkWidget *button, gboolean visible)
{
  GtkWidget *box = gtk_menu_button_get_child (GTK_MENU_BUTTON (button));

  gtk_widget_set_visible (gtk_widget_get_next_sibling (gtk_widget_get_first_child (box)), visible);
}

void
fluo_query_bar_fold (FluoQueryBar *self)
{
  gboolean narrow = self->width > 0 && self->width < FOLD_PX;
  gboolean tiny = self->width > 0 && self->width < TINY_PX;

  gtk_widget_set_visible (self->run, !(self->width > 0 && self->width < FOLD_RUN_PX));
  gtk_widget_set_visible (GTK_WIDGET (self->count),
                          !(self->width > 0 && self->width < FOLD_COUNT_PX));
  set_label_visible (self->history_button, !tiny);
  set_label_visible (self->saved_button, !tiny);
  fluo_filter_editor_set_narrow (FLUO_FILTER_EDITOR (self->editor), narrow, tiny);
}
