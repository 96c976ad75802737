/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-intake.h"

#include <string.h>

#include <gio/gio.h>

#include "otlp/fluo-otlp-map.h"
#include "fluo-otlp.pb-c.h"

/* Documents of one job: the writer takes jobs whole, and its transactions shall stay short. */
#define N_JOB_MAX 1000

/* A body that grows more than this is a bomb; small ones may be anything. */
#define RATIO_MAX 200
#define RATIO_FREE_BYTES (1024 * 1024)

/* One export request on its way. */
typedef struct
{
  const FluoOtlpIntake *intake;
  FluoOrigin            origin;
  FluoOtlpMapper       *mapper;
  FluoOtlpDoneFunc      done;
  gpointer              data;
  GPtrArray            *jobs;      /* FluoWriteJob, not handed over yet */
  gboolean              span_lost; /* a document of the span at hand was refused */
  char                 *lost_reason;

  struct
  {
    GMutex   lock;
    guint    n_waiting; /* jobs, and one while the worker is busy */
    FluoOtlpResult result;
  } shared;
} Request;

/* --- The end ------------------------------------------------------------ */

/* The first reason is told; the count says how many there were. */
static void
reject (Request *self, guint64 n, const char *reason)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.result.n_rejected += n;
  if (!self->shared.result.message)
    self->shared.result.message = g_strdup (reason);
  g_mutex_unlock (&self->shared.lock);
}

static void
fail (Request *self, FluoOtlpCode code, const char *reason)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.result.code = code;
  g_free (self->shared.result.message);
  self->shared.result.message = g_strdup (reason);
  g_mutex_unlock (&self->shared.lock);
}

/* One part is over; the last one answers. */
static void
finish_part (Request *self)
{
  gboolean last;

  g_mutex_lock (&self->shared.lock);
  last = --self->shared.n_waiting == 0;
  g_mutex_unlock (&self->shared.lock);
  if (!last)
    return;
  self->done (self->data, &self->shared.result);
  g_free (self->shared.result.message);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

/* [writer] A span that is there already is no loss: its exporter has asked twice. */
static void
job_done (FluoWriteJob *job, const GError *error)
{
  Request *self = job->user_data;
  guint64 n_too_large = 0;

  if (error)
    fail (self, FLUO_OTLP_CODE_UNAVAILABLE, error->message);
  else
    for (guint i = 0; i < job->documents->len; i++)
      if (g_array_index (job->documents, FluoIngestDocument, i).result ==
          FLUO_REFUSED_TRACE_TOO_LARGE)
        n_too_large++;
  if (n_too_large > 0)
    reject (self, n_too_large, "a trace holds as much as one trace may");
  fluo_write_job_free (job);
  finish_part (self);
}

static void
refuse (Request *self, guint reason, const char *text, gsize length, const char *problem)
{
  FluoLoss loss = { .origin = self->origin, .text = text, .length = length, .problem = problem };

  fluo_counters_refuse_one (self->intake->counters, reason, &loss);
}

/* --- The parts ---------------------------------------------------------- */

static void
emit (gpointer data, const GString *document)
{
  Request *self = data;
  FluoWriteJob *job = self->jobs->len > 0 ? self->jobs->pdata[self->jobs->len - 1] : NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  FluoSegmentHead head;

  if (!fluo_segment_head_parse (document->str, document->len, &head, NULL, &error))
    {
      refuse (
        self,
        error->domain == FLUO_SEGMENT_ERROR ? (guint) error->code : FLUO_SEGMENT_ERROR_INVALID,
        document->str, document->len, error->message);
      self->span_lost = TRUE;
      if (!self->lost_reason)
        self->lost_reason = g_strdup (error->message);
      return;
    }
  if (!job || job->documents->len >= N_JOB_MAX)
    {
      job = fluo_write_job_new ();
      job->done = job_done;
      job->user_data = self;
      job->origin = self->origin;
      g_ptr_array_add (self->jobs, job);
    }
  body = g_bytes_new (document->str, document->len);
  fluo_write_job_add (job, body, &head);
}

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (((Request *) data)->mapper, resource);
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (((Request *) data)->mapper, scope);
}

static void
visit_refused (gpointer data, const char *reason)
{
  Request *self = data;

  refuse (self, FLUO_SEGMENT_ERROR_INVALID, NULL, 0, reason);
  reject (self, 1, reason);
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  static const FluoTraceId zero;
  Request *self = data;

  if (span->id == 0 || fluo_trace_id_equal (&span->trace_id, &zero))
    {
      visit_refused (self, "a trace id or span id is all zero");
      return;
    }
  self->span_lost = FALSE;
  fluo_otlp_mapper_map (self->mapper, span);
  if (self->span_lost)
    reject (self, 1, self->lost_reason);
  g_clear_pointer (&self->lost_reason, g_free);
}

/* Returns how many documents that were. */
static guint
drop_jobs (Request *self, guint from, guint reason, const char *problem)
{
  guint n = 0;

  for (guint i = from; i < self->jobs->len; i++)
    {
      FluoWriteJob *job = self->jobs->pdata[i];

      for (guint k = 0; k < job->documents->len; k++)
        {
          FluoIngestDocument *document = &g_array_index (job->documents, FluoIngestDocument, k);
          gsize length;
          const char *text = g_bytes_get_data (document->body, &length);

          refuse (self, reason, text, length, problem);
        }
      n += job->documents->len;
      fluo_write_job_free (job);
    }
  return n;
}

/* All of them, or as many as there is room for: what was written already is recognized when the
 * exporter sends the request again. */
static void
submit_jobs (Request *self)
{
  for (guint i = 0; i < self->jobs->len; i++)
    {
      FluoWriteJob *job = self->jobs->pdata[i];

      job->urgent = i + 1 == self->jobs->len;
      g_mutex_lock (&self->shared.lock);
      self->shared.n_waiting++;
      g_mutex_unlock (&self->shared.lock);
      if (fluo_writer_submit (self->intake->writer, job))
        continue;
      /* The writer has counted the first of those that are left. */
      fluo_write_job_free (job);
      drop_jobs (self, i + 1, FLUO_REFUSED_QUEUE_FULL, NULL);
      fail (self, FLUO_OTLP_CODE_UNAVAILABLE,
            "more spans at once than can be written; try again");
      finish_part (self);
      return;
    }
}

static void
read_spans (const FluoOtlpIntake *intake, GBytes *body, FluoOtlpFormat format, guint16 port,
            FluoOtlpDoneFunc done, gpointer data)
{
  static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };
  Request *self = g_new0 (Request, 1);
  g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  gboolean whole;

  self->intake = intake;
  self->origin = (FluoOrigin) { FLUO_ORIGIN_OTLP, port };
  self->done = done;
  self->data = data;
  self->jobs = jobs;
  self->shared.n_waiting = 1;
  g_mutex_init (&self->shared.lock);
  self->mapper = fluo_otlp_mapper_new (intake->index_all, emit, self);
  whole = format == FLUO_OTLP_PROTOBUF ? fluo_otlp_decode_protobuf (body, &visitor, self, &error)
                                       : fluo_otlp_decode_json (body, &visitor, self, &error);
  g_clear_pointer (&self->mapper, fluo_otlp_mapper_free);
  if (whole)
    submit_jobs (self);
  else
    {
      /* What came before the flaw was read; a request without any counts as one document. */
      if (drop_jobs (self, 0, FLUO_REFUSED_REQUEST, error->message) == 0)
        {
          gsize length;
          const char *text = g_bytes_get_data (body, &length);

          refuse (self, FLUO_SEGMENT_ERROR_PARSE, text, length, error->message);
        }
      fail (self, FLUO_OTLP_CODE_INVALID_ARGUMENT, error->message);
    }
  finish_part (self);
}

void
fluo_otlp_intake_take (const FluoOtlpIntake *self, GBytes *body, gboolean gzip,
                       FluoOtlpFormat format, guint16 port, FluoOtlpDoneFunc done, gpointer data)
{
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GError) error = NULL;

  plain = gzip ? fluo_otlp_gunzip (body, FLUO_OTLP_BODY_MAX, &error) : g_bytes_ref (body);
  g_bytes_unref (body);
  if (plain)
    read_spans (self, plain, format, port, done, data);
  else
    {
      gboolean large = g_error_matches (error, FLUO_OTLP_ERROR, FLUO_OTLP_ERROR_TOO_LARGE);
      FluoOtlpResult result = { large ? FLUO_OTLP_CODE_RESOURCE_EXHAUSTED
                                      : FLUO_OTLP_CODE_INVALID_ARGUMENT,
                                0, error->message };

      fluo_otlp_intake_count_unread (self, port, error->message);
      done (data, &result);
    }
}

void
fluo_otlp_intake_count_unread (const FluoOtlpIntake *self, guint16 port, const char *problem)
{
  FluoLoss loss = { .origin = { FLUO_ORIGIN_OTLP, port }, .problem = problem };

  fluo_counters_refuse_one (self->counters, FLUO_REFUSED_REQUEST, &loss);
}

/* --- Compression -------------------------------------------------------- */

static GBytes *
refuse_gzip (int code, const char *message, GError **error)
{
  g_set_error_literal (error, FLUO_OTLP_ERROR, code, message);
  return NULL;
}

GBytes *
fluo_otlp_gunzip (GBytes *body, gsize size_max, GError **error)
{
  g_autoptr (GConverter) converter =
    G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize length, at = 0;
  const guint8 *data = g_bytes_get_data (body, &length);
  GConverterResult result = G_CONVERTER_CONVERTED;

  while (result != G_CONVERTER_FINISHED)
    {
      guint8 piece[16384];
      gsize n_read = 0, n_written = 0;

      result = g_converter_convert (converter, data + at, length - at, piece, sizeof piece,
                                    G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
      if (result == G_CONVERTER_ERROR || length == 0)
        return refuse_gzip (FLUO_OTLP_ERROR_MALFORMED, "the body is not whole gzip data", error);
      at += n_read;
      g_byte_array_append (out, piece, (guint) n_written);
      if (out->len > size_max)
        return refuse_gzip (FLUO_OTLP_ERROR_TOO_LARGE,
                            "the body is too large when it is decompressed", error);
      if (out->len > RATIO_FREE_BYTES && out->len / RATIO_MAX > length)
        return refuse_gzip (FLUO_OTLP_ERROR_TOO_LARGE,
                            "the body grows too much when it is decompressed", error);
    }
  if (at != length)
    return refuse_gzip (FLUO_OTLP_ERROR_MALFORMED, "something follows the gzip data", error);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* --- Answers ------------------------------------------------------------ */

static GBytes *
to_protobuf (const FluoOtlpResult *result)
{
  Fluo__Otlp__ExportTraceServiceResponse response =
    FLUO__OTLP__EXPORT_TRACE_SERVICE_RESPONSE__INIT;
  Fluo__Otlp__ExportTracePartialSuccess partial = FLUO__OTLP__EXPORT_TRACE_PARTIAL_SUCCESS__INIT;
  Fluo__Otlp__ErrorStatus status = FLUO__OTLP__ERROR_STATUS__INIT;
  ProtobufCMessage *message = &response.base;
  guint8 *data;
  gsize length;

  if (result->code != FLUO_OTLP_CODE_OK)
    {
      status.code = (int) result->code;
      status.message = result->message ? result->message : (char *) "";
      message = &status.base;
    }
  else if (result->n_rejected > 0)
    {
      partial.rejected_spans = (gint64) result->n_rejected;
      partial.error_message = result->message ? result->message : (char *) "";
      response.partial_success = &partial;
    }
  length = protobuf_c_message_get_packed_size (message);
  data = g_malloc (length + 1);
  protobuf_c_message_pack (message, data);
  return g_bytes_new_take (data, length);
}

GBytes *
fluo_otlp_result_to_body (const FluoOtlpResult *result, FluoOtlpFormat format)
{
  GString *out;
  FluoJsonWriter writer;

  if (format == FLUO_OTLP_PROTOBUF)
    return to_protobuf (result);
  out = g_string_new (NULL);
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  if (result->code != FLUO_OTLP_CODE_OK)
    {
      fluo_json_writer_key (&writer, "code");
      fluo_json_writer_int (&writer, result->code);
      fluo_json_writer_key (&writer, "message");
      fluo_json_writer_string (&writer, result->message ? result->message : "");
    }
  else if (result->n_rejected > 0)
    {
      fluo_json_writer_key (&writer, "partialSuccess");
      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "rejectedSpans");
      g_string_append_printf (out, "\"%" G_GUINT64_FORMAT "\"", result->n_rejected);
      writer.comma = TRUE;
      fluo_json_writer_key (&writer, "errorMessage");
      fluo_json_writer_string (&writer, result->message ? result->message : "");
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, '}');
  return g_string_free_to_bytes (out);
}
