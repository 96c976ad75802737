/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* Tokens to a tree, by recursive descent: the depth of brackets and of "!" is limited, so the stack
 * is. After a mistake reading goes on behind the condition it is in; so one mistake is one
 * complaint, and the rest of the expression is understood. */

#define RANGE(start, end) ((FluoFilterRange) { (guint) (start), (guint) (end) })

typedef struct
{
  FluoFilterTree *tree;
  FluoFilterLexer lexer;
  FluoToken       token;    /* the next one */
  guint           last_end; /* of the token before */
  guint           depth;
  gboolean        stopped;  /* too deep: nothing more is read */
  gboolean        second;   /* reading the other end of a call */
  FluoFilterRange pattern_range; /* of the name that was read last */
  FluoFilterWanted *wanted; /* what may stand where the text ends; or NULL */
} Parser;

static guint32 parse_or (Parser *self, FluoFilterScope scope);

/* --- What may follow ------------------------------------------------------- */

/* Called wherever the grammar looks for something. At the end of the text it is noted; once
 * something that had to be there is missing, no more. */
static FluoFilterWanted *
want (Parser *self, FluoFilterWant what)
{
  FluoFilterWanted *wanted = self->wanted;

  if (!wanted || wanted->closed || self->stopped || self->token.kind != FLUO_TOKEN_END)
    return NULL;
  wanted->what |= what;
  wanted->second = wanted->second || self->second;
  return wanted;
}

static void
want_in (Parser *self, FluoFilterWant what, FluoFilterScope scope)
{
  FluoFilterWanted *wanted = want (self, what);

  if (wanted)
    wanted->scope = scope;
}

static void
want_of (Parser *self, FluoFilterWant what, guint32 node)
{
  FluoFilterWanted *wanted = want (self, what);

  if (wanted)
    wanted->node = node;
}

static void
want_punctuation (Parser *self, char c)
{
  FluoFilterWanted *wanted = want (self, FLUO_WANT_PUNCTUATION);
  gsize n = wanted ? strlen (wanted->punctuation) : 0;

  if (wanted && n + 1 < sizeof wanted->punctuation)
    wanted->punctuation[n] = c;
}

/* The text ended where something had to be. */
static void
end_wanted (Parser *self)
{
  if (self->wanted && self->token.kind == FLUO_TOKEN_END)
    self->wanted->closed = TRUE;
}

/* --- Tools ----------------------------------------------------------------- */

static void
advance (Parser *self)
{
  self->last_end = self->token.end;
  self->token = fluo_filter_lexer_next (&self->lexer);
  if (self->stopped)
    self->token = (FluoToken) { .kind = FLUO_TOKEN_END, .start = self->token.start,
                                .end = self->token.start };
}

static FluoFilterRange
token_range (const Parser *self)
{
  return RANGE (self->token.start, self->token.end);
}

static gboolean
is_punctuation (const Parser *self, char c)
{
  return self->token.kind == FLUO_TOKEN_PUNCTUATION && self->token.punctuation == c;
}

static gboolean
is_named (const Parser *self, const char *name)
{
  return self->token.kind == FLUO_TOKEN_WORD &&
         self->token.end - self->token.start == strlen (name) &&
         g_ascii_strncasecmp (self->lexer.text + self->token.start, name, strlen (name)) == 0;
}

/* What stands here, for a complaint. */
static const char *
describe (const Parser *self)
{
  return fluo_filter_tree_shorten (self->tree, self->lexer.text + self->token.start,
                                   self->token.end - self->token.start);
}

static void
complain_unexpected (Parser *self, const char *expected)
{
  end_wanted (self);
  if (self->token.kind == FLUO_TOKEN_BAD || self->stopped)
    return; /* said already */
  if (self->token.kind == FLUO_TOKEN_END)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_UNFINISHED, token_range (self),
                               RANGE (0, 0), NULL, _("the expression ends here; expected %s"),
                               expected);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, token_range (self),
                               RANGE (0, 0), NULL, _("found “%s”, expected %s"), describe (self),
                               expected);
}

static gboolean
expect (Parser *self, char c)
{
  char fix[2] = { c, '\0' };

  if (is_punctuation (self, c))
    {
      advance (self);
      return TRUE;
    }
  want_punctuation (self, c);
  end_wanted (self);
  if (self->token.kind == FLUO_TOKEN_BAD || self->stopped)
    return FALSE;
  if (self->token.kind == FLUO_TOKEN_END)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_UNFINISHED, token_range (self),
                               RANGE (self->last_end, self->last_end), fix,
                               _("the expression ends here; expected “%c”"), c);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, token_range (self),
                               RANGE (self->last_end, self->last_end), fix,
                               _("found “%s”, expected “%c”"), describe (self), c);
  return FALSE;
}

/* FALSE when it is too deep: the rest is not read. */
static gboolean
enter (Parser *self)
{
  if (++self->depth <= FLUO_FILTER_DEPTH_MAX)
    return TRUE;
  if (!self->stopped)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_LIMIT, token_range (self),
                               RANGE (0, 0), NULL,
                               _("more than %d brackets and “!” inside each other: take some "
                                 "away"), FLUO_FILTER_DEPTH_MAX);
  self->stopped = TRUE;
  self->token = (FluoToken) { .kind = FLUO_TOKEN_END, .start = self->token.start,
                              .end = self->token.start };
  return FALSE;
}

static guint32
add_node (Parser *self, FluoNodeKind kind, FluoFilterScope scope, guint start)
{
  FluoFilterNode node = { .kind = kind, .scope = scope, .first_child = FLUO_NODE_NONE,
                          .last_child = FLUO_NODE_NONE, .next = FLUO_NODE_NONE,
                          .word = FLUO_WORD_NONE, .range = RANGE (start, start) };

  g_array_append_val (self->tree->nodes, node);
  return self->tree->nodes->len - 1;
}

static FluoFilterNode *
get (const Parser *self, guint32 node)
{
  return fluo_filter_tree_get (self->tree, node);
}

/* AND in AND and OR in OR are one. */
static void
add_child (Parser *self, guint32 parent, guint32 child)
{
  guint32 first = child, last = child;

  if (get (self, parent)->kind == get (self, child)->kind &&
      (get (self, child)->kind == FLUO_NODE_AND || get (self, child)->kind == FLUO_NODE_OR))
    {
      first = get (self, child)->first_child;
      last = get (self, child)->last_child;
    }
  if (get (self, parent)->first_child == FLUO_NODE_NONE)
    get (self, parent)->first_child = first;
  else
    get (self, get (self, parent)->last_child)->next = first;
  get (self, parent)->last_child = last;
}

/* On to where the condition that went wrong is over: behind what brackets it has. */
static guint32
recover (Parser *self, guint32 node)
{
  guint depth = 0;

  get (self, node)->kind = FLUO_NODE_BAD;
  while (self->token.kind != FLUO_TOKEN_END)
    {
      if (depth == 0 && (is_named (self, "and") || is_named (self, "or") ||
                         self->token.kind == FLUO_TOKEN_AND || self->token.kind == FLUO_TOKEN_OR))
        break;
      if (is_punctuation (self, '(') || is_punctuation (self, '{') || is_punctuation (self, '['))
        depth++;
      else if (is_punctuation (self, ')') || is_punctuation (self, '}') ||
               is_punctuation (self, ']'))
        {
          if (depth == 0)
            break;
          depth--;
        }
      advance (self);
    }
  get (self, node)->range.end = self->last_end;
  return node;
}

/* --- Values ---------------------------------------------------------------- */

static gboolean
take_value (Parser *self, FluoFilterNode *node)
{
  node->value_range = token_range (self);
  if (self->token.kind == FLUO_TOKEN_STRING)
    {
      node->value = FLUO_FILTER_VALUE_STRING;
      node->text = self->token.text;
    }
  else if (self->token.kind == FLUO_TOKEN_NUMBER)
    {
      node->value = FLUO_FILTER_VALUE_NUMBER;
      node->number = self->token.number;
    }
  else if (is_named (self, "true") || is_named (self, "false"))
    {
      node->value = FLUO_FILTER_VALUE_BOOLEAN;
      node->number = is_named (self, "true");
    }
  else if (self->token.kind == FLUO_TOKEN_WORD && !is_named (self, "and") && !is_named (self, "or"))
    {
      g_autofree char *word = g_strndup (self->lexer.text + self->token.start,
                                         self->token.end - self->token.start);
      g_autofree char *fix = g_strdup_printf ("\"%s\"", word);

      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, token_range (self),
                                 token_range (self), fix,
                                 _("“%.40s” is neither a number nor true or false: text stands in "
                                   "double quotes, \"%.40s\""), word, word);
      node->value = FLUO_FILTER_VALUE_STRING;
      node->text = g_string_chunk_insert (self->tree->strings, word);
    }
  else
    {
      complain_unexpected (self, _("a value: text in double quotes, a number, true or false"));
      return FALSE;
    }
  advance (self);
  return TRUE;
}

/* Operators of other languages; @ret_op is the nearest of ours. */
static gboolean
is_foreign_operator (Parser *self, FluoFilterOp *ret_op)
{
  static const struct { const char *name; FluoFilterOp op; const char *fix, *help;
  } rows[] = {
    { "in", FLUO_OP_EQUAL, NULL, N_("ask for each value, joined with OR") },
    { "between", FLUO_OP_GREATER_EQUAL, NULL, N_("ask with >= and <=, joined with AND") },
    { "like", FLUO_OP_CONTAINS, "CONTAINS", N_("compare with CONTAINS, BEGINSWITH or ENDSWITH") },
    { "matches", FLUO_OP_CONTAINS, "CONTAINS",
      N_("compare with CONTAINS, BEGINSWITH or ENDSWITH") },
    { "regex", FLUO_OP_CONTAINS, "CONTAINS", N_("compare with CONTAINS, BEGINSWITH or ENDSWITH") },
    { "regexp", FLUO_OP_CONTAINS, "CONTAINS",
      N_("compare with CONTAINS, BEGINSWITH or ENDSWITH") },
    { "is", FLUO_OP_EQUAL, "=", N_("write =") },
    { "startswith", FLUO_OP_BEGINS_WITH, "BEGINSWITH", N_("write BEGINSWITH") },
    { "contain", FLUO_OP_CONTAINS, "CONTAINS", N_("write CONTAINS") },
    { "includes", FLUO_OP_CONTAINS, "CONTAINS", N_("write CONTAINS") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_named (self, rows[i].name))
      {
        fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, token_range (self),
                                   token_range (self), rows[i].fix,
                                   _("there is no operator “%s”: %s"), rows[i].name,
                                   _(rows[i].help));
        *ret_op = rows[i].op;
        return TRUE;
      }
  return FALSE;
}

/* An operator, if one follows. */
static FluoFilterOp
take_op (Parser *self, gboolean *ret_foreign)
{
  FluoFilterOp op = FLUO_OP_EXISTS;

  *ret_foreign = FALSE;
  if (self->token.kind == FLUO_TOKEN_OP)
    op = self->token.op;
  else
    for (guint i = FLUO_OP_CONTAINS; i < FLUO_N_OPS && op == FLUO_OP_EXISTS; i++)
      if (is_named (self, fluo_filter_ops[i]))
        op = i;
  if (op == FLUO_OP_EXISTS)
    *ret_foreign = is_foreign_operator (self, &op);
  if (op != FLUO_OP_EXISTS)
    advance (self);
  return op;
}

/* What follows a keyword: nothing, or an operator and a value. */
static guint32
parse_comparison (Parser *self, guint32 index)
{
  FluoFilterNode *node = get (self, index);
  gboolean foreign;

  node->op_range = token_range (self);
  want_of (self, FLUO_WANT_OP, index);
  node->op = take_op (self, &foreign);
  if (node->op != FLUO_OP_EXISTS)
    want_of (self, FLUO_WANT_VALUE, index);
  if (node->op == FLUO_OP_EXISTS)
    node->op_range.end = node->op_range.start;
  else if (foreign && self->token.kind != FLUO_TOKEN_STRING)
    return recover (self, index); /* a list or a range: said what to write */
  else if (!take_value (self, node))
    return recover (self, index);
  node->range.end = self->last_end;
  return index;
}

/* --- Nodes of the graph ---------------------------------------------------- */

static gboolean
take_argument (Parser *self, FluoNodePattern *pattern)
{
  static const char *const names[] = { "name", "type", "account.id" };
  const char **const places[] = { &pattern->name, &pattern->type, &pattern->account };
  guint i = 0;

  while (i < G_N_ELEMENTS (names) && !is_named (self, names[i]))
    i++;
  if (i == G_N_ELEMENTS (names))
    {
      FluoFilterWanted *wanted = want (self, FLUO_WANT_ARGUMENT);

      for (i = 0; wanted && i < G_N_ELEMENTS (names); i++)
        wanted->given |= *places[i] ? 1u << i : 0;
      complain_unexpected (self, _("name:, type: or account.id:"));
      return FALSE;
    }
  if (*places[i])
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, token_range (self),
                                 RANGE (0, 0), NULL, _("“%s” is given twice"), names[i]);
      return FALSE;
    }
  advance (self);
  if (!expect (self, ':'))
    return FALSE;
  if (self->token.kind != FLUO_TOKEN_STRING)
    {
      FluoFilterWanted *wanted = want (self, FLUO_WANT_ARGUMENT_VALUE);

      if (wanted)
        wanted->argument = i;
      complain_unexpected (self, _("text in double quotes"));
      return FALSE;
    }
  *places[i] = self->token.text;
  advance (self);
  return TRUE;
}

/* "name", id(name: "…", type: "…"), or nothing at all. */
static gboolean
take_pattern (Parser *self, FluoNodePattern *pattern)
{
  self->pattern_range = RANGE (0, 0);
  if (self->token.kind == FLUO_TOKEN_STRING)
    {
      self->pattern_range = token_range (self);
      pattern->name = self->token.text;
      advance (self);
      return TRUE;
    }
  if (!is_named (self, "id"))
    {
      want (self, FLUO_WANT_PATTERN);
      return TRUE;
    }
  advance (self);
  if (!expect (self, '('))
    return FALSE;
  do
    if (!take_argument (self, pattern))
      return FALSE;
  while (is_punctuation (self, ',') && (advance (self), TRUE));
  if (!pattern->name || !pattern->type || !pattern->account)
    want_punctuation (self, ',');
  return expect (self, ')');
}

/* The other end of a call. What may stand there depends on the first. */
static gboolean
take_second (Parser *self, guint32 index, const FluoNodePattern *first, FluoNodePattern *pattern)
{
  gboolean good;

  get (self, index)->patterns[0] = *first;
  get (self, index)->pattern_ranges[0] = self->pattern_range;
  self->second = TRUE;
  good = take_pattern (self, pattern);
  self->second = FALSE;
  return good;
}

static gboolean
parse_block (Parser *self, guint32 index, FluoFilterScope scope)
{
  guint32 child;

  if (!is_punctuation (self, '{'))
    {
      want_punctuation (self, '{');
      return TRUE;
    }
  if (!enter (self))
    return FALSE;
  advance (self);
  if (is_punctuation (self, '}'))
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                                 RANGE (self->last_end - 1, self->token.end),
                                 RANGE (self->last_end - 1, self->token.end), "",
                                 _("the block is empty: put a condition in it or leave it out"));
      advance (self);
      self->depth--;
      return TRUE;
    }
  child = parse_or (self, scope);
  add_child (self, index, child);
  self->depth--;
  return expect (self, '}');
}

/* The word "service" or "edge" is read; a bracket follows. */
static guint32
parse_scoped (Parser *self, guint32 index, gboolean edge)
{
  FluoFilterNode *node = get (self, index);
  FluoNodePattern patterns[2] = { 0 };

  node->kind = edge ? FLUO_NODE_EDGE : FLUO_NODE_SERVICE;
  if (self->wanted && !self->wanted->closed)
    self->wanted->node = index;
  if (!expect (self, '(') || !take_pattern (self, &patterns[0]) ||
      (edge && (!expect (self, ',') || !take_second (self, index, &patterns[0], &patterns[1]))))
    return recover (self, index);
  memcpy (node->patterns, patterns, sizeof patterns);
  node->pattern_ranges[edge ? 1 : 0] = self->pattern_range;
  if (!expect (self, ')'))
    return recover (self, index);
  if (node->scope != FLUO_SCOPE_TRACE)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                               RANGE (0, 0), NULL,
                               _("“%s” can't stand inside a block: write it beside the block, "
                                  "joined with AND"),
                               edge ? "edge" : "service");
  if (!parse_block (self, index, edge ? FLUO_SCOPE_EDGE : FLUO_SCOPE_SERVICE))
    return recover (self, index);
  get (self, index)->range.end = self->last_end;
  return index;
}

/* --- Root causes ----------------------------------------------------------- */

static guint32
parse_json (Parser *self, guint32 index)
{
  FluoFilterNode *node = get (self, index);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean foreign;

  node->kind = FLUO_NODE_JSON;
  node->is_json = TRUE;
  node->op_range = token_range (self);
  want_of (self, FLUO_WANT_OP, index);
  node->op = take_op (self, &foreign);
  if (node->op != FLUO_OP_EQUAL && node->op != FLUO_OP_NOT_EQUAL)
    {
      complain_unexpected (self, _("= or !=, and a pattern such as #[{\"Services\": […]}]"));
      return recover (self, index);
    }
  if (!is_punctuation (self, '#'))
    {
      want_of (self, FLUO_WANT_PATTERN_JSON, index);
      complain_unexpected (self, _("a pattern that begins with #["));
      return recover (self, index);
    }
  node->value_range = fluo_filter_lexer_read_json (&self->lexer);
  bytes = g_bytes_new (self->lexer.text + node->value_range.start,
                       node->value_range.end - node->value_range.start);
  node->json = fluo_json_tape_new (bytes, &error);
  if (!node->json)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                               RANGE (self->token.start, node->value_range.end), RANGE (0, 0), NULL,
                               _("the pattern behind # is no JSON: %s"), error->message);
  else
    fluo_filter_json_check (self->tree, node->json, node->value_range.start);
  advance (self);
  if (!node->json)
    end_wanted (self);
  node = get (self, index);
  node->range.end = self->last_end = node->value_range.end;
  return index;
}

/* "rootcause.fault.service" and its like. */
static guint32
parse_cause (Parser *self, guint32 index, const char *rest, gsize length)
{
  static const char *const kinds[] = { "fault.", "error.", "responsetime." };
  static const struct { const char *name; FluoFilterScope scope; } parts[] = {
    { "service", FLUO_SCOPE_CAUSE_SERVICE },
    { "entity", FLUO_SCOPE_CAUSE_ENTITY },
    { "exception", FLUO_SCOPE_CAUSE_EXCEPTION },
  };
  FluoFilterNode *node = get (self, index);
  FluoFilterScope scope = node->scope;
  guint kind = 0, part = 0;

  if (scope != FLUO_SCOPE_TRACE)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                               RANGE (0, 0), NULL,
                               _("“rootcause” can't stand inside a block: write it beside the "
                                  "block, joined with AND"));
  if (length == 4 && g_ascii_strncasecmp (rest, "json", 4) == 0)
    return parse_json (self, index);
  while (kind < G_N_ELEMENTS (kinds) &&
         (length < strlen (kinds[kind]) ||
          g_ascii_strncasecmp (rest, kinds[kind], strlen (kinds[kind])) != 0))
    kind++;
  if (kind < G_N_ELEMENTS (kinds))
    {
      rest += strlen (kinds[kind]);
      length -= strlen (kinds[kind]);
      while (part < G_N_ELEMENTS (parts) &&
             (length != strlen (parts[part].name) ||
              g_ascii_strncasecmp (rest, parts[part].name, length) != 0))
        part++;
    }
  if (kind == G_N_ELEMENTS (kinds) || part == G_N_ELEMENTS (parts) ||
      (kind == FLUO_CAUSE_RESPONSE_TIME && part == 2))
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                                 RANGE (0, 0), NULL,
                                 _("there is no such root cause; there are rootcause.fault, .error "
                                   "and .responsetime, each with .service and .entity, the first "
                                   "two with .exception, and rootcause.json"));
      return recover (self, index);
    }
  node->kind = FLUO_NODE_CAUSE;
  node->cause = kind;
  node->part = parts[part].scope;
  scope =
    kind == FLUO_CAUSE_RESPONSE_TIME && part == 1 ? FLUO_SCOPE_SLOW_ENTITY : parts[part].scope;
  if (!parse_block (self, index, scope))
    return recover (self, index);
  get (self, index)->range.end = self->last_end;
  return index;
}

/* --- Annotations ----------------------------------------------------------- */

static gboolean
is_plain_key (const char *key, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (key[i]) && key[i] != '_')
      return FALSE;
  return length > 0;
}

/* "annotation" is read, with ".key" when @length is not 0; else a bracket follows. */
static guint32
parse_annotation (Parser *self, guint32 index, const char *key, gsize length,
                  FluoAnnotationSide side)
{
  FluoFilterNode *node = get (self, index);
  FluoFilterRange range;

  node->word = FLUO_WORD_ANNOTATION;
  node->side = side;
  if (length == 0)
    {
      if (!is_punctuation (self, '['))
        {
          want_punctuation (self, '[');
          complain_unexpected (self, _("a key: write annotation[key] or annotation.key"));
          return recover (self, index);
        }
      node->key = fluo_filter_lexer_read_key (&self->lexer, &range);
      node->word_range.end = self->lexer.offset;
      advance (self);
      if (!node->key)
        {
          /* Not closed at the end of the text: it is being written. */
          if (self->wanted && self->token.kind == FLUO_TOKEN_END && !self->wanted->closed)
            {
              want_of (self, FLUO_WANT_KEY, index);
              self->wanted->key_start = range.start;
              self->wanted->closed = TRUE;
            }
          return recover (self, index);
        }
      return parse_comparison (self, index);
    }
  node->key = g_string_chunk_insert_len (self->tree->strings, key, (gssize) length);
  if (!is_plain_key (key, length))
    {
      guint dot = (guint) (key - self->lexer.text);
      g_autofree char *fix = g_strdup_printf ("[%s]", node->key);

      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                                 RANGE (dot - 1, dot + length), fix,
                                 _("a key with dots stands in brackets: write annotation%s"), fix);
    }
  return parse_comparison (self, index);
}

/* --- Conditions ------------------------------------------------------------ */

static gboolean
has_prefix (const char *text, gsize length, const char *prefix)
{
  return length >= strlen (prefix) && g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

static guint32
complain_unknown (Parser *self, guint32 index, const char *text, gsize length)
{
  FluoFilterNode *node = get (self, index);
  FluoFilterRange range = node->word_range;
  /* Looking for it takes time; nobody would read it once there are too many. */
  const char *near = self->tree->diagnostics->len < FLUO_FILTER_DIAGNOSTICS_MAX
                       ? fluo_filter_find_near (text, length, node->scope) : NULL;
  int shown = (int) MIN (length, 60);

  if (has_prefix (text, length, "metadata"))
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, RANGE (0, 0), NULL,
                               _("“%.*s”: metadata can't be searched; record it as an annotation "
                                 "and ask for annotation[key]"), shown, text);
  else if (has_prefix (text, length, "sql.") || has_prefix (text, length, "aws."))
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, RANGE (0, 0), NULL,
                               _("“%.*s” can't be searched; record it as an annotation and ask for "
                                 "annotation[key]"), shown, text);
  else if (near)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, range, near,
                               _("there is no keyword “%.*s”: did you mean “%s”?"), shown, text,
                               near);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, RANGE (0, 0), NULL,
                               _("there is no keyword “%.*s”; what programs record is asked for "
                                 "with annotation[key]"), shown, text);
  /* With its operator and value, if it has them: one mistake, one complaint. */
  node = get (self, parse_comparison (self, index));
  node->kind = FLUO_NODE_BAD;
  if (is_punctuation (self, '(') || is_punctuation (self, '[') || is_punctuation (self, '{'))
    return recover (self, index);
  return index;
}

static guint32
parse_word (Parser *self, FluoFilterScope scope)
{
  const char *text = self->lexer.text + self->token.start;
  gsize length = self->token.end - self->token.start;
  guint32 index = add_node (self, FLUO_NODE_COMPARE, scope, self->token.start);
  FluoFilterNode *node = get (self, index);
  FluoFilterWord word = fluo_filter_find_word (text, length);
  FluoAnnotationSide side = FLUO_SIDE_OWN;
  const char *name = text;
  gsize rest = length;

  node->word_range = token_range (self);
  advance (self);
  if (word != FLUO_WORD_NONE)
    {
      node->word = word;
      return parse_comparison (self, index);
    }
  if ((length == 7 && has_prefix (text, length, "service")) ||
      (length == 4 && has_prefix (text, length, "edge")))
    return parse_scoped (self, index, length == 4);
  if (has_prefix (text, length, "rootcause."))
    return parse_cause (self, index, text + 10, length - 10);
  if (has_prefix (name, rest, "source."))
    side = FLUO_SIDE_SOURCE;
  else if (has_prefix (name, rest, "destination."))
    side = FLUO_SIDE_DESTINATION;
  name += side == FLUO_SIDE_SOURCE ? 7 : side == FLUO_SIDE_DESTINATION ? 12 : 0;
  rest -= (gsize) (name - text);
  if (rest == 10 && has_prefix (name, rest, "annotation"))
    return parse_annotation (self, index, NULL, 0, side);
  if (rest > 11 && has_prefix (name, rest, "annotation."))
    return parse_annotation (self, index, name + 11, rest - 11, side);
  return complain_unknown (self, index, text, length);
}

static guint32
parse_primary (Parser *self, FluoFilterScope scope)
{
  guint32 index;

  want_in (self, FLUO_WANT_CONDITION, scope);
  if (is_punctuation (self, '('))
    {
      guint start = self->token.start;

      if (!enter (self))
        return add_node (self, FLUO_NODE_BAD, scope, start);
      advance (self);
      index = parse_or (self, scope);
      self->depth--;
      get (self, index)->range.start = start;
      if (!expect (self, ')'))
        return recover (self, index);
      get (self, index)->range.end = self->last_end;
      return index;
    }
  if (is_named (self, "id"))
    {
      index = add_node (self, FLUO_NODE_BAD, scope, self->token.start);
      fluo_filter_tree_complain (
        self->tree, FLUO_FILTER_ERROR_KEYWORD, token_range (self), RANGE (0, 0), NULL,
        _("id(…) names a node: write service(id(…)) or edge(id(…), id(…))"));
      advance (self);
      return recover (self, index);
    }
  if (self->token.kind == FLUO_TOKEN_WORD && !is_named (self, "and") && !is_named (self, "or"))
    return parse_word (self, scope);
  index = add_node (self, FLUO_NODE_BAD, scope, self->token.start);
  if (self->token.kind == FLUO_TOKEN_STRING || self->token.kind == FLUO_TOKEN_NUMBER)
    complain_unexpected (self, _("a condition: a value needs a keyword and an operator before it, "
                                 "such as http.url CONTAINS"));
  else
    complain_unexpected (self,
                         _("a condition such as fault, responsetime > 5 or service(\"name\")"));
  return recover (self, index);
}

static guint32
parse_not (Parser *self, FluoFilterScope scope)
{
  guint32 index, child;

  if (!is_punctuation (self, '!') && !is_named (self, "not"))
    return parse_primary (self, scope);
  index = add_node (self, FLUO_NODE_NOT, scope, self->token.start);
  if (!enter (self))
    {
      get (self, index)->kind = FLUO_NODE_BAD;
      return index;
    }
  advance (self);
  child = parse_not (self, scope);
  self->depth--;
  add_child (self, index, child);
  get (self, index)->range.end = self->last_end;
  return index;
}

/* What begins a condition, so that no AND is needed. */
static gboolean
begins_condition (const Parser *self)
{
  if (self->token.kind == FLUO_TOKEN_WORD)
    return !is_named (self, "or");
  return is_punctuation (self, '(') || is_punctuation (self, '!') ||
         self->token.kind == FLUO_TOKEN_STRING || self->token.kind == FLUO_TOKEN_NUMBER;
}

static guint32
join (Parser *self, guint32 list, FluoNodeKind kind, FluoFilterScope scope, guint32 first)
{
  if (list != FLUO_NODE_NONE)
    return list;
  list = add_node (self, kind, scope, get (self, first)->range.start);
  add_child (self, list, first);
  return list;
}

static guint32
parse_and (Parser *self, FluoFilterScope scope)
{
  guint32 first = parse_not (self, scope), list = FLUO_NODE_NONE;

  while (is_named (self, "and") || self->token.kind == FLUO_TOKEN_AND || begins_condition (self))
    {
      guint32 child;

      if (is_named (self, "and") || self->token.kind == FLUO_TOKEN_AND)
        advance (self);
      list = join (self, list, FLUO_NODE_AND, scope, first);
      child = parse_not (self, scope);
      add_child (self, list, child);
      get (self, list)->range.end = self->last_end;
    }
  want_in (self, FLUO_WANT_JOIN, scope);
  return list != FLUO_NODE_NONE ? list : first;
}

static guint32
parse_or (Parser *self, FluoFilterScope scope)
{
  guint32 first = parse_and (self, scope), list = FLUO_NODE_NONE;

  while (is_named (self, "or") || self->token.kind == FLUO_TOKEN_OR)
    {
      guint32 child;

      advance (self);
      list = join (self, list, FLUO_NODE_OR, scope, first);
      child = parse_and (self, scope);
      add_child (self, list, child);
      get (self, list)->range.end = self->last_end;
    }
  return list != FLUO_NODE_NONE ? list : first;
}

/* --- Entry ----------------------------------------------------------------- */

static int
compare_diagnostics (gconstpointer a, gconstpointer b)
{
  const FluoFilterDiagnostic *x = *(gpointer *) a, *y = *(gpointer *) b;

  return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

static gboolean
parser_init (Parser *self, const char *text, gssize length)
{
  memset (self, 0, sizeof *self);
  self->tree = fluo_filter_tree_alloc ();
  if (!fluo_filter_lexer_init (&self->lexer, self->tree, text, length))
    return FALSE;
  advance (self);
  return TRUE;
}

static FluoFilterTree *
parser_end (Parser *self)
{
  fluo_filter_check (self->tree, self->lexer.text);
  g_ptr_array_sort (self->tree->diagnostics, compare_diagnostics);
  return self->tree;
}

FluoFilterTree *
fluo_filter_tree_new (const char *text, gssize length)
{
  return fluo_filter_tree_new_wanted (text, length, NULL);
}

FluoFilterTree *
fluo_filter_tree_new_wanted (const char *text, gssize length, FluoFilterWanted *ret_wanted)
{
  Parser self;
  gboolean good = parser_init (&self, text, length);

  if (ret_wanted)
    *ret_wanted = (FluoFilterWanted) { .node = FLUO_NODE_NONE, .scope = FLUO_SCOPE_TRACE };
  self.wanted = ret_wanted;
  if (good)
    want (&self, self.token.kind == FLUO_TOKEN_END ? FLUO_WANT_CONDITION : 0);
  if (!good || self.token.kind == FLUO_TOKEN_END)
    return parser_end (&self);
  self.tree->root = parse_or (&self, FLUO_SCOPE_TRACE);
  while (self.token.kind != FLUO_TOKEN_END)
    {
      /* A closing bracket too many; what follows is still read. */
      complain_unexpected (&self, _("AND, OR or the end of the expression"));
      advance (&self);
      if (self.token.kind != FLUO_TOKEN_END && begins_condition (&self))
        parse_or (&self, FLUO_SCOPE_TRACE);
    }
  return parser_end (&self);
}

FluoFilterTree *
fluo_filter_tree_new_selector (const char *text, gssize length)
{
  Parser self;
  guint32 index;

  if (!parser_init (&self, text, length))
    return parser_end (&self);
  self.tree->root = index = add_node (&self, FLUO_NODE_SERVICE, FLUO_SCOPE_TRACE, self.token.start);
  get (&self, index)->word_range = token_range (&self);
  if (is_named (&self, "id"))
    {
      FluoNodePattern pattern = { 0 };

      if (!take_pattern (&self, &pattern))
        return parser_end (&self);
      get (&self, index)->patterns[0] = pattern;
    }
  else if (is_named (&self, "service") || is_named (&self, "edge"))
    {
      gboolean edge = is_named (&self, "edge");

      advance (&self);
      index = parse_scoped (&self, index, edge);
      if (get (&self, index)->first_child != FLUO_NODE_NONE)
        fluo_filter_tree_complain (self.tree, FLUO_FILTER_ERROR_SYNTAX, get (&self, index)->range,
                                   RANGE (0, 0), NULL,
                                   _("a selector names a node or an edge, without a block"));
    }
  else
    complain_unexpected (&self, _("service(…), edge(…, …) or id(…)"));
  if (self.token.kind != FLUO_TOKEN_END && self.tree->diagnostics->len == 0)
    complain_unexpected (&self, _("the end: a selector is one service(…), edge(…, …) or id(…)"));
  return parser_end (&self);
}
