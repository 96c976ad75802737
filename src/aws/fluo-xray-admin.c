/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-xray-admin.h"

#include <string.h>

#include "aws/fluo-xray-client-private.h"

/* Far more than X-Ray has of anything; what comes after is not kept. */
#define ITEMS_MAX 10000

/* --- What is read -------------------------------------------------------- */

FluoXrayGroup *
fluo_xray_group_copy (const FluoXrayGroup *self)
{
  FluoXrayGroup *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->arn = g_strdup (self->arn);
  copy->filter = g_strdup (self->filter);
  return copy;
}

void
fluo_xray_group_free (FluoXrayGroup *self)
{
  g_free (self->name);
  g_free (self->arn);
  g_free (self->filter);
  g_free (self);
}

FluoEncryptionConfig *
fluo_encryption_config_copy (const FluoEncryptionConfig *self)
{
  FluoEncryptionConfig *copy = g_memdup2 (self, sizeof *self);

  copy->key = g_strdup (self->key);
  return copy;
}

void
fluo_encryption_config_free (FluoEncryptionConfig *self)
{
  g_free (self->key);
  g_free (self);
}

FluoTag *
fluo_tag_new (const char *key, const char *value)
{
  FluoTag *self = g_new0 (FluoTag, 1);

  self->key = g_strdup (key);
  self->value = g_strdup (value);
  return self;
}

void
fluo_tag_free (FluoTag *self)
{
  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

static void
count_free (FluoSamplingCount *self)
{
  g_free (self->rule);
  g_free (self);
}

static void
indexing_free (FluoIndexingRule *self)
{
  g_free (self->name);
  g_free (self);
}

static void
policy_free (FluoResourcePolicy *self)
{
  g_free (self->name);
  g_free (self->document);
  g_free (self->revision);
  g_free (self);
}

/* --- Members [worker] ---------------------------------------------------- */

static gboolean
is_word (const FluoJsonTape *tape, guint32 object, const char *key, const char *word)
{
  g_autofree char *text = fluo_json_tape_dup_word (tape, object, key);

  return strcmp (text, word) == 0;
}

static gboolean
get_boolean (const FluoJsonTape *tape, guint32 object, const char *key)
{
  return fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, object, key), FALSE);
}

static double
get_double (const FluoJsonTape *tape, guint32 object, const char *key)
{
  return fluo_json_tape_double (tape, fluo_json_tape_get (tape, object, key), 0);
}

static guint64
get_count (const FluoJsonTape *tape, guint32 object, const char *key)
{
  return (guint64) CLAMP (get_double (tape, object, key), 0, (double) G_MAXINT32);
}

static gint64
get_time (const FluoJsonTape *tape, guint32 object, const char *key)
{
  gint64 time_ns = 0;

  fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, object, key), &time_ns);
  return time_ns;
}

static gpointer
read_group (const FluoJsonTape *tape, guint32 node)
{
  guint32 insights = fluo_json_tape_get (tape, node, "InsightsConfiguration");
  FluoXrayGroup *self = g_new0 (FluoXrayGroup, 1);

  self->name = fluo_json_tape_dup_word (tape, node, "GroupName");
  self->arn = fluo_json_tape_dup_member (tape, node, "GroupARN");
  self->filter = fluo_json_tape_dup_word (tape, node, "FilterExpression");
  self->insights = get_boolean (tape, insights, "InsightsEnabled");
  self->notifications = get_boolean (tape, insights, "NotificationsEnabled");
  return self;
}

static gpointer
read_rule (const FluoJsonTape *tape, guint32 node)
{
  FluoSamplingRule *self =
    fluo_sampling_rule_read (tape, fluo_json_tape_get (tape, node, "SamplingRule"));

  if (self)
    {
      self->created_s = get_time (tape, node, "CreatedAt") / FLUO_NSEC_PER_SEC;
      self->modified_s = get_time (tape, node, "ModifiedAt") / FLUO_NSEC_PER_SEC;
    }
  return self;
}

static gpointer
read_sampling_count (const FluoJsonTape *tape, guint32 node)
{
  FluoSamplingCount *self = g_new0 (FluoSamplingCount, 1);

  self->rule = fluo_json_tape_dup_word (tape, node, "RuleName");
  self->begin_ns = get_time (tape, node, "Timestamp");
  self->requests = get_count (tape, node, "RequestCount");
  self->sampled = get_count (tape, node, "SampledCount");
  self->borrowed = get_count (tape, node, "BorrowCount");
  return self;
}

static gpointer
read_encryption (const FluoJsonTape *tape, guint32 node)
{
  FluoEncryptionConfig *self = g_new0 (FluoEncryptionConfig, 1);

  self->kms = is_word (tape, node, "Type", "KMS");
  self->key = fluo_json_tape_dup_member (tape, node, "KeyId");
  self->updating = is_word (tape, node, "Status", "UPDATING");
  return self;
}

static gpointer
read_indexing (const FluoJsonTape *tape, guint32 node)
{
  guint32 rule = fluo_json_tape_get (tape, node, "Rule");
  guint32 probabilistic = fluo_json_tape_get (tape, rule, "Probabilistic");
  FluoIndexingRule *self = g_new0 (FluoIndexingRule, 1);

  self->name = fluo_json_tape_dup_word (tape, node, "Name");
  self->desired = get_double (tape, probabilistic, "DesiredSamplingPercentage");
  self->actual = get_double (tape, probabilistic, "ActualSamplingPercentage");
  self->modified_ns = get_time (tape, node, "ModifiedAt");
  return self;
}

static gpointer
read_destination (const FluoJsonTape *tape, guint32 node)
{
  FluoSegmentDestination *self = g_new0 (FluoSegmentDestination, 1);

  self->logs = is_word (tape, node, "Destination", "CloudWatchLogs");
  self->pending = is_word (tape, node, "Status", "PENDING");
  return self;
}

static gpointer
read_policy (const FluoJsonTape *tape, guint32 node)
{
  FluoResourcePolicy *self = g_new0 (FluoResourcePolicy, 1);

  self->name = fluo_json_tape_dup_word (tape, node, "PolicyName");
  self->document = fluo_json_tape_dup_word (tape, node, "PolicyDocument");
  self->revision = fluo_json_tape_dup_word (tape, node, "PolicyRevisionId");
  self->updated_ns = get_time (tape, node, "LastUpdatedTime");
  return self;
}

static gpointer
read_tag (const FluoJsonTape *tape, guint32 node)
{
  FluoTag *self = g_new0 (FluoTag, 1);

  self->key = fluo_json_tape_dup_word (tape, node, "Key");
  self->value = fluo_json_tape_dup_word (tape, node, "Value");
  return self;
}

/* --- Order --------------------------------------------------------------- */

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const FluoXrayGroup *first = *(FluoXrayGroup *const *) a;
  const FluoXrayGroup *second = *(FluoXrayGroup *const *) b;
  gboolean is_first = strcmp (first->name, FLUO_DEFAULT_GROUP_NAME) == 0;
  gboolean is_second = strcmp (second->name, FLUO_DEFAULT_GROUP_NAME) == 0;

  return is_first != is_second ? is_second - is_first : g_utf8_collate (first->name, second->name);
}

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  const FluoSamplingCount *first = *(FluoSamplingCount *const *) a;
  const FluoSamplingCount *second = *(FluoSamplingCount *const *) b;

  if (first->begin_ns != second->begin_ns)
    return first->begin_ns < second->begin_ns ? -1 : 1;
  return strcmp (first->rule, second->rule);
}

static int
compare_policies (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FluoResourcePolicy *const *) a)->name,
                 (*(FluoResourcePolicy *const *) b)->name);
}

static int
compare_tags (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FluoTag *const *) a)->key, (*(FluoTag *const *) b)->key);
}

/* --- Reading ------------------------------------------------------------- */

typedef struct
{
  const char *path;
  const char *operation;
  const char *member; /* a list, or an object; NULL: the answer itself */
  gpointer (*read) (const FluoJsonTape *tape, guint32 node); /* NULL: left out */
  GDestroyNotify free;
  int (*compare) (gconstpointer a, gconstpointer b); /* NULL: as answered */
} Kind;

static const Kind kinds[FLUO_N_SETTINGS] = {
  [FLUO_SETTING_GROUPS] = { "/Groups", "GetGroups", "Groups", read_group,
                            (GDestroyNotify) fluo_xray_group_free, compare_groups },
  [FLUO_SETTING_RULES] = { "/GetSamplingRules", "GetSamplingRules", "SamplingRuleRecords",
                           read_rule, (GDestroyNotify) fluo_sampling_rule_unref,
                           fluo_sampling_rule_compare },
  [FLUO_SETTING_COUNTS] = { "/SamplingStatisticSummaries", "GetSamplingStatisticSummaries",
                            "SamplingStatisticSummaries", read_sampling_count,
                            (GDestroyNotify) count_free, compare_counts },
  [FLUO_SETTING_ENCRYPTION] = { "/EncryptionConfig", "GetEncryptionConfig", "EncryptionConfig",
                                read_encryption, (GDestroyNotify) fluo_encryption_config_free,
                                NULL },
  [FLUO_SETTING_INDEXING] = { "/GetIndexingRules", "GetIndexingRules", "IndexingRules",
                              read_indexing, (GDestroyNotify) indexing_free, NULL },
  [FLUO_SETTING_DESTINATION] = { "/GetTraceSegmentDestination", "GetTraceSegmentDestination", NULL,
                                 read_destination, g_free, NULL },
  [FLUO_SETTING_POLICIES] = { "/ListResourcePolicies", "ListResourcePolicies", "ResourcePolicies",
                              read_policy, (GDestroyNotify) policy_free, compare_policies },
  [FLUO_SETTING_TAGS] = { "/ListTagsForResource", "ListTagsForResource", "Tags", read_tag,
                          (GDestroyNotify) fluo_tag_free, compare_tags },
};

const char *
fluo_setting_get_operation (FluoSetting setting)
{
  g_return_val_if_fail (setting < FLUO_N_SETTINGS, NULL);

  return kinds[setting].operation;
}

/* Filled by the worker, page by page. */
typedef struct
{
  const Kind *kind;
  GPtrArray  *items;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *self = data;

  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self);
}

/* [worker] */
static void
add_item (Reading *self, const FluoJsonTape *tape, guint32 node)
{
  gpointer item;

  if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN || self->items->len == ITEMS_MAX)
    return;
  item = self->kind->read (tape, node);
  if (item)
    g_ptr_array_add (self->items, item);
}

/* [worker] */
static gboolean
read_page (const FluoJsonTape *tape, gpointer state, GError **error)
{
  Reading *self = state;
  guint32 node = self->kind->member ? fluo_json_tape_get (tape, 0, self->kind->member) : 0;

  if (fluo_json_tape_type (tape, node) != FLUO_JSON_ARRAY_BEGIN)
    add_item (self, tape, node);
  else
    for (guint32 i = fluo_json_tape_first (tape, node); i != FLUO_JSON_NONE;
         i = fluo_json_tape_next (tape, node, i))
      add_item (self, tape, i);
  return TRUE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  Reading *reading = fluo_xray_pages_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!reading)
    {
      g_task_return_error (task, error);
      return;
    }
  if (reading->kind->compare)
    g_ptr_array_sort (reading->items, reading->kind->compare);
  g_task_return_pointer (task, g_steal_pointer (&reading->items),
                         (GDestroyNotify) g_ptr_array_unref);
  reading_free (reading);
}

void
fluo_xray_client_get_setting_async (FluoXrayClient *self, FluoSetting setting, const char *arn,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GString) params = g_string_new (NULL);
  FluoJsonWriter writer;
  Reading *reading;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (setting < FLUO_N_SETTINGS);

  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  if (arn)
    {
      fluo_json_writer_key (&writer, "ResourceARN");
      fluo_json_writer_string (&writer, arn);
    }
  reading = g_new0 (Reading, 1);
  reading->kind = &kinds[setting];
  reading->items = g_ptr_array_new_with_free_func (kinds[setting].free);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_setting_async);
  fluo_xray_pages_async (self, kinds[setting].path, params->str, read_page, NULL, reading,
                         reading_free, cancellable, read_cb, task);
}

GPtrArray *
fluo_xray_client_get_setting_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_setting_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- The simulator ------------------------------------------------------- */

/* Made before anybody is asked, so that it is there when the server has no simulator. */
typedef struct
{
  FluoSamplingVerdict *own;
} Simulation;

static void
simulation_free (gpointer data)
{
  Simulation *self = data;

  g_clear_pointer (&self->own, fluo_sampling_verdict_free);
  g_free (self);
}

static void
simulated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);
  FluoSamplingVerdict *verdict = tape ? fluo_sampling_verdict_read (tape) : NULL;
  Simulation *simulation = g_task_get_task_data (task);

  if (verdict)
    g_task_return_pointer (task, verdict, (GDestroyNotify) fluo_sampling_verdict_free);
  else if (!error || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND))
    g_task_return_pointer (task, g_steal_pointer (&simulation->own),
                           (GDestroyNotify) fluo_sampling_verdict_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
fluo_xray_client_simulate_async (FluoXrayClient *self, GPtrArray *rules,
                                 const FluoSamplingQuestion *question, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;
  Simulation *simulation;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (rules != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_simulate_async);
  simulation = g_new0 (Simulation, 1);
  simulation->own = fluo_sampling_verdict_new (rules, question);
  g_task_set_task_data (task, simulation, simulation_free);
  fluo_json_writer_init (&writer, body);
  fluo_sampling_question_write (question, &writer);
  fluo_xray_client_call_async (self, FLUO_XRAY_SIMULATE_PATH, body->str, cancellable, simulated_cb,
                               task);
}

FluoSamplingVerdict *
fluo_xray_client_simulate_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_simulate_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
