/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"
#include "fluo-config.h"

#include "aws/fluo-xray-change.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

/* What can be said of a change without asking anybody: the limits are X-Ray's model's. */

#define TAG_KEY_CHARS_MAX 128
#define TAG_VALUE_CHARS_MAX 256
#define ATTRIBUTE_CHARS_MAX 32
#define KEY_CHARS_MAX 3000

static gboolean
has_only (const char *text, const char *more)
{
  for (; *text; text++)
    if (!g_ascii_isalnum (*text) && !strchr (more, *text))
      return FALSE;
  return TRUE;
}

const char *
fluo_xray_check_group_name (const char *name)
{
  if (!*name)
    return _("A group needs a name.");
  if (strcmp (name, FLUO_DEFAULT_GROUP_NAME) == 0)
    return _("The group Default is there already.");
  if (strlen (name) > FLUO_GROUP_NAME_CHARS_MAX)
    return _("A group’s name has 32 characters at most.");
  if (!has_only (name, "-"))
    return _("A group’s name has letters without accents, digits and hyphens only.");
  return NULL;
}

static const char *
check_attributes (const FluoSamplingRule *rule)
{
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    {
      glong key = g_utf8_strlen (rule->keys[i], -1), value = g_utf8_strlen (rule->values[i], -1);

      if (key == 0 || value == 0)
        return _("An attribute needs a name and a value; * stands for any.");
      if (key > ATTRIBUTE_CHARS_MAX || value > ATTRIBUTE_CHARS_MAX)
        return _("Names and values of attributes have 32 characters at most.");
      for (guint j = 0; j < i; j++)
        if (strcmp (rule->keys[j], rule->keys[i]) == 0)
          return _("Each attribute can be given once.");
    }
  return NULL;
}

static const char *
check_fields (const FluoSamplingRule *rule)
{
  static const glong chars_max[FLUO_N_RULE_FIELDS] = {
    [FLUO_RULE_SERVICE_NAME] = 64, [FLUO_RULE_SERVICE_TYPE] = 64, [FLUO_RULE_HOST] = 64,
    [FLUO_RULE_METHOD] = 10,       [FLUO_RULE_PATH] = 128,        [FLUO_RULE_ARN] = 500,
  };

  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    {
      if (!*rule->fields[i])
        return _("What a rule looks at can’t be empty; * stands for any.");
      if (g_utf8_strlen (rule->fields[i], -1) > chars_max[i])
        return i == FLUO_RULE_METHOD ? _("A method has 10 characters at most.")
               : i == FLUO_RULE_PATH ? _("A path has 128 characters at most.")
               : i == FLUO_RULE_ARN  ? _("A resource’s ARN has 500 characters at most.")
                                     : _("Names, types and hosts have 64 characters at most.");
    }
  return NULL;
}

const char *
fluo_xray_check_rule (const FluoSamplingRule *rule)
{
  const char *problem;

  if (!*rule->name)
    return _("A rule needs a name.");
  if (g_utf8_strlen (rule->name, -1) > FLUO_RULE_NAME_CHARS_MAX)
    return _("A rule’s name has 32 characters at most.");
  if (!fluo_sampling_rule_is_default (rule) && (rule->priority < 1 || rule->priority > 9999))
    return _("The priority is a whole number from 1 to 9999; lower ones are tried first.");
  if (rule->reservoir < 0)
    return _("The reservoir is a whole number of requests a second, 0 or more.");
  if (!(rule->rate >= 0 && rule->rate <= 1))
    return _("The rate is a share from 0 to 100 %.");
  problem = check_fields (rule);
  if (problem)
    return problem;
  if (rule->has_boost && !(rule->boost_max > rule->rate && rule->boost_max <= 1))
    return _("A boost goes to more than the rule’s own rate, at most to 100 %.");
  /* X-Ray's model takes 0, and the service then fails. */
  if (rule->has_boost && rule->cooldown_min < 1)
    return _("After a boost there is a pause of a minute or more.");
  return check_attributes (rule);
}

/* "1234abcd-12ab-34cd-56ef-1234567890ab", or of several regions, "mrk-" and 32 digits. */
static gboolean
is_key_id (const char *key)
{
  static const guint parts[] = { 8, 4, 4, 4, 12 };
  g_auto (GStrv) words = g_strsplit (key, "-", -1);

  if (g_str_has_prefix (key, "mrk-"))
    return strlen (key) == 36 && strspn (key + 4, "0123456789abcdefABCDEF") == 32;
  if (g_strv_length (words) != G_N_ELEMENTS (parts))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strlen (words[i]) != parts[i] ||
        strspn (words[i], "0123456789abcdefABCDEF") != parts[i])
      return FALSE;
  return TRUE;
}

static gboolean
is_alias (const char *key)
{
  return g_str_has_prefix (key, "alias/") && key[6] && has_only (key + 6, "/_-");
}

/* arn:PARTITION:kms:REGION:ACCOUNT:key/ID or …:alias/NAME */
static gboolean
is_key_arn (const char *key)
{
  g_auto (GStrv) parts = g_strsplit (key, ":", 6);

  return g_strv_length (parts) == 6 && strcmp (parts[0], "arn") == 0 &&
         g_str_has_prefix (parts[1], "aws") && strcmp (parts[2], "kms") == 0 && *parts[3] &&
         strlen (parts[4]) == 12 && strspn (parts[4], "0123456789") == 12 &&
         (is_alias (parts[5]) ||
          (g_str_has_prefix (parts[5], "key/") && is_key_id (parts[5] + 4)));
}

const char *
fluo_xray_check_key (const char *key)
{
  if (!*key)
    return _("Encryption with KMS needs a key.");
  if (strlen (key) <= KEY_CHARS_MAX && (is_key_id (key) || is_alias (key) || is_key_arn (key)))
    return NULL;
  return _("This is no key of KMS. Give its ID, its ARN (arn:aws:kms:…:key/…) or an alias "
           "(alias/…).");
}

const char *
fluo_xray_check_tags (GPtrArray *tags)
{
  if (tags->len > FLUO_TAGS_MAX)
    return _("There are 50 tags at most.");
  for (guint i = 0; i < tags->len; i++)
    {
      const FluoTag *tag = tags->pdata[i];

      if (!*tag->key)
        return _("A tag needs a key.");
      if (g_ascii_strncasecmp (tag->key, "aws:", 4) == 0)
        return _("Keys that begin with aws: are AWS’s own.");
      if (g_utf8_strlen (tag->key, -1) > TAG_KEY_CHARS_MAX)
        return _("A tag’s key has 128 characters at most.");
      if (g_utf8_strlen (tag->value, -1) > TAG_VALUE_CHARS_MAX)
        return _("A tag’s value has 256 characters at most.");
      for (guint j = 0; j < i; j++)
        if (strcmp (((FluoTag *) tags->pdata[j])->key, tag->key) == 0)
          return _("Each tag’s key can be given once.");
    }
  return NULL;
}
