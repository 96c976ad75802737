/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-waterfall-private.h"

/* What leads from one trace to another. A link names the sender in the receiver's segment, as X-Ray
 * has it, or the receiver in the sender's, as some programs do so that either trace leads to the
 * other. */

gboolean
fluo_waterfall_arrow_init (FluoWaterfallArrow *arrow, FluoTrace *trace, const FluoTraceLink *link)
{
  guint n_spans;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);
  guint32 named = fluo_trace_find (trace, link->id), holder = link->span;

  if (named >= n_spans || holder >= n_spans || named == holder)
    return FALSE;
  /* Ids are unique in a trace only. */
  if (!(spans[named].flags & FLUO_SPAN_LINKED) !=
      !!fluo_trace_id_equal (&link->trace_id, fluo_trace_get_id (trace)))
    return FALSE;

  arrow->ahead = spans[named].start_ns > spans[holder].start_ns;
  arrow->from = arrow->ahead ? holder : named;
  arrow->to = arrow->ahead ? named : holder;

  return TRUE;
}

/* Whose receivers name their senders: the senders' own links count where the receiver has none. */
GHashTable *
fluo_waterfall_find_reached (FluoTrace *trace)
{
  GHashTable *reached = g_hash_table_new (NULL, NULL);
  guint n;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n);
  FluoWaterfallArrow arrow;

  for (guint i = 0; i < n; i++)
    if (fluo_waterfall_arrow_init (&arrow, trace, &links[i]) && !arrow.ahead)
      g_hash_table_add (reached, GUINT_TO_POINTER (arrow.to));

  return reached;
}

static void
add_link (GArray *links, FluoWaterfallLink link)
{
  for (guint i = 0; i < links->len; i++)
    {
      const FluoWaterfallLink *other = &g_array_index (links, FluoWaterfallLink, i);

      if (other->span == link.span
          && (link.span != FLUO_SPAN_NONE
              || fluo_trace_id_equal (&other->trace_id, &link.trace_id)))
        return;
    }
  if (links->len < FLUO_WATERFALL_LINKS_MAX)
    g_array_append_val (links, link);
}

GArray *
fluo_waterfall_rows_dup_links (FluoWaterfallRows *self, guint32 span)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallLink));
  guint n;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n);
  const guint32 row = fluo_waterfall_rows_get_shown (self, span);
  g_autoptr (GHashTable) reached = fluo_waterfall_find_reached (trace);
  FluoWaterfallArrow arrow;

  for (guint i = 0; row != FLUO_SPAN_NONE && i < n; i++)
    if (fluo_waterfall_arrow_init (&arrow, trace, &links[i]))
      {
        if (arrow.ahead && g_hash_table_contains (reached, GUINT_TO_POINTER (arrow.to)))
          continue;
        const guint32 from = fluo_waterfall_rows_get_shown (self, arrow.from),
                      to = fluo_waterfall_rows_get_shown (self, arrow.to);

        if (to == row)
          add_link (found, (FluoWaterfallLink) { from, TRUE, links[i].trace_id });
        else if (from == row)
          add_link (found, (FluoWaterfallLink) { to, FALSE, links[i].trace_id });
      }
    else if (fluo_waterfall_rows_get_shown (self, links[i].span) == row
             && !fluo_trace_id_equal (&links[i].trace_id, fluo_trace_get_id (trace)))
      add_link (found, (FluoWaterfallLink) { FLUO_SPAN_NONE, TRUE, links[i].trace_id });

  return found;
}

guint32
fluo_waterfall_rows_get_sender (FluoWaterfallRows *self, guint32 span)
{
  g_autoptr (GArray) links = fluo_waterfall_rows_dup_links (self, span);

  for (guint i = 0; i < links->len; i++)
    {
      const FluoWaterfallLink *link = &g_array_index (links, FluoWaterfallLink, i);

      if (link->before && link->span != FLUO_SPAN_NONE)
        return link->span;
    }

  return FLUO_SPAN_NONE;
}
