/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-compare-card.h"

G_BEGIN_DECLS

/* What a card is to show. */
typedef struct
{
  const FluoCohortRow *row;
  FluoCompareCardState state;
} FluoCompareShown;

/* Cards beside each other. Signals: "card-clicked" (FluoCompareCard), "left" (): the pointer is
 * not among them any more, so that they may stand by rank again. */
#define FLUO_TYPE_COMPARE_CARDS (fluo_compare_cards_get_type ())
G_DECLARE_FINAL_TYPE (FluoCompareCards, fluo_compare_cards, FLUO, COMPARE_CARDS, GtkBox)

GtkWidget *fluo_compare_cards_new (void);
/* @shown (FluoCompareShown, by rank) is put into the cards there are and changed on the way;
 * @cohort (may be NULL) says what became of a card in use that is not among them. Returns how many
 * there are. */
guint fluo_compare_cards_show (FluoCompareCards *self, GArray *shown, FluoCohort *cohort);

G_END_DECLS
