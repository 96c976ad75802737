/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-editor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-permission.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"
#include "fluo-rights-view.h"
#include "fluo-sign-in-dialog.h"

#define PROBLEM_CHARS_MAX 300

enum
{
  SIGNAL_SAVE,
  SIGNAL_CONNECT,
  SIGNAL_REMOVE,
  SIGNAL_CANCEL,
  SIGNAL_CHOOSE,
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

/* Single sign-on without a profile stays what it is: there is no profile to choose. */
static gboolean
uses_sso (FluoConnectionEditor *self)
{
  return self->connection && self->connection->kind == FLUO_CONNECTION_SSO;
}

static gboolean
uses_keys (FluoConnectionEditor *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->profile_names));

  if (uses_sso (self))
    return FALSE;
  return adw_combo_row_get_selected (self->profile) + 1 >= n;
}

static const char *
chosen_profile (FluoConnectionEditor *self)
{
  if (uses_keys (self) || uses_sso (self))
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
  if (!uses_sso (self))
    connection->kind = uses_keys (self) ? FLUO_CONNECTION_KEYS : FLUO_CONNECTION_PROFILE;
  fluo_connection_set (&connection->profile, chosen_profile (self));
  fluo_connection_set (&connection->access_key, uses_keys (self) ? text_of (self->access_key) : "");
  fluo_connection_set (&connection->name, *name            ? name
                                          : uses_sso (self)  ? connection->sso_account
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
                               *token ? token : NULL, _("typed in"));
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
  return self->profiles && !uses_keys (self) && !uses_sso (self)
             ? fluo_profile_list_find (self->profiles, chosen_profile (self))
             : NULL;
}

void
fluo_connection_editor_changed (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = NULL;
  g_autofree char *remark = NULL;
  const FluoProfileInfo *info;
  gboolean keys, sso, ok;
  guint n;

  if (self->filling || !self->connection)
    return;
  fluo_regions_get (&n);
  keys = uses_keys (self);
  sso = uses_sso (self);
  info = chosen_info (self);
  connection = fluo_connection_editor_dup_connection (self);
  ok = fluo_connection_check (connection, NULL)
       && (*connection->region || (info && info->region) || (!keys && !sso && !info))
       && !(info && info->sso);
  if (keys && (self->fresh || self->connection->kind != FLUO_CONNECTION_KEYS))
    ok = ok && *text_of (self->secret);
  gtk_widget_set_visible (self->keys, keys);
  gtk_widget_set_visible (GTK_WIDGET (self->profile), !sso);
  gtk_widget_set_visible (GTK_WIDGET (self->sso_row), sso);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->profile),
                               self->profiles && !keys ? self->profiles->place : "");
  gtk_widget_set_visible (GTK_WIDGET (self->sso_note), sso);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_row), sso || (!keys && info));
  gtk_widget_set_visible (self->choose, info && info->sso);
  if (info || sso)
    {
      FluoProfileKind kind = sso ? FLUO_PROFILE_SSO : info->kind;

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->sign_in_row),
                                     fluo_profile_kind_get_words (kind));
      gtk_widget_set_visible (self->sign_in,
                              (kind == FLUO_PROFILE_SSO && !(info && info->sso))
                                  || kind == FLUO_PROFILE_ROLE || kind == FLUO_PROFILE_LOGIN);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->other_region),
                          adw_combo_row_get_selected (self->region) == n + 1);
  gtk_widget_set_sensitive (self->save, ok);
  gtk_widget_set_sensitive (self->connect, ok);
  gtk_widget_set_sensitive (self->test_button, ok);
  fluo_badge_set (self->preview, connection);
  remark = fluo_connection_dup_remark (connection);
  fluo_connection_editor_show_problem (self, remark);
}

/* The row of "the profile's own" says which that is. */
void
fluo_connection_editor_profile_changed (FluoConnectionEditor *self)
{
  const FluoProfileInfo *info;
  GtkStringList *regions;
  g_autofree char *own = NULL;
  const char *texts[2] = { NULL };
  guint selected;

  if (self->filling || !self->connection)
    return;
  info = chosen_info (self);
  regions = GTK_STRING_LIST (adw_combo_row_get_model (self->region));
  selected = adw_combo_row_get_selected (self->region);
  /* Translators: a region, such as "eu-west-1"; it is the one that the profile names. */
  own = info && info->region
            ? g_strdup_printf (_("%s (profile)"), info->region)
            : g_strdup (uses_keys (self) || uses_sso (self) ? _("Choose one")
                                                              : _("None in the profile"));
  texts[0] = own;
  self->filling = TRUE;
  gtk_string_list_splice (regions, 0, 1, texts);
  adw_combo_row_set_selected (self->region, selected);
  self->filling = FALSE;
  fluo_connection_editor_changed (self);
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
  g_autoptr (FluoProfileList) profiles = fluo_profile_list_load_finish (result, NULL);
  g_autoptr (FluoConnection) connection = NULL;
  g_autoptr (GPtrArray) names = NULL;
  guint n;

  if (!profiles || !self->box || !self->connection)
    return;
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  self->profiles = g_steal_pointer (&profiles);
  connection = fluo_connection_copy (self->connection);
  names = g_ptr_array_new ();
  for (guint i = 0; i < self->profiles->profiles->len; i++)
    g_ptr_array_add (names, ((FluoProfileInfo *) self->profiles->profiles->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  self->filling = TRUE;
  n = g_list_model_get_n_items (G_LIST_MODEL (self->profile_names));
  gtk_string_list_splice (self->profile_names, 0, n - 1, (const char *const *) names->pdata);
  select_profile (self, connection);
  self->filling = FALSE;
  fluo_connection_editor_profile_changed (self);
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
                        running ? _("Testing…") : _("Test Again"));
  if (signed_in->state == FLUO_RIGHT_OK && self->open->provider)
    {
      g_autoptr (FluoCredentialFacts) facts =
          fluo_credential_provider_dup_facts (self->open->provider);
      g_autofree char *left = fluo_credential_facts_dup_left (
          facts, g_get_real_time () / G_USEC_PER_SEC);
      g_autofree char *text = g_strdup_printf (_("Valid %s"), left);

      adw_action_row_set_subtitle (self->sign_in_row, text);
    }
  else if (signed_in->state == FLUO_RIGHT_FAILED)
    adw_action_row_set_subtitle (self->sign_in_row, _("Not signed in"));
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

void
fluo_connection_editor_sign_in (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = fluo_connection_editor_dup_connection (self);

  if (!*connection->name)
    return;
  stop_test (self);
  self->opening = g_cancellable_new ();
  fluo_connection_open_async (connection, NULL, self->opening, opened_to_sign_in_cb,
                              g_object_ref (self));
}

void
fluo_connection_editor_copy_policy (FluoConnectionEditor *self)
{
  g_autofree char *text = fluo_permission_dup_policy (gtk_switch_get_active (self->metrics),
                                                      gtk_switch_get_active (self->logs));

  fluo_connection_copy_text (GTK_WIDGET (self), text);
}

void
fluo_connection_editor_choose (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_CHOOSE], 0);
}

/* What the AWS tools would have to be told to do the same. */
void
fluo_connection_editor_copy_profile (FluoConnectionEditor *self)
{
  g_autoptr (FluoConnection) connection = fluo_connection_editor_dup_connection (self);
  g_autofree char *text = fluo_connection_dup_profile (connection);

  fluo_connection_copy_text (GTK_WIDGET (self), text);
}

void
fluo_connection_editor_save (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_SAVE], 0);
}

void
fluo_connection_editor_connect (FluoConnectionEditor *self)
{
  if (gtk_widget_get_sensitive (self->connect))
    g_signal_emit (self, signals[SIGNAL_CONNECT], 0);
}

void
fluo_connection_editor_remove (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_REMOVE], 0);
}

void
fluo_connection_editor_cancel (FluoConnectionEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_CANCEL], 0);
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
  static const char *const names[N_SIGNALS] = { "save", "connect", "remove", "cancel",
                                                 "choose" };

  G_OBJECT_CLASS (klass)->dispose = fluo_connection_editor_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_connection_editor_init (FluoConnectionEditor *self)
{
  self->filling = TRUE;
  fluo_connection_editor_build (self);
  self->filling = FALSE;
}

/* --- Public -------------------------------------------------------------------------------- */

GtkWidget *
fluo_connection_editor_new (void)
{
  return g_object_new (FLUO_TYPE_CONNECTION_EDITOR, NULL);
}

/* Account and role, and where one signs in to them. */
static void
fill_sso (FluoConnectionEditor *self, const FluoConnection *connection)
{
  g_autofree char *account = fluo_account_dup_words (connection->sso_account);
  g_autofree char *role = fluo_format_untrusted (connection->sso_role, FLUO_CONNECTION_ROLE_MAX);
  g_autofree char *place = fluo_format_untrusted (
      *connection->sso_session ? connection->sso_session : connection->sso_start_url, 80);
  /* Translators: a role's name, and an account's number. */
  g_autofree char *title = g_strdup_printf (_("%s in %s"), role, account);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->sso_row), title);
  adw_action_row_set_subtitle (self->sso_row, place);
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
  fill_sso (self, connection);
  fill_region (self, connection->region);
  gtk_editable_set_text (self->access_key, connection->access_key);
  gtk_editable_set_text (self->endpoint, connection->endpoint);
  gtk_editable_set_text (self->role, connection->role_arn);
  gtk_editable_set_text (self->badge, connection->badge);
  gtk_switch_set_active (self->metrics, connection->use_metrics);
  gtk_switch_set_active (self->logs, connection->use_logs);
  gtk_switch_set_active (self->fips, connection->fips);
  gtk_switch_set_active (self->dual_stack, connection->dual_stack);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->variants),
                                 connection->fips || connection->dual_stack);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->accents[connection->accent]), TRUE);
  gtk_spin_button_set_value (self->budget, (double) connection->budget_microusd / 1e6);
  gtk_drop_down_set_selected (self->vault, find_vault_size (connection->vault_mb));
  gtk_widget_set_visible (self->remove, !fresh);
  gtk_button_set_label (GTK_BUTTON (self->test_button), _("Test"));
  self->filling = FALSE;
  fluo_connection_editor_profile_changed (self);
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
