/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"
#include "fluo-config.h"

#include "fluo-sampling-verdict.h"

#include <string.h>

#include <glib/gi18n-lib.h>

static void
step_free (gpointer data)
{
  FluoSamplingStep *self = data;

  g_free (self->rule);
  g_free (self->field);
  g_free (self->key);
  g_free (self->pattern);
  g_free (self->value);
  g_free (self->reason);
  g_free (self);
}

static FluoSamplingVerdict *
verdict_new (void)
{
  FluoSamplingVerdict *self = g_new0 (FluoSamplingVerdict, 1);

  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->assumed = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fluo_sampling_verdict_free (FluoSamplingVerdict *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->assumed);
  g_clear_pointer (&self->rule, fluo_sampling_rule_unref);
  g_free (self);
}

/* --- Evaluating --------------------------------------------------------- */

static char *
explain_mismatch (FluoRuleField field, const FluoSamplingStep *step)
{
  if (field == FLUO_RULE_ATTRIBUTES && !step->value)
    return g_strdup_printf (_("the rule looks at attributes, which X-Ray's SDKs don't know; the "
                              "question gives none that satisfies “%s”"),
                            step->key);
  if (field == FLUO_RULE_ATTRIBUTES)
    return g_strdup_printf (_("attribute “%s” is “%s”, and the rule wants “%s”"), step->key,
                            step->value, step->pattern);
  if (!step->value)
    return g_strdup_printf (_("the rule is for the resource “%s”, and X-Ray's SDKs leave such "
                              "rules out"),
                            step->pattern);
  return g_strdup_printf (_("%s is “%s”, and the rule wants “%s”"), step->field, step->value,
                          step->pattern);
}

static FluoSamplingStep *
step_new (const FluoSamplingRule *rule, const FluoSamplingQuestion *question)
{
  FluoSamplingStep *self = g_new0 (FluoSamplingStep, 1);
  const char *key = NULL;
  FluoRuleField field = fluo_sampling_rule_match (rule, question, &key);

  self->rule = g_strdup (rule->name);
  self->priority = rule->priority;
  self->matches = field == FLUO_RULE_MATCHES;
  self->field = g_strdup (fluo_sampling_rule_field_name (field));
  self->key = g_strdup (key);
  if (field < FLUO_N_RULE_FIELDS)
    {
      self->pattern = g_strdup (rule->fields[field]);
      self->value = g_strdup (question->fields[field]);
    }
  for (guint i = 0; key && i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    if (rule->keys[i] == key)
      {
        self->pattern = g_strdup (rule->values[i]);
        if (question->attributes)
          self->value = g_strdup (g_hash_table_lookup (question->attributes, key));
      }
  if (!self->matches)
    self->reason = explain_mismatch (field, self);
  return self;
}

FluoSamplingVerdict *
fluo_sampling_verdict_new (GPtrArray *rules, const FluoSamplingQuestion *question)
{
  FluoSamplingVerdict *self = verdict_new ();

  for (guint i = 0; i < rules->len && !self->rule; i++)
    {
      FluoSamplingStep *step = step_new (rules->pdata[i], question);

      g_ptr_array_add (self->steps, step);
      if (step->matches)
        self->rule = fluo_sampling_rule_ref (rules->pdata[i]);
    }
  for (guint i = 0; self->rule && i < FLUO_N_RULE_FIELDS; i++)
    if (!question->fields[i] && strcmp (self->rule->fields[i], "*") != 0)
      g_ptr_array_add (self->assumed,
                       g_strdup (fluo_sampling_rule_field_name ((FluoRuleField) i)));
  return self;
}

/* The share of the requests beyond the reservoir that is sampled. */
static double
get_rate (const FluoSamplingVerdict *self)
{
  return !self->rule ? 0 : self->boost_rate > 0 ? self->boost_rate : self->rule->rate;
}

char *
fluo_sampling_verdict_dup_words (const FluoSamplingVerdict *self)
{
  double percent = get_rate (self) * 100;

  if (!self->rule)
    return g_strdup (_("no rule matches"));
  if (self->rule->reservoir > 0)
    return g_strdup_printf (_("the reservoir takes %d a second, shared by all programs; of the "
                              "other requests %.4g%% are sampled"),
                            self->rule->reservoir, percent);
  return g_strdup_printf (_("%.4g%% of the requests are sampled"), percent);
}

/* --- As JSON ------------------------------------------------------------ */

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

static void
write_step (const FluoSamplingStep *step, FluoJsonWriter *writer)
{
  fluo_json_writer_begin (writer, '{');
  write_text (writer, "Attribute", step->key);
  write_text (writer, "Field", step->field);
  fluo_json_writer_key (writer, "Matches");
  fluo_json_writer_boolean (writer, step->matches);
  write_text (writer, "Pattern", step->pattern);
  fluo_json_writer_key (writer, "Priority");
  fluo_json_writer_int (writer, step->priority);
  write_text (writer, "Reason", step->reason);
  write_text (writer, "RuleName", step->rule);
  write_text (writer, "Value", step->value);
  fluo_json_writer_end (writer, '}');
}

void
fluo_sampling_verdict_write (const FluoSamplingVerdict *self, FluoJsonWriter *writer)
{
  g_autofree char *words = fluo_sampling_verdict_dup_words (self);

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Checked");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->steps->len; i++)
    write_step (self->steps->pdata[i], writer);
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_key (writer, "Assumed");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->assumed->len; i++)
    fluo_json_writer_string (writer, self->assumed->pdata[i]);
  fluo_json_writer_end (writer, ']');
  if (self->boost_rate > 0)
    write_number (writer, "BoostRate", self->boost_rate);
  else
    write_text (writer, "BoostRate", NULL);
  write_text (writer, "Explanation", words);
  write_number (writer, "FixedRate", self->rule ? self->rule->rate : 0);
  write_number (writer, "Rate", get_rate (self));
  fluo_json_writer_key (writer, "ReservoirSize");
  fluo_json_writer_int (writer, self->rule ? self->rule->reservoir : 0);
  write_text (writer, "RuleName", self->rule ? self->rule->name : NULL);
  fluo_json_writer_key (writer, "SamplingRule");
  if (self->rule)
    fluo_sampling_rule_write (self->rule, writer);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_end (writer, '}');
}

static FluoSamplingStep *
read_step (const FluoJsonTape *tape, guint32 node)
{
  FluoSamplingStep *self = g_new0 (FluoSamplingStep, 1);

  self->rule = fluo_json_tape_dup_member (tape, node, "RuleName");
  if (!self->rule)
    self->rule = g_strdup ("");
  self->priority =
    (gint32) fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "Priority"), 0);
  self->matches = fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, node, "Matches"), FALSE);
  self->field = fluo_json_tape_dup_member (tape, node, "Field");
  self->key = fluo_json_tape_dup_member (tape, node, "Attribute");
  self->pattern = fluo_json_tape_dup_member (tape, node, "Pattern");
  self->value = fluo_json_tape_dup_member (tape, node, "Value");
  self->reason = fluo_json_tape_dup_member (tape, node, "Reason");
  return self;
}

FluoSamplingVerdict *
fluo_sampling_verdict_read (const FluoJsonTape *tape)
{
  guint32 checked = fluo_json_tape_get (tape, 0, "Checked");
  guint32 assumed = fluo_json_tape_get (tape, 0, "Assumed");
  FluoSamplingVerdict *self;

  if (fluo_json_tape_type (tape, checked) != FLUO_JSON_ARRAY_BEGIN)
    return NULL;
  self = verdict_new ();
  for (guint32 i = fluo_json_tape_first (tape, checked); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, checked, i))
    g_ptr_array_add (self->steps, read_step (tape, i));
  for (guint32 i = fluo_json_tape_first (tape, assumed); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, assumed, i))
    {
      char *field = fluo_json_tape_dup (tape, i);

      if (field)
        g_ptr_array_add (self->assumed, field);
    }
  self->rule = fluo_sampling_rule_read (tape, fluo_json_tape_get (tape, 0, "SamplingRule"));
  self->boost_rate = fluo_json_tape_double (tape, fluo_json_tape_get (tape, 0, "BoostRate"), 0);
  return self;
}

void
fluo_sampling_question_write (const FluoSamplingQuestion *self, FluoJsonWriter *writer)
{
  GHashTableIter iter;
  gpointer key, value;

  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (self->fields[i])
      write_text (writer, fluo_sampling_rule_field_name ((FluoRuleField) i), self->fields[i]);
  if (self->attributes)
    {
      fluo_json_writer_key (writer, "Attributes");
      fluo_json_writer_begin (writer, '{');
      g_hash_table_iter_init (&iter, self->attributes);
      while (g_hash_table_iter_next (&iter, &key, &value))
        write_text (writer, key, value);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, '}');
}
