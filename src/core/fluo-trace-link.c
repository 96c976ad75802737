/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <string.h>

/* From entries in the order of arrival to a forest. Everything here is linear in the number of
 * entries. */

#define AHEAD 12 /* entries for which memory is asked before they are looked at */

#define ENTRY(self, i) (fluo_entry_list_get (&(self)->entries, (i)))

/* Room for the ids of all entries, in two tables: of the trace, and of those it is linked with. */
static void
make_tables (FluoTraceBuilder *self)
{
  gsize n[2] = { self->entries.n - self->n_linked, self->n_linked };

  for (guint k = 0; k < G_N_ELEMENTS (n); k++)
    if (n[k] > 0)
      fluo_span_index_init (&self->by_id[k], n[k], self->entries.n);
}

static inline FluoSpanIndex *
index_of (FluoTraceBuilder *self, const FluoBuilderEntry *entry)
{
  return &self->by_id[(entry->flags & FLUO_SPAN_LINKED) != 0];
}

/* Which of the entries that @index holds has @id; FLUO_MAP_NONE: none, and @at is where it would
 * be. */
static inline guint32
look_up (FluoTraceBuilder *self, const FluoSpanIndex *index, guint64 id, FluoSpanPlace *at)
{
  guint32 found;

  *at = fluo_span_index_begin (index, id);
  found = fluo_span_index_look (index, at);
  while (found != FLUO_MAP_NONE && ENTRY (self, found)->id != id)
    found = fluo_span_index_look_on (index, at);
  return found;
}

/* A large table is in no cache: the memory is asked for while other entries are worked on. */
static inline void
fetch_slot (FluoTraceBuilder *self, const FluoBuilderEntry *entry)
{
  const FluoSpanIndex *index = index_of (self, entry);

  if (entry->id != 0)
    __builtin_prefetch (&index->slots[fluo_id_hash (entry->id) & index->mask], 1);
}

static guint32
find_entry (FluoTraceBuilder *self, const FluoBuilderEntry *like, guint64 id)
{
  const FluoSpanIndex *index = index_of (self, like);
  FluoSpanPlace at;

  return index->slots ? look_up (self, index, id, &at) : FLUO_SPAN_NONE;
}

/* The entry that counts for @i. A chain has at most three links: two versions and a mirror. */
static guint32
standing_for (FluoTraceBuilder *self, guint32 i)
{
  while (i != FLUO_SPAN_NONE && ENTRY (self, i)->dropped)
    i = ENTRY (self, i)->parent;
  return i;
}

/* The same id in two documents: a subsegment that came nested and on its own. Complete beats in
 * progress, the first beats the later. Within one document equal ids are two calls, and both
 * stay. */
static void
choose_winners (FluoTraceBuilder *self)
{
  for (guint32 i = 0; i < self->entries.n; i++)
    {
      FluoBuilderEntry *entry = ENTRY (self, i), *other;
      FluoSpanIndex *index = index_of (self, entry);
      FluoSpanPlace at;
      guint32 first;

      if (i + AHEAD < self->entries.n)
        fetch_slot (self, ENTRY (self, i + AHEAD));
      if (entry->dropped || entry->id == 0)
        continue;
      first = look_up (self, index, entry->id, &at);
      if (first == FLUO_MAP_NONE)
        {
          fluo_span_index_put (index, &at, i);
          continue;
        }
      other = ENTRY (self, first);
      if (other->document == entry->document)
        {
          self->has_twins = TRUE;
          continue;
        }
      if ((other->flags & FLUO_SPAN_IN_PROGRESS) && !(entry->flags & FLUO_SPAN_IN_PROGRESS))
        {
          other->dropped = self->has_dropped = TRUE;
          other->parent = i;
          fluo_span_index_put (index, &at, i);
        }
      else
        {
          entry->dropped = self->has_dropped = TRUE;
          entry->parent = first;
        }
    }
}

static guint32 *
find_mirrors (FluoTraceBuilder *self)
{
  guint32 *mirrors = NULL;

  for (guint k = 0; k < self->heads->len; k++)
    {
      const guint32 i = g_array_index (self->heads, guint32, k);
      FluoBuilderEntry *entry = ENTRY (self, i);
      guint32 parent;

      if (entry->dropped || !entry->inferred || entry->parent_id == 0)
        continue;
      parent = standing_for (self, find_entry (self, entry, entry->parent_id));
      if (parent == FLUO_SPAN_NONE || parent == i ||
          (ENTRY (self, parent)->flags & FLUO_SPAN_SEGMENT) || ENTRY (self, parent)->inferred)
        continue;
      if (!mirrors)
        {
          mirrors = g_new (guint32, self->entries.n);
          memset (mirrors, 0xff, self->entries.n * sizeof (guint32));
        }
      mirrors[parent] = i;
      entry->dropped = self->has_dropped = TRUE;
      entry->parent = parent;
    }
  return mirrors;
}

/* Whether a parent stands behind its child: where none does there is no cycle. */
static gboolean
resolve_parents (FluoTraceBuilder *self)
{
  gboolean backwards = FALSE;

  for (guint32 i = 0; self->has_dropped && i < self->entries.n; i++)
    {
      FluoBuilderEntry *entry = ENTRY (self, i);

      if (!entry->nested || entry->dropped)
        continue;
      entry->parent = standing_for (self, entry->parent);
      backwards = backwards || (entry->parent != FLUO_SPAN_NONE && entry->parent >= i);
    }
  for (guint k = 0; k < self->heads->len; k++)
    {
      const guint32 i = g_array_index (self->heads, guint32, k);
      FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->dropped || entry->parent_id == 0)
        continue;
      entry->parent = standing_for (self, find_entry (self, entry, entry->parent_id));
      if (entry->parent == FLUO_SPAN_NONE)
        entry->flags |= FLUO_SPAN_ORPHAN;
      backwards = backwards || (entry->parent != FLUO_SPAN_NONE && entry->parent >= i);
    }
  return backwards;
}

/* Cuts one link of every cycle: that of its earliest entry, so that the order of arrival does not
 * matter. */
static void
cut_cycles (FluoTraceBuilder *self)
{
  g_autofree guint32 *walk = g_new0 (guint32, self->entries.n);

  for (guint32 i = 0; i < self->entries.n; i++)
    {
      guint32 k = i, first;

      if (ENTRY (self, i)->dropped)
        continue;
      while (k != FLUO_SPAN_NONE && walk[k] == 0)
        {
          walk[k] = i + 1;
          k = ENTRY (self, k)->parent;
        }
      if (k == FLUO_SPAN_NONE || walk[k] != i + 1)
        continue;
      first = k;
      for (guint32 m = ENTRY (self, k)->parent; m != k; m = ENTRY (self, m)->parent)
        {
          const FluoBuilderEntry *a = ENTRY (self, m), *b = ENTRY (self, first);

          if (a->start_ns < b->start_ns || (a->start_ns == b->start_ns && a->id < b->id))
            first = m;
        }
      ENTRY (self, first)->parent = FLUO_SPAN_NONE;
      ENTRY (self, first)->flags |= FLUO_SPAN_CYCLE;
    }
}

static void
note_answers (FluoTraceBuilder *self)
{
  for (guint k = 0; k < self->heads->len; k++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, g_array_index (self->heads, guint32, k));

      if (!entry->dropped && entry->parent != FLUO_SPAN_NONE && (entry->flags & FLUO_SPAN_SEGMENT))
        ENTRY (self, entry->parent)->answered = TRUE;
    }
}

guint32 *
fluo_builder_link (FluoTraceBuilder *self)
{
  guint32 *mirrors = NULL;

  make_tables (self);
  choose_winners (self);
  if (self->has_inferred)
    mirrors = find_mirrors (self);
  if (resolve_parents (self))
    cut_cycles (self);
  note_answers (self);
  return mirrors;
}
