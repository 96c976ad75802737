/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "app/fluo-settings.h"
#include "app/map/fluo-inspector-private.h"
#include "app/map/fluo-map-area-private.h"
#include "app/map/fluo-map-page-private.h"
#include "aws/fluo-aws-service.h"
#include "fake-xray.h"
#include "fluo-petshop.h"
#include "fluo-test-util.h"
#include "graph/fluo-service-graph-private.h"
#include "xray-service.h"

/* The map's page on a connection with CloudWatch beside X-Ray, and what the user is doing while the
 * map is read again. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

#define ALARM(name, since)                                                                         \
  "{\"MetricAlarms\":[{\"AlarmName\":\"" name "\",\"StateReason\":\"3 datapoints were greater\"," \
  "\"StateTransitionedTimestamp\":" since ",\"Namespace\":\"AWS/Lambda\","                         \
  "\"MetricName\":\"Throttles\",\"Dimensions\":[{\"Name\":\"FunctionName\","                       \
  "\"Value\":\"payments\"}]}]}"

typedef struct
{
  FakeXray     *xray;
  XrayService  *cloudwatch;
  FluoExplorer *explorer;
  FluoMapPage  *page;
  GtkWidget    *window;
} Fixture;

static gboolean
has_map (gpointer data)
{
  Fixture *self = data;
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->page->area);

  return graph && graph->nodes->len > 5 && !fluo_map_area_is_arranging (self->page->area) &&
         fluo_map_area_get_map (self->page->area);
}

/* @beside: there is CloudWatch, as on AWS. */
static void
set_up (Fixture *self,
        gboolean beside)
{
  g_autoptr (FluoCredentials) keys = fluo_credentials_new ("AKIDEXAMPLE", "secret", NULL, "test");
  g_autoptr (FluoXrayClient) client = NULL;
  g_autofree char *kept =
    g_build_filename (g_get_user_state_dir (), "fluoroscope", "map-petshop.ini", NULL);

  /* What the test before arranged is its own. */
  g_unlink (kept);
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, 50, 60, 7);
  self->cloudwatch = xray_service_new (keys);
  client = fluo_xray_client_new (fake_xray_get_endpoint (self->xray), "eu-west-1", keys);
  if (beside)
    fluo_xray_client_set_service_endpoint (client, FLUO_AWS_CLOUDWATCH, self->cloudwatch->url);
  self->explorer = fluo_explorer_new ();
  self->page = FLUO_MAP_PAGE (fluo_map_page_new (self->explorer));
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1440, 816);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  gtk_window_present (GTK_WINDOW (self->window));
  fluo_explorer_set_client (self->explorer, client, "petshop", "test", FALSE);
}

static void
tear_down (Fixture *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->explorer);
  xray_service_free (self->cloudwatch);
  fake_xray_free (self->xray);
}

static guint
node_named (FluoMapArea *area,
            const char  *name)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (area);

  for (guint i = 0; graph && i < graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name))
      return i;
  return FLUO_MAP_NONE;
}

/* --- Alarms --------------------------------------------------------------------------------- */

static gboolean
has_bell (gpointer data)
{
  Fixture *self = data;
  const FluoMap *map = has_map (self) ? fluo_map_area_get_map (self->page->area) : NULL;

  return map && map->n_alarmed > 0;
}

static gboolean
has_alarms (gpointer data)
{
  return has_map (data) && ((Fixture *) data)->page->alarms.list != NULL;
}

static gboolean
has_error (gpointer data)
{
  return ((Fixture *) data)->page->alarms.error != NULL;
}

/* The bell that is shown below @widget and says which alarm it is. */
static gboolean
is_belled (GtkWidget  *widget,
           const char *alarm)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (gtk_widget_has_css_class (widget, "alarm") &&
      g_strcmp0 (gtk_widget_get_tooltip_text (widget), alarm) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (is_belled (child, alarm))
      return TRUE;
  return FALSE;
}

static gboolean
has_listed_bell (gpointer data)
{
  return is_belled (GTK_WIDGET (((Fixture *) data)->page->list), "payments-<b>throttles</b>");
}

static gboolean
has_inspector (gpointer data)
{
  return gtk_widget_get_mapped (GTK_WIDGET (((Fixture *) data)->page->inspector));
}

static char *
inspect (Fixture    *self,
         const char *name)
{
  fluo_map_area_select (self->page->area, node_named (self->page->area, name), FLUO_MAP_NONE);
  g_assert_true (fluo_test_wait_until (has_inspector, self, PATIENCE_MS));
  return fake_ui_dup_text (GTK_WIDGET (self->page->inspector));
}

/* The function whose alarm rings has a bell, and the inspector says which alarm, since when and
 * why. */
static void
test_alarms (void)
{
  Fixture fixture = { 0 };
  const FluoMap *map;
  guint payments;
  g_autofree char *words = NULL, *text = NULL, *other = NULL;

  set_up (&fixture, TRUE);
  xray_service_say (fixture.cloudwatch, ALARM ("payments-<b>throttles</b>", "1787220660"));
  g_assert_true (fluo_test_wait_until (has_bell, &fixture, PATIENCE_MS));
  map = fluo_map_area_get_map (fixture.page->area);
  payments = node_named (fixture.page->area, "payments");
  g_assert_cmpuint (map->n_alarmed, ==, 1);
  g_assert_cmpfloat (map->nodes[payments].bell.width, >, 10);
  words = fluo_map_area_dup_node_words (fixture.page->area, payments);
  g_assert_nonnull (strstr (words, "alarm: payments-<b>throttles</b>"));
  text = inspect (&fixture, "payments");
  g_assert_nonnull (strstr (text, "payments-<b>throttles</b>"));
  g_assert_nonnull (strstr (text, "since "));
  g_assert_nonnull (strstr (text, "3 datapoints were greater"));
  /* The list that stands for the map has it, too. */
  gtk_widget_activate_action (GTK_WIDGET (fixture.page), "map-page.toggle-list", NULL);
  g_assert_true (fluo_test_wait_until (has_listed_bell, &fixture, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (fixture.page), "map-page.toggle-list", NULL);
  other = inspect (&fixture, "checkout");
  g_assert_null (strstr (other, "throttles"));
  g_assert_cmpuint (fixture.cloudwatch->requests->len, ==, 1);
  tear_down (&fixture);
}

static guint
group_of (FluoMapArea *area)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (area);

  for (guint i = 0; graph && i < graph->nodes->len; i++)
    if (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->n_folded > 0)
      return i;
  return FLUO_MAP_NONE;
}

static gboolean
has_group (gpointer data)
{
  return has_map (data) && group_of (((Fixture *) data)->page->area) != FLUO_MAP_NONE;
}

/* The panel of a group says what is in it, and leads to the traces of each and of all. */
static void
assert_group_leads (FluoInspector *inspector)
{
  const FluoInspectorData *data = inspector->data;
  g_autofree char *all = fluo_inspector_data_dup_filter (data);
  g_autofree char *fine = fluo_inspector_data_dup_status_filter (data, FLUO_STATUS_OK);
  g_autofree char *words = fake_ui_dup_text (GTK_WIDGET (inspector));

  g_assert_cmpuint (data->n_members, ==, 2);
  g_assert_nonnull (strstr (words, "2 services"));
  g_assert_cmpstr (all, ==,
                   "service(id(name: \"payments\", type: \"AWS::Lambda::Function\")) OR "
                   "service(id(name: \"orders\", type: \"AWS::EC2::Instance\"))");
  g_assert_true (g_str_has_suffix (fine, "\"AWS::EC2::Instance\")) { ok }"));
  g_assert_true (gtk_widget_get_visible (inspector->url_links[1]));
  g_assert_false (gtk_widget_get_visible (inspector->url_links[2]));
  g_assert_true (gtk_widget_get_visible (inspector->traces_button));
}

/* The bell rings on, on the group that the function is folded into, and the inspector says what
 * for; hiding the group hides all that is in it. */
static void
test_alarm_folded (void)
{
  Fixture fixture = { 0 };
  FluoMapArea *area;
  const FluoMap *map;
  guint group, n;
  g_autofree char *text = NULL;

  set_up (&fixture, TRUE);
  area = fixture.page->area;
  xray_service_say (fixture.cloudwatch, ALARM ("payments-throttles", "1787220660"));
  g_assert_true (fluo_test_wait_until (has_bell, &fixture, PATIENCE_MS));
  n = fluo_map_area_get_graph (area)->nodes->len;
  fluo_map_area_toggle_picked (area, node_named (area, "payments"));
  fluo_map_area_toggle_picked (area, node_named (area, "orders"));
  fluo_map_area_fold_picked (area);
  g_assert_true (fluo_test_wait_until (has_group, &fixture, PATIENCE_MS));
  map = fluo_map_area_get_map (area);
  group = group_of (area);
  g_assert_cmpuint (map->n_alarmed, ==, 1);
  g_assert_cmpfloat (map->nodes[group].bell.width, >, 10);
  fluo_map_area_select (area, group, FLUO_MAP_NONE);
  g_assert_true (fluo_test_wait_until (has_inspector, &fixture, PATIENCE_MS));
  text = fake_ui_dup_text (GTK_WIDGET (fixture.page->inspector));
  g_assert_nonnull (strstr (text, "payments-throttles"));
  assert_group_leads (fixture.page->inspector);
  fluo_map_area_hide (area, group);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  g_assert_cmpuint (group_of (area), ==, FLUO_MAP_NONE);
  g_assert_cmpuint (node_named (area, "payments"), ==, FLUO_MAP_NONE);
  g_assert_cmpuint (fluo_map_area_get_graph (area)->nodes->len, ==, n - 2);
  tear_down (&fixture);
}

/* An alarm that began when the shown range was over has nothing to do with it. */
static void
test_alarm_later (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, TRUE);
  /* The year 2100. */
  xray_service_say (fixture.cloudwatch, ALARM ("later", "4102444800"));
  g_assert_true (fluo_test_wait_until (has_alarms, &fixture, PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_map (fixture.page->area)->n_alarmed, ==, 0);
  tear_down (&fixture);
}

/* The missing permission is named where the alarms would be, with what to ask for; once it is
 * granted, the button reads them. */
static void
test_alarms_refused (void)
{
  static const XrayAnswer refused = {
    .status = 400,
    .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::1:user/ada is "
            "not authorized to perform: cloudwatch:DescribeAlarms on resource: x\"}"
  };
  Fixture fixture = { 0 };
  GtkWidget *again;
  g_autofree char *text = NULL, *remote = NULL;

  set_up (&fixture, TRUE);
  xray_service_answer (fixture.cloudwatch, &refused);
  g_assert_true (fluo_test_wait_until (has_error, &fixture, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  remote = inspect (&fixture, "bank.example.com");
  g_assert_null (strstr (remote, "DescribeAlarms"));
  text = inspect (&fixture, "payments");
  g_assert_nonnull (strstr (text, "cloudwatch:DescribeAlarms"));
  g_assert_nonnull (fake_ui_find_button (fixture.page->inspector->alarms_error,
                                         "Copy IAM Statement"));
  again = fake_ui_find_button (fixture.page->inspector->alarms_error, "Read Again");
  xray_service_say (fixture.cloudwatch, ALARM ("payments-throttles", "1787220660"));
  g_signal_emit_by_name (again, "clicked");
  g_assert_true (fluo_test_wait_until (has_bell, &fixture, PATIENCE_MS));
  g_free (text);
  text = fake_ui_dup_text (GTK_WIDGET (fixture.page->inspector));
  g_assert_nonnull (strstr (text, "payments-throttles"));
  g_assert_null (strstr (text, "DescribeAlarms"));
  tear_down (&fixture);
}

/* What failed because CloudWatch was not well is tried again by itself, when it is time. */
static void
test_alarms_again (void)
{
  static const XrayAnswer broken = { .status = 503 };
  Fixture fixture = { 0 };

  set_up (&fixture, TRUE);
  for (guint i = 0; i < 3; i++) /* attempts of one call */
    xray_service_answer (fixture.cloudwatch, &broken);
  g_assert_true (fluo_test_wait_until (has_error, &fixture, PATIENCE_MS));
  xray_service_say (fixture.cloudwatch, ALARM ("payments-throttles", "1787220660"));
  fixture.page->alarms.read_usec -= 61 * G_USEC_PER_SEC;
  fluo_explorer_reload (fixture.explorer);
  g_assert_true (fluo_test_wait_until (has_bell, &fixture, PATIENCE_MS));
  g_assert_null (fixture.page->alarms.error);
  tear_down (&fixture);
}

/* A collector has no alarms, and nobody is asked for them. */
static void
test_no_alarms (void)
{
  Fixture fixture = { 0 };
  g_autofree char *text = NULL;

  set_up (&fixture, FALSE);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  text = inspect (&fixture, "payments");
  g_assert_null (strstr (text, "larm"));
  g_assert_cmpuint (fixture.cloudwatch->requests->len, ==, 0);
  tear_down (&fixture);
}

/* --- While it is read again ----------------------------------------------------------------- */

typedef struct
{
  GtkWidget         *window;
  FluoMapArea       *area;
  FluoServiceColors *colors;
} Alone;

static gboolean
is_arranged (gpointer data)
{
  Alone *self = data;

  return !fluo_map_area_is_arranging (self->area) && fluo_map_area_get_map (self->area);
}

static void
show (Alone            *self,
      FluoServiceGraph *graph)
{
  fluo_map_area_set_graph (self->area, graph, graph->span, self->colors);
  g_assert_true (fluo_test_wait_until (is_arranged, self, PATIENCE_MS));
}

static void
alone_init (Alone *self)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();

  self->colors = fluo_service_colors_new ();
  self->window = gtk_window_new ();
  self->area = FLUO_MAP_AREA (fluo_map_area_new ());
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1080, 742);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->area));
  gtk_window_present (GTK_WINDOW (self->window));
  show (self, graph);
}

static void
alone_clear (Alone *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->colors);
}

/* Without one of its first nodes, so that all others have other indexes. */
static FluoServiceGraph *
smaller_graph (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  FluoGraphRules *rules = fluo_graph_rules_new ();
  FluoServiceGraph *smaller;

  g_ptr_array_add (rules->hidden, fluo_graph_node_dup_key (g_ptr_array_index (graph->nodes, 0)));
  smaller = fluo_service_graph_reduce (graph, rules, NULL);
  fluo_graph_rules_free (rules);
  return smaller;
}

/* Live reads twice a second: a menu that is open is still about the node it was opened on. */
static void
test_menu_over_refresh (void)
{
  g_autoptr (FluoServiceGraph) smaller = smaller_graph ();
  Alone alone = { 0 };

  alone_init (&alone);
  fluo_map_area_popup_menu (alone.area, node_named (alone.area, "mailer"));
  show (&alone, smaller);
  gtk_widget_activate_action (GTK_WIDGET (alone.area), "map.hide", NULL);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  g_assert_cmpuint (node_named (alone.area, "mailer"), ==, FLUO_MAP_NONE);
  g_assert_cmpuint (fluo_map_area_get_graph (alone.area)->nodes->len, ==, smaller->nodes->len - 1);
  alone_clear (&alone);
}

/* What is pointed at stays pointed at, with its card. */
static void
test_hover_over_refresh (void)
{
  g_autoptr (FluoServiceGraph) smaller = smaller_graph ();
  g_autoptr (FluoServiceGraph) again = smaller_graph ();
  Alone alone = { 0 };
  const FluoMapNode *mailer;

  alone_init (&alone);
  alone.area->view.hover_node = node_named (alone.area, "mailer");
  alone.area->card_shown = TRUE;
  mailer = &fluo_map_area_get_map (alone.area)->nodes[alone.area->view.hover_node];
  alone.area->pointer_x = mailer->x;
  alone.area->pointer_y = mailer->y;
  show (&alone, smaller);
  g_assert_cmpuint (alone.area->view.hover_node, ==, node_named (alone.area, "mailer"));
  g_assert_true (alone.area->card_shown);
  alone.area->view.hover_node = FLUO_MAP_NONE;
  alone.area->view.hover_edge = 2;
  show (&alone, again);
  g_assert_cmpuint (alone.area->view.hover_edge, ==, 2);
  /* The map moved away from under the pointer, which is on nothing now: nor does a card stay. */
  alone.area->view.hover_edge = FLUO_MAP_NONE;
  alone.area->view.hover_node = node_named (alone.area, "mailer");
  alone.area->card_shown = TRUE;
  fluo_map_area_center_on (alone.area, alone.area->pointer_x, alone.area->pointer_y);
  g_assert_cmpuint (alone.area->view.hover_node, ==, FLUO_MAP_NONE);
  g_assert_false (alone.area->card_shown);
  alone_clear (&alone);
}

/* What was searched for stays bright, and the rest dim. */
static void
test_search_over_refresh (void)
{
  g_autoptr (FluoServiceGraph) smaller = smaller_graph ();
  Alone alone = { 0 };
  const FluoMap *map;
  guint position;

  alone_init (&alone);
  g_assert_cmpuint (fluo_map_area_search (alone.area, "PAY", FALSE, &position), ==, 1);
  show (&alone, smaller);
  map = fluo_map_area_get_map (alone.area);
  g_assert_false (map->nodes[node_named (alone.area, "payments")].dimmed);
  g_assert_true (map->nodes[node_named (alone.area, "mailer")].dimmed);
  g_assert_cmpuint (fluo_map_area_search (alone.area, "", FALSE, &position), ==, 0);
  map = fluo_map_area_get_map (alone.area);
  g_assert_false (map->nodes[node_named (alone.area, "mailer")].dimmed);
  alone_clear (&alone);
}

/* --- Folding -------------------------------------------------------------------------------- */

/* The menu's items, one a line. */
static char *
menu_words (GMenuModel *model)
{
  GString *words = g_string_new (NULL);

  for (int i = 0; i < g_menu_model_get_n_items (model); i++)
    {
      g_autoptr (GMenuModel) section =
        g_menu_model_get_item_link (model, i, G_MENU_LINK_SECTION);
      g_autofree char *more = section ? menu_words (section) : NULL;
      g_autofree char *label = NULL;

      g_menu_model_get_item_attribute (model, i, G_MENU_ATTRIBUTE_LABEL, "s", &label);
      g_string_append_printf (words, "%s%s", label ? label : more ? more : "", label ? "\n" : "");
    }
  return g_string_free (words, FALSE);
}

static char *
menu_of (Alone      *self,
         const char *name)
{
  fluo_map_area_popup_menu (self->area, node_named (self->area, name));
  return menu_words (
    gtk_popover_menu_get_menu_model (GTK_POPOVER_MENU (self->area->menu)));
}

/* What would fold nothing is not offered, the rest says how many it is. */
static void
test_fold_menu (void)
{
  Alone alone = { 0 };
  g_autofree char *payments = NULL, *stock = NULL;

  alone_init (&alone);
  payments = menu_of (&alone, "payments");
  g_assert_nonnull (strstr (payments, "Fold All of This Type ×2\n"));
  g_assert_nonnull (strstr (payments, "View Logs\n"));
  /* It calls the bank, alone. */
  g_assert_null (strstr (payments, "Fold What Only It Calls"));
  stock = menu_of (&alone, "stock");
  g_assert_null (strstr (stock, "Fold All of This Type"));
  alone_clear (&alone);
}

/* All functions as one node bear a name that people use. */
static void
test_folded_type (void)
{
  Alone alone = { 0 };
  const FluoMap *map;
  guint folded;

  alone_init (&alone);
  fluo_map_area_fold (alone.area, node_named (alone.area, "payments"), FLUO_GRAPH_FOLD_TYPE);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  folded = node_named (alone.area, "AWS::Lambda::Function");
  map = fluo_map_area_get_map (alone.area);
  g_assert_cmpuint (folded, <, map->n_nodes);
  g_assert_cmpstr (map->nodes[folded].name, ==, "Lambda function ×2");
  g_assert_cmpstr (map->nodes[folded].type, ==, "2 services");
  alone_clear (&alone);
}

/* Of two calls between the same services, the one that was chosen stays chosen; so does one of two
 * accounts' services of the same name. */
static void
test_double_over_refresh (void)
{
  g_autoptr (FluoServiceGraph) one = fluo_petshop_graph_new ();
  g_autoptr (FluoServiceGraph) two = fluo_petshop_graph_new ();
  Alone alone = { 0 };
  guint edge, node;

  alone_init (&alone);
  for (guint i = 0; i < 2; i++)
    {
      FluoServiceGraph *graph = i == 0 ? one : two;
      const FluoGraphEdge *first = g_ptr_array_index (graph->edges, 0);
      const FluoGraphNode *to = g_ptr_array_index (graph->nodes, first->to);
      FluoGraphEdge *linked =
        fluo_service_graph_take_edge (graph, first->from, first->to, !first->linked, TRUE);

      linked->stats.ok = 10;
      fluo_service_graph_take_node (graph, to->name, to->type, "222222222222", TRUE);
    }
  show (&alone, one);
  edge = one->edges->len - 1;
  node = one->nodes->len - 1;
  fluo_map_area_select (alone.area, FLUO_MAP_NONE, edge);
  show (&alone, two);
  g_assert_cmpuint (fluo_map_area_get_edge (alone.area), ==, edge);
  fluo_map_area_select (alone.area, node, FLUO_MAP_NONE);
  show (&alone, one);
  g_assert_cmpuint (fluo_map_area_get_node (alone.area), ==, node);
  alone_clear (&alone);
}

/* What is arranged on a connection is nothing to another, in whatever script they are called. */
static void
test_state_paths (void)
{
  g_autofree char *plain = fluo_settings_dup_state_path ("map", "petshop-prod");
  g_autofree char *production = fluo_settings_dup_state_path ("map", "生产");
  g_autofree char *test = fluo_settings_dup_state_path ("map", "测试");
  g_autofree char *again = fluo_settings_dup_state_path ("map", "测试");
  g_autofree char *bad = fluo_settings_dup_state_path ("map", "../../x");
  g_autofree char *dir = g_path_get_dirname (plain);
  g_autofree char *bad_dir = g_path_get_dirname (bad);

  g_assert_true (g_str_has_suffix (plain, "/map-petshop-prod.ini"));
  g_assert_cmpstr (production, !=, test);
  g_assert_cmpstr (again, ==, test);
  g_assert_cmpstr (bad_dir, ==, dir);
}

/* A group has no calls of its own in the whole graph: those of its members are what is near. */
static void
test_group_alone (void)
{
  Alone alone = { 0 };
  guint n;

  alone_init (&alone);
  fluo_map_area_fold (alone.area, node_named (alone.area, "payments"), FLUO_GRAPH_FOLD_TYPE);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  n = fluo_map_area_get_graph (alone.area)->nodes->len;
  fluo_map_area_focus_on (alone.area, node_named (alone.area, "AWS::Lambda::Function"), 1);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_graph (alone.area)->nodes->len, <, n);
  g_assert_cmpuint (node_named (alone.area, "AWS::Lambda::Function"), !=, FLUO_MAP_NONE);
  g_assert_cmpuint (node_named (alone.area, "Clients"), ==, FLUO_MAP_NONE);
  alone_clear (&alone);
}

/* What was selected and had the keyboard is followed into its group, and out of it again. */
static void
test_fold_follows (void)
{
  Alone alone = { 0 };
  guint group;

  alone_init (&alone);
  gtk_widget_grab_focus (GTK_WIDGET (alone.area));
  fluo_map_area_select (alone.area, node_named (alone.area, "payments"), FLUO_MAP_NONE);
  fluo_map_area_set_focus_node (alone.area, node_named (alone.area, "payments"));
  fluo_map_area_fold (alone.area, node_named (alone.area, "payments"), FLUO_GRAPH_FOLD_TYPE);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  group = node_named (alone.area, "AWS::Lambda::Function");
  g_assert_cmpuint (fluo_map_area_get_node (alone.area), ==, group);
  g_assert_cmpuint (alone.area->view.focus_node, ==, group);
  fluo_map_area_unfold (alone.area, group);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_node (alone.area), ==, node_named (alone.area, "payments"));
  g_assert_cmpuint (alone.area->view.focus_node, ==, node_named (alone.area, "payments"));
  /* Chosen as a group, one of its members is left. */
  fluo_map_area_fold (alone.area, node_named (alone.area, "payments"), FLUO_GRAPH_FOLD_TYPE);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  group = node_named (alone.area, "AWS::Lambda::Function");
  fluo_map_area_select (alone.area, FLUO_MAP_NONE, FLUO_MAP_NONE);
  fluo_map_area_select (alone.area, group, FLUO_MAP_NONE);
  fluo_map_area_unfold (alone.area, group);
  g_assert_true (fluo_test_wait_until (is_arranged, &alone, PATIENCE_MS));
  g_assert_cmpuint (fluo_map_area_get_node (alone.area), !=, FLUO_MAP_NONE);
  alone_clear (&alone);
}

/* --- Room ------------------------------------------------------------------------------------- */

static gboolean
has_long_notice (gpointer data)
{
  Fixture *self = data;
  const FluoMap *map = has_map (self) ? fluo_map_area_get_map (self->page->area) : NULL;
  graphene_rect_t notice;
  double top = INFINITY;

  if (!map || gtk_widget_get_width (GTK_WIDGET (self->page)) > 400 ||
      !gtk_widget_compute_bounds (self->page->notice, GTK_WIDGET (self->page->area), &notice))
    return FALSE;
  for (guint i = 0; i < map->n_nodes; i++)
    top = MIN (top, map->nodes[i].y - map->nodes[i].radius);
  return notice.size.height > FLUO_MAP_TOOLS_PX &&
         top > notice.origin.y + notice.size.height;
}

/* In a narrow window the notice has several lines below the tools; nothing lies under it. */
static void
test_narrow_notice (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture.window), 360, 720);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  /* High enough to take all the room that there is. */
  fluo_map_area_pin (fixture.page->area, node_named (fixture.page->area, "payments"), 600, 1500);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  fluo_map_area_fit (fixture.page->area);
  gtk_label_set_text (fixture.page->notice_label,
                      "Faults at a service whose name takes lines have been high since 12:34");
  gtk_revealer_set_reveal_child (GTK_REVEALER (fixture.page->notice), TRUE);
  gtk_widget_set_can_target (fixture.page->notice, TRUE);
  gtk_widget_queue_resize (fixture.page->notice);
  g_assert_true (fluo_test_wait_until (has_long_notice, &fixture, PATIENCE_MS));
  tear_down (&fixture);
}

static gboolean
is_narrow_and_whole (gpointer data)
{
  Fixture *self = data;
  const FluoMap *map = has_map (self) ? fluo_map_area_get_map (self->page->area) : NULL;

  if (!map || !has_inspector (self) ||
      gtk_widget_get_width (GTK_WIDGET (self->page->area)) > 1440 - 300)
    return FALSE;
  for (guint i = 0; i < map->n_nodes; i++)
    if (map->nodes[i].x - map->nodes[i].radius < 0 ||
        map->nodes[i].x + map->nodes[i].radius > map->view.width)
      return FALSE;
  return TRUE;
}

static gboolean
has_large_panel (gpointer data)
{
  Fixture *self = data;
  FluoInspector *inspector = self->page->inspector;
  GtkWidget *fine = inspector->status_links[0];

  return has_map (self) && has_inspector (self) && gtk_widget_get_mapped (inspector->times) &&
         gtk_widget_get_width (inspector->times) == 2 * CONTENT_WIDTH_PX &&
         gtk_widget_get_height (inspector->times) == 2 * HISTOGRAM_HEIGHT_PX &&
         gtk_widget_get_height (fine) >= 40;
}

/* With text of twice the size the charts of the panel are as large, and what lies over them. */
static void
test_large_text (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, FALSE);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 98304, NULL);
  fluo_map_area_select (fixture.page->area, node_named (fixture.page->area, "payments"),
                        FLUO_MAP_NONE);
  g_assert_true (fluo_test_wait_until (has_large_panel, &fixture, PATIENCE_MS));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 98304, NULL);
  tear_down (&fixture);
}

/* Whoever put a node elsewhere sees the whole map, and still does when the inspector opens. */
static void
test_inspector_after_drop (void)
{
  Fixture fixture = { 0 };
  FluoMapArea *area;

  set_up (&fixture, FALSE);
  area = fixture.page->area;
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  fluo_map_area_fit (area);
  area->placed = TRUE;
  fluo_map_area_pin (area, node_named (area, "payments"), 1110, 20);
  g_assert_true (fluo_test_wait_until (has_map, &fixture, PATIENCE_MS));
  fluo_map_area_select (area, node_named (area, "payments"), FLUO_MAP_NONE);
  g_assert_true (fluo_test_wait_until (is_narrow_and_whole, &fixture, PATIENCE_MS));
  tear_down (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *state = fluo_test_dir_new ();
  int status;

  /* What is arranged here is nothing to anybody's own maps. */
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  if (!fake_ui_init (&argc, &argv))
    return 77;
  g_test_add_func ("/ui/map-page/alarms", test_alarms);
  g_test_add_func ("/ui/map-page/alarm-folded", test_alarm_folded);
  g_test_add_func ("/ui/map-page/alarm-later", test_alarm_later);
  g_test_add_func ("/ui/map-page/alarms-refused", test_alarms_refused);
  g_test_add_func ("/ui/map-page/alarms-again", test_alarms_again);
  g_test_add_func ("/ui/map-page/no-alarms", test_no_alarms);
  g_test_add_func ("/ui/map-page/menu-over-refresh", test_menu_over_refresh);
  g_test_add_func ("/ui/map-page/hover-over-refresh", test_hover_over_refresh);
  g_test_add_func ("/ui/map-page/search-over-refresh", test_search_over_refresh);
  g_test_add_func ("/ui/map-page/fold-menu", test_fold_menu);
  g_test_add_func ("/ui/map-page/folded-type", test_folded_type);
  g_test_add_func ("/ui/map-page/double-over-refresh", test_double_over_refresh);
  g_test_add_func ("/ui/map-page/state-paths", test_state_paths);
  g_test_add_func ("/ui/map-page/group-alone", test_group_alone);
  g_test_add_func ("/ui/map-page/fold-follows", test_fold_follows);
  g_test_add_func ("/ui/map-page/narrow-notice", test_narrow_notice);
  g_test_add_func ("/ui/map-page/large-text", test_large_text);
  g_test_add_func ("/ui/map-page/inspector-after-drop", test_inspector_after_drop);
  status = g_test_run ();
  fluo_test_dir_free (g_steal_pointer (&state));
  return status;
}
