/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-filter-ast.h"

G_BEGIN_DECLS

/* The parser's inside, shared by its three files. */

#define RANGE(start, end) ((FluoFilterRange) { (guint) (start), (guint) (end) })

typedef struct
{
  FluoFilterTree *tree;
  FluoFilterLexer lexer;
  FluoToken       token;    /* the next one */
  guint           last_end; /* of the token before */
  FluoFilterRange join;     /* the AND or OR that was read last, with the space before it */
  guint           depth;
  gboolean        stopped;  /* too deep: nothing more is read */
  gboolean        mended;   /* the comparison was read and mended whole */
  gboolean        second;   /* reading the other end of a call */
  FluoFilterRange pattern_range; /* of the name that was read last */
  FluoFilterWanted *wanted; /* what may stand where the text ends; or NULL */
} FluoFilterParser;

FluoFilterWanted *fluo_parser_want (FluoFilterParser *self, FluoFilterWant what);
void fluo_parser_want_of (FluoFilterParser *self, FluoFilterWant what, guint32 node);
void fluo_parser_want_punctuation (FluoFilterParser *self, char c);
void fluo_parser_end_wanted (FluoFilterParser *self);
void fluo_parser_advance (FluoFilterParser *self);
FluoFilterRange fluo_parser_token_range (const FluoFilterParser *self);
gboolean fluo_parser_is_punctuation (const FluoFilterParser *self, char c);
gboolean fluo_parser_is_named (const FluoFilterParser *self, const char *name);
const char *fluo_parser_describe (const FluoFilterParser *self);
void fluo_parser_complain_unexpected (FluoFilterParser *self, const char *expected);
gboolean fluo_parser_expect (FluoFilterParser *self, char c);
gboolean fluo_parser_enter (FluoFilterParser *self);
FluoFilterNode *fluo_parser_get (const FluoFilterParser *self, guint32 node);
void fluo_parser_add_child (FluoFilterParser *self, guint32 parent, guint32 child);
guint32 fluo_parser_recover (FluoFilterParser *self, guint32 node);
FluoFilterOp fluo_parser_take_op (FluoFilterParser *self, const FluoFilterNode *node,
                                  const FluoForeignOp **ret_foreign);
guint32 fluo_parser_parse_comparison (FluoFilterParser *self, guint32 index);
guint32 fluo_parser_parse_or (FluoFilterParser *self, FluoFilterScope scope);
gboolean fluo_parser_take_pattern (FluoFilterParser *self, FluoNodePattern *pattern);
guint32 fluo_parser_parse_scoped (FluoFilterParser *self, guint32 index, gboolean edge);
guint32 fluo_parser_parse_cause (FluoFilterParser *self, guint32 index, const char *rest,
                                 gsize length);
guint32 fluo_parser_parse_annotation (FluoFilterParser *self, guint32 index, const char *key,
                                      gsize length, FluoAnnotationSide side);
gboolean fluo_parser_has_prefix (const char *text, gsize length, const char *prefix);
guint32 fluo_parser_complain_unknown (FluoFilterParser *self, guint32 index, const char *text,
                                      gsize length);

G_END_DECLS
