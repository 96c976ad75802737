/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include "local/api/fluo-api-checks.h"

#define POST(path, operation, access, func) \
  { path, operation, FLUO_ROUTE_WORKER, func, FALSE, FALSE, FLUO_ACCESS_##access }
#define SAMPLING(path, operation, func) \
  { path, operation, FLUO_ROUTE_ASYNC, func, FALSE, TRUE, FLUO_ACCESS_OPEN }
#define GET(path, operation, kind, func) \
  { path, operation, kind, func, TRUE, FALSE, FLUO_ACCESS_READ }

static const FluoRoute routes[] = {
  { "/TraceSegments", "PutTraceSegments", FLUO_ROUTE_ASYNC, fluo_api_put_trace_segments, FALSE,
    FALSE, FLUO_ACCESS_OPEN },
  POST ("/TraceSummaries", "GetTraceSummaries", READ, fluo_api_get_trace_summaries),
  POST ("/Traces", "BatchGetTraces", READ, fluo_api_batch_get_traces),
  POST ("/ServiceGraph", "GetServiceGraph", READ, fluo_api_get_service_graph),
  POST ("/TraceGraph", "GetTraceGraph", READ, fluo_api_get_trace_graph),
  SAMPLING ("/GetSamplingRules", "GetSamplingRules", fluo_api_relay_sampling_rules),
  SAMPLING ("/SamplingTargets", "GetSamplingTargets", fluo_api_relay_sampling_targets),
  POST ("/Groups", "GetGroups", READ, fluo_api_get_groups),
  GET ("/fluoroscope/v1/status", "status", FLUO_ROUTE_WORKER, fluo_api_get_status),
  GET ("/fluoroscope/v1/links", "links", FLUO_ROUTE_WORKER, fluo_api_get_links),
  GET ("/fluoroscope/v1/missing", "missing", FLUO_ROUTE_WORKER, fluo_api_explain_missing),
  POST ("/fluoroscope/v1/sampling/simulate", "simulate", READ, fluo_api_simulate_sampling),
  POST ("/fluoroscope/v1/filter/counts", "counts", READ, fluo_api_count_conditions),
  POST ("/fluoroscope/v1/vocabulary", "vocabulary", READ, fluo_api_get_vocabulary),
  GET ("/fluoroscope/v1/pinned", "pinned", FLUO_ROUTE_WORKER, fluo_api_get_pins),
  POST ("/fluoroscope/v1/pins", "pins", FULL, fluo_api_change_pins),
  GET ("/fluoroscope/v1/changes", "changes", FLUO_ROUTE_CHANGES, NULL),
  POST ("/CancelTraceRetrieval", "CancelTraceRetrieval", READ, fluo_api_cancel_trace_retrieval),
  POST ("/CreateGroup", "CreateGroup", FULL, fluo_api_create_group),
  POST ("/CreateSamplingRule", "CreateSamplingRule", FULL, fluo_api_create_sampling_rule),
  POST ("/DeleteGroup", "DeleteGroup", FULL, fluo_api_delete_group),
  POST ("/DeleteResourcePolicy", "DeleteResourcePolicy", FULL, fluo_api_delete_resource_policy),
  POST ("/DeleteSamplingRule", "DeleteSamplingRule", FULL, fluo_api_delete_sampling_rule),
  POST ("/EncryptionConfig", "GetEncryptionConfig", READ, fluo_api_get_encryption_config),
  POST ("/GetGroup", "GetGroup", READ, fluo_api_get_group),
  POST ("/GetIndexingRules", "GetIndexingRules", READ, fluo_api_get_indexing_rules),
  POST ("/Insight", "GetInsight", READ, fluo_api_get_insight),
  POST ("/InsightEvents", "GetInsightEvents", READ, fluo_api_get_insight_events),
  POST ("/InsightImpactGraph", "GetInsightImpactGraph", READ, fluo_api_get_insight_impact_graph),
  POST ("/InsightSummaries", "GetInsightSummaries", READ, fluo_api_get_insight_summaries),
  POST ("/GetRetrievedTracesGraph", "GetRetrievedTracesGraph", READ, fluo_api_get_retrieved_graph),
  POST ("/SamplingStatisticSummaries", "GetSamplingStatisticSummaries", READ,
        fluo_api_get_sampling_statistics),
  POST ("/TimeSeriesServiceStatistics", "GetTimeSeriesServiceStatistics", READ,
        fluo_api_get_time_series),
  POST ("/GetTraceSegmentDestination", "GetTraceSegmentDestination", READ,
        fluo_api_get_segment_destination),
  POST ("/ListResourcePolicies", "ListResourcePolicies", READ, fluo_api_list_resource_policies),
  POST ("/ListRetrievedTraces", "ListRetrievedTraces", READ, fluo_api_list_retrieved_traces),
  POST ("/ListTagsForResource", "ListTagsForResource", READ, fluo_api_list_tags),
  POST ("/PutEncryptionConfig", "PutEncryptionConfig", FULL, fluo_api_put_encryption_config),
  POST ("/PutResourcePolicy", "PutResourcePolicy", FULL, fluo_api_put_resource_policy),
  POST ("/TelemetryRecords", "PutTelemetryRecords", OPEN, fluo_api_put_telemetry_records),
  POST ("/StartTraceRetrieval", "StartTraceRetrieval", READ, fluo_api_start_trace_retrieval),
  POST ("/TagResource", "TagResource", FULL, fluo_api_tag_resource),
  POST ("/UntagResource", "UntagResource", FULL, fluo_api_untag_resource),
  POST ("/UpdateGroup", "UpdateGroup", FULL, fluo_api_update_group),
  POST ("/UpdateIndexingRule", "UpdateIndexingRule", FULL, fluo_api_update_indexing_rule),
  POST ("/UpdateSamplingRule", "UpdateSamplingRule", FULL, fluo_api_update_sampling_rule),
  POST ("/UpdateTraceSegmentDestination", "UpdateTraceSegmentDestination", FULL,
        fluo_api_update_segment_destination),
};

const FluoRoute *
fluo_route_find (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    if (strcmp (routes[i].path, path) == 0)
      return &routes[i];
  return NULL;
}
