/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

/* Resource policies are kept and given back. They permit and forbid nothing here: the collector
 * serves one user, by key pair. */

static void
write_policy (FluoJsonWriter *writer, const FluoPolicy *policy)
{
  g_autofree char *revision = g_strdup_printf ("%" G_GINT64_FORMAT, policy->revision);

  fluo_json_writer_begin (writer, '{');
  fluo_api_write_time (writer, "LastUpdatedTime", policy->updated_s);
  fluo_json_writer_key (writer, "PolicyDocument");
  fluo_json_writer_string (writer, policy->document);
  fluo_json_writer_key (writer, "PolicyName");
  fluo_json_writer_string (writer, policy->name);
  fluo_json_writer_key (writer, "PolicyRevisionId");
  fluo_json_writer_string (writer, revision);
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_put_resource_policy (FluoApiCall *call)
{
  g_autofree char *name = fluo_api_call_dup (call, "PolicyName");
  g_autofree char *document = fluo_api_call_dup (call, "PolicyDocument");
  g_autofree char *revision = fluo_api_call_dup (call, "PolicyRevisionId");
  gboolean bypass = fluo_json_tape_boolean (
    call->tape, fluo_json_tape_get (call->tape, 0, "BypassPolicyLockoutCheck"), FALSE);
  g_autoptr (FluoPolicy) policy = NULL;
  g_autoptr (GError) error = NULL;
  FluoJsonWriter writer;

  policy = fluo_settings_put_policy (call->context->settings, name, document, revision, bypass,
                                     &error);
  if (!policy)
    {
      fluo_api_call_settings_failed (call, error, name);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "ResourcePolicy");
  write_policy (&writer, policy);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_delete_resource_policy (FluoApiCall *call)
{
  g_autofree char *name = fluo_api_call_dup (call, "PolicyName");
  g_autofree char *revision = fluo_api_call_dup (call, "PolicyRevisionId");
  g_autoptr (GError) error = NULL;

  if (fluo_settings_delete_policy (call->context->settings, name, revision, &error))
    g_string_append (call->out, "{}");
  else
    fluo_api_call_settings_failed (call, error, name);
}

void
fluo_api_list_resource_policies (FluoApiCall *call)
{
  g_autoptr (GPtrArray) policies = NULL;
  FluoJsonWriter writer;

  if (fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported"))
    return;
  policies = fluo_settings_list_policies (call->context->settings);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "ResourcePolicies");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < policies->len; i++)
    write_policy (&writer, policies->pdata[i]);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}
