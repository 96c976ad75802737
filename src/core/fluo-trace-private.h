/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-table-private.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* Where a document is: offsets of spans count from its beginning. */
typedef struct
{
  gsize   offset; /* in the bytes */
  guint32 length;
  guint32 bytes;  /* which of the trace's bytes */
} FluoTraceDocument;

/* Spans by id. The ids are in the spans, so a slot is a span's index, 6 to 11 bytes a span; the
 * bits that an index leaves free tell, from the id's hash, whether the span is worth a look. */
typedef struct
{
  guint32   *slots;      /* FLUO_MAP_NONE = free */
  gsize      mask;
  guint32    index_mask; /* the bits of a slot that are the index */
  FluoIdMap  aliases;    /* ids of other versions of a span */
} FluoSpanIndex;

/* Where the search for an id has got to. */
typedef struct
{
  gsize   slot;
  guint32 tag;
} FluoSpanPlace;

/* Room for @n_ids of the spans 0 to @n_spans - 1. */
void    fluo_span_index_init  (FluoSpanIndex *self, gsize n_ids, gsize n_spans);
void    fluo_span_index_clear (FluoSpanIndex *self);
/* Span i is now @new_of[i]. */
void    fluo_span_index_renumber (FluoSpanIndex *self, const guint32 *new_of);
/* Empty, as after fluo_span_index_init(). */
void    fluo_span_index_empty (FluoSpanIndex *self);

static inline FluoSpanPlace
fluo_span_index_begin (const FluoSpanIndex *self, guint64 id)
{
  guint64 hash = fluo_id_hash (id);

  return (FluoSpanPlace) { hash & self->mask, (guint32) (hash >> 32) & ~self->index_mask };
}

/* A span from @at on that may have the id. FLUO_MAP_NONE: none has; here it would be. */
static inline guint32
fluo_span_index_look (const FluoSpanIndex *self, FluoSpanPlace *at)
{
  guint32 slot;

  while ((slot = self->slots[at->slot]) != FLUO_MAP_NONE)
    {
      if ((slot & ~self->index_mask) == at->tag)
        return slot & self->index_mask;
      at->slot = (at->slot + 1) & self->mask;
    }
  return FLUO_MAP_NONE;
}

/* The same behind the span that was found last. */
static inline guint32
fluo_span_index_look_on (const FluoSpanIndex *self, FluoSpanPlace *at)
{
  at->slot = (at->slot + 1) & self->mask;
  return fluo_span_index_look (self, at);
}

static inline void
fluo_span_index_put (FluoSpanIndex *self, const FluoSpanPlace *at, guint32 span)
{
  self->slots[at->slot] = at->tag | span;
}

struct _FluoTrace
{
  gatomicrefcount  ref_count;
  FluoTraceId      id;
  FluoSpan        *spans;
  guint            n_spans;
  GArray          *services;   /* FluoTraceService; strings point into the table */
  GArray          *path;       /* FluoCriticalStep */
  GArray          *links;      /* FluoTraceLink */
  GPtrArray       *bytes;      /* GBytes: documents of a file share one */
  GArray          *documents;  /* FluoTraceDocument */
  FluoStringTable  strings;
  FluoSpanIndex    by_id;      /* of the trace's own spans */
  FluoSpanIndex    linked_by_id;
  FluoTimeSpan     extent;
  gint64           start_ns;      /* without linked traces */
  guint32          root;
  guint            n_running;
  gboolean         partial;
  char            *title;
  FluoTrace       *shares;     /* whose strings these are, or NULL: its own */
};

/* Siblings stand by start; among equals the longer first. The id makes the order independent of the
 * order of arrival. */
typedef struct
{
  gint64  start_ns, end_ns;
  guint64 id;
  guint32 index; /* of the span, or of the builder's entry */
} FluoSiblingKey;

int fluo_sibling_key_compare (const void *a, const void *b);

/* Own time: what is left of a span when the union of its children's intervals is taken away.
 * Children stand sorted by start, so one sweep does it. */
static inline void
fluo_span_compute_self_time (FluoSpan *spans, guint32 i)
{
  FluoSpan *span = &spans[i];
  gint64 covered_to = span->start_ns;

  span->self_ns = span->end_ns - span->start_ns;
  for (guint32 c = span->first_child; c != FLUO_SPAN_NONE; c = spans[c].next_sibling)
    {
      gint64 begin = MAX (spans[c].start_ns, covered_to), end = MIN (spans[c].end_ns, span->end_ns);

      if (end > begin)
        {
          span->self_ns -= end - begin;
          covered_to = end;
        }
    }
}

/* Analysis that is done once, while nobody else has the trace. */
void fluo_trace_find_start            (FluoTrace *self, gboolean linked);
void fluo_trace_compute_critical_path (FluoTrace *self);

/* The path of a URL: without scheme, host, query and fragment. "/" when there is none. Points into
 * @url or is static. */
const char *fluo_url_path (const char *url, gsize length, gsize *ret_length);

G_END_DECLS
