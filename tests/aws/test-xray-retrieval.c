/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-test-util.h"
#include "xray-service.h"

/* Traces that only Transaction Search has. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* The service's clock stands at 0x6a86d2c0. */
#define ID "1-6a86d2b0-51696fd2dd2b00ce5c4b5551"
#define SPAN                                                                                       \
  "{\"Id\":\"0000000000000001\",\"Document\":\"{\\\"id\\\":\\\"0000000000000001\\\","              \
  "\\\"name\\\":\\\"web\\\",\\\"start_time\\\":1787220656,\\\"end_time\\\":1787220657.5}\"}"
#define FOUND(status, spans)                                                                       \
  "{\"RetrievalStatus\":\"" status "\",\"TraceFormat\":\"XRAY\",\"Traces\":[{\"Id\":\"" ID         \
  "\",\"Spans\":[" spans "]}],\"NextToken\":null}"

static FluoTrace *
get_trace (XrayService *service, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  fluo_xray_client_get_trace_async (service->client, &id, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_get_trace_finish (service->client, result, error);
}

static XrayService *
service_new (const char *destination)
{
  XrayService *service = xray_service_new (NULL);

  service->client->poll_ms = 0;
  xray_service_say (service, "{\"Traces\":[],\"UnprocessedTraceIds\":[]}");
  xray_service_say (service, destination);
  return service;
}

#define LOGS "{\"Destination\":\"CloudWatchLogs\",\"Status\":\"ACTIVE\"}"

static void
test_found (void)
{
  g_autoptr (XrayService) service = service_new (LOGS);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTrace) trace = NULL;

  xray_service_say (service, "{\"RetrievalToken\":\"r\\\"1\"}");
  xray_service_say (service, "{\"RetrievalStatus\":\"SCHEDULED\",\"Traces\":[]}");
  xray_service_say (service, FOUND ("RUNNING", ""));
  xray_service_say (service, FOUND ("COMPLETE", SPAN));
  xray_service_say (service, "{\"LinkedFrom\":[]}");
  trace = get_trace (service, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fluo_trace_get_title (trace), ==, "web");
  g_assert_cmpint (fluo_xray_client_get_destination (service->client), ==, FLUO_DESTINATION_LOGS);

  g_assert_cmpstr (xray_service_request (service, 2)->path, ==, "/StartTraceRetrieval");
  /* An hour before the time in the id until six after it, or an hour from now. */
  g_assert_cmpstr (xray_service_request (service, 2)->body, ==,
                   "{\"StartTime\":1787217056,\"EndTime\":1787224272,\"TraceIds\":[\"" ID "\"]}");
  g_assert_cmpstr (xray_service_request (service, 5)->body, ==,
                   "{\"RetrievalToken\":\"r\\\"1\",\"TraceFormat\":\"XRAY\"}");
}

#define OTEL_ID "6a86d2b051696fd2dd2b00ce5c4b5551"

/* CloudWatch's form of a span, and OTLP's own, one of which the other calls. */
#define OTEL_SERVER                                                                                \
  "{\"Id\":\"00000000000000a1\",\"Document\":\"{\\\"resource\\\":{\\\"attributes\\\":{"            \
  "\\\"service.name\\\":\\\"checkout\\\"}},\\\"scope\\\":{\\\"name\\\":\\\"x\\\"},"                \
  "\\\"traceId\\\":"                                                                               \
  "\\\"" OTEL_ID "\\\",\\\"spanId\\\":\\\"00000000000000a1\\\",\\\"parentSpanId\\\":null,"         \
  "\\\"name\\\":\\\"POST /pay\\\",\\\"kind\\\":\\\"SERVER\\\",\\\"startTimeUnixNano\\\":"        \
  "1787220656000000000,\\\"endTimeUnixNano\\\":1787220657500000000,\\\"status\\\":{\\\"code\\\":"  \
  "\\\"ERROR\\\"},\\\"attributes\\\":{\\\"http.request.method\\\":\\\"POST\\\","                   \
  "\\\"retries\\\":3,\\\"list\\\":[1,2]}}\"}"
#define OTEL_CLIENT                                                                                \
  "{\"Id\":\"00000000000000a2\",\"Document\":\"{\\\"traceId\\\":\\\"" OTEL_ID                      \
  "\\\",\\\"spanId\\\":\\\"00000000000000a2\\\",\\\"parentSpanId\\\":\\\"00000000000000a1\\\","   \
  "\\\"name\\\":\\\"charge\\\",\\\"kind\\\":3,\\\"startTimeUnixNano\\\":\\\"1787220656100000000"   \
  "\\\",\\\"endTimeUnixNano\\\":\\\"1787220657400000000\\\",\\\"attributes\\\":[{\\\"key\\\":"     \
  "\\\"peer.service\\\",\\\"value\\\":{\\\"stringValue\\\":\\\"bank\\\"}}]}\"},"                   \
  "{\"Id\":\"x\",\"Document\":\"no span\"}"

static void
test_otel (void)
{
  g_autoptr (XrayService) service = service_new (LOGS);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  const FluoSpan *spans;
  guint n;

  xray_service_say (service, "{\"RetrievalToken\":\"r\"}");
  xray_service_say (service, "{\"RetrievalStatus\":\"COMPLETE\",\"TraceFormat\":\"OTEL\","
                             "\"Traces\":[{\"Id\":\"" ID "\",\"Spans\":[" OTEL_CLIENT ","
                             OTEL_SERVER "]}]}");
  xray_service_say (service, "{\"LinkedFrom\":[]}");
  trace = get_trace (service, &error);
  g_assert_no_error (error);
  spans = fluo_trace_get_spans (trace, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (fluo_trace_get_string (trace, spans[0].name), ==, "checkout");
  g_assert_cmpstr (fluo_trace_get_string (trace, spans[1].name), ==, "bank");
  g_assert_cmpuint (spans[1].parent, ==, 0);
  g_assert_cmpint (fluo_trace_get_status (trace), ==, FLUO_STATUS_FAULT);
  g_assert_cmpint (fluo_trace_get_response_ns (trace), ==, G_GINT64_CONSTANT (1500000000));
  g_assert_true (spans[0].flags & FLUO_SPAN_HAS_ANNOTATIONS);
}

/* Nobody without Transaction Search pays for a retrieval, and the account is asked once. */
static void
test_without (void)
{
  g_autoptr (XrayService) service = service_new ("{\"Destination\":\"XRay\"}");
  g_autoptr (GError) error = NULL, again = NULL;

  g_assert_null (get_trace (service, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  xray_service_say (service, "{\"Traces\":[]}");
  g_assert_null (get_trace (service, &again));
  g_assert_error (again, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_assert_cmpuint (service->requests->len, ==, 3);
}

/* Whoever may not ask where spans go sees what everybody saw before. */
static void
test_not_allowed_to_ask (void)
{
  static const XrayAnswer denied = {
    .status = 403, .body = "{\"Message\":\"no\"}", .error_type = "AccessDeniedException"
  };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"Traces\":[]}");
  xray_service_answer (service, &denied);
  g_assert_null (get_trace (service, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_assert_cmpuint (service->requests->len, ==, 2);
}

static void
test_not_there_either (void)
{
  g_autoptr (XrayService) service = service_new (LOGS);
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"RetrievalToken\":\"r\"}");
  xray_service_say (service, "{\"RetrievalStatus\":\"COMPLETE\",\"Traces\":[]}");
  g_assert_null (get_trace (service, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "nor among the spans of Transaction Search"));
}

static void
test_fails (void)
{
  g_autoptr (XrayService) service = service_new (LOGS);
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"RetrievalToken\":\"r\"}");
  xray_service_say (service, "{\"RetrievalStatus\":\"FAILED\",\"Traces\":[]}");
  g_assert_null (get_trace (service, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "without a result"));
}

static gboolean
was_asked_to_stop (gpointer data)
{
  return ((XrayService *) data)->requests->len == 5;
}

static void
test_cancel (void)
{
  static const XrayAnswer never = { .hang = TRUE };
  g_autoptr (XrayService) service = service_new (LOGS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  xray_service_say (service, "{\"RetrievalToken\":\"r\"}");
  xray_service_answer (service, &never);
  xray_service_say (service, "{}");
  fluo_xray_client_get_trace_async (service->client, &id, cancellable, fluo_test_result_cb,
                                    &result);
  while (service->hanging->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_get_trace_finish (service->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (fluo_test_wait_until (was_asked_to_stop, service, PATIENCE_MS));
  g_assert_cmpstr (xray_service_request (service, 4)->path, ==, "/CancelTraceRetrieval");
}

static void
test_span_to_look_in (void)
{
  const gint64 now_ns = 1787220672 * FLUO_NSEC_PER_SEC, hour_ns = 3600 * FLUO_NSEC_PER_SEC;
  FluoTraceId random, old;
  FluoTimeSpan span;

  /* W3C's ids are random, and the time that seems to be in one means nothing. */
  g_assert_true (fluo_trace_id_parse ("f0000000aaaabbbbccccddddeeeeffff", -1, &random));
  span = fluo_xray_retrieval_span (&random, now_ns);
  g_assert_cmpint (span.begin_ns, ==, now_ns - 7 * 24 * hour_ns);
  g_assert_cmpint (span.end_ns, ==, now_ns);
  g_assert_true (fluo_trace_id_parse ("1-6a7d0000-51696fd2dd2b00ce5c4b5551", -1, &old));
  span = fluo_xray_retrieval_span (&old, now_ns);
  g_assert_cmpint (span.end_ns - span.begin_ns, ==, 7 * hour_ns);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/retrieval/found", test_found);
  g_test_add_func ("/aws/retrieval/otel", test_otel);
  g_test_add_func ("/aws/retrieval/without", test_without);
  g_test_add_func ("/aws/retrieval/not-allowed-to-ask", test_not_allowed_to_ask);
  g_test_add_func ("/aws/retrieval/not-there-either", test_not_there_either);
  g_test_add_func ("/aws/retrieval/fails", test_fails);
  g_test_add_func ("/aws/retrieval/cancel", test_cancel);
  g_test_add_func ("/aws/retrieval/span-to-look-in", test_span_to_look_in);
  return g_test_run ();
}
