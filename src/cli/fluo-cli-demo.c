/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/fluo-cli.h"
#include "core/fluo-format.h"
#include "core/fluo-segment.h"
#include "demo/fluo-demo.h"

#define DEFAULT_SEED 20261119
#define DEFAULT_MINUTES 15
#define DEFAULT_PER_MINUTE 862 /* 12,930 traces in 15 minutes */
#define MINUTES_MAX (31 * 24 * 60)
#define TRACES_MAX 20000000
/* How long the collector may take to have received what was sent. */
#define SETTLE_MS 20000
/* The collector is asked this often while sending: at its usual pace well under a window of
 * datagrams. */
#define FOLLOW_STEP_MS 10
/* Live documents are looked at this often. */
#define LIVE_STEP_MS 20

typedef struct
{
  int      seed;
  int      minutes;
  int rate; /* datagrams a second; 0 = as the receiver can, or 6000 where nobody can be asked */
  int      traces;    /* 0 = as many as the minutes have */
  gboolean live;
  char    *udp;
} DemoOptions;

/* --- Where to ------------------------------------------------------------- */

/* The UDP address that the collector itself says it listens on; NULL with a reason on stderr. */
static char *
dup_udp_address (const FluoCollectorStatus *status)
{
  for (guint i = 0; i < status->listeners->len; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);

      if (g_strcmp0 (listener->protocol, "udp") == 0 &&
          g_strcmp0 (listener->state, "listening") == 0)
        return g_strdup (listener->address);
    }
  fluo_cli_complain (_(
    "The collector takes no UDP. Name an address with --udp, for example --udp 127.0.0.1:2000."));
  return NULL;
}

/* The status of the collector when it is the one that listens on @address, else NULL: then nobody
 * can say what arrives there. */
static FluoCollectorStatus *
get_status_of (FluoCli *self, const char *address)
{
  g_autoptr (FluoCollectorStatus) status = NULL;

  if (fluo_cli_connect (self) != FLUO_CLI_OK)
    return NULL;
  status = fluo_cli_get_status (self, NULL);
  for (guint i = 0; status != NULL && i < status->listeners->len; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);

      if (g_strcmp0 (listener->protocol, "udp") == 0 && g_strcmp0 (listener->address, address) == 0)
        return g_steal_pointer (&status);
    }
  return NULL;
}

static guint64
count_refused (const FluoCollectorStatus *status)
{
  guint64 refused = 0;

  for (guint i = 0; i < status->refused->len; i++)
    refused += ((const FluoRefusal *) g_ptr_array_index (status->refused, i))->count;
  return refused;
}

/* Datagrams that the collector has done with, one way or the other. */
static guint64
count_done (const FluoCollectorStatus *status)
{
  return status->stored + count_refused (status);
}

/* --- All at once ---------------------------------------------------------- */

static gboolean
wants_progress (void)
{
  return isatty (STDERR_FILENO);
}

static void
progress_cb (guint done, guint total, gpointer user_data)
{
  if (wants_progress ())
    g_printerr ("\r%3u %%", total > 0 ? (guint) ((guint64) done * 100 / total) : 100);
}

/* UDP tells the sender nothing, so the collector's own count sets the pace and says at the end
 * whether everything arrived. */
static FluoCliExit
follow_collector (FluoCli *self, FluoDemoFlow *flow, const FluoCollectorStatus *before,
                  GAsyncResult **sent)
{
  while (*sent == NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoCollectorStatus) status = fluo_cli_get_status (self, &error);

      if (status == NULL)
        {
          g_cancellable_cancel (self->cancellable);
          fluo_cli_wait (sent);
          return fluo_cli_report (self, error);
        }
      fluo_demo_flow_acknowledge (flow, count_done (status) - count_done (before));
      if (*sent == NULL)
        fluo_cli_sleep (self, FOLLOW_STEP_MS);
    }
  return FLUO_CLI_OK;
}

static FluoCliExit
wait_until_stored (FluoCli *self, const FluoCollectorStatus *before, guint n_datagrams)
{
  guint64 done = 0, stored = 0, assembling = 1;
  g_autofree char *got = NULL;
  g_autofree char *sent = NULL;

  /* What was sent can be read at once afterwards. */
  for (guint waited_ms = 0; (done < n_datagrams || assembling > 0) && waited_ms < SETTLE_MS;
       waited_ms += FOLLOW_STEP_MS)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoCollectorStatus) status = fluo_cli_get_status (self, &error);

      if (status == NULL)
        return fluo_cli_report (self, error);
      done = count_done (status) - count_done (before);
      stored = status->stored - before->stored;
      assembling = status->assembling;
      if ((done < n_datagrams || assembling > 0) && !fluo_cli_sleep (self, FOLLOW_STEP_MS))
        return FLUO_CLI_INTERRUPTED;
    }
  if (stored >= n_datagrams)
    return FLUO_CLI_OK;
  got = fluo_format_count (stored);
  sent = fluo_format_count (n_datagrams);
  fluo_cli_complain (_("The collector stored %s of %s datagrams. “fluoroscope-cli status” tells "
                        "why; --rate sends slower."),
                     got, sent);
  return FLUO_CLI_FAILED;
}

static FluoCliExit
send_at_once (FluoCli *self, FluoDemo *demo, const DemoOptions *options, const char *address,
              const FluoCollectorStatus *before)
{
  g_autoptr (FluoDemoFlow) flow = before != NULL ? fluo_demo_flow_new () : NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_us = g_get_monotonic_time ();
  g_autofree char *traces = fluo_format_count (fluo_demo_get_n_traces (demo));
  g_autofree char *count = NULL;
  g_autofree char *took = NULL;
  FluoCliExit code = FLUO_CLI_OK;
  guint n_datagrams;

  fluo_demo_send_async (demo, address, (guint) options->rate, flow, progress_cb, NULL,
                        self->cancellable, fluo_cli_result_cb, &result);
  if (flow != NULL)
    code = follow_collector (self, flow, before, &result);
  else
    fluo_cli_wait (&result);
  if (wants_progress ())
    g_printerr ("\r     \r");
  if (code != FLUO_CLI_OK)
    return code;
  if (!fluo_demo_send_finish (demo, result, &n_datagrams, &error))
    return fluo_cli_report (self, error);
  if (before != NULL)
    code = wait_until_stored (self, before, n_datagrams);
  if (code != FLUO_CLI_OK)
    return code;

  count = fluo_format_count (n_datagrams);
  took = fluo_format_duration ((g_get_monotonic_time () - begin_us) * FLUO_NSEC_PER_USEC);
  g_print (_("Sent %s traces in %s datagrams to %s in %s\n"), traces, count, address, took);
  return FLUO_CLI_OK;
}

/* --- Live ----------------------------------------------------------------- */

typedef struct
{
  gint64 due_ns;
  char  *document;
} Pending;

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_free (pending->document);
  g_free (pending);
}

static gint
compare_pending (gconstpointer a, gconstpointer b, gpointer data)
{
  const Pending *x = a;
  const Pending *y = b;

  return x->due_ns < y->due_ns ? -1 : x->due_ns > y->due_ns;
}

/* A segment is sent when it ends, as an SDK does; a running one when it begins. */
static void
queue_trace (GSequence *queue, FluoDemo *demo, guint i)
{
  g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);

  for (guint j = 0; j < documents->len; j++)
    {
      const char *document = g_ptr_array_index (documents, j);
      FluoSegmentHead head;
      Pending *pending;

      if (!fluo_segment_head_parse (document, strlen (document), &head, NULL, NULL))
        continue;
      pending = g_new (Pending, 1);
      pending->due_ns = head.end_ns;
      pending->document = g_strdup (document);
      g_sequence_insert_sorted (queue, pending, compare_pending, NULL);
    }
}

static gboolean
send_due (GSequence *queue, GSocket *socket, GSocketAddress *address, gint64 now_ns, GError **error)
{
  while (!g_sequence_is_empty (queue))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (queue);
      const Pending *pending = g_sequence_get (first);

      if (pending->due_ns > now_ns)
        return TRUE;
      if (!fluo_demo_send_document (socket, address, pending->document, error))
        return FALSE;
      g_sequence_remove (first);
    }
  return TRUE;
}

static FluoCliExit
send_live (FluoCli *self, FluoDemo *demo, const char *text)
{
  g_autoptr (GSequence) queue = g_sequence_new (pending_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnectable) host = g_network_address_parse (text, 2000, &error);
  g_autoptr (GSocketAddressEnumerator) enumerator = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  guint n = fluo_demo_get_n_traces (demo), next = 0;

  if (host != NULL)
    {
      enumerator = g_socket_connectable_enumerate (host);
      address = g_socket_address_enumerator_next (enumerator, self->cancellable, &error);
    }
  if (address != NULL)
    socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_DATAGRAM,
                           G_SOCKET_PROTOCOL_UDP, &error);
  if (socket == NULL)
    {
      fluo_cli_complain (_("Cannot send to “%s”: %s."), text,
                         error != NULL ? error->message : _("it has no address"));
      return FLUO_CLI_FAILED;
    }

  g_printerr (_("Sending to %s as it happens. Ctrl+C stops.\n"), text);
  while (next < n || !g_sequence_is_empty (queue))
    {
      gint64 now_ns = fluo_time_now_ns ();

      while (next < n && fluo_demo_get_start (demo, next) <= now_ns)
        queue_trace (queue, demo, next++);
      if (!send_due (queue, socket, address, now_ns, &error))
        return fluo_cli_report (self, error);
      if (!fluo_cli_sleep (self, LIVE_STEP_MS))
        {
          g_printerr (_("Stopped after %u of %u traces.\n"), next, n);
          return FLUO_CLI_INTERRUPTED;
        }
    }
  return FLUO_CLI_OK;
}

/* --- Command -------------------------------------------------------------- */

static gboolean
check_options (const DemoOptions *options)
{
  if (options->minutes < 1 || options->minutes > MINUTES_MAX)
    fluo_cli_complain (_("--minutes takes 1 to %d."), MINUTES_MAX);
  else if (options->rate < 0)
    fluo_cli_complain (_("--rate takes 0 or more."));
  else if (options->traces < 0 || options->traces > TRACES_MAX)
    fluo_cli_complain (_("--traces takes 0 to %d."), TRACES_MAX);
  else
    return TRUE;
  return FALSE;
}

static FluoCliExit
run_demo (FluoCli *self, const DemoOptions *options)
{
  g_autoptr (FluoCollectorStatus) before = NULL;
  g_autoptr (FluoDemo) demo = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (options->udp);
  gint64 length_ns = options->minutes * FLUO_NSEC_PER_MIN;
  FluoDemoOptions demo_options = { .seed = (guint32) options->seed };

  if (address == NULL)
    {
      FluoCliExit code = fluo_cli_connect (self);

      if (code != FLUO_CLI_OK)
        return code;
      before = fluo_cli_get_status (self, &error);
      if (before == NULL)
        return fluo_cli_report (self, error);
      address = dup_udp_address (before);
      if (address == NULL)
        return FLUO_CLI_FAILED;
    }
  else if (!options->live)
    before = get_status_of (self, address);
  demo_options.n_traces =
    options->traces > 0 ? (guint) options->traces
                        : (guint) MIN ((gint64) options->minutes * DEFAULT_PER_MINUTE, TRACES_MAX);
  demo_options.span.begin_ns = options->live ? fluo_time_now_ns () : self->now_ns - length_ns;
  demo_options.span.end_ns = demo_options.span.begin_ns + length_ns;
  demo = fluo_demo_new (&demo_options);
  return options->live ? send_live (self, demo, address)
                       : send_at_once (self, demo, options, address, before);
}

int
fluo_cli_demo (FluoCli *self, int argc, char **argv)
{
  DemoOptions options = { .seed = DEFAULT_SEED, .minutes = DEFAULT_MINUTES };
  g_autofree char *udp = NULL;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT, &options.seed,
      N_("Another seed tells another story (default: 20261119)"), N_("NUMBER") },
    { "minutes", 0, 0, G_OPTION_ARG_INT, &options.minutes,
      N_("How long the story is (default: 15)"), N_("NUMBER") },
    { "traces", 0, 0, G_OPTION_ARG_INT, &options.traces,
      N_("How many traces (default: 862 a minute)"), N_("NUMBER") },
    { "rate", 0, 0, G_OPTION_ARG_INT, &options.rate,
      N_("At most this many datagrams a second (default: as fast as the collector)"),
      N_("NUMBER") },
    { "live", 0, 0, G_OPTION_ARG_NONE, &options.live,
      N_("Let it happen from now on instead of in the past"), NULL },
    { "udp", 0, 0, G_OPTION_ARG_STRING, &udp,
      N_("Send to this address (default: what the collector listens on)"), N_("ADDRESS:PORT") },
    G_OPTION_ENTRY_NULL
  };

  if (!fluo_cli_parse (
        self, argv[0], "",
        N_("Sends the traces of the Petshop, whose bank gets slow, as real UDP datagrams."),
        entries, FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (!check_options (&options))
    return FLUO_CLI_USAGE;
  if (fluo_cli_is_aws (self))
    {
      fluo_cli_complain (_(
        "The demo goes to a collector on this computer only. Leave out --profile and --region."));
      return FLUO_CLI_USAGE;
    }
  options.udp = udp;
  return run_demo (self, &options);
}
