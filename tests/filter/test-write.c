/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-edit.h"
#include "filter/fluo-filter-explain.h"
#include "fluo-test-util.h"

/* What helps people to write expressions: words, mistakes and their fixes, completion. */

static FluoFilterVocabulary *
make_vocabulary (void)
{
  FluoFilterVocabulary *self = fluo_filter_vocabulary_new ();

  fluo_filter_vocabulary_add_traces (self, 12930);
  fluo_filter_vocabulary_add_service (self, "payments", "AWS::Lambda::Function", 1284);
  fluo_filter_vocabulary_add_service (self, "checkout", NULL, 12930);
  fluo_filter_vocabulary_add_service (self, "a\"b", NULL, 2);
  fluo_filter_vocabulary_add_edge (self, "checkout", "payments", 1284);
  fluo_filter_vocabulary_add_annotation (self, "region", FLUO_VALUE_STRING, 12930);
  fluo_filter_vocabulary_add_annotation_value (self, "region", "eu", 6651);
  fluo_filter_vocabulary_add_annotation_value (self, "region", "us", 4369);
  fluo_filter_vocabulary_add_annotation_value (self, "region", "apac", 1910);
  fluo_filter_vocabulary_add_annotation (self, "release", FLUO_VALUE_STRING, 12930);
  fluo_filter_vocabulary_add_annotation (self, "retries", FLUO_VALUE_NUMBER, 2274);
  fluo_filter_vocabulary_add_annotation_value (self, "retries", "2", 2000);
  fluo_filter_vocabulary_add_annotation_value (self, "retries", "-1", 274);
  fluo_filter_vocabulary_add_annotation (self, "returning", FLUO_VALUE_BOOLEAN, 5604);
  fluo_filter_vocabulary_add_annotation_value (self, "returning", "true", 5604);
  fluo_filter_vocabulary_add_annotation (self, "bank_api", FLUO_VALUE_STRING, 2274);
  fluo_filter_vocabulary_add_annotation (self, "order_id", FLUO_VALUE_NUMBER, 511);
  fluo_filter_vocabulary_add_annotation_value (self, "order_id", "84193", 1);
  fluo_filter_vocabulary_add_annotation (self, "aws.local.operation", FLUO_VALUE_STRING, 9);
  fluo_filter_vocabulary_add_annotation_value (self, "aws.local.operation", "POST /x", 9);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_USER, "alice@example.com", 7);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_URL, "https://shop.test/checkout", 90);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_URL, "https://shop.test/checkout/2", 80);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_METHOD, "POST", 1284);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_STATUS, "502", 74);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_STATUS, "200", 12000);
  fluo_filter_vocabulary_add_value (self, FLUO_VOCABULARY_GROUP, "checkout-prod", 5604);
  fluo_filter_vocabulary_seal (self);
  return self;
}

/* --- Words ----------------------------------------------------------------- */

/* The sentence, bold parts between asterisks. */
static char *
mark (FluoSentence *sentence)
{
  GString *out = g_string_new (NULL);
  guint at = 0;

  for (guint i = 0; i < sentence->bold->len; i++)
    {
      FluoSentenceRange range = g_array_index (sentence->bold, FluoSentenceRange, i);

      g_string_append_len (out, sentence->text + at, range.start - at);
      g_string_append_printf (out, "*%.*s*", (int) range.length, sentence->text + range.start);
      at = range.start + range.length;
    }
  g_string_append (out, sentence->text + at);
  fluo_sentence_free (sentence);
  g_string_replace (out, "\302\240", " ", 0);
  return g_string_free (out, FALSE);
}

static char *
explain (const char *text)
{
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, NULL);

  return mark (fluo_filter_document_explain (document, G_MAXUINT, NULL));
}

static void
test_explain (void)
{
  static const char *const rows[] = { "service(\"payments\") { responsetime > 0.5 }\nAND http.method = \"POST\"\nAND annotation.tier = \"gold\"\nAND annotaton.bank_api = \"v2\"\nAND annotation.re", "fault", "!ok AND ok", "duration >= 5 AND duration <= 8", "NOT (fault OR error) http.url CONTAINS \"/api/\"", "service(\"a\") { fault = true OR responsetime > 2.5 } AND annotation.foo != \"bar\"",
   "rootcause.responsetime.entity { remote and coverage > 0.7 and name = \"traces\" }", "user CONTAINS \"\" OR !service(\"x\") AND edge(\"a\",) { error }", "edge(\"a\",\"b\") AND service(id(type: \"AWS::X\"))", "rootcause.json = #[{\"Services\":[{\"Name\":\"a\"},{\"Name\":\"b\"}]}]", "", "foo" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *words = explain (rows[i]);

      g_test_message ("%s\n   %s", rows[i], words);
    }
}

/* --- Completion ------------------------------------------------------------ */

static void
show (const char *text, FluoFilterVocabulary *vocabulary)
{
  g_autoptr (FluoFilterCompletion) c = fluo_filter_complete (text, -1, strlen (text), vocabulary, 8);

  g_test_message ("[%s] %u of %u%s", text, c->n_matching, c->n_possible, c->has_trace ? " TRACE" : "");
  for (guint i = 0; i < c->proposals->len; i++)
    {
      FluoFilterProposal *p = g_ptr_array_index (c->proposals, i);

      g_test_message ("    %u %s  (%s) %s %d [%u,%u) -> '%s' | %s", p->kind, p->label, p->type ? p->type : "", p->help ? p->help : "", (int) p->count, p->range.start, p->range.end, p->insert, p->n_values ? p->values[0].text : "");
    }
}

static void
test_complete (void)
{
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();
  static const char *const rows[] = { "", "annotation.re", "AND annotation.re", "respo", "annotation.region = ", "annotation.region = \"e", "fault ", "fault A", "service(\"", "service(\"pay", "edge(\"checkout\", \"", "service(\"payments\") { fa", "service(\"payments\") ", "service(id(", "annotation[aws", "84193", "alice", "/checkout", "502", "500ms", "1-6afefa44-946d071d87f412683d601dea", "Root=1-6afefa44-946d071d87f412683d601dea;Parent=53995c3f42cd8ad8;Sampled=1", "user ", "http.status = 5", "re" , "payments"};

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    show (rows[i], vocabulary);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/write/explain", test_explain);
  g_test_add_func ("/filter/write/complete", test_complete);
  return g_test_run ();
}
