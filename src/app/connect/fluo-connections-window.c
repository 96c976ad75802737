/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connections-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/fluo-settings.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-foreign.h"
#include "aws/fluo-connection-open.h"
#include "aws/fluo-secret-store.h"
#include "core/fluo-format.h"
#include "fluo-connection-editor.h"
#include "fluo-connection-words.h"
#include "fluo-sso-picker.h"

#define WIDTH_PX 556
#define HEIGHT_PX 760
#define WIDTH_MIN_PX 360

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoConnectionsWindow, fluo_connections_window, ADW_TYPE_WINDOW)

void
fluo_connections_window_say (FluoConnectionsWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), fluo_foreign_new_toast (text));
}

void
fluo_connections_window_say_error (FluoConnectionsWindow *self, const GError *error)
{
  g_autofree char *text = g_strdup_printf (_("The list can't be changed: %s"), error->message);

  fluo_connections_window_say (self, text);
}

static void
update_title (FluoConnectionsWindow *self)
{
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (self->stack));
  const char *title = g_str_equal (page, "list") ? _("Connections")
                      : g_str_equal (page, "edit")
                          ? _("Connection to AWS")
                          : fluo_sso_picker_get_title (FLUO_SSO_PICKER (self->picker));

  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
show_page (FluoConnectionsWindow *self, const char *page)
{
  gboolean list = g_str_equal (page, "list");

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  gtk_widget_set_visible (self->back, !list);
  gtk_widget_set_visible (self->add, list);
  update_title (self);
  if (list)
    fluo_connection_editor_leave (FLUO_CONNECTION_EDITOR (self->editor));
  if (!g_str_equal (page, "sso"))
    fluo_sso_picker_leave (FLUO_SSO_PICKER (self->picker));
}

void
fluo_connections_window_show_form (FluoConnectionsWindow *self, const FluoConnection *connection,
                                   gboolean fresh)
{
  fluo_connection_editor_edit (FLUO_CONNECTION_EDITOR (self->editor), connection, fresh);
  show_page (self, "edit");
}

void
fluo_connections_window_connect (FluoConnectionsWindow *self, const FluoConnection *connection,
                                 FluoCredentials *keys)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, connection, keys);
  gtk_window_close (GTK_WINDOW (self));
}

/* --- Profiles ------------------------------------------------------------------------------ */

static gboolean
filter_cb (GtkListBoxRow *row, gpointer data)
{
  FluoConnectionsWindow *self = data;
  const char *words = g_object_get_data (G_OBJECT (row), "fluo-words");
  g_autofree char *wanted =
      fluo_connections_window_dup_words (gtk_editable_get_text (GTK_EDITABLE (self->search)));

  return strstr (words, wanted) != NULL;
}

static void
search_changed_cb (FluoConnectionsWindow *self)
{
  gtk_list_box_invalidate_filter (self->connections);
  gtk_list_box_invalidate_filter (self->profiles_list);
  gtk_list_box_invalidate_filter (self->sso_list);
}

static void
profiles_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionsWindow) self = user_data;
  g_autoptr (FluoProfileList) profiles = fluo_profile_list_load_finish (result, NULL);
  g_autofree char *title = NULL;

  if (!profiles || !self->stack)
    return;
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  self->profiles = g_steal_pointer (&profiles);
  title = g_strdup_printf (_("Profiles in %s"), self->profiles->place);
  gtk_label_set_text (self->profiles_title, title);
  fluo_connections_window_fill (self);
  /* Among that many a name is typed. */
  if (gtk_widget_get_mapped (self->search))
    gtk_widget_grab_focus (self->search);
  if (self->choose_for)
    {
      g_autofree char *profile = g_steal_pointer (&self->choose_for);

      fluo_connections_window_choose_for (self, profile);
    }
}

/* --- The form ------------------------------------------------------------------------------ */

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) owner = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (fluo_secret_store_save_finish (result, &error))
    return;
  text = g_strdup_printf (_("The key pair can't be kept: %s"), error->message);
  gtk_widget_activate_action (owner, "win.toast-long", "s", text);
}

/* The connection as it was kept, or NULL when it can't be. */
static FluoConnection *
save (FluoConnectionsWindow *self, FluoCredentials **ret_keys)
{
  FluoConnectionEditor *editor = FLUO_CONNECTION_EDITOR (self->editor);
  g_autoptr (FluoConnection) connection = fluo_connection_editor_dup_connection (editor);
  g_autoptr (FluoCredentials) keys = fluo_connection_editor_dup_keys (editor);
  g_autoptr (GError) error = NULL;
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *before = fluo_connection_list_find (list, connection->id);

  /* First, for the views that have it open look for it as soon as it has the name. */
  if (before)
    fluo_settings_copy_state (before->name, connection->name);
  if (!fluo_connection_list_put (list, connection, -1, &error))
    {
      fluo_connection_editor_show_problem (editor, error->message);
      return NULL;
    }
  if (keys && self->owner)
    fluo_secret_store_save_async (connection->id, keys, NULL, kept_cb,
                                  g_object_ref (self->owner));
  *ret_keys = g_steal_pointer (&keys);
  return g_steal_pointer (&connection);
}

static void
save_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoCredentials) keys = NULL;
  g_autoptr (FluoConnection) connection = save (self, &keys);

  if (connection)
    show_page (self, "list");
}

static void
save_and_connect_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoCredentials) keys = NULL;
  g_autoptr (FluoConnection) connection = save (self, &keys);

  if (connection)
    fluo_connections_window_connect (self, connection, keys);
}

static void
remove_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoConnection) connection =
      fluo_connection_editor_dup_connection (FLUO_CONNECTION_EDITOR (self->editor));

  show_page (self, "list");
  fluo_connections_window_remove (self, connection->id);
}

static void
list_cb (FluoConnectionsWindow *self)
{
  show_page (self, "list");
}

static void
back_cb (FluoConnectionsWindow *self)
{
  if (!g_str_equal (gtk_stack_get_visible_child_name (GTK_STACK (self->stack)), "sso")
      || !fluo_sso_picker_back (FLUO_SSO_PICKER (self->picker)))
    show_page (self, "list");
}

/* The account and the role are there; the rest is the form's. */
static void
chosen_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoConnection) connection =
      fluo_sso_picker_dup_connection (FLUO_SSO_PICKER (self->picker));

  fluo_connections_window_show_form (
      self, connection,
      !fluo_connection_list_find (fluo_connection_list_get_default (), connection->id));
}

/* Another account, or another role. */
static void
choose_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoConnection) connection =
      fluo_connection_editor_dup_connection (FLUO_CONNECTION_EDITOR (self->editor));
  const FluoProfileInfo *info =
      self->profiles ? fluo_profile_list_find (self->profiles, connection->profile) : NULL;
  g_autoptr (FluoSsoSession) session =
      connection->kind == FLUO_CONNECTION_SSO ? fluo_connection_dup_sso (connection, NULL)
      : info && info->sso                     ? fluo_sso_session_copy (info->sso)
                                              : NULL;

  fluo_connections_window_sign_on (self, session, connection);
}

static void
sign_on_anywhere_cb (FluoConnectionsWindow *self)
{
  fluo_connections_window_sign_on (self, NULL, NULL);
}

static void
add_cb (FluoConnectionsWindow *self)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);

  fluo_connections_window_show_form (self, connection, TRUE);
}

/* --- Making -------------------------------------------------------------------------------- */

static GtkWidget *
make_header (FluoConnectionsWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();

  self->title = adw_window_title_new ("", "");
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), self->title);
  self->back = gtk_button_new_from_icon_name ("fluoroscope-left-symbolic");
  gtk_widget_set_tooltip_text (self->back, _("Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Back"), -1);
  g_signal_connect_object (self->back, "clicked", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  self->add = gtk_button_new_from_icon_name ("fluoroscope-plus-symbolic");
  gtk_widget_set_tooltip_text (self->add, _("New connection"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("New connection"), -1);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->back);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->add);
  return header;
}

static GtkWidget *
make_title (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (label, "heading");
  return label;
}

static GtkListBox *
make_rows (FluoConnectionsWindow *self)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (list), filter_cb, self, NULL);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_margin_top (list, 6);
  return GTK_LIST_BOX (list);
}

static GtkWidget *
make_sso (FluoConnectionsWindow *self)
{
  self->sso_group = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->sso_list = make_rows (self);
  gtk_box_append (GTK_BOX (self->sso_group), make_title (_("Single sign-on")));
  gtk_box_append (GTK_BOX (self->sso_group), GTK_WIDGET (self->sso_list));
  return self->sso_group;
}

static GtkWidget *
make_empty (FluoConnectionsWindow *self)
{
  GtkWidget *empty = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  const struct
  {
    const char *label;
    const char *css_class;
    GCallback callback;
  } ways[] = {
    { _("Sign In…"), "suggested-action", G_CALLBACK (sign_on_anywhere_cb) },
    { _("Key Pair or Profile…"), "flat", G_CALLBACK (add_cb) },
  };

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (empty), "fluoroscope-cloud-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (empty), _("No connection yet"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (empty),
      _("There is no profile in the AWS files of this computer either. Sign in on your "
        "organisation’s page, or give a key pair."));
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (ways[i].label);

      gtk_widget_add_css_class (button, "pill-button");
      gtk_widget_add_css_class (button, ways[i].css_class);
      g_signal_connect_object (button, "clicked", ways[i].callback, self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  adw_status_page_set_child (ADW_STATUS_PAGE (empty), box);
  gtk_widget_add_css_class (empty, "compact");
  gtk_widget_set_visible (empty, FALSE);
  return empty;
}

static GtkWidget *
make_warnings (FluoConnectionsWindow *self)
{
  self->warnings = gtk_expander_new (_("Remarks on these files"));
  self->warnings_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->warnings_label, TRUE);
  gtk_label_set_wrap_mode (self->warnings_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->warnings_label, 0);
  gtk_label_set_selectable (self->warnings_label, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->warnings_label), "notice");
  gtk_expander_set_child (GTK_EXPANDER (self->warnings), GTK_WIDGET (self->warnings_label));
  gtk_widget_add_css_class (self->warnings, "dense");
  gtk_widget_set_visible (self->warnings, FALSE);
  return self->warnings;
}

static GtkWidget *
make_list (FluoConnectionsWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *own = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _("Name, account or region"), NULL);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "stop-search", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  self->connections_title = make_title (_("Yours"));
  self->connections = make_rows (self);
  gtk_box_append (GTK_BOX (own), self->connections_title);
  gtk_box_append (GTK_BOX (own), GTK_WIDGET (self->connections));
  self->profiles_group = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->profiles_title = GTK_LABEL (make_title (NULL));
  self->profiles_list = make_rows (self);
  gtk_box_append (GTK_BOX (self->profiles_group), GTK_WIDGET (self->profiles_title));
  gtk_box_append (GTK_BOX (self->profiles_group), GTK_WIDGET (self->profiles_list));
  gtk_box_append (GTK_BOX (column), self->search);
  gtk_box_append (GTK_BOX (column), own);
  /* Two rows, which thirty profiles would hide. */
  gtk_box_append (GTK_BOX (column), make_sso (self));
  gtk_box_append (GTK_BOX (column), self->profiles_group);
  gtk_box_append (GTK_BOX (column), make_empty (self));
  self->empty = gtk_widget_get_last_child (column);
  gtk_box_append (GTK_BOX (column), make_warnings (self));
  gtk_widget_add_css_class (column, "editor-column");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  return scroller;
}

static void
fluo_connections_window_dispose (GObject *object)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (object);

  fluo_connections_window_forget_removed (self);
  self->stack = NULL;
  g_clear_weak_pointer (&self->removed_toast);
  g_clear_weak_pointer (&self->owner);
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->dragged, g_free);
  g_clear_pointer (&self->choose_for, g_free);
  G_OBJECT_CLASS (fluo_connections_window_parent_class)->dispose (object);
}

static void
fluo_connections_window_class_init (FluoConnectionsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_connections_window_dispose;
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER,
                                         G_TYPE_POINTER);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  fluo_connections_window_install_actions (widget_class);
}

static void
fluo_connections_window_init (FluoConnectionsWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  const struct
  {
    const char *name;
    GCallback callback;
  } ends[] = { { "save", G_CALLBACK (save_cb) },
               { "connect", G_CALLBACK (save_and_connect_cb) },
               { "remove", G_CALLBACK (remove_cb) },
               { "choose", G_CALLBACK (choose_cb) },
               { "cancel", G_CALLBACK (list_cb) } };

  gtk_widget_set_size_request (GTK_WIDGET (self), WIDTH_MIN_PX, -1);
  gtk_box_append (GTK_BOX (box), make_header (self));
  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_named (GTK_STACK (self->stack), make_list (self), "list");
  self->editor = fluo_connection_editor_new ();
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    g_signal_connect_object (self->editor, ends[i].name, ends[i].callback, self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (GTK_STACK (self->stack), self->editor, "edit");
  self->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sso_session_free);
  self->picker = fluo_sso_picker_new ();
  g_signal_connect_object (self->picker, "chosen", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->picker, "title", G_CALLBACK (update_title), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_add_named (GTK_STACK (self->stack), self->picker, "sso");
  gtk_widget_set_vexpand (self->stack, TRUE);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->stack);
  gtk_box_append (GTK_BOX (box), self->toasts);
  adw_window_set_content (ADW_WINDOW (self), box);
  show_page (self, "list");
  fluo_connections_window_fill (self);
  g_signal_connect_object (fluo_connection_list_get_default (), "changed",
                           G_CALLBACK (fluo_connections_window_fill), self, G_CONNECT_SWAPPED);
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
}

/* --- Public -------------------------------------------------------------------------------- */

GtkWidget *
fluo_connections_window_new (GtkWidget *owner)
{
  FluoConnectionsWindow *self = g_object_new (FLUO_TYPE_CONNECTIONS_WINDOW, NULL);
  int height = gtk_widget_get_height (owner);

  fluo_compat_set_owner (GTK_WINDOW (self), owner);
  /* It is of all connections, so it has the mark of none. */
  fluo_compat_take_mark (GTK_WINDOW (self), NULL);
  /* Beside the window, which stays in use. */
  gtk_window_set_modal (GTK_WINDOW (self), FALSE);
  g_set_weak_pointer (&self->owner, owner);
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH_PX,
                               height > 0 ? MIN (HEIGHT_PX, height) : HEIGHT_PX);
  return GTK_WIDGET (self);
}

void
fluo_connections_window_edit (FluoConnectionsWindow *self, const FluoConnection *connection)
{
  g_return_if_fail (FLUO_IS_CONNECTIONS_WINDOW (self));
  fluo_connections_window_show_form (self, connection, FALSE);
}

void
fluo_connections_window_choose_for (FluoConnectionsWindow *self, const char *profile)
{
  const FluoProfileInfo *info;

  g_return_if_fail (FLUO_IS_CONNECTIONS_WINDOW (self));
  info = self->profiles ? fluo_profile_list_find (self->profiles, profile) : NULL;
  if (info && info->sso)
    fluo_connections_window_sign_on (self, info->sso, NULL);
  else if (!self->profiles)
    self->choose_for = g_strdup (profile);
}

void
fluo_connections_window_sign_on (FluoConnectionsWindow *self, const FluoSsoSession *session,
                                 const FluoConnection *connection)
{
  g_return_if_fail (FLUO_IS_CONNECTIONS_WINDOW (self));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "sso");
  fluo_sso_picker_begin (FLUO_SSO_PICKER (self->picker), session, connection);
  show_page (self, "sso");
}
