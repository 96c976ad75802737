/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-format.h"
#include "fluo-kind.h"
#include "fluo-span-detail.h"
#include "fluo-trace-private.h"

/*
 * What the root-cause sentence says, first rule that fits:
 *
 *  1. The entry is still running: "Still running, 2.3 s so far".
 *  2. One service holds more than half of the critical path, and one of these is true: the trace
 *     failed; it took more than twice what is usual; what is usual is unknown and the service is
 *     not the entry's own. Then it is named: "waiting for X from Y" when X itself sent nothing
 *     (database, remote, AWS service), else "inside X".
 *  3. The trace failed, or took more than twice what is usual: "No single cause: checkout 31%,
 *     stock 28%".
 *  4. "Nothing stands out", with what is usual when that is known.
 *
 * A failed trace adds the failure: the exception at the end of the chain of causes of the deepest
 * failing call, else that call's HTTP status, else only the kind of failure.
 */

#define DOMINANT_SHARE 0.5
#define SLOW_FACTOR 2
/* A name in a sentence; the tree and the details panel show it whole. */
#define NAME_CHARS_MAX 60
/* Exceptions looked through for one id. Beyond that the trace is so broken that a plain answer will
 * do. */
#define CAUSE_SEARCH_MAX 200

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  const FluoTraceShare *x = a, *y = b;

  if (x->time_ns != y->time_ns)
    return x->time_ns > y->time_ns ? -1 : 1;
  return x->service < y->service ? -1 : x->service > y->service;
}

GArray *
fluo_trace_dup_shares (FluoTrace *self)
{
  GArray *shares = g_array_new (FALSE, FALSE, sizeof (FluoTraceShare));
  g_autofree gint64 *times = g_new0 (gint64, self->services->len);
  gint64 total = fluo_trace_get_response_ns (self);

  for (guint i = 0; i < self->path->len; i++)
    {
      const FluoCriticalStep *step = &g_array_index (self->path, FluoCriticalStep, i);

      times[self->spans[step->span].service] += step->end_ns - step->begin_ns;
    }
  for (guint32 i = 0; i < self->services->len; i++)
    {
      FluoTraceShare share = { i, times[i], total > 0 ? (double) times[i] / (double) total : 0 };

      if (times[i] > 0)
        g_array_append_val (shares, share);
    }
  /* A trace without length was spent where it began. */
  if (shares->len == 0 && self->root != FLUO_SPAN_NONE)
    {
      FluoTraceShare share = { self->spans[self->root].service, 0, 1 };

      g_array_append_val (shares, share);
    }
  g_array_sort (shares, compare_shares);
  return shares;
}

/* The topmost span of an unbroken run of the same service. */
static guint32
entry_of_service (FluoTrace *self, guint32 span)
{
  const FluoSpan *spans = self->spans;

  while (spans[span].parent != FLUO_SPAN_NONE &&
         spans[spans[span].parent].service == spans[span].service)
    span = spans[span].parent;
  return span;
}

/* Where @service has most of its time on the path: one call, not all its calls together. */
static guint32
find_entry (FluoTrace *self, guint32 service)
{
  g_autofree gint64 *times = g_new0 (gint64, self->n_spans);
  guint32 best = FLUO_SPAN_NONE, entry = FLUO_SPAN_NONE, last = FLUO_SPAN_NONE;

  for (guint i = 0; i < self->path->len; i++)
    {
      const FluoCriticalStep *step = &g_array_index (self->path, FluoCriticalStep, i);

      if (self->spans[step->span].service != service)
        continue;
      /* Neighbouring steps mostly share their entry; climbing again for each would cost depth times
       * steps. */
      if (last == FLUO_SPAN_NONE || step->span < entry ||
          step->span >= self->spans[entry].end_index || self->spans[last].service != service)
        entry = entry_of_service (self, step->span);
      last = step->span;
      times[entry] += step->end_ns - step->begin_ns;
      if (best == FLUO_SPAN_NONE || times[entry] > times[best])
        best = entry;
    }
  return best;
}

static gboolean
is_failure (guint8 status)
{
  return status == FLUO_STATUS_FAULT || status == FLUO_STATUS_ERROR ||
         status == FLUO_STATUS_THROTTLE;
}

/* Down from the entry along failing children: the worst, then one on the critical path, then the
 * one that ended last. */
static guint32
find_deepest_failure (FluoTrace *self)
{
  guint32 span = self->root != FLUO_SPAN_NONE ? self->root : 0;

  while (TRUE)
    {
      const FluoSpan *best = NULL;

      for (guint32 c = self->spans[span].first_child; c != FLUO_SPAN_NONE;
           c = self->spans[c].next_sibling)
        {
          const FluoSpan *child = &self->spans[c];
          gint64 rank;

          if (!is_failure (child->status))
            continue;
          rank = best ? (gint64) child->status - best->status : 1;
          if (rank == 0)
            rank = (gint64) (child->flags & FLUO_SPAN_CRITICAL) -
                   (gint64) (best->flags & FLUO_SPAN_CRITICAL);
          if (rank > 0 || (rank == 0 && child->end_ns > best->end_ns))
            best = child;
        }
      if (!best)
        return span;
      span = (guint32) (best - self->spans);
    }
}

static const FluoException *
find_exception (const FluoSpanDetail *detail, const char *id)
{
  for (guint i = 0; i < detail->exceptions->len; i++)
    {
      const FluoException *exception = &g_array_index (detail->exceptions, FluoException, i);

      if (!id || g_strcmp0 (exception->id, id) == 0)
        return exception;
    }
  return NULL;
}

/* The end of the chain of causes inside one span's list: its type, or what an exception without one
 * says. Chains may be circles. */
static char *
dup_last_cause (const FluoSpanDetail *detail, const FluoException *exception)
{
  const char *type = exception->type;
  const char *message = exception->message;

  for (guint i = 0; exception->cause && i < detail->exceptions->len; i++)
    {
      const FluoException *cause = find_exception (detail, exception->cause);

      if (!cause || cause == exception)
        break;
      exception = cause;
      if (exception->type && *exception->type)
        type = exception->type;
    }
  if (!type || !*type)
    type = message;
  return type && *type ? g_strdup (type) : NULL;
}

guint32
fluo_trace_find_exception (FluoTrace *self, const char *id)
{
  guint looked = 0;

  for (guint32 i = 0; i < self->n_spans && looked < CAUSE_SEARCH_MAX; i++)
    {
      g_autoptr (FluoSpanDetail) detail = NULL;

      if (!(self->spans[i].flags & FLUO_SPAN_HAS_CAUSE))
        continue;
      looked++;
      detail = fluo_span_detail_new (self, i);
      if (find_exception (detail, id))
        return i;
    }
  return FLUO_SPAN_NONE;
}

/* The type of the exception @id, wherever in the trace it was recorded. */
static char *
dup_type_by_id (FluoTrace *self, const char *id)
{
  g_autoptr (FluoSpanDetail) detail = NULL;
  guint32 span = fluo_trace_find_exception (self, id);

  if (span == FLUO_SPAN_NONE)
    return NULL;
  detail = fluo_span_detail_new (self, span);
  return dup_last_cause (detail, find_exception (detail, id));
}

/* From the failing call upwards to the first that recorded an exception. */
static char *
dup_failure_name (FluoTrace *self, guint32 span)
{
  guint looked = 0;

  for (; span != FLUO_SPAN_NONE && looked < CAUSE_SEARCH_MAX; span = self->spans[span].parent)
    {
      g_autoptr (FluoSpanDetail) detail = NULL;
      const FluoException *exception;
      char *type = NULL;

      if (!(self->spans[span].flags & FLUO_SPAN_HAS_CAUSE))
        continue;
      looked++;
      detail = fluo_span_detail_new (self, span);
      exception = find_exception (detail, NULL);
      if (exception)
        type = dup_last_cause (detail, exception);
      else if (detail->cause_id)
        type = dup_type_by_id (self, detail->cause_id);
      if (type)
        return type;
    }
  return NULL;
}

/* --- Words ----------------------------------------------------------------- */

/* Appends @template with its places "{1}", "{2}" filled and set off. The values are data and never
 * read as places. */
static void
append_filled (FluoSentence *sentence, const char *template, const char *one, const char *two,
               const char *three)
{
  const char *values[] = { one, two, three };

  while (*template)
    {
      const char *brace = strchr (template, '{');
      g_autofree char *plain = NULL;

      if (!brace || brace[1] < '1' || brace[1] > '3' || brace[2] != '}')
        {
          fluo_sentence_append (sentence, template, FALSE);
          return;
        }
      plain = g_strndup (template, (gsize) (brace - template));
      fluo_sentence_append (sentence, plain, FALSE);
      if (values[brace[1] - '1'])
        fluo_sentence_append (sentence, values[brace[1] - '1'], TRUE);
      template = brace + 3;
    }
}

static char *
dup_service_name (FluoTrace *self, guint32 service)
{
  const FluoTraceService *it = &g_array_index (self->services, FluoTraceService, service);

  return fluo_format_untrusted (fluo_kind_get_display_name (it->type, it->name), NAME_CHARS_MAX);
}

static void
append_failure (FluoTrace *self, FluoSentence *sentence)
{
  FluoStatus status = fluo_trace_get_status (self);
  guint32 span;
  g_autofree char *name = NULL, *shown = NULL;
  int http;

  if (!is_failure ((guint8) status))
    return;
  fluo_sentence_append (sentence, "; ", FALSE);
  if (status == FLUO_STATUS_THROTTLE)
    {
      append_filled (sentence, "{1}", _("throttled"), NULL, NULL);
      return;
    }
  span = find_deepest_failure (self);
  name = dup_failure_name (self, span);
  http = self->spans[span].http_status;
  if (http < 400 && self->root != FLUO_SPAN_NONE)
    http = self->spans[self->root].http_status;
  if (name)
    shown = fluo_format_untrusted (name, NAME_CHARS_MAX);
  else if (http >= 400)
    shown = g_strdup_printf ("%d", http);
  if (shown)
    /* Translators: {1} is the name of an exception or an HTTP status. */
    append_filled (sentence, status == FLUO_STATUS_FAULT ? _("fault: {1}") : _("error: {1}"),
                   shown, NULL, NULL);
  else
    append_filled (sentence, "{1}", status == FLUO_STATUS_FAULT ? _("fault") : _("error"), NULL,
                   NULL);
}

static void
append_dominant (FluoTrace *self, FluoSentence *sentence, const FluoTraceShare *share)
{
  guint32 entry = find_entry (self, share->service);
  guint32 parent = entry != FLUO_SPAN_NONE ? self->spans[entry].parent : FLUO_SPAN_NONE;
  g_autofree char *part = fluo_format_share (share->share);
  g_autofree char *total = fluo_format_duration (fluo_trace_get_response_ns (self));
  g_autofree char *amount = NULL, *name = dup_service_name (self, share->service), *caller = NULL;

  /* Translators: a share of a duration, "92% of 2.31 s". */
  amount = g_strdup_printf (_("%s of %s"), part, total);
  if (g_array_index (self->services, FluoTraceService, share->service).inferred &&
      parent != FLUO_SPAN_NONE)
    {
      caller = dup_service_name (self, self->spans[parent].service);
      /* Translators: {1} is "92% of 2.31 s", {2} the service that was waited for, {3} the one that
       * waited. */
      append_filled (sentence, _("{1} was spent waiting for {2} from {3}"), amount, name, caller);
    }
  else
    /* Translators: {1} is "92% of 2.31 s", {2} a service. */
    append_filled (sentence, _("{1} was spent inside {2}"), amount, name, NULL);
}

static void
append_spread (FluoTrace *self, FluoSentence *sentence, GArray *shares)
{
  char *words[2] = { NULL, NULL };

  for (guint i = 0; i < MIN (shares->len, 2); i++)
    {
      const FluoTraceShare *share = &g_array_index (shares, FluoTraceShare, i);
      g_autofree char *name = dup_service_name (self, share->service),
                      *part = fluo_format_share (share->share);

      words[i] = g_strdup_printf ("%s %s", name, part);
    }
  if (words[1])
    /* Translators: {1} and {2} are services with their share: "checkout 31%". */
    append_filled (sentence, _("No single cause: {1}, {2}"), words[0], words[1], NULL);
  else
    append_filled (sentence, _("No single cause"), NULL, NULL, NULL);
  g_free (words[0]);
  g_free (words[1]);
}

/* What the sentence is about. */
typedef enum
{
  VERDICT_HEALTHY,
  VERDICT_SPREAD,
  VERDICT_DOMINANT
} Verdict;

static Verdict
judge (FluoTrace *self, GArray *shares, gint64 usual_ns)
{
  const FluoTraceShare *largest =
      shares->len > 0 ? &g_array_index (shares, FluoTraceShare, 0) : NULL;
  gboolean failed = is_failure ((guint8) fluo_trace_get_status (self));
  gboolean slow = usual_ns > 0 && fluo_trace_get_response_ns (self) / SLOW_FACTOR > usual_ns;
  gboolean elsewhere = largest && largest->service != self->spans[self->root].service;

  if (largest && largest->share > DOMINANT_SHARE && largest->time_ns > 0 &&
      (failed || slow || (usual_ns <= 0 && elsewhere)))
    return VERDICT_DOMINANT;
  return failed || slow ? VERDICT_SPREAD : VERDICT_HEALTHY;
}

static FluoSentence *
describe_running (FluoTrace *self)
{
  FluoSentence *sentence = fluo_sentence_new ();
  g_autofree char *total = fluo_format_duration (fluo_trace_get_response_ns (self));

  /* Translators: {1} is a duration. */
  append_filled (sentence, _("Still running, {1} so far"), total, NULL, NULL);
  return sentence;
}

FluoSentence *
fluo_trace_dup_root_cause (FluoTrace *self, gint64 usual_ns)
{
  g_autoptr (FluoSentence) sentence = NULL;
  g_autoptr (GArray) shares = NULL;
  g_autofree char *usual = NULL;

  if (fluo_trace_get_status (self) == FLUO_STATUS_RUNNING)
    return describe_running (self);
  shares = fluo_trace_dup_shares (self);
  sentence = fluo_sentence_new ();
  switch (judge (self, shares, usual_ns))
    {
    case VERDICT_DOMINANT:
      append_dominant (self, sentence, &g_array_index (shares, FluoTraceShare, 0));
      break;
    case VERDICT_SPREAD:
      append_spread (self, sentence, shares);
      break;
    case VERDICT_HEALTHY:
    default:
      usual = usual_ns > 0 ? fluo_format_duration (usual_ns) : NULL;
      if (usual)
        /* Translators: {1} is a duration. */
        append_filled (sentence, _("Nothing stands out. {1} is usual here"), usual, NULL, NULL);
      else
        fluo_sentence_append (sentence, _("Nothing stands out"), FALSE);
      break;
    }
  append_failure (self, sentence);
  return g_steal_pointer (&sentence);
}

guint32
fluo_trace_get_cause_span (FluoTrace *self)
{
  g_autoptr (GArray) shares = NULL;

  if (fluo_trace_get_status (self) == FLUO_STATUS_RUNNING)
    return FLUO_SPAN_NONE;
  shares = fluo_trace_dup_shares (self);
  switch (judge (self, shares, 0))
    {
    case VERDICT_DOMINANT:
      return find_entry (self, g_array_index (shares, FluoTraceShare, 0).service);
    case VERDICT_SPREAD:
      return find_deepest_failure (self);
    case VERDICT_HEALTHY:
    default:
      return FLUO_SPAN_NONE;
    }
}
