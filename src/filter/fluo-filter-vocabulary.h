/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-json.h"
#include "core/fluo-trace-summary.h"
#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* What occurs in the traces at hand, and in how many: what completion proposes. Filled by one
 * thread, then sealed; sealed it is immutable and may be shared between threads. Atomic reference
 * count. Counts are of traces; what is added again adds up. */
typedef struct _FluoFilterVocabulary FluoFilterVocabulary;

typedef enum
{
  FLUO_VOCABULARY_SERVICE,      /* with a type, or "" */
  FLUO_VOCABULARY_SERVICE_TYPE, /* counted by services */
  FLUO_VOCABULARY_URL,
  FLUO_VOCABULARY_METHOD,
  FLUO_VOCABULARY_STATUS, /* as decimal text */
  FLUO_VOCABULARY_USER_AGENT,
  FLUO_VOCABULARY_CLIENT_IP,
  FLUO_VOCABULARY_USER,
  FLUO_VOCABULARY_ZONE,
  FLUO_VOCABULARY_INSTANCE,
  FLUO_VOCABULARY_ARN,
  FLUO_VOCABULARY_ACCOUNT,
  FLUO_VOCABULARY_GROUP, /* names */
  FLUO_VOCABULARY_GROUP_ARN,
  FLUO_VOCABULARY_EXCEPTION,
  FLUO_VOCABULARY_MESSAGE, /* of exceptions */
  FLUO_VOCABULARY_VERSION, /* with its service */
  FLUO_N_VOCABULARIES
} FluoVocabularyKind;

/* Of one field no more different values are kept: the first ones. */
#define FLUO_VOCABULARY_VALUES_MAX 10000
/* Of keys of annotations. */
#define FLUO_VOCABULARY_KEYS_MAX 2000

FluoFilterVocabulary *fluo_filter_vocabulary_new   (void) G_GNUC_WARN_UNUSED_RESULT;
FluoFilterVocabulary *fluo_filter_vocabulary_ref   (FluoFilterVocabulary *self);
void                  fluo_filter_vocabulary_unref (FluoFilterVocabulary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterVocabulary, fluo_filter_vocabulary_unref)

/* --- Filling; never after sealing ----------------------------------------- */

void fluo_filter_vocabulary_add_value (FluoFilterVocabulary *self, FluoVocabularyKind kind,
                                       const char *value, guint64 count);
/* @type may be NULL. Counts the type too. */
void fluo_filter_vocabulary_add_service (FluoFilterVocabulary *self, const char *name,
                                         const char *type, guint64 count);
void fluo_filter_vocabulary_add_version (FluoFilterVocabulary *self, const char *service,
                                         const char *version, guint64 count);
void fluo_filter_vocabulary_add_edge (FluoFilterVocabulary *self, const char *source,
                                      const char *destination, guint64 count);
/* A key that @count traces have, with values of that type. */
void fluo_filter_vocabulary_add_annotation (FluoFilterVocabulary *self, const char *key,
                                            FluoValueType type, guint64 count);
/* A value of such a key; numbers and booleans as text. Does not count the key. */
void fluo_filter_vocabulary_add_annotation_value (FluoFilterVocabulary *self, const char *key,
                                                  const char *value, guint64 count);
/* Traces that are known without their summaries. */
void fluo_filter_vocabulary_add_traces (FluoFilterVocabulary *self, guint64 count);
/* A collector's answer to POST /fluoroscope/v1/vocabulary (docs/api.md); absent and unknown members
 * are fine. FALSE with @error, and nothing added, when it is no object. */
gboolean fluo_filter_vocabulary_add_json (FluoFilterVocabulary *self, const FluoJsonTape *tape,
                                          guint32 node, GError **error);
/* The traces are AWS's, where some things can't be asked. Before it is shared. */
void fluo_filter_vocabulary_set_aws (FluoFilterVocabulary *self);
/* Sorts. Once. */
void fluo_filter_vocabulary_seal (FluoFilterVocabulary *self);

/* Of an array of FluoTraceSummary, sealed. With @filter only of those that may satisfy it: values
 * narrowed by the rest of the expression. */
FluoFilterVocabulary *fluo_filter_vocabulary_new_from_summaries (
  GPtrArray *summaries, const FluoFilter *filter) G_GNUC_WARN_UNUSED_RESULT;

/* --- Reading; after sealing ------------------------------------------------ */

gboolean fluo_filter_vocabulary_is_aws (const FluoFilterVocabulary *self);

typedef struct
{
  const char *text;  /* borrowed */
  const char *other; /* a service's type, a version's service, an edge's destination (text is its
                      * source), or "" */
  guint64     count;
} FluoVocabularyValue;

guint64 fluo_filter_vocabulary_get_n_traces (const FluoFilterVocabulary *self);
/* Most frequent first. */
const FluoVocabularyValue *fluo_filter_vocabulary_get (const FluoFilterVocabulary *self,
                                                       FluoVocabularyKind kind, guint *ret_n);

typedef struct
{
  const char                *key; /* borrowed, as all below */
  FluoValueType              type; /* of most of its values */
  guint64                    count;
  const FluoVocabularyValue *values; /* most frequent first */
  guint                      n_values;
} FluoVocabularyAnnotation;

/* By key. */
void     fluo_filter_vocabulary_get_annotation (const FluoFilterVocabulary *self, guint i,
                                                FluoVocabularyAnnotation *ret_annotation);
gboolean fluo_filter_vocabulary_find_annotation (const FluoFilterVocabulary *self, const char *key,
                                                 FluoVocabularyAnnotation *ret_annotation);
/* The key that looks most like it; NULL when none does. */
const char *fluo_filter_vocabulary_find_near (const FluoFilterVocabulary *self, const char *key);

G_END_DECLS
