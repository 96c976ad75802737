/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

/* What completion and the editor's margin are about: words that occur, and counts of conditions. A
 * collector counts both over everything it holds; elsewhere the summaries that were fetched have to
 * do, in a worker. */

/* Known words are good for so long. */
#define FRESH_USEC (5 * G_USEC_PER_SEC)
#define VALUES_MAX 500

/* --- Words ------------------------------------------------------------------------------- */

typedef struct
{
  FluoXrayVocabulary *server;    /* either */
  GPtrArray          *summaries; /* or */
  FluoFilter         *filter;    /* of these; or NULL */
  gboolean            aws;       /* whoever answers knows no more than X-Ray */
} WordsJob;

/* Does not keep the explorer alive. */
typedef struct
{
  GWeakRef          explorer;
  FluoExplorerWords *words; /* one of the explorer's own */
  guint             number; /* of the question */
  gboolean          exact;
} WordsQuestion;

static void
words_job_free (gpointer data)
{
  WordsJob *job = data;

  g_clear_pointer (&job->server, fluo_xray_vocabulary_free);
  g_clear_pointer (&job->summaries, g_ptr_array_unref);
  g_clear_pointer (&job->filter, fluo_filter_unref);
  g_free (job);
}

static void
words_question_free (WordsQuestion *self)
{
  g_weak_ref_clear (&self->explorer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WordsQuestion, words_question_free)

static void
words_clear (FluoExplorerWords *self)
{
  self->number++;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->words, fluo_filter_vocabulary_unref);
  g_clear_pointer (&self->rest, g_free);
  self->read_usec = 0;
}

/* [worker] */
static void
words_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  WordsJob *job = task_data;
  FluoFilterVocabulary *words;

  if (job->summaries)
    words = fluo_filter_vocabulary_new_from_summaries (job->summaries, job->filter);
  else
    {
      words = fluo_filter_vocabulary_new ();
      fluo_filter_vocabulary_add_json (words, job->server->tape, job->server->node, NULL);
      fluo_filter_vocabulary_seal (words);
    }
  if (job->aws)
    fluo_filter_vocabulary_set_aws (words);
  g_task_return_pointer (task, words, (GDestroyNotify) fluo_filter_vocabulary_unref);
}

static void
words_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WordsQuestion) question = user_data;
  g_autoptr (FluoFilterVocabulary) words = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (FluoExplorer) self = g_weak_ref_get (&question->explorer);

  if (!self || question->number != question->words->number || !words)
    return;
  g_clear_pointer (&question->words->words, fluo_filter_vocabulary_unref);
  question->words->words = g_steal_pointer (&words);
  question->words->exact = question->exact;
  g_clear_object (&question->words->cancellable);
  fluo_explorer_emit_vocabulary (self);
}

static void
make_words (WordsQuestion *question, WordsJob *job)
{
  g_autoptr (GTask) task =
    g_task_new (NULL, question->words->cancellable, words_made_cb, question);

  g_task_set_source_tag (task, make_words);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_set_task_data (task, job, words_job_free);
  g_task_run_in_thread (task, words_thread);
}

static void
make_words_of_summaries (FluoExplorer *self, WordsQuestion *question)
{
  WordsJob *job = g_new0 (WordsJob, 1);

  job->summaries = g_ptr_array_ref (self->summaries);
  job->aws = !self->has_feed;
  if (question->words->rest)
    job->filter = fluo_filter_new (question->words->rest, -1, NULL, NULL);
  make_words (question, job);
}

static void
words_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WordsQuestion) question = user_data;
  FluoXrayVocabulary *read =
    fluo_xray_client_get_vocabulary_finish (FLUO_XRAY_CLIENT (source), result, NULL);
  g_autoptr (FluoExplorer) self = g_weak_ref_get (&question->explorer);
  WordsJob *job;

  if (!self || question->number != question->words->number)
    {
      g_clear_pointer (&read, fluo_xray_vocabulary_free);
      return;
    }
  if (!read)
    {
      make_words_of_summaries (self, g_steal_pointer (&question));
      return;
    }
  job = g_new0 (WordsJob, 1);
  job->server = read;
  question->exact = TRUE;
  make_words (g_steal_pointer (&question), job);
}

static void
ask_words (FluoExplorer *self, FluoExplorerWords *words)
{
  WordsQuestion *question = g_new0 (WordsQuestion, 1);

  words->read_usec = g_get_monotonic_time ();
  words->cancellable = g_cancellable_new ();
  g_weak_ref_init (&question->explorer, self);
  question->words = words;
  question->number = ++words->number;
  if (self->has_feed)
    fluo_xray_client_get_vocabulary_async (self->client, fluo_explorer_get_span (self), words->rest,
                                           NULL, VALUES_MAX, words->cancellable, words_read_cb,
                                           question);
  else
    make_words_of_summaries (self, question);
}

static void
refresh_words (FluoExplorer *self, FluoExplorerWords *words)
{
  if (!self->client || self->state != FLUO_EXPLORER_CONNECTED || words->cancellable)
    return;
  if (words->read_usec == 0 || g_get_monotonic_time () - words->read_usec > FRESH_USEC)
    ask_words (self, words);
}

FluoFilterVocabulary *
fluo_explorer_get_vocabulary (FluoExplorer *self, const char *rest, gboolean *ret_exact)
{
  FluoExplorerWords *narrow = &self->words[1], *all = &self->words[0], *best = all;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  refresh_words (self, all);
  if (rest && *rest)
    {
      if (g_strcmp0 (narrow->rest, rest) != 0)
        {
          words_clear (narrow);
          narrow->rest = g_strdup (rest);
        }
      refresh_words (self, narrow);
      if (narrow->words)
        best = narrow;
    }
  if (ret_exact)
    *ret_exact = best->exact;
  return best->words;
}

void
fluo_explorer_forget_words (FluoExplorer *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->words); i++)
    words_clear (&self->words[i]);
}

/* --- Counts ------------------------------------------------------------------------------ */

typedef struct
{
  gatomicrefcount ref_count;
  char        **conditions;
  FluoTimeSpan  span;
  GPtrArray    *filters;   /* FluoFilter */
  GPtrArray    *summaries;
  FluoTimeSpan  known;     /* what the summaries are of */
} CountJob;

static CountJob *
count_job_ref (CountJob *job)
{
  g_atomic_ref_count_inc (&job->ref_count);
  return job;
}

static void
count_job_unref (gpointer data)
{
  CountJob *job = data;

  if (!g_atomic_ref_count_dec (&job->ref_count))
    return;
  g_strfreev (job->conditions);
  g_ptr_array_unref (job->filters);
  g_ptr_array_unref (job->summaries);
  g_free (job);
}

/* A summary that may match, for all that is known, counts as unknown and no more. */
static void
count_summary (FluoFilterCounts *counts, const CountJob *job, const FluoTraceSummary *summary)
{
  FluoFilterAnswer answers[FLUO_XRAY_CONDITIONS_MAX], all = FLUO_FILTER_YES;
  guint n = job->filters->len, n_not = 0, last_not = 0;

  for (guint i = 0; i < n; i++)
    {
      FluoConditionCount *count = &g_array_index (counts->conditions, FluoConditionCount, i);

      answers[i] = fluo_filter_matches_summary (job->filters->pdata[i], summary);
      all = MIN (all, answers[i]);
      count->alone += answers[i] == FLUO_FILTER_YES;
      count->after += all == FLUO_FILTER_YES;
      if (answers[i] != FLUO_FILTER_YES)
        {
          n_not++;
          last_not = i;
        }
    }
  for (guint i = 0; i < n; i++)
    g_array_index (counts->conditions, FluoConditionCount, i).without +=
      n_not == 0 || (n_not == 1 && last_not == i);
  counts->n_traces++;
  counts->n_matching += all == FLUO_FILTER_YES;
  counts->n_unknown += all == FLUO_FILTER_MAYBE;
}

/* [worker] */
static void
count_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  CountJob *job = task_data;
  FluoFilterCounts *counts = fluo_filter_counts_new ();

  for (guint i = 0; i < job->filters->len; i++)
    {
      FluoConditionCount count = { fluo_filter_print (job->filters->pdata[i]), 0, 0, 0 };

      g_array_append_val (counts->conditions, count);
    }
  for (guint i = 0; i < job->summaries->len; i++)
    {
      FluoTraceSummary *summary = job->summaries->pdata[i];

      if (fluo_time_span_contains (job->span, summary->start_ns))
        count_summary (counts, job, summary);
    }
  counts->complete =
    job->known.begin_ns <= job->span.begin_ns && job->known.end_ns >= job->span.end_ns;
  counts->from_ns = MAX (job->known.begin_ns, job->span.begin_ns);
  g_task_return_pointer (task, counts, (GDestroyNotify) fluo_filter_counts_free);
}

static void
count_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoFilterCounts *counts = g_task_propagate_pointer (G_TASK (result), &error);

  if (counts)
    g_task_return_pointer (task, counts, (GDestroyNotify) fluo_filter_counts_free);
  else
    g_task_return_error (task, error);
}

/* The worker knows nothing of the explorer, which would end in it otherwise. */
static void
count_summaries (GTask *task)
{
  g_autoptr (GTask) worker =
    g_task_new (NULL, g_task_get_cancellable (task), count_made_cb, g_object_ref (task));

  g_task_set_source_tag (worker, count_summaries);
  g_task_set_task_data (worker, count_job_ref (g_task_get_task_data (task)), count_job_unref);
  g_task_run_in_thread (worker, count_thread);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  FluoFilterCounts *counts =
    fluo_xray_client_count_conditions_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (counts)
    g_task_return_pointer (task, counts, (GDestroyNotify) fluo_filter_counts_free);
  else if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND))
    count_summaries (task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static CountJob *
count_job_new (FluoExplorer *self, const char *const *conditions, const FluoTimeSpan *span,
               GError **error)
{
  g_autoptr (GPtrArray) filters =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_filter_unref);
  CountJob *job;

  for (guint i = 0; conditions[i]; i++)
    {
      FluoFilter *filter = fluo_filter_new (conditions[i], -1, NULL, error);

      if (!filter)
        return NULL;
      g_ptr_array_add (filters, filter);
      if (filters->len > FLUO_XRAY_CONDITIONS_MAX)
        {
          g_set_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_INVALID_REQUEST,
                       "more than %d conditions", FLUO_XRAY_CONDITIONS_MAX);
          return NULL;
        }
    }
  job = g_new0 (CountJob, 1);
  g_atomic_ref_count_init (&job->ref_count);
  job->conditions = g_strdupv ((char **) conditions);
  job->filters = g_steal_pointer (&filters);
  job->summaries = g_ptr_array_ref (self->summaries);
  job->known = fluo_explorer_get_span (self);
  job->span = span ? *span : job->known;
  return job;
}

void
fluo_explorer_count_async (FluoExplorer *self, const char *const *conditions,
                           const FluoTimeSpan *span, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  CountJob *job;

  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (conditions != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_explorer_count_async);
  job = count_job_new (self, conditions, span, &error);
  if (!job)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, job, count_job_unref);
  if (self->client && self->has_feed)
    fluo_xray_client_count_conditions_async (self->client, job->span,
                                             (const char *const *) job->conditions, cancellable,
                                             counted_cb, g_object_ref (task));
  else
    count_summaries (task);
}

FluoFilterCounts *
fluo_explorer_count_finish (FluoExplorer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_explorer_count_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
