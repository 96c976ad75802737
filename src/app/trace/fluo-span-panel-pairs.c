/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/trace/fluo-span-panel-private.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"

/* What pages of the panel are made of: keys with values that can be copied. */

#define COPY_KEY "fluo-copy"
#define JSON_KEY "fluo-json"

/* A longer value is as wide as so many characters at least: broken after each, as it could be, it
 * takes Pango a line for every one. */
#define LONG_CHARS 64
#define LONG_WIDTH_CHARS 16

GtkWidget *
fluo_panel_new_pairs (void)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 5);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_widget_add_css_class (grid, "pairs");

  return grid;
}

static int
count_rows (GtkWidget *grid)
{
  int n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (grid); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n++;

  return n / 2;
}

GtkWidget *
fluo_panel_new_value (const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, FLUO_PANEL_VALUE_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  /* Else a width is searched for that would fit any height, one layout after the other. */
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  if (g_utf8_strlen (safe, -1) > LONG_CHARS)
    gtk_label_set_width_chars (GTK_LABEL (label), LONG_WIDTH_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "numeric");

  return label;
}

static void
copy_cb (GtkButton *button, gpointer user_data)
{
  GBytes *json = g_object_get_data (G_OBJECT (button), JSON_KEY);
  g_autofree char *pretty = json != NULL ? fluo_json_pretty (g_bytes_get_data (json, NULL),
                                                             g_bytes_get_size (json))
                                         : NULL;
  const char *text = json != NULL ? pretty : g_object_get_data (G_OBJECT (button), COPY_KEY);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          text != NULL ? text : "");
  gtk_widget_activate_action (GTK_WIDGET (button), "win.toast", "s", _("Copied"));
}

GtkWidget *
fluo_panel_new_copy (const char *text, const char *tip)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("fluoroscope-copy-symbolic");

  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "copy-value");
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  g_object_set_data_full (G_OBJECT (button), COPY_KEY, g_strdup (text), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_cb), NULL);

  return button;
}

GtkWidget *
fluo_panel_new_copy_json (GBytes *json, const char *tip)
{
  GtkWidget *button = fluo_panel_new_copy (NULL, tip);

  g_object_set_data_full (G_OBJECT (button), JSON_KEY, g_bytes_ref (json),
                          (GDestroyNotify) g_bytes_unref);

  return button;
}

/* The value with a button that copies all of it, as it was sent; it is seen under the pointer and
 * with the keyboard. A box would search for the width of every value that fits its height, thirty
 * layouts for each. */
static GtkWidget *
new_copyable (GtkWidget *value, const char *key, const char *text)
{
  GtkWidget *grid = gtk_grid_new ();
  g_autofree char *safe = fluo_format_untrusted (key, 200);
  g_autofree char *tip = g_strdup_printf (_("Copy %s"), safe);

  gtk_widget_set_valign (value, GTK_ALIGN_START);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 4);
  gtk_grid_attach (GTK_GRID (grid), value, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), fluo_panel_new_copy (text, tip), 1, 0, 1, 1);
  gtk_widget_add_css_class (grid, "value");

  return grid;
}

void
fluo_panel_add_widget (GtkWidget *grid, const char *key, GtkWidget *value)
{
  g_autofree char *safe = fluo_format_untrusted (key, 200);
  GtkWidget *label = gtk_label_new (safe);
  int row = count_rows (grid);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 13);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  gtk_widget_add_css_class (label, "key");
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), value, 1, row, 1, 1);
}

void
fluo_panel_add_pair (GtkWidget *grid, const char *key, const char *value)
{
  if (value != NULL && *value != '\0')
    fluo_panel_add_widget (grid, key, new_copyable (fluo_panel_new_value (value), key, value));
}

void
fluo_panel_add_mono (GtkWidget *grid, const char *key, const char *value)
{
  GtkWidget *label;

  if (value == NULL || *value == '\0')
    return;

  label = fluo_panel_new_value (value);
  gtk_widget_add_css_class (label, "monospace");
  fluo_panel_add_widget (grid, key, new_copyable (label, key, value));
}

/* "2.125 s · 92.0% of the trace": the first part strong or plain, the rest in the second colour. */
void
fluo_panel_add_two (GtkWidget *grid, const char *key, const char *first, const char *rest,
                    gboolean strong)
{
  g_autofree char *text = g_strdup_printf ("%s%s%s", first, *rest != '\0' ? " · " : "", rest);
  PangoAttrList *attributes = pango_attr_list_new ();
  GtkWidget *label = fluo_panel_new_value (text);
  PangoAttribute *attribute;

  if (strong)
    {
      attribute = pango_attr_weight_new (PANGO_WEIGHT_BOLD);
      attribute->end_index = (guint) strlen (first);
      pango_attr_list_insert (attributes, attribute);
    }
  attribute = pango_attr_foreground_alpha_new (0xb000);
  attribute->start_index = (guint) strlen (first);
  pango_attr_list_insert (attributes, attribute);
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  pango_attr_list_unref (attributes);
  fluo_panel_add_widget (grid, key, label);
}

GtkWidget *
fluo_panel_new_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");

  return label;
}

void
fluo_panel_add_rest (GtkWidget *page, guint n, guint n_shown)
{
  GtkWidget *note;

  if (n <= n_shown)
    return;
  note = fluo_panel_new_value (_("There are more of them under Raw."));
  gtk_widget_add_css_class (note, "dim-label");
  gtk_box_append (GTK_BOX (page), note);
}

GtkWidget *
fluo_panel_new_page (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_add_css_class (box, "span-page");

  return box;
}
