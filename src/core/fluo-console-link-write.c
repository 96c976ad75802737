/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "core/fluo-console-link-private.h"

/* A view of ours as an address of CloudWatch's console. */

static void
append_text (GString *uri, const char *text)
{
  for (const char *c = text; *c; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (u < 0x80 && (g_ascii_isalnum ((char) u) || u == '-' || u == '_' || u == '.'))
        g_string_append_c (uri, (char) u);
      else if (u < 0x100)
        g_string_append_printf (uri, "*%02x", u);
      else if (u < 0x10000)
        g_string_append_printf (uri, "**%04x", u);
      /* What has no place in the notation is in no name of a service either. */
    }
}

/* "start~'…~end~'…" */
static void
append_times (GString *uri, FluoTimeSpan span)
{
  const gint64 times[] = { span.begin_ns, span.end_ns };
  static const char *const names[] = { "start", "end" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (times[i] / FLUO_NSEC_PER_SEC);
      g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
      g_autofree char *whole =
        g_strdup_printf ("%s.%03dZ", text,
                         (int) (times[i] % FLUO_NSEC_PER_SEC / FLUO_NSEC_PER_MSEC));

      g_string_append_printf (uri, "%s%s~'", i ? "~" : "", names[i]);
      append_text (uri, whole);
    }
}

static void
append_context (GString *uri, const FluoConsoleLink *self)
{
  g_string_append (uri, "context~(");
  if (self->group)
    {
      g_string_append (uri, "xrayGroup~'");
      append_text (uri, self->group);
      g_string_append_c (uri, '~');
    }
  if (self->relative_ns > 0)
    g_string_append_printf (uri, "timeRange~(delta~%" G_GINT64_FORMAT ")~",
                            self->relative_ns / FLUO_NSEC_PER_MSEC);
  else if (self->span.begin_ns < self->span.end_ns)
    {
      g_string_append (uri, "timeRange~(");
      append_times (uri, self->span);
      g_string_append (uri, ")~");
    }
  if (uri->str[uri->len - 1] == '~')
    g_string_truncate (uri, uri->len - 1);
  g_string_append_c (uri, ')');
}

/* As the map's own addresses say it: notation in a text. */
static void
append_node (GString *uri, const FluoConsoleLink *self)
{
  g_autoptr (GString) node = g_string_new ("~(name~'");

  append_text (node, self->node);
  if (self->node_type)
    {
      g_string_append (node, "~type~'");
      append_text (node, self->node_type);
    }
  g_string_append (node, "~dataSource~'xray)");
  g_string_append (uri, "filter~(node~'");
  append_text (uri, node->str);
  g_string_append (uri, ")~");
}

static void
append_query (GString *uri, const FluoConsoleLink *self)
{
  g_string_append (uri, "?~(query~(");
  if (self->node)
    append_node (uri, self);
  if (self->filter && *self->filter && self->place != FLUO_CONSOLE_TRACE)
    {
      g_string_append (uri, "expression~'");
      append_text (uri, self->filter);
      g_string_append_c (uri, '~');
    }
  if (uri->str[uri->len - 1] == '~')
    g_string_truncate (uri, uri->len - 1);
  g_string_append (uri, ")~");
  append_context (uri, self);
  g_string_append_c (uri, ')');
}

static void
append_logs (GString *uri, const FluoConsoleLink *self)
{
  g_string_append (uri, "logsV2:logs-insights$3FqueryDetail$3D~(");
  append_times (uri, self->span);
  g_string_append (uri, "~timeType~'ABSOLUTE~tz~'UTC~editorString~'");
  append_text (uri, self->log_query ? self->log_query : "");
  g_string_append (uri, "~source~(");
  for (char **group = self->log_groups; group && *group; group++)
    {
      g_string_append (uri, "~'");
      append_text (uri, *group);
    }
  g_string_append (uri, "))");
}

char *
fluo_console_link_dup_uri (const FluoConsoleLink *self)
{
  g_autoptr (GString) uri = NULL;
  guint i = 0;

  g_return_val_if_fail (self != NULL, NULL);
  if (!fluo_console_is_region (self->region))
    return NULL;
  while (!g_str_has_prefix (self->region, fluo_consoles[i].region_prefix))
    i++;
  uri = g_string_new ("https://");
  if (*fluo_consoles[i].region_prefix == '\0')
    g_string_append_printf (uri, "%s.", self->region);
  g_string_append_printf (uri, "%s/cloudwatch/home?region=%s#", fluo_consoles[i].host,
                          self->region);
  if (self->place == FLUO_CONSOLE_LOGS)
    {
      append_logs (uri, self);
      return g_string_free (g_steal_pointer (&uri), FALSE);
    }
  if (self->place == FLUO_CONSOLE_MAP)
    g_string_append (uri, "xray:service-map/map");
  else if (self->place == FLUO_CONSOLE_TRACES)
    g_string_append (uri, "xray:traces/query");
  else
    {
      char id[FLUO_TRACE_ID_XRAY_LEN + 1];

      fluo_trace_id_format_xray (&self->id, id);
      g_string_append_printf (uri, "xray:traces/%s", id);
    }
  append_query (uri, self);
  return g_string_free (g_steal_pointer (&uri), FALSE);
}
