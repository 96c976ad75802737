/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <adwaita.h>

#include "app/fluo-resources.h"
#include "app/traces/fluo-traces-page.h"
#include "summary-service.h"
#include "ui-watchdog.h"

/* Ten thousand summaries in pages of a hundred over loopback, parsed and in the table; the service
 * works on the same machine. */

#define N_SUMMARIES 10000
#define READ_MS 1500.0
#define TURN_MS 100.0 /* what a user takes for a program that hangs */

/* What one reading costs. */
typedef enum
{
  COST_WALL,    /* until all are in the table */
  COST_WORK,    /* of this process's processors, without the service */
  COST_SERVICE, /* which makes the pages and sends them */
  COST_TURN,    /* the longest of the main loop */
  N_COSTS
} Cost;

typedef struct
{
  SummaryService *service;
  GtkWidget *window;
} Reading;

static void
read_costs (Reading *self, double costs[N_COSTS])
{
  costs[COST_WALL] = fluo_bench_now () * 1000;
  costs[COST_SERVICE] = summary_service_get_work_ms (self->service);
  costs[COST_WORK] = fluo_bench_process_ms () - costs[COST_SERVICE];
}

static void
read_all (Reading *self, double costs[N_COSTS])
{
  g_autoptr (FluoExplorer) explorer = fluo_explorer_new ();
  GtkWidget *page = fluo_traces_page_new (explorer);
  g_autoptr (FluoXrayClient) client =
      fluo_xray_client_new (summary_service_get_endpoint (self->service), NULL, NULL);
  GListModel *rows = fluo_traces_page_get_model (FLUO_TRACES_PAGE (page));
  double before[N_COSTS];
  UiWatchdog dog = { 0 };

  gtk_window_set_child (GTK_WINDOW (self->window), page);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  read_costs (self, before);
  fluo_explorer_set_client (explorer, client, "shop", "eu-central-1", FALSE);
  while (g_list_model_get_n_items (rows) < N_SUMMARIES || fluo_explorer_is_loading (explorer))
    ui_watchdog_turn (&dog);
  read_costs (self, costs);
  for (guint i = 0; i < COST_TURN; i++)
    costs[i] -= before[i];
  costs[COST_TURN] = dog.worst_ms;
  gtk_window_set_child (GTK_WINDOW (self->window), NULL);
}

static void
measure (FluoBench *bench, Reading *self)
{
  double costs[FLUO_BENCH_RUNS + 1][N_COSTS], values[N_COSTS][FLUO_BENCH_RUNS], service;

  for (guint run = 0; run < G_N_ELEMENTS (costs); run++)
    read_all (self, costs[run]);
  /* The first one does not count. */
  for (guint i = 0; i < N_COSTS; i++)
    for (guint run = 0; run < FLUO_BENCH_RUNS; run++)
      values[i][run] = costs[run + 1][i];
  fluo_bench_figure (bench, "reading/10000-in-the-table", "ms", values[COST_WALL], FLUO_BENCH_RUNS,
                     READ_MS, "the 1.5 s it may take");
  service = fluo_bench_figure (bench, "reading/10000-service", "ms", values[COST_SERVICE],
                               FLUO_BENCH_RUNS, 0, NULL);
  fluo_bench_figure (bench, "reading/10000-work", "ms", values[COST_WORK], FLUO_BENCH_RUNS, service,
                     "the service's own work");
  fluo_bench_figure (bench, "reading/10000-longest-turn", "ms", values[COST_TURN], FLUO_BENCH_RUNS,
                     TURN_MS, "the 100 ms it may take");
}

void
fluo_bench_reading (FluoBench *bench)
{
  const gint64 now_ns = fluo_time_now_ns ();
  const FluoTimeSpan span = { now_ns - 10 * FLUO_NSEC_PER_MIN, now_ns };
  Reading self;

  if (!gtk_init_check ())
    {
      g_printerr ("fluo-bench: reading needs a display; xvfb-run gives one\n");
      return;
    }
  adw_init ();
  fluo_app_load_resources (gdk_display_get_default ());
  self.service = summary_service_new (N_SUMMARIES, span);
  self.window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self.window), 1440, 900);
  gtk_window_present (GTK_WINDOW (self.window));
  measure (bench, &self);
  gtk_window_destroy (GTK_WINDOW (self.window));
  summary_service_free (self.service);
}
