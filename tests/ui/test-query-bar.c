/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query bar and the filter editor with real keys and clicks of the X server. */
#include <string.h>

#include <adwaita.h>
#include <gtksourceview/gtksource.h>

#include "app/ask/fluo-filter-editor.h"
#include "app/ask/fluo-parameter-dialog.h"
#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-history.h"
#include "app/ask/fluo-saved-popover.h"
#include "app/ask/fluo-saved-queries.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "app/traces/fluo-trace-list.h"
#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-input.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define N_TRACES 80
#define FILTER "service(\"payments\")"

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  FluoQueryBar *bar;
} Fixture;

static GtkApplication *application;

/* --- Keys -------------------------------------------------------------------------------- */

static GtkEditable *
get_field (Fixture *self)
{
  GtkWidget *field = fake_ui_find (GTK_WIDGET (self->bar), GTK_TYPE_BOX, "query-field");

  return GTK_EDITABLE (fake_ui_find (field, GTK_TYPE_TEXT, NULL));
}

static GtkTextBuffer *
get_buffer (Fixture *self)
{
  GtkWidget *editor = fake_ui_find (GTK_WIDGET (self->bar), FLUO_TYPE_FILTER_EDITOR, NULL);

  return gtk_text_view_get_buffer (
      GTK_TEXT_VIEW (fake_ui_find (editor, GTK_SOURCE_TYPE_VIEW, NULL)));
}

static char *
dup_draft (Fixture *self)
{
  GtkTextIter start;
  GtkTextIter end;

  if (!fluo_query_bar_get_expanded (self->bar))
    return g_strdup (gtk_editable_get_text (get_field (self)));
  gtk_text_buffer_get_bounds (get_buffer (self), &start, &end);
  return gtk_text_buffer_get_text (get_buffer (self), &start, &end, TRUE);
}

static const char *wanted;

static gboolean
has_draft (gpointer data)
{
  g_autofree char *draft = dup_draft (data);

  return g_str_has_suffix (draft, wanted);
}

/* One key after the other, each when the one before is there: a busy server loses some. */
static void
type (Fixture *self, const char *text)
{
  real_type (text);
  wanted = text;
  g_assert_true (fluo_test_wait_until (has_draft, self, PATIENCE_MS));
}

/* --- Fixture ----------------------------------------------------------------------------- */

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (explorer)
         && !fluo_explorer_get_progress (explorer)->running
         && fluo_explorer_get_summaries (explorer)->len == fake_xray_get_n_traces (self->xray);
}

static gboolean
is_laid_out (gpointer data)
{
  return gtk_widget_get_width (data) > 0;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, N_TRACES, 600, 1);
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  self->bar = FLUO_QUERY_BAR (fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  real_focus (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_laid_out, self->bar, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  fake_ui_close (&self->window);
  fake_xray_free (self->xray);
}

static guint
n_rows (Fixture *self)
{
  GtkWidget *page = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE, NULL);
  GListModel *rows = fluo_traces_page_get_model (FLUO_TRACES_PAGE (page));

  fluo_trace_list_hurry (FLUO_TRACE_LIST (rows));
  return g_list_model_get_n_items (rows);
}

static gboolean
shows_filtered (gpointer data)
{
  Fixture *self = data;

  return is_settled (self) && n_rows (self) == fake_xray_count (self->xray, wanted)
         && g_str_equal (fluo_explorer_get_filter (fluo_window_get_explorer (self->window)),
                         wanted);
}

static double
get_opacity (Fixture *self)
{
  GtkWidget *page = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE, NULL);

  return gtk_widget_get_opacity (gtk_widget_get_parent (page));
}

static gboolean
is_open (gpointer data)
{
  return fluo_query_bar_get_expanded (((Fixture *) data)->bar);
}

static gboolean
is_closed (gpointer data)
{
  return !is_open (data);
}

/* --- Tests ------------------------------------------------------------------------------- */

static void
test_run (Fixture *self, gconstpointer data)
{
  GPtrArray *history = NULL;

  real_press ("ctrl+l");
  type (self, FILTER);
  /* Written, not run: everything is still shown, and steps back. */
  g_assert_cmpuint (n_rows (self), ==, N_TRACES);
  g_assert_cmpfloat (get_opacity (self), <, .6);
  real_press ("Return");
  wanted = FILTER;
  g_assert_true (fluo_test_wait_until (shows_filtered, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), <, N_TRACES);
  g_assert_cmpfloat (get_opacity (self), ==, 1);
  history = fluo_query_history_get_all (fluo_query_history_get_default ());
  g_assert_cmpstr (((FluoQueryVisit *) g_ptr_array_index (history, 0))->text, ==, FILTER);
  /* Back is a place of its own. */
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.back", NULL);
  g_assert_cmpstr (fluo_query_bar_get_query (self->bar), ==, "");
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), ==, N_TRACES);
}

/* The field's; the editor has one of its own. */
static gboolean
has_completion (gpointer data)
{
  Fixture *self = data;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->bar)); child;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_has_css_class (child, "completion"))
      return gtk_widget_get_mapped (child);
  return FALSE;
}

static gboolean
has_no_completion (gpointer data)
{
  return !has_completion (data);
}

static gboolean
shows_less (gpointer data)
{
  return n_rows (data) < N_TRACES && n_rows (data) > 0;
}

static gboolean
shows_all (gpointer data)
{
  return n_rows (data) == N_TRACES;
}

static gboolean
has_words (gpointer data)
{
  return g_strcmp0 (fluo_query_bar_get_words (((Fixture *) data)->bar), wanted) == 0;
}

/* What was looked for is in the history, with what it found. */
static gboolean
is_recorded (gpointer data)
{
  GPtrArray *all = fluo_query_history_get_all (fluo_query_history_get_default ());
  const FluoQueryVisit *visit = all->len > 0 ? g_ptr_array_index (all, 0) : NULL;

  return visit && g_str_equal (visit->text, "/checkout") && visit->matching == n_rows (data);
}

static void
test_words (Fixture *self, gconstpointer data)
{
  real_press ("ctrl+l");
  /* Looked for while it is typed, and nothing is asked of the server. */
  type (self, "/checkout");
  g_assert_true (fluo_test_wait_until (has_words, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (shows_less, self, PATIENCE_MS));
  g_assert_cmpfloat (get_opacity (self), ==, 1);
  g_assert_cmpstr (fluo_explorer_get_filter (fluo_window_get_explorer (self->window)), ==, "");
  real_press ("Return");
  g_assert_true (fluo_test_wait_until (is_recorded, self, PATIENCE_MS));
  real_press ("ctrl+l");
  /* One for the list, if it has come up, and one for the words. */
  real_press_until ("Escape", shows_all, self);
  /* Half of a keyword is no word. */
  real_press ("ctrl+l");
  type (self, "servi");
  g_assert_cmpstr (fluo_query_bar_get_words (self->bar), ==, "");
}

static void
test_editor (Fixture *self, gconstpointer data)
{
  GtkWidget *strip;
  g_autofree char *draft = NULL;

  real_press ("ctrl+l");
  type (self, "fault AND respnsetime > 1");
  real_press_until ("ctrl+Return", is_open, self);
  draft = dup_draft (self);
  g_assert_cmpstr (draft, ==, "fault\nAND respnsetime > 1");
  /* Another line: what is wrong is said under the first, and its fix can be taken. */
  real_press ("Return");
  type (self, "\nAND ok");
  strip = fake_ui_find (GTK_WIDGET (self->bar), GTK_TYPE_BOX, "filter-strip");
  g_assert_nonnull (strip);
  real_press ("alt+Return");
  wanted = "fault\nAND responsetime > 1\nAND ok";
  g_assert_true (fluo_test_wait_until (has_draft, self, PATIENCE_MS));
  g_assert_null (fake_ui_find (GTK_WIDGET (self->bar), GTK_TYPE_BOX, "filter-strip"));
  /* Undone and done again, as any text. */
  real_press ("ctrl+z");
  wanted = "fault\nAND respnsetime > 1\nAND ok";
  g_assert_true (fluo_test_wait_until (has_draft, self, PATIENCE_MS));
  real_press ("ctrl+Return");
  g_assert_cmpstr (fluo_query_bar_get_query (self->bar), ==, "");
  real_press ("alt+Return");
  wanted = "fault\nAND responsetime > 1\nAND ok";
  g_assert_true (fluo_test_wait_until (has_draft, self, PATIENCE_MS));
  real_press ("ctrl+Return");
  g_assert_true (fluo_test_wait_until (shows_filtered, self, PATIENCE_MS));
  real_press_until ("Escape", is_closed, self);
  g_assert_cmpstr (gtk_editable_get_text (get_field (self)), ==,
                   "fault AND responsetime > 1 AND ok");
}

static gboolean
contains_draft (gpointer data)
{
  g_autofree char *draft = dup_draft (data);

  return strstr (draft, wanted) != NULL;
}

static void
test_completion (Fixture *self, gconstpointer data)
{
  real_press ("ctrl+l");
  type (self, "respo");
  g_assert_true (fluo_test_wait_until (has_completion, self, PATIENCE_MS));
  real_press ("Tab");
  wanted = "responsetime";
  g_assert_true (fluo_test_wait_until (contains_draft, self, PATIENCE_MS));
  real_press_until ("Escape", has_no_completion, self);
  /* The draft is still there after Esc. */
  g_assert_true (contains_draft (self));
}

static gboolean
is_saved (gpointer data)
{
  return fluo_saved_queries_get_all (fluo_saved_queries_get_default ())->len == 1;
}

static gboolean
is_removed (gpointer data)
{
  return fluo_saved_queries_get_all (fluo_saved_queries_get_default ())->len == 0;
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

static GtkWidget *
find_labelled (GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_labelled (child, label);

      if (found)
        return found;
    }
  return NULL;
}

static void
test_save_and_remove (Fixture *self, gconstpointer data)
{
  FluoSavedQuery *query;
  GtkWidget *overlay = fake_ui_find (GTK_WIDGET (self->window), ADW_TYPE_TOAST_OVERLAY, NULL);
  GtkWidget *undo;

  real_press ("ctrl+l");
  type (self, FILTER);
  real_press_until ("ctrl+d", has_dialog, self);
  real_focus (fake_ui_find_dialog (GTK_WINDOW (self->window)));
  real_press ("Return");
  g_assert_true (fluo_test_wait_until (is_saved, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_no_dialog, self, PATIENCE_MS));
  query = g_ptr_array_index (fluo_saved_queries_get_all (fluo_saved_queries_get_default ()), 0);
  g_assert_cmpstr (query->text, ==, FILTER);
  gtk_widget_activate_action (GTK_WIDGET (self->bar), "query.star-saved", "s", query->id);
  query = g_ptr_array_index (fluo_saved_queries_get_all (fluo_saved_queries_get_default ()), 0);
  g_assert_true (query->starred);
  gtk_widget_activate_action (GTK_WIDGET (self->bar), "query.remove-saved", "s", query->id);
  g_assert_true (is_removed (self));
  undo = find_labelled (overlay, "Undo");
  g_assert_nonnull (undo);
  g_signal_emit_by_name (undo, "clicked");
  g_assert_true (fluo_test_wait_until (is_saved, self, PATIENCE_MS));
  query = g_ptr_array_index (fluo_saved_queries_get_all (fluo_saved_queries_get_default ()), 0);
  g_assert_true (query->starred);
}

static void
test_parameters (Fixture *self, gconstpointer data)
{
  GtkWindow *dialog;

  real_press ("ctrl+l");
  type (self, "http.method = $method");
  real_press ("Return");
  g_assert_true (fluo_test_wait_until (has_dialog, self, PATIENCE_MS));
  dialog = fake_ui_find_dialog (GTK_WINDOW (self->window));
  g_assert_true (FLUO_IS_PARAMETER_DIALOG (dialog));
  real_focus (dialog);
  real_type ("PO\"ST");
  real_press ("Return");
  wanted = "http.method = \"PO\\\"ST\"";
  g_assert_true (fluo_test_wait_until (shows_filtered, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), ==, 0);
}

static gboolean
is_group (gpointer data)
{
  return g_strcmp0 (fake_xray_get_group (((Fixture *) data)->xray), "slow-payments: " FILTER) == 0;
}

/* A saved filter becomes a group of the connection's, with a name that X-Ray takes. */
static void
test_group (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQuery) query = fluo_saved_query_new (NULL, "Slow: payments!", FILTER, "",
                                                           FALSE);
  g_autoptr (GError) error = NULL;

  fluo_saved_queries_put (fluo_saved_queries_get_default (), query, &error);
  g_assert_no_error (error);
  gtk_widget_activate_action (GTK_WIDGET (self->bar), "query.group-from-saved", "s", query->id);
  g_assert_true (fluo_test_wait_until (has_dialog, self, PATIENCE_MS));
  real_focus (fake_ui_find_dialog (GTK_WINDOW (self->window)));
  real_press ("Return");
  g_assert_true (fluo_test_wait_until (is_group, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_no_dialog, self, PATIENCE_MS));
}

int
main (int argc, char **argv)
{
  char *home = real_input_init_home (&argc, &argv);

  if (!home)
    return 77;
  application = fake_ui_application_new ();
#define ADD(name, func) g_test_add ("/query-bar/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("run", test_run);
  ADD ("words", test_words);
  ADD ("editor", test_editor);
  ADD ("completion", test_completion);
  ADD ("save-and-remove", test_save_and_remove);
  ADD ("parameters", test_parameters);
  ADD ("group", test_group);
  return fake_ui_run (home);
}
