/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui-watchdog.h"

#include <time.h>

#include "core/fluo-trace-documents.h"
#include "fluo-test-util.h"

#define SPANS_EACH 50 /* documents have a size that X-Ray takes */
#define N_DOCUMENTS (UI_WATCHDOG_N_SPANS / SPANS_EACH)
#define SHARE .75
#define N_MEASURES 3
#define N_TRIES 10
/* What a frame leaves to be done when there is time, colouring of text for instance. */
#define N_IDLE_TURNS_MAX 100

/* Of this thread alone: what other programs do meanwhile does not count. */
static double
processor_ms (void)
{
  struct timespec time;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time), ==, 0);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static GBytes *
make_documents (void)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < N_DOCUMENTS; i++)
    {
      g_string_append_printf (
        text,
        "%s{\"trace_id\":\"1-6afefa44-946d071d87f412683d601dea\",\"id\":\"%016x\",\"name\":"
        "\"service-%u\",\"start_time\":1795095108.%06u,\"end_time\":1795095118.%06u",
        i ? "," : "", i * SPANS_EACH + 1, i % 23, i, 900000 - i);
      if (i > 0)
        g_string_append_printf (text, ",\"parent_id\":\"%016x\"",
                                (i - 1) / 3 * SPANS_EACH + 2 + i % 40);
      g_string_append (text, ",\"subsegments\":[");
      for (guint k = 1; k < SPANS_EACH; k++)
        g_string_append_printf (
          text,
          "%s{\"id\":\"%016x\",\"name\":\"step-%u\",\"start_time\":1795095108.%06u,\"end_time\":"
          "1795095109.%06u}",
          k > 1 ? "," : "", i * SPANS_EACH + 1 + k, k % 7, i + k * 1000, i + k * 1000);
      g_string_append (text, "]}");
    }
  g_string_append_c (text, ']');
  return g_string_free_to_bytes (text);
}

GFile *
ui_watchdog_write (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "large.json", NULL);
  g_autoptr (GBytes) bytes = make_documents ();
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
  return g_file_new_for_path (path);
}

void
ui_watchdog_init (UiWatchdog *self)
{
  g_autoptr (GBytes) bytes = make_documents ();
  double best_ms = G_MAXDOUBLE;

  for (guint i = 0; i < N_MEASURES; i++)
    {
      const double begin = processor_ms ();
      g_autoptr (GPtrArray) traces = fluo_trace_documents_parse (bytes, 1, NULL, NULL);
      const double took_ms = processor_ms () - begin;

      g_assert_nonnull (traces);
      best_ms = MIN (best_ms, took_ms);
    }
  self->limit_ms = best_ms * SHARE;
  self->worst_ms = 0;
  g_test_message ("reading a large trace takes this thread %.1f ms", best_ms);
}

void
ui_watchdog_reset (UiWatchdog *self)
{
  self->worst_ms = 0;
}

static void
end_watch (UiWatchdog *self, double begin)
{
  const double took_ms = processor_ms () - begin;

  self->worst_ms = MAX (self->worst_ms, took_ms);
}

void
ui_watchdog_turn (UiWatchdog *self)
{
  const double begin = processor_ms ();

  g_main_context_iteration (NULL, TRUE);
  end_watch (self, begin);
}

gboolean
ui_watchdog_check (UiWatchdog *self, const char *what)
{
  g_test_message ("%s: the longest turn took %.1f ms, the most may be %.1f", what, self->worst_ms,
                  self->limit_ms);
  return self->worst_ms < self->limit_ms;
}

static void
painted_cb (GdkFrameClock *clock, guint *n_frames)
{
  ++*n_frames;
}

/* What was done is in the first frame that begins after it, what that leads to in the second. */
static void
draw (UiWatchdog *self, GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  guint n_frames = 0;
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &n_frames);

  while (n_frames < 2)
    {
      gtk_widget_queue_draw (window);
      ui_watchdog_turn (self);
    }
  g_signal_handler_disconnect (clock, id);
  for (guint i = 0; i < N_IDLE_TURNS_MAX && g_main_context_pending (NULL); i++)
    ui_watchdog_turn (self);
}

double
ui_watchdog_act (UiWatchdog *self, GtkWidget *window, void (*act) (gpointer),
                 gboolean (*reached) (gpointer), gpointer data)
{
  double begin;

  ui_watchdog_reset (self);
  begin = processor_ms ();
  act (data);
  end_watch (self, begin);
  draw (self, window);
  while (reached && !reached (data))
    ui_watchdog_turn (self);
  return self->worst_ms;
}

void
ui_watchdog_watch (UiWatchdog *self, const char *what, GtkWidget *window, void (*act) (gpointer),
                   void (*back) (gpointer), gboolean (*reached) (gpointer), gpointer data)
{
  gboolean forth_quick = FALSE, back_quick = FALSE;

  for (guint i = 0; i < N_TRIES && !(forth_quick && back_quick); i++)
    {
      ui_watchdog_act (self, window, act, reached, data);
      forth_quick |= ui_watchdog_check (self, what);
      ui_watchdog_act (self, window, back, reached, data);
      back_quick |= ui_watchdog_check (self, "and back");
    }
  g_assert_true (forth_quick);
  g_assert_true (back_quick);
}
