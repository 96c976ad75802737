/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-sift-private.h"

/* More gains than this would take longer to keep than they save. */
#define GAINS_MAX 1000000

/* So many pairs of neighbours are compared one by one; where there are more, both are sorted. */
#define PAIRS_MAX 16

static inline void
gains_add (gint *const *row, const guint *column, guint x, guint y, gint change)
{
  row[x][column[y]] += change;
  row[y][column[x]] -= change;
}

/* What crosses on one side of two nodes in a column depends on two orders: theirs, and that of
 * their neighbours there. */
static inline void
gains_add_side (gint *const *row, const guint *column, const FluoLayoutRows *rows, guint upper,
                guint lower, gint times)
{
  const guint *item = rows->item, *edges = rows->edges;
  guint begin = rows->start[lower], end = rows->start[lower + 1];

  for (guint i = rows->start[upper], last = rows->start[upper + 1]; i < last; i++)
    {
      guint x_column = column[item[i]];
      gint *x_row = row[item[i]], weight = times * (gint) edges[i];

      for (guint k = begin; k < end; k++)
        {
          x_row[column[item[k]]] += weight * (gint) edges[k];
          row[item[k]][x_column] -= weight * (gint) edges[k];
        }
    }
}

void
fluo_layout_add_gains (FluoLayoutSifting *self, guint moved, guint other, gint times)
{
  const FluoLayoutOnly *a = &self->only[2 * moved], *b = &self->only[2 * other];
  gint *const *row = self->row;
  const guint *column = self->column;

  if (a[0].node != FLUO_LAYOUT_NOT_ONE && b[0].node != FLUO_LAYOUT_NOT_ONE)
    gains_add (row, column, a[0].node, b[0].node, times * (gint) (a[0].edges * b[0].edges));
  else
    gains_add_side (row, column, self->pred, moved, other, times);
  if (a[1].node != FLUO_LAYOUT_NOT_ONE && b[1].node != FLUO_LAYOUT_NOT_ONE)
    gains_add (row, column, a[1].node, b[1].node, times * (gint) (a[1].edges * b[1].edges));
  else
    gains_add_side (row, column, self->succ, moved, other, times);
}

static void
only_init (FluoLayoutOnly *self, const FluoLayoutRows *rows, guint node)
{
  guint first = rows->start[node];

  *self = rows->start[node + 1] - first == 1
            ? (FluoLayoutOnly) { rows->item[first], rows->edges[first] }
            : (FluoLayoutOnly) { FLUO_LAYOUT_NOT_ONE, 0 };
}

/* Says where the gains of every node are. */
static void
gains_place (FluoLayoutSifting *self)
{
  const FluoLayoutPart *part = self->part;
  gint *row = self->gains;

  for (guint r = 0; r < part->n_ranks; r++)
    {
      guint first = part->layer_start[r], n = part->layer_start[r + 1] - first;

      for (guint i = 0; i < n; i++, row += n)
        {
          self->row[part->layer[first + i]] = row;
          self->column[part->layer[first + i]] = i;
        }
    }
}

void
fluo_layout_make_gains (FluoLayoutSifting *self)
{
  const FluoLayoutPart *part = self->part;
  gsize n = 0;

  self->only = g_new (FluoLayoutOnly, 2 * part->n);
  for (guint i = 0; i < part->n; i++)
    {
      only_init (&self->only[2 * i], self->pred, i);
      only_init (&self->only[2 * i + 1], self->succ, i);
    }
  for (guint r = 0; r < part->n_ranks; r++)
    n += (gsize) (part->layer_start[r + 1] - part->layer_start[r])
         * (part->layer_start[r + 1] - part->layer_start[r]);
  if (n > GAINS_MAX)
    return;
  self->gains = g_new0 (gint, n);
  self->row = g_new (gint *, part->n);
  self->column = g_new (guint, part->n);
  gains_place (self);
}

void
fluo_layout_clear_gains (FluoLayoutSifting *self)
{
  g_free (self->only);
  g_free (self->gains);
  g_free (self->row);
  g_free (self->column);
}

/* --- Reckoning ------------------------------------------------------------ */

/* A pair of edges, one from each, crosses now when the first ends below the second, and would cross
 * then when it ends above. */
static gint
compare_pairs (const guint *pos, const FluoLayoutRows *rows, guint upper, guint lower)
{
  gint gain = 0;

  for (guint i = rows->start[upper]; i < rows->start[upper + 1]; i++)
    for (guint k = rows->start[lower]; k < rows->start[lower + 1]; k++)
      {
        guint x = pos[rows->item[i]], y = pos[rows->item[k]];

        gain += ((x > y) - (x < y)) * (gint) (rows->edges[i] * rows->edges[k]);
      }
  return gain;
}

static gint
compare_sorted (const guint *pos, const FluoLayoutRows *rows, guint upper, guint lower)
{
  guint less = rows->start[lower], not_greater = less, end = rows->start[lower + 1];
  gint n_less = 0, n_greater = 0, gain = 0;

  for (guint k = less; k < end; k++)
    n_greater += (gint) rows->edges[k];
  for (guint i = rows->start[upper]; i < rows->start[upper + 1]; i++)
    {
      guint x = pos[rows->item[i]];

      while (less < end && pos[rows->item[less]] < x)
        n_less += (gint) rows->edges[less++];
      while (not_greater < end && pos[rows->item[not_greater]] <= x)
        n_greater -= (gint) rows->edges[not_greater++];
      gain += (n_less - n_greater) * (gint) rows->edges[i];
    }
  return gain;
}

static gint
reckon_side (const FluoLayoutSifting *self, FluoLayoutRows *rows, guint upper, guint lower)
{
  const guint *pos = self->part->pos;
  guint n_upper = rows->start[upper + 1] - rows->start[upper];
  guint n_lower = rows->start[lower + 1] - rows->start[lower];

  if (n_upper * n_lower <= PAIRS_MAX)
    return compare_pairs (pos, rows, upper, lower);
  fluo_layout_rows_sort (rows, upper, pos);
  fluo_layout_rows_sort (rows, lower, pos);
  return compare_sorted (pos, rows, upper, lower);
}

gint
fluo_layout_reckon_gain (const FluoLayoutSifting *self, guint moving, guint fixed)
{
  const FluoLayoutOnly *a = &self->only[2 * moving], *b = &self->only[2 * fixed];
  const guint *pos = self->part->pos;
  gint gain = 0;

  for (guint side = 0; side < 2; side++)
    if (a[side].node != FLUO_LAYOUT_NOT_ONE && b[side].node != FLUO_LAYOUT_NOT_ONE)
      gain += ((pos[a[side].node] > pos[b[side].node]) - (pos[a[side].node] < pos[b[side].node]))
              * (gint) (a[side].edges * b[side].edges);
    else
      gain += reckon_side (self, side == 0 ? self->pred : self->succ, moving, fixed);
  if (self->gains)
    {
      self->row[moving][self->column[fixed]] = FLUO_LAYOUT_GAIN_KNOWN + gain;
      self->row[fixed][self->column[moving]] = FLUO_LAYOUT_GAIN_KNOWN - gain;
    }
  return gain;
}
