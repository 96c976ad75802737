/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-pane.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-parts.h"

/* A new key takes effect within minutes. */
#define POLL_INTERVAL_S 3

#define FLUO_TYPE_ADMIN_ENCRYPTION (fluo_admin_encryption_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminEncryption, fluo_admin_encryption, FLUO, ADMIN_ENCRYPTION,
                      FluoAdminPane)

struct _FluoAdminEncryption
{
  FluoAdminPane parent_instance;

  FluoEncryptionConfig *config; /* or NULL */
  GtkWidget *card;
  GtkWidget *change;
  guint poll_id;
};

G_DEFINE_FINAL_TYPE (FluoAdminEncryption, fluo_admin_encryption, FLUO_TYPE_ADMIN_PANE)

static const FluoSetting settings[] = { FLUO_SETTING_ENCRYPTION };

/* --- The dialog -------------------------------------------------------------------------- */

typedef struct
{
  FluoEncryptionConfig *before;
  GtkWidget *kms; /* a GtkCheckButton */
  GtkEditable *key;
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;

  fluo_encryption_config_free (self->before);
  g_free (self);
}

static void
plan (gpointer data, FluoAdminPlan *ret_plan)
{
  Form *self = data;
  gboolean kms = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->kms));
  g_autofree char *key = g_strstrip (g_strdup (gtk_editable_get_text (self->key)));
  FluoEncryptionConfig after = { kms, kms ? key : NULL, FALSE };
  FluoXrayChange *change;

  gtk_widget_set_sensitive (GTK_WIDGET (self->key), kms);
  ret_plan->problem = kms ? g_strdup (fluo_xray_check_key (key)) : NULL;
  if (ret_plan->problem)
    return;
  change = fluo_xray_change_encryption (self->before, &after);
  if (change)
    g_ptr_array_add (ret_plan->changes, change);
}

static GtkWidget *
make_choice (GtkWidget *group, const char *title, const char *subtitle, GtkWidget *first)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();

  if (first)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), GTK_CHECK_BUTTON (first));
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return check;
}

static void
change_cb (FluoAdminEncryption *self)
{
  FluoAdminDialog *dialog = fluo_admin_dialog_new (
    fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)), _("Encryption"), _("_Change Encryption"),
    FALSE,
    _("Traces that are stored already stay under the key of before. If X-Ray loses the right to "
      "use the key, it stores nothing more."));
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *plain = make_choice (group, _("AWS’s own key"),
                                  _("X-Ray encrypts with a key that nobody has to look after"),
                                  NULL);
  Form *form = g_new0 (Form, 1);

  form->before = fluo_encryption_config_copy (self->config);
  form->kms = make_choice (group, _("A key of KMS"),
                           _("A symmetric key; readers of traces need kms:Decrypt for it"),
                           plain);
  form->key = fluo_admin_make_entry_row (group, _("Key ID, ARN or alias"),
                                         self->config->key ? self->config->key : "",
                                         "1234abcd-12ab-…, arn:aws:kms:…, alias/…");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->config->kms ? form->kms : plain), TRUE);
  g_signal_connect_object (form->kms, "toggled", G_CALLBACK (fluo_admin_dialog_update), dialog,
                           G_CONNECT_SWAPPED);
  fluo_admin_dialog_set_form (dialog, group);
  fluo_admin_dialog_set_plan (dialog, plan, form, form_free);
  gtk_widget_grab_focus (self->config->kms ? form->kms : plain);
  fluo_admin_dialog_follow (dialog, form->key);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- What is so now ---------------------------------------------------------------------- */

static void
add_local_words (FluoAdminEncryption *self, FluoExplorer *explorer)
{
  const FluoCollectorStatus *status = fluo_explorer_get_status (explorer);
  g_autofree char *folder =
    fluo_format_untrusted (status->data_dir ? status->data_dir : "–", 200);
  g_autofree char *where = g_strdup_printf (
    status->sealed
      ? _("They are in %s, sealed with AES-256-GCM. Only who has the key that the collector was "
          "started with can read them.")
      : _("They are in %s, in files that only your user can read. Whoever has the disk can read "
          "them too, unless the disk is encrypted."),
    folder);

  gtk_box_append (GTK_BOX (self->card),
                  fluo_admin_make_label (status->sealed
                                           ? _("Traces are kept encrypted on this computer")
                                           : _("Traces are kept unencrypted on this computer"),
                                         "heading"));
  gtk_box_append (GTK_BOX (self->card), fluo_admin_make_label (where, "dense"));
  gtk_box_append (GTK_BOX (self->card),
                  fluo_admin_make_label (_("There is no KMS here, so there is nothing to change."),
                                         "dense"));
}

static void
add_state (FluoAdminEncryption *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *dot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (dot, "state-dot");
  gtk_widget_add_css_class (dot, self->config->updating ? "retrying" : "connected");
  gtk_widget_set_valign (dot, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), dot);
  gtk_box_append (GTK_BOX (line),
                  fluo_admin_make_label (
                    self->config->updating
                      ? _("UPDATING: the change takes effect within minutes; this is read again "
                          "by itself")
                      : _("ACTIVE"),
                    "dense"));
  gtk_box_append (GTK_BOX (self->card), line);
}

static void
show_config (FluoAdminEncryption *self)
{
  FluoAdminWindow *admin = fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self));
  FluoExplorer *explorer = fluo_admin_window_get_explorer (admin);
  gboolean here = fluo_admin_window_is_here (admin);

  fluo_admin_clear_box (self->card);
  gtk_widget_set_visible (self->change, !here);
  if (here)
    {
      add_local_words (self, explorer);
      return;
    }
  gtk_box_append (GTK_BOX (self->card),
                  fluo_admin_make_label (self->config->kms
                                           ? _("Traces are encrypted with a key of KMS")
                                           : _("Traces are encrypted with AWS’s own key"),
                                         "heading"));
  if (self->config->kms)
    gtk_box_append (GTK_BOX (self->card),
                    fluo_admin_make_code (self->config->key ? self->config->key : "–"));
  gtk_box_append (
    GTK_BOX (self->card),
    fluo_admin_make_label (
      self->config->kms
        ? _("Who reads traces needs kms:Decrypt for it. KMS charges for the key and its use.")
        : _("It costs nothing and needs no permission. A key of your own in KMS can be taken away "
            "and is seen in CloudTrail whenever it is used."),
      "dense"));
  add_state (self);
}

static gboolean
poll_cb (gpointer data)
{
  FluoAdminEncryption *self = data;

  self->poll_id = 0;
  fluo_admin_pane_read_one (FLUO_ADMIN_PANE (self), FLUO_SETTING_ENCRYPTION);
  return G_SOURCE_REMOVE;
}

/* Who comes back to it wants to know how it went on. */
static void
map_cb (FluoAdminEncryption *self)
{
  if (self->config && self->config->updating && self->poll_id == 0)
    poll_cb (self);
}

static void
fluo_admin_encryption_answered (FluoAdminPane *pane, FluoSetting setting, GPtrArray *items)
{
  FluoAdminEncryption *self = FLUO_ADMIN_ENCRYPTION (pane);

  g_clear_handle_id (&self->poll_id, g_source_remove);
  if (items->len == 0)
    return;
  g_clear_pointer (&self->config, fluo_encryption_config_free);
  self->config = fluo_encryption_config_copy (g_ptr_array_index (items, 0));
  show_config (self);
  if (self->config->updating && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_cb, self);
}

static void
fluo_admin_encryption_dispose (GObject *object)
{
  FluoAdminEncryption *self = FLUO_ADMIN_ENCRYPTION (object);

  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_pointer (&self->config, fluo_encryption_config_free);
  G_OBJECT_CLASS (fluo_admin_encryption_parent_class)->dispose (object);
}

static void
fluo_admin_encryption_class_init (FluoAdminEncryptionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_encryption_dispose;
  FLUO_ADMIN_PANE_CLASS (klass)->answered = fluo_admin_encryption_answered;
}

static void
fluo_admin_encryption_init (FluoAdminEncryption *self)
{
  self->card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (self->card, "fluo-card");
  gtk_widget_add_css_class (self->card, "admin-part");
  gtk_box_append (fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self)), self->card);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
}

GtkWidget *
fluo_admin_encryption_new (FluoAdminWindow *admin)
{
  FluoAdminEncryption *self =
    g_object_new (FLUO_TYPE_ADMIN_ENCRYPTION, "orientation", GTK_ORIENTATION_VERTICAL, NULL);
  FluoAdminPane *pane = FLUO_ADMIN_PANE (self);

  fluo_admin_pane_set_up (pane, admin, _("Encryption"), _("How traces are kept at rest."),
                          settings, G_N_ELEMENTS (settings));
  self->change = fluo_admin_pane_add_button (pane, _("_Change…"), _("Choose another key"));
  gtk_widget_set_visible (self->change, FALSE);
  g_signal_connect_object (self->change, "clicked", G_CALLBACK (change_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
