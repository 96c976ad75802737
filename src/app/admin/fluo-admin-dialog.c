/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-dialog.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "aws/fluo-permission.h"
#include "fluo-admin-change-view.h"
#include "fluo-admin-parts.h"
#include "fluo-admin-run.h"

#define WIDTH_PX 600
#define WIDTH_MIN_PX 340
#define HEIGHT_PX 700
#define CONFIRM_HEIGHT_PX 400
#define FOOT_HEIGHT_PX 260

struct _FluoAdminDialog
{
  AdwWindow parent_instance;

  FluoAdminWindow *admin; /* weak; NULL once it is gone */
  FluoAdminPlanFunc plan_func;
  gpointer plan_data;
  GDestroyNotify plan_free;
  FluoAdminPlan plan;

  GtkWidget *title;
  GtkWidget *cancel;
  GtkWidget *apply;
  GtkWidget *spinner;
  GtkWidget *upper, *lower; /* the scrolled halves */
  GtkWidget *text;
  GtkWidget *form; /* a box */
  GtkWidget *failure; /* a box */
  GtkWidget *heading;
  GtkWidget *preview; /* a box */
  GtkLabel *hint;

  GCancellable *cancellable; /* while it is being done */
  gboolean is_half_done;
};

G_DEFINE_FINAL_TYPE (FluoAdminDialog, fluo_admin_dialog, ADW_TYPE_WINDOW)

static void
plan_clear (FluoAdminPlan *plan)
{
  g_clear_pointer (&plan->changes, g_ptr_array_unref);
  g_clear_pointer (&plan->undo, g_ptr_array_unref);
  g_clear_pointer (&plan->problem, g_free);
}

static void
set_hint (FluoAdminDialog *self, const char *text, gboolean problem)
{
  gtk_label_set_text (self->hint, text);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), *text != '\0');
  if (problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->hint), "problem");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint), "problem");
}

void
fluo_admin_dialog_update (FluoAdminDialog *self)
{
  gboolean ready;

  g_return_if_fail (FLUO_IS_ADMIN_DIALOG (self));
  if (self->cancellable || self->is_half_done || !self->plan_func)
    return;
  plan_clear (&self->plan);
  self->plan.changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);
  self->plan_func (self->plan_data, &self->plan);
  ready = !self->plan.problem && self->plan.changes->len > 0;
  fluo_admin_clear_box (self->preview);
  if (ready)
    gtk_box_append (GTK_BOX (self->preview), fluo_admin_change_view_new (self->plan.changes));
  gtk_widget_set_visible (self->heading, ready);
  set_hint (self,
            self->plan.problem ? self->plan.problem
            : ready            ? ""
                               : _("Nothing is different yet."),
            self->plan.problem != NULL);
  gtk_widget_set_sensitive (self->apply, ready);
}

static void
set_busy (FluoAdminDialog *self, gboolean busy)
{
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (self->apply, !busy && !self->is_half_done);
  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  gtk_button_set_label (GTK_BUTTON (self->cancel),
                        busy                  ? _("_Stop")
                        : self->is_half_done ? _("_Close")
                                             : _("_Cancel"));
}

static void
show_failure (FluoAdminDialog *self, const GError *error, guint n_done)
{
  const FluoXrayChange *failed = g_ptr_array_index (self->plan.changes, n_done);
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gboolean denied = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  gboolean here = fluo_admin_window_is_here (self->admin);
  g_autofree char *statement =
    denied && !here ? fluo_permission_dup_statement_for (failed->operation, failed->arn) : NULL;
  /* Translators: the name of an operation of X-Ray, “UpdateGroup”. */
  g_autofree char *title = g_strdup_printf (
    stopped ? _("Stopped waiting for %s") : _("%s was refused or failed"), failed->operation);
  g_autoptr (GError) words = NULL;

  if (stopped)
    words = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                 _("It may have happened all the same: the list behind this "
                                   "dialog is being read again."));
  fluo_admin_clear_box (self->failure);
  gtk_box_append (GTK_BOX (self->failure),
                  fluo_admin_make_error (title, words ? words : error, statement));
  if (n_done > 0)
    gtk_box_append (GTK_BOX (self->failure),
                    fluo_admin_make_note (_("What stands before it in the list below was done. "
                                            "Close this and look at what there is now."),
                                          "error"));
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoAdminDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_done = 0;
  gboolean ok = fluo_admin_run_finish (FLUO_XRAY_CLIENT (source), result, &n_done, &error);

  if (!self->admin)
    return;
  g_clear_object (&self->cancellable);
  if (ok)
    {
      g_autofree char *words = fluo_admin_dup_done_words (self->plan.changes);
      g_autoptr (GPtrArray) undo = self->plan.undo
                                     ? g_ptr_array_ref (self->plan.undo)
                                     : fluo_admin_dup_undo (self->plan.changes, n_done);

      fluo_admin_window_done (self->admin, words, undo);
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  self->is_half_done = n_done > 0;
  show_failure (self, error, n_done);
  set_busy (self, FALSE);
  if (n_done > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fluo_admin_window_reload (self->admin);
}

/* Does it, if there is something to do. */
static void
apply_changes (FluoAdminDialog *self)
{
  FluoXrayClient *client;

  g_return_if_fail (FLUO_IS_ADMIN_DIALOG (self));
  client = self->admin ? fluo_admin_window_get_client (self->admin) : NULL;
  if (self->cancellable || !client || !gtk_widget_get_sensitive (self->apply))
    return;
  fluo_admin_clear_box (self->failure);
  self->cancellable = g_cancellable_new ();
  set_busy (self, TRUE);
  fluo_admin_run_async (client, self->plan.changes, self->cancellable, done_cb,
                        g_object_ref (self));
}

/* The first time it stops what goes on, then it closes. */
static gboolean
close_request_cb (FluoAdminDialog *self)
{
  if (!self->cancellable)
    return GDK_EVENT_PROPAGATE;
  g_cancellable_cancel (self->cancellable);
  return GDK_EVENT_STOP;
}

void
fluo_admin_dialog_set_form (FluoAdminDialog *self, GtkWidget *form)
{
  g_return_if_fail (FLUO_IS_ADMIN_DIALOG (self));
  gtk_box_append (GTK_BOX (self->form), form);
  gtk_widget_set_visible (self->form, TRUE);
}

void
fluo_admin_dialog_set_plan (FluoAdminDialog *self, FluoAdminPlanFunc plan, gpointer data,
                            GDestroyNotify data_free)
{
  g_return_if_fail (FLUO_IS_ADMIN_DIALOG (self));
  self->plan_func = plan;
  self->plan_data = data;
  self->plan_free = data_free;
  fluo_admin_dialog_update (self);
}

void
fluo_admin_dialog_follow (FluoAdminDialog *self, GtkEditable *entry)
{
  g_return_if_fail (FLUO_IS_ADMIN_DIALOG (self));
  g_signal_connect_object (entry, "changed", G_CALLBACK (fluo_admin_dialog_update), self,
                           G_CONNECT_SWAPPED);
  if (ADW_IS_ENTRY_ROW (entry))
    g_signal_connect_object (entry, "entry-activated", G_CALLBACK (apply_changes), self,
                             G_CONNECT_SWAPPED);
}

/* --- Without a form ---------------------------------------------------------------------- */

static void
plan_given (gpointer data, FluoAdminPlan *ret_plan)
{
  g_ptr_array_unref (ret_plan->changes);
  ret_plan->changes = g_ptr_array_ref (data);
}

void
fluo_admin_dialog_confirm (FluoAdminWindow *admin, const char *title, const char *verb,
                           gboolean destructive, const char *text, GPtrArray *changes)
{
  FluoAdminDialog *self = fluo_admin_dialog_new (admin, title, verb, destructive, text);
  g_autoptr (GtkWidget) column = g_object_ref (gtk_widget_get_parent (self->text));
  int width, height;

  fluo_admin_dialog_set_plan (self, plan_given, changes, (GDestroyNotify) g_ptr_array_unref);
  gtk_widget_grab_focus (destructive ? self->cancel : self->apply);
  /* No form: the changes have the room. What is said of them is not in a scroller, which would cut
   * it off after as many lines as it had if it were wider. */
  gtk_viewport_set_child (GTK_VIEWPORT (gtk_widget_get_parent (column)), NULL);
  gtk_box_insert_child_after (GTK_BOX (gtk_widget_get_parent (self->upper)), column, self->upper);
  gtk_widget_set_visible (self->upper, FALSE);
  gtk_widget_set_vexpand (self->lower, TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->lower), HEIGHT_PX);
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, MIN (CONFIRM_HEIGHT_PX, height));
  gtk_window_present (GTK_WINDOW (self));
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_header (FluoAdminDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->title = adw_window_title_new ("", NULL);
  self->cancel = gtk_button_new_with_mnemonic (_("_Cancel"));
  self->apply = gtk_button_new ();
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_visible (self->spinner, FALSE);
  g_signal_connect_object (self->cancel, "clicked", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->apply, "clicked", G_CALLBACK (apply_changes), self,
                           G_CONNECT_SWAPPED);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), self->title);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->cancel);
  gtk_box_append (GTK_BOX (end), self->spinner);
  gtk_box_append (GTK_BOX (end), self->apply);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), end);
  return header;
}

static GtkWidget *
make_box (GtkWidget *column, gboolean visible)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_widget_set_visible (box, visible);
  gtk_box_append (GTK_BOX (column), box);
  return box;
}

static GtkWidget *
make_scroller (GtkWidget *child)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), child);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  return scroller;
}

static void
fluo_admin_dialog_dispose (GObject *object)
{
  FluoAdminDialog *self = FLUO_ADMIN_DIALOG (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_weak_pointer (&self->admin);
  G_OBJECT_CLASS (fluo_admin_dialog_parent_class)->dispose (object);
}

static void
fluo_admin_dialog_finalize (GObject *object)
{
  FluoAdminDialog *self = FLUO_ADMIN_DIALOG (object);

  plan_clear (&self->plan);
  if (self->plan_free)
    self->plan_free (self->plan_data);
  G_OBJECT_CLASS (fluo_admin_dialog_parent_class)->finalize (object);
}

static gboolean
apply_key_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  apply_changes (FLUO_ADMIN_DIALOG (widget));
  return GDK_EVENT_STOP;
}

/* Before a field for text takes it for a line break. */
static void
add_apply_key (FluoAdminDialog *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Return, GDK_CONTROL_MASK),
                      gtk_callback_action_new (apply_key_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
fluo_admin_dialog_class_init (FluoAdminDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_admin_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_admin_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
fluo_admin_dialog_init (FluoAdminDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->upper = make_scroller (column);
  self->lower = make_scroller (foot);
  gtk_widget_add_css_class (column, "dialog-column");
  self->text = fluo_admin_make_label ("", "dim-label");
  gtk_box_append (GTK_BOX (column), self->text);
  self->form = make_box (column, FALSE);
  gtk_widget_set_vexpand (self->upper, TRUE);
  /* What will happen is in sight however long the form is. */
  gtk_widget_add_css_class (foot, "admin-foot");
  self->failure = make_box (foot, TRUE);
  self->heading = fluo_admin_make_heading (_("This will happen"));
  gtk_box_append (GTK_BOX (foot), self->heading);
  self->preview = make_box (foot, TRUE);
  self->hint = GTK_LABEL (fluo_admin_make_label ("", "admin-hint"));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->hint));
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->lower), FOOT_HEIGHT_PX);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), self->upper);
  gtk_box_append (GTK_BOX (box), self->lower);
  adw_window_set_content (ADW_WINDOW (self), box);
  g_signal_connect (self, "close-request", G_CALLBACK (close_request_cb), NULL);
  add_apply_key (self);
}

FluoAdminDialog *
fluo_admin_dialog_new (FluoAdminWindow *admin, const char *title, const char *verb,
                       gboolean destructive, const char *text)
{
  FluoAdminDialog *self = g_object_new (FLUO_TYPE_ADMIN_DIALOG, NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (admin));
  int height = gtk_widget_get_height (GTK_WIDGET (admin));

  g_set_weak_pointer (&self->admin, admin);
  gtk_window_set_title (GTK_WINDOW (self), title);
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
  gtk_button_set_label (GTK_BUTTON (self->apply), verb);
  gtk_button_set_use_underline (GTK_BUTTON (self->apply), TRUE);
  gtk_widget_set_tooltip_text (self->apply, _("Ctrl+Enter"));
  gtk_widget_add_css_class (self->apply, destructive ? "destructive-action" : "suggested-action");
  fluo_admin_set_label (GTK_LABEL (self->text), text ? text : "");
  gtk_widget_set_visible (self->text, text != NULL);
  fluo_compat_set_parent (GTK_WINDOW (self), GTK_WINDOW (admin));
  gtk_window_set_default_size (GTK_WINDOW (self), width > 0 ? MIN (WIDTH_PX, width) : WIDTH_PX,
                               height > 0 ? MIN (HEIGHT_PX, height) : HEIGHT_PX);
  gtk_widget_set_size_request (GTK_WIDGET (self), WIDTH_MIN_PX, -1);
  return self;
}
