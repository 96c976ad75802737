/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Work is bounded by size, never by the clock, so that the same graph always gets the same picture.
 * Sweeps only begin: what follows them gains far more in the same time. */
#define STARTS 2
#define SWEEPS 2

/* Transposition passes over all layers after one sweep; one in graphs of more nodes and
 * segments. */
#define TRANSPOSE_PASSES_MAX 6
#define TRANSPOSE_ALL_MAX 30000

/* Sifting: how far a node is moved in a pass, how many passes there are, and how many pairs of
 * nodes are compared at most; with more than that the time would be felt. */
#define SIFT_REACH 64
#define SIFT_PASSES_MAX 12
#define SIFT_COMPARED_MAX 1200000

#define NOT_ONE G_MAXUINT

/* Ways out of a dead end: how many pairs are compared for them, how far a node is pushed, how many
 * are pushed at once, and how many columns may be sifted in consequence. */
#define KICK_COMPARED_MAX 60000
#define KICK_REACH 9
#define KICK_NODES_MAX 3
#define KICK_SIFTS_MAX 16

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
  guint          *succ_pos; /* the places of succ's items, as of the last sorting */
  guint          *pred_pos;
  guint          *succ_only; /* a node: the place of its only neighbour, or NOT_ONE */
  guint          *pred_only;
  guint          *best; /* copy of part->layer */
  guint64         best_crossings;
  guint          *tree; /* binary indexed tree over one layer */
  guint          *fill; /* scratch, one a node */
  Keyed          *keyed;
  guint          *slots;
  guint64         random;
  gint64          crossings; /* of the order as it is, kept up to date while sifting */
  guint8         *unsettled; /* a column: it or one beside it changed since it was sifted */
  guint8         *touched;   /* a column: not as in best */
  guint           compared; /* pairs looked at while sifting, more where they have many edges */
} Order;

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
order_sort_rows (Order   *self,
                 guint    rank,
                 gboolean after)
{
  const FluoLayoutPart *part = self->part;
  const FluoLayoutRows *mine = after ? &self->succ : &self->pred;
  FluoLayoutRows *theirs = after ? &self->pred : &self->succ;
  guint *place = after ? self->pred_pos : self->succ_pos;
  guint beside = after ? rank + 1 : rank - 1;

  for (guint i = part->layer_start[beside]; i < part->layer_start[beside + 1]; i++)
    self->fill[part->layer[i]] = theirs->start[part->layer[i]];
  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      for (guint k = mine->start[u]; k < mine->start[u + 1]; k++)
        {
          guint at = self->fill[mine->item[k]]++;

          theirs->item[at] = u;
          place[at] = i - part->layer_start[rank];
        }
    }
}

/* Prepares order_gain() for the nodes of @rank. */
static void
order_face (Order *self,
            guint  rank)
{
  const FluoLayoutPart *part = self->part;

  if (rank > 0)
    order_sort_rows (self, rank - 1, TRUE);
  if (rank + 1 < part->n_ranks)
    order_sort_rows (self, rank + 1, FALSE);
  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i], p = self->pred.start[u], s = self->succ.start[u];

      self->pred_only[u] = self->pred.start[u + 1] - p == 1 ? self->pred_pos[p] : NOT_ONE;
      self->succ_only[u] = self->succ.start[u + 1] - s == 1 ? self->succ_pos[s] : NOT_ONE;
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

  order_sort_rows (self, rank + 1, FALSE);
  memset (self->tree, 0, (size + 1) * sizeof (guint));
  for (guint i = part->layer_start[rank]; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];

      for (guint k = self->succ.start[u]; k < self->succ.start[u + 1]; k++)
        {
          guint not_after = 0;

          for (guint t = self->succ_pos[k] + 1; t > 0; t -= t & -t)
            not_after += self->tree[t];
          crossings += seen - not_after;
        }
      for (guint k = self->succ.start[u]; k < self->succ.start[u + 1]; k++, seen++)
        for (guint t = self->succ_pos[k] + 1; t <= size; t += t & -t)
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
          order_sort_rows (self, r - 1, TRUE);
        order_sort_layer (self, r, &self->pred, median);
      }
  else
    for (guint r = n - 1; r-- > 0;)
      {
        if (median)
          order_sort_rows (self, r + 1, FALSE);
        order_sort_layer (self, r, &self->succ, median);
      }
}

/* --- Transposition -------------------------------------------------------- */

/* Crossings saved by exchanging neighbours @upper and @lower, on one side. */
static gint
rows_gain (const FluoLayoutRows *rows,
           const guint          *place,
           guint                 upper,
           guint                 lower)
{
  const guint *b = place + rows->start[lower];
  guint n_b = rows->start[lower + 1] - rows->start[lower];
  guint n_less = 0, n_not_greater = 0;
  gint gain = 0;

  /* A pair (x of upper, y of lower) crosses now when x > y, and would cross then when x < y. */
  for (guint k = rows->start[upper]; k < rows->start[upper + 1]; k++)
    {
      guint x = place[k];

      while (n_less < n_b && b[n_less] < x)
        n_less++;
      while (n_not_greater < n_b && b[n_not_greater] <= x)
        n_not_greater++;
      gain += (gint) n_less - (gint) (n_b - n_not_greater);
    }
  return gain;
}

/* The same on both sides; order_face() came before. Nearly all nodes of a large graph are lanes,
 * with one neighbour on either side. */
static inline gint
order_gain (const Order *self,
            guint        upper,
            guint        lower)
{
  guint a = self->pred_only[upper], b = self->pred_only[lower];
  guint c = self->succ_only[upper], d = self->succ_only[lower];
  gint gain;

  if (a != NOT_ONE && b != NOT_ONE)
    gain = (a > b) - (a < b);
  else
    gain = rows_gain (&self->pred, self->pred_pos, upper, lower);
  if (c != NOT_ONE && d != NOT_ONE)
    return gain + (c > d) - (c < d);
  return gain + rows_gain (&self->succ, self->succ_pos, upper, lower);
}

/* What to do with two neighbours that may be exchanged at no cost. */
typedef enum
{
  EQUALS_STAY,
  EQUALS_SETTLE /* exchange when the more important one is below */
} Equals;

static gboolean
order_exchanges (Order  *self,
                 gint    gain,
                 guint   upper,
                 guint   lower,
                 Equals  equals)
{
  if (gain != 0)
    return gain > 0;
  return equals == EQUALS_SETTLE && self->part->importance[lower] > self->part->importance[upper];
}

static gboolean
order_transpose_rank (Order  *self,
                      guint   rank,
                      Equals  equals)
{
  FluoLayoutPart *part = self->part;
  gboolean changed = FALSE;

  order_face (self, rank);
  for (guint i = part->layer_start[rank]; i + 1 < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i], v = part->layer[i + 1];
      gint gain = order_gain (self, u, v);

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
                  guint  index,
                  gint  *ret_gain)
{
  const FluoLayoutPart *part = self->part;
  guint first = MAX (part->layer_start[rank], index - MIN (index, SIFT_REACH));
  guint end = MIN (part->layer_start[rank + 1], index + SIFT_REACH + 1);
  guint node = part->layer[index], best = index, degree;
  gint sum = 0, most = 0;

  for (guint i = index + 1; i < end; i++)
    {
      sum += order_gain (self, node, part->layer[i]);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  sum = 0;
  for (guint i = index; i-- > first;)
    {
      sum += order_gain (self, part->layer[i], node);
      if (sum > most)
        {
          most = sum;
          best = i;
        }
    }
  degree = self->pred.start[node + 1] - self->pred.start[node] + self->succ.start[node + 1] -
           self->succ.start[node];
  self->compared += (end - first) * (1 + degree / 4);
  *ret_gain = most;
  return best;
}

/* Columns beside a changed one have to be looked at again. */
static void
order_unsettle (Order *self,
                guint  rank)
{
  self->touched[rank] = TRUE;
  self->unsettled[rank] = TRUE;
  if (rank > 0)
    self->unsettled[rank - 1] = TRUE;
  if (rank + 1 < self->part->n_ranks)
    self->unsettled[rank + 1] = TRUE;
}

static void
order_move (Order *self,
            guint  rank,
            guint  from,
            guint  to)
{
  const FluoLayoutPart *part = self->part;
  guint node = part->layer[from], first = part->layer_start[rank];

  if (to > from)
    memmove (part->layer + from, part->layer + from + 1, (to - from) * sizeof (guint));
  else
    memmove (part->layer + to + 1, part->layer + to, (from - to) * sizeof (guint));
  part->layer[to] = node;
  for (guint i = MIN (from, to); i <= MAX (from, to); i++)
    part->pos[part->layer[i]] = i - first;
}

static void
order_sift_rank (Order *self,
                 guint  rank)
{
  FluoLayoutPart *part = self->part;
  guint first = part->layer_start[rank], n = part->layer_start[rank + 1] - first;
  gboolean changed = FALSE;

  order_face (self, rank);
  memcpy (self->slots, part->layer + first, n * sizeof (guint));
  for (guint k = 0; k < n && self->compared < SIFT_COMPARED_MAX; k++)
    {
      guint from = first + part->pos[self->slots[k]];
      gint gain;
      guint to = order_find_place (self, rank, from, &gain);

      if (to == from)
        continue;
      order_move (self, rank, from, to);
      self->crossings -= gain;
      changed = TRUE;
    }
  if (changed)
    order_unsettle (self, rank);
  self->unsettled[rank] = changed;
}

/* Puts the nodes of every layer where they cross least, one after the other, until none moves. */
static void
order_sift (Order *self)
{
  guint n = self->part->n_ranks;

  memset (self->unsettled, TRUE, n);
  for (guint pass = 0; pass < SIFT_PASSES_MAX; pass++)
    {
      gboolean any = FALSE;

      for (guint i = 0; i < n; i++)
        {
          guint rank = pass % 2 == 0 ? i : n - 1 - i;

          if (!self->unsettled[rank])
            continue;
          order_sift_rank (self, rank);
          any = TRUE;
        }
      if (!any)
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
             const FluoLayoutRows *back)
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
      g_qsort_with_data (stack + first, n, sizeof (guint), compare_importance, part->importance);
      /* The stack turns the order around, so the last pushed is the first drawn. */
      for (guint i = 0; i < n / 2; i++)
        {
          guint swap = stack[first + i];

          stack[first + i] = stack[first + n - 1 - i];
          stack[first + n - 1 - i] = swap;
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
order_run_start (Order   *self,
                 gboolean forward,
                 guint    passes)
{
  order_start (self, forward ? &self->succ : &self->pred, forward ? &self->pred : &self->succ);
  order_keep_best (self, order_count (self));
  for (guint i = 0; i < SWEEPS && self->best_crossings > 0; i++)
    {
      order_sweep (self, (i % 2 == 0) == forward, !forward);
      order_transpose (self, passes, EQUALS_STAY);
      order_keep_best (self, order_count (self));
    }
}

/* Pushes a few nodes of one column out of their places, and says what that costs. */
static void
order_kick (Order *self,
            guint  rank)
{
  const FluoLayoutPart *part = self->part;
  guint first = part->layer_start[rank], n = part->layer_start[rank + 1] - first;
  guint pushed = 1 + fluo_layout_random (&self->random, KICK_NODES_MAX);

  order_face (self, rank);
  for (guint k = 0; k < pushed; k++)
    {
      guint from = first + fluo_layout_random (&self->random, n);
      guint low = MAX (first, from - MIN (from, KICK_REACH));
      guint high = MIN (first + n - 1, from + KICK_REACH);
      guint to = low + fluo_layout_random (&self->random, high - low + 1), node = part->layer[from];

      for (guint i = from; i < to; i++)
        self->crossings -= order_gain (self, node, part->layer[i + 1]);
      for (guint i = from; i > to; i--)
        self->crossings -= order_gain (self, part->layer[i - 1], node);
      order_move (self, rank, from, to);
    }
  order_unsettle (self, rank);
}

/* Sifts what is unsettled around @rank, the nearest columns first. */
static void
order_settle (Order *self,
              guint  rank)
{
  guint n = self->part->n_ranks;

  for (guint sifts = 0; sifts < KICK_SIFTS_MAX; sifts++)
    {
      guint found = G_MAXUINT;

      for (guint d = 0; d < n && found == G_MAXUINT; d++)
        {
          if (rank >= d && self->unsettled[rank - d])
            found = rank - d;
          else if (rank + d < n && self->unsettled[rank + d])
            found = rank + d;
        }
      if (found == G_MAXUINT)
        return;
      order_sift_rank (self, found);
    }
}

/* Sifting leads the best order into a dead end. From there: one column is disturbed, it and those
 * around it are sifted again, and what came out is kept unless it is worse (iterated local search:
 * Lourenço, Martin, Stützle 2003). Only what changed is looked at, so hundreds of tries cost as
 * much as a few sweeps. */
static void
order_refine (Order *self)
{
  FluoLayoutPart *part = self->part;
  guint budget;

  order_take_best (self);
  self->crossings = (gint64) self->best_crossings;
  order_sift (self);
  memcpy (self->best, part->layer, part->n * sizeof (guint));
  self->best_crossings = (guint64) self->crossings;
  memset (self->touched, FALSE, part->n_ranks);
  memset (self->unsettled, FALSE, part->n_ranks);
  budget = MIN (self->compared + KICK_COMPARED_MAX, SIFT_COMPARED_MAX);
  for (guint round = 0; self->compared < budget && self->best_crossings > 0; round++)
    {
      guint rank = part->rank[part->layer[fluo_layout_random (&self->random, part->n)]];
      gboolean keep;

      self->compared += 50;
      if (part->layer_start[rank + 1] - part->layer_start[rank] < 2)
        continue;
      order_kick (self, rank);
      order_settle (self, rank);
      keep = self->crossings <= (gint64) self->best_crossings;
      for (guint r = 0; r < part->n_ranks; r++)
        if (self->touched[r])
          {
            guint first = part->layer_start[r], n = part->layer_start[r + 1] - first;

            if (keep)
              memcpy (self->best + first, part->layer + first, n * sizeof (guint));
            else
              {
                memcpy (part->layer + first, self->best + first, n * sizeof (guint));
                order_update_positions (self, r);
              }
            self->touched[r] = FALSE;
          }
      memset (self->unsettled, FALSE, part->n_ranks);
      if (keep)
        self->best_crossings = (guint64) self->crossings;
      else
        self->crossings = (gint64) self->best_crossings;
    }
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
  guint passes = part->n + part->n_segments > TRANSPOSE_ALL_MAX ? 1 : TRANSPOSE_PASSES_MAX;

  order_fill_layers (part);
  fluo_layout_rows_init (&order.succ, part->segments, part->n_segments, part->n, FALSE, FALSE);
  fluo_layout_rows_init (&order.pred, part->segments, part->n_segments, part->n, TRUE, FALSE);
  order.succ_pos = g_new (guint, MAX (part->n_segments, 1));
  order.pred_pos = g_new (guint, MAX (part->n_segments, 1));
  order.succ_only = g_new (guint, part->n);
  order.pred_only = g_new (guint, part->n);
  order.unsettled = g_new0 (guint8, part->n_ranks);
  order.touched = g_new0 (guint8, part->n_ranks);
  order.best = g_new (guint, part->n);
  order.tree = g_new (guint, part->n + 1);
  order.fill = g_new (guint, part->n);
  order.keyed = g_new (Keyed, part->n);
  order.slots = g_new (guint, part->n);

  for (guint i = 0; i < STARTS && order.best_crossings > 0; i++)
    order_run_start (&order, i == 0, passes);
  order_take_best (&order);
  if (order.best_crossings > 0)
    {
      fluo_layout_sift_blocks (part);
      order_keep_best (&order, order_count (&order));
      order_refine (&order);
    }
  if (passes > 1)
    order_transpose (&order, passes, EQUALS_SETTLE);
  part->crossings = MIN (order_count (&order), G_MAXUINT);

  fluo_layout_rows_clear (&order.succ);
  fluo_layout_rows_clear (&order.pred);
  g_free (order.succ_pos);
  g_free (order.pred_pos);
  g_free (order.succ_only);
  g_free (order.pred_only);
  g_free (order.unsettled);
  g_free (order.touched);
  g_free (order.best);
  g_free (order.tree);
  g_free (order.fill);
  g_free (order.keyed);
  g_free (order.slots);
}
