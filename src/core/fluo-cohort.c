/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-cohort-private.h"

#include <math.h>
#include <string.h>

#include "fluo-format.h"

/* A field that has more values than this of the traces that have it is an id. */
#define ID_SHARE .5
#define ID_TRACES_MIN 20
/* Annotations with numbers are cut at a threshold when they have more values than this… */
#define CUT_VALUES_MIN 20
/* …and at most so many of them. */
#define CUT_KEYS_MAX 16
/* Moments that are tried. */
#define TIME_STEPS 120

/* --- Counting ---------------------------------------------------------------------------- */

typedef struct
{
  FluoTerm term;
  guint    n[2];
  guint    last; /* trace that was counted last, + 1 */
} Counter;

typedef struct
{
  GArray  *counters;  /* Counter */
  guint32 *buckets;   /* counter + 1; open addressing */
  guint    n_buckets; /* a power of two */
  guint    trace;     /* being counted, + 1 */
  guint    side;      /* 0 or 1 */
  guint    weight;    /* traces at once */
  GHashTable *sizes;  /* field (its key or number) -> values that are counted */
} Table;

struct _FluoCohort
{
  gatomicrefcount ref_count;
  GPtrArray *summaries;
  GPtrArray *strings; /* what was cut to size */
  GArray    *rows;    /* FluoCohortRow */
  GArray    *fields;  /* FluoCohortField */
  guint      size[2];
};

static void
table_grow (Table *self)
{
  self->n_buckets = self->n_buckets ? self->n_buckets * 2 : 1024;
  g_free (self->buckets);
  self->buckets = g_new0 (guint32, self->n_buckets);
  for (guint i = 0; i < self->counters->len; i++)
    {
      guint at = fluo_cohort_term_hash (&g_array_index (self->counters, Counter, i).term);

      while (self->buckets[at & (self->n_buckets - 1)])
        at++;
      self->buckets[at & (self->n_buckets - 1)] = i + 1;
    }
}

/* Ids have as many values as there are traces: the first of them show what they are. */
static gboolean
make_room (Table *self, const FluoTerm *term)
{
  gpointer field = term->field == FLUO_FIELD_ANNOTATION ? (gpointer) term->key
                   : term->field == FLUO_FIELD_VERSION  ? (gpointer) (term->key + 1)
                                                        : GUINT_TO_POINTER (term->field);
  const guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sizes, field));

  if (n >= FLUO_COHORT_VALUES_MAX)
    return FALSE;
  g_hash_table_insert (self->sizes, field, GUINT_TO_POINTER (n + 1));
  return TRUE;
}

static void
count_cb (const FluoTerm *term, gpointer data)
{
  Table *self = data;
  guint at = fluo_cohort_term_hash (term);

  for (;; at++)
    {
      guint32 *bucket = &self->buckets[at & (self->n_buckets - 1)];
      Counter *counter;

      if (!*bucket && !make_room (self, term))
        return;
      if (!*bucket)
        {
          const Counter fresh = { .term = *term };

          g_array_append_val (self->counters, fresh);
          *bucket = self->counters->len;
        }
      counter = &g_array_index (self->counters, Counter, *bucket - 1);
      if (!fluo_cohort_term_equal (&counter->term, term))
        continue;
      if (counter->last != self->trace)
        counter->n[self->side] += self->weight;
      counter->last = self->trace;
      break;
    }
  if (self->counters->len * 2 > self->n_buckets)
    table_grow (self);
}

static void
count_list (GHashTable *lists, GArray *services, guint side)
{
  guint *n = g_hash_table_lookup (lists, services);

  if (!n)
    {
      n = g_new0 (guint, 2);
      g_hash_table_insert (lists, services, n);
    }
  n[side]++;
}

/* Lists of services are shared by many summaries: each is counted once and then taken apart. */
static void
count_services (Table *table, GHashTable *lists)
{
  GHashTableIter iter;
  gpointer list, data;

  g_hash_table_iter_init (&iter, lists);
  while (g_hash_table_iter_next (&iter, &list, &data))
    {
      const guint *n = data;

      table->trace++;
      for (table->side = 0; table->side < 2; table->side++)
        {
          table->weight = n[table->side];
          table->trace += table->side;
          if (table->weight > 0)
            fluo_cohort_give_services (list, count_cb, table);
        }
    }
}

static void
count_all (Table *table, GPtrArray *summaries, const guint8 *sides)
{
  g_autoptr (GHashTable) lists = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
                                                        g_free);

  table->counters = g_array_new (FALSE, FALSE, sizeof (Counter));
  table->sizes = g_hash_table_new (g_direct_hash, g_direct_equal);
  table->weight = 1;
  table_grow (table);
  for (guint i = 0; i < summaries->len; i++)
    {
      if (sides[i] != FLUO_COHORT_A && sides[i] != FLUO_COHORT_B)
        continue;
      table->trace = i + 1;
      table->side = sides[i] == FLUO_COHORT_B;
      fluo_cohort_give_others (g_ptr_array_index (summaries, i), count_cb, table);
      count_list (lists, ((FluoTraceSummary *) g_ptr_array_index (summaries, i))->services,
                  table->side);
    }
  count_services (table, lists);
  g_hash_table_unref (table->sizes);
}

/* URLs that differ in what follows the path are one. */
static void
merge_urls (Table *table, GPtrArray *strings)
{
  g_autoptr (GHashTable) merged = g_hash_table_new (g_str_hash, g_str_equal);
  guint kept = 0;

  for (guint i = 0; i < table->counters->len; i++)
    {
      Counter counter = g_array_index (table->counters, Counter, i);

      if (counter.term.field == FLUO_FIELD_URL)
        {
          const char *url = counter.term.value;
          const gsize length = fluo_url_plain_length (url);
          g_autofree char *plain = g_strndup (url, length);
          gpointer first;

          if (g_hash_table_lookup_extended (merged, plain, NULL, &first))
            {
              Counter *other = &g_array_index (table->counters, Counter, GPOINTER_TO_UINT (first));

              other->n[0] += counter.n[0];
              other->n[1] += counter.n[1];
              other->term.had_query |= url[length] != '\0';
              continue;
            }
          counter.term.had_query = url[length] != '\0';
          counter.term.value = url;
          if (counter.term.had_query)
            {
              counter.term.value = plain;
              g_ptr_array_add (strings, g_steal_pointer (&plain));
            }
          g_hash_table_insert (merged, (char *) counter.term.value, GUINT_TO_POINTER (kept));
        }
      g_array_index (table->counters, Counter, kept++) = counter;
    }
  g_array_set_size (table->counters, kept);
}

/* --- Fields ------------------------------------------------------------------------------ */

typedef struct
{
  FluoCohortField field;
  guint with[2];
  guint n_numbers; /* values that are numbers */
  guint last;
} FieldCounter;

static guint
field_hash (gconstpointer data)
{
  const FieldCounter *self = data;

  return g_direct_hash (self->field.key) * 31 + self->field.field;
}

static gboolean
field_equal (gconstpointer a, gconstpointer b)
{
  const FieldCounter *x = a, *y = b;

  return x->field.field == y->field.field && x->field.key == y->field.key;
}

/* A cause's service is no field of its own. */
static const char *
field_key (const FluoTerm *term)
{
  return fluo_cohort_field_has_key (term->field) ? term->key : NULL;
}

static GHashTable *
count_fields (const Table *table)
{
  GHashTable *fields = g_hash_table_new_full (field_hash, field_equal, NULL, g_free);

  for (guint i = 0; i < table->counters->len; i++)
    {
      const Counter *counter = &g_array_index (table->counters, Counter, i);
      const FieldCounter key = { .field = { .field = counter->term.field,
                                            .key = field_key (&counter->term) } };
      FieldCounter *found = g_hash_table_lookup (fields, &key);

      if (!found)
        {
          found = g_memdup2 (&key, sizeof key);
          g_hash_table_add (fields, found);
        }
      found->field.n_values++;
      found->n_numbers += counter->term.field == FLUO_FIELD_ANNOTATION
                          && counter->term.type == FLUO_VALUE_NUMBER;
      /* Of fields with several values a trace this counts too many, which is put right below. */
      for (guint k = 0; k < 2; k++)
        found->with[k] += counter->n[k];
    }
  return fields;
}

static gboolean
field_is_id (const FieldCounter *field)
{
  const guint with = field->with[0] + field->with[1];

  return with >= ID_TRACES_MIN
         && (field->field.n_values > with * ID_SHARE
             || field->field.n_values >= FLUO_COHORT_VALUES_MAX);
}

/* --- Rows -------------------------------------------------------------------------------- */

static gboolean
add_row (FluoCohort *self, const FluoTerm *term, const guint n[2], const FieldCounter *field)
{
  FluoCohortRow row = { .term = *term, .n = { n[0], n[1] } };

  for (guint i = 0; i < 2; i++)
    row.share[i] = self->size[i] > 0 ? n[i] / (double) self->size[i] : 0;
  row.n_with = field ? MIN (field->with[0], self->size[0]) : self->size[0];
  row.score = (row.share[0] - row.share[1]) * sqrt (row.n_with);
  row.is_id = field && field_is_id (field);
  if (fabs (row.share[0] - row.share[1]) < FLUO_COHORT_DIFFERENCE_MIN
      || n[0] + n[1] < FLUO_COHORT_TRACES_MIN
      || (row.score > 0 && n[0] < FLUO_COHORT_SELECTED_MIN))
    return FALSE;
  g_array_append_val (self->rows, row);
  return TRUE;
}

static void
add_cut (FluoCohort *self, FluoTerm *term, const FluoCut *cut, const FieldCounter *field)
{
  guint n[2] = { cut->n[0], cut->n[1] };

  term->operator = FLUO_COHORT_AT_LEAST;
  /* What A has more of is said, not what it has less of. */
  if (cut->difference < 0)
    {
      term->operator = FLUO_COHORT_UNDER;
      for (guint i = 0; i < 2; i++)
        n[i] = (field ? field->with[i] : self->size[i]) - n[i];
    }
  add_row (self, term, n, field);
}

static void
add_times (FluoCohort *self, const guint8 *sides)
{
  gint64 first = G_MAXINT64, last = 0, step;
  FluoTerm term = { .field = FLUO_FIELD_TIME };
  g_autofree guint *buckets = NULL; /* two a step: of A and of B */
  FluoCut cut = { 0 };
  guint n_buckets;
  guint n[2] = { 0, 0 };

  for (guint i = 0; i < self->summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (self->summaries, i);

      first = MIN (first, summary->start_ns);
      last = MAX (last, summary->start_ns);
    }
  if (last <= first)
    return;
  step = fluo_format_axis_step ((last - first) / TIME_STEPS + 1);
  first -= first % step;
  n_buckets = (guint) ((last - first) / step) + 1;
  buckets = g_new0 (guint, 2 * n_buckets);
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (self->summaries, i);

      if (sides[i] == FLUO_COHORT_A || sides[i] == FLUO_COHORT_B)
        buckets[2 * ((summary->start_ns - first) / step) + (sides[i] == FLUO_COHORT_B)]++;
    }
  for (guint i = n_buckets; i > 1; i--)
    {
      n[0] += buckets[2 * (i - 1)];
      n[1] += buckets[2 * (i - 1) + 1];
      fluo_cut_try (&cut, i - 1, n, self->size);
    }
  term.time_ns = first + (gint64) cut.at * step;
  if (cut.difference != 0)
    add_cut (self, &term, &cut, NULL);
}

static void
add_numbers (FluoCohort *self, const guint8 *sides, const FieldCounter *field)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (FluoCutPoint));
  FluoTerm term = { .field = FLUO_FIELD_ANNOTATION, .key = field->field.key,
                    .type = FLUO_VALUE_NUMBER };
  FieldCounter numbers = *field;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  FluoCut cut;

  numbers.with[0] = numbers.with[1] = 0;
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (self->summaries, i);

      if (sides[i] != FLUO_COHORT_A && sides[i] != FLUO_COHORT_B)
        continue;
      for (guint k = 0; k < summary->annotations->len; k++)
        {
          const FluoSummaryAnnotation *row = &g_array_index (summary->annotations,
                                                             FluoSummaryAnnotation, k);
          FluoCutPoint point = { 0, sides[i] };

          if (row->key != field->field.key || row->type != FLUO_VALUE_NUMBER)
            continue;
          point.value = g_ascii_strtod (row->value, NULL);
          if (!isfinite (point.value))
            continue;
          g_array_append_val (points, point);
          numbers.with[sides[i] == FLUO_COHORT_B]++;
          break;
        }
    }
  fluo_cut_find (points, self->size, &cut);
  if (cut.difference == 0)
    return;
  g_ptr_array_add (self->strings, g_strdup (g_ascii_formatd (text, sizeof text, "%.15g", cut.at)));
  term.value = g_ptr_array_index (self->strings, self->strings->len - 1);
  add_cut (self, &term, &cut, &numbers);
}

/* --- Ranking ----------------------------------------------------------------------------- */

/* What is asked for rather than what it is a consequence of, when both say the same. */
static guint
field_rank (FluoField field)
{
  static const guint8 ranks[FLUO_N_FIELDS] = {
    [FLUO_FIELD_ANNOTATION] = 0,     [FLUO_FIELD_VERSION] = 1, [FLUO_FIELD_URL] = 2,
    [FLUO_FIELD_HTTP_STATUS] = 3,    [FLUO_FIELD_CAUSE] = 4,   [FLUO_FIELD_PATH] = 5,
    [FLUO_FIELD_USER] = 6,           [FLUO_FIELD_SERVICE_STATUS] = 7,
    [FLUO_FIELD_SERVICE] = 8,        [FLUO_FIELD_STATUS] = 9,  [FLUO_FIELD_INSTANCE] = 10,
    [FLUO_FIELD_ZONE] = 11,          [FLUO_FIELD_CLIENT] = 12, [FLUO_FIELD_AGENT] = 13,
    [FLUO_FIELD_METHOD] = 14,        [FLUO_FIELD_ENTRY] = 15,  [FLUO_FIELD_ARN] = 16,
    [FLUO_FIELD_TIME] = 17,
  };

  return ranks[field];
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const FluoCohortRow *x = a, *y = b;
  const double by = fabs (y->score) - fabs (x->score);
  int order;

  if (x->is_id != y->is_id)
    return x->is_id ? 1 : -1;
  /* More often in A before less often. */
  if ((x->score > 0) != (y->score > 0))
    return x->score > 0 ? -1 : 1;
  if (fabs (by) > 1e-9)
    return by > 0 ? 1 : -1;
  if (x->term.field != y->term.field)
    return (int) field_rank (x->term.field) - (int) field_rank (y->term.field);
  order = g_strcmp0 (x->term.key, y->term.key);
  if (order == 0)
    order = g_strcmp0 (x->term.value, y->term.value);
  return order != 0 ? order : x->term.http_status - y->term.http_status;
}

static void
rank_rows (FluoCohort *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  g_array_sort (self->rows, compare_rows);
  if (self->rows->len > FLUO_COHORT_ROWS_MAX)
    g_array_set_size (self->rows, FLUO_COHORT_ROWS_MAX);
  for (guint i = 0; i < self->rows->len; i++)
    {
      FluoCohortRow *row = &g_array_index (self->rows, FluoCohortRow, i);
      const gint64 counts = (gint64) row->n[0] << 32 | row->n[1];

      row->is_alike = !g_hash_table_add (seen, g_memdup2 (&counts, sizeof counts));
    }
}

static int
compare_fields (gconstpointer a, gconstpointer b)
{
  const FluoCohortField *x = a, *y = b;

  if (x->field != y->field)
    return (int) x->field - (int) y->field;
  return g_strcmp0 (x->key, y->key);
}

/* --- Public ------------------------------------------------------------------------------ */

FluoCohort *
fluo_cohort_new (GPtrArray *summaries, const guint8 *sides, gboolean times)
{
  FluoCohort *self = g_new0 (FluoCohort, 1);
  g_autoptr (GHashTable) fields = NULL;
  Table table = { 0 };
  GHashTableIter iter;
  gpointer data;
  guint n_cuts = 0;

  g_atomic_ref_count_init (&self->ref_count);
  self->summaries = g_ptr_array_ref (summaries);
  self->strings = g_ptr_array_new_with_free_func (g_free);
  self->rows = g_array_new (FALSE, FALSE, sizeof (FluoCohortRow));
  self->fields = g_array_new (FALSE, FALSE, sizeof (FluoCohortField));
  for (guint i = 0; i < summaries->len; i++)
    if (sides[i] == FLUO_COHORT_A || sides[i] == FLUO_COHORT_B)
      self->size[sides[i] == FLUO_COHORT_B]++;
  count_all (&table, summaries, sides);
  merge_urls (&table, self->strings);
  fields = count_fields (&table);
  for (guint i = 0; i < table.counters->len; i++)
    {
      const Counter *counter = &g_array_index (table.counters, Counter, i);
      const FieldCounter key = { .field = { .field = counter->term.field,
                                            .key = field_key (&counter->term) } };

      add_row (self, &counter->term, counter->n, g_hash_table_lookup (fields, &key));
    }
  g_hash_table_iter_init (&iter, fields);
  while (g_hash_table_iter_next (&iter, &data, NULL))
    {
      FieldCounter *field = data;

      field->field.n_with = MIN (field->with[0] + field->with[1], self->size[0] + self->size[1]);
      g_array_append_val (self->fields, field->field);
      /* Where an id is cut is when it was given. */
      if (field->n_numbers > CUT_VALUES_MIN && !field_is_id (field) && n_cuts++ < CUT_KEYS_MAX)
        add_numbers (self, sides, field);
    }
  if (times)
    add_times (self, sides);
  rank_rows (self);
  g_array_sort (self->fields, compare_fields);
  g_array_unref (table.counters);
  g_free (table.buckets);
  return self;
}

FluoCohort *
fluo_cohort_ref (FluoCohort *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_cohort_unref (FluoCohort *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->summaries);
  g_ptr_array_unref (self->strings);
  g_array_unref (self->rows);
  g_array_unref (self->fields);
  g_free (self);
}

const FluoCohortRow *
fluo_cohort_get_rows (const FluoCohort *self, guint *ret_n)
{
  *ret_n = self->rows->len;
  return (const FluoCohortRow *) (void *) self->rows->data;
}

guint
fluo_cohort_get_size (const FluoCohort *self, guint set)
{
  return self->size[set != 0];
}

const FluoCohortField *
fluo_cohort_get_fields (const FluoCohort *self, guint *ret_n)
{
  *ret_n = self->fields->len;
  return (const FluoCohortField *) (void *) self->fields->data;
}
