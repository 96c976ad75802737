/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-table-private.h"
#include "fluo-trace-facts.h"

G_BEGIN_DECLS

/* The tables of a block. Every trace has a run of rows in each. */
typedef enum
{
  FLUO_FACTS_NODES,
  FLUO_FACTS_ENTITIES,
  FLUO_FACTS_EDGES,
  FLUO_FACTS_ANNOTATIONS,
  FLUO_FACTS_ALIASES,
  FLUO_FACTS_CAUSES,
  FLUO_FACTS_CAUSE_SERVICES,
  FLUO_FACTS_CAUSE_ENTITIES,
  FLUO_FACTS_EXCEPTIONS,
  FLUO_FACTS_USERS,
  FLUO_FACTS_INSTANCES,
  FLUO_FACTS_ZONES,
  FLUO_FACTS_ARNS,
  FLUO_FACTS_GROUPS,
  FLUO_FACTS_LINKS,
  FLUO_N_FACTS_TABLES
} FluoFactsTable;

typedef struct
{
  FluoTraceId id;
  gint64      start_ns;
  gint64      end_ns;
  gint64      response_ns;
  guint32     flags;
  guint32     root;
  guint32     first[FLUO_N_FACTS_TABLES]; /* rows of the block's tables */
} FluoFactsHead;

struct _FluoFactsBlock
{
  gatomicrefcount ref_count;
  guint           n;
  guint32         n_strings;
  gsize           size;
  gsize           capacity;                    /* of its memory, which may have served another */
  FluoFactsHead  *heads;                       /* n + 1: the last one ends the tables */
  guint8         *rows[FLUO_N_FACTS_TABLES];
  const char    **strings;
  char           *text;
};

/* Puts a block together. A stack object, one thread. */
typedef struct
{
  GArray         *heads;
  GArray         *rows[FLUO_N_FACTS_TABLES];
  FluoStringTable strings;
  FluoIdMap       numbers;                     /* of a string by its offset */
  guint32         n_strings;
} FluoFactsWriter;

extern const guint8 fluo_facts_row_size[FLUO_N_FACTS_TABLES];

void            fluo_facts_writer_init   (FluoFactsWriter *self);
/* Begins a trace; what is added from here on belongs to it. The head stays valid until the next one
 * begins. */
FluoFactsHead  *fluo_facts_writer_begin  (FluoFactsWriter *self);
/* Rows of the current trace. */
guint32         fluo_facts_writer_count  (const FluoFactsWriter *self, FluoFactsTable table);
void fluo_facts_writer_append (FluoFactsWriter *self, FluoFactsTable table, gconstpointer row);
/* The string's number; 0 for NULL and "". @length -1: NUL-terminated. */
guint32         fluo_facts_writer_string (FluoFactsWriter *self, const char *text, gssize length);
/* Empties the writer. */
FluoFactsBlock *fluo_facts_writer_end    (FluoFactsWriter *self);

/* Room for a block: head and tables of that many rows, strings and bytes of text, all zero. */
FluoFactsBlock *fluo_facts_block_alloc (guint n, const guint32 *n_rows, guint32 n_strings,
                                        gsize text_length);

/* Puts the check sum of a block's bytes right. */
void            fluo_facts_bytes_seal    (guint8 *data, gsize length);

/* What a span's own document says that FluoSpan does not hold, in numbers of the writer's
 * strings. */
typedef struct
{
  guint32 url, method, user_agent, client_ip;
  guint32 user, arn, instance, zone, account, version;
  guint32 alias;            /* of a call: what its service would be called had nobody answered */
  char   *queue;            /* URL of the queue that fed it; owned */
  GArray *annotations;      /* FluoFactsAnnotation, or NULL when they are not wanted; reused */
} FluoFactsSpan;

void fluo_facts_read_span (FluoFactsWriter *writer, FluoTrace *trace, guint32 span,
                           gboolean is_call, FluoFactsSpan *ret);

/* X-Ray's lists of root causes as it would compute them for a TraceSummary. */
void fluo_facts_add_causes  (FluoFactsWriter *writer, FluoTrace *trace);
/* The list of one kind as X-Ray's JSON; the number of causes. */
guint fluo_facts_write_causes (const FluoTraceFacts *facts, FluoCauseKind kind,
                               FluoJsonWriter *writer);

static inline const char *
fluo_facts_string (const FluoTraceFacts *facts, guint32 string)
{
  return facts->strings[string];
}

G_END_DECLS
