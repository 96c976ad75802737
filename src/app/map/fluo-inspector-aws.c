/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/map/fluo-inspector-private.h"

/* What CloudWatch has of the node: its metrics, and the way to its log lines. */

static void
logs_cb (GtkButton *button, FluoInspector *self)
{
  if (self->data != NULL && self->data->name != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-node-logs", "(ss)", self->data->name,
                                self->data->type != NULL ? self->data->type : "");
}

GtkWidget *
fluo_inspector_make_metrics (FluoInspector *self)
{
  self->metrics = FLUO_METRICS_LANE (fluo_metrics_lane_new ());
  gtk_widget_set_margin_start (GTK_WIDGET (self->metrics), PADDING_PX);
  gtk_widget_set_margin_end (GTK_WIDGET (self->metrics), PADDING_PX);
  gtk_widget_set_margin_top (GTK_WIDGET (self->metrics), 18);
  return GTK_WIDGET (self->metrics);
}

GtkWidget *
fluo_inspector_make_logs_button (FluoInspector *self)
{
  self->logs_button = gtk_button_new_with_label (_("View Logs"));
  gtk_widget_add_css_class (self->logs_button, "pill-small");
  gtk_widget_set_hexpand (self->logs_button, TRUE);
  g_signal_connect (self->logs_button, "clicked", G_CALLBACK (logs_cb), self);
  return self->logs_button;
}

/* The name under which CloudWatch keeps a node: that of an instance is its id, and not that of the
 * service that runs on it. */
static const char *
get_resource (const FluoInspectorData *data)
{
  if (g_strcmp0 (data->type, "AWS::EC2::Instance") != 0 || data->instances->len == 0)
    return data->name;
  return g_array_index (data->instances, FluoInspectorUrl, 0).request;
}

gboolean
fluo_inspector_has_log (const char *type)
{
  return type != NULL && g_strcmp0 (type, "client") != 0 && g_strcmp0 (type, "remote") != 0
         && !g_str_has_prefix (type, "Database::");
}

void
fluo_inspector_update_aws (FluoInspector *self)
{
  const FluoInspectorData *data = self->data;
  const gboolean node = !self->is_edge && data->name != NULL;

  gtk_widget_set_visible (self->logs_button, node && data->filter != NULL
                                              && fluo_inspector_has_log (data->type));
  fluo_metrics_lane_set_node (self->metrics, node ? data->type : NULL,
                              node ? get_resource (data) : NULL, data->span);
}

void
fluo_inspector_set_explorer (FluoInspector *self, FluoExplorer *explorer)
{
  g_return_if_fail (FLUO_IS_INSPECTOR (self));

  fluo_metrics_lane_set_explorer (self->metrics, explorer);
}
