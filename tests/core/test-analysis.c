/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/fluo-sentence.h"
#include "core/fluo-trace-summary.h"
#include "core/fluo-trace.h"

#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define T0 G_GINT64_CONSTANT (1600000000000000000)
#define MS FLUO_NSEC_PER_MSEC
#define SPAN(id, name, from, to, rest)                                                             \
  "{\"id\":\"00000000000000" id "\",\"name\":\"" name "\",\"start_time\":160000000" from           \
  ",\"end_time\":160000000" to rest "}"
#define SEGMENT(id, name, from, to, rest) SPAN (id, name, from, to, "," TRACE rest)
#define CHILD_OF(id) ",\"parent_id\":\"00000000000000" id "\""
#define SUBS(list) ",\"subsegments\":[" list "]"
#define REMOTE ",\"namespace\":\"remote\""
#define TIMEOUT                                                                                    \
  ",\"cause\":{\"exceptions\":[{\"id\":\"00000000000000e1\",\"type\":\"ConnectionError\","         \
  "\"cause\":\"00000000000000e2\"},"                                                               \
  "{\"id\":\"00000000000000e2\",\"type\":\"TimeoutError\",\"message\":\"No answer\"}]}"

/* A shop whose bank does not answer: gateway, checkout, payments, bank; a stock table beside. */
static const char gateway[] = SEGMENT (
  "01", "petshop/prod", "0.000", "2.310",
  ",\"origin\":\"AWS::ApiGateway::Stage\",\"fault\":true,"
  "\"user\":\"ann\",\"annotations\":{\"tier\":\"gold\",\"n\":2.0},\"resource_arn\":\"arn:1\","
  "\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://petshop.test/"
  "checkout?x=1\",\"client_ip\":\"1.2.3.4\"},\"response\":{\"status\":502}}" SUBS (
    SPAN ("02", "checkout", "0.004", "2.306", REMOTE ",\"fault\":true")));
static const char checkout[] = SEGMENT (
  "03", "checkout", "0.006", "2.304",
  CHILD_OF ("02") ",\"origin\":\"AWS::ECS::Container\",\"fault\":true" SUBS (
    SPAN ("04", "price rules", "0.020", "0.138", "") "," SPAN (
      "05", "DynamoDB", "0.030", "0.036",
      ",\"namespace\":\"aws\",\"throttle\":true,\"error\":true,\"annotations\":{\"tier\":\"gold\"},"
      "\"aws\":{\"operation\":\"UpdateItem\",\"table_name\":\"stock\"}") "," SPAN ("06", "payments",
                                                                                   "0.070", "2.230",
                                                                                   REMOTE
                                                                                   ",\"fault\":"
                                                                                   "true")));
static const char payments[] = SEGMENT (
  "07", "payments", "0.075", "2.225",
  CHILD_OF (
    "06") ",\"origin\":\"AWS::Lambda::Function\",\"fault\":true,"
          "\"aws\":{\"ec2\":{\"instance_id\":\"i-1\",\"availability_zone\":\"eu-1a\"}}" SUBS (SPAN (
            "08", "bank.example.com", "0.086", "2.211",
            REMOTE
            ",\"fault\":true" TIMEOUT SUBS (SPAN ("09", "connect", "0.086", "0.207", "") "," SPAN (
              "0a", "wait for answer", "0.207", "2.211", ",\"fault\":true")))));

static const char *const shop[] = { gateway, checkout, payments, NULL };

static FluoTrace *
build (const char *const *documents)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; documents[i]; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (documents[i], strlen (documents[i]));
      g_autoptr (GError) error = NULL;

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

/* The sentence with its bold facts in asterisks and plain spaces. */
static char *
sentence_of (FluoTrace *trace, gint64 usual_ns)
{
  g_autoptr (FluoSentence) sentence = fluo_trace_dup_root_cause (trace, usual_ns);
  g_autoptr (GString) text = g_string_new (sentence->text);

  for (guint i = sentence->bold->len; i > 0; i--)
    {
      const FluoSentenceRange *range = &g_array_index (sentence->bold, FluoSentenceRange, i - 1);

      g_string_insert_c (text, range->start + range->length, '*');
      g_string_insert_c (text, range->start, '*');
    }
  g_string_replace (text, "\302\240", " ", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_sentence(trace, usual_ns, expected) G_STMT_START { \
    g_autofree char *sentence_ = sentence_of (trace, usual_ns); \
    g_assert_cmpstr (sentence_, ==, expected); \
  } G_STMT_END

static void
assert_partition (FluoTrace *trace)
{
  guint n = 0;
  const FluoCriticalStep *steps = fluo_trace_get_critical_path (trace, &n);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL),
                 *root = &spans[fluo_trace_get_root (trace)];
  gint64 at = root->start_ns;

  for (guint i = 0; i < n; i++)
    {
      const FluoSpan *span = &spans[steps[i].span];

      g_assert_cmpint (steps[i].begin_ns, ==, at);
      g_assert_cmpint (steps[i].end_ns, >, at);
      g_assert_cmpint (span->start_ns, <=, steps[i].begin_ns);
      g_assert_cmpint (span->end_ns, >=, steps[i].end_ns);
      g_assert_true (span->flags & FLUO_SPAN_CRITICAL);
      at = steps[i].end_ns;
    }
  g_assert_cmpint (at, ==, root->end_ns);
}

static void
test_critical_path (void)
{
  g_autoptr (FluoTrace) trace = build (shop);
  g_autoptr (GArray) shares = fluo_trace_dup_shares (trace);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
  const FluoTraceService *services = fluo_trace_get_services (trace, NULL);
  const FluoTraceShare *first = &g_array_index (shares, FluoTraceShare, 0);
  double sum = 0;

  assert_partition (trace);
  /* What ran beside the awaited call and ended after it began was not waited for. */
  g_assert_false (spans[fluo_trace_find (trace, 4)].flags & FLUO_SPAN_CRITICAL);
  g_assert_true (spans[fluo_trace_find (trace, 0x0a)].flags & FLUO_SPAN_CRITICAL);
  g_assert_cmpstr (services[first->service].name, ==, "bank.example.com");
  g_assert_cmpint (first->time_ns, ==, 2125 * MS);
  for (guint i = 0; i < shares->len; i++)
    sum += g_array_index (shares, FluoTraceShare, i).share;
  g_assert_cmpfloat (fabs (sum - 1), <, 1e-9);
}

/* Random trees, children beside, inside and past their parents: the steps always are an exact
 * partition. */
static void
test_critical_path_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
      g_autoptr (FluoTrace) trace = NULL;

      for (guint i = 1; i < 40; i++)
        {
          g_autofree char *parent =
            i == 1 ? g_strdup ("")
                   : g_strdup_printf (",\"type\":\"subsegment\",\"parent_id\":\"%016x\"",
                                      (guint) g_rand_int_range (random, 1, (gint) i));
          guint from = i == 1 ? 100 : (guint) g_rand_int_range (random, 0, 400),
                length = i == 1 ? 200 : (guint) g_rand_int_range (random, 0, 200);
          g_autofree char *text = g_strdup_printf (
            "{" TRACE ",\"id\":\"%016x\",\"name\":\"s%u\",\"start_time\":1600000000.%03u,"
            "\"end_time\":1600000000.%03u%s}",
            i, i, from, from + length, parent);
          g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

          g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
        }
      trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
      assert_partition (trace);
    }
}

static void
test_root_cause (void)
{
  g_autoptr (FluoTrace) trace = build (shop);

  assert_sentence (trace, 0,
                   "*92% of 2.31 s* was spent waiting for *bank.example.com* from *payments*; "
                   "fault: *TimeoutError*");
  g_assert_cmpuint (fluo_trace_get_cause_span (trace), ==, fluo_trace_find (trace, 8));
}

#define WEB(to, rest, subs) SEGMENT ("01", "web", "0.000", to, rest subs)

static void
test_root_cause_words (void)
{
  const char call[] = SUBS (SPAN ("02", "api", "0.100", "0.700", REMOTE));
  const char fast[] = SUBS (SPAN ("02", "api", "0.100", "0.300", REMOTE));
  const char queue[] =
    SUBS (SPAN ("02", "SQS", "0.100", "0.700",
                ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"SendMessage\",\"queue_url\":"
                "\"https://sqs.eu-central-1.amazonaws.com/402155889917/emails\"}"));
  const char callee[] = SEGMENT ("03", "api", "0.110", "0.690", CHILD_OF ("02"));
  const char spread[] = SUBS (
    SPAN ("02", "a", "0.100", "0.400", REMOTE) "," SPAN ("03", "b", "0.500", "0.700", REMOTE));
  const struct { const char *rest, *subs, *more; gint64 usual_ns; const char *expected;
  } rows[] = {
    /* Healthy. */
    { "", fast, NULL, 604 * MS, "Nothing stands out. *604 ms* is usual here" },
    { "", fast, NULL, 0, "Nothing stands out" },
    { "", call, callee, 604 * MS, "Nothing stands out. *604 ms* is usual here" },
    /* One service other than the entry's own dominates and nothing is known about what is usual. */
    { "", call, NULL, 0, "*67% of 900 ms* was spent waiting for *api* from *web*" },
    { "", call, callee, 0, "*64% of 900 ms* was spent inside *api*" },
    /* A queue goes by its name, not by its URL. */
    { "", queue, NULL, 0, "*67% of 900 ms* was spent waiting for *emails* from *web*" },
    /* Slower than twice the usual. */
    { "", fast, NULL, 100 * MS, "*78% of 900 ms* was spent inside *web*" },
    { "", spread, NULL, 100 * MS, "No single cause: *web 44%*, *a 33%*" },
    { "", spread, NULL, 0, "Nothing stands out" },
    /* Failures and their names. */
    { ",\"fault\":true", "", NULL, 0, "*100% of 900 ms* was spent inside *web*; *fault*" },
    { ",\"fault\":true,\"http\":{\"response\":{\"status\":503}}", "", NULL, 0,
      "*100% of 900 ms* was spent inside *web*; fault: *503*" },
    { ",\"error\":true,\"http\":{\"response\":{\"status\":402}}", spread, NULL, 0,
      "No single cause: *web 44%*, *a 33%*; error: *402*" },
    { ",\"error\":true,\"throttle\":true", "", NULL, 0,
      "*100% of 900 ms* was spent inside *web*; *throttled*" },
    { ",\"fault\":true" TIMEOUT, "", NULL, 0,
      "*100% of 900 ms* was spent inside *web*; fault: *TimeoutError*" },
    { ",\"fault\":true,\"cause\":\"00000000000000e2\"",
      SUBS (SPAN ("02", "x", "0.1", "0.2", TIMEOUT)), NULL, 0,
      "*100% of 900 ms* was spent inside *web*; fault: *TimeoutError*" },
    /* A circle of causes ends; a name that tries to be more than a name stays text. */
    { ",\"fault\":true,\"cause\":{\"exceptions\":[{\"id\":\"00000000000000e1\",\"type\":\"A{2}%s\","
      "\"cause\":\"00000000000000e2\"},"
      "{\"id\":\"00000000000000e2\",\"type\":\"B{1}\",\"cause\":\"00000000000000e1\"}]}",
      "", NULL, 0, "*100% of 900 ms* was spent inside *web*; fault: *A{2}%s*" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text =
        g_strconcat ("{\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000.000,"
                     "\"end_time\":1600000000.900," TRACE,
                     rows[i].rest, rows[i].subs, "}", NULL);
      const char *const documents[] = { text, rows[i].more, NULL };
      g_autoptr (FluoTrace) trace = build (documents);

      g_test_message ("row %u", i);
      assert_sentence (trace, rows[i].usual_ns, rows[i].expected);
    }
}

static void
test_root_cause_running (void)
{
  const char *const documents[] = {
    "{" TRACE
    ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000,\"in_progress\":true}",
    SEGMENT ("02", "part", "1.0", "1.5", ",\"type\":\"subsegment\"" CHILD_OF ("01")), NULL
  };
  g_autoptr (FluoTrace) trace = build (documents);

  assert_sentence (trace, 0, "Still running, *1.50 s* so far");
}

/* --- Summaries ------------------------------------------------------------ */

static char *
write_summary (const FluoTraceSummary *summary)
{
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_trace_summary_write (summary, &writer);
  g_assert_true (fluo_json_validate (out->str, out->len, NULL));
  return g_string_free (out, FALSE);
}

static FluoTraceSummary *
read_summary (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  g_autoptr (GError) error = NULL;
  FluoTraceSummary *summary = fluo_trace_summary_read (tape, 0, &error);

  g_assert_no_error (error);
  return summary;
}

static const FluoSummaryService *
find_service (const FluoTraceSummary *summary, const char *name)
{
  for (guint i = 0; i < summary->services->len; i++)
    if (strcmp (g_array_index (summary->services, FluoSummaryService, i).name, name) == 0)
      return &g_array_index (summary->services, FluoSummaryService, i);
  return NULL;
}

static void
check_shop (const FluoTraceSummary *summary)
{
  g_autofree char *request = fluo_trace_summary_dup_request (summary);
  const FluoSummaryAnnotation *annotations =
    (const FluoSummaryAnnotation *) (gpointer) summary->annotations->data;

  g_assert_cmpint (summary->start_ns, ==, T0);
  g_assert_cmpint (summary->duration_ns, ==, 2310 * MS);
  g_assert_cmpint (fluo_trace_summary_get_time_ns (summary), ==, 2310 * MS);
  g_assert_cmpint (summary->status, ==, FLUO_STATUS_FAULT);
  g_assert_true (summary->has_fault && !summary->has_error && !summary->has_throttle &&
                 !summary->is_partial);
  g_assert_cmpint (summary->http_status, ==, 502);
  g_assert_cmpstr (request, ==, "POST /checkout");
  g_assert_cmpstr (summary->entry_name, ==, "petshop/prod");
  g_assert_cmpuint (summary->services->len, ==, 5);
  g_assert_cmpstr (g_array_index (summary->services, FluoSummaryService, 0).name, ==,
                   "petshop/prod");
  g_assert_cmpint (find_service (summary, "bank.example.com")->status, ==, FLUO_STATUS_FAULT);
  g_assert_cmpint (find_service (summary, "stock")->status, ==, FLUO_STATUS_OK);
  /* Once per value, however many spans carry it. */
  g_assert_cmpuint (summary->annotations->len, ==, 2);
  g_assert_cmpstr (annotations[0].key, ==, "n");
  g_assert_cmpstr (annotations[0].value, ==, "2.0");
  g_assert_cmpint (annotations[0].type, ==, FLUO_VALUE_NUMBER);
  g_assert_cmpstr (annotations[1].value, ==, "gold");
  g_assert_cmpuint (summary->causes->len, ==, 1);
  g_assert_cmpstr (g_array_index (summary->causes, FluoSummaryCause, 0).service, ==,
                   "bank.example.com");
  g_assert_cmpstr (g_array_index (summary->causes, FluoSummaryCause, 0).exception, ==,
                   "ConnectionError");
  g_assert_cmpuint (summary->users->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (summary->instances, 0), ==, "i-1");
}

static void
test_summary (void)
{
  g_autoptr (FluoTrace) trace = build (shop);
  g_autoptr (FluoTraceSummary) made = fluo_trace_summary_from_trace (trace), read = NULL;
  g_autofree char *text = write_summary (made);

  check_shop (made);
  read = read_summary (text);
  check_shop (read);
}

static void
check_versions (const FluoTraceSummary *summary)
{
  static const char *const expected[][2] = { { "web", "7" }, { "web", "8" }, { "stock", "7" } };

  g_assert_cmpuint (summary->versions->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const FluoSummaryVersion *row = &g_array_index (summary->versions, FluoSummaryVersion, i);

      g_assert_cmpstr (row->service, ==, expected[i][0]);
      g_assert_cmpstr (row->version, ==, expected[i][1]);
    }
}

/* While a service is replaced a trace may see two of its versions, each of them often. */
static void
test_summary_versions (void)
{
  const char *const documents[] = {
    SEGMENT ("01", "web", "0.0", "2.0", ",\"service\":{\"version\":\"7\",\"runtime\":\"x\"}"),
    SEGMENT ("02", "web", "0.1", "1.0", ",\"service\":{\"version\":\"8\"}" CHILD_OF ("01")),
    SEGMENT ("03", "web", "0.2", "1.0", ",\"service\":{\"version\":\"7\"}" CHILD_OF ("01")),
    SEGMENT ("04", "stock", "0.3", "1.0", ",\"service\":{\"version\":\"7\"}" CHILD_OF ("01")),
    SEGMENT ("05", "bank", "0.4", "1.0", ",\"service\":{\"version\":\"\"}" CHILD_OF ("01")),
    SEGMENT ("06", "mail", "0.5", "1.0", ",\"service\":{\"version\":7}" CHILD_OF ("01")), NULL
  };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autoptr (FluoTraceSummary) made = fluo_trace_summary_from_trace (trace), read = NULL;
  g_autofree char *text = write_summary (made);

  check_versions (made);
  read = read_summary (text);
  check_versions (read);
}

static void
test_summary_wire (void)
{
  const char *const documents[] = {
    SEGMENT ("01", "web", "0.0", "2.0", ",\"annotations\":{\"tier\":2}"), NULL
  };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (trace);
  g_autofree char *text = write_summary (summary);

  g_assert_cmpstr (
    text, ==,
    "{\"Annotations\":{\"tier\":[{\"AnnotationValue\":{\"BooleanValue\":null,\"NumberValue\":2,"
    "\"StringValue\":null},\"ServiceIds\":null}]},"
    "\"AvailabilityZones\":[],\"Duration\":2,\"EntryPoint\":{\"AccountId\":null,\"Name\":\"web\","
    "\"Names\":[\"web\"],\"Type\":null},"
    "\"ErrorRootCauses\":[],\"FaultRootCauses\":[],\"HasError\":false,\"HasFault\":false,"
    "\"HasThrottle\":false,"
    "\"Http\":{\"ClientIp\":null,\"HttpMethod\":null,\"HttpStatus\":null,\"HttpURL\":null,"
    "\"UserAgent\":null},"
    "\"Id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"InstanceIds\":[],\"IsPartial\":false,"
    "\"MatchedEdge\":null,\"MatchedEventTime\":null,"
    "\"MatchedService\":null,\"ResourceARNs\":[],\"ResponseTime\":2,\"ResponseTimeRootCauses\":[],"
    "\"Revision\":1,"
    "\"ServiceIds\":[{\"AccountId\":null,\"Name\":\"web\",\"Names\":[\"web\"],\"Type\":null},"
    "{\"AccountId\":null,\"Name\":\"web\",\"Names\":[\"web\"],\"Type\":\"client\"}],\"StartTime\":"
    "1600000000,\"Users\":[]}");
}

static void
test_summary_tolerates (void)
{
  g_autoptr (FluoTraceSummary) summary =
    read_summary ("{\"Id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"New\":[1],\"Http\":null,"
                  "\"ServiceIds\":[{},{\"Name\":\"x\",\"Type\":\"client\"}],\"HasThrottle\":true,"
                  "\"FaultRootCauses\":[7,{}]}");
  g_autofree char *request = fluo_trace_summary_dup_request (summary);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"Id\":\"x\"}", 10);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (request, ==, "–");
  g_assert_cmpint (summary->status, ==, FLUO_STATUS_THROTTLE);
  g_assert_cmpint (summary->response_ns, ==, -1);
  g_assert_cmpuint (summary->services->len, ==, 0);
  g_assert_null (fluo_trace_summary_read (tape, 0, &error));
  g_assert_nonnull (error);
}

/* The causes by the rules that were seen at the service itself. */
static void
test_failure_causes (void)
{
  const char flag_only[] =
    SEGMENT ("01", "web", "0.0", "2.0", ",\"fault\":true,\"http\":{\"response\":{\"status\":500}}");
  const char calm[] = SEGMENT ("01", "web", "0.0", "2.0",
                               SUBS (SPAN ("02", "api", "0.1", "1.9", REMOTE ",\"fault\":true")));
  const char callee[] =
    SEGMENT ("03", "api", "0.2", "1.8", CHILD_OF ("02") ",\"fault\":true" TIMEOUT);
  const char throttled[] = SEGMENT (
    "01", "web", "0.0", "2.0",
    ",\"error\":true" SUBS (SPAN ("02", "DynamoDB", "0.1", "0.2",
                                  ",\"namespace\":\"aws\",\"throttle\":true,\"error\":true,\"aws\":"
                                  "{\"operation\":\"Get\",\"table_name\":\"t\"}" TIMEOUT)));
  const struct { const char *one, *two, *faults, *errors;
  } rows[] = {
    { flag_only, NULL, NULL, NULL },
    { calm, callee,
      "[{\"ClientImpacting\":false,\"Services\":[{\"AccountId\":null,\"Inferred\":false,\"Name\":"
      "\"api\",\"Names\":[\"api\"],"
      "\"Type\":null,\"EntityPath\":[{\"Exceptions\":[{\"Message\":null,\"Name\":"
      "\"ConnectionError\"},{\"Message\":\"No answer\","
      "\"Name\":\"TimeoutError\"}],\"Name\":\"api\",\"Remote\":false}]}]}]",
      NULL },
    { throttled, NULL, NULL,
      "[{\"ClientImpacting\":true,\"Services\":[{\"AccountId\":null,\"Inferred\":false,\"Name\":"
      "\"web\",\"Names\":[\"web\"],"
      "\"Type\":null,\"EntityPath\":[{\"Exceptions\":[],\"Name\":\"web\",\"Remote\":false},{"
      "\"Exceptions\":[{\"Message\":null,"
      "\"Name\":\"ConnectionError\"},{\"Message\":\"No "
      "answer\",\"Name\":\"TimeoutError\"}],\"Name\":\"DynamoDB\",\"Remote\":true}]},"
      "{\"AccountId\":null,\"Inferred\":true,\"Name\":\"t\",\"Names\":[\"t\"],\"Type\":\"AWS::"
      "DynamoDB::Table\",\"EntityPath\":["
      "{\"Exceptions\":[],\"Name\":\"DynamoDB\",\"Remote\":false}]}]}]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const documents[] = { rows[i].one, rows[i].two, NULL };
      g_autoptr (FluoTrace) trace = build (documents);
      g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (trace);

      g_assert_cmpstr (summary->fault_causes, ==, rows[i].faults);
      g_assert_cmpstr (summary->error_causes, ==, rows[i].errors);
    }
}

static void
test_response_causes (void)
{
  const char half[] =
    SEGMENT ("01", "web", "0.0", "2.0", SUBS (SPAN ("02", "api", "0.5", "1.5", REMOTE)));
  const char more[] =
    SEGMENT ("01", "web", "0.0", "2.0", SUBS (SPAN ("02", "api", "0.5", "2.0", REMOTE)));
  const char outliving[] = SEGMENT ("03", "api", "0.5", "7.0", CHILD_OF ("02"));
  const char *const one[] = { half, NULL }, *const two[] = { more, NULL },
                    *const three[] = { more, outliving, NULL };
  g_autoptr (FluoTrace) a = build (one), b = build (two), c = build (three);
  g_autoptr (FluoTraceSummary) sa = fluo_trace_summary_from_trace (a),
                               sb = fluo_trace_summary_from_trace (b);
  g_autoptr (FluoTraceSummary) sc = fluo_trace_summary_from_trace (c);
  const char *web = "[{\"ClientImpacting\":true,\"Services\":[{\"AccountId\":null,\"Inferred\":"
                    "false,\"Name\":\"web\",\"Names\":[\"web\"],"
                    "\"Type\":null,\"EntityPath\":[{\"Coverage\":1,\"Name\":\"web\",\"Remote\":"
                    "false},{\"Coverage\":0.75,\"Name\":\"api\",\"Remote\":true}]}";
  g_autofree char *inferred =
    g_strconcat (web,
                 ",{\"AccountId\":null,\"Inferred\":true,\"Name\":\"api\",\"Names\":[\"api\"],"
                 "\"Type\":\"remote\","
                 "\"EntityPath\":[{\"Coverage\":0.75,\"Name\":\"api\",\"Remote\":false}]}]}]",
                 NULL);
  g_autofree char *stopped = g_strconcat (web, "]}]", NULL);

  /* Exactly half is not enough; an answer that outlives the entry ends the path at the caller. */
  g_assert_cmpstr (sa->response_causes, ==, NULL);
  g_assert_cmpstr (sb->response_causes, ==, inferred);
  g_assert_cmpstr (sc->response_causes, ==, stopped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/analysis/critical-path", test_critical_path);
  g_test_add_func ("/analysis/critical-path-random", test_critical_path_random);
  g_test_add_func ("/analysis/root-cause", test_root_cause);
  g_test_add_func ("/analysis/root-cause-words", test_root_cause_words);
  g_test_add_func ("/analysis/root-cause-running", test_root_cause_running);
  g_test_add_func ("/summary/from-trace", test_summary);
  g_test_add_func ("/summary/wire", test_summary_wire);
  g_test_add_func ("/summary/versions", test_summary_versions);
  g_test_add_func ("/summary/tolerates", test_summary_tolerates);
  g_test_add_func ("/summary/failure-causes", test_failure_causes);
  g_test_add_func ("/summary/response-causes", test_response_causes);
  return g_test_run ();
}
