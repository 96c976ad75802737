/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-logs-window.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-logs-panel.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-compat.h"
#include "aws/fluo-aws-service.h"
#include "aws/fluo-logs.h"
#include "core/fluo-format.h"

#define WIDTH_PX 760
#define HEIGHT_PX 640
#define NAME_CHARS_MAX 80

struct _FluoLogsWindow
{
  AdwWindow parent_instance;

  GtkWidget     *owner;   /* weak: it closes this one */
  FluoExplorer  *explorer;
  char          *service;
  FluoTimeSpan   span;
  FluoLogsPanel *panel;
  GCancellable  *cancellable;
};

G_DEFINE_FINAL_TYPE (FluoLogsWindow, fluo_logs_window, ADW_TYPE_WINDOW)

static void
ask (FluoLogsWindow *self, char **groups)
{
  fluo_logs_panel_set_groups (self->panel, self->service, (const char *const *) groups, self->span);
}

/* A trace that can't be read names no groups; the panel says what to do. */
static void
trace_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoLogsWindow) self = user_data;
  g_autoptr (FluoTrace) trace =
    fluo_xray_client_get_trace_finish (FLUO_XRAY_CLIENT (source), result, NULL);
  g_auto (GStrv) groups = NULL;

  if (self->panel == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  groups = trace != NULL ? fluo_logs_dup_groups_of_service (trace, self->service)
                         : g_new0 (char *, 1);
  ask (self, groups);
}

static const FluoTraceSummary *
find_newest (FluoLogsWindow *self)
{
  GPtrArray *summaries = fluo_explorer_get_summaries (self->explorer);

  for (guint i = 0; i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      for (guint k = 0; k < summary->services->len; k++)
        if (g_strcmp0 (g_array_index (summary->services, FluoSummaryService, k).name, self->service)
            == 0)
          return summary;
    }
  return NULL;
}

static void
find_groups (FluoLogsWindow *self, const char *type)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  const FluoTraceSummary *newest = find_newest (self);
  g_auto (GStrv) groups = NULL;

  if (client == NULL || !fluo_xray_client_has_service (client, FLUO_AWS_LOGS) || newest == NULL)
    {
      g_autoptr (GStrvBuilder) usual = g_strv_builder_new ();

      if (g_str_has_prefix (type, "AWS::Lambda"))
        {
          g_autofree char *name = g_strconcat ("/aws/lambda/", self->service, NULL);

          if (fluo_logs_is_group (name))
            g_strv_builder_add (usual, name);
        }
      groups = g_strv_builder_end (usual);
      ask (self, groups);
      return;
    }
  fluo_xray_client_get_trace_async (client, &newest->id, self->cancellable, trace_read_cb,
                                    g_object_ref (self));
}

/* What the panel asks of a window is asked of the one below. */
static void
forward_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoLogsWindow *self = FLUO_LOGS_WINDOW (widget);

  if (self->owner != NULL)
    gtk_widget_activate_action_variant (self->owner, name, parameter);
}

static void
fluo_logs_window_dispose (GObject *object)
{
  FluoLogsWindow *self = FLUO_LOGS_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  self->panel = NULL;
  g_clear_weak_pointer (&self->owner);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_logs_window_parent_class)->dispose (object);
}

static void
fluo_logs_window_finalize (GObject *object)
{
  FluoLogsWindow *self = FLUO_LOGS_WINDOW (object);

  g_clear_object (&self->cancellable);
  g_free (self->service);
  G_OBJECT_CLASS (fluo_logs_window_parent_class)->finalize (object);
}

static void
fluo_logs_window_class_init (FluoLogsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_logs_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_logs_window_finalize;
  gtk_widget_class_install_action (widget_class, "win.toast", "s", forward_cb);
  gtk_widget_class_install_action (widget_class, "win.allow-more", NULL, forward_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
fluo_logs_window_init (FluoLogsWindow *self)
{
  self->cancellable = g_cancellable_new ();
  fluo_trace_page_load_style (gtk_widget_get_display (GTK_WIDGET (self)));
}

GtkWidget *
fluo_logs_window_new (GtkWidget *owner, FluoExplorer *explorer, const char *service,
                      const char *type)
{
  FluoLogsWindow *self = g_object_new (FLUO_TYPE_LOGS_WINDOW, NULL);
  g_autofree char *safe = fluo_format_untrusted (service, NAME_CHARS_MAX);
  g_autofree char *title = g_strdup_printf (_("Log lines of %s"), safe);

  g_set_weak_pointer (&self->owner, owner);
  g_set_object (&self->explorer, explorer);
  self->service = g_strdup (service);
  self->span = fluo_explorer_get_span (explorer);
  self->panel = FLUO_LOGS_PANEL (fluo_logs_panel_new (explorer));
  fluo_logs_panel_set_title (self->panel, title);
  g_signal_connect_object (self->panel, "close", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH_PX, HEIGHT_PX);
  adw_window_set_content (ADW_WINDOW (self), GTK_WIDGET (self->panel));
  fluo_compat_set_owner (GTK_WINDOW (self), owner);
  find_groups (self, type);
  return GTK_WIDGET (self);
}
