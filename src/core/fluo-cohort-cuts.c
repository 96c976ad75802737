/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-cohort-private.h"

#include <math.h>

/* --- Cuts -------------------------------------------------------------------------------- */

static int
compare_points (gconstpointer a, gconstpointer b)
{
  const FluoCutPoint *x = a, *y = b;

  return (x->value > y->value) - (x->value < y->value);
}

void
fluo_cut_try (FluoCut *self, double at, const guint n[2], const guint size[2])
{
  double difference;

  if (size[0] == 0 || size[1] == 0)
    return;
  difference = n[0] / (double) size[0] - n[1] / (double) size[1];
  if (fabs (difference) > fabs (self->difference))
    *self = (FluoCut){ at, { n[0], n[1] }, difference };
}

/* One walk from the largest down: at every new value, what share of A and of B lies from there on.
 * The largest difference, in either direction, is the cut. Everything from the smallest value on is
 * no cut. */
void
fluo_cut_find (GArray *points, const guint size[2], FluoCut *ret_cut)
{
  guint n[2] = { 0, 0 };

  *ret_cut = (FluoCut){ 0 };
  g_array_sort (points, compare_points);
  for (guint i = points->len; i > 1; i--)
    {
      const FluoCutPoint *point = &g_array_index (points, FluoCutPoint, i - 1);
      n[point->side == FLUO_COHORT_B]++;
      if (g_array_index (points, FluoCutPoint, i - 2).value == point->value)
        continue;
      fluo_cut_try (ret_cut, point->value, n, size);
    }
}
