/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-pane.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "fluo-admin-parts.h"

#define FLUO_TYPE_ADMIN_POLICIES (fluo_admin_policies_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminPolicies, fluo_admin_policies, FLUO, ADMIN_POLICIES, FluoAdminPane)

struct _FluoAdminPolicies
{
  FluoAdminPane parent_instance;

  GtkWidget *list;
};

G_DEFINE_FINAL_TYPE (FluoAdminPolicies, fluo_admin_policies, FLUO_TYPE_ADMIN_PANE)

static const FluoSetting settings[] = { FLUO_SETTING_POLICIES };

/* In the language's own way, for whoever looks when it was changed. */
static char *
dup_local (gint64 time_ns)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_ns / FLUO_NSEC_PER_SEC);

  return time ? g_date_time_format (time, "%x %H:%M") : g_strdup ("–");
}

static GtkWidget *
make_policy (const FluoResourcePolicy *policy, gboolean open)
{
  GtkWidget *expander = gtk_expander_new (NULL);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *more;
  g_autofree char *pretty = fluo_json_pretty (policy->document, strlen (policy->document));
  g_autofree char *when =
    policy->updated_ns > 0 ? dup_local (policy->updated_ns) : g_strdup ("–");
  g_autofree char *revision = fluo_format_untrusted (policy->revision, 20);
  /* Translators: a number, then a time. */
  g_autofree char *text = g_strdup_printf (_("revision %s, %s"), revision, when);

  more = fluo_admin_make_line (text, "dim-label");
  gtk_widget_add_css_class (more, "dense");
  gtk_box_append (GTK_BOX (head), fluo_admin_make_line (policy->name, "strong"));
  gtk_box_append (GTK_BOX (head), more);
  gtk_expander_set_label_widget (GTK_EXPANDER (expander), head);
  gtk_expander_set_child (GTK_EXPANDER (expander),
                          fluo_admin_make_code (pretty ? pretty : policy->document));
  gtk_expander_set_expanded (GTK_EXPANDER (expander), open);
  gtk_widget_add_css_class (expander, "fluo-card");
  gtk_widget_add_css_class (expander, "admin-policy");
  return expander;
}

static void
fluo_admin_policies_answered (FluoAdminPane *pane, FluoSetting setting, GPtrArray *items)
{
  FluoAdminPolicies *self = FLUO_ADMIN_POLICIES (pane);

  fluo_admin_window_set_count (fluo_admin_pane_get_admin (pane), FLUO_ADMIN_SECTION_POLICIES,
                               items->len);
  fluo_admin_clear_box (self->list);
  for (guint i = 0; i < items->len; i++)
    gtk_box_append (GTK_BOX (self->list),
                    make_policy (g_ptr_array_index (items, i), items->len == 1));
  if (items->len == 0)
    gtk_box_append (
      GTK_BOX (self->list),
      fluo_admin_make_empty (
        "fluoroscope-key-symbolic", _("No resource policy"),
        _("Such a policy lets another service send traces, for example Amazon SNS. AWS’s console "
          "or “aws xray put-resource-policy” makes one.")));
}

static void
fluo_admin_policies_class_init (FluoAdminPoliciesClass *klass)
{
  FLUO_ADMIN_PANE_CLASS (klass)->answered = fluo_admin_policies_answered;
}

static void
fluo_admin_policies_init (FluoAdminPolicies *self)
{
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_box_append (fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self)), self->list);
}

GtkWidget *
fluo_admin_policies_new (FluoAdminWindow *admin)
{
  FluoAdminPolicies *self =
    g_object_new (FLUO_TYPE_ADMIN_POLICIES, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  fluo_admin_pane_set_up (FLUO_ADMIN_PANE (self), admin, _("Resource policies"),
                          _("Which other services may send traces here. They are shown; changing "
                            "them is left to AWS’s own tools."),
                          settings, G_N_ELEMENTS (settings));
  return GTK_WIDGET (self);
}
