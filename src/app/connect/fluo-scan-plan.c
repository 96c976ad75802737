/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-scan-plan.h"

/* The first parts are this share of the range, so that the newest come soon and a long range needs
 * no hundred requests. */
#define FIRST_SHARE 8
#define FIRST_MIN_NS FLUO_NSEC_PER_MIN
/* Parts become narrower above and wider below. */
#define FOUND_HIGH 4000
#define FOUND_LOW 1000
#define SLOW_USEC (4 * G_USEC_PER_SEC)
#define QUICK_USEC G_USEC_PER_SEC

struct _FluoScanPlan
{
  FluoTimeSpan span;
  guint        n_parallel;
  gint64       width_ns;
  GArray      *todo;    /* FluoTimeSpan, newest first, as all of them */
  GArray      *reading;
  GArray      *failed;
};

/* --- Lists of spans ---------------------------------------------------------------------- */

static void
insert (GArray *list, FluoTimeSpan span)
{
  guint i = 0;

  if (fluo_time_span_length (span) <= 0)
    return;
  while (i < list->len && g_array_index (list, FluoTimeSpan, i).begin_ns > span.begin_ns)
    i++;
  g_array_insert_val (list, i, span);
}

/* FALSE when it isn't there: it was called off before. */
static gboolean
take (GArray *list, FluoTimeSpan span)
{
  for (guint i = 0; i < list->len; i++)
    if (fluo_time_span_equal (g_array_index (list, FluoTimeSpan, i), span))
      {
        g_array_remove_index (list, i);
        return TRUE;
      }
  return FALSE;
}

static void
move_all (GArray *from, GArray *to)
{
  for (guint i = 0; i < from->len; i++)
    insert (to, g_array_index (from, FluoTimeSpan, i));
  g_array_set_size (from, 0);
}

static GArray *
join (GArray *list)
{
  GArray *joined = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));

  for (guint i = 0; i < list->len; i++)
    {
      FluoTimeSpan span = g_array_index (list, FluoTimeSpan, i);
      FluoTimeSpan *last =
        joined->len > 0 ? &g_array_index (joined, FluoTimeSpan, joined->len - 1) : NULL;

      if (last && last->begin_ns == span.end_ns)
        last->begin_ns = span.begin_ns;
      else
        g_array_append_val (joined, span);
    }
  return joined;
}

/* --- Public ------------------------------------------------------------------------------ */

FluoScanPlan *
fluo_scan_plan_new (FluoTimeSpan span, guint n_parallel)
{
  FluoScanPlan *self = g_new0 (FluoScanPlan, 1);

  self->span = span;
  self->n_parallel = MAX (n_parallel, 1);
  self->width_ns = CLAMP (fluo_time_span_length (span) / FIRST_SHARE, FIRST_MIN_NS,
                          FLUO_SCAN_PART_MAX_NS);
  self->todo = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
  self->reading = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
  self->failed = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
  insert (self->todo, span);
  return self;
}

void
fluo_scan_plan_free (FluoScanPlan *self)
{
  g_array_unref (self->todo);
  g_array_unref (self->reading);
  g_array_unref (self->failed);
  g_free (self);
}

gboolean
fluo_scan_plan_next (FluoScanPlan *self, FluoTimeSpan *ret_part)
{
  FluoTimeSpan part, rest;

  if (self->todo->len == 0 || self->reading->len >= self->n_parallel)
    return FALSE;
  part = rest = g_array_index (self->todo, FluoTimeSpan, 0);
  /* Whole seconds: a service may know nothing finer. */
  part.begin_ns = part.end_ns - self->width_ns;
  part.begin_ns -= part.begin_ns % FLUO_NSEC_PER_SEC;
  /* A last bit would not be worth a request. */
  if (part.begin_ns - rest.begin_ns < self->width_ns / 4)
    part.begin_ns = rest.begin_ns;
  rest.end_ns = part.begin_ns;
  g_array_remove_index (self->todo, 0);
  insert (self->todo, rest);
  insert (self->reading, part);
  *ret_part = part;
  return TRUE;
}

static void
set_width (FluoScanPlan *self, gint64 width_ns)
{
  self->width_ns = CLAMP (width_ns, FLUO_SCAN_PART_MIN_NS, FLUO_SCAN_PART_MAX_NS);
}

void
fluo_scan_plan_done (FluoScanPlan *self, FluoTimeSpan part, guint n_found, gint64 usec)
{
  gint64 length_ns = fluo_time_span_length (part);

  if (!take (self->reading, part))
    return;
  if (n_found > FOUND_HIGH || usec > SLOW_USEC)
    set_width (self, MIN (self->width_ns, length_ns / 2));
  else if (n_found < FOUND_LOW && usec < QUICK_USEC)
    set_width (self, MAX (self->width_ns, MIN (length_ns, FLUO_SCAN_PART_MAX_NS) * 2));
}

void
fluo_scan_plan_failed (FluoScanPlan *self, FluoTimeSpan part, FluoScanFailure how)
{
  gint64 length_ns = fluo_time_span_length (part);
  gint64 middle_ns = part.begin_ns + length_ns / 2;

  if (!take (self->reading, part))
    return;
  if (how == FLUO_SCAN_TOO_MUCH && length_ns >= 2 * FLUO_SCAN_PART_MIN_NS)
    {
      middle_ns -= middle_ns % FLUO_NSEC_PER_SEC;
      middle_ns = CLAMP (middle_ns, part.begin_ns + 1, part.end_ns - 1);
      set_width (self, MIN (self->width_ns, length_ns / 2));
      insert (self->todo, (FluoTimeSpan) { part.begin_ns, middle_ns });
      insert (self->todo, (FluoTimeSpan) { middle_ns, part.end_ns });
    }
  else if (how == FLUO_SCAN_BUSY && self->n_parallel > 1)
    {
      self->n_parallel /= 2;
      insert (self->todo, part);
    }
  else
    insert (self->failed, part);
}

void
fluo_scan_plan_stop (FluoScanPlan *self)
{
  move_all (self->reading, self->todo);
}

void
fluo_scan_plan_retry (FluoScanPlan *self)
{
  move_all (self->failed, self->todo);
}

guint
fluo_scan_plan_get_n_reading (const FluoScanPlan *self)
{
  return self->reading->len;
}

guint
fluo_scan_plan_get_n_parallel (const FluoScanPlan *self)
{
  return self->n_parallel;
}

gboolean
fluo_scan_plan_is_complete (const FluoScanPlan *self)
{
  return self->todo->len == 0 && self->reading->len == 0 && self->failed->len == 0;
}

gint64
fluo_scan_plan_get_read_ns (const FluoScanPlan *self)
{
  g_autoptr (GArray) gaps = fluo_scan_plan_dup_gaps (self);
  gint64 read_ns = fluo_time_span_length (self->span);

  for (guint i = 0; i < gaps->len; i++)
    read_ns -= fluo_time_span_length (g_array_index (gaps, FluoTimeSpan, i));
  return read_ns;
}

GArray *
fluo_scan_plan_dup_gaps (const FluoScanPlan *self)
{
  g_autoptr (GArray) all = g_array_copy (self->todo);

  for (guint i = 0; i < self->reading->len; i++)
    insert (all, g_array_index (self->reading, FluoTimeSpan, i));
  for (guint i = 0; i < self->failed->len; i++)
    insert (all, g_array_index (self->failed, FluoTimeSpan, i));
  return join (all);
}
