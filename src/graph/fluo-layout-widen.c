/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* A tree with many leaves would be one thin column, as tall as they are many. Here its branches are
 * spread over more columns than the longest path needs. Branches are nodes that together have one
 * edge to the rest: it can always be led around the others, so no crossing is added. In a graph
 * that is almost a tree, whatever is called counts as one. */

/* Smaller graphs keep the columns that the longest path gives them. */
#define NODES_MIN 30
/* How many times as tall as wide a picture is spread to; one that is not twice that is left alone.
 * Every column more makes edges longer. */
#define TALL 1.0
/* Almost a tree: so many edges a node. */
#define TREE_EDGES 1.25
/* What is estimated: boxes are as far apart as they must be. */
#define ROW_PX 132.0

typedef struct
{
  const FluoLayoutPart *part;
  const FluoLayoutRows *out;
  const FluoLayoutRows *in;
  guint8               *branch;   /* n_real: may stand further on */
  guint                *callers;  /* n_real: of a branch */
  guint                *waiting;  /* n_real: those that are not put yet */
  guint                *urgency;  /* n_real: place in the order in which branches are put */
  guint                *by_urgency;
  guint                 n_branch;
  guint                *fixed;    /* a rank: nodes that are no branches */
  guint                 n_ranks;  /* before */
  double                column_px;
} Widen;

/* A heap of urgencies, the least first. */
typedef struct
{
  guint *items;
  guint  n;
} Heap;

static void
heap_push (Heap *self,
           guint item)
{
  guint i = self->n++;

  while (i > 0 && self->items[(i - 1) / 2] > item)
    {
      self->items[i] = self->items[(i - 1) / 2];
      i = (i - 1) / 2;
    }
  self->items[i] = item;
}

static guint
heap_pop (Heap *self)
{
  const guint least = self->items[0];
  const guint item = self->items[--self->n];
  guint i = 0;

  for (;;)
    {
      guint child = 2 * i + 1;

      if (child >= self->n)
        break;
      if (child + 1 < self->n && self->items[child + 1] < self->items[child])
        child++;
      if (self->items[child] >= item)
        break;
      self->items[i] = self->items[child];
      i = child;
    }
  self->items[i] = item;
  return least;
}

/* --- Branches ----------------------------------------------------------------------------- */

typedef struct
{
  guint node;
  guint height;  /* columns that it needs behind it */
  guint ordinal; /* among those that hang on the same node, the highest first */
} Branch;

static int
compare_height (gconstpointer a,
                gconstpointer b)
{
  const Branch *x = a, *y = b;

  if (x->height != y->height)
    return x->height > y->height ? -1 : 1;
  return x->node < y->node ? -1 : 1;
}

/* Those with most behind them first; then one of every node, the next one of every node … */
static int
compare_urgency (gconstpointer a,
                 gconstpointer b)
{
  const Branch *x = a, *y = b;

  if (x->height != y->height)
    return x->height > y->height ? -1 : 1;
  if (x->ordinal != y->ordinal)
    return x->ordinal < y->ordinal ? -1 : 1;
  return x->node < y->node ? -1 : 1;
}

/* @order is topological. */
static void
find_branches (Widen       *self,
               const guint *order)
{
  const guint n = self->part->n_real;
  const gboolean tree = self->part->n_links <= TREE_EDGES * n;
  g_autofree Branch *branches = g_new (Branch, n);
  g_autofree guint *height = g_new0 (guint, n);
  g_autofree guint *seen = g_new0 (guint, n);

  for (guint i = n; i-- > 0;)
    {
      const guint u = order[i];

      self->callers[u] = self->in->start[u + 1] - self->in->start[u];
      self->branch[u] = self->callers[u] == 1 || (tree && self->callers[u] > 0);
      for (guint k = self->out->start[u]; k < self->out->start[u + 1]; k++)
        {
          self->branch[u] &= self->branch[self->out->item[k]];
          height[u] = MAX (height[u], height[self->out->item[k]] + 1);
        }
      if (self->branch[u])
        branches[self->n_branch++] = (Branch){ u, height[u], 0 };
    }
  qsort (branches, self->n_branch, sizeof (Branch), compare_height);
  for (guint i = 0; i < self->n_branch; i++)
    branches[i].ordinal = seen[self->in->item[self->in->start[branches[i].node]]]++;
  qsort (branches, self->n_branch, sizeof (Branch), compare_urgency);
  for (guint i = 0; i < self->n_branch; i++)
    {
      self->by_urgency[i] = branches[i].node;
      self->urgency[branches[i].node] = i;
    }
}

/* --- Columns ------------------------------------------------------------------------------ */

/* What hangs on @node can be put into the next column. */
static void
push_branches (const Widen *self,
               Heap        *heap,
               guint        node)
{
  for (guint k = self->out->start[node]; k < self->out->start[node + 1]; k++)
    {
      const guint u = self->out->item[k];

      if (self->branch[u] && --self->waiting[u] == 0)
        heap_push (heap, self->urgency[u]);
    }
}

/* Fills @rank with columns of at most @most nodes, where nodes that can't move leave that; returns
 * how many columns there are. @fixed_nodes: those, rank after rank. The second half of @rank is the
 * order in which branches were put. */
static guint
spread (const Widen *self,
        const guint *fixed_nodes,
        guint        most,
        guint       *rank,
        Heap        *heap)
{
  guint next_fixed = 0;
  guint n_put = 0;
  guint r = 0;

  heap->n = 0;
  memcpy (self->waiting, self->callers, self->part->n_real * sizeof (guint));
  for (; n_put < self->n_branch || r < self->n_ranks; r++)
    {
      const guint n_fixed = r < self->n_ranks ? self->fixed[r] : 0;
      const guint room = most > n_fixed ? most - n_fixed : 1;
      const guint n_here = MIN (room, heap->n);
      const guint first = n_put;

      /* Taken out before what hangs on them comes in. */
      for (guint i = 0; i < n_here; i++)
        {
          const guint u = self->by_urgency[heap_pop (heap)];

          rank[u] = r;
          rank[self->part->n_real + n_put++] = u;
        }
      for (guint i = first; i < n_put; i++)
        push_branches (self, heap, rank[self->part->n_real + i]);
      for (guint i = 0; i < n_fixed; i++)
        push_branches (self, heap, fixed_nodes[next_fixed++]);
    }
  return r;
}

/* How many times as tall as wide the picture would be. */
static double
measure (const Widen *self,
         const guint *rank,
         guint        n_ranks)
{
  g_autofree int *passing = g_new0 (int, n_ranks + 2);
  g_autofree guint *here = g_new0 (guint, n_ranks + 1);
  double height = 0;
  int lanes = 0;

  for (guint i = 0; i < self->part->n_real; i++)
    here[rank[i]]++;
  for (guint i = 0; i < self->part->n_links; i++)
    {
      passing[rank[self->part->links[i].from] + 1]++;
      passing[rank[self->part->links[i].to]]--;
    }
  for (guint r = 0; r < n_ranks; r++)
    {
      lanes += passing[r];
      height = MAX (height, here[r] * ROW_PX + lanes * FLUO_LAYOUT_LANE_PITCH);
    }
  return height / (n_ranks * self->column_px);
}

static guint *
sort_fixed (Widen *self)
{
  guint *nodes = g_new (guint, self->part->n_real + 1);
  g_autofree guint *next = g_new0 (guint, self->n_ranks + 1);

  for (guint i = 0; i < self->part->n_real; i++)
    if (!self->branch[i])
      self->fixed[self->part->rank[i]]++;
  for (guint r = 0; r < self->n_ranks; r++)
    next[r + 1] = next[r] + self->fixed[r];
  for (guint i = 0; i < self->part->n_real; i++)
    if (!self->branch[i])
      nodes[next[self->part->rank[i]]++] = i;
  return nodes;
}

/* As few columns as are needed, by bisection; none is made shorter than those of nodes that can't
 * move. */
static void
find_columns (Widen          *self,
              FluoLayoutPart *part)
{
  const guint n = part->n_real;
  g_autofree guint *fixed_nodes = sort_fixed (self);
  g_autofree guint *items = g_new (guint, n + 1);
  g_autofree guint *rank = g_new (guint, 2 * n + 1);
  guint enough = 1;
  guint too_many = n;
  Heap heap = { items, 0 };

  for (guint r = 0; r < self->n_ranks; r++)
    enough = MAX (enough, self->fixed[r]);
  memcpy (rank, part->rank, n * sizeof (guint));
  while (too_many - enough > 1)
    {
      const guint most = (enough + too_many) / 2;

      if (measure (self, rank, spread (self, fixed_nodes, most, rank, &heap)) <= TALL)
        enough = most;
      else
        too_many = most;
    }
  part->n_ranks = spread (self, fixed_nodes, enough, rank, &heap);
  memcpy (part->rank, rank, n * sizeof (guint));
}

void
fluo_layout_widen_ranks (FluoLayoutPart       *part,
                         const FluoLayoutRows *out,
                         const FluoLayoutRows *in,
                         const guint          *order)
{
  Widen self = { .part = part, .out = out, .in = in, .n_ranks = part->n_ranks };

  if (part->n_real < NODES_MIN)
    return;
  for (guint i = 0; i < part->n_real; i++)
    self.column_px += 2 * part->half_width[i] / part->n_real;
  self.column_px += FLUO_LAYOUT_COLUMN_GAP;
  if (measure (&self, part->rank, part->n_ranks) <= 2 * TALL)
    return;
  self.branch = g_new0 (guint8, part->n_real);
  self.urgency = g_new (guint, part->n_real);
  self.callers = g_new (guint, part->n_real);
  self.waiting = g_new (guint, part->n_real);
  self.by_urgency = g_new (guint, part->n_real);
  self.fixed = g_new0 (guint, part->n_ranks + 1);
  find_branches (&self, order);
  if (self.n_branch > 0)
    find_columns (&self, part);
  g_free (self.branch);
  g_free (self.urgency);
  g_free (self.callers);
  g_free (self.waiting);
  g_free (self.by_urgency);
  g_free (self.fixed);
}
