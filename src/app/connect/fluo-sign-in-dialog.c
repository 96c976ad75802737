/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-sign-in-dialog.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"

#define WIDTH_PX 400
#define SUBJECT_CHARS_MAX 120

struct _FluoSignInDialog
{
  AdwWindow parent_instance;

  FluoSignIn *sign_in; /* what is asked now, or NULL */
  GCancellable *cancellable;
  GtkLabel *title;
  GtkLabel *text;
  GtkLabel *code;
  GtkEditable *entry;
  GtkWidget *answer;
  GtkWidget *open;
  GtkWidget *other;
  GtkWidget *waiting;
  GtkLabel *waits_for;
  GtkWidget *copy;
};

G_DEFINE_FINAL_TYPE (FluoSignInDialog, fluo_sign_in_dialog, ADW_TYPE_WINDOW)

static void
open_cb (FluoSignInDialog *self)
{
  const char *url = self->sign_in ? fluo_sign_in_get_url (self->sign_in) : NULL;

  if (url)
    fluo_compat_open_uri (GTK_WIDGET (self), url);
}

static void
entry_changed_cb (FluoSignInDialog *self)
{
  guint n_digits = 0;

  for (const char *c = gtk_editable_get_text (self->entry); *c; c++)
    n_digits += g_ascii_isdigit (*c);
  gtk_widget_set_sensitive (self->answer, n_digits == 6);
}

static void
answer_cb (FluoSignInDialog *self)
{
  if (!self->sign_in || !fluo_sign_in_answer (self->sign_in, gtk_editable_get_text (self->entry)))
    return;
  gtk_editable_set_text (self->entry, "");
}

static void
other_cb (FluoSignInDialog *self)
{
  if (self->sign_in)
    fluo_sign_in_use_device (self->sign_in);
}

static void
copy_cb (FluoSignInDialog *self)
{
  const char *command = self->sign_in ? fluo_sign_in_get_command (self->sign_in) : NULL;
  const char *url = self->sign_in ? fluo_sign_in_get_url (self->sign_in) : NULL;
  const char *text = command ? command : url;

  if (text)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
show (FluoSignInDialog *self, FluoSignIn *sign_in)
{
  FluoSignInKind kind = fluo_sign_in_get_kind (sign_in);
  const char *subject = fluo_sign_in_get_subject (sign_in);
  const char *command = fluo_sign_in_get_command (sign_in);
  const char *user_code = command ? command : fluo_sign_in_get_user_code (sign_in);
  g_autofree char *safe = fluo_format_untrusted (subject ? subject : "", SUBJECT_CHARS_MAX);
  g_autofree char *text = NULL;

  g_set_object (&self->sign_in, sign_in);
  if (kind == FLUO_SIGN_IN_CODE && fluo_sign_in_is_again (sign_in))
    text = g_strdup_printf (_("That code was not taken. Wait until your device shows another one "
                              "for %s, and type that."),
                            safe);
  else if (kind == FLUO_SIGN_IN_CODE)
    text = g_strdup_printf (_("Type the six digits that your device shows now for %s."), safe);
  else if (kind == FLUO_SIGN_IN_COMMAND)
    text = g_strdup (_("The AWS CLI begins this kind of session. Run this command in a terminal; "
                       "this window closes by itself."));
  else if (kind == FLUO_SIGN_IN_BROWSER)
    text = g_strdup_printf (_("Sign in to %s in your browser. This window closes by itself."),
                            safe);
  else
    text = g_strdup_printf (_("Open the address in any browser, sign in to %s, and compare this "
                              "code. This window closes by itself."),
                            safe);
  gtk_label_set_text (self->title, kind == FLUO_SIGN_IN_CODE ? _("Code of your device")
                                   : command                 ? _("Sign in with the AWS CLI")
                                                             : _("Sign in with your browser"));
  gtk_label_set_text (self->text, text);
  gtk_label_set_text (self->code, user_code ? user_code : "");
  gtk_widget_set_visible (GTK_WIDGET (self->code), user_code != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->entry), kind == FLUO_SIGN_IN_CODE);
  gtk_widget_set_visible (self->answer, kind == FLUO_SIGN_IN_CODE);
  gtk_widget_set_visible (self->open, fluo_sign_in_get_url (sign_in) != NULL);
  gtk_widget_set_visible (self->other, kind == FLUO_SIGN_IN_BROWSER);
  gtk_widget_set_visible (self->waiting, kind != FLUO_SIGN_IN_CODE);
  gtk_label_set_text (self->waits_for,
                      command ? _("Waiting for the command") : _("Waiting for the browser"));
  gtk_button_set_label (GTK_BUTTON (self->copy), command ? _("Copy Command") : _("Copy Address"));
  if (command)
    gtk_widget_add_css_class (GTK_WIDGET (self->code), "sign-in-command");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->code), "sign-in-command");
  entry_changed_cb (self);
  gtk_window_present (GTK_WINDOW (self));
  if (kind == FLUO_SIGN_IN_CODE)
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  else
    {
      /* Enter must not be what gives up. */
      gtk_widget_grab_focus (command ? self->copy : self->open);
      open_cb (self);
    }
}

/* Closing it means giving up. */
static gboolean
fluo_sign_in_dialog_close_request (GtkWindow *window)
{
  FluoSignInDialog *self = FLUO_SIGN_IN_DIALOG (window);

  g_cancellable_cancel (self->cancellable);
  return GTK_WINDOW_CLASS (fluo_sign_in_dialog_parent_class)->close_request (window);
}

static void
fluo_sign_in_dialog_dispose (GObject *object)
{
  FluoSignInDialog *self = FLUO_SIGN_IN_DIALOG (object);

  g_clear_object (&self->sign_in);
  G_OBJECT_CLASS (fluo_sign_in_dialog_parent_class)->dispose (object);
}

static void
fluo_sign_in_dialog_finalize (GObject *object)
{
  g_object_unref (FLUO_SIGN_IN_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (fluo_sign_in_dialog_parent_class)->finalize (object);
}

static void
fluo_sign_in_dialog_class_init (FluoSignInDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_sign_in_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_sign_in_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = fluo_sign_in_dialog_close_request;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkLabel *
add_label (GtkWidget *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkWidget *
add_button (FluoSignInDialog *self, GtkWidget *box, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill-button");
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static GtkWidget *
make_waiting (FluoSignInDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *spinner = gtk_spinner_new ();

  self->copy = gtk_button_new_with_label (_("Copy Address"));
  self->waits_for = GTK_LABEL (gtk_label_new (NULL));
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_add_css_class (self->copy, "link-button");
  gtk_widget_add_css_class (self->copy, "flat");
  g_signal_connect_object (self->copy, "clicked", G_CALLBACK (copy_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), spinner);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->waits_for));
  gtk_box_append (GTK_BOX (box), self->copy);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (box, "dense");
  return box;
}

static void
fluo_sign_in_dialog_init (FluoSignInDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  self->cancellable = g_cancellable_new ();
  gtk_window_set_title (GTK_WINDOW (self), _("Sign In"));
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH_PX, -1);
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  gtk_box_append (GTK_BOX (box), header);
  gtk_widget_add_css_class (column, "sign-in-column");
  self->title = add_label (column, "panel-title");
  self->text = add_label (column, "dim-label");
  self->code = add_label (column, "sign-in-code");
  gtk_label_set_selectable (self->code, TRUE);
  self->entry = GTK_EDITABLE (gtk_entry_new ());
  gtk_entry_set_input_purpose (GTK_ENTRY (self->entry), GTK_INPUT_PURPOSE_PIN);
  gtk_entry_set_max_length (GTK_ENTRY (self->entry), 8);
  gtk_editable_set_alignment (self->entry, .5f);
  gtk_widget_add_css_class (GTK_WIDGET (self->entry), "sign-in-code");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Six digits"), -1);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (entry_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (answer_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->entry));
  self->answer = add_button (self, column, _("Sign In"), G_CALLBACK (answer_cb));
  gtk_widget_add_css_class (self->answer, "suggested-action");
  self->open = add_button (self, column, _("Open the Browser Again"), G_CALLBACK (open_cb));
  self->other = add_button (self, column, _("The Browser Is on Another Computer"),
                            G_CALLBACK (other_cb));
  gtk_widget_add_css_class (self->other, "flat");
  self->waiting = make_waiting (self);
  gtk_box_append (GTK_BOX (column), self->waiting);
  gtk_box_append (GTK_BOX (box), column);
  adw_window_set_content (ADW_WINDOW (self), box);
}

/* What was asked is settled; another question may follow. */
static void
closed_cb (FluoSignInDialog *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

FluoSignInDialog *
fluo_sign_in_dialog_new (GtkWindow *parent)
{
  FluoSignInDialog *self = g_object_ref (g_object_new (FLUO_TYPE_SIGN_IN_DIALOG, NULL));

  fluo_compat_set_parent (GTK_WINDOW (self), parent);
  return self;
}

void
fluo_sign_in_dialog_ask (FluoSignIn *sign_in, gpointer dialog)
{
  g_signal_connect_object (sign_in, "closed", G_CALLBACK (closed_cb), dialog, G_CONNECT_SWAPPED);
  show (FLUO_SIGN_IN_DIALOG (dialog), sign_in);
}

GCancellable *
fluo_sign_in_dialog_get_cancellable (FluoSignInDialog *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN_DIALOG (self), NULL);
  return self->cancellable;
}

/* --- A run --------------------------------------------------------------------------------- */

typedef struct
{
  FluoSignInDialog *dialog;
  FluoSignInDone done;
  gpointer user_data;
  GDestroyNotify destroy;
} Run;

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fluo_credential_provider_sign_in_finish (
      FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  gtk_window_destroy (GTK_WINDOW (run->dialog));
  g_object_unref (run->dialog);
  run->done (error, run->user_data);
  if (run->destroy)
    run->destroy (run->user_data);
  g_free (run);
}

void
fluo_sign_in_run (FluoCredentialProvider *provider, GtkWindow *parent, FluoSignInDone done,
                  gpointer user_data, GDestroyNotify destroy)
{
  Run *run = g_new0 (Run, 1);

  run->dialog = fluo_sign_in_dialog_new (parent);
  run->done = done;
  run->user_data = user_data;
  run->destroy = destroy;
  fluo_credential_provider_sign_in_async (provider, fluo_sign_in_dialog_ask, run->dialog,
                                          run->dialog->cancellable, finished_cb, run);
}
