/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-cohort.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

typedef enum
{
  FLUO_COMPARE_CARD_DIFFERS, /* two bars; a click asks for it */
  FLUO_COMPARE_CARD_TAKEN,   /* in the filter, or the range begins or ends there */
  FLUO_COMPARE_CARD_GONE     /* kept under the pointer, though it is no difference any more */
} FluoCompareCardState;

/* One difference: a button with the field, its value, and how often it is in both sets. Answers
 * are put into the cards there are, so that nothing comes away under the pointer or the focus. */
#define FLUO_TYPE_COMPARE_CARD (fluo_compare_card_get_type ())
G_DECLARE_FINAL_TYPE (FluoCompareCard, fluo_compare_card, FLUO, COMPARE_CARD, GtkButton)

GtkWidget *fluo_compare_card_new (void);
/* Copies @row. */
void fluo_compare_card_set (FluoCompareCard *self, const FluoCohortRow *row,
                            FluoCompareCardState state);
/* Borrowed, until the card is set again. */
const FluoCohortRow *fluo_compare_card_get_row (FluoCompareCard *self);
/* The same thing is asked: the same term, or a bound of the same field, which wanders a little
 * from one answer to the next. */
gboolean fluo_compare_term_is_same (const FluoTerm *a, const FluoTerm *b);
gboolean fluo_compare_card_is_for (FluoCompareCard *self, const FluoTerm *term);

/* Two bars, one above the other, with their shares; @data is a FluoCohortRow. */
void fluo_cohort_draw_bars (FluoPainter *painter, double width, double height, gpointer data);

G_END_DECLS
