/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-aws-service.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"
#include "trace-page-fixture.h"
#include "xray-service.h"

/* CloudWatch's metrics above the rows of a trace: X-Ray is one fake, CloudWatch another. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray      *xray;
  XrayService   *cloud;
  FluoExplorer  *explorer;
  FluoTrace     *trace;
  FluoTracePage *page;
  GtkWidget     *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoCredentials) keys = fluo_credentials_new ("AKIDEXAMPLE", "secret", NULL, "test");
  g_autoptr (FluoXrayClient) client = NULL;

  self->xray = fake_xray_new ();
  self->cloud = xray_service_new (keys);
  client = fluo_xray_client_new (fake_xray_get_endpoint (self->xray), "eu-west-1", keys);
  client->poll_ms = 0;
  if (data == NULL)
    fluo_xray_client_set_service_endpoint (client, FLUO_AWS_CLOUDWATCH, self->cloud->url);
  self->explorer = fluo_explorer_new ();
  fluo_explorer_set_client (self->explorer, client, "petshop", "test", FALSE);
  self->trace = fluo_hero_trace_new ();
  self->page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (self->explorer, self->trace));
  self->window = trace_page_show (GTK_WIDGET (self->page));
  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, self->page, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->explorer);
  fluo_trace_unref (self->trace);
  xray_service_free (self->cloud);
  fake_xray_free (self->xray);
}

static const FluoWaterfallLane *
get_lane (Fixture *self, guint index)
{
  GPtrArray *lanes = fluo_waterfall_view_get_layout (self->page->waterfall)->view.lanes;

  return lanes != NULL && index < lanes->len ? g_ptr_array_index (lanes, index) : NULL;
}

static gboolean
has_values (gpointer data)
{
  const FluoWaterfallLane *lane = get_lane (data, 0);

  return lane != NULL && lane->steps != NULL && lane->steps->len > 0;
}

static gboolean
has_failed (gpointer data)
{
  const FluoWaterfallLane *lane = get_lane (data, 0);

  return lane != NULL && lane->words != NULL && strstr (lane->words, "could not be read") != NULL;
}

/* Nothing is asked for before the user wants it; then it is one question, and rows begin below. */
static void
test_lanes (Fixture *self, gconstpointer data)
{
  const gint64 begin_s = fluo_trace_get_extent (self->trace).begin_ns / FLUO_NSEC_PER_SEC;
  const double rows_y = fluo_waterfall_view_get_layout (self->page->waterfall)->body_y;
  g_autofree char *answer = g_strdup_printf (
    "{\"MetricDataResults\":[{\"Id\":\"m0\",\"StatusCode\":\"Complete\",\"Timestamps\":[%d,%d],"
    "\"Values\":[7,0]},{\"Id\":\"m1\",\"StatusCode\":\"Forbidden\"},{\"Id\":\"m2\","
    "\"StatusCode\":\"Complete\",\"Timestamps\":[],\"Values\":[]}]}",
    (int) (begin_s - 600), (int) (begin_s - begin_s % 60));
  const char *asked;

  g_assert_true (gtk_widget_get_visible (self->page->metrics_button));
  g_assert_null (get_lane (self, 0));
  g_assert_cmpuint (self->cloud->requests->len, ==, 0);

  xray_service_say (self->cloud, answer);
  g_assert_true (trace_page_press (self->page, GDK_KEY_v, 0));
  g_assert_nonnull (get_lane (self, 0));
  g_assert_true (fluo_test_wait_until (has_values, self, PATIENCE_MS));
  g_assert_cmpuint (self->cloud->requests->len, ==, 1);
  asked = xray_service_request (self->cloud, 0)->body;
  g_assert_nonnull (strstr (asked, "\"FunctionName\",\"Value\":\"payments\""));
  /* What led to the fault comes first; what pressed it before how long it took. */
  g_assert_cmpstr (get_lane (self, 0)->service, ==, "payments");
  g_assert_cmpstr (get_lane (self, 0)->metric, ==, "Throttles, sum");
  g_assert_cmpuint (get_lane (self, 0)->steps->len, ==, 2);
  g_assert_null (get_lane (self, 0)->words);
  g_assert_cmpstr (get_lane (self, 1)->words, ==, "not allowed");
  g_assert_cmpstr (get_lane (self, 2)->words, ==, "no values");
  g_assert_cmpfloat (fluo_waterfall_view_get_layout (self->page->waterfall)->body_y, ==,
                     rows_y + 3 * FLUO_WATERFALL_LANE_PX);

  trace_page_press (self->page, GDK_KEY_v, 0);
  g_assert_null (get_lane (self, 0));
  g_assert_cmpfloat (fluo_waterfall_view_get_layout (self->page->waterfall)->body_y, ==, rows_y);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  XrayAnswer answer = { .status = 400,
                        .error_type = "AccessDeniedException",
                        .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" };

  xray_service_answer (self->cloud, &answer);
  trace_page_press (self->page, GDK_KEY_v, 0);
  g_assert_true (fluo_test_wait_until (has_failed, self, PATIENCE_MS));
  /* Asked for once more it is asked for once more. */
  trace_page_press (self->page, GDK_KEY_v, 0);
  xray_service_say (self->cloud, "{\"MetricDataResults\":[{\"Id\":\"m0\",\"StatusCode\":"
                                 "\"Complete\",\"Timestamps\":[1],\"Values\":[1]}]}");
  trace_page_press (self->page, GDK_KEY_v, 0);
  g_assert_true (fluo_test_wait_until (has_values, self, PATIENCE_MS));
}

/* Traces that CloudWatch knows nothing of have no such button. */
static void
test_none (Fixture *self, gconstpointer data)
{
  g_assert_false (gtk_widget_get_visible (self->page->metrics_button));
  trace_page_press (self->page, GDK_KEY_v, 0);
  g_assert_null (get_lane (self, 0));
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)
  ADD ("/trace-metrics/lanes", NULL, test_lanes);
  ADD ("/trace-metrics/refused", NULL, test_refused);
  ADD ("/trace-metrics/none", "local", test_none);

  return g_test_run ();
}
