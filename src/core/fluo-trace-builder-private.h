/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-segment-private.h"
#include "fluo-trace-private.h"

G_BEGIN_DECLS

/* One segment or subsegment while the trace is put together: a line of the cache, since they are
 * looked at in an order that is not theirs. Strings are already interned. */
typedef struct
{
  guint64 id;
  guint64 parent_id;
  gint64  start_ns;
  gint64  end_ns;
  guint64 offset      : 27; /* in the document, of at most FLUO_ASSEMBLED_SIZE_MAX bytes */
  guint64 length      : 27;
  guint64 http_status : 10;
  guint32 parent; /* entry index: where it is nested, later where it hangs; or FLUO_SPAN_NONE. Once
                   * dropped: the entry that stands for it */
  guint32 document;
  guint32 name;
  guint32 detail;
  guint32 service;        /* of the builder's services; 0: it says nothing of one */
  guint32 flags    : 27;
  guint32 nested   : 1;
  guint32 suspect  : 1;   /* times out of range */
  guint32 inferred : 1;   /* made up by X-Ray, to mirror the subsegment that is its parent */
  guint32 dropped  : 1;   /* another document's version of it counts, or it mirrors */
  guint32 answered : 1;   /* a segment hangs from it */
} FluoBuilderEntry;

G_STATIC_ASSERT (sizeof (FluoBuilderEntry) == 64);
G_STATIC_ASSERT (FLUO_SPAN_ROOT < 1 << 27);

#define FLUO_ASSEMBLED_SIZE_MAX (64 * 1024 * 1024)

/* Entries are never moved, so that what several threads read is put together as it lies there. */
#define FLUO_ENTRIES_A_CHUNK 1024

typedef struct
{
  FluoBuilderEntry **chunks;
  guint              n_chunks;
  guint32            n;
  guint32            room;     /* for that many; under a chunk only while there is but one */
} FluoEntryList;

static inline FluoBuilderEntry *
fluo_entry_list_get (const FluoEntryList *self, guint32 i)
{
  return &self->chunks[i / FLUO_ENTRIES_A_CHUNK][i % FLUO_ENTRIES_A_CHUNK];
}

FluoBuilderEntry *fluo_entry_list_append (FluoEntryList *self); /* of zeros */
void              fluo_entry_list_clear  (FluoEntryList *self);

/* What a segment says of its service; or a call, of what answers it when nobody does. */
typedef struct
{
  guint32 type;  /* the segment's origin */
  guint32 label; /* a segment's version; a call's: what answers, 0 = its own name says it */
} FluoBuilderService;

struct _FluoTraceBuilder
{
  FluoTraceId      id;
  gboolean         has_id;
  GPtrArray       *bytes;      /* GBytes, neighbours differ */
  GArray          *documents;  /* FluoTraceDocument */
  FluoEntryList    entries;
  GArray          *heads;      /* guint32: the entries that begin a document, others are nested */
  GArray          *services;   /* FluoBuilderService; the first says nothing */
  FluoIdMap        service_of; /* (type, label) → which of them */
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
  guint32          sql;        /* the service "Database::SQL" once it was needed */
  guint32          remote;
};

/* Adds a document that was scanned with FLUO_SEGMENT_SCAN_ASSEMBLED: @length bytes of @bytes from
 * @offset on. Like fluo_trace_builder_add(). */
gboolean fluo_builder_add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset,
                                   gsize length, const FluoSegmentScan *scan, GError **error);
/* Adds what was added to @other, of the same trace and none of it linked: the outcome is as if it
 * had been added to @self in the first place. Consumes @other, which was not joined itself. */
void fluo_builder_join (FluoTraceBuilder *self, FluoTraceBuilder *other);
/* What the fields of a document say about names, before anything is known about the rest of the
 * trace. */
guint32 fluo_builder_intern_slice    (FluoTraceBuilder *self, const char *text, FluoSlice slice);
guint32 fluo_builder_intern_detail (FluoTraceBuilder *self, const char *text,
                                    const FluoSegmentRecord *record, guint32 name);
guint32 fluo_builder_intern_service (FluoTraceBuilder *self, const char *text,
                                     const FluoSegmentRecord *record, guint32 name);
guint32 fluo_builder_add_service (FluoTraceBuilder *self, guint32 type, guint32 label);
/* Turns the entries' parent links into a forest: winners, orphans, cycles, mirrors. Fills the
 * entries' parent and flags, and by_id. The result, newly allocated, maps an entry to the document
 * that mirrors it. */
guint32 *fluo_builder_link (FluoTraceBuilder *self);
/* The services of a trace while its spans are named. */
typedef struct
{
  GArray   *rows;
  FluoIdMap row_of; /* by name and type */
} FluoServiceRows;

void    fluo_service_rows_init (FluoServiceRows *self);
/* The service of @span, which was made of @entry. @mirror: the document that mirrors it, or NULL.
 * Its parent has its service already. */
guint32 fluo_service_rows_name (FluoServiceRows *self, FluoTraceBuilder *builder, FluoTrace *trace,
                                FluoSpan *span, const FluoBuilderEntry *entry,
                                const FluoBuilderEntry *mirror);
/* Fills the trace's services. */
void    fluo_service_rows_end  (FluoServiceRows *self, FluoTraceBuilder *builder,
                                FluoTrace *trace);
/* Adds a document after its entries, which begin with @head. */
void fluo_builder_append_document (FluoTraceBuilder *self, guint32 head, GBytes *bytes,
                                   gsize offset, gsize length);
/* The same document again: in progress gives way, the first complete one stays. Returns FALSE when
 * the new one is not needed. */
gboolean fluo_builder_replace_document (FluoTraceBuilder *self, FluoIdMap *map, guint64 id);

static inline void
fluo_builder_note_entry (FluoTraceBuilder *self, const FluoBuilderEntry *entry)
{
  self->n_linked += (entry->flags & FLUO_SPAN_LINKED) != 0;
  self->has_inferred |= entry->inferred;
  self->has_dropped |= entry->dropped;
  self->has_odd_times |= entry->suspect || (entry->flags & FLUO_SPAN_IN_PROGRESS);
  self->extent.begin_ns = MIN (self->extent.begin_ns, entry->start_ns);
  self->extent.end_ns = MAX (self->extent.end_ns, entry->end_ns);
}

G_END_DECLS
