/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* Comparisons as other languages write them (SQL, regular expressions, search boxes), and the same
 * in this one. */

/* Of a list; more are not written out. */
#define LIST_MAX 50

#define PARTS N_("compare with CONTAINS, BEGINSWITH or ENDSWITH")
#define PATTERN(name) { name, FLUO_FOREIGN_PATTERN, FLUO_OP_CONTAINS, "CONTAINS", PARTS }
#define LIKE(name) { name, FLUO_FOREIGN_LIKE, FLUO_OP_CONTAINS, "CONTAINS", PARTS }

/* Of signs that begin with each other the longest comes first. */
static const FluoForeignOp foreign[] = {
  { "in", FLUO_FOREIGN_LIST, FLUO_OP_EQUAL, NULL, N_("ask for each value, joined with OR") },
  { "not", FLUO_FOREIGN_NOT_LIST, FLUO_OP_EQUAL, NULL,
    N_("ask for each value, joined with OR, and put NOT before it") },
  { "between", FLUO_FOREIGN_RANGE, FLUO_OP_GREATER_EQUAL, NULL,
    N_("ask with >= and <=, joined with AND") },
  LIKE ("like"),
  LIKE ("ilike"),
  PATTERN ("matches"),
  PATTERN ("regex"),
  PATTERN ("regexp"),
  PATTERN ("rlike"),
  PATTERN ("=~"),
  PATTERN ("~="),
  PATTERN ("~"),
  { ":", FLUO_FOREIGN_WORD, FLUO_OP_EQUAL, "=", N_("write =") },
  { "is", FLUO_FOREIGN_WORD, FLUO_OP_EQUAL, "=", N_("write =") },
  { "equals", FLUO_FOREIGN_WORD, FLUO_OP_EQUAL, "=", N_("write =") },
  { "startswith", FLUO_FOREIGN_WORD, FLUO_OP_BEGINS_WITH, "BEGINSWITH", N_("write BEGINSWITH") },
  { "contain", FLUO_FOREIGN_WORD, FLUO_OP_CONTAINS, "CONTAINS", N_("write CONTAINS") },
  { "includes", FLUO_FOREIGN_WORD, FLUO_OP_CONTAINS, "CONTAINS", N_("write CONTAINS") },
};

const FluoForeignOp *
fluo_filter_find_foreign (const char *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    if (fluo_filter_is_name (text, length, foreign[i].name))
      return &foreign[i];
  return NULL;
}

guint
fluo_filter_begins_foreign (const char *text, gsize length)
{
  if (length == 0 || (*text != '=' && *text != '~'))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    if (*foreign[i].name == *text && strlen (foreign[i].name) <= length &&
        strncmp (foreign[i].name, text, strlen (foreign[i].name)) == 0)
      return (guint) strlen (foreign[i].name);
  return 0;
}

/* --- Reading on ------------------------------------------------------------ */

/* Tokens behind the operator, without complaints. */
typedef struct
{
  FluoFilterTree *scratch;
  FluoFilterLexer lexer;
  FluoToken       token;
} Reader;

static void
advance (Reader *self)
{
  self->token = fluo_filter_lexer_next (&self->lexer);
}

static gboolean
is_mark (const Reader *self, char c)
{
  return self->token.kind == FLUO_TOKEN_PUNCTUATION && self->token.punctuation == c;
}

static gboolean
is_word (const Reader *self, const char *word)
{
  return self->token.kind == FLUO_TOKEN_WORD &&
         fluo_filter_is_name (self->lexer.text + self->token.start,
                              self->token.end - self->token.start, word);
}

/* The value that stands here, as the language writes it. */
static gboolean
take_value (Reader *self, GString *out)
{
  const char *text = self->lexer.text + self->token.start;
  gsize length = self->token.end - self->token.start;

  if (self->token.kind == FLUO_TOKEN_STRING)
    fluo_filter_print_string (out, self->token.text);
  else if (self->token.kind == FLUO_TOKEN_NUMBER || is_word (self, "true") ||
           is_word (self, "false"))
    g_string_append_len (out, text, (gssize) length);
  else if (self->token.kind == FLUO_TOKEN_WORD && !is_word (self, "and") && !is_word (self, "or"))
    {
      g_autofree char *word = g_strndup (text, length);

      fluo_filter_print_string (out, word);
    }
  else
    return FALSE;
  advance (self);
  return TRUE;
}

/* ("a", "b"): (name = "a" OR name = "b") */
static gboolean
mend_list (Reader *self, const char *name, gboolean negated, GString *out, guint *ret_end)
{
  char close = is_mark (self, '(') ? ')' : is_mark (self, '[') ? ']' : is_mark (self,
                                                                                '{') ? '}' : 0;
  guint n = 0;

  if (close == 0)
    return FALSE;
  g_string_append (out, negated ? "!(" : "(");
  do
    {
      advance (self);
      g_string_append_printf (out, "%s%s = ", n > 0 ? " OR " : "", name);
      if (++n > LIST_MAX || !take_value (self, out))
        return FALSE;
    }
  while (is_mark (self, ','));
  if (!is_mark (self, close))
    return FALSE;
  *ret_end = self->token.end;
  g_string_append_c (out, ')');
  if (n == 1 && !negated)
    {
      g_string_erase (out, 0, 1);
      g_string_truncate (out, out->len - 1);
    }
  return TRUE;
}

/* 1 AND 5: (name >= 1 AND name <= 5) */
static gboolean
mend_range (Reader *self, const char *name, GString *out, guint *ret_end)
{
  g_string_append_printf (out, "(%s >= ", name);
  if (!take_value (self, out) || !is_word (self, "and"))
    return FALSE;
  advance (self);
  g_string_append_printf (out, " AND %s <= ", name);
  *ret_end = self->token.end;
  if (!take_value (self, out))
    return FALSE;
  g_string_append_c (out, ')');
  return TRUE;
}

/* --- Patterns -------------------------------------------------------------- */

typedef struct
{
  GString *best;    /* the longest part without wildcards */
  gboolean begins;  /* text must begin with it */
  gboolean ends;
} Literal;

static void
keep (Literal *self, GString *run, gboolean begins, gboolean ends)
{
  if (run->len > self->best->len)
    {
      g_string_assign (self->best, run->str);
      self->begins = begins;
      self->ends = ends;
    }
  g_string_truncate (run, 0);
}

static void
find_in_like (Literal *self, const char *pattern)
{
  g_autoptr (GString) run = g_string_new (NULL);
  gboolean first = TRUE, wild = strpbrk (pattern, "%_*") != NULL;

  for (const char *p = pattern; *p; p++)
    if (*p == '%' || *p == '*' || *p == '_')
      {
        keep (self, run, first, FALSE);
        first = FALSE;
      }
    else
      g_string_append_c (run, *p);
  keep (self, run, wild && first, wild);
}

/* Whether what stands at @p may be missing or repeated. */
static gboolean
is_optional (const char *p)
{
  return *p == '*' || *p == '?' || *p == '{';
}

static void
find_in_regex (Literal *self, const char *pattern)
{
  g_autoptr (GString) run = g_string_new (NULL);
  gboolean first = *pattern == '^';

  for (const char *p = pattern + (*pattern == '^'); *p; p = g_utf8_next_char (p))
    {
      const char *begin = p, *next;

      if (*p == '$' && p[1] == '\0')
        {
          keep (self, run, first, TRUE);
          return;
        }
      if (*p == '\\' && p[1] && !g_ascii_isalnum (p[1]))
        begin = ++p;
      else if (*p == '\\' && p[1])
        {
          p++;
          keep (self, run, first, FALSE);
          first = FALSE;
          continue;
        }
      else if (strchr (".*+?[](){}|^$", *p))
        {
          /* What stands in a class or repeats is no text. */
          if (*p == '[' || *p == '{')
            while (p[1] && *p != ']' && *p != '}')
              p++;
          keep (self, run, first, FALSE);
          first = FALSE;
          continue;
        }
      next = g_utf8_next_char (p);
      if (is_optional (next))
        {
          keep (self, run, first, FALSE);
          first = FALSE;
        }
      else
        g_string_append_len (run, begin, next - begin);
    }
  keep (self, run, first, FALSE);
}

/* "5..", "5xx", "5\d\d" of a status: all of that class. */
static char *
mend_status (const char *name, const char *pattern)
{
  const char *p = pattern + (*pattern == '^');

  if (*p < '1' || *p > '5' || g_ascii_isdigit (p[1]) || !p[1])
    return NULL;
  return g_strdup_printf ("(%s >= %c00 AND %s < %d00)", name, *p, name, *p - '0' + 1);
}

char *
fluo_filter_mend_pattern (const char *name, FluoFilterWord word, const char *pattern,
                          gboolean like)
{
  g_autoptr (GString) best = g_string_new (NULL);
  Literal literal = { best, FALSE, FALSE };
  GString *out;

  if (word == FLUO_WORD_HTTP_STATUS)
    return mend_status (name, pattern);
  if (fluo_filter_word_type (word) != FLUO_TYPE_STRING &&
      fluo_filter_word_type (word) != FLUO_TYPE_ANY)
    return NULL;
  if (like)
    find_in_like (&literal, pattern);
  else
    find_in_regex (&literal, pattern);
  out = g_string_new (name);
  if (best->len == 0 || !g_utf8_validate (best->str, (gssize) best->len, NULL))
    return g_string_free (out, FALSE); /* anything: it is there */
  g_string_append_printf (out, " %s ", literal.begins && literal.ends ? "="
                                       : literal.begins               ? "BEGINSWITH"
                                       : literal.ends                 ? "ENDSWITH"
                                                                      : "CONTAINS");
  fluo_filter_print_string (out, best->str);
  return g_string_free (out, FALSE);
}

/* --- All ------------------------------------------------------------------- */

char *
fluo_filter_mend_foreign (const FluoForeignOp *op, const FluoFilterLexer *lexer,
                          const FluoFilterNode *node, guint offset, guint *ret_end)
{
  Reader self = { fluo_filter_tree_alloc (), *lexer, { 0 } };
  g_autofree char *name = g_strndup (lexer->text + node->word_range.start,
                                     node->word_range.end - node->word_range.start);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean good = FALSE;
  char *mended = NULL;

  self.lexer.tree = self.scratch;
  self.lexer.offset = offset;
  self.lexer.after_op = TRUE;
  advance (&self);
  if (op->kind == FLUO_FOREIGN_NOT_LIST && is_word (&self, "in"))
    {
      advance (&self);
      good = mend_list (&self, name, TRUE, out, ret_end);
    }
  else if (op->kind == FLUO_FOREIGN_LIST)
    good = mend_list (&self, name, FALSE, out, ret_end);
  else if (op->kind == FLUO_FOREIGN_RANGE)
    good = mend_range (&self, name, out, ret_end);
  else if ((op->kind == FLUO_FOREIGN_LIKE || op->kind == FLUO_FOREIGN_PATTERN) &&
           (self.token.kind == FLUO_TOKEN_STRING || self.token.kind == FLUO_TOKEN_PATTERN))
    {
      *ret_end = self.token.end;
      mended = fluo_filter_mend_pattern (name, node->word, self.token.text,
                                         op->kind == FLUO_FOREIGN_LIKE);
    }
  if (good)
    mended = g_strdup (out->str);
  fluo_filter_tree_free (self.scratch);
  return mended;
}

char *
fluo_filter_pad (const char *text, guint length, FluoFilterRange range, const char *word)
{
  gboolean before = range.start > 0 && !g_ascii_isspace (text[range.start - 1]);
  gboolean after = range.end >= length || !g_ascii_isspace (text[range.end]);

  return g_strconcat (before ? " " : "", word, after ? " " : "", NULL);
}
