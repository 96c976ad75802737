/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "core/fluo-console-link-private.h"

#include <string.h>

/* Queries of CloudWatch's Logs Insights: "logs-insights$3FqueryDetail$3D~(end~0~start~-3600~…
 * ~editorString~'…~source~(~'group))", where "$3F" stands for "?" and may itself be of an escaped
 * "%3F", and of late "log-analytics?active=~'a&a.query=~'SOURCE …". What matters of one is the
 * trace it looks for; or else that it looks through the spans of Transaction Search. */

#define SPANS "aws/spans"
#define WORD_CHARS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

typedef struct
{
  char *query, *begin, *end;
  gboolean relative, spans;
} Logs;

/* "$7E" is "~". What is escaped twice is so undone once, and then as any address. */
static char *
dup_plain (const char *text)
{
  g_autoptr (GString) once = g_string_new (NULL);
  char *twice;

  for (; *text; text++)
    if (*text == '$' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
      {
        g_string_append_c (
          once, (char) (g_ascii_xdigit_value (text[1]) * 16 + g_ascii_xdigit_value (text[2])));
        text += 2;
      }
    else
      g_string_append_c (once, *text);
  if (!g_utf8_validate (once->str, (gssize) once->len, NULL))
    return g_strdup ("");
  twice = g_uri_unescape_string (once->str, NULL);
  return twice ? twice : g_string_free (g_steal_pointer (&once), FALSE);
}

static void
take_value (const char *path, char *value, gpointer data)
{
  Logs *logs = data;
  char **field = g_str_has_suffix (path, "/editorString") ? &logs->query
                 : g_str_has_suffix (path, "/start")      ? &logs->begin
                 : g_str_has_suffix (path, "/end")        ? &logs->end
                                                          : NULL;

  if (g_str_has_suffix (path, "/timeType"))
    logs->relative = g_str_equal (value, "RELATIVE");
  else if (g_str_has_suffix (path, "/source"))
    logs->spans |= g_str_has_suffix (value, SPANS);
  if (field)
    {
      g_free (*field);
      *field = value;
    }
  else
    g_free (value);
}

/* Of the tab that comes first; the notation is that of a text alone. */
static void
read_tabs (Logs *logs, const char *text)
{
  const char *query = strstr (text, ".query=~'");
  g_autofree char *value = NULL, *list = NULL;

  if (!query)
    return;
  query += strlen (".query=~");
  value = g_strndup (query, strcspn (query, "&~"));
  list = g_strdup_printf ("~(editorString~%s)", value);
  fluo_console_walk (list, take_value, logs);
  logs->spans = logs->query && strstr (logs->query, SPANS);
}

/* The first word that is one, in either form. */
static gboolean
find_trace (const char *query, FluoTraceId *ret_id)
{
  while (query && *query)
    {
      gsize length = strspn (query, WORD_CHARS);

      if (fluo_trace_id_parse (query, (gssize) length, ret_id))
        return TRUE;
      query += length > 0 ? length : 1;
    }
  return FALSE;
}

/* Seconds or milliseconds since 1970, or a time in words. */
static gboolean
read_moment (const char *text, gint64 *ret_ns)
{
  gint64 number;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64 / FLUO_NSEC_PER_MSEC, &number, NULL))
    return fluo_console_read_time (text, ret_ns);
  *ret_ns = number < G_MAXUINT32 ? number * FLUO_NSEC_PER_SEC : number * FLUO_NSEC_PER_MSEC;
  return TRUE;
}

static void
take_range (FluoConsoleLink *self, const Logs *logs)
{
  gint64 begin, end = 0;

  if (!logs->begin || !logs->end)
    return;
  if (!logs->relative)
    {
      if (read_moment (logs->begin, &begin) && read_moment (logs->end, &end))
        fluo_console_take_span (self, begin, end);
    }
  /* Seconds before now, whatever unit the page showed them in. */
  else if (g_ascii_string_to_signed (logs->begin, 10,
                                     -FLUO_CONSOLE_RANGE_MAX_NS / FLUO_NSEC_PER_SEC, -1, &begin,
                                     NULL)
           && g_str_equal (logs->end, "0"))
    self->relative_ns = -begin * FLUO_NSEC_PER_SEC;
}

gboolean
fluo_console_read_logs (FluoConsoleLink *self, const char *text)
{
  g_autofree char *plain = dup_plain (text);
  const char *detail = strstr (plain, "queryDetail=");
  Logs logs = { 0 };
  gboolean found;

  if (g_str_has_prefix (plain, "logsV2:logs-insights") && detail)
    fluo_console_walk (detail + strlen ("queryDetail="), take_value, &logs);
  else if (g_str_has_prefix (plain, "log-analytics"))
    read_tabs (&logs, plain);
  found = find_trace (logs.query, &self->id);
  if (found)
    self->place = FLUO_CONSOLE_TRACE;
  else if (logs.spans)
    self->place = FLUO_CONSOLE_TRACES;
  if (found || logs.spans)
    take_range (self, &logs);
  g_free (logs.query);
  g_free (logs.begin);
  g_free (logs.end);
  return found || logs.spans;
}
