/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-foreign.h"

#include "core/fluo-format.h"

void
fluo_foreign_set_label (GtkLabel *label, const char *text, gsize max_chars)
{
  g_autofree char *safe = text ? fluo_format_untrusted (text, max_chars) : NULL;

  gtk_label_set_text (label, safe ? safe : "");
}

void
fluo_foreign_set_tooltip (GtkWidget *widget, const char *text)
{
  g_autofree char *safe = text && *text
                            ? fluo_format_untrusted (text, FLUO_FOREIGN_TOOLTIP_CHARS_MAX)
                            : NULL;

  gtk_widget_set_tooltip_text (widget, safe);
}

AdwToast *
fluo_foreign_new_toast (const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, FLUO_FOREIGN_TOAST_CHARS_MAX);
  g_autofree char *markup = g_markup_escape_text (safe, -1);

  return adw_toast_new (markup);
}
