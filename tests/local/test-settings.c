/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "core/fluo-time-span.h"
#include "local/settings/fluo-settings.h"
#include "local/store/fluo-connection.h"
#include "fluo-test-util.h"

typedef struct
{
  char         *directory;
  char         *path;
  gint64        now_s;
  FluoSettings *settings;
} Fixture;

static gint64
clock_of (gpointer data)
{
  return ((Fixture *) data)->now_s * FLUO_NSEC_PER_SEC;
}

static void
open_settings (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->settings = fluo_settings_open (self->directory, clock_of, self, &error);
  g_assert_no_error (error);
}

static void
reopen (Fixture *self)
{
  g_clear_pointer (&self->settings, fluo_settings_free);
  open_settings (self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->directory = fluo_test_dir_new ();
  self->path = g_build_filename (self->directory, FLUO_SETTINGS_FILE_NAME, NULL);
  self->now_s = 1790000000;
  open_settings (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->settings, fluo_settings_free);
  fluo_test_dir_free (self->directory);
  g_free (self->path);
}

static GHashTable *
tag (const char *key, const char *value)
{
  GHashTable *tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (tags, g_strdup (key), g_strdup (value));
  return tags;
}

/* --- Groups ------------------------------------------------------------- */

static FluoGroups *
create (Fixture *self, const char *name, const char *expression, GError **error)
{
  FluoGroupChange change = { name, NULL, expression, -1, -1 };

  return fluo_settings_create_group (self->settings, &change, NULL, error);
}

static FluoGroups *
update (Fixture *self, const char *name, const char *expression, int insights, int notifications,
        GError **error)
{
  FluoGroupChange change = { name, NULL, expression, insights, notifications };

  return fluo_settings_update_group (self->settings, &change, error);
}

/* @what gives &invalid as its error. */
#define EXPECT_INVALID(what) \
  G_STMT_START \
  { \
    g_autoptr (GError) invalid = NULL; \
    g_assert_false (what); \
    g_assert_error (invalid, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID); \
  } \
  G_STMT_END

static void
test_groups (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoGroups) first = create (self, "shop", "service(\"web\")", &error);
  g_autoptr (FluoGroups) second = NULL, third = NULL;
  const FluoGroup *group;
  g_autofree char *arn = NULL;
  guint32 key;
  guint n;

  g_assert_no_error (error);
  group = fluo_groups_find (first, "shop", NULL);
  key = group->key;
  arn = g_strdup (group->arn);
  g_assert_cmpuint (key, >, 0);
  g_assert_cmpuint (group->version, ==, 1);
  g_assert_true (g_regex_match_simple (
    "^arn:aws:xray:local:000000000000:group/shop/[A-Z2-7]{52}$", arn, 0, 0));
  g_assert_true (fluo_groups_find (first, NULL, arn) == group);
  g_assert_null (fluo_groups_find (first, "Shop", NULL));
  g_assert_null (fluo_groups_find (first, "Default", arn));
  EXPECT_INVALID (create (self, "shop", "", &invalid));
  EXPECT_INVALID (create (self, "Default", "", &invalid));
  EXPECT_INVALID (create (self, "a b", "", &invalid));
  EXPECT_INVALID (update (self, "none", "", -1, -1, &invalid));
  EXPECT_INVALID (update (self, "shop", NULL, -1, TRUE, &invalid));
  EXPECT_INVALID (update (self, "Default", "fault", -1, -1, &invalid));

  /* Only another expression makes another version; what is not given stays. */
  second = update (self, "shop", NULL, TRUE, TRUE, &error);
  g_assert_no_error (error);
  group = fluo_groups_find (second, "shop", NULL);
  g_assert_cmpuint (group->version, ==, 1);
  g_assert_true (group->insights && group->notifications);
  g_clear_pointer (&second, fluo_groups_unref);
  second = update (self, "shop", "fault", -1, -1, &error);
  g_assert_no_error (error);
  group = fluo_groups_find (second, "shop", NULL);
  g_assert_cmpuint (group->version, ==, 2);
  g_assert_cmpuint (group->key, ==, key);
  g_assert_cmpstr (group->expression, ==, "fault");
  g_assert_true (group->insights);
  g_assert_cmpstr (fluo_groups_find (first, "shop", NULL)->expression, ==, "service(\"web\")");

  reopen (self);
  third = fluo_settings_ref_groups (self->settings);
  group = fluo_groups_get (third, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (group->arn, ==, arn);
  g_assert_cmpuint (group->version, ==, 2);
  g_assert_true (group->notifications);
}

/* Stored traces carry the key: no later group may find them. */
static void
test_group_keys (Fixture *self, gconstpointer data)
{
  guint32 last = 0;

  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoGroups) groups = create (self, "shop", "", &error);
      guint32 key;

      g_assert_no_error (error);
      key = fluo_groups_find (groups, "shop", NULL)->key;
      g_assert_cmpuint (key, >, last);
      last = key;
      g_assert_true (fluo_settings_delete_group (self->settings, "shop", NULL, &error));
      if (i % 10 == 5)
        reopen (self);
      if (i == 20)
        {
          /* Even without the file that remembers. */
          g_clear_pointer (&self->settings, fluo_settings_free);
          g_assert_cmpint (g_unlink (self->path), ==, 0);
          self->now_s += 60;
          open_settings (self);
        }
    }
}

static void
test_group_limit (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 24; i++)
    {
      g_autofree char *name = g_strdup_printf ("g%u", i);
      g_autoptr (FluoGroups) groups = create (self, name, "", NULL);

      g_assert_nonnull (groups);
    }
  EXPECT_INVALID (create (self, "more", "", &invalid));
}

/* --- Rules -------------------------------------------------------------- */

static FluoSamplingRule *
change_rule (Fixture *self, const char *json, gboolean make, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  return make ? fluo_settings_create_rule (self->settings, tape, 0, NULL, error)
              : fluo_settings_update_rule (self->settings, tape, 0, error);
}

static void
test_rules (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoSamplingRule) rule = NULL, changed = NULL, gone = NULL, by_default = NULL;
  g_autoptr (GPtrArray) rules = NULL;
  gint64 modified_s;

  rule = change_rule (self,
                      "{\"RuleName\":\"bank\",\"Priority\":7,\"FixedRate\":0.25,"
                      "\"ReservoirSize\":3,\"URLPath\":\"/pay\",\"Attributes\":{\"k\":\"v\"},"
                      "\"SamplingRateBoost\":{\"MaxRate\":0.5,\"CooldownWindowMinutes\":4}}",
                      TRUE, &error);
  g_assert_no_error (error);
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"bank\"}", TRUE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"Default\"}", TRUE, &invalid));
  EXPECT_INVALID (change_rule (self, "{}", TRUE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleARN\":\"x\"}", TRUE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"b\",\"Version\":2}", TRUE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"bank\",\"FixedRate\":1.5}", FALSE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"bank\",\"Priority\":0}", FALSE, &invalid));
  EXPECT_INVALID (
    change_rule (self, "{\"RuleName\":\"bank\",\"ReservoirSize\":-1}", FALSE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"Default\",\"Priority\":5}", FALSE, &invalid));
  EXPECT_INVALID (change_rule (self, "{\"RuleName\":\"Default\",\"Host\":\"a\"}", FALSE, &invalid));
  EXPECT_INVALID (fluo_settings_delete_rule (self->settings, "Default", NULL, &invalid));
  EXPECT_INVALID (fluo_settings_delete_rule (self->settings, "none", NULL, &invalid));
  EXPECT_INVALID (fluo_settings_delete_rule (self->settings, "bank", "arn", &invalid));

  self->now_s += 5;
  changed = change_rule (self,
                         "{\"RuleARN\":\"arn:aws:xray:local:000000000000:sampling-rule/bank\","
                         "\"Host\":\"h\"}",
                         FALSE, &error);
  g_assert_no_error (error);
  by_default = change_rule (self, "{\"RuleName\":\"Default\",\"FixedRate\":0.5}", FALSE, &error);
  g_assert_no_error (error);
  reopen (self);
  rules = fluo_settings_ref_rules (self->settings, &modified_s);
  g_assert_cmpint (modified_s, ==, 1790000005);
  g_assert_cmpuint (rules->len, ==, 2);
  g_clear_pointer (&changed, fluo_sampling_rule_unref);
  changed = fluo_sampling_rule_ref (rules->pdata[0]);
  g_assert_cmpstr (changed->fields[FLUO_RULE_HOST], ==, "h");
  g_assert_cmpstr (changed->fields[FLUO_RULE_PATH], ==, "/pay");
  g_assert_cmpstr (changed->keys[0], ==, "k");
  g_assert_cmpfloat (changed->rate, ==, 0.25);
  g_assert_cmpfloat (changed->boost_max, ==, 0.5);
  g_assert_cmpint (changed->cooldown_min, ==, 4);
  g_assert_cmpint (changed->created_s, ==, 1790000000);
  g_assert_cmpint (changed->modified_s, ==, 1790000005);
  g_assert_cmpfloat (((FluoSamplingRule *) rules->pdata[1])->rate, ==, 0.5);
  gone = fluo_settings_delete_rule (self->settings, "bank", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (gone->name, ==, "bank");
}

static void
test_rule_limit (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"RuleName\":\"r%u\"}", i);
      g_autoptr (FluoSamplingRule) rule = change_rule (self, json, TRUE, &error);

      g_assert_no_error (error);
    }
  g_assert_null (change_rule (self, "{\"RuleName\":\"more\"}", TRUE, &error));
  g_assert_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_RULE_LIMIT);
}

/* --- Tags and policies -------------------------------------------------- */

static void
test_tags (Fixture *self, gconstpointer data)
{
  static const char *const keys[] = { "a", "absent", NULL };
  g_autoptr (GHashTable) tags = tag ("a", "1"), more = tag ("b", "2"), many = tag ("aws:x", "");
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_settings_tag (self->settings, FLUO_DEFAULT_GROUP_ARN, tags, &error));
  g_assert_true (fluo_settings_tag (self->settings, FLUO_DEFAULT_GROUP_ARN, more, &error));
  EXPECT_INVALID (fluo_settings_tag (self->settings, FLUO_DEFAULT_GROUP_ARN, many, &invalid));
  reopen (self);
  list = fluo_settings_list_tags (self->settings, FLUO_DEFAULT_GROUP_ARN, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 4);
  g_assert_cmpstr (list->pdata[0], ==, "a");
  g_assert_cmpstr (list->pdata[3], ==, "2");
  g_assert_true (fluo_settings_untag (self->settings, FLUO_DEFAULT_GROUP_ARN, keys, &error));
  for (guint i = 0; i < 50; i++)
    g_hash_table_insert (more, g_strdup_printf ("k%u", i), g_strdup (""));
  g_assert_false (fluo_settings_tag (self->settings, FLUO_DEFAULT_GROUP_ARN, more, &error));
  g_assert_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_TOO_MANY_TAGS);
  g_clear_error (&error);
  g_assert_null (fluo_settings_list_tags (self->settings, "arn:none", &error));
  g_assert_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_NOT_FOUND);
}

/* A rule that is made again begins without the tags of the one before. */
static void
test_tags_go (Fixture *self, gconstpointer data)
{
  g_autoptr (GHashTable) tags = tag ("a", "1");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FluoSamplingRule) rule = change_rule (self, "{\"RuleName\":\"r\"}", TRUE, &error);
      const char *arn = rule->arn;
      g_autoptr (GPtrArray) list = fluo_settings_list_tags (self->settings, arn, &error);
      g_autoptr (FluoSamplingRule) gone = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (list->len, ==, 0);
      g_assert_true (fluo_settings_tag (self->settings, arn, tags, &error));
      gone = fluo_settings_delete_rule (self->settings, NULL, arn, &error);
      g_assert_nonnull (gone);
    }
}

#define STATEMENT(effect, more)                                                                    \
  "{\"Effect\":\"" effect                                                                          \
  "\",\"Principal\":\"*\",\"Action\":[\"xray:Put*\"],\"Resource\":\"*\"" more "}"
#define POLICY(statement) "{\"Version\":\"2012-10-17\",\"Statement\":" statement "}"

static gint64
put (Fixture *self, const char *name, const char *document, const char *revision, GError **error)
{
  g_autoptr (FluoPolicy) policy =
    fluo_settings_put_policy (self->settings, name, document, revision, FALSE, error);

  return policy ? policy->revision : -1;
}

static void
check_put (Fixture *self, const char *document, const char *revision, FluoSettingsError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (put (self, "p", document, revision, &error), ==, -1);
  g_assert_error (error, FLUO_SETTINGS_ERROR, (int) code);
}

static void
test_policies (Fixture *self, gconstpointer data)
{
  static const char good[] = POLICY (STATEMENT ("Allow", ""));
  g_autofree char *large = g_strnfill (5 * 1024 + 1, ' ');
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoPolicy) policy = NULL;

  g_assert_cmpint (put (self, "p", good, "0", &error), ==, 1);
  g_assert_cmpint (put (self, "p", good, NULL, &error), ==, 2);
  g_assert_cmpint (put (self, "p", good, "2", &error), ==, 3);
  check_put (self, good, "0", FLUO_SETTINGS_ERROR_POLICY_REVISION);
  check_put (self, good, "03", FLUO_SETTINGS_ERROR_POLICY_REVISION);
  check_put (self, large, NULL, FLUO_SETTINGS_ERROR_POLICY_SIZE);
  check_put (self, "", NULL, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT);
  check_put (self, "[]", NULL, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT);
  check_put (self, "{}", NULL, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT);
  check_put (self, POLICY ("[]"), NULL, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT);
  check_put (self, POLICY (STATEMENT ("Maybe", "")), NULL, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT);
  check_put (self, POLICY ("[" STATEMENT ("Allow", "") "," STATEMENT ("Deny", "") "]"), NULL,
             FLUO_SETTINGS_ERROR_POLICY_LOCKOUT);
  policy = fluo_settings_put_policy (self->settings, "p", POLICY (STATEMENT ("Deny", "")), NULL,
                                     TRUE, &error);
  g_assert_cmpint (policy->revision, ==, 4);
  g_assert_cmpint (
    put (self, "p", POLICY (STATEMENT ("Deny", ",\"Condition\":{}")), NULL, &error), ==, 5);
  for (char name[] = "1"; name[0] < '5'; name[0]++)
    g_assert_cmpint (put (self, name, good, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (put (self, "6", good, NULL, &error), ==, -1);
  g_assert_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_POLICY_COUNT);
  g_clear_error (&error);
  reopen (self);
  list = fluo_settings_list_policies (self->settings);
  g_assert_cmpuint (list->len, ==, 5);
  g_assert_cmpstr (((FluoPolicy *) list->pdata[4])->name, ==, "p");
  g_assert_false (fluo_settings_delete_policy (self->settings, "p", "4", &error));
  g_assert_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_POLICY_REVISION);
  g_clear_error (&error);
  g_assert_true (fluo_settings_delete_policy (self->settings, "p", "5", &error));
  EXPECT_INVALID (fluo_settings_delete_policy (self->settings, "p", NULL, &invalid));
  g_assert_cmpint (put (self, "p", good, "0", &error), ==, 1);
}

/* --- The file ----------------------------------------------------------- */

static void
test_file (Fixture *self, gconstpointer data)
{
  struct stat info;

  g_assert_cmpint (g_stat (self->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_null (fluo_settings_dup_notice (self->settings));
}

static gboolean
find_damaged (Fixture *self)
{
  g_autoptr (GDir) directory = g_dir_open (self->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)))
    if (g_str_has_prefix (name, "settings.db.damaged-") && !strstr (name, "-wal") &&
        !strstr (name, "-shm"))
      return TRUE;
  return FALSE;
}

/* What is no settings file is kept for its owner, and a new one begun. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  static const char *const contents[] = { "this is no database at all, but long enough to be read",
                                          "SQLite format 3" };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *notice = NULL, *directory = fluo_test_dir_new (), *path = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoGroups) groups = NULL;
      g_autofree char *large = g_strdup_printf ("%s%*s", contents[i], 9000, "x");
      char *old = self->directory;

      g_clear_pointer (&self->settings, fluo_settings_free);
      path = g_build_filename (directory, FLUO_SETTINGS_FILE_NAME, NULL);
      g_assert_true (g_file_set_contents (path, large, -1, NULL));
      g_test_expect_message ("fluo-local", G_LOG_LEVEL_MESSAGE, "*settings.db*");
      g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*moved to*");
      self->directory = directory;
      open_settings (self);
      g_test_assert_expected_messages ();
      notice = fluo_settings_dup_notice (self->settings);
      g_assert_nonnull (strstr (notice, "settings.db.damaged-"));
      g_assert_true (find_damaged (self));
      groups = create (self, "shop", "", &error);
      g_assert_no_error (error);
      g_clear_pointer (&self->settings, fluo_settings_free);
      self->directory = old;
      fluo_test_dir_free (g_steal_pointer (&directory));
    }
}

static void
execute (Fixture *self, const char *script)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, script, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->settings, fluo_settings_free);
  execute (self, "PRAGMA user_version = 99");
  g_assert_null (fluo_settings_open (self->directory, NULL, NULL, &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_NEWER);
  g_assert_false (find_damaged (self));
}

/* What one row says that can't be understood doesn't cost the others. */
static void
test_bad_rows (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = change_rule (self, "{\"RuleName\":\"r\"}", TRUE, NULL);
  g_autoptr (GPtrArray) rules = NULL;

  g_clear_pointer (&self->settings, fluo_settings_free);
  execute (self, "INSERT INTO rules VALUES ('bad', '{', 0, 0);"
                 "INSERT INTO rules VALUES ('worse', '{\"FixedRate\":7}', 0, 0)");
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*bad*left out*");
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*worse*left out*");
  open_settings (self);
  g_test_assert_expected_messages ();
  rules = fluo_settings_ref_rules (self->settings, NULL);
  g_assert_cmpuint (rules->len, ==, 2);
}

/* A change that can't be written has not happened. */
static void
test_locked (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoGroups) groups = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "CREATE TRIGGER no BEFORE INSERT ON trace_groups WHEN new.key > 0"
                                 " BEGIN SELECT raise (ABORT, 'no'); END",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_null (create (self, "shop", "", &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FAILED);
  groups = fluo_settings_ref_groups (self->settings);
  g_assert_null (fluo_groups_find (groups, "shop", NULL));
  g_clear_pointer (&groups, fluo_groups_unref);
  g_assert_cmpint (sqlite3_exec (db, "DROP TRIGGER no", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  g_clear_error (&error);
  groups = create (self, "shop", "", &error);
  g_assert_no_error (error);
}

/* Damage that shows only while running costs nothing: everything is in memory. */
static void
test_damaged_later (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = change_rule (self, "{\"RuleName\":\"r\"}", TRUE, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoGroups) first = create (self, "first", "fault", &error), second = NULL;
  g_autoptr (GPtrArray) rules = NULL;

  execute (self, "PRAGMA writable_schema = ON;"
                 "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'trace_groups';"
                 "PRAGMA schema_version = 4711");
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*moved to*");
  second = create (self, "second", "", &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_true (find_damaged (self));
  g_clear_pointer (&second, fluo_groups_unref);
  reopen (self);
  second = fluo_settings_ref_groups (self->settings);
  g_assert_nonnull (fluo_groups_find (second, "first", NULL));
  g_assert_nonnull (fluo_groups_find (second, "second", NULL));
  rules = fluo_settings_ref_rules (self->settings, NULL);
  g_assert_cmpuint (rules->len, ==, 2);
}

#define N_ROUNDS 50

static gpointer
change_often (gpointer data)
{
  Fixture *self = data;
  g_autofree char *name = g_strdup_printf ("g%p", (void *) g_thread_self ());
  g_autoptr (GHashTable) tags = tag (name, "1");

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoGroups) made = create (self, name, "fault", &error), changed = NULL;
      const FluoGroup *group;
      guint n;

      g_assert_no_error (error);
      changed = update (self, name, "error", -1, -1, &error);
      g_assert_no_error (error);
      /* A snapshot stays what it was, whatever the others do. */
      group = fluo_groups_find (made, name, NULL);
      g_assert_cmpstr (group->expression, ==, "fault");
      for (fluo_groups_get (made, &n); n > 1; n--)
        g_assert_cmpuint (fluo_groups_get (made, &(guint){ 0 })[n - 2].key, <,
                          fluo_groups_get (made, &(guint){ 0 })[n - 1].key);
      g_assert_true (fluo_settings_tag (self->settings, group->arn, tags, &error));
      g_assert_true (fluo_settings_delete_group (self->settings, name, NULL, &error));
      g_assert_no_error (error);
    }
  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *threads[4];
  g_autoptr (FluoGroups) groups = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("change", change_often, self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  reopen (self);
  groups = fluo_settings_ref_groups (self->settings);
  fluo_groups_get (groups, &n);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_values (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 modified_s;

  g_assert_cmpfloat (fluo_settings_get_indexing (self->settings, &modified_s), ==, 100);
  g_assert_cmpstr (fluo_settings_get_destination (self->settings), ==, "XRay");
  self->now_s++;
  g_assert_true (fluo_settings_set_indexing (self->settings, 2.5, &error));
  g_assert_true (fluo_settings_set_destination (self->settings, "CloudWatchLogs", &error));
  EXPECT_INVALID (fluo_settings_set_indexing (self->settings, 100.5, &invalid));
  reopen (self);
  g_assert_cmpfloat (fluo_settings_get_indexing (self->settings, &modified_s), ==, 2.5);
  g_assert_cmpint (modified_s, ==, 1790000001);
  g_assert_cmpstr (fluo_settings_get_destination (self->settings), ==, "CloudWatchLogs");
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/local/settings/groups", test_groups);
  ADD ("/local/settings/group-keys", test_group_keys);
  ADD ("/local/settings/group-limit", test_group_limit);
  ADD ("/local/settings/rules", test_rules);
  ADD ("/local/settings/rule-limit", test_rule_limit);
  ADD ("/local/settings/tags", test_tags);
  ADD ("/local/settings/tags-go", test_tags_go);
  ADD ("/local/settings/policies", test_policies);
  ADD ("/local/settings/file", test_file);
  ADD ("/local/settings/damaged", test_damaged);
  ADD ("/local/settings/damaged-later", test_damaged_later);
  ADD ("/local/settings/threads", test_threads);
  ADD ("/local/settings/newer", test_newer);
  ADD ("/local/settings/bad-rows", test_bad_rows);
  ADD ("/local/settings/unwritable", test_locked);
  ADD ("/local/settings/values", test_values);
  return g_test_run ();
}
