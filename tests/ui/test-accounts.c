/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/admin/fluo-admin-window.h"
#include "app/connect/fluo-session.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* Walks through accounts of AWS that are not as one wishes: one right is missing, or nearly all
 * traces are only in Transaction Search. */

#define N_TRACES 25
#define REGION "eu-central-1"
#define ID "1-6a86d2b0-51696fd2dd2b00ce5c4b5551"
#define OTEL_ID "6a86d2b051696fd2dd2b00ce5c4b5551"

typedef struct
{
  FakeXray *aws;
  FluoWindow *window;
} Fixture;

static gboolean
is_connected (gpointer data)
{
  Fixture *self = data;

  return fluo_session_get_connection (fluo_window_get_session (self->window))
         && xray_steps_has_all (fluo_window_get_explorer (self->window), self->aws);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->aws = fake_xray_new ();
  fake_xray_set_plain (self->aws, TRUE);
  fake_xray_add_traces (self->aws, N_TRACES, 600, 1);
  xray_steps_write_profile (fake_xray_get_endpoint (self->aws), REGION, "CANARYSECRETKEY");
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->aws);
}

static void
go_to_shop (Fixture *self)
{
  fluo_window_connect_profile (self->window, "shop", REGION);
  g_assert_true (fluo_test_wait_until (is_connected, self, UI_PATIENCE_MS));
}

/* --- A right is missing -------------------------------------------------------------------- */

static gboolean
has_copied (gpointer data)
{
  return fake_ui_find_button (data, "Copy IAM Statement") != NULL;
}

static GtkWidget *
find_page (Fixture *self)
{
  GtkWidget *page = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_TRACE_PAGE, NULL);

  return gtk_widget_get_first_child (page);
}

/* Who may not open traces still sees list and map, is told what to ask for where the trace would
 * be, and goes on where it was as soon as it may. */
static void
test_missing_right (Fixture *self, gconstpointer data)
{
  const FluoTraceId *id = fluo_trace_get_id (fake_xray_get_trace (self->aws, 2));
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  fake_xray_deny (self->aws, "/Traces");
  go_to_shop (self);
  g_assert_nonnull (fluo_explorer_get_graph (explorer));
  fluo_window_open_trace (self->window, id, FALSE);
  ui_assert_says (self->window, "The trace could not be read");
  ui_assert_says (self->window, "xray:BatchGetTraces");
  g_assert_true (fluo_test_wait_until (has_copied, self->window, UI_PATIENCE_MS));
  /* What can be read is read as before. */
  g_assert_no_error (fluo_explorer_get_error (explorer));
  fake_xray_add_traces (self->aws, 2, 20, 9);
  fluo_explorer_reload (explorer);
  g_assert_true (fluo_test_wait_until (is_connected, self, UI_PATIENCE_MS));
  ui_assert_says (self->window, "xray:BatchGetTraces");
  fake_xray_deny (self->aws, NULL);
  gtk_widget_activate_action (find_page (self), "trace.reload", NULL);
  ui_assert_says (self->window, "Critical path");
}

/* --- Transaction Search -------------------------------------------------------------------- */

#define SEGMENT                                                                                    \
  "{\"trace_id\":\"" ID "\",\"id\":\"0000000000000001\",\"name\":\"checkout\","                    \
  "\"start_time\":1787220656,\"end_time\":1787220657.5}"
#define OTHER_ACCOUNT                                                                              \
  "{\"trace_id\":\"" ID "\",\"id\":\"0000000000000002\",\"parent_id\":\"0000000000000001\","       \
  "\"name\":\"bank\",\"start_time\":1787220656.5,\"end_time\":1787220657,"                         \
  "\"aws\":{\"account_id\":\"210987654321\"}}"
#define SPAN                                                                                       \
  "{\"resource\":{\"attributes\":{\"service.name\":\"checkout\"}},\"traceId\":\"" OTEL_ID "\","    \
  "\"spanId\":\"0000000000000001\",\"parentSpanId\":null,\"name\":\"POST /pay\","                  \
  "\"kind\":\"SERVER\",\"startTimeUnixNano\":1787220656000000000,"                                 \
  "\"endTimeUnixNano\":1787220657500000000}"
#define SPAN_OF_BANK                                                                               \
  "{\"resource\":{\"attributes\":{\"service.name\":\"bank\"}},\"traceId\":\"" OTEL_ID "\","        \
  "\"spanId\":\"0000000000000002\",\"parentSpanId\":\"0000000000000001\",\"name\":\"charge\","     \
  "\"kind\":\"SERVER\",\"startTimeUnixNano\":1787220656500000000,"                                 \
  "\"endTimeUnixNano\":1787220657000000000}"

/* A trace that is not indexed is retrieved, in whatever form the service gives it; spans of other
 * accounts are among the rest. */
static void
test_search (Fixture *self, gconstpointer data)
{
  const gboolean otel = GPOINTER_TO_INT (data);
  FluoTraceId id;

  fake_xray_set_search (self->aws, otel ? "OTEL" : "XRAY", ID,
                        otel ? (const char *const[]) { SPAN, SPAN_OF_BANK, NULL }
                             : (const char *const[]) { SEGMENT, OTHER_ACCOUNT, NULL });
  go_to_shop (self);
  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  fluo_window_open_trace (self->window, &id, FALSE);
  ui_assert_says (self->window, "2 services");
  ui_assert_says (self->window, "checkout · 1.50\302\240s");
  g_assert_cmpuint (fake_xray_get_n_retrievals (self->aws), ==, 1);
}

/* The administration says that it is on, which share is indexed and what that costs. */
static void
test_search_told (Fixture *self, gconstpointer data)
{
  GtkWindow *admin;

  fake_xray_set_search (self->aws, "XRAY", ID, (const char *const[]) { SEGMENT, NULL });
  go_to_shop (self);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.administration", "s", "");
  admin = ui_wait_for_dialog (self->window);
  fluo_admin_window_show (FLUO_ADMIN_WINDOW (admin), FLUO_ADMIN_SECTION_SEARCH);
  ui_assert_says (admin, "Spans go to CloudWatch Logs: Transaction Search is on");
  ui_assert_says (admin, "1%");
  gtk_window_destroy (admin);
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add ("/accounts/missing-right", Fixture, NULL, set_up, test_missing_right, tear_down);
  g_test_add ("/accounts/search/xray", Fixture, GINT_TO_POINTER (FALSE), set_up, test_search,
              tear_down);
  g_test_add ("/accounts/search/otel", Fixture, GINT_TO_POINTER (TRUE), set_up, test_search,
              tear_down);
  g_test_add ("/accounts/search/told", Fixture, NULL, set_up, test_search_told, tear_down);
  return fake_ui_run (home);
}
