/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include "otlp/fluo-otlp-export.h"

#include <string.h>

#include "otlp/fluo-otlp-attribute-writer.h"
#include "otlp/fluo-otlp-model.h"

/* One span that is being written. */
typedef struct
{
  FluoTrace      *trace;
  const FluoSpan *spans;
  guint32         i;
  FluoJsonTape   *tape;    /* of its JSON object */
  FluoJsonTape   *segment; /* of the segment it belongs to; its own tape, or NULL */
  const char     *service;
  FluoJsonWriter *writer;
} Export;

static char *
dup_at (FluoJsonTape *tape, const char *path)
{
  return fluo_json_tape_dup (tape, fluo_otlp_find (tape, path));
}

static gboolean
is_true (FluoJsonTape *tape, const char *path)
{
  return fluo_json_tape_boolean (tape, fluo_otlp_find (tape, path), FALSE);
}

/* --- The resource ------------------------------------------------------- */

static const char *
platform_of (const char *origin)
{
  static const struct { const char *prefix, *platform; } rows[] = {
    { "AWS::EC2", "aws_ec2" }, { "AWS::ECS", "aws_ecs" }, { "AWS::EKS", "aws_eks" },
    { "AWS::ElasticBeanstalk", "aws_elastic_beanstalk" }, { "AWS::AppRunner", "aws_app_runner" },
    { "AWS::Lambda", "aws_lambda" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_has_prefix (origin, rows[i].prefix))
      return rows[i].platform;
  return NULL;
}

/* "opentelemetry for python" names the SDK and the language. */
static void
write_sdk (Export *self)
{
  static const FluoOtlpRow version = { "aws/xray/sdk_version", "telemetry.sdk.version" };
  g_autofree char *sdk = dup_at (self->segment, "aws/xray/sdk");
  char *language = sdk ? strstr (sdk, " for ") : NULL;

  if (language)
    {
      *language = '\0';
      fluo_otlp_write_text (self->writer, "telemetry.sdk.language", language + strlen (" for "));
    }
  fluo_otlp_write_text (self->writer, "telemetry.sdk.name", sdk);
  fluo_otlp_write_rows (self->segment, self->writer, &version, 1);
}

static void
write_place (Export *self)
{
  static const FluoOtlpRow rows[] = {
    { "service/version", "service.version" },
    { "aws/account_id", "cloud.account.id" },
    { "aws/ec2/instance_id", "host.id" },
    { "aws/ec2/availability_zone", "cloud.availability_zone" },
    { "aws/ec2/instance_size", "host.type" },
    { "aws/ec2/ami_id", "host.image.id" },
    { "aws/ecs/container", "container.name" },
    { "aws/ecs/container_id", "container.id" },
    { "aws/ecs/container_arn", "aws.ecs.container.arn" },
    { "aws/ecs/cluster_arn", "aws.ecs.cluster.arn" },
    { "aws/ecs/task_arn", "aws.ecs.task.arn" },
    { "aws/ecs/task_family", "aws.ecs.task.family" },
    { "aws/eks/cluster_name", "k8s.cluster.name" },
    { "aws/eks/pod", "k8s.pod.name" },
    { "aws/elastic_beanstalk/environment_name", "service.namespace" },
    { "aws/elastic_beanstalk/deployment_id", "service.instance.id" },
  };
  g_autofree char *origin = dup_at (self->segment, "origin");

  /* Of many origins there is no platform to tell them by. */
  fluo_otlp_write_text (self->writer, "aws.xray.origin", origin);
  fluo_otlp_write_text (self->writer, "cloud.provider",
                        origin && g_str_has_prefix (origin, "AWS::") ? "aws" : "unknown");
  if (origin)
    fluo_otlp_write_text (self->writer, "cloud.platform", platform_of (origin));
  if (g_strcmp0 (origin, "AWS::ECS::Fargate") == 0)
    fluo_otlp_write_text (self->writer, "aws.ecs.launchtype", "fargate");
  if (g_strcmp0 (origin, "AWS::ECS::EC2") == 0)
    fluo_otlp_write_text (self->writer, "aws.ecs.launchtype", "ec2");
  fluo_otlp_write_rows (self->segment, self->writer, rows, G_N_ELEMENTS (rows));
  write_sdk (self);
}

static void
write_resource (Export *self)
{
  fluo_json_writer_key (self->writer, "resource");
  fluo_json_writer_begin (self->writer, '{');
  fluo_json_writer_key (self->writer, "attributes");
  fluo_json_writer_begin (self->writer, '[');
  fluo_otlp_write_text (self->writer, "service.name", self->service);
  if (self->segment)
    write_place (self);
  fluo_json_writer_end (self->writer, ']');
  fluo_json_writer_end (self->writer, '}');
}

/* --- Attributes --------------------------------------------------------- */

/* A status has one way of saying that something went wrong; X-Ray has three. */
static void
write_flags (Export *self)
{
  static const char *const flags[] = { "error", "throttle", "fault" };
  gboolean opened = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (is_true (self->tape, flags[i]))
      {
        if (!opened)
          fluo_otlp_begin_list (self->writer, "aws.xray.flags");
        opened = TRUE;
        fluo_otlp_write_element (self->writer, flags[i]);
      }
  if (opened)
    fluo_otlp_end_list (self->writer);
}

static void
write_annotations (Export *self)
{
  guint32 list = fluo_otlp_find (self->tape, "annotations");

  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_OBJECT_BEGIN ||
      fluo_json_tape_count (self->tape, list) == 0)
    return;
  for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self->tape, list, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (self->tape, i);

      fluo_otlp_write_value (self->tape, i, self->writer, key);
    }
  fluo_otlp_begin_list (self->writer, "aws.xray.annotations");
  for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self->tape, list, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (self->tape, i);

      fluo_otlp_write_element (self->writer, key);
    }
  fluo_otlp_end_list (self->writer);
}

static void
write_metadata (Export *self)
{
  guint32 list = fluo_otlp_find (self->tape, "metadata");

  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_OBJECT_BEGIN)
    return;
  for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self->tape, list, i))
    {
      g_autofree char *name = fluo_json_tape_dup_key (self->tape, i);
      g_autofree char *key = g_strconcat ("aws.xray.metadata.", name, NULL);
      g_autofree char *json = NULL;
      gsize length;
      const char *raw = fluo_json_tape_raw (self->tape, i, &length);

      json = g_strndup (raw, length);
      fluo_otlp_write_text (self->writer, key, json);
    }
}

static void
write_attributes (Export *self)
{
  static const FluoOtlpRow rows[] = {
    { "user", "enduser.id" },
    { "resource_arn", "aws.xray.resource_arn" },
    { "traced", "aws.xray.traced" },
    { "http/request/method", "http.method" },
    { "http/request/url", "http.url" },
    { "http/request/user_agent", "http.user_agent" },
    { "http/request/client_ip", "http.client_ip" },
    { "http/request/x_forwarded_for", "aws.xray.x_forwarded_for" },
    { "http/response/status", "http.status_code" },
    { "http/response/content_length", "http.response_content_length" },
    { "sql/database_type", "db.system" },
    { "sql/url", "db.connection_string" },
    { "sql/connection_string", "aws.xray.sql.connection_string" },
    { "sql/sanitized_query", "db.statement" },
    { "sql/user", "db.user" },
    { "aws/operation", "aws.operation" },
    { "aws/region", "aws.region" },
    { "aws/request_id", "aws.request_id" },
    { "aws/queue_url", "aws.queue_url" },
    { "aws/table_name", "aws.table_name" },
    { "aws/bucket_name", "aws.s3.bucket" },
    { "aws/topic_arn", "aws.sns.topic.arn" },
    { "aws/function_name", "faas.invoked_name" },
    { "aws/retries", "aws.xray.retries" },
  };
  static const FluoOtlpRow account = { "aws/account_id", "aws.account_id" };
  const FluoSpan *span = &self->spans[self->i];

  fluo_json_writer_key (self->writer, "attributes");
  fluo_json_writer_begin (self->writer, '[');
  if (span->flags & FLUO_SPAN_IN_PROGRESS)
    fluo_otlp_write_true (self->writer, "aws.xray.inprogress");
  if (span->flags & FLUO_SPAN_AWS)
    fluo_otlp_write_text (self->writer, "aws.service",
                          fluo_trace_get_string (self->trace, span->name));
  fluo_otlp_write_rows (self->tape, self->writer, rows, G_N_ELEMENTS (rows));
  if (!(span->flags & FLUO_SPAN_SEGMENT))
    fluo_otlp_write_rows (self->tape, self->writer, &account, 1);
  write_flags (self);
  write_annotations (self);
  write_metadata (self);
  fluo_json_writer_end (self->writer, ']');
}

/* --- Exceptions, links -------------------------------------------------- */

/* As a Java runtime prints it, or a Python one where the program is one. */
static char *
dup_stack (FluoJsonTape *tape, guint32 exception, gboolean python)
{
  guint32 list = fluo_json_tape_get (tape, exception, "stack");
  g_autofree char *type = fluo_json_tape_dup_member (tape, exception, "type");
  g_autofree char *message = fluo_json_tape_dup_member (tape, exception, "message");
  g_autofree char *head = g_strdup_printf ("%s: %s\n", type ? type : "", message ? message : "");
  GString *out;

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN ||
      fluo_json_tape_count (tape, list) == 0)
    return NULL;
  out = g_string_new (python ? head : NULL);
  for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      g_autofree char *frame = NULL;
      g_autofree char *path = NULL;
      g_autofree char *label = NULL;
      gint64 line;

      if (fluo_json_tape_type (tape, i) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      path = fluo_json_tape_dup_member (tape, i, "path");
      label = fluo_json_tape_dup_member (tape, i, "label");
      line = fluo_json_tape_int (tape, fluo_json_tape_get (tape, i, "line"), 0);
      frame = g_strdup_printf (python ? "  File \"%s\", line %" G_GINT64_FORMAT ", in %s\n"
                                      : "\tat %3$s(%1$s:%2$" G_GINT64_FORMAT ")\n",
                               path ? path : "", line, label ? label : "");
      /* Python's innermost frame comes last. */
      g_string_insert (out, python ? 0 : -1, frame);
    }
  g_string_prepend (out, python ? "Traceback (most recent call last):\n" : head);
  return g_string_free (out, FALSE);
}

static void
write_exceptions (Export *self, guint32 list)
{
  static const FluoOtlpRow rows[] = {
    { "type", "exception.type" },
    { "message", "exception.message" },
    { "id", "aws.xray.exception.id" },
    { "remote", "aws.xray.exception.remote" },
    { "truncated", "aws.xray.exception.truncated" },
    { "skipped", "aws.xray.exception.skipped" },
    { "cause", "aws.xray.exception.cause" },
  };
  g_autofree char *sdk =
    self->segment ? dup_at (self->segment, "aws/xray/sdk") : NULL;
  g_autofree char *lower = sdk ? g_ascii_strdown (sdk, -1) : g_strdup ("");
  char time[24];

  g_snprintf (time, sizeof time, "%" G_GINT64_FORMAT, self->spans[self->i].end_ns);
  for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self->tape, list, i))
    {
      g_autofree char *stack = NULL;

      if (fluo_json_tape_type (self->tape, i) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      stack = dup_stack (self->tape, i, g_str_has_suffix (lower, "for python"));
      fluo_json_writer_begin (self->writer, '{');
      fluo_json_writer_key (self->writer, "timeUnixNano");
      fluo_json_writer_string (self->writer, time);
      fluo_json_writer_key (self->writer, "name");
      fluo_json_writer_string (self->writer, "exception");
      fluo_json_writer_key (self->writer, "attributes");
      fluo_json_writer_begin (self->writer, '[');
      for (guint k = 0; k < G_N_ELEMENTS (rows); k++)
        fluo_otlp_write_value (self->tape, fluo_json_tape_get (self->tape, i, rows[k].path),
                               self->writer, rows[k].attribute);
      fluo_otlp_write_text (self->writer, "exception.stacktrace", stack);
      fluo_json_writer_end (self->writer, ']');
      fluo_json_writer_end (self->writer, '}');
    }
}

static void
write_events (Export *self)
{
  guint32 list = fluo_otlp_find (self->tape, "cause/exceptions");

  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  fluo_json_writer_key (self->writer, "events");
  fluo_json_writer_begin (self->writer, '[');
  write_exceptions (self, list);
  fluo_json_writer_end (self->writer, ']');
}

static void
write_ids (FluoJsonWriter *writer, const FluoTraceId *trace_id, guint64 id)
{
  char trace[FLUO_TRACE_ID_W3C_LEN + 1], span[FLUO_SPAN_ID_LEN + 1];

  fluo_trace_id_format_w3c (trace_id, trace);
  fluo_span_id_format (id, span);
  fluo_json_writer_key (writer, "traceId");
  fluo_json_writer_string (writer, trace);
  fluo_json_writer_key (writer, "spanId");
  fluo_json_writer_string (writer, span);
}

static void
write_link (Export *self, guint32 link)
{
  g_autofree char *trace = fluo_json_tape_dup_member (self->tape, link, "trace_id");
  g_autofree char *span = fluo_json_tape_dup_member (self->tape, link, "id");
  guint32 list = fluo_json_tape_get (self->tape, link, "attributes");
  FluoTraceId trace_id;
  guint64 id;

  if (!trace || !span || !fluo_trace_id_parse (trace, -1, &trace_id) ||
      !fluo_span_id_parse (span, -1, &id))
    return;
  fluo_json_writer_begin (self->writer, '{');
  write_ids (self->writer, &trace_id, id);
  fluo_json_writer_key (self->writer, "attributes");
  fluo_json_writer_begin (self->writer, '[');
  if (fluo_json_tape_type (self->tape, list) == FLUO_JSON_OBJECT_BEGIN)
    for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
         i = fluo_json_tape_next (self->tape, list, i))
      {
        g_autofree char *key = fluo_json_tape_dup_key (self->tape, i);

        fluo_otlp_write_value (self->tape, i, self->writer, key);
      }
  fluo_json_writer_end (self->writer, ']');
  fluo_json_writer_end (self->writer, '}');
}

static void
write_links (Export *self)
{
  guint32 list = fluo_otlp_find (self->tape, "links");

  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  fluo_json_writer_key (self->writer, "links");
  fluo_json_writer_begin (self->writer, '[');
  for (guint32 i = fluo_json_tape_first (self->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self->tape, list, i))
    if (fluo_json_tape_type (self->tape, i) == FLUO_JSON_OBJECT_BEGIN)
      write_link (self, i);
  fluo_json_writer_end (self->writer, ']');
}

/* --- Spans -------------------------------------------------------------- */

static void
write_time (FluoJsonWriter *writer, const char *key, gint64 time_ns)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, time_ns);
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, text);
}

static void
write_span (Export *self)
{
  const FluoSpan *span = &self->spans[self->i];
  guint64 parent_id = span->parent_id;
  char parent[FLUO_SPAN_ID_LEN + 1];
  int kind = FLUO_OTLP_KIND_INTERNAL;

  if (!parent_id && span->parent != FLUO_SPAN_NONE)
    parent_id = self->spans[span->parent].id;
  if (span->flags & FLUO_SPAN_SEGMENT)
    kind = FLUO_OTLP_KIND_SERVER;
  else if (span->flags & (FLUO_SPAN_AWS | FLUO_SPAN_REMOTE))
    kind = FLUO_OTLP_KIND_CLIENT;
  write_ids (self->writer, fluo_trace_get_id (self->trace), span->id);
  if (parent_id)
    {
      fluo_span_id_format (parent_id, parent);
      fluo_json_writer_key (self->writer, "parentSpanId");
      fluo_json_writer_string (self->writer, parent);
    }
  fluo_json_writer_key (self->writer, "name");
  fluo_json_writer_string (self->writer, fluo_trace_get_string (self->trace, span->name));
  fluo_json_writer_key (self->writer, "kind");
  fluo_json_writer_int (self->writer, kind);
  write_time (self->writer, "startTimeUnixNano", span->start_ns);
  write_time (self->writer, "endTimeUnixNano",
              span->flags & FLUO_SPAN_IN_PROGRESS ? span->start_ns : span->end_ns);
  write_attributes (self);
  write_events (self);
  write_links (self);
  fluo_json_writer_key (self->writer, "status");
  fluo_json_writer_begin (self->writer, '{');
  if (is_true (self->tape, "fault") || is_true (self->tape, "error"))
    {
      fluo_json_writer_key (self->writer, "code");
      fluo_json_writer_int (self->writer, FLUO_OTLP_STATUS_ERROR);
    }
  fluo_json_writer_end (self->writer, '}');
}

static FluoJsonTape *
tape_of (FluoTrace *trace, guint32 i)
{
  gsize length;
  const char *raw = fluo_trace_get_raw (trace, i, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_static (raw, length);

  return fluo_json_tape_new (bytes, NULL);
}

/* The segment that every span belongs to, by index; FLUO_SPAN_NONE where it never came. Parents
 * stand before their children. */
static guint32 *
find_owners (const FluoSpan *spans, guint n)
{
  guint32 *owners = g_new (guint32, n + 1);

  for (guint32 i = 0; i < n; i++)
    if (spans[i].flags & FLUO_SPAN_SEGMENT)
      owners[i] = i;
    else
      owners[i] = spans[i].parent == FLUO_SPAN_NONE ? FLUO_SPAN_NONE : owners[spans[i].parent];
  return owners;
}

static void
span_json_free (gpointer data)
{
  FluoOtlpSpanJson *span = data;

  g_free (span->json);
  g_free (span);
}

static void
add_span (Export *self, GPtrArray *list)
{
  FluoOtlpSpanJson *span = g_new0 (FluoOtlpSpanJson, 1);
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  self->writer = &writer;
  fluo_json_writer_begin (&writer, '{');
  write_resource (self);
  write_span (self);
  fluo_json_writer_end (&writer, '}');
  self->writer = NULL;
  span->id = self->spans[self->i].id;
  span->json = g_string_free (out, FALSE);
  g_ptr_array_add (list, span);
}

GPtrArray *
fluo_otlp_dup_spans_json (FluoTrace *trace)
{
  guint n, n_services;
  const FluoTraceService *services = fluo_trace_get_services (trace, &n_services);
  Export self = { trace, fluo_trace_get_spans (trace, &n) };
  g_autofree guint32 *owners = find_owners (self.spans, n);
  g_autoptr (GHashTable) segments =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) fluo_json_tape_free);
  GPtrArray *list = g_ptr_array_new_with_free_func (span_json_free);

  for (self.i = 0; self.i < n; self.i++)
    {
      const FluoSpan *span = &self.spans[self.i];
      g_autoptr (FluoJsonTape) tape = NULL;
      guint32 owner = owners[self.i];

      if (span->flags & FLUO_SPAN_LINKED)
        continue;
      tape = tape_of (trace, self.i);
      if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN ||
          is_true (tape, "inferred"))
        continue;
      if (owner == self.i)
        g_hash_table_insert (segments, GUINT_TO_POINTER (owner), tape_of (trace, owner));
      self.tape = tape;
      self.segment = owner == FLUO_SPAN_NONE
                       ? NULL : g_hash_table_lookup (segments, GUINT_TO_POINTER (owner));
      self.service = owner != FLUO_SPAN_NONE
                       ? fluo_trace_get_string (trace, self.spans[owner].name)
                       : span->service < n_services ? services[span->service].name : "";
      add_span (&self, list);
    }
  return list;
}
