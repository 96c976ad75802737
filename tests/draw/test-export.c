/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "draw/fluo-export.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"

/* Runs a tool; NULL when it is not installed, else its output. */
static char *
run_tool (const char *const *argv, int *ret_status)
{
  g_autofree char *found = g_find_program_in_path (argv[0]);
  char *output = NULL;

  if (found == NULL)
    return NULL;
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &output, NULL, ret_status, NULL));

  return output;
}

static void
test_pdf (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *info = NULL, *check = NULL, *bytes = NULL;
  int status = 0;

  options.format = FLUO_EXPORT_PDF;
  options.event = "Incident review";
  g_assert_true (fluo_export_trace (trace, &options, path, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fluo_export_count_pages (trace, &options), ==, 1);

  text = run_tool ((const char *const[]) { "pdftotext", "-layout", path, "-", NULL }, &status);
  if (text != NULL)
    {
      g_assert_nonnull (strstr (text, "POST /checkout failed after 2.31"));
      g_assert_nonnull (strstr (text, "1-6afefa44-946d071d87f412683d601dea"));
      g_assert_nonnull (strstr (text, "Incident review"));
      g_assert_nonnull (strstr (text, "wait for answer"));
    }
  check = run_tool ((const char *const[]) { "qpdf", "--check", path, NULL }, &status);
  if (check != NULL)
    g_assert_cmpint (status, ==, 0);
  info = run_tool ((const char *const[]) { "pdfinfo", path, NULL }, &status);
  if (info != NULL)
    {
      g_assert_nonnull (strstr (info, "Fluoroscope"));
      g_assert_nonnull (strstr (info, "A4"));
      g_assert_null (strstr (info, "Author"));
      g_assert_null (strstr (info, g_get_host_name ()));
    }
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF-1."));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_pages (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (3, 300);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL),
                  *text = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  options.format = FLUO_EXPORT_PDF;
  /* One page of choice, then all 300 rows at about 40 a page. */
  g_assert_cmpuint (fluo_export_count_pages (trace, &options), >=, 7);
  g_assert_true (fluo_export_trace (trace, &options, path, &error));
  text = run_tool ((const char *const[]) { "pdftotext", "-layout", path, "-", NULL }, &status);
  if (text != NULL)
    {
      g_assert_nonnull (strstr (text, "of 300 rows"));
      g_assert_nonnull (strstr (text, "to 300 of 300"));
    }
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_png (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;

  options.format = FLUO_EXPORT_PNG;
  for (guint scale = 1; scale <= 2; scale++)
    {
      g_autofree char *dir = fluo_test_dir_new (),
                      *path = g_build_filename (dir, "trace.png", NULL);
      g_autoptr (GError) error = NULL;
      cairo_surface_t *surface;

      options.scale = scale;
      g_assert_true (fluo_export_trace (trace, &options, path, &error));
      surface = cairo_image_surface_create_from_png (path);
      g_assert_cmpint (cairo_image_surface_get_width (surface), ==, scale == 1 ? 1123 : 2246);
      g_assert_cmpint (cairo_image_surface_get_height (surface), ==, scale == 1 ? 794 : 1588);
      cairo_surface_destroy (surface);
      fluo_test_dir_free (g_steal_pointer (&dir));
    }
}

/* A flame graph in place of the rows: deep ones go on from page to page in PDF alone. */
static void
test_flame (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new (), large = fluo_random_trace_new (7, 3000);
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "flame.pdf", NULL),
                  *text = NULL, *next = NULL;
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  int status = 0;

  options.format = FLUO_EXPORT_PDF;
  options.flame = TRUE;
  g_assert_true (fluo_export_trace (trace, &options, path, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fluo_export_count_pages (trace, &options), ==, 1);
  text = run_tool ((const char *const[]) { "pdftotext", "-layout", path, "-", NULL }, &status);
  if (text != NULL)
    {
      g_assert_nonnull (strstr (text, "of work in 21 calls"));
      g_assert_nonnull (strstr (text, "wait for answer"));
      g_assert_null (strstr (text, "Service and call"));
    }

  g_assert_cmpuint (fluo_export_count_pages (large, &options), >, 1);
  g_assert_true (fluo_export_trace (large, &options, path, &error));
  next = run_tool ((const char *const[]) { "pdftotext", "-f", "2", "-l", "2", path, "-", NULL },
                   &status);
  if (next != NULL)
    g_assert_nonnull (strstr (next, "Levels "));
  options.format = FLUO_EXPORT_SVG;
  g_assert_cmpuint (fluo_export_count_pages (large, &options), ==, 1);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_svg (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.svg", NULL),
                  *output = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  options.format = FLUO_EXPORT_SVG;
  g_assert_true (fluo_export_trace (trace, &options, path, &error));
  output =
    run_tool ((const char *const[]) { "xmllint", "--noout", "--nonet", path, NULL }, &status);
  if (output != NULL)
    g_assert_cmpint (status, ==, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "<svg"));
  g_assert_null (strstr (text, "<script"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* A link at the final name is replaced; what it pointed to stays as it was. Nothing half-written is
 * left behind. */
static void
test_write (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "out.pdf", NULL);
  g_autofree char *victim = g_build_filename (dir, "victim", NULL), *text = NULL, *away = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("new", 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) listing = NULL;
  guint n = 0;

  g_assert_true (g_file_set_contents (victim, "old", -1, NULL));
  g_assert_cmpint (symlink (victim, path), ==, 0);
  g_assert_true (fluo_export_write (path, bytes, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");

  away = g_build_filename (dir, "no", "such", "folder.pdf", NULL);
  g_assert_false (fluo_export_write (away, bytes, &error));
  g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_WRITE);
  listing = g_dir_open (dir, 0, NULL);
  while (g_dir_read_name (listing) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 2);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

typedef struct
{
  guint n_calls, last, n_pages, stop_at;
} Watch;

static gboolean
watch_cb (guint n_done, guint n_pages, gpointer user_data)
{
  Watch *watch = user_data;

  g_assert_cmpuint (n_done, >=, watch->last);
  g_assert_cmpuint (n_done, <=, n_pages);
  watch->n_calls++;
  watch->last = n_done;
  watch->n_pages = n_pages;

  return n_done < watch->stop_at;
}

/* A long export tells how far it is. Stopped, it leaves what was there and nothing half-written. */
static void
test_stop (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (5, 300);
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "out", NULL);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  static const FluoExportFormat formats[] = { FLUO_EXPORT_PDF, FLUO_EXPORT_PNG, FLUO_EXPORT_SVG };

  options.progress = watch_cb;
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    for (guint stop_at = 0; stop_at < 2; stop_at++)
      {
        Watch watch = { .stop_at = formats[i] == FLUO_EXPORT_PDF ? 3 * stop_at : stop_at };
        g_autoptr (GError) error = NULL;
        g_autoptr (GDir) listing = NULL;
        g_autofree char *text = NULL;

        options.format = formats[i];
        options.progress_data = &watch;
        g_assert_false (fluo_export_trace (trace, &options, path, &error));
        g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_STOPPED);
        g_assert_cmpuint (watch.last, ==, watch.stop_at);
        g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
        g_assert_cmpstr (text, ==, "old");
        listing = g_dir_open (dir, 0, NULL);
        g_assert_cmpstr (g_dir_read_name (listing), ==, "out");
        g_assert_null (g_dir_read_name (listing));
      }

  {
    Watch watch = { .stop_at = G_MAXUINT };
    g_autoptr (GError) error = NULL;

    options.format = FLUO_EXPORT_PDF;
    options.progress_data = &watch;
    g_assert_true (fluo_export_trace (trace, &options, path, &error));
    g_assert_cmpuint (watch.last, ==, watch.n_pages);
    g_assert_cmpuint (watch.n_calls, ==, watch.n_pages + 1);
    g_assert_cmpuint (watch.n_pages, ==, fluo_export_count_pages (trace, &options));
  }
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
draw_cb (FluoPainter *painter, guint page, double width, double height, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_surface_limits (void)
{
  FluoExportPicture picture = { .width = 40000, .height = 100 };
  g_autoptr (GError) error = NULL;
  guint drawn = 0;

  g_assert_null (fluo_export_surface_to_bytes (FLUO_EXPORT_PNG, &picture, draw_cb, &drawn, &error));
  g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_SIZE);
  g_clear_error (&error);
  picture.width = 20000;
  picture.scale = 2;
  g_assert_null (fluo_export_surface_to_bytes (FLUO_EXPORT_PNG, &picture, draw_cb, &drawn, &error));
  g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_SIZE);
  g_clear_error (&error);
  picture.width = 0;
  g_assert_null (fluo_export_surface_to_bytes (FLUO_EXPORT_PDF, &picture, draw_cb, &drawn, &error));
  g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_EMPTY);
  g_assert_cmpuint (drawn, ==, 0);

  picture = (FluoExportPicture) { .width = 500, .height = 400, .n_pages = 3, .fit_a4 = TRUE };
  {
    g_autoptr (GBytes) bytes =
      fluo_export_surface_to_bytes (FLUO_EXPORT_PDF, &picture, draw_cb, &drawn, NULL);

    g_assert_nonnull (bytes);
    g_assert_cmpuint (drawn, ==, 3);
  }
}

static void
test_redact (void)
{
  static const struct
  {
    const char *text, *expected;
    guint redact;
  } cases[] = {
    { "card 4111 1111 1111 1111 used", "card [removed] used", FLUO_REDACT_CARDS },
    { "order 1234567890123456", "order 1234567890123456",
      FLUO_REDACT_CARDS }, /* no card: the check digit is wrong */
    { "GET /a?token=s3cr3tvalue&b=1", "GET /a?token=[removed]&b=1", FLUO_REDACT_TOKENS },
    { "Authorization: Bearer abcdefghijkl", "Authorization: Bearer [removed]", FLUO_REDACT_TOKENS },
    { "key AKIAIOSFODNN7EXAMPLE", "key [removed]", FLUO_REDACT_TOKENS },
    { "from ann@example.com to", "from [removed] to", FLUO_REDACT_EMAILS },
    { "GET /a?b=1", "GET /a?[removed]", FLUO_REDACT_QUERIES },
    { "at 10.0.0.1:80", "at [removed]:80", FLUO_REDACT_ADDRESSES },
    { "ann@example.com 10.0.0.1", "ann@example.com 10.0.0.1", FLUO_REDACT_DEFAULT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint count = 0;
      g_autofree char *text = fluo_export_redact (cases[i].text, cases[i].redact, &count);

      g_assert_cmpstr (text, ==, cases[i].expected);
      g_assert_cmpuint (count, ==, g_str_equal (cases[i].text, cases[i].expected) ? 0 : 1);
    }
}

static void
test_names (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autofree char *name = fluo_export_suggest_name (trace, FLUO_EXPORT_PDF);
  FluoExportFormat format;

  g_assert_cmpstr (name, ==,
                   "2026-11-19T133148Z_post-checkout_1-6afefa44-946d071d87f412683d601dea.pdf");
  g_assert_true (fluo_export_format_from_path ("a.SVG", &format));
  g_assert_cmpint (format, ==, FLUO_EXPORT_SVG);
  g_assert_false (fluo_export_format_from_path ("a.exe", &format));
  g_assert_false (fluo_export_format_from_path (".png", &format));
}

/* What is written for an incident review, and that nothing of a trace is markup there. */
static void
test_markdown (void)
{
  static const char hostile[] =
    "{\"trace_id\":\"1-6afefa44-946d071d87f412683d601dea\",\"id\":\"0000000000000001\",\"name\":"
    "\"a|b <img src=x> [c](http://d) `e`\",\"start_time\":1600000000,\"end_time\":1600000001,"
    "\"annotations\":{\"secret\":\"1\",\"card\":\"4111111111111111\"}}";
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new (), odd = NULL;
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (GBytes) bytes = NULL, odd_bytes = NULL,
                     document = g_bytes_new_static (hostile, sizeof hostile - 1);
  g_autofree char *text = NULL, *odd_text = NULL;
  const char *keys[] = { "secret", NULL };

  options.format = FLUO_EXPORT_MARKDOWN;
  bytes = fluo_export_trace_to_bytes (trace, &options, NULL);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_true (g_str_has_prefix (text, "# POST /checkout failed after 2.31"));
  g_assert_nonnull (strstr (text, "was spent waiting for **bank.example.com** from **payments**"));
  g_assert_nonnull (strstr (text, "## Critical path\n\n| Service | Call |"));
  g_assert_nonnull (strstr (text, "| bank.example.com | wait for answer | "));
  g_assert_nonnull (strstr (text, "## Slowest calls by own time"));
  g_assert_nonnull (strstr (text, "`fluoroscope-cli trace 1-6afefa44-946d071d87f412683d601dea`"));

  g_assert_true (fluo_trace_builder_add (builder, document, NULL));
  odd = fluo_trace_builder_end (builder, 0);
  options.redact_keys = keys;
  odd_bytes = fluo_export_trace_to_bytes (odd, &options, NULL);
  odd_text = g_strndup (g_bytes_get_data (odd_bytes, NULL), g_bytes_get_size (odd_bytes));
  g_assert_nonnull (strstr (odd_text, "a\\|b &lt;img src=x\\> \\[c\\](http://d) \\`e\\`"));
  g_assert_null (strstr (odd_text, "<img"));
  g_assert_null (strstr (odd_text, "secret"));
  g_assert_null (strstr (odd_text, "4111111111111111"));
  g_assert_nonnull (strstr (odd_text, "1 place was removed."));
}

/* Text of a trace is text: it ends no string, no element and no object, names no file, and is found
 * in no file name. */
static void
test_hostile (void)
{
  static const char *const names[] = {
    "--></script><script>alert(1)</script>", "]]>", "\\\\) /JS (app.alert(1)) %%EOF",
    "javascript:alert(1)", "/Launch /F (cmd.exe)", "<image href='http://evil.example/x.png'/>",
    "\\u0000\\u0001\\u001f\\ufffe\\ufdd0", "\342\200\256txt.exe",
    "\327\251\327\234\327\225\327\235 \346\227\245\346\234\254 \360\237\231\202",
    "../../x", "/etc/x", "CON", "a:b", "-rf", ".hidden", "trailing. ", "a\\nb"
  };
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "out", NULL),
                  *plain = g_build_filename (dir, "plain", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *document = g_strdup_printf (
        "{\"trace_id\":\"1-6afefa44-946d071d87f412683d601dea\",\"id\":\"0000000000000001\","
        "\"name\":\"%s\",\"start_time\":1600000000,\"end_time\":1600000001,\"fault\":true,"
        "\"annotations\":{\"a\":\"%s\"}}",
        names[i], names[i]);
      g_autoptr (GBytes) bytes = g_bytes_new (document, strlen (document));
      g_autoptr (FluoTrace) trace = NULL;
      FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
      FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree char *check = NULL, *pdf = NULL, *svg = NULL, *lint = NULL, *name = NULL;
      gsize length = 0;
      int status = 0;

      g_assert_true (fluo_trace_builder_add (builder, bytes, &error));
      trace = fluo_trace_builder_end (builder, 0);

      options.format = FLUO_EXPORT_PDF;
      g_assert_true (fluo_export_trace (trace, &options, path, &error));
      check = run_tool ((const char *const[]) { "qpdf", "--qdf", "--object-streams=disable", path,
                                                plain, NULL },
                        &status);
      if (check != NULL)
        {
          g_assert_cmpint (status, ==, 0);
          g_assert_true (g_file_get_contents (plain, &pdf, &length, NULL));
          g_assert_null (g_strstr_len (pdf, (gssize) length, "/JavaScript"));
          g_assert_null (g_strstr_len (pdf, (gssize) length, "/OpenAction"));
          g_assert_null (g_strstr_len (pdf, (gssize) length, "/URI"));
          g_assert_null (g_strstr_len (pdf, (gssize) length, "/S /Launch"));
        }

      options.format = FLUO_EXPORT_SVG;
      g_assert_true (fluo_export_trace (trace, &options, path, &error));
      lint =
        run_tool ((const char *const[]) { "xmllint", "--noout", "--nonet", path, NULL }, &status);
      if (lint != NULL)
        g_assert_cmpint (status, ==, 0);
      g_assert_true (g_file_get_contents (path, &svg, NULL, NULL));
      g_assert_null (strstr (svg, "<script"));
      g_assert_null (strstr (svg, "evil.example"));

      name = fluo_export_suggest_name (trace, FLUO_EXPORT_SVG);
      g_assert_cmpuint (strlen (name), <=, 84);
      g_assert_true (g_ascii_isalnum (*name));
      g_assert_cmpuint (strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-"), ==,
                        strlen (name));
    }
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static FluoTraceLines *
new_lines (FluoTrace *trace, guint n)
{
  FluoTraceLines *lines = fluo_trace_lines_new ();
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
  guint32 cause = fluo_trace_get_cause_span (trace);

  for (guint i = 0; i < n; i++)
    {
      FluoTraceLine *line = fluo_trace_lines_add (lines);

      line->time_ns = spans[cause].start_ns + (gint64) (i + 1) * 10000000;
      line->span = cause;
      line->service = spans[cause].service;
      line->level = i % 2 == 0 ? FLUO_LOG_ERROR : FLUO_LOG_PLAIN;
      line->text = g_strdup_printf ("card 4111 1111 1111 1111 refused, try %u", i);
    }
  fluo_trace_lines_seal (lines);

  return lines;
}

/* What the programs wrote: none unless it is asked for, errors alone or all, without what is to be
 * removed, and what there is no room for on further pages. */
static void
test_lines (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoTraceLines) lines = new_lines (trace, 20);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL),
                  *text = NULL;
  g_autoptr (GBytes) none = NULL, errors = NULL;
  guint n_pages;
  int status;

  options.format = FLUO_EXPORT_MARKDOWN;
  options.trace_lines = lines;
  none = fluo_export_trace_to_bytes (trace, &options, NULL);
  g_assert_null (g_strstr_len (g_bytes_get_data (none, NULL), (gssize) g_bytes_get_size (none),
                               "try 0"));
  options.lines = FLUO_EXPORT_LINES_ERRORS;
  errors = fluo_export_trace_to_bytes (trace, &options, NULL);
  text = g_strndup (g_bytes_get_data (errors, NULL), g_bytes_get_size (errors));
  g_assert_nonnull (strstr (text, "| +96\302\240ms | Error | bank.example.com | card \\[removed\\] "
                                  "refused, try 0 |"));
  g_assert_null (strstr (text, "try 1 "));
  g_assert_nonnull (strstr (text, "try 18"));
  g_clear_pointer (&text, g_free);

  options.format = FLUO_EXPORT_PDF;
  options.lines = FLUO_EXPORT_LINES_NONE;
  n_pages = fluo_export_count_pages (trace, &options);
  options.lines = FLUO_EXPORT_LINES_ALL;
  g_assert_cmpuint (fluo_export_count_pages (trace, &options), >, n_pages);
  g_assert_true (fluo_export_trace (trace, &options, path, NULL));
  text = run_tool ((const char *const[]) { "pdftotext", "-layout", path, "-", NULL }, &status);
  if (text != NULL)
    {
      g_assert_nonnull (strstr (text, "6 of 20 lines; the others are on the last pages"));
      g_assert_nonnull (strstr (text, "refused, try 19"));
      g_assert_nonnull (strstr (text, "Slowest calls by own time"));
      g_assert_null (strstr (text, "4111"));
    }
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export/pdf", test_pdf);
  g_test_add_func ("/export/pages", test_pages);
  g_test_add_func ("/export/png", test_png);
  g_test_add_func ("/export/svg", test_svg);
  g_test_add_func ("/export/flame", test_flame);
  g_test_add_func ("/export/markdown", test_markdown);
  g_test_add_func ("/export/write", test_write);
  g_test_add_func ("/export/stop", test_stop);
  g_test_add_func ("/export/surface-limits", test_surface_limits);
  g_test_add_func ("/export/redact", test_redact);
  g_test_add_func ("/export/names", test_names);
  g_test_add_func ("/export/hostile", test_hostile);
  g_test_add_func ("/export/lines", test_lines);

  return g_test_run ();
}
