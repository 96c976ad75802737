/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-edit.h"

/* Filter expressions on the command line: what is wrong with one, what it says, what may be written
 * next, and what it finds. */

#define DEFAULT_PROPOSALS 20

/* --- check ----------------------------------------------------------------- */

static void
write_range (FluoJsonWriter *writer, const char *name, FluoFilterRange range)
{
  fluo_json_writer_key (writer, name);
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_int (writer, range.start);
  fluo_json_writer_int (writer, range.end);
  fluo_json_writer_end (writer, ']');
}

static void
write_diagnostic (FluoJsonWriter *writer, const FluoFilterDiagnostic *row)
{
  fluo_json_writer_begin (writer, '{');
  write_range (writer, "Range", row->range);
  fluo_json_writer_key (writer, "Message");
  fluo_json_writer_string (writer, row->message);
  fluo_json_writer_key (writer, "Unfinished");
  fluo_json_writer_boolean (writer, row->unfinished);
  if (row->fix)
    {
      write_range (writer, "FixRange", row->fix_range);
      fluo_json_writer_key (writer, "Fix");
      fluo_json_writer_string (writer, row->fix);
    }
  fluo_json_writer_end (writer, '}');
}

static void
print_json_check (const FluoFilterDocument *document, const char *words, const char *canonical)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Valid");
  fluo_json_writer_boolean (&writer, fluo_filter_document_is_valid (document));
  fluo_json_writer_key (&writer, "Expression");
  fluo_json_writer_string (&writer, canonical);
  fluo_json_writer_key (&writer, "Explanation");
  fluo_json_writer_string (&writer, words);
  fluo_json_writer_key (&writer, "Diagnostics");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < fluo_filter_document_get_n_diagnostics (document); i++)
    write_diagnostic (&writer, fluo_filter_document_get_diagnostic (document, i));
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

/* Before that byte; of text that is none, bytes. */
static guint
count_characters (const char *text, guint offset)
{
  return g_utf8_validate (text, offset, NULL) ? (guint) g_utf8_strlen (text, offset) : offset;
}

/* Everything that is wrong, on stderr: where, what, and the expression with it mended. */
static void
complain_all (const FluoFilterDocument *document)
{
  const char *text = fluo_filter_document_get_text (document, NULL);

  for (guint i = 0; i < fluo_filter_document_get_n_diagnostics (document); i++)
    {
      const FluoFilterDiagnostic *row = fluo_filter_document_get_diagnostic (document, i);
      g_autofree char *message = fluo_format_untrusted (row->message, 1000);
      g_autofree char *mended = fluo_filter_document_apply_fix (document, i, NULL);

      fluo_cli_complain (_("character %u: %s"), count_characters (text, row->range.start) + 1,
                         message);
      if (mended)
        {
          g_autofree char *shown = fluo_format_untrusted (mended, 1000);

          g_printerr ("  %s\n", shown);
        }
    }
}

static int
check (FluoCli *self, const char *text, gboolean explain)
{
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, NULL);
  g_autoptr (FluoSentence) words = fluo_filter_document_explain (document, G_MAXUINT, NULL);
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, NULL);
  g_autofree char *canonical = filter ? fluo_filter_print (filter) : NULL;

  if (self->json)
    print_json_check (document, words->text, canonical);
  else
    {
      complain_all (document);
      if (explain)
        g_print ("%s\n", words->text);
      else if (canonical)
        {
          g_autofree char *shown = fluo_format_untrusted (canonical, G_MAXINT);

          g_print ("%s\n", shown);
        }
    }
  return filter ? FLUO_CLI_OK : FLUO_CLI_FAILED;
}

/* --- complete -------------------------------------------------------------- */

static void
print_json_proposals (const FluoFilterCompletion *completion)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Matching");
  fluo_json_writer_int (&writer, completion->n_matching);
  fluo_json_writer_key (&writer, "Proposals");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < completion->proposals->len; i++)
    {
      const FluoFilterProposal *row = g_ptr_array_index (completion->proposals, i);

      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Label");
      fluo_json_writer_string (&writer, row->label);
      fluo_json_writer_key (&writer, "Insert");
      fluo_json_writer_string (&writer, row->insert);
      write_range (&writer, "Range", row->range);
      fluo_json_writer_key (&writer, "Cursor");
      fluo_json_writer_int (&writer, row->cursor);
      fluo_json_writer_key (&writer, "Type");
      fluo_json_writer_string (&writer, row->type);
      fluo_json_writer_key (&writer, "Help");
      fluo_json_writer_string (&writer, row->help);
      if (row->count >= 0)
        {
          fluo_json_writer_key (&writer, "Count");
          fluo_json_writer_int (&writer, row->count);
        }
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

static void
print_proposals (const FluoFilterCompletion *completion)
{
  const FluoCliColumn columns[] = {
    { _("Proposal"), FALSE, 20 },
    { _("Type"), FALSE, 0 },
    { _("Traces"), TRUE, 0 },
    { _("Meaning"), FALSE, 20 },
  };
  g_auto (FluoCliTable) table = { 0 };

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint i = 0; i < completion->proposals->len; i++)
    {
      const FluoFilterProposal *row = g_ptr_array_index (completion->proposals, i);

      fluo_cli_table_add (&table, g_strdup (row->label), -1);
      fluo_cli_table_add (&table, g_strdup (row->type ? row->type : ""), -1);
      fluo_cli_table_add (
        &table, row->count >= 0 ? fluo_format_count ((guint64) row->count) : g_strdup (""), -1);
      fluo_cli_table_add (&table, g_strdup (row->help ? row->help : ""), -1);
    }
  fluo_cli_table_print (&table);
}

/* With @values what occurs in the traces of the range is proposed, too. */
static int
complete (FluoCli *self, const char *text, int cursor, int limit, gboolean values)
{
  g_autoptr (FluoFilterVocabulary) vocabulary = NULL;
  g_autoptr (FluoFilterCompletion) completion = NULL;
  g_autoptr (GPtrArray) summaries = NULL;
  g_autoptr (GError) error = NULL;
  FluoTimeSpan span;
  FluoCliExit code;
  guint at = cursor < 0 ? (guint) strlen (text) : (guint) cursor;

  if (cursor > 0 && (gsize) cursor > strlen (text))
    {
      fluo_cli_complain (_("--cursor is behind the end of the expression."));
      return FLUO_CLI_USAGE;
    }
  if (values)
    {
      if (!fluo_cli_get_span (self, &span))
        return FLUO_CLI_USAGE;
      code = fluo_cli_connect (self);
      if (code != FLUO_CLI_OK)
        return code;
      summaries = fluo_cli_get_summaries (self, span, NULL, &error);
      if (!summaries)
        return fluo_cli_report (self, error);
      vocabulary = fluo_filter_vocabulary_new_from_summaries (summaries, NULL);
    }
  completion = fluo_filter_complete (text, -1, at, vocabulary, (guint) limit);
  if (self->json)
    print_json_proposals (completion);
  else
    print_proposals (completion);
  return FLUO_CLI_OK;
}

/* --- run ------------------------------------------------------------------- */

gboolean
fluo_cli_check_filter (const char *text)
{
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, NULL);

  if (fluo_filter_document_is_valid (document))
    return TRUE;
  complain_all (document);
  return FALSE;
}

/* --- The command ----------------------------------------------------------- */

int
fluo_cli_filter (FluoCli *self, int argc, char **argv)
{
  int cursor = -1, limit = DEFAULT_PROPOSALS;
  gboolean values = FALSE;
  const GOptionEntry entries[] = {
    { "cursor", 0, 0, G_OPTION_ARG_INT, &cursor,
      N_("With complete: the byte that is written at (default: the end)"), N_("NUMBER") },
    { "values", 0, 0, G_OPTION_ARG_NONE, &values,
      N_("With complete: propose what occurs in the traces of the range, too"), NULL },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &limit,
      N_("Show at most this many, 0 for all (default: 20)"), N_("NUMBER") },
    G_OPTION_ENTRY_NULL
  };

  if (!fluo_cli_parse (self, argv[0], "check | explain | complete | run EXPRESSION",
                       N_("Says what is wrong with a filter expression, what it finds, what may be "
                          "written next, or lists the traces that it finds."),
                       entries, FLUO_CLI_PARSE_RANGE, &argc, &argv, 2, 2))
    return FLUO_CLI_USAGE;
  if (limit < 0)
    {
      fluo_cli_complain (_("--limit takes 0 or more."));
      return FLUO_CLI_USAGE;
    }
  if (strcmp (argv[1], "check") == 0 || strcmp (argv[1], "explain") == 0)
    return check (self, argv[2], strcmp (argv[1], "explain") == 0);
  if (strcmp (argv[1], "complete") == 0)
    return complete (self, argv[2], cursor, limit, values);
  if (strcmp (argv[1], "run") == 0)
    return fluo_cli_list_traces (self, argv[2], (guint) limit, FALSE);
  fluo_cli_complain (_("Write “filter check”, “filter explain”, “filter complete” or “filter run”, "
                       "and then the expression."));
  return FLUO_CLI_USAGE;
}
