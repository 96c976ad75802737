/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-filter-ast.h"

/* Whether a trace's facts satisfy a tree. What a comparison needs must be known: of what is not
 * there nothing is true, "!=" neither. Of what there may be several of, one that satisfies is
 * enough.
 *
 * Comparing text is all that costs. A block's traces share their strings, so a matcher keeps for
 * each of the expression's string tests what it said of each of the block's strings. */

/* Tests of a comparison: its value and an annotation's key. Of a pattern: name, type, account. */
#define TEST_VALUE 0
#define TEST_KEY 1
#define TESTS_A_COMPARISON 2
#define TESTS_A_PATTERN 3

typedef struct
{
  const FluoFilterNode *nodes;
  const FluoTraceFacts *facts;
  guint8               *memo; /* test * n_strings + string: 0 unknown, 1 no, 2 yes; or NULL */
} Evaluation;

/* What a condition is about. */
typedef struct
{
  guint32 entity;    /* of a service() block, or FLUO_FACTS_NONE */
  guint32 edge;
  guint32 position;  /* of what is below in its list */
  guint32 last;
  const FluoFactsCauseService *service;
  const FluoFactsCauseEntity  *cause_entity;
  const FluoFactsException    *exception;
} Subject;

static gboolean evaluate (const Evaluation *self, guint32 index, const Subject *subject);

/* --- Values ---------------------------------------------------------------- */

gboolean
fluo_filter_compare_text (const char *text, FluoFilterOp op, const char *wanted)
{
  switch (op)
    {
    case FLUO_OP_EQUAL: return strcmp (text, wanted) == 0;
    case FLUO_OP_NOT_EQUAL: return strcmp (text, wanted) != 0;
    case FLUO_OP_CONTAINS: return strstr (text, wanted) != NULL;
    case FLUO_OP_BEGINS_WITH: return g_str_has_prefix (text, wanted);
    case FLUO_OP_ENDS_WITH: return g_str_has_suffix (text, wanted);
    default: return FALSE;
    }
}

gboolean
fluo_filter_compare_number (double value, FluoFilterOp op, double wanted)
{
  switch (op)
    {
    case FLUO_OP_EQUAL: return value == wanted;
    case FLUO_OP_NOT_EQUAL: return value != wanted;
    case FLUO_OP_LESS: return value < wanted;
    case FLUO_OP_LESS_EQUAL: return value <= wanted;
    case FLUO_OP_GREATER: return value > wanted;
    case FLUO_OP_GREATER_EQUAL: return value >= wanted;
    default: return TRUE;
    }
}

/* String 0 of an annotation is the empty text. */
static gboolean
test_text (const Evaluation *self, guint32 test, guint32 string, FluoFilterOp op,
           const char *wanted)
{
  guint8 *memo = self->memo ? &self->memo[(gsize) test * self->facts->n_strings + string] : NULL;
  const char *text;
  gboolean result;

  if (memo && *memo)
    return *memo == 2;
  text = self->facts->strings[string];
  result = fluo_filter_compare_text (text ? text : "", op, wanted);
  if (memo)
    *memo = result ? 2 : 1;
  return result;
}

/* A string that may be missing. */
static gboolean
match_text (const Evaluation *self, const FluoFilterNode *node, guint32 string)
{
  if (string == 0)
    return FALSE;
  return node->op == FLUO_OP_EXISTS ||
         test_text (self, node->test + TEST_VALUE, string, node->op, node->text);
}

static gboolean
match_any_text (const Evaluation *self, const FluoFilterNode *node, const guint32 *strings,
                guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    if (match_text (self, node, strings[i]))
      return TRUE;
  return FALSE;
}

static gboolean
match_number (const FluoFilterNode *node, double value)
{
  return fluo_filter_compare_number (value, node->op, node->number);
}

/* Seconds; dividing is exact where multiplying would not be, so that 0.3 is 0.3. */
static gboolean
match_time (const FluoFilterNode *node, gint64 time_ns)
{
  return time_ns >= 0 && match_number (node, (double) time_ns / 1e9);
}

static gboolean
match_boolean (const FluoFilterNode *node, gboolean value)
{
  gboolean wanted = node->op == FLUO_OP_EXISTS ||
                    (node->number != 0) == (node->op == FLUO_OP_EQUAL);

  return (value != FALSE) == wanted;
}

/* The exclusive classes; "ok" is none of them. */
static gboolean
match_class (const FluoFilterNode *node, guint32 flags)
{
  switch (node->word)
    {
    case FLUO_WORD_ERROR: return match_boolean (node, (flags & FLUO_FACTS_ERROR) != 0);
    case FLUO_WORD_THROTTLE: return match_boolean (node, (flags & FLUO_FACTS_THROTTLE) != 0);
    case FLUO_WORD_FAULT: return match_boolean (node, (flags & FLUO_FACTS_FAULT) != 0);
    default:
      return match_boolean (node, !(flags & (FLUO_FACTS_ERROR | FLUO_FACTS_THROTTLE |
                                             FLUO_FACTS_FAULT)));
    }
}

/* --- Annotations ----------------------------------------------------------- */

static gboolean
match_annotation (const Evaluation *self, const FluoFilterNode *node,
                  const FluoFactsAnnotation *row)
{
  if (!test_text (self, node->test + TEST_KEY, row->key, FLUO_OP_EQUAL, node->key))
    return FALSE;
  switch (node->value)
    {
    case FLUO_FILTER_VALUE_STRING:
      return row->type == FLUO_VALUE_STRING &&
             test_text (self, node->test + TEST_VALUE, row->value, node->op, node->text);
    case FLUO_FILTER_VALUE_NUMBER:
      return row->type == FLUO_VALUE_NUMBER && match_number (node, row->number);
    case FLUO_FILTER_VALUE_BOOLEAN:
      return row->type == FLUO_VALUE_BOOLEAN && match_boolean (node, row->number != 0);
    default:
      return TRUE;
    }
}

static gboolean
match_annotations (const Evaluation *self, const FluoFilterNode *node, guint32 first, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    if (match_annotation (self, node, &self->facts->annotations[first + i]))
      return TRUE;
  return FALSE;
}

static gboolean
match_entity_annotations (const Evaluation *self, const FluoFilterNode *node, guint32 entity)
{
  const FluoFactsEntity *row;

  if (entity == FLUO_FACTS_NONE)
    return FALSE;
  row = &self->facts->entities[entity];
  return match_annotations (self, node, row->first_annotation, row->n_annotations);
}

/* --- Comparisons, by where they stand -------------------------------------- */

/* What is asked alike of a trace's entry and of a service. */
static gboolean
match_entity (const Evaluation *self, const FluoFilterNode *node, guint32 entity)
{
  const FluoFactsEntity *row = &self->facts->entities[entity];

  switch (node->word)
    {
    case FLUO_WORD_RESPONSE_TIME:
    case FLUO_WORD_DURATION:
      return match_time (node, row->response_ns);
    case FLUO_WORD_HTTP_STATUS:
      return row->http_status > 0 && match_number (node, row->http_status);
    case FLUO_WORD_HTTP_URL: return match_text (self, node, row->url);
    case FLUO_WORD_HTTP_METHOD: return match_text (self, node, row->method);
    case FLUO_WORD_HTTP_USER_AGENT: return match_text (self, node, row->user_agent);
    case FLUO_WORD_HTTP_CLIENT_IP: return match_text (self, node, row->client_ip);
    case FLUO_WORD_ROOT: return match_boolean (node, (row->flags & FLUO_FACTS_ROOT) != 0);
    case FLUO_WORD_NAME: return match_text (self, node, self->facts->nodes[row->node].name);
    case FLUO_WORD_TYPE: return match_text (self, node, self->facts->nodes[row->node].type);
    case FLUO_WORD_VERSION: return match_text (self, node, row->version);
    case FLUO_WORD_ANNOTATION: return match_entity_annotations (self, node, entity);
    default: return match_class (node, row->flags);
    }
}

static gboolean
match_edge (const Evaluation *self, const FluoFilterNode *node, guint32 edge)
{
  const FluoFactsEdge *row = &self->facts->edges[edge];

  switch (node->word)
    {
    case FLUO_WORD_RESPONSE_TIME: return match_time (node, row->response_ns);
    case FLUO_WORD_HTTP_STATUS:
      return row->http_status > 0 && match_number (node, row->http_status);
    case FLUO_WORD_HTTP_URL: return match_text (self, node, row->url);
    case FLUO_WORD_HTTP_METHOD: return match_text (self, node, row->method);
    /* A call records neither; the entry's does, for its client. */
    case FLUO_WORD_HTTP_USER_AGENT:
    case FLUO_WORD_HTTP_CLIENT_IP:
      return row->source == FLUO_FACTS_NONE && match_entity (self, node, row->destination);
    case FLUO_WORD_ANNOTATION:
      return match_entity_annotations (self, node, node->side == FLUO_SIDE_DESTINATION
                                                     ? row->destination : row->source);
    default: return match_class (node, row->flags);
    }
}

static gboolean
match_cause (const Evaluation *self, const FluoFilterNode *node, const Subject *subject)
{
  guint32 name = node->scope == FLUO_SCOPE_CAUSE_SERVICE ? subject->service->name
                 : node->scope == FLUO_SCOPE_CAUSE_EXCEPTION ? subject->exception->name
                                                             : subject->cause_entity->name;

  switch (node->word)
    {
    case FLUO_WORD_FIRST: return match_boolean (node, subject->position == 0);
    case FLUO_WORD_LAST: return match_boolean (node, subject->position == subject->last);
    case FLUO_WORD_INDEX: return match_number (node, subject->position);
    case FLUO_WORD_NAME: return match_text (self, node, name);
    case FLUO_WORD_TYPE: return match_text (self, node, subject->service->type);
    case FLUO_WORD_INFERRED:
      return match_boolean (node, (subject->service->flags & FLUO_FACTS_INFERRED) != 0);
    case FLUO_WORD_REMOTE:
      return match_boolean (node, (subject->cause_entity->flags & FLUO_FACTS_REMOTE) != 0);
    case FLUO_WORD_COVERAGE: return match_number (node, subject->cause_entity->coverage);
    case FLUO_WORD_MESSAGE: return match_text (self, node, subject->exception->message);
    default: return FALSE;
    }
}

static gboolean
match_accounts (const Evaluation *self, const FluoFilterNode *node)
{
  for (guint32 i = 0; i < self->facts->n_nodes; i++)
    if (match_text (self, node, self->facts->nodes[i].account))
      return TRUE;
  return FALSE;
}

static gboolean
has_inferred (const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_entities; i++)
    if ((facts->entities[i].flags & FLUO_FACTS_INFERRED) &&
        !(facts->entities[i].flags & FLUO_FACTS_LINK))
      return TRUE;
  return FALSE;
}

static gboolean
match_group (const FluoFilterNode *node, const FluoTraceFacts *facts)
{
  gboolean member = FALSE;

  for (guint32 i = 0; i < facts->n_groups && node->group != 0 && !member; i++)
    member = facts->groups[i] == node->group;
  return member == (node->op == FLUO_OP_EQUAL);
}

static gboolean
match_trace (const Evaluation *self, const FluoFilterNode *node)
{
  const FluoTraceFacts *facts = self->facts;

  switch (node->word)
    {
    case FLUO_WORD_PARTIAL: return match_boolean (node, (facts->flags & FLUO_FACTS_PARTIAL) != 0);
    case FLUO_WORD_INFERRED: return match_boolean (node, has_inferred (facts));
    case FLUO_WORD_DURATION: return match_time (node, facts->end_ns - facts->start_ns);
    case FLUO_WORD_USER: return match_any_text (self, node, facts->users, facts->n_users);
    case FLUO_WORD_ZONE: return match_any_text (self, node, facts->zones, facts->n_zones);
    case FLUO_WORD_INSTANCE:
      return match_any_text (self, node, facts->instances, facts->n_instances);
    case FLUO_WORD_ARN: return match_any_text (self, node, facts->arns, facts->n_arns);
    case FLUO_WORD_ACCOUNT: return match_accounts (self, node);
    case FLUO_WORD_GROUP_NAME:
    case FLUO_WORD_GROUP_ARN: return match_group (node, facts);
    case FLUO_WORD_ANNOTATION: return match_annotations (self, node, 0, facts->n_annotations);
    default: break;
    }
  if (facts->root != FLUO_FACTS_NONE)
    return match_entity (self, node, facts->root);
  /* Nothing is known of an entry that is not there, so that it is neither ok nor anything else. */
  return fluo_filter_word_type (node->word) == FLUO_TYPE_BOOLEAN && match_boolean (node, FALSE);
}

static gboolean
compare (const Evaluation *self, const FluoFilterNode *node, const Subject *subject)
{
  switch (node->scope)
    {
    case FLUO_SCOPE_TRACE: return match_trace (self, node);
    case FLUO_SCOPE_SERVICE: return match_entity (self, node, subject->entity);
    case FLUO_SCOPE_EDGE: return match_edge (self, node, subject->edge);
    default: return match_cause (self, node, subject);
    }
}

/* --- Services and calls ---------------------------------------------------- */

static gboolean
node_has_name (const Evaluation *self, const FluoFactsNode *row, const char *name, guint32 test)
{
  if (test_text (self, test, row->name, FLUO_OP_EQUAL, name))
    return TRUE;
  for (guint32 i = 0; i < row->n_aliases; i++)
    if (test_text (self, test, self->facts->aliases[row->first_alias + i], FLUO_OP_EQUAL, name))
      return TRUE;
  return FALSE;
}

static gboolean
node_is (const Evaluation *self, guint32 node, const FluoNodePattern *pattern, guint32 test)
{
  const FluoFactsNode *row;

  if (node == FLUO_FACTS_NONE)
    return FALSE;
  row = &self->facts->nodes[node];
  /* A client has the name of what it calls; who asks for a name means that. */
  if ((row->flags & FLUO_FACTS_CLIENT) && pattern->name && !pattern->type)
    return FALSE;
  return (!pattern->name || node_has_name (self, row, pattern->name, test)) &&
         (!pattern->type || (row->type != 0 && test_text (self, test + 1, row->type, FLUO_OP_EQUAL,
                                                          pattern->type))) &&
         (!pattern->account || (row->account != 0 && test_text (self, test + 2, row->account,
                                                                FLUO_OP_EQUAL, pattern->account)));
}

/* The first entity of a matching node that satisfies the block; of a term without one the first
 * that there is. TRUE when the term holds, which without a block needs no entity: a client has
 * none. */
static gboolean
find_service (const Evaluation *self, const FluoFilterNode *node, guint32 *ret_entity)
{
  const FluoTraceFacts *facts = self->facts;
  Subject subject = { .edge = FLUO_FACTS_NONE };

  *ret_entity = FLUO_FACTS_NONE;
  for (guint32 i = 0; i < facts->n_entities; i++)
    {
      subject.entity = i;
      if ((facts->entities[i].flags & FLUO_FACTS_LINK) ||
          !node_is (self, facts->entities[i].node, &node->patterns[0], node->test) ||
          (node->first_child != FLUO_NODE_NONE && !evaluate (self, node->first_child, &subject)))
        continue;
      *ret_entity = i;
      return TRUE;
    }
  if (node->first_child != FLUO_NODE_NONE)
    return FALSE;
  for (guint32 i = 0; i < facts->n_nodes; i++)
    if (node_is (self, i, &node->patterns[0], node->test))
      return TRUE;
  return FALSE;
}

/* The node that an edge begins at; of the entry's it is the client of the entry's name. */
static guint32
source_node (const FluoTraceFacts *facts, const FluoFactsEdge *edge)
{
  guint32 name;

  if (edge->source != FLUO_FACTS_NONE)
    return facts->entities[edge->source].node;
  name = facts->nodes[facts->entities[edge->destination].node].name;
  for (guint32 i = 0; i < facts->n_nodes; i++)
    if ((facts->nodes[i].flags & FLUO_FACTS_CLIENT) && facts->nodes[i].name == name)
      return i;
  return FLUO_FACTS_NONE;
}

static guint32
find_edge (const Evaluation *self, const FluoFilterNode *node)
{
  const FluoTraceFacts *facts = self->facts;
  Subject subject = { .entity = FLUO_FACTS_NONE };

  for (guint32 i = 0; i < facts->n_edges; i++)
    {
      const FluoFactsEdge *edge = &facts->edges[i];

      subject.edge = i;
      if (node_is (self, facts->entities[edge->destination].node, &node->patterns[1],
                   node->test + TESTS_A_PATTERN) &&
          node_is (self, source_node (facts, edge), &node->patterns[0], node->test) &&
          (node->first_child == FLUO_NODE_NONE || evaluate (self, node->first_child, &subject)))
        return i;
    }
  return FLUO_FACTS_NONE;
}

/* --- Root causes ----------------------------------------------------------- */

static gboolean
satisfies (const Evaluation *self, const FluoFilterNode *node, const Subject *subject)
{
  return node->first_child == FLUO_NODE_NONE || evaluate (self, node->first_child, subject);
}

static gboolean
any_exception (const Evaluation *self, const FluoFilterNode *node,
               const FluoFactsCauseEntity *entity)
{
  Subject subject = { .last = entity->n_exceptions - 1 };

  for (guint32 i = 0; i < entity->n_exceptions; i++)
    {
      subject.position = i;
      subject.exception = &self->facts->exceptions[entity->first_exception + i];
      if (satisfies (self, node, &subject))
        return TRUE;
    }
  return FALSE;
}

/* Services count in their cause, entities along the whole path, exceptions in their entity. */
static gboolean
any_part (const Evaluation *self, const FluoFilterNode *node, const FluoFactsCause *cause)
{
  const FluoFactsCauseService *services = self->facts->cause_services + cause->first_service;
  guint32 n_entities = 0, position = 0;

  for (guint32 i = 0; i < cause->n_services; i++)
    n_entities += services[i].n_entities;
  for (guint32 i = 0; i < cause->n_services; i++)
    {
      Subject subject = { .service = &services[i], .position = i, .last = cause->n_services - 1 };

      if (node->part == FLUO_SCOPE_CAUSE_SERVICE)
        {
          if (satisfies (self, node, &subject))
            return TRUE;
          continue;
        }
      subject.last = n_entities - 1;
      for (guint32 k = 0; k < services[i].n_entities; k++)
        {
          subject.cause_entity = &self->facts->cause_entities[services[i].first_entity + k];
          subject.position = position++;
          if (node->part == FLUO_SCOPE_CAUSE_EXCEPTION
                ? any_exception (self, node, subject.cause_entity)
                : satisfies (self, node, &subject))
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
any_cause (const Evaluation *self, const FluoFilterNode *node)
{
  for (guint32 i = 0; i < self->facts->n_causes; i++)
    if (self->facts->causes[i].kind == (guint32) node->cause &&
        any_part (self, node, &self->facts->causes[i]))
      return TRUE;
  return FALSE;
}

/* --- The tree -------------------------------------------------------------- */

/* Recursion is as deep as the parser's brackets. */
static gboolean
evaluate (const Evaluation *self, guint32 index, const Subject *subject)
{
  const FluoFilterNode *node = &self->nodes[index];
  guint32 entity;

  switch (node->kind)
    {
    case FLUO_NODE_AND:
      for (guint32 c = node->first_child; c != FLUO_NODE_NONE; c = self->nodes[c].next)
        if (!evaluate (self, c, subject))
          return FALSE;
      return TRUE;
    case FLUO_NODE_OR:
      for (guint32 c = node->first_child; c != FLUO_NODE_NONE; c = self->nodes[c].next)
        if (evaluate (self, c, subject))
          return TRUE;
      return FALSE;
    case FLUO_NODE_NOT: return !evaluate (self, node->first_child, subject);
    case FLUO_NODE_COMPARE: return compare (self, node, subject);
    case FLUO_NODE_SERVICE: return find_service (self, node, &entity);
    case FLUO_NODE_EDGE: return find_edge (self, node) != FLUO_FACTS_NONE;
    case FLUO_NODE_CAUSE: return any_cause (self, node);
    case FLUO_NODE_JSON:
      return fluo_filter_json_matches (node->json, self->facts) == (node->op == FLUO_OP_EQUAL);
    default: return FALSE;
    }
}

gboolean
fluo_filter_evaluate (const FluoFilter *filter, const FluoTraceFacts *facts, guint8 *memo)
{
  const Evaluation self = { (const FluoFilterNode *) (gpointer) filter->tree->nodes->data, facts,
                            memo };
  const Subject subject = { FLUO_FACTS_NONE, FLUO_FACTS_NONE };

  return filter->tree->root == FLUO_NODE_NONE || evaluate (&self, filter->tree->root, &subject);
}

void
fluo_filter_prepare (FluoFilter *self)
{
  for (guint32 i = 0; i < self->tree->nodes->len; i++)
    {
      FluoFilterNode *node = fluo_filter_tree_get (self->tree, i);

      node->test = self->n_tests;
      if (node->kind == FLUO_NODE_COMPARE)
        self->n_tests += TESTS_A_COMPARISON;
      else if (node->kind == FLUO_NODE_SERVICE || node->kind == FLUO_NODE_EDGE)
        self->n_tests += 2 * TESTS_A_PATTERN;
      self->scoped =
        self->scoped || node->kind == FLUO_NODE_SERVICE || node->kind == FLUO_NODE_EDGE;
    }
}

/* --- Public ---------------------------------------------------------------- */

gboolean
fluo_filter_matches (const FluoFilter *self, const FluoTraceFacts *facts)
{
  return fluo_filter_evaluate (self, facts, NULL);
}

void
fluo_filter_find_matched (const FluoFilter *self, const FluoTraceFacts *facts,
                          FluoFilterMatched *ret_matched)
{
  const Evaluation evaluation = { (const FluoFilterNode *) (gpointer) self->tree->nodes->data,
                                  facts, NULL };
  gboolean service = FALSE, edge = FALSE;

  ret_matched->entity = ret_matched->edge = FLUO_FACTS_NONE;
  /* Nodes lie in the order of the text. */
  for (guint32 i = 0; i < self->tree->nodes->len; i++)
    {
      const FluoFilterNode *node = &evaluation.nodes[i];

      if (node->kind == FLUO_NODE_SERVICE && !service)
        {
          find_service (&evaluation, node, &ret_matched->entity);
          service = TRUE;
        }
      else if (node->kind == FLUO_NODE_EDGE && !edge)
        {
          ret_matched->edge = find_edge (&evaluation, node);
          edge = TRUE;
        }
    }
}
