/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-pane.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "filter/fluo-filter-explain.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-group-dialog.h"
#include "fluo-admin-parts.h"

/* More are not counted. */
#define COUNTED_MAX FLUO_XRAY_CONDITIONS_MAX

#define FLUO_TYPE_ADMIN_GROUPS (fluo_admin_groups_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminGroups, fluo_admin_groups, FLUO, ADMIN_GROUPS, FluoAdminPane)

struct _FluoAdminGroups
{
  FluoAdminPane parent_instance;

  GtkWidget *card;
  GtkWidget *note;
  GtkWidget *from_filter; /* the button for the window's own filter */
  GPtrArray *groups;      /* FluoXrayGroup, or NULL */
  GPtrArray *counts;      /* GtkLabel of each group that is counted, borrowed */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (FluoAdminGroups, fluo_admin_groups, FLUO_TYPE_ADMIN_PANE)

static const FluoSetting settings[] = { FLUO_SETTING_GROUPS };

static gboolean
is_default (const FluoXrayGroup *group)
{
  return g_str_equal (group->name, FLUO_DEFAULT_GROUP_NAME);
}

/* --- What is done with a group ----------------------------------------------------------- */

static const FluoXrayGroup *
group_of (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW)),
                            "fluo-group");
}

static void
edit_cb (FluoAdminGroups *self, GtkButton *button)
{
  fluo_admin_group_dialog_present (fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)),
                                   group_of (GTK_WIDGET (button)), TRUE);
}

static void
remove_cb (FluoAdminGroups *self, GtkButton *button)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);

  g_ptr_array_add (changes,
                   fluo_xray_change_group (group_of (GTK_WIDGET (button)), NULL, NULL));
  fluo_admin_dialog_confirm (
    fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)), _("Remove Group"), _("_Remove Group"),
    TRUE,
    _("Its traces stay. Made anew it has another ARN and no tags, and the traces of before don’t "
      "belong to it."),
    changes);
}

static void
traces_cb (FluoAdminGroups *self, GtkButton *button)
{
  fluo_admin_window_show_traces (fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)),
                                 group_of (GTK_WIDGET (button))->filter);
}

static void
add_cb (FluoAdminGroups *self)
{
  fluo_admin_window_add_group (fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)), "");
}

static void
add_from_filter_cb (FluoAdminGroups *self)
{
  FluoAdminWindow *admin = fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self));

  fluo_admin_window_add_group (admin,
                               fluo_explorer_get_filter (fluo_admin_window_get_explorer (admin)));
}

/* --- Counting ---------------------------------------------------------------------------- */

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoAdminGroups) self = user_data;
  g_autoptr (FluoFilterCounts) counts =
    fluo_explorer_count_finish (FLUO_EXPLORER (source), result, NULL);

  if (!counts || !fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)))
    return;
  for (guint i = 0; i < MIN (counts->conditions->len, self->counts->len); i++)
    {
      FluoConditionCount *count = &g_array_index (counts->conditions, FluoConditionCount, i);
      g_autofree char *number = fluo_format_count (count->alone);
      /* Translators: a number of traces. */
      g_autofree char *text =
        g_strdup_printf (ngettext ("%s trace", "%s traces", (gulong) count->alone), number);

      gtk_label_set_text (g_ptr_array_index (self->counts, i), text);
    }
}

static void
count (FluoAdminGroups *self, const char *const *conditions)
{
  FluoAdminWindow *admin = fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self));

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (conditions[0])
    fluo_explorer_count_async (fluo_admin_window_get_explorer (admin), conditions, NULL,
                               self->cancellable, counted_cb, g_object_ref (self));
}

/* --- Rows -------------------------------------------------------------------------------- */

static GtkWidget *
make_action (FluoAdminGroups *self, const char *icon, const char *tooltip, GCallback callback,
             gboolean changes)
{
  GtkWidget *button = fluo_admin_make_button (icon, tooltip);

  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_widget_set_sensitive (button,
                            !changes || fluo_admin_pane_may_change (FLUO_ADMIN_PANE (self)));
  return button;
}

static GtkWidget *
make_words (const FluoXrayGroup *group, const FluoFilter *filter)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *explained = fluo_admin_make_label ("", "dense");

  gtk_widget_add_css_class (explained, "dim-label");
  gtk_box_append (GTK_BOX (head), fluo_admin_make_line (group->name, "strong"));
  if (group->insights)
    gtk_box_append (GTK_BOX (head),
                    fluo_admin_make_chip (_("insights"),
                                          _("Services that fail more than usual are told of")));
  if (group->notifications)
    gtk_box_append (GTK_BOX (head),
                    fluo_admin_make_chip (_("notifications"),
                                          _("Events when insights begin, change and end")));
  gtk_box_append (GTK_BOX (words), head);
  if (*group->filter)
    gtk_box_append (GTK_BOX (words), fluo_admin_make_filter (group->filter));
  if (!*group->filter)
    gtk_label_set_text (GTK_LABEL (explained), _("Every trace."));
  else if (filter)
    {
      g_autoptr (FluoSentence) sentence = fluo_filter_explain (filter);

      fluo_admin_set_sentence (GTK_LABEL (explained), sentence);
    }
  else
    gtk_label_set_text (GTK_LABEL (explained),
                        _("This expression can’t be put into words; X-Ray has taken it."));
  gtk_box_append (GTK_BOX (words), explained);
  gtk_widget_set_hexpand (words, TRUE);
  return words;
}

static void
add_row (FluoAdminGroups *self, const FluoXrayGroup *group, GPtrArray *conditions)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (group->filter, -1, NULL, NULL);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *counted = gtk_label_new (NULL);
  GtkWidget *actions = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  g_object_set_data_full (G_OBJECT (row), "fluo-group", fluo_xray_group_copy (group),
                          (GDestroyNotify) fluo_xray_group_free);
  gtk_widget_add_css_class (row, "admin-row");
  gtk_widget_add_css_class (counted, "numeric");
  gtk_widget_add_css_class (counted, "dense");
  gtk_widget_add_css_class (counted, "dim-label");
  gtk_widget_set_tooltip_text (counted, _("That match now, of the range on screen"));
  gtk_box_append (GTK_BOX (box), make_words (group, filter));
  gtk_box_append (GTK_BOX (box), counted);
  gtk_box_append (GTK_BOX (actions), make_action (self, "fluoroscope-list-symbolic",
                                                  _("Show its traces"), G_CALLBACK (traces_cb),
                                                  FALSE));
  gtk_box_append (GTK_BOX (actions), make_action (self, "fluoroscope-edit-symbolic",
                                                  _("Change filter, insights and tags…"),
                                                  G_CALLBACK (edit_cb), TRUE));
  if (!is_default (group))
    gtk_box_append (GTK_BOX (actions), make_action (self, "fluoroscope-trash-symbolic",
                                                    _("Remove…"), G_CALLBACK (remove_cb), TRUE));
  else
    gtk_widget_set_margin_end (actions, 28);
  gtk_box_append (GTK_BOX (box), actions);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, group->name,
                                  -1);
  gtk_list_box_append (GTK_LIST_BOX (self->card), row);
  if (filter && *group->filter && conditions->len < COUNTED_MAX)
    {
      g_ptr_array_add (conditions, group->filter);
      g_ptr_array_add (self->counts, counted);
    }
}

static void
show_groups (FluoAdminGroups *self)
{
  g_autoptr (GPtrArray) conditions = g_ptr_array_new ();
  FluoAdminWindow *admin = fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self));
  const char *filter = fluo_explorer_get_filter (fluo_admin_window_get_explorer (admin));
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->card)))
    gtk_list_box_remove (GTK_LIST_BOX (self->card), row);
  g_ptr_array_set_size (self->counts, 0);
  for (guint i = 0; self->groups && i < self->groups->len; i++)
    add_row (self, g_ptr_array_index (self->groups, i), conditions);
  gtk_widget_set_visible (self->card, self->groups && self->groups->len > 0);
  gtk_widget_set_visible (self->note, self->groups && self->groups->len < 2);
  gtk_widget_set_visible (self->from_filter, *filter != '\0');
  g_ptr_array_add (conditions, NULL);
  count (self, (const char *const *) conditions->pdata);
}

static void
fluo_admin_groups_answered (FluoAdminPane *pane, FluoSetting setting, GPtrArray *items)
{
  FluoAdminGroups *self = FLUO_ADMIN_GROUPS (pane);

  g_clear_pointer (&self->groups, g_ptr_array_unref);
  self->groups = g_ptr_array_ref (items);
  fluo_admin_window_set_count (fluo_admin_pane_get_admin (pane), FLUO_ADMIN_SECTION_GROUPS,
                               items->len);
  show_groups (self);
}

static void
fluo_admin_groups_dispose (GObject *object)
{
  FluoAdminGroups *self = FLUO_ADMIN_GROUPS (object);

  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (fluo_admin_groups_parent_class)->dispose (object);
}

static void
fluo_admin_groups_finalize (GObject *object)
{
  FluoAdminGroups *self = FLUO_ADMIN_GROUPS (object);

  g_object_unref (self->cancellable);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_ptr_array_unref (self->counts);
  G_OBJECT_CLASS (fluo_admin_groups_parent_class)->finalize (object);
}

static void
fluo_admin_groups_class_init (FluoAdminGroupsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_groups_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_admin_groups_finalize;
  FLUO_ADMIN_PANE_CLASS (klass)->answered = fluo_admin_groups_answered;
}

static void
fluo_admin_groups_init (FluoAdminGroups *self)
{
  GtkBox *content = fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self));

  self->counts = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->card = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->card), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->card, "fluo-card");
  gtk_widget_add_css_class (self->card, "admin-list");
  gtk_widget_set_overflow (self->card, GTK_OVERFLOW_HIDDEN);
  self->note = fluo_admin_make_empty (
    "fluoroscope-filter-symbolic", _("No group besides Default"),
    _("A group is a filter that X-Ray keeps watch over: “checkout in production”, with a map, "
      "statistics and insights of its own."));
  gtk_box_append (content, self->card);
  gtk_box_append (content, self->note);
}

GtkWidget *
fluo_admin_groups_new (FluoAdminWindow *admin)
{
  FluoAdminGroups *self =
    g_object_new (FLUO_TYPE_ADMIN_GROUPS, "orientation", GTK_ORIENTATION_VERTICAL, NULL);
  FluoAdminPane *pane = FLUO_ADMIN_PANE (self);

  fluo_admin_pane_set_up (pane, admin, _("Groups"),
                          _("Filters with a map, statistics and insights of their own."),
                          settings, G_N_ELEMENTS (settings));
  self->from_filter = fluo_admin_pane_add_button (
    pane, _("From the _Filter…"), _("A group of what the window’s filter lets through"));
  g_signal_connect_object (self->from_filter, "clicked", G_CALLBACK (add_from_filter_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (
    fluo_admin_pane_add_button (pane, _("_New Group…"), _("Make a group")), "clicked",
    G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
