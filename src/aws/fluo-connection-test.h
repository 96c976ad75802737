/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-connection-open.h"

G_BEGIN_DECLS

/* What a connection is allowed to do, tried right by right with the cheapest question there is for
 * each: nothing is changed, and no more than one minute of traces is looked through. Main thread.
 * Signal "changed" (). */

typedef enum
{
  FLUO_RIGHT_SIGN_IN,   /* keys can be had */
  FLUO_RIGHT_SUMMARIES, /* xray:GetTraceSummaries */
  FLUO_RIGHT_TRACES,    /* xray:BatchGetTraces */
  FLUO_RIGHT_GRAPH,     /* xray:GetServiceGraph */
  FLUO_RIGHT_GROUPS,    /* xray:GetGroups */
  FLUO_RIGHT_METRICS,   /* cloudwatch:GetMetricData */
  FLUO_RIGHT_ALARMS,    /* cloudwatch:DescribeAlarms */
  FLUO_RIGHT_LOGS,      /* logs:StartQuery */
  FLUO_N_RIGHTS
} FluoRight;

typedef enum
{
  FLUO_RIGHT_SKIPPED, /* not wanted, or what it needs failed */
  FLUO_RIGHT_RUNNING,
  FLUO_RIGHT_OK,
  FLUO_RIGHT_MISSING, /* refused for want of a permission */
  FLUO_RIGHT_FAILED   /* anything else; the error says what */
} FluoRightState;

typedef struct
{
  FluoRightState state;
  gint64  usec;      /* it took */
  guint64 n_traces;  /* of FLUO_RIGHT_SUMMARIES: in the last minute */
  GError *error;     /* or NULL */
} FluoRightResult;

#define FLUO_TYPE_CONNECTION_TEST (fluo_connection_test_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionTest, fluo_connection_test, FLUO, CONNECTION_TEST, GObject)

/* Begins at once. */
FluoConnectionTest *fluo_connection_test_new (FluoOpenConnection *open, gboolean metrics,
                                              gboolean logs);
void                   fluo_connection_test_stop       (FluoConnectionTest *self);
gboolean               fluo_connection_test_is_running (FluoConnectionTest *self);
const FluoRightResult *fluo_connection_test_get        (FluoConnectionTest *self, FluoRight right);
/* Whose keys they are, as far as it is known by now; newly allocated, or NULL. */
char                  *fluo_connection_test_dup_who    (FluoConnectionTest *self,
                                                        char **ret_account);
/* "xray:BatchGetTraces"; NULL for signing in. */
const char            *fluo_right_get_action           (FluoRight right);

G_END_DECLS
