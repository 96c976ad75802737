/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-popover.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-profile-list.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"

#define WIDTH_PX 380
#define LIST_HEIGHT_MAX_PX 264
/* From so many on there is a field to search in. */
#define SEARCH_MIN 9
#define TEXT_CHARS_MAX 300
#define VALUE_CHARS_MAX 38 /* of a line; longer values wrap */

/* The lines of the cockpit. */
typedef enum
{
  LINE_ACCOUNT,
  LINE_WHO,
  LINE_KEYS,
  LINE_VALID,
  LINE_REGION,
  LINE_ENDPOINT,
  LINE_HOUR,
  LINE_BUDGET,
  LINE_VAULT,
  N_LINES
} Line;

struct _FluoConnectionPopover
{
  GtkPopover parent_instance;

  FluoSession *session;
  FluoProfileList *profiles; /* NULL until they are read */
  GtkLabel *name;
  GtkWidget *badge;
  GtkLabel *state;
  GtkWidget *grid;
  GtkWidget *titles[N_LINES];
  GtkLabel *values[N_LINES];
  GtkLabel *error;
  GtkWidget *error_box;
  GtkWidget *copy_statement;
  GtkWidget *sign_in;
  GtkWidget *console;
  GtkWidget *edit;
  GtkWidget *vault_box;
  GtkWidget *look_in_vault;
  GtkWidget *back_to_aws;
  GtkWidget *search;
  GtkListBox *list;
  guint tick_id; /* while it is shown */
};

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
      const char *arn = facts->arn ? fluo_aws_arn_get_name (facts->arn) : NULL;

      account = facts->account ? fluo_account_dup_words (facts->account) : NULL;
      who = arn ? fluo_format_untrusted (arn, 80) : NULL;
      keys = fluo_credential_facts_dup_words (facts);
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
                                                        ? _ ("Sign In Again")
                                                        : _ ("Sign In"));
  if (facts && facts->passed->len > 0)
    {
      g_autoptr (GString) passed = g_string_new (_ ("Looked at first:"));

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

      hour = g_strdup_printf (_ ("%s calls, %s traces scanned, %s fetched · %s"), calls, scanned,
                              retrieved, money);
      if (prices)
        {
          g_autofree char *tip = g_strdup_printf (
              _ ("List prices of %s, without the free million a month"),
              fluo_price_table_get_date (prices));

          gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[LINE_HOUR]), tip);
        }
      if (fluo_meter_get_budget (meter) > 0 && fluo_meter_has_price (meter))
        budget = g_strdup_printf (
            _ ("$%.2f an hour, %.0f%% of it used"),
            (double) fluo_meter_get_budget (meter) / (double) FLUO_NANOUSD,
            100.0 * (double) reading.nanousd / (double) fluo_meter_get_budget (meter));
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

  if (vault)
    {
      const GError *error = fluo_vault_get_error (vault);
      guint64 n_lost = fluo_vault_get_n_lost (vault);
      g_autofree char *size = g_format_size (fluo_vault_get_bytes (vault));
      g_autofree char *most = g_format_size ((guint64) connection->vault_mb * 1000000);

      if (error)
        {
          g_autofree char *safe = fluo_format_untrusted (error->message, TEXT_CHARS_MAX);

          text = g_strdup_printf (_ ("Nothing is kept: %s"), safe);
        }
      else if (n_lost > 0)
        text = g_strdup_printf (ngettext ("%s of %s, encrypted; %lu document could not be kept",
                                          "%s of %s, encrypted; %lu documents could not be kept",
                                          (gulong) n_lost),
                                size, most, (gulong) n_lost);
      else
        text = exists ? g_strdup_printf (_ ("%s of %s, encrypted"), size, most)
                      : g_strdup (_ ("empty; what you open is kept"));
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
  const char *states[] = { _ ("Connecting"), _ ("Connected"), _ ("Trying again"),
                           _ ("Not connected") };
  FluoExplorer *explorer = fluo_session_get_explorer (self->session);
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  const char *region = fluo_session_get_region (self->session);
  g_autofree char *title = region ? fluo_region_dup_title (region) : NULL;
  g_autofree char *name = fluo_format_untrusted (fluo_explorer_get_name (explorer), 60);
  const char *state = fluo_session_needs_sign_in (self->session)
                          ? _ ("Signed out")
                          : states[fluo_explorer_get_state (explorer)];

  gtk_label_set_text (self->name, name);
  fluo_badge_set (self->badge, connection);
  gtk_label_set_text (self->state, state);
  set_line (self, LINE_REGION, title);
  set_line (self, LINE_ENDPOINT, fluo_session_get_endpoint (self->session));
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

/* --- The others ---------------------------------------------------------------------------- */

/* What a row does: an action of the window and its target. */
static void
row_set_action (GtkWidget *row, const char *action, const char *target)
{
  g_object_set_data (G_OBJECT (row), "fluo-action", (gpointer) action);
  g_object_set_data_full (G_OBJECT (row), "fluo-target", g_strdup (target), g_free);
}

static GtkWidget *
add_row (FluoConnectionPopover *self, const char *title, const char *detail, const char *icon,
         gboolean chosen)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title_label = gtk_label_new (title);
  GtkWidget *detail_label = gtk_label_new (detail);
  GtkWidget *check = gtk_image_new_from_icon_name ("fluoroscope-check-symbolic");

  gtk_label_set_ellipsize (GTK_LABEL (title_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title_label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (detail_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (detail_label), MIN ((int) g_utf8_strlen (detail, -1), 12));
  gtk_label_set_xalign (GTK_LABEL (detail_label), 1);
  gtk_widget_add_css_class (detail_label, "lite");
  gtk_widget_set_hexpand (title_label, TRUE);
  gtk_widget_set_opacity (check, chosen ? 1 : 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), title_label);
  gtk_box_append (GTK_BOX (box), detail_label);
  gtk_box_append (GTK_BOX (box), check);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "fluo-words", g_utf8_casefold (title, -1), g_free);
  gtk_list_box_append (self->list, row);
  return row;
}

static void
add_connection (FluoConnectionPopover *self, const FluoConnection *item)
{
  const FluoConnection *open = fluo_session_get_connection (self->session);
  g_autofree char *name = fluo_format_untrusted (item->name, 60);
  GtkWidget *row = add_row (self, name, item->region, "fluoroscope-cloud-symbolic",
                            open && g_str_equal (open->id, item->id));
  GtkWidget *badge = fluo_badge_new ();
  GtkWidget *box = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row));

  fluo_badge_set (badge, item);
  gtk_box_insert_child_after (GTK_BOX (box), badge, gtk_widget_get_first_child (box));
  row_set_action (row, "win.connect", item->id);
}

static gboolean
is_used (FluoConnectionList *list, const char *profile)
{
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    if (strcmp (fluo_connection_list_get (list, i)->profile, profile) == 0)
      return TRUE;
  return FALSE;
}

static void
fill_list (FluoConnectionPopover *self)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *open = fluo_session_get_connection (self->session);
  guint n = 1;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))))
    gtk_list_box_remove (self->list, row);
  row = add_row (self, _ ("Local, this computer"), "", "fluoroscope-terminal-symbolic",
                 fluo_explorer_is_local (fluo_session_get_explorer (self->session)));
  row_set_action (row, "win.connect-local", NULL);
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++, n++)
    add_connection (self, fluo_connection_list_get (list, i));
  for (guint i = 0; self->profiles && i < self->profiles->profiles->len; i++)
    {
      const FluoProfileInfo *info = g_ptr_array_index (self->profiles->profiles, i);
      g_autofree char *name = fluo_format_untrusted (info->name, 60);

      if (is_used (list, info->name))
        continue;
      row = add_row (self, name, info->region ? info->region : "", "fluoroscope-key-symbolic",
                     open && open->kind == FLUO_CONNECTION_PROFILE
                         && g_str_equal (open->profile, info->name));
      gtk_widget_set_tooltip_text (row, fluo_profile_kind_get_words (info->kind));
      row_set_action (row, info->sso ? "win.choose-role" : "win.connect-profile", info->name);
      n++;
    }
  gtk_widget_set_visible (self->search, n >= SEARCH_MIN);
}

/* Typing looks for a name where there is a field for it. */
static void
take_focus (FluoConnectionPopover *self)
{
  if (gtk_widget_get_visible (self->search))
    gtk_widget_grab_focus (self->search);
  else
    gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_FORWARD);
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer data)
{
  FluoConnectionPopover *self = data;
  const char *words = g_object_get_data (G_OBJECT (row), "fluo-words");
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)),
                                             -1);

  return strstr (words, wanted) != NULL;
}

static void
search_changed_cb (FluoConnectionPopover *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

/* With Ctrl held: in a window of its own. */
static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, FluoConnectionPopover *self)
{
  const char *action = g_object_get_data (G_OBJECT (row), "fluo-action");
  g_autofree char *target = g_strdup (g_object_get_data (G_OBJECT (row), "fluo-target"));
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
  GdkDevice *keyboard = seat ? gdk_seat_get_keyboard (seat) : NULL;
  gboolean apart = keyboard
                   && (gdk_device_get_modifier_state (keyboard) & GDK_CONTROL_MASK) != 0;

  gtk_popover_popdown (GTK_POPOVER (self));
  if (apart)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.connect-apart", "(ss)", action,
                                target ? target : "");
  else if (target)
    gtk_widget_activate_action (GTK_WIDGET (self), action, "s", target);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
}

static void
first_match_cb (FluoConnectionPopover *self)
{
  /* The field tells of changes a little later. */
  gtk_list_box_invalidate_filter (self->list);
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);

      if (!row)
        return;
      if (gtk_widget_get_child_visible (GTK_WIDGET (row)))
        {
          row_activated_cb (self->list, row, self);
          return;
        }
    }
}

static void
profiles_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionPopover) self = user_data;
  g_autoptr (FluoProfileList) profiles = fluo_profile_list_load_finish (result, NULL);

  if (!profiles || !self->session)
    return;
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  self->profiles = g_steal_pointer (&profiles);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self))
      || *gtk_editable_get_text (GTK_EDITABLE (self->search)))
    return;
  fill_list (self);
  take_focus (self);
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
  const char *titles[N_LINES] = { _ ("Account"), _ ("Who"),       _ ("Keys from"),
                                  _ ("Valid"),   _ ("Region"),    _ ("Endpoint"),
                                  _ ("Last hour"), _ ("Budget"),    _ ("Vault") };

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
  gtk_label_set_max_width_chars (self->error, 40);
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

  self->sign_in = make_button (self, _ ("Sign In Again"), "win.sign-in");
  self->console = make_button (self, _ ("Open in AWS Console"), "win.open-in-console");
  self->edit = make_button (self, _ ("Edit…"), "win.edit-connection");
  self->copy_statement = fluo_statement_button_new ();
  gtk_widget_add_css_class (self->copy_statement, "small-button");
  gtk_box_append (GTK_BOX (box), self->sign_in);
  gtk_box_append (GTK_BOX (box), self->console);
  gtk_box_append (GTK_BOX (box), self->edit);
  gtk_box_append (GTK_BOX (box), self->copy_statement);
  gtk_widget_add_css_class (box, "cockpit-buttons");
  return box;
}

static GtkWidget *
make_vault_buttons (FluoConnectionPopover *self)
{
  self->vault_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->look_in_vault = make_button (self, _ ("Look in the Vault"), "win.open-vault");
  self->back_to_aws = make_button (self, _ ("Back to AWS"), "win.leave-vault");
  gtk_box_append (GTK_BOX (self->vault_box), self->look_in_vault);
  gtk_box_append (GTK_BOX (self->vault_box), self->back_to_aws);
  gtk_box_append (GTK_BOX (self->vault_box), make_button (self, _ ("Clear Vault…"),
                                                          "win.clear-vault"));
  gtk_widget_add_css_class (self->vault_box, "cockpit-buttons");
  return self->vault_box;
}

static void
fluo_connection_popover_map (GtkWidget *widget)
{
  FluoConnectionPopover *self = FLUO_CONNECTION_POPOVER (widget);

  show (self);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  fill_list (self);
  GTK_WIDGET_CLASS (fluo_connection_popover_parent_class)->map (widget);
  self->tick_id = g_timeout_add_seconds (1, tick_cb, self);
  /* The files of profiles may have changed since it was last open. */
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
  take_focus (self);
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
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (GTK_WIDGET (self), "connection-popover");
  gtk_widget_set_size_request (box, WIDTH_PX, -1);
  gtk_box_append (GTK_BOX (box), make_head (self));
  gtk_box_append (GTK_BOX (box), make_grid (self));
  gtk_box_append (GTK_BOX (box), make_error (self));
  gtk_box_append (GTK_BOX (box), make_buttons (self));
  gtk_box_append (GTK_BOX (box), make_vault_buttons (self));
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  self->search = gtk_search_entry_new ();
  gtk_widget_add_css_class (self->search, "cockpit-search");
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "activate", G_CALLBACK (first_match_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "stop-search", G_CALLBACK (popdown_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), self->search);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (self->list, filter_cb, self, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "connection-list");
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, 0);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), LIST_HEIGHT_MAX_PX);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (foot), make_button (self, _ ("Connections…"), "win.connections"));
  gtk_box_append (GTK_BOX (foot), make_button (self, _ ("Paste a Console Address…"),
                                               "win.open-console-link"));
  gtk_widget_add_css_class (foot, "cockpit-buttons");
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
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}
