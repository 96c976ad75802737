/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-waterfall-view-private.h"
#include "app/widgets/fluo-color-menu.h"
#include "app/widgets/fluo-context-menu.h"
#include "core/fluo-json.h"

/* What can be done with a call: the menu of its row, by the right button or from the keyboard. It
 * is of the selected row. */

#define MENU_X 40 /* of one from the keyboard */

/* --- Actions ---------------------------------------------------------------------------------- */

static const FluoSpan *
get_selected (FluoWaterfallView *self)
{
  FluoTrace *trace = self->rows != NULL ? fluo_waterfall_rows_get_trace (self->rows) : NULL;
  guint n = 0;
  const FluoSpan *spans = trace != NULL ? fluo_trace_get_spans (trace, &n) : NULL;

  return self->view.selected < n ? &spans[self->view.selected] : NULL;
}

static void
copy (GtkWidget *widget, const char *text, const char *told)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.toast", "s", told);
}

static void
copy_name_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  const FluoSpan *span = get_selected (self);
  const char *detail;
  g_autofree char *text = NULL;

  if (span == NULL)
    return;
  detail = fluo_trace_get_string (fluo_waterfall_rows_get_trace (self->rows), span->detail);
  text = g_strconcat (fluo_waterfall_rows_get_name (self->rows, self->view.selected),
                      *detail != '\0' ? " " : "", detail, NULL);
  copy (widget, text, _("Name copied"));
}

static void
copy_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoSpan *span = get_selected (FLUO_WATERFALL_VIEW (widget));
  char id[17];

  if (span == NULL)
    return;
  fluo_span_id_format (span->id, id);
  copy (widget, id, _("ID copied"));
}

static void
copy_json_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  g_autofree char *json = NULL;
  const char *raw;
  gsize length;

  if (get_selected (self) == NULL)
    return;
  raw = fluo_trace_get_raw (fluo_waterfall_rows_get_trace (self->rows), self->view.selected,
                            &length);
  json = fluo_json_pretty (raw, length);
  if (json != NULL)
    copy (widget, json, _("JSON copied"));
}

static const FluoTraceService *
get_service (FluoWaterfallView *self)
{
  const FluoSpan *span = get_selected (self);
  const FluoTraceService *services;
  guint n;

  if (span == NULL)
    return NULL;
  services = fluo_trace_get_services (fluo_waterfall_rows_get_trace (self->rows), &n);
  return span->service < n ? &services[span->service] : NULL;
}

static void
traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoTraceService *service = get_service (FLUO_WATERFALL_VIEW (widget));

  if (service != NULL)
    gtk_widget_activate_action (widget, "win.show-node-traces", "(ss)", service->name,
                                service->type != NULL ? service->type : "");
}

static void
color_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  const FluoTraceService *service = get_service (self);

  if (service != NULL && self->colors != NULL)
    fluo_color_menu_choose (widget, self->colors, service->name, service->type,
                            g_variant_get_string (parameter, NULL));
}

static void
caller_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_waterfall_view_select_parent (FLUO_WATERFALL_VIEW (widget));
}

static void
zoom_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_waterfall_view_zoom_to_selection (FLUO_WATERFALL_VIEW (widget));
}

/* --- Menu ------------------------------------------------------------------------------------- */

static GMenuModel *
make_model (FluoWaterfallView *self)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) look = g_menu_new (), text = g_menu_new ();

  g_menu_append (look, _("Jump to Caller"), "waterfall.caller");
  g_menu_append (look, _("Zoom to This Call"), "waterfall.zoom");
  g_menu_append (look, _("Log Lines of This Call"), "trace.call-logs");
  g_menu_append (look, _("Traces of This Service"), "waterfall.traces");
  if (get_service (self) != NULL)
    fluo_color_menu_append (look, _("Colour of This Service"), self->colors);
  g_menu_append (text, _("Copy Name"), "waterfall.copy-name");
  g_menu_append (text, _("Copy ID"), "waterfall.copy-id");
  g_menu_append (text, _("Copy as JSON"), "waterfall.copy-json");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (look));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (text));
  return G_MENU_MODEL (menu);
}

static void
popup (FluoWaterfallView *self, double x, double y)
{
  const FluoTraceService *service = get_service (self);
  g_autoptr (GMenuModel) model = make_model (self);

  fluo_context_menu_set_model (&self->menu, model, GTK_WIDGET (self));
  if (service != NULL)
    fluo_color_menu_fill (GTK_POPOVER_MENU (self->menu), "waterfall.color", self->colors,
                          service->name, service->type);
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_context_menu_popup (self->menu, x, y);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoWaterfallView *self)
{
  FluoWaterfallHit hit;

  if (self->rows == NULL)
    return;
  fluo_waterfall_view_ensure_layout (self);
  hit = fluo_waterfall_hit (self->layout, x, y);
  if (hit.span == FLUO_SPAN_NONE)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  fluo_waterfall_view_select (self, hit.span);
  popup (self, x, y);
}

static gboolean
menu_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);

  if (get_selected (self) == NULL)
    return FALSE;
  fluo_waterfall_view_select (self, self->view.selected);
  fluo_waterfall_view_ensure_layout (self);
  for (guint i = 0; i < self->layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (self->layout->boxes, FluoWaterfallBox, i);

      if (box->span == self->view.selected)
        popup (self, MENU_X, box->y + self->view.style->row_height);
    }
  return TRUE;
}

void
fluo_waterfall_view_add_menu (FluoWaterfallView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

void
fluo_waterfall_view_install_menu (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "waterfall.caller", NULL, caller_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.zoom", NULL, zoom_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.traces", NULL, traces_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.color", "s", color_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.copy-name", NULL, copy_name_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.copy-id", NULL, copy_id_cb);
  gtk_widget_class_install_action (widget_class, "waterfall.copy-json", NULL, copy_json_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK,
                                       "waterfall.copy-name", NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_cb, NULL);
}
