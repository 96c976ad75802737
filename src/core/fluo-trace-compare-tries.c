/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "fluo-trace-compare-private.h"

/* A call that failed and was made again: how often, in A and in B. */

#define TRIES_MAX 100

/* The call to count by: the calling subsegment where there is one. */
static guint32
call_of (const FluoSpan *spans, guint32 span)
{
  return (spans[span].flags & FLUO_SPAN_CALLEE) ? spans[span].parent : span;
}

/* Of the call that is tried first at @span. Those after it are put into @later. */
static guint
count_tries (const FluoSpan *spans, guint32 span, GHashTable *later)
{
  guint32 at = call_of (spans, span);
  guint n = 1;

  while (n < TRIES_MAX && spans[at].status >= FLUO_STATUS_ERROR
         && spans[at].next_sibling != FLUO_SPAN_NONE)
    {
      const FluoSpan *failed = &spans[at], *next = &spans[failed->next_sibling];

      if (next->name != failed->name || next->detail != failed->detail
          || next->start_ns < failed->end_ns)
        break;
      at = failed->next_sibling;
      g_hash_table_add (later, GUINT_TO_POINTER (at));
      n++;
    }

  return n;
}

static char *
dup_words (guint n, FluoStatus first)
{
  if (n == 1)
    return g_strdup ("1");
  if (first == FLUO_STATUS_THROTTLE)
    return g_strdup_printf (_("%u, the first throttled"), n);
  return g_strdup_printf (first == FLUO_STATUS_FAULT ? _("%u, the first with a fault")
                                                     : _("%u, the first with an error"),
                          n);
}

void
fluo_trace_comparison_compare_tries (FluoTraceComparison *self)
{
  const FluoSpan *in_a = fluo_trace_get_spans (self->a, NULL),
                 *in_b = fluo_trace_get_spans (self->b, NULL);
  g_autoptr (GHashTable) later_a = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) later_b = g_hash_table_new (NULL, NULL);

  for (guint32 i = 0; i < self->rows->len; i++)
    {
      const FluoCompareRow *row = &g_array_index (self->rows, FluoCompareRow, i);
      guint n_a, n_b;
      g_autofree char *key = NULL, *a = NULL, *b = NULL;

      if (row->a == FLUO_SPAN_NONE || row->b == FLUO_SPAN_NONE
          || g_hash_table_contains (later_a, GUINT_TO_POINTER (call_of (in_a, row->a)))
          || g_hash_table_contains (later_b, GUINT_TO_POINTER (call_of (in_b, row->b))))
        continue;
      n_a = count_tries (in_a, row->a, later_a);
      n_b = count_tries (in_b, row->b, later_b);
      if (n_a == n_b)
        continue;
      key = g_strdup_printf (_("Tries at %s"), fluo_trace_comparison_get_name (self, i));
      a = dup_words (n_a, in_a[call_of (in_a, row->a)].status);
      b = dup_words (n_b, in_b[call_of (in_b, row->b)].status);
      fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, key, a, b);
    }
}
