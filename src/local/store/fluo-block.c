/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-block.h"

#include <string.h>

#include "core/fluo-leb128.h"
#include "local/store/fluo-block-index.h"
#include "local/store/fluo-packer.h"

/* A Bloom filter with 12 bits and 7 probes a term: a block is read in vain once in 300 times. */
#define TERM_BITS 12
#define TERM_PROBES 7
#define TERM_FILTER_BYTES_MAX (256 * 1024)

/* --- Sealed ------------------------------------------------------------- */

FluoSealedBlock *
fluo_sealed_block_new (void)
{
  FluoSealedBlock *self = g_new0 (FluoSealedBlock, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

FluoSealedBlock *
fluo_sealed_block_copy (const FluoSealedBlock *self)
{
  FluoSealedBlock *copy = g_memdup2 (self, sizeof *self);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->dead = self->dead ? g_array_copy (self->dead) : NULL;
  return copy;
}

FluoSealedBlock *
fluo_sealed_block_ref (FluoSealedBlock *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_sealed_block_unref (FluoSealedBlock *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->dead, g_array_unref);
  g_free (self);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

gboolean
fluo_sealed_block_is_dead (const FluoSealedBlock *self, gint64 row)
{
  return self->dead && g_array_binary_search (self->dead, &row, compare_rows, NULL);
}

guint
fluo_sealed_block_get_n_live (const FluoSealedBlock *self)
{
  return self->n - (self->dead ? self->dead->len : 0);
}

void
fluo_sealed_block_add_dead (FluoSealedBlock *self, gint64 row)
{
  guint i = 0;

  if (!self->dead)
    self->dead = g_array_new (FALSE, FALSE, sizeof (gint64));
  while (i < self->dead->len && g_array_index (self->dead, gint64, i) < row)
    i++;
  g_array_insert_val (self->dead, i, row);
}

FluoSealedBlock *
fluo_sealed_block_from_row (sqlite3_stmt *statement)
{
  FluoSealedBlock *self = fluo_sealed_block_new ();

  self->number = sqlite3_column_int64 (statement, 0);
  self->flags = (guint) sqlite3_column_int (statement, 1);
  self->n = (guint) sqlite3_column_int (statement, 2);
  self->start_min = sqlite3_column_int64 (statement, 3);
  self->start_max = sqlite3_column_int64 (statement, 4);
  self->end_min = sqlite3_column_int64 (statement, 5);
  self->end_max = sqlite3_column_int64 (statement, 6);
  self->updated_min = sqlite3_column_int64 (statement, 7);
  self->updated_max = sqlite3_column_int64 (statement, 8);
  self->bytes = sqlite3_column_int64 (statement, 9);
  return self;
}

/* --- Entries as bytes --------------------------------------------------- */

/* Since format 2: for each trace the id, then as LEB128 the steps of row, start and update from the
 * trace before, length, bytes, revision, number of groups, groups. */
static GByteArray *
pack_entries (GArray *entries)
{
  GByteArray *out = g_byte_array_new ();
  FluoTraceEntry last = { 0 };

  for (guint i = 0; i < entries->len; i++)
    {
      const FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);

      g_byte_array_append (out, entry->id.bytes, sizeof entry->id.bytes);
      fluo_leb128_put_signed (out, entry->row - last.row);
      fluo_leb128_put_signed (out, entry->start_ns - last.start_ns);
      fluo_leb128_put_signed (out, entry->updated_ns - last.updated_ns);
      fluo_leb128_put_signed (out, entry->end_ns - entry->start_ns);
      fluo_leb128_put_signed (out, entry->bytes);
      fluo_leb128_put (out, entry->revision);
      fluo_leb128_put (out, entry->n_groups);
      for (guint k = 0; k < entry->n_groups; k++)
        fluo_leb128_put (out, entry->groups[k]);
      last = *entry;
    }
  return out;
}

/* Unsigned, because damaged bytes may overflow. */
static gint64
add (gint64 a, gint64 b)
{
  return (gint64) ((guint64) a + (guint64) b);
}

static gboolean
get_entry (FluoLeb128Reader *self, const FluoTraceEntry *last, FluoTraceEntry *entry)
{
  if (self->size - self->offset < sizeof entry->id.bytes)
    return FALSE;
  memcpy (entry->id.bytes, self->data + self->offset, sizeof entry->id.bytes);
  self->offset += sizeof entry->id.bytes;
  entry->row = add (last->row, fluo_leb128_get_signed (self));
  entry->start_ns = add (last->start_ns, fluo_leb128_get_signed (self));
  entry->updated_ns = add (last->updated_ns, fluo_leb128_get_signed (self));
  entry->end_ns = add (entry->start_ns, fluo_leb128_get_signed (self));
  entry->bytes = fluo_leb128_get_signed (self);
  entry->revision = (guint32) fluo_leb128_get (self);
  entry->n_groups = (guint32) fluo_leb128_get (self);
  if (entry->n_groups > FLUO_BLOCK_GROUPS_MAX)
    return FALSE;
  for (guint i = 0; i < entry->n_groups; i++)
    entry->groups[i] = (guint32) fluo_leb128_get (self);
  return !self->failed;
}

static gboolean
damaged (GError **error, gint64 number, const char *what)
{
  g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
               "block %" G_GINT64_FORMAT " of the store is damaged: %s", number, what);
  return FALSE;
}

/* --- Terms -------------------------------------------------------------- */

static void
collect_term (guint64 term, gpointer data)
{
  g_array_append_val ((GArray *) data, term);
}

static int
compare_terms (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static gboolean
visit_term (guint8 *filter, gsize n_bits, guint64 term, gboolean add_it)
{
  guint64 step = (term >> 32) | 1;

  for (guint i = 0; i < TERM_PROBES; i++)
    {
      guint64 bit = (term + i * step) % n_bits;

      if (add_it)
        filter[bit / 8] |= (guint8) (1 << bit % 8);
      else if (!(filter[bit / 8] & (1 << bit % 8)))
        return FALSE;
    }
  return TRUE;
}

static GByteArray *
make_term_filter (FluoFactsBlock *facts)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (guint64));
  GByteArray *filter = g_byte_array_new ();
  guint n = 0;
  gsize size;

  for (guint i = 0; i < fluo_facts_block_get_n (facts); i++)
    {
      FluoTraceFacts view;

      fluo_facts_block_get (facts, i, &view);
      fluo_trace_facts_each_term (&view, collect_term, terms);
    }
  g_array_sort (terms, compare_terms);
  for (guint i = 0; i < terms->len; i++)
    if (i == 0 || g_array_index (terms, guint64, i) != g_array_index (terms, guint64, n - 1))
      g_array_index (terms, guint64, n++) = g_array_index (terms, guint64, i);
  size = CLAMP ((gsize) n * TERM_BITS / 8, 64, TERM_FILTER_BYTES_MAX);
  g_byte_array_set_size (filter, (guint) size);
  memset (filter->data, 0, size);
  for (guint i = 0; i < n; i++)
    visit_term (filter->data, size * 8, g_array_index (terms, guint64, i), TRUE);
  return filter;
}

GHashTable *
fluo_block_find_terms (FluoConnection *connection, gint64 first, gint64 last, const guint64 *terms,
                       guint n_terms, GError **error)
{
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TERMS_RANGE, error);
  int rc;

  if (!statement)
    return NULL;
  sqlite3_bind_int64 (statement, 1, FLUO_CHUNK_KEY (first, 0));
  sqlite3_bind_int64 (statement, 2, FLUO_CHUNK_KEY (last + 1, 0));
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 key = sqlite3_column_int64 (statement, 0), block = key / FLUO_BLOCK_CHUNKS;
      guint8 *filter = (guint8 *) sqlite3_column_blob (statement, 1);
      gsize size = (gsize) sqlite3_column_bytes (statement, 1);
      gboolean may = TRUE;
      guint bits;

      for (guint i = 0; i < n_terms && may && size > 0; i++)
        may = visit_term (filter, size * 8, terms[i], FALSE);
      if (!may)
        continue;
      bits = GPOINTER_TO_UINT (g_hash_table_lookup (found, &block)) |
             1u << (guint) (key % FLUO_BLOCK_CHUNKS);
      g_hash_table_insert (found, g_memdup2 (&block, sizeof block), GUINT_TO_POINTER (bits));
    }
  return rc == 0 ? g_steal_pointer (&found) : NULL;
}

/* --- Rows --------------------------------------------------------------- */

static void
describe (FluoSealedBlock *block, GArray *entries)
{
  block->n = entries->len;
  block->start_min = block->end_min = block->updated_min = G_MAXINT64;
  block->start_max = block->end_max = block->updated_max = G_MININT64;
  block->bytes = 0;
  for (guint i = 0; i < entries->len; i++)
    {
      const FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);

      block->start_min = MIN (block->start_min, entry->start_ns);
      block->start_max = MAX (block->start_max, entry->start_ns);
      block->end_min = MIN (block->end_min, entry->end_ns);
      block->end_max = MAX (block->end_max, entry->end_ns);
      block->updated_min = MIN (block->updated_min, entry->updated_ns);
      block->updated_max = MAX (block->updated_max, entry->updated_ns);
      block->bytes += entry->bytes;
    }
}

static void
bind_bytes (sqlite3_stmt *statement, int column, gconstpointer data, gsize size)
{
  sqlite3_bind_blob64 (statement, column, data, size, SQLITE_STATIC);
}

static gboolean
write_chunk (FluoConnection *connection, gint64 key, const FluoTraceFacts *views, guint n,
             GError **error)
{
  g_autoptr (FluoFactsBlock) facts = fluo_facts_block_merge (views, n);
  g_autoptr (GByteArray) terms = make_term_filter (facts);
  g_autoptr (GBytes) bytes = fluo_facts_block_to_bytes (facts);
  g_autoptr (GBytes) packed =
    fluo_pack_large (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TERMS_PUT, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, key);
  bind_bytes (statement, 2, terms->data, terms->len);
  if (fluo_connection_step (connection, statement, error) != 0)
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_FACTS_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, key);
  bind_bytes (statement, 2, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
  return fluo_connection_step (connection, statement, error) == 0;
}

static gboolean
write_chunks (FluoConnection *connection, gint64 number, GArray *views, GError **error)
{
  for (guint i = 0; i < views->len; i += FLUO_CHUNK_N)
    if (!write_chunk (connection, FLUO_CHUNK_KEY (number, i / FLUO_CHUNK_N),
                      &g_array_index (views, FluoTraceFacts, i), MIN (FLUO_CHUNK_N, views->len - i),
                      error))
      return FALSE;
  return TRUE;
}

/* The block's rows of two tables: by chunks, or by its number. */
static gboolean
delete_rows (FluoConnection *connection, const FluoSql tables[2], gboolean is_range, gint64 number,
             GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      sqlite3_stmt *statement = fluo_connection_statement (connection, tables[i], error);

      if (!statement)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, is_range ? FLUO_CHUNK_KEY (number, 0) : number);
      if (is_range)
        sqlite3_bind_int64 (statement, 2, FLUO_CHUNK_KEY (number + 1, 0));
      if (fluo_connection_step (connection, statement, error) != 0)
        return FALSE;
    }
  return TRUE;
}

static const FluoSql delete_chunks[] = { FLUO_SQL_TERMS_DELETE, FLUO_SQL_FACTS_DELETE };

gboolean
fluo_block_replace_facts (FluoConnection *connection, gint64 number, GArray *views, GError **error)
{
  return delete_rows (connection, delete_chunks, TRUE, number, error) &&
         write_chunks (connection, number, views, error);
}

gboolean
fluo_block_delete (FluoConnection *connection, gint64 number, GError **error)
{
  static const FluoSql rows[] = { FLUO_SQL_BLOCK_DELETE, FLUO_SQL_DEAD_DELETE };

  return delete_rows (connection, delete_chunks, TRUE, number, error) &&
         delete_rows (connection, rows, FALSE, number, error);
}

gboolean
fluo_block_write (FluoConnection *connection, FluoSealedBlock *block, GArray *entries,
                  GArray *views, GError **error)
{
  sqlite3_stmt *statement;
  g_autofree guint8 *ids = g_malloc0 (FLUO_ID_FILTER_BYTES);
  g_autoptr (GByteArray) packed_entries = pack_entries (entries);

  g_assert (entries->len == views->len && entries->len <= FLUO_BLOCK_N_MAX);
  if (!write_chunks (connection, block->number, views, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_BLOCK_PUT, error);
  if (!statement)
    return FALSE;
  describe (block, entries);
  for (guint i = 0; i < entries->len; i++)
    fluo_id_filter_add (ids, &g_array_index (entries, FluoTraceEntry, i).id);
  sqlite3_bind_int64 (statement, 1, block->number);
  sqlite3_bind_int (statement, 2, (int) block->flags);
  sqlite3_bind_int (statement, 3, (int) block->n);
  sqlite3_bind_int64 (statement, 4, block->start_min);
  sqlite3_bind_int64 (statement, 5, block->start_max);
  sqlite3_bind_int64 (statement, 6, block->end_min);
  sqlite3_bind_int64 (statement, 7, block->end_max);
  sqlite3_bind_int64 (statement, 8, block->updated_min);
  sqlite3_bind_int64 (statement, 9, block->updated_max);
  sqlite3_bind_int64 (statement, 10, block->bytes);
  bind_bytes (statement, 11, ids, FLUO_ID_FILTER_BYTES);
  bind_bytes (statement, 12, packed_entries->data, packed_entries->len);
  return fluo_connection_step (connection, statement, error) == 0;
}

void
fluo_block_contents_clear (FluoBlockContents *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
  for (guint i = 0; i < FLUO_BLOCK_CHUNKS; i++)
    g_clear_pointer (&self->facts[i], fluo_facts_block_unref);
}

static gboolean
read_entries (sqlite3_stmt *statement, gint64 number, GArray *entries, GError **error)
{
  guint n = (guint) sqlite3_column_int (statement, 0);
  FluoLeb128Reader reader = { sqlite3_column_blob (statement, 1),
                              (gsize) sqlite3_column_bytes (statement, 1) };
  FluoTraceEntry entry = { 0 };

  for (guint i = 0; i < n; i++)
    {
      FluoTraceEntry last = entry;

      if (!get_entry (&reader, &last, &entry))
        return damaged (error, number, "its list of traces is cut or makes no sense");
      g_array_append_val (entries, entry);
    }
  return TRUE;
}

/* The chunk that @statement stands at; @n is how many traces it must have. */
static FluoFactsBlock *
read_chunk (sqlite3_stmt *statement, gint64 number, guint n, gboolean *ret_outdated,
            GError **error)
{
  g_autoptr (GBytes) bytes = fluo_unpack_large (sqlite3_column_blob (statement, 1),
                                                (gsize) sqlite3_column_bytes (statement, 1),
                                                FLUO_BLOCK_BYTES_MAX, error);
  g_autoptr (FluoFactsBlock) facts = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!bytes)
    return NULL;
  facts = fluo_facts_block_from_bytes (bytes, &local_error);
  if (!facts || fluo_facts_block_get_n (facts) != n)
    {
      damaged (error, number,
               facts ? "it holds more or fewer traces than it says" : local_error->message);
      return NULL;
    }
  *ret_outdated |= !fluo_facts_bytes_are_whole (bytes);
  return g_steal_pointer (&facts);
}

static gboolean
read_facts (FluoConnection *connection, gint64 number, guint chunks, FluoBlockContents *contents,
            GError **error)
{
  for (guint i = 0; i < contents->n_chunks; i++)
    {
      guint n = MIN (FLUO_CHUNK_N, contents->entries->len - i * FLUO_CHUNK_N);
      sqlite3_stmt *statement;
      int rc;

      if (!(chunks & 1u << i))
        continue;
      statement = fluo_connection_statement (connection, FLUO_SQL_FACTS_READ, error);
      if (!statement)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, FLUO_CHUNK_KEY (number, i));
      rc = fluo_connection_step (connection, statement, error);
      if (rc == 0)
        return damaged (error, number, "a part of it is missing");
      contents->facts[i] =
        rc == 1 ? read_chunk (statement, number, n, &contents->outdated, error) : NULL;
      sqlite3_reset (statement);
      if (!contents->facts[i])
        return FALSE;
    }
  return TRUE;
}

gboolean
fluo_block_read (FluoConnection *connection, gint64 number, guint chunks,
                 FluoBlockContents *ret_contents, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_BLOCK_ENTRIES, error);
  g_auto (FluoBlockContents) contents = { NULL };
  g_autoptr (GError) local_error = NULL;
  gboolean done;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, number);
  if (fluo_connection_step (connection, statement, error) != 1)
    return FALSE;
  contents.entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  done = read_entries (statement, number, contents.entries, &local_error);
  sqlite3_reset (statement);
  contents.n_chunks = (contents.entries->len + FLUO_CHUNK_N - 1) / FLUO_CHUNK_N;
  if (done && contents.n_chunks > FLUO_BLOCK_CHUNKS)
    done = damaged (&local_error, number, "it says that it holds more traces than a block may");
  if (!done || !read_facts (connection, number, chunks, &contents, &local_error))
    {
      if (connection->damage == FLUO_DAMAGE_NONE &&
          g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
        connection->damage = FLUO_DAMAGE_CERTAIN;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *ret_contents = contents;
  contents = (FluoBlockContents){ NULL };
  return TRUE;
}

gboolean
fluo_block_find (FluoConnection *connection, gint64 number, const FluoTraceId *id,
                 FluoTraceEntry *ret_entry, GError **error)
{
  g_auto (FluoBlockContents) contents = { NULL };

  if (!fluo_block_read (connection, number, FLUO_BLOCK_NO_FACTS, &contents, error))
    return FALSE;
  for (guint i = 0; i < contents.entries->len; i++)
    if (fluo_trace_id_equal (&g_array_index (contents.entries, FluoTraceEntry, i).id, id))
      {
        *ret_entry = g_array_index (contents.entries, FluoTraceEntry, i);
        return TRUE;
      }
  return FALSE;
}
