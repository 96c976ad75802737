/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/fluo-settings.h"
#include "core/fluo-format.h"

/* What of the graph is shown, and where the user put it; kept in a file per connection. */

/* Enough for what a person arranges by hand. */
#define SAVED_MAX 500

#define PINS "pins"
#define RULES "rules"

static void
load_pins (FluoMapArea *self,
           GKeyFile    *file)
{
  g_auto (GStrv) saved = g_key_file_get_string_list (file, PINS, "nodes", NULL, NULL);
  gsize n = 0;
  g_autofree double *places = g_key_file_get_double_list (file, PINS, "places", &n, NULL);

  for (guint i = 0; saved && saved[i] && 2 * i + 1 < n && i < SAVED_MAX; i++)
    {
      const FluoMapPin pin = { CLAMP (places[2 * i], 0, 1e6), CLAMP (places[2 * i + 1], 0, 1e6) };

      g_hash_table_insert (self->pins, g_strdup (saved[i]), g_memdup2 (&pin, sizeof pin));
    }
}

/* "0prefix": the kind's number and the value. */
static void
load_rules (FluoMapArea *self,
            GKeyFile    *file)
{
  g_auto (GStrv) hidden = g_key_file_get_string_list (file, RULES, "hidden", NULL, NULL);
  g_auto (GStrv) folds = g_key_file_get_string_list (file, RULES, "folds", NULL, NULL);

  for (guint i = 0; hidden && hidden[i] && i < SAVED_MAX; i++)
    g_ptr_array_add (self->rules->hidden, g_strdup (hidden[i]));
  for (guint i = 0; folds && folds[i] && i < SAVED_MAX; i++)
    if (folds[i][0] >= '0' && folds[i][0] <= '0' + FLUO_GRAPH_FOLD_SET && folds[i][1])
      fluo_graph_rules_add_fold (self->rules, folds[i][0] - '0', folds[i] + 1);
}

void
fluo_map_area_set_connection (FluoMapArea *self,
                              const char  *connection)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = NULL;

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (g_strcmp0 (self->connection, connection) == 0)
    return;
  g_free (self->connection);
  self->connection = g_strdup (connection);
  g_hash_table_remove_all (self->pins);
  fluo_graph_rules_free (self->rules);
  self->rules = fluo_graph_rules_new ();
  path = connection ? fluo_settings_dup_state_path ("map", connection) : NULL;
  if (path && g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    {
      load_pins (self, file);
      load_rules (self, file);
    }
  fluo_map_area_forget_changes (self);
}

static void
save_list (GKeyFile        *file,
           const char      *group,
           const char      *key,
           const GPtrArray *list)
{
  if (list->len > 0)
    g_key_file_set_string_list (file, group, key, (const char *const *) list->pdata,
                                MIN (list->len, SAVED_MAX));
}

void
fluo_map_area_save (FluoMapArea *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GPtrArray) folds = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *dir = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!self->connection)
    return;
  g_hash_table_iter_init (&iter, self->pins);
  while (g_hash_table_iter_next (&iter, &key, &value) && nodes->len < SAVED_MAX)
    {
      g_ptr_array_add (nodes, key);
      g_array_append_vals (places, value, 2);
    }
  for (guint i = 0; i < self->rules->folds->len && i < SAVED_MAX; i++)
    {
      const FluoGraphFold *fold = g_ptr_array_index (self->rules->folds, i);

      g_ptr_array_add (folds, g_strdup_printf ("%d%s", fold->kind, fold->value));
    }
  if (nodes->len > 0)
    g_key_file_set_double_list (file, PINS, "places", (double *) places->data, places->len);
  save_list (file, PINS, "nodes", nodes);
  save_list (file, RULES, "hidden", self->rules->hidden);
  save_list (file, RULES, "folds", folds);
  path = fluo_settings_dup_state_path ("map", self->connection);
  dir = g_path_get_dirname (path);
  g_mkdir_with_parents (dir, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("the arrangement of the map can't be remembered: %s", error->message);
}

/* --- Pins ----------------------------------------------------------------- */

void
fluo_map_area_pin (FluoMapArea *self,
                   guint        node,
                   double       x,
                   double       y)
{
  const FluoMapPin pin = { MAX (x, 0), MAX (y, 0) };

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->graph || node >= self->graph->nodes->len)
    return;
  g_hash_table_insert (self->pins, g_strdup (self->topology->keys[self->topology->ranks[node]]),
                       g_memdup2 (&pin, sizeof pin));
  fluo_map_area_note_change (self);
  fluo_map_area_arrange (self, FALSE);
}

void
fluo_map_area_tidy (FluoMapArea *self)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->layout)
    return;
  g_hash_table_remove_all (self->pins);
  fluo_map_area_note_change (self);
  fluo_map_area_arrange (self, TRUE);
}

gboolean
fluo_map_area_has_pins (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FALSE);

  return g_hash_table_size (self->pins) > 0;
}

/* --- Rules ---------------------------------------------------------------- */

guint8 *
fluo_map_area_dup_members (FluoMapArea *self,
                           guint        node)
{
  const FluoGraphNode *item;
  g_autofree char *key = NULL;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  if (!self->full_graph || !self->graph || node >= self->graph->nodes->len)
    return NULL;
  item = g_ptr_array_index (self->graph->nodes, node);
  if (item->n_folded == 0)
    return NULL;
  key = fluo_graph_node_dup_key (item);
  return fluo_graph_rules_dup_members (self->rules, self->full_graph, key);
}

GPtrArray *
fluo_map_area_dup_keys (FluoMapArea *self,
                        guint        node)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);
  g_autofree guint8 *members = fluo_map_area_dup_members (self, node);

  if (!members)
    g_ptr_array_add (keys, fluo_graph_node_dup_key (g_ptr_array_index (self->graph->nodes, node)));
  for (guint i = 0; members && i < self->full_graph->nodes->len; i++)
    if (members[i])
      g_ptr_array_add (keys, fluo_graph_node_dup_key (
                               g_ptr_array_index (self->full_graph->nodes, i)));
  return keys;
}

static void
rules_changed (FluoMapArea *self)
{
  fluo_map_area_note_change (self);
  fluo_map_area_arrange (self, FALSE);
}

/* A group is hidden with all that are in it: it has no key in the whole graph. */
static void
hide (FluoMapArea *self,
      guint        node)
{
  g_autoptr (GPtrArray) keys = fluo_map_area_dup_keys (self, node);

  g_ptr_array_extend_and_steal (self->rules->hidden, g_steal_pointer (&keys));
}

void
fluo_map_area_hide (FluoMapArea *self,
                    guint        node)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->graph || node >= self->graph->nodes->len)
    return;
  hide (self, node);
  rules_changed (self);
}

/* "orders-" of "orders-api" and "orders-db": up to the last sign between words that it shares with
 * another name, and how many do. NULL when there is none. */
char *
fluo_map_area_dup_prefix (FluoMapArea *self,
                          guint        node,
                          guint       *ret_n)
{
  const FluoGraphNode *item = g_ptr_array_index (self->graph->nodes, node);
  const char *name = item->name ? item->name : "";

  for (gsize length = strlen (name); length-- > 1;)
    {
      guint n = 0;

      if (!strchr ("-_./:@", name[length - 1]))
        continue;
      for (guint i = 0; i < self->graph->nodes->len; i++)
        {
          const FluoGraphNode *other = g_ptr_array_index (self->graph->nodes, i);

          n += other->name && strncmp (other->name, name, length) == 0;
        }
      if (n >= 2)
        {
          *ret_n = n;
          return g_strndup (name, length);
        }
    }
  return NULL;
}

void
fluo_map_area_fold (FluoMapArea      *self,
                    guint             node,
                    FluoGraphFoldKind kind)
{
  const FluoGraphNode *item;
  g_autofree char *value = NULL;
  guint n;

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->graph || node >= self->graph->nodes->len)
    return;
  item = g_ptr_array_index (self->graph->nodes, node);
  if (kind == FLUO_GRAPH_FOLD_PREFIX)
    value = fluo_map_area_dup_prefix (self, node, &n);
  else if (kind == FLUO_GRAPH_FOLD_TYPE)
    value = g_strdup (item->type);
  else if (kind == FLUO_GRAPH_FOLD_ACCOUNT)
    value = g_strdup (item->account);
  else
    value = fluo_graph_node_dup_key (item);
  if (!value)
    return;
  fluo_graph_rules_add_fold (self->rules, kind, value);
  rules_changed (self);
}

static void
set_key (char      **key,
         GPtrArray  *keys)
{
  g_free (*key);
  *key = keys->len > 0 ? g_strdup (g_ptr_array_index (keys, 0)) : NULL;
}

gboolean
fluo_map_area_unfold (FluoMapArea *self,
                      guint        node)
{
  g_autoptr (GPtrArray) keys = NULL;
  const FluoGraphNode *item;
  g_autofree char *key = NULL;
  guint fold;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FALSE);

  if (!self->graph || node >= self->graph->nodes->len)
    return FALSE;
  item = g_ptr_array_index (self->graph->nodes, node);
  if (item->n_folded == 0)
    return FALSE;
  key = fluo_graph_node_dup_key (item);
  fold = fluo_graph_rules_find_fold (self->rules, key);
  if (fold == G_MAXUINT)
    return FALSE;
  keys = fluo_map_area_dup_keys (self, node);
  /* Of what it stood for, one stands for it. */
  if (g_strcmp0 (self->focus_key, key) == 0)
    set_key (&self->focus_key, keys);
  if (g_strcmp0 (self->node_key, key) == 0)
    set_key (&self->node_key, keys);
  g_ptr_array_remove_index (self->rules->folds, fold);
  rules_changed (self);
  return TRUE;
}

void
fluo_map_area_focus_on (FluoMapArea *self,
                        guint        node,
                        guint        hops)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->graph || node >= self->graph->nodes->len)
    return;
  g_free (self->rules->focus);
  self->rules->focus =
    fluo_graph_node_dup_key (g_ptr_array_index (self->graph->nodes, node));
  self->rules->hops = hops;
  /* What is left of the map deserves the room of all of it. */
  self->placed = FALSE;
  rules_changed (self);
}

void
fluo_map_area_show_all (FluoMapArea *self)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (fluo_graph_rules_is_empty (self->rules))
    return;
  fluo_graph_rules_free (self->rules);
  self->rules = fluo_graph_rules_new ();
  self->placed = FALSE;
  rules_changed (self);
}

/* "3 services hidden · 2 groups folded", or NULL when everything is shown. */
char *
fluo_map_area_dup_rules_words (FluoMapArea *self)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  guint n_groups = 0;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  for (guint i = 0; self->graph && i < self->graph->nodes->len; i++)
    n_groups += ((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->n_folded > 0;
  if (self->n_hidden > 0)
    g_ptr_array_add (words, g_strdup_printf (ngettext ("%u service hidden", "%u services hidden",
                                                       self->n_hidden),
                                             self->n_hidden));
  if (n_groups > 0)
    g_ptr_array_add (words, g_strdup_printf (ngettext ("%u group folded", "%u groups folded",
                                                       n_groups),
                                             n_groups));
  if (words->len == 0)
    return NULL;
  g_ptr_array_add (words, NULL);
  return g_strjoinv (" · ", (char **) words->pdata);
}

void
fluo_map_area_hide_picked (FluoMapArea *self)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (g_hash_table_size (self->picked) == 0)
    return;
  for (guint i = 0; self->picked_now && i < self->graph->nodes->len; i++)
    if (self->picked_now[i])
      hide (self, i);
  fluo_map_area_clear_picked (self);
  rules_changed (self);
}

void
fluo_map_area_fold_picked (FluoMapArea *self)
{
  g_autoptr (GString) set = g_string_new (NULL);

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  /* In an order that depends on names alone. */
  for (guint rank = 0; self->picked_now && rank < self->topology->n_nodes; rank++)
    {
      const guint node = self->topology->nodes[rank];
      const FluoGraphNode *item = g_ptr_array_index (self->graph->nodes, node);
      g_autofree char *key = fluo_graph_node_dup_key (item);

      if (!self->picked_now[node] || item->n_folded > 0)
        continue;
      g_string_append_printf (set, "%s%s", set->len > 0 ? FLUO_GRAPH_FOLD_SET_SEPARATOR : "", key);
    }
  if (!strstr (set->str, FLUO_GRAPH_FOLD_SET_SEPARATOR))
    return;
  fluo_graph_rules_add_fold (self->rules, FLUO_GRAPH_FOLD_SET, set->str);
  fluo_map_area_clear_picked (self);
  rules_changed (self);
}
