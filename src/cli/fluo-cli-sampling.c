/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws/fluo-xray-admin.h"
#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"

static char *
dup_member (const FluoJsonTape *tape, guint32 object, const char *key)
{
  g_autofree char *text = fluo_json_tape_dup_member (tape, object, key);

  return fluo_cli_dup_text (text);
}

static double
get_number (const FluoJsonTape *tape, guint32 object, const char *key)
{
  return fluo_json_tape_double (tape, fluo_json_tape_get (tape, object, key), 0);
}

/* --- Rules -------------------------------------------------------------- */

/* What of a request the rule looks at: "service bank*, method POST". */
static char *
describe_conditions (const FluoJsonTape *tape, guint32 rule)
{
  static const struct
  {
    const char *key;
    const char *word; /* translated when shown */
  } conditions[] = { { "ServiceName", N_("service") }, { "ServiceType", N_("type") },
                     { "Host", N_("host") },           { "HTTPMethod", N_("method") },
                     { "URLPath", N_("path") },        { "ResourceARN", N_("resource") } };
  guint32 attributes = fluo_json_tape_get (tape, rule, "Attributes");
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autofree char *pattern = dup_member (tape, rule, conditions[i].key);

      if (strcmp (pattern, "*") != 0)
        g_string_append_printf (out, "%s%s %s", out->len > 0 ? ", " : "", _(conditions[i].word),
                                pattern);
    }
  for (guint32 i = fluo_json_tape_first (tape, attributes); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, attributes, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, i);
      g_autofree char *value = fluo_json_tape_dup (tape, i);
      g_autofree char *shown_key = fluo_cli_dup_text (key);
      g_autofree char *shown_value = fluo_cli_dup_text (value);

      g_string_append_printf (out, "%s%s=%s", out->len > 0 ? ", " : "", shown_key, shown_value);
    }
  if (out->len == 0)
    g_string_append (out, _("everything"));
  return g_string_free (out, FALSE);
}

static void
add_rule (const FluoJsonTape *tape, guint32 record, gpointer user_data)
{
  FluoCliTable *table = user_data;
  guint32 rule = fluo_json_tape_get (tape, record, "SamplingRule");

  fluo_cli_table_add (table, g_strdup_printf ("%.0f", get_number (tape, rule, "Priority")), -1);
  fluo_cli_table_add (table, dup_member (tape, rule, "RuleName"), -1);
  fluo_cli_table_add (table, g_strdup_printf ("%.0f", get_number (tape, rule, "ReservoirSize")),
                      -1);
  fluo_cli_table_add (
    table, g_strdup_printf ("%.4g %%", get_number (tape, rule, "FixedRate") * 100), -1);
  fluo_cli_table_add (table, describe_conditions (tape, rule), -1);
}

static int
show_rules (FluoCli *self)
{
  const FluoCliColumn columns[] = { { _("Priority"), TRUE, 0 },
                                    { _("Rule"), FALSE, 10 },
                                    { _("Each second"), TRUE, 0 },
                                    { _("Then"), TRUE, 0 },
                                    { _("Of"), FALSE, 10 } };
  g_auto (FluoCliTable) table;
  g_autoptr (GString) json = NULL;
  g_autoptr (GError) error = NULL;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  if (!fluo_cli_read_list (self, "/GetSamplingRules", "SamplingRuleRecords", add_rule, &table,
                           &json, &error))
    return fluo_cli_report (self, error);
  if (self->json)
    fluo_cli_print_json (json->str, json->len);
  else
    fluo_cli_table_print (&table);
  return FLUO_CLI_OK;
}

/* --- Simulator ---------------------------------------------------------- */

typedef struct
{
  char  *values[FLUO_N_RULE_FIELDS];
  char **attributes;
} Question;

static void
question_clear (Question *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->values); i++)
    g_free (self->values[i]);
  g_strfreev (self->attributes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

/* NULL when none is given; FALSE with the reason on stderr. */
static gboolean
read_attributes (const Question *question, GHashTable **ret_attributes)
{
  g_autoptr (GHashTable) attributes = NULL;

  for (char **each = question->attributes; each && *each; each++)
    {
      const char *equals = strchr (*each, '=');

      if (!equals)
        {
          g_autofree char *shown = fluo_cli_dup_text (*each);

          fluo_cli_complain (_("“%s” is no attribute. Write it as KEY=VALUE."), shown);
          return FALSE;
        }
      if (!attributes)
        attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (attributes, g_strndup (*each, (gsize) (equals - *each)),
                           g_strdup (equals + 1));
    }
  *ret_attributes = g_steal_pointer (&attributes);
  return TRUE;
}

static void
print_steps (const FluoSamplingVerdict *verdict)
{
  const FluoCliColumn columns[] = { { _("Priority"), TRUE, 0 },
                                    { _("Rule"), FALSE, 10 },
                                    { _("Result"), FALSE, 20 } };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < verdict->steps->len; i++)
    {
      const FluoSamplingStep *step = verdict->steps->pdata[i];

      fluo_cli_table_add (&table, g_strdup_printf ("%d", step->priority), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (step->rule), -1);
      fluo_cli_table_add (
        &table, step->matches ? g_strdup (_("is the one")) : fluo_cli_dup_text (step->reason),
        step->matches ? FLUO_STATUS_OK : -1);
    }
  fluo_cli_table_print (&table);
}

static void
print_verdict (const FluoSamplingVerdict *verdict)
{
  g_autofree char *name = fluo_cli_dup_text (verdict->rule ? verdict->rule->name : NULL);
  g_autofree char *words = fluo_sampling_verdict_dup_words (verdict);
  g_autoptr (GString) fields = g_string_new (NULL);

  print_steps (verdict);
  g_print ("\n%s%s%s: %s.\n", fluo_cli_bold (), name, fluo_cli_plain (), words);
  for (guint i = 0; i < verdict->assumed->len; i++)
    {
      g_autofree char *shown = fluo_cli_dup_text (verdict->assumed->pdata[i]);

      g_string_append_printf (fields, "%s%s", i > 0 ? ", " : "", shown);
    }
  if (fields->len > 0)
    g_print (_("Taken to match, because it was not given: %s.\n"), fields->str);
}

/* The collector is asked; of AWS the rules are, and evaluated here. NULL with @error. */
static FluoSamplingVerdict *
get_verdict (FluoCli *self, const FluoSamplingQuestion *asked, GError **error)
{
  g_autoptr (GAsyncResult) read = NULL, simulated = NULL;
  g_autoptr (GPtrArray) rules = NULL;

  fluo_xray_client_get_setting_async (self->client, FLUO_SETTING_RULES, NULL, self->cancellable,
                                      fluo_cli_result_cb, &read);
  fluo_cli_wait (&read);
  rules = fluo_xray_client_get_setting_finish (self->client, read, error);
  if (!rules)
    return NULL;
  fluo_xray_client_simulate_async (self->client, rules, asked, self->cancellable,
                                   fluo_cli_result_cb, &simulated);
  fluo_cli_wait (&simulated);
  return fluo_xray_client_simulate_finish (self->client, simulated, error);
}

static int
simulate (FluoCli *self, const Question *question, GHashTable *attributes)
{
  FluoSamplingQuestion asked = { .attributes = attributes };
  g_autoptr (FluoSamplingVerdict) verdict = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    asked.fields[i] = question->values[i];
  verdict = get_verdict (self, &asked, &error);
  if (!verdict)
    return fluo_cli_report (self, error);
  if (self->json)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      FluoJsonWriter writer;

      fluo_json_writer_init (&writer, json);
      fluo_sampling_verdict_write (verdict, &writer);
      fluo_cli_print_json (json->str, json->len);
    }
  else
    print_verdict (verdict);
  return FLUO_CLI_OK;
}

int
fluo_cli_sampling (FluoCli *self, int argc, char **argv)
{
  g_auto (Question) question = { 0 };
  const GOptionEntry entries[] = {
    { "service", 0, 0, G_OPTION_ARG_STRING, &question.values[0], N_("Name of the service"),
      N_("NAME") },
    { "type", 0, 0, G_OPTION_ARG_STRING, &question.values[1],
      N_("Type of the service, for example AWS::EC2::Instance"), N_("TYPE") },
    { "host", 0, 0, G_OPTION_ARG_STRING, &question.values[2], N_("The Host header"), N_("HOST") },
    { "method", 0, 0, G_OPTION_ARG_STRING, &question.values[3], N_("The HTTP method"),
      N_("METHOD") },
    { "path", 0, 0, G_OPTION_ARG_STRING, &question.values[4], N_("The path without the query"),
      N_("PATH") },
    { "arn", 0, 0, G_OPTION_ARG_STRING, &question.values[5],
      N_("ARN of the resource that takes the request"), N_("ARN") },
    { "attribute", 0, 0, G_OPTION_ARG_STRING_ARRAY, &question.attributes,
      N_("An attribute of the request; may be given again"), N_("KEY=VALUE") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GHashTable) attributes = NULL;
  gboolean simulates;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "rules | simulate",
                       N_("Shows the sampling rules, or which of them a request would hit and why "
                          "not the ones before it."),
                       entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 1, 1))
    return FLUO_CLI_USAGE;
  simulates = strcmp (argv[1], "simulate") == 0;
  if (!simulates && strcmp (argv[1], "rules") != 0)
    {
      g_autofree char *shown = fluo_cli_dup_text (argv[1]);

      fluo_cli_complain (_("“%s” is nothing of sampling. Write “sampling rules” or “sampling "
                           "simulate”."),
                         shown);
      return FLUO_CLI_USAGE;
    }
  if (!read_attributes (&question, &attributes))
    return FLUO_CLI_USAGE;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  return simulates ? simulate (self, &question, attributes) : show_rules (self);
}
