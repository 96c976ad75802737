/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"
#include "core/fluo-json.h"

G_BEGIN_DECLS

/* What an OTLP request says, the same for protobuf and JSON. Nothing here owns its text: it lives
 * as long as the decoder's current span. */

/* More levels of arrays and maps inside one attribute than anybody writes by hand. A deeper one
 * would not fit a segment document's 64 levels of JSON for much longer. */
#define FLUO_OTLP_VALUE_DEPTH_MAX 16

typedef enum
{
  FLUO_OTLP_NONE,
  FLUO_OTLP_STRING,
  FLUO_OTLP_BOOL,
  FLUO_OTLP_INT,
  FLUO_OTLP_DOUBLE,
  FLUO_OTLP_BYTES,
  FLUO_OTLP_JSON /* an array or a map, written as JSON */
} FluoOtlpType;

typedef struct
{
  FluoOtlpType type;
  const char  *text; /* STRING, BYTES, JSON */
  gsize        length;
  union
  {
    gboolean boolean;
    gint64   integer;
    double   number;
  };
} FluoOtlpValue;

typedef struct
{
  const char   *key;
  FluoOtlpValue value;
  gboolean      used;  /* its content has a place of its own in the segment document */
} FluoOtlpAttribute;

typedef struct
{
  gint64      time_ns;
  const char *name;
  GArray     *attributes; /* FluoOtlpAttribute */
} FluoOtlpEvent;

typedef struct
{
  FluoTraceId trace_id;
  guint64     span_id;
  GArray     *attributes; /* FluoOtlpAttribute */
} FluoOtlpLink;

typedef enum
{
  FLUO_OTLP_KIND_UNSPECIFIED,
  FLUO_OTLP_KIND_INTERNAL,
  FLUO_OTLP_KIND_SERVER,
  FLUO_OTLP_KIND_CLIENT,
  FLUO_OTLP_KIND_PRODUCER,
  FLUO_OTLP_KIND_CONSUMER
} FluoOtlpKind;

typedef enum
{
  FLUO_OTLP_STATUS_UNSET,
  FLUO_OTLP_STATUS_OK,
  FLUO_OTLP_STATUS_ERROR
} FluoOtlpStatus;

/* Bits of a span's flags beyond W3C's eight. */
#define FLUO_OTLP_FLAG_HAS_IS_REMOTE 0x100u
#define FLUO_OTLP_FLAG_IS_REMOTE 0x200u

typedef struct
{
  FluoTraceId trace_id;
  guint64     id;
  guint64     parent_id; /* 0 = none */
  const char *name;
  int         kind;      /* FluoOtlpKind, or a number that is none */
  guint32     flags;
  guint64     start_ns;
  guint64     end_ns;
  int         status;    /* FluoOtlpStatus */
  const char *status_message;
  guint32     n_dropped; /* attributes, events and links the program itself left out */
  GArray     *attributes; /* FluoOtlpAttribute */
  GArray     *events;     /* FluoOtlpEvent */
  GArray     *links;      /* FluoOtlpLink */
} FluoOtlpSpan;

typedef struct
{
  GArray *attributes; /* FluoOtlpAttribute */
} FluoOtlpResource;

typedef struct
{
  const char *name;
  const char *version;
} FluoOtlpScope;

/* What becomes of the decoded parts. The resource is announced before its spans, the scope before
 * its own. */
typedef struct
{
  void (*resource) (gpointer data, FluoOtlpResource *resource);
  void (*scope) (gpointer data, const FluoOtlpScope *scope);
  void (*span) (gpointer data, FluoOtlpSpan *span);
  /* A span that can't be read; @reason is a static sentence. */
  void (*refused) (gpointer data, const char *reason);
} FluoOtlpVisitor;

typedef enum
{
  FLUO_OTLP_ERROR_MALFORMED, /* not the message it should be */
  FLUO_OTLP_ERROR_TOO_LARGE
} FluoOtlpError;

#define FLUO_OTLP_ERROR (fluo_otlp_error_quark ())
GQuark fluo_otlp_error_quark (void);

/* Both read a whole ExportTraceServiceRequest. FALSE with @error when it isn't one: spans may have
 * been visited before that. Any thread; never recurses over the input's depth. */
gboolean fluo_otlp_decode_protobuf (GBytes *body, const FluoOtlpVisitor *visitor, gpointer data,
                                    GError **error);
gboolean fluo_otlp_decode_json     (GBytes *body, const FluoOtlpVisitor *visitor, gpointer data,
                                    GError **error);

/* Arrays of arrays of attributes are made once and used again for every span. */
FluoOtlpSpan *fluo_otlp_span_new   (void);
void          fluo_otlp_span_free  (FluoOtlpSpan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOtlpSpan, fluo_otlp_span_free)
void          fluo_otlp_span_reset (FluoOtlpSpan *self);
/* The next event or link, its attributes empty. */
FluoOtlpEvent *fluo_otlp_span_add_event (FluoOtlpSpan *self);
FluoOtlpLink  *fluo_otlp_span_add_link  (FluoOtlpSpan *self);

/* The value as a JSON value. */
void  fluo_otlp_value_write (const FluoOtlpValue *value, FluoJsonWriter *writer);
/* The strings of an array of strings, or a single string; NULL for anything else. */
char **fluo_otlp_value_dup_strings (const FluoOtlpValue *value);

G_END_DECLS
