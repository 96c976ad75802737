/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"
#include "fluo-span-detail.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* What a list row needs: X-Ray's TraceSummary as a plain struct. Immutable once filled; atomic
 * reference count. Its strings are shared ones (fluo-shared-string.h), so 100,000 rows stay
 * small. */
typedef struct
{
  char      *name;   /* shared */
  char      *type;   /* shared or NULL; "client" for the client node */
  FluoStatus status; /* OK unless a root cause says otherwise */
  guint32    zero;   /* no byte is undefined: equal lists are found by their bytes */
} FluoSummaryService;

typedef struct
{
  char         *key;   /* shared */
  char         *value; /* shared */
  FluoValueType type;
} FluoSummaryAnnotation;

typedef struct
{
  char      *service;   /* shared: the last service of the path */
  char      *exception; /* shared or NULL */
  char      *path;      /* shared: the names of its services, each behind FLUO_CAUSE_PATH_MARK */
  FluoStatus status;
  guint32    zero;      /* as above */
} FluoSummaryCause;

/* What a service ran in this trace: a service that is being replaced has two. */
typedef struct
{
  char *service; /* shared */
  char *version; /* shared */
} FluoSummaryVersion;

/* Occurs in no name: the unit separator. */
#define FLUO_CAUSE_PATH_MARK '\x1f'

struct _FluoTraceSummary
{
  gatomicrefcount ref_count;
  FluoTraceId id;
  gint64      start_ns;
  gint64      duration_ns;     /* -1 = unknown */
  gint64      response_ns;     /* the root's; -1 = no root */
  gint64      updated_ns;      /* 0 = unknown */
  guint       revision;
  gboolean    has_fault, has_error, has_throttle, is_partial;
  FluoStatus  status;
  int         http_status;     /* 0 = none */
  char       *http_method, *http_url, *user_agent, *client_ip; /* shared or NULL */
  char       *entry_name, *entry_type;                         /* shared or NULL */
  GArray     *services;        /* FluoSummaryService, entry first, without the client */
  GArray     *annotations;     /* FluoSummaryAnnotation, sorted by key */
  GArray     *causes;          /* FluoSummaryCause */
  GArray     *versions;        /* FluoSummaryVersion; AWS tells none */
  GPtrArray  *users;           /* shared */
  GPtrArray  *instances, *zones, *arns; /* shared */
  gboolean    is_shared;       /* private: lists but annotations come from the pool */
  /* Private: the three lists of root causes as JSON, shared, NULL = empty. Reading keeps the
   * first two only: they are rare and repeat, while every slow trace has response time causes of
   * its own. */
  char       *fault_causes, *error_causes, *response_causes;
};

FluoTraceSummary *fluo_trace_summary_new        (void);
FluoTraceSummary *fluo_trace_summary_ref        (FluoTraceSummary *self);
void              fluo_trace_summary_unref      (FluoTraceSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoTraceSummary, fluo_trace_summary_unref)
/* The summary X-Ray would give of this trace. */
FluoTraceSummary *fluo_trace_summary_from_trace (FluoTrace *trace);
/* One element of TraceSummaries, in X-Ray's member order with explicit nulls. */
void fluo_trace_summary_write (const FluoTraceSummary *self, FluoJsonWriter *writer);
/* Reads such an element; tolerant of absent and unknown members. NULL with @error when Id is
 * missing or bad. */
FluoTraceSummary *fluo_trace_summary_read (const FluoJsonTape *tape, guint32 node, GError **error);
/* "POST /checkout": method and the path of the URL without query; else the entry's name; else "–".
 * Newly allocated. */
char             *fluo_trace_summary_dup_request (const FluoTraceSummary *self);
/* Milliseconds for sorting and showing: response time, else duration, else 0. */
gint64            fluo_trace_summary_get_time_ns (const FluoTraceSummary *self);

G_END_DECLS
