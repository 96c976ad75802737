/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "core/fluo-console-link-private.h"

#include <stdio.h>
#include <string.h>

#define REGION_LEN_MAX 63
#define ACCOUNT_LEN 12

G_DEFINE_QUARK (fluo-console-link-error-quark, fluo_console_link_error)

const FluoConsole fluo_consoles[] = {
  { "cn-", "console.amazonaws.cn" },
  { "us-gov-", "console.amazonaws-us-gov.com" },
  { "eusc-", "console.amazonaws-eusc.eu" },
  { "us-isob-", "console.sc2shome.sgov.gov" },
  { "us-iso-", "console.c2shome.ic.gov" },
  { "", "console.aws.amazon.com" },
};

FluoConsoleLink *
fluo_console_link_new (FluoConsolePlace place, const char *region)
{
  FluoConsoleLink *self = g_new0 (FluoConsoleLink, 1);

  self->place = place;
  self->region = g_strdup (region);
  return self;
}

void
fluo_console_link_free (FluoConsoleLink *self)
{
  g_return_if_fail (self != NULL);
  g_free (self->region);
  g_free (self->account);
  g_free (self->filter);
  g_free (self->group);
  g_free (self->node);
  g_free (self->node_type);
  g_free (self->log_query);
  g_strfreev (self->log_groups);
  g_free (self);
}

gboolean
fluo_console_is_region (const char *text)
{
  gsize length = text ? strlen (text) : 0;

  if (length == 0 || length > REGION_LEN_MAX || text[0] == '-' || text[length - 1] == '-')
    return FALSE;
  for (const char *c = text; *c; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-')
      return FALSE;
  return strchr (text, '-') != NULL;
}

/* "402155889917-abc123": which account of several is signed in. */
static char *
dup_account (const char *label)
{
  gsize length = strspn (label, "0123456789");

  return length == ACCOUNT_LEN && label[length] == '-' ? g_strndup (label, length) : NULL;
}

/* TRUE for "console.aws.amazon.com", "eu-west-1.console.aws.amazon.com" and, with several accounts
 * signed in, "402155889917-abc123.eu-west-1.console.aws.amazon.com". @self gets what the name says
 * of region and account. */
static gboolean
read_host (FluoConsoleLink *self, const char *host)
{
  for (gsize i = 0; host && i < G_N_ELEMENTS (fluo_consoles); i++)
    {
      gsize length = strlen (host), suffix_length = strlen (fluo_consoles[i].host);
      g_autofree char *front = NULL;
      const char *dot;

      if (!g_str_has_suffix (host, fluo_consoles[i].host))
        continue;
      if (length == suffix_length)
        return TRUE;
      if (host[length - suffix_length - 1] != '.')
        continue;
      front = g_strndup (host, length - suffix_length - 1);
      dot = strrchr (front, '.');
      if (fluo_console_is_region (dot ? dot + 1 : front))
        {
          self->region = g_strdup (dot ? dot + 1 : front);
          self->account = dot ? dup_account (front) : NULL;
          return TRUE;
        }
    }
  return FALSE;
}

/* --- Ranges -------------------------------------------------------------------------------- */

/* "PT15M", "PT1H30M", "P1D": days, hours, minutes and seconds of ISO 8601. */
static gboolean
read_iso_duration (const char *text, gint64 *ret_ns)
{
  gint64 total_ns = 0;
  gboolean time = FALSE, any = FALSE;

  if (*text++ != 'P')
    return FALSE;
  while (*text)
    {
      char *end;
      guint64 value;
      gint64 unit_ns;

      if (*text == 'T' && !time)
        {
          time = TRUE;
          text++;
          continue;
        }
      if (!g_ascii_isdigit (*text))
        return FALSE;
      value = g_ascii_strtoull (text, &end, 10);
      unit_ns = !time && *end == 'D'  ? 24 * 60 * FLUO_NSEC_PER_MIN
                : time && *end == 'H' ? 60 * FLUO_NSEC_PER_MIN
                : time && *end == 'M' ? FLUO_NSEC_PER_MIN
                : time && *end == 'S' ? FLUO_NSEC_PER_SEC
                                      : 0;
      if (unit_ns == 0 || value > (guint64) (FLUO_CONSOLE_RANGE_MAX_NS / unit_ns))
        return FALSE;
      total_ns += (gint64) value * unit_ns;
      any = TRUE;
      text = end + 1;
    }
  if (!any || total_ns <= 0 || total_ns > FLUO_CONSOLE_RANGE_MAX_NS)
    return FALSE;
  *ret_ns = total_ns;
  return TRUE;
}

/* "2018-09-01T16:00", with seconds and fractions or without, UTC unless it says otherwise. AWS's
 * guide writes "2023-7-01T16:00" too, and GLib wants two digits, and seconds. */
gboolean
fluo_console_read_time (const char *text, gint64 *ret_ns)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *full = NULL;
  g_autoptr (GDateTime) time = NULL;
  int year, month, day, read = 0;

  if (sscanf (text, "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3 || text[read] != 'T'
      || year < 1990 || year > 2200 || month < 1 || day < 1)
    return FALSE;
  full = g_strdup_printf ("%04d-%02d-%02d%s%s", year, month, day, text + read,
                          strlen (text + read) == strlen ("T16:00") ? ":00" : "");
  time = g_date_time_new_from_iso8601 (full, utc);
  if (!time)
    return FALSE;
  *ret_ns = g_date_time_to_unix (time) * FLUO_NSEC_PER_SEC
            + g_date_time_get_microsecond (time) * FLUO_NSEC_PER_USEC;
  return TRUE;
}

void
fluo_console_take_span (FluoConsoleLink *self, gint64 begin_ns, gint64 end_ns)
{
  if (begin_ns >= 0 && begin_ns < end_ns && end_ns - begin_ns <= FLUO_CONSOLE_RANGE_MAX_NS)
    self->span = (FluoTimeSpan) { begin_ns, end_ns };
}

static void
take_times (FluoConsoleLink *self, const char *begin, const char *end)
{
  gint64 begin_ns, end_ns;

  if (begin && end && fluo_console_read_time (begin, &begin_ns)
      && fluo_console_read_time (end, &end_ns))
    fluo_console_take_span (self, begin_ns, end_ns);
}

/* Of X-Ray's own console: a duration up to now, or two times. */
static void
take_range (FluoConsoleLink *self, const char *text)
{
  g_auto (GStrv) ends = g_strsplit (text, "~", 3);

  if (g_strv_length (ends) == 2)
    take_times (self, ends[0], ends[1]);
  else
    read_iso_duration (text, &self->relative_ns);
}

/* --- CloudWatch's notation ----------------------------------------------------------------- */

typedef struct
{
  const char *path; /* its end */
  char      **field;
} Wanted;

/* The first that the path ends with gets it. */
static void
take_value (const char *path, char *value, gpointer data)
{
  for (const Wanted *wanted = data; wanted->path; wanted++)
    if (g_str_has_suffix (path, wanted->path))
      {
        g_free (*wanted->field);
        *wanted->field = value;
        return;
      }
  g_free (value);
}

/* NULL when it is empty, or has what no name has. */
static char *
dup_name (const char *text)
{
  return text && *text && strlen (text) < 500 && !strpbrk (text, "\n\r") ? g_strdup (text) : NULL;
}

/* The node of a map that is selected is notation in a text: "~(name~'checkout~type~'AWS*3a*3aEC2)".
 */
static void
read_node (FluoConsoleLink *self, const char *text)
{
  g_autofree char *name = NULL, *type = NULL;
  const Wanted wanted[] = { { "/name", &name }, { "/type", &type }, { NULL, NULL } };

  fluo_console_walk (text, take_value, (gpointer) wanted);
  self->node = dup_name (name);
  self->node_type = self->node ? dup_name (type) : NULL;
}

static void
read_notation (FluoConsoleLink *self, const char *text)
{
  g_autofree char *expression = NULL, *node = NULL, *group = NULL, *delta = NULL;
  g_autofree char *begin = NULL, *end = NULL;
  const Wanted wanted[] = { { "/query/expression", &expression },
                            { "/query/filter/expression", &expression },
                            { "/query/filter/node", &node },
                            { "/context/xrayGroup", &group },
                            { "/timeRange/delta", &delta },
                            { "/timeRange/start", &begin },
                            { "/timeRange/end", &end },
                            { NULL, NULL } };
  gint64 delta_ms;

  fluo_console_walk (text, take_value, (gpointer) wanted);
  if (expression && *expression)
    self->filter = g_steal_pointer (&expression);
  if (node)
    read_node (self, node);
  /* Everything is in that one. */
  if (g_strcmp0 (group, "Default") != 0)
    self->group = dup_name (group);
  if (delta && g_ascii_string_to_signed (delta, 10, 1, FLUO_CONSOLE_RANGE_MAX_NS / 1000000,
                                         &delta_ms, NULL))
    self->relative_ns = delta_ms * FLUO_NSEC_PER_MSEC;
  else
    take_times (self, begin, end);
}

/* --- Reading ------------------------------------------------------------------------------- */

/* "traces", "traces/1-…", "traces/query", "service-map/map", "map": TRUE when traces are there. */
static gboolean
take_route (FluoConsoleLink *self, const char *route, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (route, "/", 4);
  const char *page = parts[0] ? parts[0] : "";
  const char *what = parts[0] && parts[1] ? parts[1] : "";

  if (g_str_equal (page, "traces") || g_str_equal (page, "analytics")
      || g_str_equal (page, "transaction-search"))
    {
      self->place = FLUO_CONSOLE_TRACES;
      if (*what == '\0' || g_str_equal (what, "query") || !g_str_equal (page, "traces"))
        return TRUE;
      if (fluo_trace_id_parse (what, -1, &self->id))
        {
          self->place = FLUO_CONSOLE_TRACE;
          return TRUE;
        }
      g_set_error_literal (error, FLUO_CONSOLE_LINK_ERROR, FLUO_CONSOLE_LINK_ERROR_INVALID,
                           "the address names a trace, but not by a trace's id");
      return FALSE;
    }
  if (*page == '\0' || g_str_equal (page, "service-map") || g_str_equal (page, "map"))
    {
      self->place = FLUO_CONSOLE_MAP;
      return TRUE;
    }
  g_set_error_literal (error, FLUO_CONSOLE_LINK_ERROR, FLUO_CONSOLE_LINK_ERROR_PAGE,
                       "this page of the console shows no traces");
  return FALSE;
}

/* "#/traces?filter=…&timeRange=…" of X-Ray's own console; AWS's examples write "&" for the "?"
 * too. */
static gboolean
read_xray (FluoConsoleLink *self, const char *fragment, GError **error)
{
  gsize length = strcspn (fragment, "?&");
  g_autofree char *route = g_strndup (fragment, length);
  g_autofree char *decoded = g_uri_unescape_string (route, NULL);
  g_auto (GStrv) parameters = NULL;

  if (!decoded)
    decoded = g_strdup (route);
  if (!take_route (self, *decoded == '/' ? decoded + 1 : decoded, error))
    return FALSE;
  if (fragment[length] == '\0')
    return TRUE;
  parameters = g_strsplit (fragment + length + 1, "&", 64);
  for (char **p = parameters; *p; p++)
    {
      const char *equals = strchr (*p, '=');
      g_autofree char *value = equals ? g_uri_unescape_string (equals + 1, NULL) : NULL;

      if (!value || !g_utf8_validate (value, -1, NULL))
        continue;
      if (g_str_has_prefix (*p, "filter=") && *value)
        {
          g_free (self->filter);
          self->filter = g_steal_pointer (&value);
        }
      else if (g_str_has_prefix (*p, "timeRange="))
        take_range (self, value);
    }
  return TRUE;
}

/* "services/Environment%3Deks%26Name%3Dcart%26Type%3DService/operations", "map", … of Application
 * Signals. FALSE for pages of it that show neither services nor spans. */
static gboolean
read_signals (FluoConsoleLink *self, const char *route)
{
  g_auto (GStrv) parts = g_strsplit_set (route, "/?", 4);
  const char *page = parts[0] ? parts[0] : "";

  if (g_str_equal (page, "transaction-search"))
    {
      self->place = FLUO_CONSOLE_TRACES;
      return TRUE;
    }
  if (*page && !g_str_equal (page, "services") && !g_str_equal (page, "map")
      && !g_str_equal (page, "service-map"))
    return FALSE;
  self->place = FLUO_CONSOLE_MAP;
  if (*page && parts[1])
    {
      g_autofree char *decoded = g_uri_unescape_string (parts[1], NULL);
      g_auto (GStrv) members = g_strsplit (decoded ? decoded : "", "&", 16);

      for (char **m = members; *m && !self->node; m++)
        if (g_str_has_prefix (*m, "Name="))
          self->node = dup_name (*m + strlen ("Name="));
    }
  return TRUE;
}

/* "#xray:traces/query?~(…)" of CloudWatch's. Browsers and chats escape some of it. */
static gboolean
read_cloudwatch (FluoConsoleLink *self, const char *fragment, GError **error)
{
  g_autofree char *decoded = g_uri_unescape_string (fragment, NULL);
  g_autofree char *route = NULL;
  const char *text = decoded ? decoded : fragment;
  const char *after;
  gsize length;

  if (g_str_has_prefix (text, "xray:"))
    after = text + strlen ("xray:");
  else if (g_str_has_prefix (text, "servicelens:"))
    after = text + strlen ("servicelens:");
  else if (g_str_has_prefix (fragment, "application-signals:")
           && read_signals (self, fragment + strlen ("application-signals:")))
    return TRUE;
  else if (g_str_has_prefix (text, "log") && fluo_console_read_logs (self, text))
    return TRUE;
  else
    return take_route (self, "elsewhere", error);
  length = strcspn (after, "?~");
  route = g_strndup (after, length);
  if (!take_route (self, route, error))
    return FALSE;
  after += length;
  if (*after == '?')
    after++;
  read_notation (self, after);
  return TRUE;
}

static char *
dup_query_region (const char *query)
{
  g_auto (GStrv) parameters = g_strsplit (query ? query : "", "&", 64);

  for (char **p = parameters; *p; p++)
    if (g_str_has_prefix (*p, "region=") && fluo_console_is_region (*p + strlen ("region=")))
      return g_strdup (*p + strlen ("region="));
  return NULL;
}

/* A host as it stands in text that was typed, or NULL. */
static char *
dup_host (const char *text)
{
  const char *host;
  gsize length;

  if (!g_str_has_prefix (text, "https://"))
    return NULL;
  host = text + strlen ("https://");
  length = strcspn (host, "/?#");
  if (length == 0 || length > 253)
    return NULL;
  return g_ascii_strdown (host, (gssize) length);
}

gboolean
fluo_console_link_is_meant (const char *text)
{
  g_autoptr (FluoConsoleLink) link = fluo_console_link_new (FLUO_CONSOLE_MAP, NULL);
  g_autofree char *host = NULL;

  g_return_val_if_fail (text != NULL, FALSE);
  while (g_ascii_isspace (*text))
    text++;
  host = dup_host (text);
  return host && read_host (link, host);
}

FluoConsoleLink *
fluo_console_link_parse (const char *text, GError **error)
{
  g_autoptr (FluoConsoleLink) self = fluo_console_link_new (FLUO_CONSOLE_MAP, NULL);
  g_autofree char *stripped = NULL, *host = NULL, *path = NULL, *query = NULL, *region = NULL;
  const char *fragment, *rest;
  gboolean ok;

  g_return_val_if_fail (text != NULL, NULL);
  if (strlen (text) > FLUO_CONSOLE_LINK_LEN_MAX || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, FLUO_CONSOLE_LINK_ERROR, FLUO_CONSOLE_LINK_ERROR_OTHER,
                           "this is no address of AWS's console");
      return NULL;
    }
  stripped = g_strstrip (g_strdup (text));
  host = dup_host (stripped);
  if (!host || !read_host (self, host))
    {
      g_set_error_literal (error, FLUO_CONSOLE_LINK_ERROR, FLUO_CONSOLE_LINK_ERROR_OTHER,
                           "this is no address of AWS's console");
      return NULL;
    }
  fragment = strchr (stripped, '#');
  fragment = fragment ? fragment + 1 : "";
  rest = stripped + strlen ("https://") + strlen (host);
  path = g_strndup (rest, strcspn (rest, "?#"));
  if (rest[strlen (path)] == '?')
    query = g_strndup (rest + strlen (path) + 1, strcspn (rest + strlen (path) + 1, "#"));
  region = dup_query_region (query);
  if (region)
    {
      g_free (self->region);
      self->region = g_steal_pointer (&region);
    }
  if (g_str_has_prefix (path, "/xray/home"))
    ok = read_xray (self, fragment, error);
  else if (g_str_has_prefix (path, "/cloudwatch/"))
    ok = read_cloudwatch (self, fragment, error);
  else
    ok = take_route (self, "elsewhere", error);
  return ok ? g_steal_pointer (&self) : NULL;
}
