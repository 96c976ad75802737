/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

/* Distance between the ports of one node. */
#define PORT_PITCH 7.0

typedef struct
{
  double          height; /* where the edge goes next, seen from this end */
  double          other;  /* height of its other end: edges that share their first lane */
  FluoLayoutWire *wire;
} Port;

static int
compare_port (gconstpointer a,
              gconstpointer b)
{
  const Port *x = a, *y = b;

  if (x->height != y->height)
    return x->height < y->height ? -1 : 1;
  if (x->other != y->other)
    return x->other < y->other ? -1 : 1;
  return x->wire->edge < y->wire->edge ? -1 : x->wire->edge > y->wire->edge;
}

static Port
make_port (const FluoLayoutPart *part,
           FluoLayoutWire       *wire,
           gboolean              right)
{
  const FluoLayoutLink *link = &part->links[wire->link];
  guint here = right ? link->to : link->from, there = right ? link->from : link->to;
  guint lane = right ? link->first_lane + link->n_lanes - 1 : link->first_lane;
  double next = link->overflow      ? part->lane_y
                : link->n_lanes > 0 ? part->y[lane]
                                    : part->y[there];

  g_assert (here < part->n_real);
  return (Port) { next, part->y[there], wire };
}

/* Edges of one link, which are neighbours among the ports, keep apart on their lanes. */
static double
lane_offset (const Port *ports,
             guint       n,
             guint       k)
{
  guint first = k, end = k + 1;

  while (first > 0 && ports[first - 1].wire->link == ports[k].wire->link)
    first--;
  while (end < n && ports[end].wire->link == ports[k].wire->link)
    end++;
  return (k - first - (end - first - 1) / 2.0)
         * MIN (PORT_PITCH, FLUO_LAYOUT_LANE_SPAN / (end - first));
}

/* The edges at one side of every node of a part, fanned out over the ring in the order of where
 * they go, so that edges with a common end don't cross. */
static void
part_spread_ports (FluoLayoutPart *part,
                   gboolean        right)
{
  g_autofree Port *ports = g_new (Port, MAX (part->wires->len, 1));
  g_autofree guint *start = g_new0 (guint, part->n_real + 2);

  for (guint i = 0; i < part->wires->len; i++)
    {
      const FluoLayoutLink *link =
        &part->links[g_array_index (part->wires, FluoLayoutWire, i).link];

      start[(right ? link->to : link->from) + 2]++;
    }
  for (guint i = 2; i < part->n_real + 2; i++)
    start[i] += start[i - 1];
  for (guint i = 0; i < part->wires->len; i++)
    {
      FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
      const FluoLayoutLink *link = &part->links[wire->link];

      ports[start[(right ? link->to : link->from) + 1]++] = make_port (part, wire, right);
    }
  for (guint u = 0; u < part->n_real; u++)
    {
      guint n = start[u + 1] - start[u];
      double pitch = n > 0 ? MIN (PORT_PITCH, FLUO_LAYOUT_PORT_SPAN / n) : 0;

      qsort (ports + start[u], n, sizeof (Port), compare_port);
      for (guint k = 0; k < n; k++)
        {
          FluoLayoutWire *wire = ports[start[u] + k].wire;
          double offset = (k - (n - 1) / 2.0) * pitch;

          if (right)
            wire->offset_to = offset;
          else
            wire->offset_from = offset;
          wire->offset_lane = lane_offset (ports + start[u], n, k);
        }
    }
}

/* Between two nodes at one height, the end that has the edge for itself takes the other's port: a
 * level edge shows no step. */
static void
part_level_ports (FluoLayoutPart *part)
{
  g_autofree guint *n_out = g_new0 (guint, part->n_real);
  g_autofree guint *n_in = g_new0 (guint, part->n_real);

  for (guint i = 0; i < part->wires->len; i++)
    {
      const FluoLayoutLink *link =
        &part->links[g_array_index (part->wires, FluoLayoutWire, i).link];

      n_out[link->from]++;
      n_in[link->to]++;
    }
  for (guint i = 0; i < part->wires->len; i++)
    {
      FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
      const FluoLayoutLink *link = &part->links[wire->link];

      if (link->n_lanes > 0 || link->overflow || part->y[link->from] != part->y[link->to])
        continue;
      if (n_in[link->to] == 1)
        wire->offset_to = wire->offset_from;
      else if (n_out[link->from] == 1)
        wire->offset_from = wire->offset_to;
    }
}

void
fluo_layout_spread_ports (FluoLayoutPart *part)
{
  part_spread_ports (part, FALSE);
  part_spread_ports (part, TRUE);
  part_level_ports (part);
}
