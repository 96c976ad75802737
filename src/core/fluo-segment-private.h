/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-segment.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

#define FLUO_RECORD_NONE G_MAXUINT32

/* A string of the document as it stands there: bytes [start, end), escaped when it holds
 * backslashes. Empty = absent. */
typedef struct
{
  guint32  start;
  guint32  end;
  gboolean escaped;
} FluoSlice;

/* What a field was found to be; the order lets > FIELD_ABSENT mean "sent". */
typedef enum
{
  FLUO_FIELD_ABSENT,
  FLUO_FIELD_VALID,
  FLUO_FIELD_WRONG
} FluoField;

/* One segment or subsegment of a document. Records of a document are in preorder, the document
 * itself first. */
typedef struct
{
  guint64   id;
  guint64   parent_id;   /* as sent */
  gint64    start_ns;    /* clamped */
  gint64    end_ns;      /* clamped, >= start_ns; = start_ns without end_time */
  guint32   parent;      /* record index of the entity it is nested in, or FLUO_RECORD_NONE */
  guint32   offset;      /* of its own JSON object */
  guint32   length;
  guint32   flags;       /* FluoSpanFlags that the document alone decides */
  guint32   seen;        /* private: keys met so far */
  guint8    place;       /* private: the row of the last of them */
  guint8 has_id, has_name, has_trace_id, has_parent_id, has_start, has_end,
    has_type;            /* FluoField */
  guint8    wrong;       /* another field, or an element of subsegments, has a wrong type */
  gboolean  in_progress;
  gboolean  inferred;    /* made up by X-Ray */
  gboolean  suspect;     /* a time was out of range, so both are meaningless for drawing */
  FluoSlice id_text, name, origin, version;
  FluoSlice http_method, http_url;
  FluoSlice sql_query, sql_type;
  FluoSlice operation, table_name, queue_url, bucket_name, topic_arn, function_name;
  gint32    http_status;
} FluoSegmentRecord;

typedef struct
{
  guint32     record;
  FluoTraceId trace_id;
  guint64     id;
} FluoSegmentLink;

/* The tables of keys, one for each sort of object. */
typedef enum
{
  FLUO_KEYS_ENTITY,
  FLUO_KEYS_HTTP,
  FLUO_KEYS_REQUEST,
  FLUO_KEYS_RESPONSE,
  FLUO_KEYS_SQL,
  FLUO_KEYS_SERVICE,
  FLUO_KEYS_CAUSE,
  FLUO_KEYS_LINK,
  FLUO_KEYS_AWS,
  FLUO_N_KEY_TABLES
} FluoKeyTableIndex;

#define FLUO_KEY_UNKNOWN 31 /* rows are counted from 1 */

/* A scanned document. Reusable: fluo_segment_scan() empties it first, so that a builder allocates
 * once. */
typedef struct
{
  const char *text;
  GArray     *records;  /* FluoSegmentRecord */
  GArray     *links;    /* FluoSegmentLink */
  FluoTraceId trace_id;
  guint       warnings;
  /* Private: by table and row, the row that followed it the last time. Kept from one document to
   * the next. */
  guint8      guesses[FLUO_N_KEY_TABLES][FLUO_KEY_UNKNOWN + 1];
} FluoSegmentScan;

typedef enum
{
  FLUO_SEGMENT_SCAN_STRICT     = 0,
  /* Documents that X-Ray hands back: they may lack trace_id and be larger than what can be sent. */
  FLUO_SEGMENT_SCAN_ASSEMBLED  = 1 << 0
} FluoSegmentScanFlags;

void     fluo_segment_scan_init  (FluoSegmentScan *self);
void     fluo_segment_scan_clear (FluoSegmentScan *self);
/* The syntax half: FALSE with a ParseError, the fields judged but not complained about. With
 * @ret_length (nullable) more may follow the document, whose length it gets. */
gboolean fluo_segment_scan_read (FluoSegmentScan *self, const char *text, gsize length,
                                 gsize *ret_length, GError **error);
/* Syntax and rules. */
gboolean fluo_segment_scan (FluoSegmentScan *self, const char *text, gsize length,
                            FluoSegmentScanFlags flags, GError **error);

/* The document that @text begins with, judged as assembled; what follows is not looked at.
 * @ret_length is set on success only. */
gboolean fluo_segment_scan_prefix (FluoSegmentScan *self, const char *text, gsize length,
                                   gsize *ret_length, GError **error);

/* Shared by everything that reads annotations: what X-Ray would index. */
gboolean fluo_annotation_key_is_valid (const char *key, gsize length);

G_END_DECLS
