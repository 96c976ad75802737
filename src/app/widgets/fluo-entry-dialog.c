/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-entry-dialog.h"

#include <glib/gi18n.h>

#include "fluo-compat.h"

#define ENTRY_WIDTH_CHARS 38
#define HINT_WIDTH_CHARS 44
/* Room for two lines, so that the dialog doesn't jump. */
#define HINT_LINES 2
#define HINT_HEIGHT_PX 36

/* Of one dialog, and with its life. */
typedef struct
{
  const FluoEntryQuestion *question;
  AdwMessageDialog *dialog;
  GtkWidget *owner; /* borrowed: the dialog goes first */
  GtkEditable *entry;
  GtkLabel *hint;
} Asking;

static void
changed_cb (GtkEditable *entry, Asking *asking)
{
  const char *text = gtk_editable_get_text (entry);
  g_autofree char *problem = NULL;
  gboolean good = asking->question->check (text, &problem);

  adw_message_dialog_set_response_enabled (asking->dialog, "open", good);
  gtk_label_set_text (asking->hint, good || !*text || !problem ? "" : problem);
  if (good || !*text)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, Asking *asking)
{
  const char *text = gtk_editable_get_text (asking->entry);

  if (g_str_equal (response, "open") && asking->question->check (text, NULL))
    gtk_widget_activate_action (asking->owner, asking->question->action, "s", text);
}

typedef struct
{
  GtkWidget *entry;
  gboolean (*wanted) (const char *text);
} Pasting;

static void
clipboard_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Pasting *pasting = user_data;
  g_autoptr (GtkWidget) entry = pasting->entry;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (text && gtk_widget_get_root (entry) && !*gtk_editable_get_text (GTK_EDITABLE (entry))
      && pasting->wanted (text))
    gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static GtkWidget *
make_content (Asking *asking)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *hint = gtk_label_new (NULL);

  if (asking->question->monospace)
    gtk_widget_add_css_class (entry, "monospace");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), ENTRY_WIDTH_CHARS);
  gtk_entry_set_max_length (GTK_ENTRY (entry), (int) asking->question->length_max);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), asking->question->placeholder);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_label_set_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_lines (GTK_LABEL (hint), HINT_LINES);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_label_set_yalign (GTK_LABEL (hint), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), HINT_WIDTH_CHARS);
  gtk_widget_set_size_request (hint, -1, HINT_HEIGHT_PX);
  gtk_widget_add_css_class (hint, "dense");
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), hint);
  asking->entry = GTK_EDITABLE (entry);
  asking->hint = GTK_LABEL (hint);
  g_signal_connect (entry, "changed", G_CALLBACK (changed_cb), asking);
  return box;
}

void
fluo_entry_dialog_present (GtkWidget *owner, const FluoEntryQuestion *question,
                           gboolean (*from_clipboard) (const char *text))
{
  GtkWidget *dialog = adw_message_dialog_new (NULL, question->title, question->body);
  Asking *asking = g_new0 (Asking, 1);

  asking->question = question;
  asking->dialog = ADW_MESSAGE_DIALOG (dialog);
  asking->owner = owner;
  g_object_set_data_full (G_OBJECT (dialog), "fluo-asking", asking, g_free);
  adw_message_dialog_set_extra_child (asking->dialog, make_content (asking));
  adw_message_dialog_add_responses (asking->dialog, "cancel", _("_Cancel"), "open", _("_Open"),
                                    NULL);
  adw_message_dialog_set_response_appearance (asking->dialog, "open", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (asking->dialog, "open", FALSE);
  adw_message_dialog_set_default_response (asking->dialog, "open");
  adw_message_dialog_set_close_response (asking->dialog, "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), asking);
  fluo_compat_set_owner (GTK_WINDOW (dialog), owner);
  gtk_window_present (GTK_WINDOW (dialog));
  if (from_clipboard)
    {
      Pasting *pasting = g_new (Pasting, 1);

      *pasting = (Pasting) { g_object_ref (GTK_WIDGET (asking->entry)), from_clipboard };
      gdk_clipboard_read_text_async (gtk_widget_get_clipboard (owner), NULL, clipboard_read_cb,
                                     pasting);
    }
}
