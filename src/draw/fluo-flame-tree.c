/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "draw/fluo-flame-private.h"

#define DESCRIPTION_CHARS_MAX 200
#define TABLE_SIZE_MIN 64

struct _FluoFlame
{
  FluoTrace      *trace;
  FluoFlameFrame *frames;
  guint           n_frames;
  guint32        *of_span;  /* frame of each span */
  guint           n_spans;
  guint           n_levels, n_calls;
  double          work;
  GArray         *by_status[FLUO_N_STATUSES]; /* guint32: frames of that status, ascending */
  guint32        *found_before; /* how many found ones come before a frame; NULL: not searching */
  guint           n_found;
};

/* --- Merging ------------------------------------------------------------------------------ */

/* Which frame has which caller and name: open addressing, at most half full. */
typedef struct
{
  guint32 *slots;   /* frame + 1; 0 = free */
  guint    mask;
} Table;

typedef struct
{
  guint32 service, name, detail;
} Key;

static guint
hash_key (guint32 parent, const Key *key)
{
  guint64 hash = parent * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  hash = (hash ^ key->service) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  hash = (hash ^ (hash >> 29) ^ key->name) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  hash = (hash ^ (hash >> 31) ^ key->detail) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (hash >> 32);
}

static void
table_put (Table *self, guint32 frame, guint32 parent, const Key *key)
{
  guint at = hash_key (parent, key) & self->mask;

  while (self->slots[at] != 0)
    at = (at + 1) & self->mask;
  self->slots[at] = frame + 1;
}

typedef struct
{
  FluoFlame *flame;
  GArray    *frames; /* FluoFlameFrame */
  GArray    *keys;   /* Key, one a frame */
  Table      table;
} Merger;

static void
grow_table (Merger *self)
{
  guint size = MAX (TABLE_SIZE_MIN, 2 * (self->table.mask + 1));

  g_free (self->table.slots);
  self->table.slots = g_new0 (guint32, size);
  self->table.mask = size - 1;
  for (guint i = 0; i < self->frames->len; i++)
    table_put (&self->table, i, g_array_index (self->frames, FluoFlameFrame, i).parent,
               &g_array_index (self->keys, Key, i));
}

static guint32
look_up (Merger *self, guint32 parent, const Key *key)
{
  FluoFlameFrame frame = { .parent = parent, .span = FLUO_SPAN_NONE };
  guint at;

  if (2 * (self->frames->len + 1) > self->table.mask)
    grow_table (self);
  for (at = hash_key (parent, key) & self->table.mask; self->table.slots[at] != 0;
       at = (at + 1) & self->table.mask)
    {
      guint32 known = self->table.slots[at] - 1;
      const Key *other = &g_array_index (self->keys, Key, known);

      if (g_array_index (self->frames, FluoFlameFrame, known).parent == parent &&
          other->service == key->service && other->name == key->name &&
          other->detail == key->detail)
        return known;
    }
  if (parent != FLUO_FLAME_NONE)
    frame.depth = g_array_index (self->frames, FluoFlameFrame, parent).depth + 1;
  g_array_append_val (self->frames, frame);
  g_array_append_vals (self->keys, key, 1);
  self->table.slots[at] = self->frames->len;

  return self->frames->len - 1;
}

static gint64
add (gint64 a, gint64 b)
{
  gint64 sum;

  return __builtin_add_overflow (a, b, &sum) ? G_MAXINT64 : sum;
}

static void
count_in (FluoFlameFrame *frame, const FluoSpan *spans, guint32 index)
{
  const FluoSpan *span = &spans[index];
  const guint8 status = spans[fluo_spans_failing (spans, index)].status;
  gint64 length = span->end_ns - span->start_ns;

  if (frame->span == FLUO_SPAN_NONE ||
      length > spans[frame->span].end_ns - spans[frame->span].start_ns)
    frame->span = index;
  frame->count++;
  frame->failed += status >= FLUO_STATUS_ERROR;
  frame->worst = MAX (frame->worst, status);
  frame->running |= (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;
  frame->total_ns = add (frame->total_ns, length);
  frame->own_ns = add (frame->own_ns, MAX (0, span->self_ns));
}

/* Spans are in preorder, so the frame of a span's caller is known before its own. A call whose
 * callee is known has no frame: what it waited beside the callee's time is the callee's way. */
static void
merge (Merger *self)
{
  FluoFlame *flame = self->flame;
  const FluoSpan *spans = fluo_trace_get_spans (flame->trace, NULL);

  for (guint32 i = 0; i < flame->n_spans; i++)
    {
      const FluoSpan *span = &spans[i];
      guint32 parent = span->parent < i ? flame->of_span[span->parent] : FLUO_FLAME_NONE;
      Key key = { span->service, span->name, span->detail };
      FluoFlameFrame *frame;

      if ((span->flags & FLUO_SPAN_CALL) && span->first_child != FLUO_SPAN_NONE)
        {
          flame->of_span[i] = parent;
          continue;
        }
      flame->of_span[i] = look_up (self, parent, &key);
      frame = &g_array_index (self->frames, FluoFlameFrame, flame->of_span[i]);
      count_in (frame, spans, i);
      flame->n_calls++;
      if ((span->flags & FLUO_SPAN_CALLEE) && span->parent < i)
        frame->way_ns = add (frame->way_ns, MAX (0, spans[span->parent].self_ns));
    }
}

/* --- Placing ------------------------------------------------------------------------------ */

typedef struct
{
  guint32 frame, place; /* place: of the parent in the final order */
  guint32 depth;
  double  work;
} Seat;

static int
compare_seats (const void *a, const void *b)
{
  const Seat *x = a, *y = b;

  if (x->place != y->place)
    return x->place < y->place ? -1 : 1;
  if (x->work != y->work)
    return x->work > y->work ? -1 : 1;
  /* Frames are numbered by first appearance. */
  return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* A frame is always after its caller, so sums go up in one backward pass. */
static void
sum_work (Merger *self)
{
  for (guint i = 0; i < self->frames->len; i++)
    {
      FluoFlameFrame *frame = &g_array_index (self->frames, FluoFlameFrame, i);

      frame->work = (double) frame->own_ns + (double) frame->way_ns;
    }
  for (guint i = self->frames->len; i-- > 0;)
    {
      FluoFlameFrame *frame = &g_array_index (self->frames, FluoFlameFrame, i), *parent;

      /* What took no time at all still has a place. */
      frame->work = MAX (frame->work, 1);
      if (frame->parent == FLUO_FLAME_NONE)
        {
          self->flame->work += frame->work;
          continue;
        }
      parent = &g_array_index (self->frames, FluoFlameFrame, frame->parent);
      parent->work += frame->work;
      parent->n_children++;
    }
}

/* The frames of one level, with the seats of their callers known. Returns how many seats are
 * taken. */
static guint
seat_level (Merger *self, Seat *seats, guint n, guint32 *seat_of, guint taken)
{
  FluoFlame *flame = self->flame;

  for (guint i = 0; i < n; i++)
    {
      guint32 parent = g_array_index (self->frames, FluoFlameFrame, seats[i].frame).parent;

      seats[i].place = parent == FLUO_FLAME_NONE ? 0 : seat_of[parent];
    }
  qsort (seats, n, sizeof *seats, compare_seats);
  for (guint i = 0; i < n; i++)
    {
      FluoFlameFrame *frame = &flame->frames[taken + i];
      gboolean first = i == 0 || seats[i].place != seats[i - 1].place;

      *frame = g_array_index (self->frames, FluoFlameFrame, seats[i].frame);
      seat_of[seats[i].frame] = taken + i;
      if (!first)
        frame->begin = frame[-1].begin + frame[-1].work;
      if (frame->parent == FLUO_FLAME_NONE)
        continue;
      frame->parent = seats[i].place;
      if (first)
        {
          frame->begin = flame->frames[frame->parent].begin;
          flame->frames[frame->parent].first_child = taken + i;
        }
    }

  return taken + n;
}

static int
compare_depths (const void *a, const void *b)
{
  const Seat *x = a, *y = b;

  if (x->depth != y->depth)
    return x->depth < y->depth ? -1 : 1;
  return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void
place (Merger *self)
{
  FluoFlame *flame = self->flame;
  guint n = self->frames->len;
  g_autofree Seat *seats = g_new (Seat, n + 1);
  g_autofree guint32 *seat_of = g_new (guint32, n + 1);

  for (guint i = 0; i < n; i++)
    {
      const FluoFlameFrame *frame = &g_array_index (self->frames, FluoFlameFrame, i);

      seats[i] = (Seat) { i, 0, frame->depth, frame->work };
    }
  qsort (seats, n, sizeof *seats, compare_depths);
  flame->n_frames = n;
  flame->frames = g_new (FluoFlameFrame, n + 1);
  for (guint first = 0, next; first < n; first = next)
    {
      for (next = first + 1; next < n && seats[next].depth == seats[first].depth; next++)
        ;
      seat_level (self, seats + first, next - first, seat_of, first);
      flame->n_levels++;
    }
  for (guint i = 0; i < flame->n_spans; i++)
    if (flame->of_span[i] != FLUO_FLAME_NONE)
      flame->of_span[i] = seat_of[flame->of_span[i]];
}

FluoFlame *
fluo_flame_new (FluoTrace *trace)
{
  FluoFlame *self = g_new0 (FluoFlame, 1);
  Merger merger = { self, g_array_new (FALSE, FALSE, sizeof (FluoFlameFrame)),
                    g_array_new (FALSE, FALSE, sizeof (Key)), { NULL, 0 } };

  self->trace = fluo_trace_ref (trace);
  fluo_trace_get_spans (trace, &self->n_spans);
  self->of_span = g_new (guint32, self->n_spans + 1);
  grow_table (&merger);
  merge (&merger);
  sum_work (&merger);
  place (&merger);
  self->work = MAX (self->work, 1);
  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    self->by_status[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < self->n_frames; i++)
    if (self->frames[i].worst > FLUO_STATUS_OK)
      g_array_append_val (self->by_status[self->frames[i].worst], i);
  g_array_unref (merger.frames);
  g_array_unref (merger.keys);
  g_free (merger.table.slots);

  return self;
}

void
fluo_flame_free (FluoFlame *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    g_array_unref (self->by_status[i]);
  fluo_trace_unref (self->trace);
  g_free (self->frames);
  g_free (self->of_span);
  g_free (self->found_before);
  g_free (self);
}

/* --- Asking ------------------------------------------------------------------------------- */

FluoTrace *
fluo_flame_get_trace (FluoFlame *self)
{
  return self->trace;
}

const FluoFlameFrame *
fluo_flame_get_frames (FluoFlame *self, guint *ret_n)
{
  if (ret_n != NULL)
    *ret_n = self->n_frames;

  return self->frames;
}

guint
fluo_flame_get_n_levels (FluoFlame *self)
{
  return self->n_levels;
}

guint
fluo_flame_get_n_calls (FluoFlame *self)
{
  return self->n_calls;
}

double
fluo_flame_get_work (FluoFlame *self)
{
  return self->work;
}

guint32
fluo_flame_find (FluoFlame *self, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);

  if (span >= self->n_spans)
    return FLUO_FLAME_NONE;
  if ((spans[span].flags & FLUO_SPAN_CALL) && spans[span].first_child != FLUO_SPAN_NONE)
    span = spans[span].first_child;

  return self->of_span[span];
}

void
fluo_flame_set_found (FluoFlame *self, const GArray *found)
{
  g_clear_pointer (&self->found_before, g_free);
  self->n_found = 0;
  if (found == NULL || found->len == 0)
    return;

  self->found_before = g_new0 (guint32, self->n_frames + 1);
  for (guint i = 0; i < found->len; i++)
    {
      guint32 frame =
        fluo_flame_find (self, g_array_index (found, FluoWaterfallFound, i).span);

      if (frame != FLUO_FLAME_NONE)
        self->found_before[frame + 1] = 1;
    }
  for (guint i = 0; i < self->n_frames; i++)
    self->found_before[i + 1] += self->found_before[i];
  self->n_found = self->found_before[self->n_frames];
}

guint
fluo_flame_get_n_found (FluoFlame *self)
{
  return self->n_found;
}

gboolean
fluo_flame_has_found (FluoFlame *self, guint32 first, guint32 end)
{
  return self->found_before != NULL && self->found_before[end] > self->found_before[first];
}

FluoStatus
fluo_flame_get_worst (FluoFlame *self, guint32 first, guint32 end)
{
  for (guint status = FLUO_N_STATUSES - 1; status > FLUO_STATUS_OK; status--)
    {
      const GArray *frames = self->by_status[status];
      guint low = 0, high = frames->len;

      while (low < high)
        {
          guint middle = low + (high - low) / 2;

          if (g_array_index (frames, guint32, middle) < first)
            low = middle + 1;
          else
            high = middle;
        }
      if (low < frames->len && g_array_index (frames, guint32, low) < end)
        return status;
    }

  return FLUO_STATUS_OK;
}

guint32
fluo_flame_get_level (FluoFlame *self, guint level, guint32 *ret_end)
{
  guint bounds[2];

  /* Frames are in order of depth. */
  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      guint low = 0, high = self->n_frames;

      while (low < high)
        {
          guint middle = low + (high - low) / 2;

          if (self->frames[middle].depth < level + i)
            low = middle + 1;
          else
            high = middle;
        }
      bounds[i] = low;
    }
  *ret_end = bounds[1];

  return bounds[0];
}

guint32
fluo_flame_get_beside (FluoFlame *self, guint32 frame, int step)
{
  gint64 at = (gint64) frame + step;

  if (frame >= self->n_frames || at < 0 || at >= self->n_frames ||
      self->frames[at].depth != self->frames[frame].depth)
    return FLUO_FLAME_NONE;

  return (guint32) at;
}

static guint32
next_of (FluoFlame *self, guint32 from, gboolean forward, FluoStatus least)
{
  guint32 at = from < self->n_frames ? from : forward ? self->n_frames - 1 : 0;

  for (guint i = 0; i < self->n_frames; i++)
    {
      at = forward ? (at + 1) % self->n_frames : (at + self->n_frames - 1) % self->n_frames;
      if (self->frames[at].worst >= least)
        return at;
    }

  return FLUO_FLAME_NONE;
}

guint32
fluo_flame_next_failed (FluoFlame *self, guint32 from, gboolean forward)
{
  guint32 found = next_of (self, from, forward, FLUO_STATUS_FAULT);

  return found != FLUO_FLAME_NONE ? found : next_of (self, from, forward, FLUO_STATUS_ERROR);
}

char *
fluo_flame_dup_description (FluoFlame *self, FluoWaterfallRows *rows, guint32 index)
{
  GString *text = g_string_new (NULL);
  const FluoFlameFrame *frame;
  const FluoSpan *span;
  g_autofree char *name = NULL, *detail = NULL, *total = NULL, *own = NULL, *share = NULL;

  if (index >= self->n_frames)
    return g_string_free (text, FALSE);

  frame = &self->frames[index];
  span = &fluo_trace_get_spans (self->trace, NULL)[frame->span];
  name = fluo_format_untrusted (fluo_waterfall_rows_get_name (rows, frame->span),
                                DESCRIPTION_CHARS_MAX);
  detail = fluo_format_untrusted (fluo_trace_get_string (self->trace, span->detail),
                                  DESCRIPTION_CHARS_MAX);
  total = fluo_format_duration (frame->total_ns);
  own = fluo_format_duration (frame->own_ns);
  share = fluo_format_share (frame->work / self->work);
  g_string_append (text, name);
  if (*detail != '\0')
    g_string_append_printf (text, ", %s", detail);
  g_string_append (text, ", ");
  g_string_append_printf (text, ngettext ("%u call", "%u calls", frame->count), frame->count);
  g_string_append (text, ", ");
  g_string_append_printf (text, _("%s together, own work %s, %s of all work"), total, own, share);
  if (frame->failed > 0)
    {
      g_string_append (text, ", ");
      g_string_append_printf (text, _("%u failed"), frame->failed);
    }

  return g_string_free (text, FALSE);
}
