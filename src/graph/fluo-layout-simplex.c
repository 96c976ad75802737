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
  int                  *net;     /* a node: links out of it less those into it */
  /* The tree from node 0, remade after every step. */
  guint                *start, *item; /* tree links by node, as rows */
  guint                *order;   /* nodes, parents before children */
  guint                *up;      /* a node: the link to its parent */
  guint                *first;   /* a node: its place in order */
  guint                *end;     /* a node: the place after its last descendant */
  int                  *sum;     /* a node: net of it and its descendants */
  guint64               visits;
} Simplex;

static int
simplex_slack (const Simplex *self,
               guint          link)
{
  return self->rank[self->links[link].to] - self->rank[self->links[link].from] - 1;
}

static void
simplex_make_rows (Simplex *self)
{
  memset (self->start, 0, (self->n + 2) * sizeof (guint));
  for (guint i = 0; i < self->n_links; i++)
    if (self->in_tree[i])
      {
        self->start[self->links[i].from + 2]++;
        self->start[self->links[i].to + 2]++;
      }
  for (guint i = 2; i < self->n + 2; i++)
    self->start[i] += self->start[i - 1];
  for (guint i = 0; i < self->n_links; i++)
    if (self->in_tree[i])
      {
        self->item[self->start[self->links[i].from + 1]++] = i;
        self->item[self->start[self->links[i].to + 1]++] = i;
      }
  self->visits += self->n + self->n_links;
}

/* Preorder with the extent of every subtree, without recursion: chains can be long. */
static void
simplex_walk (Simplex *self)
{
  g_autofree guint *stack = g_new (guint, self->n);
  guint n_stack = 0, n = 0;

  stack[n_stack++] = 0;
  self->up[0] = NO_LINK;
  while (n_stack > 0)
    {
      guint u = stack[--n_stack];

      self->first[u] = n;
      self->order[n++] = u;
      for (guint k = self->start[u]; k < self->start[u + 1]; k++)
        {
          const FluoLayoutLink *link = &self->links[self->item[k]];
          guint v = link->from == u ? link->to : link->from;

          if (self->item[k] == self->up[u])
            continue;
          self->up[v] = self->item[k];
          stack[n_stack++] = v;
        }
    }
  for (guint i = n; i-- > 0;)
    {
      guint u = self->order[i];

      self->sum[u] = self->net[u];
      self->end[u] = i + 1;
      for (guint k = self->start[u]; k < self->start[u + 1]; k++)
        {
          const FluoLayoutLink *link = &self->links[self->item[k]];
          guint v = link->from == u ? link->to : link->from;

          if (self->item[k] == self->up[u])
            continue;
          self->sum[u] += self->sum[v];
          self->end[u] = MAX (self->end[u], self->end[v]);
        }
    }
  self->visits += 2 * self->n;
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
              self->in_tree[i] = TRUE;
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

/* The node whose link to its parent should go: the one with most links against it. */
static guint
simplex_find_leaving (const Simplex *self)
{
  guint found = G_MAXUINT;
  int least = 0;

  for (guint i = 1; i < self->n; i++)
    {
      guint u = self->order[i];
      int cut = self->links[self->up[u]].from == u ? self->sum[u] : -self->sum[u];

      if (cut < least)
        {
          least = cut;
          found = u;
        }
    }
  return found;
}

/* One step; FALSE when the ranking is the best there is. */
static gboolean
simplex_step (Simplex *self,
              guint   *idle)
{
  guint top = simplex_find_leaving (self), leaving, entering = NO_LINK;
  gboolean tail_under;
  int least = G_MAXINT;

  if (top == G_MAXUINT)
    return FALSE;
  leaving = self->up[top];
  tail_under = self->links[leaving].from == top;
  for (guint i = 0; i < self->n_links; i++)
    {
      gboolean from_under = simplex_is_under (self, self->links[i].from, top);
      gboolean to_under = simplex_is_under (self, self->links[i].to, top);
      int slack;

      /* From the leaving link's head side to its tail side. */
      if (from_under == to_under || from_under == tail_under)
        continue;
      slack = simplex_slack (self, i);
      if (slack < least)
        {
          least = slack;
          entering = i;
        }
    }
  self->visits += self->n_links;
  if (entering == NO_LINK)
    return FALSE;
  if (least > 0)
    for (guint i = 0; i < self->n; i++)
      if (simplex_is_under (self, i, top))
        self->rank[i] += tail_under ? -least : least;
  *idle = least > 0 ? 0 : *idle + 1;
  self->in_tree[leaving] = FALSE;
  self->in_tree[entering] = TRUE;
  simplex_make_rows (self);
  simplex_walk (self);
  return *idle < IDLE_MAX;
}

/* Makes @rank of @n connected nodes, which is a ranking already, a shorter one; it begins at 0. */
void
fluo_layout_shorten_ranks (const FluoLayoutLink *links,
                           guint                 n_links,
                           guint                 n,
                           guint                *rank)
{
  Simplex self = { .n = n, .links = links, .n_links = n_links };
  guint idle = 0;
  int least = G_MAXINT;

  self.rank = g_new (int, n);
  self.in_tree = g_new0 (gboolean, MAX (n_links, 1));
  self.net = g_new0 (int, n);
  self.start = g_new (guint, n + 2);
  self.item = g_new (guint, 2 * n + 1);
  self.order = g_new (guint, n);
  self.up = g_new (guint, n);
  self.first = g_new (guint, n);
  self.end = g_new (guint, n);
  self.sum = g_new (int, n);
  for (guint i = 0; i < n; i++)
    self.rank[i] = (int) rank[i];
  for (guint i = 0; i < n_links; i++)
    {
      self.net[links[i].from]++;
      self.net[links[i].to]--;
    }
  if (simplex_make_tree (&self))
    {
      simplex_make_rows (&self);
      simplex_walk (&self);
      while (self.visits < VISITS_MAX && simplex_step (&self, &idle))
        ;
    }
  for (guint i = 0; i < n; i++)
    least = MIN (least, self.rank[i]);
  for (guint i = 0; i < n; i++)
    rank[i] = (guint) (self.rank[i] - least);
  g_free (self.rank);
  g_free (self.in_tree);
  g_free (self.net);
  g_free (self.start);
  g_free (self.item);
  g_free (self.order);
  g_free (self.up);
  g_free (self.first);
  g_free (self.end);
  g_free (self.sum);
}
