/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "otlp/fluo-otlp-map.h"
#include "otlp/fluo-otlp-names.h"

G_BEGIN_DECLS

/* Shared by the files that write the parts of a segment document. */

typedef enum
{
  FLUO_OTLP_ROLE_SEGMENT,
  FLUO_OTLP_ROLE_SUBSEGMENT,
  FLUO_OTLP_ROLE_SERVICE,   /* the segment around a span that begins with a call */
  FLUO_OTLP_ROLE_DEPENDENCY /* that call, a subsegment of it */
} FluoOtlpRole;

struct _FluoOtlpMapper
{
  gboolean         index_all;
  FluoOtlpEmitFunc emit;
  gpointer         data;
  GString         *out;
  FluoJsonWriter   writer;
  GPtrArray       *sorted; /* FluoOtlpAttribute, of the current list */

  GArray          *resource_attributes;
  FluoOtlpIndex    resource;
  FluoOtlpScope    scope;

  /* The span at hand. */
  FluoOtlpSpan    *span;
  FluoOtlpIndex    index;
  gboolean         aws_call;  /* made by an AWS SDK, or about an AWS service */
  int              http_status;
  char           **annotated; /* keys its own attribute names as annotations; nullable */
};

static inline gboolean
fluo_otlp_role_is_segment (FluoOtlpRole role)
{
  return role == FLUO_OTLP_ROLE_SEGMENT || role == FLUO_OTLP_ROLE_SERVICE;
}

/* An id that is always the same for the same span and @salt, and never 0. */
guint64 fluo_otlp_derive_id (const FluoTraceId *trace_id, guint64 id, guint64 salt);

/* The text of the first of these attributes that is there; NULL when none is. */
#define STRING(index, ...) fluo_otlp_index_string (index, FLUO_OTLP_ANY (__VA_ARGS__))

/* Opens the object @key unless it is @opened. */
void fluo_otlp_begin_once (FluoJsonWriter *writer, const char *key, gboolean *opened);
/* Its text; nothing for NULL. */
void fluo_otlp_append_value (GString *out, const FluoOtlpValue *value);

/* Each writes its members into the open object; nothing when there is nothing to say. */
void fluo_otlp_write_string (FluoJsonWriter *writer, const char *key, const FluoOtlpValue *value);
void fluo_otlp_write_origin (FluoOtlpMapper *self);
void fluo_otlp_write_service (FluoOtlpMapper *self);
void fluo_otlp_write_http (FluoOtlpMapper *self);
void fluo_otlp_write_sql (FluoOtlpMapper *self);
void fluo_otlp_write_aws (FluoOtlpMapper *self, FluoOtlpRole role);
void fluo_otlp_write_links (FluoOtlpMapper *self);
void fluo_otlp_write_flags (FluoOtlpMapper *self);
void fluo_otlp_write_cause (FluoOtlpMapper *self);
/* What has no place of its own; called last. */
void fluo_otlp_write_annotations (FluoOtlpMapper *self, FluoOtlpRole role);
void fluo_otlp_write_metadata (FluoOtlpMapper *self, FluoOtlpRole role);

/* One exception out of the text that a language's runtime prints. */
typedef struct
{
  char    *type;
  char    *message;
  GString *frames;      /* members of a JSON array: {"path", "line", "label"}, innermost first */
  guint    n_frames;
  guint    n_truncated; /* frames left out */
} FluoOtlpException;

/* The exception itself, and after it those that caused it, each the cause of the one before. What
 * @type and @message say counts more than what the text says. An array of FluoOtlpException that
 * frees them. */
GArray *fluo_otlp_parse_stack (const char *language, const char *type, const char *message,
                               const char *stack);

G_END_DECLS
