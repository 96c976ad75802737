/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-tags.h"

#include <glib/gi18n.h>

#include "aws/fluo-permission.h"
#include "fluo-admin-parts.h"

struct _FluoAdminTags
{
  GtkBox parent_instance;

  FluoAdminWindow *admin; /* weak */
  char *arn;
  GPtrArray *before; /* FluoTag, or NULL */
  GtkWidget *state;  /* a box: what is said in place of the rows */
  GtkWidget *rows;
  GtkWidget *add;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (FluoAdminTags, fluo_admin_tags, GTK_TYPE_BOX)

static guint changed_signal;

static void
emit_changed (FluoAdminTags *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
update_add (FluoAdminTags *self)
{
  guint n = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (self->rows); row;
       row = gtk_widget_get_next_sibling (row))
    n++;
  gtk_widget_set_sensitive (self->add, n < FLUO_TAGS_MAX);
}

static void
remove_cb (GtkButton *button, FluoAdminTags *self)
{
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (button));

  gtk_box_remove (GTK_BOX (self->rows), row);
  update_add (self);
  gtk_widget_grab_focus (self->add);
  emit_changed (self);
}

static GtkWidget *
make_entry (FluoAdminTags *self, const char *label, const char *text)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (emit_changed), self, G_CONNECT_SWAPPED);
  return entry;
}

static GtkWidget *
add_row (FluoAdminTags *self, const char *key, const char *value)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *entry = make_entry (self, _("Key"), key);
  GtkWidget *remove =
    fluo_admin_make_button ("fluoroscope-trash-symbolic", _("Remove this tag"));

  gtk_box_append (GTK_BOX (row), entry);
  gtk_box_append (GTK_BOX (row), make_entry (self, _("Value"), value));
  g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_cb), self, 0);
  gtk_box_append (GTK_BOX (row), remove);
  gtk_box_append (GTK_BOX (self->rows), row);
  update_add (self);
  return entry;
}

static void
add_cb (FluoAdminTags *self)
{
  gtk_widget_grab_focus (add_row (self, "", ""));
  emit_changed (self);
}

static void
show_tags (FluoAdminTags *self, GPtrArray *tags)
{
  self->before = g_ptr_array_ref (tags);
  fluo_admin_clear_box (self->state);
  gtk_widget_set_visible (self->add, TRUE);
  for (guint i = 0; i < tags->len; i++)
    {
      const FluoTag *tag = g_ptr_array_index (tags, i);

      add_row (self, tag->key, tag->value);
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoAdminTags) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tags =
    fluo_xray_client_get_setting_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autofree char *statement = NULL;

  if (!self->admin)
    return;
  if (tags)
    {
      show_tags (self, tags);
      emit_changed (self);
      return;
    }
  if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS) &&
      !fluo_admin_window_is_here (self->admin))
    statement = fluo_permission_dup_statement_for ("ListTagsForResource", self->arn);
  fluo_admin_clear_box (self->state);
  gtk_box_append (GTK_BOX (self->state),
                  fluo_admin_make_error (_("The tags can’t be shown; the rest can be changed"),
                                         error, statement));
}

static void
fluo_admin_tags_dispose (GObject *object)
{
  FluoAdminTags *self = FLUO_ADMIN_TAGS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_weak_pointer (&self->admin);
  G_OBJECT_CLASS (fluo_admin_tags_parent_class)->dispose (object);
}

static void
fluo_admin_tags_finalize (GObject *object)
{
  FluoAdminTags *self = FLUO_ADMIN_TAGS (object);

  g_object_unref (self->cancellable);
  g_clear_pointer (&self->before, g_ptr_array_unref);
  g_free (self->arn);
  G_OBJECT_CLASS (fluo_admin_tags_parent_class)->finalize (object);
}

static void
fluo_admin_tags_class_init (FluoAdminTagsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_tags_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_admin_tags_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_admin_tags_init (FluoAdminTags *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->cancellable = g_cancellable_new ();
  self->state = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->add = gtk_button_new_with_mnemonic (_("Add _Tag"));
  gtk_widget_add_css_class (self->add, "small-button");
  gtk_widget_set_halign (self->add, GTK_ALIGN_START);
  gtk_widget_set_visible (self->add, FALSE);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self), fluo_admin_make_heading (_("Tags")));
  gtk_box_append (GTK_BOX (self), self->state);
  gtk_box_append (GTK_BOX (self), self->rows);
  gtk_box_append (GTK_BOX (self), self->add);
}

GtkWidget *
fluo_admin_tags_new (FluoAdminWindow *admin, const char *arn)
{
  FluoAdminTags *self = g_object_new (FLUO_TYPE_ADMIN_TAGS, NULL);
  FluoXrayClient *client = fluo_admin_window_get_client (admin);
  g_autoptr (GPtrArray) none = NULL;

  g_set_weak_pointer (&self->admin, admin);
  self->arn = g_strdup (arn);
  if (arn && client)
    {
      gtk_box_append (GTK_BOX (self->state),
                      fluo_admin_make_label (_("Reading the tags…"), "dim-label"));
      fluo_xray_client_get_setting_async (client, FLUO_SETTING_TAGS, arn, self->cancellable,
                                          read_cb, g_object_ref (self));
      return GTK_WIDGET (self);
    }
  none = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tag_free);
  show_tags (self, none);
  return GTK_WIDGET (self);
}

GPtrArray *
fluo_admin_tags_get_before (FluoAdminTags *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_TAGS (self), NULL);
  return self->before;
}

GPtrArray *
fluo_admin_tags_dup (FluoAdminTags *self)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tag_free);

  g_return_val_if_fail (FLUO_IS_ADMIN_TAGS (self), tags);
  for (GtkWidget *row = gtk_widget_get_first_child (self->rows); row;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *key = gtk_widget_get_first_child (row);

      g_ptr_array_add (tags, fluo_tag_new (
                               gtk_editable_get_text (GTK_EDITABLE (key)),
                               gtk_editable_get_text (
                                 GTK_EDITABLE (gtk_widget_get_next_sibling (key)))));
    }
  return tags;
}
