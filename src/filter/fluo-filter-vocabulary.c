/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-ast.h"
#include "fluo-filter-vocabulary-private.h"

/* Longer values help nobody in a list; what searches for them types a part. */
#define VALUE_BYTES_MAX 1000

/* --- Fields ---------------------------------------------------------------- */

static guint
value_hash (gconstpointer data)
{
  const FluoVocabularyValue *self = data;

  return g_str_hash (self->text) * 31 + (*self->other ? g_str_hash (self->other) : 0);
}

static gboolean
value_equal (gconstpointer a, gconstpointer b)
{
  const FluoVocabularyValue *x = a, *y = b;

  return strcmp (x->text, y->text) == 0 && strcmp (x->other, y->other) == 0;
}

static void
field_add (FluoFilterVocabulary *self, FluoVocabularyField *field, const char *text,
           const char *other, guint64 count)
{
  FluoVocabularyValue probe = { text, other ? other : "", 0 }, *row;

  g_return_if_fail (!self->sealed);
  if (!text || count == 0 || strlen (text) > VALUE_BYTES_MAX)
    return;
  if (!field->index)
    field->index = g_hash_table_new_full (value_hash, value_equal, g_free, NULL);
  row = g_hash_table_lookup (field->index, &probe);
  if (!row)
    {
      if (g_hash_table_size (field->index) >= FLUO_VOCABULARY_VALUES_MAX)
        return;
      row = g_new0 (FluoVocabularyValue, 1);
      row->text = g_string_chunk_insert_const (self->strings, text);
      row->other = g_string_chunk_insert_const (self->strings, probe.other);
      g_hash_table_add (field->index, row);
    }
  row->count += count;
}

static int
compare_values (gconstpointer a, gconstpointer b)
{
  const FluoVocabularyValue *x = a, *y = b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  return strcmp (x->text, y->text) != 0 ? strcmp (x->text, y->text) : strcmp (x->other, y->other);
}

static void
field_seal (FluoVocabularyField *self)
{
  g_autoptr (GString) folded = g_string_new (NULL);
  GHashTableIter iter;
  gpointer row;

  self->n_values = self->index ? g_hash_table_size (self->index) : 0;
  self->values = g_new0 (FluoVocabularyValue, self->n_values + 1);
  self->offsets = g_new0 (guint32, self->n_values + 1);
  if (self->index)
    {
      guint n = 0;

      g_hash_table_iter_init (&iter, self->index);
      while (g_hash_table_iter_next (&iter, &row, NULL))
        self->values[n++] = *(FluoVocabularyValue *) row;
      qsort (self->values, n, sizeof *self->values, compare_values);
    }
  for (guint i = 0; i < self->n_values; i++)
    {
      self->offsets[i] = (guint32) folded->len;
      for (const char *p = self->values[i].text; *p; p++)
        g_string_append_c (folded, *p == '\n' ? ' ' : g_ascii_tolower (*p));
      g_string_append_c (folded, '\n');
    }
  self->offsets[self->n_values] = (guint32) folded->len;
  self->folded = g_string_free (g_steal_pointer (&folded), FALSE);
  g_clear_pointer (&self->index, g_hash_table_unref);
}

static void
field_clear (FluoVocabularyField *self)
{
  g_clear_pointer (&self->index, g_hash_table_unref);
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->offsets, g_free);
  g_clear_pointer (&self->folded, g_free);
}

guint
fluo_vocabulary_field_search (const FluoVocabularyField *self, const char *folded,
                              guint *ret_found, guint max)
{
  const char *end = self->folded + self->offsets[self->n_values], *p = self->folded;
  gsize length = strlen (folded);
  guint n = 0, low = 0;

  if (length == 0)
    {
      for (guint i = 0; i < MIN (max, self->n_values); i++)
        ret_found[i] = i;
      return self->n_values;
    }
  while (p < end && (p = memmem (p, (gsize) (end - p), folded, length)))
    {
      guint32 at = (guint32) (p - self->folded);
      guint high = self->n_values;

      /* The last value that begins there or before. */
      while (high - low > 1)
        {
          guint middle = low + (high - low) / 2;

          if (self->offsets[middle] <= at)
            low = middle;
          else
            high = middle;
        }
      if (n < max)
        ret_found[n] = low;
      n++;
      p = self->folded + self->offsets[low + 1];
    }
  return n;
}

/* --- Filling --------------------------------------------------------------- */

static void
key_free (gpointer data)
{
  FluoVocabularyKey *self = data;

  field_clear (&self->values);
  g_free (self->key);
  g_free (self);
}

FluoFilterVocabulary *
fluo_filter_vocabulary_new (void)
{
  FluoFilterVocabulary *self = g_new0 (FluoFilterVocabulary, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->strings = g_string_chunk_new (4096);
  self->keys = g_ptr_array_new_with_free_func (key_free);
  self->keys_index = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

FluoFilterVocabulary *
fluo_filter_vocabulary_ref (FluoFilterVocabulary *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_filter_vocabulary_unref (FluoFilterVocabulary *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < FLUO_N_VOCABULARIES; i++)
    field_clear (&self->fields[i]);
  field_clear (&self->edges);
  g_hash_table_unref (self->keys_index);
  g_ptr_array_unref (self->keys);
  g_string_chunk_free (self->strings);
  g_free (self);
}

void
fluo_filter_vocabulary_add_value (FluoFilterVocabulary *self, FluoVocabularyKind kind,
                                  const char *value, guint64 count)
{
  g_return_if_fail (kind < FLUO_N_VOCABULARIES);
  field_add (self, &self->fields[kind], value, NULL, count);
}

void
fluo_vocabulary_add_service_alone (FluoFilterVocabulary *self, const char *name, const char *type,
                                   guint64 count)
{
  field_add (self, &self->fields[FLUO_VOCABULARY_SERVICE], name, type, count);
}

void
fluo_filter_vocabulary_add_service (FluoFilterVocabulary *self, const char *name, const char *type,
                                    guint64 count)
{
  field_add (self, &self->fields[FLUO_VOCABULARY_SERVICE], name, type, count);
  if (type)
    field_add (self, &self->fields[FLUO_VOCABULARY_SERVICE_TYPE], type, NULL, count);
}

void
fluo_filter_vocabulary_add_version (FluoFilterVocabulary *self, const char *service,
                                    const char *version, guint64 count)
{
  field_add (self, &self->fields[FLUO_VOCABULARY_VERSION], version, service, count);
}

void
fluo_filter_vocabulary_add_edge (FluoFilterVocabulary *self, const char *source,
                                 const char *destination, guint64 count)
{
  field_add (self, &self->edges, source, destination, count);
}

static FluoVocabularyKey *
get_key (FluoFilterVocabulary *self, const char *key)
{
  FluoVocabularyKey *row = g_hash_table_lookup (self->keys_index, key);

  if (row || self->keys->len >= FLUO_VOCABULARY_KEYS_MAX || strlen (key) > VALUE_BYTES_MAX ||
      strpbrk (key, "]\n\"{}()") || !*key || g_ascii_isspace (*key) ||
      g_ascii_isspace (key[strlen (key) - 1]))
    return row; /* no expression can ask for such a key */
  row = g_new0 (FluoVocabularyKey, 1);
  row->key = g_strdup (key);
  g_ptr_array_add (self->keys, row);
  g_hash_table_insert (self->keys_index, row->key, row);
  return row;
}

void
fluo_filter_vocabulary_add_annotation (FluoFilterVocabulary *self, const char *key,
                                       FluoValueType type, guint64 count)
{
  FluoVocabularyKey *row;

  g_return_if_fail (!self->sealed && (guint) type < 3);
  row = get_key (self, key);
  if (!row)
    return;
  row->count += count;
  row->by_type[type] += count;
}

void
fluo_filter_vocabulary_add_annotation_value (FluoFilterVocabulary *self, const char *key,
                                             const char *value, guint64 count)
{
  FluoVocabularyKey *row;

  g_return_if_fail (!self->sealed);
  row = get_key (self, key);
  if (row)
    field_add (self, &row->values, value, NULL, count);
}

static void
add_list (FluoFilterVocabulary *self, FluoVocabularyKind kind, GPtrArray *strings)
{
  for (guint i = 0; strings && i < strings->len; i++)
    field_add (self, &self->fields[kind], g_ptr_array_index (strings, i), NULL, 1);
}

/* Two services of a trace with one name and type are one trace. */
static void
add_services (FluoFilterVocabulary *self, const FluoTraceSummary *summary)
{
  for (guint i = 0; summary->services && i < summary->services->len; i++)
    {
      const FluoSummaryService *row = &g_array_index (summary->services, FluoSummaryService, i);
      gboolean again = FALSE;

      for (guint k = 0; k < i && !again; k++)
        {
          const FluoSummaryService *old = &g_array_index (summary->services, FluoSummaryService, k);

          again = g_strcmp0 (old->name, row->name) == 0 && g_strcmp0 (old->type, row->type) == 0;
        }
      if (!again && row->name)
        fluo_filter_vocabulary_add_service (self, row->name, row->type, 1);
    }
}

/* Everything that a summary says, and one trace more. */
static void
add_summary (FluoFilterVocabulary *self, const FluoTraceSummary *summary)
{
  const char *before = NULL;
  char status[16];

  g_return_if_fail (!self->sealed);
  self->n_traces++;
  add_services (self, summary);
  for (guint i = 0; i < summary->versions->len; i++)
    {
      const FluoSummaryVersion *row = &g_array_index (summary->versions, FluoSummaryVersion, i);

      fluo_filter_vocabulary_add_version (self, row->service, row->version, 1);
    }
  for (guint i = 0; summary->annotations && i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *row =
        &g_array_index (summary->annotations, FluoSummaryAnnotation, i);

      if (!row->key)
        continue;
      /* They are sorted by key. */
      if (g_strcmp0 (before, row->key) != 0)
        fluo_filter_vocabulary_add_annotation (self, row->key, row->type, 1);
      before = row->key;
      fluo_filter_vocabulary_add_annotation_value (self, row->key, row->value, 1);
    }
  for (guint i = 0; summary->causes && i < summary->causes->len; i++)
    field_add (self, &self->fields[FLUO_VOCABULARY_EXCEPTION],
               g_array_index (summary->causes, FluoSummaryCause, i).exception, NULL, 1);
  if (summary->http_status > 0)
    {
      g_snprintf (status, sizeof status, "%d", summary->http_status);
      field_add (self, &self->fields[FLUO_VOCABULARY_STATUS], status, NULL, 1);
    }
  field_add (self, &self->fields[FLUO_VOCABULARY_URL], summary->http_url, NULL, 1);
  field_add (self, &self->fields[FLUO_VOCABULARY_METHOD], summary->http_method, NULL, 1);
  field_add (self, &self->fields[FLUO_VOCABULARY_USER_AGENT], summary->user_agent, NULL, 1);
  field_add (self, &self->fields[FLUO_VOCABULARY_CLIENT_IP], summary->client_ip, NULL, 1);
  add_list (self, FLUO_VOCABULARY_USER, summary->users);
  add_list (self, FLUO_VOCABULARY_INSTANCE, summary->instances);
  add_list (self, FLUO_VOCABULARY_ZONE, summary->zones);
  add_list (self, FLUO_VOCABULARY_ARN, summary->arns);
}

void
fluo_filter_vocabulary_set_aws (FluoFilterVocabulary *self)
{
  self->aws = TRUE;
}

gboolean
fluo_filter_vocabulary_is_aws (const FluoFilterVocabulary *self)
{
  return self->aws;
}

void
fluo_filter_vocabulary_add_traces (FluoFilterVocabulary *self, guint64 count)
{
  g_return_if_fail (!self->sealed);
  self->n_traces += count;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const FluoVocabularyKey *x = *(gpointer *) a, *y = *(gpointer *) b;

  return strcmp (x->key, y->key);
}

void
fluo_filter_vocabulary_seal (FluoFilterVocabulary *self)
{
  g_return_if_fail (!self->sealed);
  self->sealed = TRUE;
  for (guint i = 0; i < FLUO_N_VOCABULARIES; i++)
    field_seal (&self->fields[i]);
  field_seal (&self->edges);
  for (guint i = 0; i < self->keys->len; i++)
    field_seal (&((FluoVocabularyKey *) g_ptr_array_index (self->keys, i))->values);
  g_ptr_array_sort (self->keys, compare_keys);
}

FluoFilterVocabulary *
fluo_filter_vocabulary_new_from_summaries (GPtrArray *summaries, const FluoFilter *filter)
{
  FluoFilterVocabulary *self = fluo_filter_vocabulary_new ();

  for (guint i = 0; i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      if (!filter || fluo_filter_matches_summary (filter, summary) != FLUO_FILTER_NO)
        add_summary (self, summary);
    }
  fluo_filter_vocabulary_seal (self);
  return self;
}

/* --- Reading --------------------------------------------------------------- */

guint64
fluo_filter_vocabulary_get_n_traces (const FluoFilterVocabulary *self)
{
  return self->n_traces;
}

const FluoVocabularyValue *
fluo_filter_vocabulary_get (const FluoFilterVocabulary *self, FluoVocabularyKind kind,
                            guint *ret_n)
{
  g_return_val_if_fail (self->sealed && kind < FLUO_N_VOCABULARIES, NULL);
  *ret_n = self->fields[kind].n_values;
  return self->fields[kind].values;
}

static void
fill_annotation (const FluoVocabularyKey *row, FluoVocabularyAnnotation *ret_annotation)
{
  FluoValueType type = FLUO_VALUE_STRING;

  for (guint i = 1; i < 3; i++)
    if (row->by_type[i] > row->by_type[type])
      type = i;
  *ret_annotation = (FluoVocabularyAnnotation) { row->key, type, row->count, row->values.values,
                                                 row->values.n_values };
}

void
fluo_filter_vocabulary_get_annotation (const FluoFilterVocabulary *self, guint i,
                                       FluoVocabularyAnnotation *ret_annotation)
{
  g_return_if_fail (self->sealed && i < self->keys->len);
  fill_annotation (g_ptr_array_index (self->keys, i), ret_annotation);
}

gboolean
fluo_filter_vocabulary_find_annotation (const FluoFilterVocabulary *self, const char *key,
                                        FluoVocabularyAnnotation *ret_annotation)
{
  const FluoVocabularyKey *row;

  g_return_val_if_fail (self->sealed, FALSE);
  row = g_hash_table_lookup (self->keys_index, key);
  if (row)
    fill_annotation (row, ret_annotation);
  return row != NULL;
}

const char *
fluo_filter_vocabulary_find_near (const FluoFilterVocabulary *self, const char *key)
{
  FluoFilterNearest nearest;

  fluo_filter_nearest_init (&nearest, key, strlen (key));
  for (guint i = 0; i < self->keys->len; i++)
    fluo_filter_nearest_try (&nearest, ((FluoVocabularyKey *) self->keys->pdata[i])->key);
  return nearest.best;
}
