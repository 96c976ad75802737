/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-sso-picker.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-key-context.h"
#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-choice-list.h"
#include "fluo-connection-words.h"
#include "fluo-role-words.h"
#include "fluo-sign-in-dialog.h"

#define PROBLEM_CHARS_MAX 400

struct _FluoSsoPicker
{
  GtkWidget parent_instance;

  GtkWidget *stack; /* "place", "busy", "list", "problem" */
  GtkEditable *url;
  AdwComboRow *region;
  GtkWidget *go;
  GtkLabel *url_problem;
  GtkLabel *busy;
  GtkWidget *list; /* FluoChoiceList, of accounts or of roles */
  AdwStatusPage *problem;

  FluoSsoSession *session;   /* NULL on the first page */
  FluoConnection *connection; /* what will come of it */
  gboolean began_with_place; /* Back leads there */
  GPtrArray *accounts;       /* FluoSsoAccount, those in use first; NULL until they are read */
  FluoSsoAccount *account;   /* of them; NULL while one is chosen */
  GPtrArray *roles;          /* char * */
  SoupSession *soup;
  FluoSignInDialog *dialog;  /* of the call that is under way, or NULL */
};

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_TITLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSsoPicker, fluo_sso_picker, GTK_TYPE_WIDGET)

static void list_accounts (FluoSsoPicker *self);
static void list_roles (FluoSsoPicker *self);

static void
show_page (FluoSsoPicker *self, const char *page)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  g_signal_emit (self, signals[SIGNAL_TITLE], 0);
}

/* --- One call after the other -------------------------------------------------------------- */

/* A call, with the dialog of its own that it asks in. A picker that went on to something else has
 * another one. */
typedef struct
{
  FluoSsoPicker *self;
  FluoSignInDialog *dialog;
} Call;

static void
call_free (Call *call)
{
  gtk_window_destroy (GTK_WINDOW (call->dialog));
  g_object_unref (call->dialog);
  g_object_unref (call->self);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
stop (FluoSsoPicker *self)
{
  if (self->dialog)
    g_cancellable_cancel (fluo_sign_in_dialog_get_cancellable (self->dialog));
  g_clear_object (&self->dialog);
}

static Call *
call_new (FluoSsoPicker *self, const char *what, FluoKeyContext *ret_context)
{
  Call *call = g_new0 (Call, 1);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  stop (self);
  call->self = g_object_ref (self);
  call->dialog = fluo_sign_in_dialog_new (GTK_WINDOW (root));
  self->dialog = g_object_ref (call->dialog);
  *ret_context = (FluoKeyContext) { .session = self->soup, .ask = fluo_sign_in_dialog_ask,
                                    .ask_data = call->dialog };
  gtk_label_set_text (self->busy, what);
  show_page (self, "busy");
  return call;
}

static void
fail (FluoSsoPicker *self, const char *title, const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, PROBLEM_CHARS_MAX);
  g_autofree char *escaped = g_markup_escape_text (safe, -1);

  adw_status_page_set_title (self->problem, title);
  /* A status page's description is markup. */
  adw_status_page_set_description (self->problem, escaped);
  show_page (self, "problem");
}

/* TRUE when the call is the one that is waited for; an error of it is shown then. */
static gboolean
settle (Call *call, const GError *error, const char *title)
{
  FluoSsoPicker *self = call->self;

  if (self->dialog != call->dialog)
    return FALSE;
  g_clear_object (&self->dialog);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fail (self, _("Not signed in"), _("You closed the question before it was answered."));
  else if (error)
    fail (self, title, error->message);
  return error == NULL;
}

/* --- Accounts ------------------------------------------------------------------------------ */

/* The connection that has this account, and this role when @role is not NULL: what was chosen once
 * is found again at the top. */
static const FluoConnection *
find_used (FluoSsoPicker *self, const char *account, const char *role)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();

  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    {
      const FluoConnection *item = fluo_connection_list_get (list, i);

      if (item->kind == FLUO_CONNECTION_SSO && strcmp (item->sso_account, account) == 0
          && strcmp (item->sso_start_url, self->session->start_url) == 0
          && (!role || strcmp (item->sso_role, role) == 0))
        return item;
    }
  return NULL;
}

static void
show_accounts (FluoSsoPicker *self)
{
  FluoChoiceList *list = FLUO_CHOICE_LIST (self->list);

  g_clear_pointer (&self->account, fluo_sso_account_free);
  fluo_choice_list_reset (list, _("Name, number or e-mail"), _("Accounts"));
  for (guint i = 0; i < self->accounts->len; i++)
    {
      const FluoSsoAccount *account = g_ptr_array_index (self->accounts, i);
      const FluoConnection *used = find_used (self, account->id, NULL);
      g_autofree char *number = fluo_account_dup_words (account->id);
      g_autofree char *detail = account->email ? g_strdup_printf ("%s · %s", number, account->email)
                                               : g_strdup (number);

      fluo_choice_list_add (list, account->name, detail, used ? used->name : NULL);
    }
  show_page (self, "list");
  gtk_widget_grab_focus (self->list);
}

/* Those in use keep their order among themselves, and so do the others. */
static GPtrArray *
sort_accounts (FluoSsoPicker *self, GPtrArray *accounts)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sso_account_free);

  for (guint used = 2; used-- > 0;)
    for (guint i = 0; i < accounts->len; i++)
      {
        const FluoSsoAccount *account = g_ptr_array_index (accounts, i);

        if ((find_used (self, account->id, NULL) != NULL) == used)
          g_ptr_array_add (sorted, fluo_sso_account_copy (account));
      }
  return sorted;
}

static void
accounts_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  FluoSsoPicker *self = call->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = fluo_sso_list_accounts_finish (result, &error);

  if (!settle (call, error, _("The accounts can’t be read")))
    return;
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  if (accounts->len == 0)
    {
      fail (self, _("No account"),
            _("You are signed in, but no account is assigned to you. Whoever administers IAM "
              "Identity Center can do that."));
      return;
    }
  self->accounts = sort_accounts (self, accounts);
  show_accounts (self);
}

static void
list_accounts (FluoSsoPicker *self)
{
  FluoKeyContext context;
  Call *call = call_new (self, _("Reading your accounts"), &context);

  fluo_sso_list_accounts_async (self->session, &context,
                                fluo_sign_in_dialog_get_cancellable (call->dialog), accounts_cb,
                                call);
}

/* --- Roles --------------------------------------------------------------------------------- */

static void
choose_role (FluoSsoPicker *self, const char *role)
{
  FluoConnection *connection = self->connection;

  fluo_connection_set (&connection->sso_start_url, self->session->start_url);
  fluo_connection_set (&connection->sso_region, self->session->region);
  fluo_connection_set (&connection->sso_session, self->session->name);
  fluo_connection_set (&connection->sso_account, self->account->id);
  fluo_connection_set (&connection->sso_role, role);
  if (*connection->name == '\0')
    {
      g_autofree char *safe = fluo_format_untrusted (self->account->name,
                                                     FLUO_CONNECTION_NAME_MAX);
      g_autofree char *name =
          fluo_connection_list_dup_free_name (fluo_connection_list_get_default (), safe);

      fluo_connection_set (&connection->name, name);
    }
  if (*connection->region == '\0')
    fluo_connection_set (&connection->region, self->session->region);
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0);
}

static void
roles_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  FluoSsoPicker *self = call->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) roles = fluo_sso_list_roles_finish (result, &error);

  if (!settle (call, error, _("The roles can’t be read")))
    return;
  if (roles->len == 0)
    {
      fail (self, _("No role"),
            _("No role in this account is assigned to you. Whoever administers IAM Identity "
              "Center can do that."));
      return;
    }
  g_clear_pointer (&self->roles, g_ptr_array_unref);
  self->roles = g_steal_pointer (&roles);
  fluo_choice_list_reset (FLUO_CHOICE_LIST (self->list), _("Name of a role"), _("Roles"));
  for (guint i = 0; i < self->roles->len; i++)
    {
      const char *role = g_ptr_array_index (self->roles, i);
      const FluoConnection *used = find_used (self, self->account->id, role);

      fluo_choice_list_add (FLUO_CHOICE_LIST (self->list), role, fluo_role_get_words (role),
                            used ? used->name : NULL);
    }
  show_page (self, "list");
  gtk_widget_grab_focus (self->list);
}

static void
list_roles (FluoSsoPicker *self)
{
  FluoKeyContext context;
  Call *call = call_new (self, _("Reading your roles"), &context);

  fluo_sso_list_roles_async (self->session, self->account->id, &context,
                             fluo_sign_in_dialog_get_cancellable (call->dialog), roles_cb, call);
}

static void
chosen_cb (FluoChoiceList *list, guint place, FluoSsoPicker *self)
{
  if (self->account)
    {
      choose_role (self, g_ptr_array_index (self->roles, place));
      return;
    }
  self->account = fluo_sso_account_copy (g_ptr_array_index (self->accounts, place));
  list_roles (self);
}

static void
again_cb (FluoSsoPicker *self)
{
  if (self->account)
    list_roles (self);
  else if (self->session)
    list_accounts (self);
  else
    show_page (self, "place");
}

/* --- Where to sign in ---------------------------------------------------------------------- */

char *
fluo_sso_picker_dup_start_url (const char *text)
{
  g_autofree char *plain = g_strstrip (g_strdup (text));

  if (*plain == '\0' || strstr (plain, "://"))
    return g_steal_pointer (&plain);
  if (strpbrk (plain, "./"))
    return g_strconcat ("https://", plain, NULL);
  return g_strdup_printf ("https://%s.awsapps.com/start", plain);
}

static const char *
chosen_region (FluoSsoPicker *self)
{
  guint n;
  const FluoRegion *regions = fluo_regions_get (&n);

  return regions[MIN (adw_combo_row_get_selected (self->region), n - 1)].name;
}

static void
place_changed_cb (FluoSsoPicker *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->url_problem), FALSE);
  gtk_widget_set_sensitive (self->go, *gtk_editable_get_text (self->url) != '\0');
}

static void
go_cb (FluoSsoPicker *self)
{
  g_autofree char *url = fluo_sso_picker_dup_start_url (gtk_editable_get_text (self->url));
  g_autoptr (GError) error = NULL;
  FluoSsoSession *session;

  if (*url == '\0')
    return;
  session = fluo_sso_session_new (NULL, url, chosen_region (self), NULL, NULL, &error);
  if (!session)
    {
      g_autofree char *safe = fluo_format_untrusted (error->message, PROBLEM_CHARS_MAX);

      gtk_label_set_text (self->url_problem, safe);
      gtk_widget_set_visible (GTK_WIDGET (self->url_problem), TRUE);
      return;
    }
  gtk_editable_set_text (self->url, url);
  g_clear_pointer (&self->session, fluo_sso_session_free);
  self->session = session;
  list_accounts (self);
}

/* --- Making -------------------------------------------------------------------------------- */

static GtkWidget *
make_place (FluoSsoPicker *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_entry_row_new ();
  GtkStringList *model = gtk_string_list_new (NULL);
  guint n;
  const FluoRegion *regions = fluo_regions_get (&n);

  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _("Your organisation’s page for signing in to AWS, and the region it is run in. Both are on "
        "the page under “Access keys”."));
  self->url = GTK_EDITABLE (row);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 _("Start URL (https://….awsapps.com/start)"));
  gtk_editable_set_width_chars (self->url, 10);
  g_signal_connect_object (row, "changed", G_CALLBACK (place_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (go_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *title = fluo_region_dup_title (regions[i].name);

      gtk_string_list_append (model, title);
    }
  self->region = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->region), _("Region of the sign-in"));
  adw_combo_row_set_model (self->region, G_LIST_MODEL (model));
  g_object_unref (model);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->region));
  self->url_problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->url_problem, TRUE);
  gtk_label_set_wrap_mode (self->url_problem, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->url_problem, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->url_problem), "notice");
  gtk_widget_set_visible (GTK_WIDGET (self->url_problem), FALSE);
  self->go = gtk_button_new_with_label (_("Sign In"));
  gtk_widget_set_halign (self->go, GTK_ALIGN_END);
  gtk_widget_set_sensitive (self->go, FALSE);
  gtk_widget_add_css_class (self->go, "pill-button");
  gtk_widget_add_css_class (self->go, "suggested-action");
  g_signal_connect_object (self->go, "clicked", G_CALLBACK (go_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (column), group);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->url_problem));
  gtk_box_append (GTK_BOX (column), self->go);
  return column;
}

static GtkWidget *
make_busy (FluoSsoPicker *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 32, 32);
  self->busy = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->busy), "dim-label");
  gtk_box_append (GTK_BOX (box), spinner);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->busy));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

static GtkWidget *
make_problem (FluoSsoPicker *self)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *again = gtk_button_new_with_mnemonic (_("_Try Again"));

  self->problem = ADW_STATUS_PAGE (page);
  adw_status_page_set_icon_name (self->problem, "fluoroscope-status-fault-symbolic");
  gtk_widget_set_halign (again, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (again, "pill-button");
  g_signal_connect_object (again, "clicked", G_CALLBACK (again_cb), self, G_CONNECT_SWAPPED);
  adw_status_page_set_child (self->problem, again);
  gtk_widget_add_css_class (page, "compact");
  return page;
}

static void
fluo_sso_picker_dispose (GObject *object)
{
  FluoSsoPicker *self = FLUO_SSO_PICKER (object);

  stop (self);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->session, fluo_sso_session_free);
  g_clear_pointer (&self->connection, fluo_connection_free);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->account, fluo_sso_account_free);
  g_clear_pointer (&self->roles, g_ptr_array_unref);
  g_clear_object (&self->soup);
  G_OBJECT_CLASS (fluo_sso_picker_parent_class)->dispose (object);
}

static void
fluo_sso_picker_class_init (FluoSsoPickerClass *klass)
{
  static const char *const names[N_SIGNALS] = { "chosen", "title" };

  G_OBJECT_CLASS (klass)->dispose = fluo_sso_picker_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_sso_picker_init (FluoSsoPicker *self)
{
  struct
  {
    const char *name;
    GtkWidget *page;
  } pages[4];

  self->soup = fluo_aws_session_new (NULL);
  self->list = fluo_choice_list_new ();
  g_signal_connect_object (self->list, "chosen", G_CALLBACK (chosen_cb), self, 0);
  pages[0].name = "place", pages[0].page = make_place (self);
  pages[1].name = "busy", pages[1].page = make_busy (self);
  pages[2].name = "list", pages[2].page = self->list;
  pages[3].name = "problem", pages[3].page = make_problem (self);
  self->stack = gtk_stack_new ();
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    gtk_stack_add_named (GTK_STACK (self->stack), pages[i].page, pages[i].name);
  gtk_widget_add_css_class (self->stack, "editor-column");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

/* --- Public -------------------------------------------------------------------------------- */

GtkWidget *
fluo_sso_picker_new (void)
{
  return g_object_new (FLUO_TYPE_SSO_PICKER, NULL);
}

void
fluo_sso_picker_begin (FluoSsoPicker *self, const FluoSsoSession *session,
                       const FluoConnection *connection)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (FLUO_IS_SSO_PICKER (self));
  fluo_sso_picker_leave (self);
  self->connection = connection ? fluo_connection_copy (connection)
                                : fluo_connection_new (FLUO_CONNECTION_SSO);
  self->connection->kind = FLUO_CONNECTION_SSO;
  self->began_with_place = session == NULL;
  if (session)
    {
      /* What is known of a connection is the place alone; how to reach it is looked up now. */
      self->session = session->portal
                          ? fluo_sso_session_copy (session)
                          : fluo_sso_session_find (session->name, session->start_url,
                                                   session->region, &error);
      if (self->session)
        list_accounts (self);
      else
        fail (self, _("The accounts can’t be read"), error->message);
      return;
    }
  place_changed_cb (self);
  show_page (self, "place");
  gtk_widget_grab_focus (GTK_WIDGET (self->url));
}

gboolean
fluo_sso_picker_back (FluoSsoPicker *self)
{
  g_return_val_if_fail (FLUO_IS_SSO_PICKER (self), FALSE);
  stop (self);
  if (self->account && self->accounts)
    {
      show_accounts (self);
      return TRUE;
    }
  if (self->began_with_place && self->session)
    {
      g_clear_pointer (&self->session, fluo_sso_session_free);
      g_clear_pointer (&self->accounts, g_ptr_array_unref);
      show_page (self, "place");
      return TRUE;
    }
  return FALSE;
}

void
fluo_sso_picker_leave (FluoSsoPicker *self)
{
  g_return_if_fail (FLUO_IS_SSO_PICKER (self));
  stop (self);
  g_clear_pointer (&self->session, fluo_sso_session_free);
  g_clear_pointer (&self->connection, fluo_connection_free);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->account, fluo_sso_account_free);
  g_clear_pointer (&self->roles, g_ptr_array_unref);
}

const char *
fluo_sso_picker_get_title (FluoSsoPicker *self)
{
  g_return_val_if_fail (FLUO_IS_SSO_PICKER (self), NULL);
  if (!self->session)
    return _("Single Sign-On");
  return self->account ? _("Choose a Role") : _("Choose an Account");
}

FluoConnection *
fluo_sso_picker_dup_connection (FluoSsoPicker *self)
{
  g_return_val_if_fail (FLUO_IS_SSO_PICKER (self), NULL);
  return fluo_connection_copy (self->connection);
}
