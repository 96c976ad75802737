/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-permission.h"

#include <string.h>

#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-error.h"
#include "core/fluo-json.h"

#define ACTION_LEN_MAX 128
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Paths that are not their operation's name. */
static const struct
{
  const char *path;
  const char *operation;
} odd_paths[] = {
  { "/TraceSummaries", "GetTraceSummaries" },
  { "/Traces", "BatchGetTraces" },
  { "/ServiceGraph", "GetServiceGraph" },
  { "/TraceGraph", "GetTraceGraph" },
  { "/TraceSegments", "PutTraceSegments" },
  { "/TelemetryRecords", "PutTelemetryRecords" },
  { "/Groups", "GetGroups" },
  { "/Insight", "GetInsight" },
  { "/InsightSummaries", "GetInsightSummaries" },
  { "/InsightEvents", "GetInsightEvents" },
  { "/InsightImpactGraph", "GetInsightImpactGraph" },
  { "/EncryptionConfig", "GetEncryptionConfig" },
  { "/SamplingTargets", "GetSamplingTargets" },
  { "/SamplingStatisticSummaries", "GetSamplingStatisticSummaries" },
  { "/TimeSeriesServiceStatistics", "GetTimeSeriesServiceStatistics" },
};

/* What the views read: X-Ray's part first, then what charts and logs need. GetEncryptionConfig and
 * its like belong to administration and are asked for when somebody opens it. */
static const char *const reads[] = {
  "xray:GetTraceSummaries",     "xray:BatchGetTraces",       "xray:GetServiceGraph",
  "xray:GetTraceGraph",         "xray:GetGroups",            "xray:GetGroup",
  "xray:GetInsightSummaries",   "xray:GetInsight",           "xray:GetInsightEvents",
  "xray:GetInsightImpactGraph", "xray:GetTimeSeriesServiceStatistics",
  "xray:GetSamplingRules",      "xray:GetSamplingStatisticSummaries",
  "xray:GetTraceSegmentDestination", "xray:GetIndexingRules",
  "xray:StartTraceRetrieval",   "xray:ListRetrievedTraces",  "xray:GetRetrievedTracesGraph",
  "xray:CancelTraceRetrieval",  NULL
};
static const char *const metric_reads[] = { "cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms",
                                            NULL };
static const char *const log_reads[] = { "logs:DescribeLogGroups", "logs:StartQuery",
                                         "logs:GetQueryResults", "logs:StopQuery", NULL };

char *
fluo_permission_dup_action (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (odd_paths); i++)
    if (strcmp (path, odd_paths[i].path) == 0)
      return g_strconcat ("xray:", odd_paths[i].operation, NULL);
  if (*path != '/' || path[1] == '\0' || strlen (path) > ACTION_LEN_MAX
      || path[1 + strspn (path + 1, LETTERS)] != '\0')
    return NULL;
  return g_strconcat ("xray:", path + 1, NULL);
}

char *
fluo_permission_dup_refused (const char *message)
{
  static const char lead[] = "not authorized to perform:";
  const char *at = message ? strstr (message, lead) : NULL;
  gsize service, operation;

  if (!at)
    return NULL;
  at += sizeof lead - 1;
  at += strspn (at, " ");
  service = strspn (at, "abcdefghijklmnopqrstuvwxyz0123456789-");
  if (service == 0 || at[service] != ':')
    return NULL;
  operation = strspn (at + service + 1, LETTERS);
  if (operation == 0 || service + 1 + operation > ACTION_LEN_MAX)
    return NULL;
  return g_strndup (at, service + 1 + operation);
}

static void
write_statement (FluoJsonWriter *writer, const char *sid, const char *const *const *lists,
                 const char *resource)
{
  fluo_json_writer_begin (writer, '{');
  if (sid)
    {
      fluo_json_writer_key (writer, "Sid");
      fluo_json_writer_string (writer, sid);
    }
  fluo_json_writer_key (writer, "Effect");
  fluo_json_writer_string (writer, "Allow");
  fluo_json_writer_key (writer, "Action");
  fluo_json_writer_begin (writer, '[');
  for (; *lists; lists++)
    for (const char *const *action = *lists; *action; action++)
      fluo_json_writer_string (writer, *action);
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_key (writer, "Resource");
  fluo_json_writer_string (writer, resource);
  fluo_json_writer_end (writer, '}');
}

/* People paste it into a form and into letters: a member and an element a line. */
static char *
indent (const char *json)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean quoted = FALSE;
  guint depth = 0;

  for (const char *c = json; *c; c++)
    {
      if (*c == '"')
        quoted = !quoted;
      if (!quoted && (*c == '}' || *c == ']'))
        g_string_append_printf (out, "\n%*s", (int) (2 * --depth), "");
      g_string_append_c (out, *c);
      if (!quoted && *c == ':')
        g_string_append_c (out, ' ');
      else if (!quoted && strchr ("{[,", *c))
        {
          depth += *c != ',';
          g_string_append_printf (out, "\n%*s", (int) (2 * depth), "");
        }
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
dup_statement (const char *const *actions, const char *resource)
{
  const char *const *lists[] = { actions, NULL };
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  write_statement (&writer, NULL, lists, resource);
  return indent (out->str);
}

char *
fluo_permission_dup_statement_for (const char *operation, const char *arn)
{
  /* All other operations are permitted or not, whatever they are about. */
  static const char *const with_resource[] = {
    "UpdateGroup",        "DeleteGroup", "GetGroup",      "UpdateSamplingRule",
    "DeleteSamplingRule", "TagResource", "UntagResource", "ListTagsForResource",
    NULL
  };
  g_autofree char *action = g_strconcat ("xray:", operation, NULL);
  gboolean kms = strcmp (operation, "PutEncryptionConfig") == 0;
  const char *actions[] = { action, kms ? "kms:CreateGrant" : NULL, "kms:DescribeKey", NULL };

  return dup_statement (actions, arn && g_str_has_prefix (arn, "arn:")
                                     && g_strv_contains (with_resource, operation)
                                   ? arn
                                   : "*");
}

char *
fluo_permission_dup_statement_of (const GError *error)
{
  const char *actions[] = { fluo_permission_of_error (error), NULL };

  const char *resource = fluo_xray_error_get_resource (error);

  return actions[0] ? dup_statement (actions, resource ? resource : "*") : NULL;
}

char *
fluo_permission_dup_policy (gboolean metrics, gboolean logs)
{
  const char *const *lists[4] = { reads };
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;
  guint n = 1;

  if (metrics)
    lists[n++] = metric_reads;
  if (logs)
    lists[n++] = log_reads;
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Version");
  fluo_json_writer_string (&writer, "2012-10-17");
  fluo_json_writer_key (&writer, "Statement");
  fluo_json_writer_begin (&writer, '[');
  write_statement (&writer, "FluoroscopeReads", lists, "*");
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  return indent (out->str);
}
