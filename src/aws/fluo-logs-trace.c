/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include <string.h>

#include "aws/fluo-logs-private.h"
#include "core/fluo-json.h"

/* Which log groups a trace's services write to. Read out of its documents, which anybody may have
 * sent: a name that no group can have is not asked for. */

#define SEGMENTS_MAX 2000   /* looked at; a trace with more repeats its services */
#define REQUEST_IDS_MAX 20  /* in one query */
#define GROUP_CHARS_MAX 512 /* CloudWatch's own limit */
#define ARN_CHARS_MAX 2048

typedef struct
{
  GPtrArray *names; /* char * */
  GHashTable *seen; /* those */
} Groups;

static gboolean
is_group (const char *text, gsize length_max)
{
  const gsize length = strlen (text);

  return length > 0 && length <= length_max
         && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/.#:")
              == length;
}

static void
add (Groups *groups, char *name)
{
  if (!fluo_logs_is_group (name)
      || groups->names->len >= FLUO_LOG_GROUPS_MAX || g_hash_table_contains (groups->seen, name))
    {
      g_free (name);
      return;
    }
  g_ptr_array_add (groups->names, name);
  g_hash_table_add (groups->seen, name);
}

/* The name alone: a plug-in gives the same group by name and by ARN, and another account's or
 * region's group is reached by its ARN only when the account shares it, which CloudWatch then says
 * better than we can. ":*" at the end means its streams. */
static void
add_arn (Groups *groups, const char *arn)
{
  const char *name = strstr (arn, ":log-group:");
  char *copy;

  if (!name)
    return;
  copy = g_strdup (name + strlen (":log-group:"));
  if (g_str_has_suffix (copy, ":*"))
    copy[strlen (copy) - 2] = '\0';
  add (groups, copy);
}

/* [{"log_group": "…", "arn": "…"}, …] */
static void
add_named (Groups *groups, const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, 0); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, 0, node))
    {
      g_autofree char *name = NULL, *arn = NULL;

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      name = fluo_json_tape_dup_member (tape, node, "log_group");
      arn = fluo_json_tape_dup_member (tape, node, "arn");
      if (name)
        add (groups, g_steal_pointer (&name));
      else if (arn)
        add_arn (groups, arn);
    }
}

const char *
fluo_logs_find_field (GArray *fields, const char *key)
{
  for (guint i = 0; i < fields->len; i++)
    if (strcmp (g_array_index (fields, FluoDetailField, i).key, key) == 0)
      return g_array_index (fields, FluoDetailField, i).value;
  return NULL;
}

/* What AWS calls the groups of its own services when nobody chose another name. */
static void
add_usual (Groups *groups, const FluoSpanDetail *detail)
{
  const char *cluster = fluo_logs_find_field (detail->aws, "eks.cluster_name");

  if (detail->origin && g_str_has_prefix (detail->origin, "AWS::Lambda") && detail->name)
    add (groups, g_strconcat ("/aws/lambda/", detail->name, NULL));
  if (cluster)
    add (groups, g_strconcat ("/aws/containerinsights/", cluster, "/application", NULL));
}

void
fluo_logs_for_each_segment (FluoTrace *trace, FluoLogsEachSegment each, gpointer user_data)
{
  guint n, n_seen = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);

  for (guint i = 0; i < n && n_seen < SEGMENTS_MAX; i++)
    if ((spans[i].flags & FLUO_SPAN_SEGMENT) && !(spans[i].flags & FLUO_SPAN_INFERRED))
      {
        g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (trace, i);

        each (detail, i, user_data);
        n_seen++;
      }
}

static void
add_named_of_segment (const FluoSpanDetail *detail, guint32 segment, gpointer user_data)
{
  const char *named = fluo_logs_find_field (detail->aws, "cloudwatch_logs");

  if (named)
    add_named (user_data, named);
}

static void
add_usual_of_segment (const FluoSpanDetail *detail, guint32 segment, gpointer user_data)
{
  /* A function that names its group has it there and nowhere else. */
  if (!fluo_logs_find_field (detail->aws, "cloudwatch_logs"))
    add_usual (user_data, detail);
}

static char **
end_groups (Groups *groups)
{
  g_ptr_array_add (groups->names, NULL);
  return (char **) g_ptr_array_free (groups->names, FALSE);
}

char **
fluo_logs_dup_groups_of_segment (const FluoSpanDetail *detail)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Groups groups = { g_ptr_array_new (), seen };

  add_named_of_segment (detail, 0, &groups);
  add_usual_of_segment (detail, 0, &groups);
  return end_groups (&groups);
}

typedef struct
{
  Groups      groups;
  const char *service;
} GroupsOfService;

static void
add_of_service (const FluoSpanDetail *detail, guint32 segment, gpointer user_data)
{
  GroupsOfService *of = user_data;

  if (g_strcmp0 (detail->name, of->service) != 0)
    return;
  add_named_of_segment (detail, segment, &of->groups);
  add_usual_of_segment (detail, segment, &of->groups);
}

char **
fluo_logs_dup_groups_of_service (FluoTrace *trace, const char *service)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GroupsOfService of = { { g_ptr_array_new (), seen }, service };

  g_return_val_if_fail (trace != NULL && service != NULL, NULL);

  fluo_logs_for_each_segment (trace, add_of_service, &of);
  return end_groups (&of.groups);
}

gboolean
fluo_logs_is_group (const char *name)
{
  g_return_val_if_fail (name != NULL, FALSE);

  return is_group (name, g_str_has_prefix (name, "arn:") ? ARN_CHARS_MAX : GROUP_CHARS_MAX);
}

char **
fluo_logs_dup_groups (FluoTrace *trace)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Groups groups = { g_ptr_array_new (), seen };

  g_return_val_if_fail (trace != NULL, NULL);

  fluo_logs_for_each_segment (trace, add_named_of_segment, &groups);
  fluo_logs_for_each_segment (trace, add_usual_of_segment, &groups);
  return end_groups (&groups);
}

static void
add_request_id (const FluoSpanDetail *detail, guint32 segment, gpointer user_data)
{
  GPtrArray *ids = user_data;
  const char *id = fluo_logs_find_field (detail->aws, "request_id");

  if (!id || ids->len >= REQUEST_IDS_MAX || strlen (id) > 64 || strlen (id) < 8
      || strspn (id, "0123456789abcdefABCDEF-") != strlen (id)
      || !detail->origin || !g_str_has_prefix (detail->origin, "AWS::Lambda"))
    return;
  for (guint i = 0; i < ids->len; i++)
    if (strcmp (g_ptr_array_index (ids, i), id) == 0)
      return;
  g_ptr_array_add (ids, g_strdup (id));
}

char *
fluo_logs_dup_query (FluoTrace *trace)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  char xray[FLUO_TRACE_ID_XRAY_LEN + 1], w3c[FLUO_TRACE_ID_W3C_LEN + 1];
  GString *query;

  g_return_val_if_fail (trace != NULL, NULL);

  fluo_trace_id_format_xray (fluo_trace_get_id (trace), xray);
  fluo_trace_id_format_w3c (fluo_trace_get_id (trace), w3c);
  fluo_logs_for_each_segment (trace, add_request_id, ids);
  query = g_string_new ("fields @timestamp, @message, @log, @logStream | filter ");
  g_string_append_printf (query, "@message like \"%s\" or @message like \"%s\"", xray, w3c);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (query, " or @requestId = \"%s\"",
                            (const char *) g_ptr_array_index (ids, i));
  g_string_append (query, " | sort @timestamp asc");
  return g_string_free (query, FALSE);
}
