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

/* What a node has on one side when that is one neighbour, as a lane has on both: most of a large
 * graph are lanes. */
typedef struct
{
  guint node;  /* or FLUO_LAYOUT_NOT_ONE */
  guint edges; /* that lead there */
} FluoLayoutOnly;

#define FLUO_LAYOUT_NOT_ONE G_MAXUINT

/* Nodes and lanes that move up and down in their columns, to reduce crossings. */
typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows *succ, *pred;
  FluoLayoutOnly *only;      /* of node i, 2 i before it and 2 i + 1 after it */
  guint8         *unsettled; /* a node: something about it changed since it was last sifted */
  /* In graphs that are not too large, for each two in a column that were compared the crossings
   * that the first would save by going from above the second to below it, and as much as tells them
   * from those that were not; kept up to date by every move. Else NULL. */
  gint           *gains;
  gint          **row;       /* the gain of two is in the row of the first, at */
  guint          *column;    /* the column of the second */
  FluoLayoutMove  moves[FLUO_LAYOUT_MOVES_MAX]; /* the newest last, as many as there is room */
  guint           n_moves;
  guint64         compared;
  guint64         compared_max;
  guint           reach;     /* how far a node may go */
} FluoLayoutSifting;

/* More than any gain. */
#define FLUO_LAYOUT_GAIN_KNOWN (1 << 29)

/* Makes room for gains, where they are worth their time. */
void fluo_layout_make_gains  (FluoLayoutSifting *self);
void fluo_layout_clear_gains (FluoLayoutSifting *self);
/* To be called when @moved went from above @other to below it, or with @times -2 the other way. */
void fluo_layout_add_gains   (FluoLayoutSifting *self, guint moved, guint other, gint times);
/* fluo_layout_gain() where it is not known. */
gint fluo_layout_reckon_gain (const FluoLayoutSifting *self, guint moving, guint fixed);

/* The crossings that @moving saves by going from above @fixed to below it. */
static inline gint
fluo_layout_gain (const FluoLayoutSifting *self, guint moving, guint fixed)
{
  gint gain = self->gains ? self->row[moving][self->column[fixed]] : 0;

  return gain > FLUO_LAYOUT_GAIN_KNOWN / 2 ? gain - FLUO_LAYOUT_GAIN_KNOWN
                                           : fluo_layout_reckon_gain (self, moving, fixed);
}

G_END_DECLS
