/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "aws/fluo-xray-pins.h"
#include "core/fluo-format.h"

/* What was kept of a connection to AWS: looking at it, and deleting it. Traces that are kept for
 * good, of any connection. */

static void
fail (FluoView *self, const char *format, const GError *error)
{
  g_autofree char *text = g_strdup_printf (format, error->message);

  fluo_view_toast (self, text);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoView) self = user_data;
  g_autoptr (GError) error = NULL;
  FluoXrayClient *client = fluo_vault_open_finish (FLUO_VAULT (source), result, &error);

  /* Meanwhile the view may look at something else, or be gone. */
  if (!self->session || fluo_session_get_vault (self->session) != FLUO_VAULT (source))
    return;
  if (!client)
    {
      fail (self, _("The vault does not open: %s"), error);
      return;
    }
  self->connecting++;
  fluo_session_show_vault (self->session, client);
}

static void
open_vault_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoVault *vault = fluo_session_get_vault (self->session);

  if (vault && !fluo_session_is_in_vault (self->session))
    fluo_vault_open_async (vault, FALSE, NULL, opened_cb, g_object_ref (self));
}

static void
leave_vault_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  if (fluo_session_is_in_vault (self->session))
    fluo_session_show_vault (self->session, NULL);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!self->session)
    return;
  if (fluo_vault_clear_finish (FLUO_VAULT (source), result, &error))
    fluo_view_toast (self, _("The vault is empty"));
  else
    fail (self, _("The vault could not be cleared: %s"), error);
}

static void
clear_response_cb (AdwMessageDialog *dialog, const char *response, FluoView *self)
{
  FluoVault *vault = self->session ? fluo_session_get_vault (self->session) : NULL;

  if (!vault || !g_str_equal (response, "clear"))
    return;
  if (fluo_session_is_in_vault (self->session))
    fluo_session_show_vault (self->session, NULL);
  fluo_vault_clear_async (vault, cleared_cb, g_object_ref (self));
}

static void
clear_vault_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  FluoVault *vault = fluo_session_get_vault (self->session);
  const guint n_kept = fluo_kept_get_n (fluo_explorer_get_kept (self->explorer));
  g_autofree char *connection_name = NULL, *size = NULL, *kept = NULL;
  GtkWidget *dialog;

  if (!connection || !vault)
    return;
  size = g_format_size (fluo_vault_get_bytes (vault));
  kept = n_kept == 0 ? g_strdup ("")
                     : g_strdup_printf (ngettext (" %u of them is kept for good, and goes too.",
                                                  " %u of them are kept for good, and go too.",
                                                  n_kept),
                                        n_kept);
  connection_name = fluo_format_untrusted (connection->name, 60);
  dialog = adw_message_dialog_new (fluo_view_get_window (self), _("Clear the Vault?"), NULL);
  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      _("All traces of “%s” that are kept on this computer (%s) are deleted, and the key with "
        "them.%s AWS keeps its own for 30 days."),
      connection_name, size, kept);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "clear",
                                    _("C_lear"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "clear",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (clear_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- For good ---------------------------------------------------------------------------- */

typedef struct
{
  FluoView *view;
  GVariant *target; /* what takes it back */
  guint n;
  gboolean keep;
} Keeping;

static void
keeping_free (Keeping *keeping)
{
  g_object_unref (keeping->view);
  g_variant_unref (keeping->target);
  g_free (keeping);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keeping, keeping_free)

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Keeping) keeping = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  AdwToast *toast;
  gboolean ok = fluo_kept_change_finish (FLUO_KEPT (source), result, &error);

  if (!keeping->view->session)
    return;
  if (!ok)
    {
      fail (keeping->view, keeping->keep ? _("Not kept: %s") : _("Still kept: %s"), error);
      return;
    }
  text = g_strdup_printf (
      keeping->keep ? ngettext ("%u trace is kept for good", "%u traces are kept for good",
                                keeping->n)
                    : ngettext ("%u trace goes when its time has come",
                                "%u traces go when their time has come", keeping->n),
      keeping->n);
  /* What it would take back is no longer the last thing that was done. */
  if (keeping->view->kept_toast)
    adw_toast_dismiss (keeping->view->kept_toast);
  toast = fluo_view_toast (keeping->view, text);
  g_set_weak_pointer (&keeping->view->kept_toast, toast);
  /* The target first: the toast is on screen, and an action without one is none. */
  adw_toast_set_action_target_value (toast, keeping->target);
  adw_toast_set_action_name (toast, "win.keep-traces");
  adw_toast_set_button_label (toast, _("Undo"));
}

/* These ids; TRUE: for good, FALSE: like any other. */
static void
keep_traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autofree const char **texts = NULL;
  Keeping *keeping;
  gboolean keep;

  g_variant_get (parameter, "(^a&sb)", &texts, &keep);
  for (guint i = 0; texts[i] && ids->len < FLUO_XRAY_PINS_MAX; i++)
    {
      FluoTraceId id;

      if (fluo_trace_id_parse (texts[i], -1, &id))
        g_array_append_val (ids, id);
    }
  if (ids->len == 0)
    return;
  keeping = g_new0 (Keeping, 1);
  keeping->view = g_object_ref (self);
  keeping->target = g_variant_ref_sink (g_variant_new ("(^asb)", texts, !keep));
  keeping->n = ids->len;
  keeping->keep = keep;
  fluo_kept_change_async (fluo_explorer_get_kept (self->explorer), ids, keep, NULL, changed_cb,
                          keeping);
}

void
fluo_view_install_vault_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.open-vault", NULL, open_vault_cb);
  gtk_widget_class_install_action (widget_class, "win.leave-vault", NULL, leave_vault_cb);
  gtk_widget_class_install_action (widget_class, "win.clear-vault", NULL, clear_vault_cb);
  gtk_widget_class_install_action (widget_class, "win.keep-traces", "(asb)", keep_traces_cb);
}
