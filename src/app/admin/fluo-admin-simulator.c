/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-simulator.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-admin-parts.h"

/* Between typing and asking. */
#define ASK_DELAY_MS 200
#define NAME_CHARS_MAX 60

struct _FluoAdminSimulator
{
  GtkBox parent_instance;

  FluoAdminWindow *admin; /* weak */
  GPtrArray *rules;       /* or NULL */
  GtkEditable *fields[FLUO_N_RULE_FIELDS];
  GtkEditable *attributes;
  GtkWidget *answer;
  GCancellable *cancellable;
  guint generation;
  guint ask_id;
};

G_DEFINE_FINAL_TYPE (FluoAdminSimulator, fluo_admin_simulator, GTK_TYPE_BOX)

/* The fields by X-Ray's names for them, and what a request may have there. */
static const struct
{
  const char *name, *title, *example;
} fields[] = {
  [FLUO_RULE_SERVICE_NAME] = { "ServiceName", N_("Service name"), "payments" },
  [FLUO_RULE_METHOD] = { "HTTPMethod", N_("HTTP method"), "POST" },
  [FLUO_RULE_PATH] = { "URLPath", N_("URL path"), "/checkout" },
  [FLUO_RULE_HOST] = { "Host", N_("Host"), "shop.example.com" },
  [FLUO_RULE_SERVICE_TYPE] = { "ServiceType", N_("Service type"), "AWS::ECS::Container" },
  [FLUO_RULE_ARN] = { "ResourceARN", N_("Resource ARN"), "arn:aws:…" },
  [FLUO_N_RULE_FIELDS] = { "Attributes", N_("Attributes"), "tier=gold, region=eu" },
};

static const char *
get_title (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, name) == 0)
      return _ (fields[i].title);
  return name;
}

/* --- The answer -------------------------------------------------------------------------- */

static GtkWidget *
make_step (const FluoSamplingStep *step)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *icon = step->matches
                      ? fluo_theme_status_image (FLUO_STATUS_OK)
                      : gtk_image_new_from_icon_name ("fluoroscope-minus-symbolic");
  g_autofree char *priority = g_strdup_printf ("%d", step->priority);
  GtkWidget *number = gtk_label_new (priority);
  GtkWidget *name = fluo_admin_make_line (step->rule, step->matches ? "strong" : NULL);
  GtkWidget *why = fluo_admin_make_label (step->matches ? _("is the one") : step->reason, NULL);

  gtk_widget_set_tooltip_text (icon, step->matches ? _("Matches") : _("Does not match"));
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_widget_set_size_request (number, 40, -1);
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_set_size_request (name, 130, -1);
  gtk_label_set_max_width_chars (GTK_LABEL (name), 18);
  gtk_widget_set_hexpand (why, TRUE);
  if (!step->matches)
    gtk_widget_add_css_class (why, "dim-label");
  gtk_widget_set_valign (number, GTK_ALIGN_START);
  gtk_widget_set_valign (name, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), number);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), why);
  gtk_widget_add_css_class (row, "dense");
  return row;
}

static void
show_verdict (FluoAdminSimulator *self, const FluoSamplingVerdict *verdict)
{
  g_autofree char *words = fluo_sampling_verdict_dup_words (verdict);
  g_autofree char *name =
    fluo_format_untrusted (verdict->rule ? verdict->rule->name : "", NAME_CHARS_MAX);
  /* Translators: a rule's name, and what it does. */
  g_autofree char *sentence = verdict->rule ? g_strdup_printf (_("%s: %s."), name, words)
                                            : g_strdup_printf ("%s.", words);

  fluo_admin_clear_box (self->answer);
  for (guint i = 0; i < verdict->steps->len; i++)
    gtk_box_append (GTK_BOX (self->answer), make_step (g_ptr_array_index (verdict->steps, i)));
  gtk_box_append (GTK_BOX (self->answer),
                  fluo_admin_make_note (sentence, verdict->rule ? "ok" : "error"));
  if (verdict->boost_rate > 0)
    gtk_box_append (GTK_BOX (self->answer),
                    fluo_admin_make_label (_("A boost holds at present: the rate is higher than "
                                             "the rule’s own."),
                                           "dense"));
  if (verdict->assumed->len > 0)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      g_autofree char *text = NULL;

      for (guint i = 0; i < verdict->assumed->len; i++)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                                get_title (g_ptr_array_index (verdict->assumed, i)));
      text = g_strdup_printf (_("Taken to match, because it is not given: %s."), names->str);
      gtk_box_append (GTK_BOX (self->answer), fluo_admin_make_label (text, "dense"));
    }
}

/* Nothing is given: every rule would be taken to match. */
static void
show_nothing (FluoAdminSimulator *self)
{
  fluo_admin_clear_box (self->answer);
  gtk_box_append (GTK_BOX (self->answer),
                  fluo_admin_make_label (_("Say what is known of a request; what is left empty is "
                                           "taken to match."),
                                         "dim-label"));
}

typedef struct
{
  FluoAdminSimulator *simulator;
  guint generation;
} Question;

static void
simulated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (FluoAdminSimulator) self = question->simulator;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoSamplingVerdict) verdict =
    fluo_xray_client_simulate_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!self->admin || question->generation != self->generation)
    return;
  if (verdict)
    {
      show_verdict (self, verdict);
      return;
    }
  fluo_admin_clear_box (self->answer);
  gtk_box_append (GTK_BOX (self->answer),
                  fluo_admin_make_error (_("The simulator gave no answer"), error, NULL));
}

/* --- Asking ------------------------------------------------------------------------------ */

/* "tier=gold, region=eu"; NULL when none is given. */
static GHashTable *
read_attributes (const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, ",", -1);
  GHashTable *attributes = NULL;

  for (guint i = 0; pairs[i]; i++)
    {
      char *pair = g_strstrip (pairs[i]);
      char *equals = strchr (pair, '=');

      if (!equals)
        continue;
      *equals = '\0';
      if (!attributes)
        attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (attributes, g_strdup (g_strstrip (pair)),
                           g_strdup (g_strstrip (equals + 1)));
    }
  return attributes;
}

static gboolean
ask_cb (gpointer data)
{
  FluoAdminSimulator *self = data;
  FluoXrayClient *client = self->admin ? fluo_admin_window_get_client (self->admin) : NULL;
  g_autoptr (GHashTable) attributes = read_attributes (gtk_editable_get_text (self->attributes));
  FluoSamplingQuestion asked = { .attributes = attributes };
  gboolean is_given = attributes != NULL;
  Question *question;

  self->ask_id = 0;
  if (!client || !self->rules)
    return G_SOURCE_REMOVE;
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    {
      const char *text = gtk_editable_get_text (self->fields[i]);

      asked.fields[i] = *text ? text : NULL;
      is_given |= *text != '\0';
    }
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (!is_given)
    {
      self->generation++;
      show_nothing (self);
      return G_SOURCE_REMOVE;
    }
  question = g_new (Question, 1);
  *question = (Question) { g_object_ref (self), ++self->generation };
  fluo_xray_client_simulate_async (client, self->rules, &asked, self->cancellable, simulated_cb,
                                   question);
  return G_SOURCE_REMOVE;
}

static void
queue_ask (FluoAdminSimulator *self)
{
  g_clear_handle_id (&self->ask_id, g_source_remove);
  self->ask_id = g_timeout_add (ASK_DELAY_MS, ask_cb, self);
}

void
fluo_admin_simulator_set_rules (FluoAdminSimulator *self, GPtrArray *rules)
{
  g_return_if_fail (FLUO_IS_ADMIN_SIMULATOR (self));
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  self->rules = g_ptr_array_ref (rules);
  queue_ask (self);
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkEditable *
add_entry (FluoAdminSimulator *self, GtkWidget *flow, const char *title, const char *example)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), example);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 14);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (queue_ask), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), fluo_admin_make_label (title, "caption"));
  gtk_box_append (GTK_BOX (box), entry);
  gtk_flow_box_append (GTK_FLOW_BOX (flow), box);
  gtk_widget_set_focusable (gtk_widget_get_parent (box), FALSE);
  return GTK_EDITABLE (entry);
}

static void
fluo_admin_simulator_dispose (GObject *object)
{
  FluoAdminSimulator *self = FLUO_ADMIN_SIMULATOR (object);

  g_clear_handle_id (&self->ask_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_weak_pointer (&self->admin);
  G_OBJECT_CLASS (fluo_admin_simulator_parent_class)->dispose (object);
}

static void
fluo_admin_simulator_finalize (GObject *object)
{
  FluoAdminSimulator *self = FLUO_ADMIN_SIMULATOR (object);

  g_object_unref (self->cancellable);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  G_OBJECT_CLASS (fluo_admin_simulator_parent_class)->finalize (object);
}

static void
fluo_admin_simulator_class_init (FluoAdminSimulatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_simulator_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_admin_simulator_finalize;
}

static void
fluo_admin_simulator_init (FluoAdminSimulator *self)
{
  /* What is known first comes first. */
  static const guint order[] = { FLUO_RULE_SERVICE_NAME, FLUO_RULE_METHOD, FLUO_RULE_PATH,
                                 FLUO_RULE_HOST,         FLUO_RULE_SERVICE_TYPE, FLUO_RULE_ARN,
                                 FLUO_N_RULE_FIELDS };
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 10);
  gtk_widget_add_css_class (GTK_WIDGET (self), "fluo-card");
  gtk_widget_add_css_class (GTK_WIDGET (self), "admin-part");
  gtk_widget_add_css_class (GTK_WIDGET (self), "admin-simulator");
  self->cancellable = g_cancellable_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), 4);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 10);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (flow), 8);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (flow), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      GtkEditable *entry =
        add_entry (self, flow, _ (fields[order[i]].title), fields[order[i]].example);

      *(order[i] == FLUO_N_RULE_FIELDS ? &self->attributes : &self->fields[order[i]]) = entry;
    }
  self->answer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self),
                  fluo_admin_make_label (_("Which rule would a request hit?"), "heading"));
  gtk_box_append (GTK_BOX (self), flow);
  gtk_box_append (GTK_BOX (self), self->answer);
}

GtkWidget *
fluo_admin_simulator_new (FluoAdminWindow *admin)
{
  FluoAdminSimulator *self = g_object_new (FLUO_TYPE_ADMIN_SIMULATOR, NULL);

  g_set_weak_pointer (&self->admin, admin);
  return GTK_WIDGET (self);
}
