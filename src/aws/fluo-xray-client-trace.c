/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

#define TRACES_PER_CALL 5 /* of BatchGetTraces; more linked traces are not fetched */
#define LINKS_PATH "/fluoroscope/v1/links?trace="

/* BatchGetTraces: the trace itself, then the traces that its segments link to, and those that link
 * to it. Only fluoroscoped knows the latter. */

typedef struct
{
  FluoTraceId id;
  GArray     *documents; /* FluoXrayDocument, of the trace */
  GArray     *linked;    /* FluoXrayDocument, or NULL */
  gboolean    from_vault;
  GError     *error;     /* of the service, while the vault is asked */
  FluoTrace  *alone;     /* without its linked traces, while those are looked for */
} Fetch;

static void
document_clear (gpointer data)
{
  g_bytes_unref (((FluoXrayDocument *) data)->text);
}

GArray *
fluo_xray_documents_new (void)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (FluoXrayDocument));

  g_array_set_clear_func (array, document_clear);
  return array;
}

void
fluo_xray_documents_free (gpointer data)
{
  g_array_unref (data);
}

static void
fetch_free (gpointer data)
{
  Fetch *self = data;

  g_clear_pointer (&self->documents, g_array_unref);
  g_clear_pointer (&self->linked, g_array_unref);
  g_clear_pointer (&self->alone, fluo_trace_unref);
  g_clear_error (&self->error);
  g_free (self);
}

char *
fluo_xray_trace_ids_params (const FluoTraceId *ids, guint n)
{
  GString *params = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceIds");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < n; i++)
    {
      char text[FLUO_TRACE_ID_XRAY_LEN + 1];

      fluo_trace_id_format_xray (&ids[i], text);
      fluo_json_writer_string (&writer, text);
    }
  fluo_json_writer_end (&writer, ']');
  return g_string_free (params, FALSE);
}

/* Documents are JSON inside a JSON string; as an object they are taken too. */
static GBytes *
take_document (const FluoJsonTape *tape, guint32 node)
{
  char *text = fluo_json_tape_dup (tape, node);
  const char *raw;
  gsize length;

  if (text)
    return g_bytes_new_take (text, strlen (text));
  if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
    return NULL;
  raw = fluo_json_tape_raw (tape, node, &length);
  return g_bytes_new (raw, length);
}

static void
read_trace (GArray *documents, const FluoJsonTape *tape, guint32 trace, const char *list)
{
  g_autofree char *id = fluo_json_tape_dup_member (tape, trace, "Id");
  guint32 segments = fluo_json_tape_get (tape, trace, list);
  FluoXrayDocument document;

  if (!id || !fluo_trace_id_parse (id, -1, &document.trace_id)
      || fluo_json_tape_type (tape, segments) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, segments); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, segments, node))
    {
      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      document.text = take_document (tape, fluo_json_tape_get (tape, node, "Document"));
      if (document.text)
        g_array_append_val (documents, document);
    }
}

void
fluo_xray_documents_read (GArray *documents, const FluoJsonTape *tape, const char *list)
{
  guint32 traces = fluo_json_tape_get (tape, 0, "Traces");

  if (fluo_json_tape_type (tape, traces) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, traces); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, traces, node))
    if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
      read_trace (documents, tape, node, list);
}

/* [worker] */
static gboolean
read_traces (const FluoJsonTape *tape, gpointer state, GError **error)
{
  fluo_xray_documents_read (state, tape, "Segments");
  return TRUE;
}

/* [worker] A document that the builder refuses is left out; the others still make a trace. */
static void
build_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Fetch *self = task_data;
  FluoTraceBuilder *builder = fluo_trace_builder_new (&self->id);
  FluoTrace *trace;

  for (guint i = 0; i < self->documents->len; i++)
    {
      const FluoXrayDocument *document =
        &g_array_index (self->documents, FluoXrayDocument, i);

      if (fluo_trace_id_equal (&document->trace_id, &self->id))
        fluo_trace_builder_add (builder, document->text, NULL);
    }
  for (guint i = 0; self->linked && i < self->linked->len; i++)
    {
      const FluoXrayDocument *document =
        &g_array_index (self->linked, FluoXrayDocument, i);

      if (!fluo_trace_id_equal (&document->trace_id, &self->id))
        fluo_trace_builder_add_linked (builder, document->text, NULL);
    }
  trace = fluo_trace_builder_end (builder, 0);
  if (trace)
    g_task_return_pointer (task, trace, (GDestroyNotify) fluo_trace_unref);
  else
    g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                             _("the trace has no readable segment document"));
}

static void
build (GTask *task, Fetch *fetch, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) worker = g_task_new (NULL, g_task_get_cancellable (task), callback, task);
  Fetch *copy = g_new0 (Fetch, 1);

  /* The worker may outlive a cancelled task, so it has references of its own. */
  copy->id = fetch->id;
  copy->documents = g_array_ref (fetch->documents);
  copy->linked = fetch->linked ? g_array_ref (fetch->linked) : NULL;
  g_task_set_source_tag (worker, build);
  g_task_set_task_data (worker, copy, fetch_free);
  g_task_set_return_on_cancel (worker, TRUE);
  g_task_run_in_thread (worker, build_thread);
}

/* Traces to fetch with another, each once. */
typedef struct
{
  FluoTraceId ids[TRACES_PER_CALL];
  guint       n;
} Linked;

static void
linked_add (Linked *self, const FluoTraceId *id, FluoTrace *trace, guint n_max)
{
  gboolean known = fluo_trace_id_equal (id, fluo_trace_get_id (trace));

  for (guint i = 0; i < self->n && !known; i++)
    known = fluo_trace_id_equal (id, &self->ids[i]);
  if (!known && self->n < n_max)
    self->ids[self->n++] = *id;
}

/* The other traces that @trace names. */
static void
collect_links (Linked *self, FluoTrace *trace, guint n_max)
{
  guint n_links;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n_links);

  for (guint i = 0; i < n_links; i++)
    linked_add (self, &links[i].trace_id, trace, n_max);
}

/* Those that name it, out of the collector's answer. */
static void
collect_consumers (Linked *self, FluoTrace *trace, const FluoJsonTape *tape)
{
  guint32 list = fluo_json_tape_get (tape, 0, "LinkedFrom");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, node);
      FluoTraceId id;

      if (text && fluo_trace_id_parse (text, -1, &id))
        linked_add (self, &id, trace, TRACES_PER_CALL);
    }
}

/* Hands what came to whoever keeps it, trace by trace. */
static void
keep (FluoXrayClient *self, GArray *documents)
{
  for (guint i = 0; self->keep && i < documents->len;)
    {
      const FluoTraceId id = g_array_index (documents, FluoXrayDocument, i).trace_id;
      g_autoptr (GPtrArray) one = g_ptr_array_new ();

      /* Documents of a trace come together. */
      for (; i < documents->len; i++)
        {
          const FluoXrayDocument *document = &g_array_index (documents, FluoXrayDocument, i);

          if (!fluo_trace_id_equal (&document->trace_id, &id))
            break;
          g_ptr_array_add (one, document->text);
        }
      self->keep (&id, one, self->keep_data);
    }
}

static void
rebuilt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoTrace *trace = g_task_propagate_pointer (G_TASK (result), &error);

  if (trace)
    g_task_return_pointer (task, trace, (GDestroyNotify) fluo_trace_unref);
  else
    g_task_return_error (task, error);
}

/* Without its linked traces a trace is still worth showing: only cancelling is a
 * failure here. */
static void
linked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  fetch->linked = fluo_xray_pages_finish (FLUO_XRAY_CLIENT (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  if (fetch->linked)
    keep (FLUO_XRAY_CLIENT (source), fetch->linked);
  build (task, fetch, rebuilt_cb);
}

/* Takes the reference on @task. */
static void
fetch_linked (GTask *task, const Linked *linked)
{
  Fetch *fetch = g_task_get_task_data (task);
  g_autofree char *params = NULL;

  if (linked->n == 0)
    {
      g_task_return_pointer (task, g_steal_pointer (&fetch->alone),
                             (GDestroyNotify) fluo_trace_unref);
      g_object_unref (task);
      return;
    }
  params = fluo_xray_trace_ids_params (linked->ids, linked->n);
  g_clear_pointer (&fetch->alone, fluo_trace_unref);
  fluo_xray_pages_async (g_task_get_source_object (task), FLUO_XRAY_TRACES_PATH, params,
                         read_traces, NULL,
                         fluo_xray_documents_new (), fluo_xray_documents_free,
                         g_task_get_cancellable (task), linked_cb, task);
}

/* Others than fluoroscoped don't know who links to a trace: then it goes without them. */
static void
consumers_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);
  Linked linked = { .n = 0 };

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  if (tape)
    {
      /* Neither side may take all the room. */
      collect_links (&linked, fetch->alone, TRACES_PER_CALL - 2);
      collect_consumers (&linked, fetch->alone, tape);
    }
  collect_links (&linked, fetch->alone, TRACES_PER_CALL);
  fetch_linked (task, &linked);
}

static void
built_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;

  fetch->alone = g_task_propagate_pointer (G_TASK (result), &error);
  if (!fetch->alone)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else if (!self->is_aws)
    {
      char id[FLUO_TRACE_ID_XRAY_LEN + 1];
      g_autofree char *path = NULL;

      fluo_trace_id_format_xray (&fetch->id, id);
      path = g_strconcat (LINKS_PATH, id, NULL);
      fluo_xray_client_call_async (self, path, NULL, g_task_get_cancellable (task), consumers_cb,
                                   task);
    }
  else
    {
      Linked linked = { .n = 0 };

      collect_links (&linked, fetch->alone, TRACES_PER_CALL);
      fetch_linked (task, &linked);
    }
}

static void
vault_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) vault_error = NULL;
  FluoTrace *trace =
    fluo_xray_client_get_trace_finish (FLUO_XRAY_CLIENT (source), result, &vault_error);

  if (trace)
    {
      fetch->from_vault = TRUE;
      g_task_return_pointer (task, trace, (GDestroyNotify) fluo_trace_unref);
    }
  else if (g_error_matches (vault_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&vault_error));
  else
    g_task_return_error (task, g_steal_pointer (&fetch->error));
}

/* Takes the reference on @task. What the vault has is worth more than an error, which is told when
 * it has nothing. */
static void
fail (GTask *task, GError *error)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);

  if (self->vault && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      fetch->error = error;
      fluo_xray_client_get_trace_async (self->vault, &fetch->id, g_task_get_cancellable (task),
                                        vault_cb, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static GError *
not_there (const Fetch *fetch, const char *where)
{
  g_autofree char *id = fluo_trace_id_to_string (&fetch->id);

  return g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                      _("trace \"%s\" is not there%s; it may have been deleted or never recorded"),
                      id, where);
}

static void
retrieved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;
  GArray *documents = fluo_xray_client_retrieve_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (documents)
    {
      g_array_unref (fetch->documents);
      fetch->documents = documents;
      keep (FLUO_XRAY_CLIENT (source), documents);
    }
  if (!documents)
    g_prefix_error (&error, _("the trace is not among the indexed ones, and "));
  else if (documents->len == 0)
    error = not_there (fetch, _(", nor among the spans of Transaction Search"));
  if (error)
    fail (task, error);
  else
    build (task, fetch, built_cb);
}

/* With Transaction Search only a share of the traces is found the usual way. */
static void
destination_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  Fetch *fetch = g_task_get_task_data (task);
  FluoDestination destination;
  GError *error = NULL;

  if (!fluo_xray_client_read_destination_finish (self, result, &destination, &error))
    fail (task, error);
  else if (destination != FLUO_DESTINATION_LOGS)
    fail (task, not_there (fetch, ""));
  else
    fluo_xray_client_retrieve_async (
      self, &fetch->id, 1,
      fluo_xray_retrieval_span (&fetch->id, self->clock (self->seam_data) * FLUO_NSEC_PER_SEC),
      g_task_get_cancellable (task), retrieved_cb, task);
}

static void
documents_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;

  fetch->documents = fluo_xray_pages_finish (self, result, &error);
  if (fetch->documents)
    keep (self, fetch->documents);
  if (error)
    fail (task, error);
  else if (fetch->documents->len == 0)
    fluo_xray_client_read_destination_async (self, g_task_get_cancellable (task), destination_cb,
                                             task);
  else
    build (task, fetch, built_cb);
}

void
fluo_xray_client_get_trace_async (FluoXrayClient *self, const FluoTraceId *id,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autofree char *params = NULL;
  Fetch *fetch;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (id != NULL);

  fetch = g_new0 (Fetch, 1);
  fetch->id = *id;
  params = fluo_xray_trace_ids_params (id, 1);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_trace_async);
  g_task_set_task_data (task, fetch, fetch_free);
  fluo_xray_pages_async (self, FLUO_XRAY_TRACES_PATH, params,
                         read_traces, NULL, fluo_xray_documents_new (),
                         fluo_xray_documents_free, cancellable, documents_cb, task);
}

FluoTrace *
fluo_xray_client_get_trace_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_trace_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
fluo_xray_client_trace_is_from_vault (GAsyncResult *result)
{
  const Fetch *fetch;

  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_trace_async), FALSE);

  fetch = g_task_get_task_data (G_TASK (result));
  return fetch->from_vault;
}
