/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "draw/fluo-export.h"

/* Text of a trace is bounded before it comes here, but a search must stay linear all the same: the
 * patterns have no nested repetition. */
#define REDACT_BYTES_MAX 4096
#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19

typedef struct
{
  FluoRedact  kind;
  const char *pattern;
  guint       keep;    /* this group stays in front of what was removed */
} Rule;

static const Rule rules[] = {
  { FLUO_REDACT_TOKENS, "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b", 0 },
  { FLUO_REDACT_TOKENS, "\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_.-]{8,}", 0 },
  { FLUO_REDACT_TOKENS, "(?i)(\\bbearer\\s+)[A-Za-z0-9._~+/=-]{8,}", 1 },
  { FLUO_REDACT_TOKENS,
    "(?i)(\\b(?:token|secret|password|passwd|apikey|api_key|access_key|signature|x-amz-signature|x-"
    "amz-security-token)=)[^&\\s\"']{3,}",
    1 },
  { FLUO_REDACT_EMAILS, "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,5}",
    0 },
  { FLUO_REDACT_QUERIES, "(\\?)[^\\s\"'?][^\\s\"']*", 1 },
  { FLUO_REDACT_ADDRESSES, "\\b(?:[0-9]{1,3}\\.){3}[0-9]{1,3}\\b", 0 },
};

typedef struct
{
  guint keep;
  guint count;
} Replacing;

static gboolean
replace_cb (const GMatchInfo *match, GString *result, gpointer user_data)
{
  Replacing *replacing = user_data;

  if (replacing->keep > 0)
    {
      g_autofree char *kept = g_match_info_fetch (match, (int) replacing->keep);

      g_string_append (result, kept);
    }
  g_string_append (result, _("[removed]"));
  replacing->count++;

  return FALSE;
}

/* Compiled once; GRegex is immutable and safe from any thread. */
static GRegex *
get_regex (guint rule)
{
  static GRegex *compiled[G_N_ELEMENTS (rules)];
  static gsize once[G_N_ELEMENTS (rules)];

  if (g_once_init_enter (&once[rule]))
    {
      compiled[rule] = g_regex_new (rules[rule].pattern, G_REGEX_OPTIMIZE, 0, NULL);
      g_once_init_leave (&once[rule], 1);
    }

  return compiled[rule];
}

/* The check digit of ISO/IEC 7812 (Luhn): most other long numbers fail it. */
static gboolean
is_card (const char *digits, guint n)
{
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    {
      guint value = (guint) (digits[n - 1 - i] - '0');

      if (i % 2 == 1)
        value = value * 2 > 9 ? value * 2 - 9 : value * 2;
      sum += value;
    }

  return n >= CARD_DIGITS_MIN && n <= CARD_DIGITS_MAX && sum % 10 == 0;
}

/* Digits with single spaces or dashes between them. */
static char *
redact_cards (const char *text, guint *count)
{
  GString *result = g_string_new (NULL);

  while (*text != '\0')
    {
      char digits[CARD_DIGITS_MAX + 1];
      const char *at = text;
      guint n = 0;

      if (!g_ascii_isdigit (*text))
        {
          g_string_append_c (result, *text++);
          continue;
        }

      while (n <= CARD_DIGITS_MAX &&
             (g_ascii_isdigit (*at) || ((*at == ' ' || *at == '-') && g_ascii_isdigit (at[1]))))
        {
          if (g_ascii_isdigit (*at))
            {
              if (n < CARD_DIGITS_MAX)
                digits[n] = *at;
              n++;
            }
          at++;
        }

      if (n <= CARD_DIGITS_MAX && is_card (digits, n))
        {
          g_string_append (result, _("[removed]"));
          (*count)++;
        }
      else
        g_string_append_len (result, text, at - text);
      text = at;
    }

  return g_string_free (result, FALSE);
}

char *
fluo_export_redact (const char *text, guint redact, guint *count)
{
  g_autofree char *valid = NULL;
  Replacing replacing = { 0 };
  char *result;

  if (text == NULL)
    return g_strdup ("");

  valid = g_utf8_make_valid (text, (gssize) strnlen (text, REDACT_BYTES_MAX));
  result = g_steal_pointer (&valid);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      char *replaced;

      if (!(redact & rules[i].kind))
        continue;
      replacing.keep = rules[i].keep;
      replaced =
        g_regex_replace_eval (get_regex (i), result, -1, 0, 0, replace_cb, &replacing, NULL);
      if (replaced != NULL)
        {
          g_free (result);
          result = replaced;
        }
    }

  if (redact & FLUO_REDACT_CARDS)
    {
      char *replaced = redact_cards (result, &replacing.count);

      g_free (result);
      result = replaced;
    }
  if (count != NULL)
    *count += replacing.count;

  return result;
}
