/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-cards.h"

/* So many are not made as wide as the page. */
#define FEW_MAX 3
#define FEW_WIDTH 270

struct _FluoCompareCards
{
  GtkBox parent_instance;

  GPtrArray *cards; /* FluoCompareCard; those in use come first */
  GtkEventControllerMotion *motion;
};

enum
{
  SIGNAL_CLICKED,
  SIGNAL_LEFT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoCompareCards, fluo_compare_cards, GTK_TYPE_BOX)

/* Takes what @card is for out of @shown. */
static gboolean
take_shown (GArray *shown, FluoCompareCard *card, FluoCompareShown *ret_shown)
{
  for (guint i = 0; i < shown->len; i++)
    {
      const FluoCompareShown *one = &g_array_index (shown, FluoCompareShown, i);

      if (!fluo_compare_card_is_for (card, &one->row->term))
        continue;
      *ret_shown = *one;
      g_array_remove_index (shown, i);
      return TRUE;
    }
  return FALSE;
}

/* What a card in use has to say when it is among the first no more. */
static FluoCompareShown
find_rest (FluoCohort *cohort, FluoCompareCard *card)
{
  guint n = 0;
  const FluoCohortRow *rows = cohort ? fluo_cohort_get_rows (cohort, &n) : NULL;

  for (guint i = 0; i < n; i++)
    if (fluo_compare_card_is_for (card, &rows[i].term))
      return (FluoCompareShown) { &rows[i], FLUO_COMPARE_CARD_DIFFERS };
  return (FluoCompareShown) { fluo_compare_card_get_row (card), FLUO_COMPARE_CARD_GONE };
}

static gboolean
is_in_use (GtkWidget *card)
{
  const GtkStateFlags flags = gtk_widget_get_state_flags (card);

  return gtk_widget_is_focus (card)
         || (flags & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_ACTIVE)) != 0;
}

/* Puts @shown into the order of the cards that are there: nobody's target moves while the pointer
 * is among them, and what has the focus keeps it. All others follow by rank. */
static void
keep_places (FluoCompareCards *self, GArray *shown, FluoCohort *cohort)
{
  const gboolean pointed = gtk_event_controller_motion_contains_pointer (self->motion);
  g_autofree FluoCompareShown *kept = g_new0 (FluoCompareShown, self->cards->len + 1);
  guint n_used = 0; /* up to the last card in use */
  guint at = 0;

  for (guint i = 0; i < self->cards->len; i++)
    {
      GtkWidget *card = g_ptr_array_index (self->cards, i);

      if (!gtk_widget_get_visible (card) || !(pointed || is_in_use (card)))
        continue;
      if (is_in_use (card))
        n_used = i + 1;
      if (!take_shown (shown, FLUO_COMPARE_CARD (card), &kept[i]) && is_in_use (card))
        kept[i] = find_rest (cohort, FLUO_COMPARE_CARD (card));
    }
  /* By now @shown has what is new, which fills the places between those that are kept. */
  for (guint i = 0; i < self->cards->len; i++)
    {
      if (!kept[i].row && at >= shown->len && i < n_used)
        kept[i] = find_rest (cohort, g_ptr_array_index (self->cards, i));
      if (kept[i].row)
        g_array_insert_val (shown, at, kept[i]);
      at += at < shown->len;
    }
}

static void
clicked_cb (FluoCompareCards *self, FluoCompareCard *card)
{
  g_signal_emit (self, signals[SIGNAL_CLICKED], 0, card);
}

static void
pointer_cb (FluoCompareCards *self)
{
  if (!gtk_event_controller_motion_contains_pointer (self->motion))
    g_signal_emit (self, signals[SIGNAL_LEFT], 0);
}

static void
fluo_compare_cards_finalize (GObject *object)
{
  g_ptr_array_unref (FLUO_COMPARE_CARDS (object)->cards);
  G_OBJECT_CLASS (fluo_compare_cards_parent_class)->finalize (object);
}

static void
fluo_compare_cards_class_init (FluoCompareCardsClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fluo_compare_cards_finalize;
  signals[SIGNAL_CLICKED] = g_signal_new ("card-clicked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, FLUO_TYPE_COMPARE_CARD);
  signals[SIGNAL_LEFT] = g_signal_new ("left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
}

static void
fluo_compare_cards_init (FluoCompareCards *self)
{
  self->cards = g_ptr_array_new_with_free_func (g_object_unref);
  self->motion = GTK_EVENT_CONTROLLER_MOTION (gtk_event_controller_motion_new ());
  gtk_box_set_spacing (GTK_BOX (self), 8);
  gtk_box_set_homogeneous (GTK_BOX (self), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "compare-cards");
  g_signal_connect_object (self->motion, "notify::contains-pointer", G_CALLBACK (pointer_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->motion));
}

GtkWidget *
fluo_compare_cards_new (void)
{
  return g_object_new (FLUO_TYPE_COMPARE_CARDS, NULL);
}

guint
fluo_compare_cards_show (FluoCompareCards *self, GArray *shown, FluoCohort *cohort)
{
  gboolean few;

  g_return_val_if_fail (FLUO_IS_COMPARE_CARDS (self) && shown != NULL, 0);

  keep_places (self, shown, cohort);
  while (self->cards->len < shown->len)
    {
      GtkWidget *card = fluo_compare_card_new ();

      g_signal_connect_object (card, "clicked", G_CALLBACK (clicked_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (self), card);
      g_ptr_array_add (self->cards, g_object_ref (card));
    }
  for (guint i = 0; i < self->cards->len; i++)
    {
      GtkWidget *card = g_ptr_array_index (self->cards, i);
      const FluoCompareShown *one = &g_array_index (shown, FluoCompareShown, i);

      gtk_widget_set_visible (card, i < shown->len);
      if (i < shown->len)
        fluo_compare_card_set (FLUO_COMPARE_CARD (card), one->row, one->state);
    }
  few = shown->len <= FEW_MAX;
  gtk_widget_set_halign (GTK_WIDGET (self), few ? GTK_ALIGN_START : GTK_ALIGN_FILL);
  gtk_widget_set_size_request (GTK_WIDGET (self), few ? (int) shown->len * FEW_WIDTH : -1, -1);
  return shown->len;
}
