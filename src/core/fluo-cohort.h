/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-time-span.h"
#include "fluo-trace-summary.h"

G_BEGIN_DECLS

/* What sets some traces apart from others: for every value of every field of their summaries, in
 * how many of two sets it occurs. Nothing here is ever changed once made; any thread. Strings of
 * summaries are interned, so they are compared by address. */

typedef enum
{
  FLUO_FIELD_STATUS,
  FLUO_FIELD_HTTP_STATUS,
  FLUO_FIELD_METHOD,
  FLUO_FIELD_URL,            /* without query and fragment */
  FLUO_FIELD_USER,
  FLUO_FIELD_AGENT,
  FLUO_FIELD_CLIENT,
  FLUO_FIELD_ENTRY,
  FLUO_FIELD_SERVICE,        /* took part */
  FLUO_FIELD_SERVICE_STATUS, /* took part and failed */
  FLUO_FIELD_VERSION,        /* that a service ran */
  FLUO_FIELD_INSTANCE,
  FLUO_FIELD_ZONE,
  FLUO_FIELD_ARN,
  FLUO_FIELD_CAUSE,          /* service and exception at the root of a failure */
  FLUO_FIELD_PATH,           /* that a failure took, as FluoSummaryCause has it */
  FLUO_FIELD_ANNOTATION,
  FLUO_FIELD_TIME,           /* no value, but before or after a moment */
  FLUO_N_FIELDS
} FluoField;

typedef enum
{
  FLUO_COHORT_IS,
  FLUO_COHORT_AT_LEAST, /* a number or a time */
  FLUO_COHORT_UNDER
} FluoCohortOperator;

typedef struct
{
  FluoField          field;
  FluoCohortOperator operator;
  const char        *key;    /* of an annotation; of a cause or version the service; else NULL */
  const char        *value;  /* NULL where the number says it */
  FluoValueType      type;   /* of an annotation */
  FluoStatus         status; /* FLUO_FIELD_STATUS, _SERVICE_STATUS, _CAUSE, _PATH */
  int                http_status;
  gint64             time_ns;
  gboolean           had_query; /* of a URL: something was cut off */
} FluoTerm;

typedef struct
{
  FluoTerm term;
  guint    n[2];      /* traces of set A and B with it */
  guint    n_with;    /* traces of A that have the field at all */
  double   share[2];  /* of all traces of the set */
  double   score;     /* (share A - share B) × √n_with; negative: more often in B */
  gboolean is_id;     /* the field's values hardly repeat: ranked behind all others */
  gboolean is_alike;  /* occurs as often as one ranked before: says the same */
} FluoCohortRow;

typedef struct
{
  FluoField   field;
  const char *key;     /* of an annotation; of versions the service */
  guint       n_with;  /* traces that have it */
  guint       n_values;
} FluoCohortField;

typedef struct _FluoCohort FluoCohort;

/* Which set a trace is in; anything else: neither. */
#define FLUO_COHORT_A 1
#define FLUO_COHORT_B 2

/* Differences smaller than this are none, and what is rarer says nothing. */
#define FLUO_COHORT_DIFFERENCE_MIN .10
#define FLUO_COHORT_TRACES_MIN 20
/* In A at least, or the value is an accident. */
#define FLUO_COHORT_SELECTED_MIN 5
#define FLUO_COHORT_ROWS_MAX 1000
/* Values of one field that are counted; those that turn up later are not. */
#define FLUO_COHORT_VALUES_MAX 10000

/* @sides has a byte for each summary. Takes a reference to @summaries. @times: say when, too;
 * senseless where the sets were made by time. */
FluoCohort *fluo_cohort_new   (GPtrArray *summaries, const guint8 *sides, gboolean times);
FluoCohort *fluo_cohort_ref   (FluoCohort *self);
void        fluo_cohort_unref (FluoCohort *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCohort, fluo_cohort_unref)
/* By the size of the score, ids last; at most FLUO_COHORT_ROWS_MAX. */
const FluoCohortRow *fluo_cohort_get_rows (const FluoCohort *self, guint *ret_n);
guint fluo_cohort_get_size (const FluoCohort *self, guint set /* 0 or 1 */);
/* What there is to group by: fields that occur, annotations by key. */
const FluoCohortField *fluo_cohort_get_fields (const FluoCohort *self, guint *ret_n);
gboolean fluo_cohort_term_equal (const FluoTerm *a, const FluoTerm *b);
/* The same by a plain look at one trace: for tests, and for few traces. */
gboolean fluo_cohort_term_matches (const FluoTerm *self, const FluoTraceSummary *summary);

/* --- Groups ------------------------------------------------------------------------------ */

typedef struct
{
  FluoTerm term;
  guint    n;
  guint    n_faults;
  gint64   quantiles[3]; /* p50, p90, p99 */
} FluoCohortGroup;

typedef struct
{
  GArray *rows;     /* FluoCohortGroup, largest first, at most FLUO_COHORT_ROWS_MAX */
  guint   n_traces; /* looked at */
  guint   n_with;   /* that have the field */
  guint   n_values;
  GPtrArray *summaries; /* keeps the strings alive */
  GPtrArray *strings;
} FluoCohortGroups;

/* Traces by the values of a field; a trace with several is in several groups. @sides NULL: all,
 * else those that are in A. */
FluoCohortGroups *fluo_cohort_groups_new (GPtrArray *summaries, const guint8 *sides,
                                          FluoField field, const char *key);
void        fluo_cohort_groups_free (FluoCohortGroups *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCohortGroups, fluo_cohort_groups_free)

G_END_DECLS
