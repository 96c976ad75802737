/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"

G_BEGIN_DECLS

/* What somebody means who types this into the one field for filters, words and trace ids.
 *
 * An expression is whatever parses as one ("fault", "annotation.tier"), and whatever has a sign of
 * the language: an operator, a bracket, a quote, a parameter, "metadata." or a keyword before more.
 * It is read, and mended, as an expression. Everything else is words, which are looked for in
 * request, services, annotations, users and id: "84193", "checkout gold", "bank.example.com". */
typedef enum
{
  FLUO_QUERY_EMPTY,
  FLUO_QUERY_WORDS,
  FLUO_QUERY_EXPRESSION,
  FLUO_QUERY_TRACE /* the id of one trace, or a header that has it */
} FluoQueryKind;

/* @ret_id (may be NULL) is set for FLUO_QUERY_TRACE. */
FluoQueryKind fluo_query_text_get_kind (const char *text, FluoTraceId *ret_id);
/* Line breaks before AND and OR that stand in no bracket: how one line is opened in the editor.
 * Text that has line breaks stays as it is. Newly allocated. */
char         *fluo_query_text_unfold   (const char *text);
/* On one line; what stands in quotes is kept. Newly allocated. */
char         *fluo_query_text_fold     (const char *text);
/* @text AND @condition, with brackets where OR would bind less. Newly allocated. */
char         *fluo_query_text_add      (const char *text, const char *condition);

G_END_DECLS
