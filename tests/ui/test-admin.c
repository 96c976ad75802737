/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/admin/fluo-admin-dialog.h"
#include "app/admin/fluo-admin-order.h"
#include "app/admin/fluo-admin-pane.h"
#include "app/fluo-window.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-collector.h"

/* The administration at a real collector, and at a server that permits nothing. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  RealCollector *collector; /* NULL once it was stopped */
  FluoXrayClient *client;   /* what the test itself asks with */
  FluoWindow *window;
  GtkWidget *admin;
  GtkWidget *dialog;
  GtkWidget *root;          /* where words are waited for */
  const char *words;
} Fixture;

static gboolean
is_settled (gpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (((Fixture *) data)->window);

  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED &&
         !fluo_explorer_is_loading (explorer);
}

static void
connect_to (Fixture *self, const char *endpoint)
{
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  fluo_window_connect_endpoint (self->window, endpoint);
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->collector = real_collector_new ();
  self->client = real_collector_dup_client (self->collector, FLUO_ROLE_FULL);
  connect_to (self, real_collector_get_endpoint (self->collector));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->client);
  g_clear_pointer (&self->collector, real_collector_free);
}

/* --- What is shown ----------------------------------------------------------------------- */

static gboolean
says (gpointer data)
{
  Fixture *self = data;
  g_autofree char *text = fake_ui_dup_text (self->root);

  return strstr (text, self->words) != NULL;
}

static gboolean
is_silent (gpointer data)
{
  return !says (data);
}

static void
await (Fixture *self, GtkWidget *root, const char *words)
{
  self->root = root;
  self->words = words;
  if (!fluo_test_wait_until (says, self, PATIENCE_MS))
    {
      g_autofree char *text = fake_ui_dup_text (root);

      g_error ("“%s” is not said in:\n%s", words, text);
    }
}

static void
await_gone (Fixture *self, GtkWidget *root, const char *words)
{
  self->root = root;
  self->words = words;
  g_assert_true (fluo_test_wait_until (is_silent, self, PATIENCE_MS));
}

static gboolean
find_admin (gpointer data)
{
  Fixture *self = data;

  self->admin = GTK_WIDGET (fake_ui_find_dialog (GTK_WINDOW (self->window)));
  return self->admin != NULL;
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data);
}

static gboolean
find_dialog (gpointer data)
{
  Fixture *self = data;

  self->dialog = GTK_WIDGET (fake_ui_find_dialog (GTK_WINDOW (self->admin)));
  return self->dialog != NULL;
}

static gboolean
is_closed (gpointer data)
{
  return !find_dialog (data);
}

static void
open_admin (Fixture *self, FluoAdminSection section)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.administration", "s", "");
  g_assert_true (fluo_test_wait_until (find_admin, self, PATIENCE_MS));
  fluo_admin_window_show (FLUO_ADMIN_WINDOW (self->admin), section);
}

static gboolean
finds_button (gpointer data)
{
  Fixture *self = data;
  GtkWidget *button = fake_ui_find_button (self->root, self->words);

  return button && gtk_widget_is_sensitive (button);
}

/* A page may say what is so a moment before it offers what can be done about it. */
static void
press (Fixture *self, GtkWidget *root, const char *words)
{
  self->root = root;
  self->words = words;
  g_assert_true (fluo_test_wait_until (finds_button, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find_button (root, words), "clicked");
}

static void
await_dialog (Fixture *self)
{
  g_assert_true (fluo_test_wait_until (find_dialog, self, PATIENCE_MS));
}

static gboolean
can_press (GtkWidget *root, const char *words)
{
  GtkWidget *button = fake_ui_find_button (root, words);

  g_assert_nonnull (button);
  return gtk_widget_is_sensitive (button);
}

/* The row of that title in a dialog. */
static GtkEditable *
find_entry (GtkWidget *root, const char *title)
{
  if (ADW_IS_ENTRY_ROW (root) &&
      g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return GTK_EDITABLE (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkEditable *found = find_entry (child, title);

      if (found)
        return found;
    }
  return NULL;
}

static void
type_into (Fixture *self, const char *title, const char *text)
{
  GtkEditable *entry = find_entry (self->dialog, title);

  g_assert_nonnull (entry);
  gtk_editable_set_text (entry, text);
}

/* --- What is there ----------------------------------------------------------------------- */

static GPtrArray *
get (Fixture *self, FluoSetting setting)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *items;

  fluo_xray_client_get_setting_async (self->client, setting, NULL, NULL, fluo_test_result_cb,
                                      &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  items = fluo_xray_client_get_setting_finish (self->client, result, &error);
  g_assert_no_error (error);
  return items;
}

static void
make_rule (Fixture *self, const char *name, gint32 priority, const char *method)
{
  g_autoptr (FluoSamplingRule) rule = fluo_sampling_rule_new (name, NULL);
  g_autoptr (FluoXrayChange) change = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rule->priority = priority;
  rule->rate = .5;
  g_free (rule->fields[FLUO_RULE_METHOD]);
  rule->fields[FLUO_RULE_METHOD] = g_strdup (method);
  change = fluo_xray_change_rule (NULL, rule, NULL);
  fluo_xray_client_change_async (self->client, change, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  fluo_xray_client_change_finish (self->client, result, &error);
  g_assert_no_error (error);
}

/* --- Groups ------------------------------------------------------------------------------ */

/* From the filter of the window to a group, and back again. */
static void
test_group (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) groups = NULL;

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.administration", "s",
                              "service(\"pay\") { fault }");
  g_assert_true (fluo_test_wait_until (find_admin, self, PATIENCE_MS));
  await_dialog (self);
  await (self, self->dialog, "A group needs a name.");
  await (self, self->dialog, "pay had a fault");
  g_assert_false (can_press (self->dialog, "Make Group"));
  type_into (self, "Name", "bad name");
  await (self, self->dialog, "letters without accents");
  type_into (self, "Name", "paying");
  await (self, self->dialog, "CreateGroup");
  await (self, self->dialog, "service(\"pay\") { fault }");
  press (self, self->dialog, "Make Group");
  g_assert_true (fluo_test_wait_until (is_closed, self, PATIENCE_MS));
  await (self, self->admin, "Group “paying” was made");
  await (self, self->admin, "Traces where pay had a fault");
  groups = get (self, FLUO_SETTING_GROUPS);
  g_assert_cmpuint (groups->len, ==, 2);
  press (self, self->admin, "Undo");
  await (self, self->admin, "No group besides Default");
  g_ptr_array_unref (groups);
  groups = get (self, FLUO_SETTING_GROUPS);
  g_assert_cmpuint (groups->len, ==, 1);
}

/* What is wrong in an expression is said by the one checker, and nothing can be done with it. */
static void
test_group_invalid (Fixture *self, gconstpointer data)
{
  open_admin (self, FLUO_ADMIN_SECTION_GROUPS);
  await (self, self->admin, "Default");
  fluo_admin_window_add_group (FLUO_ADMIN_WINDOW (self->admin), "annotation.tier = ");
  await_dialog (self);
  type_into (self, "Name", "tier");
  await (self, self->dialog, "The filter expression is not valid yet.");
  g_assert_false (can_press (self->dialog, "Make Group"));
}

/* Default has its insights changed and can't be removed. */
static void
test_default_group (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) groups = NULL;
  GtkWidget *toggle;

  open_admin (self, FLUO_ADMIN_SECTION_GROUPS);
  await (self, self->admin, "Every trace.");
  g_assert_null (fake_ui_find_button (self->admin, "Remove…"));
  press (self, self->admin, "Change filter, insights and tags…");
  await_dialog (self);
  await (self, self->dialog, "Nothing is different yet.");
  toggle = fake_ui_find (self->dialog, GTK_TYPE_SWITCH, NULL);
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (toggle)));
  gtk_switch_set_active (GTK_SWITCH (toggle), FALSE);
  await (self, self->dialog, "InsightsEnabled");
  press (self, self->dialog, "Change Group");
  g_assert_true (fluo_test_wait_until (is_closed, self, PATIENCE_MS));
  groups = get (self, FLUO_SETTING_GROUPS);
  g_assert_false (((FluoXrayGroup *) groups->pdata[0])->insights);
}

/* The collector is gone: what was typed is still there, with what happened above it. */
static void
test_failure (Fixture *self, gconstpointer data)
{
  open_admin (self, FLUO_ADMIN_SECTION_GROUPS);
  await (self, self->admin, "Every trace.");
  fluo_admin_window_add_group (FLUO_ADMIN_WINDOW (self->admin), "fault");
  await_dialog (self);
  type_into (self, "Name", "kept");
  await (self, self->dialog, "CreateGroup");
  g_clear_pointer (&self->collector, real_collector_free);
  press (self, self->dialog, "Make Group");
  await (self, self->dialog, "CreateGroup was refused or failed");
  await (self, self->dialog, "nobody answers at");
  g_assert_cmpstr (gtk_editable_get_text (find_entry (self->dialog, "Name")), ==, "kept");
  g_assert_true (can_press (self->dialog, "Make Group"));
}

/* --- Sampling rules ---------------------------------------------------------------------- */

/* As GTK would tell the list of a key. */
static gboolean
press_key (GtkWidget *widget, guint keyval, GdkModifierType held)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) each = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (each))
        g_signal_emit_by_name (each, "key-pressed", keyval, 0, held, &handled);
    }
  return handled;
}

/* Alt+Up is the same as dragging: what it does is shown, and then it is so. */
static void
test_order (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rules = NULL;
  GtkWidget *list;

  make_rule (self, "first", 10, "GET");
  make_rule (self, "second", 11, "POST");
  open_admin (self, FLUO_ADMIN_SECTION_SAMPLING);
  await (self, self->admin, "second");
  list = gtk_widget_get_ancestor (fake_ui_find_button (self->admin, "Change rule and tags…"),
                                  GTK_TYPE_LIST_BOX);
  gtk_widget_grab_focus (
    GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 1)));
  g_assert_true (press_key (list, GDK_KEY_Up, GDK_ALT_MASK));
  await_dialog (self);
  await (self, self->dialog, "UpdateSamplingRule");
  await (self, self->dialog, "Priority");
  press (self, self->dialog, "Change Order");
  g_assert_true (fluo_test_wait_until (is_closed, self, PATIENCE_MS));
  rules = get (self, FLUO_SETTING_RULES);
  g_assert_cmpstr (((FluoSamplingRule *) rules->pdata[0])->name, ==, "second");
  g_assert_cmpstr (((FluoSamplingRule *) rules->pdata[1])->name, ==, "first");
}

/* Wrong numbers are told in words; the right ones are what the collector has afterwards. */
static void
test_rule (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rules = NULL;
  const FluoSamplingRule *rule;

  open_admin (self, FLUO_ADMIN_SECTION_SAMPLING);
  await (self, self->admin, "every request");
  g_assert_false (can_press (self->admin, "Default can’t be removed"));
  press (self, self->admin, "New Rule…");
  await_dialog (self);
  await (self, self->dialog, "A rule needs a name.");
  type_into (self, "Name", "paying");
  type_into (self, "Priority, 1 to 9999", "0");
  await (self, self->dialog, "The priority is a whole number");
  type_into (self, "Priority, 1 to 9999", "70");
  type_into (self, "Rate, per cent of the others", "101");
  await (self, self->dialog, "The rate is a share from 0 to 100 %.");
  type_into (self, "Rate, per cent of the others", "12,5 %");
  type_into (self, "HTTP method", "POST");
  type_into (self, "Attributes, key=value, with commas", "tier=gold, region = eu*");
  await (self, self->dialog, "12.5% of the others");
  await (self, self->dialog, "tier = gold, region = eu*");
  press (self, self->dialog, "Make Rule");
  g_assert_true (fluo_test_wait_until (is_closed, self, PATIENCE_MS));
  rules = get (self, FLUO_SETTING_RULES);
  rule = rules->pdata[0];
  g_assert_cmpstr (rule->name, ==, "paying");
  g_assert_cmpint (rule->priority, ==, 70);
  g_assert_cmpfloat (rule->rate, ==, .125);
  g_assert_cmpstr (rule->keys[1], ==, "region");
  g_assert_cmpstr (rule->values[1], ==, "eu*");
}

static void
test_simulator (Fixture *self, gconstpointer data)
{
  GtkWidget *entry;

  make_rule (self, "posting", 10, "POST");
  open_admin (self, FLUO_ADMIN_SECTION_SAMPLING);
  await (self, self->admin, "Say what is known of a request");
  entry = fake_ui_find (fake_ui_find (self->admin, GTK_TYPE_BOX, "admin-simulator"),
                        GTK_TYPE_FLOW_BOX, NULL);
  entry = gtk_widget_get_last_child (
    gtk_flow_box_child_get_child (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (entry), 1)));
  gtk_editable_set_text (GTK_EDITABLE (entry), "POST");
  await (self, self->admin, "posting: 50% of the requests are sampled.");
  gtk_editable_set_text (GTK_EDITABLE (entry), "GET");
  await (self, self->admin, "HTTPMethod is “GET”, and the rule wants “POST”");
  await (self, self->admin, "Default: the reservoir takes");
}

/* --- The rest ---------------------------------------------------------------------------- */

static void
test_here (Fixture *self, gconstpointer data)
{
  open_admin (self, FLUO_ADMIN_SECTION_ENCRYPTION);
  await (self, self->admin, "Traces are kept unencrypted on this computer");
  g_assert_null (fake_ui_find_button (self->admin, "Choose another key"));
  fluo_admin_window_show (FLUO_ADMIN_WINDOW (self->admin), FLUO_ADMIN_SECTION_POLICIES);
  await (self, self->admin, "No resource policy");
  fluo_admin_window_show (FLUO_ADMIN_WINDOW (self->admin), FLUO_ADMIN_SECTION_SEARCH);
  await (self, self->admin, "On this computer every span is kept");
  press (self, self->admin, "Turn On…");
  await_dialog (self);
  await (self, self->dialog, "CloudWatchLogs");
  press (self, self->dialog, "Turn On");
  await (self, self->admin, "Transaction Search is on");
  press (self, self->admin, "Undo");
  await (self, self->admin, "Transaction Search is off");
}

/* The keys of the role "read": everything is shown, nothing can be pressed that changes. */
static void
test_read_only (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoXrayClient) reader = real_collector_dup_client (self->collector, FLUO_ROLE_READ);

  fluo_explorer_set_client (fluo_window_get_explorer (self->window), reader, "Reader", "here",
                            TRUE);
  open_admin (self, FLUO_ADMIN_SECTION_GROUPS);
  await (self, self->admin, "change nothing");
  await (self, self->admin, "Every trace.");
  g_assert_false (can_press (self->admin, "New Group…"));
  g_assert_false (can_press (self->admin, "Change filter, insights and tags…"));
  g_assert_true (can_press (self->admin, "Show its traces"));
  fluo_explorer_set_client (fluo_window_get_explorer (self->window), self->client, "Owner", "here",
                            TRUE);
  await_gone (self, self->admin, "change nothing");
  await (self, self->admin, "Every trace.");
  g_assert_true (can_press (self->admin, "New Group…"));
}

/* Before a collector has said what its keys permit, there is nothing that could be pressed. */
static void
test_unknown (void)
{
  Fixture self = { 0 };
  FakeXray *xray = fake_xray_new ();
  g_autoptr (FluoXrayClient) client =
    fluo_xray_client_new (fake_xray_get_endpoint (xray), NULL, NULL);

  fake_xray_set_role (xray, "read");
  fake_xray_hold (xray, "/fluoroscope/v1/status");
  self.client = client;
  self.window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  fluo_window_connect_endpoint (self.window, fake_xray_get_endpoint (xray));
  gtk_window_present (GTK_WINDOW (self.window));
  open_admin (&self, FLUO_ADMIN_SECTION_GROUPS);
  g_assert_true (fluo_test_wait_until (is_mapped, self.admin, PATIENCE_MS));
  /* Whatever the window could have asked was asked before this. */
  g_ptr_array_unref (get (&self, FLUO_SETTING_GROUPS));
  g_ptr_array_unref (get (&self, FLUO_SETTING_GROUPS));
  g_assert_null (fake_ui_find_button (self.admin, "Change filter, insights and tags…"));
  g_assert_false (can_press (self.admin, "New Group…"));
  fake_xray_hold (xray, NULL);
  await (&self, self.admin, "change nothing");
  await (&self, self.admin, "Every trace.");
  g_assert_false (can_press (self.admin, "Change filter, insights and tags…"));
  g_assert_false (can_press (self.admin, "New Group…"));
  gtk_window_destroy (GTK_WINDOW (self.window));
  fake_xray_free (xray);
}

/* Closed while it reads, it is gone. */
static void
test_close (Fixture *self, gconstpointer data)
{
  GtkWidget *admin;

  open_admin (self, FLUO_ADMIN_SECTION_SAMPLING);
  admin = self->admin;
  g_object_add_weak_pointer (G_OBJECT (admin), (gpointer *) &admin);
  gtk_window_destroy (GTK_WINDOW (admin));
  while (admin)
    g_main_context_iteration (NULL, TRUE);
}

/* Nobody but AWS names permissions: the statement to ask for is shown. */
static void
test_denied (void)
{
  Fixture self = { 0 };
  FakeXray *xray = fake_xray_new ();

  fake_xray_set_plain (xray, TRUE);
  connect_to (&self, fake_xray_get_endpoint (xray));
  fake_xray_set_error (xray, "AccessDeniedException");
  open_admin (&self, FLUO_ADMIN_SECTION_GROUPS);
  await (&self, self.admin, "GetGroups gave no answer that can be shown");
  await (&self, self.admin, "\"xray:GetGroups\"");
  fake_xray_set_error (xray, NULL);
  press (&self, self.admin, "Try Again");
  await (&self, self.admin, "Every trace.");
  await_gone (&self, self.admin, "xray:GetGroups");
  gtk_window_destroy (GTK_WINDOW (self.window));
  fake_xray_free (xray);
}

/* --- Priorities -------------------------------------------------------------------------- */

/* Whatever is moved where: the order is the one that was meant, and every priority may be. */
static void
test_moves (void)
{
  static const gint32 starts[][6] = {
    { 1, 2, 3, 4, 5, 6 },       { 10, 20, 30, 40, 50, 60 },
    { 7, 7, 7, 7, 7, 7 },       { 9994, 9995, 9996, 9997, 9998, 9999 },
    { 1, 1, 500, 501, 9999, 9999 }, { 1, 9995, 9996, 9997, 9998, 9999 },
  };

  for (guint s = 0; s < G_N_ELEMENTS (starts); s++)
    for (guint from = 0; from < 6; from++)
      for (guint to = 0; to < 6; to++)
        {
          g_autoptr (GPtrArray) rules =
            g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sampling_rule_unref);
          g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
          g_autoptr (GPtrArray) changes = NULL;

          for (guint i = 0; i < 6; i++)
            {
              g_autofree char *name = g_strdup_printf ("%c", 'a' + i);
              FluoSamplingRule *rule = fluo_sampling_rule_new (name, NULL);

              rule->priority = starts[s][i];
              g_ptr_array_add (rules, rule);
              g_ptr_array_add (wanted, rule);
            }
          g_ptr_array_add (rules, fluo_sampling_rule_new ("Default", NULL));
          g_ptr_array_insert (wanted, (int) to, g_ptr_array_steal_index (wanted, from));
          changes = fluo_admin_move_rule (rules, from, to);
          g_assert_cmpint (changes->len == 0, ==, from == to);
          for (guint i = 0; i < changes->len; i++)
            {
              FluoXrayChange *change = changes->pdata[i];
              FluoXrayChangeRow *row = change->rows->pdata[0];
              FluoSamplingRule *rule = rules->pdata[change->name[0] - 'a'];

              g_assert_cmpstr (row->field, ==, "Priority");
              rule->priority = atoi (row->after);
              g_assert_cmpint (rule->priority, >=, 1);
              g_assert_cmpint (rule->priority, <=, 9999);
            }
          g_ptr_array_sort (rules, fluo_sampling_rule_compare);
          for (guint i = 0; i < 6; i++)
            g_assert_true (rules->pdata[i] == wanted->pdata[i]);
        }
}

/* Keys alone: Tab leaves the list of sections without choosing another, and what is typed is what
 * will happen, before Enter. */
static void
test_keys (Fixture *self, gconstpointer data)
{
  GtkWidget *percent, *focus;

  open_admin (self, FLUO_ADMIN_SECTION_SEARCH);
  await (self, self->admin, "Change Share…");
  focus = gtk_window_get_focus (GTK_WINDOW (self->admin));
  g_assert_true (GTK_IS_LIST_BOX_ROW (focus));
  g_assert_true (gtk_widget_child_focus (self->admin, GTK_DIR_TAB_FORWARD));
  focus = gtk_window_get_focus (GTK_WINDOW (self->admin));
  g_assert_nonnull (gtk_widget_get_ancestor (focus, FLUO_TYPE_ADMIN_PANE));
  g_assert_true (fake_ui_find_button (self->admin, "Change Share…")
                 && gtk_widget_get_mapped (fake_ui_find_button (self->admin, "Change Share…")));
  press (self, self->admin, "Change Share…");
  await_dialog (self);
  percent = fake_ui_find (self->dialog, GTK_TYPE_SPIN_BUTTON, NULL);
  focus = gtk_window_get_focus (GTK_WINDOW (self->dialog));
  g_assert_true (focus && gtk_widget_is_ancestor (focus, percent));
  g_assert_false (can_press (self->dialog, "Change Share"));
  gtk_editable_set_text (GTK_EDITABLE (percent), "7");
  await (self, self->dialog, "UpdateIndexingRule");
  press (self, self->dialog, "Change Share");
  await (self, self->admin, "Indexing rule “Default” was changed");
  await (self, self->admin, "7%");
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;
  g_test_add_func ("/ui/admin/moves", test_moves);
  ADD ("/ui/admin/group", test_group);
  ADD ("/ui/admin/group-invalid", test_group_invalid);
  ADD ("/ui/admin/default-group", test_default_group);
  ADD ("/ui/admin/failure", test_failure);
  ADD ("/ui/admin/keys", test_keys);
  ADD ("/ui/admin/order", test_order);
  ADD ("/ui/admin/rule", test_rule);
  ADD ("/ui/admin/simulator", test_simulator);
  ADD ("/ui/admin/here", test_here);
  ADD ("/ui/admin/read-only", test_read_only);
  g_test_add_func ("/ui/admin/unknown", test_unknown);
  ADD ("/ui/admin/close", test_close);
  g_test_add_func ("/ui/admin/denied", test_denied);
  return g_test_run ();
}
