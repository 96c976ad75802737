/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-api.h"

#include <string.h>

/* The rule everybody has. AWS begins with 1 a second and 5 %; on a developer's own computer every
 * request counts. */
#define DEFAULT_RULE "Default"
#define DEFAULT_RATE 1.0
#define DEFAULT_RESERVOIR 1

/* As X-Ray answers: a quota holds five minutes, reports come every ten seconds. */
#define QUOTA_TTL_S 300
#define INTERVAL_S 10

/* A client that has been silent for this long has no share of the reservoir any more. */
#define CLIENT_ACTIVE_USEC (3 * INTERVAL_S * G_USEC_PER_SEC)

/* X-Ray's limit of a request, and ours of what is remembered. */
#define N_DOCUMENTS_MAX 25
#define N_CLIENTS_MAX 1024
#define CLIENT_ID_LEN 24

struct _FluoSampling
{
  GMutex      lock;
  gint64      modified_s;
  GHashTable *clients; /* ClientID → gint64 *: monotonic time of the last report */
};

FluoSampling *
fluo_sampling_new (gint64 now_ns)
{
  FluoSampling *self = g_new0 (FluoSampling, 1);

  g_mutex_init (&self->lock);
  self->modified_s = now_ns / FLUO_NSEC_PER_SEC;
  self->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
fluo_sampling_free (FluoSampling *self)
{
  g_hash_table_unref (self->clients);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fluo_api_get_sampling_rules (FluoApiCall *call)
{
  FluoJsonWriter writer;
  static const char *const everything[] = { "Host",        "HTTPMethod",  "ResourceARN",
                                            "ServiceName", "ServiceType", "URLPath" };

  if (fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported"))
    return;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "SamplingRuleRecords");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "CreatedAt");
  fluo_json_writer_int (&writer, 0);
  fluo_json_writer_key (&writer, "ModifiedAt");
  fluo_json_writer_int (&writer, call->sampling->modified_s);
  fluo_json_writer_key (&writer, "SamplingRule");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Attributes");
  fluo_json_writer_raw (&writer, "{}", 2);
  fluo_json_writer_key (&writer, "FixedRate");
  fluo_json_writer_double (&writer, DEFAULT_RATE);
  for (guint i = 0; i < G_N_ELEMENTS (everything); i++)
    {
      fluo_json_writer_key (&writer, everything[i]);
      fluo_json_writer_string (&writer, "*");
    }
  fluo_json_writer_key (&writer, "Priority");
  fluo_json_writer_int (&writer, 10000);
  fluo_json_writer_key (&writer, "ReservoirSize");
  fluo_json_writer_int (&writer, DEFAULT_RESERVOIR);
  fluo_json_writer_key (&writer, "RuleARN");
  fluo_json_writer_string (&writer, "arn:aws:xray:local:000000000000:sampling-rule/" DEFAULT_RULE);
  fluo_json_writer_key (&writer, "RuleName");
  fluo_json_writer_string (&writer, DEFAULT_RULE);
  fluo_json_writer_key (&writer, "Version");
  fluo_json_writer_int (&writer, 1);
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

/* Notes the report and gives the client's part of the reservoir; -1 for its first report, which
 * gets none. The whole goes to whoever is alone; else to the first in the order of ids, so that the
 * parts add up to the reservoir. */
static int
take_quota (FluoSampling *self, const char *client)
{
  gint64 now_usec = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer key, value;
  gint64 *last;
  int quota = DEFAULT_RESERVOIR;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (now_usec - *(gint64 *) value > CLIENT_ACTIVE_USEC)
      g_hash_table_iter_remove (&iter);
    else if (strcmp (key, client) < 0)
      quota = 0;
  last = g_hash_table_lookup (self->clients, client);
  if (!last)
    quota = -1;
  if (last)
    *last = now_usec;
  else if (g_hash_table_size (self->clients) < N_CLIENTS_MAX)
    g_hash_table_insert (self->clients, g_strdup (client), g_memdup2 (&now_usec, sizeof now_usec));
  g_mutex_unlock (&self->lock);
  return quota;
}

static void
write_target (FluoJsonWriter *writer, const char *rule, int quota)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "FixedRate");
  fluo_json_writer_double (writer, DEFAULT_RATE);
  fluo_json_writer_key (writer, "Interval");
  if (quota >= 0)
    fluo_json_writer_int (writer, INTERVAL_S);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "ReservoirQuota");
  if (quota >= 0)
    fluo_json_writer_int (writer, quota);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "ReservoirQuotaTTL");
  if (quota >= 0)
    fluo_json_writer_int (writer, fluo_time_now_ns () / FLUO_NSEC_PER_SEC + QUOTA_TTL_S);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "RuleName");
  fluo_json_writer_string (writer, rule);
  fluo_json_writer_end (writer, '}');
}

/* One statistics document into the answer's targets or its list of unprocessed ones. */
static gboolean
take_report (FluoApiCall *call, guint32 node, FluoJsonWriter *targets, FluoJsonWriter *unprocessed)
{
  g_autofree char *rule =
    fluo_json_tape_dup (call->tape, fluo_json_tape_get (call->tape, node, "RuleName"));
  g_autofree char *client =
    fluo_json_tape_dup (call->tape, fluo_json_tape_get (call->tape, node, "ClientID"));

  if (!rule || !client)
    {
      fluo_api_call_missing (call, rule ? "samplingStatisticsDocuments.1.member.clientID"
                                        : "samplingStatisticsDocuments.1.member.ruleName");
      return FALSE;
    }
  if (strlen (client) != CLIENT_ID_LEN)
    {
      fluo_api_call_fail (call, 400, "ValidationException",
                          "1 validation error detected: Value at "
                          "'samplingStatisticsDocuments.1.member.clientID' failed to satisfy "
                          "constraint: Member must have length 24");
      return FALSE;
    }
  if (strcmp (rule, DEFAULT_RULE) == 0)
    {
      write_target (targets, rule, take_quota (call->sampling, client));
      return TRUE;
    }
  fluo_json_writer_begin (unprocessed, '{');
  fluo_json_writer_key (unprocessed, "ErrorCode");
  fluo_json_writer_string (unprocessed, "400");
  fluo_json_writer_key (unprocessed, "Message");
  fluo_json_writer_string (unprocessed, "Unknown rule");
  fluo_json_writer_key (unprocessed, "RuleName");
  fluo_json_writer_string (unprocessed, rule);
  fluo_json_writer_end (unprocessed, '}');
  return TRUE;
}

void
fluo_api_get_sampling_targets (FluoApiCall *call)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "SamplingStatisticsDocuments");
  g_autoptr (GString) targets_text = g_string_new (NULL);
  g_autoptr (GString) unprocessed_text = g_string_new (NULL);
  FluoJsonWriter writer, targets, unprocessed;

  if (fluo_json_tape_type (call->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    {
      fluo_api_call_missing (call, "samplingStatisticsDocuments");
      return;
    }
  if (fluo_json_tape_count (call->tape, list) > N_DOCUMENTS_MAX)
    {
      fluo_api_call_fail (
        call, 400, "ValidationException",
        "1 validation error detected: Value at 'samplingStatisticsDocuments' failed "
        "to satisfy constraint: Member must have length less than or equal to 25");
      return;
    }
  fluo_json_writer_init (&targets, targets_text);
  fluo_json_writer_begin (&targets, '[');
  fluo_json_writer_init (&unprocessed, unprocessed_text);
  fluo_json_writer_begin (&unprocessed, '[');
  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    if (!take_report (call, i, &targets, &unprocessed))
      return;
  fluo_json_writer_end (&targets, ']');
  fluo_json_writer_end (&unprocessed, ']');

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "LastRuleModification");
  fluo_json_writer_int (&writer, call->sampling->modified_s);
  fluo_json_writer_key (&writer, "SamplingTargetDocuments");
  fluo_json_writer_raw (&writer, targets_text->str, targets_text->len);
  fluo_json_writer_key (&writer, "UnprocessedBoostStatistics");
  fluo_json_writer_raw (&writer, "[]", 2);
  fluo_json_writer_key (&writer, "UnprocessedStatistics");
  fluo_json_writer_raw (&writer, unprocessed_text->str, unprocessed_text->len);
  fluo_json_writer_end (&writer, '}');
}
