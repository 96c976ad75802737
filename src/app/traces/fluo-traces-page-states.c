/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>

#include "app/ask/fluo-why-nothing-view.h"
#include "app/connect/fluo-range-button.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* Nothing is shown as loading before this. */
#define LOADING_DELAY_MS 300

/* What was looked at, and what was not. */
static char *
dup_scanned (FluoTracesPage *self)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  gboolean filtered = *fluo_explorer_get_filter (self->explorer) != '\0';
  gint64 length_ns = fluo_time_span_length (progress->span);
  g_autofree char *range = fluo_format_range (fluo_explorer_get_span (self->explorer), NULL);
  g_autofree char *share = NULL;

  if (fluo_explorer_is_loading (self->explorer) || (filtered && progress->running))
    return g_strdup_printf (_("Reading %s"), range);
  if (!filtered && fluo_explorer_get_error (self->explorer))
    return g_strdup_printf (_("Not all of %s was read"), range);
  if (!filtered || progress->gaps->len == 0 || length_ns <= 0)
    return g_strdup_printf (_("All of %s scanned"), range);
  share = fluo_format_share (progress->scanned_ns / (double) length_ns);
  return g_strdup_printf (_("%s of %s scanned"), share, range);
}

/* Somebody stopped the search, or parts of it failed: there may be more. */
static gboolean
is_unfinished (FluoTracesPage *self)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);

  return *fluo_explorer_get_filter (self->explorer) != '\0' && !progress->running
         && progress->gaps->len > 0;
}

static void
update_foot (FluoTracesPage *self)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  guint total = MAX (fluo_explorer_get_summaries (self->explorer)->len, (guint) progress->n_all);
  guint counts[FLUO_N_STATUSES] = { 0 };
  const FluoBrush brush = fluo_traces_charts_get_brush (FLUO_TRACES_CHARTS (self->charts));
  guint matching = self->matching->len;
  guint selected = fluo_traces_charts_count (FLUO_TRACES_CHARTS (self->charts), counts);
  g_autofree char *all = fluo_format_count (total);
  g_autofree char *some = fluo_format_count (matching);
  g_autofree char *inside = fluo_format_count (selected);
  g_autofree char *scanned = dup_scanned (self);
  g_autofree char *text = NULL;

  if (!fluo_brush_is_empty (&brush))
    text = g_strdup_printf (_("<b>%s selected</b> of %s matching"), inside, some);
  else if (matching == total)
    text = g_strdup_printf (ngettext ("<b>%s</b> trace", "<b>%s</b> traces", total), all);
  else
    text = g_strdup_printf (ngettext ("<b>%s</b> of %s trace", "<b>%s</b> of %s traces", total),
                            some, all);
  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    {
      g_autofree char *count = fluo_format_count (counts[i]);

      gtk_label_set_text (self->foot_statuses[i], count);
      gtk_widget_set_visible (self->foot_boxes[i], counts[i] > 0);
    }
  /* Markup made of numbers and translated words alone. */
  gtk_label_set_markup (self->foot_count, text);
  gtk_label_set_text (self->foot_range, scanned);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "traces.export", selected > 0);
  gtk_widget_set_visible (self->foot_resume, is_unfinished (self));
}

static void
update_empty (FluoTracesPage *self)
{
  guint total = fluo_explorer_get_summaries (self->explorer)->len;
  gboolean narrowed = *self->text || *fluo_explorer_get_filter (self->explorer);
  gboolean unread = total == 0 && fluo_explorer_get_error (self->explorer);
  gboolean unfinished = is_unfinished (self) && !unread;
  gint64 length_ns = fluo_explorer_get_relative_ns (self->explorer);
  gint64 longer_s = 0;
  g_autofree char *all = fluo_format_count (total);
  g_autofree char *range = fluo_format_range (fluo_explorer_get_span (self->explorer), NULL);
  g_autofree char *text = NULL;

  gtk_label_set_text (self->empty_title,
                      unread                  ? _("No traces were read")
                      : unfinished            ? _("Nothing found so far")
                      : narrowed && total > 0 ? _("No traces match")
                                              : _("No traces in this time"));
  if (unread)
    text = g_strdup (_("They appear here as soon as they can be read."));
  else if (unfinished)
    text = dup_scanned (self);
  else if (narrowed && total > 0)
    text = g_strdup_printf (
        ngettext ("%s trace of %s was looked at.", "%s traces of %s were looked at.", total), all,
        range);
  else
    text = g_strdup_printf (_("Nothing was received from %s."), range);
  gtk_label_set_text (self->empty_text, text);
  gtk_widget_set_visible (self->empty_clear, narrowed);
  gtk_widget_set_visible (self->empty_resume, unfinished);
  fluo_traces_page_ask_vault (self, total == 0 && !unread && !unfinished);
  for (guint i = FLUO_N_RANGES; i-- > 0;)
    if (fluo_range_lengths_s[i] * FLUO_NSEC_PER_SEC > MAX (length_ns, 30 * FLUO_NSEC_PER_MIN))
      longer_s = fluo_range_lengths_s[i];
  gtk_widget_set_visible (self->empty_longer, longer_s > 0 && !unread && !unfinished);
  if (longer_s > 0)
    {
      g_autofree char *label = fluo_range_dup_label (longer_s * FLUO_NSEC_PER_SEC);

      gtk_button_set_label (GTK_BUTTON (self->empty_longer), label);
      g_object_set_data (G_OBJECT (self->empty_longer), "seconds", GINT_TO_POINTER ((int)longer_s));
    }
}

static gboolean
loading_late_cb (gpointer data)
{
  FluoTracesPage *self = data;
  g_autofree char *range = fluo_format_range (fluo_explorer_get_span (self->explorer), NULL);
  g_autofree char *text = g_strdup_printf (_("Reading %s…"), range);

  self->loading_id = 0;
  gtk_label_set_text (self->loading_label, text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->states), "loading");
  return G_SOURCE_REMOVE;
}

/* It is the filter, and neither words nor a service, that lets nothing through. */
static gboolean
explains (FluoTracesPage *self)
{
  return *fluo_explorer_get_filter (self->explorer) && !*self->text
         && fluo_explorer_get_matches (self->explorer)->len == 0 && !is_unfinished (self)
         && !fluo_explorer_get_progress (self->explorer)->error;
}

/* Whoever has the keyboard in the table gets it back there. */
static gboolean
has_keyboard (FluoTracesPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  return focus && gtk_widget_get_mapped (focus)
         && (focus == self->table || gtk_widget_is_ancestor (focus, self->table));
}

/* Once the table is there again, or says why not, unless the user went elsewhere meanwhile. */
static void
return_keyboard (FluoTracesPage *self)
{
  const gboolean empty = fluo_trace_list_get_items (self->list)->len == 0;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;
  const gboolean nowhere = !focus || !gtk_widget_get_mapped (focus);

  if (!self->keyboard || (empty && !self->awaits_rows))
    return;
  if (empty && nowhere)
    gtk_widget_child_focus (self->states, GTK_DIR_TAB_FORWARD);
  else if (!empty && (nowhere || (self->awaits_rows && has_keyboard (self))))
    gtk_widget_grab_focus (self->table);
  self->keyboard = self->awaits_rows = FALSE;
}

void
fluo_traces_page_update_state (FluoTracesPage *self)
{
  gboolean empty = fluo_trace_list_get_items (self->list)->len == 0;
  gboolean nothing = self->matching->len == 0;
  gboolean loading = (fluo_explorer_is_loading (self->explorer)
                      && fluo_explorer_get_summaries (self->explorer)->len == 0)
                     || (*fluo_explorer_get_filter (self->explorer)
                         && fluo_explorer_get_progress (self->explorer)->running);

  self->keyboard |= has_keyboard (self);
  if (empty && loading)
    {
      if (self->loading_id == 0
          && !g_str_equal (gtk_stack_get_visible_child_name (GTK_STACK (self->states)), "loading"))
        self->loading_id = g_timeout_add (LOADING_DELAY_MS, loading_late_cb, self);
    }
  else
    {
      g_clear_handle_id (&self->loading_id, g_source_remove);
      if (empty)
        update_empty (self);
      if (empty && explains (self))
        fluo_why_nothing_view_update (FLUO_WHY_NOTHING_VIEW (self->why));
      gtk_stack_set_visible_child_name (GTK_STACK (self->states),
                                        !empty            ? "table"
                                        : explains (self) ? "why"
                                                          : "empty");
      return_keyboard (self);
    }
  gtk_widget_set_visible (self->charts, !nothing);
  gtk_widget_set_visible (self->compare, !nothing);
  update_foot (self);
}

static void
longer_clicked_cb (GtkButton *button, FluoTracesPage *self)
{
  gint64 seconds = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "seconds"));

  fluo_explorer_set_relative (self->explorer, seconds * FLUO_NSEC_PER_SEC);
}

static void
clear_clicked_cb (FluoTracesPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.clear-search", NULL);
}

GtkWidget *
fluo_traces_page_make_empty (FluoTracesPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-find-symbolic");
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *why = gtk_button_new_with_label (_("Why is it missing?"));

  gtk_widget_set_tooltip_text (why, _("Say what became of a trace"));
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (why), "win.explain-missing::");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  gtk_widget_add_css_class (icon, "dim-label");
  self->empty_title = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->empty_title), "heading");
  self->empty_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->empty_text, TRUE);
  gtk_label_set_justify (self->empty_text, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->empty_text), "dim-label");
  self->empty_clear = gtk_button_new_with_label (_("Clear search"));
  self->empty_resume = gtk_button_new_with_label (_("Continue"));
  self->empty_longer = gtk_button_new_with_label ("");
  self->empty_vault = gtk_button_new_with_label (_("Look in the Vault"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->empty_vault), "win.open-vault");
  gtk_widget_set_tooltip_text (self->empty_vault,
                               _("What was read before, kept on this computer"));
  gtk_widget_set_visible (self->empty_vault, FALSE);
  g_signal_connect_object (self->empty_resume, "clicked", G_CALLBACK (fluo_explorer_resume),
                           self->explorer, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->empty_clear, "clicked", G_CALLBACK (clear_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->empty_longer, "clicked", G_CALLBACK (longer_clicked_cb), self, 0);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (buttons, 6);
  gtk_box_append (GTK_BOX (buttons), self->empty_resume);
  gtk_box_append (GTK_BOX (buttons), self->empty_clear);
  gtk_box_append (GTK_BOX (buttons), self->empty_longer);
  gtk_box_append (GTK_BOX (buttons), self->empty_vault);
  gtk_widget_set_halign (why, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->empty_title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->empty_text));
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_box_append (GTK_BOX (box), why);
  return box;
}

GtkWidget *
fluo_traces_page_make_loading (FluoTracesPage *self)
{
  static const int widths[] = { 420, 320, 368 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_set_spinning (GTK_SPINNER (spinner), TRUE);
  self->loading_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_box_append (GTK_BOX (head), spinner);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->loading_label));
  gtk_box_append (GTK_BOX (box), head);
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_add_css_class (bar, "placeholder-bar");
      gtk_widget_set_size_request (bar, MIN (widths[i], 420) / 2, 10);
      gtk_widget_set_halign (bar, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), bar);
    }
  gtk_widget_add_css_class (box, "loading-box");
  return box;
}

GtkWidget *
fluo_traces_page_make_foot (FluoTracesPage *self)
{
  static const FluoStatus order[] = { FLUO_STATUS_OK, FLUO_STATUS_ERROR, FLUO_STATUS_THROTTLE,
                                      FLUO_STATUS_FAULT, FLUO_STATUS_RUNNING };
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *export_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  self->foot_export = gtk_button_new ();
  gtk_widget_add_css_class (foot, "table-foot");
  gtk_widget_add_css_class (foot, "numeric");
  self->foot_count = GTK_LABEL (gtk_label_new (NULL));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->foot_count));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
      GtkWidget *label = gtk_label_new (NULL);

      gtk_widget_set_tooltip_text (box, fluo_status_to_label (order[i]));
      gtk_box_append (GTK_BOX (box), fluo_theme_status_image (order[i]));
      gtk_box_append (GTK_BOX (box), label);
      gtk_box_append (GTK_BOX (foot), box);
      self->foot_boxes[order[i]] = box;
      self->foot_statuses[order[i]] = GTK_LABEL (label);
    }
  self->foot_range = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->foot_range, 1);
  gtk_label_set_ellipsize (self->foot_range, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->foot_range), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->foot_range), "dim-label");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->foot_range));
  self->foot_resume = gtk_button_new_with_label (_("Continue"));
  gtk_widget_add_css_class (self->foot_resume, "flat");
  gtk_widget_add_css_class (self->foot_resume, "link-button");
  gtk_widget_set_valign (self->foot_resume, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (self->foot_resume, FALSE);
  gtk_widget_set_tooltip_text (self->foot_resume, _("Look through the rest of the time"));
  g_signal_connect_object (self->foot_resume, "clicked", G_CALLBACK (fluo_explorer_resume),
                           self->explorer, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (foot), self->foot_resume);
  gtk_box_append (GTK_BOX (export_box),
                  gtk_image_new_from_icon_name ("fluoroscope-export-symbolic"));
  gtk_box_append (GTK_BOX (export_box), gtk_label_new (_("Export list")));
  gtk_button_set_child (GTK_BUTTON (self->foot_export), export_box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->foot_export),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Export list"), -1);
  gtk_widget_add_css_class (self->foot_export, "flat");
  gtk_widget_add_css_class (self->foot_export, "link-button");
  gtk_widget_set_valign (self->foot_export, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->foot_export), "traces.export");
  gtk_box_append (GTK_BOX (foot), self->foot_export);
  return foot;
}
