/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-ask-dialog.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"

/* Left free beside it. */
#define MARGIN_PX 24

GtkWidget *
fluo_ask_dialog_make_header (GtkWindow *self, const char *title, GtkWidget *action)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  gtk_widget_add_css_class (action, "suggested-action");
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new (title, NULL));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), action);
  return header;
}

void
fluo_ask_dialog_place (GtkWindow *self, GtkWindow *parent, int width_px)
{
  const int width = parent ? gtk_widget_get_width (GTK_WIDGET (parent)) : 0;

  if (parent)
    fluo_compat_set_parent (self, parent);
  gtk_widget_set_size_request (GTK_WIDGET (self),
                               width > 0 ? MIN (width_px, width - MARGIN_PX) : width_px, -1);
}
