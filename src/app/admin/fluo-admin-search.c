/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-pane.h"

#include <math.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-parts.h"

/* A new destination takes effect within minutes. */
#define POLL_INTERVAL_S 5

#define FLUO_TYPE_ADMIN_SEARCH (fluo_admin_search_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminSearch, fluo_admin_search, FLUO, ADMIN_SEARCH, FluoAdminPane)

struct _FluoAdminSearch
{
  FluoAdminPane parent_instance;

  FluoSegmentDestination destination;
  GPtrArray *rules; /* FluoIndexingRule, or NULL */
  GtkWidget *here;  /* what all this means on this computer */
  GtkWidget *destination_card;
  GtkWidget *rules_card;
  guint poll_id;
};

G_DEFINE_FINAL_TYPE (FluoAdminSearch, fluo_admin_search, FLUO_TYPE_ADMIN_PANE)

static const FluoSetting settings[] = { FLUO_SETTING_DESTINATION, FLUO_SETTING_INDEXING };

/* --- Changing ---------------------------------------------------------------------------- */

static void
move_cb (FluoAdminSearch *self)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);
  gboolean logs = !self->destination.logs;

  g_ptr_array_add (changes, fluo_xray_change_destination (&self->destination, logs));
  fluo_admin_dialog_confirm (
    fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)), _("Destination of the Spans"),
    logs ? _("_Turn On") : _("_Turn Off"), FALSE,
    logs ? _("From then on every span goes to the log group aws/spans and is charged by the "
             "gigabyte as CloudWatch Logs are. Traces are made of the share that is indexed. A "
             "resource policy of CloudWatch Logs must let xray.amazonaws.com write there.")
         : _("From then on segments go to X-Ray again and are charged by the trace. What is in "
             "the log group aws/spans stays there as long as that keeps it."),
    changes);
}

typedef struct
{
  FluoIndexingRule before; /* name is its own */
  GtkWidget *percent;
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;

  g_free (self->before.name);
  g_free (self);
}

/* What is written there; the button's value follows it with Enter only. */
static double
get_percent (Form *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->percent));
  char *end;
  double percent = g_strtod (text, &end);

  return end > text && *end == '\0' && percent >= 0 && percent <= 100 ? percent
                                                                      : self->before.desired;
}

static void
plan (gpointer data, FluoAdminPlan *ret_plan)
{
  Form *self = data;
  FluoXrayChange *change = fluo_xray_change_indexing (&self->before, get_percent (self));

  if (change)
    g_ptr_array_add (ret_plan->changes, change);
}

static void
index_cb (FluoAdminSearch *self, GtkButton *button)
{
  const FluoIndexingRule *rule = g_object_get_data (G_OBJECT (button), "fluo-rule");
  FluoAdminDialog *dialog = fluo_admin_dialog_new (
    fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)), _("Indexing Rule"), _("_Change Share"),
    FALSE,
    _("This share of the traces can be found by filters and is on the map. One per cent is "
      "included; each span that is indexed beyond is charged. The others are still in the log "
      "group and are read by their IDs."));
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();
  Form *form = g_new0 (Form, 1);

  form->before = *rule;
  form->before.name = g_strdup (rule->name);
  form->percent = gtk_spin_button_new_with_range (0, 100, 1);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (form->percent), 2);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (form->percent), rule->desired);
  gtk_widget_set_valign (form->percent, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Share to index, in per cent"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), form->percent);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), form->percent);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  fluo_admin_dialog_follow (dialog, GTK_EDITABLE (form->percent));
  fluo_admin_dialog_set_form (dialog, group);
  fluo_admin_dialog_set_plan (dialog, plan, form, form_free);
  gtk_widget_grab_focus (form->percent);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- What is so now ---------------------------------------------------------------------- */

static GtkWidget *
make_change_button (FluoAdminSearch *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "admin-button");
  gtk_widget_set_sensitive (button, fluo_admin_pane_may_change (FLUO_ADMIN_PANE (self)));
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
add_part (GtkWidget *card, const char *title, const char *text, GtkWidget *button)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), fluo_admin_make_label (title, "heading"));
  gtk_box_append (GTK_BOX (words), fluo_admin_make_label (text, "dense"));
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), button);
  gtk_widget_add_css_class (row, "admin-part");
  gtk_box_append (GTK_BOX (card), row);
  return row;
}

static void
show_destination (FluoAdminSearch *self)
{
  gboolean logs = self->destination.logs;

  fluo_admin_clear_box (self->destination_card);
  add_part (self->destination_card,
            logs ? _("Spans go to CloudWatch Logs: Transaction Search is on")
                 : _("Segments go to X-Ray: Transaction Search is off"),
            self->destination.pending
              ? _("PENDING: the change takes effect within minutes; this is read again by itself.")
            : logs ? _("Every span is kept in the log group aws/spans and paid by the gigabyte as "
                       "logs are. A share of them is indexed as traces.")
                   : _("Traces are sampled where they are made, kept for 30 days and paid by the "
                       "trace."),
            make_change_button (self, logs ? _("Turn _Off…") : _("Turn _On…"),
                                G_CALLBACK (move_cb)));
}

static void
show_rules (FluoAdminSearch *self)
{
  fluo_admin_clear_box (self->rules_card);
  gtk_widget_set_visible (self->rules_card, self->rules->len > 0);
  for (guint i = 0; i < self->rules->len; i++)
    {
      FluoIndexingRule *rule = g_ptr_array_index (self->rules, i);
      GtkWidget *button = make_change_button (self, _("Change _Share…"), G_CALLBACK (index_cb));
      g_autofree char *name = fluo_format_untrusted (rule->name, 40);
      /* Translators: a rule's name and a share. */
      g_autofree char *title =
        g_strdup_printf (_("%s: %.4g%% of the traces are indexed"), name, rule->desired);
      g_autofree char *text = NULL;

      if (fabs (rule->actual - rule->desired) < .005)
        text = g_strdup (_("That share can be found by filters and is on the map."));
      else
        text = g_strdup_printf (_("At present it is %.4g%%. That share can be found by "
                                  "filters and is on the map."),
                                rule->actual);
      g_object_set_data (G_OBJECT (button), "fluo-rule", rule);
      add_part (self->rules_card, title, text, button);
    }
}

static gboolean
poll_cb (gpointer data)
{
  FluoAdminSearch *self = data;

  self->poll_id = 0;
  fluo_admin_pane_read_one (FLUO_ADMIN_PANE (self), FLUO_SETTING_DESTINATION);
  return G_SOURCE_REMOVE;
}

/* Who comes back to it wants to know how it went on. */
static void
map_cb (FluoAdminSearch *self)
{
  if (self->destination.pending && self->poll_id == 0)
    poll_cb (self);
}

static void
fluo_admin_search_answered (FluoAdminPane *pane, FluoSetting setting, GPtrArray *items)
{
  FluoAdminSearch *self = FLUO_ADMIN_SEARCH (pane);

  gtk_widget_set_visible (self->here,
                          fluo_admin_window_is_here (fluo_admin_pane_get_admin (pane)));
  if (setting == FLUO_SETTING_INDEXING)
    {
      g_clear_pointer (&self->rules, g_ptr_array_unref);
      self->rules = g_ptr_array_ref (items);
      show_rules (self);
      return;
    }
  g_clear_handle_id (&self->poll_id, g_source_remove);
  gtk_widget_set_visible (self->destination_card, items->len > 0);
  if (items->len == 0)
    return;
  self->destination = *(FluoSegmentDestination *) g_ptr_array_index (items, 0);
  show_destination (self);
  if (self->destination.pending && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_cb, self);
}

static void
fluo_admin_search_dispose (GObject *object)
{
  FluoAdminSearch *self = FLUO_ADMIN_SEARCH (object);

  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  G_OBJECT_CLASS (fluo_admin_search_parent_class)->dispose (object);
}

static void
fluo_admin_search_class_init (FluoAdminSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_search_dispose;
  FLUO_ADMIN_PANE_CLASS (klass)->answered = fluo_admin_search_answered;
}

static void
fluo_admin_search_init (FluoAdminSearch *self)
{
  GtkBox *content = fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self));

  self->here = fluo_admin_make_note (
    _("On this computer every span is kept and every trace indexed, whatever is set here, and "
      "nothing is charged. The settings are kept for programs that read them."),
    "");
  self->destination_card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->rules_card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->destination_card, "fluo-card");
  gtk_widget_add_css_class (self->rules_card, "fluo-card");
  gtk_widget_set_visible (self->here, FALSE);
  gtk_widget_set_visible (self->destination_card, FALSE);
  gtk_widget_set_visible (self->rules_card, FALSE);
  gtk_box_append (content, self->here);
  gtk_box_append (content, self->destination_card);
  gtk_box_append (content, self->rules_card);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
}

GtkWidget *
fluo_admin_search_new (FluoAdminWindow *admin)
{
  FluoAdminSearch *self =
    g_object_new (FLUO_TYPE_ADMIN_SEARCH, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  fluo_admin_pane_set_up (FLUO_ADMIN_PANE (self), admin, _("Transaction Search"),
                          _("Where spans go, and how many of them become traces that can be "
                            "searched."),
                          settings, G_N_ELEMENTS (settings));
  return GTK_WIDGET (self);
}
