/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-signin.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/fluo-sso-cache.h"
#include "aws/fluo-sso-private.h"
#include "aws/fluo-xray-client.h"
#include "fluo-test-util.h"

/* What only the user can do: signing in to IAM Identity Center, and codes of MFA devices. */

static FakeSignin *fake;

#define START "https://d-1234567890.awsapps.com/start"
#define SSO \
  "[sso-session corp]\nsso_start_url = " START "\nsso_region = eu-west-1\n" \
  "sso_registration_scopes = sso:account:access, other:scope\n" \
  "[profile s]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 111122223333\n" \
  "sso_role_name = Read\n" \
  "[profile none]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Nobody\n" \
  "[profile old]\nregion = eu-west-1\nsso_start_url = " START "\nsso_region = eu-west-1\n" \
  "sso_account_id = 111122223333\nsso_role_name = Read\n"

static void
write_token (const char *key, const char *expires, const char *rest)
{
  g_autofree char *path = fluo_sso_token_dup_path (key), *dir = g_path_get_dirname (path);
  g_autofree char *text = g_strdup_printf (
    "{\"startUrl\": \"" START "\", \"region\": \"eu-west-1\", \"accessToken\": \"CANARY-old\", "
    "\"expiresAt\": %s%s}",
    expires, rest);

  g_mkdir_with_parents (dir, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

#define RENEWABLE \
  ", \"clientId\": \"c\", \"clientSecret\": \"CANARY-client\", \"registrationExpiresAt\": " \
  "\"2027-03-01T00:00:00Z\", \"refreshToken\": \"CANARY-r\", \"unknown\": {\"kept\": [1, 2]}"

static void
check (const char *profile, gboolean sign_in, const char *access_key)
{
  g_autoptr (FluoCredentialProvider) provider = fake_signin_provider (fake, profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fake_signin_get (fake, provider, sign_in, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, access_key);
}

static void
check_failure (const char *profile, gboolean sign_in, GQuark domain, int code, const char *words)
{
  g_autoptr (FluoCredentialProvider) provider = fake_signin_provider (fake, profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fake_signin_get (fake, provider, sign_in, &error);

  g_assert_null (keys);
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  if (!strstr (error->message, words))
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
  g_assert_null (strstr (error->message, "CANARY"));
  if (fake->question)
    g_assert_false (fluo_sign_in_is_open (fake->question));
}

#define check_sign_in(profile, sign_in, words) \
  check_failure (profile, sign_in, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN, words)

static char *
read_token_file (const char *key)
{
  g_autofree char *path = fluo_sso_token_dup_path (key);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  return fluo_test_read (path, NULL);
}

/* --- Tokens that are there ---------------------------------------------------- */

static void
test_cached (void)
{
  g_autofree char *path = fluo_sso_token_dup_path ("corp"), *text = NULL, *name = NULL;
  g_autofree char *old = fluo_sso_token_dup_path (START);
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) keys = NULL;
  g_autoptr (FluoCredentialFacts) facts = NULL;

  name = g_path_get_basename (path);
  g_assert_cmpstr (name, ==, "ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
  g_assert_true (g_str_has_suffix (old, "/7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json"));
  fake_signin_reset (fake, SSO);
  check_sign_in ("s", FALSE, "nobody is signed in to the SSO session \"corp\"; sign in");
  write_token ("corp", "\"2027-01-15T16:00:00Z\"", "");
  provider = fake_signin_provider (fake, "s");
  keys = fake_signin_get (fake, provider, FALSE, NULL);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIASSORead");
  g_assert_cmpint (fluo_credentials_get_expires (keys), ==, FAKE_NOW_S + 3600);
  facts = fluo_credential_provider_dup_facts (provider);
  fake_signin_check_step (facts, 0, FLUO_CREDENTIAL_STEP_PROFILE, "s", NULL);
  fake_signin_check_step (facts, 1, FLUO_CREDENTIAL_STEP_SSO, "corp", "Read");
  g_assert_cmpstr (facts->account, ==, "111122223333");
  g_assert_cmpuint (facts->passed->len, ==, 2);
  g_assert_false (facts->needs_sign_in);
  g_assert_cmpstr (fake->log->pdata[0], ==,
                   "GET /federation/credentials?role_name=Read&account_id=111122223333 ");
  /* The old files' spelling of the zone, and numbers. */
  write_token ("corp", "\"2027-01-15T16:00:00UTC\"", "");
  check ("s", FALSE, "ASIASSORead");
  write_token ("corp", "1800028800", "");
  check ("s", FALSE, "ASIASSORead");
  write_token (START, "\"2027-01-15T16:00:00Z\"", "");
  check ("old", FALSE, "ASIASSORead");
  check_failure ("none", FALSE, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS,
                 "role Nobody in account 111122223333 is out of reach");
  write_token ("corp", "\"2027-01-15T07:59:59Z\"", "");
  check_sign_in ("s", FALSE, "the SSO session \"corp\" has expired; sign in again");
  write_token ("corp", "\"never\"", "");
  check_sign_in ("s", FALSE, "has expired");
}

/* Files that are damaged, somebody's else or no files: never a crash, and signing in is offered. */
static void
test_bad_cache (void)
{
  static const char *const texts[] = { "", "{", "{\"accessToken\": \"CANARY", "[]", "null", "\xff",
                                       "{\"accessToken\": 7}", "{\"accessToken\": \"a\\nb\"}" };
  g_autofree char *path = fluo_sso_token_dup_path ("corp"), *dir = g_path_get_dirname (path);
  g_autofree char *elsewhere = NULL;

  fake_signin_reset (fake, SSO);
  g_mkdir_with_parents (dir, 0700);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      check_sign_in ("s", FALSE, "sign in");
    }
  g_remove (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  check_failure ("s", FALSE, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                 "it is not a regular file; remove it and sign in again");
  g_remove (path);
  /* A link is read, but never written through. */
  elsewhere = fake_signin_path (fake, "elsewhere");
  fake_signin_write (fake, "elsewhere", "{\"mine\": 1}");
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  fake->user = fake_signin_browse;
  check ("s", TRUE, "ASIASSORead");
  {
    g_autofree char *text = fluo_test_read (elsewhere, NULL);

    g_assert_cmpstr (text, ==, "{\"mine\": 1}");
  }
}

/* A token is renewed a quarter of an hour before its end, for everybody. */
static void
test_renewal (void)
{
  g_autofree char *text = NULL;

  fake_signin_reset (fake, SSO);
  write_token ("corp", "\"2027-01-15T08:14:59Z\"", RENEWABLE);
  check ("s", FALSE, "ASIASSORead");
  g_assert_cmpuint (fake_signin_count (fake, "POST /token"), ==, 1);
  text = read_token_file ("corp");
  g_assert_nonnull (strstr (text, "\"accessToken\":\"CANARY-access-renewed\""));
  g_assert_nonnull (strstr (text, "\"refreshToken\":\"CANARY-refresh-renewed\""));
  g_assert_nonnull (strstr (text, "\"expiresAt\":\"2027-01-15T16:00:00Z\""));
  g_assert_nonnull (strstr (text, "\"unknown\":{\"kept\": [1, 2]}"));
  g_assert_nonnull (strstr (text, "\"startUrl\":\"" START "\""));
  check ("s", FALSE, "ASIASSORead");
  g_assert_cmpuint (fake_signin_count (fake, "POST /token"), ==, 1);

  /* A renewal that fails while the token lives is no failure. */
  write_token ("corp", "\"2027-01-15T08:05:00Z\"", RENEWABLE);
  fake->refuses_renewal = TRUE;
  check ("s", FALSE, "ASIASSORead");
  write_token ("corp", "\"2027-01-15T07:05:00Z\"", RENEWABLE);
  check_sign_in ("s", FALSE, "has expired; sign in again");
  fake->renewal_status = 500;
  check_failure ("s", FALSE, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE, "can't be renewed");
  /* A token that the portal refuses is renewed once. */
  fake->refuses_renewal = FALSE;
  fake->good_token = "CANARY-access-renewed";
  write_token ("corp", "\"2027-01-15T16:00:00Z\"", RENEWABLE);
  check ("s", FALSE, "ASIASSORead");
  fake->good_token = "another";
  check_failure ("s", FALSE, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS, "out of reach");
}

/* --- Signing in ------------------------------------------------------------------- */

static void
test_device (void)
{
  g_autofree char *text = NULL;

  fake_signin_reset (fake, SSO);
  fake->n_pending = 5;
  fake->n_slow = 2;
  check ("old", TRUE, "ASIASSORead");
  g_assert_cmpuint (fake_signin_count (fake, "POST /token"), ==, 8);
  g_assert_cmpint (fluo_sign_in_get_kind (fake->question), ==, FLUO_SIGN_IN_DEVICE);
  g_assert_cmpstr (fluo_sign_in_get_user_code (fake->question), ==, "ABCD-EFGH");
  g_assert_cmpstr (fluo_sign_in_get_url (fake->question), ==,
                   "https://device.sso.eu-west-1.amazonaws.com/");
  g_assert_cmpstr (fluo_sign_in_get_profile (fake->question), ==, "old");
  g_assert_cmpstr (fluo_sign_in_get_subject (fake->question), ==, START);
  g_assert_false (fluo_sign_in_is_open (fake->question));
  text = read_token_file (START);
  g_assert_nonnull (strstr (text, "CANARY-access-device"));
  check ("old", FALSE, "ASIASSORead");

  fake_signin_reset (fake, SSO);
  fake->token_error = "expired_token";
  check_sign_in ("old", TRUE, "nobody signed in before the code expired");
  fake->token_error = "access_denied";
  check_sign_in ("old", TRUE, "refused in the browser");
  fake->token_error = "invalid_client";
  check_failure ("old", TRUE, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST, "invalid_client");
  fake->token_error = NULL;
  fake->verification = "http://device.sso.eu-west-1.amazonaws.com/";
  check_failure ("old", TRUE, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, "malformed");
  fake->verification = "https://device.amazonaws.com.evil.com/";
  check_failure ("old", TRUE, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, "malformed");
  fake->verification = NULL;
  fake->html = TRUE;
  check_failure ("old", TRUE, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL, "no JSON object");
}

static guint
get_status (const char *url)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) body = NULL;

  soup_session_send_and_read_async (session, message, 0, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  body = soup_session_send_and_read_finish (session, result, NULL);
  return body ? soup_message_get_status (message) : 0;
}

static char *
dup_part (const char *url, const char *name)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED_QUERY, NULL);
  g_autoptr (GHashTable) parameters =
    g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL);

  return g_strdup (g_hash_table_lookup (parameters, name));
}

/* Asks in the way of others first: none of it ends the sign-in. */
static void
try_to_mislead (gpointer data)
{
  const char *url = fluo_sign_in_get_url (fake->question);
  g_autofree char *redirect = dup_part (url, "redirect_uri"), *state = dup_part (url, "state");
  const char *formats[] = { "%s?code=CANARY-evil&state=%s0", "%s?code=CANARY-evil", "%s?state=%s",
                            "%s?code=a&code=b&state=%s", "%s?code=&state=%s",
                            "%s/x?code=a&state=%s" };
  g_autofree char *any = NULL;

  g_assert_true (g_str_has_prefix (redirect, "http://127.0.0.1:"));
  g_assert_true (g_str_has_suffix (redirect, "/oauth/callback"));
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *evil = g_strdup_printf (formats[i], redirect, state);

      g_assert_cmpuint (get_status (evil), >=, 400);
    }
  g_assert_true (fluo_sign_in_is_open (fake->question));
  fake_signin_browse (fake);
}

static char *used_redirect;

static void
browse_and_remember (gpointer data)
{
  g_free (used_redirect);
  used_redirect = dup_part (fluo_sign_in_get_url (fake->question), "redirect_uri");
  fake_signin_browse (data);
}

static void
refuse_in_browser (gpointer data)
{
  const char *url = fluo_sign_in_get_url (fake->question);
  g_autofree char *redirect = dup_part (url, "redirect_uri"), *state = dup_part (url, "state");
  g_autofree char *back = g_strdup_printf (
    "%s?error=access_denied&error_description=not+%%3Cb%%3Etoday%%3C/b%%3E&state=%s", redirect,
    state);

  g_assert_cmpuint (get_status (back), ==, 200);
}

static void
choose_device (gpointer data)
{
  if (fluo_sign_in_get_kind (fake->question) == FLUO_SIGN_IN_BROWSER)
    fluo_sign_in_use_device (fake->question);
}

static void
test_browser (void)
{
  const char *url;
  g_autofree char *text = NULL, *challenge = NULL, *scopes = NULL;
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) one = NULL, two = NULL;
  g_autoptr (GError) error = NULL;

  fake_signin_reset (fake, SSO);
  fake->user = try_to_mislead;
  check ("s", TRUE, "ASIASSORead");
  url = fluo_sign_in_get_url (fake->question);
  challenge = dup_part (url, "code_challenge");
  scopes = dup_part (url, "scopes");
  g_assert_cmpuint (strlen (challenge), ==, 43);
  g_assert_cmpstr (scopes, ==, "sso:account:access other:scope");
  g_assert_nonnull (strstr (fake->log->pdata[0], "\"grantTypes\":[\"authorization_code\","
                                                 "\"refresh_token\"]"));
  g_assert_nonnull (strstr (fake->log->pdata[0], "\"issuerUrl\":\"" START "\""));
  text = read_token_file ("corp");
  g_assert_nonnull (strstr (text, "CANARY-access-browser"));
  g_assert_nonnull (strstr (text, "\"registrationExpiresAt\":\"2027-04-15T08:00:00Z\""));

  /* Who signs in again though all is well is led to the browser, past the token that is kept. */
  provider = fake_signin_provider (fake, "s");
  one = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_no_error (error);
  fake->n_questions = 0;
  two = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake->n_questions, ==, 1);
  g_assert_true (two != one);

  /* Nobody listens after it. */
  fake_signin_reset (fake, SSO);
  fake->user = browse_and_remember;
  check ("s", TRUE, "ASIASSORead");
  g_assert_cmpuint (get_status (used_redirect), ==, 0);
  g_clear_pointer (&used_redirect, g_free);

  fake_signin_reset (fake, SSO);
  fake->user = refuse_in_browser;
  check_sign_in ("s", TRUE, "signing in was refused: not <b>today</b>");
  fake->user = choose_device;
  check ("s", TRUE, "ASIASSORead");
  g_assert_cmpuint (fake->n_questions, ==, 3);
  g_assert_cmpint (fluo_sign_in_get_kind (fake->question), ==, FLUO_SIGN_IN_DEVICE);
}

static void
cancel_it (gpointer data)
{
  fluo_sign_in_cancel (fake->question);
}

static void
test_cancelled (void)
{
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_us;

  fake_signin_reset (fake, SSO);
  fake->user = cancel_it;
  check_failure ("s", TRUE, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  fake->n_pending = 1000000;
  check_failure ("old", TRUE, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  /* By who asked for the keys. */
  fake->user = NULL;
  provider = fake_signin_provider (fake, "s");
  fluo_credential_provider_sign_in_async (provider, fake_signin_ask, fake, cancellable,
                                          fluo_test_result_cb, &result);
  while (fake->n_questions < 3)
    g_main_context_iteration (NULL, TRUE);
  begin_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  g_test_message ("cancelled after %" G_GINT64_FORMAT " us", g_get_monotonic_time () - begin_us);
  g_assert_null (fluo_credential_provider_sign_in_finish (provider, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  while (fluo_sign_in_is_open (fake->question))
    g_main_context_iteration (NULL, TRUE);
}

/* --- Accounts and roles -------------------------------------------------------------- */

static void
test_lists (void)
{
  g_autoptr (GPtrArray) sessions = NULL, accounts = NULL, roles = NULL, none = NULL;
  g_autoptr (SoupSession) session = fluo_aws_session_new (NULL);
  FluoKeyContext context = { .session = session, .seams = fake_signin_seams (fake),
                             .ask = fake_signin_ask, .ask_data = fake, .second_ms = 1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  FluoSsoSession *corp;

  fake_signin_reset (fake, SSO);
  sessions = fluo_sso_session_list ();
  g_assert_cmpuint (sessions->len, ==, 1);
  corp = sessions->pdata[0];
  g_assert_cmpstr (fluo_sso_session_get_title (corp), ==, "corp");
  fake->user = fake_signin_browse;
  fake->n_pages = 3;
  fluo_sso_list_accounts_async (corp, &context, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  accounts = fluo_sso_list_accounts_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 3);
  g_assert_cmpstr (((FluoSsoAccount *) accounts->pdata[0])->name, ==, "account 7");
  g_clear_object (&result);
  fluo_sso_list_roles_async (corp, "000000000001", &context, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  roles = fluo_sso_list_roles_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (roles->len, ==, 2);
  g_assert_cmpstr (roles->pdata[0], ==, "Read");
  g_clear_object (&result);
  /* A page that names itself is no list without an end. */
  fake->n_pages = 0;
  fluo_sso_list_accounts_async (corp, &context, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  none = fluo_sso_list_accounts_finish (result, &error);
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
}

/* A role chosen from the lists needs no profile. */
static void
test_without_profile (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoSsoSession) session = NULL;
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) keys = NULL;
  FluoAwsSeams seams = fake_signin_seams (fake);

  fake_signin_reset (fake, "");
  session = fluo_sso_session_new (NULL, START, "eu-west-1", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (fluo_sso_session_new (NULL, "http://x.awsapps.com", "eu-west-1", NULL, NULL,
                                       NULL));
  g_assert_null (fluo_sso_session_new (NULL, START, "x.evil.com/", NULL, NULL, NULL));
  provider = fluo_profile_provider_new_later (
    &(FluoCredentialQuestion) { .sso = session, .sso_account = "111122223333", .sso_role = "Read",
                                .region = "eu-west-1",
                                .role_arn = "arn:aws:iam::444455556666:role/traces" },
    NULL);
  fluo_profile_provider_set_seams (FLUO_PROFILE_PROVIDER (provider), &seams, 0, 1);
  keys = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_account (keys), ==, "444455556666");
}

/* --- Codes of devices ------------------------------------------------------------------ */

#define MFA \
  "[default]\nregion = eu-west-1\naws_access_key_id = AKIDUSER\n" \
  "aws_secret_access_key = CANARY-user\n" \
  "[profile m]\nregion = eu-west-1\nrole_arn = arn:aws:iam::444455556666:role/r\n" \
  "source_profile = default\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n" \
  "[profile n]\nregion = eu-west-1\nrole_arn = arn:aws:iam::444455556666:role/next\n" \
  "source_profile = m\n"

static void
type_code (gpointer data)
{
  g_assert_false (fluo_sign_in_answer (fake->question, "12345"));
  g_assert_false (fluo_sign_in_answer (fake->question, "12345a"));
  g_assert_false (fluo_sign_in_answer (fake->question, "1234567"));
  g_assert_true (fluo_sign_in_answer (fake->question, " 123 456 "));
}

/* The first code is another one. */
static void
type_other_code (gpointer data)
{
  const char *code = fluo_sign_in_is_again (fake->question) ? "654321" : "123456";

  g_assert_true (fluo_sign_in_answer (fake->question, code));
}

static void
test_code (void)
{
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) one = NULL, two = NULL, three = NULL, four = NULL, five = NULL;
  g_autoptr (FluoCredentials) six = NULL;
  g_autoptr (FluoCredentialFacts) facts = NULL;
  g_autoptr (GError) error = NULL;

  fake_signin_reset (fake, MFA);
  fake->code = "123456";
  check_sign_in ("m", FALSE, "needs a code of the device arn:aws:iam::111122223333:mfa/alice");
  g_assert_cmpuint (fake->n_questions, ==, 0);
  fake->user = type_code;
  /* A chain asks once, and its renewal uses what the code got as long as that lives. */
  provider = fake_signin_provider (fake, "n");
  one = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake->n_questions, ==, 1);
  g_assert_cmpstr (fluo_sign_in_get_subject (fake->question), ==,
                   "arn:aws:iam::111122223333:mfa/alice");
  g_assert_cmpstr (fluo_sign_in_get_profile (fake->question), ==, "m");
  g_assert_nonnull (strstr (fake->log->pdata[0],
                            "&SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2Falice"
                            "&TokenCode=123456"));
  g_assert_cmpuint (fake->log->len, ==, 2);
  fake->now_s += 3600 - 9 * 60;
  two = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake->log->len, ==, 3);
  g_assert_cmpuint (fake->n_questions, ==, 1);
  /* Its end needs the user again, and says so without asking. */
  fake->now_s += 3600;
  three = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN);
  facts = fluo_credential_provider_dup_facts (provider);
  g_assert_true (facts->needs_sign_in);
  g_assert_cmpuint (fake->n_questions, ==, 1);

  /* A code that was not taken is asked for again, which the question says. */
  fake->n_questions = 0;
  fake->code = "654321";
  fake->user = type_other_code;
  g_clear_object (&provider);
  provider = fake_signin_provider (fake, "m");
  g_clear_error (&error);
  four = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake->n_questions, ==, 2);
  /* Who has good keys and signs in again is asked again; giving up leaves the keys. */
  five = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (five), !=,
                   fluo_credentials_get_access_key (four));
  g_assert_cmpuint (fake->n_questions, ==, 4);
  fake->user = cancel_it;
  g_assert_null (fake_signin_get (fake, provider, TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  six = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (six == five);
  fake->user = cancel_it;
  check_failure ("m", TRUE, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
}

/* Who gave a code to the AWS CLI need not give another. */
static void
test_cli_cache (void)
{
  FluoAwsRole role = { .arn = (char *) "arn:aws:iam::111122223333:role/r" };
  g_autofree char *plain = fluo_aws_role_dup_cache_path (&role), *with_id = NULL, *path = NULL;
  g_autofree char *dir = g_path_get_dirname (plain);
  FluoAwsRole mfa = { .arn = (char *) "arn:aws:iam::444455556666:role/r",
                      .mfa_serial = (char *) "arn:aws:iam::111122223333:mfa/alice" };
#define CACHED(end) \
  "{\"Credentials\": {\"AccessKeyId\": \"ASIACLI\", \"SecretAccessKey\": \"CANARY-cli\", " \
  "\"SessionToken\": \"CANARY-clit\", \"Expiration\": \"" end "\", \"Extra\": [1]}, " \
  "\"AssumedRoleUser\": {\"Arn\": \"x\"}, \"ResponseMetadata\": {}}"

  g_assert_true (g_str_has_suffix (plain, "/e2d92bb0968bc57e345aa2b57c84f636d95a03fd.json"));
  role.external_id = (char *) "x";
  with_id = fluo_aws_role_dup_cache_path (&role);
  g_assert_true (g_str_has_suffix (with_id, "/697521a4add1fd7e0bb4cec1fc140a0457451ffe.json"));

  fake_signin_reset (fake, MFA);
  g_mkdir_with_parents (dir, 0700);
  path = fluo_aws_role_dup_cache_path (&mfa);
  g_assert_true (g_file_set_contents (path, CACHED ("2027-01-15T08:30:00+00:00"), -1, NULL));
  check ("m", FALSE, "ASIACLI");
  g_assert_cmpuint (fake->log->len, ==, 0);
  g_assert_true (g_file_set_contents (path, CACHED ("2027-01-15T08:14:00Z"), -1, NULL));
  check_sign_in ("m", FALSE, "needs a code");
  g_assert_true (g_file_set_contents (path, CACHED ("0001-01-01T00:00:00Z"), -1, NULL));
  check_sign_in ("m", FALSE, "needs a code");
  g_assert_true (g_file_set_contents (path, "{\"Credentials\": 1}", -1, NULL));
  check_sign_in ("m", FALSE, "needs a code");
}

/* --- The AWS CLI writes in place ---------------------------------------------------------- */

static gpointer
write_in_place (gpointer data)
{
  g_autofree char *path = fluo_sso_token_dup_path ("corp");
  static const char text[] = "{\"startUrl\": \"u\", \"region\": \"r\", \"accessToken\": "
                             "\"CANARY-whole\", \"expiresAt\": \"2027-01-15T16:00:00Z\"}";

  while (!g_atomic_int_get ((int *) data))
    {
      FILE *file = fopen (path, "w");

      fwrite (text, 1, 30, file);
      fflush (file);
      fwrite (text + 30, 1, strlen (text) - 30, file);
      fclose (file);
      g_usleep (500);
    }
  return NULL;
}

static void
test_race (void)
{
  int stop = 0;
  guint n_found = 0;
  gint64 longest_us = 0;
  GThread *writer;

  fake_signin_reset (fake, SSO);
  write_token ("corp", "\"2027-01-15T16:00:00Z\"", "");
  writer = g_thread_new ("writer", write_in_place, &stop);
  for (guint i = 0; i < 300 || n_found == 0; i++)
    {
      gint64 begin_us = g_get_monotonic_time ();
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoSsoToken) token = fluo_sso_token_load ("corp", &error);

      g_assert_no_error (error);
      longest_us = MAX (longest_us, g_get_monotonic_time () - begin_us);
      if (!token)
        continue;
      n_found++;
      if (strcmp (token->access_token, "CANARY-old") != 0)
        g_assert_cmpstr (token->access_token, ==, "CANARY-whole");
    }
  g_atomic_int_set (&stop, 1);
  g_thread_join (writer);
  g_test_message ("%u of 300 found, the longest took %" G_GINT64_FORMAT " us", n_found,
                  longest_us);
  g_assert_cmpuint (n_found, >, 0);
}

/* --- Nothing secret in what is logged -------------------------------------------------------- */

static void
all_ways (void)
{
  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  fake_signin_reset (fake, SSO);
  fake->user = fake_signin_browse;
  check ("s", TRUE, "ASIASSORead");
  check ("old", TRUE, "ASIASSORead");
  fake->refuses_renewal = TRUE;
  write_token ("corp", "\"2027-01-15T07:05:00Z\"", RENEWABLE);
  check_sign_in ("s", FALSE, "sign in");
  fake_signin_reset (fake, MFA);
  fake->user = type_code;
  check ("n", TRUE, "ASIASTS2");
  fake_signin_reset (fake, "[profile p]\ncredential_process = sh -c 'echo CANARY; echo "
                           "secret=CANARY >&2; exit 1'\n");
  check_failure ("p", FALSE, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, "status 1");
}

static void
test_canary (void)
{
  if (g_test_subprocess ())
    {
      all_ways ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout_unmatched ("*CANARY*");
  g_test_trap_assert_stderr_unmatched ("*CANARY*");
}

int
main (int argc, char **argv)
{
  int result;

  fake = fake_signin_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/signin/cached", test_cached);
  g_test_add_func ("/aws/signin/bad-cache", test_bad_cache);
  g_test_add_func ("/aws/signin/renewal", test_renewal);
  g_test_add_func ("/aws/signin/device", test_device);
  g_test_add_func ("/aws/signin/browser", test_browser);
  g_test_add_func ("/aws/signin/cancelled", test_cancelled);
  g_test_add_func ("/aws/signin/lists", test_lists);
  g_test_add_func ("/aws/signin/without-profile", test_without_profile);
  g_test_add_func ("/aws/signin/code", test_code);
  g_test_add_func ("/aws/signin/cli-cache", test_cli_cache);
  g_test_add_func ("/aws/signin/race", test_race);
  g_test_add_func ("/aws/signin/canary", test_canary);
  result = g_test_run ();
  fake_signin_free (fake);
  return result;
}
