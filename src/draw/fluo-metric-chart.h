/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* One value over time, a step for each period: a lane of a metric. The time axis is the width, as
 * that of the charts above it; heights are from zero. */

#define FLUO_METRIC_CHART_HEIGHT_PX 44

typedef struct
{
  gint64 time_ns; /* when its period begins */
  double value;
} FluoMetricStep;

typedef struct
{
  double       width;
  FluoTimeSpan span;
  gint64       period_ns;
  double       most;    /* top of the axis; 0 = no value at all */
  GArray      *steps;   /* FluoMetricStep, oldest first */
} FluoMetricChart;

/* "472 ms", "41%", "6": @unit is "ms", "s", "%", "bytes" or "" for plain counts. */
char *fluo_metric_dup_value (const char *unit, double value);
/* "Throttles, sum": AWS's own names stay, @stat is one of CloudWatch's. */
char *fluo_metric_dup_name  (const char *metric, const char *stat);

FluoMetricChart *fluo_metric_chart_new  (void);
void             fluo_metric_chart_free (FluoMetricChart *self);
/* Takes a reference on @steps, which is not changed after that. */
void fluo_metric_chart_layout (FluoMetricChart *self, GArray *steps, gint64 period_ns,
                               FluoTimeSpan span, double width);
/* The step that @time_ns is in, or NULL where there is no value. */
const FluoMetricStep *fluo_metric_chart_find (const FluoMetricChart *self, gint64 time_ns);
/* The time under @x. */
gint64 fluo_metric_chart_hit (const FluoMetricChart *self, double x);
/* @name stands at the left, @value at the right, both above the line; @mark_ns is marked unless it
 * is 0. From @y on. */
void fluo_metric_chart_draw (FluoPainter *painter, const FluoMetricChart *self, double y,
                             const char *name, const char *value, gint64 mark_ns);

G_END_DECLS
