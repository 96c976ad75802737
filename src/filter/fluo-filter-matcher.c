/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-filter-ast.h"

/* Many traces of one block, which share its strings. */

/* Beyond this (tests times strings) nothing is kept: an expression of thousands of conditions. */
#define MEMO_BYTES_MAX (16 * 1024 * 1024)

struct _FluoFilterMatcher
{
  FluoFilter     *filter;
  FluoFactsBlock *block;
  guint8         *memo;
};

FluoFilterMatcher *
fluo_filter_matcher_new (const FluoFilter *filter, FluoFactsBlock *block)
{
  FluoFilterMatcher *self = g_new0 (FluoFilterMatcher, 1);
  FluoTraceFacts facts;
  gsize size;

  self->filter = fluo_filter_ref ((FluoFilter *) filter);
  self->block = fluo_facts_block_ref (block);
  if (fluo_facts_block_get_n (block) > 1)
    {
      fluo_facts_block_get (block, 0, &facts);
      size = (gsize) filter->n_tests * facts.n_strings;
      self->memo = size <= MEMO_BYTES_MAX ? g_malloc0 (size) : NULL;
    }
  return self;
}

void
fluo_filter_matcher_free (FluoFilterMatcher *self)
{
  if (!self)
    return;
  fluo_filter_unref (self->filter);
  fluo_facts_block_unref (self->block);
  g_free (self->memo);
  g_free (self);
}

gboolean
fluo_filter_matcher_matches (FluoFilterMatcher *self, guint trace)
{
  FluoTraceFacts facts;

  g_return_val_if_fail (trace < fluo_facts_block_get_n (self->block), FALSE);
  fluo_facts_block_get (self->block, trace, &facts);
  return fluo_filter_evaluate (self->filter, &facts, self->memo);
}
