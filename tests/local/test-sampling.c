/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>

#include "core/fluo-time-span.h"
#include "local/settings/fluo-sampling.h"
#include "fluo-test-util.h"

typedef struct
{
  char         *directory;
  gint64        now_s;
  FluoSettings *settings;
  FluoSampling *sampling;
} Fixture;

static gint64
clock_of (gpointer data)
{
  return ((Fixture *) data)->now_s * FLUO_NSEC_PER_SEC;
}

static void
open_all (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->settings = fluo_settings_open (self->directory, clock_of, self, &error);
  g_assert_no_error (error);
  self->sampling = fluo_sampling_new (self->settings);
}

static void
close_all (Fixture *self)
{
  g_clear_pointer (&self->sampling, fluo_sampling_free);
  g_clear_pointer (&self->settings, fluo_settings_free);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->directory = fluo_test_dir_new ();
  self->now_s = 1790000000;
  open_all (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  close_all (self);
  fluo_test_dir_free (self->directory);
}

static FluoSamplingRule *
make_rule (Fixture *self, const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  g_autoptr (GError) error = NULL;
  FluoSamplingRule *rule = fluo_settings_create_rule (self->settings, tape, 0, NULL, &error);

  g_assert_no_error (error);
  return rule;
}

static FluoSamplingTarget
report (Fixture *self, const FluoSamplingRule *rule, const char *client, gint64 requests)
{
  FluoSamplingReport values = { rule->name, client, requests, requests / 2, 1 };
  FluoSamplingTarget target;

  fluo_sampling_report (self->sampling, rule, &values, &target);
  return target;
}

/* --- Quotas ------------------------------------------------------------- */

static void
test_quota (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (self, "{\"RuleName\":\"r\",\"ReservoirSize\":10}");
  FluoSamplingTarget target = report (self, rule, "a", 5);

  g_assert_true (target.first);
  self->now_s += 10;
  target = report (self, rule, "a", 5);
  g_assert_false (target.first);
  g_assert_cmpint (target.quota, ==, 10);
  g_assert_cmpint (target.quota_ttl_s, ==, self->now_s + 300);
  g_assert_cmpfloat (target.boost_rate, ==, 0);
  /* Nobody gets what another holds. */
  target = report (self, rule, "b", 5);
  g_assert_true (target.first);
  target = report (self, rule, "b", 5);
  g_assert_cmpint (target.quota, ==, 0);
  /* Silent for long enough, it is taken to be gone. */
  self->now_s += 31;
  target = report (self, rule, "b", 5);
  g_assert_cmpint (target.quota, ==, 10);
}

/* Whatever the clients ask for, in whatever order: never more than the reservoir, and all of it
 * once their demand has settled. */
static void
test_shares (Fixture *self, gconstpointer data)
{
  static const gint32 reservoirs[] = { 0, 1, 2, 7, 10, 100, 99999 };

  for (guint r = 0; r < G_N_ELEMENTS (reservoirs); r++)
    for (guint n = 1; n <= 13; n += 3)
      {
        g_autofree char *json = g_strdup_printf (
          "{\"RuleName\":\"r%u-%u\",\"ReservoirSize\":%d}", r, n, reservoirs[r]);
        g_autoptr (FluoSamplingRule) rule = fluo_sampling_rule_new ("r", NULL);
        g_autoptr (GRand) random = g_rand_new_with_seed (r * 100 + n);
        g_autofree char *name = g_strdup_printf ("r%u-%u", r, n);
        gint64 held[13] = { 0 }, demand[13];

        g_free (rule->name);
        rule->name = g_steal_pointer (&name);
        rule->reservoir = reservoirs[r];
        for (guint round = 0; round < 12; round++)
          {
            gint64 total = 0;

            self->now_s += 10;
            for (guint i = 0; i < n; i++)
              {
                g_autofree char *client = g_strdup_printf ("client-%02u", (i * 3 + round) % n);
                guint who = (i * 3 + round) % n;

                if (round < 8)
                  demand[who] = g_rand_int_range (random, 0, 1000);
                held[who] = report (self, rule, client, demand[who]).quota;
                total = 0;
                for (guint k = 0; k < n; k++)
                  total += held[k];
                g_assert_cmpint (total, <=, reservoirs[r]);
              }
            if (round == 11)
              g_assert_cmpint (total, ==, reservoirs[r]);
          }
      }
}

/* Repeated reports within one window don't win more. */
static void
test_repeated (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (self, "{\"RuleName\":\"r\",\"ReservoirSize\":10}");

  for (guint round = 0; round < 4; round++)
    {
      report (self, rule, "a", 50);
      report (self, rule, "b", 50);
      self->now_s += 10;
    }
  g_assert_cmpint (report (self, rule, "a", 50).quota, ==, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (report (self, rule, "a", 0).quota, <=, 5);
  g_assert_cmpint (report (self, rule, "b", 50).quota, ==, 5);
}

static void
test_crowd (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (self, "{\"RuleName\":\"r\",\"ReservoirSize\":10}");

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *client = g_strdup_printf ("%024u", i);

      g_assert_true (report (self, rule, client, G_MAXINT32).first);
    }
  g_assert_false (report (self, rule, "000000000000000000004999", 1).first);
  g_assert_true (report (self, rule, "000000000000000000000000", 1).first);
}

/* --- Boost -------------------------------------------------------------- */

static double
boost (Fixture *self, const FluoSamplingRule *rule, gint64 anomalies, gint64 *ret_ttl_s)
{
  FluoSamplingTarget target;

  fluo_sampling_report_boost (self->sampling, rule, anomalies, anomalies / 20);
  target = report (self, rule, "a", 1000);
  *ret_ttl_s = target.boost_ttl_s;
  return target.boost_rate;
}

static void
test_boost (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (
    self, "{\"RuleName\":\"r\",\"FixedRate\":0.05,\"SamplingRateBoost\":"
          "{\"MaxRate\":0.5,\"CooldownWindowMinutes\":2}}");
  static const double expected[] = { 0, 0.1, 0.1, 0.1, 0.13, 0.13, 0.13, 0 };
  gint64 ttl_s;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_test_message ("report %u", i);
      g_assert_cmpfloat_with_epsilon (boost (self, rule, 900, &ttl_s), expected[i], 1e-9);
      if (expected[i] > 0)
        g_assert_cmpint (ttl_s, ==, self->now_s + 20);
      self->now_s += 10;
    }
  /* The cool-down: 120 s from the boost's end, which was 10 s ago. */
  while (self->now_s < 1790000000 + 70 + 120)
    {
      g_assert_cmpfloat (boost (self, rule, 900, &ttl_s), ==, 0);
      self->now_s += 10;
    }
  g_assert_cmpfloat (boost (self, rule, 900, &ttl_s), ==, 0);
  self->now_s += 10;
  g_assert_cmpfloat_with_epsilon (boost (self, rule, 900, &ttl_s), 0.1, 1e-9);
}

/* No anomalies, a ceiling below the rate, or everything sampled already: nothing to boost. */
static void
test_no_boost (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) low = make_rule (
    self, "{\"RuleName\":\"low\",\"FixedRate\":0.5,\"SamplingRateBoost\":"
          "{\"MaxRate\":0.1,\"CooldownWindowMinutes\":0}}");
  g_autoptr (FluoSamplingRule) plain =
    make_rule (self, "{\"RuleName\":\"plain\",\"FixedRate\":0.05}");
  gint64 ttl_s;

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpfloat (boost (self, low, 900, &ttl_s), ==, 0);
      g_assert_cmpfloat (boost (self, plain, 900, &ttl_s), ==, 0);
      self->now_s += 10;
    }
}

/* --- Statistics --------------------------------------------------------- */

static void
check_windows (Fixture *self, guint n)
{
  g_autoptr (GArray) windows = fluo_sampling_get_windows (self->sampling);
  FluoSamplingWindow *window;

  g_assert_cmpuint (windows->len, ==, n);
  if (n == 0)
    return;
  window = &g_array_index (windows, FluoSamplingWindow, 0);
  g_assert_cmpint (window->begin_s, ==, 1790000000);
  g_assert_cmpstr (window->rule, ==, "r");
  g_assert_cmpint (window->requests, ==, 30);
  g_assert_cmpint (window->sampled, ==, 15);
  g_assert_cmpint (window->borrowed, ==, 2);
}

static void
test_windows (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (self, "{\"RuleName\":\"r\"}");
  g_autoptr (FluoSamplingRule) other = make_rule (self, "{\"RuleName\":\"ä😀\"}");

  report (self, rule, "a", 20);
  self->now_s += 9;
  report (self, rule, "b", 10);
  report (self, other, "b", 1);
  check_windows (self, 0); /* not over yet */
  self->now_s += 1;
  check_windows (self, 2);
  report (self, rule, "a", 5);
  check_windows (self, 2);
  /* They outlive the process, and half an hour. */
  close_all (self);
  open_all (self);
  check_windows (self, 2);
  self->now_s += 10;
  check_windows (self, 3);
  self->now_s += 30 * 60;
  check_windows (self, 0);
}

/* --- Rules -------------------------------------------------------------- */

static void
test_wildcards (void)
{
  static const struct
  {
    const char *pattern, *text;
    gboolean    matches;
  } wildcards[] = {
    { "*", "", TRUE },        { "", "", TRUE },          { "", "a", FALSE },
    { "?", "", FALSE },       { "?", "ä", TRUE },        { "??", "ä", FALSE },
    { "abc", "ABC", TRUE },   { "abc", "abcd", FALSE },  { "a*c", "abbbc", TRUE },
    { "a*c", "abbb", FALSE }, { "*a*b*", "xaxbx", TRUE }, { "/pay/*", "/pay/", TRUE },
    { "/pay/*", "/pay", FALSE }, { "*b?d", "abcdbxd", TRUE }, { "Ä*", "ärger", TRUE },
    { "a**", "a", TRUE },
  };
  g_autoptr (GString) pattern = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wildcards); i++)
    {
      g_test_message ("%s %s", wildcards[i].pattern, wildcards[i].text);
      g_assert_cmpint (fluo_wildcard_matches (wildcards[i].pattern, wildcards[i].text), ==,
                       wildcards[i].matches);
    }
  /* Would take years if each star were tried anew. */
  for (guint i = 0; i < 200; i++)
    g_string_append (pattern, "*a");
  g_string_append (pattern, "b");
  for (guint i = 0; i < 2000; i++)
    g_string_append_c (text, 'a');
  g_assert_false (fluo_wildcard_matches (pattern->str, text->str));
}

static void
test_match (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSamplingRule) rule = make_rule (
    self, "{\"RuleName\":\"r\",\"Priority\":5,\"ServiceName\":\"shop*\",\"HTTPMethod\":\"POST\","
          "\"Attributes\":{\"x-tier\":\"gold*\"}}");
  g_autoptr (FluoSamplingRule) arn =
    make_rule (self, "{\"RuleName\":\"q\",\"Priority\":5,\"ResourceARN\":\"arn:aws:api*\"}");
  g_autoptr (GPtrArray) rules = fluo_settings_ref_rules (self->settings, NULL);
  g_autoptr (GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  FluoSamplingQuestion question = { 0 };
  const char *key = NULL;

  g_assert_cmpuint (rules->len, ==, 3);
  g_assert_true (rules->pdata[0] == arn);
  g_assert_true (rules->pdata[1] == rule);
  g_assert_true (fluo_sampling_rule_is_default (rules->pdata[2]));
  g_assert_cmpint (fluo_sampling_rule_match (rules->pdata[2], &question, &key), ==,
                   FLUO_RULE_MATCHES);
  /* What the asker doesn't know counts as matching, but not resources and attributes. */
  g_assert_cmpint (fluo_sampling_rule_match (arn, &question, &key), ==, FLUO_RULE_ARN);
  question.fields[FLUO_RULE_ARN] = "ARN:aws:apigateway";
  g_assert_cmpint (fluo_sampling_rule_match (arn, &question, &key), ==, FLUO_RULE_MATCHES);
  g_assert_cmpint (fluo_sampling_rule_match (rule, &question, &key), ==, FLUO_RULE_ATTRIBUTES);
  g_assert_cmpstr (key, ==, "x-tier");
  g_hash_table_insert (attributes, (gpointer) "X-Tier", (gpointer) "Goldfish");
  question.attributes = attributes;
  g_assert_cmpint (fluo_sampling_rule_match (rule, &question, &key), ==, FLUO_RULE_MATCHES);
  question.fields[FLUO_RULE_METHOD] = "GET";
  g_assert_cmpint (fluo_sampling_rule_match (rule, &question, &key), ==, FLUO_RULE_METHOD);
  question.fields[FLUO_RULE_SERVICE_NAME] = "bank";
  g_assert_cmpint (fluo_sampling_rule_match (rule, &question, &key), ==, FLUO_RULE_SERVICE_NAME);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/local/sampling/quota", test_quota);
  ADD ("/local/sampling/shares", test_shares);
  ADD ("/local/sampling/repeated", test_repeated);
  ADD ("/local/sampling/crowd", test_crowd);
  ADD ("/local/sampling/boost", test_boost);
  ADD ("/local/sampling/no-boost", test_no_boost);
  ADD ("/local/sampling/windows", test_windows);
  g_test_add_func ("/local/sampling/wildcards", test_wildcards);
  ADD ("/local/sampling/match", test_match);
  return g_test_run ();
}
