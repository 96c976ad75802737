/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-facts.h"
#include "local/store/fluo-groups.h"

G_BEGIN_DECLS

/* What occurs in many traces, and in how many of them: services, calls, keys of annotations and
 * their values, URLs, users. One thread.
 *
 * Of fields with very many values (order numbers) the frequent ones are kept: when there are too
 * many in all, those seen least so far go. A count that may be too low because of that belongs to a
 * list that is marked. */
typedef struct _FluoLexicon FluoLexicon;

/* So many different values are remembered at the end of a chunk, of all fields together, and twice
 * as many at most in the middle of one (100 to 200 bytes each). */
#define FLUO_LEXICON_VALUES_MAX 200000
#define FLUO_LEXICON_KEYS_MAX 2000

/* @search: only values with this in them (case of ASCII letters aside) are remembered; NULL =
 * all. */
FluoLexicon *fluo_lexicon_new  (const char *search, guint values_max);
void         fluo_lexicon_free (FluoLexicon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLexicon, fluo_lexicon_free)
/* Some traces of a block. */
void         fluo_lexicon_add  (FluoLexicon *self, FluoFactsBlock *facts, const guint *traces,
                                guint n);
guint64      fluo_lexicon_get_n_traces (const FluoLexicon *self);
/* An object, most frequent first; docs/api.md has its members. */
void         fluo_lexicon_write (FluoLexicon *self, FluoGroups *groups, guint keys_max,
                                 guint values_max, FluoJsonWriter *writer);

G_END_DECLS
