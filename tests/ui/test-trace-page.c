/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "app/trace/fluo-trace-file.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"
#include "trace-page-fixture.h"
#include "ui-watchdog.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
/* Tries to open a file without a turn that takes too long. */
#define N_OPENINGS 5

static void
count_cb (guint *counter)
{
  (*counter)++;
}

static void
test_trace (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  guint position, n;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  g_assert_cmpstr (fluo_trace_page_get_title (page), ==,
                   "POST /checkout · 2.31\302\240s · 13:31:48");
  g_assert_true (fluo_trace_page_get_trace (page) == trace);
  g_assert_cmpstr (gtk_label_get_text (page->sentence), ==,
                   "92% of 2.31\302\240s was spent waiting for bank.example.com from payments; "
                   "fault: TimeoutError");
  /* It opens on the cause, with its details. */
  g_assert_cmpstr (trace_page_selected_name (page), ==, "bank.example.com");
  g_assert_cmpuint (fluo_span_panel_get_span (page->panel), ==,
                    fluo_waterfall_view_get_selected (page->waterfall));
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "overview");

  gtk_editable_set_text (GTK_EDITABLE (page->find), "stock");
  fluo_waterfall_view_get_found (page->waterfall, &position, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "stock");
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "3 of 3");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.find-next", NULL);
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "1 of 3");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.find-previous", NULL);
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "3 of 3");
  gtk_editable_set_text (GTK_EDITABLE (page->find), "nothing such");
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "none");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_keys (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  FluoWaterfallRows *rows;
  guint n_changed = 0;
  FluoTimeSpan whole, visible;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  rows = fluo_waterfall_view_get_rows (page->waterfall);
  g_signal_connect_swapped (page->waterfall, "selection-changed", G_CALLBACK (count_cb),
                            &n_changed);
  g_assert_true (trace_page_press (page, GDK_KEY_Down, 0));
  g_assert_cmpstr (trace_page_selected_name (page), ==, "connect");
  g_assert_cmpuint (n_changed, ==, 1);
  trace_page_press (page, GDK_KEY_p, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "bank.example.com");
  trace_page_press (page, GDK_KEY_n, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "wait for answer");
  trace_page_press (page, GDK_KEY_N, GDK_SHIFT_MASK);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "bank.example.com");

  trace_page_press (page, GDK_KEY_Left, 0);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 19);
  trace_page_press (page, GDK_KEY_Left, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "payments");
  trace_page_press (page, GDK_KEY_End, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "SES");
  trace_page_press (page, GDK_KEY_Home, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "petshop/prod");

  whole = fluo_waterfall_view_get_visible (page->waterfall);
  trace_page_press (page, GDK_KEY_End, 0);
  trace_page_press (page, GDK_KEY_z, 0);
  visible = fluo_waterfall_view_get_visible (page->waterfall);
  g_assert_cmpint (fluo_time_span_length (visible), <, fluo_time_span_length (whole) / 5);
  g_assert_cmpfloat (fluo_waterfall_view_get_zoom (page->waterfall), >, 5);
  trace_page_press (page, GDK_KEY_Left, GDK_SHIFT_MASK);
  g_assert_cmpint (fluo_waterfall_view_get_visible (page->waterfall).begin_ns, <, visible.begin_ns);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.fit", NULL);
  g_assert_true (fluo_time_span_equal (fluo_waterfall_view_get_visible (page->waterfall), whole));
  for (guint i = 0; i < 60; i++)
    fluo_waterfall_view_zoom (page->waterfall, 2);
  g_assert_cmpint (fluo_time_span_length (fluo_waterfall_view_get_visible (page->waterfall)), ==,
                   FLUO_WATERFALL_ZOOM_MIN_NS);

  g_assert_true (fluo_waterfall_view_get_critical (page->waterfall));
  trace_page_press (page, GDK_KEY_c, 0);
  g_assert_false (fluo_waterfall_view_get_critical (page->waterfall));
  g_assert_false (trace_page_press (page, GDK_KEY_c, GDK_CONTROL_MASK));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_panel (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  g_autofree char *json = NULL;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  fluo_span_panel_set_tab (page->panel, "exception");
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "exception");
  json = fluo_span_panel_dup_json (page->panel);
  g_assert_nonnull (strstr (json, "\"bank.example.com\""));
  /* A span without exceptions shows its overview; the next one that has some shows them again. */
  trace_page_press (page, GDK_KEY_Down, 0);
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "overview");
  trace_page_press (page, GDK_KEY_Up, 0);
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "exception");
  g_signal_emit_by_name (page->panel, "jump", 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "petshop/prod");

  g_assert_true (gtk_widget_is_visible (GTK_WIDGET (page->panel)));
  fluo_trace_page_toggle_panel (page);
  g_assert_false (gtk_widget_is_visible (GTK_WIDGET (page->panel)));
  fluo_trace_page_toggle_panel (page);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.move-panel", NULL);
  g_assert_true (fluo_side_pane_get_below (page->split));
  /* Where the settings are installed it is remembered. */
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.move-panel", NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_stacked (gpointer data)
{
  return fluo_side_pane_get_below (((FluoTracePage *) data)->split);
}

typedef struct
{
  FluoTracePage *page;
  GtkWidget *window;
  int width;
} Room;

/* The window has that width, and the panel lies in it. */
static gboolean
has_room (gpointer data)
{
  const Room *room = data;
  graphene_rect_t place;
  int least;

  gtk_widget_measure (room->window, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  return gtk_widget_get_width (room->window) == MAX (room->width, least) &&
         gtk_widget_compute_bounds (GTK_WIDGET (room->page->panel), room->window, &place) &&
         place.origin.x + place.size.width <= gtk_widget_get_width (room->window);
}

/* Beside the bars the panel takes room: it moves below before the two need more than there is, so
 * that nothing is cut off. */
static void
test_narrow (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  g_assert_false (is_stacked (page));
  for (int width = 1400; width >= 400; width -= 100)
    {
      gtk_window_set_default_size (GTK_WINDOW (window), width, 600);
      g_assert_true (
        fluo_test_wait_until (has_room, &(Room) { page, window, width }, PATIENCE_MS));
    }
  g_assert_true (fluo_test_wait_until (is_stacked, page, PATIENCE_MS));
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_failed (gpointer data)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (((FluoTracePage *) data)->stack), "failed") ==
         0;
}

static gboolean
has_trace (gpointer data)
{
  return fluo_trace_page_get_trace (data) != NULL;
}

static gboolean
has_error (gpointer data)
{
  return gtk_revealer_get_reveal_child (((FluoTracePage *) data)->error_revealer);
}

static gboolean
has_no_error (gpointer data)
{
  return !has_error (data);
}

static void
test_reading (void)
{
  FakeXray *xray = fake_xray_new ();
  FluoExplorer *explorer = fluo_explorer_new ();
  g_autoptr (FluoXrayClient) client =
    fluo_xray_client_new (fake_xray_get_endpoint (xray), NULL, NULL);
  FluoTracePage *page;
  GtkWidget *window;
  FluoTraceId id;

  fluo_explorer_set_client (explorer, client, "Local", "this computer", TRUE);
  g_assert_true (fluo_trace_id_parse ("1-00000001-000000000000000000000001", -1, &id));
  page = FLUO_TRACE_PAGE (fluo_trace_page_new (explorer, &id));
  window = trace_page_show (GTK_WIDGET (page));
  g_assert_true (fluo_test_wait_until (has_failed, page, PATIENCE_MS));
  g_assert_cmpstr (gtk_label_get_text (page->failed_title), ==, "This trace is not here");
  gtk_window_destroy (GTK_WINDOW (window));

  fake_xray_add_traces (xray, 3, 60, 5);
  id = *fluo_trace_get_id (fake_xray_get_trace (xray, 1));
  page = FLUO_TRACE_PAGE (fluo_trace_page_new (explorer, &id));
  window = trace_page_show (GTK_WIDGET (page));
  g_assert_true (fluo_test_wait_until (has_trace, page, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));

  /* A reading that fails says so and takes nothing away. */
  fake_xray_set_error (xray, "InternalFailure");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.reload", NULL);
  g_assert_true (fluo_test_wait_until (has_error, page, PATIENCE_MS));
  g_assert_nonnull (fluo_trace_page_get_trace (page));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (page->stack), ==, "content");
  fake_xray_set_error (xray, NULL);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.reload", NULL);
  g_assert_true (fluo_test_wait_until (has_no_error, page, PATIENCE_MS));

  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (explorer);
  fake_xray_free (xray);
}

static gboolean
has_rows (gpointer data)
{
  FluoTracePage *page = data;

  return g_list_model_get_n_items (fluo_stats_view_get_rows (page->stats)) > 0;
}

/* "tier = gold" of the entry is one of its kinds. */
static gboolean
has_annotation (gpointer data)
{
  FluoTracePage *page = data;
  g_autoptr (GArray) stats = fluo_trace_dup_stats (page->trace, FLUO_TRACE_STATS_ANNOTATION);
  gboolean found = FALSE;

  for (guint i = 0; i < stats->len; i++)
    found = found || g_str_equal (g_array_index (stats, FluoTraceStat, i).label, "tier = gold");

  return found && g_list_model_get_n_items (fluo_stats_view_get_rows (page->stats)) == stats->len;
}

/* The same trace as a table: by kind of call, by service, and back. */
static void
test_statistics (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  g_autoptr (GArray) calls = fluo_trace_dup_stats (trace, FLUO_TRACE_STATS_CALL);
  g_autoptr (GArray) services = fluo_trace_dup_stats (trace, FLUO_TRACE_STATS_SERVICE);
  const FluoTraceStat *first = &g_array_index (calls, FluoTraceStat, 0);
  gint64 own = 0, own_by_service = 0;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "calls");
  g_assert_true (fluo_test_wait_until (has_rows, page, PATIENCE_MS));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (page->views), ==, "stats");
  g_assert_cmpuint (g_list_model_get_n_items (fluo_stats_view_get_rows (page->stats)), ==,
                    calls->len);
  g_assert_cmpstr (
    fluo_trace_get_string (trace, fluo_trace_get_spans (trace, NULL)[first->span].name), ==,
    "wait for answer");
  /* A row leads to the slowest call of its kind. */
  g_signal_emit_by_name (page->stats, "selected", first->span);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "wait for answer");

  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "services");
  g_assert_true (fluo_test_wait_until (has_rows, page, PATIENCE_MS));
  g_assert_cmpuint (services->len, <, calls->len);
  for (guint i = 0; i < calls->len; i++)
    own += g_array_index (calls, FluoTraceStat, i).own_ns;
  for (guint i = 0; i < services->len; i++)
    own_by_service += g_array_index (services, FluoTraceStat, i).own_ns;
  g_assert_cmpint (own, ==, own_by_service);

  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "annotations");
  g_assert_true (fluo_test_wait_until (has_annotation, page, PATIENCE_MS));

  /* A kind leads to all its calls. */
  g_signal_emit_by_name (page->stats, "activated", first->span, "wait for answer");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (page->views), ==, "waterfall");
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "1 of 1");
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_flame (gpointer data)
{
  FluoTracePage *page = data;

  return fluo_flame_view_get_flame (page->flame) != NULL &&
         gtk_widget_get_width (GTK_WIDGET (page->flame)) > 0 &&
         fluo_flame_view_get_layout (page->flame)->boxes->len > 0;
}

static gboolean
is_zoomed (gpointer data)
{
  return fabs (fluo_flame_view_get_zoom (((FluoTracePage *) data)->flame) - 1) > 0.1 &&
         fluo_flame_view_get_layout (((FluoTracePage *) data)->flame)->view.length > 0;
}

static gboolean
has_map (gpointer data)
{
  FluoTracePage *page = data;
  FluoServiceGraph *graph = fluo_map_area_get_graph (page->map);

  return graph != NULL && !fluo_map_area_is_arranging (page->map) &&
         fluo_map_area_get_node (page->map) < graph->nodes->len &&
         fluo_map_area_get_map (page->map) != NULL;
}

/* The trace's services as a map: it says calls instead of rates, and shows the same selection. */
static void
test_map (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  FluoServiceGraph *graph;
  const FluoMap *map;
  guint bank;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.view", "s", "map");
  g_assert_true (fluo_test_wait_until (has_map, page, PATIENCE_MS));
  g_assert_true (gtk_stack_get_visible_child (page->views) == GTK_WIDGET (page->map));
  g_assert_true (gtk_widget_get_visible (page->fit_button));
  g_assert_false (gtk_widget_get_visible (page->fold_button));
  graph = fluo_map_area_get_graph (page->map);
  map = fluo_map_area_get_map (page->map);
  bank = fluo_service_graph_find (graph, "bank.example.com", "remote");
  g_assert_cmpuint (bank, <, graph->nodes->len);
  g_assert_cmpuint (fluo_map_area_get_node (page->map), ==, bank);
  for (guint i = 0; i < map->n_nodes; i++)
    if (map->nodes[i].node == bank && map->nodes[i].numbers != NULL)
      g_assert_cmpstr (map->nodes[i].numbers, ==, "2.12\302\240s · 1 call");
  fluo_map_area_select_node (page->map, "payments", "AWS::Lambda::Function");
  g_assert_cmpstr (trace_page_selected_name (page), ==, "payments");
  fluo_waterfall_view_select (page->waterfall, fluo_trace_get_root (trace));
  g_assert_cmpuint (fluo_map_area_get_node (page->map), !=, bank);
  g_assert_cmpuint (fluo_map_area_get_node (page->map), ==,
                    fluo_service_graph_find (graph, "petshop/prod", "AWS::ApiGateway::Stage"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_whole (gpointer data)
{
  return fluo_flame_view_get_zoom (((FluoTracePage *) data)->flame) <= 1;
}

/* The flame graph shows the same selection, is walked with keys, and goes back with Esc. */
static void
test_flame (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page)), *view = GTK_WIDGET (page->flame);
  FluoFlame *flame;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  trace_page_press (page, GDK_KEY_f, 0);
  g_assert_true (fluo_test_wait_until (has_flame, page, PATIENCE_MS));
  g_assert_true (gtk_stack_get_visible_child (page->views) == view);
  g_assert_false (gtk_widget_get_visible (page->fold_button));
  flame = fluo_flame_view_get_flame (page->flame);
  g_assert_cmpuint (fluo_flame_view_get_selected (page->flame), ==,
                    fluo_flame_find (flame, fluo_waterfall_view_get_selected (page->waterfall)));

  g_assert_cmpstr (trace_page_selected_name (page), ==, "bank.example.com");
  g_assert_true (trace_page_press_on (view, GDK_KEY_Down, 0));
  g_assert_cmpstr (trace_page_selected_name (page), ==, "wait for answer");
  trace_page_press_on (view, GDK_KEY_Right, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "connect");
  trace_page_press_on (view, GDK_KEY_Up, 0);
  trace_page_press_on (view, GDK_KEY_Up, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "payments");
  g_assert_cmpuint (fluo_span_panel_get_span (page->panel), ==,
                    fluo_waterfall_view_get_selected (page->waterfall));
  trace_page_press_on (view, GDK_KEY_n, 0);
  g_assert_cmpstr (trace_page_selected_name (page), ==, "bank.example.com");

  trace_page_press_on (view, GDK_KEY_Return, 0);
  g_assert_true (fluo_test_wait_until (is_zoomed, page, PATIENCE_MS));
  g_assert_true (trace_page_press_on (view, GDK_KEY_Escape, 0));
  g_assert_true (fluo_test_wait_until (is_whole, page, PATIENCE_MS));
  /* Nothing left to go back to: Esc is the window's. */
  g_assert_false (trace_page_press_on (view, GDK_KEY_Escape, 0));
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.zoom-in", NULL);
  g_assert_cmpstr (gtk_label_get_text (page->zoom_label), ==, "150%");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.fit", NULL);
  g_assert_true (fluo_test_wait_until (is_whole, page, PATIENCE_MS));

  gtk_editable_set_text (GTK_EDITABLE (page->find), "stock");
  /* The first try failed and the second is alike: they are one frame beside the later call's. */
  g_assert_cmpuint (fluo_flame_get_n_found (flame), ==, 2);
  gtk_editable_set_text (GTK_EDITABLE (page->find), "");
  g_assert_cmpuint (fluo_flame_get_n_found (flame), ==, 0);

  trace_page_press_on (view, GDK_KEY_f, 0);
  g_assert_true (gtk_stack_get_visible_child (page->views) == GTK_WIDGET (page->waterfall));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* "api" answers three calls by a clock that is two seconds slow. */
static FluoTrace *
slow_clock_new (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GString) web = g_string_new (
    "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"00000000000000ff\","
    "\"name\":\"web\",\"start_time\":1600000000,\"end_time\":1600000001,\"subsegments\":[");

  for (guint i = 0; i < 3; i++)
    {
      double begin = 1600000000 + 0.3 * i;
      g_autofree char *text = g_strdup_printf (
        "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"%016x\",\"name\":\"api\","
        "\"parent_id\":\"%016x\",\"start_time\":%.3f,\"end_time\":%.3f}",
        0x100 + i, i + 1, begin - 1.98, begin - 1.92);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
      g_string_append_printf (
        web,
        "%s{\"id\":\"%016x\",\"name\":\"api\",\"namespace\":\"remote\",\"start_time\":%.3f,"
        "\"end_time\":%.3f,\"http\":{\"response\":{\"status\":200}}}",
        i > 0 ? "," : "", i + 1, begin, begin + 0.1);
    }
  g_string_append (web, "]}");
  {
    g_autoptr (GBytes) bytes = g_bytes_new (web->str, web->len);

    g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
  }

  return fluo_trace_builder_end (builder, 0);
}

/* Shown as sent until somebody asks for the shift, with a key or the button; and back. */
static void
test_clock (void)
{
  g_autoptr (FluoTrace) trace = slow_clock_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page)), *button;
  FluoWaterfallRows *rows;
  g_autofree char *slow = NULL, *shifted = NULL;
  guint32 span;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  g_assert_true (gtk_widget_get_visible (page->clock.notices));
  rows = fluo_waterfall_view_get_rows (page->waterfall);
  span = fluo_trace_find (page->trace, 0x100);
  slow = fluo_waterfall_rows_dup_clock (rows, span);
  g_assert_cmpstr (slow, ==, "clock 2.00\302\240s slow");
  g_assert_true (page->trace == trace);
  g_assert_cmpint (fluo_time_span_length (fluo_trace_get_extent (page->trace)), >,
                   2 * FLUO_NSEC_PER_SEC);
  fluo_waterfall_view_select (page->waterfall, span);
  trace_page_press (page, GDK_KEY_s, 0);
  g_assert_cmpint (fluo_time_span_length (fluo_trace_get_extent (page->trace)), ==,
                   FLUO_NSEC_PER_SEC);
  /* The same call is still selected, and says what was done to it. */
  rows = fluo_waterfall_view_get_rows (page->waterfall);
  span = fluo_waterfall_view_get_selected (page->waterfall);
  g_assert_cmphex (fluo_trace_get_spans (page->trace, NULL)[span].id, ==, 0x100);
  shifted = fluo_waterfall_rows_dup_clock (rows, span);
  g_assert_cmpstr (shifted, ==, "shifted +2.00\302\240s");

  button = fake_ui_find (page->clock.notices, GTK_TYPE_BUTTON, NULL);
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (button)), ==, "Show as sent");
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (page->trace == trace);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* --- Nothing waits ---------------------------------------------------------------------------- */

typedef struct
{
  UiWatchdog     dog;
  GFile         *file;  /* what is opened: that of a trace, or */
  FluoTrace     *trace;
  FluoTracePage *page;
  GtkWidget     *window;
} Watch;

static void
show_trace (Watch *self, FluoTrace *trace)
{
  self->page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  self->window = trace_page_show (GTK_WIDGET (self->page));
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) traces =
    fluo_trace_file_load_finish (G_FILE (source), result, NULL, &error);

  g_assert_no_error (error);
  show_trace (watch, g_ptr_array_index (traces, 0));
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fluo_trace_file_load_finish (G_FILE (source), result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) user_data = TRUE;
}

/* Who stops reading a file hears of no traces. */
static void
test_stopped_file (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "trace.json", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  gboolean stopped = FALSE;

  g_assert_true (g_file_set_contents (path, "[]", -1, NULL));
  fluo_trace_file_load_async (file, stop, stopped_cb, &stopped);
  g_cancellable_cancel (stop);
  while (!stopped)
    g_main_context_iteration (NULL, TRUE);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
open_cb (gpointer data)
{
  Watch *watch = data;

  if (watch->file)
    fluo_trace_file_load_async (watch->file, NULL, loaded_cb, watch);
  else
    show_trace (watch, watch->trace);
}

static void
find (gpointer data)
{
  gtk_editable_set_text (GTK_EDITABLE (FLUO_TRACE_PAGE (data)->find), "step-3");
}

static void
find_nothing (gpointer data)
{
  gtk_editable_set_text (GTK_EDITABLE (FLUO_TRACE_PAGE (data)->find), "");
}

static void
close_all (gpointer data)
{
  trace_page_press (data, GDK_KEY_1, 0);
}

static void
open_all (gpointer data)
{
  trace_page_press (data, GDK_KEY_asterisk, 0);
}

static void
fold (gpointer data)
{
  trace_page_press (data, GDK_KEY_w, 0);
}

static void
to_end (gpointer data)
{
  trace_page_press (data, GDK_KEY_End, 0);
}

static void
to_begin (gpointer data)
{
  trace_page_press (data, GDK_KEY_Home, 0);
}

static GtkEventController *
find_controller (GtkWidget *widget, GType type, guint button)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type) &&
          (button == 0 ||
           gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
        return controller;
    }
  g_assert_not_reached ();
}

/* Space and a drag. */
static void
drag_by (GtkWidget *view, double x, double y)
{
  GtkEventController *drag = find_controller (view, GTK_TYPE_GESTURE_DRAG, GDK_BUTTON_MIDDLE);
  GtkEventController *keys = find_controller (view, GTK_TYPE_EVENT_CONTROLLER_KEY, 0);

  trace_page_press_on (view, GDK_KEY_space, 0);
  g_signal_emit_by_name (drag, "drag-begin", 600., 300.);
  g_signal_emit_by_name (drag, "drag-update", x / 2, y / 2);
  g_signal_emit_by_name (drag, "drag-update", x, y);
  g_signal_emit_by_name (keys, "key-released", GDK_KEY_space, 0, 0);
}

static void
scroll_by (GtkWidget *view, double x, double y)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (find_controller (view, GTK_TYPE_EVENT_CONTROLLER_SCROLL, 0), "scroll", x,
                         y, &handled);
  g_assert_true (handled);
}

/* Both pictures of a trace are moved in the same way: by Space and a drag, by a wheel to the side,
 * by Shift and an arrow. */
static void
test_pan (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = trace_page_show (GTK_WIDGET (page));
  const FluoWaterfallLayout *waterfall;
  const FluoFlameLayout *flame;
  FluoTimeSpan before, after;
  double begin;

  g_assert_true (fluo_test_wait_until (trace_page_is_laid_out, page, PATIENCE_MS));
  fluo_waterfall_view_zoom (page->waterfall, 10);
  before = fluo_waterfall_view_get_visible (page->waterfall);
  waterfall = fluo_waterfall_view_get_layout (page->waterfall);
  drag_by (GTK_WIDGET (page->waterfall), -60, 0);
  after = fluo_waterfall_view_get_visible (page->waterfall);
  g_assert_cmpfloat_with_epsilon ((double) (after.begin_ns - before.begin_ns) /
                                    (double) fluo_time_span_length (before),
                                  60 / waterfall->time_width, 1e-3);
  drag_by (GTK_WIDGET (page->waterfall), 60, 0);
  scroll_by (GTK_WIDGET (page->waterfall), 1, 0);
  trace_page_press_on (GTK_WIDGET (page->waterfall), GDK_KEY_Left, GDK_SHIFT_MASK);
  after = fluo_waterfall_view_get_visible (page->waterfall);
  g_assert_cmpint (ABS (after.begin_ns - before.begin_ns), <,
                   fluo_time_span_length (before) / 1000);

  trace_page_press (page, GDK_KEY_f, 0);
  g_assert_true (fluo_test_wait_until (has_flame, page, PATIENCE_MS));
  fluo_flame_view_zoom (page->flame, 10);
  flame = fluo_flame_view_get_layout (page->flame);
  begin = flame->view.begin;
  drag_by (GTK_WIDGET (page->flame), -60, 0);
  flame = fluo_flame_view_get_layout (page->flame);
  g_assert_cmpfloat_with_epsilon ((flame->view.begin - begin) * flame->px_per_work, 60, 1e-3);
  drag_by (GTK_WIDGET (page->flame), 60, 0);
  scroll_by (GTK_WIDGET (page->flame), 1, 0);
  trace_page_press_on (GTK_WIDGET (page->flame), GDK_KEY_Left, GDK_SHIFT_MASK);
  flame = fluo_flame_view_get_layout (page->flame);
  g_assert_cmpfloat_with_epsilon (flame->view.begin, begin, flame->view.length / 1000);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
zoom_and_pan (gpointer data)
{
  FluoTracePage *page = data;
  GtkWidget *view = gtk_stack_get_visible_child (page->views);

  gtk_widget_activate_action (GTK_WIDGET (page), "trace.zoom-in", NULL);
  scroll_by (view, 1, 0);
  scroll_by (view, 0, 1);
  drag_by (view, 30, -100);
}

static void
zoom_out (gpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (data), "trace.zoom-out", NULL);
}

static void
toggle_flame (gpointer data)
{
  FluoTracePage *page = data;

  trace_page_press_on (gtk_stack_get_visible_child (page->views), GDK_KEY_f, 0);
}

/* Again and again: the first time tells of caches. */
static void
watch_opening (Watch *self)
{
  gboolean quick = FALSE;

  for (guint i = 0; i < N_OPENINGS && !quick; i++)
    {
      if (self->window)
        gtk_window_destroy (GTK_WINDOW (self->window));
      self->page = NULL;
      ui_watchdog_reset (&self->dog);
      g_idle_add_once (open_cb, self);
      while (!self->page || !fluo_trace_page_get_trace (self->page) ||
             !trace_page_is_laid_out (self->page))
        ui_watchdog_turn (&self->dog);
      quick = ui_watchdog_check (&self->dog, "opening");
    }
  g_assert_true (quick);
}

static void
test_large_file (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  Watch watch = { 0 };
  UiWatchdog *dog = &watch.dog;
  g_autoptr (GFile) file = ui_watchdog_write (dir);
  guint n;

  ui_watchdog_init (dog);
  watch.file = file;
  watch_opening (&watch);
  fluo_trace_get_spans (fluo_trace_page_get_trace (watch.page), &n);
  g_assert_cmpuint (n, ==, UI_WATCHDOG_N_SPANS);

  ui_watchdog_watch (dog, "find", watch.window, find, find_nothing, NULL, watch.page);
  ui_watchdog_watch (dog, "close all", watch.window, close_all, open_all, NULL, watch.page);
  ui_watchdog_watch (dog, "fold waits", watch.window, fold, fold, NULL, watch.page);
  ui_watchdog_watch (dog, "to the end", watch.window, to_end, to_begin, NULL, watch.page);
  ui_watchdog_watch (dog, "zoom and pan", watch.window, zoom_and_pan, zoom_out, NULL, watch.page);
  ui_watchdog_watch (dog, "flame", watch.window, toggle_flame, toggle_flame, NULL, watch.page);
  toggle_flame (watch.page);
  g_assert_true (fluo_test_wait_until (has_flame, watch.page, PATIENCE_MS));
  ui_watchdog_watch (dog, "zoom and pan the flame graph", watch.window, zoom_and_pan, zoom_out,
                     NULL, watch.page);
  gtk_window_destroy (GTK_WINDOW (watch.window));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* --- Bad input -------------------------------------------------------------------------------- */

#define BAD "{\"trace_id\":\"1-6afefa44-946d071d87f412683d601dea\",\"id\":\"%016x\","

static void
add_bad (FluoTraceBuilder *builder, guint id, guint parent, const char *name, const char *rest)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_string_append_printf (text, BAD, id);
  if (parent > 0)
    g_string_append_printf (text, "\"parent_id\":\"%016x\",", parent);
  g_string_append_printf (
    text, "\"start_time\":1795095108,\"end_time\":1795095109%s,\"name\":\"%s\"}", rest, name);
  bytes = g_bytes_new (text->str, text->len);
  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
}

static FluoTrace *
loop_new (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);

  add_bad (builder, 1, 3, "a", "");
  add_bad (builder, 2, 1, "b", "");
  add_bad (builder, 3, 2, "c", "");
  add_bad (builder, 4, 4, "itself", "");

  return fluo_trace_builder_end (builder, 0);
}

static FluoTrace *
chain_new (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);

  for (guint i = 1; i <= 100000; i++)
    add_bad (builder, i, i - 1, "s", "");

  return fluo_trace_builder_end (builder, 0);
}

/* A name of 100 KB, one of letters under thousands of accents, and text that turns about. */
static FluoTrace *
names_new (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autofree char *long_name = g_strnfill (100 * 1024, 'x');
  g_autoptr (GString) marks = g_string_new (NULL), message = g_string_new (NULL);

  for (guint i = 0; i < 30000; i++)
    g_string_append (marks, i % 1000 == 0 ? "a" : "\xcc\x81");
  g_string_printf (message,
                   ",\"annotations\":{\"%s\":\"%s\"},\"metadata\":{\"m\":\"%s\"},\"fault\":true,"
                   "\"cause\":{\"exceptions\":[{\"id\":\"0000000000000009\",\"type\":\"%s\","
                   "\"message\":\"%s\"}]}",
                   marks->str, long_name, marks->str, long_name, marks->str);
  add_bad (builder, 1, 0, long_name, "");
  add_bad (builder, 2, 1, marks->str, message->str);
  add_bad (builder, 3, 1, "\xe2\x80\xae" "evil\xe2\x81\xa6 <b>&amp;</b> %s \\n", "");
  for (guint i = 4; i < 10004; i++)
    add_bad (builder, i, 2, "sibling", "");

  return fluo_trace_builder_end (builder, 0);
}

static void
next_call (gpointer data)
{
  trace_page_press (data, GDK_KEY_Home, 0);
  trace_page_press (data, GDK_KEY_Down, 0);
}

static void
to_raw (gpointer data)
{
  fluo_span_panel_set_tab (FLUO_TRACE_PAGE (data)->panel, "raw");
}

static void
to_exception (gpointer data)
{
  fluo_span_panel_set_tab (FLUO_TRACE_PAGE (data)->panel, "exception");
}

/* Whatever a trace is made of, it opens, and no turn of the main loop is long. */
static void
test_bad_input (void)
{
  static FluoTrace *(*const makers[]) (void) = { loop_new, chain_new, names_new };
  Watch watch = { 0 };
  UiWatchdog *dog = &watch.dog;

  ui_watchdog_init (dog);
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autoptr (FluoTrace) trace = makers[i] ();

      g_test_message ("trace %u", i);
      watch.trace = trace;
      watch_opening (&watch);
      ui_watchdog_watch (dog, "next call", watch.window, next_call, to_begin, NULL, watch.page);
      trace_page_press (watch.page, GDK_KEY_Down, 0);
      ui_watchdog_watch (dog, "exception", watch.window, to_exception, to_raw, NULL, watch.page);
      ui_watchdog_watch (dog, "to the end", watch.window, to_end, to_begin, NULL, watch.page);
      ui_watchdog_watch (dog, "flame", watch.window, toggle_flame, toggle_flame, NULL, watch.page);
      toggle_flame (watch.page);
      g_assert_true (fluo_test_wait_until (has_flame, watch.page, PATIENCE_MS));
      ui_watchdog_watch (dog, "waterfall", watch.window, toggle_flame, toggle_flame, NULL,
                         watch.page);
      gtk_window_destroy (GTK_WINDOW (watch.window));
      watch.window = NULL;
    }
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

  g_test_add_func ("/trace-page/trace", test_trace);
  g_test_add_func ("/trace-page/keys", test_keys);
  g_test_add_func ("/trace-page/panel", test_panel);
  g_test_add_func ("/trace-page/narrow", test_narrow);
  g_test_add_func ("/trace-page/reading", test_reading);
  g_test_add_func ("/trace-page/pan", test_pan);
  g_test_add_func ("/trace-page/statistics", test_statistics);
  g_test_add_func ("/trace-page/flame", test_flame);
  g_test_add_func ("/trace-page/map", test_map);
  g_test_add_func ("/trace-page/clock", test_clock);
  g_test_add_func ("/trace-page/stopped-file", test_stopped_file);
  g_test_add_func ("/trace-page/large-file", test_large_file);
  g_test_add_func ("/trace-page/bad-input", test_bad_input);

  return g_test_run ();
}
