/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

/* What the operations on settings share. */

void
fluo_api_write_time (FluoJsonWriter *writer, const char *key, gint64 time_s)
{
  char digits[32], text[48];
  gsize length, kept;

  fluo_json_writer_key (writer, key);
  /* Java writes doubles from 10^7 on with an exponent, and always with a digit after the point. */
  length = (gsize) g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, time_s);
  if (time_s < 10000000)
    g_snprintf (text, sizeof text, "%s.0", digits);
  else
    {
      for (kept = length; kept > 2 && digits[kept - 1] == '0';)
        kept--;
      digits[kept] = '\0';
      g_snprintf (text, sizeof text, "%c.%sE%d", digits[0], digits + 1, (int) length - 1);
    }
  fluo_json_writer_raw (writer, text, strlen (text));
}

char *
fluo_api_call_dup (FluoApiCall *call, const char *key)
{
  return fluo_json_tape_dup_member (call->tape, 0, key);
}

GHashTable *
fluo_api_call_get_tags (FluoApiCall *call, const char *key)
{
  g_autoptr (GHashTable) tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  guint32 list = fluo_json_tape_get (call->tape, 0, key);

  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    {
      char *name = fluo_json_tape_dup_member (call->tape, i, "Key");
      char *value = fluo_json_tape_dup_member (call->tape, i, "Value");

      if (!g_hash_table_insert (tags, name, value))
        {
          fluo_api_call_invalid (call, "Each tag key can be given once");
          return NULL;
        }
    }
  return g_steal_pointer (&tags);
}

static void
fail_with_resource (FluoApiCall *call, guint status, const char *type, const char *message,
                    const char *resource)
{
  FluoJsonWriter writer;

  fluo_api_call_fail (call, status, type, message);
  g_string_truncate (call->out, 0);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Message");
  fluo_json_writer_string (&writer, message);
  fluo_json_writer_key (&writer, "ResourceName");
  fluo_json_writer_string (&writer, resource);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_call_settings_failed (FluoApiCall *call, const GError *error, const char *resource)
{
  static const char *const types[] = {
    [FLUO_SETTINGS_ERROR_INVALID] = "InvalidRequestException",
    [FLUO_SETTINGS_ERROR_NOT_FOUND] = "ResourceNotFoundException",
    [FLUO_SETTINGS_ERROR_RULE_LIMIT] = "RuleLimitExceededException",
    [FLUO_SETTINGS_ERROR_TOO_MANY_TAGS] = "TooManyTagsException",
    [FLUO_SETTINGS_ERROR_POLICY_DOCUMENT] = "MalformedPolicyDocumentException",
    [FLUO_SETTINGS_ERROR_POLICY_LOCKOUT] = "LockoutPreventionException",
    [FLUO_SETTINGS_ERROR_POLICY_REVISION] = "InvalidPolicyRevisionIdException",
    [FLUO_SETTINGS_ERROR_POLICY_SIZE] = "PolicySizeLimitExceededException",
    [FLUO_SETTINGS_ERROR_POLICY_COUNT] = "PolicyCountLimitExceededException",
  };

  if (error->domain != FLUO_SETTINGS_ERROR)
    fluo_api_call_store_failed (call, error);
  else if (error->code == FLUO_SETTINGS_ERROR_NOT_FOUND)
    fail_with_resource (call, 404, types[error->code], error->message, resource);
  else if (error->code == FLUO_SETTINGS_ERROR_TOO_MANY_TAGS)
    fail_with_resource (call, 400, types[error->code], error->message, resource);
  else
    fluo_api_call_fail (call, 400, types[error->code], error->message);
}
