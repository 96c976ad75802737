/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/fluo-json.h"

struct _FluoBench
{
  gboolean       json;
  FluoJsonWriter writer;
};

static const FluoBenchSection sections[] = {
  { "core", fluo_bench_core },
  { "filter", fluo_bench_filter },
  { "graph", fluo_bench_graph },
  { "layout", fluo_bench_layout },
  { "map", fluo_bench_map },
  { "layout-1000", fluo_bench_layout_1000, TRUE },
  { "intake", fluo_bench_intake },
  { "udp-60", fluo_bench_udp_60, TRUE },
  { "otlp", fluo_bench_otlp },
  { "reading", fluo_bench_reading },
  { "store", fluo_bench_store },
  { "store-1m", fluo_bench_store_1m, TRUE },
  { "store-asked", fluo_bench_store_asked, TRUE },
  { "store-1m-w3c", fluo_bench_store_1m_random, TRUE },
  { "traces", fluo_bench_traces },
  { "turns", fluo_bench_turns },
  { "waterfall", fluo_bench_waterfall },
  { "programs", fluo_bench_programs },
};

double
fluo_bench_now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

static double
read_clock_ms (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

double
fluo_bench_work_ms (void)
{
  return read_clock_ms (CLOCK_THREAD_CPUTIME_ID);
}

double
fluo_bench_process_ms (void)
{
  return read_clock_ms (CLOCK_PROCESS_CPUTIME_ID);
}

static int
compare (const void *a, const void *b)
{
  const double *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

static void
write_number (FluoBench *bench, const char *key, double value)
{
  fluo_json_writer_key (&bench->writer, key);
  fluo_json_writer_double (&bench->writer, value);
}

static void
write_string (FluoBench *bench, const char *key, const char *value)
{
  fluo_json_writer_key (&bench->writer, key);
  fluo_json_writer_string (&bench->writer, value);
}

double
fluo_bench_figure (FluoBench *bench, const char *name, const char *unit, const double *values,
                   guint n, double base, const char *base_name)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);
  double median;

  g_return_val_if_fail (n > 0, 0);
  qsort (sorted, n, sizeof *sorted, compare);
  median = sorted[n / 2];
  if (base <= 0)
    {
      base = median > 0 ? median : 1;
      base_name = "itself";
    }
  if (bench->json)
    {
      fluo_json_writer_begin (&bench->writer, '{');
      write_string (bench, "name", name);
      write_number (bench, "median", median);
      write_number (bench, "min", sorted[0]);
      write_number (bench, "max", sorted[n - 1]);
      write_string (bench, "unit", unit);
      write_number (bench, "ratio", median / base);
      write_string (bench, "ratio_to", base_name);
      fluo_json_writer_end (&bench->writer, '}');
      return median;
    }
  g_print ("%-34s %10.4g  %10.4g  %10.4g  %-10s %.2f x %s\n", name, median, sorted[0],
           sorted[n - 1], unit, median / base, base_name);
  return median;
}

double
fluo_bench_run_vs (FluoBench *bench, const char *name, const char *unit, FluoBenchFunc func,
                   gpointer data, double base, const char *base_name)
{
  double values[FLUO_BENCH_RUNS];

  func (data);
  for (guint i = 0; i < FLUO_BENCH_RUNS; i++)
    values[i] = func (data);
  return fluo_bench_figure (bench, name, unit, values, FLUO_BENCH_RUNS, base, base_name);
}

double
fluo_bench_run (FluoBench *bench, const char *name, const char *unit, FluoBenchFunc func,
                gpointer data)
{
  return fluo_bench_run_vs (bench, name, unit, func, data, 0, NULL);
}

static char *
dup_cpu_model (void)
{
  g_autofree char *text = NULL;
  const char *line, *colon;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL) ||
      !(line = strstr (text, "model name")) || !(colon = strchr (line, ':')))
    return g_strdup ("unknown");
  return g_strstrip (g_strndup (colon + 1, strcspn (colon + 1, "\n")));
}

static void
print_machine (FluoBench *bench)
{
  g_autofree char *model = dup_cpu_model ();
  double load = 0;

  if (getloadavg (&load, 1) != 1)
    load = 0;
  if (bench->json)
    {
      fluo_json_writer_key (&bench->writer, "machine");
      fluo_json_writer_begin (&bench->writer, '{');
      write_string (bench, "cpu", model);
      write_number (bench, "cores", g_get_num_processors ());
      write_number (bench, "load", load);
      fluo_json_writer_end (&bench->writer, '}');
      return;
    }
  g_print ("machine: %s, %u cores, load %.2f; %u runs each\n", model, g_get_num_processors (), load,
           FLUO_BENCH_RUNS);
  g_print ("%-34s %10s  %10s  %10s  %s\n", "name", "median", "min", "max", "unit, ratio");
}

static gboolean
is_wanted (char **names, const char *name, gboolean on_demand)
{
  if (!names || !*names)
    return !on_demand;
  return g_strv_contains ((const char *const *) names, name);
}

int
main (int argc, char **argv)
{
  FluoBench bench = { 0 };
  g_auto (GStrv) names = NULL;
  GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &bench.json, "Print JSON", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL, "[SECTION…]" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- figures of the libraries");
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint ran = 0;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  fluo_json_writer_init (&bench.writer, out);
  fluo_json_writer_begin (&bench.writer, '{');
  print_machine (&bench);
  fluo_json_writer_key (&bench.writer, "figures");
  fluo_json_writer_begin (&bench.writer, '[');
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    if (is_wanted (names, sections[i].name, sections[i].on_demand))
      {
        sections[i].func (&bench);
        ran++;
      }
  fluo_json_writer_end (&bench.writer, ']');
  fluo_json_writer_end (&bench.writer, '}');
  if (ran == 0)
    {
      g_printerr ("no such section; there are:");
      for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
        g_printerr (" %s", sections[i].name);
      g_printerr ("\n");
      return 2;
    }
  if (bench.json)
    g_print ("%s\n", out->str);
  return 0;
}
