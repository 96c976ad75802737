/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

/* Rounds of sweeps to the right and to the left, each towards the side it comes from; then sweeps
 * between both sides. More of these give up level edges for what least squares gain elsewhere. */
#define ROUNDS 2
#define SWEEPS 6

/* Passes that make nearly straight edges exactly straight. */
#define FINISH_PASSES 4

/* How hard a piece of an edge pulls its ends to one height: lanes far more than nodes, so that long
 * edges come out straight (Gansner et al. 1993). */
#define PULL_NODES 1.0
#define PULL_NODE_LANE 2.0
#define PULL_LANES 8.0

/* A node with one caller that calls nothing else belongs in line with it. */
#define PULL_ONLY 6.0

/* The part of a pull that comes from the edge's share of the traffic. */
#define PULL_TRAFFIC 0.5

/* A run of nodes pushed against each other, which moves as one. */
typedef struct
{
  guint  first;
  double weight;
  double sum; /* of weight times wanted height, each less its node's offset */
} Block;

/* A neighbour, and how hard it pulls. */
typedef struct
{
  guint  node;
  double pull;
} Near;

/* Which neighbours count. */
typedef enum
{
  CALLERS,
  CALLEES,
  BOTH,
  N_SIDES
} Sides;

/* A place in a column is an index in the part's layer. */
typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows  succ; /* segment indexes */
  FluoLayoutRows  pred;
  double         *pull;   /* one a segment */
  Near           *near;
  guint          *start;  /* place i: its callers are from start[2 i] in near, its callees from
                             start[2 i + 1] */
  double         *weight[N_SIDES]; /* a place: the sum of pulls */
  double         *least;  /* a place: least distance from the place above it */
  double         *offset; /* a place: least distance from the first in the column */
  guint          *place;  /* a node */
  double         *size;   /* one a real node: leaves below it */
  Block          *blocks;
  double          row_pitch;
} Place;

/* Least distance between the centres of two neighbours in a column. */
double
fluo_layout_separation (const FluoLayoutPart *part,
                        guint                 upper,
                        guint                 lower,
                        double                row_pitch)
{
  double need = part->below[upper] + part->above[lower] + FLUO_LAYOUT_LANE_PITCH;

  return upper < part->n_real && lower < part->n_real ? MAX (need, row_pitch) : need;
}

/* The heights of one column that are nearest to what its nodes want, in least squares, in the given
 * order and with the least distances kept: pool adjacent violators, linear. */
static void
place_layer (Place *self, guint rank, Sides sides)
{
  const guint *layer = self->part->layer, *start = self->start;
  const double *offset = self->offset, *weights = self->weight[sides];
  const Near *all_near = self->near;
  double *y = self->part->y;
  guint first = self->part->layer_start[rank], end = self->part->layer_start[rank + 1];
  Block *first_block = self->blocks, *block = first_block - 1;

  for (guint i = first; i < end; i++)
    {
      const Near *near = all_near + start[2 * i + (sides == CALLEES)];
      const Near *stop = all_near + start[2 * i + (sides == CALLERS ? 1 : 2)];
      guint begin = i;
      double weight = weights[i], sum = 0;

      for (; near < stop; near++)
        sum += near->pull * y[near->node];
      if (weight <= 0)
        {
          /* Nothing pulls: it stays, but yields to whoever is pulled. */
          weight = 0.01;
          sum = weight * y[layer[i]];
        }
      sum -= weight * offset[i];
      /* While its mean is less than that of those above it. */
      for (; block >= first_block && sum * block->weight < block->sum * weight; block--)
        {
          begin = block->first;
          weight += block->weight;
          sum += block->sum;
        }
      *++block = (Block) { begin, weight, sum };
    }
  for (guint i = end; i > first; block--)
    {
      guint begin = block->first;
      double mean = block->sum / block->weight;

      for (; i > begin; i--)
        y[layer[i - 1]] = mean + offset[i - 1];
    }
}

static void
place_sweep (Place *self, gboolean right, Sides sides)
{
  guint n = self->part->n_ranks;

  for (guint i = 0; i < n; i++)
    place_layer (self, right ? i : n - 1 - i, sides);
}

/* Every column as close as it can be, around one height. */
static void
place_begin (Place *self)
{
  const FluoLayoutPart *part = self->part;

  for (guint r = 0; r < part->n_ranks; r++)
    {
      guint first = part->layer_start[r], end = part->layer_start[r + 1];
      double sum = 0;

      for (guint i = first; i < end; i++)
        sum += self->offset[i];
      for (guint i = first; i < end; i++)
        part->y[part->layer[i]] = self->offset[i] - sum / (end - first);
    }
}

/* The free range of a node between its neighbours in the column. */
static void
place_get_room (const Place *self,
                guint        node,
                double      *low,
                double      *high)
{
  const FluoLayoutPart *part = self->part;
  guint rank = part->rank[node], i = self->place[node];

  *low = i == part->layer_start[rank]
           ? -G_MAXDOUBLE
           : part->y[part->layer[i - 1]] + self->least[i];
  *high = i + 1 == part->layer_start[rank + 1]
            ? G_MAXDOUBLE
            : part->y[part->layer[i + 1]] - self->least[i + 1];
}

/* Puts the lanes [begin, end) of a link at one height inside [low, high]: at an end's height when
 * that is possible, for then the edge has one bend less. */
static void
place_set_run (Place                *self,
               const FluoLayoutLink *link,
               guint                 begin,
               guint                 end,
               double                low,
               double                high)
{
  double *y = self->part->y, mean = 0, wanted, best;

  for (guint i = begin; i < end; i++)
    mean += y[i] / (end - begin);
  best = CLAMP (mean, low, high);
  if (begin == link->first_lane)
    {
      wanted = y[link->from];
      if (wanted >= low && wanted <= high)
        best = wanted;
    }
  if (end == link->first_lane + link->n_lanes)
    {
      wanted = y[link->to];
      if (wanted >= low && wanted <= high && (best != y[link->from] || begin != link->first_lane))
        best = wanted;
    }
  for (guint i = begin; i < end; i++)
    y[i] = best;
}

/* Least squares leave long edges slightly bent where they are squeezed; each run of lanes that has
 * a common free height gets it. */
static void
place_straighten (Place *self)
{
  FluoLayoutPart *part = self->part;

  for (guint l = 0; l < part->n_links; l++)
    {
      const FluoLayoutLink *link = &part->links[l];
      double low = -G_MAXDOUBLE, high = G_MAXDOUBLE;
      guint begin = link->first_lane, stop = link->first_lane + link->n_lanes;

      for (guint lane = begin; lane < stop; lane++)
        {
          double lane_low, lane_high;

          place_get_room (self, lane, &lane_low, &lane_high);
          if (MAX (low, lane_low) > MIN (high, lane_high))
            {
              place_set_run (self, link, begin, lane, low, high);
              begin = lane;
              low = -G_MAXDOUBLE;
              high = G_MAXDOUBLE;
            }
          low = MAX (low, lane_low);
          high = MIN (high, lane_high);
        }
      if (begin < stop)
        place_set_run (self, link, begin, stop, low, high);
    }
}

/* The two ends of an edge that is the only one on either side stand at one height when there is
 * room: callers move on the way to the left, callees on the way to the right. */
static void
place_align_chains (Place   *self,
                    gboolean right)
{
  FluoLayoutPart *part = self->part;

  for (guint r = 0; r < part->n_ranks; r++)
    {
      guint rank = right ? r : part->n_ranks - 1 - r;

      for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
        {
          guint u = part->layer[i], v, moved;
          double low, high;

          if (self->succ.start[u + 1] - self->succ.start[u] != 1)
            continue;
          v = part->segments[self->succ.item[self->succ.start[u]]].to;
          if (u >= part->n_real || v >= part->n_real ||
              self->pred.start[v + 1] - self->pred.start[v] != 1)
            continue;
          moved = right ? v : u;
          place_get_room (self, moved, &low, &high);
          part->y[moved] = CLAMP (part->y[right ? u : v], low, MAX (low, high));
        }
    }
}

/* An edge pulls by its share of the traffic and by the number of leaves it leads to: a caller
 * stands before the bulk of what it calls, not half way to a stray one. */
static void
place_set_pulls (Place *self)
{
  FluoLayoutPart *part = self->part;
  double heaviest = 0;

  for (guint i = 0; i < part->n_segments; i++)
    heaviest = MAX (heaviest, part->segments[i].weight);
  for (guint r = part->n_ranks; r-- > 0;)
    for (guint i = part->layer_start[r]; i < part->layer_start[r + 1]; i++)
      {
        guint u = part->layer[i];

        self->size[u] = 0;
        for (guint k = self->succ.start[u]; k < self->succ.start[u + 1]; k++)
          {
            guint v = part->segments[self->succ.item[k]].to;

            self->size[u] += self->size[v] / MAX (1, self->pred.start[v + 1] - self->pred.start[v]);
          }
        self->size[u] = MAX (self->size[u], 1);
      }
  for (guint i = 0; i < part->n_segments; i++)
    {
      const FluoLayoutSegment *s = &part->segments[i];
      guint lanes = (s->from >= part->n_real) + (s->to >= part->n_real);
      gboolean only = self->succ.start[s->from + 1] - self->succ.start[s->from] == 1
                      && self->pred.start[s->to + 1] - self->pred.start[s->to] == 1;
      double base = lanes == 2   ? PULL_LANES
                    : lanes == 1 ? PULL_NODE_LANE
                                 : PULL_NODES * self->size[s->to];

      if (lanes == 0 && only)
        base *= PULL_ONLY;

      self->pull[i] = base * (1 + (heaviest > 0 ? PULL_TRAFFIC * s->weight / heaviest : 0));
    }
}

static double
place_fill_near (Place *self, guint *n, const FluoLayoutRows *rows, guint node, gboolean callers)
{
  double weight = 0;

  for (guint k = rows->start[node]; k < rows->start[node + 1]; k++)
    {
      const FluoLayoutSegment *segment = &self->part->segments[rows->item[k]];
      double pull = self->pull[rows->item[k]];

      self->near[(*n)++] = (Near) { callers ? segment->from : segment->to, pull };
      weight += pull;
    }
  return weight;
}

static void
place_make_near (Place *self)
{
  const FluoLayoutPart *part = self->part;
  guint n = 0;

  self->near = g_new (Near, MAX (2 * part->n_segments, 1));
  self->start = g_new (guint, 2 * part->n + 1);
  self->weight[0] = g_new (double, N_SIDES * part->n);
  for (guint i = 1; i < N_SIDES; i++)
    self->weight[i] = self->weight[0] + i * part->n;
  for (guint i = 0; i < part->n; i++)
    {
      guint u = part->layer[i];

      self->start[2 * i] = n;
      self->weight[CALLERS][i] = place_fill_near (self, &n, &self->pred, u, TRUE);
      self->start[2 * i + 1] = n;
      self->weight[CALLEES][i] = place_fill_near (self, &n, &self->succ, u, FALSE);
      self->weight[BOTH][i] = self->weight[CALLERS][i] + self->weight[CALLEES][i];
    }
  self->start[2 * part->n] = n;
}

static void
place_set_least (Place *self)
{
  const FluoLayoutPart *part = self->part;

  self->least = g_new0 (double, part->n + 1);
  self->offset = g_new0 (double, part->n + 1);
  self->place = g_new (guint, part->n);
  for (guint r = 0; r < part->n_ranks; r++)
    for (guint i = part->layer_start[r] + 1; i < part->layer_start[r + 1]; i++)
      {
        self->least[i] =
          fluo_layout_separation (part, part->layer[i - 1], part->layer[i], self->row_pitch);
        self->offset[i] = self->offset[i - 1] + self->least[i];
      }
  for (guint i = 0; i < part->n; i++)
    self->place[part->layer[i]] = i;
}

static void
place_finish (Place *self)
{
  FluoLayoutPart *part = self->part;
  double top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
  gboolean overflow = FALSE;

  for (guint i = 0; i < part->n; i++)
    {
      double span = i < part->n_real ? FLUO_LAYOUT_PORT_SPAN : FLUO_LAYOUT_LANE_SPAN;

      top = MIN (top, part->y[i] - MAX (part->above[i], span / 2));
      bottom = MAX (bottom, part->y[i] + MAX (part->below[i], span / 2));
    }
  for (guint i = 0; i < part->n; i++)
    part->y[i] -= top;
  for (guint i = 0; i < part->n_links; i++)
    overflow |= part->links[i].overflow;
  part->lane_y = bottom - top + FLUO_LAYOUT_LANE_PITCH;
  part->height = bottom - top + (overflow ? 2 * FLUO_LAYOUT_LANE_PITCH : 0);
}

void
fluo_layout_place_part (FluoLayoutPart *part,
                        double          row_pitch)
{
  Place place = { .part = part, .row_pitch = row_pitch };

  fluo_layout_rows_init (&place.succ, part->segments, part->n_segments, part->n, FALSE, TRUE);
  fluo_layout_rows_init (&place.pred, part->segments, part->n_segments, part->n, TRUE, TRUE);
  place.pull = g_new (double, MAX (part->n_segments, 1));
  place.size = g_new (double, part->n);
  place.blocks = g_new (Block, part->n + 1);
  part->y = g_new0 (double, part->n);
  place_set_pulls (&place);
  place_make_near (&place);
  place_set_least (&place);

  place_begin (&place);
  for (guint i = 0; i < ROUNDS; i++)
    {
      place_sweep (&place, TRUE, CALLERS);
      place_sweep (&place, FALSE, CALLEES);
    }
  for (guint i = 0; i < SWEEPS; i++)
    place_sweep (&place, i % 2 == 0, BOTH);
  for (guint i = 0; i < FINISH_PASSES; i++)
    {
      place_straighten (&place);
      place_align_chains (&place, i % 2 == 1);
    }
  place_finish (&place);

  fluo_layout_rows_clear (&place.succ);
  fluo_layout_rows_clear (&place.pred);
  g_free (place.near);
  g_free (place.start);
  g_free (place.weight[0]);
  g_free (place.place);
  g_free (place.least);
  g_free (place.pull);
  g_free (place.size);
  g_free (place.offset);
  g_free (place.blocks);
}
