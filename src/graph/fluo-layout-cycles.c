/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Edges visited while looking for turned edges that need not be turned. Bounds the time on dense
 * cyclic graphs. */
#define UNTURN_VISITS_MAX 2000000

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
