/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-trace-compare-private.h"

#include <string.h>

/* The calls of both traces, lined up. */

static guint32
row_span (const FluoSpan *spans, guint32 span)
{
  return (spans[span].flags & FLUO_SPAN_CALL) && spans[span].first_child != FLUO_SPAN_NONE
           ? spans[span].first_child
           : span;
}

/* --- Lining up -------------------------------------------------------------------------------- */

void
fluo_compare_append_loosely (GString *out, const char *text)
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
    fluo_compare_append_loosely (key, detail);
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

/* Whether the entries of both are called the same and asked for the same; what is lined up under
 * them is not asked. */
static void
compare_kinds (FluoTraceComparison *self)
{
  g_autofree char *a = NULL, *b = NULL;
  const FluoCompareRow *entry;
  const FluoSpan *in_a, *in_b;

  self->same_service = self->same_kind = self->rows->len == 0;
  if (self->rows->len == 0)
    return;
  entry = fluo_trace_comparison_peek (self, 0);
  if (entry->a == FLUO_SPAN_NONE || entry->b == FLUO_SPAN_NONE)
    return;
  in_a = &fluo_trace_get_spans (self->a, NULL)[entry->a];
  in_b = &fluo_trace_get_spans (self->b, NULL)[entry->b];
  self->same_service = g_str_equal (fluo_trace_get_string (self->a, in_a->name),
                                    fluo_trace_get_string (self->b, in_b->name));
  a = dup_key (self->a, entry->a, TRUE);
  b = dup_key (self->b, entry->b, TRUE);
  /* One that doesn't say what it was asked for may be of the kind. */
  self->same_kind = self->same_service
                    && (in_a->detail == 0 || in_b->detail == 0 || g_str_equal (a, b));
}

/* --- Public ----------------------------------------------------------------------------------- */

const FluoSpan *
fluo_trace_comparison_peek_span (FluoTraceComparison *self, guint32 index)
{
  const FluoCompareRow *row = fluo_trace_comparison_peek (self, index);

  return row->a != FLUO_SPAN_NONE ? &fluo_trace_get_spans (self->a, NULL)[row->a]
                                  : &fluo_trace_get_spans (self->b, NULL)[row->b];
}

FluoTraceComparison *
fluo_trace_comparison_new (FluoTrace *a, FluoTrace *b)
{
  FluoTraceComparison *self;

  g_return_val_if_fail (a != NULL && b != NULL, NULL);

  self = g_new0 (FluoTraceComparison, 1);
  g_atomic_ref_count_init (&self->references);
  self->a = fluo_trace_ref (a);
  self->b = fluo_trace_ref (b);
  self->rows = g_array_new (FALSE, FALSE, sizeof (FluoCompareRow));
  self->facts = g_array_new (FALSE, FALSE, sizeof (FluoCompareFact));
  g_array_set_clear_func (self->facts, fluo_compare_fact_clear);
  self->same = g_ptr_array_new_with_free_func (g_free);
  self->difference_ns = fluo_trace_get_response_ns (a) - fluo_trace_get_response_ns (b);
  line_up (self);
  compare_kinds (self);
  fluo_trace_comparison_find_main (self);
  fluo_trace_comparison_compare_facts (self);
  return self;
}

FluoTraceComparison *
fluo_trace_comparison_ref (FluoTraceComparison *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fluo_trace_comparison_unref (FluoTraceComparison *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->references))
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
  const FluoCompareRow *row = fluo_trace_comparison_peek (self, index);
  FluoTrace *trace = row->a != FLUO_SPAN_NONE ? self->a : self->b;
  const FluoSpan *span = fluo_trace_comparison_peek_span (self, index);
  const FluoTraceService *services;
  guint n;

  services = fluo_trace_get_services (trace, &n);
  if ((span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) != 0 && span->service < n)
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
