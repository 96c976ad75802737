/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-process-keys.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-redact.h"

#define STDERR_BYTES_MAX 4096 /* of which one line is shown */
#define SHOWN_CHARS_MAX 200
#define GRACE_MS 500 /* for what is still in the pipes when the program has ended */
#define CHUNK 4096

typedef enum
{
  PIPE_OUT,
  PIPE_ERR,
  N_PIPES
} PipeKind;

typedef struct _Run Run;

typedef struct
{
  Run          *run;
  GInputStream *stream;
  GByteArray   *bytes;
  gsize         bytes_max; /* what comes after is an error, or not kept */
  gboolean      at_end;
  guint8        chunk[CHUNK];
} Pipe;

/* One reference for each operation under way, and one for the task while it has not returned. */
struct _Run
{
  guint         n_refs;
  GTask        *task; /* NULL once it has returned */
  GSubprocess  *process;
  GCancellable *inner;
  char         *name; /* of the program, for messages */
  char         *source, *account;
  FluoAwsSeams  seams;
  guint         timeout_ms;
  Pipe          pipes[N_PIPES];
  gboolean      has_ended;
  GSource      *timer;
  GSource      *cancel;
};

static void
run_unref (Run *self)
{
  if (--self->n_refs > 0)
    return;
  g_assert (!self->task && !self->timer && !self->cancel);
  for (guint i = 0; i < N_PIPES; i++)
    {
      /* An empty array has no data. */
      if (self->pipes[i].bytes->len > 0)
        explicit_bzero (self->pipes[i].bytes->data, self->pipes[i].bytes->len);
      explicit_bzero (self->pipes[i].chunk, CHUNK);
      g_byte_array_unref (self->pipes[i].bytes);
    }
  g_object_unref (self->process);
  g_object_unref (self->inner);
  g_free (self->name);
  g_free (self->source);
  g_free (self->account);
  g_free (self);
}

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* The program and all it has begun, unless they left its group. */
static void
kill_group (Run *self)
{
  const char *pid = self->has_ended ? NULL : g_subprocess_get_identifier (self->process);

  if (pid)
    kill (-(pid_t) g_ascii_strtoll (pid, NULL, 10), SIGKILL);
}

/* Returns, once; the rest ends by itself. */
static void
run_return (Run *self, FluoCredentials *keys, GError *error)
{
  GTask *task = g_steal_pointer (&self->task);

  clear_source (&self->timer);
  clear_source (&self->cancel);
  kill_group (self);
  g_cancellable_cancel (self->inner);
  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
  run_unref (self);
}

static void G_GNUC_PRINTF (2, 3)
run_fail (Run *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  run_return (self, NULL,
              g_error_new (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, "%s %s",
                           self->source, text));
}

static char *
dup_complaint (Run *self)
{
  const GByteArray *bytes = self->pipes[PIPE_ERR].bytes;
  g_autofree char *line = fluo_redact_line ((const char *) bytes->data, bytes->len,
                                            SHOWN_CHARS_MAX);

  return *line == '\0' ? g_strdup (_("it said nothing of why")) : g_strdup_printf ("\"%s\"", line);
}

static void
read_keys (Run *self)
{
  const GByteArray *bytes = self->pipes[PIPE_OUT].bytes;
  g_autoptr (GBytes) text = g_bytes_new_static (bytes->data, bytes->len);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (text, NULL);
  const FluoKeyOrigin origin = { self->source, self->account, NULL };
  GError *error = NULL;
  FluoCredentials *keys;

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    run_fail (self, _("printed %s; expected one JSON object with \"Version\": 1"),
              bytes->len == 0 ? _("nothing") : _("something that is no JSON object"));
  else if (fluo_json_tape_type (tape, fluo_json_tape_get (tape, 0, "Version")) != FLUO_JSON_NUMBER
           || fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "Version"), 0) != 1)
    run_fail (self, _("printed keys of another version; expected \"Version\": 1"));
  else
    {
      keys = fluo_key_json_read (tape, 0, &origin, fluo_aws_seams_now (&self->seams), &error);
      run_return (self, keys, error);
    }
}

static void
finish_if_complete (Run *self, gboolean grace_is_over)
{
  g_autofree char *complaint = NULL;

  if (!self->task || !self->has_ended
      || (!grace_is_over && !(self->pipes[PIPE_OUT].at_end && self->pipes[PIPE_ERR].at_end)))
    return;
  if (g_subprocess_get_if_exited (self->process)
      && g_subprocess_get_exit_status (self->process) == 0)
    {
      read_keys (self);
      return;
    }
  complaint = dup_complaint (self);
  if (g_subprocess_get_if_exited (self->process))
    run_fail (self, _("failed with status %d: %s"), g_subprocess_get_exit_status (self->process),
              complaint);
  else
    run_fail (self, _("was ended by signal %d: %s"), g_subprocess_get_term_sig (self->process),
              complaint);
}

static void read_more (Pipe *pipe);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pipe *pipe = user_data;
  Run *self = pipe->run;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  gboolean is_out = pipe == &self->pipes[PIPE_OUT];

  if (self->task && n > 0 && is_out && pipe->bytes->len + (gsize) n > pipe->bytes_max)
    run_fail (self, _("printed more than %d KiB; expected one JSON object"),
              FLUO_PROCESS_KEYS_BYTES / 1024);
  else if (self->task && n > 0)
    {
      g_byte_array_append (pipe->bytes, pipe->chunk,
                           (guint) MIN ((gsize) n, pipe->bytes_max - pipe->bytes->len));
      read_more (pipe);
    }
  else
    {
      pipe->at_end = TRUE;
      finish_if_complete (self, FALSE);
    }
  run_unref (self);
}

static void
read_more (Pipe *pipe)
{
  pipe->run->n_refs++;
  g_input_stream_read_async (pipe->stream, pipe->chunk, CHUNK, G_PRIORITY_DEFAULT,
                             pipe->run->inner, read_cb, pipe);
}

static gboolean
grace_over_cb (gpointer user_data)
{
  finish_if_complete (user_data, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
time_over_cb (gpointer user_data)
{
  Run *self = user_data;

  run_fail (self, _("gave no keys within %u s and was ended"), (self->timeout_ms + 999) / 1000);
  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  run_return (user_data, NULL,
              g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("the request was "
                                                                       "cancelled")));
  return G_SOURCE_REMOVE;
}

static void
set_timer (Run *self, guint ms, GSourceFunc callback)
{
  clear_source (&self->timer);
  self->timer = g_timeout_source_new (ms);
  g_source_set_callback (self->timer, callback, self, NULL);
  g_source_attach (self->timer, g_task_get_context (self->task));
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  self->has_ended = TRUE;
  if (self->task)
    {
      /* A child of the program's may hold the pipes open for ever. */
      set_timer (self, GRACE_MS, grace_over_cb);
      finish_if_complete (self, FALSE);
    }
  run_unref (self);
}

/* Runs in the child, where only few functions may be called. */
static void
child_setup (gpointer data)
{
  setpgid (0, 0);
}

static GSubprocess *
start (char **argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_set_cwd (launcher, g_get_home_dir ());
  g_subprocess_launcher_set_child_setup (launcher, child_setup, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, error);
}

char **
fluo_process_keys_split (const char *command, GError **error)
{
  char **argv;

  if (g_shell_parse_argv (command, NULL, &argv, NULL))
    return argv;
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                       _("the credential_process is no command: a quote is not closed, or it is "
                         "empty"));
  return NULL;
}

static void
set_start_error (GError **error, const FluoKeyOrigin *origin, const char *program,
                 const GError *why)
{
  gboolean boxed = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);

  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
               _("%s can't be started: %s%s"), origin->source, why->message,
               boxed ? _("; programs of the computer are out of reach of a sandboxed application, "
                         "so run \"aws configure export-credentials\" and enter what it prints")
                     : "");
}

void
fluo_process_keys_async (const char *command, const FluoKeyOrigin *origin,
                         const FluoAwsSeams *seams, guint timeout_ms, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) why = NULL;
  GError *error = NULL;
  GSubprocess *process;
  Run *self;

  g_task_set_source_tag (task, fluo_process_keys_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  argv = fluo_process_keys_split (command, &error);
  process = argv ? start (argv, &why) : NULL;
  if (!process)
    {
      if (!error)
        set_start_error (&error, origin, argv[0], why);
      g_task_return_error (task, error);
      return;
    }
  self = g_new0 (Run, 1);
  self->n_refs = 2;
  self->task = g_object_ref (task);
  self->process = process;
  self->inner = g_cancellable_new ();
  self->source = g_strdup (origin->source);
  self->account = g_strdup (origin->account);
  self->seams = *seams;
  self->timeout_ms = timeout_ms > 0 ? timeout_ms : FLUO_PROCESS_KEYS_MS;
  set_timer (self, self->timeout_ms, time_over_cb);
  if (cancellable)
    {
      self->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancel, g_task_get_context (task));
    }
  for (guint i = 0; i < N_PIPES; i++)
    {
      Pipe *pipe = &self->pipes[i];

      pipe->run = self;
      pipe->stream = i == PIPE_OUT ? g_subprocess_get_stdout_pipe (process)
                                   : g_subprocess_get_stderr_pipe (process);
      pipe->bytes = g_byte_array_new ();
      pipe->bytes_max = i == PIPE_OUT ? FLUO_PROCESS_KEYS_BYTES : STDERR_BYTES_MAX;
      read_more (pipe);
    }
  g_subprocess_wait_async (process, NULL, ended_cb, self);
}

FluoCredentials *
fluo_process_keys_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_process_keys_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
