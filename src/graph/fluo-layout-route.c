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
#define STRAIGHT 2.0

/* Gaps with more edges than this are a tangle, where wide curves have no place. */
#define WIDE_MAX 48

/* Heights of a curve that are compared with those of others. */
#define HEIGHTS 17

typedef struct
{
  double x;
  double y;
} Point;

struct _FluoLayoutPiece
{
  guint left;      /* node or lane; G_MAXUINT on the overflow lane */
  guint right;
  guint left_rank;
  Point a;         /* where its curve begins and ends; outside it is level */
  Point b;
};

/* --- Drawing -------------------------------------------------------------- */

/* Writes a route: there is room for all that may come. */
typedef struct
{
  double *points;
  guint   n;
} Pen;

static inline void
pen_add (Pen *self, double x, double y)
{
  self->points[self->n++] = x;
  self->points[self->n++] = y;
}

static void
pen_line_to (Pen *self, double x, double y)
{
  double *end = self->points + self->n, x0 = end[-2], y0 = end[-1];

  if (x0 == x && y0 == y)
    return;
  /* A long straight edge is one piece, however many columns it passes. */
  if (y0 == y && self->n >= 8 && end[-3] == y && end[-5] == y && end[-7] == y)
    {
      x0 = end[-8];
      self->n -= 6;
    }
  pen_add (self, x0 + (x - x0) / 3, y0 + (y - y0) / 3);
  pen_add (self, x0 + (x - x0) * 2 / 3, y0 + (y - y0) * 2 / 3);
  pen_add (self, x, y);
}

static void
pen_curve_to (Pen *self, double x, double y)
{
  double x0 = self->points[self->n - 2], y0 = self->points[self->n - 1];
  double dx = CURVE * (x - x0);

  if (y0 == y)
    {
      pen_line_to (self, x, y);
      return;
    }
  pen_add (self, x0 + dx, y0);
  pen_add (self, x - dx, y);
  pen_add (self, x, y);
}

/* --- Bends ---------------------------------------------------------------- */

/* Which part of its height a curve has made after @way, a part of its width from 0 to 1. All curves
 * are one, stretched: Newton's method finds the parameter, which is never far from @way. */
static inline double
curve_share (double way)
{
  double t = way;

  for (guint i = 0; i < NEWTON_STEPS; i++)
    {
      double u = 1 - t;

      t -= (u * t * (3 * CURVE * u + 3 * (1 - CURVE) * t) + t * t * t - way)
           / (3 * CURVE * u * u + 6 * (1 - 2 * CURVE) * u * t + 3 * CURVE * t * t);
    }
  return t * t * (3 - 2 * t);
}

static inline double
curve_height (Point a, Point b, double x)
{
  return a.y + (b.y - a.y) * curve_share (CLAMP ((x - a.x) / (b.x - a.x), 0, 1));
}

/* The first place in a column whose box ends below @top, when there is one. */
static guint
find_below (const FluoLayoutPart *part, guint rank, double top)
{
  guint low = part->layer_start[rank], high = part->layer_start[rank + 1];

  while (low < high)
    {
      guint middle = (low + high) / 2, u = part->layer[middle];

      if (part->y[u] + part->below[u] + CLEARANCE < top)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Would the curve from @a to @b touch a box of column @rank (centre @x) other than @own's? Only
 * boxes at the heights that it takes are looked at. */
static gboolean
curve_hits_column (const FluoLayoutPart *part, guint rank, double x, guint own, Point a, Point b)
{
  double top = MIN (a.y, b.y), bottom = MAX (a.y, b.y);

  for (guint i = find_below (part, rank, top); i < part->layer_start[rank + 1]; i++)
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

/* A route is straight so far from the middle of a node's box before it may bend. */
static double
straight_end (const FluoLayoutPart *part,
           guint                 node)
{
  return node < part->n_real ? MIN (FLUO_LAYOUT_RING_RADIUS + STRAIGHT, part->half_width[node]) : 0;
}

/* A piece bends on the whole way between the columns' places where their boxes leave room for it.
 * Else it runs level to the column's edge first: the gap between the columns is free of boxes. */
static void
piece_bend (FluoLayoutPiece *self, const FluoLayoutPart *part, const double *columns,
            const double *half_widths)
{
  guint rank = self->left_rank;
  double x0 = columns[rank], x1 = columns[rank + 1];
  double half0 = half_widths[rank], half1 = half_widths[rank + 1];

  self->a.x = x0 + straight_end (part, self->left);
  self->b.x = x1 - straight_end (part, self->right);
  if (self->a.y == self->b.y)
    return;
  if (self->left == G_MAXUINT || curve_hits_column (part, rank, x0, self->left, self->a, self->b))
    self->a.x = x0 + half0 + CLEARANCE;
  if (self->right != G_MAXUINT
      && !curve_hits_column (part, rank + 1, x1, self->right, self->a, self->b))
    return;
  self->b.x = x1 - half1 - CLEARANCE;
  /* It is steeper now, and may touch what it cleared before. */
  if (self->left != G_MAXUINT && curve_hits_column (part, rank, x0, self->left, self->a, self->b))
    self->a.x = x0 + half0 + CLEARANCE;
}

/* The piece of a wire between rank (from) + @step and the next rank, without its bends. */
static FluoLayoutPiece
wire_get_piece (const FluoLayoutPart *part, const FluoLayoutWire *wire, guint step)
{
  const FluoLayoutLink *link = &part->links[wire->link];
  guint first = part->rank[link->from], n = part->rank[link->to] - first;
  FluoLayoutPiece piece = { .left_rank = first + step };

  piece.left = step == 0        ? link->from
               : link->overflow ? G_MAXUINT
                                : link->first_lane + step - 1;
  piece.right = step + 1 == n    ? link->to
                : link->overflow ? G_MAXUINT
                                 : link->first_lane + step;
  piece.a.y = piece.left == G_MAXUINT ? part->lane_y : part->y[piece.left];
  piece.b.y = piece.right == G_MAXUINT ? part->lane_y : part->y[piece.right];
  piece.a.y += step == 0 ? wire->offset_from : wire->offset_lane;
  piece.b.y += step + 1 == n ? wire->offset_to : wire->offset_lane;
  return piece;
}

/* Two curves over the same stretch cross where their order turns around, and nowhere else. */
static gboolean
pieces_are_parallel (const FluoLayoutPiece *p, const FluoLayoutPiece *q)
{
  return (p->a.x == q->a.x && p->b.x == q->b.x)
         || MAX (p->a.y, p->b.y) < MIN (q->a.y, q->b.y)
         || MAX (q->a.y, q->b.y) < MIN (p->a.y, p->b.y);
}

/* Finds the stretches that curves bend over, of which most share a few. @stretch: for each, which;
 * @first: for each of those, a piece. Returns how many there are. */
static guint
gap_find_stretches (const FluoLayoutPiece *pieces, const guint *gap, guint n, guint *stretch,
                    guint *first)
{
  guint n_stretches = 0;

  for (guint i = 0; i < n; i++)
    {
      const FluoLayoutPiece *p = &pieces[gap[i]];
      guint s = 0;

      while (s < n_stretches
             && (pieces[first[s]].a.x != p->a.x || pieces[first[s]].b.x != p->b.x))
        s++;
      if (s == n_stretches)
        first[n_stretches++] = gap[i];
      stretch[i] = s;
    }
  return n_stretches;
}

/* Fills how far a curve has come, at heights across a gap. */
static void
piece_sample (const FluoLayoutPiece *self, double x0, double x1, double *shares)
{
  double ways[HEIGHTS], step = (x1 - x0) / (HEIGHTS - 1), width = self->b.x - self->a.x;

  for (guint k = 0; k < HEIGHTS; k++)
    ways[k] = CLAMP ((x0 + step * k - self->a.x) / width, 0, 1);
  for (guint k = 0; k < HEIGHTS; k++)
    shares[k] = curve_share (ways[k]);
}

/* How often two curves change sides. Where they touch, it counts on which side they were before. */
static guint
count_cuts (const double *p, const double *q)
{
  guint cuts = 0, touches = 0;
  double last = p[0] - q[0];

  for (guint k = 0; k + 1 < HEIGHTS; k++)
    {
      touches += p[k] == q[k];
      cuts += (p[k] < q[k]) != (p[k + 1] < q[k + 1]);
    }
  if (touches == 0)
    return cuts;
  cuts = 0;
  for (guint k = 1; k < HEIGHTS; k++)
    {
      double difference = p[k] - q[k];

      if (difference * last < 0)
        cuts++;
      if (difference != 0)
        last = difference;
    }
  return cuts;
}

/* Curves that all bend in the same stretch cross only where their order turns around, which is
 * what the order was chosen for. Wide ones bend where each has room, and may cross once more.
 * @gap: which of the pieces are between two neighbouring columns, at @x0 and @x1. */
static gboolean
gap_is_tangled (const FluoLayoutPiece *pieces, const guint *gap, guint n, double x0, double x1)
{
  double heights[WIDE_MAX][HEIGHTS], shares[WIDE_MAX][HEIGHTS];
  guint stretch[WIDE_MAX], first[WIDE_MAX];
  guint n_stretches = gap_find_stretches (pieces, gap, n, stretch, first);

  if (n_stretches < 2)
    return FALSE;
  for (guint s = 0; s < n_stretches; s++)
    piece_sample (&pieces[first[s]], x0, x1, shares[s]);
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < HEIGHTS; k++)
      heights[i][k] = pieces[gap[i]].a.y
                      + (pieces[gap[i]].b.y - pieces[gap[i]].a.y) * shares[stretch[i]][k];
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      {
        const double *p = heights[i], *q = heights[j];

        if (pieces_are_parallel (&pieces[gap[i]], &pieces[gap[j]]))
          continue;
        if (count_cuts (p, q) > ((p[0] - q[0]) * (p[HEIGHTS - 1] - q[HEIGHTS - 1]) < 0))
          return TRUE;
      }
  return FALSE;
}

/* Cuts the wires into pieces, and sorts those by the gap that they are in. */
static void
part_make_pieces (FluoLayoutPart *part, guint *start, guint **ret_gaps)
{
  guint n_pieces = 0;

  for (guint i = 0; i < part->wires->len; i++)
    {
      FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
      const FluoLayoutLink *link = &part->links[wire->link];

      wire->first_piece = n_pieces;
      for (guint r = part->rank[link->from]; r < part->rank[link->to]; r++)
        start[r + 2]++;
      n_pieces += part->rank[link->to] - part->rank[link->from];
    }
  for (guint r = 2; r < part->n_ranks + 2; r++)
    start[r] += start[r - 1];
  part->pieces = g_new (FluoLayoutPiece, MAX (n_pieces, 1));
  *ret_gaps = g_new (guint, MAX (n_pieces, 1));
  for (guint i = 0; i < part->wires->len; i++)
    {
      const FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
      const FluoLayoutLink *link = &part->links[wire->link];
      guint n = part->rank[link->to] - part->rank[link->from];

      for (guint k = 0; k < n; k++)
        {
          part->pieces[wire->first_piece + k] = wire_get_piece (part, wire, k);
          (*ret_gaps)[start[part->rank[link->from] + k + 1]++] = wire->first_piece + k;
        }
    }
}

void
fluo_layout_bend_wires (FluoLayoutPart *part, const double *columns, const double *half_widths)
{
  g_autofree guint *start = g_new0 (guint, part->n_ranks + 2);
  g_autofree guint *gaps = NULL;

  part_make_pieces (part, start, &gaps);
  for (guint r = 0; r + 1 < part->n_ranks; r++)
    {
      const guint *gap = gaps + start[r];
      guint n = start[r + 1] - start[r];

      for (guint i = 0; i < n && n <= WIDE_MAX; i++)
        piece_bend (&part->pieces[gap[i]], part, columns, half_widths);
      if (n <= WIDE_MAX
          && !gap_is_tangled (part->pieces, gap, n, columns[r], columns[r + 1]))
        continue;
      for (guint i = 0; i < n; i++)
        {
          part->pieces[gap[i]].a.x = columns[r] + half_widths[r] + CLEARANCE;
          part->pieces[gap[i]].b.x = columns[r + 1] - half_widths[r + 1] - CLEARANCE;
        }
    }
}

void
fluo_layout_route_wire (const FluoLayoutPart *part, const FluoLayoutWire *wire,
                        const double *columns, double top, GArray *points)
{
  const FluoLayoutLink *link = &part->links[wire->link];
  guint first = part->rank[link->from], n = part->rank[link->to] - first, start = points->len;
  Pen pen;

  /* A beginning, and for each piece a line, a curve and a line. */
  g_array_set_size (points, start + 2 + n * 18);
  pen = (Pen) { (double *) points->data + start, 0 };
  pen_add (&pen, columns[first], part->y[link->from] + wire->offset_from);
  for (guint k = 0; k < n; k++)
    {
      const FluoLayoutPiece *piece = &part->pieces[wire->first_piece + k];

      if (piece->left != G_MAXUINT || piece->right != G_MAXUINT)
        {
          pen_line_to (&pen, piece->a.x, piece->a.y);
          pen_curve_to (&pen, piece->b.x, piece->b.y);
        }
      pen_line_to (&pen, columns[first + k + 1], piece->b.y);
    }
  for (guint i = 1; i < pen.n; i += 2)
    pen.points[i] += top;
  g_array_set_size (points, start + pen.n);
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
  double rise = (FLUO_LAYOUT_RING_RADIUS + FLUO_LAYOUT_LOOP_HEIGHT - STRAIGHT) / 0.75;
  double way[] = { x, y, x + rise * 0.8, y - rise, x - rise * 0.8, y - rise, x, y };

  g_array_append_vals (points, way, G_N_ELEMENTS (way));
}
