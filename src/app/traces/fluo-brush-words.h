/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* "1.20 s and up", "1.20 s to 1.80 s, 14:20 to 14:22". Newly allocated. */
char      *fluo_brush_dup_words        (const FluoBrush *brush);
/* What the brush's response times are as a filter expression, or NULL without any. */
char      *fluo_brush_dup_expression   (const FluoBrush *brush);

G_END_DECLS
