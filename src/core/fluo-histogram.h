/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"
#include "fluo-types.h"

G_BEGIN_DECLS

/* A histogram of durations in buckets that grow by 2^(1/32) (2.2 % wide), sparse, from 1 µs upward.
 * Because the buckets are fixed, histograms add and subtract exactly and merge in any order; a
 * quantile is right to ±1.1 %. The exact sum is kept beside. Not thread-safe; a finished one may be
 * read from any thread. */
typedef struct
{
  guint16 bucket;
  gint32  count;
} FluoHistogramEntry;

struct _FluoHistogram
{
  GArray *entries;   /* FluoHistogramEntry, sorted by bucket, no zero counts */
  gint64  count;
  gint64  sum_ns;
};

void     fluo_histogram_init      (FluoHistogram *self);
void     fluo_histogram_clear     (FluoHistogram *self);
void fluo_histogram_add (FluoHistogram *self, gint64 duration_ns,
                         gint32 count); /* count < 0 takes away */
void     fluo_histogram_merge     (FluoHistogram *self, const FluoHistogram *other, gint32 sign);
gint64   fluo_histogram_quantile  (const FluoHistogram *self, double q); /* 0 when empty */
gint64 fluo_histogram_bucket_ns (guint16 bucket); /* geometric middle of the bucket */
guint16  fluo_histogram_bucket_of (gint64 duration_ns);
/* The member @key as X-Ray writes it: a list of objects with Count and Value, in seconds. */
void fluo_histogram_write (const FluoHistogram *self, FluoJsonWriter *writer, const char *key);

/* Order statistic with nearest rank over a sorted array: the same rule everywhere a percentile is
 * shown. */
gint64   fluo_percentile          (const gint64 *sorted, gsize n, double q);

G_END_DECLS
