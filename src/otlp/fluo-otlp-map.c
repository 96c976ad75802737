/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

#define NAME_MAX_CHARS 200

/* --- Ids, names --------------------------------------------------------- */

guint64
fluo_otlp_derive_id (const FluoTraceId *trace_id, guint64 id, guint64 salt)
{
  guint64 low, z;

  memcpy (&low, trace_id->bytes + 8, sizeof low);
  z = id ^ GUINT64_FROM_BE (low) ^ (salt * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
  /* The mixing of SplitMix64: neighbouring inputs give unrelated ids. */
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  z ^= z >> 31;
  return z ? z : 1;
}

static gboolean
is_name_char (gunichar c)
{
  if (c < 0x80)
    return g_ascii_isalnum ((char) c) || (c && strchr (" _.:/%&#=+-@", (int) c));
  return g_unichar_isalnum (c) || g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR;
}

/* X-Ray's own set of characters and length; what is outside is dropped. */
static void
write_name (FluoOtlpMapper *self, const char *text, gsize length)
{
  g_autoptr (GString) name = g_string_sized_new (length + 1);
  guint n = 0;

  for (const char *p = text, *end = text + length; p < end && n < NAME_MAX_CHARS;)
    {
      gunichar c = g_utf8_get_char_validated (p, end - p);

      if (c >= (gunichar) -2)
        {
          p++;
          continue;
        }
      if (is_name_char (c))
        {
          g_string_append_unichar (name, c);
          n++;
        }
      p = g_utf8_next_char (p);
    }
  fluo_json_writer_key (&self->writer, "name");
  fluo_json_writer_string (&self->writer, name->len > 0 ? name->str : "span");
}

static void
write_name_value (FluoOtlpMapper *self, const FluoOtlpValue *value)
{
  write_name (self, value->text, value->length);
}

/* As X-Ray's own SDKs call these services, and as the service graph knows them. */
static void
write_aws_name (FluoOtlpMapper *self, const char *text, gsize length)
{
  static const char *const known[] = { "DynamoDB", "SQS", "SNS", "S3", "Lambda" };
  static const char *const prefixes[] = { "AWS.SDK.", "AWS::" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      gsize n = strlen (prefixes[i]);

      if (length > n && strncmp (text, prefixes[i], n) == 0)
        {
          text += n;
          length -= n;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strlen (known[i]) == length && g_ascii_strncasecmp (known[i], text, length) == 0)
      text = known[i];
  write_name (self, text, length);
}

static gboolean
is_call (const FluoOtlpSpan *span)
{
  return span->kind == FLUO_OTLP_KIND_CLIENT || span->kind == FLUO_OTLP_KIND_PRODUCER ||
         span->kind == FLUO_OTLP_KIND_CONSUMER;
}

/* db@host, which is how X-Ray names a database. */
static gboolean
write_database_name (FluoOtlpMapper *self)
{
  const FluoOtlpValue *database = fluo_otlp_index_string (
    &self->index, FLUO_OTLP_ANY (FLUO_OTLP_DB_NAME, FLUO_OTLP_DB_NAMESPACE));
  const FluoOtlpValue *connection =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_DB_CONNECTION_STRING, FLUO_OTLP_STRING);
  const FluoOtlpValue *peer;
  g_autofree char *host = NULL;
  g_autofree char *name = NULL;

  if (!database)
    return FALSE;
  if (connection)
    {
      g_autofree char *text = g_strndup (connection->text, connection->length);
      g_autoptr (GUri) uri =
        g_uri_parse (g_str_has_prefix (text, "jdbc:") ? text + 5 : text, G_URI_FLAGS_NONE, NULL);

      host = uri ? g_strdup (g_uri_get_host (uri)) : NULL;
    }
  peer = fluo_otlp_index_string (&self->index,
                                 FLUO_OTLP_ANY (FLUO_OTLP_SERVER_ADDRESS, FLUO_OTLP_NET_PEER_NAME));
  if (!host && peer)
    host = g_strndup (peer->text, peer->length);
  name = g_strdup_printf (host && host[0] ? "%.*s@%s" : "%.*s", (int) database->length,
                          database->text, host);
  write_name (self, name, strlen (name));
  return TRUE;
}

/* The service of an AWS SDK's call: rpc.service, or what precedes the operation in rpc.method. */
static gboolean
write_aws_call_name (FluoOtlpMapper *self)
{
  const FluoOtlpValue *service =
    fluo_otlp_index_string (&self->index, FLUO_OTLP_ANY (FLUO_OTLP_AWS_SERVICE));
  const FluoOtlpValue *method;
  const char *slash;

  if (!service && self->aws_call)
    service = fluo_otlp_index_string (&self->index, FLUO_OTLP_ANY (FLUO_OTLP_RPC_SERVICE));
  if (service)
    {
      write_aws_name (self, service->text, service->length);
      return TRUE;
    }
  method = fluo_otlp_index_peek (&self->index, FLUO_OTLP_RPC_METHOD, FLUO_OTLP_STRING);
  slash =
    self->aws_call && method ? g_strrstr_len (method->text, (gssize) method->length, "/") : NULL;
  if (!slash || slash == method->text)
    return FALSE;
  write_aws_name (self, method->text, (gsize) (slash - method->text));
  return TRUE;
}

/* The logical name of a segment is its service; that of a subsegment what it is a call to. The
 * first that is there counts. */
static void
write_span_name (FluoOtlpMapper *self, FluoOtlpRole role)
{
  FluoOtlpIndex *index = &self->index;
  const FluoOtlpValue *value = NULL;

  if (role == FLUO_OTLP_ROLE_SERVICE || (role == FLUO_OTLP_ROLE_SEGMENT && !is_call (self->span)))
    value = fluo_otlp_index_string (index, FLUO_OTLP_ANY (FLUO_OTLP_AWS_LOCAL_SERVICE));
  if (!value && role == FLUO_OTLP_ROLE_SERVICE)
    value = fluo_otlp_index_string (&self->resource, FLUO_OTLP_ANY (FLUO_OTLP_SERVICE_NAME));
  if (value)
    {
      write_name_value (self, value);
      return;
    }
  if (is_call (self->span))
    value = fluo_otlp_index_string (index, FLUO_OTLP_ANY (FLUO_OTLP_AWS_REMOTE_SERVICE));
  if (value && self->aws_call)
    {
      write_aws_name (self, value->text, value->length);
      return;
    }
  if (!value)
    value = fluo_otlp_index_string (index, FLUO_OTLP_ANY (FLUO_OTLP_PEER_SERVICE));
  if (!value && (write_aws_call_name (self) || write_database_name (self)))
    return;
  if (!value && role == FLUO_OTLP_ROLE_SEGMENT)
    value = fluo_otlp_index_string (&self->resource, FLUO_OTLP_ANY (FLUO_OTLP_SERVICE_NAME));
  if (!value)
    value = fluo_otlp_index_string (index, FLUO_OTLP_ANY (FLUO_OTLP_RPC_SERVICE));
  if (!value)
    value = fluo_otlp_index_string (index, FLUO_OTLP_ANY (FLUO_OTLP_HTTP_HOST));
  if (!value && self->span->kind != FLUO_OTLP_KIND_SERVER)
    value = fluo_otlp_index_string (
      index, FLUO_OTLP_ANY (FLUO_OTLP_SERVER_ADDRESS, FLUO_OTLP_NET_PEER_NAME));
  if (value)
    write_name_value (self, value);
  else
    write_name (self, self->span->name, strlen (self->span->name));
}

/* --- Documents ---------------------------------------------------------- */

static void
write_id (FluoJsonWriter *writer, const char *key, guint64 id)
{
  char text[FLUO_SPAN_ID_LEN + 1];

  fluo_span_id_format (id, text);
  fluo_json_writer_key (writer, key);
  fluo_json_writer_strn (writer, text, FLUO_SPAN_ID_LEN);
}

static void
write_life (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;
  gint64 start_ns = (gint64) MIN (self->span->start_ns, G_MAXINT64);
  gint64 end_ns = (gint64) MIN (self->span->end_ns, G_MAXINT64);
  const FluoOtlpValue *running =
    fluo_otlp_index_peek (&self->index, FLUO_OTLP_AWS_XRAY_INPROGRESS, FLUO_OTLP_BOOL);

  fluo_json_writer_key (writer, "start_time");
  fluo_json_writer_seconds (writer, start_ns);
  if (running)
    fluo_otlp_index_use (&self->index, FLUO_OTLP_AWS_XRAY_INPROGRESS);
  if (running && running->boolean)
    {
      fluo_json_writer_key (writer, "in_progress");
      fluo_json_writer_boolean (writer, TRUE);
      return;
    }
  fluo_json_writer_key (writer, "end_time");
  fluo_json_writer_seconds (writer, end_ns > 0 ? end_ns : start_ns);
}

static void
write_identity (FluoOtlpMapper *self, FluoOtlpRole role)
{
  FluoOtlpSpan *span = self->span;
  FluoJsonWriter *writer = &self->writer;
  char trace_id[FLUO_TRACE_ID_XRAY_LEN + 1];
  guint64 service_id = fluo_otlp_derive_id (&span->trace_id, span->id, 1);
  guint64 parent_id = role == FLUO_OTLP_ROLE_DEPENDENCY ? service_id : span->parent_id;

  fluo_trace_id_format_xray (&span->trace_id, trace_id);
  fluo_json_writer_key (writer, "trace_id");
  fluo_json_writer_strn (writer, trace_id, FLUO_TRACE_ID_XRAY_LEN);
  write_id (writer, "id", role == FLUO_OTLP_ROLE_SERVICE ? service_id : span->id);
  if (parent_id)
    write_id (writer, "parent_id", parent_id);
  if (!fluo_otlp_role_is_segment (role))
    {
      fluo_json_writer_key (writer, "type");
      fluo_json_writer_strn (writer, "subsegment", 10);
    }
  write_span_name (self, role);
  write_life (self);
}

/* What the call was about, and what came of it. */
static void
write_call (FluoOtlpMapper *self, FluoOtlpRole role)
{
  FluoJsonWriter *writer = &self->writer;
  const FluoOtlpValue *value;

  if (self->aws_call || self->span->kind == FLUO_OTLP_KIND_CLIENT)
    {
      fluo_json_writer_key (writer, "namespace");
      fluo_json_writer_string (writer, self->aws_call ? "aws" : "remote");
    }
  fluo_otlp_write_http (self);
  fluo_otlp_write_sql (self);
  value = fluo_otlp_index_peek (&self->index, FLUO_OTLP_AWS_XRAY_TRACED, FLUO_OTLP_BOOL);
  if (value)
    {
      fluo_otlp_index_use (&self->index, FLUO_OTLP_AWS_XRAY_TRACED);
      fluo_json_writer_key (writer, "traced");
      fluo_json_writer_boolean (writer, value->boolean);
    }
}

/* Of the two documents of a span that begins with a call one has the links: the service's where it
 * has received something, else the call's. */
static gboolean
has_links (FluoOtlpMapper *self, FluoOtlpRole role)
{
  gboolean consumer = self->span->kind == FLUO_OTLP_KIND_CONSUMER;

  if (role == FLUO_OTLP_ROLE_SERVICE)
    return consumer;
  return role != FLUO_OTLP_ROLE_DEPENDENCY || !consumer;
}

static void
write_document (FluoOtlpMapper *self, FluoOtlpRole role)
{
  FluoJsonWriter *writer = &self->writer;

  g_string_truncate (self->out, 0);
  fluo_json_writer_init (writer, self->out);
  fluo_json_writer_begin (writer, '{');
  write_identity (self, role);
  if (fluo_otlp_role_is_segment (role))
    {
      fluo_otlp_write_origin (self);
      fluo_otlp_write_service (self);
      fluo_otlp_write_string (
        writer, "user",
        fluo_otlp_index_string (&self->index, FLUO_OTLP_ANY (FLUO_OTLP_ENDUSER_ID)));
      fluo_otlp_write_string (
        writer, "resource_arn",
        fluo_otlp_index_string (&self->index, FLUO_OTLP_ANY (FLUO_OTLP_AWS_XRAY_RESOURCE_ARN)));
    }
  if (role != FLUO_OTLP_ROLE_SERVICE)
    write_call (self, role);
  fluo_otlp_write_aws (self, role);
  fluo_otlp_write_flags (self);
  if (role != FLUO_OTLP_ROLE_SERVICE)
    fluo_otlp_write_cause (self);
  if (has_links (self, role))
    fluo_otlp_write_links (self);
  fluo_otlp_write_annotations (self, role);
  fluo_otlp_write_metadata (self, role);
  fluo_json_writer_end (writer, '}');
  self->emit (self->data, self->out);
}

/* --- Public ------------------------------------------------------------- */

FluoOtlpMapper *
fluo_otlp_mapper_new (gboolean index_all, FluoOtlpEmitFunc emit, gpointer data)
{
  FluoOtlpMapper *self = g_new0 (FluoOtlpMapper, 1);

  self->index_all = index_all;
  self->emit = emit;
  self->data = data;
  self->out = g_string_sized_new (4096);
  self->sorted = g_ptr_array_new ();
  self->scope = (FluoOtlpScope) { "", "" };
  return self;
}

void
fluo_otlp_mapper_free (FluoOtlpMapper *self)
{
  g_string_free (self->out, TRUE);
  g_ptr_array_unref (self->sorted);
  g_free (self);
}

void
fluo_otlp_mapper_set_resource (FluoOtlpMapper *self, FluoOtlpResource *resource)
{
  self->resource_attributes = resource->attributes;
  fluo_otlp_index_fill (&self->resource, resource->attributes);
}

void
fluo_otlp_mapper_set_scope (FluoOtlpMapper *self, const FluoOtlpScope *scope)
{
  self->scope = *scope;
}

/* A call into an AWS service: an AWS SDK's, or one that says which. */
static gboolean
is_aws_call (FluoOtlpMapper *self)
{
  return fluo_otlp_index_is (&self->index, FLUO_OTLP_RPC_SYSTEM, "aws-api") ||
         fluo_otlp_index_is (&self->index, FLUO_OTLP_RPC_SYSTEM_NAME, "aws-api") ||
         fluo_otlp_index_peek (&self->index, FLUO_OTLP_AWS_SERVICE, FLUO_OTLP_STRING);
}

void
fluo_otlp_mapper_map (FluoOtlpMapper *self, FluoOtlpSpan *span)
{
  const FluoOtlpValue *value;
  gboolean remote_parent, local_root;

  self->span = span;
  fluo_otlp_index_fill (&self->index, span->attributes);
  self->aws_call = is_aws_call (self);
  value = fluo_otlp_index_int (&self->index, FLUO_OTLP_ANY (FLUO_OTLP_HTTP_RESPONSE_STATUS_CODE,
                                                           FLUO_OTLP_HTTP_STATUS_CODE));
  self->http_status = value ? (int) CLAMP (value->integer, 0, 999) : 0;
  if (self->index.slots[FLUO_OTLP_AWS_XRAY_ANNOTATIONS])
    {
      self->annotated =
        fluo_otlp_value_dup_strings (&self->index.slots[FLUO_OTLP_AWS_XRAY_ANNOTATIONS]->value);
      fluo_otlp_index_use (&self->index, FLUO_OTLP_AWS_XRAY_ANNOTATIONS);
    }

  remote_parent =
    (span->flags & FLUO_OTLP_FLAG_HAS_IS_REMOTE) && (span->flags & FLUO_OTLP_FLAG_IS_REMOTE);
  local_root = !span->parent_id || remote_parent ||
               fluo_otlp_index_is (&self->index, FLUO_OTLP_AWS_SPAN_KIND, "LOCAL_ROOT");
  if (span->kind == FLUO_OTLP_KIND_SERVER)
    write_document (self, FLUO_OTLP_ROLE_SEGMENT);
  else if (!local_root)
    write_document (self, FLUO_OTLP_ROLE_SUBSEGMENT);
  else if (!is_call (span) ||
           !(fluo_otlp_index_peek (&self->resource, FLUO_OTLP_SERVICE_NAME, FLUO_OTLP_STRING) ||
             fluo_otlp_index_peek (&self->index, FLUO_OTLP_AWS_LOCAL_SERVICE, FLUO_OTLP_STRING)))
    write_document (self, FLUO_OTLP_ROLE_SEGMENT);
  else
    {
      write_document (self, FLUO_OTLP_ROLE_SERVICE);
      write_document (self, FLUO_OTLP_ROLE_DEPENDENCY);
    }
  g_clear_pointer (&self->annotated, g_strfreev);
  self->span = NULL;
}
