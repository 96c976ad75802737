/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-lexicon.h"

#include <stdlib.h>
#include <string.h>

/* Longer values help nobody in a list. */
#define VALUE_BYTES_MAX 1000

/* Pruning ends with everything gone; from the other on short lists are pruned too. */
#define FLOOR_END (G_GUINT64_CONSTANT (1) << 40)
#define FLOOR_SHORT_LISTS (G_GUINT64_CONSTANT (1) << 32)

typedef enum
{
  FIELD_SERVICE, /* with its type */
  FIELD_EDGE,    /* source and destination */
  FIELD_TYPE,
  FIELD_URL,
  FIELD_METHOD,
  FIELD_STATUS,
  FIELD_USER_AGENT,
  FIELD_CLIENT_IP,
  FIELD_USER,
  FIELD_ZONE,
  FIELD_INSTANCE,
  FIELD_ARN,
  FIELD_ACCOUNT,
  FIELD_GROUP, /* the key as text */
  FIELD_EXCEPTION,
  FIELD_MESSAGE,
  FIELD_VERSION, /* with its service */
  N_FIELDS /* behind them the values of one annotation each */
} FieldKind;

/* Its texts follow it: they are looked at each time, and lie in the same lines of the processor's
 * cache. */
typedef struct
{
  guint64     n;
  guint64     last;  /* trace that it was counted for */
  const char *text;
  const char *other; /* or NULL */
} Value;

typedef struct
{
  GHashTable *values; /* Value */
  gboolean    lossy;  /* some have gone */
} Field;

typedef struct
{
  char   *key;
  guint   field;
  guint64 n, last;
  guint64 by_type[3]; /* FluoValueType */
  guint64 last_by_type[3];
} Key;

/* What strings of the chunk at hand have been looked up already. */
#define CACHE_N 8192

/* In place of a field: the string is a key. */
#define FIELD_OF_KEYS G_MAXUINT32

typedef struct
{
  guint64  chunk;
  guint32  field, a, b;
  gpointer found; /* Value or Key; NULL: not remembered */
} Cached;

struct _FluoLexicon
{
  GArray     *fields; /* Field */
  GPtrArray  *keys;   /* Key */
  GHashTable *by_key;
  char       *search;
  guint       n_values;
  guint       values_max;
  gboolean    more_keys;
  guint64     n_traces; /* the number of the one at hand */
  guint64     chunk;
  Cached     *cache;
};

/* --- Values ----------------------------------------------------------------- */

static guint
value_hash (gconstpointer data)
{
  const Value *self = data;

  return g_str_hash (self->text) * 31 + (self->other ? g_str_hash (self->other) : 0);
}

static gboolean
value_equal (gconstpointer a, gconstpointer b)
{
  const Value *x = a, *y = b;

  return strcmp (x->text, y->text) == 0 && g_strcmp0 (x->other, y->other) == 0;
}

static Value *
value_new (const char *text, const char *other)
{
  gsize length = strlen (text) + 1, other_length = other ? strlen (other) + 1 : 0;
  Value *self = g_malloc (sizeof *self + length + other_length);
  char *texts = (char *) (self + 1);

  memcpy (texts, text, length);
  if (other)
    memcpy (texts + length, other, other_length);
  *self = (Value) { 0, 0, texts, other ? texts + length : NULL };
  return self;
}

static void
field_clear (gpointer data)
{
  g_hash_table_unref (((Field *) data)->values);
}

static guint
add_field (FluoLexicon *self)
{
  Field field = { g_hash_table_new_full (value_hash, value_equal, g_free, NULL), FALSE };

  g_array_append_val (self->fields, field);
  return self->fields->len - 1;
}

static gboolean
contains (const char *text, const char *part)
{
  gsize length = strlen (part);

  for (; *text; text++)
    if (g_ascii_strncasecmp (text, part, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_searched (FluoLexicon *self, const char *text, const char *other)
{
  return !self->search || contains (text, self->search) ||
         (other && contains (other, self->search));
}

static Value *
find_value (FluoLexicon *self, guint index, const char *text, const char *other)
{
  Field *field = &g_array_index (self->fields, Field, index);
  Value probe = { 0, 0, text, other }, *value;

  value = g_hash_table_lookup (field->values, &probe);
  if (value || !is_searched (self, text, other))
    return value;
  if (self->n_values >= 2 * self->values_max || strlen (text) > VALUE_BYTES_MAX)
    {
      field->lossy = TRUE;
      return NULL;
    }
  value = value_new (text, other);
  g_hash_table_add (field->values, value);
  self->n_values++;
  return value;
}

/* Where these strings are remembered. FALSE when they have not been looked up. */
static gboolean
find_cached (FluoLexicon *self, guint32 field, guint32 a, guint32 b, Cached **ret_cached)
{
  guint32 slot = ((a * 0x9e3779b1u) ^ (b * 0x85ebca6bu) ^ (field * 0xc2b2ae35u)) >> 19;
  Cached *cached = &self->cache[slot % CACHE_N];

  *ret_cached = cached;
  if (cached->chunk == self->chunk && cached->field == field && cached->a == a && cached->b == b)
    return TRUE;
  *cached = (Cached) { self->chunk, field, a, b, NULL };
  return FALSE;
}

/* Once a trace. @a and @b are the numbers of the strings. */
static void
note (FluoLexicon *self, guint field, const char *text, guint32 a, const char *other, guint32 b)
{
  Cached *cached;
  Value *value;

  if (!find_cached (self, field, a, b, &cached))
    cached->found = find_value (self, field, text, other);
  value = cached->found;
  if (!value || value->last == self->n_traces)
    return;
  value->last = self->n_traces;
  value->n++;
}

static void
note_string (FluoLexicon *self, const FluoTraceFacts *facts, guint field, guint32 string)
{
  if (string != 0)
    note (self, field, facts->strings[string], string, NULL, 0);
}

/* Lossy counting: what was seen least goes, until half is left. Short lists (services, methods)
 * stay as long as that is enough. */
static void
prune (FluoLexicon *self)
{
  guint half = self->values_max / 2;

  for (guint64 floor = 1; self->n_values > half && floor < FLOOR_END; floor *= 4)
    for (guint i = 0; i < self->fields->len; i++)
      {
        Field *field = &g_array_index (self->fields, Field, i);
        GHashTableIter iter;
        gpointer value;

        if (floor < FLOOR_SHORT_LISTS && g_hash_table_size (field->values) < half / 100)
          continue;
        g_hash_table_iter_init (&iter, field->values);
        while (g_hash_table_iter_next (&iter, &value, NULL))
          if (((Value *) value)->n <= floor)
            {
              g_hash_table_iter_remove (&iter);
              self->n_values--;
              field->lossy = TRUE;
            }
      }
}

/* --- Traces ----------------------------------------------------------------- */

static Key *
find_key (FluoLexicon *self, const char *text)
{
  Key *key = g_hash_table_lookup (self->by_key, text);

  if (key)
    return key;
  if (self->keys->len >= FLUO_LEXICON_KEYS_MAX || strlen (text) > VALUE_BYTES_MAX)
    {
      self->more_keys = TRUE;
      return NULL;
    }
  key = g_new0 (Key, 1);
  key->key = g_strdup (text);
  key->field = add_field (self);
  g_ptr_array_add (self->keys, key);
  g_hash_table_insert (self->by_key, key->key, key);
  return key;
}

static void
add_annotations (FluoLexicon *self, const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_annotations; i++)
    {
      const FluoFactsAnnotation *row = &facts->annotations[i];
      Cached *cached;
      Key *key;

      if (!find_cached (self, FIELD_OF_KEYS, row->key, 0, &cached))
        cached->found = find_key (self, facts->strings[row->key]);
      key = cached->found;
      if (!key || row->type > FLUO_VALUE_BOOLEAN)
        continue;
      if (key->last != self->n_traces)
        key->n++;
      key->last = self->n_traces;
      if (key->last_by_type[row->type] != self->n_traces)
        key->by_type[row->type]++;
      key->last_by_type[row->type] = self->n_traces;
      note (self, key->field, row->value ? facts->strings[row->value] : "", row->value, NULL, 0);
    }
}

static void
add_services (FluoLexicon *self, const FluoTraceFacts *facts)
{
  for (guint32 i = 0; i < facts->n_nodes; i++)
    {
      const FluoFactsNode *node = &facts->nodes[i];

      note_string (self, facts, FIELD_ACCOUNT, node->account);
      if ((node->flags & FLUO_FACTS_CLIENT) || node->name == 0)
        continue;
      note (self, FIELD_SERVICE, facts->strings[node->name], node->name,
            facts->strings[node->type], node->type);
      note_string (self, facts, FIELD_TYPE, node->type);
    }
  for (guint32 i = 0; i < facts->n_entities; i++)
    {
      const guint32 version = facts->entities[i].version;
      const guint32 name = facts->nodes[facts->entities[i].node].name;

      if (version != 0 && name != 0)
        note (self, FIELD_VERSION, facts->strings[version], version, facts->strings[name], name);
    }
  for (guint32 i = 0; i < facts->n_edges; i++)
    {
      const FluoFactsEdge *edge = &facts->edges[i];
      guint32 source, destination;

      if (edge->source == FLUO_FACTS_NONE)
        continue;
      source = facts->nodes[facts->entities[edge->source].node].name;
      destination = facts->nodes[facts->entities[edge->destination].node].name;
      if (source != 0 && destination != 0)
        note (self, FIELD_EDGE, facts->strings[source], source, facts->strings[destination],
              destination);
    }
}

static void
add_root (FluoLexicon *self, const FluoTraceFacts *facts)
{
  const FluoFactsEntity *root;
  char status[16];

  if (facts->root == FLUO_FACTS_NONE)
    return;
  root = &facts->entities[facts->root];
  note_string (self, facts, FIELD_URL, root->url);
  note_string (self, facts, FIELD_METHOD, root->method);
  note_string (self, facts, FIELD_USER_AGENT, root->user_agent);
  note_string (self, facts, FIELD_CLIENT_IP, root->client_ip);
  g_snprintf (status, sizeof status, "%u", root->http_status);
  if (root->http_status > 0)
    note (self, FIELD_STATUS, status, root->http_status, NULL, 0);
}

static void
add_list (FluoLexicon *self, const FluoTraceFacts *facts, guint field, const guint32 *strings,
          guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    note_string (self, facts, field, strings[i]);
}

static void
add_trace (FluoLexicon *self, const FluoTraceFacts *facts)
{
  self->n_traces++;
  add_services (self, facts);
  add_root (self, facts);
  add_annotations (self, facts);
  add_list (self, facts, FIELD_USER, facts->users, facts->n_users);
  add_list (self, facts, FIELD_ZONE, facts->zones, facts->n_zones);
  add_list (self, facts, FIELD_INSTANCE, facts->instances, facts->n_instances);
  add_list (self, facts, FIELD_ARN, facts->arns, facts->n_arns);
  for (guint32 i = 0; i < facts->n_exceptions; i++)
    {
      note_string (self, facts, FIELD_EXCEPTION, facts->exceptions[i].name);
      note_string (self, facts, FIELD_MESSAGE, facts->exceptions[i].message);
    }
  for (guint32 i = 0; i < facts->n_groups; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%u", facts->groups[i]);
      note (self, FIELD_GROUP, key, facts->groups[i], NULL, 0);
    }
}

void
fluo_lexicon_add (FluoLexicon *self, FluoFactsBlock *facts, const guint *traces, guint n)
{
  self->chunk++;
  for (guint i = 0; i < n; i++)
    {
      FluoTraceFacts view;

      fluo_facts_block_get (facts, traces[i], &view);
      add_trace (self, &view);
    }
  if (self->n_values > self->values_max)
    prune (self);
}

/* --- The answer ------------------------------------------------------------- */

static int
compare_values (gconstpointer a, gconstpointer b)
{
  const Value *x = *(gpointer *) a, *y = *(gpointer *) b;

  if (x->n != y->n)
    return x->n > y->n ? -1 : 1;
  return strcmp (x->text, y->text) != 0 ? strcmp (x->text, y->text)
                                        : g_strcmp0 (x->other, y->other);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const Key *x = *(gpointer *) a, *y = *(gpointer *) b;

  return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp (x->key, y->key);
}

static GPtrArray *
sort_values (const Field *field)
{
  GPtrArray *sorted = g_ptr_array_sized_new (g_hash_table_size (field->values));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, field->values);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    if (((Value *) value)->n > 0)
      g_ptr_array_add (sorted, value);
  g_ptr_array_sort (sorted, compare_values);
  return sorted;
}

/* TRUE when there are more, or were. */
static gboolean
write_list (const FluoLexicon *self, guint index, const char *name, const char *text,
            const char *other, guint max, FluoJsonWriter *writer)
{
  const Field *field = &g_array_index (self->fields, Field, index);
  g_autoptr (GPtrArray) sorted = sort_values (field);

  fluo_json_writer_key (writer, name);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < MIN (sorted->len, max); i++)
    {
      const Value *value = sorted->pdata[i];

      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, text);
      fluo_json_writer_string (writer, value->text);
      if (other && value->other)
        {
          fluo_json_writer_key (writer, other);
          fluo_json_writer_string (writer, value->other);
        }
      fluo_json_writer_key (writer, "Count");
      fluo_json_writer_int (writer, (gint64) value->n);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
  return field->lossy || sorted->len > max;
}

static void
write_annotations (FluoLexicon *self, guint keys_max, guint values_max, FluoJsonWriter *writer)
{
  static const char *const types[] = { "string", "number", "boolean" };

  g_ptr_array_sort (self->keys, compare_keys);
  fluo_json_writer_key (writer, "Annotations");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < MIN (self->keys->len, keys_max); i++)
    {
      const Key *key = self->keys->pdata[i];
      guint type = 0;
      gboolean more;

      for (guint k = 1; k < G_N_ELEMENTS (types); k++)
        type = key->by_type[k] > key->by_type[type] ? k : type;
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Key");
      fluo_json_writer_string (writer, key->key);
      fluo_json_writer_key (writer, "Type");
      fluo_json_writer_string (writer, types[type]);
      fluo_json_writer_key (writer, "Count");
      fluo_json_writer_int (writer, (gint64) key->n);
      more = write_list (self, key->field, "Values", "Value", NULL, values_max, writer);
      fluo_json_writer_key (writer, "MoreValues");
      fluo_json_writer_boolean (writer, more);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_group_names (const FluoLexicon *self, FluoGroups *groups, const char *name, gboolean arn,
                   FluoJsonWriter *writer)
{
  g_autoptr (GPtrArray) sorted =
    sort_values (&g_array_index (self->fields, Field, FIELD_GROUP));
  guint n;
  const FluoGroup *rows = fluo_groups_get (groups, &n);

  fluo_json_writer_key (writer, name);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < sorted->len; i++)
    {
      const Value *value = sorted->pdata[i];
      guint32 key = (guint32) strtoul (value->text, NULL, 10);

      for (guint g = 0; g < n; g++)
        if (rows[g].key == key)
          {
            fluo_json_writer_begin (writer, '{');
            fluo_json_writer_key (writer, "Value");
            fluo_json_writer_string (writer, arn ? rows[g].arn : rows[g].name);
            fluo_json_writer_key (writer, "Count");
            fluo_json_writer_int (writer, (gint64) value->n);
            fluo_json_writer_end (writer, '}');
          }
    }
  fluo_json_writer_end (writer, ']');
}

void
fluo_lexicon_write (FluoLexicon *self, FluoGroups *groups, guint keys_max, guint values_max,
                    FluoJsonWriter *writer)
{
  static const struct { guint field; const char *name, *text, *other; } lists[] = {
    { FIELD_SERVICE, "Services", "Name", "Type" },
    { FIELD_EDGE, "Edges", "Source", "Destination" },
    { FIELD_TYPE, "ServiceTypes", "Value", NULL },
    { FIELD_URL, "Urls", "Value", NULL },
    { FIELD_METHOD, "Methods", "Value", NULL },
    { FIELD_STATUS, "Statuses", "Value", NULL },
    { FIELD_USER_AGENT, "UserAgents", "Value", NULL },
    { FIELD_CLIENT_IP, "ClientIps", "Value", NULL },
    { FIELD_USER, "Users", "Value", NULL },
    { FIELD_ZONE, "AvailabilityZones", "Value", NULL },
    { FIELD_INSTANCE, "InstanceIds", "Value", NULL },
    { FIELD_ARN, "ResourceArns", "Value", NULL },
    { FIELD_ACCOUNT, "AccountIds", "Value", NULL },
    { FIELD_EXCEPTION, "Exceptions", "Value", NULL },
    { FIELD_MESSAGE, "Messages", "Value", NULL },
    { FIELD_VERSION, "Versions", "Value", "Service" },
  };
  gboolean more[G_N_ELEMENTS (lists)];

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Traces");
  fluo_json_writer_int (writer, (gint64) self->n_traces);
  write_annotations (self, keys_max, values_max, writer);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    more[i] = write_list (self, lists[i].field, lists[i].name, lists[i].text, lists[i].other,
                          values_max, writer);
  write_group_names (self, groups, "Groups", FALSE, writer);
  write_group_names (self, groups, "GroupArns", TRUE, writer);
  fluo_json_writer_key (writer, "More");
  fluo_json_writer_begin (writer, '[');
  if (self->more_keys || self->keys->len > keys_max)
    fluo_json_writer_string (writer, "Annotations");
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (more[i])
      fluo_json_writer_string (writer, lists[i].name);
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

/* --- Life -------------------------------------------------------------------- */

static void
key_free (gpointer data)
{
  g_free (((Key *) data)->key);
  g_free (data);
}

FluoLexicon *
fluo_lexicon_new (const char *search, guint values_max)
{
  FluoLexicon *self = g_new0 (FluoLexicon, 1);

  self->values_max = values_max;
  self->fields = g_array_new (FALSE, FALSE, sizeof (Field));
  g_array_set_clear_func (self->fields, field_clear);
  self->keys = g_ptr_array_new_with_free_func (key_free);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->search = search && *search ? g_strdup (search) : NULL;
  self->cache = g_new0 (Cached, CACHE_N);
  for (guint i = 0; i < N_FIELDS; i++)
    add_field (self);
  return self;
}

void
fluo_lexicon_free (FluoLexicon *self)
{
  g_array_unref (self->fields);
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->by_key);
  g_free (self->search);
  g_free (self->cache);
  g_free (self);
}

guint64
fluo_lexicon_get_n_traces (const FluoLexicon *self)
{
  return self->n_traces;
}
