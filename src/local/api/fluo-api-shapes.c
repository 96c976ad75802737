/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-shapes.h"

#include <math.h>
#include <string.h>

#include "core/fluo-format.h"

/* Of a refused value this much is said again; of all objections together the other. An error's
 * answer stays below 1 KiB or so. */
#define VALUE_CHARS_MAX 48
#define MESSAGE_BYTES_MAX 800

typedef struct
{
  const FluoJsonTape *tape;
  GString            *path;         /* 'samplingRule.hTTPMethod' */
  char               *unreadable;   /* the first value of a wrong type, in words */
  GString            *problems;
  guint               n_problems;
} Check;

/* --- Messages ----------------------------------------------------------- */

static void
add_problem (Check *check, const char *value, const char *constraint)
{
  check->n_problems++;
  if (check->problems->len > MESSAGE_BYTES_MAX)
    return;
  g_string_append_printf (check->problems,
                          "%sValue %s at '%s' failed to satisfy constraint: %s",
                          check->problems->len > 0 ? "; " : "", value, check->path->str,
                          constraint);
}

static void
add_value_problem (Check *check, guint32 node, const char *constraint)
{
  g_autofree char *text = fluo_json_tape_dup (check->tape, node);
  g_autofree char *shown = NULL, *quoted = NULL;
  const char *raw;
  gsize length;

  if (!text)
    {
      raw = fluo_json_tape_raw (check->tape, node, &length);
      text = g_utf8_make_valid (raw, (gssize) MIN (length, VALUE_CHARS_MAX * 4));
    }
  shown = fluo_format_untrusted (text, VALUE_CHARS_MAX);
  quoted = g_strdup_printf ("'%s'", shown);
  add_problem (check, quoted, constraint);
}

static const char *
token_name (FluoJsonToken token)
{
  switch (token)
    {
    case FLUO_JSON_STRING:
      return "STRING_VALUE can not be converted";
    case FLUO_JSON_NUMBER:
      return "NUMBER_VALUE can not be converted";
    case FLUO_JSON_TRUE:
      return "TRUE_VALUE can not be converted";
    case FLUO_JSON_FALSE:
      return "FALSE_VALUE can not be converted";
    case FLUO_JSON_ARRAY_BEGIN:
      return "Start of list found where not expected";
    default:
      return "Start of structure or map found where not expected";
    }
}

static const char *
type_name (FluoShapeType type)
{
  static const char *const names[] = {
    [FLUO_SHAPE_STRING] = "a string",
    [FLUO_SHAPE_INTEGER] = "a whole number",
    [FLUO_SHAPE_DOUBLE] = "a number",
    [FLUO_SHAPE_BOOLEAN] = "true or false",
    [FLUO_SHAPE_TIMESTAMP] = "a number of seconds since 1970",
    [FLUO_SHAPE_LIST] = "a list",
    [FLUO_SHAPE_MAP] = "an object of strings",
    [FLUO_SHAPE_STRUCTURE] = "an object",
  };

  return names[type];
}

static void
set_unreadable (Check *check, const FluoShape *shape, FluoJsonToken token)
{
  if (!check->unreadable)
    check->unreadable = g_strdup_printf ("%s: '%s' takes %s", token_name (token), check->path->str,
                                         type_name (shape->type));
}

/* Appends a member's name as the service spells it: with a small first letter. Returns the length
 * to go back to. */
static gsize
push_name (Check *check, const char *name)
{
  gsize before = check->path->len;

  if (before > 0)
    g_string_append_c (check->path, '.');
  g_string_append_c (check->path, g_ascii_tolower (name[0]));
  g_string_append (check->path, name + 1);
  return before;
}

/* --- One value ---------------------------------------------------------- */

static gboolean
has_type (FluoShapeType type, FluoJsonToken token)
{
  switch (type)
    {
    case FLUO_SHAPE_STRING:
      return token == FLUO_JSON_STRING;
    case FLUO_SHAPE_INTEGER:
    case FLUO_SHAPE_DOUBLE:
    case FLUO_SHAPE_TIMESTAMP:
      return token == FLUO_JSON_NUMBER;
    case FLUO_SHAPE_BOOLEAN:
      return token == FLUO_JSON_TRUE || token == FLUO_JSON_FALSE;
    case FLUO_SHAPE_LIST:
      return token == FLUO_JSON_ARRAY_BEGIN;
    case FLUO_SHAPE_MAP:
    case FLUO_SHAPE_STRUCTURE:
    default:
      return token == FLUO_JSON_OBJECT_BEGIN;
    }
}

static gboolean
is_one_of (const char *text, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, ", ", -1);

  return g_strv_contains ((const char *const *) list, text);
}

/* The model's patterns are of ASCII alone, in which GRegex' \w would not be. */
static gboolean
has_pattern (const char *text, const char *pattern)
{
  g_autofree char *whole = g_strdup_printf ("\\A(?:%s)\\z", pattern);

  return g_str_is_ascii (text) && g_regex_match_simple (whole, text, 0, 0);
}

typedef enum
{
  BELOW   = 1 << 0,
  ABOVE   = 1 << 1,
  PATTERN = 1 << 2,
  WORDS   = 1 << 3
} Violations;

/* What a string or number of the right type violates. */
static Violations
find_violations (const FluoShape *shape, const char *text, double number)
{
  Violations found = 0;
  double size = text ? (double) g_utf8_strlen (text, -1) : number;

  if (shape->has_min && size < (double) shape->min)
    found |= BELOW;
  if (shape->has_max && size > (double) shape->max)
    found |= ABOVE;
  if (text && shape->pattern && !has_pattern (text, shape->pattern))
    found |= PATTERN;
  if (text && shape->words && !is_one_of (text, shape->words))
    found |= WORDS;
  return found;
}

static char *
describe (const FluoShape *shape, Violations violation)
{
  const char *size =
    shape->type == FLUO_SHAPE_INTEGER || shape->type == FLUO_SHAPE_DOUBLE ? "value" : "length";

  switch (violation)
    {
    case BELOW:
      return g_strdup_printf ("Member must have %s greater than or equal to %" G_GINT64_FORMAT,
                              size, shape->min);
    case ABOVE:
      return g_strdup_printf ("Member must have %s less than or equal to %" G_GINT64_FORMAT, size,
                              shape->max);
    case PATTERN:
      return g_strdup_printf ("Member must satisfy regular expression pattern: %s",
                              shape->pattern);
    case WORDS:
    default:
      return g_strdup_printf ("Member must satisfy enum value set: [%s]", shape->words);
    }
}

static gboolean
is_constrained (const FluoShape *shape)
{
  return shape->has_min || shape->has_max || shape->pattern || shape->words;
}

static Violations
check_scalar (Check *check, const FluoShape *shape, guint32 node)
{
  g_autofree char *text = NULL;
  double number = 0;

  if (!is_constrained (shape))
    return 0;
  if (shape->type == FLUO_SHAPE_STRING)
    text = fluo_json_tape_dup (check->tape, node);
  else
    number = fluo_json_tape_double (check->tape, node, 0);
  if (shape->type == FLUO_SHAPE_INTEGER)
    number = trunc (number);
  return find_violations (shape, text, number);
}

/* All that an element of a list, or a key or value of a map, must satisfy. */
static char *
describe_element (const FluoShape *shape, const char *lead)
{
  g_autoptr (GString) all = g_string_new (NULL);
  Violations possible = (shape->has_max ? ABOVE : 0) | (shape->has_min ? BELOW : 0) |
                        (shape->pattern ? PATTERN : 0) | (shape->words ? WORDS : 0);
  static const Violations order[] = { ABOVE, BELOW, PATTERN, WORDS };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (possible & order[i])
      {
        g_autofree char *text = describe (shape, order[i]);

        g_string_append_printf (all, "%s%s", all->len > 0 ? ", " : "", text);
      }
  return g_strdup_printf ("%s must satisfy constraint: [%s]", lead, all->str);
}

static void
check_count (Check *check, const FluoShape *shape, guint32 node)
{
  guint n = fluo_json_tape_count (check->tape, node);
  Violations found = find_violations (shape, NULL, n);

  for (guint bit = 0; bit < 4; bit++)
    if (found & (1u << bit))
      {
        g_autofree char *text = describe (shape, (Violations) (1u << bit));

        add_value_problem (check, node, text);
      }
}

/* --- Containers --------------------------------------------------------- */

static void check_value (Check *check, const FluoShape *shape, guint32 node);

static void
check_list (Check *check, const FluoShape *shape, guint32 list)
{
  gsize before = check->path->len;
  gboolean bad = FALSE;
  guint n = 0;

  check_count (check, shape, list);
  for (guint32 i = fluo_json_tape_first (check->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (check->tape, list, i))
    {
      FluoJsonToken token = fluo_json_tape_type (check->tape, i);

      g_string_append_printf (check->path, ".%u.member", ++n);
      if (token == FLUO_JSON_NULL)
        add_problem (check, "null", "Member must not be null");
      else if (shape->element->type == FLUO_SHAPE_STRUCTURE ||
               !has_type (shape->element->type, token))
        check_value (check, shape->element, i);
      else
        bad = bad || check_scalar (check, shape->element, i);
      g_string_truncate (check->path, before);
    }
  if (bad)
    {
      g_autofree char *text = describe_element (shape->element, "Member");

      add_value_problem (check, list, text);
    }
}

static void
check_map (Check *check, const FluoShape *shape, guint32 map)
{
  gboolean bad_keys = FALSE, bad_values = FALSE;

  check_count (check, shape, map);
  for (guint32 i = fluo_json_tape_first (check->tape, map); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (check->tape, map, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (check->tape, i);
      FluoJsonToken token = fluo_json_tape_type (check->tape, i);

      bad_keys = bad_keys || find_violations (shape->key, key, 0);
      if (token == FLUO_JSON_NULL)
        bad_values = TRUE;
      else if (!has_type (shape->element->type, token))
        set_unreadable (check, shape, token);
      else
        bad_values = bad_values || check_scalar (check, shape->element, i);
    }
  for (guint i = 0; i < 2; i++)
    if (i == 0 ? bad_keys : bad_values)
      {
        g_autofree char *text = describe_element (i == 0 ? shape->key : shape->element,
                                                  i == 0 ? "Map keys" : "Map value");

        add_value_problem (check, map, text);
      }
}

static void
check_structure (Check *check, const FluoShape *shape, guint32 object)
{
  for (const FluoMember *member = shape->members; member->name; member++)
    {
      guint32 node = fluo_json_tape_get (check->tape, object, member->name);
      gsize before = push_name (check, member->name);

      if (fluo_json_tape_type (check->tape, node) != FLUO_JSON_NULL)
        check_value (check, member->shape, node);
      else if (member->required)
        add_problem (check, "null", "Member must not be null");
      g_string_truncate (check->path, before);
    }
}

/* Recursion is as deep as the table of shapes, whatever comes. */
static void
check_value (Check *check, const FluoShape *shape, guint32 node)
{
  FluoJsonToken token = fluo_json_tape_type (check->tape, node);
  Violations found;

  if (!has_type (shape->type, token))
    {
      set_unreadable (check, shape, token);
      return;
    }
  switch (shape->type)
    {
    case FLUO_SHAPE_LIST:
      check_list (check, shape, node);
      return;
    case FLUO_SHAPE_MAP:
      check_map (check, shape, node);
      return;
    case FLUO_SHAPE_STRUCTURE:
      check_structure (check, shape, node);
      return;
    default:
      break;
    }
  found = check_scalar (check, shape, node);
  for (guint bit = 0; bit < 4; bit++)
    if (found & (1u << bit))
      {
        g_autofree char *text = describe (shape, (Violations) (1u << bit));

        add_value_problem (check, node, text);
      }
}

gboolean
fluo_shape_check (const FluoShape *shape, const FluoJsonTape *tape, const char **ret_type,
                  char **ret_message)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GString) problems = g_string_new (NULL);
  Check check = { tape, path, NULL, problems, 0 };

  check_value (&check, shape, 0);
  if (!check.unreadable && check.n_problems == 0)
    return TRUE;
  /* A request that can't be read is refused before anybody looks at its values. */
  *ret_type = check.unreadable ? "SerializationException" : "ValidationException";
  *ret_message = check.unreadable
                   ? check.unreadable
                   : g_strdup_printf ("%u validation error%s detected: %s", check.n_problems,
                                      check.n_problems == 1 ? "" : "s", problems->str);
  return FALSE;
}

gboolean
fluo_api_shapes_check (FluoApiCall *call)
{
  const FluoShape *shape = call->operation ? fluo_api_shapes_find (call->operation) : NULL;
  g_autofree char *message = NULL;
  const char *type;

  if (!shape || fluo_shape_check (shape, call->tape, &type, &message))
    return TRUE;
  fluo_api_call_fail (call, 400, type, message);
  /* Every document that arrives is accounted for. */
  if (call->func == fluo_api_put_trace_segments)
    fluo_api_refuse_documents (call, fluo_json_tape_get (call->tape, 0, "TraceSegmentDocuments"),
                               message);
  return FALSE;
}
