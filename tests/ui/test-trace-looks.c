/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/fluo-settings.h"
#include "core/fluo-format.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"
#include "trace-page-fixture.h"

/* How a trace's page looks as the user arranged it, and that the next one looks so too. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define PHONE_WIDTH 360

static FluoTracePage *
open_page (FluoTrace *trace, int width, int height, GtkWidget **ret_window)
{
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));

  *ret_window = trace_page_show (GTK_WIDGET (page));
  gtk_window_set_default_size (GTK_WINDOW (*ret_window), width, height);
  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));

  return page;
}

static gboolean
is_below (gpointer data)
{
  FluoTracePage *page = data;

  return fluo_side_pane_get_below (page->split) &&
         gtk_widget_get_width (GTK_WIDGET (page->waterfall)) ==
           gtk_widget_get_width (GTK_WIDGET (page->split));
}

static int
panel_height (FluoTracePage *page)
{
  return gtk_widget_get_height (GTK_WIDGET (page->side));
}

static gboolean
is_low (gpointer data)
{
  return panel_height (data) > 0 && panel_height (data) < 150;
}

static gboolean
is_high (gpointer data)
{
  return panel_height (data) > 200;
}

static gboolean
sees_selection (FluoTracePage *page)
{
  const FluoWaterfallLayout *layout = fluo_waterfall_view_get_layout (page->waterfall);

  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);

      if (box->span == fluo_waterfall_view_get_selected (page->waterfall))
        return box->y >= layout->body_y - 1 &&
               box->y + layout->view.style->row_height <= layout->body_y + layout->body_height + 1;
    }

  return FALSE;
}

static gboolean
sees_rows (gpointer data)
{
  FluoTracePage *page = data;

  return is_below (page) && sees_selection (page) &&
         fluo_waterfall_layout_rows_shown (fluo_waterfall_view_get_layout (page->waterfall)) >= 5;
}

/* In a window of 900 x 600 the header and the tabs leave this much. */
static void
test_small_window (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  GtkWidget *window, *handle;
  FluoTracePage *page = open_page (trace, 900, 516, &window);
  int before;

  g_assert_true (fluo_test_wait_until (sees_rows, page, PATIENCE_MS));
  /* The border moves by key, not further than rows are left; the next trace has it the same way. */
  handle = gtk_widget_get_last_child (GTK_WIDGET (page->split));
  g_assert_false (is_low (page));
  for (guint i = 0; i < 50; i++)
    g_assert_true (trace_page_press_on (handle, GDK_KEY_Down, 0));
  g_assert_true (fluo_test_wait_until (is_low, page, PATIENCE_MS));
  g_assert_cmpint (panel_height (page), >, 80);
  before = panel_height (page);
  gtk_window_destroy (GTK_WINDOW (window));

  page = open_page (trace, 900, 516, &window);
  g_assert_true (fluo_test_wait_until (sees_rows, page, PATIENCE_MS));
  g_assert_cmpint (panel_height (page), ==, before);
  handle = gtk_widget_get_last_child (GTK_WIDGET (page->split));
  g_assert_true (trace_page_press_on (handle, GDK_KEY_Home, 0));
  g_assert_cmpint ((int) fluo_settings_get_int64 ("details-height", -1), ==, 0);
  for (guint i = 0; i < 50; i++)
    trace_page_press_on (handle, GDK_KEY_Up, 0);
  g_assert_true (fluo_test_wait_until (is_high, page, PATIENCE_MS));
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (page->waterfall)), >, 100);
  trace_page_press_on (handle, GDK_KEY_Home, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
fits (FluoTracePage *page, GtkWidget *widget)
{
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (widget, GTK_WIDGET (page), &bounds) && bounds.origin.x >= 0 &&
         bounds.size.width > 0 && bounds.origin.x + bounds.size.width <= PHONE_WIDTH;
}

static gboolean
fits_phone (gpointer data)
{
  FluoTracePage *page = data;

  return gtk_widget_get_width (GTK_WIDGET (page)) == PHONE_WIDTH &&
         fits (page, page->export_button) && fits (page, page->fit_button) &&
         fits (page, GTK_WIDGET (page->sentence)) &&
         fits (page, gtk_stack_get_visible_child (page->side));
}

/* On a telephone nothing lies beyond the edge, with the details or with the log lines. */
static void
test_phone (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  GtkWidget *window;
  FluoTracePage *page = open_page (trace, PHONE_WIDTH, 556, &window);

  g_assert_true (fluo_test_wait_until (fits_phone, page, PATIENCE_MS));
  gtk_editable_set_text (GTK_EDITABLE (page->find), "bank");
  g_assert_true (gtk_widget_get_mapped (page->find_down));
  g_assert_true (fluo_test_wait_until (fits_phone, page, PATIENCE_MS));
  gtk_editable_set_text (GTK_EDITABLE (page->find), "");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.logs", NULL);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (page->side), ==, "logs");
  g_assert_true (fluo_test_wait_until (fits_phone, page, PATIENCE_MS));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* B goes through what colours can mean; both pictures follow, and the next trace. */
static void
test_colors (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  GtkWidget *window;
  FluoTracePage *page = open_page (trace, 1440, 816, &window);

  g_assert_cmpstr (gtk_label_get_text (page->color_label), ==, "Colour: Service");
  g_assert_true (trace_page_press (page, GDK_KEY_b, 0));
  g_assert_cmpstr (gtk_label_get_text (page->color_label), ==, "Colour: Status");
  trace_page_press (page, GDK_KEY_b, 0);
  g_assert_cmpstr (gtk_label_get_text (page->color_label), ==, "Colour: Kind");
  g_assert_cmpint (fluo_waterfall_view_get_layout (page->waterfall)->view.color, ==,
                   FLUO_WATERFALL_COLOR_KIND);
  gtk_window_destroy (GTK_WINDOW (window));

  page = open_page (trace, 1440, 816, &window);
  g_assert_cmpstr (gtk_label_get_text (page->color_label), ==, "Colour: Kind");
  g_assert_cmpint (fluo_waterfall_view_get_layout (page->waterfall)->view.color, ==,
                   FLUO_WATERFALL_COLOR_KIND);
  trace_page_press (page, GDK_KEY_B, GDK_SHIFT_MASK);
  trace_page_press (page, GDK_KEY_B, GDK_SHIFT_MASK);
  trace_page_press (page, GDK_KEY_B, GDK_SHIFT_MASK);
  g_assert_cmpstr (gtk_label_get_text (page->color_label), ==, "Colour: Version");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.color", "s", "service");
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_arranged (gpointer data)
{
  FluoTracePage *page = data;

  return fluo_map_area_get_graph (page->map) != NULL && !fluo_map_area_is_arranging (page->map);
}

static gboolean
says_zoom (gpointer data)
{
  FluoTracePage *page = data;
  const double zoom = fluo_map_area_get_view (page->map)->zoom;
  g_autofree char *text = fluo_format_percent (zoom * 100, "%.0f");

  return zoom < 1 && g_strcmp0 (gtk_label_get_text (page->zoom_label), text) == 0;
}

/* A map that is there before it has a size fits itself in as soon as it has one. Its tools, which
 * say how small it is then, stay in their places: GTK warns of what is drawn without one. */
static void
test_map_tools (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  GtkWidget *window;
  FluoTracePage *page = open_page (trace, 900, 516, &window);

  fluo_trace_page_show_map (page);
  g_assert_true (fluo_test_wait_until (is_arranged, page, PATIENCE_MS));
  g_assert_false (says_zoom (page));
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "map");
  g_assert_true (fluo_test_wait_until (says_zoom, page, PATIENCE_MS));
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
says_nothing (gpointer data)
{
  FluoTracePage *page = data;
  GtkWidget *label = gtk_widget_get_last_child (GTK_WIDGET (page->stats));

  return gtk_widget_get_mapped (label) &&
         g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)),
                    "No call of this trace has an annotation.") == 0;
}

/* A table without rows says why; with rows it says nothing. */
static void
test_no_annotations (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (3, 20);
  GtkWidget *window;
  FluoTracePage *page = open_page (trace, 1440, 816, &window);

  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "annotations");
  g_assert_true (fluo_test_wait_until (says_nothing, page, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "calls");
  g_assert_false (says_nothing (page));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

  g_assert_nonnull (fluo_settings_get ());
  g_test_add_func ("/trace-looks/small-window", test_small_window);
  g_test_add_func ("/trace-looks/phone", test_phone);
  g_test_add_func ("/trace-looks/colors", test_colors);
  g_test_add_func ("/trace-looks/map-tools", test_map_tools);
  g_test_add_func ("/trace-looks/no-annotations", test_no_annotations);

  return g_test_run ();
}
