/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-test-util.h"
#include "xray-service.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

#define ID_A "1-6b038c06-51696fd2dd2b00ce5c4b5551"
#define ID_B "1-6b038c07-51696fd2dd2b00ce5c4b5552"
#define ID_C "1-6b038c08-51696fd2dd2b00ce5c4b5553"

static const FluoTimeSpan span = { G_GINT64_CONSTANT (1787220672123456789),
                                   G_GINT64_CONSTANT (1787220972000000000) };

static FluoTraceId
parse_id (const char *text)
{
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (text, -1, &id));
  return id;
}

static FluoJsonTape *
body_of (XrayService *service, guint index)
{
  const XrayRequest *request = xray_service_request (service, index);
  g_autoptr (GBytes) bytes = g_bytes_new (request->body, strlen (request->body));
  FluoJsonTape *tape = fluo_json_tape_new (bytes, NULL);

  g_assert_nonnull (tape);
  return tape;
}

static void
check_member (XrayService *service, guint index, const char *key, const char *raw)
{
  g_autoptr (FluoJsonTape) tape = body_of (service, index);
  guint32 node = fluo_json_tape_get (tape, 0, key);
  g_autofree char *found = NULL;
  const char *text;
  gsize length;

  if (node != FLUO_JSON_NONE)
    {
      text = fluo_json_tape_raw (tape, node, &length);
      found = g_strndup (text, length);
    }
  g_assert_cmpstr (found, ==, raw);
}

/* --- Summaries ------------------------------------------------------------ */

#define NULLS                                                                                      \
  "\"Annotations\":{},\"AvailabilityZones\":[],\"EntryPoint\":null,\"ErrorRootCauses\":[],"        \
  "\"FaultRootCauses\":[],"                                                                        \
  "\"Http\":{\"ClientIp\":null,\"HttpMethod\":null,\"HttpStatus\":null,\"HttpURL\":null,"          \
  "\"UserAgent\":null},"                                                                           \
  "\"InstanceIds\":[],\"IsPartial\":false,\"MatchedEdge\":null,\"MatchedEventTime\":null,"         \
  "\"ResourceARNs\":[],"                                                                           \
  "\"ResponseTimeRootCauses\":[],\"ServiceIds\":[],\"Users\":[],\"HasError\":false,"               \
  "\"HasThrottle\":false"
#define SUMMARY(id, start, response, revision)                                                     \
  "{" NULLS ",\"Id\":\"" id "\",\"StartTime\":" start                                              \
  ",\"Duration\":7.0,\"ResponseTime\":" response ",\"HasFault\":true,\"Revision\":" revision "}"
#define PAGE(token, processed, items)                                                              \
  "{\"ApproximateTime\":1.787220672E9,\"NextToken\":" token ",\"TracesProcessedCount\":" processed \
  ",\"TraceSummaries\":[" items "]}"

typedef struct
{
  XrayService  *service;
  GCancellable *cancellable; /* cancelled after the first page */
  GString      *log;         /* "n/processed " for every page */
  GThread      *thread;
} Pages;

static void
page_cb (GPtrArray *summaries, guint64 processed, gpointer user_data)
{
  Pages *pages = user_data;

  g_assert_true (g_thread_self () == pages->thread);
  g_string_append_printf (pages->log, "%u/%" G_GUINT64_FORMAT " ", summaries->len, processed);
  if (pages->cancellable)
    g_cancellable_cancel (pages->cancellable);
}

static GPtrArray *
get_summaries (XrayService *service, FluoTimeRangeType type, const char *filter, Pages *pages,
               GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (pages)
    pages->thread = g_thread_self ();
  fluo_xray_client_get_trace_summaries_async (
    service->client, span, type, filter, pages ? page_cb : NULL, pages,
    pages ? pages->cancellable : NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_get_trace_summaries_finish (service->client, result, error);
}

static void
test_summaries (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;
  Pages pages = { service, NULL, log, NULL };
  const FluoTraceSummary *first, *last;
  FluoTraceId a = parse_id (ID_A), b = parse_id (ID_B);

  /* An empty page in the middle, a trace that comes twice, an element that is no summary,
   * E-notation. */
  xray_service_say (service, PAGE ("\"t1\"", "10", SUMMARY (ID_A, "1.787220673E9", "2.5", "1")));
  xray_service_say (service, PAGE ("\"t2\"", "5", ""));
  xray_service_say (service, PAGE ("\"t3\"", "0", SUMMARY (ID_B, "1.787220675E9", "null", "1")
    ",{\"Id\":\"x\"},null"));
  xray_service_say (service, PAGE ("null", "1", SUMMARY (ID_A, "1787220674", "3.0", "2")));
  all = get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, "service(\"a\\\"b\")", &pages, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, "1/10 0/15 1/15 1/16 ");

  g_assert_cmpuint (all->len, ==, 2);
  first = g_ptr_array_index (all, 0);
  last = g_ptr_array_index (all, 1);
  g_assert_true (fluo_trace_id_equal (&first->id, &b));
  g_assert_cmpint (first->start_ns, ==, G_GINT64_CONSTANT (1787220675000000000));
  g_assert_cmpint (first->response_ns, ==, -1);
  g_assert_true (fluo_trace_id_equal (&last->id, &a));
  g_assert_cmpint (last->start_ns, ==, G_GINT64_CONSTANT (1787220674000000000));
  g_assert_cmpint (last->response_ns, ==, G_GINT64_CONSTANT (3000000000));
  g_assert_cmpuint (last->revision, ==, 2);
  g_assert_true (last->has_fault);

  g_assert_cmpuint (service->requests->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      static const char *const tokens[] = { NULL, "\"t1\"", "\"t2\"", "\"t3\"" };

      g_assert_cmpstr (xray_service_request (service, i)->path, ==, "/TraceSummaries");
      check_member (service, i, "StartTime", "1787220672.123456789");
      check_member (service, i, "EndTime", "1787220972");
      check_member (service, i, "TimeRangeType", "\"TraceId\"");
      check_member (service, i, "Sampling", "false");
      check_member (service, i, "FilterExpression", "\"service(\\\"a\\\\\\\"b\\\")\"");
      check_member (service, i, "NextToken", tokens[i]);
    }
}

static void
test_summaries_by_event (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GPtrArray) all = NULL;

  xray_service_say (service, PAGE ("\"\"", "0", ""));
  all = get_summaries (service, FLUO_TIME_RANGE_EVENT, "", NULL, NULL);
  g_assert_nonnull (all);
  g_assert_cmpuint (all->len, ==, 0);
  check_member (service, 0, "TimeRangeType", "\"Event\"");
  check_member (service, 0, "FilterExpression", NULL);
}

static void
test_repeated_token (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) error = NULL;

  xray_service_say (service, PAGE ("\"t1\"", "0", ""));
  xray_service_say (service, PAGE ("\"t2\"", "0", ""));
  xray_service_say (service, PAGE ("\"t1\"", "0", ""));
  g_assert_null (get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_cmpuint (service->requests->len, ==, 3);
}

/* @n answers, each with a token of its own but the last, which has none unless @open. */
static GPtrArray *
say_pages (XrayService *service, guint n, gboolean open)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    {
      char *text = i + 1 < n || open ? g_strdup_printf (PAGE ("\"t%u\"", "0", ""), i)
                                     : g_strdup (PAGE ("null", "0", ""));

      g_ptr_array_add (texts, text);
      xray_service_say (service, text);
    }
  return texts;
}

/* Empty pages with tokens are ordinary; a list without an end is not. */
static void
test_many_pages (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GPtrArray) fifty = say_pages (service, 50, FALSE), endless = NULL, none = NULL;
  g_autoptr (GError) error = NULL;

  none = get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (service->requests->len, ==, 50);
  endless = say_pages (service, 1001, TRUE);
  g_assert_null (get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "1000"));
  g_assert_cmpuint (service->requests->len, ==, 50 + 1000);
  g_queue_clear (&service->answers);
}

/* A token is the service's own business, whatever its length: it goes back as it came. */
static void
test_long_token (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autofree char *token = g_strnfill (64 * 1024, 'k');
  g_autofree char *text = g_strdup_printf (PAGE ("\"%s\"", "0", ""), token);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (service, text);
  xray_service_say (service, PAGE ("null", "0", ""));
  all = get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (xray_service_request (service, 1)->body, token));
}

/* Wherever it is cancelled, it ends at once and as cancelled; the service never answers again. */
static void
test_cancel_anywhere (void)
{
  static const XrayAnswer hang = { .hang = TRUE };
  guint n_cancelled = 0;

  for (guint point = 0; point < 20; point++)
    {
      g_autoptr (XrayService) service = xray_service_new (NULL);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) texts = say_pages (service, 3, TRUE), all = NULL;
      g_autoptr (GError) error = NULL;

      xray_service_answer (service, &hang);
      fluo_xray_client_get_trace_summaries_async (service->client, span, FLUO_TIME_RANGE_TRACE_ID,
                                                  NULL, NULL, NULL, cancellable,
                                                  fluo_test_result_cb, &result);
      /* The last answer hangs, so there is always something to wait for. */
      for (guint i = 0; i < point * 3 && !result; i++)
        g_main_context_iteration (NULL, FALSE);
      g_cancellable_cancel (cancellable);
      g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
      all = fluo_xray_client_get_trace_summaries_finish (service->client, result, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_null (all);
      n_cancelled++;
    }
  g_assert_cmpuint (n_cancelled, ==, 20);
}

/* The next page is fetched while one is read, and still comes after it. */
static void
test_pages_keep_their_order (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GString) log = g_string_new (NULL),
                      body = g_string_new (
                        "{\"NextToken\":\"t\",\"TracesProcessedCount\":1,\"TraceSummaries\":[");
  g_autoptr (GPtrArray) all = NULL;
  Pages pages = { service, NULL, log, NULL };

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (body, "%s{" NULLS ",\"Id\":\"1-00000001-%024u\",\"StartTime\":1.7E9}",
                            i > 0 ? "," : "", i);
  g_string_append (body, "]}");
  xray_service_say (service, body->str);
  xray_service_say (service, PAGE ("null", "1", SUMMARY (ID_A, "1.787220673E9", "2.5", "1")));
  all = get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, &pages, NULL);
  g_assert_cmpstr (log->str, ==, "5000/1 1/2 ");
  g_assert_cmpuint (all->len, ==, 5001);
}

static void
test_error_on_a_later_page (void)
{
  static const XrayAnswer refused = { .status = 400,
                                      .error_type = "InvalidRequestException",
                                      .body = "{\"Message\":\"bad token\"}" };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Pages pages = { service, NULL, log, NULL };

  xray_service_say (service, PAGE ("\"t1\"", "10", SUMMARY (ID_A, "1.787220673E9", "2.5", "1")));
  xray_service_answer (service, &refused);
  g_assert_null (get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, &pages, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST);
}

static void
test_cancel_after_a_page (void)
{
  static const XrayAnswer hang = { .hang = TRUE };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Pages pages = { service, cancellable, log, NULL };

  xray_service_say (service, PAGE ("\"t1\"", "10", SUMMARY (ID_A, "1.787220673E9", "2.5", "1")));
  xray_service_answer (service, &hang);
  g_assert_null (get_summaries (service, FLUO_TIME_RANGE_TRACE_ID, NULL, &pages, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (log->str, ==, "1/10 ");
}

/* --- Traces --------------------------------------------------------------- */

#define SEGMENT(trace, id, name, more)                                                             \
  "{\"Id\":\"" id "\",\"Document\":\"{\\\"trace_id\\\":\\\"" trace "\\\",\\\"id\\\":\\\"" id       \
  "\\\",\\\"name\\\":\\\"" name                                                                    \
  "\\\",\\\"start_time\\\":1.795394566E9,\\\"end_time\\\":1795394567.25" more "}\"}"
#define LINKS(ids) ",\\\"links\\\":[" ids "]"
#define LINK(trace) "{\\\"trace_id\\\":\\\"" trace "\\\",\\\"id\\\":\\\"0000000000000009\\\"}"
#define TRACE(id, segments)                                                                        \
  "{\"Id\":\"" id "\",\"Duration\":1.25,\"LimitExceeded\":false,\"Segments\":[" segments "]}"
#define TRACES(traces) "{\"NextToken\":null,\"Traces\":[" traces "],\"UnprocessedTraceIds\":[]}"

/* Who links to a trace, asked between its documents and those of linked traces. */
#define LINKED_FROM(ids) "{\"TraceId\":\"" ID_A "\",\"LinkedFrom\":[" ids "],\"More\":false}"
#define NOBODY LINKED_FROM ("")

static FluoTrace *
get_trace (XrayService *service, const char *text, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  FluoTraceId id = parse_id (text);

  fluo_xray_client_get_trace_async (service->client, &id, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_get_trace_finish (service->client, result, error);
}

static guint
count_linked (FluoTrace *trace)
{
  guint n_spans, n_linked = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);

  for (guint i = 0; i < n_spans; i++)
    n_linked += (spans[i].flags & FLUO_SPAN_LINKED) != 0;
  return n_linked;
}

/* Documents that nobody can read, of another trace, of a wrong type: the good ones still make the
 * trace. */
static void
test_trace (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  guint n_spans;

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000001", "web", "")
    ",{\"Id\":\"x\",\"Document\":\"{ no\"},"
                                                  "{\"Id\":null,\"Document\":null},7,"
                                                    "{\"Id\":\"y\",\"Document\":{\"id\":1}},"
                                                  SEGMENT (ID_A, "0000000000000002", "db",
                                                    ",\\\"parent_id\\\":\\\"0000000000000001\\\""))
                                     "," TRACE ("nonsense", "") ",null,"
                                     TRACE (ID_B, SEGMENT (ID_A, "0000000000000003", "stray",
                                       ""))));
  xray_service_say (service, NOBODY);
  trace = get_trace (service, ID_A, &error);
  g_assert_no_error (error);
  fluo_trace_get_spans (trace, &n_spans);
  g_assert_cmpuint (n_spans, ==, 2);
  g_assert_cmpstr (fluo_trace_get_title (trace), ==, "web");
  g_assert_cmpint (fluo_trace_get_response_ns (trace), ==, G_GINT64_CONSTANT (1250000000));
  g_assert_cmpuint (service->requests->len, ==, 2);
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/Traces");
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==, "{\"TraceIds\":[\"" ID_A "\"]}");
  g_assert_cmpstr (xray_service_request (service, 1)->path, ==,
                   "/fluoroscope/v1/links?trace=" ID_A);
}

static void
test_trace_in_pages (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  guint n_spans;

  xray_service_say (service, "{\"NextToken\":\"t\",\"Traces\":[" TRACE (ID_A, SEGMENT (ID_A,
    "0000000000000001", "web", "")) "]}");
  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000002", "db",
    ",\\\"parent_id\\\":\\\"0000000000000001\\\""))));
  xray_service_say (service, NOBODY);
  trace = get_trace (service, ID_A, NULL);
  fluo_trace_get_spans (trace, &n_spans);
  g_assert_cmpuint (n_spans, ==, 2);
  g_assert_cmpstr (xray_service_request (service, 1)->body, ==,
                   "{\"TraceIds\":[\"" ID_A "\"],\"NextToken\":\"t\"}");
}

static void
test_trace_is_gone (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) error = NULL;

  xray_service_say (service, TRACES (""));
  g_assert_null (get_trace (service, ID_A, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, ID_A));
  g_clear_error (&error);
  xray_service_say (service, TRACES (TRACE (ID_A, "{\"Id\":\"x\",\"Document\":\"{ no\"}")));
  g_assert_null (get_trace (service, ID_A, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
}

static void
test_linked_traces (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId a = parse_id (ID_A);
  guint n_spans;

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000001", "mailer",
                                                           LINKS (LINK (ID_B) "," LINK (ID_A) ","
                                                             LINK (ID_C) "," LINK (ID_B))))));
  xray_service_say (service, NOBODY);
  xray_service_say (service, TRACES (TRACE (ID_C, SEGMENT (ID_C, "0000000000000003", "c", "")) ","
                                     TRACE (ID_B, SEGMENT (ID_B, "0000000000000009", "b", ""))));
  trace = get_trace (service, ID_A, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xray_service_request (service, 2)->body, ==,
                   "{\"TraceIds\":[\"" ID_B "\",\"" ID_C "\"]}");
  g_assert_true (fluo_trace_id_equal (fluo_trace_get_id (trace), &a));
  fluo_trace_get_spans (trace, &n_spans);
  g_assert_cmpuint (n_spans, ==, 3);
  g_assert_cmpuint (count_linked (trace), ==, 2);
}

/* The trace itself is worth showing without what it links to. */
static void
test_linked_traces_missing (void)
{
  static const XrayAnswer denied = { .status = 403, .error_type = "AccessDeniedException" };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000001", "mailer",
    LINKS (LINK (ID_B))))));
  xray_service_say (service, NOBODY);
  xray_service_answer (service, &denied);
  trace = get_trace (service, ID_A, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_linked (trace), ==, 0);
}

/* Those that link to the trace come with it, whatever it links to itself; who doesn't know is not
 * asked twice, and that is no failure. */
static void
test_consumers (void)
{
  static const XrayAnswer unknown = { .status = 404, .error_type = "UnknownOperationException" };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoTrace) trace = NULL, alone = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000009", "web", ""))));
  xray_service_say (service, LINKED_FROM ("\"" ID_C "\",\"" ID_A "\",7,\"nonsense\""));
  xray_service_say (service, TRACES (TRACE (ID_C, SEGMENT (ID_C, "0000000000000003", "mailer",
                                                           LINKS (LINK (ID_A))))));
  trace = get_trace (service, ID_A, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xray_service_request (service, 2)->body, ==, "{\"TraceIds\":[\"" ID_C "\"]}");
  g_assert_cmpuint (count_linked (trace), ==, 1);

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000009", "web", ""))));
  xray_service_answer (service, &unknown);
  alone = get_trace (service, ID_A, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_linked (alone), ==, 0);
  g_assert_cmpuint (service->requests->len, ==, 5);
}

static void
test_many_links (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GString) body = g_string_new (
    "{\"Traces\":[{\"Id\":\"" ID_A "\",\"Segments\":[{\"Document\":\"{\\\"trace_id\\\":\\\"" ID_A
    "\\\",\\\"id\\\":\\\"0000000000000001\\\","
    "\\\"name\\\":\\\"m\\\",\\\"start_time\\\":1,"
    "\\\"end_time\\\":2,\\\"links\\\":[");
  g_autoptr (FluoJsonTape) asked = NULL;
  g_autoptr (FluoTrace) trace = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (
      body, "%s{\\\"trace_id\\\":\\\"1-00000001-%024u\\\",\\\"id\\\":\\\"0000000000000009\\\"}",
      i ? "," : "", i);
  g_string_append (body, "]}\"}]}]}");
  xray_service_say (service, body->str);
  xray_service_say (service, NOBODY);
  xray_service_say (service, TRACES (""));
  trace = get_trace (service, ID_A, NULL);
  g_assert_nonnull (trace);
  asked = body_of (service, 2);
  g_assert_cmpuint (fluo_json_tape_count (asked, fluo_json_tape_get (asked, 0, "TraceIds")), ==, 5);
  g_assert_cmpuint (service->requests->len, ==, 3);
}

static gboolean
is_asked_thrice (gpointer data)
{
  return ((XrayService *) data)->requests->len == 3;
}

static void
test_cancel_while_links_load (void)
{
  static const XrayAnswer hang = { .hang = TRUE };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId a = parse_id (ID_A);

  xray_service_say (service, TRACES (TRACE (ID_A, SEGMENT (ID_A, "0000000000000001", "mailer",
    LINKS (LINK (ID_B))))));
  xray_service_say (service, NOBODY);
  xray_service_answer (service, &hang);
  fluo_xray_client_get_trace_async (service->client, &a, cancellable, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_until (is_asked_thrice, service, PATIENCE_MS));
  g_cancellable_cancel (cancellable);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_xray_client_get_trace_finish (service->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- Graphs --------------------------------------------------------------- */

#define STATISTICS                                                                                 \
  "\"SummaryStatistics\":{\"ErrorStatistics\":{\"OtherCount\":0,\"ThrottleCount\":0,"              \
  "\"TotalCount\":0},"                                                                             \
  "\"FaultStatistics\":{\"OtherCount\":1,\"TotalCount\":1},\"OkCount\":2,\"TotalCount\":3,"        \
  "\"TotalResponseTime\":6.0}"
#define EDGE(to)                                                                                   \
  "{\"Aliases\":[],\"EndTime\":1.700000061E9,\"ReferenceId\":" to                                  \
  ",\"ResponseTimeHistogram\":[{\"Count\":3,\"Value\":2.0}],"                                      \
  "\"StartTime\":1.7E9," STATISTICS "}"
#define SERVICE(id, name, edges)                                                                   \
  "{\"AccountId\":null,\"DurationHistogram\":null,\"Edges\":[" edges                               \
  "],\"EndTime\":1.700000061E9,"                                                                   \
  "\"HostedIn\":{},\"KeyAttributes\":{},\"Name\":\"" name "\",\"Names\":[\"" name                  \
  "\"],\"ReferenceId\":" id ","                                                                    \
  "\"Region\":null,\"ResponseTimeHistogram\":[{\"Count\":3,\"Value\":2.0}],\"Root\":null,"         \
  "\"StartTime\":1.7E9,\"State\":\"active\"," STATISTICS ",\"Type\":null}"

static void
test_service_graph (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (
    service, "{\"ContainsOldGroupVersions\":false,\"EndTime\":1.70000006E9,\"NextToken\":\"t\","
             "\"StartTime\":1.7E9,"
             "\"Services\":[" SERVICE ("0", "web", EDGE ("1")) "," SERVICE ("1", "db", "") "]}");
  xray_service_say (
    service,
    "{\"EndTime\":1.70000012E9,\"NextToken\":null,\"StartTime\":1.7E9,\"Services\":[" SERVICE (
      "0", "mailer", "") "]}");
  fluo_xray_client_get_service_graph_async (service->client, span, NULL, fluo_test_result_cb,
                                            &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  graph = fluo_xray_client_get_service_graph_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (graph->nodes->len, ==, 3);
  g_assert_cmpuint (graph->edges->len, ==, 1);
  g_assert_cmpuint (fluo_service_graph_find (graph, "mailer", NULL), !=, G_MAXUINT);
  g_assert_cmpint (((FluoGraphEdge *) g_ptr_array_index (graph->edges, 0))->stats.fault, ==, 1);
  g_assert_cmpint (graph->span.begin_ns, ==, G_GINT64_CONSTANT (1700000000000000000));
  g_assert_cmpint (graph->span.end_ns, ==, G_GINT64_CONSTANT (1700000120000000000));
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/ServiceGraph");
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==,
                   "{\"StartTime\":1787220672.123456789,\"EndTime\":1787220972}");
}

static void
test_empty_graph (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FluoServiceGraph) graph = NULL;

  xray_service_say (service,
                    "{\"EndTime\":null,\"NextToken\":null,\"StartTime\":null,\"Services\":[]}");
  fluo_xray_client_get_service_graph_async (service->client, span, NULL, fluo_test_result_cb,
                                            &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  graph = fluo_xray_client_get_service_graph_finish (service->client, result, NULL);
  g_assert_cmpuint (graph->nodes->len, ==, 0);
  g_assert_cmpint (fluo_time_span_length (graph->span), ==, 0);
}

static void
test_trace_graph (void)
{
  static const XrayAnswer unknown = { .status = 400,
                                      .error_type = "InvalidRequestException",
                                      .body = "{\"Message\":\"Trace id not found\"}" };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GAsyncResult) result = NULL, failed = NULL;
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId a = parse_id (ID_A);

  xray_service_say (service, "{\"NextToken\":null,\"Services\":[" SERVICE ("0", "web", "") "]}");
  fluo_xray_client_get_trace_graph_async (service->client, &a, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  graph = fluo_xray_client_get_trace_graph_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (graph->nodes->len, ==, 1);
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/TraceGraph");
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==, "{\"TraceIds\":[\"" ID_A "\"]}");

  xray_service_answer (service, &unknown);
  fluo_xray_client_get_trace_graph_async (service->client, &a, NULL, fluo_test_result_cb, &failed);
  g_assert_true (fluo_test_wait_result (&failed, PATIENCE_MS));
  g_assert_null (fluo_xray_client_get_trace_graph_finish (service->client, failed, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/reads/summaries", test_summaries);
  g_test_add_func ("/aws/reads/summaries-by-event", test_summaries_by_event);
  g_test_add_func ("/aws/reads/repeated-token", test_repeated_token);
  g_test_add_func ("/aws/reads/many-pages", test_many_pages);
  g_test_add_func ("/aws/reads/long-token", test_long_token);
  g_test_add_func ("/aws/reads/cancel-anywhere", test_cancel_anywhere);
  g_test_add_func ("/aws/reads/pages-keep-their-order", test_pages_keep_their_order);
  g_test_add_func ("/aws/reads/error-on-a-later-page", test_error_on_a_later_page);
  g_test_add_func ("/aws/reads/cancel-after-a-page", test_cancel_after_a_page);
  g_test_add_func ("/aws/reads/trace", test_trace);
  g_test_add_func ("/aws/reads/trace-in-pages", test_trace_in_pages);
  g_test_add_func ("/aws/reads/trace-is-gone", test_trace_is_gone);
  g_test_add_func ("/aws/reads/linked-traces", test_linked_traces);
  g_test_add_func ("/aws/reads/linked-traces-missing", test_linked_traces_missing);
  g_test_add_func ("/aws/reads/many-links", test_many_links);
  g_test_add_func ("/aws/reads/consumers", test_consumers);
  g_test_add_func ("/aws/reads/cancel-while-links-load", test_cancel_while_links_load);
  g_test_add_func ("/aws/reads/service-graph", test_service_graph);
  g_test_add_func ("/aws/reads/empty-graph", test_empty_graph);
  g_test_add_func ("/aws/reads/trace-graph", test_trace_graph);
  return g_test_run ();
}
