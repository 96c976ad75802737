/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "filter/fluo-filter-edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "filter/fluo-filter-complete.h"
#include "fluo-filter-ast.h"
#include "fluo-filter-vocabulary-private.h"

struct _FluoFilterDocument
{
  char                 *text;
  guint                 length;
  FluoFilterTree       *tree;
  FluoFilterVocabulary *vocabulary; /* or NULL */
  guint32              *nodes;      /* of the conditions */
  FluoFilterCondition  *conditions;
  guint                 n_conditions;
  guint                *owners;     /* of each diagnostic: its condition, or n_conditions */
  guint                 n_errors;
};

/* --- Hints ----------------------------------------------------------------- */

static FluoFilterDiagnostic *
add_hint (FluoFilterDocument *self, FluoFilterRange range, const char *fix, char *message)
{
  FluoFilterDiagnostic *hint;

  if (self->tree->diagnostics->len >= FLUO_FILTER_DIAGNOSTICS_MAX)
    {
      g_free (message);
      return NULL;
    }
  hint = g_new0 (FluoFilterDiagnostic, 1);
  hint->code = FLUO_FILTER_ERROR_KEYWORD;
  hint->hint = TRUE;
  hint->range = hint->fix_range = range;
  hint->message = message;
  hint->fix = g_strdup (fix);
  hint->action = fix ? g_strdup (_("Fix the spelling")) : NULL;
  g_ptr_array_add (self->tree->diagnostics, hint);
  return hint;
}

static char *
dup_annotation_name (FluoAnnotationSide side, const char *key)
{
  GString *out = g_string_new (NULL);

  fluo_filter_print_annotation (out, side, key);
  return g_string_free (out, FALSE);
}

/* Text for a number, or the reverse: it would find nothing. */
static void
hint_at_type (FluoFilterDocument *self, const FluoFilterNode *node,
              const FluoVocabularyAnnotation *known)
{
  g_autofree char *key = fluo_format_untrusted (known->key, 60);
  g_autoptr (GString) fix = g_string_new (NULL);
  FluoFilterDiagnostic *hint;
  char *end;

  if (known->type == FLUO_VALUE_NUMBER && node->value == FLUO_FILTER_VALUE_STRING && *node->text &&
      node->op <= FLUO_OP_NOT_EQUAL && strspn (node->text, "0123456789.-") == strlen (node->text) &&
      (g_ascii_strtod (node->text, &end), *end == '\0') && g_ascii_isdigit (*node->text))
    {
      g_string_append (fix, node->text);
      hint = add_hint (self, node->value_range, fix->str,
                       g_strdup_printf (_("“%s” holds numbers: without quotes it finds them"),
                                        key));
    }
  else if (known->type == FLUO_VALUE_STRING && node->value == FLUO_FILTER_VALUE_NUMBER &&
           node->op <= FLUO_OP_NOT_EQUAL)
    {
      g_autofree char *text = g_strndup (self->text + node->value_range.start,
                                         node->value_range.end - node->value_range.start);

      fluo_filter_print_string (fix, text);
      hint = add_hint (self, node->value_range, fix->str,
                       g_strdup_printf (_("“%s” holds text: in double quotes it finds it"), key));
    }
  else
    return;
  if (hint)
    {
      g_free (hint->action);
      hint->action = g_strdup_printf (_("Write %s"), fix->str);
    }
}

static void
hint_at_annotation (FluoFilterDocument *self, const FluoFilterNode *node)
{
  FluoVocabularyAnnotation known;
  const char *near;
  g_autofree char *key = fluo_format_untrusted (node->key, 60);

  if (fluo_filter_vocabulary_find_annotation (self->vocabulary, node->key, &known))
    {
      hint_at_type (self, node, &known);
      return;
    }
  near = fluo_filter_vocabulary_find_near (self->vocabulary, node->key);
  if (near && fluo_filter_vocabulary_find_annotation (self->vocabulary, near, &known))
    {
      g_autofree char *shown = fluo_format_untrusted (near, 60);
      g_autofree char *count = fluo_format_count (known.count);
      g_autofree char *fix = dup_annotation_name (node->side, near);

      add_hint (self, node->word_range, fix,
                g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                              "no trace has an annotation called “%s”: did you "
                                              "mean “%s”? It is set on %s trace",
                                              "no trace has an annotation called “%s”: did you "
                                              "mean “%s”? It is set on %s traces", known.count),
                                 key, shown, count));
    }
  else
    add_hint (self, node->word_range, NULL,
              g_strdup_printf (_("no trace at hand has an annotation called “%s”"), key));
}

static void
hint_at_service (FluoFilterDocument *self, const FluoFilterNode *node, guint which)
{
  const char *name = node->patterns[which].name;
  FluoFilterRange range = node->pattern_ranges[which];
  FluoFilterNearest nearest;
  const FluoVocabularyValue *rows;
  g_autoptr (GString) fix = g_string_new (NULL);
  g_autofree char *shown = NULL, *mean = NULL;
  guint n;

  if (!name || range.end <= range.start)
    return;
  rows = fluo_filter_vocabulary_get (self->vocabulary, FLUO_VOCABULARY_SERVICE, &n);
  fluo_filter_nearest_init (&nearest, name, strlen (name));
  for (guint i = 0; i < n; i++)
    {
      if (strcmp (rows[i].text, name) == 0)
        return;
      fluo_filter_nearest_try (&nearest, rows[i].text);
    }
  if (!nearest.best)
    return;
  shown = fluo_format_untrusted (name, 60);
  mean = fluo_format_untrusted (nearest.best, 60);
  fluo_filter_print_string (fix, nearest.best);
  add_hint (self, range, fix->str,
            g_strdup_printf (_("no trace at hand has a service called “%s”: did you mean “%s”?"),
                             shown, mean));
}

/* "annotaton.tier" is mended to a key that is known: say how many have it. */
static void
tell_count (FluoFilterDocument *self, FluoFilterDiagnostic *row)
{
  FluoVocabularyAnnotation known;
  g_autofree char *shown = NULL, *count = NULL;

  if (row->code != FLUO_FILTER_ERROR_KEYWORD || !row->fix ||
      !g_str_has_prefix (row->fix, "annotation.") || row->range.start != row->fix_range.start ||
      !fluo_filter_vocabulary_find_annotation (self->vocabulary, row->fix + 11, &known))
    return;
  shown = g_strndup (self->text + row->range.start, MIN (row->range.end - row->range.start, 60));
  count = fluo_format_count (known.count);
  g_free (row->message);
  row->message = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE,
                 "there is no keyword “%s”: did you mean “%s”? It is set on %s trace",
                 "there is no keyword “%s”: did you mean “%s”? It is set on %s traces",
                 known.count),
    shown, row->fix, count);
}

static void
add_hints (FluoFilterDocument *self)
{
  for (guint i = 0; i < self->tree->diagnostics->len; i++)
    tell_count (self, g_ptr_array_index (self->tree->diagnostics, i));
  for (guint32 i = 0; i < self->tree->nodes->len; i++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (self->tree, i);

      if (node->kind == FLUO_NODE_COMPARE && node->key)
        hint_at_annotation (self, node);
      else if (node->kind == FLUO_NODE_SERVICE || node->kind == FLUO_NODE_EDGE)
        for (guint which = 0; which < 2; which++)
          hint_at_service (self, node, which);
    }
}

/* What the language has beyond X-Ray's is no use where X-Ray answers. */
static void
refuse_on_aws (FluoFilterDocument *self)
{
  for (guint32 i = 0; i < self->tree->nodes->len; i++)
    {
      const FluoFilterNode *node = fluo_filter_tree_get (self->tree, i);

      if (node->kind != FLUO_NODE_COMPARE || node->word != FLUO_WORD_VERSION)
        continue;
      fluo_filter_tree_complain (self->tree, FLUO_FILTER_ERROR_KEYWORD, node->word_range,
                                 node->word_range, "annotation[service.version]",
                                 _("AWS can't be asked for the version of a service: record it as "
                                   "an annotation, and ask for that"));
      fluo_filter_tree_set_action (self->tree, _("Ask for the annotation"));
    }
}

static int
compare_diagnostics (gconstpointer a, gconstpointer b)
{
  const FluoFilterDiagnostic *x = *(gpointer *) a, *y = *(gpointer *) b;

  return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

/* --- Conditions ------------------------------------------------------------ */

static const FluoFilterDiagnostic *
diagnostic (const FluoFilterDocument *self, guint i)
{
  return g_ptr_array_index (self->tree->diagnostics, i);
}

static gboolean
has_bad (const FluoFilterTree *tree, guint32 index)
{
  const FluoFilterNode *node = fluo_filter_tree_get (tree, index);

  if (node->kind == FLUO_NODE_BAD)
    return TRUE;
  for (guint32 c = node->first_child; c != FLUO_NODE_NONE; c = fluo_filter_tree_get (tree, c)->next)
    if (has_bad (tree, c))
      return TRUE;
  return FALSE;
}

/* What is wrong between two conditions is wrong with what joins the second, unless it ends the
 * first too early. */
static guint
find_owner (const FluoFilterDocument *self, guint index)
{
  const FluoFilterDiagnostic *row = diagnostic (self, index);
  gboolean told = FALSE;
  guint owner = self->n_conditions;

  for (guint i = 0; i < self->n_conditions; i++)
    if (self->conditions[i].range.start <= row->range.start)
      owner = i;
  if (owner == self->n_conditions)
    return self->n_conditions > 0 ? 0 : owner;
  for (guint i = 0; i < index; i++)
    told = told || self->owners[i] == owner;
  if (owner + 1 < self->n_conditions && !row->unfinished &&
      row->range.start >= self->conditions[owner].range.end &&
      (told || !has_bad (self->tree, self->nodes[owner])))
    owner++;
  return owner;
}

static void
find_conditions (FluoFilterDocument *self)
{
  guint offset = 0, line = 0;

  self->nodes = fluo_filter_tree_list_conditions (self->tree, &self->n_conditions);
  self->conditions = g_new0 (FluoFilterCondition, self->n_conditions + 1);
  for (guint i = 0; i < self->n_conditions; i++)
    {
      FluoFilterCondition *row = &self->conditions[i];

      row->range = fluo_filter_tree_get (self->tree, self->nodes[i])->range;
      row->range.end = MAX (row->range.end, row->range.start);
      row->valid = !has_bad (self->tree, self->nodes[i]);
      for (; offset < MIN (row->range.start, self->length); offset++)
        line += self->text[offset] == '\n';
      row->first_line = line;
      for (; offset < MIN (row->range.end, self->length); offset++)
        line += self->text[offset] == '\n';
      row->last_line = line;
    }
  self->owners = g_new0 (guint, self->tree->diagnostics->len + 1);
  for (guint i = 0; i < self->tree->diagnostics->len; i++)
    {
      const FluoFilterDiagnostic *row = diagnostic (self, i);

      self->owners[i] = find_owner (self, i);
      if (row->hint)
        continue;
      self->n_errors++;
      if (self->owners[i] < self->n_conditions)
        {
          FluoFilterCondition *condition = &self->conditions[self->owners[i]];

          condition->unfinished =
            row->unfinished && (condition->unfinished || condition->valid ||
                                has_bad (self->tree, self->nodes[self->owners[i]]));
          condition->valid = FALSE;
        }
    }
}

/* --- Documents ------------------------------------------------------------- */

FluoFilterDocument *
fluo_filter_document_new (const char *text, gssize length, FluoFilterVocabulary *vocabulary)
{
  FluoFilterDocument *self = g_new0 (FluoFilterDocument, 1);
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  self->text = g_malloc (size + 1);
  memcpy (self->text, text, size);
  self->text[size] = '\0';
  self->length = (guint) MIN (size, G_MAXUINT32);
  self->tree = fluo_filter_tree_new (self->text, (gssize) size);
  if (vocabulary)
    {
      self->vocabulary = fluo_filter_vocabulary_ref (vocabulary);
      if (fluo_filter_vocabulary_get_n_traces (vocabulary) > 0)
        add_hints (self);
      if (fluo_filter_vocabulary_is_aws (vocabulary))
        refuse_on_aws (self);
      g_ptr_array_sort (self->tree->diagnostics, compare_diagnostics);
    }
  find_conditions (self);
  return self;
}

void
fluo_filter_document_free (FluoFilterDocument *self)
{
  if (!self)
    return;
  fluo_filter_tree_free (self->tree);
  fluo_filter_vocabulary_unref (self->vocabulary);
  g_free (self->nodes);
  g_free (self->conditions);
  g_free (self->owners);
  g_free (self->text);
  g_free (self);
}

const char *
fluo_filter_document_get_text (const FluoFilterDocument *self, gsize *ret_length)
{
  if (ret_length)
    *ret_length = self->length;
  return self->text;
}

gboolean
fluo_filter_document_is_valid (const FluoFilterDocument *self)
{
  return self->n_errors == 0;
}

guint
fluo_filter_document_get_n_diagnostics (const FluoFilterDocument *self)
{
  return self->tree->diagnostics->len;
}

const FluoFilterDiagnostic *
fluo_filter_document_get_diagnostic (const FluoFilterDocument *self, guint i)
{
  g_return_val_if_fail (i < self->tree->diagnostics->len, NULL);
  return diagnostic (self, i);
}

char *
fluo_filter_document_apply_fix (const FluoFilterDocument *self, guint i, guint *ret_cursor)
{
  const FluoFilterDiagnostic *row;
  GString *out;

  g_return_val_if_fail (i < self->tree->diagnostics->len, NULL);
  row = diagnostic (self, i);
  if (!row->fix || row->fix_range.start > row->fix_range.end || row->fix_range.end > self->length)
    return NULL;
  out = g_string_new_len (self->text, row->fix_range.start);
  g_string_append (out, row->fix);
  if (ret_cursor)
    *ret_cursor = (guint) out->len;
  g_string_append_len (out, self->text + row->fix_range.end, self->length - row->fix_range.end);
  return g_string_free (out, FALSE);
}

guint
fluo_filter_document_get_n_conditions (const FluoFilterDocument *self)
{
  return self->n_conditions;
}

const FluoFilterCondition *
fluo_filter_document_get_condition (const FluoFilterDocument *self, guint i)
{
  g_return_val_if_fail (i < self->n_conditions, NULL);
  return &self->conditions[i];
}

guint
fluo_filter_document_find_condition (const FluoFilterDocument *self, guint cursor)
{
  guint found = G_MAXUINT;

  for (guint i = 0; i < self->n_conditions; i++)
    if (self->conditions[i].range.start <= cursor)
      found = i;
  return found;
}

FluoFilter *
fluo_filter_document_dup_rest (const FluoFilterDocument *self, guint cursor)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const guint without = fluo_filter_document_find_condition (self, cursor);

  for (guint i = 0; i < self->n_conditions; i++)
    {
      gboolean brackets =
        fluo_filter_tree_get (self->tree, self->nodes[i])->kind == FLUO_NODE_OR;

      if (!self->conditions[i].valid || i == without)
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? " AND " : "", brackets ? "(" : "");
      fluo_filter_tree_print_node (self->tree, self->nodes[i], text);
      g_string_append (text, brackets ? ")" : "");
    }
  return text->len > 0 ? fluo_filter_new (text->str, (gssize) text->len, NULL, NULL) : NULL;
}

gboolean
fluo_filter_document_is_typing (const FluoFilterDocument *self, guint cursor)
{
  guint at = fluo_filter_document_find_condition (self, cursor), n = 0;
  g_autoptr (FluoFilterCompletion) completion = NULL;

  if (at == G_MAXUINT || cursor < self->conditions[at].range.end)
    return FALSE;
  if (self->conditions[at].unfinished)
    return TRUE;
  /* A word that may become another one. */
  for (guint i = 0; i < self->tree->diagnostics->len; i++)
    if (self->owners[i] == at)
      {
        n++;
        if (!diagnostic (self, i)->unfinished && diagnostic (self, i)->range.end != cursor)
          return FALSE;
      }
  if (n == 0)
    return FALSE;
  completion = fluo_filter_complete (self->text, self->length, cursor, self->vocabulary, 1);
  return completion->proposals->len > 0 &&
         ((FluoFilterProposal *) completion->proposals->pdata[0])->kind != FLUO_PROPOSAL_CONDITION;
}

/* --- Words ----------------------------------------------------------------- */

/* "2, 4 and 5" */
static char *
list_lines (const FluoFilterDocument *self, guint typing, guint *ret_n)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (guint));
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->n_conditions; i++)
    for (guint line = self->conditions[i].first_line;
         (!self->conditions[i].valid || i == typing) && line <= self->conditions[i].last_line &&
         lines->len < 20;
         line++)
      if (lines->len == 0 || g_array_index (lines, guint, lines->len - 1) != line + 1)
        {
          guint number = line + 1;

          g_array_append_val (lines, number);
        }
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (out, "%s%u",
                            i == 0 ? "" : i + 1 < lines->len ? _(", ") : _(" and "),
                            g_array_index (lines, guint, i));
  *ret_n = lines->len;
  return g_string_free (out, FALSE);
}

static void
say_rest (const FluoFilterDocument *self, guint typing, guint n_valid, FluoSentence *out)
{
  guint n;
  g_autofree char *lines = list_lines (self, typing, &n);
  g_autofree char *said = NULL;

  if (n_valid == 0)
    {
      fluo_sentence_append (out, _("Nothing counts yet."), FALSE);
      return;
    }
  fluo_sentence_append (out, " ", FALSE);
  if (!memchr (self->text, '\n', self->length) || n == 0)
    fluo_sentence_append (out, _("The rest does not count yet."), FALSE);
  else
    {
      said = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Line %s does not count yet.",
                                           "Lines %s do not count yet.", n), lines);
      fluo_sentence_append (out, said, FALSE);
    }
}

FluoSentence *
fluo_filter_document_explain (const FluoFilterDocument *self, guint cursor, guint *ret_aside)
{
  FluoSentence *out = fluo_sentence_new ();
  g_autofree guint32 *valid = g_new (guint32, self->n_conditions + 1);
  guint n = 0, typing = G_MAXUINT;

  if (cursor != G_MAXUINT && fluo_filter_document_is_typing (self, cursor))
    typing = fluo_filter_document_find_condition (self, cursor);
  for (guint i = 0; i < self->n_conditions; i++)
    if (self->conditions[i].valid && i != typing)
      valid[n++] = self->nodes[i];
  if (n > 0 || (self->n_errors == 0 && typing == G_MAXUINT))
    fluo_filter_explain_conditions (self->tree, valid, n, out);
  if (ret_aside)
    *ret_aside = (guint) strlen (out->text);
  if (self->n_errors > 0 || typing != G_MAXUINT)
    say_rest (self, typing, n, out);
  return out;
}

/* Quotation marks as translations use them. */
static gunichar
closing_quote (gunichar open)
{
  switch (open)
    {
    case 0x201c: return 0x201d; /* “ ” */
    case 0x201e: return 0x201c; /* „ “ */
    case 0x00ab: return 0x00bb; /* « » */
    default: return 0;
    }
}

FluoSentence *
fluo_filter_diagnostic_to_sentence (const FluoFilterDiagnostic *self)
{
  FluoSentence *out = fluo_sentence_new ();
  g_autoptr (GString) run = g_string_new (NULL);
  gunichar close = 0;

  for (const char *p = self->message; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if ((close == 0 && closing_quote (c) != 0) || (close != 0 && c == close))
        {
          fluo_sentence_append (out, run->str, close != 0);
          g_string_truncate (run, 0);
          close = close == 0 ? closing_quote (c) : 0;
        }
      else
        g_string_append_unichar (run, p == self->message ? g_unichar_totitle (c) : c);
    }
  fluo_sentence_append (out, run->str, close != 0);
  if (!g_str_has_suffix (out->text, ".") && !g_str_has_suffix (out->text, "?"))
    fluo_sentence_append (out, ".", FALSE);
  return out;
}
