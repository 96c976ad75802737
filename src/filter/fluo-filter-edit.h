/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-sentence.h"
#include "filter/fluo-filter-vocabulary.h"
#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* An expression while it is written: what is wrong with it and how to mend it, its conditions one
 * by one, and what it says in words. Works for any text. Immutable; any thread; atomic reference
 * count. Offsets are bytes of the text, ranges half-open. */

typedef struct
{
  FluoFilterError code;
  gboolean        hint;       /* the expression is valid all the same */
  gboolean        unfinished; /* nothing is wrong but that the text ends here */
  FluoFilterRange range;
  char           *message;    /* translated; lower case, no full stop */
  FluoFilterRange fix_range;  /* @fix in its place mends it */
  char           *fix;        /* or NULL; "" takes away */
  char           *action;     /* what a button for the fix says: "Fix the spelling"; or NULL */
} FluoFilterDiagnostic;

/* The message as a sentence: "There is no keyword “x”. …", with what stands in quotes bold. */
FluoSentence *fluo_filter_diagnostic_to_sentence (const FluoFilterDiagnostic *self)
  G_GNUC_WARN_UNUSED_RESULT;

/* One of the conditions that are joined by AND at the top; the whole expression when it is an OR.
 */
typedef struct
{
  FluoFilterRange range;      /* with the AND before it left out */
  gboolean        valid;      /* nothing in it is wrong */
  gboolean        unfinished; /* nothing is wrong but that it is not complete */
  guint           first_line; /* from 0 */
  guint           last_line;
} FluoFilterCondition;

typedef struct _FluoFilterDocument FluoFilterDocument;

/* @length -1 for NUL-terminated text. @vocabulary (sealed) may be NULL; with it, hints tell of
 * annotations that do not occur. */
FluoFilterDocument *fluo_filter_document_new (const char *text, gssize length,
                                              FluoFilterVocabulary *vocabulary)
  G_GNUC_WARN_UNUSED_RESULT;
void                fluo_filter_document_free (FluoFilterDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterDocument, fluo_filter_document_free)

const char *fluo_filter_document_get_text (const FluoFilterDocument *self, gsize *ret_length);
/* No diagnostic but hints: it can be run. Blank text is valid. */
gboolean    fluo_filter_document_is_valid (const FluoFilterDocument *self);
/* By place. */
guint       fluo_filter_document_get_n_diagnostics (const FluoFilterDocument *self);
const FluoFilterDiagnostic *fluo_filter_document_get_diagnostic (const FluoFilterDocument *self,
                                                                 guint i);
/* The text with that fix taken; NULL when it has none. @ret_cursor (may be NULL): behind it. */
char       *fluo_filter_document_apply_fix (const FluoFilterDocument *self, guint i,
                                            guint *ret_cursor) G_GNUC_WARN_UNUSED_RESULT;

guint       fluo_filter_document_get_n_conditions (const FluoFilterDocument *self);
const FluoFilterCondition *fluo_filter_document_get_condition (const FluoFilterDocument *self,
                                                               guint i);
/* The condition at @cursor or right before it; G_MAXUINT when there is none. */
guint       fluo_filter_document_find_condition (const FluoFilterDocument *self, guint cursor);
/* The valid conditions but the one at @cursor: what narrows the values that are proposed there.
 * NULL when there is no other. */
FluoFilter *fluo_filter_document_dup_rest (const FluoFilterDocument *self, guint cursor)
  G_GNUC_WARN_UNUSED_RESULT;
/* The condition at @cursor is wrong, or names what does not occur, only because it is still being
 * typed there: say so instead of what is wrong with it. */
gboolean    fluo_filter_document_is_typing (const FluoFilterDocument *self, guint cursor);

/* What the valid conditions find, and then which lines do not count yet: "Traces where payments
 * took longer than 0.5 s. Line 4 does not count yet." @ret_aside (may be NULL) is the byte where
 * the latter begins. What is still being typed at @cursor does not count either; G_MAXUINT when
 * nothing is. */
FluoSentence *fluo_filter_document_explain (const FluoFilterDocument *self, guint cursor,
                                            guint *ret_aside) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
