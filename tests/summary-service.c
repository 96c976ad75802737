/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "summary-service.h"

#include <libsoup/soup.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "core/fluo-json.h"

#define PAGE 100

struct _SummaryService
{
  GThread *thread;
  clockid_t clock; /* of its work */
  GMainContext *context;
  GMainLoop *loop;
  char *endpoint;
  GPtrArray *summaries; /* char *, oldest first */
  FluoTimeSpan span;
  guint n_pages; /* atomic */

  struct
  {
    GMutex mutex;
    GCond cond;
    gboolean ready;
  } start;
};

void
summary_service_append (GString *out, GRand *random, guint i, gint64 start_ns)
{
  static const char *const services[] = { "petshop/prod", "checkout", "inventory", "stock",
                                          "payments", "bank.example.com", "orders",
                                          "orders@orders-db", "emails", "mailer" };
  const gboolean gold = g_rand_int_range (random, 0, 10) < 3;
  const gboolean slow = g_rand_int_range (random, 0, 10) < (gold ? 5 : 1);
  const gboolean fault = slow && g_rand_int_range (random, 0, 4) == 0;
  char start[G_ASCII_DTOSTR_BUF_SIZE], time[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (start, sizeof start, "%.3f", (double) start_ns / 1e9);
  g_ascii_formatd (time, sizeof time, "%.3f",
                   g_rand_double_range (random, .3, .9) + (slow ? 1.4 : 0));
  g_string_append_printf (out,
                          "{\"Id\":\"1-6afefa44-%024x\",\"StartTime\":%s,\"Duration\":%s,"
                          "\"ResponseTime\":%s,\"HasFault\":%s,\"Http\":{\"HttpURL\":"
                          "\"https://shop.example.com/checkout\",\"HttpMethod\":\"POST\","
                          "\"HttpStatus\":%d,\"ClientIp\":\"10.0.0.%u\"},\"EntryPoint\":"
                          "{\"Name\":\"petshop/prod\"},\"ServiceIds\":[",
                          i + 1, start, time, time, fault ? "true" : "false", fault ? 502 : 200,
                          i % 200);
  for (guint k = 0; k < G_N_ELEMENTS (services); k++)
    g_string_append_printf (out, "%s{\"Name\":\"%s\",\"Type\":\"AWS::ECS::Container\"}",
                            k ? "," : "", services[k]);
  g_string_append_printf (out,
                          "],\"Users\":[{\"UserName\":\"customer-%u\"}],\"Annotations\":{"
                          "\"tier\":[{\"AnnotationValue\":{\"StringValue\":\"%s\"}}],"
                          "\"bank_api\":[{\"AnnotationValue\":{\"StringValue\":\"%s\"}}],"
                          "\"region\":[{\"AnnotationValue\":{\"StringValue\":\"eu\"}}],"
                          "\"order_id\":[{\"AnnotationValue\":{\"NumberValue\":%u}}]}}",
                          i % 900, gold ? "gold" : "basic", slow ? "v2" : "v1", 84000 + i);
}

static gint64
start_of (SummaryService *self, guint i)
{
  const gint64 step = fluo_time_span_length (self->span) / (gint64) self->summaries->len;

  return self->span.begin_ns + (gint64) i * step;
}

/* The first summary that starts at @time_ns or later. */
static guint
find_from (SummaryService *self, gint64 time_ns)
{
  guint low = 0, high = self->summaries->len;

  while (low < high)
    {
      const guint middle = low + (high - low) / 2;

      if (start_of (self, middle) < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* [worker] The token is the number of summaries that are left. */
static void
answer_page (SummaryService *self, const FluoJsonTape *body, GString *out)
{
  g_autofree char *token = fluo_json_tape_dup (body, fluo_json_tape_get (body, 0, "NextToken"));
  FluoTimeSpan span = { 0 };
  guint first, end, next;

  fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "StartTime"), &span.begin_ns);
  fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "EndTime"), &span.end_ns);
  first = find_from (self, span.begin_ns);
  end = find_from (self, span.end_ns);
  if (token)
    end = MIN (end, first + (guint) g_ascii_strtoull (token, NULL, 10));
  next = MAX (first, end > PAGE ? end - PAGE : 0);
  g_string_append (out, "{\"TraceSummaries\":[");
  for (guint i = end; i > next; i--)
    g_string_append_printf (out, "%s%s", i < end ? "," : "",
                            (const char *) self->summaries->pdata[i - 1]);
  g_string_append_printf (out, "],\"TracesProcessedCount\":%u", end - next);
  if (next > first)
    g_string_append_printf (out, ",\"NextToken\":\"%u\"", next - first);
  g_string_append_c (out, '}');
  g_atomic_int_inc (&self->n_pages);
}

/* [worker] */
static void
handler_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  SummaryService *self = user_data;
  g_autoptr (GBytes)
      bytes = soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  GString *out = g_string_new (NULL);
  gsize length;

  if (tape && g_str_equal (path, "/TraceSummaries"))
    answer_page (self, tape, out);
  else
    g_string_append (out, "{}");
  length = out->len;
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE,
                                    g_string_free (out, FALSE), length);
}

/* [worker] */
static gpointer
serve_thread (gpointer data)
{
  SummaryService *self = data;
  g_autoptr (SoupServer) server = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  g_main_context_push_thread_default (self->context);
  server = soup_server_new (NULL, NULL);
  soup_server_add_handler (server, NULL, handler_cb, self, NULL);
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  pthread_getcpuclockid (pthread_self (), &self->clock);
  self->endpoint = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_mutex_lock (&self->start.mutex);
  self->start.ready = TRUE;
  g_cond_signal (&self->start.cond);
  g_mutex_unlock (&self->start.mutex);
  g_main_loop_run (self->loop);
  soup_server_disconnect (server);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

SummaryService *
summary_service_new (guint n, FluoTimeSpan span)
{
  SummaryService *self = g_new0 (SummaryService, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (n);

  self->span = span;
  self->summaries = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (self->summaries, (int) n);
  for (guint i = 0; i < n; i++)
    {
      GString *one = g_string_new (NULL);

      summary_service_append (one, random, i, start_of (self, i));
      self->summaries->pdata[i] = g_string_free (one, FALSE);
    }
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_init (&self->start.mutex);
  g_cond_init (&self->start.cond);
  self->thread = g_thread_new ("summaries", serve_thread, self);
  g_mutex_lock (&self->start.mutex);
  while (!self->start.ready)
    g_cond_wait (&self->start.cond, &self->start.mutex);
  g_mutex_unlock (&self->start.mutex);
  return self;
}

void
summary_service_free (SummaryService *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->start.mutex);
  g_cond_clear (&self->start.cond);
  g_ptr_array_unref (self->summaries);
  g_free (self->endpoint);
  g_free (self);
}

const char *
summary_service_get_endpoint (SummaryService *self)
{
  return self->endpoint;
}

double
summary_service_get_work_ms (SummaryService *self)
{
  struct timespec time;

  clock_gettime (self->clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

guint
summary_service_get_n_pages (SummaryService *self)
{
  return (guint) g_atomic_int_get (&self->n_pages);
}
