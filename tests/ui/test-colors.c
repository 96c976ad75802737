/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/fluo-settings.h"
#include "app/fluo-window.h"
#include "app/map/fluo-map-area-private.h"
#include "app/trace/fluo-color-file.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/trace/fluo-waterfall-view-private.h"
#include "fake-xray.h"
#include "ui-steps.h"

/* The colour that a user chooses for a service: kept, shown wherever the service is, taken back. */

#define BLUE 0
#define TEAL 1
#define ROSE 3
#define PLUM 8
#define FUNCTION "AWS::Lambda::Function"

/* --- The file --------------------------------------------------------------------------------- */

static char *
file_of (const char *connection)
{
  return fluo_settings_dup_state_path ("colors", connection);
}

static void
write_file (const char *connection, const char *text)
{
  g_autofree char *path = file_of (connection);
  g_autofree char *dir = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
read_file (const char *connection, const char *more)
{
  g_autofree char *path = file_of (connection);
  g_autofree char *whole = g_strconcat (path, more, NULL);
  char *text = NULL;

  g_file_get_contents (whole, &text, NULL, NULL);
  return text;
}

static void
test_restart (void)
{
  FluoServiceColors *colors = fluo_color_file_open ("restart");

  fluo_service_colors_lookup (colors, "checkout", NULL);
  fluo_service_colors_lookup (colors, "payments", FUNCTION);
  fluo_service_colors_lookup (colors, "stock; “ü”", NULL);
  g_assert_true (fluo_service_colors_choose (colors, "payments", FUNCTION, ROSE));
  g_assert_true (fluo_service_colors_choose (colors, "stock; “ü”", NULL, PLUM));
  g_assert_no_error (fluo_color_file_get_error (colors));
  g_assert_finalize_object (colors);

  colors = fluo_color_file_open ("restart");
  g_assert_cmpuint (fluo_service_colors_get_n (colors), ==, 3);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", FUNCTION), ==, ROSE);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "stock; “ü”", NULL), ==, PLUM);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", NULL), ==, BLUE);
  g_assert_true (fluo_service_colors_choose (colors, "payments", FUNCTION,
                                             FLUO_SERVICE_COLOR_AUTOMATIC));
  g_assert_finalize_object (colors);

  colors = fluo_color_file_open ("restart");
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", FUNCTION), ==, TEAL);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "stock; “ü”", NULL), ==, PLUM);
  g_assert_finalize_object (colors);
}

/* Colours of other connections are others. */
static void
test_one_object (void)
{
  g_autoptr (FluoServiceColors) here = fluo_color_file_open ("shop");
  g_autoptr (FluoServiceColors) there = fluo_color_file_open ("shop");
  g_autoptr (FluoServiceColors) other = fluo_color_file_open ("shop 2");

  g_assert_true (here == there);
  g_assert_true (here != other);
  fluo_service_colors_choose (here, "payments", NULL, ROSE);
  g_assert_cmpuint (fluo_service_colors_lookup (other, "payments", NULL), ==, BLUE);
}

static void
test_renamed (void)
{
  FluoServiceColors *colors = fluo_color_file_open ("before");
  g_autoptr (FluoServiceColors) again = NULL;

  fluo_service_colors_choose (colors, "payments", NULL, ROSE);
  fluo_color_file_rename (colors, "after");
  again = fluo_color_file_open ("after");
  g_assert_true (again == colors);
  g_clear_object (&again);
  g_assert_finalize_object (colors);
  again = fluo_color_file_open ("after");
  g_assert_cmpuint (fluo_service_colors_lookup (again, "payments", NULL), ==, ROSE);
}

/* While no window shows it. */
static void
test_renamed_apart (void)
{
  g_autoptr (FluoServiceColors) colors = NULL;
  g_autofree char *text = NULL;

  write_file ("Bank (test)", "[services]\nchosen=rose\\npayments\\n;\n");
  fluo_settings_copy_state ("Bank (test)", "Bank (live)");
  fluo_settings_copy_state ("nobody", "Bank (live)");
  text = read_file ("Bank (test)", "");
  g_assert_nonnull (text);
  colors = fluo_color_file_open ("Bank (live)");
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==, ROSE);
}

/* Of a later version, or written by hand: no colour of ours, and not ours to throw away. */
static void
test_unknown_colors (void)
{
  g_autoptr (FluoServiceColors) colors = NULL;
  g_autofree char *text = NULL, *damaged = NULL;

  write_file ("unknown", "[services]\norder=checkout\\n;payments\\n;\n"
                         "chosen=beige\\npayments\\n;12\\ncheckout\\n;rose;plum\\nstock\\n;\n");
  colors = fluo_color_file_open ("unknown");
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", NULL), ==, BLUE);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==, TEAL);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "stock", NULL), ==, PLUM);
  fluo_service_colors_choose (colors, "checkout", NULL, ROSE);
  text = read_file ("unknown", "");
  g_assert_nonnull (strstr (text, "beige\\npayments\\n;"));
  g_assert_nonnull (strstr (text, "rose\\ncheckout\\n;"));
  g_assert_nonnull (strstr (text, "rose;"));
  g_assert_null (strstr (text, "12\\ncheckout"));
  damaged = read_file ("unknown", ".damaged");
  g_assert_null (damaged);
}

/* What could be read is used, and the rest is not lost. */
static void
test_damaged (void)
{
  static const struct
  {
    const char *text;
    guint payments, stock;
  } files[] = {
    { "[services]\nthis is no line\norder=checkout\\n;payments\\n;\nchosen=rose\\nstock\\n;\n",
      TEAL, ROSE },
    { "order=before any group\n[services]\nchosen=rose\\nstock\\n;\n", 1, ROSE },
    { "[services]\norder=checkout\\q;\nchosen=rose\\nstock\\n;\n", 1, ROSE },
    { "\1\2\3\xff\xfe", 1, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (FluoServiceColors) colors = NULL;
      g_autofree char *damaged = NULL, *text = NULL;

      write_file ("damaged", files[i].text);
      colors = fluo_color_file_open ("damaged");
      g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", NULL), ==, BLUE);
      g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==,
                        files[i].payments);
      g_assert_cmpuint (fluo_service_colors_lookup (colors, "stock", NULL), ==, files[i].stock);
      damaged = read_file ("damaged", ".damaged");
      g_assert_cmpstr (damaged, ==, files[i].text);
      fluo_service_colors_choose (colors, "checkout", NULL, PLUM);
      text = read_file ("damaged", "");
      g_assert_nonnull (strstr (text, "plum\\ncheckout"));
    }
}

static void
test_not_writable (void)
{
  g_autoptr (FluoServiceColors) colors = fluo_color_file_open ("folder");
  g_autofree char *path = file_of ("folder");

  /* A folder is where the file should be. */
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  fluo_service_colors_choose (colors, "payments", NULL, ROSE);
  g_assert_nonnull (fluo_color_file_get_error (colors));
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==, ROSE);
}

/* --- In a window ------------------------------------------------------------------------------ */

typedef struct
{
  FakeXray *xray;
  FluoWindow *windows[2];
} Fixture;

static FluoMapArea *
map_of (FluoWindow *window)
{
  return FLUO_MAP_AREA (fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_MAP_AREA, NULL));
}

static gboolean
has_map (gpointer window)
{
  FluoMapArea *area = map_of (window);

  return area && fluo_map_area_get_graph (area) && fluo_map_area_get_graph (area)->nodes->len > 5
         && !fluo_map_area_is_arranging (area) && fluo_map_area_get_map (area)
         && gtk_widget_get_width (GTK_WIDGET (area)) > 0;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, 20, 600, 1);
  for (guint i = 0; i < 2; i++)
    {
      self->windows[i] = FLUO_WINDOW (fluo_window_new (NULL, NULL));
      fluo_window_connect_endpoint (self->windows[i], fake_xray_get_endpoint (self->xray));
      gtk_window_present (GTK_WINDOW (self->windows[i]));
      g_assert_true (fluo_test_wait_until (has_map, self->windows[i], UI_PATIENCE_MS));
    }
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    gtk_window_destroy (GTK_WINDOW (self->windows[i]));
  fake_xray_free (self->xray);
}

static guint
node_named (FluoMapArea *area, const char *name)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (area);

  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name))
      return i;
  g_assert_not_reached ();
}

static guint
drawn_color (FluoWindow *window, const char *name)
{
  FluoMapArea *area = map_of (window);

  g_assert_true (fluo_test_wait_until (has_map, window, UI_PATIENCE_MS));
  return fluo_map_area_get_map (area)->nodes[node_named (area, name)].color;
}

static gboolean
is_ticked (GtkWidget *item)
{
  return gtk_widget_get_opacity (fake_ui_find (item, GTK_TYPE_IMAGE, NULL)) > .5;
}

/* The items of the menu that is open, or of none: their number, and the one that is ticked. */
static guint
count_items (FluoMapArea *area, const char **ret_ticked)
{
  GtkWidget *grid = fake_ui_find (area->menu, GTK_TYPE_GRID, "color-grid");
  guint n = 0, n_ticked = 0;

  for (GtkWidget *item = grid != NULL ? gtk_widget_get_first_child (grid) : NULL; item != NULL;
       item = gtk_widget_get_next_sibling (item), n++)
    if (is_ticked (item))
      {
        GtkWidget *label = fake_ui_find (item, GTK_TYPE_LABEL, NULL);

        *ret_ticked = gtk_label_get_text (GTK_LABEL (label));
        n_ticked++;
      }
  if (n > 0)
    g_assert_cmpuint (n_ticked, ==, 1);
  return n;
}

static void
choose (FluoMapArea *area, const char *name, const char *label)
{
  GtkWidget *grid, *item = NULL;

  fluo_map_area_popup_menu (area, node_named (area, name));
  grid = fake_ui_find (area->menu, GTK_TYPE_GRID, "color-grid");
  g_assert_nonnull (grid);
  for (item = gtk_widget_get_first_child (grid); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    if (g_str_equal (gtk_label_get_text (GTK_LABEL (fake_ui_find (item, GTK_TYPE_LABEL, NULL))),
                     label))
      break;
  g_assert_nonnull (item);
  g_signal_emit_by_name (item, "clicked");
}

/* Another window on the same connection has the same colours; what was chosen can be taken back
 * where it was chosen. */
static void
test_map (Fixture *self, gconstpointer data)
{
  FluoMapArea *area = map_of (self->windows[0]);
  const guint before = drawn_color (self->windows[0], "payments");
  const guint other = drawn_color (self->windows[0], "checkout");
  const char *ticked = NULL;

  fluo_map_area_popup_menu (area, node_named (area, "payments"));
  g_assert_cmpuint (count_items (area, &ticked), ==, 1 + FLUO_N_SERVICE_COLORS);
  g_assert_cmpstr (ticked, ==, "Automatic");
  choose (area, "payments", "Plum");
  g_assert_cmpuint (before, !=, PLUM);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (drawn_color (self->windows[i], "payments"), ==, PLUM);
      g_assert_cmpuint (drawn_color (self->windows[i], "checkout"), ==, other);
    }
  fluo_map_area_popup_menu (area, node_named (area, "payments"));
  count_items (area, &ticked);
  g_assert_cmpstr (ticked, ==, "Plum");
  choose (area, "payments", "Rose");
  choose (area, "checkout", "Plum");

  /* One after the other, the last first. */
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[1], "checkout"), ==, other);
  g_assert_cmpuint (drawn_color (self->windows[1], "payments"), ==, ROSE);
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[1], "payments"), ==, PLUM);
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[1], "payments"), ==, before);
  g_assert_false (fluo_map_area_undo (area));
}

/* Among the map's other changes, which it leaves alone. */
static void
test_undo_between (Fixture *self, gconstpointer data)
{
  FluoMapArea *area = map_of (self->windows[0]);
  const guint before = drawn_color (self->windows[0], "payments");
  const guint n = fluo_map_area_get_graph (area)->nodes->len;

  choose (area, "payments", "Plum");
  fluo_map_area_hide (area, node_named (area, "checkout"));
  g_assert_cmpuint (drawn_color (self->windows[0], "payments"), ==, PLUM);
  g_assert_cmpuint (fluo_map_area_get_graph (area)->nodes->len, ==, n - 1);
  choose (area, "payments", "Rose");
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[0], "payments"), ==, PLUM);
  g_assert_cmpuint (fluo_map_area_get_graph (area)->nodes->len, ==, n - 1);
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[0], "payments"), ==, PLUM);
  g_assert_cmpuint (fluo_map_area_get_graph (area)->nodes->len, ==, n);
  g_assert_true (fluo_map_area_undo (area));
  g_assert_cmpuint (drawn_color (self->windows[0], "payments"), ==, before);
}

/* The window tells of it, with the way back; the map doesn't take back again what was. */
static void
test_toast (Fixture *self, gconstpointer data)
{
  FluoMapArea *area = map_of (self->windows[0]);
  const guint before = drawn_color (self->windows[0], "payments");

  choose (area, "payments", "Plum");
  ui_assert_says (self->windows[0], "Colour of “payments”: Plum");
  ui_click (self->windows[0], "Undo");
  ui_assert_says (self->windows[0], "Colour of “payments”: Automatic");
  g_assert_cmpuint (drawn_color (self->windows[0], "payments"), ==, before);
  g_assert_false (fluo_map_area_undo (area));
}

static void
test_client (Fixture *self, gconstpointer data)
{
  FluoMapArea *area = map_of (self->windows[0]);
  FluoServiceGraph *graph = fluo_map_area_get_graph (area);
  const char *ticked = NULL;
  guint client = 0;

  while (g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (graph->nodes, client))->type, "client"))
    g_assert_cmpuint (++client, <, graph->nodes->len);
  fluo_map_area_popup_menu (area, client);
  g_assert_cmpuint (count_items (area, &ticked), ==, 0);
}

/* --- In a trace ------------------------------------------------------------------------------- */

static void
count_cb (guint *n)
{
  (*n)++;
}

static gboolean
is_laid_out (gpointer data)
{
  FluoTracePage *page = data;

  return gtk_widget_get_width (GTK_WIDGET (page->waterfall)) > 0
         && fluo_waterfall_view_get_layout (page->waterfall)->boxes->len > 0;
}

static void
test_waterfall (void)
{
  FakeXray *xray = fake_xray_new ();
  g_autoptr (FluoExplorer) explorer = fluo_explorer_new ();
  FluoTracePage *page;
  GtkWidget *window = gtk_window_new ();
  FluoWaterfallRows *rows;
  const FluoSpan *spans;
  guint32 span, service;
  guint color, n_changed = 0;

  fake_xray_add_traces (xray, 1, 60, 7);
  page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (explorer, fake_xray_get_trace (xray, 0)));
  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 816);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  gtk_window_present (GTK_WINDOW (window));
  g_assert_true (fluo_test_wait_until (is_laid_out, page, UI_PATIENCE_MS));
  rows = fluo_waterfall_view_get_rows (page->waterfall);
  spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (rows), NULL);
  span = fluo_waterfall_view_get_selected (page->waterfall);
  service = spans[span].service;
  color = fluo_waterfall_rows_get_color (rows, service);
  g_signal_connect_swapped (explorer, "colors-changed", G_CALLBACK (count_cb), &n_changed);

  gtk_widget_activate_action (GTK_WIDGET (page->waterfall), "waterfall.color", "s",
                              color == PLUM ? "rose" : "plum");
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_cmpuint (fluo_waterfall_rows_get_color (rows, service), ==, color == PLUM ? ROSE : PLUM);
  /* The same again is no change. */
  gtk_widget_activate_action (GTK_WIDGET (page->waterfall), "waterfall.color", "s",
                              color == PLUM ? "rose" : "plum");
  g_assert_cmpuint (n_changed, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (page->waterfall), "waterfall.color", "s", "");
  g_assert_cmpuint (fluo_waterfall_rows_get_color (rows, service), ==, color);
  gtk_window_destroy (GTK_WINDOW (window));
  fake_xray_free (xray);
}

int
main (int argc, char *argv[])
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (home == NULL)
    return 77;
  g_test_add_func ("/colors/restart", test_restart);
  g_test_add_func ("/colors/one-object", test_one_object);
  g_test_add_func ("/colors/renamed", test_renamed);
  g_test_add_func ("/colors/renamed-apart", test_renamed_apart);
  g_test_add_func ("/colors/unknown-colors", test_unknown_colors);
  g_test_add_func ("/colors/damaged", test_damaged);
  g_test_add_func ("/colors/not-writable", test_not_writable);
  g_test_add ("/colors/map", Fixture, NULL, set_up, test_map, tear_down);
  g_test_add ("/colors/undo-between", Fixture, NULL, set_up, test_undo_between, tear_down);
  g_test_add ("/colors/toast", Fixture, NULL, set_up, test_toast, tear_down);
  g_test_add ("/colors/client", Fixture, NULL, set_up, test_client, tear_down);
  g_test_add_func ("/colors/waterfall", test_waterfall);
  return fake_ui_run (home);
}
