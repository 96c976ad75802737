/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Runs this short are sorted by insertion. */
#define SORT_RUN 16

/* Short runs are sorted by insertion, then merged. */
void
fluo_layout_sort_keys (guint64 *keys, guint64 *scratch, guint n)
{
  for (guint i = 1; i < n; i++)
    {
      guint64 moved = keys[i];
      guint k = i;

      for (; k % SORT_RUN != 0 && keys[k - 1] > moved; k--)
        keys[k] = keys[k - 1];
      keys[k] = moved;
    }
  for (guint run = SORT_RUN; run < n; run *= 2)
    for (guint first = 0; first + run < n; first += 2 * run)
      {
        guint middle = first + run, end = MIN (middle + run, n), i = 0, k = middle, to = first;

        if (keys[middle - 1] <= keys[middle])
          continue;
        memcpy (scratch, keys + first, run * sizeof (guint64));
        while (i < run && k < end)
          keys[to++] = scratch[i] <= keys[k] ? scratch[i++] : keys[k++];
        while (i < run)
          keys[to++] = scratch[i++];
      }
}

/* Puts two sorted runs beside each other in order. */
static guint64
merge_ends (FluoLayoutEnd *ends, FluoLayoutEnd *scratch, guint n_left, guint n)
{
  guint left_edges = 0, i = 0, k = n_left, to = 0;
  guint64 crossings = 0;

  for (guint j = 0; j < n_left; j++)
    left_edges += ends[j].edges;
  memcpy (scratch, ends, n_left * sizeof (FluoLayoutEnd));
  while (i < n_left && k < n)
    if (scratch[i].pos <= ends[k].pos)
      {
        left_edges -= scratch[i].edges;
        ends[to++] = scratch[i++];
      }
    else
      {
        crossings += (guint64) left_edges * ends[k].edges;
        ends[to++] = ends[k++];
      }
  memcpy (ends + to, scratch + i, (n_left - i) * sizeof (FluoLayoutEnd));
  return crossings;
}

guint64
fluo_layout_sort_ends (FluoLayoutEnd *ends, FluoLayoutEnd *scratch, guint n)
{
  guint64 crossings = 0;

  for (guint i = 1; i < n; i++)
    {
      FluoLayoutEnd moved = ends[i];
      guint k = i, passed = 0;

      for (; k % SORT_RUN != 0 && ends[k - 1].pos > moved.pos; k--)
        {
          passed += ends[k - 1].edges;
          ends[k] = ends[k - 1];
        }
      ends[k] = moved;
      crossings += (guint64) passed * moved.edges;
    }
  for (guint run = SORT_RUN; run < n; run *= 2)
    for (guint first = 0; first + run < n; first += 2 * run)
      if (ends[first + run - 1].pos > ends[first + run].pos)
        crossings += merge_ends (ends + first, scratch, run, MIN (2 * run, n - first));
  return crossings;
}

void
fluo_layout_rows_init (FluoLayoutRows          *self,
                       const FluoLayoutSegment *segments,
                       guint                    n_segments,
                       guint                    n_nodes,
                       gboolean                 by_target,
                       gboolean                 store_index)
{
  self->start = g_new0 (guint, n_nodes + 2);
  self->item = g_new (guint, MAX (n_segments, 1));
  self->edges = g_new (guint, MAX (n_segments, 1));

  for (guint i = 0; i < n_segments; i++)
    self->start[(by_target ? segments[i].to : segments[i].from) + 2]++;
  for (guint i = 2; i < n_nodes + 2; i++)
    self->start[i] += self->start[i - 1];
  /* Shifted by one while filling, so that start[i + 1] ends as the row's end. */
  for (guint i = 0; i < n_segments; i++)
    {
      guint row = by_target ? segments[i].to : segments[i].from;
      guint other = by_target ? segments[i].from : segments[i].to;

      self->edges[self->start[row + 1]] = segments[i].n_edges;
      self->item[self->start[row + 1]++] = store_index ? i : other;
    }
}

void
fluo_layout_rows_clear (FluoLayoutRows *self)
{
  g_clear_pointer (&self->start, g_free);
  g_clear_pointer (&self->item, g_free);
  g_clear_pointer (&self->edges, g_free);
}

void
fluo_layout_rows_sort (FluoLayoutRows *self, guint row, const guint *pos)
{
  guint *item = self->item + self->start[row], *edges = self->edges + self->start[row];
  guint n = self->start[row + 1] - self->start[row];

  for (guint i = 1; i < n; i++)
    {
      guint near = item[i], count = edges[i], k = i;

      for (; k > 0 && pos[item[k - 1]] > pos[near]; k--)
        {
          item[k] = item[k - 1];
          edges[k] = edges[k - 1];
        }
      item[k] = near;
      edges[k] = count;
    }
}
