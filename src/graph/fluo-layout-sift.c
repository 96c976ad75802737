/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-sift-private.h"

#include <string.h>

/* Sifting, node by node and lane by lane: each in turn goes to the place in its column where it has
 * the fewest crossings (Matuszewski, Schönfeld, Molitor: Using sifting for k-layer straightline
 * crossing minimization, 1999). */

/* Pairs that are compared until all are settled: so many for each node, within bounds. */
#define COMPARED_PER_NODE 300
#define COMPARED_MIN 10000
#define COMPARED_MAX 150000
#define COMPARED_PER_SIFT 8 /* what a node costs before anything is compared */

/* How far a node looks for a better place: it has been near the best since edges were sifted. */
#define REACH 12

/* Pairs that are compared in shaking for each node that has crossings, while there are less in all
 * than the most. */
#define SHAKEN_PER_CROSSED 325

/* So many shakes a node until those with crossings are looked for anew. */
#define CROSSED_ROUNDS 1

/* Shaking: how far one is pushed, and how many crossings that may cost: more are hardly ever won
 * back. */
#define SHAKE_REACH 4
#define SHAKE_LOSS_MAX 6

/* How many neighbours on either side are sifted in consequence, how many of them and of their own
 * neighbours in all, and how far all these look for a better place. */
#define SHAKE_NEIGHBOURS_MAX 3
#define SHAKE_SIFTED_MAX 8
#define SHAKE_SIFT_REACH 6

/* Moves @count places down. */
static void
sift_move_down (FluoLayoutSifting *self, guint *at, guint node, guint count)
{
  guint *pos = self->part->pos;

  for (guint i = 0; i < count; i++)
    {
      if (self->gains)
        fluo_layout_add_gains (self, node, at[i + 1], 2);
      at[i] = at[i + 1];
      pos[at[i]]--;
    }
  at[count] = node;
  pos[node] += count;
}

static void
sift_move_up (FluoLayoutSifting *self, guint *at, guint node, guint count)
{
  guint *pos = self->part->pos;

  for (guint i = 0; i < count; i++, at--)
    {
      if (self->gains)
        fluo_layout_add_gains (self, node, at[-1], -2);
      at[0] = at[-1];
      pos[at[0]]++;
    }
  at[0] = node;
  pos[node] -= count;
}

static void
sift_move (FluoLayoutSifting *self, guint node, guint to)
{
  guint from = self->part->pos[node];
  guint *at = self->part->layer + self->part->layer_start[self->part->rank[node]] + from;

  if (self->n_moves < G_N_ELEMENTS (self->moves))
    self->moves[self->n_moves++] = (FluoLayoutMove) { node, from };
  if (to > from)
    sift_move_down (self, at, node, to - from);
  else
    sift_move_up (self, at, node, from - to);
}

/* Looks for a better place than the one at @at, as many as @count away, a step being 1 to go down
 * and -1 to go up. Returns the crossings saved there, if they are more than @most; @ret_moved is
 * how far it is. */
static inline gint
sift_look (const FluoLayoutSifting *self, const guint *at, guint count, gint step, gint most,
           gint *ret_moved)
{
  gint sum = 0;

  for (gint i = 1; i <= (gint) count; i++)
    {
      sum += step * fluo_layout_gain (self, *at, at[step * i]);
      if (sum > most)
        {
          most = sum;
          *ret_moved = step * i;
        }
    }
  return most;
}

/* Puts a node in its best place. Returns the crossings saved. */
static gint
sift_node (FluoLayoutSifting *self, guint node)
{
  const FluoLayoutPart *part = self->part;
  guint first = part->layer_start[part->rank[node]], from = part->pos[node];
  const guint *at = part->layer + first + from;
  guint below = part->layer_start[part->rank[node] + 1] - first - from - 1;
  gint moved = 0, most;

  most = sift_look (self, at, MIN (below, self->reach), 1, 0, &moved);
  most = sift_look (self, at, MIN (from, self->reach), -1, most, &moved);
  self->compared += COMPARED_PER_SIFT + MIN (below, self->reach) + MIN (from, self->reach);
  if (moved != 0)
    sift_move (self, node, (guint) ((gint) from + moved));
  return most;
}

/* --- Shaking -------------------------------------------------------------- */

/* Not g_rand: its sequence depends on an environment variable. Xorshift, Marsaglia 2003. */
static guint
get_random (guint64 *state, guint below)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (guint) ((*state >> 11) % below);
}

/* Puts one node anywhere else that is near, unless that costs too much. @ret_saved: crossings,
 * mostly less than none. */
static gboolean
kick_node (FluoLayoutSifting *self, guint node, guint64 *random, gint *ret_saved)
{
  const FluoLayoutPart *part = self->part;
  guint rank = part->rank[node], from = part->pos[node];
  const guint *layer = part->layer + part->layer_start[rank];
  guint size = part->layer_start[rank + 1] - part->layer_start[rank];
  guint low = from - MIN (from, SHAKE_REACH), high = MIN (size - 1, from + SHAKE_REACH);
  guint to;
  gint saved = 0;

  self->compared += COMPARED_PER_SIFT;
  if (high == low)
    return FALSE;
  to = low + get_random (random, high - low);
  to += to >= from;
  for (guint i = from + 1; i <= to; i++)
    saved += fluo_layout_gain (self, node, layer[i]);
  for (guint i = from; i-- > to;)
    saved -= fluo_layout_gain (self, node, layer[i]);
  if (saved < -SHAKE_LOSS_MAX)
    return FALSE;
  sift_move (self, node, to);
  *ret_saved = saved;
  return TRUE;
}

/* Adds neighbours to those that will be sifted. */
static guint
list_neighbours (const FluoLayoutRows *rows, guint node, guint *list, guint n)
{
  guint first = rows->start[node];
  guint end = MIN (rows->start[node + 1], first + SHAKE_NEIGHBOURS_MAX);

  for (guint k = first; k < end && n < SHAKE_SIFTED_MAX; k++)
    list[n++] = rows->item[k];
  return n;
}

/* Sifts the neighbours of a node that moved, and theirs where they move too, so that a long edge
 * can follow as a whole. */
static gint
sift_neighbours (FluoLayoutSifting *self, guint node)
{
  guint list[SHAKE_SIFTED_MAX], n;
  gint saved = 0;

  n = list_neighbours (self->pred, node, list, 0);
  n = list_neighbours (self->succ, node, list, n);
  for (guint i = 0; i < n; i++)
    {
      guint from = self->part->pos[list[i]];

      saved += sift_node (self, list[i]);
      if (self->part->pos[list[i]] == from)
        continue;
      n = list_neighbours (self->pred, list[i], list, n);
      n = list_neighbours (self->succ, list[i], list, n);
    }
  return saved;
}

static void
sift_undo (FluoLayoutSifting *self)
{
  for (guint n = self->n_moves; n-- > 0;)
    {
      FluoLayoutMove move = self->moves[n];

      self->n_moves = G_N_ELEMENTS (self->moves);
      sift_move (self, move.node, move.pos);
    }
}

/* Fills in the nodes that have crossings. Returns how many they are. */
static guint
list_crossed (const FluoLayoutSifting *self, guint *crossed)
{
  g_autofree guint8 *is_crossed = g_new (guint8, self->part->n);
  guint n = 0;

  fluo_layout_find_crossed (self->part, self->succ, is_crossed);
  for (guint u = 0; u < self->part->n; u++)
    if (is_crossed[u])
      crossed[n++] = u;
  return n;
}

/* Iterated local search (Lourenço, Martin, Stützle 2003): one that has crossings is pushed away,
 * its neighbours and itself are sifted, and what came out is kept unless it is worse. Every turn
 * counts as compared, so that it ends. */
static void
sift_shake (FluoLayoutSifting *self)
{
  guint n = self->part->n, n_crossed = 0;
  guint64 random = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  g_autofree guint *crossed = g_new (guint, n);

  self->reach = SHAKE_SIFT_REACH;
  for (guint64 i = 0; i == 0 || self->compared < self->compared_max; i++)
    {
      guint node;
      gint saved;

      if (i % (CROSSED_ROUNDS * n) == 0)
        n_crossed = list_crossed (self, crossed);
      if (i == 0)
        self->compared_max =
          MIN (COMPARED_MAX, self->compared + SHAKEN_PER_CROSSED * (guint64) n_crossed);
      if (n_crossed == 0)
        break;
      node = crossed[get_random (&random, n_crossed)];
      self->n_moves = 0;
      if (!kick_node (self, node, &random, &saved))
        continue;
      saved += sift_neighbours (self, node);
      saved += sift_node (self, node);
      if (saved < 0)
        sift_undo (self);
    }
}

static void
sift_unsettle (FluoLayoutSifting *self, const FluoLayoutRows *rows, guint node)
{
  for (guint k = rows->start[node]; k < rows->start[node + 1]; k++)
    self->unsettled[rows->item[k]] = TRUE;
}

/* Sifts until nothing is unsettled. */
static void
sift_settle (FluoLayoutSifting *self)
{
  guint n = self->part->n;
  g_autofree guint *turn = g_new (guint, n);
  gboolean any = TRUE;

  while (any && self->compared < self->compared_max)
    {
      any = FALSE;
      memcpy (turn, self->part->layer, n * sizeof (guint));
      for (guint i = 0; i < n && self->compared < self->compared_max; i++)
        {
          if (!self->unsettled[turn[i]])
            continue;
          self->unsettled[turn[i]] = FALSE;
          if (sift_node (self, turn[i]) == 0)
            continue;
          sift_unsettle (self, self->pred, turn[i]);
          sift_unsettle (self, self->succ, turn[i]);
          any = TRUE;
        }
    }
}

void
fluo_layout_sift_lanes (FluoLayoutPart *part, FluoLayoutRows *succ, FluoLayoutRows *pred,
                        const guint8 *crossed)
{
  FluoLayoutSifting self = { .part = part, .succ = succ, .pred = pred };

  self.unsettled = g_memdup2 (crossed, part->n);
  self.compared_max = CLAMP (COMPARED_PER_NODE * (guint64) part->n, COMPARED_MIN, COMPARED_MAX);
  self.reach = REACH;
  fluo_layout_make_gains (&self);
  sift_settle (&self);
  sift_shake (&self);
  fluo_layout_clear_gains (&self);
  g_free (self.unsettled);
}
