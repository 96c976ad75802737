/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-kind.h"

#include <glib/gi18n-lib.h>
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
  { "ApiGateway::Stage", FLUO_KIND_GATEWAY, N_("API Gateway stage") },
  { "ApiGateway", FLUO_KIND_GATEWAY, N_("API Gateway") },
  { "AppSync::GraphQLAPI", FLUO_KIND_GATEWAY, N_("AppSync API") },
  { "ECS::Container", FLUO_KIND_CONTAINER, N_("ECS service") },
  { "ECS::EC2", FLUO_KIND_CONTAINER, N_("ECS service") },
  { "ECS::Fargate", FLUO_KIND_CONTAINER, N_("ECS service") },
  { "ECS", FLUO_KIND_CONTAINER, N_("ECS service") },
  { "AppRunner::Service", FLUO_KIND_CONTAINER, N_("App Runner service") },
  { "EKS::Container", FLUO_KIND_CLUSTER, N_("EKS workload") },
  { "EKS", FLUO_KIND_CLUSTER, N_("EKS workload") },
  { "Lambda", FLUO_KIND_FUNCTION, N_("Lambda function") },
  { "Lambda::Function", FLUO_KIND_FUNCTION, N_("Lambda function") },
  { "EC2::Instance", FLUO_KIND_SERVER, N_("EC2 instance") },
  { "EC2", FLUO_KIND_SERVER, N_("EC2 instance") },
  { "ElasticBeanstalk::Environment", FLUO_KIND_SERVER, N_("Elastic Beanstalk environment") },
  { "DynamoDB::Table", FLUO_KIND_TABLE, N_("DynamoDB table") },
  { "DynamoDB", FLUO_KIND_TABLE, N_("DynamoDB") },
  { "RDS", FLUO_KIND_DATABASE, N_("RDS database") },
  { "SQS::Queue", FLUO_KIND_QUEUE, N_("SQS queue") },
  { "SQS", FLUO_KIND_QUEUE, N_("SQS queue") },
  { "SES", FLUO_KIND_MAIL, N_("Email service") },
  { "SESv2", FLUO_KIND_MAIL, N_("Email service") },
  { "OpenSearchService", FLUO_KIND_INDEX, N_("OpenSearch domain") },
  { "OpenSearch", FLUO_KIND_INDEX, N_("OpenSearch domain") },
  { "ES", FLUO_KIND_INDEX, N_("OpenSearch domain") },
  { "CloudSearch", FLUO_KIND_SEARCH, N_("CloudSearch domain") },
  { "SNS::Topic", FLUO_KIND_TOPIC, N_("SNS topic") },
  { "SNS", FLUO_KIND_TOPIC, N_("SNS topic") },
  { "Events", FLUO_KIND_TOPIC, N_("Event bus") },
  { "EventBridge", FLUO_KIND_TOPIC, N_("Event bus") },
  { "S3::Bucket", FLUO_KIND_BUCKET, N_("S3 bucket") },
  { "S3", FLUO_KIND_BUCKET, N_("S3 bucket") },
  { "ElastiCache", FLUO_KIND_CACHE, N_("ElastiCache cluster") },
  { "Kinesis", FLUO_KIND_STREAM, N_("Kinesis stream") },
  { "Kinesis::Stream", FLUO_KIND_STREAM, N_("Kinesis stream") },
  { "Firehose", FLUO_KIND_STREAM, N_("Firehose stream") },
  { "ElasticLoadBalancing", FLUO_KIND_BALANCER, N_("Load balancer") },
  { "ElasticLoadBalancingV2", FLUO_KIND_BALANCER, N_("Load balancer") },
  { "ElasticLoadBalancingV2::LoadBalancer", FLUO_KIND_BALANCER, N_("Load balancer") },
  { "StepFunctions::StateMachine", FLUO_KIND_STEPS, N_("Step Functions state machine") },
  { "StepFunctions", FLUO_KIND_STEPS, N_("Step Functions state machine") },
  { "SFN", FLUO_KIND_STEPS, N_("Step Functions state machine") },
};

static const KindRow plain_rows[] = {
  { "client", FLUO_KIND_CLIENT, N_("Browser and apps") },
  { "Client::Synthetic", FLUO_KIND_CLIENT, N_("Synthetic canary") },
  { "remote", FLUO_KIND_REMOTE, N_("Remote · HTTP") },
  { "Database::SQL", FLUO_KIND_DATABASE, N_("SQL database") },
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
    return g_strdup (_("Application"));
  row = lookup (type);
  if (row)
    return g_strdup (_(row->label));
  return g_strdup (g_ascii_strncasecmp (type, "AWS::", 5) == 0 && type[5] ? type + 5 : type);
}

/* --- Names that are addresses ------------------------------------------------ */

/* Parts of an ARN before the resource: arn:partition:service:region:account:resource. */
#define ARN_COLONS 5
#define SCHEME_BYTES_MAX 16

static const char *
skip_arn (const char *name)
{
  const char *resource = name, *service = name, *separator;

  for (guint i = 0; i < ARN_COLONS; i++)
    {
      resource = strchr (resource, ':');
      if (!resource)
        return name;
      resource++;
      if (i == 1)
        service = resource;
    }
  if (!*resource)
    return name;
  /* A queue, a topic or a bucket is the resource itself, and what follows is a part of it;
   * elsewhere the sort of resource comes first: "function:", "table/". */
  if (g_str_has_prefix (service, "s3:") || g_str_has_prefix (service, "sns:") ||
      g_str_has_prefix (service, "sqs:"))
    return resource;
  separator = strpbrk (resource, ":/");
  return separator && separator[1] ? separator + 1 : resource;
}

/* Behind "scheme://", or NULL when @name is no URL. */
static const char *
skip_scheme (const char *name)
{
  const char *p = name;

  if (!g_ascii_isalpha (*p))
    return NULL;
  while (p - name < SCHEME_BYTES_MAX &&
         (g_ascii_isalnum (*p) || *p == '+' || *p == '-' || *p == '.'))
    p++;
  return g_str_has_prefix (p, "://") && p[3] ? p + 3 : NULL;
}

/* SQS has used these hosts; emulators have any, so that the type decides for them. */
static gboolean
is_queue_host (const char *host)
{
  const char *end = host + strcspn (host, "/");

  return g_str_has_prefix (host, "sqs.") || g_str_has_prefix (host, "queue.amazonaws.") ||
         g_strstr_len (host, end - host, ".queue.amazonaws.");
}

const char *
fluo_kind_get_display_name (const char *type, const char *name)
{
  const char *host, *at, *slash;

  if (!name)
    return "";
  /* What stands for all of a type bears its name. */
  if (strstr (name, "::") && g_strcmp0 (type, name) == 0 && lookup (type))
    return lookup (type)->label;
  if (g_str_has_prefix (name, "arn:"))
    return skip_arn (name);
  host = skip_scheme (name);
  if (!host)
    return name;
  slash = strrchr (host, '/');
  if (slash && slash[1] &&
      (fluo_kind_from_type (type, name) == FLUO_KIND_QUEUE || is_queue_host (host)))
    return slash + 1;
  /* A user and password are no part of the name. */
  at = g_strstr_len (host, (gssize) strcspn (host, "/?#"), "@");
  return at && at[1] ? at + 1 : host;
}
