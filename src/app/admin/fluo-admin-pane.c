/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-pane.h"

#include <glib/gi18n.h>

#include "aws/fluo-permission.h"
#include "fluo-admin-parts.h"

/* Nothing is shown as loading before this. */
#define LOADING_DELAY_MS 300
#define WIDTH_MAX_PX 1040

typedef struct
{
  FluoAdminWindow *admin; /* weak: its parent */
  const FluoSetting *settings;
  guint n_settings;
  GtkWidget *title;
  GtkWidget *text;
  GtkWidget *end;
  GtkWidget *notice;  /* a box: what may not be done */
  GtkWidget *errors;  /* a box: what could not be read */
  GtkWidget *loading;
  GtkWidget *content;

  GCancellable *cancellable;
  guint generation;
  guint n_reading;
  guint loading_id;
  gboolean fresh;     /* read, or being read */
  gboolean answered;  /* something was, of this connection */
  gboolean may_change;
} FluoAdminPanePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FluoAdminPane, fluo_admin_pane, GTK_TYPE_BOX)

#define PRIVATE(self) ((FluoAdminPanePrivate *) fluo_admin_pane_get_instance_private (self))

/* --- Reading ----------------------------------------------------------------------------- */

typedef struct
{
  FluoAdminPane *pane;
  FluoSetting setting;
  guint generation;
} Question;

static gboolean
loading_cb (gpointer data)
{
  FluoAdminPanePrivate *priv = PRIVATE (FLUO_ADMIN_PANE (data));

  priv->loading_id = 0;
  gtk_widget_set_visible (priv->loading, TRUE);
  return G_SOURCE_REMOVE;
}

static void
update_loading (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);
  gboolean waits = priv->n_reading > 0 || fluo_admin_window_is_connecting (priv->admin);

  if (!waits || priv->answered)
    {
      g_clear_handle_id (&priv->loading_id, g_source_remove);
      gtk_widget_set_visible (priv->loading, FALSE);
    }
  else if (priv->loading_id == 0)
    priv->loading_id = g_timeout_add (LOADING_DELAY_MS, loading_cb, self);
}

/* What is asked again and again leaves one error at most. */
static void
drop_error (FluoAdminPane *self, FluoSetting setting)
{
  GtkWidget *errors = PRIVATE (self)->errors;

  for (GtkWidget *box = gtk_widget_get_first_child (errors); box;
       box = gtk_widget_get_next_sibling (box))
    if (g_str_equal (gtk_widget_get_name (box), fluo_setting_get_operation (setting)))
      {
        gtk_box_remove (GTK_BOX (errors), box);
        gtk_widget_set_visible (errors, gtk_widget_get_first_child (errors) != NULL);
        return;
      }
}

static void
show_error (FluoAdminPane *self, FluoSetting setting, const GError *error)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);
  const char *operation = fluo_setting_get_operation (setting);
  gboolean denied = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  gboolean here = fluo_admin_window_is_here (priv->admin);
  g_autofree char *statement =
    denied && !here ? fluo_permission_dup_statement_for (operation, NULL) : NULL;
  /* Translators: the name of an operation of X-Ray, “GetGroups”. */
  g_autofree char *title = g_strdup_printf (_("%s gave no answer that can be shown"), operation);
  GtkWidget *box = fluo_admin_make_error (title, error, statement);
  GtkWidget *again = gtk_button_new_with_label (_("Try Again"));

  gtk_widget_add_css_class (again, "small-button");
  gtk_widget_set_halign (again, GTK_ALIGN_START);
  g_signal_connect_object (again, "clicked", G_CALLBACK (fluo_admin_pane_read), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), again);
  gtk_widget_set_name (box, operation);
  gtk_box_append (GTK_BOX (priv->errors), box);
  gtk_widget_set_visible (priv->errors, TRUE);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (FluoAdminPane) self = question->pane;
  FluoAdminPanePrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items =
    fluo_xray_client_get_setting_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!priv->admin || question->generation != priv->generation)
    return;
  priv->n_reading--;
  drop_error (self, question->setting);
  if (items)
    {
      priv->answered = TRUE;
      gtk_widget_set_visible (priv->content, TRUE);
      FLUO_ADMIN_PANE_GET_CLASS (self)->answered (self, question->setting, items);
    }
  else
    show_error (self, question->setting, error);
  update_loading (self);
}

static void
ask (FluoAdminPane *self, FluoSetting setting)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);
  Question *question = g_new (Question, 1);

  *question = (Question) { g_object_ref (self), setting, priv->generation };
  priv->n_reading++;
  fluo_xray_client_get_setting_async (fluo_admin_window_get_client (priv->admin), setting, NULL,
                                      priv->cancellable, answered_cb, question);
}

static void
stop (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);

  priv->generation++;
  priv->n_reading = 0;
  if (priv->cancellable)
    g_cancellable_cancel (priv->cancellable);
  g_clear_object (&priv->cancellable);
  priv->cancellable = g_cancellable_new ();
}

static void
update_permission (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);
  gboolean read_only = fluo_admin_window_is_read_only (priv->admin);

  priv->may_change = !read_only && fluo_admin_window_get_client (priv->admin);
  fluo_admin_clear_box (priv->notice);
  if (read_only)
    gtk_box_append (
      GTK_BOX (priv->notice),
      fluo_admin_make_note (
        _("You can look at everything here and change nothing: these are the keys of the "
          "collector’s role “read”. “fluoroscope-cli credentials --role full” prints the others."),
        ""));
  gtk_widget_set_visible (priv->notice, read_only);
  gtk_widget_set_sensitive (priv->end, priv->may_change);
}

void
fluo_admin_pane_read (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv;

  g_return_if_fail (FLUO_IS_ADMIN_PANE (self));
  priv = PRIVATE (self);
  stop (self);
  fluo_admin_clear_box (priv->errors);
  gtk_widget_set_visible (priv->errors, FALSE);
  update_permission (self);
  priv->fresh = TRUE;
  if (fluo_admin_window_get_client (priv->admin))
    for (guint i = 0; i < priv->n_settings; i++)
      ask (self, priv->settings[i]);
  else if (!fluo_admin_window_is_connecting (priv->admin))
    {
      gtk_box_append (GTK_BOX (priv->errors),
                      fluo_admin_make_note (_("The window is not connected to anything yet."),
                                            ""));
      gtk_widget_set_visible (priv->errors, TRUE);
    }
  update_loading (self);
}

void
fluo_admin_pane_read_one (FluoAdminPane *self, FluoSetting setting)
{
  g_return_if_fail (FLUO_IS_ADMIN_PANE (self));
  if (fluo_admin_window_get_client (PRIVATE (self)->admin))
    ask (self, setting);
}

void
fluo_admin_pane_outdate (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv;

  g_return_if_fail (FLUO_IS_ADMIN_PANE (self));
  priv = PRIVATE (self);
  priv->fresh = FALSE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    fluo_admin_pane_read (self);
}

void
fluo_admin_pane_forget (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv;

  g_return_if_fail (FLUO_IS_ADMIN_PANE (self));
  priv = PRIVATE (self);
  priv->answered = FALSE;
  gtk_widget_set_visible (priv->content, FALSE);
  fluo_admin_pane_outdate (self);
}

/* --- Public ------------------------------------------------------------------------------ */

FluoAdminWindow *
fluo_admin_pane_get_admin (FluoAdminPane *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_PANE (self), NULL);
  return PRIVATE (self)->admin;
}

GtkBox *
fluo_admin_pane_get_content (FluoAdminPane *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_PANE (self), NULL);
  return GTK_BOX (PRIVATE (self)->content);
}

gboolean
fluo_admin_pane_may_change (FluoAdminPane *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_PANE (self), FALSE);
  return PRIVATE (self)->may_change;
}

GtkWidget *
fluo_admin_pane_add_button (FluoAdminPane *self, const char *label, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_return_val_if_fail (FLUO_IS_ADMIN_PANE (self), NULL);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "admin-button");
  gtk_box_append (GTK_BOX (PRIVATE (self)->end), button);
  return button;
}

void
fluo_admin_pane_set_up (FluoAdminPane *self, FluoAdminWindow *admin, const char *title,
                        const char *text, const FluoSetting *settings, guint n_settings)
{
  FluoAdminPanePrivate *priv;

  g_return_if_fail (FLUO_IS_ADMIN_PANE (self));
  priv = PRIVATE (self);
  g_set_weak_pointer (&priv->admin, admin);
  priv->settings = settings;
  priv->n_settings = n_settings;
  gtk_label_set_text (GTK_LABEL (priv->title), title);
  gtk_label_set_text (GTK_LABEL (priv->text), text);
}

static void
map_cb (FluoAdminPane *self)
{
  if (!PRIVATE (self)->fresh)
    fluo_admin_pane_read (self);
}

static GtkWidget *
make_loading (void)
{
  static const int widths_px[] = { 520, 380, 440 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  for (guint i = 0; i < G_N_ELEMENTS (widths_px); i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_add_css_class (bar, "placeholder-bar");
      gtk_widget_set_size_request (bar, MIN (widths_px[i], 280), 14);
      gtk_widget_set_halign (bar, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), bar);
    }
  gtk_widget_set_visible (box, FALSE);
  return box;
}

static void
fluo_admin_pane_dispose (GObject *object)
{
  FluoAdminPanePrivate *priv = PRIVATE (FLUO_ADMIN_PANE (object));

  g_clear_handle_id (&priv->loading_id, g_source_remove);
  if (priv->cancellable)
    g_cancellable_cancel (priv->cancellable);
  g_clear_object (&priv->cancellable);
  g_clear_weak_pointer (&priv->admin);
  G_OBJECT_CLASS (fluo_admin_pane_parent_class)->dispose (object);
}

static void
fluo_admin_pane_class_init (FluoAdminPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_pane_dispose;
}

static void
fluo_admin_pane_init (FluoAdminPane *self)
{
  FluoAdminPanePrivate *priv = PRIVATE (self);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  priv->title = fluo_admin_make_label ("", "panel-title");
  priv->text = fluo_admin_make_label ("", "admin-about");
  priv->end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  priv->notice = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  priv->errors = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  priv->loading = make_loading ();
  priv->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  priv->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (priv->content, FALSE);
  gtk_widget_set_visible (priv->notice, FALSE);
  gtk_widget_set_visible (priv->errors, FALSE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), priv->title);
  gtk_box_append (GTK_BOX (words), priv->text);
  gtk_box_append (GTK_BOX (head), words);
  gtk_box_append (GTK_BOX (head), priv->end);
  gtk_widget_add_css_class (column, "admin-column");
  gtk_box_append (GTK_BOX (column), head);
  gtk_box_append (GTK_BOX (column), priv->notice);
  gtk_box_append (GTK_BOX (column), priv->errors);
  gtk_box_append (GTK_BOX (column), priv->loading);
  gtk_box_append (GTK_BOX (column), priv->content);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), WIDTH_MAX_PX);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), WIDTH_MAX_PX);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self), scroller);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
}
