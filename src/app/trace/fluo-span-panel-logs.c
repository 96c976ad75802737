/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-logs-panel-private.h"
#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* The log lines of one call, and the way to all of them. */

#define ROWS_MAX 50
#define TEXT_CHARS_MAX 400

static GtkWidget *
new_link (const char *text, const char *action)
{
  GtkWidget *link = gtk_button_new_with_label (text);

  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (link), action);
  gtk_widget_add_css_class (link, "flat");
  gtk_widget_add_css_class (link, "text-link");
  gtk_widget_set_halign (link, GTK_ALIGN_START);
  return link;
}

static void
add_line (GtkGrid *grid, const FluoPanelSpan *what, const FluoTraceLine *line, int row)
{
  g_autofree char *time =
    fluo_format_offset (line->time_ns - fluo_trace_get_start_ns (what->trace));
  g_autofree char *text = fluo_format_untrusted (line->text, TEXT_CHARS_MAX);
  GtkWidget *when = gtk_label_new (time), *words = gtk_label_new (text), *sign;

  gtk_label_set_xalign (GTK_LABEL (when), 1);
  gtk_widget_set_valign (when, GTK_ALIGN_START);
  gtk_widget_add_css_class (when, "dim-label");
  gtk_widget_add_css_class (when, "numeric");
  sign = line->level >= FLUO_LOG_WARNING
           ? fluo_theme_status_image (fluo_log_level_get_status (line->level))
           : gtk_label_new ("•");
  gtk_widget_set_valign (sign, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_wrap (GTK_LABEL (words), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (words), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (words), TRUE);
  gtk_widget_set_focusable (words, FALSE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_grid_attach (grid, when, 0, row, 1, 1);
  gtk_grid_attach (grid, sign, 1, row, 1, 1);
  gtk_grid_attach (grid, words, 2, row, 1, 1);
}

GtkWidget *
fluo_span_panel_make_logs (const FluoPanelSpan *what, FluoTraceLines *lines)
{
  GtkWidget *page = fluo_panel_new_page (), *grid = gtk_grid_new ();
  g_autofree char *count = NULL, *all = NULL;
  int n = 0;

  if (lines == NULL)
    {
      gtk_box_append (GTK_BOX (page),
                      fluo_panel_new_value (_("What the programs wrote has not been read yet.")));
      gtk_box_append (GTK_BOX (page), new_link (_("Read the log lines"), "trace.call-logs"));
      return page;
    }
  gtk_grid_set_column_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 5);
  for (guint i = 0; i < lines->lines->len && n < ROWS_MAX; i++)
    if (fluo_logs_panel_is_of_span (what->trace, g_ptr_array_index (lines->lines, i), what->index))
      add_line (GTK_GRID (grid), what, g_ptr_array_index (lines->lines, i), n++);
  if (n == 0)
    gtk_box_append (GTK_BOX (page),
                    fluo_panel_new_value (_("Nothing was written during this call.")));
  gtk_box_append (GTK_BOX (page), grid);
  count = fluo_format_count (lines->lines->len);
  all = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "The %s line of the trace",
                                      "All %s lines of the trace", lines->lines->len),
                         count);
  gtk_box_append (GTK_BOX (page), new_link (all, "trace.logs"));
  return page;
}
