/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <string.h>

#include "local/fluo-api-checks.h"

#define POST(path, operation, access, func) \
  { path, operation, FLUO_ROUTE_WORKER, func, FALSE, FALSE, FLUO_ACCESS_##access }
#define SAMPLING(path, operation, func) \
  { path, operation, FLUO_ROUTE_WORKER, func, FALSE, TRUE, FLUO_ACCESS_OPEN }
#define GET(path, operation, kind, func) \
  { path, operation, kind, func, TRUE, FALSE, FLUO_ACCESS_READ }
#define NOT_OFFERED(path, operation, access) \
  { path, operation, FLUO_ROUTE_NOT_OFFERED, NULL, FALSE, FALSE, FLUO_ACCESS_##access }

static const FluoRoute routes[] = {
  { "/TraceSegments", "PutTraceSegments", FLUO_ROUTE_ASYNC, fluo_api_put_trace_segments, FALSE,
    FALSE, FLUO_ACCESS_OPEN },
  POST ("/TraceSummaries", "GetTraceSummaries", READ, fluo_api_get_trace_summaries),
  POST ("/Traces", "BatchGetTraces", READ, fluo_api_batch_get_traces),
  POST ("/ServiceGraph", "GetServiceGraph", READ, fluo_api_get_service_graph),
  POST ("/TraceGraph", "GetTraceGraph", READ, fluo_api_get_trace_graph),
  SAMPLING ("/GetSamplingRules", "GetSamplingRules", fluo_api_get_sampling_rules),
  SAMPLING ("/SamplingTargets", "GetSamplingTargets", fluo_api_get_sampling_targets),
  POST ("/Groups", "GetGroups", READ, fluo_api_get_groups),
  GET ("/fluoroscope/v1/status", "status", FLUO_ROUTE_WORKER, fluo_api_get_status),
  GET ("/fluoroscope/v1/changes", "changes", FLUO_ROUTE_CHANGES, NULL),
  NOT_OFFERED ("/CancelTraceRetrieval", "CancelTraceRetrieval", READ),
  NOT_OFFERED ("/CreateGroup", "CreateGroup", FULL),
  NOT_OFFERED ("/CreateSamplingRule", "CreateSamplingRule", FULL),
  NOT_OFFERED ("/DeleteGroup", "DeleteGroup", FULL),
  NOT_OFFERED ("/DeleteResourcePolicy", "DeleteResourcePolicy", FULL),
  NOT_OFFERED ("/DeleteSamplingRule", "DeleteSamplingRule", FULL),
  NOT_OFFERED ("/EncryptionConfig", "GetEncryptionConfig", READ),
  NOT_OFFERED ("/GetGroup", "GetGroup", READ),
  NOT_OFFERED ("/GetIndexingRules", "GetIndexingRules", READ),
  NOT_OFFERED ("/Insight", "GetInsight", READ),
  NOT_OFFERED ("/InsightEvents", "GetInsightEvents", READ),
  NOT_OFFERED ("/InsightImpactGraph", "GetInsightImpactGraph", READ),
  NOT_OFFERED ("/InsightSummaries", "GetInsightSummaries", READ),
  NOT_OFFERED ("/GetRetrievedTracesGraph", "GetRetrievedTracesGraph", READ),
  NOT_OFFERED ("/SamplingStatisticSummaries", "GetSamplingStatisticSummaries", READ),
  NOT_OFFERED ("/TimeSeriesServiceStatistics", "GetTimeSeriesServiceStatistics", READ),
  NOT_OFFERED ("/GetTraceSegmentDestination", "GetTraceSegmentDestination", READ),
  NOT_OFFERED ("/ListResourcePolicies", "ListResourcePolicies", READ),
  NOT_OFFERED ("/ListRetrievedTraces", "ListRetrievedTraces", READ),
  NOT_OFFERED ("/ListTagsForResource", "ListTagsForResource", READ),
  NOT_OFFERED ("/PutEncryptionConfig", "PutEncryptionConfig", FULL),
  NOT_OFFERED ("/PutResourcePolicy", "PutResourcePolicy", FULL),
  NOT_OFFERED ("/TelemetryRecords", "PutTelemetryRecords", OPEN),
  NOT_OFFERED ("/StartTraceRetrieval", "StartTraceRetrieval", READ),
  NOT_OFFERED ("/TagResource", "TagResource", FULL),
  NOT_OFFERED ("/UntagResource", "UntagResource", FULL),
  NOT_OFFERED ("/UpdateGroup", "UpdateGroup", FULL),
  NOT_OFFERED ("/UpdateIndexingRule", "UpdateIndexingRule", FULL),
  NOT_OFFERED ("/UpdateSamplingRule", "UpdateSamplingRule", FULL),
  NOT_OFFERED ("/UpdateTraceSegmentDestination", "UpdateTraceSegmentDestination", FULL),
};

const FluoRoute *
fluo_route_find (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    if (strcmp (routes[i].path, path) == 0)
      return &routes[i];
  return NULL;
}
