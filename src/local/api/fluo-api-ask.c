/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-ask-private.h"
#include "local/store/fluo-condition-counts.h"

/* POST /fluoroscope/v1/filter/counts: how many traces are left after each of several conditions. */

/* --- The question ----------------------------------------------------------- */

static guint32
find_group (const char *text, gboolean arn, gpointer data)
{
  const FluoGroup *group = fluo_groups_find (data, arn ? NULL : text, arn ? text : NULL);

  return group ? group->key : 0;
}

static gboolean
resolve_groups (FluoApiCall *call, FluoFilter *filter)
{
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);
  const char *unknown;

  if (fluo_filter_resolve_groups (filter, find_group, groups, &unknown))
    return TRUE;
  fluo_api_call_invalid (call, "Group not found.");
  return FALSE;
}

FluoFilter *
fluo_api_call_parse_filter (FluoApiCall *call, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, &error);

  if (!filter)
    {
      fluo_api_call_invalid (call, "Invalid filter expression: %s", error->message);
      return NULL;
    }
  return resolve_groups (call, filter) ? g_steal_pointer (&filter) : NULL;
}

gboolean
fluo_ask_request_read (FluoApiCall *call, FluoAskRequest *request)
{
  g_autofree char *text = fluo_json_tape_dup_member (call->tape, 0, "FilterExpression");

  if (!fluo_api_call_get_time (call, "StartTime", &request->span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &request->span.end_ns))
    return FALSE;
  if (request->span.end_ns < request->span.begin_ns)
    {
      fluo_api_call_invalid (call, "End time cannot be earlier than start time");
      return FALSE;
    }
  if (text)
    request->filter = fluo_api_call_parse_filter (call, text);
  return !text || request->filter;
}

void
fluo_ask_request_clear (FluoAskRequest *self)
{
  g_clear_pointer (&self->filter, fluo_filter_unref);
}

void
fluo_ask_write_extent (FluoJsonWriter *writer, const FluoSurveyResult *result)
{
  fluo_json_writer_key (writer, "Traces");
  fluo_json_writer_int (writer, (gint64) result->n_traces);
  fluo_json_writer_key (writer, "Complete");
  fluo_json_writer_boolean (writer, result->complete);
  fluo_json_writer_key (writer, "ScannedFrom");
  fluo_json_writer_seconds (writer, result->from_ns);
  fluo_json_writer_key (writer, "TracesLeft");
  fluo_json_writer_int (writer, (gint64) result->n_left);
}

/* --- Conditions ------------------------------------------------------------- */

static gboolean
add_condition (FluoApiCall *call, FluoConditionCounts *counts, FluoFilter *filter)
{
  if (fluo_condition_counts_add (counts, filter))
    return TRUE;
  fluo_api_call_invalid (call, "no more than %d conditions can be counted at once",
                         FLUO_CONDITION_COUNTS_MAX);
  return FALSE;
}

static gboolean
read_list (FluoApiCall *call, FluoConditionCounts *counts, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (call->tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (call->tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (call->tape, node);
      g_autoptr (FluoFilter) filter = NULL;

      if (!text)
        {
          fluo_api_call_fail (call, 400, "SerializationException",
                              "Conditions is a list of filter expressions");
          return FALSE;
        }
      filter = fluo_api_call_parse_filter (call, text);
      if (!filter || !add_condition (call, counts, filter))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_conditions (FluoApiCall *call, FluoAskRequest *request, FluoConditionCounts *counts)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "Conditions");
  g_autoptr (GPtrArray) parts = NULL;

  if (!fluo_ask_request_read (call, request))
    return FALSE;
  if (fluo_json_tape_type (call->tape, list) == FLUO_JSON_ARRAY_BEGIN && !request->filter)
    return read_list (call, counts, list);
  if (!request->filter || fluo_json_tape_type (call->tape, list) != FLUO_JSON_NULL)
    {
      fluo_api_call_invalid (call, "give either FilterExpression or a list of Conditions");
      return FALSE;
    }
  parts = fluo_filter_split (request->filter);
  for (guint i = 0; i < parts->len; i++)
    if (!resolve_groups (call, parts->pdata[i]) ||
        !add_condition (call, counts, parts->pdata[i]))
      return FALSE;
  return TRUE;
}

static void
write_counts (FluoApiCall *call, const FluoConditionCounts *counts, const FluoSurveyResult *result)
{
  FluoJsonWriter writer;
  guint n = fluo_condition_counts_get_n (counts);

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_ask_write_extent (&writer, result);
  fluo_json_writer_key (&writer, "Matching");
  fluo_json_writer_int (
    &writer, (gint64) (n > 0 ? fluo_condition_counts_get (counts, n - 1).after
                             : result->n_traces));
  fluo_json_writer_key (&writer, "Conditions");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < n; i++)
    {
      FluoConditionResult condition = fluo_condition_counts_get (counts, i);
      g_autofree char *text = fluo_filter_print (condition.filter);

      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Expression");
      fluo_json_writer_string (&writer, text);
      fluo_json_writer_key (&writer, "After");
      fluo_json_writer_int (&writer, (gint64) condition.after);
      fluo_json_writer_key (&writer, "Alone");
      fluo_json_writer_int (&writer, (gint64) condition.alone);
      fluo_json_writer_key (&writer, "Without");
      fluo_json_writer_int (&writer, (gint64) condition.without);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_count_conditions (FluoApiCall *call)
{
  g_autoptr (FluoConditionCounts) counts = fluo_condition_counts_new ();
  g_auto (FluoAskRequest) request = { { 0, 0 }, NULL };
  g_autoptr (GError) error = NULL;
  FluoSurveyResult result = { 0 };
  FluoConnection *reader;

  if (!read_conditions (call, &request, counts))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      fluo_condition_counts_run (counts, reader, request.span, FLUO_ASK_BUDGET_USEC, &result,
                                 &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    fluo_api_call_store_failed (call, error);
  else
    write_counts (call, counts, &result);
}
