/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-signin.h"

#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "core/fluo-json.h"
#include "fluo-test-util.h"

/* --- Answers ----------------------------------------------------------------- */

static void
answer (FakeSignin *self, SoupServerMessage *message, guint status, const char *type,
        const char *text)
{
  if (self->html && status == 200)
    {
      type = "text/html";
      text = "<html>CANARY captive portal</html>";
    }
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, strlen (text));
}

static void
json (FakeSignin *self, SoupServerMessage *message, guint status, const char *text)
{
  answer (self, message, status, "application/json", text);
}

static void
refuse (FakeSignin *self, SoupServerMessage *message, guint status, const char *code)
{
  g_autofree char *text =
    g_strdup_printf ("{\"error\":\"%s\",\"error_description\":\"no: %s\"}", code, code);

  json (self, message, status, text);
}

static char *
dup_time (gint64 unix_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_s);

  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
}

static char *
dup_member (const char *body, const char *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (body, strlen (body));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  return tape ? fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, name)) : NULL;
}

/* --- IAM Identity Center ----------------------------------------------------- */

static void
give_token (FakeSignin *self, SoupServerMessage *message, const char *name)
{
  g_autofree char *text = g_strdup_printf (
    "{\"accessToken\":\"CANARY-access-%s\",\"expiresIn\":28800,\"tokenType\":\"Bearer\","
    "\"refreshToken\":\"CANARY-refresh-%s\"}",
    name, name);

  json (self, message, 200, text);
}

static void
handle_token (FakeSignin *self, SoupServerMessage *message, const char *body)
{
  g_autofree char *grant = dup_member (body, "grantType");
  g_autofree char *secret = dup_member (body, "clientSecret");

  if (g_strcmp0 (secret, "CANARY-client") != 0)
    refuse (self, message, 400, "invalid_client");
  else if (strcmp (grant, "refresh_token") == 0)
    {
      if (self->refuses_renewal)
        refuse (self, message, self->renewal_status > 0 ? self->renewal_status : 400,
                "invalid_grant");
      else
        give_token (self, message, "renewed");
    }
  else if (strcmp (grant, "authorization_code") == 0)
    {
      g_autofree char *code = dup_member (body, "code");
      g_autofree char *verifier = dup_member (body, "codeVerifier");

      if (g_strcmp0 (code, "CANARY-code") == 0 && verifier && strlen (verifier) >= 43)
        give_token (self, message, "browser");
      else
        refuse (self, message, 400, "invalid_grant");
    }
  else if (self->n_pending > 0)
    {
      self->n_pending--;
      refuse (self, message, 400, "authorization_pending");
    }
  else if (self->n_slow > 0)
    {
      self->n_slow--;
      refuse (self, message, 400, "slow_down");
    }
  else if (self->token_error)
    refuse (self, message, 400, self->token_error);
  else
    give_token (self, message, "device");
}

#define PAGE 100

static void
give_accounts (FakeSignin *self, SoupServerMessage *message, GHashTable *query)
{
  const char *next = g_hash_table_lookup (query, "next_token");
  guint first = next ? (guint) g_ascii_strtoull (next, NULL, 10) : 0;
  g_autoptr (GString) text = g_string_new ("{\"accountList\":[");

  for (guint i = first; i < MIN (first + PAGE, self->n_accounts); i++)
    g_string_append_printf (text,
                            "%s{\"accountId\":\"4021%08u\",\"accountName\":\"shop %03u\","
                            "\"emailAddress\":\"aws+%u@example.com\"}",
                            i > first ? "," : "", i, i, i);
  if (first + PAGE < self->n_accounts)
    g_string_append_printf (text, "],\"nextToken\":\"%u\"}", first + PAGE);
  else
    g_string_append (text, "],\"nextToken\":null}");
  json (self, message, 200, text->str);
}

static void
handle_portal (FakeSignin *self, SoupServerMessage *message, const char *path, GHashTable *query)
{
  const char *token = soup_message_headers_get_one (
    soup_server_message_get_request_headers (message), "x-amz-sso_bearer_token");
  g_autofree char *text = NULL;

  if (!token || (self->good_token && strcmp (token, self->good_token) != 0))
    json (self, message, 401, "{\"__type\":\"UnauthorizedException\",\"message\":\"Session token "
                              "not found or invalid\"}");
  else if (strcmp (path, "/federation/credentials") == 0)
    {
      const char *role = g_hash_table_lookup (query, "role_name");

      if (strcmp (role, "Nobody") == 0)
        {
          json (self, message, 403,
                "{\"__type\":\"ForbiddenException\",\"message\":\"No access\"}");
          return;
        }
      text = g_strdup_printf ("{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO%s\","
                              "\"secretAccessKey\":\"CANARY-sso\",\"sessionToken\":\"CANARY-t\","
                              "\"expiration\":%" G_GINT64_FORMAT "}}",
                              role, (self->now_s + 3600) * 1000);
      json (self, message, 200, text);
    }
  else if (strcmp (path, "/assignment/roles") == 0 && self->no_roles)
    json (self, message, 200, "{\"nextToken\":null,\"roleList\":[]}");
  else if (self->no_accounts)
    json (self, message, 200, "{\"accountList\":[]}");
  else if (self->n_accounts > 0 && strcmp (path, "/assignment/accounts") == 0)
    give_accounts (self, message, query);
  else if (strcmp (path, "/assignment/roles") == 0)
    json (self, message, 200, "{\"roleList\":[{\"roleName\":\"Write\",\"accountId\":\"1\"},"
                              "{\"roleName\":\"Read\",\"accountId\":\"1\"}]}");
  else
    {
      const char *next = g_hash_table_lookup (query, "next_token");
      guint page = next ? (guint) g_ascii_strtoull (next, NULL, 10) : 0;

      text = page + 1 < self->n_pages
               ? g_strdup_printf ("{\"nextToken\":\"%u\",\"accountList\":[{\"accountId\":"
                                  "\"%012u\",\"accountName\":\"account %u\"}]}",
                                  page + 1, page, 9 - page)
               : g_strdup_printf ("{\"nextToken\":%s,\"accountList\":[{\"accountId\":\"%012u\","
                                  "\"accountName\":\"account %u\",\"emailAddress\":\"a@b\"}]}",
                                  self->n_pages == 0 ? "\"0\"" : "null", page, 9 - page);
      json (self, message, 200, text);
    }
}

/* --- "aws login" --------------------------------------------------------------- */

static GByteArray *
decode (const char *text)
{
  g_autofree char *padded = g_strconcat (text, "===", NULL);
  guchar *bytes;
  gsize length;

  g_strdelimit (padded, "-", '+');
  g_strdelimit (padded, "_", '/');
  padded[strlen (padded) - (strlen (padded) % 4)] = '\0';
  bytes = g_base64_decode (padded, &length);
  return g_byte_array_new_take (bytes, length);
}

/* Whether the proof is signed with the key that it names, for this address. */
static gboolean
check_proof (FakeSignin *self, const char *proof)
{
  g_auto (GStrv) parts = g_strsplit (proof, ".", 4);
  g_autoptr (GByteArray) header = NULL, claims = NULL, signature = NULL, x = NULL, y = NULL;
  g_autoptr (FluoJsonTape) tape = NULL, claims_tape = NULL;
  g_autoptr (GBytes) header_bytes = NULL, claims_bytes = NULL;
  g_autofree char *x_text = NULL, *y_text = NULL, *url = NULL, *signed_part = NULL;
  g_autofree char *expected = g_strconcat (self->url, "/v1/token", NULL);
  gnutls_datum_t x_datum, y_datum, data, der = { NULL, 0 }, r, s;
  gnutls_pubkey_t key = NULL;
  gboolean ok;

  if (g_strv_length (parts) != 3)
    return FALSE;
  header = decode (parts[0]);
  claims = decode (parts[1]);
  signature = decode (parts[2]);
  header_bytes = g_bytes_new (header->data, header->len);
  claims_bytes = g_bytes_new (claims->data, claims->len);
  tape = fluo_json_tape_new (header_bytes, NULL);
  claims_tape = fluo_json_tape_new (claims_bytes, NULL);
  if (!tape || !claims_tape || signature->len != 64)
    return FALSE;
  x_text = fluo_json_tape_dup (
    tape, fluo_json_tape_get (tape, fluo_json_tape_get (tape, 0, "jwk"), "x"));
  y_text = fluo_json_tape_dup (
    tape, fluo_json_tape_get (tape, fluo_json_tape_get (tape, 0, "jwk"), "y"));
  url = fluo_json_tape_dup (claims_tape, fluo_json_tape_get (claims_tape, 0, "htu"));
  x = decode (x_text);
  y = decode (y_text);
  x_datum = (gnutls_datum_t) { x->data, x->len };
  y_datum = (gnutls_datum_t) { y->data, y->len };
  signed_part = g_strjoin (".", parts[0], parts[1], NULL);
  data = (gnutls_datum_t) { (guchar *) signed_part, (unsigned) strlen (signed_part) };
  r = (gnutls_datum_t) { signature->data, 32 };
  s = (gnutls_datum_t) { signature->data + 32, 32 };
  ok = gnutls_encode_rs_value (&der, &r, &s) == 0 && gnutls_pubkey_init (&key) == 0
       && gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_SECP256R1, &x_datum, &y_datum) == 0
       && gnutls_pubkey_verify_data2 (key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der) >= 0
       && g_strcmp0 (url, expected) == 0
       && fluo_json_tape_int (claims_tape, fluo_json_tape_get (claims_tape, 0, "iat"), 0)
            == self->now_s;
  gnutls_free (der.data);
  if (key)
    gnutls_pubkey_deinit (key);
  return ok;
}

static void
handle_login (FakeSignin *self, SoupServerMessage *message)
{
  const char *proof = soup_message_headers_get_one (
    soup_server_message_get_request_headers (message), "DPoP");

  self->proof_was_good = proof && check_proof (self, proof);
  if (self->login_error)
    refuse (self, message, 401, self->login_error);
  else if (!self->proof_was_good)
    refuse (self, message, 400, "INVALID_PROOF");
  else
    json (self, message, 200,
          "{\"accessToken\":{\"accessKeyId\":\"ASIALOGIN2\",\"secretAccessKey\":\"CANARY-login\","
          "\"sessionToken\":\"CANARY-lt\"},\"refreshToken\":\"CANARY-lr2\",\"expiresIn\":900}");
}

/* --- STS ------------------------------------------------------------------------ */

static void
handle_sts (FakeSignin *self, SoupServerMessage *message, const char *form)
{
  g_autofree char *action = g_strndup (form + strlen ("Action="),
                                       strcspn (form + strlen ("Action="), "&"));
  g_autofree char *expires = dup_time (self->now_s + 3600), *xml = NULL;
  g_autofree char *external_id = g_strdup_printf (
    "&ExternalId=%s", self->external_id ? self->external_id : "");
  g_autofree char *wanted = self->code ? g_strdup_printf ("&TokenCode=%s", self->code) : NULL;

  if (self->code && strcmp (action, "AssumeRole") == 0 && strstr (form, "SerialNumber")
      && !strstr (form, wanted))
    {
      answer (self, message, 403, "text/xml",
              "<ErrorResponse><Error><Code>AccessDenied</Code><Message>MultiFactorAuthentication "
              "failed with invalid MFA one time pass code. </Message></Error></ErrorResponse>");
      return;
    }
  if (self->external_id && strcmp (action, "AssumeRole") == 0 && !strstr (form, external_id))
    {
      answer (self, message, 403, "text/xml",
              "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::"
              "111122223333:user/alice is not authorized to perform: sts:AssumeRole on resource: "
              "arn:aws:iam::777788889999:role/reader</Message></Error></ErrorResponse>");
      return;
    }
  if (strcmp (action, "GetCallerIdentity") == 0)
    xml = g_strdup ("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::"
                    "111122223333:user/alice</Arn><Account>111122223333</Account>"
                    "</GetCallerIdentityResult></GetCallerIdentityResponse>");
  else
    xml = g_strdup_printf (
      "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult><Credentials>"
      "<AccessKeyId>ASIASTS%u</AccessKeyId><SecretAccessKey>CANARY-sts</SecretAccessKey>"
      "<SessionToken>CANARY-st</SessionToken><Expiration>%s</Expiration></Credentials>"
      "<AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/r/me</Arn></AssumedRoleUser>"
      "</%sResult></%sResponse>",
      action, action, fake_signin_count (self, "POST / Action=Assume"), expires, action, action);
  answer (self, message, 200, "text/xml", xml);
}

/* --- Machines --------------------------------------------------------------------- */

static void
handle_machine (FakeSignin *self, SoupServerMessage *message, const char *path)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *expires = dup_time (self->now_s + 3600), *text = NULL;

  if (strcmp (path, "/latest/api/token") == 0)
    answer (self, message, self->metadata_token_status > 0 ? self->metadata_token_status : 200,
            "text/plain",
            strcmp (soup_server_message_get_method (message), "PUT") == 0
                && soup_message_headers_get_one (headers, "x-aws-ec2-metadata-token-ttl-seconds")
              ? "CANARY-imds=="
              : "");
  else if (g_strcmp0 (soup_message_headers_get_one (headers, "x-aws-ec2-metadata-token"),
                      "CANARY-imds==")
           != 0)
    answer (self, message, 401, "text/plain", "");
  else if (g_str_has_suffix (path, "/"))
    answer (self, message, 200, "text/plain", "web-role\nother");
  else
    {
      text = g_strdup_printf ("{\"Code\":\"%s\",\"AccessKeyId\":\"ASIAIMDS\",\"SecretAccessKey\":"
                              "\"CANARY-m\",\"Token\":\"CANARY-mt\",\"Expiration\":\"%s\"}",
                              self->metadata_code ? self->metadata_code : "Success", expires);
      json (self, message, 200, text);
    }
}

static void
handle_container (FakeSignin *self, SoupServerMessage *message)
{
  g_autofree char *expires = dup_time (self->now_s + 3600), *text = NULL;

  g_free (self->authorization);
  self->authorization = g_strdup (soup_message_headers_get_one (
    soup_server_message_get_request_headers (message), "Authorization"));
  text = g_strdup_printf ("{\"AccessKeyId\":\"ASIAECS\",\"SecretAccessKey\":\"CANARY-c\",\"Token\":"
                          "\"CANARY-ct\",\"Expiration\":\"%s\",\"AccountId\":\"777788889999\"}",
                          expires);
  json (self, message, 200, text);
}

/* --- All of it --------------------------------------------------------------------- */

static void
handle (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer user_data)
{
  FakeSignin *self = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *text = g_strndup (body->data ? body->data : "", (gsize) body->length);
  const char *asked = g_uri_get_query (soup_server_message_get_uri (message));

  g_ptr_array_add (self->log, g_strdup_printf ("%s %s%s%s %s",
                                               soup_server_message_get_method (message), path,
                                               asked ? "?" : "", asked ? asked : "", text));
  if (self->n_busy > 0)
    {
      self->n_busy--;
      answer (self, message, 503, "text/html", "<html>busy</html>");
    }
  else if (strcmp (path, "/client/register") == 0)
    json (self, message, 200,
          "{\"clientId\":\"client\",\"clientSecret\":\"CANARY-client\",\"clientIdIssuedAt\":1,"
          "\"clientSecretExpiresAt\":1807776000}");
  else if (strcmp (path, "/device_authorization") == 0)
    {
      g_autofree char *device = g_strdup_printf (
        "{\"deviceCode\":\"CANARY-device\",\"userCode\":\"ABCD-EFGH\",\"verificationUri\":\"%s\","
        "\"expiresIn\":600,\"interval\":1}",
        self->verification ? self->verification : "https://device.sso.eu-west-1.amazonaws.com/");

      json (self, message, 200, device);
    }
  else if (strcmp (path, "/token") == 0)
    handle_token (self, message, text);
  else if (g_str_has_prefix (path, "/federation/") || g_str_has_prefix (path, "/assignment/"))
    handle_portal (self, message, path, query);
  else if (strcmp (path, "/v1/token") == 0)
    handle_login (self, message);
  else if (g_str_has_prefix (path, "/latest/"))
    handle_machine (self, message, path);
  else if (strcmp (path, "/container") == 0)
    handle_container (self, message);
  else
    handle_sts (self, message, text);
}

/* --- The user ------------------------------------------------------------------------ */

void
fake_signin_ask (FluoSignIn *question, gpointer user_data)
{
  FakeSignin *self = user_data;

  self->n_questions++;
  g_set_object (&self->question, question);
  if (self->user)
    self->user (self);
}

static char *
dup_parameter (const char *url, const char *name)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED_QUERY, NULL);
  g_autoptr (GHashTable) parameters =
    g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL);

  return g_strdup (g_hash_table_lookup (parameters, name));
}

static void
browsed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GBytes) page = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);

  g_object_unref (source);
}

void
fake_signin_browse (gpointer user_data)
{
  FakeSignin *self = user_data;

  if (fluo_sign_in_get_kind (self->question) == FLUO_SIGN_IN_BROWSER)
    fake_signin_browse_url (self, fluo_sign_in_get_url (self->question));
}

void
fake_signin_browse_url (FakeSignin *self, const char *url)
{
  g_autofree char *redirect = NULL, *state = NULL, *back = NULL;
  g_autoptr (SoupMessage) message = NULL;

  redirect = dup_parameter (url, "redirect_uri");
  state = dup_parameter (url, "state");
  back = g_strdup_printf ("%s?code=CANARY-code&state=%s", redirect, state);
  message = soup_message_new ("GET", back);
  soup_session_send_and_read_async (soup_session_new (), message, 0, NULL, browsed_cb, NULL);
}

/* --- Its life --------------------------------------------------------------------------- */

static gint64
clock_cb (gpointer data)
{
  return ((FakeSignin *) data)->now_s;
}

static guint
no_pause (guint attempt, gboolean throttled, gpointer data)
{
  return 0;
}

FluoAwsSeams
fake_signin_seams (FakeSignin *self)
{
  return (FluoAwsSeams) { clock_cb, no_pause, self };
}

char *
fake_signin_path (FakeSignin *self, const char *name)
{
  return g_build_filename (self->dir, name, NULL);
}

void
fake_signin_write (FakeSignin *self, const char *name, const char *text)
{
  g_autofree char *path = fake_signin_path (self, name), *dir = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                           NULL));
}

FakeSignin *
fake_signin_new (void)
{
  FakeSignin *self = g_new0 (FakeSignin, 1);
  g_autoptr (GSList) uris = NULL;
  g_autofree char *config = NULL, *credentials = NULL;

  self->dir = fluo_test_dir_new ();
  g_setenv ("HOME", self->dir, TRUE);
  config = fake_signin_path (self, ".aws/config");
  credentials = fake_signin_path (self, ".aws/credentials");
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  soup_server_add_handler (self->server, NULL, handle, self, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (self->server);
  self->url = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_foreach (uris, (GFunc) (void (*) (void)) g_uri_unref, NULL);
  g_setenv ("AWS_ENDPOINT_URL", self->url, TRUE);
  g_setenv ("AWS_CONFIG_FILE", config, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", credentials, TRUE);
  return self;
}

void
fake_signin_reset (FakeSignin *self, const char *config)
{
  static const char *const variables[] = {
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_LOGIN_CACHE_DIRECTORY", NULL
  };
  g_autofree char *aws = fake_signin_path (self, ".aws");
  SoupServer *server = self->server;
  char *url = self->url, *dir = self->dir;
  GPtrArray *log = self->log;

  if (g_file_test (aws, G_FILE_TEST_EXISTS))
    {
      g_autofree char *aside = g_strdup_printf ("%s/old-%u", self->dir, g_random_int ());

      g_assert_cmpint (g_rename (aws, aside), ==, 0);
    }
  for (const char *const *name = variables; *name; name++)
    g_unsetenv (*name);
  g_clear_object (&self->question);
  g_free (self->authorization);
  g_ptr_array_set_size (log, 0);
  *self = (FakeSignin) { .server = server, .url = url, .dir = dir, .log = log,
                         .now_s = FAKE_NOW_S };
  fake_signin_write (self, ".aws/config", config);
}

void
fake_signin_free (FakeSignin *self)
{
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_clear_object (&self->question);
  g_free (self->authorization);
  g_ptr_array_unref (self->log);
  g_free (self->url);
  fluo_test_dir_free (self->dir);
  g_free (self);
}

guint
fake_signin_count (FakeSignin *self, const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < self->log->len; i++)
    n += g_str_has_prefix (self->log->pdata[i], prefix);
  return n;
}

FluoCredentialProvider *
fake_signin_provider (FakeSignin *self, const char *profile)
{
  const FluoCredentialQuestion question = { .profile = profile };
  FluoCredentialProvider *provider = fluo_profile_provider_new_later (&question, NULL);
  const FluoAwsSeams seams = fake_signin_seams (self);

  fluo_profile_provider_set_seams (FLUO_PROFILE_PROVIDER (provider), &seams, 1000, 1);
  fluo_credential_provider_set_clock (provider, clock_cb, self);
  return provider;
}

FluoCredentials *
fake_signin_get (FakeSignin *self, FluoCredentialProvider *provider, gboolean sign_in,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (sign_in)
    fluo_credential_provider_sign_in_async (provider, fake_signin_ask, self, NULL,
                                            fluo_test_result_cb, &result);
  else
    fluo_credential_provider_get_async (provider, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  return sign_in ? fluo_credential_provider_sign_in_finish (provider, result, error)
                 : fluo_credential_provider_get_finish (provider, result, error);
}

void
fake_signin_check_step (const FluoCredentialFacts *facts, guint i, FluoCredentialStepKind kind,
                        const char *name, const char *detail)
{
  const FluoCredentialStep *step;

  g_assert_cmpuint (facts->steps->len, >, i);
  step = facts->steps->pdata[i];
  g_assert_cmpint (step->kind, ==, kind);
  g_assert_cmpstr (step->name, ==, name);
  g_assert_cmpstr (step->detail, ==, detail);
}
