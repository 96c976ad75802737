/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-id.h"
#include "fluo-json.h"

G_BEGIN_DECLS

/* One segment document (or independent subsegment) scanned once into flat fields; everything else
 * stays raw text. */

#define FLUO_DOCUMENT_SIZE_MAX 65536 /* X-Ray's limit, bytes as sent */

/* Times outside these are clamped and flagged: the end of 1970 at the one side (a zero or a span of
 * seconds that lost its epoch), what int64 nanoseconds hold with room for arithmetic (the year
 * 2255) at the other. */
#define FLUO_TIME_MIN_NS G_GINT64_CONSTANT (0)
#define FLUO_TIME_PLAUSIBLE_NS (G_GINT64_CONSTANT (31536000) * 1000000000)
#define FLUO_TIME_MAX_NS (G_GINT64_CONSTANT (9000000000) * 1000000000)

/* X-Ray's codes for UnprocessedTraceSegments; fluo_segment_error_get_code() gives their exact
 * names. */
typedef enum
{
  FLUO_SEGMENT_ERROR_PARSE, /* ParseError: not JSON, not an object */
  FLUO_SEGMENT_ERROR_MISSING_ID,
  FLUO_SEGMENT_ERROR_INVALID_ID,
  FLUO_SEGMENT_ERROR_MISSING_NAME,
  FLUO_SEGMENT_ERROR_INVALID_NAME,
  FLUO_SEGMENT_ERROR_MISSING_TRACE_ID,
  FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
  FLUO_SEGMENT_ERROR_MISSING_START_TIME,
  FLUO_SEGMENT_ERROR_MISSING_END_TIME,
  FLUO_SEGMENT_ERROR_IN_PROGRESS_SEGMENT_HAS_END_TIME,
  FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME,
  FLUO_SEGMENT_ERROR_MISSING_PARENT_ID,
  FLUO_SEGMENT_ERROR_INVALID_PARENT_ID,
  FLUO_SEGMENT_ERROR_UNKNOWN_TYPE,
  FLUO_SEGMENT_ERROR_INVALID, /* InvalidSegment: anything else, over the size limit */
  FLUO_N_SEGMENT_ERRORS
} FluoSegmentError;

#define FLUO_SEGMENT_ERROR (fluo_segment_error_quark ())
GQuark      fluo_segment_error_quark    (void);
const char *fluo_segment_error_get_code (FluoSegmentError code); /* "MissingTraceId"… */

/* The identifying head of a document, enough for the collector to file it. */
typedef struct
{
  FluoTraceId trace_id;
  guint64     id;
  guint64     parent_id;      /* 0 = none */
  gint64 start_ns; /* clamped to FLUO_TIME_MIN_NS..FLUO_TIME_MAX_NS when it was not; see warnings */
  gint64      end_ns;         /* = start_ns while in progress */
  gboolean    in_progress;
  gboolean    subsegment;     /* type "subsegment": independent */
  guint       warnings;       /* FluoSegmentWarning bits */
} FluoSegmentHead;

typedef enum
{
  FLUO_SEGMENT_WARNING_DUPLICATE_KEY = 1 << 0,
  FLUO_SEGMENT_WARNING_TIME = 1 << 1, /* end before start, out of range: clamped, raw text kept */
  FLUO_SEGMENT_WARNING_ZERO_ID = 1 << 2,
  FLUO_SEGMENT_WARNING_LONG_NAME = 1 << 3,  /* over 200 characters: cut for display */
  FLUO_SEGMENT_WARNING_ANNOTATION = 1 << 4, /* a key or value that X-Ray would not index */
  FLUO_SEGMENT_WARNING_FUTURE =
    1 << 5,                          /* starts over five minutes ahead of this computer's clock */
  FLUO_SEGMENT_WARNING_NAME = 1 << 6 /* holds characters that X-Ray does not allow in a name */
} FluoSegmentWarning;

/* Validates the whole document as X-Ray does (reference: unprocessed documents) and fills @head. On
 * failure @error holds the code with a message that names the thing and what to do, and @ret_id
 * (nullable) the offending document's id text, newly allocated, or NULL when it has none. */
gboolean fluo_segment_head_parse (const char *text, gsize length, FluoSegmentHead *head,
                                  char **ret_id, GError **error);

G_END_DECLS
