/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-insights.h"

G_BEGIN_DECLS

/* One service of the group over the minutes that were added. */
typedef struct
{
  FluoInsightService id;
  GArray            *counts;  /* FluoFaultCount */
  GArray            *callees; /* FluoInsightCall */
} FluoInsightNode;

typedef struct
{
  guint  to;
  gint64 first_minute; /* before it nobody knew of the call */
} FluoInsightCall;

/* A service in trouble. */
typedef struct
{
  guint            node;
  FluoFaultEpisode episode;
  guint8          *downstream; /* one bit for each node that it reaches, itself included */
} FluoInsightMember;

struct _FluoInsights
{
  guint32     group;
  char       *arn;
  GPtrArray  *nodes;    /* FluoInsightNode */
  GHashTable *by_key;   /* name, type and account → 1 + index */
  GHashTable *calls;    /* from << 32 | to */
  GArray     *clients;  /* FluoFaultCount: requests that enter the group */
  guint       n_counts;
  GPtrArray  *insights; /* FluoInsight, once found */
};

static inline FluoInsightNode *
fluo_insights_node (FluoInsights *self, guint index)
{
  return self->nodes->pdata[index];
}

static inline gboolean
fluo_insight_member_reaches (const FluoInsightMember *self, guint node)
{
  return (self->downstream[node / 8] >> (node % 8)) & 1;
}

/* Fills insight->events from its members (FluoInsightMember, in the order they became known). */
void fluo_insight_tell (FluoInsights *self, FluoInsight *insight, GPtrArray *members,
                        gint64 now_minute);

G_END_DECLS
