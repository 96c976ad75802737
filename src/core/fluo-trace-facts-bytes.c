/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-trace-facts-private.h"

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

#define MAGIC "FTF\3"
#define VERSION_MIN 1
#define FIXED_SIZE 32   /* what comes before the ids */

typedef enum
{
  PLAIN,     /* any number */
  TIME,      /* counts from the trace's start */
  MORE,      /* one less than what is stored: -1 and FLUO_FACTS_NONE are 0 */
  STRING,    /* less than the number of strings */
  NAME,      /* a string other than 0 */
  ROW,       /* less than the trace's rows in the table */
  ROW_MORE,  /* ROW, or FLUO_FACTS_NONE, stored as MORE */
  RUN,       /* length of a run in the table; its first row is the member before, and not stored */
  FREE_RUN,  /* the same, but runs may lie anywhere: the first row is stored */
  KIND       /* an enum: less than table */
} Check;

typedef struct
{
  guint8 table;
  guint8 offset;
  guint8 size;   /* 4 or 8 */
  guint8 check;
  guint8 other;  /* the table that ROW and RUN mean, the bound of KIND */
  guint8 since;  /* the version of the format that it came with; 0: its table's */
} Column;

#define C4(table, type, member, check, other)                                                      \
  { table, G_STRUCT_OFFSET (type, member), 4, check, other, 0 }
#define C8(table, type, member, check) { table, G_STRUCT_OFFSET (type, member), 8, check, 0, 0 }

/* A table's first column is at least a byte wide, so that bytes bound the number of rows. */
static const Column columns[] = {
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
  { FLUO_FACTS_ENTITIES, G_STRUCT_OFFSET (FluoFactsEntity, version), 4, STRING, 0, 3 },
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
  { FLUO_FACTS_ALIASES, 0, 4, NAME, 0, 0 },
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
  { FLUO_FACTS_USERS, 0, 4, NAME, 0, 0 },
  { FLUO_FACTS_INSTANCES, 0, 4, NAME, 0, 0 },
  { FLUO_FACTS_ZONES, 0, 4, NAME, 0, 0 },
  { FLUO_FACTS_ARNS, 0, 4, NAME, 0, 0 },
  { FLUO_FACTS_GROUPS, 0, 4, PLAIN, 0, 0 },
  { FLUO_FACTS_LINKS, 0, 8, PLAIN, 0, 0 },
  { FLUO_FACTS_LINKS, 8, 8, PLAIN, 0, 0 },
};

/* Tables of a block in bytes of @version. */
static guint
get_n_tables (guint version)
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
static guint64
check_sum (const guint8 *data, gsize length)
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

  g_return_if_fail (length >= FIXED_SIZE);
  sum = GUINT64_TO_LE (check_sum (data + 24, length - 24));
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
get_member (const guint8 *row, const Column *column)
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
put_table_column (FluoFactsBlock *self, GByteArray *out, const Column *column, guint64 *values)
{
  guint table = column->table, first = column == columns || column[-1].table != table;

  for (guint t = 0; t < self->n; t++)
    for (guint32 i = self->heads[t].first[table]; i < self->heads[t + 1].first[table]; i++)
      {
        guint64 value = get_member (self->rows[table] + (gsize) i * fluo_facts_row_size[table],
                                    column);

        if (column->check == TIME)
          value -= (guint64) self->heads[t].start_ns;
        else if (column->check == MORE || column->check == ROW_MORE)
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
  g_byte_array_append (out, (const guint8 *) MAGIC, 4);
  put (out, self->n, 4);
  put (out, self->n_strings, 4);
  put (out, text_length, 4);
  put (out, 0, 8);
  put (out, (guint64) base, 8);
  for (guint i = 0; i < self->n; i++)
    g_byte_array_append (out, self->heads[i].id.bytes, sizeof (FluoTraceId));
  put_heads (self, out, base, values);
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    put_table_column (self, out, &columns[c], values);
  g_byte_array_append (out, (const guint8 *) self->text, text_length);
  fluo_facts_bytes_seal (out->data, out->len);
  g_free (values);
  return g_byte_array_free_to_bytes (out);
}

/* --- Reading --------------------------------------------------------------- */

typedef struct
{
  const guint8 *p;
  gsize         left;
} Cursor;

static guint64
read_little (const guint8 *p, guint width)
{
  guint64 value = 0;

  memcpy (&value, p, width);
  return GUINT64_FROM_LE (value);
}

static gboolean
take (Cursor *self, gsize size, const guint8 **ret)
{
  if (size > self->left)
    return FALSE;
  *ret = self->p;
  self->p += size;
  self->left -= size;
  return TRUE;
}

/* The next column's values and their width. */
static gboolean
take_column (Cursor *self, gsize n, const guint8 **ret_values, guint *ret_width)
{
  const guint8 *width;

  if (!take (self, 1, &width) ||
      (*width != 0 && *width != 1 && *width != 2 && *width != 4 && *width != 8))
    return FALSE;
  *ret_width = *width;
  return take (self, n * *width, ret_values);
}

/* The values that a column may hold: from @low to below @end, as they are stored. What is below or
 * above leaves a sign in a sum of differences, which costs no decision a value. */
typedef struct
{
  gint64 low;
  gint64 end; /* 0: any value */
} Bounds;

/* One loop for each pair of widths, each plain enough for the compiler to make the best of it. */
#define WIDEN(wide, narrow, from_little)                                                           \
  do                                                                                               \
    {                                                                                              \
      guint64 outside = 0;                                                                         \
                                                                                                   \
      for (gsize i = 0; i < n; i++)                                                                \
        {                                                                                          \
          narrow in;                                                                               \
          wide out;                                                                                \
                                                                                                   \
          memcpy (&in, values + i * sizeof in, sizeof in);                                         \
          in = (narrow) from_little (in);                                                          \
          outside |= (guint64) in | (last - (guint64) in) | ((guint64) in - low);                  \
          out = (wide) in - (wide) less;                                                           \
          memcpy (to + i * stride, &out, sizeof out);                                              \
        }                                                                                          \
      return bounds->end == 0 || outside >> 63 == 0;                                               \
    }                                                                                              \
  while (0)
#define AS_IS(x) (x)

/* @less is taken from each. FALSE when one is out of bounds, or the width is impossible. */
static gboolean
widen (guint8 *to, gsize stride, guint size, const guint8 *values, guint width, gsize n,
       guint less, const Bounds *bounds)
{
  const guint64 low = (guint64) bounds->low, last = (guint64) bounds->end - 1;

  if (width > size)
    return FALSE;
  if (size == 4 && width == 1)
    WIDEN (guint32, guint8, AS_IS);
  if (size == 4 && width == 2)
    WIDEN (guint32, guint16, GUINT16_FROM_LE);
  if (size == 4 && width == 4)
    WIDEN (guint32, guint32, GUINT32_FROM_LE);
  if (size == 8 && width == 1)
    WIDEN (guint64, guint8, AS_IS);
  if (size == 8 && width == 2)
    WIDEN (guint64, guint16, GUINT16_FROM_LE);
  if (size == 8 && width == 4)
    WIDEN (guint64, guint32, GUINT32_FROM_LE);
  if (size == 8 && width == 8)
    WIDEN (guint64, guint64, GUINT64_FROM_LE);
  if (less > 0)
    {
      guint64 out = 0 - (guint64) less;

      for (gsize i = 0; i < n; i++)
        memcpy (to + i * stride, &out, size);
    }
  return n == 0 || bounds->low == 0;
}

static gboolean
read_text (FluoFactsBlock *self, const guint8 *text, gsize length)
{
  const char *p = self->text, *end = p + length;

  if (length == 0 || text[0] != 0 || text[length - 1] != 0)
    return FALSE;
  memcpy (self->text, text, length);
  p++;
  for (guint32 i = 1; i < self->n_strings; i++)
    {
      gsize size;
      guint64 high = 0, w;
      const char *q = p;

      if (p >= end)
        return FALSE;
      size = strlen (p);
      if (size == 0 || size > FLUO_FACTS_STRING_MAX)
        return FALSE;
      for (; q + 8 <= p + size; q += 8)
        {
          memcpy (&w, q, 8);
          high |= w;
        }
      for (; q < p + size; q++)
        high |= (guint8) *q;
      if ((high & G_GUINT64_CONSTANT (0x8080808080808080)) &&
          !g_utf8_validate (p, (gssize) size, NULL))
        return FALSE;
      self->strings[i] = p;
      p += size + 1;
    }
  return p == end;
}

static gboolean
is_time (gint64 time_ns)
{
  return time_ns >= -1 && time_ns < G_MAXINT64 / 2;
}

/* Heads as they are stored, before the block's size is known. */
typedef struct
{
  guint64 start, end, response;
  guint32 flags, root, count[FLUO_N_FACTS_TABLES];
} StoredHead;

static StoredHead *
read_heads (Cursor *cursor, guint n, guint n_tables, guint64 *n_rows)
{
  g_autofree StoredHead *heads = g_new0 (StoredHead, (gsize) n + 1);
  static const struct { guint8 offset, size; } members[] = {
    { G_STRUCT_OFFSET (StoredHead, start), 8 }, { G_STRUCT_OFFSET (StoredHead, end), 8 },
    { G_STRUCT_OFFSET (StoredHead, response), 8 }, { G_STRUCT_OFFSET (StoredHead, flags), 4 },
    { G_STRUCT_OFFSET (StoredHead, root), 4 },
  };

  for (guint m = 0; m < G_N_ELEMENTS (members) + n_tables; m++)
    {
      guint table = m - G_N_ELEMENTS (members), width;
      gsize offset = m < G_N_ELEMENTS (members) ? members[m].offset
                     : G_STRUCT_OFFSET (StoredHead, count) + 4 * table;
      const guint8 *values;
      const Bounds any = { 0, 0 };

      if (!take_column (cursor, n, &values, &width) ||
          !widen ((guint8 *) heads + offset, sizeof *heads,
                  m < G_N_ELEMENTS (members) ? members[m].size : 4, values, width, n, 0, &any))
        return NULL;
      if (m < G_N_ELEMENTS (members))
        continue;
      for (guint i = 0; i < n; i++)
        n_rows[table] += heads[i].count[table];
      /* Each row has a byte at least. */
      if (n_rows[table] > cursor->left)
        return NULL;
    }
  return g_steal_pointer (&heads);
}

static gboolean
fill_heads (FluoFactsBlock *self, const StoredHead *heads, const guint8 *ids, gint64 base)
{
  for (guint i = 0; i < self->n; i++)
    {
      FluoFactsHead *head = &self->heads[i];

      memcpy (head->id.bytes, ids + (gsize) i * sizeof (FluoTraceId), sizeof (FluoTraceId));
      head->start_ns = (gint64) ((guint64) base + heads[i].start);
      head->end_ns = (gint64) ((guint64) head->start_ns + heads[i].end - 1);
      head->response_ns = (gint64) (heads[i].response - 1);
      head->flags = heads[i].flags;
      head->root = heads[i].root - 1;
      if (!is_time (head->start_ns) || !is_time (head->end_ns) || !is_time (head->response_ns) ||
          head->end_ns < head->start_ns - 1 || heads[i].root > heads[i].count[FLUO_FACTS_ENTITIES])
        return FALSE;
      for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
        head[1].first[t] = head->first[t] + heads[i].count[t];
    }
  return TRUE;
}

/* What a column holds is put right and looked at, trace by trace. */
#define EACH_ROW(type)                                                                             \
  for (guint32 k = 0; k < n; k++, p += stride)                                                     \
    for (type *value = (gpointer) p; value; value = NULL)

static gboolean
check_trace_rows (FluoFactsBlock *self, const Column *column, guint t)
{
  const FluoFactsHead *head = &self->heads[t];
  guint32 n = head[1].first[column->table] - head->first[column->table];
  guint32 bound = column->check != TIME
                    ? head[1].first[column->other] - head->first[column->other] : 0;
  gsize stride = fluo_facts_row_size[column->table];
  guint8 *p = self->rows[column->table] + head->first[column->table] * stride + column->offset;
  gboolean good = TRUE;
  guint64 next = 0;

  switch (column->check)
    {
    case TIME:
      EACH_ROW (gint64)
        {
          *value = (gint64) ((guint64) *value + (guint64) head->start_ns);
          good &= is_time (*value);
        }
      break;
    case ROW:
      EACH_ROW (guint32)
        good &= *value < bound;
      break;
    case ROW_MORE:
      EACH_ROW (guint32)
        good &= *value + 1 <= bound;
      break;
    case RUN:
      EACH_ROW (guint32)
        {
          value[-1] = (guint32) next;
          next += *value;
          good &= next <= bound;
        }
      break;
    default:
      EACH_ROW (guint32)
        good &= (guint64) value[-1] + *value <= bound;
      break;
    }
  return good;
}

static gboolean
needs_trace (const Column *column)
{
  return column->check == TIME || column->check == ROW || column->check == ROW_MORE ||
         column->check == RUN || column->check == FREE_RUN;
}

/* What a column's rows may be without a look at their trace. */
static Bounds
column_bounds (const FluoFactsBlock *self, const Column *column)
{
  switch (column->check)
    {
    case STRING: return (Bounds) { 0, self->n_strings };
    case NAME: return (Bounds) { 1, self->n_strings };
    case KIND: return (Bounds) { 0, column->other };
    case MORE: return (Bounds) { 0, G_MAXINT64 / 2 };
    default: return (Bounds) { 0, 0 };
    }
}

/* Rows that are widened at a time: few enough to stay in a processor's first cache from one column
 * to the next. */
#define CHUNK_ROWS 256
#define TABLE_COLUMNS_MAX 16

/* All columns of the table that begins at @first; those that came after @version are zero. The
 * number of columns, 0 when they are damaged. */
static guint
read_table (FluoFactsBlock *self, Cursor *cursor, guint first, guint version)
{
  guint table = columns[first].table, n_columns = 0, widths[TABLE_COLUMNS_MAX] = { 0 };
  const guint8 *values[TABLE_COLUMNS_MAX];
  Bounds bounds[TABLE_COLUMNS_MAX];
  gsize n = self->heads[self->n].first[table], stride = fluo_facts_row_size[table];

  for (guint c = first; c < G_N_ELEMENTS (columns) && columns[c].table == table; c++, n_columns++)
    {
      g_assert (n_columns < TABLE_COLUMNS_MAX);
      bounds[n_columns] = column_bounds (self, &columns[c]);
      if (columns[c].since <= version &&
          !take_column (cursor, n, &values[n_columns], &widths[n_columns]))
        return 0;
    }
  if (n > 0 && widths[0] == 0)
    return 0;
  for (gsize begin = 0; begin < n; begin += CHUNK_ROWS)
    for (guint c = 0; c < n_columns; c++)
      {
        const Column *column = &columns[first + c];
        guint less = column->check == MORE || column->check == ROW_MORE;

        if (!widen (self->rows[table] + begin * stride + column->offset, stride, column->size,
                    values[c] + begin * widths[c], widths[c], MIN (n - begin, CHUNK_ROWS), less,
                    &bounds[c]))
          return 0;
      }
  return n_columns;
}

static gboolean
read_tables (FluoFactsBlock *self, Cursor *cursor, guint version)
{
  const guint n_tables = get_n_tables (version);

  for (guint first = 0, n; first < G_N_ELEMENTS (columns) && columns[first].table < n_tables;
       first += n)
    {
      n = read_table (self, cursor, first, version);
      if (n == 0)
        return FALSE;
    }
  for (guint t = 0; t < self->n; t++)
    for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
      if (needs_trace (&columns[c]) && !check_trace_rows (self, &columns[c], t))
        return FALSE;
  return TRUE;
}

static FluoFactsBlock *
read_block (const guint8 *data, gsize size)
{
  guint n = (guint) read_little (data + 4, 4), n_strings = (guint) read_little (data + 8, 4);
  guint text_length = (guint) read_little (data + 12, 4);
  Cursor cursor = { data + FIXED_SIZE, size - FIXED_SIZE };
  guint64 totals[FLUO_N_FACTS_TABLES] = { 0 };
  guint32 n_rows[FLUO_N_FACTS_TABLES];
  g_autofree StoredHead *heads = NULL;
  g_autoptr (FluoFactsBlock) self = NULL;
  const guint8 *ids, *text;

  if (n > FLUO_FACTS_BLOCK_MAX || n_strings == 0 || text_length > cursor.left ||
      n_strings > text_length || read_little (data + 16, 8) != check_sum (data + 24, size - 24) ||
      !take (&cursor, (gsize) n * sizeof (FluoTraceId), &ids))
    return NULL;
  heads = read_heads (&cursor, n, get_n_tables (data[3]), totals);
  if (!heads)
    return NULL;
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    n_rows[t] = (guint32) totals[t];
  self = fluo_facts_block_alloc (n, n_rows, n_strings, text_length);
  if (!fill_heads (self, heads, ids, (gint64) read_little (data + 24, 8)) ||
      !read_tables (self, &cursor, data[3]) || cursor.left != text_length ||
      !take (&cursor, text_length, &text) || !read_text (self, text, text_length))
    return NULL;
  return g_steal_pointer (&self);
}

FluoFactsBlock *
fluo_facts_block_from_bytes (GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  FluoFactsBlock *self;

  if (size >= 4 && memcmp (data, MAGIC, 3) == 0 &&
      (data[3] < VERSION_MIN || data[3] > (guint8) MAGIC[3]))
    {
      g_set_error (error, FLUO_FACTS_ERROR_DOMAIN, FLUO_FACTS_ERROR_VERSION,
                   "facts of version %u, expected at most %u", (guint) data[3], (guint) MAGIC[3]);
      return NULL;
    }
  self = size >= FIXED_SIZE && memcmp (data, MAGIC, 3) == 0 ? read_block (data, size) : NULL;
  if (!self)
    g_set_error_literal (error, FLUO_FACTS_ERROR_DOMAIN, FLUO_FACTS_ERROR_DAMAGED,
                         "the facts are damaged: cut, changed, or not facts at all");
  return self;
}

gboolean
fluo_facts_bytes_are_whole (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size > 3 && data[3] == (guint8) MAGIC[3];
}
