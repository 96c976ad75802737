/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "core/fluo-status.h"
#include "fluo-trace-list.h"

/* Summaries as text for other programs. */

char *
fluo_trace_list_dup_text (GPtrArray *rows)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (rows, i);
      g_autofree char *time = fluo_format_date_time_utc (summary->start_ns);
      g_autofree char *request = fluo_trace_summary_dup_request (summary);
      g_autofree char *safe = fluo_format_untrusted (request, 2000);
      g_autofree char *duration = fluo_format_duration (fluo_trace_summary_get_time_ns (summary));
      g_autofree char *entry = fluo_format_untrusted (
          summary->entry_name ? summary->entry_name : "", 200);
      g_autofree char *id = fluo_trace_id_to_string (&summary->id);

      g_string_append_printf (text, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", time,
                              fluo_status_to_word (summary->status), summary->http_status, duration,
                              safe, entry, id);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- CSV --------------------------------------------------------------------------------- */

/* RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe instead. */
static void
append_cell (GString *out, const char *text)
{
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c (out, ',');
  g_string_append_c (out, '"');
  if (text && strchr ("=+-@\t\r", *text) && *text)
    g_string_append_c (out, '\'');
  for (; text && *text; text++)
    {
      if (*text == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

static void
append_annotations (GString *out, const FluoTraceSummary *summary)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *row = &g_array_index (summary->annotations,
                                                         FluoSummaryAnnotation, i);

      g_string_append_printf (text, "%s%s=%s", i > 0 ? "; " : "", row->key, row->value);
    }
  append_cell (out, text->str);
}

char *
fluo_trace_list_dup_csv (GPtrArray *rows)
{
  g_autoptr (GString) out = g_string_new (
      "id,time,status,http_status,seconds,method,url,entry,user,annotations\r\n");

  for (guint i = 0; i < rows->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (rows, i);
      g_autofree char *id = fluo_trace_id_to_string (&summary->id);
      g_autofree char *time = fluo_format_date_time_utc (summary->start_ns);
      char seconds[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (seconds, sizeof seconds, "%.9g",
                       fluo_trace_summary_get_time_ns (summary) / 1e9);
      append_cell (out, id);
      append_cell (out, time);
      append_cell (out, fluo_status_to_word (summary->status));
      /* Numbers stay numbers. */
      g_string_append_c (out, ',');
      if (summary->http_status > 0)
        g_string_append_printf (out, "%d", summary->http_status);
      g_string_append_printf (out, ",%s", seconds);
      append_cell (out, summary->http_method);
      append_cell (out, summary->http_url);
      append_cell (out, summary->entry_name);
      append_cell (out, summary->users->len > 0 ? g_ptr_array_index (summary->users, 0) : NULL);
      append_annotations (out, summary);
      g_string_append (out, "\r\n");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- JSON -------------------------------------------------------------------------------- */

char *
fluo_trace_list_dup_json (GPtrArray *rows)
{
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceSummaries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < rows->len; i++)
    fluo_trace_summary_write (g_ptr_array_index (rows, i), &writer);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}
