/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-trace-lines.h"

#include <string.h>

#include "fluo-format.h"
#include "fluo-json.h"
#include "fluo-span-detail.h"

#define DOCUMENTS_MAX 20000 /* parsed for exceptions and events */
#define FRAMES_MAX 40       /* of one stack */
#define DEPTH_MAX 10000     /* of calls within each other */

static const char *const level_words[FLUO_N_LOG_LEVELS] = { "DEBUG", "INFO", "WARN", "ERROR" };

static void
line_free (gpointer data)
{
  FluoTraceLine *line = data;

  g_free (line->text);
  g_free (line->message);
  g_free (line->group);
  g_free (line->stream);
  g_free (line);
}

static void
lines_clear (gpointer data)
{
  FluoTraceLines *self = data;

  g_ptr_array_unref (self->lines);
}

FluoTraceLines *
fluo_trace_lines_new (void)
{
  FluoTraceLines *self = g_atomic_rc_box_new0 (FluoTraceLines);

  self->lines = g_ptr_array_new_with_free_func (line_free);
  return self;
}

FluoTraceLines *
fluo_trace_lines_ref (FluoTraceLines *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
fluo_trace_lines_unref (FluoTraceLines *self)
{
  g_atomic_rc_box_release_full (self, lines_clear);
}

FluoTraceLine *
fluo_trace_lines_add (FluoTraceLines *self)
{
  FluoTraceLine *line;

  if (self->lines->len >= FLUO_TRACE_LINES_MAX)
    {
      self->is_cut = TRUE;
      return NULL;
    }
  line = g_new0 (FluoTraceLine, 1);
  line->span = FLUO_SPAN_NONE;
  line->service = G_MAXUINT32;
  line->level = FLUO_LOG_PLAIN;
  g_ptr_array_add (self->lines, line);
  return line;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const FluoTraceLine *left = *(FluoTraceLine *const *) a, *right = *(FluoTraceLine *const *) b;

  return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

void
fluo_trace_lines_seal (FluoTraceLines *self)
{
  /* GLib's sort of pointer arrays is stable. */
  g_ptr_array_sort (self->lines, compare_times);
}

guint
fluo_trace_lines_count (const FluoTraceLines *self, FluoLogLevel least)
{
  guint n = 0;

  for (guint i = 0; i < self->lines->len; i++)
    n += ((FluoTraceLine *) g_ptr_array_index (self->lines, i))->level >= least;
  return n;
}

const char *
fluo_trace_line_get_message (const FluoTraceLine *self)
{
  return self->message != NULL ? self->message : self->text;
}

/* --- Out of the documents -------------------------------------------------------------------- */

static char *
dup_stack (const FluoException *exception, const char *head)
{
  GString *text = g_string_new (head);

  for (guint i = 0; exception->stack != NULL && i < MIN (exception->stack->len, FRAMES_MAX); i++)
    {
      const FluoStackFrame *frame = &g_array_index (exception->stack, FluoStackFrame, i);

      g_string_append_printf (text, "\n  %s:%" G_GINT64_FORMAT "  %s",
                              frame->path != NULL ? frame->path : "–", frame->line,
                              frame->label != NULL ? frame->label : "");
    }
  return g_string_free (text, FALSE);
}

/* When an exception was thrown: its event says so, as OpenTelemetry has it; else the call's end. */
static gint64
time_of_exception (const FluoSpan *span, const FluoSpanDetail *detail, guint index)
{
  for (guint i = 0, n = 0; i < detail->events->len; i++)
    {
      const FluoSpanEvent *event = &g_array_index (detail->events, FluoSpanEvent, i);

      if (strcmp (event->name, "exception") == 0 && n++ == index)
        return event->time_ns;
    }
  return span->end_ns;
}

static void
add_span (FluoTraceLines *self, FluoTrace *trace, const FluoSpan *span, guint32 index)
{
  g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (trace, index);

  for (guint i = 0; i < detail->exceptions->len; i++)
    {
      const FluoException *exception = &g_array_index (detail->exceptions, FluoException, i);
      const char *type = exception->type != NULL ? exception->type : "Exception";
      const gboolean says = exception->message != NULL && *exception->message != '\0';
      FluoTraceLine *line = fluo_trace_lines_add (self);

      if (line == NULL)
        return;
      line->time_ns = time_of_exception (span, detail, i);
      line->span = index;
      line->service = span->service;
      line->level = FLUO_LOG_ERROR;
      line->text =
        says ? g_strdup_printf ("%s: %s", type, exception->message) : g_strdup (type);
      line->message = dup_stack (exception, line->text);
    }
  for (guint i = 0; i < detail->events->len; i++)
    {
      const FluoSpanEvent *event = &g_array_index (detail->events, FluoSpanEvent, i);
      FluoTraceLine *line;

      if (strcmp (event->name, "exception") == 0 && detail->exceptions->len > 0)
        continue;
      line = fluo_trace_lines_add (self);
      if (line == NULL)
        return;
      line->time_ns = event->time_ns;
      line->span = index;
      line->service = span->service;
      line->text = fluo_log_message_dup_text (event->name, &line->level);
    }
}

FluoTraceLines *
fluo_trace_lines_new_of_trace (FluoTrace *trace)
{
  FluoTraceLines *self = fluo_trace_lines_new ();
  guint n, n_parsed = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);

  for (guint i = 0; i < n && !self->is_cut; i++)
    if (spans[i].flags & (FLUO_SPAN_HAS_CAUSE | FLUO_SPAN_HAS_METADATA))
      {
        if (n_parsed++ >= DOCUMENTS_MAX)
          {
            self->is_cut = TRUE;
            break;
          }
        add_span (self, trace, &spans[i], i);
      }
  fluo_trace_lines_seal (self);
  return self;
}

guint32
fluo_trace_lines_find_call (FluoTrace *trace, guint32 segment, gint64 time_ns)
{
  guint n;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  guint32 found = segment;

  g_return_val_if_fail (segment < n, FLUO_SPAN_NONE);

  for (guint depth = 0; depth < DEPTH_MAX; depth++)
    {
      guint32 deeper = FLUO_SPAN_NONE;

      for (guint32 i = spans[found].first_child; i != FLUO_SPAN_NONE && i < n;
           i = spans[i].next_sibling)
        {
          if (spans[i].start_ns > time_ns)
            break; /* children are in the order of their begin */
          /* What another program sent ran elsewhere. */
          if (spans[i].end_ns >= time_ns && spans[i].document == spans[segment].document)
            deeper = i;
        }
      if (deeper == FLUO_SPAN_NONE)
        break;
      found = deeper;
    }
  return found;
}

/* --- Out of here ----------------------------------------------------------------------------- */

static const FluoTraceLine *
line_at (const FluoTraceLines *self, const GArray *indexes, guint i)
{
  return g_ptr_array_index (self->lines, indexes != NULL ? g_array_index (indexes, guint32, i) : i);
}

static const char *
service_name (FluoTrace *trace, const FluoTraceLine *line)
{
  guint n = 0;
  const FluoTraceService *services =
    trace != NULL ? fluo_trace_get_services (trace, &n) : NULL;

  return line->service < n ? services[line->service].name : line->group;
}

char *
fluo_trace_lines_to_text (const FluoTraceLines *self, const GArray *indexes, FluoTrace *trace)
{
  GString *out = g_string_new (NULL);
  const guint n = indexes != NULL ? indexes->len : self->lines->len;
  const gint64 begin_ns = trace != NULL ? fluo_trace_get_start_ns (trace) : 0;

  for (guint i = 0; i < n; i++)
    {
      const FluoTraceLine *line = line_at (self, indexes, i);
      const char *service = service_name (trace, line);
      g_autofree char *time = trace != NULL ? fluo_format_offset (line->time_ns - begin_ns)
                                            : fluo_format_date_time_utc (line->time_ns);

      g_string_append_printf (out, "%s\t%s\t%s\t%s\n", time, level_words[line->level],
                              service != NULL ? service : "–",
                              fluo_trace_line_get_message (line));
    }
  return g_string_free (out, FALSE);
}

static void
write_member (FluoJsonWriter *writer, const char *key, const char *value)
{
  if (value == NULL)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

char *
fluo_trace_lines_to_json (const FluoTraceLines *self, const GArray *indexes, FluoTrace *trace)
{
  GString *out = g_string_new (NULL);
  const guint n = indexes != NULL ? indexes->len : self->lines->len;
  const FluoSpan *spans = trace != NULL ? fluo_trace_get_spans (trace, NULL) : NULL;
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < n; i++)
    {
      const FluoTraceLine *line = line_at (self, indexes, i);
      g_autofree char *time = fluo_format_date_time_utc (line->time_ns);

      fluo_json_writer_begin (&writer, '{');
      write_member (&writer, "time", time);
      write_member (&writer, "level", level_words[line->level]);
      write_member (&writer, "service", service_name (trace, line));
      if (spans != NULL && line->span != FLUO_SPAN_NONE)
        {
          char id[17];

          g_snprintf (id, sizeof id, "%016" G_GINT64_MODIFIER "x", spans[line->span].id);
          write_member (&writer, "span", id);
        }
      write_member (&writer, "log_group", line->group);
      write_member (&writer, "log_stream", line->stream);
      write_member (&writer, "message", fluo_trace_line_get_message (line));
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  return g_string_free (out, FALSE);
}
