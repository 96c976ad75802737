/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-compare-page-private.h"
#include "app/widgets/fluo-theme.h"

/* What gives way in small windows: words of buttons go, the cards stand one under the other, what
 * else differs is closed, and at last the lines take the place of the calls. */

#define SIDE_WIDTH 820
#define WORDS_WIDTH 640
#define CARDS_WIDTH 420
#define FACTS_HEIGHT_MIN 620

void
fluo_compare_page_fold (FluoComparePage *self)
{
  const double scale = fluo_theme_get_text_scale (GTK_WIDGET (self));
  const int height = (int) (fluo_width_box_get_height (self->width_box) / scale);
  const gboolean lines = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->logs.toggle));
  int width = fluo_width_box_get_width (self->width_box);
  gboolean beside, words;

  if (width <= 0)
    return;
  beside = width >= SIDE_WIDTH;
  gtk_widget_set_visible (self->content, beside || !lines);
  if (self->logs.panel != NULL)
    {
      gtk_widget_set_size_request (GTK_WIDGET (self->logs.panel),
                                   beside ? FLUO_LOGS_PANEL_WIDTH : -1, -1);
      gtk_widget_set_hexpand (GTK_WIDGET (self->logs.panel), !beside);
    }
  if (beside && lines)
    width -= FLUO_LOGS_PANEL_WIDTH;
  width = (int) (width / scale);
  words = width >= WORDS_WIDTH;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->cards), width < CARDS_WIDTH
                                                                  ? GTK_ORIENTATION_VERTICAL
                                                                  : GTK_ORIENTATION_HORIZONTAL);
  gtk_box_set_spacing (GTK_BOX (self->cards), width < CARDS_WIDTH ? 2 : 10);
  gtk_widget_set_visible (GTK_WIDGET (self->sides[1].chip), words && self->n_usual > 0);
  /* Markdown is one of the formats of an export, too. */
  gtk_widget_set_visible (self->copy, width >= CARDS_WIDTH);
  for (guint i = 0; i < G_N_ELEMENTS (self->fold_words); i++)
    gtk_widget_set_visible (self->fold_words[i], words);
  if (self->facts_kept)
    return;
  self->folding = TRUE;
  gtk_expander_set_expanded (self->facts_expander, height >= FACTS_HEIGHT_MIN);
  self->folding = FALSE;
}
