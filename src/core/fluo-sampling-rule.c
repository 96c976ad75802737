/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"
#include "fluo-config.h"

#include "fluo-sampling-rule.h"

#include <string.h>

static const char *const field_names[] = { "ServiceName", "ServiceType", "Host",      "HTTPMethod",
                                           "URLPath",     "ResourceARN", "Attributes" };

/* In the order of X-Ray's answers. */
static const FluoRuleField written[] = { FLUO_RULE_SERVICE_NAME, FLUO_RULE_SERVICE_TYPE,
                                         FLUO_RULE_PATH };

FluoSamplingRule *
fluo_sampling_rule_new (const char *name, const char *arn)
{
  FluoSamplingRule *self = g_new0 (FluoSamplingRule, 1);

  self->ref_count = 1;
  self->name = g_strdup (name);
  self->arn = g_strdup (arn);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    self->fields[i] = g_strdup ("*");
  self->priority = FLUO_DEFAULT_RULE_PRIORITY;
  return self;
}

FluoSamplingRule *
fluo_sampling_rule_copy (const FluoSamplingRule *self)
{
  FluoSamplingRule *copy = g_memdup2 (self, sizeof *self);

  copy->ref_count = 1;
  copy->name = g_strdup (self->name);
  copy->arn = g_strdup (self->arn);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    copy->fields[i] = g_strdup (self->fields[i]);
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX; i++)
    {
      copy->keys[i] = g_strdup (self->keys[i]);
      copy->values[i] = g_strdup (self->values[i]);
    }
  return copy;
}

FluoSamplingRule *
fluo_sampling_rule_ref (FluoSamplingRule *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
clear_attributes (FluoSamplingRule *self)
{
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX; i++)
    {
      g_clear_pointer (&self->keys[i], g_free);
      g_clear_pointer (&self->values[i], g_free);
    }
}

void
fluo_sampling_rule_unref (FluoSamplingRule *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->arn);
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    g_free (self->fields[i]);
  clear_attributes (self);
  g_free (self);
}

const char *
fluo_sampling_rule_field_name (FluoRuleField field)
{
  return field < G_N_ELEMENTS (field_names) ? field_names[field] : NULL;
}

gboolean
fluo_sampling_rule_is_default (const FluoSamplingRule *self)
{
  return strcmp (self->name, FLUO_DEFAULT_RULE) == 0;
}

int
fluo_sampling_rule_compare (gconstpointer a, gconstpointer b)
{
  const FluoSamplingRule *first = *(FluoSamplingRule *const *) a;
  const FluoSamplingRule *second = *(FluoSamplingRule *const *) b;

  if (first->priority != second->priority)
    return first->priority < second->priority ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* --- From and to JSON --------------------------------------------------- */

/* TRUE when it is there: @ret_value is then set, saturated as the service does. */
static gboolean
get_int (const FluoJsonTape *tape, guint32 node, const char *key, gint32 *ret_value)
{
  guint32 member = fluo_json_tape_get (tape, node, key);
  double value = fluo_json_tape_double (tape, member, 0);

  if (fluo_json_tape_type (tape, member) != FLUO_JSON_NUMBER)
    return FALSE;
  *ret_value = (gint32) CLAMP (value, (double) G_MININT32, (double) G_MAXINT32);
  return TRUE;
}

static gboolean
get_double (const FluoJsonTape *tape, guint32 node, const char *key, double *ret_value)
{
  guint32 member = fluo_json_tape_get (tape, node, key);

  if (fluo_json_tape_type (tape, member) != FLUO_JSON_NUMBER)
    return FALSE;
  *ret_value = fluo_json_tape_double (tape, member, 0);
  return TRUE;
}

static const char *
apply_attributes (FluoSamplingRule *self, const FluoJsonTape *tape, guint32 map)
{
  guint n = 0;

  if (fluo_json_tape_type (tape, map) != FLUO_JSON_OBJECT_BEGIN)
    return NULL;
  clear_attributes (self);
  for (guint32 i = fluo_json_tape_first (tape, map); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, map, i))
    {
      char *value = fluo_json_tape_dup (tape, i);

      if (n == FLUO_N_RULE_ATTRIBUTES_MAX || !value)
        {
          g_free (value);
          return "Attributes holds at most 5 pairs of text";
        }
      self->keys[n] = fluo_json_tape_dup_key (tape, i);
      self->values[n++] = value;
    }
  return NULL;
}

/* What a rule may be. */
static const char *
check (const FluoSamplingRule *self)
{
  if (self->priority < 1 || (self->priority > 9999 && !fluo_sampling_rule_is_default (self)))
    return "Priority must be between 1 and 9999";
  if (!(self->rate >= 0 && self->rate <= 1))
    return "FixedRate must be between 0 and 1";
  if (self->reservoir < 0)
    return "ReservoirSize must not be negative";
  return NULL;
}

const char *
fluo_sampling_rule_apply (FluoSamplingRule *self, const FluoJsonTape *tape, guint32 node)
{
  guint32 boost = fluo_json_tape_get (tape, node, "SamplingRateBoost");
  const char *problem;

  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    {
      char *text = fluo_json_tape_dup_member (tape, node, field_names[i]);

      if (!text)
        continue;
      g_free (self->fields[i]);
      self->fields[i] = text;
    }
  get_int (tape, node, "Priority", &self->priority);
  get_int (tape, node, "ReservoirSize", &self->reservoir);
  get_double (tape, node, "FixedRate", &self->rate);
  if (fluo_json_tape_type (tape, boost) == FLUO_JSON_OBJECT_BEGIN)
    self->has_boost = get_double (tape, boost, "MaxRate", &self->boost_max) &&
                      get_int (tape, boost, "CooldownWindowMinutes", &self->cooldown_min);
  problem = check (self);
  return problem ? problem
                 : apply_attributes (self, tape, fluo_json_tape_get (tape, node, "Attributes"));
}

FluoSamplingRule *
fluo_sampling_rule_read (const FluoJsonTape *tape, guint32 node)
{
  g_autofree char *name = fluo_json_tape_dup_member (tape, node, "RuleName");
  g_autofree char *arn = fluo_json_tape_dup_member (tape, node, "RuleARN");
  FluoSamplingRule *self = name ? fluo_sampling_rule_new (name, arn) : NULL;

  /* Whoever answers with a rule that can't be has it all the same. */
  if (self)
    fluo_sampling_rule_apply (self, tape, node);
  return self;
}

static void
write_text (FluoJsonWriter *writer, const char *key, const char *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

static void
write_boost (const FluoSamplingRule *self, FluoJsonWriter *writer)
{
  fluo_json_writer_key (writer, "SamplingRateBoost");
  if (!self->has_boost)
    {
      fluo_json_writer_null (writer);
      return;
    }
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "CooldownWindowMinutes");
  fluo_json_writer_int (writer, self->cooldown_min);
  fluo_json_writer_key (writer, "MaxRate");
  fluo_json_writer_double (writer, self->boost_max);
  fluo_json_writer_end (writer, '}');
}

void
fluo_sampling_rule_write (const FluoSamplingRule *self, FluoJsonWriter *writer)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Attributes");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && self->keys[i]; i++)
    write_text (writer, self->keys[i], self->values[i]);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_key (writer, "FixedRate");
  fluo_json_writer_double (writer, self->rate);
  write_text (writer, "HTTPMethod", self->fields[FLUO_RULE_METHOD]);
  write_text (writer, "Host", self->fields[FLUO_RULE_HOST]);
  fluo_json_writer_key (writer, "Priority");
  fluo_json_writer_int (writer, self->priority);
  fluo_json_writer_key (writer, "ReservoirSize");
  fluo_json_writer_int (writer, self->reservoir);
  write_text (writer, "ResourceARN", self->fields[FLUO_RULE_ARN]);
  write_text (writer, "RuleARN", self->arn);
  write_text (writer, "RuleName", self->name);
  write_boost (self, writer);
  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    write_text (writer, field_names[written[i]], self->fields[written[i]]);
  fluo_json_writer_key (writer, "Version");
  fluo_json_writer_int (writer, 1);
  fluo_json_writer_end (writer, '}');
}

/* --- Matching ----------------------------------------------------------- */

static gunichar
fold (const char *text)
{
  return g_unichar_tolower (g_utf8_get_char (text));
}

gboolean
fluo_wildcard_matches (const char *pattern, const char *text)
{
  const char *star = NULL, *resume = NULL;

  while (*text)
    {
      if (*pattern == '*')
        {
          star = pattern++;
          resume = text;
        }
      else if (*pattern && (*pattern == '?' || fold (pattern) == fold (text)))
        {
          pattern = g_utf8_next_char (pattern);
          text = g_utf8_next_char (text);
        }
      else if (star)
        {
          /* The last star takes one more; earlier ones need never be tried again. */
          pattern = star + 1;
          resume = g_utf8_next_char (resume);
          text = resume;
        }
      else
        return FALSE;
    }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

static gboolean
has_attribute (GHashTable *attributes, const char *key, const char *value)
{
  GHashTableIter iter;
  gpointer given_key, given_value;

  g_hash_table_iter_init (&iter, attributes);
  while (g_hash_table_iter_next (&iter, &given_key, &given_value))
    if (fluo_wildcard_matches (key, given_key) && fluo_wildcard_matches (value, given_value))
      return TRUE;
  return FALSE;
}

FluoRuleField
fluo_sampling_rule_match (const FluoSamplingRule *self, const FluoSamplingQuestion *question,
                          const char **ret_key)
{
  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    {
      gboolean any = strcmp (self->fields[i], "*") == 0;

      if (any)
        continue;
      /* X-Ray's SDKs leave out rules for a resource; only a service that names one uses them. */
      if (!question->fields[i] ? i == FLUO_RULE_ARN
                               : !fluo_wildcard_matches (self->fields[i], question->fields[i]))
        return (FluoRuleField) i;
    }
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && self->keys[i]; i++)
    if (!question->attributes ||
        !has_attribute (question->attributes, self->keys[i], self->values[i]))
      {
        if (ret_key)
          *ret_key = self->keys[i];
        return FLUO_RULE_ATTRIBUTES;
      }
  return FLUO_RULE_MATCHES;
}
