/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* rootcause.json: a list of causes as GetTraceSummaries gives them, with members left out. What is
 * left out may be anything, null is "has none"; the elements of a list must occur in the order
 * given, others may stand between. The shape is fixed, so nothing here goes deeper than it. */

typedef enum
{
  TEXT,
  TEXTS,
  NUMBER,
  BOOLEAN,
  LIST /* of the shape after this one */
} MemberType;

typedef struct
{
  const char *name;
  MemberType  type;
} Member;

/* Cause, service, entity, exception. Printed in this order. */
static const Member shapes[][7] = {
  { { "Services", LIST }, { "ClientImpacting", BOOLEAN } },
  { { "Name", TEXT }, { "Names", TEXTS }, { "Type", TEXT }, { "AccountId", TEXT },
    { "Inferred", BOOLEAN }, { "EntityPath", LIST } },
  { { "Name", TEXT }, { "Coverage", NUMBER }, { "Remote", BOOLEAN }, { "Exceptions", LIST } },
  { { "Name", TEXT }, { "Message", TEXT } },
};

#define EACH(json, container, node)                                                                \
  for (guint32 node = fluo_json_tape_first (json, container); node != FLUO_JSON_NONE;              \
       node = fluo_json_tape_next (json, container, node))

/* --- Checking -------------------------------------------------------------- */

static void
complain (FluoFilterTree *tree, const FluoJsonTape *json, guint32 node, guint offset,
          const char *message, const char *detail)
{
  gsize all, length;
  const char *begin = fluo_json_tape_raw (json, 0, &all);
  const char *raw = fluo_json_tape_raw (json, node, &length);
  guint start = offset + (guint) (raw - begin);

  fluo_filter_tree_complain (tree, FLUO_FILTER_ERROR_TYPE,
                             (FluoFilterRange) { start, start + (guint) length },
                             (FluoFilterRange) { 0, 0 }, NULL, message, detail);
}

static gboolean
has_type (const FluoJsonTape *json, guint32 node, MemberType type)
{
  switch (fluo_json_tape_type (json, node))
    {
    case FLUO_JSON_NULL: return type != LIST && type != TEXTS;
    case FLUO_JSON_STRING: return type == TEXT;
    case FLUO_JSON_NUMBER: return type == NUMBER;
    case FLUO_JSON_TRUE:
    case FLUO_JSON_FALSE: return type == BOOLEAN;
    case FLUO_JSON_ARRAY_BEGIN: break;
    default: return FALSE;
    }
  if (type == TEXTS)
    EACH (json, node, child)
      if (fluo_json_tape_type (json, child) != FLUO_JSON_STRING)
        return FALSE;
  return type == LIST || type == TEXTS;
}

static const Member *
find_member (guint shape, const char *name)
{
  for (const Member *member = shapes[shape]; member->name; member++)
    if (strcmp (member->name, name) == 0)
      return member;
  return NULL;
}

static void check_list (FluoFilterTree *tree, const FluoJsonTape *json, guint32 list, guint shape,
                        guint offset);

static void
check_object (FluoFilterTree *tree, const FluoJsonTape *json, guint32 object, guint shape,
              guint offset)
{
  EACH (json, object, value)
    {
      g_autofree char *name = fluo_json_tape_dup_key (json, value);
      const Member *member = find_member (shape, name);

      if (!member)
        complain (tree, json, value, offset, _("a root cause's pattern has no member “%.60s” here"),
                  fluo_filter_tree_shorten (tree, name, strlen (name)));
      else if (!has_type (json, value, member->type))
        complain (tree, json, value, offset,
                  member->type == LIST || member->type == TEXTS ? _("“%s” is a list")
                  : member->type == TEXT ? _("“%s” is text, or null")
                  : member->type == NUMBER ? _("“%s” is a number, or null")
                                           : _("“%s” is true, false or null"),
                  name);
      else if (member->type == LIST)
        check_list (tree, json, value, shape + 1, offset);
    }
}

/* Recursion ends with the shapes. */
static void
check_list (FluoFilterTree *tree, const FluoJsonTape *json, guint32 list, guint shape, guint offset)
{
  EACH (json, list, object)
    if (fluo_json_tape_type (json, object) != FLUO_JSON_OBJECT_BEGIN)
      complain (tree, json, object, offset, _("expected an object such as {\"%s\": …}"),
                shapes[shape][0].name);
    else
      check_object (tree, json, object, shape, offset);
}

void
fluo_filter_json_check (FluoFilterTree *tree, const FluoJsonTape *json, guint offset)
{
  if (fluo_json_tape_type (json, 0) != FLUO_JSON_ARRAY_BEGIN)
    complain (tree, json, 0, offset, _("the pattern behind # is a list of root causes: %s"),
              "#[{\"Services\": […]}]");
  else
    check_list (tree, json, 0, 0, offset);
}

/* --- Printing -------------------------------------------------------------- */

static void
print_value (const FluoJsonTape *json, guint32 node, FluoJsonWriter *writer)
{
  g_autofree char *text = fluo_json_tape_dup (json, node);

  switch (fluo_json_tape_type (json, node))
    {
    case FLUO_JSON_STRING:
      fluo_json_writer_string (writer, text);
      break;
    case FLUO_JSON_NUMBER:
      fluo_json_writer_double (writer, fluo_json_tape_double (json, node, 0));
      break;
    case FLUO_JSON_TRUE:
    case FLUO_JSON_FALSE:
      fluo_json_writer_boolean (writer, fluo_json_tape_boolean (json, node, FALSE));
      break;
    case FLUO_JSON_ARRAY_BEGIN:
      fluo_json_writer_begin (writer, '[');
      EACH (json, node, child)
        {
          g_autofree char *element = fluo_json_tape_dup (json, child);

          fluo_json_writer_string (writer, element);
        }
      fluo_json_writer_end (writer, ']');
      break;
    default:
      fluo_json_writer_null (writer);
      break;
    }
}

static void
print_list (const FluoJsonTape *json, guint32 list, guint shape, FluoJsonWriter *writer)
{
  fluo_json_writer_begin (writer, '[');
  EACH (json, list, object)
    {
      fluo_json_writer_begin (writer, '{');
      for (const Member *member = shapes[shape]; member->name; member++)
        {
          guint32 value = fluo_json_tape_get (json, object, member->name);

          if (value == FLUO_JSON_NONE)
            continue;
          fluo_json_writer_key (writer, member->name);
          if (member->type == LIST)
            print_list (json, value, shape + 1, writer);
          else
            print_value (json, value, writer);
        }
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

void
fluo_filter_json_print (const FluoJsonTape *json, GString *out)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  print_list (json, 0, 0, &writer);
}

/* --- Matching -------------------------------------------------------------- */

/* One element of the trace's lists. */
typedef struct
{
  const FluoTraceFacts *facts;
  const FluoJsonTape   *json;
} Matching;

static gboolean
text_is (const Matching *self, guint32 object, const char *member, guint32 string)
{
  guint32 value = fluo_json_tape_get (self->json, object, member);
  g_autofree char *text = NULL;

  if (value == FLUO_JSON_NONE)
    return TRUE;
  text = fluo_json_tape_dup (self->json, value);
  return g_strcmp0 (text, self->facts->strings[string]) == 0;
}

static gboolean
boolean_is (const Matching *self, guint32 object, const char *member, gboolean actual)
{
  guint32 value = fluo_json_tape_get (self->json, object, member);

  if (value == FLUO_JSON_NONE)
    return TRUE;
  return fluo_json_tape_type (self->json, value) == (actual ? FLUO_JSON_TRUE : FLUO_JSON_FALSE);
}

/* The elements of the pattern's list, each in one of the rows, in order. A NONE list is no
 * demand. */
#define MATCH_IN_ORDER(list, n_rows, condition)                                                    \
  do                                                                                               \
    {                                                                                              \
      guint32 row = 0;                                                                             \
                                                                                                   \
      EACH (self->json, list, object)                                                              \
        {                                                                                          \
          while (row < (n_rows) && !(condition))                                                   \
            row++;                                                                                 \
          if (row++ >= (n_rows))                                                                   \
            return FALSE;                                                                          \
        }                                                                                          \
      return TRUE;                                                                                 \
    }                                                                                              \
  while (0)

static gboolean
exceptions_match (const Matching *self, guint32 list, const FluoFactsCauseEntity *entity)
{
  const FluoFactsException *rows = self->facts->exceptions + entity->first_exception;

  MATCH_IN_ORDER (list, entity->n_exceptions,
                  text_is (self, object, "Name", rows[row].name) &&
                    text_is (self, object, "Message", rows[row].message));
}

static gboolean
entity_matches (const Matching *self, guint32 object, const FluoFactsCauseEntity *entity,
                gboolean slow)
{
  guint32 coverage = fluo_json_tape_get (self->json, object, "Coverage");

  if (coverage != FLUO_JSON_NONE)
    {
      gboolean known = fluo_json_tape_type (self->json, coverage) == FLUO_JSON_NUMBER;

      if (known != slow ||
          (known && fluo_json_tape_double (self->json, coverage, 0) != entity->coverage))
        return FALSE;
    }
  return text_is (self, object, "Name", entity->name) &&
         boolean_is (self, object, "Remote", (entity->flags & FLUO_FACTS_REMOTE) != 0) &&
         exceptions_match (self, fluo_json_tape_get (self->json, object, "Exceptions"), entity);
}

static gboolean
entities_match (const Matching *self, guint32 list, const FluoFactsCauseService *service,
                gboolean slow)
{
  const FluoFactsCauseEntity *rows = self->facts->cause_entities + service->first_entity;

  MATCH_IN_ORDER (list, service->n_entities, entity_matches (self, object, &rows[row], slow));
}

/* Names of a cause's service are its name alone, as summaries give them. */
static gboolean
names_match (const Matching *self, guint32 list, const FluoFactsCauseService *service)
{
  const char *name = self->facts->strings[service->name];
  guint n = 0;

  EACH (self->json, list, child)
    {
      g_autofree char *text = fluo_json_tape_dup (self->json, child);

      if (n++ > 0 || g_strcmp0 (text, name) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
service_matches (const Matching *self, guint32 object, const FluoFactsCauseService *service,
                 gboolean slow)
{
  return text_is (self, object, "Name", service->name) &&
         text_is (self, object, "Type", service->type) &&
         text_is (self, object, "AccountId", service->account) &&
         boolean_is (self, object, "Inferred", (service->flags & FLUO_FACTS_INFERRED) != 0) &&
         names_match (self, fluo_json_tape_get (self->json, object, "Names"), service) &&
         entities_match (self, fluo_json_tape_get (self->json, object, "EntityPath"), service,
                         slow);
}

static gboolean
services_match (const Matching *self, guint32 list, const FluoFactsCause *cause)
{
  const FluoFactsCauseService *rows = self->facts->cause_services + cause->first_service;
  gboolean slow = cause->kind == FLUO_CAUSE_RESPONSE_TIME;

  MATCH_IN_ORDER (list, cause->n_services, service_matches (self, object, &rows[row], slow));
}

static gboolean
cause_matches (const Matching *self, guint32 object, const FluoFactsCause *cause)
{
  return boolean_is (self, object, "ClientImpacting", cause->client_impacting != 0) &&
         services_match (self, fluo_json_tape_get (self->json, object, "Services"), cause);
}

/* Causes of a kind stand together. */
static gboolean
kind_matches (const Matching *self, guint32 begin, guint32 end)
{
  const FluoFactsCause *rows = self->facts->causes + begin;

  MATCH_IN_ORDER (0, end - begin, cause_matches (self, object, &rows[row]));
}

gboolean
fluo_filter_json_matches (const FluoJsonTape *json, const FluoTraceFacts *facts)
{
  const Matching self = { facts, json };

  for (guint32 begin = 0, end; begin < facts->n_causes; begin = end)
    {
      for (end = begin + 1;
           end < facts->n_causes && facts->causes[end].kind == facts->causes[begin].kind;)
        end++;
      if (kind_matches (&self, begin, end))
        return TRUE;
    }
  return FALSE;
}
