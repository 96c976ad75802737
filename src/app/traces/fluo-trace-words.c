/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"
#define _GNU_SOURCE /* strcasestr */

#include "fluo-config.h"

#include "fluo-trace-words.h"

#include <stdlib.h>
#include <string.h>

#include "filter/fluo-filter-ast.h"

/* More words than this in a search are one mistake. */
#define WORDS_MAX 16
/* Shorter words would match nearly every id. */
#define ID_WORD_MIN 4
/* Of one word: a number may be part of a thousand others. */
#define PLACES_MAX 200
#define CONDITIONS_MAX 6

/* Where a word was found. */
typedef enum
{
  PLACE_URL,
  PLACE_METHOD,
  PLACE_SERVICE,
  PLACE_ANNOTATION_KEY,
  PLACE_ANNOTATION,
  PLACE_USER,
  PLACE_FAULT,
  PLACE_ERROR,
  PLACE_STATUS,
  PLACE_ID
} PlaceKind;

typedef struct
{
  PlaceKind kind;
  const char *key;   /* of an annotation */
  FluoValueType type;
  const char *value; /* all of it */
  const char *at;    /* the word in it */
  gsize length;      /* of the word */
} Place;

/* TRUE: that is enough. */
typedef gboolean (*PlaceFunc) (const Place *place, gpointer data);

/* --- Looking ----------------------------------------------------------------------------- */

static gboolean
look (PlaceKind kind, const char *key, FluoValueType type, const char *value, const char *word,
      PlaceFunc func, gpointer data)
{
  const char *at = value ? strcasestr (value, word) : NULL;
  const Place place = { kind, key, type, value, at, strlen (word) };

  return at && func (&place, data);
}

static gboolean
look_at_annotation (const FluoSummaryAnnotation *row, const char *word, PlaceFunc func,
                    gpointer data)
{
  const gsize key_length = strlen (row->key);

  if (look (PLACE_ANNOTATION, row->key, row->type, row->value, word, func, data)
      || look (PLACE_ANNOTATION_KEY, row->key, row->type, row->key, word, func, data))
    return TRUE;
  /* "tier=gold", "tier:gold" */
  return g_ascii_strncasecmp (word, row->key, key_length) == 0
         && (word[key_length] == '=' || word[key_length] == ':')
         && look (PLACE_ANNOTATION, row->key, row->type, row->value, word + key_length + 1, func,
                  data);
}

/* TRUE when @func said so of one place. */
static gboolean
walk (const FluoTraceSummary *summary, const char *word, PlaceFunc func, gpointer data)
{
  char id[FLUO_TRACE_ID_XRAY_LEN + 1];

  if (look (PLACE_URL, NULL, 0, summary->http_url, word, func, data)
      || look (PLACE_METHOD, NULL, 0, summary->http_method, word, func, data)
      || look (PLACE_SERVICE, NULL, 0, summary->entry_name, word, func, data))
    return TRUE;
  for (guint i = 0; i < summary->services->len; i++)
    if (look (PLACE_SERVICE, NULL, 0,
              g_array_index (summary->services, FluoSummaryService, i).name, word, func, data))
      return TRUE;
  for (guint i = 0; i < summary->annotations->len; i++)
    if (look_at_annotation (&g_array_index (summary->annotations, FluoSummaryAnnotation, i), word,
                            func, data))
      return TRUE;
  for (guint i = 0; i < summary->users->len; i++)
    if (look (PLACE_USER, NULL, 0, g_ptr_array_index (summary->users, i), word, func, data))
      return TRUE;
  for (guint i = 0; i < summary->causes->len; i++)
    {
      const FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, i);

      if (look (cause->status == FLUO_STATUS_FAULT ? PLACE_FAULT : PLACE_ERROR, NULL, 0,
                cause->exception, word, func, data))
        return TRUE;
    }
  if (summary->http_status > 0 && strlen (word) == 3 && atoi (word) == summary->http_status
      && look (PLACE_STATUS, NULL, 0, word, word, func, data))
    return TRUE;
  if (strlen (word) < ID_WORD_MIN)
    return FALSE;
  fluo_trace_id_format_xray (&summary->id, id);
  return look (PLACE_ID, NULL, 0, id, word, func, data);
}

static gboolean
found_cb (const Place *place, gpointer data)
{
  return TRUE;
}

char **
fluo_trace_words_split (const char *text)
{
  return text && *text ? g_strsplit_set (text, " \t\n", WORDS_MAX) : NULL;
}

gboolean
fluo_trace_words_match (char **words, const FluoTraceSummary *summary)
{
  for (guint i = 0; words && words[i]; i++)
    if (*words[i] && !walk (summary, words[i], found_cb, NULL))
      return FALSE;
  return TRUE;
}

/* --- As a filter ------------------------------------------------------------------------- */

typedef struct
{
  guint trace;
  guint condition;
} Pair;

typedef struct
{
  GPtrArray *conditions; /* text of each */
  GHashTable *numbers;   /* text -> its number */
  GArray *pairs;         /* Pair, by trace */
  guint trace;           /* that is being looked at */
} Search;

static char *
dup_condition (const Place *place)
{
  static const char *const before[] = {
    [PLACE_URL] = "http.url CONTAINS ",
    [PLACE_METHOD] = "http.method = ",
    [PLACE_SERVICE] = "service(",
    [PLACE_USER] = "user CONTAINS ",
    [PLACE_FAULT] = "rootcause.fault.exception { name CONTAINS ",
    [PLACE_ERROR] = "rootcause.error.exception { name CONTAINS ",
    [PLACE_STATUS] = "http.status = ",
  };
  const gboolean whole = place->kind == PLACE_METHOD || place->kind == PLACE_SERVICE;
  g_autofree char *part = g_strndup (place->at, place->length);
  GString *out = g_string_new (NULL);

  if (place->kind == PLACE_ANNOTATION || place->kind == PLACE_ANNOTATION_KEY)
    fluo_filter_print_annotation (out, FLUO_SIDE_OWN, place->key);
  else
    g_string_append (out, before[place->kind]);
  if (place->kind == PLACE_ANNOTATION && place->type != FLUO_VALUE_STRING)
    g_string_append_printf (out, " = %s", place->value);
  else if (place->kind == PLACE_STATUS)
    g_string_append (out, place->value);
  else if (place->kind != PLACE_ANNOTATION_KEY)
    {
      if (place->kind == PLACE_ANNOTATION)
        g_string_append (out, " CONTAINS ");
      fluo_filter_print_string (out, whole ? place->value : part);
    }
  if (place->kind == PLACE_SERVICE)
    g_string_append_c (out, ')');
  else if (place->kind == PLACE_FAULT || place->kind == PLACE_ERROR)
    g_string_append (out, " }");
  return g_string_free (out, FALSE);
}

static gboolean
note_cb (const Place *place, gpointer data)
{
  Search *self = data;
  g_autofree char *text = NULL;
  gpointer number;
  Pair pair = { self->trace, 0 };

  if (place->kind == PLACE_ID)
    return FALSE;
  text = dup_condition (place);
  if (g_hash_table_lookup_extended (self->numbers, text, NULL, &number))
    pair.condition = GPOINTER_TO_UINT (number);
  else if (self->conditions->len < PLACES_MAX)
    {
      pair.condition = self->conditions->len;
      g_hash_table_insert (self->numbers, text, GUINT_TO_POINTER (pair.condition));
      g_ptr_array_add (self->conditions, g_steal_pointer (&text));
    }
  else
    return FALSE;
  g_array_append_val (self->pairs, pair);
  return FALSE;
}

/* The condition that finds most of the traces that none found before; they are marked. G_MAXUINT
 * when none is left. */
static guint
take_best (Search *self, guint8 *covered)
{
  g_autofree guint *counts = g_new0 (guint, self->conditions->len + 1);
  guint best = G_MAXUINT;

  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (self->pairs, Pair, i);

      if (!covered[pair->trace])
        counts[pair->condition]++;
    }
  for (guint i = 0; i < self->conditions->len; i++)
    if (counts[i] > (best == G_MAXUINT ? 0 : counts[best]))
      best = i;
  for (guint i = 0; best != G_MAXUINT && i < self->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (self->pairs, Pair, i);

      if (pair->condition == best)
        covered[pair->trace] = TRUE;
    }
  return best;
}

/* "a", "(a OR b)"; NULL when a filter can't say it. */
static char *
dup_word_filter (const char *word, GPtrArray *found)
{
  g_autoptr (GPtrArray) conditions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_autofree guint8 *covered = g_new0 (guint8, found->len + 1);
  Search search = { conditions, numbers, pairs, 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0, best;

  for (; search.trace < found->len; search.trace++)
    walk (g_ptr_array_index (found, search.trace), word, note_cb, &search);
  for (; n < CONDITIONS_MAX && (best = take_best (&search, covered)) != G_MAXUINT; n++)
    g_string_append_printf (out, "%s%s", n > 0 ? " OR " : "",
                            (char *) g_ptr_array_index (conditions, best));
  if (n > 1)
    {
      g_string_prepend_c (out, '(');
      g_string_append_c (out, ')');
    }
  if (memchr (covered, FALSE, found->len))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
fluo_trace_words_dup_filter (const char *text, GPtrArray *summaries, char **ret_left)
{
  g_auto (GStrv) words = fluo_trace_words_split (text);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GString *out = g_string_new (NULL);

  if (ret_left)
    *ret_left = NULL;
  for (guint i = 0; words && i < summaries->len; i++)
    if (fluo_trace_words_match (words, g_ptr_array_index (summaries, i)))
      g_ptr_array_add (found, g_ptr_array_index (summaries, i));
  for (guint i = 0; words && words[i]; i++)
    {
      g_autofree char *part = NULL;

      if (!*words[i] || found->len == 0)
        continue;
      part = dup_word_filter (words[i], found);
      if (part)
        g_string_append_printf (out, "%s%s", out->len > 0 ? " AND " : "", part);
      else if (ret_left && !*ret_left)
        *ret_left = g_strdup (words[i]);
    }
  return g_string_free (out, FALSE);
}
