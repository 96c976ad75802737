/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"
#include "core/fluo-span-detail.h"
#include "draw/fluo-waterfall.h"

#define DEFAULT_ROWS 500
#define DEPTH_SHOWN_MAX 20   /* deeper rows are indented no further */
#define TREE_WIDTH_MAX 72
#define TREE_WIDTH_MIN 12
#define DURATION_WIDTH 10
#define STATUS_WIDTH 12
#define BAR_WIDTH_MIN 16
#define WIDTH_UNKNOWN 140    /* where stdout is no terminal */
#define ANNOTATIONS_SHOWN_MAX 12

/* The sentence with its facts in bold. Every part is made safe by itself, because bytes move when
 * text is replaced. */
static void
print_sentence (FluoTrace *trace)
{
  g_autoptr (FluoSentence) sentence = fluo_trace_dup_root_cause (trace, 0);
  guint done = 0;

  for (guint i = 0; i < sentence->bold->len; i++)
    {
      FluoSentenceRange range = g_array_index (sentence->bold, FluoSentenceRange, i);
      g_autofree char *before = g_strndup (sentence->text + done, range.start - done);
      g_autofree char *fact = g_strndup (sentence->text + range.start, range.length);
      g_autofree char *safe_before = fluo_format_untrusted (before, 500);
      g_autofree char *safe_fact = fluo_format_untrusted (fact, 500);

      g_print ("%s%s%s%s", safe_before, fluo_cli_bold (), safe_fact, fluo_cli_plain ());
      done = range.start + range.length;
    }
  {
    g_autofree char *rest = fluo_format_untrusted (sentence->text + done, 500);

    g_print ("%s\n", rest);
  }
}

/* "fault · 502 · POST /checkout · 2.31 s · 14:31:48.214 · 9 services" */
static void
print_facts (FluoTrace *trace)
{
  guint n_services, n_running = fluo_trace_get_n_running (trace);
  guint32 root = fluo_trace_get_root (trace);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *title = fluo_cli_dup_text (fluo_trace_get_title (trace));
  g_autofree char *total = fluo_format_duration (fluo_trace_get_response_ns (trace));
  g_autofree char *clock =
    fluo_format_clock (fluo_trace_get_start_ns (trace), FLUO_CLOCK_MILLISECONDS, NULL);
  FluoStatus status = fluo_trace_get_status (trace);

  fluo_trace_get_services (trace, &n_services);
  g_string_append_printf (line, "%s%s%s", fluo_cli_color_of (status), fluo_status_to_word (status),
                          fluo_cli_plain ());
  if (root != FLUO_SPAN_NONE && fluo_trace_get_spans (trace, NULL)[root].http_status != 0)
    g_string_append_printf (line, " · %u", fluo_trace_get_spans (trace, NULL)[root].http_status);
  g_string_append_printf (line, " · %s · %s · %s · ", title, total, clock);
  g_string_append_printf (line, ngettext ("%u service", "%u services", n_services), n_services);
  if (fluo_trace_is_partial (trace))
    g_string_append_printf (line, " · %s", _("parts are missing"));
  if (n_running > 0)
    {
      g_string_append (line, " · ");
      g_string_append_printf (line, ngettext ("%u call running", "%u calls running", n_running),
                              n_running);
    }
  g_print ("%s\n", line->str);
}

/* "tier gold · bank_api v2": every key once. */
static void
print_annotations (FluoTrace *trace)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) line = g_string_new (NULL);
  guint n_spans;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);

  for (guint i = 0; i < n_spans && g_hash_table_size (seen) < ANNOTATIONS_SHOWN_MAX; i++)
    {
      g_autoptr (FluoSpanDetail) detail = NULL;

      if (!(spans[i].flags & FLUO_SPAN_HAS_ANNOTATIONS))
        continue;
      detail = fluo_span_detail_new (trace, i);
      for (guint j = 0;
           j < detail->annotations->len && g_hash_table_size (seen) < ANNOTATIONS_SHOWN_MAX; j++)
        {
          const FluoAnnotation *annotation =
            &g_array_index (detail->annotations, FluoAnnotation, j);
          g_autofree char *key = fluo_cli_dup_text (annotation->key);
          g_autofree char *value = fluo_cli_dup_text (annotation->value);

          if (!g_hash_table_add (seen, g_strdup (annotation->key)))
            continue;
          g_string_append_printf (line, "%s%s %s", line->len > 0 ? " · " : "", key, value);
        }
    }
  if (line->len > 0)
    g_print ("%s\n", line->str);
}

/* One row's bar: own time solid, waiting light, running to the end open. */
static char *
dup_bar (FluoWaterfallRows *rows, guint32 index, guint width)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (rows);
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[index];
  FluoTimeSpan extent = fluo_waterfall_rows_get_extent (rows);
  gint64 length_ns = MAX (fluo_time_span_length (extent), 1);
  guint n_busy, busy_at = 0;
  const FluoTimeSpan *busy = fluo_waterfall_rows_get_busy (rows, index, &n_busy);
  guint first = (guint) ((double) (span->start_ns - extent.begin_ns) / (double) length_ns * width);
  guint last = (guint) ((double) (span->end_ns - extent.begin_ns) / (double) length_ns * width);
  GString *bar = g_string_new (NULL);

  first = MIN (first, width - 1);
  last = CLAMP (last, first + 1, width);
  g_string_append_printf (bar, "%*s", (int) first, "");
  for (guint i = first; i < last; i++)
    {
      gint64 middle_ns =
        extent.begin_ns + (gint64) (((double) i + 0.5) / width * (double) length_ns);

      while (busy_at < n_busy && busy[busy_at].end_ns <= middle_ns)
        busy_at++;
      if (span->flags & FLUO_SPAN_IN_PROGRESS)
        g_string_append (bar, "╱");
      else
        g_string_append (bar, busy_at < n_busy && busy[busy_at].begin_ns <= middle_ns ? "░" : "█");
    }
  return g_string_free (bar, FALSE);
}

static char *
dup_status_cell (FluoWaterfallRows *rows, guint32 index)
{
  const FluoSpan *spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (rows), NULL);
  const FluoSpan *span = &spans[fluo_spans_failing (spans, index)];

  if (span->status == FLUO_STATUS_OK)
    return g_strdup ("");
  if (span->http_status != 0)
    return g_strdup_printf ("%s %u", fluo_status_to_word (span->status), span->http_status);
  return g_strdup (fluo_status_to_word (span->status));
}

static char *
dup_label (FluoWaterfallRows *rows, guint32 index)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (rows);
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[index];
  guint depth = MIN (fluo_waterfall_rows_get_depth (rows, index), DEPTH_SHOWN_MAX);
  const FluoTraceService *service = &fluo_trace_get_services (trace, NULL)[span->service];
  g_autofree char *name = NULL;
  const char *raw_detail = fluo_trace_get_string (trace, span->detail);
  const char *exception = fluo_waterfall_rows_get_exception (rows, index);
  GString *label = g_string_new (NULL);

  /* A table or a queue is called by its own name, not by that of the AWS service. */
  if (fluo_waterfall_rows_is_service (rows, index))
    name = fluo_cli_dup_name (service->name, service->type);
  else
    name = fluo_cli_dup_text (fluo_trace_get_string (trace, span->name));
  g_string_append_printf (label, "%*s%s", (int) depth * 2, "", name);
  if (*raw_detail != '\0')
    {
      g_autofree char *detail = fluo_cli_dup_text (raw_detail);

      g_string_append_printf (label, " %s", detail);
    }
  if (exception != NULL && *exception != '\0' && strcmp (exception, raw_detail) != 0)
    {
      g_autofree char *shown = fluo_cli_dup_text (exception);

      g_string_append_printf (label, " (%s)", shown);
    }
  return g_string_free (label, FALSE);
}

static void
print_padded (const char *text, guint width, gboolean right)
{
  g_autofree char *cut = fluo_cli_text_cut (text, width);
  int pad = (int) (width - fluo_cli_text_width (cut));

  if (right)
    g_print ("%*s%s", pad, "", cut);
  else
    g_print ("%s%*s", cut, pad, "");
}

/* How wide the tree's names are, within what the terminal leaves beside the smallest bars. */
static guint
measure_tree (GPtrArray *labels, guint width, guint fixed)
{
  guint widest = TREE_WIDTH_MIN;

  for (guint i = 0; i < labels->len; i++)
    widest = MAX (widest, fluo_cli_text_width (g_ptr_array_index (labels, i)));
  widest = MIN (widest, TREE_WIDTH_MAX);
  return width > fixed + BAR_WIDTH_MIN + TREE_WIDTH_MIN
           ? MIN (widest, width - fixed - BAR_WIDTH_MIN)
           : TREE_WIDTH_MIN;
}

static void
print_row (FluoWaterfallRows *rows, guint32 index, const char *label, guint tree, guint bar)
{
  const FluoSpan *span = &fluo_trace_get_spans (fluo_waterfall_rows_get_trace (rows), NULL)[index];
  gboolean plain = span->status == FLUO_STATUS_OK;
  g_autofree char *status = dup_status_cell (rows, index);
  g_autofree char *blocks = dup_bar (rows, index, bar);
  g_autofree char *duration = span->flags & FLUO_SPAN_IN_PROGRESS
                                  ? g_strdup (_("running"))
                                  : fluo_format_duration (span->end_ns - span->start_ns);

  print_padded (label, tree, FALSE);
  g_print (" ");
  print_padded (duration, DURATION_WIDTH, TRUE);
  g_print ("  %s", fluo_cli_color_of (plain ? -1 : (int) span->status));
  print_padded (status, STATUS_WIDTH, FALSE);
  g_print (" %s%s\n", blocks, plain ? "" : fluo_cli_plain ());
}

static void
print_tree (FluoTrace *trace, guint limit)
{
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  guint n = fluo_waterfall_rows_get_n (rows);
  guint terminal = fluo_cli_terminal_width ();
  guint width = terminal > 0 ? terminal : WIDTH_UNKNOWN;
  guint fixed = 1 + DURATION_WIDTH + 2 + STATUS_WIDTH + 1;
  guint tree, bar;

  for (guint i = 0; i < MIN (n, limit); i++)
    g_ptr_array_add (labels, dup_label (rows, fluo_waterfall_rows_get_span (rows, i)));
  tree = measure_tree (labels, width, fixed);
  bar = width > fixed + tree + BAR_WIDTH_MIN ? width - fixed - tree : BAR_WIDTH_MIN;
  for (guint i = 0; i < labels->len; i++)
    print_row (rows, fluo_waterfall_rows_get_span (rows, i), g_ptr_array_index (labels, i), tree,
               bar);
  if (n > limit)
    {
      g_autofree char *count = fluo_format_count (n - limit);

      g_printerr (_("%s more rows; --rows 0 shows all.\n"), count);
    }
}

void
fluo_cli_print_trace (FluoTrace *trace, guint rows)
{
  print_sentence (trace);
  print_facts (trace);
  print_annotations (trace);
  g_print ("\n");
  print_tree (trace, rows);
}

/* The answer of BatchGetTraces for one trace, as it came. */
static FluoCliExit
print_json (FluoCli *self, const FluoTraceId *id)
{
  char text[FLUO_TRACE_ID_XRAY_LEN + 1];
  g_autofree char *body = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) error = NULL;
  const char *raw;
  gsize length;
  guint32 trace;

  fluo_trace_id_format_xray (id, text);
  body = g_strdup_printf ("{\"TraceIds\":[\"%s\"]}", text);
  tape = fluo_cli_call (self, "/Traces", body, &error);
  if (tape == NULL)
    return fluo_cli_report (self, error);
  trace = fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "Traces"));
  if (trace == FLUO_JSON_NONE)
    {
      fluo_cli_complain (
        _("There is no trace %s here. It may have expired, or be in another region."), text);
      return FLUO_CLI_NOT_FOUND;
    }
  raw = fluo_json_tape_raw (tape, trace, &length);
  fluo_cli_print_json (raw, length);
  return FLUO_CLI_OK;
}

int
fluo_cli_trace (FluoCli *self, int argc, char **argv)
{
  int rows = DEFAULT_ROWS;
  const GOptionEntry entries[] = {
    { "rows", 'n', 0, G_OPTION_ARG_INT, &rows,
      N_("Show at most this many rows, 0 for all (default: 500)"), N_("NUMBER") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId id;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], _("ID"),
                       N_("Shows what one trace did, its root cause first."), entries,
                       FLUO_CLI_PARSE_PLAIN, &argc, &argv, 1, 1))
    return FLUO_CLI_USAGE;
  if (rows < 0)
    {
      fluo_cli_complain (_("--rows takes 0 or more."));
      return FLUO_CLI_USAGE;
    }
  if (!fluo_cli_parse_id (argv[1], &id))
    return FLUO_CLI_USAGE;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  if (self->json)
    return print_json (self, &id);

  trace = fluo_cli_get_trace (self, &id, &error);
  if (trace == NULL)
    return fluo_cli_report (self, error);
  fluo_cli_print_trace (trace, rows == 0 ? G_MAXUINT : (guint) rows);
  return FLUO_CLI_OK;
}
