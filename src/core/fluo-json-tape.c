/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-json.h"

#include <string.h>

struct _FluoJsonTape
{
  GBytes     *bytes;
  const char *text;
  GArray     *nodes; /* FluoJsonNode */
};

#define NODE(self, i) (&g_array_index ((self)->nodes, FluoJsonNode, (i)))

/* Appends the scanner's token. @open holds the indices of the containers around it, outermost
 * first. */
static void
append (FluoJsonTape *self, const FluoJsonScanner *scanner, FluoJsonToken token)
{
  FluoJsonNode node = { 0 };

  node.start = (guint32) scanner->start;
  node.end = (guint32) scanner->end;
  node.next = self->nodes->len + 1;
  node.token = (guint8) token;
  node.escaped = scanner->escaped && (token == FLUO_JSON_KEY || token == FLUO_JSON_STRING);
  g_array_append_val (self->nodes, node);
}

FluoJsonTape *
fluo_json_tape_new (GBytes *bytes, GError **error)
{
  g_autoptr (FluoJsonTape) self = g_new0 (FluoJsonTape, 1);
  guint32 open[FLUO_JSON_DEPTH_MAX];
  FluoJsonScanner scanner;
  FluoJsonToken token;
  gsize length = 0;

  self->bytes = g_bytes_ref (bytes);
  self->text = g_bytes_get_data (bytes, &length);
  self->nodes = g_array_sized_new (FALSE, FALSE, sizeof (FluoJsonNode),
                                   (guint) (MIN (length, 1 << 20) / 16 + 4));
  if (length >= G_MAXUINT32)
    {
      g_set_error_literal (error, FLUO_JSON_ERROR, FLUO_JSON_ERROR_TRUNCATED,
                           "the text is over 4 GiB");
      return NULL;
    }
  fluo_json_scanner_init (&scanner, self->text, length);
  while ((token = fluo_json_scanner_next (&scanner)) != FLUO_JSON_END)
    switch (token)
      {
      case FLUO_JSON_INVALID:
        fluo_json_scanner_set_error (&scanner, error);
        return NULL;
      case FLUO_JSON_OBJECT_BEGIN:
      case FLUO_JSON_ARRAY_BEGIN:
        open[scanner.depth - 1] = self->nodes->len;
        append (self, &scanner, token);
        break;
      case FLUO_JSON_OBJECT_END:
      case FLUO_JSON_ARRAY_END:
        NODE (self, open[scanner.depth])->next = self->nodes->len;
        NODE (self, open[scanner.depth])->end = (guint32) scanner.end;
        break;
      default:
        append (self, &scanner, token);
        break;
      }
  return g_steal_pointer (&self);
}

void
fluo_json_tape_free (FluoJsonTape *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->nodes, g_array_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

/* A scanner set on the node's text, to share its conversions. */
static void
point_at (const FluoJsonTape *self, guint32 node, FluoJsonScanner *scanner)
{
  fluo_json_scanner_init (scanner, self->text, NODE (self, node)->end);
  scanner->start = NODE (self, node)->start;
  scanner->end = NODE (self, node)->end;
  scanner->escaped = NODE (self, node)->escaped;
}

FluoJsonToken
fluo_json_tape_type (const FluoJsonTape *self, guint32 node)
{
  return node < self->nodes->len ? NODE (self, node)->token : FLUO_JSON_NULL;
}

static gboolean
is_container (const FluoJsonTape *self, guint32 node)
{
  FluoJsonToken token = fluo_json_tape_type (self, node);

  return token == FLUO_JSON_OBJECT_BEGIN || token == FLUO_JSON_ARRAY_BEGIN;
}

guint32
fluo_json_tape_get (const FluoJsonTape *self, guint32 object, const char *key)
{
  guint32 found = FLUO_JSON_NONE;

  if (fluo_json_tape_type (self, object) != FLUO_JSON_OBJECT_BEGIN)
    return FLUO_JSON_NONE;
  for (guint32 i = object + 1; i < NODE (self, object)->next; i = NODE (self, i + 1)->next)
    {
      FluoJsonScanner scanner;

      point_at (self, i, &scanner);
      if (fluo_json_scanner_equal (&scanner, key))
        found = i + 1;
    }
  return found;
}

guint32
fluo_json_tape_first (const FluoJsonTape *self, guint32 container)
{
  if (!is_container (self, container) || NODE (self, container)->next == container + 1)
    return FLUO_JSON_NONE;
  return container + (NODE (self, container)->token == FLUO_JSON_OBJECT_BEGIN ? 2 : 1);
}

guint32
fluo_json_tape_next (const FluoJsonTape *self, guint32 container, guint32 node)
{
  guint32 next;

  if (!is_container (self, container) || node >= self->nodes->len)
    return FLUO_JSON_NONE;
  next = NODE (self, node)->next;
  if (next >= NODE (self, container)->next)
    return FLUO_JSON_NONE;
  return NODE (self, container)->token == FLUO_JSON_OBJECT_BEGIN ? next + 1 : next;
}

char *
fluo_json_tape_dup_key (const FluoJsonTape *self, guint32 value)
{
  FluoJsonScanner scanner;

  if (value == 0 || fluo_json_tape_type (self, value - 1) != FLUO_JSON_KEY)
    return NULL;
  point_at (self, value - 1, &scanner);
  return fluo_json_scanner_dup (&scanner);
}

guint
fluo_json_tape_count (const FluoJsonTape *self, guint32 container)
{
  guint n = 0;

  for (guint32 i = fluo_json_tape_first (self, container); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (self, container, i))
    n++;
  return n;
}

char *
fluo_json_tape_dup (const FluoJsonTape *self, guint32 node)
{
  FluoJsonScanner scanner;

  if (fluo_json_tape_type (self, node) != FLUO_JSON_STRING)
    return NULL;
  point_at (self, node, &scanner);
  return fluo_json_scanner_dup (&scanner);
}

char *
fluo_json_tape_dup_member (const FluoJsonTape *self, guint32 object, const char *key)
{
  return fluo_json_tape_dup (self, fluo_json_tape_get (self, object, key));
}

char *
fluo_json_tape_dup_word (const FluoJsonTape *self, guint32 object, const char *key)
{
  char *text = fluo_json_tape_dup_member (self, object, key);

  return text ? text : g_strdup ("");
}

char *
fluo_json_tape_dup_first (const FluoJsonTape *self, guint32 object, const char *const *keys)
{
  char *text = NULL;

  for (; *keys && !text; keys++)
    text = fluo_json_tape_dup_member (self, object, *keys);
  return text;
}

guint64
fluo_json_tape_counter (const FluoJsonTape *self, guint32 object, const char *key)
{
  const gint64 value = fluo_json_tape_int (self, fluo_json_tape_get (self, object, key), 0);

  return (guint64) MAX (value, 0);
}

char *
fluo_json_tape_dup_exact (const FluoJsonTape *self, guint32 node, gsize *ret_length)
{
  FluoJsonScanner scanner;

  if (fluo_json_tape_type (self, node) != FLUO_JSON_STRING)
    return NULL;
  point_at (self, node, &scanner);
  return fluo_json_scanner_dup_exact (&scanner, ret_length);
}

double
fluo_json_tape_double (const FluoJsonTape *self, guint32 node, double fallback)
{
  FluoJsonScanner scanner;

  if (fluo_json_tape_type (self, node) != FLUO_JSON_NUMBER)
    return fallback;
  point_at (self, node, &scanner);
  return fluo_json_scanner_double (&scanner);
}

gint64
fluo_json_tape_int (const FluoJsonTape *self, guint32 node, gint64 fallback)
{
  FluoJsonScanner scanner;
  gint64 value;

  if (fluo_json_tape_type (self, node) != FLUO_JSON_NUMBER)
    return fallback;
  point_at (self, node, &scanner);
  return fluo_json_scanner_int64 (&scanner, &value) ? value : fallback;
}

gboolean
fluo_json_tape_boolean (const FluoJsonTape *self, guint32 node, gboolean fallback)
{
  FluoJsonToken token = fluo_json_tape_type (self, node);

  return token == FLUO_JSON_TRUE ? TRUE : token == FLUO_JSON_FALSE ? FALSE : fallback;
}

gboolean
fluo_json_tape_seconds (const FluoJsonTape *self, guint32 node, gint64 *ret_ns)
{
  FluoJsonScanner scanner;

  if (fluo_json_tape_type (self, node) != FLUO_JSON_NUMBER)
    return FALSE;
  point_at (self, node, &scanner);
  return fluo_json_scanner_seconds (&scanner, ret_ns);
}

const char *
fluo_json_tape_raw (const FluoJsonTape *self, guint32 node, gsize *ret_length)
{
  const FluoJsonNode *n;
  guint quote;

  if (node >= self->nodes->len)
    {
      *ret_length = 0;
      return NULL;
    }
  n = NODE (self, node);
  quote = n->token == FLUO_JSON_STRING || n->token == FLUO_JSON_KEY;
  *ret_length = n->end - n->start + 2 * quote;
  return self->text + n->start - quote;
}
