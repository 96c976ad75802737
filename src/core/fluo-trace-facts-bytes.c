/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-trace-facts-columns.h"

/* A block as bytes. History of the format:
 *
 * 1  "FTF", version; little endian: u32 traces, u32 strings, u32 bytes of text, u64 check sum of
 * all that follows it; i64 earliest start; 16 bytes of id a trace; then columns; then the text,
 * strings with a NUL each, in the order of their numbers, the empty one first. A column is one byte
 * of width (0, 1, 2, 4 or 8) and that many bytes a row; width 0: all rows are 0. Columns of the
 * heads: start, end, response, flags, root, rows of each table; then of each table its members in
 * the order below. What is small by nature is stored small: times count from the trace's start, -1
 * and "none" are stored as 0 and what else there is as one more, and where runs follow each other
 * only their lengths are kept.
 *
 * 2  one table more, at the end: the traces that links name. Bytes of version 1 are read: there are
 * none.
 *
 * 3  entities have a column more, their last: the version of the service. Older bytes are read: no
 * version is known.
 *
 * Columns of one kind of value squeeze well, and widening them is as fast as copying. Nothing in
 * the bytes is believed: the check sum is right in a forged block as well. */

#define C4(table, type, member, check, other)                                                      \
  { table, G_STRUCT_OFFSET (type, member), 4, FLUO_COLUMN_##check, other, 0 }
#define C8(table, type, member, check)                                                             \
  { table, G_STRUCT_OFFSET (type, member), 8, FLUO_COLUMN_##check, 0, 0 }

/* A table's first column is at least a byte wide, so that bytes bound the number of rows. */
const FluoColumn fluo_facts_columns[] = {
  C4 (FLUO_FACTS_NODES, FluoFactsNode, name, NAME, 0),
  C4 (FLUO_FACTS_NODES, FluoFactsNode, type, STRING, 0),
  C4 (FLUO_FACTS_NODES, FluoFactsNode, account, STRING, 0),
  C4 (FLUO_FACTS_NODES, FluoFactsNode, flags, PLAIN, 0),
  C4 (FLUO_FACTS_NODES, FluoFactsNode, n_aliases, RUN, FLUO_FACTS_ALIASES),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, node, ROW, FLUO_FACTS_NODES),
  C8 (FLUO_FACTS_ENTITIES, FluoFactsEntity, end_ns, TIME),
  C8 (FLUO_FACTS_ENTITIES, FluoFactsEntity, response_ns, MORE),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, flags, PLAIN, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, http_status, PLAIN, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, url, STRING, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, method, STRING, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, user_agent, STRING, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, client_ip, STRING, 0),
  C4 (FLUO_FACTS_ENTITIES, FluoFactsEntity, n_annotations, RUN, FLUO_FACTS_ANNOTATIONS),
  { FLUO_FACTS_ENTITIES, G_STRUCT_OFFSET (FluoFactsEntity, version), 4, FLUO_COLUMN_STRING, 0, 3 },
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, source, ROW_MORE, FLUO_FACTS_ENTITIES),
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, destination, ROW, FLUO_FACTS_ENTITIES),
  C8 (FLUO_FACTS_EDGES, FluoFactsEdge, response_ns, MORE),
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, flags, PLAIN, 0),
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, http_status, PLAIN, 0),
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, url, STRING, 0),
  C4 (FLUO_FACTS_EDGES, FluoFactsEdge, method, STRING, 0),
  C4 (FLUO_FACTS_ANNOTATIONS, FluoFactsAnnotation, key, NAME, 0),
  C4 (FLUO_FACTS_ANNOTATIONS, FluoFactsAnnotation, value, STRING, 0),
  C4 (FLUO_FACTS_ANNOTATIONS, FluoFactsAnnotation, type, KIND, FLUO_VALUE_BOOLEAN + 1),
  C8 (FLUO_FACTS_ANNOTATIONS, FluoFactsAnnotation, number, PLAIN),
  { FLUO_FACTS_ALIASES, 0, 4, FLUO_COLUMN_NAME, 0, 0 },
  C4 (FLUO_FACTS_CAUSES, FluoFactsCause, n_services, RUN, FLUO_FACTS_CAUSE_SERVICES),
  C4 (FLUO_FACTS_CAUSES, FluoFactsCause, kind, KIND, FLUO_CAUSE_RESPONSE_TIME + 1),
  C4 (FLUO_FACTS_CAUSES, FluoFactsCause, client_impacting, KIND, 2),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, name, NAME, 0),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, type, STRING, 0),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, account, STRING, 0),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, flags, PLAIN, 0),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, first_alias, PLAIN, 0),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, n_aliases, FREE_RUN, FLUO_FACTS_ALIASES),
  C4 (FLUO_FACTS_CAUSE_SERVICES, FluoFactsCauseService, n_entities, RUN,
      FLUO_FACTS_CAUSE_ENTITIES),
  C4 (FLUO_FACTS_CAUSE_ENTITIES, FluoFactsCauseEntity, name, STRING, 0),
  C8 (FLUO_FACTS_CAUSE_ENTITIES, FluoFactsCauseEntity, coverage, PLAIN),
  C4 (FLUO_FACTS_CAUSE_ENTITIES, FluoFactsCauseEntity, flags, PLAIN, 0),
  C4 (FLUO_FACTS_CAUSE_ENTITIES, FluoFactsCauseEntity, n_exceptions, RUN, FLUO_FACTS_EXCEPTIONS),
  C4 (FLUO_FACTS_EXCEPTIONS, FluoFactsException, name, STRING, 0),
  C4 (FLUO_FACTS_EXCEPTIONS, FluoFactsException, message, STRING, 0),
  { FLUO_FACTS_USERS, 0, 4, FLUO_COLUMN_NAME, 0, 0 },
  { FLUO_FACTS_INSTANCES, 0, 4, FLUO_COLUMN_NAME, 0, 0 },
  { FLUO_FACTS_ZONES, 0, 4, FLUO_COLUMN_NAME, 0, 0 },
  { FLUO_FACTS_ARNS, 0, 4, FLUO_COLUMN_NAME, 0, 0 },
  { FLUO_FACTS_GROUPS, 0, 4, FLUO_COLUMN_PLAIN, 0, 0 },
  { FLUO_FACTS_LINKS, 0, 8, FLUO_COLUMN_PLAIN, 0, 0 },
  { FLUO_FACTS_LINKS, 8, 8, FLUO_COLUMN_PLAIN, 0, 0 },
};

const guint fluo_facts_n_columns = G_N_ELEMENTS (fluo_facts_columns);

guint
fluo_facts_get_n_tables (guint version)
{
  return version == 1 ? FLUO_FACTS_LINKS : FLUO_N_FACTS_TABLES;
}

static inline guint64
mix (guint64 lane, const guint8 *data)
{
  guint64 w;

  memcpy (&w, data, 8);
  lane = (lane ^ GUINT64_FROM_LE (w)) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return lane ^ lane >> 29;
}

/* Four lanes, since one multiplication waits for the one before it. No protection against
 * intent. */
guint64
fluo_facts_check_sum (const guint8 *data, gsize length)
{
  guint64 a = 1, b = 2, c = 3, d = length;

  for (; length >= 32; data += 32, length -= 32)
    {
      a = mix (a, data);
      b = mix (b, data + 8);
      c = mix (c, data + 16);
      d = mix (d, data + 24);
    }
  for (; length > 0; data++, length--)
    a = (a ^ *data) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  a = (a ^ b ^ b >> 32) * G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  a = (a ^ c ^ c >> 32) * G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  a = (a ^ d ^ d >> 32) * G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  return a ^ a >> 32;
}

void
fluo_facts_bytes_seal (guint8 *data, gsize length)
{
  guint64 sum;

  g_return_if_fail (length >= FLUO_FACTS_FIXED_SIZE);
  sum = GUINT64_TO_LE (fluo_facts_check_sum (data + 24, length - 24));
  memcpy (data + 16, &sum, 8);
}

/* --- Writing --------------------------------------------------------------- */

static void
put (GByteArray *out, guint64 value, guint width)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (out, (const guint8 *) &little, width);
}

static void
put_column (GByteArray *out, const guint64 *values, guint n, guint width_min)
{
  guint64 all = 0;
  guint8 width;

  for (guint i = 0; i < n; i++)
    all |= values[i];
  width = all == 0             ? 0
          : all <= G_MAXUINT8  ? 1
          : all <= G_MAXUINT16 ? 2
          : all <= G_MAXUINT32 ? 4
                               : 8;
  width = MAX (width, (guint8) width_min);
  g_byte_array_append (out, &width, 1);
  for (guint i = 0; i < n && width > 0; i++)
    put (out, values[i], width);
}

static guint64
get_member (const guint8 *row, const FluoColumn *column)
{
  guint64 value;
  guint32 half;

  if (column->size == 8)
    {
      memcpy (&value, row + column->offset, 8);
      return value;
    }
  memcpy (&half, row + column->offset, 4);
  return half;
}

static void
put_table_column (FluoFactsBlock *self, GByteArray *out, const FluoColumn *column, guint64 *values)
{
  guint table = column->table, first = column == fluo_facts_columns || column[-1].table != table;

  for (guint t = 0; t < self->n; t++)
    for (guint32 i = self->heads[t].first[table]; i < self->heads[t + 1].first[table]; i++)
      {
        guint64 value = get_member (self->rows[table] + (gsize) i * fluo_facts_row_size[table],
                                    column);

        if (column->check == FLUO_COLUMN_TIME)
          value -= (guint64) self->heads[t].start_ns;
        else if (column->check == FLUO_COLUMN_MORE || column->check == FLUO_COLUMN_ROW_MORE)
          value++;
        /* "None" of 32 bits is 0 as well. */
        values[i] = column->size == 4 ? (guint32) value : value;
      }
  put_column (out, values, self->heads[self->n].first[table], first ? 1 : 0);
}

static void
put_heads (FluoFactsBlock *self, GByteArray *out, gint64 base, guint64 *values)
{
#define HEAD(expression)                                                                           \
  for (guint i = 0; i < self->n; i++)                                                              \
    {                                                                                              \
      const FluoFactsHead *head = &self->heads[i];                                                 \
                                                                                                   \
      values[i] = (expression);                                                                    \
    }                                                                                              \
  put_column (out, values, self->n, 0)
  HEAD ((guint64) (head->start_ns - base));
  HEAD ((guint64) (head->end_ns - head->start_ns + 1));
  HEAD ((guint64) head->response_ns + 1);
  HEAD (head->flags);
  HEAD ((guint32) (head->root + 1));
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    {
      HEAD (head[1].first[t] - head->first[t]);
    }
#undef HEAD
}

GBytes *
fluo_facts_block_to_bytes (FluoFactsBlock *self)
{
  GByteArray *out = g_byte_array_new ();
  guint64 *values;
  guint32 rows_max = self->n, text_length = 1;
  gint64 base = self->n > 0 ? G_MAXINT64 : 0;

  for (guint32 i = 1; i < self->n_strings; i++)
    text_length += (guint32) strlen (self->strings[i]) + 1;
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    rows_max = MAX (rows_max, self->heads[self->n].first[t]);
  for (guint i = 0; i < self->n; i++)
    base = MIN (base, self->heads[i].start_ns);
  values = g_new (guint64, (gsize) rows_max + 1);
  g_byte_array_append (out, (const guint8 *) FLUO_FACTS_MAGIC, 4);
  put (out, self->n, 4);
  put (out, self->n_strings, 4);
  put (out, text_length, 4);
  put (out, 0, 8);
  put (out, (guint64) base, 8);
  for (guint i = 0; i < self->n; i++)
    g_byte_array_append (out, self->heads[i].id.bytes, sizeof (FluoTraceId));
  put_heads (self, out, base, values);
  for (guint c = 0; c < fluo_facts_n_columns; c++)
    put_table_column (self, out, &fluo_facts_columns[c], values);
  g_byte_array_append (out, (const guint8 *) self->text, text_length);
  fluo_facts_bytes_seal (out->data, out->len);
  g_free (values);
  return g_byte_array_free_to_bytes (out);
}
