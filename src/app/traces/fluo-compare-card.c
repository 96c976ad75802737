/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-card.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-cohort-words.h"

/* Five are across in the usual window; narrower cards scroll. */
#define CARD_MIN_PX 172
#define BARS_HEIGHT_PX 36
#define SHARE_PX 38

struct _FluoCompareCard
{
  GtkButton parent_instance;

  FluoCohortRow row;
  char *key, *value; /* of the row's term */
  FluoCompareCardState state;

  GtkLabel *field_label;
  GtkLabel *value_label;
  GtkLabel *note;
  GtkWidget *bars;
  GtkImage *sign;
};

G_DEFINE_FINAL_TYPE (FluoCompareCard, fluo_compare_card, GTK_TYPE_BUTTON)

void
fluo_cohort_draw_bars (FluoPainter *painter, double width, double height, gpointer data)
{
  const FluoCohortRow *row = data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor colors[] = { palette->accent, palette->bar_rest };
  const FluoColor texts[] = { palette->fg, palette->fg2 };
  const double room = MAX (width - SHARE_PX, 10);
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint i = 0; i < 2; i++)
    {
      const double y = height * (i + .5) / 2;
      const FluoFont font = { FLUO_FONT_SANS, 12, i ? 400 : 700, TRUE };
      g_autofree char *text = fluo_format_share (row->share[i]);

      fluo_painter_rounded (painter, 0, y - 3, MAX (row->share[i] * room, 1.5), 6, 1.5);
      fluo_color_set (cr, colors[i]);
      cairo_fill (cr);
      fluo_painter_text (painter, width, y + 4.2, text, font, texts[i], FLUO_ALIGN_END, 0, NULL);
    }
}

static char *
dup_words (FluoCompareCard *self, const char *field, const char *value)
{
  const FluoCohortRow *row = &self->row;
  g_autofree char *a = fluo_format_share (row->share[0]);
  g_autofree char *b = fluo_format_share (row->share[1]);

  if (self->state == FLUO_COMPARE_CARD_GONE)
    return g_strdup_printf (_("%s %s: no difference any more"), field, value);
  if (self->state == FLUO_COMPARE_CARD_TAKEN)
    return g_strdup_printf (row->term.field == FLUO_FIELD_TIME
                              ? _("%s %s, narrows the range: widen it again")
                              : _("%s %s, in the filter: remove"), field, value);
  if (row->term.field == FLUO_FIELD_TIME)
    return g_strdup_printf (_("%s %s: %s of the selected, %s of the others: narrow the range"),
                            field, value, a, b);
  return g_strdup_printf (_("%s %s: %s of the selected, %s of the others: add to the filter"),
                          field, value, a, b);
}

static const char *
get_note (FluoCompareCard *self)
{
  if (self->state == FLUO_COMPARE_CARD_GONE)
    return _("no difference any more");
  return self->row.term.field == FLUO_FIELD_TIME ? _("in the range") : _("in the filter");
}

static void
fluo_compare_card_finalize (GObject *object)
{
  FluoCompareCard *self = FLUO_COMPARE_CARD (object);

  g_free (self->key);
  g_free (self->value);
  G_OBJECT_CLASS (fluo_compare_card_parent_class)->finalize (object);
}

static void
fluo_compare_card_class_init (FluoCompareCardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_compare_card_finalize;
}

static GtkWidget *
make_head (FluoCompareCard *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);

  self->field_label = GTK_LABEL (gtk_label_new (NULL));
  self->value_label = GTK_LABEL (gtk_label_new (NULL));
  self->sign = GTK_IMAGE (gtk_image_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->field_label), "dim-label");
  gtk_label_set_ellipsize (self->field_label, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->value_label), "strong");
  gtk_label_set_xalign (self->value_label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->value_label), TRUE);
  gtk_image_set_pixel_size (self->sign, 12);
  gtk_widget_add_css_class (GTK_WIDGET (self->sign), "card-sign");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->field_label));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->value_label));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->sign));
  return head;
}

static void
fluo_compare_card_init (FluoCompareCard *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->bars = fluo_canvas_new (fluo_cohort_draw_bars, &self->row, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (self->bars), -1, BARS_HEIGHT_PX);
  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_ellipsize (self->note, PANGO_ELLIPSIZE_END);
  gtk_widget_set_size_request (GTK_WIDGET (self->note), -1, BARS_HEIGHT_PX);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_box_append (GTK_BOX (box), make_head (self));
  gtk_box_append (GTK_BOX (box), self->bars);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->note));
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "compare-card");
  gtk_widget_set_size_request (
      GTK_WIDGET (self), (int) (CARD_MIN_PX * fluo_theme_get_text_scale (GTK_WIDGET (self))), -1);
}

GtkWidget *
fluo_compare_card_new (void)
{
  return g_object_new (FLUO_TYPE_COMPARE_CARD, NULL);
}

/* @row may be the card's own. */
static void
take_row (FluoCompareCard *self, const FluoCohortRow *row)
{
  char *key = g_strdup (row->term.key);
  char *value = g_strdup (row->term.value);

  self->row = *row;
  g_free (self->key);
  g_free (self->value);
  self->row.term.key = self->key = key;
  self->row.term.value = self->value = value;
}

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

void
fluo_compare_card_set (FluoCompareCard *self, const FluoCohortRow *row, FluoCompareCardState state)
{
  g_autofree char *field = NULL;
  g_autofree char *value = NULL;
  g_autofree char *words = NULL;

  g_return_if_fail (FLUO_IS_COMPARE_CARD (self) && row != NULL);
  take_row (self, row);
  self->state = state;
  field = fluo_cohort_dup_field_words (row->term.field, self->key);
  value = fluo_cohort_dup_value_words (&self->row.term);
  words = dup_words (self, field, value);
  gtk_label_set_text (self->field_label, field);
  gtk_label_set_text (self->value_label, value);
  gtk_label_set_ellipsize (self->value_label,
                           row->term.field == FLUO_FIELD_CAUSE  ? PANGO_ELLIPSIZE_END
                           : row->term.field == FLUO_FIELD_PATH ? PANGO_ELLIPSIZE_START
                                                                : PANGO_ELLIPSIZE_MIDDLE);
  gtk_image_set_from_icon_name (self->sign, state == FLUO_COMPARE_CARD_TAKEN
                                              ? "fluoroscope-check-symbolic"
                                              : "fluoroscope-plus-symbolic");
  set_class (GTK_WIDGET (self), "taken", state == FLUO_COMPARE_CARD_TAKEN);
  gtk_label_set_text (self->note, get_note (self));
  gtk_widget_set_visible (GTK_WIDGET (self->note), state != FLUO_COMPARE_CARD_DIFFERS);
  gtk_widget_set_visible (self->bars, state == FLUO_COMPARE_CARD_DIFFERS);
  gtk_widget_queue_draw (self->bars);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

const FluoCohortRow *
fluo_compare_card_get_row (FluoCompareCard *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_CARD (self), NULL);
  return &self->row;
}

/* By what strings say: fluo_cohort_term_equal() goes by their addresses. */
gboolean
fluo_compare_term_is_same (const FluoTerm *a, const FluoTerm *b)
{
  return a->field == b->field && a->operator == b->operator && g_strcmp0 (a->key, b->key) == 0
         && (a->operator != FLUO_COHORT_IS
             || (g_strcmp0 (a->value, b->value) == 0 && a->status == b->status
                 && a->http_status == b->http_status));
}

gboolean
fluo_compare_card_is_for (FluoCompareCard *self, const FluoTerm *term)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_CARD (self), FALSE);
  return fluo_compare_term_is_same (&self->row.term, term);
}
