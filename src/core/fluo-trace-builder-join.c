/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <string.h>

/* The list of entries, and two builders that become one. */

/* Segments and subsegments of an ordinary trace; more make the list grow. */
#define N_ENTRIES_USUAL 32

#define ENTRY(self, i) (fluo_entry_list_get (&(self)->entries, (i)))

/* --- The list ----------------------------------------------------------------- */

static FluoBuilderEntry *
new_chunk (guint32 room)
{
  return g_aligned_alloc (room, sizeof (FluoBuilderEntry), sizeof (FluoBuilderEntry));
}

static void
grow_first (FluoEntryList *self, guint32 room)
{
  FluoBuilderEntry *chunk = new_chunk (room);

  memcpy (chunk, self->chunks[0], self->n * sizeof *chunk);
  g_aligned_free (self->chunks[0]);
  self->chunks[0] = chunk;
  self->room = room;
}

static void
add_chunk (FluoEntryList *self, FluoBuilderEntry *chunk)
{
  /* The places double whenever all are taken. */
  if ((self->n_chunks & (self->n_chunks - 1)) == 0)
    self->chunks = g_renew (FluoBuilderEntry *, self->chunks, MAX (self->n_chunks * 2, 1));
  self->chunks[self->n_chunks++] = chunk;
}

FluoBuilderEntry *
fluo_entry_list_append (FluoEntryList *self)
{
  FluoBuilderEntry *entry;

  if (self->n == self->room)
    {
      if (self->room > 0 && self->room < FLUO_ENTRIES_A_CHUNK)
        grow_first (self, self->room * 2);
      else
        {
          guint32 room = self->room > 0 ? FLUO_ENTRIES_A_CHUNK : N_ENTRIES_USUAL;

          add_chunk (self, new_chunk (room));
          self->room += room;
        }
    }
  entry = fluo_entry_list_get (self, self->n++);
  memset (entry, 0, sizeof *entry);
  return entry;
}

void
fluo_entry_list_clear (FluoEntryList *self)
{
  for (guint i = 0; i < self->n_chunks; i++)
    g_aligned_free (self->chunks[i]);
  g_free (self->chunks);
  memset (self, 0, sizeof *self);
}

/* Adds the entries of @other, which is empty then. Returns where they begin. There may be others in
 * between, which are dropped and have no id. */
static guint32
take_entries (FluoEntryList *self, FluoEntryList *other)
{
  guint32 begin = self->n;

  /* A few are copied, since the chunk that is open here is given up otherwise. */
  if (other->n < FLUO_ENTRIES_A_CHUNK)
    {
      for (guint32 i = 0; i < other->n; i++)
        *fluo_entry_list_append (self) = *fluo_entry_list_get (other, i);
      fluo_entry_list_clear (other);
      return begin;
    }
  if (self->n > 0 && self->room < FLUO_ENTRIES_A_CHUNK)
    grow_first (self, FLUO_ENTRIES_A_CHUNK);
  while (self->n < self->room)
    {
      FluoBuilderEntry *unused = fluo_entry_list_append (self);

      unused->parent = unused->document = FLUO_SPAN_NONE;
      unused->dropped = TRUE;
    }
  begin = self->n;
  for (guint i = 0; i < other->n_chunks; i++)
    add_chunk (self, other->chunks[i]);
  self->n += other->n;
  self->room += other->room;
  other->n_chunks = 0;
  fluo_entry_list_clear (other);
  return begin;
}

/* --- Two builders ----------------------------------------------------------- */

/* What strings and services of the other builder are here. */
typedef struct
{
  guint32 *strings; /* by half of the offset: a string has a byte, and one at its end */
  guint32 *services;
} Moved;

static guint32
moved_string (const Moved *self, guint32 string)
{
  return self->strings[(string + 1) / 2];
}

static void
moved_init (Moved *self, FluoTraceBuilder *builder, const FluoTraceBuilder *other)
{
  const GString *block = other->strings.block;
  gsize length;

  self->strings = g_new (guint32, (block->len + 1) / 2 + 1);
  self->strings[0] = 0;
  for (gsize at = 1; at < block->len; at += length + 1)
    {
      length = strlen (block->str + at);
      self->strings[(at + 1) / 2] =
        fluo_string_table_intern (&builder->strings, block->str + at, length);
    }
  self->services = g_new (guint32, other->services->len);
  for (guint i = 0; i < other->services->len; i++)
    {
      const FluoBuilderService *service = &g_array_index (other->services, FluoBuilderService, i);

      self->services[i] = fluo_builder_add_service (builder, moved_string (self, service->type),
                                                    moved_string (self, service->label));
    }
}

static void
moved_clear (Moved *self)
{
  g_free (self->strings);
  g_free (self->services);
}

/* The document whose entries begin at @first, where they stand now, though what they say is still
 * of the builder that read them. Returns where they end. */
static guint32
settle_document (FluoTraceBuilder *self, const FluoTraceDocument *document, GBytes *bytes,
                 const Moved *moved, guint32 first, guint32 base)
{
  const guint32 number = ENTRY (self, first)->document;
  guint32 end = first;
  gboolean wanted;

  for (; end < self->entries.n && ENTRY (self, end)->document == number; end++)
    {
      FluoBuilderEntry *entry = ENTRY (self, end);

      if (entry->parent != FLUO_SPAN_NONE)
        entry->parent += base;
      entry->document = self->documents->len;
      entry->name = moved_string (moved, entry->name);
      entry->detail = moved_string (moved, entry->detail);
      entry->service = moved->services[entry->service];
      fluo_builder_note_entry (self, entry);
    }
  wanted = fluo_builder_replace_document (self, &self->documents_by_id, ENTRY (self, first)->id);
  if (wanted)
    {
      if (ENTRY (self, first)->id != 0)
        fluo_id_map_set (&self->documents_by_id, ENTRY (self, first)->id, first);
      fluo_builder_append_document (self, first, bytes, document->offset, document->length);
      return end;
    }
  self->has_dropped = TRUE;
  for (guint32 i = first; i < end; i++)
    {
      ENTRY (self, i)->dropped = TRUE;
      ENTRY (self, i)->parent = FLUO_SPAN_NONE;
    }
  return end;
}

void
fluo_builder_join (FluoTraceBuilder *self, FluoTraceBuilder *other)
{
  guint32 base = take_entries (&self->entries, &other->entries), end;
  Moved moved;

  g_assert (other->n_linked == 0);
  moved_init (&moved, self, other);
  for (guint32 first = base; first < self->entries.n; first = end)
    {
      const FluoTraceDocument *document =
        &g_array_index (other->documents, FluoTraceDocument, ENTRY (self, first)->document);

      end = settle_document (self, document, g_ptr_array_index (other->bytes, document->bytes),
                             &moved, first, base);
    }
  for (guint i = 0; i < other->links->len; i++)
    {
      FluoTraceLink link = g_array_index (other->links, FluoTraceLink, i);

      link.span += base;
      g_array_append_val (self->links, link);
    }
  moved_clear (&moved);
  fluo_trace_builder_free (other);
}
