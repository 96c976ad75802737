/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-aws-dialog.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "aws/fluo-credentials.h"
#include "aws/fluo-secret-store.h"

struct _FluoAwsDialog
{
  AdwWindow parent_instance;

  FluoWindow *window;
  GtkStringList *choices; /* profiles, then the key pair */
  AdwComboRow *profile;
  GtkEditable *region;
  GtkWidget *keys;
  GtkEditable *access_key;
  GtkEditable *secret;
  GtkEditable *token;
  GtkSwitch *keep;
  GtkWidget *connect;
};

G_DEFINE_FINAL_TYPE (FluoAwsDialog, fluo_aws_dialog, ADW_TYPE_WINDOW)

/* The last choice is the key pair. */
static gboolean
uses_keys (FluoAwsDialog *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->choices));

  return n == 0 || adw_combo_row_get_selected (self->profile) == n - 1;
}

/* "eu-central-1": letters, digits and hyphens, two hyphens at least. It becomes part of a host
 * name. */
static gboolean
is_region (const char *text)
{
  guint hyphens = 0;

  for (const char *c = text; *c; c++)
    {
      if (*c == '-')
        hyphens++;
      else if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c))
        return FALSE;
    }
  return hyphens >= 2 && strlen (text) <= 32 && *text != '-';
}

static void
changed_cb (FluoAwsDialog *self)
{
  gboolean keys = uses_keys (self);
  const char *region = gtk_editable_get_text (self->region);
  gboolean ok = keys ? is_region (region) : !*region || is_region (region);

  if (keys)
    ok = ok && *gtk_editable_get_text (self->access_key) && *gtk_editable_get_text (self->secret);
  gtk_widget_set_visible (self->keys, keys);
  gtk_widget_set_sensitive (self->connect, ok);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoWindow) window = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (fluo_secret_store_save_finish (result, &error))
    return;
  text = g_strdup_printf (_ ("The key pair can't be kept: %s"), error->message);
  fluo_window_toast (window, text);
}

static void
connect_cb (FluoAwsDialog *self)
{
  const char *region = gtk_editable_get_text (self->region);

  if (!gtk_widget_get_sensitive (self->connect))
    return;
  if (uses_keys (self))
    {
      const char *token = gtk_editable_get_text (self->token);
      const char *access_key = gtk_editable_get_text (self->access_key);
      g_autoptr (FluoCredentials) credentials = fluo_credentials_new (
          access_key, gtk_editable_get_text (self->secret), *token ? token : NULL, _ ("typed in"));

      fluo_window_connect_aws (self->window, credentials, access_key, region);
      if (gtk_switch_get_active (self->keep))
        fluo_secret_store_save_async (access_key, credentials, NULL, kept_cb,
                                      g_object_ref (self->window));
    }
  else
    {
      guint selected = adw_combo_row_get_selected (self->profile);

      fluo_window_connect_profile (self->window,
                                   gtk_string_list_get_string (self->choices, selected),
                                   *region ? region : NULL);
    }
  gtk_window_close (GTK_WINDOW (self));
}

static void
fluo_aws_dialog_dispose (GObject *object)
{
  FluoAwsDialog *self = FLUO_AWS_DIALOG (object);

  g_clear_weak_pointer (&self->window);
  G_OBJECT_CLASS (fluo_aws_dialog_parent_class)->dispose (object);
}

static void
fluo_aws_dialog_class_init (FluoAwsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_aws_dialog_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkEditable *
add_entry (FluoAwsDialog *self, GtkWidget *group, GtkWidget *row, const char *title)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (connect_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_EDITABLE (row);
}

static GtkWidget *
make_header (FluoAwsDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  self->connect = gtk_button_new_with_mnemonic (_ ("C_onnect"));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  g_signal_connect_object (self->connect, "clicked", G_CALLBACK (connect_cb), self,
                           G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->connect);
  return header;
}

static void
profiles_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, fluo_credentials_list_profiles (), (GDestroyNotify) g_strfreev);
}

static void
profiles_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoAwsDialog *self = FLUO_AWS_DIALOG (source);
  g_auto (GStrv) profiles = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!self->window)
    return;
  if (profiles)
    gtk_string_list_splice (self->choices, 0, 0, (const char *const *) profiles);
  adw_combo_row_set_selected (self->profile, 0);
  changed_cb (self);
}

static void
fluo_aws_dialog_init (FluoAwsDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *who = adw_preferences_group_new ();
  const char *const none[] = { _ ("Key pair…"), NULL };
  g_autoptr (GTask) task = NULL;
  GtkWidget *keep_row;

  gtk_window_set_title (GTK_WINDOW (self), _ ("Connect to AWS"));
  gtk_window_set_default_size (GTK_WINDOW (self), 480, -1);
  gtk_box_append (GTK_BOX (box), make_header (self));
  self->choices = gtk_string_list_new (none);
  self->profile = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->profile), _ ("Profile"));
  adw_combo_row_set_model (self->profile, G_LIST_MODEL (self->choices));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (who), _ ("Reading needs the permissions of AWSXRayReadOnlyAccess."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (who), GTK_WIDGET (self->profile));
  self->region = add_entry (self, who, adw_entry_row_new (),
                            _ ("Region, empty for the profile’s own (eu-central-1)"));
  self->keys = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->keys), _ ("Key pair"));
  self->access_key = add_entry (self, self->keys, adw_entry_row_new (), _ ("Access key ID"));
  self->secret = add_entry (self, self->keys, adw_password_entry_row_new (),
                            _ ("Secret access key"));
  self->token = add_entry (self, self->keys, adw_password_entry_row_new (),
                           _ ("Session token, if there is one"));
  keep_row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (keep_row), _ ("Keep in the keyring"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (keep_row),
                               _ ("Otherwise it is forgotten with this window"));
  self->keep = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->keep), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (keep_row), GTK_WIDGET (self->keep));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (keep_row), GTK_WIDGET (self->keep));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->keys), keep_row);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (who));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (self->keys));
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), page);
  adw_window_set_content (ADW_WINDOW (self), box);
  g_signal_connect_object (self->profile, "notify::selected", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  changed_cb (self);

  task = g_task_new (self, NULL, profiles_listed_cb, NULL);
  g_task_set_source_tag (task, fluo_aws_dialog_init);
  g_task_run_in_thread (task, profiles_thread);
}

GtkWidget *
fluo_aws_dialog_new (FluoWindow *window)
{
  FluoAwsDialog *self = g_object_new (FLUO_TYPE_AWS_DIALOG, NULL);

  fluo_compat_set_parent (GTK_WINDOW (self), GTK_WINDOW (window));
  g_set_weak_pointer (&self->window, window);
  return GTK_WIDGET (self);
}
