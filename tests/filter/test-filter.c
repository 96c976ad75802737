/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>

#include <glib/gstdio.h>
#include <string.h>

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-explain.h"
#include "fluo-random-trace.h"
#include "fluo-test-util.h"

#define HEAD "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"00000000000000"
#define SEGMENT(id, name, begin, end, rest)                                                        \
  HEAD id "\",\"name\":\"" name "\",\"start_time\":160000000" begin ",\"end_time\":160000000" end  \
       rest "}"
#define CHILD(id) ",\"parent_id\":\"00000000000000" id "\""
#define ORIGIN(type) ",\"origin\":\"" type "\""
#define STATUS(status) ",\"http\":{\"response\":{\"status\":" status "}}"
#define URL(url, status)                                                                           \
  ",\"http\":{\"request\":{\"url\":\"" url "\",\"method\":\"GET\"},\"response\":{\"status\":"      \
  status "}}"
#define NOTES(text) ",\"annotations\":{" text "}"
#define SUBS(text) ",\"subsegments\":[" text "]"
#define SUB(id, name, begin, end, rest)                                                            \
  "{\"id\":\"00000000000000" id "\",\"name\":\"" name "\",\"start_time\":160000000" begin          \
  ",\"end_time\":160000000" end rest "}"
#define REMOTE ",\"namespace\":\"remote\""
#define FAULT ",\"fault\":true"
#define ERROR ",\"error\":true"
#define CAUSE(type, message)                                                                       \
  ",\"cause\":{\"exceptions\":[{\"id\":\"00000000000000ff\",\"type\":\"" type                      \
  "\",\"message\":\"" message "\"}]}"
#define ACCOUNT(id) ",\"aws\":{\"account_id\":\"" id "\"}"

/* web calls api.example.com, which calls backend.example.com, which fails. */
static const char *const shop[] = {
  SEGMENT ("01", "web", "0.0", "2.0",
           URL ("http://api.example.com/v2/x?a=b", "200")
             SUBS (SUB ("02", "api.example.com", "0.1", "1.9",
                        REMOTE STATUS ("404") ERROR NOTES ("\"k\":\"call\"")))),
  SEGMENT ("03", "api.example.com", "0.2", "1.8",
           CHILD ("02") SUBS (SUB ("04", "backend.example.com", "0.3", "1.7", REMOTE ERROR))
             NOTES ("\"deep\":true")),
  SEGMENT ("05", "backend.example.com", "0.4", "1.6", CHILD ("04") FAULT ACCOUNT ("account-id")),
  NULL,
};

/* A fault that ends in a function; nested functions slow down a call to traces. */
static const char *const lambda[] = {
  SEGMENT ("01", "function-name", "0.0", "4.0", ORIGIN ("AWS::Lambda")),
  SEGMENT ("02", "function-name", "0.1", "3.9", CHILD ("01") ORIGIN ("AWS::Lambda::Function") ERROR
           ACCOUNT ("X")),
  NULL,
};

static const char *const weather[] = {
  SEGMENT ("01", "GetWeatherData", "0.0", "2.0",
           FAULT SUBS (SUB ("02", "get_temperature", "0.1", "1.9", REMOTE FAULT))),
  SEGMENT ("03", "GetTemperature", "0.2", "1.8",
           CHILD ("02")
             FAULT SUBS (SUB ("04", "deserialize", "0.3", "0.4",
                              FAULT CAUSE ("Oops", "Access Denied for account_id: 1234567890")))),
  NULL,
};

static const char *const table[] = {
  SEGMENT ("01", "Auth", "0.0", "2.0", FAULT SUBS (
    SUB ("02", "traces", "0.1", "1.9", ",\"namespace\":\"aws\",\"fault\":true"))),
  NULL,
};

static const char *const slow_table[] = {
  SEGMENT ("01", "web", "0.0", "2.0", SUBS (
    SUB ("02", "traces", "0.1", "1.9", REMOTE))),
  NULL,
};

static const char *const slow_dynamo[] = {
  SEGMENT ("01", "web", "0.0", "2.0",
           SUBS (SUB ("02", "DynamoDB", "0.1", "1.9", ",\"namespace\":\"aws\""))),
  NULL,
};

static const char *const entry_fault[] = {
  SEGMENT ("01", "data-plane", "0.0", "6.0", URL ("http://e.test/example/game", "500")), NULL,
};

static const char *const noted[] = {
  SEGMENT ("01", "web", "0.0", "6.0",
           URL ("http://e.test/api/game/7", "200") ",\"user\":\"alice\"" NOTES (
             "\"gameid\":\"817DL6VO\",\"age\":30,\"owner\":\"x\",\"foo\":\"bar\",\"aws.local."
             "operation\":\"POST /x\"")),
  NULL,
};

static const char *const bare[] = { SEGMENT ("01", "web", "0.0", "1.0", ""), NULL };

static const char *const failed_client[] = { SEGMENT ("01", "web", "0.0", "1.0", STATUS ("404")),
                                             NULL };

static const char *const templated[] = {
  SEGMENT ("01", "service-one", "0.0", "1.0",
           ORIGIN ("service::type") SUBS (SUB ("02", "two", "0.1", "0.9", REMOTE))),
  SEGMENT ("03", "service-two", "0.2", "0.8", CHILD ("02") ORIGIN ("service::type") FAULT),
  NULL,
};

static const char *const running[] = {
  HEAD "01\",\"name\":\"web\",\"start_time\":1600000000,\"in_progress\":true" NOTES (
    "\"owner\":\"x\"") "}",
  NULL,
};

static const char *const api_fault[] = {
  SEGMENT ("01", "api.amazon.com", "0.0", "3.0", NOTES ("\"foo\":\"bar\"")), NULL,
};

static const char *const mail[] = {
  SEGMENT ("01", "random-name", "0.0", "1.0", ORIGIN ("AWS::Lambda::Function") ERROR ACCOUNT ("Y")),
  NULL,
};

static FluoFactsBlock *
facts_of (const char *const *documents, const guint32 *groups, guint n_groups)
{
  g_autoptr (FluoTrace) trace = fluo_test_trace (documents);
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
  FluoTraceFacts facts;

  fluo_facts_block_get (block, 0, &facts);
  return fluo_facts_block_with_groups (&facts, groups, n_groups);
}

static guint32
find_group (const char *name, gboolean arn, gpointer data)
{
  return strcmp (name, "high_response_time") == 0 ? 7 : strcmp (name, "g") == 0 ? 8 : 0;
}

static FluoFilter *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  guint offset = 0;
  FluoFilter *filter = fluo_filter_new (text, -1, &offset, &error);

  if (!filter)
    g_test_message ("%s\n%*s^", text, (int) offset, "");
  g_assert_no_error (error);
  fluo_filter_resolve_groups (filter, find_group, NULL, NULL);
  return filter;
}

static gboolean
matches (const char *text, const char *const *documents)
{
  const guint32 groups[] = { 7, 8 };
  g_autoptr (FluoFactsBlock) block = facts_of (documents, groups, 2);
  g_autoptr (FluoFilter) filter = parse (text), again = NULL;
  g_autoptr (FluoSentence) words = NULL;
  g_autofree char *printed = fluo_filter_print (filter);
  FluoTraceFacts facts;

  again = parse (printed);
  g_assert_true (fluo_filter_equal (filter, again));
  words = fluo_filter_explain (filter);
  g_assert_true (g_str_has_prefix (words->text, *printed ? "Traces where " : "All traces."));
  fluo_facts_block_get (block, 0, &facts);
  return fluo_filter_matches (filter, &facts);
}

#define COUNTER(pattern)                                                                           \
  "rootcause.json = #[{ \"Services\": [ { \"Name\": \"GetWeatherData\", \"EntityPath\": [{ "       \
  "\"Name\": "                                                                                     \
  "\"GetWeatherData\" }, { \"Name\": \"" pattern                                                   \
  "\" } ] }, { \"Name\": \"GetTemperature\", \"EntityPath\": [ { \"Name\": \"GetTemperature\" } "  \
  "] } ] }]"

/* The guide's examples, each with a trace that it finds and one that it does not. */
static const struct
{
  const char        *text;
  const char *const *found;
  const char *const *not_found;
} examples[] = {
  { "responsetime > 5", entry_fault, shop },
  { "duration >= 5 AND duration <= 8", noted, shop },
  { "ok", shop, entry_fault },
  { "!ok", entry_fault, shop },
  { "ok = false", entry_fault, shop },
  { "http.status != 200", entry_fault, shop },
  { "ok !partial duration <3", shop, entry_fault },
  { "http.url CONTAINS \"/api/game/\"", noted, shop },
  { "user CONTAINS \"\"", noted, shop },
  { "service(\"backend.example.com\") { fault }", shop, noted },
  { "service() { fault }", shop, noted },
  { "edge(\"api.example.com\", \"backend.example.com\") { error }", shop, noted },
  { "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND "
    "!service(\"gone\")",
    shop, noted },
  { "http.url AND responseTime > 2", noted, shop },
  { "annotation.gameid = \"817DL6VO\"", noted, shop },
  { "annotation.age", noted, shop },
  { "!annotation.age", shop, noted },
  { "annotation.age > 29", noted, shop },
  { "annotation[age] > 29", noted, shop },
  { "group.name = \"high_response_time\" AND user = \"alice\"", noted, shop },
  { COUNTER ("get_temperature"), weather, shop },
  { "service(id(name: \"random-name\", type: \"AWS::Lambda::Function\")) { error }", mail, lambda },
  { "service(\"function-name\") { error }", lambda, mail },
  { "service(id(type: \"AWS::Lambda::Function\")) { error }", lambda, shop },
  { "service(id(account.id: \"account-id\"))", shop, mail },
  { "service(id(account.id:\"X\")) OR service(id(account.id:\"Y\"))", mail, shop },
  { "edge(id(name: \"service-one\", type:\"service::type\"), id(name: \"service-two\", "
    "type:\"service::type\")) { ok }",
    templated, shop },
  { "rootcause.fault.entity { last and name = \"deserialize\" }", weather, shop },
  { "rootcause.responsetime.entity { remote and coverage > 0.7 and name = \"traces\" }", slow_table,
    shop },
  { "rootcause.fault.service { inferred and name = \"traces\" and type = \"AWS::traces\" }", table,
    weather },
  { "service(\"data-plane\") {root = true and fault = true}", entry_fault, shop },
  { "rootcause.fault.service { index > 0 }", weather, shop },
  { "rootcause.responsetime.entity { last and coverage > 0.8 }", slow_table, bare },
  { "rootcause.fault.service { name = \"Auth\" }", table, weather },
  { "rootcause.responsetime.service { last and type = \"AWS::DynamoDB\" }", slow_dynamo,
    slow_table },
  { "rootcause.fault.exception { last and message = \"Access Denied for account_id: 1234567890\" }",
    weather, table },
  { "fault = true AND http.url CONTAINS \"example/game\" AND responsetime >= 5", entry_fault,
    noted },
  { "service(\"api.amazon.com\") { fault = true OR responsetime > 2.5 } AND annotation.foo = "
    "\"bar\"",
    api_fault, noted },
  { "annotation.owner = \"x\" AND group.name = \"g\"", noted, shop },
  { "annotation.owner = \"x\" AND partial", running, noted },
  /* What the guide says beside its examples. */
  { "annotation[aws.local.operation]=\"POST /x\"", noted, shop },
  { "error", failed_client, shop },
  { "edge(id(type: \"client\"), \"web\")", shop, weather },
  { "service(\"web\") and edge(\"web\",)", shop, noted },
  { "edge(\"service-one\", \"two\") { ok }", templated, shop },
  { "edge(\"web\", \"api.example.com\") { destination.annotation.deep = true AND annotation.k }",
    shop, noted },
  { "service(\"api.example.com\") { annotation.deep }", shop, noted },
  { "user != \"bob\"", noted, shop },
  { "NOT fault AND inferred = true", slow_table, shop },
  { "rootcause.json != #[{\"ClientImpacting\":true,\"Services\":[{\"Type\":null}]}]", bare,
    weather },
  { "", bare, NULL },
  { "  \t\n", bare, NULL },
};

static void
test_examples (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_test_message ("%s", examples[i].text);
      g_assert_true (matches (examples[i].text, examples[i].found));
      g_assert_true (!examples[i].not_found || !matches (examples[i].text, examples[i].not_found));
    }
}

static void
test_print (void)
{
  static const char *const rows[][2] = {
    { "fault ok", "fault AND ok" },
    { "FAULT or Ok AND (error)", "fault OR ok AND error" },
    { "(fault OR ok) error", "(fault OR ok) AND error" },
    { "!(!(fault))", "!!fault" },
    { "! fault = TRUE", "!(fault = true)" },
    { "(a.b)", NULL },
    { "a AND (ok AND (fault AND error))", NULL },
    { "ok AND (fault AND error)", "ok AND fault AND error" },
    { "responseTime<.5e0", NULL },
    { "responseTime<0.50", "responsetime < 0.5" },
    { "Annotation[a_b] beginswith \"\\u0041\\n\"", "annotation.a_b BEGINSWITH \"A\\n\"" },
    { "annotation[a.b]", "annotation[a.b]" },
    { "service ( id ( account.id : \"1\" , name:\"n\" ) ) { name=\"n\" }",
      "service(id(name: \"n\", account.id: \"1\")) { name = \"n\" }" },
    { "service(id(name: \"n\"))", "service(\"n\")" },
    { "edge(,)", "edge(, )" },
    { "rootcause.json=#[ {\"Services\" : [ ] } ]", "rootcause.json = #[{\"Services\":[]}]" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FluoFilter) filter = fluo_filter_new (rows[i][0], -1, NULL, NULL);
      g_autofree char *text = filter ? fluo_filter_print (filter) : NULL;

      g_assert_cmpstr (text, ==, rows[i][1]);
    }
}

/* Text, where the first mistake is, its sort, a word of the message, and what mends it. */
static const struct
{
  const char     *text;
  guint           offset;
  FluoFilterError code;
  const char     *word;
  const char     *mended;
} mistakes[] = {
  { "responsetime > 500ms", 15, FLUO_FILTER_ERROR_TYPE, "0.5", "responsetime > 0.5" },
  { "duration < 2s", 11, FLUO_FILTER_ERROR_TYPE, "seconds", "duration < 2" },
  { "user = 'bob'", 7, FLUO_FILTER_ERROR_SYNTAX, "double quotes", "user = \"bob\"" },
  { "user = “bob”", 7, FLUO_FILTER_ERROR_SYNTAX, "double quotes", "user = \"bob\"" },
  { "fault && ok", 6, FLUO_FILTER_ERROR_SYNTAX, "AND", "fault AND ok" },
  { "fault || ok", 6, FLUO_FILTER_ERROR_SYNTAX, "OR", "fault OR ok" },
  { "user == \"a\"", 5, FLUO_FILTER_ERROR_SYNTAX, "write =", "user = \"a\"" },
  { "user IN (\"a\", 'b') AND ok", 5, FLUO_FILTER_ERROR_SYNTAX, "OR",
    "(user = \"a\" OR user = \"b\") AND ok" },
  { "!user NOT IN [a]", 6, FLUO_FILTER_ERROR_SYNTAX, "not in", "!!(user = \"a\")" },
  { "duration BETWEEN 1 AND 5 AND ok", 9, FLUO_FILTER_ERROR_SYNTAX, ">=",
    "(duration >= 1 AND duration <= 5) AND ok" },
  { "user LIKE \"a\"", 5, FLUO_FILTER_ERROR_SYNTAX, "CONTAINS", "user CONTAINS \"a\"" },
  { "http.url =~ \"a\"", 9, FLUO_FILTER_ERROR_SYNTAX, "CONTAINS", "http.url CONTAINS \"a\"" },
  { "http.url = /a.*/", 11, FLUO_FILTER_ERROR_SYNTAX, "patterns", "http.url CONTAINS \"a\"" },
  { "http.url =~ \"^/api/.*\"", 9, FLUO_FILTER_ERROR_SYNTAX, "CONTAINS",
    "http.url BEGINSWITH \"/api/\"" },
  { "http.url = /x\\.js$/ AND ok", 11, FLUO_FILTER_ERROR_SYNTAX, "patterns",
    "http.url ENDSWITH \"x.js\" AND ok" },
  { "user LIKE \"%bob\"", 5, FLUO_FILTER_ERROR_SYNTAX, "ENDSWITH", "user ENDSWITH \"bob\"" },
  { "http.status =~ \"5..\"", 12, FLUO_FILTER_ERROR_SYNTAX, "CONTAINS",
    "(http.status >= 500 AND http.status < 600)" },
  { "http.status = 4xx", 14, FLUO_FILTER_ERROR_SYNTAX, "4xx",
    "(http.status >= 400 AND http.status < 500)" },
  { "metadata.x = 1", 0, FLUO_FILTER_ERROR_KEYWORD, "annotation", "annotation.x = 1" },
  { "metadata.d.x = 1", 0, FLUO_FILTER_ERROR_KEYWORD, "annotation", "annotation[d.x] = 1" },
  { "sql.query = \"a\"", 0, FLUO_FILTER_ERROR_KEYWORD, "annotation",
    "annotation[sql.query] = \"a\"" },
  { "annotation.a.b = 1", 0, FLUO_FILTER_ERROR_KEYWORD, "brackets", "annotation[a.b] = 1" },
  { "annotation[\"a\"] = 1", 11, FLUO_FILTER_ERROR_SYNTAX, "quotes", "annotation[a] = 1" },
  { "annotation[a", 11, FLUO_FILTER_ERROR_SYNTAX, "]", "annotation[a]" },
  { "ok AND respnsetime > 1", 7, FLUO_FILTER_ERROR_KEYWORD, "responsetime",
    "ok AND responsetime > 1" },
  { "latency > 1", 0, FLUO_FILTER_ERROR_KEYWORD, "responsetime", "responsetime > 1" },
  { "status = 500", 0, FLUO_FILTER_ERROR_KEYWORD, "http.status", "http.status = 500" },
  { "servce(\"a\")", 0, FLUO_FILTER_ERROR_KEYWORD, "service", "service(\"a\")" },
  { "annotaton.a.b = 1", 0, FLUO_FILTER_ERROR_KEYWORD, "annotation.a.b",
    "annotation.a.b = 1" },
  { "annotaton.tier", 0, FLUO_FILTER_ERROR_KEYWORD, "annotation.tier", "annotation.tier" },
  { "service = \"a\"", 8, FLUO_FILTER_ERROR_SYNTAX, "brackets", "service(\"a\")" },
  { "user: \"a\"", 4, FLUO_FILTER_ERROR_SYNTAX, "=", "user = \"a\"" },
  { "name = \"x\"", 0, FLUO_FILTER_ERROR_KEYWORD, "service(", "service(\"x\")" },
  { "root AND ok", 0, FLUO_FILTER_ERROR_KEYWORD, "service(", "service() { root } AND ok" },
  { "service() { partial }", 12, FLUO_FILTER_ERROR_KEYWORD, "outside", "service() AND partial" },
  { "ok AND service(\"a\") {ok AND (partial) AND fault}", 29, FLUO_FILTER_ERROR_KEYWORD,
    "outside", "ok AND service(\"a\") { ok AND fault } AND (partial)" },
  { "edge(\"a\", \"b{\") { (ok user = \"}\") } OR ok", 22, FLUO_FILTER_ERROR_KEYWORD, "outside",
    "edge(\"a\", \"b{\") { ok } AND user = \"}\" OR ok" },
  { "rootcause.fault.entity { duration > 1 }", 25, FLUO_FILTER_ERROR_KEYWORD, "outside",
    "rootcause.fault.entity AND duration > 1" },
  { "!service(\"a\") { partial }", 16, FLUO_FILTER_ERROR_KEYWORD, "outside", NULL },
  { "service(\"a\") { ok OR partial }", 21, FLUO_FILTER_ERROR_KEYWORD, "outside", NULL },
  { "service(\"a\") { first }", 15, FLUO_FILTER_ERROR_KEYWORD, "of a service", NULL },
  { "service() { service() }", 12, FLUO_FILTER_ERROR_KEYWORD, "beside", NULL },
  { "rootcause.fault.entity { coverage > 1 }", 25, FLUO_FILTER_ERROR_KEYWORD, "responsetime.entity",
    NULL },
  { "rootcause.responsetime.exception", 0, FLUO_FILTER_ERROR_KEYWORD, "rootcause.json", NULL },
  { "fault > 1", 6, FLUO_FILTER_ERROR_TYPE, "!fault", "fault" },
  { "fault = \"yes\"", 8, FLUO_FILTER_ERROR_TYPE, "true or false", "fault = true" },
  { "http.status = \"200\"", 14, FLUO_FILTER_ERROR_TYPE, "number", "http.status = 200" },
  { "user = 5", 7, FLUO_FILTER_ERROR_TYPE, "double quotes", "user = \"5\"" },
  { "user > \"a\"", 5, FLUO_FILTER_ERROR_TYPE, "CONTAINS", "user = \"a\"" },
  { "annotation.x > \"a\"", 15, FLUO_FILTER_ERROR_TYPE, "number", "annotation.x = \"a\"" },
  { "annotation.x CONTAINS 5", 22, FLUO_FILTER_ERROR_TYPE, "text", "annotation.x CONTAINS \"5\"" },
  { "group.name", 0, FLUO_FILTER_ERROR_TYPE, "group", "group.name = \"\"" },
  { "group.name CONTAINS \"a\"", 11, FLUO_FILTER_ERROR_TYPE, "= and !=",
    "group.name = \"a\"" },
  { "rootcause.fault.service { name = traces }", 33, FLUO_FILTER_ERROR_SYNTAX, "double quotes",
    "rootcause.fault.service { name = \"traces\" }" },
  { "rootcause.fault.exception { last", 32, FLUO_FILTER_ERROR_SYNTAX, "}",
    "rootcause.fault.exception { last}" },
  { "(fault", 6, FLUO_FILTER_ERROR_SYNTAX, ")", "(fault)" },
  { "fault)", 5, FLUO_FILTER_ERROR_SYNTAX, "“)”", "fault" },
  { "user = \"a", 7, FLUO_FILTER_ERROR_SYNTAX, "no end", "user = \"a\"" },
  { "user = \"a\\\"b", 7, FLUO_FILTER_ERROR_SYNTAX, "no end", "user = \"a\\\"b\"" },
  { "user = \"\\d\"", 8, FLUO_FILTER_ERROR_SYNTAX, "backslash", "user = \"\\\\d\"" },
  { "user = \"\\ud800\"", 8, FLUO_FILTER_ERROR_SYNTAX, "backslash", NULL },
  { "fault\302\240AND ok", 5, FLUO_FILTER_ERROR_SYNTAX, "U+00A0", "fault AND ok" },
  { "FA\304\260LT", 0, FLUO_FILTER_ERROR_KEYWORD, "FA", NULL },
  { "duration > 1e400", 11, FLUO_FILTER_ERROR_SYNTAX, "too large", NULL },
  { "duration = NaN", 11, FLUO_FILTER_ERROR_SYNTAX, "NaN", NULL },
  { "duration = 0x10", 11, FLUO_FILTER_ERROR_SYNTAX, "0x10", NULL },
  { "duration = 1_000", 11, FLUO_FILTER_ERROR_SYNTAX, "1_000", NULL },
  { "duration >=< 1", 11, FLUO_FILTER_ERROR_SYNTAX, "value", NULL },
  { "AND", 0, FLUO_FILTER_ERROR_SYNTAX, "condition", NULL },
  { "AND fault", 0, FLUO_FILTER_ERROR_SYNTAX, "condition", " fault" },
  { "fault AND", 9, FLUO_FILTER_ERROR_SYNTAX, "expression ends", "fault" },

  { "fault\n  OR ", 11, FLUO_FILTER_ERROR_SYNTAX, "expression ends", "fault " },
  { "fault AND AND ok", 10, FLUO_FILTER_ERROR_SYNTAX, "condition", "fault AND ok" },
  { "fault AND OR ok", 10, FLUO_FILTER_ERROR_SYNTAX, "condition", "fault AND ok" },
  { "(fault OR) AND ok", 9, FLUO_FILTER_ERROR_SYNTAX, "condition", "(fault) AND ok" },
  { "service() { fault AND }", 22, FLUO_FILTER_ERROR_SYNTAX, "condition", "service() { fault }" },
  { "\"x\"", 0, FLUO_FILTER_ERROR_SYNTAX, "keyword", NULL },
  { "id(name: \"a\")", 0, FLUO_FILTER_ERROR_KEYWORD, "service(id(",
    "service(id(name: \"a\"))" },
  { "service(id())", 11, FLUO_FILTER_ERROR_SYNTAX, "name:", NULL },
  { "service(id(name: \"a\", name: \"b\"))", 22, FLUO_FILTER_ERROR_SYNTAX, "twice", NULL },
  { "service() { }", 10, FLUO_FILTER_ERROR_SYNTAX, "empty", "service() " },
  { "rootcause.json = #[{\"Nam\":1}]", 26, FLUO_FILTER_ERROR_TYPE, "Nam", NULL },
  { "rootcause.json = #[{]", 17, FLUO_FILTER_ERROR_SYNTAX, "JSON", NULL },
  { "rootcause.json = #{}", 18, FLUO_FILTER_ERROR_TYPE, "list", NULL },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (mistakes[i].text, -1);
      const FluoFilterDiagnostic *first;
      g_autoptr (GString) mended = g_string_new (mistakes[i].text);
      guint offset = 999;

      g_test_message ("%s", mistakes[i].text);
      g_assert_null (fluo_filter_new (mistakes[i].text, -1, &offset, &error));
      g_test_message ("  %u: %s", offset, error->message);
      g_assert_error (error, FLUO_FILTER_ERROR, (int) mistakes[i].code);
      g_assert_cmpuint (offset, ==, mistakes[i].offset);
      g_assert_nonnull (strstr (error->message, mistakes[i].word));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      first = g_ptr_array_index (tree->diagnostics, 0);
      if (!mistakes[i].mended)
        continue;
      g_string_erase (mended, first->fix_range.start,
                      (gssize) (first->fix_range.end - first->fix_range.start));
      g_string_insert (mended, first->fix_range.start, first->fix);
      g_assert_cmpstr (mended->str, ==, mistakes[i].mended);
      g_assert_cmpuint (tree->diagnostics->len, ==, 1);
    }
}

/* Each mistake is named; what is right between them is understood. */
static void
test_recovery (void)
{
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (
    "foult AND (user = OR responsetime > 5) AND service(\"a\") { nam = \"x\" }", -1);
  guint kinds[16] = { 0 };

  g_assert_cmpuint (tree->diagnostics->len, ==, 3);
  for (guint i = 0; i < tree->nodes->len; i++)
    kinds[fluo_filter_tree_get (tree, i)->kind]++;
  g_assert_cmpuint (kinds[FLUO_NODE_SERVICE], ==, 1);
  g_assert_cmpuint (kinds[FLUO_NODE_COMPARE], ==, 1);
  g_assert_cmpuint (kinds[FLUO_NODE_BAD], ==, 3);
}

static char *
repeat (const char *text, guint n)
{
  GString *out = g_string_sized_new (strlen (text) * n);

  while (n-- > 0)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

static void
check_refused (const char *text, FluoFilterError code)
{
  g_autoptr (GError) error = NULL;
  guint offset = 0;

  g_assert_null (fluo_filter_new (text, -1, &offset, &error));
  g_assert_error (error, FLUO_FILTER_ERROR, (int) code);
  g_assert_cmpuint (offset, <=, strlen (text));
}

static void
test_large (void)
{
  g_autofree char *brackets = repeat ("(", 60000), *nots = repeat ("NOT ", 5000),
                  *bangs = repeat ("!", 60000);
  g_autofree char *blocks = repeat ("service() { ", 5000), *million = repeat ("fault OR ", 120000);
  g_autofree char *many = repeat ("(", 100000), *ands = repeat ("ok AND ", 9000);
  g_autofree char *long_and = g_strconcat (ands, "ok", NULL), *closed = repeat (")", 199),
                  *opened = repeat ("(", 199);
  g_autofree char *deep = g_strconcat (opened, "ok", closed, NULL);
  g_autofree char *junk = repeat ("\" ' & [ {", 5000);
  g_autoptr (FluoFilter) filter = NULL, nested = NULL;

  check_refused (brackets, FLUO_FILTER_ERROR_LIMIT);
  check_refused (nots, FLUO_FILTER_ERROR_LIMIT);
  check_refused (bangs, FLUO_FILTER_ERROR_LIMIT);
  check_refused (blocks, FLUO_FILTER_ERROR_KEYWORD);
  check_refused (million, FLUO_FILTER_ERROR_LIMIT);
  check_refused (many, FLUO_FILTER_ERROR_LIMIT);
  check_refused (junk, FLUO_FILTER_ERROR_SYNTAX);
  check_refused ("user = \"\xff\"", FLUO_FILTER_ERROR_SYNTAX);
  filter = parse (long_and);
  g_assert_true (matches (long_and, shop));
  nested = parse (deep);
  g_assert_null (fluo_filter_new ("fault\0", 6, NULL, NULL));
}

/* Makes the locale when the system has its source but not its data. Each has a directory of its
 * own: what was not found in one before is not looked for again. */
static gboolean
use_locale (const char *all, const char *name)
{
  g_autofree char *full = g_strconcat (name, ".UTF-8", NULL);
  g_autofree char *dir = g_build_filename (all, name, NULL);
  g_autofree char *path = g_build_filename (dir, full, NULL);
  const char *const argv[] = { "localedef", "-i", name, "-f", "UTF-8", path, NULL };

  g_unsetenv ("LOCPATH");
  if (setlocale (LC_ALL, full))
    return TRUE;
  g_assert_no_errno (g_mkdir (dir, 0700));
  g_setenv ("LOCPATH", dir, TRUE);
  g_spawn_sync (NULL, (char **) argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                NULL, NULL, NULL, NULL, NULL);
  return setlocale (LC_ALL, full) != NULL;
}

/* Proposals and fixes, too; what is said in words is for people, and has their comma. */
static void
check_writing_in_locale (void)
{
  g_autoptr (FluoFilter) filter = parse ("INSTANCE.ID AND DURATION > 0.5");
  g_autoptr (FluoSentence) words = fluo_filter_explain (filter);
  g_autoptr (FluoFilterCompletion) completion = fluo_filter_complete ("INST", -1, 4, NULL, 0);
  g_autoptr (FluoFilterDocument) document =
    fluo_filter_document_new ("DURATION > 1500ms", -1, NULL);
  g_autofree char *mended = fluo_filter_document_apply_fix (document, 0, NULL);

  g_assert_nonnull (strstr (words->text, "0,5"));
  g_assert_cmpstr (((FluoFilterProposal *) completion->proposals->pdata[0])->insert, ==,
                   "instance.id");
  g_assert_cmpstr (mended, ==, "DURATION > 1.5");
}

/* Lower case means ASCII, and numbers have a point, whatever the locale. */
static void
test_locale (void)
{
  static const char *const names[] = { "tr_TR", "de_DE" };
  g_autofree char *saved = g_strdup (setlocale (LC_ALL, NULL));
  char *dir = fluo_test_dir_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (use_locale (dir, names[i]))
        {
          g_assert_true (
            matches ("DURATION >= 5.5 AND ANNOTATION.age > 29.5 AND !RESPONSETIME < 5.5 "
                     "AND NOT INSTANCE.ID AND !HTTP.CLIENTIP",
                     noted));
          g_assert_true (matches ("SERVICE(ID(NAME: \"web\")) { HTTP.URL ENDSWITH \"7\" }", noted));
          check_writing_in_locale ();
        }
      else
        g_test_skip_printf ("there is neither the locale %s nor what it is made of", names[i]);
      setlocale (LC_ALL, saved);
    }
  g_unsetenv ("LOCPATH");
  fluo_test_dir_free (dir);
}

static void
test_groups (void)
{
  const char *unknown = NULL;
  g_autoptr (FluoFilter) filter =
    fluo_filter_new ("group.name = \"g\" OR group.arn = \"none\"", -1, NULL, NULL);
  g_autoptr (FluoFilter) alone = fluo_filter_new ("group.name = \"g\"", -1, NULL, NULL);
  g_autoptr (FluoFactsBlock) block = facts_of (shop, NULL, 0);
  FluoTraceFacts facts;
  guint n;

  g_assert_false (fluo_filter_resolve_groups (filter, find_group, NULL, &unknown));
  g_assert_cmpstr (unknown, ==, "none");
  g_assert_true (fluo_filter_resolve_groups (alone, find_group, NULL, NULL));
  g_assert_cmpuint (fluo_filter_get_terms (alone, &n)[0], ==,
                    fluo_term_hash (FLUO_TERM_GROUP, "8", NULL));
  fluo_facts_block_get (block, 0, &facts);
  g_assert_false (fluo_filter_matches (alone, &facts));
  g_assert_true (matches ("group.name != \"nobody\"", shop));
}

static void
test_matched (void)
{
  g_autoptr (FluoFactsBlock) block = facts_of (shop, NULL, 0);
  g_autoptr (FluoFilter) filter =
    parse ("service(\"backend.example.com\") { fault } AND edge(, \"backend.example.com\")");
  g_autoptr (FluoFilter) other = parse ("fault");
  FluoFilterMatched matched;
  FluoTraceFacts facts;

  fluo_facts_block_get (block, 0, &facts);
  fluo_filter_find_matched (filter, &facts, &matched);
  g_assert_cmpuint (matched.entity, ==, 2);
  g_assert_cmpuint (matched.edge, ==, 2);
  g_assert_true (fluo_filter_is_scoped (filter));
  fluo_filter_find_matched (other, &facts, &matched);
  g_assert_cmpuint (matched.entity, ==, FLUO_FACTS_NONE);
  g_assert_false (fluo_filter_is_scoped (other));
}

static void
test_terms (void)
{
  g_autoptr (FluoFilter) released = parse ("service(\"a\") { version = \"2\" AND type = \"t\" }");
  g_autoptr (FluoFilter) filter = parse (
    "service(\"a\") AND annotation.k = \"v\" AND fault AND (ok OR user = \"u\") AND !partial");
  guint n;
  const guint64 *terms = fluo_filter_get_terms (filter, &n);

  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (terms[0], ==, fluo_term_hash (FLUO_TERM_SERVICE, "a", NULL));
  g_assert_cmpuint (terms[1], ==, fluo_term_hash (FLUO_TERM_ANNOTATION_KEY, "k", NULL));
  g_assert_cmpuint (terms[2], ==, fluo_term_hash (FLUO_TERM_ANNOTATION, "k", "v"));
  g_assert_cmpuint (terms[3], ==, fluo_term_hash (FLUO_TERM_FLAG, "fault", NULL));
  terms = fluo_filter_get_terms (released, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (terms[1], ==, fluo_term_hash (FLUO_TERM_VERSION, "2", NULL));
  g_assert_cmpuint (terms[2], ==, fluo_term_hash (FLUO_TERM_SERVICE_TYPE, "t", NULL));
}

static void
test_selectors (void)
{
  static const char *const bad[] = { "",
                                     "fault",
                                     "service(\"a\") { fault }",
                                     "service(\"a\") service(\"b\")",
                                     "edge(\"a\")",
                                     "annotation.x",
                                     "id()",
                                     "service(",
                                     "service(\"a\") AND ok" };
  g_autoptr (FluoSelector) node =
    fluo_selector_new ("service(id(name: \"a\", type: \"t\"))", -1, NULL, NULL);
  g_autoptr (FluoSelector) edge =
    fluo_selector_new (" EDGE (\"a\", id(account.id:\"1\"))", -1, NULL, NULL);
  g_autoptr (FluoSelector) id = fluo_selector_new ("id(name:\"x\")", -1, NULL, NULL);

  g_assert_cmpstr (fluo_selector_get_source (node)->type, ==, "t");
  g_assert_false (fluo_selector_is_edge (node));
  g_assert_true (fluo_selector_is_edge (edge));
  g_assert_cmpstr (fluo_selector_get_source (edge)->name, ==, "a");
  g_assert_cmpstr (fluo_selector_get_destination (edge)->account, ==, "1");
  g_assert_null (fluo_selector_get_destination (edge)->name);
  g_assert_cmpstr (fluo_selector_get_source (id)->name, ==, "x");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (fluo_selector_new (bad[i], -1, NULL, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/examples", test_examples);
  g_test_add_func ("/filter/print", test_print);
  g_test_add_func ("/filter/mistakes", test_mistakes);
  g_test_add_func ("/filter/recovery", test_recovery);
  g_test_add_func ("/filter/large", test_large);
  g_test_add_func ("/filter/locale", test_locale);
  g_test_add_func ("/filter/groups", test_groups);
  g_test_add_func ("/filter/matched", test_matched);
  g_test_add_func ("/filter/terms", test_terms);
  g_test_add_func ("/filter/selectors", test_selectors);
  return g_test_run ();
}
