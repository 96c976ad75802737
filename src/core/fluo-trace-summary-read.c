/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-segment.h"
#include "fluo-trace-summary-private.h"

/* A summary from the wire: an element of TraceSummaries. */

/* Takes @text, gives its interned twin. */
static char *
intern_take (char *text)
{
  char *interned = fluo_summary_intern (text);

  g_free (text);
  return interned;
}

/* --- Causes ---------------------------------------------------------------- */

/* The last exception named on a service's path. */
static char *
dup_exception (const FluoJsonTape *tape, guint32 path)
{
  char *name = NULL;

  for (guint32 entity = fluo_json_tape_first (tape, path); entity != FLUO_JSON_NONE;
       entity = fluo_json_tape_next (tape, path, entity))
    {
      guint32 list = fluo_json_tape_get (tape, entity, "Exceptions");
      guint32 first = fluo_json_tape_first (tape, list);
      char *found = first != FLUO_JSON_NONE
                      ? fluo_json_tape_dup_member (tape, first, "Name")
                      : NULL;

      if (found)
        {
          g_free (name);
          name = found;
        }
    }
  return name;
}

/* What a list of root causes says about the services, and one line for each cause. */
static void
read_causes (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list, FluoStatus status)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 services = fluo_json_tape_get (tape, node, "Services");
      FluoSummaryCause cause = { .status = status };
      g_autoptr (GString) path = g_string_new (NULL);

      for (guint32 row = fluo_json_tape_first (tape, services); row != FLUO_JSON_NONE;
           row = fluo_json_tape_next (tape, services, row))
        {
          g_autofree char *name = fluo_json_tape_dup_member (tape, row, "Name");
          g_autofree char *type = fluo_json_tape_dup_member (tape, row, "Type");
          char *exception = dup_exception (tape, fluo_json_tape_get (tape, row, "EntityPath"));

          if (!name)
            {
              g_free (exception);
              continue;
            }
          fluo_summary_mark_service (self, name, type, status);
          fluo_summary_clear_string (&cause.service);
          cause.service = fluo_summary_intern (name);
          fluo_summary_append_step (path, name);
          if (exception)
            {
              fluo_summary_clear_string (&cause.exception);
              cause.exception = intern_take (exception);
            }
        }
      if (cause.service)
        {
          cause.path = fluo_summary_intern (path->str);
          g_array_append_val (self->causes, cause);
        }
      else
        fluo_summary_clear_string (&cause.exception);
    }
}

/* --- Reading --------------------------------------------------------------- */

static gint64
read_seconds (const FluoJsonTape *tape, guint32 node, const char *key, gint64 fallback)
{
  gint64 value;

  return fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, key), &value) ? value
                                                                                     : fallback;
}

static char *
read_string (const FluoJsonTape *tape, guint32 node, const char *key)
{
  return intern_take (fluo_json_tape_dup_member (tape, node, key));
}

static gboolean
read_boolean (const FluoJsonTape *tape, guint32 node, const char *key)
{
  return fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, node, key), FALSE);
}

static void
read_services (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoSummaryService service = { 0 };

      service.name = read_string (tape, node, "Name");
      service.type = read_string (tape, node, "Type");
      if (!service.name || g_strcmp0 (service.type, "client") == 0)
        fluo_summary_clear_service (&service);
      /* The entry comes first, wherever it stands in the answer. */
      else if (g_strcmp0 (service.name, self->entry_name) == 0 &&
               g_strcmp0 (service.type, self->entry_type) == 0)
        g_array_prepend_val (self->services, service);
      else
        g_array_append_val (self->services, service);
    }
}

static void
read_versions (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *name = fluo_json_tape_dup_member (tape, node, "Name");
      g_autofree char *version = fluo_json_tape_dup_member (tape, node, "Version");

      fluo_summary_add_version (self, name, version);
    }
}

static void
read_annotation_values (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list,
                        const char *key)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 value = fluo_json_tape_get (tape, node, "AnnotationValue");
      guint32 string = fluo_json_tape_get (tape, value, "StringValue");
      guint32 number = fluo_json_tape_get (tape, value, "NumberValue");
      guint32 boolean = fluo_json_tape_get (tape, value, "BooleanValue");
      g_autofree char *text = fluo_json_tape_dup (tape, string);
      const char *raw;
      gsize length;

      if (text)
        fluo_summary_add_annotation (self, key, text, FLUO_VALUE_STRING);
      else if (fluo_json_tape_type (tape, number) == FLUO_JSON_NUMBER)
        {
          raw = fluo_json_tape_raw (tape, number, &length);
          text = g_strndup (raw, length);
          fluo_summary_add_annotation (self, key, text, FLUO_VALUE_NUMBER);
        }
      else if (fluo_json_tape_type (tape, boolean) != FLUO_JSON_NULL)
        fluo_summary_add_annotation (
          self, key, fluo_json_tape_boolean (tape, boolean, FALSE) ? "true" : "false",
          FLUO_VALUE_BOOLEAN);
    }
}

static void
read_names (GPtrArray *strings, const FluoJsonTape *tape, guint32 list, const char *key)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup_member (tape, node, key);

      fluo_summary_add_unique (strings, text);
    }
}

static char *
read_raw_list (const FluoJsonTape *tape, guint32 node)
{
  const char *raw;
  g_autofree char *text = NULL;
  gsize length;

  if (fluo_json_tape_count (tape, node) == 0)
    return NULL;
  raw = fluo_json_tape_raw (tape, node, &length);
  text = g_strndup (raw, length);
  return fluo_summary_intern (text);
}

static void
read_status (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 node)
{
  self->has_fault = read_boolean (tape, node, "HasFault");
  self->has_error = read_boolean (tape, node, "HasError");
  self->has_throttle = read_boolean (tape, node, "HasThrottle");
  self->is_partial = read_boolean (tape, node, "IsPartial");
  if (self->entry_name && self->is_partial && self->response_ns < 0)
    self->status = FLUO_STATUS_RUNNING;
  else
    self->status = fluo_status_classify (self->has_fault, self->has_error, self->has_throttle, 0);
}

FluoTraceSummary *
fluo_trace_summary_read (const FluoJsonTape *tape, guint32 node, GError **error)
{
  g_autofree char *id = fluo_json_tape_dup_member (tape, node, "Id");
  g_autoptr (FluoTraceSummary) self = fluo_trace_summary_new ();
  guint32 http = fluo_json_tape_get (tape, node, "Http"),
          entry = fluo_json_tape_get (tape, node, "EntryPoint");
  guint32 annotations = fluo_json_tape_get (tape, node, "Annotations");
  guint32 faults = fluo_json_tape_get (tape, node, "FaultRootCauses");
  guint32 errors = fluo_json_tape_get (tape, node, "ErrorRootCauses");

  if (!id || !fluo_trace_id_parse (id, -1, &self->id))
    {
      g_set_error_literal (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
                           "a trace summary without a valid \"Id\"");
      return NULL;
    }
  self->start_ns = read_seconds (tape, node, "StartTime", 0);
  self->duration_ns = read_seconds (tape, node, "Duration", -1);
  self->response_ns = read_seconds (tape, node, "ResponseTime", -1);
  self->updated_ns = read_seconds (tape, node, "MatchedEventTime", 0);
  self->revision = (guint) CLAMP (
      fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "Revision"), 1), 0, G_MAXINT);
  self->http_method = read_string (tape, http, "HttpMethod");
  self->http_url = read_string (tape, http, "HttpURL");
  self->user_agent = read_string (tape, http, "UserAgent");
  self->client_ip = read_string (tape, http, "ClientIp");
  self->http_status = (int) CLAMP (
      fluo_json_tape_int (tape, fluo_json_tape_get (tape, http, "HttpStatus"), 0), 0, 999);
  self->entry_name = read_string (tape, entry, "Name");
  self->entry_type = read_string (tape, entry, "Type");
  read_status (self, tape, node);
  read_services (self, tape, fluo_json_tape_get (tape, node, "ServiceIds"));
  read_versions (self, tape, fluo_json_tape_get (tape, node, "ServiceVersions"));
  for (guint32 list = fluo_json_tape_first (tape, annotations); list != FLUO_JSON_NONE;
       list = fluo_json_tape_next (tape, annotations, list))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, list);

      if (key)
        read_annotation_values (self, tape, list, key);
    }
  fluo_summary_settle_annotations (self);
  read_names (self->users, tape, fluo_json_tape_get (tape, node, "Users"), "UserName");
  read_names (self->instances, tape, fluo_json_tape_get (tape, node, "InstanceIds"), "Id");
  read_names (self->zones, tape, fluo_json_tape_get (tape, node, "AvailabilityZones"), "Name");
  read_names (self->arns, tape, fluo_json_tape_get (tape, node, "ResourceARNs"), "ARN");
  read_causes (self, tape, faults, FLUO_STATUS_FAULT);
  read_causes (self, tape, errors, fluo_summary_error_status (self));
  self->fault_causes = read_raw_list (tape, faults);
  self->error_causes = read_raw_list (tape, errors);
  fluo_summary_share_lists (self);
  return g_steal_pointer (&self);
}
