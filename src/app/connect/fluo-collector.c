/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-collector"

#include "fluo-config.h"

#include "fluo-collector.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "aws/fluo-secret-store.h"
#include "aws/fluo-xray-client.h"
#include "fluo-ready-file.h"

#define DEFAULT_PORT "2000"
/* fluoroscoped's exit status for "the address is taken" (EX_UNAVAILABLE). */
#define EXIT_TAKEN 69
#define READY_POLL_MS 15
/* A collector that has to check a large store first may take a while. */
#define READY_TIMEOUT_MS 20000
#define RESTART_DELAY_MS 500
/* Dying this often within a minute is not bad luck; then it stays down and the error is shown. */
#define RESTARTS_MAX 5
#define STOP_TIMEOUT_MS 5000
/* What is kept of the collector's standard error for messages. */
#define STDERR_LINES_MAX 8
/* A vault is bounded by its size alone. */
#define VAULT_RETENTION "36500d"

struct _FluoCollector
{
  GObject parent_instance;

  char *endpoint;
  char *udp;
  char *conflict;

  /* Of an encrypted store; NULL: everybody's collector. */
  char *directory;
  char *key;
  guint64 size_max;

  /* Of the running child; NULL when there is none. */
  GSubprocess *process;
  GDataInputStream *errors;
  GQueue lines; /* char *, the last of standard error */
  gboolean exited_early; /* ended while starting; what it said is still being read */
  int exit_status;
  char *ready_file;
  gint64 ready_deadline_usec;
  guint ready_id;
  guint restart_id;
  guint n_restarts;
  gint64 restarts_since_usec;
  gboolean free_ports; /* the running or next child takes any free port */
  gboolean stopping;

  gboolean searching;
  GPtrArray *waiting; /* GTask */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoCollector, fluo_collector, G_TYPE_OBJECT)

static void spawn (FluoCollector *self);

static const char *
wanted_port (void)
{
  const char *port = g_getenv ("FLUO_COLLECTOR_PORT");

  return port && *port ? port : DEFAULT_PORT;
}

/* Answers all who wait; takes over @error (NULL: success). */
static void
search_done (FluoCollector *self, GError *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->searching = FALSE;
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    {
      GTask *task = g_ptr_array_index (waiting, i);

      if (error)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
  g_clear_error (&error);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* The first existing one of: FLUO_COLLECTOR, the build tree's, the installed one, the one in PATH.
 */
static char *
find_program (GError **error)
{
  const char *named = g_getenv ("FLUO_COLLECTOR");
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  char *path;

  if (named && *named)
    return g_strdup (named);
  if (self_path)
    {
      g_autofree char *dir = g_path_get_dirname (self_path);
      g_autofree char *beside = g_build_filename (dir, "..", "collector", "fluoroscoped", NULL);

      if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE)
          && !g_file_test (beside, G_FILE_TEST_IS_DIR))
        return g_canonicalize_filename (beside, NULL);
    }
  path = g_build_filename (FLUO_BINDIR, "fluoroscoped", NULL);
  if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return path;
  g_free (path);
  path = g_find_program_in_path ("fluoroscoped");
  if (!path)
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        _("the program “fluoroscoped” is not installed; install it, or connect to AWS instead"));
  return path;
}

static char *
join_lines (FluoCollector *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (GList *line = self->lines.head; line; line = line->next)
    {
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, line->data);
    }
  return g_utf8_make_valid (text->str, text->len);
}

static void
forget_process (FluoCollector *self)
{
  g_clear_handle_id (&self->ready_id, g_source_remove);
  g_clear_object (&self->errors);
  g_clear_object (&self->process);
  if (self->ready_file)
    g_unlink (self->ready_file);
  g_clear_pointer (&self->ready_file, g_free);
}

/* --- The ready file ---------------------------------------------------------------------- */

/* FALSE while the file is not there or not whole yet. */
static gboolean
read_ready_file (FluoCollector *self)
{
  g_autofree char *http = NULL, *udp = NULL;

  if (!fluo_ready_file_read (self->ready_file, &http, &udp))
    return FALSE;
  g_free (self->endpoint);
  self->endpoint = g_strconcat ("http://", http, NULL);
  g_free (self->udp);
  self->udp = g_steal_pointer (&udp);
  return TRUE;
}

static gboolean
ready_poll_cb (gpointer data)
{
  FluoCollector *self = data;

  if (read_ready_file (self))
    {
      self->ready_id = 0;
      search_done (self, NULL);
      return G_SOURCE_REMOVE;
    }
  if (g_get_monotonic_time () < self->ready_deadline_usec)
    return G_SOURCE_CONTINUE;
  self->ready_id = 0;
  g_subprocess_send_signal (self->process, SIGTERM);
  search_done (self, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                  _("the collector did not get ready within %d seconds"),
                                  READY_TIMEOUT_MS / 1000));
  return G_SOURCE_REMOVE;
}

/* --- The child --------------------------------------------------------------------------- */

static gboolean
restart_cb (gpointer data)
{
  FluoCollector *self = data;

  self->restart_id = 0;
  if (!self->searching && !self->process)
    {
      self->searching = TRUE;
      spawn (self);
    }
  return G_SOURCE_REMOVE;
}

static void
died_while_starting (FluoCollector *self)
{
  g_autofree char *said = join_lines (self);

  forget_process (self);
  if (self->exit_status == EXIT_TAKEN && !self->free_ports)
    {
      g_free (self->conflict);
      self->conflict = g_steal_pointer (&said);
      self->free_ports = TRUE;
      spawn (self);
      return;
    }
  search_done (self,
               g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("the collector could not start: %s"),
                            *said ? said : _("it said nothing")));
}

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoCollector) self = user_data;
  GSubprocess *process = G_SUBPROCESS (source);
  gint64 now_usec = g_get_monotonic_time ();
  int status;

  g_subprocess_wait_finish (process, result, NULL);
  if (process != self->process)
    return;
  status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  if (self->searching && self->ready_id)
    {
      self->exited_early = TRUE;
      self->exit_status = status;
      if (!self->errors)
        died_while_starting (self);
      return;
    }
  forget_process (self);
  if (self->stopping)
    return;
  g_warning ("the collector ended unexpectedly");
  if (now_usec - self->restarts_since_usec > 60 * G_USEC_PER_SEC)
    {
      self->restarts_since_usec = now_usec;
      self->n_restarts = 0;
    }
  if (++self->n_restarts <= RESTARTS_MAX)
    self->restart_id = g_timeout_add (RESTART_DELAY_MS, restart_cb, self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
line_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoCollector) self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                result, NULL, NULL);

  if (G_DATA_INPUT_STREAM (source) != self->errors)
    return;
  if (!line)
    {
      g_clear_object (&self->errors);
      if (self->exited_early)
        died_while_starting (self);
      return;
    }
  g_debug ("%s", line);
  g_queue_push_tail (&self->lines, g_steal_pointer (&line));
  if (self->lines.length > STDERR_LINES_MAX)
    g_free (g_queue_pop_head (&self->lines));
  g_data_input_stream_read_line_async (self->errors, G_PRIORITY_DEFAULT, NULL, line_read_cb,
                                       g_object_ref (self));
}

/* [child] The collector must not outlive a program that crashed. */
static void
child_setup_cb (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static char *
ready_file_path (void)
{
  static guint serial = 0;

  return g_strdup_printf ("%s/fluoroscope-ready-%d-%u.json", g_get_user_runtime_dir (),
                          (int)getpid (), serial++);
}

/* The arguments. After a crash the same addresses are asked for again, so that programs that send
 * keep working. */
static GStrv
child_arguments (FluoCollector *self, const char *program)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *any = g_strconcat ("127.0.0.1:", self->free_ports ? "0" : wanted_port (), NULL);
  gboolean again = self->free_ports && self->endpoint;

  if (self->key)
    {
      g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT "K", self->size_max / 1024);

      g_strv_builder_add_many (builder, program, "--ready-file", self->ready_file, "--sealed",
                               "--data-dir", self->directory, "--max-size", size, "--retention",
                               VAULT_RETENTION, "--listen",
                               self->endpoint ? self->endpoint + strlen ("http://") : "127.0.0.1:0",
                               "--udp", "none", "--otlp", "none", "--otlp-grpc", "none", NULL);
      return g_strv_builder_end (builder);
    }
  g_strv_builder_add_many (builder, program, "--ready-file", self->ready_file, NULL);
  if (self->free_ports || !g_str_equal (wanted_port (), DEFAULT_PORT))
    g_strv_builder_add_many (builder, "--listen", again ? self->endpoint + strlen ("http://") : any,
                             "--udp", again && self->udp ? self->udp : any, NULL);
  return g_strv_builder_end (builder);
}

static void
spawn (FluoCollector *self)
{
  g_autoptr (GSubprocessLauncher)
      launcher = g_subprocess_launcher_new (
          G_SUBPROCESS_FLAGS_STDERR_PIPE | (self->key ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0));
  g_autoptr (GError) error = NULL;
  g_autofree char *program = find_program (&error);
  g_auto (GStrv) arguments = NULL;

  if (!program)
    {
      search_done (self, g_steal_pointer (&error));
      return;
    }
  self->ready_file = ready_file_path ();
  g_mkdir_with_parents (g_get_user_runtime_dir (), 0700);
  g_unlink (self->ready_file);
  arguments = child_arguments (self, program);
  g_subprocess_launcher_set_child_setup (launcher, child_setup_cb, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments, &error);
  if (!self->process)
    {
      g_clear_pointer (&self->ready_file, g_free);
      g_prefix_error (&error, _("can't start “%s”: "), program);
      search_done (self, g_steal_pointer (&error));
      return;
    }
  if (self->key)
    {
      GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);

      /* A pipe takes so little at once. It stays open: its end is the child's end. */
      g_output_stream_write_all (input, self->key, strlen (self->key), NULL, NULL, NULL);
      g_output_stream_write_all (input, "\n", 1, NULL, NULL, NULL);
    }
  g_queue_clear_full (&self->lines, g_free);
  self->exited_early = FALSE;
  self->errors = g_data_input_stream_new (g_subprocess_get_stderr_pipe (self->process));
  g_data_input_stream_read_line_async (self->errors, G_PRIORITY_DEFAULT, NULL, line_read_cb,
                                       g_object_ref (self));
  g_subprocess_wait_async (self->process, NULL, exited_cb, g_object_ref (self));
  self->ready_deadline_usec = g_get_monotonic_time () + READY_TIMEOUT_MS * (gint64) 1000;
  self->ready_id = g_timeout_add (READY_POLL_MS, ready_poll_cb, self);
}

/* --- The one that is there already ------------------------------------------------------- */

static void
take_udp_address (FluoCollector *self, const FluoCollectorStatus *status)
{
  g_clear_pointer (&self->udp, g_free);
  for (guint i = 0; i < status->listeners->len && !self->udp; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);

      if (g_strcmp0 (listener->protocol, "udp") == 0
          && g_strcmp0 (listener->state, "listening") == 0)
        self->udp = g_strdup (listener->address);
    }
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoCollector) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCollectorStatus) status =
    fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (self->stopping)
    {
      search_done (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopping"));
      return;
    }
  if (!status)
    {
      g_debug ("nothing of ours answers: %s", error->message);
      spawn (self);
      return;
    }
  g_free (self->endpoint);
  self->endpoint = g_strdup (fluo_xray_client_get_endpoint (FLUO_XRAY_CLIENT (source)));
  take_udp_address (self, status);
  search_done (self, NULL);
}

static void
search (FluoCollector *self)
{
  g_autoptr (FluoXrayClient) client = NULL;
  g_autofree char *endpoint = NULL;

  self->searching = TRUE;
  /* While our own runs, its ready file said where; it is asked by whoever uses it. */
  if (self->process)
    {
      search_done (self, NULL);
      return;
    }
  if (self->key || g_str_equal (wanted_port (), "0"))
    {
      self->free_ports = TRUE;
      spawn (self);
      return;
    }
  endpoint = g_strconcat ("http://127.0.0.1:", wanted_port (), NULL);
  client = fluo_xray_client_new (endpoint, NULL, NULL);
  fluo_xray_client_get_status_async (client, NULL, probed_cb, g_object_ref (self));
}

static void
fluo_collector_dispose (GObject *object)
{
  FluoCollector *self = FLUO_COLLECTOR (object);

  g_clear_handle_id (&self->restart_id, g_source_remove);
  forget_process (self);
  G_OBJECT_CLASS (fluo_collector_parent_class)->dispose (object);
}

static void
fluo_collector_finalize (GObject *object)
{
  FluoCollector *self = FLUO_COLLECTOR (object);

  g_queue_clear_full (&self->lines, g_free);
  g_ptr_array_unref (self->waiting);
  g_free (self->endpoint);
  g_free (self->udp);
  g_free (self->conflict);
  g_free (self->directory);
  fluo_secret_store_key_free (self->key);
  G_OBJECT_CLASS (fluo_collector_parent_class)->finalize (object);
}

static void
fluo_collector_class_init (FluoCollectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_collector_dispose;
  object_class->finalize = fluo_collector_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_collector_init (FluoCollector *self)
{
  g_queue_init (&self->lines);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

FluoCollector *
fluo_collector_new (void)
{
  return g_object_new (FLUO_TYPE_COLLECTOR, NULL);
}

FluoCollector *
fluo_collector_new_sealed (const char *directory, const char *key, guint64 size_max)
{
  FluoCollector *self = fluo_collector_new ();

  self->directory = g_strdup (directory);
  self->key = g_strdup (key);
  self->size_max = size_max;
  return self;
}

void
fluo_collector_ensure_async (FluoCollector *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_COLLECTOR (self));
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_collector_ensure_async);
  g_ptr_array_add (self->waiting, task);
  if (!self->searching && self->restart_id == 0)
    search (self);
}

gboolean
fluo_collector_ensure_finish (FluoCollector *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
fluo_collector_get_endpoint (FluoCollector *self)
{
  g_return_val_if_fail (FLUO_IS_COLLECTOR (self), NULL);
  return self->endpoint;
}

const char *
fluo_collector_get_conflict (FluoCollector *self)
{
  g_return_val_if_fail (FLUO_IS_COLLECTOR (self), NULL);
  return self->conflict;
}

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
fluo_collector_stop (FluoCollector *self)
{
  g_autoptr (GSubprocess) process = NULL;
  gboolean late = FALSE;
  guint id;

  g_return_if_fail (FLUO_IS_COLLECTOR (self));
  self->stopping = TRUE;
  g_clear_handle_id (&self->restart_id, g_source_remove);
  g_clear_handle_id (&self->ready_id, g_source_remove);
  if (!self->process)
    return;
  process = g_object_ref (self->process);
  g_subprocess_send_signal (process, SIGTERM);
  id = g_timeout_add (STOP_TIMEOUT_MS, late_cb, &late);
  while (self->process && !late)
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (id);
  else
    g_subprocess_force_exit (process);
}
