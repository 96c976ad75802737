/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "fluo-filter-explain-private.h"

/* A comparison in words: "the root request took {longer than 5 s}". */

/* --- Words ----------------------------------------------------------------- */

void
fluo_say (FluoExplainer *self, const char *template, const char *first, const char *second)
{
  const char *const arguments[] = { first, second };
  g_autoptr (GString) run = g_string_new (NULL);
  gboolean bold = FALSE;
  guint next = 0;

  if (self->comma && *template && !strchr (",.)", *template))
    fluo_sentence_append (self->out, ",", FALSE);
  self->comma = self->comma && !*template;
  for (const char *p = template; *p; p++)
    {
      if (*p == ',' && p[1] == '\0')
        self->comma = TRUE;
      else if (*p == '{' || *p == '}')
        {
          fluo_sentence_append (self->out, run->str, bold);
          g_string_truncate (run, 0);
          bold = *p == '{';
        }
      else if (*p == '%' && p[1] == 's')
        {
          g_string_append (run, arguments[MIN (next, 1)] ? arguments[MIN (next, 1)] : "");
          next++;
          p++;
        }
      else if (*p == '%' && (p[1] == '1' || p[1] == '2') && p[2] == '$' && p[3] == 's')
        {
          g_string_append (run, arguments[p[1] - '1'] ? arguments[p[1] - '1'] : "");
          p += 3;
        }
      else if (*p == '%' && p[1] == '%')
        g_string_append_c (run, *p++);
      else
        g_string_append_c (run, *p);
    }
  fluo_sentence_append (self->out, run->str, bold);
}

static char *
dup_number (double value, const char *unit)
{
  g_autofree char *text = fluo_format_number (value, "%.12g");

  return unit ? g_strdup_printf ("%s\302\240%s", text, unit) : g_steal_pointer (&text);
}

static char *
dup_value (const FluoFilterNode *node)
{
  if (node->value == FLUO_FILTER_VALUE_NUMBER)
    return dup_number (node->number, NULL);
  if (node->value == FLUO_FILTER_VALUE_BOOLEAN)
    return g_strdup (node->number != 0 ? _("yes") : _("no"));
  return *node->text ? fluo_format_untrusted (node->text, SHOWN_MAX) : g_strdup ("“”");
}

/* "contains /api/": what a value is compared with, as a relative clause ends. */
static char *
dup_verb (const FluoFilterNode *node)
{
  static const char *const verbs[FLUO_N_OPS] = {
    [FLUO_OP_EQUAL] = N_("is %s"),
    [FLUO_OP_NOT_EQUAL] = N_("is not %s"),
    [FLUO_OP_LESS] = N_("is below %s"),
    [FLUO_OP_LESS_EQUAL] = N_("is at most %s"),
    [FLUO_OP_GREATER] = N_("is above %s"),
    [FLUO_OP_GREATER_EQUAL] = N_("is at least %s"),
    [FLUO_OP_CONTAINS] = N_("contains %s"),
    [FLUO_OP_BEGINS_WITH] = N_("begins with %s"),
    [FLUO_OP_ENDS_WITH] = N_("ends with %s"),
  };
  g_autofree char *plain = dup_value (node);
  g_autoptr (GString) out = g_string_new (verbs[node->op] ? _(verbs[node->op]) : "%s");

  g_string_replace (out, "%s", plain, 1);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Text that contains "" is text that is there. */
static gboolean
is_there (const FluoFilterNode *node)
{
  return node->op == FLUO_OP_EXISTS ||
         (node->op >= FLUO_OP_CONTAINS && node->value == FLUO_FILTER_VALUE_STRING && !*node->text);
}

/* --- Predicates ------------------------------------------------------------ */

typedef struct
{
  const char *yes, *no;
} BooleanWords;

static const BooleanWords booleans[FLUO_N_WORDS] = {
  [FLUO_WORD_OK] = { N_("{succeeded}"), N_("did {not succeed}") },
  [FLUO_WORD_ERROR] = { N_("had a client {error} (4xx)"), N_("had {no} client {error} (4xx)") },
  [FLUO_WORD_THROTTLE] = { N_("was {throttled} (429)"), N_("was {not throttled} (429)") },
  [FLUO_WORD_FAULT] = { N_("had a {fault} (5xx)"), N_("had {no fault} (5xx)") },
  [FLUO_WORD_PARTIAL] = { N_("the trace is {not complete}"), N_("the trace is {complete}") },
  [FLUO_WORD_INFERRED] = { N_("a service took part that sent {no segment itself}"),
                           N_("{no service} took part that sent no segment itself") },
  [FLUO_WORD_ROOT] = { N_("was the {entry} of the trace"), N_("was {not the entry} of the trace") },
  [FLUO_WORD_FIRST] = { N_("comes {first}"), N_("does {not} come {first}") },
  [FLUO_WORD_LAST] = { N_("comes {last}"), N_("does {not} come {last}") },
  [FLUO_WORD_REMOTE] = { N_("is a {remote call}"), N_("is {no remote call}") },
};

/* equal: the value itself; compare: "is above 5" and its like; there and missing. */
typedef struct
{
  const char *equal, *compare, *there, *missing;
} ValueWords;

static const ValueWords values[FLUO_N_WORDS] = {
  [FLUO_WORD_RESPONSE_TIME] = { NULL, NULL, N_("{ended}"), N_("did {not end}") },
  [FLUO_WORD_DURATION] = { NULL, NULL, N_("{ended}"), N_("did {not end}") },
  [FLUO_WORD_HTTP_STATUS] = { N_("was answered with {status %s}"),
                              N_("was answered with a status that {%s}"),
                              N_("has an {HTTP status}"), N_("has {no HTTP status}") },
  [FLUO_WORD_INDEX] = { NULL, NULL, N_("has a {position}"), N_("has {no position}") },
  [FLUO_WORD_COVERAGE] = { NULL, NULL, N_("takes {a part} of the response time"),
                           N_("takes {no part} of the response time") },
  [FLUO_WORD_HTTP_URL] = { N_("has the URL {%s}"), N_("has a URL that {%s}"), N_("has a {URL}"),
                           N_("has {no URL}") },
  [FLUO_WORD_HTTP_METHOD] = { N_("was a {%s}"), N_("has a method that {%s}"),
                              N_("has an {HTTP method}"), N_("has {no HTTP method}") },
  [FLUO_WORD_HTTP_USER_AGENT] = { N_("came from the user agent {%s}"),
                                  N_("came from a user agent that {%s}"),
                                  N_("has a {user agent}"), N_("has {no user agent}") },
  [FLUO_WORD_HTTP_CLIENT_IP] = { N_("came from the address {%s}"),
                                 N_("came from an address that {%s}"),
                                 N_("has a {client address}"), N_("has {no client address}") },
  [FLUO_WORD_USER] = { N_("the user is {%s}"), N_("there is a user who {%s}"),
                       N_("a {user} is recorded"), N_("{no user} is recorded") },
  [FLUO_WORD_NAME] = { N_("is called {%s}"), N_("has a name that {%s}"), N_("has a {name}"),
                       N_("has {no name}") },
  [FLUO_WORD_TYPE] = { N_("has the type {%s}"), N_("has a type that {%s}"), N_("has a {type}"),
                       N_("has {no type}") },
  [FLUO_WORD_VERSION] = { N_("ran version {%s}"), N_("ran a version that {%s}"),
                          N_("recorded its {version}"), N_("recorded {no version}") },
  [FLUO_WORD_MESSAGE] = { N_("has the message {%s}"), N_("has a message that {%s}"),
                          N_("has a {message}"), N_("has {no message}") },
  [FLUO_WORD_ZONE] = { N_("the availability zone is {%s}"),
                       N_("there is an availability zone that {%s}"),
                       N_("an {availability zone} is recorded"),
                       N_("{no availability zone} is recorded") },
  [FLUO_WORD_INSTANCE] = { N_("the instance is {%s}"), N_("there is an instance that {%s}"),
                           N_("an {instance} is recorded"), N_("{no instance} is recorded") },
  [FLUO_WORD_ARN] = { N_("the resource ARN is {%s}"), N_("there is a resource ARN that {%s}"),
                      N_("a {resource ARN} is recorded"), N_("{no resource ARN} is recorded") },
  [FLUO_WORD_ACCOUNT] = { N_("the account is {%s}"), N_("there is an account that {%s}"),
                          N_("an {account} is recorded"), N_("{no account} is recorded") },
  [FLUO_WORD_GROUP_NAME] = { N_("the trace is in the group {%s}"),
                             N_("the trace is in a group that {%s}"), NULL, NULL },
  [FLUO_WORD_GROUP_ARN] = { N_("the trace is in the group {%s}"),
                            N_("the trace is in a group that {%s}"), NULL, NULL },
};

/* Times are longer and shorter, positions before and behind, parts more and less: not above and
 * below. */
static const char *const times[FLUO_N_OPS] = {
  [FLUO_OP_EQUAL] = N_("took {exactly %s}"),
  [FLUO_OP_NOT_EQUAL] = N_("did {not} take {exactly %s}"),
  [FLUO_OP_LESS] = N_("took {less than %s}"),
  [FLUO_OP_LESS_EQUAL] = N_("took {at most %s}"),
  [FLUO_OP_GREATER] = N_("took {longer than %s}"),
  [FLUO_OP_GREATER_EQUAL] = N_("took {at least %s}"),
};

static const char *const parts[FLUO_N_OPS] = {
  [FLUO_OP_EQUAL] = N_("takes {exactly %s} of the response time"),
  [FLUO_OP_NOT_EQUAL] = N_("does {not} take {exactly %s} of the response time"),
  [FLUO_OP_LESS] = N_("takes {less than %s} of the response time"),
  [FLUO_OP_LESS_EQUAL] = N_("takes {at most %s} of the response time"),
  [FLUO_OP_GREATER] = N_("takes {more than %s} of the response time"),
  [FLUO_OP_GREATER_EQUAL] = N_("takes {at least %s} of the response time"),
};

static const char *const positions[FLUO_N_OPS] = {
  [FLUO_OP_EQUAL] = N_("stands {at position %s} (counted from 0)"),
  [FLUO_OP_NOT_EQUAL] = N_("does {not} stand {at position %s} (counted from 0)"),
  [FLUO_OP_LESS] = N_("stands {before position %s} (counted from 0)"),
  [FLUO_OP_LESS_EQUAL] = N_("stands {at position %s or before} (counted from 0)"),
  [FLUO_OP_GREATER] = N_("stands {behind position %s} (counted from 0)"),
  [FLUO_OP_GREATER_EQUAL] = N_("stands {at position %s or behind} (counted from 0)"),
};

/* FALSE when the word has no such words. */
static gboolean
say_measure (FluoExplainer *self, const FluoFilterNode *node)
{
  const char *const *words = node->word == FLUO_WORD_COVERAGE ? parts
                             : node->word == FLUO_WORD_INDEX  ? positions
                             : node->word == FLUO_WORD_RESPONSE_TIME ||
                                   node->word == FLUO_WORD_DURATION
                               ? times : NULL;
  g_autofree char *shown = NULL;

  if (!words)
    return FALSE;
  shown = words == parts   ? dup_number (node->number * 100, "%")
          : words == times ? dup_number (node->number, "s")
                           : dup_number (node->number, NULL);
  if (words[node->op])
    fluo_say (self, _(words[node->op]), shown, NULL);
  return TRUE;
}

static void
say_annotation (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  const gboolean there = is_there (node), trace = node->scope == FLUO_SCOPE_TRACE;
  const gboolean source = node->side == FLUO_SIDE_SOURCE;
  g_autofree char *key = fluo_format_untrusted (node->key, SHOWN_MAX);
  g_autofree char *value = there                                 ? NULL
                           : node->op == FLUO_OP_EQUAL && trace  ? dup_value (node)
                                                                 : dup_verb (node);
  const char *words;

  if (there && negated)
    words = trace ? _("{%s} is {not recorded}") : _("has {no annotation %s}");
  else if (there && node->side != FLUO_SIDE_OWN)
    words = source ? _("has a caller with an annotation {%s}")
                   : _("reaches a service with an annotation {%s}");
  else if (there)
    words = trace ? _("{%s} is {recorded}") : _("has an annotation {%s}");
  else if (node->side != FLUO_SIDE_OWN)
    words = source ? _("has a caller whose {%1$s} {%2$s}")
                   : _("reaches a service whose {%1$s} {%2$s}");
  else if (!trace)
    words = _("has an annotation {%1$s} that {%2$s}");
  else
    words = node->op == FLUO_OP_EQUAL ? _("{%1$s} is {%2$s}") : _("{%1$s} {%2$s}");
  fluo_say (self, words, key, value);
}

static gboolean
is_class (FluoFilterWord word)
{
  return word == FLUO_WORD_OK || word == FLUO_WORD_ERROR || word == FLUO_WORD_THROTTLE ||
         word == FLUO_WORD_FAULT;
}

/* What is asked of the entry, where it stands at the top; the rest says itself what it is about. */
static gboolean
is_of_request (FluoFilterWord word)
{
  return is_class (word) || word == FLUO_WORD_RESPONSE_TIME || word == FLUO_WORD_HTTP_STATUS ||
         (word >= FLUO_WORD_HTTP_URL && word <= FLUO_WORD_HTTP_CLIENT_IP);
}

gboolean
fluo_explainer_has_negation (const FluoFilterNode *node)
{
  return node->kind == FLUO_NODE_COMPARE &&
         (fluo_filter_word_type (node->word) == FLUO_TYPE_BOOLEAN || is_there (node)) &&
         node->side == FLUO_SIDE_OWN;
}

static void
say_value (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  const ValueWords *words = &values[node->word];
  g_autofree char *verb = NULL, *plain = NULL;

  if (is_there (node))
    {
      if (words->there)
        fluo_say (self, negated ? _(words->missing) : _(words->there), NULL, NULL);
      return;
    }
  if (say_measure (self, node))
    return;
  if (node->op == FLUO_OP_EQUAL)
    {
      plain = dup_value (node);
      fluo_say (self, _(words->equal), plain, NULL);
      return;
    }
  verb = dup_verb (node);
  fluo_say (self, _(words->compare), verb, NULL);
}

/* What the next predicate is about; NULL when it says that itself. */
static void
say_subject (FluoExplainer *self, const char *subject)
{
  if (subject && subject != self->subject)
    fluo_say (self, _(subject), NULL, NULL);
  self->subject = subject;
}

/* Of a condition about the trace. */
static const char *
find_subject (const FluoExplainer *self, FluoFilterWord word)
{
  static const char *const request = N_("the request "), *const root = N_("the root request "),
                    *const whole = N_("the whole trace ");

  if (is_of_request (word))
    return self->root ? root : request;
  return word == FLUO_WORD_DURATION ? whole : NULL;
}

void
fluo_explainer_say_compare (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  FluoFilterType type = fluo_filter_word_type (node->word);
  gboolean value;

  if (node->scope == FLUO_SCOPE_TRACE)
    say_subject (self, find_subject (self, node->word));
  if (type == FLUO_TYPE_ANY)
    say_annotation (self, node, negated);
  else if (type != FLUO_TYPE_BOOLEAN)
    say_value (self, node, negated);
  else
    {
      value = node->op == FLUO_OP_EXISTS || (node->number != 0) == (node->op == FLUO_OP_EQUAL);
      value = value != negated;
      if (node->word == FLUO_WORD_INFERRED && node->scope == FLUO_SCOPE_CAUSE_SERVICE)
        fluo_say (self, value ? _("sent {no segment itself}") : _("sent {a segment itself}"), NULL,
                  NULL);
      else
        fluo_say (self, value ? _(booleans[node->word].yes) : _(booleans[node->word].no), NULL,
                  NULL);
    }
}

/* --- Ranges ---------------------------------------------------------------- */

gboolean
fluo_explainer_is_range (const FluoFilterNode *a, const FluoFilterNode *b)
{
  return a->kind == FLUO_NODE_COMPARE && b->kind == FLUO_NODE_COMPARE && a->word == b->word &&
         (a->word == FLUO_WORD_RESPONSE_TIME || a->word == FLUO_WORD_DURATION) &&
         a->op == FLUO_OP_GREATER_EQUAL && b->op == FLUO_OP_LESS_EQUAL && a->number <= b->number;
}

void
fluo_explainer_say_range (FluoExplainer *self, const FluoFilterNode *a, const FluoFilterNode *b)
{
  g_autofree char *from = dup_number (a->number, "s"), *to = dup_number (b->number, "s");

  say_subject (self, find_subject (self, a->word));
  fluo_say (self, _("took {%1$s to %2$s}"), from, to);
  self->left -= MIN (self->left, 1);
}

gboolean
fluo_explainer_needs_root (const FluoFilterTree *tree)
{
  for (guint32 i = 0; i < tree->nodes->len; i++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (tree, i);

      if (node->kind == FLUO_NODE_COMPARE && node->scope == FLUO_SCOPE_TRACE &&
          (is_class (node->word) || node->word == FLUO_WORD_RESPONSE_TIME ||
           node->word == FLUO_WORD_HTTP_STATUS))
        return TRUE;
    }
  return FALSE;
}
