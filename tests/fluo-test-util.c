/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-test-util.h"

#include <signal.h>
#include <sys/prctl.h>

#include <glib/gstdio.h>

char *
fluo_test_dir_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("fluo-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && (dir = g_dir_open (path, 0, NULL)))
    while ((name = g_dir_read_name (dir)))
      {
        g_autofree char *child = g_build_filename (path, name, NULL);

        remove_tree (child);
      }
  g_remove (path);
}

void
fluo_test_dir_free (char *path)
{
  remove_tree (path);
  g_free (path);
}

char *
fluo_test_data (const char *name)
{
  const char *root = g_getenv ("FLUO_TEST_DATA");

  g_assert_nonnull (root);
  return g_build_filename (root, name, NULL);
}

char *
fluo_test_read (const char *path, gsize *ret_length)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, ret_length, &error))
    g_error ("%s: %s", path, error->message);
  return text;
}

void
fluo_test_tie_child (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Files and threads wake no main loop. */
#define WAKE_MS 20

static gboolean
wake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

gboolean
fluo_test_wait_until (gboolean (*predicate) (gpointer), gpointer data, guint timeout_ms)
{
  const gint64 end_usec = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  guint id = g_timeout_add (MIN (WAKE_MS, timeout_ms), wake_cb, NULL);
  gboolean reached;

  while (!(reached = predicate (data)) && g_get_monotonic_time () < end_usec)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return reached;
}

void
fluo_test_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

gboolean
fluo_test_wait_result (GAsyncResult **result, guint timeout_ms)
{
  return fluo_test_wait_until (has_result, result, timeout_ms);
}

#ifdef __SANITIZE_ADDRESS__

/* GLib's first table of quarks: made by its constructor, and left for readers without a lock when a
 * larger one takes its place (quark_new() in GLib's gquark.c), as happens in programs with windows.
 * The fast unwinder sees nothing of its stack but g_malloc(), so that no suppression can name it;
 * known from here, it is no leak. */
#define QUARKS_FIRST_BYTES (2048 * sizeof (char *))

void __sanitizer_malloc_hook (const volatile void *block, size_t size);

void
__sanitizer_malloc_hook (const volatile void *block, size_t size)
{
  static const volatile void *volatile first_quarks;

  if (!first_quarks && size == QUARKS_FIRST_BYTES)
    first_quarks = block;
}

#endif
