/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-trace-documents.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-json.h"
#include "fluo-trace-builder-private.h"

/* Lines of the daemon's format are no longer than this; documents never are so short. */
#define HEADER_MAX 80

/* A large list is read by several threads, each from a document on that stands near the beginning
 * of its part. More threads would wait for the one that puts together what they found. */
#define N_PARTS_USUAL 4
#define N_PARTS_MAX 16
#define PART_MIN (256 * 1024)
/* So far, and at so many places, such a document is looked for. */
#define LOOK_MAX (256 * 1024)
#define N_LOOKS_MAX 32

/* The shape of a text of many documents. */
typedef enum
{
  SHAPE_ARRAY,
  SHAPE_LINES
} Shape;

typedef struct
{
  GBytes          *bytes;      /* the file */
  const char      *text;
  gsize            length;
  FluoSegmentScan  scan;       /* reused */
  GHashTable      *builders;   /* FluoTraceId → FluoTraceBuilder, borrowed from @order */
  GPtrArray       *order;      /* FluoTraceBuilder; first seen first */
  FluoTraceId      last_id;    /* of the document before; most files hold one trace */
  FluoTraceBuilder *last;
  guint            traces_max;
  guint            n_parts;    /* in which lists are read */
  guint            refused;
  GError          *first_error;
  /* Where it has got to in a list: on the first byte of a document, until that is @done. */
  Shape            shape;
  gsize            at;
  gboolean         done;
  /* Of a reader of a part. */
  gboolean         is_part;
  gboolean         full;       /* stopped before a trace that is one too many */
  gsize            begin;
  gsize            stop;       /* where the next part begins */
} Reader;

static void
reader_init (Reader *self, GBytes *bytes, guint traces_max)
{
  memset (self, 0, sizeof *self);
  self->bytes = bytes;
  self->text = g_bytes_get_data (bytes, &self->length);
  fluo_segment_scan_init (&self->scan);
  self->builders = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
  self->order = g_ptr_array_new ();
  self->traces_max = traces_max;
}

static void
reader_clear (Reader *self)
{
  g_hash_table_unref (self->builders);
  for (guint i = 0; i < self->order->len; i++)
    fluo_trace_builder_free (g_ptr_array_index (self->order, i));
  g_ptr_array_unref (self->order);
  fluo_segment_scan_clear (&self->scan);
  g_clear_error (&self->first_error);
}

static void
refuse (Reader *self, GError *error)
{
  self->refused++;
  if (self->first_error || !error)
    g_clear_error (&error);
  else
    self->first_error = error;
}

static void
insert_builder (Reader *self, const FluoTraceId *id, FluoTraceBuilder *builder)
{
  g_hash_table_insert (self->builders, g_memdup2 (id, sizeof *id), builder);
  g_ptr_array_add (self->order, builder);
}

/* NULL when there are traces enough. */
static FluoTraceBuilder *
builder_for (Reader *self, const FluoTraceId *id)
{
  FluoTraceBuilder *builder;

  if (self->last && fluo_trace_id_equal (&self->last_id, id))
    return self->last;
  builder = g_hash_table_lookup (self->builders, id);
  if (!builder)
    {
      if (self->order->len >= self->traces_max)
        return NULL;
      builder = fluo_trace_builder_new (id);
      insert_builder (self, id, builder);
    }
  self->last_id = *id;
  self->last = builder;
  return builder;
}

/* The document that was just scanned. @id: the trace that it stands under, for those that do not
 * say; NULL = they must. */
static void
take (Reader *self, GBytes *bytes, gsize offset, gsize length, const FluoTraceId *id)
{
  const FluoSegmentRecord *record;
  FluoTraceBuilder *builder;
  GError *error = NULL;

  record = &g_array_index (self->scan.records, FluoSegmentRecord, 0);
  if (record->has_trace_id == FLUO_FIELD_VALID)
    id = &self->scan.trace_id;
  if (!id)
    {
      g_set_error_literal (&error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_MISSING_TRACE_ID,
                           "\"trace_id\" is missing");
      refuse (self, error);
      return;
    }
  builder = builder_for (self, id);
  self->full = !builder;
  if (builder && !fluo_builder_add_scanned (builder, bytes, offset, length, &self->scan, &error))
    refuse (self, error);
}

static void
add (Reader *self, GBytes *bytes, gsize offset, gsize length, const FluoTraceId *id)
{
  const char *text = (const char *) g_bytes_get_data (bytes, NULL) + offset;
  GError *error = NULL;

  if (fluo_segment_scan (&self->scan, text, length, FLUO_SEGMENT_SCAN_ASSEMBLED, &error))
    take (self, bytes, offset, length, id);
  else
    refuse (self, error);
}

static gsize
skip_space (const Reader *self, gsize at)
{
  while (at < self->length && strchr (" \t\r\n", self->text[at]) && self->text[at])
    at++;
  return at;
}

/* The closing quote of a string whose first byte is at @at, or the text's length. */
static gsize
string_end (const Reader *self, gsize at)
{
  const char *text = self->text;

  for (gsize i = at; i < self->length; i++)
    {
      const char *quote = memchr (text + i, '"', self->length - i);
      gsize slashes = 0;

      if (!quote)
        break;
      i = (gsize) (quote - text);
      while (i - slashes > at && text[i - slashes - 1] == '\\')
        slashes++;
      if (slashes % 2 == 0)
        return i;
    }
  return self->length;
}

/* One past the object at @at, by its brackets alone: what is inside is judged when it is scanned.
 * The text's length when it does not end. */
static gsize
object_end (const Reader *self, gsize at)
{
  gsize depth = 0;

  for (gsize i = at; i < self->length; i++)
    switch (self->text[i])
      {
      case '{':
        depth++;
        break;
      case '}':
        if (--depth == 0)
          return i + 1;
        break;
      case '"':
        i = string_end (self, i + 1);
        break;
      default:
        break;
      }
  return self->length;
}

static void
refuse_shape (Reader *self)
{
  refuse (self, g_error_new_literal (FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_PARSE,
                                     "the list of documents is not JSON, or ends too early"));
}

/* --- Lists of documents ------------------------------------------------------ */

/* The document at @at; what follows it in the array is looked at. */
static void
read_element (Reader *self)
{
  GError *error = NULL;
  gsize length, at;

  if (fluo_segment_scan_prefix (&self->scan, self->text + self->at, self->length - self->at,
                                &length, &error))
    take (self, self->bytes, self->at, length, NULL);
  else
    {
      refuse (self, error);
      length = object_end (self, self->at) - self->at;
    }
  if (self->is_part && self->full)
    return;
  at = skip_space (self, self->at + length);
  if (at < self->length && self->text[at] == ',')
    {
      self->at = skip_space (self, at + 1);
      if (self->at < self->length && self->text[self->at] == '{')
        return;
    }
  else if (at < self->length && self->text[at] == ']' &&
           skip_space (self, at + 1) == self->length)
    {
      self->done = TRUE;
      return;
    }
  refuse_shape (self);
  self->done = TRUE;
}

static void
read_line (Reader *self)
{
  const char *line = self->text + self->at, *end = memchr (line, '\n', self->length - self->at);
  gsize length = end ? (gsize) (end - line) : self->length - self->at;

  if (length > 1 && !(length < HEADER_MAX && g_strstr_len (line, (gssize) length, "\"format\"")))
    add (self, self->bytes, self->at, length, NULL);
  if (self->is_part && self->full)
    return;
  self->at += length + 1;
  self->done = self->at >= self->length;
}

/* Up to @stop, or to the first document behind it. */
static void
walk (Reader *self, gsize stop)
{
  while (!self->done && self->at < stop && !(self->is_part && self->full))
    if (self->shape == SHAPE_ARRAY)
      read_element (self);
    else
      read_line (self);
}

/* A place behind @at where a document begins, or the text's length. In an array that is only
 * likely: it could be inside a string. Objects that are no documents of their own, such as
 * subsegments, are passed over. */
static gsize
look_for_document (Reader *self, gsize at)
{
  const gsize stop = MIN (at + LOOK_MAX, self->length);
  const char sign = self->shape == SHAPE_ARRAY ? ',' : '\n', *found;
  gsize length;
  guint n = 0;

  while (at < stop && n < N_LOOKS_MAX && (found = memchr (self->text + at, sign, stop - at)))
    {
      at = (gsize) (found - self->text) + 1;
      if (self->shape == SHAPE_LINES)
        return at;
      at = skip_space (self, at);
      if (at >= stop || self->text[at] != '{')
        continue;
      if (!fluo_segment_scan_prefix (&self->scan, self->text + at, stop - at, &length, NULL))
        {
          n++;
          continue;
        }
      if (g_array_index (self->scan.records, FluoSegmentRecord, 0).has_trace_id ==
          FLUO_FIELD_VALID)
        return at;
      at += length;
    }
  return self->length;
}

/* What @part found is as if it had been found here. */
static void
join (Reader *self, Reader *part)
{
  for (guint i = 0; i < part->order->len; i++)
    {
      FluoTraceBuilder *found = g_ptr_array_index (part->order, i), *here;
      const FluoTraceId *id = &found->id;

      here = g_hash_table_lookup (self->builders, id);
      if (here)
        fluo_builder_join (here, found);
      else if (self->order->len < self->traces_max)
        insert_builder (self, id, found);
      else
        fluo_trace_builder_free (found);
    }
  g_ptr_array_set_size (part->order, 0);
  self->refused += part->refused;
  if (!self->first_error)
    self->first_error = g_steal_pointer (&part->first_error);
  self->at = part->at;
  self->done = part->done;
}

static gpointer
part_thread (gpointer data)
{
  Reader *self = data;

  walk (self, self->stop);
  return NULL;
}

/* A list whose first document is at @at. The parts are found from what the text looks like; a part
 * counts only when reading what is before it ends exactly where it begins, so that the outcome is
 * that of reading from one end to the other. */
static void
add_list (Reader *self, Shape shape, gsize at)
{
  Reader parts[N_PARTS_MAX - 1];
  GThread *threads[N_PARTS_MAX - 1];
  gsize size = self->length - at;
  guint n = self->n_parts - 1;

  self->shape = shape;
  self->at = at;
  self->done = at >= self->length;
  for (guint i = 0; i < n; i++)
    {
      Reader *part = &parts[i];

      reader_init (part, self->bytes, self->traces_max);
      part->shape = shape;
      part->is_part = TRUE;
      part->at = part->begin = look_for_document (self, at + size / (n + 1) * (i + 1));
      part->done = part->at >= self->length;
    }
  for (guint i = 0; i < n; i++)
    {
      parts[i].stop = i + 1 < n ? parts[i + 1].begin : self->length;
      threads[i] = g_thread_try_new ("documents", part_thread, &parts[i], NULL);
    }
  for (guint i = 0; i < n; i++)
    {
      walk (self, parts[i].begin);
      if (threads[i])
        g_thread_join (threads[i]);
      if (!self->done && self->at == parts[i].begin)
        join (self, &parts[i]);
      reader_clear (&parts[i]);
    }
  walk (self, self->length);
}

static void
add_array (Reader *self, gsize at)
{
  at = skip_space (self, at + 1);
  if (at < self->length && self->text[at] == ']')
    return;
  if (at < self->length && self->text[at] == '{')
    add_list (self, SHAPE_ARRAY, at);
  else
    refuse_shape (self);
}

/* One trace of BatchGetTraces: its documents are JSON in strings. */
static void
add_trace (Reader *self, const FluoJsonTape *tape, guint32 trace)
{
  guint32 segments = fluo_json_tape_get (tape, trace, "Segments");
  g_autofree char *id_text = fluo_json_tape_dup_member (tape, trace, "Id");
  FluoTraceId id;
  gboolean has_id = id_text && fluo_trace_id_parse (id_text, -1, &id);

  if (fluo_json_tape_type (tape, segments) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 segment = fluo_json_tape_first (tape, segments); segment != FLUO_JSON_NONE;
       segment = fluo_json_tape_next (tape, segments, segment))
    {
      char *text = fluo_json_tape_dup_member (tape, segment, "Document");
      g_autoptr (GBytes) document = NULL;
      gsize length;

      if (!text)
        continue;
      length = strlen (text);
      document = g_bytes_new_take (text, length);
      add (self, document, 0, length, has_id ? &id : NULL);
    }
}

/* A whole file of one object is an answer with traces in it, one such trace, or a document. */
static void
add_object (Reader *self, gsize at, gsize end)
{
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 traces;

  bytes = g_bytes_new_from_bytes (self->bytes, at, end - at);
  tape = fluo_json_tape_new (bytes, NULL);
  traces = tape ? fluo_json_tape_get (tape, 0, "Traces") : FLUO_JSON_NONE;
  if (tape && fluo_json_tape_type (tape, traces) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 trace = fluo_json_tape_first (tape, traces); trace != FLUO_JSON_NONE;
         trace = fluo_json_tape_next (tape, traces, trace))
      add_trace (self, tape, trace);
  else if (tape && fluo_json_tape_type (tape, fluo_json_tape_get (tape, 0, "Segments")) ==
                     FLUO_JSON_ARRAY_BEGIN)
    add_trace (self, tape, 0);
  else
    add (self, self->bytes, at, end - at, NULL);
}

static GPtrArray *
reader_end (Reader *self, GError **error)
{
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_unref);

  for (guint i = 0; i < self->order->len; i++)
    {
      FluoTrace *trace = fluo_trace_builder_end (g_ptr_array_index (self->order, i), 0);

      if (trace)
        g_ptr_array_add (traces, trace);
    }
  g_ptr_array_set_size (self->order, 0);
  if (traces->len > 0)
    return g_steal_pointer (&traces);
  if (self->first_error)
    g_propagate_prefixed_error (error, g_steal_pointer (&self->first_error), "%s",
                                _("there is no trace in it: "));
  else
    g_set_error_literal (
      error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      _("there is no trace in it; expected segment documents or the output of BatchGetTraces"));
  return NULL;
}

GPtrArray *
fluo_trace_documents_parse (GBytes *bytes, guint traces_max, guint *ret_refused, GError **error)
{
  gsize n_parts;

  g_return_val_if_fail (bytes != NULL, NULL);

  n_parts = MIN (g_bytes_get_size (bytes) / PART_MIN,
                 MIN (g_get_num_processors (), N_PARTS_USUAL));
  return fluo_trace_documents_parse_in_parts (bytes, traces_max, MAX ((guint) n_parts, 1),
                                              ret_refused, error);
}

GPtrArray *
fluo_trace_documents_parse_in_parts (GBytes *bytes, guint traces_max, guint n_parts,
                                     guint *ret_refused, GError **error)
{
  Reader reader;
  GPtrArray *traces;
  gsize at, end;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (n_parts >= 1 && n_parts <= N_PARTS_MAX, NULL);

  reader_init (&reader, bytes, traces_max);
  reader.n_parts = n_parts;
  at = skip_space (&reader, 0);
  if (at < reader.length && reader.text[at] == '[')
    add_array (&reader, at);
  else if (at < reader.length && reader.text[at] == '{')
    {
      end = object_end (&reader, at);
      if (skip_space (&reader, end) == reader.length)
        add_object (&reader, at, end);
      else
        add_list (&reader, SHAPE_LINES, 0);
    }
  else
    add_list (&reader, SHAPE_LINES, 0);
  traces = reader_end (&reader, error);
  if (traces && ret_refused)
    *ret_refused = reader.refused;
  reader_clear (&reader);
  return traces;
}
