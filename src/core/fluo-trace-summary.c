/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-summary-private.h"

#include <string.h>

#include "fluo-shared-string.h"
#include "fluo-summary-pool.h"
#include "fluo-time-span.h"
#include "fluo-trace-private.h"

/* X-Ray indexes 50 annotations of a trace; a local store can afford more, but not without end. */
#define ANNOTATIONS_MAX 1000
#define PEOPLE_MAX 1000

void
fluo_summary_clear_string (char **string)
{
  if (*string)
    fluo_shared_string_unref (*string);
  *string = NULL;
}

void
fluo_summary_clear_service (gpointer data)
{
  fluo_summary_clear_string (&((FluoSummaryService *) data)->name);
  fluo_summary_clear_string (&((FluoSummaryService *) data)->type);
}

static void
clear_annotation (gpointer data)
{
  fluo_summary_clear_string (&((FluoSummaryAnnotation *) data)->key);
  fluo_summary_clear_string (&((FluoSummaryAnnotation *) data)->value);
}

static void
clear_cause (gpointer data)
{
  fluo_summary_clear_string (&((FluoSummaryCause *) data)->service);
  fluo_summary_clear_string (&((FluoSummaryCause *) data)->exception);
  fluo_summary_clear_string (&((FluoSummaryCause *) data)->path);
}

static void
clear_version (gpointer data)
{
  fluo_summary_clear_string (&((FluoSummaryVersion *) data)->service);
  fluo_summary_clear_string (&((FluoSummaryVersion *) data)->version);
}

static GArray *
array_new (gsize size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, FALSE, (guint) size);

  g_array_set_clear_func (array, clear);
  return array;
}

static GPtrArray *
strings_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_shared_string_unref);
}

char *
fluo_summary_intern (const char *text)
{
  return text ? fluo_shared_string_new (text) : NULL;
}

FluoTraceSummary *
fluo_trace_summary_new (void)
{
  FluoTraceSummary *self = g_new0 (FluoTraceSummary, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->duration_ns = self->response_ns = -1;
  self->revision = 1;
  self->services = array_new (sizeof (FluoSummaryService), fluo_summary_clear_service);
  self->annotations = array_new (sizeof (FluoSummaryAnnotation), clear_annotation);
  self->causes = array_new (sizeof (FluoSummaryCause), clear_cause);
  self->versions = array_new (sizeof (FluoSummaryVersion), clear_version);
  self->users = strings_new ();
  self->instances = strings_new ();
  self->zones = strings_new ();
  self->arns = strings_new ();
  return self;
}

FluoTraceSummary *
fluo_trace_summary_ref (FluoTraceSummary *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
unref_lists (FluoTraceSummary *self)
{
  g_array_unref (self->services);
  g_array_unref (self->causes);
  g_array_unref (self->versions);
  g_ptr_array_unref (self->users);
  g_ptr_array_unref (self->instances);
  g_ptr_array_unref (self->zones);
  g_ptr_array_unref (self->arns);
}

static void
release_lists (FluoTraceSummary *self)
{
  fluo_summary_pool_release (self->services);
  fluo_summary_pool_release (self->causes);
  fluo_summary_pool_release (self->versions);
  fluo_summary_pool_release (self->users);
  fluo_summary_pool_release (self->instances);
  fluo_summary_pool_release (self->zones);
  fluo_summary_pool_release (self->arns);
}

/* What is read is kept by the hundred thousand. */
void
fluo_summary_share_lists (FluoTraceSummary *self)
{
  self->services = fluo_summary_pool_share_array (self->services);
  self->causes = fluo_summary_pool_share_array (self->causes);
  self->versions = fluo_summary_pool_share_array (self->versions);
  self->users = fluo_summary_pool_share_ptr_array (self->users);
  self->instances = fluo_summary_pool_share_ptr_array (self->instances);
  self->zones = fluo_summary_pool_share_ptr_array (self->zones);
  self->arns = fluo_summary_pool_share_ptr_array (self->arns);
  self->is_shared = TRUE;
}

void
fluo_trace_summary_unref (FluoTraceSummary *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  fluo_summary_clear_string (&self->http_method);
  fluo_summary_clear_string (&self->http_url);
  fluo_summary_clear_string (&self->user_agent);
  fluo_summary_clear_string (&self->client_ip);
  fluo_summary_clear_string (&self->entry_name);
  fluo_summary_clear_string (&self->entry_type);
  fluo_summary_clear_string (&self->fault_causes);
  fluo_summary_clear_string (&self->error_causes);
  fluo_summary_clear_string (&self->response_causes);
  g_array_unref (self->annotations);
  if (self->is_shared)
    release_lists (self);
  else
    unref_lists (self);
  g_free (self);
}

void
fluo_summary_add_unique (GPtrArray *strings, const char *text)
{
  char *interned;

  if (!text || !*text || strings->len >= PEOPLE_MAX)
    return;
  interned = fluo_summary_intern (text);
  /* Interned strings are equal when their addresses are. */
  if (g_ptr_array_find (strings, interned, NULL))
    fluo_shared_string_unref (interned);
  else
    g_ptr_array_add (strings, interned);
}

/* Once each. */
void
fluo_summary_add_version (FluoTraceSummary *self, const char *service, const char *version)
{
  FluoSummaryVersion row;

  if (!service || !version || !*version || self->versions->len >= PEOPLE_MAX)
    return;
  row.service = fluo_summary_intern (service);
  row.version = fluo_summary_intern (version);
  for (guint i = 0; i < self->versions->len; i++)
    if (memcmp (&g_array_index (self->versions, FluoSummaryVersion, i), &row, sizeof row) == 0)
      {
        clear_version (&row);
        return;
      }
  g_array_append_val (self->versions, row);
}

static int
compare_annotations (gconstpointer a, gconstpointer b)
{
  const FluoSummaryAnnotation *x = a, *y = b;
  int order = strcmp (x->key, y->key);

  if (order == 0)
    order = (int) x->type - (int) y->type;
  return order ? order : strcmp (x->value, y->value);
}

/* Sorted, and every key with a value once. */
void
fluo_summary_settle_annotations (FluoTraceSummary *self)
{
  g_array_sort (self->annotations, compare_annotations);
  for (guint i = self->annotations->len; i > 1; i--)
    if (compare_annotations (&g_array_index (self->annotations, FluoSummaryAnnotation, i - 1),
                             &g_array_index (self->annotations, FluoSummaryAnnotation, i - 2)) == 0)
      g_array_remove_index (self->annotations, i - 1);
}

void
fluo_summary_add_annotation (FluoTraceSummary *self, const char *key, const char *value,
                             FluoValueType type)
{
  FluoSummaryAnnotation annotation;

  if (self->annotations->len >= ANNOTATIONS_MAX)
    return;
  annotation.key = fluo_summary_intern (key);
  annotation.value = fluo_summary_intern (value);
  annotation.type = type;
  g_array_append_val (self->annotations, annotation);
}

/* --- Causes ---------------------------------------------------------------- */

void
fluo_summary_mark_service (FluoTraceSummary *self, const char *name, const char *type,
                           FluoStatus status)
{
  for (guint i = 0; i < self->services->len; i++)
    {
      FluoSummaryService *service = &g_array_index (self->services, FluoSummaryService, i);

      if (g_strcmp0 (service->name, name) == 0 && g_strcmp0 (service->type, type) == 0)
        service->status = MAX (service->status, status);
    }
}

/* A mark that is part of a name after all would be read as two. */
void
fluo_summary_append_step (GString *path, const char *name)
{
  g_string_append_c (path, FLUO_CAUSE_PATH_MARK);
  for (const char *p = name; *p; p++)
    g_string_append_c (path, *p == FLUO_CAUSE_PATH_MARK ? '?' : *p);
}

FluoStatus
fluo_summary_error_status (const FluoTraceSummary *self)
{
  return self->has_throttle ? FLUO_STATUS_THROTTLE : FLUO_STATUS_ERROR;
}

/* --- Words ----------------------------------------------------------------- */

char *
fluo_trace_summary_dup_request (const FluoTraceSummary *self)
{
  const char *path;
  gsize length;

  if (!self->http_url && !self->http_method)
    return g_strdup (self->entry_name ? self->entry_name : "\342\200\223");
  if (!self->http_url)
    return g_strdup (self->http_method);
  path = fluo_url_path (self->http_url, strlen (self->http_url), &length);
  if (!self->http_method)
    return g_strndup (path, length);
  return g_strdup_printf ("%s %.*s", self->http_method, (int) MIN (length, G_MAXINT), path);
}

gint64
fluo_trace_summary_get_time_ns (const FluoTraceSummary *self)
{
  return self->response_ns >= 0 ? self->response_ns : MAX (self->duration_ns, 0);
}
