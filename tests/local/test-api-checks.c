/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/api/fluo-api-checks.h"
#include "fluo-test-util.h"

/* Every operation of X-Ray's service model has a path here, so that none answers as if it were
 * unknown. */
static void
test_model (void)
{
  g_autofree char *path = fluo_test_data ("model/xray-service-2.json");
  gsize length;
  char *text = fluo_test_read (path, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);
  guint32 operations;
  guint n = 0;

  g_assert_no_error (error);
  operations = fluo_json_tape_get (tape, 0, "operations");
  for (guint32 i = fluo_json_tape_first (tape, operations); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, operations, i))
    {
      g_autofree char *uri = fluo_json_tape_dup (
        tape, fluo_json_tape_get (tape, fluo_json_tape_get (tape, i, "http"), "requestUri"));
      g_autofree char *name = fluo_json_tape_dup_key (tape, i);
      const FluoRoute *route = fluo_route_find (uri);

      g_assert_nonnull (route);
      g_assert_cmpstr (route->operation, ==, name);
      g_assert_false (route->get);
      n++;
    }
  g_assert_cmpuint (n, ==, 38);
}

typedef struct
{
  const char *listener;
  const char *local;
  const char *method;
  const char *uri;
  const char *headers; /* "Name: value\n…" */
  guint       status;
} Case;

static const Case cases[] = {
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://127.0.0.1:2000/Traces",
    "Host: 127.0.0.1:2000\nContent-Type: application/json\n", 0 },
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://localhost:2000/Traces",
    "Host: localhost:2000\nContent-Type: application/json\n", 0 },
  { "[::1]:2000", "::1", "GET", "http://[::1]:2000/fluoroscope/v1/status", "Host: [::1]:2000\n",
    0 },
  { "127.0.0.1:80", "127.0.0.1", "GET", "http://localhost/fluoroscope/v1/status",
    "Host: localhost\n", 0 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://localhost/fluoroscope/v1/status",
    "Host: localhost\n", 403 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://127.0.0.1:2000/fluoroscope/v1/status", "", 400 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://evil:2000/fluoroscope/v1/status",
    "Host: evil:2000\n", 403 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://evil:2000/fluoroscope/v1/status",
    "Host: 127.0.0.1:2000\n", 403 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://host.docker.internal:2000/fluoroscope/v1/status",
    "Host: host.docker.internal:2000\n", 403 },
  { "0.0.0.0:2000", "172.17.0.1", "GET", "http://host.docker.internal:2000/fluoroscope/v1/status",
    "Host: host.docker.internal:2000\n", 0 },
  { "0.0.0.0:2000", "172.17.0.1", "GET", "http://172.17.0.1:2000/fluoroscope/v1/status",
    "Host: 172.17.0.1:2000\n", 0 },
  { "0.0.0.0:2000", "172.17.0.1", "GET", "http://evil:2000/fluoroscope/v1/status",
    "Host: evil:2000\n", 403 },
  { "127.0.0.1:2000", "127.0.0.1", "GET", "http://127.0.0.1:2000/fluoroscope/v1/status",
    "Host: 127.0.0.1:2000\nOrigin: http://127.0.0.1:2000\n", 403 },
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://127.0.0.1:2000/Traces",
    "Host: 127.0.0.1:2000\nContent-Length: 2\n", 415 },
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://127.0.0.1:2000/GetSamplingRules",
    "Host: 127.0.0.1:2000\nContent-Length: 2\n", 0 },
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://127.0.0.1:2000/Traces",
    "Host: 127.0.0.1:2000\nContent-Type: application/json\nContent-Length: 4194305\n", 413 },
  { "127.0.0.1:2000", "127.0.0.1", "POST", "http://127.0.0.1:2000/Traces",
    "Host: 127.0.0.1:2000\nContent-Type: application/json\nTransfer-Encoding: gzip\n", 400 },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FluoListener) listener =
        fluo_listener_new (FLUO_LISTENER_HTTP, cases[i].listener, NULL);
      g_autoptr (GInetAddress) local = g_inet_address_new_from_string (cases[i].local);
      g_autoptr (GUri) uri = g_uri_parse (cases[i].uri, G_URI_FLAGS_NONE, NULL);
      SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
      g_auto (GStrv) lines = g_strsplit (cases[i].headers, "\n", -1);
      const FluoRoute *route;
      FluoApiRefusal refusal;

      for (guint k = 0; lines[k] && lines[k][0]; k++)
        {
          g_auto (GStrv) parts = g_strsplit (lines[k], ": ", 2);

          soup_message_headers_append (headers, parts[0], parts[1]);
        }
      refusal = fluo_api_check (cases[i].method, uri, headers, listener, local, &route);
      g_test_message ("%s %s", cases[i].uri, cases[i].headers);
      g_assert_cmpuint (refusal.status, ==, cases[i].status);
      soup_message_headers_unref (headers);
    }
}

/* What the AWS SDK for JavaScript really sends passes, when it is X-Ray's. */
static void
test_real_requests (void)
{
  g_autofree char *path = fluo_test_data ("wire/http-requests.jsonl");
  g_autofree char *text = fluo_test_read (path, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_served = 0;

  for (guint i = 0; lines[i] && lines[i][0]; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (lines[i], strlen (lines[i]));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
      g_autofree char *request = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "path"));
      g_autofree char *full = g_strconcat ("http://127.0.0.1:2000", request, NULL);
      g_autoptr (FluoListener) listener =
        fluo_listener_new (FLUO_LISTENER_HTTP, "127.0.0.1:2000", NULL);
      g_autoptr (GUri) uri = g_uri_parse (full, G_URI_FLAGS_NONE, NULL);
      SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
      guint32 given = fluo_json_tape_get (tape, 0, "headers");
      const FluoRoute *route;
      FluoApiRefusal refusal;

      for (guint32 k = fluo_json_tape_first (tape, given); k != FLUO_JSON_NONE;
           k = fluo_json_tape_next (tape, given, k))
        {
          g_autofree char *name = fluo_json_tape_dup_key (tape, k);
          g_autofree char *value = fluo_json_tape_dup (tape, k);

          if (value)
            soup_message_headers_append (headers, name, value);
        }
      refusal = fluo_api_check ("POST", uri, headers, listener, NULL, &route);
      g_test_message ("%s", request);
      g_assert_cmpuint (refusal.status, ==, fluo_route_find (request) ? 0 : 404);
      n_served += refusal.status == 0;
      soup_message_headers_unref (headers);
    }
  g_assert_cmpuint (n_served, ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/api-checks/model", test_model);
  g_test_add_func ("/local/api-checks/cases", test_cases);
  g_test_add_func ("/local/api-checks/real-requests", test_real_requests);
  return g_test_run ();
}
