/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-ask-private.h"
#include "local/store/fluo-lexicon.h"

/* POST /fluoroscope/v1/vocabulary: what occurs in the traces of a range. */

#define KEYS_MAX 500
#define VALUES_DEFAULT 50
#define VALUES_MAX 500
#define SEARCH_BYTES_MAX 500

typedef struct
{
  FluoAskRequest request;
  guint          values_max;
  FluoLexicon   *lexicon;
  GHashTable    *chunks;
} Vocabulary;

static void
vocabulary_clear (Vocabulary *self)
{
  fluo_ask_request_clear (&self->request);
  g_clear_pointer (&self->lexicon, fluo_lexicon_free);
  g_clear_pointer (&self->chunks, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Vocabulary, vocabulary_clear)

static gboolean
read_question (FluoApiCall *call, Vocabulary *self)
{
  g_autofree char *search = fluo_api_call_dup (call, "Search");
  gint64 values_max = fluo_json_tape_int (
    call->tape, fluo_json_tape_get (call->tape, 0, "ValuesMax"), VALUES_DEFAULT);

  if (!fluo_ask_request_read (call, &self->request))
    return FALSE;
  if (values_max < 1 || values_max > VALUES_MAX)
    fluo_api_call_invalid (call, "ValuesMax is a number from 1 to %d", VALUES_MAX);
  else if (search && strlen (search) > SEARCH_BYTES_MAX)
    fluo_api_call_invalid (call, "Search is no longer than %d bytes", SEARCH_BYTES_MAX);
  else
    {
      self->values_max = (guint) values_max;
      self->lexicon = fluo_lexicon_new (search, FLUO_LEXICON_VALUES_MAX);
      return TRUE;
    }
  return FALSE;
}

static guint
wanted_chunks (gint64 block, gpointer data)
{
  Vocabulary *self = data;

  return self->chunks ? GPOINTER_TO_UINT (g_hash_table_lookup (self->chunks, &block))
                      : FLUO_BLOCK_ALL_FACTS;
}

static void
add_part (const FluoSurveyPart *part, gpointer data)
{
  Vocabulary *self = data;
  g_autoptr (FluoFilterMatcher) matcher = NULL;
  guint matching[FLUO_CHUNK_N];
  guint n = 0;

  if (!part->facts)
    return;
  if (!self->request.filter)
    {
      fluo_lexicon_add (self->lexicon, part->facts, part->traces, part->n);
      return;
    }
  matcher = fluo_filter_matcher_new (self->request.filter, part->facts);
  for (guint i = 0; i < part->n; i++)
    if (fluo_filter_matcher_matches (matcher, part->traces[i]))
      matching[n++] = part->traces[i];
  fluo_lexicon_add (self->lexicon, part->facts, matching, n);
}

static gboolean
run (FluoConnection *reader, Vocabulary *self, FluoSurveyResult *result, GError **error)
{
  FluoSurvey survey = { self->request.span, FLUO_ASK_BUDGET_USEC, wanted_chunks, add_part, self };

  if (self->request.filter &&
      !fluo_survey_find_chunks (reader, self->request.span, self->request.filter, &self->chunks,
                                error))
    return FALSE;
  return fluo_survey_run (reader, &survey, result, error);
}

void
fluo_api_get_vocabulary (FluoApiCall *call)
{
  g_auto (Vocabulary) vocabulary = { { { 0, 0 }, NULL }, 0, NULL, NULL };
  g_autoptr (FluoGroups) groups = NULL;
  g_autoptr (GError) error = NULL;
  FluoSurveyResult result = { 0 };
  FluoConnection *reader;
  FluoJsonWriter writer;

  if (!read_question (call, &vocabulary))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      run (reader, &vocabulary, &result, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  groups = fluo_settings_ref_groups (call->context->settings);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_ask_write_extent (&writer, &result);
  fluo_json_writer_key (&writer, "Vocabulary");
  fluo_lexicon_write (vocabulary.lexicon, groups, KEYS_MAX, vocabulary.values_max, &writer);
  fluo_json_writer_end (&writer, '}');
}
