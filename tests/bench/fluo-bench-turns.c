/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <adwaita.h>

#include "app/fluo-resources.h"
#include "app/trace/fluo-trace-file.h"
#include "fluo-test-util.h"
#include "trace-page-fixture.h"
#include "ui-watchdog.h"

/* The longest turn of the main loop while a trace of half a million spans is opened and looked at:
 * what a user may have to wait for. */

#define TURN_MS 100.0 /* what a user takes for a program that hangs */

typedef struct
{
  UiWatchdog dog;
  GFile *file;
  FluoTracePage *page;
  GtkWidget *window;
} Turns;

typedef struct
{
  Turns *turns;
  guint key, back;
} Act;

static const struct
{
  const char *name;
  guint key, back;
} keys[] = {
  { "turns/close-all", GDK_KEY_1, GDK_KEY_asterisk },
  { "turns/open-all", GDK_KEY_asterisk, GDK_KEY_1 },
  { "turns/fold-waits", GDK_KEY_w, GDK_KEY_w },
  { "turns/to-the-end", GDK_KEY_End, GDK_KEY_Home },
  { "turns/next-call", GDK_KEY_Down, GDK_KEY_Up },
};

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Turns *self = user_data;
  g_autoptr (GPtrArray) traces =
    fluo_trace_file_load_finish (G_FILE (source), result, NULL, NULL);

  self->page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, traces->pdata[0]));
  self->window = trace_page_show (GTK_WIDGET (self->page));
}

static double
open_it (gpointer data)
{
  Turns *self = data;

  if (self->window)
    gtk_window_destroy (GTK_WINDOW (self->window));
  self->page = NULL;
  ui_watchdog_reset (&self->dog);
  fluo_trace_file_load_async (self->file, NULL, loaded_cb, self);
  while (!self->page || !trace_page_is_laid_out (self->page))
    ui_watchdog_turn (&self->dog);
  return self->dog.worst_ms;
}

static void
press (gpointer data)
{
  Act *act = data;

  trace_page_press (act->turns->page, act->key, 0);
}

static void
press_back (gpointer data)
{
  Act *act = data;

  trace_page_press (act->turns->page, act->back, 0);
}

static double
do_it (gpointer data)
{
  Act *act = data;
  UiWatchdog *dog = &act->turns->dog;
  const double took_ms = ui_watchdog_act (dog, act->turns->window, press, NULL, act);

  ui_watchdog_act (dog, act->turns->window, press_back, NULL, act);
  return took_ms;
}

void
fluo_bench_turns (FluoBench *bench)
{
  Turns self = { 0 };
  char *dir;

  if (!gtk_init_check ())
    {
      g_printerr ("fluo-bench: turns needs a display; xvfb-run gives one\n");
      return;
    }
  adw_init ();
  fluo_app_load_resources (gdk_display_get_default ());
  dir = fluo_test_dir_new ();
  self.file = ui_watchdog_write (dir);
  fluo_bench_run_vs (bench, "turns/opening", "ms", open_it, &self, TURN_MS,
                     "the 100 ms it may take");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    fluo_bench_run_vs (bench, keys[i].name, "ms", do_it,
                       &(Act) { &self, keys[i].key, keys[i].back }, TURN_MS,
                       "the 100 ms it may take");
  gtk_window_destroy (GTK_WINDOW (self.window));
  g_object_unref (self.file);
  fluo_test_dir_free (dir);
}
