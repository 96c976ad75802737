/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "core/fluo-span-detail.h"
#include "draw/fluo-waterfall-rows-private.h"

/* What is said about a row: its name, what went wrong, which try it is, whether its clock is right.
 */

/* A name longer than this is compared up to here when looking for tries; documents hold at most 64
 * KB. */
#define EXCEPTION_CHARS_MAX 80
#define TRIES_MAX 99

typedef struct
{
  gint64   shift_ns;
  gboolean shifted;
} ClockMark;

const char *
fluo_waterfall_rows_get_exception (FluoWaterfallRows *self, guint32 span)
{
  char *text;

  if (span >= self->n_spans)
    return "";
  span = fluo_spans_failing (self->spans, span);
  if (!(self->spans[span].flags & FLUO_SPAN_HAS_CAUSE))
    return "";

  text = g_hash_table_lookup (self->exceptions, GUINT_TO_POINTER (span));
  if (text == NULL)
    {
      g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (self->trace, span);
      const char *found = NULL;

      if (detail->exceptions != NULL && detail->exceptions->len > 0)
        {
          const FluoException *exception = &g_array_index (detail->exceptions, FluoException, 0);

          found = exception->type != NULL ? exception->type : exception->message;
        }

      text = found != NULL
               ? g_utf8_substring (found, 0, MIN (g_utf8_strlen (found, -1), EXCEPTION_CHARS_MAX))
               : g_strdup ("");
      g_hash_table_insert (self->exceptions, GUINT_TO_POINTER (span), text);
    }

  return text;
}

static const ClockMark *
find_mark (FluoWaterfallRows *self, guint32 span)
{
  guint32 segment =
    self->clocks != NULL ? fluo_waterfall_rows_get_segment (self, span) : FLUO_SPAN_NONE;

  return segment != FLUO_SPAN_NONE ? g_hash_table_lookup (self->clocks, GUINT_TO_POINTER (segment))
                                   : NULL;
}

gint64
fluo_waterfall_rows_get_shift (FluoWaterfallRows *self, guint32 span)
{
  const ClockMark *mark = find_mark (self, span);

  return mark != NULL && mark->shifted ? mark->shift_ns : 0;
}

/* Few documents have events; the others are not parsed for them. */
static gboolean
may_have_events (FluoWaterfallRows *self, guint32 span)
{
  const char *raw;
  gsize length;

  if (!(self->spans[span].flags & FLUO_SPAN_HAS_METADATA))
    return FALSE;
  raw = fluo_trace_get_raw (self->trace, span, &length);

  return g_strstr_len (raw, (gssize) length, "\"events\"") != NULL;
}

GArray *
fluo_waterfall_rows_get_events (FluoWaterfallRows *self, guint32 span)
{
  GArray *events = NULL;

  if (span >= self->n_spans || !(self->spans[span].flags & FLUO_SPAN_HAS_METADATA))
    return NULL;
  if (self->events == NULL)
    self->events = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  if (!g_hash_table_lookup_extended (self->events, GUINT_TO_POINTER (span), NULL,
                                     (gpointer *) &events))
    {
      if (may_have_events (self, span))
        {
          g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (self->trace, span);
          const gint64 shift_ns = fluo_waterfall_rows_get_shift (self, span);

          events = g_array_ref (detail->events);
          for (guint i = 0; i < events->len; i++)
            g_array_index (events, FluoSpanEvent, i).time_ns += shift_ns;
        }
      else
        events = g_array_new (FALSE, FALSE, sizeof (FluoSpanEvent));
      g_hash_table_insert (self->events, GUINT_TO_POINTER (span), events);
    }

  return events->len > 0 ? events : NULL;
}

gboolean
fluo_waterfall_rows_is_service (FluoWaterfallRows *self, guint32 span)
{
  return (self->spans[span].flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) != 0;
}

const char *
fluo_waterfall_rows_get_name (FluoWaterfallRows *self, guint32 span)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);

  if (span >= self->n_spans)
    return "";
  if (fluo_waterfall_rows_is_service (self, span) && self->spans[span].service < self->n_services)
    {
      const FluoTraceService *service = &services[self->spans[span].service];

      return fluo_kind_get_display_name (service->type, service->name);
    }

  return fluo_trace_get_string (self->trace, self->spans[span].name);
}

/* The call to compare tries by: the calling subsegment where there is one. */
static guint32
call_of (FluoWaterfallRows *self, guint32 span)
{
  return (self->spans[span].flags & FLUO_SPAN_CALLEE) ? self->spans[span].parent : span;
}

guint
fluo_waterfall_rows_get_try (FluoWaterfallRows *self, guint32 span, gint64 *ret_pause_ns)
{
  const FluoSpan *call, *previous;
  guint32 at, sibling;
  guint n = 1;

  /* Only the nearest row above with the same parent counts, and only if it failed: walk back while
   * that holds. */
  at = call_of (self, span);
  call = &self->spans[at];
  if (call->parent == FLUO_SPAN_NONE || !fluo_waterfall_rows_is_service (self, span))
    return 0;

  *ret_pause_ns = 0;
  while (n < TRIES_MAX)
    {
      const FluoSpan *current = &self->spans[at];

      /* The span just before is a descendant of the previous sibling, unless it is the parent. */
      sibling = at > 0 ? at - 1 : FLUO_SPAN_NONE;
      while (sibling != FLUO_SPAN_NONE && sibling != current->parent &&
             self->spans[sibling].parent != current->parent && at - sibling < TRIES_MAX)
        sibling = self->spans[sibling].parent;
      if (sibling == FLUO_SPAN_NONE || sibling == current->parent ||
          self->spans[sibling].parent != current->parent)
        break;

      previous = &self->spans[sibling];
      if (previous->status < FLUO_STATUS_ERROR || previous->name != current->name ||
          previous->detail != current->detail || previous->end_ns > current->start_ns)
        break;

      if (n == 1)
        *ret_pause_ns = current->start_ns - previous->end_ns;
      at = sibling;
      n++;
    }

  return n > 1 ? n : 0;
}

/* --- Clocks ------------------------------------------------------------------------------- */

guint32
fluo_waterfall_rows_get_segment (FluoWaterfallRows *self, guint32 span)
{
  while (span < self->n_spans && !(self->spans[span].flags & FLUO_SPAN_SEGMENT))
    span = self->spans[span].parent;

  return span < self->n_spans ? span : FLUO_SPAN_NONE;
}

void
fluo_waterfall_rows_mark_clock (FluoWaterfallRows *self, guint32 segment, gint64 shift_ns,
                                gboolean shifted)
{
  ClockMark mark = { shift_ns, shifted };

  if (self->clocks == NULL)
    self->clocks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (self->clocks, GUINT_TO_POINTER (segment),
                       g_memdup2 (&mark, sizeof mark));
}

char *
fluo_waterfall_rows_dup_clock (FluoWaterfallRows *self, guint32 span)
{
  const ClockMark *mark = find_mark (self, span);
  g_autofree char *length = NULL;

  if (mark == NULL)
    return NULL;

  length = fluo_format_duration (ABS (mark->shift_ns));
  if (mark->shifted)
    return g_strdup_printf (mark->shift_ns > 0 ? _("shifted +%s") : _("shifted −%s"), length);

  return g_strdup_printf (mark->shift_ns > 0 ? _("clock %s slow") : _("clock %s fast"), length);
}
