/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-trace-id-read.h"
#include "fluo-filter-complete-private.h"

/* Somebody has a value at hand (a user, an order, a URL, a status) and no keyword: the conditions
 * that ask for it, by what is known and by what it looks like. */

/* Of each field. */
#define ROWS_MAX 3
/* Longer text is no value. */
#define VALUE_BYTES_MAX 1000

enum
{
  GROUP_KNOWN = 20, /* behind keywords that match alike */
  GROUP_GUESSED
};

typedef struct
{
  FluoCompleter *completer;
  char          *value;
  char          *folded;
  gboolean       number;
} Bare;

/* --- Conditions ------------------------------------------------------------ */

static FluoFilterProposal *
add (Bare *self, guint group, guint match, const char *insert, gint64 count)
{
  FluoFilterProposal *proposal =
    fluo_completer_add_matched (self->completer, FLUO_PROPOSAL_CONDITION, group, match, insert,
                                g_strdup (insert));

  if (proposal)
    proposal->count = count;
  return proposal;
}

/* before "value" after */
static void
add_text (Bare *self, guint group, guint match, const char *before, const char *value,
          const char *after, gint64 count)
{
  g_autoptr (GString) insert = g_string_new (before);

  fluo_filter_print_string (insert, value);
  g_string_append (insert, after);
  add (self, group, match, insert->str, count);
}

static guint
match_of (const Bare *self, const char *text)
{
  if (strcmp (text, self->value) == 0)
    return 0;
  return g_ascii_strncasecmp (text, self->value, strlen (self->value)) == 0 ? 1 : 2;
}

/* How to ask for a value of each field. */
static const struct
{
  FluoVocabularyKind kind;
  const char        *before, *after;
} fields[] = {
  { FLUO_VOCABULARY_SERVICE, "service(", ")" },
  { FLUO_VOCABULARY_SERVICE_TYPE, "service(id(type: ", "))" },
  { FLUO_VOCABULARY_URL, "http.url = ", "" },
  { FLUO_VOCABULARY_METHOD, "http.method = ", "" },
  { FLUO_VOCABULARY_USER, "user = ", "" },
  { FLUO_VOCABULARY_CLIENT_IP, "http.clientip = ", "" },
  { FLUO_VOCABULARY_USER_AGENT, "http.useragent = ", "" },
  { FLUO_VOCABULARY_ZONE, "availabilityzone = ", "" },
  { FLUO_VOCABULARY_INSTANCE, "instance.id = ", "" },
  { FLUO_VOCABULARY_ARN, "resource.arn = ", "" },
  { FLUO_VOCABULARY_ACCOUNT, "account.id = ", "" },
  { FLUO_VOCABULARY_GROUP, "group.name = ", "" },
  { FLUO_VOCABULARY_GROUP_ARN, "group.arn = ", "" },
  { FLUO_VOCABULARY_EXCEPTION, "rootcause.fault.exception { name = ", " }" },
  { FLUO_VOCABULARY_MESSAGE, "rootcause.fault.exception { message = ", " }" },
};

static void
add_known_field (Bare *self, const FluoVocabularyField *field, const char *before,
                 const char *after)
{
  guint found[ROWS_MAX];
  guint n = fluo_vocabulary_field_search (field, self->folded, found, ROWS_MAX);

  for (guint i = 0; i < MIN (n, ROWS_MAX); i++)
    {
      const FluoVocabularyValue *row = &field->values[found[i]];

      add_text (self, GROUP_KNOWN, match_of (self, row->text), before, row->text, after,
                (gint64) row->count);
    }
  /* Many addresses with this in them: ask for the part. */
  if (n > 1 && strcmp (before, "http.url = ") == 0)
    add_text (self, GROUP_KNOWN, 0, "http.url CONTAINS ", self->value, "", -1);
}

/* Of that service, which it says nothing without. */
static void
add_known_versions (Bare *self, const FluoVocabularyField *field)
{
  guint found[ROWS_MAX];
  guint n = fluo_vocabulary_field_search (field, self->folded, found, ROWS_MAX);

  for (guint i = 0; i < MIN (n, ROWS_MAX); i++)
    {
      const FluoVocabularyValue *row = &field->values[found[i]];
      g_autoptr (GString) before = g_string_new ("service(");

      fluo_filter_print_string (before, row->other);
      g_string_append (before, ") { version = ");
      add_text (self, GROUP_KNOWN, match_of (self, row->text), before->str, row->text, " }",
                (gint64) row->count);
    }
}

static void
add_known_annotation (Bare *self, const FluoVocabularyKey *key)
{
  FluoVocabularyAnnotation annotation;
  guint found[ROWS_MAX];
  guint n = fluo_vocabulary_field_search (&key->values, self->folded, found, ROWS_MAX);

  if (n == 0)
    return;
  fluo_filter_vocabulary_find_annotation (self->completer->vocabulary, key->key, &annotation);
  for (guint i = 0; i < MIN (n, ROWS_MAX); i++)
    {
      const FluoVocabularyValue *row = &key->values.values[found[i]];
      g_autoptr (GString) before = g_string_new (NULL);
      gint64 count = (gint64) row->count;
      guint match = match_of (self, row->text);

      fluo_filter_print_annotation (before, FLUO_SIDE_OWN, key->key);
      g_string_append (before, " = ");
      if (annotation.type == FLUO_VALUE_STRING)
        add_text (self, GROUP_KNOWN, match, before->str, row->text, "", count);
      else
        {
          g_string_append (before, row->text);
          /* A number of another spelling than the language's is left out. */
          if (strspn (row->text, "0123456789") == strlen (row->text) ||
              annotation.type == FLUO_VALUE_BOOLEAN)
            add (self, GROUP_KNOWN, match, before->str, count);
        }
    }
}

static void
add_known (Bare *self)
{
  const FluoFilterVocabulary *vocabulary = self->completer->vocabulary;
  const FluoVocabularyField *statuses = &vocabulary->fields[FLUO_VOCABULARY_STATUS];

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    add_known_field (self, &vocabulary->fields[fields[i].kind], fields[i].before, fields[i].after);
  add_known_versions (self, &vocabulary->fields[FLUO_VOCABULARY_VERSION]);
  for (guint i = 0; i < vocabulary->keys->len; i++)
    add_known_annotation (self, g_ptr_array_index (vocabulary->keys, i));
  for (guint i = 0; self->number && i < statuses->n_values; i++)
    if (g_str_has_prefix (statuses->values[i].text, self->value))
      {
        g_autofree char *insert = g_strconcat ("http.status = ", statuses->values[i].text, NULL);

        add (self, GROUP_KNOWN, match_of (self, statuses->values[i].text), insert,
             (gint64) statuses->values[i].count);
      }
}

/* --- Guesses --------------------------------------------------------------- */

static gboolean
is_made_of (const char *text, const char *characters)
{
  return *text && strspn (text, characters) == strlen (text);
}

static gboolean
looks_like_zone (const char *text)
{
  guint dashes = 0;

  for (const char *p = text; *p; p++)
    dashes += *p == '-';
  return dashes >= 2 && strlen (text) < 24 && g_ascii_isdigit (text[strlen (text) - 2]) &&
         g_ascii_islower (text[strlen (text) - 1]) &&
         is_made_of (text, "abcdefghijklmnopqrstuvwxyz-0123456789");
}

/* A time with its unit: seconds as the language writes them. */
static gboolean
add_guessed_time (Bare *self)
{
  g_autofree char *probe = g_strdup_printf ("responsetime > %s", self->value);
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (probe, -1);
  const FluoFilterDiagnostic *row;
  g_autofree char *insert = NULL;

  if (!g_ascii_isdigit (*self->value) || tree->diagnostics->len != 1)
    return FALSE;
  row = g_ptr_array_index (tree->diagnostics, 0);
  if (row->code != FLUO_FILTER_ERROR_TYPE || !row->fix)
    return FALSE;
  insert = g_strconcat ("responsetime > ", row->fix, NULL);
  add (self, GROUP_GUESSED, 0, insert, -1);
  return TRUE;
}

static void
add_guessed_number (Bare *self)
{
  g_autofree char *status = g_strconcat ("http.status = ", self->value, NULL);
  g_autofree char *time = g_strconcat ("responsetime > ", self->value, NULL);

  if (strlen (self->value) == 3 && *self->value >= '1' && *self->value <= '5')
    add (self, GROUP_GUESSED, 0, status, -1);
  if (strlen (self->value) <= 3)
    add (self, GROUP_GUESSED, 1, time, -1);
}

static gboolean
is_method (const char *text)
{
  static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH",
                                         "OPTIONS", NULL };

  return g_strv_contains (methods, text);
}

static gboolean
is_address (const char *text)
{
  guint dots = 0, colons = 0;

  for (const char *p = text; *p; p++)
    {
      dots += *p == '.';
      colons += *p == ':';
    }
  return (dots == 3 && is_made_of (text, "0123456789.")) ||
         (colons > 1 && is_made_of (text, "0123456789abcdefABCDEF:"));
}

static void
add_guessed (Bare *self)
{
  const char *value = self->value;

  if (add_guessed_time (self))
    return;
  if (self->number)
    add_guessed_number (self);
  else if (is_method (value))
    add_text (self, GROUP_GUESSED, 1, "http.method = ", value, "", -1);
  else if (g_str_has_prefix (value, "http://") || g_str_has_prefix (value, "https://"))
    {
      add_text (self, GROUP_GUESSED, 1, "http.url = ", value, "", -1);
      add_text (self, GROUP_GUESSED, 1, "http.url BEGINSWITH ", value, "", -1);
    }
  else if (*value == '/')
    add_text (self, GROUP_GUESSED, 1, "http.url CONTAINS ", value, "", -1);
  else if (g_str_has_prefix (value, "arn:"))
    add_text (self, GROUP_GUESSED, 1, "resource.arn = ", value, "", -1);
  else if (g_str_has_prefix (value, "AWS::"))
    add_text (self, GROUP_GUESSED, 1, "service(id(type: ", value, "))", -1);
  else if (g_str_has_prefix (value, "i-") && is_made_of (value + 2, "0123456789abcdef"))
    add_text (self, GROUP_GUESSED, 1, "instance.id = ", value, "", -1);
  else if (is_address (value))
    add_text (self, GROUP_GUESSED, 1, "http.clientip = ", value, "", -1);
  else if (strlen (value) > 3 && looks_like_zone (value))
    add_text (self, GROUP_GUESSED, 1, "availabilityzone = ", value, "", -1);
  else if (strchr (value, '@'))
    add_text (self, GROUP_GUESSED, 1, "user = ", value, "", -1);
  else if (strlen (value) > 2 && self->completer->out->n_matching == 0)
    {
      add_text (self, GROUP_GUESSED, 3, "service(", value, ")", -1);
      add_text (self, GROUP_GUESSED, 3, "user = ", value, "", -1);
      add_text (self, GROUP_GUESSED, 3, "http.url CONTAINS ", value, "", -1);
    }
}

/* --- The bare value -------------------------------------------------------- */

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Without quotes around it; NULL when there is nothing in it. */
static char *
dup_bare (const char *text, gsize length)
{
  static const char *const quotes[] = { "\"", "'", "`", "“", "”", "„" };
  g_autofree char *value = g_strstrip (g_strndup (text, length));

  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++)
    {
      gsize size = strlen (quotes[i]);

      if (g_str_has_prefix (value, quotes[i]))
        memmove (value, value + size, strlen (value) - size + 1);
      if (g_str_has_suffix (value, quotes[i]))
        value[strlen (value) - size] = '\0';
    }
  return *value && strlen (value) <= VALUE_BYTES_MAX ? g_steal_pointer (&value) : NULL;
}

static gboolean
add_trace (FluoCompleter *self, const char *text, FluoFilterRange range)
{
  g_autofree char *problem = NULL, *id = NULL;
  FluoFilterRange before = self->range;
  FluoFilterProposal *proposal;
  FluoTraceId trace;

  if (self->out->has_trace || !fluo_trace_id_read (text, &trace, NULL, &problem))
    return FALSE;
  self->out->has_trace = TRUE;
  self->out->trace = trace;
  id = fluo_trace_id_to_string (&trace);
  self->range = range;
  proposal = fluo_completer_add_matched (self, FLUO_PROPOSAL_TRACE, 0, 0, id, g_strdup (id));
  self->range = before;
  if (proposal)
    proposal->help = g_strdup (_("This is the ID of a trace: open it."));
  return TRUE;
}

static void
propose_for (FluoCompleter *completer, const char *value, FluoFilterRange range)
{
  Bare self = { completer, (char *) value, NULL, is_made_of (value, "0123456789") };
  FluoFilterRange before = completer->range;
  guint n;

  if (strlen (value) < 2)
    return;
  self.folded = g_ascii_strdown (value, -1);
  completer->range = range;
  n = completer->out->n_matching;
  if (completer->vocabulary)
    add_known (&self);
  if (completer->out->n_matching == n)
    add_guessed (&self);
  completer->range = before;
  g_free (self.folded);
}

/* Everything that is there, when it is no expression: pasted text with spaces. */
static void
propose_for_all (FluoCompleter *self)
{
  g_autofree char *value = NULL;

  /* An expression has one of these. */
  if (self->length > VALUE_BYTES_MAX || self->cursor < self->length || self->in_string ||
      self->out->n_matching > 0)
    return;
  value = dup_bare (self->text, self->length);
  if (value && strpbrk (value, " \t\n") && !strpbrk (value, "=<>{}[]()\"!&|"))
    propose_for (self, value, (FluoFilterRange) { 0, self->length });
}

/* What stands between spaces or brackets at the cursor, where a condition may begin. */
static void
propose_for_word (FluoCompleter *self)
{
  guint start = self->cursor, end = self->cursor;
  g_autoptr (FluoFilterTree) tree = NULL;
  g_autofree char *value = NULL;
  FluoFilterWanted wanted;

  while (start > 0 && !is_space (self->text[start - 1]) && !strchr ("({!", self->text[start - 1]))
    start--;
  while (end < self->length && !is_space (self->text[end]) && !strchr (")}", self->text[end]))
    end++;
  if (start == self->cursor)
    return;
  tree = fluo_filter_tree_new_wanted (self->text, start, &wanted);
  if (!(wanted.what & FLUO_WANT_CONDITION) || wanted.scope != FLUO_SCOPE_TRACE)
    return;
  value = dup_bare (self->text + start, self->cursor - start);
  if (value && !add_trace (self, value, (FluoFilterRange) { start, end }))
    propose_for (self, value, (FluoFilterRange) { start, end });
}

void
fluo_completer_propose_for_value (FluoCompleter *self)
{
  g_autofree char *all =
    self->length <= VALUE_BYTES_MAX ? dup_bare (self->text, self->length) : NULL;

  if (all && add_trace (self, all, (FluoFilterRange) { 0, self->length }))
    return;
  propose_for_word (self);
  propose_for_all (self);
}
