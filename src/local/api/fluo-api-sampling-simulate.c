/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include "core/fluo-sampling-verdict.h"

/* POST /fluoroscope/v1/sampling/simulate: which rule a request would hit, and why not the ones
 * before it. docs/api.md describes it. */

typedef struct
{
  FluoSamplingQuestion question;
  char                *texts[FLUO_N_RULE_FIELDS];
} Question;

static void
question_clear (Question *self)
{
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    g_free (self->texts[i]);
  g_clear_pointer (&self->question.attributes, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

static gboolean
fail_type (FluoApiCall *call, const char *member, const char *type)
{
  g_autofree char *message = g_strdup_printf ("%s takes %s", member, type);

  fluo_api_call_fail (call, 400, "SerializationException", message);
  return FALSE;
}

static gboolean
read_attributes (FluoApiCall *call, FluoSamplingQuestion *question)
{
  guint32 map = fluo_json_tape_get (call->tape, 0, "Attributes");

  if (fluo_json_tape_type (call->tape, map) == FLUO_JSON_NULL)
    return TRUE;
  if (fluo_json_tape_type (call->tape, map) != FLUO_JSON_OBJECT_BEGIN)
    return fail_type (call, "Attributes", "an object of strings");
  question->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint32 i = fluo_json_tape_first (call->tape, map); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, map, i))
    {
      char *value = fluo_json_tape_dup (call->tape, i);

      if (!value)
        return fail_type (call, "Attributes", "an object of strings");
      g_hash_table_insert (question->attributes, fluo_json_tape_dup_key (call->tape, i), value);
    }
  return TRUE;
}

static gboolean
read_question (FluoApiCall *call, Question *ret_question)
{
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    {
      const char *name = fluo_sampling_rule_field_name ((FluoRuleField) i);
      guint32 node = fluo_json_tape_get (call->tape, 0, name);

      if (fluo_json_tape_type (call->tape, node) != FLUO_JSON_NULL &&
          fluo_json_tape_type (call->tape, node) != FLUO_JSON_STRING)
        return fail_type (call, name, "a string");
      ret_question->texts[i] = fluo_json_tape_dup (call->tape, node);
      ret_question->question.fields[i] = ret_question->texts[i];
    }
  return read_attributes (call, &ret_question->question);
}

void
fluo_api_simulate_sampling (FluoApiCall *call)
{
  g_autoptr (GPtrArray) rules = fluo_settings_ref_rules (call->context->settings, NULL);
  g_autoptr (FluoSamplingVerdict) verdict = NULL;
  g_auto (Question) asked = { 0 };
  gint64 ttl_s;
  FluoJsonWriter writer;

  if (!read_question (call, &asked))
    return;
  verdict = fluo_sampling_verdict_new (rules, &asked.question);
  /* The rule Default matches everything. */
  g_assert (verdict->rule != NULL);
  verdict->boost_rate =
    fluo_sampling_get_boost (call->context->sampling, verdict->rule, &ttl_s);
  fluo_json_writer_init (&writer, call->out);
  fluo_sampling_verdict_write (verdict, &writer);
}
