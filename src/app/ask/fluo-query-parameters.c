/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-parameters.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-json.h"
#include "filter/fluo-filter.h"

static void
parameter_free (FluoParameter *self)
{
  g_free (self->name);
  g_free (self);
}

/* --- Finding them ------------------------------------------------------------------------ */

static gboolean
is_name (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static const char *
skip_string (const char *at)
{
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && at[1])
      at++;
  return *at ? at + 1 : at;
}

/* The next parameter at or behind @at; its "$" and its end. FALSE at the end. */
static gboolean
next_parameter (const char *at, const char **ret_start, const char **ret_end)
{
  while (*at)
    {
      const char *end = at + 1;

      if (*at == '"')
        at = skip_string (at);
      else if (*at == '[')
        {
          /* A key ends at the first bracket, JSON has its text in quotes. */
          for (at++; *at && *at != ']';)
            at = *at == '"' ? skip_string (at) : at + 1;
        }
      else if (*at == '$' && (g_ascii_isalpha (*end) || *end == '_'))
        {
          while (is_name (*end))
            end++;
          *ret_start = at;
          *ret_end = end;
          return TRUE;
        }
      else
        at++;
    }
  return FALSE;
}

static FluoParameter *
find_named (GPtrArray *parameters, const char *start, gsize length)
{
  for (guint i = 0; i < parameters->len; i++)
    {
      FluoParameter *parameter = g_ptr_array_index (parameters, i);

      if (strlen (parameter->name) == length && strncmp (parameter->name, start, length) == 0)
        return parameter;
    }
  return NULL;
}

/* The text with @name as that literal and all others as what they take. */
static gboolean
takes (const char *text, GPtrArray *parameters, const FluoParameter *which, const char *literal)
{
  g_autoptr (GHashTable) literals = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (FluoFilter) filter = NULL;
  g_autofree char *filled = NULL;

  for (guint i = 0; i < parameters->len; i++)
    {
      const FluoParameter *other = g_ptr_array_index (parameters, i);
      const char *value = other->types & FLUO_PARAMETER_TEXT     ? "\"x\""
                          : other->types & FLUO_PARAMETER_NUMBER ? "1"
                                                                 : "true";

      g_hash_table_insert (literals, other->name, (char *) (other == which ? literal : value));
    }
  filled = fluo_query_parameters_fill (text, literals);
  filter = fluo_filter_new (filled, -1, NULL, NULL);
  return filter != NULL;
}

static void
find_types (const char *text, GPtrArray *parameters)
{
  static const struct
  {
    FluoParameterType type;
    const char *literal;
  } tries[] = { { FLUO_PARAMETER_TEXT, "\"x\"" },
                { FLUO_PARAMETER_NUMBER, "1" },
                { FLUO_PARAMETER_BOOLEAN, "true" } };
  gboolean again = TRUE;

  /* What one takes may depend on another being right; each round settles one at least. */
  for (guint round = 0; again && round <= parameters->len; round++)
    {
      again = FALSE;
      for (guint i = 0; i < parameters->len; i++)
        {
          FluoParameter *parameter = g_ptr_array_index (parameters, i);
          guint types = 0;

          for (guint j = 0; j < G_N_ELEMENTS (tries); j++)
            if (takes (text, parameters, parameter, tries[j].literal))
              types |= tries[j].type;
          if (types != 0 && types != parameter->types)
            {
              parameter->types = types;
              again = TRUE;
            }
        }
    }
}

/* In an expression that is wrong elsewhere nothing can be tried: "<" and ">" take numbers. */
static guint
guess_types (const char *text, const char *start)
{
  while (start > text && g_ascii_isspace (start[-1]))
    start--;
  if (start > text && (start[-1] == '<' || start[-1] == '>'))
    return FLUO_PARAMETER_NUMBER;
  if (start - 1 > text && start[-1] == '=' && (start[-2] == '<' || start[-2] == '>'))
    return FLUO_PARAMETER_NUMBER;
  return FLUO_PARAMETER_TEXT | FLUO_PARAMETER_NUMBER | FLUO_PARAMETER_BOOLEAN;
}

GPtrArray *
fluo_query_parameters_find (const char *text)
{
  GPtrArray *parameters = g_ptr_array_new_with_free_func ((GDestroyNotify) parameter_free);
  const char *start;
  const char *end;

  for (const char *at = text; next_parameter (at, &start, &end); at = end)
    if (parameters->len < FLUO_PARAMETERS_MAX
        && !find_named (parameters, start + 1, end - start - 1))
      {
        FluoParameter *parameter = g_new0 (FluoParameter, 1);

        parameter->name = g_strndup (start + 1, end - start - 1);
        parameter->types = guess_types (text, start);
        g_ptr_array_add (parameters, parameter);
      }
  if (parameters->len > 0)
    find_types (text, parameters);
  return parameters;
}

/* --- Filling them in --------------------------------------------------------------------- */

char *
fluo_query_parameters_fill (const char *text, GHashTable *literals)
{
  GString *out = g_string_new (NULL);
  const char *at = text;
  const char *start;
  const char *end;

  while (next_parameter (at, &start, &end))
    {
      g_autofree char *name = g_strndup (start + 1, end - start - 1);
      const char *literal = g_hash_table_lookup (literals, name);

      g_string_append_len (out, at, start - at);
      if (literal)
        g_string_append (out, literal);
      else
        g_string_append_len (out, start, end - start);
      at = end;
    }
  g_string_append (out, at);
  return g_string_free (out, FALSE);
}

char *
fluo_query_parameters_blank (const char *text)
{
  g_autoptr (GPtrArray) parameters = fluo_query_parameters_find (text);
  char *out = g_strdup (text);
  const char *start;
  const char *end;

  for (const char *at = text; next_parameter (at, &start, &end); at = end)
    {
      const FluoParameter *parameter = find_named (parameters, start + 1, end - start - 1);
      char *place = out + (start - text);
      gsize length = end - start;

      if (!parameter)
        continue;
      if (parameter->types & FLUO_PARAMETER_TEXT)
        {
          memmove (place + 1, place, length - 1);
          place[0] = '"';
          place[length - 1] = '"';
          /* "$order_id" without its last letters; a "$" in quotes is text. */
        }
      else if (parameter->types & FLUO_PARAMETER_BOOLEAN && length >= strlen ("true"))
        {
          memset (place, ' ', length);
          memcpy (place, "true", strlen ("true"));
        }
      else
        {
          memset (place, ' ', length);
          place[0] = '1';
        }
    }
  return out;
}

static gboolean
is_number (const char *value)
{
  char *end = NULL;
  double number;

  /* Only what the language itself takes: no "inf", no "0x", no "+". */
  for (const char *at = value; *at; at++)
    if (!g_ascii_isdigit (*at) && !strchr ("-.eE+", *at))
      return FALSE;
  if (!g_ascii_isdigit (value[value[0] == '-']))
    return FALSE;
  number = g_ascii_strtod (value, &end);
  return end != value && *end == '\0' && isfinite (number) && end[-1] != '.';
}

char *
fluo_query_parameters_literal (FluoParameterType type, const char *value, const char **ret_problem)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (value));
  GString *out;

  *ret_problem = NULL;
  switch (type)
    {
    case FLUO_PARAMETER_NUMBER:
      if (is_number (trimmed))
        return g_steal_pointer (&trimmed);
      *ret_problem = *trimmed ? _("A number is needed, with a point: 0.5") : "";
      return NULL;
    case FLUO_PARAMETER_BOOLEAN:
      if (g_ascii_strcasecmp (trimmed, "true") == 0 || g_ascii_strcasecmp (trimmed, "false") == 0)
        return g_ascii_strdown (trimmed, -1);
      *ret_problem = *trimmed ? _("Either true or false is needed") : "";
      return NULL;
    case FLUO_PARAMETER_TEXT:
    default:
      {
        FluoJsonWriter writer;

        out = g_string_new (NULL);
        fluo_json_writer_init (&writer, out);
        fluo_json_writer_string (&writer, value);
        return g_string_free (out, FALSE);
      }
    }
}

FluoParameterType
fluo_query_parameters_guess (guint types, const char *value)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (value));

  if (types & FLUO_PARAMETER_BOOLEAN
      && (g_ascii_strcasecmp (trimmed, "true") == 0 || g_ascii_strcasecmp (trimmed, "false") == 0))
    return FLUO_PARAMETER_BOOLEAN;
  if (types & FLUO_PARAMETER_NUMBER && is_number (trimmed))
    return FLUO_PARAMETER_NUMBER;
  if (types & FLUO_PARAMETER_TEXT)
    return FLUO_PARAMETER_TEXT;
  return types & FLUO_PARAMETER_NUMBER ? FLUO_PARAMETER_NUMBER : FLUO_PARAMETER_BOOLEAN;
}
