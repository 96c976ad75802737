/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-missing-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"

/* Longest values that are read; X-Ray's names of groups have 32 characters, keys 500. */
#define VALUE_BYTES_MAX 1000
#define SHOWN_CHARS_MAX 80

/* Spans that hang in the air and are named one by one. */
#define N_ORPHANS_SHOWN 3

/* X-Ray's first traces are of late 2016; a time before that is no time. */
#define ID_TIME_MIN_S G_GINT64_CONSTANT (1470000000)
#define CLOCK_TOLERANCE_S (5 * 60)

/* --- Findings ----------------------------------------------------------- */

static const char *const levels[] = { "problem", "maybe", "fine", "note" };

static void
begin_finding (FluoMissing *self, const char *kind, FluoFindingLevel level, const char *title,
               const char *text, const char *advice)
{
  FluoJsonWriter *writer = &self->findings;

  self->n_problems += level == FLUO_FINDING_PROBLEM;
  self->n_maybe += level == FLUO_FINDING_MAYBE;
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Kind");
  fluo_json_writer_string (writer, kind);
  fluo_json_writer_key (writer, "Level");
  fluo_json_writer_string (writer, levels[level]);
  fluo_json_writer_key (writer, "Title");
  fluo_json_writer_string (writer, title);
  fluo_json_writer_key (writer, "Text");
  fluo_json_writer_string (writer, text);
  fluo_json_writer_key (writer, "Advice");
  fluo_json_writer_string (writer, advice);
  fluo_json_writer_key (writer, "Examples");
}

void
fluo_missing_add (FluoMissing *self, const char *kind, FluoFindingLevel level, const char *title,
                  char *text, char *advice)
{
  begin_finding (self, kind, level, title, text, advice);
  fluo_json_writer_begin (&self->findings, '[');
  fluo_json_writer_end (&self->findings, ']');
  fluo_json_writer_end (&self->findings, '}');
  g_free (text);
  g_free (advice);
}

void
fluo_missing_add_reason (FluoMissing *self, guint reason, FluoFindingLevel level, const char *title,
                         char *text, gboolean of_trace)
{
  g_autofree char *advice = g_strdup_printf ("%s.", fluo_refused_reason_get_advice (reason));
  char id[FLUO_TRACE_ID_XRAY_LEN + 1];

  if (self->has_id)
    fluo_trace_id_format_xray (&self->id, id);
  begin_finding (self, fluo_refused_reason_get_word (reason), level, title, text, advice);
  fluo_losses_write (fluo_counters_get_losses (self->context->counters), reason,
                     !of_trace      ? NULL
                     : self->has_id ? id
                                    : self->text,
                     &self->findings);
  fluo_json_writer_end (&self->findings, '}');
  g_free (text);
}

char *
fluo_missing_dup_time (gint64 time_ns)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_ns / FLUO_NSEC_PER_SEC);

  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  gboolean today = time && g_date_time_get_year (time) == g_date_time_get_year (now) &&
                   g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (now);

  return time ? g_date_time_format (time, today ? "%T" : "%F %T") : g_strdup ("–");
}

/* --- The id ------------------------------------------------------------- */

static void
check_id (FluoMissing *self, const char *problem)
{
  if (problem)
    fluo_missing_add (self, "InvalidId", FLUO_FINDING_PROBLEM, _("This is no trace ID"),
                      g_strdup_printf (_("In what was given, %s."), problem),
                      g_strdup (_("Copy the whole ID: 1-, 8 digits, -, 24 digits, or 32 digits. "
                                  "The headers X-Amzn-Trace-Id and traceparent are understood "
                                  "too.")));
  if (self->sampled == FLUO_SAMPLED_NO)
    fluo_missing_add (
      self, "Unsampled", FLUO_FINDING_PROBLEM, _("This request was not sampled"),
      g_strdup (_("The header says so itself: the program that began the trace decided not to "
                  "record it, and the others follow.")),
      g_strdup (_("Raise the rate of the sampling rule that it hits, or of the program’s own "
                  "sampler.")));
}

static gboolean
read_oldest (FluoConnection *reader, gint64 *ret_oldest_ns)
{
  FluoLiveView *view = reader->view;
  gint64 oldest_ns = G_MAXINT64;

  for (guint i = 0; i < view->sealed->len; i++)
    oldest_ns = MIN (oldest_ns, ((FluoSealedBlock *) view->sealed->pdata[i])->start_min);
  *ret_oldest_ns = oldest_ns;
  return oldest_ns != G_MAXINT64;
}

/* The first four bytes of an id may be a time, and X-Ray's own always are. They are only used to
 * find a reason, and the reason says "if". */
static void
check_age (FluoMissing *self, FluoConnection *reader)
{
  gint64 id_s = (gint64) ((guint32) self->id.bytes[0] << 24 | self->id.bytes[1] << 16 |
                          self->id.bytes[2] << 8 | self->id.bytes[3]);
  gint64 now_s = self->now_ns / FLUO_NSEC_PER_SEC, oldest_ns;
  FluoWriterLimits limits;
  g_autofree char *made = fluo_missing_dup_time (id_s * FLUO_NSEC_PER_SEC);

  fluo_writer_get_limits (self->context->writer, &limits);
  if (id_s < ID_TIME_MIN_S || id_s > now_s + 366 * 86400)
    return;
  if (id_s > now_s + CLOCK_TOLERANCE_S)
    fluo_missing_add (
      self, "AheadOfTime", FLUO_FINDING_MAYBE, _("The ID may be from the future"),
      g_strdup_printf (_("If it begins with the time it was made at, as X-Ray’s do, that is %s."),
                       made),
      g_strdup (_("Compare the clocks of the two computers.")));
  else if (id_s < now_s - limits.retention_ns / FLUO_NSEC_PER_SEC)
    {
      g_autofree char *kept = fluo_format_duration (limits.retention_ns);

      fluo_missing_add (
        self, "Expired", FLUO_FINDING_PROBLEM, _("It is older than what is kept"),
        g_strdup_printf (_("If the ID begins with the time it was made at, as X-Ray’s do, that is "
                           "%s. Traces are kept for %s after their last change."),
                         made, kept),
        g_strdup (_("Start the collector with a longer --retention, export or pin traces that are "
                    "worth it.")));
    }
  else if (read_oldest (reader, &oldest_ns) && id_s < oldest_ns / FLUO_NSEC_PER_SEC)
    {
      g_autofree char *size = fluo_format_bytes (limits.size_max);
      g_autofree char *oldest = fluo_missing_dup_time (oldest_ns);

      fluo_missing_add (
        self, "Expired", FLUO_FINDING_MAYBE, _("It is older than everything that is here"),
        g_strdup_printf (_("If the ID begins with the time it was made at, that is %s. The oldest "
                           "trace that is here is of %s; over %s the oldest ones make room."),
                         made, oldest, size),
        g_strdup (_("Start the collector with a larger --max-size.")));
    }
}

/* --- The trace that is here --------------------------------------------- */

static void
check_running (FluoMissing *self)
{
  guint n = fluo_trace_get_n_running (self->trace);
  g_autofree char *count = fluo_format_count (n);

  if (n > 0)
    fluo_missing_add (
      self, "Running", FLUO_FINDING_NOTE, _("A part of it has not ended"),
      g_strdup_printf (ngettext ("%s segment or call was announced as in progress, and its end has "
                                 "not come.",
                                 "%s segments or calls were announced as in progress, and their "
                                 "end has not come.",
                                 n),
                       count),
      g_strdup (_("Either it still works, or the program ended before it closed the segment.")));
}

/* "“charge” waits for 53995c3f42cd8ad8" for the first ones. */
static char *
describe_orphans (FluoMissing *self, guint *ret_n)
{
  guint n_spans;
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, &n_spans);
  g_autoptr (GString) out = g_string_new (NULL);

  *ret_n = 0;
  for (guint i = 0; i < n_spans; i++)
    if (spans[i].flags & FLUO_SPAN_ORPHAN && ++*ret_n <= N_ORPHANS_SHOWN)
      {
        g_autofree char *name = fluo_format_untrusted (
          fluo_trace_get_string (self->trace, spans[i].name), SHOWN_CHARS_MAX);
        char parent[FLUO_SPAN_ID_LEN + 1];

        fluo_span_id_format (spans[i].parent_id, parent);
        if (out->len > 0)
          g_string_append (out, ", ");
        /* Translators: a segment's name, and the id of the segment that it is a part of. */
        g_string_append_printf (out, _("“%s” belongs to %s"), name, parent);
      }
  if (*ret_n > N_ORPHANS_SHOWN)
    g_string_append (out, ", …");
  return g_strdup (out->str);
}

static void
check_partial (FluoMissing *self)
{
  guint n;
  g_autofree char *names = describe_orphans (self, &n);

  self->partial = n > 0 || fluo_trace_get_root (self->trace) == FLUO_SPAN_NONE;
  if (!self->partial)
    return;
  fluo_missing_add (
    self, "Partial", FLUO_FINDING_PROBLEM,
    fluo_trace_get_root (self->trace) == FLUO_SPAN_NONE ? _("Its root is missing")
                                                        : _("A part between others is missing"),
    n > 0 ? g_strdup_printf (_("What is here belongs to something that has not come: %s."), names)
          : g_strdup (_("No segment without a parent has come.")),
    g_strdup (_("The program that called has not ended its segment yet, sends it elsewhere, or it "
                "was lost on the way. A load balancer or gateway in front may have begun the trace "
                "without sending anything.")));
}

static void
check_stored (FluoMissing *self)
{
  g_autofree char *title = fluo_format_untrusted (fluo_trace_get_title (self->trace),
                                                  SHOWN_CHARS_MAX);
  g_autofree char *begin = fluo_missing_dup_time (self->stored->start_ns);
  g_autofree char *count = fluo_format_count (self->stored->documents->len);

  fluo_missing_add (self, "Stored", FLUO_FINDING_FINE, _("It is here"),
                    g_strdup_printf (ngettext ("“%s” of %s, in %s document.",
                                               "“%s” of %s, in %s documents.",
                                               self->stored->documents->len),
                                     title, begin, count),
                    g_strdup (_("If it isn’t on the map or in the table, their range of time or a "
                                "search leaves it out.")));
  check_partial (self);
  check_running (self);
}

/* --- The answer --------------------------------------------------------- */

static const char *
judge (FluoMissing *self, const char **ret_summary)
{
  gboolean asked = self->text != NULL;

  if (asked && !self->has_id)
    {
      *ret_summary = _("This is no trace ID.");
      return "invalid";
    }
  if (self->trace && self->partial)
    {
      *ret_summary = _("The trace is here, but not all of it.");
      return "partial";
    }
  if (self->trace)
    {
      *ret_summary = self->n_problems > 0 ? _("The trace is here, and there is something about it.")
                                          : _("The trace is here.");
      return "stored";
    }
  if (self->n_problems > 0)
    {
      *ret_summary = asked ? _("The trace is not here, for this reason:")
                           : _("Something is in the way of traces:");
      return "problem";
    }
  if (self->n_maybe > 0)
    {
      *ret_summary = asked ? _("Nothing of this trace is here. What may have happened:")
                           : _("Traces come in; some may have been lost:");
      return "maybe";
    }
  *ret_summary = asked ? _("Nothing of this trace has come here.")
                       : _("Nothing is wrong: what comes is stored.");
  return asked ? "unknown" : "fine";
}

static void
write_stored (FluoMissing *self, FluoJsonWriter *writer)
{
  if (!self->trace)
    {
      fluo_json_writer_null (writer);
      return;
    }
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "StartTime");
  fluo_json_writer_seconds (writer, self->stored->start_ns);
  fluo_json_writer_key (writer, "EndTime");
  fluo_json_writer_seconds (writer, self->stored->end_ns);
  fluo_json_writer_key (writer, "Documents");
  fluo_json_writer_int (writer, self->stored->documents->len);
  fluo_json_writer_key (writer, "Bytes");
  fluo_json_writer_int (writer, self->stored->bytes);
  fluo_json_writer_key (writer, "Partial");
  fluo_json_writer_boolean (writer, self->partial);
  fluo_json_writer_end (writer, '}');
}

static void
write_answer (FluoMissing *self)
{
  const char *summary, *verdict = judge (self, &summary);
  char id[FLUO_TRACE_ID_XRAY_LEN + 1];
  FluoJsonWriter writer;

  if (self->has_id)
    fluo_trace_id_format_xray (&self->id, id);
  fluo_json_writer_end (&self->findings, ']');
  fluo_json_writer_init (&writer, self->call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceId");
  fluo_json_writer_string (&writer, self->has_id ? id : NULL);
  fluo_json_writer_key (&writer, "Verdict");
  fluo_json_writer_string (&writer, verdict);
  fluo_json_writer_key (&writer, "Summary");
  fluo_json_writer_string (&writer, summary);
  fluo_json_writer_key (&writer, "Stored");
  write_stored (self, &writer);
  fluo_json_writer_key (&writer, "Findings");
  fluo_json_writer_raw (&writer, self->findings_text->str, self->findings_text->len);
  fluo_json_writer_end (&writer, '}');
}

/* What only the store knows. */
static gboolean
look_into_store (FluoMissing *self, GError **error)
{
  FluoConnection *reader = fluo_store_acquire_reader (self->context->store, error);
  g_autoptr (GError) local_error = NULL;

  if (!reader)
    return FALSE;
  if (self->has_id)
    self->stored = fluo_stored_trace_load (reader, &self->id, &local_error);
  if (self->stored)
    self->trace = fluo_stored_trace_assemble (self->stored);
  if (!local_error && self->trace)
    check_stored (self);
  else if (!local_error && self->has_id)
    check_age (self, reader);
  if (!local_error && self->key)
    fluo_missing_check_key (self, reader, &local_error);
  if (!local_error && self->group)
    fluo_missing_check_group (self, reader, &local_error);
  fluo_store_release_reader (self->context->store, reader);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static char *
take_value (GHashTable *query, const char *key)
{
  const char *value = query ? g_hash_table_lookup (query, key) : NULL;

  return value && *value && strlen (value) <= VALUE_BYTES_MAX ? g_strdup (value) : NULL;
}

void
fluo_api_explain_missing (FluoApiCall *call)
{
  const char *text = g_uri_get_query (soup_server_message_get_uri (call->message));
  g_autoptr (GHashTable) query =
    text ? g_uri_parse_params (text, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  g_autofree char *problem = NULL;
  g_autoptr (GError) error = NULL;
  FluoMissing self = { call, call->context, fluo_time_now_ns () };

  if (text && !query)
    {
      fluo_api_call_invalid (call, "the query must be trace=…&key=…&group=…, with %%-escapes");
      return;
    }
  self.text = take_value (query, "trace");
  self.key = take_value (query, "key");
  self.group = take_value (query, "group");
  self.findings_text = g_string_new (NULL);
  fluo_json_writer_init (&self.findings, self.findings_text);
  fluo_json_writer_begin (&self.findings, '[');
  if (self.text)
    {
      self.has_id = fluo_trace_id_read (self.text, &self.id, &self.sampled, &problem);
      check_id (&self, problem);
    }
  if (look_into_store (&self, &error))
    {
      fluo_missing_check_losses (&self);
      if (!self.text || (self.has_id && (!self.trace || self.partial)))
        {
          fluo_missing_check_intake (&self);
          fluo_missing_check_counts (&self);
          fluo_missing_check_sampling (&self);
        }
      if (self.context->relay)
        fluo_missing_check_relay (&self);
      write_answer (&self);
    }
  else
    fluo_api_call_store_failed (call, error);
  g_clear_pointer (&self.stored, fluo_stored_trace_free);
  g_clear_pointer (&self.trace, fluo_trace_unref);
  g_string_free (self.findings_text, TRUE);
  g_free (self.text);
  g_free (self.key);
  g_free (self.group);
}
