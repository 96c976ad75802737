/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"
#include "filter/fluo-filter-vocabulary.h"
#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* What may be written at a place in any text, by the parser itself: every proposal is the
 * beginning of something valid if what stands before it is. Any thread. */

typedef enum
{
  FLUO_PROPOSAL_KEYWORD,
  FLUO_PROPOSAL_FORM, /* service(…), edge(…, …), rootcause.…, id(…), blocks */
  FLUO_PROPOSAL_ANNOTATION,
  FLUO_PROPOSAL_OPERATOR,
  FLUO_PROPOSAL_JOIN, /* AND, OR, NOT, closing brackets */
  FLUO_PROPOSAL_VALUE,
  FLUO_PROPOSAL_SERVICE, /* a name between brackets */
  FLUO_PROPOSAL_CONDITION, /* a whole condition, found by its value */
  FLUO_PROPOSAL_TRACE /* no expression: the trace itself, to be opened */
} FluoProposalKind;

/* Fields whose values are shown beside the list: the most frequent ones. */
#define FLUO_PROPOSAL_VALUES_MAX 6

typedef struct
{
  char  *text;
  gint64 count;
} FluoProposalValue;

typedef struct
{
  FluoProposalKind  kind;
  FluoFilterRange   range;  /* of the text: replaced by @insert */
  char             *insert;
  guint             cursor; /* in @insert: where writing goes on */
  char             *label;  /* safe to show */
  FluoFilterRange   match;  /* of @label: what was typed; empty when nothing was */
  const char       *type;   /* translated: "text", "number", "yes or no"; or NULL */
  gint64            count;  /* traces that have it; -1: unknown */
  char             *help;   /* translated, a sentence or two; or NULL */
  FluoProposalValue values[FLUO_PROPOSAL_VALUES_MAX]; /* text is safe to show */
  guint             n_values;
} FluoFilterProposal;

typedef struct
{
  GPtrArray  *proposals;  /* FluoFilterProposal, best first */
  guint       n_matching; /* with those that are left out */
  guint       n_possible; /* at this place, whatever was typed */
  gboolean    has_trace;  /* what was typed or pasted is this trace's id */
  FluoTraceId trace;
} FluoFilterCompletion;

/* @vocabulary (sealed) may be NULL. At most @max proposals; 0: all. @cursor inside a character is
 * moved to its begin. Never NULL. */
FluoFilterCompletion *fluo_filter_complete (const char *text, gssize length, guint cursor,
                                            const FluoFilterVocabulary *vocabulary, guint max)
  G_GNUC_WARN_UNUSED_RESULT;
void fluo_filter_completion_free (FluoFilterCompletion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterCompletion, fluo_filter_completion_free)

G_END_DECLS
