/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-json.h"
#include "fluo-trace-compare-private.h"
#include "fluo-trace-lines.h"

/* What only the documents of two traces say: metadata, and what went wrong in one of them. */

/* Documents whose metadata is read, and what is read and told of them. */
#define METADATA_ROWS_MAX 200
#define METADATA_VALUES_MAX 500
#define METADATA_DEPTH_MAX 6
#define METADATA_FACTS_MAX 60
#define VALUE_BYTES_MAX 400
/* Told of either. */
#define ERRORS_MAX 3

/* --- Metadata --------------------------------------------------------------------------------- */

/* "cart.items" of {"default": {"cart": {"items": 3}}}: the namespace that SDKs use when none is
 * given says nothing. */
static char *
dup_path (const char *above, const char *key)
{
  if (above == NULL)
    return g_strdup (g_str_equal (key, "default") ? "" : key);
  return *above != '\0' ? g_strdup_printf ("%s.%s", above, key) : g_strdup (key);
}

static char *
dup_value (const FluoJsonTape *tape, guint32 node)
{
  gsize length;
  const char *raw;

  if (fluo_json_tape_type (tape, node) == FLUO_JSON_STRING)
    return fluo_json_tape_dup (tape, node);
  raw = fluo_json_tape_raw (tape, node, &length);
  return g_strndup (raw, MIN (length, VALUE_BYTES_MAX));
}

/* Objects are opened, all else is one value. Depth is bounded, and so is the recursion. */
static void
collect_values (const FluoJsonTape *tape, guint32 object, const char *above, guint depth,
                GHashTable *values, GPtrArray *paths)
{
  for (guint32 node = fluo_json_tape_first (tape, object);
       node != FLUO_JSON_NONE && paths->len < METADATA_VALUES_MAX;
       node = fluo_json_tape_next (tape, object, node))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, node);
      char *path;

      /* Of OpenTelemetry's block the events are lines with a time. */
      if (g_strcmp0 (above, "otel") == 0 && g_str_equal (key, "events"))
        continue;
      path = dup_path (above, key);
      if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN && depth < METADATA_DEPTH_MAX)
        {
          collect_values (tape, node, path, depth + 1, values, paths);
          g_free (path);
        }
      else if (!g_hash_table_insert (values, path, dup_value (tape, node)))
        continue;
      else
        g_ptr_array_add (paths, path);
    }
}

/* @paths borrows from the table that is returned. */
static GHashTable *
read_metadata (FluoTrace *trace, guint32 span, GPtrArray *paths)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GBytes) bytes = fluo_trace_dup_raw (trace, span);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  guint32 block = tape != NULL ? fluo_json_tape_get (tape, 0, "metadata") : FLUO_JSON_NONE;

  if (tape != NULL && fluo_json_tape_type (tape, block) == FLUO_JSON_OBJECT_BEGIN)
    collect_values (tape, block, NULL, 0, values, paths);
  return values;
}

static void
add_value (FluoTraceComparison *self, guint32 row, const char *path, const char *a, const char *b,
           guint *n_facts)
{
  g_autofree char *key = NULL;
  guint n = self->facts->len;

  /* What both have is not worth a word: there is much of it. */
  if (g_strcmp0 (a, b) == 0 || *n_facts >= METADATA_FACTS_MAX)
    return;
  key = row == 0 ? g_strdup (path)
                 : g_strdup_printf ("%s: %s", fluo_trace_comparison_get_name (self, row), path);
  fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS, key, a, b);
  if (self->facts->len == n)
    return;
  g_array_index (self->facts, FluoCompareFact, n).is_list = FALSE;
  *n_facts += 1;
}

static void
compare_metadata_of (FluoTraceComparison *self, guint32 index, guint *n_facts)
{
  const FluoCompareRow *row = fluo_trace_comparison_peek (self, index);
  g_autoptr (GPtrArray) paths_a = g_ptr_array_new (), paths_b = g_ptr_array_new ();
  g_autoptr (GHashTable) in_a = read_metadata (self->a, row->a, paths_a);
  g_autoptr (GHashTable) in_b = read_metadata (self->b, row->b, paths_b);

  for (guint i = 0; i < paths_a->len; i++)
    {
      const char *path = g_ptr_array_index (paths_a, i);

      add_value (self, index, path, g_hash_table_lookup (in_a, path),
                 g_hash_table_lookup (in_b, path), n_facts);
    }
  for (guint i = 0; i < paths_b->len; i++)
    {
      const char *path = g_ptr_array_index (paths_b, i);

      if (!g_hash_table_contains (in_a, path))
        add_value (self, index, path, NULL, g_hash_table_lookup (in_b, path), n_facts);
    }
}

/* Of calls that both made; what only one called has nothing to be compared with. */
void
fluo_trace_comparison_compare_metadata (FluoTraceComparison *self)
{
  const FluoSpan *in_a = fluo_trace_get_spans (self->a, NULL);
  const FluoSpan *in_b = fluo_trace_get_spans (self->b, NULL);
  guint n_rows = 0, n_facts = 0;

  for (guint32 i = 0; i < self->rows->len && n_rows < METADATA_ROWS_MAX; i++)
    {
      const FluoCompareRow *row = fluo_trace_comparison_peek (self, i);

      if (row->a == FLUO_SPAN_NONE || row->b == FLUO_SPAN_NONE
          || !((in_a[row->a].flags | in_b[row->b].flags) & FLUO_SPAN_HAS_METADATA))
        continue;
      compare_metadata_of (self, i, &n_facts);
      n_rows++;
    }
}

/* --- What went wrong -------------------------------------------------------------------------- */

static char *
dup_loosely (const char *text)
{
  GString *out = g_string_new (NULL);

  fluo_compare_append_loosely (out, text);
  return g_string_free (out, FALSE);
}

/* The errors of @lines, each once, that @others has not. Numbers in them may differ. */
static void
add_only (FluoTraceComparison *self, const FluoTraceLines *lines, const FluoTraceLines *others,
          gboolean of_a)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < others->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (others->lines, i);

      if (line->level == FLUO_LOG_ERROR)
        g_hash_table_add (known, dup_loosely (line->text));
    }
  for (guint i = 0; i < lines->lines->len && n < ERRORS_MAX; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (lines->lines, i);

      if (line->level != FLUO_LOG_ERROR || !g_hash_table_add (known, dup_loosely (line->text)))
        continue;
      fluo_trace_comparison_add_fact (self, FLUO_N_FIELDS,
                                      of_a ? _("Error only in A") : _("Error only in B"),
                                      of_a ? line->text : NULL, of_a ? NULL : line->text);
      n++;
    }
}

void
fluo_trace_comparison_compare_errors (FluoTraceComparison *self)
{
  g_autoptr (FluoTraceLines) in_a = fluo_trace_lines_new_of_trace (self->a);
  g_autoptr (FluoTraceLines) in_b = fluo_trace_lines_new_of_trace (self->b);

  add_only (self, in_a, in_b, TRUE);
  add_only (self, in_b, in_a, FALSE);
}
