/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "local/api/fluo-access.h"
#include "local/intake/fluo-http-scan.h"
#include "fluo-test-util.h"

#define NOW_S G_GINT64_CONSTANT (1790000000)
#define BODY "{\"StartTime\":1,\"EndTime\":2}"

/* A request that is signed by our own signer. */
typedef struct
{
  char             timestamp[FLUO_SIGV4_TIMESTAMP_LEN + 1];
  char            *authorization;
  char             body[sizeof BODY];
  FluoSigv4Header  headers[4];
  FluoSigv4Request request;
} Signed;

static FluoCredentials *
read_keys (const char *directory, FluoRole role)
{
  g_autofree char *path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  FluoCredentials *keys = fluo_local_keys_load (path, role, &error);

  g_assert_no_error (error);
  return keys;
}

static void
sign (Signed *self, FluoCredentials *keys, const char *path)
{
  FluoSigv4Scope scope = { self->timestamp, "local", "xray" };

  memset (self, 0, sizeof *self);
  g_assert_true (fluo_sigv4_format_timestamp (NOW_S, self->timestamp));
  memcpy (self->body, BODY, sizeof BODY);
  self->headers[0] = (FluoSigv4Header) { "Host", "127.0.0.1:2000" };
  self->headers[1] = (FluoSigv4Header) { "X-Amz-Date", self->timestamp };
  self->headers[2] = (FluoSigv4Header) { "Content-Type", "application/json" };
  self->request = (FluoSigv4Request) { "POST", path, NULL, self->headers, 3, self->body,
                                       strlen (BODY) };
  self->authorization = fluo_sigv4_sign (&self->request, &scope, keys);
  self->headers[3] = (FluoSigv4Header) { "Authorization", self->authorization };
  self->request.n_headers = 4;
}

static guint
check (FluoAccessControl *control, const char *path, const FluoSigv4Request *request, gint64 now_s)
{
  FluoAccessRefusal refusal = { 0 };
  FluoRole role;

  if (!fluo_access_control_check (control, fluo_route_find (path), request, now_s, &role,
                                  &refusal))
    g_assert_nonnull (refusal.message);
  g_free (refusal.message);
  return refusal.status;
}

/* Whoever signs with the pair of a role may do what the role may, and nobody may without. */
static void
test_roles (void)
{
  g_autofree char *directory = g_dir_make_tmp ("fluo-access-XXXXXX", NULL);
  g_autoptr (FluoAccessControl) control = fluo_access_control_new (directory, FALSE, NULL);
  g_autofree char *path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  static const char *const paths[] = { "/Groups", "/CreateGroup", "/TraceSegments" };
  static const guint expected[FLUO_N_ROLES][G_N_ELEMENTS (paths)] = { { 0, 403, 0 }, { 0, 0, 0 } };
  FluoSigv4Request unsigned_request = { "POST", "/Groups", NULL, NULL, 0, NULL, 0 };

  g_assert_cmpstr (fluo_access_control_get_path (control), ==, path);
  for (guint role = 0; role < FLUO_N_ROLES; role++)
    for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
      {
        g_autoptr (FluoCredentials) keys = read_keys (directory, (FluoRole) role);
        Signed given;

        sign (&given, keys, paths[i]);
        g_assert_cmpuint (check (control, paths[i], &given.request, NOW_S), ==, expected[role][i]);
        g_free (given.authorization);
      }
  g_assert_cmpuint (check (control, "/Groups", &unsigned_request, NOW_S), ==, 403);
  g_assert_cmpuint (check (control, "/TraceSegments", &unsigned_request, NOW_S), ==, 0);
  g_unlink (path);
  g_rmdir (directory);
}

/* A quarter of an hour either way, to the second. */
static void
test_clock (void)
{
  g_autofree char *directory = g_dir_make_tmp ("fluo-access-XXXXXX", NULL);
  g_autoptr (FluoAccessControl) control = fluo_access_control_new (directory, FALSE, NULL);
  g_autofree char *path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  g_autoptr (FluoCredentials) keys = read_keys (directory, FLUO_ROLE_FULL);
  Signed given;

  sign (&given, keys, "/Groups");
  for (int sign_of = -1; sign_of <= 1; sign_of += 2)
    {
      g_assert_cmpuint (check (control, "/Groups", &given.request, NOW_S + sign_of * 900), ==, 0);
      g_assert_cmpuint (check (control, "/Groups", &given.request, NOW_S + sign_of * 901), ==, 403);
    }
  g_free (given.authorization);
  g_unlink (path);
  g_rmdir (directory);
}

/* Each bit of each part that is signed. */
static void
flip_all (FluoAccessControl *control, const FluoSigv4Request *request, char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    for (guint bit = 0; bit < 7; bit++)
      {
        text[i] ^= (char) (1 << bit);
        if (text[i] > ' ' && text[i] < 0x7f && text[i] != ',')
          g_assert_cmpuint (check (control, "/Groups", request, NOW_S), ==, 403);
        text[i] ^= (char) (1 << bit);
      }
  g_assert_cmpuint (check (control, "/Groups", request, NOW_S), ==, 0);
}

static void
test_tampering (void)
{
  g_autofree char *directory = g_dir_make_tmp ("fluo-access-XXXXXX", NULL);
  g_autoptr (FluoAccessControl) control = fluo_access_control_new (directory, FALSE, NULL);
  g_autofree char *path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  g_autoptr (FluoCredentials) keys = read_keys (directory, FLUO_ROLE_READ);
  char host[] = "127.0.0.1:2000", type[] = "application/json", method[] = "POST";
  Signed given;
  char *credential;

  sign (&given, keys, "/Groups");
  given.headers[0].value = host;
  given.headers[2].value = type;
  given.request.method = method;
  flip_all (control, &given.request, host, strlen (host));
  flip_all (control, &given.request, type, strlen (type));
  flip_all (control, &given.request, method, strlen (method));
  flip_all (control, &given.request, given.timestamp, FLUO_SIGV4_TIMESTAMP_LEN);
  flip_all (control, &given.request, given.body, strlen (given.body));
  credential = strstr (given.authorization, "Credential=") + strlen ("Credential=");
  flip_all (control, &given.request, credential, strcspn (credential, ","));
  flip_all (control, &given.request, strstr (given.authorization, "Signature=") + 10, 64);
  given.request.path = "/TraceSummaries";
  g_assert_cmpuint (check (control, "/TraceSummaries", &given.request, NOW_S), ==, 403);
  given.request.path = "/Groups";
  given.request.query = "x=1";
  g_assert_cmpuint (check (control, "/Groups", &given.request, NOW_S), ==, 403);
  g_free (given.authorization);
  g_unlink (path);
  g_rmdir (directory);
}

/* Feeds @text in pieces of @step bytes; "" when the request is whole, else the refusal, NULL when
 * it isn't over. */
static const char *
scan (const char *text, gsize length, gsize step)
{
  FluoHttpScan state;
  gsize shown = 0, head = 0;

  fluo_http_scan_init (&state, 1024);
  while (shown < length && head == 0 && state.state == FLUO_HTTP_SCAN_HEAD)
    {
      shown = MIN (shown + step, length);
      head = fluo_http_scan_head (&state, text, shown);
    }
  for (gsize at = head; state.state == FLUO_HTTP_SCAN_BODY && at < length;)
    at += fluo_http_scan_body (&state, text + at, MIN (step, length - at));
  if (state.state == FLUO_HTTP_SCAN_REFUSED)
    return state.refusal;
  return head > 0 && state.state == FLUO_HTTP_SCAN_HEAD ? "" : NULL;
}

/* However the bytes arrive, the verdict is the same. */
static void
test_scan (void)
{
#define HEAD "POST / HTTP/1.1\r\nHost: x\r\n"
  static const struct
  {
    const char *text;
    const char *verdict;
  } rows[] = {
    { HEAD "\r\n", "" },
    { HEAD "Content-Length: 2\r\n\r\n{}", "" },
    { HEAD "Content-Length: 2\r\n\r\n{", NULL },
    { HEAD "Content-Length:\t 2 \t\r\n\r\n{}", "" },
    { HEAD "Transfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n01\r\n}\r\n0\r\n\r\n", "" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n400\r\n", NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n401\r\n", "413 Content Too Large" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n00000001\r\n", "400 Bad Request" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n", "400 Bad Request" },
    { HEAD "Content-Length: 1024\r\n\r\n", NULL },
    { HEAD "Content-Length: 1025\r\n\r\n", "413 Content Too Large" },
    { HEAD "Content-Length: 9999999999999999\r\n\r\n", "400 Bad Request" },
    { HEAD " folded\r\n\r\n", "400 Bad Request" },
    { HEAD "\n", "400 Bad Request" },
    { "POST /%0", NULL },
    { "POST /%0 HTTP/1.1\r\n", "400 Bad Request" },
    { "POST /a..b/.x/..y HTTP/1.1\r\n\r\n", "" },
    { "POST /a/.. HTTP/1.1\r\n", "400 Bad Request" },
    { "POST / HTTP/1.1\n", "400 Bad Request" },
    { "\x16\x03\x01", "400 Bad Request" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize step = 1; step <= 64; step++)
      {
        g_test_message ("%s, %d bytes each", rows[i].text, (int) step);
        g_assert_cmpstr (scan (rows[i].text, strlen (rows[i].text), step), ==, rows[i].verdict);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/access/roles", test_roles);
  g_test_add_func ("/local/access/clock", test_clock);
  g_test_add_func ("/local/access/tampering", test_tampering);
  g_test_add_func ("/local/access/scan", test_scan);
  return g_test_run ();
}
