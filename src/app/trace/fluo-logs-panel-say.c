/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/connect/fluo-session.h"
#include "app/trace/fluo-logs-panel-private.h"
#include "core/fluo-format.h"

/* What is told around the lines: how many, how they were found, what they cost, and in plain words
 * why there are none. */

#define MISSING_CHARS_MAX 300

static void
retry_cb (GtkButton *button, FluoLogsPanel *self)
{
  fluo_logs_panel_read (self);
}

static void
allow_cb (GtkButton *button, FluoLogsPanel *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.allow-more", NULL);
  fluo_logs_panel_read (self);
}

static void
add_group_cb (GtkButton *button, FluoLogsPanel *self)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (self->groups_button));
  gtk_widget_grab_focus (GTK_WIDGET (self->group_entry));
}

static GtkWidget *
new_button (GtkWidget *box, const char *text, GCallback callback, FluoLogsPanel *self)
{
  GtkWidget *button = gtk_button_new_with_label (text);

  g_signal_connect (button, "clicked", callback, self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

GtkWidget *
fluo_logs_panel_make_notice (FluoLogsPanel *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->notice_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (self->notice_box, "logs-notice");
  self->notice_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->notice_text, TRUE);
  gtk_label_set_wrap_mode (self->notice_text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->notice_text, 0);
  gtk_label_set_max_width_chars (self->notice_text, 40);
  gtk_label_set_selectable (self->notice_text, TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self->notice_text), FALSE);
  gtk_box_append (GTK_BOX (self->notice_box), GTK_WIDGET (self->notice_text));
  self->retry = new_button (buttons, _("Read Again"), G_CALLBACK (retry_cb), self);
  self->allow = new_button (buttons, _("Go On for This Hour"), G_CALLBACK (allow_cb), self);
  self->add_group = new_button (buttons, _("Add a Log Group"), G_CALLBACK (add_group_cb), self);
  self->statement = fluo_statement_button_new ();
  gtk_box_append (GTK_BOX (buttons), self->statement);
  gtk_box_append (GTK_BOX (self->notice_box), buttons);
  self->notice = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->notice), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->notice),
                                                    TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->notice), self->notice_box);
  return self->notice;
}

/* --- Why there is nothing, or not all --------------------------------------------------------- */

static char *
dup_missing (FluoLogsPanel *self)
{
  const FluoLogResult *result = self->ask.result;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *safe = NULL;

  if (result == NULL || result->missing->len == 0)
    return NULL;
  for (guint i = 0; i < result->missing->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (char *) g_ptr_array_index (result->missing, i));
  safe = fluo_format_untrusted (names->str, MISSING_CHARS_MAX);
  return g_strdup_printf (_("Not there: %s."), safe);
}

/* Nobody can be asked. */
static char *
dup_unconnected (FluoLogsPanel *self)
{
  if (self->trace == NULL)
    return g_strdup (_("Log lines are CloudWatch’s: there for connections to AWS. Exceptions and "
                       "events stand in each trace."));
  if (self->explorer != NULL && fluo_explorer_is_local (self->explorer))
    return g_strdup (_("The collector on this computer keeps traces, and no logs. These are the "
                       "exceptions and events that the trace itself holds; log lines are there "
                       "for traces of AWS, in CloudWatch Logs."));
  return g_strdup (_("This connection has no CloudWatch Logs to ask. These are the exceptions and "
                     "events that the trace itself holds."));
}

static char *
dup_no_groups (FluoLogsPanel *self)
{
  if (self->trace == NULL)
    return g_strdup (_("Nothing says where this service writes its log. Add the name of a log "
                       "group to look there."));
  return g_strdup (_("This trace names no log groups: its programs do not tell where they write. "
                     "Add the name of a group to look there."));
}

static char *
dup_nothing (FluoLogsPanel *self, guint n_groups)
{
  if (self->trace == NULL)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                         "Nothing was written to %u log group in this time.",
                                         "Nothing was written to %u log groups in this time.",
                                         n_groups),
                            n_groups);
  return g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE,
                 "No line in %u log group has this trace’s ID, five minutes around it. Lines can "
                 "come late; programs have to write the ID.",
                 "No line in %u log groups has this trace’s ID, five minutes around it. Lines can "
                 "come late; programs have to write the ID.",
                 n_groups),
    n_groups);
}

static char *
dup_error (FluoLogsPanel *self)
{
  g_autofree char *reason = NULL;

  if (g_error_matches (self->ask.error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    return g_strdup (_("Logs could pass this hour’s budget, so they were not asked for."));
  reason = fluo_error_dup_words (self->ask.error);
  return g_strdup_printf (_("The log lines could not be read: %s."), reason);
}

static char *
dup_notice (FluoLogsPanel *self, guint n_groups)
{
  const gboolean found = self->ask.result != NULL && self->ask.result->lines->len > 0;

  /* What is to be asked is being found out. */
  if (!self->ask.prepared)
    return NULL;
  if (!fluo_logs_panel_is_connected (self))
    return dup_unconnected (self);
  if (self->ask.error != NULL)
    return dup_error (self);
  if (self->ask.running)
    return NULL;
  if (n_groups == 0)
    return dup_no_groups (self);
  if (self->ask.result != NULL && !self->ask.result->is_complete && !found)
    return g_strdup (_("Stopped before anything was found."));
  if (self->ask.result != NULL && !found)
    {
      g_autofree char *nothing = dup_nothing (self, n_groups), *missing = dup_missing (self);

      return missing != NULL ? g_strconcat (nothing, " ", missing, NULL)
                             : g_steal_pointer (&nothing);
    }
  if (self->ask.result != NULL && !self->ask.result->is_complete)
    return g_strdup (_("Stopped: there may be more lines."));
  if (self->lines != NULL && self->lines->is_cut)
    return g_strdup (_("These are the first lines; there are more."));
  return dup_missing (self);
}

static void
update_notice (FluoLogsPanel *self, guint n_groups)
{
  g_autofree char *text = dup_notice (self, n_groups);
  const gboolean connected = fluo_logs_panel_is_connected (self);
  const GError *error = self->ask.running ? NULL : self->ask.error;
  const gboolean spent = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET);

  gtk_widget_set_visible (self->notice, text != NULL);
  if (text == NULL)
    return;
  gtk_label_set_text (self->notice_text, text);
  if (error != NULL)
    gtk_widget_add_css_class (self->notice_box, "error");
  else
    gtk_widget_remove_css_class (self->notice_box, "error");
  gtk_widget_set_visible (self->retry, connected && n_groups > 0 && !spent);
  gtk_widget_set_visible (self->allow, spent);
  gtk_widget_set_visible (self->add_group, connected && error == NULL
                                             && (self->ask.result == NULL
                                                 || self->ask.result->lines->len == 0));
  fluo_statement_button_set_error (self->statement, error);
}

/* --- How many, and from where ----------------------------------------------------------------- */

static char *
dup_count (FluoLogsPanel *self)
{
  const guint n = self->lines != NULL ? self->lines->lines->len : 0, n_shown = self->shown->len;
  g_autofree char *all = fluo_format_count (n), *some = fluo_format_count (n_shown);

  if (self->lines == NULL)
    return g_strdup ("");
  if (n_shown < n)
    return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s of %s line", "%s of %s lines", n), some, all);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s line", "%s lines", n), all);
}

/* "read in 1.2 s", and while it is being read how far that has come. */
static char *
dup_note (FluoLogsPanel *self)
{
  const FluoLogResult *result = self->ask.result;
  g_autofree char *bytes = fluo_format_bytes (result != NULL ? result->bytes_scanned : 0);
  g_autofree char *took = NULL;

  if (self->ask.running)
    return result != NULL && result->bytes_scanned > 0
             ? g_strdup_printf (_("%s looked through"), bytes)
             : g_strdup (_("asking CloudWatch Logs"));
  if (result == NULL)
    return g_strdup ("");
  took = fluo_format_duration (self->ask.took_us * 1000);
  return g_strdup_printf (_("read in %s"), took);
}

/* How lines were found, and what it cost. */
static char *
dup_how (FluoLogsPanel *self)
{
  const FluoLogResult *result = self->ask.result;
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;
  FluoMeter *meter = client != NULL ? fluo_xray_client_get_meter (client) : NULL;
  const char *how = self->trace != NULL ? _("Found by trace ID, then by time and service")
                                        : _("The newest lines of these groups");
  g_autofree char *bytes = NULL, *money = NULL;

  if (!fluo_logs_panel_has_logs (self) && result == NULL)
    return g_strdup (_("Exceptions and events of the trace itself"));
  if (result == NULL || result->bytes_scanned == 0)
    return g_strdup (how);
  bytes = fluo_format_bytes (result->bytes_scanned);
  if (meter == NULL || fluo_meter_price_logs (meter, result->bytes_scanned) < 0)
    return g_strdup_printf (_("%s · %s looked through"), how, bytes);
  money = fluo_session_format_money (fluo_meter_price_logs (meter, result->bytes_scanned));
  return g_strdup_printf (_("%s · %s looked through, %s"), how, bytes, money);
}

void
fluo_logs_panel_update_words (FluoLogsPanel *self)
{
  g_auto (GStrv) groups = fluo_logs_panel_dup_groups (self);
  const guint n_groups = g_strv_length (groups);
  g_autofree char *count = dup_count (self), *note = dup_note (self), *how = dup_how (self);
  g_autofree char *label = NULL;
  const gboolean connected = fluo_logs_panel_is_connected (self);

  gtk_label_set_text (self->count, count);
  gtk_label_set_text (self->note, note);
  gtk_label_set_text (self->how, how);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->how), how);
  gtk_widget_set_visible (self->stop, self->ask.running);
  gtk_widget_set_visible (self->spinner, self->ask.running);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), self->ask.running);
  label = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u log group", "%u log groups", n_groups),
                           n_groups);
  gtk_label_set_text (self->groups_label, label);
  gtk_widget_set_visible (self->groups_button, connected);
  g_simple_action_set_enabled (
    G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "console")),
    connected && n_groups > 0);
  update_notice (self, n_groups);
  fluo_logs_panel_fold (self);
}
