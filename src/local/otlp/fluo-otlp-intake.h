/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/intake/fluo-counters.h"
#include "local/store/fluo-writer.h"

G_BEGIN_DECLS

/* From the body of an OTLP request to the store and to the answer's content, whatever transport it
 * came by. */

/* Bytes of a request's body, compressed and not. */
#define FLUO_OTLP_BODY_MAX (20 * 1024 * 1024)

typedef enum
{
  FLUO_OTLP_PROTOBUF,
  FLUO_OTLP_JSON_FORMAT
} FluoOtlpFormat;

/* As google.rpc.Code has them. */
typedef enum
{
  FLUO_OTLP_CODE_OK = 0,
  FLUO_OTLP_CODE_INVALID_ARGUMENT = 3,
  FLUO_OTLP_CODE_DEADLINE_EXCEEDED = 4,
  FLUO_OTLP_CODE_NOT_FOUND = 5,
  FLUO_OTLP_CODE_PERMISSION_DENIED = 7,
  FLUO_OTLP_CODE_RESOURCE_EXHAUSTED = 8,
  FLUO_OTLP_CODE_UNIMPLEMENTED = 12,
  FLUO_OTLP_CODE_INTERNAL = 13,
  FLUO_OTLP_CODE_UNAVAILABLE = 14
} FluoOtlpCode;

typedef struct
{
  FluoOtlpCode code;       /* UNAVAILABLE: worth another try */
  guint64      n_rejected; /* spans, of a request that was taken */
  char        *message;    /* why, in words; NULL when there is nothing to say */
} FluoOtlpResult;

/* [worker or writer] Everything that was taken is committed. */
typedef void (*FluoOtlpDoneFunc) (gpointer data, const FluoOtlpResult *result);

typedef struct
{
  FluoWriter   *writer;
  FluoCounters *counters;
  gboolean      index_all; /* attributes become annotations */
} FluoOtlpIntake;

/* [worker] Takes over @body. @port is the sender's, as in FluoOrigin. Unpacks, decodes, maps, and
 * hands the documents to the writer; @done is called exactly once, maybe before this returns. The
 * intake is borrowed until then. */
void    fluo_otlp_intake_take    (const FluoOtlpIntake *self, GBytes *body, gboolean gzip,
                                  FluoOtlpFormat format, guint16 port, FluoOtlpDoneFunc done,
                                  gpointer data);

/* [any] A request that nobody will read counts as one document. */
void    fluo_otlp_intake_count_unread (const FluoOtlpIntake *self, guint16 port,
                                       const char *problem);

/* [worker] What a gzip body holds. NULL with a FLUO_OTLP_ERROR: damaged, followed by something
 * else, or larger than @size_max or than a body may grow. */
GBytes *fluo_otlp_gunzip         (GBytes *body, gsize size_max, GError **error);

/* An ExportTraceServiceResponse, or a google.rpc.Status when the code isn't OK. */
GBytes *fluo_otlp_result_to_body (const FluoOtlpResult *result, FluoOtlpFormat format);

G_END_DECLS
