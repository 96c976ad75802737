/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How long a test waits for what must come. It only ever ends a test that has failed already, so it
 * is as long as the slowest machine under the heaviest load needs. */
#define FLUO_TEST_PATIENCE_MS (3 * 60 * 1000)

/* A fresh directory that is removed with all it holds by fluo_test_dir_free(). */
char     *fluo_test_dir_new    (void);
void      fluo_test_dir_free   (char *path);
/* Absolute path of a file under tests/data. Newly allocated. */
char     *fluo_test_data       (const char *name);
/* The file's text; aborts the test with the path when it can't be read. */
char     *fluo_test_read       (const char *path, gsize *ret_length);
/* The setup of every child of a test: it is killed when the test ends, however that ends. One that
 * lived on would hold the pipe that the test's output is read from, and hide that it has failed. */
void      fluo_test_tie_child  (gpointer unused);
/* Runs the default main context until @predicate is true, which may be of anything, files and
 * threads too; FALSE when @timeout_ms passed first. */
gboolean  fluo_test_wait_until (gboolean (*predicate) (gpointer), gpointer data, guint timeout_ms);
/* Runs the context until the async result arrives: pass fluo_test_result_cb and a GAsyncResult **
 * that is NULL. */
void      fluo_test_result_cb  (GObject *source, GAsyncResult *result, gpointer user_data);
gboolean  fluo_test_wait_result (GAsyncResult **result, guint timeout_ms);

G_END_DECLS
