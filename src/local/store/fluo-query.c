/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-query.h"

#include <string.h>

#include "local/store/fluo-read-ahead.h"

/* A block, open or sealed, and the times of the traces in it. */
typedef struct
{
  FluoOpenBlock   *open;   /* either */
  FluoSealedBlock *sealed; /* or; borrowed from the view */
  gint64           key_min, key_max;
  guint            chunks; /* of a sealed one that may have what the filter needs */
} Source;

/* A block that the index ruled out: its traces count as processed. */
typedef struct
{
  FluoSealedBlock *sealed;
  guint            n;   /* inside the range */
} Skipped;

typedef struct
{
  gint64 key_ns;
  gint64 row;
} Key;

typedef struct
{
  FluoConnection *reader;
  FluoQuery      *query;
  gboolean        scoped;
  FluoReadAhead  *blocks;
  GArray         *hits;
  GArray         *keys;    /* Key: of every trace that was looked at */
  GArray         *skipped; /* Skipped */
} Run;

static void
hit_clear (gpointer data)
{
  g_clear_pointer (&((FluoQueryHit *) data)->facts, fluo_facts_block_unref);
}

GArray *
fluo_query_hits_new (void)
{
  GArray *hits = g_array_new (FALSE, FALSE, sizeof (FluoQueryHit));

  g_array_set_clear_func (hits, hit_clear);
  return hits;
}

static gint64
key_of (const FluoQuery *query, const FluoTraceEntry *entry)
{
  switch (query->time)
    {
    case FLUO_QUERY_UPDATED:
      return entry->updated_ns;
    case FLUO_QUERY_END:
      return entry->end_ns;
    case FLUO_QUERY_START:
    default:
      return entry->start_ns;
    }
}

static gboolean
is_before (gint64 key, gint64 row, const FluoQuery *query)
{
  return key < query->key_ns || (key == query->key_ns && row < query->row);
}

/* The trace's time is in the range. With a filter that names a segment, it is that segment's end
 * which must be, so any trace that runs in the range may be meant. */
static gboolean
is_in_range (const Run *run, const FluoTraceEntry *entry)
{
  FluoTimeSpan span = run->query->span;

  if (!is_before (key_of (run->query, entry), entry->row, run->query))
    return FALSE;
  if (run->scoped)
    return entry->start_ns < span.end_ns && entry->end_ns >= span.begin_ns;
  return fluo_time_span_contains (span, key_of (run->query, entry));
}

/* Spread evenly, and the same for a trace whenever somebody asks. */
static gboolean
is_sampled (const FluoQuery *query, const FluoTraceId *id)
{
  guint64 bits;

  if (query->share >= 1)
    return TRUE;
  memcpy (&bits, id->bytes + sizeof id->bytes - sizeof bits, sizeof bits);
  bits *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (double) (bits >> 11) / (double) (G_GUINT64_CONSTANT (1) << 53) < query->share;
}

static gboolean
matched_in_range (const Run *run, FluoFactsBlock *facts, guint index)
{
  FluoFilterMatched matched;
  FluoTraceFacts view;
  guint32 entity;

  if (!run->scoped)
    return TRUE;
  fluo_facts_block_get (facts, index, &view);
  fluo_filter_find_matched (run->query->filter, &view, &matched);
  entity = matched.entity;
  if (entity == FLUO_FACTS_NONE && matched.edge != FLUO_FACTS_NONE)
    entity = view.edges[matched.edge].destination;
  return entity == FLUO_FACTS_NONE ||
         fluo_time_span_contains (run->query->span, view.entities[entity].end_ns);
}

static gboolean
is_linked (const Run *run, FluoFactsBlock *facts, guint index)
{
  FluoTraceFacts view;

  if (!run->query->linked)
    return TRUE;
  fluo_facts_block_get (facts, index, &view);
  for (guint32 i = 0; i < view.n_links; i++)
    if (fluo_trace_id_equal (&view.links[i], run->query->linked))
      return TRUE;
  return FALSE;
}

static void
consider (Run *run, FluoFilterMatcher *matcher, const FluoTraceEntry *entry,
          FluoFactsBlock *facts, guint index)
{
  FluoQueryHit hit = { key_of (run->query, entry), *entry, facts, index };
  Key key = { hit.key_ns, entry->row };

  if (!is_in_range (run, entry))
    return;
  g_array_append_val (run->keys, key);
  /* Ruled out by the index. */
  if (!facts)
    return;
  if ((matcher && !fluo_filter_matcher_matches (matcher, index)) ||
      !is_sampled (run->query, &entry->id) || !is_linked (run, facts, index) ||
      !matched_in_range (run, facts, index))
    return;
  fluo_facts_block_ref (facts);
  g_array_append_val (run->hits, hit);
}

static void
search_open (Run *run, FluoOpenBlock *block)
{
  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];
      g_autoptr (FluoFilterMatcher) matcher = NULL;

      if (!trace->facts || !is_in_range (run, &trace->entry))
        continue;
      if (run->query->filter)
        matcher = fluo_filter_matcher_new (run->query->filter, trace->facts);
      consider (run, matcher, &trace->entry, trace->facts, 0);
    }
}

/* Counts the traces that a question would have looked at. */
static gboolean
skip_sealed (Run *run, const Source *source, GError **error)
{
  FluoSealedBlock *block = source->sealed;
  Skipped skipped = { block, 0 };
  FluoQuery *query = run->query;
  g_auto (FluoBlockContents) contents = { NULL };

  if (!run->scoped && source->key_min >= query->span.begin_ns &&
      source->key_max < query->span.end_ns && source->key_max < query->key_ns)
    {
      skipped.n = fluo_sealed_block_get_n_live (block);
      g_array_append_val (run->skipped, skipped);
      return TRUE;
    }
  if (!fluo_block_read (run->reader, block->number, FLUO_BLOCK_NO_FACTS, &contents, error))
    return FALSE;
  for (guint i = 0; i < contents.entries->len; i++)
    {
      FluoTraceEntry *entry = &g_array_index (contents.entries, FluoTraceEntry, i);
      Key key = { key_of (query, entry), entry->row };

      if (!fluo_sealed_block_is_dead (block, entry->row) && is_in_range (run, entry))
        g_array_append_val (run->keys, key);
    }
  return TRUE;
}

static gboolean
search_sealed (Run *run, const Source *source, GError **error)
{
  FluoSealedBlock *block = source->sealed;
  g_auto (FluoBlockContents) contents = { NULL };

  if (source->chunks == 0)
    return skip_sealed (run, source, error);
  if (!fluo_read_ahead_next (run->blocks, &contents, error))
    return FALSE;
  for (guint c = 0; c < contents.n_chunks; c++)
    {
      g_autoptr (FluoFilterMatcher) matcher = NULL;

      if (run->query->filter && contents.facts[c])
        matcher = fluo_filter_matcher_new (run->query->filter, contents.facts[c]);
      for (guint i = c * FLUO_CHUNK_N; i < MIN ((c + 1) * FLUO_CHUNK_N, contents.entries->len); i++)
        {
          FluoTraceEntry *entry = &g_array_index (contents.entries, FluoTraceEntry, i);

          if (!fluo_sealed_block_is_dead (block, entry->row))
            consider (run, matcher, entry, contents.facts[c], i % FLUO_CHUNK_N);
        }
    }
  return TRUE;
}

/* --- Order ------------------------------------------------------------------ */

static int
compare_sources (gconstpointer a, gconstpointer b)
{
  const Source *x = a, *y = b;

  return x->key_max > y->key_max ? -1 : x->key_max < y->key_max;
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const FluoQueryHit *x = a, *y = b;

  if (x->key_ns != y->key_ns)
    return x->key_ns > y->key_ns ? -1 : 1;
  return x->entry.row > y->entry.row ? -1 : x->entry.row < y->entry.row;
}

static void
add_source (Run *run, GArray *sources, const Source *source, gint64 start_min, gint64 end_max)
{
  FluoTimeSpan span = run->query->span;
  gboolean overlaps = run->scoped
                        ? start_min < span.end_ns && end_max >= span.begin_ns
                        : source->key_min < span.end_ns && source->key_max >= span.begin_ns;

  if (overlaps && source->key_min <= run->query->key_ns)
    g_array_append_val (sources, *source);
}

static void
add_open (Run *run, GArray *sources, FluoOpenBlock *block)
{
  Source source = { block, NULL, G_MAXINT64, G_MININT64 };
  gint64 start_min = G_MAXINT64, end_max = G_MININT64;

  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];
      gint64 key = key_of (run->query, &trace->entry);

      if (!trace->facts)
        continue;
      source.key_min = MIN (source.key_min, key);
      source.key_max = MAX (source.key_max, key);
      start_min = MIN (start_min, trace->entry.start_ns);
      end_max = MAX (end_max, trace->entry.end_ns);
    }
  if (source.key_min <= source.key_max)
    add_source (run, sources, &source, start_min, end_max);
}

static GArray *
list_sources (Run *run)
{
  FluoLiveView *view = run->reader->view;
  GArray *sources = g_array_new (FALSE, FALSE, sizeof (Source));

  for (guint i = 0; i < view->open->len; i++)
    add_open (run, sources, view->open->pdata[i]);
  for (guint i = 0; i < view->sealed->len; i++)
    {
      FluoSealedBlock *block = view->sealed->pdata[i];
      Source source = { NULL, block, block->start_min, block->start_max };

      if (run->query->time == FLUO_QUERY_UPDATED)
        source = (Source){ NULL, block, block->updated_min, block->updated_max };
      else if (run->query->time == FLUO_QUERY_END)
        source = (Source){ NULL, block, block->end_min, block->end_max };
      add_source (run, sources, &source, block->start_min, block->end_max);
    }
  g_array_sort (sources, compare_sources);
  return sources;
}

/* Asks the index about all blocks that come into question at once: its rows lie one after the
 * other. */
static gboolean
find_chunks (Run *run, GArray *sources, GHashTable **ret_chunks, GError **error)
{
  gint64 first = G_MAXINT64, last = 0;
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint n_terms = 0;
  const guint64 *of_filter =
    run->query->filter ? fluo_filter_get_terms (run->query->filter, &n_terms) : NULL;

  if (n_terms > 0)
    g_array_append_vals (terms, of_filter, n_terms);
  if (run->query->linked)
    {
      guint64 term = fluo_term_hash_link (run->query->linked);

      g_array_append_val (terms, term);
    }
  for (guint i = 0; i < sources->len && terms->len > 0; i++)
    {
      FluoSealedBlock *block = g_array_index (sources, Source, i).sealed;

      first = block ? MIN (first, block->number) : first;
      last = block ? MAX (last, block->number) : last;
    }
  if (first > last)
    return TRUE;
  *ret_chunks = fluo_block_find_terms (run->reader, first, last,
                                       (const guint64 *) (gpointer) terms->data, terms->len, error);
  return *ret_chunks != NULL;
}

/* The blocks that will be read, in their order; the others are ruled out. */
static FluoReadAhead *
begin_reading (Run *run, GArray *sources, GHashTable *chunks)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (FluoWantedBlock));

  for (guint i = 0; i < sources->len; i++)
    {
      Source *source = &g_array_index (sources, Source, i);
      FluoWantedBlock block = { 0, FLUO_BLOCK_ALL_FACTS };

      if (!source->sealed)
        continue;
      block.block = source->sealed->number;
      if (chunks)
        block.chunks = GPOINTER_TO_UINT (g_hash_table_lookup (chunks, &block.block));
      source->chunks = block.chunks;
      if (block.chunks != 0)
        g_array_append_val (wanted, block);
    }
  return fluo_read_ahead_new (run->reader, wanted);
}

/* --- Counting --------------------------------------------------------------- */

/* How many were processed; those that come up again on the next page are not counted now. */
static gboolean
count_processed (Run *run, gboolean more, guint64 *ret_processed, GError **error)
{
  *ret_processed = 0;
  for (guint i = 0; i < run->keys->len; i++)
    {
      Key *key = &g_array_index (run->keys, Key, i);

      *ret_processed += !more || !is_before (key->key_ns, key->row, run->query);
    }
  for (guint i = 0; i < run->skipped->len; i++)
    {
      Skipped *skipped = &g_array_index (run->skipped, Skipped, i);
      FluoSealedBlock *block = skipped->sealed;
      g_auto (FluoBlockContents) contents = { NULL };
      gint64 key_min = run->query->time == FLUO_QUERY_START     ? block->start_min
                       : run->query->time == FLUO_QUERY_UPDATED ? block->updated_min
                                                                : block->end_min;

      if (!more || key_min > run->query->key_ns)
        {
          *ret_processed += skipped->n;
          continue;
        }
      if (!fluo_block_read (run->reader, block->number, FLUO_BLOCK_NO_FACTS, &contents, error))
        return FALSE;
      for (guint k = 0; k < contents.entries->len; k++)
        {
          FluoTraceEntry *entry = &g_array_index (contents.entries, FluoTraceEntry, k);

          *ret_processed += !fluo_sealed_block_is_dead (block, entry->row) &&
                            !is_before (key_of (run->query, entry), entry->row, run->query);
        }
    }
  return TRUE;
}

/* --- Running ---------------------------------------------------------------- */

/* Keeps the best of the page. TRUE when no trace older than @next_ns can get into it. */
static gboolean
is_complete (Run *run, gint64 next_ns)
{
  guint n_max = run->query->n_max;

  if (run->hits->len < n_max)
    return FALSE;
  g_array_sort (run->hits, compare_hits);
  if (run->hits->len > n_max)
    g_array_set_size (run->hits, n_max + 1);
  return g_array_index (run->hits, FluoQueryHit, n_max - 1).key_ns > next_ns;
}

/* Ends the page after its last hit, or before the time where the search stopped. */
static void
end_page (Run *run, gboolean stopped, gint64 next_ns, gboolean *ret_more)
{
  FluoQuery *query = run->query;
  guint n = 0;

  g_array_sort (run->hits, compare_hits);
  while (n < run->hits->len && n < query->n_max &&
         !(stopped && g_array_index (run->hits, FluoQueryHit, n).key_ns <= next_ns))
    n++;
  *ret_more = stopped || n < run->hits->len;
  if (n == query->n_max && *ret_more)
    {
      FluoQueryHit *last = &g_array_index (run->hits, FluoQueryHit, n - 1);

      query->key_ns = last->key_ns;
      query->row = last->entry.row;
    }
  else if (*ret_more)
    {
      query->key_ns = next_ns;
      query->row = G_MAXINT64;
    }
  g_array_set_size (run->hits, n);
}

gboolean
fluo_query_run (FluoConnection *reader, FluoQuery *query, GArray *hits, gboolean *ret_more,
                guint64 *ret_processed, GError **error)
{
  gint64 until_usec =
    query->budget_usec > 0 ? g_get_monotonic_time () + query->budget_usec : G_MAXINT64;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (Key));
  g_autoptr (GArray) skipped = g_array_new (FALSE, FALSE, sizeof (Skipped));
  g_autoptr (GHashTable) chunks = NULL;
  Run run = { reader, query, FALSE, NULL, hits, keys, skipped };
  g_autoptr (GArray) sources = NULL;
  g_autoptr (FluoReadAhead) blocks = NULL;
  gboolean stopped = FALSE;
  gint64 next_ns = G_MININT64;

  run.scoped =
    query->filter && query->time == FLUO_QUERY_END && fluo_filter_is_scoped (query->filter);
  sources = list_sources (&run);
  if (!find_chunks (&run, sources, &chunks, error))
    return FALSE;
  run.blocks = blocks = begin_reading (&run, sources, chunks);
  for (guint i = 0; i < sources->len && !stopped; i++)
    {
      Source *source = &g_array_index (sources, Source, i);

      if (source->open)
        search_open (&run, source->open);
      else if (!search_sealed (&run, source, error))
        return FALSE;
      if (i + 1 < sources->len)
        {
          next_ns = g_array_index (sources, Source, i + 1).key_max;
          stopped = is_complete (&run, next_ns) || g_get_monotonic_time () > until_usec;
        }
    }
  end_page (&run, stopped, next_ns, ret_more);
  return count_processed (&run, *ret_more, ret_processed, error);
}
