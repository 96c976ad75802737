/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-filter-ast.h"

#define T FLUO_SCOPE_TRACE
#define S FLUO_SCOPE_SERVICE
#define E FLUO_SCOPE_EDGE
#define RS FLUO_SCOPE_CAUSE_SERVICE
#define RE (FLUO_SCOPE_CAUSE_ENTITY | FLUO_SCOPE_SLOW_ENTITY)
#define RX FLUO_SCOPE_CAUSE_EXCEPTION

const FluoFilterWordInfo fluo_filter_words[FLUO_N_WORDS] = {
  [FLUO_WORD_OK] = { "ok", FLUO_TYPE_BOOLEAN, T | S | E },
  [FLUO_WORD_ERROR] = { "error", FLUO_TYPE_BOOLEAN, T | S | E },
  [FLUO_WORD_THROTTLE] = { "throttle", FLUO_TYPE_BOOLEAN, T | S | E },
  [FLUO_WORD_FAULT] = { "fault", FLUO_TYPE_BOOLEAN, T | S | E },
  [FLUO_WORD_PARTIAL] = { "partial", FLUO_TYPE_BOOLEAN, T },
  [FLUO_WORD_INFERRED] = { "inferred", FLUO_TYPE_BOOLEAN, T | RS },
  [FLUO_WORD_ROOT] = { "root", FLUO_TYPE_BOOLEAN, S },
  [FLUO_WORD_FIRST] = { "first", FLUO_TYPE_BOOLEAN, RS | RE | RX },
  [FLUO_WORD_LAST] = { "last", FLUO_TYPE_BOOLEAN, RS | RE | RX },
  [FLUO_WORD_REMOTE] = { "remote", FLUO_TYPE_BOOLEAN, RE },
  [FLUO_WORD_RESPONSE_TIME] = { "responsetime", FLUO_TYPE_NUMBER, T | S | E },
  [FLUO_WORD_DURATION] = { "duration", FLUO_TYPE_NUMBER, T | S },
  [FLUO_WORD_HTTP_STATUS] = { "http.status", FLUO_TYPE_NUMBER, T | S | E },
  [FLUO_WORD_INDEX] = { "index", FLUO_TYPE_NUMBER, RS | RE | RX },
  [FLUO_WORD_COVERAGE] = { "coverage", FLUO_TYPE_NUMBER, FLUO_SCOPE_SLOW_ENTITY },
  [FLUO_WORD_HTTP_URL] = { "http.url", FLUO_TYPE_STRING, T | S | E },
  [FLUO_WORD_HTTP_METHOD] = { "http.method", FLUO_TYPE_STRING, T | S | E },
  [FLUO_WORD_HTTP_USER_AGENT] = { "http.useragent", FLUO_TYPE_STRING, T | S | E },
  [FLUO_WORD_HTTP_CLIENT_IP] = { "http.clientip", FLUO_TYPE_STRING, T | S | E },
  [FLUO_WORD_USER] = { "user", FLUO_TYPE_STRING, T },
  [FLUO_WORD_NAME] = { "name", FLUO_TYPE_STRING, S | RS | RE | RX },
  [FLUO_WORD_TYPE] = { "type", FLUO_TYPE_STRING, S | RS },
  /* Not AWS's: see the document's hints. */
  [FLUO_WORD_VERSION] = { "version", FLUO_TYPE_STRING, S },
  [FLUO_WORD_MESSAGE] = { "message", FLUO_TYPE_STRING, RX },
  [FLUO_WORD_ZONE] = { "availabilityzone", FLUO_TYPE_STRING, T },
  [FLUO_WORD_INSTANCE] = { "instance.id", FLUO_TYPE_STRING, T },
  [FLUO_WORD_ARN] = { "resource.arn", FLUO_TYPE_STRING, T },
  [FLUO_WORD_ACCOUNT] = { "account.id", FLUO_TYPE_STRING, T },
  [FLUO_WORD_GROUP_NAME] = { "group.name", FLUO_TYPE_GROUP, T },
  [FLUO_WORD_GROUP_ARN] = { "group.arn", FLUO_TYPE_GROUP, T },
};

const char *const fluo_filter_ops[FLUO_N_OPS] = {
  "", "=", "!=", "<", "<=", ">", ">=", "CONTAINS", "BEGINSWITH", "ENDSWITH",
};

/* Forms that are no words of the table, for suggestions. */
static const struct { const char *name; guint scopes;
} forms[] = {
  { "service()", T },
  { "edge()", T },
  { "rootcause.fault.service", T },
  { "rootcause.fault.entity", T },
  { "rootcause.fault.exception", T },
  { "rootcause.error.service", T },
  { "rootcause.error.entity", T },
  { "rootcause.error.exception", T },
  { "rootcause.responsetime.service", T },
  { "rootcause.responsetime.entity", T },
  { "rootcause.json", T },
  { "annotation", T | S | E },
  { "and", T | S | E | RS | RE | RX },
  { "or", T | S | E | RS | RE | RX },
  { "not", T | S | E | RS | RE | RX },
};

FluoFilterWord
fluo_filter_find_word (const char *text, gsize length)
{
  for (guint i = 0; i < FLUO_N_WORDS; i++)
    if (fluo_filter_is_name (text, length, fluo_filter_words[i].name))
      return i;
  return FLUO_WORD_NONE;
}

FluoFilterType
fluo_filter_word_type (FluoFilterWord word)
{
  return word < FLUO_N_WORDS ? fluo_filter_words[word].type : FLUO_TYPE_ANY;
}

#define NEAR_LENGTH_MAX 32

/* Edits from one text to the other; two neighbours in the wrong order are one. */
static guint
distance (const char *a, gsize n, const char *b, gsize m)
{
  guint rows[3][NEAR_LENGTH_MAX + 1];
  guint *before = rows[0], *above = rows[1], *row = rows[2], *spare;

  for (guint j = 0; j <= m; j++)
    above[j] = j;
  for (guint i = 1; i <= n; i++)
    {
      row[0] = i;
      for (guint j = 1; j <= m; j++)
        {
          guint cost = g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]);

          row[j] = MIN (MIN (above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
          if (i > 1 && j > 1 && g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 2]) &&
              g_ascii_tolower (a[i - 2]) == g_ascii_tolower (b[j - 1]))
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
      spare = before;
      before = above;
      above = row;
      row = spare;
    }
  return above[m];
}

void
fluo_filter_nearest_init (FluoFilterNearest *self, const char *text, gsize length)
{
  /* Of a short word little may differ. */
  *self = (FluoFilterNearest) { text, length, NULL, length < 4 ? 2 : length < 8 ? 3 : 4 };
  if (length == 0 || length > NEAR_LENGTH_MAX)
    self->best_distance = 0;
}

void
fluo_filter_nearest_try (FluoFilterNearest *self, const char *name)
{
  gsize length = strlen (name);
  guint found;

  /* A form's brackets are not compared. */
  if (length > 2 && name[length - 1] == ')')
    length -= 2;
  if (length > NEAR_LENGTH_MAX || self->best_distance == 0)
    return;
  found = distance (self->text, self->length, name, length);
  if (found < self->best_distance)
    {
      self->best = name;
      self->best_distance = found;
    }
}

const char *
fluo_filter_find_near (const char *text, gsize length, FluoFilterScope scope)
{
  /* What people say for it elsewhere: too far away to be found by letters. */
  static const char *const synonyms[][2] = {
    { "latency", "responsetime" },
    { "url", "http.url" },
    { "method", "http.method" },
    { "status", "http.status" },
    { "statuscode", "http.status" },
    { "exception", "rootcause.fault.exception" },
    { "5xx", "fault" },
    { "4xx", "error" },
    { "success", "ok" },
    { "useragent", "http.useragent" },
    { "clientip", "http.clientip" },
    { "trace.duration", "duration" },
    { "group", "group.name" },
    { "account", "account.id" },
    { "service.version", "version" },
    { "az", "availabilityzone" },
    { "instance", "instance.id" },
    { "http.status_code", "http.status" },
    { "response_time", "responsetime" },
    { "response.time", "responsetime" },
    { "http.user_agent", "http.useragent" },
  };
  FluoFilterNearest self;

  for (guint i = 0; i < G_N_ELEMENTS (synonyms); i++)
    if (fluo_filter_is_name (text, length, synonyms[i][0]))
      {
        FluoFilterWord word = fluo_filter_find_word (synonyms[i][1], strlen (synonyms[i][1]));

        if (word == FLUO_WORD_NONE ? scope == T : (fluo_filter_words[word].scopes & scope) != 0)
          return synonyms[i][1];
      }
  fluo_filter_nearest_init (&self, text, length);
  for (guint i = 0; i < FLUO_N_WORDS; i++)
    if (fluo_filter_words[i].scopes & scope)
      fluo_filter_nearest_try (&self, fluo_filter_words[i].name);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].scopes & scope)
      fluo_filter_nearest_try (&self, forms[i].name);
  return self.best;
}
