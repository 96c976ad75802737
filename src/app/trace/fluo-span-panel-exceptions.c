/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/fluo-settings.h"
#include "app/trace/fluo-source-place.h"
#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* Exceptions with their stacks, whose places lead into an editor. */

#define FRAME_KEY "fluo-frame"

/* What hinders it is nearly always something to set, so that is offered. The call may have been
 * left meanwhile: the window says it. */
static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) panel = user_data;
  g_autoptr (GError) error = NULL;

  if (!fluo_source_open_finish (result, &error))
    gtk_widget_activate_action (panel, "win.toast-preferences", "s", error->message);
}

static void
open_cb (GtkButton *button, gpointer user_data)
{
  const FluoStackFrame *frame = g_object_get_data (G_OBJECT (button), FRAME_KEY);
  GtkWidget *panel = gtk_widget_get_ancestor (GTK_WIDGET (button), FLUO_TYPE_SPAN_PANEL);
  GdkDisplay *display = gtk_widget_get_display (panel);
  g_autoptr (GdkAppLaunchContext) context = gdk_display_get_app_launch_context (display);
  g_auto (GStrv) folders = fluo_settings_dup_strv ("source-folders");
  g_autofree char *command = fluo_settings_dup_string ("editor-command", "");

  fluo_source_open_async (frame->path, frame->line, (const char *const *) folders, command,
                          G_APP_LAUNCH_CONTEXT (context), opened_cb, g_object_ref (panel));
}

static void
frame_free (gpointer data)
{
  FluoStackFrame *frame = data;

  g_free (frame->path);
  g_free (frame);
}

static GtkWidget *
new_open (const FluoStackFrame *frame, const char *place)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("fluoroscope-edit-symbolic");
  g_autofree char *tip = g_strdup_printf (_("Open %s in the editor"), place);
  FluoStackFrame *copy = g_new0 (FluoStackFrame, 1);

  copy->path = g_strdup (frame->path);
  copy->line = frame->line;
  g_object_set_data_full (G_OBJECT (button), FRAME_KEY, copy, frame_free);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "copy-value");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect (button, "clicked", G_CALLBACK (open_cb), NULL);

  return button;
}

/* The stack as text: what one pastes into a report. */
static char *
dup_report (const FluoException *exception)
{
  GString *text = g_string_new (exception->type != NULL ? exception->type : _("Exception"));

  if (exception->message != NULL)
    g_string_append_printf (text, ": %s", exception->message);
  for (guint i = 0; exception->stack != NULL && i < exception->stack->len; i++)
    {
      const FluoStackFrame *frame = &g_array_index (exception->stack, FluoStackFrame, i);

      g_string_append_printf (text, "\n  %s:%" G_GINT64_FORMAT " %s",
                              frame->path != NULL ? frame->path : "–", frame->line,
                              frame->label != NULL ? frame->label : "");
    }

  return g_string_free (text, FALSE);
}

static GtkWidget *
new_frames (const FluoException *exception, guint n)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 16);
  gtk_widget_add_css_class (grid, "frames");
  for (guint i = 0; i < n; i++)
    {
      const FluoStackFrame *frame = &g_array_index (exception->stack, FluoStackFrame, i);
      g_autofree char *path = fluo_format_untrusted (frame->path != NULL ? frame->path : "–", 300);
      g_autofree char *place = frame->line > 0
                                 ? g_strdup_printf ("%s:%" G_GINT64_FORMAT, path, frame->line)
                                 : g_strdup (path);
      g_autofree char *label =
        fluo_format_untrusted (frame->label != NULL ? frame->label : "", 300);
      GtkWidget *where = gtk_label_new (place), *what = gtk_label_new (label);

      gtk_label_set_xalign (GTK_LABEL (where), 0);
      gtk_label_set_ellipsize (GTK_LABEL (where), PANGO_ELLIPSIZE_START);
      gtk_label_set_selectable (GTK_LABEL (where), TRUE);
      gtk_widget_set_focusable (where, FALSE);
      gtk_widget_add_css_class (where, "monospace");
      gtk_widget_add_css_class (where, "strong");
      gtk_label_set_xalign (GTK_LABEL (what), 0);
      gtk_label_set_ellipsize (GTK_LABEL (what), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (what, TRUE);
      gtk_widget_add_css_class (what, "monospace");
      gtk_widget_add_css_class (what, "dim-label");
      gtk_grid_attach (GTK_GRID (grid), where, 0, (int) i, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), what, 1, (int) i, 1, 1);
      if (frame->path != NULL && *frame->path != '\0')
        gtk_grid_attach (GTK_GRID (grid), new_open (frame, place), 2, (int) i, 1, 1);
    }

  return grid;
}

GtkWidget *
fluo_panel_new_exception_card (const FluoException *exception, FluoStatus status,
                               guint frames_max)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_grid_new (), /* no box, for long words, as around values */
            *top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  g_autofree char *type = fluo_format_untrusted (
    exception->type != NULL ? exception->type : _("Exception"), FLUO_PANEL_TITLE_MAX);
  GtkWidget *title = fluo_panel_new_value (type);
  g_autofree char *report = NULL;

  gtk_widget_add_css_class (card, "exception-card");
  gtk_widget_add_css_class (top, "exception-head");
  gtk_widget_add_css_class (title, "strong");
  gtk_grid_set_column_spacing (GTK_GRID (head), 6);
  gtk_grid_attach (GTK_GRID (head),
                   fluo_theme_status_image (status == FLUO_STATUS_OK ? FLUO_STATUS_ERROR : status),
                   0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (head), title, 1, 0, 1, 1);
  report = dup_report (exception);
  gtk_grid_attach (GTK_GRID (head), fluo_panel_new_copy (report, _("Copy the exception")), 2, 0, 1,
                   1);
  gtk_box_append (GTK_BOX (top), head);
  if (exception->message != NULL && *exception->message != '\0')
    gtk_box_append (GTK_BOX (top), fluo_panel_new_value (exception->message));
  if (exception->remote)
    {
      GtkWidget *note = fluo_panel_new_value (_("It happened in the service that was called."));

      gtk_widget_add_css_class (note, "dim-label");
      gtk_box_append (GTK_BOX (top), note);
    }
  gtk_box_append (GTK_BOX (card), top);

  if (exception->stack != NULL && exception->stack->len > 0)
    {
      gtk_box_append (GTK_BOX (card), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
      gtk_box_append (GTK_BOX (card),
                      new_frames (exception, MIN (exception->stack->len, frames_max)));
    }
  if (exception->truncated > 0)
    {
      g_autofree char *count = fluo_format_count ((guint64) exception->truncated);
      g_autofree char *text =
        g_strdup_printf (_("%s more frames were left out by the sender."), count);
      GtkWidget *note = fluo_panel_new_value (text);

      gtk_widget_add_css_class (note, "exception-note");
      gtk_box_append (GTK_BOX (card), note);
    }

  return card;
}

/* The cause is named by the id of an exception that another call's document has. */
static GtkWidget *
new_elsewhere (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  const guint32 span = fluo_waterfall_rows_get_shown (
    what->rows, fluo_trace_find_exception (what->trace, what->detail->cause_id));
  GtkWidget *grid;
  g_autofree char *name = NULL, *text = NULL;

  if (span == FLUO_SPAN_NONE || span == what->index)
    {
      text = g_strdup_printf (_("The cause is exception %s, which is not in this trace."),
                              what->detail->cause_id);
      return fluo_panel_new_value (text);
    }

  grid = fluo_panel_new_pairs ();
  name = fluo_format_untrusted (fluo_waterfall_rows_get_name (what->rows, span),
                                FLUO_PANEL_TITLE_MAX);
  fluo_panel_add_widget (grid, _("Recorded in"), fluo_panel_new_link (self, name, span));

  return grid;
}

GtkWidget *
fluo_span_panel_make_exceptions (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  GArray *exceptions = what->detail->exceptions;
  guint n = 0, n_shown = 0;
  GtkWidget *page;

  if ((exceptions == NULL || exceptions->len == 0) && what->detail->cause_id == NULL)
    return NULL;

  page = fluo_panel_new_page ();
  for (guint i = 0; exceptions != NULL && i < exceptions->len; i++)
    {
      const FluoException *exception = &g_array_index (exceptions, FluoException, i);

      n += 1 + exception->stack->len;
      if (n_shown == FLUO_PANEL_ITEMS_MAX)
        continue;
      if (i > 0)
        gtk_box_append (GTK_BOX (page), fluo_panel_new_heading (_("Caused by")));
      gtk_box_append (GTK_BOX (page), fluo_panel_new_exception_card (
                                        exception, what->span->status,
                                        FLUO_PANEL_ITEMS_MAX - n_shown - 1));
      n_shown = MIN (n, FLUO_PANEL_ITEMS_MAX);
    }
  fluo_panel_add_rest (page, n, n_shown);
  if (what->detail->cause_id != NULL && (exceptions == NULL || exceptions->len == 0))
    gtk_box_append (GTK_BOX (page), new_elsewhere (self, what));

  return page;
}
