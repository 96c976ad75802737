/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"

/* Pages that are asked for before something must be wrong. X-Ray has at most 26 rules. */
#define N_PAGES_MAX 20

static char *
dup_member (const FluoJsonTape *tape, guint32 object, const char *key)
{
  g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, object, key));

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
add_rules (FluoCliTable *table, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "SamplingRuleRecords");

  for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      guint32 rule = fluo_json_tape_get (tape, i, "SamplingRule");

      fluo_cli_table_add (table, g_strdup_printf ("%.0f", get_number (tape, rule, "Priority")), -1);
      fluo_cli_table_add (table, dup_member (tape, rule, "RuleName"), -1);
      fluo_cli_table_add (table, g_strdup_printf ("%.0f", get_number (tape, rule, "ReservoirSize")),
                          -1);
      fluo_cli_table_add (table,
                          g_strdup_printf ("%.4g %%", get_number (tape, rule, "FixedRate") * 100),
                          -1);
      fluo_cli_table_add (table, describe_conditions (tape, rule), -1);
    }
}

static char *
make_body (const char *token)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  if (token)
    {
      fluo_json_writer_key (&writer, "NextToken");
      fluo_json_writer_string (&writer, token);
    }
  fluo_json_writer_end (&writer, '}');
  return g_strdup (out->str);
}

/* Appends the records of one page to a list that has begun. */
static void
append_records (FluoJsonWriter *writer, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "SamplingRuleRecords");

  for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, i, &length);

      fluo_json_writer_raw (writer, raw, length);
    }
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
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char *token = NULL;
  FluoJsonWriter writer;
  FluoCliExit code = FLUO_CLI_OK;
  guint n_pages = 0;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  fluo_json_writer_init (&writer, json);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "SamplingRuleRecords");
  fluo_json_writer_begin (&writer, '[');
  do
    {
      g_autofree char *body = make_body (token);
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoJsonTape) tape = fluo_cli_call (self, "/GetSamplingRules", body, &error);

      if (!tape)
        {
          code = fluo_cli_report (self, error);
          return code;
        }
      add_rules (&table, tape);
      append_records (&writer, tape);
      g_free (token);
      token = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "NextToken"));
    }
  while (token && ++n_pages < N_PAGES_MAX);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  if (self->json)
    fluo_cli_print_json (json->str, json->len);
  else
    fluo_cli_table_print (&table);
  return code;
}

/* --- Simulator ---------------------------------------------------------- */

typedef struct
{
  char  *values[6]; /* as in question_keys */
  char **attributes;
} Question;

static const char *const question_keys[] = { "ServiceName", "ServiceType", "Host",
                                             "HTTPMethod",  "URLPath",     "ResourceARN" };

static void
question_clear (Question *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->values); i++)
    g_free (self->values[i]);
  g_strfreev (self->attributes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

/* FALSE with the reason on stderr. */
static gboolean
write_question (const Question *question, GString *out)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  for (guint i = 0; i < G_N_ELEMENTS (question_keys); i++)
    if (question->values[i])
      {
        fluo_json_writer_key (&writer, question_keys[i]);
        fluo_json_writer_string (&writer, question->values[i]);
      }
  if (question->attributes)
    {
      fluo_json_writer_key (&writer, "Attributes");
      fluo_json_writer_begin (&writer, '{');
    }
  for (char **each = question->attributes; each && *each; each++)
    {
      const char *equals = strchr (*each, '=');
      g_autofree char *key = equals ? g_strndup (*each, (gsize) (equals - *each)) : NULL;

      if (!equals)
        {
          g_autofree char *shown = fluo_cli_dup_text (*each);

          fluo_cli_complain (_("“%s” is no attribute. Write it as KEY=VALUE."), shown);
          return FALSE;
        }
      fluo_json_writer_key (&writer, key);
      fluo_json_writer_string (&writer, equals + 1);
    }
  if (question->attributes)
    fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, '}');
  return TRUE;
}

static void
print_checked (const FluoJsonTape *tape)
{
  const FluoCliColumn columns[] = { { _("Priority"), TRUE, 0 },
                                    { _("Rule"), FALSE, 10 },
                                    { _("Result"), FALSE, 20 } };
  guint32 list = fluo_json_tape_get (tape, 0, "Checked");
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      gboolean matches =
        fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, i, "Matches"), FALSE);

      fluo_cli_table_add (&table, g_strdup_printf ("%.0f", get_number (tape, i, "Priority")), -1);
      fluo_cli_table_add (&table, dup_member (tape, i, "RuleName"), -1);
      fluo_cli_table_add (
        &table, matches ? g_strdup (_("is the one")) : dup_member (tape, i, "Reason"),
        matches ? FLUO_STATUS_OK : -1);
    }
  fluo_cli_table_print (&table);
}

static void
print_answer (const FluoJsonTape *tape)
{
  guint32 assumed = fluo_json_tape_get (tape, 0, "Assumed");
  g_autofree char *name = dup_member (tape, 0, "RuleName");
  g_autofree char *explanation = dup_member (tape, 0, "Explanation");
  g_autoptr (GString) fields = g_string_new (NULL);

  print_checked (tape);
  g_print ("\n%s%s%s: %s.\n", fluo_cli_bold (), name, fluo_cli_plain (), explanation);
  for (guint32 i = fluo_json_tape_first (tape, assumed); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, assumed, i))
    {
      g_autofree char *field = fluo_json_tape_dup (tape, i);
      g_autofree char *shown = fluo_cli_dup_text (field);

      g_string_append_printf (fields, "%s%s", fields->len > 0 ? ", " : "", shown);
    }
  if (fields->len > 0)
    g_print (_("Taken to match, because it was not given: %s.\n"), fields->str);
}

static int
simulate (FluoCli *self, const Question *question)
{
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) error = NULL;

  if (!write_question (question, body))
    return FLUO_CLI_USAGE;
  tape = fluo_cli_call (self, FLUO_XRAY_SIMULATE_PATH, body->str, &error);
  if (!tape)
    return fluo_cli_report (self, error);
  if (self->json)
    {
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, 0, &length);

      fluo_cli_print_json (raw, length);
    }
  else
    print_answer (tape);
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
  if (simulates && fluo_cli_is_aws (self))
    {
      fluo_cli_complain (_("AWS has no simulator of sampling. Leave out --profile and --region to "
                           "ask the local collector."));
      return FLUO_CLI_USAGE;
    }
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  return simulates ? simulate (self, &question) : show_rules (self);
}
