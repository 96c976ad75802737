/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "summary-service.h"
#include "ui-watchdog.h"

/* Ten thousand summaries in pages of a hundred, read into the table, while the window goes on. */

#define N_SUMMARIES 10000
#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define N_TRIES 10

typedef struct
{
  SummaryService *service;
  FluoExplorer *explorer;
  GtkWidget *window, *page;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const gint64 now_ns = fluo_time_now_ns ();
  const FluoTimeSpan span = { now_ns - 14 * FLUO_NSEC_PER_MIN, now_ns };
  g_autoptr (FluoXrayClient) client = NULL;

  self->service = summary_service_new (N_SUMMARIES, span);
  self->explorer = fluo_explorer_new ();
  self->page = fluo_traces_page_new (self->explorer);
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1200, 800);
  gtk_window_set_child (GTK_WINDOW (self->window), self->page);
  gtk_window_present (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  client = fluo_xray_client_new (summary_service_get_endpoint (self->service), NULL, NULL);
  fluo_explorer_set_client (self->explorer, client, "shop", "eu-central-1", FALSE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->explorer);
  summary_service_free (self->service);
}

static guint
count_rows (Fixture *self)
{
  return g_list_model_get_n_items (fluo_traces_page_get_model (FLUO_TRACES_PAGE (self->page)));
}

/* Some of which may still be on their way into the table. */
static guint
count_read (Fixture *self)
{
  return fluo_traces_page_get_n_matching (FLUO_TRACES_PAGE (self->page));
}

/* Turns until everything is there. */
static void
fill (Fixture *self, UiWatchdog *dog)
{
  ui_watchdog_reset (dog);
  while (count_rows (self) < N_SUMMARIES || fluo_explorer_is_loading (self->explorer))
    ui_watchdog_turn (dog);
  g_assert_cmpuint (summary_service_get_n_pages (self->service), >=, N_SUMMARIES / 100);
}

/* No turn of the main loop takes as long as a user would notice. The best of a few counts: the
 * others tell of caches that other programs emptied. */
static void
test_watchdog (Fixture *self, gconstpointer data)
{
  UiWatchdog dog;
  gboolean quick;

  ui_watchdog_init (&dog);
  fill (self, &dog);
  quick = ui_watchdog_check (&dog, "ten thousand summaries");
  for (guint i = 1; i < N_TRIES && !quick; i++)
    {
      tear_down (self, data);
      set_up (self, data);
      fill (self, &dog);
      quick = ui_watchdog_check (&dog, "ten thousand summaries");
    }
  g_assert_true (quick);
}

static gboolean
has_some (gpointer data)
{
  return count_rows (data) > 0;
}

/* Stopping is heard at once, and leaves what came. */
static void
test_stop (Fixture *self, gconstpointer data)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);
  guint n;

  g_assert_true (fluo_test_wait_until (has_some, self, PATIENCE_MS));
  fluo_explorer_stop (self->explorer);
  g_assert_false (progress->running);
  n = count_read (self);
  g_assert_cmpuint (n, >, 0);
  /* What was on its way is dropped. */
  for (guint i = 0; i < 200; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (count_read (self), ==, n);
  fluo_explorer_resume (self->explorer);
  while (count_rows (self) < N_SUMMARIES)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add ("/reading/watchdog", Fixture, NULL, set_up, test_watchdog, tear_down);
  g_test_add ("/reading/stop", Fixture, NULL, set_up, test_stop, tear_down);
  return fake_ui_run (home);
}
