/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-editor.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-connection-test.h"
#include "aws/fluo-permission.h"
#include "aws/fluo-profile-list.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"
#include "fluo-rights-view.h"
#include "fluo-sign-in-dialog.h"

#define PROBLEM_CHARS_MAX 300
#define BUDGET_STEP_USD .05
#define BUDGET_MAX_USD 1000

struct _FluoConnectionEditor
{
  GtkWidget parent_instance;

  GtkWidget *box;
  FluoConnection *connection; /* as it was given */
  gboolean fresh;
  gboolean filling;
  FluoProfileList *profiles;

  GtkEditable *name;
  AdwComboRow *profile;
  GtkStringList *profile_names; /* the profiles, then the key pair */
  AdwComboRow *region;
  GtkEditable *other_region;
  AdwActionRow *sign_in_row;
  GtkWidget *sign_in;
  GtkWidget *keys;
  GtkEditable *access_key;
  GtkEditable *secret;
  GtkEditable *token;
  GtkSwitch *metrics;
  GtkSwitch *logs;
  GtkEditable *endpoint;
  GtkEditable *role;
  GtkSwitch *fips;
  GtkSwitch *dual_stack;
  GtkWidget *accents[FLUO_N_ACCENTS];
  GtkEditable *badge;
  GtkSpinButton *budget;
  GtkDropDown *vault;
  GtkWidget *preview;
  GtkWidget *rights;
  GtkWidget *test_button;
  GtkWidget *remove;
  GtkWidget *save;
  GtkWidget *connect;
  GtkLabel *problem;

  FluoConnectionTest *test;
  FluoOpenConnection *open; /* of the test, for signing in */
  GCancellable *opening;
};

enum
{
  SIGNAL_SAVE,
  SIGNAL_CONNECT,
  SIGNAL_REMOVE,
  SIGNAL_CANCEL,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoConnectionEditor, fluo_connection_editor, GTK_TYPE_WIDGET)

/* What the choices of the vault's size mean, in MB. */
static const gint64 vault_sizes[] = { 0, 250, 1000, 5000, 20000 };

/* The choice that is at least as much. */
static guint
find_vault_size (gint64 mb)
{
  for (guint i = 0; i < G_N_ELEMENTS (vault_sizes); i++)
    if (vault_sizes[i] >= mb)
      return i;
  return G_N_ELEMENTS (vault_sizes) - 1;
}

/* --- The form's values --------------------------------------------------------------------- */

static const char *
text_of (GtkEditable *editable)
{
  return gtk_editable_get_text (editable);
}

static gboolean
uses_keys (FluoConnectionEditor *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->profile_names));

  return adw_combo_row_get_selected (self->profile) + 1 >= n;
}

static const char *
chosen_profile (FluoConnectionEditor *self)
{
  if (uses_keys (self))
    return "";
  return gtk_string_list_get_string (self->profile_names,
                                     adw_combo_row_get_selected (self->profile));
}

/* Rows of the regions: the profile's own, the table, another one. */
static const char *
chosen_region (FluoConnectionEditor *self)
{
  guint n, selected = adw_combo_row_get_selected (self->region);
  const FluoRegion *regions = fluo_regions_get (&n);

  if (selected == 0 || selected == GTK_INVALID_LIST_POSITION)
    return "";
  return selected <= n ? regions[selected - 1].name : text_of (self->other_region);
}

static FluoAccent
chosen_accent (FluoConnectionEditor *self)
{
  for (guint i = 0; i < FLUO_N_ACCENTS; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->accents[i])))
      return i;
  return FLUO_ACCENT_NONE;
}

FluoConnection *
fluo_connection_editor_dup_connection (FluoConnectionEditor *self)
{
  FluoConnection *connection;
  g_autofree char *name = NULL;

  g_return_val_if_fail (FLUO_IS_CONNECTION_EDITOR (self), NULL);
  connection = fluo_connection_copy (self->connection);
  name = g_strstrip (g_strdup (text_of (self->name)));
  connection->kind = uses_keys (self) ? FLUO_CONNECTION_KEYS : FLUO_CONNECTION_PROFILE;
  fluo_connection_set (&connection->profile, chosen_profile (self));
  fluo_connection_set (&connection->access_key, uses_keys (self) ? text_of (self->access_key) : "");
  fluo_connection_set (&connection->name, *name            ? name
                                          : uses_keys (self) ? text_of (self->access_key)
                                                             : chosen_profile (self));
  fluo_connection_set (&connection->region, chosen_region (self));
  fluo_connection_set (&connection->endpoint, text_of (self->endpoint));
  fluo_connection_set (&connection->role_arn, text_of (self->role));
  fluo_connection_set (&connection->badge, text_of (self->badge));
  connection->use_metrics = gtk_switch_get_active (self->metrics);
  connection->use_logs = gtk_switch_get_active (self->logs);
  connection->fips = gtk_switch_get_active (self->fips);
  connection->dual_stack = gtk_switch_get_active (self->dual_stack);
  connection->accent = chosen_accent (self);
  connection->vault_mb = vault_sizes[MIN (gtk_drop_down_get_selected (self->vault),
                                           G_N_ELEMENTS (vault_sizes) - 1)];
  connection->budget_microusd = (gint64) (gtk_spin_button_get_value (self->budget) * 1e6 + .5);
  return connection;
}

FluoCredentials *
fluo_connection_editor_dup_keys (FluoConnectionEditor *self)
{
  const char *token;

  g_return_val_if_fail (FLUO_IS_CONNECTION_EDITOR (self), NULL);
  if (!uses_keys (self) || !*text_of (self->access_key) || !*text_of (self->secret))
    return NULL;
  token = text_of (self->token);
  return fluo_credentials_new (text_of (self->access_key), text_of (self->secret),
                               *token ? token : NULL, _ ("typed in"));
}

void
fluo_connection_editor_show_problem (FluoConnectionEditor *self, const char *text)
{
  g_autofree char *safe = text ? fluo_format_untrusted (text, PROBLEM_CHARS_MAX) : NULL;

  g_return_if_fail (FLUO_IS_CONNECTION_EDITOR (self));
  gtk_label_set_text (self->problem, safe ? safe : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), safe != NULL);
}

/* --- Following what is typed --------------------------------------------------------------- */

static const FluoProfileInfo *
chosen_info (FluoConnectionEditor *self)
{
  return self->profiles && !uses_keys (self)
             ? fluo_profile_list_find (self->profiles, chosen_profile (self))
             : NULL;
}

static void
changed_cb (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = NULL;
  const FluoProfileInfo *info;
  gboolean keys, ok;
  guint n;

  if (self->filling || !self->connection)
    return;
  fluo_regions_get (&n);
  keys = uses_keys (self);
  info = chosen_info (self);
  connection = fluo_connection_editor_dup_connection (self);
  ok = fluo_connection_check (connection, NULL)
       && (*connection->region || (info && info->region) || (!keys && !info));
  if (keys && (self->fresh || self->connection->kind != FLUO_CONNECTION_KEYS))
    ok = ok && *text_of (self->secret);
  gtk_widget_set_visible (self->keys, keys);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_row), !keys && info);
  if (info)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->sign_in_row),
                                     fluo_profile_kind_get_words (info->kind));
      gtk_widget_set_visible (self->sign_in,
                              info->kind == FLUO_PROFILE_SSO || info->kind == FLUO_PROFILE_ROLE
                                  || info->kind == FLUO_PROFILE_LOGIN);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->other_region),
                          adw_combo_row_get_selected (self->region) == n + 1);
  gtk_widget_set_sensitive (self->save, ok);
  gtk_widget_set_sensitive (self->connect, ok);
  gtk_widget_set_sensitive (self->test_button, ok);
  fluo_badge_set (self->preview, connection);
  fluo_connection_editor_show_problem (self, NULL);
}

/* The row of "the profile's own" says which that is. */
static void
profile_changed_cb (FluoConnectionEditor *self)
{
  const FluoProfileInfo *info;
  GtkStringList *regions;
  g_autofree char *own = NULL, *title = NULL;
  const char *texts[2] = { NULL };
  guint selected;

  if (self->filling || !self->connection)
    return;
  info = chosen_info (self);
  regions = GTK_STRING_LIST (adw_combo_row_get_model (self->region));
  selected = adw_combo_row_get_selected (self->region);
  title = info && info->region ? fluo_region_dup_title (info->region) : NULL;
  own = title ? g_strdup (title)
              : g_strdup (uses_keys (self) ? _ ("Choose one") : _ ("None in the profile"));
  texts[0] = own;
  self->filling = TRUE;
  gtk_string_list_splice (regions, 0, 1, texts);
  adw_combo_row_set_selected (self->region, selected);
  self->filling = FALSE;
  changed_cb (self);
}

static void
select_profile (FluoConnectionEditor *self, const FluoConnection *connection)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->profile_names));
  guint selected = n - 1;

  if (connection->kind == FLUO_CONNECTION_PROFILE)
    {
      for (guint i = 0; i + 1 < n; i++)
        if (g_str_equal (gtk_string_list_get_string (self->profile_names, i), connection->profile))
          selected = i;
      if (selected == n - 1 && *connection->profile)
        {
          /* Not in the files any more: still what the connection says. */
          const char *const gone[] = { connection->profile, NULL };

          gtk_string_list_splice (self->profile_names, 0, 0, gone);
          selected = 0;
        }
      else if (selected == n - 1 && n > 1)
        selected = 0;
    }
  adw_combo_row_set_selected (self->profile, selected);
}

static void
profiles_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionEditor) self = user_data;
  FluoProfileList *profiles = fluo_profile_list_load_finish (result, NULL);
  g_autoptr (FluoConnection) connection = NULL;
  g_autoptr (GPtrArray) names = NULL;
  guint n;

  if (!profiles || !self->box || !self->connection)
    return;
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  self->profiles = profiles;
  connection = fluo_connection_copy (self->connection);
  names = g_ptr_array_new ();
  for (guint i = 0; i < profiles->profiles->len; i++)
    g_ptr_array_add (names, ((FluoProfileInfo *) profiles->profiles->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  self->filling = TRUE;
  n = g_list_model_get_n_items (G_LIST_MODEL (self->profile_names));
  gtk_string_list_splice (self->profile_names, 0, n - 1, (const char *const *) names->pdata);
  select_profile (self, connection);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->profile), profiles->place);
  self->filling = FALSE;
  profile_changed_cb (self);
}

/* --- Testing ------------------------------------------------------------------------------- */

static void
stop_test (FluoConnectionEditor *self)
{
  if (self->opening)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  if (self->test)
    {
      g_signal_handlers_disconnect_by_data (self->test, self);
      fluo_connection_test_stop (self->test);
    }
  g_clear_object (&self->test);
  g_clear_pointer (&self->open, fluo_open_connection_free);
}

static void
test_changed_cb (FluoConnectionEditor *self)
{
  const FluoRightResult *signed_in = fluo_connection_test_get (self->test, FLUO_RIGHT_SIGN_IN);
  gboolean running = fluo_connection_test_is_running (self->test);

  gtk_button_set_label (GTK_BUTTON (self->test_button),
                        running ? _ ("Testing…") : _ ("Test Again"));
  if (signed_in->state == FLUO_RIGHT_OK && self->open->provider)
    {
      g_autoptr (FluoCredentialFacts) facts =
          fluo_credential_provider_dup_facts (self->open->provider);
      g_autofree char *left = fluo_credential_facts_dup_left (
          facts, g_get_real_time () / G_USEC_PER_SEC);
      g_autofree char *text = g_strdup_printf (_ ("Valid %s"), left);

      adw_action_row_set_subtitle (self->sign_in_row, text);
    }
  else if (signed_in->state == FLUO_RIGHT_FAILED)
    adw_action_row_set_subtitle (self->sign_in_row, _ ("Not signed in"));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  FluoOpenConnection *open = fluo_connection_open_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!open)
    {
      fluo_connection_editor_show_problem (self, error->message);
      return;
    }
  if (!self->opening)
    {
      fluo_open_connection_free (open);
      return;
    }
  g_clear_object (&self->opening);
  self->open = open;
  self->test = fluo_connection_test_new (open, gtk_switch_get_active (self->metrics),
                                         gtk_switch_get_active (self->logs));
  g_signal_connect_object (self->test, "changed", G_CALLBACK (test_changed_cb), self,
                           G_CONNECT_SWAPPED);
  fluo_rights_view_set_test (FLUO_RIGHTS_VIEW (self->rights), self->test);
}

void
fluo_connection_editor_test (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = NULL;
  g_autoptr (FluoCredentials) keys = NULL;

  g_return_if_fail (FLUO_IS_CONNECTION_EDITOR (self));
  stop_test (self);
  fluo_connection_editor_show_problem (self, NULL);
  connection = fluo_connection_editor_dup_connection (self);
  keys = fluo_connection_editor_dup_keys (self);
  self->opening = g_cancellable_new ();
  fluo_connection_open_async (connection, keys, self->opening, opened_cb, g_object_ref (self));
}

static void
signed_in_cb (const GError *error, gpointer user_data)
{
  FluoConnectionEditor *self = user_data;

  if (!self->box || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error)
    fluo_connection_editor_show_problem (self, error->message);
  else
    fluo_connection_editor_test (self);
}

static void
opened_to_sign_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoOpenConnection) open = fluo_connection_open_finish (result, &error);
  GtkRoot *root = self->box ? gtk_widget_get_root (GTK_WIDGET (self)) : NULL;

  if (!root || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error)
    fluo_connection_editor_show_problem (self, error->message);
  else if (open->provider)
    fluo_sign_in_run (open->provider, GTK_WINDOW (root), signed_in_cb, g_object_ref (self),
                      g_object_unref);
}

static void
sign_in_cb (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = fluo_connection_editor_dup_connection (self);

  if (!*connection->name)
    return;
  stop_test (self);
  self->opening = g_cancellable_new ();
  fluo_connection_open_async (connection, NULL, self->opening, opened_to_sign_in_cb,
                              g_object_ref (self));
}

static void
copy_policy_cb (FluoConnectionEditor *self)
{
  g_autofree char *text = fluo_permission_dup_policy (gtk_switch_get_active (self->metrics),
                                                      gtk_switch_get_active (self->logs));

  fluo_connection_copy_text (GTK_WIDGET (self), text);
}

static void
save_cb (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_SAVE], 0);
}

static void
connect_cb (FluoConnectionEditor *self)
{
  if (gtk_widget_get_sensitive (self->connect))
    g_signal_emit (self, signals[SIGNAL_CONNECT], 0);
}

static void
remove_cb (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_REMOVE], 0);
}

static void
cancel_cb (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_CANCEL], 0);
}

/* --- Making -------------------------------------------------------------------------------- */

static GtkEditable *
add_entry (FluoConnectionEditor *self, GtkWidget *group, GtkWidget *row, const char *title)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (connect_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_EDITABLE (row);
}

static GtkSwitch *
add_switch (FluoConnectionEditor *self, GtkWidget *group, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (button, "notify::active", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_SWITCH (button);
}

static GtkWidget *
make_region_row (FluoConnectionEditor *self)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  GtkStringList *model;
  const FluoRegion *regions;
  guint n;

  regions = fluo_regions_get (&n);
  g_ptr_array_add (titles, g_strdup (_ ("The profile’s own")));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (titles, fluo_region_dup_title (regions[i].name));
  g_ptr_array_add (titles, g_strdup (_ ("Another one…")));
  g_ptr_array_add (titles, NULL);
  model = gtk_string_list_new ((const char *const *) titles->pdata);
  self->region = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->region), _ ("Region"));
  adw_combo_row_set_model (self->region, G_LIST_MODEL (model));
  g_object_unref (model);
  g_signal_connect_object (self->region, "notify::selected", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self->region);
}

static GtkWidget *
make_target (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  const char *const none[] = { _ ("Key pair…"), NULL };

  self->name = add_entry (self, group, adw_entry_row_new (), _ ("Name"));
  self->profile_names = gtk_string_list_new (none);
  self->profile = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->profile), _ ("Profile"));
  adw_combo_row_set_model (self->profile, G_LIST_MODEL (self->profile_names));
  g_object_unref (self->profile_names);
  g_signal_connect_object (self->profile, "notify::selected", G_CALLBACK (profile_changed_cb),
                           self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->profile));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_region_row (self));
  self->other_region = add_entry (self, group, adw_entry_row_new (),
                                  _ ("Name of the region (eu-west-1)"));
  self->sign_in_row = ADW_ACTION_ROW (adw_action_row_new ());
  adw_action_row_add_prefix (self->sign_in_row,
                             gtk_image_new_from_icon_name ("fluoroscope-key-symbolic"));
  self->sign_in = gtk_button_new_with_label (_ ("Sign In"));
  gtk_widget_set_valign (self->sign_in, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->sign_in, "clicked", G_CALLBACK (sign_in_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (self->sign_in_row, self->sign_in);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->sign_in_row));
  return group;
}

static GtkWidget *
make_keys (FluoConnectionEditor *self)
{
  self->keys = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->keys), _ ("Key pair"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->keys),
                                         _ ("Kept in the keyring, and nowhere else."));
  self->access_key = add_entry (self, self->keys, adw_entry_row_new (), _ ("Access key ID"));
  self->secret = add_entry (self, self->keys, adw_password_entry_row_new (),
                            _ ("Secret access key"));
  self->token = add_entry (self, self->keys, adw_password_entry_row_new (),
                           _ ("Session token, if there is one"));
  return self->keys;
}

static GtkWidget *
make_uses (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Use for, besides traces"));
  self->metrics = add_switch (self, group, _ ("CloudWatch metrics and alarms"), NULL);
  self->logs = add_switch (self, group, _ ("Logs"), NULL);
  return group;
}

static GtkWidget *
make_details (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *more = adw_expander_row_new ();

  self->role = add_entry (self, group, adw_entry_row_new (), _ ("Role to take on (ARN), or none"));
  self->endpoint = add_entry (self, group, adw_entry_row_new (),
                              _ ("Endpoint, empty for the region’s own"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), _ ("Variants of the endpoint"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), more);
  {
    GtkWidget *inner = adw_preferences_group_new ();

    gtk_widget_set_margin_start (inner, 12);
    gtk_widget_set_margin_end (inner, 12);
    gtk_widget_set_margin_top (inner, 6);
    gtk_widget_set_margin_bottom (inner, 12);
    self->fips = add_switch (self, inner, _ ("FIPS"), _ ("Validated cryptography; few regions"));
    self->dual_stack = add_switch (self, inner, _ ("Dual stack"), _ ("IPv6 as well as IPv4"));
    adw_expander_row_add_row (ADW_EXPANDER_ROW (more), inner);
  }
  return group;
}

static GtkWidget *
make_accents (FluoConnectionEditor *self)
{
  const char *names[FLUO_N_ACCENTS] = { _ ("No colour"), _ ("Red"),  _ ("Orange"),
                                        _ ("Green"),     _ ("Blue"), _ ("Purple") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < FLUO_N_ACCENTS; i++)
    {
      GtkWidget *button = gtk_toggle_button_new ();

      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button),
                                     GTK_TOGGLE_BUTTON (self->accents[0]));
      gtk_widget_set_tooltip_text (button, names[i]);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      names[i], -1);
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "swatch");
      fluo_accent_apply (button, i);
      g_signal_connect_object (button, "toggled", G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
      self->accents[i] = button;
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
make_mark (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *colour = adw_action_row_new ();
  GtkWidget *budget = adw_action_row_new ();
  GtkWidget *dollar = gtk_label_new ("$");

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Be careful here"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (colour), _ ("Colour of the window"));
  self->preview = fluo_badge_new ();
  adw_action_row_add_suffix (ADW_ACTION_ROW (colour), self->preview);
  adw_action_row_add_suffix (ADW_ACTION_ROW (colour), make_accents (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), colour);
  self->badge = add_entry (self, group, adw_entry_row_new (), _ ("Badge, such as PROD"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (budget), _ ("Budget an hour"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (budget),
                               _ ("Reading asks before it is passed. 0: no limit"));
  self->budget = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, BUDGET_MAX_USD,
                                                                  BUDGET_STEP_USD));
  gtk_spin_button_set_digits (self->budget, 2);
  gtk_widget_set_valign (GTK_WIDGET (self->budget), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->budget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Budget an hour in dollars"), -1);
  g_signal_connect_object (self->budget, "value-changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (budget), dollar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (budget), GTK_WIDGET (self->budget));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), budget);
  return group;
}

static GtkWidget *
make_vault (FluoConnectionEditor *self)
{
  const char *const names[] = { _ ("Nothing"), "250 MB", "1 GB", "5 GB", "20 GB", NULL };
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("On this computer"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Keep what is opened"));
  adw_action_row_set_subtitle (
      ADW_ACTION_ROW (row),
      _ ("In an encrypted vault, to be found offline and when AWS has dropped it. The oldest goes "
         "first"));
  self->vault = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (names));
  gtk_widget_set_valign (GTK_WIDGET (self->vault), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->vault), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How much of what is opened is kept"), -1);
  g_signal_connect_object (self->vault, "notify::selected", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->vault));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return group;
}

static GtkWidget *
make_test (FluoConnectionEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_ ("Test"));
  GtkWidget *copy = gtk_button_new_with_label (_ ("Copy a Policy for Reading"));

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_tooltip_text (copy, _ ("The least that IAM has to allow, as JSON"));
  gtk_widget_add_css_class (copy, "small-button");
  gtk_widget_add_css_class (copy, "flat");
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_policy_cb), self, G_CONNECT_SWAPPED);
  self->test_button = gtk_button_new_with_label (_ ("Test"));
  gtk_widget_add_css_class (self->test_button, "small-button");
  g_signal_connect_object (self->test_button, "clicked", G_CALLBACK (fluo_connection_editor_test),
                           self, G_CONNECT_SWAPPED);
  self->rights = fluo_rights_view_new ();
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), copy);
  gtk_box_append (GTK_BOX (head), self->test_button);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), self->rights);
  return box;
}

static GtkWidget *
make_foot (FluoConnectionEditor *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  self->remove = gtk_button_new_with_mnemonic (_ ("_Remove"));
  gtk_widget_add_css_class (self->remove, "flat");
  gtk_widget_add_css_class (self->remove, "error");
  self->save = gtk_button_new_with_mnemonic (_ ("_Save"));
  self->connect = gtk_button_new_with_mnemonic (_ ("Save and C_onnect"));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  g_signal_connect_object (self->remove, "clicked", G_CALLBACK (remove_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (cancel_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (save_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connect, "clicked", G_CALLBACK (connect_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (cancel, "pill-button");
  gtk_widget_add_css_class (self->save, "pill-button");
  gtk_widget_add_css_class (self->connect, "pill-button");
  gtk_box_append (GTK_BOX (foot), self->remove);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (foot), space);
  gtk_box_append (GTK_BOX (foot), cancel);
  gtk_box_append (GTK_BOX (foot), self->save);
  gtk_box_append (GTK_BOX (foot), self->connect);
  gtk_widget_add_css_class (foot, "editor-foot");
  return foot;
}

static void
fluo_connection_editor_dispose (GObject *object)
{
  FluoConnectionEditor *self = FLUO_CONNECTION_EDITOR (object);

  stop_test (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->connection, fluo_connection_free);
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  G_OBJECT_CLASS (fluo_connection_editor_parent_class)->dispose (object);
}

static void
fluo_connection_editor_class_init (FluoConnectionEditorClass *klass)
{
  static const char *const names[N_SIGNALS] = { "save", "connect", "remove", "cancel" };

  G_OBJECT_CLASS (klass)->dispose = fluo_connection_editor_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_connection_editor_init (FluoConnectionEditor *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->filling = TRUE;
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_wrap_mode (self->problem, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->problem, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "notice");
  gtk_widget_add_css_class (column, "editor-column");
  gtk_box_append (GTK_BOX (column), make_target (self));
  gtk_box_append (GTK_BOX (column), make_keys (self));
  gtk_box_append (GTK_BOX (column), make_uses (self));
  gtk_box_append (GTK_BOX (column), make_details (self));
  gtk_box_append (GTK_BOX (column), make_mark (self));
  gtk_box_append (GTK_BOX (column), make_vault (self));
  gtk_box_append (GTK_BOX (column), make_test (self));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_vexpand (scroller, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (self->box), make_foot (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->filling = FALSE;
}

/* --- Public -------------------------------------------------------------------------------- */

GtkWidget *
fluo_connection_editor_new (void)
{
  return g_object_new (FLUO_TYPE_CONNECTION_EDITOR, NULL);
}

static void
fill_region (FluoConnectionEditor *self, const char *region)
{
  guint n, selected = 0;
  const FluoRegion *regions = fluo_regions_get (&n);

  if (*region)
    {
      selected = n + 1;
      for (guint i = 0; i < n; i++)
        if (g_str_equal (regions[i].name, region))
          selected = i + 1;
    }
  adw_combo_row_set_selected (self->region, selected);
  gtk_editable_set_text (self->other_region, selected == n + 1 ? region : "");
}

void
fluo_connection_editor_edit (FluoConnectionEditor *self, const FluoConnection *connection,
                             gboolean fresh)
{
  g_return_if_fail (FLUO_IS_CONNECTION_EDITOR (self));
  fluo_connection_editor_leave (self);
  self->connection = fluo_connection_copy (connection);
  self->fresh = fresh;
  self->filling = TRUE;
  gtk_editable_set_text (self->name, connection->name);
  select_profile (self, connection);
  fill_region (self, connection->region);
  gtk_editable_set_text (self->access_key, connection->access_key);
  gtk_editable_set_text (self->endpoint, connection->endpoint);
  gtk_editable_set_text (self->role, connection->role_arn);
  gtk_editable_set_text (self->badge, connection->badge);
  gtk_switch_set_active (self->metrics, connection->use_metrics);
  gtk_switch_set_active (self->logs, connection->use_logs);
  gtk_switch_set_active (self->fips, connection->fips);
  gtk_switch_set_active (self->dual_stack, connection->dual_stack);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->accents[connection->accent]), TRUE);
  gtk_spin_button_set_value (self->budget, (double) connection->budget_microusd / 1e6);
  gtk_drop_down_set_selected (self->vault, find_vault_size (connection->vault_mb));
  gtk_widget_set_visible (self->remove, !fresh);
  gtk_button_set_label (GTK_BUTTON (self->test_button), _ ("Test"));
  self->filling = FALSE;
  profile_changed_cb (self);
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
}

void
fluo_connection_editor_leave (FluoConnectionEditor *self)
{
  g_return_if_fail (FLUO_IS_CONNECTION_EDITOR (self));
  stop_test (self);
  fluo_rights_view_set_test (FLUO_RIGHTS_VIEW (self->rights), NULL);
  g_clear_pointer (&self->connection, fluo_connection_free);
  self->filling = TRUE;
  gtk_editable_set_text (self->secret, "");
  gtk_editable_set_text (self->token, "");
  adw_action_row_set_subtitle (self->sign_in_row, "");
  self->filling = FALSE;
}
