/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"
#include "fluo-trace-summary.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* Everything that can be asked about a trace without reading its documents: what filter expressions
 * look at and what GetTraceSummaries answers. Flat arrays, strings by number. A FluoTraceFacts is a
 * view: its arrays live in the block it came from.
 *
 * A block holds the facts of one or of thousands of traces over one table of strings; its bytes are
 * what a store keeps (and may compress). Blocks are immutable; reading is safe from any thread. */

#define FLUO_FACTS_NONE G_MAXUINT32

typedef enum
{
  FLUO_FACTS_ERROR = 1 << 0, /* exclusive classes, as FluoStatus */
  FLUO_FACTS_FAULT = 1 << 1,
  FLUO_FACTS_THROTTLE = 1 << 2,
  FLUO_FACTS_IN_PROGRESS = 1 << 3,
  FLUO_FACTS_ROOT = 1 << 4, /* the trace's entry */
  FLUO_FACTS_INFERRED = 1 << 5,
  FLUO_FACTS_REMOTE = 1 << 6,
  FLUO_FACTS_CLIENT = 1 << 7,  /* the client node */
  FLUO_FACTS_PARTIAL = 1 << 8, /* of the trace: something runs, or a parent is missing */
  FLUO_FACTS_LINK =
    1 << 9, /* an edge made by a link, or an entity that only stands for such an edge's source */
  FLUO_FACTS_UNPUBLISHED =
    1 << 10 /* the service graph does not count it yet: it or its caller runs or is missing */
} FluoFactsFlags;

/* Strings are numbers into the block's table; 0 is "none" (of an annotation of type string: the
 * empty text). Numbers of other rows count from the trace's own first row. Runs (first_…, n_…) of
 * nodes, entities, causes and what is below causes follow each other without gaps. Longer strings
 * are cut to FLUO_FACTS_STRING_MAX bytes, whole characters. */
#define FLUO_FACTS_STRING_MAX 4000 /* X-Ray indexes 1,000 characters of a value */

typedef struct
{
  guint32 name;
  guint32 type;
  guint32 account;
  guint32 flags;
  guint32 first_alias; /* other names it was called by: into the view's aliases */
  guint32 n_aliases;
} FluoFactsNode;

/* One occurrence of a node: a segment, or the subsegment that stands for an inferred service. */
typedef struct
{
  gint64  end_ns;
  gint64  response_ns;   /* -1 = unknown */
  guint32 node;          /* into nodes */
  guint32 flags;
  guint32 http_status;   /* 0 = none */
  guint32 url, method, user_agent, client_ip;
  guint32 first_annotation; /* of it and its subsegments: into annotations */
  guint32 n_annotations;
  guint32 version;       /* of the service that the segment says it is; 0 = unknown */
} FluoFactsEntity;

/* One call; times and status as the caller saw them. */
typedef struct
{
  gint64  response_ns;
  guint32 source;        /* entity, or FLUO_FACTS_NONE for the client */
  guint32 destination;   /* entity */
  guint32 flags;
  guint32 http_status;
  guint32 url, method;
} FluoFactsEdge;

typedef struct
{
  double  number;        /* FLUO_VALUE_NUMBER; 0 or 1 for booleans */
  guint32 key;
  guint32 value;         /* strings; numbers and booleans as text too, for showing */
  guint32 type;          /* FluoValueType */
  guint32 padding;
} FluoFactsAnnotation;

typedef enum
{
  FLUO_CAUSE_FAULT,
  FLUO_CAUSE_ERROR,
  FLUO_CAUSE_RESPONSE_TIME
} FluoCauseKind;

/* Root causes, flattened: cause → services → entities → exceptions, each a run in the next
 * array. */
typedef struct { guint32 kind, client_impacting, first_service, n_services; } FluoFactsCause;
typedef struct
{
  guint32 name, type, account, flags;
  guint32 first_alias, n_aliases;
  guint32 first_entity, n_entities;
} FluoFactsCauseService;
typedef struct
{
  double  coverage;      /* response time causes */
  guint32 name, flags;
  guint32 first_exception, n_exceptions;
} FluoFactsCauseEntity;
typedef struct { guint32 name, message; } FluoFactsException;

typedef struct
{
  FluoTraceId id;
  gint64      start_ns;
  gint64      end_ns;
  gint64      response_ns;  /* the root's; -1 = no root, or it runs */
  guint32     flags;        /* of the trace: the root's class, PARTIAL */
  guint32     root;         /* entity or FLUO_FACTS_NONE */
  guint32 n_nodes, n_entities, n_edges, n_annotations, n_aliases, n_causes, n_cause_services,
    n_cause_entities, n_exceptions, n_users, n_instances, n_zones, n_arns, n_groups,
    n_links;
  const FluoFactsNode         *nodes;
  const FluoFactsEntity       *entities;
  const FluoFactsEdge         *edges;
  const FluoFactsAnnotation   *annotations;
  const guint32               *aliases;
  const FluoFactsCause        *causes;
  const FluoFactsCauseService *cause_services;
  const FluoFactsCauseEntity  *cause_entities;
  const FluoFactsException    *exceptions;
  const guint32               *users, *instances, *zones, *arns; /* strings */
  const guint32 *groups; /* keys of the X-Ray groups it belonged to when it was stored */
  const FluoTraceId *links; /* the other traces that its links name, each once */
  const char *const           *strings;  /* [0] = NULL */
  guint32                      n_strings;
} FluoTraceFacts;

typedef struct _FluoFactsBlock FluoFactsBlock;

/* X-Ray's own limit for a trace. */
#define FLUO_FACTS_LINKS_MAX 100
/* Whatever bytes say, no block holds more traces. */
#define FLUO_FACTS_BLOCK_MAX 65536

/* A block of one trace, without groups. */
FluoFactsBlock *fluo_facts_block_from_trace (FluoTrace *trace);
/* Several views, of any blocks, in one block with one table of strings. */
FluoFactsBlock *fluo_facts_block_merge      (const FluoTraceFacts *facts, guint n);
/* The same facts with these groups (@keys sorted) instead of what @facts had: a block of one. */
FluoFactsBlock *fluo_facts_block_with_groups (const FluoTraceFacts *facts, const guint32 *keys,
                                              guint n_keys);
/* Bytes for a store; platform's byte order is little endian in the bytes. Deterministic. */
GBytes         *fluo_facts_block_to_bytes   (FluoFactsBlock *self);
/* Everything is checked; NULL with FLUO_FACTS_ERROR_DOMAIN when the bytes are damaged or of another
 * version. */
FluoFactsBlock *fluo_facts_block_from_bytes (GBytes *bytes, GError **error);
/* Whether such bytes, which can be read, hold all that facts can say, so that there is nothing to
 * make anew from the documents. */
gboolean        fluo_facts_bytes_are_whole  (GBytes *bytes);
/* Lets go of the memory of a block that is kept for the next one. Any thread. */
void            fluo_facts_trim             (void);
FluoFactsBlock *fluo_facts_block_ref        (FluoFactsBlock *self);
void            fluo_facts_block_unref      (FluoFactsBlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFactsBlock, fluo_facts_block_unref)
guint           fluo_facts_block_get_n      (FluoFactsBlock *self);
void fluo_facts_block_get (FluoFactsBlock *self, guint i, FluoTraceFacts *ret_facts);
/* Bytes of memory that it takes. */
gsize           fluo_facts_block_get_size   (FluoFactsBlock *self);

typedef enum
{
  FLUO_FACTS_ERROR_DAMAGED, /* cut, changed, or inconsistent */
  FLUO_FACTS_ERROR_VERSION  /* written by another version */
} FluoFactsError;

#define FLUO_FACTS_ERROR_DOMAIN (fluo_facts_error_quark ())
GQuark fluo_facts_error_quark (void);

/* What X-Ray would say of it; revision 1, updated_ns 0. */
FluoTraceSummary *fluo_trace_summary_from_facts (const FluoTraceFacts *facts);

/* Terms: hashes of what an index can find. A store keeps a filter of them for each block of traces
 * and skips the blocks that lack a term an expression needs. */
typedef enum
{
  FLUO_TERM_SERVICE,          /* node name (aliases too) */
  FLUO_TERM_SERVICE_TYPE,
  FLUO_TERM_ANNOTATION_KEY,
  FLUO_TERM_ANNOTATION,       /* key, value of any type as text */
  FLUO_TERM_USER,
  FLUO_TERM_URL,              /* the root's */
  FLUO_TERM_HTTP_STATUS,      /* the root's, as text */
  FLUO_TERM_FLAG,             /* of the trace: "error", "fault", "throttle", "partial" */
  FLUO_TERM_INSTANCE,
  FLUO_TERM_ZONE,
  FLUO_TERM_ARN,
  FLUO_TERM_GROUP,            /* key as decimal text */
  FLUO_TERM_LINK,             /* id of a trace that it links to, as hex digits */
  FLUO_TERM_VERSION           /* that any service ran */
} FluoTermKind;

/* @b NULL except for FLUO_TERM_ANNOTATION. Stable over versions (it is stored). */
guint64 fluo_term_hash (FluoTermKind kind, const char *a, const char *b);
/* FLUO_TERM_LINK of the trace. */
guint64 fluo_term_hash_link (const FluoTraceId *id);
/* Every term of the trace, duplicates possible. */
void fluo_trace_facts_each_term (const FluoTraceFacts *facts,
                                 void (*func) (guint64 term, gpointer data), gpointer data);

G_END_DECLS
