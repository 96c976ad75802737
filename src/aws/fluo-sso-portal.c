/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-key-json.h"
#include "aws/fluo-sso-private.h"
#include "aws/fluo-xray-client.h"

/* What a token is good for: keys of a role, and the lists of accounts and roles. */

#define PAGES_MAX 100
#define ITEMS_MAX 10000

typedef struct
{
  FluoSsoSession *session;
  FluoKeyContext  context;
  char           *path;    /* with its query, without a page's token */
  char           *account; /* of the keys */
  char           *role;
  char           *list;    /* the answer's member that is read, or NULL for keys */
  GPtrArray      *items;
  guint           n_pages;
  char           *next;    /* token of the next page, or NULL */
  char           *token;
  gboolean        was_refused; /* a token was; the next refusal is the end */
} PortalCall;

static void portal_ask (GTask *task);
static void portal_get_token (GTask *task, const char *refused);

static void
portal_call_free (gpointer data)
{
  PortalCall *self = data;

  fluo_sso_session_free (self->session);
  fluo_key_context_clear (&self->context);
  g_free (self->path);
  g_free (self->account);
  g_free (self->role);
  g_free (self->list);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self->next);
  fluo_key_text_clear (&self->token);
  g_free (self);
}

FluoSsoAccount *
fluo_sso_account_copy (const FluoSsoAccount *self)
{
  FluoSsoAccount *copy = g_new0 (FluoSsoAccount, 1);

  copy->id = g_strdup (self->id);
  copy->name = g_strdup (self->name);
  copy->email = g_strdup (self->email);
  return copy;
}

void
fluo_sso_account_free (FluoSsoAccount *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->id);
  g_free (self->name);
  g_free (self->email);
  g_free (self);
}

static void
return_keys (GTask *task, const FluoAwsAnswer *answer)
{
  PortalCall *self = g_task_get_task_data (task);
  g_autofree char *source =
    g_strdup_printf (_("SSO session \"%s\" for role %s in account %s"),
                     fluo_sso_session_get_title (self->session), self->role, self->account);
  const FluoKeyOrigin origin = { source, self->account, NULL };
  guint32 object = fluo_json_tape_get (answer->tape, 0, "roleCredentials");
  GError *error = NULL;
  FluoCredentials *keys = NULL;

  if (fluo_json_tape_type (answer->tape, object) == FLUO_JSON_OBJECT_BEGIN)
    keys = fluo_key_json_read (answer->tape, object, &origin,
                               fluo_aws_seams_now (&self->context.seams), &error);
  else
    g_set_error (&error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                 _("%s gave no keys"), source);
  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

static void
take_item (PortalCall *self, const FluoJsonTape *tape, guint32 node)
{
  if (strcmp (self->list, "accountList") == 0)
    {
      FluoSsoAccount *account = g_new0 (FluoSsoAccount, 1);

      account->id = fluo_json_tape_dup_member (tape, node, "accountId");
      account->name = fluo_json_tape_dup_member (tape, node, "accountName");
      account->email = fluo_json_tape_dup_member (tape, node, "emailAddress");
      if (!account->name)
        account->name = g_strdup (account->id);
      if (account->id)
        g_ptr_array_add (self->items, account);
      else
        fluo_sso_account_free (account);
    }
  else
    {
      char *role = fluo_json_tape_dup_member (tape, node, "roleName");

      if (role)
        g_ptr_array_add (self->items, role);
    }
}

static int
compare_accounts (gconstpointer a, gconstpointer b)
{
  const FluoSsoAccount *one = *(FluoSsoAccount *const *) a, *two = *(FluoSsoAccount *const *) b;
  int order = g_utf8_collate (one->name, two->name);

  return order != 0 ? order : strcmp (one->id, two->id);
}

static int
compare_roles (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* TRUE when another page is to be read. FALSE at the end, or with @error. */
static gboolean
take_page (PortalCall *self, const FluoAwsAnswer *answer, GError **error)
{
  guint32 list = fluo_json_tape_get (answer->tape, 0, self->list);
  g_autofree char *next = fluo_aws_answer_dup (answer, "nextToken");

  for (guint32 node = fluo_json_tape_first (answer->tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (answer->tape, list, node))
    if (self->items->len < ITEMS_MAX)
      take_item (self, answer->tape, node);
  if (!next || *next == '\0')
    return FALSE;
  if (g_strcmp0 (next, self->next) == 0 || ++self->n_pages >= PAGES_MAX)
    {
      g_set_error_literal (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                           _("IAM Identity Center sends its pages in a circle, or without an "
                             "end"));
      return FALSE;
    }
  g_free (self->next);
  self->next = g_steal_pointer (&next);
  return TRUE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PortalCall *self = g_task_get_task_data (task);
  guint status = 0;
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, &status, NULL, &error);

  if (!answer && status == 401 && !self->was_refused)
    {
      g_error_free (error);
      self->was_refused = TRUE;
      portal_get_token (g_steal_pointer (&task), self->token);
      return;
    }
  if (!answer)
    {
      if (error->domain == FLUO_XRAY_ERROR && self->role)
        g_prefix_error (&error, _("role %s in account %s is out of reach for SSO session "
                                  "\"%s\": "),
                        self->role, self->account, fluo_sso_session_get_title (self->session));
      g_task_return_error (task, error);
      return;
    }
  if (!self->list)
    {
      return_keys (task, answer);
      return;
    }
  if (take_page (self, answer, &error))
    {
      portal_ask (g_steal_pointer (&task));
      return;
    }
  if (error)
    {
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_sort (self->items,
                    strcmp (self->list, "accountList") == 0 ? compare_accounts : compare_roles);
  g_task_return_pointer (task, g_steal_pointer (&self->items), (GDestroyNotify) g_ptr_array_unref);
}

/* Takes the reference on @task. */
static void
portal_ask (GTask *task)
{
  PortalCall *self = g_task_get_task_data (task);
  const char *headers[] = { "x-amz-sso_bearer_token", self->token, NULL };
  g_autofree char *next = self->next ? g_uri_escape_string (self->next, NULL, FALSE) : NULL;
  g_autofree char *url = g_strconcat (self->session->portal, self->path,
                                      next ? "&next_token=" : NULL, next, NULL);
  FluoAwsRequest request = { .session = self->context.session, .method = "GET", .url = url,
                             .headers = headers, .seams = self->context.seams };

  fluo_aws_request_async (&request, g_task_get_cancellable (task), answered_cb, task);
}

static void
got_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PortalCall *self = g_task_get_task_data (task);
  GError *error = NULL;

  fluo_key_text_clear (&self->token);
  self->token = fluo_sso_get_token_finish (result, &error);
  if (self->token)
    portal_ask (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/* Takes the reference on @task. */
static void
portal_get_token (GTask *task, const char *refused)
{
  PortalCall *self = g_task_get_task_data (task);

  fluo_sso_get_token_async (self->session, &self->context, refused, g_task_get_cancellable (task),
                            got_token_cb, task);
}

static GTask *
portal_task_new (const FluoSsoSession *session, const FluoKeyContext *context,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data,
                 gpointer tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  PortalCall *self = g_new0 (PortalCall, 1);

  g_task_set_source_tag (task, tag);
  self->session = fluo_sso_session_copy (session);
  fluo_key_context_copy (&self->context, context);
  g_task_set_task_data (task, self, portal_call_free);
  return task;
}

void
fluo_sso_get_keys_async (const FluoSsoSession *session, const char *account, const char *role,
                         const FluoKeyContext *context, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = portal_task_new (session, context, cancellable, callback, user_data,
                                 fluo_sso_get_keys_async);
  PortalCall *self = g_task_get_task_data (task);
  g_autofree char *escaped_role = g_uri_escape_string (role, NULL, FALSE);
  g_autofree char *escaped_account = g_uri_escape_string (account, NULL, FALSE);

  self->account = g_strdup (account);
  self->role = g_strdup (role);
  self->path = g_strdup_printf ("/federation/credentials?role_name=%s&account_id=%s", escaped_role,
                                escaped_account);
  portal_get_token (task, NULL);
}

FluoCredentials *
fluo_sso_get_keys_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sso_get_keys_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fluo_sso_list_accounts_async (const FluoSsoSession *session, const FluoKeyContext *context,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = portal_task_new (session, context, cancellable, callback, user_data,
                                 fluo_sso_list_accounts_async);
  PortalCall *self = g_task_get_task_data (task);

  self->list = g_strdup ("accountList");
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sso_account_free);
  self->path = g_strdup ("/assignment/accounts?max_result=100");
  portal_get_token (task, NULL);
}

GPtrArray *
fluo_sso_list_accounts_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sso_list_accounts_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fluo_sso_list_roles_async (const FluoSsoSession *session, const char *account,
                           const FluoKeyContext *context, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = portal_task_new (session, context, cancellable, callback, user_data,
                                 fluo_sso_list_roles_async);
  PortalCall *self = g_task_get_task_data (task);
  g_autofree char *escaped = g_uri_escape_string (account, NULL, FALSE);

  self->list = g_strdup ("roleList");
  self->items = g_ptr_array_new_with_free_func (g_free);
  self->path = g_strdup_printf ("/assignment/roles?max_result=100&account_id=%s", escaped);
  portal_get_token (task, NULL);
}

GPtrArray *
fluo_sso_list_roles_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sso_list_roles_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
