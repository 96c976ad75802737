/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/widgets/fluo-canvas.h"
#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* Traces and faults over the range, under the map. A drag makes a range, its edges move it, a
 * double click clears it. Signals: "range-selected" (gint64 begin_ns, gint64 end_ns),
 * "range-cleared" (). */
#define FLUO_TYPE_TIME_STRIP (fluo_time_strip_get_type ())
G_DECLARE_FINAL_TYPE (FluoTimeStrip, fluo_time_strip, FLUO, TIME_STRIP, FluoCanvas)

#define FLUO_TIME_STRIP_HEIGHT_PX 64

GtkWidget   *fluo_time_strip_new       (void);
/* @summaries holds FluoTraceSummary and is only read now. While a range is chosen here and @span is
 * that range, the strip keeps showing what surrounds it. */
void fluo_time_strip_set_data (FluoTimeStrip *self, GPtrArray *summaries, FluoTimeSpan span,
                               gboolean live);
/* Marks when trouble began; 0 = no mark. */
void fluo_time_strip_set_mark (FluoTimeStrip *self, gint64 mark_ns);
FluoTimeSpan fluo_time_strip_get_brush (FluoTimeStrip *self);
void fluo_time_strip_set_brush (FluoTimeStrip *self,
                                FluoTimeSpan brush); /* as a drag does, with its signals */

G_END_DECLS
