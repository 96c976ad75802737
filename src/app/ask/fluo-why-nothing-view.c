/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-why-nothing-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/connect/fluo-range-button.h"
#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-filter-style.h"
#include "fluo-query-text.h"
#include "fluo-why-nothing.h"

#define REASON_CHARS_MAX 400

#define WIDTH_PX 620
#define CONDITION_CHARS_MAX 300

struct _FluoWhyNothingView
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  GtkWidget *scroller;
  GtkLabel *looked_at;
  GtkWidget *conditions;
  GtkLabel *reason;
  GtkWidget *proposals;
  GCancellable *cancellable;
  char *filter; /* asked about */
  FluoTimeSpan span;
};

G_DEFINE_FINAL_TYPE (FluoWhyNothingView, fluo_why_nothing_view, GTK_TYPE_WIDGET)

/* --- Answer ------------------------------------------------------------------------------ */

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

static GtkWidget *
make_condition (const FluoConditionCount *condition, guint64 total, gboolean culprit)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  g_autofree char *folded = fluo_query_text_fold (condition->expression);
  g_autofree char *safe = fluo_format_untrusted (folded, CONDITION_CHARS_MAX);
  g_autoptr (PangoAttrList) attributes = fluo_filter_style_dup_attributes (safe);
  g_autofree char *after = fluo_format_count (condition->after);
  GtkWidget *text = gtk_label_new (safe);
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, MAX (total, 1));
  GtkWidget *count = gtk_label_new (after);

  gtk_widget_add_css_class (row, "why-condition");
  gtk_label_set_attributes (GTK_LABEL (text), attributes);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_add_css_class (text, "monospace");
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), MIN (condition->after, total));
  gtk_widget_set_size_request (bar, 90, -1);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_label_set_width_chars (GTK_LABEL (count), 7);
  gtk_label_set_xalign (GTK_LABEL (count), 1);
  gtk_widget_add_css_class (count, "numeric");
  gtk_box_append (GTK_BOX (row), text);
  if (culprit)
    {
      gtk_widget_add_css_class (row, "culprit");
      gtk_box_append (GTK_BOX (row), fluo_theme_status_image (FLUO_STATUS_FAULT));
    }
  gtk_box_append (GTK_BOX (row), bar);
  gtk_box_append (GTK_BOX (row), count);
  return row;
}

static void
proposal_clicked_cb (GtkButton *button, FluoWhyNothingView *self)
{
  const char *expression = g_object_get_data (G_OBJECT (button), "expression");
  const gint64 *relative_ns = g_object_get_data (G_OBJECT (button), "relative");

  if (expression)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.filter", "s", expression);
  if (relative_ns && *relative_ns > 0)
    fluo_explorer_set_relative (self->explorer, *relative_ns);
}

static GtkWidget *
make_action (FluoWhyNothingView *self, const FluoWhyProposal *proposal)
{
  g_autofree char *count = proposal->count >= 0 ? fluo_format_count (proposal->count) : NULL;
  g_autofree char *range = proposal->relative_ns > 0 ? fluo_range_dup_label (proposal->relative_ns)
                                                     : NULL;
  g_autofree char *label = range   ? g_strdup (range)
                           : count ? g_strdup_printf (ngettext ("Show %s trace", "Show %s traces",
                                                                (gulong) MIN (proposal->count,
                                                                              1000000)),
                                                      count)
                                   : g_strdup (_("Try this"));
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "small-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  fluo_foreign_set_tooltip (button, proposal->expression);
  g_object_set_data_full (G_OBJECT (button), "expression", g_strdup (proposal->expression), g_free);
  g_object_set_data_full (G_OBJECT (button), "relative",
                          g_memdup2 (&proposal->relative_ns, sizeof proposal->relative_ns),
                          g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (proposal_clicked_cb), self, 0);
  return button;
}

static GtkWidget *
make_proposal (FluoWhyNothingView *self, const FluoWhyProposal *proposal)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name (
      proposal->expression || proposal->relative_ns > 0 ? "fluoroscope-bulb-symbolic"
                                                        : "fluoroscope-info-symbolic");
  GtkWidget *text = gtk_label_new (proposal->sentence);

  gtk_widget_add_css_class (row, "why-proposal");
  gtk_widget_add_css_class (icon, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), text);
  if (proposal->expression || proposal->relative_ns > 0)
    gtk_box_append (GTK_BOX (row), make_action (self, proposal));
  return row;
}

static void
show (FluoWhyNothingView *self, const FluoWhyNothing *why)
{
  GArray *conditions = why->counts->conditions;

  gtk_label_set_text (self->looked_at, why->looked_at);
  gtk_label_set_text (self->reason, why->reason ? why->reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason), why->reason != NULL);
  clear_box (self->conditions);
  for (guint i = 0; i < conditions->len; i++)
    gtk_box_append (GTK_BOX (self->conditions),
                    make_condition (&g_array_index (conditions, FluoConditionCount, i),
                                    why->counts->n_traces, i == why->culprit));
  gtk_widget_set_visible (self->conditions, conditions->len > 0);
  clear_box (self->proposals);
  for (guint i = 0; i < why->proposals->len; i++)
    gtk_box_append (GTK_BOX (self->proposals),
                    make_proposal (self, g_ptr_array_index (why->proposals, i)));
  gtk_widget_set_visible (self->proposals, why->proposals->len > 0);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoWhyNothingView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoWhyNothing) why = fluo_why_nothing_finish (FLUO_EXPLORER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->explorer)
    return;
  if (why)
    show (self, why);
  else
    {
      /* It is asked again when something changes. */
      g_clear_pointer (&self->filter, g_free);
      fluo_foreign_set_label (self->reason, error->message, REASON_CHARS_MAX);
      gtk_widget_set_visible (GTK_WIDGET (self->reason), TRUE);
    }
}

void
fluo_why_nothing_view_update (FluoWhyNothingView *self)
{
  const char *filter;
  FluoTimeSpan span;

  g_return_if_fail (FLUO_IS_WHY_NOTHING_VIEW (self));
  filter = fluo_explorer_get_filter (self->explorer);
  span = fluo_explorer_get_progress (self->explorer)->span;
  if (g_strcmp0 (self->filter, filter) == 0 && fluo_time_span_equal (self->span, span))
    return;
  g_free (self->filter);
  self->filter = g_strdup (filter);
  self->span = span;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  fluo_why_nothing_async (self->explorer, self->cancellable, asked_cb, g_object_ref (self));
}

/* --- Layout ------------------------------------------------------------------------------ */

static void
fluo_why_nothing_view_dispose (GObject *object)
{
  FluoWhyNothingView *self = FLUO_WHY_NOTHING_VIEW (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_pointer (&self->filter, g_free);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_why_nothing_view_parent_class)->dispose (object);
}

static void
fluo_why_nothing_view_class_init (FluoWhyNothingViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_why_nothing_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
append_label (GtkWidget *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkWidget *
append_card (GtkWidget *box)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (card, "fluo-card");
  gtk_widget_add_css_class (card, "why-card");
  gtk_widget_set_overflow (card, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_visible (card, FALSE);
  gtk_box_append (GTK_BOX (box), card);
  return card;
}

static void
fluo_why_nothing_view_init (FluoWhyNothingView *self)
{
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-filter-symbolic");
  GtkWidget *clear = gtk_button_new_with_label (_("Clear the Filter"));

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_add_css_class (box, "why-column");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  append_label (box, _("No traces match"), "heading");
  self->looked_at = append_label (box, NULL, "dim-label");
  self->conditions = append_card (box);
  self->reason = append_label (box, NULL, "why-reason");
  self->proposals = append_card (box);
  gtk_widget_set_halign (clear, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (clear, 6);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (clear), "win.clear-search");
  gtk_box_append (GTK_BOX (box), clear);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), WIDTH_PX);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
fluo_why_nothing_view_new (FluoExplorer *explorer)
{
  FluoWhyNothingView *self = g_object_new (FLUO_TYPE_WHY_NOTHING_VIEW, NULL);

  self->explorer = g_object_ref (explorer);
  return GTK_WIDGET (self);
}
