/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "otlp/fluo-otlp-map.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Whatever comes in, what comes out is JSON, and a segment document or refused as one. */
static void
emit (gpointer data, const GString *document)
{
  FluoSegmentHead head;
  GError *error = NULL;

  if (document->len <= FLUO_DOCUMENT_SIZE_MAX)
    g_assert_true (fluo_json_validate (document->str, document->len, NULL));
  if (!fluo_segment_head_parse (document->str, document->len, &head, NULL, &error))
    {
      g_assert_true (error->domain == FLUO_SEGMENT_ERROR);
      g_assert_cmpint (error->code, ==, FLUO_SEGMENT_ERROR_INVALID);
      g_error_free (error);
    }
}

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (data, resource);
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (data, scope);
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  fluo_otlp_mapper_map (data, span);
}

static void
visit_refused (gpointer data, const char *reason)
{
}

/* The first byte chooses between protobuf and JSON, and whether all attributes are indexed. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };
  g_autoptr (FluoOtlpMapper) mapper = NULL;
  g_autoptr (GBytes) body = NULL;

  if (size == 0)
    return 0;
  mapper = fluo_otlp_mapper_new (data[0] & 2, emit, NULL);
  body = g_bytes_new (data + 1, size - 1);
  if (data[0] & 1)
    fluo_otlp_decode_json (body, &visitor, mapper, NULL);
  else
    fluo_otlp_decode_protobuf (body, &visitor, mapper, NULL);
  return 0;
}
