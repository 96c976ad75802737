/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

/* The map as it stands, as a file. */

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autofree char *name = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;

  if (fluo_map_area_export_finish (FLUO_MAP_AREA (source), result, &error))
    said = g_strdup_printf (_("Wrote %s"), name);
  else
    said = g_strdup_printf (_("The map could not be written: %s"), error->message);
  gtk_widget_activate_action (GTK_WIDGET (source), "win.toast", "s", said);
}

/* Writes the file and says so. */
static void
export_to (FluoMapPage *self,
           const char  *path)
{
  g_return_if_fail (FLUO_IS_MAP_PAGE (self) && path != NULL);

  fluo_map_area_export_async (self->area, path, fluo_explorer_get_filter (self->explorer), NULL,
                              written_cb, g_path_get_basename (path));
}

static void
chosen_cb (GtkNativeDialog *dialog,
           int              response,
           FluoMapPage     *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                             ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                             : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path)
    export_to (self, path);
  g_clear_object (&self->chooser);
}

static void
add_filter (GtkFileChooser *chooser,
            const char     *name,
            const char     *suffix)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_suffix (filter, suffix);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* "2026-11-29T135300Z_map.png": when the range ends. */
static char *
dup_name (FluoMapPage *self)
{
  FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (span.end_ns / FLUO_NSEC_PER_SEC);
  g_autofree char *when =
    end && fluo_time_span_length (span) > 0 ? g_date_time_format (end, "%Y-%m-%dT%H%M%SZ_") : NULL;

  return g_strconcat (when ? when : "", "map.png", NULL);
}

void
fluo_map_page_export (FluoMapPage *self)
{
  g_autofree char *name = NULL;

  g_return_if_fail (FLUO_IS_MAP_PAGE (self));

  if (self->chooser || !fluo_map_area_get_graph (self->area))
    return;
  self->chooser = gtk_file_chooser_native_new (
    _("Export Map"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
    GTK_FILE_CHOOSER_ACTION_SAVE, _("Export"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  add_filter (GTK_FILE_CHOOSER (self->chooser), _("Picture (.png)"), "png");
  add_filter (GTK_FILE_CHOOSER (self->chooser), _("Drawing (.svg)"), "svg");
  add_filter (GTK_FILE_CHOOSER (self->chooser), _("Page (.pdf)"), "pdf");
  add_filter (GTK_FILE_CHOOSER (self->chooser), _("Tables (.md)"), "md");
  name = dup_name (self);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

void
fluo_map_page_export_cb (GtkWidget  *widget,
                         const char *action,
                         GVariant   *parameter)
{
  fluo_map_page_export (FLUO_MAP_PAGE (widget));
}
