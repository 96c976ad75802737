/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "fluo-filter-complete-private.h"

/* What the parser wants, as proposals. */

const char *
fluo_completer_type_word (FluoFilterType type)
{
  switch (type)
    {
    case FLUO_TYPE_BOOLEAN: return _("yes or no");
    case FLUO_TYPE_NUMBER: return _("number");
    case FLUO_TYPE_STRING:
    case FLUO_TYPE_GROUP: return _("text");
    default: return NULL;
    }
}

FluoFilterType
fluo_completer_annotation_type (FluoValueType type)
{
  return type == FLUO_VALUE_NUMBER    ? FLUO_TYPE_NUMBER
         : type == FLUO_VALUE_BOOLEAN ? FLUO_TYPE_BOOLEAN
                                      : FLUO_TYPE_STRING;
}

FluoVocabularyKind
fluo_completer_field_of (FluoFilterWord word, FluoFilterScope scope)
{
  switch (word)
    {
    case FLUO_WORD_HTTP_STATUS: return FLUO_VOCABULARY_STATUS;
    case FLUO_WORD_HTTP_URL: return FLUO_VOCABULARY_URL;
    case FLUO_WORD_HTTP_METHOD: return FLUO_VOCABULARY_METHOD;
    case FLUO_WORD_HTTP_USER_AGENT: return FLUO_VOCABULARY_USER_AGENT;
    case FLUO_WORD_HTTP_CLIENT_IP: return FLUO_VOCABULARY_CLIENT_IP;
    case FLUO_WORD_USER: return FLUO_VOCABULARY_USER;
    case FLUO_WORD_NAME:
      return scope == FLUO_SCOPE_CAUSE_EXCEPTION ? FLUO_VOCABULARY_EXCEPTION
                                                 : FLUO_VOCABULARY_SERVICE;
    case FLUO_WORD_TYPE: return FLUO_VOCABULARY_SERVICE_TYPE;
    case FLUO_WORD_VERSION: return FLUO_VOCABULARY_VERSION;
    case FLUO_WORD_MESSAGE: return FLUO_VOCABULARY_MESSAGE;
    case FLUO_WORD_ZONE: return FLUO_VOCABULARY_ZONE;
    case FLUO_WORD_INSTANCE: return FLUO_VOCABULARY_INSTANCE;
    case FLUO_WORD_ARN: return FLUO_VOCABULARY_ARN;
    case FLUO_WORD_ACCOUNT: return FLUO_VOCABULARY_ACCOUNT;
    case FLUO_WORD_GROUP_NAME: return FLUO_VOCABULARY_GROUP;
    case FLUO_WORD_GROUP_ARN: return FLUO_VOCABULARY_GROUP_ARN;
    default: return FLUO_N_VOCABULARIES;
    }
}

/* With a space before it where one is needed. */
char *
fluo_completer_spaced (const FluoCompleter *self, const char *insert)
{
  guint start = self->range.start;
  gboolean space = start > 0 && !strchr (" \t\r\n({[!", self->text[start - 1]);

  return g_strconcat (space ? " " : "", insert, NULL);
}

/* And one behind it. */
static char *
spaced_around (const FluoCompleter *self, const char *insert)
{
  guint end = self->range.end;
  gboolean space = end >= self->length || !strchr (" \t\r\n", self->text[end]);
  g_autofree char *all = g_strconcat (insert, space ? " " : "", NULL);

  return fluo_completer_spaced (self, all);
}

/* --- Operators ------------------------------------------------------------- */

static const char *const op_help[FLUO_N_OPS] = {
  [FLUO_OP_EQUAL] = N_("is exactly"),
  [FLUO_OP_NOT_EQUAL] = N_("is there, but something else"),
  [FLUO_OP_LESS] = N_("is below"),
  [FLUO_OP_LESS_EQUAL] = N_("is at most"),
  [FLUO_OP_GREATER] = N_("is above"),
  [FLUO_OP_GREATER_EQUAL] = N_("is at least"),
  [FLUO_OP_CONTAINS] = N_("has this in it; upper and lower case count"),
  [FLUO_OP_BEGINS_WITH] = N_("begins with this"),
  [FLUO_OP_ENDS_WITH] = N_("ends with this"),
};

/* The type that a comparison is about; of an annotation what is known of it. */
static FluoFilterType
type_of (const FluoCompleter *self, const FluoFilterNode *node)
{
  FluoVocabularyAnnotation row;

  if (node->word == FLUO_WORD_ANNOTATION && node->key && self->vocabulary &&
      fluo_filter_vocabulary_find_annotation (self->vocabulary, node->key, &row))
    return fluo_completer_annotation_type (row.type);
  return fluo_filter_word_type (node->word);
}

static void
propose_ops (FluoCompleter *self)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, self->wanted.node);
  FluoFilterType type = FLUO_TYPE_GROUP; /* rootcause.json */

  if (node->word != FLUO_WORD_NONE)
    type = type_of (self, node);
  else if (!node->is_json)
    return;
  for (guint op = FLUO_OP_EQUAL; op < FLUO_N_OPS; op++)
    {
      gboolean order = op >= FLUO_OP_LESS && op <= FLUO_OP_GREATER_EQUAL;
      gboolean parts = op >= FLUO_OP_CONTAINS;
      FluoFilterProposal *proposal;

      if ((order && type != FLUO_TYPE_NUMBER && type != FLUO_TYPE_ANY) ||
          (parts && type != FLUO_TYPE_STRING && type != FLUO_TYPE_ANY))
        continue;
      proposal =
        fluo_completer_add (self, FLUO_PROPOSAL_OPERATOR, GROUP_OPERATOR, fluo_filter_ops[op],
                            spaced_around (self, fluo_filter_ops[op]));
      if (proposal)
        fluo_completer_set_help (proposal, _(op_help[op]));
    }
}

/* --- Values ---------------------------------------------------------------- */

/* What a value stands beside: nothing, what helps to tell it from others, or one thing alone. */
typedef enum
{
  BESIDE_NOTHING,
  BESIDE_SHOWN,
  BESIDE_GIVEN
} Beside;

/* Of a list: those that match, the most frequent first, as text of the language. @other: what
 * BESIDE_GIVEN wants. */
static void
propose_field (FluoCompleter *self, FluoProposalKind kind, const FluoVocabularyField *field,
               Beside beside, const char *other)
{
  guint limit = beside == BESIDE_GIVEN ? field->n_values : MIN (self->max, field->n_values), n;
  g_autofree guint *found = g_new (guint, limit + 1);

  n = fluo_vocabulary_field_search (field, self->folded, found, limit);
  self->out->n_possible += field->n_values;
  for (guint i = 0; i < MIN (n, limit); i++)
    {
      const FluoVocabularyValue *row = &field->values[found[i]];
      guint match = fluo_completer_match (self, row->text);
      g_autoptr (GString) insert = g_string_new (NULL);
      FluoFilterProposal *proposal;

      if (beside == BESIDE_GIVEN && strcmp (row->other, other) != 0)
        continue;
      fluo_filter_print_string (insert, row->text);
      proposal = fluo_completer_add_matched (self, kind, GROUP_VALUE,
                                             match == FLUO_MATCH_NONE ? 2 : match, row->text,
                                             fluo_completer_spaced (self, insert->str));
      if (!proposal)
        continue;
      proposal->count = (gint64) row->count;
      if (beside == BESIDE_SHOWN && *row->other)
        proposal->help = fluo_format_untrusted (row->other, 80);
    }
  self->out->n_matching += n > limit ? n - limit : 0;
}

static void
propose_booleans (FluoCompleter *self)
{
  static const char *const words[] = { "true", "false" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    fluo_completer_add (self, FLUO_PROPOSAL_VALUE, GROUP_VALUE, words[i],
                        fluo_completer_spaced (self, words[i]));
}

/* Only what is a number in the language: "1e400" or "0x10" would not be read again. */
static gboolean
is_number (const char *text)
{
  return g_ascii_isdigit (*text) && strspn (text, "0123456789") == strlen (text) &&
         strlen (text) < 20;
}

static void
propose_numbers (FluoCompleter *self, const FluoVocabularyField *field)
{
  guint n = 0;

  for (guint i = 0; i < field->n_values && n < self->max; i++)
    if (is_number (field->values[i].text))
      {
        FluoFilterProposal *proposal =
          fluo_completer_add (self, FLUO_PROPOSAL_VALUE, GROUP_VALUE, field->values[i].text,
                              fluo_completer_spaced (self, field->values[i].text));

        if (!proposal)
          continue;
        proposal->count = (gint64) field->values[i].count;
        n++;
      }
}

static void
propose_empty_text (FluoCompleter *self)
{
  FluoFilterProposal *proposal;

  if (*self->typed || self->in_string)
    return;
  proposal =
    fluo_completer_add_matched (self, FLUO_PROPOSAL_VALUE, GROUP_FORM, 0, "\"…\"",
                                fluo_completer_spaced (self, "\"\""));
  if (proposal)
    proposal->cursor--;
}

static void
propose_json (FluoCompleter *self)
{
  fluo_completer_form (self, FLUO_PROPOSAL_VALUE, GROUP_VALUE, "#[]", "#[|]",
                       _("Any root cause; between the brackets a pattern."));
}

/* The name of the service in whose block the comparison is being written; NULL: of any. A block
 * without an end makes its service a bad node, so it is known by its word. */
static const char *
find_service (const FluoCompleter *self)
{
  for (guint32 i = self->wanted.node; i > 0; i--)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (self->tree, i - 1);

      if (fluo_filter_is_name (self->text + node->word_range.start,
                               node->word_range.end - node->word_range.start, "service"))
        return node->patterns[0].name;
    }
  return NULL;
}

static void
propose_values (FluoCompleter *self)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, self->wanted.node);
  const char *service = node->word == FLUO_WORD_VERSION ? find_service (self) : NULL;
  const FluoVocabularyField *field = NULL;
  FluoFilterType type;
  FluoVocabularyKind kind;

  if (node->word == FLUO_WORD_NONE)
    return;
  type = type_of (self, node);
  kind = fluo_completer_field_of (node->word, node->scope);
  if (self->vocabulary && kind < FLUO_N_VOCABULARIES)
    field = &self->vocabulary->fields[kind];
  else if (self->vocabulary && node->key)
    {
      const FluoVocabularyKey *row = g_hash_table_lookup (self->vocabulary->keys_index, node->key);

      field = row ? &row->values : NULL;
    }
  /* The operator has the last word of what an annotation is compared with. */
  if (node->word == FLUO_WORD_ANNOTATION && node->op >= FLUO_OP_CONTAINS)
    type = FLUO_TYPE_STRING;
  else if (node->word == FLUO_WORD_ANNOTATION && node->op >= FLUO_OP_LESS)
    type = FLUO_TYPE_NUMBER;
  if (type == FLUO_TYPE_BOOLEAN && !self->in_string)
    propose_booleans (self);
  else if (type == FLUO_TYPE_NUMBER)
    {
      if (field && !self->in_string)
        propose_numbers (self, field);
    }
  else if (type != FLUO_TYPE_BOOLEAN)
    {
      if (field)
        propose_field (self, FLUO_PROPOSAL_VALUE, field,
                       node->word != FLUO_WORD_VERSION ? BESIDE_NOTHING
                       : service                       ? BESIDE_GIVEN
                                                       : BESIDE_SHOWN, service);
      propose_empty_text (self);
    }
}

/* --- Nodes of the graph, keys and brackets --------------------------------- */

/* Where calls go from the node that was named first. */
static void
propose_destinations (FluoCompleter *self, const char *source)
{
  const FluoVocabularyField *edges = &self->vocabulary->edges;

  for (guint i = 0; i < edges->n_values; i++)
    {
      g_autoptr (GString) insert = NULL;
      FluoFilterProposal *proposal;

      if (strcmp (edges->values[i].text, source) != 0)
        continue;
      insert = g_string_new (NULL);
      fluo_filter_print_string (insert, edges->values[i].other);
      proposal = fluo_completer_add (self, FLUO_PROPOSAL_SERVICE, GROUP_OPERATOR,
                                     edges->values[i].other,
                                     fluo_completer_spaced (self, insert->str));
      if (proposal)
        proposal->count = (gint64) edges->values[i].count;
    }
}

static void
propose_pattern (FluoCompleter *self)
{
  const FluoFilterNode *node = fluo_filter_tree_get (self->tree, self->wanted.node);

  if (self->vocabulary && self->wanted.second && node->patterns[0].name)
    propose_destinations (self, node->patterns[0].name);
  if (self->vocabulary)
    propose_field (self, FLUO_PROPOSAL_SERVICE, &self->vocabulary->fields[FLUO_VOCABULARY_SERVICE],
                   BESIDE_SHOWN, NULL);
  propose_empty_text (self);
  if (!self->in_string)
    fluo_completer_form (self, FLUO_PROPOSAL_FORM, GROUP_FORM, "id(…)", "id(name: \"|\")",
                         _("A node by name, type or account."));
}

static void
propose_arguments (FluoCompleter *self)
{
  static const char *const names[] = { "name: ", "type: ", "account.id: " };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!(self->wanted.given & 1u << i))
      fluo_completer_form (self, FLUO_PROPOSAL_KEYWORD, GROUP_KEYWORD, names[i], names[i], NULL);
}

static void
propose_argument_values (FluoCompleter *self)
{
  static const FluoVocabularyKind kinds[] = { FLUO_VOCABULARY_SERVICE, FLUO_VOCABULARY_SERVICE_TYPE,
                                              FLUO_VOCABULARY_ACCOUNT };

  if (self->vocabulary)
    propose_field (self, FLUO_PROPOSAL_SERVICE,
                   &self->vocabulary->fields[kinds[self->wanted.argument]], BESIDE_NOTHING, NULL);
  propose_empty_text (self);
}

static void
propose_keys (FluoCompleter *self)
{
  for (guint i = 0; self->vocabulary && i < self->vocabulary->keys->len; i++)
    {
      FluoVocabularyAnnotation row;
      FluoFilterProposal *proposal;

      fluo_filter_vocabulary_get_annotation (self->vocabulary, i, &row);
      proposal = fluo_completer_add (self, FLUO_PROPOSAL_ANNOTATION, GROUP_ANNOTATION, row.key,
                                     g_strconcat (row.key, "]", NULL));
      if (!proposal)
        continue;
      fluo_completer_set_annotation (self, proposal, &row);
    }
}

static void
propose_punctuation (FluoCompleter *self)
{
  for (const char *p = self->wanted.punctuation; *p; p++)
    {
      char name[2] = { *p, '\0' };
      gboolean wide = *p == '{' || *p == '}';

      fluo_completer_add (self, FLUO_PROPOSAL_JOIN, GROUP_PUNCTUATION, name,
                          *p == '{'   ? spaced_around (self, name)
                          : wide      ? fluo_completer_spaced (self, name)
                          : *p == ',' ? g_strdup (", ")
                          : *p == ':' ? g_strdup (": ")
                                      : g_strdup (name));
    }
}

static void
propose_joins (FluoCompleter *self)
{
  static const struct { const char *name, *help; } rows[] = {
    { "AND", N_("Both must hold.") },
    { "OR", N_("One is enough.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FluoFilterProposal *proposal =
        fluo_completer_add (self, FLUO_PROPOSAL_JOIN, GROUP_JOIN, rows[i].name,
                            spaced_around (self, rows[i].name));

      if (proposal)
        fluo_completer_set_help (proposal, _(rows[i].help));
    }
  /* Side by side is AND as well. */
  if (*self->typed)
    fluo_completer_propose_conditions (self, self->wanted.scope, TRUE);
}

void
fluo_completer_propose (FluoCompleter *self)
{
  guint what = self->wanted.what;

  if (what & FLUO_WANT_KEY)
    {
      propose_keys (self);
      return;
    }
  if (what & FLUO_WANT_VALUE)
    propose_values (self);
  if (what & FLUO_WANT_PATTERN)
    propose_pattern (self);
  if (what & FLUO_WANT_ARGUMENT_VALUE)
    propose_argument_values (self);
  if (self->in_string)
    return;
  if (what & FLUO_WANT_PATTERN_JSON)
    propose_json (self);
  if (what & FLUO_WANT_OP)
    propose_ops (self);
  if (what & FLUO_WANT_CONDITION)
    fluo_completer_propose_conditions (self, self->wanted.scope, FALSE);
  if (what & FLUO_WANT_ARGUMENT)
    propose_arguments (self);
  if (what & FLUO_WANT_JOIN)
    propose_joins (self);
  if (what & FLUO_WANT_PUNCTUATION)
    propose_punctuation (self);
}
