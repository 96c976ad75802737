/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "aws/fluo-connection-open.h"
#include "aws/fluo-credential-facts.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"

/* What only the user can do, asked on the terminal: a code of a device is typed in, a browser on
 * any computer confirms a code that is shown, the AWS CLI begins a session. Questions go to
 * standard error, so that what a command prints can go anywhere. */

#define LINE_LEN_MAX 200

typedef struct
{
  FluoSignIn *sign_in; /* that wants a code, or NULL */
  guint watch;         /* of standard input */
  GString *line;
} Asking;

static void
stop_reading (Asking *self)
{
  g_clear_handle_id (&self->watch, g_source_remove);
  g_clear_object (&self->sign_in);
  if (self->line->len > 0)
    explicit_bzero (self->line->str, self->line->len);
  g_string_truncate (self->line, 0);
}

static void
prompt (Asking *self)
{
  g_autofree char *device = fluo_cli_dup_text (fluo_sign_in_get_subject (self->sign_in));

  g_printerr (_("Six digits that %s shows now: "), device);
}

static void
take_line (Asking *self)
{
  if (fluo_sign_in_answer (self->sign_in, self->line->str))
    {
      stop_reading (self);
      return;
    }
  g_printerr (_("That is no code.\n"));
  g_string_truncate (self->line, 0);
  prompt (self);
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Asking *self = user_data;
  char byte;

  if (read (fd, &byte, 1) != 1)
    {
      FluoSignIn *sign_in = g_object_ref (self->sign_in);

      /* Nobody is there to type. */
      self->watch = 0;
      stop_reading (self);
      fluo_sign_in_cancel (sign_in);
      g_object_unref (sign_in);
      return G_SOURCE_REMOVE;
    }
  if (byte == '\n')
    take_line (self);
  else if (self->line->len < LINE_LEN_MAX)
    g_string_append_c (self->line, byte);
  return self->watch != 0;
}

static void
ask_cb (FluoSignIn *sign_in, gpointer user_data)
{
  Asking *self = user_data;
  g_autofree char *subject = fluo_cli_dup_text (fluo_sign_in_get_subject (sign_in));

  switch (fluo_sign_in_get_kind (sign_in))
    {
    case FLUO_SIGN_IN_CODE:
      stop_reading (self);
      self->sign_in = g_object_ref (sign_in);
      if (fluo_sign_in_is_again (sign_in))
        g_printerr (_("That code was not taken; wait for the next one.\n"));
      self->watch = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, readable_cb, self);
      prompt (self);
      break;
    case FLUO_SIGN_IN_BROWSER:
      /* The browser may be anywhere: a terminal is often one on another computer. */
      fluo_sign_in_use_device (sign_in);
      break;
    case FLUO_SIGN_IN_DEVICE:
      g_printerr (_("To sign in to %s, open this address in any browser and compare the code:\n\n"
                    "  %s\n  %s\n\nWaiting…\n"),
                  subject, fluo_sign_in_get_url (sign_in),
                  fluo_sign_in_get_user_code (sign_in));
      break;
    case FLUO_SIGN_IN_COMMAND:
    default:
      g_printerr (_("The AWS CLI begins this kind of session. Run this in another terminal:\n\n"
                    "  %s\n\nWaiting…\n"),
                  fluo_sign_in_get_command (sign_in));
    }
}

gboolean
fluo_cli_can_ask (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

gboolean
fluo_cli_ensure_keys (FluoCli *self, gboolean ask, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (FluoCredentials) keys = NULL;
  Asking asking = { 0 };

  if (self->provider == NULL)
    return TRUE;
  if (!ask)
    {
      fluo_credential_provider_get_async (self->provider, self->cancellable, fluo_cli_result_cb,
                                          &result);
      fluo_cli_wait (&result);
      keys = fluo_credential_provider_get_finish (self->provider, result, error);
      return keys != NULL;
    }
  asking.line = g_string_new (NULL);
  fluo_credential_provider_sign_in_async (self->provider, ask_cb, &asking, self->cancellable,
                                          fluo_cli_result_cb, &result);
  fluo_cli_wait (&result);
  keys = fluo_credential_provider_sign_in_finish (self->provider, result, error);
  stop_reading (&asking);
  g_string_free (asking.line, TRUE);
  return keys != NULL;
}

/* --- Connections of the application ---------------------------------------- */

/* By its id, or by its name; what is written in another case counts when it is the only one. */
static const FluoConnection *
find_connection (FluoConnectionList *list, const char *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  const FluoConnection *found = fluo_connection_list_find (list, name);
  guint n_similar = 0;

  for (guint i = 0; found == NULL && i < fluo_connection_list_get_n (list); i++)
    if (strcmp (fluo_connection_list_get (list, i)->name, name) == 0)
      found = fluo_connection_list_get (list, i);
  if (found != NULL)
    return found;
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    {
      const FluoConnection *item = fluo_connection_list_get (list, i);
      g_autofree char *other = g_utf8_casefold (item->name, -1);

      if (strcmp (other, folded) == 0)
        {
          found = item;
          n_similar++;
        }
    }
  return n_similar == 1 ? found : NULL;
}

FluoCliExit
fluo_cli_open_connection (FluoCli *self)
{
  g_autoptr (FluoConnectionList) list = fluo_connection_list_new (NULL);
  const FluoConnection *found = find_connection (list, self->connection);
  g_autoptr (FluoConnection) connection = NULL;
  g_autoptr (FluoOpenConnection) open = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (found == NULL)
    {
      g_autofree char *shown = fluo_cli_dup_text (self->connection);
      g_autoptr (GString) names = g_string_new (NULL);

      for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
        {
          g_autofree char *name = fluo_cli_dup_text (fluo_connection_list_get (list, i)->name);

          g_string_append_printf (names, "%s“%s”", i > 0 ? ", " : "", name);
        }
      if (names->len > 0)
        fluo_cli_complain (_("There is no connection “%s”. There are %s."), shown, names->str);
      else
        fluo_cli_complain (_("There is no connection “%s”, nor any other. The application makes "
                             "them; --profile takes one of ~/.aws/config."),
                           shown);
      return FLUO_CLI_USAGE;
    }
  connection = fluo_connection_copy (found);
  if (self->region != NULL)
    fluo_connection_set (&connection->region, self->region);
  fluo_connection_open_async (connection, NULL, self->cancellable, fluo_cli_result_cb, &result);
  fluo_cli_wait (&result);
  open = fluo_connection_open_finish (result, &error);
  if (open == NULL)
    return fluo_cli_report (self, error);
  self->client = g_object_ref (open->client);
  if (open->provider != NULL)
    self->provider = g_object_ref (open->provider);
  return FLUO_CLI_OK;
}

/* --- The command ------------------------------------------------------------ */

static void
print_facts (const FluoCredentialFacts *facts)
{
  const char *arn = facts->arn != NULL ? fluo_aws_arn_get_name (facts->arn) : NULL;
  g_autofree char *who = arn != NULL ? fluo_cli_dup_text (arn) : NULL;
  g_autofree char *end = facts->expires_s > 0 ? fluo_format_clock (
                           facts->expires_s * FLUO_NSEC_PER_SEC, FLUO_CLOCK_MINUTES, NULL)
                                              : NULL;

  g_print ("%s", _("Signed in"));
  if (facts->account != NULL)
    /* Translators: the number of an account. */
    g_print (_(", account %s"), facts->account);
  if (who != NULL)
    g_print (", %s", who);
  if (end != NULL)
    /* Translators: a time. */
    g_print (_(", until %s"), end);
  g_print ("\n");
}

int
fluo_cli_sign_in (FluoCli *self, int argc, char **argv)
{
  const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  g_autoptr (FluoCredentialFacts) facts = NULL;
  g_autoptr (GError) error = NULL;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Signs in to AWS for --profile or --connection, and says until when."),
                       entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (!fluo_cli_is_aws (self))
    {
      fluo_cli_complain (_("Name who signs in with --profile or --connection."));
      return FLUO_CLI_USAGE;
    }
  self->asks_itself = TRUE;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;
  if (self->provider == NULL)
    {
      g_print (_("This connection has a key pair; there is nothing to sign in to.\n"));
      return FLUO_CLI_OK;
    }
  if (!fluo_cli_ensure_keys (self, TRUE, &error))
    return fluo_cli_report (self, error);
  facts = fluo_credential_provider_dup_facts (self->provider);
  print_facts (facts);
  return FLUO_CLI_OK;
}
