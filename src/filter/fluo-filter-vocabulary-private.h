/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter-vocabulary.h"

G_BEGIN_DECLS

/* Values of one field with what finds a part of them fast. Sealed: all values in lower case (ASCII)
 * stand in one text, so that looking for a part is one pass. */
typedef struct
{
  GHashTable          *index;   /* FluoVocabularyValue, owned; while filling */
  FluoVocabularyValue *values;  /* sealed: most frequent first */
  guint                n_values;
  char                *folded;  /* sealed: each value and a line feed */
  guint32             *offsets; /* of each value in it, and of the end */
} FluoVocabularyField;

typedef struct
{
  char               *key;
  guint64             count;
  guint64             by_type[3]; /* FluoValueType */
  FluoVocabularyField values;
} FluoVocabularyKey;

struct _FluoFilterVocabulary
{
  gatomicrefcount     ref_count;
  gboolean            sealed;
  gboolean            aws;
  guint64             n_traces;
  GStringChunk       *strings;
  FluoVocabularyField fields[FLUO_N_VOCABULARIES];
  FluoVocabularyField edges;
  GHashTable         *keys_index; /* FluoVocabularyKey by its key */
  GPtrArray          *keys;       /* FluoVocabularyKey; sealed: by key */
};

/* The values that contain @folded (ASCII lower case), most frequent first; the first @max in
 * @ret_found. How many there are. */
guint fluo_vocabulary_field_search (const FluoVocabularyField *self, const char *folded,
                                    guint *ret_found, guint max);

/* Without counting the type. */
void fluo_vocabulary_add_service_alone (FluoFilterVocabulary *self, const char *name,
                                        const char *type, guint64 count);

G_END_DECLS
