/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <math.h>

/* Crossings as the eye sees them: the points where two drawn curves cut each other, however their
 * layout came about. Curves are cubic Béziers, 1 + 3 n points each, flattened finely. */

#define DRAWN_PIECES 16
#define DRAWN_BUCKET_PX 64.0

typedef struct
{
  double x0, y0, x1, y1;
  guint  curve;
} DrawnPiece;

typedef struct
{
  GArray *pieces; /* DrawnPiece */
  double  left, right;
  guint   n_curves;
} DrawnCurves;

static inline void
drawn_curves_init (DrawnCurves *self)
{
  *self = (DrawnCurves) { g_array_new (FALSE, FALSE, sizeof (DrawnPiece)), G_MAXDOUBLE,
                          -G_MAXDOUBLE, 0 };
}

static inline void
drawn_curves_clear (DrawnCurves *self)
{
  g_array_unref (self->pieces);
}

static inline double
drawn_cubic (const double *p, double t)
{
  const double u = 1 - t;

  return u * u * u * p[0] + 3 * u * u * t * p[2] + 3 * u * t * t * p[4] + t * t * t * p[6];
}

/* @points: pairs of x and y. What is within @trim of the first and the last point lies under a ring
 * and is not drawn. */
static inline void
drawn_curves_add (DrawnCurves *self, const double *points, guint n_points, double trim)
{
  const double *last = points + 2 * (n_points - 1);
  double x0 = points[0], y0 = points[1];

  for (guint i = 0; i + 3 < n_points; i += 3)
    {
      const double *p = points + 2 * i;
      /* A straight piece is one piece. */
      const guint n = p[1] == p[3] && p[3] == p[5] && p[5] == p[7] ? 1 : DRAWN_PIECES;

      for (guint k = 1; k <= n; k++)
        {
          const double x1 = drawn_cubic (p, k / (double) n);
          const double y1 = drawn_cubic (p + 1, k / (double) n);
          DrawnPiece piece = { x0, y0, x1, y1, self->n_curves };
          const gboolean hidden = hypot (x1 - points[0], y1 - points[1]) < trim
                                  || hypot (x0 - last[0], y0 - last[1]) < trim;

          if (!hidden && (x0 != x1 || y0 != y1))
            {
              self->left = MIN (self->left, MIN (x0, x1));
              self->right = MAX (self->right, MAX (x0, x1));
              g_array_append_val (self->pieces, piece);
            }
          x0 = x1;
          y0 = y1;
        }
    }
  self->n_curves++;
}

/* The x where two pieces cut each other; NAN when they don't. */
static inline double
drawn_pieces_cut (const DrawnPiece *a, const DrawnPiece *b)
{
  const double ax = a->x1 - a->x0, ay = a->y1 - a->y0, bx = b->x1 - b->x0, by = b->y1 - b->y0;
  const double d1 = ax * (b->y0 - a->y0) - ay * (b->x0 - a->x0);
  const double d2 = ax * (b->y1 - a->y0) - ay * (b->x1 - a->x0);
  const double d3 = bx * (a->y0 - b->y0) - by * (a->x0 - b->x0);
  const double d4 = bx * (a->y1 - b->y0) - by * (a->x1 - b->x0);

  /* Curves that meet or part do not cut each other. */
  if (d1 * d2 >= 0 || d3 * d4 >= 0)
    return NAN;
  return a->x0 + ax * (d3 / (d3 - d4));
}

static inline guint
drawn_curves_count (const DrawnCurves *self)
{
  const guint n_buckets = self->pieces->len == 0
                            ? 1
                            : 1 + (guint) ((self->right - self->left) / DRAWN_BUCKET_PX);
  g_autoptr (GPtrArray) buckets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  guint n = 0;

  for (guint i = 0; i < n_buckets; i++)
    g_ptr_array_add (buckets, g_array_new (FALSE, FALSE, sizeof (guint)));
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const DrawnPiece *p = &g_array_index (self->pieces, DrawnPiece, i);
      const guint first = (guint) ((MIN (p->x0, p->x1) - self->left) / DRAWN_BUCKET_PX);
      const guint last = (guint) ((MAX (p->x0, p->x1) - self->left) / DRAWN_BUCKET_PX);

      for (guint b = first; b <= last; b++)
        g_array_append_val ((GArray *) g_ptr_array_index (buckets, b), i);
    }
  for (guint b = 0; b < n_buckets; b++)
    {
      const GArray *bucket = g_ptr_array_index (buckets, b);

      for (guint i = 0; i < bucket->len; i++)
        for (guint k = i + 1; k < bucket->len; k++)
          {
            const DrawnPiece *p = &g_array_index (self->pieces, DrawnPiece,
                                                  g_array_index (bucket, guint, i));
            const DrawnPiece *q = &g_array_index (self->pieces, DrawnPiece,
                                                  g_array_index (bucket, guint, k));
            double x;

            if (p->curve == q->curve || MAX (p->y0, p->y1) < MIN (q->y0, q->y1)
                || MAX (q->y0, q->y1) < MIN (p->y0, p->y1))
              continue;
            x = drawn_pieces_cut (p, q);
            /* Pieces may share several buckets; the cut is in one of them. */
            if (!isnan (x) && (guint) ((x - self->left) / DRAWN_BUCKET_PX) == b)
              n++;
          }
    }
  return n;
}
