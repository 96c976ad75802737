/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* Insights: times in which services had more faults than is usual for them, and the service that
 * is the likely cause. A pure function of the minute graphs of a group and of the time; nothing is
 * stored. docs/internals/local.md describes the detector. Minutes are counted from 1970, ranges are
 * half-open. Objects of the thread that made them. */

/* An insight is closed after so many minutes without unusual faults (twice the latest window, where
 * that is longer), */
#define FLUO_INSIGHT_QUIET_MINUTES 10
/* or when it has lasted so long: faults of a day are what is usual. */
#define FLUO_INSIGHT_MINUTES_MAX (24 * 60)
/* What is usual for a service that is seldom called is looked for in so much of the past. */
#define FLUO_INSIGHT_BASELINE_MINUTES_MAX (6 * 60)
/* Who wants to know of the minutes from m on has to read from m less this on: the longest insight
 * that may still be going on, and what was usual before it. */
#define FLUO_INSIGHT_LOOKBACK_MINUTES (FLUO_INSIGHT_MINUTES_MAX + FLUO_INSIGHT_BASELINE_MINUTES_MAX)

/* --- One service: fluo-insights-band.c ------------------------------------- */

typedef struct
{
  guint32 minute;
  guint32 total;
  guint32 ok;
  guint32 fault;
} FluoFaultCount;

typedef struct
{
  gint64 total;
  gint64 ok;
  gint64 fault;
} FluoImpact;

/* What the minutes before had. */
typedef struct
{
  gint64 total;
  gint64 fault;
  gint64 n_windows;
} FluoFaultBaseline;

typedef struct
{
  gboolean known; /* FALSE: too little was seen to expect anything */
  gint64   low;
  gint64   high;  /* more faults than that are unusual */
} FluoFaultBand;

typedef struct
{
  gint64 first_minute;
  gint64 last_minute;   /* the last unusual one, itself included */
  gint64 known_minute;  /* when it was clear that this is no chance */
  gint64 closed_minute; /* 0 while it goes on */
} FluoFaultEpisode;

/* Faults to be expected among @total calls: mean ± 3 σ of a binomial distribution with the
 * baseline's rate, n·p ± 3·√(n·p·(1−p)·(1+n/N)), N the baseline's calls. */
FluoFaultBand fluo_fault_baseline_get_band (const FluoFaultBaseline *self, gint64 total);
/* Adds to the last of @counts (FluoFaultCount, by minute) or appends. Nothing for no calls. */
void fluo_fault_counts_add (GArray *counts, gint64 minute, const FluoCallStats *stats);
void fluo_fault_counts_sum (const GArray *counts, gint64 first_minute, gint64 last_minute,
                            FluoImpact *ret_sum);
/* Appends the baseline of each count (FluoFaultBaseline; may be NULL) and the episodes
 * (FluoFaultEpisode) in order. Minutes from @now_minute on are not over and not judged. */
void fluo_fault_counts_judge (const GArray *counts, gint64 now_minute, GArray *ret_baselines,
                              GArray *ret_episodes);

/* --- A group: fluo-insights.c ---------------------------------------------- */

typedef struct _FluoInsights FluoInsights;

#define FLUO_INSIGHT_ID_LEN 36

typedef struct
{
  char *name;
  char *type;    /* NULL as in FluoGraphNode */
  char *account;
} FluoInsightService;

/* What was known of an insight at one time. */
typedef struct
{
  gint64     minute;   /* at the beginning of which it was */
  GArray    *services; /* guint, the likely cause first, then by faults; at most
                        * FLUO_INSIGHT_SERVICES_MAX */
  FluoImpact client;   /* of the requests that enter the group, since the insight began */
  FluoImpact cause;    /* of those to the likely cause */
  char      *summary;
} FluoInsightEvent;

#define FLUO_INSIGHT_SERVICES_MAX 10

typedef struct
{
  char       id[FLUO_INSIGHT_ID_LEN + 1];
  gint64     first_minute;
  gint64     end_minute; /* after the last unusual one; 0 = it goes on */
  GPtrArray *events;     /* FluoInsightEvent, oldest first, at least one */
  FluoInsightEvent now;  /* what is known now */
  GArray    *members;    /* guint: every service that takes part */
} FluoInsight;

/* @arn: the group's; it goes into the ids. */
FluoInsights *fluo_insights_new    (guint32 group, const char *arn);
void          fluo_insights_free   (FluoInsights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoInsights, fluo_insights_free)
/* Minutes in order. FALSE when it gets too much for one analysis. */
gboolean      fluo_insights_add    (FluoInsights *self, gint64 minute,
                                    const FluoServiceGraph *graph);
/* FluoInsight by the time they became known; belongs to @self, which takes no more minutes. */
GPtrArray    *fluo_insights_find   (FluoInsights *self, gint64 now_minute);
const FluoInsightService *fluo_insights_get_service (FluoInsights *self, guint index);

/* The group's key and the minute that the id of an insight holds. FALSE when it can't be one. */
gboolean      fluo_insight_id_parse (const char *id, guint32 *ret_group, gint64 *ret_first_minute);

G_END_DECLS
