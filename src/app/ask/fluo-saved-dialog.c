/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-saved-dialog.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>

#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-switch-row.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter-edit.h"
#include "fluo-ask-dialog.h"
#include "fluo-filter-style.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"

#define NOTE_CHARS_MAX 300

#define WIDTH_PX 500
#define TEXT_HEIGHT_PX 84

struct _FluoSavedDialog
{
  AdwWindow parent_instance;

  char *id;
  char *connection;       /* the one being looked at */
  char *other_connection; /* of an entry that belongs to another one */
  GtkWidget *name;
  GtkSourceBuffer *buffer;
  GtkWidget *starred;
  GtkWidget *here;
  GtkLabel *note;
  GtkWidget *save;
};

enum
{
  SIGNAL_SAVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSavedDialog, fluo_saved_dialog, ADW_TYPE_WINDOW)

static char *
dup_text (FluoSavedDialog *self)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE));
}

/* What may be said about it: it can be saved all the same. */
static void
update (FluoSavedDialog *self)
{
  g_autofree char *text = dup_text (self);
  g_autofree char *name = g_strstrip (
      g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  g_autofree char *blank = fluo_query_parameters_blank (text);
  g_autoptr (GPtrArray) parameters = fluo_query_parameters_find (text);
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (blank, -1, NULL);
  g_autofree char *note = NULL;

  if (fluo_query_text_get_kind (text, NULL) == FLUO_QUERY_WORDS)
    note = g_strdup (_("Words to look for, and no filter."));
  else if (!fluo_filter_document_is_valid (document))
    note = g_strdup (_("This filter is not complete: it can be saved, and not be run."));
  else if (parameters->len > 0)
    {
      g_autoptr (GString) names = g_string_new (NULL);

      for (guint i = 0; i < parameters->len; i++)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                                ((FluoParameter *) g_ptr_array_index (parameters, i))->name);
      note = g_strdup_printf (_("Asks for %s when it runs."), names->str);
    }
  fluo_foreign_set_label (
      self->note, note ? note : _("A value to be asked for is written as $name."),
      NOTE_CHARS_MAX);
  gtk_widget_set_sensitive (self->save,
                            *text && *name
                                && g_utf8_strlen (name, -1) <= FLUO_SAVED_NAME_CHARS_MAX);
}

static void
save_cb (FluoSavedDialog *self)
{
  g_autofree char *text = dup_text (self);
  g_autofree char *name = g_strstrip (
      g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  gboolean here = gtk_switch_get_active (GTK_SWITCH (self->here));
  const char *connection = !here                    ? ""
                           : *self->other_connection ? self->other_connection
                                                     : self->connection;
  g_autoptr (FluoSavedQuery) query = NULL;

  if (!gtk_widget_get_sensitive (self->save))
    return;
  query = fluo_saved_query_new (self->id, name, text, connection,
                                gtk_switch_get_active (GTK_SWITCH (self->starred)));
  g_signal_emit (self, signals[SIGNAL_SAVED], 0, query);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
make_text (FluoSavedDialog *self, const char *text)
{
  GtkWidget *view;
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->buffer = gtk_source_buffer_new (NULL);
  fluo_filter_style_follow (self->buffer);
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), text, -1);
  view = gtk_source_view_new_with_buffer (self->buffer);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 10);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 10);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Filter"), -1);
  gtk_widget_add_css_class (view, "filter-text");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), TEXT_HEIGHT_PX);
  gtk_widget_add_css_class (scroller, "fluo-card");
  gtk_widget_set_overflow (scroller, GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return scroller;
}

static GtkWidget *
make_content (FluoSavedDialog *self, const FluoSavedQuery *query, const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *names = adw_preferences_group_new ();
  GtkWidget *switches = adw_preferences_group_new ();
  const char *where = *query->connection ? query->connection : self->connection;
  g_autofree char *safe = fluo_format_untrusted (where, 40);
  g_autofree char *here = g_strdup_printf (_("Only in %s"), safe);

  gtk_widget_add_css_class (column, "dialog-column");
  self->name = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name), _("Name"));
  gtk_editable_set_text (GTK_EDITABLE (self->name), query->name);
  g_signal_connect_object (self->name, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->name, "entry-activated", G_CALLBACK (save_cb), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (names), self->name);
  gtk_box_append (GTK_BOX (column), names);
  gtk_box_append (GTK_BOX (column), make_text (self, query->text));
  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_wrap (self->note, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "dense");
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "dim-label");
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->note));
  self->starred = fluo_switch_row_add (switches, _("Star"), _("Starred filters come first"),
                                       query->starred);
  self->here = fluo_switch_row_add (switches, here, _("Otherwise it is offered everywhere"),
                                    *query->connection != '\0');
  gtk_box_append (GTK_BOX (column), switches);
  self->save = gtk_button_new_with_mnemonic (_("_Save"));
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (save_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box),
                  fluo_ask_dialog_make_header (GTK_WINDOW (self), title, self->save));
  gtk_box_append (GTK_BOX (box), column);
  return box;
}

static void
fluo_saved_dialog_finalize (GObject *object)
{
  FluoSavedDialog *self = FLUO_SAVED_DIALOG (object);

  g_clear_object (&self->buffer);
  g_free (self->id);
  g_free (self->connection);
  g_free (self->other_connection);
  G_OBJECT_CLASS (fluo_saved_dialog_parent_class)->finalize (object);
}

static void
fluo_saved_dialog_class_init (FluoSavedDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fluo_saved_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  signals[SIGNAL_SAVED] = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
fluo_saved_dialog_init (FluoSavedDialog *self)
{
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
}

GtkWidget *
fluo_saved_dialog_new (GtkWindow *parent, const FluoSavedQuery *query, gboolean known,
                       const char *connection)
{
  FluoSavedDialog *self = g_object_new (FLUO_TYPE_SAVED_DIALOG, NULL);
  const char *title = known ? _("Edit Filter") : _("Save Filter");

  self->id = g_strdup (query->id);
  self->connection = g_strdup (connection);
  self->other_connection = g_strdup (query->connection);
  gtk_window_set_title (GTK_WINDOW (self), title);
  fluo_ask_dialog_place (GTK_WINDOW (self), parent, WIDTH_PX);
  adw_window_set_content (ADW_WINDOW (self), make_content (self, query, title));
  update (self);
  gtk_window_set_focus (GTK_WINDOW (self), self->name);
  return GTK_WIDGET (self);
}
