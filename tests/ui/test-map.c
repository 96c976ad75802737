/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/fluo-resources.h"
#include "app/map/fluo-inspector.h"
#include "app/map/fluo-map-area.h"
#include "app/widgets/fluo-time-strip.h"
#include "core/fluo-shared-string.h"
#include "filter/fluo-filter.h"
#include "fluo-petshop.h"
#include "fluo-test-util.h"

typedef struct
{
  GtkWidget         *window;
  FluoMapArea       *area;
  FluoServiceGraph  *graph;
  FluoServiceColors *colors;
  guint              n_selection_changed;
  guint              n_inspect;
} Fixture;

static gboolean
has_map (gpointer data)
{
  Fixture *self = data;

  return !fluo_map_area_is_arranging (self->area) && fluo_map_area_get_map (self->area);
}

static void
count_cb (guint *counter)
{
  (*counter)++;
}

static void
fixture_init (Fixture          *self,
              FluoServiceGraph *graph)
{
  *self = (Fixture) { .graph = graph, .colors = fluo_service_colors_new () };
  self->window = gtk_window_new ();
  self->area = FLUO_MAP_AREA (fluo_map_area_new ());
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1080, 742);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->area));
  gtk_window_present (GTK_WINDOW (self->window));
  g_signal_connect_swapped (self->area, "selection-changed", G_CALLBACK (count_cb),
                            &self->n_selection_changed);
  g_signal_connect_swapped (self->area, "inspect", G_CALLBACK (count_cb), &self->n_inspect);
  fluo_map_area_set_graph (self->area, graph, graph->span, self->colors);
  g_assert_true (fluo_test_wait_until (has_map, self, FLUO_TEST_PATIENCE_MS));
}

static void
fixture_clear (Fixture *self)
{
  g_object_add_weak_pointer (G_OBJECT (self->area), (gpointer *) &self->area);
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_assert_null (self->area);
  fluo_service_graph_unref (self->graph);
  g_object_unref (self->colors);
}

static GtkEventController *
find_controller (GtkWidget *widget,
                 GType      type,
                 guint      button)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type) &&
          (!GTK_IS_GESTURE_SINGLE (controller) ||
           gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
        return controller;
    }
  g_assert_not_reached ();
}

static void
click (Fixture *self,
       double   x,
       double   y,
       int      n_press)
{
  GtkEventController *gesture =
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_GESTURE_CLICK, GDK_BUTTON_PRIMARY);

  g_signal_emit_by_name (gesture, "pressed", n_press, x, y);
  g_signal_emit_by_name (gesture, "released", n_press, x, y);
}

static void
press_key (Fixture *self,
           guint    keyval)
{
  GtkEventController *keys =
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_EVENT_CONTROLLER_KEY, 0);
  gboolean handled = FALSE;

  g_signal_emit_by_name (keys, "key-pressed", keyval, 0, 0, &handled);
  g_assert_true (handled);
}

static guint
node_named (Fixture    *self,
            const char *name)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->name, name))
      return i;
  g_assert_not_reached ();
}

static void
test_click (void)
{
  Fixture fixture;
  const FluoMapNode *node;
  const FluoMap *map;
  guint payments;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  payments = node_named (&fixture, "payments");
  map = fluo_map_area_get_map (fixture.area);
  node = &map->nodes[payments];
  click (&fixture, node->x, node->y, 1);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, payments);
  g_assert_cmpuint (fixture.n_selection_changed, ==, 1);
  /* Again: nothing new. */
  click (&fixture, node->x, node->y, 1);
  g_assert_cmpuint (fixture.n_selection_changed, ==, 1);
  /* An edge, then empty ground. */
  map = fluo_map_area_get_map (fixture.area);
  click (&fixture, map->edges[0].middle_x, map->edges[0].middle_y, 1);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, FLUO_MAP_NONE);
  g_assert_cmpuint (fluo_map_area_get_edge (fixture.area), ==, map->edges[0].edge);
  click (&fixture, 2, 2, 1);
  g_assert_cmpuint (fluo_map_area_get_edge (fixture.area), ==, FLUO_MAP_NONE);
  g_assert_cmpuint (fixture.n_selection_changed, ==, 3);
  fixture_clear (&fixture);
}

static char *asked;

static void
show_traces_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  g_free (asked);
  asked = g_variant_dup_string (parameter, NULL);
}

static gboolean
has_asked (gpointer data)
{
  return asked != NULL;
}

/* The map may move between the two presses, because the inspector takes its room; the node stays
 * meant. */
static void
test_double_click (void)
{
  const GActionEntry entries[] = { { "show-traces", show_traces_cb, "s", NULL, NULL } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  Fixture fixture;
  const FluoMapNode *node;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), NULL);
  gtk_widget_insert_action_group (fixture.window, "win", G_ACTION_GROUP (group));
  node = &fluo_map_area_get_map (fixture.area)->nodes[node_named (&fixture, "stock")];
  click (&fixture, node->x, node->y, 1);
  click (&fixture, 2, 2, 2);
  g_assert_cmpstr (asked, ==, "service(id(name: \"stock\", type: \"AWS::DynamoDB::Table\"))");
  g_clear_pointer (&asked, g_free);
  fixture_clear (&fixture);
}

static void
test_keys (void)
{
  Fixture fixture;
  double zoom;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  /* From the entry along the edges to the bank. */
  for (guint i = 0; i < 3; i++)
    press_key (&fixture, GDK_KEY_Right);
  press_key (&fixture, GDK_KEY_Return);
  g_assert_cmpuint (fixture.n_inspect, ==, 1);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "checkout"));
  press_key (&fixture, GDK_KEY_Right);
  press_key (&fixture, GDK_KEY_Up);
  press_key (&fixture, GDK_KEY_Up);
  press_key (&fixture, GDK_KEY_Return);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "payments"));
  press_key (&fixture, GDK_KEY_Left);
  press_key (&fixture, GDK_KEY_Return);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "checkout"));
  press_key (&fixture, GDK_KEY_Escape);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, FLUO_MAP_NONE);
  zoom = fluo_map_area_get_map (fixture.area)->view.zoom;
  press_key (&fixture, GDK_KEY_plus);
  g_assert_cmpfloat (fluo_map_area_get_map (fixture.area)->view.zoom, >, zoom);
  press_key (&fixture, GDK_KEY_0);
  g_assert_cmpfloat_with_epsilon (fluo_map_area_get_map (fixture.area)->view.zoom, zoom, .001);
  fixture_clear (&fixture);
}

/* The next answer has the same services: nothing moves, the selection stays, figures change. */
static void
test_refresh (void)
{
  Fixture fixture;
  g_autoptr (FluoServiceGraph) next = fluo_petshop_graph_new ();
  double x, y;
  guint payments;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  payments = node_named (&fixture, "payments");
  fluo_map_area_select_node (fixture.area, "payments", "AWS::Lambda::Function");
  fluo_map_area_center_on (fixture.area, 700, 200);
  x = fluo_map_area_get_map (fixture.area)->nodes[payments].x;
  y = fluo_map_area_get_map (fixture.area)->nodes[payments].y;
  ((FluoGraphNode *) g_ptr_array_index (next->nodes, payments))->stats.fault += 600;
  fluo_map_area_set_graph (fixture.area, next, next->span, fixture.colors);
  g_assert_false (fluo_map_area_is_arranging (fixture.area));
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, payments);
  g_assert_cmpfloat_with_epsilon (fluo_map_area_get_map (fixture.area)->nodes[payments].x, x, .001);
  g_assert_cmpfloat_with_epsilon (fluo_map_area_get_map (fixture.area)->nodes[payments].y, y, .001);
  g_assert_cmpstr (fluo_map_area_get_map (fixture.area)->nodes[payments].badge_text, ==, "19%");
  fixture_clear (&fixture);
}

/* Other services: the old picture stays until the new one is laid out. */
static void
test_replace (void)
{
  Fixture fixture;
  g_autoptr (FluoServiceGraph) next = fluo_chain_graph_new (300);

  fixture_init (&fixture, fluo_petshop_graph_new ());
  fluo_map_area_select_node (fixture.area, "payments", NULL);
  fluo_map_area_set_graph (fixture.area, next, next->span, fixture.colors);
  g_assert_true (fluo_map_area_is_arranging (fixture.area));
  g_assert_cmpuint (fluo_map_area_get_map (fixture.area)->n_nodes, ==, 14);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_map (fixture.area)->n_nodes, ==, 300);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, FLUO_MAP_NONE);
  fluo_map_area_set_graph (fixture.area, NULL, next->span, fixture.colors);
  g_assert_null (fluo_map_area_get_map (fixture.area));
  fixture_clear (&fixture);
}

static FluoTraceSummary *
make_summary (gint64      start_ns,
              const char *url,
              FluoStatus  status)
{
  FluoTraceSummary *summary = fluo_trace_summary_new ();
  FluoSummaryService service = { fluo_shared_string_new ("checkout"),
                                 fluo_shared_string_new ("AWS::ECS::Container"), status };
  FluoSummaryCause cause = { .service = fluo_shared_string_new ("payments"),
                             .exception = fluo_shared_string_new ("TimeoutError"),
                             .status = status };

  summary->start_ns = start_ns;
  summary->response_ns = 40 * FLUO_NSEC_PER_MSEC;
  summary->duration_ns = summary->response_ns;
  summary->status = status;
  summary->has_fault = status == FLUO_STATUS_FAULT;
  summary->http_method = fluo_shared_string_new ("POST");
  summary->http_url = fluo_shared_string_new (url);
  summary->entry_name = fluo_shared_string_new ("checkout");
  summary->entry_type = fluo_shared_string_new ("AWS::ECS::Container");
  g_array_append_val (summary->services, service);
  if (status == FLUO_STATUS_FAULT)
    g_array_append_val (summary->causes, cause);
  else
    {
      fluo_shared_string_unref (cause.service);
      fluo_shared_string_unref (cause.exception);
    }
  return summary;
}

static void
test_inspector_data (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autoptr (FluoInspectorData) data = NULL;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *inspector = fluo_inspector_new ();
  double sum = 0;

  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (summaries,
                     make_summary (graph->span.begin_ns + i * FLUO_NSEC_PER_SEC,
                                   i % 4 ? "http://shop/checkout?x=1" : "http://shop/cart",
                                   i % 10 ? FLUO_STATUS_OK : FLUO_STATUS_FAULT));
  data = fluo_inspector_data_new (graph, 0, summaries, FALSE, graph->span);
  g_assert_cmpint (data->total, ==, 5604);
  g_assert_cmpuint (data->n_named, ==, 100);
  for (guint i = 0; i < data->parts->len; i++)
    sum += g_array_index (data->parts, FluoInspectorPart, i).share;
  g_assert_cmpfloat (sum, <=, 1.000001);
  g_assert_cmpuint (data->causes->len, ==, 1);
  g_assert_cmpuint (g_array_index (data->causes, FluoInspectorCause, 0).count, ==, 10);
  g_assert_cmpstr (g_array_index (data->causes, FluoInspectorCause, 0).name, ==, "TimeoutError");
  g_assert_cmpstr (g_array_index (data->causes, FluoInspectorCause, 0).from, ==, "payments");
  g_assert_cmpuint (data->urls->len, ==, 2);
  g_assert_cmpstr (g_array_index (data->urls, FluoInspectorUrl, 0).request, ==, "POST /checkout");
  g_assert_cmpuint (g_array_index (data->urls, FluoInspectorUrl, 0).count, ==, 75);
  g_assert_cmpint (g_array_index (data->urls, FluoInspectorUrl, 0).p50_ns, ==,
                   40 * FLUO_NSEC_PER_MSEC);

  /* Every kind of node and a call can be shown, and the panel keeps its width. */
  gtk_window_set_child (GTK_WINDOW (window), inspector);
  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < graph->nodes->len; i++)
    fluo_inspector_set_data (FLUO_INSPECTOR (inspector),
                             fluo_inspector_data_new (graph, i, summaries, FALSE, graph->span),
                             NULL);
  for (guint i = 0; i < graph->edges->len; i++)
    fluo_inspector_set_edge_data (
      FLUO_INSPECTOR (inspector),
      fluo_inspector_data_new_edge (graph, i, summaries, FALSE, graph->span), NULL);
  {
    int minimum, natural;
    g_autoptr (FluoServiceGraph) named = fluo_petshop_graph_new ();
    FluoGraphNode *node = g_ptr_array_index (named->nodes, 0);

    g_free (node->name);
    node->name = g_strnfill (200, 'n');
    fluo_inspector_set_data (FLUO_INSPECTOR (inspector),
                             fluo_inspector_data_new (named, 0, summaries, FALSE, named->span),
                             NULL);
    gtk_widget_measure (inspector, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
    g_assert_cmpint (natural, ==, FLUO_INSPECTOR_WIDTH_PX);
  }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The buttons over what the inspector draws, in their order. */
static void
collect_links (GtkWidget *widget,
               GPtrArray *links)
{
  if (gtk_widget_has_css_class (widget, "drawn-link") && gtk_widget_get_visible (widget))
    g_ptr_array_add (links, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    collect_links (child, links);
}

static guint
find_edge (FluoServiceGraph *graph,
           guint             from,
           guint             to)
{
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == from && edge->to == to)
        return i;
    }
  g_assert_not_reached ();
}

/* Counts and causes lead to the traces behind them, with the pointer and with the keyboard. */
static void
test_inspector_links (void)
{
  const char *checkout = "service(id(name: \"checkout\", type: \"AWS::ECS::Container\"))";
  const GActionEntry entries[] = { { "show-traces", show_traces_cb, "s", NULL, NULL } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GPtrArray) links = g_ptr_array_new ();
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autofree char *fault = g_strdup_printf ("%s { fault }", checkout);
  g_autofree char *cause =
    g_strdup_printf ("%s AND service(id(name: \"payments\")) { fault } AND "
                     "rootcause.fault.exception { name = \"TimeoutError\" }",
                     checkout);
  Fixture fixture = { .graph = fluo_petshop_graph_new () };
  FluoServiceGraph *graph = fixture.graph;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *inspector = fluo_inspector_new ();
  guint n_tested = 0;

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), NULL);
  gtk_widget_insert_action_group (window, "win", G_ACTION_GROUP (group));
  gtk_window_set_child (GTK_WINDOW (window), inspector);
  gtk_window_present (GTK_WINDOW (window));
  g_ptr_array_add (summaries,
                   make_summary (graph->span.begin_ns, "http://shop/", FLUO_STATUS_FAULT));
  fluo_inspector_set_data (
    FLUO_INSPECTOR (inspector),
    fluo_inspector_data_new (graph, node_named (&fixture, "checkout"), summaries, FALSE,
                             graph->span),
    NULL);
  collect_links (inspector, links);
  for (guint i = 0; i < links->len; i++)
    {
      GtkWidget *link = g_ptr_array_index (links, i);
      g_autoptr (FluoFilter) filter = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (gtk_widget_get_focusable (link));
      g_assert_true (gtk_widget_get_sensitive (link));
      g_clear_pointer (&asked, g_free);
      g_signal_emit_by_name (link, i % 2 ? "clicked" : "activate");
      if (!asked)
        g_assert_true (fluo_test_wait_until (has_asked, NULL, FLUO_TEST_PATIENCE_MS));
      filter = fluo_filter_new (asked, -1, NULL, &error);
      g_assert_no_error (error);
      n_tested += g_str_equal (asked, fault) + g_str_equal (asked, cause);
    }
  g_assert_cmpuint (n_tested, ==, 2);

  /* A call: its traces, not all of the callee's. */
  {
    const guint edge =
      find_edge (graph, node_named (&fixture, "checkout"), node_named (&fixture, "payments"));
    g_autoptr (FluoInspectorData) data =
      fluo_inspector_data_new_edge (graph, edge, NULL, FALSE, graph->span);

    g_assert_cmpstr (data->filter, ==,
                     "edge(id(name: \"checkout\", type: \"AWS::ECS::Container\"), "
                     "id(name: \"payments\", type: \"AWS::Lambda::Function\"))");
  }
  g_clear_pointer (&asked, g_free);
  gtk_window_destroy (GTK_WINDOW (window));
  fluo_service_graph_unref (fixture.graph);
}

static void
selected_cb (FluoTimeStrip *strip,
             gint64         begin_ns,
             gint64         end_ns,
             FluoTimeSpan  *span)
{
  *span = (FluoTimeSpan) { begin_ns, end_ns };
}

static void
test_strip (void)
{
  const FluoTimeSpan span = { 1795094220 * FLUO_NSEC_PER_SEC, 1795095120 * FLUO_NSEC_PER_SEC };
  const FluoTimeSpan part = { span.begin_ns + 180 * FLUO_NSEC_PER_SEC,
                              span.begin_ns + 240 * FLUO_NSEC_PER_SEC };
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  GtkWidget *strip = g_object_ref_sink (fluo_time_strip_new ());
  FluoTimeSpan selected = { 0, 0 };
  guint n_cleared = 0;

  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (summaries, make_summary (span.begin_ns + i * FLUO_NSEC_PER_SEC, "http://shop/",
                                              FLUO_STATUS_OK));
  g_signal_connect (strip, "range-selected", G_CALLBACK (selected_cb), &selected);
  g_signal_connect_swapped (strip, "range-cleared", G_CALLBACK (count_cb), &n_cleared);
  fluo_time_strip_set_data (FLUO_TIME_STRIP (strip), summaries, span, TRUE);
  fluo_time_strip_set_brush (FLUO_TIME_STRIP (strip), part);
  g_assert_true (fluo_time_span_equal (selected, part));
  /* The reading that follows is of the part: the brush stays. Any other range drops it. */
  fluo_time_strip_set_data (FLUO_TIME_STRIP (strip), summaries, part, TRUE);
  g_assert_true (fluo_time_span_equal (fluo_time_strip_get_brush (FLUO_TIME_STRIP (strip)), part));
  fluo_time_strip_set_brush (FLUO_TIME_STRIP (strip), (FluoTimeSpan) { 0, 0 });
  g_assert_cmpuint (n_cleared, ==, 1);
  fluo_time_strip_set_brush (FLUO_TIME_STRIP (strip), part);
  fluo_time_strip_set_data (FLUO_TIME_STRIP (strip), summaries, span, FALSE);
  g_assert_cmpint (fluo_time_span_length (fluo_time_strip_get_brush (FLUO_TIME_STRIP (strip))), ==,
                   0);
  g_assert_cmpuint (n_cleared, ==, 1);
  g_assert_finalize_object (strip);
}

/* --- Arranging by hand ---------------------------------------------------- */

static gboolean
is_settled (gpointer data)
{
  return !fluo_map_area_is_arranging (((Fixture *) data)->area);
}

static const FluoMapNode *
box_named (Fixture    *self,
           const char *name)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->area);
  const FluoMap *map = fluo_map_area_get_map (self->area);

  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name))
      return &map->nodes[i];
  return NULL;
}

static void
drag (Fixture *self,
      double   x,
      double   y,
      double   dx,
      double   dy)
{
  GtkEventController *gesture =
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_GESTURE_DRAG, GDK_BUTTON_PRIMARY);

  g_signal_emit_by_name (gesture, "drag-begin", x, y);
  g_signal_emit_by_name (gesture, "drag-update", dx, dy);
  g_signal_emit_by_name (gesture, "drag-end", dx, dy);
  g_assert_true (fluo_test_wait_until (is_settled, self, FLUO_TEST_PATIENCE_MS));
}

/* A dragged node stays where it was put, over refreshes and after a restart, until the map is
 * tidied. Its neighbours stay, too. */
static void
test_drag (void)
{
  Fixture fixture;
  const FluoMapNode *node;
  double x, y, other_y, zoom;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  fluo_map_area_set_connection (fixture.area, "drag");
  node = box_named (&fixture, "catalog");
  zoom = fluo_map_area_get_map (fixture.area)->view.zoom;
  x = node->x;
  y = node->y;
  other_y = box_named (&fixture, "payments")->y;
  drag (&fixture, x, y, 6, 150 * zoom);
  node = box_named (&fixture, "catalog");
  g_assert_cmpfloat_with_epsilon (node->x, x, 1); /* columns stay columns */
  g_assert_cmpfloat_with_epsilon (node->y, y + 150 * zoom, 1);
  g_assert_cmpfloat_with_epsilon (box_named (&fixture, "payments")->y, other_y, .001);
  g_assert_true (fluo_map_area_has_pins (fixture.area));
  /* Another window of the connection has it there, too. */
  fluo_map_area_set_connection (fixture.area, "other");
  g_assert_false (fluo_map_area_has_pins (fixture.area));
  fluo_map_area_set_connection (fixture.area, "drag");
  g_assert_true (fluo_map_area_has_pins (fixture.area));
  fluo_map_area_tidy (fixture.area);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_false (fluo_map_area_has_pins (fixture.area));
  g_assert_cmpfloat_with_epsilon (box_named (&fixture, "catalog")->y, y, 1);
  fixture_clear (&fixture);
}

static void
test_hide (void)
{
  Fixture fixture;
  g_autofree char *words = NULL;
  double x;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  x = box_named (&fixture, "orders")->x;
  fluo_map_area_center_on (fixture.area, fluo_map_area_get_map (fixture.area)->view.width / 2,
                           fluo_map_area_get_map (fixture.area)->view.height / 2);
  fluo_map_area_hide (fixture.area, node_named (&fixture, "payments"));
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (box_named (&fixture, "payments"));
  g_assert_cmpfloat_with_epsilon (box_named (&fixture, "orders")->x, x, .001);
  words = fluo_map_area_dup_rules_words (fixture.area);
  g_assert_cmpstr (words, ==, "1 service hidden");
  fluo_map_area_show_all (fixture.area);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_nonnull (box_named (&fixture, "payments"));
  g_assert_null (fluo_map_area_dup_rules_words (fixture.area));
  fixture_clear (&fixture);
}

static void
test_fold (void)
{
  Fixture fixture;
  FluoServiceGraph *graph;
  const FluoMapNode *box;
  gint64 calls = 0;
  guint n;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  graph = fluo_map_area_get_graph (fixture.area);
  n = graph->nodes->len;
  for (guint i = 0; i < n; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      if (g_strcmp0 (node->type, "AWS::Lambda::Function") == 0)
        calls += fluo_call_stats_total (&node->stats);
    }
  fluo_map_area_fold (fixture.area, node_named (&fixture, "payments"), FLUO_GRAPH_FOLD_TYPE);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  graph = fluo_map_area_get_graph (fixture.area);
  g_assert_cmpuint (graph->nodes->len, ==, n - 1);
  box = box_named (&fixture, "AWS::Lambda::Function");
  g_assert_nonnull (box);
  g_assert_true (g_str_has_suffix (box->name, "×2"));
  /* The sum of both, and it opens by two clicks. */
  g_assert_cmpint (
    fluo_call_stats_total (&((FluoGraphNode *) g_ptr_array_index (graph->nodes, box->node))->stats),
    ==, calls);
  click (&fixture, box->x, box->y, 1);
  click (&fixture, box->x, box->y, 2);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_graph (fixture.area)->nodes->len, ==, n);
  fixture_clear (&fixture);
}

static void
test_focus_on (void)
{
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  fluo_map_area_focus_on (fixture.area, node_named (&fixture, "payments"), 1);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  /* Its caller, itself, and what it calls. */
  g_assert_cmpuint (fluo_map_area_get_graph (fixture.area)->nodes->len, ==, 3);
  g_assert_nonnull (box_named (&fixture, "checkout"));
  g_assert_nonnull (box_named (&fixture, "bank.example.com"));
  fixture_clear (&fixture);
}

static void
test_search (void)
{
  Fixture fixture;
  const FluoMapNode *box;
  guint position;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_assert_cmpuint (fluo_map_area_search (fixture.area, "ORDER", FALSE, &position), ==, 2);
  g_assert_cmpuint (position, ==, 1);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "orders"));
  box = box_named (&fixture, "orders");
  g_assert_false (box->dimmed);
  g_assert_true (box_named (&fixture, "stock")->dimmed);
  g_assert_cmpfloat_with_epsilon (box->x, fluo_map_area_get_map (fixture.area)->view.width / 2, 1);
  fluo_map_area_search (fixture.area, "order", TRUE, &position);
  g_assert_cmpuint (position, ==, 2);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==,
                    node_named (&fixture, "orders@orders-db"));
  g_assert_cmpuint (fluo_map_area_search (fixture.area, "nobody", FALSE, &position), ==, 0);
  fluo_map_area_search (fixture.area, NULL, FALSE, &position);
  g_assert_false (box_named (&fixture, "stock")->dimmed);
  fixture_clear (&fixture);
}

/* --- Several nodes ----------------------------------------------------------- */

static void
focus_node (Fixture    *self,
            const char *name)
{
  const guint node = node_named (self, name);

  /* By the keyboard: along the map until it is there. */
  for (guint i = 0; i < 60; i++)
    {
      const FluoMapView *view = fluo_map_area_get_view (self->area);
      const FluoMap *map = fluo_map_area_get_map (self->area);

      if (view->focus_node == node)
        return;
      if (view->focus_node == FLUO_MAP_NONE ||
          map->nodes[view->focus_node].x < map->nodes[node].x - 1)
        press_key (self, GDK_KEY_Right);
      else if (map->nodes[view->focus_node].y > map->nodes[node].y)
        press_key (self, GDK_KEY_Up);
      else
        press_key (self, GDK_KEY_Down);
    }
  g_assert_not_reached ();
}

static void
toggle (Fixture *self)
{
  GtkEventController *keys =
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_EVENT_CONTROLLER_KEY, 0);
  gboolean handled = FALSE;

  g_signal_emit_by_name (keys, "key-pressed", GDK_KEY_space, 0, GDK_CONTROL_MASK, &handled);
  g_assert_true (handled);
}

/* With Ctrl and Space; one alone is an ordinary selection. */
static void
test_pick (void)
{
  Fixture fixture;
  guint n_changed = 0;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_signal_connect_swapped (fixture.area, "picked-changed", G_CALLBACK (count_cb), &n_changed);
  focus_node (&fixture, "payments");
  toggle (&fixture);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "payments"));
  focus_node (&fixture, "inventory");
  toggle (&fixture);
  {
    g_autoptr (GArray) picked = fluo_map_area_dup_picked (fixture.area);

    g_assert_cmpuint (picked->len, ==, 2);
    g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, FLUO_MAP_NONE);
    g_assert_true (box_named (&fixture, "payments")->picked);
    g_assert_true (box_named (&fixture, "inventory")->picked);
    g_assert_false (box_named (&fixture, "orders")->picked);
  }
  toggle (&fixture);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, node_named (&fixture, "payments"));
  g_assert_false (box_named (&fixture, "payments")->picked);
  g_assert_cmpuint (n_changed, >=, 2);
  fixture_clear (&fixture);
}

static void
pick_two (Fixture    *self,
          const char *one,
          const char *other)
{
  focus_node (self, one);
  toggle (self);
  focus_node (self, other);
  toggle (self);
}

/* Folded they are one with the sum of both, hidden they are gone; either way nothing is picked. */
static void
test_pick_rules (void)
{
  Fixture fixture;
  g_autoptr (GArray) picked = NULL;
  guint n;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  n = fixture.graph->nodes->len;
  pick_two (&fixture, "payments", "inventory");
  fluo_map_area_fold_picked (fixture.area);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_graph (fixture.area)->nodes->len, ==, n - 1);
  g_assert_nonnull (box_named (&fixture, "inventory +1"));
  picked = fluo_map_area_dup_picked (fixture.area);
  g_assert_cmpuint (picked->len, ==, 0);
  fluo_map_area_unfold (fixture.area, box_named (&fixture, "inventory +1")->node);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_graph (fixture.area)->nodes->len, ==, n);
  pick_two (&fixture, "payments", "inventory");
  fluo_map_area_hide_picked (fixture.area);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (box_named (&fixture, "payments"));
  g_assert_null (box_named (&fixture, "inventory"));
  fixture_clear (&fixture);
}

/* --- Comparison ---------------------------------------------------------------- */

/* What is gone stays on the map, and the choice of nodes applies to both ranges. */
static void
test_comparison (void)
{
  Fixture fixture;
  g_autoptr (FluoServiceGraph) before = fluo_petshop_graph_new ();
  g_autoptr (FluoServiceGraph) after = NULL;
  g_autoptr (FluoGraphRules) rules = fluo_graph_rules_new ();
  FluoGraphDifference *difference;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_ptr_array_add (rules->hidden, fluo_graph_node_dup_key (g_ptr_array_index (
                                    fixture.graph->nodes, node_named (&fixture, "search"))));
  after = fluo_service_graph_reduce (fixture.graph, rules, NULL);
  fluo_map_area_set_graph (fixture.area, after, fixture.graph->span, fixture.colors);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (box_named (&fixture, "search"));
  g_assert_null (fluo_map_area_get_difference (fixture.area));
  fluo_map_area_set_comparison (fixture.area, before, before->span);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  difference = fluo_map_area_get_difference (fixture.area);
  g_assert_nonnull (difference);
  g_assert_cmpuint (difference->n_gone, ==, 1);
  g_assert_cmpstr (box_named (&fixture, "search")->sign_text, ==, "gone");
  fluo_map_area_hide (fixture.area, box_named (&fixture, "search")->node);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_difference (fixture.area)->n_gone, ==, 0);
  fluo_map_area_set_comparison (fixture.area, NULL, before->span);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (fluo_map_area_get_difference (fixture.area));
  g_assert_null (box_named (&fixture, "payments")->change);
  fixture_clear (&fixture);
}

/* A node that takes longer than in the hours before says so; the others do not, and neither does
 * what nobody knows of. */
static void
test_usual (void)
{
  Fixture fixture;
  g_autoptr (FluoServiceGraph) petshop = fluo_petshop_graph_new ();
  g_autoptr (FluoGraphRules) all = fluo_graph_rules_new ();
  g_autoptr (FluoServiceGraph) usual = fluo_service_graph_reduce (petshop, all, NULL);
  const FluoMap *map;

  for (guint i = 0; i < usual->nodes->len; i++)
    {
      FluoGraphNode *node = g_ptr_array_index (usual->nodes, i);

      if (g_str_equal (node->name, "payments"))
        {
          fluo_histogram_clear (&node->stats.histogram);
          fluo_histogram_init (&node->stats.histogram);
          fluo_histogram_add (&node->stats.histogram, 100 * FLUO_NSEC_PER_MSEC, 2000);
        }
    }
  fixture_init (&fixture, fluo_petshop_graph_new ());
  map = fluo_map_area_get_map (fixture.area);
  g_assert_null (box_named (&fixture, "payments")->sign_text);
  fluo_map_area_set_usual (fixture.area, usual, usual->span);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  map = fluo_map_area_get_map (fixture.area);
  g_assert_cmpuint (fluo_map_area_get_usual (fixture.area)->n_slower, ==, 1);
  for (guint i = 0; i < map->n_nodes; i++)
    g_assert_cmpint (map->nodes[i].sign_text != NULL, ==,
                     i == node_named (&fixture, "payments"));
  g_assert_cmpfloat (fluo_map_legend_height (map), >, FLUO_MAP_LEGEND_HEIGHT_PX);
  fluo_map_area_set_usual (fixture.area, NULL, usual->span);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (box_named (&fixture, "payments")->sign_text);
  fixture_clear (&fixture);
}

/* What was moved goes back to where it stood, what was hidden comes back, one step after the
 * other. */
static void
test_undo (void)
{
  Fixture fixture;
  const FluoMapNode *box;
  double x, y;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_assert_false (fluo_map_area_undo (fixture.area));
  box = box_named (&fixture, "payments");
  x = box->x;
  y = box->y;
  drag (&fixture, x, y, 20, 250);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpfloat (box_named (&fixture, "payments")->y - y, >, 50);
  fluo_map_area_hide (fixture.area, box_named (&fixture, "search")->node);
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_null (box_named (&fixture, "search"));
  g_assert_true (fluo_map_area_undo (fixture.area));
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_nonnull (box_named (&fixture, "search"));
  g_assert_true (fluo_map_area_has_pins (fixture.area));
  g_assert_true (fluo_map_area_undo (fixture.area));
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_false (fluo_map_area_has_pins (fixture.area));
  fluo_map_area_fit (fixture.area);
  g_assert_cmpfloat_with_epsilon (box_named (&fixture, "payments")->x, x, 2);
  g_assert_cmpfloat_with_epsilon (box_named (&fixture, "payments")->y, y, 2);
  g_assert_false (fluo_map_area_undo (fixture.area));
  fixture_clear (&fixture);
}

/* --- The inspector's brush ------------------------------------------------------- */

/* Response times chosen on the chart are a condition of the traces; so are URLs and shares. */
static void
test_inspector_filters (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  Fixture fixture = { .graph = graph };
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autoptr (FluoInspectorData) data = NULL;
  g_autoptr (FluoInspectorData) call = NULL;
  g_autofree char *slow = NULL;
  g_autofree char *some = NULL;
  g_autofree char *callers = NULL;
  g_autofree char *callee = NULL;
  double sum = 0;

  g_ptr_array_add (summaries, make_summary (graph->span.begin_ns, "http://shop/a?x=1",
                                            FLUO_STATUS_OK));
  g_ptr_array_add (summaries, make_summary (graph->span.begin_ns, "http://shop/a",
                                            FLUO_STATUS_OK));
  data = fluo_inspector_data_new (graph, node_named (&fixture, "checkout"), summaries, FALSE,
                                  graph->span);
  slow =
    fluo_inspector_data_dup_times_filter (data, FALSE, 1200 * FLUO_NSEC_PER_MSEC, G_MAXINT64);
  some = fluo_inspector_data_dup_times_filter (data, FALSE, 50 * FLUO_NSEC_PER_MSEC,
                                               1200 * FLUO_NSEC_PER_MSEC);
  /* As its callers measured it: a condition on their calls. */
  callers = fluo_inspector_data_dup_times_filter (data, TRUE, FLUO_NSEC_PER_SEC, G_MAXINT64);
  g_assert_cmpstr (callers, ==,
                   "edge(id(name: \"petshop/prod\", type: \"AWS::ApiGateway::Stage\"), "
                   "id(name: \"checkout\", type: \"AWS::ECS::Container\")) "
                   "{ responsetime >= 1 }");
  g_assert_true (g_str_has_suffix (slow, " { responsetime >= 1.2 }"));
  g_assert_true (g_str_has_suffix (some, " { responsetime >= 0.05 AND responsetime < 1.2 }"));
  g_assert_true (g_str_has_suffix (
    g_array_index (data->urls, FluoInspectorUrl, 0).filter,
    " AND http.method = \"POST\" AND (http.url = \"http://shop/a\" OR http.url BEGINSWITH "
    "\"http://shop/a?\")"));
  {
    const char *const texts[] = { slow, some, callers,
                                  g_array_index (data->urls, FluoInspectorUrl, 0).filter,
                                  g_array_index (data->parts, FluoInspectorPart, 0).filter };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (FluoFilter) filter = fluo_filter_new (texts[i], -1, NULL, &error);

        g_assert_no_error (error);
        g_assert_nonnull (filter);
      }
  }
  /* A call to a service that reports: its part and the rest make the whole. */
  call = fluo_inspector_data_new_edge (
    graph, find_edge (graph, node_named (&fixture, "checkout"), node_named (&fixture, "payments")),
    NULL, FALSE, graph->span);
  for (guint i = 0; i < call->parts->len; i++)
    sum += g_array_index (call->parts, FluoInspectorPart, i).share;
  g_assert_cmpuint (call->parts->len, ==, 2);
  g_assert_true (g_array_index (call->parts, FluoInspectorPart, 1).waiting);
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-9);
  g_assert_cmpint (call->callers.count, >, 0);
  callee = fluo_inspector_data_dup_times_filter (call, TRUE, FLUO_NSEC_PER_SEC, G_MAXINT64);
  g_assert_cmpstr (callee, ==,
                   "service(id(name: \"payments\", type: \"AWS::Lambda::Function\")) "
                   "{ responsetime >= 1 }");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return 77;
    }
  adw_init ();
  fluo_app_load_resources (gdk_display_get_default ());
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/map/click", test_click);
  g_test_add_func ("/map/double-click", test_double_click);
  g_test_add_func ("/map/keys", test_keys);
  g_test_add_func ("/map/refresh", test_refresh);
  g_test_add_func ("/map/replace", test_replace);
  g_test_add_func ("/map/drag", test_drag);
  g_test_add_func ("/map/hide", test_hide);
  g_test_add_func ("/map/fold", test_fold);
  g_test_add_func ("/map/focus-on", test_focus_on);
  g_test_add_func ("/map/search", test_search);
  g_test_add_func ("/map/pick", test_pick);
  g_test_add_func ("/map/pick-rules", test_pick_rules);
  g_test_add_func ("/map/comparison", test_comparison);
  g_test_add_func ("/map/usual", test_usual);
  g_test_add_func ("/map/undo", test_undo);
  g_test_add_func ("/map/inspector-filters", test_inspector_filters);
  g_test_add_func ("/map/inspector", test_inspector_data);
  g_test_add_func ("/map/inspector-links", test_inspector_links);
  g_test_add_func ("/map/strip", test_strip);
  return g_test_run ();
}
