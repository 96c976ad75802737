/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-api-ask-private.h"

/* POST /fluoroscope/v1/filter/counts: how many traces are left after each of several conditions. */

/* One bit of a trace's mask each. */
#define CONDITIONS_MAX 64

typedef struct
{
  FluoFilter        *filter;
  GHashTable        *chunks;  /* that may have a match; NULL = all */
  FluoFilterMatcher *matcher; /* of the part that is looked at */
  guint64            after, alone, without;
} Condition;

typedef struct
{
  FluoAskRequest request;
  GArray        *conditions; /* Condition */
} Counts;

/* --- The question ----------------------------------------------------------- */

static guint32
find_group (const char *text, gboolean arn, gpointer data)
{
  const FluoGroup *group = fluo_groups_find (data, arn ? NULL : text, arn ? text : NULL);

  return group ? group->key : 0;
}

gboolean
fluo_api_call_resolve_groups (FluoApiCall *call, FluoFilter *filter)
{
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);
  const char *unknown;

  if (fluo_filter_resolve_groups (filter, find_group, groups, &unknown))
    return TRUE;
  fluo_api_call_invalid (call, "Group not found.");
  return FALSE;
}

FluoFilter *
fluo_api_call_parse_filter (FluoApiCall *call, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, &error);

  if (!filter)
    {
      fluo_api_call_invalid (call, "Invalid filter expression: %s", error->message);
      return NULL;
    }
  return fluo_api_call_resolve_groups (call, filter) ? g_steal_pointer (&filter) : NULL;
}

gboolean
fluo_ask_request_read (FluoApiCall *call, FluoAskRequest *request)
{
  g_autofree char *text =
    fluo_json_tape_dup (call->tape, fluo_json_tape_get (call->tape, 0, "FilterExpression"));

  if (!fluo_api_call_get_time (call, "StartTime", &request->span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &request->span.end_ns))
    return FALSE;
  if (request->span.end_ns < request->span.begin_ns)
    {
      fluo_api_call_invalid (call, "End time cannot be earlier than start time");
      return FALSE;
    }
  if (text)
    request->filter = fluo_api_call_parse_filter (call, text);
  return !text || request->filter;
}

void
fluo_ask_request_clear (FluoAskRequest *self)
{
  g_clear_pointer (&self->filter, fluo_filter_unref);
}

void
fluo_ask_write_extent (FluoJsonWriter *writer, const FluoSurveyResult *result)
{
  fluo_json_writer_key (writer, "Traces");
  fluo_json_writer_int (writer, (gint64) result->n_traces);
  fluo_json_writer_key (writer, "Complete");
  fluo_json_writer_boolean (writer, result->complete);
  fluo_json_writer_key (writer, "ScannedFrom");
  fluo_json_writer_seconds (writer, result->from_ns);
  fluo_json_writer_key (writer, "TracesLeft");
  fluo_json_writer_int (writer, (gint64) result->n_left);
}

/* --- Conditions ------------------------------------------------------------- */

static void
condition_clear (gpointer data)
{
  Condition *self = data;

  g_clear_pointer (&self->filter, fluo_filter_unref);
  g_clear_pointer (&self->chunks, g_hash_table_unref);
  g_clear_pointer (&self->matcher, fluo_filter_matcher_free);
}

static void
counts_clear (Counts *self)
{
  fluo_ask_request_clear (&self->request);
  g_clear_pointer (&self->conditions, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Counts, counts_clear)

static gboolean
add_condition (FluoApiCall *call, Counts *self, FluoFilter *filter)
{
  Condition condition = { filter };

  g_array_append_val (self->conditions, condition);
  if (self->conditions->len <= CONDITIONS_MAX)
    return TRUE;
  fluo_api_call_invalid (call, "no more than %d conditions can be counted at once", CONDITIONS_MAX);
  return FALSE;
}

static gboolean
read_list (FluoApiCall *call, Counts *self, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (call->tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (call->tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (call->tape, node);
      FluoFilter *filter;

      if (!text)
        {
          fluo_api_call_fail (call, 400, "SerializationException",
                              "Conditions is a list of filter expressions");
          return FALSE;
        }
      filter = fluo_api_call_parse_filter (call, text);
      if (!filter || !add_condition (call, self, filter))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_conditions (FluoApiCall *call, Counts *self)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "Conditions");
  g_autoptr (GPtrArray) parts = NULL;

  self->conditions = g_array_new (FALSE, FALSE, sizeof (Condition));
  g_array_set_clear_func (self->conditions, condition_clear);
  if (!fluo_ask_request_read (call, &self->request))
    return FALSE;
  if (fluo_json_tape_type (call->tape, list) == FLUO_JSON_ARRAY_BEGIN && !self->request.filter)
    return read_list (call, self, list);
  if (!self->request.filter || fluo_json_tape_type (call->tape, list) != FLUO_JSON_NULL)
    {
      fluo_api_call_invalid (call, "give either FilterExpression or a list of Conditions");
      return FALSE;
    }
  parts = fluo_filter_split (self->request.filter);
  for (guint i = 0; i < parts->len; i++)
    if (!fluo_api_call_resolve_groups (call, parts->pdata[i]) ||
        !add_condition (call, self, fluo_filter_ref (parts->pdata[i])))
      return FALSE;
  return TRUE;
}

/* --- Counting --------------------------------------------------------------- */

static guint
chunks_of (const Condition *condition, gint64 block)
{
  if (!condition->chunks || block == 0)
    return FLUO_BLOCK_ALL_FACTS;
  return GPOINTER_TO_UINT (g_hash_table_lookup (condition->chunks, &block));
}

static guint
wanted_chunks (gint64 block, gpointer data)
{
  Counts *self = data;
  guint chunks = 0;

  for (guint i = 0; i < self->conditions->len; i++)
    chunks |= chunks_of (&g_array_index (self->conditions, Condition, i), block);
  return chunks;
}

/* The same for all traces with this mask: bit i says that condition i holds. */
static void
count_mask (Counts *self, guint64 mask, guint64 n)
{
  guint n_conditions = self->conditions->len;
  guint64 all = n_conditions == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << n_conditions) - 1;

  for (guint i = 0; i < n_conditions; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);
      guint64 bit = G_GUINT64_CONSTANT (1) << i, before = bit - 1;

      condition->after += (mask & (before | bit)) == (before | bit) ? n : 0;
      condition->alone += mask & bit ? n : 0;
      condition->without += (mask | bit) == all ? n : 0;
    }
}

static void
count_part (const FluoSurveyPart *part, gpointer data)
{
  Counts *self = data;

  if (!part->facts)
    {
      count_mask (self, 0, part->n);
      return;
    }
  for (guint i = 0; i < self->conditions->len; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);

      if (chunks_of (condition, part->block) & 1u << part->chunk)
        condition->matcher = fluo_filter_matcher_new (condition->filter, part->facts);
    }
  for (guint t = 0; t < part->n; t++)
    {
      guint64 mask = 0;

      for (guint i = 0; i < self->conditions->len; i++)
        {
          FluoFilterMatcher *matcher = g_array_index (self->conditions, Condition, i).matcher;

          if (matcher && fluo_filter_matcher_matches (matcher, part->traces[t]))
            mask |= G_GUINT64_CONSTANT (1) << i;
        }
      count_mask (self, mask, 1);
    }
  for (guint i = 0; i < self->conditions->len; i++)
    g_clear_pointer (&g_array_index (self->conditions, Condition, i).matcher,
                     fluo_filter_matcher_free);
}

static gboolean
run (FluoConnection *reader, Counts *self, FluoSurveyResult *result, GError **error)
{
  FluoSurvey survey = { self->request.span, FLUO_ASK_BUDGET_USEC, wanted_chunks, count_part,
                        self };

  for (guint i = 0; i < self->conditions->len; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);

      if (!fluo_survey_find_chunks (reader, self->request.span, condition->filter,
                                    &condition->chunks, error))
        return FALSE;
    }
  return fluo_survey_run (reader, &survey, result, error);
}

static void
write_counts (FluoApiCall *call, const Counts *self, const FluoSurveyResult *result)
{
  FluoJsonWriter writer;
  guint n = self->conditions->len;

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_ask_write_extent (&writer, result);
  fluo_json_writer_key (&writer, "Matching");
  fluo_json_writer_int (
    &writer, (gint64) (n > 0 ? g_array_index (self->conditions, Condition, n - 1).after
                             : result->n_traces));
  fluo_json_writer_key (&writer, "Conditions");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < n; i++)
    {
      const Condition *condition = &g_array_index (self->conditions, Condition, i);
      g_autofree char *text = fluo_filter_print (condition->filter);

      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Expression");
      fluo_json_writer_string (&writer, text);
      fluo_json_writer_key (&writer, "After");
      fluo_json_writer_int (&writer, (gint64) condition->after);
      fluo_json_writer_key (&writer, "Alone");
      fluo_json_writer_int (&writer, (gint64) condition->alone);
      fluo_json_writer_key (&writer, "Without");
      fluo_json_writer_int (&writer, (gint64) condition->without);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_count_conditions (FluoApiCall *call)
{
  g_auto (Counts) counts = { { { 0, 0 }, NULL }, NULL };
  g_autoptr (GError) error = NULL;
  FluoSurveyResult result = { 0 };
  FluoConnection *reader;

  if (!read_conditions (call, &counts))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      run (reader, &counts, &result, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    fluo_api_call_store_failed (call, error);
  else
    write_counts (call, &counts, &result);
}
