/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-parser-private.h"

/* Tokens to a tree, by recursive descent: the depth of brackets and of "!" is limited, so the stack
 * is. After a mistake reading goes on behind the condition it is in; so one mistake is one
 * complaint, and the rest of the expression is understood. */

/* --- What may follow ------------------------------------------------------- */

/* Called wherever the grammar looks for something. At the end of the text it is noted; once
 * something that had to be there is missing, no more. */
FluoFilterWanted *
fluo_parser_want (FluoFilterParser *self, FluoFilterWant what)
{
  FluoFilterWanted *wanted = self->wanted;

  if (!wanted || wanted->closed || self->stopped || self->token.kind != FLUO_TOKEN_END)
    return NULL;
  wanted->what |= what;
  wanted->second = wanted->second || self->second;
  return wanted;
}

static void
want_in (FluoFilterParser *self, FluoFilterWant what, FluoFilterScope scope)
{
  FluoFilterWanted *wanted = fluo_parser_want (self, what);

  if (wanted)
    wanted->scope = scope;
}

void
fluo_parser_want_of (FluoFilterParser *self, FluoFilterWant what, guint32 node)
{
  FluoFilterWanted *wanted = fluo_parser_want (self, what);

  if (wanted)
    wanted->node = node;
}

void
fluo_parser_want_punctuation (FluoFilterParser *self, char c)
{
  FluoFilterWanted *wanted = fluo_parser_want (self, FLUO_WANT_PUNCTUATION);
  gsize n = wanted ? strlen (wanted->punctuation) : 0;

  if (wanted && n + 1 < sizeof wanted->punctuation)
    wanted->punctuation[n] = c;
}

/* The text ended where something had to be. */
void
fluo_parser_end_wanted (FluoFilterParser *self)
{
  if (self->wanted && self->token.kind == FLUO_TOKEN_END)
    self->wanted->closed = TRUE;
}

/* --- Tools ----------------------------------------------------------------- */

void
fluo_parser_advance (FluoFilterParser *self)
{
  self->last_end = self->token.end;
  self->token = fluo_filter_lexer_next (&self->lexer);
  if (self->stopped)
    self->token = (FluoToken) { .kind = FLUO_TOKEN_END, .start = self->token.start,
                                .end = self->token.start };
}

FluoFilterRange
fluo_parser_token_range (const FluoFilterParser *self)
{
  return RANGE (self->token.start, self->token.end);
}

gboolean
fluo_parser_is_punctuation (const FluoFilterParser *self, char c)
{
  return self->token.kind == FLUO_TOKEN_PUNCTUATION && self->token.punctuation == c;
}

gboolean
fluo_parser_is_named (const FluoFilterParser *self, const char *name)
{
  return self->token.kind == FLUO_TOKEN_WORD &&
         fluo_filter_is_name (self->lexer.text + self->token.start,
                              self->token.end - self->token.start, name);
}

/* What stands here, for a complaint. */
const char *
fluo_parser_describe (const FluoFilterParser *self)
{
  return fluo_filter_tree_shorten (self->tree, self->lexer.text + self->token.start,
                                   self->token.end - self->token.start);
}

void
fluo_parser_complain_unexpected (FluoFilterParser *self, const char *expected)
{
  fluo_parser_end_wanted (self);
  if (self->token.kind == FLUO_TOKEN_BAD || self->stopped)
    return; /* said already */
  if (self->token.kind == FLUO_TOKEN_END)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_UNFINISHED,
                               fluo_parser_token_range (self),
                               RANGE (0, 0), NULL, _("the expression ends here; expected %s"),
                               expected);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, fluo_parser_token_range (self),
                               RANGE (0, 0), NULL, _("found “%s”, expected %s"),
                                   fluo_parser_describe (self),
                               expected);
}

gboolean
fluo_parser_expect (FluoFilterParser *self, char c)
{
  char fix[2] = { c, '\0' };

  if (fluo_parser_is_punctuation (self, c))
    {
      fluo_parser_advance (self);
      return TRUE;
    }
  fluo_parser_want_punctuation (self, c);
  fluo_parser_end_wanted (self);
  if (self->token.kind == FLUO_TOKEN_BAD || self->stopped)
    return FALSE;
  if (self->token.kind == FLUO_TOKEN_END)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_UNFINISHED,
                               fluo_parser_token_range (self),
                               RANGE (self->last_end, self->last_end), fix,
                               _("the expression ends here; expected “%c”"), c);
  else
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_SYNTAX, fluo_parser_token_range (self),
                               RANGE (self->last_end, self->last_end), fix,
                               _("found “%s”, expected “%c”"), fluo_parser_describe (self), c);
  return FALSE;
}

/* FALSE when it is too deep: the rest is not read. */
gboolean
fluo_parser_enter (FluoFilterParser *self)
{
  if (++self->depth <= FLUO_FILTER_DEPTH_MAX)
    return TRUE;
  if (!self->stopped)
    fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_LIMIT, fluo_parser_token_range (self),
                               RANGE (0, 0), NULL,
                               _("more than %d brackets and “!” inside each other: take some "
                                 "away"), FLUO_FILTER_DEPTH_MAX);
  self->stopped = TRUE;
  self->token = (FluoToken) { .kind = FLUO_TOKEN_END, .start = self->token.start,
                              .end = self->token.start };
  return FALSE;
}

static guint32
add_node (FluoFilterParser *self, FluoNodeKind kind, FluoFilterScope scope, guint start)
{
  FluoFilterNode node = { .kind = kind, .scope = scope, .first_child = FLUO_NODE_NONE,
                          .last_child = FLUO_NODE_NONE, .next = FLUO_NODE_NONE,
                          .word = FLUO_WORD_NONE, .range = RANGE (start, start) };

  g_array_append_val (self->tree->nodes, node);
  return self->tree->nodes->len - 1;
}

FluoFilterNode *
fluo_parser_get (const FluoFilterParser *self, guint32 node)
{
  return fluo_filter_tree_get (self->tree, node);
}

/* AND in AND and OR in OR are one. */
void
fluo_parser_add_child (FluoFilterParser *self, guint32 parent, guint32 child)
{
  guint32 first = child, last = child;
  FluoNodeKind kind = fluo_parser_get (self, child)->kind;

  if (fluo_parser_get (self, parent)->kind == kind &&
      (kind == FLUO_NODE_AND || kind == FLUO_NODE_OR))
    {
      first = fluo_parser_get (self, child)->first_child;
      last = fluo_parser_get (self, child)->last_child;
    }
  if (fluo_parser_get (self, parent)->first_child == FLUO_NODE_NONE)
    fluo_parser_get (self, parent)->first_child = first;
  else
    fluo_parser_get (self, fluo_parser_get (self, parent)->last_child)->next = first;
  fluo_parser_get (self, parent)->last_child = last;
}

/* On to where the condition that went wrong is over: behind what brackets it has. */
guint32
fluo_parser_recover (FluoFilterParser *self, guint32 node)
{
  guint depth = 0;

  fluo_parser_get (self, node)->kind = FLUO_NODE_BAD;
  while (self->token.kind != FLUO_TOKEN_END)
    {
      if (depth == 0 && (fluo_parser_is_named (self, "and") || fluo_parser_is_named (self, "or") ||
                         self->token.kind == FLUO_TOKEN_AND || self->token.kind == FLUO_TOKEN_OR))
        break;
      if (fluo_parser_is_punctuation (self, '(') || fluo_parser_is_punctuation (self, '{') ||
                                      fluo_parser_is_punctuation (self, '['))
        depth++;
      else if (fluo_parser_is_punctuation (self, ')') || fluo_parser_is_punctuation (self, '}') ||
               fluo_parser_is_punctuation (self, ']'))
        {
          if (depth == 0)
            break;
          depth--;
        }
      fluo_parser_advance (self);
    }
  fluo_parser_get (self, node)->range.end = self->last_end;
  return node;
}

/* --- Conditions ------------------------------------------------------------ */

static guint32
parse_word (FluoFilterParser *self, FluoFilterScope scope)
{
  const char *text = self->lexer.text + self->token.start;
  gsize length = self->token.end - self->token.start;
  guint32 index = add_node (self, FLUO_NODE_COMPARE, scope, self->token.start);
  FluoFilterNode *node = fluo_parser_get (self, index);
  FluoFilterWord word = fluo_filter_find_word (text, length);
  FluoAnnotationSide side = FLUO_SIDE_OWN;
  const char *name = text;
  gsize rest = length;

  node->word_range = fluo_parser_token_range (self);
  fluo_parser_advance (self);
  if (word != FLUO_WORD_NONE)
    {
      node->word = word;
      return fluo_parser_parse_comparison (self, index);
    }
  if ((length == 7 && fluo_parser_has_prefix (text, length, "service")) ||
      (length == 4 && fluo_parser_has_prefix (text, length, "edge")))
    return fluo_parser_parse_scoped (self, index, length == 4);
  if (fluo_parser_has_prefix (text, length, "rootcause."))
    return fluo_parser_parse_cause (self, index, text + 10, length - 10);
  if (fluo_parser_has_prefix (name, rest, "source."))
    side = FLUO_SIDE_SOURCE;
  else if (fluo_parser_has_prefix (name, rest, "destination."))
    side = FLUO_SIDE_DESTINATION;
  name += side == FLUO_SIDE_SOURCE ? 7 : side == FLUO_SIDE_DESTINATION ? 12 : 0;
  rest -= (gsize) (name - text);
  if (rest == 10 && fluo_parser_has_prefix (name, rest, "annotation"))
    return fluo_parser_parse_annotation (self, index, NULL, 0, side);
  if (rest == 11 && fluo_parser_has_prefix (name, rest, "annotation."))
    {
      fluo_filter_tree_complain (self->tree, self->token.kind == FLUO_TOKEN_END
                                               ? FLUO_FILTER_ERROR_UNFINISHED
                                               : FLUO_FILTER_ERROR_SYNTAX,
                                 node->word_range, RANGE (0, 0), NULL,
                                 _("the annotation has no key: write annotation[key]"));
      return fluo_parser_recover (self, index);
    }
  if (rest > 11 && fluo_parser_has_prefix (name, rest, "annotation."))
    return fluo_parser_parse_annotation (self, index, name + 11, rest - 11, side);
  return fluo_parser_complain_unknown (self, index, text, length);
}

static void
complain_lone_id (FluoFilterParser *self, FluoFilterRange range, FluoFilterRange all)
{
  const char *text = self->lexer.text + all.start;
  gboolean closed = all.end > all.start && text[all.end - all.start - 1] == ')';
  g_autofree char *fix =
    closed ? g_strdup_printf ("service(%.*s)", (int) (all.end - all.start), text) : NULL;

  fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, range, all, fix,
                             _("id(…) names a node: write service(id(…)) or edge(id(…), id(…))"));
}

static gboolean
is_join (const FluoFilterParser *self)
{
  return self->token.kind == FLUO_TOKEN_AND || self->token.kind == FLUO_TOKEN_OR ||
         fluo_parser_is_named (self, "and") || fluo_parser_is_named (self, "or");
}

static void
take_join (FluoFilterParser *self)
{
  self->join = RANGE (self->last_end, self->token.end);
  fluo_parser_advance (self);
}

/* No condition where one has to be. An AND or OR too many can be taken away: the one before what
 * should be here, or the one that stands here. */
static void
complain_no_condition (FluoFilterParser *self, const char *expected)
{
  const guint n = self->tree->diagnostics->len;
  const gboolean ends = self->token.kind == FLUO_TOKEN_END ||
                        fluo_parser_is_punctuation (self, ')') ||
                        fluo_parser_is_punctuation (self, '}');
  const gboolean joined = self->join.end > 0 && self->join.end == self->last_end;

  fluo_parser_complain_unexpected (self, expected);
  if (self->tree->diagnostics->len == n)
    return;
  if (is_join (self))
    fluo_filter_tree_set_fix (self->tree, RANGE (self->last_end, self->token.end), "");
  else if (ends && joined)
    fluo_filter_tree_set_fix (self->tree, self->join, "");
}

static guint32
parse_primary (FluoFilterParser *self, FluoFilterScope scope)
{
  guint32 index;

  want_in (self, FLUO_WANT_CONDITION, scope);
  if (fluo_parser_is_punctuation (self, '('))
    {
      guint start = self->token.start;

      if (!fluo_parser_enter (self))
        return add_node (self, FLUO_NODE_BAD, scope, start);
      fluo_parser_advance (self);
      index = fluo_parser_parse_or (self, scope);
      self->depth--;
      fluo_parser_get (self, index)->range.start = start;
      if (!fluo_parser_expect (self, ')'))
        return fluo_parser_recover (self, index);
      fluo_parser_get (self, index)->range.end = self->last_end;
      return index;
    }
  if (fluo_parser_is_named (self, "id"))
    {
      FluoFilterRange range = fluo_parser_token_range (self);

      index = fluo_parser_recover (self, add_node (self, FLUO_NODE_BAD, scope,
                                                   self->token.start));
      complain_lone_id (self, range, fluo_parser_get (self, index)->range);
      return index;
    }
  if (self->token.kind == FLUO_TOKEN_WORD && !fluo_parser_is_named (self, "and") &&
      !fluo_parser_is_named (self, "or"))
    return parse_word (self, scope);
  index = add_node (self, FLUO_NODE_BAD, scope, self->token.start);
  if (self->token.kind == FLUO_TOKEN_STRING || self->token.kind == FLUO_TOKEN_NUMBER)
    fluo_parser_complain_unexpected (
      self, _("a condition: a value needs a keyword and an operator before it, such as http.url "
              "CONTAINS"));
  else
    complain_no_condition (
      self, _("a condition such as fault, responsetime > 5 or service(\"name\")"));
  return fluo_parser_recover (self, index);
}

static guint32
parse_not (FluoFilterParser *self, FluoFilterScope scope)
{
  guint32 index, child;

  if (!fluo_parser_is_punctuation (self, '!') && !fluo_parser_is_named (self, "not"))
    return parse_primary (self, scope);
  index = add_node (self, FLUO_NODE_NOT, scope, self->token.start);
  if (!fluo_parser_enter (self))
    {
      fluo_parser_get (self, index)->kind = FLUO_NODE_BAD;
      return index;
    }
  fluo_parser_advance (self);
  child = parse_not (self, scope);
  self->depth--;
  fluo_parser_add_child (self, index, child);
  fluo_parser_get (self, index)->range.end = self->last_end;
  return index;
}

/* What begins a condition, so that no AND is needed. */
static gboolean
begins_condition (const FluoFilterParser *self)
{
  if (self->token.kind == FLUO_TOKEN_WORD)
    return !fluo_parser_is_named (self, "or");
  return fluo_parser_is_punctuation (self, '(') || fluo_parser_is_punctuation (self, '!') ||
         self->token.kind == FLUO_TOKEN_STRING || self->token.kind == FLUO_TOKEN_NUMBER;
}

static guint32
join (FluoFilterParser *self, guint32 list, FluoNodeKind kind, FluoFilterScope scope, guint32 first)
{
  if (list != FLUO_NODE_NONE)
    return list;
  list = add_node (self, kind, scope, fluo_parser_get (self, first)->range.start);
  fluo_parser_add_child (self, list, first);
  return list;
}

static guint32
parse_and (FluoFilterParser *self, FluoFilterScope scope)
{
  guint32 first = parse_not (self, scope), list = FLUO_NODE_NONE;

  while (fluo_parser_is_named (self, "and") || self->token.kind == FLUO_TOKEN_AND ||
         begins_condition (self))
    {
      guint32 child;

      if (is_join (self))
        take_join (self);
      list = join (self, list, FLUO_NODE_AND, scope, first);
      child = parse_not (self, scope);
      fluo_parser_add_child (self, list, child);
      fluo_parser_get (self, list)->range.end = self->last_end;
    }
  want_in (self, FLUO_WANT_JOIN, scope);
  return list != FLUO_NODE_NONE ? list : first;
}

guint32
fluo_parser_parse_or (FluoFilterParser *self, FluoFilterScope scope)
{
  guint32 first = parse_and (self, scope), list = FLUO_NODE_NONE;

  while (fluo_parser_is_named (self, "or") || self->token.kind == FLUO_TOKEN_OR)
    {
      guint32 child;

      take_join (self);
      list = join (self, list, FLUO_NODE_OR, scope, first);
      child = parse_and (self, scope);
      fluo_parser_add_child (self, list, child);
      fluo_parser_get (self, list)->range.end = self->last_end;
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
parser_init (FluoFilterParser *self, const char *text, gssize length)
{
  memset (self, 0, sizeof *self);
  self->tree = fluo_filter_tree_alloc ();
  if (!fluo_filter_lexer_init (&self->lexer, self->tree, text, length))
    return FALSE;
  fluo_parser_advance (self);
  return TRUE;
}

static FluoFilterTree *
parser_end (FluoFilterParser *self)
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
  FluoFilterParser self;
  gboolean good = parser_init (&self, text, length);

  if (ret_wanted)
    *ret_wanted = (FluoFilterWanted) { .node = FLUO_NODE_NONE, .scope = FLUO_SCOPE_TRACE };
  self.wanted = ret_wanted;
  if (good)
    fluo_parser_want (&self, self.token.kind == FLUO_TOKEN_END ? FLUO_WANT_CONDITION : 0);
  if (!good || self.token.kind == FLUO_TOKEN_END)
    return parser_end (&self);
  self.tree->root = fluo_parser_parse_or (&self, FLUO_SCOPE_TRACE);
  while (self.token.kind != FLUO_TOKEN_END)
    {
      /* A closing bracket too many; what follows is still read. */
      gboolean closing = fluo_parser_is_punctuation (&self, ')') ||
          fluo_parser_is_punctuation (&self, '}') ||
                         fluo_parser_is_punctuation (&self, ']');

      if (closing)
        fluo_filter_tree_complain (self.tree, FLUO_FILTER_ERROR_SYNTAX,
                                   fluo_parser_token_range (&self),
                                   fluo_parser_token_range (&self), "",
                                   _("found “%s” that closes nothing: take it away"),
                                   fluo_parser_describe (&self));
      else
        fluo_parser_complain_unexpected (&self, _("AND, OR or the end of the expression"));
      fluo_parser_advance (&self);
      if (self.token.kind != FLUO_TOKEN_END && begins_condition (&self))
        fluo_parser_parse_or (&self, FLUO_SCOPE_TRACE);
    }
  return parser_end (&self);
}

FluoFilterTree *
fluo_filter_tree_new_selector (const char *text, gssize length)
{
  FluoFilterParser self;
  guint32 index;

  if (!parser_init (&self, text, length))
    return parser_end (&self);
  self.tree->root = index = add_node (&self, FLUO_NODE_SERVICE, FLUO_SCOPE_TRACE,
                                      self.token.start);
  fluo_parser_get (&self, index)->word_range = fluo_parser_token_range (&self);
  if (fluo_parser_is_named (&self, "id"))
    {
      FluoNodePattern pattern = { 0 };

      if (!fluo_parser_take_pattern (&self, &pattern))
        return parser_end (&self);
      fluo_parser_get (&self, index)->patterns[0] = pattern;
    }
  else if (fluo_parser_is_named (&self, "service") || fluo_parser_is_named (&self, "edge"))
    {
      gboolean edge = fluo_parser_is_named (&self, "edge");

      fluo_parser_advance (&self);
      index = fluo_parser_parse_scoped (&self, index, edge);
      if (fluo_parser_get (&self, index)->first_child != FLUO_NODE_NONE)
        fluo_filter_tree_complain (self.tree, FLUO_FILTER_ERROR_SYNTAX,
                                   fluo_parser_get (&self, index)->range, RANGE (0, 0), NULL,
                                   _("a selector names a node or an edge, without a block"));
    }
  else
    fluo_parser_complain_unexpected (&self, _("service(…), edge(…, …) or id(…)"));
  if (self.token.kind != FLUO_TOKEN_END && self.tree->diagnostics->len == 0)
    fluo_parser_complain_unexpected (
      &self, _("the end: a selector is one service(…), edge(…, …) or id(…)"));
  return parser_end (&self);
}
