/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Work is bounded by size, never by the clock, so that the same graph always gets the same picture.
 * Sweeps are cheap, and only begin: a start ends after so many, or when so many in a row gained
 * nothing. Which of the two starts is the better one shows after a few. */
#define RACE_SWEEPS 6
#define SWEEPS 21
#define IDLE_SWEEPS 4

/* Where nodes and lanes are so many times as many as nodes and links, to take the lanes one by one
 * gains nothing. */
#define LANES_PER_LINK 4

/* Where columns have fewer nodes and lanes, on average, nothing is gained by moving whole edges. */
#define WHOLE_MIN 6

/* Passes that put equals in order of importance; none in graphs of more nodes and segments. */
#define SETTLE_PASSES_MAX 6
#define SETTLE_MAX 30000

#define NOT_ONE G_MAXUINT

/* A place that is a mean of places is rounded to so many parts. */
#define PLACE_PARTS 256u

typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows  succ; /* items kept sorted by the neighbours' places where it says so */
  FluoLayoutRows  pred;
  guint          *succ_pos; /* the places of succ's items, as of the last sorting */
  guint          *pred_pos;
  guint          *succ_only; /* a node: the place of its only neighbour, or NOT_ONE */
  guint          *pred_only;
  guint          *best; /* copy of part->layer */
  guint64         best_crossings;
  guint64        *crossings; /* a rank: as last counted, to the next */
  guint8         *changed;   /* a rank: its order, since that */
  guint           tick;      /* counts sorted layers */
  guint          *changed_at; /* a rank: when its order last changed */
  guint          *down_at;   /* a rank: when it was last sorted by its predecessors, … */
  guint          *up_at;     /* … and by its successors */
  FluoLayoutEnd  *ends; /* scratch, two a segment */
  guint64        *keys;  /* scratch, two a node */
  guint          *slots; /* scratch, two a node */
} Order;

/* An order to begin with, and what became of it. */
typedef struct
{
  gboolean forward; /* it was made from the entries on, not from the leaves */
  guint    sweeps;
  guint    idle;    /* how many of them gained nothing, up to now */
  guint64  least;   /* crossings */
} Start;

static void
order_update_positions (Order *self, guint rank)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    part->pos[part->layer[i]] = i - part->layer_start[rank];
}

static void
order_face_side (Order *self, FluoLayoutRows *rows, guint node, guint *place, guint *only)
{
  guint first = rows->start[node], end = rows->start[node + 1];

  fluo_layout_rows_sort (rows, node, self->part->pos);
  for (guint k = first; k < end; k++)
    place[k] = self->part->pos[rows->item[k]];
  only[node] = end - first == 1 ? place[first] : NOT_ONE;
}

/* Prepares order_gain() for the nodes of @rank. */
static void
order_face (Order *self, guint rank)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      order_face_side (self, &self->pred, part->layer[i], self->pred_pos, self->pred_only);
      order_face_side (self, &self->succ, part->layer[i], self->succ_pos, self->succ_only);
    }
}

/* --- Counting ------------------------------------------------------------- */

/* Crossings between @rank and the next: what is out of order among the places of the successors,
 * counted while these are sorted (Waddle, Malhotra: An E log E line crossing algorithm for levelled
 * graphs, 1999). After a few sweeps there is little to sort. */
static guint64
order_count_rank (Order *self, guint rank)
{
  const FluoLayoutPart *part = self->part;
  const guint *start = self->succ.start, *item = self->succ.item, *pos = part->pos;
  const guint *edges = self->succ.edges, *layer = part->layer;
  guint last_place = part->layer_start[rank + 1], furthest = 0, n = 0;
  FluoLayoutEnd *ends = self->ends;
  gboolean sorted = TRUE;

  for (guint i = part->layer_start[rank]; i < last_place; i++)
    {
      guint u = layer[i], k = start[u], end = start[u + 1];

      if (end - k > 1)
        fluo_layout_rows_sort (&self->succ, u, pos);
      for (; k < end; k++)
        {
          FluoLayoutEnd one = { pos[item[k]], edges[k] };

          sorted &= one.pos >= furthest;
          furthest = one.pos;
          ends[n++] = one;
        }
    }
  return sorted ? 0 : fluo_layout_sort_ends (ends, ends + part->n_segments, n);
}

/* Marks both ends of what crosses on one side: @end is the furthest that those before reached. */
static void
mark_crossed (const FluoLayoutPart *part, const FluoLayoutRows *succ, guint node, gboolean down,
              guint *end, guint8 *crossed)
{
  guint furthest = *end;

  for (guint k = succ->start[node]; k < succ->start[node + 1]; k++)
    {
      guint other = succ->item[k], place = part->pos[other];

      if (down ? place < *end : place > *end)
        crossed[node] = crossed[other] = TRUE;
      furthest = down ? MAX (furthest, place) : MIN (furthest, place);
    }
  *end = furthest;
}

void
fluo_layout_find_crossed (const FluoLayoutPart *part, const FluoLayoutRows *succ, guint8 *crossed)
{
  memset (crossed, FALSE, part->n);
  for (guint r = 0; r + 1 < part->n_ranks; r++)
    {
      guint lowest = 0, highest = G_MAXUINT;

      for (guint i = part->layer_start[r]; i < part->layer_start[r + 1]; i++)
        mark_crossed (part, succ, part->layer[i], TRUE, &lowest, crossed);
      for (guint i = part->layer_start[r + 1]; i-- > part->layer_start[r];)
        mark_crossed (part, succ, part->layer[i], FALSE, &highest, crossed);
    }
}

/* Counts where something changed since the last time. */
static guint64
order_count (Order *self)
{
  guint n = self->part->n_ranks;
  guint64 crossings = 0;

  for (guint r = 0; r + 1 < n; r++)
    {
      if (self->changed[r] || self->changed[r + 1])
        self->crossings[r] = order_count_rank (self, r);
      crossings += self->crossings[r];
    }
  memset (self->changed, FALSE, n);
  return crossings;
}

/* --- Sweeps --------------------------------------------------------------- */

/* Where a node wants to be among its neighbours' places, in parts of a place. */
static guint
order_key (const Order *self, FluoLayoutRows *rows, guint first, guint n, guint node,
           gboolean median)
{
  const guint *pos = self->part->pos, *item = rows->item + first;
  guint64 sum = 0;

  if (median)
    {
      fluo_layout_rows_sort (rows, node, pos);
      return n % 2 == 1 ? PLACE_PARTS * pos[item[n / 2]]
                        : PLACE_PARTS / 2 * (pos[item[n / 2 - 1]] + pos[item[n / 2]]);
    }
  for (guint k = 0; k < n; k++)
    sum += pos[item[k]];
  return (guint) (PLACE_PARTS * sum / n);
}

/* Nodes without neighbours on that side keep their places. The sort is stable: equals keep their
 * order, which began as the order of importance. */
static void
order_sort_layer (Order *self, guint rank, FluoLayoutRows *rows, gboolean median)
{
  guint *layer = self->part->layer + self->part->layer_start[rank], *pos = self->part->pos;
  guint size = self->part->layer_start[rank + 1] - self->part->layer_start[rank], n = 0;
  const guint *start = rows->start, *item = rows->item;
  guint64 *keys = self->keys, last = 0;
  guint *nodes = self->slots, *slots = self->slots + self->part->n;
  gboolean sorted = TRUE;

  for (guint i = 0; i < size; i++)
    {
      guint u = layer[i], first = start[u], near = start[u + 1] - first;
      guint64 key;

      if (near == 0)
        continue;
      key = near == 1 ? PLACE_PARTS * pos[item[first]]
                      : order_key (self, rows, first, near, u, median);
      key = key << 32 | n;
      sorted &= key >= last;
      last = key;
      slots[n] = i;
      nodes[n] = u;
      keys[n++] = key;
    }
  if (sorted)
    return;
  fluo_layout_sort_keys (keys, keys + self->part->n, n);
  for (guint i = 0; i < n; i++)
    {
      guint u = nodes[(guint) keys[i]];

      layer[slots[i]] = u;
      pos[u] = slots[i];
    }
  self->changed[rank] = TRUE;
  self->changed_at[rank] = self->tick;
}

/* A layer that was sorted by one that didn't change since is in order. */
static void
order_sweep (Order *self, gboolean down, gboolean median)
{
  guint *sorted_at = down ? self->down_at : self->up_at;

  for (guint i = 1; i < self->part->n_ranks; i++)
    {
      guint rank = down ? i : self->part->n_ranks - 1 - i, by = down ? rank - 1 : rank + 1;

      if (MAX (self->changed_at[rank], self->changed_at[by]) <= sorted_at[rank])
        continue;
      sorted_at[rank] = ++self->tick;
      order_sort_layer (self, rank, down ? &self->pred : &self->succ, median);
    }
}

/* --- Transposition -------------------------------------------------------- */

/* Crossings saved by exchanging neighbours @upper and @lower, on one side. */
static gint
rows_gain (const FluoLayoutRows *rows, const guint *place, guint upper, guint lower)
{
  const guint *b = place + rows->start[lower], *b_edges = rows->edges + rows->start[lower];
  guint n_b = rows->start[lower + 1] - rows->start[lower];
  guint n_less = 0, n_not_greater = 0;
  gint less = 0, greater = 0, gain = 0;

  for (guint k = 0; k < n_b; k++)
    greater += (gint) b_edges[k];
  /* A pair (x of upper, y of lower) crosses now when x > y, and would cross then when x < y. */
  for (guint k = rows->start[upper]; k < rows->start[upper + 1]; k++)
    {
      guint x = place[k];

      while (n_less < n_b && b[n_less] < x)
        less += (gint) b_edges[n_less++];
      while (n_not_greater < n_b && b[n_not_greater] <= x)
        greater -= (gint) b_edges[n_not_greater++];
      gain += (less - greater) * (gint) rows->edges[k];
    }
  return gain;
}

/* The same on both sides; order_face() came before. Nearly all nodes of a large graph are lanes,
 * with one neighbour on either side. */
static inline gint
order_gain (const Order *self, guint upper, guint lower)
{
  guint a = self->pred_only[upper], b = self->pred_only[lower];
  guint c = self->succ_only[upper], d = self->succ_only[lower];
  const guint *pred_edges = self->pred.edges, *succ_edges = self->succ.edges;
  gint gain;

  if (a != NOT_ONE && b != NOT_ONE)
    gain = ((a > b) - (a < b)) * (gint) (pred_edges[self->pred.start[upper]]
                                         * pred_edges[self->pred.start[lower]]);
  else
    gain = rows_gain (&self->pred, self->pred_pos, upper, lower);
  if (c != NOT_ONE && d != NOT_ONE)
    return gain + ((c > d) - (c < d)) * (gint) (succ_edges[self->succ.start[upper]]
                                                * succ_edges[self->succ.start[lower]]);
  return gain + rows_gain (&self->succ, self->succ_pos, upper, lower);
}

static gboolean
order_settle_rank (Order *self, guint rank)
{
  FluoLayoutPart *part = self->part;
  gboolean changed = FALSE;

  order_face (self, rank);
  for (guint i = part->layer_start[rank]; i + 1 < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i], v = part->layer[i + 1];
      gint gain = order_gain (self, u, v);

      if (gain < 0 || (gain == 0 && part->importance[v] <= part->importance[u]))
        continue;
      part->layer[i] = v;
      part->layer[i + 1] = u;
      self->changed[rank] = TRUE;
      part->pos[v] = i - part->layer_start[rank];
      part->pos[u] = part->pos[v] + 1;
      changed = TRUE;
    }
  return changed;
}

/* Exchanges neighbours that cross less then, or as much while the more important one is below. A
 * column is looked at again when it or one beside it changed. */
static void
order_settle (Order *self)
{
  guint n = self->part->n_ranks;
  g_autofree guint8 *stale = g_new (guint8, n + 1);
  gboolean any = TRUE;

  memset (stale, TRUE, n + 1);
  for (guint pass = 0; pass < SETTLE_PASSES_MAX && any; pass++)
    {
      any = FALSE;
      for (guint r = 0; r < n; r++)
        {
          if (!stale[r])
            continue;
          stale[r] = FALSE;
          if (!order_settle_rank (self, r))
            continue;
          stale[r] = stale[r + 1] = stale[r > 0 ? r - 1 : 0] = any = TRUE;
        }
    }
}

static void
order_update_all (Order *self)
{
  for (guint r = 0; r < self->part->n_ranks; r++)
    order_update_positions (self, r);
  memset (self->changed, TRUE, self->part->n_ranks);
}

static void
order_take_best (Order *self)
{
  memcpy (self->part->layer, self->best, self->part->n * sizeof (guint));
  order_update_all (self);
}

/* --- Starts --------------------------------------------------------------- */

static int
compare_importance (gconstpointer a, gconstpointer b, gpointer data)
{
  const double *importance = data;
  guint i = *(const guint *) a, j = *(const guint *) b;

  if (importance[i] != importance[j])
    return importance[i] > importance[j] ? -1 : 1;
  return i < j ? -1 : i > j;
}

/* Depth first from the entries, the important ones first: a tree comes out without crossings and
 * with the worst path on top. @rows and @roots turned around start at the leaves. With @shuffle the
 * order among siblings is random. */
static void
order_start (Order *self, const FluoLayoutRows *rows, const FluoLayoutRows *back)
{
  FluoLayoutPart *part = self->part;
  g_autofree guint *stack = g_new (guint, part->n + part->n_segments + 1);
  g_autofree guint8 *seen = g_new0 (guint8, part->n);
  g_autofree guint *end = g_memdup2 (part->layer_start, part->n_ranks * sizeof (guint));
  guint n_stack = 0;

  for (guint i = 0; i < part->n; i++)
    if (back->start[i] == back->start[i + 1])
      stack[n_stack++] = i;
  g_qsort_with_data (stack, n_stack, sizeof (guint), compare_importance, part->importance);
  for (guint i = 0; i < n_stack / 2; i++)
    {
      guint swap = stack[i];

      stack[i] = stack[n_stack - 1 - i];
      stack[n_stack - 1 - i] = swap;
    }
  while (n_stack > 0)
    {
      guint u = stack[--n_stack], first = n_stack, n;

      if (seen[u])
        continue;
      seen[u] = TRUE;
      part->layer[end[part->rank[u]]++] = u;
      for (guint k = rows->start[u]; k < rows->start[u + 1]; k++)
        if (!seen[rows->item[k]])
          stack[n_stack++] = rows->item[k];
      n = n_stack - first;
      if (n < 2)
        continue;
      g_qsort_with_data (stack + first, n, sizeof (guint), compare_importance, part->importance);
      /* The stack turns the order around, so the last pushed is the first drawn. */
      for (guint i = 0; i < n / 2; i++)
        {
          guint swap = stack[first + i];

          stack[first + i] = stack[first + n - 1 - i];
          stack[first + n - 1 - i] = swap;
        }
    }
  order_update_all (self);
}

static void
order_keep_best (Order *self, guint64 crossings)
{
  if (crossings >= self->best_crossings)
    return;
  self->best_crossings = crossings;
  memcpy (self->best, self->part->layer, self->part->n * sizeof (guint));
}

/* What was sorted before counts no more. */
static void
order_forget_sorted (Order *self)
{
  self->tick++;
  for (guint r = 0; r < self->part->n_ranks; r++)
    {
      self->changed_at[r] = self->tick;
      self->down_at[r] = self->up_at[r] = 0;
    }
}

/* Sweeps until there were so many, or a few in a row gained nothing. */
static void
order_sweep_start (Order *self, Start *start, guint sweeps)
{
  for (; start->sweeps < sweeps && start->idle < IDLE_SWEEPS && start->least > 0; start->sweeps++)
    {
      guint64 crossings;

      if (start->sweeps > 0)
        order_sweep (self, (start->sweeps % 2 == 1) == start->forward, !start->forward);
      crossings = order_count (self);
      order_keep_best (self, crossings);
      start->idle = crossings < start->least ? 0 : start->idle + 1;
      start->least = MIN (start->least, crossings);
    }
}

/* Only the start that is better after a few sweeps goes on. */
static void
order_race (Order *self)
{
  Start starts[2] = { { TRUE, 0, 0, G_MAXUINT64 }, { FALSE, 0, 0, G_MAXUINT64 } };
  g_autofree guint *first = NULL;

  order_forget_sorted (self);
  order_start (self, &self->succ, &self->pred);
  order_sweep_start (self, &starts[0], RACE_SWEEPS);
  if (starts[0].least == 0)
    return;
  first = g_memdup2 (self->part->layer, self->part->n * sizeof (guint));
  order_forget_sorted (self);
  order_start (self, &self->pred, &self->succ);
  order_sweep_start (self, &starts[1], RACE_SWEEPS);
  if (starts[1].least <= starts[0].least)
    {
      order_sweep_start (self, &starts[1], SWEEPS);
      return;
    }
  memcpy (self->part->layer, first, self->part->n * sizeof (guint));
  order_update_all (self);
  order_forget_sorted (self);
  order_sweep_start (self, &starts[0], SWEEPS);
}

static void
order_fill_layers (FluoLayoutPart *part)
{
  part->layer = g_new (guint, part->n);
  part->pos = g_new0 (guint, part->n);
  part->layer_start = g_new0 (guint, part->n_ranks + 1);
  for (guint i = 0; i < part->n; i++)
    part->layer_start[part->rank[i] + 1]++;
  for (guint r = 0; r < part->n_ranks; r++)
    part->layer_start[r + 1] += part->layer_start[r];
}

static void
order_init (Order *self, FluoLayoutPart *part)
{
  guint n_segments = MAX (part->n_segments, 1);

  *self = (Order) { .part = part, .best_crossings = G_MAXUINT64 };
  fluo_layout_rows_init (&self->succ, part->segments, part->n_segments, part->n, FALSE, FALSE);
  fluo_layout_rows_init (&self->pred, part->segments, part->n_segments, part->n, TRUE, FALSE);
  self->succ_pos = g_new (guint, n_segments);
  self->pred_pos = g_new (guint, n_segments);
  self->succ_only = g_new (guint, part->n);
  self->pred_only = g_new (guint, part->n);
  self->best = g_new (guint, part->n);
  self->crossings = g_new0 (guint64, part->n_ranks);
  self->changed = g_new0 (guint8, part->n_ranks);
  self->changed_at = g_new (guint, part->n_ranks);
  self->down_at = g_new (guint, part->n_ranks);
  self->up_at = g_new (guint, part->n_ranks);
  self->ends = g_new (FluoLayoutEnd, 2 * n_segments);
  self->keys = g_new (guint64, 2 * part->n);
  self->slots = g_new (guint, 2 * part->n);
}

static void
order_clear (Order *self)
{
  fluo_layout_rows_clear (&self->succ);
  fluo_layout_rows_clear (&self->pred);
  g_free (self->succ_pos);
  g_free (self->pred_pos);
  g_free (self->succ_only);
  g_free (self->pred_only);
  g_free (self->best);
  g_free (self->crossings);
  g_free (self->changed);
  g_free (self->changed_at);
  g_free (self->down_at);
  g_free (self->up_at);
  g_free (self->ends);
  g_free (self->keys);
  g_free (self->slots);
}

/* Long edges as a whole first, for what gains most; then column by column. */
static void
order_sift (Order *self)
{
  FluoLayoutPart *part = self->part;
  g_autofree guint8 *crossed = g_new (guint8, part->n);

  if (part->n >= WHOLE_MIN * part->n_ranks)
    {
      fluo_layout_find_crossed (part, &self->succ, crossed);
      fluo_layout_sift_edges (part, crossed);
      memset (self->changed, TRUE, part->n_ranks);
      order_keep_best (self, order_count (self));
      order_take_best (self);
    }
  if (part->n > LANES_PER_LINK * (part->n_real + part->n_links))
    return;
  fluo_layout_find_crossed (part, &self->succ, crossed);
  fluo_layout_sift_lanes (part, &self->succ, &self->pred, crossed);
  memset (self->changed, TRUE, part->n_ranks);
}

void
fluo_layout_order_part (FluoLayoutPart *part)
{
  Order order;

  order_fill_layers (part);
  order_init (&order, part);
  order_race (&order);
  order_take_best (&order);
  if (order.best_crossings > 0)
    order_sift (&order);
  if (part->n + part->n_segments <= SETTLE_MAX)
    order_settle (&order);
  part->crossings = MIN (order_count (&order), G_MAXUINT);
  order_clear (&order);
}
