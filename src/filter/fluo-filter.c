/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-filter-ast.h"

G_DEFINE_QUARK (fluo-filter-error-quark, fluo_filter_error)

FluoFilter *
fluo_filter_new (const char *text, gssize length, guint *ret_offset, GError **error)
{
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (text, length);
  FluoFilter *self;

  if (fluo_filter_tree_set_error (tree, ret_offset, error))
    return NULL;
  self = g_new0 (FluoFilter, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->tree = g_steal_pointer (&tree);
  self->terms = g_array_new (FALSE, FALSE, sizeof (guint64));
  fluo_filter_prepare (self);
  fluo_filter_find_terms (self);
  return self;
}

FluoFilter *
fluo_filter_ref (FluoFilter *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_filter_unref (FluoFilter *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  fluo_filter_tree_free (self->tree);
  g_array_unref (self->terms);
  g_free (self);
}

char *
fluo_filter_print (const FluoFilter *self)
{
  GString *out = g_string_new (NULL);

  fluo_filter_tree_print (self->tree, out);
  return g_string_free (out, FALSE);
}

/* The canonical text says everything about a tree, so equal text is an equal tree. */
gboolean
fluo_filter_equal (const FluoFilter *a, const FluoFilter *b)
{
  g_autofree char *x = fluo_filter_print (a), *y = fluo_filter_print (b);

  return strcmp (x, y) == 0;
}

gboolean
fluo_filter_resolve_groups (FluoFilter *self, FluoFilterGroupFunc func, gpointer data,
                            const char **ret_unknown)
{
  for (guint32 i = 0; i < self->tree->nodes->len; i++)
    {
      FluoFilterNode *node = fluo_filter_tree_get (self->tree, i);

      if (node->kind != FLUO_NODE_COMPARE || fluo_filter_word_type (node->word) != FLUO_TYPE_GROUP)
        continue;
      node->group = func (node->text, node->word == FLUO_WORD_GROUP_ARN, data);
      if (node->group == 0)
        {
          if (ret_unknown)
            *ret_unknown = node->text;
          return FALSE;
        }
    }
  fluo_filter_find_terms (self);
  return TRUE;
}

gboolean
fluo_filter_is_scoped (const FluoFilter *self)
{
  return self->scoped;
}

const guint64 *
fluo_filter_get_terms (const FluoFilter *self, guint *ret_n)
{
  *ret_n = self->terms->len;
  return (const guint64 *) (gpointer) self->terms->data;
}

/* --- Selectors ------------------------------------------------------------- */

struct _FluoSelector
{
  FluoFilterTree *tree;
};

FluoSelector *
fluo_selector_new (const char *text, gssize length, guint *ret_offset, GError **error)
{
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new_selector (text, length);
  FluoSelector *self;

  if (fluo_filter_tree_set_error (tree, ret_offset, error))
    return NULL;
  self = g_new0 (FluoSelector, 1);
  self->tree = g_steal_pointer (&tree);
  return self;
}

void
fluo_selector_free (FluoSelector *self)
{
  if (!self)
    return;
  fluo_filter_tree_free (self->tree);
  g_free (self);
}

static const FluoFilterNode *
selector_node (const FluoSelector *self)
{
  return fluo_filter_tree_get (self->tree, self->tree->root);
}

gboolean
fluo_selector_is_edge (const FluoSelector *self)
{
  return selector_node (self)->kind == FLUO_NODE_EDGE;
}

const FluoNodePattern *
fluo_selector_get_source (const FluoSelector *self)
{
  return &selector_node (self)->patterns[0];
}

const FluoNodePattern *
fluo_selector_get_destination (const FluoSelector *self)
{
  return &selector_node (self)->patterns[1];
}
