/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-json.h"
#include "fluo-time-span.h"

#include <math.h>
#include <string.h>

void
fluo_json_writer_init (FluoJsonWriter *self, GString *out)
{
  self->out = out;
  self->comma = FALSE;
}

static void
separate (FluoJsonWriter *self)
{
  if (self->comma)
    g_string_append_c (self->out, ',');
  self->comma = TRUE;
}

void
fluo_json_writer_begin (FluoJsonWriter *self, char bracket)
{
  separate (self);
  g_string_append_c (self->out, bracket);
  self->comma = FALSE;
}

void
fluo_json_writer_end (FluoJsonWriter *self, char bracket)
{
  g_string_append_c (self->out, bracket);
  self->comma = TRUE;
}

static void
append_escaped (GString *out, guint8 byte)
{
  switch (byte)
    {
    case '"': g_string_append (out, "\\\""); break;
    case '\\': g_string_append (out, "\\\\"); break;
    case '\n': g_string_append (out, "\\n"); break;
    case '\r': g_string_append (out, "\\r"); break;
    case '\t': g_string_append (out, "\\t"); break;
    case '\b': g_string_append (out, "\\b"); break;
    case '\f': g_string_append (out, "\\f"); break;
    default: g_string_append_printf (out, "\\u%04x", byte); break;
    }
}

static void
append_quoted (GString *out, const char *value, gsize length)
{
  const char *end = value + length;

  g_string_append_c (out, '"');
  while (value < end)
    {
      const char *p = value;
      const char *bad;

      while (p < end && (guint8) *p >= 0x20 && *p != '"' && *p != '\\')
        p++;
      while (!g_utf8_validate_len (value, (gsize) (p - value), &bad))
        {
          g_string_append_len (out, value, bad - value);
          g_string_append (out, "\357\277\275");
          value = bad + 1;
        }
      g_string_append_len (out, value, p - value);
      value = p;
      if (value < end)
        append_escaped (out, (guint8) *value++);
    }
  g_string_append_c (out, '"');
}

void
fluo_json_writer_key (FluoJsonWriter *self, const char *key)
{
  separate (self);
  append_quoted (self->out, key, strlen (key));
  g_string_append_c (self->out, ':');
  self->comma = FALSE;
}

void
fluo_json_writer_string (FluoJsonWriter *self, const char *value)
{
  if (value)
    fluo_json_writer_strn (self, value, strlen (value));
  else
    fluo_json_writer_null (self);
}

void
fluo_json_writer_strn (FluoJsonWriter *self, const char *value, gsize length)
{
  separate (self);
  append_quoted (self->out, value, length);
}

void
fluo_json_writer_double (FluoJsonWriter *self, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      fluo_json_writer_null (self);
      return;
    }
  separate (self);
  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, "%.16g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, "%.17g", value);
  g_string_append (self->out, text);
}

void
fluo_json_writer_int (FluoJsonWriter *self, gint64 value)
{
  separate (self);
  g_string_append_printf (self->out, "%" G_GINT64_FORMAT, value);
}

void
fluo_json_writer_seconds (FluoJsonWriter *self, gint64 time_ns)
{
  guint64 magnitude = time_ns < 0 ? -(guint64) time_ns : (guint64) time_ns;
  guint64 whole = magnitude / FLUO_NSEC_PER_SEC, fraction = magnitude % FLUO_NSEC_PER_SEC;
  char text[32], *end = text + sizeof text, *p = end;

  separate (self);
  /* Backwards and by hand: printf took most of the time of answers that are full of times. */
  if (fraction != 0)
    {
      for (guint i = 0; i < 9; i++, fraction /= 10)
        if (p < end || fraction % 10 != 0)
          *--p = (char) ('0' + fraction % 10);
      *--p = '.';
    }
  do
    *--p = (char) ('0' + whole % 10);
  while ((whole /= 10) != 0);
  if (time_ns < 0)
    *--p = '-';
  g_string_append_len (self->out, p, end - p);
}

void
fluo_json_writer_boolean (FluoJsonWriter *self, gboolean value)
{
  separate (self);
  g_string_append (self->out, value ? "true" : "false");
}

void
fluo_json_writer_null (FluoJsonWriter *self)
{
  separate (self);
  g_string_append (self->out, "null");
}

void
fluo_json_writer_raw (FluoJsonWriter *self, const char *json, gsize length)
{
  separate (self);
  g_string_append_len (self->out, json, (gssize) length);
}

static void
newline (GString *out, guint depth)
{
  g_string_append_c (out, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "  ");
}

/* Writes one token's own text; strings keep their escapes, so nothing is lost or changed. */
static void
append_token (GString *out, const FluoJsonScanner *scanner, FluoJsonToken token)
{
  guint quote = token == FLUO_JSON_STRING || token == FLUO_JSON_KEY;

  g_string_append_len (out, scanner->text + scanner->start - quote,
                       (gssize) (scanner->end - scanner->start + 2 * quote));
  if (token == FLUO_JSON_KEY)
    g_string_append (out, ": ");
}

char *
fluo_json_pretty (const char *text, gsize length)
{
  return fluo_json_pretty_start (text, length, G_MAXSIZE);
}

char *
fluo_json_pretty_start (const char *text, gsize length, gsize length_max)
{
  g_autoptr (GString) out = g_string_sized_new (MIN (length + length / 4, length_max));
  FluoJsonScanner scanner;
  FluoJsonToken token, previous = FLUO_JSON_END;

  fluo_json_scanner_init (&scanner, text, length);
  while (out->len < length_max && (token = fluo_json_scanner_next (&scanner)) != FLUO_JSON_END)
    {
      gboolean opened = previous == FLUO_JSON_OBJECT_BEGIN || previous == FLUO_JSON_ARRAY_BEGIN;
      gboolean begins = token == FLUO_JSON_OBJECT_BEGIN || token == FLUO_JSON_ARRAY_BEGIN;

      if (token == FLUO_JSON_INVALID)
        return NULL;
      if (token == FLUO_JSON_OBJECT_END || token == FLUO_JSON_ARRAY_END)
        {
          if (!opened)
            newline (out, scanner.depth);
        }
      else if (previous != FLUO_JSON_KEY && previous != FLUO_JSON_END)
        {
          if (!opened)
            g_string_append_c (out, ',');
          newline (out, scanner.depth - begins);
        }
      append_token (out, &scanner, token);
      previous = token;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
