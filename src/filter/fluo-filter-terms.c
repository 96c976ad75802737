/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-filter-ast.h"

/* What every match must have, so that an index can tell where none is. Only conditions that all
 * must hold say that: those joined by AND at the top, and what stands in their blocks. A number's
 * text varies (2, 2.0, 2e0), so of numbers it is the key alone. */

/* More tell an index nothing new, and finding doubles is a search. */
#define TERMS_MAX 64

static void
add (FluoFilter *self, FluoTermKind kind, const char *a, const char *b)
{
  guint64 term = fluo_term_hash (kind, a, b);

  if (self->terms->len >= TERMS_MAX)
    return;
  for (guint i = 0; i < self->terms->len; i++)
    if (g_array_index (self->terms, guint64, i) == term)
      return;
  g_array_append_val (self->terms, term);
}

static void
add_pattern (FluoFilter *self, const FluoNodePattern *pattern)
{
  if (pattern->name)
    add (self, FLUO_TERM_SERVICE, pattern->name, NULL);
  if (pattern->type)
    add (self, FLUO_TERM_SERVICE_TYPE, pattern->type, NULL);
}

static void
add_annotation (FluoFilter *self, const FluoFilterNode *node)
{
  add (self, FLUO_TERM_ANNOTATION_KEY, node->key, NULL);
  if (node->op != FLUO_OP_EQUAL)
    return;
  if (node->value == FLUO_FILTER_VALUE_STRING && *node->text)
    add (self, FLUO_TERM_ANNOTATION, node->key, node->text);
  else if (node->value == FLUO_FILTER_VALUE_BOOLEAN)
    add (self, FLUO_TERM_ANNOTATION, node->key, node->number != 0 ? "true" : "false");
}

static void
add_flag (FluoFilter *self, const FluoFilterNode *node)
{
  gboolean wanted = node->op == FLUO_OP_EXISTS ||
                    (node->number != 0) == (node->op == FLUO_OP_EQUAL);

  if (wanted)
    add (self, FLUO_TERM_FLAG, fluo_filter_words[node->word].name, NULL);
}

/* Conditions about the trace. */
static void
add_compare (FluoFilter *self, const FluoFilterNode *node)
{
  static const struct { FluoFilterWord word; FluoTermKind kind; } texts[] = {
    { FLUO_WORD_USER, FLUO_TERM_USER }, { FLUO_WORD_HTTP_URL, FLUO_TERM_URL },
    { FLUO_WORD_INSTANCE, FLUO_TERM_INSTANCE }, { FLUO_WORD_ZONE, FLUO_TERM_ZONE },
    { FLUO_WORD_ARN, FLUO_TERM_ARN },
  };
  char number[16];

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].word == node->word && node->op == FLUO_OP_EQUAL)
      add (self, texts[i].kind, node->text, NULL);
  switch (node->word)
    {
    case FLUO_WORD_ERROR:
    case FLUO_WORD_FAULT:
    case FLUO_WORD_THROTTLE:
    case FLUO_WORD_PARTIAL:
      add_flag (self, node);
      break;
    case FLUO_WORD_HTTP_STATUS:
      if (node->op == FLUO_OP_EQUAL && node->number >= 1 && node->number < 100000 &&
          node->number == (double) (int) node->number)
        {
          g_snprintf (number, sizeof number, "%d", (int) node->number);
          add (self, FLUO_TERM_HTTP_STATUS, number, NULL);
        }
      break;
    case FLUO_WORD_GROUP_NAME:
    case FLUO_WORD_GROUP_ARN:
      if (node->op == FLUO_OP_EQUAL && node->group != 0)
        {
          g_snprintf (number, sizeof number, "%u", node->group);
          add (self, FLUO_TERM_GROUP, number, NULL);
        }
      break;
    case FLUO_WORD_ANNOTATION:
      add_annotation (self, node);
      break;
    default:
      break;
    }
}

/* In blocks: annotations of a service or call are the trace's, its name and type a node's. */
static void
add_in_block (FluoFilter *self, const FluoFilterNode *node)
{
  static const struct { FluoFilterWord word; FluoTermKind kind; } texts[] = {
    { FLUO_WORD_NAME, FLUO_TERM_SERVICE }, { FLUO_WORD_TYPE, FLUO_TERM_SERVICE_TYPE },
    { FLUO_WORD_VERSION, FLUO_TERM_VERSION },
  };

  if (node->word == FLUO_WORD_ANNOTATION)
    add_annotation (self, node);
  else if (node->scope == FLUO_SCOPE_SERVICE && node->op == FLUO_OP_EQUAL)
    for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
      if (texts[i].word == node->word)
        add (self, texts[i].kind, node->text, NULL);
}

/* The conditions that all must hold, below @index. As deep as the parser's brackets. */
static void
add_node (FluoFilter *self, guint32 index)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, index);

  switch (node->kind)
    {
    case FLUO_NODE_COMPARE:
      if (node->scope == FLUO_SCOPE_TRACE)
        add_compare (self, node);
      else
        add_in_block (self, node);
      return;
    case FLUO_NODE_EDGE:
      add_pattern (self, &node->patterns[1]);
      add_pattern (self, &node->patterns[0]);
      break;
    case FLUO_NODE_SERVICE:
      add_pattern (self, &node->patterns[0]);
      break;
    case FLUO_NODE_AND:
      break;
    default:
      return;
    }
  for (guint32 c = node->first_child; c != FLUO_NODE_NONE;
       c = fluo_filter_tree_get (self->tree, c)->next)
    add_node (self, c);
}

void
fluo_filter_find_terms (FluoFilter *self)
{
  g_array_set_size (self->terms, 0);
  if (self->tree->root != FLUO_NODE_NONE)
    add_node (self, self->tree->root);
}
