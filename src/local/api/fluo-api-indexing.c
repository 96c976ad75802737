/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

/* Transaction Search. Here every trace is indexed and everything is in one store, whatever is set;
 * the settings are kept for the programs that make and read them. */

#define RULE "Default"
#define ACTUAL_PERCENTAGE 100.0

static void
write_rule (FluoApiCall *call, FluoJsonWriter *writer)
{
  gint64 modified_s;
  double desired = fluo_settings_get_indexing (call->context->settings, &modified_s);

  fluo_json_writer_begin (writer, '{');
  fluo_api_write_time (writer, "ModifiedAt", modified_s);
  fluo_json_writer_key (writer, "Name");
  fluo_json_writer_string (writer, RULE);
  fluo_json_writer_key (writer, "Rule");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Probabilistic");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "ActualSamplingPercentage");
  fluo_json_writer_double (writer, ACTUAL_PERCENTAGE);
  fluo_json_writer_key (writer, "DesiredSamplingPercentage");
  fluo_json_writer_double (writer, desired);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_get_indexing_rules (FluoApiCall *call)
{
  FluoJsonWriter writer;

  if (fluo_api_call_refuse (call, "NextToken", "Invalid NextToken"))
    return;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "IndexingRules");
  fluo_json_writer_begin (&writer, '[');
  write_rule (call, &writer);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_update_indexing_rule (FluoApiCall *call)
{
  g_autofree char *name = fluo_api_call_dup (call, "Name");
  guint32 rule = fluo_json_tape_get (call->tape, 0, "Rule");
  guint32 probabilistic = fluo_json_tape_get (call->tape, rule, "Probabilistic");
  guint32 desired = fluo_json_tape_get (call->tape, probabilistic, "DesiredSamplingPercentage");
  g_autoptr (GError) error = NULL;
  FluoJsonWriter writer;

  if (strcmp (name, RULE) != 0)
    error = g_error_new (FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_NOT_FOUND,
                         "There is one indexing rule, and its name is " RULE);
  else if (fluo_json_tape_type (call->tape, desired) != FLUO_JSON_NUMBER)
    error = g_error_new (FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID,
                         "Rule must hold Probabilistic");
  else
    fluo_settings_set_indexing (call->context->settings,
                                fluo_json_tape_double (call->tape, desired, 0), &error);
  if (error)
    {
      fluo_api_call_settings_failed (call, error, name);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "IndexingRule");
  write_rule (call, &writer);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_get_segment_destination (FluoApiCall *call)
{
  g_string_append_printf (call->out, "{\"Destination\":\"%s\",\"Status\":\"ACTIVE\"}",
                          fluo_settings_get_destination (call->context->settings));
}

void
fluo_api_update_segment_destination (FluoApiCall *call)
{
  g_autofree char *destination = fluo_api_call_dup (call, "Destination");
  g_autoptr (GError) error = NULL;

  if (!destination)
    fluo_api_call_invalid (call, "Destination must be given");
  else if (fluo_settings_set_destination (call->context->settings, destination, &error))
    fluo_api_get_segment_destination (call);
  else
    fluo_api_call_settings_failed (call, error, destination);
}
