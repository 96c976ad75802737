/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* Response time over time, and beside it the number of traces at each response time: two charts
 * with one vertical axis and one brush. Layout, draw and hit; coordinates are CSS px from the top
 * left corner of both. Points that share a pixel are one mark that knows how many it stands for,
 * and the worst of them gives it its shape: nothing is lost. One thread. */

typedef struct
{
  gint64     time_ns;
  gint64     value_ns;
  FluoStatus status;
} FluoScatterPoint;

/* What is selected: times, response times, or both. */
typedef struct
{
  FluoTimeSpan span;   /* empty: any time */
  gint64 from_ns;      /* values at least this… */
  gint64 to_ns;        /* …and under this; from_ns >= to_ns: any value */
} FluoBrush;

#define FLUO_BRUSH_NONE ((FluoBrush) { { 0, 0 }, 0, 0 })

static inline gboolean
fluo_brush_has_span (const FluoBrush *self)
{
  return self->span.end_ns > self->span.begin_ns;
}

static inline gboolean
fluo_brush_has_values (const FluoBrush *self)
{
  return self->to_ns > self->from_ns;
}

static inline gboolean
fluo_brush_is_empty (const FluoBrush *self)
{
  return !fluo_brush_has_span (self) && !fluo_brush_has_values (self);
}

/* An empty brush holds everything. */
static inline gboolean
fluo_brush_contains (const FluoBrush *self, gint64 time_ns, gint64 value_ns)
{
  return (!fluo_brush_has_span (self) || fluo_time_span_contains (self->span, time_ns))
         && (!fluo_brush_has_values (self)
             || (value_ns >= self->from_ns && value_ns < self->to_ns));
}

static inline gboolean
fluo_brush_equal (const FluoBrush *a, const FluoBrush *b)
{
  return fluo_time_span_equal (a->span, b->span) && a->from_ns == b->from_ns
         && a->to_ns == b->to_ns;
}

typedef enum
{
  FLUO_SCATTER_AXIS_AUTO,   /* logarithmic when a few outliers would squeeze all others */
  FLUO_SCATTER_AXIS_LINEAR,
  FLUO_SCATTER_AXIS_LOG
} FluoScatterAxis;

/* From this many points on, density is drawn instead of dots. */
#define FLUO_SCATTER_HEAT_MIN 20000
#define FLUO_SCATTER_TICKS_MAX 12
#define FLUO_SCATTER_BARS_MAX 64

typedef struct
{
  double          width, height;
  double          scale;       /* device px in a CSS px */
  FluoTimeSpan    span;        /* of the horizontal axis */
  FluoScatterAxis axis;
  gint64          low_ns;      /* zoomed to these values; high_ns <= low_ns: to all */
  gint64          high_ns;
} FluoScatterView;

typedef struct
{
  guint total, fault, error; /* error: throttled too */
} FluoScatterBar;

/* One pixel (or, as density, one cell) with at least one point. */
typedef struct
{
  guint32 point;  /* the worst there, of several the slowest */
  guint32 count;
  guint16 column, row;
  guint8  status; /* the point's */
} FluoScatterMark;

typedef struct _FluoScatter FluoScatter;

FluoScatter *fluo_scatter_new  (void);
void         fluo_scatter_free (FluoScatter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoScatter, fluo_scatter_free)
/* Takes a reference to an array of FluoScatterPoint that does not change any more. */
void fluo_scatter_set_points (FluoScatter *self, GArray *points);
/* Cheap when neither points nor view changed. */
void fluo_scatter_layout     (FluoScatter *self, const FluoScatterView *view);

/* What the layout made. */
const FluoScatterMark *fluo_scatter_get_marks (const FluoScatter *self, guint *ret_n);
const FluoScatterBar  *fluo_scatter_get_bars  (const FluoScatter *self, guint *ret_n);
gboolean fluo_scatter_is_heat     (const FluoScatter *self);
gboolean fluo_scatter_is_log      (const FluoScatter *self);
/* Plot and histogram; the latter has no width in a narrow chart. */
void     fluo_scatter_get_plot    (const FluoScatter *self, double *ret_left, double *ret_right,
                                   double *ret_top, double *ret_bottom);
void     fluo_scatter_get_histogram (const FluoScatter *self, double *ret_left, double *ret_right);
/* The same for a chart of @width, before it is laid out. */
void     fluo_scatter_measure     (double width, double *ret_left, double *ret_right,
                                   double *ret_bars_left, double *ret_bars_right);
/* Where the axis of values begins and ends. */
void     fluo_scatter_get_axis    (const FluoScatter *self, gint64 *ret_low_ns,
                                   gint64 *ret_high_ns);
/* p50, p90 and p99 of all points; 0 without any. */
void     fluo_scatter_get_quantiles (const FluoScatter *self, gint64 ret_ns[3]);
double   fluo_scatter_get_x       (const FluoScatter *self, gint64 time_ns);
double   fluo_scatter_get_y       (const FluoScatter *self, gint64 value_ns);
gint64   fluo_scatter_get_time    (const FluoScatter *self, double x);
gint64   fluo_scatter_get_value   (const FluoScatter *self, double y);
/* The roundest value that is drawn where @value_ns is, so that a dragged edge says "1.2 s". */
gint64   fluo_scatter_round_value (const FluoScatter *self, gint64 value_ns);
gint64   fluo_scatter_round_time  (const FluoScatter *self, gint64 time_ns);
/* How many points a brush holds, by status. Returns the sum. */
guint    fluo_scatter_count       (const FluoScatter *self, const FluoBrush *brush,
                                   guint ret_statuses[FLUO_N_STATUSES]);

/* What the picture shows beside the data. */
typedef struct
{
  FluoBrush brush;
  gint64    insight_ns;  /* trouble began here; 0: none */
  guint     hover;       /* points with a ring, G_MAXUINT: none */
  guint     selected;
  gboolean  focused;     /* the keyboard is here */
} FluoScatterState;

/* @background is what the chart stands on. Points are kept as two images, within and without the
 * brush, so that a frame of dragging costs two copies. */
void fluo_scatter_draw (FluoPainter *painter, FluoScatter *self, const FluoScatterState *state,
                        FluoColor background);

typedef enum
{
  FLUO_SCATTER_HIT_NOTHING,
  FLUO_SCATTER_HIT_PLOT,
  FLUO_SCATTER_HIT_HISTOGRAM,
  FLUO_SCATTER_HIT_AXIS,       /* the labels of values */
  FLUO_SCATTER_HIT_BRUSH,      /* inside, in either chart */
  FLUO_SCATTER_HIT_FROM,       /* edges of the brush */
  FLUO_SCATTER_HIT_TO,
  FLUO_SCATTER_HIT_BEGIN,
  FLUO_SCATTER_HIT_END
} FluoScatterPart;

typedef struct
{
  FluoScatterPart part;
  guint  point;     /* under or nearest within reach; G_MAXUINT: none */
  guint  count;     /* how many it stands for */
  gint64 time_ns;
  gint64 value_ns;
} FluoScatterHit;

void fluo_scatter_hit (const FluoScatter *self, const FluoBrush *brush, double x, double y,
                       FluoScatterHit *ret_hit);

G_END_DECLS
