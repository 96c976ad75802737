/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-color-file.h"
#include "app/widgets/fluo-color-menu.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

/* The colours that the user chooses for services: told, with the way back. */

#define NAME_CHARS_MAX 40

/* The colour's id; "" is the automatic one. */
static void
choose_color_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *service;
  const char *type;
  const char *id;

  g_variant_get (parameter, "(&s&s&s)", &service, &type, &id);
  fluo_color_menu_choose (widget, fluo_explorer_get_colors (FLUO_VIEW (widget)->explorer), service,
                          type, id);
}

/* With what it was before, which is the way back. */
static void
color_chosen_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoServiceColors *colors = fluo_explorer_get_colors (self->explorer);
  const GError *error = fluo_color_file_get_error (colors);
  g_autofree char *safe = NULL;
  g_autofree char *text = NULL;
  const char *service;
  const char *type;
  guint color;
  AdwToast *toast;

  g_variant_get (parameter, "(&s&s&s)", &service, &type, NULL);
  color = fluo_service_colors_get_choice (colors, service, type);
  safe = fluo_format_untrusted (fluo_kind_get_display_name (type, service), NAME_CHARS_MAX);
  text = g_strdup_printf (_("Colour of “%s”: %s"), safe,
                          color == FLUO_SERVICE_COLOR_AUTOMATIC
                              ? _("Automatic")
                              : fluo_service_color_to_label (color));
  if (self->color_toast)
    adw_toast_dismiss (self->color_toast);
  toast = fluo_view_toast (self, text);
  g_set_weak_pointer (&self->color_toast, toast);
  adw_toast_set_action_target_value (toast, parameter);
  adw_toast_set_action_name (toast, "win.choose-color");
  adw_toast_set_button_label (toast, _("Undo"));
  if (error)
    {
      g_autofree char *why =
          g_strdup_printf (_("The colour can’t be remembered: %s"), error->message);

      fluo_view_toast_long (self, why, 0);
    }
}

void
fluo_view_install_color_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.choose-color", "(sss)", choose_color_cb);
  gtk_widget_class_install_action (widget_class, "win.color-chosen", "(sss)", color_chosen_cb);
}
