/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-why-nothing.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws/fluo-xray-missing.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter.h"

#define SHOWN_CHARS_MAX 60
#define DAY_NS (24 * 60 * FLUO_NSEC_PER_MIN)

/* Whole expressions that may find something, counted all at once. */
typedef struct
{
  FluoWhyKind kind;
  char       *expression;
  char       *subject; /* the condition that is another one now */
  gint64      relative_ns;
} Candidate;

typedef struct
{
  GPtrArray      *conditions; /* char *, canonical; NULL-terminated */
  FluoTimeSpan    span;
  FluoWhyNothing *why;
  GPtrArray      *candidates; /* Candidate */
  guint           range;      /* of ranges[] that is being asked about */
  char           *key;        /* of an annotation that finds nothing, or NULL */
} Search;

/* Longer ranges, tried one after the other. */
static const gint64 ranges[] = { DAY_NS, 30 * DAY_NS };

/* --- Values ---------------------------------------------------------------------------------- */

static void
proposal_free (gpointer data)
{
  FluoWhyProposal *self = data;

  g_free (self->sentence);
  g_free (self->expression);
  g_free (self);
}

void
fluo_why_nothing_free (FluoWhyNothing *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->looked_at);
  g_free (self->reason);
  g_clear_pointer (&self->counts, fluo_filter_counts_free);
  g_ptr_array_unref (self->proposals);
  g_free (self);
}

static void
candidate_free (gpointer data)
{
  Candidate *self = data;

  g_free (self->expression);
  g_free (self->subject);
  g_free (self);
}

static void
search_free (gpointer data)
{
  Search *self = data;

  g_ptr_array_unref (self->conditions);
  g_ptr_array_unref (self->candidates);
  g_clear_pointer (&self->why, fluo_why_nothing_free);
  g_free (self->key);
  g_free (self);
}

/* Takes over @sentence and @expression. */
static void
propose (Search *self, FluoWhyKind kind, char *sentence, char *expression, gint64 relative_ns,
         gint64 count)
{
  FluoWhyProposal *proposal = g_new0 (FluoWhyProposal, 1);

  proposal->kind = kind;
  proposal->sentence = sentence;
  proposal->expression = expression;
  proposal->relative_ns = relative_ns;
  proposal->count = count;
  g_ptr_array_add (self->why->proposals, proposal);
}

static const char *
condition_at (const Search *self, guint i)
{
  return self->conditions->pdata[i];
}

static guint
n_conditions (const Search *self)
{
  return self->conditions->len - 1;
}

/* --- Expressions ----------------------------------------------------------------------------- */

/* Brackets that are superfluous go when it is printed. */
static void
append_condition (GString *out, const char *condition)
{
  g_string_append_printf (out, "%s(%s)", out->len > 0 ? " AND " : "", condition);
}

/* The conditions [0, @n) but for @without, with @instead in place of @replaced. G_MAXUINT: none. */
static char *
join_conditions (const Search *self, guint n, guint without, guint replaced, const char *instead)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (FluoFilter) filter = NULL;

  for (guint i = 0; i < n; i++)
    if (i != without)
      append_condition (out, i == replaced ? instead : condition_at (self, i));
  filter = fluo_filter_new (out->str, -1, NULL, NULL);
  return filter ? fluo_filter_print (filter) : NULL;
}

/* What of a trace is its root's alone, and may be asked of any service. */
static char *
dup_any_service (const char *condition)
{
  static const char *const words[] = { "fault", "error", "throttle", "responsetime", "http." };
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (condition, words[i]))
      {
        g_autoptr (FluoFilter) filter = NULL;

        text = g_strdup_printf ("service() { %s }", condition);
        filter = fluo_filter_new (text, -1, NULL, NULL);
        return filter ? g_steal_pointer (&text) : NULL;
      }
  return NULL;
}

/* The key of a condition about an annotation, or NULL. */
static char *
dup_key (const char *condition)
{
  const char *end;

  if (g_str_has_prefix (condition, "annotation."))
    {
      condition += strlen ("annotation.");
      return g_strndup (condition, strcspn (condition, " "));
    }
  if (!g_str_has_prefix (condition, "annotation["))
    return NULL;
  condition += strlen ("annotation[");
  end = strchr (condition, ']');
  return end ? g_strndup (condition, (gsize) (end - condition)) : NULL;
}

static char *
replace_key (const char *condition, const char *key)
{
  const char *rest = g_str_has_prefix (condition, "annotation[") ? strchr (condition, ']') + 1
                                                                 : strchr (condition, ' ');

  return g_strdup_printf ("annotation[%s]%s", key, rest ? rest : "");
}

/* --- Sentences ------------------------------------------------------------------------------- */

static char *
quote (const char *condition)
{
  return fluo_format_untrusted (condition, SHOWN_CHARS_MAX);
}

static void
explain (Search *self)
{
  const FluoFilterCounts *counts = self->why->counts;
  g_autofree char *all = fluo_format_count (counts->n_traces);
  g_autofree char *range = fluo_format_range (self->span, NULL);

  if (counts->exact)
    self->why->looked_at =
      g_strdup_printf (ngettext ("%s trace of %s was looked at.", "%s traces of %s were looked at.",
                                 (gulong) counts->n_traces), all, range);
  else
    self->why->looked_at =
      g_strdup_printf (ngettext ("%s trace of %s was fetched and looked at.",
                                 "%s traces of %s were fetched and looked at.",
                                 (gulong) counts->n_traces), all, range);
  self->why->culprit = G_MAXUINT;
  for (guint i = 0; i < counts->conditions->len && self->why->culprit == G_MAXUINT; i++)
    if (g_array_index (counts->conditions, FluoConditionCount, i).after == 0)
      self->why->culprit = i;
  if (counts->n_traces > 0 && self->why->culprit != G_MAXUINT)
    {
      guint i = self->why->culprit;
      g_autofree char *shown = quote (condition_at (self, i));
      guint64 alone = g_array_index (counts->conditions, FluoConditionCount, i).alone;

      self->why->reason = g_strdup_printf (alone == 0 ? _("Nothing satisfies “%s”.")
                                                      : _("After “%s” nothing is left."),
                                           shown);
    }
}

static void
propose_drops (Search *self)
{
  const GArray *counts = self->why->counts->conditions;
  gboolean any = FALSE;

  for (guint i = 0; i < counts->len && counts->len > 1; i++)
    {
      guint64 n = g_array_index (counts, FluoConditionCount, i).without;
      g_autofree char *shown = quote (condition_at (self, i));
      g_autofree char *count = fluo_format_count (n);

      if (n == 0)
        continue;
      any = TRUE;
      propose (self, FLUO_WHY_DROP,
               g_strdup_printf (ngettext ("Without “%s” there is %s trace.",
                                          "Without “%s” there are %s traces.", (gulong) n),
                                shown, count),
               join_conditions (self, n_conditions (self), i, G_MAXUINT, NULL), 0, (gint64) n);
    }
  if (!any && self->why->culprit != G_MAXUINT && self->why->culprit > 0)
    {
      guint culprit = self->why->culprit;
      guint64 n = g_array_index (counts, FluoConditionCount, culprit - 1).after;
      g_autofree char *shown = quote (condition_at (self, culprit));
      g_autofree char *count = fluo_format_count (n);

      propose (self, FLUO_WHY_PREFIX,
               g_strdup_printf (ngettext ("Before “%s” there is %s trace.",
                                          "Before “%s” there are %s traces.", (gulong) n),
                                shown, count),
               join_conditions (self, culprit, G_MAXUINT, G_MAXUINT, NULL), 0, (gint64) n);
    }
}

static void
propose_candidate (Search *self, const Candidate *candidate, guint64 n)
{
  g_autofree char *shown = quote (candidate->subject);
  g_autofree char *count = fluo_format_count (n);

  propose (self, candidate->kind,
           g_strdup_printf (
             candidate->kind == FLUO_WHY_ANY_SERVICE
               ? ngettext ("“%s” looks at the root only; in any service there is %s trace.",
                           "“%s” looks at the root only; in any service there are %s traces.",
                           (gulong) n)
               : ngettext ("With “%s” there is %s trace.", "With “%s” there are %s traces.",
                           (gulong) n),
             shown, count),
           g_strdup (candidate->expression), 0, (gint64) n);
}

/* --- What else may be asked ------------------------------------------------------------------ */

static void
add_candidate (Search *self, FluoWhyKind kind, guint replaced, const char *subject,
               const char *instead)
{
  char *expression = join_conditions (self, n_conditions (self), G_MAXUINT, replaced, instead);
  Candidate *candidate;

  if (!expression || self->candidates->len >= FLUO_XRAY_CONDITIONS_MAX)
    {
      g_free (expression);
      return;
    }
  candidate = g_new0 (Candidate, 1);
  candidate->kind = kind;
  candidate->expression = expression;
  candidate->subject = g_strdup (subject);
  g_ptr_array_add (self->candidates, candidate);
}

static void
find_candidates (Search *self, FluoExplorer *explorer)
{
  FluoFilterVocabulary *words = fluo_explorer_get_vocabulary (explorer, NULL, NULL);

  for (guint i = 0; i < n_conditions (self); i++)
    {
      const char *condition = condition_at (self, i);
      g_autofree char *any = dup_any_service (condition);
      g_autofree char *key = dup_key (condition);
      const FluoConditionCount *count =
        &g_array_index (self->why->counts->conditions, FluoConditionCount, i);

      if (any)
        add_candidate (self, FLUO_WHY_ANY_SERVICE, i, condition, any);
      if (key && count->alone == 0)
        {
          const char *near = words ? fluo_filter_vocabulary_find_near (words, key) : NULL;
          g_autofree char *instead =
            near && !g_str_equal (near, key) ? replace_key (condition, near) : NULL;

          if (instead)
            add_candidate (self, FLUO_WHY_KEY, i, instead, instead);
          if (!self->key)
            self->key = g_steal_pointer (&key);
        }
    }
}

/* --- One question after the other ------------------------------------------------------------ */

static void ask_range (GTask *task);

static int
compare_proposals (gconstpointer a, gconstpointer b)
{
  const FluoWhyProposal *x = *(gpointer *) a, *y = *(gpointer *) b;
  /* What explains comes before what only leaves something out, and notes last. */
  static const int ranks[] = { 1, 1, 0, 0, 2, 3, 4, 4 };

  if (ranks[x->kind] != ranks[y->kind])
    return ranks[x->kind] - ranks[y->kind];
  return x->count == y->count ? 0 : x->count > y->count ? -1 : 1;
}

static void
finish (GTask *task)
{
  Search *self = g_task_get_task_data (task);

  g_ptr_array_sort (self->why->proposals, compare_proposals);
  g_task_return_pointer (task, g_steal_pointer (&self->why),
                         (GDestroyNotify) fluo_why_nothing_free);
}

static FluoXrayClient *
get_client (GTask *task)
{
  return fluo_explorer_get_client (g_task_get_source_object (task));
}

static void
destination_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, NULL);
  g_autofree char *destination =
    tape ? fluo_json_tape_dup_member (tape, 0, "Destination") : NULL;

  if (g_strcmp0 (destination, "CloudWatchLogs") == 0)
    propose (g_task_get_task_data (task), FLUO_WHY_INDEXING,
             g_strdup (_("Transaction Search is on: X-Ray indexes one trace in a hundred, "
                         "unless somebody has changed that. All of them are in CloudWatch Logs, "
                         "in the log group aws/spans.")),
             NULL, 0, -1);
  finish (task);
}

static void
note_finding (Search *self, const FluoFinding *finding)
{
  g_autofree char *key = self->key ? quote (self->key) : NULL;

  if (key && g_str_equal (finding->kind, "Metadata"))
    propose (self, FLUO_WHY_METADATA,
             g_strdup_printf (_("“%s” is metadata, and filters see annotations only: record it as "
                                "an annotation."), key),
             NULL, 0, -1);
  else if (key && g_str_equal (finding->kind, "NoSuchKey"))
    propose (self, FLUO_WHY_METADATA,
             g_strdup_printf (_("Nobody has recorded “%s”, neither as an annotation nor as "
                                "metadata."), key),
             NULL, 0, -1);
  else if (g_str_equal (finding->kind, "Sampling"))
    propose (self, FLUO_WHY_SAMPLING,
             g_strdup (_("Programs record a part of their requests only: what was not sampled is "
                         "not here.")),
             NULL, 0, -1);
}

static void
missing_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (FluoMissingReport) report =
    fluo_xray_client_explain_missing_finish (FLUO_XRAY_CLIENT (source), result, NULL);

  for (guint i = 0; report && i < report->findings->len; i++)
    note_finding (g_task_get_task_data (task), report->findings->pdata[i]);
  finish (task);
}

static void
ask_server (GTask *task)
{
  Search *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (self->why->counts->exact)
    fluo_xray_client_explain_missing_async (get_client (task), NULL, self->key, NULL, cancellable,
                                            missing_cb, g_object_ref (task));
  else
    fluo_xray_client_call_async (get_client (task), "/GetTraceSegmentDestination", NULL,
                                 cancellable, destination_cb, g_object_ref (task));
}

static char *
say_range (guint range, guint64 n)
{
  g_autofree char *count = fluo_format_count (n);

  return g_strdup_printf (range == 0 ? ngettext ("In the last 24 hours there is %s trace.",
                                                 "In the last 24 hours there are %s traces.",
                                                 (gulong) n)
                                     : ngettext ("In the last 30 days there is %s trace.",
                                                 "In the last 30 days there are %s traces.",
                                                 (gulong) n),
                          count);
}

static void
range_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  g_autoptr (FluoFilterCounts) counts =
    fluo_explorer_count_finish (FLUO_EXPLORER (source), result, NULL);

  if (counts && counts->n_matching > 0)
    {
      propose (self, FLUO_WHY_LONGER, say_range (self->range, counts->n_matching), NULL,
               ranges[self->range], (gint64) counts->n_matching);
      ask_server (task);
      return;
    }
  self->range++;
  ask_range (task);
}

static void
ask_range (GTask *task)
{
  Search *self = g_task_get_task_data (task);
  gint64 now_ns = fluo_time_now_ns ();
  FluoTimeSpan span;

  while (self->range < G_N_ELEMENTS (ranges) &&
         ranges[self->range] <= fluo_time_span_length (self->span))
    self->range++;
  if (self->range >= G_N_ELEMENTS (ranges) || !self->why->counts->exact)
    {
      ask_server (task);
      return;
    }
  span = (FluoTimeSpan) { now_ns - ranges[self->range], now_ns };
  fluo_explorer_count_async (g_task_get_source_object (task),
                             (const char *const *) self->conditions->pdata, &span,
                             g_task_get_cancellable (task), range_cb, g_object_ref (task));
}

static void
candidates_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  g_autoptr (FluoFilterCounts) counts =
    fluo_explorer_count_finish (FLUO_EXPLORER (source), result, NULL);

  for (guint i = 0; counts && i < MIN (counts->conditions->len, self->candidates->len); i++)
    {
      guint64 n = g_array_index (counts->conditions, FluoConditionCount, i).alone;

      if (n > 0)
        propose_candidate (self, self->candidates->pdata[i], n);
    }
  ask_range (task);
}

/* Every candidate is a condition of its own, so one question counts them all. */
static void
ask_candidates (GTask *task)
{
  Search *self = g_task_get_task_data (task);
  g_autoptr (GPtrArray) expressions = g_ptr_array_new ();

  for (guint i = 0; i < self->candidates->len; i++)
    g_ptr_array_add (expressions, ((Candidate *) self->candidates->pdata[i])->expression);
  g_ptr_array_add (expressions, NULL);
  fluo_explorer_count_async (g_task_get_source_object (task),
                             (const char *const *) expressions->pdata, &self->span,
                             g_task_get_cancellable (task), candidates_cb, g_object_ref (task));
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->why->counts = fluo_explorer_count_finish (FLUO_EXPLORER (source), result, &error);
  if (!self->why->counts)
    {
      g_task_return_error (task, error);
      return;
    }
  explain (self);
  propose_drops (self);
  find_candidates (self, FLUO_EXPLORER (source));
  if (self->candidates->len > 0)
    ask_candidates (task);
  else
    ask_range (task);
}

/* --- Public ---------------------------------------------------------------------------------- */

static Search *
search_new (FluoExplorer *explorer, GError **error)
{
  g_autoptr (FluoFilter) filter =
    fluo_filter_new (fluo_explorer_get_filter (explorer), -1, NULL, error);
  g_autoptr (GPtrArray) parts = filter ? fluo_filter_split (filter) : NULL;
  Search *self;

  if (!filter)
    return NULL;
  self = g_new0 (Search, 1);
  self->conditions = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (self->conditions, fluo_filter_print (parts->pdata[i]));
  g_ptr_array_add (self->conditions, NULL);
  self->candidates = g_ptr_array_new_with_free_func (candidate_free);
  self->span = fluo_explorer_get_span (explorer);
  self->why = g_new0 (FluoWhyNothing, 1);
  self->why->culprit = G_MAXUINT;
  self->why->proposals = g_ptr_array_new_with_free_func (proposal_free);
  return self;
}

void
fluo_why_nothing_async (FluoExplorer *explorer, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (explorer, cancellable, callback, user_data);
  GError *error = NULL;
  Search *self;

  g_return_if_fail (FLUO_IS_EXPLORER (explorer));

  g_task_set_source_tag (task, fluo_why_nothing_async);
  self = search_new (explorer, &error);
  if (!self)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, self, search_free);
  fluo_explorer_count_async (explorer, (const char *const *) self->conditions->pdata, &self->span,
                             cancellable, counted_cb, g_object_ref (task));
}

FluoWhyNothing *
fluo_why_nothing_finish (FluoExplorer *explorer, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, explorer), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_why_nothing_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
