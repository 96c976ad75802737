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

/* How many of those that it meets a block may pass at most. */
#define REACH_MAX 50

/* Those whom a block meets are among others in the order. So many are looked at, and so many times
 * as many as were met, until it is not worth it. */
#define WALKED_MIN 64
#define WALKED_PER_MET 8

/* Rows of more neighbours are sorted and searched. */
#define ROW_MAX 8

typedef struct
{
  guint block;
  guint edges;  /* how many lead there */
  guint before; /* sorted rows: edges of those before */
} Near;

/* A block where it stands in the order. */
typedef struct
{
  guint block;
  guint low, high; /* first and last rank */
  guint n_edges;   /* of a long edge; else 0 */
} Stand;

typedef struct
{
  FluoLayoutPart *part;
  guint           n;         /* nodes first, then long edges */
  guint          *start;     /* a row: the first in near; rows 2 i and 2 i + 1 are what leads to
                                block i and where it leads */
  Near           *near;
  Stand          *order;
  guint          *pos;       /* a block: in order */
  guint8         *unsettled; /* a block: it may have a better place */
  gint           *weights[2]; /* a place: edges of the moving block that end below it, less those
                                 that end above, on the left and on the right */
  FluoLayoutEnd  *ends;      /* scratch, two for each of the most neighbours */
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
  self->near[succ[-1]++] = (Near) { right, n_edges, 0 };
  self->near[pred[-1]++] = (Near) { left, n_edges, 0 };
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

/* Long rows are kept sorted by place; they are nearly in order. */
static void
global_sort_row (Global *self, guint row)
{
  Near *near = self->near + self->start[row];
  guint n = self->start[row + 1] - self->start[row];

  if (n <= ROW_MAX)
    return;
  for (guint i = 1; i < n; i++)
    {
      Near moved = near[i];
      guint place = self->pos[moved.block], k = i;

      for (; k > 0 && self->pos[near[k - 1].block] > place; k--)
        near[k] = near[k - 1];
      near[k] = moved;
    }
  near[0].before = 0;
  for (guint i = 1; i < n; i++)
    near[i].before = near[i - 1].before + near[i - 1].edges;
}

static void
global_make_near (Global *self, const guint *block_of)
{
  self->near = g_new (Near, MAX (1, 4 * self->part->n_links));
  self->start = g_new0 (guint, 2 * self->n + 3);
  global_link_all (self, block_of, TRUE);
  for (guint i = 2; i < 2 * self->n + 3; i++)
    self->start[i] += self->start[i - 1];
  /* Shifted by one while filling, so that each ends as the row's end. */
  global_link_all (self, block_of, FALSE);
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
  guint n_max = part->n_real + part->n_links, most = 1;
  g_autofree guint *block_of = g_new (guint, MAX (part->n_links, 1));
  g_autofree guint *block_at = g_new (guint, part->n); /* a node or lane */
  g_autofree Stand *stands = g_new (Stand, n_max);

  *self = (Global) { .part = part, .n = part->n_real };
  self->unsettled = g_new0 (guint8, n_max);
  for (guint i = 0; i < part->n_real; i++)
    {
      stands[i] = (Stand) { i, part->rank[i], part->rank[i], 0 };
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
      stands[block] = (Stand) { block, part->rank[link->from] + 1, part->rank[link->to] - 1,
                                link->n_edges };
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
  for (guint row = 0; row < 2 * self->n; row++)
    {
      most = MAX (most, self->start[row + 1] - self->start[row]);
      global_sort_row (self, row);
    }
  self->ends = g_new (FluoLayoutEnd, 2 * most);
  self->weights[0] = g_new (gint, 2 * self->n);
  self->weights[1] = self->weights[0] + self->n;
}

static void
global_clear (Global *self)
{
  g_free (self->start);
  g_free (self->near);
  g_free (self->order);
  g_free (self->pos);
  g_free (self->unsettled);
  g_free (self->weights[0]);
  g_free (self->ends);
}

/* --- Sifting -------------------------------------------------------------- */

/* 1 below, -1 above. */
static inline gint
compare_places (guint place, guint with)
{
  return (place > with) - (place < with);
}

/* How many edges of a row end below @place, less those that end above it. */
static gint
row_search (const Near *near, guint n, const guint *pos, guint place)
{
  guint low = 0, high = n, total = near[n - 1].before + near[n - 1].edges;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (pos[near[middle].block] < place)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == n)
    return -(gint) total;
  if (pos[near[low].block] == place)
    total -= near[low].edges;
  return (gint) (total - 2 * near[low].before);
}

static inline gint
row_weigh (const Near *near, guint n, const guint *pos, guint place)
{
  gint sum = 0;

  if (n > ROW_MAX)
    return row_search (near, n, pos, place);
  for (guint i = 0; i < n; i++)
    sum += compare_places (pos[near[i].block], place) * (gint) near[i].edges;
  return sum;
}

/* Fills the weights of one side. */
static void
global_weigh (Global *self, guint block, guint side)
{
  const Near *near = self->near + self->start[2 * block + side];
  guint n = self->start[2 * block + side + 1] - self->start[2 * block + side], place = 0;
  FluoLayoutEnd *ends = self->ends;
  gint *weights = self->weights[side], weight = 0;

  for (guint i = 0; i < n; i++)
    {
      ends[i] = (FluoLayoutEnd) { self->pos[near[i].block], near[i].edges };
      weight += (gint) near[i].edges;
    }
  fluo_layout_sort_ends (ends, ends + n, n);
  for (guint i = 0; i < n; i++)
    {
      FluoLayoutEnd end = ends[i];

      for (; place < end.pos; place++)
        weights[place] = weight;
      weights[place++] = weight - (gint) end.edges;
      weight -= 2 * (gint) end.edges;
    }
  for (guint last = self->n; place < last; place++)
    weights[place] = weight;
}

/* Crossings of one side of where two blocks meet, saved when the moving one goes from above the
 * other, at @place, to below it. One that goes on beyond the other's end is its own neighbour
 * there, which is where it stands; and while both stand beside each other, the place of one does
 * for the other. @passes: more than 0 when the moving one goes on, less when the other does. */
static inline gint
global_side_gain (const Global *self, const Stand *moving, const Stand *fixed, guint place,
                  const guint *start, const gint *weights, gint passes)
{
  const Near *near = self->near + start[2 * fixed->block];
  guint n = start[2 * fixed->block + 1] - start[2 * fixed->block];
  gint sum = 0;

  if (passes < 0)
    return weights[place] * (gint) fixed->n_edges;
  if (passes > 0)
    return -row_weigh (near, n, self->pos, place) * (gint) moving->n_edges;
  for (guint i = 0; i < n; i++)
    sum += weights[self->pos[near[i].block]] * (gint) near[i].edges;
  return sum;
}

/* Looks for a better place, a step being 1 to go down and -1 to go up. Returns the crossings saved
 * there, if they are more than @most; @ret_place is where. */
static gint
global_look (Global *self, const Stand *moving, gint step, gint most, guint *ret_place)
{
  const guint *start = self->start;
  const gint *left = self->weights[0], *right = self->weights[1];
  const Stand *fixed = self->order + self->pos[moving->block];
  const Stand *end = step > 0 ? self->order + self->n - 1 : self->order;
  guint met = 0, walk = WALKED_MIN;
  gint sum = 0;

  while (fixed != end && walk-- > 0 && met < self->reach)
    {
      guint place;

      fixed += step;
      if (fixed->low > moving->high || fixed->high < moving->low)
        continue;
      place = (guint) (fixed - self->order);
      sum += step * (global_side_gain (self, moving, fixed, place, start, left,
                                       (gint) fixed->low - (gint) moving->low)
                     + global_side_gain (self, moving, fixed, place, start + 1, right,
                                         (gint) moving->high - (gint) fixed->high));
      met++;
      walk += WALKED_PER_MET;
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
  for (guint side = 0; side < 2; side++)
    for (guint row = 2 * moved.block + side, k = self->start[row]; k < self->start[row + 1]; k++)
      {
        self->unsettled[self->near[k].block] = TRUE;
        global_sort_row (self, 2 * self->near[k].block + !side);
      }
}

/* Puts a block in its best place. */
static gboolean
global_sift (Global *self, guint block)
{
  Stand moving = self->order[self->pos[block]];
  guint place = self->pos[block];
  gint most;

  global_weigh (self, block, 0);
  global_weigh (self, block, 1);
  most = global_look (self, &moving, 1, 0, &place);
  most = global_look (self, &moving, -1, most, &place);
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
  self.reach = (guint) CLAMP (compared_max / self.n, 8, REACH_MAX);
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
