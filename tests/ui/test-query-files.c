/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved filters to a file and back, through GTK's own file chooser: its buttons are clicked on and
 * its paths typed, as somebody does who has been sent a file. */
#include <string.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/ask/fluo-saved-queries.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-input.h"

/* The first wait for what a key does; each is twice as long as the one before. */
#define PAUSE_MS 200
#define TRIES 10

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  char *dir;      /* what files are in */
  const char *said; /* that a test waits to be told */
  gboolean told;    /* it was: a toast goes by itself */
} Fixture;

static GtkApplication *application;

/* --- Conditions -------------------------------------------------------------------------- */

static gboolean
is_connected (gpointer data)
{
  Fixture *self = data;

  return fluo_explorer_get_state (fluo_window_get_explorer (self->window))
           == FLUO_EXPLORER_CONNECTED
         && fluo_explorer_get_summaries (fluo_window_get_explorer (self->window))->len > 0;
}

static gboolean
is_open (gpointer data)
{
  Fixture *self = data;

  return fake_ui_find_button (GTK_WIDGET (self->window), "Import…") != NULL;
}

static GtkWindow *
get_chooser (Fixture *self)
{
  GtkWindow *dialog = fake_ui_find_dialog (GTK_WINDOW (self->window));

  return dialog && GTK_IS_FILE_CHOOSER (dialog) ? dialog : NULL;
}

static gboolean
is_choosing (gpointer data)
{
  GtkWindow *chooser = get_chooser (data);

  return chooser && gtk_widget_get_mapped (GTK_WIDGET (chooser));
}

static gboolean
is_told (gpointer data)
{
  Fixture *self = data;
  g_autofree char *text = fake_ui_dup_text (GTK_WIDGET (self->window));

  return strstr (text, self->said) != NULL;
}

static gboolean
was_told (gpointer data)
{
  Fixture *self = data;

  self->told = self->told || is_told (self);
  return self->told;
}

static gboolean
is_done (gpointer data)
{
  was_told (data);
  return get_chooser (data) == NULL;
}

/* --- Steps ------------------------------------------------------------------------------- */

static gboolean
has_entry (gpointer data)
{
  GtkWindow *chooser = get_chooser (data);

  return chooser && gtk_window_get_focus (chooser)
         && GTK_IS_TEXT (gtk_window_get_focus (chooser));
}

/* From the star to the chooser, in it to @path, and until @said is told. */
static void
choose (Fixture *self, const char *button, const char *path, const char *said)
{
  /* The underlined letter of the chooser's button. */
  const char *accept = *button == 'I' ? "alt+i" : "alt+e";

  self->said = said;
  self->told = FALSE;
  real_focus (GTK_WINDOW (self->window));
  real_click_until (fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_MENU_BUTTON, "query-star"),
                    is_open, self);
  real_click_until (fake_ui_find_button (GTK_WIDGET (self->window), button), is_choosing, self);
  real_focus (get_chooser (self));
  real_press_until ("ctrl+l", has_entry, self);
  real_press ("ctrl+a");
  real_type (path);
  /* Away from names that begin so, which take the keys. */
  real_press ("Tab");
  /* The button works once the chooser has looked into the folder. */
  for (guint i = 0; i < TRIES && !is_done (self); i++)
    {
      real_press (accept);
      fluo_test_wait_until (is_done, self, PAUSE_MS << i);
    }
  g_assert_true (is_done (self));
  if (!fluo_test_wait_until (was_told, self, REAL_PATIENCE_MS))
    {
      g_autofree char *text = fake_ui_dup_text (GTK_WIDGET (self->window));

      g_error ("“%s” was never said of %s, but: %s", said, path, g_strdelimit (text, "\n", ' '));
    }
}

static char *
write_file (Fixture *self, const char *name, const char *text)
{
  char *path = g_build_filename (self->dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
save (const char *name, const char *text)
{
  g_autoptr (FluoSavedQuery) query = fluo_saved_query_new (NULL, name, text, "", FALSE);
  g_autoptr (GError) error = NULL;

  fluo_saved_queries_put (fluo_saved_queries_get_default (), query, &error);
  g_assert_no_error (error);
}

static void
forget_all (void)
{
  FluoSavedQueries *queries = fluo_saved_queries_get_default ();

  while (fluo_saved_queries_get_all (queries)->len > 0)
    {
      g_autofree char *id = g_strdup (
        ((FluoSavedQuery *) g_ptr_array_index (fluo_saved_queries_get_all (queries), 0))->id);

      g_assert_true (fluo_saved_queries_remove (queries, id, NULL, NULL));
    }
}

/* The names, in their order. */
static char *
dup_names (void)
{
  GPtrArray *all = fluo_saved_queries_get_all (fluo_saved_queries_get_default ());
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "",
                            ((FluoSavedQuery *) g_ptr_array_index (all, i))->name);
  return g_string_free (out, FALSE);
}

static void
assert_names (const char *expected)
{
  g_autofree char *names = dup_names ();

  g_assert_cmpstr (names, ==, expected);
}

/* --- Tests ------------------------------------------------------------------------------- */

static void
set_up (Fixture *self, gconstpointer data)
{
  self->dir = fluo_test_dir_new ();
  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, 60, 600, 1);
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1200, 800);
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_connected, self, REAL_PATIENCE_MS));
  save ("Slow payments", "service(\"payments\") { responsetime > 0.5 }");
  save ("One order", "annotation.order_id = $order_id");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  forget_all ();
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fake_xray_free (self->xray);
  fluo_test_dir_free (self->dir);
}

/* What was exported comes back as it was, wherever it went meanwhile. */
static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->dir, "mine.json", NULL);

  choose (self, "Export…", path, "The filters were exported");
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  forget_all ();
  choose (self, "Import…", path, "Imported: 2 new, 0 that were there before");
  assert_names ("Slow payments, One order");
  choose (self, "Import…", path, "Imported: 0 new, 2 that were there before");
  assert_names ("Slow payments, One order");
}

/* What can't be taken is told, and changes nothing. */
static void
test_wrong_files (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name, *text, *said;
  } files[] = {
    { "shopping.json", "{\"Milk\": 2}", "this is no file of saved filters" },
    { "picture.json", "\x89PNG\r\n", "The filters could not be imported" },
    { "newer.json", "{\"Format\": \"fluoroscope-queries\", \"Version\": 9, \"Queries\": []}",
      "was written by a newer Fluoroscope (version 9" },
    { "empty.json",
      "{\"Format\": \"fluoroscope-queries\", \"Version\": 1, \"Queries\": [{\"Name\": \"x\"}]}",
      "1 entry of the file has no name or no filter" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = write_file (self, files[i].name, files[i].text);

      choose (self, "Import…", path, files[i].said);
      assert_names ("Slow payments, One order");
    }
}

/* A colleague's filter of a name that is taken stays apart; the very same one comes once. */
static void
test_duplicates (Fixture *self, gconstpointer data)
{
  g_autofree char *path = write_file (
      self, "colleague.json",
      "{\"Format\": \"fluoroscope-queries\", \"Version\": 1, \"Queries\": ["
      "{\"Id\": \"a\", \"Name\": \"Slow payments\", \"Filter\": \"duration > 3\"},"
      "{\"Id\": \"b\", \"Name\": \"One order\","
      " \"Filter\": \"annotation.order_id = $order_id\"}]}");

  choose (self, "Import…", path, "Imported: 1 new, 1 that were there before");
  assert_names ("Slow payments, One order, Slow payments (2)");
}

/* Where nothing may be written. */
static void
test_read_only (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->dir, "closed", NULL);
  g_autofree char *path = NULL;

  g_assert_cmpint (g_mkdir (folder, 0500), ==, 0);
  /* Who may write everywhere may not in the kernel's. */
  path = g_build_filename (geteuid () == 0 ? "/proc" : folder, "mine.json", NULL);
  choose (self, "Export…", path, "The filters could not be exported");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_names ("Slow payments, One order");
}

static gboolean
is_closed (gpointer data)
{
  return !is_open (data);
}

/* The field that looks for saved filters keeps no Escape to itself. */
static void
test_escape (Fixture *self, gconstpointer data)
{
  real_focus (GTK_WINDOW (self->window));
  real_click_until (fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_MENU_BUTTON, "query-star"),
                    is_open, self);
  real_press_until ("Escape", is_closed, self);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/query-files/round-trip", test_round_trip },
    { "/query-files/wrong-files", test_wrong_files },
    { "/query-files/duplicates", test_duplicates },
    { "/query-files/read-only", test_read_only },
    { "/query-files/escape", test_escape },
  };
  char *home = real_input_init_home (&argc, &argv);

  if (!home)
    return 77;
  application = fake_ui_application_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return fake_ui_run (home);
}
