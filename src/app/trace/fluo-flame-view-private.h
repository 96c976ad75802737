/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/trace/fluo-time-canvas.h"
#include "app/trace/fluo-flame-view.h"

G_BEGIN_DECLS

/* What is shown: a stretch of the work, from a level on. */
typedef struct
{
  double  begin, length, scroll;
  guint32 zoomed; /* the frame that was zoomed into, or FLUO_FLAME_NONE */
} FluoFlamePart;

struct _FluoFlameView
{
  GtkWidget parent_instance;

  FluoFlame         *flame;
  FluoWaterfallRows *rows;      /* a reference: names and colours */
  FluoFlameLayout   *layout;
  FluoPainter       *painter;
  FluoFlameViewport  view;
  FluoTimeCanvas         canvas;    /* keeps the drawing of everything but the highlight */
  gboolean           laid_out;

  AdwAnimation      *animation;
  FluoFlamePart      from, to;
  GArray            *history;   /* FluoFlamePart: where Esc goes back to */
};

/* fluo-flame-view.c */
void fluo_flame_view_ensure_layout   (FluoFlameView *self);
void fluo_flame_view_changed         (FluoFlameView *self); /* lays out and draws again */
void fluo_flame_view_select_frame    (FluoFlameView *self, guint32 frame); /* with the signal */

/* fluo-flame-view-zoom.c */
void fluo_flame_view_zoom_at         (FluoFlameView *self, double factor, double x);
void fluo_flame_view_pan             (FluoFlameView *self, double px);
void fluo_flame_view_stop_moving     (FluoFlameView *self);

/* fluo-flame-view-input.c */
void fluo_flame_view_add_controllers (FluoFlameView *self);

G_END_DECLS
