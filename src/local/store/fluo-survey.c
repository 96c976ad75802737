/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-survey.h"

/* A sealed block that has traces of the range. */
typedef struct
{
  FluoSealedBlock *block; /* borrowed from the view */
  gint64           newest_ns;
} Source;

typedef struct
{
  FluoConnection   *reader;
  const FluoSurvey *survey;
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

static gboolean
survey_sealed (Run *run, FluoSealedBlock *block, GError **error)
{
  g_auto (FluoBlockContents) contents = { NULL };
  guint chunks = run->survey->want ? run->survey->want (block->number, run->survey->data)
                                   : FLUO_BLOCK_ALL_FACTS;
  guint traces[FLUO_CHUNK_N];

  if (chunks == 0 && is_inside (block, run->survey->span))
    {
      FluoSurveyPart part = { block->number, 0, NULL, NULL, fluo_sealed_block_get_n_live (block) };

      tell (run, &part);
      return TRUE;
    }
  if (!fluo_block_read (run->reader, block->number, chunks, &contents, error))
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
list_sources (FluoView *view, FluoTimeSpan span)
{
  GArray *sources = g_array_new (FALSE, FALSE, sizeof (Source));

  for (guint i = 0; i < view->sealed->len; i++)
    {
      Source source = { view->sealed->pdata[i], 0 };

      source.newest_ns = source.block->start_max;
      if (overlaps (source.block, span))
        g_array_append_val (sources, source);
    }
  g_array_sort (sources, compare_sources);
  return sources;
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
  FluoView *view = reader->view;
  g_autoptr (GArray) sources = list_sources (view, survey->span);
  Run run = { reader, survey, ret_result };

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
      else if (!survey_sealed (&run, source->block, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
fluo_survey_find_chunks (FluoConnection *reader, FluoTimeSpan span, const FluoFilter *filter,
                         GHashTable **ret_chunks, GError **error)
{
  FluoView *view = reader->view;
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
