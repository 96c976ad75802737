/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-signin.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/fluo-login-keys.h"
#include "aws/fluo-redact.h"
#include "aws/fluo-sso-cache.h"
#include "aws/fluo-sts.h"
#include "aws/fluo-xray-client.h"
#include "fluo-test-util.h"

/* Programs, web identities, machines and "aws login": each gives keys, and each bad answer has its
 * message, without a secret in it. */

static FakeSignin *fake;

static void
check_keys (const char *profile, const char *access_key, const char *account)
{
  g_autoptr (FluoCredentialProvider) provider = fake_signin_provider (fake, profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fake_signin_get (fake, provider, FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, access_key);
  g_assert_cmpstr (fluo_credentials_get_account (keys), ==, account);
  g_assert_nonnull (strstr (fluo_credentials_get_secret (keys), "CANARY"));
  g_assert_null (strstr (fluo_credentials_get_source (keys), "CANARY"));
}

static void
check_refusal (const char *profile, GQuark domain, int code, const char *words)
{
  g_autoptr (FluoCredentialProvider) provider = fake_signin_provider (fake, profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fake_signin_get (fake, provider, FALSE, &error);

  g_assert_null (keys);
  g_assert_error (error, domain, code);
  g_test_message ("%s", error->message);
  if (!strstr (error->message, words))
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
  g_assert_null (strstr (error->message, "CANARY"));
}

#define check_source(profile, words) \
  check_refusal (profile, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, words)
#define check_invalid(profile, words) \
  check_refusal (profile, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID, words)

/* --- Programs ------------------------------------------------------------------- */

static void
use_program (const char *script)
{
  g_autofree char *path = NULL, *config = NULL;

  fake_signin_reset (fake, "");
  fake_signin_write (fake, "program", script);
  path = fake_signin_path (fake, "program");
  config = g_strdup_printf ("[profile p]\ncredential_process = /bin/sh \"%s\" 'CANARY arg'\n",
                            path);
  fake_signin_write (fake, ".aws/config", config);
}

#define GOOD \
  "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDPROC\",\"SecretAccessKey\":\"CANARY-p\"," \
  "\"SessionToken\":\"CANARY-t\",\"AccountId\":\"123456789012\"}'\n"

static void
test_program (void)
{
  static const struct
  {
    const char *script, *words;
  } rows[] = {
    { "cat /dev/zero", "printed more than 64 KiB" },
    { "sleep 1000", "gave no keys within 1 s and was ended" },
    { "exit 0", "printed nothing" },
    { "echo '<html>CANARY</html>'", "printed something that is no JSON object" },
    { "echo '[\"CANARY\"]'", "printed something that is no JSON object" },
    { "echo '{\"Version\":\"1\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\"}'",
      "expected \"Version\": 1" },
    { "echo '{\"Version\":2}'", "expected \"Version\": 1" },
    { "echo '{\"Version\":1,\"AccessKeyId\":\"A\"}'", "gave no secret access key" },
    { "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CAN ARY\"}'",
      "gave a key with blanks" },
    { "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\",\"Expiration\":"
      "\"2020-01-01T00:00:00Z\"}'",
      "gave keys that have expired already" },
    { "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\",\"Expiration\":"
      "\"soon\"}'",
      "gave keys with an end that is no time" },
    { "echo 'vault: log in first' >&2; echo more >&2; exit 3",
      "failed with status 3: \"vault: log in first\"" },
    { "echo \"aws_secret_access_key=CANARY token: CANARY ok\" >&2; exit 1",
      "failed with status 1: \"aws_secret_access_key=… token: … ok\"" },
    { "exit 7", "failed with status 7: it said nothing of why" },
    { "kill -9 $$", "was ended by signal 9" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      use_program (rows[i].script);
      check_source ("p", rows[i].words);
    }
  use_program (GOOD);
  check_keys ("p", "AKIDPROC", "123456789012");
  /* A child that holds the pipes open keeps nobody waiting. */
  use_program ("sleep 1000 & echo $! > \"$HOME/child\"\n" GOOD);
  check_keys ("p", "AKIDPROC", "123456789012");
  {
    g_autofree char *path = fake_signin_path (fake, "child"), *pid = fluo_test_read (path, NULL);

    kill ((pid_t) g_ascii_strtoll (pid, NULL, 10), SIGKILL);
  }
  fake_signin_reset (fake, "[profile p]\ncredential_process = /nonexistent/tool --x\n");
  check_source ("p", "can't be started");
}

static gboolean
is_gone (gpointer pid)
{
  return kill (GPOINTER_TO_INT (pid), 0) != 0 && errno == ESRCH;
}

/* What a silent program began ends with it. */
static void
test_program_group (void)
{
  g_autofree char *path = NULL, *pid = NULL;

  use_program ("sh -c 'echo $$ > \"$HOME/grandchild\"; exec sleep 1000' & wait");
  check_source ("p", "was ended");
  path = fake_signin_path (fake, "grandchild");
  pid = fluo_test_read (path, NULL);
  g_assert_true (fluo_test_wait_until (
    is_gone, GINT_TO_POINTER ((int) g_ascii_strtoll (pid, NULL, 10)), FAKE_WAIT_MS));
}

static void
test_redact (void)
{
  static const struct
  {
    const char *in, *out;
  } rows[] = {
    { "", "" },
    { "\n\n  first line \nsecond", "first line" },
    { "no /usr/lib/python3/dist-packages/botocore/credentials.py here",
      "no /usr/lib/python3/dist-packages/botocore/credentials.py here" },
    { "key AKIAIOSFODNN7EXAMPLE refused", "key … refused" },
    { "got wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY!", "got …" },
    { "Authorization: Bearer", "Authorization: …" },
    { "password=\"hunter2\" x", "password= … x" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *out = fluo_redact_line (rows[i].in, strlen (rows[i].in), 200);

      g_assert_cmpstr (out, ==, rows[i].out);
    }
}

/* --- Web identity ------------------------------------------------------------------ */

static void
test_web_identity (void)
{
  g_autofree char *config = NULL, *path = NULL;
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) one = NULL, two = NULL;
  g_autoptr (FluoCredentialFacts) facts = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL, *huge = g_strnfill (20001, 'x');

  fake_signin_reset (fake, "");
  path = fake_signin_path (fake, "token");
  config = g_strdup_printf ("[profile w]\nregion = eu-west-1\nweb_identity_token_file = %s\n"
                            "role_arn = arn:aws:iam::444455556666:role/web\n"
                            "role_session_name = me\n",
                            path);
  fake_signin_write (fake, ".aws/config", config);
  fake_signin_write (fake, "token", "CANARY.one\n");
  provider = fake_signin_provider (fake, "w");
  one = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_account (one), ==, "444455556666");
  g_assert_cmpstr (fake->log->pdata[0], ==,
                   "POST / Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                   "&RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fweb&RoleSessionName=me"
                   "&WebIdentityToken=CANARY.one");
  /* The file is read again each time. */
  fake_signin_write (fake, "token", "CANARY.two");
  fake->now_s += 3600;
  two = fake_signin_get (fake, provider, FALSE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (fake->log->pdata[1], "WebIdentityToken=CANARY.two"));
  facts = fluo_credential_provider_dup_facts (provider);
  token = fake_signin_path (fake, "token");
  fake_signin_check_step (facts, 0, FLUO_CREDENTIAL_STEP_PROFILE, "w", NULL);
  fake_signin_check_step (facts, 1, FLUO_CREDENTIAL_STEP_WEB_IDENTITY, token, "web");

  fake_signin_write (fake, "token", "\n");
  check_source ("w", "is empty");
  fake_signin_write (fake, "token", huge);
  check_source ("w", "is longer than 20,000 characters");
  fake_signin_write (fake, "token", "CANARY\r\nX-Evil: 1");
  check_source ("w", "holds more than one word");
  g_remove (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  check_source ("w", "is not a regular file");
  g_remove (path);
  check_source ("w", "can't be read");
}

static void
test_caller (void)
{
  g_autoptr (SoupSession) session = fluo_aws_session_new (NULL);
  g_autoptr (FluoCredentials) keys = fluo_credentials_new ("AKID", "CANARY", NULL, "test");
  FluoSts sts = { session, fake->url, "eu-west-1", fake_signin_seams (fake) };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *account = NULL, *arn = NULL;

  fake_signin_reset (fake, "");
  fluo_sts_get_caller_async (&sts, keys, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FAKE_WAIT_MS));
  arn = fluo_sts_get_caller_finish (result, &account, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (arn, ==, "arn:aws:iam::111122223333:user/alice");
  g_assert_cmpstr (account, ==, "111122223333");
}

/* --- Machines ------------------------------------------------------------------------- */

static void
test_container (void)
{
  static const char *const bad[] = { "http://169.254.170.3/x", "http://example.com/c",
                                     "http://127.0.0.1.evil.com/", "ftp://127.0.0.1/",
                                     "http://a@127.0.0.1/", "http://[fd00:ec2::24]/", "//x", "" };
  static const char *const good[] = { "https://anything.example/", "http://localhost:1/x?y=z",
                                      "http://127.1.2.3/", "http://[::1]:80/",
                                      "http://169.254.170.2/v2", "http://169.254.170.23/v1",
                                      "http://[fd00:ec2::23]/v1" };
  g_autofree char *url = g_strconcat (fake->url, "/container", NULL), *path = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (fluo_container_url_check (bad[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (fluo_container_url_check (good[i], NULL));

  fake_signin_reset (fake, "[profile r]\nrole_arn = arn:aws:iam::444455556666:role/r\n"
                           "credential_source = EcsContainer\n");
  check_invalid ("r", "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, TRUE);
  check_keys (NULL, "ASIAECS", "777788889999");
  g_assert_null (fake->authorization);
  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic CANARY-a", TRUE);
  check_keys (NULL, "ASIAECS", "777788889999");
  g_assert_cmpstr (fake->authorization, ==, "Basic CANARY-a");
  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "CANARY\r\nX-Evil: 1", TRUE);
  check_invalid (NULL, "more than one line");
  fake_signin_write (fake, "token", "CANARY-file\n");
  path = fake_signin_path (fake, "token");
  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, TRUE);
  check_keys (NULL, "ASIAECS", "777788889999");
  g_assert_cmpstr (fake->authorization, ==, "CANARY-file");
  check_keys ("r", "ASIASTS1", "444455556666");
  fake->html = TRUE;
  check_source (NULL, "the container's endpoint gave no JSON object");
  fake->html = FALSE;
  fake->n_busy = 5;
  check_refusal (NULL, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE, "gave no keys: ");
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/", TRUE);
  check_invalid (NULL, "names no host that may give out keys");
}

static void
test_metadata (void)
{
  fake_signin_reset (fake, "[profile i]\nrole_arn = arn:aws:iam::444455556666:role/r\n"
                           "credential_source = Ec2InstanceMetadata\n");
  g_setenv ("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake->url, TRUE);
  /* Never by itself. */
  check_refusal (NULL, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_NONE, "no AWS credentials");
  g_assert_cmpuint (fake->log->len, ==, 0);
  check_keys ("i", "ASIASTS1", "444455556666");
  g_assert_cmpuint (fake_signin_count (fake, "PUT /latest/api/token"), ==, 1);
  g_setenv ("AWS_EC2_METADATA_DISABLED", "false", TRUE);
  check_keys (NULL, "ASIAIMDS", NULL);
  fake->metadata_code = "Failed";
  check_source (NULL, "has no keys for the role web-role");
  fake->metadata_token_status = 403;
  check_refusal (NULL, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS, "metadata service gave no keys");
  fake->metadata_token_status = 0;
  fake->html = TRUE;
  check_source (NULL, "the instance's metadata service gave no token");
  g_setenv ("AWS_EC2_METADATA_DISABLED", "true", TRUE);
  check_invalid ("i", "AWS_EC2_METADATA_DISABLED switches off");
}

/* --- "aws login" -------------------------------------------------------------------------- */

#define SESSION "arn:aws:sts::111122223333:assumed-role/Admin/alice"

static char *
make_pem (void)
{
  gnutls_x509_privkey_t key;
  gnutls_datum_t pem;
  char *text;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                     key, GNUTLS_PK_ECDSA,
                     GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
  text = g_strndup ((char *) pem.data, pem.size);
  gnutls_free (pem.data);
  gnutls_x509_privkey_deinit (key);
  return text;
}

static void
write_login (const char *pem, const char *expires)
{
  g_autofree char *path = fluo_login_keys_dup_path (SESSION), *dir = g_path_get_dirname (path);
  g_autoptr (GString) text = g_string_new (NULL);
  FluoJsonWriter writer;

  g_mkdir_with_parents (dir, 0700);
  fluo_json_writer_init (&writer, text);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "accessToken");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "accessKeyId");
  fluo_json_writer_string (&writer, "ASIALOGIN1");
  fluo_json_writer_key (&writer, "secretAccessKey");
  fluo_json_writer_string (&writer, "CANARY-l1");
  fluo_json_writer_key (&writer, "sessionToken");
  fluo_json_writer_string (&writer, "CANARY-lt1");
  fluo_json_writer_key (&writer, "accountId");
  fluo_json_writer_string (&writer, "111122223333");
  fluo_json_writer_key (&writer, "expiresAt");
  fluo_json_writer_string (&writer, expires);
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_key (&writer, "clientId");
  fluo_json_writer_string (&writer, "arn:aws:signin:::devtools/same-device");
  fluo_json_writer_key (&writer, "refreshToken");
  fluo_json_writer_string (&writer, "CANARY-lr1");
  fluo_json_writer_key (&writer, "idToken");
  fluo_json_writer_string (&writer, "kept as it is");
  if (pem)
    {
      fluo_json_writer_key (&writer, "dpopKey");
      fluo_json_writer_string (&writer, pem);
    }
  fluo_json_writer_end (&writer, '}');
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static void
test_login (void)
{
  g_autofree char *pem = make_pem (), *text = NULL;
  g_autofree char *path = NULL, *name = NULL;

  fake_signin_reset (fake, "[profile l]\nregion = eu-west-1\nlogin_session = " SESSION "\n");
  path = fluo_login_keys_dup_path (SESSION);
  name = g_path_get_basename (path);
  g_assert_cmpstr (name, ==,
                   "72e85d728f74f2df867f4babc6055141a06cb5ffde91531dd1581b51322a3e8e.json");
  check_refusal ("l", FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                 "has no cache on this computer; run \"aws login --profile l\"");
  write_login (pem, "2027-01-15T08:10:00Z");
  check_keys ("l", "ASIALOGIN1", "111122223333");
  g_assert_cmpuint (fake->log->len, ==, 0);
  /* Five minutes before its end it is renewed, and the tool finds the new one. */
  write_login (pem, "2027-01-15T08:04:59Z");
  check_keys ("l", "ASIALOGIN2", "111122223333");
  g_assert_true (fake->proof_was_good);
  text = fluo_test_read (path, NULL);
  g_assert_nonnull (strstr (text, "CANARY-lr2"));
  g_assert_nonnull (strstr (text, "kept as it is"));
  g_assert_nonnull (strstr (text, "BEGIN EC PRIVATE KEY"));
  g_assert_null (strstr (text, "CANARY-lr1"));
  g_assert_nonnull (strstr (text, "2027-01-15T08:15:00Z"));
  check_keys ("l", "ASIALOGIN2", "111122223333");

  write_login (pem, "2027-01-15T07:00:00Z");
  fake->login_error = "TOKEN_EXPIRED";
  check_refusal ("l", FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN, "is over; run");
  fake->login_error = "USER_CREDENTIALS_CHANGED";
  check_refusal ("l", FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN, "password changed");
  fake->login_error = "INSUFFICIENT_PERMISSIONS";
  check_refusal ("l", FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS, "can't be renewed");
  fake->login_error = NULL;
  write_login ("-----BEGIN EC PRIVATE KEY-----\nCANARY\n-----END EC PRIVATE KEY-----\n",
               "2027-01-15T07:00:00Z");
  check_source ("l", "the session's key is damaged");
  write_login (NULL, "2027-01-15T07:00:00Z");
  check_refusal ("l", FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN, "is incomplete");
}

/* --- Beginning a session of "aws login" ------------------------------------------------- */

static char *login_pem;

/* The user runs the command; the tool writes its file in two steps, as it does. */
static void
run_command (gpointer data)
{
  g_autofree char *path = fluo_login_keys_dup_path (SESSION);

  g_assert_cmpint (fluo_sign_in_get_kind (fake->question), ==, FLUO_SIGN_IN_COMMAND);
  g_assert_cmpstr (fluo_sign_in_get_command (fake->question), ==, "aws login --profile l");
  g_assert_null (fluo_sign_in_get_user_code (fake->question));
  g_assert_null (fluo_sign_in_get_url (fake->question));
  write_login (login_pem, "2027-01-15T08:14:00Z");
}

static void
give_up (gpointer data)
{
  fluo_sign_in_cancel (fake->question);
}

static void
let_time_pass (gpointer data)
{
  fake->now_s += 601;
}

static void
test_login_begun (void)
{
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) keys = NULL, none = NULL, late = NULL;
  g_autoptr (GError) error = NULL;

  login_pem = make_pem ();
  fake_signin_reset (fake, "[profile l]\nregion = eu-west-1\nlogin_session = " SESSION "\n");
  provider = fake_signin_provider (fake, "l");
  fake->user = give_up;
  none = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  fake->user = let_time_pass;
  late = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "within ten minutes"));
  g_clear_error (&error);
  fake->now_s = FAKE_NOW_S;
  fake->user = run_command;
  keys = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIALOGIN1");
  g_assert_cmpuint (fake->n_questions, ==, 3);
  g_assert_false (fluo_sign_in_is_open (fake->question));
  /* A session that is over ends the same way. */
  write_login (login_pem, "2027-01-15T07:00:00Z");
  fake->login_error = "TOKEN_EXPIRED";
  fluo_credential_provider_refuse (provider, keys);
  g_clear_object (&provider);
  g_clear_pointer (&keys, fluo_credentials_unref);
  provider = fake_signin_provider (fake, "l");
  keys = fake_signin_get (fake, provider, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake->n_questions, ==, 4);
  g_clear_pointer (&login_pem, g_free);
}

int
main (int argc, char **argv)
{
  int result;

  fake = fake_signin_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/key-sources/program", test_program);
  g_test_add_func ("/aws/key-sources/program-group", test_program_group);
  g_test_add_func ("/aws/key-sources/redact", test_redact);
  g_test_add_func ("/aws/key-sources/web-identity", test_web_identity);
  g_test_add_func ("/aws/key-sources/caller", test_caller);
  g_test_add_func ("/aws/key-sources/container", test_container);
  g_test_add_func ("/aws/key-sources/metadata", test_metadata);
  g_test_add_func ("/aws/key-sources/login", test_login);
  g_test_add_func ("/aws/key-sources/login-begun", test_login_begun);
  result = g_test_run ();
  fake_signin_free (fake);
  return result;
}
