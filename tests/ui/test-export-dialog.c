/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/trace/fluo-export-dialog.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static void
test_export (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL),
                  *bytes = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog = fluo_export_dialog_new (NULL, trace, &options);

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  g_assert_cmpint (fluo_export_dialog_get_options (FLUO_EXPORT_DIALOG (dialog)).format, ==,
                   FLUO_EXPORT_PDF);
  g_assert_cmpuint (fluo_export_dialog_get_options (FLUO_EXPORT_DIALOG (dialog)).redact, ==,
                    FLUO_REDACT_DEFAULT);
  /* It closes when the file is there. */
  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &dialog, PATIENCE_MS));
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static gboolean
is_not_saving (gpointer data)
{
  return !gtk_widget_get_visible (data);
}

/* 10,000 calls are 200 pages: while they are drawn there is a button that ends it. The file of
 * before stays, and the form can be used again. */
static void
test_export_stop (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (6, 10000);
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL),
                  *bytes = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog = fluo_export_dialog_new (NULL, trace, &options), *stop;

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  g_assert_nonnull (fake_ui_find_button (dialog, "Save…"));
  g_assert_null (fake_ui_find_button (dialog, "Stop"));
  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  stop = fake_ui_find_button (dialog, "Stop");
  g_assert_nonnull (stop);
  g_assert_null (fake_ui_find_button (dialog, "Save…"));
  g_signal_emit_by_name (stop, "clicked");
  g_assert_true (fluo_test_wait_until (is_not_saving, stop, PATIENCE_MS));
  g_assert_nonnull (fake_ui_find_button (dialog, "Save…"));
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "old");

  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &dialog, PATIENCE_MS));
  g_clear_pointer (&bytes, g_free);
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* The lines that were read are offered, and are in what is saved. */
static void
test_export_lines (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoTraceLines) lines = fluo_trace_lines_new ();
  FluoTraceLine *line = fluo_trace_lines_add (lines);
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.md", NULL),
                  *text = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog;

  line->time_ns = fluo_trace_get_extent (trace).begin_ns;
  line->span = 0;
  line->level = FLUO_LOG_ERROR;
  line->text = g_strdup ("the till is empty");
  fluo_trace_lines_seal (lines);
  options.lines = FLUO_EXPORT_LINES_ERRORS;
  options.trace_lines = lines;
  dialog = fluo_export_dialog_new (NULL, trace, &options);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  text = fake_ui_dup_text (dialog);
  g_assert_nonnull (strstr (text, "What the programs wrote"));
  g_assert_nonnull (strstr (text, "Errors"));
  g_clear_pointer (&text, g_free);
  /* Markdown is the last of the formats. */
  gtk_drop_down_set_selected (
    GTK_DROP_DOWN (fake_ui_find (dialog, GTK_TYPE_DROP_DOWN, NULL)), 3);
  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &dialog, PATIENCE_MS));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "the till is empty"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

  g_test_add_func ("/export-dialog/file", test_export);
  g_test_add_func ("/export-dialog/stop", test_export_stop);
  g_test_add_func ("/export-dialog/lines", test_export_lines);

  return g_test_run ();
}
