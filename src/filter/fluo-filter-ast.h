/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "filter/fluo-filter-edit.h"
#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* The language's inside: words, tree and complaints, for what helps people to write expressions.
 * Private to this library and its editor side. Offsets are bytes of the text, ranges half-open. */

/* --- Words ----------------------------------------------------------------- */

/* Where a condition stands, and so what it is about. */
typedef enum
{
  FLUO_SCOPE_TRACE = 1 << 0,
  FLUO_SCOPE_SERVICE = 1 << 1,
  FLUO_SCOPE_EDGE = 1 << 2,
  FLUO_SCOPE_CAUSE_SERVICE = 1 << 3,
  FLUO_SCOPE_CAUSE_ENTITY = 1 << 4,
  FLUO_SCOPE_CAUSE_EXCEPTION = 1 << 5,
  FLUO_SCOPE_SLOW_ENTITY = 1 << 6 /* an entity of rootcause.responsetime */
} FluoFilterScope;

typedef enum
{
  FLUO_TYPE_BOOLEAN,
  FLUO_TYPE_NUMBER,
  FLUO_TYPE_STRING,
  FLUO_TYPE_GROUP, /* a string that can only be equal or not */
  FLUO_TYPE_ANY    /* an annotation */
} FluoFilterType;

typedef enum
{
  FLUO_WORD_OK,
  FLUO_WORD_ERROR,
  FLUO_WORD_THROTTLE,
  FLUO_WORD_FAULT,
  FLUO_WORD_PARTIAL,
  FLUO_WORD_INFERRED,
  FLUO_WORD_ROOT,
  FLUO_WORD_FIRST,
  FLUO_WORD_LAST,
  FLUO_WORD_REMOTE,
  FLUO_WORD_RESPONSE_TIME,
  FLUO_WORD_DURATION,
  FLUO_WORD_HTTP_STATUS,
  FLUO_WORD_INDEX,
  FLUO_WORD_COVERAGE,
  FLUO_WORD_HTTP_URL,
  FLUO_WORD_HTTP_METHOD,
  FLUO_WORD_HTTP_USER_AGENT,
  FLUO_WORD_HTTP_CLIENT_IP,
  FLUO_WORD_USER,
  FLUO_WORD_NAME,
  FLUO_WORD_TYPE,
  FLUO_WORD_VERSION,
  FLUO_WORD_MESSAGE,
  FLUO_WORD_ZONE,
  FLUO_WORD_INSTANCE,
  FLUO_WORD_ARN,
  FLUO_WORD_ACCOUNT,
  FLUO_WORD_GROUP_NAME,
  FLUO_WORD_GROUP_ARN,
  FLUO_N_WORDS,
  FLUO_WORD_ANNOTATION = FLUO_N_WORDS, /* has a key, so it is no word of the table */
  FLUO_WORD_NONE
} FluoFilterWord;

typedef struct
{
  const char    *name;
  FluoFilterType type;
  guint          scopes;
} FluoFilterWordInfo;

extern const FluoFilterWordInfo fluo_filter_words[FLUO_N_WORDS];

/* Whether the text is that name. Case is ignored, ASCII only. Nearly every name that is tried
 * differs in its first letter. */
static inline gboolean
fluo_filter_is_name (const char *text, gsize length, const char *name)
{
  return length > 0 && (*text | 0x20) == (*name | 0x20) && strlen (name) == length &&
         g_ascii_strncasecmp (name, text, length) == 0;
}

/* Case is ignored as well. FLUO_WORD_NONE when there is none. */
FluoFilterWord fluo_filter_find_word (const char *text, gsize length);
/* Looks for what differs least from a text. best is the name that was tried, or NULL. */
typedef struct
{
  const char *text;
  gsize       length;
  const char *best;
  guint       best_distance; /* only what is nearer counts */
} FluoFilterNearest;

void fluo_filter_nearest_init (FluoFilterNearest *self, const char *text, gsize length);
void fluo_filter_nearest_try  (FluoFilterNearest *self, const char *name);
/* The word that looks most like it, of those that may stand in @scope; NULL when none is near. */
const char    *fluo_filter_find_near (const char *text, gsize length, FluoFilterScope scope);
FluoFilterType fluo_filter_word_type (FluoFilterWord word);

typedef enum
{
  FLUO_OP_EXISTS, /* no operator at all */
  FLUO_OP_EQUAL,
  FLUO_OP_NOT_EQUAL,
  FLUO_OP_LESS,
  FLUO_OP_LESS_EQUAL,
  FLUO_OP_GREATER,
  FLUO_OP_GREATER_EQUAL,
  FLUO_OP_CONTAINS,
  FLUO_OP_BEGINS_WITH,
  FLUO_OP_ENDS_WITH,
  FLUO_N_OPS
} FluoFilterOp;

extern const char *const fluo_filter_ops[FLUO_N_OPS]; /* as printed; "" for the first */

/* --- Tokens ---------------------------------------------------------------- */

typedef enum
{
  FLUO_TOKEN_END,
  FLUO_TOKEN_WORD,   /* letters, digits, "_" and "." */
  FLUO_TOKEN_STRING, /* text: unescaped */
  FLUO_TOKEN_NUMBER,
  FLUO_TOKEN_OP,     /* op says which; those made of letters are words */
  FLUO_TOKEN_PUNCTUATION, /* one of ( ) { } [ ] , : ! # in text[0] */
  FLUO_TOKEN_AND,    /* && */
  FLUO_TOKEN_OR,     /* || */
  FLUO_TOKEN_FOREIGN, /* an operator of another language: see fluo_filter_find_foreign() */
  FLUO_TOKEN_PATTERN, /* behind an operator: a pattern between slashes, in text */
  FLUO_TOKEN_BAD     /* a complaint was made */
} FluoTokenKind;

typedef struct
{
  FluoTokenKind kind;
  FluoFilterOp  op;
  guint         start;
  guint         end;
  char         *text;   /* of strings; owned by the tree */
  double        number;
  char          punctuation;
} FluoToken;

/* --- Tree ------------------------------------------------------------------ */

typedef enum
{
  FLUO_NODE_AND,     /* two children or more */
  FLUO_NODE_OR,
  FLUO_NODE_NOT,     /* one child */
  FLUO_NODE_COMPARE, /* word, op and value; op FLUO_OP_EXISTS without value */
  FLUO_NODE_SERVICE, /* patterns[0]; child: the block */
  FLUO_NODE_EDGE,    /* patterns[0] and [1]; child: the block */
  FLUO_NODE_CAUSE,   /* cause, part; child: the block */
  FLUO_NODE_JSON,    /* rootcause.json; op = or != */
  FLUO_NODE_BAD      /* could not be read; a complaint was made */
} FluoNodeKind;

typedef enum
{
  FLUO_SIDE_OWN,
  FLUO_SIDE_SOURCE,
  FLUO_SIDE_DESTINATION
} FluoAnnotationSide;

typedef enum
{
  FLUO_FILTER_VALUE_NONE,
  FLUO_FILTER_VALUE_STRING,
  FLUO_FILTER_VALUE_NUMBER,
  FLUO_FILTER_VALUE_BOOLEAN
} FluoFilterValue;

#define FLUO_NODE_NONE G_MAXUINT32

typedef struct
{
  FluoNodeKind       kind;
  FluoFilterScope    scope;       /* where it stands */
  guint32            first_child;
  guint32            last_child;
  guint32            next;        /* sibling */
  FluoFilterRange    range;
  FluoFilterRange    word_range;
  FluoFilterRange    op_range;
  FluoFilterRange    value_range;
  FluoFilterWord     word;
  gboolean           is_json;     /* rootcause.json, be it read or bad */
  FluoFilterOp       op;
  FluoFilterValue    value;
  FluoAnnotationSide side;
  FluoCauseKind      cause;
  FluoFilterScope    part;        /* FLUO_SCOPE_CAUSE_… */
  const char        *text;        /* string value, canonical JSON; owned by the tree */
  const char        *key;         /* of an annotation */
  double             number;      /* number; 0 or 1 for booleans */
  FluoNodePattern    patterns[2];
  FluoFilterRange    pattern_ranges[2]; /* of names in quotes; else empty */
  FluoJsonTape      *json;        /* of FLUO_NODE_JSON; owned by the tree */
  guint32            group;       /* key, once resolved */
  guint32            test;        /* first of the node's string tests: see fluo-filter-eval.c */
} FluoFilterNode;

/* The most that is said about one expression. */
#define FLUO_FILTER_DIAGNOSTICS_MAX 50

typedef struct
{
  GArray       *nodes;       /* FluoFilterNode */
  GPtrArray    *diagnostics; /* FluoFilterDiagnostic, by place */
  GStringChunk *strings;
  guint32       root;        /* FLUO_NODE_NONE: nothing is asked, everything matches */
} FluoFilterTree;

/* What may stand where the text ends. */
typedef enum
{
  FLUO_WANT_CONDITION = 1 << 0,
  FLUO_WANT_JOIN = 1 << 1,     /* AND, OR, or one more condition */
  FLUO_WANT_OP = 1 << 2,
  FLUO_WANT_VALUE = 1 << 3,
  FLUO_WANT_PATTERN = 1 << 4,  /* a node: a name or id(…) */
  FLUO_WANT_ARGUMENT = 1 << 5, /* of id(…) */
  FLUO_WANT_ARGUMENT_VALUE = 1 << 6,
  FLUO_WANT_KEY = 1 << 7,      /* of an annotation, between brackets */
  FLUO_WANT_PUNCTUATION = 1 << 8,
  FLUO_WANT_PATTERN_JSON = 1 << 9
} FluoFilterWant;

typedef struct
{
  guint           what;
  FluoFilterScope scope;          /* of a condition or join */
  guint32         node;           /* that is being written */
  gboolean        second;         /* pattern: the other end of a call */
  guint           given;          /* arguments that are there: bits of name, type, account.id */
  guint           argument;       /* whose value is wanted, in that order */
  guint           key_start;
  char            punctuation[8]; /* any of these */
  gboolean        closed;         /* private: something necessary is missing */
} FluoFilterWanted;

/* A complaint's code for what is not wrong, only not at its end: read as FLUO_FILTER_ERROR_SYNTAX
 * with unfinished set. */
#define FLUO_FILTER_ERROR_UNFINISHED ((FluoFilterError) 99)

FluoFilterTree *fluo_filter_tree_alloc (void);
/* Tells as well what may follow. @ret_wanted may be NULL. */
FluoFilterTree *fluo_filter_tree_new_wanted (const char *text, gssize length,
                                             FluoFilterWanted *ret_wanted);
/* Never fails: what can't be read is FLUO_NODE_BAD and has a complaint. Checked as well. */
FluoFilterTree *fluo_filter_tree_new  (const char *text, gssize length);
void            fluo_filter_tree_free (FluoFilterTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoFilterTree, fluo_filter_tree_free)
/* A tree of one FLUO_NODE_SERVICE or FLUO_NODE_EDGE. */
FluoFilterTree *fluo_filter_tree_new_selector (const char *text, gssize length);

static inline FluoFilterNode *
fluo_filter_tree_get (const FluoFilterTree *self, guint32 node)
{
  return &g_array_index (self->nodes, FluoFilterNode, node);
}

/* Formats the message; @fix may be NULL. */
void fluo_filter_tree_complain     (FluoFilterTree *self, FluoFilterError code,
                                    FluoFilterRange range, FluoFilterRange fix_range,
                                    const char *fix, const char *format, ...) G_GNUC_PRINTF (6, 7);
/* Another fix for the last complaint. */
void fluo_filter_tree_set_fix      (FluoFilterTree *self, FluoFilterRange range, const char *fix);
/* What a button for the last complaint's fix says, instead of what it would. */
void fluo_filter_tree_set_action   (FluoFilterTree *self, const char *action);
/* At most 60 bytes of it, whole characters; owned by the tree. */
const char *fluo_filter_tree_shorten (FluoFilterTree *self, const char *text, gsize length);
/* The first complaint as an error. FALSE when there is none. */
gboolean fluo_filter_tree_set_error (const FluoFilterTree *self, guint *ret_offset, GError **error);
void fluo_filter_tree_print        (const FluoFilterTree *self, GString *out);
void fluo_filter_tree_print_node   (const FluoFilterTree *self, guint32 node, GString *out);
/* A text as the language writes it, in double quotes. */
void fluo_filter_print_string      (GString *out, const char *text);
/* annotation.key, or annotation[key] where the key needs it. */
void fluo_filter_print_annotation  (GString *out, FluoAnnotationSide side, const char *key);
/* The top's conditions that are joined by AND, or the one; in order. */
guint32 *fluo_filter_tree_list_conditions (const FluoFilterTree *self, guint *ret_n);
/* What @conditions find, in words. */
void fluo_filter_explain_conditions (const FluoFilterTree *self, const guint32 *conditions, guint n,
                                     FluoSentence *out);

/* --- Steps ----------------------------------------------------------------- */

typedef struct
{
  FluoFilterTree *tree;
  const char     *text;
  guint           length;
  guint           offset;
  gboolean        after_op; /* a slash begins a pattern here */
} FluoFilterLexer;

/* FALSE with a complaint when the text can't be read at all: too long, no UTF-8. */
gboolean  fluo_filter_lexer_init (FluoFilterLexer *self, FluoFilterTree *tree, const char *text,
                                  gssize length);
FluoToken fluo_filter_lexer_next (FluoFilterLexer *self);
/* After "[": the key and the bracket behind it. NULL with a complaint. */
const char *fluo_filter_lexer_read_key (FluoFilterLexer *self, FluoFilterRange *ret_range);
/* After "#": a JSON array. */
FluoFilterRange fluo_filter_lexer_read_json (FluoFilterLexer *self);

/* --- Other languages ------------------------------------------------------- */

typedef enum
{
  FLUO_FOREIGN_WORD,     /* another word for an operator */
  FLUO_FOREIGN_LIST,     /* IN */
  FLUO_FOREIGN_NOT_LIST, /* NOT IN; NOT alone is none */
  FLUO_FOREIGN_RANGE,    /* BETWEEN */
  FLUO_FOREIGN_LIKE,
  FLUO_FOREIGN_PATTERN   /* regular expressions */
} FluoForeignKind;

typedef struct
{
  const char     *name;
  FluoForeignKind kind;
  FluoFilterOp    op;   /* the nearest of ours */
  const char     *fix;  /* ours, where one word is enough; or NULL */
  const char     *help; /* not translated yet */
} FluoForeignOp;

const FluoForeignOp *fluo_filter_find_foreign (const char *text, gsize length);
/* Bytes of such an operator of signs ("=~") that the text begins with; 0: none. */
guint fluo_filter_begins_foreign (const char *text, gsize length);
/* The comparison that begins with @node's word and goes on behind that operator, at @offset, as
 * this language writes it; NULL when it can't be read. @ret_end: where it ends. */
char *fluo_filter_mend_foreign (const FluoForeignOp *op, const FluoFilterLexer *lexer,
                                const FluoFilterNode *node, guint offset, guint *ret_end);
/* name BEGINSWITH "…" and its like for a regular expression or, @like, one of LIKE; NULL when
 * there is none. */
char *fluo_filter_mend_pattern (const char *name, FluoFilterWord word, const char *pattern,
                                gboolean like);
/* @word for @range of the text, with a space on the sides where there is none. */
char *fluo_filter_pad (const char *text, guint length, FluoFilterRange range, const char *word);

void fluo_filter_check (FluoFilterTree *tree, const char *text);
/* @json is the tree's own array; complaints name offsets counted from @offset. */
void     fluo_filter_json_check (FluoFilterTree *tree, const FluoJsonTape *json, guint offset);
void     fluo_filter_json_print (const FluoJsonTape *json, GString *out);
gboolean fluo_filter_json_matches (const FluoJsonTape *json, const FluoTraceFacts *facts);

/* @memo: see the matcher; NULL: nothing is kept. */
gboolean fluo_filter_evaluate (const FluoFilter *filter, const FluoTraceFacts *facts,
                               guint8 *memo);
/* What operators mean; of text and number both sides are there. */
gboolean fluo_filter_compare_text   (const char *text, FluoFilterOp op, const char *wanted);
gboolean fluo_filter_compare_number (double value, FluoFilterOp op, double wanted);

struct _FluoFilter
{
  gatomicrefcount ref_count;
  FluoFilterTree *tree;
  GArray         *terms;    /* guint64 */
  guint           n_tests;  /* string tests: one that has answered for a string need not again */
  gboolean        scoped;
};

/* Numbers the tests. */
void fluo_filter_prepare    (FluoFilter *self);
/* Finds the terms anew. */
void fluo_filter_find_terms (FluoFilter *self);

G_END_DECLS
