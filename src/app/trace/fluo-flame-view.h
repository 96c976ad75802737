/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-flame.h"

G_BEGIN_DECLS

/* The flame graph as a widget. A click selects a frame and zooms into it, Esc goes back. Signals:
 * "selection-changed" (guint span) when the user selected another frame: its slowest call;
 * "view-changed" () for the zoom. Main thread. */
#define FLUO_TYPE_FLAME_VIEW (fluo_flame_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoFlameView, fluo_flame_view, FLUO, FLAME_VIEW, GtkWidget)

GtkWidget *fluo_flame_view_new       (void);
/* Takes the flame (NULL empties); the rows give names and colours. A newer reading of the same
 * trace keeps what is selected and zoomed into. */
void       fluo_flame_view_take      (FluoFlameView *self, FluoFlame *flame,
                                      FluoWaterfallRows *rows);
FluoFlame *fluo_flame_view_get_flame (FluoFlameView *self);
const FluoFlameLayout *fluo_flame_view_get_layout (FluoFlameView *self);
/* Selects the frame that a span is in and brings it into view, without a signal. */
void       fluo_flame_view_select    (FluoFlameView *self, guint32 span);
guint32    fluo_flame_view_get_selected (FluoFlameView *self); /* frame */
void       fluo_flame_view_zoom_to   (FluoFlameView *self, guint32 frame);
/* To what was shown before the last zoom; FALSE at the whole. */
gboolean   fluo_flame_view_back      (FluoFlameView *self);
double     fluo_flame_view_get_zoom  (FluoFlameView *self); /* 1 = all */
void       fluo_flame_view_zoom      (FluoFlameView *self, double factor);
void       fluo_flame_view_fit       (FluoFlameView *self);
void       fluo_flame_view_set_color (FluoFlameView *self, FluoWaterfallColor color);
/* Marks the frames of these spans; nothing steps back when @searching is FALSE. */
void       fluo_flame_view_set_found (FluoFlameView *self, GArray *spans, gboolean searching);

G_END_DECLS
