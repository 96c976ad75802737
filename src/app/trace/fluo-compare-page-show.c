/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-compare-page-private.h"
#include "app/widgets/fluo-sentence-label.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"

/* A comparison on the page: sentence, cards, what else differs, and what is hidden. */

#define TEXT_CHARS_MAX 120

GtkWidget *
fluo_compare_page_make_failure (FluoComparePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->failure = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->failure, TRUE);
  gtk_label_set_wrap_mode (self->failure, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (self->failure, 60);
  gtk_label_set_justify (self->failure, GTK_JUSTIFY_CENTER);
  self->retry = gtk_button_new_with_label (_("Try again"));
  g_signal_connect_swapped (self->retry, "clicked", G_CALLBACK (fluo_compare_page_read_missing),
                            self);
  self->choose = gtk_button_new_with_label (_("Choose in the list"));
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (self->choose), "win.page::traces");
  gtk_box_append (GTK_BOX (buttons), self->retry);
  gtk_box_append (GTK_BOX (buttons), self->choose);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->failure));
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);

  return box;
}

void
fluo_compare_page_fail (FluoComparePage *self, const char *text, gboolean to_choose)
{
  if (self->comparing)
    {
      g_debug ("the comparison stays as it is: %s", text);
      return;
    }
  gtk_label_set_text (self->failure, text);
  gtk_widget_set_visible (self->choose, to_choose);
  gtk_widget_set_visible (self->retry, !to_choose);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static void
update_card (FluoComparePage *self, FluoTraceComparison *comparison, FluoCompareSide *side,
             gboolean usual)
{
  g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (side->trace);
  g_autofree char *duration = fluo_format_duration (fluo_trace_get_response_ns (side->trace));
  g_autofree char *clock = fluo_format_clock (fluo_trace_get_start_ns (side->trace),
                                              FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *said =
    fluo_trace_comparison_dup_marks (comparison, side == &self->sides[0]);
  g_autofree char *marks = fluo_format_untrusted (said, TEXT_CHARS_MAX);
  g_autofree char *line = NULL, *chip = NULL;

  fluo_theme_set_status (side->status, fluo_trace_get_status (side->trace));
  line = summary->http_status > 0
           ? g_strdup_printf ("%s · %d · %s", duration, summary->http_status, clock)
           : g_strdup_printf ("%s · %s", duration, clock);
  gtk_label_set_text (side->first, line);
  gtk_label_set_text (side->second, marks);
  if (usual)
    {
      g_autofree char *count = fluo_format_count (self->n_usual);

      chip = g_strdup_printf (_("usual, p50 of %s"), count);
      gtk_label_set_text (side->chip, chip);
    }
  gtk_widget_set_visible (GTK_WIDGET (side->chip), usual);
}

void
fluo_compare_page_update_foot (FluoComparePage *self)
{
  FluoCompareTable *table = fluo_compare_view_get_table (self->view);
  guint n_hidden = table != NULL ? fluo_compare_table_get_n_hidden (table) : 0;
  guint n = table != NULL ? fluo_compare_table_get_comparison (table)->rows->len : 0;
  g_autofree char *text = NULL, *all = NULL, *hidden = fluo_format_count (n_hidden);
  g_autofree char *count = fluo_format_count (n);

  text = n_hidden > 0
           ? g_strdup_printf (
               g_dngettext (GETTEXT_PACKAGE, "%s row hidden: same result, and 5 ms or less apart",
                            "%s rows hidden: same result, and 5 ms or less apart", n_hidden),
               hidden)
           : g_strdup ("");
  all = g_strdup_printf (_("Show all %s"), count);
  gtk_label_set_text (self->hidden, text);
  gtk_button_set_label (GTK_BUTTON (self->show_all), all);
  gtk_widget_set_visible (self->show_all, n_hidden > 0);
}

static void
update_title (FluoComparePage *self)
{
  g_autofree char *a = fluo_format_duration (fluo_trace_get_response_ns (self->sides[0].trace));
  g_autofree char *b = fluo_format_duration (fluo_trace_get_response_ns (self->sides[1].trace));

  g_free (self->title);
  self->title = g_strdup_printf (_("%s compared with %s"), a, b);
  g_object_notify (G_OBJECT (self), "title");
}

void
fluo_compare_page_show (FluoComparePage *self, FluoTraceComparison *comparison)
{
  g_autoptr (FluoSentence) sentence = fluo_trace_comparison_dup_sentence (comparison);
  FluoServiceColors *colors =
    self->explorer != NULL ? fluo_explorer_get_colors (self->explorer) : NULL;
  FluoCompareTable *table = fluo_compare_table_new (comparison, colors);

  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->threshold)))
    fluo_compare_table_set_threshold (table, FLUO_COMPARE_THRESHOLD_NS);
  fluo_compare_view_take_table (self->view, table);
  fluo_sentence_label_set (self->sentence, sentence, TEXT_CHARS_MAX);
  update_card (self, comparison, &self->sides[0], FALSE);
  update_card (self, comparison, &self->sides[1], self->n_usual > 0);
  fluo_compare_page_update_facts (self, comparison);
  fluo_compare_page_update_foot (self);
  /* Whoever hears of the title asks for this. */
  self->comparing = TRUE;
  update_title (self);
  fluo_compare_page_update_logs (self);
  fluo_compare_page_fold (self);
  fluo_compare_page_update_live (self);
  gtk_stack_set_visible_child_name (self->stack, "content");
  g_object_notify (G_OBJECT (self), "comparing");
}
