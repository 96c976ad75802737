/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "core/fluo-console-link-private.h"

#include <string.h>

/* CloudWatch's notation, which follows "~" in an address of its console: "(key~value~key~value)",
 * where a value is such a list again, a number, or a text after an apostrophe in which "*20" is a
 * blank. Texts end at the next "~" or ")". A list may have values alone: "(~'a~'b)". */
#define DEPTH_MAX 16

/* "*20" and "**20ac" are characters by their number; "!" stands for "$". */
static char *
dup_text (const char *from, const char *to)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (from < to)
    {
      guint n = *from == '*' ? from + 1 < to && from[1] == '*' ? 4 : 2 : 0;
      const char *digits = from + (n == 4 ? 2 : 1);
      guint unit = 0;

      if (n == 0)
        {
          g_string_append_c (text, *from == '!' ? '$' : *from);
          from++;
          continue;
        }
      if (digits + n > to)
        return NULL;
      for (guint i = 0; i < n; i++)
        {
          if (!g_ascii_isxdigit (digits[i]))
            return NULL;
          unit = unit * 16 + (guint) g_ascii_xdigit_value (digits[i]);
        }
      if (unit == 0 || (unit >= 0xd800 && unit < 0xe000))
        return NULL;
      g_string_append_unichar (text, unit);
      from = digits + n;
    }
  return g_utf8_validate (text->str, (gssize) text->len, NULL)
             ? g_string_free (g_steal_pointer (&text), FALSE)
             : NULL;
}

/* Past the list that begins before @text, whatever is in it; NULL when it has no end. */
static const char *
skip_list (const char *text)
{
  guint open = 1;

  for (; *text && open > 0; text++)
    open = *text == '(' ? open + 1 : *text == ')' ? open - 1 : open;
  return open == 0 ? text : NULL;
}

/* The name before a value goes to the end of the path. NULL when there is none. */
static const char *
enter_name (GString *path, const char *text)
{
  gsize length = strcspn (text, "~()");

  if (length == 0 || text[length] != '~')
    return NULL;
  g_string_append_c (path, '/');
  g_string_append_len (path, text, (gssize) length);
  return text + length + 1;
}

static void
leave_name (GString *path)
{
  char *slash = strrchr (path->str, '/');

  if (slash)
    g_string_truncate (path, (gsize) (slash - path->str));
}

/* A text after an apostrophe, or a number; @text is behind it then. */
static void
take_one (const char **text, const char *path, FluoConsoleValueFunc func, gpointer data)
{
  gsize length = strcspn (*text, "~()");
  char *value = **text == '\'' ? dup_text (*text + 1, *text + length) : g_strndup (*text, length);

  if (value)
    func (path, value, data);
  *text += length;
}

/* Values without names, all under the list's path; lists among them are not looked into. */
static const char *
take_values (const char *text, const char *path, FluoConsoleValueFunc func, gpointer data)
{
  while (text && *text == '~')
    if (*++text == '(')
      text = skip_list (text + 1);
    else
      take_one (&text, path, func, data);
  return text && *text == ')' ? text + 1 : NULL;
}

/* No recursion: what is open is in the path. Ends where the notation does, or where it is none. */
void
fluo_console_walk (const char *text, FluoConsoleValueFunc func, gpointer data)
{
  g_autoptr (GString) path = g_string_new (NULL);
  guint depth = 0;

  if (!g_str_has_prefix (text, "~("))
    return;
  for (text++; text;)
    {
      if (*text == '(' && text[1] != ')' && text[1] != '~')
        {
          text = ++depth <= DEPTH_MAX ? enter_name (path, text + 1) : NULL;
          continue;
        }
      if (*text == '(')
        text = take_values (text + 1, path->str, func, data);
      else
        take_one (&text, path->str, func, data);
      /* A value has ended, and with it perhaps the lists it was the last of. */
      for (leave_name (path); text && *text == ')'; text++)
        {
          if (depth-- <= 1)
            return;
          leave_name (path);
        }
      text = text && *text == '~' ? enter_name (path, text + 1) : NULL;
    }
}
