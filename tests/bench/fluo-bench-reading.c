/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <adwaita.h>
#include <time.h>

#include "app/fluo-resources.h"
#include "app/traces/fluo-traces-page.h"
#include "summary-service.h"

/* Ten thousand summaries in pages of a hundred over loopback, parsed and in the table; the service
 * works on the same machine. */

#define N_SUMMARIES 10000
#define READ_MS 1500.0

typedef struct
{
  SummaryService *service;
  GtkWidget *window;
  gboolean work; /* of all threads, those of the service too; else by the clock */
} Reading;

static double
read_all (gpointer data)
{
  Reading *self = data;
  g_autoptr (FluoExplorer) explorer = fluo_explorer_new ();
  GtkWidget *page = fluo_traces_page_new (explorer);
  g_autoptr (FluoXrayClient) client =
      fluo_xray_client_new (summary_service_get_endpoint (self->service), NULL, NULL);
  GListModel *rows = fluo_traces_page_get_model (FLUO_TRACES_PAGE (page));
  struct timespec work[2];
  double began, done;

  gtk_window_set_child (GTK_WINDOW (self->window), page);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &work[0]);
  began = fluo_bench_now ();
  fluo_explorer_set_client (explorer, client, "shop", "eu-central-1", FALSE);
  while (g_list_model_get_n_items (rows) < N_SUMMARIES || fluo_explorer_is_loading (explorer))
    g_main_context_iteration (NULL, TRUE);
  done = fluo_bench_now ();
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &work[1]);
  gtk_window_set_child (GTK_WINDOW (self->window), NULL);
  if (self->work)
    return (double) (work[1].tv_sec - work[0].tv_sec) * 1e3
           + (double) (work[1].tv_nsec - work[0].tv_nsec) / 1e6;
  return (done - began) * 1000;
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
  self.work = FALSE;
  self.service = summary_service_new (N_SUMMARIES, span);
  self.window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self.window), 1440, 900);
  gtk_window_present (GTK_WINDOW (self.window));
  fluo_bench_run_vs (bench, "reading/10000-in-the-table", "ms", read_all, &self, READ_MS,
                     "the 1.5 s it may take");
  self.work = TRUE;
  fluo_bench_run_vs (bench, "reading/10000-work", "ms", read_all, &self, READ_MS,
                     "the 1.5 s it may take");
  gtk_window_destroy (GTK_WINDOW (self.window));
  summary_service_free (self.service);
}
