/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Expressions that are made up, all of them valid; tests read them without the parser. */

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

/* At most @depth lists inside each other. @slow: below rootcause.responsetime. */
Expression *fluo_random_expression_new   (GRand *rand, Scope scope, guint depth, gboolean slow);
void        fluo_random_expression_free  (gpointer data);
void        fluo_random_expression_write (GString *out, GRand *rand, const Expression *self);

G_END_DECLS
