/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/trace/fluo-sql-text.h"

#include <string.h>

#define INDENT "  "
#define DEPTH_MAX 16

/* Where a line begins; longer ones first, so that LEFT JOIN is one clause. */
static const struct
{
  const char *words;
  gboolean    indented;
} clauses[] = {
  { "left outer join", FALSE }, { "right outer join", FALSE }, { "full outer join", FALSE },
  { "left join", FALSE },       { "right join", FALSE },       { "inner join", FALSE },
  { "cross join", FALSE },      { "full join", FALSE },        { "join", FALSE },
  { "insert into", FALSE },     { "delete from", FALSE },      { "group by", FALSE },
  { "order by", FALSE },        { "union all", FALSE },        { "union", FALSE },
  { "on conflict", FALSE },     { "select", FALSE },           { "from", FALSE },
  { "where", FALSE },           { "having", FALSE },           { "limit", FALSE },
  { "offset", FALSE },          { "returning", FALSE },        { "values", FALSE },
  { "set", FALSE },             { "and", TRUE },               { "or", TRUE },
};

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (guchar) c >= 0x80;
}

/* Bytes of @text that are @words with any white space between them, as whole words; 0 = others. */
static gsize
match (const char *text, const char *words)
{
  const char *at = text;

  for (; *words != '\0'; words++)
    {
      if (*words == ' ')
        {
          if (!g_ascii_isspace (*at))
            return 0;
          while (g_ascii_isspace (*at))
            at++;
        }
      else if (g_ascii_tolower (*at++) != *words)
        return 0;
    }

  return is_word (*at) ? 0 : (gsize) (at - text);
}

/* One past the closing quote, or the end: doubled quotes open again by themselves. */
static const char *
skip_quoted (const char *text)
{
  const char *end = strchr (text + 1, *text);

  return end != NULL ? end + 1 : text + strlen (text);
}

static void
new_line (GString *out, guint depth)
{
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  if (out->len > 0)
    g_string_append_c (out, '\n');
  for (guint i = 0; i < MIN (depth, DEPTH_MAX); i++)
    g_string_append (out, INDENT);
}

/* A clause at @text: its words go to @out on a line of their own. 0 = none. */
static gsize
take_clause (GString *out, const char *text, guint depth, gboolean *between)
{
  for (guint i = 0; i < G_N_ELEMENTS (clauses); i++)
    {
      gsize length = match (text, clauses[i].words);

      if (length == 0)
        continue;
      /* BETWEEN a AND b is one condition. */
      if (*between && g_str_equal (clauses[i].words, "and"))
        {
          *between = FALSE;
          return 0;
        }
      new_line (out, depth + (clauses[i].indented ? 1 : 0));
      g_string_append_len (out, text, (gssize) length);
      return length;
    }

  return 0;
}

char *
fluo_sql_text_dup_formatted (const char *query)
{
  GString *out;
  guint depth = 0;
  gboolean between = FALSE, begins = TRUE;

  if (strlen (query) > FLUO_SQL_TEXT_MAX)
    return g_strdup (query);

  out = g_string_new (NULL);
  while (*query != '\0')
    {
      gsize length = begins ? take_clause (out, query, depth, &between) : 0;

      if (length > 0)
        {
          query += length;
          begins = FALSE;
          continue;
        }
      if (*query == '\'' || *query == '"' || *query == '`')
        {
          const char *end = skip_quoted (query);

          g_string_append_len (out, query, end - query);
          query = end;
          begins = FALSE;
          continue;
        }
      if (begins && match (query, "between") > 0)
        between = TRUE;
      if (*query == '(')
        depth++;
      else if (*query == ')' && depth > 0)
        depth--;
      begins = !is_word (*query);
      if (!g_ascii_isspace (*query))
        g_string_append_c (out, *query);
      else if (out->len > 0 && !g_ascii_isspace (out->str[out->len - 1]))
        g_string_append_c (out, ' ');
      query++;
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);

  return g_string_free (out, FALSE);
}
