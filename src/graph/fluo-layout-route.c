/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

/* Control points at this share of the way: the design's curve. */
#define CURVE 0.52

/* Distance kept between an edge and a foreign box. */
#define CLEARANCE 4.0

/* A curve leaves a ring horizontally this far from its edge. */
#define STUB 2.0

typedef struct
{
  double x;
  double y;
} Point;

/* One piece between two columns, its ends in drawing order from left to right. */
typedef struct
{
  guint  left;      /* node or lane; G_MAXUINT on the overflow lane */
  guint  right;
  guint  left_rank;
  double left_y;
  double right_y;
} Piece;

static void
add_point (GArray *points,
           double  x,
           double  y)
{
  g_array_append_val (points, x);
  g_array_append_val (points, y);
}

static Point
last_point (const GArray *points)
{
  return (Point){ g_array_index (points, double, points->len - 2),
                  g_array_index (points, double, points->len - 1) };
}

static void
add_line (GArray *points,
          double  x,
          double  y)
{
  Point p = last_point (points);

  if (p.x == x && p.y == y)
    return;
  /* A long straight edge is one piece, however many columns it passes. */
  if (p.y == y && points->len >= 8 && g_array_index (points, double, points->len - 7) == y &&
      g_array_index (points, double, points->len - 3) == y &&
      g_array_index (points, double, points->len - 5) == y)
    {
      p.x = g_array_index (points, double, points->len - 8);
      g_array_set_size (points, points->len - 6);
    }
  add_point (points, p.x + (x - p.x) / 3, p.y + (y - p.y) / 3);
  add_point (points, p.x + (x - p.x) * 2 / 3, p.y + (y - p.y) * 2 / 3);
  add_point (points, x, y);
}

static void
add_curve (GArray *points,
           double  x,
           double  y)
{
  Point p = last_point (points);
  double dx = CURVE * (x - p.x);

  if (p.y == y)
    {
      add_line (points, x, y);
      return;
    }
  add_point (points, p.x + dx, p.y);
  add_point (points, x - dx, y);
  add_point (points, x, y);
}

/* Height of the curve from @a to @b at @x. Both coordinates grow with the parameter alone, so
 * halving finds it. */
static double
curve_height (Point  a,
              Point  b,
              double x)
{
  double low = 0, high = 1, dx = CURVE * (b.x - a.x), t = 0;

  if (x <= a.x)
    return a.y;
  if (x >= b.x)
    return b.y;
  for (guint i = 0; i < 24; i++)
    {
      double u;

      t = (low + high) / 2;
      u = 1 - t;
      if (u * u * u * a.x + 3 * u * u * t * (a.x + dx) + 3 * u * t * t * (b.x - dx) +
            t * t * t * b.x <
          x)
        low = t;
      else
        high = t;
    }
  return a.y + (b.y - a.y) * t * t * (3 - 2 * t);
}

/* Would the curve from @a to @b touch a box of column @rank (centre @x) other than @own's? Only
 * boxes at the heights that the curve takes within the column's width are looked at. */
static gboolean
curve_hits_column (const FluoLayoutPart *part,
                   guint                 rank,
                   double                x,
                   double                half_width,
                   guint                 own,
                   Point                 a,
                   Point                 b)
{
  guint low = part->layer_start[rank], high = part->layer_start[rank + 1];
  double enters = curve_height (a, b, x - half_width - CLEARANCE);
  double leaves = curve_height (a, b, x + half_width + CLEARANCE);
  double top = MIN (enters, leaves), bottom = MAX (enters, leaves);

  while (low < high)
    {
      guint middle = (low + high) / 2, u = part->layer[middle];

      if (part->y[u] + part->below[u] + CLEARANCE < top)
        low = middle + 1;
      else
        high = middle;
    }
  for (guint i = low; i < part->layer_start[rank + 1]; i++)
    {
      guint u = part->layer[i];
      double reach = part->half_width[u] + CLEARANCE, y0, y1;

      if (u >= part->n_real || u == own)
        continue;
      if (part->y[u] - part->above[u] - CLEARANCE > bottom)
        break;
      y0 = curve_height (a, b, x - reach);
      y1 = curve_height (a, b, x + reach);
      if (MAX (y0, y1) > part->y[u] - part->above[u] - CLEARANCE
          && MIN (y0, y1) < part->y[u] + part->below[u] + CLEARANCE)
        return TRUE;
    }
  return FALSE;
}

static double
free_stub (const FluoLayoutPart *part,
           guint                 node)
{
  return node < part->n_real ? MIN (FLUO_LAYOUT_RING_RADIUS + STUB, part->half_width[node]) : 0;
}

/* A wide curve where the columns' boxes leave room for it; else it runs level to the column's edge
 * first, where the gap between the columns is free of boxes. */
static void
add_piece (const FluoLayoutPart *part,
           const Piece          *piece,
           const double         *columns,
           const double         *half_widths,
           GArray               *points)
{
  guint rank = piece->left_rank;
  double x0 = columns[rank], x1 = columns[rank + 1];
  double left = free_stub (part, piece->left), right = free_stub (part, piece->right);
  Point a = { x0 + left, piece->left_y }, b = { x1 - right, piece->right_y };

  if (a.y != b.y)
    {
      if (piece->left == G_MAXUINT ||
          curve_hits_column (part, rank, x0, half_widths[rank], piece->left, a, b))
        a.x = x0 + half_widths[rank] + CLEARANCE;
      if (piece->right == G_MAXUINT ||
          curve_hits_column (part, rank + 1, x1, half_widths[rank + 1], piece->right, a, b))
        b.x = x1 - half_widths[rank + 1] - CLEARANCE;
      /* A bend moved to the right is steeper, and may touch what it cleared before. */
      if (piece->left != G_MAXUINT &&
          curve_hits_column (part, rank, x0, half_widths[rank], piece->left, a, b))
        a.x = x0 + half_widths[rank] + CLEARANCE;
    }
  add_line (points, a.x, a.y);
  add_curve (points, b.x, b.y);
  add_line (points, x1, b.y);
}

void
fluo_layout_route_link (const FluoLayoutPart *part,
                        const FluoLayoutLink *link,
                        const double         *columns,
                        const double         *half_widths,
                        double                top,
                        double                offset_from,
                        double                offset_to,
                        GArray               *points)
{
  guint first = part->rank[link->from], last = part->rank[link->to];
  guint start = points->len;
  Piece piece = { .right = link->from, .right_y = part->y[link->from] + offset_from };

  add_point (points, columns[first], piece.right_y);
  for (guint r = first; r < last; r++)
    {
      piece.left_rank = r;
      piece.left = piece.right;
      piece.left_y = piece.right_y;
      if (r + 1 == last)
        {
          piece.right = link->to;
          piece.right_y = part->y[link->to] + offset_to;
        }
      else
        {
          piece.right = link->overflow ? G_MAXUINT : link->first_lane + r - first;
          piece.right_y = link->overflow ? part->lane_y : part->y[piece.right];
        }
      if (piece.left == G_MAXUINT && piece.right == G_MAXUINT)
        add_line (points, columns[r + 1], piece.right_y);
      else
        add_piece (part, &piece, columns, half_widths, points);
    }
  for (guint i = start + 1; i < points->len; i += 2)
    g_array_index (points, double, i) += top;
}

/* A drop above the ring: leaves to the right, comes back from the left. */
void
fluo_layout_route_loop (double  x,
                        double  y,
                        GArray *points)
{
  /* A cubic reaches three quarters of its control points' height. */
  double rise = (FLUO_LAYOUT_RING_RADIUS + FLUO_LAYOUT_LOOP_HEIGHT - STUB) / 0.75;

  add_point (points, x, y);
  add_point (points, x + rise * 0.8, y - rise);
  add_point (points, x - rise * 0.8, y - rise);
  add_point (points, x, y);
}
