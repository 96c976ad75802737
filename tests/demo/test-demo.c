/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-json.h"
#include "core/fluo-segment.h"
#include "core/fluo-time-span.h"
#include "core/fluo-trace.h"
#include "demo/fluo-demo-random.h"
#include "demo/fluo-demo.h"

#define BEGIN_NS G_GINT64_CONSTANT (1795094220000000000)
#define MINUTES_NS(n) ((n) * FLUO_NSEC_PER_MIN)
/* SHA-256 over all documents of the default seed and range, each followed by a newline. It is the
 * same on every machine; it changes when the demo tells something else, and then on purpose. */
#define DEFAULT_SHA256 "ea7ee5c046877ec049980996d6c47a1d117608b7ec5925d83d1c9318211eedf0"

static FluoDemo *
make_demo (guint32 seed, guint minutes, guint n_traces)
{
  FluoDemoOptions options = { .seed = seed,
                              .span = { BEGIN_NS, BEGIN_NS + MINUTES_NS (minutes) },
                              .n_traces = n_traces };

  return fluo_demo_new (&options);
}

static char *
hash_demo (FluoDemo *demo)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    {
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);

      for (guint j = 0; j < documents->len; j++)
        {
          g_checksum_update (checksum, g_ptr_array_index (documents, j), -1);
          g_checksum_update (checksum, (const guchar *) "\n", 1);
        }
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static void
test_same_seed (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 12930);
  g_autofree char *hash = hash_demo (demo);

  g_assert_cmpuint (fluo_demo_get_n_traces (demo), ==, 12930);
  g_assert_cmpstr (hash, ==, DEFAULT_SHA256);
}

static void
test_other_seed (void)
{
  g_autoptr (FluoDemo) one = make_demo (1, 15, 500);
  g_autoptr (FluoDemo) again = make_demo (1, 15, 500);
  g_autoptr (FluoDemo) other = make_demo (2, 15, 500);
  g_autofree char *one_hash = hash_demo (one);
  g_autofree char *again_hash = hash_demo (again);
  g_autofree char *other_hash = hash_demo (other);

  g_assert_cmpstr (one_hash, ==, again_hash);
  g_assert_cmpstr (one_hash, !=, other_hash);
}

/* --- Shares --------------------------------------------------------------- */

typedef struct
{
  guint n, faults, errors, throttles;
} Counts;

typedef struct
{
  GHashTable *counts;      /* name -> Counts */
  gint64      first_fault_ns;
  guint       n_documents;
  gsize       longest;
} Survey;

static gboolean
flag (FluoJsonTape *tape, guint32 object, const char *name)
{
  return fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, object, name), FALSE);
}

static void
survey_object (Survey *survey, FluoJsonTape *tape, guint32 object)
{
  g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, object, "name"));
  Counts *counts = g_hash_table_lookup (survey->counts, name);

  if (counts == NULL)
    {
      counts = g_new0 (Counts, 1);
      g_hash_table_insert (survey->counts, g_steal_pointer (&name), counts);
    }
  counts->n++;
  if (flag (tape, object, "throttle"))
    counts->throttles++;
  else if (flag (tape, object, "fault"))
    counts->faults++;
  else if (flag (tape, object, "error"))
    counts->errors++;
}

/* Counts segments, and of subsegments those that call something that sends nothing itself. */
static void
survey_document (Survey *survey, const char *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);
  FluoSegmentHead head;
  guint32 children;

  g_assert_no_error (error);
  g_assert_true (fluo_segment_head_parse (document, strlen (document), &head, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (head.warnings, ==, 0);
  g_assert_cmpuint (strlen (document), <, FLUO_DOCUMENT_SIZE_MAX);
  survey->longest = MAX (survey->longest, strlen (document));
  survey->n_documents++;
  if (head.in_progress)
    return;

  survey_object (survey, tape, 0);
  if (flag (tape, 0, "fault"))
    survey->first_fault_ns = MIN (survey->first_fault_ns, head.start_ns);
  children = fluo_json_tape_get (tape, 0, "subsegments");
  for (guint32 child = fluo_json_tape_first (tape, children); child != FLUO_JSON_NONE;
       child = fluo_json_tape_next (tape, children, child))
    {
      g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, child, "name"));
      static const char *const inferred[] = { "bank.example.com",  "DynamoDB",         "SQS", "SES",
                                              "OpenSearchService", "orders@orders-db", NULL };

      if (g_strv_contains (inferred, name))
        survey_object (survey, tape, child);
    }
}

static void
survey_demo (Survey *survey, FluoDemo *demo)
{
  survey->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  survey->first_fault_ns = G_MAXINT64;
  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    {
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);

      g_assert_cmpuint (documents->len, >, 0);
      for (guint j = 0; j < documents->len; j++)
        survey_document (survey, g_ptr_array_index (documents, j));
    }
}

static void
assert_share (Survey *survey, const char *name, guint least_n, double low, double high)
{
  const Counts *counts = g_hash_table_lookup (survey->counts, name);
  double share;

  g_assert_nonnull (counts);
  g_assert_cmpuint (counts->n, >=, least_n);
  share = 100.0 * counts->faults / counts->n;
  g_test_message ("%s: %u calls, %.2f %% faults, %u errors, %u throttles", name, counts->n, share,
                  counts->errors, counts->throttles);
  g_assert_cmpfloat (share, >=, low);
  g_assert_cmpfloat (share, <=, high);
}

static void
test_shares (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 12930);
  const Counts *counts;
  Survey survey = { 0 };

  survey_demo (&survey, demo);
  assert_share (&survey, "petshop/prod", 12930, 0.4, 0.8);
  assert_share (&survey, "checkout", 5604, 1.0, 1.5);
  assert_share (&survey, "payments", 2800, 2.0, 2.8);
  assert_share (&survey, "bank.example.com", 2274, 2.6, 3.4);
  assert_share (&survey, "search", 7326, 0.01, 0.2);
  assert_share (&survey, "inventory", 4800, 0, 0);
  assert_share (&survey, "orders", 2994, 0, 0);
  assert_share (&survey, "orders@orders-db", 2994, 0, 0);
  assert_share (&survey, "SQS", 2274, 0, 0);
  assert_share (&survey, "SES", 2273, 0, 0);
  counts = g_hash_table_lookup (survey.counts, "DynamoDB");
  g_assert_cmpuint (counts->throttles, >, 50);
  counts = g_hash_table_lookup (survey.counts, "payments");
  g_assert_cmpuint (counts->throttles, >, 0);
  g_assert_cmpuint (counts->errors, >, 20);

  /* The bank gets slow after 40 % of the range, and nothing fails before. */
  g_assert_cmpint (survey.first_fault_ns, >=, BEGIN_NS + MINUTES_NS (6));
  g_assert_cmpint (survey.first_fault_ns, <, BEGIN_NS + MINUTES_NS (7));
  g_test_message ("%u documents, longest %" G_GSIZE_FORMAT " bytes", survey.n_documents,
                  survey.longest);
  g_hash_table_unref (survey.counts);
}

/* The other seeds tell the same sort of story. */
static void
test_shares_of_seeds (void)
{
  for (guint32 seed = 1; seed <= 2; seed++)
    {
      g_autoptr (FluoDemo) demo = make_demo (seed, 15, 6465);
      Survey survey = { 0 };

      survey_demo (&survey, demo);
      assert_share (&survey, "bank.example.com", 1137, 1.6, 4.6);
      g_assert_cmpint (survey.first_fault_ns, >=, BEGIN_NS + MINUTES_NS (6));
      g_hash_table_unref (survey.counts);
    }
}

static void
test_order (void)
{
  g_autoptr (FluoDemo) demo = make_demo (7, 15, 2000);
  gint64 previous_ns = BEGIN_NS;

  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    {
      gint64 start_ns = fluo_demo_get_start (demo, i);
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);
      const char *first = g_ptr_array_index (documents, 0);
      FluoSegmentHead head;

      g_assert_cmpint (start_ns, >=, previous_ns);
      g_assert_cmpint (start_ns, <, BEGIN_NS + MINUTES_NS (15));
      g_assert_true (fluo_segment_head_parse (first, strlen (first), &head, NULL, NULL));
      g_assert_cmpint (head.start_ns, ==, start_ns);
      g_assert_cmpuint (head.parent_id, ==, 0);
      previous_ns = start_ns;
    }
}

static void
test_ids_are_unique (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 3000);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    {
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);

      for (guint j = 0; j < documents->len; j++)
        {
          const char *document = g_ptr_array_index (documents, j);
          g_autofree char *trace_id = NULL;
          FluoSegmentHead head;

          g_assert_true (fluo_segment_head_parse (document, strlen (document), &head, NULL, NULL));
          trace_id = fluo_trace_id_to_string (&head.trace_id);
          g_assert_true (g_hash_table_add (
            seen, g_strdup_printf ("%s/%016" G_GINT64_MODIFIER "x", trace_id, head.id)));
        }
    }
}

/* However small or odd the demo, its hero is in it. */
static void
test_sizes (void)
{
  static const guint sizes[] = { 1, 2, 3, 10, 100, 50000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (FluoDemo) demo = make_demo (5, 1, sizes[i]);
      g_autoptr (GPtrArray) documents = NULL;

      g_assert_cmpuint (fluo_demo_get_n_traces (demo), ==, sizes[i]);
      g_assert_cmpuint (fluo_demo_get_hero (demo), <, sizes[i]);
      documents = fluo_demo_dup_trace (demo, fluo_demo_get_hero (demo));
      g_assert_cmpuint (documents->len, ==, 7);
    }
}

/* --- The hero ------------------------------------------------------------- */

static FluoTrace *
build_hero (FluoDemo *demo)
{
  g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, fluo_demo_get_hero (demo));
  FluoTraceBuilder *builder = NULL;
  FluoSegmentHead first;

  for (guint i = 0; i < documents->len; i++)
    {
      const char *document = g_ptr_array_index (documents, i);
      g_autoptr (GBytes) bytes = g_bytes_new (document, strlen (document));
      g_autoptr (GError) error = NULL;
      FluoSegmentHead head;
      gboolean added;

      g_assert_true (fluo_segment_head_parse (document, strlen (document), &head, NULL, NULL));
      if (builder == NULL)
        {
          first = head;
          builder = fluo_trace_builder_new (&head.trace_id);
        }
      added = fluo_trace_id_equal (&first.trace_id, &head.trace_id)
                  ? fluo_trace_builder_add (builder, bytes, &error)
                  : fluo_trace_builder_add_linked (builder, bytes, &error);
      g_assert_no_error (error);
      g_assert_true (added);
    }
  return fluo_trace_builder_end (builder, 0);
}

typedef struct
{
  const char *name;
  const char *detail;
  int         start_ms;
  int         end_ms;   /* -1: still running */
  FluoStatus  status;
  int         http_status;
} Row;

static const Row hero_rows[] = {
  { "petshop/prod", "POST /checkout", 0, 2310, FLUO_STATUS_FAULT, 502 },
  { "checkout", "POST /checkout", 5, 2305, FLUO_STATUS_FAULT, 502 },
  { "check basket", "", 7, 19, FLUO_STATUS_OK, 0 },
  { "price rules", "", 20, 138, FLUO_STATUS_OK, 0 },
  { "inventory", "POST /reserve", 21, 64, FLUO_STATUS_OK, 200 },
  { NULL, "UpdateItem", 27, 33, FLUO_STATUS_THROTTLE, 400 },
  { NULL, "UpdateItem", 52, 60, FLUO_STATUS_OK, 200 },
  { "payments", "POST /charge", 67, 2229, FLUO_STATUS_FAULT, 504 },
  { "load card token", "", 70, 78, FLUO_STATUS_OK, 0 },
  { "sign request", "", 79, 85, FLUO_STATUS_OK, 0 },
  { "bank.example.com", "POST /v2/charge", 86, 2211, FLUO_STATUS_FAULT, 0 },
  { "connect", "", 86, 207, FLUO_STATUS_OK, 0 },
  { "wait for answer", "", 207, 2211, FLUO_STATUS_FAULT, 0 },
  { "write log", "", 2212, 2226, FLUO_STATUS_OK, 0 },
  { "orders", "PUT /orders/84193", 2232, 2271, FLUO_STATUS_OK, 200 },
  { "orders@orders-db", NULL, 2239, 2262, FLUO_STATUS_OK, 0 },
  { "inventory", "POST /release", 2272, 2289, FLUO_STATUS_OK, 200 },
  { NULL, "UpdateItem", 2277, 2285, FLUO_STATUS_OK, 200 },
  { NULL, "SendMessage", 2290, 2302, FLUO_STATUS_OK, 200 },
  { "mailer", NULL, 2418, -1, FLUO_STATUS_RUNNING, 0 },
  { "SES", "SendEmail", 2530, -1, FLUO_STATUS_RUNNING, 0 },
};

static void
test_hero_rows (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 12930);
  g_autoptr (FluoTrace) trace = build_hero (demo);
  guint n_spans, row = 0, n_running = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);
  gint64 begin_ns = fluo_demo_get_start (demo, fluo_demo_get_hero (demo));

  g_assert_cmpint (begin_ns - BEGIN_NS, ==, G_GINT64_CONSTANT (888214000000));
  for (guint i = 0; i < n_spans; i++)
    {
      const FluoSpan *span = &spans[i];
      const Row *expected;

      if (span->flags & FLUO_SPAN_CALL)
        continue;
      g_assert_cmpuint (row, <, G_N_ELEMENTS (hero_rows));
      expected = &hero_rows[row++];
      if (expected->name != NULL)
        g_assert_cmpstr (fluo_trace_get_string (trace, span->name), ==, expected->name);
      if (expected->detail != NULL)
        g_assert_cmpstr (fluo_trace_get_string (trace, span->detail), ==, expected->detail);
      g_assert_cmpint (span->start_ns - begin_ns, ==, expected->start_ms * FLUO_NSEC_PER_MSEC);
      if (expected->end_ms >= 0)
        g_assert_cmpint (span->end_ns - begin_ns, ==, expected->end_ms * FLUO_NSEC_PER_MSEC);
      g_assert_cmpint (!!(span->flags & FLUO_SPAN_IN_PROGRESS), ==, expected->end_ms < 0);
      n_running += expected->end_ms < 0;
      g_assert_cmpint (span->status, ==, expected->status);
      g_assert_cmpint (span->http_status, ==, expected->http_status);
    }
  g_assert_cmpuint (row, ==, G_N_ELEMENTS (hero_rows));
  g_assert_cmpuint (n_running, ==, 2);
}

static void
test_hero_sentence (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 12930);
  g_autoptr (FluoTrace) trace = build_hero (demo);
  g_autoptr (FluoSentence) sentence = fluo_trace_dup_root_cause (trace, 0);
  g_auto (GStrv) parts = g_strsplit (sentence->text, "\xc2\xa0", -1);
  g_autofree char *plain = g_strjoinv (" ", parts);

  g_assert_cmpstr (
    plain, ==,
    "92% of 2.31 s was spent waiting for bank.example.com from payments; fault: TimeoutError");
  g_assert_cmpstr (fluo_trace_get_title (trace), ==, "POST /checkout");
}

static void
test_hero_facts (void)
{
  g_autoptr (FluoDemo) demo = make_demo (20261119, 15, 12930);
  g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, fluo_demo_get_hero (demo));
  g_autoptr (GString) all = g_string_new (NULL);
  static const char *const facts[] = {
    "\"tier\":\"gold\"",
    "\"bank_api\":\"v2\"",
    "\"region\":\"eu\"",
    "\"order_id\":84193",
    "\"version\":\"1.42.0\"",
    "\"type\":\"TimeoutError\"",
    "\"message\":\"No answer from bank.example.com within 2.0 s\"",
    "{\"path\":\"bank.py\",\"line\":88,\"label\":\"charge\"}",
    "\"status\":502",
    "-946d071d87f412683d601dea\"",
    "\"url\":\"https://bank.example.com/v2/charge\"",
    "\"database_type\":\"PostgreSQL\"",
    "\"queue_url\":\"https://sqs.eu-central-1.amazonaws.com/402155889917/emails\"",
    "\"table_name\":\"stock\"",
    "\"links\":[{\"trace_id\":",
  };

  for (guint i = 0; i < documents->len; i++)
    g_string_append (all, g_ptr_array_index (documents, i));
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    if (strstr (all->str, facts[i]) == NULL)
      g_error ("%s is not in the hero trace", facts[i]);
}

/* --- Chance --------------------------------------------------------------- */

static int
compare_int64 (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a;
  gint64 y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
test_lognormal (void)
{
  g_autofree gint64 *drawn = g_new (gint64, 100000);
  FluoDemoRandom random;

  fluo_demo_random_init (&random, 1);
  for (guint i = 0; i < 100000; i++)
    drawn[i] = fluo_demo_random_lognormal (&random, 100000, 400);
  qsort (drawn, 100000, sizeof *drawn, compare_int64);
  /* Quantiles of exp (0.4 z): z is -1.2816 at 10 %, 0 in the middle, 2.3263 at 99 %. */
  g_assert_cmpint (ABS (drawn[10000] - 59893), <, 900);
  g_assert_cmpint (ABS (drawn[50000] - 100000), <, 1000);
  g_assert_cmpint (ABS (drawn[99000] - 253598), <, 7000);
}

/* First numbers of xoshiro256** for the seed 0 that SplitMix64 spreads. */
static void
test_generator (void)
{
  FluoDemoRandom random;

  fluo_demo_random_init (&random, 0);
  g_assert_cmphex (random.state[0], ==, G_GUINT64_CONSTANT (0xe220a8397b1dcdaf));
  g_assert_cmphex (random.state[1], ==, G_GUINT64_CONSTANT (0x6e789e6aa1b965f4));
  g_assert_cmphex (fluo_demo_random_next (&random), ==, G_GUINT64_CONSTANT (0x99ec5f36cb75f2b4));
  g_assert_cmphex (fluo_demo_random_next (&random), ==, G_GUINT64_CONSTANT (0xbf6e1f784956452a));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/random/generator", test_generator);
  g_test_add_func ("/demo/random/lognormal", test_lognormal);
  g_test_add_func ("/demo/same-seed-same-bytes", test_same_seed);
  g_test_add_func ("/demo/other-seed-other-bytes", test_other_seed);
  g_test_add_func ("/demo/shares", test_shares);
  g_test_add_func ("/demo/shares-of-seeds", test_shares_of_seeds);
  g_test_add_func ("/demo/order", test_order);
  g_test_add_func ("/demo/unique-ids", test_ids_are_unique);
  g_test_add_func ("/demo/sizes", test_sizes);
  g_test_add_func ("/demo/hero/rows", test_hero_rows);
  g_test_add_func ("/demo/hero/sentence", test_hero_sentence);
  g_test_add_func ("/demo/hero/facts", test_hero_facts);
  return g_test_run ();
}
