/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"

#include <string.h>

/* --- Rules ---------------------------------------------------------------- */

static void
fold_free (gpointer data)
{
  g_free (((FluoGraphFold *) data)->value);
  g_free (data);
}

FluoGraphRules *
fluo_graph_rules_new (void)
{
  FluoGraphRules *self = g_new0 (FluoGraphRules, 1);

  self->hidden = g_ptr_array_new_with_free_func (g_free);
  self->folds = g_ptr_array_new_with_free_func (fold_free);
  return self;
}

FluoGraphRules *
fluo_graph_rules_copy (const FluoGraphRules *self)
{
  FluoGraphRules *copy = fluo_graph_rules_new ();

  for (guint i = 0; i < self->hidden->len; i++)
    g_ptr_array_add (copy->hidden, g_strdup (g_ptr_array_index (self->hidden, i)));
  for (guint i = 0; i < self->folds->len; i++)
    {
      const FluoGraphFold *fold = g_ptr_array_index (self->folds, i);

      fluo_graph_rules_add_fold (copy, fold->kind, fold->value);
    }
  copy->focus = g_strdup (self->focus);
  copy->hops = self->hops;
  return copy;
}

void
fluo_graph_rules_free (FluoGraphRules *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->hidden);
  g_ptr_array_unref (self->folds);
  g_free (self->focus);
  g_free (self);
}

gboolean
fluo_graph_rules_is_empty (const FluoGraphRules *self)
{
  return self->hidden->len == 0 && self->folds->len == 0 && !self->focus;
}

void
fluo_graph_rules_add_fold (FluoGraphRules   *self,
                           FluoGraphFoldKind kind,
                           const char       *value)
{
  FluoGraphFold *fold;

  for (guint i = 0; i < self->folds->len; i++)
    {
      fold = g_ptr_array_index (self->folds, i);
      if (fold->kind == kind && g_str_equal (fold->value, value))
        return;
    }
  fold = g_new0 (FluoGraphFold, 1);
  fold->kind = kind;
  fold->value = g_strdup (value);
  g_ptr_array_add (self->folds, fold);
}

char *
fluo_graph_node_dup_key (const FluoGraphNode *self)
{
  return g_strjoin ("\n", self->name ? self->name : "", self->type ? self->type : "",
                    self->account ? self->account : "", NULL);
}

/* The name that the folded node bears: no words, so that it needs no language. */
static char *
fold_dup_name (const FluoGraphFold *fold)
{
  g_autofree char *caller = NULL;

  switch (fold->kind)
    {
    case FLUO_GRAPH_FOLD_PREFIX:
      return g_strconcat (fold->value, "…", NULL);
    case FLUO_GRAPH_FOLD_LEAVES:
      caller = g_strndup (fold->value, strcspn (fold->value, "\n"));
      return g_strconcat (caller, " → …", NULL);
    case FLUO_GRAPH_FOLD_SET:
      {
        g_auto (GStrv) keys = g_strsplit (fold->value, FLUO_GRAPH_FOLD_SET_SEPARATOR, -1);

        caller = keys[0] ? g_strndup (keys[0], strcspn (keys[0], "\n")) : g_strdup ("");
        return g_strdup_printf ("%s +%u", caller, MAX (g_strv_length (keys), 1) - 1);
      }
    case FLUO_GRAPH_FOLD_TYPE:
    case FLUO_GRAPH_FOLD_ACCOUNT:
    default:
      return g_strdup (fold->value);
    }
}

guint
fluo_graph_rules_find_fold (const FluoGraphRules *self,
                            const char           *key)
{
  const gsize length = strcspn (key, "\n");

  for (guint i = 0; i < self->folds->len; i++)
    {
      g_autofree char *name = fold_dup_name (g_ptr_array_index (self->folds, i));

      if (strlen (name) == length && strncmp (name, key, length) == 0)
        return i;
    }
  return G_MAXUINT;
}

/* --- Reducing ------------------------------------------------------------- */

typedef struct
{
  const FluoServiceGraph *graph;
  const FluoGraphRules   *rules;
  char                  **keys;
  gboolean               *left_out;
  guint                  *fold;   /* a node: its fold, or G_MAXUINT */
  guint                  *caller; /* the only one, G_MAXUINT - 1 for several */
  gboolean               *calls;  /* anyone */
} Reduction;

static void
reduction_init (Reduction              *self,
                const FluoServiceGraph *graph,
                const FluoGraphRules   *rules)
{
  const guint n = graph->nodes->len;

  *self = (Reduction) { .graph = graph, .rules = rules };
  self->keys = g_new0 (char *, n + 1);
  self->left_out = g_new0 (gboolean, n + 1);
  self->fold = g_new (guint, n + 1);
  self->caller = g_new (guint, n + 1);
  self->calls = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    {
      self->keys[i] = fluo_graph_node_dup_key (fluo_graph_node_at (graph, i));
      self->fold[i] = self->caller[i] = G_MAXUINT;
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = fluo_graph_edge_at (graph, i);

      if (edge->from == edge->to)
        continue;
      self->calls[edge->from] = TRUE;
      if (self->caller[edge->to] == G_MAXUINT)
        self->caller[edge->to] = edge->from;
      else if (self->caller[edge->to] != edge->from)
        self->caller[edge->to] = G_MAXUINT - 1;
    }
}

static void
reduction_clear (Reduction *self)
{
  g_strfreev (self->keys);
  g_free (self->left_out);
  g_free (self->fold);
  g_free (self->caller);
  g_free (self->calls);
}

static gboolean
in_set (const char *set,
        const char *key)
{
  const gsize length = strlen (key);

  for (const char *at = set; at && *at;)
    {
      const gsize n = strcspn (at, FLUO_GRAPH_FOLD_SET_SEPARATOR);

      if (n == length && strncmp (at, key, n) == 0)
        return TRUE;
      at += n + (at[n] != '\0');
    }
  return FALSE;
}

static gboolean
reduction_folds (const Reduction     *self,
                 const FluoGraphFold *fold,
                 guint                index)
{
  const FluoGraphNode *node = fluo_graph_node_at (self->graph, index);

  if (fluo_graph_node_is_client (node))
    return FALSE;
  switch (fold->kind)
    {
    case FLUO_GRAPH_FOLD_PREFIX:
      return node->name && g_str_has_prefix (node->name, fold->value);
    case FLUO_GRAPH_FOLD_TYPE:
      return g_strcmp0 (node->type, fold->value) == 0;
    case FLUO_GRAPH_FOLD_ACCOUNT:
      return g_strcmp0 (node->account, fold->value) == 0;
    case FLUO_GRAPH_FOLD_LEAVES:
      return !self->calls[index] && self->caller[index] < G_MAXUINT - 1
             && g_str_equal (self->keys[self->caller[index]], fold->value);
    case FLUO_GRAPH_FOLD_SET:
      return in_set (fold->value, self->keys[index]);
    default:
      return FALSE;
    }
}

/* Nodes further than so many calls from the focus, in either direction. */
static void
reduction_leave_out_far (Reduction *self)
{
  const guint n = self->graph->nodes->len;
  const guint f = fluo_graph_rules_find_fold (self->rules, self->rules->focus);
  g_autofree guint *distance = g_new (guint, n + 1);
  const FluoGraphFold *fold = NULL;
  gboolean found = FALSE;

  for (guint i = 0; i < n; i++)
    found |= g_str_equal (self->keys[i], self->rules->focus);
  /* Where it is no node, it may be a group. */
  if (!found && f != G_MAXUINT)
    fold = g_ptr_array_index (self->rules->folds, f);
  for (guint i = 0; i < n; i++)
    {
      const gboolean near =
        fold ? reduction_folds (self, fold, i) : g_str_equal (self->keys[i], self->rules->focus);

      distance[i] = near ? 0 : G_MAXUINT;
      found |= near;
    }
  /* One that is not there at the moment hides nothing. */
  if (!found)
    return;
  for (guint hop = 0; hop < self->rules->hops; hop++)
    for (guint i = 0; i < self->graph->edges->len; i++)
      {
        const FluoGraphEdge *edge = fluo_graph_edge_at (self->graph, i);

        if (distance[edge->from] == hop && distance[edge->to] > hop + 1)
          distance[edge->to] = hop + 1;
        if (distance[edge->to] == hop && distance[edge->from] > hop + 1)
          distance[edge->from] = hop + 1;
      }
  for (guint i = 0; i < n; i++)
    self->left_out[i] |= distance[i] == G_MAXUINT;
}

static void
reduction_leave_out (Reduction *self)
{
  g_autoptr (GHashTable) hidden = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->rules->hidden->len; i++)
    g_hash_table_add (hidden, g_ptr_array_index (self->rules->hidden, i));
  for (guint i = 0; i < self->graph->nodes->len; i++)
    self->left_out[i] = g_hash_table_contains (hidden, self->keys[i]);
  if (self->rules->focus)
    reduction_leave_out_far (self);
}

static void
reduction_find_folds (Reduction *self)
{
  for (guint f = 0; f < self->rules->folds->len; f++)
    {
      guint n = 0, last = 0;

      for (guint i = 0; i < self->graph->nodes->len; i++)
        if (!self->left_out[i] && self->fold[i] == G_MAXUINT
            && reduction_folds (self, g_ptr_array_index (self->rules->folds, f), i))
          {
            self->fold[i] = f;
            last = i;
            n++;
          }
      if (n == 1)
        self->fold[last] = G_MAXUINT;
    }
}

guint8 *
fluo_graph_rules_dup_members (const FluoGraphRules   *self,
                              const FluoServiceGraph *graph,
                              const char             *key)
{
  const guint fold = fluo_graph_rules_find_fold (self, key);
  guint8 *members;
  Reduction reduction;

  if (fold == G_MAXUINT)
    return NULL;
  members = g_new0 (guint8, graph->nodes->len + 1);
  reduction_init (&reduction, graph, self);
  reduction_leave_out (&reduction);
  reduction_find_folds (&reduction);
  for (guint i = 0; i < graph->nodes->len; i++)
    members[i] = reduction.fold[i] == fold;
  reduction_clear (&reduction);
  return members;
}

/* The node that stands for all of a fold, with their type where it is the same. */
static FluoGraphNode
reduction_make_folded (const Reduction *self,
                       guint            fold,
                       char            *name)
{
  FluoGraphNode folded = { .name = name };
  gboolean first = TRUE;

  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (self->graph, i);

      if (self->fold[i] != fold)
        continue;
      if (first)
        {
          folded.type = node->type;
          folded.first_ns = node->first_ns;
          folded.last_ns = node->last_ns;
          folded.inferred = TRUE;
        }
      else if (g_strcmp0 (folded.type, node->type) != 0)
        folded.type = NULL;
      folded.root |= node->root;
      folded.inferred &= node->inferred;
      folded.first_ns = MIN (folded.first_ns, node->first_ns);
      folded.last_ns = MAX (folded.last_ns, node->last_ns);
      folded.n_folded++;
      first = FALSE;
    }
  return folded;
}

static void
reduction_add_edges (const Reduction  *self,
                     FluoServiceGraph *result,
                     const guint      *map)
{
  for (guint i = 0; i < self->graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = fluo_graph_edge_at (self->graph, i);
      FluoGraphEdge *mine;

      if (map[edge->from] == G_MAXUINT || map[edge->to] == G_MAXUINT
          || (map[edge->from] == map[edge->to] && edge->from != edge->to))
        continue;
      mine = fluo_service_graph_take_edge (result, map[edge->from], map[edge->to], edge->linked,
                                           TRUE);
      fluo_graph_edge_add_alias (mine, edge->alias, edge->alias_type);
      fluo_call_stats_merge (&mine->stats, &edge->stats);
    }
}

FluoServiceGraph *
fluo_service_graph_reduce (const FluoServiceGraph *self,
                           const FluoGraphRules   *rules,
                           guint                  *ret_hidden)
{
  FluoServiceGraph *result;
  g_autofree guint *map = NULL;
  g_autofree guint *of_fold = NULL;
  Reduction reduction;
  guint n_hidden = 0;

  g_return_val_if_fail (self != NULL && rules != NULL, NULL);

  result = fluo_service_graph_new ();
  result->span = self->span;
  map = g_new (guint, self->nodes->len + 1);
  of_fold = g_new (guint, rules->folds->len + 1);
  memset (of_fold, 0xff, (rules->folds->len + 1) * sizeof (guint));
  reduction_init (&reduction, self, rules);
  reduction_leave_out (&reduction);
  reduction_find_folds (&reduction);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (self, i);
      const guint fold = reduction.fold[i];

      map[i] = G_MAXUINT;
      n_hidden += reduction.left_out[i];
      if (reduction.left_out[i])
        continue;
      if (fold == G_MAXUINT)
        map[i] = fluo_service_graph_add_node (result, node);
      else if (of_fold[fold] != G_MAXUINT)
        map[i] = of_fold[fold];
      else
        {
          g_autofree char *name = fold_dup_name (g_ptr_array_index (rules->folds, fold));
          const FluoGraphNode folded = reduction_make_folded (&reduction, fold, name);

          map[i] = of_fold[fold] = fluo_service_graph_add_node (result, &folded);
          if (map[i] != G_MAXUINT)
            fluo_graph_node_at (result, map[i])->n_folded = folded.n_folded;
        }
      if (map[i] != G_MAXUINT)
        fluo_call_stats_merge (&fluo_graph_node_at (result, map[i])->stats, &node->stats);
    }
  reduction_add_edges (&reduction, result, map);
  reduction_clear (&reduction);
  if (ret_hidden)
    *ret_hidden = n_hidden;
  return result;
}
