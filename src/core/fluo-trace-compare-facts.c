/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-trace-compare-private.h"
#include "fluo-trace-summary.h"

/* What else differs between two traces, besides how long their calls took. */

/* Calls named in "calls only in A". */
#define ONLY_NAMES_MAX 6
#define FACTS_MAX 200
/* So many digits in a row are a number of something. */
#define ID_DIGITS_MIN 4

void
fluo_compare_fact_clear (gpointer data)
{
  FluoCompareFact *fact = data;

  g_free (fact->key);
  g_free (fact->a);
  g_free (fact->b);
  g_free (fact->name);
}

void
fluo_trace_comparison_add_fact (FluoTraceComparison *self, FluoField field, const char *key,
                                const char *a, const char *b)
{
  FluoCompareFact fact = { .field = field, .is_list = field == FLUO_N_FIELDS };

  if (self->facts->len >= FACTS_MAX)
    return;
  if (g_strcmp0 (a, b) == 0)
    {
      if (a)
        g_ptr_array_add (self->same, g_strdup (key));
      return;
    }
  fact.key = g_strdup (key);
  fact.a = g_strdup (a);
  fact.b = g_strdup (b);
  g_array_append_val (self->facts, fact);
}

/* What the fact that was added last is of. */
static void
name_fact (FluoTraceComparison *self, guint n_before, const char *name, FluoValueType type)
{
  FluoCompareFact *fact;

  if (self->facts->len == n_before)
    return;
  fact = &g_array_index (self->facts, FluoCompareFact, n_before);
  fact->name = g_strdup (name);
  fact->type = type;
}

static const char *
annotation_of (FluoTraceSummary *summary, const char *key)
{
  for (guint i = 0; i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (summary->annotations, FluoSummaryAnnotation, i);

      if (g_str_equal (annotation->key, key))
        return annotation->value;
    }
  return NULL;
}

static void
add_annotation (FluoTraceComparison *self, const FluoSummaryAnnotation *annotation, const char *a,
                const char *b)
{
  guint n = self->facts->len;

  fluo_trace_comparison_add_fact (self, FLUO_FIELD_ANNOTATION, annotation->key, a, b);
  name_fact (self, n, annotation->key, annotation->type);
}

static void
compare_annotations (FluoTraceComparison *self, FluoTraceSummary *a, FluoTraceSummary *b)
{
  for (guint i = 0; i < a->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (a->annotations, FluoSummaryAnnotation, i);

      /* Sorted by key: of several values the first stands for all. */
      if (annotation_of (a, annotation->key) == annotation->value)
        add_annotation (self, annotation, annotation->value, annotation_of (b, annotation->key));
    }
  for (guint i = 0; i < b->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (b->annotations, FluoSummaryAnnotation, i);

      if (!annotation_of (a, annotation->key) &&
          annotation_of (b, annotation->key) == annotation->value)
        add_annotation (self, annotation, NULL, annotation->value);
    }
}

static void
compare_versions (FluoTraceComparison *self)
{
  const FluoTraceService *in_a, *in_b;
  guint n_a, n_b;

  in_a = fluo_trace_get_services (self->a, &n_a);
  in_b = fluo_trace_get_services (self->b, &n_b);
  for (guint i = 0; i < n_a; i++)
    for (guint k = 0; k < n_b; k++)
      if (in_a[i].version && in_b[k].version && g_str_equal (in_a[i].name, in_b[k].name) &&
          g_strcmp0 (in_a[i].type, in_b[k].type) == 0 &&
          !g_str_equal (in_a[i].version, in_b[k].version))
        {
          g_autofree char *key = g_strdup_printf (_("%s version"), in_a[i].name);
          guint n = self->facts->len;

          fluo_trace_comparison_add_fact (self, FLUO_FIELD_VERSION, key, in_a[i].version,
                                          in_b[k].version);
          name_fact (self, n, in_a[i].name, FLUO_VALUE_STRING);
        }
}

static void
compare_first (FluoTraceComparison *self, FluoField field, const char *key, GPtrArray *in_a,
               GPtrArray *in_b)
{
  fluo_trace_comparison_add_fact (self, field, key,
                                  in_a->len ? g_ptr_array_index (in_a, 0) : NULL,
                                  in_b->len ? g_ptr_array_index (in_b, 0) : NULL);
}

static void
compare_requests (FluoTraceComparison *self, FluoTraceSummary *a, FluoTraceSummary *b)
{
  g_autofree char *status_a = a->http_status ? g_strdup_printf ("%d", a->http_status) : NULL;
  g_autofree char *status_b = b->http_status ? g_strdup_printf ("%d", b->http_status) : NULL;

  fluo_trace_comparison_add_fact (self, FLUO_FIELD_HTTP_STATUS, _("HTTP status"), status_a,
                                  status_b);
  fluo_trace_comparison_add_fact (self, FLUO_FIELD_URL, _("URL"), a->http_url, b->http_url);
  compare_first (self, FLUO_FIELD_USER, _("User"), a->users, b->users);
  compare_first (self, FLUO_FIELD_INSTANCE, _("Instance"), a->instances, b->instances);
  compare_first (self, FLUO_FIELD_ZONE, _("Zone"), a->zones, b->zones);
}

/* The names of calls that only one has, uppermost ones. */
static char *
dup_only (FluoTraceComparison *self, gboolean in_a)
{
  GString *names = g_string_new (NULL);
  guint n = 0;

  for (guint32 i = 0; i < self->rows->len;)
    {
      const FluoCompareRow *row = fluo_trace_comparison_peek (self, i);
      FluoTrace *trace = in_a ? self->a : self->b;
      guint32 span = in_a ? row->a : row->b;
      const char *detail;

      if ((in_a ? row->b : row->a) != FLUO_SPAN_NONE || span == FLUO_SPAN_NONE)
        {
          i++;
          continue;
        }
      detail = fluo_trace_get_string (trace, fluo_trace_get_spans (trace, NULL)[span].detail);
      if (n < ONLY_NAMES_MAX)
        g_string_append_printf (names, "%s%s%s%s", n ? ", " : "",
                                fluo_trace_comparison_get_name (self, i), *detail ? " " : "",
                                detail);
      n++;
      i = row->end;
    }
  if (n > ONLY_NAMES_MAX)
    g_string_append (names, ", …");
  if (n == 0)
    {
      g_string_free (names, TRUE);
      return NULL;
    }
  return g_string_free (names, FALSE);
}

/* An order, a customer, a host: of any two traces another one. */
static gboolean
is_id (const char *text)
{
  guint n = 0;

  for (; text && *text && n < ID_DIGITS_MIN; text++)
    n = g_ascii_isdigit (*text) ? n + 1 : 0;
  return n >= ID_DIGITS_MIN;
}

/* What says nothing by being another one comes last. */
static void
put_ids_last (FluoTraceComparison *self)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoCompareFact));
  FluoCompareFact *facts = (FluoCompareFact *) (gpointer) self->facts->data;
  guint n = 0;

  for (guint i = 0; i < self->facts->len; i++)
    if (!facts[i].is_list && (is_id (facts[i].a) || is_id (facts[i].b)))
      g_array_append_val (ids, facts[i]);
    else
      facts[n++] = facts[i];
  if (ids->len)
    memcpy (facts + n, ids->data, ids->len * sizeof *facts);
}

/* Where the entries are called different things, what both are. */
static void
compare_entries (FluoTraceComparison *self)
{
  if (!self->same_kind)
    fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, _("Request"),
                                    fluo_trace_get_title (self->a),
                                    fluo_trace_get_title (self->b));
}

void
fluo_trace_comparison_compare_facts (FluoTraceComparison *self)
{
  g_autoptr (FluoTraceSummary) a = fluo_trace_summary_from_trace (self->a);
  g_autoptr (FluoTraceSummary) b = fluo_trace_summary_from_trace (self->b);
  g_autofree char *only_a = NULL, *only_b = NULL;

  compare_entries (self);
  fluo_trace_comparison_compare_errors (self);
  compare_annotations (self, a, b);
  compare_versions (self);
  compare_requests (self, a, b);
  fluo_trace_comparison_compare_tries (self);
  fluo_trace_comparison_compare_metadata (self);
  only_a = dup_only (self, TRUE);
  only_b = dup_only (self, FALSE);
  if (only_a)
    fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, _("Calls only in A"), only_a, NULL);
  if (only_b)
    fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, _("Calls only in B"), NULL, only_b);
  put_ids_last (self);
}

gboolean
fluo_compare_fact_get_term (const FluoCompareFact *self, FluoTerm *ret_term)
{
  if (self->field == FLUO_N_FIELDS || !self->a)
    return FALSE;
  *ret_term = (FluoTerm) { .field = self->field, .key = self->name, .value = self->a,
                           .type = self->type };
  if (self->field == FLUO_FIELD_HTTP_STATUS)
    ret_term->http_status = (int) g_ascii_strtoll (self->a, NULL, 10);
  return TRUE;
}
