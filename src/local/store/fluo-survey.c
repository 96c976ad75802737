/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-survey.h"

#include "local/store/fluo-read-ahead.h"

/* A sealed block that has traces of the range. */
typedef struct
{
  FluoSealedBlock *block; /* borrowed from the view */
  gint64           newest_ns;
  guint            chunks; /* that are wanted */
} Source;

typedef struct
{
  const FluoSurvey *survey;
  FluoReadAhead    *blocks;
  FluoSurveyResult *result;
} Run;

static gboolean
overlaps (const FluoSealedBlock *block, FluoTimeSpan span)
{
  return block->start_min < span.end_ns && block->start_max >= span.begin_ns;
}

static gboolean
is_inside (const FluoSealedBlock *block, FluoTimeSpan span)
{
  return block->start_min >= span.begin_ns && block->start_max < span.end_ns;
}

static void
tell (Run *run, const FluoSurveyPart *part)
{
  if (part->n == 0)
    return;
  run->result->n_traces += part->n;
  run->survey->func (part, run->survey->data);
}

static void
survey_open (Run *run, FluoOpenBlock *block)
{
  static const guint first = 0;

  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];
      FluoSurveyPart part = { 0, 0, trace->facts, &first, 1 };

      if (trace->facts && fluo_time_span_contains (run->survey->span, trace->entry.start_ns))
        tell (run, &part);
    }
}

/* Nothing of the block is wanted, and all of it counts. */
static gboolean
is_passed_over (const FluoSurvey *survey, const Source *source)
{
  return source->chunks == 0 && is_inside (source->block, survey->span);
}

static gboolean
survey_sealed (Run *run, const Source *source, GError **error)
{
  FluoSealedBlock *block = source->block;
  g_auto (FluoBlockContents) contents = { NULL };
  guint traces[FLUO_CHUNK_N];

  if (is_passed_over (run->survey, source))
    {
      FluoSurveyPart part = { block->number, 0, NULL, NULL, fluo_sealed_block_get_n_live (block) };

      tell (run, &part);
      return TRUE;
    }
  if (!fluo_read_ahead_next (run->blocks, &contents, error))
    return FALSE;
  for (guint c = 0; c < contents.n_chunks; c++)
    {
      FluoSurveyPart part = { block->number, c, contents.facts[c],
                              contents.facts[c] ? traces : NULL, 0 };

      for (guint i = c * FLUO_CHUNK_N; i < MIN ((c + 1) * FLUO_CHUNK_N, contents.entries->len); i++)
        {
          FluoTraceEntry *entry = &g_array_index (contents.entries, FluoTraceEntry, i);

          if (fluo_time_span_contains (run->survey->span, entry->start_ns) &&
              !fluo_sealed_block_is_dead (block, entry->row))
            traces[part.n++] = i % FLUO_CHUNK_N;
        }
      tell (run, &part);
    }
  return TRUE;
}

static int
compare_sources (gconstpointer a, gconstpointer b)
{
  const Source *x = a, *y = b;

  return x->newest_ns > y->newest_ns ? -1 : x->newest_ns < y->newest_ns;
}

static GArray *
list_sources (FluoLiveView *view, const FluoSurvey *survey)
{
  GArray *sources = g_array_new (FALSE, FALSE, sizeof (Source));
  FluoTimeSpan span = survey->span;

  for (guint i = 0; i < view->sealed->len; i++)
    {
      Source source = { view->sealed->pdata[i], 0, FLUO_BLOCK_ALL_FACTS };

      source.newest_ns = source.block->start_max;
      if (survey->want)
        source.chunks = survey->want (source.block->number, survey->data);
      if (overlaps (source.block, span))
        g_array_append_val (sources, source);
    }
  g_array_sort (sources, compare_sources);
  return sources;
}

static FluoReadAhead *
begin_reading (FluoConnection *reader, const FluoSurvey *survey, GArray *sources)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (FluoWantedBlock));

  for (guint i = 0; i < sources->len; i++)
    {
      const Source *source = &g_array_index (sources, Source, i);
      FluoWantedBlock block = { source->block->number, source->chunks };

      if (!is_passed_over (survey, source))
        g_array_append_val (wanted, block);
    }
  return fluo_read_ahead_new (reader, wanted);
}

/* As if a block's traces were spread evenly over its time. */
static guint64
estimate (const FluoSealedBlock *block, FluoTimeSpan span)
{
  double length = (double) (block->start_max - block->start_min) + 1;
  double inside = (double) (MIN (block->start_max + 1, span.end_ns) -
                            MAX (block->start_min, span.begin_ns));

  return (guint64) (fluo_sealed_block_get_n_live (block) * CLAMP (inside / length, 0, 1) + 0.5);
}

gboolean
fluo_survey_run (FluoConnection *reader, const FluoSurvey *survey, FluoSurveyResult *ret_result,
                 GError **error)
{
  gint64 until_usec = g_get_monotonic_time () + survey->budget_usec;
  FluoLiveView *view = reader->view;
  g_autoptr (GArray) sources = list_sources (view, survey);
  g_autoptr (FluoReadAhead) blocks = begin_reading (reader, survey, sources);
  Run run = { survey, blocks, ret_result };

  *ret_result = (FluoSurveyResult) { .complete = TRUE, .from_ns = survey->span.begin_ns };
  for (guint i = 0; i < view->open->len; i++)
    survey_open (&run, view->open->pdata[i]);
  for (guint i = 0; i < sources->len; i++)
    {
      Source *source = &g_array_index (sources, Source, i);

      if (!ret_result->complete)
        ret_result->n_left += estimate (source->block, survey->span);
      else if (g_get_monotonic_time () > until_usec)
        {
          ret_result->complete = FALSE;
          ret_result->from_ns = MIN (source->newest_ns + 1, survey->span.end_ns);
          ret_result->n_left = estimate (source->block, survey->span);
        }
      else if (!survey_sealed (&run, source, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
fluo_survey_find_chunks (FluoConnection *reader, FluoTimeSpan span, const FluoFilter *filter,
                         GHashTable **ret_chunks, GError **error)
{
  FluoLiveView *view = reader->view;
  gint64 first = G_MAXINT64, last = 0;
  const guint64 *terms;
  guint n_terms;

  *ret_chunks = NULL;
  terms = fluo_filter_get_terms (filter, &n_terms);
  for (guint i = 0; i < view->sealed->len && n_terms > 0; i++)
    {
      FluoSealedBlock *block = view->sealed->pdata[i];

      if (!overlaps (block, span))
        continue;
      first = MIN (first, block->number);
      last = MAX (last, block->number);
    }
  if (first > last)
    return TRUE;
  *ret_chunks = fluo_block_find_terms (reader, first, last, terms, n_terms, error);
  return *ret_chunks != NULL;
}
