/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-facts.h"
#include "graph/fluo-service-graph.h"
#include "local/store/fluo-connection.h"

G_BEGIN_DECLS

/* Traces are kept in blocks of up to FLUO_BLOCK_N_MAX. A block is open while its traces still
 * change: their facts are in memory, their documents in the store. Then it is sealed: one row with
 * everything that questions are about, packed. docs/internals/local.md has the whole picture.
 *
 * The objects here are immutable once others can see them, with atomic reference counts. */

#define FLUO_BLOCK_N_MAX 1024

/* Facts of a sealed block are packed in chunks of so many traces, each with a filter of its terms:
 * a question that few traces match reads little. */
#define FLUO_CHUNK_N 256
#define FLUO_BLOCK_CHUNKS (FLUO_BLOCK_N_MAX / FLUO_CHUNK_N)
#define FLUO_CHUNK_KEY(block, chunk) ((gint64) (block) * FLUO_BLOCK_CHUNKS + (gint64) (chunk))

/* Everything unpacked of one block; a bound for damaged rows only. */
#define FLUO_BLOCK_BYTES_MAX (1024 * 1024 * 1024)

/* The key of a graph: one group's in one minute. Group 0 holds every trace. */
#define FLUO_GRAPH_KEY(group, minute) (((gint64) (group) << 32) | (gint64) (minute))
#define FLUO_GRAPH_KEY_GROUP(key) ((guint32) ((key) >> 32))
#define FLUO_GRAPH_KEY_MINUTE(key) ((key) & 0xffffffff)

/* More groups than X-Ray allows; a trace belongs to no more. */
#define FLUO_BLOCK_GROUPS_MAX 32

/* What is known of a trace apart from its facts. */
typedef struct
{
  FluoTraceId id;
  gint64      row;
  gint64      start_ns;
  gint64      end_ns;
  gint64      updated_ns;
  gint64      bytes;       /* of its documents, unpacked */
  guint32     revision;
  guint32     n_groups;    /* X-Ray groups it belonged to when it was first assembled */
  guint32     groups[FLUO_BLOCK_GROUPS_MAX];
} FluoTraceEntry;

typedef struct
{
  gatomicrefcount ref_count;
  FluoTraceEntry  entry;
  FluoFactsBlock *facts; /* of this trace alone; NULL until it has been assembled for the first
                          * time */
} FluoOpenTrace;

FluoOpenTrace *fluo_open_trace_new   (const FluoTraceEntry *entry, FluoFactsBlock *facts);
FluoOpenTrace *fluo_open_trace_ref   (FluoOpenTrace *self);
void           fluo_open_trace_unref (FluoOpenTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOpenTrace, fluo_open_trace_unref)

typedef struct
{
  gint64            key; /* FLUO_GRAPH_KEY */
  FluoServiceGraph *graph;
} FluoGraphPart;

/* An array of FluoGraphPart that owns its graphs. */
GArray *fluo_graph_parts_new    (void) G_GNUC_WARN_UNUSED_RESULT;
/* The graphs are shared: who changes one makes it its own first. */
void    fluo_graph_parts_append (GArray *self, GArray *others);

typedef struct
{
  gatomicrefcount ref_count;
  guint64    number;  /* of this run of the program */
  GPtrArray *traces;  /* FluoOpenTrace */
  GArray    *graphs;  /* FluoGraphPart: the sum of the traces that have facts */
} FluoOpenBlock;

FluoOpenBlock *fluo_open_block_new   (guint64 number);
FluoOpenBlock *fluo_open_block_copy  (FluoOpenBlock *self);
FluoOpenBlock *fluo_open_block_ref   (FluoOpenBlock *self);
void           fluo_open_block_unref (FluoOpenBlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOpenBlock, fluo_open_block_unref)
/* Where the trace stands in traces, -1 when it doesn't. */
int              fluo_open_block_find      (const FluoOpenBlock *self, const FluoTraceId *id);
/* The graph, for changing: made when it is missing, copied when somebody else looks at it. */
FluoServiceGraph *fluo_open_block_get_graph (FluoOpenBlock *self, gint64 key);

typedef enum
{
  FLUO_BLOCK_PINNED = 1 << 0 /* holds pinned traces only: never expires */
} FluoBlockFlags;

/* The figures of a sealed block. */
typedef struct
{
  gatomicrefcount ref_count;
  gint64  number;
  guint   flags;
  guint   n;
  gint64  start_min, start_max, end_min, end_max, updated_min, updated_max;
  gint64  bytes;
  GArray *dead; /* rows (gint64, sorted) of traces that have moved on; NULL = none */
} FluoSealedBlock;

FluoSealedBlock *fluo_sealed_block_new   (void);
FluoSealedBlock *fluo_sealed_block_copy  (const FluoSealedBlock *self);
FluoSealedBlock *fluo_sealed_block_ref   (FluoSealedBlock *self);
void             fluo_sealed_block_unref (FluoSealedBlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSealedBlock, fluo_sealed_block_unref)
gboolean         fluo_sealed_block_is_dead (const FluoSealedBlock *self, gint64 row);
guint            fluo_sealed_block_get_n_live (const FluoSealedBlock *self);
void             fluo_sealed_block_add_dead (FluoSealedBlock *self, gint64 row);
/* From the columns of FLUO_SQL_BLOCKS or of FLUO_SQL_BLOCK_READ. */
FluoSealedBlock *fluo_sealed_block_from_row (sqlite3_stmt *statement);

/* --- Contents of a block's row ------------------------------------------ */

typedef struct
{
  GArray         *entries; /* FluoTraceEntry */
  guint           n_chunks;
  FluoFactsBlock *facts[FLUO_BLOCK_CHUNKS]; /* trace i is number i % FLUO_CHUNK_N of chunk
                                             * i / FLUO_CHUNK_N; NULL unless asked for */
  gboolean        outdated; /* some of them were written by a version that says less */
} FluoBlockContents;

/* A set of chunks. */
#define FLUO_BLOCK_NO_FACTS 0
#define FLUO_BLOCK_ALL_FACTS G_MAXUINT

static inline FluoFactsBlock *
fluo_block_contents_get_facts (const FluoBlockContents *self, guint i)
{
  return self->facts[i / FLUO_CHUNK_N];
}
void fluo_block_contents_clear (FluoBlockContents *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoBlockContents, fluo_block_contents_clear)

/* Writes the rows; fills @block's figures from @entries. @views (FluoTraceFacts) has the same
 * traces in the same order. */
gboolean fluo_block_write (FluoConnection *connection, FluoSealedBlock *block, GArray *entries,
                           GArray *views, GError **error);
/* The facts of the same traces in place of those that are there. */
gboolean fluo_block_replace_facts (FluoConnection *connection, gint64 number, GArray *views,
                                   GError **error);
gboolean fluo_block_delete (FluoConnection *connection, gint64 number, GError **error);
/* Reads the entries, and the facts of some @chunks (bits). FALSE with @error when the block is
 * damaged; FALSE without when it is gone. */
gboolean fluo_block_read  (FluoConnection *connection, gint64 number, guint chunks,
                           FluoBlockContents *ret_contents, GError **error);
/* For every block from @first to @last the chunks (bits) in which a trace may have all these terms;
 * a block that has none is left out. gint64 * number → GUINT_TO_POINTER (bits). */
GHashTable *fluo_block_find_terms (FluoConnection *connection, gint64 first, gint64 last,
                                   const guint64 *terms, guint n_terms, GError **error);
/* TRUE with the entry when the block holds the trace, dead or not. FALSE with or without
 * @error. */
gboolean fluo_block_find (FluoConnection *connection, gint64 number, const FluoTraceId *id,
                          FluoTraceEntry *ret_entry, GError **error);

G_END_DECLS
