/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filter/fluo-filter.h"
#include "fluo-plain-trace.h"
#include "fluo-random-trace.h"

/* A second evaluator, slow and plain: it knows neither the parser nor facts, but walks expressions
 * that it made itself over the assembled trace, its documents and the summary's JSON. Both must
 * agree on every expression and trace. */

#define N_TRACES 150
#define N_EXPRESSIONS 4000
#define PICK(list) (list)[g_rand_int_range (rand, 0, G_N_ELEMENTS (list))]
#define CHANCE(percent) (g_rand_int_range (rand, 0, 100) < (percent))

/* --- Expressions ----------------------------------------------------------- */

typedef enum
{
  ALL,
  ANY,
  NONE,
  COMPARE,
  SERVICE,
  CALL,
  CAUSE
} Kind;
typedef enum
{
  TRACE,
  IN_SERVICE,
  IN_CALL,
  PART_SERVICE,
  PART_ENTITY,
  PART_EXCEPTION
} Scope;

typedef struct
{
  Kind kind;
  Scope scope;
  GPtrArray *children; /* Expression; the block of a term */
  const char *word;    /* "annotation" with key */
  const char *key;
  int side;         /* 0 own, 1 source, 2 destination */
  const char *op;   /* NULL: exists */
  const char *text; /* of a string */
  double number;
  int boolean; /* -1: none */
  gboolean is_number;
  const char *patterns[2][3];
  guint cause, part;
} Expression;

static void
expression_free (gpointer data)
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

static Expression *
expression_new (GRand *rand, Scope scope, guint depth, gboolean slow)
{
  Expression *self = g_new0 (Expression, 1);
  int dice = g_rand_int_range (rand, 0, 100);
  guint n = 0;

  self->scope = scope;
  self->boolean = -1;
  self->children = g_ptr_array_new_with_free_func (expression_free);
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
    g_ptr_array_add (self->children, expression_new (rand, scope, depth > 0 ? depth - 1 : 0, slow));
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

static void write_expression (GString *out, GRand *rand, const Expression *self);

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
  write_expression (out, rand, g_ptr_array_index (self->children, 0));
  g_string_append (out, "}");
}

/* Brackets around every part of a list: what binds tighter is the parser's own test. */
static void
write_expression (GString *out, GRand *rand, const Expression *self)
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
          write_expression (out, rand, child);
          g_string_append (out, brackets ? ")" : "");
        }
      break;
    case NONE:
      g_string_append (out, CHANCE (50) ? "!(" : "not (");
      write_expression (out, rand, g_ptr_array_index (self->children, 0));
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

/* --- Judging --------------------------------------------------------------- */

typedef struct
{
  PlainEntity *entity;
  PlainEdge *edge;
  const FluoJsonTape *causes;
  guint32 service, part; /* nodes of the tape */
  guint position, last;
} About;

static gboolean judge (FluoPlainTrace *view, const Expression *self, const About *about);

static gboolean
judge_text (const Expression *self, const char *text)
{
  if (!text || !*text)
    return FALSE;
  if (!self->op)
    return TRUE;
  if (strcmp (self->op, "=") == 0)
    return strcmp (text, self->text) == 0;
  if (strcmp (self->op, "!=") == 0)
    return strcmp (text, self->text) != 0;
  if (strcmp (self->op, "CONTAINS") == 0)
    return strstr (text, self->text) != NULL;
  if (strcmp (self->op, "BEGINSWITH") == 0)
    return strncmp (text, self->text, strlen (self->text)) == 0;
  return strlen (text) >= strlen (self->text)
         && strcmp (text + strlen (text) - strlen (self->text), self->text) == 0;
}

static gboolean
judge_number (const Expression *self, double value)
{
  if (isnan (value))
    return FALSE;
  if (!self->op)
    return TRUE;
  return strcmp (self->op, "=") == 0    ? value == self->number
         : strcmp (self->op, "!=") == 0 ? value != self->number
         : strcmp (self->op, "<") == 0  ? value < self->number
         : strcmp (self->op, "<=") == 0 ? value <= self->number
         : strcmp (self->op, ">") == 0  ? value > self->number
                                        : value >= self->number;
}

static gboolean
judge_boolean (const Expression *self, gboolean value)
{
  if (!self->op)
    return value != FALSE;
  return strcmp (self->op, "=") == 0 ? !value == !self->boolean : !value != !self->boolean;
}

static gboolean
judge_annotation (const Expression *self, const FluoAnnotation *row)
{
  Expression text = *self;

  if (strcmp (row->key, self->key) != 0)
    return FALSE;
  if (!self->op)
    return TRUE;
  if (self->text)
    {
      /* The empty text is a value here. */
      if (row->type == FLUO_VALUE_STRING && !*row->value)
        return !*self->text ? strcmp (self->op, "!=") != 0 : strcmp (self->op, "!=") == 0;
      return row->type == FLUO_VALUE_STRING && judge_text (&text, row->value);
    }
  if (self->is_number)
    return row->type == FLUO_VALUE_NUMBER && judge_number (self, g_ascii_strtod (row->value, NULL));
  return row->type == FLUO_VALUE_BOOLEAN && judge_boolean (self, strcmp (row->value, "true") == 0);
}

static gboolean
judge_annotations (const Expression *self, PlainEntity *entity)
{
  for (guint i = 0; entity && i < entity->annotations->len; i++)
    if (judge_annotation (self, g_ptr_array_index (entity->annotations, i)))
      return TRUE;
  return FALSE;
}

static gboolean
judge_status (const Expression *self, FluoStatus status)
{
  gboolean failed = status == FLUO_STATUS_FAULT || status == FLUO_STATUS_ERROR
                    || status == FLUO_STATUS_THROTTLE;

  return judge_boolean (self, strcmp (self->word, "ok") == 0      ? !failed
                              : strcmp (self->word, "fault") == 0 ? status == FLUO_STATUS_FAULT
                              : strcmp (self->word, "error") == 0 ? status == FLUO_STATUS_ERROR
                                                                  : status == FLUO_STATUS_THROTTLE);
}

#define IS(name) (strcmp (self->word, name) == 0)

static gboolean
judge_entity (const Expression *self, PlainEntity *entity)
{
  if (IS ("responsetime") || IS ("duration"))
    return judge_number (self, entity->seconds);
  if (IS ("http.status"))
    return judge_number (self, entity->http_status > 0 ? entity->http_status : NAN);
  if (IS ("http.url"))
    return judge_text (self, entity->detail->http_url);
  if (IS ("http.method"))
    return judge_text (self, entity->detail->http_method);
  if (IS ("http.useragent"))
    return judge_text (self, entity->detail->http_user_agent);
  if (IS ("http.clientip"))
    return judge_text (self, entity->detail->http_client_ip);
  if (IS ("root"))
    return judge_boolean (self, entity->entry);
  if (IS ("name"))
    return judge_text (self, entity->node->name);
  if (IS ("type"))
    return judge_text (self, entity->node->type);
  if (IS ("annotation"))
    return judge_annotations (self, entity);
  return judge_status (self, entity->status);
}

static gboolean
judge_call (const Expression *self, PlainEdge *edge)
{
  if (IS ("responsetime"))
    return judge_number (self, edge->seconds);
  if (IS ("http.status"))
    return judge_number (self, edge->http_status > 0 ? edge->http_status : NAN);
  if (IS ("http.url"))
    return judge_text (self, edge->url);
  if (IS ("http.method"))
    return judge_text (self, edge->method);
  if (IS ("annotation"))
    return judge_annotations (self, self->side == 2 ? edge->to : edge->from);
  return judge_status (self, edge->status);
}

static gboolean
judge_list (const Expression *self, const GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    if (judge_text (self, g_ptr_array_index (list, i)))
      return TRUE;
  return FALSE;
}

static gboolean
judge_trace_annotation (FluoPlainTrace *view, const Expression *self)
{
  for (guint i = 0; i < view->details->len; i++)
    {
      const FluoSpanDetail *detail = g_ptr_array_index (view->details, i);

      for (guint k = 0; k < detail->annotations->len; k++)
        if (judge_annotation (self, &g_array_index (detail->annotations, FluoAnnotation, k)))
          return TRUE;
    }
  return FALSE;
}

static gboolean
judge_trace (FluoPlainTrace *view, const Expression *self)
{
  gboolean inferred = FALSE;

  if (IS ("partial"))
    return judge_boolean (self, view->partial);
  if (IS ("inferred"))
    {
      for (guint i = 0; i < view->entities->len; i++)
        inferred |= ((PlainEntity *)g_ptr_array_index (view->entities, i))->inferred;
      return judge_boolean (self, inferred);
    }
  if (IS ("duration"))
    return judge_number (self, view->duration);
  if (IS ("user"))
    return judge_list (self, view->summary->users);
  if (IS ("availabilityzone"))
    return judge_list (self, view->summary->zones);
  if (IS ("instance.id"))
    return judge_list (self, view->summary->instances);
  if (IS ("resource.arn"))
    return judge_list (self, view->summary->arns);
  if (IS ("account.id"))
    {
      for (guint i = 0; i < view->nodes->len; i++)
        if (judge_text (self, ((PlainNode *)g_ptr_array_index (view->nodes, i))->account))
          return TRUE;
      return FALSE;
    }
  if (IS ("annotation"))
    return judge_trace_annotation (view, self);
  if (view->root)
    return judge_entity (self, view->root);
  return (IS ("ok") || IS ("error") || IS ("fault") || IS ("throttle"))
         && judge_boolean (self, FALSE);
}

static gboolean
judge_cause (const Expression *self, const About *about)
{
  guint32 named = self->scope == PART_SERVICE ? about->service : about->part;
  g_autofree char *name
      = fluo_json_tape_dup (about->causes, fluo_json_tape_get (about->causes, named, "Name"));
  g_autofree char *type = fluo_json_tape_dup (
      about->causes, fluo_json_tape_get (about->causes, about->service, "Type"));
  g_autofree char *message
      = fluo_json_tape_dup (about->causes, fluo_json_tape_get (about->causes, named, "Message"));

  if (IS ("name"))
    return judge_text (self, name);
  if (IS ("type"))
    return judge_text (self, type);
  if (IS ("message"))
    return judge_text (self, message);
  if (IS ("first"))
    return judge_boolean (self, about->position == 0);
  if (IS ("last"))
    return judge_boolean (self, about->position == about->last);
  if (IS ("index"))
    return judge_number (self, about->position);
  if (IS ("coverage"))
    return judge_number (
        self, fluo_json_tape_double (about->causes,
                                     fluo_json_tape_get (about->causes, named, "Coverage"), NAN));
  return judge_boolean (
      self, fluo_json_tape_boolean (
                about->causes,
                fluo_json_tape_get (about->causes, named, IS ("inferred") ? "Inferred" : "Remote"),
                FALSE));
}

static gboolean
judge_pattern (const char *const *pattern, const char *name, const char *type, const char *account,
               const GPtrArray *aliases)
{
  gboolean named = !pattern[0] || strcmp (name, pattern[0]) == 0;

  if (g_strcmp0 (type, "client") == 0 && pattern[0] && !pattern[1])
    return FALSE;
  for (guint i = 0; aliases && i < aliases->len; i++)
    named |= pattern[0] && strcmp (g_ptr_array_index (aliases, i), pattern[0]) == 0;
  return named && (!pattern[1] || g_strcmp0 (type, pattern[1]) == 0)
         && (!pattern[2] || g_strcmp0 (account, pattern[2]) == 0);
}

static gboolean
judge_node (const char *const *pattern, const PlainNode *node)
{
  return judge_pattern (pattern, node->name, node->type, node->account, node->aliases);
}

static gboolean
judge_block (FluoPlainTrace *view, const Expression *self, const About *about)
{
  return self->children->len == 0 || judge (view, g_ptr_array_index (self->children, 0), about);
}

static gboolean
judge_services (FluoPlainTrace *view, const Expression *self)
{
  About about = { 0 };

  for (guint i = 0; i < view->nodes->len && self->children->len == 0; i++)
    if (judge_node (self->patterns[0], g_ptr_array_index (view->nodes, i)))
      return TRUE;
  for (guint i = 0; i < view->entities->len; i++)
    {
      about.entity = g_ptr_array_index (view->entities, i);
      if (self->children->len > 0 && judge_node (self->patterns[0], about.entity->node)
          && judge_block (view, self, &about))
        return TRUE;
    }
  return FALSE;
}

static gboolean
judge_calls (FluoPlainTrace *view, const Expression *self)
{
  About about = { 0 };

  for (guint i = 0; i < view->edges->len; i++)
    {
      PlainEdge *edge = about.edge = g_ptr_array_index (view->edges, i);
      const PlainNode *from
          = edge->from ? edge->from->node
                       : fluo_plain_trace_get_node (view, edge->to->node->name, "client");

      if (judge_node (self->patterns[0], from) && judge_node (self->patterns[1], edge->to->node)
          && judge_block (view, self, &about))
        return TRUE;
    }
  return FALSE;
}

/* Lists every element of the part that is asked about, with its place in its list. */
static gboolean
judge_one_cause (FluoPlainTrace *view, const Expression *self, const FluoJsonTape *tape,
                 guint32 cause)
{
  guint32 services = fluo_json_tape_get (tape, cause, "Services");
  About about = { .causes = tape };
  guint n = 0, position = 0, row = 0;

  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    n += fluo_json_tape_count (tape, fluo_json_tape_get (tape, s, "EntityPath"));
  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    {
      guint32 path = fluo_json_tape_get (tape, s, "EntityPath");

      about.service = s;
      about.position = row++;
      about.last = fluo_json_tape_count (tape, services) - 1;
      if (self->part == 0 && judge_block (view, self, &about))
        return TRUE;
      for (guint32 e = fluo_json_tape_first (tape, path); e != FLUO_JSON_NONE;
           e = fluo_json_tape_next (tape, path, e))
        {
          guint32 list = fluo_json_tape_get (tape, e, "Exceptions");

          about.part = e;
          about.position = position++;
          about.last = n - 1;
          if (self->part == 1 && judge_block (view, self, &about))
            return TRUE;
          about.position = 0;
          about.last = fluo_json_tape_count (tape, list) - 1;
          for (guint32 x = fluo_json_tape_first (tape, list);
               x != FLUO_JSON_NONE && self->part == 2;
               x = fluo_json_tape_next (tape, list, x), about.position++)
            {
              about.part = x;
              if (judge_block (view, self, &about))
                return TRUE;
            }
        }
    }
  return FALSE;
}

static gboolean
judge_causes (FluoPlainTrace *view, const Expression *self)
{
  const FluoJsonTape *tape = view->causes[self->cause];

  for (guint32 c = fluo_json_tape_first (tape, 0); c != FLUO_JSON_NONE;
       c = fluo_json_tape_next (tape, 0, c))
    if (judge_one_cause (view, self, tape, c))
      return TRUE;
  return FALSE;
}

static gboolean
judge (FluoPlainTrace *view, const Expression *self, const About *about)
{
  gboolean all = TRUE, any = FALSE;

  switch (self->kind)
    {
    case SERVICE:
      return judge_services (view, self);
    case CALL:
      return judge_calls (view, self);
    case CAUSE:
      return judge_causes (view, self);
    case COMPARE:
      return self->scope == TRACE        ? judge_trace (view, self)
             : self->scope == IN_SERVICE ? judge_entity (self, about->entity)
             : self->scope == IN_CALL    ? judge_call (self, about->edge)
                                         : judge_cause (self, about);
    default:
      break;
    }
  for (guint i = 0; i < self->children->len; i++)
    {
      gboolean found = judge (view, g_ptr_array_index (self->children, i), about);

      all = all && found;
      any = any || found;
    }
  return self->kind == ALL ? all : self->kind == ANY ? any : !any;
}

/* --- Tests ----------------------------------------------------------------- */

static void
collect (guint64 term, gpointer data)
{
  gint64 *copy = g_memdup2 (&term, sizeof term);

  g_hash_table_add (data, copy);
}

/* What an index is asked for, every match has. */
static void
check_terms (const FluoFilter *filter, const FluoTraceFacts *facts)
{
  g_autoptr (GHashTable) terms = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n;
  const guint64 *wanted = fluo_filter_get_terms (filter, &n);

  if (n == 0)
    return;
  fluo_trace_facts_each_term (facts, collect, terms);
  for (guint i = 0; i < n; i++)
    g_assert_true (g_hash_table_contains (terms, &wanted[i]));
}

static FluoFactsBlock *
merge (GPtrArray *views)
{
  g_autofree FluoTraceFacts *facts = g_new (FluoTraceFacts, views->len);
  g_autoptr (GPtrArray) blocks
      = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_facts_block_unref);

  for (guint i = 0; i < views->len; i++)
    {
      FluoFactsBlock *block
          = fluo_facts_block_from_trace (((FluoPlainTrace *)g_ptr_array_index (views, i))->trace);

      g_ptr_array_add (blocks, block);
      fluo_facts_block_get (block, 0, &facts[i]);
    }
  return fluo_facts_block_merge (facts, views->len);
}

static void
test_agreement (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  g_autoptr (GPtrArray) views
      = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_plain_trace_free);
  g_autoptr (FluoFactsBlock) block = NULL;
  guint found = 0, asked = 0, telling = 0;

  for (guint i = 0; i < N_TRACES; i++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace (rand, i);

      g_ptr_array_add (views, fluo_plain_trace_new (trace));
    }
  block = merge (views);
  for (guint i = 0; i < N_EXPRESSIONS; i++)
    {
      Expression *expression = expression_new (rand, TRACE, 3, FALSE);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (FluoFilter) filter = NULL, again = NULL;
      g_autoptr (FluoFilterMatcher) matcher = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *printed = NULL, *twice = NULL;
      guint here = 0;

      write_expression (text, rand, expression);
      filter = fluo_filter_new (text->str, (gssize)text->len, NULL, &error);
      if (error)
        g_test_message ("%s", text->str);
      g_assert_no_error (error);
      printed = fluo_filter_print (filter);
      again = fluo_filter_new (printed, -1, NULL, &error);
      g_assert_no_error (error);
      twice = fluo_filter_print (again);
      g_assert_cmpstr (printed, ==, twice);
      matcher = fluo_filter_matcher_new (again, block);
      for (guint k = 0; k < N_TRACES; k++)
        {
          gboolean expected = judge (g_ptr_array_index (views, k), expression, NULL), got;
          FluoTraceFacts facts;

          fluo_facts_block_get (block, k, &facts);
          got = fluo_filter_matches (filter, &facts);
          if (got != expected)
            g_test_message ("%s on trace %u: expected %d", text->str, k, expected);
          g_assert_cmpint (got, ==, expected);
          g_assert_cmpint (fluo_filter_matcher_matches (matcher, k), ==, expected);
          if (expected)
            check_terms (filter, &facts);
          here += expected != FALSE;
          asked++;
        }
      found += here;
      telling += here > 0 && here < N_TRACES;
      expression_free (expression);
    }
  g_test_message ("%u of %u matched; %u expressions tell traces apart", found, asked, telling);
  g_assert_cmpuint (telling, >, N_EXPRESSIONS / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filter/agreement", test_agreement);
  return g_test_run ();
}
