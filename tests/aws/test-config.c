/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-aws-config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fluo-test-util.h"

#define CONFIG FLUO_AWS_FILE_CONFIG
#define CREDENTIALS FLUO_AWS_FILE_CREDENTIALS

/* One line of the grammar's table: a file, what one setting then is, and how many warnings came,
 * the first of which holds a word. */
typedef struct
{
  const char *what;
  FluoAwsFile file;
  const char *text;
  const char *profile;
  const char *key;
  const char *value;    /* NULL = unset */
  guint       n_warnings;
  const char *warning;
} Row;

static const Row rows[] = {
  { "plain", CONFIG, "[default]\nregion = eu-west-1\n", "default", "region", "eu-west-1", 0, NULL },
  { "no line feed at the end", CONFIG, "[default]\nregion=eu-west-1", "default", "region",
    "eu-west-1", 0, NULL },
  { "comment lines", CONFIG, "# c\n; c\n[default]\n  # c\nregion = a\n", "default", "region", "a",
    0, NULL },
  { "comment after a word", CONFIG, "[default]\nregion = a # home\n", "default", "region", "a", 1,
    "comment" },
  { "semicolon after a word", CONFIG, "[default]\nregion = a ;home\n", "default", "region", "a", 1,
    "comment" },
  { "comment after a key id", CREDENTIALS, "[default]\naws_access_key_id = AKIA # my key\n",
    "default", "aws_access_key_id", "AKIA", 1, "comment" },
  { "no comment in a secret", CREDENTIALS, "[default]\naws_secret_access_key = s+/=#;abc\n",
    "default", "aws_secret_access_key", "s+/=#;abc", 0, NULL },
  { "a secret keeps everything", CREDENTIALS, "[default]\naws_secret_access_key = s # x\n",
    "default", "aws_secret_access_key", "s # x", 1, "keeps" },
  { "a command keeps everything", CONFIG, "[default]\ncredential_process = p --x # y\n", "default",
    "credential_process", "p --x # y", 1, "keeps" },
  { "nothing but a comment", CONFIG, "[default]\nregion = # none\n", "default", "region", NULL, 1,
    "comment" },
  { "text after the bracket", CONFIG, "[default] x\nregion = a\n", "default", "region", "a", 1,
    "after" },
  { "comment after the bracket", CONFIG, "[default] # x\nregion = a\n", "default", "region", "a", 0,
    NULL },
  { "colon", CONFIG, "[default]\nregion: a\n", "default", "region", "a", 1, "\":\"" },
  { "colon in a value", CONFIG, "[default]\nendpoint_url = http://h:1\n", "default", "endpoint_url",
    "http://h:1", 0, NULL },
  { "a URL is no setting", CONFIG, "[default]\nhttp/x: a\nregion=b\n", "default", "http/x", NULL, 1,
    "no \"=\"" },
  { "key case", CONFIG, "[default]\nReGion = a\n", "default", "region", "a", 0, NULL },
  { "repeated key", CONFIG, "[default]\nregion = a\nregion = b\n", "default", "region", "b", 1,
    "twice" },
  { "repeated section", CONFIG, "[profile a]\nregion = a\n[profile a]\noutput = json\n", "a",
    "region", "a", 1, "repeated" },
  { "setting before a section", CONFIG, "region = x\n[default]\nregion = a\n", "default", "region",
    "a", 1, "before" },
  { "no equals sign", CONFIG, "[default]\nnonsense\nregion = a\n", "default", "region", "a", 1,
    "no \"=\"" },
  { "no key", CONFIG, "[default]\n= b\nregion = a\n", "default", "region", "a", 1, "key is empty" },
  { "no closing bracket", CONFIG, "[profile b\nregion = x\n[default]\nregion = a\n", "default",
    "region", "a", 1, "bracket" },
  { "no closing bracket hides its settings", CONFIG, "[default]\n[profile b\nregion = x\n",
    "default", "region", NULL, 1, "bracket" },
  { "two closing brackets", CONFIG, "[profile a]b]\nregion = a\n", "a", "region", "a", 1, "after" },
  { "empty value", CONFIG, "[default]\nregion =\n", "default", "region", NULL, 0, NULL },
  { "indented keys", CONFIG, "[default]\n  region = a\n  output = b\n", "default", "output", "b", 0,
    NULL },
  { "indented header", CONFIG, "[default]\nregion = a\n  [profile b]\nregion = c\n", "b", "region",
    "c", 0, NULL },
  { "byte order mark", CONFIG, "\xef\xbb\xbf[default]\nregion = a\n", "default", "region", "a", 0,
    NULL },
  { "bad UTF-8 in a known value", CONFIG, "[default]\nregion = a\xff\n", "default", "region", NULL,
    1, "UTF-8" },
  { "bad UTF-8 in an unknown value", CONFIG, "[default]\nmine = a\xff\n", "default", "mine",
    "a\xff", 1, "UTF-8" },
  { "bad UTF-8 in a name", CONFIG, "[profile \xff]\nregion = a\n[default]\nregion = b\n", "default",
    "region", "b", 1, "name" },
  { "CRLF", CONFIG, "[default]\r\nregion = a\r\n\r\noutput = b\r\n", "default", "output", "b", 0,
    NULL },
  { "CR", CONFIG, "[default]\rregion = a\routput = b\r", "default", "output", "b", 0, NULL },
  { "DEFAULT in config", CONFIG, "[DEFAULT]\nregion = a\n[profile b]\noutput = x\n", "b", "region",
    NULL, 1, "inherit" },
  { "DEFAULT in credentials", CREDENTIALS, "[DEFAULT]\nregion = a\n", "DEFAULT", "region", "a", 1,
    "ordinary" },
  { "both defaults", CONFIG, "[default]\nregion = a\noutput = x\n[profile default]\nregion = b\n",
    "default", "region", "b", 1, "both" },
  { "nothing of the weaker default stays", CONFIG,
    "[default]\noutput = x\n[profile default]\nregion = b\n", "default", "output", NULL, 1,
    "both" },
  { "both defaults, other order", CONFIG, "[profile default]\nregion = b\n[default]\nregion = a\n",
    "default", "region", "b", 1, "both" },
  { "double quotes", CONFIG, "[profile \"a b\"]\nregion = a\n", "a b", "region", "a", 0, NULL },
  { "single quotes", CONFIG, "[profile 'a b']\nregion = a\n", "a b", "region", "a", 0, NULL },
  { "two words", CONFIG, "[profile a b]\nregion = a\n", "a b", "region", NULL, 1, "quotes" },
  { "no name", CONFIG, "[profile]\nregion = a\n", "profile", "region", NULL, 1, "name" },
  { "no blank", CONFIG, "[profilefoo]\nregion = a\n", "foo", "region", NULL, 1, "did you mean" },
  { "open quote", CONFIG, "[profile \"a]\nregion = a\n", "a", "region", NULL, 1, "malformed" },
  { "blank after the bracket", CONFIG, "[ profile a ]\nregion = a\n", "a", "region", "a", 0, NULL },
  { "tab", CONFIG, "[profile\ta]\nregion\t=\ta\n", "a", "region", "a", 0, NULL },
  { "no prefix in config", CONFIG, "[foo]\nregion = a\n", "foo", "region", NULL, 1,
    "[profile foo]" },
  { "prefix in credentials", CREDENTIALS, "[profile x]\nregion = a\n", "x", "region", NULL, 1,
    "without the word" },
  { "session in credentials", CREDENTIALS, "[sso-session x]\nregion = a\n", "x", "region", NULL, 1,
    "config file" },
  { "services in credentials", CREDENTIALS, "[services x]\nregion = a\n", "x", "region", NULL, 1,
    "config file" },
  { "blanks in credentials", CREDENTIALS, "[a b]\nregion = a\n", "a b", "region", "a", 0, NULL },
  { "continued", CONFIG, "[default]\nmine = a\n  b\n\n  # c\n  c = d\nregion = e\n", "default",
    "mine", "a\nb\nc = d", 0, NULL },
  { "after a continued value", CONFIG, "[default]\nmine = a\n  b\nregion = e\n", "default",
    "region", "e", 0, NULL },
  { "equals in a value", CONFIG, "[default]\nmine = a=b==\n", "default", "mine", "a=b==", 0, NULL },
  { "no interpolation", CONFIG, "[default]\nmine = %(x)s%%\n", "default", "mine", "%(x)s%%", 0,
    NULL },
  { "odd name", CONFIG, "[profile a/b:c%@+.-_\\x]\nregion = a\n", "a/b:c%@+.-_\\x", "region", "a",
    0, NULL },
  { "unicode name", CONFIG, "[profile \xc3\xa9t\xc3\xa9\xe2\x9c\x93]\nregion = a\n",
    "\xc3\xa9t\xc3\xa9\xe2\x9c\x93", "region", "a", 0, NULL },
  { "text direction in a name", CONFIG,
    "[profile a\xe2\x80\xae"
    "b]\nregion = a\n",
    "a\xe2\x80\xae"
    "b",
    "region", NULL, 1, "name" },
};

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
      g_autoptr (GError) error = NULL;
      GPtrArray *warnings;

      g_test_message ("%s", rows[i].what);
      g_assert_true (fluo_aws_config_parse (config, rows[i].file, "file", rows[i].text,
                                            strlen (rows[i].text), &error));
      g_assert_no_error (error);
      g_assert_cmpstr (fluo_aws_config_get_profile (config, rows[i].profile, rows[i].key), ==,
                       rows[i].value);
      warnings = fluo_aws_config_get_warnings (config);
      for (guint j = 0; j < warnings->len; j++)
        g_test_message ("  %s", (char *) g_ptr_array_index (warnings, j));
      g_assert_cmpuint (warnings->len, ==, rows[i].n_warnings);
      if (rows[i].warning)
        g_assert_nonnull (strstr (g_ptr_array_index (warnings, 0), rows[i].warning));
    }
}

static void
test_nested_blocks (void)
{
  static const char text[] =
    "[services local]\nxray =\n  endpoint_url = http://127.0.0.1:2000\n\n  # c\n    deeper = x\n"
    "  nonsense\nlogs =\n  endpoint_url = http://other\n[sso-session corp]\nsso_region = a\n";
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();

  g_assert_true (fluo_aws_config_parse (config, CONFIG, "file", text, strlen (text), NULL));
  g_assert_cmpstr (fluo_aws_config_get (config, CONFIG, FLUO_AWS_SECTION_SERVICES, "local", "xray",
                                        "endpoint_url"),
                   ==, "http://127.0.0.1:2000");
  g_assert_cmpstr (
    fluo_aws_config_get (config, CONFIG, FLUO_AWS_SECTION_SERVICES, "local", "xray", "deeper"), ==,
    "x");
  g_assert_cmpstr (fluo_aws_config_get (config, CONFIG, FLUO_AWS_SECTION_SERVICES, "local", "logs",
                                        "endpoint_url"),
                   ==, "http://other");
  g_assert_null (
    fluo_aws_config_get (config, CONFIG, FLUO_AWS_SECTION_SERVICES, "local", "xray", NULL));
  g_assert_cmpstr (
    fluo_aws_config_get (config, CONFIG, FLUO_AWS_SECTION_SSO_SESSION, "corp", "sso_region", NULL),
    ==, "a");
  g_assert_cmpuint (fluo_aws_config_get_warnings (config)->len, ==, 1);
  g_assert_true (
    g_str_has_prefix (g_ptr_array_index (fluo_aws_config_get_warnings (config), 0), "file:7: "));
}

/* The credentials file's word beats the config file's, and an empty one doesn't count. */
static void
test_merge (void)
{
  static const char config_text[] = "[profile a]\nregion = x\noutput = y\n[default]\n";
  static const char credentials_text[] = "[a]\nregion = z\noutput =\n[b]\n";
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;

  g_assert_true (
    fluo_aws_config_parse (config, CONFIG, "f", config_text, strlen (config_text), NULL));
  g_assert_true (fluo_aws_config_parse (config, CREDENTIALS, "f", credentials_text,
                                        strlen (credentials_text), NULL));
  g_assert_cmpstr (fluo_aws_config_get_profile (config, "a", "region"), ==, "z");
  g_assert_cmpstr (fluo_aws_config_get_profile (config, "a", "output"), ==, "y");
  names = fluo_aws_config_dup_profiles (config);
  list = g_strjoinv (" ", names);
  g_assert_cmpstr (list, ==, "a b default");
  g_assert_true (fluo_aws_config_has_profile (config, "b"));
  g_assert_false (fluo_aws_config_has_profile (config, "c"));
}

static void
test_encodings_refused (void)
{
  static const char nul[] = "[default]\nregion = a\0b\n", utf16[] = "\xff\xfe[\0d\0";
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (fluo_aws_config_parse (config, CONFIG, "f", nul, sizeof nul - 1, &error));
  g_assert_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_ENCODING);
  g_clear_error (&error);
  g_assert_false (fluo_aws_config_parse (config, CONFIG, "f", utf16, sizeof utf16 - 1, &error));
  g_assert_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_ENCODING);
  g_assert_nonnull (strstr (error->message, "UTF-16"));
}

static void
test_limits (void)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_autoptr (GString) text = g_string_new ("[default]\nlong = ");
  g_auto (GStrv) names = NULL;
  GPtrArray *warnings = fluo_aws_config_get_warnings (config);

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\nregion = a\nmine = b\n");
  for (guint i = 0; i < 100; i++)
    {
      g_string_append_c (text, ' ');
      for (guint j = 0; j < 1000; j++)
        g_string_append_c (text, 'y');
      g_string_append_c (text, '\n');
    }
  for (guint i = 0; i < 1200; i++)
    g_string_append_printf (text, "key%u = 1\n", i);
  for (guint i = 0; i < 10100; i++)
    g_string_append_printf (text, "[profile p%u]\n", i);
  g_assert_true (fluo_aws_config_parse (config, CONFIG, "f", text->str, text->len, NULL));

  g_assert_null (fluo_aws_config_get_profile (config, "default", "long"));
  g_assert_cmpstr (fluo_aws_config_get_profile (config, "default", "region"), ==, "a");
  g_assert_cmpuint (strlen (fluo_aws_config_get_profile (config, "default", "mine")), <=, 65536);
  g_assert_cmpstr (fluo_aws_config_get_profile (config, "default", "key900"), ==, "1");
  g_assert_null (fluo_aws_config_get_profile (config, "default", "key1100"));
  names = fluo_aws_config_dup_profiles (config);
  g_assert_cmpuint (g_strv_length (names), ==, 10000);
  g_assert_cmpuint (warnings->len, ==, FLUO_AWS_WARNINGS_MAX);
  g_assert_nonnull (strstr (g_ptr_array_index (warnings, warnings->len - 1), "left out"));
}

/* Warnings are shown and logged, so no value may be in them. */
static void
test_no_secret_in_warnings (void)
{
  static const char text[] =
    "CANARY = CANARY\n[default]\naws_secret_access_key = CANARY # CANARY\n"
    "aws_secret_access_key = CANARY\xff\nCANARY CANARY\naws_session_token: CANARY\n"
    "region = CANARY # CANARY\n  CANARY\xff\n";
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  GPtrArray *warnings = fluo_aws_config_get_warnings (config);

  g_assert_true (fluo_aws_config_parse (config, CREDENTIALS, "f", text, strlen (text), NULL));
  g_assert_cmpuint (warnings->len, >=, 6);
  for (guint i = 0; i < warnings->len; i++)
    g_assert_null (strstr (g_ptr_array_index (warnings, i), "CANARY"));
}

typedef struct
{
  char *dir;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = fluo_test_dir_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fluo_test_dir_free (fixture->dir);
}

static void
check_refused (const char *path, FluoAwsConfigError code)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (fluo_aws_config_load (config, CREDENTIALS, path, &error));
  g_assert_error (error, FLUO_AWS_CONFIG_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
}

/* None of these may hang or be taken for an empty file. */
static void
test_odd_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = g_build_filename (fixture->dir, "fifo", NULL);
  g_autofree char *dangling = g_build_filename (fixture->dir, "dangling", NULL);
  g_autofree char *large = g_build_filename (fixture->dir, "large", NULL);
  g_autofree char *bytes = g_strnfill (5 * 1024 * 1024, '#');
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  check_refused (fifo, FLUO_AWS_CONFIG_ERROR_UNREADABLE);
  check_refused (fixture->dir, FLUO_AWS_CONFIG_ERROR_UNREADABLE);
  check_refused ("/dev/zero", FLUO_AWS_CONFIG_ERROR_UNREADABLE);
  g_assert_true (g_file_set_contents (large, bytes, -1, NULL));
  check_refused (large, FLUO_AWS_CONFIG_ERROR_TOO_LARGE);

  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  g_assert_true (fluo_aws_config_load (config, CREDENTIALS, dangling, &error));
  g_assert_no_error (error);
}

/* Whoever looks into itself is not followed for ever; who may read anything reads this too. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *circle = g_build_filename (fixture->dir, "circle", NULL);
  g_autofree char *closed = g_build_filename (fixture->dir, "closed", NULL);
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();

  g_assert_cmpint (symlink ("circle", circle), ==, 0);
  check_refused (circle, FLUO_AWS_CONFIG_ERROR_UNREADABLE);
  g_assert_true (g_file_set_contents (closed, "[a]\nregion = x\n", -1, NULL));
  g_assert_cmpint (g_chmod (closed, 0), ==, 0);
  if (geteuid () != 0)
    check_refused (closed, FLUO_AWS_CONFIG_ERROR_UNREADABLE);
  else
    g_assert_true (fluo_aws_config_load (config, CREDENTIALS, closed, NULL));
}

#define WRITES 500

typedef struct
{
  const char *path;
  gint        is_done;
} Writer;

/* An editor saves: the file is another one from one moment to the next. */
static gpointer
write_thread (gpointer data)
{
  Writer *writer = data;

  for (guint i = 0; i < WRITES; i++)
    {
      const char *text = i % 2 ? "[a]\nregion = one\noutput = one\n"
                               : "[a]\nregion = other\n# longer\noutput = other\n";

      g_assert_true (g_file_set_contents_full (writer->path, text, -1,
                                               G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    }
  g_atomic_int_set (&writer->is_done, TRUE);
  return NULL;
}

/* Either file, never a mixture. */
static void
test_replaced_while_read (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "changing", NULL);
  Writer writer = { path, FALSE };
  GThread *thread;

  g_assert_true (g_file_set_contents (path, "[a]\nregion = one\noutput = one\n", -1, NULL));
  thread = g_thread_new ("writer", write_thread, &writer);
  while (!g_atomic_int_get (&writer.is_done))
    {
      g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (fluo_aws_config_load (config, CREDENTIALS, path, &error));
      g_assert_no_error (error);
      g_assert_nonnull (fluo_aws_config_get_profile (config, "a", "region"));
      g_assert_cmpstr (fluo_aws_config_get_profile (config, "a", "region"), ==,
                       fluo_aws_config_get_profile (config, "a", "output"));
    }
  g_thread_join (thread);
}

static void
test_exposed_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "credentials", NULL);
  g_autofree char *link = g_build_filename (fixture->dir, "link", NULL);
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();

  g_assert_true (g_file_set_contents (path, "[a]\nregion = x\n", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_cmpint (symlink ("credentials", link), ==, 0);
  g_assert_true (fluo_aws_config_load (config, CREDENTIALS, link, NULL));
  g_assert_cmpstr (fluo_aws_config_get_profile (config, "a", "region"), ==, "x");
  g_assert_cmpuint (fluo_aws_config_get_warnings (config)->len, ==, 1);
  g_assert_nonnull (
    strstr (g_ptr_array_index (fluo_aws_config_get_warnings (config), 0), "other users"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/config/rows", test_rows);
  g_test_add_func ("/aws/config/nested-blocks", test_nested_blocks);
  g_test_add_func ("/aws/config/merge", test_merge);
  g_test_add_func ("/aws/config/encodings-refused", test_encodings_refused);
  g_test_add_func ("/aws/config/limits", test_limits);
  g_test_add_func ("/aws/config/no-secret-in-warnings", test_no_secret_in_warnings);
  g_test_add ("/aws/config/odd-files", Fixture, NULL, set_up, test_odd_files, tear_down);
  g_test_add ("/aws/config/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  g_test_add ("/aws/config/replaced-while-read", Fixture, NULL, set_up, test_replaced_while_read,
              tear_down);
  g_test_add ("/aws/config/exposed-file", Fixture, NULL, set_up, test_exposed_file, tear_down);
  return g_test_run ();
}
