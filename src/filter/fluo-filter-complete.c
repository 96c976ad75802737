/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter/fluo-filter-complete.h"

#include <string.h>

#include "core/fluo-format.h"
#include "fluo-filter-complete-private.h"

/* The place at the cursor: what is being written there, and by the parser what may stand there.
 * What is proposed is in fluo-filter-propose.c and fluo-filter-value-first.c. */

#define LABEL_CHARS_MAX 120

/* --- Proposals ------------------------------------------------------------- */

static void
proposal_free (gpointer data)
{
  FluoFilterProposal *self = data;

  for (guint i = 0; i < self->n_values; i++)
    g_free (self->values[i].text);
  g_free (self->insert);
  g_free (self->label);
  g_free (self->help);
  g_free (self);
}

/* Where @folded (lower case) stands in @text; @ret_part: a word begins there. */
static const char *
find_folded (const char *text, const char *folded, gboolean *ret_part)
{
  gsize length = strlen (folded);
  const char *inside = NULL;

  for (const char *p = text; *p; p++)
    {
      if (g_ascii_tolower (*p) != *folded || g_ascii_strncasecmp (p, folded, length) != 0)
        continue;
      if (p == text || !g_ascii_isalnum (p[-1]))
        {
          *ret_part = TRUE;
          return p;
        }
      if (!inside)
        inside = p;
    }
  *ret_part = FALSE;
  return inside;
}

guint
fluo_completer_match (const FluoCompleter *self, const char *name)
{
  const char *found;
  gboolean part;

  if (!*self->folded)
    return 0;
  found = find_folded (name, self->folded, &part);
  if (!found)
    return FLUO_MATCH_NONE;
  return found == name ? 0 : part ? 1 : 2;
}

FluoFilterProposal *
fluo_completer_add_matched (FluoCompleter *self, FluoProposalKind kind, guint group, guint match,
                            const char *name, char *insert)
{
  FluoProposalRank rank = { NULL, match, group, self->ranks->len };
  const char *found;
  gboolean part;

  if (!g_hash_table_add (self->inserts, insert))
    return NULL; /* the set has freed it */
  rank.proposal = g_new0 (FluoFilterProposal, 1);
  rank.proposal->kind = kind;
  rank.proposal->range = self->range;
  rank.proposal->insert = g_strdup (insert);
  rank.proposal->cursor = (guint) strlen (insert);
  rank.proposal->label = fluo_format_untrusted (name, LABEL_CHARS_MAX);
  rank.proposal->count = -1;
  found = *self->folded ? find_folded (rank.proposal->label, self->folded, &part) : NULL;
  if (found)
    {
      rank.proposal->match.start = (guint) (found - rank.proposal->label);
      rank.proposal->match.end = rank.proposal->match.start + (guint) strlen (self->folded);
    }
  g_array_append_val (self->ranks, rank);
  self->out->n_matching++;
  return rank.proposal;
}

FluoFilterProposal *
fluo_completer_add (FluoCompleter *self, FluoProposalKind kind, guint group, const char *name,
                    char *insert)
{
  guint match = fluo_completer_match (self, name);

  self->out->n_possible++;
  if (match == FLUO_MATCH_NONE)
    {
      g_free (insert);
      return NULL;
    }
  return fluo_completer_add_matched (self, kind, group, match, name, insert);
}

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  const FluoProposalRank *x = a, *y = b;

  if (x->match != y->match)
    return x->match < y->match ? -1 : 1;
  if (x->group != y->group)
    return x->group < y->group ? -1 : 1;
  if (x->proposal->count != y->proposal->count)
    return x->proposal->count > y->proposal->count ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

/* --- The place ------------------------------------------------------------- */

/* A string that holds the cursor ends at its quote, unless that only seems to be its own: what
 * follows looks like more conditions. */
static guint
find_string_end (const FluoCompleter *self, const FluoToken *token)
{
  g_autofree char *rest = NULL;

  if (token->end <= self->cursor)
    return self->cursor;
  rest = g_ascii_strdown (self->text + self->cursor, token->end - self->cursor);
  if (strstr (rest, " and ") || strstr (rest, " or ") || strchr (rest, '\n') ||
      token->end < token->start + 2 || self->text[token->end - 1] != '"')
    return self->cursor;
  return token->end;
}

/* What begins before the cursor and may be going on there. */
static void
find_token (FluoCompleter *self)
{
  g_autoptr (FluoFilterTree) scratch = fluo_filter_tree_alloc ();
  FluoFilterLexer lexer;
  FluoToken token, last = { .kind = FLUO_TOKEN_END };

  self->range.start = self->range.end = self->cursor;
  if (!fluo_filter_lexer_init (&lexer, scratch, self->text, (gssize) self->length))
    return;
  while ((token = fluo_filter_lexer_next (&lexer)).kind != FLUO_TOKEN_END &&
         token.start < self->cursor)
    last = token;
  if (last.kind == FLUO_TOKEN_STRING && self->text[last.start] == '"')
    {
      gboolean closed = last.end >= last.start + 2 && self->text[last.end - 1] == '"' &&
                        last.end <= self->cursor;
      g_autoptr (FluoFilterTree) begun = NULL;

      if (closed)
        {
          /* Text that ends in an escaped quote is not closed. */
          begun = fluo_filter_tree_alloc ();
          fluo_filter_lexer_init (&lexer, begun, self->text + last.start, last.end - last.start);
          fluo_filter_lexer_next (&lexer);
          closed = begun->diagnostics->len == 0 ||
                   !((FluoFilterDiagnostic *) begun->diagnostics->pdata[0])->unfinished;
        }
      if (closed)
        return;
      self->in_string = TRUE;
      self->range.start = last.start;
      self->range.end = find_string_end (self, &last);
      begun = begun ? begun : fluo_filter_tree_alloc ();
      fluo_filter_lexer_init (&lexer, begun, self->text + last.start, self->cursor - last.start);
      self->typed = g_strdup (fluo_filter_lexer_next (&lexer).text);
    }
  else if ((last.kind == FLUO_TOKEN_WORD || last.kind == FLUO_TOKEN_NUMBER ||
            (last.kind == FLUO_TOKEN_BAD && self->text[last.start] == '-')) &&
           last.end >= self->cursor)
    {
      self->range.start = last.start;
      self->range.end = last.end;
      self->typed = g_strndup (self->text + last.start, self->cursor - last.start);
    }
}

/* A key between brackets may be anything, so that only the parser knows where it begins. */
static void
move_to_key (FluoCompleter *self)
{
  guint end = self->cursor;

  g_free (self->typed);
  self->in_string = FALSE;
  self->range.start = MIN (self->wanted.key_start, self->cursor);
  self->typed = g_strndup (self->text + self->range.start, self->cursor - self->range.start);
  while (end < self->length && !strchr ("]\n\"{}()=<>! ", self->text[end]))
    end++;
  self->range.end = end < self->length && self->text[end] == ']' ? end + 1 : self->cursor;
}

/* --- All ------------------------------------------------------------------- */

static void
finish (FluoCompleter *self, guint max)
{
  g_array_sort (self->ranks, compare_ranks);
  for (guint i = 0; i < self->ranks->len; i++)
    {
      FluoFilterProposal *row = g_array_index (self->ranks, FluoProposalRank, i).proposal;

      if (max == 0 || i < max)
        g_ptr_array_add (self->out->proposals, row);
      else
        proposal_free (row);
    }
}

FluoFilterCompletion *
fluo_filter_complete (const char *text, gssize length, guint cursor,
                      const FluoFilterVocabulary *vocabulary, guint max)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  FluoCompleter self = { .text = text, .length = (guint) size, .vocabulary = vocabulary };

  self.out = g_new0 (FluoFilterCompletion, 1);
  self.out->proposals = g_ptr_array_new_with_free_func (proposal_free);
  if (size > FLUO_FILTER_LENGTH_MAX || !g_utf8_validate_len (text, size, NULL))
    return self.out;
  self.cursor = MIN (cursor, self.length);
  while (self.cursor > 0 && self.cursor < self.length &&
         ((guint8) text[self.cursor] & 0xc0) == 0x80)
    self.cursor--;
  self.max = max == 0 ? G_MAXUINT : max;
  find_token (&self);
  self.tree = fluo_filter_tree_new_wanted (text, self.range.start, &self.wanted);
  if (self.wanted.what & FLUO_WANT_KEY)
    move_to_key (&self);
  if (!self.typed)
    self.typed = g_strdup ("");
  self.folded = g_ascii_strdown (self.typed, -1);
  self.ranks = g_array_new (FALSE, FALSE, sizeof (FluoProposalRank));
  self.inserts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fluo_completer_propose (&self);
  fluo_completer_propose_for_value (&self);
  finish (&self, max);
  fluo_filter_tree_free (self.tree);
  g_array_unref (self.ranks);
  g_hash_table_unref (self.inserts);
  g_free (self.typed);
  g_free (self.folded);
  return self.out;
}

void
fluo_filter_completion_free (FluoFilterCompletion *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->proposals);
  g_free (self);
}
