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
  guint32 origin;
  guint32 detail;
  guint32 version;
  guint32 inferred_name;  /* what it stands for when nobody answers: 0 = nothing */
  guint32 inferred_type;
  guint32 replaced_by;    /* once dropped: the entry that stands for it */
  guint32 flags;
  gint32  http_status;
  guint8  nested;
  guint8  suspect;        /* times out of range */
  guint8  inferred;       /* made up by X-Ray, to mirror the subsegment that is its parent */
  guint8  dropped;        /* another document's version of it counts, or it mirrors */
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
  guint32          sql_type;   /* "Database::SQL" once it was needed */
  guint32          remote_type;
};

/* Adds a document that was scanned with FLUO_SEGMENT_SCAN_ASSEMBLED: @length bytes of @bytes from
 * @offset on. Like fluo_trace_builder_add(). */
gboolean fluo_builder_add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset,
                                   gsize length, const FluoSegmentScan *scan, GError **error);
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
