/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-text.h"

#include <string.h>

#include "core/fluo-trace-id-read.h"
#include "filter/fluo-filter.h"
#include "fluo-query-parameters.h"

/* Marks that nobody writes in plain words. */
#define MARKS "=<>!(){}[]\"$|&"

static gboolean
has_prefix_word (const char *text, const char *prefix)
{
  return g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

/* More than one word, of which the language knows one that stands where its words stand. */
static gboolean
has_language_words (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\r\n", 64);
  gboolean joined = FALSE;
  gboolean known = FALSE;
  guint n = 0;

  for (guint i = 0; words[i]; i++)
    {
      g_autoptr (FluoFilter) filter = NULL;

      if (!*words[i])
        continue;
      n++;
      if (has_prefix_word (words[i], "metadata.") || has_prefix_word (words[i], "annotation.")
          || has_prefix_word (words[i], "rootcause."))
        return TRUE;
      if (g_str_equal (words[i], "AND") || g_str_equal (words[i], "OR")
          || g_str_equal (words[i], "NOT") || g_str_equal (words[i], "CONTAINS")
          || g_str_equal (words[i], "BEGINSWITH") || g_str_equal (words[i], "ENDSWITH"))
        {
          joined = TRUE;
          continue;
        }
      filter = fluo_filter_new (words[i], -1, NULL, NULL);
      known = known || filter != NULL;
    }
  return n > 1 && joined && known;
}

FluoQueryKind
fluo_query_text_get_kind (const char *text, FluoTraceId *ret_id)
{
  g_autofree char *trimmed = NULL;
  g_autofree char *blank = NULL;
  g_autoptr (FluoFilter) filter = NULL;
  FluoTraceId id;

  g_return_val_if_fail (text != NULL, FLUO_QUERY_EMPTY);
  trimmed = g_strstrip (g_strdup (text));
  if (!*trimmed)
    return FLUO_QUERY_EMPTY;
  if (strlen (trimmed) <= FLUO_TRACE_ID_TEXT_MAX && fluo_trace_id_read (trimmed, &id, NULL, NULL))
    {
      if (ret_id)
        *ret_id = id;
      return FLUO_QUERY_TRACE;
    }
  if (strpbrk (trimmed, MARKS) || strchr (trimmed, '\n'))
    return FLUO_QUERY_EXPRESSION;
  blank = fluo_query_parameters_blank (trimmed);
  filter = fluo_filter_new (blank, -1, NULL, NULL);
  return filter || has_language_words (trimmed) ? FLUO_QUERY_EXPRESSION : FLUO_QUERY_WORDS;
}

/* Calls @func at every place where a word of letters stands outside of quotes and brackets. */
static const char *
skip_quoted (const char *at)
{
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && at[1])
      at++;
  return *at ? at + 1 : at;
}

static gboolean
is_joint (const char *at, const char *begin)
{
  gsize length = g_ascii_strncasecmp (at, "AND", 3) == 0  ? 3
                 : g_ascii_strncasecmp (at, "OR", 2) == 0 ? 2
                                                          : 0;

  return length > 0 && at > begin && g_ascii_isspace (at[-1])
         && (g_ascii_isspace (at[length]) || at[length] == '(' || at[length] == '!');
}

char *
fluo_query_text_unfold (const char *text)
{
  GString *out = g_string_new (NULL);
  int depth = 0;

  if (strchr (text, '\n'))
    {
      g_string_append (out, text);
      return g_string_free (out, FALSE);
    }
  for (const char *at = text; *at;)
    {
      if (*at == '"')
        {
          const char *end = skip_quoted (at);

          g_string_append_len (out, at, end - at);
          at = end;
          continue;
        }
      if (strchr ("({[", *at))
        depth++;
      else if (strchr (")}]", *at))
        depth--;
      else if (depth == 0 && is_joint (at, text))
        {
          while (out->len > 0 && g_ascii_isspace (out->str[out->len - 1]))
            g_string_truncate (out, out->len - 1);
          if (out->len > 0)
            g_string_append_c (out, '\n');
        }
      g_string_append_c (out, *at++);
    }
  return g_string_free (out, FALSE);
}

char *
fluo_query_text_fold (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; *at;)
    {
      if (*at == '"')
        {
          const char *end = skip_quoted (at);

          g_string_append_len (out, at, end - at);
          at = end;
        }
      else if (*at == '\n' || *at == '\r' || *at == '\t')
        {
          while (g_ascii_isspace (*at))
            at++;
          if (*at && out->len > 0 && out->str[out->len - 1] != ' ')
            g_string_append_c (out, ' ');
        }
      else
        g_string_append_c (out, *at++);
    }
  return g_string_free (out, FALSE);
}

/* An OR outside of brackets. */
static gboolean
has_open_or (const char *text)
{
  int depth = 0;

  for (const char *at = text; *at;)
    {
      if (*at == '"')
        {
          at = skip_quoted (at);
          continue;
        }
      if (strchr ("({[", *at))
        depth++;
      else if (strchr (")}]", *at))
        depth--;
      else if (depth == 0
               && ((*at == '|' && at[1] == '|')
                   || (is_joint (at, text) && g_ascii_tolower (*at) == 'o')))
        return TRUE;
      at++;
    }
  return FALSE;
}

char *
fluo_query_text_add (const char *text, const char *condition)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (!*trimmed)
    return g_strdup (condition);
  left = has_open_or (trimmed) ? g_strdup_printf ("(%s)", trimmed) : g_strdup (trimmed);
  right = has_open_or (condition) ? g_strdup_printf ("(%s)", condition) : g_strdup (condition);
  return g_strdup_printf ("%s%sAND %s", left, strchr (left, '\n') ? "\n" : " ", right);
}
