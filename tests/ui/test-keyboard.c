/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main way from the first page to the exported trace with the keyboard alone. The keys are real
 * ones of the X server, so that accelerators, focus and event controllers take part. */
#include <string.h>

#include <adwaita.h>

#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "app/map/fluo-inspector.h"
#include "app/map/fluo-map-area.h"
#include "app/trace/fluo-waterfall-view.h"
#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-input.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
/* More presses of Tab than any page has stops. */
#define TABS_MAX 60

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

/* One for the process, as GTK wants it: a registered application keeps itself until it has run. */
static GtkApplication *application;

/* GTK takes the ring away some seconds after the last key that moves; what counts is that such a
 * key shows it. */
static gboolean ring_was_seen;

static void
note_ring (GtkWindow *window)
{
  ring_was_seen |= gtk_window_get_focus_visible (window);
}

static gboolean
ring_seen (gpointer data)
{
  return ring_was_seen;
}

static gboolean
is_active (gpointer data)
{
  return gtk_window_is_active (data);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  ring_was_seen = FALSE;
  g_signal_connect (self->window, "notify::focus-visible", G_CALLBACK (note_ring), NULL);
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_active, self->window, 500)
                 || gtk_widget_get_mapped (GTK_WIDGET (self->window)));
  real_focus (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fake_ui_close (&self->window);
  fake_xray_free (self->xray);
}

/* --- Conditions -------------------------------------------------------------------------- */

static GtkWidget *
get_focus (Fixture *self)
{
  return gtk_root_get_focus (GTK_ROOT (self->window));
}

/* The keyboard is somewhere that is on screen. */
static void
assert_focus_there (Fixture *self)
{
  GtkWidget *focus = get_focus (self);

  g_assert_nonnull (focus);
  g_assert_true (gtk_widget_get_mapped (focus));
}

static gboolean
focus_is_in (Fixture *self, GType type)
{
  GtkWidget *focus = get_focus (self);

  return focus && gtk_widget_get_mapped (focus)
         && (G_TYPE_CHECK_INSTANCE_TYPE (focus, type) || gtk_widget_get_ancestor (focus, type));
}

static gboolean
on_start (gpointer data)
{
  return g_str_equal (fluo_window_get_place (((Fixture *) data)->window), "start");
}

static gboolean
on_map (gpointer data)
{
  return g_str_equal (fluo_window_get_place (((Fixture *) data)->window), "map");
}

static gboolean
in_map (gpointer data)
{
  return on_map (data) && focus_is_in (data, FLUO_TYPE_MAP_AREA);
}

/* The map is there, and all that was sent is in it. */
static gboolean
has_map (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  GtkWidget *area = fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_MAP_AREA);
  const FluoMap *map = area ? fluo_map_area_get_map (FLUO_MAP_AREA (area)) : NULL;

  return map && map->n_nodes > 0 && !fluo_explorer_is_loading (explorer)
         && fluo_explorer_get_summaries (explorer)->len == fake_xray_get_n_traces (self->xray);
}

static gboolean
in_inspector (gpointer data)
{
  return focus_is_in (data, FLUO_TYPE_INSPECTOR);
}

static gboolean
in_table (gpointer data)
{
  return g_str_equal (fluo_window_get_place (((Fixture *) data)->window), "traces")
         && focus_is_in (data, GTK_TYPE_COLUMN_VIEW);
}

/* The list is that of the filter, no more what was there before it. */
static gboolean
has_answer (gpointer data)
{
  const FluoAskProgress *progress =
    fluo_explorer_get_progress (fluo_window_get_explorer (((Fixture *) data)->window));

  return !progress->running && !progress->stale && progress->n_matching > 0 && in_table (data)
         && gtk_widget_get_mapped (get_focus (data));
}

static gboolean
has_selection (gpointer data)
{
  Fixture *self = data;
  GtkWidget *page = fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE);
  g_autofree char *id = page ? fluo_traces_page_dup_selected (FLUO_TRACES_PAGE (page)) : NULL;

  return id != NULL;
}

static gboolean
has_no_selection (gpointer data)
{
  return !has_selection (data);
}

static gboolean
in_waterfall (gpointer data)
{
  return focus_is_in (data, FLUO_TYPE_WATERFALL_VIEW);
}

static gboolean
in_find (gpointer data)
{
  return focus_is_in (data, GTK_TYPE_TEXT);
}

static FluoWaterfallView *
get_waterfall (Fixture *self)
{
  return FLUO_WATERFALL_VIEW (
    fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_WATERFALL_VIEW));
}

static gboolean
has_found (gpointer data)
{
  guint position;
  guint n;

  fluo_waterfall_view_get_found (get_waterfall (data), &position, &n);
  return n > 0;
}

static guint32 selected_before;

static gboolean
has_moved (gpointer data)
{
  return fluo_waterfall_view_get_selected (get_waterfall (data)) != selected_before;
}

static gboolean
has_dialog (gpointer data)
{
  return fake_ui_find_dialog (GTK_WINDOW (((Fixture *) data)->window)) != NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  return fake_ui_find_dialog (GTK_WINDOW (((Fixture *) data)->window)) == NULL;
}

/* Whoever moves with keys sees where they are. */
static void
press_seen (Fixture *self, const char *keys)
{
  gtk_window_set_focus_visible (GTK_WINDOW (self->window), FALSE);
  ring_was_seen = FALSE;
  real_press_until (keys, ring_seen, self);
}

/* --- Names ------------------------------------------------------------------------------- */

static gboolean
has_words (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)))
    return TRUE;
  if (gtk_widget_get_tooltip_text (widget))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (has_words (child))
      return TRUE;
  return FALSE;
}

/* Every button says what it does, in words or in a tooltip. */
static void
check_names (GtkWidget *widget)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget))
    {
      GtkWidget *parent = gtk_widget_get_parent (widget);
      GtkWidget *bar = gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS);

      /* A menu button's inner button is named by the outer one; GTK names its own controls. */
      if (!bar && !has_words (widget) && !(GTK_IS_MENU_BUTTON (parent) && has_words (parent)))
        {
          g_autofree char *classes = g_strjoinv (" ", gtk_widget_get_css_classes (widget));
          const char *icon = GTK_IS_BUTTON (widget) ? gtk_button_get_icon_name (GTK_BUTTON (widget))
                                                    : NULL;

          g_error ("a %s in a %s has no name: classes %s, icon %s", G_OBJECT_TYPE_NAME (widget),
                   parent ? G_OBJECT_TYPE_NAME (parent) : "window", classes, icon);
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

/* --- Tests ------------------------------------------------------------------------------- */

static void
test_main_way (Fixture *self, gconstpointer data)
{
  g_assert_true (fluo_test_wait_until (on_start, self, PATIENCE_MS));
  check_names (GTK_WIDGET (self->window));
  press_seen (self, "Tab");
  fake_xray_add_traces (self->xray, 40, 600, 1);
  g_assert_true (fluo_test_wait_until (has_map, self, PATIENCE_MS));

  real_press_until ("ctrl+1", in_map, self);
  assert_focus_there (self);
  check_names (GTK_WIDGET (self->window));
  /* From the clients, or from nowhere yet, to a service. */
  press_seen (self, "Right");
  press_seen (self, "Right");
  real_press_until ("Return", in_inspector, self);
  assert_focus_there (self);
  check_names (GTK_WIDGET (self->window));
  real_press_until ("Return", in_table, self);
  g_assert_true (fluo_test_wait_until (has_answer, self, PATIENCE_MS));
  assert_focus_there (self);
  real_press_until ("Down", has_selection, self);
  press_seen (self, "Down");
  check_names (GTK_WIDGET (self->window));

  real_press_until ("Return", in_waterfall, self);
  assert_focus_there (self);
  check_names (GTK_WIDGET (self->window));
  selected_before = fluo_waterfall_view_get_selected (get_waterfall (self));
  real_press_until (selected_before == 0 ? "Down" : "Home", has_moved, self);
  press_seen (self, "Down");
  real_press_until ("ctrl+f", in_find, self);
  real_press ("e");
  g_assert_true (fluo_test_wait_until (has_found, self, PATIENCE_MS));
  real_press_until ("Escape", in_waterfall, self);
  assert_focus_there (self);

  real_press_until ("ctrl+e", has_dialog, self);
  check_names (GTK_WIDGET (fake_ui_find_dialog (GTK_WINDOW (self->window))));
  real_focus (fake_ui_find_dialog (GTK_WINDOW (self->window)));
  real_press_until ("Escape", has_no_dialog, self);
  real_focus (GTK_WINDOW (self->window));
  assert_focus_there (self);

  real_press_until ("alt+Left", in_table, self);
  g_assert_true (has_selection (self));
  real_press_until ("Escape", has_no_selection, self);
  real_press_until ("alt+Left", on_map, self);
}

/* Tab goes round the page and comes back to where it began; nothing holds it. */
static void
test_tab_round (Fixture *self, gconstpointer data)
{
  GtkWidget *first;
  guint n = 0;

  fake_xray_add_traces (self->xray, 10, 600, 1);
  g_assert_true (fluo_test_wait_until (has_map, self, PATIENCE_MS));
  real_press_until ("ctrl+1", in_map, self);
  first = get_focus (self);
  do
    {
      GtkWidget *before = get_focus (self);

      gtk_widget_child_focus (GTK_WIDGET (self->window), GTK_DIR_TAB_FORWARD);
      if (!get_focus (self))
        gtk_widget_child_focus (GTK_WIDGET (self->window), GTK_DIR_TAB_FORWARD);
      g_assert_true (get_focus (self) && get_focus (self) != before);
      g_assert_true (gtk_widget_get_mapped (get_focus (self)));
    }
  while (get_focus (self) != first && ++n < TABS_MAX);
  g_assert_true (get_focus (self) == first);
  g_assert_cmpuint (n, >=, 5);
}

int
main (int argc, char **argv)
{
  char *home = real_input_init_home (&argc, &argv);

  if (!home)
    return 77;
  application = fake_ui_application_new ();
  g_test_add ("/keyboard/main-way", Fixture, NULL, set_up, test_main_way, tear_down);
  g_test_add ("/keyboard/tab-round", Fixture, NULL, set_up, test_tab_round, tear_down);
  return fake_ui_run (home);
}
