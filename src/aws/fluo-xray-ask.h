/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Questions about all traces of a range at once, which only fluoroscoped answers. Elsewhere both
 * calls fail with FLUO_XRAY_ERROR_NOT_FOUND: whoever asks makes do with what was fetched. */

/* The most that can be counted in one call. */
#define FLUO_XRAY_CONDITIONS_MAX 64

typedef struct
{
  char   *expression; /* as the server has understood it */
  guint64 after;      /* traces that this and all conditions before it let through */
  guint64 alone;      /* that this one lets through */
  guint64 without;    /* that all others let through */
} FluoConditionCount;

typedef struct
{
  GArray  *conditions; /* FluoConditionCount, as asked */
  guint64  n_traces;   /* that were looked at */
  guint64  n_matching; /* all conditions let through */
  gboolean complete;   /* nothing was left out; else it took too long: */
  gint64   from_ns;    /* everything that starts at or after this was looked at, */
  guint64  n_left;     /* and about so many traces were not */
  gboolean exact;      /* counted by the server, and not from the summaries that were fetched */
  guint64  n_unknown;  /* of summaries: conditions that these say nothing about, per trace */
} FluoFilterCounts;

FluoFilterCounts *fluo_filter_counts_new  (void);
void              fluo_filter_counts_free (FluoFilterCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterCounts, fluo_filter_counts_free)

/* @conditions: NULL-terminated, joined by AND; each on its own is valid. */
void fluo_xray_client_count_conditions_async (FluoXrayClient *self, FluoTimeSpan span,
                                              const char *const *conditions,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
FluoFilterCounts *fluo_xray_client_count_conditions_finish (FluoXrayClient *self,
                                                            GAsyncResult *result, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* What occurs in the traces of a range. */
typedef struct
{
  FluoJsonTape *tape;
  guint32       node;     /* an object: services, annotations and so on; docs/api.md */
  guint64       n_traces; /* that were looked at, matching or not */
  gboolean      complete; /* else as in FluoFilterCounts */
  gint64        from_ns;
  guint64       n_left;
} FluoXrayVocabulary;

void fluo_xray_vocabulary_free (FluoXrayVocabulary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoXrayVocabulary, fluo_xray_vocabulary_free)

/* @filter: of the traces that match alone; @search: of values that have this in them; both may be
 * NULL. @values_max of each field, 1 to 500. */
void fluo_xray_client_get_vocabulary_async (FluoXrayClient *self, FluoTimeSpan span,
                                            const char *filter, const char *search,
                                            guint values_max, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
FluoXrayVocabulary *fluo_xray_client_get_vocabulary_finish (FluoXrayClient *self,
                                                            GAsyncResult *result, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
