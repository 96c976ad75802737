/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-histogram.h"
#include "fluo-time-span.h"

#include <math.h>

#define BUCKETS_PER_OCTAVE 32
#define ENTRY_OF(array, i) (&g_array_index ((array), FluoHistogramEntry, (i)))
#define ENTRY(self, i) ENTRY_OF ((self)->entries, i)

void
fluo_histogram_init (FluoHistogram *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (FluoHistogramEntry));
  self->count = 0;
  self->sum_ns = 0;
}

void
fluo_histogram_clear (FluoHistogram *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
  self->count = 0;
  self->sum_ns = 0;
}

guint16
fluo_histogram_bucket_of (gint64 duration_ns)
{
  if (duration_ns <= FLUO_NSEC_PER_USEC)
    return 0;
  return (guint16) (BUCKETS_PER_OCTAVE * log2 ((double) duration_ns / FLUO_NSEC_PER_USEC));
}

gint64
fluo_histogram_bucket_ns (guint16 bucket)
{
  double ns = FLUO_NSEC_PER_USEC * exp2 ((bucket + 0.5) / BUCKETS_PER_OCTAVE);

  return ns < (double) G_MAXINT64 ? llround (ns) : G_MAXINT64;
}

/* Index of the first entry whose bucket is not below @bucket. */
static guint
find (const FluoHistogram *self, guint16 bucket)
{
  guint low = 0, high = self->entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ENTRY (self, middle)->bucket < bucket)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
fluo_histogram_add (FluoHistogram *self, gint64 duration_ns, gint32 count)
{
  guint16 bucket = fluo_histogram_bucket_of (duration_ns);
  guint i = find (self, bucket);

  if (count == 0)
    return;
  if (i < self->entries->len && ENTRY (self, i)->bucket == bucket)
    {
      ENTRY (self, i)->count += count;
      if (ENTRY (self, i)->count == 0)
        g_array_remove_index (self->entries, i);
    }
  else
    {
      FluoHistogramEntry entry = { bucket, count };

      g_array_insert_val (self->entries, i, entry);
    }
  self->count += count;
  /* Unsigned, so that a sum which went over the top still comes back when the same durations are
   * taken away. */
  self->sum_ns =
      (gint64) ((guint64) self->sum_ns + (guint64) duration_ns * (guint64) (gint64) count);
}

void
fluo_histogram_merge (FluoHistogram *self, const FluoHistogram *other, gint32 sign)
{
  GArray *merged = g_array_new (FALSE, FALSE, sizeof (FluoHistogramEntry));
  guint i = 0, k = 0, n = 0;

  g_array_set_size (merged, self->entries->len + other->entries->len);
  sign = sign < 0 ? -1 : 1;
  while (i < self->entries->len || k < other->entries->len)
    {
      gboolean left = i < self->entries->len, right = k < other->entries->len;
      FluoHistogramEntry entry = { 0, 0 };

      left = left && (!right || ENTRY (self, i)->bucket <= ENTRY (other, k)->bucket);
      right = right && (!left || ENTRY (self, i)->bucket == ENTRY (other, k)->bucket);
      if (left)
        entry = *ENTRY (self, i++);
      if (right)
        {
          entry.bucket = ENTRY (other, k)->bucket;
          entry.count += sign * ENTRY (other, k++)->count;
        }
      if (entry.count != 0)
        *ENTRY_OF (merged, n++) = entry;
    }
  g_array_set_size (merged, n);
  self->count += sign * other->count;
  self->sum_ns =
      (gint64) ((guint64) self->sum_ns + (guint64) (gint64) sign * (guint64) other->sum_ns);
  g_array_unref (self->entries);
  self->entries = merged;
}

gint64
fluo_histogram_quantile (const FluoHistogram *self, double q)
{
  gint64 rank, seen = 0;

  if (self->count <= 0 || self->entries->len == 0)
    return 0;
  rank = CLAMP ((gint64) ceil (q * (double) self->count), 1, self->count);
  for (guint i = 0; i < self->entries->len; i++)
    {
      seen += ENTRY (self, i)->count;
      if (seen >= rank)
        return fluo_histogram_bucket_ns (ENTRY (self, i)->bucket);
    }
  return fluo_histogram_bucket_ns (ENTRY (self, self->entries->len - 1)->bucket);
}

gint64
fluo_percentile (const gint64 *sorted, gsize n, double q)
{
  double rank;

  if (n == 0)
    return 0;
  rank = ceil (q * (double) n);
  return sorted[rank < 1 ? 0 : rank > (double) n ? n - 1 : (gsize) rank - 1];
}

void
fluo_histogram_write (const FluoHistogram *self, FluoJsonWriter *writer, const char *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (self->entries, FluoHistogramEntry, i);

      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Count");
      fluo_json_writer_int (writer, entry->count);
      fluo_json_writer_key (writer, "Value");
      /* A single call's time is known exactly. */
      fluo_json_writer_seconds (
        writer, self->count == 1 ? self->sum_ns : fluo_histogram_bucket_ns (entry->bucket));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}
