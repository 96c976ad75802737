/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

/* Control points at this share of the way: the design's curve. */
#define CURVE 0.52

/* After so many the parameter of a point of the curve is right to a millionth. */
#define NEWTON_STEPS 3

/* Distance kept between an edge and a foreign box. */
#define CLEARANCE 4.0

/* A curve leaves a ring horizontally this far from its edge. */
#define STUB 2.0

/* Gaps with more edges than this are a tangle, where wide curves have no place. */
#define WIDE_MAX 48

/* Heights of a curve that are compared with those of others. */
#define HEIGHTS 17

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

/* Height of the curve from @a to @b at @x. All curves are one, stretched: where @x is a part of the
 * way, Newton's method finds the parameter, which is never far from it. */
static inline double
curve_height (Point a, Point b, double x)
{
  double way, t;

  if (x <= a.x)
    return a.y;
  if (x >= b.x)
    return b.y;
  t = way = (x - a.x) / (b.x - a.x);
  for (guint i = 0; i < NEWTON_STEPS; i++)
    {
      double u = 1 - t;

      t -= (u * t * (3 * CURVE * u + 3 * (1 - CURVE) * t) + t * t * t - way)
           / (3 * CURVE * u * u + 6 * (1 - 2 * CURVE) * u * t + 3 * CURVE * t * t);
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

/* Where the curve of a piece begins and ends; it is level outside. A wide curve where the columns'
 * boxes leave room for it; else it runs level to the column's edge first, where the gap between the
 * columns is free of boxes. */
static void
piece_get_bends (const FluoLayoutPart *part,
                 const Piece          *piece,
                 const double         *columns,
                 const double         *half_widths,
                 gboolean              narrow,
                 Point                *ret_a,
                 Point                *ret_b)
{
  guint rank = piece->left_rank;
  double x0 = columns[rank], x1 = columns[rank + 1];
  double edge0 = x0 + half_widths[rank] + CLEARANCE;
  double edge1 = x1 - half_widths[rank + 1] - CLEARANCE;
  Point a = { x0 + free_stub (part, piece->left), piece->left_y };
  Point b = { x1 - free_stub (part, piece->right), piece->right_y };

  if (narrow)
    {
      a.x = edge0;
      b.x = edge1;
    }
  else if (a.y != b.y)
    {
      if (piece->left == G_MAXUINT ||
          curve_hits_column (part, rank, x0, half_widths[rank], piece->left, a, b))
        a.x = edge0;
      if (piece->right == G_MAXUINT ||
          curve_hits_column (part, rank + 1, x1, half_widths[rank + 1], piece->right, a, b))
        b.x = edge1;
      /* A bend moved to the right is steeper, and may touch what it cleared before. */
      if (piece->left != G_MAXUINT &&
          curve_hits_column (part, rank, x0, half_widths[rank], piece->left, a, b))
        a.x = edge0;
    }
  *ret_a = a;
  *ret_b = b;
}

/* The piece of a wire between rank (from) + @step and the next rank. */
static Piece
wire_get_piece (const FluoLayoutPart *part,
                const FluoLayoutWire *wire,
                guint                 step)
{
  const FluoLayoutLink *link = &part->links[wire->link];
  guint first = part->rank[link->from], n = part->rank[link->to] - first;
  Piece piece = { .left_rank = first + step };

  piece.left = step == 0        ? link->from
               : link->overflow ? G_MAXUINT
                                : link->first_lane + step - 1;
  piece.right = step + 1 == n    ? link->to
                : link->overflow ? G_MAXUINT
                                 : link->first_lane + step;
  piece.left_y = piece.left == G_MAXUINT ? part->lane_y : part->y[piece.left];
  piece.right_y = piece.right == G_MAXUINT ? part->lane_y : part->y[piece.right];
  piece.left_y += step == 0 ? wire->offset_from : wire->offset_lane;
  piece.right_y += step + 1 == n ? wire->offset_to : wire->offset_lane;
  return piece;
}

/* Curves that all bend in the same stretch cross only where their order turns around, which is
 * what the order was chosen for. Wide ones bend where each has room, and may cross once more. */
static gboolean
gap_is_tangled (const FluoLayoutPart *part,
                const Piece          *pieces,
                guint                 n,
                const double         *columns,
                const double         *half_widths)
{
  double heights[WIDE_MAX][HEIGHTS];
  double x0 = columns[pieces[0].left_rank], x1 = columns[pieces[0].left_rank + 1];

  for (guint i = 0; i < n; i++)
    {
      Point a, b;

      piece_get_bends (part, &pieces[i], columns, half_widths, FALSE, &a, &b);
      for (guint k = 0; k < HEIGHTS; k++)
        heights[i][k] = curve_height (a, b, x0 + (x1 - x0) * k / (HEIGHTS - 1));
    }
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      {
        guint cuts = 0, needed;
        double last = heights[i][0] - heights[j][0], end;

        end = heights[i][HEIGHTS - 1] - heights[j][HEIGHTS - 1];
        needed = last * end < 0;
        for (guint k = 1; k < HEIGHTS; k++)
          {
            double difference = heights[i][k] - heights[j][k];

            if (difference * last < 0)
              cuts++;
            if (difference != 0)
              last = difference;
          }
        if (cuts > needed)
          return TRUE;
      }
  return FALSE;
}

void
fluo_layout_choose_bends (FluoLayoutPart *part,
                          const double   *columns,
                          const double   *half_widths)
{
  g_autofree guint *start = g_new0 (guint, part->n_ranks + 2);
  g_autofree Piece *pieces = NULL;
  guint n_pieces = 0;

  part->narrow = g_new0 (guint8, part->n_ranks);
  for (guint i = 0; i < part->wires->len; i++)
    {
      const FluoLayoutLink *link =
        &part->links[g_array_index (part->wires, FluoLayoutWire, i).link];

      for (guint r = part->rank[link->from]; r < part->rank[link->to]; r++)
        start[r + 2]++;
      n_pieces += part->rank[link->to] - part->rank[link->from];
    }
  for (guint r = 2; r < part->n_ranks + 2; r++)
    start[r] += start[r - 1];
  pieces = g_new (Piece, MAX (n_pieces, 1));
  for (guint i = 0; i < part->wires->len; i++)
    {
      const FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
      const FluoLayoutLink *link = &part->links[wire->link];
      guint n = part->rank[link->to] - part->rank[link->from];

      for (guint k = 0; k < n; k++)
        {
          Piece piece = wire_get_piece (part, wire, k);

          pieces[start[piece.left_rank + 1]++] = piece;
        }
    }
  for (guint r = 0; r + 1 < part->n_ranks; r++)
    {
      guint n = start[r + 1] - start[r];

      part->narrow[r] =
        n > WIDE_MAX
        || (n > 1 && gap_is_tangled (part, pieces + start[r], n, columns, half_widths));
    }
}

void
fluo_layout_route_wire (const FluoLayoutPart *part,
                        const FluoLayoutWire *wire,
                        const double         *columns,
                        const double         *half_widths,
                        double                top,
                        GArray               *points)
{
  const FluoLayoutLink *link = &part->links[wire->link];
  guint first = part->rank[link->from], last = part->rank[link->to];
  guint start = points->len;

  add_point (points, columns[first], part->y[link->from] + wire->offset_from);
  for (guint r = first; r < last; r++)
    {
      Piece piece = wire_get_piece (part, wire, r - first);
      Point a, b;

      if (piece.left == G_MAXUINT && piece.right == G_MAXUINT)
        {
          add_line (points, columns[r + 1], piece.right_y);
          continue;
        }
      piece_get_bends (part, &piece, columns, half_widths, part->narrow[r], &a, &b);
      add_line (points, a.x, a.y);
      add_curve (points, b.x, b.y);
      add_line (points, columns[r + 1], b.y);
    }
  for (guint i = start + 1; i < points->len; i += 2)
    g_array_index (points, double, i) += top;
}

void
fluo_layout_reverse_points (GArray *points)
{
  for (guint i = 0, j = points->len - 2; i < j; i += 2, j -= 2)
    for (guint k = 0; k < 2; k++)
      {
        double swap = g_array_index (points, double, i + k);

        g_array_index (points, double, i + k) = g_array_index (points, double, j + k);
        g_array_index (points, double, j + k) = swap;
      }
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
