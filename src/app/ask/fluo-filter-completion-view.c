/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-completion-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

#define HELP_PX 260
/* Under this there is no room for the help beside the list. */
#define HELP_MIN_PX 700

/* --- Rows -------------------------------------------------------------------------------- */

static const char *
kind_icon (FluoProposalKind kind)
{
  switch (kind)
    {
    case FLUO_PROPOSAL_ANNOTATION:
    case FLUO_PROPOSAL_VALUE:
      return "fluoroscope-tag-symbolic";
    case FLUO_PROPOSAL_SERVICE:
      return "fluoroscope-kind-container-symbolic";
    case FLUO_PROPOSAL_FORM:
      return "fluoroscope-route-symbolic";
    case FLUO_PROPOSAL_CONDITION:
      return "fluoroscope-filter-symbolic";
    case FLUO_PROPOSAL_TRACE:
      return "fluoroscope-waterfall-symbolic";
    case FLUO_PROPOSAL_KEYWORD:
    case FLUO_PROPOSAL_OPERATOR:
    case FLUO_PROPOSAL_JOIN:
    default:
      return "fluoroscope-kind-code-symbolic";
    }
}

static PangoAttrList *
make_match (const FluoFilterProposal *proposal)
{
  PangoAttrList *list = pango_attr_list_new ();
  PangoAttribute *bold = pango_attr_weight_new (PANGO_WEIGHT_BOLD);

  bold->start_index = proposal->match.start;
  bold->end_index = proposal->match.end;
  pango_attr_list_insert (list, bold);
  return list;
}

GtkWidget *
fluo_filter_completion_make_row (const FluoFilterProposal *proposal)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (kind_icon (proposal->kind));
  GtkWidget *label = gtk_label_new (proposal->label);
  GtkWidget *type = gtk_label_new (proposal->type);
  GtkWidget *count = gtk_label_new (NULL);
  g_autoptr (PangoAttrList) match = make_match (proposal);
  g_autofree char *number = proposal->count >= 0 ? fluo_format_count (proposal->count) : NULL;
  g_autofree char *spoken = g_strdup_printf (
      "%s%s%s%s%s", proposal->label, proposal->type ? ", " : "",
      proposal->type ? proposal->type : "", number ? ", " : "", number ? number : "");

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 14);
  gtk_widget_add_css_class (icon, "faint");
  gtk_widget_add_css_class (label, "monospace");
  gtk_label_set_attributes (GTK_LABEL (label), match);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (type, "caption");
  gtk_widget_add_css_class (type, "faint");
  gtk_widget_add_css_class (count, "caption");
  gtk_widget_add_css_class (count, "numeric");
  gtk_label_set_text (GTK_LABEL (count), number ? number : "");
  gtk_label_set_width_chars (GTK_LABEL (count), number ? 6 : 0);
  gtk_label_set_xalign (GTK_LABEL (count), 1);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), type);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

/* --- Help beside the list ---------------------------------------------------------------- */

static void
add_value (FluoFilterCompletionList *self, const FluoProposalValue *value, gint64 most, int line)
{
  GtkGrid *grid = GTK_GRID (self->values);
  GtkWidget *name = gtk_label_new (value->text);
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, MAX (most, 1));
  g_autofree char *number = fluo_format_count (MAX (value->count, 0));
  GtkWidget *count = gtk_label_new (number);

  gtk_widget_add_css_class (name, "monospace");
  gtk_widget_add_css_class (name, "caption");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (name), 14);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), MAX (value->count, 0));
  gtk_widget_add_css_class (bar, "value-bar");
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (count, "caption");
  gtk_widget_add_css_class (count, "numeric");
  gtk_label_set_xalign (GTK_LABEL (count), 1);
  gtk_grid_attach (grid, name, 0, line, 1, 1);
  gtk_grid_attach (grid, bar, 1, line, 1, 1);
  gtk_grid_attach (grid, count, 2, line, 1, 1);
}

void
fluo_filter_completion_update_help (FluoFilterCompletionList *self,
                                    const FluoFilterProposal *proposal)
{
  gboolean room = gtk_widget_get_width (GTK_WIDGET (gtk_widget_get_root (self->parent)))
                  >= HELP_MIN_PX;
  GtkWidget *child;
  gint64 most = 0;

  gtk_widget_set_visible (self->help, room && (proposal->help || proposal->n_values > 0));
  gtk_label_set_text (self->title, proposal->label);
  gtk_label_set_text (self->text, proposal->help ? proposal->help : "");
  gtk_widget_set_visible (GTK_WIDGET (self->text), proposal->help != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->values_title), proposal->n_values > 0);
  while ((child = gtk_widget_get_first_child (self->values)))
    gtk_grid_remove (GTK_GRID (self->values), child);
  for (guint i = 0; i < proposal->n_values; i++)
    most = MAX (most, proposal->values[i].count);
  for (guint i = 0; i < proposal->n_values; i++)
    add_value (self, &proposal->values[i], most, i);
}

/* --- Layout ------------------------------------------------------------------------------ */

static GtkWidget *
make_key (const char *key)
{
  GtkWidget *label = gtk_label_new (key);

  gtk_widget_add_css_class (label, "key-cap");
  return label;
}

static GtkWidget *
make_foot (FluoFilterCompletionList *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (foot, "completion-foot");
  gtk_box_append (GTK_BOX (foot), make_key (_("Tab")));
  gtk_box_append (GTK_BOX (foot), gtk_label_new (_("insert")));
  gtk_box_append (GTK_BOX (foot), make_key (_("Esc")));
  gtk_box_append (GTK_BOX (foot), gtk_label_new (_("close")));
  self->foot = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->foot, 1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->foot), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->foot), "numeric");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->foot));
  return foot;
}

GtkWidget *
fluo_filter_completion_make_list (FluoFilterCompletionList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_set_focusable (GTK_WIDGET (self->list), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("What can be written here"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_box_append (GTK_BOX (box), self->scroller);
  gtk_box_append (GTK_BOX (box), make_foot (self));
  return box;
}

GtkWidget *
fluo_filter_completion_make_help (FluoFilterCompletionList *self)
{
  GtkWidget *help = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  self->help = help;
  gtk_widget_add_css_class (help, "completion-help");
  gtk_widget_set_size_request (help, HELP_PX, -1);
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  /* No text makes the help wider than it is: it would be cut at the popover's edge. */
  gtk_label_set_max_width_chars (self->title, 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "strong");
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_max_width_chars (self->text, 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "dense");
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "dim-label");
  self->values_title = GTK_LABEL (gtk_label_new (_("Values")));
  gtk_label_set_xalign (self->values_title, 0);
  gtk_widget_set_margin_top (GTK_WIDGET (self->values_title), 7);
  gtk_widget_add_css_class (GTK_WIDGET (self->values_title), "caption-heading");
  self->values = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->values), 8);
  gtk_grid_set_row_spacing (GTK_GRID (self->values), 6);
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->values_title));
  gtk_box_append (GTK_BOX (help), self->values);
  return help;
}
