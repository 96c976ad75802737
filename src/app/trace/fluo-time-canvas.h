/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* What the waterfall and the flame graph share, so that both behave the same: time runs to the
 * right and is zoomed and panned, rows run down and are scrolled; the picture is drawn once and
 * kept, and a card comes where the pointer rests. A struct within the widget; main thread only. */

typedef struct
{
  /* TRUE when a card is to come if the pointer rests there. @x and @y are negative when it left. */
  gboolean (*hover)    (GtkWidget *widget, double x, double y);
  void     (*scrolled) (GtkWidget *widget, double first_row);
  void     (*zoom)     (GtkWidget *widget, double factor, double x);
  void     (*pan)      (GtkWidget *widget, double px);
  /* Keys pressed without Ctrl and Alt that are not the canvas' own. TRUE: it was for the widget. */
  gboolean (*key)      (GtkWidget *widget, guint keyval, gboolean shift);
} FluoTimeCanvasActions;

typedef struct
{
  GtkWidget         *widget;
  const FluoTimeCanvasActions *actions;
  gboolean           ready;       /* there is something to show; the widget sets it */
  double             row_px;      /* likewise */
  double             center_x;    /* likewise: zoomed at without a pointer */
  double             pointer_x, pointer_y; /* < 0: not over the widget */
  gboolean           space_down;  /* a drag pans */
  gboolean           card_shown;
  guint              card_source;
  GtkAdjustment     *vadjustment; /* in rows */
  GtkWidget         *scrollbar;
  GskRenderNode     *content;     /* NULL: must be drawn again */
  const FluoPalette *content_palette;
  double             pinch_scale;
  double             drag_x, drag_y;
} FluoTimeCanvas;

/* Adds controllers and the scroll bar to @widget. */
void     fluo_time_canvas_init      (FluoTimeCanvas *self, GtkWidget *widget,
                                     const FluoTimeCanvasActions *actions);
void     fluo_time_canvas_dispose   (FluoTimeCanvas *self);
/* The picture must be drawn again. */
void     fluo_time_canvas_changed   (FluoTimeCanvas *self);
void     fluo_time_canvas_hide_card (FluoTimeCanvas *self);
void     fluo_time_canvas_set_rows  (FluoTimeCanvas *self, double first, double n_rows,
                                     double n_shown);
/* The scroll bar's place: below @top px and above the last @bottom px. */
void     fluo_time_canvas_allocate  (FluoTimeCanvas *self, int width, int height, int top,
                                     int bottom);
/* What the picture is to be drawn with, or NULL when it is there already. */
cairo_t *fluo_time_canvas_begin     (FluoTimeCanvas *self, const graphene_rect_t *bounds,
                                     const FluoPalette *palette);

G_END_DECLS
