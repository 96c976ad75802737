/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <string.h>

#define PUT_ACTION "xray:PutResourcePolicy"

static gboolean
fail (GError **error, FluoSettingsError code, const char *message)
{
  g_set_error_literal (error, FLUO_SETTINGS_ERROR, code, message);
  return FALSE;
}

void
fluo_policy_free (FluoPolicy *self)
{
  g_free (self->name);
  g_free (self->document);
  g_free (self);
}

static FluoPolicy *
copy_policy (const FluoPolicy *self)
{
  FluoPolicy *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->document = g_strdup (self->document);
  return copy;
}

GPtrArray *
fluo_settings_list_policies (FluoSettings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_policy_free);

  for (guint i = 0; i < self->policies->len; i++)
    g_ptr_array_add (list, copy_policy (self->policies->pdata[i]));
  return list;
}

/* --- The document ------------------------------------------------------- */

static gboolean
is_text (const FluoJsonTape *tape, guint32 node, const char *text)
{
  g_autofree char *value = fluo_json_tape_dup (tape, node);

  return value && strcmp (value, text) == 0;
}

static gboolean
has_member (const FluoJsonTape *tape, guint32 object, const char *key, const char *other)
{
  return fluo_json_tape_get (tape, object, key) != FLUO_JSON_NONE ||
         (other && fluo_json_tape_get (tape, object, other) != FLUO_JSON_NONE);
}

/* What is wrong with one statement, static; NULL when nothing is. */
static const char *
check_statement (const FluoJsonTape *tape, guint32 statement)
{
  guint32 effect = fluo_json_tape_get (tape, statement, "Effect");

  if (fluo_json_tape_type (tape, statement) != FLUO_JSON_OBJECT_BEGIN)
    return "each Statement must be an object";
  if (!is_text (tape, effect, "Allow") && !is_text (tape, effect, "Deny"))
    return "Effect must be Allow or Deny";
  if (!has_member (tape, statement, "Principal", "NotPrincipal"))
    return "each Statement needs a Principal";
  if (!has_member (tape, statement, "Action", "NotAction"))
    return "each Statement needs an Action";
  if (!has_member (tape, statement, "Resource", "NotResource"))
    return "each Statement needs a Resource";
  return NULL;
}

/* Whether a text, or one of a list of texts, satisfies @test. */
static gboolean
any_text (const FluoJsonTape *tape, guint32 node, gboolean (*test) (const char *text))
{
  if (fluo_json_tape_type (tape, node) == FLUO_JSON_STRING)
    {
      g_autofree char *text = fluo_json_tape_dup (tape, node);

      return test (text);
    }
  if (fluo_json_tape_type (tape, node) != FLUO_JSON_ARRAY_BEGIN)
    return FALSE;
  for (guint32 i = fluo_json_tape_first (tape, node); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, node, i))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, i);

      if (text && test (text))
        return TRUE;
    }
  return FALSE;
}

static gboolean
covers_put (const char *action)
{
  return fluo_wildcard_matches (action, PUT_ACTION);
}

static gboolean
is_everybody (const char *principal)
{
  return strcmp (principal, "*") == 0;
}

/* A statement that takes from everybody, the caller too, the right to put another policy. */
static gboolean
locks_out (const FluoJsonTape *tape, guint32 statement)
{
  guint32 principal = fluo_json_tape_get (tape, statement, "Principal");

  if (fluo_json_tape_type (tape, principal) == FLUO_JSON_OBJECT_BEGIN)
    principal = fluo_json_tape_get (tape, principal, "AWS");
  return is_text (tape, fluo_json_tape_get (tape, statement, "Effect"), "Deny") &&
         fluo_json_tape_get (tape, statement, "Condition") == FLUO_JSON_NONE &&
         any_text (tape, principal, is_everybody) &&
         any_text (tape, fluo_json_tape_get (tape, statement, "Action"), covers_put);
}

static gboolean
check_document (const char *document, gboolean bypass_lockout, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  const char *problem = NULL;
  gboolean locked = FALSE;
  guint32 list;

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    return fail (error, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT,
                 "PolicyDocument must be a JSON object");
  list = fluo_json_tape_get (tape, 0, "Statement");
  if (fluo_json_tape_type (tape, list) == FLUO_JSON_OBJECT_BEGIN)
    {
      problem = check_statement (tape, list);
      locked = !problem && locks_out (tape, list);
    }
  else if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN ||
           fluo_json_tape_count (tape, list) == 0)
    problem = "a policy needs a Statement";
  else
    for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE && !problem;
         i = fluo_json_tape_next (tape, list, i))
      {
        problem = check_statement (tape, i);
        locked = locked || (!problem && locks_out (tape, i));
      }
  if (problem)
    return fail (error, FLUO_SETTINGS_ERROR_POLICY_DOCUMENT, problem);
  if (locked && !bypass_lockout)
    return fail (error, FLUO_SETTINGS_ERROR_POLICY_LOCKOUT,
                 "this policy would forbid everybody to put another one; set "
                 "BypassPolicyLockoutCheck if that is meant");
  return TRUE;
}

/* --- Operations --------------------------------------------------------- */

/* [locked] */
static FluoPolicy *
find_policy (FluoSettings *self, const char *name)
{
  for (guint i = 0; i < self->policies->len; i++)
    {
      FluoPolicy *policy = self->policies->pdata[i];

      if (strcmp (policy->name, name) == 0)
        return policy;
    }
  return NULL;
}

static gboolean
check_revision (const FluoPolicy *policy, const char *revision, GError **error)
{
  g_autofree char *current = g_strdup_printf ("%" G_GINT64_FORMAT, policy ? policy->revision : 0);

  if (!revision || strcmp (revision, current) == 0)
    return TRUE;
  return fail (error, FLUO_SETTINGS_ERROR_POLICY_REVISION,
               "PolicyRevisionId is not the policy's current revision");
}

static int
compare_policies (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FluoPolicy *const *) a)->name, (*(FluoPolicy *const *) b)->name);
}

/* [locked] @old goes, @policy (taken) comes; either may be NULL. */
static gboolean
replace_policy (FluoSettings *self, const FluoPolicy *old, FluoPolicy *policy, GError **error)
{
  GPtrArray *before = self->policies;

  self->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_policy_free);
  for (guint i = 0; i < before->len; i++)
    if (before->pdata[i] != old)
      g_ptr_array_add (self->policies, copy_policy (before->pdata[i]));
  if (policy)
    g_ptr_array_add (self->policies, policy);
  g_ptr_array_sort (self->policies, compare_policies);
  if (fluo_settings_file_save (self, FLUO_SETTINGS_POLICIES, error))
    {
      g_ptr_array_unref (before);
      return TRUE;
    }
  g_ptr_array_unref (self->policies);
  self->policies = before;
  return FALSE;
}

FluoPolicy *
fluo_settings_put_policy (FluoSettings *self, const char *name, const char *document,
                          const char *revision, gboolean bypass_lockout, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const FluoPolicy *old = find_policy (self, name);
  g_autoptr (FluoPolicy) policy = NULL;

  if (strlen (document) > FLUO_POLICY_BYTES_MAX)
    {
      fail (error, FLUO_SETTINGS_ERROR_POLICY_SIZE, "PolicyDocument can be at most 5 KB");
      return NULL;
    }
  if (!check_document (document, bypass_lockout, error) || !check_revision (old, revision, error))
    return NULL;
  if (!old && self->policies->len >= FLUO_N_POLICIES_MAX)
    {
      fail (error, FLUO_SETTINGS_ERROR_POLICY_COUNT, "There can be at most 5 resource policies");
      return NULL;
    }
  policy = g_new0 (FluoPolicy, 1);
  policy->name = g_strdup (name);
  policy->document = g_strdup (document);
  policy->revision = old ? old->revision + 1 : 1;
  policy->updated_s = fluo_settings_now_s (self);
  if (!replace_policy (self, old, copy_policy (policy), error))
    return NULL;
  return g_steal_pointer (&policy);
}

gboolean
fluo_settings_delete_policy (FluoSettings *self, const char *name, const char *revision,
                             GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const FluoPolicy *policy = find_policy (self, name);

  if (!policy)
    return fail (error, FLUO_SETTINGS_ERROR_INVALID, "There is no resource policy of this name");
  return check_revision (policy, revision, error) && replace_policy (self, policy, NULL, error);
}
