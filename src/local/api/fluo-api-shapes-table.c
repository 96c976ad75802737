/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-shapes.h"

#include <string.h>

/* The requests of X-Ray's model, version 2016-04-12. Names, limits and order are the model's. */

#define TEXT(name) static const FluoShape name = { FLUO_SHAPE_STRING }
#define TEXT_TO(name, most) \
  static const FluoShape name = { FLUO_SHAPE_STRING, FALSE, TRUE, 0, most }
#define TEXT_OF(name, least, most) \
  static const FluoShape name = { FLUO_SHAPE_STRING, TRUE, TRUE, least, most }
#define WORD(name, set) static const FluoShape name = { FLUO_SHAPE_STRING, .words = set }
#define INTEGER_FROM(name, least) \
  static const FluoShape name = { FLUO_SHAPE_INTEGER, TRUE, FALSE, least, 0 }
#define INTEGER_OF(name, least, most) \
  static const FluoShape name = { FLUO_SHAPE_INTEGER, TRUE, TRUE, least, most }
#define LIST(name, of) static const FluoShape name = { FLUO_SHAPE_LIST, .element = &of }
#define LIST_TO(name, of, most) \
  static const FluoShape name = { FLUO_SHAPE_LIST, FALSE, TRUE, 0, most, .element = &of }
#define STRUCTURE(name, ...) \
  static const FluoMember name##_members[] = { __VA_ARGS__, { NULL } }; \
  static const FluoShape name = { FLUO_SHAPE_STRUCTURE, .members = name##_members }
/* A member that may be left out, and one that may not. */
#define MAY(name, shape) { name, &shape, FALSE }
#define MUST(name, shape) { name, &shape, TRUE }

static const FluoShape integer = { FLUO_SHAPE_INTEGER };
static const FluoShape number = { FLUO_SHAPE_DOUBLE };
static const FluoShape rate = { FLUO_SHAPE_DOUBLE, TRUE, TRUE, 0, 1 };
static const FluoShape boolean = { FLUO_SHAPE_BOOLEAN };
static const FluoShape timestamp = { FLUO_SHAPE_TIMESTAMP };
INTEGER_FROM (not_negative, 0);
INTEGER_FROM (version, 1);
INTEGER_OF (priority, 1, 9999);
INTEGER_OF (events_max_results, 1, 50);
INTEGER_OF (summaries_max_results, 1, 100);

TEXT (text);
TEXT_OF (trace_id, 1, 35);
TEXT_OF (retrieval_token, 0, 1020);
TEXT_OF (group_name, 1, 32);
TEXT_OF (group_arn, 1, 400);
TEXT_OF (rule_name, 1, 32);
TEXT_OF (tag_key, 1, 128);
TEXT_OF (tag_value, 0, 256);
TEXT_OF (any_arn, 1, 1011);
TEXT_OF (short_token, 1, 100);
TEXT_OF (long_token, 1, 2000);
TEXT_OF (attribute, 1, 32);
TEXT_OF (client_id, 24, 24);
TEXT_OF (selector, 1, 500);
TEXT_OF (key_id, 1, 3000);
TEXT_TO (resource_arn, 500);
TEXT_TO (name_64, 64);
TEXT_TO (method, 10);
TEXT_TO (path, 128);
TEXT_TO (instance_id, 20);
TEXT_TO (host_name, 255);
WORD (range_type, "TraceId, Event, Service");
WORD (strategy_name, "PartialScan, FixedRate");
WORD (insight_state, "ACTIVE, CLOSED");
WORD (trace_format, "XRAY, OTEL");
WORD (encryption_type, "NONE, KMS");
WORD (destination, "XRay, CloudWatchLogs");
static const FluoShape policy_name = { FLUO_SHAPE_STRING, TRUE, TRUE, 1, 128,
                                       .pattern = "[\\w+=,.@-]+" };
static const FluoShape insight_id = {
  FLUO_SHAPE_STRING,
  .pattern = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-"
             "[0-9a-fA-F]{12}"
};

LIST (documents, text);
LIST (trace_ids, trace_id);
LIST_TO (retrieval_ids, trace_id, 100);
LIST_TO (tag_keys, tag_key, 200);
LIST_TO (insight_states, insight_state, 1);
static const FluoShape attributes = {
  FLUO_SHAPE_MAP, FALSE, TRUE, 0, 5, .key = &attribute, .element = &attribute
};

STRUCTURE (tag, MUST ("Key", tag_key), MUST ("Value", tag_value));
LIST_TO (tags, tag, 200);
STRUCTURE (insights, MAY ("InsightsEnabled", boolean), MAY ("NotificationsEnabled", boolean));
STRUCTURE (strategy, MAY ("Name", strategy_name), MAY ("Value", number));
STRUCTURE (boost, MUST ("MaxRate", rate), MUST ("CooldownWindowMinutes", not_negative));
STRUCTURE (sampling_rule, MAY ("RuleName", rule_name), MAY ("RuleARN", text),
           MUST ("ResourceARN", resource_arn), MUST ("Priority", priority),
           MUST ("FixedRate", rate), MUST ("ReservoirSize", not_negative),
           MUST ("ServiceName", name_64), MUST ("ServiceType", name_64), MUST ("Host", name_64),
           MUST ("HTTPMethod", method), MUST ("URLPath", path), MUST ("Version", version),
           MAY ("Attributes", attributes), MAY ("SamplingRateBoost", boost));
STRUCTURE (sampling_rule_update, MAY ("RuleName", rule_name), MAY ("RuleARN", text),
           MAY ("ResourceARN", resource_arn), MAY ("Priority", integer), MAY ("FixedRate", number),
           MAY ("ReservoirSize", integer), MAY ("Host", name_64), MAY ("ServiceName", name_64),
           MAY ("ServiceType", name_64), MAY ("HTTPMethod", method), MAY ("URLPath", path),
           MAY ("Attributes", attributes), MAY ("SamplingRateBoost", boost));
STRUCTURE (sampling_document, MUST ("RuleName", rule_name), MUST ("ClientID", client_id),
           MUST ("Timestamp", timestamp), MUST ("RequestCount", not_negative),
           MUST ("SampledCount", not_negative), MAY ("BorrowCount", not_negative));
STRUCTURE (boost_document, MUST ("RuleName", rule_name), MUST ("ServiceName", name_64),
           MUST ("Timestamp", timestamp), MUST ("AnomalyCount", not_negative),
           MUST ("TotalCount", not_negative), MUST ("SampledAnomalyCount", not_negative));
LIST_TO (sampling_documents, sampling_document, 25);
LIST_TO (boost_documents, boost_document, 25);
STRUCTURE (probabilistic, MUST ("DesiredSamplingPercentage", number));
STRUCTURE (indexing_rule, MAY ("Probabilistic", probabilistic));
STRUCTURE (connection_errors, MAY ("TimeoutCount", integer),
           MAY ("ConnectionRefusedCount", integer), MAY ("HTTPCode4XXCount", integer),
           MAY ("HTTPCode5XXCount", integer), MAY ("UnknownHostCount", integer),
           MAY ("OtherCount", integer));
STRUCTURE (telemetry_record, MUST ("Timestamp", timestamp), MAY ("SegmentsReceivedCount", integer),
           MAY ("SegmentsSentCount", integer), MAY ("SegmentsSpilloverCount", integer),
           MAY ("SegmentsRejectedCount", integer),
           MAY ("BackendConnectionErrors", connection_errors));
LIST (telemetry_records, telemetry_record);

static const FluoMember no_members[] = { { NULL } };
static const FluoShape nothing = { FLUO_SHAPE_STRUCTURE, .members = no_members };
STRUCTURE (batch_get_traces, MUST ("TraceIds", trace_ids), MAY ("NextToken", text));
STRUCTURE (by_retrieval_token, MUST ("RetrievalToken", retrieval_token), MAY ("NextToken", text));
STRUCTURE (cancel_retrieval, MUST ("RetrievalToken", retrieval_token));
STRUCTURE (create_group, MUST ("GroupName", group_name), MAY ("FilterExpression", text),
           MAY ("InsightsConfiguration", insights), MAY ("Tags", tags));
STRUCTURE (create_rule, MUST ("SamplingRule", sampling_rule), MAY ("Tags", tags));
STRUCTURE (by_group, MAY ("GroupName", group_name), MAY ("GroupARN", group_arn));
STRUCTURE (delete_policy, MUST ("PolicyName", policy_name), MAY ("PolicyRevisionId", text));
STRUCTURE (delete_rule, MAY ("RuleName", text), MAY ("RuleARN", text));
STRUCTURE (by_short_token, MAY ("NextToken", short_token));
STRUCTURE (by_token, MAY ("NextToken", text));
STRUCTURE (get_insight, MUST ("InsightId", insight_id));
STRUCTURE (get_insight_events, MUST ("InsightId", insight_id),
           MAY ("MaxResults", events_max_results), MAY ("NextToken", long_token));
STRUCTURE (get_insight_graph, MUST ("InsightId", insight_id), MUST ("StartTime", timestamp),
           MUST ("EndTime", timestamp), MAY ("NextToken", long_token));
STRUCTURE (get_insight_summaries, MAY ("States", insight_states), MAY ("GroupARN", group_arn),
           MAY ("GroupName", group_name), MUST ("StartTime", timestamp),
           MUST ("EndTime", timestamp), MAY ("MaxResults", summaries_max_results),
           MAY ("NextToken", long_token));
STRUCTURE (get_targets, MUST ("SamplingStatisticsDocuments", sampling_documents),
           MAY ("SamplingBoostStatisticsDocuments", boost_documents));
STRUCTURE (get_service_graph, MUST ("StartTime", timestamp), MUST ("EndTime", timestamp),
           MAY ("GroupName", group_name), MAY ("GroupARN", group_arn), MAY ("NextToken", text));
STRUCTURE (get_time_series, MUST ("StartTime", timestamp), MUST ("EndTime", timestamp),
           MAY ("GroupName", group_name), MAY ("GroupARN", group_arn),
           MAY ("EntitySelectorExpression", selector), MAY ("Period", integer),
           MAY ("ForecastStatistics", boolean), MAY ("NextToken", text));
STRUCTURE (get_summaries, MUST ("StartTime", timestamp), MUST ("EndTime", timestamp),
           MAY ("TimeRangeType", range_type), MAY ("Sampling", boolean),
           MAY ("SamplingStrategy", strategy), MAY ("FilterExpression", text),
           MAY ("NextToken", text));
STRUCTURE (list_retrieved, MUST ("RetrievalToken", retrieval_token),
           MAY ("TraceFormat", trace_format), MAY ("NextToken", text));
STRUCTURE (list_tags, MUST ("ResourceARN", any_arn), MAY ("NextToken", text));
STRUCTURE (put_encryption, MAY ("KeyId", key_id), MUST ("Type", encryption_type));
STRUCTURE (put_policy, MUST ("PolicyName", policy_name), MUST ("PolicyDocument", text),
           MAY ("PolicyRevisionId", text), MAY ("BypassPolicyLockoutCheck", boolean));
STRUCTURE (put_telemetry, MUST ("TelemetryRecords", telemetry_records),
           MAY ("EC2InstanceId", instance_id), MAY ("Hostname", host_name),
           MAY ("ResourceARN", resource_arn));
STRUCTURE (put_segments, MUST ("TraceSegmentDocuments", documents));
STRUCTURE (start_retrieval, MUST ("TraceIds", retrieval_ids), MUST ("StartTime", timestamp),
           MUST ("EndTime", timestamp));
STRUCTURE (tag_resource, MUST ("ResourceARN", any_arn), MUST ("Tags", tags));
STRUCTURE (untag_resource, MUST ("ResourceARN", any_arn), MUST ("TagKeys", tag_keys));
STRUCTURE (update_group, MAY ("GroupName", group_name), MAY ("GroupARN", group_arn),
           MAY ("FilterExpression", text), MAY ("InsightsConfiguration", insights));
STRUCTURE (update_indexing, MUST ("Name", text), MUST ("Rule", indexing_rule));
STRUCTURE (update_rule, MUST ("SamplingRuleUpdate", sampling_rule_update));
STRUCTURE (update_destination, MAY ("Destination", destination));

static const struct
{
  const char      *operation;
  const FluoShape *request;
} operations[] = {
  { "BatchGetTraces", &batch_get_traces },
  { "CancelTraceRetrieval", &cancel_retrieval },
  { "CreateGroup", &create_group },
  { "CreateSamplingRule", &create_rule },
  { "DeleteGroup", &by_group },
  { "DeleteResourcePolicy", &delete_policy },
  { "DeleteSamplingRule", &delete_rule },
  { "GetEncryptionConfig", &nothing },
  { "GetGroup", &by_group },
  { "GetGroups", &by_short_token },
  { "GetIndexingRules", &by_token },
  { "GetInsight", &get_insight },
  { "GetInsightEvents", &get_insight_events },
  { "GetInsightImpactGraph", &get_insight_graph },
  { "GetInsightSummaries", &get_insight_summaries },
  { "GetRetrievedTracesGraph", &by_retrieval_token },
  { "GetSamplingRules", &by_token },
  { "GetSamplingStatisticSummaries", &by_token },
  { "GetSamplingTargets", &get_targets },
  { "GetServiceGraph", &get_service_graph },
  { "GetTimeSeriesServiceStatistics", &get_time_series },
  { "GetTraceGraph", &batch_get_traces },
  { "GetTraceSegmentDestination", &nothing },
  { "GetTraceSummaries", &get_summaries },
  { "ListResourcePolicies", &by_short_token },
  { "ListRetrievedTraces", &list_retrieved },
  { "ListTagsForResource", &list_tags },
  { "PutEncryptionConfig", &put_encryption },
  { "PutResourcePolicy", &put_policy },
  { "PutTelemetryRecords", &put_telemetry },
  { "PutTraceSegments", &put_segments },
  { "StartTraceRetrieval", &start_retrieval },
  { "TagResource", &tag_resource },
  { "UntagResource", &untag_resource },
  { "UpdateGroup", &update_group },
  { "UpdateIndexingRule", &update_indexing },
  { "UpdateSamplingRule", &update_rule },
  { "UpdateTraceSegmentDestination", &update_destination },
};

const FluoShape *
fluo_api_shapes_find (const char *operation)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (strcmp (operations[i].operation, operation) == 0)
      return operations[i].request;
  return NULL;
}
