/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "aws/fluo-xray-missing.h"
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
print_refusals (const GPtrArray *refused, const char *title)
{
  const FluoCliColumn columns[] = { { title, TRUE, 0 },
                                    { _("Reason"), FALSE, 0 },
                                    { _("Meaning"), FALSE, 20 } };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < refused->len; i++)
    {
      const FluoRefusal *refusal = g_ptr_array_index (refused, i);

      if (refusal->count == 0)
        continue;
      fluo_cli_table_add (&table, fluo_format_count (refusal->count), -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (refusal->reason), -1);
      fluo_cli_table_add (&table,
                          refusal->meaning ? fluo_cli_dup_text (refusal->meaning)
                                           : g_strdup (_("AWS X-Ray did not take it")),
                          -1);
    }
  if (table.cells->len > 0)
    {
      g_print ("\n");
      fluo_cli_table_print (&table);
    }
}

static guint64
sum_of (const GPtrArray *refused)
{
  guint64 sum = 0;

  for (guint i = 0; i < refused->len; i++)
    sum += ((const FluoRefusal *) g_ptr_array_index (refused, i))->count;
  return sum;
}

/* What is passed on to AWS. */
static void
print_relay (const FluoRelayStatus *relay)
{
  g_autofree char *endpoint = fluo_cli_dup_text (relay->endpoint);
  g_autofree char *region = fluo_cli_dup_text (relay->region);
  g_autofree char *accepted = fluo_format_count (relay->accepted);
  g_autofree char *sent = fluo_format_count (relay->sent);
  g_autofree char *waiting = fluo_format_count (relay->waiting);
  g_autofree char *lost = fluo_format_count (sum_of (relay->lost));
  g_autofree char *bytes = fluo_format_bytes (relay->waiting_bytes);
  g_autofree char *room = fluo_format_bytes (relay->buffer_bytes);

  g_print ("\n");
  g_print (_("Relay to %s, region %s\n"), endpoint, region);
  g_print (_("Documents: %s to pass on, %s sent, %s waiting (%s of %s), %s lost\n"), accepted, sent,
           waiting, bytes, room, lost);
  if (relay->last_error)
    {
      g_autofree char *last_error = fluo_cli_dup_text (relay->last_error);

      g_print (_("Last error: %s%s%s\n"), fluo_cli_color_of (FLUO_STATUS_FAULT), last_error,
               fluo_cli_plain ());
    }
  print_refusals (relay->lost, _("Lost"));
}

static void
print_status (FluoCli *self, const FluoCollectorStatus *status)
{
  g_autofree char *version = fluo_cli_dup_text (status->version);
  g_autofree char *data_dir = fluo_cli_dup_text (status->data_dir);
  g_autofree char *size = fluo_format_bytes (status->store_bytes);
  g_autofree char *traces = fluo_format_count (status->traces);
  g_autofree char *received = fluo_format_count (status->received);
  g_autofree char *stored = fluo_format_count (status->stored);
  g_autofree char *refused = fluo_format_count (sum_of (status->refused));

  g_print (_("fluoroscoped %s, process %d\n"), version, (int) status->pid);
  g_print (_("%s traces, %s in %s\n"), traces, size, data_dir);
  g_print (_("Documents: %s received, %s stored, %s refused\n"), received, stored, refused);
  if (status->last_error != NULL)
    {
      g_autofree char *last_error = fluo_cli_dup_text (status->last_error);

      g_print (_("Last error: %s%s%s\n"), fluo_cli_color_of (FLUO_STATUS_FAULT), last_error,
               fluo_cli_plain ());
    }
  g_print ("\n");
  print_listeners (status, self->now_ns);
  print_refusals (status->refused, _("Refused"));
  if (sum_of (status->refused) > 0)
    g_print (_("Examples, and what to do: fluoroscope-cli status --why\n"));
  if (status->relay)
    print_relay (status->relay);
}

/* --- Why a trace is missing ----------------------------------------------- */

static void
print_example (const FluoRefusedExample *example)
{
  g_autofree char *clock = fluo_format_clock (example->time_ns, FLUO_CLOCK_SECONDS, NULL);
  g_autofree char *source = fluo_cli_dup_text (example->source);
  g_autofree char *sender = fluo_cli_dup_text (example->sender);
  g_autofree char *size = fluo_format_bytes (example->bytes);
  g_autofree char *text = fluo_format_untrusted (example->text, 1000);

  /* Translators: time, way it came, process that sent it, size. */
  g_print (_("    %s by %s from %s, %s\n"), clock, source, sender, size);
  if (example->problem)
    {
      g_autofree char *problem = fluo_cli_dup_text (example->problem);

      g_print ("      %s\n", problem);
    }
  if (*text)
    g_print ("      %s\n", text);
}

static void
print_finding (const FluoFinding *finding)
{
  static const struct
  {
    const char *sign;
    int         status;
  } looks[] = { { "✗", FLUO_STATUS_FAULT },
                { "?", FLUO_STATUS_ERROR },
                { "✓", FLUO_STATUS_OK },
                { "·", -1 } };
  g_autofree char *title = fluo_cli_dup_text (finding->title);
  g_autofree char *text = fluo_format_untrusted (finding->text, 1000);

  g_print ("\n%s%s%s %s%s%s\n", fluo_cli_color_of (looks[finding->level].status),
           looks[finding->level].sign, fluo_cli_plain (), fluo_cli_bold (), title,
           fluo_cli_plain ());
  g_print ("  %s\n", text);
  for (guint i = 0; i < finding->examples->len; i++)
    print_example (finding->examples->pdata[i]);
  if (finding->advice)
    {
      g_autofree char *advice = fluo_format_untrusted (finding->advice, 1000);

      g_print ("  → %s\n", advice);
    }
}

/* A trace that was asked for and isn't here is not found, however well that is explained. */
static int
explain (FluoCli *self, const char *trace, const char *key, const char *group)
{
  g_autofree char *path = fluo_xray_missing_dup_path (trace, key, group);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_cli_call (self, path, NULL, &error);
  g_autoptr (FluoMissingReport) report = NULL;

  if (tape == NULL)
    return fluo_cli_report (self, error);
  report = fluo_missing_report_new (tape);
  if (self->json)
    {
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, 0, &length);

      fluo_cli_print_json (raw, length);
    }
  else
    {
      g_autofree char *summary = fluo_cli_dup_text (report->summary);

      g_print ("%s\n", summary);
      for (guint i = 0; i < report->findings->len; i++)
        print_finding (report->findings->pdata[i]);
    }
  return trace && report->start_ns == 0 ? FLUO_CLI_NOT_FOUND : FLUO_CLI_OK;
}

/* FALSE with the reason on stderr. */
static gboolean
check_options (gboolean why, int argc, const char *key, const char *group)
{
  if (!why && argc > 1)
    fluo_cli_complain (_("“status” takes a trace ID after --why only."));
  else if (!why && (key || group))
    fluo_cli_complain (_("--key and --group go with --why."));
  else
    return TRUE;
  return FALSE;
}

int
fluo_cli_status (FluoCli *self, int argc, char **argv)
{
  g_autofree char *key = NULL, *group = NULL;
  gboolean why = FALSE;
  const GOptionEntry entries[] = {
    { "why", 0, 0, G_OPTION_ARG_NONE, &why,
      N_("Say why a trace is missing, or what is wrong at all"), NULL },
    { "key", 0, 0, G_OPTION_ARG_STRING, &key,
      N_("With --why: a filter on this annotation finds nothing"), N_("KEY") },
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, N_("With --why: it is not in this group"),
      N_("NAME") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GError) error = NULL;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "[--why [TRACE-ID]]",
                       N_("Shows what the local collector receives, keeps and refuses, or why a "
                          "trace is missing."),
                       entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 1) ||
      !check_options (why, argc, key, group))
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

  if (why)
    return explain (self, argc > 1 ? argv[1] : NULL, key, group);
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
