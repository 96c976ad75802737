/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

/* Metadata given as JSON text may nest this deep: the document around it adds two levels, and a
 * parent's subsegments two more for each, within the 64 that are read. */
#define METADATA_DEPTH_MAX 24

static const char metadata_prefix[] = "aws.xray.metadata.";

/* --- Annotations -------------------------------------------------------- */

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FluoOtlpAttribute *const *) a)->key, (*(FluoOtlpAttribute *const *) b)->key);
}

/* By key and each key once, so that a document never says a thing twice. */
static void
sort_attributes (FluoOtlpMapper *self, GArray *attributes, gboolean unused_only)
{
  guint n = 0;

  g_ptr_array_set_size (self->sorted, 0);
  for (guint i = 0; i < attributes->len; i++)
    {
      FluoOtlpAttribute *attribute = &g_array_index (attributes, FluoOtlpAttribute, i);

      if (!unused_only || !attribute->used)
        g_ptr_array_add (self->sorted, attribute);
    }
  g_ptr_array_sort (self->sorted, compare_keys);
  for (guint i = 0; i < self->sorted->len; i++)
    if (i == 0 || compare_keys (&self->sorted->pdata[i], &self->sorted->pdata[n - 1]) != 0)
      self->sorted->pdata[n++] = self->sorted->pdata[i];
  g_ptr_array_set_size (self->sorted, (int) n);
}

static gboolean
is_annotation (FluoOtlpMapper *self, const FluoOtlpAttribute *attribute)
{
  FluoOtlpType type = attribute->value.type;

  if (type != FLUO_OTLP_STRING && type != FLUO_OTLP_BOOL && type != FLUO_OTLP_INT &&
      type != FLUO_OTLP_DOUBLE)
    return FALSE;
  return (self->index_all && !g_str_has_prefix (attribute->key, metadata_prefix)) ||
         (self->annotated && g_strv_contains ((const char *const *) self->annotated,
                                              attribute->key));
}

/* Annotation keys are letters, digits, _ and dots. Two that become the same stay apart by their
 * place in the list only in metadata, so the second is left there. */
static gboolean
write_annotation_key (FluoOtlpMapper *self, const char *prefix, const char *key, GHashTable **seen)
{
  g_autofree char *clean = g_strconcat (prefix, key, NULL);
  gboolean changed = FALSE;

  for (char *p = clean; *p; p++)
    if (!g_ascii_isalnum (*p) && *p != '_' && *p != '.')
      {
        *p = '_';
        changed = TRUE;
      }
  if (changed || *seen)
    {
      if (!*seen)
        {
          *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          for (guint i = 0; i < self->sorted->len; i++)
            g_hash_table_add (*seen, g_strconcat (prefix,
                                                  ((FluoOtlpAttribute *) self->sorted->pdata[i])
                                                    ->key, NULL));
        }
      if (changed && !g_hash_table_add (*seen, g_strdup (clean)))
        return FALSE;
    }
  fluo_json_writer_key (&self->writer, clean);
  return TRUE;
}

/* Of one list; what is written counts as used. */
static void
write_annotations_of (FluoOtlpMapper *self, GArray *attributes, const char *prefix,
                      gboolean *opened)
{
  g_autoptr (GHashTable) seen = NULL;

  sort_attributes (self, attributes, prefix[0] == '\0');
  for (guint i = 0; i < self->sorted->len; i++)
    {
      FluoOtlpAttribute *attribute = self->sorted->pdata[i];

      if (!is_annotation (self, attribute))
        continue;
      if (!*opened)
        {
          fluo_json_writer_key (&self->writer, "annotations");
          fluo_json_writer_begin (&self->writer, '{');
          *opened = TRUE;
        }
      if (!write_annotation_key (self, prefix, attribute->key, &seen))
        continue;
      fluo_otlp_value_write (&attribute->value, &self->writer);
      if (prefix[0] == '\0')
        attribute->used = TRUE;
    }
}

void
fluo_otlp_write_annotations (FluoOtlpMapper *self, FluoOtlpRole role)
{
  gboolean opened = FALSE;

  if (role != FLUO_OTLP_ROLE_SERVICE)
    write_annotations_of (self, self->span->attributes, "", &opened);
  if (fluo_otlp_role_is_segment (role))
    write_annotations_of (self, self->resource_attributes, "otel.resource.", &opened);
  if (opened)
    fluo_json_writer_end (&self->writer, '}');
}

/* --- Metadata ----------------------------------------------------------- */

/* One JSON value that leaves room for the levels around it? */
static gboolean
is_shallow_json (const char *text, gsize length)
{
  FluoJsonScanner scanner;
  FluoJsonToken token;

  fluo_json_scanner_init (&scanner, text, length);
  while ((token = fluo_json_scanner_next (&scanner)) != FLUO_JSON_END)
    if (token == FLUO_JSON_INVALID || scanner.depth > METADATA_DEPTH_MAX)
      return FALSE;
  return TRUE;
}

/* Metadata that X-Ray's own form of it was sent in: {"aws.xray.metadata.NAMESPACE": "JSON"}. */
static gboolean
is_namespace (const FluoOtlpAttribute *attribute)
{
  return g_str_has_prefix (attribute->key, metadata_prefix) &&
         attribute->key[strlen (metadata_prefix)] && attribute->value.type == FLUO_OTLP_STRING &&
         is_shallow_json (attribute->value.text, attribute->value.length);
}

static gboolean
namespace_is (const FluoOtlpAttribute *attribute, const char *name)
{
  return strcmp (attribute->key + strlen (metadata_prefix), name) == 0;
}

/* The members of an object, without its braces; FALSE when it isn't one. */
static gboolean
write_members (FluoJsonWriter *writer, const char *text, gsize length)
{
  g_autofree char *copy = g_strstrip (g_strndup (text, length));
  gsize n = strlen (copy);

  if (n < 2 || copy[0] != '{')
    return FALSE;
  copy[n - 1] = '\0';
  g_strstrip (copy + 1);
  if (copy[1])
    fluo_json_writer_raw (writer, copy + 1, strlen (copy + 1));
  return TRUE;
}

static void
write_default_metadata (FluoOtlpMapper *self, gboolean with_resource)
{
  FluoJsonWriter *writer = &self->writer;
  gsize begin = self->out->len;
  FluoJsonWriter before = *writer;
  gboolean any = FALSE;

  fluo_json_writer_key (writer, "default");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < self->sorted->len; i++)
    {
      FluoOtlpAttribute *attribute = self->sorted->pdata[i];

      if (!is_namespace (attribute))
        {
          fluo_json_writer_key (writer, attribute->key);
          fluo_otlp_value_write (&attribute->value, writer);
          any = TRUE;
        }
      else if (namespace_is (attribute, "default"))
        any |= write_members (writer, attribute->value.text, attribute->value.length);
    }
  if (with_resource)
    {
      sort_attributes (self, self->resource_attributes, FALSE);
      for (guint i = 0; i < self->sorted->len; i++)
        {
          FluoOtlpAttribute *attribute = self->sorted->pdata[i];
          g_autofree char *key = NULL;

          if (is_annotation (self, attribute))
            continue;
          key = g_strconcat ("otel.resource.", attribute->key, NULL);
          fluo_json_writer_key (writer, key);
          fluo_otlp_value_write (&attribute->value, writer);
          any = TRUE;
        }
    }
  fluo_json_writer_end (writer, '}');
  if (any)
    return;
  g_string_truncate (self->out, begin);
  *writer = before;
}

/* Exceptions are in cause already. */
static gboolean
is_plain_event (const FluoOtlpEvent *event)
{
  return strcmp (event->name, "exception") != 0 &&
         strcmp (event->name, "HTTP request failure") != 0;
}

static void
write_events (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;
  gboolean opened = FALSE;

  for (guint i = 0; i < self->span->events->len; i++)
    {
      FluoOtlpEvent *event = &g_array_index (self->span->events, FluoOtlpEvent, i);

      if (!is_plain_event (event))
        continue;
      if (!opened)
        {
          fluo_json_writer_key (writer, "events");
          fluo_json_writer_begin (writer, '[');
          opened = TRUE;
        }
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "time");
      fluo_json_writer_seconds (writer, event->time_ns);
      fluo_json_writer_key (writer, "name");
      fluo_json_writer_string (writer, event->name);
      sort_attributes (self, event->attributes, FALSE);
      for (guint k = 0; k < self->sorted->len; k++)
        {
          FluoOtlpAttribute *attribute = self->sorted->pdata[k];

          if (k == 0)
            {
              fluo_json_writer_key (writer, "attributes");
              fluo_json_writer_begin (writer, '{');
            }
          fluo_json_writer_key (writer, attribute->key);
          fluo_otlp_value_write (&attribute->value, writer);
        }
      if (self->sorted->len > 0)
        fluo_json_writer_end (writer, '}');
      fluo_json_writer_end (writer, '}');
    }
  if (opened)
    fluo_json_writer_end (writer, ']');
}

/* What a segment document has no member for: the span's own name, where it comes from, events. */
static void
write_own_metadata (FluoOtlpMapper *self)
{
  FluoJsonWriter *writer = &self->writer;

  fluo_json_writer_key (writer, "otel");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "name");
  fluo_json_writer_string (writer, self->span->name);
  if (self->scope.name[0])
    {
      fluo_json_writer_key (writer, "scope");
      fluo_json_writer_string (writer, self->scope.name);
    }
  if (self->span->n_dropped > 0)
    {
      fluo_json_writer_key (writer, "dropped");
      fluo_json_writer_int (writer, self->span->n_dropped);
    }
  write_events (self);
  fluo_json_writer_end (writer, '}');
}

void
fluo_otlp_write_metadata (FluoOtlpMapper *self, FluoOtlpRole role)
{
  FluoJsonWriter *writer = &self->writer;
  gboolean own = TRUE;

  fluo_json_writer_key (writer, "metadata");
  fluo_json_writer_begin (writer, '{');
  if (role == FLUO_OTLP_ROLE_SERVICE)
    g_ptr_array_set_size (self->sorted, 0);
  else
    {
      sort_attributes (self, self->span->attributes, TRUE);
      for (guint i = 0; i < self->sorted->len; i++)
        {
          FluoOtlpAttribute *attribute = self->sorted->pdata[i];

          if (!is_namespace (attribute) || namespace_is (attribute, "default"))
            continue;
          own &= !namespace_is (attribute, "otel");
          fluo_json_writer_key (writer, attribute->key + strlen (metadata_prefix));
          fluo_json_writer_raw (writer, attribute->value.text, attribute->value.length);
        }
    }
  write_default_metadata (self, fluo_otlp_role_is_segment (role));
  if (own && role != FLUO_OTLP_ROLE_SERVICE)
    write_own_metadata (self);
  fluo_json_writer_end (writer, '}');
}
