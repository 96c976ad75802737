/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "app/ask/fluo-query-file.h"
#include "app/ask/fluo-query-history.h"
#include "app/ask/fluo-query-parameters.h"
#include "app/ask/fluo-query-text.h"
#include "app/ask/fluo-saved-queries.h"
#include "filter/fluo-filter.h"
#include "fluo-test-util.h"

/* Saved filters, history and parameters: no display is needed. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define SLOW "service(\"payments\") { responsetime > 0.5 }"

typedef struct
{
  char *dir;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->dir = fluo_test_dir_new ();
  self->path = g_build_filename (self->dir, "deep", "queries.json", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->path);
  fluo_test_dir_free (self->dir);
}

static void
put (FluoSavedQueries *queries, const char *name, const char *text, const char *connection,
     gboolean starred)
{
  g_autoptr (FluoSavedQuery) query = fluo_saved_query_new (NULL, name, text, connection, starred);
  g_autoptr (GError) error = NULL;

  fluo_saved_queries_put (queries, query, &error);
  g_assert_no_error (error);
}

static FluoSavedQuery *
nth (FluoSavedQueries *queries, guint i)
{
  GPtrArray *all = fluo_saved_queries_get_all (queries);

  g_assert_cmpuint (i, <, all->len);
  return g_ptr_array_index (all, i);
}

static void
write_text (Fixture *self, const char *text, gssize length)
{
  g_autofree char *dir = g_path_get_dirname (self->path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_file_set_contents (self->path, text, length, &error);
  g_assert_no_error (error);
}

/* --- Saved filters ----------------------------------------------------------------------- */

static void
test_survives (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQueries) first = fluo_saved_queries_new (self->path);
  g_autoptr (FluoSavedQueries) second = NULL;
  const char *text = "annotation.note = \"a \\\"b\\\" \xc3\xa9\xe2\x80\xae\"\nAND fault";
  GStatBuf info;

  g_assert_cmpuint (fluo_saved_queries_get_all (first)->len, ==, 0);
  g_assert_null (fluo_saved_queries_get_notice (first));
  put (first, "Slow payments", SLOW, "", TRUE);
  put (first, "Notes", text, "Local", FALSE);
  second = fluo_saved_queries_new (self->path);
  g_assert_cmpuint (fluo_saved_queries_get_all (second)->len, ==, 2);
  g_assert_cmpstr (nth (second, 0)->name, ==, "Slow payments");
  g_assert_true (nth (second, 0)->starred);
  g_assert_cmpstr (nth (second, 0)->connection, ==, "");
  g_assert_cmpstr (nth (second, 1)->text, ==, text);
  g_assert_cmpstr (nth (second, 1)->connection, ==, "Local");
  g_assert_cmpstr (nth (second, 0)->id, ==, nth (first, 0)->id);
  /* Nobody else reads what one looks for. */
  g_assert_cmpint (g_stat (self->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_edit_and_undo (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQueries) queries = fluo_saved_queries_new (self->path);
  g_autoptr (FluoSavedQuery) removed = NULL;
  g_autoptr (FluoSavedQuery) renamed = NULL;
  g_autoptr (GError) error = NULL;
  guint index = 99;

  put (queries, "a", "fault", "", FALSE);
  put (queries, "b", "error", "", FALSE);
  put (queries, "c", "ok", "", FALSE);
  renamed = fluo_saved_query_new (nth (queries, 1)->id, "B", "throttle", "", TRUE);
  g_assert_true (fluo_saved_queries_put (queries, renamed, &error));
  g_assert_cmpuint (fluo_saved_queries_get_all (queries)->len, ==, 3);
  g_assert_cmpstr (nth (queries, 1)->name, ==, "B");
  removed = fluo_saved_query_ref (nth (queries, 1));
  g_assert_true (fluo_saved_queries_remove (queries, removed->id, &index, &error));
  g_assert_cmpuint (index, ==, 1);
  g_assert_cmpuint (fluo_saved_queries_get_all (queries)->len, ==, 2);
  g_assert_true (fluo_saved_queries_insert (queries, removed, index, &error));
  g_assert_cmpstr (nth (queries, 1)->name, ==, "B");
  /* What is gone already is no error. */
  g_assert_true (fluo_saved_queries_remove (queries, "nothing", NULL, &error));
  g_assert_no_error (error);
}

static void
test_search (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQueries) queries = fluo_saved_queries_new (self->path);
  g_autoptr (GPtrArray) here = NULL;
  g_autoptr (GPtrArray) words = NULL;

  put (queries, "Übersicht", "fault", "", FALSE);
  put (queries, "elsewhere", "fault", "prod", TRUE);
  put (queries, "Declined cards", "http.status = 402", "Local", TRUE);
  here = fluo_saved_queries_search (queries, "Local", "");
  g_assert_cmpuint (here->len, ==, 2);
  g_assert_cmpstr (((FluoSavedQuery *) g_ptr_array_index (here, 0))->name, ==, "Declined cards");
  words = fluo_saved_queries_search (queries, "Local", "STATUS card");
  g_assert_cmpuint (words->len, ==, 1);
  g_clear_pointer (&words, g_ptr_array_unref);
  words = fluo_saved_queries_search (queries, "Local", "übers");
  g_assert_cmpuint (words->len, ==, 1);
}

/* Two windows of two programs: neither's change is lost, and each learns of the other's. */
static gboolean
has_both (gpointer data)
{
  return fluo_saved_queries_get_all (data)->len == 2;
}

static void
test_two_at_once (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQueries) one = fluo_saved_queries_new (self->path);
  g_autoptr (FluoSavedQueries) other = fluo_saved_queries_new (self->path);

  put (one, "first", "fault", "", FALSE);
  put (other, "second", "error", "", FALSE);
  g_assert_cmpuint (fluo_saved_queries_get_all (other)->len, ==, 2);
  g_assert_true (fluo_test_wait_until (has_both, one, PATIENCE_MS));
  g_assert_cmpstr (nth (one, 1)->name, ==, "second");
}

static gpointer
add_many_thread (gpointer data)
{
  const char *path = data;

  for (guint i = 0; i < 20; i++)
    {
      int fd;
      g_autoptr (FluoJsonTape) tape = NULL;
      g_autoptr (GString) out = g_string_new (NULL);
      FluoJsonWriter writer;
      gint64 n;

      /* On a slow disk the others may take longer than a window would wait. */
      do
        fd = fluo_query_file_lock (path, NULL);
      while (fd < 0);
      tape = fluo_query_file_read (path, "test", NULL);
      fluo_json_writer_init (&writer, out);
      fluo_query_file_begin (&writer, "test");
      fluo_json_writer_key (&writer, "N");
      n = tape ? fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "N"), 0) : 0;
      fluo_json_writer_int (&writer, n + 1);
      fluo_json_writer_end (&writer, '}');
      g_assert_true (fluo_query_file_write (path, out, FALSE, NULL));
      close (fd);
    }
  return NULL;
}

static void
test_lock (Fixture *self, gconstpointer data)
{
  GThread *threads[3];
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (FluoSavedQueries) queries = NULL;
  g_autoptr (FluoSavedQuery) query = fluo_saved_query_new (NULL, "a", "fault", NULL, FALSE);
  g_autoptr (GError) error = NULL;
  int fd;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("writer", add_many_thread, self->path);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  tape = fluo_query_file_read (self->path, "test", NULL);
  g_assert_cmpint (fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "N"), 0), ==, 60);
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  /* Somebody never lets go: an error, not a window that hangs. */
  queries = fluo_saved_queries_new (self->path);
  fd = fluo_query_file_lock (self->path, NULL);
  g_assert_false (fluo_saved_queries_put (queries, query, &error));
  g_assert_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_BUSY);
  close (fd);
  g_clear_error (&error);
  g_assert_true (fluo_saved_queries_put (queries, query, &error));
}

static void
assert_damaged (Fixture *self, guint n_kept)
{
  g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);
  g_autoptr (FluoSavedQueries) queries = fluo_saved_queries_new (self->path);

  g_assert_cmpuint (fluo_saved_queries_get_all (queries)->len, ==, n_kept);
  g_assert_nonnull (strstr (fluo_saved_queries_get_notice (queries), "queries.json.damaged"));
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  put (queries, "new", "fault", "", FALSE);
  g_assert_cmpuint (fluo_saved_queries_get_all (queries)->len, ==, n_kept + 1);
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  write_text (self, data, -1);
  assert_damaged (self, 0);
}

static void
test_truncated (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;
  gsize length;

  {
    g_autoptr (FluoSavedQueries) queries = fluo_saved_queries_new (self->path);

    put (queries, "a", SLOW, "", TRUE);
  }
  text = fluo_test_read (self->path, &length);
  /* The disk was full, or the power went, at any byte: but for the line's end nothing is whole. */
  for (gsize cut = 0; cut + 1 < length; cut += 7)
    {
      g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);

      write_text (self, text, cut);
      assert_damaged (self, 0);
      g_assert_cmpint (g_unlink (aside), ==, 0);
    }
}

static void
test_partly_damaged (Fixture *self, gconstpointer data)
{
  write_text (self,
              "{\"Format\":\"fluoroscope-queries\",\"Version\":1,\"Queries\":["
              "{\"Id\":\"1\",\"Name\":\"good\",\"Filter\":\"fault\",\"Later\":[1]},"
              "{\"Id\":\"1\",\"Name\":\"same id\",\"Filter\":\"fault\"},"
              "{\"Id\":\"2\",\"Name\":\"\",\"Filter\":\"fault\"},{\"Id\":\"3\"},7]}",
              -1);
  assert_damaged (self, 1);
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  const char *text = "{\"Format\":\"fluoroscope-queries\",\"Version\":2,\"Queries\":\"other\"}";
  g_autoptr (FluoSavedQueries) queries = NULL;
  g_autoptr (FluoSavedQuery) query = fluo_saved_query_new (NULL, "a", "fault", NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  write_text (self, text, -1);
  queries = fluo_saved_queries_new (self->path);
  g_assert_nonnull (strstr (fluo_saved_queries_get_notice (queries), "newer Fluoroscope"));
  g_assert_false (fluo_saved_queries_put (queries, query, &error));
  g_assert_nonnull (error);
  /* It is not ours to write over. */
  after = fluo_test_read (self->path, NULL);
  g_assert_cmpstr (after, ==, text);
}

static void
test_link_stays (Fixture *self, gconstpointer data)
{
  g_autofree char *dir = g_path_get_dirname (self->path);
  g_autofree char *real = g_build_filename (self->dir, "shared.json", NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  {
    g_autoptr (FluoSavedQueries) there = fluo_saved_queries_new (real);

    put (there, "shared", "fault", "", FALSE);
  }
  g_assert_cmpint (symlink (real, self->path), ==, 0);
  {
    g_autoptr (FluoSavedQueries) here = fluo_saved_queries_new (self->path);

    g_assert_cmpuint (fluo_saved_queries_get_all (here)->len, ==, 1);
    put (here, "mine", "error", "", FALSE);
  }
  g_assert_true (g_file_test (self->path, G_FILE_TEST_IS_SYMLINK));
  {
    g_autoptr (FluoSavedQueries) there = fluo_saved_queries_new (real);

    g_assert_cmpuint (fluo_saved_queries_get_all (there)->len, ==, 2);
  }
}

static void
test_export_import (Fixture *self, gconstpointer data)
{
  g_autofree char *second_path = g_build_filename (self->dir, "other.json", NULL);
  g_autoptr (FluoSavedQueries) mine = fluo_saved_queries_new (self->path);
  g_autoptr (FluoSavedQueries) yours = fluo_saved_queries_new (second_path);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) bad = g_bytes_new_static ("{}", 2);
  g_autoptr (GError) error = NULL;
  guint added = 0;
  guint replaced = 0;

  put (mine, "Slow payments", SLOW, "", TRUE);
  put (mine, "By order", "annotation.order_id = $order_id", "", FALSE);
  put (yours, "Own", "fault", "", FALSE);
  bytes = fluo_saved_queries_export (mine);
  g_assert_true (fluo_saved_queries_import (yours, bytes, &added, &replaced, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (added, ==, 2);
  g_assert_cmpuint (replaced, ==, 0);
  g_assert_cmpuint (fluo_saved_queries_get_all (yours)->len, ==, 3);
  /* Again: nothing twice. */
  g_assert_true (fluo_saved_queries_import (yours, bytes, &added, &replaced, &error));
  g_assert_cmpuint (added, ==, 0);
  g_assert_cmpuint (replaced, ==, 2);
  g_assert_cmpuint (fluo_saved_queries_get_all (yours)->len, ==, 3);
  g_assert_false (fluo_saved_queries_import (yours, bad, &added, &replaced, &error));
  g_assert_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_DAMAGED);
  g_assert_cmpuint (fluo_saved_queries_get_all (yours)->len, ==, 3);
}

static void
test_limits (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoSavedQueries) queries = fluo_saved_queries_new (self->path);
  g_autoptr (FluoSavedQuery) nameless = fluo_saved_query_new (NULL, "", "fault", NULL, FALSE);
  g_autofree char *long_name = g_strnfill (FLUO_SAVED_NAME_CHARS_MAX + 1, 'x');
  g_autoptr (FluoSavedQuery) wordy = fluo_saved_query_new (NULL, long_name, "fault", NULL, FALSE);

  g_assert_false (fluo_saved_queries_put (queries, nameless, NULL));
  g_assert_false (fluo_saved_queries_put (queries, wordy, NULL));
  g_assert_cmpuint (fluo_saved_queries_get_all (queries)->len, ==, 0);
}

/* --- History ----------------------------------------------------------------------------- */

static const FluoQueryVisit *
visit (FluoQueryHistory *history, guint i)
{
  return g_ptr_array_index (fluo_query_history_get_all (history), i);
}

static void
test_history (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoQueryHistory) history = fluo_query_history_new (self->path);
  g_autoptr (FluoQueryHistory) again = NULL;

  for (guint i = 0; i < FLUO_QUERY_HISTORY_MAX + 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("duration > %u", i);

      fluo_query_history_add (history, text, "Local", i * G_GINT64_CONSTANT (1000000000), i);
    }
  g_assert_cmpuint (fluo_query_history_get_all (history)->len, ==, FLUO_QUERY_HISTORY_MAX);
  g_assert_cmpstr (visit (history, 0)->text, ==, "duration > 204");
  /* The same once more comes to the front, and is there once. */
  fluo_query_history_add (history, "duration > 100", "Local", 7000000000, -1);
  g_assert_cmpstr (visit (history, 0)->text, ==, "duration > 100");
  g_assert_cmpstr (visit (history, 1)->text, ==, "duration > 204");
  g_assert_cmpuint (fluo_query_history_get_all (history)->len, ==, FLUO_QUERY_HISTORY_MAX);
  again = fluo_query_history_new (self->path);
  g_assert_cmpuint (fluo_query_history_get_all (again)->len, ==, FLUO_QUERY_HISTORY_MAX);
  g_assert_cmpint (visit (again, 0)->time_ns, ==, 7000000000);
  g_assert_cmpint (visit (again, 0)->matching, ==, -1);
  g_assert_cmpint (visit (again, 1)->matching, ==, 204);
  fluo_query_history_clear (again);
  fluo_query_history_add (history, "fault", "Local", 8000000000, 1);
  g_assert_cmpuint (fluo_query_history_get_all (history)->len, ==, 1);
}

static void
test_history_damaged (Fixture *self, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);
  g_autoptr (FluoQueryHistory) history = NULL;

  write_text (self, "{\"Format\":\"fluoroscope-que", -1);
  history = fluo_query_history_new (self->path);
  g_assert_cmpuint (fluo_query_history_get_all (history)->len, ==, 0);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  fluo_query_history_add (history, "fault", "Local", 1, 1);
  g_assert_cmpuint (fluo_query_history_get_all (history)->len, ==, 1);
}

/* --- Parameters -------------------------------------------------------------------------- */

static void
test_parameters_found (void)
{
  g_autoptr (GPtrArray) found = fluo_query_parameters_find (
      "annotation.order_id = $order_id AND duration > $least AND service($name) AND "
      "http.url = \"$no\" AND annotation[a$b] AND duration < $least AND fault = $bad AND $ 5");
  static const char *const names[] = { "order_id", "least", "name", "bad" };

  g_assert_cmpuint (found->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < found->len; i++)
    g_assert_cmpstr (((FluoParameter *) g_ptr_array_index (found, i))->name, ==, names[i]);
}

static void
test_parameters_types (void)
{
  static const struct
  {
    const char *text;
    guint types;
  } cases[] = {
    { "annotation.order_id = $x",
      FLUO_PARAMETER_TEXT | FLUO_PARAMETER_NUMBER | FLUO_PARAMETER_BOOLEAN },
    { "duration > $x", FLUO_PARAMETER_NUMBER },
    { "service($x) { fault }", FLUO_PARAMETER_TEXT },
    { "http.url CONTAINS $x", FLUO_PARAMETER_TEXT },
    { "fault = $x", FLUO_PARAMETER_BOOLEAN },
    { "responsetime > $x AND service($y)", FLUO_PARAMETER_NUMBER },
    { "broken ( AND duration <= $x", FLUO_PARAMETER_NUMBER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) found = fluo_query_parameters_find (cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpuint (((FluoParameter *) g_ptr_array_index (found, 0))->types, ==,
                        cases[i].types);
    }
}

/* Whatever is typed into the dialog is one value and nothing else. */
static void
test_parameters_escaped (void)
{
  static const char *const values[] = {
    "84193", "", "a\" OR fault OR user = \"b", "\\", "a\nb\tc", "\xc3\xa9\xe2\x80\x8b", "$order_id",
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GHashTable) literals = g_hash_table_new (g_str_hash, g_str_equal);
      const char *problem = NULL;
      g_autofree char *literal = fluo_query_parameters_literal (FLUO_PARAMETER_TEXT, values[i],
                                                                &problem);
      g_autofree char *text = NULL;
      g_autofree char *expected = NULL;
      g_autofree char *printed = NULL;
      g_autoptr (FluoFilter) filter = NULL;
      g_autoptr (GError) error = NULL;

      g_hash_table_insert (literals, (char *) "id", literal);
      text = fluo_query_parameters_fill ("user = $id AND !ok", literals);
      filter = fluo_filter_new (text, -1, NULL, &error);
      g_assert_no_error (error);
      printed = fluo_filter_print (filter);
      expected = g_strdup_printf ("user = %s AND !ok", literal);
      g_assert_cmpstr (printed, ==, expected);
    }
}

static void
test_parameters_literals (void)
{
  static const struct
  {
    FluoParameterType type;
    const char *value;
    const char *literal;
  } cases[] = {
    { FLUO_PARAMETER_NUMBER, " 0.5 ", "0.5" },   { FLUO_PARAMETER_NUMBER, "-3", "-3" },
    { FLUO_PARAMETER_NUMBER, "1e3", "1e3" },     { FLUO_PARAMETER_NUMBER, "0,5", NULL },
    { FLUO_PARAMETER_NUMBER, "inf", NULL },      { FLUO_PARAMETER_NUMBER, "0x10", NULL },
    { FLUO_PARAMETER_NUMBER, "1 OR ok", NULL },  { FLUO_PARAMETER_NUMBER, "", NULL },
    { FLUO_PARAMETER_NUMBER, "1e999", NULL },    { FLUO_PARAMETER_NUMBER, "1.", NULL },
    { FLUO_PARAMETER_BOOLEAN, "True", "true" },  { FLUO_PARAMETER_BOOLEAN, "yes", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *problem = NULL;
      g_autofree char *literal = fluo_query_parameters_literal (cases[i].type, cases[i].value,
                                                                &problem);

      g_assert_cmpstr (literal, ==, cases[i].literal);
      g_assert_true ((literal == NULL) == (problem != NULL));
    }
  g_assert_cmpint (fluo_query_parameters_guess (7, "84193"), ==, FLUO_PARAMETER_NUMBER);
  g_assert_cmpint (fluo_query_parameters_guess (7, "gold"), ==, FLUO_PARAMETER_TEXT);
  g_assert_cmpint (fluo_query_parameters_guess (7, "false"), ==, FLUO_PARAMETER_BOOLEAN);
  g_assert_cmpint (fluo_query_parameters_guess (FLUO_PARAMETER_TEXT, "1"), ==,
                   FLUO_PARAMETER_TEXT);
}

/* Places of what is wrong stay the places in what was typed. */
static void
test_parameters_blank (void)
{
  static const char *const texts[] = {
    "annotation.order_id = $order_id AND duration > $d", "service($x)", "fault = $failed",
    "duration > $seconds", "no parameter",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *blank = fluo_query_parameters_blank (texts[i]);
      g_autoptr (FluoFilter) filter = NULL;

      g_assert_cmpuint (strlen (blank), ==, strlen (texts[i]));
      filter = fluo_filter_new (blank, -1, NULL, NULL);
      g_assert_true ((filter != NULL) == !g_str_equal (texts[i], "no parameter"));
    }
}

/* --- The one field ----------------------------------------------------------------------- */

static void
test_kinds (void)
{
  static const struct
  {
    const char *text;
    FluoQueryKind kind;
  } cases[] = {
    { "", FLUO_QUERY_EMPTY },
    { "  \n ", FLUO_QUERY_EMPTY },
    { "84193", FLUO_QUERY_WORDS },
    { "checkout gold", FLUO_QUERY_WORDS },
    { "/checkout", FLUO_QUERY_WORDS },
    { "bank.example.com", FLUO_QUERY_WORDS },
    { "this and that", FLUO_QUERY_WORDS },
    { "Jürgen", FLUO_QUERY_WORDS },
    { "fault", FLUO_QUERY_EXPRESSION },
    { "ok partial", FLUO_QUERY_EXPRESSION },
    { "annotation.tier", FLUO_QUERY_EXPRESSION },
    { "metadata.size", FLUO_QUERY_EXPRESSION },
    { "tier = \"gold\"", FLUO_QUERY_EXPRESSION },
    { "service(\"x", FLUO_QUERY_EXPRESSION },
    { "user CONTAINS", FLUO_QUERY_EXPRESSION },
    { "annotation.order_id = $order_id", FLUO_QUERY_EXPRESSION },
    { "1-6afefa44-946d071d87f412683d601dea", FLUO_QUERY_TRACE },
    { " 6afefa44946d071d87f412683d601dea\n", FLUO_QUERY_TRACE },
    { "Root=1-6afefa44-946d071d87f412683d601dea;Sampled=1", FLUO_QUERY_TRACE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (fluo_query_text_get_kind (cases[i].text, NULL), ==, cases[i].kind);
    }
}

static void
test_unfold (void)
{
  static const struct
  {
    const char *text;
    const char *unfolded;
  } cases[] = {
    { "fault", "fault" },
    { "service(\"payments\") { responsetime > 0.5 AND ok } AND http.method = \"A AND B\" or (ok OR "
      "fault)",
      "service(\"payments\") { responsetime > 0.5 AND ok }\nAND http.method = \"A AND B\"\nor (ok "
      "OR fault)" },
    { "android AND ok", "android\nAND ok" },
    { "a\nAND b AND c", "a\nAND b AND c" },
    { "user = \"open AND", "user = \"open AND" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *unfolded = fluo_query_text_unfold (cases[i].text);
      g_autofree char *folded = fluo_query_text_fold (unfolded);

      g_assert_cmpstr (unfolded, ==, cases[i].unfolded);
      if (!strchr (cases[i].text, '\n'))
        g_assert_cmpstr (folded, ==, cases[i].text);
    }
}

static void
test_add (void)
{
  g_autofree char *first = fluo_query_text_add ("", "fault");
  g_autofree char *plain = fluo_query_text_add (" ok ", "duration > 1");
  g_autofree char *either = fluo_query_text_add ("ok OR fault", "duration > 1");
  g_autofree char *inner = fluo_query_text_add ("(ok OR fault)", "user = \"a OR b\"");

  g_assert_cmpstr (first, ==, "fault");
  g_assert_cmpstr (plain, ==, "ok AND duration > 1");
  g_assert_cmpstr (either, ==, "(ok OR fault) AND duration > 1");
  g_assert_cmpstr (inner, ==, "(ok OR fault) AND user = \"a OR b\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func) g_test_add (name, Fixture, data, set_up, func, tear_down)
  ADD ("/queries/survive", NULL, test_survives);
  ADD ("/queries/edit-and-undo", NULL, test_edit_and_undo);
  ADD ("/queries/search", NULL, test_search);
  ADD ("/queries/two-at-once", NULL, test_two_at_once);
  ADD ("/queries/lock", NULL, test_lock);
  ADD ("/queries/damaged/text", "what?", test_damaged);
  ADD ("/queries/damaged/empty", "", test_damaged);
  ADD ("/queries/damaged/other", "{\"Format\":\"other\",\"Version\":1}", test_damaged);
  ADD ("/queries/damaged/list", "{\"Format\":\"fluoroscope-queries\",\"Version\":1,\"Queries\":7}",
       test_damaged);
  ADD ("/queries/damaged/truncated", NULL, test_truncated);
  ADD ("/queries/damaged/partly", NULL, test_partly_damaged);
  ADD ("/queries/newer", NULL, test_newer);
  ADD ("/queries/link", NULL, test_link_stays);
  ADD ("/queries/export-import", NULL, test_export_import);
  ADD ("/queries/limits", NULL, test_limits);
  ADD ("/queries/history", NULL, test_history);
  ADD ("/queries/history/damaged", NULL, test_history_damaged);
  g_test_add_func ("/queries/parameters/found", test_parameters_found);
  g_test_add_func ("/queries/parameters/types", test_parameters_types);
  g_test_add_func ("/queries/parameters/escaped", test_parameters_escaped);
  g_test_add_func ("/queries/parameters/literals", test_parameters_literals);
  g_test_add_func ("/queries/parameters/blank", test_parameters_blank);
  g_test_add_func ("/queries/kinds", test_kinds);
  g_test_add_func ("/queries/unfold", test_unfold);
  g_test_add_func ("/queries/add", test_add);
  return g_test_run ();
}
