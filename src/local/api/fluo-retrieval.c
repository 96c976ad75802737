/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-retrieval.h"

#include <string.h>

#include "core/fluo-json.h"
#include "local/store/fluo-stored-trace.h"

/* Members of a document that is too long: those up to this stay. A segment has two dozen of
 * them. */
#define MEMBER_BYTES_MAX 4096

typedef struct
{
  gatomicrefcount ref_count;
  char           *token;
  gint64          begun_ns;
  GArray         *wanted;    /* FluoTraceId */
  FluoTimeSpan    span;
  gint            cancelled; /* atomic; read by the job */
  FluoRetrieval   state;     /* under the lock */
} Entry;

struct _FluoRetrievals
{
  FluoStore    *store;
  FluoClockFunc clock;
  gpointer      clock_data;
  GThreadPool  *pool; /* one thread, only while there is something to do; NULL: none */
  gint          closing;

  struct
  {
    GMutex     lock;
    GPtrArray *entries; /* Entry, oldest first */
    GQueue     waiting; /* Entry, with a reference */
  } shared;
};

static void
entry_unref (gpointer data)
{
  Entry *entry = data;

  if (!g_atomic_ref_count_dec (&entry->ref_count))
    return;
  g_free (entry->token);
  g_array_unref (entry->wanted);
  fluo_retrieval_clear (&entry->state);
  g_free (entry);
}

static Entry *
entry_ref (Entry *entry)
{
  g_atomic_ref_count_inc (&entry->ref_count);
  return entry;
}

void
fluo_retrieval_clear (FluoRetrieval *self)
{
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->graph, g_bytes_unref);
  g_clear_pointer (&self->links, g_array_unref);
}

static gint64
get_now_ns (FluoRetrievals *self)
{
  return self->clock ? self->clock (self->clock_data) : fluo_time_now_ns ();
}

static gboolean
is_over (const Entry *entry)
{
  return entry->state.status != FLUO_RETRIEVAL_SCHEDULED &&
         entry->state.status != FLUO_RETRIEVAL_RUNNING;
}

/* --- The job -------------------------------------------------------------- */

/* What the job has found so far. */
typedef struct
{
  FluoRetrievals   *retrievals;
  Entry            *entry;
  gint64            deadline_ns;
  GArray           *ids;   /* FluoTraceId */
  FluoServiceGraph *graph;
  GArray           *links; /* NamedLink */
} Job;

typedef struct
{
  char       *name, *type;
  FluoTraceId source, destination;
} NamedLink;

static void
named_link_clear (gpointer data)
{
  g_free (((NamedLink *) data)->name);
  g_free (((NamedLink *) data)->type);
}

static void
take_links (Job *job, FluoTrace *trace)
{
  guint n;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n);

  for (guint i = 0; i < n && job->links->len < FLUO_RETRIEVAL_LINKS_MAX; i++)
    {
      NamedLink link = { NULL, NULL, *fluo_trace_get_id (trace), links[i].trace_id };

      fluo_service_graph_identify (trace, links[i].span, &link.name, &link.type);
      g_array_append_val (job->links, link);
    }
}

/* FALSE with @error when the store can't be read. A trace that isn't there, or not in that time, is
 * no error. */
static gboolean
take_trace (Job *job, const FluoTraceId *id, GError **error)
{
  FluoConnection *reader = fluo_store_acquire_reader (job->retrievals->store, error);
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!reader)
    return FALSE;
  stored = fluo_stored_trace_load (reader, id, &local_error);
  fluo_store_release_reader (job->retrievals->store, reader);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!stored || stored->start_ns > job->entry->span.end_ns ||
      stored->end_ns < job->entry->span.begin_ns)
    return TRUE;
  g_array_append_val (job->ids, *id);
  trace = fluo_stored_trace_assemble (stored);
  if (trace)
    {
      fluo_service_graph_add_trace (job->graph, trace, 1);
      take_links (job, trace);
    }
  return TRUE;
}

static FluoRetrievalStatus
take_traces (Job *job)
{
  const GArray *wanted = job->entry->wanted;

  for (guint i = 0; i < wanted->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (g_atomic_int_get (&job->entry->cancelled) ||
          g_atomic_int_get (&job->retrievals->closing))
        return FLUO_RETRIEVAL_CANCELLED;
      if (get_now_ns (job->retrievals) > job->deadline_ns)
        return FLUO_RETRIEVAL_TIMEOUT;
      if (!take_trace (job, &g_array_index (wanted, FluoTraceId, i), &error))
        {
          g_warning ("retrieving traces: %s", error->message);
          return FLUO_RETRIEVAL_FAILED;
        }
    }
  return FLUO_RETRIEVAL_COMPLETE;
}

static int
compare_links (gconstpointer a, gconstpointer b)
{
  const FluoRetrievalLink *one = a, *two = b;
  int order;

  if (one->node != two->node)
    return one->node < two->node ? -1 : 1;
  order = memcmp (&one->source, &two->source, sizeof one->source);
  return order != 0 ? order : memcmp (&one->destination, &two->destination, sizeof one->source);
}

/* Links by the nodes of the graph as it is stored; those of nodes that are not in it are left
 * out. */
static GArray *
number_links (Job *job, GBytes *bytes)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_from_bytes (bytes, NULL);
  GArray *links = g_array_new (FALSE, FALSE, sizeof (FluoRetrievalLink));

  for (guint i = 0; i < job->links->len && graph; i++)
    {
      const NamedLink *named = &g_array_index (job->links, NamedLink, i);
      FluoRetrievalLink link = { fluo_service_graph_find (graph, named->name, named->type),
                                 named->source, named->destination };

      if (link.node != G_MAXUINT)
        g_array_append_val (links, link);
    }
  g_array_sort (links, compare_links);
  return links;
}

/* [worker] */
static void
run_job (FluoRetrievals *self, Entry *entry)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autoptr (GArray) named = g_array_new (FALSE, FALSE, sizeof (NamedLink));
  Job job = { self, entry, get_now_ns (self) + FLUO_RETRIEVAL_JOB_NS, ids, graph, named };
  FluoRetrieval result = { FLUO_RETRIEVAL_COMPLETE, NULL, NULL, NULL };

  g_array_set_clear_func (named, named_link_clear);
  result.status = take_traces (&job);
  if (result.status == FLUO_RETRIEVAL_COMPLETE)
    {
      fluo_service_graph_prune (graph);
      result.ids = g_array_ref (ids);
      result.graph = fluo_service_graph_to_bytes (graph);
      result.links = number_links (&job, result.graph);
    }
  g_mutex_lock (&self->shared.lock);
  /* A job that was cancelled in the meantime stays so. */
  if (entry->state.status == FLUO_RETRIEVAL_RUNNING)
    {
      entry->state = result;
      result = (FluoRetrieval){ 0 };
    }
  g_mutex_unlock (&self->shared.lock);
  fluo_retrieval_clear (&result);
}

gboolean
fluo_retrievals_run (FluoRetrievals *self)
{
  gboolean scheduled;
  Entry *entry;

  g_mutex_lock (&self->shared.lock);
  entry = g_queue_pop_head (&self->shared.waiting);
  scheduled = entry && entry->state.status == FLUO_RETRIEVAL_SCHEDULED;
  if (scheduled)
    entry->state.status = FLUO_RETRIEVAL_RUNNING;
  g_mutex_unlock (&self->shared.lock);
  if (!entry)
    return FALSE;
  if (scheduled)
    run_job (self, entry);
  entry_unref (entry);
  return TRUE;
}

/* [worker] */
static void
run_next (gpointer data, gpointer user_data)
{
  fluo_retrievals_run (user_data);
}

/* --- The list ------------------------------------------------------------- */

FluoRetrievals *
fluo_retrievals_new (FluoStore *store, gboolean background, FluoClockFunc clock,
                     gpointer clock_data)
{
  FluoRetrievals *self = g_new0 (FluoRetrievals, 1);

  self->store = store;
  self->clock = clock;
  self->clock_data = clock_data;
  g_mutex_init (&self->shared.lock);
  self->shared.entries = g_ptr_array_new_with_free_func (entry_unref);
  g_queue_init (&self->shared.waiting);
  if (background)
    self->pool = g_thread_pool_new (run_next, self, 1, FALSE, NULL);
  return self;
}

void
fluo_retrievals_free (FluoRetrievals *self)
{
  g_atomic_int_set (&self->closing, TRUE);
  if (self->pool)
    g_thread_pool_free (self->pool, TRUE, TRUE);
  g_queue_clear_full (&self->shared.waiting, entry_unref);
  g_ptr_array_unref (self->shared.entries);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

/* With the lock held. Forgets what is too old. */
static void
forget_old (FluoRetrievals *self)
{
  gint64 oldest_ns = get_now_ns (self) - FLUO_RETRIEVAL_LIFE_NS;

  for (guint i = self->shared.entries->len; i > 0; i--)
    {
      Entry *entry = self->shared.entries->pdata[i - 1];

      if (entry->begun_ns > oldest_ns)
        continue;
      g_atomic_int_set (&entry->cancelled, TRUE);
      g_ptr_array_remove_index (self->shared.entries, i - 1);
    }
}

/* With the lock held. FALSE when all that there may be are under way. */
static gboolean
make_room (FluoRetrievals *self)
{
  GPtrArray *entries = self->shared.entries;

  if (entries->len < FLUO_N_RETRIEVALS_MAX)
    return TRUE;
  for (guint i = 0; i < entries->len; i++)
    if (is_over (entries->pdata[i]))
      {
        g_ptr_array_remove_index (entries, i);
        return TRUE;
      }
  return FALSE;
}

/* With the lock held. Borrowed. */
static Entry *
find (FluoRetrievals *self, const char *token)
{
  forget_old (self);
  for (guint i = 0; i < self->shared.entries->len; i++)
    {
      Entry *entry = self->shared.entries->pdata[i];

      if (strcmp (entry->token, token) == 0)
        return entry;
    }
  return NULL;
}

char *
fluo_retrievals_start (FluoRetrievals *self, const GArray *ids, FluoTimeSpan span)
{
  char *token = NULL;
  gboolean room;
  Entry *entry;

  g_mutex_lock (&self->shared.lock);
  forget_old (self);
  room = make_room (self);
  if (room)
    {
      entry = g_new0 (Entry, 1);
      g_atomic_ref_count_init (&entry->ref_count);
      entry->token = g_uuid_string_random ();
      entry->begun_ns = get_now_ns (self);
      entry->span = span;
      entry->wanted = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
      g_array_append_vals (entry->wanted, ids->data, ids->len);
      token = g_strdup (entry->token);
      g_ptr_array_add (self->shared.entries, entry);
      g_queue_push_tail (&self->shared.waiting, entry_ref (entry));
    }
  g_mutex_unlock (&self->shared.lock);
  if (room && self->pool)
    g_thread_pool_push (self->pool, self, NULL);
  return token;
}

gboolean
fluo_retrievals_cancel (FluoRetrievals *self, const char *token)
{
  Entry *entry;

  g_mutex_lock (&self->shared.lock);
  entry = find (self, token);
  if (entry && !is_over (entry))
    {
      g_atomic_int_set (&entry->cancelled, TRUE);
      entry->state.status = FLUO_RETRIEVAL_CANCELLED;
    }
  g_mutex_unlock (&self->shared.lock);
  return entry != NULL;
}

gboolean
fluo_retrievals_get (FluoRetrievals *self, const char *token, FluoRetrieval *ret_retrieval)
{
  Entry *entry;

  g_mutex_lock (&self->shared.lock);
  entry = find (self, token);
  if (entry)
    {
      *ret_retrieval = entry->state;
      if (ret_retrieval->ids)
        {
          g_array_ref (ret_retrieval->ids);
          g_bytes_ref (ret_retrieval->graph);
          g_array_ref (ret_retrieval->links);
        }
    }
  g_mutex_unlock (&self->shared.lock);
  return entry != NULL;
}

/* --- Documents ------------------------------------------------------------ */

/* Says which members are missing, in the place of one of them. */
static void
write_note (FluoJsonWriter *writer, const char *member, const char *names)
{
  fluo_json_writer_key (writer, member);
  if (strcmp (member, "attributes") == 0)
    {
      fluo_json_writer_begin (writer, '[');
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "key");
      fluo_json_writer_string (writer, "fluoroscope.left_out");
      fluo_json_writer_key (writer, "value");
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "stringValue");
      fluo_json_writer_string (writer, names);
      fluo_json_writer_end (writer, '}');
      fluo_json_writer_end (writer, '}');
      fluo_json_writer_end (writer, ']');
      return;
    }
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "fluoroscope");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "left_out");
  fluo_json_writer_string (writer, names);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
}

static GBytes *
shorten (GBytes *document, const char *note_member)
{
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (document, NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  for (guint32 i = tape ? fluo_json_tape_first (tape, 0) : FLUO_JSON_NONE; i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, 0, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, i);
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, i, &length);

      if (length <= MEMBER_BYTES_MAX && strlen (key) <= MEMBER_BYTES_MAX &&
          out->len < FLUO_RETRIEVED_CHARS_MAX / 2 && strcmp (key, note_member) != 0)
        {
          fluo_json_writer_key (&writer, key);
          fluo_json_writer_raw (&writer, raw, length);
        }
      else if (names->len < MEMBER_BYTES_MAX && strlen (key) <= MEMBER_BYTES_MAX)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", key);
    }
  write_note (&writer, note_member, names->str);
  fluo_json_writer_end (&writer, '}');
  return g_string_free_to_bytes (out);
}

GBytes *
fluo_retrieved_document (GBytes *document, const char *note_member)
{
  gsize length;
  const char *text = g_bytes_get_data (document, &length);

  if (length <= FLUO_RETRIEVED_CHARS_MAX ||
      g_utf8_strlen (text, (gssize) length) <= FLUO_RETRIEVED_CHARS_MAX)
    return g_bytes_ref (document);
  return shorten (document, note_member);
}
