/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <stdio.h>
#include <string.h>

/* Summaries in one answer. */
#define STATISTICS_PAGE 1000

/* --- Rules -------------------------------------------------------------- */

static void
write_record (FluoJsonWriter *writer, const FluoSamplingRule *rule)
{
  fluo_json_writer_begin (writer, '{');
  fluo_api_write_time (writer, "CreatedAt", rule->created_s);
  fluo_api_write_time (writer, "ModifiedAt", rule->modified_s);
  fluo_json_writer_key (writer, "SamplingRule");
  fluo_sampling_rule_write (rule, writer);
  fluo_json_writer_end (writer, '}');
}

static void
answer_record (FluoApiCall *call, const FluoSamplingRule *rule, const GError *error)
{
  FluoJsonWriter writer;

  if (!rule)
    {
      fluo_api_call_settings_failed (call, error, NULL);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "SamplingRuleRecord");
  write_record (&writer, rule);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_create_sampling_rule (FluoApiCall *call)
{
  g_autoptr (GHashTable) tags = fluo_api_call_get_tags (call, "Tags");
  g_autoptr (FluoSamplingRule) rule = NULL;
  g_autoptr (GError) error = NULL;

  if (!tags)
    return;
  rule = fluo_settings_create_rule (call->context->settings, call->tape,
                                    fluo_json_tape_get (call->tape, 0, "SamplingRule"), tags,
                                    &error);
  answer_record (call, rule, error);
}

void
fluo_api_update_sampling_rule (FluoApiCall *call)
{
  g_autoptr (FluoSamplingRule) rule = NULL;
  g_autoptr (GError) error = NULL;

  rule = fluo_settings_update_rule (call->context->settings, call->tape,
                                    fluo_json_tape_get (call->tape, 0, "SamplingRuleUpdate"),
                                    &error);
  answer_record (call, rule, error);
}

void
fluo_api_delete_sampling_rule (FluoApiCall *call)
{
  g_autofree char *name = fluo_api_call_dup (call, "RuleName");
  g_autofree char *arn = fluo_api_call_dup (call, "RuleARN");
  g_autoptr (FluoSamplingRule) rule = NULL;
  g_autoptr (GError) error = NULL;

  rule = fluo_settings_delete_rule (call->context->settings, name, arn, &error);
  answer_record (call, rule, error);
}

void
fluo_api_get_sampling_rules (FluoApiCall *call)
{
  g_autoptr (GPtrArray) rules = NULL;
  FluoJsonWriter writer;

  if (fluo_api_call_refuse (call, "NextToken", "Invalid NextToken"))
    return;
  rules = fluo_settings_ref_rules (call->context->settings, NULL);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "SamplingRuleRecords");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < rules->len; i++)
    write_record (&writer, rules->pdata[i]);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

/* --- GetSamplingTargets ------------------------------------------------- */

static const FluoSamplingRule *
find_rule (GPtrArray *rules, const char *name)
{
  for (guint i = 0; i < rules->len; i++)
    {
      const FluoSamplingRule *rule = rules->pdata[i];

      if (strcmp (rule->name, name) == 0)
        return rule;
    }
  return NULL;
}

/* The service takes what doesn't fit for the largest that does. */
static gint64
get_count (FluoApiCall *call, guint32 node, const char *key)
{
  double value = fluo_json_tape_double (call->tape, fluo_json_tape_get (call->tape, node, key), 0);

  return (gint64) CLAMP (value, 0, (double) G_MAXINT32);
}

static void
write_unprocessed (FluoJsonWriter *writer, const char *rule, const char *message)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "ErrorCode");
  fluo_json_writer_string (writer, "400");
  fluo_json_writer_key (writer, "Message");
  fluo_json_writer_string (writer, message);
  fluo_json_writer_key (writer, "RuleName");
  fluo_json_writer_string (writer, rule);
  fluo_json_writer_end (writer, '}');
}

static void
write_target (FluoJsonWriter *writer, const FluoSamplingRule *rule,
              const FluoSamplingTarget *target)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "FixedRate");
  fluo_json_writer_double (writer, rule->rate);
  fluo_json_writer_key (writer, "Interval");
  if (target->first)
    fluo_json_writer_null (writer);
  else
    fluo_json_writer_int (writer, FLUO_SAMPLING_INTERVAL_S);
  fluo_json_writer_key (writer, "ReservoirQuota");
  if (target->first)
    fluo_json_writer_null (writer);
  else
    fluo_json_writer_int (writer, target->quota);
  if (target->first)
    {
      fluo_json_writer_key (writer, "ReservoirQuotaTTL");
      fluo_json_writer_null (writer);
    }
  else
    fluo_api_write_time (writer, "ReservoirQuotaTTL", target->quota_ttl_s);
  fluo_json_writer_key (writer, "RuleName");
  fluo_json_writer_string (writer, rule->name);
  if (target->boost_rate > 0)
    {
      fluo_json_writer_key (writer, "SamplingBoost");
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "BoostRate");
      fluo_json_writer_double (writer, target->boost_rate);
      fluo_api_write_time (writer, "BoostRateTTL", target->boost_ttl_s);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, '}');
}

/* Anomalies of each rule's services are taken together: the boost is the rule's. */
static void
take_boosts (FluoApiCall *call, GPtrArray *rules, FluoJsonWriter *unprocessed)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "SamplingBoostStatisticsDocuments");

  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    {
      g_autofree char *name = fluo_json_tape_dup_member (call->tape, i, "RuleName");
      const FluoSamplingRule *rule = find_rule (rules, name);

      if (!rule)
        write_unprocessed (unprocessed, name, "Unknown rule");
      else if (!rule->has_boost)
        write_unprocessed (unprocessed, name, "The rule has no SamplingRateBoost");
      else
        fluo_sampling_report_boost (call->context->sampling, rule,
                                    get_count (call, i, "AnomalyCount"),
                                    get_count (call, i, "SampledAnomalyCount"));
    }
}

static void
take_reports (FluoApiCall *call, GPtrArray *rules, FluoJsonWriter *targets,
              FluoJsonWriter *unprocessed)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "SamplingStatisticsDocuments");

  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    {
      g_autofree char *name = fluo_json_tape_dup_member (call->tape, i, "RuleName");
      g_autofree char *client = fluo_json_tape_dup_member (call->tape, i, "ClientID");
      const FluoSamplingRule *rule = find_rule (rules, name);
      FluoSamplingReport report = { name, client, get_count (call, i, "RequestCount"),
                                    get_count (call, i, "SampledCount"),
                                    get_count (call, i, "BorrowCount") };
      FluoSamplingTarget target;

      if (!rule)
        {
          write_unprocessed (unprocessed, name, "Unknown rule");
          continue;
        }
      fluo_sampling_report (call->context->sampling, rule, &report, &target);
      write_target (targets, rule, &target);
    }
}

void
fluo_api_get_sampling_targets (FluoApiCall *call)
{
  gint64 modified_s;
  g_autoptr (GPtrArray) rules = fluo_settings_ref_rules (call->context->settings, &modified_s);
  static const char *const keys[] = { "SamplingTargetDocuments", "UnprocessedBoostStatistics",
                                      "UnprocessedStatistics" };
  GString *texts[G_N_ELEMENTS (keys)];
  FluoJsonWriter writers[G_N_ELEMENTS (keys)], writer;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      texts[i] = g_string_new (NULL);
      fluo_json_writer_init (&writers[i], texts[i]);
      fluo_json_writer_begin (&writers[i], '[');
    }
  take_boosts (call, rules, &writers[1]);
  take_reports (call, rules, &writers[0], &writers[2]);

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_api_write_time (&writer, "LastRuleModification", modified_s);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      fluo_json_writer_end (&writers[i], ']');
      fluo_json_writer_key (&writer, keys[i]);
      fluo_json_writer_raw (&writer, texts[i]->str, texts[i]->len);
      g_string_free (texts[i], TRUE);
    }
  fluo_json_writer_end (&writer, '}');
}

/* --- GetSamplingStatisticSummaries -------------------------------------- */

/* Where the next page begins: the time and rule of the last window that was given. */
static char *
make_token (const FluoSamplingWindow *last)
{
  g_autofree char *text = g_strdup_printf ("1 %" G_GINT64_FORMAT " %s", last->begin_s, last->rule);

  return g_base64_encode ((const guchar *) text, strlen (text));
}

static gboolean
read_token (const char *token, gint64 *ret_begin_s, char **ret_rule)
{
  g_autofree char *text = NULL;
  int end = -1;
  gsize length;

  if (strlen (token) > 400 || strlen (token) % 4 != 0)
    return FALSE;
  text = (char *) g_base64_decode (token, &length);
  if (!text || memchr (text, '\0', length))
    return FALSE;
  text = g_realloc (text, length + 1);
  text[length] = '\0';
  if (sscanf (text, "1 %" G_GINT64_FORMAT " %n", ret_begin_s, &end) != 1 || end < 0 ||
      !text[end] || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  *ret_rule = g_strdup (text + end);
  return TRUE;
}

static void
write_window (FluoJsonWriter *writer, const FluoSamplingWindow *window)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "BorrowCount");
  fluo_json_writer_int (writer, MIN (window->borrowed, G_MAXINT32));
  fluo_json_writer_key (writer, "RequestCount");
  fluo_json_writer_int (writer, MIN (window->requests, G_MAXINT32));
  fluo_json_writer_key (writer, "RuleName");
  fluo_json_writer_string (writer, window->rule);
  fluo_json_writer_key (writer, "SampledCount");
  fluo_json_writer_int (writer, MIN (window->sampled, G_MAXINT32));
  fluo_api_write_time (writer, "Timestamp", window->begin_s);
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_get_sampling_statistics (FluoApiCall *call)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken");
  g_autofree char *after_rule = NULL, *next = NULL;
  g_autoptr (GArray) windows = NULL;
  FluoJsonWriter writer;
  gint64 after_s = -1;
  guint first = 0, end;

  if (token && !read_token (token, &after_s, &after_rule))
    {
      fluo_api_call_invalid (call, "Invalid NextToken");
      return;
    }
  windows = fluo_sampling_get_windows (call->context->sampling);
  for (; after_rule && first < windows->len; first++)
    {
      const FluoSamplingWindow *window = &g_array_index (windows, FluoSamplingWindow, first);

      if (window->begin_s > after_s ||
          (window->begin_s == after_s && strcmp (window->rule, after_rule) > 0))
        break;
    }
  end = MIN (windows->len, first + STATISTICS_PAGE);
  if (end < windows->len)
    next = make_token (&g_array_index (windows, FluoSamplingWindow, end - 1));
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_string (&writer, next);
  fluo_json_writer_key (&writer, "SamplingStatisticSummaries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = first; i < end; i++)
    write_window (&writer, &g_array_index (windows, FluoSamplingWindow, i));
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}
