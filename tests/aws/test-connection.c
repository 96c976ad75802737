/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "aws/fluo-connection.h"
#include "aws/fluo-credential-facts.h"
#include "aws/fluo-region.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  char *dir;
  char *path;
  FluoConnectionList *list;
  guint n_changed;
} Fixture;

static void
changed_cb (Fixture *self)
{
  self->n_changed++;
}

static void
open_list (Fixture *self)
{
  g_clear_object (&self->list);
  self->list = fluo_connection_list_new (self->path);
  g_signal_connect_swapped (self->list, "changed", G_CALLBACK (changed_cb), self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->dir = fluo_test_dir_new ();
  self->path = g_build_filename (self->dir, "fluoroscope", "connections.ini", NULL);
  open_list (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_unref (self->list);
  g_free (self->path);
  fluo_test_dir_free (self->dir);
}

static char *
add (Fixture *self, const char *name)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  g_autoptr (GError) error = NULL;

  fluo_connection_set (&connection->name, name);
  fluo_connection_set (&connection->profile, name);
  g_assert_true (fluo_connection_list_put (self->list, connection, -1, &error));
  g_assert_no_error (error);
  return g_strdup (connection->id);
}

static char *
names (Fixture *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < fluo_connection_list_get_n (self->list); i++)
    g_string_append_printf (text, "%s%s", i ? " " : "",
                            fluo_connection_list_get (self->list, i)->name);
  return g_string_free (text, FALSE);
}

#define assert_names(self, expected)                                                             \
  G_STMT_START                                                                                   \
  {                                                                                              \
    g_autofree char *found = names (self);                                                       \
    g_assert_cmpstr (found, ==, expected);                                                       \
  }                                                                                              \
  G_STMT_END

/* Everything survives the file. */
static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_KEYS);
  g_autoptr (GError) error = NULL;
  const FluoConnection *read;

  fluo_connection_set (&connection->name, "Läden; [prod]\n#1");
  fluo_connection_set (&connection->access_key, "AKIAIOSFODNN7EXAMPLE");
  fluo_connection_set (&connection->region, "eu-central-1");
  fluo_connection_set (&connection->role_arn, "arn:aws:iam::402155889917:role/oncall");
  fluo_connection_set (&connection->badge, "PROD");
  connection->accent = FLUO_ACCENT_RED;
  connection->fips = TRUE;
  connection->use_logs = FALSE;
  connection->budget_microusd = 250000;
  g_assert_true (fluo_connection_list_put (self->list, connection, -1, &error));
  g_assert_no_error (error);
  open_list (self);
  g_assert_cmpuint (fluo_connection_list_get_n (self->list), ==, 1);
  read = fluo_connection_list_find (self->list, connection->id);
  g_assert_nonnull (read);
  g_assert_cmpstr (read->name, ==, connection->name);
  g_assert_cmpstr (read->badge, ==, "PROD");
  g_assert_cmpint (read->accent, ==, FLUO_ACCENT_RED);
  g_assert_cmpint (read->budget_microusd, ==, 250000);
  g_assert_true (read->use_metrics);
  g_assert_false (read->use_logs);
  g_assert_true (fluo_connection_same_target (read, connection));
}

static void
test_order (Fixture *self, gconstpointer data)
{
  g_autofree char *a = add (self, "a"), *b = add (self, "b"), *c = add (self, "c");
  g_autoptr (FluoConnection) removed = NULL;

  assert_names (self, "a b c");
  g_assert_true (fluo_connection_list_move (self->list, c, 0, NULL));
  assert_names (self, "c a b");
  g_assert_true (fluo_connection_list_move (self->list, c, 99, NULL));
  assert_names (self, "a b c");
  /* Undo puts it back where it was. */
  removed = fluo_connection_copy (fluo_connection_list_find (self->list, b));
  g_assert_true (fluo_connection_list_remove (self->list, b, NULL));
  assert_names (self, "a c");
  g_assert_true (fluo_connection_list_put (self->list, removed, 1, NULL));
  assert_names (self, "a b c");
  open_list (self);
  assert_names (self, "a b c");
}

static void
test_free_name (Fixture *self, gconstpointer data)
{
  g_autofree char *id = add (self, "shop"), *second = add (self, "shop 2");
  g_autofree char *other = fluo_connection_list_dup_free_name (self->list, "bank");
  g_autofree char *taken = fluo_connection_list_dup_free_name (self->list, "shop");

  g_assert_cmpstr (other, ==, "bank");
  g_assert_cmpstr (taken, ==, "shop 3");
}

static void
write_file (Fixture *self, const char *text)
{
  g_autofree char *dir = g_path_get_dirname (self->path);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (self->path, text, -1, NULL));
}

static gboolean
has_one (gpointer data)
{
  return fluo_connection_list_get_n (((Fixture *) data)->list) == 1;
}

/* Another program's change shows by itself, and what is unknown stays in the file. */
static void
test_others (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL, *id = NULL;

  write_file (self, "[connections]\nVersion=1\nOrder=x;y;x;\n"
                    "[connection x]\nKind=profile\nName=X\nProfile=p\nFuture=1\n"
                    "[connection y]\nKind=telepathy\nName=Y\n");
  g_assert_true (fluo_test_wait_until (has_one, self, PATIENCE_MS));
  g_assert_cmpuint (self->n_changed, >, 0);
  id = add (self, "z");
  assert_names (self, "X z");
  g_assert_true (g_file_get_contents (self->path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "Future=1"));
  g_assert_nonnull (strstr (text, "telepathy"));
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);
  g_autofree char *id = NULL;

  write_file (self, "\x01\x02 no key file");
  open_list (self);
  g_assert_nonnull (fluo_connection_list_get_error (self->list));
  g_assert_cmpuint (fluo_connection_list_get_n (self->list), ==, 0);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  /* It goes on with a new one. */
  id = add (self, "a");
  assert_names (self, "a");
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  write_file (self, "[connections]\nVersion=9\n");
  open_list (self);
  fluo_connection_set (&connection->name, "a");
  fluo_connection_set (&connection->profile, "a");
  g_assert_false (fluo_connection_list_put (self->list, connection, -1, &error));
  g_assert_error (error, FLUO_CONNECTION_LIST_ERROR, FLUO_CONNECTION_LIST_ERROR_NEWER);
  g_assert_true (g_file_get_contents (self->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "[connections]\nVersion=9\n");
}

/* What would send signed requests astray is refused before it is kept, and when it is read. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *region, *endpoint, *role, *words;
  } cases[] = {
    { "x.example.com/", "", "", "region" },
    { "", "http://user:word@10.0.0.1/", "", "user name" },
    { "", "gopher://x", "", "neither" },
    { "", "", "role/x", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      fluo_connection_set (&connection->name, "a");
      fluo_connection_set (&connection->profile, "a");
      fluo_connection_set (&connection->region, cases[i].region);
      fluo_connection_set (&connection->endpoint, cases[i].endpoint);
      fluo_connection_set (&connection->role_arn, cases[i].role);
      g_assert_false (fluo_connection_list_put (self->list, connection, -1, &error));
      g_assert_nonnull (error);
      if (cases[i].words)
        g_assert_nonnull (strstr (error->message, cases[i].words));
      text = g_strdup_printf ("[connections]\nOrder=x;\n[connection x]\nKind=profile\nName=X\n"
                              "Profile=p\nRegion=%s\nEndpoint=%s\nRoleArn=%s\n",
                              cases[i].region, cases[i].endpoint, cases[i].role);
      write_file (self, text);
      open_list (self);
      g_assert_cmpuint (fluo_connection_list_get_n (self->list), ==, 0);
    }
}

/* Single sign-on keeps where, which account and which role, and nothing that opens a door. */
static void
test_single_sign_on (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *key, *value;
  } bad[] = {
    { "SsoStartUrl", "http://corp.awsapps.com/start" },
    { "SsoStartUrl", "https://user@corp.awsapps.com" },
    { "SsoRegion", "x.evil.com/" },
    { "SsoAccount", "12345" },
    { "SsoRole", "" },
    { "Region", "" },
  };
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_SSO);
  g_autoptr (FluoConnection) other = NULL;
  g_autoptr (GError) error = NULL;
  const FluoConnection *read;

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->sso_start_url, "https://corp.awsapps.com/start");
  fluo_connection_set (&connection->sso_region, "eu-west-1");
  fluo_connection_set (&connection->sso_session, "corp");
  fluo_connection_set (&connection->sso_account, "402155889917");
  fluo_connection_set (&connection->sso_role, "oncall-read");
  fluo_connection_set (&connection->region, "eu-central-1");
  g_assert_true (fluo_connection_list_put (self->list, connection, -1, &error));
  g_assert_no_error (error);
  open_list (self);
  read = fluo_connection_list_find (self->list, connection->id);
  g_assert_nonnull (read);
  g_assert_true (fluo_connection_same_target (read, connection));
  g_assert_cmpstr (read->sso_session, ==, "corp");
  other = fluo_connection_copy (read);
  fluo_connection_set (&other->sso_role, "admin");
  g_assert_false (fluo_connection_same_target (read, other));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *group = g_strconcat ("connection ", connection->id, NULL);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_autofree char *text = NULL, *good = fluo_test_read (self->path, NULL);

      g_assert_true (g_key_file_load_from_file (file, self->path, 0, NULL));
      g_key_file_set_string (file, group, bad[i].key, bad[i].value);
      text = g_key_file_to_data (file, NULL, NULL);
      write_file (self, text);
      open_list (self);
      g_assert_cmpuint (fluo_connection_list_get_n (self->list), ==, 0);
      write_file (self, good);
    }
}

/* Whose keys they are, in as few words as say it. */
static void
test_who (void)
{
  static const char *const cases[][2] = {
    { "arn:aws:iam::111122223333:user/ops/alice", "alice" },
    { "arn:aws:sts::111122223333:assumed-role/oncall/alice@example.com",
      "oncall (alice@example.com)" },
    { "arn:aws:sts::111122223333:assumed-role/oncall/fluoroscope-me-1", "oncall" },
    { "arn:aws:iam::111122223333:role/path/oncall", "oncall" },
    { "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root" },
  };
  g_autoptr (FluoCredentialFacts) sso = fluo_credential_facts_new ();
  g_autofree char *role = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FluoCredentialFacts) facts = fluo_credential_facts_new ();
      g_autofree char *who = NULL;

      facts->arn = g_strdup (cases[i][0]);
      who = fluo_credential_facts_dup_who (facts);
      g_assert_cmpstr (who, ==, cases[i][1]);
    }
  g_assert_null (fluo_credential_facts_dup_who (sso));
  fluo_credential_facts_add (sso, FLUO_CREDENTIAL_STEP_SSO, "corp", "Read");
  role = fluo_credential_facts_dup_who (sso);
  g_assert_cmpstr (role, ==, "Read");
}

static void
test_regions (void)
{
  g_autofree char *known = fluo_region_dup_title ("eu-central-1");
  g_autofree char *unknown = fluo_region_dup_title ("eu-moon-1");

  g_assert_cmpstr (known, ==, "eu-central-1 · Frankfurt");
  g_assert_cmpstr (unknown, ==, "eu-moon-1");
  g_assert_cmpstr (fluo_region_get_partition ("cn-moon-1"), ==, "aws-cn");
  g_assert_cmpstr (fluo_region_get_partition ("us-isob-east-1"), ==, "aws-iso-b");
  g_assert_cmpstr (fluo_region_get_partition ("us-gov-west-1"), ==, "aws-us-gov");
  g_assert_cmpstr (fluo_region_get_partition ("eu-moon-1"), ==, "aws");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/connection/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/connection/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/connection/free-name", Fixture, NULL, set_up, test_free_name, tear_down);
  g_test_add ("/connection/others", Fixture, NULL, set_up, test_others, tear_down);
  g_test_add ("/connection/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/connection/newer", Fixture, NULL, set_up, test_newer, tear_down);
  g_test_add ("/connection/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/connection/single-sign-on", Fixture, NULL, set_up, test_single_sign_on, tear_down);
  g_test_add_func ("/connection/who", test_who);
  g_test_add_func ("/connection/regions", test_regions);
  return g_test_run ();
}
