/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/fluo-window.h"
#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "ui-steps.h"

/* Keeping traces for good in a collector: from the trace, from the table, and back. */

#define PATIENCE_MS UI_PATIENCE_MS
#define N_TRACES 12
#define KEEP "Keep for good, whatever its age (K)"
#define LET_GO "Kept for good: let it go again (K)"

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint n; /* traces that are to be kept */
} Wanted;

static FluoKept *
get_kept (Fixture *self)
{
  return fluo_explorer_get_kept (fluo_window_get_explorer (self->window));
}

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return fluo_explorer_get_summaries (explorer)->len == N_TRACES
         && !fluo_explorer_is_loading (explorer) && fluo_kept_can (get_kept (self));
}

/* Here and there. */
static gboolean
are_kept (gpointer data)
{
  const Wanted *wanted = data;
  guint n = 0;

  for (guint i = 0; i < fake_xray_get_n_traces (wanted->fixture->xray); i++)
    n += fake_xray_is_pinned (
        wanted->fixture->xray,
        fluo_trace_get_id (fake_xray_get_trace (wanted->fixture->xray, i)));
  return n == wanted->n && fluo_kept_get_n (get_kept (wanted->fixture)) == n;
}

static void
wait_for_kept (Fixture *self, guint n)
{
  g_assert_true (fluo_test_wait_until (are_kept, &(Wanted) { self, n }, PATIENCE_MS));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, N_TRACES, 300, 1);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

/* --- From the trace ------------------------------------------------------------------------ */

static gboolean
can_be_kept (gpointer data)
{
  GtkWidget *button = fake_ui_find_button (GTK_WIDGET (((Fixture *) data)->window),
                                           KEEP);

  return button && gtk_widget_is_sensitive (button);
}

static gboolean
shows_kept (gpointer data)
{
  GtkWidget *button = fake_ui_find_button (GTK_WIDGET (((Fixture *) data)->window),
                                           LET_GO);

  return button && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button));
}

static void
test_from_the_trace (Fixture *self, gconstpointer data)
{
  const FluoTraceId *id = fluo_trace_get_id (fake_xray_get_trace (self->xray, 3));

  fluo_window_open_trace (self->window, id, FALSE);
  g_assert_true (fluo_test_wait_until (can_be_kept, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find_button (GTK_WIDGET (self->window), KEEP), "clicked");
  wait_for_kept (self, 1);
  g_assert_true (fluo_kept_has (get_kept (self), id));
  g_assert_true (fluo_test_wait_until (shows_kept, self, PATIENCE_MS));
  ui_assert_says (self->window, "1 trace is kept for good");
  /* It can be taken back at once. */
  ui_click (self->window, "Undo");
  wait_for_kept (self, 0);
  g_assert_true (fluo_test_wait_until (can_be_kept, self, PATIENCE_MS));
}

/* --- From the table ------------------------------------------------------------------------ */

static void
test_from_the_table (Fixture *self, gconstpointer data)
{
  GtkWidget *page;

  fluo_window_show_page (self->window, "traces");
  page = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE, NULL);
  g_assert_true (fluo_traces_page_select (
      FLUO_TRACES_PAGE (page), fluo_trace_get_id (fake_xray_get_trace (self->xray, 5))));
  gtk_widget_activate_action (page, "traces.keep", NULL);
  wait_for_kept (self, 1);
  /* Whoever uses the keyboard has one key for both. */
  gtk_widget_activate_action (page, "traces.toggle-kept", NULL);
  wait_for_kept (self, 0);
  gtk_widget_activate_action (page, "traces.toggle-kept", NULL);
  wait_for_kept (self, 1);
  gtk_widget_activate_action (page, "traces.let-go", NULL);
  wait_for_kept (self, 0);
}

/* What was kept before, or by another program, is known from the start; F5 asks again. */
static void
test_known_from_the_start (Fixture *self, gconstpointer data)
{
  const FluoTraceId *id = fluo_trace_get_id (fake_xray_get_trace (self->xray, 7));
  g_autofree char *text = fluo_trace_id_to_string (id);
  const char *const ids[] = { text, NULL };
  GtkWidget *other = fluo_window_new (NULL, NULL);

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.keep-traces", "(^asb)", ids, TRUE);
  wait_for_kept (self, 1);
  fluo_window_connect_endpoint (FLUO_WINDOW (other), fake_xray_get_endpoint (self->xray));
  {
    Fixture second = { self->xray, FLUO_WINDOW (other) };

    wait_for_kept (&second, 1);
    gtk_widget_activate_action (other, "win.keep-traces", "(^asb)", ids, FALSE);
    wait_for_kept (&second, 0);
  }
  g_assert_true (fluo_kept_has (get_kept (self), id));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.reload", NULL);
  wait_for_kept (self, 0);
  gtk_window_destroy (GTK_WINDOW (other));
}

/* Where nothing can be kept, nothing offers it. */
static void
test_elsewhere (Fixture *self, gconstpointer data)
{
  FakeXray *plain = fake_xray_new ();

  fake_xray_set_plain (plain, TRUE);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (plain));
  g_assert_false (fluo_kept_can (get_kept (self)));
  fluo_window_open_trace (self->window,
                          fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)), FALSE);
  g_assert_false (can_be_kept (self));
  fake_xray_free (plain);
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add ("/kept/from-the-trace", Fixture, NULL, set_up, test_from_the_trace, tear_down);
  g_test_add ("/kept/from-the-table", Fixture, NULL, set_up, test_from_the_table, tear_down);
  g_test_add ("/kept/known-from-the-start", Fixture, NULL, set_up, test_known_from_the_start,
              tear_down);
  g_test_add ("/kept/elsewhere", Fixture, NULL, set_up, test_elsewhere, tear_down);
  return fake_ui_run (home);
}
