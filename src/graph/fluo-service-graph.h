/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-histogram.h"
#include "core/fluo-json.h"
#include "core/fluo-kind.h"
#include "core/fluo-time-span.h"
#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* X-Ray's service graph: nodes keyed by (name, type, account), edges with the caller's view of the
 * calls, node statistics from the callee's own segments. Graphs add and subtract traces exactly and
 * merge in any order, so the collector keeps one per minute and the reader sums them. Not
 * thread-safe while it changes. */

typedef struct
{
  gint64        ok;
  gint64        error;     /* without throttles */
  gint64        throttle;
  gint64        fault;
  FluoHistogram histogram; /* its count is the total, its sum the total response time */
} FluoCallStats;

gint64     fluo_call_stats_total      (const FluoCallStats *self);
/* X-Ray's ServiceStatistics or EdgeStatistics as the member @key. */
void       fluo_call_stats_write      (const FluoCallStats *self, FluoJsonWriter *writer,
                                       const char *key);
double     fluo_call_stats_fault_rate (const FluoCallStats *self); /* 0..1; 0 when empty */
double     fluo_call_stats_error_rate (const FluoCallStats *self); /* errors and throttles */
FluoStatus fluo_call_stats_worst (
  const FluoCallStats *self); /* from 1 % faults: FAULT, from 2 % errors: ERROR, else OK */

typedef struct
{
  char         *name;
  char *type; /* NULL for a program without a plugin; "client" for the entry's callers */
  char         *account;   /* NULL = own */
  gboolean      root;
  gboolean      inferred;  /* State "unknown"/"passive" on the wire */
  gint64        first_ns;  /* earliest and latest trace start seen */
  gint64        last_ns;
  FluoCallStats stats;     /* empty for clients */
  guint         n_folded;  /* stands for so many nodes, see fluo_service_graph_reduce(); else 0 */
} FluoGraphNode;

typedef struct
{
  guint         from;      /* node indexes */
  guint         to;
  gboolean      linked;    /* EdgeType "link": asynchronous, drawn dashed */
  char         *alias;     /* how the caller named the callee when that differs, or NULL */
  FluoCallStats
    stats; /* of a linked edge: how old the messages were; no times where that is not known */
  char         *alias_type; /* the type that goes with alias: "remote", or NULL */
} FluoGraphEdge;

/* X-Ray's own limit for a service map. What goes beyond is left out: names made from URLs can be
 * endless. */
#define FLUO_GRAPH_NODES_MAX 10000

typedef enum
{
  FLUO_GRAPH_ERROR_DAMAGED, /* stored bytes are cut, changed, or of an unknown version */
  FLUO_GRAPH_ERROR_SHAPE    /* an answer whose Services is not an array of objects */
} FluoGraphError;

#define FLUO_GRAPH_ERROR (fluo_graph_error_quark ())
GQuark     fluo_graph_error_quark     (void);

typedef struct _FluoServiceGraph FluoServiceGraph;
struct _FluoServiceGraph
{
  gatomicrefcount ref_count;
  FluoTimeSpan span;       /* data's range; both 0 when empty */
  GPtrArray   *nodes;      /* FluoGraphNode, owned */
  GPtrArray   *edges;      /* FluoGraphEdge, owned */
  GHashTable  *node_index; /* private */
  GHashTable  *edge_index; /* private */
};

FluoServiceGraph *fluo_service_graph_new       (void);
FluoServiceGraph *fluo_service_graph_ref       (FluoServiceGraph *self);
void              fluo_service_graph_unref     (FluoServiceGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoServiceGraph, fluo_service_graph_unref)

/* @sign +1 adds, -1 takes away what the same trace had added before. In-progress spans do not
 * count. Nodes and edges that fall to zero vanish at the next fluo_service_graph_prune(). */
void              fluo_service_graph_add_trace (FluoServiceGraph *self, FluoTrace *trace, int sign);
void fluo_service_graph_merge (FluoServiceGraph *self, const FluoServiceGraph *other);
void              fluo_service_graph_prune     (FluoServiceGraph *self);
guint fluo_service_graph_find (const FluoServiceGraph *self, const char *name,
                               const char *type); /* G_MAXUINT */

/* Compact form for the store (versioned; NULL with @error for anything damaged). */
GBytes           *fluo_service_graph_to_bytes   (const FluoServiceGraph *self);
FluoServiceGraph *fluo_service_graph_from_bytes (GBytes *bytes, GError **error);

/* The Services array of GetServiceGraph and GetTraceGraph (@times FALSE: times are null, as in
 * trace graphs). */
void fluo_service_graph_write (const FluoServiceGraph *self, FluoJsonWriter *writer,
                               gboolean times);
/* Adds the elements of a Services array; one answer's ReferenceIds are resolved within the call. */
gboolean fluo_service_graph_read (FluoServiceGraph *self, const FluoJsonTape *tape,
                                  guint32 services, GError **error);

/* For the eye: Lambda's two entries (AWS::Lambda and AWS::Lambda::Function of one name) become one
 * node, keeping the function's statistics; every client node becomes one called "Clients". A new
 * graph. */
FluoServiceGraph *fluo_service_graph_fold      (const FluoServiceGraph *self);

#define FLUO_GRAPH_FOLD_SET_SEPARATOR "\x1f"

/* Which nodes are one for the eye. */
typedef enum
{
  FLUO_GRAPH_FOLD_PREFIX,  /* value: what their names begin with */
  FLUO_GRAPH_FOLD_TYPE,    /* their type */
  FLUO_GRAPH_FOLD_ACCOUNT,
  FLUO_GRAPH_FOLD_LEAVES,  /* key of the only one who calls them; they call nobody */
  FLUO_GRAPH_FOLD_SET      /* their keys, with FLUO_GRAPH_FOLD_SET_SEPARATOR between them */
} FluoGraphFoldKind;

typedef struct
{
  FluoGraphFoldKind kind;
  char             *value;
} FluoGraphFold;

/* What of a graph is looked at. Plain data; keys are fluo_graph_node_dup_key(). */
typedef struct
{
  GPtrArray *hidden; /* keys */
  GPtrArray *folds;  /* FluoGraphFold; a node goes with the first that has it */
  char      *focus;  /* key, or NULL: everything */
  guint      hops;   /* from the focus */
} FluoGraphRules;

FluoGraphRules *fluo_graph_rules_new      (void);
FluoGraphRules *fluo_graph_rules_copy     (const FluoGraphRules *self);
void            fluo_graph_rules_free     (FluoGraphRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGraphRules, fluo_graph_rules_free)
gboolean        fluo_graph_rules_is_empty (const FluoGraphRules *self);
void            fluo_graph_rules_add_fold (FluoGraphRules *self, FluoGraphFoldKind kind,
                                           const char *value);
/* The fold that @key, of a folded node, stands for; G_MAXUINT when there is none. */
guint           fluo_graph_rules_find_fold (const FluoGraphRules *self, const char *key);

/* The nodes of @graph that the folded node @key of what @self leaves of it stands for, as bytes: 1
 * per node, the caller's; NULL when there are none. */
guint8         *fluo_graph_rules_dup_members (const FluoGraphRules *self,
                                              const FluoServiceGraph *graph, const char *key);

/* Name, type and account: what a node is known by from one answer to the next. */
char *fluo_graph_node_dup_key (const FluoGraphNode *self);

/* A graph of what @rules leave, with sums where nodes are folded. A fold of less than two nodes
 * does nothing. @ret_hidden (nullable): how many nodes are left out. */
FluoServiceGraph *fluo_service_graph_reduce (const FluoServiceGraph *self,
                                             const FluoGraphRules *rules, guint *ret_hidden);

/* Node identity of a span's service as the graph sees it (reference: node identity). Newly
 * allocated out strings. */
void fluo_service_graph_identify (FluoTrace *trace, guint32 span, char **ret_name, char **ret_type);

G_END_DECLS
