/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-blocks-private.h"

#include <string.h>

/* Global sifting (Bachmaier, Brandenburg, Brunner, Hübner: A global k-level crossing reduction
 * algorithm, 2010). Each block in turn goes where the whole picture has the fewest crossings. A
 * long edge moves as one, which no step from column to column can do, and comes out straight. */

/* Pairs of blocks that are compared until all are settled: so many for each block, within bounds.
 * Beyond the most there is hardly time for a round. */
#define COMPARED_PER_BLOCK 300
#define COMPARED_MIN 10000
#define COMPARED_MAX 150000
#define COMPARED_PER_SIFT 8 /* what a block costs before anything is compared */

/* And so many for each block in shaking, as long as it is less than that. Only lanes are shaken:
 * each of them is compared with the few in its column, and the same work gains twice as much as
 * with whole edges. */
#define SHAKEN_PER_BLOCK 250

/* So many shakes a block until those with crossings are looked for anew. */
#define CROSSED_ROUNDS 4

/* Shaking: how far one is pushed, how many neighbours on either side are sifted in consequence, and
 * how far all these look for a better place. */
#define SHAKE_REACH 4
#define SHAKE_NEIGHBOURS_MAX 3
#define SHAKE_SIFT_REACH 6

typedef struct
{
  FluoLayoutBlocks blocks;
  guint64          compared;     /* pairs of blocks */
  guint64          compared_max;
  guint            reach;        /* how far a block is moved */
} Sifting;

/* Puts a block in its best place. Returns the crossings saved. */
static gint
sift_block (Sifting *self, guint block)
{
  FluoLayoutBlocks *blocks = &self->blocks;
  const FluoLayoutBlock *moving = &blocks->blocks[block];
  guint from = fluo_layout_blocks_face (blocks, block), best = from;
  guint first = from - MIN (from, self->reach), end = MIN (moving->n_meets, from + self->reach);
  gint sum = 0, most = 0;

  for (guint i = from; i < end; i++)
    {
      sum += fluo_layout_blocks_gain (blocks, block, moving->meets[i]);
      if (sum > most)
        {
          most = sum;
          best = i + 1;
        }
    }
  sum = 0;
  for (guint i = from; i-- > first;)
    {
      sum -= fluo_layout_blocks_gain (blocks, block, moving->meets[i]);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  self->compared += COMPARED_PER_SIFT + end - first;
  if (best != from)
    fluo_layout_blocks_move (blocks, block, from, best);
  return most;
}

/* Not g_rand: its sequence depends on an environment variable. Xorshift, Marsaglia 2003. */
guint
fluo_layout_random (guint64 *state, guint below)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (guint) ((*state >> 11) % below);
}

/* Puts one block anywhere near. Returns the crossings saved, which may be less than none. */
static gint
kick_block (Sifting *self, guint block, guint reach, guint64 *random)
{
  FluoLayoutBlocks *blocks = &self->blocks;
  const FluoLayoutBlock *moving = &blocks->blocks[block];
  guint from = fluo_layout_blocks_face (blocks, block), low = from - MIN (from, reach);
  guint to = low + fluo_layout_random (random, MIN (moving->n_meets, from + reach) - low + 1);
  gint saved = 0;

  for (guint i = from; i < to; i++)
    saved += fluo_layout_blocks_gain (blocks, block, moving->meets[i]);
  for (guint i = from; i-- > to;)
    saved -= fluo_layout_blocks_gain (blocks, block, moving->meets[i]);
  if (to != from)
    fluo_layout_blocks_move (blocks, block, from, to);
  return saved;
}

/* Iterated local search (Lourenço, Martin, Stützle 2003): a block that has crossings is pushed
 * away, its neighbours and itself are sifted, and what came out is kept unless it is worse. */
static void
shake_blocks (Sifting *self)
{
  FluoLayoutBlocks *blocks = &self->blocks;
  guint64 random = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  g_autofree guint *crossed = g_new (guint, blocks->n);
  guint n_crossed = 0;

  self->reach = MIN (self->reach, SHAKE_SIFT_REACH);
  for (guint64 i = 0; self->compared < self->compared_max; i++)
    {
      const FluoLayoutBlock *kicked;
      guint block;
      gint saved;

      if (i % (CROSSED_ROUNDS * blocks->n) == 0)
        n_crossed = fluo_layout_blocks_find_crossed (blocks, crossed);
      if (n_crossed == 0)
        break;
      block = crossed[fluo_layout_random (&random, n_crossed)];
      kicked = &blocks->blocks[block];
      blocks->n_moves = 0;
      saved = kick_block (self, block, SHAKE_REACH, &random);
      for (guint k = 0; k < kicked->n_pred && k < SHAKE_NEIGHBOURS_MAX; k++)
        saved += sift_block (self, kicked->pred[k]);
      for (guint k = 0; k < kicked->n_succ && k < SHAKE_NEIGHBOURS_MAX; k++)
        saved += sift_block (self, kicked->succ[k]);
      saved += sift_block (self, block);
      if (saved < 0)
        fluo_layout_blocks_undo (blocks);
      if (blocks->crowded)
        fluo_layout_blocks_spread (blocks);
    }
}

/* Sifts everything until nothing is unsettled. */
static void
settle_blocks (Sifting *self)
{
  FluoLayoutBlocks *blocks = &self->blocks;
  g_autofree guint *turn = g_new (guint, blocks->n);
  gboolean any = TRUE;

  memset (blocks->unsettled, TRUE, blocks->n);
  while (any && self->compared < self->compared_max)
    {
      any = FALSE;
      memcpy (turn, fluo_layout_blocks_sort (blocks), blocks->n * sizeof (guint));
      for (guint i = 0; i < blocks->n && self->compared < self->compared_max; i++)
        {
          if (!blocks->unsettled[turn[i]])
            continue;
          blocks->unsettled[turn[i]] = FALSE;
          any |= sift_block (self, turn[i]) > 0;
        }
      if (blocks->crowded)
        fluo_layout_blocks_spread (blocks);
    }
}

/* Makes a new order of all columns out of the one there is. */
void
fluo_layout_sift (FluoLayoutPart *part, gboolean whole)
{
  Sifting self = { 0 };

  if (fluo_layout_blocks_init (&self.blocks, part, whole))
    {
      guint n = self.blocks.n;

      self.compared_max = CLAMP (COMPARED_PER_BLOCK * (guint64) n, COMPARED_MIN, COMPARED_MAX);
      /* A round for everyone at least, however near they have to stay. */
      self.reach = (guint) CLAMP (self.compared_max / n, 8, n);
      settle_blocks (&self);
      self.compared_max = MIN (self.compared_max, self.compared + SHAKEN_PER_BLOCK * (guint64) n);
      if (!whole)
        shake_blocks (&self);
      fluo_layout_blocks_finish (&self.blocks);
    }
  fluo_layout_blocks_clear (&self.blocks);
}
