/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-fold.h"

#include <string.h>

#include "core/fluo-json.h"

/* Text to put into a document at an offset: the subsegments of one entity. */
typedef struct
{
  gsize    offset;
  char    *before;  /* what separates it from what is there */
  GString *items;
  char    *after;
} Insert;

typedef struct
{
  FluoStoredDocument *stored;
  FluoJsonTape       *tape;
  GArray             *inserts;    /* Insert */
  GHashTable         *by_entity;  /* entity's node → 1 + index in inserts */
  guint               n_waiting;  /* documents that go into this one and are not done */
  guint               parent;     /* index of the document with the parent, or G_MAXUINT */
  guint32             parent_node;
  guint               height;     /* levels of the finished text */
  gboolean            placed;     /* it is in its parent's text */
} Piece;

typedef struct
{
  guint   piece;
  guint32 node;
  guint   depth;
} Entity;

static void
insert_clear (gpointer data)
{
  Insert *insert = data;

  g_free (insert->before);
  g_string_free (insert->items, TRUE);
  g_free (insert->after);
}

static void
piece_clear (gpointer data)
{
  Piece *piece = data;

  g_clear_pointer (&piece->tape, fluo_json_tape_free);
  g_clear_pointer (&piece->inserts, g_array_unref);
  g_clear_pointer (&piece->by_entity, g_hash_table_unref);
}

static gboolean
parse_id (FluoJsonTape *tape, guint32 object, const char *key, guint64 *id)
{
  g_autofree char *text = fluo_json_tape_dup_member (tape, object, key);

  return text && fluo_span_id_parse (text, -1, id);
}

static guint
measure_height (GBytes *body)
{
  FluoJsonScanner scanner;
  FluoJsonToken token;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  guint height = 0;

  fluo_json_scanner_init (&scanner, text, length);
  while ((token = fluo_json_scanner_next (&scanner)) != FLUO_JSON_END && token != FLUO_JSON_INVALID)
    height = MAX (height, scanner.depth);
  return height;
}

/* Registers a document's segment or subsegment and all that nest in it. Walks with a list of its
 * own: depth is data. */
static void
index_entities (GHashTable *entities, FluoJsonTape *tape, guint piece)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Entity));
  Entity root = { piece, 0, 1 };

  g_array_append_val (open, root);
  while (open->len > 0)
    {
      Entity entity = g_array_index (open, Entity, open->len - 1);
      guint32 list = fluo_json_tape_get (tape, entity.node, "subsegments");
      guint64 id;

      g_array_set_size (open, open->len - 1);
      if (parse_id (tape, entity.node, "id", &id) && !g_hash_table_contains (entities, &id))
        g_hash_table_insert (entities, g_memdup2 (&id, sizeof id),
                             g_memdup2 (&entity, sizeof entity));
      for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
           i = fluo_json_tape_next (tape, list, i))
        if (fluo_json_tape_type (tape, i) == FLUO_JSON_OBJECT_BEGIN)
          {
            Entity child = { piece, i, entity.depth + 2 };

            g_array_append_val (open, child);
          }
    }
}

/* Where the subsegments of the entity at @node go: into its list, or a new list at its end. */
static Insert *
get_insert (Piece *piece, guint32 node)
{
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (piece->by_entity, GUINT_TO_POINTER (node)));
  guint32 list = fluo_json_tape_get (piece->tape, node, "subsegments");
  gboolean has_list = fluo_json_tape_type (piece->tape, list) == FLUO_JSON_ARRAY_BEGIN;
  const char *text = g_bytes_get_data (piece->stored->body, NULL);
  Insert insert = { 0 };
  const char *raw;
  gsize length;

  if (known > 0)
    return &g_array_index (piece->inserts, Insert, known - 1);
  raw = fluo_json_tape_raw (piece->tape, has_list ? list : node, &length);
  insert.offset = (gsize) (raw - text) + length - 1;
  insert.items = g_string_new (NULL);
  if (has_list)
    insert.before =
      g_strdup (fluo_json_tape_first (piece->tape, list) != FLUO_JSON_NONE ? "," : "");
  else
    insert.before = g_strdup (",\"subsegments\":[");
  insert.after = g_strdup (has_list ? "" : "]");
  g_array_append_val (piece->inserts, insert);
  g_hash_table_insert (piece->by_entity, GUINT_TO_POINTER (node),
                       GUINT_TO_POINTER (piece->inserts->len));
  return &g_array_index (piece->inserts, Insert, piece->inserts->len - 1);
}

static int
compare_inserts (gconstpointer a, gconstpointer b)
{
  const Insert *one = a, *two = b;

  return one->offset < two->offset ? -1 : one->offset > two->offset;
}

/* Copies [begin, end) of the document with what is to be put into it. */
static void
copy_range (Piece *piece, gsize begin, gsize end, GString *out)
{
  const char *text = g_bytes_get_data (piece->stored->body, NULL);

  for (guint i = 0; i < piece->inserts->len; i++)
    {
      Insert *insert = &g_array_index (piece->inserts, Insert, i);

      if (insert->offset < begin || insert->offset >= end)
        continue;
      g_string_append_len (out, text + begin, (gssize) (insert->offset - begin));
      g_string_append_printf (out, "%s%s%s", insert->before, insert->items->str, insert->after);
      begin = insert->offset;
    }
  g_string_append_len (out, text + begin, (gssize) (end - begin));
}

static gboolean
is_head_member (const char *key, gsize length)
{
  static const char *const names[] = { "\"type\"", "\"trace_id\"", "\"parent_id\"" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && memcmp (names[i], key, length) == 0)
      return TRUE;
  return FALSE;
}

/* The finished text; @nested without the members that only an independent subsegment has. */
static GString *
render (Piece *piece, gboolean nested)
{
  const char *text = g_bytes_get_data (piece->stored->body, NULL);
  GString *out = g_string_new (NULL);
  const char *raw;
  gsize length, root_end;

  g_array_sort (piece->inserts, compare_inserts);
  if (!nested)
    {
      copy_range (piece, 0, g_bytes_get_size (piece->stored->body), out);
      return out;
    }
  raw = fluo_json_tape_raw (piece->tape, 0, &length);
  root_end = (gsize) (raw - text) + length;
  g_string_append_c (out, '{');
  for (guint32 i = fluo_json_tape_first (piece->tape, 0); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (piece->tape, 0, i))
    {
      raw = fluo_json_tape_raw (piece->tape, i - 1, &length);
      if (is_head_member (raw, length))
        continue;
      if (out->len > 1)
        g_string_append_c (out, ',');
      g_string_append_len (out, raw, (gssize) length);
      g_string_append_c (out, ':');
      raw = fluo_json_tape_raw (piece->tape, i, &length);
      copy_range (piece, (gsize) (raw - text), (gsize) (raw - text) + length, out);
    }
  copy_range (piece, root_end - 1, root_end, out);
  return out;
}

static void
place (GArray *pieces, GHashTable *entities, Piece *piece)
{
  Piece *parent = &g_array_index (pieces, Piece, piece->parent);
  g_autoptr (GString) text = NULL;
  Insert *insert;
  Entity *entity;
  guint64 id;

  if (!parse_id (parent->tape, piece->parent_node, "id", &id))
    return;
  entity = g_hash_table_lookup (entities, &id);
  if (!entity || entity->depth + 1 + piece->height > FLUO_JSON_DEPTH_MAX)
    return;
  text = render (piece, TRUE);
  insert = get_insert (parent, piece->parent_node);
  if (insert->items->len > 0)
    g_string_append_c (insert->items, ',');
  g_string_append_len (insert->items, text->str, (gssize) text->len);
  parent->height = MAX (parent->height, entity->depth + 1 + piece->height);
  piece->placed = TRUE;
}

static void
find_parents (GArray *pieces, GHashTable *entities)
{
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);
      Entity *entity;
      guint64 id;

      piece->parent = G_MAXUINT;
      if (!piece->tape || !(piece->stored->flags & FLUO_STORED_SUBSEGMENT) ||
          !parse_id (piece->tape, 0, "parent_id", &id))
        continue;
      entity = g_hash_table_lookup (entities, &id);
      if (!entity || entity->piece == i)
        continue;
      piece->parent = entity->piece;
      piece->parent_node = entity->node;
      g_array_index (pieces, Piece, entity->piece).n_waiting++;
    }
}

/* Leaves first, so that every document is finished before it goes into its parent; a ring has no
 * leaf and stays. */
static void
place_all (GArray *pieces, GHashTable *entities)
{
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < pieces->len; i++)
    if (g_array_index (pieces, Piece, i).n_waiting == 0)
      g_array_append_val (ready, i);
  for (guint i = 0; i < ready->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, g_array_index (ready, guint, i));

      if (piece->parent == G_MAXUINT)
        continue;
      place (pieces, entities, piece);
      if (--g_array_index (pieces, Piece, piece->parent).n_waiting == 0)
        g_array_append_val (ready, piece->parent);
    }
}

static void
folded_clear (gpointer data)
{
  g_bytes_unref (((FluoFoldedDocument *) data)->body);
}

GArray *
fluo_fold_documents (FluoStoredTrace *stored)
{
  GArray *folded = g_array_new (FALSE, FALSE, sizeof (FluoFoldedDocument));
  g_autoptr (GArray) pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  g_autoptr (GHashTable) entities =
    g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  g_array_set_clear_func (folded, folded_clear);
  g_array_set_clear_func (pieces, piece_clear);
  for (guint i = 0; i < stored->documents->len; i++)
    {
      FluoStoredDocument *document = &g_array_index (stored->documents, FluoStoredDocument, i);
      Piece piece = { document, fluo_json_tape_new (document->body, NULL) };

      piece.inserts = g_array_new (FALSE, FALSE, sizeof (Insert));
      g_array_set_clear_func (piece.inserts, insert_clear);
      piece.by_entity = g_hash_table_new (NULL, NULL);
      piece.height = measure_height (document->body);
      g_array_append_val (pieces, piece);
      if (piece.tape)
        index_entities (entities, piece.tape, i);
    }
  find_parents (pieces, entities);
  place_all (pieces, entities);
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);

      if (!piece->placed)
        {
          FluoFoldedDocument document = { piece->stored->id, NULL };

          document.body = piece->inserts->len > 0 ? g_string_free_to_bytes (render (piece, FALSE))
                                                  : g_bytes_ref (piece->stored->body);
          g_array_append_val (folded, document);
        }
    }
  return folded;
}
