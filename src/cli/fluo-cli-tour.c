/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"

/* The whole way from a range to a root cause, and on paper, in one command. */

#define SLOWEST_SHOWN 10
#define ROWS_SHOWN 60
#define PNG_SCALE 2

static void
print_heading (const char *text)
{
  g_print ("%s%s%s\n", fluo_cli_bold (), text, fluo_cli_plain ());
}

/* The slowest of the faulty traces, else the slowest of all. @summaries are sorted by time
 * already. */
static FluoTraceSummary *
find_worst (GPtrArray *summaries)
{
  for (guint i = 0; i < summaries->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      if (summary->has_fault)
        return summary;
    }
  return g_ptr_array_index (summaries, 0);
}

static FluoCliExit
write_pictures (FluoCli *self, const FluoServiceGraph *graph, FluoTimeSpan span, FluoTrace *trace,
                const char *directory)
{
  static const char *const trace_files[] = { "trace.png", "trace.pdf", "trace.svg" };
  g_autofree char *map_path = g_build_filename (directory, "petshop-map.png", NULL);
  g_autoptr (GError) error = NULL;

  if (!fluo_cli_write_map (graph, span, map_path, PNG_SCALE, &error))
    return fluo_cli_report (self, error);
  g_print ("  %s\n", map_path);
  for (guint i = 0; i < G_N_ELEMENTS (trace_files); i++)
    {
      g_autofree char *path = g_build_filename (directory, trace_files[i], NULL);

      if (!fluo_cli_write_trace (trace, path, PNG_SCALE, &error))
        return fluo_cli_report (self, error);
      g_print ("  %s\n", path);
    }
  return FLUO_CLI_OK;
}

static FluoCliExit
show_range (FluoCli *self, FluoTimeSpan span, const char *directory)
{
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autoptr (FluoServiceGraph) folded = NULL;
  g_autoptr (GPtrArray) summaries = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *range = fluo_format_range (span, NULL);
  g_autofree char *count = NULL;

  graph = fluo_cli_get_graph (self, span, &error);
  if (graph == NULL)
    return fluo_cli_report (self, error);
  summaries = fluo_cli_get_summaries (self, span, NULL, &error);
  if (summaries == NULL)
    return fluo_cli_report (self, error);
  if (summaries->len == 0 || graph->nodes->len == 0)
    {
      fluo_cli_complain (_("There are no traces from %s. Send some with “fluoroscope-cli demo”."),
                         range);
      return FLUO_CLI_NOT_FOUND;
    }

  count = fluo_format_count (summaries->len);
  folded = fluo_service_graph_fold (graph);
  g_print (_("%s traces, %s\n\n"), count, range);
  print_heading (_("Service map"));
  fluo_cli_print_map (folded, span);
  g_print ("\n");
  print_heading (_("Slowest traces"));
  fluo_cli_sort_slowest (summaries);
  fluo_cli_print_traces (summaries, SLOWEST_SHOWN);
  g_print ("\n");

  trace = fluo_cli_get_trace (self, &find_worst (summaries)->id, &error);
  if (trace == NULL)
    return fluo_cli_report (self, error);
  print_heading (_("Root cause of the worst"));
  fluo_cli_print_trace (trace, ROWS_SHOWN);
  g_print ("\n");
  print_heading (_("Pictures"));
  return write_pictures (self, folded, span, trace, directory);
}

int
fluo_cli_tour (FluoCli *self, int argc, char **argv)
{
  g_autofree char *directory = NULL;
  const GOptionEntry entries[] = {
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &directory,
      N_("Where the pictures go (default: here)"), N_("DIRECTORY") },
    G_OPTION_ENTRY_NULL
  };
  FluoTimeSpan span;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Shows the service map, the slowest traces and the worst one's root "
                           "cause, and draws them."),
                       entries, FLUO_CLI_PARSE_RANGE, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (!fluo_cli_get_span (self, &span))
    return FLUO_CLI_USAGE;
  if (directory == NULL)
    directory = g_strdup (".");
  if (g_mkdir_with_parents (directory, 0755) != 0)
    {
      fluo_cli_complain (_("Cannot make the directory “%s”: %s."), directory, g_strerror (errno));
      return FLUO_CLI_FAILED;
    }
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  return show_range (self, span, directory);
}
