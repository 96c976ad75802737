/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "fluo-json-private.h"
#include "fluo-segment-private.h"

G_BEGIN_DECLS

/* The reader of segment documents: fluo-segment-scan.c has the entities, fluo-segment-blocks.c what
 * is in their blocks. */

/* Every subsegment costs two levels of brackets. */
#define FLUO_SEGMENT_NESTING_MAX (FLUO_JSON_DEPTH_MAX / 2 + 1)

enum
{
  KEY_NONE, KEY_ID, KEY_NAME, KEY_TRACE_ID, KEY_PARENT_ID, KEY_START, KEY_END, KEY_IN_PROGRESS,
  KEY_TYPE, KEY_NAMESPACE, KEY_ORIGIN, KEY_FAULT, KEY_ERROR, KEY_THROTTLE, KEY_HTTP, KEY_SQL,
  KEY_AWS, KEY_SERVICE, KEY_CAUSE, KEY_ANNOTATIONS, KEY_METADATA, KEY_SUBSEGMENTS, KEY_LINKS,
  KEY_INFERRED, KEY_REQUEST, KEY_RESPONSE, KEY_METHOD, KEY_URL, KEY_STATUS, KEY_QUERY,
  KEY_DATABASE_TYPE, KEY_VERSION, KEY_OPERATION, KEY_TABLE, KEY_QUEUE, KEY_BUCKET, KEY_TOPIC,
  KEY_FUNCTION, KEY_EXCEPTIONS
};

/* A key that a table knows. */
typedef struct
{
  const char *name;
  const char *member; /* as it stands behind another: ,"id": */
  guint8      length; /* of the name */
  guint8      key;
} FluoKeyRow;

#define FLUO_KEY_AROUND 4 /* bytes of a member that are not its name */
#define FLUO_KEY(text, key) { text, ",\"" text "\":", sizeof text - 1, key }

typedef struct
{
  const FluoKeyRow *rows;
  guint             n;
  FluoKeyTableIndex index; /* where its guesses are */
} FluoKeyTable;

#define FLUO_KEY_TABLE(rows, index) { rows, G_N_ELEMENTS (rows), index }

typedef struct
{
  FluoSegmentScan  *scan;
  FluoJsonScanner   json;
  guint             current;             /* record index */
  FluoSegmentRecord *record;             /* that one, until the next is appended */
  guint             depth;               /* of open entities */
  guint32           open[FLUO_SEGMENT_NESTING_MAX];
  gboolean          in_array; /* between the elements of the innermost entity's subsegments */
} FluoSegmentReader;

static inline void
fluo_segment_set_current (FluoSegmentReader *self, guint current)
{
  self->current = current;
  self->record = &g_array_index (self->scan->records, FluoSegmentRecord, current);
}

static inline FluoSlice
fluo_segment_slice (const FluoJsonScanner *json, FluoJsonToken token)
{
  FluoSlice none = { 0, 0, FALSE };
  FluoSlice found = { (guint32) json->start, (guint32) json->end, json->escaped };

  return token == FLUO_JSON_STRING ? found : none;
}

static inline guint8
fluo_key_table_match (const FluoKeyTable *self, const FluoJsonScanner *json)
{
  const char *key = json->text + json->start;
  gsize length = json->end - json->start;

  for (guint i = 0; i < self->n; i++)
    if (G_UNLIKELY (json->escaped) ? fluo_json_scanner_equal (json, self->rows[i].name)
                      : self->rows[i].length == length && self->rows[i].name[0] == key[0] &&
                          memcmp (self->rows[i].name, key, length) == 0)
      return (guint8) (i + 1);
  return FLUO_KEY_UNKNOWN;
}

/* The next key of an object. @place: the row of the key before, 0 at first; what followed it the
 * last time is tried before the text is read. Returns FLUO_JSON_KEY with @key, or the object's
 * end. */
static inline FluoJsonToken
fluo_segment_next_key (FluoSegmentReader *self, const FluoKeyTable *table, guint8 *place,
                       guint *key)
{
  guint8 *guess = &self->scan->guesses[table->index][*place];
  FluoJsonToken token;

  if (*guess == 0 || *guess == FLUO_KEY_UNKNOWN ||
      !fluo_json_scanner_guess_key (&self->json, table->rows[*guess - 1].member,
                                    table->rows[*guess - 1].length + FLUO_KEY_AROUND))
    {
      token = fluo_json_scanner_next (&self->json);
      if (token != FLUO_JSON_KEY)
        return token;
      *guess = fluo_key_table_match (table, &self->json);
    }
  *place = *guess;
  *key = *place == FLUO_KEY_UNKNOWN ? KEY_NONE : table->rows[*place - 1].key;
  return FLUO_JSON_KEY;
}

/* The value of a key of an entity that is a block, or of another type than a block's: reads to its
 * end. */
void fluo_segment_read_block (FluoSegmentReader *self, guint key, FluoJsonToken token);

G_END_DECLS
