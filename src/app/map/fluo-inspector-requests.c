/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include <string.h>

#include "fluo-inspector-counts.h"

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter.h"

/* Requests and instances of a node, counted over the summaries of its traces. Requests that differ
 * in an id alone are one: "GET /orders/{id}". */

/* Different ones that are counted; a site with more (ids in paths) only loses its rare ones. */
#define COUNTED_MAX 2000
/* Response times kept per request: percentiles of more would not differ to the eye. */
#define TIMES_MAX 20000
/* As short as a hash is cut, and from which length on a few digits make an id. */
#define ID_MIN 7
#define LONG_ID_MIN 16
#define LONG_ID_DIGITS_MIN 4

typedef struct
{
  guint    count;
  guint    n_faults;
  GArray  *times;    /* gint64; NULL of an instance */
  char    *method;
  char    *url;      /* without its query, up to the first id; NULL: not the same everywhere */
  char    *end;      /* behind the last id; NULL: there is none */
  gboolean plain;    /* some had no query… */
  gboolean queried;  /* …and some had one */
} Counted;

struct _FluoInspectorCounts
{
  GHashTable *requests;  /* Counted by "POST /charge" */
  GHashTable *instances; /* Counted by id */
};

static void
counted_free (gpointer data)
{
  Counted *counted = data;

  g_clear_pointer (&counted->times, g_array_unref);
  g_free (counted->method);
  g_free (counted->url);
  g_free (counted->end);
  g_free (counted);
}

FluoInspectorCounts *
fluo_inspector_counts_new (void)
{
  FluoInspectorCounts *self = g_new0 (FluoInspectorCounts, 1);

  self->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, counted_free);
  self->instances = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, counted_free);
  return self;
}

void
fluo_inspector_counts_free (FluoInspectorCounts *self)
{
  g_hash_table_unref (self->requests);
  g_hash_table_unref (self->instances);
  g_free (self);
}

/* NULL when there are too many others. */
static Counted *
take (GHashTable *table,
      const char *name)
{
  Counted *counted = g_hash_table_lookup (table, name);

  if (counted || g_hash_table_size (table) >= COUNTED_MAX)
    return counted;
  counted = g_new0 (Counted, 1);
  g_hash_table_insert (table, g_strdup (name), counted);
  return counted;
}

/* A part of a path that names one of many: a number, or long and with digits, as UUIDs and hashes
 * are. "v2" and "2024-report" are words. */
static gboolean
is_id (const char *part,
       gsize       length)
{
  gsize n_digits = 0;
  gsize n_other = 0;

  for (gsize i = 0; i < length; i++)
    {
      n_digits += g_ascii_isdigit (part[i]) != 0;
      n_other += !g_ascii_isxdigit (part[i]) && part[i] != '-';
    }
  return length > 0 && (n_digits == length || (n_other == 0 && n_digits > 0 && length >= ID_MIN) ||
                        (n_digits >= LONG_ID_DIGITS_MIN && length >= LONG_ID_MIN));
}

/* "GET /orders/{id}/lines"; the ids begin and end at those places of @url, which is so long. */
static char *
dup_shape (const char *method,
           const char *url,
           gsize       length,
           gsize      *ret_begin,
           gsize      *ret_end)
{
  const char *scheme = g_strstr_len (url, (gssize) length, "://");
  const char *path = scheme ? memchr (scheme + 3, '/', length - (gsize) (scheme + 3 - url)) : url;
  const char *end = url + length;
  GString *shape = g_string_new (NULL);

  *ret_begin = *ret_end = length;
  if (!path)
    path = end;
  while (path < end)
    {
      const char *part = path + (*path == '/');
      const char *next = memchr (part, '/', (gsize) (end - part));
      const gsize part_length = (gsize) ((next ? next : end) - part);

      if (*path == '/')
        g_string_append_c (shape, '/');
      if (is_id (part, part_length))
        {
          if (*ret_begin == length)
            *ret_begin = (gsize) (part - url);
          *ret_end = (gsize) (part - url) + part_length;
          g_string_append (shape, "{id}");
        }
      else
        g_string_append_len (shape, part, (gssize) part_length);
      path = part + part_length;
    }
  if (shape->len == 0)
    g_string_append_c (shape, '/');
  if (method)
    {
      g_string_prepend_c (shape, ' ');
      g_string_prepend (shape, method);
    }
  return g_string_free (shape, FALSE);
}

void
fluo_inspector_counts_add_request (FluoInspectorCounts    *self,
                                   const FluoTraceSummary *summary)
{
  const char *url = summary->http_url;
  const gsize length = url ? strcspn (url, "?#") : 0;
  gsize begin = 0, end = 0;
  g_autofree char *name = url ? dup_shape (summary->http_method, url, length, &begin, &end)
                              : fluo_trace_summary_dup_request (summary);
  Counted *request;
  gint64 time;

  /* What is no request would be listed under its service's name. */
  if (!url && !summary->http_method)
    return;
  request = take (self->requests, name);
  if (!request)
    return;
  if (url)
    {
      request->plain |= url[length] == '\0';
      request->queried |= url[length] != '\0';
      if (request->count == 0)
        {
          request->url = g_strndup (url, begin);
          request->end = begin < length ? g_strndup (url + end, length - end) : NULL;
          request->method = g_strdup (summary->http_method);
        }
      else if (request->url &&
               (strlen (request->url) != begin || strncmp (request->url, url, begin) != 0))
        g_clear_pointer (&request->url, g_free);
    }
  request->count++;
  request->n_faults += summary->status == FLUO_STATUS_FAULT;
  if (!request->times)
    request->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  time = fluo_trace_summary_get_time_ns (summary);
  if (request->times->len < TIMES_MAX)
    g_array_append_val (request->times, time);
}

void
fluo_inspector_counts_add_instances (FluoInspectorCounts    *self,
                                     const FluoTraceSummary *summary,
                                     gboolean                failed)
{
  for (guint i = 0; summary->instances && i < summary->instances->len; i++)
    {
      Counted *instance = take (self->instances, g_ptr_array_index (summary->instances, i));

      if (!instance)
        continue;
      instance->count++;
      instance->n_faults += failed;
    }
}

/* --- Results ----------------------------------------------------------------- */

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 one = *(const gint64 *) a;
  const gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

static int
compare_urls (gconstpointer a,
              gconstpointer b)
{
  const FluoInspectorUrl *one = a;
  const FluoInspectorUrl *other = b;

  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  return strcmp (one->request, other->request);
}

/* Whatever the id is: "http://shop/orders/", and "/lines" behind it. */
static void
append_shape (GString       *text,
              const Counted *request)
{
  g_string_append (text, " AND http.url BEGINSWITH ");
  fluo_filter_print_string (text, request->url);
  if (*request->end)
    {
      g_string_append (text, request->queried ? " AND http.url CONTAINS "
                                              : " AND http.url ENDSWITH ");
      fluo_filter_print_string (text, request->end);
    }
}

/* service(…) AND http.method = "POST" AND http.url = "http://shop/charge" */
static char *
dup_request_filter (const Counted *request,
                    const char    *node_filter)
{
  GString *text;

  if (!node_filter || !request->url)
    return NULL;
  text = g_string_new (node_filter);
  if (request->method)
    {
      g_string_append (text, " AND http.method = ");
      fluo_filter_print_string (text, request->method);
    }
  if (request->end)
    {
      append_shape (text, request);
      return g_string_free (text, FALSE);
    }
  g_string_append (text, request->plain && request->queried ? " AND (" : " AND ");
  if (request->plain)
    {
      g_string_append (text, "http.url = ");
      fluo_filter_print_string (text, request->url);
    }
  if (request->queried)
    {
      g_autofree char *begin = g_strconcat (request->url, "?", NULL);

      g_string_append (text, request->plain ? " OR http.url BEGINSWITH " : "http.url BEGINSWITH ");
      fluo_filter_print_string (text, begin);
    }
  if (request->plain && request->queried)
    g_string_append (text, ")");
  return g_string_free (text, FALSE);
}

static char *
dup_instance_filter (const char *id,
                     const char *node_filter)
{
  GString *text;

  if (!node_filter)
    return NULL;
  text = g_string_new (node_filter);
  g_string_append (text, " AND instance.id = ");
  fluo_filter_print_string (text, id);
  return g_string_free (text, FALSE);
}

static void
fill (GHashTable *table,
      GArray     *urls)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Counted *counted = value;
      const FluoInspectorUrl url = { .request = g_strdup (key),
                                     .count = counted->count,
                                     .n_faults = counted->n_faults };

      g_array_append_val (urls, url);
    }
  g_array_sort (urls, compare_urls);
}

void
fluo_inspector_counts_fill (FluoInspectorCounts *self,
                            const char          *node_filter,
                            GArray              *urls,
                            GArray              *instances)
{
  fill (self->requests, urls);
  fill (self->instances, instances);
  if (urls->len > FLUO_INSPECTOR_URLS_MAX)
    g_array_set_size (urls, FLUO_INSPECTOR_URLS_MAX);
  if (instances->len > FLUO_INSPECTOR_INSTANCES_MAX)
    g_array_set_size (instances, FLUO_INSPECTOR_INSTANCES_MAX);
  for (guint i = 0; i < urls->len; i++)
    {
      FluoInspectorUrl *url = &g_array_index (urls, FluoInspectorUrl, i);
      const Counted *request = g_hash_table_lookup (self->requests, url->request);
      const gint64 *times = (const gint64 *) request->times->data;

      g_array_sort (request->times, compare_times);
      url->p50_ns = fluo_percentile (times, request->times->len, .5);
      url->p99_ns = fluo_percentile (times, request->times->len, .99);
      url->filter = dup_request_filter (request, node_filter);
    }
  for (guint i = 0; i < instances->len; i++)
    {
      FluoInspectorUrl *instance = &g_array_index (instances, FluoInspectorUrl, i);

      instance->filter = dup_instance_filter (instance->request, node_filter);
    }
}
