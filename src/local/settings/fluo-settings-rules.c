/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <string.h>

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID, message);
  return FALSE;
}

FluoSamplingRule *
fluo_settings_make_rule (const char *name)
{
  g_autofree char *arn = g_strconcat (FLUO_ARN_PREFIX "sampling-rule/", name, NULL);

  return fluo_sampling_rule_new (name, arn);
}

GPtrArray *
fluo_settings_ref_rules (FluoSettings *self, gint64 *ret_modified_s)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (ret_modified_s)
    *ret_modified_s = self->rules_modified_s;
  return g_ptr_array_ref (self->rules);
}

/* [locked] The rule that is meant; NULL with @error. */
static FluoSamplingRule *
find_rule (FluoSettings *self, const char *name, const char *arn, GError **error)
{
  if (!name == !arn)
    {
      fail (error, "Either RuleName or RuleARN must be given, and not both");
      return NULL;
    }
  for (guint i = 0; i < self->rules->len; i++)
    {
      FluoSamplingRule *rule = self->rules->pdata[i];

      if (name ? strcmp (rule->name, name) == 0 : strcmp (rule->arn, arn) == 0)
        return rule;
    }
  fail (error, "Sampling rule not found");
  return NULL;
}

/* [locked] @old (may be NULL) goes, @rule (may be NULL) comes. */
static gboolean
replace_rule (FluoSettings *self, const FluoSamplingRule *old, FluoSamplingRule *rule,
              FluoSettingsParts parts, GError **error)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sampling_rule_unref);
  GPtrArray *before = self->rules;
  gint64 before_s = self->rules_modified_s;

  for (guint i = 0; i < before->len; i++)
    if (before->pdata[i] != old)
      g_ptr_array_add (rules, fluo_sampling_rule_ref (before->pdata[i]));
  if (rule)
    g_ptr_array_add (rules, fluo_sampling_rule_ref (rule));
  g_ptr_array_sort (rules, fluo_sampling_rule_compare);
  self->rules = rules;
  self->rules_modified_s = fluo_settings_now_s (self);
  if (fluo_settings_file_save (self, FLUO_SETTINGS_RULES | FLUO_SETTINGS_STATE | parts, error))
    {
      g_ptr_array_unref (before);
      return TRUE;
    }
  g_ptr_array_unref (rules);
  self->rules = before;
  self->rules_modified_s = before_s;
  return FALSE;
}

/* [locked] As replace_rule(), with the tags of the rule, which has that @arn. */
static gboolean
replace_rule_and_tags (FluoSettings *self, const FluoSamplingRule *old, FluoSamplingRule *rule,
                       const char *arn, GHashTable *tags, GError **error)
{
  GHashTable *before = self->tags;

  self->tags = fluo_settings_tags_with (self, arn, tags);
  if (replace_rule (self, old, rule, FLUO_SETTINGS_TAGS, error))
    {
      g_hash_table_unref (before);
      return TRUE;
    }
  g_hash_table_unref (self->tags);
  self->tags = before;
  return FALSE;
}

FluoSamplingRule *
fluo_settings_create_rule (FluoSettings *self, const FluoJsonTape *tape, guint32 node,
                           GHashTable *tags, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autofree char *name = fluo_json_tape_dup_member (tape, node, "RuleName");
  g_autofree char *arn = fluo_json_tape_dup_member (tape, node, "RuleARN");
  g_autoptr (FluoSamplingRule) rule = NULL;
  const char *problem;

  if (!name || arn)
    {
      fail (error, arn ? "A new rule takes a RuleName, its RuleARN is made from that"
                       : "RuleName must be given");
      return NULL;
    }
  if (fluo_json_tape_double (tape, fluo_json_tape_get (tape, node, "Version"), 1) >= 2)
    {
      fail (error, "Version must be 1");
      return NULL;
    }
  if (!fluo_settings_check_tags (tags, error))
    return NULL;
  if (find_rule (self, name, NULL, NULL))
    {
      fail (error, "A sampling rule of this name already exists");
      return NULL;
    }
  if (self->rules->len - 1 >= FLUO_N_RULES_MAX)
    {
      g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_RULE_LIMIT,
                   "Sampling rule limit exceeded: there are %d rules besides Default",
                   FLUO_N_RULES_MAX);
      return NULL;
    }
  rule = fluo_settings_make_rule (name);
  rule->priority = FLUO_DEFAULT_RULE_PRIORITY - 1;
  problem = fluo_sampling_rule_apply (rule, tape, node);
  if (problem)
    {
      fail (error, problem);
      return NULL;
    }
  rule->created_s = rule->modified_s = fluo_settings_now_s (self);
  if (!replace_rule_and_tags (self, NULL, rule, rule->arn, tags, error))
    return NULL;
  return g_steal_pointer (&rule);
}

/* Whether the update would change anything that must stay as it is in the rule Default. */
static gboolean
keeps_default (const FluoSamplingRule *old, const FluoSamplingRule *rule)
{
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (strcmp (old->fields[i], rule->fields[i]) != 0)
      return FALSE;
  return old->priority == rule->priority && !rule->keys[0] && !rule->has_boost;
}

FluoSamplingRule *
fluo_settings_update_rule (FluoSettings *self, const FluoJsonTape *tape, guint32 node,
                           GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autofree char *name = fluo_json_tape_dup_member (tape, node, "RuleName");
  g_autofree char *arn = fluo_json_tape_dup_member (tape, node, "RuleARN");
  FluoSamplingRule *old = find_rule (self, name, arn, error);
  g_autoptr (FluoSamplingRule) rule = NULL;
  const char *problem;

  if (!old)
    return NULL;
  rule = fluo_sampling_rule_copy (old);
  problem = fluo_sampling_rule_apply (rule, tape, node);
  if (!problem && fluo_sampling_rule_is_default (old) && !keeps_default (old, rule))
    problem = "Only FixedRate and ReservoirSize of the rule Default can be changed";
  if (problem)
    {
      fail (error, problem);
      return NULL;
    }
  rule->modified_s = fluo_settings_now_s (self);
  if (!replace_rule (self, old, rule, 0, error))
    return NULL;
  return g_steal_pointer (&rule);
}

FluoSamplingRule *
fluo_settings_delete_rule (FluoSettings *self, const char *name, const char *arn, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  FluoSamplingRule *found = find_rule (self, name, arn, error);
  g_autoptr (FluoSamplingRule) old = found ? fluo_sampling_rule_ref (found) : NULL;

  if (!old)
    return NULL;
  if (fluo_sampling_rule_is_default (old))
    {
      fail (error, "The rule Default cannot be deleted");
      return NULL;
    }
  if (!replace_rule_and_tags (self, old, NULL, old->arn, NULL, error))
    return NULL;
  return g_steal_pointer (&old);
}
