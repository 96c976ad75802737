/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-layout-private.h"

G_BEGIN_DECLS

/* What is moved to reduce crossings. Either a block is a node or all lanes of a long edge together
 * (whole), or each lane is a block of its own (split). All blocks stand at heights, which mean
 * something only between two that meet: that stand in one column at least. There, and in the gaps
 * on both sides of where they meet, their order decides what crosses. */

typedef struct
{
  guint  low, high;     /* first and last rank */
  guint  n_edges;       /* of the link, for its lanes as a whole; else 0 */
  guint *pred, *succ;   /* blocks; sorted by height as long as there are no gains */
  guint *pred_edges;    /* how many edges lead to each of them */
  guint *succ_edges;
  guint  n_pred, n_succ;
  guint *meets;         /* blocks; sorted by height unless stale. When split, it is the whole
                         * column, with the block itself, and never stale */
  guint  n_meets;
  guint  n_above;       /* of meets, unless stale */
  gboolean stale;
} FluoLayoutBlock;

/* So many moves can be undone. */
#define FLUO_LAYOUT_MOVES_MAX 16

/* A block that was moved, and from where. */
typedef struct
{
  guint  block;
  double height;
} FluoLayoutBlockMove;

typedef struct
{
  FluoLayoutPart  *part;
  gboolean         whole;
  guint            n;
  FluoLayoutBlock *blocks;  /* nodes first, then long links or lanes */
  guint           *order;   /* blocks, from the top to the bottom: as last sorted, or, when split,
                               column after column */
  FluoLayoutKeyed *keyed;   /* scratch */
  guint           *near;    /* memory of pred and succ */
  guint           *meeting; /* memory of meets */
  double          *height;
  gboolean         crowded; /* heights are so near each other that they have to be spread */
  /* In graphs that are not too large, for each pair of blocks the crossings that the first would
   * save by going from above the second to below it, kept up to date by every move; else NULL. */
  gint            *gains;
  gsize           *row;     /* of two that meet, the gain is at the row of the first + */
  guint           *column;  /* the column of the second */
  double          *before, *after; /* scratch: heights of the moving block's neighbours */
  guint8          *unsettled; /* a block: something about it changed since it was last sifted */
  FluoLayoutBlockMove moves[FLUO_LAYOUT_MOVES_MAX]; /* the newest last, as many as there is room */
  guint            n_moves;
} FluoLayoutBlocks;

/* FALSE when too many blocks meet each other. */
gboolean fluo_layout_blocks_init   (FluoLayoutBlocks *self, FluoLayoutPart *part, gboolean whole);
void     fluo_layout_blocks_clear  (FluoLayoutBlocks *self);
/* Makes meets and fluo_layout_blocks_gain() right for this block until the next move. Returns how
 * many in meets are above it. */
guint    fluo_layout_blocks_face   (FluoLayoutBlocks *self, guint block);
/* Makes the gains, where that is worth its time. */
void     fluo_layout_blocks_make_gains (FluoLayoutBlocks *self);
/* Adds to the gains @times the edges of the two that cross where @upper is above @lower. */
void     fluo_layout_blocks_add_gains (FluoLayoutBlocks *self, guint upper, guint lower,
                                       gint times);
/* fluo_layout_blocks_gain() where it is not among the gains as it is. */
gint     fluo_layout_blocks_reckon (const FluoLayoutBlocks *self, guint moving, guint fixed);
/* Moves a block that was faced, so that @n_above of meets are above it; @was_above were. */
void     fluo_layout_blocks_move   (FluoLayoutBlocks *self, guint block, guint was_above,
                                    guint n_above);
/* Moves back what was moved since n_moves was set to 0. */
void     fluo_layout_blocks_undo   (FluoLayoutBlocks *self);
/* Fills @crossed with the blocks that have edges which cross others, and says how many it has. */
guint    fluo_layout_blocks_find_crossed (const FluoLayoutBlocks *self, guint *crossed);
/* Makes room between all heights; not while moves are recorded. */
void     fluo_layout_blocks_spread (FluoLayoutBlocks *self);
/* The blocks from the top to the bottom, or column after column. */
const guint *fluo_layout_blocks_sort (FluoLayoutBlocks *self);
/* Orders the columns of the part accordingly. */
void     fluo_layout_blocks_finish (FluoLayoutBlocks *self);

/* The crossings that @moving, which was faced, saves by going from above @fixed to below it, when
 * it passed all between them. */
static inline gint
fluo_layout_blocks_gain (const FluoLayoutBlocks *self, guint moving, guint fixed)
{
  return self->gains && self->blocks[moving].n_edges == 0
           ? self->gains[self->row[moving] + self->column[fixed]]
           : fluo_layout_blocks_reckon (self, moving, fixed);
}

G_END_DECLS
