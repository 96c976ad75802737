/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/connect/fluo-session.h"
#include "app/trace/fluo-trace-growth.h"
#include "app/trace/fluo-trace-page-private.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "ui-steps.h"

/* A trace that is read again while it may grow: when, by a clock of the test's own; and what a page
 * of AWS shows meanwhile. */

#define ID "1-6a86d2b0-51696fd2dd2b00ce5c4b5551"
#define START_S 1787220656
#define AT(seconds) ((START_S + (seconds)) * FLUO_NSEC_PER_SEC)

#define WEB_BEGUN                                                                                  \
  "{\"trace_id\":\"" ID "\",\"id\":\"0000000000000001\",\"name\":\"web\",\"in_progress\":true,"    \
  "\"start_time\":1787220656}"
#define WEB_ENDED                                                                                  \
  "{\"trace_id\":\"" ID "\",\"id\":\"0000000000000001\",\"name\":\"web\","                         \
  "\"start_time\":1787220656,\"end_time\":1787220658}"
#define BANK                                                                                       \
  "{\"trace_id\":\"" ID "\",\"id\":\"0000000000000002\",\"parent_id\":\"0000000000000001\","       \
  "\"name\":\"bank\",\"start_time\":1787220656.5,\"end_time\":1787220657}"

static FluoTrace *
make_trace (const char *const *documents)
{
  FluoTraceId id;
  FluoTraceBuilder *builder;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  builder = fluo_trace_builder_new (&id);
  for (guint i = 0; documents[i]; i++)
    {
      g_autoptr (GBytes) document = g_bytes_new_static (documents[i], strlen (documents[i]));

      fluo_trace_builder_add (builder, document, NULL);
    }
  return fluo_trace_builder_end (builder, 0);
}

#define TRACE(...) make_trace ((const char *const[]) { __VA_ARGS__, NULL })

/* --- When ---------------------------------------------------------------------------------- */

/* Something new brings the next read near again. */
static void
test_backs_off (void)
{
  g_autoptr (FluoTrace) begun = TRACE (WEB_BEGUN), more = TRACE (WEB_BEGUN, BANK),
                        whole = TRACE (WEB_ENDED, BANK);
  FluoTraceGrowth growth = { 0 };

  g_assert_cmpuint (fluo_trace_growth_tell (&growth, begun, AT (1)), ==, 2);
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, begun, AT (3)), ==, 4);
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, begun, AT (7)), ==, 8);
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, more, AT (15)), ==, 2);
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, more, AT (17)), ==, 4);
  /* All has ended, and there was time for the rest to arrive. */
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, whole, AT (21)), ==, 2);
  g_assert_cmpuint (fluo_trace_growth_tell (&growth, whole, AT (60)), ==, 0);
}

/* What never ends is not asked for for ever. */
static void
test_gives_up (void)
{
  g_autoptr (FluoTrace) begun = TRACE (WEB_BEGUN);
  FluoTraceGrowth growth = { 0 };
  guint n_reads = 1;
  gint64 now_s = 3600;
  guint pause_s;

  while ((pause_s = fluo_trace_growth_tell (&growth, begun, AT (now_s))) > 0)
    {
      g_assert_cmpuint (pause_s, <=, 60);
      now_s += pause_s;
      g_assert_cmpuint (++n_reads, <, 20);
    }
  g_assert_cmpuint (n_reads, ==, FLUO_TRACE_QUIET_MAX + 1);
  g_assert_cmpint (now_s - 3600, <, 8 * 60);
}

static void
test_whole (void)
{
  g_autoptr (FluoTrace) whole = TRACE (WEB_ENDED, BANK), part = TRACE (BANK);
  FluoTraceGrowth growth = { 0 }, lacking = { 0 };

  g_assert_cmpuint (fluo_trace_growth_tell (&growth, whole, AT (3600)), ==, 0);
  /* Its root is missing: for ten minutes it may still come. */
  g_assert_true (fluo_trace_is_partial (part));
  g_assert_cmpuint (fluo_trace_growth_tell (&lacking, part, AT (120)), ==, 2);
  g_assert_cmpuint (fluo_trace_growth_tell (&lacking, part, AT (3600)), ==, 0);
}

/* --- On the page --------------------------------------------------------------------------- */

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  GtkWidget *window;
  FluoTracePage *page;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoXrayClient) client = NULL;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  self->xray = fake_xray_new ();
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_put (self->xray, (const char *const[]) { WEB_BEGUN, NULL });
  client = fluo_xray_client_new (fake_xray_get_endpoint (self->xray), NULL, NULL);
  self->explorer = fluo_explorer_new ();
  fluo_explorer_set_client (self->explorer, client, "shop", "eu-central-1", FALSE);
  self->page = FLUO_TRACE_PAGE (fluo_trace_page_new (self->explorer, &id));
  fluo_trace_page_set_pace (self->page, 10);
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1000, 600);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->explorer);
  fake_xray_free (self->xray);
}

static guint
count_spans (FluoTracePage *page)
{
  FluoTrace *trace = fluo_trace_page_get_trace (page);
  guint n = 0;

  if (trace)
    fluo_trace_get_spans (trace, &n);
  return n;
}

static gboolean
has_one_span (gpointer data)
{
  return count_spans (((Fixture *) data)->page) == 1;
}

static gboolean
has_two_spans (gpointer data)
{
  return count_spans (((Fixture *) data)->page) == 2;
}

static gboolean
is_whole (gpointer data)
{
  Fixture *self = data;

  return count_spans (self->page) == 2
         && fluo_trace_get_n_running (fluo_trace_page_get_trace (self->page)) == 0
         && self->page->reader.growth_source == 0 && !self->page->reader.reading;
}

/* What the user selected stays selected while calls come and end. */
static void
test_grows (Fixture *self, gconstpointer data)
{
  g_assert_true (fluo_test_wait_until (has_one_span, self, UI_PATIENCE_MS));
  fake_xray_put (self->xray, (const char *const[]) { WEB_BEGUN, BANK, NULL });
  g_assert_true (fluo_test_wait_until (has_two_spans, self, UI_PATIENCE_MS));
  fluo_waterfall_view_select (self->page->waterfall, 1);
  fake_xray_put (self->xray, (const char *const[]) { WEB_ENDED, BANK, NULL });
  g_assert_true (fluo_test_wait_until (is_whole, self, UI_PATIENCE_MS));
  g_assert_cmpuint (fluo_waterfall_view_get_selected (self->page->waterfall), ==, 1);
}

/* A page in the background asks for nothing. */
static void
test_hidden (Fixture *self, gconstpointer data)
{
  guint n;

  g_assert_true (fluo_test_wait_until (has_one_span, self, UI_PATIENCE_MS));
  gtk_widget_set_visible (GTK_WIDGET (self->page), FALSE);
  while (self->page->reader.reading)
    g_main_context_iteration (NULL, TRUE);
  n = fake_xray_get_n_batches (self->xray);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fake_xray_get_n_batches (self->xray), ==, n);
  fake_xray_put (self->xray, (const char *const[]) { WEB_BEGUN, BANK, NULL });
  gtk_widget_set_visible (GTK_WIDGET (self->page), TRUE);
  g_assert_true (fluo_test_wait_until (has_two_spans, self, UI_PATIENCE_MS));
}

static gboolean
has_ended_reading (gpointer data)
{
  Fixture *self = data;

  return self->page->reader.growth_source == 0 && !self->page->reader.reading;
}

/* Waiting for the rest never spends more than was allowed, and does not complain of it. */
static void
test_budget (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoMeter) meter = fluo_meter_new (fluo_session_get_prices (), "eu-central-1");
  g_assert_true (fluo_test_wait_until (has_one_span, self, UI_PATIENCE_MS));
  fluo_meter_add (meter, 1000000, 0);
  fluo_meter_set_budget (meter, 1);
  g_assert_false (fluo_meter_may_ask (meter));
  fluo_xray_client_set_meter (fluo_explorer_get_client (self->explorer), meter);
  g_assert_true (fluo_test_wait_until (has_ended_reading, self, UI_PATIENCE_MS));
  g_assert_false (gtk_revealer_get_reveal_child (self->page->error_revealer));
  g_assert_cmpuint (count_spans (self->page), ==, 1);
}

static gboolean
has_trace (gpointer data)
{
  return fluo_trace_page_get_trace (data) != NULL;
}

static gboolean
is_longer (gpointer data)
{
  FluoTracePage *page = data;
  const gint64 seen_ns = *(gint64 *) g_object_get_data (G_OBJECT (page), "seen");
  FluoWaterfallRows *rows = fluo_waterfall_view_get_rows (page->waterfall);

  return fluo_waterfall_rows_get_extent (rows).end_ns > seen_ns;
}

/* What runs grows by the clock, though nothing more has come of it; what is selected stays. What
 * was given up long ago doesn't. */
static void
test_runs (Fixture *self, gconstpointer data)
{
  const gint64 now_ns = fluo_time_now_ns ();
  const gboolean old = data != NULL;
  const gint64 begin_s = now_ns / FLUO_NSEC_PER_SEC - (old ? 7200 : 2);
  g_autofree char *id_text = g_strdup_printf ("1-%08x-%024x", (guint) begin_s, 77);
  g_autofree char *document = g_strdup_printf (
    "{\"trace_id\":\"%s\",\"id\":\"0000000000000077\",\"name\":\"import\","
    "\"start_time\":%d,\"in_progress\":true}",
    id_text, (int) begin_s);
  FluoTracePage *page;
  GtkWidget *window;
  FluoTraceId id;
  gint64 seen_ns;

  fake_xray_put (self->xray, (const char *const[]) { document, NULL });
  g_assert_true (fluo_trace_id_parse (id_text, -1, &id));
  page = FLUO_TRACE_PAGE (fluo_trace_page_new (self->explorer, &id));
  fluo_trace_page_set_pace (page, 20);
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  gtk_window_present (GTK_WINDOW (window));
  g_assert_true (fluo_test_wait_until (has_trace, page, UI_PATIENCE_MS));
  if (old)
    g_assert_cmpuint (page->reader.second_source, ==, 0);
  else
    {
      fluo_waterfall_view_select (page->waterfall, 0);
      seen_ns = fluo_waterfall_rows_get_extent (fluo_waterfall_view_get_rows (page->waterfall))
                  .end_ns;
      g_assert_cmpint (seen_ns, >=, now_ns);
      g_object_set_data (G_OBJECT (page), "seen", &seen_ns);
      g_assert_true (fluo_test_wait_until (is_longer, page, UI_PATIENCE_MS));
      g_assert_cmpuint (fluo_waterfall_view_get_selected (page->waterfall), ==, 0);
      g_assert_cmpuint (fluo_span_panel_get_span (page->panel), ==, 0);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add_func ("/trace-growth/backs-off", test_backs_off);
  g_test_add_func ("/trace-growth/gives-up", test_gives_up);
  g_test_add_func ("/trace-growth/whole", test_whole);
  g_test_add ("/trace-growth/page/grows", Fixture, NULL, set_up, test_grows, tear_down);
  g_test_add ("/trace-growth/page/hidden", Fixture, NULL, set_up, test_hidden, tear_down);
  g_test_add ("/trace-growth/page/budget", Fixture, NULL, set_up, test_budget, tear_down);
  g_test_add ("/trace-growth/page/runs", Fixture, NULL, set_up, test_runs, tear_down);
  g_test_add ("/trace-growth/page/given-up", Fixture, "old", set_up, test_runs, tear_down);
  return fake_ui_run (home);
}
