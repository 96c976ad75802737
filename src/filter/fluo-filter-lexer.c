/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* Text to tokens. Letters are ASCII letters whatever the locale says; everything that is not a
 * token is named with its place, and with what to write instead where that is known. */

#define RANGE(start, end) ((FluoFilterRange) { (guint) (start), (guint) (end) })

gboolean
fluo_filter_lexer_init (FluoFilterLexer *self, FluoFilterTree *tree, const char *text,
                        gssize length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  const char *end;

  self->tree = tree;
  self->text = text;
  self->offset = 0;
  self->length = 0;
  self->after_op = FALSE;
  if (size > FLUO_FILTER_LENGTH_MAX)
    {
      /* A macro would cut the sentence that is translated. */
      g_autofree char *bytes = g_strdup_printf ("%" G_GSIZE_FORMAT, size);

      fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_LIMIT,
                                 RANGE (FLUO_FILTER_LENGTH_MAX, FLUO_FILTER_LENGTH_MAX),
                                 RANGE (0, 0), NULL,
                                 _("the expression has %s bytes, at most %d can be read: ask for "
                                   "less at once"), bytes, FLUO_FILTER_LENGTH_MAX);
      return FALSE;
    }
  if (!g_utf8_validate_len (text, size, &end))
    {
      fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_SYNTAX, RANGE (end - text, end - text + 1),
                                 RANGE (0, 0), NULL,
                                 _("byte %u of the expression is not UTF-8 text: remove it"),
                                 (guint) (end - text) + 1);
      return FALSE;
    }
  self->length = (guint) size;
  return TRUE;
}

static char
peek (const FluoFilterLexer *self, guint offset)
{
  return offset < self->length ? self->text[offset] : '\0';
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.';
}

/* --- Strings --------------------------------------------------------------- */

static gboolean
read_hex (const FluoFilterLexer *self, guint offset, gunichar *ret)
{
  *ret = 0;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (peek (self, offset + i));

      if (digit < 0)
        return FALSE;
      *ret = *ret << 4 | (guint) digit;
    }
  return TRUE;
}

/* A JSON escape at @offset, the backslash. Bytes read, 0 when it is none. */
static guint
read_escape (const FluoFilterLexer *self, guint offset, GString *out)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  char c = peek (self, offset + 1);
  const char *found = c ? strchr (letters, c) : NULL;
  gunichar unit, low;

  if (found)
    {
      g_string_append_c (out, meant[found - letters]);
      return 2;
    }
  if (c != 'u' || !read_hex (self, offset + 2, &unit) || unit == 0)
    return 0;
  if (unit < 0xd800 || unit > 0xdfff)
    {
      g_string_append_unichar (out, unit);
      return 6;
    }
  if (unit > 0xdbff || peek (self, offset + 6) != '\\' || peek (self, offset + 7) != 'u' ||
      !read_hex (self, offset + 8, &low) || low < 0xdc00 || low > 0xdfff)
    return 0;
  g_string_append_unichar (out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
  return 12;
}

/* A string from its opening quote on. @close ends it. */
static FluoToken
read_string (FluoFilterLexer *self, guint quote, const char *close)
{
  FluoToken token = { .kind = FLUO_TOKEN_STRING, .start = self->offset };
  g_autoptr (GString) out = g_string_new (NULL);
  gsize close_length = strlen (close);
  guint i = self->offset + quote;

  while (i < self->length && !(i + close_length <= self->length &&
                               strncmp (self->text + i, close, close_length) == 0))
    {
      guint read = 1;

      if (self->text[i] == '\\')
        {
          read = read_escape (self, i, out);
          if (read == 0)
            {
              fluo_filter_tree_complain (
                self->tree, FLUO_FILTER_ERROR_SYNTAX, RANGE (i, MIN (i + 2, self->length)),
                RANGE (i, i + 1), "\\\\",
                _("“\\%c” means nothing in a string: write \\\\ for a "
                   "backslash"),
                g_ascii_isprint (peek (self, i + 1)) ? peek (self, i + 1) : '?');
              read = 1;
            }
        }
      else if (self->text[i] == '\0')
        fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, RANGE (i, i + 1),
                                   RANGE (i, i + 1), "", _("a NUL byte can't be searched for"));
      else
        g_string_append_c (out, self->text[i]);
      i += read;
    }
  if (i >= self->length)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_UNFINISHED,
                               RANGE (token.start, self->length),
                               RANGE (self->length, self->length), "\"",
                               _("the string that begins here has no end: close it with \""));
  self->offset = (guint) MIN (i + close_length, self->length);
  token.end = self->offset;
  token.text = g_string_chunk_insert_len (self->tree->strings, out->str, (gssize) out->len);
  return token;
}

/* Quotes that X-Ray does not know are understood and complained about. */
static FluoToken
read_other_quotes (FluoFilterLexer *self, guint quote, const char *close)
{
  FluoToken token = read_string (self, quote, close);
  g_autoptr (GString) fix = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, fix);
  fluo_json_writer_string (&writer, token.text);
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, RANGE (token.start, token.end),
                             RANGE (token.start, token.end), fix->str,
                             _("strings stand in plain double quotes: write %s"), fix->str);
  return token;
}

/* --- Numbers --------------------------------------------------------------- */

/* Seconds of a time with its unit, or a part of 1 with "%",
    as people write it; FALSE for another unit. */
static gboolean
to_seconds (const char *text, guint digits, guint length, char *out)
{
  static const struct { const char *unit; double seconds; } units[] = {
    { "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 }, { "sec", 1 }, { "m", 60 },
    { "min", 60 }, { "h", 3600 }, { "%", 0.01 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strlen (units[i].unit) == length - digits &&
        g_ascii_strncasecmp (text + digits, units[i].unit, length - digits) == 0)
      {
        char buffer[64];
        double value;

        g_snprintf (buffer, sizeof buffer, "%.*s", (int) MIN (digits, 40), text);
        value = g_ascii_strtod (buffer, NULL) * units[i].seconds;
        g_ascii_formatd (out, G_ASCII_DTOSTR_BUF_SIZE, "%.12g", value);
        return TRUE;
      }
  return FALSE;
}

static void
complain_number (FluoFilterLexer *self, const FluoToken *token, guint digits)
{
  FluoFilterRange range = RANGE (token->start, token->end);
  g_autofree char *text =
    g_strndup (self->text + token->start, MIN (token->end - token->start, 60));
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  if (to_seconds (text, digits, (guint) strlen (text), seconds))
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_TYPE, range, range, seconds,
                               text[digits] == '%'
                                 ? _("“%s” has a unit; parts are from 0 to 1: write %s")
                                 : _("“%s” has a unit; times are in seconds: write %s"),
                               text, seconds);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range, RANGE (0, 0), NULL,
                               _("“%s” is no number; numbers look like 5, 0.25 or -3"), text);
}

/* "-" digits, a fraction, an exponent; whatever is glued to it belongs to it. */
static FluoToken
read_number (FluoFilterLexer *self)
{
  FluoToken token = { .kind = FLUO_TOKEN_NUMBER, .start = self->offset };
  guint i = self->offset + (self->text[self->offset] == '-'), digits, begin = i;
  g_autofree char *text = NULL;
  gboolean good;

  while (g_ascii_isdigit (peek (self, i)))
    i++;
  good = i > begin;
  if (peek (self, i) == '.')
    {
      begin = ++i;
      while (g_ascii_isdigit (peek (self, i)))
        i++;
      good = good && i > begin;
    }
  if ((peek (self, i) | 0x20) == 'e')
    {
      guint k = i + 1 + (peek (self, i + 1) == '-' || peek (self, i + 1) == '+');

      begin = k;
      while (g_ascii_isdigit (peek (self, k)))
        k++;
      if (k > begin)
        i = k;
    }
  digits = i - token.start;
  while (is_word (peek (self, i)) || peek (self, i) == '%')
    i++;
  token.end = self->offset = i;
  if (!good || digits < i - token.start)
    {
      complain_number (self, &token, digits);
      return token;
    }
  text = g_strndup (self->text + token.start, digits);
  token.number = g_ascii_strtod (text, NULL);
  if (!isfinite (token.number))
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, RANGE (token.start, token.end),
                               RANGE (0, 0), NULL,
                               _("“%.40s” is too large for a number"), text);
  return token;
}

/* --- Operators ------------------------------------------------------------- */

static const struct
{
  const char   *text;
  FluoTokenKind kind;
  FluoFilterOp  op;
  const char   *fix; /* what X-Ray calls it */
} operators[] = {
  { "==", FLUO_TOKEN_OP, FLUO_OP_EQUAL, "=" },
  { "!=", FLUO_TOKEN_OP, FLUO_OP_NOT_EQUAL, NULL },
  { "<>", FLUO_TOKEN_OP, FLUO_OP_NOT_EQUAL, "!=" },
  { "<=", FLUO_TOKEN_OP, FLUO_OP_LESS_EQUAL, NULL },
  { ">=", FLUO_TOKEN_OP, FLUO_OP_GREATER_EQUAL, NULL },
  { "=>", FLUO_TOKEN_OP, FLUO_OP_GREATER_EQUAL, ">=" },
  { "=<", FLUO_TOKEN_OP, FLUO_OP_LESS_EQUAL, "<=" },
  { "&&", FLUO_TOKEN_AND, FLUO_OP_EXISTS, "AND" },
  { "||", FLUO_TOKEN_OR, FLUO_OP_EXISTS, "OR" },
  { "=", FLUO_TOKEN_OP, FLUO_OP_EQUAL, NULL },
  { "<", FLUO_TOKEN_OP, FLUO_OP_LESS, NULL },
  { ">", FLUO_TOKEN_OP, FLUO_OP_GREATER, NULL },
  { "\342\211\240", FLUO_TOKEN_OP, FLUO_OP_NOT_EQUAL, "!=" },
  { "\342\211\244", FLUO_TOKEN_OP, FLUO_OP_LESS_EQUAL, "<=" },
  { "\342\211\245", FLUO_TOKEN_OP, FLUO_OP_GREATER_EQUAL, ">=" },
};

static gboolean
read_operator (FluoFilterLexer *self, FluoToken *token)
{
  const guint foreign = fluo_filter_begins_foreign (self->text + self->offset,
                                                    self->length - self->offset);

  if (foreign > 0)
    {
      token->kind = FLUO_TOKEN_FOREIGN;
      self->offset += foreign;
      token->end = self->offset;
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    {
      gsize length;

      if (*operators[i].text != self->text[self->offset])
        continue;
      length = strlen (operators[i].text);
      if (length > self->length - self->offset ||
          strncmp (self->text + self->offset, operators[i].text, length) != 0)
        continue;
      token->kind = operators[i].kind;
      token->op = operators[i].op;
      self->offset += (guint) length;
      token->end = self->offset;
      if (operators[i].fix)
        {
          FluoFilterRange range = RANGE (token->start, token->end);
          gboolean word = token->kind != FLUO_TOKEN_OP;
          g_autofree char *fix =
            word ? fluo_filter_pad (self->text, self->length, range, operators[i].fix) : NULL;

          fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range, range,
                                     fix ? fix : operators[i].fix,
                                     _("“%s” is no operator here: write %s"), operators[i].text,
                                     operators[i].fix);
        }
      return TRUE;
    }
  return FALSE;
}

/* --- All ------------------------------------------------------------------- */

static FluoToken
read_unknown (FluoFilterLexer *self)
{
  FluoToken token = { .kind = FLUO_TOKEN_BAD, .start = self->offset };
  const char *p = self->text + self->offset;
  gunichar c = g_utf8_get_char (p);
  guint end = self->offset + (guint) (g_utf8_next_char (p) - p);
  FluoFilterRange range = RANGE (self->offset, MIN (end, self->length));
  char text[8] = "";

  self->offset = token.end = range.end;
  if (g_unichar_isprint (c))
    text[g_unichar_to_utf8 (c, text)] = '\0';
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range, RANGE (0, 0), NULL,
                             c == '*' || c == '~' || c == '/'
                               ? _("unexpected “%s” (U+%04X): there are no patterns; compare with "
                                   "=, CONTAINS, BEGINSWITH or ENDSWITH and text in double quotes")
                               : _("unexpected “%s” (U+%04X); text stands in double quotes"),
                             text, c);
  return token;
}

/* Over space; what only looks like space is complained about. */
static void
skip_space (FluoFilterLexer *self)
{
  while (self->offset < self->length)
    {
      const char *p = self->text + self->offset;
      FluoFilterRange range;
      gunichar c;

      if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        {
          self->offset++;
          continue;
        }
      if ((guint8) *p < 0x80)
        return;
      c = g_utf8_get_char (p);
      range = RANGE (self->offset, g_utf8_next_char (p) - self->text);
      if (!(g_unichar_isspace (c) || c == 0xfeff || (c >= 0x200b && c <= 0x200d)))
        return;
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range, range, " ",
                                 _("a space of a kind that X-Ray does not know (U+%04X): write a "
                                   "plain one"), c);
      self->offset = range.end;
    }
}

/* A regular expression between slashes, with its flags; FALSE when it has no end. */
static gboolean
read_pattern (FluoFilterLexer *self, FluoToken *token)
{
  guint i = self->offset + 1;

  while (i < self->length && self->text[i] != '/' && self->text[i] != '\n' && self->text[i] != '\0')
    i += self->text[i] == '\\' ? 2 : 1;
  if (i >= self->length || self->text[i] != '/')
    return FALSE;
  token->kind = FLUO_TOKEN_PATTERN;
  token->text = g_string_chunk_insert_len (self->tree->strings, self->text + self->offset + 1,
                                           (gssize) (i - self->offset - 1));
  while (g_ascii_isalpha (peek (self, ++i)))
    ;
  token->end = self->offset = i;
  return TRUE;
}

static FluoToken
read_token (FluoFilterLexer *self)
{
  static const struct { const char *open, *close;
  } quotes[] = {
    { "'", "'" },
    { "`", "`" },
    { "\342\200\234", "\342\200\235" },
    { "\342\200\236", "\342\200\234" },
    { "\342\200\235", "\342\200\235" },
    { "\342\200\230", "\342\200\231" },
    { "\342\200\231", "\342\200\231" },
    { "\302\253", "\302\273" },
  };
  FluoToken token = { .kind = FLUO_TOKEN_END };
  char c;

  skip_space (self);
  token.start = token.end = self->offset;
  if (self->offset >= self->length)
    return token;
  c = self->text[self->offset];
  if (c == '"')
    return read_string (self, 1, "\"");
  if (g_ascii_isdigit (c) || (c == '-' && (g_ascii_isdigit (peek (self, self->offset + 1)) ||
                                           peek (self, self->offset + 1) == '.')) ||
      (c == '.' && g_ascii_isdigit (peek (self, self->offset + 1))))
    return read_number (self);
  if (is_word (c))
    {
      while (is_word (peek (self, self->offset)))
        self->offset++;
      token.kind = FLUO_TOKEN_WORD;
      token.end = self->offset;
      return token;
    }
  if ((c == '/' && self->after_op && read_pattern (self, &token)) || read_operator (self, &token))
    return token;
  if (c != '\0' && strchr ("(){}[],:!#", c))
    {
      token.kind = FLUO_TOKEN_PUNCTUATION;
      token.punctuation = c;
      token.end = ++self->offset;
      return token;
    }
  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++)
    {
      gsize length = strlen (quotes[i].open);

      if (length <= self->length - self->offset &&
          strncmp (self->text + self->offset, quotes[i].open, length) == 0)
        return read_other_quotes (self, (guint) length, quotes[i].close);
    }
  return read_unknown (self);
}

FluoToken
fluo_filter_lexer_next (FluoFilterLexer *self)
{
  FluoToken token = read_token (self);

  self->after_op = token.kind == FLUO_TOKEN_OP || token.kind == FLUO_TOKEN_FOREIGN ||
                   (token.kind == FLUO_TOKEN_WORD &&
                    fluo_filter_find_foreign (self->text + token.start, token.end - token.start));
  return token;
}

/* annotation["key"]: the quotes are to go. */
static void
complain_quoted_key (FluoFilterLexer *self)
{
  const char *begin = self->text + self->offset + 1;
  const char *end = memchr (begin, '"', self->length - self->offset - 1);
  g_autofree char *key = NULL;
  FluoFilterRange range = RANGE (self->offset, self->offset + 1);

  if (end && end > begin && end + 1 < self->text + self->length && end[1] == ']')
    {
      key = g_strndup (begin, (gsize) (end - begin));
      if (strpbrk (key, "]\n{}()"))
        g_clear_pointer (&key, g_free);
    }
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range,
                             key ? RANGE (range.start, end + 1 - self->text) : RANGE (0, 0), key,
                             _("a key between brackets has no quotes: write annotation[key]"));
}

const char *
fluo_filter_lexer_read_key (FluoFilterLexer *self, FluoFilterRange *ret_range)
{
  guint begin = self->offset, end;

  while (self->offset < self->length && !strchr ("]\n\"{}()", self->text[self->offset]))
    self->offset++;
  while (begin < self->offset && self->text[begin] == ' ')
    begin++;
  end = self->offset;
  while (end > begin && self->text[end - 1] == ' ')
    end--;
  *ret_range = RANGE (begin, end);
  if (peek (self, self->offset) == '"')
    complain_quoted_key (self);
  else if (peek (self, self->offset) != ']')
    fluo_filter_tree_complain (self->tree, self->offset >= self->length
                                             ? FLUO_FILTER_ERROR_UNFINISHED
                                             : FLUO_FILTER_ERROR_SYNTAX,
                               RANGE (begin, self->offset), RANGE (end, end), "]",
                               _("the key that begins here has no end: close it with ]"));
  else if (begin == end)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                               RANGE (begin, self->offset + 1), RANGE (0, 0), NULL,
                               _("the annotation has no key: write annotation[key]"));
  else
    {
      self->offset++;
      return g_string_chunk_insert_len (self->tree->strings, self->text + begin,
                                        (gssize) (end - begin));
    }
  /* On behind the bracket, if there is one. */
  while (self->offset < self->length && !strchr ("]\n", self->text[self->offset]))
    self->offset++;
  if (self->offset < self->length)
    self->offset++;
  return NULL;
}

FluoFilterRange
fluo_filter_lexer_read_json (FluoFilterLexer *self)
{
  FluoFilterRange range = RANGE (self->offset, self->offset);
  gboolean in_string = FALSE;
  guint depth = 0;

  for (; self->offset < self->length; self->offset++)
    {
      char c = self->text[self->offset];

      if (in_string && c == '\\' && self->offset + 1 < self->length)
        self->offset++;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && (c == '[' || c == '{'))
        depth++;
      else if (!in_string && (c == ']' || c == '}') && (depth == 0 || --depth == 0))
        {
          self->offset++;
          break;
        }
      if (depth == 0 && c != ' ' && c != '\n' && c != '\t' && c != '\r')
        break;
    }
  range.end = self->offset;
  return range;
}
