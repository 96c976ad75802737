/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <string.h>

/* Network simplex for ranks (Gansner, Koutsofios, North, Vo: A technique for drawing directed
 * graphs, 1993): of all rankings with every link at least one rank long, one with the least sum of
 * lengths. It works on a spanning tree of links of length one. A tree link parts the nodes in two;
 * where more links run against it than with it, the two move together until another link becomes
 * tight and takes its place. */

/* Nodes and links visited at most; what is reached by then is kept, for every step is a better
 * ranking than the one before. */
#define VISITS_MAX 6000000

/* Steps in a row that gain nothing, after which it stops: ties could go round for ever. */
#define IDLE_MAX 64

#define NO_LINK G_MAXUINT

typedef struct
{
  guint                 n;
  const FluoLayoutLink *links;
  guint                 n_links;
  int                  *rank;
  gboolean             *in_tree; /* a link */
  int                  *net;     /* a node: edges out of it less those into it */
  /* The tree from node 0. Its links are in a list for each node: the ends of link i, its tail and
   * its head, are the entries 2 i and 2 i + 1. */
  guint                *head;    /* a node: the first entry */
  guint                *next, *previous;
  guint                *stack;   /* scratch */
  guint                *order;   /* nodes, parents before children */
  guint                *up;      /* a node: the link to its parent */
  guint                *first;   /* a node: its place in order */
  guint                *end;     /* a node: the place after its last descendant */
  int                  *sum;     /* a node: net of it and its descendants */
  int                  *cut;     /* a place in order: edges with the link to the node's parent less
                                  * those against it */
  guint                *start, *item; /* all links by node, as rows */
  guint64               visits;
} Simplex;

static int
simplex_slack (const Simplex *self,
               guint          link)
{
  return self->rank[self->links[link].to] - self->rank[self->links[link].from] - 1;
}

static void
simplex_add_end (Simplex *self, guint node, guint end)
{
  self->previous[end] = NO_LINK;
  self->next[end] = self->head[node];
  if (self->head[node] != NO_LINK)
    self->previous[self->head[node]] = end;
  self->head[node] = end;
}

static void
simplex_remove_end (Simplex *self, guint node, guint end)
{
  if (self->next[end] != NO_LINK)
    self->previous[self->next[end]] = self->previous[end];
  if (self->previous[end] != NO_LINK)
    self->next[self->previous[end]] = self->next[end];
  else
    self->head[node] = self->next[end];
}

static void
simplex_add (Simplex *self, guint link)
{
  self->in_tree[link] = TRUE;
  simplex_add_end (self, self->links[link].from, 2 * link);
  simplex_add_end (self, self->links[link].to, 2 * link + 1);
}

static void
simplex_remove (Simplex *self, guint link)
{
  self->in_tree[link] = FALSE;
  simplex_remove_end (self, self->links[link].from, 2 * link);
  simplex_remove_end (self, self->links[link].to, 2 * link + 1);
}

static inline guint
simplex_other_end (const Simplex *self, guint end)
{
  return end % 2 == 0 ? self->links[end / 2].to : self->links[end / 2].from;
}

/* Numbers what is under @root anew, in preorder, with the extent of every subtree and its sum. It
 * is the same set of nodes as before, so they keep their stretch of the order. Without recursion:
 * chains can be long. */
static void
simplex_walk (Simplex *self, guint root)
{
  guint n_stack = 0, begin = self->first[root], n = begin;

  self->stack[n_stack++] = root;
  while (n_stack > 0)
    {
      guint u = self->stack[--n_stack];

      self->first[u] = n;
      self->order[n++] = u;
      self->sum[u] = self->net[u];
      for (guint end = self->head[u]; end != NO_LINK; end = self->next[end])
        if (end / 2 != self->up[u])
          {
            guint v = simplex_other_end (self, end);

            self->up[v] = end / 2;
            self->stack[n_stack++] = v;
          }
    }
  for (guint i = n; i-- > begin;)
    {
      guint u = self->order[i];

      self->end[u] = i + 1;
      for (guint end = self->head[u]; end != NO_LINK; end = self->next[end])
        if (end / 2 != self->up[u])
          {
            guint v = simplex_other_end (self, end);

            self->sum[u] += self->sum[v];
            self->end[u] = MAX (self->end[u], self->end[v]);
          }
      if (self->up[u] != NO_LINK)
        self->cut[i] = self->links[self->up[u]].from == u ? self->sum[u] : -self->sum[u];
    }
  self->visits += 2 * (n - begin);
}

/* Grows a tree of tight links from node 0; the part that it reaches moves until another node is
 * reached. FALSE when that is too much work. */
static gboolean
simplex_make_tree (Simplex *self)
{
  g_autofree gboolean *reached = g_new0 (gboolean, self->n);
  guint n_reached = 1;

  reached[0] = TRUE;
  while (n_reached < self->n)
    {
      guint nearest = NO_LINK, before = n_reached;
      int least = G_MAXINT;

      for (guint i = 0; i < self->n_links; i++)
        {
          guint from = self->links[i].from, to = self->links[i].to;
          int slack;

          if (reached[from] == reached[to])
            continue;
          slack = simplex_slack (self, i);
          if (slack == 0)
            {
              simplex_add (self, i);
              reached[from] = reached[to] = TRUE;
              n_reached++;
            }
          else if (slack < least)
            {
              least = slack;
              nearest = i;
            }
        }
      self->visits += self->n_links;
      if (self->visits > VISITS_MAX)
        return FALSE;
      if (n_reached > before)
        continue;
      g_assert (nearest != NO_LINK);
      if (reached[self->links[nearest].to])
        least = -least;
      for (guint i = 0; i < self->n; i++)
        if (reached[i])
          self->rank[i] += least;
      self->visits += self->n;
    }
  return TRUE;
}

static inline gboolean
simplex_is_under (const Simplex *self,
                  guint          node,
                  guint          top)
{
  return self->first[node] >= self->first[top] && self->first[node] < self->end[top];
}

/* The node whose link to its parent should go: the one with most edges against it. */
static guint
simplex_find_leaving (const Simplex *self)
{
  guint found = G_MAXUINT;
  int least = 0;

  for (guint i = 1; i < self->n; i++)
    if (self->cut[i] < least)
      {
        least = self->cut[i];
        found = i;
      }
  return found == G_MAXUINT ? G_MAXUINT : self->order[found];
}

/* The shortest of the links between the leaving link's head side and its tail side, and of these
 * the first: they are looked for from the smaller side. */
static guint
simplex_find_entering (Simplex *self, guint top, gboolean tail_under, int *ret_least)
{
  gboolean inside = self->end[top] - self->first[top] < self->n / 2;
  guint begin = inside ? self->first[top] : 0, end = inside ? self->end[top] : self->n;
  guint entering = NO_LINK;
  int least = G_MAXINT;

  for (guint i = begin; i < end; i++)
    {
      guint u = self->order[i];

      if (!inside && i == self->first[top])
        {
          i = self->end[top] - 1;
          continue;
        }
      self->visits += 1 + self->start[u + 1] - self->start[u];
      for (guint k = self->start[u]; k < self->start[u + 1]; k++)
        {
          guint link = self->item[k], from = self->links[link].from, to = self->links[link].to;
          gboolean from_under = from == u ? inside : simplex_is_under (self, from, top);
          gboolean to_under = to == u ? inside : simplex_is_under (self, to, top);
          int slack;

          if (from_under == to_under || from_under == tail_under)
            continue;
          slack = simplex_slack (self, link);
          if (slack < least || (slack == least && link < entering))
            {
              least = slack;
              entering = link;
            }
        }
    }
  *ret_least = least;
  return entering;
}

/* One step; FALSE when the ranking is the best there is. */
static gboolean
simplex_step (Simplex *self,
              guint   *idle)
{
  guint top = simplex_find_leaving (self), root = top, leaving, entering;
  gboolean tail_under;
  int least;

  if (top == G_MAXUINT)
    return FALSE;
  leaving = self->up[top];
  tail_under = self->links[leaving].from == top;
  entering = simplex_find_entering (self, top, tail_under, &least);
  if (entering == NO_LINK)
    return FALSE;
  if (least > 0)
    for (guint i = self->first[top]; i < self->end[top]; i++)
      self->rank[self->order[i]] += tail_under ? -least : least;
  *idle = least > 0 ? 0 : *idle + 1;
  /* What hangs together as before is not under the nearest node that has all ends under it. */
  while (!simplex_is_under (self, self->links[entering].from, root)
         || !simplex_is_under (self, self->links[entering].to, root))
    root = self->links[self->up[root]].from == root ? self->links[self->up[root]].to
                                                    : self->links[self->up[root]].from;
  simplex_remove (self, leaving);
  simplex_add (self, entering);
  simplex_walk (self, root);
  return *idle < IDLE_MAX;
}

static void
simplex_init (Simplex *self, const guint *rank)
{
  guint n = self->n, n_links = MAX (self->n_links, 1);

  self->rank = g_new (int, n);
  self->in_tree = g_new0 (gboolean, n_links);
  self->net = g_new0 (int, n);
  self->head = g_new (guint, n);
  self->next = g_new (guint, 2 * n_links);
  self->previous = g_new (guint, 2 * n_links);
  self->stack = g_new (guint, n);
  self->order = g_new (guint, n);
  self->up = g_new (guint, n);
  self->first = g_new0 (guint, n);
  self->end = g_new (guint, n);
  self->sum = g_new (int, n);
  self->cut = g_new0 (int, n);
  self->start = g_new0 (guint, n + 2);
  self->item = g_new (guint, 2 * n_links);
  for (guint i = 0; i < n; i++)
    {
      self->rank[i] = (int) rank[i];
      self->head[i] = NO_LINK;
    }
  for (guint i = 0; i < self->n_links; i++)
    {
      self->net[self->links[i].from] += (int) self->links[i].n_edges;
      self->net[self->links[i].to] -= (int) self->links[i].n_edges;
      self->start[self->links[i].from + 2]++;
      self->start[self->links[i].to + 2]++;
    }
  for (guint i = 2; i < n + 2; i++)
    self->start[i] += self->start[i - 1];
  for (guint i = 0; i < self->n_links; i++)
    {
      self->item[self->start[self->links[i].from + 1]++] = i;
      self->item[self->start[self->links[i].to + 1]++] = i;
    }
}

static void
simplex_clear (Simplex *self)
{
  g_free (self->rank);
  g_free (self->in_tree);
  g_free (self->net);
  g_free (self->head);
  g_free (self->next);
  g_free (self->previous);
  g_free (self->stack);
  g_free (self->order);
  g_free (self->up);
  g_free (self->first);
  g_free (self->end);
  g_free (self->sum);
  g_free (self->cut);
  g_free (self->start);
  g_free (self->item);
}

/* Makes @rank of @n connected nodes, which is a ranking already, a shorter one; it begins at 0. */
void
fluo_layout_shorten_ranks (const FluoLayoutLink *links, guint n_links, guint n, guint *rank)
{
  Simplex self = { .n = n, .links = links, .n_links = n_links };
  guint idle = 0;
  int least = G_MAXINT;

  simplex_init (&self, rank);
  if (simplex_make_tree (&self))
    {
      self.up[0] = NO_LINK;
      simplex_walk (&self, 0);
      while (self.visits < VISITS_MAX && simplex_step (&self, &idle))
        ;
    }
  for (guint i = 0; i < n; i++)
    least = MIN (least, self.rank[i]);
  for (guint i = 0; i < n; i++)
    rank[i] = (guint) (self.rank[i] - least);
  simplex_clear (&self);
}
