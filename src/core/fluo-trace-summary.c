/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-summary.h"

#include <string.h>

#include "fluo-segment.h"
#include "fluo-shared-string.h"
#include "fluo-summary-pool.h"
#include "fluo-time-span.h"
#include "fluo-trace-facts-private.h"
#include "fluo-trace-private.h"

/* X-Ray indexes 50 annotations of a trace; a local store can afford more, but not without end. */
#define ANNOTATIONS_MAX 1000
#define PEOPLE_MAX 1000

static void
clear_string (char **string)
{
  if (*string)
    fluo_shared_string_unref (*string);
  *string = NULL;
}

static void
clear_service (gpointer data)
{
  clear_string (&((FluoSummaryService *) data)->name);
  clear_string (&((FluoSummaryService *) data)->type);
}

static void
clear_annotation (gpointer data)
{
  clear_string (&((FluoSummaryAnnotation *) data)->key);
  clear_string (&((FluoSummaryAnnotation *) data)->value);
}

static void
clear_cause (gpointer data)
{
  clear_string (&((FluoSummaryCause *) data)->service);
  clear_string (&((FluoSummaryCause *) data)->exception);
  clear_string (&((FluoSummaryCause *) data)->path);
}

static void
clear_version (gpointer data)
{
  clear_string (&((FluoSummaryVersion *) data)->service);
  clear_string (&((FluoSummaryVersion *) data)->version);
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

static char *
intern (const char *text)
{
  return text ? fluo_shared_string_new (text) : NULL;
}

/* Takes @text, gives its interned twin. */
static char *
intern_take (char *text)
{
  char *interned = intern (text);

  g_free (text);
  return interned;
}

FluoTraceSummary *
fluo_trace_summary_new (void)
{
  FluoTraceSummary *self = g_new0 (FluoTraceSummary, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->duration_ns = self->response_ns = -1;
  self->revision = 1;
  self->services = array_new (sizeof (FluoSummaryService), clear_service);
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
static void
share_lists (FluoTraceSummary *self)
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
  clear_string (&self->http_method);
  clear_string (&self->http_url);
  clear_string (&self->user_agent);
  clear_string (&self->client_ip);
  clear_string (&self->entry_name);
  clear_string (&self->entry_type);
  clear_string (&self->fault_causes);
  clear_string (&self->error_causes);
  clear_string (&self->response_causes);
  g_array_unref (self->annotations);
  if (self->is_shared)
    release_lists (self);
  else
    unref_lists (self);
  g_free (self);
}

static void
add_unique (GPtrArray *strings, const char *text)
{
  char *interned;

  if (!text || !*text || strings->len >= PEOPLE_MAX)
    return;
  interned = intern (text);
  /* Interned strings are equal when their addresses are. */
  if (g_ptr_array_find (strings, interned, NULL))
    fluo_shared_string_unref (interned);
  else
    g_ptr_array_add (strings, interned);
}

/* Once each. */
static void
add_version (FluoTraceSummary *self, const char *service, const char *version)
{
  FluoSummaryVersion row;

  if (!service || !version || !*version || self->versions->len >= PEOPLE_MAX)
    return;
  row.service = intern (service);
  row.version = intern (version);
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
static void
settle_annotations (FluoTraceSummary *self)
{
  g_array_sort (self->annotations, compare_annotations);
  for (guint i = self->annotations->len; i > 1; i--)
    if (compare_annotations (&g_array_index (self->annotations, FluoSummaryAnnotation, i - 1),
                             &g_array_index (self->annotations, FluoSummaryAnnotation, i - 2)) == 0)
      g_array_remove_index (self->annotations, i - 1);
}

static void
add_annotation (FluoTraceSummary *self, const char *key, const char *value, FluoValueType type)
{
  FluoSummaryAnnotation annotation;

  if (self->annotations->len >= ANNOTATIONS_MAX)
    return;
  annotation.key = intern (key);
  annotation.value = intern (value);
  annotation.type = type;
  g_array_append_val (self->annotations, annotation);
}

/* --- Causes ---------------------------------------------------------------- */

static void
mark_service (FluoTraceSummary *self, const char *name, const char *type, FluoStatus status)
{
  for (guint i = 0; i < self->services->len; i++)
    {
      FluoSummaryService *service = &g_array_index (self->services, FluoSummaryService, i);

      if (g_strcmp0 (service->name, name) == 0 && g_strcmp0 (service->type, type) == 0)
        service->status = MAX (service->status, status);
    }
}

/* The last exception named on a service's path. */
static char *
dup_exception (const FluoJsonTape *tape, guint32 path)
{
  char *name = NULL;

  for (guint32 entity = fluo_json_tape_first (tape, path); entity != FLUO_JSON_NONE;
       entity = fluo_json_tape_next (tape, path, entity))
    {
      guint32 list = fluo_json_tape_get (tape, entity, "Exceptions");
      guint32 first = fluo_json_tape_first (tape, list);
      char *found = first != FLUO_JSON_NONE
                      ? fluo_json_tape_dup (tape, fluo_json_tape_get (tape, first, "Name"))
                      : NULL;

      if (found)
        {
          g_free (name);
          name = found;
        }
    }
  return name;
}

/* A mark that is part of a name after all would be read as two. */
static void
append_step (GString *path, const char *name)
{
  g_string_append_c (path, FLUO_CAUSE_PATH_MARK);
  for (const char *p = name; *p; p++)
    g_string_append_c (path, *p == FLUO_CAUSE_PATH_MARK ? '?' : *p);
}

/* What a list of root causes says about the services, and one line for each cause. */
static void
read_causes (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list, FluoStatus status)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 services = fluo_json_tape_get (tape, node, "Services");
      FluoSummaryCause cause = { NULL, NULL, status, NULL };
      g_autoptr (GString) path = g_string_new (NULL);

      for (guint32 row = fluo_json_tape_first (tape, services); row != FLUO_JSON_NONE;
           row = fluo_json_tape_next (tape, services, row))
        {
          g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "Name"));
          g_autofree char *type = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "Type"));
          char *exception = dup_exception (tape, fluo_json_tape_get (tape, row, "EntityPath"));

          if (!name)
            {
              g_free (exception);
              continue;
            }
          mark_service (self, name, type, status);
          clear_string (&cause.service);
          cause.service = intern (name);
          append_step (path, name);
          if (exception)
            {
              clear_string (&cause.exception);
              cause.exception = intern_take (exception);
            }
        }
      if (cause.service)
        {
          cause.path = intern (path->str);
          g_array_append_val (self->causes, cause);
        }
      else
        clear_string (&cause.exception);
    }
}

static FluoStatus
error_status (const FluoTraceSummary *self)
{
  return self->has_throttle ? FLUO_STATUS_THROTTLE : FLUO_STATUS_ERROR;
}

/* --- From facts ------------------------------------------------------------ */

static char *
dup_causes (const FluoTraceFacts *facts, FluoCauseKind kind)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  if (fluo_facts_write_causes (facts, kind, &writer) == 0)
    return NULL;
  /* Faults and errors repeat from trace to trace, times never do. */
  return kind == FLUO_CAUSE_RESPONSE_TIME ? fluo_shared_string_new_own (out->str)
                                          : intern (out->str);
}

/* What a failure says about the services it went through, and its line. */
static void
add_cause (FluoTraceSummary *self, const FluoTraceFacts *facts, const FluoFactsCause *cause,
           FluoStatus status)
{
  FluoSummaryCause row = { NULL, NULL, status, NULL };
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint32 i = 0; i < cause->n_services; i++)
    {
      const FluoFactsCauseService *service = &facts->cause_services[cause->first_service + i];
      const char *name = fluo_facts_string (facts, service->name);

      mark_service (self, name, fluo_facts_string (facts, service->type), status);
      clear_string (&row.service);
      row.service = intern (name);
      append_step (path, name);
      for (guint32 k = 0; k < service->n_entities; k++)
        {
          const FluoFactsCauseEntity *entity = &facts->cause_entities[service->first_entity + k];
          const char *exception = entity->n_exceptions > 0
            ? fluo_facts_string (facts, facts->exceptions[entity->first_exception].name) : NULL;

          if (!exception)
            continue;
          clear_string (&row.exception);
          row.exception = intern (exception);
        }
    }
  if (row.service)
    {
      row.path = intern (path->str);
      g_array_append_val (self->causes, row);
    }
  else
    clear_string (&row.exception);
}

static void
add_causes (FluoTraceSummary *self, const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_causes; i++)
    if (facts->causes[i].kind == FLUO_CAUSE_FAULT)
      add_cause (self, facts, &facts->causes[i], FLUO_STATUS_FAULT);
    else if (facts->causes[i].kind == FLUO_CAUSE_ERROR)
      add_cause (self, facts, &facts->causes[i], error_status (self));
  self->fault_causes = dup_causes (facts, FLUO_CAUSE_FAULT);
  self->error_causes = dup_causes (facts, FLUO_CAUSE_ERROR);
  self->response_causes = dup_causes (facts, FLUO_CAUSE_RESPONSE_TIME);
}

static void
add_root (FluoTraceSummary *self, const FluoTraceFacts *facts)
{
  const FluoFactsEntity *root = &facts->entities[facts->root];
  const FluoFactsNode *entry = &facts->nodes[root->node];

  self->http_method = intern (fluo_facts_string (facts, root->method));
  self->http_url = intern (fluo_facts_string (facts, root->url));
  self->user_agent = intern (fluo_facts_string (facts, root->user_agent));
  self->client_ip = intern (fluo_facts_string (facts, root->client_ip));
  self->http_status = (int) root->http_status;
  self->entry_name = intern (fluo_facts_string (facts, entry->name));
  self->entry_type = intern (fluo_facts_string (facts, entry->type));
  self->has_fault = self->status == FLUO_STATUS_FAULT;
  self->has_error = self->status == FLUO_STATUS_ERROR;
  self->has_throttle = self->status == FLUO_STATUS_THROTTLE;
}

static void
add_strings (GPtrArray *list, const FluoTraceFacts *facts, const guint32 *strings, guint n)
{
  for (guint i = 0; i < n; i++)
    add_unique (list, fluo_facts_string (facts, strings[i]));
}

static FluoStatus
status_from_flags (guint32 flags)
{
  if (flags & FLUO_FACTS_IN_PROGRESS)
    return FLUO_STATUS_RUNNING;
  return fluo_status_classify ((flags & FLUO_FACTS_FAULT) != 0, (flags & FLUO_FACTS_ERROR) != 0,
                               (flags & FLUO_FACTS_THROTTLE) != 0, 0);
}

FluoTraceSummary *
fluo_trace_summary_from_facts (const FluoTraceFacts *facts)
{
  FluoTraceSummary *self = fluo_trace_summary_new ();

  self->id = facts->id;
  self->start_ns = facts->start_ns;
  self->duration_ns = facts->end_ns >= facts->start_ns ? facts->end_ns - facts->start_ns : -1;
  self->response_ns = facts->response_ns;
  self->status = status_from_flags (facts->flags);
  self->is_partial = (facts->flags & FLUO_FACTS_PARTIAL) != 0;
  if (facts->root != FLUO_FACTS_NONE)
    add_root (self, facts);
  for (guint32 i = 0; i < facts->n_annotations; i++)
    {
      const FluoFactsAnnotation *row = &facts->annotations[i];
      const char *value = fluo_facts_string (facts, row->value);

      add_annotation (self, fluo_facts_string (facts, row->key), value ? value : "", row->type);
    }
  settle_annotations (self);
  add_strings (self->users, facts, facts->users, facts->n_users);
  add_strings (self->instances, facts, facts->instances, facts->n_instances);
  add_strings (self->zones, facts, facts->zones, facts->n_zones);
  add_strings (self->arns, facts, facts->arns, facts->n_arns);
  for (guint32 i = 0; i < facts->n_nodes; i++)
    if (!(facts->nodes[i].flags & FLUO_FACTS_CLIENT))
      {
        FluoSummaryService row = { .name = intern (fluo_facts_string (facts, facts->nodes[i].name)),
                                   .type =
                                     intern (fluo_facts_string (facts, facts->nodes[i].type)) };

        g_array_append_val (self->services, row);
      }
  for (guint32 i = 0; i < facts->n_entities; i++)
    if (facts->entities[i].version != 0)
      add_version (self, fluo_facts_string (facts, facts->nodes[facts->entities[i].node].name),
                   fluo_facts_string (facts, facts->entities[i].version));
  add_causes (self, facts);
  return self;
}

FluoTraceSummary *
fluo_trace_summary_from_trace (FluoTrace *trace)
{
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
  FluoTraceFacts facts;

  fluo_facts_block_get (block, 0, &facts);
  return fluo_trace_summary_from_facts (&facts);
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

/* --- Reading --------------------------------------------------------------- */

static gint64
read_seconds (const FluoJsonTape *tape, guint32 node, const char *key, gint64 fallback)
{
  gint64 value;

  return fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, key), &value) ? value
                                                                                     : fallback;
}

static char *
read_string (const FluoJsonTape *tape, guint32 node, const char *key)
{
  return intern_take (fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, key)));
}

static gboolean
read_boolean (const FluoJsonTape *tape, guint32 node, const char *key)
{
  return fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, node, key), FALSE);
}

static void
read_services (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoSummaryService service = { 0 };

      service.name = read_string (tape, node, "Name");
      service.type = read_string (tape, node, "Type");
      if (!service.name || g_strcmp0 (service.type, "client") == 0)
        clear_service (&service);
      /* The entry comes first, wherever it stands in the answer. */
      else if (g_strcmp0 (service.name, self->entry_name) == 0 &&
               g_strcmp0 (service.type, self->entry_type) == 0)
        g_array_prepend_val (self->services, service);
      else
        g_array_append_val (self->services, service);
    }
}

static void
read_versions (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "Name"));
      g_autofree char *version =
        fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "Version"));

      add_version (self, name, version);
    }
}

static void
read_annotation_values (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 list,
                        const char *key)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 value = fluo_json_tape_get (tape, node, "AnnotationValue");
      guint32 string = fluo_json_tape_get (tape, value, "StringValue");
      guint32 number = fluo_json_tape_get (tape, value, "NumberValue");
      guint32 boolean = fluo_json_tape_get (tape, value, "BooleanValue");
      g_autofree char *text = fluo_json_tape_dup (tape, string);
      const char *raw;
      gsize length;

      if (text)
        add_annotation (self, key, text, FLUO_VALUE_STRING);
      else if (fluo_json_tape_type (tape, number) == FLUO_JSON_NUMBER)
        {
          raw = fluo_json_tape_raw (tape, number, &length);
          text = g_strndup (raw, length);
          add_annotation (self, key, text, FLUO_VALUE_NUMBER);
        }
      else if (fluo_json_tape_type (tape, boolean) != FLUO_JSON_NULL)
        add_annotation (self, key, fluo_json_tape_boolean (tape, boolean, FALSE) ? "true" : "false",
                        FLUO_VALUE_BOOLEAN);
    }
}

static void
read_names (GPtrArray *strings, const FluoJsonTape *tape, guint32 list, const char *key)
{
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, key));

      add_unique (strings, text);
    }
}

static char *
read_raw_list (const FluoJsonTape *tape, guint32 node)
{
  const char *raw;
  g_autofree char *text = NULL;
  gsize length;

  if (fluo_json_tape_count (tape, node) == 0)
    return NULL;
  raw = fluo_json_tape_raw (tape, node, &length);
  text = g_strndup (raw, length);
  return intern (text);
}

static void
read_status (FluoTraceSummary *self, const FluoJsonTape *tape, guint32 node)
{
  self->has_fault = read_boolean (tape, node, "HasFault");
  self->has_error = read_boolean (tape, node, "HasError");
  self->has_throttle = read_boolean (tape, node, "HasThrottle");
  self->is_partial = read_boolean (tape, node, "IsPartial");
  if (self->entry_name && self->is_partial && self->response_ns < 0)
    self->status = FLUO_STATUS_RUNNING;
  else
    self->status = fluo_status_classify (self->has_fault, self->has_error, self->has_throttle, 0);
}

FluoTraceSummary *
fluo_trace_summary_read (const FluoJsonTape *tape, guint32 node, GError **error)
{
  g_autofree char *id = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "Id"));
  g_autoptr (FluoTraceSummary) self = fluo_trace_summary_new ();
  guint32 http = fluo_json_tape_get (tape, node, "Http"),
          entry = fluo_json_tape_get (tape, node, "EntryPoint");
  guint32 annotations = fluo_json_tape_get (tape, node, "Annotations");
  guint32 faults = fluo_json_tape_get (tape, node, "FaultRootCauses");
  guint32 errors = fluo_json_tape_get (tape, node, "ErrorRootCauses");

  if (!id || !fluo_trace_id_parse (id, -1, &self->id))
    {
      g_set_error_literal (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
                           "a trace summary without a valid \"Id\"");
      return NULL;
    }
  self->start_ns = read_seconds (tape, node, "StartTime", 0);
  self->duration_ns = read_seconds (tape, node, "Duration", -1);
  self->response_ns = read_seconds (tape, node, "ResponseTime", -1);
  self->updated_ns = read_seconds (tape, node, "MatchedEventTime", 0);
  self->revision = (guint) CLAMP (
      fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "Revision"), 1), 0, G_MAXINT);
  self->http_method = read_string (tape, http, "HttpMethod");
  self->http_url = read_string (tape, http, "HttpURL");
  self->user_agent = read_string (tape, http, "UserAgent");
  self->client_ip = read_string (tape, http, "ClientIp");
  self->http_status = (int) CLAMP (
      fluo_json_tape_int (tape, fluo_json_tape_get (tape, http, "HttpStatus"), 0), 0, 999);
  self->entry_name = read_string (tape, entry, "Name");
  self->entry_type = read_string (tape, entry, "Type");
  read_status (self, tape, node);
  read_services (self, tape, fluo_json_tape_get (tape, node, "ServiceIds"));
  read_versions (self, tape, fluo_json_tape_get (tape, node, "ServiceVersions"));
  for (guint32 list = fluo_json_tape_first (tape, annotations); list != FLUO_JSON_NONE;
       list = fluo_json_tape_next (tape, annotations, list))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, list);

      if (key)
        read_annotation_values (self, tape, list, key);
    }
  settle_annotations (self);
  read_names (self->users, tape, fluo_json_tape_get (tape, node, "Users"), "UserName");
  read_names (self->instances, tape, fluo_json_tape_get (tape, node, "InstanceIds"), "Id");
  read_names (self->zones, tape, fluo_json_tape_get (tape, node, "AvailabilityZones"), "Name");
  read_names (self->arns, tape, fluo_json_tape_get (tape, node, "ResourceARNs"), "ARN");
  read_causes (self, tape, faults, FLUO_STATUS_FAULT);
  read_causes (self, tape, errors, error_status (self));
  self->fault_causes = read_raw_list (tape, faults);
  self->error_causes = read_raw_list (tape, errors);
  share_lists (self);
  return g_steal_pointer (&self);
}
