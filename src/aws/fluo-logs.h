/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"
#include "core/fluo-trace-lines.h"

G_BEGIN_DECLS

/* CloudWatch Logs: the lines that the services of a trace wrote while it ran. The query is made of
 * ids that were checked; everything that comes back is untrusted text, made safe by whoever shows
 * it. Main thread, as the client. */

typedef struct
{
  gint64 time_ns;
  char  *group;  /* "/aws/lambda/checkout", or NULL */
  char  *stream; /* or NULL */
  char  *message;
} FluoLogLine;

typedef struct
{
  GPtrArray *lines;      /* FluoLogLine, oldest first */
  GPtrArray *missing;    /* char *: groups that are not there, and were left out */
  guint64    n_scanned;  /* records that were looked at, so far */
  guint64    bytes_scanned; /* what CloudWatch charges for */
  gboolean   is_complete;
  gboolean   is_cut;     /* more lines matched than were asked for */
} FluoLogResult;

FluoLogResult *fluo_log_result_ref   (FluoLogResult *self);
void           fluo_log_result_unref (FluoLogResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLogResult, fluo_log_result_unref)

/* --- Where a trace's lines are ------------------------------------------------------------- */

#define FLUO_LOG_GROUPS_MAX 50 /* of one query */
/* Seconds that clocks and buffers may be apart: lines are looked for so long before and after. */
#define FLUO_LOG_SLACK_NS (5 * 60 * FLUO_NSEC_PER_SEC)

/* The groups that the segments name (aws.cloudwatch_logs; ARN or name), and those that follow from
 * what they are: a function's, a cluster's. NULL-terminated, each once, at most
 * FLUO_LOG_GROUPS_MAX; empty when nothing says where lines would be. */
char **fluo_logs_dup_groups (FluoTrace *trace) G_GNUC_WARN_UNUSED_RESULT;
/* The same of one service alone. */
char **fluo_logs_dup_groups_of_service (FluoTrace *trace,
                                        const char *service) G_GNUC_WARN_UNUSED_RESULT;
/* The CloudWatch Logs Insights query for the lines with the trace's id in either form, or with the
 * id of a request that a function of the trace answered. */
char  *fluo_logs_dup_query  (FluoTrace *trace) G_GNUC_WARN_UNUSED_RESULT;
/* Whether a group can have that name, or that ARN. */
gboolean fluo_logs_is_group (const char *name);
/* The lines as those of @trace's calls. NULL @trace: of nobody's. Any thread. */
FluoTraceLines *fluo_logs_join (FluoTrace *trace,
                                const FluoLogResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* --- Asking --------------------------------------------------------------------------------- */

/* Called while the query runs, with what is there so far: seldom, borrowed. */
typedef void (*FluoLogProgressFunc) (FluoLogResult *result, gpointer user_data);

/* StartQuery, then GetQueryResults until it has ended; cancelling stops the query there too. A
 * group that is not there is left out and named in the result; when none is there the call fails
 * with FLUO_XRAY_ERROR_NOT_FOUND. @n_max: lines, up to 10,000. */
void fluo_xray_client_query_logs_async (FluoXrayClient *self, const char *const *groups,
                                        FluoTimeSpan span, const char *query, guint n_max,
                                        FluoLogProgressFunc progress, gpointer progress_data,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
FluoLogResult *fluo_xray_client_query_logs_finish (FluoXrayClient *self, GAsyncResult *result,
                                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
