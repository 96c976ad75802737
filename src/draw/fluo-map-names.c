/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "draw/fluo-map-private.h"

/* Dots are too close for all their names. What is wrong and where one comes in are named first,
 * then what is called most, each where its name lies over no dot and no other name. */

/* More would be a list. */
#define NAMES_MAX 40
/* Of those that are tried: the rest has no room, either. */
#define TRIED_MAX 200
/* Between two columns; where that is too little for a word, a name may be as wide as the other. */
#define WIDTH_PX 160.0
#define WORD_PX 50.0
#define WORDS_PX 104.0
#define NAME_CHARS_MAX 160
#define GAP_PX 3.0
#define FAULT_RATE_MIN 0.01

typedef struct
{
  guint  node;
  double weight;
} Candidate;

static int
compare_candidates (gconstpointer a,
                    gconstpointer b)
{
  const Candidate *one = a;
  const Candidate *other = b;

  if (one->weight != other->weight)
    return one->weight < other->weight ? 1 : -1;
  return one->node < other->node ? -1 : one->node > other->node;
}

/* What rings, fails or is slow, the more of it the sooner; entries; then by calls, a part of 1. */
static double
weigh (const FluoMapNode   *box,
       const FluoGraphNode *node,
       gint64               calls_max)
{
  const gint64 calls = fluo_call_stats_total (&node->stats);
  const double faults = fluo_call_stats_fault_rate (&node->stats);
  double weight = calls_max > 0 ? (double) calls / (double) calls_max : 0;

  if (box->bell.width > 0)
    weight += 16;
  if (faults >= FAULT_RATE_MIN)
    weight += 8 + faults * 4;
  if (box->change && fluo_graph_change_is_change (box->change))
    weight += 8;
  if (box->usual && box->usual->pace > 0)
    weight += 4;
  if (node->root)
    weight += 2;
  return weight;
}

static gboolean
has_room (const FluoMap *self,
          guint          index)
{
  const FluoMapBox *label = &self->nodes[index].label;
  const FluoMapBox wide = { label->x - GAP_PX, label->y, label->width + 2 * GAP_PX, label->height };

  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoMapNode *other = &self->nodes[i];
      const FluoMapBox dot = { other->x - other->radius, other->y - other->radius,
                               2 * other->radius, 2 * other->radius };

      if (fluo_map_box_overlaps (&wide, &dot) ||
          (i != index && other->label.width > 0 && fluo_map_box_overlaps (&wide, &other->label)))
        return FALSE;
    }
  return TRUE;
}

/* Under the dot, or else above it. Sideways the calls come and go. */
static gboolean
place (FluoMap     *self,
       FluoMapNode *box)
{
  /* Nothing follows below it. */
  box->label.height -= 2 * self->text_scale;
  if (has_room (self, box->node))
    return TRUE;
  box->label.y = box->y - box->radius - box->label.height - 2 * self->text_scale;
  if (has_room (self, box->node))
    return TRUE;
  box->label = (FluoMapBox) { 0 };
  return FALSE;
}

void
fluo_map_layout_names (FluoMap                *self,
                       FluoPainter            *painter,
                       const FluoServiceGraph *graph)
{
  const double column = WIDTH_PX * self->view.zoom;
  const double width = column >= WORD_PX ? column : WORDS_PX;
  g_autoptr (GArray) candidates = g_array_sized_new (FALSE, FALSE, sizeof (Candidate),
                                                     self->n_nodes);
  gint64 calls_max = 0;
  guint n_named = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      calls_max = MAX (calls_max, fluo_call_stats_total (&node->stats));
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoMapNode *box = &self->nodes[i];
      const Candidate item = { i, weigh (box, g_ptr_array_index (graph->nodes, i), calls_max) };

      /* Wherever it is: names must not come and go while the map is moved. */
      if (!box->dimmed)
        g_array_append_val (candidates, item);
    }
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len; i++)
    {
      const guint index = g_array_index (candidates, Candidate, i).node;
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, index);
      FluoMapNode *box = &self->nodes[index];

      if (i < TRIED_MAX && n_named < NAMES_MAX)
        {
          fluo_map_layout_name (self, painter, graph, box, width);
          if (place (self, box))
            {
              n_named++;
              /* As of any label, with what a selected one moves down. */
              box->bounds = fluo_map_box_union (box->bounds, box->label);
              box->bounds.height += 9;
              continue;
            }
        }
      /* For when it is pointed at or selected, over whatever is there. */
      g_free (box->name);
      box->name = fluo_format_untrusted (fluo_kind_get_display_name (node->type, node->name),
                                         NAME_CHARS_MAX);
    }
}
