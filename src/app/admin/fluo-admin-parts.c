/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-parts.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/ask/fluo-filter-style.h"
#include "app/ask/fluo-query-text.h"
#include "core/fluo-format.h"

/* What a server says in one place. */
#define TEXT_CHARS_MAX 1500
#define LINE_CHARS_MAX 600

void
fluo_admin_set_label (GtkLabel *label, const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, TEXT_CHARS_MAX);

  gtk_label_set_text (label, safe);
}

GtkWidget *
fluo_admin_make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  fluo_admin_set_label (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

GtkWidget *
fluo_admin_make_line (const char *text, const char *css_class)
{
  g_autofree char *safe = fluo_format_untrusted (text, LINE_CHARS_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, safe);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

void
fluo_admin_set_sentence (GtkLabel *label, const FluoSentence *sentence)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  for (guint i = 0; i < sentence->bold->len; i++)
    {
      FluoSentenceRange range = g_array_index (sentence->bold, FluoSentenceRange, i);
      PangoAttribute *weight = pango_attr_weight_new (PANGO_WEIGHT_BOLD);

      weight->start_index = range.start;
      weight->end_index = range.start + range.length;
      pango_attr_list_insert (attributes, weight);
    }
  gtk_label_set_text (label, sentence->text);
  gtk_label_set_attributes (label, attributes);
}

GtkWidget *
fluo_admin_make_filter (const char *expression)
{
  g_autofree char *folded = fluo_query_text_fold (expression);
  g_autofree char *safe = fluo_format_untrusted (folded, LINE_CHARS_MAX);
  g_autoptr (PangoAttrList) attributes = fluo_filter_style_dup_attributes (safe);
  GtkWidget *label = fluo_admin_make_line (folded, "monospace");

  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  return label;
}

GtkWidget *
fluo_admin_make_chip (const char *text, const char *tooltip)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "chip");
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (label, tooltip);
  return label;
}

GtkWidget *
fluo_admin_make_button (const char *icon, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small");
  return button;
}

GtkWidget *
fluo_admin_make_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  return label;
}

static void
copy_cb (GtkButton *button)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          g_object_get_data (G_OBJECT (button), "fluo-text"));
  gtk_button_set_label (button, _("Copied"));
}

GtkWidget *
fluo_admin_make_code (const char *text)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *copy = gtk_button_new_with_label (_("Copy"));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GtkWidget *label = gtk_label_new (valid);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "code-block");
  gtk_widget_add_css_class (label, "monospace");
  /* What it lies in scrolls: a scroller of its own would cut off lines that wrap. */
  gtk_overlay_set_child (GTK_OVERLAY (overlay), label);
  gtk_widget_set_halign (copy, GTK_ALIGN_END);
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "code-copy");
  g_object_set_data_full (G_OBJECT (copy), "fluo-text", g_strdup (text), g_free);
  g_signal_connect (copy, "clicked", G_CALLBACK (copy_cb), NULL);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), copy);
  return overlay;
}

GtkWidget *
fluo_admin_make_error (const char *title, const GError *error, const char *statement)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-status-fault-symbolic");
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_add_css_class (box, "admin-error");
  gtk_widget_add_css_class (icon, "admin-error-sign");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), fluo_admin_make_label (title, "strong"));
  gtk_box_append (GTK_BOX (words), fluo_admin_make_label (error->message, NULL));
  gtk_box_append (GTK_BOX (head), icon);
  gtk_box_append (GTK_BOX (head), words);
  gtk_box_append (GTK_BOX (box), head);
  if (statement)
    {
      gtk_box_append (GTK_BOX (box),
                      fluo_admin_make_label (
                        _("Ask whoever looks after the account for this statement in a policy of "
                          "your role:"),
                        NULL));
      gtk_box_append (GTK_BOX (box), fluo_admin_make_code (statement));
    }
  return box;
}

GtkWidget *
fluo_admin_make_note (const char *text, const char *kind)
{
  GtkWidget *label = fluo_admin_make_label (text, "admin-note");

  if (*kind)
    {
      /* The library has colours of its own for the bare words. */
      g_autofree char *css_class = g_strconcat ("note-", kind, NULL);

      gtk_widget_add_css_class (label, css_class);
    }
  return label;
}

GtkWidget *
fluo_admin_make_empty (const char *icon, const char *title, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);
  GtkWidget *head = fluo_admin_make_label (title, "heading");
  GtkWidget *words = fluo_admin_make_label (text, "dim-label");

  gtk_image_set_pixel_size (GTK_IMAGE (image), 32);
  gtk_widget_add_css_class (image, "dim-label");
  gtk_label_set_justify (GTK_LABEL (head), GTK_JUSTIFY_CENTER);
  gtk_label_set_xalign (GTK_LABEL (head), .5);
  gtk_label_set_justify (GTK_LABEL (words), GTK_JUSTIFY_CENTER);
  gtk_label_set_xalign (GTK_LABEL (words), .5);
  gtk_label_set_max_width_chars (GTK_LABEL (words), 60);
  gtk_widget_add_css_class (words, "dense");
  gtk_widget_add_css_class (box, "admin-empty");
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), words);
  return box;
}

void
fluo_admin_clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

GtkEditable *
fluo_admin_make_entry_row (GtkWidget *group, const char *title, const char *text,
                           const char *tooltip)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  gtk_widget_set_tooltip_text (row, tooltip);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return GTK_EDITABLE (row);
}
