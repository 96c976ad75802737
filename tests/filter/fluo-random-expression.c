/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-random-expression.h"

#include <string.h>

#include "core/fluo-json.h"

#define PICK(list) (list)[g_rand_int_range (rand, 0, G_N_ELEMENTS (list))]
#define CHANCE(percent) (g_rand_int_range (rand, 0, 100) < (percent))

void
fluo_random_expression_free (gpointer data)
{
  Expression *self = data;

  g_ptr_array_unref (self->children);
  g_free (self);
}

static const char *const words[] = { "T S E ok",
                                     "T S E error",
                                     "T S E throttle",
                                     "T S E fault",
                                     "T partial",
                                     "T X inferred",
                                     "S root",
                                     "X Y Z first",
                                     "X Y Z last",
                                     "Y remote",
                                     "T S E #responsetime",
                                     "T S #duration",
                                     "T S E #http.status",
                                     "X Y Z #index",
                                     "R #coverage",
                                     "T S E $http.url",
                                     "T S E $http.method",
                                     "T S $http.useragent",
                                     "T S $http.clientip",
                                     "T $user",
                                     "S X Y Z $name",
                                     "S X $type",
                                     "S $version",
                                     "Z $message",
                                     "T $availabilityzone",
                                     "T $instance.id",
                                     "T $resource.arn",
                                     "T $account.id" };
static const char *const scope_letters = "TSEXYZ";
static const char *const texts[] = { "",
                                     "web",
                                     "api",
                                     "orders",
                                     "a\"b",
                                     "alice",
                                     "bob",
                                     "10.0.0.1",
                                     "GET",
                                     "remote",
                                     "work",
                                     "eu-west-1a",
                                     "i-1",
                                     "i-2",
                                     "bar",
                                     "30",
                                     "Access Denied",
                                     "TimeoutError",
                                     "http://api.example.com/v2/x",
                                     "api/game/",
                                     "AWS::Lambda",
                                     "AWS::ECS::Container",
                                     "stock",
                                     "123",
                                     "456",
                                     "curl/8",
                                     "e",
                                     "/",
                                     "gr\303\274n\n",
                                     "DynamoDB",
                                     "https://",
                                     "arn:aws:ecs:eu:1:task",
                                     "get_temperature" };
static const char *const keys[] = { "age", "gameid", "aws.local.operation", "owner", "none" };
static const char *const string_ops[] = { "=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH" };
static const char *const number_ops[] = { "=", "!=", "<", "<=", ">", ">=" };
static const double numbers[] = { 0, 0.5, 1, 2, 3, 5, 10, 200, 404, 429, 500, 7, 30, -25, 0.7 };

static void
make_value (Expression *self, GRand *rand, char type)
{
  self->boolean = -1;
  if (CHANCE (25))
    return;
  if (type == '$')
    {
      self->op = PICK (string_ops);
      self->text = PICK (texts);
    }
  else if (type == '#')
    {
      self->op = PICK (number_ops);
      self->number = PICK (numbers);
      self->is_number = TRUE;
    }
  else
    {
      self->op = number_ops[g_rand_int_range (rand, 0, 2)];
      self->boolean = CHANCE (50);
    }
}

static void
make_compare (Expression *self, GRand *rand, gboolean slow)
{
  const char *found = NULL;

  self->kind = COMPARE;
  if (self->scope <= IN_CALL && CHANCE (35))
    {
      self->word = "annotation";
      self->key = PICK (keys);
      self->side = self->scope == IN_CALL ? g_rand_int_range (rand, 0, 3) : 0;
      make_value (self, rand, "$#b"[g_rand_int_range (rand, 0, 3)]);
      return;
    }
  while (!found)
    {
      const char *row = PICK (words), *word = strrchr (row, ' ') + 1;

      for (const char *p = row; p < word; p++)
        if (*p == scope_letters[self->scope] || (*p == 'R' && slow && self->scope == PART_ENTITY))
          found = word;
    }
  self->word = strchr ("#$", *found) ? found + 1 : found;
  make_value (self, rand, *found);
}

static void
make_pattern (Expression *self, GRand *rand, guint i)
{
  static const char *const names[]
      = { "web", "api", "orders", "a\"b", "stock", "orders@db", "SQS", "data-plane", "DynamoDB" };
  static const char *const types[]
      = { "client", "remote", "AWS::Lambda", "AWS::ECS::Container", "AWS::DynamoDB::Table" };

  if (CHANCE (60))
    self->patterns[i][0] = PICK (names);
  if (CHANCE (20))
    self->patterns[i][1] = PICK (types);
  if (CHANCE (10))
    self->patterns[i][2] = CHANCE (50) ? "123" : "456";
}

Expression *
fluo_random_expression_new (GRand *rand, Scope scope, guint depth, gboolean slow)
{
  Expression *self = g_new0 (Expression, 1);
  int dice = g_rand_int_range (rand, 0, 100);
  guint n = 0;

  self->scope = scope;
  self->boolean = -1;
  self->children = g_ptr_array_new_with_free_func (fluo_random_expression_free);
  if (depth > 0 && dice < 35)
    {
      self->kind = dice < 20 ? ALL : ANY;
      n = (guint)g_rand_int_range (rand, 2, 4);
    }
  else if (depth > 0 && dice < 45)
    {
      self->kind = NONE;
      n = 1;
    }
  else if (scope == TRACE && dice < 60)
    {
      self->kind = SERVICE;
      make_pattern (self, rand, 0);
      scope = IN_SERVICE;
      n = CHANCE (75);
    }
  else if (scope == TRACE && dice < 72)
    {
      self->kind = CALL;
      make_pattern (self, rand, 0);
      make_pattern (self, rand, 1);
      scope = IN_CALL;
      n = CHANCE (75);
    }
  else if (scope == TRACE && dice < 85)
    {
      self->kind = CAUSE;
      self->cause = (guint)g_rand_int_range (rand, 0, 3);
      self->part = (guint)g_rand_int_range (rand, 0, self->cause == 2 ? 2 : 3);
      scope = PART_SERVICE + self->part;
      slow = self->cause == 2;
      n = CHANCE (85);
    }
  else
    make_compare (self, rand, slow);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->children, fluo_random_expression_new (rand, scope,
                                                                 depth > 0 ? depth - 1 : 0, slow));
  return self;
}

/* --- Writing, as people do: case and spaces as they come ------------------- */

static void
write_string (GString *out, const char *text)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_string (&writer, text);
}

static void
write_word (GString *out, GRand *rand, const char *word)
{
  for (const char *p = word; *p; p++)
    g_string_append_c (out, CHANCE (20) ? g_ascii_toupper (*p) : *p);
}

static void
write_pattern (GString *out, const char *const *pattern)
{
  static const char *const names[] = { "name", "type", "account.id" };
  const char *separator = "id(";

  if (pattern[0] && !pattern[1] && !pattern[2])
    {
      write_string (out, pattern[0]);
      return;
    }
  for (guint i = 0; i < 3; i++)
    if (pattern[i])
      {
        g_string_append_printf (out, "%s%s :", separator, names[i]);
        write_string (out, pattern[i]);
        separator = ", ";
      }
  g_string_append (out, *separator == ',' ? ")" : "");
}

static void
write_compare (GString *out, GRand *rand, const Expression *self)
{
  static const char *const sides[] = { "", "source.", "destination." };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, sides[self->side]);
  write_word (out, rand, self->word);
  if (self->key)
    g_string_append_printf (out, strchr (self->key, '.') || CHANCE (50) ? "[%s]" : ".%s",
                            self->key);
  if (!self->op)
    return;
  g_string_append_printf (out, g_ascii_isalpha (*self->op) || CHANCE (50) ? " %s " : "%s",
                          self->op);
  if (self->text)
    write_string (out, self->text);
  else if (self->is_number)
    g_string_append (out, g_ascii_dtostr (buffer, sizeof buffer, self->number));
  else
    g_string_append (out, self->boolean ? "true" : "FALSE");
}

static void
write_block (GString *out, GRand *rand, const Expression *self)
{
  if (self->children->len == 0)
    return;
  g_string_append (out, CHANCE (50) ? " {" : "{ ");
  fluo_random_expression_write (out, rand, g_ptr_array_index (self->children, 0));
  g_string_append (out, "}");
}

/* Brackets around every part of a list: what binds tighter is the parser's own test. */
void
fluo_random_expression_write (GString *out, GRand *rand, const Expression *self)
{
  static const char *const kinds[] = { "fault", "error", "responsetime" }, *const parts[]
                                                                           = { "service", "entity",
                                                                               "exception" };

  switch (self->kind)
    {
    case ALL:
    case ANY:
      for (guint i = 0; i < self->children->len; i++)
        {
          const Expression *child = g_ptr_array_index (self->children, i);
          gboolean brackets = child->kind == ANY || (child->kind == ALL && CHANCE (50));

          if (i > 0)
            g_string_append (out, self->kind == ANY ? " or " : CHANCE (50) ? " AND " : " ");
          g_string_append (out, brackets ? "(" : "");
          fluo_random_expression_write (out, rand, child);
          g_string_append (out, brackets ? ")" : "");
        }
      break;
    case NONE:
      g_string_append (out, CHANCE (50) ? "!(" : "not (");
      fluo_random_expression_write (out, rand, g_ptr_array_index (self->children, 0));
      g_string_append (out, ")");
      break;
    case SERVICE:
    case CALL:
      write_word (out, rand, self->kind == CALL ? "edge" : "service");
      g_string_append (out, "(");
      write_pattern (out, self->patterns[0]);
      if (self->kind == CALL)
        {
          g_string_append (out, ",");
          write_pattern (out, self->patterns[1]);
        }
      g_string_append (out, ")");
      write_block (out, rand, self);
      break;
    case CAUSE:
      g_string_append_printf (out, "rootcause.%s.%s", kinds[self->cause], parts[self->part]);
      write_block (out, rand, self);
      break;
    default:
      write_compare (out, rand, self);
      break;
    }
}
