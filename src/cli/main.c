/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

#include "cli/fluo-cli.h"
#include "core/fluo-locale.h"

typedef struct
{
  const char *name;
  const char *summary;
  int       (*run) (FluoCli *self, int argc, char **argv);
} Command;

static const Command commands[] = {
  { "traces", N_("List the traces of a range"), fluo_cli_traces },
  { "filter", N_("Check, explain, complete or run a filter expression"), fluo_cli_filter },
  { "trace", N_("Show one trace and what went wrong in it"), fluo_cli_trace },
  { "map", N_("Show the services and their calls"), fluo_cli_map },
  { "status", N_("Show what the local collector receives and refuses"), fluo_cli_status },
  { "sampling", N_("Show the sampling rules, and which one a request would hit"),
    fluo_cli_sampling },
  { "groups", N_("List the groups with their filters"), fluo_cli_groups },
  { "keep", N_("Keep traces for good, or list those that are"), fluo_cli_keep },
  { "export", N_("Write a trace as PNG, PDF, SVG or JSON"), fluo_cli_export },
  { "demo", N_("Send the traces of a made-up shop"), fluo_cli_demo },
  { "credentials", N_("Print the AWS credentials in use"), fluo_cli_credentials },
  { "sign-in", N_("Sign in to AWS, on this terminal"), fluo_cli_sign_in },
  { "tour", N_("Map, slowest traces, root cause and pictures in one go"), fluo_cli_tour },
};

static void
print_help (void)
{
  g_print ("%s\n  fluoroscope-cli [--endpoint %s | --profile %s | --connection %s] [--region %s] "
           "[--json] %s\n\n%s\n",
           _("Usage:"), _("URL"), _("NAME"), _("NAME"), _("REGION"), _("COMMAND [OPTION…]"),
           _("Commands:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-12s %s\n", commands[i].name, _(commands[i].summary));
  g_print ("\n%s\n", _("“fluoroscope-cli COMMAND --help” shows the options of a command; "
                        "fluoroscope-cli(1) tells all."));
}

/* Edit distance after Levenshtein over short ASCII words. */
static guint
distance (const char *a, const char *b)
{
  gsize n = strlen (b);
  g_autofree guint *row = g_new (guint, n + 1);

  for (gsize j = 0; j <= n; j++)
    row[j] = (guint) j;
  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = (guint) i + 1;
      for (gsize j = 0; j < n; j++)
        {
          guint above = row[j + 1];

          row[j + 1] = MIN (MIN (above, row[j]) + 1, diagonal + (a[i] != b[j]));
          diagonal = above;
        }
    }
  return row[n];
}

static void
complain_unknown (const char *name)
{
  const char *best = NULL;
  guint best_distance = 3; /* further away is no typing error */
  g_autofree char *shown = fluo_cli_dup_text (name);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      guint d = strlen (name) > 40 ? G_MAXUINT : distance (name, commands[i].name);

      if (d < best_distance)
        {
          best = commands[i].name;
          best_distance = d;
        }
    }
  if (best != NULL)
    fluo_cli_complain (_("There is no command “%s”. Did you mean “%s”?"), shown, best);
  else
    fluo_cli_complain (_("There is no command “%s”. “fluoroscope-cli --help” lists them."), shown);
}

static gboolean
interrupted_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

/* Options before the command; the parser stops at the first word that is none. */
static gboolean
parse_leading (FluoCli *self, int *argc, char ***argv, gboolean *ret_version)
{
  gboolean help = FALSE;
  const GOptionEntry entries[] = {
    { "endpoint", 0, 0, G_OPTION_ARG_STRING, &self->endpoint, NULL, NULL },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &self->profile, NULL, NULL },
    { "connection", 0, 0, G_OPTION_ARG_STRING, &self->connection, NULL, NULL },
    { "region", 0, 0, G_OPTION_ARG_STRING, &self->region, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, ret_version, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      fluo_cli_complain (_("%s. “fluoroscope-cli --help” lists what there is."), error->message);
      return FALSE;
    }
  if (help)
    {
      print_help ();
      *argc = 0;
    }
  return TRUE;
}

static int
run_command (FluoCli *self, int argc, char **argv)
{
  if (argc > 0 && strcmp (argv[0], "help") == 0)
    {
      print_help ();
      return FLUO_CLI_OK;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[0], commands[i].name) == 0)
      return commands[i].run (self, argc, argv);
  complain_unknown (argv[0]);
  return FLUO_CLI_USAGE;
}

static int
run (FluoCli *self, int argc, char **argv)
{
  gboolean version = FALSE;

  if (!parse_leading (self, &argc, &argv, &version))
    return FLUO_CLI_USAGE;
  if (argc == 0)
    return FLUO_CLI_OK;
  if (version)
    {
      g_print ("fluoroscope-cli %s\n", FLUO_VERSION);
      return FLUO_CLI_OK;
    }
  if (argc > 1 && strcmp (argv[1], "--") == 0)
    {
      argc--;
      argv++;
    }
  if (argc < 2)
    {
      fluo_cli_complain (_("Name a command. “fluoroscope-cli --help” lists them."));
      return FLUO_CLI_USAGE;
    }
  return run_command (self, argc - 1, argv + 1);
}

int
main (int argc, char **argv)
{
  FluoCli cli = { 0 };
  g_auto (GStrv) arguments = NULL;
  g_autofree char **vector = NULL;
  guint interrupt_id;
  int code;

  fluo_locale_init ();
  g_set_prgname ("fluoroscope-cli");

  /* The parser moves pointers around in its vector; the strings stay owned here. */
  arguments = g_strdupv (argv);
  vector = g_memdup2 (arguments, (argc + 1) * sizeof (char *));
  cli.now_ns = fluo_time_now_ns ();
  cli.cancellable = g_cancellable_new ();
  interrupt_id = g_unix_signal_add (SIGINT, interrupted_cb, cli.cancellable);

  code = run (&cli, argc, vector);

  g_source_remove (interrupt_id);
  g_clear_object (&cli.client);
  g_clear_object (&cli.provider);
  g_clear_object (&cli.cancellable);
  g_free (cli.endpoint);
  g_free (cli.profile);
  g_free (cli.connection);
  g_free (cli.region);
  g_free (cli.last);
  g_free (cli.from);
  g_free (cli.to);
  return code;
}
