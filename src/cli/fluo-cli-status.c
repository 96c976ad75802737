/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"

static void
print_listeners (const FluoCollectorStatus *status, gint64 now_ns)
{
  const FluoCliColumn columns[] = {
    { _("Port"), FALSE, 0 }, { _("Address"), FALSE, 0 }, { _("State"), FALSE, 0 },
    { _("Received"), TRUE, 0 }, { _("Last"), FALSE, 0 }, { _("Detail"), FALSE, 10 },
  };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < status->listeners->len; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);
      gboolean taken = g_strcmp0 (listener->state, "taken") == 0;

      fluo_cli_table_add (&table, fluo_cli_dup_text (listener->protocol), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (listener->address), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (listener->state),
                          taken ? FLUO_STATUS_FAULT : -1);
      fluo_cli_table_add (&table, fluo_format_count (listener->received), -1);
      fluo_cli_table_add (&table,
                          listener->last_ns > 0
                              ? fluo_format_clock (listener->last_ns, FLUO_CLOCK_SECONDS, NULL)
                              : g_strdup ("–"),
                          -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (listener->detail), -1);
    }
  fluo_cli_table_print (&table);
}

static void
print_refusals (const FluoCollectorStatus *status)
{
  const FluoCliColumn columns[] = { { _("Refused"), TRUE, 0 },
                                    { _("Reason"), FALSE, 0 },
                                    { _("Meaning"), FALSE, 20 } };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < status->refused->len; i++)
    {
      const FluoRefusal *refusal = g_ptr_array_index (status->refused, i);

      if (refusal->count == 0)
        continue;
      fluo_cli_table_add (&table, fluo_format_count (refusal->count), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (refusal->reason), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (refusal->meaning), -1);
    }
  if (table.cells->len > 0)
    {
      g_print ("\n");
      fluo_cli_table_print (&table);
    }
}

static void
print_status (FluoCli *self, const FluoCollectorStatus *status)
{
  guint64 refused = 0;
  g_autofree char *version = fluo_cli_dup_text (status->version);
  g_autofree char *data_dir = fluo_cli_dup_text (status->data_dir);
  g_autofree char *size = fluo_format_bytes (status->store_bytes);
  g_autofree char *traces = fluo_format_count (status->traces);
  g_autofree char *received = fluo_format_count (status->received);
  g_autofree char *stored = fluo_format_count (status->stored);
  g_autofree char *refused_text = NULL;

  for (guint i = 0; i < status->refused->len; i++)
    refused += ((const FluoRefusal *) g_ptr_array_index (status->refused, i))->count;
  refused_text = fluo_format_count (refused);

  g_print (_("fluoroscoped %s, process %d\n"), version, (int) status->pid);
  g_print (_("%s traces, %s in %s\n"), traces, size, data_dir);
  g_print (_("Documents: %s received, %s stored, %s refused\n"), received, stored, refused_text);
  if (status->last_error != NULL)
    {
      g_autofree char *last_error = fluo_cli_dup_text (status->last_error);

      g_print (_("Last error: %s%s%s\n"), fluo_cli_color_of (FLUO_STATUS_FAULT), last_error,
               fluo_cli_plain ());
    }
  g_print ("\n");
  print_listeners (status, self->now_ns);
  print_refusals (status);
}

int
fluo_cli_status (FluoCli *self, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Shows what the local collector receives, keeps and refuses."), NULL,
                       FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (fluo_cli_is_aws (self))
    {
      fluo_cli_complain (_("AWS has no status of a collector. Leave out --profile and --region to "
                            "ask the local one."));
      return FLUO_CLI_USAGE;
    }
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;

  if (self->json)
    {
      g_autoptr (FluoJsonTape) tape = fluo_cli_call (self, "/fluoroscope/v1/status", NULL, &error);
      const char *raw;
      gsize length;

      if (tape == NULL)
        return fluo_cli_report (self, error);
      raw = fluo_json_tape_raw (tape, 0, &length);
      fluo_cli_print_json (raw, length);
    }
  else
    {
      g_autoptr (FluoCollectorStatus) status = fluo_cli_get_status (self, &error);

      if (status == NULL)
        return fluo_cli_report (self, error);
      print_status (self, status);
    }
  return FLUO_CLI_OK;
}
