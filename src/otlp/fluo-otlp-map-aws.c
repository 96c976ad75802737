/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

/* --- Where the program runs --------------------------------------------- */

static gboolean
on_aws (FluoOtlpMapper *self)
{
  return fluo_otlp_index_is (&self->resource, FLUO_OTLP_CLOUD_PROVIDER, "aws");
}

static gboolean
platform_is (FluoOtlpMapper *self, const char *platform)
{
  return fluo_otlp_index_is (&self->resource, FLUO_OTLP_CLOUD_PLATFORM, platform);
}

void
fluo_otlp_write_origin (FluoOtlpMapper *self)
{
  static const struct { const char *platform, *origin; } origins[] = {
    { "aws_app_runner", "AWS::AppRunner::Service" },
    { "aws_eks", "AWS::EKS::Container" },
    { "aws_elastic_beanstalk", "AWS::ElasticBeanstalk::Environment" },
    { "aws_ecs", "AWS::ECS::Container" },
    { "aws_ec2", "AWS::EC2::Instance" },
    { "aws_lambda", "AWS::Lambda::Function" },
  };
  const FluoOtlpValue *said = STRING (&self->resource, FLUO_OTLP_AWS_XRAY_ORIGIN);
  const char *origin = NULL;

  if (said)
    fluo_otlp_write_string (&self->writer, "origin", said);
  if (said || !on_aws (self))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (origins); i++)
    if (platform_is (self, origins[i].platform))
      origin = origins[i].origin;
  if (platform_is (self, "aws_ecs"))
    {
      if (fluo_otlp_index_is (&self->resource, FLUO_OTLP_AWS_ECS_LAUNCHTYPE, "ec2"))
        origin = "AWS::ECS::EC2";
      else if (fluo_otlp_index_is (&self->resource, FLUO_OTLP_AWS_ECS_LAUNCHTYPE, "fargate"))
        origin = "AWS::ECS::Fargate";
    }
  if (!origin)
    return;
  fluo_json_writer_key (&self->writer, "origin");
  fluo_json_writer_string (&self->writer, origin);
}

/* One member of an object that may not come to be. */
typedef struct
{
  const char   *key;
  FluoOtlpName  name;
} Member;

static void
write_block (FluoOtlpMapper *self, const char *key, const Member *members, guint n)
{
  gboolean opened = FALSE;

  for (guint i = 0; i < n; i++)
    {
      const FluoOtlpValue *value = STRING (&self->resource, members[i].name);

      if (!value)
        continue;
      fluo_otlp_begin_once (&self->writer, key, &opened);
      fluo_otlp_write_string (&self->writer, members[i].key, value);
    }
  if (opened)
    fluo_json_writer_end (&self->writer, '}');
}

/* --- The block ---------------------------------------------------------- */

/* A string, or the first of a list of them. */
static void
write_first (FluoOtlpMapper *self, const char *key, FluoOtlpName name)
{
  const FluoOtlpAttribute *attribute = self->index.slots[name];
  g_auto (GStrv) list = attribute ? fluo_otlp_value_dup_strings (&attribute->value) : NULL;

  if (!list || !list[0])
    return;
  fluo_json_writer_key (&self->writer, key);
  fluo_json_writer_string (&self->writer, list[0]);
}

static void
write_operation (FluoOtlpMapper *self)
{
  const FluoOtlpValue *value = STRING (&self->index, FLUO_OTLP_AWS_OPERATION);
  FluoOtlpValue short_value;
  const char *slash;

  if (!value && self->aws_call)
    value = STRING (&self->index, FLUO_OTLP_RPC_METHOD);
  if (!value)
    return;
  short_value = *value;
  slash = g_strrstr_len (value->text, (gssize) value->length, "/");
  if (slash)
    {
      short_value.text = slash + 1;
      short_value.length = value->length - (gsize) (slash + 1 - value->text);
    }
  fluo_otlp_write_string (&self->writer, "operation", &short_value);
}

static gboolean
service_is (FluoOtlpMapper *self, const char *service)
{
  const FluoOtlpValue *value =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_RPC_SERVICE, FLUO_OTLP_STRING);

  return value && value->length == strlen (service) &&
         g_ascii_strncasecmp (value->text, service, value->length) == 0;
}

/* What a call to an AWS service was about. */
static void
write_aws_call (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;
  FluoOtlpIndex *index = &self->index;
  const FluoOtlpValue *table =
    STRING (index, FLUO_OTLP_AWS_TABLE_NAME, FLUO_OTLP_AWS_TABLE_NAME_DOT);
  const FluoOtlpValue *topic = STRING (index, FLUO_OTLP_AWS_SNS_TOPIC_ARN);
  const FluoOtlpValue *retries =
    fluo_otlp_index_int (index, FLUO_OTLP_ANY (FLUO_OTLP_AWS_XRAY_RETRIES));

  fluo_json_writer_key (writer, "aws");
  fluo_json_writer_begin (writer, '{');
  write_operation (self);
  fluo_otlp_write_string (writer, "account_id", STRING (index, FLUO_OTLP_AWS_ACCOUNT_ID));
  fluo_otlp_write_string (writer, "region",
                          STRING (index, FLUO_OTLP_AWS_REGION, FLUO_OTLP_CLOUD_REGION));
  fluo_otlp_write_string (writer, "request_id",
                          STRING (index, FLUO_OTLP_AWS_REQUEST_ID, FLUO_OTLP_AWS_REQUEST_ID_CAMEL));
  fluo_otlp_write_string (writer, "queue_url",
                          STRING (index, FLUO_OTLP_AWS_QUEUE_URL, FLUO_OTLP_AWS_QUEUE_URL_DOT,
                                  FLUO_OTLP_AWS_SQS_QUEUE_URL, FLUO_OTLP_MESSAGING_URL));
  if (table)
    fluo_otlp_write_string (writer, "table_name", table);
  else
    write_first (self, "table_name", FLUO_OTLP_AWS_DYNAMODB_TABLE_NAMES);
  fluo_otlp_write_string (writer, "bucket_name", STRING (index, FLUO_OTLP_AWS_S3_BUCKET));
  if (!topic && service_is (self, "SNS"))
    topic = STRING (index, FLUO_OTLP_MESSAGING_DESTINATION_NAME);
  fluo_otlp_write_string (writer, "topic_arn", topic);
  fluo_otlp_write_string (writer, "function_name", STRING (index, FLUO_OTLP_FAAS_INVOKED_NAME));
  if (retries)
    {
      fluo_json_writer_key (writer, "retries");
      fluo_json_writer_int (writer, retries->integer);
    }
  fluo_json_writer_end (writer, '}');
}

static void
write_beanstalk (FluoOtlpMapper *self)
{
  const FluoOtlpValue *deployment = STRING (&self->resource, FLUO_OTLP_SERVICE_INSTANCE_ID);
  g_autofree char *text =
    deployment ? g_strndup (deployment->text, deployment->length) : g_strdup ("");
  gint64 number;

  fluo_json_writer_key (&self->writer, "elastic_beanstalk");
  fluo_json_writer_begin (&self->writer, '{');
  fluo_otlp_write_string (&self->writer, "environment_name",
                          STRING (&self->resource, FLUO_OTLP_SERVICE_NAMESPACE));
  fluo_otlp_write_string (&self->writer, "version_label",
                          STRING (&self->resource, FLUO_OTLP_SERVICE_VERSION));
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL))
    {
      fluo_json_writer_key (&self->writer, "deployment_id");
      fluo_json_writer_int (&self->writer, number);
    }
  fluo_json_writer_end (&self->writer, '}');
}

static void
write_log_groups (FluoOtlpMapper *self)
{
  FluoOtlpAttribute *arns = self->resource.slots[FLUO_OTLP_AWS_LOG_GROUP_ARNS];
  FluoOtlpAttribute *names = self->resource.slots[FLUO_OTLP_AWS_LOG_GROUP_NAMES];
  g_auto (GStrv) list = NULL;

  if (arns || names)
    list = fluo_otlp_value_dup_strings (arns ? &arns->value : &names->value);
  if (!list || !list[0])
    return;
  fluo_json_writer_key (&self->writer, "cloudwatch_logs");
  fluo_json_writer_begin (&self->writer, '[');
  for (char **item = list; *item; item++)
    {
      const char *group = arns ? strstr (*item, ":log-group:") : NULL;
      g_autofree char *name = g_strdup (group ? group + strlen (":log-group:") : *item);

      if (g_str_has_suffix (name, ":*"))
        name[strlen (name) - 2] = '\0';
      fluo_json_writer_begin (&self->writer, '{');
      fluo_json_writer_key (&self->writer, "log_group");
      fluo_json_writer_string (&self->writer, name);
      if (arns)
        {
          fluo_json_writer_key (&self->writer, "arn");
          fluo_json_writer_string (&self->writer, *item);
        }
      fluo_json_writer_end (&self->writer, '}');
    }
  fluo_json_writer_end (&self->writer, ']');
}

static void
write_sdk (FluoOtlpMapper *self)
{
  const FluoOtlpValue *name = STRING (&self->resource, FLUO_OTLP_TELEMETRY_NAME);
  const FluoOtlpValue *language = STRING (&self->resource, FLUO_OTLP_TELEMETRY_LANGUAGE);
  g_autoptr (GString) sdk = g_string_new (NULL);

  fluo_otlp_append_value (sdk, name);
  if (sdk->len == 0)
    g_string_append (sdk, "opentelemetry");
  if (language)
    {
      g_string_append (sdk, " for ");
      fluo_otlp_append_value (sdk, language);
    }
  fluo_json_writer_key (&self->writer, "xray");
  fluo_json_writer_begin (&self->writer, '{');
  fluo_json_writer_key (&self->writer, "sdk");
  fluo_json_writer_strn (&self->writer, sdk->str, sdk->len);
  fluo_otlp_write_string (&self->writer, "sdk_version",
                          STRING (&self->resource, FLUO_OTLP_TELEMETRY_VERSION));
  fluo_json_writer_key (&self->writer, "auto_instrumentation");
  fluo_json_writer_boolean (&self->writer,
                            self->resource.slots[FLUO_OTLP_TELEMETRY_AUTO_VERSION] != NULL);
  fluo_json_writer_end (&self->writer, '}');
}

/* Where the program runs. */
static void
write_aws_place (FluoOtlpMapper *self)
{
  static const Member ec2[] = {
    { "instance_id", FLUO_OTLP_HOST_ID },
    { "availability_zone", FLUO_OTLP_CLOUD_AVAILABILITY_ZONE },
    { "instance_size", FLUO_OTLP_HOST_TYPE },
    { "ami_id", FLUO_OTLP_HOST_IMAGE_ID },
  };
  static const Member ecs[] = {
    { "container", FLUO_OTLP_CONTAINER_NAME },
    { "container_id", FLUO_OTLP_CONTAINER_ID },
    { "container_arn", FLUO_OTLP_AWS_ECS_CONTAINER_ARN },
    { "cluster_arn", FLUO_OTLP_AWS_ECS_CLUSTER_ARN },
    { "task_arn", FLUO_OTLP_AWS_ECS_TASK_ARN },
    { "task_family", FLUO_OTLP_AWS_ECS_TASK_FAMILY },
    { "launch_type", FLUO_OTLP_AWS_ECS_LAUNCHTYPE },
    { "availability_zone", FLUO_OTLP_CLOUD_AVAILABILITY_ZONE },
  };
  static const Member eks[] = {
    { "cluster_name", FLUO_OTLP_K8S_CLUSTER_NAME },
    { "pod", FLUO_OTLP_K8S_POD_NAME },
    { "container_id", FLUO_OTLP_CONTAINER_ID },
  };

  fluo_otlp_write_string (&self->writer, "account_id",
                          STRING (&self->resource, FLUO_OTLP_CLOUD_ACCOUNT_ID));
  if (platform_is (self, "aws_ecs"))
    write_block (self, "ecs", ecs, G_N_ELEMENTS (ecs));
  if (platform_is (self, "aws_eks"))
    write_block (self, "eks", eks, G_N_ELEMENTS (eks));
  if (platform_is (self, "aws_elastic_beanstalk"))
    write_beanstalk (self);
  /* Containers and Beanstalk may run on an instance that is known too. */
  if (self->resource.slots[FLUO_OTLP_HOST_ID])
    write_block (self, "ec2", ec2, G_N_ELEMENTS (ec2));
}

void
fluo_otlp_write_aws (FluoOtlpMapper *self, FluoOtlpRole role)
{
  if (!fluo_otlp_role_is_segment (role))
    {
      if (self->aws_call)
        write_aws_call (self);
      return;
    }
  fluo_json_writer_key (&self->writer, "aws");
  fluo_json_writer_begin (&self->writer, '{');
  if (on_aws (self))
    write_aws_place (self);
  write_log_groups (self);
  write_sdk (self);
  fluo_json_writer_end (&self->writer, '}');
}
