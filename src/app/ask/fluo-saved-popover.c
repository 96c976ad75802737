/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-saved-popover.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-foreign.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter.h"
#include "fluo-query-row.h"
#include "fluo-saved-queries.h"

#define NOTICE_CHARS_MAX 400

/* X-Ray's own limit is far lower. */
#define GROUPS_MAX 200

struct _FluoSavedPopover
{
  GtkPopover parent_instance;

  FluoExplorer *explorer;
  GtkListBox *list;
  GtkListBox *groups;
  GtkLabel *groups_title;
  GtkLabel *groups_note;
  GtkWidget *groups_box;
  GtkWidget *search;
  GtkWidget *notice;
  GtkLabel *notice_label;
  GtkWidget *export;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (FluoSavedPopover, fluo_saved_popover, GTK_TYPE_POPOVER)

/* --- Counts ------------------------------------------------------------------------------ */

/* Rows whose filters are counted together, each for itself. */
typedef struct
{
  FluoSavedPopover *popover;
  GPtrArray *rows;
} Counting;

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Counting *counting = user_data;
  g_autoptr (FluoFilterCounts) counts = fluo_explorer_count_finish (FLUO_EXPLORER (source), result,
                                                                    NULL);

  for (guint i = 0; counts && i < MIN (counts->conditions->len, counting->rows->len); i++)
    {
      g_autofree char *count = fluo_format_count (
          g_array_index (counts->conditions, FluoConditionCount, i).alone);

      fluo_query_row_set_detail (g_ptr_array_index (counting->rows, i), count);
    }
  g_object_unref (counting->popover);
  g_ptr_array_unref (counting->rows);
  g_free (counting);
}

static void
collect_rows (GtkListBox *list, GPtrArray *rows, GStrvBuilder *builder)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)); i++)
    {
      const char *filter = g_object_get_data (G_OBJECT (row), "filter");
      g_autoptr (FluoFilter) good = filter ? fluo_filter_new (filter, -1, NULL, NULL) : NULL;

      if (!good || rows->len >= FLUO_XRAY_CONDITIONS_MAX)
        continue;
      g_ptr_array_add (rows, g_object_ref (row));
      g_strv_builder_add (builder, filter);
    }
}

static void
count_rows (FluoSavedPopover *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) filters = NULL;
  Counting *counting;

  if (!fluo_explorer_get_client (self->explorer))
    return;
  counting = g_new0 (Counting, 1);
  counting->rows = g_ptr_array_new_with_free_func (g_object_unref);
  counting->popover = g_object_ref (self);
  collect_rows (self->list, counting->rows, builder);
  collect_rows (self->groups, counting->rows, builder);
  filters = g_strv_builder_end (builder);
  if (counting->rows->len == 0)
    {
      g_object_unref (counting->popover);
      g_ptr_array_unref (counting->rows);
      g_free (counting);
      return;
    }
  fluo_explorer_count_async (self->explorer, (const char *const *) filters, NULL,
                             self->cancellable, counted_cb, counting);
}

/* --- Rows -------------------------------------------------------------------------------- */

static void
row_button_cb (GtkButton *button, FluoSavedPopover *self)
{
  const char *action = g_object_get_data (G_OBJECT (button), "action");
  const char *id = g_object_get_data (G_OBJECT (button), "id");
  const char *filter = g_object_get_data (G_OBJECT (button), "filter");

  /* A star is set where it is seen; what opens a window closes the list. */
  if (!g_str_equal (action, "query.star-saved") && !g_str_equal (action, "query.remove-saved"))
    gtk_popover_popdown (GTK_POPOVER (self));
  if (filter)
    gtk_widget_activate_action (GTK_WIDGET (self), action, "(ss)", id, filter);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), action, "s", id);
}

static GtkWidget *
make_row_button (FluoSavedPopover *self, const char *icon, const char *tooltip, const char *action,
                 const char *id, const char *filter)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "row-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "action", g_strdup (action), g_free);
  g_object_set_data_full (G_OBJECT (button), "id", g_strdup (id), g_free);
  if (filter)
    g_object_set_data_full (G_OBJECT (button), "filter", g_strdup (filter), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (row_button_cb), self, 0);
  return button;
}

static GtkWidget *
make_saved (FluoSavedPopover *self, const FluoSavedQuery *query)
{
  GtkWidget *star = make_row_button (
      self, query->starred ? "fluoroscope-star-filled-symbolic" : "fluoroscope-star-symbolic",
      query->starred ? _("Take the star away") : _("Give it a star"), "query.star-saved",
      query->id, NULL);
  GtkWidget *row = fluo_query_row_new (star, query->name, query->text);

  gtk_widget_add_css_class (star, query->starred ? "starred" : "faint");
  fluo_query_row_add (row,
                      make_row_button (self, "fluoroscope-cloud-symbolic",
                                       _("Make an X-Ray group of it"), "query.group-from-saved",
                                       query->id, NULL),
                      TRUE);
  fluo_query_row_add (row,
                      make_row_button (self, "fluoroscope-edit-symbolic", _("Edit"),
                                       "query.edit-saved", query->id, NULL),
                      TRUE);
  fluo_query_row_add (row,
                      make_row_button (self, "fluoroscope-trash-symbolic", _("Remove"),
                                       "query.remove-saved", query->id, NULL),
                      TRUE);
  g_object_set_data_full (G_OBJECT (row), "filter", g_strdup (query->text), g_free);
  return row;
}

static GtkWidget *
make_group (FluoSavedPopover *self, const char *name, const char *filter)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-cloud-symbolic");
  GtkWidget *row;

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 14);
  gtk_widget_set_margin_start (icon, 2);
  gtk_widget_set_margin_end (icon, 2);
  gtk_widget_add_css_class (icon, "faint");
  row = fluo_query_row_new (icon, name, filter);
  fluo_query_row_add (row,
                      make_row_button (self, "fluoroscope-star-symbolic",
                                       _("Save as a filter of your own"), "query.save-group",
                                       name, filter),
                      TRUE);
  g_object_set_data_full (G_OBJECT (row), "filter", g_strdup (filter), g_free);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  return row;
}

static void
clear_list (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)))
    gtk_list_box_remove (list, GTK_WIDGET (row));
}

static void
fill (FluoSavedPopover *self)
{
  FluoSavedQueries *queries = fluo_saved_queries_get_default ();
  g_autoptr (GPtrArray) found = fluo_saved_queries_search (
      queries, fluo_explorer_get_name (self->explorer),
      gtk_editable_get_text (GTK_EDITABLE (self->search)));
  const char *notice = fluo_saved_queries_get_notice (queries);

  clear_list (self->list);
  for (guint i = 0; i < found->len; i++)
    gtk_list_box_append (self->list, make_saved (self, g_ptr_array_index (found, i)));
  fluo_foreign_set_label (self->notice_label, notice, NOTICE_CHARS_MAX);
  gtk_widget_set_visible (self->notice, notice != NULL);
  gtk_widget_set_sensitive (self->export, fluo_saved_queries_get_all (queries)->len > 0);
}

static gboolean
filter_group_cb (GtkListBoxRow *row, gpointer data)
{
  FluoSavedPopover *self = data;
  const char *name = g_object_get_data (G_OBJECT (row), "name");
  const char *filter = g_object_get_data (G_OBJECT (row), "filter");
  g_autofree char *both = g_strdup_printf ("%s\n%s", name, filter);
  g_autofree char *folded = g_utf8_casefold (both, -1);
  g_autofree char *words = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)),
                                            -1);
  g_auto (GStrv) split = g_strsplit_set (words, " \t", 16);

  for (guint i = 0; split[i]; i++)
    if (!strstr (folded, split[i]))
      return FALSE;
  return TRUE;
}

/* --- Groups ------------------------------------------------------------------------------ */

static void
show_groups (FluoSavedPopover *self, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "Groups");
  guint n = 0;

  clear_list (self->groups);
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE && n < GROUPS_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *name = fluo_json_tape_dup_member (tape, node, "GroupName");
      g_autofree char *filter = fluo_json_tape_dup (
          tape, fluo_json_tape_get (tape, node, "FilterExpression"));

      /* X-Ray's own group is every trace and has no filter. */
      if (!name || !filter || !*filter)
        continue;
      gtk_list_box_append (self->groups, make_group (self, name, filter));
      n++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->groups_note), n == 0);
  gtk_label_set_text (self->groups_note, _("There are no groups."));
}

static void
groups_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoSavedPopover) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result,
                                                                &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->explorer)
    return;
  if (tape)
    {
      show_groups (self, tape);
      count_rows (self);
      return;
    }
  clear_list (self->groups);
  gtk_label_set_text (self->groups_note, _("The groups could not be read."));
  fluo_foreign_set_tooltip (GTK_WIDGET (self->groups_note), error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->groups_note), TRUE);
}

static void
read_groups (FluoSavedPopover *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  g_autofree char *name = fluo_format_untrusted (fluo_explorer_get_name (self->explorer), 40);
  g_autofree char *title = g_strdup_printf (_("Groups in %s"), name);

  gtk_label_set_text (self->groups_title, title);
  gtk_widget_set_visible (self->groups_box, client != NULL);
  if (client)
    fluo_xray_client_call_async (client, "/Groups", NULL, self->cancellable, groups_cb,
                                 g_object_ref (self));
}

/* --- What the user does ------------------------------------------------------------------ */

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, FluoSavedPopover *self)
{
  g_autofree char *filter = g_strdup (g_object_get_data (G_OBJECT (row), "filter"));

  gtk_popover_popdown (GTK_POPOVER (self));
  gtk_widget_activate_action (GTK_WIDGET (self), "query.use", "s", filter);
}

static void
search_changed_cb (FluoSavedPopover *self)
{
  fill (self);
  gtk_list_box_invalidate_filter (self->groups);
  count_rows (self);
}

static void
search_activated_cb (FluoSavedPopover *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list, 0);

  if (first)
    activated_cb (self->list, first, self);
}

static void
queries_changed_cb (FluoSavedPopover *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  fill (self);
  count_rows (self);
}

static void
popdown_cb (FluoSavedPopover *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
fluo_saved_popover_map (GtkWidget *widget)
{
  FluoSavedPopover *self = FLUO_SAVED_POPOVER (widget);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  fluo_query_row_fit_frame (gtk_popover_get_child (GTK_POPOVER (self)));
  fill (self);
  read_groups (self);
  count_rows (self);
  GTK_WIDGET_CLASS (fluo_saved_popover_parent_class)->map (widget);
  gtk_widget_grab_focus (self->search);
}

/* --- Layout ------------------------------------------------------------------------------ */

static GtkListBox *
make_list (FluoSavedPopover *self, const char *name, const char *placeholder)
{
  GtkListBox *list = GTK_LIST_BOX (gtk_list_box_new ());

  gtk_list_box_set_selection_mode (list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (placeholder)
    {
      GtkWidget *empty = gtk_label_new (placeholder);

      gtk_label_set_wrap (GTK_LABEL (empty), TRUE);
      gtk_label_set_max_width_chars (GTK_LABEL (empty), 44);
      gtk_label_set_justify (GTK_LABEL (empty), GTK_JUSTIFY_CENTER);
      gtk_widget_add_css_class (empty, "query-empty");
      gtk_list_box_set_placeholder (list, empty);
    }
  g_signal_connect_object (list, "row-activated", G_CALLBACK (activated_cb), self, 0);
  return list;
}

static GtkWidget *
make_groups (FluoSavedPopover *self)
{
  self->groups_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->groups = make_list (self, _("X-Ray groups"), NULL);
  gtk_list_box_set_filter_func (self->groups, filter_group_cb, self, NULL);
  self->groups_title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->groups_title, 0);
  gtk_label_set_ellipsize (self->groups_title, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->groups_title), "query-section");
  self->groups_note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->groups_note, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->groups_note), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->groups_note), "query-note");
  gtk_box_append (GTK_BOX (self->groups_box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->groups_box), GTK_WIDGET (self->groups_title));
  gtk_box_append (GTK_BOX (self->groups_box), GTK_WIDGET (self->groups_note));
  gtk_box_append (GTK_BOX (self->groups_box), GTK_WIDGET (self->groups));
  return self->groups_box;
}

static GtkWidget *
make_foot_button (FluoSavedPopover *self, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small-button");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  g_signal_connect_object (button, "clicked", G_CALLBACK (popdown_cb), self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
make_notice (FluoSavedPopover *self)
{
  self->notice = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->notice, "query-notice");
  self->notice_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->notice_label, TRUE);
  gtk_label_set_wrap_mode (self->notice_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (self->notice_label, 50);
  gtk_label_set_xalign (self->notice_label, 0);
  gtk_box_append (GTK_BOX (self->notice), GTK_WIDGET (self->notice_label));
  return self->notice;
}

static void
fluo_saved_popover_dispose (GObject *object)
{
  FluoSavedPopover *self = FLUO_SAVED_POPOVER (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_saved_popover_parent_class)->dispose (object);
}

static void
fluo_saved_popover_class_init (FluoSavedPopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_saved_popover_dispose;
  GTK_WIDGET_CLASS (klass)->map = fluo_saved_popover_map;
}

static void
fluo_saved_popover_init (FluoSavedPopover *self)
{
  GtkWidget *lists = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *box;

  gtk_widget_add_css_class (GTK_WIDGET (self), "query-popover");
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  self->list = make_list (self, _("Saved filters"),
                          _("Filters that you save with Ctrl+D are listed here."));
  gtk_box_append (GTK_BOX (lists), make_notice (self));
  gtk_box_append (GTK_BOX (lists), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (lists), make_groups (self));
  box = fluo_query_row_make_frame (_("Search saved filters"), lists, &self->search);
  gtk_box_append (GTK_BOX (foot), make_foot_button (self, _("Save as…"), "query.save-as"));
  gtk_box_append (GTK_BOX (foot), make_foot_button (self, _("Import…"), "query.import"));
  self->export = make_foot_button (self, _("Export…"), "query.export");
  gtk_box_append (GTK_BOX (foot), self->export);
  gtk_box_append (GTK_BOX (box), foot);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "activate", G_CALLBACK (search_activated_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_popover_set_child (GTK_POPOVER (self), box);
}

GtkWidget *
fluo_saved_popover_new (FluoExplorer *explorer)
{
  FluoSavedPopover *self = g_object_new (FLUO_TYPE_SAVED_POPOVER, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (fluo_saved_queries_get_default (), "changed",
                           G_CALLBACK (queries_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
