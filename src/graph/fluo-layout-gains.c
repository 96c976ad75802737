/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-blocks-private.h"

/* More gains than this would take longer to keep than they save. */
#define GAINS_MAX 1000000

/* The crossings at one side of where @upper and @lower meet depend on two orders: theirs, and that
 * of the neighbours there. @x and @y are those neighbours; what goes on beyond the other's end is
 * its own neighbour. Adds to the gains of all these pairs @times the edges that cross. */
static void
gains_add_side (FluoLayoutBlocks *self, const guint *x, const guint *x_edges, guint n_x,
                const guint *y, const guint *y_edges, guint n_y, gint times)
{
  for (guint i = 0; i < n_x; i++)
    {
      gint by = times * (gint) x_edges[i];

      for (guint k = 0; k < n_y; k++)
        {
          gint change = by * (gint) y_edges[k];

          self->gains[self->row[x[i]] + self->column[y[k]]] += change;
          self->gains[self->row[y[k]] + self->column[x[i]]] -= change;
        }
    }
}

/* The neighbours of two blocks that meet, on one side of where they do. */
typedef struct
{
  const guint *x, *x_edges, *y, *y_edges;
  guint        n_x, n_y;
} Side;

static inline void
side_init (Side *side, const FluoLayoutBlocks *self, const guint *upper, const guint *lower,
           gboolean right)
{
  const FluoLayoutBlock *a = &self->blocks[*upper], *b = &self->blocks[*lower];
  gboolean a_passes = right ? a->high > b->high : a->low < b->low;
  gboolean b_passes = right ? b->high > a->high : b->low < a->low;

  side->x = a_passes ? upper : right ? a->succ : a->pred;
  side->x_edges = a_passes ? &a->n_edges : right ? a->succ_edges : a->pred_edges;
  side->n_x = a_passes ? 1 : right ? a->n_succ : a->n_pred;
  side->y = b_passes ? lower : right ? b->succ : b->pred;
  side->y_edges = b_passes ? &b->n_edges : right ? b->succ_edges : b->pred_edges;
  side->n_y = b_passes ? 1 : right ? b->n_succ : b->n_pred;
}

void
fluo_layout_blocks_add_gains (FluoLayoutBlocks *self, guint upper, guint lower, gint times)
{
  Side side;

  side_init (&side, self, &upper, &lower, FALSE);
  gains_add_side (self, side.x, side.x_edges, side.n_x, side.y, side.y_edges, side.n_y, times);
  side_init (&side, self, &upper, &lower, TRUE);
  gains_add_side (self, side.x, side.x_edges, side.n_x, side.y, side.y_edges, side.n_y, times);
}

/* Whether edges of the two cross each other. */
static gboolean
blocks_cross (const FluoLayoutBlocks *self, guint upper, guint lower)
{
  for (guint right = 0; right < 2; right++)
    {
      Side side;

      side_init (&side, self, &upper, &lower, right);
      for (guint i = 0; i < side.n_x; i++)
        for (guint k = 0; k < side.n_y; k++)
          if (self->height[side.x[i]] > self->height[side.y[k]])
            return TRUE;
    }
  return FALSE;
}

guint
fluo_layout_blocks_find_crossed (const FluoLayoutBlocks *self, guint *crossed)
{
  g_autofree guint8 *found = g_new0 (guint8, self->n);
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    for (guint k = 0; k < self->blocks[i].n_meets; k++)
      {
        guint other = self->blocks[i].meets[k];

        if (self->height[other] <= self->height[i] || (found[i] && found[other])
            || !blocks_cross (self, i, other))
          continue;
        found[i] = found[other] = TRUE;
      }
  for (guint i = 0; i < self->n; i++)
    if (found[i])
      crossed[n++] = i;
  return n;
}

/* Says where the gains of every block are. Returns how many there are. */
static gsize
gains_place (FluoLayoutBlocks *self)
{
  const FluoLayoutPart *part = self->part;
  gsize start = 0;

  self->row = g_new (gsize, self->n);
  self->column = g_new (guint, self->n);
  for (guint i = 0; i < self->n && self->whole; i++)
    {
      self->row[i] = (gsize) i * self->n;
      self->column[i] = i;
    }
  if (self->whole)
    return (gsize) self->n * self->n;
  for (guint r = 0; r < part->n_ranks; r++)
    {
      gsize n = part->layer_start[r + 1] - part->layer_start[r];

      for (guint i = 0; i < n; i++)
        {
          guint block = part->layer[part->layer_start[r] + i];

          self->row[block] = start + i * n;
          self->column[block] = (guint) i;
        }
      start += n * n;
    }
  return start;
}

void
fluo_layout_blocks_make_gains (FluoLayoutBlocks *self)
{
  gsize n = gains_place (self);

  if (n > GAINS_MAX)
    return;
  self->gains = g_new0 (gint, n);
  for (guint i = 0; i < self->n; i++)
    for (guint k = 0; k < self->blocks[i].n_meets; k++)
      if (self->height[self->blocks[i].meets[k]] > self->height[i])
        fluo_layout_blocks_add_gains (self, i, self->blocks[i].meets[k], -1);
}

/* The gains say what one exchange saves. Before it reaches @fixed a lane passes others, and where
 * one of these is a neighbour of @fixed, what leads from there to @fixed is crossed no more. */
static inline gint
gains_get_passed (const FluoLayoutBlocks *self, guint moving, guint fixed)
{
  const FluoLayoutBlock *mine = &self->blocks[moving], *other = &self->blocks[fixed];
  double from = self->height[moving], at = self->height[fixed];
  double low = MIN (from, at), high = MAX (from, at);
  guint edges = 0;

  if (mine->low < other->low)
    for (guint i = 0; i < other->n_pred; i++)
      if (self->height[other->pred[i]] > low && self->height[other->pred[i]] < high)
        edges += other->pred_edges[i];
  if (mine->high > other->high)
    for (guint i = 0; i < other->n_succ; i++)
      if (self->height[other->succ[i]] > low && self->height[other->succ[i]] < high)
        edges += other->succ_edges[i];
  return (at > from ? 2 : -2) * (gint) (edges * mine->n_edges);
}

/* What @mine, heights of neighbours, save on one side of @fixed, whose neighbours are @row. */
static gint
count_below (const FluoLayoutBlocks *self, const double *mine, const guint *mine_edges,
             guint n_mine, const guint *row, const guint *row_edges, guint n_row)
{
  guint n_less = 0, n_not_greater = 0;
  gint less = 0, greater = 0, sum = 0;

  for (guint k = 0; k < n_row; k++)
    greater += (gint) row_edges[k];
  for (guint i = 0; i < n_mine; i++)
    {
      while (n_less < n_row && self->height[row[n_less]] < mine[i])
        less += (gint) row_edges[n_less++];
      while (n_not_greater < n_row && self->height[row[n_not_greater]] <= mine[i])
        greater -= (gint) row_edges[n_not_greater++];
      sum += (less - greater) * (gint) mine_edges[i];
    }
  return sum;
}

/* Crossings of one side saved when the moving block goes from above @fixed to below it. Where one
 * of the two goes on beyond the other's end, it is its own neighbour there; and while both stand
 * beside each other, the height of one does for the other. */
static inline gint
side_gain (const FluoLayoutBlocks *self, const double *mine, const guint *mine_edges,
           guint n_mine, gboolean mine_passes, const guint *passing_edges, guint fixed,
           const guint *row, const guint *row_edges, guint n_row, gboolean row_passes)
{
  if (mine_passes && row_passes)
    return 0;
  if (mine_passes)
    {
      mine = &self->height[fixed];
      mine_edges = passing_edges;
      n_mine = 1;
    }
  if (row_passes)
    {
      row = &fixed;
      row_edges = &self->blocks[fixed].n_edges;
      n_row = 1;
    }
  if (n_mine == 1 && n_row == 1)
    {
      double there = self->height[row[0]];

      return ((mine[0] > there) - (mine[0] < there)) * (gint) (mine_edges[0] * row_edges[0]);
    }
  return count_below (self, mine, mine_edges, n_mine, row, row_edges, n_row);
}

gint
fluo_layout_blocks_reckon (const FluoLayoutBlocks *self, guint moving, guint fixed)
{
  const FluoLayoutBlock *mine = &self->blocks[moving], *other = &self->blocks[fixed];

  if (moving == fixed)
    return 0;
  if (self->gains)
    return self->gains[self->row[moving] + self->column[fixed]]
           + (mine->n_edges > 0 ? gains_get_passed (self, moving, fixed) : 0);
  return side_gain (self, self->before, mine->pred_edges, mine->n_pred, mine->low < other->low,
                    &mine->n_edges, fixed, other->pred, other->pred_edges, other->n_pred,
                    other->low < mine->low)
         + side_gain (self, self->after, mine->succ_edges, mine->n_succ, mine->high > other->high,
                      &mine->n_edges, fixed, other->succ, other->succ_edges, other->n_succ,
                      other->high > mine->high);
}
