/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Insights: stretches of time in which services of a group failed more than usual. All texts are
 * the server's: made safe by whoever shows them. */

typedef struct
{
  char *name;
  char *type; /* or NULL */
} FluoInsightService;

typedef struct
{
  char      *id;
  char      *group_name;
  gboolean   active;
  gint64     begin_ns;
  gint64     end_ns;      /* 0 while active */
  char      *summary;     /* the server's sentence, or NULL */
  FluoInsightService cause; /* name NULL = not known */
  GPtrArray *services;    /* FluoInsightService: every one hit, the likely cause first */
  guint64    client_faults, client_total; /* requests from outside, since it began */
  guint64    cause_faults, cause_total;   /* calls of the likely cause */
} FluoInsight;

typedef struct
{
  GPtrArray *insights;  /* FluoInsight, newest first */
  guint      n_groups;
  guint      n_enabled; /* groups that look for insights at all */
} FluoInsightReport;

void fluo_insight_report_free (FluoInsightReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoInsightReport, fluo_insight_report_free)

/* GetGroups, then GetInsightSummaries of every group that has insights enabled. The same trouble in
 * two groups is two insights, as the service has it. @span: when they were open. */
void fluo_xray_client_get_insights_async (FluoXrayClient *self, FluoTimeSpan span,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
FluoInsightReport *fluo_xray_client_get_insights_finish (
  FluoXrayClient *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* UpdateGroup: whether the group Default looks for insights. Needs the right to change settings. */
void fluo_xray_client_set_default_insights_async (FluoXrayClient *self, gboolean enabled,
                                                  GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_xray_client_set_default_insights_finish (FluoXrayClient *self, GAsyncResult *result,
                                                       GError **error);

G_END_DECLS
