/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"

#define DEFAULT_LIMIT 50
#define SERVICES_MAX 12 /* named in one cell */

static gint
compare_slowest (gconstpointer a, gconstpointer b)
{
  const FluoTraceSummary *x = *(FluoTraceSummary *const *) a;
  const FluoTraceSummary *y = *(FluoTraceSummary *const *) b;
  gint64 x_ns = fluo_trace_summary_get_time_ns (x);
  gint64 y_ns = fluo_trace_summary_get_time_ns (y);

  if (x_ns != y_ns)
    return x_ns > y_ns ? -1 : 1;
  return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

void
fluo_cli_sort_slowest (GPtrArray *summaries)
{
  g_ptr_array_sort (summaries, compare_slowest);
}

/* The status of a list row is X-Ray's own flags, worst first. */
static FluoStatus
row_status (const FluoTraceSummary *summary)
{
  if (summary->has_fault)
    return FLUO_STATUS_FAULT;
  if (summary->has_throttle)
    return FLUO_STATUS_THROTTLE;
  if (summary->has_error)
    return FLUO_STATUS_ERROR;
  return summary->is_partial ? FLUO_STATUS_RUNNING : FLUO_STATUS_OK;
}

static char *
dup_services (const FluoTraceSummary *summary)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < summary->services->len && i < SERVICES_MAX; i++)
    {
      const FluoSummaryService *service = &g_array_index (summary->services, FluoSummaryService, i);
      g_autofree char *name = fluo_cli_dup_name (service->name, service->type);

      if (i > 0)
        g_string_append (names, ", ");
      g_string_append (names, name);
    }
  if (summary->services->len > SERVICES_MAX)
    g_string_append (names, ", …");
  return g_string_free (g_steal_pointer (&names), FALSE);
}

void
fluo_cli_print_traces (GPtrArray *summaries, guint limit)
{
  const FluoCliColumn columns[] = {
    { _("Time"), FALSE, 0 },   { _("Status"), FALSE, 0 },    { _("Duration"), TRUE, 0 },
    { _("Request"), FALSE, 12 }, { _("Services"), FALSE, 8 }, { _("ID"), FALSE, 0 },
  };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < summaries->len && i < limit; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      FluoStatus status = row_status (summary);
      g_autofree char *request = fluo_trace_summary_dup_request (summary);

      fluo_cli_table_add (&table,
                          fluo_format_clock (summary->start_ns, FLUO_CLOCK_MILLISECONDS, NULL), -1);
      fluo_cli_table_add (&table, g_strdup (fluo_status_to_word (status)), status);
      fluo_cli_table_add (&table, fluo_format_duration (fluo_trace_summary_get_time_ns (summary)),
                          -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (request), -1);
      fluo_cli_table_add (&table, dup_services (summary), -1);
      fluo_cli_table_add (&table, fluo_trace_id_to_string (&summary->id), -1);
    }
  fluo_cli_table_print (&table);
}

static void
print_json (GPtrArray *summaries, guint limit)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceSummaries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < summaries->len && i < limit; i++)
    fluo_trace_summary_write (g_ptr_array_index (summaries, i), &writer);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "TracesProcessedCount");
  fluo_json_writer_int (&writer, summaries->len);
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

int
fluo_cli_list_traces (FluoCli *self, const char *filter, guint limit, gboolean slowest)
{
  g_autoptr (GPtrArray) summaries = NULL;
  g_autoptr (GError) error = NULL;
  FluoTimeSpan span;
  FluoCliExit code;
  guint shown;

  if (!fluo_cli_get_span (self, &span))
    return FLUO_CLI_USAGE;
  if (filter && !fluo_cli_check_filter (filter))
    return FLUO_CLI_FAILED;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;

  summaries = fluo_cli_get_summaries (self, span, filter, &error);
  if (summaries == NULL)
    return fluo_cli_report (self, error);
  if (slowest)
    fluo_cli_sort_slowest (summaries);
  shown = limit == 0 ? summaries->len : MIN (limit, summaries->len);
  if (self->json)
    {
      print_json (summaries, shown);
      return FLUO_CLI_OK;
    }
  if (summaries->len == 0)
    {
      g_autofree char *range = fluo_format_range (span, NULL);

      g_printerr (filter
                    ? _("No trace from %s fits. A longer range may have some: --last 6h.\n")
                    : _("No traces from %s. A longer range may have some: --last 6h.\n"), range);
      return FLUO_CLI_OK;
    }
  fluo_cli_print_traces (summaries, shown);
  if (shown < summaries->len)
    {
      g_autofree char *few = fluo_format_count (shown);
      g_autofree char *all = fluo_format_count (summaries->len);

      g_printerr (slowest ? _("The slowest %s of %s traces; --limit 0 shows all.\n")
                          : _("The newest %s of %s traces; --limit 0 shows all.\n"),
                  few, all);
    }
  return FLUO_CLI_OK;
}

int
fluo_cli_traces (FluoCli *self, int argc, char **argv)
{
  int limit = DEFAULT_LIMIT;
  gboolean slowest = FALSE;
  g_autofree char *filter = NULL;
  const GOptionEntry entries[] = {
    { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter,
      N_("Only traces that satisfy this filter expression"), N_("EXPRESSION") },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &limit,
      N_("Show at most this many, 0 for all (default: 50)"), N_("NUMBER") },
    { "slowest", 0, 0, G_OPTION_ARG_NONE, &slowest,
      N_("The slowest first instead of the newest"), NULL },
    G_OPTION_ENTRY_NULL
  };

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Lists the traces that started in a range, newest first."), entries,
                       FLUO_CLI_PARSE_RANGE, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (limit < 0)
    {
      fluo_cli_complain (_("--limit takes 0 or more."));
      return FLUO_CLI_USAGE;
    }
  return fluo_cli_list_traces (self, filter, (guint) limit, slowest);
}
