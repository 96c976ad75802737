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

static guint32
find_parent (const FluoFilterTree *tree, guint32 child)
{
  for (guint32 i = 0; i < tree->nodes->len; i++)
    for (guint32 c = fluo_filter_tree_get (tree, i)->first_child; c != FLUO_NODE_NONE;
         c = fluo_filter_tree_get (tree, c)->next)
      if (c == child)
        return i;
  return FLUO_NODE_NONE;
}

static const FluoFilterNode *
get_node (const FluoFilterTree *tree, guint32 index)
{
  return index != FLUO_NODE_NONE ? fluo_filter_tree_get (tree, index) : NULL;
}

/* The block's service, call or cause with the condition @index moved out of it and joined with AND;
 * NULL where that would mean something else: below OR or a negation. */
static char *
dup_moved_out (const FluoFilterTree *tree, guint32 index, const char *text,
               FluoFilterRange *ret_range)
{
  const guint32 parent = find_parent (tree, index);
  const FluoFilterNode *list = get_node (tree, parent);
  const gboolean alone = list && list->kind != FLUO_NODE_AND;
  const guint32 owner = alone || !list ? parent : find_parent (tree, parent);
  const FluoFilterNode *scoped = get_node (tree, owner);
  const FluoFilterNode *moved = fluo_filter_tree_get (tree, index);
  const FluoFilterNode *first = alone ? moved : list;
  g_autoptr (GString) out = NULL;
  const FluoFilterNode *above;
  guint32 head;

  if (!scoped || (scoped->kind != FLUO_NODE_SERVICE && scoped->kind != FLUO_NODE_EDGE &&
                  scoped->kind != FLUO_NODE_CAUSE))
    return NULL;
  above = get_node (tree, find_parent (tree, owner));
  if (above && above->kind == FLUO_NODE_NOT)
    return NULL;
  for (head = first->range.start; head > scoped->range.start && text[head - 1] != '{'; head--)
    ;
  if (head == scoped->range.start)
    return NULL;
  out = g_string_new_len (text + scoped->range.start, head - 1 - scoped->range.start);
  while (out->len > 0 && g_ascii_isspace (out->str[out->len - 1]))
    g_string_truncate (out, out->len - 1);
  for (guint32 c = alone ? FLUO_NODE_NONE : list->first_child, n = 0; c != FLUO_NODE_NONE;
       c = fluo_filter_tree_get (tree, c)->next)
    if (c != index)
      {
        const FluoFilterRange range = fluo_filter_tree_get (tree, c)->range;

        g_string_append (out, n++ == 0 ? " { " : " AND ");
        g_string_append_len (out, text + range.start, range.end - range.start);
      }
  g_string_append (out, alone ? " AND " : " } AND ");
  g_string_append_len (out, text + moved->range.start, moved->range.end - moved->range.start);
  *ret_range = scoped->range;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
complain_place (FluoFilterTree *tree, guint32 index, const char *name, guint scopes,
                const char *text)
{
  const FluoFilterNode *node = fluo_filter_tree_get (tree, index);
  FluoFilterRange range = NO_FIX;
  g_autofree char *fix = NULL;

  if (tree->diagnostics->len >= FLUO_FILTER_DIAGNOSTICS_MAX)
    return;
  if (scopes & FLUO_SCOPE_TRACE)
    fix = dup_moved_out (tree, index, text, &range);
  fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range, range, fix,
                             scopes & FLUO_SCOPE_TRACE
                               ? _("“%s” can't be asked of %s: write it outside the block, joined "
                                   "with AND")
                               : _("“%s” can't be asked of %s"),
                             name, scope_name (node->scope));
  if (fix)
    fluo_filter_tree_set_action (tree, _("Move it out of the block"));
}

static gboolean
check_place (FluoFilterTree *tree, guint32 index, const char *text)
{
  const FluoFilterNode *node = fluo_filter_tree_get (tree, index);
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
    complain_place (tree, index, name, scopes, text);
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
check_compare (FluoFilterTree *tree, guint32 index, const char *text)
{
  const FluoFilterNode *node = fluo_filter_tree_get (tree, index);
  FluoFilterType type = fluo_filter_word_type (node->word);
  g_autofree char *annotation = node->key ? g_strdup_printf ("annotation[%s]",
    fluo_filter_tree_shorten (tree, node->key, strlen (node->key))) : NULL;
  const char *name = annotation ? annotation : fluo_filter_words[node->word].name;

  if (!check_place (tree, index, text))
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
        check_compare (tree, i, text);
    }
}
