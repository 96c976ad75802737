/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-edit.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const char document[] =
    "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\","
    "\"name\":\"web\",\"start_time\":1,\"end_time\":2,\"fault\":true,\"user\":\"u\","
    "\"annotations\":{\"k\":1,\"s\":\"x\"},\"cause\":{\"exceptions\":["
    "{\"id\":\"0000000000000002\",\"type\":\"E\",\"message\":\"m\"}]},"
    "\"subsegments\":[{\"id\":\"0000000000000003\",\"name\":\"api\",\"namespace\":\"remote\","
    "\"start_time\":1,\"end_time\":1.9,\"fault\":true}]}";

static FluoFactsBlock *
make_facts (void)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr (FluoTrace) trace = NULL;

  g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
  return fluo_facts_block_from_trace (trace);
}

static void
check_complaints (const char *text, gsize size)
{
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (text, (gssize) size);
  const guint length = (guint) MIN (size, FLUO_FILTER_LENGTH_MAX);

  for (guint i = 0; i < tree->diagnostics->len; i++)
    {
      const FluoFilterDiagnostic *row = g_ptr_array_index (tree->diagnostics, i);

      g_assert_cmpuint (row->range.start, <=, row->range.end);
      g_assert_cmpuint (row->range.start, <=, length);
      g_assert_true (g_utf8_validate (row->message, -1, NULL));
    }
}

static FluoFilterVocabulary *
make_vocabulary (void)
{
  FluoFilterVocabulary *self = fluo_filter_vocabulary_new ();

  fluo_filter_vocabulary_add_traces (self, 3);
  fluo_filter_vocabulary_add_service (self, "web", "AWS::ECS::Container", 3);
  fluo_filter_vocabulary_add_edge (self, "web", "a\"b", 2);
  fluo_filter_vocabulary_add_annotation (self, "tier", FLUO_VALUE_STRING, 2);
  fluo_filter_vocabulary_add_annotation_value (self, "tier", "gold", 2);
  fluo_filter_vocabulary_add_annotation (self, "a.b", FLUO_VALUE_NUMBER, 1);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_URL, "http://web/x", 2);
  fluo_filter_vocabulary_seal (self);
  return self;
}

/* Words for whatever is there, proposals at every place, and every fix taken once. */
static void
check_writing (const char *text, gsize size)
{
  static FluoFilterVocabulary *vocabulary = NULL;
  g_autoptr (FluoFilterDocument) document = NULL;
  g_autoptr (FluoSentence) words = NULL;

  if (!vocabulary)
    vocabulary = make_vocabulary ();
  document = fluo_filter_document_new (text, (gssize) size, vocabulary);
  words = fluo_filter_document_explain (document, (guint) size, NULL);
  g_assert_true (g_utf8_validate (words->text, -1, NULL));
  for (guint i = 0; i < fluo_filter_document_get_n_conditions (document); i++)
    fluo_filter_unref (fluo_filter_document_dup_rest (
        document, fluo_filter_document_get_condition (document, i)->range.start));
  for (guint i = 0; i < fluo_filter_document_get_n_diagnostics (document); i++)
    {
      g_autofree char *mended = fluo_filter_document_apply_fix (document, i, NULL);

      if (mended)
        fluo_filter_tree_free (fluo_filter_tree_new (mended, -1));
    }
  /* At every byte of a short text, at some of a long one: inputs differ enough. */
  for (guint cursor = 0; cursor <= size; cursor += 1 + (guint) size / 16)
    {
      g_autoptr (FluoFilterCompletion) completion =
        fluo_filter_complete (text, (gssize) size, cursor, vocabulary, 0);

      for (guint i = 0; i < completion->proposals->len; i++)
        {
          const FluoFilterProposal *row = g_ptr_array_index (completion->proposals, i);

          g_assert_cmpuint (row->range.start, <=, row->range.end);
          g_assert_cmpuint (row->range.end, <=, size);
          g_assert_cmpuint (row->cursor, <=, strlen (row->insert));
          g_assert_true (g_utf8_validate (row->insert, -1, NULL));
        }
    }
}

/* What is accepted prints to text that is accepted, prints alike, and means the same. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static FluoFactsBlock *block = NULL;
  /* A copy, so that reading behind the end is seen. */
  g_autofree char *text = g_memdup2 (data, size ? size : 1);
  g_autoptr (FluoFilter) filter = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL, *twice = NULL;
  FluoTraceFacts facts;

  if (!block)
    block = make_facts ();
  if (!text)
    text = g_strdup ("");
  fluo_facts_block_get (block, 0, &facts);
  check_complaints (text, size);
  check_writing (text, size);
  fluo_selector_free (fluo_selector_new (text, (gssize) size, NULL, NULL));
  filter = fluo_filter_new (text, (gssize) size, NULL, &error);
  if (!filter)
    return 0;
  printed = fluo_filter_print (filter);
  if (strlen (printed) > FLUO_FILTER_LENGTH_MAX)
    return 0;
  again = fluo_filter_new (printed, -1, NULL, &error);
  g_assert_no_error (error);
  twice = fluo_filter_print (again);
  g_assert_cmpstr (printed, ==, twice);
  g_assert_cmpint (fluo_filter_matches (filter, &facts), ==, fluo_filter_matches (again, &facts));
  return 0;
}
