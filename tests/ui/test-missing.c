/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/connect/fluo-missing-dialog.h"
#include "app/fluo-window.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define OTHER "1-6b000000-0000000000000000000000ff"

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  GtkWidget *dialog;
  const char *words; /* that are waited for */
} Fixture;

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED &&
         !fluo_explorer_is_loading (explorer) && fluo_explorer_get_status (explorer);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, 3, 600, 1);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

static gboolean
says (gpointer data)
{
  Fixture *self = data;
  g_autofree char *text = fake_ui_dup_text (self->dialog);

  return strstr (text, self->words) != NULL;
}

static void
await (Fixture *self, const char *words)
{
  self->words = words;
  g_assert_true (fluo_test_wait_until (says, self, PATIENCE_MS));
}

static gboolean
find_dialog (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GListModel) all = g_object_ref (gtk_window_get_toplevels ());

  self->dialog = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (all) && !self->dialog; i++)
    {
      g_autoptr (GtkWidget) each = g_list_model_get_item (all, i);

      if (FLUO_IS_MISSING_DIALOG (each))
        self->dialog = each;
    }
  return self->dialog != NULL;
}

static void
open_dialog (Fixture *self, const char *trace)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.explain-missing", "s", trace);
  g_assert_true (fluo_test_wait_until (find_dialog, self, PATIENCE_MS));
}

/* What the collector found is shown as it is, be it markup or not, and asked anew on Enter. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  GtkWidget *entry, *expander;

  open_dialog (self, OTHER);
  await (self, "It is <b>gone</b>.");
  await (self, "Refused & %s");
  await (self, "asked for " OTHER ", no key");
  await (self, "Do better");
  expander = fake_ui_find (self->dialog, GTK_TYPE_EXPANDER, NULL);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  await (self, "UDP · python3 (process 7)");
  await (self, "{\"x\":1");
  entry = fake_ui_find (self->dialog, ADW_TYPE_ENTRY_ROW, NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "Root=1-2&key=x");
  g_signal_emit_by_name (entry, "entry-activated");
  /* Whatever is typed is one value. */
  await (self, "asked for Root=1-2&key=x, no key");
  gtk_window_close (GTK_WINDOW (self->dialog));
}

/* From a trace that is there one gets to it. */
static void
test_open (Fixture *self, gconstpointer data)
{
  g_autofree char *id =
      fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));

  open_dialog (self, id);
  await (self, "The trace is here.");
  gtk_widget_activate_action (self->dialog, "missing.open", NULL);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, id);
}

/* A range that leaves the trace out is the reason, and can be changed at once. */
static void
test_range (Fixture *self, gconstpointer data)
{
  FluoTrace *trace = fake_xray_get_trace (self->xray, 0);
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
  gint64 begin_ns = fluo_trace_get_extent (trace).begin_ns;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  fluo_explorer_set_span (explorer, (FluoTimeSpan) { 0, FLUO_NSEC_PER_MIN });
  open_dialog (self, id);
  await (self, "The range on screen leaves it out");
  gtk_widget_activate_action (self->dialog, "missing.show-time", NULL);
  g_assert_true (fluo_time_span_contains (fluo_explorer_get_span (explorer), begin_ns));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
}

/* An error stays in the dialog, with a way to try again. */
static void
test_error (Fixture *self, gconstpointer data)
{
  fake_xray_set_error (self->xray, "InternalFailure");
  open_dialog (self, "");
  await (self, "The collector could not be asked");
  fake_xray_set_error (self->xray, NULL);
  gtk_widget_activate_action (self->dialog, "missing.ask", NULL);
  await (self, "asked for nothing, no key");
  gtk_window_close (GTK_WINDOW (self->dialog));
}

/* A dialog that is closed while it asks is gone, and so is its window. */
static void
test_close (Fixture *self, gconstpointer data)
{
  GtkWidget *dialog;

  open_dialog (self, "");
  dialog = self->dialog;
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));
  while (dialog)
    g_main_context_iteration (NULL, TRUE);
}

/* A trace that is not found leads there with its id. */
static void
test_not_found (Fixture *self, gconstpointer data)
{
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (OTHER, -1, &id));
  fluo_window_open_trace (self->window, &id, FALSE);
  self->dialog = GTK_WIDGET (self->window);
  await (self, "This trace is not here");
  await (self, "Why is it missing?");
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;
  g_test_add ("/ui/missing/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/ui/missing/open", Fixture, NULL, set_up, test_open, tear_down);
  g_test_add ("/ui/missing/range", Fixture, NULL, set_up, test_range, tear_down);
  g_test_add ("/ui/missing/error", Fixture, NULL, set_up, test_error, tear_down);
  g_test_add ("/ui/missing/close", Fixture, NULL, set_up, test_close, tear_down);
  g_test_add ("/ui/missing/not-found", Fixture, NULL, set_up, test_not_found, tear_down);
  return g_test_run ();
}
