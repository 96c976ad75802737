/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-id.h"
#include "fluo-kind.h"
#include "fluo-sentence.h"
#include "fluo-status.h"
#include "fluo-time-span.h"
#include "fluo-types.h"

G_BEGIN_DECLS

#define FLUO_SPAN_NONE G_MAXUINT32

typedef enum
{
  FLUO_SPAN_SEGMENT = 1 << 0, /* a segment; otherwise a subsegment */
  FLUO_SPAN_IN_PROGRESS = 1 << 1,
  FLUO_SPAN_REMOTE = 1 << 2, /* namespace "remote" */
  FLUO_SPAN_AWS = 1 << 3,    /* namespace "aws" */
  FLUO_SPAN_SQL = 1 << 4,    /* has an sql block */
  FLUO_SPAN_HTTP = 1 << 5,   /* has an http block */
  FLUO_SPAN_HAS_CAUSE = 1 << 6,
  FLUO_SPAN_HAS_ANNOTATIONS = 1 << 7,
  FLUO_SPAN_HAS_METADATA = 1 << 8,
  FLUO_SPAN_ORPHAN = 1 << 9, /* parent_id is not in the trace: drawn as a root with a badge */
  FLUO_SPAN_CYCLE = 1 << 10, /* its parent link closed a cycle and was cut */
  FLUO_SPAN_TIME_SUSPECT = 1 << 11, /* times were clamped for drawing; the raw text keeps them */
  FLUO_SPAN_CRITICAL = 1 << 12,     /* on the critical path */
  FLUO_SPAN_LINKED = 1 << 13,       /* belongs to a trace reached through a link */
  FLUO_SPAN_CALL =
    1 << 14, /* a calling subsegment whose only child is the callee's segment: shown as that row */
  FLUO_SPAN_CALLEE =
    1 << 15, /* the segment shown for such a call; its parent is the FLUO_SPAN_CALL */
  FLUO_SPAN_INFERRED =
    1 << 16, /* names a service that sent nothing itself: database, remote, AWS service */
  FLUO_SPAN_FAULT_FLAG = 1 << 17,
  FLUO_SPAN_ERROR_FLAG = 1 << 18,
  FLUO_SPAN_THROTTLE_FLAG = 1 << 19,
  FLUO_SPAN_ROOT = 1 << 20 /* the trace's entry: a segment without parent_id */
} FluoSpanFlags;

/* One segment or subsegment. About 100 bytes; a trace holds them in one array in preorder (parents
 * before children, children by start time), so that a subtree is the contiguous range [i,
 * end_index). */
typedef struct
{
  guint64 id;
  guint64 parent_id;     /* as sent; 0 = none */
  gint64  start_ns;
  gint64  end_ns;        /* >= start_ns; while running: the trace's end */
  gint64 self_ns; /* own time: length minus the union of the children's intervals clipped to it */
  guint32 parent;        /* index or FLUO_SPAN_NONE */
  guint32 first_child;
  guint32 next_sibling;
  guint32 end_index;     /* one past the last descendant */
  guint32 name;          /* string index */
  guint32 detail; /* string index: "POST /checkout", "UpdateItem", an exception's name; 0 = "" */
  guint32 service;       /* service index */
  guint32 document;      /* which document, and the slice of it */
  guint32 offset;
  guint32 length;
  guint32 flags;         /* FluoSpanFlags */
  guint16 http_status;   /* 0 = none */
  guint16 depth;         /* saturates at 65535 */
  guint8  status;        /* FluoStatus */
} FluoSpan;

/* A call and its answer are one row. Which of the two tells how it ended: the answer, unless it
 * fared worse for the caller, which waited no longer or could not read what came. */
static inline guint32
fluo_spans_failing (const FluoSpan *spans, guint32 span)
{
  const guint32 call = (spans[span].flags & FLUO_SPAN_CALLEE) ? spans[span].parent : span;

  return spans[call].status >= FLUO_STATUS_ERROR && spans[call].status > spans[span].status ? call
                                                                                            : span;
}

typedef struct
{
  const char *name;
  const char *type;      /* X-Ray type or NULL */
  FluoKind    kind;
  gboolean    inferred;
  const char *version;   /* service.version of its newest segment or NULL */
} FluoTraceService;

typedef struct
{
  guint32 span;
  gint64  begin_ns;
  gint64  end_ns;
} FluoCriticalStep;

/* Another trace named by a segment's links. */
typedef struct
{
  guint32     span;
  FluoTraceId trace_id;
  guint64     id;
} FluoTraceLink;

/* Immutable once built; reference counting is atomic, reading is safe from any thread. Pointers it
 * returns live as long as the trace. */
FluoTrace              *fluo_trace_ref               (FluoTrace *self);
void                    fluo_trace_unref             (FluoTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoTrace, fluo_trace_unref)

const FluoTraceId      *fluo_trace_get_id            (FluoTrace *self);
const FluoSpan         *fluo_trace_get_spans         (FluoTrace *self, guint *ret_n);
const char             *fluo_trace_get_string        (FluoTrace *self, guint32 string);
const FluoTraceService *fluo_trace_get_services      (FluoTrace *self, guint *ret_n);
const FluoCriticalStep *fluo_trace_get_critical_path (FluoTrace *self, guint *ret_n);
const FluoTraceLink    *fluo_trace_get_links         (FluoTrace *self, guint *ret_n);
/* How many services took part, and how many only in linked traces. */
void fluo_trace_count_services (FluoTrace *self, guint *ret_own, guint *ret_linked);
/* Earliest start to latest end, linked traces included. */
FluoTimeSpan fluo_trace_get_extent (FluoTrace *self);
/* When the trace itself began: what times count from, negative for an earlier linked trace. */
gint64 fluo_trace_get_start_ns (FluoTrace *self);
guint32 fluo_trace_get_root (FluoTrace *self);       /* FLUO_SPAN_NONE when the root is missing */
gint64 fluo_trace_get_response_ns (FluoTrace *self); /* the root's length, or the extent's */
FluoStatus fluo_trace_get_status (FluoTrace *self); /* the root's; RUNNING while it runs */
gboolean                fluo_trace_is_partial        (FluoTrace *self);
guint fluo_trace_get_n_running (FluoTrace *self); /* calls not ended, those of linked traces too */
/* "POST /checkout" or the root's name. */
const char             *fluo_trace_get_title         (FluoTrace *self);
/* The span's own JSON object inside its document; the whole document for @span_is_document. Not
 * NUL-terminated. */
const char *fluo_trace_get_raw (FluoTrace *self, guint32 span, gsize *ret_length);
guint                   fluo_trace_get_n_documents   (FluoTrace *self);
/* Not NUL-terminated. */
const char *fluo_trace_get_document (FluoTrace *self, guint document, gsize *ret_length);
/* A span's own JSON object, sharing the document's bytes. */
GBytes *fluo_trace_dup_raw (FluoTrace *self, guint32 span) G_GNUC_WARN_UNUSED_RESULT;
/* Index of a span by its id, or FLUO_SPAN_NONE. */
guint32                 fluo_trace_find              (FluoTrace *self, guint64 id);

/* --- Analysis ------------------------------------------------------------- */

typedef struct
{
  guint32 service;  /* service index */
  gint64  time_ns;  /* on the critical path */
  double  share;    /* of the response time; all shares of a trace sum to 1 */
} FluoTraceShare;

/* Where the time went along the critical path, largest first. Free with g_array_unref. */
GArray       *fluo_trace_dup_shares       (FluoTrace *self);
/* DESIGN.md: "92% of 2.31 s was spent waiting for bank.example.com from payments; fault:
 * TimeoutError"; "No single cause: checkout 31%, stock 28%"; healthy: "Nothing stands out. 604 ms
 * is usual here" where
 * @usual_ns (0 = unknown: then the part about what is usual is left out) is the median of its
 * kind. */
FluoSentence *fluo_trace_dup_root_cause   (FluoTrace *self, gint64 usual_ns);
/* The span whose document has the exception @id, which others name as their cause; FLUO_SPAN_NONE
 * when none of the first hundreds has. */
guint32 fluo_trace_find_exception (FluoTrace *self, const char *id);
/* The span the sentence is about, or FLUO_SPAN_NONE. */
guint32       fluo_trace_get_cause_span   (FluoTrace *self);

/* --- Building ------------------------------------------------------------- */

/* Assembles a trace from documents in any order: a completed document replaces an in-progress one
 * of the same id, the first completed one wins, independent subsegments fold into their parent,
 * inferred documents merge with the subsegment they mirror, orphans become roots, cycles are cut.
 * Single thread; the result may go to any other. Roots stand in this order: the trace's entries,
 * what hangs in the air, linked traces; each by start. @id NULL takes the first document's; a
 * document of another trace is then refused with InvalidTraceId. Documents without trace_id are
 * taken, as X-Ray hands them back. */
FluoTraceBuilder *fluo_trace_builder_new  (const FluoTraceId *id);
void              fluo_trace_builder_free (FluoTraceBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoTraceBuilder, fluo_trace_builder_free)
/* FALSE with a FLUO_SEGMENT_ERROR; the builder is unchanged and others can still be added. Keeps a
 * ref on @document. */
gboolean fluo_trace_builder_add (FluoTraceBuilder *self, GBytes *document, GError **error);
/* Adds the documents of a linked trace; its spans follow under FLUO_SPAN_LINKED. */
gboolean fluo_trace_builder_add_linked (FluoTraceBuilder *self, GBytes *document, GError **error);
/* NULL when nothing was added. @now_ns ends running spans; 0 uses the latest time in the trace.
 * Frees the builder. */
FluoTrace        *fluo_trace_builder_end  (FluoTraceBuilder *self, gint64 now_ns);

G_END_DECLS
