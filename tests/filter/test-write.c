/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-edit.h"
#include "filter/fluo-filter-explain.h"
#include "fluo-random-expression.h"
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
  fluo_filter_vocabulary_add_version (self, "payments", "1.42.0", 700);
  fluo_filter_vocabulary_add_version (self, "payments", "1.41.3", 584);
  fluo_filter_vocabulary_add_version (self, "checkout", "7.1", 12930);
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

static const struct
{
  const char *text, *words;
} explained[] = {
  { "", "All traces." },
  { "fault", "Traces where the root request had a *fault* (5xx)." },
  { "!ok AND ok",
    "Traces where the root request did *not succeed* and *succeeded*." },
  { "fault = false", "Traces where the root request had *no fault* (5xx)." },
  { "duration >= 5 AND duration <= 8", "Traces where the whole trace took *5 s to 8 s*." },
  { "responsetime = 0.5", "Traces where the root request took *exactly 0.5 s*." },
  { "service(\"payments\") { responsetime > 0.5 } AND http.method = \"POST\" AND annotation.tier = "
    "\"gold\"",
    "Traces where *payments* took *longer than 0.5 s*, the request was a *POST*, and *tier* is "
    "*gold*." },
  { "service() { fault }", "Traces where *any service* had a *fault* (5xx)." },
  { "service(\"pay\") { version = \"2.1\" }", "Traces where *pay* ran version *2.1*." },
  { "service(\"pay\") { version BEGINSWITH \"2.\" AND fault }",
    "Traces where *pay* ran a version that *begins with 2.* and had a *fault* (5xx)." },
  { "service(\"pay\") { !version }", "Traces where *pay* recorded *no version*." },
  { "!service(\"a\")", "Traces where *a* took *no part*." },
  { "!service(\"a\") { ok }", "Traces where it is *not* so that *a* *succeeded*." },
  { "edge(\"a\", \"b\") { error }",
   "Traces where a call from *a* to *b* had a client *error* (4xx)." },
  { "edge(, \"b\")", "Traces where *any service* called *b*." },
  { "service(id(name: \"a\", type: \"T\", account.id: \"1\"))",
    "Traces where *a (T, account 1)* took part." },
  { "service(\"a\") { fault OR responsetime > 2.5 AND root }",
    "Traces where *a* had a *fault* (5xx) or (took *longer than 2.5 s* and was the *entry* of the "
    "trace)." },
  { "NOT (fault OR user = \"a\")",
    "Traces where it is *not* so that either the root request had a *fault* (5xx) or the user is "
    "*a*." },
  { "(fault OR ok) error",
    "Traces where (either the root request had a *fault* (5xx) or *succeeded*) and the root "
    "request had a client *error* (4xx)." },
  { "annotation.a AND !annotation[b.c] AND annotation.d >= 3",
    "Traces where *a* is *recorded*, *b.c* is *not recorded*, and *d* *is at least 3*." },
  { "user CONTAINS \"\"", "Traces where a *user* is recorded." },
  { "!(http.status = 200)",
   "Traces where it is *not* so that the root request was answered with *status 200*." },
  { "http.url BEGINSWITH \"http://x\"",
    "Traces where the request has a URL that *begins with http://x*." },
  { "rootcause.responsetime.entity { remote and coverage > 0.7 }",
    "Traces where a segment or subsegment in the root cause of the *response time* is a *remote "
    "call* and takes *more than 70 %* of the response time." },
  { "rootcause.fault.service", "Traces where there is a root cause of a *fault*." },
  { "rootcause.json = #[{\"Services\":[{\"Name\":\"a\"},{\"Name\":\"b\"}]}]",
    "Traces where the root causes lead along *a → b*." },
  { "rootcause.json = #[{\"Services\":[{\"Name\":\"a\",\"EntityPath\":[{\"Name\":\"a\"},{\"Name\":"
    "\"f\"}]},{\"Name\":\"b\"}]}]",
    "Traces where the root causes lead along *a › f → b*." },
  { "rootcause.fault.service { index > 5 }",
    "Traces where a service in the root cause of a *fault* stands *behind position 5* (counted "
    "from 0)." },
  { "rootcause.error.exception { last }",
    "Traces where an exception in the root cause of an *error* comes *last*." },
  /* A subject is said once, and again where something came between or it would mean another. */
  { "fault = true AND http.url CONTAINS \"/game\" AND responsetime >= 5",
    "Traces where the root request had a *fault* (5xx), has a URL that *contains /game*, and took "
    "*at least 5 s*." },
  { "fault AND user AND error",
    "Traces where the root request had a *fault* (5xx), a *user* is recorded, and the root request "
    "had a client *error* (4xx)." },
  { "!(http.status = 200) AND ok",
    "Traces where it is *not* so that the root request was answered with *status 200*, and the "
    "root request *succeeded*." },
  { "service(\"a\") { fault OR throttle } AND user = \"b\"",
    "Traces where *a* had a *fault* (5xx) or was *throttled* (429), and the user is *b*." },
  { "service(id(type: \"T\")) { fault } AND service(id(account.id: \"1\")) OR service(id(type: "
    "\"T\", account.id: \"1\"))",
    "Traces where either (*any service of type T* had a *fault* (5xx) and *any service of account "
    "1* took part) or *any service of type T and account 1* took part." },
  { "group.name = \"g\"", "Traces where the trace is in the group *g*." },
  { "edge(\"a\",\"b\") { source.annotation.k = 1 }",
    "Traces where a call from *a* to *b* has a caller whose *k* *is 1*." },
  /* With mistakes. */
  { "fault AND foo", "Traces where the root request had a *fault* (5xx). The rest does not count "
    "yet." },
  { "ok\nAND fuult\nAND user = \nAND error",
    "Traces where the root request *succeeded* and had a client *error* (4xx). Lines 2 and 3 do "
    "not count yet." },
  { "xyzzy", "Nothing counts yet." },
  { "fault && ok", "Traces where the root request had a *fault* (5xx). The rest does not count "
    "yet." },
};

static void
test_explain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (explained); i++)
    {
      g_autofree char *words = explain (explained[i].text);

      g_assert_cmpstr (words, ==, explained[i].words);
    }
}

/* Everything that is valid has words, in sound UTF-8 and whole. */
static void
test_explain_anything (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint i = 0; i < 2000; i++)
    {
      Expression *expression = fluo_random_expression_new (rand, TRACE, 3, FALSE);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (FluoFilter) filter = NULL;
      g_autofree char *words = NULL;

      fluo_random_expression_write (text, rand, expression);
      fluo_random_expression_free (expression);
      filter = fluo_filter_new (text->str, -1, NULL, NULL);
      words = mark (fluo_filter_explain (filter));
      g_assert_true (g_utf8_validate (words, -1, NULL));
      g_assert_true (g_str_has_prefix (words, "Traces where ") && g_str_has_suffix (words, "."));
      g_assert_null (strchr (words, '{'));
      g_assert_null (strstr (words, "%s"));
      g_assert_null (strstr (words, "  "));
    }
}

/* Thousands of conditions are not all said. */
static void
test_explain_many (void)
{
  g_autoptr (GString) text = g_string_new ("ok");
  g_autofree char *words = NULL;

  for (guint i = 0; i < 6000; i++)
    g_string_append (text, " AND ok");
  words = explain (text->str);
  g_assert_cmpuint (strlen (words), <, 3000);
  g_assert_true (g_str_has_suffix (words, " and *5,961 more conditions*.") ||
                 g_str_has_suffix (words, " and *5961 more conditions*."));
}

/* --- Documents ------------------------------------------------------------- */

static void
test_document (void)
{
  static const char text[] = "service(\"payments\") { responsetime > 0.5 }\n"
                             "AND http.method = \"POST\"\n"
                             "AND annotaton.bank_api = \"v2\"\n"
                             "AND annotation.re";
  const guint cursor = strlen (text);
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, vocabulary);
  g_autoptr (FluoFilter) rest = fluo_filter_document_dup_rest (document, 50);
  g_autofree char *other = fluo_filter_print (rest);
  g_autofree char *words = mark (fluo_filter_document_explain (document, cursor, NULL));
  g_autofree char *sentence = NULL, *fixed = NULL;
  const FluoFilterDiagnostic *row;
  guint behind = 0;

  g_assert_false (fluo_filter_document_is_valid (document));
  g_assert_cmpuint (fluo_filter_document_get_n_conditions (document), ==, 4);
  g_assert_true (fluo_filter_document_get_condition (document, 1)->valid);
  g_assert_cmpuint (fluo_filter_document_get_condition (document, 1)->first_line, ==, 1);
  g_assert_false (fluo_filter_document_get_condition (document, 2)->valid);
  g_assert_false (fluo_filter_document_is_typing (document, 60));
  g_assert_true (fluo_filter_document_is_typing (document, cursor));
  g_assert_cmpstr (other, ==, "service(\"payments\") { responsetime > 0.5 } AND annotation.re");
  g_assert_cmpstr (words, ==,
                   "Traces where *payments* took *longer than 0.5 s* and the request was "
                              "a *POST*. Lines 3 and 4 do not count yet.");

  row = fluo_filter_document_get_diagnostic (document, 0);
  g_assert_cmpstr (row->fix, ==, "annotation.bank_api");
  g_assert_cmpstr (row->action, ==, "Fix the spelling");
  sentence = mark (fluo_filter_diagnostic_to_sentence (row));
  g_assert_cmpstr (sentence, ==, "There is no keyword *annotaton.bank_api*: did you mean "
                                 "*annotation.bank_api*? It is set on 2,274 traces.");
  fixed = fluo_filter_document_apply_fix (document, 0, &behind);
  g_assert_nonnull (strstr (fixed, "AND annotation.bank_api = \"v2\"\n"));
  g_assert_cmpmem (fixed + behind, 5, " = \"v", 5);
}

static void
test_hints (void)
{
  static const struct { const char *text, *message, *mended; } rows[] = {
    { "annotation.bank_apo = \"a\"",
      "No trace has an annotation called *bank_apo*: did you mean *bank_api*? It is set on 2,274 "
      "traces.",
      "annotation.bank_api = \"a\"" },
    { "annotation[bank_apo] = \"a\"",
      "No trace has an annotation called *bank_apo*: did you mean *bank_api*? It is set on 2,274 "
      "traces.",
      "annotation.bank_api = \"a\"" },
    { "annotation.zzzzzzzz", "No trace at hand has an annotation called *zzzzzzzz*.", NULL },
    { "annotation.order_id = \"84193\"", "*order_id* holds numbers: without quotes it finds them.",
      "annotation.order_id = 84193" },
    { "annotation.region = 5", "*region* holds text: in double quotes it finds it.",
      "annotation.region = \"5\"" },
    { "service(\"paymnts\")",
      "No trace at hand has a service called *paymnts*: did you mean *payments*?",
      "service(\"payments\")" },
    { "edge(\"checkout\", \"paymnts\") { ok }",
      "No trace at hand has a service called *paymnts*: did you mean *payments*?",
      "edge(\"checkout\", \"payments\") { ok }" },
  };
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilterDocument) document =
        fluo_filter_document_new (rows[i].text, -1, vocabulary);
      const FluoFilterDiagnostic *row;
      g_autofree char *sentence = NULL, *mended = NULL;

      g_test_message ("%s", rows[i].text);
      g_assert_true (fluo_filter_document_is_valid (document));
      g_assert_cmpuint (fluo_filter_document_get_n_diagnostics (document), ==, 1);
      row = fluo_filter_document_get_diagnostic (document, 0);
      g_assert_true (row->hint);
      sentence = mark (fluo_filter_diagnostic_to_sentence (row));
      g_assert_cmpstr (sentence, ==, rows[i].message);
      mended = fluo_filter_document_apply_fix (document, 0, NULL);
      g_assert_cmpstr (mended, ==, rows[i].mended);
    }
}

/* What X-Ray can't be asked is wrong where X-Ray answers, and fine elsewhere. */
static void
test_aws (void)
{
  static const char text[] = "fault AND service(\"pay\") { version = \"2.1\" }";
  g_autoptr (FluoFilterVocabulary) local = make_vocabulary (), aws = fluo_filter_vocabulary_new ();
  g_autoptr (FluoFilterDocument) fine = fluo_filter_document_new (text, -1, local);
  g_autoptr (FluoFilterDocument) wrong = NULL, mended = NULL;
  g_autofree char *sentence = NULL, *fixed = NULL;
  const FluoFilterDiagnostic *row;

  fluo_filter_vocabulary_set_aws (aws);
  fluo_filter_vocabulary_seal (aws);
  g_assert_true (fluo_filter_document_is_valid (fine));
  wrong = fluo_filter_document_new (text, -1, aws);
  g_assert_false (fluo_filter_document_is_valid (wrong));
  g_assert_true (fluo_filter_document_get_condition (wrong, 0)->valid);
  g_assert_false (fluo_filter_document_get_condition (wrong, 1)->valid);
  g_assert_cmpuint (fluo_filter_document_get_n_diagnostics (wrong), ==, 1);
  row = fluo_filter_document_get_diagnostic (wrong, 0);
  sentence = mark (fluo_filter_diagnostic_to_sentence (row));
  g_assert_cmpstr (sentence, ==, "AWS can't be asked for the version of a service: record it as an "
                                 "annotation, and ask for that.");
  g_assert_cmpstr (row->action, ==, "Ask for the annotation");
  fixed = fluo_filter_document_apply_fix (wrong, 0, NULL);
  g_assert_cmpstr (fixed, ==,
                   "fault AND service(\"pay\") { annotation[service.version] = \"2.1\" }");
  mended = fluo_filter_document_new (fixed, -1, aws);
  g_assert_true (fluo_filter_document_is_valid (mended));
}

/* What is unfinished at the cursor is being typed; what is wrong elsewhere is not. */
static void
test_typing (void)
{
  static const struct { const char *text; gboolean typing; } rows[] = {
    { "fau", TRUE }, { "fault", FALSE }, { "fault AND ", TRUE }, { "user = ", TRUE },
    { "user = \"a", TRUE }, { "service(\"a\") { respon", TRUE }, { "service(\"a\"", TRUE },
    { "xyzzy", FALSE }, { "user = 5", FALSE }, { "fault AND (ok OR ", TRUE }, { "annotation.",
                                                                               TRUE },
    { "annotation[a", TRUE }, { "", FALSE }, { "fuult AND ok", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (rows[i].text, -1, NULL);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (fluo_filter_document_is_typing (document, strlen (rows[i].text)), ==,
                       rows[i].typing);
    }
}

/* --- Completion ------------------------------------------------------------ */

/* The proposals' labels, and what taking the first gives. */
static const struct
{
  const char *text;
  const char *labels;
  const char *taken;
} completed[] = {
  { "annotation.re|", "annotation.region annotation.release annotation.returning "
                      "annotation.retries", "annotation.region" },
  { "fault AND anno|tation.x = 1 OR ok", NULL, "fault AND annotation.region = 1 OR ok" },
  { "annotation.region = |", "eu us apac \"…\"", "annotation.region = \"eu\"" },
  { "annotation.region =|", "eu us apac \"…\"", "annotation.region = \"eu\"" },
  { "annotation.region = \"a|", "apac", "annotation.region = \"apac\"" },
  { "annotation.region = \"a|\" AND ok", "apac", "annotation.region = \"apac\" AND ok" },
  { "annotation.region = u|", "us eu", "annotation.region = \"us\"" },
  { "annotation.retries = |", "2", "annotation.retries = 2" },
  { "annotation.retries |", "= != < <= > >= AND OR", "annotation.retries = " },
  { "annotation.returning = |", "true false", "annotation.returning = true" },
  { "annotation.region|>", NULL, NULL },
  { "fault |", "= != AND OR", "fault = " },
  { "fault A|", NULL, "fault AND " },
  { "user CONT|", "CONTAINS", "user CONTAINS " },
  { "service(|", "checkout payments a\"b \"…\" id(…) )", "service(\"checkout\"" },
  { "service(\"pay|", "payments", "service(\"payments\"" },
  { "service(\"|\")", "checkout payments a\"b", "service(\"checkout\")" },
  { "edge(\"checkout\", \"|", "payments checkout a\"b", "edge(\"checkout\", \"payments\"" },
  { "service(id(|", "name:  type:  account.id: ", "service(id(name: " },
  { "service(id(type: \"|", "AWS::Lambda::Function", "service(id(type: \"AWS::Lambda::Function\"" },
  { "service(\"payments\") |", "AND OR {", "service(\"payments\") AND " },
  { "service(\"payments\") { fa|", "fault", "service(\"payments\") { fault" },
  { "service(\"payments\") { fault |", "= != AND OR }", "service(\"payments\") { fault = " },
  { "service(\"payments\") { ver|", "version", "service(\"payments\") { version" },
  /* Of the service in whose block it stands. */
  { "service(\"payments\") { version = |", "1.42.0 1.41.3 \"…\"",
    "service(\"payments\") { version = \"1.42.0\"" },
  { "service(\"payments\") { ok AND (version = \"1.41|", "1.41.3",
    "service(\"payments\") { ok AND (version = \"1.41.3\"" },
  { "service() { version = \"|", "7.1 1.42.0 1.41.3", "service() { version = \"7.1\"" },
  { "service(\"payments\") AND service() { version = \"|", "7.1 1.42.0 1.41.3", NULL },
  { "(fault |", "= != AND OR )", "(fault = " },
  { "annotation[aws|", "aws.local.operation", "annotation[aws.local.operation]" },
  { "annotation[aws|.x] = 1", "aws.local.operation", "annotation[aws.local.operation] = 1" },
  { "http.status = 5|", "502", "http.status = 502" },
  { "group.name = \"|", "checkout-prod", "group.name = \"checkout-prod\"" },
  { "rootcause.fault.exception { mess|", "message", "rootcause.fault.exception { message" },
  { "rootcause.json |", "= !=", "rootcause.json = " },
  { "duration > 5|", "", NULL },
  { "tie|", NULL, NULL },
  { "user = \"x\" AND|", "AND", NULL },
  /* Values first. */
  { "84193|", "annotation.order_id = 84193", "annotation.order_id = 84193" },
  { "alice|", "user = \"alice@example.com\"", "user = \"alice@example.com\"" },
  { "fault AND alice@exa|", "user = \"alice@example.com\"",
    "fault AND user = \"alice@example.com\"" },
  { "/checkout|",
    "http.url CONTAINS \"/checkout\" http.url = \"https://shop.test/checkout\" http.url = "
    "\"https://shop.test/checkout/2\"", "http.url CONTAINS \"/checkout\"" },
  { "502|", "http.status = 502", "http.status = 502" },
  { "500ms|", "responsetime > 0.5", "responsetime > 0.5" },
  { "payments|", "service(\"payments\")", "service(\"payments\")" },
  { "1.42|", "service(\"payments\") { version = \"1.42.0\" }",
    "service(\"payments\") { version = \"1.42.0\" }" },
  { "GET|", "http.method = \"GET\"", "http.method = \"GET\"" },
  { "10.0.0.1|", "http.clientip = \"10.0.0.1\"", "http.clientip = \"10.0.0.1\"" },
  { "i-0abc|", "instance.id = \"i-0abc\"", "instance.id = \"i-0abc\"" },
  { "arn:aws:x|", "resource.arn = \"arn:aws:x\"", "resource.arn = \"arn:aws:x\"" },
  { "eu-west-1a|", "availabilityzone = \"eu-west-1a\"", "availabilityzone = \"eu-west-1a\"" },
};

static void
test_complete (void)
{
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();

  for (guint i = 0; i < G_N_ELEMENTS (completed); i++)
    {
      const char *mark_at = strchr (completed[i].text, '|');
      guint cursor = (guint) (mark_at - completed[i].text);
      g_autofree char *text = g_strdup_printf ("%.*s%s", (int) cursor, completed[i].text,
                                               mark_at + 1);
      g_autoptr (FluoFilterCompletion) completion =
        fluo_filter_complete (text, -1, cursor, vocabulary, 0);
      g_autoptr (GString) labels = g_string_new (NULL), taken = g_string_new (text);

      g_test_message ("%s", completed[i].text);
      for (guint k = 0; k < completion->proposals->len; k++)
        {
          FluoFilterProposal *row = g_ptr_array_index (completion->proposals, k);

          g_string_append_printf (labels, "%s%s", k > 0 ? " " : "", row->label);
          g_assert_cmpuint (row->range.start, <=, cursor);
          g_assert_cmpuint (row->range.end, <=, strlen (text));
          g_assert_cmpuint (row->cursor, <=, strlen (row->insert));
        }
      if (completed[i].labels)
        g_assert_cmpstr (labels->str, ==, completed[i].labels);
      if (completed[i].taken)
        {
          FluoFilterProposal *row = g_ptr_array_index (completion->proposals, 0);

          g_string_erase (taken, row->range.start, row->range.end - row->range.start);
          g_string_insert (taken, row->range.start, row->insert);
          g_assert_cmpstr (taken->str, ==, completed[i].taken);
        }
    }
}

/* What the panel beside the list shows. */
static void
test_proposal (void)
{
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();
  g_autoptr (FluoFilterCompletion) completion =
    fluo_filter_complete ("annotation.re", -1, 13, vocabulary, 2);
  const FluoFilterProposal *row = g_ptr_array_index (completion->proposals, 0);

  g_assert_cmpuint (completion->proposals->len, ==, 2);
  g_assert_cmpuint (completion->n_matching, ==, 4);
  g_assert_cmpint (row->kind, ==, FLUO_PROPOSAL_ANNOTATION);
  g_assert_cmpstr (row->type, ==, "text");
  g_assert_cmpint (row->count, ==, 12930);
  g_assert_cmpstr (row->help, ==, "Annotation, text. Set on every trace.");
  g_assert_cmpuint (row->n_values, ==, 3);
  g_assert_cmpstr (row->values[1].text, ==, "us");
  g_assert_cmpint (row->values[1].count, ==, 4369);
  g_assert_cmpuint (row->match.start, ==, 0);
  g_assert_cmpuint (row->match.end, ==, 13);
  row = g_ptr_array_index (completion->proposals, 1);
  g_assert_cmpstr (row->label, ==, "annotation.release");
}

static void
test_trace_ids (void)
{
  static const struct { const char *text; gboolean found; } rows[] = {
    { "1-6afefa44-946d071d87f412683d601dea", TRUE },
    { " 6afefa44946d071d87f412683d601dea\n", TRUE },
    { "X-Amzn-Trace-Id: Root=1-6afefa44-946d071d87f412683d601dea;Parent=53995c3f42cd8ad8", TRUE },
    { "00-6afefa44946d071d87f412683d601dea-53995c3f42cd8ad8-01", TRUE },
    { "fault AND 1-6afefa44-946d071d87f412683d601dea", TRUE },
    { "annotation.x = \"1-6afefa44-946d071d87f412683d601dea", FALSE },
    { "1-6afefa44-946d071d87f4", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilterCompletion) completion =
        fluo_filter_complete (rows[i].text, -1, strlen (rows[i].text), NULL, 5);
      g_autofree char *id = fluo_trace_id_to_string (&completion->trace);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (completion->has_trace, ==, rows[i].found);
      if (rows[i].found)
        g_assert_cmpstr (id, ==, "1-6afefa44-946d071d87f412683d601dea");
    }
}

/* Adds the least that the grammar wants until all is valid. */
static gboolean
can_go_on (const char *text)
{
  g_autoptr (GString) out = g_string_new (text);

  for (guint steps = 0; steps < 40; steps++)
    {
      FluoFilterWanted wanted;
      g_autoptr (FluoFilterTree) tree =
        fluo_filter_tree_new_wanted (out->str, (gssize) out->len, &wanted);
      const FluoFilterDiagnostic *first;
      const FluoFilterNode *node;

      if (tree->diagnostics->len == 0)
        return TRUE;
      first = g_ptr_array_index (tree->diagnostics, 0);
      /* A group needs what is asked for next. */
      if (!first->unfinished && !g_str_has_suffix (out->str, "group.name") &&
          !g_str_has_suffix (out->str, "group.arn"))
        return FALSE;
      node = wanted.node != FLUO_NODE_NONE ? fluo_filter_tree_get (tree, wanted.node) : NULL;
      if (wanted.what & FLUO_WANT_KEY)
        g_string_append (out, "x]");
      else if (first->fix && first->fix_range.start == out->len)
        g_string_append (out, first->fix);
      else if (wanted.what & FLUO_WANT_CONDITION)
        g_string_append (out, wanted.scope <= FLUO_SCOPE_EDGE ? " ok" : " first");
      else if (wanted.what & FLUO_WANT_VALUE)
        g_string_append (out, fluo_filter_word_type (node->word) == FLUO_TYPE_BOOLEAN ? " true"
                              : fluo_filter_word_type (node->word) == FLUO_TYPE_NUMBER ||
                                  (node->word == FLUO_WORD_ANNOTATION &&
                                   node->op < FLUO_OP_CONTAINS)
                                ? " 1" : " \"x\"");
      else if (wanted.what & FLUO_WANT_ARGUMENT)
        g_string_append (out, wanted.given & 1 ? wanted.given & 2 ? "account.id:" : "type:"
                                               : "name:");
      else if (wanted.what & FLUO_WANT_ARGUMENT_VALUE)
        g_string_append (out, "\"x\"");
      else if (wanted.what & FLUO_WANT_PATTERN_JSON)
        g_string_append (out, "#[]");
      else if (wanted.what & FLUO_WANT_OP)
        g_string_append (out, " =");
      else if (wanted.what & FLUO_WANT_PUNCTUATION)
        g_string_append_c (out, wanted.punctuation[0]);
      else
        return FALSE;
    }
  return FALSE;
}

/* Every prefix of what is valid is completed to what can be. */
static void
check_prefixes (const char *text, FluoFilterVocabulary *vocabulary, guint *n_proposals)
{
  for (guint cursor = 0; cursor <= strlen (text); cursor++)
    {
      g_autofree char *begun = g_strndup (text, cursor);
      g_autoptr (FluoFilterCompletion) completion = NULL;

      if (cursor < strlen (text) && ((guint8) text[cursor] & 0xc0) == 0x80)
        continue;
      completion = fluo_filter_complete (begun, -1, cursor, vocabulary, 0);
      for (guint i = 0; i < completion->proposals->len; i++)
        {
          const FluoFilterProposal *row = g_ptr_array_index (completion->proposals, i);
          g_autofree char *taken =
            g_strdup_printf ("%.*s%s%s", (int) row->range.start, begun, row->insert,
                             begun + row->range.end);

          (*n_proposals)++;
          if (row->kind != FLUO_PROPOSAL_TRACE && !can_go_on (taken))
            {
              g_test_message ("[%s] takes [%s] and can't go on: [%s]", begun, row->insert, taken);
              g_assert_not_reached ();
            }
        }
    }
}

static void
test_prefixes (void)
{
  static const char *const examples[] = {
    "rootcause.json = #[{ \"Services\": [ { \"Name\": \"a\" } ] }]",
    "service(id(name: \"a\", type: \"AWS::Lambda::Function\")) { error }",
    "edge(id(account.id: \"1\"), \"b\") { source.annotation[a.b] = 1 } OR annotation[x y] = "
    "\"\\\"\"",
    "ok !partial duration <3 group.name = \"g\" AND NOT (user CONTAINS \"\" OR !http.url)",
    "rootcause.fault.exception { last and message = \"Access Denied\" }",
    "rootcause.responsetime.entity { coverage > 0.8 }",
  };
  g_autoptr (FluoFilterVocabulary) vocabulary = make_vocabulary ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    check_prefixes (examples[i], vocabulary, &n);
  for (guint i = 0; i < 400; i++)
    {
      Expression *expression = fluo_random_expression_new (rand, TRACE, 2, FALSE);
      g_autoptr (GString) text = g_string_new (NULL);

      fluo_random_expression_write (text, rand, expression);
      fluo_random_expression_free (expression);
      check_prefixes (text->str, i % 3 ? vocabulary : NULL, &n);
    }
  g_test_message ("%u proposals", n);
  g_assert_cmpuint (n, >, 100000);
}

/* --- Vocabulary ------------------------------------------------------------ */

static FluoTraceSummary *
make_summary (guint i)
{
  g_autofree char *json = g_strdup_printf (
    "{\"Id\":\"1-5f84c7a5-%024x\",\"Duration\":1.5,\"ResponseTime\":%u.5,\"HasFault\":%s,"
    "\"HasError\":false,\"HasThrottle\":false,\"IsPartial\":false,\"Http\":{\"HttpURL\":"
    "\"http://x/%u\",\"HttpStatus\":%d,\"HttpMethod\":\"GET\"},\"Annotations\":{\"tier\":[{"
    "\"AnnotationValue\":{\"StringValue\":\"%s\"},\"ServiceIds\":[]}],\"n\":[{\"AnnotationValue\":"
    "{\"NumberValue\":%u},\"ServiceIds\":[]}]},\"Users\":[{\"UserName\":\"u%u\","
    "\"ServiceIds\":[]}],"
    "\"ServiceIds\":[{\"Name\":\"web\",\"Names\":[\"web\"],\"AccountId\":null,\"Type\":\"T\"},"
    "{\"Name\":\"db\",\"Names\":[\"db\"],\"AccountId\":null,\"Type\":\"D\"}],\"EntryPoint\":{"
    "\"Name\":\"web\",\"Names\":[\"web\"],\"AccountId\":null,\"Type\":\"T\"}}",
    i, i % 4, i % 2 ? "true" : "false", i, i % 2 ? 500 : 200, i % 3 ? "gold" : "silver", i, i % 5);
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  FluoTraceSummary *summary = fluo_trace_summary_read (tape, 0, NULL);

  g_assert_nonnull (summary);
  return summary;
}

static void
test_vocabulary (void)
{
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autoptr (FluoFilter) filter = fluo_filter_new ("fault", -1, NULL, NULL);
  g_autoptr (FluoFilterVocabulary) all = NULL, some = NULL;
  const FluoVocabularyValue *rows;
  FluoVocabularyAnnotation annotation;
  guint n;

  for (guint i = 0; i < 30; i++)
    g_ptr_array_add (summaries, make_summary (i));
  all = fluo_filter_vocabulary_new_from_summaries (summaries, NULL);
  some = fluo_filter_vocabulary_new_from_summaries (summaries, filter);
  g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (all), ==, 30);
  g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (some), ==, 15);
  rows = fluo_filter_vocabulary_get (all, FLUO_VOCABULARY_SERVICE, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (rows[0].text, ==, "db");
  g_assert_cmpstr (rows[0].other, ==, "D");
  g_assert_cmpuint (rows[0].count, ==, 30);
  rows = fluo_filter_vocabulary_get (some, FLUO_VOCABULARY_STATUS, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (rows[0].text, ==, "500");
  g_assert_true (fluo_filter_vocabulary_find_annotation (all, "tier", &annotation));
  g_assert_cmpstr (annotation.values[0].text, ==, "gold");
  g_assert_cmpuint (annotation.values[0].count, ==, 20);
  g_assert_true (fluo_filter_vocabulary_find_annotation (all, "n", &annotation));
  g_assert_cmpint (annotation.type, ==, FLUO_VALUE_NUMBER);
  g_assert_cmpstr (fluo_filter_vocabulary_find_near (all, "teir"), ==, "tier");
}

static void
test_vocabulary_json (void)
{
  static const char *const rows[] = {
    "{}", "{\"Services\":5,\"Edges\":[1,null,[]],\"Annotations\":[{}],\"Urls\":[{\"Value\":7}]}",
    "{\"Traces\":-5,\"Annotations\":[{\"Key\":\"a]b\",\"Count\":1},{\"Key\":\"\",\"Count\":2}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilterVocabulary) vocabulary = fluo_filter_vocabulary_new ();
      g_autoptr (GBytes) bytes = g_bytes_new_static (rows[i], strlen (rows[i]));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

      g_assert_true (fluo_filter_vocabulary_add_json (vocabulary, tape, 0, NULL));
      fluo_filter_vocabulary_seal (vocabulary);
      g_assert_null (fluo_filter_vocabulary_find_near (vocabulary, "a]b"));
      g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (vocabulary), ==, 0);
    }
}

/* A collector's whole answer. */
static void
test_vocabulary_answer (void)
{
  static const char answer[] =
    "{\"Traces\":30,\"Services\":[{\"Name\":\"web\",\"Type\":\"T\",\"Count\":10},{\"Name\":\"db\","
    "\"Type\":\"D\",\"Count\":30}],\"Edges\":[{\"Source\":\"web\",\"Destination\":\"db\","
    "\"Count\":9}],"
    "\"Versions\":[{\"Value\":\"2.1\",\"Service\":\"web\",\"Count\":9}],\"Annotations\":[{\"Key\":"
    "\"n\",\"Type\":\"number\",\"Count\":9,\"Values\":[{\"Value\":\"4\",\"Count\":5},"
    "{\"Value\":\"7\",\"Count\":6}]}],\"Urls\":[{\"Value\":\"http://x/\",\"Count\":4}]}";
  g_autoptr (FluoFilterVocabulary) vocabulary = fluo_filter_vocabulary_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (answer, strlen (answer));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  const FluoVocabularyValue *rows;
  FluoVocabularyAnnotation annotation;
  guint n;

  g_assert_true (fluo_filter_vocabulary_add_json (vocabulary, tape, 0, NULL));
  fluo_filter_vocabulary_seal (vocabulary);
  g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (vocabulary), ==, 30);
  rows = fluo_filter_vocabulary_get (vocabulary, FLUO_VOCABULARY_SERVICE, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (rows[0].text, ==, "db");
  g_assert_cmpstr (rows[0].other, ==, "D");
  g_assert_cmpuint (rows[1].count, ==, 10);
  rows = fluo_filter_vocabulary_get (vocabulary, FLUO_VOCABULARY_VERSION, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (rows[0].other, ==, "web");
  rows = fluo_filter_vocabulary_get (vocabulary, FLUO_VOCABULARY_URL, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (rows[0].text, ==, "http://x/");
  g_assert_true (fluo_filter_vocabulary_find_annotation (vocabulary, "n", &annotation));
  g_assert_cmpint (annotation.type, ==, FLUO_VALUE_NUMBER);
  g_assert_cmpuint (annotation.n_values, ==, 2);
  g_assert_cmpstr (annotation.values[0].text, ==, "7");
}

/* --- Summaries -------------------------------------------------------------- */

static void
test_summary (void)
{
  static const struct { const char *text; FluoFilterAnswer answer; } rows[] = {
    { "fault AND http.status = 500", FLUO_FILTER_YES },
    { "responsetime > 1 AND annotation.tier = \"gold\" AND annotation.n = 1", FLUO_FILTER_YES },
    { "user = \"u1\" AND http.url ENDSWITH \"/1\"", FLUO_FILTER_YES },
    { "service(\"db\")", FLUO_FILTER_YES },
    { "service(\"gone\")", FLUO_FILTER_NO },
    { "service(\"db\") { fault }", FLUO_FILTER_MAYBE },
    { "service(\"web\") { fault AND root }", FLUO_FILTER_YES },
    { "service(\"db\") { annotation.gone }", FLUO_FILTER_NO },
    { "edge(\"web\", \"db\")", FLUO_FILTER_MAYBE },
    { "edge(\"web\", \"db\") AND ok", FLUO_FILTER_NO },
    { "edge(\"web\", \"db\") OR fault", FLUO_FILTER_YES },
    { "!edge(\"web\", \"db\")", FLUO_FILTER_MAYBE },
    { "rootcause.fault.service", FLUO_FILTER_NO },
    { "group.name = \"g\"", FLUO_FILTER_MAYBE },
    { "", FLUO_FILTER_YES },
  };
  g_autoptr (FluoTraceSummary) summary = make_summary (1);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilter) row = fluo_filter_new (rows[i].text, -1, NULL, NULL);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (fluo_filter_matches_summary (row, summary), ==, rows[i].answer);
    }
}

/* --- Bad input ------------------------------------------------------------- */

static char *
repeat (const char *text, guint n)
{
  GString *out = g_string_sized_new (strlen (text) * n);

  while (n-- > 0)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

/* Said, not crashed: far too long, far too deep, no text at all. */
static void
test_bad_input (void)
{
  g_autofree char *million = repeat ("fault OR ", 120000), *brackets = repeat ("(", 100000);
  g_autofree char *some = repeat ("(", 60000), *quotes = repeat ("\"", 60001);
  g_autofree char *bars = repeat ("annotation[", 5000), *nots = repeat ("user NOT IN (", 4000);
  const char *const texts[] = { million, brackets, some, quotes, bars, nots, "\xff", "a\xff" "b" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (texts[i], -1, NULL);
      g_autoptr (FluoFilterCompletion) completion =
        fluo_filter_complete (texts[i], -1, strlen (texts[i]), NULL, 10);
      g_autoptr (FluoSentence) words = fluo_filter_document_explain (document, G_MAXUINT, NULL);

      g_assert_false (fluo_filter_document_is_valid (document));
      g_assert_cmpuint (strlen (words->text), <, 5000);
      g_assert_nonnull (completion);
      for (guint k = 0; k < fluo_filter_document_get_n_diagnostics (document); k++)
        g_free (fluo_filter_document_apply_fix (document, k, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/write/explain", test_explain);
  g_test_add_func ("/filter/write/explain-anything", test_explain_anything);
  g_test_add_func ("/filter/write/explain-many", test_explain_many);
  g_test_add_func ("/filter/write/document", test_document);
  g_test_add_func ("/filter/write/hints", test_hints);
  g_test_add_func ("/filter/write/aws", test_aws);
  g_test_add_func ("/filter/write/typing", test_typing);
  g_test_add_func ("/filter/write/complete", test_complete);
  g_test_add_func ("/filter/write/proposal", test_proposal);
  g_test_add_func ("/filter/write/trace-ids", test_trace_ids);
  g_test_add_func ("/filter/write/prefixes", test_prefixes);
  g_test_add_func ("/filter/write/vocabulary", test_vocabulary);
  g_test_add_func ("/filter/write/vocabulary-json", test_vocabulary_json);
  g_test_add_func ("/filter/write/vocabulary-answer", test_vocabulary_answer);
  g_test_add_func ("/filter/write/summary", test_summary);
  g_test_add_func ("/filter/write/bad-input", test_bad_input);
  return g_test_run ();
}
