/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-compare-page-private.h"
#include "app/traces/fluo-cohort-words.h"
#include "core/fluo-format.h"

/* What else differs between the two traces, and where else it is so. */

#define FACTS_HEIGHT 200
#define KEY_CHARS_MAX 22
#define TEXT_CHARS_MAX 120
#define TOOLTIP_CHARS_MAX 600

static void
expanded_cb (GtkExpander *expander, GParamSpec *pspec, FluoComparePage *self)
{
  self->facts_kept |= !self->folding;
}

GtkWidget *
fluo_compare_page_make_facts (FluoComparePage *self)
{
  GtkWidget *expander = gtk_expander_new (NULL);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *heading = gtk_label_new (_("What else differs")), *scroll = gtk_scrolled_window_new ();

  gtk_widget_add_css_class (heading, "compare-heading");
  self->same = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->same, 0);
  gtk_label_set_ellipsize (self->same, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->same), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->same), "caption");
  gtk_box_append (GTK_BOX (line), heading);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->same));
  self->facts = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->facts, 16);
  gtk_widget_set_margin_top (scroll, 4);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), FACTS_HEIGHT);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (self->facts));
  gtk_expander_set_label_widget (GTK_EXPANDER (expander), line);
  gtk_expander_set_child (GTK_EXPANDER (expander), scroll);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  gtk_widget_add_css_class (expander, "compare-facts");
  self->facts_expander = GTK_EXPANDER (expander);
  g_signal_connect (expander, "notify::expanded", G_CALLBACK (expanded_cb), self);

  return expander;
}

static void
find_cb (GtkButton *button, FluoComparePage *self)
{
  const char *condition = g_object_get_data (G_OBJECT (button), "condition");

  /* The tab may go with the first of the two. */
  g_object_ref (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.filter-add", "s", condition);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-matches", NULL);
  g_object_unref (self);
}

static GtkWidget *
new_find (FluoComparePage *self, const FluoTerm *term)
{
  GtkWidget *button = gtk_button_new_with_label (_("Find traces with this"));
  char *condition = fluo_cohort_dup_expression (term);
  g_autofree char *safe = fluo_format_untrusted (condition, TEXT_CHARS_MAX);
  g_autofree char *name = g_strdup_printf (_("Find traces with %s"), safe);

  g_object_set_data_full (G_OBJECT (button), "condition", condition, g_free);
  gtk_widget_add_css_class (button, "text-link");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (button, "clicked", G_CALLBACK (find_cb), self);

  return button;
}

static GtkWidget *
new_cell (const char *text, const char *css)
{
  g_autofree char *safe = fluo_format_untrusted (text, TEXT_CHARS_MAX);
  g_autofree char *all = fluo_format_untrusted (text, TOOLTIP_CHARS_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_widget_set_tooltip_text (label, all);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_add_css_class (label, css);

  return label;
}

/* A's and B's columns share what the others leave. */
static GtkWidget *
new_value (const char *text, const char *css)
{
  GtkWidget *label = new_cell (text != NULL ? text : _("none"), css);

  gtk_label_set_max_width_chars (GTK_LABEL (label), 1);
  gtk_widget_set_hexpand (label, TRUE);

  return label;
}

static void
add_fact (FluoComparePage *self, const FluoCompareFact *fact, int row)
{
  GtkWidget *key = new_cell (fact->key, "dim-label");
  FluoTerm term;

  gtk_label_set_max_width_chars (GTK_LABEL (key), KEY_CHARS_MAX);
  if (row > 0)
    gtk_grid_attach (self->facts, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL), 0, 2 * row - 1, 4,
                     1);
  gtk_grid_attach (self->facts, key, 0, 2 * row, 1, 1);
  gtk_grid_attach (self->facts, new_value (fact->a, "fact-a"), 1, 2 * row, 1, 1);
  gtk_grid_attach (self->facts, new_value (fact->b, "fact-b"), 2, 2 * row, 1, 1);
  if (self->explorer != NULL && fluo_compare_fact_get_term (fact, &term))
    gtk_grid_attach (self->facts, new_find (self, &term), 3, 2 * row, 1, 1);
}

void
fluo_compare_page_update_facts (FluoComparePage *self, FluoTraceComparison *comparison)
{
  GtkWidget *child;
  g_autofree char *keys = NULL, *safe = NULL, *text = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->facts))) != NULL)
    gtk_grid_remove (self->facts, child);
  for (guint i = 0; i < comparison->facts->len; i++)
    add_fact (self, &g_array_index (comparison->facts, FluoCompareFact, i), (int) i);

  keys = fluo_trace_comparison_dup_same (comparison);
  safe = fluo_format_untrusted (keys, TEXT_CHARS_MAX);
  text = *safe != '\0' ? g_strdup_printf (_("the same: %s"), safe) : g_strdup ("");
  gtk_label_set_text (self->same, text);
}
