/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* What the grammar can't say: which keyword stands where, which operator and value fit it. Nodes
 * know their place, so one loop over them is enough. */

#define NO_FIX ((FluoFilterRange) { 0, 0 })

static const char *
scope_name (FluoFilterScope scope)
{
  switch (scope)
    {
    case FLUO_SCOPE_SERVICE: return _("a service");
    case FLUO_SCOPE_EDGE: return _("a call");
    case FLUO_SCOPE_CAUSE_SERVICE: return _("a root cause's service");
    case FLUO_SCOPE_CAUSE_ENTITY:
    case FLUO_SCOPE_SLOW_ENTITY: return _("a root cause's entity");
    case FLUO_SCOPE_CAUSE_EXCEPTION: return _("a root cause's exception");
    default: return _("the trace");
    }
}

/* The condition in a block where it may stand. */
static char *
dup_in_block (const FluoFilterNode *node, guint scopes, const char *text)
{
  int length = (int) (node->range.end - node->range.start);
  const char *form = scopes & FLUO_SCOPE_SERVICE          ? "service()"
                     : scopes & FLUO_SCOPE_EDGE           ? "edge(,)"
                     : scopes & FLUO_SCOPE_CAUSE_ENTITY   ? "rootcause.fault.entity"
                     : scopes & FLUO_SCOPE_SLOW_ENTITY    ? "rootcause.responsetime.entity"
                     : scopes & FLUO_SCOPE_CAUSE_SERVICE  ? "rootcause.fault.service"
                                                          : "rootcause.fault.exception";
  GString *out;

  if (node->word == FLUO_WORD_NAME && node->op == FLUO_OP_EQUAL &&
      node->value == FLUO_FILTER_VALUE_STRING)
    {
      out = g_string_new ("service(");
      fluo_filter_print_string (out, node->text);
      g_string_append_c (out, ')');
      return g_string_free (out, FALSE);
    }
  return g_strdup_printf ("%s { %.*s }", form, length, text + node->range.start);
}

static gboolean
check_place (FluoFilterTree *tree, const FluoFilterNode *node, const char *text)
{
  g_autofree char *fix = NULL;
  const FluoFilterScope annotated = FLUO_SCOPE_TRACE | FLUO_SCOPE_SERVICE | FLUO_SCOPE_EDGE;
  guint scopes = node->word < FLUO_N_WORDS ? fluo_filter_words[node->word].scopes : annotated;
  const char *name = node->word < FLUO_N_WORDS ? fluo_filter_words[node->word].name : "annotation";

  if (node->side != FLUO_SIDE_OWN)
    {
      scopes = FLUO_SCOPE_EDGE;
      name = node->side == FLUO_SIDE_SOURCE ? "source.annotation" : "destination.annotation";
    }
  if (scopes & node->scope)
    return TRUE;
  if (node->word == FLUO_WORD_COVERAGE && node->scope != FLUO_SCOPE_TRACE)
    {
      fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range, NO_FIX, NULL,
                                 _("only slow paths have “coverage”: it stands in the block of "
                                   "rootcause.responsetime.entity { … }"));
      return FALSE;
    }
  if (node->scope == FLUO_SCOPE_TRACE)
    fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range, node->range,
                               (fix = dup_in_block (node, scopes, text)),
                               _("“%s” can't be asked of a whole trace: it stands in the block of "
                                  "%s"),
                               name,
                               scopes & FLUO_SCOPE_SERVICE        ? "service(…) { … }"
                               : scopes & FLUO_SCOPE_EDGE         ? "edge(…, …) { … }"
                               : scopes & FLUO_SCOPE_CAUSE_ENTITY ? "rootcause.fault.entity { … }"
                               : scopes & FLUO_SCOPE_SLOW_ENTITY
                                 ? "rootcause.responsetime.entity { … }"
                                 : "rootcause.fault.exception { … }");
  else
    fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range, NO_FIX, NULL,
                               _("“%s” can't be asked of %s: write it outside the block, joined "
                                 "with AND"), name, scope_name (node->scope));
  return FALSE;
}

static const char *
quote_op (const FluoFilterNode *node)
{
  return fluo_filter_ops[node->op];
}

/* FALSE after a complaint. */
static gboolean
check_op (FluoFilterTree *tree, const FluoFilterNode *node, const char *name, FluoFilterType type)
{
  gboolean order = node->op >= FLUO_OP_LESS && node->op <= FLUO_OP_GREATER_EQUAL;
  gboolean parts = node->op >= FLUO_OP_CONTAINS;

  if (type == FLUO_TYPE_BOOLEAN && (order || parts))
    fluo_filter_tree_complain (
      tree, FLUO_FILTER_ERROR_TYPE, node->op_range,
      (FluoFilterRange) { node->word_range.end, node->range.end }, "",
      _("“%s” is true or false; it can't be compared with %s: write %s or !%s"), name,
      quote_op (node), name, name);
  else if (type == FLUO_TYPE_NUMBER && parts)
    fluo_filter_tree_complain (
      tree, FLUO_FILTER_ERROR_TYPE, node->op_range, node->op_range, "=",
      _("“%s” is a number; compare it with =, !=, <, <=, > or >=, not with %s"), name,
      quote_op (node));
  else if (type == FLUO_TYPE_STRING && order)
    fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE, node->op_range, node->op_range, "=",
                               _("“%s” is text; compare it with =, !=, CONTAINS, BEGINSWITH or "
                                 "ENDSWITH, not with %s"), name, quote_op (node));
  else if (type == FLUO_TYPE_GROUP && (order || parts))
    fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE, node->op_range, node->op_range, "=",
                               _("“%s” can only be compared with = and !=, not with %s"), name,
                               quote_op (node));
  else
    return TRUE;
  return FALSE;
}

/* Text that is a number of the language. */
static gboolean
looks_like_number (const FluoFilterNode *node)
{
  const char *p = node->text;
  char *end;

  if (node->value != FLUO_FILTER_VALUE_STRING || strspn (p, "0123456789.-") != strlen (p))
    return FALSE;
  p += *p == '-';
  if (!g_ascii_isdigit (*p) || p[strlen (p) - 1] == '.')
    return FALSE;
  g_ascii_strtod (p, &end);
  return *end == '\0';
}

static const char *
shorten_value (FluoFilterTree *tree, const FluoFilterNode *node, const char *text)
{
  return fluo_filter_tree_shorten (tree, text + node->value_range.start,
                                   node->value_range.end - node->value_range.start);
}

static gboolean
is_yes (const FluoFilterNode *node)
{
  static const char *const words[] = { "true", "yes", "1", "on", "y", "t" };

  if (node->value != FLUO_FILTER_VALUE_STRING)
    return node->number != 0;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (node->text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

/* "5" in quotes where a number is wanted, and the reverse. */
static void
complain_value (FluoFilterTree *tree, const FluoFilterNode *node, FluoFilterType type,
                const char *text, const char *message, const char *name)
{
  gsize length = node->value_range.end - node->value_range.start;
  const char *shown = shorten_value (tree, node, text);
  g_autofree char *fix = NULL;

  if (type == FLUO_TYPE_BOOLEAN)
    fix = g_strdup (is_yes (node) ? "true" : "false");
  else if (node->value != FLUO_FILTER_VALUE_STRING && type != FLUO_TYPE_NUMBER)
    fix = g_strdup_printf ("\"%.*s\"", (int) length, text + node->value_range.start);
  else if (looks_like_number (node))
    fix = g_strdup (node->text);
  fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE, node->value_range,
                             fix ? node->value_range : NO_FIX, fix, message, name, shown);
}

static void
check_value (FluoFilterTree *tree, const FluoFilterNode *node, const char *text, const char *name,
             FluoFilterType type)
{
  gboolean order = node->op >= FLUO_OP_LESS && node->op <= FLUO_OP_GREATER_EQUAL;
  gboolean parts = node->op >= FLUO_OP_CONTAINS;

  if (type == FLUO_TYPE_BOOLEAN && node->value != FLUO_FILTER_VALUE_BOOLEAN)
    complain_value (tree, node, type, text, _("“%s” is true or false, not %s"), name);
  else if (type == FLUO_TYPE_NUMBER && node->value != FLUO_FILTER_VALUE_NUMBER)
    complain_value (tree, node, type, text, _("“%s” is a number, not %s: write it without quotes"),
                    name);
  else if ((type == FLUO_TYPE_STRING || type == FLUO_TYPE_GROUP) &&
           node->value != FLUO_FILTER_VALUE_STRING)
    complain_value (tree, node, type, text, _("“%s” is text, not %s: write it in double quotes"),
                    name);
  else if (type == FLUO_TYPE_ANY && order && node->value != FLUO_FILTER_VALUE_NUMBER &&
           !looks_like_number (node))
    fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE, node->value_range, node->op_range, "=",
                               _("“%s” is compared by size here, which needs a number, not %s"),
                               name, shorten_value (tree, node, text));
  else if (type == FLUO_TYPE_ANY && order && node->value != FLUO_FILTER_VALUE_NUMBER)
    complain_value (tree, node, type, text,
                    _("“%s” is compared by size here, which needs a number, not "
                                        "%s"), name);
  else if (type == FLUO_TYPE_ANY && parts && node->value != FLUO_FILTER_VALUE_STRING)
    complain_value (tree, node, type, text,
                    _("“%s” is searched here, which needs text in double quotes, "
                                        "not %s"), name);
}

static void
check_compare (FluoFilterTree *tree, const FluoFilterNode *node, const char *text)
{
  FluoFilterType type = fluo_filter_word_type (node->word);
  g_autofree char *annotation = node->key ? g_strdup_printf ("annotation[%s]",
    fluo_filter_tree_shorten (tree, node->key, strlen (node->key))) : NULL;
  const char *name = annotation ? annotation : fluo_filter_words[node->word].name;

  if (!check_place (tree, node, text))
    return;
  if (node->op == FLUO_OP_EXISTS)
    {
      if (type == FLUO_TYPE_GROUP)
        fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE, node->word_range,
                                   (FluoFilterRange) { node->word_range.end, node->word_range.end },
                                   " = \"\"",
                                   _("“%s” needs a group: write %s = \"…\""), name, name);
      return;
    }
  if (check_op (tree, node, name, type))
    check_value (tree, node, text, name, type);
}

void
fluo_filter_check (FluoFilterTree *tree, const char *text)
{
  for (guint32 i = 0; i < tree->nodes->len; i++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (tree, i);

      if (node->kind == FLUO_NODE_COMPARE && node->word != FLUO_WORD_NONE)
        check_compare (tree, node, text);
    }
}
