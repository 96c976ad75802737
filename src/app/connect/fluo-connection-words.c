/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-words.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-permission.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"

#define NAME_CHARS_MAX 60
#define REASON_CHARS_MAX 400
#define DAY_S (24 * 3600)

const char *
fluo_profile_kind_get_words (FluoProfileKind kind)
{
  switch (kind)
    {
    case FLUO_PROFILE_KEYS:
      return _("Key pair in the file");
    case FLUO_PROFILE_SSO:
      return _("Single sign-on");
    case FLUO_PROFILE_ROLE:
      return _("Role to take on");
    case FLUO_PROFILE_WEB_IDENTITY:
      return _("Web identity");
    case FLUO_PROFILE_PROCESS:
      return _("Program that gives keys");
    case FLUO_PROFILE_LOGIN:
      return _("Signed in with “aws login”");
    case FLUO_PROFILE_OTHER:
    default:
      return _("No keys of its own");
    }
}

char *
fluo_connection_dup_summary (const FluoConnection *connection)
{
  g_autofree char *region = fluo_region_dup_title (connection->region);
  g_autofree char *profile = fluo_format_untrusted (connection->profile, NAME_CHARS_MAX);
  g_autofree char *what = NULL;

  if (connection->kind == FLUO_CONNECTION_SSO)
    {
      g_autofree char *account = fluo_account_dup_words (connection->sso_account);
      g_autofree char *role = fluo_format_untrusted (connection->sso_role, NAME_CHARS_MAX);

      what = g_strdup_printf (_("%s in %s"), role, account);
    }
  else
    what = connection->kind == FLUO_CONNECTION_KEYS
               ? g_strdup (_("Key pair"))
               /* Translators: the name of a profile. */
               : g_strdup_printf (_("Profile %s"), profile);
  if (*connection->region)
    return g_strdup_printf ("%s · %s", what, region);
  return g_steal_pointer (&what);
}

/* The name of a section can't have every letter. */
static char *
dup_section_name (const char *name)
{
  char *plain = g_strdup (name);

  return g_strcanon (plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.", '-');
}

char *
fluo_connection_dup_profile (const FluoConnection *connection)
{
  g_autofree char *name = dup_section_name (connection->name);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "[profile %s]\n", name);
  if (*connection->sso_session)
    g_string_append_printf (text, "sso_session = %s\n", connection->sso_session);
  else
    g_string_append_printf (text, "sso_start_url = %s\nsso_region = %s\n",
                            connection->sso_start_url, connection->sso_region);
  g_string_append_printf (text, "sso_account_id = %s\nsso_role_name = %s\nregion = %s\n",
                          connection->sso_account, connection->sso_role, connection->region);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const char *
step_words (FluoCredentialStepKind kind)
{
  switch (kind)
    {
    case FLUO_CREDENTIAL_STEP_PROFILE:
      return _("profile");
    case FLUO_CREDENTIAL_STEP_ENVIRONMENT:
      return _("the environment");
    case FLUO_CREDENTIAL_STEP_KEYS:
      return _("key pair of the file");
    case FLUO_CREDENTIAL_STEP_SSO:
      return _("single sign-on");
    case FLUO_CREDENTIAL_STEP_WEB_IDENTITY:
      return _("web identity");
    case FLUO_CREDENTIAL_STEP_LOGIN:
      return _("aws login");
    case FLUO_CREDENTIAL_STEP_PROCESS:
      return _("program");
    case FLUO_CREDENTIAL_STEP_CONTAINER:
      return _("container");
    case FLUO_CREDENTIAL_STEP_MACHINE:
      return _("this machine");
    case FLUO_CREDENTIAL_STEP_STORED:
      return _("key pair of the keyring");
    case FLUO_CREDENTIAL_STEP_ROLE:
    default:
      return _("role");
    }
}

char *
fluo_credential_facts_dup_words (const FluoCredentialFacts *facts)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < facts->steps->len; i++)
    {
      const FluoCredentialStep *step = g_ptr_array_index (facts->steps, i);
      g_autofree char *name = step->name ? fluo_format_untrusted (step->name, NAME_CHARS_MAX)
                                         : NULL;

      g_string_append_printf (text, "%s%s", i > 0 ? " → " : "", step_words (step->kind));
      if (name && *name)
        g_string_append_printf (text, " %s", name);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The time of day, with the day where it is not within one of now. */
static char *
dup_moment (gint64 time_s, gint64 now_s)
{
  char *clock = fluo_format_clock (time_s * FLUO_NSEC_PER_SEC, FLUO_CLOCK_MINUTES, NULL);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_s);
  g_autofree char *day = time ? g_date_time_format (time, "%x") : NULL;
  g_autofree char *short_clock = NULL;

  if (!day || ABS (time_s - now_s) < DAY_S)
    return clock;
  short_clock = clock;
  return g_strdup_printf ("%s %s", day, short_clock);
}

char *
fluo_credential_facts_dup_left (const FluoCredentialFacts *facts, gint64 now_s)
{
  g_autofree char *clock = NULL, *left = NULL;

  if (!facts->access_key)
    return g_strdup ("–");
  if (facts->expires_s == 0)
    return g_strdup (_("without end"));
  clock = dup_moment (facts->expires_s, now_s);
  if (facts->expires_s <= now_s)
    return g_strdup_printf (_("ended at %s"), clock);
  left = fluo_format_duration ((facts->expires_s - now_s) * FLUO_NSEC_PER_SEC);
  return g_strdup_printf (_("for %s, until %s"), left, clock);
}

char *
fluo_account_dup_words (const char *account)
{
  if (strlen (account) != 12)
    return g_strdup (account);
  return g_strdup_printf ("%.4s %.4s %.4s", account, account + 4, account + 8);
}

GtkWidget *
fluo_badge_new (void)
{
  GtkWidget *badge = gtk_label_new (NULL);

  gtk_widget_add_css_class (badge, "badge");
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (badge, FALSE);
  return badge;
}

void
fluo_badge_set (GtkWidget *badge, const FluoConnection *connection)
{
  gboolean shown = connection && (*connection->badge || connection->accent != FLUO_ACCENT_NONE);

  gtk_widget_set_visible (badge, shown);
  if (!shown)
    return;
  gtk_label_set_text (GTK_LABEL (badge), connection->badge);
  if (*connection->badge)
    gtk_widget_remove_css_class (badge, "empty");
  else
    gtk_widget_add_css_class (badge, "empty");
  fluo_accent_apply (badge, connection->accent);
}

void
fluo_accent_apply (GtkWidget *widget, FluoAccent accent)
{
  for (guint i = 0; i < FLUO_N_ACCENTS; i++)
    {
      g_autofree char *name = g_strconcat ("accent-", fluo_accent_get_name (i), NULL);

      if (i == accent && i != FLUO_ACCENT_NONE)
        gtk_widget_add_css_class (widget, name);
      else
        gtk_widget_remove_css_class (widget, name);
    }
}

void
fluo_connection_copy_text (GtkWidget *widget, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.toast", "s", _("Copied"));
}

/* --- Missing permissions ------------------------------------------------------------------ */

char *
fluo_error_dup_words (const GError *error)
{
  const char *action = fluo_permission_of_error (error);
  const char *arn = fluo_permission_get_role (error);

  if (arn)
    {
      g_autofree char *role = fluo_format_untrusted (fluo_aws_arn_get_name (arn), NAME_CHARS_MAX);

      return g_strdup_printf (
          _("the role %s can’t be taken on: %s is not allowed for it, its trust policy does not "
            "name you, or the external ID is another"),
          role, action);
    }
  if (action)
    return g_strdup_printf (_("the role is not allowed to do %s"), action);
  return fluo_format_untrusted (error->message, REASON_CHARS_MAX);
}

static void
copy_statement_cb (GtkWidget *button)
{
  const char *text = g_object_get_data (G_OBJECT (button), "fluo-statement");

  if (text)
    fluo_connection_copy_text (button, text);
}

GtkWidget *
fluo_statement_button_new (void)
{
  GtkWidget *button = gtk_button_new_with_label (_("Copy IAM Statement"));

  gtk_widget_set_tooltip_text (button, _("What the account’s administrator has to allow"));
  gtk_widget_set_visible (button, FALSE);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_statement_cb), NULL);
  return button;
}

void
fluo_statement_button_set_error (GtkWidget *button, const GError *error)
{
  char *statement = fluo_permission_dup_statement_of (error);

  gtk_widget_set_visible (button, statement != NULL);
  g_object_set_data_full (G_OBJECT (button), "fluo-statement", statement, g_free);
}

char *
fluo_connection_dup_remark (const FluoConnection *connection)
{
  gboolean is_typed = *connection->endpoint || *connection->role_arn || *connection->region;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (*connection->name == '\0'
      || (connection->kind == FLUO_CONNECTION_PROFILE && *connection->profile == '\0')
      || (connection->kind == FLUO_CONNECTION_KEYS
          && (*connection->access_key == '\0' || *connection->region == '\0')))
    return NULL;
  if (!fluo_connection_check (connection, &error))
    return is_typed ? g_strdup (error->message) : NULL;
  if (*connection->endpoint)
    url = fluo_endpoint_normalize (connection->endpoint, NULL);
  if (!url || !fluo_endpoint_is_exposed (url))
    return NULL;
  return g_strdup (_("Requests to this endpoint are not encrypted: whoever is on the way can read "
                     "the traces."));
}
