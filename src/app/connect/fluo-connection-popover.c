/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-popover-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"

#define WIDTH_PX 380
#define TEXT_CHARS_MAX 300
#define ERROR_CHARS_MAX 40
#define VALUE_CHARS_MAX 38 /* of a line; longer values wrap */
/* In a window that is narrower there is less of all, and buttons lie below each other. */
#define NARROW_PX 420
#define NARROW_CHARS_MAX 24
#define NARROW_MARGIN_PX 36

G_DEFINE_FINAL_TYPE (FluoConnectionPopover, fluo_connection_popover, GTK_TYPE_POPOVER)

/* --- The cockpit --------------------------------------------------------------------------- */

static void
set_line (FluoConnectionPopover *self, Line line, const char *text)
{
  gtk_widget_set_visible (self->titles[line], text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->values[line]), text != NULL);
  if (text && strcmp (gtk_label_get_text (self->values[line]), text) != 0)
    gtk_label_set_text (self->values[line], text);
}

static void
show_keys (FluoConnectionPopover *self)
{
  g_autoptr (FluoCredentialFacts) facts = fluo_session_dup_facts (self->session);
  g_autofree char *account = NULL, *who = NULL, *keys = NULL, *left = NULL;

  if (facts)
    {
      g_autofree char *name = fluo_credential_facts_dup_who (facts);

      account = facts->account ? fluo_account_dup_words (facts->account) : NULL;
      who = name ? fluo_format_untrusted (name, 80) : NULL;
      keys = fluo_credential_facts_dup_words (facts);
      /* Of keys that are not there yet nothing can be said. */
      if (facts->access_key)
        left = fluo_credential_facts_dup_left (facts, g_get_real_time () / G_USEC_PER_SEC);
    }
  set_line (self, LINE_ACCOUNT, account);
  set_line (self, LINE_WHO, who);
  set_line (self, LINE_KEYS, keys && *keys ? keys : NULL);
  set_line (self, LINE_VALID, left);
  /* Keys that last for ever, in a file, are nothing to sign in for. */
  gtk_widget_set_visible (self->sign_in,
                          facts && fluo_session_get_provider (self->session)
                              && (facts->needs_sign_in || facts->expires_s > 0
                                  || fluo_session_needs_sign_in (self->session)));
  gtk_button_set_label (GTK_BUTTON (self->sign_in), facts && facts->access_key
                                                        ? _("Sign In Again")
                                                        : _("Sign In"));
  if (facts && facts->passed->len > 0)
    {
      g_autoptr (GString) passed = g_string_new (_("Looked at first:"));

      for (guint i = 0; i < facts->passed->len; i++)
        {
          g_autofree char *safe = fluo_format_untrusted (facts->passed->pdata[i], TEXT_CHARS_MAX);

          g_string_append_printf (passed, "\n%s", safe);
        }
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[LINE_KEYS]), passed->str);
    }
  else
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[LINE_KEYS]), NULL);
}

static void
show_cost (FluoConnectionPopover *self)
{
  FluoMeter *meter = fluo_session_get_meter (self->session);
  g_autofree char *hour = NULL, *budget = NULL;

  if (meter)
    {
      FluoMeterReading reading = fluo_meter_get_hour (meter);
      g_autofree char *calls = fluo_format_count (reading.n_calls);
      g_autofree char *scanned = fluo_format_count (reading.n_scanned);
      g_autofree char *retrieved = fluo_format_count (reading.n_retrieved);
      g_autofree char *money = fluo_session_format_money (reading.nanousd);
      const FluoPriceTable *prices = fluo_session_get_prices ();

      hour = g_strdup_printf (_("%s calls, %s traces scanned, %s retrieved · %s"), calls, scanned,
                              retrieved, money);
      if (prices)
        {
          g_autofree char *tip = g_strdup_printf (
              _("List prices of %s, without the free million a month"),
              fluo_price_table_get_date (prices));

          gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[LINE_HOUR]), tip);
        }
      if (fluo_meter_get_budget (meter) > 0 && fluo_meter_has_price (meter))
        {
          const gint64 all = fluo_meter_get_budget (meter);

          budget = g_strdup_printf (all < FLUO_NANOUSD / 10
                                        ? _("$%.4f an hour, %.0f%% of it used")
                                        : _("$%.2f an hour, %.0f%% of it used"),
                                    (double) all / (double) FLUO_NANOUSD,
                                    100.0 * (double) reading.nanousd / (double) all);
        }
    }
  set_line (self, LINE_HOUR, hour);
  set_line (self, LINE_BUDGET, budget);
}

static void
show_vault (FluoConnectionPopover *self)
{
  FluoVault *vault = fluo_session_get_vault (self->session);
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  gboolean exists = vault && fluo_vault_exists (connection->id);
  gboolean inside = fluo_session_is_in_vault (self->session);
  g_autofree char *text = NULL;
  const char *notice = NULL;

  if (vault)
    {
      const GError *error = fluo_vault_get_error (vault);
      guint64 n_lost = fluo_vault_get_n_lost (vault);
      g_autofree char *size = g_format_size (fluo_vault_get_bytes (vault));
      g_autofree char *most = g_format_size ((guint64) connection->vault_mb * 1000000);

      if (error)
        {
          g_autofree char *safe = fluo_format_untrusted (error->message, TEXT_CHARS_MAX);

          text = g_strdup_printf (_("Nothing is kept: %s"), safe);
        }
      else if (n_lost > 0)
        text = g_strdup_printf (ngettext ("%s of %s, encrypted; %lu document could not be kept",
                                          "%s of %s, encrypted; %lu documents could not be kept",
                                          (gulong) n_lost),
                                size, most, (gulong) n_lost);
      else
        text = exists ? g_strdup_printf (_("%s of %s, encrypted"), size, most)
                      : g_strdup (_("empty; what you open is kept"));
      notice = error ? NULL : fluo_vault_get_notice (vault);
    }
  if (notice)
    {
      g_autofree char *safe = fluo_format_untrusted (notice, TEXT_CHARS_MAX);
      g_autofree char *before = g_steal_pointer (&text);

      text = g_strdup_printf ("%s\n%s", before, safe);
    }
  set_line (self, LINE_VAULT, text);
  gtk_widget_set_visible (self->vault_box, exists || inside);
  gtk_widget_set_visible (self->look_in_vault, !inside);
  gtk_widget_set_visible (self->back_to_aws, inside);
}

static void
show_error (FluoConnectionPopover *self)
{
  const GError *error = fluo_explorer_get_error (fluo_session_get_explorer (self->session));

  /* That somebody has to sign in is said above. */
  gtk_widget_set_visible (self->error_box,
                          error && !fluo_session_needs_sign_in (self->session));
  if (error)
    {
      g_autofree char *words = fluo_error_dup_words (error);

      gtk_label_set_text (self->error, words);
    }
  fluo_statement_button_set_error (self->copy_statement, error);
}

static void
show (FluoConnectionPopover *self)
{
  const char *states[] = { _("Connecting"), _("Connected"), _("Trying again"),
                           _("Not connected") };
  FluoExplorer *explorer = fluo_session_get_explorer (self->session);
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  const char *region = fluo_session_get_region (self->session);
  const char *endpoint = fluo_session_get_endpoint (self->session);
  g_autofree char *exposed = NULL;
  g_autofree char *title = region ? fluo_region_dup_title (region) : NULL;
  g_autofree char *name = fluo_format_untrusted (fluo_explorer_get_name (explorer), 60);
  const char *state = fluo_session_needs_sign_in (self->session)
                          ? _("Signed out")
                          : states[fluo_explorer_get_state (explorer)];

  gtk_label_set_text (self->name, name);
  fluo_badge_set (self->badge, connection);
  gtk_label_set_text (self->state, state);
  set_line (self, LINE_REGION, title);
  if (endpoint && fluo_endpoint_is_exposed (endpoint))
    /* Translators: the address that requests go to. */
    exposed = g_strdup_printf (_("%s · not encrypted"), endpoint);
  set_line (self, LINE_ENDPOINT, exposed ? exposed : endpoint);
  show_keys (self);
  show_cost (self);
  show_vault (self);
  show_error (self);
  gtk_widget_set_visible (self->grid, connection != NULL);
  gtk_widget_set_visible (self->console, connection != NULL);
  gtk_widget_set_visible (self->edit, connection != NULL);
  if (fluo_session_needs_sign_in (self->session))
    gtk_widget_add_css_class (self->sign_in, "suggested-action");
  else
    gtk_widget_remove_css_class (self->sign_in, "suggested-action");
}

static gboolean
tick_cb (gpointer data)
{
  show_keys (data);
  return G_SOURCE_CONTINUE;
}

/* --- Making -------------------------------------------------------------------------------- */

static void
popdown_cb (FluoConnectionPopover *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
}

static GtkWidget *
make_button (FluoConnectionPopover *self, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "small-button");
  /* Hides the popover first: the action may open a window over it. */
  g_signal_connect_object (button, "clicked", G_CALLBACK (popdown_cb), self, G_CONNECT_SWAPPED);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

static GtkWidget *
make_head (FluoConnectionPopover *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->name = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->name, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->name), "heading");
  self->badge = fluo_badge_new ();
  self->state = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->state, 1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->state), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->state), "lite");
  gtk_widget_add_css_class (GTK_WIDGET (self->state), "dense");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (head), self->badge);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->state));
  gtk_widget_add_css_class (head, "cockpit-head");
  return head;
}

static GtkWidget *
make_grid (FluoConnectionPopover *self)
{
  const char *titles[N_LINES] = { _("Account"), _("Who"),       _("Keys from"),
                                  _("Valid"),   _("Region"),    _("Endpoint"),
                                  _("Last hour"), _("Budget"),    _("Vault") };

  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 4);
  for (guint i = 0; i < N_LINES; i++)
    {
      GtkWidget *title = gtk_label_new (titles[i]);
      GtkWidget *value = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_label_set_yalign (GTK_LABEL (title), 0);
      gtk_widget_add_css_class (title, "lite");
      gtk_label_set_xalign (GTK_LABEL (value), 0);
      gtk_label_set_wrap (GTK_LABEL (value), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (value), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_max_width_chars (GTK_LABEL (value), VALUE_CHARS_MAX);
      gtk_label_set_selectable (GTK_LABEL (value), TRUE);
      gtk_widget_set_focusable (value, FALSE);
      gtk_widget_set_hexpand (value, TRUE);
      gtk_widget_add_css_class (value, "numeric");
      gtk_grid_attach (GTK_GRID (self->grid), title, 0, (int) i, 1, 1);
      gtk_grid_attach (GTK_GRID (self->grid), value, 1, (int) i, 1, 1);
      self->titles[i] = title;
      self->values[i] = GTK_LABEL (value);
    }
  gtk_widget_add_css_class (self->grid, "dense");
  gtk_widget_add_css_class (self->grid, "cockpit-grid");
  return self->grid;
}

static GtkWidget *
make_error (FluoConnectionPopover *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-status-fault-symbolic");

  self->error_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  self->error = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->error, TRUE);
  gtk_label_set_wrap_mode (self->error, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->error, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->error), TRUE);
  gtk_box_append (GTK_BOX (self->error_box), icon);
  gtk_box_append (GTK_BOX (self->error_box), GTK_WIDGET (self->error));
  gtk_widget_add_css_class (self->error_box, "error-box");
  gtk_widget_add_css_class (self->error_box, "cockpit-error");
  return self->error_box;
}

static GtkWidget *
make_buttons (FluoConnectionPopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->sign_in = make_button (self, _("Sign In Again"), "win.sign-in");
  self->console = make_button (self, _("Open in AWS Console"), "win.open-in-console");
  self->edit = make_button (self, _("Edit…"), "win.edit-connection");
  self->copy_statement = fluo_statement_button_new ();
  gtk_widget_add_css_class (self->copy_statement, "small-button");
  gtk_box_append (GTK_BOX (box), self->sign_in);
  gtk_box_append (GTK_BOX (box), self->console);
  gtk_box_append (GTK_BOX (box), self->edit);
  gtk_box_append (GTK_BOX (box), self->copy_statement);
  gtk_widget_add_css_class (box, "cockpit-buttons");
  self->buttons = box;
  return box;
}

static GtkWidget *
make_vault_buttons (FluoConnectionPopover *self)
{
  self->vault_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->look_in_vault = make_button (self, _("Look in the Vault"), "win.open-vault");
  self->back_to_aws = make_button (self, _("Back to AWS"), "win.leave-vault");
  gtk_box_append (GTK_BOX (self->vault_box), self->look_in_vault);
  gtk_box_append (GTK_BOX (self->vault_box), self->back_to_aws);
  gtk_box_append (GTK_BOX (self->vault_box), make_button (self, _("Clear Vault…"),
                                                          "win.clear-vault"));
  gtk_widget_add_css_class (self->vault_box, "cockpit-buttons");
  return self->vault_box;
}

/* The popover stays within its window, which may be a phone's. */
static void
fit (FluoConnectionPopover *self)
{
  GtkWidget *rows[] = { self->buttons, self->vault_box, self->foot };
  int width = gtk_widget_get_width (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))));
  gboolean narrow = width > 0 && width < NARROW_PX;

  gtk_widget_set_size_request (self->box, narrow ? width - NARROW_MARGIN_PX : WIDTH_PX, -1);
  for (guint i = 0; i < N_LINES; i++)
    gtk_label_set_max_width_chars (self->values[i], narrow ? NARROW_CHARS_MAX : VALUE_CHARS_MAX);
  gtk_label_set_max_width_chars (self->error, narrow ? NARROW_CHARS_MAX : ERROR_CHARS_MAX);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_orientable_set_orientation (GTK_ORIENTABLE (rows[i]), narrow ? GTK_ORIENTATION_VERTICAL
                                                                     : GTK_ORIENTATION_HORIZONTAL);
}

static void
fluo_connection_popover_map (GtkWidget *widget)
{
  FluoConnectionPopover *self = FLUO_CONNECTION_POPOVER (widget);

  fit (self);
  show (self);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  fluo_connection_popover_fill_list (self);
  GTK_WIDGET_CLASS (fluo_connection_popover_parent_class)->map (widget);
  self->tick_id = g_timeout_add_seconds (1, tick_cb, self);
  fluo_session_ask_caller (self->session);
  /* The files of profiles may have changed since it was last open. */
  fluo_connection_popover_load (self);
  fluo_connection_popover_take_focus (self);
}

static void
fluo_connection_popover_unmap (GtkWidget *widget)
{
  FluoConnectionPopover *self = FLUO_CONNECTION_POPOVER (widget);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  GTK_WIDGET_CLASS (fluo_connection_popover_parent_class)->unmap (widget);
}

static void
changed_cb (FluoConnectionPopover *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    show (self);
}

static void
fluo_connection_popover_dispose (GObject *object)
{
  FluoConnectionPopover *self = FLUO_CONNECTION_POPOVER (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_object (&self->session);
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  G_OBJECT_CLASS (fluo_connection_popover_parent_class)->dispose (object);
}

static void
fluo_connection_popover_class_init (FluoConnectionPopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_connection_popover_dispose;
  GTK_WIDGET_CLASS (klass)->map = fluo_connection_popover_map;
  GTK_WIDGET_CLASS (klass)->unmap = fluo_connection_popover_unmap;
}

static void
fluo_connection_popover_init (FluoConnectionPopover *self)
{
  GtkWidget *box = self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller;
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (GTK_WIDGET (self), "connection-popover");
  gtk_widget_set_size_request (box, WIDTH_PX, -1);
  gtk_box_append (GTK_BOX (box), make_head (self));
  gtk_box_append (GTK_BOX (box), make_grid (self));
  gtk_box_append (GTK_BOX (box), make_error (self));
  gtk_box_append (GTK_BOX (box), make_buttons (self));
  gtk_box_append (GTK_BOX (box), make_vault_buttons (self));
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  scroller = fluo_connection_popover_make_list (self, &self->search);
  gtk_box_append (GTK_BOX (box), self->search);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (foot), make_button (self, _("Connections…"), "win.connections"));
  gtk_box_append (GTK_BOX (foot), make_button (self, _("Paste a Console Address…"),
                                               "win.open-console-link"));
  gtk_widget_add_css_class (foot, "cockpit-buttons");
  self->foot = foot;
  gtk_box_append (GTK_BOX (box), foot);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  /* The button is at the window's begin; a popover centred below it would hang over the edge. */
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
}

GtkWidget *
fluo_connection_popover_new (FluoSession *session)
{
  FluoConnectionPopover *self = g_object_new (FLUO_TYPE_CONNECTION_POPOVER, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  fluo_connection_popover_load (self);
  return GTK_WIDGET (self);
}
