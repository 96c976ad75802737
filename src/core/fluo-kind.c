/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-kind.h"

#include <string.h>

typedef struct
{
  const char *type;  /* without "AWS::" where it has one */
  FluoKind    kind;
  const char *label;
} KindRow;

/* Longest matches first where one type is the beginning of another: rows are compared whole, case
 * ignored. */
static const KindRow rows[] = {
  { "ApiGateway::Stage", FLUO_KIND_GATEWAY, "API Gateway stage" },
  { "ApiGateway", FLUO_KIND_GATEWAY, "API Gateway" },
  { "AppSync::GraphQLAPI", FLUO_KIND_GATEWAY, "AppSync API" },
  { "ECS::Container", FLUO_KIND_CONTAINER, "ECS service" },
  { "ECS::EC2", FLUO_KIND_CONTAINER, "ECS service" },
  { "ECS::Fargate", FLUO_KIND_CONTAINER, "ECS service" },
  { "ECS", FLUO_KIND_CONTAINER, "ECS service" },
  { "AppRunner::Service", FLUO_KIND_CONTAINER, "App Runner service" },
  { "EKS::Container", FLUO_KIND_CLUSTER, "EKS workload" },
  { "EKS", FLUO_KIND_CLUSTER, "EKS workload" },
  { "Lambda", FLUO_KIND_FUNCTION, "Lambda function" },
  { "Lambda::Function", FLUO_KIND_FUNCTION, "Lambda function" },
  { "EC2::Instance", FLUO_KIND_SERVER, "EC2 instance" },
  { "EC2", FLUO_KIND_SERVER, "EC2 instance" },
  { "ElasticBeanstalk::Environment", FLUO_KIND_SERVER, "Elastic Beanstalk environment" },
  { "DynamoDB::Table", FLUO_KIND_TABLE, "DynamoDB table" },
  { "DynamoDB", FLUO_KIND_TABLE, "DynamoDB" },
  { "RDS", FLUO_KIND_DATABASE, "RDS database" },
  { "SQS::Queue", FLUO_KIND_QUEUE, "SQS queue" },
  { "SQS", FLUO_KIND_QUEUE, "SQS queue" },
  { "SES", FLUO_KIND_MAIL, "Email service" },
  { "SESv2", FLUO_KIND_MAIL, "Email service" },
  { "OpenSearchService", FLUO_KIND_INDEX, "OpenSearch domain" },
  { "OpenSearch", FLUO_KIND_INDEX, "OpenSearch domain" },
  { "ES", FLUO_KIND_INDEX, "OpenSearch domain" },
  { "CloudSearch", FLUO_KIND_SEARCH, "CloudSearch domain" },
  { "SNS::Topic", FLUO_KIND_TOPIC, "SNS topic" },
  { "SNS", FLUO_KIND_TOPIC, "SNS topic" },
  { "Events", FLUO_KIND_TOPIC, "Event bus" },
  { "EventBridge", FLUO_KIND_TOPIC, "Event bus" },
  { "S3::Bucket", FLUO_KIND_BUCKET, "S3 bucket" },
  { "S3", FLUO_KIND_BUCKET, "S3 bucket" },
  { "ElastiCache", FLUO_KIND_CACHE, "ElastiCache cluster" },
  { "Kinesis", FLUO_KIND_STREAM, "Kinesis stream" },
  { "Kinesis::Stream", FLUO_KIND_STREAM, "Kinesis stream" },
  { "Firehose", FLUO_KIND_STREAM, "Firehose stream" },
  { "ElasticLoadBalancing", FLUO_KIND_BALANCER, "Load balancer" },
  { "ElasticLoadBalancingV2", FLUO_KIND_BALANCER, "Load balancer" },
  { "ElasticLoadBalancingV2::LoadBalancer", FLUO_KIND_BALANCER, "Load balancer" },
  { "StepFunctions::StateMachine", FLUO_KIND_STEPS, "Step Functions state machine" },
  { "StepFunctions", FLUO_KIND_STEPS, "Step Functions state machine" },
  { "SFN", FLUO_KIND_STEPS, "Step Functions state machine" },
};

static const KindRow plain_rows[] = {
  { "client", FLUO_KIND_CLIENT, "Browser and apps" },
  { "Client::Synthetic", FLUO_KIND_CLIENT, "Synthetic canary" },
  { "remote", FLUO_KIND_REMOTE, "Remote · HTTP" },
  { "Database::SQL", FLUO_KIND_DATABASE, "SQL database" },
};

static const KindRow *
find (const KindRow *table, guint n, const char *type)
{
  for (guint i = 0; i < n; i++)
    if (g_ascii_strcasecmp (table[i].type, type) == 0)
      return &table[i];
  return NULL;
}

static const KindRow *
lookup (const char *type)
{
  if (g_ascii_strncasecmp (type, "AWS::", 5) == 0)
    return find (rows, G_N_ELEMENTS (rows), type + 5);
  return find (plain_rows, G_N_ELEMENTS (plain_rows), type);
}

FluoKind
fluo_kind_from_type (const char *type, const char *name)
{
  const KindRow *row;

  if (!type || !*type)
    return FLUO_KIND_CODE;
  row = lookup (type);
  return row ? row->kind : FLUO_KIND_UNKNOWN;
}

const char *
fluo_kind_get_icon (FluoKind kind)
{
  static const char *const icons[FLUO_N_KINDS] = {
    "kind-unknown",  "kind-client", "kind-gateway", "kind-container", "kind-cluster",
    "kind-function", "kind-server", "kind-table",   "kind-database",  "kind-queue",
    "kind-mail",     "kind-remote", "kind-index",   "kind-search",    "kind-topic",
    "kind-bucket",   "kind-cache",  "kind-stream",  "kind-balancer",  "kind-steps",
    "kind-code"
  };

  return kind < FLUO_N_KINDS ? icons[kind] : icons[FLUO_KIND_UNKNOWN];
}

char *
fluo_kind_dup_label (const char *type, const char *name)
{
  const KindRow *row;

  if (!type || !*type)
    return g_strdup ("Application");
  row = lookup (type);
  if (row)
    return g_strdup (row->label);
  return g_strdup (g_ascii_strncasecmp (type, "AWS::", 5) == 0 && type[5] ? type + 5 : type);
}
