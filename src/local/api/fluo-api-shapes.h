/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"

G_BEGIN_DECLS

/* What X-Ray's model says of requests: types, what must be there, lengths, ranges, patterns and
 * sets of words. A request is held against it before its operation begins. */

typedef enum
{
  FLUO_SHAPE_STRING,
  FLUO_SHAPE_INTEGER,   /* fractions are cut off, as the service does */
  FLUO_SHAPE_DOUBLE,
  FLUO_SHAPE_BOOLEAN,
  FLUO_SHAPE_TIMESTAMP, /* a number of seconds */
  FLUO_SHAPE_LIST,
  FLUO_SHAPE_MAP,       /* of strings */
  FLUO_SHAPE_STRUCTURE
} FluoShapeType;

typedef struct _FluoShape FluoShape;

typedef struct
{
  const char      *name;
  const FluoShape *shape;
  gboolean         required;
} FluoMember;

struct _FluoShape
{
  FluoShapeType     type;
  gboolean          has_min, has_max;
  gint64            min, max;  /* characters, elements or the value */
  const char       *pattern;   /* of the whole string */
  const char       *words;     /* separated by ", " */
  const FluoShape  *key;       /* of a map */
  const FluoShape  *element;   /* of a list or map */
  const FluoMember *members;   /* of a structure, up to a NULL name */
};

/* The request of an operation; NULL when X-Ray has none of that name. */
const FluoShape *fluo_api_shapes_find  (const char *operation);
/* Holds @tape against @shape. TRUE when there is nothing to object to; else @ret_type is the
 * exception, static, and @ret_message what it says, newly allocated. */
gboolean         fluo_shape_check      (const FluoShape *shape, const FluoJsonTape *tape,
                                        const char **ret_type, char **ret_message);
/* [worker] FALSE when the call has failed. Requests that X-Ray's model doesn't have are fine. */
gboolean         fluo_api_shapes_check (FluoApiCall *call);

G_END_DECLS
