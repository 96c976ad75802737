/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Global sifting (Bachmaier, Brandenburg, Brunner, Hübner: A global k-level crossing reduction
 * algorithm, 2010). A block is a node, or all lanes of a long edge. All blocks are in one order,
 * which means something only between two that meet: that stand in one column at least. There, and
 * in the gaps on both sides of where they meet, their order decides what crosses. Each block in
 * turn goes where the whole picture has the fewest crossings. So a long edge moves as one, which no
 * step from column to column can do, and comes out straight. */

/* Pairs of blocks that are compared until all are settled: so many for each block, within bounds.
 * Beyond the most there is hardly time for a round. */
#define COMPARED_PER_BLOCK 300
#define COMPARED_MIN 10000
#define COMPARED_MAX 150000

/* Those whom a block meets are among others in the order. So many are looked at, and so many times
 * as many as were met, until it is not worth it. */
#define WALKED_MIN 64
#define WALKED_PER_MET 8

/* Up to so many neighbours one after the other is quicker than a search. */
#define SEARCHED_MIN 8

typedef struct
{
  guint block;
  guint edges; /* how many lead there */
} Near;

/* A block where it stands in the order. */
typedef struct
{
  guint block;
  guint low, high; /* first and last rank */
} Stand;

/* The neighbours of the moving block on one side, sorted by place where they are many. */
typedef struct
{
  FluoLayoutEnd *ends;
  guint         *sum; /* edges of those before; one more than ends */
  guint          n;
} Side;

typedef struct
{
  FluoLayoutPart *part;
  guint           n;         /* nodes first, then long edges */
  guint          *n_edges;   /* a block: of a long edge; else 0 */
  guint          *start;     /* block i: predecessors from start[2 i], successors from there + 1 */
  Near           *near;
  Stand          *order;
  guint          *pos;       /* a block: in order */
  guint8         *unsettled; /* a block: it may have a better place */
  FluoLayoutEnd  *scratch;
  Side            before, after;
  guint64         compared;
  guint           reach;     /* how many of those that it meets a block may pass */
} Global;

/* --- Making --------------------------------------------------------------- */

/* Either counts or enters two neighbours. */
static void
global_link (Global *self, guint left, guint right, guint n_edges, gboolean count)
{
  guint *succ = &self->start[2 * left + 3], *pred = &self->start[2 * right + 2];

  if (count)
    {
      (*succ)++;
      (*pred)++;
      return;
    }
  self->near[(*--succ)++] = (Near) { right, n_edges };
  self->near[(*--pred)++] = (Near) { left, n_edges };
}

static void
global_link_all (Global *self, const guint *block_of, gboolean count)
{
  for (guint i = 0; i < self->part->n_links; i++)
    {
      const FluoLayoutLink *link = &self->part->links[i];

      if (link->overflow)
        continue;
      if (link->n_lanes == 0)
        {
          global_link (self, link->from, link->to, link->n_edges, count);
          continue;
        }
      global_link (self, link->from, block_of[i], link->n_edges, count);
      global_link (self, block_of[i], link->to, link->n_edges, count);
    }
}

static void
global_make_near (Global *self, const guint *block_of)
{
  guint most = 1;

  self->near = g_new (Near, MAX (1, 4 * self->part->n_links));
  self->start = g_new0 (guint, 2 * self->n + 3);
  global_link_all (self, block_of, TRUE);
  for (guint i = 2; i < 2 * self->n + 3; i++)
    {
      most = MAX (most, self->start[i]);
      self->start[i] += self->start[i - 1];
    }
  /* Shifted by one while filling, so that each ends as the row's end. */
  global_link_all (self, block_of, FALSE);
  self->scratch = g_new (FluoLayoutEnd, 3 * most);
  self->before = (Side) { self->scratch + most, g_new (guint, most + 1), 0 };
  self->after = (Side) { self->scratch + 2 * most, g_new (guint, most + 1), 0 };
}

/* One order of all blocks out of those in the columns, from left to right: what begins in a column
 * comes right after what is above it there. It is right for every column where long edges keep
 * their order. */
static void
global_take_order (Global *self, const guint *block_at, const Stand *stands)
{
  const FluoLayoutPart *part = self->part;
  g_autofree guint *below = g_new (guint, self->n + 1); /* a block, and over all of them n */
  guint block = self->n;

  below[self->n] = G_MAXUINT;
  for (guint i = 0; i < part->n; i++)
    {
      guint rank = part->rank[part->layer[i]];
      guint above = i == part->layer_start[rank] ? self->n : block;

      block = block_at[part->layer[i]];
      if (stands[block].low < rank)
        continue;
      below[block] = below[above];
      below[above] = block;
    }
  block = below[self->n];
  for (guint i = 0; block != G_MAXUINT; block = below[block])
    {
      self->order[i] = stands[block];
      self->pos[block] = i++;
    }
}

static void
global_init (Global *self, FluoLayoutPart *part, const guint8 *crossed)
{
  guint n_max = part->n_real + part->n_links;
  g_autofree guint *block_of = g_new (guint, MAX (part->n_links, 1));
  g_autofree guint *block_at = g_new (guint, part->n); /* a node or lane */
  g_autofree Stand *stands = g_new (Stand, n_max);

  *self = (Global) { .part = part, .n = part->n_real };
  self->n_edges = g_new0 (guint, n_max);
  self->unsettled = g_new0 (guint8, n_max);
  for (guint i = 0; i < part->n_real; i++)
    {
      stands[i] = (Stand) { i, part->rank[i], part->rank[i] };
      self->unsettled[i] = crossed[i];
      block_at[i] = i;
    }
  for (guint i = 0; i < part->n_links; i++)
    {
      const FluoLayoutLink *link = &part->links[i];
      guint block = block_of[i] = self->n;

      if (link->n_lanes == 0)
        continue;
      self->n++;
      stands[block] = (Stand) { block, part->rank[link->from] + 1, part->rank[link->to] - 1 };
      self->n_edges[block] = link->n_edges;
      for (guint lane = link->first_lane; lane < link->first_lane + link->n_lanes; lane++)
        {
          block_at[lane] = block;
          self->unsettled[block] |= crossed[lane];
        }
    }
  self->order = g_new (Stand, self->n);
  self->pos = g_new (guint, self->n);
  global_make_near (self, block_of);
  global_take_order (self, block_at, stands);
}

static void
global_clear (Global *self)
{
  g_free (self->n_edges);
  g_free (self->start);
  g_free (self->near);
  g_free (self->order);
  g_free (self->pos);
  g_free (self->unsettled);
  g_free (self->scratch);
  g_free (self->before.sum);
  g_free (self->after.sum);
}

/* --- Sifting -------------------------------------------------------------- */

static void
side_fill (Side *side, const Global *self, guint row)
{
  const Near *near = self->near + self->start[row];

  side->n = self->start[row + 1] - self->start[row];
  for (guint i = 0; i < side->n; i++)
    side->ends[i] = (FluoLayoutEnd) { self->pos[near[i].block], near[i].edges };
  if (side->n <= SEARCHED_MIN)
    return;
  fluo_layout_sort_ends (side->ends, self->scratch, side->n);
  side->sum[0] = 0;
  for (guint i = 0; i < side->n; i++)
    side->sum[i + 1] = side->sum[i] + side->ends[i].edges;
}

/* 1 below, -1 above. */
static inline gint
compare_places (guint place, guint with)
{
  return (place > with) - (place < with);
}

/* How many edges of the side end below @place, less those that end above it. */
static inline gint
side_weigh (const Side *side, guint place)
{
  guint above = 0, not_below, high = side->n;
  gint sum = 0;

  if (side->n == 1)
    return compare_places (side->ends[0].pos, place) * (gint) side->ends[0].edges;
  if (side->n <= SEARCHED_MIN)
    {
      for (guint i = 0; i < side->n; i++)
        sum += compare_places (side->ends[i].pos, place) * (gint) side->ends[i].edges;
      return sum;
    }
  while (above < high)
    {
      guint middle = (above + high) / 2;

      if (side->ends[middle].pos < place)
        above = middle + 1;
      else
        high = middle;
    }
  not_below = above + (above < side->n && side->ends[above].pos == place);
  return (gint) (side->sum[side->n] - side->sum[not_below] - side->sum[above]);
}

/* Crossings of one side of where two blocks meet, saved when the moving one goes from above @fixed,
 * at @place, to below it. One that goes on beyond the other's end is its own neighbour there; and
 * while both stand beside each other, the place of one does for the other. */
static inline gint
global_side_gain (const Global *self, const Side *side, guint moving, guint fixed, guint place,
                  gboolean moving_passes, gboolean fixed_passes, guint row)
{
  const Near *near = self->near + self->start[row], *end = self->near + self->start[row + 1];
  gint sum = 0;

  if (fixed_passes)
    return side_weigh (side, place) * (gint) self->n_edges[fixed];
  if (moving_passes)
    {
      for (; near < end; near++)
        sum += compare_places (place, self->pos[near->block]) * (gint) near->edges;
      return sum * (gint) self->n_edges[moving];
    }
  for (; near < end; near++)
    sum += side_weigh (side, self->pos[near->block]) * (gint) near->edges;
  return sum;
}

/* Looks for a better place above or below. Returns the crossings saved there, if they are more than
 * @most; @ret_place is where. */
static gint
global_look (Global *self, const Stand *moving, gboolean down, gint most, guint *ret_place)
{
  guint from = self->pos[moving->block], met = 0;
  guint n = down ? self->n - 1 - from : from;
  gint sum = 0;

  for (guint i = 1; i <= n && met < self->reach && i < WALKED_MIN + WALKED_PER_MET * met; i++)
    {
      guint place = down ? from + i : from - i, block = self->order[place].block;
      guint low = self->order[place].low, high = self->order[place].high;
      gint gain;

      if (low > moving->high || high < moving->low)
        continue;
      gain = global_side_gain (self, &self->before, moving->block, block, place,
                               moving->low < low, low < moving->low, 2 * block)
             + global_side_gain (self, &self->after, moving->block, block, place,
                                 moving->high > high, high > moving->high, 2 * block + 1);
      met++;
      sum += down ? gain : -gain;
      if (sum > most)
        {
          most = sum;
          *ret_place = place;
        }
    }
  self->compared += met;
  return most;
}

static void
global_move (Global *self, Stand moved, guint to)
{
  guint i = self->pos[moved.block];

  for (; i < to; i++)
    {
      self->order[i] = self->order[i + 1];
      self->pos[self->order[i].block] = i;
    }
  for (; i > to; i--)
    {
      self->order[i] = self->order[i - 1];
      self->pos[self->order[i].block] = i;
    }
  self->order[to] = moved;
  self->pos[moved.block] = to;
  for (guint k = self->start[2 * moved.block]; k < self->start[2 * moved.block + 2]; k++)
    self->unsettled[self->near[k].block] = TRUE;
}

/* Puts a block in its best place. */
static gboolean
global_sift (Global *self, guint block)
{
  Stand moving = self->order[self->pos[block]];
  guint place = self->pos[block];
  gint most;

  side_fill (&self->before, self, 2 * block);
  side_fill (&self->after, self, 2 * block + 1);
  most = global_look (self, &moving, TRUE, 0, &place);
  most = global_look (self, &moving, FALSE, most, &place);
  if (most > 0)
    global_move (self, moving, place);
  return most > 0;
}

/* Orders the columns accordingly. */
static void
global_finish (const Global *self)
{
  FluoLayoutPart *part = self->part;
  g_autofree guint *end = g_memdup2 (part->layer_start, part->n_ranks * sizeof (guint));
  g_autofree guint *first = g_new (guint, self->n); /* a block: its node or lane */

  for (guint i = 0; i < part->n_real; i++)
    first[i] = i;
  for (guint i = 0, next = part->n_real; i < part->n_links; i++)
    if (part->links[i].n_lanes > 0)
      first[next++] = part->links[i].first_lane;
  for (guint i = 0; i < self->n; i++)
    for (guint r = self->order[i].low; r <= self->order[i].high; r++)
      {
        guint u = first[self->order[i].block] + r - self->order[i].low;

        part->pos[u] = end[r] - part->layer_start[r];
        part->layer[end[r]++] = u;
      }
}

/* Makes a new order of all columns out of the one there is. What crosses nothing has no better
 * place. */
void
fluo_layout_sift_edges (FluoLayoutPart *part, const guint8 *crossed)
{
  g_autofree Stand *turn = NULL;
  guint64 compared_max;
  gboolean any = TRUE;
  Global self;

  global_init (&self, part, crossed);
  turn = g_new (Stand, self.n);
  compared_max = CLAMP (COMPARED_PER_BLOCK * (guint64) self.n, COMPARED_MIN, COMPARED_MAX);
  /* A round for everyone at least, however near they have to stay. */
  self.reach = (guint) CLAMP (compared_max / self.n, 8, self.n);
  while (any && self.compared < compared_max)
    {
      any = FALSE;
      memcpy (turn, self.order, self.n * sizeof (Stand));
      for (guint i = 0; i < self.n && self.compared < compared_max; i++)
        {
          guint block = turn[i].block;

          if (!self.unsettled[block])
            continue;
          self.unsettled[block] = FALSE;
          any |= global_sift (&self, block);
        }
    }
  global_finish (&self);
  global_clear (&self);
}
