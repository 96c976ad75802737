/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A strict JSON reader (RFC 8259): UTF-8 is checked, one value only, nothing may follow it, no BOM,
 * depth at most FLUO_JSON_DEPTH_MAX, numbers in JSON's own grammar and of finite value, no lone
 * surrogates. It never recurses and allocates nothing per token. No untrusted byte reaches
 * json-glib before it passed here. */

#define FLUO_JSON_DEPTH_MAX                                                                        \
  64 /* X-Ray documents nest two levels per subsegment; 64 is 31 nested subsegments */

typedef enum
{
  FLUO_JSON_END = 0, /* the whole document was read */
  FLUO_JSON_OBJECT_BEGIN,
  FLUO_JSON_OBJECT_END,
  FLUO_JSON_ARRAY_BEGIN,
  FLUO_JSON_ARRAY_END,
  FLUO_JSON_KEY,
  FLUO_JSON_STRING,
  FLUO_JSON_NUMBER,
  FLUO_JSON_TRUE,
  FLUO_JSON_FALSE,
  FLUO_JSON_NULL,
  FLUO_JSON_INVALID /* see error and error_offset; the scanner stays here */
} FluoJsonToken;

typedef enum
{
  FLUO_JSON_ERROR_EMPTY,      /* nothing but white space */
  FLUO_JSON_ERROR_SYNTAX,     /* a byte that JSON does not allow here */
  FLUO_JSON_ERROR_TRUNCATED,  /* the text ends inside a value */
  FLUO_JSON_ERROR_TRAILING,   /* something follows the value */
  FLUO_JSON_ERROR_DEPTH,      /* more than FLUO_JSON_DEPTH_MAX levels */
  FLUO_JSON_ERROR_UTF8,       /* not UTF-8, overlong, or a surrogate */
  FLUO_JSON_ERROR_ESCAPE,     /* unknown escape, lone surrogate */
  FLUO_JSON_ERROR_NUMBER      /* not JSON's number grammar, or too large for a double */
} FluoJsonError;

#define FLUO_JSON_ERROR (fluo_json_error_quark ())
GQuark fluo_json_error_quark (void);

/* A stack object; the text must outlive it. Fields are read-only for callers. */
typedef struct
{
  const char   *text;
  gsize         length;
  gsize         offset;       /* next byte to read */
  gsize start; /* the last token's first byte; for strings and keys the byte after the quote */
  gsize end; /* one past the last token's last byte; for strings the closing quote */
  gboolean      escaped;      /* the last string or key holds backslashes */
  guint         depth;
  guint64       is_object;    /* one bit a level */
  guint         state;        /* private */
  FluoJsonError error;
  gsize         error_offset;
} FluoJsonScanner;

void          fluo_json_scanner_init      (FluoJsonScanner *self, const char *text, gsize length);
FluoJsonToken fluo_json_scanner_next      (FluoJsonScanner *self);
/* Called after a token that begins a value: skips to the value's end. FALSE when the text is
 * invalid. */
gboolean      fluo_json_scanner_skip      (FluoJsonScanner *self, FluoJsonToken token);
/* The last string or key, unescaped, newly allocated, NUL-terminated. U+0000 comes out as U+FFFD so
 * that nothing is silently cut. */
char         *fluo_json_scanner_dup       (const FluoJsonScanner *self);
/* The same without any replacement: U+0000 is a byte of zero inside, @ret_length tells the end. */
char         *fluo_json_scanner_dup_exact (const FluoJsonScanner *self, gsize *ret_length);
gboolean      fluo_json_scanner_equal     (const FluoJsonScanner *self, const char *literal);
gboolean fluo_json_scanner_is_one_of (const FluoJsonScanner *self, const char *const *literals,
                                      guint *ret_index);
double        fluo_json_scanner_double    (const FluoJsonScanner *self); /* locale-independent */
/* TRUE and the value when the last number is a whole one that fits. */
gboolean      fluo_json_scanner_int64     (const FluoJsonScanner *self, gint64 *ret_value);
/* The last number taken as seconds: exact decimal conversion to nanoseconds (no double in between),
 * E-notation included. FALSE when outside what fits an int64 of nanoseconds. */
gboolean      fluo_json_scanner_seconds   (const FluoJsonScanner *self, gint64 *ret_ns);
/* Names line, column (bytes, from 1) and what was expected. Only after FLUO_JSON_INVALID. */
void          fluo_json_scanner_set_error (const FluoJsonScanner *self, GError **error);
/* The whole text is one strict JSON value? */
gboolean      fluo_json_validate          (const char *text, gsize length, GError **error);
/* Newly allocated, two spaces a level, keys in the order given; @text must be valid (NULL
 * otherwise). */
char         *fluo_json_pretty            (const char *text, gsize length);
/* The same, and no more than its first lines once they have @length_max bytes. */
char         *fluo_json_pretty_start      (const char *text, gsize length, gsize length_max);

/* A tape: the document as one flat array, for answers that are read by key. A node's children
 * follow it; next is the index just after the node's whole subtree. Duplicate keys: the last wins
 * in lookups. Index 0 is the root. */
typedef struct
{
  guint32 start;   /* as in the scanner */
  guint32 end;
  guint32 next;
  guint8  token;   /* FluoJsonToken; a KEY node is followed by its value */
  guint8  escaped;
} FluoJsonNode;

typedef struct _FluoJsonTape FluoJsonTape;

#define FLUO_JSON_NONE G_MAXUINT32

/* Keeps a reference on @bytes. NULL with @error for anything that is not strict JSON. Free from any
 * one thread. */
FluoJsonTape *fluo_json_tape_new       (GBytes *bytes, GError **error);
void          fluo_json_tape_free      (FluoJsonTape *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoJsonTape, fluo_json_tape_free)
guint32 fluo_json_tape_get (const FluoJsonTape *self, guint32 object,
                            const char *key); /* FLUO_JSON_NONE */
FluoJsonToken fluo_json_tape_type (const FluoJsonTape *self,
                                   guint32 node); /* FLUO_JSON_NULL for NONE */
/* Iteration over the elements of an array or the values of an object: start with the container,
 * FLUO_JSON_NONE ends. */
guint32       fluo_json_tape_first     (const FluoJsonTape *self, guint32 container);
guint32       fluo_json_tape_next      (const FluoJsonTape *self, guint32 container, guint32 node);
char *fluo_json_tape_dup_key (const FluoJsonTape *self, guint32 value); /* of an object's value */
guint         fluo_json_tape_count     (const FluoJsonTape *self, guint32 container);
/* Null, absent or of another type: the fallback. */
char *fluo_json_tape_dup (const FluoJsonTape *self, guint32 node); /* strings only, else NULL */
/* The text of an object's member, NULL without; the same, "" without. */
char *fluo_json_tape_dup_member (const FluoJsonTape *self, guint32 object, const char *key)
  G_GNUC_WARN_UNUSED_RESULT;
char *fluo_json_tape_dup_word (const FluoJsonTape *self, guint32 object, const char *key)
  G_GNUC_WARN_UNUSED_RESULT;
/* That of the first of those members, NULL-terminated, that is a string. */
char *fluo_json_tape_dup_first (const FluoJsonTape *self, guint32 object, const char *const *keys)
  G_GNUC_WARN_UNUSED_RESULT;
/* A member that counts: absent, null and negative are 0. */
guint64 fluo_json_tape_counter (const FluoJsonTape *self, guint32 object, const char *key);
char *fluo_json_tape_dup_exact (const FluoJsonTape *self, guint32 node, gsize *ret_length);
double        fluo_json_tape_double    (const FluoJsonTape *self, guint32 node, double fallback);
gint64        fluo_json_tape_int       (const FluoJsonTape *self, guint32 node, gint64 fallback);
gboolean      fluo_json_tape_boolean   (const FluoJsonTape *self, guint32 node, gboolean fallback);
gboolean      fluo_json_tape_seconds   (const FluoJsonTape *self, guint32 node, gint64 *ret_ns);
/* The raw text of a value (strings with their quotes). Points into the bytes. */
const char   *fluo_json_tape_raw       (const FluoJsonTape *self, guint32 node, gsize *ret_length);

/* Writing compact JSON into a GString, commas and escapes taken care of. A stack object. */
typedef struct
{
  GString *out;
  gboolean comma;
} FluoJsonWriter;

void fluo_json_writer_init    (FluoJsonWriter *self, GString *out);
void fluo_json_writer_begin   (FluoJsonWriter *self, char bracket);      /* '{' or '[' */
void fluo_json_writer_end     (FluoJsonWriter *self, char bracket);      /* '}' or ']' */
void fluo_json_writer_key     (FluoJsonWriter *self, const char *key);
void fluo_json_writer_string (FluoJsonWriter *self,
                              const char *value); /* NULL writes null; invalid UTF-8 is replaced */
void fluo_json_writer_strn    (FluoJsonWriter *self, const char *value, gsize length);
void fluo_json_writer_double (FluoJsonWriter *self,
                              double value); /* shortest that reads back; null if not finite */
void fluo_json_writer_int     (FluoJsonWriter *self, gint64 value);
void fluo_json_writer_seconds (FluoJsonWriter *self,
                               gint64 time_ns); /* decimal seconds, exact, no E-notation */
void fluo_json_writer_boolean (FluoJsonWriter *self, gboolean value);
void fluo_json_writer_null    (FluoJsonWriter *self);
void fluo_json_writer_raw (FluoJsonWriter *self, const char *json,
                           gsize length); /* already valid JSON */

G_END_DECLS
