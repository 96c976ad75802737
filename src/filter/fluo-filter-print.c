/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-filter-ast.h"

/* The canonical text: AND and OR written out, brackets only where they change the meaning, keywords
 * in lower case. Recursion is as deep as the parser's brackets. */

static void print_node (const FluoFilterTree *tree, guint32 index, GString *out);

void
fluo_filter_print_string (GString *out, const char *text)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_string (&writer, text);
}

static void
print_value (const FluoFilterNode *node, GString *out)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  switch (node->value)
    {
    case FLUO_FILTER_VALUE_STRING:
      fluo_json_writer_string (&writer, node->text);
      break;
    case FLUO_FILTER_VALUE_BOOLEAN:
      g_string_append (out, node->number != 0 ? "true" : "false");
      break;
    default:
      fluo_json_writer_double (&writer, node->number);
      break;
    }
}

static void
print_pattern (const FluoNodePattern *pattern, GString *out)
{
  const struct { const char *name, *value; } rows[] = {
    { "name", pattern->name }, { "type", pattern->type }, { "account.id", pattern->account },
  };
  gboolean comma = FALSE;

  if (!pattern->type && !pattern->account)
    {
      if (pattern->name)
        fluo_filter_print_string (out, pattern->name);
      return;
    }
  g_string_append (out, "id(");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].value)
      {
        g_string_append_printf (out, "%s%s: ", comma ? ", " : "", rows[i].name);
        fluo_filter_print_string (out, rows[i].value);
        comma = TRUE;
      }
  g_string_append_c (out, ')');
}

void
fluo_filter_print_annotation (GString *out, FluoAnnotationSide side, const char *key)
{
  static const char *const sides[] = { "", "source.", "destination." };
  gboolean plain = TRUE;

  for (const char *p = key; *p; p++)
    plain = plain && (g_ascii_isalnum (*p) || *p == '_');
  g_string_append_printf (out, plain ? "%sannotation.%s" : "%sannotation[%s]", sides[side], key);
}

static void
print_compare (const FluoFilterNode *node, GString *out)
{
  if (node->word < FLUO_N_WORDS)
    g_string_append (out, fluo_filter_words[node->word].name);
  else if (node->key)
    fluo_filter_print_annotation (out, node->side, node->key);
  if (node->op == FLUO_OP_EXISTS)
    return;
  g_string_append_printf (out, " %s ", fluo_filter_ops[node->op]);
  print_value (node, out);
}

static void
print_block (const FluoFilterTree *tree, const FluoFilterNode *node, GString *out)
{
  if (node->first_child == FLUO_NODE_NONE)
    return;
  g_string_append (out, " { ");
  print_node (tree, node->first_child, out);
  g_string_append (out, " }");
}

static void
print_cause (const FluoFilterTree *tree, const FluoFilterNode *node, GString *out)
{
  static const char *const kinds[] = { "fault", "error", "responsetime" };

  g_string_append_printf (out, "rootcause.%s.%s", kinds[node->cause],
                          node->part == FLUO_SCOPE_CAUSE_SERVICE  ? "service"
                          : node->part == FLUO_SCOPE_CAUSE_ENTITY ? "entity"
                                                                  : "exception");
  print_block (tree, node, out);
}

static void
print_list (const FluoFilterTree *tree, const FluoFilterNode *node, GString *out)
{
  for (guint32 child = node->first_child; child != FLUO_NODE_NONE;
       child = fluo_filter_tree_get (tree, child)->next)
    {
      gboolean brackets = node->kind == FLUO_NODE_AND &&
                          fluo_filter_tree_get (tree, child)->kind == FLUO_NODE_OR;

      if (child != node->first_child)
        g_string_append (out, node->kind == FLUO_NODE_AND ? " AND " : " OR ");
      g_string_append (out, brackets ? "(" : "");
      print_node (tree, child, out);
      g_string_append (out, brackets ? ")" : "");
    }
}

static void
print_not (const FluoFilterTree *tree, const FluoFilterNode *node, GString *out)
{
  const FluoFilterNode *child = fluo_filter_tree_get (tree, node->first_child);
  /* "!a = 1" means what it should, but reads as if it did not. */
  gboolean brackets = child->kind == FLUO_NODE_AND || child->kind == FLUO_NODE_OR ||
                      child->kind == FLUO_NODE_JSON ||
                      (child->kind == FLUO_NODE_COMPARE && child->op != FLUO_OP_EXISTS);

  g_string_append (out, brackets ? "!(" : "!");
  print_node (tree, node->first_child, out);
  g_string_append (out, brackets ? ")" : "");
}

static void
print_node (const FluoFilterTree *tree, guint32 index, GString *out)
{
  const FluoFilterNode *node = fluo_filter_tree_get (tree, index);

  switch (node->kind)
    {
    case FLUO_NODE_AND:
    case FLUO_NODE_OR:
      print_list (tree, node, out);
      break;
    case FLUO_NODE_NOT:
      print_not (tree, node, out);
      break;
    case FLUO_NODE_COMPARE:
      print_compare (node, out);
      break;
    case FLUO_NODE_SERVICE:
    case FLUO_NODE_EDGE:
      g_string_append (out, node->kind == FLUO_NODE_EDGE ? "edge(" : "service(");
      print_pattern (&node->patterns[0], out);
      if (node->kind == FLUO_NODE_EDGE)
        {
          g_string_append (out, ", ");
          print_pattern (&node->patterns[1], out);
        }
      g_string_append_c (out, ')');
      print_block (tree, node, out);
      break;
    case FLUO_NODE_CAUSE:
      print_cause (tree, node, out);
      break;
    case FLUO_NODE_JSON:
      g_string_append_printf (out, "rootcause.json %s #", fluo_filter_ops[node->op]);
      fluo_filter_json_print (node->json, out);
      break;
    default:
      break;
    }
}

void
fluo_filter_tree_print (const FluoFilterTree *self, GString *out)
{
  if (self->root != FLUO_NODE_NONE)
    print_node (self, self->root, out);
}

void
fluo_filter_tree_print_node (const FluoFilterTree *self, guint32 node, GString *out)
{
  print_node (self, node, out);
}

static void
append_id (GString *out, const char *name, const char *type)
{
  g_string_append (out, "id(name: ");
  fluo_filter_print_string (out, name);
  if (type)
    {
      g_string_append (out, ", type: ");
      fluo_filter_print_string (out, type);
    }
  g_string_append_c (out, ')');
}

char *
fluo_filter_dup_edge (const char *from, const char *from_type, const char *to, const char *to_type)
{
  GString *out;

  g_return_val_if_fail (from != NULL && to != NULL, NULL);

  out = g_string_new ("edge(");
  append_id (out, from, from_type);
  g_string_append (out, ", ");
  append_id (out, to, to_type);
  g_string_append_c (out, ')');
  return g_string_free (out, FALSE);
}

char *
fluo_filter_dup_service (const char *name, const char *type, const char *block)
{
  GString *out;

  g_return_val_if_fail (name != NULL, NULL);

  out = g_string_new ("service(");
  append_id (out, name, type);
  g_string_append_c (out, ')');
  if (block)
    g_string_append_printf (out, " { %s }", block);
  return g_string_free (out, FALSE);
}
