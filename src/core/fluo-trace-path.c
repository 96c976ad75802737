/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-private.h"

#include <stdlib.h>

/* --- Critical path --------------------------------------------------------- */

/* The part of a child that lies within its parent. */
typedef struct
{
  gint64  begin_ns;
  gint64  end_ns;
  guint32 span;
} Piece;

typedef struct
{
  guint32 span;
  gint64  begin_ns;
  gint64  cursor_ns; /* the path from here on to the right is known */
  guint first; /* its children's pieces: [first, next piece to try, end) of the shared stack */
  guint   next;
} Frame;

/* Latest end first, the longer of equals. */
static int
compare_pieces (const void *a, const void *b)
{
  const Piece *x = a, *y = b;

  if (x->end_ns != y->end_ns)
    return x->end_ns > y->end_ns ? -1 : 1;
  if (x->begin_ns != y->begin_ns)
    return x->begin_ns < y->begin_ns ? -1 : 1;
  return x->span < y->span ? -1 : x->span > y->span;
}

static void
enter (FluoTrace *self, GArray *frames, GArray *pieces, guint32 span, gint64 begin_ns,
       gint64 end_ns)
{
  Frame frame = { span, begin_ns, end_ns, pieces->len, pieces->len };

  for (guint32 c = self->spans[span].first_child; c != FLUO_SPAN_NONE;
       c = self->spans[c].next_sibling)
    {
      Piece piece = { MAX (self->spans[c].start_ns, begin_ns), MIN (self->spans[c].end_ns, end_ns),
                      c };

      if (piece.end_ns > piece.begin_ns)
        g_array_append_val (pieces, piece);
    }
  if (pieces->len - frame.first > 1)
    qsort (&g_array_index (pieces, Piece, frame.first), pieces->len - frame.first, sizeof (Piece),
           compare_pieces);
  self->spans[span].flags |= FLUO_SPAN_CRITICAL;
  g_array_append_val (frames, frame);
}

static void
add_step (FluoTrace *self, guint32 span, gint64 begin_ns, gint64 end_ns)
{
  FluoCriticalStep step = { span, begin_ns, end_ns };

  if (end_ns > begin_ns)
    g_array_append_val (self->path, step);
}

/* Walks from the root's end to its start. At the cursor the child that ended last before it is what
 * its parent waited for: the gap between belongs to the parent, the child is walked the same way,
 * and the cursor moves to its start. Children that run beside it and end later were not waited for.
 * A call and its answer are two spans like any others. */
void
fluo_trace_compute_critical_path (FluoTrace *self)
{
  g_autoptr (GArray) frames = g_array_sized_new (FALSE, FALSE, sizeof (Frame), 8);
  g_autoptr (GArray) pieces = g_array_sized_new (FALSE, FALSE, sizeof (Piece), 16);

  self->path = g_array_sized_new (FALSE, FALSE, sizeof (FluoCriticalStep), 16);
  if (self->root == FLUO_SPAN_NONE)
    return;
  enter (self, frames, pieces, self->root, self->spans[self->root].start_ns,
         self->spans[self->root].end_ns);
  while (frames->len > 0)
    {
      Frame *frame = &g_array_index (frames, Frame, frames->len - 1);
      Piece piece;

      while (frame->next < pieces->len &&
             g_array_index (pieces, Piece, frame->next).end_ns > frame->cursor_ns)
        frame->next++;
      if (frame->next == pieces->len)
        {
          add_step (self, frame->span, frame->begin_ns, frame->cursor_ns);
          g_array_set_size (pieces, frame->first);
          g_array_set_size (frames, frames->len - 1);
          continue;
        }
      piece = g_array_index (pieces, Piece, frame->next++);
      add_step (self, frame->span, piece.end_ns, frame->cursor_ns);
      frame->cursor_ns = piece.begin_ns;
      enter (self, frames, pieces, piece.span, piece.begin_ns, piece.end_ns);
    }
  for (guint i = 0; i < self->path->len / 2; i++)
    {
      FluoCriticalStep *a = &g_array_index (self->path, FluoCriticalStep, i);
      FluoCriticalStep *b = &g_array_index (self->path, FluoCriticalStep, self->path->len - 1 - i);
      FluoCriticalStep swap = *a;

      *a = *b;
      *b = swap;
    }
}
