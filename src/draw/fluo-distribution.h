/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* Response times of two sets in one chart, each as shares of its own traces, so that a few can be
 * held against many: A solid, B hatched under a line. */

#define FLUO_DISTRIBUTION_BINS_MAX 120

typedef struct
{
  double   width, height;
  double   top, base_y;
  gint64   low_ns, high_ns; /* the axis */
  gboolean log;
  guint    n_bins;
  double   share[2][FLUO_DISTRIBUTION_BINS_MAX]; /* of the set in the bin */
  double   most;                                 /* the largest of them */
  guint    n[2];
  gint64   quantiles[2][3];                      /* p50, p90, p99 */
} FluoDistribution;

/* Both arrays ascending; either may be empty. */
void fluo_distribution_layout (FluoDistribution *self, const gint64 *a, guint n_a, const gint64 *b,
                               guint n_b, double width, double height);
void fluo_distribution_draw   (FluoPainter *painter, const FluoDistribution *self,
                               FluoColor background);
/* The bin under @x and its response times; FALSE outside the chart. */
gboolean fluo_distribution_hit (const FluoDistribution *self, double x, guint *ret_bin,
                                gint64 *ret_from_ns, gint64 *ret_to_ns);

G_END_DECLS
