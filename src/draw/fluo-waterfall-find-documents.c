/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <string.h>

#include "core/fluo-json.h"
#include "draw/fluo-waterfall-private.h"

/* Finding in what the documents say of a call, and no row shows: one pass over its slice, in which
 * the subsegments are skipped, and nothing is copied. */

/* Keys are the user's own words in some blocks, and X-Ray's in the others. */
static const struct
{
  const char *key;
  guint32     flag;
  gboolean    own_words;
} blocks[] = {
  { "annotations", FLUO_SPAN_HAS_ANNOTATIONS, TRUE },
  { "metadata", FLUO_SPAN_HAS_METADATA, TRUE },
  { "cause", FLUO_SPAN_HAS_CAUSE, FALSE },
  { "http", FLUO_SPAN_HTTP, FALSE },
  { "sql", FLUO_SPAN_SQL, FALSE },
  { "aws", FLUO_SPAN_AWS, FALSE },
};

static gboolean
is_in (const char *text, gsize length, const char *needle, gsize n)
{
  const char lower = g_ascii_tolower (*needle), upper = g_ascii_toupper (*needle);
  const char *last = n <= length ? text + (length - n) : NULL;

  for (; last != NULL && text <= last; text++)
    if ((*text == lower || *text == upper) && g_ascii_strncasecmp (text, needle, n) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
token_matches (const FluoJsonScanner *json, const char *needle, gsize n)
{
  g_autofree char *plain = NULL;

  if (!json->escaped)
    return is_in (json->text + json->start, json->end - json->start, needle, n);

  plain = fluo_json_scanner_dup (json);
  return is_in (plain, strlen (plain), needle, n);
}

/* The block whose first token was read. */
static guint
count_in_block (FluoJsonScanner *json, FluoJsonToken token, gboolean own_words, const char *needle,
                gsize n)
{
  guint count = 0, level = 0;
  gboolean is_id = FALSE;

  for (;; token = fluo_json_scanner_next (json))
    {
      if (token == FLUO_JSON_OBJECT_BEGIN || token == FLUO_JSON_ARRAY_BEGIN)
        level++;
      else if (token == FLUO_JSON_OBJECT_END || token == FLUO_JSON_ARRAY_END)
        level--;
      else if (token == FLUO_JSON_INVALID || token == FLUO_JSON_END)
        return count;
      else if (token == FLUO_JSON_KEY ? own_words
               : own_words            ? token != FLUO_JSON_NULL
                                      : token == FLUO_JSON_STRING && !is_id)
        count += token_matches (json, needle, n);
      /* That of an exception means nothing to anybody. */
      is_id = token == FLUO_JSON_KEY && fluo_json_scanner_equal (json, "id");
      if (level == 0)
        return count;
    }
}

guint
fluo_waterfall_find_in_document (FluoTrace *trace, guint32 index, const char *needle)
{
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[index];
  const gsize n = strlen (needle);
  FluoJsonScanner json;
  FluoJsonToken token;
  const char *text;
  gsize length;
  guint32 flags = 0;
  guint count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    flags |= blocks[i].flag;
  if (!(span->flags & flags))
    return 0;

  text = fluo_trace_get_raw (trace, index, &length);
  fluo_json_scanner_init (&json, text, length);
  fluo_json_scanner_next (&json);
  while (fluo_json_scanner_next (&json) == FLUO_JSON_KEY)
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (blocks) && !fluo_json_scanner_equal (&json, blocks[i].key))
        i++;
      token = fluo_json_scanner_next (&json);
      if (i < G_N_ELEMENTS (blocks))
        count += count_in_block (&json, token, blocks[i].own_words, needle, n);
      else if (!fluo_json_scanner_skip (&json, token))
        break;
    }

  return count;
}
