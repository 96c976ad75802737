/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-retrieval.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-xray-client-private.h"
#include "otlp/fluo-otlp-spans.h"

#define POLLS_MAX 240 /* two minutes; a retrieval that takes longer is stuck */
#define HOUR_NS (60 * FLUO_NSEC_PER_MIN)
#define DAY_NS (24 * HOUR_NS)
#define AGE_MAX_NS (30 * DAY_NS) /* an older time in an id is none */

/* --- Where the account's spans go ------------------------------------------------------------ */

FluoDestination
fluo_xray_client_get_destination (FluoXrayClient *self)
{
  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), FLUO_DESTINATION_UNKNOWN);

  return self->destination;
}

static void
destination_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (self, result, &error);
  g_autofree char *name = NULL;

  if (!tape && error->domain != FLUO_XRAY_ERROR)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!tape && g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->destination_known = TRUE;
  if (tape)
    name = fluo_json_tape_dup_member (tape, 0, "Destination");
  if (g_strcmp0 (name, "CloudWatchLogs") == 0)
    self->destination = FLUO_DESTINATION_LOGS;
  else if (g_strcmp0 (name, "XRay") == 0)
    self->destination = FLUO_DESTINATION_XRAY;
  g_task_return_int (task, self->destination);
}

void
fluo_xray_client_read_destination_async (FluoXrayClient *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_read_destination_async);
  if (self->destination_known)
    {
      g_task_return_int (task, self->destination);
      g_object_unref (task);
      return;
    }
  fluo_xray_client_call_async (self, "/GetTraceSegmentDestination", NULL, cancellable,
                               destination_cb, task);
}

gboolean
fluo_xray_client_read_destination_finish (FluoXrayClient *self, GAsyncResult *result,
                                          FluoDestination *ret_destination, GError **error)
{
  gssize destination;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  destination = g_task_propagate_int (G_TASK (result), error);
  if (destination < 0)
    return FALSE;
  *ret_destination = (FluoDestination) destination;
  return TRUE;
}

FluoTimeSpan
fluo_xray_retrieval_span (const FluoTraceId *id, gint64 now_ns)
{
  const gint64 time_s = ((gint64) id->bytes[0] << 24) | (id->bytes[1] << 16)
                        | (id->bytes[2] << 8) | id->bytes[3];
  const gint64 time_ns = time_s * FLUO_NSEC_PER_SEC;

  if (time_ns > now_ns + HOUR_NS || time_ns < now_ns - AGE_MAX_NS)
    return (FluoTimeSpan) { now_ns - 7 * DAY_NS, now_ns };
  /* A trace may go on for hours; clocks differ by minutes. */
  return (FluoTimeSpan) { time_ns - HOUR_NS, MIN (time_ns + 6 * HOUR_NS, now_ns + HOUR_NS) };
}

/* --- A retrieval ----------------------------------------------------------------------------- */

/* What one look at the job brings. Filled in a worker. */
typedef struct
{
  GArray *documents; /* FluoXrayDocument */
  char   *status;
} Look;

typedef struct
{
  char  *token;
  guint  n_polls;
} Retrieval;

static void look (GTask *task);

static void
look_free (gpointer data)
{
  Look *self = data;

  g_array_unref (self->documents);
  g_free (self->status);
  g_free (self);
}

static void
retrieval_free (gpointer data)
{
  Retrieval *self = data;

  g_free (self->token);
  g_free (self);
}

static char *
token_params (const Retrieval *retrieval)
{
  GString *params = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "RetrievalToken");
  fluo_json_writer_string (&writer, retrieval->token);
  return g_string_free (params, FALSE);
}

/* The job ends at the service, too; nobody waits for the answer. */
static void
fail (GTask *task, GError *error)
{
  const Retrieval *retrieval = g_task_get_task_data (task);

  if (retrieval->token)
    {
      g_autofree char *params = token_params (retrieval), *body = g_strconcat (params, "}", NULL);

      fluo_xray_client_call_async (g_task_get_source_object (task), "/CancelTraceRetrieval", body,
                                   NULL, NULL, NULL);
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* [worker] Puts the segment documents in the place of the spans from @first on. */
static void
spans_to_documents (GArray *documents, guint first)
{
  g_autoptr (GArray) spans = fluo_xray_documents_new ();

  for (guint i = first; i < documents->len; i++)
    {
      FluoXrayDocument span = g_array_index (documents, FluoXrayDocument, i);

      span.text = g_bytes_ref (span.text);
      g_array_append_val (spans, span);
    }
  g_array_set_size (documents, first);
  for (guint i = 0; i < spans->len; i++)
    {
      const FluoXrayDocument *span = &g_array_index (spans, FluoXrayDocument, i);
      g_autoptr (GPtrArray) one = g_ptr_array_new ();
      g_autoptr (GPtrArray) made = NULL;

      g_ptr_array_add (one, span->text);
      made = fluo_otlp_spans_to_documents (one, NULL);
      for (guint j = 0; j < made->len; j++)
        {
          FluoXrayDocument document = { span->trace_id, g_bytes_ref (made->pdata[j]) };

          g_array_append_val (documents, document);
        }
    }
}

/* [worker] */
static gboolean
read_look (const FluoJsonTape *tape, gpointer state, GError **error)
{
  Look *self = state;
  g_autofree char *format = fluo_json_tape_dup_member (tape, 0, "TraceFormat");
  const guint n_before = self->documents->len;

  g_free (self->status);
  self->status = fluo_json_tape_dup_member (tape, 0, "RetrievalStatus");
  fluo_xray_documents_read (self->documents, tape, "Spans");
  /* The service says which form it gives, whatever was asked for. */
  if (g_strcmp0 (format, "OTEL") == 0)
    spans_to_documents (self->documents, n_before);
  return TRUE;
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (fluo_aws_wait_finish (result, &error))
    look (task);
  else
    fail (task, error);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  Retrieval *retrieval = g_task_get_task_data (task);
  GError *error = NULL;
  Look *seen = fluo_xray_pages_finish (self, result, &error);

  if (!seen)
    {
      fail (task, error);
      return;
    }
  if (g_strcmp0 (seen->status, "COMPLETE") == 0)
    {
      g_task_return_pointer (task, g_steal_pointer (&seen->documents), fluo_xray_documents_free);
      seen->documents = fluo_xray_documents_new ();
      g_object_unref (task);
    }
  else if (g_strcmp0 (seen->status, "SCHEDULED") != 0 && g_strcmp0 (seen->status, "RUNNING") != 0)
    fail (task, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                                     _("X-Ray ended the retrieval from Transaction Search without "
                                       "a result; try again")));
  else if (++retrieval->n_polls >= POLLS_MAX)
    fail (task, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                                     _("X-Ray has not ended the retrieval from Transaction Search "
                                       "within two minutes; try again")));
  else
    fluo_aws_wait_async (self->poll_ms, g_task_get_cancellable (task), waited_cb, task);
  look_free (seen);
}

/* Takes the reference on @task. */
static void
look (GTask *task)
{
  g_autofree char *token = token_params (g_task_get_task_data (task));
  g_autofree char *params = g_strconcat (token, ",\"TraceFormat\":\"XRAY\"", NULL);
  Look *state = g_new0 (Look, 1);

  state->documents = fluo_xray_documents_new ();
  fluo_xray_pages_async (g_task_get_source_object (task), "/ListRetrievedTraces", params, read_look,
                         NULL, state, look_free, g_task_get_cancellable (task), looked_cb, task);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Retrieval *retrieval = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (tape)
    retrieval->token = fluo_json_tape_dup_member (tape, 0, "RetrievalToken");
  if (retrieval->token)
    look (task);
  else if (tape)
    fail (task, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                                     _("X-Ray began a retrieval without telling its token")));
  else
    fail (task, error);
}

void
fluo_xray_client_retrieve_async (FluoXrayClient *self, const FluoTraceId *ids, guint n,
                                 FluoTimeSpan span, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *ids_params = fluo_xray_trace_ids_params (ids, n);
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_xray_client_retrieve_async);
  g_task_set_task_data (task, g_new0 (Retrieval, 1), retrieval_free);
  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "StartTime");
  fluo_json_writer_seconds (&writer, span.begin_ns);
  fluo_json_writer_key (&writer, "EndTime");
  fluo_json_writer_seconds (&writer, span.end_ns);
  /* The ids' own brace goes, and the one that closes comes. */
  g_string_append_printf (body, ",%s}", ids_params + 1);
  fluo_xray_client_call_async (self, "/StartTraceRetrieval", body->str, cancellable, started_cb,
                               task);
}

GArray *
fluo_xray_client_retrieve_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
