/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"

#include "fluo-log-message.h"

#include <string.h>

#include "fluo-json.h"

#define RECORD_MAX (256 * 1024) /* a JSON record that is larger is shown as it is */
#define LEVEL_CHARS 160         /* a level stands at the beginning */
#define LEAD_FIELDS 5           /* time, id, level, logger and one more */

static const struct
{
  const char  *word; /* in capitals */
  FluoLogLevel level;
} words[] = {
  { "ERROR", FLUO_LOG_ERROR },      { "ERR", FLUO_LOG_ERROR },     { "FATAL", FLUO_LOG_ERROR },
  { "CRITICAL", FLUO_LOG_ERROR },   { "CRIT", FLUO_LOG_ERROR },    { "SEVERE", FLUO_LOG_ERROR },
  { "PANIC", FLUO_LOG_ERROR },      { "EMERG", FLUO_LOG_ERROR },   { "ALERT", FLUO_LOG_ERROR },
  { "WARN", FLUO_LOG_WARNING },     { "WARNING", FLUO_LOG_WARNING },
  { "INFO", FLUO_LOG_PLAIN },       { "NOTICE", FLUO_LOG_PLAIN },
  { "INFORMATION", FLUO_LOG_PLAIN },
  { "DEBUG", FLUO_LOG_DEBUG },      { "TRACE", FLUO_LOG_DEBUG },   { "VERBOSE", FLUO_LOG_DEBUG },
  { "FINE", FLUO_LOG_DEBUG },
};

/* Whether the @length bytes of @text are a word for a level, in any case. */
static gboolean
level_of_word (const char *text, gsize length, FluoLogLevel *ret_level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].word) == length && g_ascii_strncasecmp (words[i].word, text, length) == 0)
      {
        *ret_level = words[i].level;
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_capital (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isupper (text[i]))
      return FALSE;
  return TRUE;
}

/* --- JSON records ---------------------------------------------------------------------------- */

static FluoLogLevel
level_of_number (gint64 number)
{
  /* As bunyan and pino count: 10, 20, … 60. */
  return number >= 50   ? FLUO_LOG_ERROR
         : number >= 40 ? FLUO_LOG_WARNING
         : number >= 30 ? FLUO_LOG_PLAIN
                        : FLUO_LOG_DEBUG;
}

static void
read_level (const FluoJsonTape *tape, FluoLogLevel *level)
{
  static const char *const keys[] = { "level", "severity", "levelname", "log.level", "@level",
                                      "lvl", "severity_text", "severityText" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      guint32 node = fluo_json_tape_get (tape, 0, keys[i]);
      g_autofree char *word = NULL;

      if (node == FLUO_JSON_NONE)
        continue;
      word = fluo_json_tape_dup (tape, node);
      if (word != NULL && level_of_word (word, strlen (word), level))
        return;
      if (fluo_json_tape_type (tape, node) == FLUO_JSON_NUMBER)
        {
          *level = level_of_number (fluo_json_tape_int (tape, node, 30));
          return;
        }
    }
}

/* What a structured record says; NULL when it is none or says nothing. */
static char *
dup_record_text (const char *message, gsize length, FluoLogLevel *level)
{
  static const char *const keys[] = { "message", "msg", "@message", "event", "log", "body",
                                      "errorMessage" };
  g_autoptr (GBytes) bytes = g_bytes_new_static (message, length);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  if (tape == NULL || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    return NULL;
  read_level (tape, level);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      char *text = fluo_json_tape_dup_member (tape, 0, keys[i]);

      if (text != NULL && *text != '\0')
        {
          if (i == G_N_ELEMENTS (keys) - 1)
            *level = FLUO_LOG_ERROR;
          return text;
        }
      g_free (text);
    }
  return NULL;
}

/* --- Lines ----------------------------------------------------------------------------------- */

/* "level=warn", as logfmt has it. */
static gboolean
find_logfmt (const char *line, gsize length, FluoLogLevel *level)
{
  const char *at = g_strstr_len (line, (gssize) length, "level=");
  gsize n = 0;

  if (at == NULL || (at > line && g_ascii_isalnum (at[-1])))
    return FALSE;
  at += strlen ("level=");
  at += *at == '"';
  while (g_ascii_isalpha (at[n]))
    n++;
  return level_of_word (at, n, level);
}

static gboolean
is_of_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* A level is in capitals, or alone in brackets: "error" in the middle of a sentence is none. */
static gboolean
find_level (const char *line, gsize length, FluoLogLevel *level)
{
  gsize i = 0;

  if (find_logfmt (line, length, level))
    return TRUE;
  while (i < length)
    {
      gsize n = 0;
      gboolean inside, bracketed;

      while (i + n < length && g_ascii_isalpha (line[i + n]))
        n++;
      if (n == 0)
        {
          i++;
          continue;
        }
      inside = (i > 0 && is_of_name (line[i - 1])) || is_of_name (line[i + n]);
      bracketed = i > 0 && line[i - 1] == '[' && line[i + n] == ']';
      if (!inside && (is_capital (line + i, n) || bracketed)
          && level_of_word (line + i, n, level))
        return TRUE;
      i += n;
    }
  return FALSE;
}

/* Time, request's id or level: what is shown elsewhere. */
static gboolean
is_lead (const char *field, gsize length)
{
  FluoLogLevel level;
  gsize n_digits = 0, n_hex = 0, n_marks = 0;
  gboolean joined = FALSE; /* by what an address has not */

  if (length == 0)
    return TRUE;
  if (field[0] == '[' && field[length - 1] == ']')
    return is_lead (field + 1, length - 2);
  if (level_of_word (field, length, &level))
    return TRUE;
  /* "2026-11-29T03:12:00.123Z", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef". */
  for (gsize i = 0; i < length; i++)
    {
      n_digits += g_ascii_isdigit (field[i]) != 0;
      n_hex += g_ascii_isxdigit (field[i]) != 0;
      n_marks += strchr ("-:.,TZ+/", field[i]) != NULL;
      joined |= field[i] == '-' || field[i] == ':';
    }
  return n_hex + n_marks == length && n_hex >= 8 && n_digits >= 4 && n_marks >= 2 && joined;
}

/* Where the words begin: behind fields of time, id and level with a blank or tab between. */
static const char *
skip_lead (const char *line, gsize *length)
{
  for (guint i = 0; i < LEAD_FIELDS; i++)
    {
      gsize n = 0, gap = 0;

      while (n < *length && line[n] != ' ' && line[n] != '\t')
        n++;
      while (n + gap < *length && (line[n + gap] == ' ' || line[n + gap] == '\t'))
        gap++;
      if (n + gap >= *length || !is_lead (line, n - (n > 0 && line[n - 1] == ':')))
        break;
      line += n + gap;
      *length -= n + gap;
    }
  return line;
}

/* What programs say of their own end without a level. */
static gboolean
is_end (const char *line, gsize length)
{
  static const char *const signs[] = { "Traceback (most recent call last)", "Task timed out after",
                                       "Unhandled exception", "panic: " };

  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_strstr_len (line, (gssize) length, signs[i]) != NULL)
      return TRUE;
  return FALSE;
}

static char *
dup_cut (const char *text, gsize length)
{
  const char *end;

  length = MIN (length, FLUO_LOG_TEXT_MAX);
  /* Not within a character. */
  if (!g_utf8_validate (text, (gssize) length, &end) && text + length - end < 4)
    length = (gsize) (end - text);
  return g_strndup (text, length);
}

char *
fluo_log_message_dup_text (const char *message, FluoLogLevel *ret_level)
{
  g_autofree char *record = NULL;
  const char *line = message;
  FluoLogLevel level = FLUO_LOG_PLAIN;
  gsize length;

  g_return_val_if_fail (message != NULL, NULL);

  while (g_ascii_isspace (*line))
    line++;
  length = strlen (line);
  if (*line == '{' && length <= RECORD_MAX)
    record = dup_record_text (line, length, &level);
  if (record != NULL)
    {
      line = record;
      while (g_ascii_isspace (*line))
        line++;
    }
  length = strcspn (line, "\r\n");
  if (record == NULL)
    {
      const gsize begin = MIN (length, LEVEL_CHARS);

      if (!find_level (line, begin, &level) && is_end (line, begin))
        level = FLUO_LOG_ERROR;
      line = skip_lead (line, &length);
    }
  if (ret_level != NULL)
    *ret_level = level;
  return dup_cut (line, length);
}
