/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter.h"
#include "local/store/fluo-live.h"

G_BEGIN_DECLS

/* Goes through all traces that start in a range, newest block first, and hands their facts to
 * somebody who counts. Ends early when it takes too long: everything that starts at or after
 * from_ns was seen then, and some of what is older. */

/* Traces of one chunk of a block, or one of an open block. */
typedef struct
{
  gint64          block;  /* 0 = open */
  guint           chunk;
  FluoFactsBlock *facts;  /* NULL: not wanted */
  const guint    *traces; /* in facts; NULL when those are */
  guint           n;
} FluoSurveyPart;

typedef struct
{
  FluoTimeSpan span;
  gint64       budget_usec;
  /* Which chunks (bits) of a sealed block are wanted; NULL = all. */
  guint      (*want) (gint64 block, gpointer data);
  void       (*func) (const FluoSurveyPart *part, gpointer data);
  gpointer     data;
} FluoSurvey;

typedef struct
{
  guint64  n_traces; /* that were looked at, and such as were not wanted */
  guint64  n_left;   /* about so many were not */
  gboolean complete;
  gint64   from_ns;
} FluoSurveyResult;

gboolean fluo_survey_run (FluoConnection *reader, const FluoSurvey *survey,
                          FluoSurveyResult *ret_result, GError **error);
/* The chunks of sealed blocks in the range that may have a match: gint64 * → bits. *@ret_chunks is
 * NULL when the filter has nothing that the index knows. */
gboolean fluo_survey_find_chunks (FluoConnection *reader, FluoTimeSpan span,
                                  const FluoFilter *filter, GHashTable **ret_chunks,
                                  GError **error);

G_END_DECLS
