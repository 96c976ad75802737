/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "fluo-filter-vocabulary-private.h"

/* A vocabulary as JSON, which is how a collector tells what it knows.
 *
 *   {"Traces": 12930,
 *    "Services": [{"Name": "web", "Type": "AWS::ECS::Container", "Count": 12930}, …],
 *    "Edges": [{"Source": "web", "Destination": "stock", "Count": 9}, …],
 *    "Versions": [{"Value": "2.1", "Service": "web", "Count": 9}, …],
 *    "Annotations": [{"Key": "tier", "Type": "string", "Count": 9,
 *                     "Values": [{"Value": "gold", "Count": 5}, …]}, …],
 *    "Urls": [{"Value": "https://…", "Count": 4}, …], …} */

static const struct
{
  const char        *name;
  FluoVocabularyKind kind;
} lists[] = {
  { "ServiceTypes", FLUO_VOCABULARY_SERVICE_TYPE },
  { "Urls", FLUO_VOCABULARY_URL },
  { "Methods", FLUO_VOCABULARY_METHOD },
  { "Statuses", FLUO_VOCABULARY_STATUS },
  { "UserAgents", FLUO_VOCABULARY_USER_AGENT },
  { "ClientIps", FLUO_VOCABULARY_CLIENT_IP },
  { "Users", FLUO_VOCABULARY_USER },
  { "AvailabilityZones", FLUO_VOCABULARY_ZONE },
  { "InstanceIds", FLUO_VOCABULARY_INSTANCE },
  { "ResourceArns", FLUO_VOCABULARY_ARN },
  { "AccountIds", FLUO_VOCABULARY_ACCOUNT },
  { "Groups", FLUO_VOCABULARY_GROUP },
  { "GroupArns", FLUO_VOCABULARY_GROUP_ARN },
  { "Exceptions", FLUO_VOCABULARY_EXCEPTION },
  { "Messages", FLUO_VOCABULARY_MESSAGE },
};

static const char *const types[] = { "string", "number", "boolean" };

#define EACH(tape, container, row)                                                                 \
  for (guint32 row = fluo_json_tape_first (tape, container); row != FLUO_JSON_NONE;                \
       row = fluo_json_tape_next (tape, container, row))

/* --- Reading --------------------------------------------------------------- */

static guint64
get_count (const FluoJsonTape *tape, guint32 row)
{
  return fluo_json_tape_counter (tape, row, "Count");
}

/* An array of objects under that name, or FLUO_JSON_NONE. */
static guint32
get_list (const FluoJsonTape *tape, guint32 node, const char *name)
{
  guint32 list = fluo_json_tape_get (tape, node, name);

  return fluo_json_tape_type (tape, list) == FLUO_JSON_ARRAY_BEGIN ? list : FLUO_JSON_NONE;
}

static gboolean
is_row (const FluoJsonTape *tape, guint32 row)
{
  return fluo_json_tape_type (tape, row) == FLUO_JSON_OBJECT_BEGIN;
}

static void
read_annotation (FluoFilterVocabulary *self, const FluoJsonTape *tape, guint32 row)
{
  g_autofree char *key = fluo_json_tape_dup_member (tape, row, "Key");
  g_autofree char *type = fluo_json_tape_dup_member (tape, row, "Type");
  guint32 values = get_list (tape, row, "Values");
  FluoValueType of = FLUO_VALUE_STRING;

  if (!key)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (type, types[i]) == 0)
      of = i;
  fluo_filter_vocabulary_add_annotation (self, key, of, get_count (tape, row));
  if (values == FLUO_JSON_NONE)
    return;
  EACH (tape, values, value)
    if (is_row (tape, value))
      {
        g_autofree char *text = fluo_json_tape_dup_member (tape, value, "Value");

        fluo_filter_vocabulary_add_annotation_value (self, key, text, get_count (tape, value));
      }
}

static void
read_graph (FluoFilterVocabulary *self, const FluoJsonTape *tape, guint32 node)
{
  /* Types that are listed are counted there. */
  guint32 listed = get_list (tape, node, "ServiceTypes");
  gboolean alone = listed != FLUO_JSON_NONE && fluo_json_tape_count (tape, listed) > 0;
  guint32 services = get_list (tape, node, "Services"), edges = get_list (tape, node, "Edges");
  guint32 versions = get_list (tape, node, "Versions");

  if (services != FLUO_JSON_NONE)
    EACH (tape, services, row)
      if (is_row (tape, row))
        {
          g_autofree char *name = fluo_json_tape_dup_member (tape, row, "Name");
          g_autofree char *type = fluo_json_tape_dup_member (tape, row, "Type");

          if (name && alone)
            fluo_vocabulary_add_service_alone (self, name, type, get_count (tape, row));
          else if (name)
            fluo_filter_vocabulary_add_service (self, name, type, get_count (tape, row));
        }
  if (versions != FLUO_JSON_NONE)
    EACH (tape, versions, row)
      if (is_row (tape, row))
        {
          g_autofree char *service = fluo_json_tape_dup_member (tape, row, "Service");
          g_autofree char *version = fluo_json_tape_dup_member (tape, row, "Value");

          fluo_filter_vocabulary_add_version (self, service, version, get_count (tape, row));
        }
  if (edges != FLUO_JSON_NONE)
    EACH (tape, edges, row)
      if (is_row (tape, row))
        {
          g_autofree char *source = fluo_json_tape_dup_member (tape, row, "Source");
          g_autofree char *destination = fluo_json_tape_dup_member (tape, row, "Destination");

          if (source && destination)
            fluo_filter_vocabulary_add_edge (self, source, destination, get_count (tape, row));
        }
}

gboolean
fluo_filter_vocabulary_add_json (FluoFilterVocabulary *self, const FluoJsonTape *tape, guint32 node,
                                 GError **error)
{
  guint32 annotations;

  if (!is_row (tape, node))
    {
      g_set_error_literal (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_SYNTAX,
                           _("known values are a JSON object"));
      return FALSE;
    }
  fluo_filter_vocabulary_add_traces (
    self, fluo_json_tape_counter (tape, node, "Traces"));
  read_graph (self, tape, node);
  annotations = get_list (tape, node, "Annotations");
  if (annotations != FLUO_JSON_NONE)
    EACH (tape, annotations, row)
      if (is_row (tape, row))
        read_annotation (self, tape, row);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      guint32 list = get_list (tape, node, lists[i].name);

      if (list == FLUO_JSON_NONE)
        continue;
      EACH (tape, list, row)
        if (is_row (tape, row))
          {
            g_autofree char *text = fluo_json_tape_dup_member (tape, row, "Value");

            fluo_filter_vocabulary_add_value (self, lists[i].kind, text, get_count (tape, row));
          }
    }
  return TRUE;
}
