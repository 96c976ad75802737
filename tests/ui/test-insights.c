/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Insights in the window: none, switched off, one that goes on; from there to map and traces. */
#include <string.h>

#include <adwaita.h>

#include "app/fluo-window.h"
#include "app/map/fluo-insights-page.h"
#include "app/map/fluo-map-area.h"
#include "core/fluo-time-span.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define CAUSE "bank.example.com"

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  const char *words; /* waited for */
  GtkWidget *found;
} Fixture;

/* The mapped label or button below @widget that says @words. */
static GtkWidget *
find_words (GtkWidget *widget, const char *words)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_words (child, words);

      if (found)
        return found;
    }
  return NULL;
}

static gboolean
is_said (gpointer data)
{
  Fixture *self = data;

  self->found = find_words (GTK_WIDGET (self->window), self->words);
  return self->found != NULL;
}

static gboolean
is_unsaid (gpointer data)
{
  return !is_said (data);
}

/* Waits until the window says it. */
static GtkWidget *
await (Fixture *self, const char *words)
{
  self->words = words;
  if (!fluo_test_wait_until (is_said, self, PATIENCE_MS))
    g_error ("the window does not say “%s”", words);
  return self->found;
}

static void
click (Fixture *self, const char *words)
{
  GtkWidget *button = gtk_widget_get_ancestor (await (self, words), GTK_TYPE_BUTTON);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, 20, 600, 1);
  if (data)
    fake_xray_set_insight (self->xray, *(const char *) data ? data : NULL,
                           g_get_real_time () * 1000 - 300 * FLUO_NSEC_PER_SEC);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1200, 800);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

static void
show_insights (Fixture *self)
{
  await (self, "Live");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "insights");
}

static void
test_nothing (Fixture *self, gconstpointer data)
{
  show_insights (self);
  await (self, "Nothing unusual");
  click (self, "Last 6 hours");
  g_assert_cmpint (fluo_explorer_get_relative_ns (fluo_window_get_explorer (self->window)), ==,
                   6 * 3600 * FLUO_NSEC_PER_SEC);
}

/* Where no group looks for insights, that is said, and one button mends it. */
static void
test_off (Fixture *self, gconstpointer data)
{
  show_insights (self);
  await (self, "Nobody looks for insights");
  click (self, "Look for Insights");
  await (self, "Nothing unusual");
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  await (self, "20");
  fake_xray_set_error (self->xray, "AccessDeniedException");
  fluo_explorer_set_relative (fluo_window_get_explorer (self->window),
                              3600 * FLUO_NSEC_PER_SEC);
  show_insights (self);
  await (self, "Insights can't be read");
  fake_xray_set_error (self->xray, NULL);
  fluo_explorer_reload (fluo_window_get_explorer (self->window));
  click (self, "Try again");
  await (self, "Nothing unusual");
}

/* The notice tells of it on the map and leads to the list, until it is closed. */
static void
test_notice (Fixture *self, gconstpointer data)
{
  await (self, "Faults at " CAUSE " have been high since");
  click (self, "Show insight");
  await (self, "Faults at " CAUSE " since");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "insights");
  await (self, "71 of 7,645 requests from clients failed (0.9%)");
  await (self, "Ongoing");
  click (self, "Show on Map");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  await (self, "Faults at " CAUSE " have been high since");
  g_signal_emit_by_name (gtk_widget_get_next_sibling (
                           gtk_widget_get_ancestor (await (self, "Show insight"), GTK_TYPE_BUTTON)),
                         "clicked");
  self->words = "have been high since";
  g_assert_true (fluo_test_wait_until (is_unsaid, self, PATIENCE_MS));
}

static gboolean
has_asked (gpointer data)
{
  return fake_xray_get_n_insights (data) > 0;
}

/* Of another connection, which answers nothing, nothing is said of what the first one told; and the
 * first one is asked no more. */
static void
test_elsewhere (Fixture *self, gconstpointer data)
{
  FakeXray *other = fake_xray_new ();
  guint n_asked;

  await (self, "Faults at " CAUSE " have been high since");
  fake_xray_set_plain (other, TRUE);
  fake_xray_set_insight (other, NULL, 0);
  fake_xray_set_error (other, "AccessDeniedException");
  n_asked = fake_xray_get_n_insights (self->xray);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (other));
  await (self, "Traces could not be read");
  self->words = "have been high since";
  g_assert_true (fluo_test_wait_until (is_unsaid, self, PATIENCE_MS));
  /* Once it answers, and somebody asked it for its own, whatever was asked before has come. */
  fake_xray_set_error (other, NULL);
  fluo_explorer_reload (fluo_window_get_explorer (self->window));
  g_assert_true (fluo_test_wait_until (has_asked, other, PATIENCE_MS));
  g_assert_null (find_words (GTK_WIDGET (self->window), "have been high since"));
  g_assert_cmpuint (fake_xray_get_n_insights (self->xray), ==, n_asked);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  await (self, "Faults at " CAUSE " have been high since");
  fake_xray_free (other);
}

/* An insight leads to the service that is its cause, and to that service's faulty traces. */
static void
test_ways (Fixture *self, gconstpointer data)
{
  FluoMapArea *area;

  show_insights (self);
  click (self, "Show on Map");
  area = FLUO_MAP_AREA (fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_MAP_AREA, NULL));
  await (self, "Causes");
  g_assert_cmpuint (fluo_map_area_get_node (area), !=, FLUO_MAP_NONE);
  show_insights (self);
  click (self, "Faulty Traces");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  g_assert_cmpstr (fluo_explorer_get_filter (fluo_window_get_explorer (self->window)), ==,
                   "service(id(name: \"" CAUSE "\", type: \"remote\")) { fault }");
  /* Filter and page are one step back. */
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.back", NULL);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "insights");
  g_assert_cmpstr (fluo_explorer_get_filter (fluo_window_get_explorer (self->window)), ==, "");
}

static void
test_span (void)
{
  const gint64 minute = 60 * FLUO_NSEC_PER_SEC;
  FluoInsight insight = { .active = TRUE, .begin_ns = 100 * minute };
  FluoTimeSpan span = fluo_insight_get_span (&insight, 140 * minute);

  g_assert_cmpint (span.begin_ns, ==, 90 * minute);
  g_assert_cmpint (span.end_ns, ==, 140 * minute);
  insight.active = FALSE;
  insight.end_ns = 102 * minute;
  span = fluo_insight_get_span (&insight, 200 * minute);
  g_assert_cmpint (span.begin_ns, ==, 97 * minute + minute / 2);
  g_assert_cmpint (span.end_ns, ==, 104 * minute + minute / 2);
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add_func ("/insights/span", test_span);
  g_test_add ("/insights/nothing", Fixture, "", set_up, test_nothing, tear_down);
  g_test_add ("/insights/off", Fixture, NULL, set_up, test_off, tear_down);
  g_test_add ("/insights/refused", Fixture, "", set_up, test_refused, tear_down);
  g_test_add ("/insights/notice", Fixture, CAUSE, set_up, test_notice, tear_down);
  g_test_add ("/insights/elsewhere", Fixture, CAUSE, set_up, test_elsewhere, tear_down);
  g_test_add ("/insights/ways", Fixture, CAUSE, set_up, test_ways, tear_down);
  return fake_ui_run (home);
}
