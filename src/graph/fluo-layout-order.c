/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Work is bounded by size, never by the clock, so that the same graph always gets the same picture:
 * about this many nodes and segments are visited by all sweeps together. */
#define VISITS_MAX 700000
#define SWEEPS_MIN 2
#define SWEEPS_MAX 24
#define STARTS_MAX 24

/* Sweeps in a row without fewer crossings after which a start is given up. */
#define SWEEPS_IDLE_MAX 5

/* Transposition passes over all layers after one sweep. */
#define TRANSPOSE_PASSES_MAX 6

/* Sifting: how far a node is moved in a pass, how many passes there are, and how many pairs of
 * nodes are compared at most; with more than that the time would be felt. */
#define SIFT_REACH 64
#define SIFT_PASSES_MAX 3
#define SIFT_COMPARED_MAX 3000000

/* Ways out of a dead end that are tried, while few pairs were compared. */
#define SHAKES_MAX 60
#define SHAKE_COMPARED_MAX 2500000

typedef struct
{
  double key;
  guint  node;
} Keyed;

typedef struct
{
  FluoLayoutPart *part;
  FluoLayoutRows  succ; /* items kept sorted by the neighbours' places where it says so */
  FluoLayoutRows  pred;
  guint          *best; /* copy of part->layer */
  guint64         best_crossings;
  guint          *tree; /* binary indexed tree over one layer */
  guint          *fill; /* scratch, one a node */
  Keyed          *keyed;
  guint          *slots;
  guint64         random;
  guint           compared; /* pairs looked at while sifting, more where they have many edges */
} Order;

/* Not g_rand: its sequence depends on an environment variable. Xorshift, Marsaglia 2003. */
static guint
order_random (Order *self,
              guint  below)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;
  return (guint) ((self->random >> 11) % below);
}

static void
order_update_positions (Order *self,
                        guint  rank)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    part->pos[part->layer[i]] = i - part->layer_start[rank];
}

/* Sorts the rows of the nodes in the layer beside @rank by place in @rank, in linear time: the
 * nodes of @rank are walked in order, and each writes itself into its neighbours' rows. */
static void
order_sort_rows (Order          *self,
                 guint           rank,
                 FluoLayoutRows *mine,
                 FluoLayoutRows *theirs)
{
  const FluoLayoutPart *part = self->part;

  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      for (guint k = mine->start[u]; k < mine->start[u + 1]; k++)
        self->fill[mine->item[k]] = theirs->start[mine->item[k]];
    }
  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      for (guint k = mine->start[u]; k < mine->start[u + 1]; k++)
        theirs->item[self->fill[mine->item[k]]++] = u;
    }
}

/* Crossings between @rank and the next: inversions counted with a binary indexed tree (Barth,
 * Mutzel, Jünger 2002). */
static guint64
order_count_rank (Order *self,
                  guint  rank)
{
  const FluoLayoutPart *part = self->part;
  guint size = part->layer_start[rank + 2] - part->layer_start[rank + 1], seen = 0;
  guint64 crossings = 0;

  order_sort_rows (self, rank + 1, &self->pred, &self->succ);
  memset (self->tree, 0, (size + 1) * sizeof (guint));
  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      for (guint k = self->succ.start[u]; k < self->succ.start[u + 1]; k++)
        {
          guint not_after = 0;

          for (guint t = part->pos[self->succ.item[k]] + 1; t > 0; t -= t & -t)
            not_after += self->tree[t];
          crossings += seen - not_after;
        }
      for (guint k = self->succ.start[u]; k < self->succ.start[u + 1]; k++, seen++)
        for (guint t = part->pos[self->succ.item[k]] + 1; t <= size; t += t & -t)
          self->tree[t]++;
    }
  return crossings;
}

static guint64
order_count (Order *self)
{
  guint64 crossings = 0;

  for (guint r = 0; r + 1 < self->part->n_ranks; r++)
    crossings += order_count_rank (self, r);
  return crossings;
}

/* --- Sweeps --------------------------------------------------------------- */

static int
compare_keyed (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  double x = ((const Keyed *) a)->key, y = ((const Keyed *) b)->key;

  return x < y ? -1 : x > y;
}

static double
order_key (const Order          *self,
           const FluoLayoutRows *rows,
           guint                 node,
           gboolean              median)
{
  const guint *pos = self->part->pos, *item = rows->item + rows->start[node];
  guint n = rows->start[node + 1] - rows->start[node];
  double sum = 0;

  if (median)
    return n % 2 == 1 ? pos[item[n / 2]] : (pos[item[n / 2 - 1]] + pos[item[n / 2]]) / 2.0;
  for (guint k = 0; k < n; k++)
    sum += pos[item[k]];
  return sum / n;
}

/* Nodes without neighbours on that side keep their slots. The sort is stable: equals keep their
 * order, which began as the order of importance. */
static void
order_sort_layer (Order                *self,
                  guint                 rank,
                  const FluoLayoutRows *rows,
                  gboolean              median)
{
  FluoLayoutPart *part = self->part;
  guint n = 0;

  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      if (rows->start[u] == rows->start[u + 1])
        continue;
      self->slots[n] = i;
      self->keyed[n++] = (Keyed) { order_key (self, rows, u, median), u };
    }
  g_qsort_with_data (self->keyed, n, sizeof (Keyed), compare_keyed, NULL);
  for (guint i = 0; i < n; i++)
    part->layer[self->slots[i]] = self->keyed[i].node;
  order_update_positions (self, rank);
}

static void
order_sweep (Order   *self,
             gboolean down,
             gboolean median)
{
  guint n = self->part->n_ranks;

  if (down)
    for (guint r = 1; r < n; r++)
      {
        if (median)
          order_sort_rows (self, r - 1, &self->succ, &self->pred);
        order_sort_layer (self, r, &self->pred, median);
      }
  else
    for (guint r = n - 1; r-- > 0;)
      {
        if (median)
          order_sort_rows (self, r + 1, &self->pred, &self->succ);
        order_sort_layer (self, r, &self->succ, median);
      }
}

/* --- Transposition -------------------------------------------------------- */

/* Crossings saved by exchanging neighbours @upper and @lower, on one side; rows are sorted. */
static gint64
order_gain (const Order          *self,
            const FluoLayoutRows *rows,
            guint                 upper,
            guint                 lower)
{
  const guint *pos = self->part->pos, *b = rows->item + rows->start[lower];
  guint n_b = rows->start[lower + 1] - rows->start[lower];
  guint n_less = 0, n_not_greater = 0;
  gint64 gain = 0;

  /* A pair (x of upper, y of lower) crosses now when x > y, and would cross then when x < y. */
  for (guint k = rows->start[upper]; k < rows->start[upper + 1]; k++)
    {
      guint x = pos[rows->item[k]];

      while (n_less < n_b && pos[b[n_less]] < x)
        n_less++;
      while (n_not_greater < n_b && pos[b[n_not_greater]] <= x)
        n_not_greater++;
      gain += (gint64) n_less - (gint64) (n_b - n_not_greater);
    }
  return gain;
}

/* What to do with two neighbours that may be exchanged at no cost. */
typedef enum
{
  EQUALS_STAY,
  EQUALS_SHAKE, /* exchange some: ways out of a dead end */
  EQUALS_SETTLE /* exchange when the more important one is below */
} Equals;

static gboolean
order_exchanges (Order  *self,
                 gint64  gain,
                 guint   upper,
                 guint   lower,
                 Equals  equals)
{
  if (gain != 0)
    return gain > 0;
  if (equals == EQUALS_SHAKE)
    return order_random (self, 2) == 1;
  return equals == EQUALS_SETTLE && self->part->importance[lower] > self->part->importance[upper];
}

static gboolean
order_transpose_rank (Order  *self,
                      guint   rank,
                      Equals  equals)
{
  FluoLayoutPart *part = self->part;
  gboolean changed = FALSE;

  if (rank > 0)
    order_sort_rows (self, rank - 1, &self->succ, &self->pred);
  if (rank + 1 < part->n_ranks)
    order_sort_rows (self, rank + 1, &self->pred, &self->succ);
  for (guint i = part->layer_start[rank]; i + 1 < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i], v = part->layer[i + 1];
      gint64 gain = order_gain (self, &self->pred, u, v) + order_gain (self, &self->succ, u, v);

      if (!order_exchanges (self, gain, u, v, equals))
        continue;
      part->layer[i] = v;
      part->layer[i + 1] = u;
      part->pos[v] = i - part->layer_start[rank];
      part->pos[u] = part->pos[v] + 1;
      changed |= gain > 0 || equals == EQUALS_SETTLE;
    }
  return changed;
}

static void
order_transpose (Order  *self,
                 guint   passes,
                 Equals  equals)
{
  for (guint pass = 0; pass < passes; pass++)
    {
      gboolean changed = FALSE;

      for (guint r = 0; r < self->part->n_ranks; r++)
        changed |= order_transpose_rank (self, r, equals);
      if (!changed)
        break;
    }
}

/* --- Sifting -------------------------------------------------------------- */

/* The place in its layer where the node at @index has the fewest crossings with the layers on both
 * sides (Matuszewski, Schönfeld, Molitor 1999); of equals the nearest. */
static guint
order_find_place (Order *self,
                  guint  rank,
                  guint  index)
{
  const FluoLayoutPart *part = self->part;
  guint first = MAX (part->layer_start[rank], index - MIN (index, SIFT_REACH));
  guint end = MIN (part->layer_start[rank + 1], index + SIFT_REACH + 1);
  guint node = part->layer[index], best = index, degree;
  gint64 sum = 0, most = 0;

  for (guint i = index + 1; i < end; i++)
    {
      sum += order_gain (self, &self->pred, node, part->layer[i]) +
             order_gain (self, &self->succ, node, part->layer[i]);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  sum = 0;
  for (guint i = index; i-- > first;)
    {
      sum += order_gain (self, &self->pred, part->layer[i], node) +
             order_gain (self, &self->succ, part->layer[i], node);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  degree = self->pred.start[node + 1] - self->pred.start[node] + self->succ.start[node + 1] -
           self->succ.start[node];
  self->compared += (end - first) * (1 + degree / 4);
  return best;
}

static gboolean
order_sift_rank (Order *self,
                 guint  rank)
{
  FluoLayoutPart *part = self->part;
  guint first = part->layer_start[rank], n = part->layer_start[rank + 1] - first;
  gboolean changed = FALSE;

  if (rank > 0)
    order_sort_rows (self, rank - 1, &self->succ, &self->pred);
  if (rank + 1 < part->n_ranks)
    order_sort_rows (self, rank + 1, &self->pred, &self->succ);
  memcpy (self->slots, part->layer + first, n * sizeof (guint));
  for (guint k = 0; k < n && self->compared < SIFT_COMPARED_MAX; k++)
    {
      guint node = self->slots[k], from = first + part->pos[node];
      guint to = order_find_place (self, rank, from);

      if (to == from)
        continue;
      if (to > from)
        memmove (part->layer + from, part->layer + from + 1, (to - from) * sizeof (guint));
      else
        memmove (part->layer + to + 1, part->layer + to, (from - to) * sizeof (guint));
      part->layer[to] = node;
      for (guint i = MIN (from, to); i <= MAX (from, to); i++)
        part->pos[part->layer[i]] = i - first;
      changed = TRUE;
    }
  return changed;
}

/* Puts the nodes of every layer where they cross least, one after the other, until none moves. */
static void
order_sift (Order *self,
            guint  passes)
{
  guint n = self->part->n_ranks;

  for (guint pass = 0; pass < passes; pass++)
    {
      gboolean changed = FALSE;

      for (guint i = 0; i < n; i++)
        changed |= order_sift_rank (self, pass % 2 == 0 ? i : n - 1 - i);
      if (!changed)
        break;
    }
}

static void
order_take_best (Order *self)
{
  memcpy (self->part->layer, self->best, self->part->n * sizeof (guint));
  for (guint r = 0; r < self->part->n_ranks; r++)
    order_update_positions (self, r);
}

/* --- Starts --------------------------------------------------------------- */

static int
compare_importance (gconstpointer a,
                    gconstpointer b,
                    gpointer      data)
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
order_start (Order                *self,
             const FluoLayoutRows *rows,
             const FluoLayoutRows *back,
             gboolean              shuffle)
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
      if (!shuffle)
        g_qsort_with_data (stack + first, n, sizeof (guint), compare_importance, part->importance);
      /* The stack turns the order around, so the last pushed is the first drawn. */
      for (guint i = 0; i < n / 2 || (shuffle && i < n); i++)
        {
          guint other = shuffle ? i + order_random (self, n - i) : n - 1 - i;
          guint swap = stack[first + i];

          stack[first + i] = stack[first + other];
          stack[first + other] = swap;
        }
    }
  for (guint r = 0; r < part->n_ranks; r++)
    order_update_positions (self, r);
}

static void
order_keep_best (Order  *self,
                 guint64 crossings)
{
  if (crossings >= self->best_crossings)
    return;
  self->best_crossings = crossings;
  memcpy (self->best, self->part->layer, self->part->n * sizeof (guint));
}

static void
order_run_start (Order *self,
                 guint  start,
                 guint  sweeps,
                 guint  passes)
{
  gboolean forward = start % 2 == 0;
  guint64 least;
  guint idle = 0;

  order_start (self, forward ? &self->succ : &self->pred, forward ? &self->pred : &self->succ,
               start >= 2);
  least = order_count (self);
  order_keep_best (self, least);
  for (guint i = 0; i < sweeps && idle < SWEEPS_IDLE_MAX && least > 0; i++)
    {
      guint64 crossings;

      order_sweep (self, (i % 2 == 0) == forward, start % 4 == 3);
      order_transpose (self, passes, start > 0 ? EQUALS_SHAKE : EQUALS_STAY);
      crossings = order_count (self);
      idle = crossings < least ? 0 : idle + 1;
      least = MIN (least, crossings);
      order_keep_best (self, crossings);
    }
}

/* Sifting leads the best order into a dead end; exchanges at no cost lead out of some. */
static void
order_refine (Order *self)
{
  order_take_best (self);
  order_sift (self, SIFT_PASSES_MAX);
  order_keep_best (self, order_count (self));
  for (guint round = 0; round < SHAKES_MAX && self->compared < SHAKE_COMPARED_MAX &&
                        self->best_crossings > 0; round++)
    {
      order_transpose (self, 1, EQUALS_SHAKE);
      order_sift (self, SIFT_PASSES_MAX);
      order_keep_best (self, order_count (self));
    }
  order_take_best (self);
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

void
fluo_layout_order_part (FluoLayoutPart *part)
{
  Order order = { .part = part,
                  .best_crossings = G_MAXUINT64,
                  .random = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) };
  gsize size = part->n + part->n_segments;
  gsize sweeps_total = VISITS_MAX / MAX (size, 1);
  guint sweeps, starts;

  order_fill_layers (part);
  fluo_layout_rows_init (&order.succ, part->segments, part->n_segments, part->n, FALSE, FALSE);
  fluo_layout_rows_init (&order.pred, part->segments, part->n_segments, part->n, TRUE, FALSE);
  order.best = g_new (guint, part->n);
  order.tree = g_new (guint, part->n + 1);
  order.fill = g_new (guint, part->n);
  order.keyed = g_new (Keyed, part->n);
  order.slots = g_new (guint, part->n);

  sweeps = CLAMP (sweeps_total, SWEEPS_MIN, SWEEPS_MAX);
  starts = CLAMP (sweeps_total / SWEEPS_MAX, 1, STARTS_MAX);
  for (guint i = 0; i < starts && order.best_crossings > 0; i++)
    order_run_start (&order, i, sweeps, sweeps_total > SWEEPS_MAX ? TRANSPOSE_PASSES_MAX : 1);

  order_refine (&order);
  if (sweeps_total > SWEEPS_MAX)
    order_transpose (&order, TRANSPOSE_PASSES_MAX, EQUALS_SETTLE);
  part->crossings = MIN (order_count (&order), G_MAXUINT);

  fluo_layout_rows_clear (&order.succ);
  fluo_layout_rows_clear (&order.pred);
  g_free (order.best);
  g_free (order.tree);
  g_free (order.fill);
  g_free (order.keyed);
  g_free (order.slots);
}
