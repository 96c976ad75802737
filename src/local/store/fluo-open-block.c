/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"

#include "local/store/fluo-block.h"

/* What of the store is not sealed yet: in memory alone, and seen by everybody. */

/* --- Graphs --------------------------------------------------------------- */

static void
graph_part_clear (gpointer data)
{
  fluo_service_graph_unref (((FluoGraphPart *) data)->graph);
}

GArray *
fluo_graph_parts_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (FluoGraphPart));

  g_array_set_clear_func (self, graph_part_clear);
  return self;
}

void
fluo_graph_parts_append (GArray *self, GArray *others)
{
  for (guint i = 0; i < others->len; i++)
    {
      FluoGraphPart part = g_array_index (others, FluoGraphPart, i);

      fluo_service_graph_ref (part.graph);
      g_array_append_val (self, part);
    }
}

/* --- Traces --------------------------------------------------------------- */

FluoOpenTrace *
fluo_open_trace_new (const FluoTraceEntry *entry, FluoFactsBlock *facts)
{
  FluoOpenTrace *self = g_new0 (FluoOpenTrace, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->entry = *entry;
  self->facts = facts ? fluo_facts_block_ref (facts) : NULL;
  return self;
}

FluoOpenTrace *
fluo_open_trace_ref (FluoOpenTrace *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_open_trace_unref (FluoOpenTrace *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->facts, fluo_facts_block_unref);
  g_free (self);
}

/* --- Blocks --------------------------------------------------------------- */

FluoOpenBlock *
fluo_open_block_new (guint64 number)
{
  FluoOpenBlock *self = g_new0 (FluoOpenBlock, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->number = number;
  self->traces = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_open_trace_unref);
  self->graphs = fluo_graph_parts_new ();
  return self;
}

FluoOpenBlock *
fluo_open_block_copy (FluoOpenBlock *self)
{
  FluoOpenBlock *copy = fluo_open_block_new (self->number);

  for (guint i = 0; i < self->traces->len; i++)
    g_ptr_array_add (copy->traces, fluo_open_trace_ref (self->traces->pdata[i]));
  fluo_graph_parts_append (copy->graphs, self->graphs);
  return copy;
}

FluoOpenBlock *
fluo_open_block_ref (FluoOpenBlock *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_open_block_unref (FluoOpenBlock *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->traces);
  g_array_unref (self->graphs);
  g_free (self);
}

int
fluo_open_block_find (const FluoOpenBlock *self, const FluoTraceId *id)
{
  int i = (int) self->traces->len - 1;

  while (i >= 0 &&
         !fluo_trace_id_equal (&((FluoOpenTrace *) self->traces->pdata[i])->entry.id, id))
    i--;
  return i;
}

FluoServiceGraph *
fluo_open_block_get_graph (FluoOpenBlock *self, gint64 key)
{
  FluoGraphPart part = { key, NULL };

  for (guint i = self->graphs->len; i-- > 0;)
    {
      FluoGraphPart *found = &g_array_index (self->graphs, FluoGraphPart, i);

      if (found->key != key)
        continue;
      if (!g_atomic_ref_count_compare (&found->graph->ref_count, 1))
        {
          FluoServiceGraph *copy = fluo_service_graph_new ();

          fluo_service_graph_merge (copy, found->graph);
          fluo_service_graph_unref (found->graph);
          found->graph = copy;
        }
      return found->graph;
    }
  part.graph = fluo_service_graph_new ();
  g_array_append_val (self->graphs, part);
  return part.graph;
}
