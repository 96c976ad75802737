/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-logs.h"

#include <string.h>

#include "aws/fluo-logs-private.h"

/* Which call of a trace wrote a line. The line says so itself when it has the id of a call or of a
 * request; else its group is that of a service, and the call is the one that ran then. */

#define IDS_MAX 200       /* hexadecimal numbers of one line that are looked up */
#define MESSAGE_LOOK 4096 /* bytes of a line that are looked through for ids */

typedef struct
{
  FluoTrace  *trace;
  GHashTable *by_group;   /* name -> GArray of guint32 segments, by start */
  GHashTable *by_request; /* id -> segment + 1 */
} Join;

static void
add_segment (GHashTable *table, const char *name, guint32 segment)
{
  GArray *list = g_hash_table_lookup (table, name);

  if (list == NULL)
    {
      list = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_hash_table_insert (table, g_strdup (name), list);
    }
  /* A segment names a group by name and by ARN. */
  if (list->len == 0 || g_array_index (list, guint32, list->len - 1) != segment)
    g_array_append_val (list, segment);
}

static void
join_segment_cb (const FluoSpanDetail *detail, guint32 segment, gpointer user_data)
{
  Join *join = user_data;
  g_auto (GStrv) groups = fluo_logs_dup_groups_of_segment (detail);
  const char *request = fluo_logs_find_field (detail->aws, "request_id");

  for (guint i = 0; groups[i] != NULL; i++)
    add_segment (join->by_group, groups[i], segment);
  /* What a user added by name: "/app/payments" is of payments. */
  if (detail->name != NULL)
    add_segment (join->by_group, detail->name, segment);
  if (request != NULL && !g_hash_table_contains (join->by_request, request))
    g_hash_table_insert (join->by_request, g_strdup (request), GUINT_TO_POINTER (segment + 1));
}

/* Ids that a line holds: 16 digits of a call, or a request's with its hyphens. */
static guint32
find_by_id (const Join *join, const char *message)
{
  const char *end = message + strnlen (message, MESSAGE_LOOK);
  guint n_ids = 0;

  for (const char *at = message; at < end && n_ids < IDS_MAX;)
    {
      gsize n = 0, n_hyphens = 0;

      while (at + n < end && (g_ascii_isxdigit (at[n]) || at[n] == '-'))
        n_hyphens += at[n++] == '-';
      if (n == 16 && n_hyphens == 0)
        {
          guint64 id = 0;
          guint32 span = FLUO_SPAN_NONE;
          g_autofree char *text = g_strndup (at, n);

          n_ids++;
          if (g_ascii_string_to_unsigned (text, 16, 1, G_MAXUINT64, &id, NULL))
            span = fluo_trace_find (join->trace, id);
          if (span != FLUO_SPAN_NONE)
            return span;
        }
      else if (n == 36 && n_hyphens == 4)
        {
          g_autofree char *text = g_strndup (at, n);
          gpointer segment = g_hash_table_lookup (join->by_request, text);

          n_ids++;
          if (segment != NULL)
            return GPOINTER_TO_UINT (segment) - 1;
        }
      at += MAX (n, 1);
    }
  return FLUO_SPAN_NONE;
}

/* The segment of a list that ran at a time; the nearest when none did, as the last words of a
 * function come after its answer. */
static guint32
choose_segment (const Join *join, const GArray *list, gint64 time_ns)
{
  const FluoSpan *spans = fluo_trace_get_spans (join->trace, NULL);
  guint32 best = FLUO_SPAN_NONE;
  gint64 best_ns = G_MAXINT64;

  for (guint i = 0; i < list->len; i++)
    {
      const guint32 segment = g_array_index (list, guint32, i);
      const gint64 before = spans[segment].start_ns - time_ns;
      const gint64 after = time_ns - spans[segment].end_ns;
      const gint64 apart = MAX (MAX (before, after), 0);

      /* The later of two that ran: the inner one. */
      if (apart < best_ns || (apart == 0 && best_ns == 0))
        {
          best = segment;
          best_ns = apart;
        }
    }
  return best;
}

static guint32
find_segment (const Join *join, const FluoLogLine *line)
{
  const GArray *list = NULL;

  if (line->group != NULL)
    {
      const char *last = strrchr (line->group, '/');

      list = g_hash_table_lookup (join->by_group, line->group);
      if (list == NULL)
        list = g_hash_table_lookup (join->by_group, last != NULL ? last + 1 : line->group);
    }
  return list != NULL ? choose_segment (join, list, line->time_ns) : FLUO_SPAN_NONE;
}

static void
join_line (const Join *join, FluoTraceLine *to, const FluoLogLine *line)
{
  const FluoSpan *spans = fluo_trace_get_spans (join->trace, NULL);
  guint32 span = find_by_id (join, line->message);

  if (span == FLUO_SPAN_NONE)
    span = find_segment (join, line);
  if (span == FLUO_SPAN_NONE)
    return;
  to->service = spans[span].service;
  to->span = spans[span].flags & FLUO_SPAN_SEGMENT
               ? fluo_trace_lines_find_call (join->trace, span, line->time_ns)
               : span;
}

FluoTraceLines *
fluo_logs_join (FluoTrace *trace, const FluoLogResult *result)
{
  FluoTraceLines *self = fluo_trace_lines_new ();
  g_autoptr (GHashTable) by_group =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) by_request = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Join join = { trace, by_group, by_request };

  if (trace != NULL)
    fluo_logs_for_each_segment (trace, join_segment_cb, &join);
  for (guint i = 0; i < result->lines->len; i++)
    {
      const FluoLogLine *line = g_ptr_array_index (result->lines, i);
      FluoTraceLine *to = fluo_trace_lines_add (self);

      if (to == NULL)
        break;
      to->time_ns = line->time_ns;
      to->text = fluo_log_message_dup_text (line->message, &to->level);
      if (strcmp (to->text, line->message) != 0)
        to->message = g_strdup (line->message);
      to->group = g_strdup (line->group);
      to->stream = g_strdup (line->stream);
      if (trace != NULL)
        join_line (&join, to, line);
    }
  self->is_cut |= result->is_cut;
  fluo_trace_lines_seal (self);
  return self;
}
