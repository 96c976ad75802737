/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/connect/fluo-snippets.h"
#include "app/fluo-pages.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  self->explorer = fluo_explorer_new ();
  self->window = gtk_window_new ();
  self->page = fluo_start_page_new (self->explorer, NULL);
  gtk_window_set_child (GTK_WINDOW (self->window), self->page);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 900, 900);
  gtk_window_present (GTK_WINDOW (self->window));
  xray_steps_connect (self->explorer, self->xray);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->explorer);
  fake_xray_free (self->xray);
}

static gboolean
page_says (Fixture *self, const char *words)
{
  g_autofree char *text = fake_ui_dup_text (self->page);

  return strstr (text, words) != NULL;
}

static gboolean
shows_udp (gpointer data)
{
  return page_says (data, "UDP 4242");
}

static void
test_listeners (Fixture *self, gconstpointer data)
{
  g_assert_true (fluo_test_wait_until (shows_udp, self, PATIENCE_MS));
  g_assert_true (page_says (self, "Nothing has been traced yet"));
  g_assert_true (page_says (self, "Listening, nothing yet"));
  /* A port that others hold is said with who holds it. */
  g_assert_true (page_says (self, "held by xray-daemon (77)"));
  /* The line to copy has the address that is really listened on. */
  g_assert_true (page_says (self, "127.0.0.1:4242"));
}

static gboolean
says_not_listening (gpointer data)
{
  return page_says (data, "Not listening");
}

static gboolean
says_listening (gpointer data)
{
  return page_says (data, "Fluoroscope is listening");
}

static void
test_gone (Fixture *self, gconstpointer data)
{
  g_assert_true (fluo_test_wait_until (shows_udp, self, PATIENCE_MS));
  fake_xray_stop (self->xray);
  g_assert_true (fluo_test_wait_until (says_not_listening, self, PATIENCE_MS));
  fake_xray_start (self->xray);
  g_assert_true (fluo_test_wait_until (says_listening, self, PATIENCE_MS));
}

static void
test_snippets (void)
{
  for (guint i = 0; i < FLUO_N_SNIPPETS; i++)
    {
      g_autofree char *text = fluo_snippet_dup_text (i, "127.0.0.1:4001", "127.0.0.1:4001", NULL);
      g_autofree char *markup = fluo_snippet_dup_markup (text, FALSE);
      g_autofree char *shown = NULL;

      g_assert_nonnull (strstr (text, "127.0.0.1:4001"));
      g_assert_null (strstr (text, "OTEL"));
      /* Colours change nothing about what is read. */
      g_assert_true (pango_parse_markup (markup, -1, 0, NULL, &shown, NULL, NULL));
      g_assert_cmpstr (shown, ==, text);
    }
}

static void
test_snippet_addresses (void)
{
  g_autofree char *differ = fluo_snippet_dup_text (FLUO_SNIPPET_SHELL, "127.0.0.1:5", "127.0.0.1:6",
                                                   "127.0.0.1:7");

  g_assert_nonnull (strstr (differ, "\"tcp:127.0.0.1:6 udp:127.0.0.1:5\""));
  g_assert_nonnull (strstr (differ, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:7"));
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add ("/start-page/listeners", Fixture, NULL, set_up, test_listeners, tear_down);
  g_test_add ("/start-page/gone", Fixture, NULL, set_up, test_gone, tear_down);
  g_test_add_func ("/start-page/snippets", test_snippets);
  g_test_add_func ("/start-page/snippet-addresses", test_snippet_addresses);
  return fake_ui_run (home);
}
