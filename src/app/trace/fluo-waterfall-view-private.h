/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-time-canvas.h"
#include "app/trace/fluo-waterfall-view.h"

G_BEGIN_DECLS

typedef enum
{
  FLUO_DRAG_NONE,
  FLUO_DRAG_RULER,   /* measures, then zooms */
  FLUO_DRAG_DIVIDER,
  FLUO_DRAG_BRUSH,
  FLUO_DRAG_BRUSH_BEGIN,
  FLUO_DRAG_BRUSH_END
} FluoWaterfallDrag;

struct _FluoWaterfallView
{
  GtkWidget parent_instance;

  FluoWaterfallRows     *rows;
  FluoServiceColors     *colors;   /* the connection's, or NULL */
  FluoWaterfallLayout   *layout;
  FluoPainter           *painter;
  char                  *family;   /* what the painter was told */
  FluoWaterfallViewport  view;
  FluoWaterfallStyle     style;    /* the view's: denser where there is little height */
  GPtrArray             *lanes;    /* FluoWaterfallLane, or NULL */
  double                 tree_width; /* as chosen; a narrow window shows less */
  FluoTimeCanvas             canvas;   /* keeps the drawing of everything but the tints */
  gboolean               laid_out;

  char                  *find;
  GArray                *found;    /* FluoWaterfallFound */
  FluoTraceLines        *lines;    /* that are searched too, or NULL */
  GtkWidget             *menu;     /* of a row; NULL at first */

  struct
  {
    FluoWaterfallDrag kind;
    double            x, last_x;
    double            tree_width;
    FluoTimeSpan      visible;
  } drag;
};

/* fluo-waterfall-view.c */
void fluo_waterfall_view_emit_changed  (FluoWaterfallView *self); /* "view-changed" */
void fluo_waterfall_view_ensure_layout (FluoWaterfallView *self);
void fluo_waterfall_view_changed       (FluoWaterfallView *self); /* lays out and draws again */
void fluo_waterfall_view_zoom_at       (FluoWaterfallView *self, double factor, double x);
void fluo_waterfall_view_pan           (FluoWaterfallView *self, double px);
void fluo_waterfall_view_set_hover     (FluoWaterfallView *self, guint32 span);
void fluo_waterfall_view_set_collapsed (FluoWaterfallView *self, guint32 span, gboolean collapsed,
                                        gboolean branch);
void fluo_waterfall_view_toggle_grouping (FluoWaterfallView *self); /* rows of alike siblings */
/* Closes every row at that depth, 1 = only the entries; G_MAXUINT opens all. */
void fluo_waterfall_view_show_levels   (FluoWaterfallView *self, guint levels);
void fluo_waterfall_view_zoom_to_span  (FluoWaterfallView *self, guint32 span);

/* fluo-waterfall-view-find.c */
void fluo_waterfall_view_search        (FluoWaterfallView *self); /* fills "found" */

/* fluo-waterfall-view-input.c */
void fluo_waterfall_view_add_controllers (FluoWaterfallView *self);

/* fluo-waterfall-view-menu.c */
void fluo_waterfall_view_install_menu    (GtkWidgetClass *widget_class);
void fluo_waterfall_view_add_menu        (FluoWaterfallView *self);

/* fluo-waterfall-view-card.c */
void fluo_waterfall_view_snapshot_card (FluoWaterfallView *self, GtkSnapshot *snapshot,
                                        const FluoPalette *palette);
void fluo_waterfall_view_snapshot_measure (FluoWaterfallView *self, GtkSnapshot *snapshot,
                                           const FluoPalette *palette);

G_END_DECLS
