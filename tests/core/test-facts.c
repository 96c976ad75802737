/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-trace-facts-private.h"
#include "core/fluo-trace-summary.h"
#include "filter/fluo-random-trace.h"
#include "graph/fluo-service-graph.h"
#include "fluo-test-util.h"

#define N_RANDOM 400

/* Facts as text, strings in place of numbers: equal text, equal facts. */
static const char *
string (const FluoTraceFacts *facts, guint32 number)
{
  g_assert_cmpuint (number, <, facts->n_strings);
  return number ? facts->strings[number] : "-";
}

static void
describe_calls (GString *out, const FluoTraceFacts *f)
{
  for (guint i = 0; i < f->n_nodes; i++)
    {
      const FluoFactsNode *n = &f->nodes[i];

      g_string_append_printf (out, "node %s %s %s %x", string (f, n->name), string (f, n->type),
                              string (f, n->account), n->flags);
      for (guint k = 0; k < n->n_aliases; k++)
        g_string_append_printf (out, " aka %s", string (f, f->aliases[n->first_alias + k]));
      g_string_append_c (out, '\n');
    }
  for (guint i = 0; i < f->n_entities; i++)
    {
      const FluoFactsEntity *e = &f->entities[i];

      g_string_append_printf (
        out, "entity %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %x %u %s %s %s %s%s%s\n", e->node,
        e->end_ns, e->response_ns, e->flags, e->http_status, string (f, e->url),
        string (f, e->method), string (f, e->user_agent), string (f, e->client_ip),
        e->version ? " version " : "", e->version ? string (f, e->version) : "");
      for (guint k = 0; k < e->n_annotations; k++)
        {
          const FluoFactsAnnotation *a = &f->annotations[e->first_annotation + k];

          g_string_append_printf (out, "  %s=%s %u %g\n", string (f, a->key), string (f, a->value),
                                  a->type, a->number);
        }
    }
  for (guint i = 0; i < f->n_edges; i++)
    {
      const FluoFactsEdge *e = &f->edges[i];

      g_string_append_printf (out, "edge %u %u %" G_GINT64_FORMAT " %x %u %s %s\n", e->source,
                              e->destination, e->response_ns, e->flags, e->http_status,
                              string (f, e->url), string (f, e->method));
    }
}

static void
describe_causes (GString *out, const FluoTraceFacts *f)
{
  for (guint i = 0; i < f->n_causes; i++)
    {
      const FluoFactsCause *c = &f->causes[i];

      g_string_append_printf (out, "cause %u %u\n", c->kind, c->client_impacting);
      for (guint k = 0; k < c->n_services; k++)
        {
          const FluoFactsCauseService *s = &f->cause_services[c->first_service + k];

          g_string_append_printf (out, "  %s %s %x\n", string (f, s->name), string (f, s->type),
                                  s->flags);
          for (guint m = 0; m < s->n_entities; m++)
            {
              const FluoFactsCauseEntity *e = &f->cause_entities[s->first_entity + m];

              g_string_append_printf (out, "    %s %x %g\n", string (f, e->name), e->flags,
                                      e->coverage);
              for (guint x = 0; x < e->n_exceptions; x++)
                g_string_append_printf (out, "      %s: %s\n",
                                        string (f, f->exceptions[e->first_exception + x].name),
                                        string (f, f->exceptions[e->first_exception + x].message));
            }
        }
    }
}

static char *
describe (const FluoTraceFacts *f)
{
  GString *out = g_string_new (NULL);
  g_autofree char *id = fluo_trace_id_to_string (&f->id);
  const struct { const guint32 *list; guint32 n;
  } lists[] = {
    { f->users, f->n_users },
    { f->instances, f->n_instances },
    { f->zones, f->n_zones },
    { f->arns, f->n_arns },
  };

  g_string_append_printf (
    out, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %x %u\n", id,
    f->start_ns, f->end_ns, f->response_ns, f->flags, f->root);
  describe_calls (out, f);
  describe_causes (out, f);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint k = 0; k < lists[i].n; k++)
      g_string_append_printf (out, "%u: %s\n", i, string (f, lists[i].list[k]));
  for (guint i = 0; i < f->n_groups; i++)
    g_string_append_printf (out, "group %u\n", f->groups[i]);
  return g_string_free (out, FALSE);
}

static char *
describe_block (FluoFactsBlock *block, guint i)
{
  FluoTraceFacts facts;

  fluo_facts_block_get (block, i, &facts);
  return describe (&facts);
}

static GPtrArray *
random_blocks (guint n)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  GPtrArray *blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_facts_block_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace (rand, i);

      g_ptr_array_add (blocks, fluo_facts_block_from_trace (trace));
    }
  return blocks;
}

static FluoFactsBlock *
merge (GPtrArray *blocks)
{
  g_autofree FluoTraceFacts *facts = g_new (FluoTraceFacts, blocks->len);

  for (guint i = 0; i < blocks->len; i++)
    fluo_facts_block_get (g_ptr_array_index (blocks, i), 0, &facts[i]);
  return fluo_facts_block_merge (facts, blocks->len);
}

static const char *const shop[] = {
  "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\",\"name\":"
  "\"web\",\"start_time\":1600000000,"
  "\"end_time\":1600000002,\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"https://e.test/"
  "a\",\"user_agent\":\"u\",\"client_ip\":\"1.2.3.4\"},"
  "\"response\":{\"status\":200}},\"user\":\"alice\",\"annotations\":{\"tier\":\"gold\",\"n\":2.50,"
  "\"on\":true},"
  "\"aws\":{\"account_id\":\"123\",\"ec2\":{\"instance_id\":\"i-1\",\"availability_zone\":\"z\"}},"
  "\"resource_arn\":\"arn:x\",\"service\":{\"runtime\":\"x\",\"version\":\"2.1\"},"
  "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"api.example.com\",\"namespace\":"
  "\"remote\",\"start_time\":1600000000.5,"
  "\"end_time\":1600000001.5,\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://"
  "api.example.com/b\"},\"response\":{\"status\":503}},"
  "\"annotations\":{\"tier\":\"gold\",\"deep\":\"yes\"}},{\"id\":\"0000000000000003\",\"name\":"
  "\"DynamoDB\",\"namespace\":\"aws\","
  "\"start_time\":1600000001.5,\"end_time\":1600000001.6,\"aws\":{\"operation\":\"GetItem\","
  "\"table_name\":\"stock\"}}]}",
  "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000004\",\"name\":"
  "\"api\",\"parent_id\":\"0000000000000002\","
  "\"start_time\":1600000000.6,\"end_time\":1600000001.4,\"fault\":true,\"annotations\":{\"below\":"
  "\"api\"},"
  "\"cause\":{\"exceptions\":[{\"id\":\"0000000000000009\",\"type\":\"Oops\",\"message\":\"No\"}]}"
  "}",
  NULL
};

static void
test_trace (void)
{
  g_autoptr (FluoTrace) trace = fluo_test_trace (shop);
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
  g_autofree char *text = describe_block (block, 0);

  g_assert_cmpuint (fluo_facts_block_get_n (block), ==, 1);
  g_assert_cmpuint (fluo_facts_block_get_size (block), <, 4096);
  g_assert_cmpstr (
    text, ==,
    "1-5f84c7a5-0123456789abcdef01234567 1600000000000000000 1600000002000000000 2000000000 0 0\n"
    "node web - 123 10\nnode web client - 80\nnode api - - 0 aka api.example.com\nnode stock "
    "AWS::DynamoDB::Table - 20\n"
    "entity 0 1600000002000000000 2000000000 10 200 https://e.test/a GET u 1.2.3.4 version 2.1\n"
    "  tier=gold 0 0\n  n=2.50 1 2.5\n  on=true 2 1\n  deep=yes 0 0\n"
    "entity 2 1600000001400000000 800000000 2 0 - - - -\n  below=api 0 0\n"
    "entity 3 1600000001600000000 100000000 20 0 - - - -\n"
    "edge 4294967295 0 2000000000 0 200 https://e.test/a GET\n"
    "edge 0 1 1000000000 2 503 https://api.example.com/b POST\n"
    "edge 0 2 100000000 0 0 - -\n"
    "cause 0 0\n  api - 0\n    api 0 0\n      Oops: No\n"
    "0: alice\n1: i-1\n2: z\n3: arn:x\n");
}

/* The facts' published nodes and edges are those of the trace's service graph, in number and
 * name. */
static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
join_sorted (GPtrArray *lines)
{
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static guint32
source_node (const FluoTraceFacts *f, const FluoFactsEdge *edge)
{
  const FluoFactsNode *entry = &f->nodes[f->entities[edge->destination].node];

  if (edge->source != FLUO_FACTS_NONE)
    return f->entities[edge->source].node;
  for (guint32 i = 0; i < f->n_nodes; i++)
    if ((f->nodes[i].flags & FLUO_FACTS_CLIENT) && f->nodes[i].name == entry->name)
      return i;
  return 0;
}

static char *
outline_facts (const FluoTraceFacts *f)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < f->n_nodes; i++)
    if (!(f->nodes[i].flags & FLUO_FACTS_UNPUBLISHED))
      g_ptr_array_add (lines, g_strdup_printf ("%s %s", string (f, f->nodes[i].name),
                                               string (f, f->nodes[i].type)));
  for (guint i = 0; i < f->n_edges; i++)
    {
      const FluoFactsNode *from = &f->nodes[source_node (f, &f->edges[i])];
      const FluoFactsNode *to = &f->nodes[f->entities[f->edges[i].destination].node];

      if (!(f->edges[i].flags & FLUO_FACTS_UNPUBLISHED))
        g_ptr_array_add (lines, g_strdup_printf ("%s %s > %s %s %u", string (f, from->name),
                                                 string (f, from->type), string (f, to->name),
                                                 string (f, to->type),
                                                 (f->edges[i].flags & FLUO_FACTS_LINK) != 0));
    }
  return join_sorted (lines);
}

static char *
outline_graph (FluoTrace *trace)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  fluo_service_graph_add_trace (graph, trace, 1);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      g_ptr_array_add (lines, g_strdup_printf ("%s %s", node->name, node->type ? node->type : "-"));
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from),
                          *to = g_ptr_array_index (graph->nodes, edge->to);

      for (gint64 k = 0; k < fluo_call_stats_total (&edge->stats); k++)
        g_ptr_array_add (lines, g_strdup_printf ("%s %s > %s %s %u", from->name,
                                                 from->type ? from->type : "-", to->name,
                                                 to->type ? to->type : "-", edge->linked != FALSE));
    }
  return join_sorted (lines);
}

static void
test_graph (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < N_RANDOM * 5; i++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace (rand, i);
      g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
      g_autofree char *expected = outline_graph (trace), *found = NULL;
      FluoTraceFacts facts;

      fluo_facts_block_get (block, 0, &facts);
      found = outline_facts (&facts);
      if (strcmp (found, expected) != 0)
        g_test_message ("trace %u", i);
      g_assert_cmpstr (found, ==, expected);
    }
}

static void
test_merge (void)
{
  g_autoptr (GPtrArray) blocks = random_blocks (N_RANDOM);
  g_autoptr (FluoFactsBlock) merged = merge (blocks), read = NULL;
  g_autoptr (GBytes) bytes = fluo_facts_block_to_bytes (merged), again = NULL;
  g_autoptr (GError) error = NULL;

  read = fluo_facts_block_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fluo_facts_block_get_n (read), ==, N_RANDOM);
  for (guint i = 0; i < N_RANDOM; i++)
    {
      g_autofree char *one = describe_block (g_ptr_array_index (blocks, i), 0),
                      *two = describe_block (read, i);

      g_assert_cmpstr (one, ==, two);
    }
  again = fluo_facts_block_to_bytes (read);
  g_assert_true (g_bytes_equal (bytes, again));
}

static void
test_groups (void)
{
  const guint32 keys[] = { 3, 9 };
  g_autoptr (FluoTrace) trace = fluo_test_trace (shop);
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace), with = NULL, read = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *before = describe_block (block, 0), *after = NULL,
                  *expected = g_strconcat (before, "group 3\ngroup 9\n", NULL);
  FluoTraceFacts facts;

  fluo_facts_block_get (block, 0, &facts);
  with = fluo_facts_block_with_groups (&facts, keys, 2);
  bytes = fluo_facts_block_to_bytes (with);
  read = fluo_facts_block_from_bytes (bytes, NULL);
  after = describe_block (read, 0);
  g_assert_cmpstr (after, ==, expected);
}

static void
try_bytes (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_bytes (bytes, &error);

  g_assert_null (block);
  g_assert_true (error->domain == FLUO_FACTS_ERROR_DOMAIN);
}

static void
test_damaged (void)
{
  g_autoptr (GPtrArray) blocks = random_blocks (8);
  g_autoptr (FluoFactsBlock) merged = merge (blocks);
  g_autoptr (GBytes) bytes = fluo_facts_block_to_bytes (merged);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  for (gsize i = 0; i < size; i++)
    {
      try_bytes (data, i);
      for (guint bit = 0; bit < 8; bit += 3)
        {
          copy[i] ^= (guint8) (1 << bit);
          try_bytes (copy, size);
          copy[i] = data[i];
        }
    }
}

static void
ignore (guint64 term, gpointer data)
{
}

/* Somebody who changes bytes can put the check sum right as well. What is taken then may be wrong,
 * but is whole: reading every part of it stays inside. */
static void
test_forged (void)
{
  g_autoptr (GPtrArray) blocks = random_blocks (4);
  g_autoptr (FluoFactsBlock) merged = merge (blocks);
  g_autoptr (GBytes) bytes = fluo_facts_block_to_bytes (merged);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size),
               values[] = { 0, 1, 2, 4, 8, 0x7f, 0x80, 0xff };
  guint taken = 0;

  for (gsize i = 4; i < size * G_N_ELEMENTS (values); i++)
    {
      guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (FluoFactsBlock) block = NULL;

      copy[i / G_N_ELEMENTS (values)] = values[i % G_N_ELEMENTS (values)];
      fluo_facts_bytes_seal (copy, size);
      changed = g_bytes_new_take (copy, size);
      block = fluo_facts_block_from_bytes (changed, NULL);
      for (guint k = 0; block && k < fluo_facts_block_get_n (block); k++)
        {
          g_autofree char *text = describe_block (block, k);
          FluoTraceFacts facts;

          fluo_facts_block_get (block, k, &facts);
          fluo_trace_summary_unref (fluo_trace_summary_from_facts (&facts));
          fluo_trace_facts_each_term (&facts, ignore, NULL);
          taken++;
        }
    }
  g_assert_cmpuint (taken, >, 0);
}

static void
collect (guint64 term, gpointer data)
{
  g_hash_table_add (data, g_memdup2 (&term, sizeof term));
}

static gboolean
has_term (GHashTable *terms, FluoTermKind kind, const char *a, const char *b)
{
  gint64 term = (gint64) fluo_term_hash (kind, a, b);

  return g_hash_table_contains (terms, &term);
}

static void
test_terms (void)
{
  g_autoptr (FluoTrace) trace = fluo_test_trace (shop);
  g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
  g_autoptr (GHashTable) terms = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  FluoTraceFacts facts;

  fluo_facts_block_get (block, 0, &facts);
  fluo_trace_facts_each_term (&facts, collect, terms);
  g_assert_true (has_term (terms, FLUO_TERM_SERVICE, "web", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_SERVICE, "api.example.com", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_SERVICE_TYPE, "AWS::DynamoDB::Table", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_ANNOTATION, "tier", "gold"));
  g_assert_true (has_term (terms, FLUO_TERM_ANNOTATION_KEY, "deep", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_HTTP_STATUS, "200", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_USER, "alice", NULL));
  g_assert_true (has_term (terms, FLUO_TERM_VERSION, "2.1", NULL));
  g_assert_false (has_term (terms, FLUO_TERM_FLAG, "fault", NULL));
  g_assert_false (has_term (terms, FLUO_TERM_ANNOTATION, "tierg", "old"));
  /* Stored in indexes: this never changes. */
  g_assert_cmpuint (fluo_term_hash (FLUO_TERM_ANNOTATION, "tier", "gold"), ==,
                    G_GUINT64_CONSTANT (0xd833862372832925));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/trace", test_trace);
  g_test_add_func ("/facts/graph", test_graph);
  g_test_add_func ("/facts/merge", test_merge);
  g_test_add_func ("/facts/groups", test_groups);
  g_test_add_func ("/facts/damaged", test_damaged);
  g_test_add_func ("/facts/forged", test_forged);
  g_test_add_func ("/facts/terms", test_terms);
  return g_test_run ();
}
