/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/settings/fluo-settings.h"

G_BEGIN_DECLS

/* Who samples what: shares of the reservoirs, boosts, and what clients reported. Any thread. */
typedef struct _FluoSampling FluoSampling;

/* As X-Ray answers: a quota holds five minutes, reports come every ten seconds. */
#define FLUO_QUOTA_TTL_S 300
#define FLUO_SAMPLING_INTERVAL_S 10

/* @settings outlives it. */
FluoSampling *fluo_sampling_new  (FluoSettings *settings);
/* Saves the statistics. */
void          fluo_sampling_free (FluoSampling *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSampling, fluo_sampling_free)

typedef struct
{
  const char *rule;
  const char *client;
  gint64      requests, sampled, borrowed;
} FluoSamplingReport;

typedef struct
{
  gboolean first;      /* the client's first report: no quota yet */
  gint32   quota;
  gint64   quota_ttl_s;
  double   boost_rate; /* 0 = none */
  gint64   boost_ttl_s;
} FluoSamplingTarget;

/* Counts the report and gives the client its part of the rule's reservoir. */
void fluo_sampling_report (FluoSampling *self, const FluoSamplingRule *rule,
                           const FluoSamplingReport *report, FluoSamplingTarget *ret_target);
/* Counts anomalies; the rule has a boost. Before the reports of the same request. */
void fluo_sampling_report_boost (FluoSampling *self, const FluoSamplingRule *rule, gint64 anomalies,
                                 gint64 sampled_anomalies);
/* The boosted rate that holds now, 0 for none. */
double fluo_sampling_get_boost (FluoSampling *self, const FluoSamplingRule *rule,
                                gint64 *ret_ttl_s);
/* Windows that are over, oldest first: FluoSamplingWindow. Transfer full. */
GArray *fluo_sampling_get_windows  (FluoSampling *self);

G_END_DECLS
