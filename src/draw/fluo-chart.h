/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-histogram.h"
#include "core/fluo-time-span.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* Small charts: response times, calls over time, shares. Each is layout → boxes, draw, hit; all
 * coordinates are CSS px from the chart's own top left corner. */

/* --- Response times ------------------------------------------------------- */

#define FLUO_HISTOGRAM_CHART_BINS 48

typedef struct
{
  double width, height;
  double base_y;           /* of the bars */
  gint64 max_ns;           /* right end of the axis */
  gint64 tick_ns;
  double bars[FLUO_HISTOGRAM_CHART_BINS];   /* heights in px, by the square root of the count */
  double faults[FLUO_HISTOGRAM_CHART_BINS]; /* the part of the bar that failed */
  gint64 quantiles[3];     /* p50, p90, p99 */
  gint64 brush_begin_ns;   /* brush_end_ns <= brush_begin_ns: none */
  gint64 brush_end_ns;
} FluoHistogramChart;

/* @faults (nullable) is the part of @all that failed. */
void fluo_histogram_chart_layout (FluoHistogramChart *self, const FluoHistogram *all,
                                  const FluoHistogram *faults, double width, double height);
/* @background is what the chart stands on: the halo of its labels. */
void fluo_histogram_chart_draw (FluoPainter *painter, const FluoHistogramChart *self,
                                FluoColor background);
/* The duration under @x, within the axis. */
gint64 fluo_histogram_chart_hit    (const FluoHistogramChart *self, double x);

/* --- Over time ------------------------------------------------------------ */

typedef struct
{
  guint total;
  guint fault;
  guint error;
  guint throttle;
} FluoTimeBucket;

typedef struct
{
  FluoTimeSpan span;      /* of whole buckets: begins and ends at multiples of the step */
  gint64       step_ns;   /* a round one: 15 s, 1 min… */
  guint        n_buckets;
  FluoTimeBucket *buckets;
} FluoTimeSeries;

/* At most @n_max (2 to 1000) buckets over @span. */
void fluo_time_series_init  (FluoTimeSeries *self, FluoTimeSpan span, guint n_max);
void fluo_time_series_clear (FluoTimeSeries *self);
/* Times outside are left out. */
void fluo_time_series_add   (FluoTimeSeries *self, gint64 time_ns, FluoStatus status);

typedef struct
{
  double      label_width;  /* column at the left with lane names and largest values; 0 = none */
  double      right_margin;
  double      total_y;      /* base lines and heights of the two lanes */
  double      total_height;
  double      trouble_y;
  double      trouble_height;
  gboolean    errors;       /* the lower lane shows errors on top of faults */
  gboolean    live;         /* mark the right end */
  const char *total_label;  /* static or outliving the chart */
  const char *trouble_label;
} FluoTimeChartStyle;

/* What the name of an alarm takes above the chart. */
#define FLUO_TIME_CHART_ALARM_PX 16.0

/* The strip under the map, 64 px high, and the chart of the inspector, 92 px high; with the name of
 * an alarm above it that is so much lower. */
extern const FluoTimeChartStyle fluo_time_chart_strip;
extern const FluoTimeChartStyle fluo_time_chart_panel;
extern const FluoTimeChartStyle fluo_time_chart_panel_alarm;

typedef struct
{
  const FluoTimeSeries *series; /* borrowed */
  FluoTimeChartStyle    style;
  FluoTimeSpan          span;   /* what the axis shows: may begin and end inside a bucket */
  double                width, height;
  double                left, right;   /* of the plot */
  guint                 total_max, trouble_max;
  gint64                tick_ns;
  FluoTimeSpan          brush;         /* empty = none */
  gint64                mark_ns;       /* where an insight begins; 0 = none */
  const char           *mark_name;     /* of an alarm that began there; NULL: an insight */
} FluoTimeChart;

typedef enum
{
  FLUO_CHART_HIT_NOTHING,
  FLUO_CHART_HIT_PLOT,
  FLUO_CHART_HIT_BRUSH,
  FLUO_CHART_HIT_BRUSH_BEGIN,
  FLUO_CHART_HIT_BRUSH_END
} FluoChartHit;

void fluo_time_chart_layout (FluoTimeChart *self, const FluoTimeSeries *series, FluoTimeSpan span,
                             const FluoTimeChartStyle *style, double width, double height);
void fluo_time_chart_draw (FluoPainter *painter, const FluoTimeChart *self, FluoColor background);
/* @ret_time (nullable) is within the span. */
FluoChartHit fluo_time_chart_hit (const FluoTimeChart *self, double x, double y, gint64 *ret_time);
double       fluo_time_chart_get_x  (const FluoTimeChart *self, gint64 time_ns);

/* --- Shares --------------------------------------------------------------- */

#define FLUO_SHARE_BAR_PARTS_MAX 16

typedef struct
{
  double     value;
  FluoStatus status;      /* pattern and colour of a status… */
  gboolean   use_color;   /* …or this colour */
  FluoColor  color;
  double     x, width;    /* filled by the layout; width 0 = not shown */
} FluoSharePart;

typedef struct
{
  double        width;
  guint         n_parts;
  FluoSharePart parts[FLUO_SHARE_BAR_PARTS_MAX];
} FluoShareBar;

/* Widths from the parts' values; none that has a value is under 5 px. */
void fluo_share_bar_layout (FluoShareBar *self, double width);
/* 10 px high for statuses, 8 px for colours. */
void fluo_share_bar_draw   (FluoPainter *painter, const FluoShareBar *self, double x, double y);

G_END_DECLS
