/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-parser-private.h"

/* Conditions that are more than a word, an operator and a value, and words that are none. */

/* --- Nodes of the graph ---------------------------------------------------- */

static gboolean
take_argument (FluoFilterParser *self, FluoNodePattern *pattern)
{
  static const char *const names[] = { "name", "type", "account.id" };
  const char **const places[] = { &pattern->name, &pattern->type, &pattern->account };
  guint i = 0;

  while (i < G_N_ELEMENTS (names) && !fluo_parser_is_named (self, names[i]))
    i++;
  if (i == G_N_ELEMENTS (names))
    {
      FluoFilterWanted *wanted = fluo_parser_want (self, FLUO_WANT_ARGUMENT);

      for (i = 0; wanted && i < G_N_ELEMENTS (names); i++)
        wanted->given |= *places[i] ? 1u << i : 0;
      fluo_parser_complain_unexpected (self, _("name:, type: or account.id:"));
      return FALSE;
    }
  if (*places[i])
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                                 fluo_parser_token_range (self),
                                 RANGE (0, 0), NULL, _("“%s” is given twice"), names[i]);
      return FALSE;
    }
  fluo_parser_advance (self);
  if (!fluo_parser_expect (self, ':'))
    return FALSE;
  if (self->token.kind != FLUO_TOKEN_STRING)
    {
      FluoFilterWanted *wanted = fluo_parser_want (self, FLUO_WANT_ARGUMENT_VALUE);

      if (wanted)
        wanted->argument = i;
      fluo_parser_complain_unexpected (self, _("text in double quotes"));
      return FALSE;
    }
  *places[i] = self->token.text;
  fluo_parser_advance (self);
  return TRUE;
}

/* "name", id(name: "…", type: "…"), or nothing at all. */
gboolean
fluo_parser_take_pattern (FluoFilterParser *self, FluoNodePattern *pattern)
{
  self->pattern_range = RANGE (0, 0);
  if (self->token.kind == FLUO_TOKEN_STRING)
    {
      self->pattern_range = fluo_parser_token_range (self);
      pattern->name = self->token.text;
      fluo_parser_advance (self);
      return TRUE;
    }
  if (!fluo_parser_is_named (self, "id"))
    {
      fluo_parser_want (self, FLUO_WANT_PATTERN);
      return TRUE;
    }
  fluo_parser_advance (self);
  if (!fluo_parser_expect (self, '('))
    return FALSE;
  do
    if (!take_argument (self, pattern))
      return FALSE;
  while (fluo_parser_is_punctuation (self, ',') && (fluo_parser_advance (self), TRUE));
  if (!pattern->name || !pattern->type || !pattern->account)
    fluo_parser_want_punctuation (self, ',');
  return fluo_parser_expect (self, ')');
}

/* The other end of a call. What may stand there depends on the first. */
static gboolean
take_second (FluoFilterParser *self, guint32 index, const FluoNodePattern *first,
             FluoNodePattern *pattern)
{
  gboolean good;

  fluo_parser_get (self, index)->patterns[0] = *first;
  fluo_parser_get (self, index)->pattern_ranges[0] = self->pattern_range;
  self->second = TRUE;
  good = fluo_parser_take_pattern (self, pattern);
  self->second = FALSE;
  return good;
}

static gboolean
parse_block (FluoFilterParser *self, guint32 index, FluoFilterScope scope)
{
  guint32 child;

  if (!fluo_parser_is_punctuation (self, '{'))
    {
      fluo_parser_want_punctuation (self, '{');
      return TRUE;
    }
  if (!fluo_parser_enter (self))
    return FALSE;
  fluo_parser_advance (self);
  if (fluo_parser_is_punctuation (self, '}'))
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX,
                                 RANGE (self->last_end - 1, self->token.end),
                                 RANGE (self->last_end - 1, self->token.end), "",
                                 _("the block is empty: put a condition in it or leave it out"));
      fluo_parser_advance (self);
      self->depth--;
      return TRUE;
    }
  child = fluo_parser_parse_or (self, scope);
  fluo_parser_add_child (self, index, child);
  self->depth--;
  return fluo_parser_expect (self, '}');
}

/* service = "name", as search boxes have it. */
static gboolean
complain_service_name (FluoFilterParser *self, guint32 index)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  FluoFilterRange range = fluo_parser_token_range (self);
  g_autoptr (GString) fix = NULL;

  if (self->token.kind == FLUO_TOKEN_OP || fluo_parser_is_punctuation (self, ':'))
    fluo_parser_advance (self);
  if (self->token.kind != FLUO_TOKEN_STRING)
    return FALSE;
  fix = g_string_new ("service(");
  fluo_filter_print_string (fix, self->token.text);
  g_string_append_c (fix, ')');
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, range,
                             RANGE (node->range.start, self->token.end), fix->str,
                             _("the name of a service stands in brackets: write "
                               "service(\"name\")"));
  fluo_parser_advance (self);
  return TRUE;
}

/* The word "service" or "edge" is read; a bracket follows. */
guint32
fluo_parser_parse_scoped (FluoFilterParser *self, guint32 index, gboolean edge)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  FluoNodePattern patterns[2] = { 0 };

  node->kind = edge ? FLUO_NODE_EDGE : FLUO_NODE_SERVICE;
  if (self->wanted && !self->wanted->closed)
    self->wanted->node = index;
  if ((!edge && complain_service_name (self, index)) || !fluo_parser_expect (self, '(') ||
      !fluo_parser_take_pattern (self, &patterns[0]) ||
      (edge && (!fluo_parser_expect (self, ',') || !take_second (self, index, &patterns[0],
                                                                 &patterns[1]))))
    return fluo_parser_recover (self, index);
  memcpy (node->patterns, patterns, sizeof patterns);
  node->pattern_ranges[edge ? 1 : 0] = self->pattern_range;
  if (!fluo_parser_expect (self, ')'))
    return fluo_parser_recover (self, index);
  if (node->scope != FLUO_SCOPE_TRACE)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                               RANGE (0, 0), NULL,
                               _("“%s” can't stand inside a block: write it beside the block, "
                                  "joined with AND"),
                               edge ? "edge" : "service");
  if (!parse_block (self, index, edge ? FLUO_SCOPE_EDGE : FLUO_SCOPE_SERVICE))
    return fluo_parser_recover (self, index);
  fluo_parser_get (self, index)->range.end = self->last_end;
  return index;
}

/* --- Root causes ----------------------------------------------------------- */

static guint32
parse_json (FluoFilterParser *self, guint32 index)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const FluoForeignOp *foreign;

  node->kind = FLUO_NODE_JSON;
  node->is_json = TRUE;
  node->op_range = fluo_parser_token_range (self);
  fluo_parser_want_of (self, FLUO_WANT_OP, index);
  node->op = fluo_parser_take_op (self, NULL, &foreign);
  if (node->op != FLUO_OP_EQUAL && node->op != FLUO_OP_NOT_EQUAL)
    {
      fluo_parser_complain_unexpected (self,
                                       _("= or !=, and a pattern such as #[{\"Services\": […]}]"));
      return fluo_parser_recover (self, index);
    }
  if (!fluo_parser_is_punctuation (self, '#'))
    {
      fluo_parser_want_of (self, FLUO_WANT_PATTERN_JSON, index);
      fluo_parser_complain_unexpected (self, _("a pattern that begins with #["));
      return fluo_parser_recover (self, index);
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
  fluo_parser_advance (self);
  if (!node->json)
    fluo_parser_end_wanted (self);
  node = fluo_parser_get (self, index);
  node->range.end = self->last_end = node->value_range.end;
  return index;
}

/* "rootcause.fault.service" and its like. */
guint32
fluo_parser_parse_cause (FluoFilterParser *self, guint32 index, const char *rest, gsize length)
{
  static const char *const kinds[] = { "fault.", "error.", "responsetime." };
  static const struct { const char *name; FluoFilterScope scope; } parts[] = {
    { "service", FLUO_SCOPE_CAUSE_SERVICE },
    { "entity", FLUO_SCOPE_CAUSE_ENTITY },
    { "exception", FLUO_SCOPE_CAUSE_EXCEPTION },
  };
  FluoFilterNode *node = fluo_parser_get (self, index);
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
      return fluo_parser_recover (self, index);
    }
  node->kind = FLUO_NODE_CAUSE;
  node->cause = kind;
  node->part = parts[part].scope;
  scope =
    kind == FLUO_CAUSE_RESPONSE_TIME && part == 1 ? FLUO_SCOPE_SLOW_ENTITY : parts[part].scope;
  if (!parse_block (self, index, scope))
    return fluo_parser_recover (self, index);
  fluo_parser_get (self, index)->range.end = self->last_end;
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
guint32
fluo_parser_parse_annotation (FluoFilterParser *self, guint32 index, const char *key, gsize length,
                              FluoAnnotationSide side)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  FluoFilterRange range;

  node->word = FLUO_WORD_ANNOTATION;
  node->side = side;
  if (length == 0)
    {
      if (!fluo_parser_is_punctuation (self, '['))
        {
          fluo_parser_want_punctuation (self, '[');
          fluo_parser_complain_unexpected (self,
                                           _("a key: write annotation[key] or annotation.key"));
          return fluo_parser_recover (self, index);
        }
      node->key = fluo_filter_lexer_read_key (&self->lexer, &range);
      node->word_range.end = self->lexer.offset;
      fluo_parser_advance (self);
      if (!node->key)
        {
          /* Not closed at the end of the text: it is being written. */
          if (self->wanted && self->token.kind == FLUO_TOKEN_END && !self->wanted->closed)
            {
              fluo_parser_want_of (self, FLUO_WANT_KEY, index);
              self->wanted->key_start = range.start;
              self->wanted->closed = TRUE;
            }
          return fluo_parser_recover (self, index);
        }
      return fluo_parser_parse_comparison (self, index);
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
  return fluo_parser_parse_comparison (self, index);
}

/* --- Unknown words --------------------------------------------------------- */

gboolean
fluo_parser_has_prefix (const char *text, gsize length, const char *prefix)
{
  return length >= strlen (prefix) && g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

/* metadata.key, sql.query: the annotation that could be recorded instead. */
static void
complain_unsearchable (FluoFilterParser *self, FluoFilterRange range, const char *text,
                       gsize length)
{
  gboolean metadata = fluo_parser_has_prefix (text, length, "metadata");
  gsize skip = !metadata ? 0 : length > 9 && text[8] == '.' ? 9 : length;
  g_autofree char *key = g_strndup (text + skip, length - skip);
  g_autoptr (GString) fix = g_string_new (NULL);

  if (*key)
    fluo_filter_print_annotation (fix, FLUO_SIDE_OWN, key);
  else
    g_string_append (fix, "annotation");
  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, range, fix->str,
                             metadata ? _("“%.*s”: metadata can't be searched; record it as an "
                                          "annotation and ask for annotation[key]")
                                      : _("“%.*s” can't be searched; record it as an annotation "
                                          "and ask for annotation[key]"),
                             (int) MIN (length, 60), text);
}

/* What the word was meant to be: a keyword, or an annotation whose first part is misspelt. NULL
 * when nothing is near. */
static char *
dup_near (FluoFilterParser *self, FluoFilterScope scope, const char *text, gsize length)
{
  /* Looking for it takes time; nobody would read it once there are too many. */
  const char *near = self->tree->diagnostics->len < FLUO_FILTER_DIAGNOSTICS_MAX
                       ? fluo_filter_find_near (text, length, scope) : NULL;
  const char *dot = memchr (text, '.', length);

  if (near)
    return g_str_has_suffix (near, "()") && fluo_parser_is_punctuation (self, '(')
             ? g_strndup (near, strlen (near) - 2) : g_strdup (near);
  if (!dot || dot == text || dot + 1 == text + length ||
      self->tree->diagnostics->len >= FLUO_FILTER_DIAGNOSTICS_MAX)
    return NULL;
  near = fluo_filter_find_near (text, (gsize) (dot - text), scope);
  return g_strcmp0 (near, "annotation") == 0
           ? g_strdup_printf ("annotation%.*s", (int) (text + length - dot), dot) : NULL;
}

guint32
fluo_parser_complain_unknown (FluoFilterParser *self, guint32 index, const char *text, gsize length)
{
  FluoFilterNode *node = fluo_parser_get (self, index);
  FluoFilterRange range = node->word_range;
  g_autofree char *near = NULL;
  int shown = (int) MIN (length, 60);

  if (fluo_parser_has_prefix (text, length, "metadata") || fluo_parser_has_prefix (text, length,
                                                                                   "sql.") ||
      fluo_parser_has_prefix (text, length, "aws."))
    complain_unsearchable (self, range, text, length);
  else if ((near = dup_near (self, node->scope, text, length)) != NULL)
    {
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, range, near,
                                 _("there is no keyword “%.*s”: did you mean “%s”?"), shown, text,
                                 near);
      fluo_filter_tree_set_action (self->tree, _("Fix the spelling"));
    }
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, RANGE (0, 0), NULL,
                               _("there is no keyword “%.*s”; what programs record is asked for "
                                 "with annotation[key]"), shown, text);
  /* With its operator and value, if it has them: one mistake, one complaint. */
  node = fluo_parser_get (self, fluo_parser_parse_comparison (self, index));
  node->kind = FLUO_NODE_BAD;
  if (fluo_parser_is_punctuation (self, '(') || fluo_parser_is_punctuation (self, '[') ||
                                  fluo_parser_is_punctuation (self, '{'))
    return fluo_parser_recover (self, index);
  return index;
}
