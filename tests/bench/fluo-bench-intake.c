/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "fluo-bench-documents.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fluo-json.h"

/* The collector as programs meet it: a process of its own, fed over HTTP by four clients that wait
 * for every answer, then over UDP at a steady rate by one that does not. */

#define N_JOB 50
#define N_CLIENTS 4
#define N_HTTP_TRACES 40000
#define N_LEAST_TRACES 20000
/* The traces lie as close to each other as a million within a day. */
#define N_DENSITY_TRACES 1000000
#define UDP_RATE 20000
#define UDP_SECONDS 10
#define UDP_TICK_S 0.002
#define REST_S 60
#define ANSWER_MAX 65536
#define START_S 20

typedef struct
{
  char   *dir;
  GPid    pid;
  guint16 http_port, udp_port;
} Collector;

typedef struct
{
  guint64 received; /* what is refused included, each counted when that is known */
  guint64 stored, kernel_drops, queue_full;
} Status;

/* --- The collector ---------------------------------------------------------- */

/* It ends with the bench, however that ends. */
static void
setup_child (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static guint16
read_port (const FluoJsonTape *tape, const char *name)
{
  guint32 list = fluo_json_tape_get (tape, 0, name);
  g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_first (tape, list));
  const char *colon = text ? strrchr (text, ':') : NULL;

  g_assert_nonnull (colon);
  return (guint16) g_ascii_strtoull (colon + 1, NULL, 10);
}

static gboolean
collector_start (Collector *self)
{
  const char *build = g_getenv ("FLUO_BUILD_DIR"), *parent = g_getenv ("FLUO_BENCH_DIR");
  g_autofree char *program = NULL, *store = NULL, *ready = NULL, *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) error = NULL;
  double begin = fluo_bench_now ();
  gsize length;

  if (!build)
    {
      g_printerr ("intake: FLUO_BUILD_DIR must name the build; ./dev bench does it\n");
      return FALSE;
    }
  self->dir = g_strdup_printf ("%s/fluo-bench-intake-XXXXXX", parent ? parent : g_get_tmp_dir ());
  g_assert_nonnull (g_mkdtemp_full (self->dir, 0700));
  program = g_build_filename (build, "src", "collector", "fluoroscoped", NULL);
  store = g_build_filename (self->dir, "store", NULL);
  ready = g_build_filename (self->dir, "ready", NULL);
  {
    const char *command[] = { program,       "--data-dir", store,         "--listen",
                              "127.0.0.1:0", "--udp",      "127.0.0.1:0", "--otlp",
                              "127.0.0.1:0", "--auth",     "none",        "--ready-file",
                              ready,         "--otlp-grpc", "none",       NULL };

    if (!g_spawn_async (NULL, (char **) command, NULL,
                        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, setup_child,
                        NULL,
                        &self->pid, &error))
      g_error ("%s", error->message);
  }
  while (!g_file_get_contents (ready, &text, &length, NULL))
    {
      g_assert_cmpint (waitpid (self->pid, NULL, WNOHANG), ==, 0);
      g_assert_cmpfloat (fluo_bench_now () - begin, <, START_S);
      g_usleep (1000);
    }
  bytes = g_bytes_new (text, length);
  tape = fluo_json_tape_new (bytes, &error);
  g_assert_no_error (error);
  self->http_port = read_port (tape, "http");
  self->udp_port = read_port (tape, "udp");
  return TRUE;
}

static void
collector_stop (Collector *self)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", self->dir);

  kill (self->pid, SIGTERM);
  waitpid (self->pid, NULL, 0);
  g_spawn_close_pid (self->pid);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_clear_pointer (&self->dir, g_free);
}

/* A line of /proc/PID/status, which counts in KiB. */
static double
memory_mib (const Collector *self, const char *key)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", self->pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, key);
  return line ? g_ascii_strtod (line + strlen (key), NULL) / 1024 : 0;
}

/* Seconds of processor that it has used. */
static double
processor_s (const Collector *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", self->pid);
  g_autofree char *text = NULL;
  unsigned long user = 0, system = 0;
  const char *end;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  end = strrchr (text, ')');
  g_assert_nonnull (end);
  sscanf (end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double) (user + system) / (double) sysconf (_SC_CLK_TCK);
}

/* Seconds of processor of its threads of that name; the main thread has the program's. */
static double
thread_s (const Collector *self, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", self->pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *task;
  double sum = 0;

  g_assert_nonnull (dir);
  while ((task = g_dir_read_name (dir)))
    {
      g_autofree char *comm = g_build_filename (path, task, "comm", NULL), *text = NULL;
      g_autofree char *times = g_build_filename (path, task, "schedstat", NULL), *ns = NULL;

      /* Workers come and go. */
      if (g_file_get_contents (comm, &text, NULL, NULL) &&
          g_str_equal (g_strchomp (text), name) && g_file_get_contents (times, &ns, NULL, NULL))
        sum += (double) g_ascii_strtoull (ns, NULL, 10) / 1e9;
    }
  return sum;
}

static double
own_processor_s (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- HTTP ------------------------------------------------------------------- */

static int
connect_to (guint16 port, int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  if (type == SOCK_STREAM)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void
send_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = send (fd, data, length, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      data += n;
      length -= (gsize) n;
    }
}

/* The answer's body, which follows its head in @buffer. */
static char *
read_answer (int fd, char *buffer)
{
  gsize length = 0, whole = G_MAXSIZE;
  char *body = NULL;

  while (length < whole)
    {
      gssize n = recv (fd, buffer + length, ANSWER_MAX - 1 - length, 0);

      g_assert_cmpint (n, >, 0);
      length += (gsize) n;
      buffer[length] = 0;
      if (!body && (body = strstr (buffer, "\r\n\r\n")))
        {
          const char *field = strcasestr (buffer, "content-length:");

          g_assert_nonnull (field);
          body += 4;
          whole = (gsize) (body - buffer) + g_ascii_strtoull (field + 15, NULL, 10);
          g_assert_cmpuint (whole, <, ANSWER_MAX);
        }
    }
  return body;
}

static guint64
read_refused (const FluoJsonTape *tape, const char *reason)
{
  guint32 all = fluo_json_tape_get (tape, 0, "Refused"), one;

  one = fluo_json_tape_get (tape, all, reason);
  return one == FLUO_JSON_NONE
           ? 0
           : (guint64) fluo_json_tape_int (tape, fluo_json_tape_get (tape, one, "Count"), 0);
}

static void
get_status (const Collector *collector, Status *ret_status)
{
  g_autofree char *request = g_strdup_printf (
    "GET /fluoroscope/v1/status HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", collector->http_port);
  int fd = connect_to (collector->http_port, SOCK_STREAM);
  g_autofree char *buffer = g_malloc (ANSWER_MAX);
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  char *body;

  send_all (fd, request, strlen (request));
  body = read_answer (fd, buffer);
  g_assert_true (g_str_has_prefix (buffer, "HTTP/1.1 200"));
  bytes = g_bytes_new (body, strlen (body));
  tape = fluo_json_tape_new (bytes, &error);
  g_assert_no_error (error);
  *ret_status = (Status){ 0 };
  ret_status->received =
    (guint64) fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "Received"), 0);
  ret_status->stored =
    (guint64) fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "Stored"), 0);
  ret_status->kernel_drops = read_refused (tape, "KernelDrop");
  ret_status->queue_full = read_refused (tape, "QueueFull");
  close (fd);
}

typedef struct
{
  guint16    port;
  guint      client;
  GPtrArray *requests; /* GString */
} Client;

static gpointer
client_thread (gpointer data)
{
  Client *self = data;
  g_autofree char *buffer = g_malloc (ANSWER_MAX);
  int fd = connect_to (self->port, SOCK_STREAM);

  for (guint i = self->client; i < self->requests->len; i += N_CLIENTS)
    {
      GString *request = self->requests->pdata[i];
      char *body;

      send_all (fd, request->str, request->len);
      body = read_answer (fd, buffer);
      if (!g_str_has_prefix (buffer, "HTTP/1.1 200"))
        g_error ("the collector answers: %s", buffer);
      g_assert_cmpstr (body, ==, "{\"UnprocessedTraceSegments\":[]}");
    }
  close (fd);
  return NULL;
}

static void
free_string (gpointer data)
{
  g_string_free (data, TRUE);
}

static GPtrArray *
make_requests (const FluoBenchPlan *plan, guint16 port)
{
  GPtrArray *requests = g_ptr_array_new_with_free_func (free_string);
  guint per_job = N_JOB / FLUO_BENCH_N_DOCUMENTS;

  for (guint i = 0; i < plan->n; i += per_job)
    {
      g_autoptr (GString) body = g_string_new (NULL);
      GString *request = g_string_new (NULL);
      FluoJsonWriter writer;

      fluo_json_writer_init (&writer, body);
      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "TraceSegmentDocuments");
      fluo_json_writer_begin (&writer, '[');
      for (guint k = 0; k < N_JOB; k++)
        {
          g_autofree char *text =
            fluo_bench_document (plan->first + i + k / FLUO_BENCH_N_DOCUMENTS,
                                 k % FLUO_BENCH_N_DOCUMENTS, plan);

          fluo_json_writer_string (&writer, text);
        }
      fluo_json_writer_end (&writer, ']');
      fluo_json_writer_end (&writer, '}');
      g_string_append_printf (request,
                              "POST /TraceSegments HTTP/1.1\r\nHost: localhost:%u\r\n"
                              "Content-Type: application/json\r\n"
                              "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                              port, body->len);
      g_string_append_len (request, body->str, (gssize) body->len);
      g_ptr_array_add (requests, request);
    }
  return requests;
}

/* Seconds from the first byte to the last answer. */
static double
run_clients (Collector *collector, GPtrArray *requests)
{
  Client clients[N_CLIENTS];
  GThread *threads[N_CLIENTS];
  double begin = fluo_bench_now ();

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = (Client){ collector->http_port, i, requests };
      threads[i] = g_thread_new ("client", client_thread, &clients[i]);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    g_thread_join (threads[i]);
  return fluo_bench_now () - begin;
}

static void
figure (FluoBench *out, const char *name, const char *unit, double value, double base,
        const char *base_name)
{
  fluo_bench_figure (out, name, unit, &value, 1, base, base_name);
}

static void
measure_http (FluoBench *out, Collector *collector)
{
  /* As the kernel cuts them off. What is left are the workers. */
  static const char *const threads[] = { "fluoroscoped", "writer", "assembler" };
  FluoBenchPlan plan = { 0, N_LEAST_TRACES, N_DENSITY_TRACES, FALSE };
  g_autoptr (GPtrArray) requests = NULL;
  double least, making, seconds, processor, own, n = N_HTTP_TRACES * FLUO_BENCH_N_DOCUMENTS;
  double before[G_N_ELEMENTS (threads)];
  guint64 bytes;
  Status status;

  least = fluo_bench_least (collector->dir, &plan, &bytes, &making);
  least = N_LEAST_TRACES * FLUO_BENCH_N_DOCUMENTS / (least - making);
  figure (out, "intake/least", "segments/s", least, 0, NULL);
  plan.n = N_HTTP_TRACES;
  requests = make_requests (&plan, collector->http_port);
  processor = processor_s (collector);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    before[i] = thread_s (collector, threads[i]);
  own = own_processor_s ();
  seconds = run_clients (collector, requests);
  own = own_processor_s () - own;
  processor = processor_s (collector) - processor;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *name = g_strdup_printf ("intake/http-%s", threads[i]);

      figure (out, name, "µs/segment", (thread_s (collector, threads[i]) - before[i]) * 1e6 / n,
              1e6 / least, "least");
    }
  figure (out, "intake/http-clients", "µs/segment", own * 1e6 / n, 1e6 / least, "least");
  get_status (collector, &status);
  g_assert_cmpuint (status.stored, ==, (guint64) n);
  figure (out, "intake/http", "segments/s", n / seconds, least, "least");
  figure (out, "intake/http-target", "segments/s", n / seconds, 30000, "a target of 30,000");
  figure (out, "intake/http-processor", "µs/segment", processor * 1e6 / n, 1e6 / least, "least");
  figure (out, "intake/http-memory", "MB", memory_mib (collector, "VmHWM:"), 200,
          "a target of 200 MB");
}

/* --- UDP -------------------------------------------------------------------- */

/* Sends @n datagrams when they are due. Returns how late the sender was at worst, in seconds. */
static double
send_datagrams (Collector *collector, guint n, guint first_trace)
{
  static const char header[] = "{\"format\":\"json\",\"version\":1}\n";
  FluoBenchPlan plan = { 0, n, N_DENSITY_TRACES, FALSE };
  int fd = connect_to (collector->udp_port, SOCK_DGRAM);
  double begin = fluo_bench_now (), late = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = fluo_bench_document (first_trace + i / FLUO_BENCH_N_DOCUMENTS,
                                                   i % FLUO_BENCH_N_DOCUMENTS, &plan);
      struct iovec vectors[] = { { (char *) header, sizeof header - 1 }, { text, strlen (text) } };
      struct msghdr message = { .msg_iov = vectors, .msg_iovlen = G_N_ELEMENTS (vectors) };
      double due = begin + (double) i / UDP_RATE, now = fluo_bench_now ();

      /* A program that sends at such a rate does it in small bursts as well. */
      if (due - now > UDP_TICK_S)
        g_usleep ((gulong) ((due - now) * 1e6));
      late = MAX (late, now - due);
      g_assert_cmpint (sendmsg (fd, &message, 0), >, 0);
    }
  close (fd);
  return late;
}

static void
measure_udp (FluoBench *out, Collector *collector, const char *section, guint seconds)
{
  guint n = UDP_RATE * seconds, waited = 0;
  double begin, elapsed, processor, late;
  g_autofree char *prefix = g_strdup_printf ("%s/udp", section);
  g_autofree char *lost = g_strconcat (prefix, "-lost", NULL);
  g_autofree char *late_name = g_strconcat (prefix, "-sender-late", NULL);
  g_autofree char *cost = g_strconcat (prefix, "-processor", NULL);
  g_autofree char *memory = g_strconcat (prefix, "-memory", NULL);
  Status before, after;

  get_status (collector, &before);
  processor = processor_s (collector);
  begin = fluo_bench_now ();
  late = send_datagrams (collector, n, N_HTTP_TRACES * 2);
  elapsed = fluo_bench_now () - begin;
  do
    {
      g_usleep (100000);
      get_status (collector, &after);
    }
  while (after.received - before.received < n && ++waited < 50);
  processor = processor_s (collector) - processor;
  figure (out, prefix, "datagrams/s", n / elapsed, UDP_RATE, "a target of 20,000");
  figure (out, lost, "datagrams", (double) (n - (after.stored - before.stored)), 0, NULL);
  g_assert_cmpuint (after.received - before.received, ==, n);
  if (after.stored - before.stored < n)
    g_printerr ("%s: dropped by the kernel %" G_GUINT64_FORMAT ", by the queue %" G_GUINT64_FORMAT
                "\n", section, after.kernel_drops - before.kernel_drops,
                after.queue_full - before.queue_full);
  figure (out, late_name, "ms", late * 1000, 0, NULL);
  figure (out, cost, "µs/segment", processor * 1e6 / n, 0, NULL);
  figure (out, memory, "MB", memory_mib (collector, "VmHWM:"), 200, "a target of 200 MB");
}

/* --- Sections --------------------------------------------------------------- */

void
fluo_bench_intake (FluoBench *out)
{
  Collector collector = { 0 };

  if (!collector_start (&collector))
    return;
  measure_http (out, &collector);
  measure_udp (out, &collector, "intake", UDP_SECONDS);
  g_usleep (REST_S * G_USEC_PER_SEC);
  figure (out, "intake/memory-rest", "MB", memory_mib (&collector, "VmRSS:"), 15,
          "a target of 15 MB");
  collector_stop (&collector);
}

void
fluo_bench_udp_60 (FluoBench *out)
{
  Collector collector = { 0 };

  if (!collector_start (&collector))
    return;
  measure_udp (out, &collector, "udp-60", 60);
  collector_stop (&collector);
}
