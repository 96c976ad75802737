/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>

#include "local/api/fluo-api-shapes.h"
#include "fluo-test-util.h"

static FluoJsonTape *
parse (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  FluoJsonTape *tape = fluo_json_tape_new (bytes, &error);

  g_assert_no_error (error);
  return tape;
}

/* --- The table is the model's ------------------------------------------- */

static guint32
find_shape (const FluoJsonTape *model, guint32 reference)
{
  g_autofree char *name =
    fluo_json_tape_dup (model, fluo_json_tape_get (model, reference, "shape"));

  g_assert_nonnull (name);
  return fluo_json_tape_get (model, fluo_json_tape_get (model, 0, "shapes"), name);
}

static const FluoMember *
find_member (const FluoShape *shape, const char *name)
{
  for (const FluoMember *member = shape->members; member->name; member++)
    if (strcmp (member->name, name) == 0)
      return member;
  return NULL;
}

static gboolean
lists (const FluoJsonTape *model, guint32 list, const char *text)
{
  for (guint32 i = fluo_json_tape_first (model, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (model, list, i))
    {
      g_autofree char *each = fluo_json_tape_dup (model, i);

      if (strcmp (each, text) == 0)
        return TRUE;
    }
  return FALSE;
}

static void compare (const FluoJsonTape *model, guint32 node, const FluoShape *shape);

static void
compare_members (const FluoJsonTape *model, guint32 node, const FluoShape *shape)
{
  guint32 members = fluo_json_tape_get (model, node, "members");
  guint n = 0;

  for (guint32 i = fluo_json_tape_first (model, members); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (model, members, i))
    {
      g_autofree char *name = fluo_json_tape_dup_key (model, i);
      const FluoMember *member = find_member (shape, name);

      g_test_message ("member %s", name);
      g_assert_nonnull (member);
      g_assert_cmpint (member->required, ==,
                       lists (model, fluo_json_tape_get (model, node, "required"), name));
      compare (model, find_shape (model, i), member->shape);
      n++;
    }
  for (const FluoMember *member = shape->members; member->name; member++)
    n--;
  g_assert_cmpuint (n, ==, 0);
}

static void
compare_limits (const FluoJsonTape *model, guint32 node, const FluoShape *shape)
{
  guint32 min = fluo_json_tape_get (model, node, "min");
  guint32 max = fluo_json_tape_get (model, node, "max");
  g_autofree char *pattern =
    fluo_json_tape_dup (model, fluo_json_tape_get (model, node, "pattern"));
  guint32 words = fluo_json_tape_get (model, node, "enum");
  g_autoptr (GString) all = g_string_new (NULL);

  /* A length is never below 0. */
  if (shape->has_min)
    g_assert_cmpint (fluo_json_tape_int (model, min, -1), ==, shape->min);
  else
    g_assert_cmpint (fluo_json_tape_int (model, min, 0), ==, 0);
  g_assert_cmpint (fluo_json_tape_int (model, max, -1), ==, shape->has_max ? shape->max : -1);
  g_assert_cmpstr (pattern, ==, shape->pattern);
  for (guint32 i = fluo_json_tape_first (model, words); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (model, words, i))
    {
      g_autofree char *word = fluo_json_tape_dup (model, i);

      g_string_append_printf (all, "%s%s", all->len ? ", " : "", word);
    }
  g_assert_cmpstr (all->len ? all->str : NULL, ==, shape->words);
}

static void
compare (const FluoJsonTape *model, guint32 node, const FluoShape *shape)
{
  static const struct
  {
    const char   *name;
    FluoShapeType type;
  } types[] = { { "string", FLUO_SHAPE_STRING },       { "integer", FLUO_SHAPE_INTEGER },
                { "double", FLUO_SHAPE_DOUBLE },       { "boolean", FLUO_SHAPE_BOOLEAN },
                { "timestamp", FLUO_SHAPE_TIMESTAMP }, { "list", FLUO_SHAPE_LIST },
                { "map", FLUO_SHAPE_MAP },             { "structure", FLUO_SHAPE_STRUCTURE } };
  g_autofree char *type = fluo_json_tape_dup (model, fluo_json_tape_get (model, node, "type"));

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, type) == 0)
      g_assert_cmpint (shape->type, ==, types[i].type);
  compare_limits (model, node, shape);
  if (shape->type == FLUO_SHAPE_STRUCTURE)
    compare_members (model, node, shape);
  else if (shape->type == FLUO_SHAPE_LIST)
    compare (model, find_shape (model, fluo_json_tape_get (model, node, "member")), shape->element);
  else if (shape->type == FLUO_SHAPE_MAP)
    {
      compare (model, find_shape (model, fluo_json_tape_get (model, node, "key")), shape->key);
      compare (model, find_shape (model, fluo_json_tape_get (model, node, "value")),
               shape->element);
    }
}

static void
test_model (void)
{
  g_autofree char *path = fluo_test_data ("model/xray-service-2.json");
  g_autofree char *text = fluo_test_read (path, NULL);
  g_autoptr (FluoJsonTape) model = parse (text);
  guint32 operations = fluo_json_tape_get (model, 0, "operations");
  guint n = 0;

  for (guint32 i = fluo_json_tape_first (model, operations); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (model, operations, i))
    {
      g_autofree char *name = fluo_json_tape_dup_key (model, i);
      const FluoShape *shape = fluo_api_shapes_find (name);

      g_test_message ("operation %s", name);
      g_assert_nonnull (shape);
      compare (model, find_shape (model, fluo_json_tape_get (model, i, "input")), shape);
      n++;
    }
  g_assert_cmpuint (n, ==, 38);
  g_assert_null (fluo_api_shapes_find ("status"));
}

/* --- What is said ------------------------------------------------------- */

static const struct
{
  const char *operation, *request, *type, *message;
} cases[] = {
  { "CreateGroup", "{\"GroupName\":\"shop\"}", NULL, NULL },
  { "CreateGroup", "{\"GroupName\":\"shop\",\"Unknown\":[1],\"Tags\":null}", NULL, NULL },
  { "CreateGroup", "{}", "ValidationException",
    "1 validation error detected: Value null at 'groupName' failed to satisfy constraint: Member "
    "must not be null" },
  { "CreateGroup", "{\"GroupName\":null}", "ValidationException",
    "1 validation error detected: Value null at 'groupName' failed to satisfy constraint: Member "
    "must not be null" },
  { "CreateGroup", "{\"GroupName\":\"\"}", "ValidationException",
    "1 validation error detected: Value '' at 'groupName' failed to satisfy constraint: Member "
    "must have length greater than or equal to 1" },
  { "CreateGroup", "{\"GroupName\":\"123456789012345678901234567890123\"}", "ValidationException",
    "1 validation error detected: Value '123456789012345678901234567890123' at 'groupName' failed "
    "to satisfy constraint: Member must have length less than or equal to 32" },
  /* Characters count, not bytes. */
  { "CreateGroup", "{\"GroupName\":\"ääääääääääääääääääääääääääääääää\"}", NULL, NULL },
  { "CreateGroup", "{\"GroupName\":7,\"Tags\":[{}]}", "SerializationException",
    "NUMBER_VALUE can not be converted: 'groupName' takes a string" },
  { "CreateGroup", "{\"GroupName\":\"a\",\"Tags\":[{\"Key\":\"k\"}]}", "ValidationException",
    "1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy "
    "constraint: Member must not be null" },
  { "CreateGroup", "{\"GroupName\":\"\",\"Tags\":[{\"Key\":\"k\"}]}", "ValidationException",
    "2 validation errors detected: Value '' at 'groupName' failed to satisfy constraint: Member "
    "must have length greater than or equal to 1; Value null at 'tags.1.member.value' failed to "
    "satisfy constraint: Member must not be null" },
  { "GetTraceSummaries", "{\"StartTime\":1,\"EndTime\":2,\"TimeRangeType\":\"X\"}",
    "ValidationException",
    "1 validation error detected: Value 'X' at 'timeRangeType' failed to satisfy constraint: "
    "Member must satisfy enum value set: [TraceId, Event, Service]" },
  { "GetTraceSummaries", "{\"StartTime\":\"1\",\"EndTime\":2}", "SerializationException",
    "STRING_VALUE can not be converted: 'startTime' takes a number of seconds since 1970" },
  { "BatchGetTraces", "{\"TraceIds\":[\"\"]}", "ValidationException",
    "1 validation error detected: Value '[\"\"]' at 'traceIds' failed to satisfy constraint: "
    "Member must satisfy constraint: [Member must have length less than or equal to 35, Member "
    "must have length greater than or equal to 1]" },
  { "BatchGetTraces", "{\"TraceIds\":\"x\"}", "SerializationException",
    "STRING_VALUE can not be converted: 'traceIds' takes a list" },
  { "PutTraceSegments", "{\"TraceSegmentDocuments\":[{}]}", "SerializationException",
    "Start of structure or map found where not expected: 'traceSegmentDocuments.1.member' takes a "
    "string" },
  { "PutResourcePolicy", "{\"PolicyName\":\"a b\\n\",\"PolicyDocument\":\"\"}",
    "ValidationException",
    "1 validation error detected: Value 'a b ' at 'policyName' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: [\\w+=,.@-]+" },
  { "PutResourcePolicy", "{\"PolicyName\":\"ab\\n\",\"PolicyDocument\":\"\"}",
    "ValidationException", NULL },
  { "PutResourcePolicy", "{\"PolicyName\":\"ä\",\"PolicyDocument\":\"\"}", "ValidationException",
    NULL },
  { "UpdateSamplingRule",
    "{\"SamplingRuleUpdate\":{\"Attributes\":{\"\":\"v\"},\"HTTPMethod\":\"12345678901\"}}",
    "ValidationException",
    "2 validation errors detected: Value '12345678901' at 'samplingRuleUpdate.hTTPMethod' failed "
    "to satisfy constraint: Member must have length less than or equal to 10; Value '{\"\":\"v\"}' "
    "at 'samplingRuleUpdate.attributes' failed to satisfy constraint: Map keys must satisfy "
    "constraint: [Member must have length less than or equal to 32, Member must have length "
    "greater than or equal to 1]" },
  /* Fractions are cut off before the value is looked at. */
  { "GetInsightEvents",
    "{\"InsightId\":\"01234567-89ab-1def-8123-456789abcdef\",\"MaxResults\":50.9}", NULL, NULL },
  { "GetInsightEvents",
    "{\"InsightId\":\"01234567-89ab-1def-8123-456789abcdef\",\"MaxResults\":0.9}",
    "ValidationException",
    "1 validation error detected: Value '0.9' at 'maxResults' failed to satisfy constraint: Member "
    "must have value greater than or equal to 1" },
};

static void
test_messages (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FluoJsonTape) tape = parse (cases[i].request);
      g_autofree char *message = NULL;
      const char *type = NULL;
      gboolean good =
        fluo_shape_check (fluo_api_shapes_find (cases[i].operation), tape, &type, &message);

      g_test_message ("%s %s", cases[i].operation, cases[i].request);
      g_assert_cmpint (good, ==, cases[i].type == NULL);
      g_assert_cmpstr (type, ==, cases[i].type);
      if (cases[i].message)
        g_assert_cmpstr (message, ==, cases[i].message);
    }
}

/* Whatever comes, the answer stays short. */
static void
test_length (void)
{
  g_autoptr (GString) text = g_string_new ("{\"ResourceARN\":\"x\",\"Tags\":[");
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autofree char *message = NULL;
  const char *type;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, i ? ",{\"Key\":\"\"}" : "{\"Key\":\"\"}");
  g_string_append (text, "]}");
  tape = parse (text->str);
  g_assert_false (fluo_shape_check (fluo_api_shapes_find ("TagResource"), tape, &type, &message));
  g_assert_true (g_str_has_prefix (message, "200001 validation errors detected: "));
  g_assert_cmpuint (strlen (message), <, 1200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/shapes/model", test_model);
  g_test_add_func ("/local/shapes/messages", test_messages);
  g_test_add_func ("/local/shapes/length", test_length);
  return g_test_run ();
}
