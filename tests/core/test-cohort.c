/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/fluo-cohort.h"
#include "core/fluo-histogram.h"
#include "core/fluo-json.h"
#include "core/fluo-shared-string.h"
#include "core/fluo-summary-pool.h"

#define START (G_GINT64_CONSTANT (1795094220) * FLUO_NSEC_PER_SEC)
#define N_TRACES 3000

static char *
intern (const char *text)
{
  return fluo_shared_string_new (text);
}

static char *
intern_number (const char *format, int number)
{
  g_autofree char *text = g_strdup_printf (format, number);

  return intern (text);
}

static void
annotate (FluoTraceSummary *summary, const char *key, char *value, FluoValueType type)
{
  FluoSummaryAnnotation row = { intern (key), value, type };

  g_array_append_val (summary->annotations, row);
}

static void
take_part (FluoTraceSummary *summary, const char *name, FluoStatus status)
{
  FluoSummaryService row = { intern (name), intern ("AWS::Lambda::Function"), status };

  g_array_append_val (summary->services, row);
}

static void
run (FluoTraceSummary *summary, const char *service, char *version)
{
  FluoSummaryVersion row = { intern (service), version };

  g_array_append_val (summary->versions, row);
}

/* A shop in which gold customers on the second interface are slow after ten minutes. */
static FluoTraceSummary *
make_summary (GRand *random, guint i)
{
  FluoTraceSummary *summary = fluo_trace_summary_new ();
  gboolean gold = g_rand_int_range (random, 0, 10) < 3;
  gboolean late = i > N_TRACES / 3;
  gboolean v2 = late && g_rand_int_range (random, 0, 10) < (gold ? 9 : 1);
  gboolean fails = v2 && g_rand_int_range (random, 0, 4) == 0;

  memcpy (summary->id.bytes, &i, sizeof i);
  summary->start_ns = START + i * (FLUO_NSEC_PER_SEC / 3);
  summary->response_ns = (gint64) g_rand_int_range (random, 300, 900) * FLUO_NSEC_PER_MSEC + i
                         + (v2 ? FLUO_NSEC_PER_SEC : 0);
  summary->status = fails ? FLUO_STATUS_FAULT : FLUO_STATUS_OK;
  summary->http_status = fails ? 502 : 200;
  summary->http_method = intern (i % 5 ? "POST" : "GET");
  summary->http_url = i % 2 ? intern ("https://shop/checkout")
                            : intern_number ("https://shop/checkout?order=%d", (int) i);
  summary->entry_name = intern ("shop");
  if (i % 3)
    g_ptr_array_add (summary->users, intern_number ("customer-%d", (int) i));
  take_part (summary, "shop", summary->status);
  /* The same name twice, as Lambda reports it. */
  take_part (summary, "payments", fails ? FLUO_STATUS_FAULT : FLUO_STATUS_OK);
  take_part (summary, "payments", FLUO_STATUS_OK);
  /* One service is being replaced while the other stays; both say "7". */
  run (summary, "payments", intern (v2 ? "8" : "7"));
  run (summary, "shop", intern ("7"));
  if (fails)
    {
      FluoSummaryCause cause = { .service = intern ("bank"), .exception = intern ("TimeoutError"),
                                 .status = FLUO_STATUS_FAULT };

      g_array_append_val (summary->causes, cause);
    }
  annotate (summary, "tier", intern (gold ? "gold" : "basic"), FLUO_VALUE_STRING);
  annotate (summary, "bank_api", intern (v2 ? "v2" : "v1"), FLUO_VALUE_STRING);
  annotate (summary, "order_id", intern_number ("%d", 80000 + (int) i), FLUO_VALUE_NUMBER);
  /* Repeats, and more of it makes slow. */
  annotate (summary, "items",
            intern_number ("%d", g_rand_int_range (random, 1, 40) + (v2 ? 20 : 0)),
            FLUO_VALUE_NUMBER);
  return summary;
}

static GPtrArray *
make_summaries (guint n, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GPtrArray *summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (summaries, make_summary (random, i));
  return summaries;
}

static guint8 *
make_sides (GPtrArray *summaries, gint64 from_ns)
{
  guint8 *sides = g_new (guint8, summaries->len);

  for (guint i = 0; i < summaries->len; i++)
    sides[i] = fluo_trace_summary_get_time_ns (g_ptr_array_index (summaries, i)) >= from_ns
                 ? FLUO_COHORT_A : FLUO_COHORT_B;
  return sides;
}

/* --- The same by plain means: a trace is the set of the words that are true of it ------- */

static void
add_word (GHashTable *words, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_word (GHashTable *words, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_hash_table_add (words, g_strdup_vprintf (format, list));
  va_end (list);
}

static GHashTable *
words_of (const FluoTraceSummary *summary)
{
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) url = g_strsplit (summary->http_url, "?", 2);

  add_word (words, "status %d", summary->status);
  add_word (words, "http.status %d", summary->http_status);
  add_word (words, "method %s", summary->http_method);
  add_word (words, "url %s", url[0]);
  add_word (words, "entry %s", summary->entry_name);
  for (guint i = 0; i < summary->users->len; i++)
    add_word (words, "user %s", (char *) g_ptr_array_index (summary->users, i));
  for (guint i = 0; i < summary->services->len; i++)
    {
      FluoSummaryService *service = &g_array_index (summary->services, FluoSummaryService, i);

      add_word (words, "service %s", service->name);
      if (service->status == FLUO_STATUS_FAULT)
        add_word (words, "failed %s", service->name);
    }
  for (guint i = 0; i < summary->versions->len; i++)
    {
      FluoSummaryVersion *row = &g_array_index (summary->versions, FluoSummaryVersion, i);

      add_word (words, "version %s %s", row->service, row->version);
    }
  for (guint i = 0; i < summary->causes->len; i++)
    {
      FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, i);

      add_word (words, "cause %s %s", cause->service, cause->exception);
    }
  for (guint i = 0; i < summary->annotations->len; i++)
    {
      FluoSummaryAnnotation *row = &g_array_index (summary->annotations, FluoSummaryAnnotation, i);

      add_word (words, "%s = %s", row->key, row->value);
    }
  return words;
}

static char *
word_of (const FluoTerm *term)
{
  switch (term->field)
    {
    case FLUO_FIELD_STATUS:
      return g_strdup_printf ("status %d", term->status);
    case FLUO_FIELD_HTTP_STATUS:
      return g_strdup_printf ("http.status %d", term->http_status);
    case FLUO_FIELD_METHOD:
      return g_strdup_printf ("method %s", term->value);
    case FLUO_FIELD_URL:
      return g_strdup_printf ("url %s", term->value);
    case FLUO_FIELD_ENTRY:
      return g_strdup_printf ("entry %s", term->value);
    case FLUO_FIELD_USER:
      return g_strdup_printf ("user %s", term->value);
    case FLUO_FIELD_SERVICE:
      return g_strdup_printf ("service %s", term->value);
    case FLUO_FIELD_SERVICE_STATUS:
      return g_strdup_printf ("failed %s", term->value);
    case FLUO_FIELD_CAUSE:
      return g_strdup_printf ("cause %s %s", term->key, term->value);
    case FLUO_FIELD_VERSION:
      return g_strdup_printf ("version %s %s", term->key, term->value);
    case FLUO_FIELD_ANNOTATION:
      return g_strdup_printf ("%s = %s", term->key, term->value);
    case FLUO_FIELD_AGENT:
    case FLUO_FIELD_CLIENT:
    case FLUO_FIELD_INSTANCE:
    case FLUO_FIELD_ZONE:
    case FLUO_FIELD_ARN:
    case FLUO_FIELD_TIME:
    case FLUO_N_FIELDS:
    default:
      g_assert_not_reached ();
    }
}

static GHashTable *
count_words (GPtrArray *summaries, const guint8 *sides, guint8 side)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < summaries->len; i++)
    {
      g_autoptr (GHashTable) words = NULL;
      GHashTableIter iter;
      gpointer word;

      if (sides[i] != side)
        continue;
      words = words_of (g_ptr_array_index (summaries, i));
      g_hash_table_iter_init (&iter, words);
      while (g_hash_table_iter_next (&iter, &word, NULL))
        g_hash_table_insert (counts, g_strdup (word),
                             GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, word))
                                               + 1));
    }
  return counts;
}

static guint
count_of (GHashTable *counts, const char *word)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (counts, word));
}

static void
test_agreement (gconstpointer data)
{
  g_autoptr (GPtrArray) summaries = make_summaries (N_TRACES, GPOINTER_TO_UINT (data));
  g_autofree guint8 *sides = make_sides (summaries, FLUO_NSEC_PER_SEC);
  g_autoptr (FluoCohort) cohort = fluo_cohort_new (summaries, sides, FALSE);
  g_autoptr (GHashTable) slow = count_words (summaries, sides, FLUO_COHORT_A);
  g_autoptr (GHashTable) rest = count_words (summaries, sides, FLUO_COHORT_B);
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const double n_slow = fluo_cohort_get_size (cohort, 0), n_rest = fluo_cohort_get_size (cohort, 1);
  const FluoCohortRow *rows;
  GHashTableIter iter;
  gpointer key;
  guint n, n_told = 0;

  g_assert_cmpuint ((guint) (n_slow + n_rest), ==, N_TRACES);
  rows = fluo_cohort_get_rows (cohort, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *word = NULL;

      if (rows[i].term.operator != FLUO_COHORT_IS)
        continue;
      word = word_of (&rows[i].term);
      g_assert_cmpuint (rows[i].n[0], ==, count_of (slow, word));
      g_assert_cmpuint (rows[i].n[1], ==, count_of (rest, word));
      g_assert_cmpfloat (rows[i].share[0], ==, rows[i].n[0] / n_slow);
      g_assert_cmpfloat (rows[i].share[1], ==, rows[i].n[1] / n_rest);
      g_assert_true (g_hash_table_add (told, g_steal_pointer (&word)));
      n_told++;
    }
  /* And nothing is missing that differs enough. */
  g_hash_table_iter_init (&iter, slow);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const guint a = count_of (slow, key), b = count_of (rest, key);

      if (a / n_slow - b / n_rest >= FLUO_COHORT_DIFFERENCE_MIN && a + b >= FLUO_COHORT_TRACES_MIN
          && a >= FLUO_COHORT_SELECTED_MIN)
        g_assert_true (g_hash_table_contains (told, key));
    }
  g_assert_cmpuint (n_told, >=, 8);
}

static void
test_ranking (void)
{
  g_autoptr (GPtrArray) summaries = make_summaries (N_TRACES, 11);
  g_autofree guint8 *sides = make_sides (summaries, FLUO_NSEC_PER_SEC);
  g_autoptr (FluoCohort) cohort = fluo_cohort_new (summaries, sides, TRUE);
  const FluoCohortRow *rows;
  gboolean has_time = FALSE, has_items = FALSE;
  guint n;

  rows = fluo_cohort_get_rows (cohort, &n);
  g_assert_cmpstr (rows[0].term.key, ==, "bank_api");
  g_assert_cmpstr (rows[0].term.value, ==, "v2");
  for (guint i = 1; i < n; i++)
    {
      const FluoCohortRow *above = &rows[i - 1];

      /* Ids last; more often in A before less often; then by the score. */
      g_assert_true (!above->is_id || rows[i].is_id);
      if (above->is_id == rows[i].is_id && (above->score > 0) == (rows[i].score > 0))
        g_assert_cmpfloat (fabs (above->score), >=, fabs (rows[i].score) - 1e-6);
      g_assert_cmpfloat (fabs (rows[i].share[0] - rows[i].share[1]), >=,
                         FLUO_COHORT_DIFFERENCE_MIN);
      g_assert_cmpuint (rows[i].n[0] + rows[i].n[1], >=, FLUO_COHORT_TRACES_MIN);
    }
  for (guint i = 0; i < n; i++)
    {
      const FluoTerm *term = &rows[i].term;
      guint counts[2] = { 0 };

      /* What a row says is true of as many traces as it says. */
      for (guint k = 0; k < summaries->len; k++)
        counts[sides[k] == FLUO_COHORT_B] +=
          fluo_cohort_term_matches (term, g_ptr_array_index (summaries, k));
      g_assert_cmpuint (counts[0], ==, rows[i].n[0]);
      g_assert_cmpuint (counts[1], ==, rows[i].n[1]);
      if (term->field == FLUO_FIELD_TIME)
        {
          /* All that is slow came after a third of the time. */
          has_time = TRUE;
          g_assert_cmpint (term->operator, ==, FLUO_COHORT_AT_LEAST);
          g_assert_cmpint (ABS (term->time_ns - START - N_TRACES / 9 * FLUO_NSEC_PER_SEC), <=,
                           20 * FLUO_NSEC_PER_SEC);
        }
      if (term->operator == FLUO_COHORT_AT_LEAST && g_strcmp0 (term->key, "items") == 0)
        {
          has_items = TRUE;
          g_assert_cmpfloat (g_ascii_strtod (term->value, NULL), >, 20);
        }
      if (g_strcmp0 (term->key, "order_id") == 0)
        g_assert_true (rows[i].is_id);
    }
  g_assert_true (has_time);
  g_assert_true (has_items);
}

/* Two sets that leave others out, and sets of nobody. */
static void
test_sets (void)
{
  g_autoptr (GPtrArray) summaries = make_summaries (600, 5);
  g_autofree guint8 *sides = g_new0 (guint8, summaries->len);
  g_autoptr (FluoCohort) none = fluo_cohort_new (summaries, sides, TRUE);
  g_autoptr (FluoCohort) two = NULL;
  g_autoptr (GPtrArray) empty = g_ptr_array_new ();
  g_autoptr (FluoCohort) nothing = fluo_cohort_new (empty, sides, TRUE);
  guint n;

  fluo_cohort_get_rows (none, &n);
  g_assert_cmpuint (n, ==, 0);
  fluo_cohort_get_rows (nothing, &n);
  g_assert_cmpuint (n, ==, 0);
  for (guint i = 0; i < summaries->len; i++)
    sides[i] = i % 3;
  two = fluo_cohort_new (summaries, sides, TRUE);
  g_assert_cmpuint (fluo_cohort_get_size (two, 0), ==, 200);
  g_assert_cmpuint (fluo_cohort_get_size (two, 1), ==, 200);
}

/* The versions of one service, not another's of the same name. */
static void
test_versions (void)
{
  g_autoptr (GPtrArray) summaries = make_summaries (N_TRACES, 8);
  g_autoptr (FluoCohortGroups)
      groups = fluo_cohort_groups_new (summaries, NULL, FLUO_FIELD_VERSION, "payments");
  g_autofree guint8 *sides = make_sides (summaries, FLUO_NSEC_PER_SEC);
  g_autoptr (FluoCohort) cohort = fluo_cohort_new (summaries, sides, FALSE);
  const FluoCohortField *fields;
  const FluoTerm shop = { .field = FLUO_FIELD_VERSION, .key = "shop", .value = "7" };
  const FluoTerm no = { .field = FLUO_FIELD_VERSION, .key = "shop", .value = "8" };
  guint n, n_fields = 0;

  g_assert_cmpuint (groups->rows->len, ==, 2);
  g_assert_cmpstr (g_array_index (groups->rows, FluoCohortGroup, 0).term.value, ==, "7");
  g_assert_cmpuint (groups->n_with, ==, N_TRACES);
  fields = fluo_cohort_get_fields (cohort, &n);
  for (guint i = 0; i < n; i++)
    if (fields[i].field == FLUO_FIELD_VERSION)
      {
        n_fields++;
        g_assert_cmpuint (fields[i].n_with, ==, N_TRACES);
        g_assert_cmpuint (fields[i].n_values, ==, g_str_equal (fields[i].key, "shop") ? 1 : 2);
      }
  g_assert_cmpuint (n_fields, ==, 2);
  for (guint i = 0; i < summaries->len; i++)
    {
      g_assert_true (fluo_cohort_term_matches (&shop, g_ptr_array_index (summaries, i)));
      g_assert_false (fluo_cohort_term_matches (&no, g_ptr_array_index (summaries, i)));
    }
}

static void
test_groups (void)
{
  g_autoptr (GPtrArray) summaries = make_summaries (1000, 8);
  g_autoptr (FluoCohortGroups)
      tiers = fluo_cohort_groups_new (summaries, NULL, FLUO_FIELD_ANNOTATION, "tier");
  g_autoptr (FluoCohortGroups)
      urls = fluo_cohort_groups_new (summaries, NULL, FLUO_FIELD_URL, NULL);
  g_autoptr (FluoCohortGroups)
      users = fluo_cohort_groups_new (summaries, NULL, FLUO_FIELD_USER, NULL);
  guint sum = 0;

  g_assert_cmpuint (tiers->rows->len, ==, 2);
  for (guint i = 0; i < tiers->rows->len; i++)
    {
      FluoCohortGroup *row = &g_array_index (tiers->rows, FluoCohortGroup, i);
      g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
      guint faults = 0;
      guint under = 0;

      for (guint k = 0; k < summaries->len; k++)
        {
          FluoTraceSummary *summary = g_ptr_array_index (summaries, k);
          FluoSummaryAnnotation *tier = &g_array_index (summary->annotations,
                                                        FluoSummaryAnnotation, 0);

          if (!g_str_equal (tier->value, row->term.value))
            continue;
          g_array_append_val (times, summary->response_ns);
          faults += summary->status == FLUO_STATUS_FAULT;
          under += summary->response_ns <= row->quantiles[1];
        }
      g_assert_cmpuint (row->n, ==, times->len);
      g_assert_cmpuint (row->n_faults, ==, faults);
      g_assert_cmpuint (under, ==, (guint) ceil (times->len * .9));
      sum += row->n;
    }
  g_assert_cmpuint (sum, ==, 1000);
  g_assert_cmpuint (urls->rows->len, ==, 1);
  g_assert_true (g_array_index (urls->rows, FluoCohortGroup, 0).term.had_query);
  g_assert_cmpuint (users->n_with, ==, users->n_values);
  g_assert_cmpuint (users->n_traces, ==, 1000);
}

/* Summaries that were read share equal lists, and leave nothing behind. */
static void
test_shared_lists (void)
{
  static const char text[] =
    "[{\"Id\":\"1-6afefa44-946d071d87f412683d601dea\",\"ServiceIds\":[{\"Name\":\"a\"},"
    "{\"Name\":\"b\"}],\"Users\":[{\"UserName\":\"u\"}]},"
    "{\"Id\":\"1-6afefa44-946d071d87f412683d601deb\",\"ServiceIds\":[{\"Name\":\"a\"},"
    "{\"Name\":\"b\"}]},"
    "{\"Id\":\"1-6afefa44-946d071d87f412683d601dec\",\"ServiceIds\":[{\"Name\":\"a\"}]}]";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  const guint before = fluo_summary_pool_get_size ();
  FluoTraceSummary *rows[3];
  guint32 node = fluo_json_tape_first (tape, 0);

  for (guint i = 0; i < 3; i++, node = fluo_json_tape_next (tape, 0, node))
    {
      rows[i] = fluo_trace_summary_read (tape, node, NULL);
      g_assert_nonnull (rows[i]);
    }
  g_assert_true (rows[0]->services == rows[1]->services);
  g_assert_true (rows[0]->services != rows[2]->services);
  g_assert_cmpuint (rows[2]->services->len, ==, 1);
  g_assert_true (rows[0]->users != rows[1]->users);
  g_assert_cmpstr (g_ptr_array_index (rows[0]->users, 0), ==, "u");
  fluo_trace_summary_unref (rows[0]);
  g_assert_cmpstr (g_array_index (rows[1]->services, FluoSummaryService, 1).name, ==, "b");
  fluo_trace_summary_unref (rows[1]);
  fluo_trace_summary_unref (rows[2]);
  g_assert_cmpuint (fluo_summary_pool_get_size (), ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint seed = 1; seed <= 5; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/cohort/agreement/%u", seed);

      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_agreement);
    }
  g_test_add_func ("/cohort/ranking", test_ranking);
  g_test_add_func ("/cohort/sets", test_sets);
  g_test_add_func ("/cohort/groups", test_groups);
  g_test_add_func ("/cohort/versions", test_versions);
  g_test_add_func ("/summary-pool/shared-lists", test_shared_lists);
  return g_test_run ();
}
