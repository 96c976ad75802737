/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

#define STRING(index, ...) fluo_otlp_index_string (index, FLUO_OTLP_ANY (__VA_ARGS__))

void
fluo_otlp_write_string (FluoJsonWriter *writer, const char *key, const FluoOtlpValue *value)
{
  if (!value)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_strn (writer, value->text, value->length);
}

/* Opens the object at its first member. */
static void
begin_once (FluoJsonWriter *writer, const char *key, gboolean *opened)
{
  if (*opened)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  *opened = TRUE;
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
      begin_once (&self->writer, key, &opened);
      fluo_otlp_write_string (&self->writer, members[i].key, value);
    }
  if (opened)
    fluo_json_writer_end (&self->writer, '}');
}

/* --- Segments: origin, service ------------------------------------------ */

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

void
fluo_otlp_write_service (FluoOtlpMapper *self)
{
  const FluoOtlpValue *version =
    STRING (&self->resource, FLUO_OTLP_SERVICE_VERSION, FLUO_OTLP_CONTAINER_IMAGE_TAG);
  const FluoOtlpAttribute *tags = self->resource.slots[FLUO_OTLP_CONTAINER_IMAGE_TAGS];
  g_auto (GStrv) list = version || !tags ? NULL : fluo_otlp_value_dup_strings (&tags->value);

  if (!version && !(list && list[0]))
    return;
  fluo_json_writer_key (&self->writer, "service");
  fluo_json_writer_begin (&self->writer, '{');
  if (version)
    fluo_otlp_write_string (&self->writer, "version", version);
  else
    {
      fluo_json_writer_key (&self->writer, "version");
      fluo_json_writer_string (&self->writer, list[0]);
    }
  fluo_json_writer_end (&self->writer, '}');
}

/* --- http --------------------------------------------------------------- */

static void
append_value (GString *out, const FluoOtlpValue *value)
{
  if (value)
    g_string_append_len (out, value->text, (gssize) value->length);
}

/* From its parts, where the whole isn't given. */
static gboolean
assemble_url (FluoOtlpMapper *self, GString *url)
{
  FluoOtlpIndex *index = &self->index;
  gboolean server = self->span->kind == FLUO_OTLP_KIND_SERVER;
  const FluoOtlpValue *scheme = STRING (index, FLUO_OTLP_HTTP_SCHEME, FLUO_OTLP_URL_SCHEME);
  const FluoOtlpValue *host = STRING (index, FLUO_OTLP_HTTP_HOST);
  const FluoOtlpValue *target = STRING (index, FLUO_OTLP_HTTP_TARGET);
  const FluoOtlpValue *query = NULL;
  const FluoOtlpValue *port = NULL;

  if (!host)
    {
      host = server ? STRING (index, FLUO_OTLP_SERVER_ADDRESS, FLUO_OTLP_NET_HOST_NAME)
                    : STRING (index, FLUO_OTLP_SERVER_ADDRESS, FLUO_OTLP_NET_PEER_NAME,
                              FLUO_OTLP_NET_PEER_IP);
      port = fluo_otlp_index_int (
        index, server ? FLUO_OTLP_ANY (FLUO_OTLP_SERVER_PORT, FLUO_OTLP_NET_HOST_PORT)
                      : FLUO_OTLP_ANY (FLUO_OTLP_SERVER_PORT, FLUO_OTLP_NET_PEER_PORT));
    }
  if (!target)
    {
      target = STRING (index, FLUO_OTLP_URL_PATH);
      query = STRING (index, FLUO_OTLP_URL_QUERY);
    }
  if (!host && !target)
    return FALSE;
  if (host)
    {
      if (scheme)
        append_value (url, scheme);
      else
        g_string_append (url, "http");
      g_string_append (url, "://");
      append_value (url, host);
      if (port && port->integer != 80 && port->integer != 443)
        g_string_append_printf (url, ":%" G_GINT64_FORMAT, port->integer);
    }
  if (!target || target->text[0] != '/')
    g_string_append_c (url, '/');
  append_value (url, target);
  if (query)
    {
      if (query->text[0] != '?')
        g_string_append_c (url, '?');
      append_value (url, query);
    }
  return TRUE;
}

static void
write_url (FluoOtlpMapper *self)
{
  const FluoOtlpValue *whole = STRING (&self->index, FLUO_OTLP_URL_FULL, FLUO_OTLP_HTTP_URL);
  g_autoptr (GString) url = NULL;

  if (whole)
    {
      fluo_otlp_write_string (&self->writer, "url", whole);
      return;
    }
  url = g_string_new (NULL);
  if (!assemble_url (self, url))
    return;
  fluo_json_writer_key (&self->writer, "url");
  fluo_json_writer_strn (&self->writer, url->str, url->len);
}

static void
write_client (FluoOtlpMapper *self)
{
  const FluoOtlpValue *client =
    STRING (&self->index, FLUO_OTLP_CLIENT_ADDRESS, FLUO_OTLP_HTTP_CLIENT_IP);
  const FluoOtlpValue *said =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_AWS_XRAY_X_FORWARDED_FOR, FLUO_OTLP_BOOL);
  gboolean forwarded = client != NULL;

  if (said)
    {
      fluo_otlp_index_use (&self->index, FLUO_OTLP_AWS_XRAY_X_FORWARDED_FOR);
      forwarded = said->boolean;
    }
  if (!client && self->span->kind == FLUO_OTLP_KIND_SERVER)
    client = STRING (&self->index, FLUO_OTLP_NET_PEER_IP, FLUO_OTLP_NETWORK_PEER_ADDRESS);
  fluo_otlp_write_string (&self->writer, "client_ip", client);
  if (client && forwarded)
    {
      fluo_json_writer_key (&self->writer, "x_forwarded_for");
      fluo_json_writer_boolean (&self->writer, TRUE);
    }
}

/* The answer's size: an attribute, or the last message event in the answer's direction. */
static gboolean
get_content_length (FluoOtlpMapper *self, gint64 *ret_bytes)
{
  const FluoOtlpValue *size = fluo_otlp_index_int (
    &self->index,
    FLUO_OTLP_ANY (FLUO_OTLP_HTTP_RESPONSE_BODY_SIZE, FLUO_OTLP_HTTP_RESPONSE_CONTENT_LENGTH));
  const char *direction = self->span->kind == FLUO_OTLP_KIND_SERVER ? "SENT" : "RECEIVED";
  gboolean found = FALSE;

  if (size)
    {
      *ret_bytes = size->integer;
      return TRUE;
    }
  for (guint i = 0; i < self->span->events->len; i++)
    {
      FluoOtlpEvent *event = &g_array_index (self->span->events, FluoOtlpEvent, i);
      FluoOtlpIndex index;
      const FluoOtlpValue *bytes;

      if (strcmp (event->name, "message") != 0)
        continue;
      fluo_otlp_index_fill (&index, event->attributes);
      bytes = fluo_otlp_index_peek (&index, FLUO_OTLP_MESSAGE_SIZE, FLUO_OTLP_INT);
      if (bytes && fluo_otlp_index_is (&index, FLUO_OTLP_MESSAGE_TYPE, direction))
        {
          *ret_bytes = bytes->integer;
          found = TRUE;
        }
    }
  return found;
}

void
fluo_otlp_write_http (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;
  const FluoOtlpValue *method =
    STRING (&self->index, FLUO_OTLP_HTTP_REQUEST_METHOD, FLUO_OTLP_HTTP_METHOD);
  gboolean has_url =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_URL_FULL, FLUO_OTLP_STRING) ||
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_HTTP_URL, FLUO_OTLP_STRING);
  gint64 bytes;

  if (!method && !has_url && self->http_status == 0)
    return;
  fluo_json_writer_key (writer, "http");
  fluo_json_writer_begin (writer, '{');
  if (method || has_url)
    {
      fluo_json_writer_key (writer, "request");
      fluo_json_writer_begin (writer, '{');
      fluo_otlp_write_string (writer, "method", method);
      write_url (self);
      fluo_otlp_write_string (
        writer, "user_agent",
        STRING (&self->index, FLUO_OTLP_USER_AGENT_ORIGINAL, FLUO_OTLP_HTTP_USER_AGENT));
      write_client (self);
      fluo_json_writer_end (writer, '}');
    }
  if (self->http_status > 0)
    {
      fluo_json_writer_key (writer, "response");
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "status");
      fluo_json_writer_int (writer, self->http_status);
      if (get_content_length (self, &bytes))
        {
          fluo_json_writer_key (writer, "content_length");
          fluo_json_writer_int (writer, bytes);
        }
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, '}');
}

/* --- sql ---------------------------------------------------------------- */

/* Databases that are asked in SQL, by the conventions' old and new names and, in any case, by those
 * that X-Ray's SDKs write. */
static const char *const sql_systems[] = {
  "adabas", "aws.redshift", "cache", "clickhouse", "cloudscape", "cockroachdb", "coldfusion", "db2",
  "derby", "edb", "filemaker", "firebird", "firebirdsql", "firstsql", "gcp.spanner", "h2",
  "h2database", "hanadb", "hive", "hsqldb", "ibm.db2", "ibm.informix", "informix", "ingres",
  "instantdb", "interbase", "intersystems_cache", "mariadb", "maxdb", "microsoft.sql_server",
  "mssql", "mssqlcompact", "mysql", "netezza", "oracle", "oracle.db", "other_sql", "pervasive",
  "pointbase", "postgres", "postgresql", "progress", "redshift", "sap.hana", "sap.maxdb",
  "softwareag.adabas",
  "spanner", "sqlite", "sybase", "teradata", "trino", "vertica", NULL
};

static void
write_sql_url (FluoOtlpMapper *self)
{
  const FluoOtlpValue *connection = STRING (&self->index, FLUO_OTLP_DB_CONNECTION_STRING);
  const FluoOtlpValue *host = connection ? NULL : STRING (&self->index, FLUO_OTLP_SERVER_ADDRESS,
                                                          FLUO_OTLP_NET_PEER_NAME);
  const FluoOtlpValue *database = STRING (&self->index, FLUO_OTLP_DB_NAME, FLUO_OTLP_DB_NAMESPACE);
  g_autoptr (GString) url = g_string_new (NULL);

  append_value (url, connection ? connection : host);
  if (url->len == 0)
    g_string_append (url, "localhost");
  if (database)
    g_string_append_c (url, '/');
  append_value (url, database);
  fluo_json_writer_key (&self->writer, "url");
  fluo_json_writer_strn (&self->writer, url->str, url->len);
}

void
fluo_otlp_write_sql (FluoOtlpMapper *self)
{
  const FluoOtlpValue *value =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_DB_SYSTEM, FLUO_OTLP_STRING);
  g_autofree char *system = NULL;
  g_autofree char *lower = NULL;

  if (!value)
    value = fluo_otlp_index_peek (&self->index, FLUO_OTLP_DB_SYSTEM_NAME, FLUO_OTLP_STRING);
  if (!value)
    return;
  system = g_strndup (value->text, value->length);
  lower = g_ascii_strdown (system, -1);
  if (!g_strv_contains (sql_systems, lower))
    return;
  fluo_otlp_index_use (&self->index, FLUO_OTLP_DB_SYSTEM);
  fluo_otlp_index_use (&self->index, FLUO_OTLP_DB_SYSTEM_NAME);
  fluo_json_writer_key (&self->writer, "sql");
  fluo_json_writer_begin (&self->writer, '{');
  fluo_json_writer_key (&self->writer, "database_type");
  fluo_json_writer_string (&self->writer, system);
  write_sql_url (self);
  fluo_otlp_write_string (&self->writer, "user", STRING (&self->index, FLUO_OTLP_DB_USER));
  fluo_otlp_write_string (&self->writer, "sanitized_query",
                          STRING (&self->index, FLUO_OTLP_DB_QUERY_TEXT, FLUO_OTLP_DB_STATEMENT));
  fluo_json_writer_end (&self->writer, '}');
}

/* --- aws ---------------------------------------------------------------- */

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

  append_value (sdk, name);
  if (sdk->len == 0)
    g_string_append (sdk, "opentelemetry");
  if (language)
    {
      g_string_append (sdk, " for ");
      append_value (sdk, language);
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

/* --- links -------------------------------------------------------------- */

void
fluo_otlp_write_links (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;

  if (self->span->links->len == 0)
    return;
  fluo_json_writer_key (writer, "links");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->span->links->len; i++)
    {
      const FluoOtlpLink *link = &g_array_index (self->span->links, FluoOtlpLink, i);
      char trace_id[FLUO_TRACE_ID_XRAY_LEN + 1], id[FLUO_SPAN_ID_LEN + 1];

      fluo_trace_id_format_xray (&link->trace_id, trace_id);
      fluo_span_id_format (link->span_id, id);
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "trace_id");
      fluo_json_writer_strn (writer, trace_id, FLUO_TRACE_ID_XRAY_LEN);
      fluo_json_writer_key (writer, "id");
      fluo_json_writer_strn (writer, id, FLUO_SPAN_ID_LEN);
      if (link->attributes->len > 0)
        {
          fluo_json_writer_key (writer, "attributes");
          fluo_json_writer_begin (writer, '{');
          for (guint k = 0; k < link->attributes->len; k++)
            {
              FluoOtlpAttribute *attribute =
                &g_array_index (link->attributes, FluoOtlpAttribute, k);

              fluo_json_writer_key (writer, attribute->key);
              fluo_otlp_value_write (&attribute->value, writer);
            }
          fluo_json_writer_end (writer, '}');
        }
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}
