/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-rule-dialog.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-switch-row.h"
#include "core/fluo-format.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-parts.h"
#include "fluo-admin-tags.h"

/* Owned by the dialog; its widgets live in the dialog's form. */
typedef struct
{
  FluoSamplingRule *before; /* of a known one, else NULL */
  gboolean is_default;
  GtkEditable *name;        /* NULL of a known one */
  GtkEditable *priority;    /* NULL of Default */
  GtkEditable *reservoir;
  GtkEditable *rate;        /* in per cent */
  GtkEditable *fields[FLUO_N_RULE_FIELDS]; /* NULL of Default */
  GtkEditable *attributes;
  GtkWidget *boost;         /* a GtkSwitch, or NULL */
  GtkEditable *boost_max;
  GtkEditable *cooldown;
  GtkLabel *words;
  FluoAdminTags *tags;      /* NULL without an ARN */
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;

  g_clear_pointer (&self->before, fluo_sampling_rule_unref);
  g_free (self);
}

/* --- What is typed ----------------------------------------------------------------------- */

/* A whole number; -1, which no check lets pass, when it is none. */
static gint32
read_int (GtkEditable *entry)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (entry)));
  gint64 value;

  return g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &value, NULL) ? (gint32) value : -1;
}

/* "5", "0.5", "0,5", "5 %": a share; -1 when it is none. */
static double
read_percent (GtkEditable *entry)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (entry));
  char *end;
  double value;

  g_strdelimit (text, ",", '.');
  g_strdelimit (text, "%", ' ');
  g_strstrip (text);
  errno = 0;
  value = g_ascii_strtod (text, &end);
  return !*text || *end || errno || !(value >= 0 && value <= 100) ? -1 : value / 100;
}

/* "tier=gold, region=eu*". FALSE when it is no such list. */
static gboolean
read_attributes (const char *text, FluoSamplingRule *rule)
{
  g_auto (GStrv) pairs = g_strsplit (text, ",", -1);
  guint n = 0;

  for (guint i = 0; i <= FLUO_N_RULE_ATTRIBUTES_MAX; i++)
    {
      g_clear_pointer (&rule->keys[i], g_free);
      g_clear_pointer (&rule->values[i], g_free);
    }
  for (guint i = 0; pairs[i]; i++)
    {
      char *pair = g_strstrip (pairs[i]);
      char *equals = strchr (pair, '=');

      if (!*pair)
        continue;
      if (!equals || n == FLUO_N_RULE_ATTRIBUTES_MAX)
        return FALSE;
      *equals = '\0';
      rule->keys[n] = g_strdup (g_strstrip (pair));
      rule->values[n++] = g_strdup (g_strstrip (equals + 1));
    }
  return TRUE;
}

static char *
dup_attributes (const FluoSamplingRule *rule)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    g_string_append_printf (text, "%s%s=%s", i > 0 ? ", " : "", rule->keys[i], rule->values[i]);
  return g_strdup (text->str);
}

/* The rule as it is in the form; NULL with @ret_problem when that can't be read. */
static FluoSamplingRule *
read_rule (Form *self, const char **ret_problem)
{
  FluoSamplingRule *rule = self->before
                             ? fluo_sampling_rule_copy (self->before)
                             : fluo_sampling_rule_new (gtk_editable_get_text (self->name), NULL);

  *ret_problem = NULL;
  if (self->priority)
    rule->priority = read_int (self->priority);
  rule->reservoir = read_int (self->reservoir);
  rule->rate = read_percent (self->rate);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (self->fields[i])
      {
        g_free (rule->fields[i]);
        rule->fields[i] = g_strdup (gtk_editable_get_text (self->fields[i]));
      }
  if (self->attributes &&
      !read_attributes (gtk_editable_get_text (self->attributes), rule))
    *ret_problem = _("Attributes are written as key=value, with commas between five at most.");
  if (self->boost && gtk_switch_get_active (GTK_SWITCH (self->boost)))
    {
      rule->has_boost = TRUE;
      rule->boost_max = read_percent (self->boost_max);
      rule->cooldown_min = read_int (self->cooldown);
    }
  else if (self->boost && self->before && self->before->has_boost)
    *ret_problem = _("X-Ray has no way to take a boost away from a rule. Remove the rule and make "
                     "it anew.");
  if (!*ret_problem)
    *ret_problem = fluo_xray_check_rule (rule);
  return rule;
}

/* --- The plan ---------------------------------------------------------------------------- */

static void
add_tag_changes (Form *self, GPtrArray *tags, FluoAdminPlan *ret_plan)
{
  GPtrArray *before = fluo_admin_tags_get_before (self->tags);
  g_autoptr (GPtrArray) changes = NULL;

  if (!before)
    return;
  changes = fluo_xray_change_tags (self->before->name, self->before->arn, before, tags);
  for (guint i = 0; i < changes->len; i++)
    g_ptr_array_add (ret_plan->changes, fluo_xray_change_ref (g_ptr_array_index (changes, i)));
}

/* "3 requests a second are sampled, and 5 % of the others." */
static void
say_rule (Form *self, const FluoSamplingRule *rule)
{
  g_autofree char *text = NULL;

  if (rule->reservoir < 0 || rule->rate < 0)
    text = g_strdup ("");
  else if (rule->reservoir == 0)
    text = g_strdup_printf (_("Of the requests that it matches, %.4g%% are sampled."),
                            rule->rate * 100);
  else
    text = g_strdup_printf (
      ngettext ("Of the requests that it matches, %d a second is sampled, over all programs "
                "together, and %.4g%% of the others.",
                "Of the requests that it matches, %d a second are sampled, over all programs "
                "together, and %.4g%% of the others.",
                (gulong) rule->reservoir),
      rule->reservoir, rule->rate * 100);
  gtk_label_set_text (self->words, text);
}

static void
plan (gpointer data, FluoAdminPlan *ret_plan)
{
  Form *self = data;
  const char *problem;
  g_autoptr (FluoSamplingRule) rule = read_rule (self, &problem);
  g_autoptr (GPtrArray) tags = self->tags ? fluo_admin_tags_dup (self->tags) : NULL;
  FluoXrayChange *change;

  say_rule (self, rule);
  if (self->boost)
    {
      gboolean on = gtk_switch_get_active (GTK_SWITCH (self->boost));

      gtk_widget_set_visible (GTK_WIDGET (self->boost_max), on);
      gtk_widget_set_visible (GTK_WIDGET (self->cooldown), on);
    }
  if (!problem && tags)
    problem = fluo_xray_check_tags (tags);
  if (problem)
    {
      ret_plan->problem = g_strdup (problem);
      return;
    }
  change = fluo_xray_change_rule (self->before, rule, self->before ? NULL : tags);
  if (change)
    g_ptr_array_add (ret_plan->changes, change);
  if (self->before && self->tags)
    add_tag_changes (self, tags, ret_plan);
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_amounts (Form *self, const FluoSamplingRule *rule)
{
  GtkWidget *list = adw_preferences_group_new ();
  g_autofree char *priority = g_strdup_printf ("%d", rule->priority);
  g_autofree char *reservoir = g_strdup_printf ("%d", rule->reservoir);
  g_autofree char *rate = g_strdup_printf ("%.6g", rule->rate * 100);

  if (!self->before)
    self->name = fluo_admin_make_entry_row (list, _("Name"), rule->name,
                                            _("32 characters at most; it stays"));
  if (!self->is_default)
    self->priority = fluo_admin_make_entry_row (
      list, _("Priority, 1 to 9999"), priority,
      _("The rule with the lowest number that matches is used"));
  self->reservoir = fluo_admin_make_entry_row (
    list, _("Reservoir, requests a second"), reservoir,
    _("So many requests a second are sampled first, over all programs together"));
  self->rate = fluo_admin_make_entry_row (list, _("Rate, per cent of the others"), rate,
                                          _("Of the requests beyond the reservoir"));
  return list;
}

static GtkWidget *
make_matchers (Form *self, const FluoSamplingRule *rule)
{
  const struct
  {
    const char *title;
    const char *tooltip;
  } fields[FLUO_N_RULE_FIELDS] = {
    [FLUO_RULE_SERVICE_NAME] = { _("Service name"), _("The name of the segment") },
    [FLUO_RULE_SERVICE_TYPE] = { _("Service type"), _("For example AWS::EC2::Instance") },
    [FLUO_RULE_HOST] = { _("Host"), _("The Host header") },
    [FLUO_RULE_METHOD] = { _("HTTP method"), _("For example POST") },
    [FLUO_RULE_PATH] = { _("URL path"), _("Without the query") },
    [FLUO_RULE_ARN] = { _("Resource ARN"),
                        _("X-Ray’s SDKs use rules with * only; API Gateway names its stage") },
  };
  GtkWidget *list = adw_preferences_group_new ();
  g_autofree char *attributes = dup_attributes (rule);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (list), _("Requests that it matches"));
  adw_preferences_group_set_description (
    ADW_PREFERENCES_GROUP (list),
    _("* stands for any text and ? for any character; upper and lower case are the same."));
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    self->fields[i] = fluo_admin_make_entry_row (list, fields[i].title, rule->fields[i],
                                                 fields[i].tooltip);
  self->attributes = fluo_admin_make_entry_row (
    list, _("Attributes, key=value, with commas"), attributes,
    _("X-Ray’s SDKs leave rules with attributes out; API Gateway takes them for headers"));
  return list;
}

static GtkWidget *
make_boost (Form *self, const FluoSamplingRule *rule, FluoAdminDialog *dialog)
{
  GtkWidget *list = adw_preferences_group_new ();
  g_autofree char *most = g_strdup_printf ("%.6g", rule->has_boost ? rule->boost_max * 100 : 50);
  g_autofree char *pause = g_strdup_printf ("%d", rule->has_boost ? rule->cooldown_min : 10);

  self->boost = fluo_switch_row_add (
    list, _("Boost"), _("Sample more for a minute when errors or slow requests are missed"),
    rule->has_boost);
  self->boost_max = fluo_admin_make_entry_row (list, _("At most, per cent"), most,
                                               _("More than the rule’s own rate"));
  self->cooldown = fluo_admin_make_entry_row (list, _("Pause after it, minutes"), pause,
                                              _("A minute or more"));
  g_signal_connect_object (self->boost, "notify::active", G_CALLBACK (fluo_admin_dialog_update),
                           dialog, G_CONNECT_SWAPPED);
  return list;
}

static void
follow (Form *self, FluoAdminDialog *dialog)
{
  GtkEditable *entries[] = { self->name, self->priority,  self->reservoir, self->rate,
                             self->attributes, self->boost_max, self->cooldown };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (entries[i])
      fluo_admin_dialog_follow (dialog, entries[i]);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (self->fields[i])
      fluo_admin_dialog_follow (dialog, self->fields[i]);
}

static GtkWidget *
make_form (Form *self, FluoAdminWindow *admin, const FluoSamplingRule *rule,
           FluoAdminDialog *dialog)
{
  GtkWidget *form = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);

  gtk_box_append (GTK_BOX (form), make_amounts (self, rule));
  self->words = GTK_LABEL (fluo_admin_make_label ("", "dense"));
  gtk_box_append (GTK_BOX (form), GTK_WIDGET (self->words));
  if (!self->is_default)
    {
      gtk_box_append (GTK_BOX (form), make_matchers (self, rule));
      gtk_box_append (GTK_BOX (form), make_boost (self, rule, dialog));
    }
  if (!self->before || self->before->arn)
    {
      GtkWidget *tags = fluo_admin_tags_new (admin, self->before ? self->before->arn : NULL);

      self->tags = FLUO_ADMIN_TAGS (tags);
      g_signal_connect_object (tags, "changed", G_CALLBACK (fluo_admin_dialog_update), dialog,
                               G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (form), tags);
    }
  return form;
}

void
fluo_admin_rule_dialog_present (FluoAdminWindow *admin, const FluoSamplingRule *rule,
                                gboolean known)
{
  g_autofree char *safe = fluo_format_untrusted (rule->name, FLUO_RULE_NAME_CHARS_MAX);
  g_autofree char *title = known ? g_strdup_printf (_("Sampling Rule “%s”"), safe) : NULL;
  gboolean is_default = known && fluo_sampling_rule_is_default (rule);
  FluoAdminDialog *dialog = fluo_admin_dialog_new (
    admin, known ? title : _("New Sampling Rule"), known ? _("_Change Rule") : _("_Make Rule"),
    FALSE,
    is_default ? _("Default takes what no other rule matches. It stays last and matches "
                   "everything, so only how much it samples can be changed.")
               : _("Programs hear of it within five minutes, most of them within ten seconds."));
  Form *self = g_new0 (Form, 1);

  self->before = known ? fluo_sampling_rule_copy (rule) : NULL;
  self->is_default = is_default;
  fluo_admin_dialog_set_form (dialog, make_form (self, admin, rule, dialog));
  fluo_admin_dialog_set_plan (dialog, plan, self, form_free);
  follow (self, dialog);
  gtk_widget_grab_focus (GTK_WIDGET (self->name ? self->name
                                     : self->priority ? self->priority
                                                      : self->reservoir));
  gtk_window_present (GTK_WINDOW (dialog));
}
