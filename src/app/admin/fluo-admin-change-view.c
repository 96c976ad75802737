/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-change-view.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/ask/fluo-query-text.h"
#include "core/fluo-json.h"
#include "fluo-admin-parts.h"

#define VALUE_CHARS_MAX 40

static GtkWidget *
make_value (const char *text, const char *css_class)
{
  g_autofree char *folded = fluo_query_text_fold (text);
  GtkWidget *label = fluo_admin_make_label (folded, "admin-value");

  gtk_label_set_max_width_chars (GTK_LABEL (label), VALUE_CHARS_MAX);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* One is named as what goes and one as what comes, so that it needs no colours. */
static void
add_row (GtkGrid *grid, int row, const FluoXrayChangeRow *what)
{
  GtkWidget *name = gtk_label_new (what->field);
  GtkWidget *values = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *spoken = g_strdup_printf (
    _("%s: before %s, after %s"), what->field, what->before ? what->before : _("nothing"),
    what->after ? what->after : _("nothing"));

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_valign (name, GTK_ALIGN_BASELINE);
  gtk_widget_add_css_class (name, "admin-field");
  if (what->before)
    gtk_box_append (GTK_BOX (values), make_value (what->before, "before"));
  if (what->before && what->after)
    gtk_box_append (GTK_BOX (values),
                    gtk_image_new_from_icon_name ("fluoroscope-right-symbolic"));
  if (what->after)
    gtk_box_append (GTK_BOX (values), make_value (what->after, "after"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (values), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  gtk_grid_attach (grid, name, 0, row, 1, 1);
  gtk_grid_attach (grid, values, 1, row, 1, 1);
}

static GtkWidget *
make_request (const FluoXrayChange *change)
{
  GtkWidget *expander = gtk_expander_new (_("The request"));
  g_autofree char *pretty = fluo_json_pretty (change->body, strlen (change->body));
  g_autofree char *text = g_strdup_printf ("POST /%s\n%s", change->operation,
                                           pretty ? pretty : change->body);

  gtk_widget_add_css_class (expander, "dense");
  gtk_expander_set_child (GTK_EXPANDER (expander), fluo_admin_make_code (text));
  return expander;
}

static GtkWidget *
make_change (const FluoXrayChange *change)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *operation = gtk_label_new (change->operation);

  gtk_widget_add_css_class (box, "admin-change");
  gtk_widget_add_css_class (operation, "chip");
  gtk_widget_add_css_class (operation, "monospace");
  gtk_box_append (GTK_BOX (head), operation);
  gtk_box_append (GTK_BOX (head), fluo_admin_make_line (change->name, "strong"));
  gtk_grid_set_column_spacing (GTK_GRID (grid), 14);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  for (guint i = 0; i < change->rows->len; i++)
    add_row (GTK_GRID (grid), (int) i, g_ptr_array_index (change->rows, i));
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), make_request (change));
  return box;
}

GtkWidget *
fluo_admin_change_view_new (GPtrArray *changes)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (card, "fluo-card");
  for (guint i = 0; i < changes->len; i++)
    {
      GtkWidget *part = make_change (g_ptr_array_index (changes, i));

      if (i > 0)
        gtk_widget_add_css_class (part, "further");
      gtk_box_append (GTK_BOX (card), part);
    }
  return card;
}
