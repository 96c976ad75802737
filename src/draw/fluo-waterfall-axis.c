/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* What lies across the rows: the ruler's ticks, and arrows from one trace to another. */

/* At most one tick per this many px. */
#define TICK_PX 100

static char *
dup_tick_label (const FluoWaterfallLayout *self, gint64 time, gint64 zero, gint64 step)
{
  FluoClockPrecision precision =
    step < FLUO_NSEC_PER_SEC ? FLUO_CLOCK_MILLISECONDS : FLUO_CLOCK_SECONDS;
  g_autoptr (GTimeZone) utc = NULL;

  /* Under a millisecond a clock says nothing: the offset does. */
  if (self->view.clock == FLUO_WATERFALL_CLOCK_START || step < FLUO_NSEC_PER_MSEC)
    return fluo_format_axis (time - zero, step);

  if (self->view.clock == FLUO_WATERFALL_CLOCK_UTC)
    utc = g_time_zone_new_utc ();

  return fluo_format_clock (time, precision, utc);
}

/* Ticks within a fold are none: goes to the last of them, so that the loop costs pixels only. */
static gboolean
skip_fold (const FluoWaterfallLayout *self, gint64 zero, gint64 step, gint64 *i)
{
  for (guint k = 0; k < self->folds->len; k++)
    {
      const FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, k);

      if (zero + *i * step >= fold->begin_ns && zero + *i * step <= fold->end_ns)
        {
          *i = MAX (*i, (fold->end_ns - zero) / step);
          return TRUE;
        }
    }

  return FALSE;
}

void
fluo_waterfall_lay_out_ticks (FluoWaterfallLayout *self)
{
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (self->rows));
  /* Folding leaves less room between two ticks' labels. */
  double tick_px = self->folds->len > 0 ? TICK_PX * 0.6 : TICK_PX;
  gint64 step = fluo_format_axis_step ((gint64) ceil (MIN (
    tick_px / self->px_per_ns, (double) fluo_time_span_length (self->view.visible))));
  gint64 offset = self->view.visible.begin_ns - zero;
  gint64 first = offset <= 0 ? -((-offset) / step) : (offset + step - 1) / step;

  for (gint64 i = first; zero + i * step <= self->view.visible.end_ns; i++)
    {
      FluoWaterfallTick tick = { 0 };

      if (skip_fold (self, zero, step, &i))
        continue;
      tick.x = fluo_waterfall_layout_x (self, zero + i * step);
      tick.label = dup_tick_label (self, zero + i * step, zero, step);
      g_array_append_val (self->ticks, tick);
    }
}

/* --- Arrows to linked traces ---------------------------------------------- */

static void
lay_out_gap (FluoWaterfallLayout *self, const FluoWaterfallArrow *arrow)
{
  const FluoWaterfallStyle *style = self->view.style;
  const FluoSpan *spans =
    fluo_trace_get_spans (fluo_waterfall_rows_get_trace (self->rows), NULL);
  gint64 sent_ns = spans[arrow->from].end_ns, received_ns = spans[arrow->to].start_ns;
  guint32 from_row = fluo_waterfall_rows_find_nearest (self->rows, arrow->from);
  guint32 to_row = fluo_waterfall_rows_find_nearest (self->rows, arrow->to);
  double top = self->body_y - style->row_height,
         bottom = self->body_y + self->body_height + style->row_height;
  FluoWaterfallGap gap = { 0 };

  if (from_row == FLUO_SPAN_NONE || to_row == FLUO_SPAN_NONE || from_row == to_row)
    return;

  /* A sender that goes on after its message was received does not draw the arrow back in time. */
  gap.x0 =
    fluo_waterfall_clip_x (self, fluo_waterfall_layout_x (self, MIN (sent_ns, received_ns)));
  gap.x1 = fluo_waterfall_clip_x (self, fluo_waterfall_layout_x (self, received_ns));
  gap.y0 =
    self->body_y +
    ((double) from_row + (from_row < to_row ? 1 : 0) - self->view.scroll) * style->row_height;
  gap.y0 = CLAMP (gap.y0 - (from_row < to_row ? style->bar_inset : -style->bar_inset), top, bottom);
  gap.y1 = self->body_y + ((double) to_row + 0.5 - self->view.scroll) * style->row_height;
  if (gap.y1 < top || gap.y1 > bottom)
    return;

  gap.to = to_row;
  gap.queued_ns = received_ns - sent_ns;
  g_array_append_val (self->gaps, gap);
}

/* One says how long messages to a row were in the queue, as the words of several would lie on each
 * other: the one that was there the shortest, and lies the furthest to the right. */
static void
name_gaps (FluoWaterfallLayout *self)
{
  for (guint i = 0; i < self->gaps->len; i++)
    {
      FluoWaterfallGap *gap = &g_array_index (self->gaps, FluoWaterfallGap, i);
      gint64 most_ns = gap->queued_ns;
      gboolean last = gap->queued_ns >= 0;
      g_autofree char *least = fluo_format_duration (gap->queued_ns), *most = NULL;

      for (guint k = 0; last && k < self->gaps->len; k++)
        {
          const FluoWaterfallGap *other = &g_array_index (self->gaps, FluoWaterfallGap, k);

          if (k == i || other->to != gap->to || other->queued_ns < 0)
            continue;
          last = other->queued_ns > gap->queued_ns || (other->queued_ns == gap->queued_ns && k > i);
          most_ns = MAX (most_ns, other->queued_ns);
        }
      if (!last)
        continue;
      most = fluo_format_duration (most_ns);
      gap->label = g_str_equal (least, most)
                     ? g_strdup_printf (_("in queue %s"), least)
                     : g_strdup_printf (_("in queue %s to %s"), least, most);
    }
}

void
fluo_waterfall_lay_out_gaps (FluoWaterfallLayout *self)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  g_autoptr (GHashTable) reached = fluo_waterfall_find_reached (trace);
  guint n;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n);
  FluoWaterfallArrow arrow;

  for (guint i = 0; i < n && self->gaps->len < FLUO_WATERFALL_GAPS_MAX; i++)
    if (fluo_waterfall_arrow_init (&arrow, trace, &links[i])
        && !(arrow.ahead && g_hash_table_contains (reached, GUINT_TO_POINTER (arrow.to))))
      lay_out_gap (self, &arrow);
  name_gaps (self);
}
