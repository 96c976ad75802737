/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-error.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-permission.h"
#include "aws/fluo-xray-client.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"

#define ERROR_BODY_MAX (1024 * 1024) /* larger ones are not looked into for a message */
#define MESSAGE_CHARS_MAX 500
#define EXCERPT_CHARS_MAX 200

typedef enum
{
  NONE = 0,
  TRANSIENT = 1 << 0,
  THROTTLE = 1 << 1,
  SKEW = 1 << 2,
  DENY = 1 << 3,
} Traits;

typedef struct
{
  const char   *code;
  FluoXrayError error;
  Traits        traits;
  const char   *advice; /* said before the service's own words, or NULL */
} Meaning;

#define UNKNOWN_KEY N_("AWS doesn't know the access key; check it or choose another profile")
#define BAD_SIGNATURE \
  N_("the signature was refused; check the secret access key and the computer's clock")
#define CLOCK_WRONG N_("the computer's clock is wrong")
#define EXPIRED N_("the credentials have expired; get new ones")
#define UNSIGNED N_("the service expects a signed request; choose a profile that has keys")
#define DENIED N_("access is denied; ask for the permission or choose another profile")

/* Codes of X-Ray, of the front end before it, and of what other AWS services call
 * the same thing. */
static const Meaning meanings[] = {
  { "InvalidRequestException", FLUO_XRAY_ERROR_INVALID_REQUEST, NONE, NULL },
  { "ValidationException", FLUO_XRAY_ERROR_INVALID_REQUEST, NONE, NULL },
  { "SerializationException", FLUO_XRAY_ERROR_INVALID_REQUEST, NONE, NULL },
  { "AccessDenied", FLUO_XRAY_ERROR_ACCESS, DENY, DENIED },
  { "AccessDeniedException", FLUO_XRAY_ERROR_ACCESS, DENY, DENIED },
  { "NotAuthorized", FLUO_XRAY_ERROR_ACCESS, DENY, DENIED },
  { "OptInRequired", FLUO_XRAY_ERROR_ACCESS, NONE,
    N_("the account is not signed up for the service or the region") },
  { "UnrecognizedClientException", FLUO_XRAY_ERROR_ACCESS, NONE, UNKNOWN_KEY },
  { "InvalidClientTokenId", FLUO_XRAY_ERROR_ACCESS, NONE, UNKNOWN_KEY },
  { "InvalidSignatureException", FLUO_XRAY_ERROR_ACCESS, SKEW, BAD_SIGNATURE },
  { "SignatureDoesNotMatch", FLUO_XRAY_ERROR_ACCESS, SKEW, BAD_SIGNATURE },
  { "AuthFailure", FLUO_XRAY_ERROR_ACCESS, SKEW, BAD_SIGNATURE },
  { "IncompleteSignature", FLUO_XRAY_ERROR_ACCESS, NONE, BAD_SIGNATURE },
  { "IncompleteSignatureException", FLUO_XRAY_ERROR_ACCESS, NONE, BAD_SIGNATURE },
  { "RequestTimeTooSkewed", FLUO_XRAY_ERROR_ACCESS, SKEW, CLOCK_WRONG },
  { "RequestInTheFuture", FLUO_XRAY_ERROR_ACCESS, SKEW, CLOCK_WRONG },
  { "MissingAuthenticationToken", FLUO_XRAY_ERROR_ACCESS, NONE, UNSIGNED },
  { "MissingAuthenticationTokenException", FLUO_XRAY_ERROR_ACCESS, NONE, UNSIGNED },
  { "ExpiredToken", FLUO_XRAY_ERROR_EXPIRED, NONE, EXPIRED },
  { "ExpiredTokenException", FLUO_XRAY_ERROR_EXPIRED, NONE, EXPIRED },
  { "TokenRefreshRequired", FLUO_XRAY_ERROR_EXPIRED, NONE, EXPIRED },
  { "RequestExpired", FLUO_XRAY_ERROR_EXPIRED, SKEW, EXPIRED },
  { "IDPCommunicationError", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
  { "InvalidIdentityToken", FLUO_XRAY_ERROR_ACCESS, NONE,
    N_("the role's trust policy doesn't take the web identity token") },
  { "ResourceNotFoundException", FLUO_XRAY_ERROR_NOT_FOUND, NONE, NULL },
  { "UnknownOperationException", FLUO_XRAY_ERROR_NOT_FOUND, NONE, NULL },
  { "ThrottledException", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "Throttling", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "ThrottlingException", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "RequestThrottled", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "RequestThrottledException", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "TooManyRequestsException", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "RequestLimitExceeded", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "LimitExceededException", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "BandwidthLimitExceeded", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "SlowDown", FLUO_XRAY_ERROR_THROTTLED, TRANSIENT | THROTTLE, NULL },
  { "RequestTimeout", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
  { "RequestTimeoutException", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
  { "PriorRequestNotComplete", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
  { "InternalFailure", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
  { "ServiceUnavailable", FLUO_XRAY_ERROR_SERVICE, TRANSIENT, NULL },
};

/* What an error knows beside its text. */
typedef struct
{
  char *action;   /* or NULL */
  char *resource; /* the ARN of what it was about, or NULL */
} FluoXrayErrorPrivate;

static void
fluo_xray_error_private_init (FluoXrayErrorPrivate *priv)
{
  priv->action = NULL;
  priv->resource = NULL;
}

static void
fluo_xray_error_private_copy (const FluoXrayErrorPrivate *from, FluoXrayErrorPrivate *to)
{
  to->action = g_strdup (from->action);
  to->resource = g_strdup (from->resource);
}

static void
fluo_xray_error_private_clear (FluoXrayErrorPrivate *priv)
{
  g_free (priv->action);
  g_free (priv->resource);
}

G_DEFINE_EXTENDED_ERROR (FluoXrayError, fluo_xray_error)

const char *
fluo_xray_error_get_action (const GError *error)
{
  return error && error->domain == FLUO_XRAY_ERROR ? fluo_xray_error_get_private (error)->action
                                                   : NULL;
}

void
fluo_xray_error_set_action (GError *error, const char *action)
{
  FluoXrayErrorPrivate *priv;

  if (error->domain != FLUO_XRAY_ERROR)
    return;
  priv = fluo_xray_error_get_private (error);
  g_free (priv->action);
  priv->action = g_strdup (action);
}

const char *
fluo_xray_error_get_resource (const GError *error)
{
  return error && error->domain == FLUO_XRAY_ERROR ? fluo_xray_error_get_private (error)->resource
                                                   : NULL;
}

void
fluo_xray_error_set_resource (GError *error, const char *arn)
{
  FluoXrayErrorPrivate *priv;

  if (error->domain != FLUO_XRAY_ERROR)
    return;
  priv = fluo_xray_error_get_private (error);
  g_free (priv->resource);
  priv->resource = g_strdup (arn);
}

const char *
fluo_permission_get_role (const GError *error)
{
  const char *action = fluo_xray_error_get_action (error);

  return action && g_str_has_prefix (action, "sts:AssumeRole")
             ? fluo_xray_error_get_resource (error)
             : NULL;
}

const char *
fluo_permission_of_error (const GError *error)
{
  return fluo_xray_error_get_action (error);
}

static const Meaning *
find_meaning (const char *code)
{
  for (gsize i = 0; code && i < G_N_ELEMENTS (meanings); i++)
    if (strcmp (code, meanings[i].code) == 0)
      return &meanings[i];
  return NULL;
}

static FluoXrayError
error_of_status (guint status)
{
  if (status >= 300 && status < 400)
    return FLUO_XRAY_ERROR_PROTOCOL;
  if (status == 400)
    return FLUO_XRAY_ERROR_INVALID_REQUEST;
  if (status == 401 || status == 403)
    return FLUO_XRAY_ERROR_ACCESS;
  if (status == 404)
    return FLUO_XRAY_ERROR_NOT_FOUND;
  if (status == 429)
    return FLUO_XRAY_ERROR_THROTTLED;
  return status >= 500 ? FLUO_XRAY_ERROR_SERVICE : FLUO_XRAY_ERROR_FAILED;
}

static gboolean
is_transient_status (guint status)
{
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* The bare name in "com.amazonaws.xray#InvalidRequestException" or
 * "InvalidRequestException:http://…". NULL when what is left is no name. */
static char *
dup_code (const char *text)
{
  const char *hash = text ? strrchr (text, '#') : NULL;
  gsize length;

  if (!text)
    return NULL;
  if (hash)
    text = hash + 1;
  length = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._");
  if (length == 0 || length > 100 || !strchr (":,", text[length]))
    return NULL;
  return g_strndup (text, length);
}

/* Names and words out of the body. FALSE when it isn't a JSON object. */
static gboolean
read_body (const FluoHttpResponse *response, char **ret_code, char **ret_message)
{
  static const char *const code_keys[] = { "__type", "code", "Code", NULL };
  static const char *const message_keys[] = { "Message", "message", "errorMessage", NULL };
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autofree char *code = NULL;

  if (g_bytes_get_size (response->body) > ERROR_BODY_MAX
      || !(tape = fluo_json_tape_new (response->body, NULL))
      || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    return FALSE;
  code = fluo_json_tape_dup_first (tape, 0, code_keys);
  *ret_code = dup_code (code);
  *ret_message = fluo_json_tape_dup_first (tape, 0, message_keys);
  return TRUE;
}

static void
append_request_id (GString *text, const FluoHttpResponse *response)
{
  if (response->request_id)
    {
      g_autofree char *id = fluo_format_untrusted (response->request_id, 64);

      g_string_append_printf (text, _(", request %s"), id);
    }
}

gboolean
fluo_http_response_is_json (const FluoHttpResponse *response)
{
  return !response->content_type || strstr (response->content_type, "json") != NULL;
}

GError *
fluo_xray_error_not_json (const FluoHttpResponse *response, const char *why)
{
  gsize length;
  const char *body = g_bytes_get_data (response->body, &length);
  g_autofree char *valid = g_utf8_make_valid (body ? body : "",
                                              (gssize) MIN (length, 4 * EXCERPT_CHARS_MAX));
  g_autofree char *excerpt = fluo_format_untrusted (g_strstrip (valid), EXCERPT_CHARS_MAX);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, _("the answer is not what the service sends: %s"), why);
  if (*excerpt != '\0')
    g_string_append_printf (text, _("; it begins \"%s\""), excerpt);
  g_string_append_printf (text, " (HTTP %u", response->status);
  append_request_id (text, response);
  g_string_append_c (text, ')');
  return g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL, text->str);
}

static GError *
compose (const FluoHttpResponse *response, const Meaning *meaning, const char *code,
         const char *message)
{
  FluoXrayError kind = meaning ? meaning->error : error_of_status (response->status);
  g_autofree char *shown = message ? fluo_format_untrusted (message, MESSAGE_CHARS_MAX) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  /* The collector says itself what to do. */
  if (meaning && meaning->advice && !(shown && fluo_http_response_is_ours (response)))
    g_string_append (text, _ (meaning->advice));
  if (shown && *shown != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? ": " : "", shown);
  if (text->len == 0)
    g_string_append (text,
                     kind == FLUO_XRAY_ERROR_THROTTLED
                       ? _("too many requests; try again in a moment")
                     : kind == FLUO_XRAY_ERROR_SERVICE
                       ? _("the service failed; try again in a moment")
                       : _("the service refused the request"));
  g_string_append (text, " (");
  if (code)
    g_string_append_printf (text, "%s, ", code);
  g_string_append_printf (text, "HTTP %u", response->status);
  append_request_id (text, response);
  g_string_append_c (text, ')');
  return g_error_new_literal (FLUO_XRAY_ERROR, kind, text->str);
}

gboolean
fluo_http_response_is_ours (const FluoHttpResponse *response)
{
  return g_strcmp0 (response->server, "fluoroscoped") == 0;
}

/* What all protocols have in common once a code and a message are read. */
static void
failure_from_code (FluoXrayFailure *self, const FluoHttpResponse *response, const char *code,
                   const char *message)
{
  const Meaning *meaning = find_meaning (code);

  if (meaning)
    {
      self->is_transient |= (meaning->traits & TRANSIENT) != 0;
      self->is_throttle |= (meaning->traits & THROTTLE) != 0;
      self->is_skew = (meaning->traits & SKEW) != 0;
      self->is_denied = (meaning->traits & DENY) != 0;
    }
  if (response->status == 403 && message
      && (g_str_has_prefix (message, "Signature expired")
          || g_str_has_prefix (message, "Signature not yet current")))
    self->is_skew = TRUE;
  self->error = compose (response, meaning, code, message);
  if (self->is_denied)
    {
      g_autofree char *action = fluo_permission_dup_refused (message);

      fluo_xray_error_set_action (self->error, action);
    }
}

void
fluo_xray_failure_from_code (FluoXrayFailure *self, const FluoHttpResponse *response,
                             const char *code, const char *message)
{
  memset (self, 0, sizeof *self);
  self->is_transient = is_transient_status (response->status);
  self->is_throttle = response->status == 429;
  failure_from_code (self, response, code, message);
}

void
fluo_xray_failure_from_response (FluoXrayFailure *self, const FluoHttpResponse *response)
{
  g_autofree char *code = dup_code (response->error_type), *body_code = NULL, *message = NULL;
  gboolean is_json;

  memset (self, 0, sizeof *self);
  self->is_transient = is_transient_status (response->status);
  self->is_throttle = response->status == 429;
  if (response->status >= 300 && response->status < 400)
    {
      self->error =
        fluo_xray_error_not_json (response,
                                  _("a redirect, which is not followed; check the endpoint"));
      return;
    }
  is_json = fluo_http_response_is_json (response) && read_body (response, &body_code, &message);
  if (!code)
    code = g_steal_pointer (&body_code);
  if (!code && !is_json && g_bytes_get_size (response->body) > 0)
    {
      self->error = fluo_xray_error_not_json (response, _("not JSON"));
      return;
    }
  failure_from_code (self, response, code, message);
}

void
fluo_xray_failure_from_transport (FluoXrayFailure *self, const GError *error, const char *endpoint)
{
  memset (self, 0, sizeof *self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = g_error_copy (error);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)
           || g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING)
           || g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING))
    self->error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                               _("can't use the answer of %s: %s"), endpoint, error->message);
  else if (error->domain == G_TLS_ERROR)
    self->error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                               _("no secure connection to %s: %s"), endpoint, error->message);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    {
      self->is_transient = TRUE;
      self->error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE,
                                 _("the connection to %s broke: %s"), endpoint, error->message);
    }
  else
    self->error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE,
                               _("nobody answers at %s: %s"), endpoint, error->message);
}

void
fluo_xray_failure_clear (FluoXrayFailure *self)
{
  g_clear_error (&self->error);
}
