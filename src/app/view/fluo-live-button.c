/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-live-button.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

#define SECONDS_PER_MIN 60
/* From so much on nobody counts seconds. */
#define MINUTES_FROM_S 90

struct _FluoLiveButton
{
  AdwBin parent_instance;

  FluoExplorer *explorer;
  GtkWidget *button;
  GtkImage *icon;
  GtkLabel *label;
  GtkLabel *detail;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE (FluoLiveButton, fluo_live_button, ADW_TYPE_BIN)

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
state_changed_cb (FluoExplorer *explorer, FluoLiveButton *self)
{
  FluoExplorerState state = fluo_explorer_get_state (explorer);
  gboolean moving = fluo_explorer_get_relative_ns (explorer) > 0;
  gboolean live = moving && fluo_explorer_get_live (explorer);
  guint64 waiting = fluo_explorer_get_waiting (explorer);
  const char *icon = "fluoroscope-live-symbolic";
  const char *text = _("Live");
  guint slowed_s = live ? fluo_explorer_get_slowed_seconds (explorer) : 0;
  g_autofree char *detail = NULL;
  g_autofree char *spoken = NULL;

  if (state == FLUO_EXPLORER_RETRYING)
    {
      icon = "fluoroscope-status-error-symbolic";
      text = _("Trying again");
      detail = g_strdup_printf (_("in %u s"), fluo_explorer_get_retry_seconds (explorer));
    }
  else if (state == FLUO_EXPLORER_FAILED)
    {
      icon = "fluoroscope-status-fault-symbolic";
      text = _("Not connected");
    }
  else if (!live && moving)
    {
      g_autofree char *count = fluo_format_count (waiting);

      icon = "fluoroscope-pause-symbolic";
      text = _("Paused");
      if (waiting > 0)
        detail = g_strdup_printf (_("%s waiting"), count);
    }
  else if (slowed_s > 0)
    {
      guint minutes = (slowed_s + SECONDS_PER_MIN / 2) / SECONDS_PER_MIN;

      /* Translators: how often is read while live: "every 36 s". */
      detail = slowed_s < MINUTES_FROM_S ? g_strdup_printf (_("every %u s"), slowed_s)
                                         : g_strdup_printf (_("every %u min"), minutes);
    }
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_label_set_text (self->label, text);
  gtk_label_set_text (self->detail, detail ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->label), !self->narrow);
  set_class (self->button, "image-button", self->narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail && !self->narrow);
  /* A fixed range never changes; there is nothing to be live about. */
  gtk_widget_set_sensitive (self->button, moving || state >= FLUO_EXPLORER_RETRYING);
  set_class (self->button, "on", live && state < FLUO_EXPLORER_RETRYING);
  set_class (self->button, "retrying", state == FLUO_EXPLORER_RETRYING);
  set_class (self->button, "failed", state == FLUO_EXPLORER_FAILED);
  spoken = detail ? g_strdup_printf ("%s, %s", text, detail) : g_strdup (text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
  gtk_widget_set_tooltip_text (self->button, state >= FLUO_EXPLORER_RETRYING ? _("Try again now")
                                             : slowed_s > 0
                                                 ? _("New traces appear by themselves, but "
                                                     "seldomer, to stay within the hour’s budget "
                                                     "and what AWS allows")
                                             : live
                                                 ? _("New traces appear by themselves")
                                                 : _("New traces wait until you switch Live on"));
}

static void
clicked_cb (GtkButton *button, FluoLiveButton *self)
{
  if (fluo_explorer_get_state (self->explorer) >= FLUO_EXPLORER_RETRYING)
    fluo_explorer_retry (self->explorer);
  else
    fluo_explorer_set_live (self->explorer, !fluo_explorer_get_live (self->explorer));
}

static void
fluo_live_button_dispose (GObject *object)
{
  FluoLiveButton *self = FLUO_LIVE_BUTTON (object);

  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_live_button_parent_class)->dispose (object);
}

static void
fluo_live_button_class_init (FluoLiveButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_live_button_dispose;
}

static void
fluo_live_button_init (FluoLiveButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  self->detail = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "lite");
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "numeric");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->icon));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->detail));
  self->button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->button), box);
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_add_css_class (self->button, "live-button");
  g_signal_connect (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), self->button);
}

GtkWidget *
fluo_live_button_new (FluoExplorer *explorer)
{
  FluoLiveButton *self = g_object_new (FLUO_TYPE_LIVE_BUTTON, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self, 0);
  state_changed_cb (explorer, self);
  return GTK_WIDGET (self);
}

void
fluo_live_button_set_narrow (FluoLiveButton *self, gboolean narrow)
{
  g_return_if_fail (FLUO_IS_LIVE_BUTTON (self));
  self->narrow = narrow;
  state_changed_cb (self->explorer, self);
}
