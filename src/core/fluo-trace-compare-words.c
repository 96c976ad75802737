/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "fluo-format.h"
#include "fluo-trace-compare-private.h"

/* Where most of the difference is, and what is said of it. */

/* A call that holds this much of the difference is named. */
#define MAIN_SHARE 0.5
#define MARKS_MAX 3

/* The call under @at that made the most of the difference, FLUO_SPAN_NONE if none made any. */
static guint32
find_largest (FluoTraceComparison *self, guint32 at, gint64 *ret_ns)
{
  const FluoCompareRow *row = fluo_trace_comparison_peek (self, at);
  guint32 best = FLUO_SPAN_NONE;

  *ret_ns = 0;
  for (guint32 c = at + 1; c < row->end; c = fluo_trace_comparison_peek (self, c)->end)
    {
      gint64 part = fluo_trace_comparison_peek (self, c)->difference_ns;

      part = self->difference_ns < 0 ? -part : part;
      if (part > *ret_ns)
        {
          best = c;
          *ret_ns = part;
        }
    }
  return best;
}

static gint64
get_own (FluoTrace *trace, guint32 span)
{
  return span == FLUO_SPAN_NONE ? 0 : fluo_trace_get_spans (trace, NULL)[span].self_ns;
}

/* Down along the largest part of the difference while it is most of the whole: the last service on
 * the way, or the last call when there was none; the entry when the time went into itself. */
void
fluo_trace_comparison_find_main (FluoTraceComparison *self)
{
  const double enough = MAIN_SHARE * (double) ABS (self->difference_ns);
  guint32 at = 0;

  self->main_row = FLUO_SPAN_NONE;
  if (self->rows->len == 0 || self->difference_ns == 0)
    return;
  for (;;)
    {
      gint64 most;
      guint32 next = find_largest (self, at, &most);

      if (next == FLUO_SPAN_NONE || (double) most < enough)
        break;
      at = next;
      if (fluo_trace_comparison_peek_span (self, at)->flags
          & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED))
        self->main_row = at;
    }
  if (self->main_row != FLUO_SPAN_NONE)
    return;
  if (at > 0)
    self->main_row = at;
  else
    {
      const FluoCompareRow *entry = fluo_trace_comparison_peek (self, 0);
      gint64 own = get_own (self->a, entry->a) - get_own (self->b, entry->b);

      self->main_inside = (double) (self->difference_ns < 0 ? -own : own) >= enough;
      self->main_row = self->main_inside ? 0 : FLUO_SPAN_NONE;
    }
}

static char *
dup_length (FluoTraceComparison *self, FluoTrace *trace, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  return fluo_format_duration (self->main_inside ? get_own (trace, span)
                               : span == FLUO_SPAN_NONE
                                 ? 0 : spans[span].end_ns - spans[span].start_ns);
}

static void
append_main (FluoTraceComparison *self, FluoSentence *sentence)
{
  const FluoCompareRow *row = fluo_trace_comparison_peek (self, self->main_row);
  g_autofree char *a = dup_length (self, self->a, row->a);
  g_autofree char *b = dup_length (self, self->b, row->b);
  gint64 part = self->main_inside ? get_own (self->a, row->a) - get_own (self->b, row->b)
                                  : row->difference_ns;
  g_autofree char *share = fluo_format_share (
    MIN (1, (double) ABS (part) / (double) ABS (self->difference_ns)));
  g_autofree char *lead = g_strdup_printf (
    self->main_inside ? _(" %s of the difference is inside ") : _(" %s of the difference is "),
    share);
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

/* Nothing is said of a difference that still grows. */
static gboolean
append_running (FluoTraceComparison *self, FluoSentence *sentence)
{
  const gboolean in_a = fluo_trace_get_status (self->a) == FLUO_STATUS_RUNNING;
  const gboolean in_b = fluo_trace_get_status (self->b) == FLUO_STATUS_RUNNING;
  g_autofree char *a = fluo_format_duration (fluo_trace_get_response_ns (self->a));
  g_autofree char *b = fluo_format_duration (fluo_trace_get_response_ns (self->b));
  g_autofree char *tail = NULL;

  if (!in_a && !in_b)
    return FALSE;
  fluo_sentence_append (sentence,
                        in_a && in_b ? _("Both are still running.")
                        : in_a       ? _("A is still running.")
                                     : _("B is still running."),
                        TRUE);
  if (in_a && in_b)
    tail = g_strdup_printf (_(" So far A took %s, and B %s"), a, b);
  else if (in_a)
    tail = g_strdup_printf (_(" So far it took %s, and B %s in all"), a, b);
  else
    tail = g_strdup_printf (_(" So far it took %s, and A %s in all"), b, a);
  fluo_sentence_append (sentence, tail, FALSE);
  return TRUE;
}

char *
fluo_trace_comparison_dup_marks (FluoTraceComparison *self, gboolean of_a)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < self->facts->len && n < MARKS_MAX; i++)
    {
      const FluoCompareFact *fact = &g_array_index (self->facts, FluoCompareFact, i);
      const char *value = of_a ? fact->a : fact->b;

      if (fact->name != NULL && value != NULL)
        g_string_append_printf (text, "%s%s %s", n++ > 0 ? " · " : "", fact->name, value);
    }
  return g_strdup (n > 0 ? text->str : fluo_trace_get_title (of_a ? self->a : self->b));
}

char *
fluo_trace_comparison_dup_same (FluoTraceComparison *self)
{
  g_autoptr (GString) keys = g_string_new (NULL);

  for (guint i = 0; i < self->same->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (self->same, i));
  return g_strdup (keys->str);
}

FluoSentence *
fluo_trace_comparison_dup_sentence (FluoTraceComparison *self)
{
  FluoSentence *sentence = fluo_sentence_new ();
  g_autofree char *by = fluo_format_duration (ABS (self->difference_ns)), *first = NULL;

  if (fluo_trace_id_equal (fluo_trace_get_id (self->a), fluo_trace_get_id (self->b)))
    {
      fluo_sentence_append (sentence, _("A and B are the same trace."), TRUE);
      return sentence;
    }
  if (append_running (self, sentence))
    return sentence;

  if (self->difference_ns == 0)
    first = g_strdup (_("Both took equally long."));
  else
    first = g_strdup_printf (self->difference_ns > 0 ? _("A took %s longer.")
                                                     : _("A was %s faster."), by);
  fluo_sentence_append (sentence, first, TRUE);
  if (!self->same_kind)
    fluo_sentence_append (sentence, _(" They are different requests."), FALSE);
  if (self->main_row != FLUO_SPAN_NONE && self->same_service)
    append_main (self, sentence);
  else if (self->difference_ns != 0 && self->same_kind)
    {
      fluo_sentence_append (sentence, " ", FALSE);
      fluo_sentence_append (sentence, _("No single call makes the difference."), FALSE);
    }
  return sentence;
}
