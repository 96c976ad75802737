/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filter/fluo-filter.h"
#include "fluo-plain-trace.h"
#include "fluo-random-expression.h"
#include "fluo-random-trace.h"

/* A second evaluator, slow and plain: it knows neither the parser nor facts, but walks expressions
 * that it made itself over the assembled trace, its documents and the summary's JSON. Both must
 * agree on every expression and trace. */

/* Many expressions over some traces; with -m thorough half as many over a thousand. */
#define N_TRACES (g_test_thorough () ? 1000 : 150)
#define N_EXPRESSIONS (g_test_thorough () ? 2000 : 4000)

/* --- Judging --------------------------------------------------------------- */

typedef struct
{
  PlainEntity *entity;
  PlainEdge *edge;
  const FluoJsonTape *causes;
  guint32 service, part; /* nodes of the tape */
  guint position, last;
} About;

static gboolean judge (FluoPlainTrace *view, const Expression *self, const About *about);

static gboolean
judge_text (const Expression *self, const char *text)
{
  if (!text || !*text)
    return FALSE;
  if (!self->op)
    return TRUE;
  if (strcmp (self->op, "=") == 0)
    return strcmp (text, self->text) == 0;
  if (strcmp (self->op, "!=") == 0)
    return strcmp (text, self->text) != 0;
  if (strcmp (self->op, "CONTAINS") == 0)
    return strstr (text, self->text) != NULL;
  if (strcmp (self->op, "BEGINSWITH") == 0)
    return strncmp (text, self->text, strlen (self->text)) == 0;
  return strlen (text) >= strlen (self->text)
         && strcmp (text + strlen (text) - strlen (self->text), self->text) == 0;
}

static gboolean
judge_number (const Expression *self, double value)
{
  if (isnan (value))
    return FALSE;
  if (!self->op)
    return TRUE;
  return strcmp (self->op, "=") == 0    ? value == self->number
         : strcmp (self->op, "!=") == 0 ? value != self->number
         : strcmp (self->op, "<") == 0  ? value < self->number
         : strcmp (self->op, "<=") == 0 ? value <= self->number
         : strcmp (self->op, ">") == 0  ? value > self->number
                                        : value >= self->number;
}

static gboolean
judge_boolean (const Expression *self, gboolean value)
{
  if (!self->op)
    return value != FALSE;
  return strcmp (self->op, "=") == 0 ? !value == !self->boolean : !value != !self->boolean;
}

static gboolean
judge_annotation (const Expression *self, const FluoAnnotation *row)
{
  Expression text = *self;

  if (strcmp (row->key, self->key) != 0)
    return FALSE;
  if (!self->op)
    return TRUE;
  if (self->text)
    {
      /* The empty text is a value here. */
      if (row->type == FLUO_VALUE_STRING && !*row->value)
        return !*self->text ? strcmp (self->op, "!=") != 0 : strcmp (self->op, "!=") == 0;
      return row->type == FLUO_VALUE_STRING && judge_text (&text, row->value);
    }
  if (self->is_number)
    return row->type == FLUO_VALUE_NUMBER && judge_number (self, g_ascii_strtod (row->value, NULL));
  return row->type == FLUO_VALUE_BOOLEAN && judge_boolean (self, strcmp (row->value, "true") == 0);
}

static gboolean
judge_annotations (const Expression *self, PlainEntity *entity)
{
  for (guint i = 0; entity && i < entity->annotations->len; i++)
    if (judge_annotation (self, g_ptr_array_index (entity->annotations, i)))
      return TRUE;
  return FALSE;
}

static gboolean
judge_status (const Expression *self, FluoStatus status)
{
  gboolean failed = status == FLUO_STATUS_FAULT || status == FLUO_STATUS_ERROR
                    || status == FLUO_STATUS_THROTTLE;

  return judge_boolean (self, strcmp (self->word, "ok") == 0      ? !failed
                              : strcmp (self->word, "fault") == 0 ? status == FLUO_STATUS_FAULT
                              : strcmp (self->word, "error") == 0 ? status == FLUO_STATUS_ERROR
                                                                  : status == FLUO_STATUS_THROTTLE);
}

#define IS(name) (strcmp (self->word, name) == 0)

static const char *
service_version (const PlainEntity *entity)
{
  const GArray *rows = entity->detail->service;

  for (guint i = 0; i < rows->len; i++)
    if (strcmp (g_array_index (rows, FluoDetailField, i).key, "version") == 0)
      return g_array_index (rows, FluoDetailField, i).value;
  return NULL;
}

static gboolean
judge_entity (const Expression *self, PlainEntity *entity)
{
  if (IS ("responsetime") || IS ("duration"))
    return judge_number (self, entity->seconds);
  if (IS ("http.status"))
    return judge_number (self, entity->http_status > 0 ? entity->http_status : NAN);
  if (IS ("http.url"))
    return judge_text (self, entity->detail->http_url);
  if (IS ("http.method"))
    return judge_text (self, entity->detail->http_method);
  if (IS ("http.useragent"))
    return judge_text (self, entity->detail->http_user_agent);
  if (IS ("http.clientip"))
    return judge_text (self, entity->detail->http_client_ip);
  if (IS ("root"))
    return judge_boolean (self, entity->entry);
  if (IS ("name"))
    return judge_text (self, entity->node->name);
  if (IS ("type"))
    return judge_text (self, entity->node->type);
  if (IS ("version"))
    return judge_text (self, service_version (entity));
  if (IS ("annotation"))
    return judge_annotations (self, entity);
  return judge_status (self, entity->status);
}

static gboolean
judge_call (const Expression *self, PlainEdge *edge)
{
  if (IS ("responsetime"))
    return judge_number (self, edge->seconds);
  if (IS ("http.status"))
    return judge_number (self, edge->http_status > 0 ? edge->http_status : NAN);
  if (IS ("http.url"))
    return judge_text (self, edge->url);
  if (IS ("http.method"))
    return judge_text (self, edge->method);
  if (IS ("annotation"))
    return judge_annotations (self, self->side == 2 ? edge->to : edge->from);
  return judge_status (self, edge->status);
}

static gboolean
judge_list (const Expression *self, const GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    if (judge_text (self, g_ptr_array_index (list, i)))
      return TRUE;
  return FALSE;
}

static gboolean
judge_trace_annotation (FluoPlainTrace *view, const Expression *self)
{
  for (guint i = 0; i < view->details->len; i++)
    {
      const FluoSpanDetail *detail = g_ptr_array_index (view->details, i);

      for (guint k = 0; k < detail->annotations->len; k++)
        if (judge_annotation (self, &g_array_index (detail->annotations, FluoAnnotation, k)))
          return TRUE;
    }
  return FALSE;
}

static gboolean
judge_trace (FluoPlainTrace *view, const Expression *self)
{
  gboolean inferred = FALSE;

  if (IS ("partial"))
    return judge_boolean (self, view->partial);
  if (IS ("inferred"))
    {
      for (guint i = 0; i < view->entities->len; i++)
        inferred |= ((PlainEntity *)g_ptr_array_index (view->entities, i))->inferred;
      return judge_boolean (self, inferred);
    }
  if (IS ("duration"))
    return judge_number (self, view->duration);
  if (IS ("user"))
    return judge_list (self, view->summary->users);
  if (IS ("availabilityzone"))
    return judge_list (self, view->summary->zones);
  if (IS ("instance.id"))
    return judge_list (self, view->summary->instances);
  if (IS ("resource.arn"))
    return judge_list (self, view->summary->arns);
  if (IS ("account.id"))
    {
      for (guint i = 0; i < view->nodes->len; i++)
        if (judge_text (self, ((PlainNode *)g_ptr_array_index (view->nodes, i))->account))
          return TRUE;
      return FALSE;
    }
  if (IS ("annotation"))
    return judge_trace_annotation (view, self);
  if (view->root)
    return judge_entity (self, view->root);
  return (IS ("ok") || IS ("error") || IS ("fault") || IS ("throttle"))
         && judge_boolean (self, FALSE);
}

static gboolean
judge_cause (const Expression *self, const About *about)
{
  guint32 named = self->scope == PART_SERVICE ? about->service : about->part;
  g_autofree char *name
      = fluo_json_tape_dup (about->causes, fluo_json_tape_get (about->causes, named, "Name"));
  g_autofree char *type = fluo_json_tape_dup (
      about->causes, fluo_json_tape_get (about->causes, about->service, "Type"));
  g_autofree char *message
      = fluo_json_tape_dup (about->causes, fluo_json_tape_get (about->causes, named, "Message"));

  if (IS ("name"))
    return judge_text (self, name);
  if (IS ("type"))
    return judge_text (self, type);
  if (IS ("message"))
    return judge_text (self, message);
  if (IS ("first"))
    return judge_boolean (self, about->position == 0);
  if (IS ("last"))
    return judge_boolean (self, about->position == about->last);
  if (IS ("index"))
    return judge_number (self, about->position);
  if (IS ("coverage"))
    return judge_number (
        self, fluo_json_tape_double (about->causes,
                                     fluo_json_tape_get (about->causes, named, "Coverage"), NAN));
  return judge_boolean (
      self, fluo_json_tape_boolean (
                about->causes,
                fluo_json_tape_get (about->causes, named, IS ("inferred") ? "Inferred" : "Remote"),
                FALSE));
}

static gboolean
judge_pattern (const char *const *pattern, const char *name, const char *type, const char *account,
               const GPtrArray *aliases)
{
  gboolean named = !pattern[0] || strcmp (name, pattern[0]) == 0;

  if (g_strcmp0 (type, "client") == 0 && pattern[0] && !pattern[1])
    return FALSE;
  for (guint i = 0; aliases && i < aliases->len; i++)
    named |= pattern[0] && strcmp (g_ptr_array_index (aliases, i), pattern[0]) == 0;
  return named && (!pattern[1] || g_strcmp0 (type, pattern[1]) == 0)
         && (!pattern[2] || g_strcmp0 (account, pattern[2]) == 0);
}

static gboolean
judge_node (const char *const *pattern, const PlainNode *node)
{
  return judge_pattern (pattern, node->name, node->type, node->account, node->aliases);
}

static gboolean
judge_block (FluoPlainTrace *view, const Expression *self, const About *about)
{
  return self->children->len == 0 || judge (view, g_ptr_array_index (self->children, 0), about);
}

static gboolean
judge_services (FluoPlainTrace *view, const Expression *self)
{
  About about = { 0 };

  for (guint i = 0; i < view->nodes->len && self->children->len == 0; i++)
    if (judge_node (self->patterns[0], g_ptr_array_index (view->nodes, i)))
      return TRUE;
  for (guint i = 0; i < view->entities->len; i++)
    {
      about.entity = g_ptr_array_index (view->entities, i);
      if (self->children->len > 0 && judge_node (self->patterns[0], about.entity->node)
          && judge_block (view, self, &about))
        return TRUE;
    }
  return FALSE;
}

static gboolean
judge_calls (FluoPlainTrace *view, const Expression *self)
{
  About about = { 0 };

  for (guint i = 0; i < view->edges->len; i++)
    {
      PlainEdge *edge = about.edge = g_ptr_array_index (view->edges, i);
      const PlainNode *from
          = edge->from ? edge->from->node
                       : fluo_plain_trace_get_node (view, edge->to->node->name, "client");

      if (judge_node (self->patterns[0], from) && judge_node (self->patterns[1], edge->to->node)
          && judge_block (view, self, &about))
        return TRUE;
    }
  return FALSE;
}

/* Lists every element of the part that is asked about, with its place in its list. */
static gboolean
judge_one_cause (FluoPlainTrace *view, const Expression *self, const FluoJsonTape *tape,
                 guint32 cause)
{
  guint32 services = fluo_json_tape_get (tape, cause, "Services");
  About about = { .causes = tape };
  guint n = 0, position = 0, row = 0;

  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    n += fluo_json_tape_count (tape, fluo_json_tape_get (tape, s, "EntityPath"));
  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    {
      guint32 path = fluo_json_tape_get (tape, s, "EntityPath");

      about.service = s;
      about.position = row++;
      about.last = fluo_json_tape_count (tape, services) - 1;
      if (self->part == 0 && judge_block (view, self, &about))
        return TRUE;
      for (guint32 e = fluo_json_tape_first (tape, path); e != FLUO_JSON_NONE;
           e = fluo_json_tape_next (tape, path, e))
        {
          guint32 list = fluo_json_tape_get (tape, e, "Exceptions");

          about.part = e;
          about.position = position++;
          about.last = n - 1;
          if (self->part == 1 && judge_block (view, self, &about))
            return TRUE;
          about.position = 0;
          about.last = fluo_json_tape_count (tape, list) - 1;
          for (guint32 x = fluo_json_tape_first (tape, list);
               x != FLUO_JSON_NONE && self->part == 2;
               x = fluo_json_tape_next (tape, list, x), about.position++)
            {
              about.part = x;
              if (judge_block (view, self, &about))
                return TRUE;
            }
        }
    }
  return FALSE;
}

static gboolean
judge_causes (FluoPlainTrace *view, const Expression *self)
{
  const FluoJsonTape *tape = view->causes[self->cause];

  for (guint32 c = fluo_json_tape_first (tape, 0); c != FLUO_JSON_NONE;
       c = fluo_json_tape_next (tape, 0, c))
    if (judge_one_cause (view, self, tape, c))
      return TRUE;
  return FALSE;
}

static gboolean
judge (FluoPlainTrace *view, const Expression *self, const About *about)
{
  gboolean all = TRUE, any = FALSE;

  switch (self->kind)
    {
    case SERVICE:
      return judge_services (view, self);
    case CALL:
      return judge_calls (view, self);
    case CAUSE:
      return judge_causes (view, self);
    case COMPARE:
      return self->scope == TRACE        ? judge_trace (view, self)
             : self->scope == IN_SERVICE ? judge_entity (self, about->entity)
             : self->scope == IN_CALL    ? judge_call (self, about->edge)
                                         : judge_cause (self, about);
    default:
      break;
    }
  for (guint i = 0; i < self->children->len; i++)
    {
      gboolean found = judge (view, g_ptr_array_index (self->children, i), about);

      all = all && found;
      any = any || found;
    }
  return self->kind == ALL ? all : self->kind == ANY ? any : !any;
}

/* --- Tests ----------------------------------------------------------------- */

static void
collect (guint64 term, gpointer data)
{
  gint64 *copy = g_memdup2 (&term, sizeof term);

  g_hash_table_add (data, copy);
}

/* What an index is asked for, every match has. */
static void
check_terms (const FluoFilter *filter, const FluoTraceFacts *facts)
{
  g_autoptr (GHashTable) terms = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n;
  const guint64 *wanted = fluo_filter_get_terms (filter, &n);

  if (n == 0)
    return;
  fluo_trace_facts_each_term (facts, collect, terms);
  for (guint i = 0; i < n; i++)
    g_assert_true (g_hash_table_contains (terms, &wanted[i]));
}

static FluoFactsBlock *
merge (GPtrArray *views)
{
  g_autofree FluoTraceFacts *facts = g_new (FluoTraceFacts, views->len);
  g_autoptr (GPtrArray) blocks
      = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_facts_block_unref);

  for (guint i = 0; i < views->len; i++)
    {
      FluoFactsBlock *block
          = fluo_facts_block_from_trace (((FluoPlainTrace *)g_ptr_array_index (views, i))->trace);

      g_ptr_array_add (blocks, block);
      fluo_facts_block_get (block, 0, &facts[i]);
    }
  return fluo_facts_block_merge (facts, views->len);
}

/* A summary never says what the trace does not; names by which only callers know a service are not
 * in it. */
static void
check_summary (const FluoFilter *filter, const FluoTraceFacts *facts,
               const FluoTraceSummary *summary, const char *text, gboolean expected, guint *decided)
{
  FluoFilterAnswer answer = fluo_filter_matches_summary (filter, summary);

  if (answer == FLUO_FILTER_MAYBE || facts->n_aliases > 0)
    return;
  if ((answer == FLUO_FILTER_YES) != (expected != FALSE))
    g_test_message ("%s: the summary says %d", text, answer);
  g_assert_cmpint (answer == FLUO_FILTER_YES, ==, expected != FALSE);
  (*decided)++;
}

static void
test_agreement (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  g_autoptr (GPtrArray) views
      = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_plain_trace_free);
  g_autoptr (FluoFactsBlock) block = NULL;
  g_autoptr (GPtrArray) summaries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  guint found = 0, asked = 0, telling = 0, decided = 0;

  for (guint i = 0; i < N_TRACES; i++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace (rand, i);

      g_ptr_array_add (views, fluo_plain_trace_new (trace));
      g_ptr_array_add (summaries, fluo_trace_summary_from_trace (trace));
    }
  block = merge (views);
  for (guint i = 0; i < N_EXPRESSIONS; i++)
    {
      Expression *expression = fluo_random_expression_new (rand, TRACE, 3, FALSE);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (FluoFilter) filter = NULL, again = NULL;
      g_autoptr (FluoFilterMatcher) matcher = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *printed = NULL, *twice = NULL;
      guint here = 0;

      fluo_random_expression_write (text, rand, expression);
      filter = fluo_filter_new (text->str, (gssize)text->len, NULL, &error);
      if (error)
        g_test_message ("%s", text->str);
      g_assert_no_error (error);
      printed = fluo_filter_print (filter);
      again = fluo_filter_new (printed, -1, NULL, &error);
      g_assert_no_error (error);
      twice = fluo_filter_print (again);
      g_assert_cmpstr (printed, ==, twice);
      matcher = fluo_filter_matcher_new (again, block);
      for (guint k = 0; k < N_TRACES; k++)
        {
          gboolean expected = judge (g_ptr_array_index (views, k), expression, NULL), got;
          FluoTraceFacts facts;

          fluo_facts_block_get (block, k, &facts);
          got = fluo_filter_matches (filter, &facts);
          if (got != expected)
            g_test_message ("%s on trace %u: expected %d", text->str, k, expected);
          g_assert_cmpint (got, ==, expected);
          g_assert_cmpint (fluo_filter_matcher_matches (matcher, k), ==, expected);
          if (expected)
            check_terms (filter, &facts);
          check_summary (filter, &facts, g_ptr_array_index (summaries, k), text->str, expected,
                         &decided);
          here += expected != FALSE;
          asked++;
        }
      found += here;
      telling += here > 0 && here < N_TRACES;
      fluo_random_expression_free (expression);
    }
  g_test_message ("%u of %u matched; %u expressions tell traces apart", found, asked, telling);
  g_test_message ("summaries decide %u", decided);
  g_assert_cmpuint (decided, >, asked / 3);
  g_assert_cmpuint (telling, >, N_EXPRESSIONS / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/agreement", test_agreement);
  return g_test_run ();
}
