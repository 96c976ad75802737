/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <libsoup/soup.h>
#include <string.h>

#include "app/fluo-window.h"
#include "fake-ui.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* What a window says when the service, or what stands in its place, answers nonsense; and that it
 * goes on as soon as the answers are good. */

#define REGION "eu-central-1"

typedef struct
{
  const char *name;
  guint status;
  const char *type; /* of the content; NULL: the connection is closed in the middle of it */
  const char *body;
  const char *header, *value; /* one more, or NULL */
  int clock_minutes;          /* how far the server's is ahead */
  const char *says;           /* NULL: requests of its own time are answered well */
} BadAnswer;

static const BadAnswer answers[] = {
  { "/bad-answers/redirect", 302, "text/html", "moved", "Location", "https://example.com/", 0,
    "a redirect, which is not followed; check the endpoint" },
  { "/bad-answers/html", 200, "text/html",
    "<!DOCTYPE html><title>Log in to the hotel</title>", NULL, NULL, 0,
    "the answer is not what the service sends: not JSON; it begins \"<!DOCTYPE html>" },
  { "/bad-answers/half", 200, "application/json", "{\"TraceSummaries\":[{\"Id\":", NULL, NULL, 0,
    "the answer is not what the service sends" },
  { "/bad-answers/no-object", 200, "application/json", "[]", NULL, NULL, 0,
    "the answer is not what the service sends: JSON, but no object" },
  { "/bad-answers/broken-off", 200, NULL,
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":", NULL,
    NULL, 0, "http://127.0.0.1:" },
  { "/bad-answers/outage", 500, "application/json", "{}", NULL, NULL, 0,
    "the service failed; try again in a moment" },
  { "/bad-answers/throttled", 429, "application/json", "{}", NULL, NULL, 0,
    "too many requests; try again in a moment" },
  { "/bad-answers/clock", 403, "application/json", "{\"message\":\"Signature expired\"}",
    "x-amzn-ErrorType", "InvalidSignatureException", 20,
    "the computer's clock is 20 minutes slow: " },
  { "/bad-answers/clock-corrected", 403, "application/json", "{\"message\":\"Signature expired\"}",
    "x-amzn-ErrorType", "InvalidSignatureException", 20, NULL },
  { "/bad-answers/unknown-key", 403, "application/json", "{}", "x-amzn-ErrorType",
    "UnrecognizedClientException", 0, "AWS doesn't know the access key" },
};

typedef struct
{
  SoupServer *server;
  FluoWindow *window;
  const BadAnswer *bad; /* NULL: good ones */
} Fixture;

/* As it is, and nothing after it. */
static void
answer_raw (SoupServerMessage *message, const char *text)
{
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, strlen (text), NULL,
                             NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
}

/* Signed at a time that is now over there, as AWS wants it. */
static gboolean
is_of_their_time (SoupServerMessage *message, const BadAnswer *bad)
{
  const char *text = soup_message_headers_get_one (
    soup_server_message_get_request_headers (message), "x-amz-date");
  g_autoptr (GDateTime) signed_at = text ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return signed_at
         && ABS (g_date_time_difference (signed_at, now) - bad->clock_minutes * G_TIME_SPAN_MINUTE)
              < 5 * G_TIME_SPAN_MINUTE;
}

static void
answer_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer data)
{
  Fixture *self = data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const BadAnswer *bad = self->bad;
  const char *good = strstr (path, "ServiceGraph")
                       ? "{\"Services\":[]}"
                       : "{\"TraceSummaries\":[],\"TracesProcessedCount\":0}";

  if (bad && !bad->says && is_of_their_time (message, bad))
    bad = NULL;
  if (bad && !bad->type)
    {
      answer_raw (message, bad->body);
      return;
    }
  /* SoupServer would put its own date there. */
  if (bad && bad->clock_minutes)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr (GDateTime) theirs = g_date_time_add_minutes (now, bad->clock_minutes);
      g_autofree char *date = soup_date_time_to_string (theirs, SOUP_DATE_HTTP);
      g_autofree char *text =
        g_strdup_printf ("HTTP/1.1 %u Forbidden\r\nDate: %s\r\n%s: %s\r\nContent-Type: %s\r\n"
                         "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                         bad->status, date, bad->header, bad->value, bad->type,
                         strlen (bad->body), bad->body);

      answer_raw (message, text);
      return;
    }
  if (bad && bad->header)
    soup_message_headers_replace (headers, bad->header, bad->value);
  soup_server_message_set_status (message, bad ? bad->status : 200, NULL);
  soup_server_message_set_response (message, bad ? bad->type : "application/json",
                                    SOUP_MEMORY_COPY, bad ? bad->body : good,
                                    strlen (bad ? bad->body : good));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *endpoint = NULL;
  GSList *uris;

  self->bad = data;
  self->server = soup_server_new ("server-header", "elsewhere", NULL);
  soup_server_add_handler (self->server, NULL, answer_cb, self, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (self->server);
  endpoint = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  xray_steps_write_profile (endpoint, REGION, "SECRET");
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
}

static gboolean
is_well (gpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (((Fixture *) data)->window);

  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_get_error (explorer) && !fluo_explorer_is_loading (explorer);
}

static void
test_answer (Fixture *self, gconstpointer data)
{
  const BadAnswer *bad = data;

  fluo_window_connect_profile (self->window, "shop", NULL);
  if (bad->says)
    {
      ui_assert_says (self->window, bad->says);
      self->bad = NULL;
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.reload", NULL);
    }
  g_assert_true (fluo_test_wait_until (is_well, self, UI_PATIENCE_MS));
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    g_test_add (answers[i].name, Fixture, &answers[i], set_up, test_answer, tear_down);
  return fake_ui_run (home);
}
