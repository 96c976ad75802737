/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "aws/fluo-xray-pins.h"
#include "cli/fluo-cli.h"
#include "core/fluo-json.h"

/* All that are kept, one a line; in the API's form with --json. */
static void
print_ids (FluoCli *self, GArray *ids)
{
  g_autoptr (GString) text = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, text);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceIds");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < ids->len; i++)
    {
      char id[FLUO_TRACE_ID_XRAY_LEN + 1];

      fluo_trace_id_format_xray (&g_array_index (ids, FluoTraceId, i), id);
      fluo_json_writer_string (&writer, id);
      if (!self->json)
        g_print ("%s\n", id);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  if (self->json)
    fluo_cli_print_json (text->str, text->len);
}

static int
report (FluoCli *self, const GError *error)
{
  if (!g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND))
    return fluo_cli_report (self, error);
  fluo_cli_complain (_("Only a local collector keeps traces for good; AWS lets them go after 30 "
                       "days. Export them instead."));
  return FLUO_CLI_FAILED;
}

/* A pin alone holds nothing: what is to be kept has to be there. */
static int
check (FluoCli *self, GArray *ids, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (FluoTrace) trace =
        fluo_cli_get_trace (self, &g_array_index (ids, FluoTraceId, i), error);

      if (!trace)
        return fluo_cli_report (self, *error);
    }
  return FLUO_CLI_OK;
}

int
fluo_cli_keep (FluoCli *self, int argc, char **argv)
{
  gboolean undo = FALSE;
  const GOptionEntry entries[] = {
    { "undo", 'u', 0, G_OPTION_ARG_NONE, &undo, N_("Let them go again when their time has come"),
      NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autoptr (GArray) kept = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], _("[ID…]"),
                       N_("Keeps traces for good, whatever their age and the size of the store; "
                          "without an ID it lists those that are kept."),
                       entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, FLUO_XRAY_PINS_MAX))
    return FLUO_CLI_USAGE;
  for (int i = 1; i < argc; i++)
    {
      FluoTraceId id;

      if (!fluo_cli_parse_id (argv[i], &id))
        return FLUO_CLI_USAGE;
      g_array_append_val (ids, id);
    }
  if (undo && ids->len == 0)
    {
      fluo_cli_complain (_("--undo needs the ID of a trace. “fluoroscope-cli keep” lists them."));
      return FLUO_CLI_USAGE;
    }
  code = fluo_cli_connect (self);
  if (code == FLUO_CLI_OK && !undo)
    code = check (self, ids, &error);
  if (code != FLUO_CLI_OK)
    return code;
  if (ids->len > 0)
    fluo_xray_client_pin_async (self->client, (const FluoTraceId *) (gpointer) ids->data, ids->len,
                                !undo, self->cancellable, fluo_cli_result_cb, &result);
  else
    fluo_xray_client_get_pins_async (self->client, self->cancellable, fluo_cli_result_cb, &result);
  fluo_cli_wait (&result);
  kept = fluo_xray_client_pins_finish (self->client, result, &error);
  if (!kept)
    return report (self, error);
  print_ids (self, kept);
  return FLUO_CLI_OK;
}
