/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-trace-id-read.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "fluo-format.h"


#define TIME_DIGITS 8
#define RANDOM_DIGITS 24

static char *
dup_trimmed (const char *text)
{
  static const char around[] = " \t\r\n\"'`";
  gsize length;

  text += strspn (text, around);
  length = strlen (text);
  while (length > 0 && strchr (around, text[length - 1]))
    length--;
  return g_strndup (text, length);
}

/* "Root=1-…;Parent=…;Sampled=0", in any order and with other members: the id; NULL when there is no
 * Root. */
static char *
take_header (const char *text, FluoSampled *sampled)
{
  const char *colon = strchr (text, ':');
  g_auto (GStrv) members = g_strsplit (colon ? colon + 1 : text, ";", -1);
  char *root = NULL;

  for (char **member = members; *member; member++)
    {
      const char *value = strchr (g_strstrip (*member), '=');

      if (!value)
        continue;
      if (g_ascii_strncasecmp (*member, "Root=", 5) == 0 && !root)
        root = g_strdup (value + 1);
      else if (g_ascii_strncasecmp (*member, "Sampled=", 8) == 0)
        *sampled = value[1] == '0'   ? FLUO_SAMPLED_NO
                   : value[1] == '1' ? FLUO_SAMPLED_YES
                   : value[1] == '?' ? FLUO_SAMPLED_ASKED
                                     : FLUO_SAMPLED_UNKNOWN;
    }
  return root;
}

static gboolean
is_hex (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": the id; NULL for anything else. */
static char *
take_traceparent (const char *text, FluoSampled *sampled)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", 5);

  if (g_strv_length (parts) != 4 || strlen (parts[0]) != 2 || !is_hex (parts[0], 2) ||
      strlen (parts[1]) != FLUO_TRACE_ID_W3C_LEN || strlen (parts[2]) != FLUO_SPAN_ID_LEN ||
      strlen (parts[3]) != 2 || !is_hex (parts[3], 2))
    return NULL;
  *sampled = g_ascii_xdigit_value (parts[3][1]) & 1 ? FLUO_SAMPLED_YES : FLUO_SAMPLED_NO;
  return g_strdup (parts[1]);
}

/* The first character of @part that is no hexadecimal digit, in words; NULL when there is none.
 * @offset characters of the id come before it. */
static char *
describe_digit (const char *part, gsize offset)
{
  g_autofree char *shown = NULL;
  const char *bad = part;

  while (g_ascii_isxdigit (*bad))
    bad++;
  if (!*bad)
    return NULL;
  shown = g_utf8_validate (bad, -1, NULL) ? g_utf8_substring (bad, 0, 1) : g_strdup ("?");
  {
    g_autofree char *safe = fluo_format_untrusted (shown, 1);

    /* Translators: which character of a trace id is wrong. */
    return g_strdup_printf (_("character %d, “%s”, is not a hexadecimal digit (0 to 9, a to f)"),
                            (int) (offset + (gsize) (bad - part)) + 1, safe);
  }
}

static char *
describe_xray (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", -1);
  char *problem;

  if (g_strv_length (parts) != 3)
    return g_strdup (_("after “1” there must be two groups of digits, each after a “-”"));
  if ((problem = describe_digit (parts[1], 2)))
    return problem;
  if (strlen (parts[1]) != TIME_DIGITS)
    return g_strdup_printf (_("the first group has %d hexadecimal digits where there must be %d"),
                            (int) strlen (parts[1]), TIME_DIGITS);
  if ((problem = describe_digit (parts[2], 3 + strlen (parts[1]))))
    return problem;
  return g_strdup_printf (_("the last group has %d hexadecimal digits where there must be %d"),
                          (int) strlen (parts[2]), RANDOM_DIGITS);
}

static char *
describe (const char *text)
{
  gsize length = strlen (text);
  char *problem;

  if (length == 0)
    return g_strdup (_("there is no ID"));
  if (strncmp (text, "1-", 2) == 0)
    return describe_xray (text);
  if (length == FLUO_SPAN_ID_LEN && is_hex (text, length))
    return g_strdup (_("16 digits are the ID of a segment or span; a trace has 32"));
  if ((problem = describe_digit (text, 0)))
    return problem;
  return g_strdup_printf (_("it has %d hexadecimal digits where there must be %d"), (int) length,
                          FLUO_TRACE_ID_W3C_LEN);
}

gboolean
fluo_trace_id_read (const char *text, FluoTraceId *ret_id, FluoSampled *ret_sampled,
                    char **ret_problem)
{
  g_autofree char *trimmed = NULL, *part = NULL;
  FluoSampled sampled = FLUO_SAMPLED_UNKNOWN;
  FluoTraceId id;

  g_return_val_if_fail (text && ret_id, FALSE);

  if (strnlen (text, FLUO_TRACE_ID_TEXT_MAX + 1) > FLUO_TRACE_ID_TEXT_MAX)
    {
      if (ret_problem)
        *ret_problem = g_strdup (_("it is much too long for a trace ID"));
      return FALSE;
    }
  trimmed = dup_trimmed (text);
  part = take_header (trimmed, &sampled);
  if (!part)
    part = take_traceparent (trimmed, &sampled);
  if (!fluo_trace_id_parse (part ? part : trimmed, -1, &id))
    {
      if (ret_problem)
        *ret_problem = describe (part ? part : trimmed);
      return FALSE;
    }
  *ret_id = id;
  if (ret_sampled)
    *ret_sampled = sampled;
  return TRUE;
}
