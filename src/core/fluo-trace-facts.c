/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-facts-private.h"

#include <string.h>

const guint8 fluo_facts_row_size[FLUO_N_FACTS_TABLES] = {
  [FLUO_FACTS_NODES] = sizeof (FluoFactsNode),
  [FLUO_FACTS_ENTITIES] = sizeof (FluoFactsEntity),
  [FLUO_FACTS_EDGES] = sizeof (FluoFactsEdge),
  [FLUO_FACTS_ANNOTATIONS] = sizeof (FluoFactsAnnotation),
  [FLUO_FACTS_ALIASES] = sizeof (guint32),
  [FLUO_FACTS_CAUSES] = sizeof (FluoFactsCause),
  [FLUO_FACTS_CAUSE_SERVICES] = sizeof (FluoFactsCauseService),
  [FLUO_FACTS_CAUSE_ENTITIES] = sizeof (FluoFactsCauseEntity),
  [FLUO_FACTS_EXCEPTIONS] = sizeof (FluoFactsException),
  [FLUO_FACTS_USERS] = sizeof (guint32),
  [FLUO_FACTS_INSTANCES] = sizeof (guint32),
  [FLUO_FACTS_ZONES] = sizeof (guint32),
  [FLUO_FACTS_ARNS] = sizeof (guint32),
  [FLUO_FACTS_GROUPS] = sizeof (guint32),
  [FLUO_FACTS_LINKS] = sizeof (FluoTraceId),
};

/* Rows of an ordinary trace; lists that get longer grow. */
static const guint8 usual_rows[FLUO_N_FACTS_TABLES] = {
  [FLUO_FACTS_NODES] = 8,        [FLUO_FACTS_ENTITIES] = 8,  [FLUO_FACTS_EDGES] = 8,
  [FLUO_FACTS_ANNOTATIONS] = 32, [FLUO_FACTS_INSTANCES] = 4, [FLUO_FACTS_ZONES] = 4,
};

G_DEFINE_QUARK (fluo-facts-error-quark, fluo_facts_error)

/* --- Blocks ---------------------------------------------------------------- */

static gsize
align (gsize size)
{
  return (size + 7) & ~(gsize) 7;
}

/* Whoever looks through a store reads a block, lets go of it and reads the next. Memory of that
 * size comes from the system and goes back to it, and a page that is new costs more than reading
 * what it is for: so one block's memory is kept for the next. */
#define SPARE_BYTES_MIN (256 * 1024)
#define SPARE_BYTES_MAX (8 * 1024 * 1024)

static FluoFactsBlock *spare; /* atomic */

static FluoFactsBlock *
take_memory (gsize size)
{
  FluoFactsBlock *self = NULL;

  if (size >= SPARE_BYTES_MIN && size <= SPARE_BYTES_MAX)
    self = g_atomic_pointer_exchange (&spare, NULL);
  if (self && (self->capacity < size || self->capacity / 2 > size))
    g_clear_pointer (&self, g_free);
  if (!self)
    {
      self = g_malloc (size);
      self->capacity = size;
    }
  return self;
}

static void
give_memory (FluoFactsBlock *self)
{
  if (self->capacity < SPARE_BYTES_MIN || self->capacity > SPARE_BYTES_MAX ||
      !g_atomic_pointer_compare_and_exchange (&spare, NULL, self))
    g_free (self);
}

void
fluo_facts_trim (void)
{
  g_free (g_atomic_pointer_exchange (&spare, NULL));
}

/* One allocation for everything, so that a cache of blocks knows what it holds. */
FluoFactsBlock *
fluo_facts_block_alloc (guint n, const guint32 *n_rows, guint32 n_strings, gsize text_length)
{
  gsize size = align (sizeof (FluoFactsBlock)) + ((gsize) n + 1) * sizeof (FluoFactsHead);
  FluoFactsBlock *self;
  guint8 *p;

  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    size += align ((gsize) n_rows[t] * fluo_facts_row_size[t]);
  size += (gsize) n_strings * sizeof (char *) + text_length;
  self = take_memory (size);
  g_atomic_ref_count_init (&self->ref_count);
  self->n = n;
  self->n_strings = n_strings;
  self->size = size;
  p = (guint8 *) self + align (sizeof (FluoFactsBlock));
  memset (p, 0, size - align (sizeof (FluoFactsBlock)));
  self->heads = (FluoFactsHead *) (gpointer) p;
  p += ((gsize) n + 1) * sizeof (FluoFactsHead);
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    {
      self->rows[t] = p;
      p += align ((gsize) n_rows[t] * fluo_facts_row_size[t]);
    }
  self->strings = (const char **) (gpointer) p;
  self->text = (char *) p + (gsize) n_strings * sizeof (char *);
  return self;
}

FluoFactsBlock *
fluo_facts_block_ref (FluoFactsBlock *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_facts_block_unref (FluoFactsBlock *self)
{
  if (self && g_atomic_ref_count_dec (&self->ref_count))
    give_memory (self);
}

guint
fluo_facts_block_get_n (FluoFactsBlock *self)
{
  return self->n;
}

gsize
fluo_facts_block_get_size (FluoFactsBlock *self)
{
  return self->size;
}

void
fluo_facts_block_get (FluoFactsBlock *self, guint i, FluoTraceFacts *ret_facts)
{
  const FluoFactsHead *head = &self->heads[i], *next = head + 1;

  g_return_if_fail (i < self->n);
  ret_facts->id = head->id;
  ret_facts->start_ns = head->start_ns;
  ret_facts->end_ns = head->end_ns;
  ret_facts->response_ns = head->response_ns;
  ret_facts->flags = head->flags;
  ret_facts->root = head->root;
#define TABLE(field, TABLE)                                                                        \
  ret_facts->n_##field = next->first[TABLE] - head->first[TABLE];                                  \
  ret_facts->field = (gconstpointer) (self->rows[TABLE] + (gsize) head->first[TABLE] *             \
                                                            sizeof *ret_facts->field)
  TABLE (nodes, FLUO_FACTS_NODES);
  TABLE (entities, FLUO_FACTS_ENTITIES);
  TABLE (edges, FLUO_FACTS_EDGES);
  TABLE (annotations, FLUO_FACTS_ANNOTATIONS);
  TABLE (aliases, FLUO_FACTS_ALIASES);
  TABLE (causes, FLUO_FACTS_CAUSES);
  TABLE (cause_services, FLUO_FACTS_CAUSE_SERVICES);
  TABLE (cause_entities, FLUO_FACTS_CAUSE_ENTITIES);
  TABLE (exceptions, FLUO_FACTS_EXCEPTIONS);
  TABLE (users, FLUO_FACTS_USERS);
  TABLE (instances, FLUO_FACTS_INSTANCES);
  TABLE (zones, FLUO_FACTS_ZONES);
  TABLE (arns, FLUO_FACTS_ARNS);
  TABLE (groups, FLUO_FACTS_GROUPS);
  TABLE (links, FLUO_FACTS_LINKS);
#undef TABLE
  ret_facts->strings = self->strings;
  ret_facts->n_strings = self->n_strings;
}

/* --- Writer ---------------------------------------------------------------- */

void
fluo_facts_writer_init (FluoFactsWriter *self)
{
  self->heads = g_array_new (FALSE, TRUE, sizeof (FluoFactsHead));
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    self->rows[t] = g_array_sized_new (FALSE, FALSE, fluo_facts_row_size[t], usual_rows[t]);
  fluo_string_table_init (&self->strings);
  fluo_id_map_init (&self->numbers);
  self->n_strings = 1;
}

FluoFactsHead *
fluo_facts_writer_begin (FluoFactsWriter *self)
{
  FluoFactsHead *head;

  g_array_set_size (self->heads, self->heads->len + 1);
  head = &g_array_index (self->heads, FluoFactsHead, self->heads->len - 1);
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    head->first[t] = self->rows[t]->len;
  head->root = FLUO_FACTS_NONE;
  return head;
}

guint32
fluo_facts_writer_count (const FluoFactsWriter *self, FluoFactsTable table)
{
  return self->rows[table]->len -
         g_array_index (self->heads, FluoFactsHead, self->heads->len - 1).first[table];
}

void
fluo_facts_writer_append (FluoFactsWriter *self, FluoFactsTable table, gconstpointer row)
{
  g_array_append_vals (self->rows[table], row, 1);
}

guint32
fluo_facts_writer_string (FluoFactsWriter *self, const char *text, gssize length)
{
  gsize size = !text ? 0 : length < 0 ? strlen (text) : (gsize) length;
  guint32 offset, number;

  if (size > FLUO_FACTS_STRING_MAX)
    for (size = FLUO_FACTS_STRING_MAX; size > 0 && ((guint8) text[size] & 0xc0) == 0x80; size--)
      ;
  offset = size ? fluo_string_table_intern (&self->strings, text, size) : 0;
  if (offset == 0)
    return 0;
  number = fluo_id_map_get (&self->numbers, offset);
  if (number == FLUO_MAP_NONE)
    {
      number = self->n_strings++;
      fluo_id_map_set (&self->numbers, offset, number);
    }
  return number;
}

FluoFactsBlock *
fluo_facts_writer_end (FluoFactsWriter *self)
{
  guint32 n_rows[FLUO_N_FACTS_TABLES];
  FluoFactsBlock *block;
  const char *p;

  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    n_rows[t] = self->rows[t]->len;
  block = fluo_facts_block_alloc (self->heads->len, n_rows, self->n_strings,
                                  self->strings.block->len);
  if (self->heads->len > 0)
    memcpy (block->heads, self->heads->data, self->heads->len * sizeof (FluoFactsHead));
  memcpy (block->text, self->strings.block->str, self->strings.block->len);
  for (guint t = 0; t < FLUO_N_FACTS_TABLES; t++)
    {
      block->heads[block->n].first[t] = n_rows[t];
      if (n_rows[t] > 0)
        memcpy (block->rows[t], self->rows[t]->data, (gsize) n_rows[t] * fluo_facts_row_size[t]);
      g_array_unref (self->rows[t]);
    }
  /* Strings stand in the text in the order of their numbers, behind the empty one. */
  p = block->text + 1;
  for (guint32 i = 1; i < block->n_strings; i++, p += strlen (p) + 1)
    block->strings[i] = p;
  g_array_unref (self->heads);
  fluo_string_table_clear (&self->strings);
  fluo_id_map_clear (&self->numbers);
  return block;
}

/* --- Merging --------------------------------------------------------------- */

typedef struct
{
  FluoFactsWriter *writer;
  guint32         *numbers;  /* of the source's strings in the writer, 0 = not asked for yet */
} Merging;

static void
translate (Merging *self, const FluoTraceFacts *facts, guint32 *string)
{
  if (*string == 0)
    return;
  if (self->numbers[*string] == 0)
    self->numbers[*string] = fluo_facts_writer_string (self->writer, facts->strings[*string], -1);
  *string = self->numbers[*string];
}

/* Every row of the view's array, changed by @code, goes into the writer's table. */
#define COPY(type, array, table, code)                                                             \
  for (guint32 i = 0; i < facts->n_##array; i++)                                                   \
    {                                                                                              \
      type row = facts->array[i];                                                                  \
                                                                                                   \
      code;                                                                                        \
      fluo_facts_writer_append (self->writer, table, &row);                                        \
    }
#define STRING(field) translate (self, facts, &(field))

static void
merge_calls (Merging *self, const FluoTraceFacts *facts)
{
  COPY (FluoFactsNode, nodes, FLUO_FACTS_NODES, {
    STRING (row.name);
    STRING (row.type);
    STRING (row.account);
  })
  COPY (FluoFactsEntity, entities, FLUO_FACTS_ENTITIES, {
    STRING (row.url);
    STRING (row.method);
    STRING (row.user_agent);
    STRING (row.client_ip);
    STRING (row.version);
  })
  COPY (FluoFactsEdge, edges, FLUO_FACTS_EDGES, {
    STRING (row.url);
    STRING (row.method);
  })
  COPY (FluoFactsAnnotation, annotations, FLUO_FACTS_ANNOTATIONS, {
    STRING (row.key);
    STRING (row.value);
  })
  COPY (guint32, aliases, FLUO_FACTS_ALIASES, STRING (row))
}

static void
merge_rest (Merging *self, const FluoTraceFacts *facts)
{
  COPY (FluoFactsCause, causes, FLUO_FACTS_CAUSES, {})
  COPY (FluoFactsCauseService, cause_services, FLUO_FACTS_CAUSE_SERVICES, {
    STRING (row.name);
    STRING (row.type);
    STRING (row.account);
  })
  COPY (FluoFactsCauseEntity, cause_entities, FLUO_FACTS_CAUSE_ENTITIES, STRING (row.name))
  COPY (FluoFactsException, exceptions, FLUO_FACTS_EXCEPTIONS, {
    STRING (row.name);
    STRING (row.message);
  })
  COPY (guint32, users, FLUO_FACTS_USERS, STRING (row))
  COPY (guint32, instances, FLUO_FACTS_INSTANCES, STRING (row))
  COPY (guint32, zones, FLUO_FACTS_ZONES, STRING (row))
  COPY (guint32, arns, FLUO_FACTS_ARNS, STRING (row))
  COPY (FluoTraceId, links, FLUO_FACTS_LINKS, {})
}

static void
merge_one (FluoFactsWriter *writer, guint32 *numbers, const FluoTraceFacts *facts,
           const guint32 *groups, guint n_groups)
{
  Merging self = { writer, numbers };
  FluoFactsHead *head = fluo_facts_writer_begin (writer);

  head->id = facts->id;
  head->start_ns = facts->start_ns;
  head->end_ns = facts->end_ns;
  head->response_ns = facts->response_ns;
  head->flags = facts->flags;
  head->root = facts->root;
  merge_calls (&self, facts);
  merge_rest (&self, facts);
  for (guint i = 0; i < n_groups; i++)
    fluo_facts_writer_append (writer, FLUO_FACTS_GROUPS, &groups[i]);
}

FluoFactsBlock *
fluo_facts_block_merge (const FluoTraceFacts *facts, guint n)
{
  FluoFactsWriter writer;
  const char *const *strings = NULL;
  g_autofree guint32 *numbers = NULL;

  g_return_val_if_fail (n <= FLUO_FACTS_BLOCK_MAX, NULL);
  fluo_facts_writer_init (&writer);
  for (guint i = 0; i < n; i++)
    {
      /* Neighbours mostly come from the same block. */
      if (facts[i].strings != strings)
        {
          strings = facts[i].strings;
          g_free (numbers);
          numbers = g_new0 (guint32, facts[i].n_strings);
        }
      merge_one (&writer, numbers, &facts[i], facts[i].groups, facts[i].n_groups);
    }
  return fluo_facts_writer_end (&writer);
}

FluoFactsBlock *
fluo_facts_block_with_groups (const FluoTraceFacts *facts, const guint32 *keys, guint n_keys)
{
  FluoFactsWriter writer;
  g_autofree guint32 *numbers = g_new0 (guint32, facts->n_strings);

  fluo_facts_writer_init (&writer);
  merge_one (&writer, numbers, facts, keys, n_keys);
  return fluo_facts_writer_end (&writer);
}
