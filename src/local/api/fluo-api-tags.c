/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

void
fluo_api_tag_resource (FluoApiCall *call)
{
  g_autofree char *arn = fluo_api_call_dup (call, "ResourceARN");
  g_autoptr (GHashTable) tags = fluo_api_call_get_tags (call, "Tags");
  g_autoptr (GError) error = NULL;

  if (!tags)
    return;
  if (fluo_settings_tag (call->context->settings, arn, tags, &error))
    g_string_append (call->out, "{}");
  else
    fluo_api_call_settings_failed (call, error, arn);
}

void
fluo_api_untag_resource (FluoApiCall *call)
{
  g_autofree char *arn = fluo_api_call_dup (call, "ResourceARN");
  guint32 list = fluo_json_tape_get (call->tape, 0, "TagKeys");
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    g_ptr_array_add (keys, fluo_json_tape_dup (call->tape, i));
  g_ptr_array_add (keys, NULL);
  if (fluo_settings_untag (call->context->settings, arn, (const char *const *) keys->pdata, &error))
    g_string_append (call->out, "{}");
  else
    fluo_api_call_settings_failed (call, error, arn);
}

void
fluo_api_list_tags (FluoApiCall *call)
{
  g_autofree char *arn = fluo_api_call_dup (call, "ResourceARN");
  g_autoptr (GPtrArray) tags = NULL;
  g_autoptr (GError) error = NULL;
  FluoJsonWriter writer;

  if (fluo_api_call_refuse (call, "NextToken", "Invalid NextToken"))
    return;
  tags = fluo_settings_list_tags (call->context->settings, arn, &error);
  if (!tags)
    {
      fluo_api_call_settings_failed (call, error, arn);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "Tags");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i + 1 < tags->len; i += 2)
    {
      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Key");
      fluo_json_writer_string (&writer, tags->pdata[i]);
      fluo_json_writer_key (&writer, "Value");
      fluo_json_writer_string (&writer, tags->pdata[i + 1]);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}
