/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-cohort-private.h"

#include <stdlib.h>
#include <string.h>

#include "fluo-histogram.h"

typedef struct
{
  FluoTerm term;
  GArray  *times; /* gint64 */
  guint    n_faults;
  guint    last;
} Group;

typedef struct
{
  FluoCohortGroups *groups;
  GHashTable *by_term; /* Group */
  GHashTable *plain;   /* URL -> the same without query; both borrowed */
  FluoField   field;
  const char *key;
  const FluoTraceSummary *summary;
  guint       trace;
  gboolean    found;
} Walk;

static guint
group_hash (gconstpointer data)
{
  return fluo_cohort_term_hash (&((const Group *) data)->term);
}

static gboolean
group_equal (gconstpointer a, gconstpointer b)
{
  return fluo_cohort_term_equal (&((const Group *) a)->term, &((const Group *) b)->term);
}

static void
group_free (gpointer data)
{
  g_array_unref (((Group *) data)->times);
  g_free (data);
}

/* One address for each URL without what follows its path. */
static const char *
plain_url (Walk *walk, const char *url)
{
  const gsize length = fluo_url_plain_length (url);
  g_autofree char *plain = NULL;
  char *known;

  plain = g_strndup (url, length);
  known = g_hash_table_lookup (walk->plain, plain);
  if (known)
    return known;
  known = g_steal_pointer (&plain);
  g_ptr_array_add (walk->groups->strings, known);
  g_hash_table_insert (walk->plain, known, known);
  return known;
}

static void
group_cb (const FluoTerm *term, gpointer data)
{
  Walk *walk = data;
  Group wanted = { .term = *term };
  Group *group;
  gint64 time_ns;

  if (term->field != walk->field
      || (fluo_cohort_field_has_key (term->field) && g_strcmp0 (term->key, walk->key) != 0))
    return;
  walk->found = TRUE;
  if (term->field == FLUO_FIELD_URL)
    {
      wanted.term.had_query = term->value[fluo_url_plain_length (term->value)] != '\0';
      wanted.term.value = plain_url (walk, term->value);
    }
  group = g_hash_table_lookup (walk->by_term, &wanted);
  if (!group)
    {
      group = g_memdup2 (&wanted, sizeof wanted);
      group->times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_add (walk->by_term, group);
    }
  group->term.had_query |= wanted.term.had_query;
  if (group->last == walk->trace)
    return;
  group->last = walk->trace;
  group->n_faults += walk->summary->status == FLUO_STATUS_FAULT;
  time_ns = fluo_trace_summary_get_time_ns (walk->summary);
  g_array_append_val (group->times, time_ns);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *x = *(const Group *const *) a, *y = *(const Group *const *) b;
  int order;

  if (x->times->len != y->times->len)
    return x->times->len > y->times->len ? -1 : 1;
  order = g_strcmp0 (x->term.value, y->term.value);
  if (order == 0)
    order = g_strcmp0 (x->term.key, y->term.key);
  if (order == 0)
    order = (int) x->term.status - (int) y->term.status;
  return order ? order : x->term.http_status - y->term.http_status;
}

static void
add_group (FluoCohortGroups *self, Group *group)
{
  static const double shares[] = { .5, .9, .99 };
  FluoCohortGroup row = { .term = group->term, .n = group->times->len,
                          .n_faults = group->n_faults };

  g_array_sort (group->times, compare_times);
  for (guint i = 0; i < 3; i++)
    row.quantiles[i] = fluo_percentile ((const gint64 *) (void *) group->times->data,
                                        group->times->len, shares[i]);
  g_array_append_val (self->rows, row);
}

FluoCohortGroups *
fluo_cohort_groups_new (GPtrArray *summaries, const guint8 *sides, FluoField field, const char *key)
{
  FluoCohortGroups *self = g_new0 (FluoCohortGroups, 1);
  g_autoptr (GHashTable) by_term = g_hash_table_new_full (group_hash, group_equal, group_free,
                                                          NULL);
  g_autoptr (GHashTable) plain = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  Walk walk = { .groups = self, .by_term = by_term, .plain = plain, .field = field, .key = key };
  GHashTableIter iter;
  gpointer group;

  self->summaries = g_ptr_array_ref (summaries);
  self->strings = g_ptr_array_new_with_free_func (g_free);
  self->rows = g_array_new (FALSE, FALSE, sizeof (FluoCohortGroup));
  for (guint i = 0; i < summaries->len; i++)
    {
      if (sides && sides[i] != FLUO_COHORT_A)
        continue;
      walk.summary = g_ptr_array_index (summaries, i);
      walk.trace = i + 1;
      walk.found = FALSE;
      fluo_cohort_terms_foreach (walk.summary, group_cb, &walk);
      self->n_traces++;
      self->n_with += walk.found;
    }
  g_hash_table_iter_init (&iter, by_term);
  while (g_hash_table_iter_next (&iter, &group, NULL))
    g_ptr_array_add (sorted, group);
  g_ptr_array_sort (sorted, compare_groups);
  self->n_values = sorted->len;
  for (guint i = 0; i < MIN (sorted->len, FLUO_COHORT_ROWS_MAX); i++)
    add_group (self, g_ptr_array_index (sorted, i));
  return self;
}

void
fluo_cohort_groups_free (FluoCohortGroups *self)
{
  if (!self)
    return;
  g_array_unref (self->rows);
  g_ptr_array_unref (self->summaries);
  g_ptr_array_unref (self->strings);
  g_free (self);
}
