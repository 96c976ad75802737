/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "filter/fluo-filter-explain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "fluo-filter-ast.h"

/* An expression in words. Every clause follows "Traces where", so that a language which puts its
 * verbs elsewhere in such clauses can do it. A clause is a subject ("payments ") and predicates
 * ("took {longer than 0.5 s}") that are joined. In what is translated, { and } enclose what is
 * bold. */

/* More conditions nobody reads. */
#define CLAUSES_MAX 40
/* Characters of a value. */
#define SHOWN_MAX 80

typedef struct
{
  const FluoFilterTree *tree;
  FluoSentence         *out;
  guint                 left;      /* clauses that may still be said */
  gboolean              said_root; /* that the root request alone is meant */
} Explainer;

static void explain (Explainer *self, guint32 index, gboolean negated);

/* --- Words ----------------------------------------------------------------- */

/* Appends @template; "%s" and "%1$s" are the arguments, which are no templates. */
static void
say (Explainer *self, const char *template, const char *first, const char *second)
{
  const char *const arguments[] = { first, second };
  g_autoptr (GString) run = g_string_new (NULL);
  gboolean bold = FALSE;
  guint next = 0;

  for (const char *p = template; *p; p++)
    {
      if (*p == '{' || *p == '}')
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
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.12g", value);
  return unit ? g_strdup_printf ("%s\302\240%s", text, unit) : g_strdup (text);
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
dup_verb (const FluoFilterNode *node, const char *shown)
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
  g_autofree char *plain = shown ? NULL : dup_value (node);
  g_autoptr (GString) out = g_string_new (verbs[node->op] ? _(verbs[node->op]) : "%s");

  g_string_replace (out, "%s", shown ? shown : plain, 1);
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
  [FLUO_WORD_INDEX] = { N_("stands at {position %s} (counted from 0)"),
                        N_("stands at a position that {%s} (counted from 0)"),
                        N_("has a {position}"), N_("has {no position}") },
  [FLUO_WORD_COVERAGE] = { N_("takes {%s} of the response time"),
                           N_("takes a part of the response time that {%s}"),
                           N_("takes {a part} of the response time"),
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

/* Times are longer and shorter, not above and below. */
static void
say_time (Explainer *self, const FluoFilterNode *node)
{
  static const char *const words[FLUO_N_OPS] = {
    [FLUO_OP_EQUAL] = N_("took {exactly %s}"),
    [FLUO_OP_NOT_EQUAL] = N_("did {not} take {exactly %s}"),
    [FLUO_OP_LESS] = N_("took {less than %s}"),
    [FLUO_OP_LESS_EQUAL] = N_("took {at most %s}"),
    [FLUO_OP_GREATER] = N_("took {longer than %s}"),
    [FLUO_OP_GREATER_EQUAL] = N_("took {at least %s}"),
  };
  g_autofree char *shown = dup_number (node->number, "s");

  if (words[node->op])
    say (self, _(words[node->op]), shown, NULL);
}

static void
say_annotation (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autofree char *key = fluo_format_untrusted (node->key, SHOWN_MAX);
  g_autofree char *verb = is_there (node) ? NULL : dup_verb (node, NULL);
  gboolean trace = node->scope == FLUO_SCOPE_TRACE;

  if (node->op == FLUO_OP_EQUAL && trace)
    {
      g_autofree char *value = dup_value (node);

      say (self, _("{%1$s} is {%2$s}"), key, value);
    }
  else if (verb)
    say (self, node->side == FLUO_SIDE_SOURCE        ? _("has a caller whose {%1$s} {%2$s}")
               : node->side == FLUO_SIDE_DESTINATION ? _("reaches a service whose {%1$s} {%2$s}")
               : trace                               ? _("{%1$s} {%2$s}")
                                                     : _("has an annotation {%1$s} that {%2$s}"),
         key, verb);
  else if (negated)
    say (self, trace ? _("{%s} is {not recorded}") : _("has {no annotation %s}"), key, NULL);
  else
    say (self, node->side == FLUO_SIDE_SOURCE        ? _("has a caller with an annotation {%s}")
               : node->side == FLUO_SIDE_DESTINATION
                 ? _("reaches a service with an annotation {%s}")
               : trace                               ? _("{%s} is {recorded}")
                                                     : _("has an annotation {%s}"),
         key, NULL);
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

/* Can the negation be said by the predicate itself? */
static gboolean
has_negation (const FluoFilterNode *node)
{
  return node->kind == FLUO_NODE_COMPARE &&
         (fluo_filter_word_type (node->word) == FLUO_TYPE_BOOLEAN || is_there (node)) &&
         node->side == FLUO_SIDE_OWN;
}

static void
say_value (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  const ValueWords *words = &values[node->word];
  gboolean share = node->word == FLUO_WORD_COVERAGE && node->value == FLUO_FILTER_VALUE_NUMBER;
  g_autofree char *percent = share ? dup_number (node->number * 100, "%") : NULL;
  g_autofree char *verb = NULL, *plain = NULL;

  if (is_there (node))
    {
      if (words->there)
        say (self, negated ? _(words->missing) : _(words->there), NULL, NULL);
      return;
    }
  if ((node->word == FLUO_WORD_RESPONSE_TIME || node->word == FLUO_WORD_DURATION))
    {
      say_time (self, node);
      return;
    }
  if (node->op == FLUO_OP_EQUAL)
    {
      plain = percent ? g_strdup (percent) : dup_value (node);
      say (self, _(words->equal), plain, NULL);
      return;
    }
  verb = dup_verb (node, percent);
  say (self, _(words->compare), verb, NULL);
}

static void
say_compare (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  FluoFilterType type = fluo_filter_word_type (node->word);
  gboolean value;

  if (node->scope == FLUO_SCOPE_TRACE && is_of_request (node->word))
    say (self, _("the request "), NULL, NULL);
  else if (node->scope == FLUO_SCOPE_TRACE && node->word == FLUO_WORD_DURATION)
    say (self, _("the whole trace "), NULL, NULL);
  if (type == FLUO_TYPE_ANY)
    say_annotation (self, node, negated);
  else if (type != FLUO_TYPE_BOOLEAN)
    say_value (self, node, negated);
  else
    {
      value = node->op == FLUO_OP_EXISTS || (node->number != 0) == (node->op == FLUO_OP_EQUAL);
      value = value != negated;
      if (node->word == FLUO_WORD_INFERRED && node->scope == FLUO_SCOPE_CAUSE_SERVICE)
        say (self, value ? _("sent {no segment itself}") : _("sent {a segment itself}"), NULL,
             NULL);
      else
        say (self, value ? _(booleans[node->word].yes) : _(booleans[node->word].no), NULL, NULL);
      if (node->scope == FLUO_SCOPE_TRACE && is_class (node->word) && !self->said_root)
        {
          self->said_root = TRUE;
          say (self, _(" (root request only)"), NULL, NULL);
        }
    }
}

/* --- Nodes of the graph ---------------------------------------------------- */

static char *
dup_pattern (const FluoNodePattern *pattern)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *name =
    pattern->name ? fluo_format_untrusted (pattern->name, SHOWN_MAX) : g_strdup (_("any service"));
  g_autofree char *type = pattern->type ? fluo_format_untrusted (pattern->type, SHOWN_MAX) : NULL;
  g_autofree char *account =
    pattern->account ? fluo_format_untrusted (pattern->account, SHOWN_MAX) : NULL;

  if (g_strcmp0 (pattern->type, "client") == 0 && !pattern->name && !account)
    return g_strdup (_("a client"));
  if (!type && !account)
    return g_steal_pointer (&name);
  g_string_append_printf (out, "%s (%s%s", name, type ? type : "", type && account ? ", " : "");
  if (account)
    g_string_append_printf (out, _("account %s"), account);
  g_string_append_c (out, ')');
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
explain_service (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autofree char *name = dup_pattern (&node->patterns[0]);

  if (node->first_child == FLUO_NODE_NONE)
    {
      say (self, negated ? _("{%s} took {no part}") : _("{%s} took part"), name, NULL);
      return;
    }
  if (negated)
    say (self, _("it is {not} so that "), NULL, NULL);
  say (self, _("{%s} "), name, NULL);
  explain (self, node->first_child, FALSE);
}

static void
explain_edge (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autofree char *source = dup_pattern (&node->patterns[0]);
  g_autofree char *destination = dup_pattern (&node->patterns[1]);

  if (node->first_child == FLUO_NODE_NONE)
    {
      say (self, negated ? _("{%1$s} did {not call} {%2$s}") : _("{%1$s} called {%2$s}"), source,
           destination);
      return;
    }
  if (negated)
    say (self, _("it is {not} so that "), NULL, NULL);
  say (self, _("a call from {%1$s} to {%2$s} "), source, destination);
  explain (self, node->first_child, FALSE);
}

/* --- Root causes ----------------------------------------------------------- */

static void
explain_cause (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  static const char *const there[] = {
    N_("there is a root cause of a {fault}"),
    N_("there is a root cause of an {error}"),
    N_("there is a root cause of the {response time}"),
  };
  static const char *const begins[] = {
    N_("in the root cause of a {fault}, "),
    N_("in the root cause of an {error}, "),
    N_("in the root cause of the {response time}, "),
  };

  if (negated)
    say (self, _("it is {not} so that "), NULL, NULL);
  if (node->first_child == FLUO_NODE_NONE)
    {
      say (self, _(there[node->cause]), NULL, NULL);
      return;
    }
  say (self, _(begins[node->cause]), NULL, NULL);
  say (self, node->part == FLUO_SCOPE_CAUSE_SERVICE  ? _("a service ")
             : node->part == FLUO_SCOPE_CAUSE_ENTITY ? _("a segment or subsegment ")
                                                     : _("an exception "), NULL, NULL);
  explain (self, node->first_child, FALSE);
}

/* The services of the pattern's first path. */
static void
explain_json (Explainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autoptr (GString) path = g_string_new (NULL);
  guint32 cause = node->json ? fluo_json_tape_first (node->json, 0) : FLUO_JSON_NONE;
  guint32 services = cause != FLUO_JSON_NONE ? fluo_json_tape_get (node->json, cause, "Services")
                                             : FLUO_JSON_NONE;
  guint32 n = 0;

  if ((node->op == FLUO_OP_NOT_EQUAL) != negated)
    say (self, _("it is {not} so that "), NULL, NULL);
  if (fluo_json_tape_type (node->json, services) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 row = fluo_json_tape_first (node->json, services);
         row != FLUO_JSON_NONE && n < 8; row = fluo_json_tape_next (node->json, services, row), n++)
      {
        g_autofree char *name =
          fluo_json_tape_dup (node->json, fluo_json_tape_get (node->json, row, "Name"));
        g_autofree char *shown = fluo_format_untrusted (name ? name : "…", SHOWN_MAX);

        g_string_append_printf (path, "%s%s", n > 0 ? " → " : "", shown);
      }
  if (path->len > 0)
    say (self, _("the root causes lead along {%s}"), path->str, NULL);
  else
    say (self, cause == FLUO_JSON_NONE ? _("there is {a root cause}")
                                       : _("the root causes {fit the pattern}"), NULL, NULL);
}

/* --- Lists ----------------------------------------------------------------- */

static guint
count_children (const FluoFilterTree *tree, const FluoFilterNode *node)
{
  guint n = 0;

  for (guint32 c = node->first_child; c != FLUO_NODE_NONE; c = fluo_filter_tree_get (tree, c)->next)
    n++;
  return n;
}

/* What stands between the @i-th of @n and the one before. */
static void
say_join (Explainer *self, guint i, guint n, gboolean any)
{
  if (i == 0)
    return;
  if (i + 1 < n)
    say (self, _(", "), NULL, NULL);
  else if (any)
    say (self, _(" or "), NULL, NULL);
  else
    say (self, n > 2 ? _(", and ") : _(" and "), NULL, NULL);
}

/* TRUE when there have been enough: how many are left is said instead. */
static gboolean
say_rest (Explainer *self, guint i, guint n)
{
  g_autofree char *count = NULL;

  if (self->left > 0)
    return FALSE;
  count = fluo_format_count (n - i);
  say (self, g_dngettext (GETTEXT_PACKAGE, " and {%s more condition}", " and {%s more conditions}",
                          n - i), count, NULL);
  return TRUE;
}

static void
explain_list (Explainer *self, const FluoFilterNode *node)
{
  gboolean any = node->kind == FLUO_NODE_OR;
  gboolean top = node->scope == FLUO_SCOPE_TRACE;
  guint n = count_children (self->tree, node), i = 0;

  if (any && top)
    say (self, _("either "), NULL, NULL);
  for (guint32 c = node->first_child; c != FLUO_NODE_NONE;
       c = fluo_filter_tree_get (self->tree, c)->next, i++)
    {
      FluoNodeKind kind = fluo_filter_tree_get (self->tree, c)->kind;
      gboolean brackets = kind == FLUO_NODE_AND || kind == FLUO_NODE_OR;

      if (i > 0 && say_rest (self, i, n))
        return;
      say_join (self, i, n, any);
      say (self, brackets ? "(" : "", NULL, NULL);
      explain (self, c, FALSE);
      say (self, brackets ? ")" : "", NULL, NULL);
    }
}

/* Recursion is as deep as the parser's brackets. */
static void
explain (Explainer *self, guint32 index, gboolean negated)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, index);

  if (node->kind != FLUO_NODE_AND && node->kind != FLUO_NODE_OR && node->kind != FLUO_NODE_NOT &&
      self->left > 0)
    self->left--;
  if (negated && (node->kind == FLUO_NODE_AND || node->kind == FLUO_NODE_OR ||
                  (node->kind == FLUO_NODE_COMPARE && !has_negation (node))))
    {
      /* Inside a block the subject has been said. */
      say (self, node->scope == FLUO_SCOPE_TRACE ? _("it is {not} so that ")
                                                 : _("does {not} fit this: "), NULL, NULL);
      negated = FALSE;
    }
  switch (node->kind)
    {
    case FLUO_NODE_AND:
    case FLUO_NODE_OR: explain_list (self, node); break;
    case FLUO_NODE_NOT: explain (self, node->first_child, !negated); break;
    case FLUO_NODE_COMPARE: say_compare (self, node, negated); break;
    case FLUO_NODE_SERVICE: explain_service (self, node, negated); break;
    case FLUO_NODE_EDGE: explain_edge (self, node, negated); break;
    case FLUO_NODE_CAUSE: explain_cause (self, node, negated); break;
    case FLUO_NODE_JSON: explain_json (self, node, negated); break;
    default: break;
    }
}

/* --- All ------------------------------------------------------------------- */

/* ">= 5 AND <= 8" of one time. */
static gboolean
is_between (const FluoFilterNode *a, const FluoFilterNode *b)
{
  return a->kind == FLUO_NODE_COMPARE && b->kind == FLUO_NODE_COMPARE && a->word == b->word &&
         (a->word == FLUO_WORD_RESPONSE_TIME || a->word == FLUO_WORD_DURATION) &&
         a->op == FLUO_OP_GREATER_EQUAL && b->op == FLUO_OP_LESS_EQUAL && a->number <= b->number;
}

static void
say_between (Explainer *self, const FluoFilterNode *a, const FluoFilterNode *b)
{
  g_autofree char *from = dup_number (a->number, "s"), *to = dup_number (b->number, "s");

  say (self, a->word == FLUO_WORD_DURATION ? _("the whole trace ") : _("the request "), NULL, NULL);
  say (self, _("took {%1$s to %2$s}"), from, to);
  self->left -= MIN (self->left, 1);
}

void
fluo_filter_explain_conditions (const FluoFilterTree *tree, const guint32 *conditions, guint n,
                                FluoSentence *out)
{
  Explainer self = { tree, out, CLAUSES_MAX, FALSE };
  g_autofree gboolean *joined = g_new0 (gboolean, n + 1);
  guint left = n, said = 0;

  for (guint i = 0; i + 1 < n; i++)
    if (is_between (fluo_filter_tree_get (tree, conditions[i]),
                    fluo_filter_tree_get (tree, conditions[i + 1])))
      {
        joined[i++] = TRUE;
        left--;
      }
  if (n == 0)
    {
      say (&self, _("All traces."), NULL, NULL);
      return;
    }
  say (&self, _("Traces where "), NULL, NULL);
  for (guint i = 0; i < n; i++, said++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (tree, conditions[i]);
      gboolean brackets = n > 1 && node->kind == FLUO_NODE_OR;

      if (said > 0 && say_rest (&self, said, left))
        break;
      say_join (&self, said, left, FALSE);
      if (joined[i])
        {
          say_between (&self, node, fluo_filter_tree_get (tree, conditions[i + 1]));
          i++;
          continue;
        }
      say (&self, brackets ? "(" : "", NULL, NULL);
      explain (&self, conditions[i], FALSE);
      say (&self, brackets ? ")" : "", NULL, NULL);
    }
  say (&self, _("."), NULL, NULL);
}

FluoSentence *
fluo_filter_explain (const FluoFilter *self)
{
  FluoSentence *out = fluo_sentence_new ();
  guint n;
  g_autofree guint32 *conditions = fluo_filter_tree_list_conditions (self->tree, &n);

  fluo_filter_explain_conditions (self->tree, conditions, n, out);
  return out;
}
