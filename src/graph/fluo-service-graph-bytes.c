/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"

#include <string.h>

#include "core/fluo-leb128.h"

/* The stored form, since version 1:
 *
 *   "FSG" version
 *   number of nodes, number of edges
 *   node:  flags, name, [type], [account], first_ns, last_ns, statistics
 *   edge:  flags, from, to, [alias], [alias type], statistics
 *   statistics: ok, error, throttle, fault, sum_ns, number of buckets, then (steps from the last
 * bucket, count) CRC-32 of all before, little endian
 *
 * Numbers are unsigned LEB128, signed ones zigzagged before; texts are their length in bytes and
 * UTF-8. The check sum catches what a disk does to a file; the reader still trusts no number,
 * because files are also made by hand. */

#define VERSION 1
#define HEAD "FSG"
#define HEAD_SIZE 4
#define SUM_SIZE 4

enum
{
  NODE_ROOT = 1 << 0,
  NODE_INFERRED = 1 << 1,
  NODE_TYPE = 1 << 2,
  NODE_ACCOUNT = 1 << 3,
  NODE_FLAGS = (1 << 4) - 1
};

enum
{
  EDGE_LINKED = 1 << 0,
  EDGE_ALIAS = 1 << 1,
  EDGE_ALIAS_TYPE = 1 << 2,
  EDGE_FLAGS = (1 << 3) - 1
};

typedef guint32 CrcTables[8][256];

/* tables[k][b]: what a byte b does to the sum when k more bytes follow it. */
static const CrcTables *
crc32_tables (void)
{
  static CrcTables tables;
  static gsize made = 0;

  if (g_once_init_enter (&made))
    {
      for (guint32 i = 0; i < 256; i++)
        {
          guint32 c = i;

          for (guint bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
          tables[0][i] = c;
        }
      for (guint k = 1; k < G_N_ELEMENTS (tables); k++)
        for (guint i = 0; i < 256; i++)
          tables[k][i] = tables[0][tables[k - 1][i] & 0xff] ^ (tables[k - 1][i] >> 8);
      g_once_init_leave (&made, 1);
    }
  return &tables;
}

/* Eight bytes at a time: byte by byte it took a fifth of reading a graph. */
static guint32
crc32_of (const guint8 *data,
          gsize         size)
{
  const CrcTables *tables = crc32_tables ();
  guint32 crc = 0xffffffff;

  for (; size >= 8; data += 8, size -= 8)
    {
      guint64 w;

      memcpy (&w, data, sizeof w);
      w = GUINT64_FROM_LE (w) ^ crc;
      crc = 0;
      for (guint i = 0; i < 8; i++, w >>= 8)
        crc ^= (*tables)[7 - i][w & 0xff];
    }
  for (; size > 0; data++, size--)
    crc = (*tables)[0][(crc ^ *data) & 0xff] ^ (crc >> 8);
  return ~crc;
}

/* --- Writing -------------------------------------------------------------- */

static void
put_text (GByteArray *out,
          const char *text)
{
  gsize length = strlen (text);

  fluo_leb128_put (out, length);
  g_byte_array_append (out, (const guint8 *) text, length);
}

static void
put_stats (GByteArray          *out,
           const FluoCallStats *stats)
{
  const GArray *entries = stats->histogram.entries;
  guint last = 0;

  fluo_leb128_put_signed (out, stats->ok);
  fluo_leb128_put_signed (out, stats->error);
  fluo_leb128_put_signed (out, stats->throttle);
  fluo_leb128_put_signed (out, stats->fault);
  fluo_leb128_put_signed (out, stats->histogram.sum_ns);
  fluo_leb128_put (out, entries->len);
  for (guint i = 0; i < entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (entries, FluoHistogramEntry, i);

      fluo_leb128_put (out, entry->bucket - last);
      fluo_leb128_put_signed (out, entry->count);
      last = entry->bucket;
    }
}

GBytes *
fluo_service_graph_to_bytes (const FluoServiceGraph *self)
{
  GByteArray *out = NULL;
  guint32 crc;

  g_return_val_if_fail (self != NULL, NULL);

  out = g_byte_array_new ();
  g_byte_array_append (out, (const guint8 *) HEAD, HEAD_SIZE - 1);
  fluo_leb128_put (out, VERSION);
  fluo_leb128_put (out, self->nodes->len);
  fluo_leb128_put (out, self->edges->len);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (self, i);

      fluo_leb128_put (out, (node->root ? NODE_ROOT : 0) | (node->inferred ? NODE_INFERRED : 0) |
                              (node->type != NULL ? NODE_TYPE : 0) |
                              (node->account != NULL ? NODE_ACCOUNT : 0));
      put_text (out, node->name);
      if (node->type != NULL)
        put_text (out, node->type);
      if (node->account != NULL)
        put_text (out, node->account);
      fluo_leb128_put_signed (out, node->first_ns);
      fluo_leb128_put_signed (out, node->last_ns);
      put_stats (out, &node->stats);
    }
  for (guint i = 0; i < self->edges->len; i++)
    {
      const FluoGraphEdge *edge = fluo_graph_edge_at (self, i);

      fluo_leb128_put (out, (edge->linked ? EDGE_LINKED : 0)
                              | (edge->alias != NULL ? EDGE_ALIAS : 0)
                              | (edge->alias_type != NULL ? EDGE_ALIAS_TYPE : 0));
      fluo_leb128_put (out, edge->from);
      fluo_leb128_put (out, edge->to);
      if (edge->alias != NULL)
        put_text (out, edge->alias);
      if (edge->alias_type != NULL)
        put_text (out, edge->alias_type);
      put_stats (out, &edge->stats);
    }
  crc = GUINT32_TO_LE (crc32_of (out->data, out->len));
  g_byte_array_append (out, (const guint8 *) &crc, SUM_SIZE);
  return g_byte_array_free_to_bytes (out);
}

/* --- Reading -------------------------------------------------------------- */

static char *
get_text (FluoLeb128Reader *self)
{
  guint64 length = fluo_leb128_get (self);
  const char *text;

  if (self->failed || length > self->size - self->offset
      || !g_utf8_validate_len ((const char *) self->data + self->offset, length, NULL))
    {
      self->failed = TRUE;
      return NULL;
    }
  text = (const char *) self->data + self->offset;
  self->offset += length;
  return g_strndup (text, length);
}

/* A number that cannot come from counting calls: adding a few of them would go over the top. */
static gboolean
is_wild (gint64 count)
{
  return count > (G_GINT64_CONSTANT (1) << 53) || count < -(G_GINT64_CONSTANT (1) << 53);
}

static void
get_stats (FluoLeb128Reader *self, FluoCallStats *stats)
{
  FluoHistogramEntry *entries;
  guint64 n, bucket = 0;

  stats->ok = fluo_leb128_get_signed (self);
  stats->error = fluo_leb128_get_signed (self);
  stats->throttle = fluo_leb128_get_signed (self);
  stats->fault = fluo_leb128_get_signed (self);
  stats->histogram.sum_ns = fluo_leb128_get_signed (self);
  self->failed |= is_wild (stats->ok) || is_wild (stats->error) || is_wild (stats->throttle) ||
                  is_wild (stats->fault);
  n = fluo_leb128_get (self);
  /* Each takes two bytes at least, so that what there is bounds what is made room for. */
  self->failed |= n > (self->size - self->offset) / 2;
  if (self->failed || n == 0)
    return;
  g_array_set_size (stats->histogram.entries, (guint) n);
  entries = (FluoHistogramEntry *) (gpointer) stats->histogram.entries->data;
  for (guint64 i = 0; i < n; i++)
    {
      guint64 step = fluo_leb128_get (self);
      gint64 count = fluo_leb128_get_signed (self);

      if (self->failed || (i > 0 && step == 0) || step > G_MAXUINT16
          || bucket + step > G_MAXUINT16 || count == 0 || count < G_MININT32 || count > G_MAXINT32)
        {
          g_array_set_size (stats->histogram.entries, (guint) i);
          self->failed = TRUE;
          return;
        }
      bucket += step;
      entries[i] = (FluoHistogramEntry) { (guint16) bucket, (gint32) count };
      stats->histogram.count += count;
    }
}

static void
get_node (FluoLeb128Reader *self, FluoServiceGraph *graph)
{
  guint64 flags = fluo_leb128_get (self);
  g_autofree char *name = get_text (self);
  g_autofree char *type = flags & NODE_TYPE ? get_text (self) : NULL;
  g_autofree char *account = flags & NODE_ACCOUNT ? get_text (self) : NULL;
  gint64 first_ns = fluo_leb128_get_signed (self), last_ns = fluo_leb128_get_signed (self);
  guint expected = graph->nodes->len, i;
  FluoGraphNode *node;

  if (self->failed || flags > NODE_FLAGS || first_ns > last_ns || first_ns < 0
      || last_ns > G_MAXINT64 - 2 * FLUO_NSEC_PER_SEC)
    {
      self->failed = TRUE;
      return;
    }
  i = fluo_service_graph_take_node (graph, name, type, account, TRUE);
  /* Full, or the same identity twice. */
  if (i != expected)
    {
      self->failed = TRUE;
      return;
    }
  node = fluo_graph_node_at (graph, i);
  node->root = (flags & NODE_ROOT) != 0;
  node->inferred = (flags & NODE_INFERRED) != 0;
  fluo_service_graph_add_times (graph, node, first_ns, last_ns);
  get_stats (self, &node->stats);
}

static void
get_edge (FluoLeb128Reader *self, FluoServiceGraph *graph)
{
  guint64 flags = fluo_leb128_get (self);
  guint64 from = fluo_leb128_get (self), to = fluo_leb128_get (self);
  g_autofree char *alias = flags & EDGE_ALIAS ? get_text (self) : NULL;
  g_autofree char *alias_type = flags & EDGE_ALIAS_TYPE ? get_text (self) : NULL;
  guint expected = graph->edges->len;
  FluoGraphEdge *edge;

  if (self->failed || flags > EDGE_FLAGS || from >= graph->nodes->len || to >= graph->nodes->len)
    {
      self->failed = TRUE;
      return;
    }
  edge = fluo_service_graph_take_edge (graph, from, to, (flags & EDGE_LINKED) != 0, TRUE);
  if (graph->edges->len == expected)
    {
      self->failed = TRUE;
      return;
    }
  edge->alias = g_steal_pointer (&alias);
  edge->alias_type = g_steal_pointer (&alias_type);
  get_stats (self, &edge->stats);
}

static gboolean
damaged (GError    **error,
         const char *what)
{
  g_set_error (error, FLUO_GRAPH_ERROR, FLUO_GRAPH_ERROR_DAMAGED,
               "the stored service graph can't be read: %s; it can be made again from its traces",
               what);
  return FALSE;
}

static gboolean
check_frame (const guint8 *data,
             gsize         size,
             GError      **error)
{
  guint32 crc;

  if (size < HEAD_SIZE + SUM_SIZE || memcmp (data, HEAD, HEAD_SIZE - 1) != 0)
    return damaged (error, "it does not begin as one");
  if (data[HEAD_SIZE - 1] != VERSION)
    return damaged (error, "it is of another version");
  memcpy (&crc, data + size - SUM_SIZE, SUM_SIZE);
  if (GUINT32_FROM_LE (crc) != crc32_of (data, size - SUM_SIZE))
    return damaged (error, "its check sum is wrong");
  return TRUE;
}

FluoServiceGraph *
fluo_service_graph_from_bytes (GBytes  *bytes,
                               GError **error)
{
  g_autoptr(FluoServiceGraph) self = NULL;
  FluoLeb128Reader reader = { 0 };
  guint64 n_nodes, n_edges;

  g_return_val_if_fail (bytes != NULL, NULL);

  reader.data = g_bytes_get_data (bytes, &reader.size);
  if (!check_frame (reader.data, reader.size, error))
    return NULL;
  reader.size -= SUM_SIZE;
  reader.offset = HEAD_SIZE;
  self = fluo_service_graph_new ();
  n_nodes = fluo_leb128_get (&reader);
  n_edges = fluo_leb128_get (&reader);
  for (guint64 i = 0; i < n_nodes && !reader.failed; i++)
    get_node (&reader, self);
  for (guint64 i = 0; i < n_edges && !reader.failed; i++)
    get_edge (&reader, self);
  if (reader.failed || reader.offset != reader.size)
    {
      damaged (error, "a value in it makes no sense");
      return NULL;
    }
  return g_steal_pointer (&self);
}
