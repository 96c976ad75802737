/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Edges visited while looking for turned edges that need not be turned. Bounds the time on dense
 * cyclic graphs. */
#define UNTURN_VISITS_MAX 2000000

/* Passes of the rank compaction; most graphs settle in two or three. */
#define COMPACT_PASSES_MAX 24

typedef struct
{
  const FluoLayoutNode *nodes;
  const FluoLayoutEdge *edges;
  guint                 n_nodes;
  guint                 n_edges;
  FluoLayoutRows        out; /* edge indexes */
  FluoLayoutRows        in;
  guint                *group;    /* strongly connected component of a node */
  guint                 n_groups;
  guint                *depth;    /* steps from the nearest entry */
  guint                *sequence; /* position in the acyclic order within its group */
} Cycles;

/* --- Rows ----------------------------------------------------------------- */

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

  for (guint i = 0; i < n_segments; i++)
    self->start[(by_target ? segments[i].to : segments[i].from) + 2]++;
  for (guint i = 2; i < n_nodes + 2; i++)
    self->start[i] += self->start[i - 1];
  /* Shifted by one while filling, so that start[i + 1] ends as the row's end. */
  for (guint i = 0; i < n_segments; i++)
    {
      guint row = by_target ? segments[i].to : segments[i].from;
      guint other = by_target ? segments[i].from : segments[i].to;

      self->item[self->start[row + 1]++] = store_index ? i : other;
    }
}

void
fluo_layout_rows_clear (FluoLayoutRows *self)
{
  g_clear_pointer (&self->start, g_free);
  g_clear_pointer (&self->item, g_free);
}

/* --- Cycles --------------------------------------------------------------- */

static void
cycles_init (Cycles               *self,
             const FluoLayoutNode *nodes,
             guint                 n_nodes,
             const FluoLayoutEdge *edges,
             guint                 n_edges)
{
  g_autofree FluoLayoutSegment *segments = g_new (FluoLayoutSegment, MAX (n_edges, 1));

  for (guint i = 0; i < n_edges; i++)
    segments[i] = (FluoLayoutSegment) { edges[i].from, edges[i].to, edges[i].weight };
  *self = (Cycles) { .nodes = nodes, .edges = edges, .n_nodes = n_nodes, .n_edges = n_edges };
  fluo_layout_rows_init (&self->out, segments, n_edges, n_nodes, FALSE, TRUE);
  fluo_layout_rows_init (&self->in, segments, n_edges, n_nodes, TRUE, TRUE);
  self->group = g_new (guint, n_nodes);
  self->depth = g_new (guint, n_nodes);
  self->sequence = g_new0 (guint, n_nodes);
}

static void
cycles_clear (Cycles *self)
{
  fluo_layout_rows_clear (&self->out);
  fluo_layout_rows_clear (&self->in);
  g_free (self->group);
  g_free (self->depth);
  g_free (self->sequence);
}

/* Tarjan 1972, with its own stack because a graph may be one chain of any length. */
static void
cycles_find_groups (Cycles *self)
{
  guint n = self->n_nodes, counter = 0, n_stack = 0;
  g_autofree guint *number = g_new0 (guint, n);
  g_autofree guint *low = g_new0 (guint, n);
  g_autofree guint *next = g_new0 (guint, n);
  g_autofree guint *stack = g_new (guint, n);
  g_autofree guint *path = g_new (guint, n);

  memset (self->group, 0xff, n * sizeof (guint));
  for (guint root = 0; root < n; root++)
    {
      guint n_path = 0;

      if (number[root] != 0)
        continue;
      path[n_path++] = root;
      while (n_path > 0)
        {
          guint u = path[n_path - 1];

          if (number[u] == 0)
            {
              number[u] = low[u] = ++counter;
              next[u] = self->out.start[u];
              stack[n_stack++] = u;
            }
          if (next[u] < self->out.start[u + 1])
            {
              guint v = self->edges[self->out.item[next[u]++]].to;

              if (number[v] == 0)
                path[n_path++] = v;
              else if (self->group[v] == G_MAXUINT)
                low[u] = MIN (low[u], number[v]);
              continue;
            }
          if (low[u] == number[u])
            {
              guint v;

              do
                {
                  v = stack[--n_stack];
                  self->group[v] = self->n_groups;
                }
              while (v != u);
              self->n_groups++;
            }
          if (--n_path > 0)
            low[path[n_path - 1]] = MIN (low[path[n_path - 1]], low[u]);
        }
    }
}

static void
cycles_find_depths (Cycles *self)
{
  g_autofree guint *queue = g_new (guint, self->n_nodes);
  guint head = 0, tail = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      gboolean entry = TRUE;

      for (guint k = self->in.start[i]; k < self->in.start[i + 1] && entry; k++)
        entry = self->edges[self->in.item[k]].from == i;
      self->depth[i] = entry ? 0 : G_MAXUINT;
      if (entry)
        queue[tail++] = i;
    }
  while (head < tail)
    {
      guint u = queue[head++];

      for (guint k = self->out.start[u]; k < self->out.start[u + 1]; k++)
        {
          guint v = self->edges[self->out.item[k]].to;

          if (self->depth[v] == G_MAXUINT)
            {
              self->depth[v] = self->depth[u] + 1;
              queue[tail++] = v;
            }
        }
    }
}

static inline gboolean
cycles_is_inner (const Cycles *self,
                 guint         edge)
{
  const FluoLayoutEdge *e = &self->edges[edge];

  return e->from != e->to && self->group[e->from] == self->group[e->to];
}

/* What is left of a group while the greedy order takes node after node from it. */
typedef struct
{
  guint  *n_in;
  guint  *n_out;
  double *balance; /* weight out - weight in */
} Rest;

static void
rest_take (const Cycles *self,
           Rest         *rest,
           guint         u)
{
  for (guint k = self->out.start[u]; k < self->out.start[u + 1]; k++)
    if (cycles_is_inner (self, self->out.item[k]))
      {
        const FluoLayoutEdge *e = &self->edges[self->out.item[k]];

        rest->n_in[e->to]--;
        rest->balance[e->to] += e->weight;
      }
  for (guint k = self->in.start[u]; k < self->in.start[u + 1]; k++)
    if (cycles_is_inner (self, self->in.item[k]))
      {
        const FluoLayoutEdge *e = &self->edges[self->in.item[k]];

        rest->n_out[e->from]--;
        rest->balance[e->from] -= e->weight;
      }
}

/* Among nodes that are equally good to put first: what is nearer an entry, then the more
 * important. */
static gboolean
cycles_goes_first (const Cycles *self,
                   const Rest   *rest,
                   guint         a,
                   guint         b)
{
  if (rest->balance[a] != rest->balance[b])
    return rest->balance[a] > rest->balance[b];
  if (self->depth[a] != self->depth[b])
    return self->depth[a] < self->depth[b];
  if (self->nodes[a].importance != self->nodes[b].importance)
    return self->nodes[a].importance > self->nodes[b].importance;
  return a < b;
}

/* Eades, Lin, Smyth 1993 with weights: sinks to the end, sources to the front, else the node that
 * gives most more than it takes. The edges that then run backwards are few and light. */
static void
cycles_order_group (Cycles *self,
                    Rest   *rest,
                    guint  *members,
                    guint   n_members)
{
  guint front = 0, back = n_members, left = n_members;

  while (left > 0)
    {
      guint best = G_MAXUINT, kept = 0;
      gboolean moved = FALSE;

      for (guint i = 0; i < left; i++)
        {
          guint u = members[i];

          if (rest->n_out[u] == 0 || rest->n_in[u] == 0)
            {
              self->sequence[u] = rest->n_in[u] == 0 ? front++ : --back;
              rest_take (self, rest, u);
              moved = TRUE;
              continue;
            }
          members[kept++] = u;
        }
      left = kept;
      if (moved)
        continue;
      for (guint i = 0; i < left; i++)
        if (best == G_MAXUINT || cycles_goes_first (self, rest, members[i], members[best]))
          best = i;
      if (best == G_MAXUINT)
        break;
      self->sequence[members[best]] = front++;
      rest_take (self, rest, members[best]);
      memmove (members + best, members + best + 1, (left - best - 1) * sizeof (guint));
      left--;
    }
}

/* Is there a way from @from to @to inside the group along edges that are not turned? */
static gboolean
cycles_reaches (const Cycles   *self,
                const gboolean *reversed,
                guint           from,
                guint           to,
                guint          *mark,
                guint           stamp,
                guint          *stack,
                guint          *visits)
{
  guint n_stack = 0;

  stack[n_stack++] = from;
  mark[from] = stamp;
  while (n_stack > 0)
    {
      guint u = stack[--n_stack];

      if (u == to)
        return TRUE;
      for (guint k = self->out.start[u]; k < self->out.start[u + 1]; k++)
        {
          guint e = self->out.item[k], v = self->edges[e].to;

          (*visits)++;
          if (reversed[e] || !cycles_is_inner (self, e) || mark[v] == stamp)
            continue;
          mark[v] = stamp;
          stack[n_stack++] = v;
        }
    }
  return FALSE;
}

static int
compare_heavier_first (gconstpointer a,
                       gconstpointer b,
                       gpointer      data)
{
  const FluoLayoutEdge *edges = data;
  guint i = *(const guint *) a, j = *(const guint *) b;

  if (edges[i].weight != edges[j].weight)
    return edges[i].weight > edges[j].weight ? -1 : 1;
  return i < j ? -1 : i > j;
}

/* The greedy order may turn an edge for nothing: heaviest first, turn back those that close no
 * cycle. */
static void
cycles_unturn (Cycles   *self,
               gboolean *reversed)
{
  g_autoptr(GArray) turned = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint *mark = g_new0 (guint, self->n_nodes);
  g_autofree guint *stack = g_new (guint, self->n_nodes);
  guint visits = 0;

  for (guint i = 0; i < self->n_edges; i++)
    if (reversed[i])
      g_array_append_val (turned, i);
  g_array_sort_with_data (turned, compare_heavier_first, (gpointer) self->edges);
  for (guint i = 0; i < turned->len && visits < UNTURN_VISITS_MAX; i++)
    {
      guint e = g_array_index (turned, guint, i);

      if (!cycles_reaches (self, reversed, self->edges[e].to, self->edges[e].from, mark, i + 1,
                           stack, &visits))
        reversed[e] = FALSE;
    }
}

/* Turns exactly the edges that run backwards in an order of the graph without the turned ones. This
 * changes nothing when the search above went to its end, and keeps the graph free of cycles when it
 * was cut short. */
static void
cycles_settle (Cycles   *self,
               gboolean *reversed)
{
  g_autofree guint *waiting = g_new0 (guint, self->n_nodes + 1);
  g_autofree guint *queue = g_new (guint, self->n_nodes + 1);
  guint head = 0, tail = 0;

  for (guint e = 0; e < self->n_edges; e++)
    waiting[self->edges[e].to] += !reversed[e] && cycles_is_inner (self, e);
  for (guint i = 0; i < self->n_nodes; i++)
    if (waiting[i] == 0)
      queue[tail++] = i;
  while (head < tail)
    {
      guint u = queue[head];

      self->sequence[u] = head++;
      for (guint k = self->out.start[u]; k < self->out.start[u + 1]; k++)
        {
          guint e = self->out.item[k];

          if (!reversed[e] && cycles_is_inner (self, e) && --waiting[self->edges[e].to] == 0)
            queue[tail++] = self->edges[e].to;
        }
    }
  for (guint e = 0; e < self->n_edges; e++)
    reversed[e] = cycles_is_inner (self, e) &&
                  self->sequence[self->edges[e].from] > self->sequence[self->edges[e].to];
}

void
fluo_layout_break_cycles (const FluoLayoutNode *nodes,
                          guint                 n_nodes,
                          const FluoLayoutEdge *edges,
                          guint                 n_edges,
                          gboolean             *reversed)
{
  g_autofree guint *members = g_new (guint, MAX (n_nodes, 1));
  g_autofree guint *count = NULL;
  Rest rest;
  Cycles cycles;

  cycles_init (&cycles, nodes, n_nodes, edges, n_edges);
  cycles_find_groups (&cycles);
  cycles_find_depths (&cycles);
  rest.n_in = g_new0 (guint, n_nodes);
  rest.n_out = g_new0 (guint, n_nodes);
  rest.balance = g_new0 (double, n_nodes);
  for (guint i = 0; i < n_edges; i++)
    if (cycles_is_inner (&cycles, i))
      {
        rest.n_out[edges[i].from]++;
        rest.n_in[edges[i].to]++;
        rest.balance[edges[i].from] += edges[i].weight;
        rest.balance[edges[i].to] -= edges[i].weight;
      }

  /* Nodes sorted by group; groups of one hold no cycle. */
  count = g_new0 (guint, cycles.n_groups + 1);
  for (guint i = 0; i < n_nodes; i++)
    count[cycles.group[i] + 1]++;
  for (guint i = 0; i < cycles.n_groups; i++)
    count[i + 1] += count[i];
  for (guint i = n_nodes; i-- > 0;)
    members[--count[cycles.group[i] + 1]] = i;
  for (guint i = 1; i <= cycles.n_groups; i++)
    {
      guint end = i < cycles.n_groups ? count[i + 1] : n_nodes;

      if (end - count[i] > 1)
        cycles_order_group (&cycles, &rest, members + count[i], end - count[i]);
    }
  for (guint i = 0; i < n_edges; i++)
    reversed[i] = cycles_is_inner (&cycles, i)
                  && cycles.sequence[edges[i].from] > cycles.sequence[edges[i].to];
  cycles_unturn (&cycles, reversed);
  cycles_settle (&cycles, reversed);

  g_free (rest.n_in);
  g_free (rest.n_out);
  g_free (rest.balance);
  cycles_clear (&cycles);
}

/* --- Ranks ---------------------------------------------------------------- */

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
  guint n_in = in->start[u + 1] - in->start[u], n_out = out->start[u + 1] - out->start[u];
  guint low = 0, high = G_MAXUINT, target;

  for (guint k = in->start[u]; k < in->start[u + 1]; k++)
    low = MAX (low, part->rank[in->item[k]] + 1);
  for (guint k = out->start[u]; k < out->start[u + 1]; k++)
    high = MIN (high, part->rank[out->item[k]] - 1);
  target = n_out > n_in ? high : low;
  if (target == part->rank[u])
    return FALSE;
  part->rank[u] = target;
  return TRUE;
}

/* Longest paths put every node as far left as they can; an entry that only calls something deep
 * moves up to it. */
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
          part->segments[part->n_segments++] = (FluoLayoutSegment) { from, lane, link->weight };
          from = lane;
        }
      part->segments[part->n_segments++] = (FluoLayoutSegment) { from, link->to, link->weight };
    }
}

void
fluo_layout_rank_part (FluoLayoutPart *part)
{
  g_autofree FluoLayoutSegment *segments = g_new (FluoLayoutSegment, MAX (part->n_links, 1));
  g_autofree guint *order = NULL;
  FluoLayoutRows out, in;

  for (guint i = 0; i < part->n_links; i++)
    segments[i] = (FluoLayoutSegment) { part->links[i].from, part->links[i].to, 0 };
  fluo_layout_rows_init (&out, segments, part->n_links, part->n_real, FALSE, FALSE);
  fluo_layout_rows_init (&in, segments, part->n_links, part->n_real, TRUE, FALSE);
  part->rank = g_new (guint, part->n_real);
  order = rank_longest_path (part, &out, &in);
  rank_compact (part, &out, &in, order);

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
