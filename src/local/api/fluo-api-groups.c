/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

typedef struct
{
  char           *name, *arn, *expression;
  FluoGroupChange change;
} Request;

static void
request_clear (Request *request)
{
  g_free (request->name);
  g_free (request->arn);
  g_free (request->expression);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static int
get_flag (FluoApiCall *call, guint32 object, const char *key)
{
  return fluo_json_tape_boolean (call->tape, fluo_json_tape_get (call->tape, object, key), -1);
}

static void
request_init (Request *request, FluoApiCall *call)
{
  guint32 insights = fluo_json_tape_get (call->tape, 0, "InsightsConfiguration");

  request->name = fluo_api_call_dup (call, "GroupName");
  request->arn = fluo_api_call_dup (call, "GroupARN");
  request->expression = fluo_api_call_dup (call, "FilterExpression");
  request->change = (FluoGroupChange) {
    request->name, request->arn, request->expression,
    get_flag (call, insights, "InsightsEnabled"), get_flag (call, insights, "NotificationsEnabled")
  };
}

static void
write_group (FluoJsonWriter *writer, const FluoGroup *group)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "FilterExpression");
  fluo_json_writer_string (writer, group->expression[0] ? group->expression : NULL);
  fluo_json_writer_key (writer, "GroupARN");
  fluo_json_writer_string (writer, group->arn);
  fluo_json_writer_key (writer, "GroupName");
  fluo_json_writer_string (writer, group->name);
  fluo_json_writer_key (writer, "InsightsConfiguration");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "InsightsEnabled");
  fluo_json_writer_boolean (writer, group->insights);
  fluo_json_writer_key (writer, "NotificationsEnabled");
  fluo_json_writer_boolean (writer, group->notifications);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
}

/* {"Group": …}, or the error. */
static void
answer_group (FluoApiCall *call, const FluoGroup *group)
{
  FluoJsonWriter writer;

  if (!group)
    {
      fluo_api_call_invalid (call, "Group not found.");
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Group");
  write_group (&writer, group);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_create_group (FluoApiCall *call)
{
  g_auto (Request) request = { 0 };
  g_autoptr (GHashTable) tags = fluo_api_call_get_tags (call, "Tags");
  g_autoptr (FluoGroups) groups = NULL;
  g_autoptr (GError) error = NULL;

  if (!tags)
    return;
  request_init (&request, call);
  groups = fluo_settings_create_group (call->context->settings, &request.change, tags, &error);
  if (groups)
    answer_group (call, fluo_groups_find (groups, request.name, NULL));
  else
    fluo_api_call_settings_failed (call, error, request.name);
}

void
fluo_api_update_group (FluoApiCall *call)
{
  g_auto (Request) request = { 0 };
  g_autoptr (FluoGroups) groups = NULL;
  g_autoptr (GError) error = NULL;

  request_init (&request, call);
  groups = fluo_settings_update_group (call->context->settings, &request.change, &error);
  if (groups)
    answer_group (call, fluo_groups_find (groups, request.name, request.arn));
  else
    fluo_api_call_settings_failed (call, error, request.name);
}

void
fluo_api_get_group (FluoApiCall *call)
{
  g_auto (Request) request = { 0 };
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);

  request_init (&request, call);
  if (!request.name && !request.arn)
    fluo_api_call_invalid (call, "GroupName or GroupARN must be given");
  else
    answer_group (call, fluo_groups_find (groups, request.name, request.arn));
}

void
fluo_api_delete_group (FluoApiCall *call)
{
  g_auto (Request) request = { 0 };
  g_autoptr (GError) error = NULL;

  request_init (&request, call);
  if (fluo_settings_delete_group (call->context->settings, request.name, request.arn, &error))
    g_string_append (call->out, "{}");
  else
    fluo_api_call_settings_failed (call, error, request.name);
}

void
fluo_api_get_groups (FluoApiCall *call)
{
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);
  const FluoGroup *list;
  FluoJsonWriter writer;
  guint n;

  /* All fit on one page, so there is no token that could be right. */
  if (fluo_api_call_refuse (call, "NextToken", "Invalid NextToken"))
    return;
  list = fluo_groups_get (groups, &n);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Groups");
  fluo_json_writer_begin (&writer, '[');
  write_group (&writer, fluo_groups_get_default (groups));
  for (guint i = 0; i < n; i++)
    write_group (&writer, &list[i]);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_end (&writer, '}');
}
