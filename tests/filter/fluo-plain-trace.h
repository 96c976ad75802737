/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-json.h"
#include "core/fluo-span-detail.h"
#include "core/fluo-trace-summary.h"

G_BEGIN_DECLS

/* What can be asked about a trace, worked out slowly and plainly from spans, their details and the
 * summary's JSON: nothing here knows facts. For tests. */

typedef struct
{
  const char *name, *type;
  char       *account;
  GPtrArray  *aliases;
} PlainNode;

typedef struct
{
  guint32         span;
  PlainNode           *node;
  FluoStatus      status;
  double          seconds; /* NAN = unknown */
  int             http_status;
  FluoSpanDetail *detail;
  gboolean        entry, inferred, hidden; /* hidden: only the source of a link */
  GPtrArray      *annotations; /* FluoAnnotation */
} PlainEntity;

typedef struct
{
  PlainEntity     *from, *to; /* from NULL: the client */
  FluoStatus  status;
  double      seconds;
  int         http_status;
  const char *url, *method;
} PlainEdge;

typedef struct
{
  FluoTrace        *trace;
  FluoTraceSummary *summary;
  FluoJsonTape     *causes[3];
  GPtrArray        *nodes, *entities, *edges;
  GPtrArray        *details; /* FluoSpanDetail of each span */
  PlainEntity           *root;
  gboolean          partial;
  double            duration;
} FluoPlainTrace;


/* Makes the node when there is none. */
PlainNode      *fluo_plain_trace_get_node (FluoPlainTrace *self, const char *name,
                                           const char *type);
FluoPlainTrace *fluo_plain_trace_new      (FluoTrace *trace);
void            fluo_plain_trace_free     (FluoPlainTrace *self);

G_END_DECLS
