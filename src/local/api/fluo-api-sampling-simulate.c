/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

#include <glib/gi18n-lib.h>

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

/* --- The answer --------------------------------------------------------- */

static void
write_text (FluoJsonWriter *writer, const char *key, const char *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

static void
write_number (FluoJsonWriter *writer, const char *key, double value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_double (writer, value);
}

static char *
explain_mismatch (FluoRuleField field, const char *key, const char *pattern, const char *value)
{
  if (field == FLUO_RULE_ATTRIBUTES && !value)
    return g_strdup_printf (_("the rule looks at attributes, which X-Ray's SDKs don't know; the "
                              "question gives none that satisfies “%s”"),
                            key);
  if (field == FLUO_RULE_ATTRIBUTES)
    return g_strdup_printf (_("attribute “%s” is “%s”, and the rule wants “%s”"), key, value,
                            pattern);
  if (!value)
    return g_strdup_printf (_("the rule is for the resource “%s”, and X-Ray's SDKs leave such "
                              "rules out"),
                            pattern);
  return g_strdup_printf (_("%s is “%s”, and the rule wants “%s”"),
                          fluo_sampling_rule_field_name (field), value, pattern);
}

/* One rule that was looked at. TRUE when it is the one. */
static gboolean
write_checked (FluoJsonWriter *writer, const FluoSamplingRule *rule,
               const FluoSamplingQuestion *question)
{
  const char *key = NULL, *pattern = NULL, *value = NULL;
  FluoRuleField field = fluo_sampling_rule_match (rule, question, &key);
  g_autofree char *reason = NULL;

  if (field < FLUO_N_RULE_FIELDS)
    {
      pattern = rule->fields[field];
      value = question->fields[field];
    }
  for (guint i = 0; key && i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    if (rule->keys[i] == key)
      {
        pattern = rule->values[i];
        value = question->attributes ? g_hash_table_lookup (question->attributes, key) : NULL;
      }
  if (field != FLUO_RULE_MATCHES)
    reason = explain_mismatch (field, key, pattern, value);

  fluo_json_writer_begin (writer, '{');
  write_text (writer, "Attribute", key);
  write_text (writer, "Field", fluo_sampling_rule_field_name (field));
  fluo_json_writer_key (writer, "Matches");
  fluo_json_writer_boolean (writer, field == FLUO_RULE_MATCHES);
  write_text (writer, "Pattern", pattern);
  fluo_json_writer_key (writer, "Priority");
  fluo_json_writer_int (writer, rule->priority);
  write_text (writer, "Reason", reason);
  write_text (writer, "RuleName", rule->name);
  write_text (writer, "Value", value);
  fluo_json_writer_end (writer, '}');
  return field == FLUO_RULE_MATCHES;
}

/* What the rule looks at and the question leaves out. */
static void
write_assumed (FluoJsonWriter *writer, const FluoSamplingRule *rule,
               const FluoSamplingQuestion *question)
{
  fluo_json_writer_key (writer, "Assumed");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (!question->fields[i] && strcmp (rule->fields[i], "*") != 0)
      fluo_json_writer_string (writer, fluo_sampling_rule_field_name ((FluoRuleField) i));
  fluo_json_writer_end (writer, ']');
}

static char *
explain_rate (const FluoSamplingRule *rule, double rate)
{
  if (rule->reservoir > 0)
    return g_strdup_printf (_("the reservoir takes %d a second, shared by all programs; of the "
                              "other requests %.4g %% are sampled"),
                            rule->reservoir, rate * 100);
  return g_strdup_printf (_("%.4g %% of the requests are sampled"), rate * 100);
}

void
fluo_api_simulate_sampling (FluoApiCall *call)
{
  g_autoptr (GPtrArray) rules = fluo_settings_ref_rules (call->context->settings, NULL);
  g_auto (Question) asked = { 0 };
  const FluoSamplingRule *hit = NULL;
  g_autofree char *explanation = NULL;
  double boost;
  gint64 ttl_s;
  FluoJsonWriter writer;

  if (!read_question (call, &asked))
    return;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Checked");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < rules->len && !hit; i++)
    if (write_checked (&writer, rules->pdata[i], &asked.question))
      hit = rules->pdata[i];
  fluo_json_writer_end (&writer, ']');
  /* The rule Default matches everything. */
  g_assert (hit != NULL);
  write_assumed (&writer, hit, &asked.question);
  boost = fluo_sampling_get_boost (call->context->sampling, hit, &ttl_s);
  explanation = explain_rate (hit, boost > 0 ? boost : hit->rate);
  if (boost > 0)
    write_number (&writer, "BoostRate", boost);
  else
    write_text (&writer, "BoostRate", NULL);
  write_text (&writer, "Explanation", explanation);
  write_number (&writer, "FixedRate", hit->rate);
  write_number (&writer, "Rate", boost > 0 ? boost : hit->rate);
  fluo_json_writer_key (&writer, "ReservoirSize");
  fluo_json_writer_int (&writer, hit->reservoir);
  write_text (&writer, "RuleName", hit->name);
  fluo_json_writer_key (&writer, "SamplingRule");
  fluo_sampling_rule_write (hit, &writer);
  fluo_json_writer_end (&writer, '}');
}
