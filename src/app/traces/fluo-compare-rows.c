/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-rows.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-foreign.h"
#include "fluo-cohort-words.h"
#include "fluo-compare-card.h"

#define BARS_WIDTH_PX 200

/* --- Row --------------------------------------------------------------------------------- */

struct _FluoDifference
{
  GObject parent_instance;
  FluoCohort *cohort;
  const FluoCohortRow *row;
};

G_DEFINE_FINAL_TYPE (FluoDifference, fluo_difference, G_TYPE_OBJECT)

static void
fluo_difference_finalize (GObject *object)
{
  fluo_cohort_unref (FLUO_DIFFERENCE (object)->cohort);
  G_OBJECT_CLASS (fluo_difference_parent_class)->finalize (object);
}

static void
fluo_difference_class_init (FluoDifferenceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_difference_finalize;
}

static void
fluo_difference_init (FluoDifference *self)
{
}

FluoDifference *
fluo_difference_new (FluoCohort *cohort, const FluoCohortRow *row)
{
  FluoDifference *self = g_object_new (FLUO_TYPE_DIFFERENCE, NULL);

  self->cohort = fluo_cohort_ref (cohort);
  self->row = row;
  return self;
}

const FluoCohortRow *
fluo_difference_get_row (FluoDifference *self)
{
  g_return_val_if_fail (FLUO_IS_DIFFERENCE (self), NULL);
  return self->row;
}

gboolean
fluo_difference_matches (const FluoCohortRow *row, const char *folded)
{
  g_autofree char *field = fluo_cohort_dup_field_words (row->term.field, row->term.key);
  g_autofree char *value = fluo_cohort_dup_value_words (&row->term);
  g_autofree char *words = g_strdup_printf ("%s %s", field, value);
  g_autofree char *text = g_utf8_casefold (words, -1);

  return strstr (text, folded) != NULL;
}

/* --- List -------------------------------------------------------------------------------- */

typedef struct
{
  GtkLabel *field, *value, *difference;
  GtkWidget *sign;
  FluoDifference *item; /* while bound */
} RowParts;

static void
draw_row_cb (FluoPainter *painter, double width, double height, gpointer user_data)
{
  const RowParts *parts = user_data;

  if (parts->item)
    fluo_cohort_draw_bars (painter, width, height, (gpointer) parts->item->row);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  RowParts *parts = g_new0 (RowParts, 1);

  parts->sign = gtk_image_new_from_icon_name ("fluoroscope-plus-symbolic");
  gtk_image_set_pixel_size (GTK_IMAGE (parts->sign), 12);
  parts->field = GTK_LABEL (gtk_label_new (NULL));
  parts->value = GTK_LABEL (gtk_label_new (NULL));
  parts->difference = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (parts->sign, "card-sign");
  gtk_widget_add_css_class (GTK_WIDGET (parts->field), "dim-label");
  gtk_label_set_ellipsize (parts->field, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (parts->field, 24);
  gtk_widget_add_css_class (GTK_WIDGET (parts->value), "strong");
  gtk_label_set_ellipsize (parts->value, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (parts->value, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (parts->value), TRUE);
  gtk_label_set_xalign (parts->difference, 1);
  gtk_label_set_width_chars (parts->difference, 8);
  gtk_widget_add_css_class (GTK_WIDGET (parts->difference), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (parts->difference), "dim-label");
  gtk_box_append (GTK_BOX (box), parts->sign);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (parts->field));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (parts->value));
  gtk_box_append (GTK_BOX (box), fluo_canvas_new (draw_row_cb, parts, BARS_WIDTH_PX, 36));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (parts->difference));
  gtk_widget_add_css_class (box, "difference-row");
  g_object_set_data_full (G_OBJECT (box), "fluo-parts", parts, g_free);
  gtk_list_item_set_child (item, box);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, const FluoInForce *in_force)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  RowParts *parts = g_object_get_data (G_OBJECT (box), "fluo-parts");
  const FluoCohortRow *row;
  g_autofree char *field = NULL, *value = NULL, *expression = NULL, *points = NULL;
  gboolean taken;

  parts->item = gtk_list_item_get_item (item);
  row = parts->item->row;
  field = fluo_cohort_dup_field_words (row->term.field, row->term.key);
  value = fluo_cohort_dup_value_words (&row->term);
  expression = fluo_cohort_dup_expression (&row->term);
  taken = expression ? fluo_filter_has_condition (in_force->filter, expression)
                     : fluo_cohort_term_bounds (&row->term, in_force->span);
  points = g_strdup_printf (_("%+d points"), (int) lround ((row->share[0] - row->share[1]) * 100));
  gtk_label_set_text (parts->field, field);
  gtk_label_set_text (parts->value, value);
  gtk_label_set_text (parts->difference, points);
  gtk_image_set_from_icon_name (GTK_IMAGE (parts->sign), taken ? "fluoroscope-check-symbolic"
                                                               : "fluoroscope-plus-symbolic");
  fluo_foreign_set_tooltip (box, expression);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  RowParts *parts = g_object_get_data (G_OBJECT (gtk_list_item_get_child (item)), "fluo-parts");

  parts->item = NULL;
}

GtkListItemFactory *
fluo_compare_rows_new_factory (const FluoInForce *in_force)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), (gpointer) in_force);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  return factory;
}
