/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-random-trace.h"

#include <string.h>

#define PICK(list) (list)[g_rand_int_range (rand, 0, G_N_ELEMENTS (list))]
#define CHANCE(percent) (g_rand_int_range (rand, 0, 100) < (percent))

static const char *const services[] = { "web", "api", "orders", "a\"b", "data-plane" };
static const char *const origins[] = { "", "", "AWS::ECS::Container", "AWS::Lambda::Function",
                                       "AWS::Lambda" };
static const char *const values[] = {
  "\"bar\"", "\"817DL6VO\"", "\"\"",  "7",      "30",
  "-2.5e1",  "true",         "false", "\"30\"", "\"gr\303\274n\\n\""
};
static const char *const keys[] = { "age", "gameid", "aws.local.operation", "owner" };
static const char *const urls[] = { "http://api.example.com/v2/x", "https://e.test/api/game/7",
                                    "api/game/", "http://e.test" };

static void
append_flags (GString *out, GRand *rand)
{
  static const char *const flags[] = { "fault", "error", "throttle" };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (CHANCE (15))
      g_string_append_printf (out, ",\"%s\":true", flags[i]);
  if (CHANCE (20))
    g_string_append_printf (
      out, ",\"cause\":{\"exceptions\":[{\"id\":\"%016x\",\"type\":\"%s\",\"message\":\"%s\"}]}",
      g_rand_int (rand), CHANCE (50) ? "TimeoutError" : "deserialize",
      CHANCE (50) ? "Access Denied" : "No answer");
}

static void
append_http (GString *out, GRand *rand)
{
  static const int statuses[] = { 200, 200, 404, 429, 500 };

  if (CHANCE (40))
    return;
  g_string_append_printf (out, ",\"http\":{\"request\":{\"method\":\"%s\",\"url\":\"%s\"",
                          CHANCE (50) ? "GET" : "POST", PICK (urls));
  if (CHANCE (50))
    g_string_append (out, ",\"user_agent\":\"curl/8\",\"client_ip\":\"10.0.0.1\"");
  g_string_append (out, "}");
  if (CHANCE (70))
    g_string_append_printf (out, ",\"response\":{\"status\":%d}", PICK (statuses));
  g_string_append (out, "}");
}

static void
append_annotations (GString *out, GRand *rand)
{
  guint n = 0;

  if (CHANCE (50))
    return;
  g_string_append (out, ",\"annotations\":{");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (CHANCE (40))
      g_string_append_printf (out, "%s\"%s\":%s", n++ ? "," : "", keys[i], PICK (values));
  g_string_append (out, "}");
}

static void
append_call (GString *out, GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      g_string_append_printf (out, ",\"name\":\"%s\",\"namespace\":\"remote\"",
                              CHANCE (50) ? "api" : "orders");
      break;
    case 1:
      g_string_append (out, ",\"name\":\"DynamoDB\",\"namespace\":\"aws\",\"aws\":{\"operation\":"
                            "\"Get\",\"table_name\":\"stock\","
                            "\"account_id\":\"123\"}");
      break;
    case 2:
      g_string_append (out, ",\"name\":\"SQS\",\"namespace\":\"aws\",\"aws\":{\"queue_url\":"
                            "\"https://q.example.com/1/mail\"");
      g_string_append (out, CHANCE (50) ? ",\"operation\":\"SendMessage\"}" : "}");
      break;
    case 3:
      g_string_append (out, ",\"name\":\"orders@db\",\"namespace\":\"remote\",\"sql\":{\"sanitized_"
                            "query\":\"SELECT 1\"}");
      break;
    default:
      g_string_append_printf (out, ",\"name\":\"%s\"", CHANCE (50) ? "work" : "get_temperature");
      break;
    }
}

static void
append_times (GString *out, GRand *rand, gboolean in_progress)
{
  guint begin = (guint) g_rand_int_range (rand, 0, 20),
        length = (guint) g_rand_int_range (rand, 0, 40);

  g_string_append_printf (out, ",\"start_time\":1600000%03u.%u", begin / 2, begin % 2 * 5);
  if (in_progress)
    g_string_append (out, ",\"in_progress\":true");
  else
    g_string_append_printf (out, ",\"end_time\":1600000%03u.%u", (begin + length) / 2,
                            (begin + length) % 2 * 5);
}

/* Ids count up: 100 a segment, the segment's own first. */
static void
append_subsegments (GString *out, GRand *rand, guint *id, guint depth)
{
  guint n = (guint) g_rand_int_range (rand, 0, depth > 1 ? 2 : 4);

  if (n == 0)
    return;
  g_string_append (out, ",\"subsegments\":[");
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (out, "%s{\"id\":\"%016x\"", i ? "," : "", ++*id);
      append_call (out, rand);
      append_times (out, rand, CHANCE (5));
      append_flags (out, rand);
      append_http (out, rand);
      append_annotations (out, rand);
      if (depth < 3)
        append_subsegments (out, rand, id, depth + 1);
      g_string_append (out, "}");
    }
  g_string_append (out, "]");
}

static void
append_aws (GString *out, GRand *rand)
{
  if (CHANCE (60))
    return;
  g_string_append_printf (out, ",\"aws\":{\"account_id\":\"%s\"", CHANCE (50) ? "123" : "456");
  if (CHANCE (50))
    g_string_append_printf (
      out, ",\"ec2\":{\"instance_id\":\"i-%u\",\"availability_zone\":\"eu-west-1a\"}",
      g_rand_int_range (rand, 1, 3));
  g_string_append (out, "}");
}

GPtrArray *
fluo_random_documents (GRand *rand, guint number)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func (g_free);
  guint n = (guint) g_rand_int_range (rand, 1, 6);
  guint ids[8] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      GString *out = g_string_new (NULL);
      guint id = (i + 1) * 100;
      const char *origin = PICK (origins);

      g_string_append_printf (
        out, "{\"trace_id\":\"1-5f84c7a5-%024x\",\"id\":\"%016x\",\"name\":\"", number, id);
      /* A quote in a name must be escaped here. */
      for (const char *p = PICK (services); *p; p++)
        g_string_append_printf (out, *p == '"' ? "\\%c" : "%c", *p);
      g_string_append (out, "\"");
      if (*origin)
        g_string_append_printf (out, ",\"origin\":\"%s\"", origin);
      if (i > 0 && CHANCE (85))
        {
          guint above = (guint) g_rand_int_range (rand, 0, (gint32) i);
          guint parent =
            (guint) g_rand_int_range (rand, (gint32) (above + 1) * 100, (gint32) ids[above] + 1);

          g_string_append_printf (out, ",\"parent_id\":\"%016x\"", CHANCE (5) ? 0xabcdef : parent);
        }
      append_times (out, rand, CHANCE (7));
      append_flags (out, rand);
      append_http (out, rand);
      append_aws (out, rand);
      if (CHANCE (30))
        g_string_append_printf (out, ",\"user\":\"%s\"", CHANCE (50) ? "alice" : "bob");
      if (CHANCE (40))
        g_string_append_printf (out, ",\"service\":{\"version\":\"%s\"}",
                                CHANCE (50) ? "30" : "2.0-bar");
      if (CHANCE (20))
        g_string_append (out, ",\"resource_arn\":\"arn:aws:ecs:eu:1:task\"");
      if (i > 0 && CHANCE (10))
        g_string_append_printf (
          out,
          ",\"links\":[{\"trace_id\":\"1-5f84c7a5-%024x\",\"id\":\"%016x\",\"attributes\":{}}]",
          number, 100);
      append_annotations (out, rand);
      append_subsegments (out, rand, &id, 1);
      ids[i] = id;
      g_string_append (out, "}");
      g_ptr_array_add (documents, g_string_free (out, FALSE));
    }
  return documents;
}

static void
add (FluoTraceBuilder *builder, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
}

FluoTrace *
fluo_test_trace (const char *const *documents)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; documents[i]; i++)
    add (builder, documents[i]);
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

FluoTrace *
fluo_random_trace (GRand *rand, guint number)
{
  g_autoptr (GPtrArray) documents = fluo_random_documents (rand, number);

  g_ptr_array_add (documents, NULL);
  return fluo_test_trace ((const char *const *) documents->pdata);
}
