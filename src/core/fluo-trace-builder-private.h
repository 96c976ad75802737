/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-segment-private.h"
#include "fluo-trace-private.h"

G_BEGIN_DECLS

/* One segment or subsegment while the trace is put together. Strings are already interned. */
typedef struct
{
  guint64 id;
  guint64 parent_id;
  gint64  start_ns;
  gint64  end_ns;
  guint32 parent; /* entry index: where it is nested, later where it hangs; or FLUO_SPAN_NONE */
  guint32 document;
  guint32 offset;
  guint32 length;
  guint32 name;
  guint32 detail;
  guint32 type;           /* a segment's origin; of a call what answers it when nobody does */
  guint32 version;        /* a segment's */
  guint32 inferred_name;  /* of what answers a call when nobody does: 0 = nothing does */
  guint32 replaced_by;    /* once dropped: the entry that stands for it */
  guint32 flags;
  guint16 http_status;
  guint8  nested    : 1;
  guint8  suspect   : 1;  /* times out of range */
  guint8  inferred  : 1;  /* made up by X-Ray, to mirror the subsegment that is its parent */
  guint8  dropped   : 1;  /* another document's version of it counts, or it mirrors */
} FluoBuilderEntry;

struct _FluoTraceBuilder
{
  FluoTraceId      id;
  gboolean         has_id;
  GPtrArray       *bytes;      /* GBytes, neighbours differ */
  GArray          *documents;  /* FluoTraceDocument */
  GArray          *entries;    /* FluoBuilderEntry */
  GArray          *links;      /* FluoTraceLink, span = entry index until the end */
  FluoStringTable  strings;
  FluoSegmentScan  scan;       /* reused */
  FluoIdMap        documents_by_id;        /* newest counting document of an id: entry index */
  FluoIdMap        linked_documents_by_id;
  /* From fluo_builder_link() on, of entries: the trace's own, and those of linked ones. */
  FluoSpanIndex    by_id[2];
  guint            n_linked;   /* entries of linked traces */
  /* What most traces do not have, and then need not be looked for. */
  gboolean         has_twins;     /* one id twice in a document */
  gboolean         has_inferred;  /* made up by X-Ray */
  gboolean         has_odd_times; /* out of range, or running */
  gboolean         has_dropped;   /* entries that do not count */
  FluoTimeSpan     extent;        /* of all entries, whether they count or not */
  guint32          sql_type;   /* "Database::SQL" once it was needed */
  guint32          remote_type;
};

/* Adds a document that was scanned with FLUO_SEGMENT_SCAN_ASSEMBLED: @length bytes of @bytes from
 * @offset on. Like fluo_trace_builder_add(). */
gboolean fluo_builder_add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset,
                                   gsize length, const FluoSegmentScan *scan, GError **error);
/* Adds what was added to @other, of the same trace and none of it linked: the outcome is as if it
 * had been added to @self in the first place. Consumes @other. */
void fluo_builder_join (FluoTraceBuilder *self, FluoTraceBuilder *other);
/* What the fields of a document say about names, before anything is known about the rest of the
 * trace. */
guint32 fluo_builder_intern_slice    (FluoTraceBuilder *self, const char *text, FluoSlice slice);
guint32 fluo_builder_intern_detail (FluoTraceBuilder *self, const char *text,
                                    const FluoSegmentRecord *record, guint32 name);
void fluo_builder_intern_inferred (FluoTraceBuilder *self, const char *text,
                                   const FluoSegmentRecord *record, FluoBuilderEntry *entry);
/* Turns the entries' parent links into a forest: winners, orphans, cycles, mirrors. Fills the
 * entries' parent and flags, and by_id. The result, newly allocated, maps an entry to the document
 * that mirrors it. */
guint32 *fluo_builder_link (FluoTraceBuilder *self);
/* Gives every span its service. @entry_of maps spans to entries; the tree and the flags must be
 * there. */
void fluo_builder_name_services (FluoTraceBuilder *self, FluoTrace *trace, const guint32 *entry_of,
                                 const guint32 *mirrors);

G_END_DECLS
