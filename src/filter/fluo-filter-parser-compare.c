/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-parser-private.h"

/* What may stand behind a keyword: an operator, ours or another language's, and a value. */

/* --- Values ---------------------------------------------------------------- */

static gboolean
take_value (FluoFilterParser *self, FluoFilterNode *node)
{
  node->value_range = fluo_parser_token_range (self);
  if (self->token.kind == FLUO_TOKEN_STRING)
    {
      node->value = FLUO_FILTER_VALUE_STRING;
      node->text = self->token.text;
    }
  else if (self->token.kind == FLUO_TOKEN_NUMBER)
    {
      node->value = FLUO_FILTER_VALUE_NUMBER;
      node->number = self->token.number;
    }
  else if (fluo_parser_is_named (self, "true") || fluo_parser_is_named (self, "false"))
    {
      node->value = FLUO_FILTER_VALUE_BOOLEAN;
      node->number = fluo_parser_is_named (self, "true");
    }
  else if (self->token.kind == FLUO_TOKEN_WORD && !fluo_parser_is_named (self, "and") &&
           !fluo_parser_is_named (self, "or"))
    {
      g_autofree char *word = g_strndup (self->lexer.text + self->token.start,
                                         self->token.end - self->token.start);
      g_autofree char *fix = g_strdup_printf ("\"%s\"", word);

      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                                 fluo_parser_token_range (self),
                                 fluo_parser_token_range (self), fix,
                                 _("“%.40s” is neither a number nor true or false: text stands in "
                                   "double quotes, \"%.40s\""), word, word);
      node->value = FLUO_FILTER_VALUE_STRING;
      node->text = g_string_chunk_insert (self->tree->strings, word);
    }
  else
    {
      fluo_parser_complain_unexpected (
        self, _("a value: text in double quotes, a number, true or false"));
      return FALSE;
    }
  fluo_parser_advance (self);
  return TRUE;
}

/* An operator of another language, if one follows: complained about, with all of the comparison
 * mended where it can be. */
static const FluoForeignOp *
take_foreign (FluoFilterParser *self, const FluoFilterNode *node)
{
  const char *text = self->lexer.text + self->token.start;
  const FluoForeignOp *op;
  g_autofree char *fix = NULL;
  FluoFilterRange range = fluo_parser_token_range (self), fix_range = range;

  if (self->token.kind != FLUO_TOKEN_WORD && self->token.kind != FLUO_TOKEN_FOREIGN &&
      !fluo_parser_is_punctuation (self, ':'))
    return NULL;
  op = fluo_filter_find_foreign (text, range.end - range.start);
  if (!op || !node)
    return op && op->kind != FLUO_FOREIGN_NOT_LIST ? op : NULL;
  if (self->tree->diagnostics->len < FLUO_FILTER_DIAGNOSTICS_MAX)
    fix = fluo_filter_mend_foreign (op, &self->lexer, node, self->token.end, &fix_range.end);
  if (op->kind == FLUO_FOREIGN_NOT_LIST && !fix)
    return NULL;
  self->mended = fix != NULL;
  if (fix)
    {
      fix_range.start = node->range.start;
      self->lexer.offset = self->token.end = fix_range.end;
    }
  else if (op->fix)
    fix = fluo_filter_pad (self->lexer.text, self->lexer.length, range, op->fix);
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range, fix_range, fix,
                             _("there is no operator “%s”: %s"),
                             op->kind == FLUO_FOREIGN_NOT_LIST ? "not in" : op->name, _(op->help));
  return op;
}

/* An operator, if one follows. */
FluoFilterOp
fluo_parser_take_op (FluoFilterParser *self, const FluoFilterNode *node,
                     const FluoForeignOp **ret_foreign)
{
  FluoFilterOp op = FLUO_OP_EXISTS;

  *ret_foreign = NULL;
  self->mended = FALSE;
  if (self->token.kind == FLUO_TOKEN_OP)
    op = self->token.op;
  else
    for (guint i = FLUO_OP_CONTAINS; i < FLUO_N_OPS && op == FLUO_OP_EXISTS; i++)
      if (fluo_parser_is_named (self, fluo_filter_ops[i]))
        op = i;
  if (op == FLUO_OP_EXISTS && (*ret_foreign = take_foreign (self, node)) != NULL)
    op = (*ret_foreign)->op;
  if (op != FLUO_OP_EXISTS)
    fluo_parser_advance (self);
  return op;
}

/* A pattern between slashes where a value should be. */
static void
complain_pattern (FluoFilterParser *self, const FluoFilterNode *node)
{
  g_autofree char *name = g_strndup (self->lexer.text + node->word_range.start,
                                     node->word_range.end - node->word_range.start);
  g_autofree char *fix = fluo_filter_mend_pattern (name, node->word, self->token.text, FALSE);

  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, fluo_parser_token_range (self),
                             RANGE (node->range.start, self->token.end), fix,
                             _("“%s” is a pattern, and there are no patterns: compare with "
                               "CONTAINS, BEGINSWITH or ENDSWITH"), fluo_parser_describe (self));
}

/* "5xx" of a status, which was complained about, is all of that class. */
static void
mend_status_class (FluoFilterParser *self, const FluoFilterNode *node)
{
  g_autofree char *text = NULL, *fix = NULL;

  if (node->word != FLUO_WORD_HTTP_STATUS || self->token.kind != FLUO_TOKEN_NUMBER ||
      self->token.end - self->token.start != 3 || self->tree->diagnostics->len == 0)
    return;
  text = g_strndup (self->lexer.text + self->token.start, 3);
  if (g_ascii_strcasecmp (text + 1, "xx") != 0)
    return;
  fix = fluo_filter_mend_pattern ("http.status", node->word, text, FALSE);
  if (fix)
    fluo_filter_tree_set_fix (self->tree, RANGE (node->range.start, self->token.end), fix);
}

/* What follows a keyword: nothing, or an operator and a value. */
guint32
fluo_parser_parse_comparison (FluoFilterParser *self, guint32 index)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  const FluoForeignOp *foreign;

  node->op_range = fluo_parser_token_range (self);
  fluo_parser_want_of (self, FLUO_WANT_OP, index);
  node->op = fluo_parser_take_op (self, node, &foreign);
  if (node->op != FLUO_OP_EXISTS)
    fluo_parser_want_of (self, FLUO_WANT_VALUE, index);
  if (node->op == FLUO_OP_EXISTS)
    {
      node->op_range.end = node->op_range.start;
      if (fluo_filter_word_type (node->word) == FLUO_TYPE_GROUP)
        fluo_parser_end_wanted (self);
    }
  else if (self->mended)
    node->kind = FLUO_NODE_BAD;
  else if (foreign && foreign->kind != FLUO_FOREIGN_WORD &&
           self->token.kind != FLUO_TOKEN_STRING && self->token.kind != FLUO_TOKEN_PATTERN)
    return fluo_parser_recover (self, index); /* said what to write */
  else if (self->token.kind == FLUO_TOKEN_PATTERN)
    {
      if (!foreign)
        complain_pattern (self, node);
      fluo_parser_advance (self);
      node->range.end = self->last_end;
      node->kind = FLUO_NODE_BAD;
      return index;
    }
  else
    {
      mend_status_class (self, node);
      if (!take_value (self, node))
        return fluo_parser_recover (self, index);
    }
  node->range.end = self->last_end;
  return index;
}
