/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-connection-test.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-logs.h"
#include "aws/fluo-meter.h"
#include "aws/fluo-permission.h"
#include "fluo-test-util.h"
#include "xray-service.h"

/* CloudWatch Logs, and what all services beside X-Ray have in common. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static const FluoTimeSpan span = { G_GINT64_CONSTANT (1787220672500000000),
                                   G_GINT64_CONSTANT (1787220972000000000) };
static const char *const two_groups[] = { "/aws/lambda/checkout", "/app/payments", NULL };

typedef struct
{
  guint n_calls;
  guint n_lines;
} Progress;

static void
progress_cb (FluoLogResult *result, gpointer user_data)
{
  Progress *progress = user_data;

  progress->n_calls++;
  progress->n_lines = result->lines->len;
}

static FluoLogResult *
query (XrayService *service, Progress *progress, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_query_logs_async (service->client, two_groups, span, "fields @message", 100,
                                     progress ? progress_cb : NULL, progress, NULL,
                                     fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_query_logs_finish (service->client, result, error);
}

#define ROW(time, message)                                                                         \
  "[{\"field\":\"@timestamp\",\"value\":\"" time "\"},{\"field\":\"@message\",\"value\":\""        \
  message "\"},{\"field\":\"@log\",\"value\":\"123456789012:/app/payments\"},"                     \
  "{\"field\":\"@logStream\",\"value\":\"pod-1\"},{\"field\":\"@ptr\",\"value\":\"x\"}]"

static void
test_lines (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoLogResult) result = NULL;
  Progress progress = { 0, 0 };
  const XrayRequest *request;
  const FluoLogLine *line;

  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Scheduled\",\"results\":[]}");
  xray_service_say (service, "{\"status\":\"Running\",\"results\":["
                    ROW ("2026-08-20 10:11:13.250", "later") "]}");
  /* Not in order, one row without a time, one that is no row. */
  xray_service_say (service, "{\"status\":\"Complete\",\"results\":["
                    ROW ("2026-08-20 10:11:13.250", "later") ","
                    ROW ("2026-08-20 10:11:12.500", "first") ","
                    ROW ("yesterday", "no time") ",7],"
                    "\"statistics\":{\"recordsScanned\":1234.0,\"bytesScanned\":5678.0,"
                    "\"recordsMatched\":2.0}}");
  result = query (service, &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (progress.n_calls, ==, 2);
  g_assert_cmpuint (progress.n_lines, ==, 1);
  g_assert_true (result->is_complete);
  g_assert_false (result->is_cut);
  g_assert_cmpuint (result->n_scanned, ==, 1234);
  g_assert_cmpuint (result->bytes_scanned, ==, 5678);
  g_assert_cmpuint (result->lines->len, ==, 2);
  line = g_ptr_array_index (result->lines, 0);
  g_assert_cmpstr (line->message, ==, "first");
  g_assert_cmpstr (line->group, ==, "/app/payments");
  g_assert_cmpstr (line->stream, ==, "pod-1");
  g_assert_cmpint (line->time_ns, ==, G_GINT64_CONSTANT (1787220672500000000));

  request = xray_service_request (service, 0);
  g_assert_cmpstr (request->path, ==, "/");
  g_assert_cmpstr (xray_request_header (request, "x-amz-target"), ==,
                   "Logs_20140328.StartQuery");
  g_assert_cmpstr (xray_request_header (request, "content-type"), ==,
                   "application/x-amz-json-1.1");
  g_assert_nonnull (strstr (xray_request_header (request, "authorization"),
                            "/eu-west-1/logs/aws4_request"));
  /* A header of AWS's own that is not signed could be changed on the way. */
  g_assert_nonnull (strstr (xray_request_header (request, "authorization"), ";x-amz-target"));
  g_assert_cmpstr (request->body, ==,
                   "{\"logGroupIdentifiers\":[\"/aws/lambda/checkout\",\"/app/payments\"],"
                   "\"startTime\":1787220672,\"endTime\":1787220973,"
                   "\"queryString\":\"fields @message\",\"limit\":100}");
  g_assert_cmpstr (xray_service_request (service, 3)->body, ==, "{\"queryId\":\"q-1\"}");
}

/* One group that is not there does not hide the lines of the others. */
static void
test_missing_group (void)
{
  static const XrayAnswer missing = {
    .status = 400,
    .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Log group "
            "'/aws/lambda/checkout' does not exist for account ID '123456789012'\"}"
  };
  static const XrayAnswer other = {
    .status = 400,
    .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Log group "
            "'/app/payments' does not exist for account ID '123456789012'\"}"
  };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoLogResult) result = NULL, none = NULL;

  xray_service_answer (service, &missing);
  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Complete\",\"results\":[]}");
  result = query (service, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->missing->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (result->missing, 0), ==, "/aws/lambda/checkout");
  g_assert_nonnull (strstr (xray_service_request (service, 1)->body, "[\"/app/payments\"]"));

  xray_service_answer (service, &missing);
  xray_service_answer (service, &other);
  none = query (service, NULL, &error);
  g_assert_null (none);
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
}

static gboolean
was_asked_to_stop (gpointer data)
{
  XrayService *service = data;

  return service->requests->len == 3;
}

/* A query that nobody waits for any more is not left running, because it is paid for. */
static void
test_cancel (void)
{
  static const XrayAnswer never = { .hang = TRUE };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_answer (service, &never);
  xray_service_say (service, "{\"success\":true}");
  fluo_xray_client_query_logs_async (service->client, two_groups, span, "fields @message", 100,
                                     NULL, NULL, cancellable, fluo_test_result_cb, &result);
  while (service->hanging->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_query_logs_finish (service->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (fluo_test_wait_until (was_asked_to_stop, service, PATIENCE_MS));
  g_assert_cmpstr (xray_request_header (xray_service_request (service, 2), "x-amz-target"), ==,
                   "Logs_20140328.StopQuery");
  g_assert_cmpstr (xray_service_request (service, 2)->body, ==, "{\"queryId\":\"q-1\"}");
}

/* Between two looks at a query nobody waits for the next. */
static void
test_cancel_between (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  service->client->poll_ms = 60 * 60 * 1000;
  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Running\",\"results\":[]}");
  xray_service_say (service, "{\"success\":true}");
  fluo_xray_client_query_logs_async (service->client, two_groups, span, "fields @message", 100,
                                     NULL, NULL, cancellable, fluo_test_result_cb, &result);
  while (service->requests->len < 2)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_query_logs_finish (service->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (fluo_test_wait_until (was_asked_to_stop, service, PATIENCE_MS));
}

/* A query that runs and runs is given up, and stopped at the service. */
static void
test_never_ends (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  for (guint i = 0; i < 600; i++)
    xray_service_say (service, "{\"status\":\"Running\",\"results\":[]}");
  g_assert_null (query (service, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "ten minutes"));
}

/* As header, as type with and without its namespace, and with the message in either case: the
 * permission that is missing is named. */
static void
test_refused (void)
{
#define REFUSED "User: arn:aws:sts::1:assumed-role/r/ada is not authorized to perform: "
  static const XrayAnswer rows[] = {
    { .status = 400,
      .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"" REFUSED
              "logs:StartQuery on resource: x\"}" },
    { .status = 400,
      .body = "{\"__type\":\"com.amazonaws.logs#AccessDeniedException\",\"message\":\"" REFUSED
              "logs:StartQuery\"}" },
    { .status = 403, .error_type = "AccessDeniedException:http://internal.amazon.com/coral/",
      .body = "{\"message\":\"" REFUSED "logs:StartQuery\"}" },
    { .status = 400, .content_type = "application/x-amz-json-1.1",
      .body = "{\"__type\":\"AccessDenied\",\"message\":\"" REFUSED "logs:StartQuery\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (XrayService) service = xray_service_new_with_services ();
      g_autoptr (GError) error = NULL;

      xray_service_answer (service, &rows[i]);
      g_assert_null (query (service, NULL, &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
      g_assert_cmpstr (fluo_permission_of_error (error), ==, "logs:StartQuery");
    }
}

static gboolean
is_tested (gpointer data)
{
  return !fluo_connection_test_is_running (data);
}

static FluoConnectionTest *
test_rights (XrayService *service)
{
  FluoOpenConnection open = { .client = service->client };
  FluoConnectionTest *test = fluo_connection_test_new (&open, TRUE, TRUE);

  g_assert_true (fluo_test_wait_until (is_tested, test, PATIENCE_MS));
  return test;
}

/* The test of a connection tells who may not ask, in whatever form that is said, from who may: a
 * group that is not there is only told to those. */
static void
test_connection_rights (void)
{
  static const XrayAnswer refused[] = {
    { .status = 400, .body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}" },
    { .status = 400,
      .body = "{\"__type\":\"com.amazonaws.logs#AccessDeniedException\",\"message\":\"no\"}" },
    { .status = 403, .error_type = "AccessDeniedException:http://internal.amazon.com/coral/",
      .body = "{\"message\":\"no\"}" },
    { .status = 403, .body = "{\"__type\":\"AccessDenied\"}" },
  };
  static const XrayAnswer missing = {
    .status = 400, .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no group\"}"
  };
  static const FluoRight rights[] = { FLUO_RIGHT_METRICS, FLUO_RIGHT_ALARMS, FLUO_RIGHT_LOGS };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (XrayService) service = xray_service_new_with_services ();
      g_autoptr (FluoConnectionTest) test = NULL;

      for (guint k = 0; k < FLUO_N_RIGHTS - 1; k++)
        xray_service_answer (service, &refused[i]);
      test = test_rights (service);
      for (gsize k = 0; k < G_N_ELEMENTS (rights); k++)
        {
          const FluoRightResult *result = fluo_connection_test_get (test, rights[k]);

          g_assert_cmpint (result->state, ==, FLUO_RIGHT_MISSING);
          g_assert_cmpstr (fluo_permission_of_error (result->error), ==,
                           fluo_right_get_action (rights[k]));
        }
    }
  {
    g_autoptr (XrayService) service = xray_service_new_with_services ();
    g_autoptr (FluoConnectionTest) test = NULL;

    for (guint k = 0; k < FLUO_N_RIGHTS - 1; k++)
      xray_service_answer (service, &missing);
    test = test_rights (service);
    g_assert_cmpint (fluo_connection_test_get (test, FLUO_RIGHT_LOGS)->state, ==, FLUO_RIGHT_OK);
    g_assert_cmpint (fluo_connection_test_get (test, FLUO_RIGHT_METRICS)->state, ==,
                     FLUO_RIGHT_FAILED);
  }
}

/* Too many queries at once, for good: three attempts, then it is said. */
static void
test_limit_exceeded (void)
{
  static const XrayAnswer busy = {
    .status = 400, .body = "{\"__type\":\"LimitExceededException\",\"message\":\"too many\"}"
  };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    xray_service_answer (service, &busy);
  g_assert_null (query (service, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_THROTTLED);
  g_assert_cmpuint (service->requests->len, ==, 3);
}

/* What was looked through is counted once, however often it was told. */
static void
test_price (void)
{
  static const char prices[] = "[prices]\nDate=2026-11-28\n[partition aws]\nScanned=0.5\n"
                               "Retrieved=0.5\nLogsGigabyte=0.005\nMetrics=10\n";
  g_autoptr (FluoPriceTable) table = fluo_price_table_new (prices, sizeof prices - 1, NULL);
  g_autoptr (FluoMeter) meter = fluo_meter_new (table, "eu-west-1");
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (FluoLogResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fluo_xray_client_set_meter (service->client, meter);
  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Running\",\"results\":[],\"statistics\":{"
                             "\"bytesScanned\":1073741824}}");
  xray_service_say (service, "{\"status\":\"Complete\",\"results\":[],\"statistics\":{"
                             "\"bytesScanned\":2147483648}}");
  result = query (service, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fluo_meter_get_hour (meter).log_bytes, ==, G_GUINT64_CONSTANT (2147483648));
  g_assert_cmpint (fluo_meter_get_hour (meter).nanousd, ==, FLUO_NANOUSD / 100);
  /* A budget that is used up asks first. */
  fluo_meter_set_budget (meter, FLUO_NANOUSD / 100);
  g_assert_null (query (service, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET);
}

static void
test_ends_badly (void)
{
  static const struct
  {
    const char *status, *words;
  } rows[] = { { "Timeout", "shorter time" }, { "Failed", "without a result" },
               { "Cancelled", "without a result" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (XrayService) service = xray_service_new_with_services ();
      g_autofree char *answer = g_strdup_printf ("{\"status\":\"%s\"}", rows[i].status);
      g_autoptr (GError) error = NULL;

      xray_service_say (service, "{\"queryId\":\"q-1\"}");
      xray_service_say (service, answer);
      g_assert_null (query (service, NULL, &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, rows[i].words));
    }
}

/* --- Where a trace's lines are --------------------------------------------------------------- */

static FluoTrace *
trace_of (const char *const *documents)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (; *documents; documents++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (*documents, strlen (*documents));
      g_autoptr (GError) error = NULL;

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

#define SEGMENT(id, name, more)                                                                    \
  "{\"trace_id\":\"1-6a866ac0-0123456789abcdef01234567\",\"id\":\"" id "\",\"name\":\"" name       \
  "\",\"start_time\":1787220672.5,\"end_time\":1787220673" more "}"

static void
test_groups (void)
{
  static const char *const documents[] = {
    SEGMENT ("0000000000000001", "checkout",
             ",\"origin\":\"AWS::Lambda::Function\",\"aws\":{\"request_id\":"
             "\"79104EXAMPLE-not-hex\"}"),
    SEGMENT ("0000000000000002", "payments",
             ",\"aws\":{\"cloudwatch_logs\":[{\"log_group\":\"/app/payments\"},{\"arn\":"
             "\"arn:aws:logs:eu-west-1:123456789012:log-group:/app/audit:*\"},"
             "{\"log_group\":\"/app/payments\"},{\"log_group\":\"bad\\u0000 name'\"}]}"),
    SEGMENT ("0000000000000003", "stock",
             ",\"aws\":{\"eks\":{\"cluster_name\":\"prod\"}}"),
    SEGMENT ("0000000000000004", "refund",
             ",\"origin\":\"AWS::Lambda::Function\",\"aws\":{\"request_id\":"
             "\"c6af9ac6-7b61-11e6-9a41-93e8deadbeef\"}"),
    NULL
  };
  static const char *const nothing[] = { SEGMENT ("0000000000000001", "alone", ""), NULL };
  g_autoptr (FluoTrace) trace = trace_of (documents), bare = trace_of (nothing);
  g_auto (GStrv) groups = fluo_logs_dup_groups (trace), none = fluo_logs_dup_groups (bare);
  g_autofree char *joined = g_strjoinv (" ", groups), *text = fluo_logs_dup_query (trace);

  g_assert_cmpstr (joined, ==,
                   "/app/payments /app/audit /aws/lambda/checkout "
                   "/aws/containerinsights/prod/application /aws/lambda/refund");
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  /* Ids in both forms; what is no id is no part of a query. */
  g_assert_cmpstr (text, ==,
                   "fields @timestamp, @message, @log, @logStream | filter "
                   "@message like \"1-6a866ac0-0123456789abcdef01234567\" or "
                   "@message like \"6a866ac00123456789abcdef01234567\" or "
                   "@requestId = \"c6af9ac6-7b61-11e6-9a41-93e8deadbeef\" | sort @timestamp asc");
}

static void
add_line (FluoLogResult *result, gint64 after_ms, const char *group, const char *message)
{
  FluoLogLine *line = g_new0 (FluoLogLine, 1);

  line->time_ns = G_GINT64_CONSTANT (1787220672500000000) + after_ms * FLUO_NSEC_PER_MSEC;
  line->group = g_strdup (group);
  line->message = g_strdup (message);
  g_ptr_array_add (result->lines, line);
}

/* By the id of a call or request in the line, then by group and time. */
static void
test_join (void)
{
  static const char *const documents[] = {
    SEGMENT ("00000000000000a1", "checkout",
             ",\"aws\":{\"cloudwatch_logs\":[{\"log_group\":\"/ecs/web\"}]},\"subsegments\":[{"
             "\"id\":\"00000000000000a2\",\"name\":\"bank\",\"start_time\":1787220672.6,"
             "\"end_time\":1787220672.9}]"),
    SEGMENT ("00000000000000b1", "refund",
             ",\"origin\":\"AWS::Lambda::Function\",\"aws\":{\"request_id\":"
             "\"c6af9ac6-7b61-11e6-9a41-93e8deadbeef\"}"),
    NULL
  };
  g_autoptr (FluoTrace) trace = trace_of (documents);
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (FluoLogResult) result = NULL;
  g_autoptr (FluoTraceLines) lines = NULL;
  g_autoptr (GError) error = NULL;
  static const guint64 expected[] = { 0xa2, 0xa1, 0xa1, 0xa1, 0xb1, 0xb1, 0 };

  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Complete\",\"results\":[]}");
  result = query (service, NULL, &error);
  g_assert_no_error (error);
  add_line (result, 200, "/ecs/web", "within the call");
  add_line (result, 450, "/ecs/web", "after it");
  add_line (result, 900, "/ecs/web", "after the answer");
  add_line (result, 910, "/elsewhere", "span_id=00000000000000a1 says so itself");
  add_line (result, 920, "/elsewhere", "REPORT RequestId: c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
  add_line (result, 930, "/my/refund", "a group that was added and is named so");
  add_line (result, 940, "/unknown", "nobody's");
  lines = fluo_logs_join (trace, result);
  g_assert_cmpuint (lines->lines->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < lines->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (lines->lines, i);

      if (expected[i] == 0)
        g_assert_cmpuint (line->span, ==, FLUO_SPAN_NONE);
      else
        g_assert_cmphex (fluo_trace_get_spans (trace, NULL)[line->span].id, ==, expected[i]);
    }
}

/* Ten thousand lines, and such as nobody should write: nothing is lost, nothing is unbounded. */
static void
test_nasty_lines (void)
{
  static const char *const documents[] = { SEGMENT ("00000000000000a1", "checkout", ""), NULL };
  g_autoptr (FluoTrace) trace = trace_of (documents);
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GString) answer = g_string_new ("{\"status\":\"Complete\",\"results\":[");
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autoptr (FluoLogResult) result = NULL;
  g_autoptr (FluoTraceLines) lines = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append (answer, ROW ("2026-08-20 10:11:12.500", "\\u001b[31mred \\u202e\\u0000<b>&")
                     ",");
  g_string_append_printf (answer,
                          "[{\"field\":\"@timestamp\",\"value\":\"2026-08-20 10:11:13.000\"},"
                          "{\"field\":\"@message\",\"value\":\"%s\"}]]}", large);
  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, answer->str);
  result = query (service, NULL, &error);
  g_assert_no_error (error);
  lines = fluo_logs_join (trace, result);
  g_assert_cmpuint (lines->lines->len, ==, 10001);
  for (guint i = 0; i < lines->lines->len; i += 500)
    g_assert_cmpuint (strlen (((FluoTraceLine *) g_ptr_array_index (lines->lines, i))->text), <=,
                      FLUO_LOG_TEXT_MAX);
}

/* --- The services' hosts --------------------------------------------------------------------- */

static void
test_endpoints (void)
{
  static const struct
  {
    const char *xray, *service, *expected;
  } rows[] = {
    { "https://xray.eu-west-1.amazonaws.com", "logs", "https://logs.eu-west-1.amazonaws.com" },
    { "https://xray-fips.us-east-1.amazonaws.com", "monitoring",
      "https://monitoring-fips.us-east-1.amazonaws.com" },
    { "https://xray.eu-west-1.api.aws", "logs", "https://logs.eu-west-1.api.aws" },
    { "https://xray-fips.us-gov-west-1.amazonaws.com", "logs",
      "https://logs.us-gov-west-1.amazonaws.com" },
    { "https://xray-fips.us-gov-west-1.api.aws", "monitoring",
      "https://monitoring.us-gov-west-1.api.aws" },
    { "https://xray-fips.us-gov-west-1.api.aws", "logs",
      "https://logs-fips.us-gov-west-1.api.aws" },
    { "https://xray.cn-north-1.amazonaws.com.cn", "logs",
      "https://logs.cn-north-1.amazonaws.com.cn" },
  };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) own_error = NULL;
      g_autofree char *url = fluo_endpoint_beside (rows[i].xray, rows[i].service, &own_error);

      g_assert_no_error (own_error);
      g_assert_cmpstr (url, ==, rows[i].expected);
    }
  /* A collector has neither logs nor metrics, and says so without asking anybody. */
  g_assert_false (fluo_xray_client_has_service (service->client, FLUO_AWS_LOGS));
  fluo_xray_client_call_service_async (service->client, FLUO_AWS_LOGS, "StartQuery", "{}", NULL,
                                       fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_call_service_finish (service->client, result, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_assert_cmpuint (service->requests->len, ==, 0);
}

/* --- Further attempts ------------------------------------------------------------------------ */

/* During an outage a client soon stops asking twice; a success lets it begin again. */
static void
test_retry_budget (void)
{
  static const XrayAnswer failed = { .status = 503, .body = "{}" };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  guint n_calls = 0, before;

  do
    {
      g_autoptr (GError) error = NULL;

      before = service->requests->len;
      for (guint i = 0; i < 3; i++)
        xray_service_answer (service, &failed);
      g_assert_null (xray_service_call (service, "/Traces", &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE);
      g_queue_clear (&service->answers);
      n_calls++;
    }
  while (service->requests->len - before > 1 && n_calls < 100);
  /* 500 tokens pay for 35 further attempts at 14. */
  g_assert_cmpuint (service->requests->len, ==, n_calls + 500 / 14);

  for (guint i = 0; i < 14; i++)
    {
      g_autoptr (FluoJsonTape) tape = NULL;

      xray_service_say (service, "{}");
      tape = xray_service_call (service, "/Traces", NULL);
      g_assert_nonnull (tape);
    }
  before = service->requests->len;
  xray_service_answer (service, &failed);
  xray_service_say (service, "{}");
  {
    g_autoptr (FluoJsonTape) tape = xray_service_call (service, "/Traces", NULL);

    g_assert_nonnull (tape);
  }
  g_assert_cmpuint (service->requests->len, ==, before + 2);
}

/* Ten minutes of nothing but 500s at ten calls a second: what the client adds to an outage is 35
 * attempts and then nothing, and it is patient again within a minute of successes. */
static void
test_long_outage (void)
{
  static const XrayAnswer failed = { .status = 500, .body = "{}" };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  const guint n_calls = 10 * 60 * 10;
  guint before, n_good = 0, n_at_once = 0;

  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr (GError) error = NULL;
      guint had = service->requests->len;

      for (guint j = 0; j < 3; j++)
        xray_service_answer (service, &failed);
      g_assert_null (xray_service_call (service, "/Traces", &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE);
      g_assert_cmpuint (service->requests->len - had, <=, 3);
      n_at_once = service->requests->len - had == 1 ? n_at_once + 1 : 0;
      g_queue_clear (&service->answers);
    }
  g_assert_cmpuint (service->requests->len, ==, n_calls + 500 / 14);
  /* It stays that way: no burst comes later. */
  g_assert_cmpuint (n_at_once, >, n_calls - 20);
  do
    {
      g_autoptr (FluoJsonTape) tape = NULL;

      before = service->requests->len;
      xray_service_answer (service, &failed);
      xray_service_say (service, "{}");
      tape = xray_service_call (service, "/Traces", NULL);
      g_queue_clear (&service->answers);
      if (tape)
        break;
      xray_service_say (service, "{}");
      tape = xray_service_call (service, "/Traces", NULL);
      g_assert_nonnull (tape);
      n_good++;
    }
  while (n_good < 600);
  g_assert_cmpuint (service->requests->len - before, ==, 2);
  g_assert_cmpuint (n_good, <=, 14);
}

/* Pauses are anywhere up to their limit, and on average half of it. */
static void
test_backoff (void)
{
  static const struct
  {
    guint attempt;
    gboolean throttled;
    guint limit_ms;
  } cases[] = {
    { 2, FALSE, 50 },   { 3, FALSE, 100 },    { 8, FALSE, 3200 },  { 12, FALSE, 20000 },
    { 2, TRUE, 1000 },  { 3, TRUE, 2000 },    { 7, TRUE, 20000 },  { 60, TRUE, 20000 },
  };
  const guint n = 10000;

  g_random_set_seed (20261129);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double sum = 0, limit = cases[i].limit_ms;
      guint least = G_MAXUINT, most = 0;

      for (guint j = 0; j < n; j++)
        {
          guint pause = fluo_aws_wait_pick (cases[i].attempt, cases[i].throttled);

          sum += pause;
          least = MIN (least, pause);
          most = MAX (most, pause);
        }
      g_assert_cmpfloat_with_epsilon (sum / n, limit / 2, limit * .01);
      g_assert_cmpuint (most, <=, cases[i].limit_ms);
      g_assert_cmpfloat (most, >, limit * .97);
      g_assert_cmpfloat (least, <, limit * .03);
    }
}

/* What was refused for being too much was not begun: it may be sent again, whatever it is. */
static void
test_throttled_start (void)
{
  static const XrayAnswer busy = {
    .status = 400, .body = "{\"__type\":\"LimitExceededException\",\"message\":\"too many\"}"
  };
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoLogResult) result = NULL;

  xray_service_answer (service, &busy);
  xray_service_say (service, "{\"queryId\":\"q-1\"}");
  xray_service_say (service, "{\"status\":\"Complete\",\"results\":[]}");
  result = query (service, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (service->requests->len, ==, 3);
  g_assert_true (service->throttled);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/logs/lines", test_lines);
  g_test_add_func ("/aws/logs/missing-group", test_missing_group);
  g_test_add_func ("/aws/logs/cancel", test_cancel);
  g_test_add_func ("/aws/logs/ends-badly", test_ends_badly);
  g_test_add_func ("/aws/logs/cancel-between", test_cancel_between);
  g_test_add_func ("/aws/logs/never-ends", test_never_ends);
  g_test_add_func ("/aws/logs/refused", test_refused);
  g_test_add_func ("/aws/services/connection-rights", test_connection_rights);
  g_test_add_func ("/aws/logs/limit-exceeded", test_limit_exceeded);
  g_test_add_func ("/aws/logs/price", test_price);
  g_test_add_func ("/aws/logs/join", test_join);
  g_test_add_func ("/aws/logs/nasty-lines", test_nasty_lines);
  g_test_add_func ("/aws/logs/groups", test_groups);
  g_test_add_func ("/aws/services/endpoints", test_endpoints);
  g_test_add_func ("/aws/services/retry-budget", test_retry_budget);
  g_test_add_func ("/aws/services/long-outage", test_long_outage);
  g_test_add_func ("/aws/services/backoff", test_backoff);
  g_test_add_func ("/aws/services/throttled-start", test_throttled_start);
  return g_test_run ();
}
