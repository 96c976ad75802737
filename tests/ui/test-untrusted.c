/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a trace, a file or a server says is shown as text and nothing else: no markup, no
 * controls, nothing that turns the text around it, and no more of it than can be looked at. The
 * pages are filled with the worst there is, and every widget of the window is walked over. */
#include <string.h>

#include <adwaita.h>

#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-history.h"
#include "app/ask/fluo-saved-queries.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "app/traces/fluo-compare-card.h"
#include "app/traces/fluo-trace-list.h"
#include "app/traces/fluo-traces-page.h"
#include "core/fluo-json.h"
#include "filter/fluo-filter-ast.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
/* The longest sentence anything may say, and all that a window lays out at once. */
#define CHARS_MAX 2100
#define CHARS_OF_WINDOW_MAX 60000
/* Marks upon marks cost Pango seconds. */
#define MARKS_MAX 5
#define N_TRACES 120

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

static GtkApplication *application;

/* --- The worst there is ------------------------------------------------------------------ */

static char *
repeat (const char *text, guint n)
{
  GString *out = g_string_sized_new (strlen (text) * n);

  for (guint i = 0; i < n; i++)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

/* Newly allocated; ends with NULL. */
static char **
make_nasty (void)
{
  GPtrArray *all = g_ptr_array_new ();
  g_autofree char *marks = repeat ("\xcc\x81", 20000);
  static const char *const plain[] = {
    "<b>bold</b> &amp; &#0; </span>",
    "%s%n%d%1$s",
    "\xe2\x80\xaegpj.exe",                                /* right-to-left override */
    "\xe2\x81\xa6open \xe2\x81\xa7isolates",
    "\xe2\x80\xad\xe2\x80\xaa\xe2\x80\xabnested",
    "\x1b[31mred\x1b[0m\x07\x08",
    "line\nfeed\rreturn\ttab\xc2\x85nel\xe2\x80\xa8separator",
    "\x7f\xc2\x9b" "c1",
    "\xd0\xb0\xd1\x80\xd1\x80le",                         /* Cyrillic */
    "\xd8\xae\xd8\xaf\xd9\x85\xd8\xa9-\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", /* Arabic and Hebrew */
    "\xf3\xa0\x81\x81\xf3\xa0\x81\x82tags",
    "\xee\x80\x80private\xef\xbb\xbfmark",
    "',\"\\\\x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_ptr_array_add (all, g_strdup (plain[i]));
  g_ptr_array_add (all, g_strconcat ("e", marks, NULL));
  g_ptr_array_add (all, repeat ("unbroken", 12800));
  g_ptr_array_add (all, repeat ("\xf0\x9f\x91\xa9\xe2\x80\x8d", 500));
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_free (all, FALSE);
}

/* --- What may be shown ------------------------------------------------------------------- */

static gboolean
is_mark (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
}

/* What is wrong with it, or NULL. Isolates are ours, and in pairs. */
static const char *
find_problem (const char *text)
{
  guint marks = 0;
  int open = 0;

  if (!g_utf8_validate (text, -1, NULL))
    return "is no UTF-8";
  if (g_utf8_strlen (text, -1) > CHARS_MAX)
    return "is too long";
  for (const char *at = text; *at; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);

      marks = is_mark (c) ? marks + 1 : 0;
      if (marks > MARKS_MAX)
        return "has a heap of marks";
      if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0))
        return "has a control";
      if ((c >= 0x202a && c <= 0x202e) || c == 0x2066 || c == 0x2067)
        return "turns text around";
      if (c == 0x2028 || c == 0x2029 || (c >= 0xe0000 && c <= 0xe007f) || c == 0xfeff)
        return "has what nobody sees";
      open += (c == 0x2068) - (c == 0x2069);
      if (open < 0)
        return "closes what is not open";
    }
  return open == 0 ? NULL : "leaves an isolate open";
}

/* Characters that were laid out. */
static gsize
check (GtkWidget *widget, const char *what, const char *text)
{
  const char *problem = text ? find_problem (text) : NULL;

  if (problem)
    {
      g_autofree char *start = g_strescape (text, NULL);

      g_error ("%s of a %s (%s) %s: %.200s", what, G_OBJECT_TYPE_NAME (widget),
               gtk_widget_get_css_name (widget), problem, start);
    }
  return text ? (gsize) g_utf8_strlen (text, -1) : 0;
}

static void
check_model (GtkWidget *widget, GListModel *model)
{
  for (guint i = 0; model && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      if (GTK_IS_STRING_OBJECT (item))
        check (widget, "a choice", gtk_string_object_get_string (GTK_STRING_OBJECT (item)));
    }
}

static guint n_spoken;

/* What a screen reader says; asked for something that it never is, GTK tells what it is. */
static char *
dup_spoken (GtkWidget *widget)
{
  return gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                             GTK_ACCESSIBLE_PROPERTY_LABEL, "never this");
}

/* A text that is being written is the user's own, however it came there. */
static gsize
walk (GtkWidget *widget)
{
  gsize n = 0;
  g_autofree char *spoken = dup_spoken (widget);

  check (widget, "the tooltip", gtk_widget_get_tooltip_text (widget));
  n_spoken += check (widget, "the spoken name", spoken) > 0;
  if (GTK_IS_TEXT (widget) || GTK_IS_TEXT_VIEW (widget))
    return 0;
  if (GTK_IS_LABEL (widget))
    n += check (widget, "the text", gtk_label_get_text (GTK_LABEL (widget)));
  if (GTK_IS_WINDOW (widget))
    check (widget, "the title", gtk_window_get_title (GTK_WINDOW (widget)));
  if (GTK_IS_DROP_DOWN (widget))
    check_model (widget, gtk_drop_down_get_model (GTK_DROP_DOWN (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    n += walk (child);
  return n;
}

/* Every window that is open, with all that was ever made in it. */
static void
check_windows (const char *where)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      const gsize n = walk (window);

      g_test_message ("%s: %" G_GSIZE_FORMAT " characters", where, n);
      g_assert_cmpuint (n, <, CHARS_OF_WINDOW_MAX);
    }
}

/* --- Filling ----------------------------------------------------------------------------- */

/* One in five took long, and these share everything bad, as key and as value. */
static gboolean
is_slow (guint i)
{
  return i % 5 == 0;
}

static void
write_annotations (FluoJsonWriter *writer, char **nasty, guint i)
{
  fluo_json_writer_key (writer, "annotations");
  fluo_json_writer_begin (writer, '{');
  for (guint k = 0; is_slow (i) && nasty[k]; k++)
    {
      g_autofree char *key = g_strdup_printf ("key_%u", k);

      /* What occurs as often as another thing has no card of its own. */
      if (i / 5 < k % 8)
        continue;
      fluo_json_writer_key (writer, key);
      fluo_json_writer_string (writer, nasty[k]);
      fluo_json_writer_key (writer, nasty[k]);
      fluo_json_writer_string (writer, key);
    }
  fluo_json_writer_end (writer, '}');
}

/* A segment in which everything that can hold text holds something bad. */
static char *
dup_document (char **nasty, guint i, double now)
{
  const guint n = g_strv_length (nasty);
  const char *text = nasty[i % n];
  GString *out = g_string_new (NULL);
  g_autofree char *trace = g_strdup_printf ("1-%08x-%024x", (guint) now - 300, i + 1);
  g_autofree char *id = g_strdup_printf ("%016x", i + 1);
  g_autofree char *start = NULL;
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "trace_id");
  fluo_json_writer_string (&writer, trace);
  fluo_json_writer_key (&writer, "id");
  fluo_json_writer_string (&writer, id);
  fluo_json_writer_key (&writer, "name");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "user");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "origin");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "fault");
  fluo_json_writer_boolean (&writer, i % 3 == 0);
  fluo_json_writer_key (&writer, "http");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "request");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "method");
  fluo_json_writer_string (&writer, i % 4 ? "POST" : text);
  fluo_json_writer_key (&writer, "url");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "user_agent");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "client_ip");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_key (&writer, "cause");
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "exceptions");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "type");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "message");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  write_annotations (&writer, nasty, i);
  fluo_json_writer_end (&writer, '}');
  /* Numbers are not the writer's, which has no fractions. */
  start = g_strdup_printf (",\"start_time\":%.3f,\"end_time\":%.3f}", now - 300 + i,
                           now - 300 + i + (is_slow (i) ? 4 : .1 + .001 * i));
  g_string_truncate (out, out->len - 1);
  g_string_append (out, start);
  return g_string_free (out, FALSE);
}

static gboolean
is_read (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (explorer)
         && fluo_explorer_get_summaries (explorer)->len == fake_xray_get_n_traces (self->xray);
}

static gboolean
is_answered (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return !fluo_explorer_is_loading (explorer) && !fluo_explorer_get_progress (explorer)->running;
}

#define FRAMES 3

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  return ++*(guint *) data >= FRAMES ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
is_drawn (gpointer data)
{
  return *(guint *) data >= FRAMES;
}

/* What is asked is answered, and what hangs on the answer is laid out. */
static void
settle (Fixture *self)
{
  guint n = 0;

  g_assert_true (fluo_test_wait_until (is_answered, self, PATIENCE_MS));
  gtk_widget_add_tick_callback (GTK_WIDGET (self->window), tick_cb, &n, NULL);
  g_assert_true (fluo_test_wait_until (is_drawn, &n, PATIENCE_MS));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_auto (GStrv) nasty = make_nasty ();
  const double now = (double) fluo_time_now_ns () / 1e9;

  self->xray = fake_xray_new ();
  for (guint i = 0; i < N_TRACES; i++)
    {
      /* One name is of a megabyte. */
      g_autofree char *unbroken = i == 7 ? repeat ("unbroken", 128 * 1024) : NULL;
      char *only[] = { unbroken, NULL };
      g_autofree char *document = dup_document (unbroken ? only : nasty, i, now);

      fake_xray_add_document (self->xray, document);
    }
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1440, 900);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_read, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fake_xray_free (self->xray);
}

/* --- Tests ------------------------------------------------------------------------------- */

static void
show_traces (Fixture *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  settle (self);
}

static FluoTracesPage *
get_page (Fixture *self)
{
  return FLUO_TRACES_PAGE (
    fake_ui_find_mapped (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE));
}

static gboolean
has_cards (gpointer data)
{
  GtkWidget *card = fake_ui_find_mapped (data, FLUO_TYPE_COMPARE_CARD);

  return card && gtk_widget_get_next_sibling (card);
}

static gboolean
has_rows (gpointer data)
{
  return fake_ui_find (GTK_WIDGET (data), GTK_TYPE_BOX, "difference-row") != NULL;
}

/* Table, cards, preview, and the dialog of all fields. */
static void
test_traces (Fixture *self, gconstpointer data)
{
  GListModel *rows;
  GtkWidget *page;
  g_autofree char *text = NULL;

  show_traces (self);
  check_windows ("list");
  page = GTK_WIDGET (get_page (self));
  rows = fluo_traces_page_get_model (FLUO_TRACES_PAGE (page));
  fluo_trace_list_hurry (FLUO_TRACE_LIST (rows));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, N_TRACES);
  for (guint i = 0; i < 16; i++)
    {
      g_autoptr (FluoTraceRow) row = g_list_model_get_item (rows, i);

      g_assert_true (fluo_traces_page_select (FLUO_TRACES_PAGE (page),
                                              &fluo_trace_row_get_summary (row)->id));
      settle (self);
      walk (GTK_WIDGET (self->window));
    }
  check_windows ("preview");
  text = fake_ui_dup_text (GTK_WIDGET (self->window));
  g_assert_nonnull (strstr (text, "<b>bold</b> &amp; &#0; </span>"));
  g_assert_nonnull (strstr (text, "%s%n%d%1$s"));
  g_assert_cmpuint (n_spoken, >, 100);
  /* What they share is all of this. */
  g_assert_true (fluo_test_wait_until (has_cards, page, PATIENCE_MS));
  settle (self);
  check_windows ("cards");
  for (guint i = 0; i < 2; i++)
    {
      gtk_widget_activate_action (page, i == 0 ? "traces.compare-fields" : "traces.group-by",
                                  NULL);
      if (i == 0)
        g_assert_true (fluo_test_wait_until (
          has_rows, fake_ui_find_dialog (GTK_WINDOW (self->window)), PATIENCE_MS));
      settle (self);
      check_windows (i == 0 ? "fields" : "groups");
    }
  gtk_window_destroy (fake_ui_find_dialog (GTK_WINDOW (self->window)));
}

static GtkWidget *
find_menu_button (GtkWidget *widget, const char *tooltip)
{
  if (GTK_IS_MENU_BUTTON (widget) && gtk_widget_get_mapped (widget)
      && g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_menu_button (child, tooltip);

      if (found)
        return found;
    }
  return NULL;
}

/* The dialogs of saved filters: to edit one, and to make a group of it. */
static void
edit_first (Fixture *self, GtkWidget *bar)
{
  static const char *const actions[] = { "query.edit-saved", "query.group-from-saved" };
  GPtrArray *all = fluo_saved_queries_get_all (fluo_saved_queries_get_default ());

  for (guint i = 0; i < all->len; i++)
    {
      const FluoSavedQuery *query = g_ptr_array_index (all, i);
      const char *action = actions[i % G_N_ELEMENTS (actions)];
      GtkWindow *dialog;

      gtk_widget_activate_action (bar, action, "s", query->id);
      settle (self);
      check_windows (action);
      dialog = fake_ui_find_dialog (GTK_WINDOW (self->window));
      if (dialog)
        gtk_window_destroy (dialog);
    }
}

/* Saved by a colleague, or run once: names, filters, connections. */
static void
test_ask (Fixture *self, gconstpointer data)
{
  g_auto (GStrv) nasty = make_nasty ();
  static const char *const buttons[] = { "Saved filters", "Saved filters",
                                         "Filters that were run" };
  GtkWidget *bar = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL);

  show_traces (self);
  for (guint i = 0; nasty[i]; i++)
    {
      g_autofree char *name = g_utf8_substring (nasty[i], 0,
                                                MIN (g_utf8_strlen (nasty[i], -1), 120));
      g_autofree char *part = g_utf8_substring (nasty[i], 0,
                                                MIN (g_utf8_strlen (nasty[i], -1), 20000));
      g_autoptr (GString) filter = g_string_new ("annotation.plain = ");
      g_autoptr (FluoSavedQuery) query = NULL;
      g_autoptr (GError) error = NULL;

      fluo_filter_print_string (filter, part);
      query = fluo_saved_query_new (NULL, name, filter->str, "", i % 2 == 0);
      fluo_saved_queries_put (fluo_saved_queries_get_default (), query, &error);
      g_assert_no_error (error);
      fluo_query_history_add (fluo_query_history_get_default (), filter->str, part, 0, i);
      /* Run it: the field, why nothing was found, what is told, and the editor on it. */
      fluo_query_bar_set_query (FLUO_QUERY_BAR (bar), filter->str);
      settle (self);
      walk (GTK_WIDGET (self->window));
      fluo_query_bar_set_expanded (FLUO_QUERY_BAR (bar), TRUE);
      settle (self);
      check_windows ("editor");
      fluo_query_bar_set_expanded (FLUO_QUERY_BAR (bar), FALSE);
    }
  /* The lists of them. */
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button;

      fluo_query_bar_set_expanded (FLUO_QUERY_BAR (bar), i > 0);
      settle (self);
      button = find_menu_button (bar, buttons[i]);
      g_assert_nonnull (button);
      gtk_menu_button_popup (GTK_MENU_BUTTON (button));
      settle (self);
      check_windows (buttons[i]);
      gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
    }
  edit_first (self, bar);
}

/* As long as a filter may be, in as many conditions as fit. */
static void
test_long_filter (Fixture *self, gconstpointer data)
{
  GtkWidget *bar = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL);
  g_autoptr (GString) filter = g_string_new ("$a = 1");

  show_traces (self);
  while (filter->len < FLUO_FILTER_LENGTH_MAX - 200)
    g_string_append_printf (filter, " AND annotation.key_%" G_GSIZE_FORMAT " = $a_name_%u",
                            filter->len, (guint) filter->len % 15);
  for (guint i = 0; i < 2; i++)
    {
      if (i == 1)
        g_string_replace (filter, "$a", "5", 0);
      fluo_query_bar_set_draft (FLUO_QUERY_BAR (bar), filter->str);
      settle (self);
      check_windows ("field");
      fluo_query_bar_set_expanded (FLUO_QUERY_BAR (bar), TRUE);
      settle (self);
      check_windows ("editor");
      fluo_query_bar_set_expanded (FLUO_QUERY_BAR (bar), FALSE);
    }
}

/* The map and the lists of other pages have the same names in them. */
static void
test_pages (Fixture *self, gconstpointer data)
{
  static const char *const pages[] = { "map", "insights", "traces" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", pages[i]);
      settle (self);
      check_windows (pages[i]);
    }
}

/* A server may say anything in an error. */
static void
test_errors (Fixture *self, gconstpointer data)
{
  g_auto (GStrv) nasty = make_nasty ();

  show_traces (self);
  for (guint i = 0; nasty[i]; i++)
    {
      g_autofree char *text = g_utf8_substring (nasty[i], 0,
                                                MIN (g_utf8_strlen (nasty[i], -1), 4000));

      fake_xray_set_error (self->xray, text);
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.reload", NULL);
      settle (self);
      check_windows ("error");
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.toast", "s", nasty[i]);
      settle (self);
      check_windows ("toast");
      fake_xray_set_error (self->xray, NULL);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/untrusted/traces", test_traces },
    { "/untrusted/ask", test_ask },
    { "/untrusted/long-filter", test_long_filter },
    { "/untrusted/pages", test_pages },
    { "/untrusted/errors", test_errors },
  };
  char *home;

  g_setenv ("GTK_A11Y", "test", TRUE);
  home = fake_ui_init_home (&argc, &argv);
  if (!home)
    return 77;
  application = fake_ui_application_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return fake_ui_run (home);
}
