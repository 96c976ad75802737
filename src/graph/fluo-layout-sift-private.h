/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-layout-private.h"

G_BEGIN_DECLS

/* So many moves can be undone. */
#define FLUO_LAYOUT_MOVES_MAX 16

/* A node or lane that was moved, and from where. */
typedef struct
{
  guint node;
  guint pos;
} FluoLayoutMove;

/* Nodes and lanes that move up and down in their columns, to reduce crossings. */
typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows *succ, *pred;
  guint8         *unsettled; /* a node: something about it changed since it was last sifted */
  /* In graphs that are not too large, for each two in a column the crossings that the first would
   * save by going from above the second to below it, kept up to date by every move; else NULL. */
  gint           *gains;
  gint          **row;       /* the gain of two is in the row of the first, at */
  guint          *column;    /* the column of the second */
  FluoLayoutMove  moves[FLUO_LAYOUT_MOVES_MAX]; /* the newest last, as many as there is room */
  guint           n_moves;
  guint64         compared;
  guint64         compared_max;
  guint           reach;     /* how far a node may go */
} FluoLayoutSifting;

/* Makes the gains, where that is worth its time. */
void fluo_layout_make_gains  (FluoLayoutSifting *self);
void fluo_layout_clear_gains (FluoLayoutSifting *self);
/* To be called when @moved went from above @other to below it, or with @times -2 the other way. */
void fluo_layout_add_gains   (FluoLayoutSifting *self, guint moved, guint other, gint times);
/* The crossings that @moving saves by going from above @fixed to below it. */
gint fluo_layout_reckon_gain (const FluoLayoutSifting *self, guint moving, guint fixed);

static inline gint
fluo_layout_gain (const FluoLayoutSifting *self, guint moving, guint fixed)
{
  return self->gains ? self->row[moving][self->column[fixed]]
                     : fluo_layout_reckon_gain (self, moving, fixed);
}

G_END_DECLS
