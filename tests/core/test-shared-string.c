/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/fluo-shared-string.h"

#define N_ROUNDS 200000

static void
test_shared (void)
{
  char *a = fluo_shared_string_new ("text"), *b = fluo_shared_string_new ("text");
  char *own = fluo_shared_string_new_own ("text");

  g_assert_true (a == b);
  g_assert_true (a != own);
  g_assert_cmpstr (own, ==, "text");
  fluo_shared_string_unref (own);
  fluo_shared_string_unref (a);
  g_assert_cmpstr (b, ==, "text");
  fluo_shared_string_unref (b);
  a = fluo_shared_string_new ("text");
  g_assert_cmpstr (a, ==, "text");
  fluo_shared_string_unref (a);
}

static gpointer
run (gpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      char *text = fluo_shared_string_new ("the last reference goes and comes");

      g_assert_cmpint (text[0], ==, 't');
      fluo_shared_string_unref (text);
    }
  return NULL;
}

/* GLib's own interning ends here with "old_value > 0". */
static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("shared-string", run, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shared-string/shared", test_shared);
  g_test_add_func ("/shared-string/threads", test_threads);
  return g_test_run ();
}
