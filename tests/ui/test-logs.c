/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/trace/fluo-logs-panel-private.h"
#include "app/trace/fluo-trace-page-private.h"
#include "aws/fluo-aws-service.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"
#include "xray-service.h"

/* The log lines of a trace beside its waterfall: X-Ray is one fake, CloudWatch Logs another. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define LOW_HEIGHT 560
#define ROW_HEIGHT 24

typedef struct
{
  FakeXray      *xray;
  XrayService   *logs;
  FluoExplorer  *explorer;
  FluoTrace     *trace;
  FluoTracePage *page;
  GtkWidget     *window;
} Fixture;

static void
open_page (Fixture *self, int width, int height)
{
  self->page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (self->explorer, self->trace));
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), width, height);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoCredentials) keys = fluo_credentials_new ("AKIDEXAMPLE", "secret", NULL, "test");
  g_autoptr (FluoXrayClient) client = NULL;

  self->xray = fake_xray_new ();
  self->logs = xray_service_new (keys);
  client = fluo_xray_client_new (fake_xray_get_endpoint (self->xray), "eu-west-1", keys);
  client->poll_ms = 0;
  fluo_xray_client_set_service_endpoint (client, FLUO_AWS_LOGS, self->logs->url);
  self->explorer = fluo_explorer_new ();
  fluo_explorer_set_client (self->explorer, client, "petshop", "test", FALSE);
  self->trace = fluo_hero_trace_new ();
  open_page (self, 1440, 816);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->explorer);
  fluo_trace_unref (self->trace);
  xray_service_free (self->logs);
  fake_xray_free (self->xray);
}

static void
add_row (Fixture *self, GString *answer, gint64 after_ms, const char *message)
{
  const gint64 time_ns =
    fluo_trace_get_extent (self->trace).begin_ns + after_ms * FLUO_NSEC_PER_MSEC;
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (time_ns / FLUO_NSEC_PER_SEC);
  g_autofree char *text = g_date_time_format (seconds, "%F %T");

  g_string_append_printf (answer,
                          "%s[{\"field\":\"@timestamp\",\"value\":\"%s.%03d\"},{\"field\":"
                          "\"@message\",\"value\":\"%s\"},{\"field\":\"@log\",\"value\":"
                          "\"1:/aws/lambda/payments\"}]",
                          answer->str[answer->len - 1] == '[' ? "" : ",", text,
                          (int) (time_ns / FLUO_NSEC_PER_MSEC % 1000), message);
}

static gboolean
has_logs (gpointer data)
{
  Fixture *self = data;

  return self->page->logs != NULL && fluo_logs_panel_has_logs (self->page->logs)
         && !self->page->logs->ask.running;
}

static gboolean
has_notice (gpointer data)
{
  Fixture *self = data;

  return self->page->logs != NULL && gtk_widget_get_visible (self->page->logs->notice)
         && !self->page->logs->ask.running;
}

static void
read_lines (Fixture *self)
{
  g_autoptr (GString) answer = g_string_new ("{\"status\":\"Complete\",\"results\":[");

  add_row (self, answer, 300, "INFO connected, TLS 1.3");
  add_row (self, answer, 1086, "WARN no answer after 1 s <b>&amp;\\u202e\\u001b[31m");
  add_row (self, answer, 1500, "{\\\"level\\\":\\\"error\\\",\\\"message\\\":\\\"giving up\\\"}");
  g_string_append (answer, "],\"statistics\":{\"bytesScanned\":4096}}");
  xray_service_say (self->logs, "{\"queryId\":\"q-1\"}");
  xray_service_say (self->logs, answer->str);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "trace.logs", NULL);
  g_assert_true (fluo_test_wait_until (has_logs, self, PATIENCE_MS));
}

static void
test_lines (Fixture *self, gconstpointer data)
{
  FluoLogsPanel *panel;
  g_autofree char *text = NULL;
  guint32 before;

  /* Nothing is asked before somebody looks. */
  g_assert_cmpuint (self->logs->requests->len, ==, 0);
  read_lines (self);
  panel = self->page->logs;
  g_assert_cmpuint (panel->shown->len, ==, 3);
  g_assert_nonnull (strstr (xray_service_request (self->logs, 0)->body, "/aws/lambda/payments"));
  text = fake_ui_dup_text (GTK_WIDGET (panel));
  g_assert_nonnull (strstr (text, "3 lines"));
  g_assert_nonnull (strstr (text, "connected, TLS 1.3"));
  g_assert_nonnull (strstr (text, "giving up"));
  /* What somebody wrote is text, and neither markup nor orders to a terminal. */
  g_assert_nonnull (strstr (text, "no answer after 1 s <b>&amp;"));
  g_assert_null (strstr (text, "\033"));
  g_assert_null (strstr (text, "\342\200\256 "));

  /* A line leads to its call, and a call to its lines. */
  before = fluo_waterfall_view_get_selected (self->page->waterfall);
  gtk_single_selection_set_selected (panel->selection, 2);
  g_assert_cmpuint (fluo_waterfall_view_get_selected (self->page->waterfall), !=, before);
  g_assert_cmpuint (fluo_logs_panel_get_selected_line (panel), ==, 2);
  fluo_logs_panel_set_only_call (panel, TRUE);
  g_assert_cmpuint (panel->shown->len, >, 0);
  fluo_waterfall_view_select (self->page->waterfall, 0);
  g_assert_cmpuint (panel->shown->len, ==, 3);
  fluo_logs_panel_set_only_call (panel, FALSE);
}

/* What is looked for in the trace is found in its lines too, also in those that come later. */
static void
test_found (Fixture *self, gconstpointer data)
{
  gtk_editable_set_text (GTK_EDITABLE (self->page->find), "TLS 1.3");
  g_assert_cmpstr (gtk_label_get_text (self->page->find_position), ==, "none");
  read_lines (self);
  g_assert_cmpstr (gtk_label_get_text (self->page->find_position), ==, "1 found");
  gtk_widget_activate_action (GTK_WIDGET (self->page), "trace.find-next", NULL);
  g_assert_cmpstr (gtk_label_get_text (self->page->find_position), ==, "1 of 1");
  /* They stand on the bars of their calls, until the view shows another trace. */
  g_assert_nonnull (fluo_waterfall_rows_get_marks (
    fluo_waterfall_view_get_rows (self->page->waterfall),
    fluo_waterfall_view_get_selected (self->page->waterfall)));
}

static void
test_filter (Fixture *self, gconstpointer data)
{
  FluoLogsPanel *panel;
  FluoTimeSpan visible = fluo_trace_get_extent (self->trace);

  read_lines (self);
  panel = self->page->logs;
  gtk_drop_down_set_selected (panel->levels, 1);
  g_assert_cmpuint (panel->shown->len, ==, 2);
  gtk_drop_down_set_selected (panel->levels, 2);
  g_assert_cmpuint (panel->shown->len, ==, 1);
  gtk_drop_down_set_selected (panel->levels, 0);
  /* The waterfall's visible time is that of the lines. */
  visible.end_ns = visible.begin_ns + 500 * FLUO_NSEC_PER_MSEC;
  fluo_waterfall_view_set_visible (self->page->waterfall, visible);
  g_assert_cmpuint (panel->shown->len, ==, 1);
  fluo_waterfall_view_fit (self->page->waterfall);
  g_assert_cmpuint (panel->shown->len, ==, 3);
}

/* The permission is named, with what to ask for; what the trace itself holds is still there. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  static const XrayAnswer refused = {
    .status = 400,
    .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::1:user/ada is "
            "not authorized to perform: logs:StartQuery on resource: x\"}"
  };
  g_autofree char *text = NULL;

  xray_service_answer (self->logs, &refused);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "trace.logs", NULL);
  g_assert_true (fluo_test_wait_until (has_notice, self, PATIENCE_MS));
  text = fake_ui_dup_text (GTK_WIDGET (self->page->logs));
  g_assert_nonnull (strstr (text, "logs:StartQuery"));
  g_assert_true (gtk_widget_get_visible (self->page->logs->statement));
  g_assert_nonnull (strstr (text, "TimeoutError"));
}

static void
test_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;

  xray_service_say (self->logs, "{\"queryId\":\"q-1\"}");
  xray_service_say (self->logs, "{\"status\":\"Complete\",\"results\":[]}");
  gtk_widget_activate_action (GTK_WIDGET (self->page), "trace.logs", NULL);
  g_assert_true (fluo_test_wait_until (has_notice, self, PATIENCE_MS));
  text = fake_ui_dup_text (GTK_WIDGET (self->page->logs));
  g_assert_nonnull (strstr (text, "has this trace’s ID"));
}

/* Without CloudWatch the trace's own exceptions are shown, and why. */
static void
test_local (Fixture *self, gconstpointer data)
{
  FluoLogsPanel *panel = FLUO_LOGS_PANEL (g_object_ref_sink (fluo_logs_panel_new (NULL)));
  g_autofree char *text = NULL;

  fluo_logs_panel_set_trace (panel, self->trace);
  fluo_logs_panel_read (panel);
  while (fluo_logs_panel_get_lines (panel) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (fluo_logs_panel_has_logs (panel));
  g_assert_cmpuint (fluo_logs_panel_get_lines (panel)->lines->len, >, 0);
  g_assert_nonnull (strstr (gtk_label_get_text (panel->notice_text), "exceptions and events"));
  g_assert_finalize_object (panel);
}

static gboolean
has_room (gpointer data)
{
  Fixture *self = data;
  GtkWidget *list = GTK_WIDGET (self->page->logs->list), *page = GTK_WIDGET (self->page);
  graphene_rect_t notice, lines;
  return !gtk_widget_get_mapped (self->page->logs->strip_area)
         && gtk_widget_compute_bounds (self->page->logs->notice, page, &notice)
         && gtk_widget_compute_bounds (gtk_widget_get_parent (list), page, &lines)
         && lines.origin.y >= notice.origin.y + notice.size.height
         && lines.size.height >= ROW_HEIGHT
         && lines.origin.y + lines.size.height <= LOW_HEIGHT;
}

/* In a small window there is room for what is told, and for lines. */
static void
test_low (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  open_page (self, 360, LOW_HEIGHT);
  test_refused (self, data);
  g_assert_true (fluo_test_wait_until (has_room, self, PATIENCE_MS));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (self->page->logs->search_entry)));
}

int
main (int argc, char *argv[])
{
  if (!fake_ui_init (&argc, &argv))
    return 77;
#define ADD(name, func) g_test_add ("/app/logs/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("lines", test_lines);
  ADD ("found", test_found);
  ADD ("filter", test_filter);
  ADD ("refused", test_refused);
  ADD ("low", test_low);
  ADD ("nothing", test_nothing);
  ADD ("local", test_local);
  return g_test_run ();
}
