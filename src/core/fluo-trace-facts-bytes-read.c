/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-trace-facts-columns.h"

/* Bytes to a block. Widening columns is as fast as copying them. Nothing in the bytes is believed:
 * the check sum is right in a forged block as well. */

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
check_trace_rows (FluoFactsBlock *self, const FluoColumn *column, guint t)
{
  const FluoFactsHead *head = &self->heads[t];
  guint32 n = head[1].first[column->table] - head->first[column->table];
  guint32 bound = column->check != FLUO_COLUMN_TIME
                    ? head[1].first[column->other] - head->first[column->other] : 0;
  gsize stride = fluo_facts_row_size[column->table];
  guint8 *p = self->rows[column->table] + head->first[column->table] * stride + column->offset;
  gboolean good = TRUE;
  guint64 next = 0;

  switch (column->check)
    {
    case FLUO_COLUMN_TIME:
      EACH_ROW (gint64)
        {
          *value = (gint64) ((guint64) *value + (guint64) head->start_ns);
          good &= is_time (*value);
        }
      break;
    case FLUO_COLUMN_ROW:
      EACH_ROW (guint32)
        good &= *value < bound;
      break;
    case FLUO_COLUMN_ROW_MORE:
      EACH_ROW (guint32)
        good &= *value + 1 <= bound;
      break;
    case FLUO_COLUMN_RUN:
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

/* Traces [begin, end). */
static gboolean
check_traces (FluoFactsBlock *self, const FluoColumn *column, guint begin, guint end)
{
  gboolean good = TRUE;

  for (guint t = begin; t < end; t++)
    good &= check_trace_rows (self, column, t);
  return good;
}

static gboolean
needs_trace (const FluoColumn *column)
{
  return column->check == FLUO_COLUMN_TIME || column->check == FLUO_COLUMN_ROW ||
         column->check == FLUO_COLUMN_ROW_MORE || column->check == FLUO_COLUMN_RUN ||
         column->check == FLUO_COLUMN_FREE_RUN;
}

/* What a column's rows may be without a look at their trace. */
static Bounds
column_bounds (const FluoFactsBlock *self, const FluoColumn *column)
{
  switch (column->check)
    {
    case FLUO_COLUMN_STRING: return (Bounds) { 0, self->n_strings };
    case FLUO_COLUMN_NAME: return (Bounds) { 1, self->n_strings };
    case FLUO_COLUMN_KIND: return (Bounds) { 0, column->other };
    case FLUO_COLUMN_MORE: return (Bounds) { 0, G_MAXINT64 / 2 };
    default: return (Bounds) { 0, 0 };
    }
}

/* Rows that are widened at a time: few enough to stay in a processor's first cache from one column
 * to the next. */
#define CHUNK_ROWS 256
/* Traces whose rows are looked at one column after the other, for the same reason. */
#define CHUNK_TRACES 64
#define TABLE_COLUMNS_MAX 16

/* All columns of the table that begins at @first; those that came after @version are zero. The
 * number of columns, 0 when they are damaged. */
static guint
read_table (FluoFactsBlock *self, Cursor *cursor, guint first, guint version)
{
  guint table = fluo_facts_columns[first].table, n_columns = 0, widths[TABLE_COLUMNS_MAX] = { 0 };
  const guint8 *values[TABLE_COLUMNS_MAX];
  Bounds bounds[TABLE_COLUMNS_MAX];
  gsize n = self->heads[self->n].first[table], stride = fluo_facts_row_size[table];

  for (guint c = first; c < fluo_facts_n_columns && fluo_facts_columns[c].table == table;
       c++, n_columns++)
    {
      g_assert (n_columns < TABLE_COLUMNS_MAX);
      bounds[n_columns] = column_bounds (self, &fluo_facts_columns[c]);
      if (fluo_facts_columns[c].since <= version &&
          !take_column (cursor, n, &values[n_columns], &widths[n_columns]))
        return 0;
    }
  if (n > 0 && widths[0] == 0)
    return 0;
  for (gsize begin = 0; begin < n; begin += CHUNK_ROWS)
    for (guint c = 0; c < n_columns; c++)
      {
        const FluoColumn *column = &fluo_facts_columns[first + c];
        guint less = column->check == FLUO_COLUMN_MORE || column->check == FLUO_COLUMN_ROW_MORE;

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
  const guint n_tables = fluo_facts_get_n_tables (version);

  for (guint first = 0, n;
       first < fluo_facts_n_columns && fluo_facts_columns[first].table < n_tables; first += n)
    {
      n = read_table (self, cursor, first, version);
      if (n == 0)
        return FALSE;
    }
  for (guint begin = 0; begin < self->n; begin += CHUNK_TRACES)
    for (guint c = 0; c < fluo_facts_n_columns; c++)
      if (needs_trace (&fluo_facts_columns[c]) &&
          !check_traces (self, &fluo_facts_columns[c], begin, MIN (begin + CHUNK_TRACES, self->n)))
        return FALSE;
  return TRUE;
}

static FluoFactsBlock *
read_block (const guint8 *data, gsize size)
{
  guint n = (guint) read_little (data + 4, 4), n_strings = (guint) read_little (data + 8, 4);
  guint text_length = (guint) read_little (data + 12, 4);
  Cursor cursor = { data + FLUO_FACTS_FIXED_SIZE, size - FLUO_FACTS_FIXED_SIZE };
  guint64 totals[FLUO_N_FACTS_TABLES] = { 0 };
  guint32 n_rows[FLUO_N_FACTS_TABLES];
  g_autofree StoredHead *heads = NULL;
  g_autoptr (FluoFactsBlock) self = NULL;
  const guint8 *ids, *text;

  if (n > FLUO_FACTS_BLOCK_MAX || n_strings == 0 || text_length > cursor.left ||
      n_strings > text_length ||
      read_little (data + 16, 8) != fluo_facts_check_sum (data + 24, size - 24) ||
      !take (&cursor, (gsize) n * sizeof (FluoTraceId), &ids))
    return NULL;
  heads = read_heads (&cursor, n, fluo_facts_get_n_tables (data[3]), totals);
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

  if (size >= 4 && memcmp (data, FLUO_FACTS_MAGIC, 3) == 0 &&
      (data[3] < FLUO_FACTS_VERSION_MIN || data[3] > (guint8) FLUO_FACTS_MAGIC[3]))
    {
      g_set_error (error, FLUO_FACTS_ERROR_DOMAIN, FLUO_FACTS_ERROR_VERSION,
                   "facts of version %u, expected at most %u", (guint) data[3],
                   (guint) FLUO_FACTS_MAGIC[3]);
      return NULL;
    }
  self = size >= FLUO_FACTS_FIXED_SIZE && memcmp (data, FLUO_FACTS_MAGIC, 3) == 0
           ? read_block (data, size) : NULL;
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

  return size > 3 && data[3] == (guint8) FLUO_FACTS_MAGIC[3];
}
