/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-order.h"

#define PRIORITY_MAX 9999

/* How many of @priorities would differ when everything from @at on is pushed so that it stays in
 * order after @first; G_MAXUINT when there is no room. Fills @ret with the result. */
static guint
push (const gint32 *priorities, guint n, guint at, gint32 first, int step, gint32 *ret)
{
  guint n_changed = 1;
  gint32 last = first;

  for (guint i = 0; i < n; i++)
    ret[i] = priorities[i];
  ret[at] = first;
  for (gint64 i = (gint64) at + step; i >= 0 && i < n; i += step)
    {
      if (step > 0 ? priorities[i] > last : priorities[i] < last)
        break;
      last += step;
      ret[i] = last;
      n_changed++;
    }
  return first < 1 || last < 1 || first > PRIORITY_MAX || last > PRIORITY_MAX ? G_MAXUINT
                                                                              : n_changed;
}

static gint32
priority_of (GPtrArray *rules, guint index)
{
  return ((const FluoSamplingRule *) g_ptr_array_index (rules, index))->priority;
}

/* In the new order, the moved one's still its old. */
static void
fill_priorities (GPtrArray *order, guint at, gint32 *ret)
{
  guint n = order->len;
  g_autofree gint32 *old = g_new (gint32, n), *down = g_new (gint32, n), *up = g_new (gint32, n);
  gint32 above = at > 0 ? priority_of (order, at - 1) : 0;
  gint32 below = at + 1 < n ? priority_of (order, at + 1) : PRIORITY_MAX + 1;
  guint n_down, n_up;

  for (guint i = 0; i < n; i++)
    old[i] = ret[i] = priority_of (order, i);
  if (below - above >= 2)
    {
      /* The middle leaves room on both sides for the next one; at the end there is enough. */
      ret[at] = at + 1 < n ? above + (below - above) / 2 : MIN (above + 10, PRIORITY_MAX);
      return;
    }
  n_down = push (old, n, at, above + 1, 1, down);
  n_up = push (old, n, at, below - 1, -1, up);
  for (guint i = 0; i < n; i++)
    ret[i] = n_down <= n_up ? down[i] : up[i];
}

GPtrArray *
fluo_admin_move_rule (GPtrArray *rules, guint from, guint to)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autofree gint32 *priorities = NULL;

  for (guint i = 0; i < rules->len; i++)
    if (!fluo_sampling_rule_is_default (g_ptr_array_index (rules, i)))
      g_ptr_array_add (order, g_ptr_array_index (rules, i));
  if (from >= order->len || to >= order->len || from == to)
    return changes;
  g_ptr_array_insert (order, (int) to, g_ptr_array_steal_index (order, from));
  priorities = g_new (gint32, order->len);
  fill_priorities (order, to, priorities);
  for (guint i = 0; i < order->len; i++)
    {
      const FluoSamplingRule *rule = g_ptr_array_index (order, i);
      g_autoptr (FluoSamplingRule) other = fluo_sampling_rule_copy (rule);
      FluoXrayChange *change;

      other->priority = priorities[i];
      change = fluo_xray_change_rule (rule, other, NULL);
      if (change)
        g_ptr_array_add (changes, change);
    }
  return changes;
}
