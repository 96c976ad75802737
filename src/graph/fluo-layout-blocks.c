/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Global sifting (Bachmaier, Brandenburg, Brunner, Hübner: A global k-level crossing reduction
 * algorithm, 2010). A block is a node, or all lanes of a long edge together. All blocks stand in
 * one order over all columns; each in turn goes where the whole picture has the fewest crossings.
 * A long edge moves as one, which no step from column to column can do, and comes out straight. */

/* Pairs of blocks that are compared at most: so many, and more where there are many blocks. */
#define COMPARED_MIN 200000
#define COMPARED_PER_BLOCK 200
#define COMPARED_MAX 800000

/* Another round is worth it while the last one saved more than a crossing for so many blocks. */
#define ROUND_WORTH 4

/* Shaking: how often for each block, how far one is pushed (a part of all), and how many neighbours
 * on either side are sifted in consequence. */
#define SHAKES_PER_BLOCK 24
#define SHAKE_REACH 6
#define SHAKE_NEIGHBOURS_MAX 3

typedef struct
{
  guint  low, high;     /* first and last rank */
  guint *pred, *succ;   /* blocks, sorted by place */
  guint  n_pred, n_succ;
} Block;

typedef struct
{
  FluoLayoutPart *part;
  guint           n;
  Block          *blocks; /* nodes first, then long links */
  guint          *near;   /* memory of pred and succ */
  guint          *order;  /* blocks by place */
  guint          *pos;    /* place by block */
  guint          *low;    /* ranks of the block at a place: most pairs share none, and are passed */
  guint          *high;
  guint64         compared; /* pairs of blocks; those that share no column cost an eighth */
  guint          *before, *after; /* places of the moving block's neighbours */
} Blocks;

static guint
blocks_of_links (const FluoLayoutPart *part,
                 guint                *block_of)
{
  guint n = part->n_real;

  for (guint i = 0; i < part->n_links; i++)
    block_of[i] = part->links[i].n_lanes > 0 ? n++ : G_MAXUINT;
  return n;
}

/* Either counts or enters two neighbours. */
static void
blocks_link (Blocks  *self,
             guint    left,
             guint    right,
             gboolean count)
{
  if (!count)
    {
      self->blocks[left].succ[self->blocks[left].n_succ] = right;
      self->blocks[right].pred[self->blocks[right].n_pred] = left;
    }
  self->blocks[left].n_succ++;
  self->blocks[right].n_pred++;
}

static void
blocks_link_all (Blocks      *self,
                 const guint *block_of,
                 gboolean     count)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = 0; i < part->n_links; i++)
    {
      const FluoLayoutLink *link = &part->links[i];

      if (link->overflow)
        continue;
      if (block_of[i] == G_MAXUINT)
        {
          blocks_link (self, link->from, link->to, count);
          continue;
        }
      blocks_link (self, link->from, block_of[i], count);
      blocks_link (self, block_of[i], link->to, count);
    }
}

typedef struct
{
  double key;
  guint  block;
} Keyed;

static int
compare_keyed (gconstpointer a,
               gconstpointer b)
{
  const Keyed *x = a, *y = b;

  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  return x->block < y->block ? -1 : x->block > y->block;
}

/* The order that comes nearest to the one in the columns: by relative height. */
static void
blocks_take_order (Blocks      *self,
                   const guint *block_of)
{
  const FluoLayoutPart *part = self->part;
  g_autofree Keyed *keyed = g_new (Keyed, self->n);

  for (guint i = 0; i < part->n_real; i++)
    {
      guint rank = part->rank[i], n = part->layer_start[rank + 1] - part->layer_start[rank];

      keyed[i] = (Keyed) { (part->pos[i] + .5) / n, i };
    }
  for (guint i = 0; i < part->n_links; i++)
    {
      const FluoLayoutLink *link = &part->links[i];
      double sum = 0;

      if (block_of[i] == G_MAXUINT)
        continue;
      for (guint k = 0; k < link->n_lanes; k++)
        {
          guint lane = link->first_lane + k, rank = part->rank[lane];

          sum += (part->pos[lane] + .5) / (part->layer_start[rank + 1] - part->layer_start[rank]);
        }
      keyed[block_of[i]] = (Keyed) { sum / link->n_lanes, block_of[i] };
    }
  qsort (keyed, self->n, sizeof (Keyed), compare_keyed);
  for (guint i = 0; i < self->n; i++)
    {
      self->order[i] = keyed[i].block;
      self->pos[keyed[i].block] = i;
      self->low[i] = self->blocks[keyed[i].block].low;
      self->high[i] = self->blocks[keyed[i].block].high;
    }
}

static void
blocks_sort_row (const Blocks *self,
                 guint        *row,
                 guint         n)
{
  for (guint i = 1; i < n; i++)
    {
      guint block = row[i], k = i;

      for (; k > 0 && self->pos[row[k - 1]] > self->pos[block]; k--)
        row[k] = row[k - 1];
      row[k] = block;
    }
}

static void
blocks_init (Blocks         *self,
             FluoLayoutPart *part)
{
  g_autofree guint *block_of = g_new (guint, MAX (part->n_links, 1));
  guint at = 0;

  *self = (Blocks) { .part = part };
  self->n = blocks_of_links (part, block_of);
  self->blocks = g_new0 (Block, self->n);
  self->order = g_new (guint, self->n);
  self->pos = g_new (guint, self->n);
  self->low = g_new (guint, self->n);
  self->high = g_new (guint, self->n);
  self->before = g_new (guint, self->n);
  self->after = g_new (guint, self->n);
  for (guint i = 0; i < part->n_real; i++)
    self->blocks[i].low = self->blocks[i].high = part->rank[i];
  for (guint i = 0; i < part->n_links; i++)
    if (block_of[i] != G_MAXUINT)
      {
        self->blocks[block_of[i]].low = part->rank[part->links[i].from] + 1;
        self->blocks[block_of[i]].high = part->rank[part->links[i].to] - 1;
      }
  self->near = g_new (guint, 4 * MAX (part->n_links, 1));
  blocks_link_all (self, block_of, TRUE);
  for (guint i = 0; i < self->n; i++)
    {
      Block *block = &self->blocks[i];

      block->pred = self->near + at;
      at += block->n_pred;
      block->succ = self->near + at;
      at += block->n_succ;
      block->n_pred = block->n_succ = 0;
    }
  blocks_link_all (self, block_of, FALSE);
  blocks_take_order (self, block_of);
  for (guint i = 0; i < self->n; i++)
    {
      blocks_sort_row (self, self->blocks[i].pred, self->blocks[i].n_pred);
      blocks_sort_row (self, self->blocks[i].succ, self->blocks[i].n_succ);
    }
}

static void
blocks_clear (Blocks *self)
{
  g_free (self->blocks);
  g_free (self->near);
  g_free (self->order);
  g_free (self->pos);
  g_free (self->low);
  g_free (self->high);
  g_free (self->before);
  g_free (self->after);
}

/* Pairs of an x and a neighbour y with x below y, less those with x above y. @x are places. */
static gint
pairs_below (const Blocks *self,
             const guint  *x,
             guint         n_x,
             const guint  *row,
             guint         n_row)
{
  guint n_less = 0, n_not_greater = 0;
  gint sum = 0;

  for (guint i = 0; i < n_x; i++)
    {
      while (n_less < n_row && self->pos[row[n_less]] < x[i])
        n_less++;
      while (n_not_greater < n_row && self->pos[row[n_not_greater]] <= x[i])
        n_not_greater++;
      sum += (gint) n_less - (gint) (n_row - n_not_greater);
    }
  return sum;
}

/* Crossings of one side saved when the moving block goes from above @fixed to below it. Where one
 * of the two goes on beyond the other's end, it is its own neighbour there; and while both stand
 * beside each other, the place of one does for the other. */
static inline gint
side_gain (const Blocks *self,
           const guint  *mine, /* places */
           guint         n_mine,
           gboolean      mine_passes,
           guint         fixed,
           const guint  *row,
           guint         n_row,
           gboolean      row_passes)
{
  if (mine_passes && row_passes)
    return 0;
  if (mine_passes)
    {
      mine = &self->pos[fixed];
      n_mine = 1;
    }
  if (row_passes)
    {
      guint here = self->pos[fixed];
      gint sum = 0;

      for (guint i = 0; i < n_mine; i++)
        sum += (mine[i] > here) - (mine[i] < here);
      return sum;
    }
  if (n_mine == 1 && n_row == 1)
    {
      guint there = self->pos[row[0]];

      return (mine[0] > there) - (mine[0] < there);
    }
  return pairs_below (self, mine, n_mine, row, n_row);
}

static inline gint
block_gain (const Blocks *self,
            const Block  *moving,
            guint         fixed)
{
  const Block *other = &self->blocks[fixed];

  return side_gain (self, self->before, moving->n_pred, moving->low < other->low, fixed,
                    other->pred, other->n_pred, other->low < moving->low)
         + side_gain (self, self->after, moving->n_succ, moving->high > other->high, fixed,
                      other->succ, other->n_succ, other->high > moving->high);
}

static void
blocks_move (Blocks *self,
             guint   from,
             guint   to)
{
  guint block = self->order[from];
  const Block *moved = &self->blocks[block];

  if (to > from)
    memmove (self->order + from, self->order + from + 1, (to - from) * sizeof (guint));
  else
    memmove (self->order + to + 1, self->order + to, (from - to) * sizeof (guint));
  self->order[to] = block;
  for (guint i = MIN (from, to); i <= MAX (from, to); i++)
    {
      self->pos[self->order[i]] = i;
      self->low[i] = self->blocks[self->order[i]].low;
      self->high[i] = self->blocks[self->order[i]].high;
    }
  for (guint i = 0; i < moved->n_pred; i++)
    blocks_sort_row (self, self->blocks[moved->pred[i]].succ,
                     self->blocks[moved->pred[i]].n_succ);
  for (guint i = 0; i < moved->n_succ; i++)
    blocks_sort_row (self, self->blocks[moved->succ[i]].pred,
                     self->blocks[moved->succ[i]].n_pred);
}

static void
blocks_restore (Blocks      *self,
                const guint *order)
{
  guint first = 0, end = self->n;

  while (first < end && self->order[first] == order[first])
    first++;
  while (end > first && self->order[end - 1] == order[end - 1])
    end--;
  for (guint i = first; i < end; i++)
    {
      self->order[i] = order[i];
      self->pos[order[i]] = i;
      self->low[i] = self->blocks[order[i]].low;
      self->high[i] = self->blocks[order[i]].high;
    }
  for (guint i = first; i < end; i++)
    {
      const Block *block = &self->blocks[order[i]];

      for (guint k = 0; k < block->n_pred; k++)
        blocks_sort_row (self, self->blocks[block->pred[k]].succ,
                         self->blocks[block->pred[k]].n_succ);
      for (guint k = 0; k < block->n_succ; k++)
        blocks_sort_row (self, self->blocks[block->succ[k]].pred,
                         self->blocks[block->succ[k]].n_pred);
    }
}

/* Returns the crossings saved. */
static gint
blocks_sift (Blocks *self,
             guint   block,
             guint   reach)
{
  const Block *moving = &self->blocks[block];
  guint from = self->pos[block], best = from;
  guint first = from - MIN (from, reach), end = MIN (self->n, from + reach + 1);
  gint sum = 0, most = 0;

  for (guint i = 0; i < moving->n_pred; i++)
    self->before[i] = self->pos[moving->pred[i]];
  for (guint i = 0; i < moving->n_succ; i++)
    self->after[i] = self->pos[moving->succ[i]];
  for (guint i = from + 1; i < end; i++)
    {
      if (self->low[i] > moving->high || self->high[i] < moving->low)
        continue;
      self->compared++;
      sum += block_gain (self, moving, self->order[i]);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  sum = 0;
  for (guint i = from; i-- > first;)
    {
      if (self->low[i] > moving->high || self->high[i] < moving->low)
        continue;
      self->compared++;
      sum -= block_gain (self, moving, self->order[i]);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  self->compared += (end - first) / 8;
  if (best != from)
    blocks_move (self, from, best);
  return most;
}

static void
blocks_give_order (const Blocks *self)
{
  FluoLayoutPart *part = self->part;
  g_autofree guint *end = g_memdup2 (part->layer_start, part->n_ranks * sizeof (guint));
  g_autofree guint *first_lane = g_new (guint, self->n);
  guint next = part->n_real;

  for (guint i = 0; i < part->n_links; i++)
    if (part->links[i].n_lanes > 0)
      first_lane[next++] = part->links[i].first_lane;
  for (guint i = 0; i < self->n; i++)
    {
      guint block = self->order[i];

      for (guint r = self->blocks[block].low; r <= self->blocks[block].high; r++)
        {
          guint u = block < part->n_real ? block
                                         : first_lane[block] + r - self->blocks[block].low;

          part->pos[u] = end[r] - part->layer_start[r];
          part->layer[end[r]++] = u;
        }
    }
}

/* Not g_rand: its sequence depends on an environment variable. Xorshift, Marsaglia 2003. */
guint
fluo_layout_random (guint64 *state,
                    guint    below)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (guint) ((*state >> 11) % below);
}

/* Puts one block anywhere near and lets those around it find their places again. Returns the
 * crossings saved, which may be less than none. */
static gint
blocks_kick (Blocks  *self,
             guint    block,
             guint    reach,
             guint64 *random)
{
  const Block *moving = &self->blocks[block];
  guint from = self->pos[block], low = from - MIN (from, reach);
  guint to = low + fluo_layout_random (random, MIN (self->n, from + reach + 1) - low);
  gint saved = 0;

  for (guint i = 0; i < moving->n_pred; i++)
    self->before[i] = self->pos[moving->pred[i]];
  for (guint i = 0; i < moving->n_succ; i++)
    self->after[i] = self->pos[moving->succ[i]];
  for (guint i = MIN (from, to); i <= MAX (from, to); i++)
    if (i != from && self->low[i] <= moving->high && self->high[i] >= moving->low)
      saved += (to > from ? 1 : -1) * block_gain (self, moving, self->order[i]);
  if (to != from)
    blocks_move (self, from, to);
  return saved;
}

/* Iterated local search (Lourenço, Martin, Stützle 2003): a block is pushed away, its neighbours
 * and itself are sifted, and what came out is kept unless it is worse. */
static void
blocks_shake (Blocks  *self,
              guint64  compared_max,
              guint    reach)
{
  g_autofree guint *kept = g_memdup2 (self->order, self->n * sizeof (guint));
  guint64 random = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  for (guint64 i = 0;
       i < SHAKES_PER_BLOCK * (guint64) self->n && self->compared < compared_max; i++)
    {
      guint block = fluo_layout_random (&random, self->n);
      const Block *kicked = &self->blocks[block];
      gint saved = blocks_kick (self, block, MAX (4, self->n / SHAKE_REACH), &random);

      for (guint k = 0; k < kicked->n_pred && k < SHAKE_NEIGHBOURS_MAX; k++)
        saved += blocks_sift (self, kicked->pred[k], reach);
      for (guint k = 0; k < kicked->n_succ && k < SHAKE_NEIGHBOURS_MAX; k++)
        saved += blocks_sift (self, kicked->succ[k], reach);
      saved += blocks_sift (self, block, reach);
      self->compared += self->n / 4;
      if (saved >= 0)
        memcpy (kept, self->order, self->n * sizeof (guint));
      else
        blocks_restore (self, kept);
    }
}

/* Makes a new order of all columns out of the one there is. */
void
fluo_layout_sift_blocks (FluoLayoutPart *part)
{
  g_autofree guint *turn = NULL;
  guint64 compared_max;
  Blocks self;
  gint saved;
  guint reach;

  blocks_init (&self, part);
  compared_max = CLAMP (COMPARED_PER_BLOCK * (guint64) self.n, COMPARED_MIN, COMPARED_MAX);
  /* A round for everyone at least, however near they have to stay. */
  reach = (guint) CLAMP (compared_max / self.n, 1, self.n);
  turn = g_new (guint, self.n);
  do
    {
      saved = 0;
      memcpy (turn, self.order, self.n * sizeof (guint));
      for (guint i = 0; i < self.n && self.compared < compared_max; i++)
        saved += blocks_sift (&self, turn[i], reach);
    }
  while (saved > (gint) (self.n / ROUND_WORTH) && self.compared < compared_max);
  if (self.compared < compared_max)
    blocks_shake (&self, compared_max, reach);
  blocks_give_order (&self);
  blocks_clear (&self);
}
