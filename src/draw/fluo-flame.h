/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-waterfall.h"

G_BEGIN_DECLS

/* A trace as a flame graph that hangs from the top (an icicle): calls with the same path from the
 * entry are one frame, whose width is the work done in it and below it. As with the waterfall: a
 * model, layout, drawing and hit. Costs follow the pixels, never the spans. One thread at a time;
 * the model may be made in any.
 *
 * Work is own time, plus the time a call was on its way, plus the work of what was called. Calls
 * that run at the same time count each, so the frames under one always fit beneath it, while its
 * own total (the sum of how long its calls took) may be less. */

#define FLUO_FLAME_NONE G_MAXUINT32

typedef struct
{
  guint32 parent;      /* FLUO_FLAME_NONE at the top */
  guint32 depth;
  guint32 first_child; /* the children are one after the other, most work first */
  guint32 n_children;
  guint32 span;        /* the slowest of its calls: gives name, service and status */
  guint32 count;
  guint32 failed;      /* of them: error, throttle or fault */
  guint8  worst;       /* FluoStatus */
  guint8  running;     /* some have not ended */
  gint64  total_ns;    /* all of them together; saturates */
  gint64  own_ns;
  gint64  way_ns;      /* between caller and callee */
  double  begin, work; /* where it is among all work, and how much, in ns */
} FluoFlameFrame;

/* The frames in order of depth, then place. Holds a reference on the trace. */
typedef struct _FluoFlame FluoFlame;

/* One pass over the spans, then sorts the children of each frame. [worker] for large traces. */
FluoFlame            *fluo_flame_new        (FluoTrace *trace);
void                  fluo_flame_free       (FluoFlame *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFlame, fluo_flame_free)
FluoTrace            *fluo_flame_get_trace  (FluoFlame *self);
const FluoFlameFrame *fluo_flame_get_frames (FluoFlame *self, guint *ret_n);
guint                 fluo_flame_get_n_levels (FluoFlame *self);
guint                 fluo_flame_get_n_calls (FluoFlame *self);
double                fluo_flame_get_work   (FluoFlame *self); /* of all; > 0 */
/* The frame that a span is in: that of its callee for a call. */
guint32               fluo_flame_find       (FluoFlame *self, guint32 span);
/* Marks the frames of these as found (FluoWaterfallFound); an empty array ends it. */
void                  fluo_flame_set_found  (FluoFlame *self, const GArray *found);
guint                 fluo_flame_get_n_found (FluoFlame *self);
/* Walking with keys: siblings are of the same level, whoever called them. FLUO_FLAME_NONE past an
 * end. */
guint32               fluo_flame_get_beside (FluoFlame *self, guint32 frame, int step);
/* The next frame in which something failed, faults before errors, around the end. */
guint32               fluo_flame_next_failed (FluoFlame *self, guint32 from, gboolean forward);
/* "payments, POST /charge, 3 calls, 2.16 s together, own work 30 ms, 88% of all work". */
char                 *fluo_flame_dup_description (FluoFlame *self, FluoWaterfallRows *rows,
                                                  guint32 frame);

/* --- Layout ------------------------------------------------------------------------------- */

#define FLUO_FLAME_ROW_PX 26
#define FLUO_FLAME_HEAD_PX 30
#define FLUO_FLAME_PAPER_ROW_PX 17
#define FLUO_FLAME_PAPER_HEAD_PX 20

typedef struct
{
  double             width, height;
  double             scroll;         /* levels above the view, with a fraction */
  double             begin, length;  /* the work that is shown; length <= 0: all */
  guint32            zoomed;         /* the frame that was zoomed into, named in the head */
  FluoWaterfallColor color;
  guint32            selected, hover;
  gboolean           searching;      /* what was not found steps back */
  gboolean           focus, backdrop;
  gboolean           paper;          /* smaller rows, no keys mentioned */
  double             scale;          /* larger for larger text; 0 = 1 */
  FluoWaterfallTextFunc text_func;
  gpointer           text_data;
} FluoFlameViewport;

typedef struct
{
  guint32  frame;        /* the first of those in the box */
  guint32  n;            /* neighbours too narrow to tell apart share one; 1 = itself */
  double   x0, x1, y;
  double   own_x;        /* own work is from here to x1; x1 = none */
  guint8   worst;        /* FluoStatus of all in the box */
  guint8   found;
  guint8   around;       /* holds more than what is shown: on the way to what was zoomed into */
} FluoFlameBox;

/* Reused from frame to frame. The fields are read-only for callers. */
typedef struct
{
  FluoFlame         *flame;    /* borrowed, as are the rows: names and colours */
  FluoWaterfallRows *rows;
  FluoFlameViewport  view;
  double             row_px, body_y, body_height, px_per_work;
  GArray            *boxes;    /* FluoFlameBox, level by level, left to right */
} FluoFlameLayout;

FluoFlameLayout *fluo_flame_layout_new    (void);
void             fluo_flame_layout_free   (FluoFlameLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFlameLayout, fluo_flame_layout_free)
void             fluo_flame_layout_update (FluoFlameLayout *self, FluoFlame *flame,
                                           FluoWaterfallRows *rows, const FluoFlameViewport *view);
double           fluo_flame_layout_work   (const FluoFlameLayout *self, double x);

/* --- Draw and hit ------------------------------------------------------------------------- */

void fluo_flame_draw         (FluoPainter *painter, const FluoFlameLayout *layout);
/* What the marks mean, in one line whose middle is @y; on paper, where the drawing has no foot. */
void fluo_flame_draw_legend  (FluoPainter *painter, const FluoFlameLayout *layout, double x,
                              double y, double size);
/* Frame of the selection and tint under the pointer: over the drawing, and alone when only they
 * change. */
void fluo_flame_draw_highlight (FluoPainter *painter, const FluoFlameLayout *layout);
/* The box at a place, NULL where there is none. */
const FluoFlameBox *fluo_flame_hit (const FluoFlameLayout *layout, double x, double y);

G_END_DECLS
