/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-sets.h"

#include <glib/gi18n.h>
#include <string.h>

#include "fluo-cohort-words.h"
#include "fluo-traces-compare.h"

/* Fields with more values are for the list of groups. */
#define VALUES_MAX 12
#define SETS_MAX 120

static void
set_free (gpointer data)
{
  FluoCompareSet *self = data;

  g_free (self->words);
  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

static FluoCompareSet *
add_set (GPtrArray *sets, FluoCompareSetKind kind, const char *words)
{
  FluoCompareSet *set = g_new0 (FluoCompareSet, 1);

  set->kind = kind;
  set->words = g_strdup (words);
  g_ptr_array_add (sets, set);
  return set;
}

static void
add_term (GPtrArray *sets, const FluoTerm *term)
{
  g_autofree char *field = fluo_cohort_dup_field_words (term->field, term->key);
  g_autofree char *value = fluo_cohort_dup_value_words (term);
  g_autofree char *words = g_strdup_printf ("%s %s", field, value);
  FluoCompareSet *set = add_set (sets, FLUO_SET_TERM, words);

  set->key = g_strdup (term->key);
  set->value = g_strdup (term->value);
  set->term = *term;
  set->term.key = set->key;
  set->term.value = set->value;
}

static gboolean
is_offered (const FluoCohortField *field)
{
  return field->n_values >= 2 && field->n_values <= VALUES_MAX
         && (field->field == FLUO_FIELD_ANNOTATION || field->field == FLUO_FIELD_VERSION
             || field->field == FLUO_FIELD_HTTP_STATUS
             || field->field == FLUO_FIELD_METHOD || field->field == FLUO_FIELD_URL
             || field->field == FLUO_FIELD_ZONE || field->field == FLUO_FIELD_INSTANCE
             || field->field == FLUO_FIELD_ENTRY || field->field == FLUO_FIELD_CLIENT);
}

static FluoCohort *
add_values (GPtrArray *sets, GPtrArray *summaries)
{
  g_autofree guint8 *sides = g_malloc (summaries->len + 1);
  FluoCohort *cohort;
  const FluoCohortField *fields;
  guint n;

  memset (sides, FLUO_COHORT_A, summaries->len);
  cohort = fluo_cohort_new (summaries, sides, FALSE);
  fields = fluo_cohort_get_fields (cohort, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FluoCohortGroups) groups = NULL;

      if (!is_offered (&fields[i]))
        continue;
      groups = fluo_cohort_groups_new (summaries, NULL, fields[i].field, fields[i].key);
      for (guint k = 0; k < groups->rows->len && sets->len < SETS_MAX; k++)
        add_term (sets, &g_array_index (groups->rows, FluoCohortGroup, k).term);
    }
  return cohort;
}

GPtrArray *
fluo_compare_sets_new (GPtrArray *summaries, GArray *points, const FluoBrush *brush,
                       FluoCohort **ret_all)
{
  GPtrArray *sets = g_ptr_array_new_with_free_func (set_free);
  gint64 first = G_MAXINT64, last = 0;

  if (!fluo_brush_is_empty (brush))
    add_set (sets, FLUO_SET_SELECTION, _("The selection"))->brush = *brush;
  add_set (sets, FLUO_SET_SLOWEST, _("The slowest tenth"));
  add_set (sets, FLUO_SET_REST, _("The rest"));
  add_set (sets, FLUO_SET_FAULTS, _("Faults"));
  for (guint i = 0; i < points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (points, FluoScatterPoint, i);

      first = MIN (first, point->time_ns);
      last = MAX (last, point->time_ns);
    }
  if (last > first)
    {
      add_set (sets, FLUO_SET_BEFORE, _("The first half of the time"))->middle_ns =
        first + (last - first) / 2;
      add_set (sets, FLUO_SET_AFTER, _("The second half of the time"))->middle_ns =
        first + (last - first) / 2;
    }
  *ret_all = add_values (sets, summaries);
  return sets;
}

static void
fill_one (const FluoCompareSet *set, GPtrArray *summaries, GArray *points, guint8 side,
          guint8 *sides)
{
  const FluoBrush none = FLUO_BRUSH_NONE;
  g_autofree guint8 *slow = NULL;

  if (set->kind == FLUO_SET_SELECTION || set->kind == FLUO_SET_SLOWEST)
    {
      slow = g_malloc (points->len + 1);
      fluo_brush_fill_sides (set->kind == FLUO_SET_SLOWEST ? &none : &set->brush, points, slow);
    }
  for (guint i = 0; i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      gboolean inside;

      if (sides[i] != 0)
        continue;
      inside = slow                             ? slow[i] == FLUO_COHORT_A
               : set->kind == FLUO_SET_REST     ? TRUE
               : set->kind == FLUO_SET_FAULTS   ? summary->status == FLUO_STATUS_FAULT
               : set->kind == FLUO_SET_BEFORE   ? summary->start_ns < set->middle_ns
               : set->kind == FLUO_SET_AFTER    ? summary->start_ns >= set->middle_ns
                                                : fluo_cohort_term_matches (&set->term, summary);
      if (inside)
        sides[i] = side;
    }
}

void
fluo_compare_sets_fill (const FluoCompareSet *a, const FluoCompareSet *b, GPtrArray *summaries,
                        GArray *points, guint8 *sides)
{
  memset (sides, 0, summaries->len);
  /* "The rest" is whatever the other is not, on either side. */
  if (a->kind == FLUO_SET_REST)
    {
      fill_one (b, summaries, points, FLUO_COHORT_B, sides);
      fill_one (a, summaries, points, FLUO_COHORT_A, sides);
      return;
    }
  fill_one (a, summaries, points, FLUO_COHORT_A, sides);
  fill_one (b, summaries, points, FLUO_COHORT_B, sides);
}
