/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-cloudwatch.h"

#include <string.h>

/* Which metrics a kind of node has: the namespace and what its name is called there, from the
 * services' own documents. */

/* X-Ray's names have 200; CloudWatch refuses a search of more than 1,024. */
#define VALUE_CHARS_MAX 400

typedef enum
{
  NAME_WHOLE,        /* the node's name */
  NAME_LAST,         /* what stands after the last slash or colon, of a URL or an ARN */
  NAME_BEFORE_SLASH, /* "api/stage": both */
  NAME_HOST          /* "orders@orders-db.….rds.amazonaws.com": the first label of RDS's host */
} NameForm;

typedef struct
{
  const char *metric, *stat, *unit;
} MetricRow;

typedef struct
{
  const char *type;
  const char *namespace_;
  const char *dimension;
  const char *others;  /* dimensions whose values X-Ray does not tell: "ClusterName", or NULL */
  NameForm    form;
  MetricRow   rows[5];
} NodeMetrics;

/* A type may have several. */
static const NodeMetrics node_metrics[] = {
  { "AWS::Lambda", "AWS/Lambda", "FunctionName", NULL, NAME_WHOLE,
    { { "Duration", "p90", "ms" }, { "Invocations", "Sum", "" }, { "Errors", "Sum", "" },
      { "Throttles", "Sum", "" }, { "ConcurrentExecutions", "Maximum", "" } } },
  { "AWS::ApiGateway::Stage", "AWS/ApiGateway", "ApiName", NULL, NAME_BEFORE_SLASH,
    { { "Latency", "p90", "ms" }, { "IntegrationLatency", "p90", "ms" }, { "Count", "Sum", "" },
      { "4XXError", "Sum", "" }, { "5XXError", "Sum", "" } } },
  { "AWS::DynamoDB::Table", "AWS/DynamoDB", "TableName", NULL, NAME_WHOLE,
    { { "SuccessfulRequestLatency", "p90", "ms" }, { "ThrottledRequests", "Sum", "" },
      { "SystemErrors", "Sum", "" }, { "ConsumedReadCapacityUnits", "Sum", "" },
      { "ConsumedWriteCapacityUnits", "Sum", "" } } },
  { "AWS::SQS::Queue", "AWS/SQS", "QueueName", NULL, NAME_LAST,
    { { "ApproximateAgeOfOldestMessage", "Maximum", "s" },
      { "ApproximateNumberOfMessagesVisible", "Maximum", "" },
      { "NumberOfMessagesSent", "Sum", "" }, { "NumberOfMessagesReceived", "Sum", "" },
      { "NumberOfMessagesDeleted", "Sum", "" } } },
  { "AWS::SNS", "AWS/SNS", "TopicName", NULL, NAME_LAST,
    { { "NumberOfMessagesPublished", "Sum", "" }, { "NumberOfNotificationsFailed", "Sum", "" } } },
  { "AWS::Kinesis", "AWS/Kinesis", "StreamName", NULL, NAME_LAST,
    { { "GetRecords.IteratorAgeMilliseconds", "Maximum", "ms" },
      { "IncomingRecords", "Sum", "" }, { "WriteProvisionedThroughputExceeded", "Sum", "" } } },
  { "AWS::StepFunctions::StateMachine", "AWS/States", "StateMachineArn", NULL, NAME_WHOLE,
    { { "ExecutionTime", "p90", "ms" }, { "ExecutionsFailed", "Sum", "" } } },
  { "AWS::AppSync::GraphQLAPI", "AWS/AppSync", "GraphQLAPIId", NULL, NAME_LAST,
    { { "Latency", "p90", "ms" }, { "4XXError", "Sum", "" }, { "5XXError", "Sum", "" } } },
  { "AWS::Events", "AWS/Events", "RuleName", NULL, NAME_LAST,
    { { "Invocations", "Sum", "" }, { "FailedInvocations", "Sum", "" } } },
  { "AWS::EC2::Instance", "AWS/EC2", "InstanceId", NULL, NAME_WHOLE,
    { { "CPUUtilization", "Average", "%" }, { "StatusCheckFailed", "Maximum", "" } } },
  { "AWS::ElasticBeanstalk::Environment", "AWS/ElasticBeanstalk", "EnvironmentName", NULL,
    NAME_WHOLE,
    { { "ApplicationLatencyP99", "Average", "s" }, { "ApplicationRequests5xx", "Sum", "" } } },
  { "AWS::ECS", "AWS/ECS", "ServiceName", "ClusterName", NAME_WHOLE,
    { { "CPUUtilization", "Average", "%" }, { "MemoryUtilization", "Average", "%" } } },
  /* Only where Container Insights is turned on. */
  { "AWS::ECS", "ECS/ContainerInsights", "ServiceName", "ClusterName", NAME_WHOLE,
    { { "RunningTaskCount", "Average", "" }, { "PendingTaskCount", "Maximum", "" } } },
  { "AWS::EKS", "ContainerInsights", "Service", "ClusterName,Namespace", NAME_WHOLE,
    { { "pod_cpu_utilization", "Average", "%" }, { "pod_memory_utilization", "Average", "%" },
      { "service_number_of_running_pods", "Average", "" } } },
  /* Only of buckets that have a request metrics configuration: the filter is its name. */
  { "AWS::S3", "AWS/S3", "BucketName", "FilterId", NAME_LAST,
    { { "TotalRequestLatency", "p90", "ms" }, { "FirstByteLatency", "p90", "ms" },
      { "AllRequests", "Sum", "" }, { "4xxErrors", "Sum", "" }, { "5xxErrors", "Sum", "" } } },
  { "AWS::AppRunner::Service", "AWS/AppRunner", "ServiceName", "ServiceID", NAME_LAST,
    { { "RequestLatency", "p90", "ms" }, { "Requests", "Sum", "" },
      { "5xxStatusResponses", "Sum", "" }, { "ActiveInstances", "Maximum", "" } } },
  { "Database::SQL", "AWS/RDS", "DBInstanceIdentifier", NULL, NAME_HOST,
    { { "CPUUtilization", "Average", "%" }, { "DatabaseConnections", "Maximum", "" },
      { "ReadLatency", "Average", "s" }, { "WriteLatency", "Average", "s" } } },
};

void
fluo_metric_free (FluoMetric *self)
{
  for (guint i = 0; i < self->n_dimensions; i++)
    g_free (self->dimensions[i].value);
  g_free (self);
}

/* "AWS::Lambda" is also what "AWS::Lambda::Function" has. */
static gboolean
is_of_type (const NodeMetrics *node, const char *type)
{
  const gsize length = strlen (node->type);

  return strncmp (type, node->type, length) == 0
         && (type[length] == '\0' || type[length] == ':');
}

static char *
dup_last_part (const char *name)
{
  const char *slash = strrchr (name, '/'), *colon = strrchr (name, ':');
  const char *last = MAX (slash, colon);

  return g_strdup (last && last[1] != '\0' ? last + 1 : name);
}

/* NULL: no host of RDS's. */
static char *
dup_instance (const char *name)
{
  const char *at = strrchr (name, '@');
  const char *host = at ? at + 1 : name;

  if (!strstr (host, ".rds.amazonaws.com"))
    return NULL;
  return g_strndup (host, strcspn (host, "."));
}

static char *
dup_value (const NodeMetrics *node, const char *name)
{
  switch (node->form)
    {
    case NAME_LAST:
      return dup_last_part (name);
    case NAME_BEFORE_SLASH:
      return g_strndup (name, strcspn (name, "/"));
    case NAME_HOST:
      return dup_instance (name);
    case NAME_WHOLE:
    default:
      return g_strdup (name);
    }
}

/* NULL where the name is none that CloudWatch could know. */
static FluoMetric *
metric_new (const NodeMetrics *node, const MetricRow *row, const char *name)
{
  g_autofree char *value = dup_value (node, name);
  const char *slash = node->form == NAME_BEFORE_SLASH ? strchr (name, '/') : NULL;
  FluoMetric *self;

  /* No service of AWS has names with quotes, and a search ends at one. */
  if (!value || strlen (value) > VALUE_CHARS_MAX || (node->others && strpbrk (value, "'\"")))
    return NULL;
  self = g_new0 (FluoMetric, 1);
  self->namespace_ = node->namespace_;
  self->metric = row->metric;
  self->stat = row->stat;
  self->unit = row->unit;
  self->others = node->others;
  self->dimensions[0].name = node->dimension;
  self->dimensions[0].value = g_steal_pointer (&value);
  self->n_dimensions = 1;
  if (slash && slash[1] != '\0')
    {
      self->dimensions[1].name = "Stage";
      self->dimensions[1].value = g_strdup (slash + 1);
      self->n_dimensions = 2;
    }
  return self;
}

GPtrArray *
fluo_metrics_for_node (const char *type, const char *name)
{
  GPtrArray *metrics = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_metric_free);

  g_return_val_if_fail (name != NULL, metrics);

  for (gsize i = 0; type && i < G_N_ELEMENTS (node_metrics); i++)
    for (gsize k = 0; is_of_type (&node_metrics[i], type)
                      && k < G_N_ELEMENTS (node_metrics[i].rows) && node_metrics[i].rows[k].metric;
         k++)
      {
        FluoMetric *metric = metric_new (&node_metrics[i], &node_metrics[i].rows[k], name);

        if (metric)
          g_ptr_array_add (metrics, metric);
      }
  return metrics;
}

/* In a search for the exact text these are written with a backslash. */
static void
append_escaped (GString *text, const char *value)
{
  for (; *value; value++)
    {
      if (strchr ("\"\\()", *value))
        g_string_append_c (text, '\\');
      g_string_append_c (text, *value);
    }
}

/* X-Ray tells the service but not its cluster, the bucket but not its filter: CloudWatch looks for
 * them. Where there are several, the largest value at each time is the one that matters; a bucket's
 * filters may overlap, so that a sum would count twice. */
char *
fluo_metric_dup_search (const FluoMetric *self, guint period_s)
{
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (!self->others)
    return NULL;
  text = g_string_new (NULL);
  g_string_append_printf (text, "MAX(SEARCH('{%s,%s,%s} MetricName=\"%s\" %s=\"",
                          self->namespace_, self->others, self->dimensions[0].name, self->metric,
                          self->dimensions[0].name);
  append_escaped (text, self->dimensions[0].value);
  g_string_append_printf (text, "\"', '%s', %u))", self->stat, period_s);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
