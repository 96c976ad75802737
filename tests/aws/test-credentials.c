/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-credential-plan.h"

#include <glib/gstdio.h>
#include <string.h>

#include "aws/fluo-endpoint.h"
#include "fluo-test-util.h"

/* Everything that the chain reads; cleared before every test. */
static const char *const variables[] = {
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_XRAY",
  "AWS_STS_REGIONAL_ENDPOINTS",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_EC2_METADATA_DISABLED",
  "AWS_LOGIN_CACHE_DIRECTORY",
};

typedef struct
{
  char *dir;
} Fixture;

static char *
file_path (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->dir, name, NULL);
}

static void
write_file (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = file_path (fixture, name);

  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *config = NULL, *credentials = NULL;

  fixture->dir = fluo_test_dir_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  config = file_path (fixture, "config");
  credentials = file_path (fixture, "credentials");
  g_setenv ("AWS_CONFIG_FILE", config, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", credentials, TRUE);
  g_setenv ("AWS_LOGIN_CACHE_DIRECTORY", fixture->dir, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fluo_test_dir_free (fixture->dir);
}

static void
check_keys (const char *profile, const char *access_key, const char *secret, const char *token,
            const char *region, const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found_region = NULL;
  g_autoptr (FluoCredentials) found = fluo_credentials_resolve (profile, &found_region, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (found), ==, access_key);
  g_assert_cmpstr (fluo_credentials_get_secret (found), ==, secret);
  g_assert_cmpstr (fluo_credentials_get_token (found), ==, token);
  g_assert_cmpstr (found_region, ==, region);
  g_assert_nonnull (strstr (fluo_credentials_get_source (found), source));
}

static void
check_error (const char *profile, FluoCredentialsError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *region = NULL;
  g_autoptr (FluoCredentials) found = fluo_credentials_resolve (profile, &region, &error);

  g_assert_null (found);
  g_assert_null (region);
  g_assert_error (error, FLUO_CREDENTIALS_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strstr (error->message, "CANARY"));
}

static void
test_environment (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "credentials",
              "[default]\naws_access_key_id = F\naws_secret_access_key = f\n");
  write_file (fixture, "config",
              "[default]\nregion = eu-west-1\n[profile other]\nregion = eu-west-2\n");
  g_setenv ("AWS_ACCESS_KEY_ID", "E", TRUE);
  check_error (NULL, FLUO_CREDENTIALS_ERROR_INVALID, "secret access key is missing");
  g_setenv ("AWS_SECRET_ACCESS_KEY", "CANARY", TRUE);
  check_keys (NULL, "E", "CANARY", NULL, "eu-west-1", "environment");
  g_setenv ("AWS_SESSION_TOKEN", "t", TRUE);
  g_setenv ("AWS_REGION", "us-east-2", TRUE);
  check_keys (NULL, "E", "CANARY", "t", "us-east-2", "environment");
  /* AWS_PROFILE doesn't beat the keys, a profile that was asked for does. */
  g_setenv ("AWS_PROFILE", "other", TRUE);
  check_keys (NULL, "E", "CANARY", "t", "us-east-2", "environment");
  check_keys ("default", "F", "f", NULL, "us-east-2", "profile \"default\"");
  g_setenv ("AWS_SECRET_ACCESS_KEY", "CANARY\r\nX-Evil: 1", TRUE);
  check_error (NULL, FLUO_CREDENTIALS_ERROR_INVALID, "control characters");
  g_unsetenv ("AWS_ACCESS_KEY_ID");
  check_error (NULL, FLUO_CREDENTIALS_ERROR_INVALID, "access key id is missing");
  /* Empty means unset. */
  g_setenv ("AWS_SECRET_ACCESS_KEY", "", TRUE);
  g_unsetenv ("AWS_PROFILE");
  check_keys (NULL, "F", "f", NULL, "us-east-2", "profile \"default\"");
}

static void
test_profiles (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "credentials",
              "[a]\naws_access_key_id = A\naws_secret_access_key = a\naws_session_token = t\n"
              "[half]\naws_access_key_id = H\n");
  write_file (fixture, "config",
              "[profile a]\nregion = eu-north-1\naws_access_key_id = X\naws_secret_access_key = x\n"
              "[profile c]\naws_access_key_id = C\naws_secret_access_key = c\n[profile empty]\n");
  check_keys ("a", "A", "a", "t", "eu-north-1", "credentials file");
  check_keys ("c", "C", "c", NULL, NULL, "config file");
  g_setenv ("AWS_PROFILE", "a", TRUE);
  check_keys (NULL, "A", "a", "t", "eu-north-1", "profile \"a\"");
  check_keys ("", "A", "a", "t", "eu-north-1", "profile \"a\"");
  check_error ("half", FLUO_CREDENTIALS_ERROR_INVALID, "secret access key");
  check_error ("empty", FLUO_CREDENTIALS_ERROR_NONE, "no keys in");
  check_error ("nosuch", FLUO_CREDENTIALS_ERROR_PROFILE, "\"a\", \"c\", \"empty\", \"half\"");
  g_setenv ("AWS_PROFILE", "nosuch", TRUE);
  check_error (NULL, FLUO_CREDENTIALS_ERROR_PROFILE, "there is no AWS profile \"nosuch\"");
}

static void
test_nothing_configured (Fixture *fixture, gconstpointer data)
{
  g_autofree char *config = file_path (fixture, "config");

  check_error (NULL, FLUO_CREDENTIALS_ERROR_NONE, config);
  check_error (NULL, FLUO_CREDENTIALS_ERROR_NONE, "AWS_ACCESS_KEY_ID");
  check_error ("default", FLUO_CREDENTIALS_ERROR_NONE, "AWS_ACCESS_KEY_ID");
  check_error ("x", FLUO_CREDENTIALS_ERROR_PROFILE, "no profiles yet");
}

/* A profile of a kind that fails stops the chain with advice; keys only help where the AWS tools
 * would take them first. */
static void
test_other_kinds (Fixture *fixture, gconstpointer data)
{
  write_file (
    fixture, "config",
    "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = ReadOnly\n"
    "[profile process]\ncredential_process = /bin/echo "
    "CANARY\naws_access_key_id=P\naws_secret_access_key=p\n"
    "[profile quote]\ncredential_process = /bin/echo \"CANARY\n"
    "[profile gone]\ncredential_process = /nonexistent/CANARY-no\n"
    "[profile login]\nlogin_session = arn:aws:sts::111122223333:assumed-role/Admin/alice\n"
    "[profile 'web id']\nweb_identity_token_file = /x\nrole_arn = y\n"
    "[profile file]\nweb_identity_token_file = /nonexistent\n"
    "role_arn = arn:aws:iam::111122223333:role/web\n"
    "[profile both]\ncredential_process = /bin/echo CANARY\n");
  write_file (fixture, "credentials", "[both]\naws_access_key_id = B\naws_secret_access_key = b\n");
  check_error ("sso", FLUO_CREDENTIALS_ERROR_INVALID, "[sso-session corp]");
  check_error ("process", FLUO_CREDENTIALS_ERROR_SOURCE,
               "the program \"echo\" of profile \"process\" printed something that is no JSON");
  check_error ("quote", FLUO_CREDENTIALS_ERROR_INVALID, "a quote is not closed");
  check_error ("login", FLUO_CREDENTIALS_ERROR_SIGN_IN, "aws login --profile login");
  check_error ("web id", FLUO_CREDENTIALS_ERROR_INVALID, "role is malformed");
  check_error ("file", FLUO_CREDENTIALS_ERROR_SOURCE,
               "the token file \"/nonexistent\" can't be read");
  check_keys ("both", "B", "b", NULL, NULL, "credentials file");
}

#define ARN(name) "role_arn = arn:aws:iam::111122223333:role/" name "\n"
#define KEYS "aws_access_key_id = CANARYKEY\naws_secret_access_key = CANARY\n"

/* The roles of a profile, the first to assume first. */
static void
check_roles (const char *profile, const char *access_key, const char *roles)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentialPlan) plan =
    fluo_credential_plan_new (&(FluoCredentialQuestion) { .profile = profile }, &error);
  g_autoptr (GString) found = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < plan->roles->len; i++)
    {
      const FluoAwsRole *role = plan->roles->pdata[i];

      g_string_append_printf (found, "%s(%s,%s,%u) ", strrchr (role->arn, '/') + 1,
                              role->session_name ? role->session_name : "",
                              role->external_id ? role->external_id : "", role->duration_s);
    }
  g_assert_cmpstr (fluo_credentials_get_access_key (plan->source->keys), ==, access_key);
  g_assert_cmpstr (found->str, ==, roles);
}

/* Where a chain of roles begins, and every mistake in it, named with the profiles on the way. */
static void
test_roles (Fixture *fixture, gconstpointer data)
{
  write_file (
    fixture, "config",
    "[profile keys]\nregion = eu-north-1\n"
    "[profile one]\n" ARN ("one") "source_profile = keys\nexternal_id = x1\n"
    "role_session_name = me\nduration_seconds = 900\n"
    "[profile two]\n" ARN ("two") "source_profile = one\n"
    "[profile self]\n" ARN ("self") "source_profile = self\n" KEYS
    "[profile bare]\n" ARN ("bare") "source_profile = bare\n"
    "[profile over]\n" ARN ("over") "source_profile = self\n"
    "[profile a]\n" ARN ("a") "source_profile = b\n[profile b]\n" ARN ("b") "source_profile = c\n"
    "[profile c]\n" ARN ("c") "source_profile = a\n"
    "[profile none]\n" ARN ("none")
    "[profile both]\n" ARN ("both") "source_profile = keys\ncredential_source = Environment\n"
    "[profile gone]\n" ARN ("gone") "source_profile = nosuch\n"
    "[profile env]\n" ARN ("env") "credential_source = environment\n"
    "[profile where]\n" ARN ("ec2") "credential_source = Moon\n"
    "[profile mfa]\n" ARN ("mfa") "source_profile = keys\nmfa_serial = arn:aws:iam::1:mfa/x\n"
    "[profile long]\n" ARN ("long") "source_profile = keys\nduration_seconds = 1h\n"
    "[profile arn]\nrole_arn = x\nsource_profile = keys\n"
    "[profile keyless]\nregion = eu-west-1\n"
    "[profile empty]\n" ARN ("e") "source_profile = keyless\n"
    "[profile sso]\nsso_account_id = 1\n[profile corp]\n" ARN ("corp") "source_profile = sso\n");
  write_file (fixture, "credentials", "[keys]\n" KEYS);
  check_roles ("keys", "CANARYKEY", "");
  check_roles ("one", "CANARYKEY", "one(me,x1,900) ");
  check_roles ("two", "CANARYKEY", "one(me,x1,900) two(,,0) ");
  check_roles ("self", "CANARYKEY", "self(,,0) ");
  /* A source with keys of its own is those keys. */
  check_roles ("over", "CANARYKEY", "over(,,0) ");
  check_error ("bare", FLUO_CREDENTIALS_ERROR_INVALID, "circle: bare → bare");
  check_error ("a", FLUO_CREDENTIALS_ERROR_INVALID, "circle: a → b → c → a");
  check_error ("none", FLUO_CREDENTIALS_ERROR_INVALID, "no source_profile");
  check_error ("both", FLUO_CREDENTIALS_ERROR_INVALID, "leave one out");
  check_error ("gone", FLUO_CREDENTIALS_ERROR_PROFILE, "source_profile \"nosuch\"");
  check_error ("env", FLUO_CREDENTIALS_ERROR_INVALID, "AWS_ACCESS_KEY_ID is not set");
  check_error ("where", FLUO_CREDENTIALS_ERROR_INVALID, "expected Environment, EcsContainer or");
  check_error ("mfa", FLUO_CREDENTIALS_ERROR_SIGN_IN, "a code of the device arn:aws:iam::1:mfa/x");
  check_error ("long", FLUO_CREDENTIALS_ERROR_INVALID, "900 to 43200");
  check_error ("arn", FLUO_CREDENTIALS_ERROR_INVALID, "role is malformed");
  check_error ("empty", FLUO_CREDENTIALS_ERROR_NONE, "\"keyless\"");
  check_error ("corp", FLUO_CREDENTIALS_ERROR_INVALID, "has no sso_role_name");
  g_setenv ("AWS_ACCESS_KEY_ID", "E", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "CANARY", TRUE);
  check_roles ("env", "E", "env(,,0) ");
}

/* A chain of a thousand is not walked to its end. */
static void
test_long_chain (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "[profile p%u]\n" ARN ("r") "source_profile = p%u\n", i, i + 1);
  g_string_append (text, "[profile p1000]\n" KEYS);
  write_file (fixture, "config", text->str);
  check_error ("p0", FLUO_CREDENTIALS_ERROR_INVALID, "too many roles");
  check_error ("p990", FLUO_CREDENTIALS_ERROR_INVALID, "too many roles");
  check_roles ("p998", "CANARYKEY", "r(,,0) r(,,0) ");
}

static void
check_sts (const char *profile, const char *region, const char *url, const char *signed_for)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *signing = NULL;
  g_autofree char *found = fluo_endpoint_resolve_sts (profile, region, &signing, &error);

  g_assert_cmpint (error == NULL, ==, url != NULL);
  g_assert_cmpstr (found, ==, url);
  g_assert_cmpstr (signing, ==, signed_for);
}

static void
test_sts_endpoint (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "config",
              "[profile old]\nsts_regional_endpoints = legacy\n"
              "[services s]\nsts =\n  endpoint_url = http://127.0.0.1:1\n"
              "xray =\n  endpoint_url = http://127.0.0.1:2\n[profile own]\nservices = s\n"
              "[profile fips]\nuse_fips_endpoint = true\n");
  check_sts (NULL, NULL, "https://sts.amazonaws.com", "us-east-1");
  check_sts (NULL, "aws-global", "https://sts.amazonaws.com", "us-east-1");
  check_sts (NULL, "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1");
  check_sts (NULL, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1");
  check_sts ("old", "eu-west-1", "https://sts.amazonaws.com", "us-east-1");
  check_sts ("old", "ap-east-1", "https://sts.ap-east-1.amazonaws.com", "ap-east-1");
  check_sts ("fips", "us-east-2", "https://sts-fips.us-east-2.amazonaws.com", "us-east-2");
  check_sts ("fips", "us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1");
  check_sts ("own", "eu-west-1", "http://127.0.0.1:1", "eu-west-1");
  check_sts (NULL, "x.evil.com/", NULL, NULL);
  check_sts ("own", "x.evil.com/", NULL, NULL);
  g_setenv ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:3", TRUE);
  check_sts ("own", "eu-west-1", "http://127.0.0.1:3", "eu-west-1");
}

/* A file that is there and can't be used is an error, not an absence. */
static void
test_broken_file (Fixture *fixture, gconstpointer data)
{
  g_setenv ("AWS_CONFIG_FILE", fixture->dir, TRUE);
  write_file (fixture, "credentials",
              "[default]\naws_access_key_id = F\naws_secret_access_key = f\n");
  check_error (NULL, FLUO_CREDENTIALS_ERROR_INVALID, "not a regular file");
  g_setenv ("AWS_ACCESS_KEY_ID", "E", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "e", TRUE);
  check_keys (NULL, "E", "e", NULL, NULL, "environment");
}

static void
check_endpoint (const char *profile, const char *region, const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = fluo_endpoint_resolve (profile, region, &error);

  if (url)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (found, ==, url);
}

static void
test_configured_endpoint (Fixture *fixture, gconstpointer data)
{
  write_file (
    fixture, "config",
    "[services local]\nxray =\n  endpoint_url = http://127.0.0.1:2001/\n[profile s]\nservices = "
    "local\n"
    "endpoint_url = http://127.0.0.1:2002\n[profile u]\nendpoint_url = http://127.0.0.1:2002\n"
    "[profile bad]\nservices = nosuch\n[profile f]\nuse_fips_endpoint = true\n[profile "
    "evil]\nendpoint_url = ftp://x\n");
  check_endpoint (NULL, "eu-west-1", "https://xray.eu-west-1.amazonaws.com");
  check_endpoint (NULL, NULL, NULL);
  check_endpoint ("s", "eu-west-1", "http://127.0.0.1:2001");
  check_endpoint ("u", NULL, "http://127.0.0.1:2002");
  check_endpoint ("bad", "eu-west-1", NULL);
  check_endpoint ("evil", "eu-west-1", NULL);
  check_endpoint ("f", "us-east-1", "https://xray-fips.us-east-1.amazonaws.com");
  g_setenv ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", TRUE);
  check_endpoint ("f", "us-east-1", "https://xray-fips.us-east-1.api.aws");
  check_endpoint ("u", "us-east-1", NULL);
  g_unsetenv ("AWS_USE_DUALSTACK_ENDPOINT");
  g_setenv ("AWS_ENDPOINT_URL", "http://127.0.0.1:2003", TRUE);
  check_endpoint ("s", NULL, "http://127.0.0.1:2003");
  g_setenv ("AWS_ENDPOINT_URL_XRAY", "http://127.0.0.1:2004", TRUE);
  check_endpoint ("s", NULL, "http://127.0.0.1:2004");
  g_setenv ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", TRUE);
  check_endpoint ("s", "eu-west-1", "https://xray.eu-west-1.amazonaws.com");
}

static void
test_partitions (void)
{
  static const struct
  {
    const char *region, *plain, *fips_dual;
  } cases[] = {
    { "us-east-1", "https://xray.us-east-1.amazonaws.com", "https://xray-fips.us-east-1.api.aws" },
    { "il-central-1", "https://xray.il-central-1.amazonaws.com",
      "https://xray-fips.il-central-1.api.aws" },
    { "cn-north-1", "https://xray.cn-north-1.amazonaws.com.cn",
      "https://xray-fips.cn-north-1.api.amazonwebservices.com.cn" },
    { "us-gov-west-1", "https://xray.us-gov-west-1.amazonaws.com",
      "https://xray-fips.us-gov-west-1.api.aws" },
    { "eusc-de-east-1", "https://xray.eusc-de-east-1.amazonaws.eu",
      "https://xray-fips.eusc-de-east-1.api.amazonwebservices.eu" },
    { "us-iso-east-1", "https://xray.us-iso-east-1.c2s.ic.gov",
      "https://xray-fips.us-iso-east-1.api.aws.ic.gov" },
    { "us-isob-east-1", "https://xray.us-isob-east-1.sc2s.sgov.gov",
      "https://xray-fips.us-isob-east-1.api.aws.scloud" },
    { "eu-isoe-west-1", "https://xray.eu-isoe-west-1.cloud.adc-e.uk",
      "https://xray-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk" },
    { "us-isof-south-1", "https://xray.us-isof-south-1.csp.hci.ic.gov",
      "https://xray-fips.us-isof-south-1.api.aws.hci.ic.gov" },
    { "xx-new-7", "https://xray.xx-new-7.amazonaws.com", "https://xray-fips.xx-new-7.api.aws" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *plain = fluo_endpoint_for_region (cases[i].region, FALSE, FALSE, NULL);
      g_autofree char *fips_dual = fluo_endpoint_for_region (cases[i].region, TRUE, TRUE, NULL);
      g_autofree char *region = NULL;

      g_assert_cmpstr (plain, ==, cases[i].plain);
      g_assert_cmpstr (fips_dual, ==, cases[i].fips_dual);
      g_assert_true (fluo_endpoint_is_aws (plain));
      g_assert_false (fluo_endpoint_is_loopback (plain));
      region = fluo_endpoint_dup_region (plain);
      g_assert_cmpstr (region, ==, cases[i].region);
    }
}

static void
test_hostile_strings (void)
{
  static const char *const regions[] = {
    "",          "x.evil.com/", "a@b", "..",         "us-east-1\n",    "US-EAST-1",
    "us east 1", "-a",          "a-",  "us-east-1#", "us-east-1/../x", "\xd9\xa1-east-1",
    "us_east_1",
  };
  static const char *const urls[] = {
    "",
    "x",
    "//h",
    "ftp://h",
    "file:///etc/passwd",
    "http://",
    "http:///x",
    "http://user:pw@h",
    "http://user@h",
    "http://h?x=1",
    "http://h#x",
    "http://[::1%25eth0]/",
    "http://[::1",
    "http://h:0",
    "http://h:99999",
    "http://h:x",
    "http://b\xc3\xbc"
    "cher.example",
    "http://a b",
    "http://h//x",
    "http://h/%2e%2e",
    "http://.h",
    "http://a..b",
    "http://a%2eb",
    "http://h\\x",
    "javascript:alert(1)",
    "http://h\r\nX: 1",
  };
  g_autofree char *long_region = g_strnfill (300, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      g_test_message ("region \"%s\"", regions[i]);
      g_assert_null (fluo_endpoint_for_region (regions[i], FALSE, FALSE, NULL));
    }
  g_assert_false (fluo_endpoint_region_is_valid (long_region));
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *url = fluo_endpoint_normalize (urls[i], &error);

      g_test_message ("URL \"%s\" gives \"%s\"", urls[i], url);
      g_assert_null (url);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_normalize (void)
{
  static const struct
  {
    const char *url, *normal;
    gboolean loopback, aws, exposed;
  } cases[] = {
    { "http://127.0.0.1:2000", "http://127.0.0.1:2000", TRUE, FALSE, FALSE },
    { "HTTP://LocalHost:2000/", "http://localhost:2000", TRUE, FALSE, FALSE },
    { "http://127.9.9.9", "http://127.9.9.9", TRUE, FALSE, FALSE },
    { "http://[::1]:2000/", "http://[::1]:2000", TRUE, FALSE, FALSE },
    { "http://h:80/a/b/", "http://h/a/b", FALSE, FALSE, TRUE },
    { "http://h/a/../b/./c", "http://h/b/c", FALSE, FALSE, TRUE },
    { "https://h:443", "https://h", FALSE, FALSE, FALSE },
    { "http://127.0.0.1.evil.com", "http://127.0.0.1.evil.com", FALSE, FALSE, TRUE },
    { "http://localhost.evil.com", "http://localhost.evil.com", FALSE, FALSE, TRUE },
    { "https://xray.eu-west-1.amazonaws.com", "https://xray.eu-west-1.amazonaws.com", FALSE, TRUE,
      FALSE },
    { "https://evilamazonaws.com", "https://evilamazonaws.com", FALSE, FALSE, FALSE },
    { "https://amazonaws.com.evil.com", "https://amazonaws.com.evil.com", FALSE, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *url = fluo_endpoint_normalize (cases[i].url, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (url, ==, cases[i].normal);
      g_assert_cmpint (fluo_endpoint_is_loopback (url), ==, cases[i].loopback);
      g_assert_cmpint (fluo_endpoint_is_aws (url), ==, cases[i].aws);
      g_assert_cmpint (fluo_endpoint_is_exposed (url), ==, cases[i].exposed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/aws/credentials/environment", Fixture, NULL, set_up, test_environment, tear_down);
  g_test_add ("/aws/credentials/profiles", Fixture, NULL, set_up, test_profiles, tear_down);
  g_test_add ("/aws/credentials/nothing-configured", Fixture, NULL, set_up, test_nothing_configured,
              tear_down);
  g_test_add ("/aws/credentials/other-kinds", Fixture, NULL, set_up, test_other_kinds, tear_down);
  g_test_add ("/aws/credentials/roles", Fixture, NULL, set_up, test_roles, tear_down);
  g_test_add ("/aws/credentials/long-chain", Fixture, NULL, set_up, test_long_chain, tear_down);
  g_test_add ("/aws/endpoint/sts", Fixture, NULL, set_up, test_sts_endpoint, tear_down);
  g_test_add ("/aws/credentials/broken-file", Fixture, NULL, set_up, test_broken_file, tear_down);
  g_test_add ("/aws/endpoint/configured", Fixture, NULL, set_up, test_configured_endpoint,
              tear_down);
  g_test_add_func ("/aws/endpoint/partitions", test_partitions);
  g_test_add_func ("/aws/endpoint/hostile-strings", test_hostile_strings);
  g_test_add_func ("/aws/endpoint/normalize", test_normalize);
  return g_test_run ();
}
