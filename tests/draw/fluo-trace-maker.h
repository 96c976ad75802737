/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* The trace that the design's pictures show, with its linked one still running. */
FluoTrace *fluo_hero_trace_new   (void);
/* @n_spans segments hanging from each other at random; about one in 50 failed. Deterministic for a
 * seed. */
FluoTrace *fluo_random_trace_new (guint32 seed, guint n_spans);

G_END_DECLS
