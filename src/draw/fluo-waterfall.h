/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-lines.h"
#include "core/fluo-trace.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* The waterfall in four parts: rows (which spans are shown), layout (boxes of what is visible),
 * draw and hit. Costs follow the pixels: rows outside the view are never visited, and own time and
 * waiting time inside a row merge per pixel. Everything here belongs to one thread at a time.
 * Coordinates are CSS px from the picture's upper left corner. */

/* --- Rows ----------------------------------------------------------------- */

/* The visible rows of a trace, given what is collapsed: an ascending array of span indexes, because
 * spans are in preorder. A FLUO_SPAN_CALL is no row: its callee's row stands for both. Holds a
 * reference on the trace. */
typedef struct _FluoWaterfallRows FluoWaterfallRows;

FluoWaterfallRows *fluo_waterfall_rows_new           (FluoTrace *trace);
/* Only these spans, ascending, without disclosure: a page of an export. */
FluoWaterfallRows *fluo_waterfall_rows_new_subset (FluoTrace *trace, const guint32 *spans,
                                                   guint n_spans);
/* Shows other spans of the same trace: what the rows know of the whole trace is kept. */
void               fluo_waterfall_rows_set_subset (FluoWaterfallRows *self, const guint32 *spans,
                                                   guint n_spans);
/* A view that shows an older reading for a moment longer keeps its rows; the last one frees. */
FluoWaterfallRows *fluo_waterfall_rows_ref           (FluoWaterfallRows *self);
void               fluo_waterfall_rows_free          (FluoWaterfallRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoWaterfallRows, fluo_waterfall_rows_free)
FluoTrace         *fluo_waterfall_rows_get_trace     (FluoWaterfallRows *self);
guint              fluo_waterfall_rows_get_n         (FluoWaterfallRows *self);
/* FLUO_SPAN_NONE past the end. */
guint32            fluo_waterfall_rows_get_span      (FluoWaterfallRows *self, guint row);
/* The row that shows a span, FLUO_SPAN_NONE while it is inside a collapsed one. */
guint32            fluo_waterfall_rows_find          (FluoWaterfallRows *self, guint32 span);
/* The row that stands for a span: its own, or that of the collapsed one it is in. */
guint32            fluo_waterfall_rows_find_nearest  (FluoWaterfallRows *self, guint32 span);
/* As drawn: calls do not count. */
guint              fluo_waterfall_rows_get_depth     (FluoWaterfallRows *self, guint32 span);
/* The row's span above it in the tree. */
guint32            fluo_waterfall_rows_get_parent    (FluoWaterfallRows *self, guint32 span);
gboolean           fluo_waterfall_rows_has_children  (FluoWaterfallRows *self, guint32 span);
gboolean           fluo_waterfall_rows_is_collapsed  (FluoWaterfallRows *self, guint32 span);
void fluo_waterfall_rows_set_collapsed (FluoWaterfallRows *self, guint32 span, gboolean collapsed);
void fluo_waterfall_rows_set_branch_collapsed (FluoWaterfallRows *self, guint32 span,
                                               gboolean collapsed);
/* Closes every row at that depth (1 = the entries) and opens those above; G_MAXUINT opens all. */
void fluo_waterfall_rows_show_levels (FluoWaterfallRows *self, guint levels);
/* Opens what hides a span; TRUE when something was closed. */
gboolean           fluo_waterfall_rows_reveal        (FluoWaterfallRows *self, guint32 span);
/* The next span from @from (FLUO_SPAN_NONE: the beginning) whose status is @least or worse, hidden
 * ones included, around the end; FLUO_SPAN_NONE when there is none. */
guint32 fluo_waterfall_rows_next_status (FluoWaterfallRows *self, guint32 from, gboolean forward,
                                         FluoStatus least);
/* Takes over what is collapsed in the rows of an older reading of the same trace, by span id. */
void fluo_waterfall_rows_copy_state (FluoWaterfallRows *self, FluoWaterfallRows *older);
/* Siblings that follow each other and are alike, at least five, are one row until they are opened:
 * that of the first, whose disclosure opens them. */
typedef struct
{
  guint32  first;      /* the span of the row that stands for them */
  guint32  begin, end; /* the first member, and one past the last one's branch */
  guint    count;
  gboolean open;       /* shown one by one */
  guint8   worst;      /* FluoStatus */
  gint64   begin_ns, end_ns;
  gint64   min_ns, median_ns, max_ns, total_ns;
  GArray  *busy;       /* FluoTimeSpan: when any of them ran, merged */
} FluoWaterfallGroup;

/* What the row of @span stands for, NULL for a row that is itself. */
const FluoWaterfallGroup *fluo_waterfall_rows_get_group (FluoWaterfallRows *self, guint32 span);
/* Shows all groups as single rows again, or folds them (the beginning). */
void     fluo_waterfall_rows_set_grouping (FluoWaterfallRows *self, gboolean grouping);
gboolean fluo_waterfall_rows_get_grouping (FluoWaterfallRows *self);
/* Folds the group that @span is an opened member of; the span of its row, or FLUO_SPAN_NONE when
 * it is in none. */
guint32  fluo_waterfall_rows_close_group (FluoWaterfallRows *self, guint32 span);
/* Registers the services in order of appearance; without it they are numbered within the trace. */
void fluo_waterfall_rows_set_colors (FluoWaterfallRows *self, FluoServiceColors *colors);
guint              fluo_waterfall_rows_get_color     (FluoWaterfallRows *self, guint32 service);
/* The segment that a span is a part of: what one host sent. */
guint32 fluo_waterfall_rows_get_segment (FluoWaterfallRows *self, guint32 span);
/* The clock of the host that sent this segment seems wrong by -@shift_ns; @shifted: its times have
 * been shifted. Shown as a badge. */
void     fluo_waterfall_rows_mark_clock (FluoWaterfallRows *self, guint32 segment,
                                         gint64 shift_ns, gboolean shifted);
/* "clock 2.00 s slow" or "shifted +2.00 s" for a span of such a host; NULL for others. */
char    *fluo_waterfall_rows_dup_clock  (FluoWaterfallRows *self, guint32 span);
/* Linked traces included, never empty. */
FluoTimeSpan       fluo_waterfall_rows_get_extent    (FluoWaterfallRows *self);
/* The end mark: where the answer came. */
gint64             fluo_waterfall_rows_get_end_ns    (FluoWaterfallRows *self);
/* What stands behind the time waited: the merged intervals of the children. */
const FluoTimeSpan *fluo_waterfall_rows_get_busy     (FluoWaterfallRows *self, guint32 span,
                                                      guint *ret_n);
/* The first exception's type, or its message when it has none, cached; "" without. Parses the
 * span's document once. */
const char        *fluo_waterfall_rows_get_exception (FluoWaterfallRows *self, guint32 span);
/* FluoSpanEvent of a span, cached; NULL = none. Parses the document of spans that may have some. */
GArray            *fluo_waterfall_rows_get_events    (FluoWaterfallRows *self, guint32 span);
/* What its programs wrote, or NULL; spans are those of the rows' trace. */
void               fluo_waterfall_rows_set_lines     (FluoWaterfallRows *self,
                                                      FluoTraceLines *lines);
/* Its events and log lines as FluoSpanEvent, by time: what its bar is marked with; NULL = none. */
GArray            *fluo_waterfall_rows_get_marks     (FluoWaterfallRows *self, guint32 span);
/* The span whose row stands for this one: a call's is that of its callee. */
guint32            fluo_waterfall_rows_get_shown     (FluoWaterfallRows *self, guint32 span);

#define FLUO_WATERFALL_LINKS_MAX 50 /* of one row; the first */

/* A call of another trace, or of this one, that messages came from or went to. */
typedef struct
{
  guint32     span;     /* its row's; FLUO_SPAN_NONE: that trace was not read */
  gboolean    before;   /* it sent */
  FluoTraceId trace_id; /* what the link names */
} FluoWaterfallLink;

GArray            *fluo_waterfall_rows_dup_links     (FluoWaterfallRows *self, guint32 span);
/* Who sent what it works on, or FLUO_SPAN_NONE. */
guint32            fluo_waterfall_rows_get_sender    (FluoWaterfallRows *self, guint32 span);
/* Is this row named as a service (bold, with its icon)? */
gboolean           fluo_waterfall_rows_is_service    (FluoWaterfallRows *self, guint32 span);
/* The row's name: that of the service for a call that stands for one ("stock", not "DynamoDB"). */
const char        *fluo_waterfall_rows_get_name      (FluoWaterfallRows *self, guint32 span);
/* "try 2" of the same call after a failed one: the number of the try (2 and up) and the pause
 * before it; 0 for others. */
guint fluo_waterfall_rows_get_try (FluoWaterfallRows *self, guint32 span, gint64 *ret_pause_ns);

/* A call in which text was found, and in how many places beside its name and detail. */
typedef struct
{
  guint32 span;
  guint32 hits;
} FluoWaterfallFound;

/* FluoWaterfallFound, by span, of those whose name, detail, service, HTTP status or id matches,
 * whose document holds the text (annotations, metadata, exceptions, request, SQL, AWS), or one of
 * whose @lines does (or NULL). What is found in a call is its callee's, whose row it is. Letters of
 * ASCII match in any case. */
GArray            *fluo_waterfall_find               (FluoTrace *trace, FluoTraceLines *lines,
                                                      const char *text);
/* The first of them that is not before @span. */
guint              fluo_waterfall_found_from         (const GArray *found, guint32 span);
/* Where @needle is in @text, as fluo_waterfall_find() matches it; NULL when nowhere. */
const char        *fluo_waterfall_find_in            (const char *text, const char *needle);
/* "wait for answer, bank.example.com, fault, 2.00 s, starts at 207 ms, 86.8% of the trace, on the
 * critical path". */
char              *fluo_waterfall_dup_description    (FluoWaterfallRows *self, guint32 span);

/* --- Layout --------------------------------------------------------------- */

/* Sizes of one sort of waterfall; DESIGN.md section 1. */
typedef struct
{
  double   overview_height, ruler_height, legend_height, row_height;
  double   bar_inset, bar_height, bar_radius, bar_min;
  double   pad_left, pad_right;
  double   tree_left, indent, stripe_width, stripe_inset, stripe_radius;
  double   name_gap; /* from the tree's x to the name */
  double   duration_right, status_right, status_size;
  double   name_px, detail_px, duration_px, label_px, axis_px, head_px;
  double   critical_width, critical_bottom;
  double   scale;    /* of what has no field: icons, text of the head and of the legend */
  gboolean controls; /* disclosure, indent guides, kind icons, tints: a screen, not paper */
} FluoWaterfallStyle;

extern const FluoWaterfallStyle fluo_waterfall_style_screen;
extern const FluoWaterfallStyle fluo_waterfall_style_compact;
extern const FluoWaterfallStyle fluo_waterfall_style_print;

/* The same for text that is larger: rows grow with it. */
FluoWaterfallStyle fluo_waterfall_style_scaled (const FluoWaterfallStyle *style, double scale);

#define FLUO_WATERFALL_TREE_DEFAULT 372
#define FLUO_WATERFALL_TREE_MIN 220
#define FLUO_WATERFALL_TREE_MAX 560
#define FLUO_WATERFALL_ZOOM_MIN_NS 1000 /* the closest view shows one microsecond */

typedef enum
{
  FLUO_WATERFALL_CLOCK_START, /* from the trace's start */
  FLUO_WATERFALL_CLOCK_LOCAL,
  FLUO_WATERFALL_CLOCK_UTC
} FluoWaterfallClock;

typedef enum
{
  FLUO_WATERFALL_COLOR_SERVICE,
  FLUO_WATERFALL_COLOR_STATUS,
  FLUO_WATERFALL_COLOR_KIND,    /* of the service: function, table, queue… */
  FLUO_WATERFALL_COLOR_OWN,     /* from grey to red by own time */
  FLUO_WATERFALL_COLOR_VERSION, /* of the service */
  FLUO_N_WATERFALL_COLORS
} FluoWaterfallColor;

/* A metric over time, between the ruler and the rows. */
typedef struct
{
  char        *service;   /* whose: "payments" */
  char        *metric;    /* "Throttles, sum" */
  char        *words;     /* in place of values: why there are none; or NULL */
  const char  *unit;      /* as fluo_metric_dup_value() takes it; static */
  GArray      *steps;     /* FluoMetricStep, oldest first; NULL before they are read */
  gint64       period_ns;
  FluoTimeSpan range;     /* that was asked for */
} FluoWaterfallLane;

#define FLUO_WATERFALL_LANE_PX 30

void fluo_waterfall_lane_free (FluoWaterfallLane *self);

/* Replaces text of the trace before it is drawn (an export leaves things out). Newly allocated. */
typedef char *(*FluoWaterfallTextFunc) (const char *text, gpointer user_data);

typedef struct
{
  const FluoWaterfallStyle *style;
  double             width, height, tree_width;
  double             scroll;      /* rows above the view, with a fraction */
  FluoTimeSpan       visible;
  FluoWaterfallClock clock;
  FluoWaterfallColor color;
  gboolean           critical;
  gboolean           fold;        /* long waits shrink to a fixed width */
  guint32            selected, hover; /* spans, FLUO_SPAN_NONE = none */
  const char        *find;        /* NULL or "" = not searching */
  guint32            find_current;
  const GArray      *found;       /* FluoWaterfallFound, or NULL */
  gboolean           focus;       /* keyboard focus is shown on the selected row */
  gboolean           backdrop;    /* the window is not active: selection in grey */
  GPtrArray         *lanes;       /* FluoWaterfallLane, or NULL */
  FluoWaterfallTextFunc text_func;
  gpointer           text_data;
} FluoWaterfallViewport;

/* A stretch of own time inside a bar. */
typedef struct
{
  double x0, x1;
} FluoWaterfallPiece;

typedef enum
{
  FLUO_LABEL_NONE,
  FLUO_LABEL_INSIDE, /* on the longest tinted stretch */
  FLUO_LABEL_RIGHT,
  FLUO_LABEL_LEFT,
  FLUO_LABEL_CENTER  /* on a solid bar */
} FluoWaterfallLabelPlace;

typedef struct
{
  guint32  row, span;
  double   y;                /* upper edge of the row, may be above the view */
  guint    depth;
  gboolean has_children, collapsed;
  gboolean has_bar;          /* some of it is inside the visible time */
  gboolean cut_left, cut_right; /* goes on outside the visible time */
  gboolean running;
  double   x0, x1;           /* the bar, clipped to the time area and at least bar_min wide */
  double   whisker_x0, whisker_x1; /* the caller's interval, where it goes beyond the bar; equal =
                                      none */
  guint    first_piece, n_pieces;
  FluoWaterfallLabelPlace label_place;
  const FluoWaterfallGroup *group; /* or NULL; the rows' own */
  FluoStatus label_status;   /* FLUO_STATUS_OK: without a shape */
  double   label_x;          /* left edge, shape included */
  char    *label;
} FluoWaterfallBox;

/* A part of the critical path: a line under the bar, and the connector down or up from the one
 * before. */
typedef struct
{
  double   x0, x1, y;
  gboolean line;             /* the row is visible */
  gboolean connector;
  double   from_y;
} FluoWaterfallStep;

/* A dashed arrow from the call that queued something to the linked trace that took it up. */
typedef struct
{
  double   x0, y0, x1, y1;
  guint32  to;               /* the row that took it up */
  gint64   queued_ns;        /* below zero: its sender went on */
  char    *label;            /* "in queue 116 ms", of several to one row at the last; or NULL */
} FluoWaterfallGap;

/* An event or a log line of a call: a mark on its bar. */
typedef struct
{
  double      x, y;  /* its middle */
  guint32     span;
  guint       first, n; /* of the span's marks: those within a few px share a mark */
} FluoWaterfallEvent;

typedef struct
{
  double      x;
  char       *label;
} FluoWaterfallTick;

/* A folded wait; DESIGN.md section 6. */
typedef struct
{
  gint64 begin_ns, end_ns;
  double x0, x1;
} FluoWaterfallFold;

typedef struct
{
  double  x0, x1, y, height;
  guint32 span;
  guint8  status;
  guint8  waiting;           /* TRUE: has children, drawn at half strength */
} FluoWaterfallMini;

/* Reused from frame to frame. The fields are read-only for callers. */
typedef struct
{
  FluoWaterfallRows    *rows;     /* borrowed */
  FluoWaterfallViewport view;     /* as given */
  double  time_x, time_width;     /* where visible.begin_ns is drawn; of the visible time */
  double  overview_x0, overview_x1; /* the brush */
  double  body_y, body_height;    /* the rows' area */
  double  end_x;                  /* the end mark; may lie outside the time area */
  GArray *boxes;                  /* FluoWaterfallBox, top to bottom */
  GArray *pieces;                 /* FluoWaterfallPiece */
  GArray *steps;                  /* FluoWaterfallStep */
  GArray *gaps;                   /* FluoWaterfallGap */
  GArray *ticks;                  /* FluoWaterfallTick */
  GArray *events;                 /* FluoWaterfallEvent, row by row */
  GArray *folds;                  /* FluoWaterfallFold, in order of time */
  double  px_per_ns;              /* of what is not folded */
  GArray *minis;                  /* FluoWaterfallMini, made again only when the rows' trace or
                                     the width change */
  struct
  {
    FluoTrace *trace;
    double     width, tree_width;
  } minis_of;
  GArray    *quiet;    /* private: what of steps can be folded */
  FluoTrace *quiet_of;
} FluoWaterfallLayout;

FluoWaterfallLayout *fluo_waterfall_layout_new     (void);
void                 fluo_waterfall_layout_free    (FluoWaterfallLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoWaterfallLayout, fluo_waterfall_layout_free)
/* @painter measures labels; NULL takes a fair guess. */
void fluo_waterfall_layout_update (FluoWaterfallLayout *self, FluoWaterfallRows *rows,
                                   const FluoWaterfallViewport *view, FluoPainter *painter);
/* Not clipped. */
double               fluo_waterfall_layout_x       (const FluoWaterfallLayout *self,
                                                    gint64 time_ns);
gint64               fluo_waterfall_layout_time    (const FluoWaterfallLayout *self, double x);
gint64               fluo_waterfall_layout_overview_time (const FluoWaterfallLayout *self,
                                                          double x);
/* Rows that fit, with a fraction. */
double               fluo_waterfall_layout_rows_shown (const FluoWaterfallLayout *self);

/* --- Draw ----------------------------------------------------------------- */

/* Tints of the selected row and the one under the pointer. Comes first, so that a widget can draw
 * it alone. */
void fluo_waterfall_draw_highlight (FluoPainter *painter, const FluoWaterfallLayout *layout);
/* All the rest, on whatever background there is. */
void fluo_waterfall_draw           (FluoPainter *painter, const FluoWaterfallLayout *layout);
/* The key of colours and marks, in the print style's size for @style print; returns its width. */
double fluo_waterfall_draw_legend (FluoPainter *painter, const FluoWaterfallStyle *style,
                                   FluoWaterfallRows *rows, FluoWaterfallColor by, double x,
                                   double y, double width);
/* An entry of the key of colours; @text is NULL where a share goes from none to all. */
typedef struct
{
  FluoColor color;
  char     *text;
} FluoWaterfallKey;

/* FluoWaterfallKey of all statuses, or of the kinds or versions in the trace in order of
 * appearance; empty for services. */
GArray *fluo_waterfall_list_colors (const FluoPalette *palette, FluoWaterfallRows *rows,
                                    FluoWaterfallColor by) G_GNUC_WARN_UNUSED_RESULT;
FluoColor fluo_waterfall_get_color (const FluoPalette *palette, guint color);

/* --- Hit ------------------------------------------------------------------ */

typedef enum
{
  FLUO_WATERFALL_NOTHING,
  FLUO_WATERFALL_OVERVIEW,        /* outside the brush */
  FLUO_WATERFALL_OVERVIEW_BRUSH,
  FLUO_WATERFALL_OVERVIEW_BEGIN,  /* the left handle */
  FLUO_WATERFALL_OVERVIEW_END,
  FLUO_WATERFALL_RULER,
  FLUO_WATERFALL_DIVIDER,
  FLUO_WATERFALL_DISCLOSURE,
  FLUO_WATERFALL_TREE,
  FLUO_WATERFALL_BAR,
  FLUO_WATERFALL_TIME             /* a row's empty ground, or below the last row */
} FluoWaterfallPart;

typedef struct
{
  FluoWaterfallPart part;
  guint32 row, span; /* FLUO_SPAN_NONE where there is none */
} FluoWaterfallHit;

/* The mark of events at a place, or NULL. */
const FluoWaterfallEvent *fluo_waterfall_hit_event (const FluoWaterfallLayout *layout, double x,
                                                    double y);
FluoWaterfallHit fluo_waterfall_hit (const FluoWaterfallLayout *layout, double x, double y);

G_END_DECLS
