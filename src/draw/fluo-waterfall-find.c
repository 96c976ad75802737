/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* What is read out of one row is bounded: names may be 64 KB long. */
#define DESCRIPTION_CHARS_MAX 200

const char *
fluo_waterfall_find_in (const char *text, const char *needle)
{
  gsize length;
  char first;

  if (text == NULL || needle == NULL || *needle == '\0')
    return NULL;

  length = strlen (needle);
  first = g_ascii_tolower (*needle);
  for (; *text != '\0'; text++)
    if (g_ascii_tolower (*text) == first && g_ascii_strncasecmp (text, needle, length) == 0)
      return text;

  return NULL;
}

/* Strings are interned, so each is compared once however many spans share it. */
static gboolean
string_matches (FluoTrace *trace, GHashTable *known, guint32 string, const char *text)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (known, GUINT_TO_POINTER (string), NULL, &value))
    {
      value = GINT_TO_POINTER (
        fluo_waterfall_find_in (fluo_trace_get_string (trace, string), text) != NULL);
      g_hash_table_insert (known, GUINT_TO_POINTER (string), value);
    }

  return GPOINTER_TO_INT (value);
}

/* Of each span, how many of the lines that it wrote hold the text; NULL without lines. */
static guint32 *
count_lines (const FluoTraceLines *lines, guint n_spans, const char *text)
{
  guint32 *counts;

  if (lines == NULL)
    return NULL;

  counts = g_new0 (guint32, MAX (n_spans, 1));
  for (guint i = 0; i < lines->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (lines->lines, i);

      if (line->span < n_spans)
        counts[line->span] +=
          fluo_waterfall_find_in (fluo_trace_line_get_message (line), text) != NULL;
    }

  return counts;
}

GArray *
fluo_waterfall_find (FluoTrace *trace, FluoTraceLines *lines, const char *text)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  g_autofree gboolean *service_matches = NULL;
  g_autofree guint32 *line_counts = NULL;
  GArray *found = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallFound));
  const FluoTraceService *services;
  const FluoSpan *spans;
  guint n_spans, n_services, of_call = 0;
  guint64 status = 0, id = 0;
  gboolean has_id;

  if (text == NULL || *text == '\0')
    return found;

  spans = fluo_trace_get_spans (trace, &n_spans);
  services = fluo_trace_get_services (trace, &n_services);
  service_matches = g_new0 (gboolean, MAX (n_services, 1));
  for (guint i = 0; i < n_services; i++)
    service_matches[i] = fluo_waterfall_find_in (services[i].name, text) != NULL;
  line_counts = count_lines (lines, n_spans, text);
  if (!g_ascii_string_to_unsigned (text, 10, 100, 599, &status, NULL))
    status = 0;
  has_id = fluo_span_id_parse (text, -1, &id);

  for (guint32 i = 0; i < n_spans; i++)
    {
      const FluoSpan *span = &spans[i];
      FluoWaterfallFound here = { i, of_call };
      gboolean is_id = has_id && span->id == id;

      here.hits += fluo_waterfall_find_in_document (trace, i, text);
      here.hits += line_counts != NULL ? line_counts[i] : 0;
      of_call = 0;
      /* Its callee comes next. */
      if ((span->flags & FLUO_SPAN_CALL) && span->first_child == i + 1 && !is_id)
        {
          of_call = here.hits;
          continue;
        }
      here.hits += span->service < n_services && service_matches[span->service];
      if (here.hits > 0 || string_matches (trace, known, span->name, text) ||
          string_matches (trace, known, span->detail, text) ||
          (status != 0 && span->http_status == status) || is_id)
        g_array_append_val (found, here);
    }

  return found;
}

guint
fluo_waterfall_found_from (const GArray *found, guint32 span)
{
  guint low = 0, high = found->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (found, FluoWaterfallFound, middle).span < span)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static const char *
status_word (FluoStatus status)
{
  switch (status)
    {
    case FLUO_STATUS_RUNNING:
      return _("running");
    case FLUO_STATUS_ERROR:
      return _("error");
    case FLUO_STATUS_THROTTLE:
      return _("throttled");
    case FLUO_STATUS_FAULT:
      return _("fault");
    case FLUO_STATUS_OK:
    case FLUO_N_STATUSES:
    default:
      return _("OK");
    }
}

char *
fluo_waterfall_dup_description (FluoWaterfallRows *self, guint32 index)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self);
  const FluoTraceService *services;
  const FluoSpan *spans, *span;
  const FluoWaterfallGroup *group;
  guint n_spans, n_services;
  gint64 response;
  GString *text = g_string_new (NULL);
  g_autofree char *name = NULL, *duration = NULL, *offset = NULL;

  spans = fluo_trace_get_spans (trace, &n_spans);
  services = fluo_trace_get_services (trace, &n_services);
  if (index >= n_spans)
    return g_string_free (text, FALSE);

  span = &spans[index];
  name = fluo_format_untrusted (fluo_waterfall_rows_get_name (self, index), DESCRIPTION_CHARS_MAX);
  g_string_append (text, name);
  if (span->service < n_services)
    {
      const char *label = fluo_kind_get_display_name (services[span->service].type,
                                                      services[span->service].name);
      g_autofree char *service = fluo_format_untrusted (label, DESCRIPTION_CHARS_MAX);

      if (g_strcmp0 (label, fluo_waterfall_rows_get_name (self, index)) != 0)
        g_string_append_printf (text, ", %s", service);
    }

  group = fluo_waterfall_rows_get_group (self, index);
  if (group != NULL)
    {
      g_autofree char *total = fluo_format_duration (group->total_ns);

      g_string_append_c (text, ' ');
      g_string_append_printf (text, _("%u times, %s together"), group->count, total);
      return g_string_free (text, FALSE);
    }
  g_string_append_printf (text, ", %s",
                          status_word (spans[fluo_spans_failing (spans, index)].status));
  if (!(span->flags & FLUO_SPAN_IN_PROGRESS))
    {
      duration = fluo_format_duration (span->end_ns - span->start_ns);
      g_string_append_printf (text, ", %s", duration);
    }

  offset = fluo_format_duration_exact (span->start_ns - fluo_trace_get_start_ns (trace));
  g_string_append (text, ", ");
  g_string_append_printf (text, _("starts at %s"), offset);

  response = fluo_trace_get_response_ns (trace);
  if (response > 0 && !(span->flags & FLUO_SPAN_LINKED))
    {
      g_autofree char *share =
        fluo_format_share_parts ((double) (span->end_ns - span->start_ns) / (double) response);

      g_string_append (text, ", ");
      g_string_append_printf (text, _("%s of the trace"), share);
    }

  if (span->flags & FLUO_SPAN_CRITICAL)
    g_string_append_printf (text, ", %s", _("on the critical path"));

  return g_string_free (text, FALSE);
}
