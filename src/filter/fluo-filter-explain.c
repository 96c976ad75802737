/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "filter/fluo-filter-explain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "fluo-filter-explain-private.h"

/* An expression in words. Every clause follows "Traces where", so that a language which puts its
 * verbs elsewhere in such clauses can do it. A clause is a subject ("payments ") and predicates
 * ("took {longer than 0.5 s}") that are joined; a subject that was the last clause's is not said
 * again. In what is translated, { and } enclose what is bold, and a comma at the end is said only
 * if the sentence goes on: a relative clause ends there. */

/* More conditions nobody reads. */
#define CLAUSES_MAX 40

static void explain (FluoExplainer *self, guint32 index, gboolean negated);

/* --- Nodes of the graph ---------------------------------------------------- */

static char *
dup_pattern (const FluoNodePattern *pattern)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *name =
    pattern->name ? fluo_format_untrusted (pattern->name, SHOWN_MAX) : NULL;
  g_autofree char *type = pattern->type ? fluo_format_untrusted (pattern->type, SHOWN_MAX) : NULL;
  g_autofree char *account =
    pattern->account ? fluo_format_untrusted (pattern->account, SHOWN_MAX) : NULL;

  if (g_strcmp0 (pattern->type, "client") == 0 && !pattern->name && !account)
    return g_strdup (_("a client"));
  if (!name && type && account)
    return g_strdup_printf (_("any service of type %1$s and account %2$s"), type, account);
  if (!name && type)
    return g_strdup_printf (_("any service of type %s"), type);
  if (!name && account)
    return g_strdup_printf (_("any service of account %s"), account);
  if (!name)
    return g_strdup (_("any service"));
  if (!type && !account)
    return g_steal_pointer (&name);
  g_string_append_printf (out, "%s (%s%s", name, type ? type : "", type && account ? ", " : "");
  if (account)
    g_string_append_printf (out, _("account %s"), account);
  g_string_append_c (out, ')');
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
explain_service (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autofree char *name = dup_pattern (&node->patterns[0]);

  if (node->first_child == FLUO_NODE_NONE)
    {
      fluo_say (self, negated ? _("{%s} took {no part}") : _("{%s} took part"), name, NULL);
      return;
    }
  if (negated)
    fluo_say (self, _("it is {not} so that "), NULL, NULL);
  fluo_say (self, _("{%s} "), name, NULL);
  explain (self, node->first_child, FALSE);
}

static void
explain_edge (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autofree char *source = dup_pattern (&node->patterns[0]);
  g_autofree char *destination = dup_pattern (&node->patterns[1]);

  if (node->first_child == FLUO_NODE_NONE)
    {
      fluo_say (self, negated ? _("{%1$s} did {not call} {%2$s}") : _("{%1$s} called {%2$s}"),
                source, destination);
      return;
    }
  if (negated)
    fluo_say (self, _("it is {not} so that "), NULL, NULL);
  fluo_say (self, _("a call from {%1$s} to {%2$s} "), source, destination);
  explain (self, node->first_child, FALSE);
}

/* --- Root causes ----------------------------------------------------------- */

static void
explain_cause (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  static const char *const there[] = {
    N_("there is a root cause of a {fault}"),
    N_("there is a root cause of an {error}"),
    N_("there is a root cause of the {response time}"),
  };
  static const char *const begins[][3] = {
    { N_("a service in the root cause of a {fault} "),
      N_("a segment or subsegment in the root cause of a {fault} "),
      N_("an exception in the root cause of a {fault} ") },
    { N_("a service in the root cause of an {error} "),
      N_("a segment or subsegment in the root cause of an {error} "),
      N_("an exception in the root cause of an {error} ") },
    { N_("a service in the root cause of the {response time} "),
      N_("a segment or subsegment in the root cause of the {response time} "), NULL },
  };
  const guint part = node->part == FLUO_SCOPE_CAUSE_SERVICE  ? 0
                     : node->part == FLUO_SCOPE_CAUSE_ENTITY ? 1
                     : node->part == FLUO_SCOPE_SLOW_ENTITY  ? 1 : 2;

  if (negated)
    fluo_say (self, _("it is {not} so that "), NULL, NULL);
  if (node->first_child == FLUO_NODE_NONE)
    {
      fluo_say (self, _(there[node->cause]), NULL, NULL);
      return;
    }
  fluo_say (self, _(begins[node->cause][part]), NULL, NULL);
  explain (self, node->first_child, FALSE);
}

/* What the pattern asks for inside of the service @row: "web › get_temperature". The segment
 * itself has the service's name, which has been said. */
static void
append_entities (GString *path, const FluoJsonTape *json, guint32 row, const char *service)
{
  guint32 list = fluo_json_tape_get (json, row, "EntityPath"), n = 0;

  if (fluo_json_tape_type (json, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 entity = fluo_json_tape_first (json, list); entity != FLUO_JSON_NONE && n < 8;
       entity = fluo_json_tape_next (json, list, entity), n++)
    {
      g_autofree char *name = fluo_json_tape_dup_member (json, entity, "Name");
      g_autofree char *shown = name ? fluo_format_untrusted (name, SHOWN_MAX) : NULL;

      if (shown && (n > 0 || g_strcmp0 (name, service) != 0))
        g_string_append_printf (path, " › %s", shown);
    }
}

/* The services of the pattern's first path. */
static void
explain_json (FluoExplainer *self, const FluoFilterNode *node, gboolean negated)
{
  g_autoptr (GString) path = g_string_new (NULL);
  guint32 cause = node->json ? fluo_json_tape_first (node->json, 0) : FLUO_JSON_NONE;
  guint32 services = cause != FLUO_JSON_NONE ? fluo_json_tape_get (node->json, cause, "Services")
                                             : FLUO_JSON_NONE;
  guint32 n = 0;

  if ((node->op == FLUO_OP_NOT_EQUAL) != negated)
    fluo_say (self, _("it is {not} so that "), NULL, NULL);
  if (fluo_json_tape_type (node->json, services) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 row = fluo_json_tape_first (node->json, services);
         row != FLUO_JSON_NONE && n < 8; row = fluo_json_tape_next (node->json, services, row), n++)
      {
        g_autofree char *name = fluo_json_tape_dup_member (node->json, row, "Name");
        g_autofree char *shown = fluo_format_untrusted (name ? name : "…", SHOWN_MAX);

        g_string_append_printf (path, "%s%s", n > 0 ? " → " : "", shown);
        append_entities (path, node->json, row, name);
      }
  if (path->len > 0)
    fluo_say (self, _("the root causes lead along {%s}"), path->str, NULL);
  else
    fluo_say (self, cause == FLUO_JSON_NONE ? _("there is {a root cause}")
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
say_join (FluoExplainer *self, guint i, guint n, gboolean any)
{
  if (i == 0)
    return;
  if (i + 1 < n)
    fluo_say (self, _(", "), NULL, NULL);
  else if (any)
    fluo_say (self, _(" or "), NULL, NULL);
  else
    fluo_say (self, n > 2 ? _(", and ") : _(" and "), NULL, NULL);
}

/* TRUE when there have been enough: how many are left is said instead. */
static gboolean
say_rest (FluoExplainer *self, guint i, guint n)
{
  g_autofree char *count = NULL;

  if (self->left > 0)
    return FALSE;
  count = fluo_format_count (n - i);
  fluo_say (self, g_dngettext (GETTEXT_PACKAGE, " and {%s more condition}",
                               " and {%s more conditions}", n - i), count, NULL);
  return TRUE;
}

static void
explain_list (FluoExplainer *self, const FluoFilterNode *node)
{
  gboolean any = node->kind == FLUO_NODE_OR;
  gboolean top = node->scope == FLUO_SCOPE_TRACE;
  guint n = count_children (self->tree, node), i = 0;

  if (top)
    self->subject = NULL;
  if (any && top)
    fluo_say (self, _("either "), NULL, NULL);
  for (guint32 c = node->first_child; c != FLUO_NODE_NONE;
       c = fluo_filter_tree_get (self->tree, c)->next, i++)
    {
      FluoNodeKind kind = fluo_filter_tree_get (self->tree, c)->kind;
      gboolean brackets = kind == FLUO_NODE_AND || kind == FLUO_NODE_OR;

      if (i > 0 && say_rest (self, i, n))
        return;
      say_join (self, i, n, any);
      fluo_say (self, brackets ? "(" : "", NULL, NULL);
      explain (self, c, FALSE);
      fluo_say (self, brackets ? ")" : "", NULL, NULL);
    }
  if (top)
    self->subject = NULL;
  else /* "a had a fault or took long, and tier is gold": what follows is not a's. */
    self->comma = TRUE;
}

/* "a took no part": without "it is not so that" before it. */
static gboolean
negates_itself (const FluoFilterNode *node)
{
  if (node->kind == FLUO_NODE_COMPARE)
    return fluo_explainer_has_negation (node);
  return (node->kind == FLUO_NODE_SERVICE || node->kind == FLUO_NODE_EDGE) &&
         node->first_child == FLUO_NODE_NONE;
}

/* Recursion is as deep as the parser's brackets. */
static void
explain (FluoExplainer *self, guint32 index, gboolean negated)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, index);
  const gboolean turned = negated && node->kind != FLUO_NODE_NOT && !negates_itself (node);

  if (node->kind != FLUO_NODE_AND && node->kind != FLUO_NODE_OR && node->kind != FLUO_NODE_NOT &&
      self->left > 0)
    self->left--;
  if (turned && (node->kind == FLUO_NODE_AND || node->kind == FLUO_NODE_OR ||
                 node->kind == FLUO_NODE_COMPARE))
    {
      /* Inside a block the subject has been said. */
      fluo_say (self, node->scope == FLUO_SCOPE_TRACE ? _("it is {not} so that ")
                                                      : _("does {not} fit this: "), NULL, NULL);
      negated = FALSE;
      self->subject = NULL;
    }
  if (node->kind != FLUO_NODE_COMPARE && node->kind != FLUO_NODE_NOT)
    self->subject = NULL;
  switch (node->kind)
    {
    case FLUO_NODE_AND:
    case FLUO_NODE_OR: explain_list (self, node); break;
    case FLUO_NODE_NOT: explain (self, node->first_child, !negated); break;
    case FLUO_NODE_COMPARE: fluo_explainer_say_compare (self, node, negated); break;
    case FLUO_NODE_SERVICE: explain_service (self, node, negated); break;
    case FLUO_NODE_EDGE: explain_edge (self, node, negated); break;
    case FLUO_NODE_CAUSE: explain_cause (self, node, negated); break;
    case FLUO_NODE_JSON: explain_json (self, node, negated); break;
    default: break;
    }
  /* What follows is not of the negation. */
  if (turned)
    self->subject = NULL;
  self->comma = self->comma || turned;
}

/* --- All ------------------------------------------------------------------- */

void
fluo_filter_explain_conditions (const FluoFilterTree *tree, const guint32 *conditions, guint n,
                                FluoSentence *out)
{
  FluoExplainer self = { .tree = tree, .out = out, .left = CLAUSES_MAX,
                         .root = fluo_explainer_needs_root (tree) };
  g_autofree gboolean *joined = g_new0 (gboolean, n + 1);
  guint left = n, said = 0;

  for (guint i = 0; i + 1 < n; i++)
    if (fluo_explainer_is_range (fluo_filter_tree_get (tree, conditions[i]),
                    fluo_filter_tree_get (tree, conditions[i + 1])))
      {
        joined[i++] = TRUE;
        left--;
      }
  if (n == 0)
    {
      fluo_say (&self, _("All traces."), NULL, NULL);
      return;
    }
  fluo_say (&self, _("Traces where "), NULL, NULL);
  for (guint i = 0; i < n; i++, said++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (tree, conditions[i]);
      gboolean brackets = n > 1 && node->kind == FLUO_NODE_OR;

      if (said > 0 && say_rest (&self, said, left))
        break;
      say_join (&self, said, left, FALSE);
      if (joined[i])
        {
          fluo_explainer_say_range (&self, node, fluo_filter_tree_get (tree, conditions[i + 1]));
          i++;
          continue;
        }
      fluo_say (&self, brackets ? "(" : "", NULL, NULL);
      explain (&self, conditions[i], FALSE);
      fluo_say (&self, brackets ? ")" : "", NULL, NULL);
    }
  fluo_say (&self, _("."), NULL, NULL);
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
