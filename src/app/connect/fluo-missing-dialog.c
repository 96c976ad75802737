/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-missing-dialog.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "core/fluo-trace-id-read.h"
#include "fluo-missing-view.h"

#define WIDTH_PX 620
#define HEIGHT_PX 680
#define WIDTH_MIN_PX 340
/* Nothing is shown as loading before this. */
#define LOADING_DELAY_MS 300
/* What is shown around a trace whose time was asked for. */
#define AROUND_NS (5 * FLUO_NSEC_PER_MIN)

struct _FluoMissingDialog
{
  AdwWindow parent_instance;

  GtkWidget *owner; /* weak: a view, whose actions are used */
  FluoExplorer *explorer; /* NULL once disposed */
  GtkEditable *trace;
  GtkEditable *key;
  GtkEditable *group;
  GtkWidget *ask;
  GtkWidget *answer; /* a box with one child, or none */
  GtkLabel *spoken;  /* hidden: reads the summary to those who can't see */

  FluoMissingReport *report; /* or NULL */
  GCancellable *cancellable;
  guint generation;
  guint loading_id;
};

G_DEFINE_FINAL_TYPE (FluoMissingDialog, fluo_missing_dialog, ADW_TYPE_WINDOW)

static void ask_cb (FluoMissingDialog *self);

/* --- What is shown ----------------------------------------------------------------------- */

static void
show_child (FluoMissingDialog *self, GtkWidget *child)
{
  GtkWidget *old;

  g_clear_handle_id (&self->loading_id, g_source_remove);
  while ((old = gtk_widget_get_first_child (self->answer)))
    gtk_box_remove (GTK_BOX (self->answer), old);
  gtk_box_append (GTK_BOX (self->answer), child);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "missing.copy", self->report != NULL);
}

static void
show_failure (FluoMissingDialog *self, const GError *error)
{
  GtkWidget *again = gtk_button_new_with_mnemonic (_("_Try Again"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (again), "missing.ask");
  gtk_widget_set_halign (again, GTK_ALIGN_START);
  gtk_widget_add_css_class (again, "small-button");
  show_child (self, fluo_missing_view_make_card (
                        FLUO_FINDING_PROBLEM, _("The collector could not be asked"),
                        error->message,
                        _("While it doesn’t run, what is sent by UDP is lost without a word."),
                        again));
}

/* AWS, or another server with X-Ray's API: what can be said without it. */
static void
show_elsewhere (FluoMissingDialog *self)
{
  const char *text = gtk_editable_get_text (self->trace);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  g_autofree char *problem = NULL;
  g_autofree char *about = g_strdup_printf (
      _("This window looks at %s, which tells nobody afterwards what it refused."),
      fluo_explorer_get_name (self->explorer));
  FluoTraceId id;

  if (*text && !fluo_trace_id_read (text, &id, NULL, &problem))
    {
      g_autofree char *sentence = g_strdup_printf (_("In what was given, %s."), problem);

      gtk_box_append (GTK_BOX (box),
                      fluo_missing_view_make_card (FLUO_FINDING_PROBLEM,
                                                   _("This is no trace ID"), sentence, NULL,
                                                   NULL));
    }
  gtk_box_append (
      GTK_BOX (box),
      fluo_missing_view_make_card (
          FLUO_FINDING_NOTE, _("Only the collector on this computer keeps account of losses"),
          about,
          _("Look into the log of the X-Ray daemon or the OpenTelemetry Collector for "
            "UnprocessedTraceSegments, and at the sampling rules. AWS keeps traces for 30 days, "
            "up to 500 KB each, and takes segments of the last 30 days."),
          NULL));
  show_child (self, box);
}

static gboolean
loading_cb (gpointer data)
{
  FluoMissingDialog *self = data;
  GtkWidget *spinner = gtk_spinner_new ();

  self->loading_id = 0;
  gtk_spinner_set_spinning (GTK_SPINNER (spinner), TRUE);
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (spinner, 36);
  show_child (self, spinner);
  return G_SOURCE_REMOVE;
}

/* --- Asking ------------------------------------------------------------------------------ */

typedef struct
{
  FluoMissingDialog *dialog;
  guint generation;
} Question;

/* Another server may say anything about a path that it does not know; the collector has told its
 * status before. */
static gboolean
is_elsewhere (FluoMissingDialog *self, const GError *error)
{
  return g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND)
         || (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL)
             && !fluo_explorer_get_status (self->explorer));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (FluoMissingDialog) self = question->dialog;
  g_autoptr (GError) error = NULL;
  FluoMissingReport *report =
      fluo_xray_client_explain_missing_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!self->explorer || question->generation != self->generation)
    {
      g_clear_pointer (&report, fluo_missing_report_free);
      return;
    }
  self->report = report;
  if (report)
    {
      FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
      g_autofree char *summary = fluo_format_untrusted (report->summary, 400);

      show_child (self, fluo_missing_view_new (report, span));
      gtk_label_set_text (self->spoken, summary);
    }
  else if (is_elsewhere (self, error))
    show_elsewhere (self);
  else
    show_failure (self, error);
}

static void
ask_cb (FluoMissingDialog *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  Question *question;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->generation++;
  g_clear_pointer (&self->report, fluo_missing_report_free);
  g_clear_handle_id (&self->loading_id, g_source_remove);
  if (!client)
    {
      g_autoptr (GError) error = g_error_new_literal (
          G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("The window is not connected to anything yet."));

      show_failure (self, error);
      return;
    }
  if (!fluo_explorer_is_local (self->explorer))
    {
      show_elsewhere (self);
      return;
    }
  question = g_new (Question, 1);
  *question = (Question) { g_object_ref (self), self->generation };
  self->loading_id = g_timeout_add (LOADING_DELAY_MS, loading_cb, self);
  fluo_xray_client_explain_missing_async (
      client, gtk_editable_get_text (self->trace), gtk_editable_get_text (self->key),
      gtk_editable_get_text (self->group), self->cancellable, answered_cb, question);
}

static void
ask_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask_cb (FLUO_MISSING_DIALOG (widget));
}

static void
copy_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoMissingDialog *self = FLUO_MISSING_DIALOG (widget);
  g_autofree char *text = fluo_missing_view_dup_text (self->report);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_label_set_text (self->spoken, _("Copied"));
  if (self->owner)
    gtk_widget_activate_action (self->owner, "win.toast", "s", _("Copied"));
}

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoMissingDialog *self = FLUO_MISSING_DIALOG (widget);

  if (self->report && self->report->trace_id && self->owner)
    gtk_widget_activate_action (self->owner, "win.open-trace", "s", self->report->trace_id);
  gtk_window_close (GTK_WINDOW (self));
}

static void
show_time_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoMissingDialog *self = FLUO_MISSING_DIALOG (widget);
  FluoTimeSpan span = { self->report->start_ns - AROUND_NS, self->report->start_ns + AROUND_NS };

  fluo_explorer_set_span (self->explorer, span);
  if (self->owner)
    gtk_widget_activate_action (self->owner, "win.page", "s", "traces");
  gtk_window_close (GTK_WINDOW (self));
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_header (FluoMissingDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "window.close");
  gtk_widget_set_tooltip_text (close, _("Close (Esc)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Close"), -1);
  self->ask = gtk_button_new_with_mnemonic (_("_Look"));
  gtk_widget_set_tooltip_text (self->ask, _("Ask the collector (Enter)"));
  gtk_widget_add_css_class (self->ask, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->ask), "missing.ask");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), close);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->ask);
  return header;
}

static GtkEditable *
make_entry (FluoMissingDialog *self, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (ask_cb), self, G_CONNECT_SWAPPED);
  return GTK_EDITABLE (row);
}

static GtkWidget *
make_question (FluoMissingDialog *self)
{
  GtkWidget *list = adw_preferences_group_new ();
  GtkWidget *more = adw_expander_row_new ();

  self->trace = make_entry (self, _("Trace ID or header, empty for all"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trace),
                               _("1-…, 32 digits, X-Amzn-Trace-Id or traceparent"));
  gtk_widget_add_css_class (GTK_WIDGET (self->trace), "monospace-row");
  self->key = make_entry (self, _("Annotation that the filter names"));
  self->group = make_entry (self, _("Group that it should be in"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), _("A filter or group leaves it out"));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (more), GTK_WIDGET (self->key));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (more), GTK_WIDGET (self->group));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (list), GTK_WIDGET (self->trace));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (list), more);
  return list;
}

static void
fluo_missing_dialog_dispose (GObject *object)
{
  FluoMissingDialog *self = FLUO_MISSING_DIALOG (object);

  g_clear_handle_id (&self->loading_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_weak_pointer (&self->owner);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_missing_dialog_parent_class)->dispose (object);
}

static void
fluo_missing_dialog_finalize (GObject *object)
{
  FluoMissingDialog *self = FLUO_MISSING_DIALOG (object);

  g_clear_pointer (&self->report, fluo_missing_report_free);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (fluo_missing_dialog_parent_class)->finalize (object);
}

static void
fluo_missing_dialog_class_init (FluoMissingDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_missing_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_missing_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_install_action (widget_class, "missing.ask", NULL, ask_action_cb);
  gtk_widget_class_install_action (widget_class, "missing.copy", NULL, copy_cb);
  gtk_widget_class_install_action (widget_class, "missing.open", NULL, open_cb);
  gtk_widget_class_install_action (widget_class, "missing.show-time", NULL, show_time_cb);
}

static void
fluo_missing_dialog_init (FluoMissingDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->cancellable = g_cancellable_new ();
  gtk_window_set_title (GTK_WINDOW (self), _("Why Is My Trace Missing?"));
  gtk_widget_set_size_request (GTK_WIDGET (self), WIDTH_MIN_PX, -1);
  self->answer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_margin_top (self->answer, 14);
  self->spoken = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                          GTK_ACCESSIBLE_ROLE_STATUS, "visible", FALSE, NULL));
  gtk_widget_add_css_class (column, "missing-column");
  gtk_box_append (GTK_BOX (column), make_question (self));
  gtk_box_append (GTK_BOX (column), self->answer);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->spoken));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), column);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (self), box);
}

GtkWidget *
fluo_missing_dialog_new (GtkWidget *owner, FluoExplorer *explorer, const char *trace)
{
  FluoMissingDialog *self = g_object_new (FLUO_TYPE_MISSING_DIALOG, NULL);
  int width = gtk_widget_get_width (owner);
  int height = gtk_widget_get_height (owner);

  fluo_compat_set_owner (GTK_WINDOW (self), owner);
  g_set_weak_pointer (&self->owner, owner);
  self->explorer = g_object_ref (explorer);
  /* No larger than the window it belongs to. */
  gtk_window_set_default_size (GTK_WINDOW (self), width > 0 ? MIN (WIDTH_PX, width) : WIDTH_PX,
                               height > 0 ? MIN (HEIGHT_PX, height) : HEIGHT_PX);
  if (trace)
    gtk_editable_set_text (self->trace, trace);
  gtk_widget_grab_focus (GTK_WIDGET (self->trace));
  ask_cb (self);
  return GTK_WIDGET (self);
}
