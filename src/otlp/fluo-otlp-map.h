/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "otlp/fluo-otlp-model.h"

G_BEGIN_DECLS

/* OpenTelemetry spans as X-Ray segment documents. A span that begins something in its process (a
 * server's, or one whose parent is elsewhere) becomes a segment, any other an independent
 * subsegment of its parent; one that begins with a call becomes both. The same span always gives
 * the same bytes, so that what an exporter repeats is recognized. docs/internals/local.md has the
 * rules. A mapper is used by one thread. */
typedef struct _FluoOtlpMapper FluoOtlpMapper;

/* @document is valid during the call only. */
typedef void (*FluoOtlpEmitFunc) (gpointer data, const GString *document);

/* @index_all: every attribute becomes an annotation, which can be searched, not metadata. */
FluoOtlpMapper *fluo_otlp_mapper_new  (gboolean index_all, FluoOtlpEmitFunc emit, gpointer data);
void            fluo_otlp_mapper_free (FluoOtlpMapper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOtlpMapper, fluo_otlp_mapper_free)
/* What the next spans belong to; both are borrowed until the next call. */
void fluo_otlp_mapper_set_resource (FluoOtlpMapper *self, FluoOtlpResource *resource);
void fluo_otlp_mapper_set_scope    (FluoOtlpMapper *self, const FluoOtlpScope *scope);
/* Emits one document or two. The span's attributes are marked as used. */
void fluo_otlp_mapper_map          (FluoOtlpMapper *self, FluoOtlpSpan *span);

G_END_DECLS
