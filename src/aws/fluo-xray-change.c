/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"
#include "fluo-config.h"

#include "aws/fluo-xray-change.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"
#include "core/fluo-format.h"

static void
row_free (gpointer data)
{
  FluoXrayChangeRow *self = data;

  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

FluoXrayChange *
fluo_xray_change_ref (FluoXrayChange *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
fluo_xray_change_unref (FluoXrayChange *self)
{
  /* An inverse has none of its own, so this goes one level deep. */
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->body);
  g_free (self->name);
  g_free (self->arn);
  g_ptr_array_unref (self->rows);
  g_clear_pointer (&self->inverse, fluo_xray_change_unref);
  g_free (self);
}

/* --- Building ------------------------------------------------------------ */

typedef struct
{
  FluoXrayChange *change;
  GString        *body;
  FluoJsonWriter  writer;
} Draft;

static void
draft_init (Draft *self, const char *operation, const char *name, const char *arn)
{
  self->change = g_new0 (FluoXrayChange, 1);
  self->change->ref_count = 1;
  self->change->operation = operation;
  self->change->name = g_strdup (name);
  self->change->arn = g_strdup (arn);
  self->change->rows = g_ptr_array_new_with_free_func (row_free);
  self->body = g_string_new (NULL);
  fluo_json_writer_init (&self->writer, self->body);
  fluo_json_writer_begin (&self->writer, '{');
}

/* NULL when nothing is different. */
static FluoXrayChange *
draft_end (Draft *self)
{
  fluo_json_writer_end (&self->writer, '}');
  self->change->body = g_string_free (self->body, FALSE);
  if (self->change->rows->len > 0)
    return self->change;
  fluo_xray_change_unref (self->change);
  return NULL;
}

/* Takes over both texts. */
static void
add_row (Draft *self, const char *field, char *before, char *after)
{
  FluoXrayChangeRow *row = g_new0 (FluoXrayChangeRow, 1);

  row->field = field;
  row->before = before;
  row->after = after;
  g_ptr_array_add (self->change->rows, row);
}

static void
write_text (Draft *self, const char *key, const char *value)
{
  fluo_json_writer_key (&self->writer, key);
  fluo_json_writer_string (&self->writer, value);
}

static char *
say_switch (gboolean on)
{
  return g_strdup (on ? _("on") : _("off"));
}

static char *
say_percent (double percent)
{
  return fluo_format_percent (percent, "%.4g");
}

static void
write_tags (Draft *self, GPtrArray *tags)
{
  fluo_json_writer_key (&self->writer, "Tags");
  fluo_json_writer_begin (&self->writer, '[');
  for (guint i = 0; i < tags->len; i++)
    {
      const FluoTag *tag = tags->pdata[i];

      fluo_json_writer_begin (&self->writer, '{');
      write_text (self, "Key", tag->key);
      write_text (self, "Value", tag->value);
      fluo_json_writer_end (&self->writer, '}');
    }
  fluo_json_writer_end (&self->writer, ']');
}

static char *
say_tag (const FluoTag *tag)
{
  return g_strdup_printf ("%s = %s", tag->key, tag->value);
}

/* --- Groups -------------------------------------------------------------- */

static void
write_insights (Draft *self, const FluoXrayGroup *group)
{
  fluo_json_writer_key (&self->writer, "InsightsConfiguration");
  fluo_json_writer_begin (&self->writer, '{');
  fluo_json_writer_key (&self->writer, "InsightsEnabled");
  fluo_json_writer_boolean (&self->writer, group->insights);
  fluo_json_writer_key (&self->writer, "NotificationsEnabled");
  fluo_json_writer_boolean (&self->writer, group->insights && group->notifications);
  fluo_json_writer_end (&self->writer, '}');
}

static char *
say_filter (const FluoXrayGroup *group)
{
  return g_strdup (*group->filter ? group->filter : _("every trace"));
}

/* Each field on one side only, or on both where it differs. */
static void
add_group_rows (Draft *self, const FluoXrayGroup *before, const FluoXrayGroup *after)
{
  if (!before || !after)
    add_row (self, "GroupName", before ? g_strdup (before->name) : NULL,
             after ? g_strdup (after->name) : NULL);
  if (!before || !after || strcmp (before->filter, after->filter) != 0)
    add_row (self, "FilterExpression", before ? say_filter (before) : NULL,
             after ? say_filter (after) : NULL);
  if (!before || !after || before->insights != after->insights)
    add_row (self, "InsightsEnabled", before ? say_switch (before->insights) : NULL,
             after ? say_switch (after->insights) : NULL);
  if (before && after ? before->notifications != after->notifications
                      : (before ? before : after)->notifications)
    add_row (self, "NotificationsEnabled", before ? say_switch (before->notifications) : NULL,
             after ? say_switch (after->notifications) : NULL);
}

static FluoXrayChange *
change_group (const FluoXrayGroup *before, const FluoXrayGroup *after, GPtrArray *tags)
{
  const FluoXrayGroup *group = after ? after : before;
  Draft draft;

  draft_init (&draft, !before ? "CreateGroup" : after ? "UpdateGroup" : "DeleteGroup",
              group->name, before ? before->arn : NULL);
  write_text (&draft, "GroupName", before ? before->name : after->name);
  add_group_rows (&draft, before, after);
  if (after && (!before ? *after->filter != '\0' : strcmp (before->filter, after->filter) != 0))
    write_text (&draft, "FilterExpression", after->filter);
  if (after && (!before || before->insights != after->insights ||
                before->notifications != after->notifications))
    write_insights (&draft, after);
  for (guint i = 0; !before && tags && i < tags->len; i++)
    add_row (&draft, "Tags", NULL, say_tag (tags->pdata[i]));
  if (!before && tags && tags->len > 0)
    write_tags (&draft, tags);
  return draft_end (&draft);
}

FluoXrayChange *
fluo_xray_change_group (const FluoXrayGroup *before, const FluoXrayGroup *after, GPtrArray *tags)
{
  FluoXrayChange *self;

  g_return_val_if_fail (before || after, NULL);

  self = change_group (before, after, tags);
  if (self)
    self->inverse = change_group (after, before, tags);
  return self;
}

/* --- Sampling rules ------------------------------------------------------ */

static gboolean
same_attributes (const FluoSamplingRule *a, const FluoSamplingRule *b)
{
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX; i++)
    if (g_strcmp0 (a->keys[i], b->keys[i]) != 0 || g_strcmp0 (a->values[i], b->values[i]) != 0)
      return FALSE;
  return TRUE;
}

static char *
say_attributes (const FluoSamplingRule *rule)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    g_string_append_printf (text, "%s%s = %s", i > 0 ? ", " : "", rule->keys[i], rule->values[i]);
  return g_strdup (text->len > 0 ? text->str : "–");
}

static char *
say_boost (const FluoSamplingRule *rule)
{
  g_autofree char *most = say_percent (rule->boost_max * 100);

  if (!rule->has_boost)
    return g_strdup ("–");
  return g_strdup_printf (ngettext ("up to %s, then a pause of %d minute",
                                    "up to %s, then a pause of %d minutes",
                                    (gulong) rule->cooldown_min),
                          most, rule->cooldown_min);
}

static gboolean
same_boost (const FluoSamplingRule *a, const FluoSamplingRule *b)
{
  return a->has_boost == b->has_boost && (!a->has_boost || (a->boost_max == b->boost_max &&
                                                            a->cooldown_min == b->cooldown_min));
}

static void
write_attributes (Draft *self, const FluoSamplingRule *rule)
{
  fluo_json_writer_key (&self->writer, "Attributes");
  fluo_json_writer_begin (&self->writer, '{');
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    write_text (self, rule->keys[i], rule->values[i]);
  fluo_json_writer_end (&self->writer, '}');
}

static void
write_boost (Draft *self, const FluoSamplingRule *rule)
{
  fluo_json_writer_key (&self->writer, "SamplingRateBoost");
  fluo_json_writer_begin (&self->writer, '{');
  fluo_json_writer_key (&self->writer, "MaxRate");
  fluo_json_writer_double (&self->writer, rule->boost_max);
  fluo_json_writer_key (&self->writer, "CooldownWindowMinutes");
  fluo_json_writer_int (&self->writer, rule->cooldown_min);
  fluo_json_writer_end (&self->writer, '}');
}

/* What AWS needs for a new rule, or what differs. */
static void
write_rule (Draft *self, const FluoSamplingRule *before, const FluoSamplingRule *after)
{
  if (!before || before->priority != after->priority)
    {
      fluo_json_writer_key (&self->writer, "Priority");
      fluo_json_writer_int (&self->writer, after->priority);
    }
  if (!before || before->reservoir != after->reservoir)
    {
      fluo_json_writer_key (&self->writer, "ReservoirSize");
      fluo_json_writer_int (&self->writer, after->reservoir);
    }
  if (!before || before->rate != after->rate)
    {
      fluo_json_writer_key (&self->writer, "FixedRate");
      fluo_json_writer_double (&self->writer, after->rate);
    }
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (!before || strcmp (before->fields[i], after->fields[i]) != 0)
      write_text (self, fluo_sampling_rule_field_name ((FluoRuleField) i), after->fields[i]);
  if (before ? !same_attributes (before, after) : after->keys[0] != NULL)
    write_attributes (self, after);
  if (after->has_boost && !(before && same_boost (before, after)))
    write_boost (self, after);
}

static void
add_rule_rows (Draft *self, const FluoSamplingRule *before, const FluoSamplingRule *after)
{
  const FluoSamplingRule *rule = after ? after : before;
  gboolean one = !before || !after;

  if (one)
    add_row (self, "RuleName", before ? g_strdup (before->name) : NULL,
             after ? g_strdup (after->name) : NULL);
  if (one || before->priority != after->priority)
    add_row (self, "Priority", before ? g_strdup_printf ("%d", before->priority) : NULL,
             after ? g_strdup_printf ("%d", after->priority) : NULL);
  if (one || before->reservoir != after->reservoir)
    add_row (self, "ReservoirSize", before ? g_strdup_printf ("%d", before->reservoir) : NULL,
             after ? g_strdup_printf ("%d", after->reservoir) : NULL);
  if (one || before->rate != after->rate)
    add_row (self, "FixedRate", before ? say_percent (before->rate * 100) : NULL,
             after ? say_percent (after->rate * 100) : NULL);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (one ? strcmp (rule->fields[i], "*") != 0
            : strcmp (before->fields[i], after->fields[i]) != 0)
      add_row (self, fluo_sampling_rule_field_name ((FluoRuleField) i),
               before ? g_strdup (before->fields[i]) : NULL,
               after ? g_strdup (after->fields[i]) : NULL);
  if (one ? rule->keys[0] != NULL : !same_attributes (before, after))
    add_row (self, "Attributes", before ? say_attributes (before) : NULL,
             after ? say_attributes (after) : NULL);
  if (one ? rule->has_boost : after->has_boost && !same_boost (before, after))
    add_row (self, "SamplingRateBoost", before ? say_boost (before) : NULL,
             after ? say_boost (after) : NULL);
}

static FluoXrayChange *
change_rule (const FluoSamplingRule *before, const FluoSamplingRule *after, GPtrArray *tags)
{
  Draft draft;

  draft_init (&draft,
              !before ? "CreateSamplingRule"
              : after ? "UpdateSamplingRule"
                      : "DeleteSamplingRule",
              after ? after->name : before->name, before ? before->arn : NULL);
  add_rule_rows (&draft, before, after);
  if (!after)
    {
      write_text (&draft, "RuleName", before->name);
      return draft_end (&draft);
    }
  fluo_json_writer_key (&draft.writer, before ? "SamplingRuleUpdate" : "SamplingRule");
  fluo_json_writer_begin (&draft.writer, '{');
  write_text (&draft, "RuleName", before ? before->name : after->name);
  write_rule (&draft, before, after);
  if (!before)
    {
      fluo_json_writer_key (&draft.writer, "Version");
      fluo_json_writer_int (&draft.writer, 1);
    }
  fluo_json_writer_end (&draft.writer, '}');
  for (guint i = 0; !before && tags && i < tags->len; i++)
    add_row (&draft, "Tags", NULL, say_tag (tags->pdata[i]));
  if (!before && tags && tags->len > 0)
    write_tags (&draft, tags);
  return draft_end (&draft);
}

FluoXrayChange *
fluo_xray_change_rule (const FluoSamplingRule *before, const FluoSamplingRule *after,
                       GPtrArray *tags)
{
  FluoXrayChange *self;

  g_return_val_if_fail (before || after, NULL);

  self = change_rule (before, after, tags);
  if (self)
    self->inverse = change_rule (after, before, tags);
  return self;
}

/* --- Encryption, Transaction Search -------------------------------------- */

static char *
say_encryption (const FluoEncryptionConfig *config)
{
  return config->kms ? g_strdup_printf ("KMS %s", config->key ? config->key : "–")
                     : g_strdup ("NONE");
}

static FluoXrayChange *
change_encryption (const FluoEncryptionConfig *before, const FluoEncryptionConfig *after)
{
  Draft draft;

  draft_init (&draft, "PutEncryptionConfig", _("Encryption"), NULL);
  write_text (&draft, "Type", after->kms ? "KMS" : "NONE");
  if (after->kms)
    write_text (&draft, "KeyId", after->key);
  if (before->kms != after->kms || (after->kms && g_strcmp0 (before->key, after->key) != 0))
    add_row (&draft, "Type", say_encryption (before), say_encryption (after));
  return draft_end (&draft);
}

FluoXrayChange *
fluo_xray_change_encryption (const FluoEncryptionConfig *before,
                             const FluoEncryptionConfig *after)
{
  FluoXrayChange *self = change_encryption (before, after);

  if (self)
    self->inverse = change_encryption (after, before);
  return self;
}

static FluoXrayChange *
change_indexing (const char *name, double before, double after)
{
  Draft draft;

  draft_init (&draft, "UpdateIndexingRule", name, NULL);
  write_text (&draft, "Name", name);
  fluo_json_writer_key (&draft.writer, "Rule");
  fluo_json_writer_begin (&draft.writer, '{');
  fluo_json_writer_key (&draft.writer, "Probabilistic");
  fluo_json_writer_begin (&draft.writer, '{');
  fluo_json_writer_key (&draft.writer, "DesiredSamplingPercentage");
  fluo_json_writer_double (&draft.writer, after);
  fluo_json_writer_end (&draft.writer, '}');
  fluo_json_writer_end (&draft.writer, '}');
  if (fabs (before - after) > 1e-9)
    add_row (&draft, "DesiredSamplingPercentage", say_percent (before), say_percent (after));
  return draft_end (&draft);
}

FluoXrayChange *
fluo_xray_change_indexing (const FluoIndexingRule *before, double desired)
{
  FluoXrayChange *self = change_indexing (before->name, before->desired, desired);

  if (self)
    self->inverse = change_indexing (before->name, desired, before->desired);
  return self;
}

static FluoXrayChange *
change_destination (gboolean before, gboolean after)
{
  static const char *const names[] = { "XRay", "CloudWatchLogs" };
  Draft draft;

  draft_init (&draft, "UpdateTraceSegmentDestination", _("Destination of the spans"), NULL);
  write_text (&draft, "Destination", names[after]);
  if (before != after)
    add_row (&draft, "Destination", g_strdup (names[before]), g_strdup (names[after]));
  return draft_end (&draft);
}

FluoXrayChange *
fluo_xray_change_destination (const FluoSegmentDestination *before, gboolean logs)
{
  FluoXrayChange *self = change_destination (before->logs, logs);

  if (self)
    self->inverse = change_destination (logs, before->logs);
  return self;
}

/* --- Tags ---------------------------------------------------------------- */

static const FluoTag *
find_tag (GPtrArray *tags, const char *key)
{
  for (guint i = 0; i < tags->len; i++)
    if (strcmp (((FluoTag *) tags->pdata[i])->key, key) == 0)
      return tags->pdata[i];
  return NULL;
}

static FluoXrayChange *
change_untag (const char *name, const char *arn, GPtrArray *before, GPtrArray *after)
{
  Draft draft;

  draft_init (&draft, "UntagResource", name, arn);
  write_text (&draft, "ResourceARN", arn);
  fluo_json_writer_key (&draft.writer, "TagKeys");
  fluo_json_writer_begin (&draft.writer, '[');
  for (guint i = 0; i < before->len; i++)
    {
      const FluoTag *tag = before->pdata[i];

      if (find_tag (after, tag->key))
        continue;
      fluo_json_writer_string (&draft.writer, tag->key);
      add_row (&draft, "Tags", say_tag (tag), NULL);
    }
  fluo_json_writer_end (&draft.writer, ']');
  return draft_end (&draft);
}

static FluoXrayChange *
change_tag (const char *name, const char *arn, GPtrArray *before, GPtrArray *after)
{
  g_autoptr (GPtrArray) other = g_ptr_array_new ();
  Draft draft;

  draft_init (&draft, "TagResource", name, arn);
  write_text (&draft, "ResourceARN", arn);
  for (guint i = 0; i < after->len; i++)
    {
      FluoTag *tag = after->pdata[i];
      const FluoTag *old = find_tag (before, tag->key);

      if (old && strcmp (old->value, tag->value) == 0)
        continue;
      g_ptr_array_add (other, tag);
      add_row (&draft, "Tags", old ? say_tag (old) : NULL, say_tag (tag));
    }
  write_tags (&draft, other);
  return draft_end (&draft);
}

GPtrArray *
fluo_xray_change_tags (const char *name, const char *arn, GPtrArray *before, GPtrArray *after)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);
  FluoXrayChange *untag = change_untag (name, arn, before, after);
  FluoXrayChange *tag = change_tag (name, arn, before, after);

  /* First what goes: the rest may need its room. */
  if (untag)
    g_ptr_array_add (changes, untag);
  if (tag)
    g_ptr_array_add (changes, tag);
  return changes;
}

/* --- Doing it ------------------------------------------------------------ */

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (tape)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fluo_xray_client_change_async (FluoXrayClient *self, FluoXrayChange *change,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autofree char *path = NULL;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (change != NULL);

  /* All operations that change something have the path of their name. */
  path = g_strconcat ("/", change->operation, NULL);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_change_async);
  fluo_xray_client_call_async (self, path, change->body, cancellable, changed_cb, task);
}

gboolean
fluo_xray_client_change_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_change_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
