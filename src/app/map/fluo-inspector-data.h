/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-summary.h"
#include "draw/fluo-chart.h"
#include "graph/fluo-graph-difference.h"

G_BEGIN_DECLS

/* What the inspector shows about a node: figures of the graph, and what the summaries of the range
 * say about it. Copies all it needs, so it may outlive both. */

#define FLUO_INSPECTOR_PARTS_MAX 4
#define FLUO_INSPECTOR_CAUSES_MAX 4
#define FLUO_INSPECTOR_URLS_MAX 4
/* Of a group, which has no addresses. */
#define FLUO_INSPECTOR_MEMBERS_MAX 12
#define FLUO_INSPECTOR_INSTANCES_MAX 4

/* Services in one filter expression: more than anybody reads. */
#define FLUO_INSPECTOR_FILTERS_MAX 12

typedef struct
{
  char    *name;    /* NULL = own code */
  char    *type;
  double   share;   /* of the time, 0..1 */
  gboolean waiting; /* of a call: neither side worked; network and queues */
  char    *filter;  /* or NULL */
} FluoInspectorPart;

/* Counts traces; of what is untold, calls. */
typedef struct
{
  char      *name;   /* the exception, or NULL */
  char      *from;   /* the called service that it began in, or NULL for the node itself */
  FluoStatus status;
  int        http_status; /* what the node answered, where nothing else is known; or 0 */
  gboolean   untold; /* the graph's: failed with a flag alone, here or in the calls to from */
  char      *calls;  /* of what is untold: the filter of those calls, without a block; or NULL */
  guint      count;
} FluoInspectorCause;

typedef struct
{
  char  *request; /* "POST /charge", or an instance's id, or a service */
  guint  count;
  guint  n_faults;
  gint64 p50_ns, p99_ns; /* of a request */
  char  *filter;  /* or NULL */
} FluoInspectorUrl;

typedef struct
{
  char          *name;
  char          *title;  /* the name as it is shown */
  char          *type;
  gint64         counts[FLUO_N_STATUSES];
  gint64         total;
  double         rate;       /* a minute */
  char          *filter;     /* of its traces, without a block; NULL when there is none */
  GPtrArray     *filters;    /* that one, or those of a group's members: char * */
  FluoHistogram  histogram;
  FluoHistogram  callers;    /* of a node: what its callers measured; of a call: its callee */
  GPtrArray     *other_filters; /* of the traces behind these, each without a block: char * */
  FluoHistogram  faults;     /* of the entry's calls that failed; empty when not known */
  FluoTimeSpan   span;
  FluoTimeSeries series;     /* traces that name the node */
  guint          n_named;
  gboolean        compared;
  gboolean        usual;     /* with what is usual for it */
  gboolean        comparing; /* or will be: what it is compared with is being read */
  FluoGraphChange change;    /* when compared */
  FluoTimeSpan    before;
  GArray        *parts;      /* FluoInspectorPart, largest first */
  GArray        *causes;     /* FluoInspectorCause, most frequent first */
  GArray        *urls;       /* FluoInspectorUrl, most frequent first; or a group's members */
  guint          n_members;  /* of a group, all of them; or 0 */
  GArray        *instances;  /* FluoInspectorUrl: of the traces that name the node */
} FluoInspectorData;

/* @summaries (nullable) holds FluoTraceSummary. @complete: all of the range are in it, so what they
 * don't tell of nobody does. */
FluoInspectorData *fluo_inspector_data_new (const FluoServiceGraph *graph, guint node,
                                            GPtrArray *summaries, gboolean complete,
                                            FluoTimeSpan span);
FluoInspectorData *fluo_inspector_data_new_edge (const FluoServiceGraph *graph, guint edge,
                                                 GPtrArray *summaries, gboolean complete,
                                                 FluoTimeSpan span);
/* Whether a node of that type writes a log: only what ran a program does, not clients, and not what
 * was merely called. */
gboolean fluo_inspector_has_log (const char *type);
/* The ids of the instances on which a node runs, as far as its traces tell: a set of char *. */
GHashTable *fluo_inspector_dup_instances (GPtrArray *summaries, const char *name,
                                          const char *type);
/* What changed since @before, or differs from what is @usual; copied. */
void fluo_inspector_data_set_change (FluoInspectorData *self, const FluoGraphChange *change,
                                     FluoTimeSpan before, gboolean usual);
/* It will be compared with @before, which is being read. */
void fluo_inspector_data_set_comparing (FluoInspectorData *self, FluoTimeSpan before);
/* What a group stands for: the nodes of @graph, the whole one, that @members marks. */
void fluo_inspector_data_set_members (FluoInspectorData *self, const FluoServiceGraph *graph,
                                      const guint8 *members);
/* A filter expression for each of them; none where there are too many for one. New reference. */
GPtrArray *fluo_inspector_dup_group_filters (const FluoServiceGraph *graph,
                                             const guint8 *members);
/* "a OR b": of all its traces; NULL when there is none. */
char *fluo_inspector_data_dup_filter (const FluoInspectorData *self);
/* Filter expressions of the traces behind a part of the figures; NULL when there is none. */
char *fluo_inspector_data_dup_status_filter (const FluoInspectorData *self, FluoStatus status);
/* From @begin_ns up to @end_ns; G_MAXINT64: and up. @other_side: as those measured it whose times
 * are in callers. */
char *fluo_inspector_data_dup_times_filter  (const FluoInspectorData *self, gboolean other_side,
                                             gint64 begin_ns, gint64 end_ns);
char *fluo_inspector_data_dup_cause_filter  (const FluoInspectorData *self, guint cause);
/* The filter expression of a node's traces and of a call's; NULL for clients and folded nodes. */
char *fluo_inspector_dup_node_filter (const FluoServiceGraph *graph, guint node);
char *fluo_inspector_dup_edge_filter (const FluoServiceGraph *graph, guint edge);
void               fluo_inspector_data_free     (FluoInspectorData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoInspectorData, fluo_inspector_data_free)

G_END_DECLS
