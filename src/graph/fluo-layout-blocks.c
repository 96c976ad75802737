/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-blocks-private.h"

#include <string.h>

/* Where more pairs meet, counted in every column, not even a round is affordable. */
#define PAIRS_MAX 8000000

/* Where two heights are nearer than this part of a row, all are spread before more is put between
 * them; a few moves more do no harm. */
#define ROOM_MIN 1e-6

static guint
blocks_of_links (const FluoLayoutPart *part, guint *block_of)
{
  guint n = part->n_real;

  for (guint i = 0; i < part->n_links; i++)
    block_of[i] = part->links[i].n_lanes > 0 ? n++ : G_MAXUINT;
  return n;
}

/* Either counts or enters two neighbours. */
static void
blocks_link (FluoLayoutBlocks *self, guint left, guint right, guint n_edges, gboolean count)
{
  FluoLayoutBlock *from = &self->blocks[left], *to = &self->blocks[right];

  if (!count)
    {
      from->succ[from->n_succ] = right;
      from->succ_edges[from->n_succ] = n_edges;
      to->pred[to->n_pred] = left;
      to->pred_edges[to->n_pred] = n_edges;
    }
  from->n_succ++;
  to->n_pred++;
}

static void
blocks_link_all (FluoLayoutBlocks *self, const guint *block_of, gboolean count)
{
  const FluoLayoutPart *part = self->part;

  if (!self->whole)
    for (guint i = 0; i < part->n_segments; i++)
      blocks_link (self, part->segments[i].from, part->segments[i].to, part->segments[i].n_edges,
                   count);
  for (guint i = 0; i < part->n_links && self->whole; i++)
    {
      const FluoLayoutLink *link = &part->links[i];

      if (link->overflow)
        continue;
      if (block_of[i] == G_MAXUINT)
        {
          blocks_link (self, link->from, link->to, link->n_edges, count);
          continue;
        }
      blocks_link (self, link->from, block_of[i], link->n_edges, count);
      blocks_link (self, block_of[i], link->to, link->n_edges, count);
    }
}

const guint *
fluo_layout_blocks_sort (FluoLayoutBlocks *self)
{
  FluoLayoutKeyed *keyed = self->keyed;

  if (!self->whole)
    return self->order;
  for (guint i = 0; i < self->n; i++)
    keyed[i] = (FluoLayoutKeyed) { self->height[self->order[i]], self->order[i] };
  fluo_layout_sort_keyed (keyed, keyed + self->n, self->n);
  for (guint i = 0; i < self->n; i++)
    self->order[i] = keyed[i].node;
  return self->order;
}

void
fluo_layout_blocks_spread (FluoLayoutBlocks *self)
{
  fluo_layout_blocks_sort (self);
  for (guint i = 0; i < self->n; i++)
    self->height[self->order[i]] = i;
  self->crowded = FALSE;
}

/* One order of all blocks out of those in the columns, from left to right: what begins in a column
 * comes right after what is above it there. It is right for every column where long edges keep
 * their order. */
static void
blocks_take_order (FluoLayoutBlocks *self, const guint *block_of)
{
  const FluoLayoutPart *part = self->part;
  g_autofree guint *block_at = g_new (guint, part->n);     /* a node or lane */
  g_autofree guint *below = g_new (guint, self->n + 1);    /* a block, and over all of them n */
  guint block = self->n;

  for (guint i = 0; i < part->n_real; i++)
    block_at[i] = i;
  for (guint i = 0; i < part->n_links; i++)
    for (guint k = 0; k < part->links[i].n_lanes; k++)
      block_at[part->links[i].first_lane + k] = block_of[i];
  below[self->n] = G_MAXUINT;
  for (guint i = 0; i < part->n; i++)
    {
      guint rank = part->rank[part->layer[i]], above = block;

      if (i == part->layer_start[rank])
        above = self->n;
      block = block_at[part->layer[i]];
      if (self->blocks[block].low < rank)
        continue;
      below[block] = below[above];
      below[above] = block;
    }
  block = below[self->n];
  for (guint i = 0; block != G_MAXUINT; block = below[block])
    {
      self->order[i] = block;
      self->height[block] = i++;
    }
}

static void
blocks_sort_row (const FluoLayoutBlocks *self, guint *row, guint *edges, guint n)
{
  for (guint i = 1; i < n; i++)
    {
      guint block = row[i], count = edges[i], k = i;

      for (; k > 0 && self->height[row[k - 1]] > self->height[block]; k--)
        {
          row[k] = row[k - 1];
          edges[k] = edges[k - 1];
        }
      row[k] = block;
      edges[k] = count;
    }
}

/* Sorts what a block meets; few of them moved since the last time. */
static void
blocks_sort_meets (FluoLayoutBlocks *self, guint block)
{
  FluoLayoutBlock *sorted = &self->blocks[block];
  guint *meets = sorted->meets;
  double last = -G_MAXDOUBLE, mine = self->height[block];

  sorted->n_above = 0;
  sorted->stale = FALSE;
  for (guint i = 0; i < sorted->n_meets; i++)
    {
      guint other = meets[i], k = i;
      double height = self->height[other];

      sorted->n_above += height < mine;
      if (height >= last)
        {
          last = height;
          continue;
        }
      for (; k > 0 && self->height[meets[k - 1]] > height; k--)
        meets[k] = meets[k - 1];
      meets[k] = other;
    }
}

guint
fluo_layout_blocks_face (FluoLayoutBlocks *self, guint block)
{
  const FluoLayoutBlock *faced = &self->blocks[block];

  if (faced->stale)
    blocks_sort_meets (self, block);
  for (guint i = 0; i < faced->n_pred && !self->gains; i++)
    self->before[i] = self->height[faced->pred[i]];
  for (guint i = 0; i < faced->n_succ && !self->gains; i++)
    self->after[i] = self->height[faced->succ[i]];
  return faced->n_above;
}

/* --- Public --------------------------------------------------------------- */

static void
blocks_make_rows (FluoLayoutBlocks *self, const guint *block_of)
{
  const FluoLayoutPart *part = self->part;
  guint size = MAX (1, self->whole ? 4 * part->n_links : 2 * part->n_segments), at = 0;

  self->near = g_new (guint, 2 * size);
  blocks_link_all (self, block_of, TRUE);
  for (guint i = 0; i < self->n; i++)
    {
      FluoLayoutBlock *block = &self->blocks[i];

      block->pred = self->near + at;
      block->pred_edges = block->pred + size;
      at += block->n_pred;
      block->succ = self->near + at;
      block->succ_edges = block->succ + size;
      at += block->n_succ;
      block->n_pred = block->n_succ = 0;
    }
  blocks_link_all (self, block_of, FALSE);
}

/* Counts or enters every pair of blocks that meets: in the column where the later begins. There
 * those that begin, @n_begin[rank], come first. */
static void
blocks_meet_all (FluoLayoutBlocks *self, const guint *column, const guint *n_begin, gboolean enter)
{
  const guint *start = self->part->layer_start;

  for (guint r = 0; r < self->part->n_ranks; r++)
    for (guint i = start[r]; i < start[r + 1]; i++)
      {
        FluoLayoutBlock *a = &self->blocks[column[i]];
        guint n = MIN (i - start[r], n_begin[r]);

        for (guint k = 0; k < n && enter; k++)
          {
            FluoLayoutBlock *b = &self->blocks[column[start[r] + k]];

            a->meets[a->n_meets + k] = column[start[r] + k];
            b->meets[b->n_meets++] = column[i];
          }
        a->n_meets += n;
        for (guint k = 0; k < n && !enter; k++)
          self->blocks[column[start[r] + k]].n_meets++;
      }
}

/* Makes n_meets memory, whose rows are to be filled. */
static guint *
blocks_place_meets (FluoLayoutBlocks *self, guint64 n_meets)
{
  guint *meeting = g_new (guint, MAX (n_meets, 1)), *at = meeting;

  for (guint i = 0; i < self->n; i++)
    {
      self->blocks[i].meets = at;
      at += self->blocks[i].n_meets;
      self->blocks[i].n_meets = 0;
    }
  return meeting;
}

/* Fills meets, in the order of heights. FALSE when that would be too much work. */
static gboolean
blocks_make_meets (FluoLayoutBlocks *self)
{
  const guint *start = self->part->layer_start;
  const guint *order = self->order;
  g_autofree guint *column = g_new (guint, self->part->n);
  g_autofree guint *end = g_memdup2 (start, self->part->n_ranks * sizeof (guint));
  g_autofree FluoLayoutBlock *any = NULL;
  g_autofree guint *any_meeting = NULL;
  g_autofree guint *n_begin = g_new0 (guint, self->part->n_ranks);
  guint64 pairs = 0, n_meets = 0;

  for (guint r = 0; r < self->part->n_ranks; r++)
    pairs += (guint64) (start[r + 1] - start[r]) * (start[r + 1] - start[r]) / 2;
  if (pairs > PAIRS_MAX)
    return FALSE;
  for (guint i = 0; i < self->n; i++)
    {
      column[end[self->blocks[i].low]++] = i;
      n_begin[self->blocks[i].low]++;
    }
  for (guint i = 0; i < self->n; i++)
    for (guint r = self->blocks[i].low + 1; r <= self->blocks[i].high; r++)
      column[end[r]++] = i;
  blocks_meet_all (self, column, n_begin, FALSE);
  for (guint i = 0; i < self->n; i++)
    n_meets += self->blocks[i].n_meets;
  any_meeting = blocks_place_meets (self, n_meets);
  blocks_meet_all (self, column, n_begin, TRUE);

  /* Each in turn, from the top, goes to the end of the rows of those that it meets. */
  any = g_memdup2 (self->blocks, self->n * sizeof (FluoLayoutBlock));
  self->meeting = blocks_place_meets (self, n_meets);
  for (guint i = 0; i < self->n; i++)
    for (guint k = 0; k < any[order[i]].n_meets; k++)
      {
        FluoLayoutBlock *other = &self->blocks[any[order[i]].meets[k]];

        other->meets[other->n_meets++] = order[i];
      }
  return TRUE;
}

static gboolean
blocks_make_whole (FluoLayoutBlocks *self, guint *block_of)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = 0; i < part->n_links; i++)
    if (block_of[i] != G_MAXUINT)
      {
        self->blocks[block_of[i]].low = part->rank[part->links[i].from] + 1;
        self->blocks[block_of[i]].high = part->rank[part->links[i].to] - 1;
        self->blocks[block_of[i]].n_edges = part->links[i].n_edges;
      }
  for (guint i = 0; i < self->n; i++)
    self->blocks[i].stale = TRUE;
  self->order = g_new (guint, self->n);
  self->keyed = g_new (FluoLayoutKeyed, 2 * self->n);
  blocks_take_order (self, block_of);
  return blocks_make_meets (self);
}

static void
blocks_make_split (FluoLayoutBlocks *self)
{
  const FluoLayoutPart *part = self->part;

  self->meeting = self->order = g_memdup2 (part->layer, part->n * sizeof (guint));
  for (guint i = 0; i < self->n; i++)
    {
      guint first = part->layer_start[part->rank[i]];

      self->height[i] = self->blocks[i].n_above = part->pos[i];
      self->blocks[i].meets = self->meeting + first;
      self->blocks[i].n_meets = part->layer_start[part->rank[i] + 1] - first;
    }
}

gboolean
fluo_layout_blocks_init (FluoLayoutBlocks *self, FluoLayoutPart *part, gboolean whole)
{
  g_autofree guint *block_of = g_new (guint, MAX (part->n_links, 1));

  *self = (FluoLayoutBlocks) { .part = part, .whole = whole };
  self->n = blocks_of_links (part, block_of);
  if (!whole)
    self->n = part->n;
  self->blocks = g_new0 (FluoLayoutBlock, self->n);
  self->height = g_new (double, self->n);
  self->unsettled = g_new0 (guint8, self->n);
  for (guint i = 0; i < (whole ? part->n_real : part->n); i++)
    self->blocks[i].low = self->blocks[i].high = part->rank[i];
  if (!whole)
    blocks_make_split (self);
  else if (!blocks_make_whole (self, block_of))
    return FALSE;
  blocks_make_rows (self, block_of);
  fluo_layout_blocks_make_gains (self);
  if (self->gains)
    return TRUE;
  self->before = g_new (double, self->n);
  self->after = g_new (double, self->n);
  for (guint i = 0; i < self->n; i++)
    {
      FluoLayoutBlock *block = &self->blocks[i];

      blocks_sort_row (self, block->pred, block->pred_edges, block->n_pred);
      blocks_sort_row (self, block->succ, block->succ_edges, block->n_succ);
    }
  return TRUE;
}

void
fluo_layout_blocks_clear (FluoLayoutBlocks *self)
{
  g_free (self->blocks);
  g_free (self->near);
  if (self->meeting != self->order)
    g_free (self->meeting);
  g_free (self->order);
  g_free (self->keyed);
  g_free (self->height);
  g_free (self->gains);
  g_free (self->row);
  g_free (self->column);
  g_free (self->before);
  g_free (self->after);
  g_free (self->unsettled);
}

/* Keeps meets in order, or notes where it no longer is. */
static void
blocks_take_note (FluoLayoutBlocks *self, guint block, guint was_above, guint n_above)
{
  FluoLayoutBlock *moved = &self->blocks[block];
  guint *meets = moved->meets;

  if (self->whole)
    {
      moved->n_above = n_above;
      for (guint i = 0; i < moved->n_meets; i++)
        self->blocks[meets[i]].stale = TRUE;
      return;
    }
  /* The column is common to all in it. */
  for (; was_above < n_above - 1 && n_above > 0; was_above++)
    {
      meets[was_above] = meets[was_above + 1];
      self->blocks[meets[was_above]].n_above = was_above;
    }
  for (; was_above > n_above; was_above--)
    {
      meets[was_above] = meets[was_above - 1];
      self->blocks[meets[was_above]].n_above = was_above;
    }
  meets[was_above] = block;
  moved->n_above = was_above;
}

/* Puts a faced block at another height. */
static void
blocks_set_height (FluoLayoutBlocks *self, guint block, guint was_above, guint n_above,
                   double height)
{
  FluoLayoutBlock *moved = &self->blocks[block];
  FluoLayoutBlockMove move = { block, self->height[block] };

  if (self->n_moves < G_N_ELEMENTS (self->moves))
    self->moves[self->n_moves++] = move;
  self->height[block] = height;
  for (guint i = 0; i < moved->n_pred; i++)
    self->unsettled[moved->pred[i]] = TRUE;
  for (guint i = 0; i < moved->n_succ; i++)
    self->unsettled[moved->succ[i]] = TRUE;
  for (guint i = was_above; i < n_above && self->gains; i++)
    if (moved->meets[i] != block)
      fluo_layout_blocks_add_gains (self, block, moved->meets[i], 2);
  for (guint i = n_above; i < was_above && self->gains; i++)
    fluo_layout_blocks_add_gains (self, moved->meets[i], block, 2);
  blocks_take_note (self, block, was_above, n_above);
  if (self->gains)
    return;
  for (guint i = 0; i < moved->n_pred; i++)
    {
      FluoLayoutBlock *near = &self->blocks[moved->pred[i]];

      blocks_sort_row (self, near->succ, near->succ_edges, near->n_succ);
    }
  for (guint i = 0; i < moved->n_succ; i++)
    {
      FluoLayoutBlock *near = &self->blocks[moved->succ[i]];

      blocks_sort_row (self, near->pred, near->pred_edges, near->n_pred);
    }
}

void
fluo_layout_blocks_move (FluoLayoutBlocks *self, guint block, guint was_above, guint n_above)
{
  const FluoLayoutBlock *moved = &self->blocks[block];
  double above = n_above > 0 ? self->height[moved->meets[n_above - 1]] : 0;
  double below = n_above < moved->n_meets ? self->height[moved->meets[n_above]] : above + 2;

  if (n_above == 0)
    above = below - 2;
  self->crowded |= below - above < ROOM_MIN;
  blocks_set_height (self, block, was_above, n_above, (above + below) / 2);
}

void
fluo_layout_blocks_undo (FluoLayoutBlocks *self)
{
  for (guint i = self->n_moves; i-- > 0;)
    {
      FluoLayoutBlockMove move = self->moves[i];
      const FluoLayoutBlock *moved = &self->blocks[move.block];
      guint was_above = fluo_layout_blocks_face (self, move.block), n_above = was_above;

      while (n_above > 0 && self->height[moved->meets[n_above - 1]] > move.height)
        n_above--;
      while (n_above < moved->n_meets && self->height[moved->meets[n_above]] < move.height)
        n_above++;
      blocks_set_height (self, move.block, was_above, n_above, move.height);
    }
  self->n_moves = 0;
}

void
fluo_layout_blocks_finish (FluoLayoutBlocks *self)
{
  FluoLayoutPart *part = self->part;
  const guint *order = fluo_layout_blocks_sort (self);
  g_autofree guint *end = g_memdup2 (part->layer_start, part->n_ranks * sizeof (guint));
  g_autofree guint *first_lane = g_new (guint, self->n);
  guint next = part->n_real;

  for (guint i = 0; i < part->n_links && self->whole; i++)
    if (part->links[i].n_lanes > 0)
      first_lane[next++] = part->links[i].first_lane;
  for (guint i = 0; i < self->n; i++)
    {
      guint block = order[i];

      for (guint r = self->blocks[block].low; r <= self->blocks[block].high; r++)
        {
          guint u = block < part->n_real || !self->whole
                      ? block
                      : first_lane[block] + r - self->blocks[block].low;

          part->pos[u] = end[r] - part->layer_start[r];
          part->layer[end[r]++] = u;
        }
    }
}
