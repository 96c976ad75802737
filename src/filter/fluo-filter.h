/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-facts.h"

G_BEGIN_DECLS

/* X-Ray's filter expressions: parsing, checking, printing and evaluating. The same grammar for the
 * collector, the editor and the command line. docs/internals/filter.md has the grammar. Values are
 * immutable; any thread. */
typedef struct _FluoFilter FluoFilter;

typedef enum
{
  FLUO_FILTER_ERROR_SYNTAX,
  FLUO_FILTER_ERROR_KEYWORD,  /* no such keyword, or not here */
  FLUO_FILTER_ERROR_TYPE,     /* operator or value doesn't fit the keyword */
  FLUO_FILTER_ERROR_LIMIT     /* too long or too deep */
} FluoFilterError;

/* Bytes of an expression, half-open. */
typedef struct
{
  guint start;
  guint end;
} FluoFilterRange;

#define FLUO_FILTER_ERROR (fluo_filter_error_quark ())
GQuark fluo_filter_error_quark (void);

/* Bytes; X-Ray gives no limit. Depth of parentheses and blocks. */
#define FLUO_FILTER_LENGTH_MAX (64 * 1024)
#define FLUO_FILTER_DEPTH_MAX 200

/* @length -1 for NUL-terminated text; any bytes are taken. An empty or blank expression matches
 * every trace. On failure
 * @ret_offset (may be NULL) is the byte the first error is at; the message names thing, expected
 * and fix. */
FluoFilter *fluo_filter_new (const char *text, gssize length, guint *ret_offset, GError **error);
FluoFilter *fluo_filter_ref     (FluoFilter *self);
void        fluo_filter_unref   (FluoFilter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilter, fluo_filter_unref)
/* Canonical text; parses to an equal filter. Newly allocated. */
char       *fluo_filter_print   (const FluoFilter *self);
/* The expression `service(id(name: "…", type: "…")) { block }`; @type and @block may be NULL. Newly
 * allocated. */
char       *fluo_filter_dup_service (const char *name, const char *type, const char *block);
/* The expression `edge(id(name: "…", type: "…"), id(name: "…", type: "…"))`; types may be NULL. */
char       *fluo_filter_dup_edge    (const char *from, const char *from_type, const char *to,
                                     const char *to_type);
gboolean    fluo_filter_equal   (const FluoFilter *a, const FluoFilter *b);

/* The conditions that are joined by AND at the top (FluoFilter), each a filter of its own whose
 * groups are not resolved; of any other expression it alone, of a blank one none. */
GPtrArray  *fluo_filter_split   (const FluoFilter *self) G_GNUC_WARN_UNUSED_RESULT;

/* Group names and ARNs are resolved to keys by the caller before evaluating. */
typedef guint32 (*FluoFilterGroupFunc) (const char *name_or_arn, gboolean arn,
                                        gpointer data); /* 0 = no such group */
/* Names an unknown group in @ret_unknown (borrowed from the filter) and gives FALSE. Evaluating
 * without it: no trace belongs to any group. Call before the filter is shared. */
gboolean fluo_filter_resolve_groups (FluoFilter *self, FluoFilterGroupFunc func, gpointer data,
                                     const char **ret_unknown);

gboolean    fluo_filter_matches (const FluoFilter *self, const FluoTraceFacts *facts);

/* A summary says less than the trace: nothing of calls, of response time root causes, nor which
 * service an annotation, a user agent or a time belongs to. What it can't decide is maybe. */
typedef enum
{
  FLUO_FILTER_NO,
  FLUO_FILTER_MAYBE,
  FLUO_FILTER_YES
} FluoFilterAnswer;
FluoFilterAnswer fluo_filter_matches_summary (const FluoFilter *self,
                                              const FluoTraceSummary *summary);

/* Evaluates many traces of one block; what depends on strings only is worked out once per string.
 * One thread. */
typedef struct _FluoFilterMatcher FluoFilterMatcher;
FluoFilterMatcher *fluo_filter_matcher_new  (const FluoFilter *filter, FluoFactsBlock *block);
void               fluo_filter_matcher_free (FluoFilterMatcher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterMatcher, fluo_filter_matcher_free)
gboolean           fluo_filter_matcher_matches (FluoFilterMatcher *self, guint trace);

/* The entity and edge that satisfied the first service() and edge() term, FLUO_FACTS_NONE where
 * there is none. */
typedef struct { guint32 entity, edge; } FluoFilterMatched;
void fluo_filter_find_matched (const FluoFilter *self, const FluoTraceFacts *facts,
                               FluoFilterMatched *ret_matched);
/* Has a service() or edge() term: decides how a time range of type Service is applied. */
gboolean    fluo_filter_is_scoped (const FluoFilter *self);

/* Terms that every match has (all of them), for skipping blocks; borrowed. n = 0: an index can't
 * help. */
const guint64 *fluo_filter_get_terms (const FluoFilter *self, guint *ret_n);

/* EntitySelectorExpression: exactly one service(…), edge(…, …) or id(…), no annotations. */
typedef struct
{
  const char *name, *type, *account; /* NULL = any */
} FluoNodePattern;
typedef struct _FluoSelector FluoSelector;
FluoSelector *fluo_selector_new (const char *text, gssize length, guint *ret_offset,
                                 GError **error);
void          fluo_selector_free (FluoSelector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSelector, fluo_selector_free)
gboolean      fluo_selector_is_edge (const FluoSelector *self);
const FluoNodePattern *fluo_selector_get_source (
  const FluoSelector *self); /* the node of service() */
const FluoNodePattern *fluo_selector_get_destination (const FluoSelector *self); /* edge() only */

G_END_DECLS
