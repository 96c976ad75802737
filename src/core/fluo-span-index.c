/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-private.h"

#include <string.h>

#define FIRST_SIZE 16

void
fluo_span_index_init (FluoSpanIndex *self, gsize n_ids, gsize n_spans)
{
  gsize size = FIRST_SIZE;

  while (size * 3 < n_ids * 4)
    size *= 2;
  memset (self, 0, sizeof *self);
  self->mask = size - 1;
  /* The index of ones would be FLUO_MAP_NONE with a tag of ones. */
  while (self->index_mask < n_spans)
    self->index_mask = self->index_mask << 1 | 1;
  self->slots = g_new (guint32, size);
  fluo_span_index_empty (self);
}

void
fluo_span_index_empty (FluoSpanIndex *self)
{
  memset (self->slots, 0xff, (self->mask + 1) * sizeof *self->slots);
}

void
fluo_span_index_clear (FluoSpanIndex *self)
{
  g_clear_pointer (&self->slots, g_free);
  fluo_id_map_clear (&self->aliases);
}

void
fluo_span_index_renumber (FluoSpanIndex *self, const guint32 *new_of)
{
  for (gsize i = 0; self->slots && i <= self->mask; i++)
    if (self->slots[i] != FLUO_MAP_NONE)
      self->slots[i] =
        (self->slots[i] & ~self->index_mask) | new_of[self->slots[i] & self->index_mask];
}
