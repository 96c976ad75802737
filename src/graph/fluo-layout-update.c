/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-update-private.h"

#include <math.h>
#include <string.h>

/* A layout that follows another: what was there stays, what is new finds room beside its callers,
 * what is pinned stands where it was put, and only edges that have to are led anew. Columns stay
 * columns, so that everything that holds for a layout made from nothing holds here. */

#define ROUNDING .001

/* @pitch is the least there may be. What is new keeps the pitch of rows; what was there may stand
 * closer, as long as an edge finds its way between. */
static double
update_separation (const FluoLayoutUpdate *self, guint upper, guint lower, double pitch)
{
  double boxes = fluo_layout_update_below (self, upper) + fluo_layout_update_above (self, lower);

  return MAX (boxes + FLUO_LAYOUT_LANE_PITCH, pitch);
}

/* The free height in a column that is nearest to @wanted. */
static double
update_find_room (const FluoLayoutUpdate *self, guint column, guint node, double wanted,
                  double pitch)
{
  const GArray *members = g_ptr_array_index (self->members, column);
  double best = 0, distance = G_MAXDOUBLE;

  for (guint i = 0; i <= members->len; i++)
    {
      double low = fluo_layout_update_above (self, node), high = G_MAXDOUBLE, y;

      if (i > 0)
        {
          guint upper = g_array_index (members, guint, i - 1);

          low = self->places[upper].y + update_separation (self, upper, node, pitch);
        }
      if (i < members->len)
        {
          guint lower = g_array_index (members, guint, i);

          high = self->places[lower].y - update_separation (self, node, lower, pitch);
        }
      if (low > high + ROUNDING)
        continue;
      /* What stood there before fits there, whatever the sums say. */
      y = wanted >= low - ROUNDING && wanted <= high + ROUNDING ? wanted
                                                                : CLAMP (wanted, low, high);
      if (fabs (y - wanted) < distance)
        {
          distance = fabs (y - wanted);
          best = y;
        }
    }
  return best;
}

static void
update_put (FluoLayoutUpdate *self, guint node, guint column, double y)
{
  GArray *members = g_ptr_array_index (self->members, column);
  double *half = &g_array_index (self->halves, double, column);
  guint at = 0;

  while (at < members->len && self->places[g_array_index (members, guint, at)].y < y)
    at++;
  g_array_insert_val (members, at, node);
  self->places[node] = (FluoLayoutPlace) { g_array_index (self->columns, double, column), y,
                                           column };
  self->placed[node] = TRUE;
  *half = MAX (*half, fluo_layout_update_half (self, node));
}

/* Pushes who stands from @at on, upwards or downwards, away from @node at @y, each only as far as
 * the one before needs; without @apply it only tells how far they go all together: G_MAXDOUBLE when
 * a pin or the top is in the way, or once it is no less than @limit. */
static double
update_push (FluoLayoutUpdate *self, const GArray *members, guint node, double y, int at,
             gboolean up, double limit, gboolean apply)
{
  double sum = 0;

  for (; at >= 0 && at < (int) members->len; at += up ? -1 : 1)
    {
      guint next = g_array_index (members, guint, at);
      double to = up ? y - update_separation (self, next, node, 0)
                     : y + update_separation (self, node, next, 0);
      double by = up ? self->places[next].y - to : to - self->places[next].y;

      if (by <= ROUNDING)
        break;
      sum += by;
      if (self->hints[next].pinned || to < fluo_layout_update_above (self, next) - ROUNDING
          || sum >= limit)
        return G_MAXDOUBLE;
      if (apply)
        self->places[next].y = to;
      node = next;
      y = to;
    }
  return sum;
}

/* Whoever can't stay steps aside where all together move least: into free room, or close to a
 * neighbour, which pushes those behind it a little. */
static void
update_displace (FluoLayoutUpdate *self, guint column, guint node, double wanted)
{
  const GArray *members = g_ptr_array_index (self->members, column);
  double best = update_find_room (self, column, node, wanted, 0);
  double least = fabs (best - wanted);
  int gap = -1;

  for (int i = 0; i < (int) members->len * 2; i++)
    {
      guint next = g_array_index (members, guint, i / 2);
      gboolean below = i % 2; /* of @next */
      int at = i / 2 + below; /* the one under the gap */
      double y = self->places[next].y + (below ? update_separation (self, next, node, 0)
                                               : -update_separation (self, node, next, 0));
      double cost = fabs (y - wanted);

      if (cost >= least || y < fluo_layout_update_above (self, node) - ROUNDING)
        continue;
      cost += update_push (self, members, node, y, below ? at : at - 1, !below, least - cost,
                           FALSE);
      if (cost < least)
        {
          least = cost;
          best = y;
          gap = at;
        }
    }
  if (gap >= 0)
    {
      update_push (self, members, node, best, gap - 1, TRUE, G_MAXDOUBLE, TRUE);
      update_push (self, members, node, best, gap, FALSE, G_MAXDOUBLE, TRUE);
    }
  update_put (self, node, column, best);
}

static void
update_add_column (FluoLayoutUpdate *self, double half)
{
  guint n = self->columns->len;
  double x = half;

  if (n > 0)
    x = g_array_index (self->columns, double, n - 1)
        + MAX (self->options.column_pitch, g_array_index (self->halves, double, n - 1) + half
                                             + FLUO_LAYOUT_COLUMN_GAP);
  g_array_append_val (self->columns, x);
  g_array_append_val (self->halves, half);
  g_ptr_array_add (self->members, g_array_new (FALSE, FALSE, sizeof (guint)));
  g_ptr_array_add (self->lanes, g_array_new (FALSE, FALSE, sizeof (double)));
}

static guint
update_nearest_column (const FluoLayoutUpdate *self, double x)
{
  guint best = 0;

  for (guint c = 1; c < self->columns->len; c++)
    if (fabs (g_array_index (self->columns, double, c) - x)
        < fabs (g_array_index (self->columns, double, best) - x))
      best = c;
  return best;
}

/* Pins first, for they are the user's word; then everything that was there. */
static void
update_place_known (FluoLayoutUpdate *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoLayoutHint *hint = &self->hints[i];
      guint column;

      if (!hint->pinned)
        continue;
      while (hint->x > g_array_index (self->columns, double, self->columns->len - 1)
                         + self->options.column_pitch * .6
             && self->columns->len < self->n_nodes + self->previous->n_columns)
        update_add_column (self, fluo_layout_update_half (self, i));
      column = update_nearest_column (self, hint->x);
      update_put (self, i, column, update_find_room (self, column, i, hint->y, 0));
    }
  /* Those who can stay do; whoever a pin displaced steps aside. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->n_nodes; i++)
      {
        const FluoLayoutHint *hint = &self->hints[i];
        const FluoLayoutPlace *was;

        if (self->placed[i] || hint->node >= self->previous->n_nodes)
          continue;
        was = &self->previous->places[hint->node];
        if (update_find_room (self, was->column, i, was->y, 0) == was->y)
          update_put (self, i, was->column, was->y);
        else if (pass == 1)
          update_displace (self, was->column, i, was->y);
      }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoLayoutPlace *was = self->hints[i].node < self->previous->n_nodes
                                     ? &self->previous->places[self->hints[i].node]
                                     : NULL;

      self->moved[i] = !self->placed[i] || !was || was->x != self->places[i].x
                       || was->y != self->places[i].y;
    }
}

/* A new node stands one column after its last caller, at the mean height of its callers; without
 * one that has a place, before what it calls. FALSE while neither has a place. */
static gboolean
update_place_new (FluoLayoutUpdate *self, guint node)
{
  guint n_callers = 0, n_callees = 0, after = 0, before = G_MAXUINT, column;
  double callers = 0, callees = 0;

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];

      if (edge->to == node && edge->from != node && self->placed[edge->from])
        {
          callers += self->places[edge->from].y;
          after = MAX (after, self->places[edge->from].column + 1);
          n_callers++;
        }
      if (edge->from == node && edge->to != node && self->placed[edge->to])
        {
          callees += self->places[edge->to].y;
          before = MIN (before, self->places[edge->to].column);
          n_callees++;
        }
    }
  if (n_callers == 0 && n_callees == 0)
    return FALSE;
  column = n_callers > 0 ? after : before > 0 ? before - 1 : 0;
  if (column == self->columns->len)
    update_add_column (self, fluo_layout_update_half (self, node));
  update_put (self, node, column,
              update_find_room (self, column, node,
                                n_callers > 0 ? callers / n_callers : callees / n_callees,
                                self->options.row_pitch));
  return TRUE;
}

static void
update_place_rest (FluoLayoutUpdate *self)
{
  gboolean any = TRUE;

  while (any)
    {
      gboolean found = FALSE;

      any = FALSE;
      for (guint i = 0; i < self->n_nodes; i++)
        if (!self->placed[i])
          {
            found |= update_place_new (self, i);
            any |= !self->placed[i];
          }
      if (!any || found)
        continue;
      /* Joined to nothing that is there: below it all, and the rest beside it. */
      for (guint i = 0; i < self->n_nodes; i++)
        if (!self->placed[i])
          {
            update_put (self, i, 0,
                        update_find_room (self, 0, i,
                                          self->previous->height + self->options.row_pitch / 2,
                                          self->options.row_pitch));
            break;
          }
    }
}

/* --- Public --------------------------------------------------------------- */

/* Wide boxes may leave no room between columns that were made for narrow ones. */
static gboolean
update_columns_fit (const FluoLayoutUpdate *self)
{
  for (guint c = 0; c + 1 < self->columns->len; c++)
    if (g_array_index (self->columns, double, c + 1) - g_array_index (self->columns, double, c)
        < g_array_index (self->halves, double, c) + g_array_index (self->halves, double, c + 1)
            + FLUO_LAYOUT_COLUMN_GAP / 4)
      return FALSE;
  return TRUE;
}

static void
update_finish (FluoLayoutUpdate *self, FluoGraphLayout *result)
{
  result->n_columns = self->columns->len;
  result->columns = g_memdup2 (self->columns->data, result->n_columns * sizeof (double));
  result->half_widths = g_memdup2 (self->halves->data, result->n_columns * sizeof (double));
  result->crossings = self->previous->crossings;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      result->width = MAX (result->width, self->places[i].x + fluo_layout_update_half (self, i));
      result->height = MAX (result->height, self->places[i].y + fluo_layout_update_below (self, i));
    }
  for (guint i = 0; i < self->n_edges; i++)
    for (guint k = 0; k < result->routes[i].points->len; k += 2)
      {
        result->width = MAX (result->width, g_array_index (result->routes[i].points, double, k));
        result->height =
          MAX (result->height, g_array_index (result->routes[i].points, double, k + 1));
      }
}

/**
 * fluo_graph_layout_update:
 * @previous: a layout of another or the same graph
 * @hints: one a node: which node of @previous it was, and where the user put it
 * @previous_edges: (nullable): one an edge: which edge of @previous it was, or G_MAXUINT
 *
 * Every node that was in @previous stays exactly where it was, unless it is pinned elsewhere or
 * has to make room for one that is, by as little as that takes. Any thread. Returns NULL when that
 * can't be done: nothing was known, or the columns have no room for wider boxes; then make a new
 * one. */
FluoGraphLayout *
fluo_graph_layout_update (const FluoLayoutNode    *nodes,
                          guint                    n_nodes,
                          const FluoLayoutEdge    *edges,
                          guint                    n_edges,
                          const FluoLayoutOptions *options,
                          const FluoGraphLayout   *previous,
                          const FluoLayoutHint    *hints,
                          const guint             *previous_edges)
{
  FluoGraphLayout *result = NULL;
  FluoLayoutUpdate self = { .nodes = nodes, .n_nodes = n_nodes, .edges = edges, .n_edges = n_edges,
                  .options = *options, .previous = previous, .hints = hints };

  g_return_val_if_fail (previous != NULL && hints != NULL, NULL);
  if (previous->n_columns == 0 || n_nodes == 0)
    return NULL;
  result = fluo_graph_layout_alloc (n_nodes, n_edges);
  self.places = result->places;
  self.looped = g_new0 (gboolean, n_nodes);
  self.placed = g_new0 (gboolean, n_nodes);
  self.moved = g_new0 (gboolean, n_nodes);
  self.columns = g_array_new (FALSE, FALSE, sizeof (double));
  self.halves = g_array_new (FALSE, FALSE, sizeof (double));
  self.members = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self.lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < n_edges; i++)
    self.looped[edges[i].from] |= edges[i].from == edges[i].to;
  for (guint c = 0; c < previous->n_columns; c++)
    {
      update_add_column (&self, previous->half_widths[c]);
      g_array_index (self.columns, double, c) = previous->columns[c];
    }
  update_place_known (&self);
  update_place_rest (&self);
  if (update_columns_fit (&self))
    {
      fluo_layout_update_route (&self, result, previous_edges);
      update_finish (&self, result);
    }
  else
    g_clear_pointer (&result, fluo_graph_layout_free);
  g_free (self.looped);
  g_free (self.placed);
  g_free (self.moved);
  g_array_unref (self.columns);
  g_array_unref (self.halves);
  g_ptr_array_unref (self.members);
  g_ptr_array_unref (self.lanes);
  return result;
}
