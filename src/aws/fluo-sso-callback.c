/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <libsoup/soup.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-key-json.h"
#include "aws/fluo-redact.h"
#include "aws/fluo-sso-private.h"

/* The one request that is waited for is strict: this address, this path, GET, one code and one
 * state, and the state is ours. Anything else is answered and forgotten, so that a page in the same
 * browser can't end the sign-in. */

#define PATH "/oauth/callback"
#define CODE_CHARS_MAX 8192
#define SHOWN_CHARS_MAX 200

static const char done_page[] =
  "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Fluoroscope</title>"
  "<p>Signed in. This page can be closed; Fluoroscope goes on by itself.</p></html>";
static const char refused_page[] =
  "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Fluoroscope</title>"
  "<p>Not signed in. This page can be closed; Fluoroscope says why.</p></html>";

struct _FluoSsoCallback
{
  GObject             parent_instance;
  SoupServer         *server; /* NULL once stopped */
  char               *state;
  char               *uri;
  gboolean            taken;  /* the request has come */
  char               *code, *refusal; /* one of them, once it has */
  FluoSsoCallbackFunc func;   /* NULL once called */
  gpointer            data;
};

G_DEFINE_FINAL_TYPE (FluoSsoCallback, fluo_sso_callback, G_TYPE_OBJECT)

/* As long whatever differs. */
static gboolean
equal_in_constant_time (const char *a, const char *b)
{
  gsize length = strlen (a);
  guint8 difference = 0;

  if (strlen (b) != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    difference |= (guint8) (a[i] ^ b[i]);
  return difference == 0;
}

static void
answer (SoupServerMessage *message, guint status, const char *page)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Content-Security-Policy", "default-src 'none'");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Connection", "close");
  soup_server_message_set_status (message, status, NULL);
  if (page)
    soup_server_message_set_response (message, "text/html; charset=utf-8", SOUP_MEMORY_STATIC, page,
                                      strlen (page));
}

/* The one value of @name, or NULL when there is none or more than one. */
static char *
dup_only (GUri *uri, const char *name)
{
  GUriParamsIter iter;
  char *key, *value, *found = NULL;
  guint n = 0;

  g_uri_params_iter_init (&iter, g_uri_get_query (uri) ? g_uri_get_query (uri) : "", -1, "&",
                          G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &key, &value, NULL))
    {
      if (strcmp (key, name) == 0 && ++n == 1)
        found = g_strdup (value);
      g_free (key);
      g_free (value);
    }
  if (n == 1)
    return found;
  g_free (found);
  return NULL;
}

static void
stop_listening (FluoSsoCallback *self)
{
  if (self->server)
    soup_server_disconnect (self->server);
  g_clear_object (&self->server);
}

static void
tell (FluoSsoCallback *self)
{
  FluoSsoCallbackFunc func = g_steal_pointer (&self->func);
  g_autoptr (GError) error = NULL;

  if (!func)
    return;
  if (!self->code)
    {
      g_autofree char *shown =
        fluo_redact_line (self->refusal, strlen (self->refusal), SHOWN_CHARS_MAX);

      error = g_error_new (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                           _("signing in was refused: %s"), shown);
    }
  func (self->code, error, self->data);
}

static gboolean
ended_cb (gpointer user_data)
{
  FluoSsoCallback *self = FLUO_SSO_CALLBACK (user_data);

  stop_listening (self);
  tell (self);
  return G_SOURCE_REMOVE;
}

/* The answer is on its way; the rest not from inside the server's own signal. */
static void
finished_cb (SoupServerMessage *message, gpointer user_data)
{
  g_autoptr (GSource) later = g_idle_source_new ();

  g_source_set_priority (later, G_PRIORITY_DEFAULT);
  g_source_set_callback (later, ended_cb, g_object_ref (user_data), g_object_unref);
  g_source_attach (later, g_main_context_get_thread_default ());
}

static void
handle_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer user_data)
{
  FluoSsoCallback *self = FLUO_SSO_CALLBACK (user_data);
  GUri *uri = soup_server_message_get_uri (message);
  g_autofree char *state = NULL, *code = NULL, *refusal = NULL;
  const char *host = soup_message_headers_get_one (
    soup_server_message_get_request_headers (message), "Host");

  if (strcmp (soup_server_message_get_method (message), "GET") != 0
      || strcmp (path, PATH) != 0 || !host || !g_str_has_prefix (host, "127.0.0.1:"))
    {
      answer (message, SOUP_STATUS_NOT_FOUND, NULL);
      return;
    }
  state = dup_only (uri, "state");
  code = dup_only (uri, "code");
  refusal = dup_only (uri, "error");
  if (self->taken || !self->func || !state || !equal_in_constant_time (state, self->state)
      || (!code && !refusal) || (code && (*code == '\0' || strlen (code) > CODE_CHARS_MAX)))
    {
      answer (message, SOUP_STATUS_BAD_REQUEST, refused_page);
      return;
    }
  self->taken = TRUE;
  if (!refusal)
    {
      answer (message, SOUP_STATUS_OK, done_page);
      self->code = g_steal_pointer (&code);
    }
  else
    {
      g_autofree char *words = dup_only (uri, "error_description");

      answer (message, SOUP_STATUS_OK, refused_page);
      self->refusal = g_strdup (words ? words : refusal);
    }
  g_signal_connect_object (message, "finished", G_CALLBACK (finished_cb), self, 0);
}

static void
fluo_sso_callback_dispose (GObject *object)
{
  fluo_sso_callback_stop (FLUO_SSO_CALLBACK (object));
  G_OBJECT_CLASS (fluo_sso_callback_parent_class)->dispose (object);
}

static void
fluo_sso_callback_finalize (GObject *object)
{
  FluoSsoCallback *self = FLUO_SSO_CALLBACK (object);

  g_free (self->state);
  g_free (self->uri);
  fluo_key_text_clear (&self->code);
  g_free (self->refusal);
  G_OBJECT_CLASS (fluo_sso_callback_parent_class)->finalize (object);
}

static void
fluo_sso_callback_class_init (FluoSsoCallbackClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_sso_callback_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_sso_callback_finalize;
}

static void
fluo_sso_callback_init (FluoSsoCallback *self)
{
}

FluoSsoCallback *
fluo_sso_callback_new (const char *state, FluoSsoCallbackFunc func, gpointer data, GError **error)
{
  g_autoptr (FluoSsoCallback) self = g_object_new (FLUO_TYPE_SSO_CALLBACK, NULL);
  GSList *uris;

  self->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  self->state = g_strdup (state);
  self->func = func;
  self->data = data;
  soup_server_add_handler (self->server, NULL, handle_cb, self, NULL);
  if (!soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;
  uris = soup_server_get_uris (self->server);
  self->uri = g_strdup_printf ("http://127.0.0.1:%d" PATH, g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return g_steal_pointer (&self);
}

const char *
fluo_sso_callback_get_uri (FluoSsoCallback *self)
{
  return self->uri;
}

void
fluo_sso_callback_stop (FluoSsoCallback *self)
{
  self->func = NULL;
  stop_listening (self);
}
