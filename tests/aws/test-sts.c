/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-sts.h"

#include <glib/gstdio.h>
#include <string.h>

#include "aws/fluo-profile-provider.h"
#include "aws/fluo-sigv4.h"
#include "aws/fluo-xray-client.h"
#include "fluo-test-util.h"

#define WAIT_MS FLUO_TEST_PATIENCE_MS
#define NOW_S 1800000000 /* 2027-01-15T08:00:00Z */

/* --- The form and the answers -------------------------------------------- */

static void
test_form (void)
{
  FluoAwsRole role = { .arn = (char *) "arn:aws:iam::111122223333:role/a b",
                       .session_name = (char *) "me@home",
                       .external_id = (char *) "x=1&Action=Evil",
                       .duration_s = 900 };
  g_autofree char *full = fluo_sts_write_assume_role (&role, NULL, NOW_S);
  g_autofree char *made_up = NULL;
  const char *name;

  g_assert_cmpstr (full, ==,
                   "Action=AssumeRole&Version=2011-06-15"
                   "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa%20b"
                   "&RoleSessionName=me%40home&ExternalId=x%3D1%26Action%3DEvil"
                   "&DurationSeconds=900");
  role = (FluoAwsRole) { .arn = role.arn };
  made_up = fluo_sts_write_assume_role (&role, NULL, NOW_S);
  name = strstr (made_up, "RoleSessionName=") + strlen ("RoleSessionName=");
  g_assert_true (g_str_has_prefix (name, "fluoroscope-"));
  g_assert_true (g_str_has_suffix (name, "-1800000000"));
  g_assert_cmpuint (strlen (name), <=, 64);
  g_assert_null (strstr (made_up, "ExternalId"));
}

#define CREDENTIALS(key, secret, token, expiration) \
  "<Credentials><AccessKeyId>" key "</AccessKeyId><SecretAccessKey>" secret \
  "</SecretAccessKey><SessionToken>" token "</SessionToken><Expiration>" expiration \
  "</Expiration></Credentials>"
#define ANSWER(inner) \
  "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>" \
  "<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>" inner \
  "</AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>" \
  "</AssumeRoleResponse>"

static void
check_bad (const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (xml, strlen (xml));

  g_assert_null (fluo_sts_read_assume_role (bytes, "x", NOW_S, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_null (strstr (error->message, "CANARY"));
}

static void
test_answers (void)
{
  static const char good[] =
    ANSWER (CREDENTIALS ("ASIA1", "s/+&amp;", "\n t==\n", "2027-01-15T09:00:00Z"));
  g_autoptr (GBytes) bytes = g_bytes_new_static (good, strlen (good));
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fluo_sts_read_assume_role (bytes, "role r", NOW_S, &error);
  g_autoptr (GString) deep = g_string_new (NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIA1");
  g_assert_cmpstr (fluo_credentials_get_secret (keys), ==, "s/+&");
  g_assert_cmpstr (fluo_credentials_get_token (keys), ==, "t==");
  g_assert_cmpint (fluo_credentials_get_expires (keys), ==, NOW_S + 3600);

  check_bad ("");
  check_bad ("{\"x\": 1}");
  check_bad ("<html><body>CANARY</body></html>");
  check_bad (ANSWER (CREDENTIALS ("ASIA1", "", "t", "2027-01-15T09:00:00Z")));
  check_bad (ANSWER (CREDENTIALS ("ASIA1", "CANARY", "t", "2027-01-15T07:59:59Z")));
  check_bad (ANSWER (CREDENTIALS ("ASIA1", "CANARY", "t", "soon")));
  check_bad (ANSWER (CREDENTIALS ("AS\nX-Evil: 1", "CANARY", "t", "2027-01-15T09:00:00Z")));
  check_bad ("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>"
             ANSWER (CREDENTIALS ("&a;", "CANARY", "t", "2027-01-15T09:00:00Z")));
  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "<a>");
  check_bad (deep->str);
}

/* --- Keeping keys --------------------------------------------------------- */

/* A provider whose fetches end when the test says so. */
#define TEST_TYPE_PROVIDER (test_provider_get_type ())
G_DECLARE_FINAL_TYPE (TestProvider, test_provider, TEST, PROVIDER, FluoCredentialProvider)

struct _TestProvider
{
  FluoCredentialProvider parent_instance;
  guint   n_fetches;
  GTask  *under_way;
  gint64  now_s;
};

G_DEFINE_FINAL_TYPE (TestProvider, test_provider, FLUO_TYPE_CREDENTIAL_PROVIDER)

static void
test_provider_fetch_async (FluoCredentialProvider *provider, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  TestProvider *self = TEST_PROVIDER (provider);

  g_assert_null (self->under_way);
  self->n_fetches++;
  self->under_way = g_task_new (self, cancellable, callback, user_data);
}

static FluoCredentials *
test_provider_fetch_finish (FluoCredentialProvider *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_provider_class_init (TestProviderClass *klass)
{
  FluoCredentialProviderClass *provider_class = FLUO_CREDENTIAL_PROVIDER_CLASS (klass);

  provider_class->fetch_async = test_provider_fetch_async;
  provider_class->fetch_finish = test_provider_fetch_finish;
}

static gint64
test_provider_clock (gpointer data)
{
  return TEST_PROVIDER (data)->now_s;
}

static void
test_provider_init (TestProvider *self)
{
  self->now_s = NOW_S;
  fluo_credential_provider_set_clock (FLUO_CREDENTIAL_PROVIDER (self), test_provider_clock, self);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* @life_s 0: the fetch fails. */
static void
end_fetch (TestProvider *self, const char *key, gint64 life_s)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->under_way);

  g_assert_nonnull (task);
  if (life_s > 0)
    g_task_return_pointer (
      task, fluo_credentials_new_full (key, "s", "t", "test", self->now_s + life_s, NULL, NULL),
      (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE, "no STS");
  g_clear_object (&task);
  settle ();
}

typedef struct
{
  guint n_ok, n_failed;
  char  last[32];
} Answers;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answers *answers = user_data;
  g_autoptr (FluoCredentials) keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, NULL);

  if (keys)
    g_strlcpy (answers->last, fluo_credentials_get_access_key (keys), sizeof answers->last);
  *(keys ? &answers->n_ok : &answers->n_failed) += 1;
}

static void
ask (TestProvider *self, guint n, Answers *answers)
{
  for (guint i = 0; i < n; i++)
    fluo_credential_provider_get_async (FLUO_CREDENTIAL_PROVIDER (self), NULL, answered_cb,
                                        answers);
  settle ();
}

/* 200 who ask a second before the end cause one fetch, and none of them fails. */
static void
test_storm (void)
{
  g_autoptr (TestProvider) self = g_object_new (TEST_TYPE_PROVIDER, NULL);
  Answers answers = { 0 };

  ask (self, 200, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 1);
  g_assert_cmpuint (answers.n_ok, ==, 0);
  end_fetch (self, "first", 3600);
  g_assert_cmpuint (answers.n_ok, ==, 200);
  self->now_s += 3599;
  ask (self, 200, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 2);
  end_fetch (self, "second", 3600);
  g_assert_cmpuint (answers.n_ok, ==, 400);
  g_assert_cmpuint (answers.n_failed, ==, 0);
  g_assert_cmpstr (answers.last, ==, "second");
  g_assert_cmpuint (self->n_fetches, ==, 2);
}

/* When keys are used, renewed beside their use, waited for, and kept although they are old. */
static void
test_ages (void)
{
  g_autoptr (TestProvider) self = g_object_new (TEST_TYPE_PROVIDER, NULL);
  Answers answers = { 0 };

  ask (self, 1, &answers);
  end_fetch (self, "hour", 3600);
  self->now_s += 3600 - 15 * 60;
  ask (self, 1, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 1);
  self->now_s += 1; /* less than 15 minutes are left: nobody waits */
  ask (self, 5, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 2);
  g_assert_cmpuint (answers.n_ok, ==, 7);
  end_fetch (self, NULL, 0); /* not a failure of anybody */
  ask (self, 5, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 2); /* tried again a while later */
  self->now_s += 6 * 60; /* less than 10: they wait */
  ask (self, 5, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 3);
  g_assert_cmpuint (answers.n_ok, ==, 12);
  end_fetch (self, NULL, 0); /* … and get what is good for some minutes yet */
  g_assert_cmpuint (answers.n_ok, ==, 17);
  g_assert_cmpstr (answers.last, ==, "hour");
  self->now_s += 10 * 60; /* expired */
  ask (self, 5, &answers);
  end_fetch (self, NULL, 0);
  g_assert_cmpuint (answers.n_failed, ==, 5);
  /* Keys that live for 15 minutes would be renewed all the time otherwise. */
  ask (self, 1, &answers);
  end_fetch (self, "short", 15 * 60);
  self->now_s += 7 * 60;
  ask (self, 1, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 5);
  self->now_s += 60;
  ask (self, 1, &answers);
  g_assert_cmpuint (self->n_fetches, ==, 6);
  end_fetch (self, "next", 15 * 60);
  ask (self, 1, &answers);
  g_assert_cmpstr (answers.last, ==, "next");
  g_assert_cmpuint (answers.n_failed, ==, 5);
}

static void
test_cancel (void)
{
  g_autoptr (TestProvider) self = g_object_new (TEST_TYPE_PROVIDER, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answers answers = { 0 }, cancelled = { 0 };

  fluo_credential_provider_get_async (FLUO_CREDENTIAL_PROVIDER (self), cancellable, answered_cb,
                                      &cancelled);
  ask (self, 1, &answers);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_cmpuint (cancelled.n_failed, ==, 1);
  end_fetch (self, "first", 3600);
  g_assert_cmpuint (answers.n_ok, ==, 1);
  g_assert_cmpuint (cancelled.n_ok, ==, 0);
}

/* Keys that a service refuses are replaced, but not ones that are new. */
static void
test_refused (void)
{
  g_autoptr (TestProvider) self = g_object_new (TEST_TYPE_PROVIDER, NULL);
  FluoCredentialProvider *provider = FLUO_CREDENTIAL_PROVIDER (self);
  Answers answers = { 0 };
  g_autoptr (FluoCredentials) other = fluo_credentials_new ("other", "s", NULL, "test");

  ask (self, 1, &answers);
  end_fetch (self, "first", 3600);
  fluo_credential_provider_refuse (provider, fluo_credential_provider_peek (provider));
  fluo_credential_provider_refuse (provider, other);
  g_assert_nonnull (fluo_credential_provider_peek (provider));
  self->now_s += 60;
  fluo_credential_provider_refuse (provider, fluo_credential_provider_peek (provider));
  g_assert_null (fluo_credential_provider_peek (provider));
  ask (self, 1, &answers);
  end_fetch (self, "second", 3600);
  g_assert_cmpstr (answers.last, ==, "second");
}

/* --- Against a service ------------------------------------------------------ */

typedef struct
{
  char       *dir;
  SoupServer *server;
  char       *url;
  GPtrArray  *forms; /* char * */
  guint       n_skewed; /* requests still to be refused for their time */
  guint       n_busy;   /* … and for no reason */
  gboolean    denied;
} Sts;

/* The secret behind an access key: the user's, or of one of the roles handed out before. */
static const char *
find_secret (const char *access_key)
{
  return strcmp (access_key, "AKIDUSER") == 0 ? "user+secret"
         : strcmp (access_key, "ASIArole1") == 0 ? "secret-of-role1"
                                                 : NULL;
}

/* What came, signed again with the secret of whoever it names. */
static gboolean
is_signed (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  const char *date = soup_message_headers_get_one (headers, "X-Amz-Date");
  const char *token = soup_message_headers_get_one (headers, "X-Amz-Security-Token");
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_auto (GStrv) parts = g_strsplit_set (authorization ? authorization : "", "=/", 3);
  const char *secret = g_strv_length (parts) == 3 ? find_secret (parts[1]) : NULL;
  FluoSigv4Header covered[] = {
    { "host", soup_message_headers_get_one (headers, "Host") },
    { "x-amz-date", date },
    { "content-type", soup_message_headers_get_one (headers, "Content-Type") },
    { "x-amz-security-token", token },
  };
  FluoSigv4Request request = { "POST", "/", NULL, covered, token ? 4 : 3, body->data,
                               (gsize) body->length };
  FluoSigv4Scope scope = { date, "eu-west-1", "sts" };
  g_autoptr (FluoCredentials) keys = NULL;
  g_autofree char *expected = NULL;

  if (!secret || !date)
    return FALSE;
  keys = fluo_credentials_new (parts[1], secret, token, "test");
  expected = fluo_sigv4_sign (&request, &scope, keys);
  return g_str_equal (expected, authorization)
         && g_strcmp0 (token, strcmp (parts[1], "AKIDUSER") == 0 ? NULL : "token-of-role1") == 0;
}

static void
answer (SoupServerMessage *message, guint status, const char *xml)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/xml", SOUP_MEMORY_COPY, xml, strlen (xml));
}

#define FAILURE(code, text) \
  "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>" \
  "<Code>" code "</Code><Message>" text "</Message></Error><RequestId>r</RequestId></ErrorResponse>"

static void
handle (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer user_data)
{
  Sts *sts = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *form = g_strndup (body->data, (gsize) body->length), *xml = NULL, *name = NULL;

  g_ptr_array_add (sts->forms, g_strdup (form));
  if (sts->n_busy > 0)
    {
      sts->n_busy--;
      answer (message, 503, "<html>busy</html>");
      return;
    }
  if (sts->n_skewed > 0)
    {
      sts->n_skewed--;
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Date",
                                    "Fri, 15 Jan 2027 08:20:00 GMT");
      answer (message, 403,
              FAILURE ("SignatureDoesNotMatch",
                       "Signature expired: 20270115T080000Z is now earlier than …"));
      return;
    }
  if (sts->denied || !is_signed (message))
    {
      answer (message, 403,
              sts->denied ? FAILURE ("AccessDenied", "User alice is not authorized")
                          : FAILURE ("SignatureDoesNotMatch", "no"));
      return;
    }
  name = g_strdup (strstr (form, "%2F") + 3);
  *strchr (name, '&') = '\0';
  xml = g_strdup_printf (ANSWER (CREDENTIALS ("ASIA%s", "secret-of-%s", "token-of-%s",
                                              "2027-01-15T09:00:00Z")),
                         name, name, name);
  answer (message, 200, xml);
}

static gint64
sts_clock (gpointer data)
{
  return NOW_S;
}

static guint
no_pause (guint attempt, gboolean throttled, gpointer data)
{
  return 0;
}

static void
sts_set_up (Sts *sts, gconstpointer data)
{
  g_autofree char *config = NULL;
  g_autoptr (GSList) uris = NULL;

  sts->dir = fluo_test_dir_new ();
  sts->forms = g_ptr_array_new_with_free_func (g_free);
  sts->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  soup_server_add_handler (sts->server, NULL, handle, sts, NULL);
  g_assert_true (soup_server_listen_local (sts->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (sts->server);
  sts->url = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_foreach (uris, (GFunc) (void (*) (void)) g_uri_unref, NULL);
  config = g_build_filename (sts->dir, "config", NULL);
  g_assert_true (g_file_set_contents (
    config,
    "[default]\nregion = eu-west-1\naws_access_key_id = AKIDUSER\n"
    "aws_secret_access_key = user+secret\n"
    "[profile one]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111122223333:role/role1\n"
    "source_profile = default\nexternal_id = shared\n"
    "[profile two]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111122223333:role/role2\n"
    "source_profile = one\n",
    -1, NULL));
  g_setenv ("AWS_CONFIG_FILE", config, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  g_setenv ("AWS_ENDPOINT_URL_STS", sts->url, TRUE);
  for (const char *const *name = (const char *const[]) { "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
                                                         "AWS_ACCESS_KEY_ID", "AWS_REGION",
                                                         "AWS_SECRET_ACCESS_KEY",
                                                         "AWS_DEFAULT_REGION", NULL };
       *name; name++)
    g_unsetenv (*name);
}

static void
sts_tear_down (Sts *sts, gconstpointer data)
{
  soup_server_disconnect (sts->server);
  g_clear_object (&sts->server);
  g_clear_pointer (&sts->forms, g_ptr_array_unref);
  g_free (sts->url);
  fluo_test_dir_free (sts->dir);
}

static FluoCredentials *
get (FluoCredentialProvider *provider, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_profile_provider_set_seams (FLUO_PROFILE_PROVIDER (provider),
                                   &(FluoAwsSeams) { sts_clock, no_pause, NULL }, 0, 0);
  fluo_credential_provider_set_clock (provider, sts_clock, NULL);
  fluo_credential_provider_get_async (provider, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, WAIT_MS));
  return fluo_credential_provider_get_finish (provider, result, error);
}

/* Each role is asked for with the keys of the one before, and only once. */
static void
test_chain (Sts *sts, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *region = NULL;
  g_autoptr (FluoCredentialProvider) provider = fluo_profile_provider_new ("two", &region, &error);
  g_autoptr (FluoCredentials) keys = NULL, again = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (sts->forms->len, ==, 0);
  keys = get (provider, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIArole2");
  g_assert_cmpstr (fluo_credentials_get_token (keys), ==, "token-of-role2");
  g_assert_nonnull (
    strstr (fluo_credentials_get_source (keys), "role/role1, assumed with profile"));
  g_assert_cmpuint (sts->forms->len, ==, 2);
  g_assert_nonnull (strstr (sts->forms->pdata[0], "role1&"));
  g_assert_nonnull (strstr (sts->forms->pdata[0], "ExternalId=shared"));
  g_assert_nonnull (strstr (sts->forms->pdata[1], "role2&"));
  again = get (provider, &error);
  g_assert_true (again == keys);
  g_assert_cmpuint (sts->forms->len, ==, 2);
  g_assert_cmpstr (region, ==, "eu-west-1");
}

/* The role of the relay comes after what the profile says. */
static void
test_added_role (Sts *sts, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (FluoCredentials) keys = NULL;

  g_setenv ("AWS_PROFILE", "one", TRUE);
  provider =
    fluo_profile_provider_new_later (
      &(FluoCredentialQuestion) { .role_arn = "arn:aws:iam::111122223333:role/relay" }, NULL);
  keys = get (provider, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIArelay");
  g_assert_cmpuint (sts->forms->len, ==, 2);
}

static void
test_failures (Sts *sts, gconstpointer data)
{
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = NULL;

  sts->denied = TRUE;
  provider = fluo_profile_provider_new ("one", NULL, NULL);
  g_assert_null (get (provider, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  g_assert_nonnull (
    strstr (error->message, "role/role1 can't be assumed with profile \"default\""));
  g_assert_nonnull (strstr (error->message, "User alice is not authorized"));
  g_assert_cmpuint (sts->forms->len, ==, 1);
  g_clear_error (&error);
  /* What may pass is tried again, and what is wrong with the time is put right. */
  sts->denied = FALSE;
  sts->n_busy = 2;
  sts->n_skewed = 1;
  keys = get (provider, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (keys), ==, "ASIArole1");
  g_assert_cmpuint (sts->forms->len, ==, 5);
  g_clear_object (&provider);
  sts->n_busy = 3;
  provider = fluo_profile_provider_new ("one", NULL, NULL);
  g_assert_null (get (provider, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/sts/form", test_form);
  g_test_add_func ("/aws/sts/answers", test_answers);
  g_test_add_func ("/aws/provider/storm", test_storm);
  g_test_add_func ("/aws/provider/ages", test_ages);
  g_test_add_func ("/aws/provider/cancel", test_cancel);
  g_test_add_func ("/aws/provider/refused", test_refused);
  g_test_add ("/aws/sts/chain", Sts, NULL, sts_set_up, test_chain, sts_tear_down);
  g_test_add ("/aws/sts/added-role", Sts, NULL, sts_set_up, test_added_role, sts_tear_down);
  g_test_add ("/aws/sts/failures", Sts, NULL, sts_set_up, test_failures, sts_tear_down);
  return g_test_run ();
}
