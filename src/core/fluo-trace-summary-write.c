/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-summary.h"

#include <string.h>

#include "fluo-time-span.h"

/* X-Ray's own members in its own order. Absent values are explicit nulls: clients test for the
 * key. One member is not X-Ray's, and only where there is something to tell: ServiceVersions. What
 * a client's model does not have it skips. */

static void
write_string (FluoJsonWriter *writer, const char *key, const char *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

static void
write_boolean (FluoJsonWriter *writer, const char *key, gboolean value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_boolean (writer, value);
}

static void
write_null (FluoJsonWriter *writer, const char *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_null (writer);
}

static void
write_seconds (FluoJsonWriter *writer, const char *key, gint64 value_ns, gboolean known)
{
  fluo_json_writer_key (writer, key);
  if (known)
    fluo_json_writer_seconds (writer, value_ns);
  else
    fluo_json_writer_null (writer);
}

static void
write_service (FluoJsonWriter *writer, const char *name, const char *type)
{
  fluo_json_writer_begin (writer, '{');
  write_null (writer, "AccountId");
  write_string (writer, "Name", name);
  fluo_json_writer_key (writer, "Names");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, name);
  fluo_json_writer_end (writer, ']');
  write_string (writer, "Type", type);
  fluo_json_writer_end (writer, '}');
}

static void
write_annotation (FluoJsonWriter *writer, const FluoSummaryAnnotation *annotation)
{
  gsize length = strlen (annotation->value);
  gboolean number =
      annotation->type == FLUO_VALUE_NUMBER && fluo_json_validate (annotation->value, length, NULL);

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "AnnotationValue");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "BooleanValue");
  if (annotation->type == FLUO_VALUE_BOOLEAN)
    fluo_json_writer_boolean (writer, strcmp (annotation->value, "true") == 0);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "NumberValue");
  if (number)
    fluo_json_writer_raw (writer, annotation->value, length);
  else
    fluo_json_writer_null (writer);
  write_string (writer, "StringValue",
                annotation->type == FLUO_VALUE_STRING ? annotation->value : NULL);
  fluo_json_writer_end (writer, '}');
  write_null (writer, "ServiceIds");
  fluo_json_writer_end (writer, '}');
}

static void
write_annotations (FluoJsonWriter *writer, const FluoTraceSummary *self)
{
  const char *key = NULL;

  fluo_json_writer_key (writer, "Annotations");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < self->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
          &g_array_index (self->annotations, FluoSummaryAnnotation, i);

      if (!key || strcmp (key, annotation->key) != 0)
        {
          if (key)
            fluo_json_writer_end (writer, ']');
          key = annotation->key;
          fluo_json_writer_key (writer, key);
          fluo_json_writer_begin (writer, '[');
        }
      write_annotation (writer, annotation);
    }
  if (key)
    fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

static void
write_names (FluoJsonWriter *writer, const char *list, const char *key, const GPtrArray *strings)
{
  fluo_json_writer_key (writer, list);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < strings->len; i++)
    {
      fluo_json_writer_begin (writer, '{');
      write_string (writer, key, g_ptr_array_index (strings, i));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_causes (FluoJsonWriter *writer, const char *key, const char *json)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_raw (writer, json ? json : "[]", json ? strlen (json) : 2);
}

static void
write_http (FluoJsonWriter *writer, const FluoTraceSummary *self)
{
  fluo_json_writer_key (writer, "Http");
  fluo_json_writer_begin (writer, '{');
  write_string (writer, "ClientIp", self->client_ip);
  write_string (writer, "HttpMethod", self->http_method);
  fluo_json_writer_key (writer, "HttpStatus");
  if (self->http_status > 0)
    fluo_json_writer_int (writer, self->http_status);
  else
    fluo_json_writer_null (writer);
  write_string (writer, "HttpURL", self->http_url);
  write_string (writer, "UserAgent", self->user_agent);
  fluo_json_writer_end (writer, '}');
}

static void
write_services (FluoJsonWriter *writer, const FluoTraceSummary *self)
{
  fluo_json_writer_key (writer, "ServiceIds");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->services->len; i++)
    {
      const FluoSummaryService *service = &g_array_index (self->services, FluoSummaryService, i);

      write_service (writer, service->name, service->type);
    }
  if (self->entry_name)
    write_service (writer, self->entry_name, "client");
  fluo_json_writer_end (writer, ']');
}

static void
write_versions (FluoJsonWriter *writer, const FluoTraceSummary *self)
{
  if (self->versions->len == 0)
    return;
  fluo_json_writer_key (writer, "ServiceVersions");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->versions->len; i++)
    {
      const FluoSummaryVersion *row = &g_array_index (self->versions, FluoSummaryVersion, i);

      fluo_json_writer_begin (writer, '{');
      write_string (writer, "Name", row->service);
      write_string (writer, "Version", row->version);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_users (FluoJsonWriter *writer, const FluoTraceSummary *self)
{
  fluo_json_writer_key (writer, "Users");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->users->len; i++)
    {
      fluo_json_writer_begin (writer, '{');
      write_null (writer, "ServiceIds");
      write_string (writer, "UserName", g_ptr_array_index (self->users, i));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

void
fluo_trace_summary_write (const FluoTraceSummary *self, FluoJsonWriter *writer)
{
  g_autofree char *id = fluo_trace_id_to_string (&self->id);

  fluo_json_writer_begin (writer, '{');
  write_annotations (writer, self);
  write_names (writer, "AvailabilityZones", "Name", self->zones);
  write_seconds (writer, "Duration", self->duration_ns, self->duration_ns >= 0);
  fluo_json_writer_key (writer, "EntryPoint");
  if (self->entry_name)
    write_service (writer, self->entry_name, self->entry_type);
  else
    fluo_json_writer_null (writer);
  write_causes (writer, "ErrorRootCauses", self->error_causes);
  write_causes (writer, "FaultRootCauses", self->fault_causes);
  write_boolean (writer, "HasError", self->has_error);
  write_boolean (writer, "HasFault", self->has_fault);
  write_boolean (writer, "HasThrottle", self->has_throttle);
  write_http (writer, self);
  write_string (writer, "Id", id);
  write_names (writer, "InstanceIds", "Id", self->instances);
  write_boolean (writer, "IsPartial", self->is_partial);
  write_null (writer, "MatchedEdge");
  /* X-Ray gives whole seconds here. */
  write_seconds (writer, "MatchedEventTime",
                 self->updated_ns / FLUO_NSEC_PER_SEC * FLUO_NSEC_PER_SEC, self->updated_ns > 0);
  write_null (writer, "MatchedService");
  write_names (writer, "ResourceARNs", "ARN", self->arns);
  write_seconds (writer, "ResponseTime", self->response_ns, self->response_ns >= 0);
  write_causes (writer, "ResponseTimeRootCauses", self->response_causes);
  fluo_json_writer_key (writer, "Revision");
  fluo_json_writer_int (writer, self->revision);
  write_services (writer, self);
  write_seconds (writer, "StartTime", self->start_ns, TRUE);
  write_users (writer, self);
  write_versions (writer, self);
  fluo_json_writer_end (writer, '}');
}
