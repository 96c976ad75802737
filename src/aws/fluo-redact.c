/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-redact.h"

#include <string.h>

#include "core/fluo-format.h"

#define LONG_RUN 32 /* a secret key has 40 characters, a token hundreds; words have fewer */
#define HIDDEN "…"

static gboolean
is_secret_letter (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '=' || c == '_' || c == '-' || c == '/';
}

/* The longest run without a slash: paths have short names between theirs, and a key has few. */
static gboolean
is_long_run (const char *word)
{
  gsize run = 0, part = 0, longest_part = 0;

  for (const char *p = word; *p && is_secret_letter (*p); p++)
    {
      run++;
      part = *p == '/' ? 0 : part + 1;
      longest_part = MAX (longest_part, part);
    }
  return run >= LONG_RUN && longest_part >= LONG_RUN / 2;
}

static gboolean
names_secret (const char *word)
{
  static const char *const names[] = { "secret",   "token",         "password", "accesskey",
                                       "access_key", "authorization", "bearer",   "credential" };
  g_autofree char *lower = g_ascii_strdown (word, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strstr (lower, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_access_key (const char *word)
{
  const char *found = strstr (word, "AKIA");

  if (!found)
    found = strstr (word, "ASIA");
  return found && strspn (found, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") >= 16;
}

static void
append_word (GString *out, const char *word, gboolean *after_name)
{
  const char *value = strpbrk (word, "=:");
  gboolean named = names_secret (word);

  if (*after_name && !value)
    g_string_append (out, HIDDEN);
  else if (named && value && value[1] != '\0')
    g_string_append_printf (out, "%.*s" HIDDEN, (int) (value + 1 - word), word);
  else if (is_access_key (word) || is_long_run (word) || (value && is_long_run (value + 1)))
    g_string_append (out, HIDDEN);
  else
    g_string_append (out, word);
  *after_name = named && value && value[1] == '\0';
}

char *
fluo_redact_line (const char *text, gsize length, gsize max_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", (gssize) length);
  g_autoptr (GString) out = g_string_new (NULL);
  g_auto (GStrv) words = NULL;
  gboolean after_name = FALSE;
  char *line = valid + strspn (valid, " \t\r\n");

  line[strcspn (line, "\r\n")] = '\0';
  words = g_strsplit_set (line, " \t\"'", -1);
  for (guint i = 0; words[i]; i++)
    if (*words[i] != '\0')
      {
        if (out->len > 0)
          g_string_append_c (out, ' ');
        append_word (out, words[i], &after_name);
      }
  return fluo_format_untrusted (out->str, max_chars);
}
