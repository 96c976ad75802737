/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-losses.h"

#include <string.h>

#include "core/fluo-time-span.h"
#include "local/intake/fluo-listener.h"

/* Bytes of what is kept beside the text, cut at a character. */
#define ID_BYTES 64
#define NAME_BYTES 120
#define PROCESS_BYTES 80
#define PROBLEM_BYTES 160

/* A refused document is read no further than this for its ids: whoever sends rubbish shall not cost
 * much. */
#define READ_BYTES_MAX 8192

/* Examples of one reason that are taken in a tenth of a second. In a flood of refusals the copying
 * would cost more than anybody can read; of which traces they are is still noted. */
#define N_BURST_MAX 50
#define BURST_USEC 100000

/* Finding the process of a socket goes through /proc, which takes milliseconds: not in the thread
 * that receives, not for everyone, and the same sender is not looked up again for a while. */
#define N_LOOKUPS_MAX 4
#define LOOKUP_USEC (5 * G_USEC_PER_SEC)
#define N_KNOWN 16

typedef struct
{
  gint64     time_ns; /* 0 = free */
  FluoOrigin origin;
  guint      text_length;
  char       text[FLUO_LOSS_TEXT_BYTES];
  gsize      whole_length;
  char       trace_id[ID_BYTES];
  char       segment_id[ID_BYTES];
  char       name[NAME_BYTES];
  char       process[PROCESS_BYTES];
  char       problem[PROBLEM_BYTES];
} Example;

typedef struct
{
  Example examples[FLUO_LOSS_EXAMPLES]; /* a ring */
  guint   next;
  gint64  burst_usec; /* when the tenth of a second began */
  guint   n_burst;
} Ring;

/* The key of the table; the trace's other reasons have entries of their own. */
typedef struct
{
  FluoTraceId   id;
  FluoTraceLoss loss;
  GList         link; /* in by_age */
} TraceEntry;

typedef struct
{
  FluoOrigin origin;
  gint64     usec; /* 0 = free */
  char       process[PROCESS_BYTES];
} Known;

struct _FluoLosses
{
  GThreadPool *pool;
  guint        n_reasons;

  struct
  {
    GMutex      lock;
    Ring       *rings;   /* one for each reason */
    /* FLUO_LOSS_TRACES_MAX, made at the first. As many pieces, left over from a flood, would each
     * hold on to a page of memory. */
    TraceEntry *entries;
    GHashTable *traces;  /* TraceEntry, each once */
    GQueue      by_age;  /* TraceEntry, the one that changed last at the head */
    Known       known[N_KNOWN];
    guint       n_lookups;
    GCond       looked_up;
  } shared;
};

static guint
trace_entry_hash (gconstpointer data)
{
  const TraceEntry *entry = data;

  return fluo_trace_id_hash (&entry->id) * 31 + entry->loss.reason;
}

static gboolean
trace_entry_equal (gconstpointer a, gconstpointer b)
{
  const TraceEntry *left = a, *right = b;

  return left->loss.reason == right->loss.reason && fluo_trace_id_equal (&left->id, &right->id);
}

static gboolean
same_origin (FluoOrigin a, FluoOrigin b)
{
  return a.protocol == b.protocol && a.port == b.port;
}

/* --- Who sent it -------------------------------------------------------- */

/* [worker] */
static void
look_up (gpointer data, gpointer user_data)
{
  FluoLosses *self = user_data;
  FluoOrigin origin = { GPOINTER_TO_UINT (data) >> 16, GPOINTER_TO_UINT (data) & 0xffff };
  g_autofree char *process =
    fluo_listener_dup_peer (origin.protocol != FLUO_ORIGIN_UDP, origin.port);
  Known *known = NULL;

  g_mutex_lock (&self->shared.lock);
  for (guint i = 0; i < N_KNOWN; i++)
    if (same_origin (self->shared.known[i].origin, origin))
      known = &self->shared.known[i];
  if (known && process)
    g_strlcpy (known->process, process, sizeof known->process);
  for (guint i = 0; process && i < self->n_reasons; i++)
    for (guint k = 0; k < FLUO_LOSS_EXAMPLES; k++)
      {
        Example *example = &self->shared.rings[i].examples[k];

        if (example->time_ns && !*example->process && same_origin (example->origin, origin))
          g_strlcpy (example->process, process, sizeof example->process);
      }
  self->shared.n_lookups--;
  g_cond_broadcast (&self->shared.looked_up);
  g_mutex_unlock (&self->shared.lock);
}

/* [locked] The name of the process when it is known; else it is looked up, as long as the socket is
 * still there. */
static void
name_sender (FluoLosses *self, Example *example)
{
  gint64 now_usec = g_get_monotonic_time ();
  Known *oldest = self->shared.known;

  if (!example->origin.port)
    return;
  for (guint i = 0; i < N_KNOWN; i++)
    {
      Known *known = &self->shared.known[i];

      if (known->usec && same_origin (known->origin, example->origin) &&
          now_usec - known->usec < LOOKUP_USEC)
        {
          g_strlcpy (example->process, known->process, sizeof example->process);
          return;
        }
      if (known->usec < oldest->usec)
        oldest = known;
    }
  if (self->shared.n_lookups >= N_LOOKUPS_MAX)
    return;
  *oldest = (Known) { example->origin, now_usec, "" };
  self->shared.n_lookups++;
  g_thread_pool_push (self->pool,
                      GUINT_TO_POINTER ((guint) example->origin.protocol << 16 |
                                        example->origin.port),
                      NULL);
}

/* --- What can be read of it --------------------------------------------- */

/* Cut at a character; what is no UTF-8 ends it. */
static void
copy_text (char *target, gsize size, const char *text)
{
  const char *end;
  gsize length = strnlen (text, size - 1);

  g_utf8_validate (text, (gssize) length, &end);
  memcpy (target, text, (gsize) (end - text));
  target[end - text] = '\0';
}

static void
take_string (const FluoJsonScanner *scanner, char *target, gsize size)
{
  g_autofree char *text = fluo_json_scanner_dup (scanner);

  copy_text (target, size, text);
}

/* As far as the text is JSON. */
static void
read_text (Example *example, const char *text, gsize length)
{
  FluoJsonScanner scanner;
  FluoJsonToken token;

  fluo_json_scanner_init (&scanner, text, MIN (length, READ_BYTES_MAX));
  if (fluo_json_scanner_next (&scanner) != FLUO_JSON_OBJECT_BEGIN)
    return;
  while (fluo_json_scanner_next (&scanner) == FLUO_JSON_KEY)
    {
      gboolean is_trace = fluo_json_scanner_equal (&scanner, "trace_id");
      gboolean is_id = fluo_json_scanner_equal (&scanner, "id");
      gboolean is_name = fluo_json_scanner_equal (&scanner, "name");

      token = fluo_json_scanner_next (&scanner);
      if (token == FLUO_JSON_STRING && is_trace)
        take_string (&scanner, example->trace_id, sizeof example->trace_id);
      else if (token == FLUO_JSON_STRING && is_id)
        take_string (&scanner, example->segment_id, sizeof example->segment_id);
      else if (token == FLUO_JSON_STRING && is_name)
        take_string (&scanner, example->name, sizeof example->name);
      else if (!fluo_json_scanner_skip (&scanner, token))
        return;
    }
}

static void
fill_example (Example *example, const FluoLoss *loss, gint64 now_ns)
{
  memset (example, 0, sizeof *example);
  example->time_ns = now_ns;
  example->origin = loss->origin;
  example->whole_length = loss->length;
  example->text_length = (guint) MIN (loss->length, sizeof example->text);
  if (example->text_length > 0)
    {
      memcpy (example->text, loss->text, example->text_length);
      read_text (example, loss->text, loss->length);
    }
  if (loss->head)
    {
      fluo_trace_id_format_xray (&loss->head->trace_id, example->trace_id);
      fluo_span_id_format (loss->head->id, example->segment_id);
    }
  if (loss->problem)
    copy_text (example->problem, sizeof example->problem, loss->problem);
}

/* --- Of which traces ---------------------------------------------------- */

/* [locked] */
static void
note_trace (FluoLosses *self, guint reason, const FluoTraceId *id, const char *problem,
            gint64 now_ns)
{
  TraceEntry key = { .id = *id, .loss.reason = reason };
  TraceEntry *entry = g_hash_table_lookup (self->shared.traces, &key);

  if (!entry)
    {
      if (!self->shared.entries)
        self->shared.entries = g_new (TraceEntry, FLUO_LOSS_TRACES_MAX);
      entry = &self->shared.entries[self->shared.by_age.length];
      if (self->shared.by_age.length >= FLUO_LOSS_TRACES_MAX)
        {
          entry = g_queue_pop_tail_link (&self->shared.by_age)->data;
          g_hash_table_remove (self->shared.traces, entry);
        }
      *entry = key;
      entry->link.data = entry;
      entry->loss.first_ns = now_ns;
      g_hash_table_add (self->shared.traces, entry);
    }
  else
    g_queue_unlink (&self->shared.by_age, &entry->link);
  g_queue_push_head_link (&self->shared.by_age, &entry->link);
  entry->loss.n++;
  entry->loss.last_ns = now_ns;
  g_strlcpy (entry->loss.problem, problem, sizeof entry->loss.problem);
}

static gint
compare_losses (gconstpointer a, gconstpointer b)
{
  const FluoTraceLoss *left = a, *right = b;

  return (right->last_ns > left->last_ns) - (right->last_ns < left->last_ns);
}

/* --- Public ------------------------------------------------------------- */

FluoLosses *
fluo_losses_new (guint n_reasons)
{
  FluoLosses *self = g_new0 (FluoLosses, 1);

  self->n_reasons = n_reasons;
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.looked_up);
  g_queue_init (&self->shared.by_age);
  self->shared.rings = g_new0 (Ring, n_reasons);
  self->shared.traces = g_hash_table_new (trace_entry_hash, trace_entry_equal);
  /* Its thread exists only while there is somebody to look up. */
  self->pool = g_thread_pool_new (look_up, self, 1, FALSE, NULL);
  return self;
}

void
fluo_losses_free (FluoLosses *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_hash_table_unref (self->shared.traces);
  g_free (self->shared.entries);
  g_free (self->shared.rings);
  g_cond_clear (&self->shared.looked_up);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

/* One more example may be taken. */
static gboolean
allow_example (FluoLosses *self, Ring *ring)
{
  gint64 now_usec = g_get_monotonic_time ();
  gboolean allowed;

  g_mutex_lock (&self->shared.lock);
  if (now_usec - ring->burst_usec > BURST_USEC)
    {
      ring->burst_usec = now_usec;
      ring->n_burst = 0;
    }
  allowed = ring->n_burst < N_BURST_MAX;
  ring->n_burst += allowed;
  g_mutex_unlock (&self->shared.lock);
  return allowed;
}

void
fluo_losses_add (FluoLosses *self, guint reason, const FluoLoss *loss)
{
  gint64 now_ns = fluo_time_now_ns ();
  Example example = { 0 };
  FluoTraceId id;
  Ring *ring;
  gboolean shown;

  g_return_if_fail (reason < self->n_reasons);

  ring = &self->shared.rings[reason];
  shown = allow_example (self, ring);
  if (shown || !loss->head)
    fill_example (&example, loss, now_ns);
  g_mutex_lock (&self->shared.lock);
  if (shown)
    {
      name_sender (self, &example);
      ring->examples[ring->next] = example;
      ring->next = (ring->next + 1) % FLUO_LOSS_EXAMPLES;
    }
  if (loss->head)
    note_trace (self, reason, &loss->head->trace_id, example.problem, now_ns);
  else if (fluo_trace_id_parse (example.trace_id, -1, &id))
    note_trace (self, reason, &id, example.problem, now_ns);
  g_mutex_unlock (&self->shared.lock);
}

void
fluo_losses_flush (FluoLosses *self)
{
  g_mutex_lock (&self->shared.lock);
  while (self->shared.n_lookups > 0)
    g_cond_wait (&self->shared.looked_up, &self->shared.lock);
  g_mutex_unlock (&self->shared.lock);
}

GArray *
fluo_losses_find (FluoLosses *self, const FluoTraceId *id)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (FluoTraceLoss));

  g_mutex_lock (&self->shared.lock);
  for (guint i = 0; i < self->n_reasons; i++)
    {
      TraceEntry key = { .id = *id, .loss.reason = i };
      TraceEntry *entry = g_hash_table_lookup (self->shared.traces, &key);

      if (entry)
        g_array_append_val (found, entry->loss);
    }
  g_mutex_unlock (&self->shared.lock);
  g_array_sort (found, compare_losses);
  return found;
}

/* What is not a printable ASCII character is shown by its number, so that every byte can be told
 * apart. */
static void
write_escaped (FluoJsonWriter *writer, const Example *example)
{
  g_autoptr (GString) out = g_string_sized_new (example->text_length * 2);

  for (guint i = 0; i < example->text_length; i++)
    {
      guchar byte = (guchar) example->text[i];

      if (byte == '\\')
        g_string_append (out, "\\\\");
      else if (byte == '\n')
        g_string_append (out, "\\n");
      else if (g_ascii_isprint ((char) byte))
        g_string_append_c (out, (char) byte);
      else
        g_string_append_printf (out, "\\x%02x", byte);
    }
  if (example->whole_length > example->text_length)
    g_string_append (out, "…");
  fluo_json_writer_strn (writer, out->str, out->len);
}

static void
write_member (FluoJsonWriter *writer, const char *key, const char *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, *value ? value : NULL);
}

static void
write_example (const Example *example, FluoJsonWriter *writer)
{
  static const char *const sources[] = { NULL, "udp", "http", "otlp" };

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Time");
  fluo_json_writer_seconds (writer, example->time_ns);
  fluo_json_writer_key (writer, "Source");
  fluo_json_writer_string (writer, sources[example->origin.protocol]);
  write_member (writer, "Sender", example->process);
  write_member (writer, "TraceId", example->trace_id);
  write_member (writer, "SegmentId", example->segment_id);
  write_member (writer, "Name", example->name);
  write_member (writer, "Problem", example->problem);
  fluo_json_writer_key (writer, "Text");
  write_escaped (writer, example);
  fluo_json_writer_key (writer, "Bytes");
  fluo_json_writer_int (writer, (gint64) example->whole_length);
  fluo_json_writer_end (writer, '}');
}

static gboolean
is_of_trace (const Example *example, const char *trace)
{
  return !trace || g_ascii_strcasecmp (example->trace_id, trace) == 0;
}

gboolean
fluo_losses_has_text (FluoLosses *self, guint reason, const char *trace)
{
  gboolean found = FALSE;

  g_return_val_if_fail (reason < self->n_reasons, FALSE);

  g_mutex_lock (&self->shared.lock);
  for (guint i = 0; i < FLUO_LOSS_EXAMPLES && !found; i++)
    found = self->shared.rings[reason].examples[i].time_ns > 0 &&
            is_of_trace (&self->shared.rings[reason].examples[i], trace);
  g_mutex_unlock (&self->shared.lock);
  return found;
}

void
fluo_losses_write (FluoLosses *self, guint reason, const char *trace, FluoJsonWriter *writer)
{
  Ring ring;

  g_return_if_fail (reason < self->n_reasons);

  g_mutex_lock (&self->shared.lock);
  ring = self->shared.rings[reason];
  g_mutex_unlock (&self->shared.lock);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < FLUO_LOSS_EXAMPLES; i++)
    {
      const Example *example =
        &ring.examples[(ring.next + FLUO_LOSS_EXAMPLES - 1 - i) % FLUO_LOSS_EXAMPLES];

      if (example->time_ns && is_of_trace (example, trace))
        write_example (example, writer);
    }
  fluo_json_writer_end (writer, ']');
}
