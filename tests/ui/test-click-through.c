/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From "checkout is slow" to the annotation that explains it, as a user goes: once with the mouse
 * and once with the keyboard alone. Keys, clicks and drags are real ones of the X server. */
#include <string.h>

#include <adwaita.h>

#include "app/ask/fluo-query-bar.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "app/traces/fluo-trace-cell.h"
#include "app/traces/fluo-traces-charts.h"
#include "app/traces/fluo-traces-compare.h"
#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-input.h"

#define N_TRACES 2400
#define SECONDS 840
/* More presses of Tab than the page has stops. */
#define TABS_MAX 40
#define WORDS "/checkout"
/* What the demo's bank did to its customers. */
#define CAUSE "annotation.bank_api = \"v2\""

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  FluoExplorer *explorer;
} Fixture;

static GtkApplication *application;

/* --- What there is ----------------------------------------------------------------------- */

static FluoTracesPage *
get_page (Fixture *self)
{
  return FLUO_TRACES_PAGE (
    fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE));
}

static GListModel *
get_rows (Fixture *self)
{
  return fluo_traces_page_get_model (get_page (self));
}

static gboolean
has_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (has_label (child, text))
      return TRUE;
  return FALSE;
}

/* The mapped button that has a label of this text in it. */
static GtkWidget *
find_button (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_BUTTON (widget) && has_label (widget, text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, text);

      if (found)
        return found;
    }
  return NULL;
}

/* The card of what explains it, once it is known. */
static GtkWidget *
find_card (Fixture *self)
{
  GtkWidget *compare =
    fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_COMPARE);
  GtkWidget *card;

  if (!compare || fluo_traces_compare_is_busy (FLUO_TRACES_COMPARE (compare)))
    return NULL;
  card = find_button (compare, "v2");
  return card && gtk_widget_get_width (card) > 0 ? card : NULL;
}

static GtkWidget *
get_focus (Fixture *self)
{
  return gtk_root_get_focus (GTK_ROOT (self->window));
}

/* --- Conditions -------------------------------------------------------------------------- */

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;

  return fluo_explorer_get_state (self->explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (self->explorer)
         && !fluo_explorer_get_progress (self->explorer)->running
         && fluo_explorer_get_summaries (self->explorer)->len
              == fake_xray_get_n_traces (self->xray);
}

static gboolean
on_traces (gpointer data)
{
  Fixture *self = data;

  return g_str_equal (fluo_window_get_place (self->window), "traces") && get_page (self)
         && g_list_model_get_n_items (get_rows (self)) > 0;
}

static gboolean
in_field (gpointer data)
{
  GtkWidget *focus = get_focus (data);

  return GTK_IS_TEXT (focus) && gtk_widget_get_ancestor (focus, FLUO_TYPE_QUERY_BAR);
}

static gboolean
has_words (gpointer data)
{
  Fixture *self = data;
  GtkWidget *bar = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL);

  return g_str_equal (fluo_query_bar_get_words (FLUO_QUERY_BAR (bar)), WORDS)
         && fluo_traces_page_get_n_matching (get_page (self))
              < fake_xray_get_n_traces (self->xray);
}

static gboolean
has_brush (gpointer data)
{
  FluoBrush brush = fluo_traces_charts_get_brush (fluo_traces_page_get_charts (get_page (data)));

  return fluo_brush_has_values (&brush);
}

/* The charts show what the filter lets through, and nothing else. */
static gboolean
is_charted (gpointer data)
{
  FluoTracesPage *page = get_page (data);

  return fluo_traces_charts_get_points (fluo_traces_page_get_charts (page))->len
         == fluo_traces_page_get_n_matching (page);
}

/* The table has what the brush holds. */
static gboolean
is_brushed (gpointer data)
{
  Fixture *self = data;
  FluoTracesPage *page = get_page (self);
  guint n = fluo_traces_page_count_selected (page);

  return has_brush (self) && n > 0 && n < fluo_traces_page_get_n_matching (page)
         && g_list_model_get_n_items (get_rows (self)) == n;
}

static gboolean
has_card (gpointer data)
{
  return find_card (data) != NULL;
}

static gboolean
has_cause (gpointer data)
{
  return strstr (fluo_explorer_get_filter (((Fixture *) data)->explorer), CAUSE) != NULL;
}

/* The filter says what was looked for and what explains it, and its answer is all there is. */
static gboolean
is_explained (gpointer data)
{
  Fixture *self = data;
  const char *filter = fluo_explorer_get_filter (self->explorer);
  GtkWidget *bar = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL);

  return is_settled (self)
         && g_str_equal (filter, "http.url CONTAINS \"" WORDS "\" AND " CAUSE)
         && g_str_equal (fluo_query_bar_get_query (FLUO_QUERY_BAR (bar)), filter)
         && fluo_traces_page_get_n_matching (get_page (self))
              == fake_xray_count (self->xray, filter)
         && g_list_model_get_n_items (get_rows (self)) > 0;
}

static gboolean
has_selection (gpointer data)
{
  g_autofree char *id = fluo_traces_page_dup_selected (get_page (data));

  return id != NULL;
}

static gboolean
has_trace (gpointer data)
{
  FluoTraceId id;

  return fluo_trace_id_parse (fluo_window_get_place (((Fixture *) data)->window), -1, &id);
}

/* The preview is there, with its button. */
static gboolean
has_preview (gpointer data)
{
  return find_button (GTK_WIDGET (get_page (data)), "Open trace") != NULL;
}

static gboolean
in_canvas (gpointer data)
{
  return get_focus (data)
         == fluo_traces_charts_get_canvas (fluo_traces_page_get_charts (get_page (data)));
}

static gboolean
in_card (gpointer data)
{
  GtkWidget *card = find_card (data);

  return card && get_focus (data) == card;
}

static gboolean
in_table (gpointer data)
{
  GtkWidget *focus = get_focus (data);

  return focus && gtk_widget_get_ancestor (focus, GTK_TYPE_COLUMN_VIEW)
         && gtk_widget_get_mapped (focus);
}

static GtkWidget *focus_before;

static gboolean
has_moved (gpointer data)
{
  return get_focus (data) && get_focus (data) != focus_before;
}

/* --- Steps ------------------------------------------------------------------------------- */

#define wait_for(self, reached) wait_for_named ((self), (reached), #reached)

static void
wait_for_named (Fixture *self, gboolean (*reached) (gpointer), const char *name)
{
  if (!fluo_test_wait_until (reached, self, REAL_PATIENCE_MS))
    g_error ("it never was so that %s; the filter is: %s", name,
             fluo_explorer_get_filter (self->explorer));
}

/* One stop after the other, as somebody does who looks where they are. */
static void
tab_to (Fixture *self, const char *keys, gboolean (*reached) (gpointer))
{
  for (guint i = 0; i < TABS_MAX && !reached (self); i++)
    {
      focus_before = get_focus (self);
      real_press_until (keys, has_moved, self);
    }
  g_assert_true (reached (self));
}

/* All that is left has the cause, and the table shows it. */
static void
check_rows (Fixture *self)
{
  GPtrArray *matches = fluo_explorer_get_matches (self->explorer);

  for (guint i = 0; i < matches->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (matches, i);
      gboolean found = FALSE;

      for (guint k = 0; k < summary->annotations->len; k++)
        {
          const FluoSummaryAnnotation *row = &g_array_index (summary->annotations,
                                                             FluoSummaryAnnotation, k);

          found = found || (g_str_equal (row->key, "bank_api") && g_str_equal (row->value, "v2"));
        }
      g_assert_true (found);
      g_assert_nonnull (strstr (summary->http_url, WORDS));
    }
}

/* --- Tests ------------------------------------------------------------------------------- */

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, N_TRACES, SECONDS, 1);
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  self->explorer = fluo_window_get_explorer (self->window);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1440, 900);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  wait_for (self, is_settled);
  real_focus (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fake_ui_close (&self->window);
  fake_xray_free (self->xray);
}

static void
test_mouse (Fixture *self, gconstpointer data)
{
  GtkWidget *field = fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_BOX, "query-field");
  FluoTracesCharts *charts;
  double left, right, top, bottom;
  gint64 quantiles[3];

  real_click_until (find_button (GTK_WIDGET (self->window), "Traces"), on_traces, self);
  real_click_until (fake_ui_find (field, GTK_TYPE_TEXT, NULL), in_field, self);
  real_type (WORDS);
  wait_for (self, has_words);
  wait_for (self, is_charted);
  /* Over the slowest: from where nine of ten are below, up and out of the chart. */
  charts = fluo_traces_page_get_charts (get_page (self));
  real_settle (fluo_traces_charts_get_canvas (charts));
  fluo_scatter_get_plot (fluo_traces_charts_get_scatter (charts), &left, &right, &top, &bottom);
  fluo_scatter_get_quantiles (fluo_traces_charts_get_scatter (charts), quantiles);
  real_drag (fluo_traces_charts_get_canvas (charts), (left + right) / 2,
             fluo_scatter_get_y (fluo_traces_charts_get_scatter (charts), quantiles[1]),
             (left + right) / 2 + 5, top);
  wait_for (self, has_brush);
  real_drop_until (is_brushed, self);
  wait_for (self, has_card);
  real_click_until (find_card (self), has_cause, self);
  wait_for (self, is_explained);
  check_rows (self);
  real_click_until (fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_TRACE_CELL),
                    has_selection, self);
  wait_for (self, has_preview);
  real_click_until (find_button (GTK_WIDGET (get_page (self)), "Open trace"), has_trace, self);
}

static void
test_keyboard (Fixture *self, gconstpointer data)
{
  real_press_until ("ctrl+2", on_traces, self);
  real_press_until ("ctrl+l", in_field, self);
  real_type (WORDS);
  wait_for (self, has_words);
  real_press_until ("Return", in_table, self);
  tab_to (self, "shift+Tab", in_canvas);
  real_press_until ("Up", has_brush, self);
  wait_for (self, is_brushed);
  wait_for (self, has_card);
  tab_to (self, "Tab", in_card);
  real_press_until ("space", has_cause, self);
  wait_for (self, is_explained);
  check_rows (self);
  tab_to (self, "Tab", in_table);
  real_press_until ("Down", has_selection, self);
  real_press_until ("Return", has_trace, self);
}

int
main (int argc, char **argv)
{
  char *home = real_input_init_home (&argc, &argv);

  if (!home)
    return 77;
  application = fake_ui_application_new ();
  g_test_add ("/click-through/mouse", Fixture, NULL, set_up, test_mouse, tear_down);
  g_test_add ("/click-through/keyboard", Fixture, NULL, set_up, test_keyboard, tear_down);
  return fake_ui_run (home);
}
