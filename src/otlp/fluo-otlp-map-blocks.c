/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

void
fluo_otlp_write_string (FluoJsonWriter *writer, const char *key, const FluoOtlpValue *value)
{
  if (!value)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_strn (writer, value->text, value->length);
}

void
fluo_otlp_begin_once (FluoJsonWriter *writer, const char *key, gboolean *opened)
{
  if (*opened)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  *opened = TRUE;
}

/* --- Segments: service -------------------------------------------------- */

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

void
fluo_otlp_append_value (GString *out, const FluoOtlpValue *value)
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
        fluo_otlp_append_value (url, scheme);
      else
        g_string_append (url, "http");
      g_string_append (url, "://");
      fluo_otlp_append_value (url, host);
      if (port && port->integer != 80 && port->integer != 443)
        g_string_append_printf (url, ":%" G_GINT64_FORMAT, port->integer);
    }
  if (!target || target->text[0] != '/')
    g_string_append_c (url, '/');
  fluo_otlp_append_value (url, target);
  if (query)
    {
      if (query->text[0] != '?')
        g_string_append_c (url, '?');
      fluo_otlp_append_value (url, query);
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

  fluo_otlp_append_value (url, connection ? connection : host);
  if (url->len == 0)
    g_string_append (url, "localhost");
  if (database)
    g_string_append_c (url, '/');
  fluo_otlp_append_value (url, database);
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
