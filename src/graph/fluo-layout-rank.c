/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Passes of the rank compaction; most graphs settle in two or three. */
#define COMPACT_PASSES_MAX 24

/* Longest path from the entries; returns the nodes in topological order. */
static guint *
rank_longest_path (FluoLayoutPart       *part,
                   const FluoLayoutRows *out,
                   const FluoLayoutRows *in)
{
  guint *order = g_new (guint, part->n_real);
  g_autofree guint *waiting = g_new (guint, part->n_real);
  guint head = 0, tail = 0;

  for (guint i = 0; i < part->n_real; i++)
    {
      part->rank[i] = 0;
      waiting[i] = in->start[i + 1] - in->start[i];
      if (waiting[i] == 0)
        order[tail++] = i;
    }
  while (head < tail)
    {
      guint u = order[head++];

      for (guint k = out->start[u]; k < out->start[u + 1]; k++)
        {
          guint v = out->item[k];

          part->rank[v] = MAX (part->rank[v], part->rank[u] + 1);
          if (--waiting[v] == 0)
            order[tail++] = v;
        }
    }
  g_assert (tail == part->n_real);
  return order;
}

/* One node to the end of its free range where its edges get shorter; ties go to its callers. */
static gboolean
rank_move (FluoLayoutPart       *part,
           const FluoLayoutRows *out,
           const FluoLayoutRows *in,
           guint                 u)
{
  guint n_in = 0, n_out = 0, low = 0, high = G_MAXUINT, target;

  for (guint k = in->start[u]; k < in->start[u + 1]; k++)
    {
      low = MAX (low, part->rank[in->item[k]] + 1);
      n_in += in->edges[k];
    }
  for (guint k = out->start[u]; k < out->start[u + 1]; k++)
    {
      high = MIN (high, part->rank[out->item[k]] - 1);
      n_out += out->edges[k];
    }
  target = n_out > n_in ? high : low;
  if (target == part->rank[u])
    return FALSE;
  part->rank[u] = target;
  return TRUE;
}

/* Where a node may stand in several columns at the same cost, it goes to its callers. Graphs too
 * large for the simplex method are shortened here, node by node. */
static void
rank_compact (FluoLayoutPart       *part,
              const FluoLayoutRows *out,
              const FluoLayoutRows *in,
              const guint          *order)
{
  g_autofree guint *used = NULL;
  guint max = 0;

  for (guint pass = 0; pass < COMPACT_PASSES_MAX; pass++)
    {
      gboolean moved = FALSE;

      for (guint i = part->n_real; i-- > 0;)
        moved |= rank_move (part, out, in, order[i]);
      for (guint i = 0; i < part->n_real; i++)
        moved |= rank_move (part, out, in, order[i]);
      if (!moved)
        break;
    }

  for (guint i = 0; i < part->n_real; i++)
    max = MAX (max, part->rank[i]);
  used = g_new0 (guint, max + 2);
  for (guint i = 0; i < part->n_real; i++)
    used[part->rank[i] + 1] = 1;
  for (guint r = 0; r <= max; r++)
    used[r + 1] += used[r];
  for (guint i = 0; i < part->n_real; i++)
    part->rank[i] = used[part->rank[i]];
  part->n_ranks = used[max + 1];
}

static int
compare_longer_first (gconstpointer a,
                      gconstpointer b,
                      gpointer      data)
{
  const FluoLayoutPart *part = data;
  guint i = *(const guint *) a, j = *(const guint *) b;
  guint length_i = part->rank[part->links[i].to] - part->rank[part->links[i].from];
  guint length_j = part->rank[part->links[j].to] - part->rank[part->links[j].from];

  if (length_i != length_j)
    return length_i > length_j ? -1 : 1;
  return i < j ? -1 : i > j;
}

/* Decides which links get lanes, and numbers the lanes. */
static void
rank_make_lanes (FluoLayoutPart *part)
{
  gsize total = 0;
  guint next = part->n_real;

  for (guint i = 0; i < part->n_links; i++)
    {
      FluoLayoutLink *link = &part->links[i];

      link->n_lanes = part->rank[link->to] - part->rank[link->from] - 1;
      link->overflow = FALSE;
      total += link->n_lanes;
    }
  if (total > FLUO_LAYOUT_LANES_MAX)
    {
      g_autofree guint *order = g_new (guint, part->n_links);

      for (guint i = 0; i < part->n_links; i++)
        order[i] = i;
      g_qsort_with_data (order, part->n_links, sizeof (guint), compare_longer_first, part);
      for (guint i = 0; i < part->n_links && total > FLUO_LAYOUT_LANES_MAX; i++)
        {
          FluoLayoutLink *link = &part->links[order[i]];

          total -= link->n_lanes;
          link->n_lanes = 0;
          link->overflow = TRUE;
        }
    }
  for (guint i = 0; i < part->n_links; i++)
    {
      part->links[i].first_lane = next;
      next += part->links[i].n_lanes;
    }
  part->n = next;
}

static void
rank_make_segments (FluoLayoutPart *part)
{
  guint extra = part->n - part->n_real;

  part->rank = g_renew (guint, part->rank, part->n);
  part->half_width = g_renew (double, part->half_width, part->n);
  part->above = g_renew (double, part->above, part->n);
  part->below = g_renew (double, part->below, part->n);
  part->importance = g_renew (double, part->importance, part->n);
  part->segments = g_new (FluoLayoutSegment, MAX (part->n_links + extra, 1));
  part->n_segments = 0;

  for (guint i = 0; i < part->n_links; i++)
    {
      const FluoLayoutLink *link = &part->links[i];
      guint from = link->from;

      if (link->overflow)
        continue;
      for (guint k = 0; k < link->n_lanes; k++)
        {
          guint lane = link->first_lane + k;

          part->rank[lane] = part->rank[link->from] + 1 + k;
          part->half_width[lane] = part->above[lane] = part->below[lane] = 0;
          part->importance[lane] = part->importance[link->to];
          part->segments[part->n_segments++] =
            (FluoLayoutSegment) { from, lane, link->weight, link->n_edges };
          from = lane;
        }
      part->segments[part->n_segments++] =
        (FluoLayoutSegment) { from, link->to, link->weight, link->n_edges };
    }
}

void
fluo_layout_rank_part (FluoLayoutPart *part)
{
  g_autofree FluoLayoutSegment *segments = g_new (FluoLayoutSegment, MAX (part->n_links, 1));
  g_autofree guint *order = NULL;
  FluoLayoutRows out, in;

  for (guint i = 0; i < part->n_links; i++)
    segments[i] = (FluoLayoutSegment) { part->links[i].from, part->links[i].to, 0,
                                        part->links[i].n_edges };
  fluo_layout_rows_init (&out, segments, part->n_links, part->n_real, FALSE, FALSE);
  fluo_layout_rows_init (&in, segments, part->n_links, part->n_real, TRUE, FALSE);
  part->rank = g_new (guint, part->n_real);
  order = rank_longest_path (part, &out, &in);
  fluo_layout_shorten_ranks (part->links, part->n_links, part->n_real, part->rank);
  rank_compact (part, &out, &in, order);
  fluo_layout_widen_ranks (part, &out, &in, order);

  /* A node counts as much as the worst it leads to, so that the worst path as a whole comes
   * first. */
  for (guint i = part->n_real; i-- > 0;)
    for (guint k = out.start[order[i]]; k < out.start[order[i] + 1]; k++)
      part->importance[order[i]] = MAX (part->importance[order[i]], part->importance[out.item[k]]);
  fluo_layout_rows_clear (&out);
  fluo_layout_rows_clear (&in);
  rank_make_lanes (part);
  rank_make_segments (part);
}
