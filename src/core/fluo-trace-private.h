/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-table-private.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

struct _FluoTrace
{
  gatomicrefcount  ref_count;
  FluoTraceId      id;
  FluoSpan        *spans;
  guint            n_spans;
  GArray          *services;   /* FluoTraceService; strings point into the table */
  GArray          *path;       /* FluoCriticalStep */
  GArray          *links;      /* FluoTraceLink */
  GPtrArray       *documents;  /* GBytes */
  FluoStringTable  strings;
  FluoIdMap        by_id;      /* of the trace's own spans */
  FluoIdMap        linked_by_id;
  FluoTimeSpan     extent;
  guint32          root;
  guint            n_running;
  gboolean         partial;
  char            *title;
};

/* Analysis that is done once, while nobody else has the trace. */
void fluo_trace_compute_self_time     (FluoTrace *self);
void fluo_trace_compute_critical_path (FluoTrace *self);

/* The path of a URL: without scheme, host, query and fragment. "/" when there is none. Points into
 * @url or is static. */
const char *fluo_url_path (const char *url, gsize length, gsize *ret_length);

G_END_DECLS
