/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include "otlp/fluo-otlp-attribute-writer.h"

#include <string.h>

guint32
fluo_otlp_find (FluoJsonTape *tape, const char *path)
{
  guint32 node = 0;

  for (const char *p = path; *p && node != FLUO_JSON_NONE;)
    {
      gsize length = strcspn (p, "/");
      g_autofree char *key = g_strndup (p, length);

      node = fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN
               ? fluo_json_tape_get (tape, node, key) : FLUO_JSON_NONE;
      p += length + (p[length] == '/');
    }
  return node;
}

static void
begin_attribute (FluoJsonWriter *writer, const char *key, const char *type)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "key");
  fluo_json_writer_string (writer, key);
  fluo_json_writer_key (writer, "value");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, type);
}

static void
end_attribute (FluoJsonWriter *writer)
{
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
}

void
fluo_otlp_write_text (FluoJsonWriter *writer, const char *key, const char *text)
{
  if (!text)
    return;
  begin_attribute (writer, key, "stringValue");
  fluo_json_writer_string (writer, text);
  end_attribute (writer);
}

void
fluo_otlp_write_true (FluoJsonWriter *writer, const char *key)
{
  begin_attribute (writer, key, "boolValue");
  fluo_json_writer_boolean (writer, TRUE);
  end_attribute (writer);
}

static void
write_number (FluoJsonTape *tape, guint32 node, FluoJsonWriter *writer, const char *key)
{
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, node, &length);
  g_autofree char *digits = g_strndup (raw, length);
  gint64 whole;

  if (g_ascii_string_to_signed (digits, 10, G_MININT64, G_MAXINT64, &whole, NULL))
    {
      /* 64-bit numbers are strings in protobuf's JSON. */
      begin_attribute (writer, key, "intValue");
      fluo_json_writer_string (writer, digits);
    }
  else
    {
      begin_attribute (writer, key, "doubleValue");
      fluo_json_writer_double (writer, fluo_json_tape_double (tape, node, 0));
    }
  end_attribute (writer);
}

/* A string, number or boolean; anything else is left out. */
void
fluo_otlp_write_value (FluoJsonTape *tape, guint32 node, FluoJsonWriter *writer, const char *key)
{
  FluoJsonToken type = fluo_json_tape_type (tape, node);
  g_autofree char *text = NULL;

  if (type == FLUO_JSON_STRING)
    {
      text = fluo_json_tape_dup (tape, node);
      fluo_otlp_write_text (writer, key, text);
    }
  else if (type == FLUO_JSON_NUMBER)
    write_number (tape, node, writer, key);
  else if (type == FLUO_JSON_TRUE || type == FLUO_JSON_FALSE)
    {
      begin_attribute (writer, key, "boolValue");
      fluo_json_writer_boolean (writer, type == FLUO_JSON_TRUE);
      end_attribute (writer);
    }
}

void
fluo_otlp_write_rows (FluoJsonTape *tape, FluoJsonWriter *writer, const FluoOtlpRow *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    fluo_otlp_write_value (tape, fluo_otlp_find (tape, rows[i].path), writer, rows[i].attribute);
}

void
fluo_otlp_begin_list (FluoJsonWriter *writer, const char *key)
{
  begin_attribute (writer, key, "arrayValue");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "values");
  fluo_json_writer_begin (writer, '[');
}

void
fluo_otlp_write_element (FluoJsonWriter *writer, const char *text)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "stringValue");
  fluo_json_writer_string (writer, text);
  fluo_json_writer_end (writer, '}');
}

void
fluo_otlp_end_list (FluoJsonWriter *writer)
{
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
  end_attribute (writer);
}
