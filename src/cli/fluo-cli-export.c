/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "cli/fluo-cli.h"
#include "core/fluo-segment.h"
#include "draw/fluo-export.h"

#define PNG_SCALE 2

gboolean
fluo_cli_write_trace (FluoTrace *trace, const char *path, double scale, GError **error)
{
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;

  if (!fluo_export_format_from_path (path, &options.format))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   _("“%s” ends in no known format; use .png, .svg, .pdf, .md or .json"), path);
      return FALSE;
    }
  options.scale = scale;
  return fluo_export_trace (trace, &options, path, error);
}

/* The trace's documents in the form BatchGetTraces answers with, so that any tool for that form
 * reads the file. */
static gboolean
write_json (FluoTrace *trace, const char *path, GError **error)
{
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
  FluoTimeSpan extent = fluo_trace_get_extent (trace);
  GString *out = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Id");
  fluo_json_writer_string (&writer, id);
  fluo_json_writer_key (&writer, "Duration");
  fluo_json_writer_seconds (&writer, fluo_time_span_length (extent));
  fluo_json_writer_key (&writer, "LimitExceeded");
  fluo_json_writer_boolean (&writer, FALSE);
  fluo_json_writer_key (&writer, "Segments");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < fluo_trace_get_n_documents (trace); i++)
    {
      gsize length;
      const char *text = fluo_trace_get_document (trace, i, &length);
      FluoSegmentHead head;
      char segment_id[FLUO_SPAN_ID_LEN + 1];

      if (!fluo_segment_head_parse (text, length, &head, NULL, NULL))
        continue;
      fluo_span_id_format (head.id, segment_id);
      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Id");
      fluo_json_writer_string (&writer, segment_id);
      fluo_json_writer_key (&writer, "Document");
      fluo_json_writer_strn (&writer, text, length);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  g_string_append_c (out, '\n');
  bytes = g_string_free_to_bytes (out);
  return fluo_export_write (path, bytes, error);
}

int
fluo_cli_export (FluoCli *self, int argc, char **argv)
{
  g_autofree char *output = NULL;
  g_autofree char *title = NULL;
  double scale = PNG_SCALE;
  gboolean keep_all = FALSE, fold = FALSE, flame = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      N_("The file to write: .png, .pdf, .svg, .md or .json"), N_("FILE") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &title, N_("The page's title"), N_("TEXT") },
    { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &scale,
      N_("Pixels per unit of a PNG, 1 to 4 (default: 2)"), N_("FACTOR") },
    { "fold", 0, 0, G_OPTION_ARG_NONE, &fold, N_("Fold long waits"), NULL },
    { "flame", 0, 0, G_OPTION_ARG_NONE, &flame, N_("Draw a flame graph"), NULL },
    { "keep-all", 0, 0, G_OPTION_ARG_NONE, &keep_all,
      N_("Leave card numbers and tokens in the picture"), NULL },
    G_OPTION_ENTRY_NULL
  };
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  gboolean json, written;
  FluoTraceId id;
  FluoCliExit code;

  if (!fluo_cli_parse (
        self, argv[0], _("ID"),
        N_("Writes one trace to a file: a picture, a document, or its segment documents."),
        entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 1, 1))
    return FLUO_CLI_USAGE;
  if (!fluo_cli_parse_id (argv[1], &id))
    return FLUO_CLI_USAGE;
  if (output == NULL)
    {
      fluo_cli_complain (_("Name the file to write with -o, for example -o trace.pdf."));
      return FLUO_CLI_USAGE;
    }
  if (!(scale >= 1 && scale <= FLUO_EXPORT_SCALE_MAX))
    {
      fluo_cli_complain (_("--scale takes 1 to %d."), FLUO_EXPORT_SCALE_MAX);
      return FLUO_CLI_USAGE;
    }
  json = g_str_has_suffix (output, ".json");
  if (!json && !fluo_export_format_from_path (output, &options.format))
    {
      fluo_cli_complain (_("“%s” ends in no known format. Use .png, .pdf, .svg, .md or .json."),
                         output);
      return FLUO_CLI_USAGE;
    }
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;

  trace = fluo_cli_get_trace (self, &id, &error);
  if (trace == NULL)
    return fluo_cli_report (self, error);
  options.title = title;
  options.scale = scale;
  options.fold = fold;
  options.flame = flame;
  if (keep_all)
    options.redact = 0;
  written =
    json ? write_json (trace, output, &error) : fluo_export_trace (trace, &options, output, &error);
  if (!written)
    return fluo_cli_report (self, error);
  g_printerr (_("Wrote %s\n"), output);
  return FLUO_CLI_OK;
}
