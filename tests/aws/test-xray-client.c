/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>

#include "aws/fluo-sigv4.h"
#include "fluo-test-util.h"
#include "xray-service.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define SECRET "CANARYSECRETKEY"
#define TOKEN "CANARYTOKEN=="

static FluoCredentials *
keys_new (void)
{
  return fluo_credentials_new ("AKIDEXAMPLE", SECRET, TOKEN, "test");
}

/* --- Requests ------------------------------------------------------------- */

static void
test_unsigned_request (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  const XrayRequest *request;

  xray_service_say (service, "{\"a\":1.79E9}");
  fluo_xray_client_call_async (service->client, "/GetSamplingRules", "{\"x\":1}", NULL,
                               fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  tape = fluo_xray_client_call_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fluo_json_tape_double (tape, fluo_json_tape_get (tape, 0, "a"), 0), ==,
                     1.79e9);

  request = xray_service_request (service, 0);
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->path, ==, "/GetSamplingRules");
  g_assert_cmpstr (request->body, ==, "{\"x\":1}");
  g_assert_cmpstr (xray_request_header (request, "content-type"), ==, "application/json");
  g_assert_cmpstr (xray_request_header (request, "user-agent"), ==, "Fluoroscope/" FLUO_VERSION);
  g_assert_null (xray_request_header (request, "authorization"));
  g_assert_null (xray_request_header (request, "cookie"));
}

static void
test_local_paths_are_read (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoJsonTape) tape = NULL;
  const XrayRequest *request;

  xray_service_say (service, NULL);
  tape = xray_service_call (service, "/fluoroscope/v1/x?y=1", NULL);
  g_assert_nonnull (tape);
  request = xray_service_request (service, 0);
  g_assert_cmpstr (request->method, ==, "GET");
  g_assert_cmpstr (request->path, ==, "/fluoroscope/v1/x?y=1");
  g_assert_cmpstr (request->body, ==, "");
}

/* The service's side: sign what was received and compare. */
static void
check_signature (const XrayRequest *request)
{
  static const char *const names[] = { "content-type", "host", "x-amz-date",
                                       "x-amz-security-token" };
  g_auto (GStrv) target = g_strsplit (request->path, "?", 2);
  g_autoptr (FluoCredentials) credentials = keys_new ();
  FluoSigv4Header headers[G_N_ELEMENTS (names)];
  FluoSigv4Request received = {
    request->method, target[0], target[1], headers, 0, request->body, strlen (request->body)
  };
  FluoSigv4Scope scope = { xray_request_header (request, "x-amz-date"), "eu-west-1", "xray" };
  g_autofree char *expected = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (xray_request_header (request, names[i]))
      headers[received.n_headers++] =
        (FluoSigv4Header){ names[i], xray_request_header (request, names[i]) };
  expected = fluo_sigv4_sign (&received, &scope, credentials);
  g_assert_cmpstr (xray_request_header (request, "authorization"), ==, expected);
  g_assert_cmpstr (xray_request_header (request, "x-amz-security-token"), ==, TOKEN);
}

static void
test_signed_request (void)
{
  static const XrayAnswer busy = { .status = 503 };
  g_autoptr (FluoCredentials) credentials = keys_new ();
  g_autoptr (XrayService) service = xray_service_new (credentials);
  g_autoptr (FluoJsonTape) tape = NULL, changes = NULL;

  xray_service_answer (service, &busy);
  xray_service_say (service, NULL);
  xray_service_say (service, NULL);
  tape = xray_service_call (service, "/TraceSummaries", NULL);
  g_assert_nonnull (tape);
  changes = xray_service_call (service, "/fluoroscope/v1/x?b=1&a=2", NULL);
  g_assert_nonnull (changes);
  for (guint i = 0; i < 3; i++)
    check_signature (xray_service_request (service, i));
  /* Every attempt has its own time. */
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 0), "x-amz-date"), ==,
                   "20260820T101112Z");
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 1), "x-amz-date"), ==,
                   "20260820T101212Z");
}

static void
test_connection_is_kept (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (FluoJsonTape) tape = NULL;

      xray_service_say (service, NULL);
      tape = xray_service_call (service, "/TraceSummaries", NULL);
      g_assert_nonnull (tape);
      g_assert_cmpuint (xray_service_request (service, i)->port, ==,
                        xray_service_request (service, 0)->port);
    }
}

static void
test_path_prefix (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autofree char *url = g_strconcat (service->url, "proxy/xray/", NULL);
  g_autoptr (FluoXrayClient) client = fluo_xray_client_new (url, NULL, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;

  xray_service_say (service, NULL);
  fluo_xray_client_call_async (client, "/Groups", NULL, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  tape = fluo_xray_client_call_finish (client, result, NULL);
  g_assert_nonnull (tape);
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/proxy/xray/Groups");
}

/* --- Refusals before anything is sent ------------------------------------- */

static void
check_setup_error (const char *endpoint, const char *region, const char *path, FluoXrayError code,
                   const char *word)
{
  g_autoptr (FluoXrayClient) client = fluo_xray_client_new (endpoint, region, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fluo_xray_client_call_async (client, path, NULL, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_call_finish (client, result, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_setup_errors (void)
{
  g_autoptr (FluoXrayClient) client = fluo_xray_client_new (NULL, "eu-west-1", NULL);

  g_assert_cmpstr (fluo_xray_client_get_endpoint (client), ==,
                   "https://xray.eu-west-1.amazonaws.com");
  check_setup_error (NULL, "eu-west-1", "/Traces", FLUO_XRAY_ERROR_ACCESS, "credentials");
  check_setup_error ("https://xray.eu-west-1.amazonaws.com", NULL, "/Traces",
                     FLUO_XRAY_ERROR_ACCESS, "credentials");
  check_setup_error (NULL, "eu-west-1", "/fluoroscope/v1/status", FLUO_XRAY_ERROR_NOT_FOUND,
                     "only fluoroscoped");
  check_setup_error (NULL, NULL, "/Traces", FLUO_XRAY_ERROR_INVALID_REQUEST, "region");
  check_setup_error (NULL, "x.evil.com/", "/Traces", FLUO_XRAY_ERROR_INVALID_REQUEST, "region");
  check_setup_error ("http://127.0.0.1:1", "x\nY: z", "/Traces", FLUO_XRAY_ERROR_INVALID_REQUEST,
                     "region");
  check_setup_error ("ftp://h", NULL, "/Traces", FLUO_XRAY_ERROR_INVALID_REQUEST, "http");
}

static void
test_nobody_answers (void)
{
  g_autoptr (GSocket) socket =
    g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0), bound = NULL;
  g_autofree char *url = NULL;

  /* Bound but not listening: connecting is refused, and nobody else can take the port. */
  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  url = g_strdup_printf ("http://127.0.0.1:%u",
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  check_setup_error (url, NULL, "/Traces", FLUO_XRAY_ERROR_UNREACHABLE, url);
}

/* --- Errors --------------------------------------------------------------- */

typedef struct
{
  XrayAnswer    answer;
  FluoXrayError code;
  const char   *word;
} ErrorCase;

static const ErrorCase error_cases[] = {
  { { 400, "{\"Message\":\"End time cannot be earlier\"}", NULL, "InvalidRequestException" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "End time cannot be earlier (InvalidRequestException, HTTP 400, request req-1)" },
  { { 400, "{\"message\":\"1 validation error\"}", NULL,
      "ValidationException:http://internal/doc" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "1 validation error (ValidationException" },
  { { 400, "{\"__type\":\"com.amazonaws.xray#InvalidRequestException\",\"message\":\"m\"}" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "m (InvalidRequestException" },
  { { 400, "{\"code\":\"SerializationException\",\"errorMessage\":\"s\"}" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "s (Serial" },
  { { 400, "{\"message\":null}", NULL, "InvalidRequestException" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "refused the request" },
  { { 403, "{\"message\":\"User x is not authorized\"}", NULL, "AccessDeniedException" },
    FLUO_XRAY_ERROR_ACCESS,
    "access is denied" },
  { { 403, "{\"message\":\"The security token included in the request is invalid.\"}", NULL,
      "UnrecognizedClientException" },
    FLUO_XRAY_ERROR_ACCESS,
    "doesn't know the access key" },
  { { 403, "{\"__type\":\"InvalidSignatureException\"}" },
    FLUO_XRAY_ERROR_ACCESS,
    "signature was refused" },
  { { 403, "{\"message\":\"Missing Authentication Token\"}", NULL,
      "MissingAuthenticationTokenException" },
    FLUO_XRAY_ERROR_ACCESS,
    "signed request" },
  { { 403, "{}" }, FLUO_XRAY_ERROR_ACCESS, "HTTP 403" },
  { { 403, "", "" }, FLUO_XRAY_ERROR_ACCESS, "HTTP 403" },
  { { 403, "{\"message\":\"expired\"}", NULL, "ExpiredTokenException" },
    FLUO_XRAY_ERROR_EXPIRED,
    "get new ones" },
  { { 400, "{\"__type\":\"ExpiredToken\"}" }, FLUO_XRAY_ERROR_EXPIRED, "get new ones" },
  { { 404, "{\"Message\":\"Group not found.\"}", NULL, "ResourceNotFoundException" },
    FLUO_XRAY_ERROR_NOT_FOUND,
    "Group not" },
  { { 404, "{}", NULL, "UnknownOperationException" },
    FLUO_XRAY_ERROR_NOT_FOUND,
    "UnknownOperation" },
  { { 418, "{}" }, FLUO_XRAY_ERROR_FAILED, "HTTP 418" },
  { { 400, "{}", NULL, "bad code\xc3\xa9 <b>" },
    FLUO_XRAY_ERROR_INVALID_REQUEST,
    "refused the request (HTTP 400" },
  { { 400, "<html><title>Captive portal</title></html>", "text/html" },
    FLUO_XRAY_ERROR_PROTOCOL,
    "Captive portal" },
  { { 403, "{ not json", NULL }, FLUO_XRAY_ERROR_PROTOCOL, "HTTP 403" },
  { { 200, "<html>\x01\x02 welcome</html>", "text/html" }, FLUO_XRAY_ERROR_PROTOCOL, "welcome" },
  { { 200, "{\"a\":", NULL }, FLUO_XRAY_ERROR_PROTOCOL, "not what the service sends" },
  { { 200, "[]", NULL }, FLUO_XRAY_ERROR_PROTOCOL, "no object" },
  { { 200, "", NULL }, FLUO_XRAY_ERROR_PROTOCOL, "not what the service sends" },
  { { 301, "{}", NULL, NULL, NULL, "http://127.0.0.1:1/" }, FLUO_XRAY_ERROR_PROTOCOL, "redirect" },
  { { 307, "", NULL, NULL, NULL, "/elsewhere" }, FLUO_XRAY_ERROR_PROTOCOL, "redirect" },
  { { .raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n" }, FLUO_XRAY_ERROR_PROTOCOL, "127.0.0.1" },
};

static void
test_errors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (error_cases); i++)
    {
      g_autoptr (FluoCredentials) credentials = keys_new ();
      g_autoptr (XrayService) service = xray_service_new (credentials);
      g_autoptr (GError) error = NULL;

      xray_service_answer (service, &error_cases[i].answer);
      g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
      g_test_message ("%" G_GSIZE_FORMAT ": %s", i, error->message);
      g_assert_error (error, FLUO_XRAY_ERROR, error_cases[i].code);
      g_assert_nonnull (strstr (error->message, error_cases[i].word));
      g_assert_null (strstr (error->message, "CANARY"));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpuint (service->requests->len, ==, 1);
      g_assert_cmpuint (service->pauses->len, ==, 0);
    }
}

static void
test_long_message_is_cut (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autofree char *words = g_strnfill (100000, 'w');
  g_autofree char *body = g_strdup_printf ("{\"message\":\"%s\"}", words);
  XrayAnswer answer = { .status = 400, .body = body };
  g_autoptr (GError) error = NULL;

  xray_service_answer (service, &answer);
  g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

static void
test_large_answer_is_refused (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autofree char *words = g_strnfill (300000, 'w');
  g_autofree char *body = g_strdup_printf ("{\"message\":\"%s\"}", words);
  FluoHttpLimits limits = { 20000, 60000, 200000 };
  g_autoptr (GError) error = NULL;

  fluo_xray_client_set_limits (service->client, &limits);
  xray_service_say (service, body);
  g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "larger than"));
}

static void
test_silence_ends (void)
{
  static const XrayAnswer hang = { .hang = TRUE };
  FluoHttpLimits silent = { 1, 60000, 1000 }, slow = { 60000, 1, 1000 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (XrayService) service = xray_service_new (NULL);
      g_autoptr (GError) error = NULL;

      fluo_xray_client_set_limits (service->client, i == 0 ? &silent : &slow);
      xray_service_answer (service, &hang);
      g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE);
      g_assert_nonnull (strstr (error->message, i == 0 ? "no answer within 0 s"
                                                       : "the answer was not complete within 0 s"));
    }
}

/* Half an answer, three times: what is told is that it broke off, at which host. */
static void
test_broken_off (void)
{
  static const XrayAnswer cut = {
    .raw = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":"
  };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    xray_service_answer (service, &cut);
  g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "http://127.0.0.1:"));
}

/* --- Further attempts ----------------------------------------------------- */

static void
check_attempts (const char *path, const XrayAnswer *answer, guint n_failures, guint n_requests,
                gboolean ok, gboolean throttled)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_failures; i++)
    xray_service_answer (service, answer);
  xray_service_say (service, "{\"ok\":true}");
  tape = xray_service_call (service, path, &error);
  g_assert_cmpint (tape != NULL, ==, ok);
  g_assert_cmpuint (service->requests->len, ==, n_requests);
  g_assert_cmpuint (service->pauses->len, ==, n_requests - 1);
  for (guint i = 0; i < service->pauses->len; i++)
    g_assert_cmpuint (g_array_index (service->pauses, guint, i), ==, i + 2);
  g_assert_cmpint (service->throttled, ==, throttled);
}

static void
test_attempts (void)
{
  static const XrayAnswer
    failed = { .status = 500 },
    gateway = { .status = 502, .body = "<html>", .content_type = "text/html" },
    busy = { .status = 429, .error_type = "ThrottledException" },
    throttled = { .status = 400, .error_type = "ThrottlingException" },
    refused = { .status = 400, .error_type = "InvalidRequestException" },
    absent = { .status = 501 }, reset = { .raw = "" },
    cut = {
      .raw =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":"
    };

  check_attempts ("/Traces", &failed, 1, 2, TRUE, FALSE);
  check_attempts ("/Traces", &failed, 2, 3, TRUE, FALSE);
  check_attempts ("/Traces", &failed, 3, 3, FALSE, FALSE);
  check_attempts ("/Traces", &gateway, 1, 2, TRUE, FALSE);
  check_attempts ("/Traces", &busy, 1, 2, TRUE, TRUE);
  check_attempts ("/Traces", &throttled, 1, 2, TRUE, TRUE);
  check_attempts ("/Traces", &cut, 1, 2, TRUE, FALSE);
  check_attempts ("/Traces", &cut, 3, 3, FALSE, FALSE);
  check_attempts ("/Traces", &reset, 3, 3, FALSE, FALSE);
  check_attempts ("/Traces", &refused, 1, 1, FALSE, FALSE);
  check_attempts ("/Traces", &absent, 1, 1, FALSE, FALSE);
  check_attempts ("/TraceSegments", &failed, 1, 2, TRUE, FALSE);
  /* Twice would be two groups. */
  check_attempts ("/CreateGroup", &failed, 1, 1, FALSE, FALSE);
}

/* A clock that is 20 minutes slow: the service's time is used from then on. */
static void
test_wrong_clock (void)
{
  static const XrayAnswer early = { .status = 403,
                                    .error_type = "InvalidSignatureException",
                                    .date = "Thu, 20 Aug 2026 10:31:12 GMT",
                                    .body = "{\"message\":\"Signature expired\"}" },
                          failed = { .status = 500 };
  g_autoptr (FluoCredentials) credentials = keys_new ();
  g_autoptr (XrayService) service = xray_service_new (credentials);
  g_autoptr (FluoJsonTape) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;

  /* That attempt is extra: the usual three are still there. */
  xray_service_answer (service, &early);
  xray_service_answer (service, &failed);
  xray_service_answer (service, &failed);
  xray_service_say (service, NULL);
  xray_service_say (service, NULL);
  first = xray_service_call (service, "/Traces", &error);
  g_assert_no_error (error);
  second = xray_service_call (service, "/Traces", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 0), "x-amz-date"), ==,
                   "20260820T101112Z");
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 1), "x-amz-date"), ==,
                   "20260820T103112Z");
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 4), "x-amz-date"), ==,
                   "20260820T103312Z");
  g_assert_cmpuint (service->pauses->len, ==, 2);
}

static void
test_wrong_clock_is_named (void)
{
  static const XrayAnswer early = { .status = 403,
                                    .error_type = "InvalidSignatureException",
                                    .date = "Thu, 20 Aug 2026 10:31:12 GMT" },
                          near = { .status = 403,
                                   .error_type = "InvalidSignatureException",
                                   .date = "Thu, 20 Aug 2026 10:12:12 GMT" };
  g_autoptr (FluoCredentials) credentials = keys_new ();
  g_autoptr (XrayService) service = xray_service_new (credentials);
  g_autoptr (GError) error = NULL;

  xray_service_answer (service, &near);
  g_assert_null (xray_service_call (service, "/Traces", &error));
  g_assert_null (strstr (error->message, "minutes"));
  g_clear_error (&error);
  xray_service_answer (service, &early);
  xray_service_answer (service, &early);
  g_assert_null (xray_service_call (service, "/Traces", &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  g_assert_nonnull (strstr (error->message, "clock is 20 minutes slow"));
  g_assert_cmpuint (service->requests->len, ==, 3);
}

/* --- Cancelling ----------------------------------------------------------- */

static void
check_cancelled (XrayService *service, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_test_wait_result (result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_call_finish (service->client, *result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
is_asked (gpointer data)
{
  return ((XrayService *) data)->requests->len > 0;
}

static void
test_cancel (void)
{
  static const XrayAnswer hang = { .hang = TRUE }, failed = { .status = 500 };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new (), in_pause = g_cancellable_new ();
  g_autoptr (GAsyncResult) early = NULL, waiting = NULL, paused = NULL;

  xray_service_answer (service, &hang);
  fluo_xray_client_call_async (service->client, "/Traces", NULL, cancellable, fluo_test_result_cb,
                               &waiting);
  g_assert_true (fluo_test_wait_until (is_asked, service, PATIENCE_MS));
  g_cancellable_cancel (cancellable);
  check_cancelled (service, &waiting);

  fluo_xray_client_call_async (service->client, "/Traces", NULL, cancellable, fluo_test_result_cb,
                               &early);
  check_cancelled (service, &early);
  g_assert_cmpuint (service->requests->len, ==, 1);

  service->cancel_in_pause = in_pause;
  xray_service_answer (service, &failed);
  fluo_xray_client_call_async (service->client, "/Traces", NULL, in_pause, fluo_test_result_cb,
                               &paused);
  check_cancelled (service, &paused);
  g_assert_cmpuint (service->requests->len, ==, 2);
}

/* --- PutTraceSegments ----------------------------------------------------- */

static void
test_put (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (g_free), refused = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const FluoUnprocessed *item;

  for (guint i = 0; i < 120; i++)
    g_ptr_array_add (documents, g_strdup_printf ("{\"id\":\"%u\"}", i));
  xray_service_say (service, "{\"UnprocessedTraceSegments\":[{\"Id\":\"7\",\"ErrorCode\":"
                             "\"ParseError\",\"Message\":\"bad\"}]}");
  xray_service_say (service, "{\"UnprocessedTraceSegments\":null}");
  xray_service_say (service, "{\"UnprocessedTraceSegments\":[{\"Id\":null,\"ErrorCode\":"
                             "\"MissingId\",\"Message\":null},7]}");
  fluo_xray_client_put_trace_segments_async (service->client, documents, NULL, fluo_test_result_cb,
                                             &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  refused = fluo_xray_client_put_trace_segments_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (refused->len, ==, 2);
  item = g_ptr_array_index (refused, 0);
  g_assert_cmpstr (item->id, ==, "7");
  g_assert_cmpstr (item->code, ==, "ParseError");
  g_assert_cmpstr (item->message, ==, "bad");
  item = g_ptr_array_index (refused, 1);
  g_assert_null (item->id);
  g_assert_cmpstr (item->code, ==, "MissingId");

  g_assert_cmpuint (service->requests->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const XrayRequest *request = xray_service_request (service, i);
      g_autoptr (GBytes) bytes = g_bytes_new_static (request->body, strlen (request->body));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
      guint32 list = fluo_json_tape_get (tape, 0, "TraceSegmentDocuments");
      g_autofree char *first = fluo_json_tape_dup (tape, fluo_json_tape_first (tape, list));

      g_assert_cmpstr (request->path, ==, "/TraceSegments");
      g_assert_cmpuint (fluo_json_tape_count (tape, list), ==, i < 2 ? 50 : 20);
      g_assert_cmpstr (first, ==, g_ptr_array_index (documents, 50 * i));
    }
}

static void
test_put_nothing (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GPtrArray) documents = g_ptr_array_new (), refused = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_put_trace_segments_async (service->client, documents, NULL, fluo_test_result_cb,
                                             &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  refused = fluo_xray_client_put_trace_segments_finish (service->client, result, NULL);
  g_assert_cmpuint (refused->len, ==, 0);
  g_assert_cmpuint (service->requests->len, ==, 0);
}

/* --- What only the collector offers --------------------------------------- */

static FluoCollectorStatus *
get_status (XrayService *service, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_status_async (service->client, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_get_status_finish (service->client, result, error);
}

static void
test_status (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoCollectorStatus) status = NULL;
  const FluoListenerStatus *listener;
  const FluoRefusal *refusal;

  xray_service_say (service, "{\"Version\":\"0.1.0\",\"Pid\":1234,\"StartTime\":1.787220672E9,"
                             "\"DataDir\":\"/d\",\"StoreBytes\":4096,\"Traces\":7,"
                             "\"Revision\":42,\"Received\":10,\"Stored\":7,\"Refused\":{"
                             "\"ParseError\":{\"Count\":3,\"Meaning\":\"not JSON\"}},"
                             "\"Listeners\":[{\"Protocol\":\"udp\",\"Address\":\"127.0.0.1:2000\","
                             "\"State\":\"taken\",\"Detail\":\"held by x (1)\","
                             "\"Received\":9,\"LastReceived\":1787220672.5,\"SamplingRequests\":2},"
                             "{\"Protocol\":\"http\",\"Address\":\"[::1]:2000\","
                             "\"State\":\"listening\",\"Detail\":null,\"Received\":-1,"
                             "\"LastReceived\":null,\"SamplingRequests\":null}],"
                             "\"LastError\":null,\"New\":1}");
  status = get_status (service, NULL);
  g_assert_nonnull (status);
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/fluoroscope/v1/status");
  g_assert_cmpstr (status->version, ==, "0.1.0");
  g_assert_cmpint (status->pid, ==, 1234);
  g_assert_cmpstr (status->data_dir, ==, "/d");
  g_assert_cmpuint (status->store_bytes, ==, 4096);
  g_assert_cmpuint (status->traces, ==, 7);
  g_assert_cmpuint (status->revision, ==, 42);
  g_assert_cmpuint (status->received, ==, 10);
  g_assert_cmpuint (status->stored, ==, 7);
  g_assert_null (status->last_error);
  g_assert_cmpuint (status->refused->len, ==, 1);
  refusal = g_ptr_array_index (status->refused, 0);
  g_assert_cmpstr (refusal->reason, ==, "ParseError");
  g_assert_cmpstr (refusal->meaning, ==, "not JSON");
  g_assert_cmpuint (refusal->count, ==, 3);
  g_assert_cmpuint (status->listeners->len, ==, 2);
  listener = g_ptr_array_index (status->listeners, 0);
  g_assert_cmpstr (listener->protocol, ==, "udp");
  g_assert_cmpstr (listener->address, ==, "127.0.0.1:2000");
  g_assert_cmpstr (listener->state, ==, "taken");
  g_assert_cmpstr (listener->detail, ==, "held by x (1)");
  g_assert_cmpuint (listener->received, ==, 9);
  g_assert_cmpint (listener->last_ns, ==, G_GINT64_CONSTANT (1787220672500000000));
  g_assert_cmpuint (listener->sampling_requests, ==, 2);
  listener = g_ptr_array_index (status->listeners, 1);
  g_assert_null (listener->detail);
  g_assert_cmpuint (listener->received, ==, 0);
  g_assert_cmpint (listener->last_ns, ==, 0);
}

/* The port may belong to an X-Ray daemon, to some web server, or to nothing that knows the path. */
static void
test_status_elsewhere (void)
{
  static const XrayAnswer others[] = {
    { .status = 404, .body = "{}" },
    { .status = 403, .error_type = "MissingAuthenticationTokenException" },
    { .status = 400, .error_type = "UnknownOperationException" },
    { .status = 405, .body = "" },
    { .body = "{}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (XrayService) service = xray_service_new (NULL);
      g_autoptr (GError) error = NULL;

      xray_service_answer (service, &others[i]);
      g_assert_null (get_status (service, &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
    }
}

static void
test_wait (void)
{
  static const XrayAnswer hang = { .hang = TRUE };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GAsyncResult) result = NULL, empty = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint64 revision = 5;

  xray_service_say (service, "{\"Revision\":43}");
  fluo_xray_client_wait_async (service->client, 42, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_true (fluo_xray_client_wait_finish (service->client, result, &revision, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (revision, ==, 43);
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/fluoroscope/v1/changes?after=42");

  xray_service_say (service, "{}");
  fluo_xray_client_wait_async (service->client, 43, NULL, fluo_test_result_cb, &empty);
  g_assert_true (fluo_test_wait_result (&empty, PATIENCE_MS));
  g_assert_false (fluo_xray_client_wait_finish (service->client, empty, &revision, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_cmpuint (revision, ==, 43);
  g_clear_error (&error);

  xray_service_answer (service, &hang);
  fluo_xray_client_wait_async (service->client, 43, cancellable, fluo_test_result_cb, &cancelled);
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&cancelled, PATIENCE_MS));
  g_assert_false (fluo_xray_client_wait_finish (service->client, cancelled, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/client/unsigned-request", test_unsigned_request);
  g_test_add_func ("/aws/client/local-paths-are-read", test_local_paths_are_read);
  g_test_add_func ("/aws/client/signed-request", test_signed_request);
  g_test_add_func ("/aws/client/connection-is-kept", test_connection_is_kept);
  g_test_add_func ("/aws/client/path-prefix", test_path_prefix);
  g_test_add_func ("/aws/client/setup-errors", test_setup_errors);
  g_test_add_func ("/aws/client/nobody-answers", test_nobody_answers);
  g_test_add_func ("/aws/client/errors", test_errors);
  g_test_add_func ("/aws/client/long-message-is-cut", test_long_message_is_cut);
  g_test_add_func ("/aws/client/large-answer-is-refused", test_large_answer_is_refused);
  g_test_add_func ("/aws/client/silence-ends", test_silence_ends);
  g_test_add_func ("/aws/client/broken-off", test_broken_off);
  g_test_add_func ("/aws/client/attempts", test_attempts);
  g_test_add_func ("/aws/client/wrong-clock", test_wrong_clock);
  g_test_add_func ("/aws/client/wrong-clock-is-named", test_wrong_clock_is_named);
  g_test_add_func ("/aws/client/cancel", test_cancel);
  g_test_add_func ("/aws/client/put", test_put);
  g_test_add_func ("/aws/client/put-nothing", test_put_nothing);
  g_test_add_func ("/aws/client/status", test_status);
  g_test_add_func ("/aws/client/status-elsewhere", test_status_elsewhere);
  g_test_add_func ("/aws/client/wait", test_wait);
  return g_test_run ();
}
