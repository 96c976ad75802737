/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <gtksourceview/gtksource.h>
#include <math.h>
#include <string.h>

#include "app/trace/fluo-source-place.h"
#include "app/trace/fluo-span-panel.h"
#include "app/trace/fluo-sql-text.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* --- Query text --------------------------------------------------------------------------- */

static void
check_sql (const char *query, const char *expected)
{
  g_autofree char *formatted = fluo_sql_text_dup_formatted (query);

  g_assert_cmpstr (formatted, ==, expected);
}

static void
test_sql_text (void)
{
  check_sql ("select id, name  from users u left  join orders o on o.uid = u.id where u.age "
             "between 3 and 9 and name = 'from x where' order by id limit 5",
             "select id, name\nfrom users u\nleft  join orders o on o.uid = u.id\nwhere u.age "
             "between 3 and 9\n  and name = 'from x where'\norder by id\nlimit 5");
  check_sql ("UPDATE orders SET state = ? WHERE id IN (SELECT id FROM old)",
             "UPDATE orders\nSET state = ?\nWHERE id IN (\n  SELECT id\n  FROM old)");
  /* Words in names, open quotes and brackets, and what is no SQL at all. */
  check_sql ("insert into orders_from values (1)", "insert into orders_from\nvalues (1)");
  check_sql ("select 'it", "select 'it");
  check_sql (")))((", ")))((");
  check_sql ("", "");
  check_sql ("\xe6\xb3\xa8\xe6\x96\x87 from", "\xe6\xb3\xa8\xe6\x96\x87\nfrom");
}

/* --- Places in sources -------------------------------------------------------------------- */

static void
test_source_place (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *deep = g_build_filename (dir, "app", "bank", NULL),
                  *file = g_build_filename (deep, "bank.py", NULL);
  const char *folders[] = { "/nonexistent", dir, NULL };
  g_autofree char *found = NULL, *absolute = NULL, *bare = NULL, *windows = NULL;
  g_auto (GStrv) plain = NULL, evil = NULL, both = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (deep, 0700);
  g_assert_true (g_file_set_contents (file, "1\n", -1, NULL));
  /* Where it was built is not where it is: the longest end that is here counts. */
  found = fluo_source_find ("/srv/build/app/bank/bank.py", folders);
  g_assert_cmpstr (found, ==, file);
  absolute = fluo_source_find (file, NULL);
  g_assert_cmpstr (absolute, ==, file);
  windows = fluo_source_find ("C:\\src\\app\\bank\\bank.py", folders);
  g_assert_cmpstr (windows, ==, file);
  bare = fluo_source_find ("bank.py", folders);
  g_assert_null (bare);
  g_assert_null (fluo_source_find ("app/../app/bank/bank.py", folders));
  g_assert_null (fluo_source_find ("app/bank", folders));
  g_assert_null (fluo_source_find ("", folders));
  g_assert_null (fluo_source_find (NULL, folders));

  both = fluo_source_dup_command ("code --goto {file}:{line}", "/a b/$(x);c", 7, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (both), ==, 3);
  g_assert_cmpstr (both[2], ==, "/a b/$(x);c:7");
  plain = fluo_source_dup_command ("gedit", "/a", -4, NULL);
  g_assert_cmpstr (plain[1], ==, "/a");
  /* What is in the name is not looked at again. */
  evil = fluo_source_dup_command ("vi +{line} {file}", "/{line} {file}", 0, NULL);
  g_assert_cmpuint (g_strv_length (evil), ==, 3);
  g_assert_cmpstr (evil[1], ==, "+1");
  g_assert_cmpstr (evil[2], ==, "/{line} {file}");
  g_assert_null (fluo_source_dup_command ("vi '", "/a", 1, &error));
  g_assert_nonnull (error);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(char **) user_data =
    fluo_source_open_finish (result, &error) ? g_strdup ("") : g_strdup (error->message);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

/* What was said about it, "" for nothing. */
static char *
open_source (const char *path, const char *command)
{
  char *said = NULL;

  fluo_source_open_async (path, 1, NULL, command, NULL, opened_cb, &said);
  g_assert_true (fluo_test_wait_until (is_set, &said, PATIENCE_MS));

  return said;
}

/* A command runs with the file as it is; what is not here says so, and so does a command that
 * fails, whether it could be started or not. */
static void
test_source_open (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *file = g_build_filename (dir, "a;b.py", NULL),
                  *seen = g_build_filename (dir, "seen", NULL),
                  *command = g_strdup_printf ("cp {file} %s", seen);
  g_autofree char *opened = NULL, *missing = NULL, *failed = NULL, *unknown = NULL, *open = NULL;

  g_assert_true (g_file_set_contents (file, "line\n", -1, NULL));
  opened = open_source (file, command);
  g_assert_cmpstr (opened, ==, "");
  g_assert_true (g_file_test (seen, G_FILE_TEST_EXISTS));
  missing = open_source ("bank.py", command);
  g_assert_cmpstr (missing, ==,
                   "bank.py is not here; name the folder of its sources in Preferences");
  failed = open_source (file, "false");
  g_assert_true (g_str_has_prefix (failed, "The editor’s command failed: "));
  unknown = open_source (file, "/nonexistent/editor {file}");
  g_assert_true (g_str_has_prefix (unknown, "The editor’s command failed: "));
  open = open_source (file, "code '");
  g_assert_true (g_str_has_prefix (open, "The editor’s command failed: "));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* --- The panel ---------------------------------------------------------------------------- */

#define T "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""

typedef struct
{
  FluoTrace         *trace;
  FluoWaterfallRows *rows;
  FluoSpanPanel     *panel;
  GtkWidget         *window;
} Fixture;

/* Documents stand a line each. */
static void
fixture_init (Fixture *self, const char *documents)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_auto (GStrv) lines = g_strsplit (documents, "\n", -1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (lines[i], strlen (lines[i]));

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  self->trace = fluo_trace_builder_end (builder, 0);
  self->rows = fluo_waterfall_rows_new (self->trace);
  self->panel = FLUO_SPAN_PANEL (fluo_span_panel_new ());
  self->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->panel));
  gtk_window_present (GTK_WINDOW (self->window));
  fluo_span_panel_set_span (self->panel, self->rows, 0);
}

static void
fixture_clear (Fixture *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fluo_waterfall_rows_free (self->rows);
  fluo_trace_unref (self->trace);
}

/* All texts of labels below @root, one a line. */
static void
collect (GtkWidget *root, GString *out)
{
  if (GTK_IS_LABEL (root))
    g_string_append_printf (out, "%s\n", gtk_label_get_text (GTK_LABEL (root)));
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, out);
}

static gboolean
has_word (Fixture *self, const char *word)
{
  g_autoptr (GString) text = g_string_new ("\n");
  g_autofree char *line = g_strdup_printf ("\n%s\n", word);

  collect (GTK_WIDGET (self->panel), text);
  if (strstr (text->str, line) == NULL)
    g_test_message ("\"%s\" is not in:%s", word, text->str);

  return strstr (text->str, line) != NULL;
}

static void
check_words (Fixture *self, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    g_assert_true (has_word (self, words[i]));
}

/* Each kind of resource has its own section with its own fields. */
static void
test_resources (void)
{
  static const struct
  {
    const char *origin, *aws, *words[8];
  } kinds[] = {
    { "AWS::EC2::Instance",
      "\"ec2\":{\"instance_id\":\"i-07\",\"availability_zone\":\"eu-1a\",\"ami_id\":\"ami-1\"}",
      { "EC2 instance", "Instance", "i-07", "Zone", "eu-1a", NULL } },
    { "AWS::ECS::Container",
      "\"ecs\":{\"container\":\"ip-10\",\"container_id\":\"c0\",\"task_arn\":\"arn:aws:ecs:t\"}",
      { "ECS task", "Container", "ip-10", "Task", "arn:aws:ecs:t", NULL } },
    { "AWS::EKS::Container", "\"eks\":{\"cluster_name\":\"prod\",\"pod\":\"api-7\"}",
      { "EKS pod", "Cluster", "prod", "Pod", "api-7", NULL } },
    { "AWS::Lambda::Function",
      "\"function_arn\":\"arn:aws:lambda:f\",\"request_id\":\"r-1\",\"account_id\":\"402\"",
      { "Lambda function", "Function", "arn:aws:lambda:f", "Request ID", "r-1", NULL } },
    { "AWS::ApiGateway::Stage", "\"api_gateway\":{\"rest_api_id\":\"a1\",\"stage\":\"prod\"}",
      { "API Gateway", "API", "a1", "Stage", "prod", NULL } },
    { "AWS::ElasticBeanstalk::Environment",
      "\"elastic_beanstalk\":{\"environment_name\":\"web\",\"deployment_id\":4}",
      { "Elastic Beanstalk", "Environment", "web", "Deployment", "4", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *document = g_strdup_printf (
        "{" T ",\"id\":\"0000000000000001\",\"name\":\"s\",\"start_time\":1,\"end_time\":2,"
        "\"origin\":\"%s\",\"aws\":{%s,\"xray\":{\"sdk\":\"Go\"},\"else\":\"kept\"}}",
        kinds[i].origin, kinds[i].aws);
      Fixture fixture;

      fixture_init (&fixture, document);
      check_words (&fixture, kinds[i].words);
      check_words (&fixture, (const char *const[]) { "SDK", "Go", "else", "kept", NULL });
      fixture_clear (&fixture);
    }
}

/* The value that a row shows short can be copied whole. */
static GtkWidget *
find_tip (GtkWidget *root, const char *tip)
{
  if (GTK_IS_BUTTON (root) && g_strcmp0 (gtk_widget_get_tooltip_text (root), tip) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_tip (child, tip);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
jump_cb (FluoSpanPanel *panel, guint span, gpointer user_data)
{
  *(guint *) user_data = span;
}

/* A cause that another call recorded leads there. */
static void
test_cause_elsewhere (void)
{
  Fixture fixture;
  GtkWidget *link;
  guint to = 0;

  fixture_init (&fixture,
                "{" T ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1,"
                "\"end_time\":2,"
                "\"fault\":true,\"cause\":\"0000000000000009\",\"subsegments\":[{"
                "\"id\":\"0000000000000002\",\"name\":\"render\",\"start_time\":1.1,"
                "\"end_time\":1.4,"
                "\"fault\":true,\"cause\":{\"working_directory\":\"/\",\"exceptions\":[{"
                "\"id\":\"0000000000000009\",\"message\":\"no paper\"}]}}]}");
  fluo_span_panel_set_tab (fixture.panel, "exception");
  check_words (&fixture, (const char *const[]) { "Recorded in", "render", NULL });
  g_signal_connect (fixture.panel, "jump", G_CALLBACK (jump_cb), &to);
  link = fake_ui_find (GTK_WIDGET (fixture.panel), GTK_TYPE_BUTTON, "text-link");
  g_signal_emit_by_name (link, "clicked");
  g_assert_cmpuint (to, ==, 1);
  fixture_clear (&fixture);
}

/* The phases of a function say whose they are; its ARN, its log groups and lists stand with the
 * fields of their kind, once. */
static void
test_function (void)
{
  Fixture fixture;

  fixture_init (&fixture,
                "{" T ",\"id\":\"0000000000000001\",\"name\":\"pay\",\"start_time\":1,"
                "\"end_time\":2,"
                "\"origin\":\"AWS::Lambda::Function\",\"resource_arn\":\"arn:aws:lambda:r:1:f\","
                "\"aws\":{\"function_arn\":\"arn:aws:lambda:r:1:f\",\"resource_names\":[\"a\","
                "\"b\"],"
                "\"cloudwatch_logs\":[{\"log_group\":\"/g/1\"},{\"log_group\":\"/g/2\"}]},"
                "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"Initialization\","
                "\"aws\":{\"function_arn\":\"arn:aws:lambda:r:1:f\"},"
                "\"start_time\":1,\"end_time\":1.2}]}");
  check_words (&fixture, (const char *const[]) { "Lambda function", "Function",
                                                 "arn:aws:lambda:r:1:f", "Resources", "a, b",
                                                 "Log groups", "/g/1, /g/2", NULL });
  g_assert_false (has_word (&fixture, "Resource"));
  g_assert_false (has_word (&fixture, "AWS"));

  fluo_span_panel_set_span (fixture.panel, fixture.rows, 1);
  check_words (&fixture, (const char *const[]) { "Lambda function", "Function",
                                                 "arn:aws:lambda:r:1:f", NULL });
  g_assert_false (has_word (&fixture, "AWS"));
  fixture_clear (&fixture);
}

/* A call and its answer are one row: what each of them told can be seen and copied; the one that
 * failed comes first. */
static void
test_sides (void)
{
  Fixture fixture;
  GtkWidget *web, *bookings;
  g_autofree char *before = NULL, *after = NULL;

  fixture_init (
    &fixture,
    "{" T ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1,\"end_time\":2,"
    "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"bookings\",\"namespace\":\"remote\","
    "\"fault\":true,\"cause\":{\"working_directory\":\"/\",\"exceptions\":[{"
    "\"id\":\"0000000000000007\",\"type\":\"ReadTimeout\",\"message\":\"late\"}]},"
    "\"annotations\":{\"attempt\":1},\"start_time\":1.1,\"end_time\":1.4}]}\n"
    "{" T ",\"id\":\"0000000000000003\",\"parent_id\":\"0000000000000002\",\"name\":\"bookings\","
    "\"annotations\":{\"seats\":4},\"start_time\":1.2,\"end_time\":1.8}");
  fluo_span_panel_set_span (fixture.panel, fixture.rows, 2);
  check_words (&fixture, (const char *const[]) { "Seen by", "ReadTimeout", "On the way", NULL });
  before = fluo_span_panel_dup_json (fixture.panel);
  g_assert_nonnull (strstr (before, "attempt"));
  bookings = find_tip (GTK_WIDGET (fixture.panel), "What the service that answered told");
  web = find_tip (GTK_WIDGET (fixture.panel), "What the caller told of this call");
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (web)));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (bookings), TRUE);
  after = fluo_span_panel_dup_json (fixture.panel);
  g_assert_nonnull (strstr (after, "seats"));
  g_assert_false (has_word (&fixture, "ReadTimeout"));
  g_assert_cmpuint (fluo_span_panel_get_span (fixture.panel), ==, 2);

  fluo_span_panel_set_span (fixture.panel, fixture.rows, 0);
  g_assert_false (gtk_widget_is_visible (bookings));
  fixture_clear (&fixture);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
test_sql_and_copy (void)
{
  g_autoptr (GString) query = g_string_new ("SELECT a FROM t WHERE x = '");
  g_autofree char *document = NULL, *copied = NULL;
  GtkWidget *view;
  Fixture fixture;

  for (guint i = 0; i < 6000; i++)
    g_string_append_c (query, 'y');
  g_string_append_c (query, '\'');
  document = g_strdup_printf (
    "{" T ",\"id\":\"0000000000000001\",\"name\":\"db\",\"start_time\":1,\"end_time\":2,"
    "\"sql\":{\"url\":\"jdbc:postgresql://db\",\"user\":\"shop\",\"database_type\":\"PostgreSQL\","
    "\"sanitized_query\":\"%s\"}}",
    query->str);
  fixture_init (&fixture, document);
  fluo_span_panel_set_tab (fixture.panel, "sql");
  g_assert_cmpstr (fluo_span_panel_get_tab (fixture.panel), ==, "sql");
  check_words (&fixture, (const char *const[]) { "Query", "Database", "PostgreSQL", "User", "shop",
                                                 "jdbc:postgresql://db", NULL });
  view = fake_ui_find (GTK_WIDGET (fixture.panel), GTK_SOURCE_TYPE_VIEW, "query-text");
  g_assert_cmpint (gtk_text_buffer_get_line_count (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view))),
                   ==, 3);
  g_signal_emit_by_name (
    find_tip (GTK_WIDGET (fixture.panel), "Copy the query as it was sent"), "clicked");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (fixture.panel)), NULL,
                                 copied_cb, &copied);
  g_assert_true (fluo_test_wait_until (is_set, &copied, PATIENCE_MS));
  g_assert_cmpstr (copied, ==, query->str);
  fixture_clear (&fixture);
}

static gboolean
says (gpointer data, const char *count)
{
  GtkWidget *label = fake_ui_find (GTK_WIDGET (((Fixture *) data)->panel), GTK_TYPE_LABEL,
                                   "raw-count");

  return label != NULL && g_str_equal (gtk_label_get_text (GTK_LABEL (label)), count);
}

static gboolean
is_at_first (gpointer data)
{
  return says (data, "1 of 2");
}

static gboolean
is_at_second (gpointer data)
{
  return says (data, "2 of 2");
}

/* The raw document is made when it is looked at, coloured, and searched. */
static void
test_raw (void)
{
  GtkWidget *view, *entry;
  GtkTextIter begin, end;
  Fixture fixture;

  fixture_init (&fixture,
                "{" T ",\"id\":\"0000000000000001\",\"name\":\"s\",\"start_time\":1,\"end_time\":2,"
                "\"annotations\":{\"tier\":\"gold\",\"next_tier\":\"x\"}}");
  g_assert_null (fake_ui_find (GTK_WIDGET (fixture.panel), GTK_SOURCE_TYPE_VIEW, NULL));
  fluo_span_panel_set_tab (fixture.panel, "raw");
  view = fake_ui_find (GTK_WIDGET (fixture.panel), GTK_SOURCE_TYPE_VIEW, NULL);
  g_assert_nonnull (view);
  g_assert_cmpstr (gtk_source_language_get_id (gtk_source_buffer_get_language (
                     GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view))))),
                   ==, "json");
  entry = fake_ui_find (GTK_WIDGET (fixture.panel), GTK_TYPE_SEARCH_ENTRY, NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "tier");
  g_assert_true (fluo_test_wait_until (is_at_first, &fixture, PATIENCE_MS));
  g_assert_true (gtk_text_buffer_get_selection_bounds (
    gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), &begin, &end));
  g_assert_cmpint (gtk_text_iter_get_offset (&end) - gtk_text_iter_get_offset (&begin), ==, 4);
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (fluo_test_wait_until (is_at_second, &fixture, PATIENCE_MS));
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (fluo_test_wait_until (is_at_first, &fixture, PATIENCE_MS));
  fixture_clear (&fixture);
}

static FluoTrace *
new_trace (guint index, double seconds)
{
  g_autofree char *document = g_strdup_printf (
    "{\"trace_id\":\"1-5f84c7a5-%024x\",\"id\":\"%016x\",\"name\":\"shop\","
    "\"start_time\":100,\"end_time\":%.3f}",
    index + 1, index + 1, 100 + seconds);
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (document, strlen (document));

  g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));

  return fluo_trace_builder_end (builder, 0);
}

static void
said_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  char **said = user_data;

  g_free (*said);
  *said = g_variant_dup_string (parameter, NULL);
}

/* What the window says when @tip is clicked, through its action @name. */
static char *
click_tip (Fixture *self, const char *tip, const char *name)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) action = g_simple_action_new (name, G_VARIANT_TYPE_STRING);
  char *said = NULL;

  g_signal_connect (action, "activate", G_CALLBACK (said_cb), &said);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (action));
  gtk_widget_insert_action_group (self->window, "win", G_ACTION_GROUP (actions));
  g_signal_emit_by_name (find_tip (GTK_WIDGET (self->panel), tip), "clicked");
  g_assert_true (fluo_test_wait_until (is_set, &said, PATIENCE_MS));
  gtk_widget_insert_action_group (self->window, "win", NULL);

  return said;
}

/* A place in a stack that can't be opened says why, and where that can be set; the exception goes
 * to the clipboard whole, and that is said too. */
static void
test_stack (void)
{
  g_autofree char *said = NULL, *copy = NULL, *copied = NULL;
  Fixture fixture;

  fixture_init (&fixture, "{" T ",\"id\":\"0000000000000001\",\"name\":\"shop\","
                          "\"start_time\":1,\"end_time\":2,\"fault\":true,\"cause\":{"
                          "\"exceptions\":[{\"id\":\"0000000000000002\",\"type\":\"Late\","
                          "\"message\":\"no answer\",\"stack\":[{\"path\":\"bank.py\","
                          "\"line\":88,\"label\":\"charge\"}]}]}}");
  fluo_span_panel_set_tab (fixture.panel, "exception");
  g_assert_cmpstr (fluo_span_panel_get_tab (fixture.panel), ==, "exception");
  said = click_tip (&fixture, "Open bank.py:88 in the editor", "toast-preferences");
  g_assert_cmpstr (said, ==, "bank.py is not here; name the folder of its sources in Preferences");
  copy = click_tip (&fixture, "Copy the exception", "toast");
  g_assert_cmpstr (copy, ==, "Copied");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (fixture.panel)), NULL,
                                 copied_cb, &copied);
  g_assert_true (fluo_test_wait_until (is_set, &copied, PATIENCE_MS));
  g_assert_cmpstr (copied, ==, "Late: no answer\n  bank.py:88 charge");
  fixture_clear (&fixture);
}

/* Which of all calls this one is: nothing is "slower than 100 %". */
static void
test_rank (void)
{
  static const struct
  {
    guint       index;
    const char *words;
  } ranks[] = { { 0, "Fastest of 250 calls" },
                { 249, "Slowest of 250 calls" },
                { 248, "Slower than 99% of 250 calls" },
                { 200, "Slower than 80% of 250 calls" },
                { 25, "Faster than 89% of 250 calls" } };
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  Fixture fixture;

  for (guint i = 0; i < 250; i++)
    {
      g_autoptr (FluoTrace) trace = new_trace (i, 0.01 * pow (1.06, i));

      fluo_service_graph_add_trace (graph, trace, 1);
    }
  fixture_init (&fixture, "{" T ",\"id\":\"0000000000000001\",\"name\":\"shop\","
                          "\"start_time\":1,\"end_time\":2}");
  fluo_span_panel_set_graph (fixture.panel, graph);
  for (guint i = 0; i < G_N_ELEMENTS (ranks); i++)
    {
      g_autoptr (FluoTrace) trace =
        new_trace (ranks[i].index, 0.01 * pow (1.06, ranks[i].index));
      g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);

      fluo_span_panel_set_span (fixture.panel, rows, 0);
      check_words (&fixture, (const char *const[]) { ranks[i].words, NULL });
    }
  fixture_clear (&fixture);
}

#define N_MANY 300

static guint
count_words (Fixture *self, const char *words)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  collect (GTK_WIDGET (self->panel), text);
  for (const char *at = text->str; (at = strstr (at, words)) != NULL; at++)
    n++;

  return n;
}

/* Of very many annotations, and of exceptions with all their frames, as many are shown as can be
 * laid out at once; it is said that there are more. */
static void
test_many (void)
{
  static const char more[] = "There are more of them under Raw.";
  g_autoptr (GString) text =
    g_string_new ("{" T ",\"id\":\"0000000000000001\",\"name\":\"shop\",\"start_time\":1,"
                  "\"end_time\":2,\"fault\":true,\"annotations\":{");
  Fixture fixture;

  for (guint i = 0; i < N_MANY; i++)
    g_string_append_printf (text, "%s\"key_%u\":\"value %u\"", i ? "," : "", i, i);
  g_string_append (text, "},\"cause\":{\"exceptions\":[");
  for (guint i = 0; i < N_MANY; i++)
    g_string_append_printf (text,
                            "%s{\"id\":\"%016x\",\"type\":\"Late\",\"stack\":["
                            "{\"path\":\"one.py\",\"line\":1},{\"path\":\"two.py\",\"line\":2}]}",
                            i ? "," : "", i + 2);
  g_string_append (text, "]}}");
  fixture_init (&fixture, text->str);
  fluo_span_panel_set_tab (fixture.panel, "annotations");
  check_words (&fixture, (const char *const[]) { "key_0", "value 199", NULL });
  g_assert_cmpuint (count_words (&fixture, more), ==, 1);
  fluo_span_panel_set_tab (fixture.panel, "exception");
  g_assert_cmpuint (count_words (&fixture, more), ==, 2);
  g_assert_cmpuint (count_words (&fixture, ".py:"), >, 100);
  g_assert_cmpuint (count_words (&fixture, ".py:"), <, 200);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

  g_test_add_func ("/trace-panel/sql-text", test_sql_text);
  g_test_add_func ("/trace-panel/source-place", test_source_place);
  g_test_add_func ("/trace-panel/source-open", test_source_open);
  g_test_add_func ("/trace-panel/resources", test_resources);
  g_test_add_func ("/trace-panel/function", test_function);
  g_test_add_func ("/trace-panel/sides", test_sides);
  g_test_add_func ("/trace-panel/cause-elsewhere", test_cause_elsewhere);
  g_test_add_func ("/trace-panel/sql-and-copy", test_sql_and_copy);
  g_test_add_func ("/trace-panel/raw", test_raw);
  g_test_add_func ("/trace-panel/stack", test_stack);
  g_test_add_func ("/trace-panel/rank", test_rank);
  g_test_add_func ("/trace-panel/many", test_many);

  return g_test_run ();
}
