/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-access.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define SERVICE "xray"
#define USUAL_PORT ":2000"

struct _FluoAccessControl
{
  gboolean         open;
  char            *path;
  FluoCredentials *keys[FLUO_N_ROLES];
};

/* One lookup of a secret, and whose it was. */
typedef struct
{
  FluoAccessControl *control;
  FluoRole           role;
} Lookup;

FluoAccessControl *
fluo_access_control_new (const char *directory, gboolean open, GError **error)
{
  g_autoptr (FluoAccessControl) self = g_new0 (FluoAccessControl, 1);

  self->open = open;
  if (open)
    return g_steal_pointer (&self);
  self->path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  if (!fluo_local_keys_ensure (directory, self->keys, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fluo_access_control_free (FluoAccessControl *self)
{
  for (guint role = 0; role < FLUO_N_ROLES; role++)
    g_clear_pointer (&self->keys[role], fluo_credentials_unref);
  g_free (self->path);
  g_free (self);
}

gboolean
fluo_access_control_is_open (FluoAccessControl *self)
{
  return self->open;
}

const char *
fluo_access_control_get_path (FluoAccessControl *self)
{
  return self->path;
}

static const char *
find_secret (const char *access_key, gpointer user_data)
{
  Lookup *lookup = user_data;

  for (guint role = 0; role < FLUO_N_ROLES; role++)
    if (strcmp (fluo_credentials_get_access_key (lookup->control->keys[role]), access_key) == 0)
      {
        lookup->role = (FluoRole) role;
        return fluo_credentials_get_secret (lookup->control->keys[role]);
      }
  return NULL;
}

/* The command with what it needs to find this collector, when that is not on the usual port. The
 * Host was checked before: it is one of ours. */
static char *
dup_command (const FluoSigv4Request *request)
{
  const char *host = NULL;

  for (gsize i = 0; i < request->n_headers; i++)
    if (g_ascii_strcasecmp (request->headers[i].name, "Host") == 0)
      host = request->headers[i].value;
  if (!host || g_str_has_suffix (host, USUAL_PORT))
    return g_strdup ("fluoroscope-cli credentials");
  return g_strdup_printf ("fluoroscope-cli --endpoint http://%s credentials", host);
}

static gboolean
refuse_signature (const FluoSigv4Request *request, const FluoRoute *route, const GError *error,
                  FluoAccessRefusal *ret_refusal)
{
  g_autofree char *command = dup_command (request);
  gboolean malformed = error->code == FLUO_SIGV4_ERROR_MALFORMED;

  ret_refusal->status = malformed ? 400 : 403;
  ret_refusal->type = fluo_sigv4_error_get_name ((FluoSigv4Error) error->code);
  if (error->code == FLUO_SIGV4_ERROR_MISSING || error->code == FLUO_SIGV4_ERROR_UNRECOGNIZED)
    ret_refusal->message = g_strdup_printf (
      _("%s. %s needs a request signed with this collector's keys. Get them with: "
        "export $(%s --format env), or in a profile: credential_process = %s"),
      error->message, route->operation, command, command);
  else
    ret_refusal->message = g_strdup (error->message);
  return FALSE;
}

gboolean
fluo_access_control_check (FluoAccessControl *self, const FluoRoute *route,
                           const FluoSigv4Request *request, gint64 now_s, FluoRole *ret_role,
                           FluoAccessRefusal *ret_refusal)
{
  Lookup lookup = { self, FLUO_ROLE_READ };
  g_autoptr (GError) error = NULL;
  g_autofree char *command = NULL;

  *ret_role = FLUO_ROLE_FULL;
  if (self->open || route->access == FLUO_ACCESS_OPEN)
    return TRUE;
  if (!fluo_sigv4_verify (request, SERVICE, now_s, find_secret, &lookup, &error))
    return refuse_signature (request, route, error, ret_refusal);
  *ret_role = lookup.role;
  if (route->access == FLUO_ACCESS_READ || lookup.role == FLUO_ROLE_FULL)
    return TRUE;
  command = dup_command (request);
  ret_refusal->status = 403;
  ret_refusal->type = "AccessDeniedException";
  ret_refusal->message = g_strdup_printf (
    _("the role “%s” is not authorized to perform xray:%s; the role “%s” is. Get its keys with: "
      "export $(%s --role full --format env)"),
    fluo_role_get_name (lookup.role), route->operation, fluo_role_get_name (FLUO_ROLE_FULL),
    command);
  return FALSE;
}

static void
collect_header (const char *name, const char *value, gpointer user_data)
{
  FluoSigv4Header header = { name, value };

  g_array_append_val ((GArray *) user_data, header);
}

gboolean
fluo_access_control_check_message (FluoAccessControl *self, const FluoRoute *route,
                                   SoupServerMessage *message, GBytes *body,
                                   FluoRole *ret_role, FluoAccessRefusal *ret_refusal)
{
  g_autoptr (GArray) headers = NULL;
  GUri *uri = soup_server_message_get_uri (message);
  FluoSigv4Request request = {
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
  };

  *ret_role = FLUO_ROLE_FULL;
  if (self->open || route->access == FLUO_ACCESS_OPEN)
    return TRUE;
  headers = g_array_new (FALSE, FALSE, sizeof (FluoSigv4Header));
  soup_message_headers_foreach (soup_server_message_get_request_headers (message), collect_header,
                                headers);
  request.headers = (const FluoSigv4Header *) (gconstpointer) headers->data;
  request.n_headers = headers->len;
  if (body)
    request.body = g_bytes_get_data (body, &request.body_length);
  return fluo_access_control_check (self, route, &request, g_get_real_time () / G_USEC_PER_SEC,
                                    ret_role, ret_refusal);
}
