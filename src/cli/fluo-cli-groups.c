/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "filter/fluo-filter-explain.h"

/* The expression in words, where it is one that is understood here. */
static char *
explain (const char *expression)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (expression, -1, NULL, NULL);
  g_autoptr (FluoSentence) sentence = filter ? fluo_filter_explain (filter) : NULL;

  if (!*expression)
    return g_strdup (_("Every trace."));
  return sentence ? fluo_cli_dup_text (sentence->text) : g_strdup ("–");
}

static void
add_group (const FluoJsonTape *tape, guint32 group, gpointer user_data)
{
  FluoCliTable *table = user_data;
  guint32 insights = fluo_json_tape_get (tape, group, "InsightsConfiguration");
  g_autofree char *name = fluo_json_tape_dup_member (tape, group, "GroupName");
  g_autofree char *expression = fluo_json_tape_dup_member (tape, group, "FilterExpression");
  gboolean enabled = fluo_json_tape_boolean (
    tape, fluo_json_tape_get (tape, insights, "InsightsEnabled"), FALSE);
  gboolean notifies = fluo_json_tape_boolean (
    tape, fluo_json_tape_get (tape, insights, "NotificationsEnabled"), FALSE);

  fluo_cli_table_add (table, fluo_cli_dup_text (name), -1);
  fluo_cli_table_add (table,
                      g_strdup (notifies  ? _("on, with notifications")
                                : enabled ? _("on")
                                          : _("off")),
                      -1);
  fluo_cli_table_add (table, fluo_cli_dup_text (expression), -1);
  fluo_cli_table_add (table, explain (expression ? expression : ""), -1);
}

int
fluo_cli_groups (FluoCli *self, int argc, char **argv)
{
  const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  const FluoCliColumn columns[] = { { _("Group"), FALSE, 10 },
                                    { _("Insights"), FALSE, 0 },
                                    { _("Filter expression"), FALSE, 20 },
                                    { _("In words"), FALSE, 20 } };
  g_auto (FluoCliTable) table;
  g_autoptr (GString) json = NULL;
  g_autoptr (GError) error = NULL;
  FluoCliExit code;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  if (!fluo_cli_parse (self, argv[0], NULL, N_("Lists the groups with their filters."), entries,
                       FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  if (!fluo_cli_read_list (self, "/Groups", "Groups", add_group, &table, &json, &error))
    return fluo_cli_report (self, error);
  if (self->json)
    fluo_cli_print_json (json->str, json->len);
  else
    fluo_cli_table_print (&table);
  return FLUO_CLI_OK;
}
