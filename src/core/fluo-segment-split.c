/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-segment-split.h"

#include <string.h>

#include "fluo-json.h"

/* One object that is still to be written: the segment, or a subsegment that goes apart. */
typedef struct
{
  guint32 node;
  guint32 parent; /* FLUO_JSON_NONE for the segment */
} Pending;

typedef struct
{
  const FluoJsonTape *tape;
  char                trace_id[FLUO_TRACE_ID_XRAY_LEN + 1];
  gsize               size_max;
  GArray             *pending; /* Pending */
} Split;

static gboolean
is_written_anew (const char *key, gboolean apart)
{
  return strcmp (key, "subsegments") == 0 || strcmp (key, "trace_id") == 0
         || (apart && (strcmp (key, "type") == 0 || strcmp (key, "parent_id") == 0));
}

static void
write_raw (FluoJsonWriter *writer, const FluoJsonTape *tape, guint32 node)
{
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, node, &length);

  fluo_json_writer_raw (writer, raw, length);
}

/* All members but the subsegments, and what makes it stand alone. */
static void
write_members (Split *self, FluoJsonWriter *writer, const Pending *item)
{
  const gboolean apart = item->parent != FLUO_JSON_NONE;

  fluo_json_writer_key (writer, "trace_id");
  fluo_json_writer_string (writer, self->trace_id);
  if (apart)
    {
      const guint32 parent_id = fluo_json_tape_get (self->tape, item->parent, "id");

      fluo_json_writer_key (writer, "type");
      fluo_json_writer_string (writer, "subsegment");
      if (parent_id != FLUO_JSON_NONE)
        {
          fluo_json_writer_key (writer, "parent_id");
          write_raw (writer, self->tape, parent_id);
        }
    }
  for (guint32 value = fluo_json_tape_first (self->tape, item->node); value != FLUO_JSON_NONE;
       value = fluo_json_tape_next (self->tape, item->node, value))
    {
      g_autofree char *key = fluo_json_tape_dup_key (self->tape, value);

      if (is_written_anew (key, apart))
        continue;
      fluo_json_writer_key (writer, key);
      write_raw (writer, self->tape, value);
    }
}

/* Those that fit stay where they are; the others wait for their turn. */
static void
write_subsegments (Split *self, FluoJsonWriter *writer, const Pending *item, GString *out)
{
  const guint32 list = fluo_json_tape_get (self->tape, item->node, "subsegments");
  gsize room = out->len < self->size_max ? self->size_max - out->len : 0;
  gboolean any = FALSE;

  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  room -= MIN (room, strlen (",\"subsegments\":[]}"));
  for (guint32 node = fluo_json_tape_first (self->tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (self->tape, list, node))
    {
      gsize length;

      fluo_json_tape_raw (self->tape, node, &length);
      if (fluo_json_tape_type (self->tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      if (length + 1 > room)
        {
          const Pending apart = { node, item->node };

          g_array_append_val (self->pending, apart);
          continue;
        }
      if (!any)
        {
          fluo_json_writer_key (writer, "subsegments");
          fluo_json_writer_begin (writer, '[');
          any = TRUE;
        }
      write_raw (writer, self->tape, node);
      room -= length + 1;
    }
  if (any)
    fluo_json_writer_end (writer, ']');
}

GPtrArray *
fluo_segment_split (GBytes *document, const FluoTraceId *trace_id, gsize size_max)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (document, NULL);
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  const Pending whole = { 0, FLUO_JSON_NONE };
  Split self = { .tape = tape, .size_max = size_max, .pending = pending };

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    return out;
  fluo_trace_id_format_xray (trace_id, self.trace_id);
  g_array_append_val (pending, whole);
  for (guint i = 0; i < pending->len; i++)
    {
      const Pending item = g_array_index (pending, Pending, i);
      GString *text = g_string_new (NULL);
      FluoJsonWriter writer;

      fluo_json_writer_init (&writer, text);
      fluo_json_writer_begin (&writer, '{');
      write_members (&self, &writer, &item);
      write_subsegments (&self, &writer, &item, text);
      fluo_json_writer_end (&writer, '}');
      g_ptr_array_add (out, g_string_free_to_bytes (text));
    }
  return out;
}
