/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-waterfall.h"

G_BEGIN_DECLS

#define FLUO_WATERFALL_TEXT_MAX 200   /* characters of a name that are looked at; more never fits */
#define FLUO_WATERFALL_GAPS_MAX 64      /* arrows to linked traces in one picture */
#define FLUO_WATERFALL_HANDLE_PX 6      /* half the width in which a handle is caught */
#define FLUO_WATERFALL_DIVIDER_PX 3     /* likewise the divider */
#define FLUO_WATERFALL_TARGET_PX 26     /* the smallest target */
#define FLUO_WATERFALL_SLACK_PX 3       /* a bar is caught this far beside it */
#define FLUO_WATERFALL_NAME_MIN_PX 110  /* room left for a name however deep the row is */

/* --- Colours, names, groups, links: what is known of the rows ------------------------------- */

/* fluo-waterfall-colors.c: of a bar, by what the user chose; and from grey to the red of faults. */
FluoColor fluo_waterfall_span_color    (const FluoPalette *palette, FluoWaterfallRows *rows,
                                        FluoWaterfallColor by, guint32 index);
FluoColor fluo_waterfall_share_color   (const FluoPalette *palette, double share);
FluoColor fluo_waterfall_bar_color     (FluoPainter *painter, const FluoWaterfallLayout *layout,
                                        guint32 index);
/* What the colours mean, as far as there is room before @limit; nothing for services, whose names
 * stand beside their stripes. Returns where the next entry begins. */
double fluo_waterfall_draw_color_key   (FluoPainter *painter, FluoWaterfallRows *rows,
                                        FluoWaterfallColor by, double size_px, double x, double y,
                                        double limit);

/* fluo-waterfall-names.c: by how much the times of a span's host have been shifted. */
gint64 fluo_waterfall_rows_get_shift   (FluoWaterfallRows *self, guint32 span);

/* fluo-waterfall-group.c */
typedef struct _FluoWaterfallGroups FluoWaterfallGroups;

FluoWaterfallGroups *fluo_waterfall_groups_new  (FluoTrace *trace);
void                 fluo_waterfall_groups_free (FluoWaterfallGroups *self);
guint                fluo_waterfall_groups_get_n (FluoWaterfallGroups *self);
FluoWaterfallGroup  *fluo_waterfall_groups_get  (FluoWaterfallGroups *self, guint index);
FluoWaterfallGroup  *fluo_waterfall_groups_find (FluoWaterfallGroups *self, guint32 span);
FluoWaterfallGroup  *fluo_waterfall_groups_find_member (FluoWaterfallGroups *self, guint32 span);
gboolean             fluo_waterfall_groups_reveal (FluoWaterfallGroups *self, guint32 span);
/* Fills in what only costs once the row is seen: figures and merged intervals. */
void                 fluo_waterfall_groups_complete (FluoWaterfallGroups *self,
                                                     FluoWaterfallGroup *group);

/* fluo-waterfall-links.c */
typedef struct
{
  guint32  from; /* the earlier span */
  guint32  to;
  gboolean ahead; /* the sender's own, which says less: not from which call */
} FluoWaterfallArrow;

/* FALSE: the other end is not in this trace. */
gboolean fluo_waterfall_arrow_init     (FluoWaterfallArrow *arrow, FluoTrace *trace,
                                        const FluoTraceLink *link);
GHashTable *fluo_waterfall_find_reached (FluoTrace *trace);

/* fluo-waterfall-find-documents.c: how many values of a span's own document hold the text, those of
 * its subsegments left out. */
guint    fluo_waterfall_find_in_document (FluoTrace *trace, guint32 span, const char *needle);

/* --- Layout ---------------------------------------------------------------------------------- */

/* fluo-waterfall-layout.c */
double fluo_waterfall_indent           (const FluoWaterfallLayout *self, guint depth);
/* @x within a little of the picture: cairo loses what is far outside. */
double fluo_waterfall_clip_x           (const FluoWaterfallLayout *self, double x);
/* The first step of the critical path that ends after @time_ns: they are in order of time. */
guint  fluo_waterfall_step_after       (const FluoCriticalStep *steps, guint n, gint64 time_ns);

/* fluo-waterfall-labels.c; @wait is the longest stretch of the bar without own time. */
void   fluo_waterfall_place_label      (FluoWaterfallLayout *self, FluoWaterfallBox *box,
                                        FluoWaterfallPiece wait, FluoPainter *painter);
double fluo_waterfall_measure          (FluoPainter *painter, const char *text, double size_px,
                                        int weight);
/* Text of the trace, with the viewport's replacements, made safe and short. */
char  *fluo_waterfall_dup_text         (const FluoWaterfallLayout *self, const char *text);

/* fluo-waterfall-axis.c, -overview.c, -events.c */
void   fluo_waterfall_lay_out_ticks    (FluoWaterfallLayout *self);
void   fluo_waterfall_lay_out_gaps     (FluoWaterfallLayout *self);
void   fluo_waterfall_lay_out_overview (FluoWaterfallLayout *self);
void   fluo_waterfall_lay_out_events   (FluoWaterfallLayout *self, const FluoWaterfallBox *box);

/* fluo-waterfall-fold.c */
GArray *fluo_waterfall_new_quiet       (void);
void   fluo_waterfall_lay_out_folds    (FluoWaterfallLayout *self); /* before anything asks for x */
void   fluo_waterfall_draw_folds       (FluoPainter *painter, const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_fold_labels (FluoPainter *painter, const FluoWaterfallLayout *layout);

/* fluo-waterfall-lanes.c */
double fluo_waterfall_lanes_height     (const FluoWaterfallViewport *view);
void   fluo_waterfall_draw_lanes       (FluoPainter *painter, const FluoWaterfallLayout *layout);

/* --- Draw ------------------------------------------------------------------------------------ */

/* fluo-waterfall-draw.c */
void   fluo_waterfall_fill             (FluoPainter *painter, double x, double y, double width,
                                        double height, FluoColor color);
/* One px high. */
void   fluo_waterfall_stroke           (FluoPainter *painter, double x0, double x1, double y,
                                        FluoColor color);

/* fluo-waterfall-events.c */
void   fluo_waterfall_draw_events      (FluoPainter *painter, const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_diamond     (FluoPainter *painter, double x, double y, double size);

/* fluo-waterfall-head.c */
void   fluo_waterfall_draw_overview    (FluoPainter *painter, const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_ruler       (FluoPainter *painter, const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_grid        (FluoPainter *painter, const FluoWaterfallLayout *layout);
gboolean fluo_waterfall_end_is_visible (const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_end_label   (FluoPainter *painter, const FluoWaterfallLayout *layout,
                                        double top);

/* fluo-waterfall-tree.c */
/* Is there room for the column? */
gboolean fluo_waterfall_shows_durations (const FluoWaterfallLayout *layout);
void   fluo_waterfall_draw_tree_row    (FluoPainter *painter, const FluoWaterfallLayout *layout,
                                        const FluoWaterfallBox *box);

G_END_DECLS
