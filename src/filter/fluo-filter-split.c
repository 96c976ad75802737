/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-filter-ast.h"

/* Prints the condition alone, as a tree of its own. */
static FluoFilter *
dup_condition (FluoFilterTree *tree, guint32 node)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 root = tree->root;
  FluoFilter *filter;

  tree->root = node;
  fluo_filter_tree_print (tree, text);
  tree->root = root;
  filter = fluo_filter_new (text->str, (gssize) text->len, NULL, NULL);
  return filter;
}

GPtrArray *
fluo_filter_split (const FluoFilter *self)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_filter_unref);
  g_autofree char *text = fluo_filter_print (self);
  /* A tree of its own: the filter's may be in use by others. */
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (text, -1);
  const FluoFilterNode *root;

  if (tree->root == FLUO_NODE_NONE)
    return parts;
  root = fluo_filter_tree_get (tree, tree->root);
  if (root->kind != FLUO_NODE_AND)
    g_ptr_array_add (parts, fluo_filter_ref ((FluoFilter *) self));
  else
    for (guint32 child = root->first_child; child != FLUO_NODE_NONE;
         child = fluo_filter_tree_get (tree, child)->next)
      {
        FluoFilter *part = dup_condition (tree, child);

        if (part)
          g_ptr_array_add (parts, part);
      }
  return parts;
}
