/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include "otlp/fluo-otlp-names.h"

#include <string.h>

static const char *const texts[FLUO_OTLP_N_NAMES] = {
#define NAME(id, text) text,
  FLUO_OTLP_NAMES (NAME)
#undef NAME
};

static GHashTable *
get_table (void)
{
  static gsize table;

  if (g_once_init_enter (&table))
    {
      GHashTable *made = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint i = 0; i < FLUO_OTLP_N_NAMES; i++)
        g_hash_table_insert (made, (gpointer) texts[i], GUINT_TO_POINTER (i + 1));
      g_once_init_leave (&table, (gsize) made);
    }
  return (GHashTable *) table;
}

/* FLUO_OTLP_N_NAMES when it isn't known. */
static FluoOtlpName
find_name (const char *key)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (get_table (), key));

  return found ? (FluoOtlpName) (found - 1) : FLUO_OTLP_N_NAMES;
}

void
fluo_otlp_index_fill (FluoOtlpIndex *self, GArray *attributes)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < attributes->len; i++)
    {
      FluoOtlpAttribute *attribute = &g_array_index (attributes, FluoOtlpAttribute, i);
      FluoOtlpName name = find_name (attribute->key);

      if (name < FLUO_OTLP_N_NAMES && !self->slots[name])
        self->slots[name] = attribute;
    }
}

const FluoOtlpValue *
fluo_otlp_index_peek (FluoOtlpIndex *self, FluoOtlpName name, FluoOtlpType type)
{
  FluoOtlpAttribute *attribute = self->slots[name];

  return attribute && attribute->value.type == type ? &attribute->value : NULL;
}

const FluoOtlpValue *
fluo_otlp_index_string (FluoOtlpIndex *self, const FluoOtlpName *names)
{
  for (; *names < FLUO_OTLP_N_NAMES; names++)
    {
      const FluoOtlpValue *value = fluo_otlp_index_peek (self, *names, FLUO_OTLP_STRING);

      if (value && value->length > 0)
        {
          fluo_otlp_index_use (self, *names);
          return value;
        }
    }
  return NULL;
}

const FluoOtlpValue *
fluo_otlp_index_int (FluoOtlpIndex *self, const FluoOtlpName *names)
{
  for (; *names < FLUO_OTLP_N_NAMES; names++)
    {
      const FluoOtlpValue *value = fluo_otlp_index_peek (self, *names, FLUO_OTLP_INT);

      if (value)
        {
          fluo_otlp_index_use (self, *names);
          return value;
        }
    }
  return NULL;
}

gboolean
fluo_otlp_index_is (FluoOtlpIndex *self, FluoOtlpName name, const char *text)
{
  const FluoOtlpValue *value = fluo_otlp_index_peek (self, name, FLUO_OTLP_STRING);

  return value && value->length == strlen (text) && memcmp (value->text, text, value->length) == 0;
}

void
fluo_otlp_index_use (FluoOtlpIndex *self, FluoOtlpName name)
{
  if (self->slots[name])
    self->slots[name]->used = TRUE;
}
