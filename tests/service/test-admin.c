/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-permission.h"
#include "aws/fluo-xray-change.h"
#include "fluo-test-util.h"
#include "real-collector.h"

/* The settings, read and changed through the client at a real collector. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  RealCollector  *collector;
  FluoXrayClient *client;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->collector = real_collector_new ();
  self->client = real_collector_dup_client (self->collector, FLUO_ROLE_FULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_unref (self->client);
  real_collector_free (self->collector);
}

static GPtrArray *
get (FluoXrayClient *client, FluoSetting setting, const char *arn)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *items;

  fluo_xray_client_get_setting_async (client, setting, arn, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  items = fluo_xray_client_get_setting_finish (client, result, &error);
  g_assert_no_error (error);
  return items;
}

static gboolean
change (FluoXrayClient *client, FluoXrayChange *what, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_change_async (client, what, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_change_finish (client, result, error);
}

static void
must_change (FluoXrayClient *client, FluoXrayChange *what)
{
  g_autoptr (GError) error = NULL;

  change (client, what, &error);
  g_assert_no_error (error);
}

/* "FilterExpression: fault → error" and so on. */
static void
assert_rows (FluoXrayChange *what, const char *operation, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (what);
  g_assert_cmpstr (what->operation, ==, operation);
  for (guint i = 0; i < what->rows->len; i++)
    {
      const FluoXrayChangeRow *row = what->rows->pdata[i];

      g_string_append_printf (text, "%s%s: %s → %s", i > 0 ? "; " : "", row->field,
                              row->before ? row->before : "", row->after ? row->after : "");
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* What is said beforehand is what happens, and taking it back leaves things as they were. */
static void
test_groups (Fixture *self, gconstpointer data)
{
  FluoXrayGroup wanted = { (char *) "slow", NULL, (char *) "responsetime > 1", TRUE, FALSE };
  g_autoptr (FluoXrayChange) create = fluo_xray_change_group (NULL, &wanted, NULL);
  g_autoptr (FluoXrayChange) update = NULL, none = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  FluoXrayGroup *group, *other;

  assert_rows (create, "CreateGroup", "GroupName:  → slow; FilterExpression:  → responsetime > 1; "
                                      "InsightsEnabled:  → on");
  must_change (self->client, create);
  groups = get (self->client, FLUO_SETTING_GROUPS, NULL);
  g_assert_cmpuint (groups->len, ==, 2);
  g_assert_cmpstr (((FluoXrayGroup *) groups->pdata[0])->name, ==, "Default");
  group = groups->pdata[1];
  g_assert_cmpstr (group->name, ==, "slow");
  g_assert_cmpstr (group->filter, ==, "responsetime > 1");
  g_assert_true (group->insights);
  g_assert_false (group->notifications);
  g_assert_nonnull (strstr (group->arn, ":group/slow/"));

  none = fluo_xray_change_group (group, group, NULL);
  g_assert_null (none);
  other = fluo_xray_group_copy (group);
  other->insights = FALSE;
  g_free (other->filter);
  other->filter = g_strdup ("fault AND user = \"ü\\\"\"");
  update = fluo_xray_change_group (group, other, NULL);
  assert_rows (update, "UpdateGroup",
               "FilterExpression: responsetime > 1 → fault AND user = \"ü\\\"\"; "
               "InsightsEnabled: on → off");
  must_change (self->client, update);
  g_ptr_array_unref (groups);
  groups = get (self->client, FLUO_SETTING_GROUPS, NULL);
  g_assert_cmpstr (((FluoXrayGroup *) groups->pdata[1])->filter, ==, other->filter);
  g_assert_false (((FluoXrayGroup *) groups->pdata[1])->insights);
  fluo_xray_group_free (other);

  must_change (self->client, update->inverse);
  g_ptr_array_unref (groups);
  groups = get (self->client, FLUO_SETTING_GROUPS, NULL);
  g_assert_cmpstr (((FluoXrayGroup *) groups->pdata[1])->filter, ==, "responsetime > 1");
  g_assert_true (((FluoXrayGroup *) groups->pdata[1])->insights);
  must_change (self->client, create->inverse);
  g_ptr_array_unref (groups);
  groups = get (self->client, FLUO_SETTING_GROUPS, NULL);
  g_assert_cmpuint (groups->len, ==, 1);
}

static FluoSamplingRule *
make_rule (const char *name, gint32 priority)
{
  FluoSamplingRule *rule = fluo_sampling_rule_new (name, NULL);

  rule->priority = priority;
  rule->rate = .25;
  rule->reservoir = 3;
  return rule;
}

static void
set_field (FluoSamplingRule *rule, FluoRuleField field, const char *pattern)
{
  g_free (rule->fields[field]);
  rule->fields[field] = g_strdup (pattern);
}

static void
test_rules (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) wanted = make_rule ("payments", 20);
  g_autoptr (FluoSamplingRule) other = NULL, first = make_rule ("first", 10);
  g_autoptr (FluoXrayChange) create = NULL, create_first = NULL, update = NULL;
  g_autoptr (GPtrArray) rules = NULL;
  const FluoSamplingRule *rule;

  set_field (wanted, FLUO_RULE_METHOD, "POST");
  wanted->keys[0] = g_strdup ("tier");
  wanted->values[0] = g_strdup ("gold*");
  wanted->has_boost = TRUE;
  wanted->boost_max = .5;
  wanted->cooldown_min = 10;
  create = fluo_xray_change_rule (NULL, wanted, NULL);
  assert_rows (create, "CreateSamplingRule",
               "RuleName:  → payments; Priority:  → 20; ReservoirSize:  → 3; FixedRate:  → 25%; "
               "HTTPMethod:  → POST; Attributes:  → tier = gold*; "
               "SamplingRateBoost:  → up to 50%, then a pause of 10 minutes");
  must_change (self->client, create);
  create_first = fluo_xray_change_rule (NULL, first, NULL);
  must_change (self->client, create_first);
  rules = get (self->client, FLUO_SETTING_RULES, NULL);
  g_assert_cmpuint (rules->len, ==, 3);
  g_assert_cmpstr (((FluoSamplingRule *) rules->pdata[0])->name, ==, "first");
  rule = rules->pdata[1];
  g_assert_cmpstr (rule->name, ==, "payments");
  g_assert_cmpint (rule->priority, ==, 20);
  g_assert_cmpint (rule->reservoir, ==, 3);
  g_assert_cmpfloat (rule->rate, ==, .25);
  g_assert_cmpstr (rule->fields[FLUO_RULE_METHOD], ==, "POST");
  g_assert_cmpstr (rule->values[0], ==, "gold*");
  g_assert_true (rule->has_boost);
  g_assert_cmpint (rule->modified_s, >, 1700000000);
  g_assert_true (fluo_sampling_rule_is_default (rules->pdata[2]));

  other = fluo_sampling_rule_copy (rule);
  other->priority = 5;
  update = fluo_xray_change_rule (rule, other, NULL);
  assert_rows (update, "UpdateSamplingRule", "Priority: 20 → 5");
  /* Nothing but the difference is asked for. */
  g_assert_cmpstr (update->body, ==,
                   "{\"SamplingRuleUpdate\":{\"RuleName\":\"payments\",\"Priority\":5}}");
  must_change (self->client, update);
  g_ptr_array_unref (rules);
  rules = get (self->client, FLUO_SETTING_RULES, NULL);
  g_assert_cmpstr (((FluoSamplingRule *) rules->pdata[0])->name, ==, "payments");
  must_change (self->client, create->inverse);
  g_ptr_array_unref (rules);
  rules = get (self->client, FLUO_SETTING_RULES, NULL);
  g_assert_cmpuint (rules->len, ==, 2);
}

/* The collector and the list of rules give the same verdict, word for word. */
static void
test_simulator (Fixture *self, gconstpointer data)
{
  static const char *const methods[] = { NULL, "GET", "post", "" };
  static const char *const paths[] = { NULL, "/", "/pay/1", "/PAY/x/y" };
  static const char *const arns[] = { NULL, "arn:aws:execute-api:eu-central-1:1:x/prod" };
  g_autoptr (FluoSamplingRule) pay = make_rule ("pay", 1), stage = make_rule ("stage", 2);
  g_autoptr (FluoSamplingRule) gold = make_rule ("gold", 3);
  FluoSamplingRule *all[] = { pay, stage, gold };
  g_autoptr (GPtrArray) rules = NULL;
  guint n_hits[4] = { 0 };

  set_field (pay, FLUO_RULE_METHOD, "POST");
  set_field (pay, FLUO_RULE_PATH, "/pay/*");
  set_field (stage, FLUO_RULE_ARN, "arn:*/prod");
  gold->keys[0] = g_strdup ("tier");
  gold->values[0] = g_strdup ("g?ld");
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (FluoXrayChange) create = fluo_xray_change_rule (NULL, all[i], NULL);

      must_change (self->client, create);
    }
  rules = get (self->client, FLUO_SETTING_RULES, NULL);
  for (guint i = 0; i < 4 * 4 * 2 * 3; i++)
    {
      g_autoptr (GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
      FluoSamplingQuestion question = { { [FLUO_RULE_METHOD] = methods[i % 4],
                                          [FLUO_RULE_PATH] = paths[i / 4 % 4],
                                          [FLUO_RULE_ARN] = arns[i / 16 % 2] },
                                        i / 32 == 0 ? NULL : attributes };
      g_autoptr (FluoSamplingVerdict) own = NULL, theirs = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GString) own_text = g_string_new (NULL), their_text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      FluoJsonWriter writer;

      if (i / 32 == 2)
        g_hash_table_insert (attributes, (gpointer) "Tier", (gpointer) "gold");
      own = fluo_sampling_verdict_new (rules, &question);
      fluo_xray_client_simulate_async (self->client, rules, &question, NULL, fluo_test_result_cb,
                                       &result);
      g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
      theirs = fluo_xray_client_simulate_finish (self->client, result, &error);
      g_assert_no_error (error);
      fluo_json_writer_init (&writer, own_text);
      fluo_sampling_verdict_write (own, &writer);
      fluo_json_writer_init (&writer, their_text);
      fluo_sampling_verdict_write (theirs, &writer);
      g_assert_cmpstr (own_text->str, ==, their_text->str);
      n_hits[own->steps->len - 1]++;
    }
  /* Each of them is hit by some. */
  for (guint i = 0; i < G_N_ELEMENTS (n_hits); i++)
    g_assert_cmpuint (n_hits[i], >, 0);
}

static void
test_tags (Fixture *self, gconstpointer data)
{
  FluoXrayGroup wanted = { (char *) "tagged", NULL, (char *) "fault", FALSE, FALSE };
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tag_free);
  g_autoptr (GPtrArray) second = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tag_free);
  g_autoptr (FluoXrayChange) create = NULL;
  g_autoptr (GPtrArray) groups = NULL, tags = NULL, changes = NULL, none = NULL;
  const char *arn;

  g_ptr_array_add (first, fluo_tag_new ("team", "shop"));
  g_ptr_array_add (first, fluo_tag_new ("old", "1"));
  create = fluo_xray_change_group (NULL, &wanted, first);
  must_change (self->client, create);
  groups = get (self->client, FLUO_SETTING_GROUPS, NULL);
  arn = ((FluoXrayGroup *) groups->pdata[1])->arn;
  tags = get (self->client, FLUO_SETTING_TAGS, arn);
  g_assert_cmpuint (tags->len, ==, 2);
  none = fluo_xray_change_tags ("tagged", arn, tags, first);
  g_assert_cmpuint (none->len, ==, 0);

  g_ptr_array_add (second, fluo_tag_new ("team", "bank"));
  g_ptr_array_add (second, fluo_tag_new ("new", ""));
  changes = fluo_xray_change_tags ("tagged", arn, tags, second);
  g_assert_cmpuint (changes->len, ==, 2);
  assert_rows (changes->pdata[0], "UntagResource", "Tags: old = 1 → ");
  assert_rows (changes->pdata[1], "TagResource",
               "Tags: team = shop → team = bank; Tags:  → new = ");
  for (guint i = 0; i < changes->len; i++)
    must_change (self->client, changes->pdata[i]);
  g_ptr_array_unref (tags);
  tags = get (self->client, FLUO_SETTING_TAGS, arn);
  g_assert_cmpuint (tags->len, ==, 2);
  g_assert_cmpstr (((FluoTag *) tags->pdata[0])->key, ==, "new");
  g_assert_cmpstr (((FluoTag *) tags->pdata[1])->value, ==, "bank");
}

static void
test_rest (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) encryption = get (self->client, FLUO_SETTING_ENCRYPTION, NULL);
  g_autoptr (GPtrArray) indexing = get (self->client, FLUO_SETTING_INDEXING, NULL);
  g_autoptr (GPtrArray) destination = get (self->client, FLUO_SETTING_DESTINATION, NULL);
  g_autoptr (GPtrArray) policies = get (self->client, FLUO_SETTING_POLICIES, NULL);
  g_autoptr (GPtrArray) counts = get (self->client, FLUO_SETTING_COUNTS, NULL);
  const FluoEncryptionConfig *config = encryption->pdata[0];
  FluoEncryptionConfig kms = { TRUE, (char *) "alias/traces", FALSE };
  g_autoptr (FluoXrayChange) encrypt = fluo_xray_change_encryption (config, &kms);
  g_autoptr (FluoXrayChange) index = fluo_xray_change_indexing (indexing->pdata[0], 12.5);
  g_autoptr (FluoXrayChange) move = fluo_xray_change_destination (destination->pdata[0], TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (policies->len, ==, 0);
  g_assert_cmpuint (counts->len, ==, 0);
  g_assert_false (config->kms);
  g_assert_false (config->updating);
  assert_rows (encrypt, "PutEncryptionConfig", "Type: NONE → KMS alias/traces");
  g_assert_false (change (self->client, encrypt, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST);
  g_assert_nonnull (strstr (error->message, "no KMS on this computer"));

  must_change (self->client, index);
  must_change (self->client, move);
  g_ptr_array_unref (indexing);
  g_ptr_array_unref (destination);
  indexing = get (self->client, FLUO_SETTING_INDEXING, NULL);
  destination = get (self->client, FLUO_SETTING_DESTINATION, NULL);
  g_assert_cmpfloat (((FluoIndexingRule *) indexing->pdata[0])->desired, ==, 12.5);
  g_assert_true (((FluoSegmentDestination *) destination->pdata[0])->logs);
  must_change (self->client, move->inverse);
  g_ptr_array_unref (destination);
  destination = get (self->client, FLUO_SETTING_DESTINATION, NULL);
  g_assert_false (((FluoSegmentDestination *) destination->pdata[0])->logs);
}

/* The role "read" sees everything, is known as such, and changes nothing. */
static void
test_read_only (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoXrayClient) reader = real_collector_dup_client (self->collector, FLUO_ROLE_READ);
  FluoXrayGroup wanted = { (char *) "mine", NULL, (char *) "fault", FALSE, FALSE };
  g_autoptr (FluoXrayChange) create = fluo_xray_change_group (NULL, &wanted, NULL);
  g_autoptr (GPtrArray) groups = get (reader, FLUO_SETTING_GROUPS, NULL);
  FluoXrayClient *clients[] = { reader, self->client };
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (groups->len, ==, 1);
  g_assert_false (change (reader, create, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  g_assert_nonnull (strstr (error->message, "xray:CreateGroup"));
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (FluoCollectorStatus) status = NULL;
      g_autoptr (GError) failure = NULL;

      fluo_xray_client_get_status_async (clients[i], NULL, fluo_test_result_cb, &result);
      g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
      status = fluo_xray_client_get_status_finish (clients[i], result, &failure);
      g_assert_no_error (failure);
      g_assert_cmpint (status->read_only, ==, clients[i] == reader);
    }
}

/* --- Without asking anybody ----------------------------------------------- */

static void
test_keys (void)
{
  static const char *const good[] = {
    "1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab",
    "alias/aws/xray", "alias/my_Key-1",
    "arn:aws:kms:eu-central-1:402155889917:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws-us-gov:kms:us-gov-west-1:402155889917:alias/traces",
  };
  static const char *const bad[] = {
    "", "alias/", "alias/x y", "1234abcd", "1234abcd-12ab-34cd-56ef-1234567890ag",
    "arn:aws:s3:::bucket", "arn:aws:kms:eu-central-1:4021:alias/x",
    "arn:aws:kms::402155889917:alias/x", "mrk-1234",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_cmpstr (fluo_xray_check_key (good[i]), ==, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_nonnull (fluo_xray_check_key (bad[i]));
}

static void
test_checks (void)
{
  g_autoptr (FluoSamplingRule) rule = make_rule ("r", 1);
  g_autoptr (GPtrArray) tags = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tag_free);

  g_assert_null (fluo_xray_check_group_name ("a-Z9"));
  g_assert_nonnull (fluo_xray_check_group_name (""));
  g_assert_nonnull (fluo_xray_check_group_name ("Default"));
  g_assert_nonnull (fluo_xray_check_group_name ("a b"));
  g_assert_nonnull (fluo_xray_check_group_name ("123456789012345678901234567890123"));

  g_assert_null (fluo_xray_check_rule (rule));
  rule->priority = 0;
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "1 to 9999"));
  rule->priority = 9999;
  rule->rate = 1.01;
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "100 %"));
  rule->rate = .5;
  set_field (rule, FLUO_RULE_METHOD, "POSTPOSTPOST");
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "10 characters"));
  set_field (rule, FLUO_RULE_METHOD, "");
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "* stands for any"));
  set_field (rule, FLUO_RULE_METHOD, "*");
  rule->has_boost = TRUE;
  rule->boost_max = .5;
  rule->cooldown_min = 1;
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "boost"));
  rule->boost_max = .6;
  rule->cooldown_min = 0;
  g_assert_nonnull (strstr (fluo_xray_check_rule (rule), "minute"));
  rule->cooldown_min = 1;
  g_assert_null (fluo_xray_check_rule (rule));

  g_ptr_array_add (tags, fluo_tag_new ("a", ""));
  g_assert_null (fluo_xray_check_tags (tags));
  g_ptr_array_add (tags, fluo_tag_new ("a", "1"));
  g_assert_nonnull (strstr (fluo_xray_check_tags (tags), "once"));
  g_ptr_array_set_size (tags, 1);
  g_ptr_array_add (tags, fluo_tag_new ("AWS:x", ""));
  g_assert_nonnull (strstr (fluo_xray_check_tags (tags), "aws:"));
}

static void
test_statement (void)
{
  g_autofree char *group =
    fluo_permission_dup_statement_for ("UpdateGroup", "arn:aws:xray:x:1:group/a/b");
  g_autofree char *all = fluo_permission_dup_statement_for ("CreateGroup", NULL);
  g_autofree char *key = fluo_permission_dup_statement_for ("PutEncryptionConfig", NULL);

  g_assert_cmpstr (group, ==,
                   "{\n  \"Effect\": \"Allow\",\n  \"Action\": [\n    \"xray:UpdateGroup\"\n  ],\n"
                   "  \"Resource\": \"arn:aws:xray:x:1:group/a/b\"\n}");
  g_assert_nonnull (strstr (all, "\"Resource\": \"*\""));
  g_assert_nonnull (strstr (key, "\"xray:PutEncryptionConfig\",\n    \"kms:CreateGrant\""));
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/admin/groups", test_groups);
  ADD ("/admin/rules", test_rules);
  ADD ("/admin/simulator", test_simulator);
  ADD ("/admin/tags", test_tags);
  ADD ("/admin/rest", test_rest);
  ADD ("/admin/read-only", test_read_only);
  g_test_add_func ("/admin/keys", test_keys);
  g_test_add_func ("/admin/checks", test_checks);
  g_test_add_func ("/admin/statement", test_statement);
  return g_test_run ();
}
