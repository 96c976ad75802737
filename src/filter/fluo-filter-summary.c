/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-filter-ast.h"

/* A tree over a summary, with three answers: what a summary does not say is maybe, and NOT, AND and
 * OR go on with that (Kleene's logic: AND is the least, OR the greatest). What is known means the
 * same as over facts. */

/* What a condition in a service() block is about. */
typedef struct
{
  const FluoTraceSummary   *summary;
  const FluoFilterNode     *nodes;
  const FluoSummaryService *service; /* or NULL: of the trace */
  gboolean                  entry;   /* the service as the trace's entry: all is known */
} Subject;

static FluoFilterAnswer
answer (gboolean yes)
{
  return yes ? FLUO_FILTER_YES : FLUO_FILTER_NO;
}

static FluoFilterAnswer
ask_text (const FluoFilterNode *node, const char *text)
{
  return answer (text && *text && (node->op == FLUO_OP_EXISTS ||
                                   fluo_filter_compare_text (text, node->op, node->text)));
}

static FluoFilterAnswer
ask_any_text (const FluoFilterNode *node, GPtrArray *strings)
{
  for (guint i = 0; strings && i < strings->len; i++)
    if (ask_text (node, g_ptr_array_index (strings, i)) == FLUO_FILTER_YES)
      return FLUO_FILTER_YES;
  return FLUO_FILTER_NO;
}

static FluoFilterAnswer
ask_number (const FluoFilterNode *node, double value)
{
  return answer (fluo_filter_compare_number (value, node->op, node->number));
}

static FluoFilterAnswer
ask_time (const FluoFilterNode *node, gint64 time_ns)
{
  return time_ns >= 0 ? ask_number (node, (double) time_ns / 1e9) : FLUO_FILTER_NO;
}

static FluoFilterAnswer
ask_boolean (const FluoFilterNode *node, gboolean value)
{
  gboolean wanted = node->op == FLUO_OP_EXISTS ||
                    (node->number != 0) == (node->op == FLUO_OP_EQUAL);

  return answer ((value != FALSE) == wanted);
}

static FluoFilterAnswer
ask_class (const FluoFilterNode *node, FluoStatus status)
{
  switch (node->word)
    {
    case FLUO_WORD_ERROR: return ask_boolean (node, status == FLUO_STATUS_ERROR);
    case FLUO_WORD_THROTTLE: return ask_boolean (node, status == FLUO_STATUS_THROTTLE);
    case FLUO_WORD_FAULT: return ask_boolean (node, status == FLUO_STATUS_FAULT);
    default:
      return ask_boolean (node, status == FLUO_STATUS_OK || status == FLUO_STATUS_RUNNING);
    }
}

static gboolean
match_annotation (const FluoFilterNode *node, const FluoSummaryAnnotation *row)
{
  switch (node->value)
    {
    case FLUO_FILTER_VALUE_STRING:
      return row->type == FLUO_VALUE_STRING &&
             fluo_filter_compare_text (row->value ? row->value : "", node->op, node->text);
    case FLUO_FILTER_VALUE_NUMBER:
      return row->type == FLUO_VALUE_NUMBER && row->value &&
             fluo_filter_compare_number (g_ascii_strtod (row->value, NULL), node->op, node->number);
    case FLUO_FILTER_VALUE_BOOLEAN:
      return row->type == FLUO_VALUE_BOOLEAN &&
             ask_boolean (node, g_strcmp0 (row->value, "true") == 0) == FLUO_FILTER_YES;
    default:
      return TRUE;
    }
}

static FluoFilterAnswer
ask_annotations (const FluoFilterNode *node, const FluoTraceSummary *summary)
{
  for (guint i = 0; summary->annotations && i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *row =
        &g_array_index (summary->annotations, FluoSummaryAnnotation, i);

      if (row->key && strcmp (row->key, node->key) == 0 && match_annotation (node, row))
        return FLUO_FILTER_YES;
    }
  return FLUO_FILTER_NO;
}

/* The trace's entry; nothing is known of one that is not there, so that it is neither ok nor
 * anything else. */
static FluoFilterAnswer
ask_entry (const FluoFilterNode *node, const FluoTraceSummary *summary)
{
  if (!summary->entry_name)
    return answer (fluo_filter_word_type (node->word) == FLUO_TYPE_BOOLEAN &&
                   ask_boolean (node, FALSE) == FLUO_FILTER_YES);
  switch (node->word)
    {
    case FLUO_WORD_RESPONSE_TIME:
    case FLUO_WORD_DURATION: return ask_time (node, summary->response_ns);
    case FLUO_WORD_HTTP_STATUS:
      return summary->http_status > 0 ? ask_number (node, summary->http_status) : FLUO_FILTER_NO;
    case FLUO_WORD_HTTP_URL: return ask_text (node, summary->http_url);
    case FLUO_WORD_HTTP_METHOD: return ask_text (node, summary->http_method);
    case FLUO_WORD_HTTP_USER_AGENT: return ask_text (node, summary->user_agent);
    case FLUO_WORD_HTTP_CLIENT_IP: return ask_text (node, summary->client_ip);
    case FLUO_WORD_ROOT: return ask_boolean (node, TRUE);
    default: return ask_class (node, summary->status);
    }
}

static FluoFilterAnswer
ask_trace (const FluoFilterNode *node, const FluoTraceSummary *summary)
{
  switch (node->word)
    {
    case FLUO_WORD_PARTIAL: return ask_boolean (node, summary->is_partial);
    case FLUO_WORD_DURATION:
      return summary->duration_ns >= 0 ? ask_time (node, summary->duration_ns) : FLUO_FILTER_MAYBE;
    case FLUO_WORD_USER: return ask_any_text (node, summary->users);
    case FLUO_WORD_ZONE: return ask_any_text (node, summary->zones);
    case FLUO_WORD_INSTANCE: return ask_any_text (node, summary->instances);
    case FLUO_WORD_ARN: return ask_any_text (node, summary->arns);
    case FLUO_WORD_INFERRED:
    case FLUO_WORD_ACCOUNT:
    case FLUO_WORD_GROUP_NAME:
    case FLUO_WORD_GROUP_ARN: return FLUO_FILTER_MAYBE;
    case FLUO_WORD_ANNOTATION: return ask_annotations (node, summary);
    default: return ask_entry (node, summary);
    }
}

/* Of a service that is being replaced there may be several, and which one a failure is of is not
 * said; that none of them runs it is. */
static FluoFilterAnswer
ask_version (const FluoFilterNode *node, const Subject *subject)
{
  const GArray *versions = subject->summary->versions;

  for (guint i = 0; i < versions->len; i++)
    {
      const FluoSummaryVersion *row = &g_array_index (versions, FluoSummaryVersion, i);

      if (strcmp (row->service, subject->service->name) == 0 &&
          ask_text (node, row->version) == FLUO_FILTER_YES)
        return FLUO_FILTER_MAYBE;
    }
  return FLUO_FILTER_NO;
}

static FluoFilterAnswer
ask_service (const FluoFilterNode *node, const Subject *subject)
{
  if (node->word == FLUO_WORD_NAME)
    return ask_text (node, subject->service->name);
  if (node->word == FLUO_WORD_TYPE)
    return ask_text (node, subject->service->type);
  if (node->word == FLUO_WORD_VERSION)
    return ask_version (node, subject);
  /* Whose annotation it is is not said; that there is none is. */
  if (node->word == FLUO_WORD_ANNOTATION)
    return MIN (ask_annotations (node, subject->summary), FLUO_FILTER_MAYBE);
  return subject->entry ? ask_entry (node, subject->summary) : FLUO_FILTER_MAYBE;
}

/* --- The tree -------------------------------------------------------------- */

static FluoFilterAnswer ask (guint32 index, const Subject *subject);

static gboolean
is_service (const FluoSummaryService *row, const FluoNodePattern *pattern)
{
  return (!pattern->name || g_strcmp0 (row->name, pattern->name) == 0) &&
         (!pattern->type || g_strcmp0 (row->type, pattern->type) == 0);
}

/* One occurrence that satisfies the block is enough, and there may be more than the entry's. */
static FluoFilterAnswer
ask_services (const FluoFilterNode *node, const Subject *subject)
{
  const FluoNodePattern *pattern = &node->patterns[0];
  GArray *services = subject->summary->services;
  FluoFilterAnswer best = FLUO_FILTER_NO;

  for (guint i = 0; services && i < services->len && best != FLUO_FILTER_YES; i++)
    {
      const FluoSummaryService *row = &g_array_index (services, FluoSummaryService, i);
      Subject of = { subject->summary, subject->nodes, row, FALSE };
      FluoFilterAnswer found = FLUO_FILTER_YES;

      if (!is_service (row, pattern))
        continue;
      if (node->first_child != FLUO_NODE_NONE)
        {
          found = ask (node->first_child, &of);
          of.entry = g_strcmp0 (row->name, subject->summary->entry_name) == 0 &&
                     g_strcmp0 (row->type, subject->summary->entry_type) == 0;
          if (of.entry)
            found = MAX (found, ask (node->first_child, &of));
        }
      best = MAX (best, found);
    }
  if (pattern->account)
    best = MIN (best, FLUO_FILTER_MAYBE);
  /* The client is left out of a summary. */
  if (g_strcmp0 (pattern->type, "client") == 0)
    best = MAX (best, FLUO_FILTER_MAYBE);
  return best;
}

static FluoFilterAnswer
ask_cause (const FluoFilterNode *node, const FluoTraceSummary *summary)
{
  const char *causes = node->cause == FLUO_CAUSE_FAULT ? summary->fault_causes
                                                       : summary->error_causes;

  return node->cause != FLUO_CAUSE_RESPONSE_TIME && !causes ? FLUO_FILTER_NO : FLUO_FILTER_MAYBE;
}

/* Recursion is as deep as the parser's brackets. */
static FluoFilterAnswer
ask (guint32 index, const Subject *subject)
{
  const FluoFilterNode *node = &subject->nodes[index];
  FluoFilterAnswer result;

  switch (node->kind)
    {
    case FLUO_NODE_AND:
      result = FLUO_FILTER_YES;
      for (guint32 c = node->first_child; c != FLUO_NODE_NONE && result != FLUO_FILTER_NO;
           c = subject->nodes[c].next)
        result = MIN (result, ask (c, subject));
      return result;
    case FLUO_NODE_OR:
      result = FLUO_FILTER_NO;
      for (guint32 c = node->first_child; c != FLUO_NODE_NONE && result != FLUO_FILTER_YES;
           c = subject->nodes[c].next)
        result = MAX (result, ask (c, subject));
      return result;
    case FLUO_NODE_NOT: return FLUO_FILTER_YES - ask (node->first_child, subject);
    case FLUO_NODE_COMPARE:
      return subject->service ? ask_service (node, subject) : ask_trace (node, subject->summary);
    case FLUO_NODE_SERVICE: return ask_services (node, subject);
    case FLUO_NODE_CAUSE: return ask_cause (node, subject->summary);
    default: return FLUO_FILTER_MAYBE;
    }
}

FluoFilterAnswer
fluo_filter_matches_summary (const FluoFilter *self, const FluoTraceSummary *summary)
{
  const Subject subject = { summary, (const FluoFilterNode *) (gpointer) self->tree->nodes->data,
                            NULL, FALSE };

  return self->tree->root == FLUO_NODE_NONE ? FLUO_FILTER_YES : ask (self->tree->root, &subject);
}
