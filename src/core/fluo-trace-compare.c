/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-trace-compare-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-format.h"
#include "fluo-trace-summary.h"

/* A service that holds this much of the difference is named. */
#define MAIN_SHARE 0.5
/* Calls named in "calls only in A". */
#define ONLY_NAMES_MAX 6
#define FACTS_MAX 200
/* So many digits in a row are a number of something. */
#define ID_DIGITS_MIN 4

static guint32
row_span (const FluoSpan *spans, guint32 span)
{
  return (spans[span].flags & FLUO_SPAN_CALL) && spans[span].first_child != FLUO_SPAN_NONE
           ? spans[span].first_child
           : span;
}

static gboolean
stands_for_service (const FluoSpan *span)
{
  return (span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) != 0;
}

/* --- Lining up -------------------------------------------------------------------------------- */

/* A star for each part of a path with a digit in it: what changes from request to request. */
static void
append_loosely (GString *out, const char *text)
{
  while (*text != '\0')
    {
      gsize length = strcspn (text, "/ ");
      gboolean digits = FALSE;

      for (gsize i = 0; i < length; i++)
        digits |= g_ascii_isdigit (text[i]);
      if (digits)
        g_string_append_c (out, '*');
      else
        g_string_append_len (out, text, (gssize) length);
      text += length;
      if (*text != '\0')
        g_string_append_c (out, *text++);
    }
}

static char *
dup_key (FluoTrace *trace, guint32 index, gboolean loose)
{
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[index];
  const char *detail = fluo_trace_get_string (trace, span->detail);
  const FluoTraceService *services;
  GString *key = g_string_new (NULL);
  guint n;

  services = fluo_trace_get_services (trace, &n);
  g_string_append_printf (key, "%s\n%s\n", span->service < n ? services[span->service].name : "",
                          fluo_trace_get_string (trace, span->name));
  if (loose)
    append_loosely (key, detail);
  else
    g_string_append (key, detail);

  return g_string_free (key, FALSE);
}

static GArray *
children_of (FluoTrace *trace, guint32 span)
{
  guint n;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  GArray *children = g_array_new (FALSE, FALSE, sizeof (guint32));

  if (span == FLUO_SPAN_NONE)
    return children;
  for (guint32 c = spans[span].first_child; c != FLUO_SPAN_NONE; c = spans[c].next_sibling)
    {
      guint32 row = row_span (spans, c);

      g_array_append_val (children, row);
    }
  return children;
}

static GArray *
roots_of (FluoTrace *trace)
{
  guint n;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  GArray *roots = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < n; i = MAX (spans[i].end_index, i + 1))
    {
      guint32 row = row_span (spans, i);

      g_array_append_val (roots, row);
    }
  return roots;
}

/* Fills @match_b (for each of @in_a the place in @in_b, or FLUO_SPAN_NONE) for what has no match
 * yet. */
static void
match (FluoTraceComparison *self, GArray *in_a, GArray *in_b, guint32 *match_b, guint8 *taken,
       gboolean loose)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                         (GDestroyNotify) g_queue_free);

  for (guint i = 0; i < in_b->len; i++)
    {
      char *key;
      GQueue *queue;

      if (taken[i])
        continue;
      key = dup_key (self->b, g_array_index (in_b, guint32, i), loose);
      queue = g_hash_table_lookup (places, key);
      if (!queue)
        {
          queue = g_queue_new ();
          g_hash_table_insert (places, key, queue);
        }
      else
        g_free (key);
      g_queue_push_tail (queue, GUINT_TO_POINTER (i));
    }
  for (guint i = 0; i < in_a->len; i++)
    {
      g_autofree char *key = NULL;
      GQueue *queue;

      if (match_b[i] != FLUO_SPAN_NONE)
        continue;
      key = dup_key (self->a, g_array_index (in_a, guint32, i), loose);
      queue = g_hash_table_lookup (places, key);
      if (!queue || g_queue_is_empty (queue))
        continue;
      match_b[i] = GPOINTER_TO_UINT (g_queue_pop_head (queue));
      taken[match_b[i]] = TRUE;
    }
}

typedef struct
{
  guint32 a, b, parent;
} Pair;

/* A's order; what only B has stands where B has it, behind the sibling before it. */
static GArray *
pair_up (FluoTraceComparison *self, GArray *in_a, GArray *in_b, guint32 parent)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_autofree guint32 *match_b = g_new (guint32, in_a->len + 1);
  g_autofree guint8 *taken = g_new0 (guint8, in_b->len + 1);
  g_autofree guint8 *placed = g_new0 (guint8, in_b->len + 1);
  guint next = 0;

  memset (match_b, 0xff, (in_a->len + 1) * sizeof *match_b);
  /* The entries of both traces are one row whatever they are called. */
  if (parent == FLUO_SPAN_NONE && in_a->len > 0 && in_b->len > 0)
    {
      match_b[0] = 0;
      taken[0] = TRUE;
    }
  match (self, in_a, in_b, match_b, taken, FALSE);
  match (self, in_a, in_b, match_b, taken, TRUE);
  for (guint i = 0; i <= in_a->len; i++)
    {
      guint until = i == in_a->len ? in_b->len : match_b[i] != FLUO_SPAN_NONE ? match_b[i] : next;

      for (; next < until; next++)
        if (!taken[next] && !placed[next])
          {
            Pair pair = { FLUO_SPAN_NONE, g_array_index (in_b, guint32, next), parent };

            placed[next] = TRUE;
            g_array_append_val (pairs, pair);
          }
      if (i < in_a->len)
        {
          Pair pair = { g_array_index (in_a, guint32, i), FLUO_SPAN_NONE, parent };

          if (match_b[i] != FLUO_SPAN_NONE)
            pair.b = g_array_index (in_b, guint32, match_b[i]);
          g_array_append_val (pairs, pair);
        }
    }
  return pairs;
}

static gint64
length_of (FluoTrace *trace, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  return span == FLUO_SPAN_NONE ? 0 : spans[span].end_ns - spans[span].start_ns;
}

static gboolean
is_running (FluoTrace *trace, guint32 span)
{
  return span != FLUO_SPAN_NONE
         && fluo_trace_get_spans (trace, NULL)[span].status == FLUO_STATUS_RUNNING;
}

static void
push (GArray *stack, GArray *pairs)
{
  for (guint i = pairs->len; i > 0; i--)
    g_array_append_val (stack, g_array_index (pairs, Pair, i - 1));
  g_array_unref (pairs);
}

static guint32 *
new_rows_of (FluoTrace *trace)
{
  guint n;
  guint32 *rows;

  fluo_trace_get_spans (trace, &n);
  rows = g_new (guint32, n + 1);
  memset (rows, 0xff, (n + 1) * sizeof *rows);
  return rows;
}

static void
line_up (FluoTraceComparison *self)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_autoptr (GArray) roots_a = roots_of (self->a), roots_b = roots_of (self->b);

  self->rows_of[0] = new_rows_of (self->a);
  self->rows_of[1] = new_rows_of (self->b);
  push (stack, pair_up (self, roots_a, roots_b, FLUO_SPAN_NONE));
  while (stack->len > 0)
    {
      Pair pair = g_array_index (stack, Pair, stack->len - 1);
      FluoCompareRow row = { pair.a, pair.b, pair.parent, self->rows->len + 1 };
      g_autoptr (GArray) in_a = NULL, in_b = NULL;
      guint32 index = self->rows->len;

      g_array_set_size (stack, stack->len - 1);
      row.running = is_running (self->a, pair.a) || is_running (self->b, pair.b);
      if (!row.running)
        row.difference_ns = length_of (self->a, pair.a) - length_of (self->b, pair.b);
      if (pair.parent != FLUO_SPAN_NONE)
        row.depth = (guint16) MIN (
          g_array_index (self->rows, FluoCompareRow, pair.parent).depth + 1, G_MAXUINT16);
      g_array_append_val (self->rows, row);
      if (pair.a != FLUO_SPAN_NONE)
        self->rows_of[0][pair.a] = index;
      if (pair.b != FLUO_SPAN_NONE)
        self->rows_of[1][pair.b] = index;
      in_a = children_of (self->a, pair.a);
      in_b = children_of (self->b, pair.b);
      if (in_a->len + in_b->len > 0)
        push (stack, pair_up (self, in_a, in_b, index));
    }
  for (guint i = self->rows->len; i > 0; i--)
    {
      FluoCompareRow *row = &g_array_index (self->rows, FluoCompareRow, i - 1);

      if (row->parent != FLUO_SPAN_NONE)
        {
          FluoCompareRow *parent = &g_array_index (self->rows, FluoCompareRow, row->parent);

          parent->end = MAX (parent->end, row->end);
        }
    }
}

static const FluoSpan *
span_of (FluoTraceComparison *self, const FluoCompareRow *row)
{
  return row->a != FLUO_SPAN_NONE ? &fluo_trace_get_spans (self->a, NULL)[row->a]
                                  : &fluo_trace_get_spans (self->b, NULL)[row->b];
}

/* Down along the largest part of the difference while it is most of the whole; the last service on
 * the way. */
static void
find_main (FluoTraceComparison *self)
{
  guint32 at = 0;
  gint64 total = ABS (self->difference_ns);

  self->main_row = FLUO_SPAN_NONE;
  while (self->rows->len > 0 && total > 0)
    {
      const FluoCompareRow *row = &g_array_index (self->rows, FluoCompareRow, at);
      guint32 best = FLUO_SPAN_NONE;
      gint64 best_ns = 0;

      for (guint32 c = at + 1; c < row->end;
           c = g_array_index (self->rows, FluoCompareRow, c).end)
        {
          gint64 part = g_array_index (self->rows, FluoCompareRow, c).difference_ns;

          part = self->difference_ns < 0 ? -part : part;
          if (part > best_ns)
            {
              best = c;
              best_ns = part;
            }
        }
      if (best == FLUO_SPAN_NONE || (double) best_ns < MAIN_SHARE * (double) total)
        break;
      at = best;
      if (stands_for_service (span_of (self, &g_array_index (self->rows, FluoCompareRow, at))))
        self->main_row = at;
    }
}

/* --- What else differs ------------------------------------------------------------------------ */

static void
fact_clear (gpointer data)
{
  FluoCompareFact *fact = data;

  g_free (fact->key);
  g_free (fact->a);
  g_free (fact->b);
  g_free (fact->name);
}

void
fluo_trace_comparison_add_fact (FluoTraceComparison *self, FluoField field, const char *key,
                                const char *a, const char *b)
{
  FluoCompareFact fact = { .field = field };

  if (self->facts->len >= FACTS_MAX)
    return;
  if (g_strcmp0 (a, b) == 0)
    {
      if (a)
        g_ptr_array_add (self->same, g_strdup (key));
      return;
    }
  fact.key = g_strdup (key);
  fact.a = g_strdup (a);
  fact.b = g_strdup (b);
  g_array_append_val (self->facts, fact);
}

/* What the fact that was added last is of. */
static void
name_fact (FluoTraceComparison *self, guint n_before, const char *name, FluoValueType type)
{
  FluoCompareFact *fact;

  if (self->facts->len == n_before)
    return;
  fact = &g_array_index (self->facts, FluoCompareFact, n_before);
  fact->name = g_strdup (name);
  fact->type = type;
}

static const char *
annotation_of (FluoTraceSummary *summary, const char *key)
{
  for (guint i = 0; i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (summary->annotations, FluoSummaryAnnotation, i);

      if (g_str_equal (annotation->key, key))
        return annotation->value;
    }
  return NULL;
}

static void
add_annotation (FluoTraceComparison *self, const FluoSummaryAnnotation *annotation, const char *a,
                const char *b)
{
  guint n = self->facts->len;

  fluo_trace_comparison_add_fact (self, FLUO_FIELD_ANNOTATION, annotation->key, a, b);
  name_fact (self, n, annotation->key, annotation->type);
}

static void
compare_annotations (FluoTraceComparison *self, FluoTraceSummary *a, FluoTraceSummary *b)
{
  for (guint i = 0; i < a->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (a->annotations, FluoSummaryAnnotation, i);

      /* Sorted by key: of several values the first stands for all. */
      if (annotation_of (a, annotation->key) == annotation->value)
        add_annotation (self, annotation, annotation->value, annotation_of (b, annotation->key));
    }
  for (guint i = 0; i < b->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (b->annotations, FluoSummaryAnnotation, i);

      if (!annotation_of (a, annotation->key) &&
          annotation_of (b, annotation->key) == annotation->value)
        add_annotation (self, annotation, NULL, annotation->value);
    }
}

static void
compare_versions (FluoTraceComparison *self)
{
  const FluoTraceService *in_a, *in_b;
  guint n_a, n_b;

  in_a = fluo_trace_get_services (self->a, &n_a);
  in_b = fluo_trace_get_services (self->b, &n_b);
  for (guint i = 0; i < n_a; i++)
    for (guint k = 0; k < n_b; k++)
      if (in_a[i].version && in_b[k].version && g_str_equal (in_a[i].name, in_b[k].name) &&
          g_strcmp0 (in_a[i].type, in_b[k].type) == 0 &&
          !g_str_equal (in_a[i].version, in_b[k].version))
        {
          g_autofree char *key = g_strdup_printf (_("%s version"), in_a[i].name);
          guint n = self->facts->len;

          fluo_trace_comparison_add_fact (self, FLUO_FIELD_VERSION, key, in_a[i].version,
                                          in_b[k].version);
          name_fact (self, n, in_a[i].name, FLUO_VALUE_STRING);
        }
}

static void
compare_first (FluoTraceComparison *self, FluoField field, const char *key, GPtrArray *in_a,
               GPtrArray *in_b)
{
  fluo_trace_comparison_add_fact (self, field, key,
                                  in_a->len ? g_ptr_array_index (in_a, 0) : NULL,
                                  in_b->len ? g_ptr_array_index (in_b, 0) : NULL);
}

static void
compare_requests (FluoTraceComparison *self, FluoTraceSummary *a, FluoTraceSummary *b)
{
  g_autofree char *status_a = a->http_status ? g_strdup_printf ("%d", a->http_status) : NULL;
  g_autofree char *status_b = b->http_status ? g_strdup_printf ("%d", b->http_status) : NULL;

  fluo_trace_comparison_add_fact (self, FLUO_FIELD_HTTP_STATUS, _("HTTP status"), status_a,
                                  status_b);
  fluo_trace_comparison_add_fact (self, FLUO_FIELD_URL, _("URL"), a->http_url, b->http_url);
  compare_first (self, FLUO_FIELD_USER, _("User"), a->users, b->users);
  compare_first (self, FLUO_FIELD_INSTANCE, _("Instance"), a->instances, b->instances);
  compare_first (self, FLUO_FIELD_ZONE, _("Zone"), a->zones, b->zones);
}

/* The names of calls that only one has, uppermost ones. */
static char *
dup_only (FluoTraceComparison *self, gboolean in_a)
{
  GString *names = g_string_new (NULL);
  guint n = 0;

  for (guint32 i = 0; i < self->rows->len;)
    {
      const FluoCompareRow *row = &g_array_index (self->rows, FluoCompareRow, i);
      FluoTrace *trace = in_a ? self->a : self->b;
      guint32 span = in_a ? row->a : row->b;
      const char *detail;

      if ((in_a ? row->b : row->a) != FLUO_SPAN_NONE || span == FLUO_SPAN_NONE)
        {
          i++;
          continue;
        }
      detail = fluo_trace_get_string (trace, fluo_trace_get_spans (trace, NULL)[span].detail);
      if (n < ONLY_NAMES_MAX)
        g_string_append_printf (names, "%s%s%s%s", n ? ", " : "",
                                fluo_trace_comparison_get_name (self, i), *detail ? " " : "",
                                detail);
      n++;
      i = row->end;
    }
  if (n > ONLY_NAMES_MAX)
    g_string_append (names, ", …");
  if (n == 0)
    {
      g_string_free (names, TRUE);
      return NULL;
    }
  return g_string_free (names, FALSE);
}

/* An order, a customer, a host: of any two traces another one. */
static gboolean
is_id (const char *text)
{
  guint n = 0;

  for (; text && *text && n < ID_DIGITS_MIN; text++)
    n = g_ascii_isdigit (*text) ? n + 1 : 0;
  return n >= ID_DIGITS_MIN;
}

/* What says nothing by being another one comes last. */
static void
put_ids_last (FluoTraceComparison *self)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoCompareFact));
  FluoCompareFact *facts = (FluoCompareFact *) (gpointer) self->facts->data;
  guint n = 0;

  for (guint i = 0; i < self->facts->len; i++)
    if (facts[i].field != FLUO_N_FIELDS && (is_id (facts[i].a) || is_id (facts[i].b)))
      g_array_append_val (ids, facts[i]);
    else
      facts[n++] = facts[i];
  if (ids->len)
    memcpy (facts + n, ids->data, ids->len * sizeof *facts);
}

static void
compare_facts (FluoTraceComparison *self)
{
  g_autoptr (FluoTraceSummary) a = fluo_trace_summary_from_trace (self->a);
  g_autoptr (FluoTraceSummary) b = fluo_trace_summary_from_trace (self->b);
  g_autofree char *only_a = NULL, *only_b = NULL;

  compare_annotations (self, a, b);
  compare_versions (self);
  compare_requests (self, a, b);
  fluo_trace_comparison_compare_tries (self);
  only_a = dup_only (self, TRUE);
  only_b = dup_only (self, FALSE);
  if (only_a)
    fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, _("Calls only in A"), only_a, NULL);
  if (only_b)
    fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, _("Calls only in B"), NULL, only_b);
  put_ids_last (self);
}

/* --- Public ----------------------------------------------------------------------------------- */

FluoTraceComparison *
fluo_trace_comparison_new (FluoTrace *a, FluoTrace *b)
{
  FluoTraceComparison *self;

  g_return_val_if_fail (a != NULL && b != NULL, NULL);

  self = g_new0 (FluoTraceComparison, 1);
  self->a = fluo_trace_ref (a);
  self->b = fluo_trace_ref (b);
  self->rows = g_array_new (FALSE, FALSE, sizeof (FluoCompareRow));
  self->facts = g_array_new (FALSE, FALSE, sizeof (FluoCompareFact));
  g_array_set_clear_func (self->facts, fact_clear);
  self->same = g_ptr_array_new_with_free_func (g_free);
  self->difference_ns = fluo_trace_get_response_ns (a) - fluo_trace_get_response_ns (b);
  line_up (self);
  find_main (self);
  compare_facts (self);
  return self;
}

void
fluo_trace_comparison_free (FluoTraceComparison *self)
{
  if (!self)
    return;
  fluo_trace_unref (self->a);
  fluo_trace_unref (self->b);
  g_array_unref (self->rows);
  g_array_unref (self->facts);
  g_ptr_array_unref (self->same);
  g_free (self->rows_of[0]);
  g_free (self->rows_of[1]);
  g_free (self);
}

const char *
fluo_trace_comparison_get_name (FluoTraceComparison *self, guint32 index)
{
  const FluoCompareRow *row = &g_array_index (self->rows, FluoCompareRow, index);
  FluoTrace *trace = row->a != FLUO_SPAN_NONE ? self->a : self->b;
  const FluoSpan *span = span_of (self, row);
  const FluoTraceService *services;
  guint n;

  services = fluo_trace_get_services (trace, &n);
  if (stands_for_service (span) && span->service < n)
    return fluo_kind_get_display_name (services[span->service].type, services[span->service].name);
  return fluo_trace_get_string (trace, span->name);
}

guint32
fluo_trace_comparison_find_row (FluoTraceComparison *self, gboolean in_a, guint32 span)
{
  guint n;
  const FluoSpan *spans = fluo_trace_get_spans (in_a ? self->a : self->b, &n);

  for (; span < n; span = spans[span].parent)
    {
      guint32 row = self->rows_of[in_a ? 0 : 1][row_span (spans, span)];

      if (row != FLUO_SPAN_NONE)
        return row;
    }
  return FLUO_SPAN_NONE;
}

gboolean
fluo_compare_fact_get_term (const FluoCompareFact *self, FluoTerm *ret_term)
{
  if (self->field == FLUO_N_FIELDS || !self->a)
    return FALSE;
  *ret_term = (FluoTerm) { .field = self->field, .key = self->name, .value = self->a,
                           .type = self->type };
  if (self->field == FLUO_FIELD_HTTP_STATUS)
    ret_term->http_status = (int) g_ascii_strtoll (self->a, NULL, 10);
  return TRUE;
}

FluoSentence *
fluo_trace_comparison_dup_sentence (FluoTraceComparison *self)
{
  FluoSentence *sentence = fluo_sentence_new ();
  g_autofree char *by = fluo_format_duration (ABS (self->difference_ns)), *first = NULL;
  const FluoCompareRow *row;

  if (self->difference_ns == 0)
    first = g_strdup (_("Both took equally long."));
  else
    first = g_strdup_printf (self->difference_ns > 0 ? _("A took %s longer.")
                                                     : _("A was %s faster."), by);
  fluo_sentence_append (sentence, first, TRUE);
  if (self->main_row == FLUO_SPAN_NONE)
    {
      fluo_sentence_append (sentence, " ", FALSE);
      if (self->difference_ns != 0)
        fluo_sentence_append (sentence, _("No single call makes the difference."), FALSE);
      return sentence;
    }

  row = &g_array_index (self->rows, FluoCompareRow, self->main_row);
  {
    g_autofree char *share = fluo_format_share (
      MIN (1, (double) ABS (row->difference_ns) / (double) ABS (self->difference_ns)));
    g_autofree char *a = fluo_format_duration (length_of (self->a, row->a));
    g_autofree char *b = fluo_format_duration (length_of (self->b, row->b));
    g_autofree char *lead = g_strdup_printf (_(" %s of the difference is "), share);
    g_autofree char *tail = NULL;

    if (row->b == FLUO_SPAN_NONE)
      tail = g_strdup_printf (_(": %s, not called in B"), a);
    else if (row->a == FLUO_SPAN_NONE)
      tail = g_strdup_printf (_(": not called in A, %s in B"), b);
    else
      tail = g_strdup_printf (_(": %s instead of %s"), a, b);
    fluo_sentence_append (sentence, lead, FALSE);
    fluo_sentence_append (sentence, fluo_trace_comparison_get_name (self, self->main_row), TRUE);
    fluo_sentence_append (sentence, tail, FALSE);
  }
  return sentence;
}
