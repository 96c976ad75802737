/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-shared-string.h"
#include "fluo-trace-facts-private.h"
#include "fluo-trace-summary-private.h"

/* A summary of what facts say: X-Ray's own. */

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
                                          : fluo_summary_intern (out->str);
}

/* What a failure says about the services it went through, and its line. */
static void
add_cause (FluoTraceSummary *self, const FluoTraceFacts *facts, const FluoFactsCause *cause,
           FluoStatus status)
{
  FluoSummaryCause row = { .status = status };
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint32 i = 0; i < cause->n_services; i++)
    {
      const FluoFactsCauseService *service = &facts->cause_services[cause->first_service + i];
      const char *name = fluo_facts_string (facts, service->name);

      fluo_summary_mark_service (self, name, fluo_facts_string (facts, service->type), status);
      fluo_summary_clear_string (&row.service);
      row.service = fluo_summary_intern (name);
      fluo_summary_append_step (path, name);
      for (guint32 k = 0; k < service->n_entities; k++)
        {
          const FluoFactsCauseEntity *entity = &facts->cause_entities[service->first_entity + k];
          const char *exception = entity->n_exceptions > 0
            ? fluo_facts_string (facts, facts->exceptions[entity->first_exception].name) : NULL;

          if (!exception)
            continue;
          fluo_summary_clear_string (&row.exception);
          row.exception = fluo_summary_intern (exception);
        }
    }
  if (row.service)
    {
      row.path = fluo_summary_intern (path->str);
      g_array_append_val (self->causes, row);
    }
  else
    fluo_summary_clear_string (&row.exception);
}

static void
add_causes (FluoTraceSummary *self, const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_causes; i++)
    if (facts->causes[i].kind == FLUO_CAUSE_FAULT)
      add_cause (self, facts, &facts->causes[i], FLUO_STATUS_FAULT);
    else if (facts->causes[i].kind == FLUO_CAUSE_ERROR)
      add_cause (self, facts, &facts->causes[i], fluo_summary_error_status (self));
  self->fault_causes = dup_causes (facts, FLUO_CAUSE_FAULT);
  self->error_causes = dup_causes (facts, FLUO_CAUSE_ERROR);
  self->response_causes = dup_causes (facts, FLUO_CAUSE_RESPONSE_TIME);
}

static void
add_root (FluoTraceSummary *self, const FluoTraceFacts *facts)
{
  const FluoFactsEntity *root = &facts->entities[facts->root];
  const FluoFactsNode *entry = &facts->nodes[root->node];

  self->http_method = fluo_summary_intern (fluo_facts_string (facts, root->method));
  self->http_url = fluo_summary_intern (fluo_facts_string (facts, root->url));
  self->user_agent = fluo_summary_intern (fluo_facts_string (facts, root->user_agent));
  self->client_ip = fluo_summary_intern (fluo_facts_string (facts, root->client_ip));
  self->http_status = (int) root->http_status;
  self->entry_name = fluo_summary_intern (fluo_facts_string (facts, entry->name));
  self->entry_type = fluo_summary_intern (fluo_facts_string (facts, entry->type));
  self->has_fault = self->status == FLUO_STATUS_FAULT;
  self->has_error = self->status == FLUO_STATUS_ERROR;
  self->has_throttle = self->status == FLUO_STATUS_THROTTLE;
}

static void
add_strings (GPtrArray *list, const FluoTraceFacts *facts, const guint32 *strings, guint n)
{
  for (guint i = 0; i < n; i++)
    fluo_summary_add_unique (list, fluo_facts_string (facts, strings[i]));
}

static FluoStatus
status_from_flags (guint32 flags)
{
  if (flags & FLUO_FACTS_IN_PROGRESS)
    return FLUO_STATUS_RUNNING;
  return fluo_status_classify ((flags & FLUO_FACTS_FAULT) != 0, (flags & FLUO_FACTS_ERROR) != 0,
                               (flags & FLUO_FACTS_THROTTLE) != 0, 0);
}

static void
add_services (FluoTraceSummary *self, const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_nodes; i++)
    {
      const FluoFactsNode *node = &facts->nodes[i];
      FluoSummaryService row = { NULL };

      if (node->flags & FLUO_FACTS_CLIENT)
        continue;
      row.name = fluo_summary_intern (fluo_facts_string (facts, node->name));
      row.type = fluo_summary_intern (fluo_facts_string (facts, node->type));
      g_array_append_val (self->services, row);
    }
  for (guint32 i = 0; i < facts->n_entities; i++)
    {
      const FluoFactsEntity *entity = &facts->entities[i];

      if (entity->version != 0)
        fluo_summary_add_version (self, fluo_facts_string (facts, facts->nodes[entity->node].name),
                                  fluo_facts_string (facts, entity->version));
    }
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

      fluo_summary_add_annotation (self, fluo_facts_string (facts, row->key), value ? value : "",
                                   row->type);
    }
  fluo_summary_settle_annotations (self);
  add_strings (self->users, facts, facts->users, facts->n_users);
  add_strings (self->instances, facts, facts->instances, facts->n_instances);
  add_strings (self->zones, facts, facts->zones, facts->n_zones);
  add_strings (self->arns, facts, facts->arns, facts->n_arns);
  add_services (self, facts);
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
