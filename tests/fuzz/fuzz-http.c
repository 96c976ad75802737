/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "local/api/fluo-access.h"
#include "local/intake/fluo-http-scan.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define BODY_MAX 4096

/* "20261124T000000Z" */
#define NOW_S G_GINT64_CONSTANT (1795478400)

static const char *
find_secret (const char *access_key, gpointer user_data)
{
  return access_key[0] == 'F' ? "secret" : NULL;
}

static void
collect_header (const char *name, const char *value, gpointer user_data)
{
  FluoSigv4Header header = { name, value };

  g_array_append_val ((GArray *) user_data, header);
}

/* What the scan lets through, the server must be able to read, and the checks and the signature's
 * verification must get on with. */
static void
check_head (const char *text, gsize length, FluoListener *listener)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL, *target = NULL, *url = NULL;
  SoupHTTPVersion version;
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GError) error = NULL;
  const FluoRoute *route = NULL;

  g_assert_cmpuint (soup_headers_parse_request (text, (int) length, headers, &method, &target,
                                                &version),
                    ==, SOUP_STATUS_OK);
  url = target[0] == '/' ? g_strconcat ("http://127.0.0.1:2000", target, NULL) : g_strdup (target);
  uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri)
    {
      g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (FluoSigv4Header));
      FluoSigv4Request request = {
        method, g_uri_get_path (uri), g_uri_get_query (uri), NULL, 0, "{}", 2
      };
      FluoApiRefusal refusal = fluo_api_check (method, uri, headers, listener, NULL, &route);

      g_assert_true (refusal.status > 0 || route);
      soup_message_headers_foreach (headers, collect_header, list);
      request.headers = (const FluoSigv4Header *) (gconstpointer) list->data;
      request.n_headers = list->len;
      if (!fluo_sigv4_verify (&request, "xray", NOW_S, find_secret, NULL, &error))
        g_assert_true (strlen (error->message) < 1024
                       && g_utf8_validate (error->message, -1, NULL));
    }
  soup_message_headers_unref (headers);
}

/* One request after the other, as they come over a connection; in one piece and byte by byte the
 * scan must come to the same verdict. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static FluoListener *listener;
  FluoHttpScan whole, bytewise;
  const char *text = (const char *) data;

  if (!listener)
    listener = fluo_listener_new (FLUO_LISTENER_HTTP, "127.0.0.1:2000", NULL);
  fluo_http_scan_init (&whole, BODY_MAX);
  fluo_http_scan_init (&bytewise, BODY_MAX);
  for (gsize at = 0; at < size && whole.state != FLUO_HTTP_SCAN_REFUSED;)
    {
      gsize head = fluo_http_scan_head (&whole, text + at, size - at), again = 0, body = 0;

      for (gsize n = 1; n <= size - at && again == 0 && bytewise.state == FLUO_HTTP_SCAN_HEAD; n++)
        again = fluo_http_scan_head (&bytewise, text + at, n);
      g_assert_true (head == again && whole.state == bytewise.state);
      if (head == 0)
        break;
      check_head (text + at, head, listener);
      at += head;
      if (whole.state == FLUO_HTTP_SCAN_BODY)
        body = fluo_http_scan_body (&whole, text + at, size - at);
      for (gsize n = 0; n < size - at && bytewise.state == FLUO_HTTP_SCAN_BODY; n++)
        fluo_http_scan_body (&bytewise, text + at + n, 1);
      g_assert_true (whole.state == bytewise.state && whole.body == bytewise.body);
      at += body;
    }
  return 0;
}
