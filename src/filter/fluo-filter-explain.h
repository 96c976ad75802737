/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-sentence.h"
#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* What an expression finds, in words, with its facts bold: "Traces where payments took longer than
 * 0.5 s and tier is gold." Of very many conditions the first ones. Text of the expression is made
 * safe to show. Any thread. For text that may be wrong see fluo_filter_document_explain(). */
FluoSentence *fluo_filter_explain (const FluoFilter *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
