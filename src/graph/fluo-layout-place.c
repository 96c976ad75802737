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
  double sum; /* of weight times wanted height, each less its node's offset in the run */
} Block;

/* The neighbours on one side, as rows, with how hard they pull. */
typedef struct
{
  const guint *start;
  guint       *near;
  double      *pull;
} Row;

typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows  succ; /* segment indexes */
  FluoLayoutRows  pred;
  double         *pull;   /* one a segment */
  Row             callers;
  Row             callees;
  double         *least;  /* a place in a column: least distance from the place above it */
  double         *size;   /* one a real node: leaves below it */
  double *offset; /* one a node of the layer in work: least distance from the layer's first */
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

static inline void
place_add_pull (const double *y, const Row *row, guint node, double *weight, double *sum)
{
  for (guint k = row->start[node]; k < row->start[node + 1]; k++)
    {
      *weight += row->pull[k];
      *sum += row->pull[k] * y[row->near[k]];
    }
}

/* The heights of one column that are nearest to what its nodes want, in least squares, in the given
 * order and with the least distances kept: pool adjacent violators, linear. */
static void
place_layer (Place   *self,
             guint    rank,
             gboolean callers,
             gboolean callees)
{
  FluoLayoutPart *part = self->part;
  guint first = part->layer_start[rank], end = part->layer_start[rank + 1], n_blocks = 0;

  for (guint i = first; i < end; i++)
    {
      guint u = part->layer[i];
      double weight = 0, sum = 0;

      self->offset[i - first] = i == first ? 0 : self->offset[i - first - 1] + self->least[i];
      if (callers)
        place_add_pull (part->y, &self->callers, u, &weight, &sum);
      if (callees)
        place_add_pull (part->y, &self->callees, u, &weight, &sum);
      if (weight <= 0)
        {
          /* Nothing pulls: it stays, but yields to whoever is pulled. */
          weight = 0.01;
          sum = weight * part->y[u];
        }
      self->blocks[n_blocks] = (Block) { i, weight, sum - weight * self->offset[i - first] };
      while (n_blocks > 0 && self->blocks[n_blocks].sum / self->blocks[n_blocks].weight
                               < self->blocks[n_blocks - 1].sum / self->blocks[n_blocks - 1].weight)
        {
          self->blocks[n_blocks - 1].weight += self->blocks[n_blocks].weight;
          self->blocks[n_blocks - 1].sum += self->blocks[n_blocks].sum;
          n_blocks--;
        }
      n_blocks++;
    }
  for (guint b = 0; b < n_blocks; b++)
    {
      guint stop = b + 1 < n_blocks ? self->blocks[b + 1].first : end;

      for (guint i = self->blocks[b].first; i < stop; i++)
        part->y[part->layer[i]] =
          self->blocks[b].sum / self->blocks[b].weight + self->offset[i - first];
    }
}

static void
place_sweep (Place   *self,
             gboolean right,
             gboolean callers,
             gboolean callees)
{
  guint n = self->part->n_ranks;

  for (guint i = 0; i < n; i++)
    place_layer (self, right ? i : n - 1 - i, callers, callees);
}

/* The free range of a node between its neighbours in the column. */
static void
place_get_room (const Place *self,
                guint        node,
                double      *low,
                double      *high)
{
  const FluoLayoutPart *part = self->part;
  guint rank = part->rank[node], i = part->layer_start[rank] + part->pos[node];

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

static void
row_init (Row *self, const FluoLayoutPart *part, const FluoLayoutRows *rows, gboolean by_target,
          const double *pull)
{
  self->start = rows->start;
  self->near = g_new (guint, MAX (part->n_segments, 1));
  self->pull = g_new (double, MAX (part->n_segments, 1));
  for (guint k = 0; k < part->n_segments; k++)
    {
      const FluoLayoutSegment *segment = &part->segments[rows->item[k]];

      self->near[k] = by_target ? segment->from : segment->to;
      self->pull[k] = pull[rows->item[k]];
    }
}

static void
row_clear (Row *self)
{
  g_free (self->near);
  g_free (self->pull);
}

static void
place_set_least (Place *self)
{
  const FluoLayoutPart *part = self->part;

  self->least = g_new0 (double, part->n + 1);
  for (guint r = 0; r < part->n_ranks; r++)
    for (guint i = part->layer_start[r] + 1; i < part->layer_start[r + 1]; i++)
      self->least[i] =
        fluo_layout_separation (part, part->layer[i - 1], part->layer[i], self->row_pitch);
}

static void
place_finish (Place *self)
{
  FluoLayoutPart *part = self->part;
  double top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;
  gboolean overflow = FALSE;

  for (guint i = 0; i < part->n; i++)
    {
      double lane = i < part->n_real ? 0 : FLUO_LAYOUT_LANE_SPAN / 2;

      top = MIN (top, part->y[i] - MAX (part->above[i], lane));
      bottom = MAX (bottom, part->y[i] + MAX (part->below[i], lane));
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
  place.offset = g_new (double, part->n);
  place.blocks = g_new (Block, part->n + 1);
  part->y = g_new0 (double, part->n);
  place_set_pulls (&place);
  row_init (&place.callers, part, &place.pred, TRUE, place.pull);
  row_init (&place.callees, part, &place.succ, FALSE, place.pull);
  place_set_least (&place);

  place_sweep (&place, TRUE, FALSE, FALSE);
  for (guint i = 0; i < ROUNDS; i++)
    {
      place_sweep (&place, TRUE, TRUE, FALSE);
      place_sweep (&place, FALSE, FALSE, TRUE);
    }
  for (guint i = 0; i < SWEEPS; i++)
    place_sweep (&place, i % 2 == 0, TRUE, TRUE);
  for (guint i = 0; i < FINISH_PASSES; i++)
    {
      place_straighten (&place);
      place_align_chains (&place, i % 2 == 1);
    }
  place_finish (&place);

  fluo_layout_rows_clear (&place.succ);
  fluo_layout_rows_clear (&place.pred);
  row_clear (&place.callers);
  row_clear (&place.callees);
  g_free (place.least);
  g_free (place.pull);
  g_free (place.size);
  g_free (place.offset);
  g_free (place.blocks);
}
